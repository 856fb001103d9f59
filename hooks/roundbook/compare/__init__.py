"""The difference of two books or rounds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from roundbook.book.facts import Anchored, Decision, DecisionChange, Difference, MetricChange, Point, RoundChange, State
from roundbook.book.model import Book, Entry, OpenItem
from roundbook.schema.base import OPEN
from roundbook.schema.decision import number
from roundbook.schema.ids import is_phase, slug
from roundbook.schema.round import RoundOrPhase

ALIKE = 0.8  # from here on two texts are one that was edited
MOST_MOVED = 20  # rounds without a counterpart that are compared with each other
_NAMES = {"round", "phase", "was"}
Address = tuple[str, str]


# ---------------------------------------------------------------------------------------------------- two rounds


@dataclass(frozen=True)
class Index:
    """The decisions and threads of a book by round, so that asking for every round stays linear."""

    taken: Mapping[str, Sequence[Decision]]
    opened: Mapping[str, Sequence[OpenItem]]
    closed: Mapping[str, Sequence[OpenItem]]

    @classmethod
    def of(cls, decisions: Iterable[Decision], open_items: Iterable[OpenItem]) -> Index:
        """Return the index of all decisions and threads of a book."""
        taken: dict[str, list[Decision]] = {}
        opened: dict[str, list[OpenItem]] = {}
        closed: dict[str, list[OpenItem]] = {}
        for decision in decisions:
            taken.setdefault(decision.address[0], []).append(decision)
        for open_item in open_items:
            opened.setdefault(open_item.round, []).append(open_item)
            if open_item.closed_by:
                closed.setdefault(open_item.closed_by, []).append(open_item)
        return cls(taken, opened, closed)


def between_rounds(book: Book, before: str, after: str) -> Difference | None:
    """Return what changed from one round of a book to another; `None` where `after` is the older one."""
    order = [entry.key for entry in reversed(book.newest_first)]
    first, last = order.index(before), order.index(after)
    if first > last:
        return None
    rounds = tuple(book.entries[key] for key in order[first + 1 : last + 1])
    decision_index = (book.home(entry.key) for entry in rounds)
    complete = all(home.history.complete for home in decision_index)
    commits = len({link.commit for e in rounds for link in book.home(e.key).entries[e.key].links})
    index = Index.of(book.decisions.values(), book.open_items)
    return within(book.entries[before], rounds, index, book.decisions, commits=commits, complete=complete)


def within(
    before: Entry,
    rounds: Sequence[Entry],
    index: Index,
    decisions: Mapping[str, Decision],
    *,
    commits: int = 0,
    complete: bool = True,
) -> Difference:
    """Return what the `rounds` after `before` changed; the last of them is the one that is compared with it."""
    last = rounds[-1] if rounds else before
    keys = [entry.key for entry in rounds]
    taken = [decision for key in keys for decision in index.taken.get(key, ())]
    completed, still_open, new = _goals(before, rounds, index)
    return Difference(
        before=before.key,
        after=last.key,
        metrics=tuple(m for m in _metrics(_values((before,)), _values((last,))) if m.after is not None),
        decisions=(
            *(decision_change(decision, "new") for decision in taken),
            *(decision_change(decision, "changed") for decision in _replaced(taken, decisions)),
        ),
        completed_goals=completed,
        open_goals=still_open,
        new_goals=new,
        opened_items=tuple(_open_item(t) for key in keys for t in index.opened.get(key, ())),
        closed_items=tuple(_open_item(t) for key in keys for t in index.closed.get(key, ())),
        rounds=tuple(RoundChange(e.key, e.round.name, "new", after=e.status) for e in rounds),
        commits=commits,
        complete=complete,
    )


def _replaced(taken: Sequence[Decision], decisions: Mapping[str, Decision]) -> Iterator[Decision]:
    own = {decision.id for decision in taken}
    names = dict.fromkeys(n for decision in taken for n in decision.supersedes if n not in own)
    return (decisions[n] for n in names if decisions[n].status == "superseded")


def _goals(
    before: Entry, rounds: Sequence[Entry], index: Index
) -> tuple[tuple[Point, ...], tuple[Point, ...], tuple[Point, ...]]:
    """Return the goals that were completed, those still open, and the new ones, known by their titles."""
    earlier = {slug(one.item.label, 200): one for one in before.anchored("goals")}
    later = {slug(one.item.label, 200): one for entry in rounds for one in entry.anchored("goals")}
    closed = {(t.round, t.anchor) for entry in rounds for t in index.closed.get(entry.key, ())}
    completed = [one for name, one in later.items() if one.status == "done" and not _done(earlier.get(name))]
    left = [one for name, one in earlier.items() if rounds and one.status in OPEN and name not in later]
    completed += [one for one in left if (one.round, one.anchor) in closed]
    waiting = [one for one in left if (one.round, one.anchor) not in closed]
    waiting += [one for name, one in later.items() if name in earlier and one.status in OPEN]
    new = [one for name, one in later.items() if name not in earlier and one.status != "done"]
    return _points(completed), _points(waiting), _points(new)


def steps(
    entries: Mapping[str, Entry], decisions: Mapping[str, Decision], open_items: Iterable[OpenItem]
) -> Mapping[str, Difference]:
    """Return, for each round that has one before it in its phase, what it changed."""
    index = Index.of(decisions.values(), open_items)
    return {e.key: within(entries[e.previous], (e,), index, decisions) for e in entries.values() if e.previous}


# ----------------------------------------------------------------------------------------------------- two books


def between_books(
    old: Book, new: Book, before: str, after: str, *, edited: Collection[str] | None = None
) -> Difference:
    """Return what changed from one book to another of the same project; `before` and `after` are their names.

    A round is the same one also where it was moved, and so are its decisions, goals and threads. What stands in a file that
    cannot be read is not called gone. `edited` holds the paths from the project's folder that may differ, where known.
    """
    moved = moves(old, new)
    renamed = {(key, was): anchor for (key, anchor), olds in new.former.anchors.items() for was in olds}

    def now(key: str, anchor: str) -> Address:
        key = moved.get(key, key)
        return key, renamed.get((key, anchor), anchor)

    goals = {(one.round, one.anchor): one for entry in new.entries.values() for one in entry.anchored("goals")}
    had = {now(g.round, g.anchor): g for entry in old.entries.values() for g in entry.anchored("goals")}
    had_threads = [(now(t.round, t.anchor), t) for t in old.open_items]
    known = {(at, t.kind) for at, t in had_threads}
    opened = (t for t in new.open_items if ((t.round, t.anchor), t.kind) not in known)
    return Difference(
        before=before,
        after=after,
        metrics=tuple(_metrics(_values(old.newest_first), _values(new.newest_first))),
        decisions=tuple(_decisions(old, new, moved, edited)),
        completed_goals=_points(g for at, g in goals.items() if g.status == "done" and not _done(had.get(at))),
        open_goals=_points(g for at, g in goals.items() if at in had and g.status in OPEN),
        new_goals=_points(g for at, g in goals.items() if at not in had and g.status != "done"),
        opened_items=tuple(map(_open_item, opened)),
        closed_items=tuple(_closed(new, had_threads)),
        rounds=tuple(_rounds(old, new, moved, edited)),
        commits=len(new.history.by_id.keys() - old.history.by_id.keys()),
        complete=old.history.complete and new.history.complete,
    )


def moves(old: Book, new: Book) -> Mapping[str, str]:
    """Return, by the key that a round had, the key that it has, for all rounds that are in both books.

    A round that has another key is known again by its `was:`, else by what it says: of two that are much alike, the one
    that went and the one that came are the same round.
    """
    same = {key: key for key in old.entries if key in new.entries}
    told = {before: key for before, key in new.former.rounds.items() if before in old.entries and before not in same}
    found = same | told
    unread = {broken.key for broken in new.broken}  # of what cannot be read nothing is known, not even that it went
    gone = [key for key in old.entries if key not in found and key not in unread][:MOST_MOVED]
    come = [key for key in new.entries if key not in found.values() and key not in old.former.rounds][:MOST_MOVED]
    for before, key in _pairs(old, new, gone, come):
        if before not in found and key not in found.values():
            found[before] = key
    return found


def _pairs(old: Book, new: Book, gone: list[str], come: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs that are much alike, the most alike first."""
    words = {key: _words(new.entries[key].round) for key in come}
    likeness = {
        (before, key): SequenceMatcher(None, _words(old.entries[before].round), words[key], autojunk=False).ratio()
        for before in gone
        for key in come
        if is_phase(key) == is_phase(before)
    }
    ordered = sorted(likeness, key=lambda pair: -likeness[pair])
    yield from (pair for pair in ordered if likeness[pair] >= ALIKE)


