"""In: nothing. Out: `Difference`, what changed between two rounds of a book, or between two books."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Moved:
    """A metric whose value changed: `round` is where the value after stands; `difference` where both are numbers."""

    name: str
    before: str | None
    after: str | None
    difference: Decimal | None
    round: str


@dataclass(frozen=True, slots=True)
class Turned:
    """A decision that is new or changed: how it stood and stands (`None` where it was not there), and what replaced it.

    Between two rounds of one book it is not known how an older decision stood, and `before` is `None` then too.
    `round` is `None` for a decision that no round took.
    """

    id: str
    title: str
    round: str | None
    before: str | None
    after: str | None
    superseded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """A goal or a thread: `kind` is `goal` or that of the thread, `anchor` its address on the page of `round`.

    `status` is how the goal stands, or the round that closed the thread; `None` where neither is said.
    """

    kind: str
    title: str
    round: str
    anchor: str
    status: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What came, changed and went of one kind of thing; rounds by their keys."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between `before` and `after`, which are rounds (`3/3`) or refs, as they were named.

    A goal that is new and already done is among the completed ones alone.

    `commits` counts those in between; `complete` is false where a cut history may hide some.
    """

    before: str
    after: str
    metrics: tuple[Moved, ...] = ()
    new_decisions: tuple[Turned, ...] = ()
    changed_decisions: tuple[Turned, ...] = ()
    gone_decisions: tuple[Turned, ...] = ()
    completed_goals: tuple[Point, ...] = ()
    open_goals: tuple[Point, ...] = ()
    new_goals: tuple[Point, ...] = ()
    opened_threads: tuple[Point, ...] = ()
    closed_threads: tuple[Point, ...] = ()
    rounds: Part = Part()
    commits: int = 0
    complete: bool = True

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing changed; a goal that was open and is still is no change."""
        return not (
            self.metrics
            or self.new_decisions
            or self.changed_decisions
            or self.gone_decisions
            or self.completed_goals
            or self.new_goals
            or self.opened_threads
            or self.closed_threads
            or self.rounds != Part()
            or self.commits
        )
