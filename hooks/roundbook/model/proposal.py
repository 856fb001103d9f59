"""What a branch brings beyond its base: how the two differ, and what its commits, its findings and its claims say."""

from __future__ import annotations

from dataclasses import dataclass

from roundbook.book.facts import NONE, NOTHING, Difference, Entered, Tally
from roundbook.errors import Finding


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

    `difference` holds what changed, and beside that the rounds that the commits belong to and the decisions that they cite or
    that govern a file. `landed` counts commits whose whole content the base has already, as after a squash merge; they are
    not among `commits`. `claims` counts those of the touched rounds and decisions. `loose` holds commits only where it is
    certain that the branch lacks an entry for them, `stray` those of no round; both, and `mended`, are empty where a cut
    history or a file that cannot be read may hold the answer. `dirty` holds the data files that differ from the head. `gaps`
    tell what of the history is missing, and `apart` that base and head have no known commit in common: nothing else is set
    then.
    """

    base: str | None = None
    head: str | None = None
    prefix: str = ""
    commits: tuple[str, ...] = ()
    files: int = 0
    landed: int = 0
    difference: Difference = NONE
    changes: tuple[Entered, ...] = ()
    loose: tuple[Loose, ...] = ()
    stray: tuple[str, ...] = ()
    added: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    collisions: tuple[Collision, ...] = ()
    claims: Tally = NOTHING
    dirty: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    apart: bool = False
