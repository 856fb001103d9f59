"""What changed between two books of one project."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher

from roundbook.book.difference import (
    Address,
    DecisionChange,
    Difference,
    Point,
    RoundChange,
    State,
    decision_change,
    goal_points,
    is_done,
    item_point,
    metric_changes,
)
from roundbook.book.facts import Decision
from roundbook.book.model import Book, Entry, OpenItem
from roundbook.schema.base import OPEN
from roundbook.schema.ids import is_phase
from roundbook.schema.round import RoundOrPhase

ALIKE = 0.8  # from here on two texts are one that was edited
MOST_MOVED = 20  # rounds without a counterpart that are compared with each other
_NAMES = {"round", "phase", "was"}


def between_books(
    old: Book, new: Book, before: str, after: str, *, edited: Collection[str] | None = None
) -> Difference:
    """Return what changed from one book to another of the same project; `before` and `after` are their names.

    A round that was moved is the same round, and so are its decisions, goals and open items. What is in a file that cannot
    be read is not reported as removed. `edited` holds the paths from the project's folder that may differ, where known.
    """
    moved = moves(old, new)
    renamed = {(key, was): anchor for (key, anchor), olds in new.aliases.anchors.items() for was in olds}

    def now(key: str, anchor: str) -> Address:
        key = moved.get(key, key)
        return key, renamed.get((key, anchor), anchor)

    goals = {(one.round, one.anchor): one for entry in new.entries.values() for one in entry.anchored("goals")}
    had = {now(g.round, g.anchor): g for entry in old.entries.values() for g in entry.anchored("goals")}
    had_items = [(now(t.round, t.anchor), t) for t in old.open_items]
    known = {(now(*at), t.kind) for _, t in had_items for at in t.trail}
    opened = (t for t in new.open_items if all((at, t.kind) not in known for at in t.trail))
    return Difference(
        before=before,
        after=after,
        metrics=tuple(metric_changes(old.newest_first, new.newest_first)),
        decisions=tuple(_decisions(old, new, moved, edited)),
        completed_goals=goal_points(g for at, g in goals.items() if g.status == "done" and not is_done(had.get(at))),
        open_goals=goal_points(g for at, g in goals.items() if at in had and g.status in OPEN),
        new_goals=goal_points(g for at, g in goals.items() if at not in had and g.status != "done"),
        opened_items=tuple(map(item_point, opened)),
        closed_items=tuple(dict.fromkeys(_closed(new, had_items))),
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
    renamed = {
        before: key for before, key in new.aliases.rounds.items() if before in old.entries and before not in same
    }
    found = same | renamed
    unread = {broken.key for broken in new.broken}  # of what cannot be read nothing is known, not even that it went
    gone = [key for key in old.entries if key not in found and key not in unread][:MOST_MOVED]
    come = [key for key in new.entries if key not in found.values() and key not in old.aliases.rounds][:MOST_MOVED]
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
            kept = was == key or new.aliases.rounds.get(was) == key
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
    before = {new.aliases.decisions.get(name, name): decision for name, decision in old.decisions.items()}
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


def _closed(book: Book, had: Iterable[tuple[Address, OpenItem]]) -> Iterator[Point]:
    """Yield the items that were open and are closed now, also those that are no items any more.

    `had` holds the items of the old book, each with the address that it has in this one.
    """
    now = {at: t for t in book.open_items for at in t.trail}
    for (key, anchor), open_item in had:
        found = now.get((key, anchor))
        if open_item.closed_by:
            continue
        if found and found.closed_by:
            yield item_point(found)
        elif found is None and key in book.entries and (status := _settled(book.entries[key], anchor)):
            yield Point(open_item.kind, open_item.title, key, anchor, key, f"{status} there")


def _settled(entry: Entry, anchor: str) -> str:
    """Return the status of an entry that was a item and is settled, or nothing."""
    for (name, index), own in entry.anchors.items():
        if own == anchor:
            status = getattr(getattr(entry.round, name)[index], "status", None)
            return str(status) if status and status not in OPEN and name != "decisions" else ""
    return ""