def _content(record: RoundOrPhase) -> dict[str, object]:
    """Return what a round says, without its names; a dump leaves out the places of its texts."""
    return record.model_dump(exclude=_NAMES)


def _words(record: RoundOrPhase) -> str:
    return str({name: value for name, value in _content(record).items() if value})[:2_000]


def _rounds(old: Book, new: Book, moved: Mapping[str, str], edited: Collection[str] | None) -> Iterator[RoundChange]:
    """Yield the rounds that changed, newest first, then those that cannot be read, then those that are gone."""
    before = {key: was for was, key in moved.items()}
    for entry in new.all_newest_first:
        key, was = entry.key, before.get(entry.key)
        if was is None:
            yield round_change(new, entry, "new")
        elif (state := _state(old, new, was, key, edited)) != "same":
            change = round_change(new, entry, state)
            kept = was == key or new.former.rounds.get(was) == key
            yield replace(change, was=was, before=old.entries[was].status, kept=kept)
    unread, had = {b.key for b in new.broken}, {b.key: b.text for b in old.broken}
    for broken in new.broken:
        if not is_phase(broken.key) and had.get(broken.key) != broken.text:
            path = next(iter(broken.paths), "")
            yield RoundChange(broken.key, f"Round {broken.key}", "unreadable", path=path)
    for key, entry in old.entries.items():
        if key not in moved and key not in unread:
            yield RoundChange(key, entry.round.name, "gone", key, entry.status)


