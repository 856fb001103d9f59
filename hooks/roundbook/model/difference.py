"""What changed between two rounds of a book, or between two books of one project."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from roundbook.model.facts import Link

State = Literal["new", "changed", "moved", "gone", "unreadable", "same"]


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric whose value changed: `round` has the value after; `difference` is set where both are numbers."""

    name: str
    before: str | None
    after: str | None
    difference: Decimal | None
    round: str


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """A decision and what became of it: `before` and `after` are its status, `round` is `None` where no round took it.

    Between two rounds of one book the status of an older decision is not known, and `before` is `None` then too.
    `superseded_by` is set where that changed. `commits` of a branch cite the decision, and it governs the `files` that the
    branch changes, which count from the top of the repository.
    """

    id: str
    title: str
    round: str | None
    state: State
    before: str | None = None
    after: str | None = None
    superseded_by: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class RoundChange:
    """A round and what became of its record: `before` and `after` are its status, `was` the key that it had, if any.

    `kept` says that this key still leads to it. `links` are the commits of a branch in it. `path` is its data file, and
    `uncommitted` says that HEAD holds another.
    """

    key: str
    title: str
    state: State
    was: str | None = None
    before: str | None = None
    after: str | None = None
    links: tuple[Link, ...] = ()
    path: str = ""
    uncommitted: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """A goal or a thread: `kind` is `goal` or that of the thread, `anchor` its address on the page of `round`.

    `status` is that of the goal, or the round that closed the thread, for the `reason` given; `None` where there is none.
    """

    kind: str
    title: str
    round: str
    anchor: str
    status: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between `before` and `after`, which are rounds (`3/3`) or refs, as they were named.

    A goal that is new and already done is among the completed ones alone. `commits` counts those in between; `complete` is
    false where a cut history may hide some.
    """

    before: str
    after: str
    metrics: tuple[MetricChange, ...] = ()
    decisions: tuple[DecisionChange, ...] = ()
    completed_goals: tuple[Point, ...] = ()
    open_goals: tuple[Point, ...] = ()
    new_goals: tuple[Point, ...] = ()
    opened_threads: tuple[Point, ...] = ()
    closed_threads: tuple[Point, ...] = ()
    rounds: tuple[RoundChange, ...] = ()
    commits: int = 0
    complete: bool = True

    @property
    def new_decisions(self) -> tuple[DecisionChange, ...]:
        """Return the decisions that are new."""
        return tuple(one for one in self.decisions if one.state == "new")

    @property
    def changed_decisions(self) -> tuple[DecisionChange, ...]:
        """Return the decisions that say something else, or have another status."""
        return tuple(one for one in self.decisions if one.state == "changed")

    def keys(self, state: State) -> tuple[str, ...]:
        """Return the rounds that are in a state."""
        return tuple(one.key for one in self.rounds if one.state == state)

    @property
    def is_empty(self) -> bool:
        """Return whether nothing changed; a goal that was open and still is counts as no change."""
        return not (
            self.metrics
            or self.decisions
            or self.completed_goals
            or self.new_goals
            or self.opened_threads
            or self.closed_threads
            or self.rounds
            or self.commits
        )


NONE = Difference("", "")
