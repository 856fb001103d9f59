"""What changed between two rounds; the same value tells what changed between two books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from roundbook.book.facts import Anchored, Decision, Link
from roundbook.book.model import Book, Entry, OpenItem
from roundbook.frozen import frozen
from roundbook.schema.base import OPEN
from roundbook.schema.decision import number
from roundbook.schema.ids import slug

Address = tuple[str, str]
State = Literal["new", "changed", "moved", "gone", "unreadable", "same"]


@frozen
class MetricChange:
    """A metric whose value changed: `round` has the value after; `difference` is set where both are numbers."""

    name: str
    before: str | None
    after: str | None
    difference: Decimal | None
    round: str


@frozen
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


@frozen
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


@frozen
class Point:
    """A goal or an open item: `kind` is `goal` or that of the item, `anchor` its address on the page of `round`.

    `status` is that of the goal, or the round that closed the item, for the `reason` given; `None` where there is none.
    """

    kind: str
    title: str
    round: str
    anchor: str
    status: str | None = None
    reason: str = ""


@frozen
class Difference:
    """What changed from `before` to `after`, which are rounds (`3/3`) or refs, as they were named.

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
    opened_items: tuple[Point, ...] = ()
    closed_items: tuple[Point, ...] = ()
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
            or self.opened_items
            or self.closed_items
            or self.rounds
            or self.commits
        )


NONE = Difference("", "")


# ---------------------------------------------------------------------------------------------------- two rounds


def between_rounds(book: Book, before: str, after: str) -> Difference | None:
    """Return what changed from one round of a book to another; `None` where `after` is the older one."""
    order = [entry.key for entry in reversed(book.newest_first)]
    first, last = order.index(before), order.index(after)
    if first > last:
        return None
    rounds = tuple(book.entries[key] for key in order[first + 1 : last + 1])
    homes = [book.home(entry.key) for entry in rounds]
    commits = len({link.commit for home, e in zip(homes, rounds, strict=True) for link in home.entries[e.key].links})
    complete = all(home.history.complete for home in homes)
    return replace(_within(book, book.entries[before], rounds), commits=commits, complete=complete)


def since_previous(book: Book, entry: Entry) -> Difference | None:
    """Return what a round changed since the one before it in its phase; `None` where there is none."""
    return _within(book, book.entries[entry.previous], (entry,)) if entry.previous else None


def _within(book: Book, before: Entry, rounds: Sequence[Entry]) -> Difference:
    """Return what the `rounds` after `before` changed; the last of them is the one that is compared with it."""
    last = rounds[-1] if rounds else before
    taken = [decision for entry in rounds for decision in book.taken_in.get(entry.key, ())]
    completed, still_open, new = _goals(book, before, rounds)
    return Difference(
        before=before.key,
        after=last.key,
        metrics=tuple(m for m in metric_changes((before,), (last,)) if m.after is not None),
        decisions=(
            *(decision_change(decision, "new") for decision in taken),
            *(decision_change(decision, "changed") for decision in _replaced(taken, book.decisions)),
        ),
        completed_goals=completed,
        open_goals=still_open,
        new_goals=new,
        opened_items=tuple(item_point(t) for entry in rounds for t in book.opened_in.get(entry.key, ())),
        closed_items=tuple(item_point(t) for entry in rounds for t in book.closed_in.get(entry.key, ())),
        rounds=tuple(RoundChange(e.key, e.round.name, "new", after=e.status) for e in rounds),
    )


def _replaced(taken: Sequence[Decision], decisions: Mapping[str, Decision]) -> Iterator[Decision]:
    own = {decision.id for decision in taken}
    names = dict.fromkeys(n for decision in taken for n in decision.supersedes if n not in own)
    return (decisions[n] for n in names if decisions[n].status == "superseded")


def _goals(
    book: Book, before: Entry, rounds: Sequence[Entry]
) -> tuple[tuple[Point, ...], tuple[Point, ...], tuple[Point, ...]]:
    """Return the goals that were completed, those still open, and the new ones, known by their titles."""
    earlier = {slug(one.item.label, 200): one for one in before.anchored("goals")}
    later = {slug(one.item.label, 200): one for entry in rounds for one in entry.anchored("goals")}
    closed = {at for entry in rounds for t in book.closed_in.get(entry.key, ()) for at in t.trail}
    completed = [one for name, one in later.items() if one.status == "done" and not is_done(earlier.get(name))]
    left = [one for name, one in earlier.items() if rounds and one.status in OPEN and name not in later]
    completed += [one for one in left if (one.round, one.anchor) in closed]
    waiting = [one for one in left if (one.round, one.anchor) not in closed]
    waiting += [one for name, one in later.items() if name in earlier and one.status in OPEN]
    new = [one for name, one in later.items() if name not in earlier and one.status != "done"]
    return goal_points(completed), goal_points(waiting), goal_points(new)


# -------------------------------------------------------------------------------------------- two rounds or books


def decision_change(decision: Decision, state: State, was: Decision | None = None) -> DecisionChange:
    """Return what became of a decision that `was` in the old book."""
    place = decision.record.place
    return DecisionChange(
        decision.id,
        decision.record.title,
        decision.round,
        state,
        was.status if was else None,
        decision.status,
        () if was and was.superseded_by == decision.superseded_by else decision.superseded_by,
        path=place.path if place else "",
        line=place.line if place else 0,
    )


def metric_changes(before: Iterable[Entry], after: Iterable[Entry]) -> Iterator[MetricChange]:
    """Yield the metrics whose newest values differ; both are newest first."""
    old, new = _values(before), _values(after)
    for at in (*new, *(a for a in old if a not in new)):
        then, now = old.get(at), new.get(at)
        if then and now and then[0] == now[0]:
            continue
        first, second = number(then[0]) if then else None, number(now[0]) if now else None
        difference = second - first if first is not None and second is not None else None
        where = (now or then or ("", ""))[1]
        yield MetricChange(at[1], then[0] if then else None, now[0] if now else None, difference, where)


def _values(newest_first: Iterable[Entry]) -> dict[Address, tuple[str, str]]:
    """Return the newest value of each metric, by repository and name, with the round that has it."""
    found: dict[Address, tuple[str, str]] = {}
    for entry in newest_first:
        for name, metric in entry.round.metrics.items():
            if metric.now is not None:
                found.setdefault((entry.repository, name), (metric.now, entry.key))
    return found


def is_done(one: Anchored | None) -> bool:
    """Return whether a goal exists and is done."""
    return one is not None and one.status == "done"


def goal_points(goals: Iterable[Anchored]) -> tuple[Point, ...]:
    """Return goals with their status."""
    return tuple(Point("goal", g.item.label, g.round, g.anchor, g.status) for g in goals)


def item_point(open_item: OpenItem) -> Point:
    """Return an open item with what closed it."""
    return Point(
        open_item.kind, open_item.title, open_item.round, open_item.anchor, open_item.closed_by, open_item.closed_reason
    )