def round_change(book: Book, entry: Entry, state: State) -> RoundChange:
    """Return what became of a round, of one that is the `same` with its status before."""
    files = book.files.get(entry.key, ())
    was, before = (entry.key, entry.status) if state == "same" else (None, None)
    uncommitted = not set(files).isdisjoint(book.dirty)
    path = next(iter(files), "")
    return RoundChange(entry.key, entry.round.name, state, was, before, entry.status, (), path, uncommitted)


def _state(old: Book, new: Book, was: str, key: str, edited: Collection[str] | None) -> State:
    files, had = new.files.get(key, ()), old.files.get(was, ())
    if was != key or not set(had).intersection(files):
        return "moved"
    if old.entries[was].status != new.entries[key].status:
        return "changed"
    if edited is not None and not any(path in edited for path in (*files, *had)):
        return "same"  # comparing all records of a large book takes long
    return "same" if _content(old.entries[was].round) == _content(new.entries[key].round) else "changed"


def _decisions(
    old: Book, new: Book, moved: Mapping[str, str], edited: Collection[str] | None
) -> Iterator[DecisionChange]:
    """Yield the decisions that are new or changed, in the order of the book, then those that are gone."""
    before = {new.former.decisions.get(name, name): decision for name, decision in old.decisions.items()}
    for decision in new.decisions.values():
        was = before.get(decision.id)
        if was is None:
            yield decision_change(decision, "new")
        elif _differ(was, decision, edited):
            yield decision_change(decision, "changed", was)
    unread = {broken.key for broken in new.broken}
    for name, decision in before.items():
        key = decision.address[0]
        if name not in new.decisions and moved.get(key, key) not in unread:
            yield DecisionChange(decision.id, decision.record.title, decision.round, "gone", decision.status)


def _differ(was: Decision, decision: Decision, edited: Collection[str] | None) -> bool:
    if (was.status, was.superseded_by) != (decision.status, decision.superseded_by):
        return True
    place = decision.record.place
    if edited is not None and place is not None and place.path not in edited:
        return False
    names = {"was", "id"}
    return was.record.model_dump(exclude=names) != decision.record.model_dump(exclude=names)


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


def _closed(book: Book, had: Iterable[tuple[Address, OpenItem]]) -> Iterator[Point]:
    """Yield the threads that were open and are closed now, also those that are no threads any more.

    `had` holds the threads of the old book, each with the address that it has in this one.
    """
    now = {(t.round, t.anchor): t for t in book.open_items}
    for (key, anchor), open_item in had:
        found = now.get((key, anchor))
        if open_item.closed_by:
            continue
        if found and found.closed_by:
            yield _open_item(found)
        elif found is None and key in book.entries and (status := _settled(book.entries[key], anchor)):
            yield Point(open_item.kind, open_item.title, key, anchor, key, f"{status} there")


def _settled(entry: Entry, anchor: str) -> str:
    """Return the status of an entry that was a thread and is settled, or nothing."""
    for (name, index), own in entry.anchors.items():
        if own == anchor:
            status = getattr(getattr(entry.round, name)[index], "status", None)
            return str(status) if status and status not in OPEN and name != "decisions" else ""
    return ""


# -------------------------------------------------------------------------------------------------------- both


def _values(newest_first: Iterable[Entry]) -> dict[Address, tuple[str, str]]:
    """Return the newest value of each metric, by repository and name, with the round that has it."""
    found: dict[Address, tuple[str, str]] = {}
    for entry in newest_first:
        for name, metric in entry.round.metrics.items():
            if metric.now is not None:
                found.setdefault((entry.repository, name), (metric.now, entry.key))
    return found


def _metrics(
    before: Mapping[Address, tuple[str, str]], after: Mapping[Address, tuple[str, str]]
) -> Iterator[MetricChange]:
    for at in (*after, *(a for a in before if a not in after)):
        then, now = before.get(at), after.get(at)
        if then and now and then[0] == now[0]:
            continue
        old, new = number(then[0]) if then else None, number(now[0]) if now else None
        difference = new - old if old is not None and new is not None else None
        where = (now or then or ("", ""))[1]
        yield MetricChange(at[1], then[0] if then else None, now[0] if now else None, difference, where)


def _done(one: Anchored | None) -> bool:
    return one is not None and one.status == "done"


def _points(goals: Iterable[Anchored]) -> tuple[Point, ...]:
    return tuple(Point("goal", g.item.label, g.round, g.anchor, g.status) for g in goals)


def _open_item(open_item: OpenItem) -> Point:
    return Point(
        open_item.kind, open_item.title, open_item.round, open_item.anchor, open_item.closed_by, open_item.closed_reason
    )
