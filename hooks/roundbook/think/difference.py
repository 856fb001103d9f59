"""In: a book and two of its rounds, or two books. Out: `Difference`, what changed from the one to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.model.book import Book, Entry, Thread
from roundbook.model.difference import Difference, Moved, Part, Point, Turned
from roundbook.model.facts import Anchored
from roundbook.model.metric import number
from roundbook.model.names import slug
from roundbook.model.record import OPEN
from roundbook.model.ruling import Ruling

Address = tuple[str, str]


@dataclass(frozen=True)
class Index:
    """The decisions and threads of a book by round, so that asking for every round stays linear."""

    taken: Mapping[str, Sequence[Ruling]]
    opened: Mapping[str, Sequence[Thread]]
    closed: Mapping[str, Sequence[Thread]]

    @classmethod
    def of(cls, rulings: Iterable[Ruling], threads: Iterable[Thread]) -> Index:
        """Return the index of all decisions and threads of a book."""
        taken: dict[str, list[Ruling]] = {}
        opened: dict[str, list[Thread]] = {}
        closed: dict[str, list[Thread]] = {}
        for ruling in rulings:
            taken.setdefault(ruling.address[0], []).append(ruling)
        for thread in threads:
            opened.setdefault(thread.round, []).append(thread)
            if thread.closed_by:
                closed.setdefault(thread.closed_by, []).append(thread)
        return cls(taken, opened, closed)


# ---------------------------------------------------------------------------------------------------- two rounds


def span(book: Book, before: str, after: str) -> tuple[Entry, ...] | None:
    """Return the rounds after `before` up to `after`, oldest first; `None` where `after` is the older one."""
    order = [entry.key for entry in reversed(book.newest_first)]
    first, last = order.index(before), order.index(after)
    return tuple(book.entries[key] for key in order[first + 1 : last + 1]) if first <= last else None


def between_rounds(book: Book, before: str, after: str) -> Difference | None:
    """Return what changed from one round of a book to another; `None` where `after` is the older one."""
    rounds = span(book, before, after)
    if rounds is None:
        return None
    homes = (book.home(entry.key) for entry in rounds)
    complete = all(home.history.complete for home in homes)
    commits = len({link.commit for e in rounds for link in book.home(e.key).entries[e.key].links})
    index = Index.of(book.rulings.values(), book.threads)
    return within(book.entries[before], rounds, index, book.rulings, commits=commits, complete=complete)


def within(
    before: Entry,
    rounds: Sequence[Entry],
    index: Index,
    rulings: Mapping[str, Ruling],
    *,
    commits: int = 0,
    complete: bool = True,
) -> Difference:
    """Return what the `rounds` after `before` changed; the last of them is the one that is compared with it."""
    last = rounds[-1] if rounds else before
    keys = [entry.key for entry in rounds]
    taken = [ruling for key in keys for ruling in index.taken.get(key, ())]
    completed, still_open, new = _goals(before, rounds, index)
    return Difference(
        before=before.key,
        after=last.key,
        metrics=tuple(m for m in _metrics(_values((before,)), _values((last,))) if m.after is not None),
        new_decisions=tuple(_turned(ruling, None) for ruling in taken),
        changed_decisions=tuple(_turned(r, None) for r in _replaced(taken, rulings)),
        completed_goals=completed,
        open_goals=still_open,
        new_goals=new,
        opened_threads=tuple(_raised(t) for key in keys for t in index.opened.get(key, ())),
        closed_threads=tuple(_raised(t) for key in keys for t in index.closed.get(key, ())),
        rounds=Part(new=tuple(keys)),
        commits=commits,
        complete=complete,
    )


def _replaced(taken: Sequence[Ruling], rulings: Mapping[str, Ruling]) -> tuple[Ruling, ...]:
    own = {ruling.id for ruling in taken}
    names = dict.fromkeys(n for ruling in taken for n in ruling.supersedes if n not in own)
    return tuple(rulings[n] for n in names if rulings[n].status == "superseded")


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


def _done(one: Anchored | None) -> bool:
    return one is not None and one.status == "done"


def steps(
    entries: Mapping[str, Entry], rulings: Mapping[str, Ruling], threads: Iterable[Thread]
) -> Mapping[str, Difference]:
    """Return, for each round that has one before it in its phase, what it changed."""
    index = Index.of(rulings.values(), threads)
    return {e.key: within(entries[e.previous], (e,), index, rulings) for e in entries.values() if e.previous}


# ----------------------------------------------------------------------------------------------------- two books


def between_books(old: Book, new: Book, before: str, after: str) -> Difference:
    """Return what changed from one book to another of the same project; `before` and `after` are their names."""
    goals, had = dict(_all_goals(new)), dict(_all_goals(old))
    threads, known = _threads(new), _threads(old)
    unchanged = {key for key, e in new.entries.items() if key in old.entries and _same(e, old.entries[key])}
    return Difference(
        before=before,
        after=after,
        metrics=tuple(_metrics(_values(old.newest_first), _values(new.newest_first))),
        new_decisions=tuple(_turned(r, None) for name, r in new.rulings.items() if name not in old.rulings),
        changed_decisions=tuple(
            _turned(ruling, old.rulings[name].status)
            for name, ruling in new.rulings.items()
            if name in old.rulings and old.rulings[name].status != ruling.status
        ),
        gone_decisions=tuple(_gone(r) for name, r in old.rulings.items() if name not in new.rulings),
        completed_goals=_points(g for at, g in goals.items() if g.status == "done" and not _done(had.get(at))),
        open_goals=_points(g for at, g in goals.items() if at in had and g.status in OPEN),
        new_goals=_points(g for at, g in goals.items() if at not in had and g.status != "done"),
        opened_threads=tuple(_raised(t) for at, t in threads.items() if at not in known),
        closed_threads=tuple(_raised(t) for at, t in threads.items() if t.closed_by and _was_open(known.get(at))),
        rounds=Part(
            new=tuple(key for key in new.entries if key not in old.entries),
            changed=tuple(key for key in new.entries if key in old.entries and key not in unchanged),
            gone=tuple(key for key in old.entries if key not in new.entries),
        ),
        commits=len(new.history.by_id.keys() - old.history.by_id.keys()),
        complete=old.history.complete and new.history.complete,
    )


def _same(one: Entry, other: Entry) -> bool:
    # Places are no part of what a round says, so the records themselves are not compared.
    return one.round.model_dump() == other.round.model_dump()


def _all_goals(book: Book) -> Iterator[tuple[Address, Anchored]]:
    for entry in book.entries.values():
        for one in entry.anchored("goals"):
            yield (one.round, one.anchor), one


def _threads(book: Book) -> dict[tuple[str, str, str], Thread]:
    return {(t.round, t.anchor, t.kind): t for t in book.threads}


def _was_open(thread: Thread | None) -> bool:
    return thread is None or thread.closed_by is None


# -------------------------------------------------------------------------------------------------------- parts


def _values(newest_first: Iterable[Entry]) -> dict[Address, tuple[str, str]]:
    """Return the value that each metric has by repository and name, from the newest round that says one, and that round."""
    found: dict[Address, tuple[str, str]] = {}
    for entry in newest_first:
        for name, metric in entry.round.metrics.items():
            if metric.now is not None:
                found.setdefault((entry.repository, name), (metric.now, entry.key))
    return found


def _metrics(before: Mapping[Address, tuple[str, str]], after: Mapping[Address, tuple[str, str]]) -> Iterator[Moved]:
    for at in (*after, *(a for a in before if a not in after)):
        then, now = before.get(at), after.get(at)
        if then and now and then[0] == now[0]:
            continue
        old, new = number(then[0]) if then else None, number(now[0]) if now else None
        difference = new - old if old is not None and new is not None else None
        where = (now or then or ("", ""))[1]
        yield Moved(at[1], then[0] if then else None, now[0] if now else None, difference, where)


def _turned(ruling: Ruling, before: str | None) -> Turned:
    return Turned(ruling.id, ruling.decision.title, ruling.round, before, ruling.status, ruling.superseded_by)


def _gone(ruling: Ruling) -> Turned:
    return Turned(ruling.id, ruling.decision.title, ruling.round, ruling.status, None)


def _points(goals: Iterable[Anchored]) -> tuple[Point, ...]:
    return tuple(Point("goal", g.item.label, g.round, g.anchor, g.status) for g in goals)


def _raised(thread: Thread) -> Point:
    return Point(thread.kind, thread.title, thread.round, thread.anchor, thread.closed_by)
