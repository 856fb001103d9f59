"""In: nothing. Out: `Lives`: what the versions of the round files tell of how each thing came to stand as it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roundbook.schema.ids import is_phase

REMOVED = "removed"
ADOPTED = ":"  # before the path of a file of decision records, where otherwise the key of a round stands
RECORDED = "recorded"  # the one status that an entry of the changelog has
NO_METRICS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Part:
    """An entry of a list as one version of a file has it.

    `id` is empty where none is written; `status` is the normalised word, what stands there where that is no word of ours,
    or empty. `supersedes` are a decision's references as written.
    """

    field: str
    id: str
    label: str
    status: str
    supersedes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of a round file, as far as statuses and metrics go."""

    status: str
    parts: tuple[Part, ...]
    metrics: Mapping[str, str] = field(default_factory=lambda: NO_METRICS)
    imported: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """What a commit made of one file.

    `key` is the round, or `ADOPTED` and the path for decision records, `path` counts from the top of the repository.

    `snapshot` is `None` where the version cannot be read, and where the file is `gone`. `moved_from` is the round whose
    file this one was until then. `known` is false where the commit did not make the version: it is only the first one
    that a cut history holds.
    """

    commit: str
    key: str
    path: str
    blob: str = ""
    snapshot: Snapshot | None = None
    gone: bool = False
    moved_from: str = ""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """A status that a thing took, by the id of the commit that says so; `removed` where the commit took the thing out.

    `exact` is false where an earlier commit may have said it already: one that is cut off, or a version that cannot be
    read. `reason` says what the status follows from where it does not stand in the file. `pull_request` brought the commit.
    """

    status: str
    commit: str
    exact: bool = True
    reason: str = ""
    pull_request: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """All statuses of one thing, oldest first.

    `kind` is `round`, `decision`, `agent` or `change`; `id` is the key of a round, the id of a decision, and else the round
    and the anchor (`3/4#agent-ada`). `round` is where it stands, or stood last, and empty for a decision that no round
    took. `recorded` tells that the first step is the commit that brought it; it is false where the history is cut or an
    earlier version cannot be read.
    """

    kind: str
    id: str
    title: str
    round: str
    steps: tuple[Step, ...]
    recorded: bool

    @property
    def word(self) -> str:
        """Return the word for its kind: a phase has the life of a round."""
        return "phase" if self.kind == "round" and is_phase(self.id) else self.kind

    @property
    def status(self) -> str:
        """Return the last status."""
        return self.steps[-1].status

    @property
    def living(self) -> bool:
        """Tell whether it is still there."""
        return self.status != REMOVED

    def first(self, status: str) -> Step | None:
        """Return the step at which it first took a status."""
        return next((step for step in self.steps if step.status == status), None)


@dataclass(frozen=True, slots=True)
class Edit:
    """A version of a round: the commit that made it, and whether it can be read."""

    commit: str
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the feed: a thing took a status after another, which is empty where it is new."""

    life: Life
    step: Step
    before: str


@dataclass(frozen=True, slots=True)
class Lives:
    """All lives by kind and id, and what else the versions of the files tell.

    `edits` holds the versions of each round, and of each file of decision records by its path, oldest first; `values`
    the value of each metric of each round at HEAD with the commit that set it; `inside` the lives of what stands in
    each round, of those that changed; `feed` the changes, newest first; `renamed` the names that rounds and decisions
    had before (`("decision", "old-id")`), each with that of today. `whole` is false where the history is cut, so that
    nothing is known to have begun.
    """

    by_kind: Mapping[str, Mapping[str, Life]] = field(default_factory=dict)
    edits: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    values: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    inside: Mapping[str, tuple[Life, ...]] = field(default_factory=dict)
    feed: tuple[Turn, ...] = ()
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    whole: bool = True

    def of(self, kind: str, id: str) -> Life | None:  # noqa: A002  the field's own noun
        """Return the life of one thing, or `None` where no commit tells of it."""
        return self.by_kind.get(kind, {}).get(id)
