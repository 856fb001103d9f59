"""In: what thinking found out about single things. Out: small immutable facts, from which entries and the book are made."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from roundbook.git.history import Marker, Person
from roundbook.schema.base import Item
from roundbook.schema.decision import Metric
from roundbook.schema.items import Carried, PastRound
from roundbook.schema.statuses import Status

AccountKind = Literal["claimed", "folded", "excluded", "unaccounted"]
CARRIED = "carried forward"
ACCOUNTS: tuple[AccountKind, ...] = ("claimed", "folded", "excluded", "unaccounted")


@dataclass(frozen=True, slots=True)
class Link:
    """Why a commit belongs to a round: `rule` is the slug of the rule that answered, `reason` says it in words."""

    commit: str
    round: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """The one account that a commit ends in; `partner` is the commit that a folded one is folded with."""

    kind: AccountKind
    reason: str
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """How the commits of a range end: `scope` and `key` name the range (`book` has none), `counts` is as `ACCOUNTS`."""

    scope: Literal["book", "release", "phase", "round"]
    key: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how many commits the range has."""
        return sum(self.counts)

    @property
    def percent(self) -> float:
        """Return the share, of a hundred, that is claimed, folded or excluded; 100 of an empty range."""
        return 100 * (1 - self.counts[ACCOUNTS.index("unaccounted")] / self.total) if self.total else 100.0


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the commit messages tell it: nothing here was asked of a forge."""

    number: int
    title: str
    commits: tuple[str, ...]
    merge: str | None = None


@dataclass(frozen=True, slots=True)
class Contributor:
    """Someone who wrote commits of a round, or is named as co-author in them."""

    person: Person
    commits: int
    co_authored: int


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that commits of a round touched; `fate` is `added`, `changed` or `deleted` over the whole round."""

    path: str
    fate: Literal["added", "changed", "deleted"]
    commits: int


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric with the value before it, and where that was taken from (`3/3`, or `""` where the note says it)."""

    name: str
    metric: Metric
    before: str | None
    before_from: str
    now: str | None
    difference: Decimal | None


@dataclass(frozen=True, slots=True)
class Governed:
    """What a glob, or markers in a file, put under decisions: `files` is how many files of HEAD it means.

    `markers` are those of the one file that `glob` names, and none where decisions say that they affect it.
    """

    glob: str
    rulings: tuple[str, ...]
    files: int
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class Anchored:
    """An entry of a round with its address: `field` is the list it stands in."""

    round: str
    anchor: str
    field: str
    item: Item
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since the round before, derived from that round's file, with what this round's note says beside it."""

    previous: str
    completed: tuple[Anchored, ...]
    revealed: tuple[Anchored, ...]
    carried_over: tuple[Anchored, ...]
    note: Carried | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A hand-written page that refers to a round or decision: its source address and its title."""

    uri: str
    title: str


@dataclass(frozen=True, slots=True)
class PastRow:
    """A row of "previous rounds": `key` is the round where the book has it, else `None` and `name` is the note's."""

    key: str | None
    name: str
    agents: str | None
    focus: str | None
    tests_after: str | None
    noted: PastRound | None = None
