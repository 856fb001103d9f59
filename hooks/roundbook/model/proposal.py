"""In: nothing. Out: `Proposal`, what a branch brings beyond its base: rounds, decisions, changes, threads, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from roundbook.errors import Finding
from roundbook.model.book import Thread
from roundbook.model.facts import Link
from roundbook.model.release import Entered
from roundbook.model.verdict import NOTHING, Tally

State = Literal["new", "changed", "moved", "gone", "unreadable", "same"]


@dataclass(frozen=True, slots=True)
class RoundTouched:
    """A round that a branch touches: `state` is what became of its record, `links` are the branch's commits in it.

    `was` is the key that it had at the base, or `None` where it was not there; `kept` tells that this key still leads to it.
    `path` is its data file, and `uncommitted` tells that the file is not what HEAD holds.
    """

    key: str
    title: str
    state: State
    was: str | None = None
    status: str | None = None
    before: str | None = None
    links: tuple[Link, ...] = ()
    path: str = ""
    uncommitted: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True)
class DecisionTouched:
    """A decision that a branch records, changes, cites by `commits`, or that governs `files` which the branch changes.

    `before` is the status that it had at the base; `round` is `None` for one that no round took. `files` count from the
    top of the repository. `superseded_by` is said where that is what changed.
    """

    id: str
    title: str
    round: str | None
    state: State
    status: str | None = None
    before: str | None = None
    commits: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Loose:
    """A commit that reads like a change of the `category` and that no entry of the changelog claims."""

    commit: str
    subject: str
    category: str


@dataclass(frozen=True, slots=True)
class Collision:
    """A decision of the branch whose id another branch uses for another one; `said` and `mend` are the check's words.

    `round` is empty for one that no round took.
    """

    id: str
    round: str
    said: str
    mend: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What `head` has beyond `base`, both full ids; the same commit twice where only the work tree has anything.

    `landed` counts commits whose whole content the base has already, as after a squash merge; they are not among
    `commits`. `claims` counts those of the touched rounds and decisions. `loose` holds commits only where it can be said
    that the branch lacks an entry for them, `stray` those of no round; both, and `mended`, are empty where a cut history
    or a file that cannot be read may hold the answer. `dirty` holds the data files that are not what the head holds. `gaps`
    say what of the history is missing, and `apart` that base and head have no commit in common that is known here:
    nothing else is said then.
    """

    base: str | None = None
    head: str | None = None
    prefix: str = ""
    commits: tuple[str, ...] = ()
    files: int = 0
    landed: int = 0
    rounds: tuple[RoundTouched, ...] = ()
    decisions: tuple[DecisionTouched, ...] = ()
    changes: tuple[Entered, ...] = ()
    loose: tuple[Loose, ...] = ()
    stray: tuple[str, ...] = ()
    closed: tuple[Thread, ...] = ()
    added: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    collisions: tuple[Collision, ...] = ()
    claims: Tally = NOTHING
    dirty: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    apart: bool = False
