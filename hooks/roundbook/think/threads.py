"""In: rounds and rulings. Out: threads: what is blocked, open, put off, asked or to be looked at again, and what closed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from roundbook.model.book import Entry, Thread, ThreadKind
from roundbook.model.ruling import Ruling
from roundbook.schema.base import OPEN
from roundbook.schema.ids import called, is_phase, natural_key, slug
from roundbook.schema.items import Blocker, Deferral
from roundbook.schema.round import LISTS
from roundbook.think.references import round_of

Closers = Mapping[tuple[str, str], Sequence[str]]


def threads(entries: Mapping[str, Entry], rulings: Mapping[str, Ruling]) -> tuple[Thread, ...]:
    """Return all threads, those still open first, each with the round that raised it and the one that closed it."""
    closers = _closers(entries.values())
    found: list[Thread] = []
    for entry in entries.values():
        found += _blockers(entry, entries)
        found += _deferred(entry, entries, closers)
        found += _unfinished(entry, closers)
        for asked in entry.anchored("questions"):
            found.append(
                _closed_later(Thread("question", asked.item.label, entry.key, asked.anchor, ""), entry, closers)
            )
    found += _revisits(rulings)
    return tuple(sorted(found, key=lambda t: t.closed_by is not None))


def _blockers(entry: Entry, entries: Mapping[str, Entry]) -> Iterable[Thread]:
    for one in entry.anchored("blockers"):
        blocker = one.item
        if not isinstance(blocker, Blocker):
            continue
        closed_by, reason = None, ""
        if blocker.resolved:
            closed_by = round_of(blocker.resolved, entries, entry.round.phase) or entry.key
            reason = blocker.resolution or f"resolved {blocker.resolved}"
        elif blocker.status in ("done", "dropped"):
            closed_by, reason = entry.key, blocker.resolution or blocker.status
        yield Thread("blocked", blocker.title, entry.key, one.anchor, blocker.text or "", closed_by, reason)


def _deferred(entry: Entry, entries: Mapping[str, Entry], closers: Closers) -> Iterable[Thread]:
    for one in entry.anchored("deferred"):
        put_off = one.item
        if not isinstance(put_off, Deferral):
            continue
        detail = "; ".join(text for text in (put_off.until and f"until {put_off.until}", put_off.reason) if text)
        thread = Thread("deferred", put_off.title, entry.key, one.anchor, detail)
        target = round_of(put_off.to, entries, entry.round.phase) if put_off.to else None
        if target and entries[target].status == "done":
            yield _with_close(thread, target, f"{called(target)}, which took it up, is done")
        else:
            yield _closed_later(thread, entry, closers)


def _unfinished(entry: Entry, closers: Closers) -> Iterable[Thread]:
    for listed in LISTS.values():
        for one in entry.anchored(listed.key) if listed.counted else ():
            if one.status in OPEN:
                kind: ThreadKind = "blocked" if one.status == "blocked" else "open"
                yield _closed_later(
                    Thread(kind, one.item.label, entry.key, one.anchor, f"{listed.word}: {one.status}"), entry, closers
                )


def _revisits(rulings: Mapping[str, Ruling]) -> Iterable[Thread]:
    for ruling in rulings.values():
        condition = ruling.decision.until or ruling.decision.follow_up
        if not condition or ruling.status in ("rejected", "deprecated"):
            continue
        thread = Thread("revisit", ruling.decision.title, *ruling.address, condition)
        successors = [
            rulings[name] for name in ruling.superseded_by if rulings[name].status in ("accepted", "superseded")
        ]
        if ruling.status == "superseded" and successors:
            yield _with_close(thread, successors[0].round or successors[0].id, f"replaced by {successors[0].id}")
        else:
            yield thread


def _closers(entries: Iterable[Entry]) -> dict[tuple[str, str], list[str]]:
    """Return, by repository and slug of a title, the rounds in which something of that title is done."""
    found: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        for listed in LISTS.values():
            for one in entry.anchored(listed.key) if listed.closing else ():
                shipped = (
                    not listed.has_status or one.status == "done" or (one.status is None and entry.status == "done")
                )
                if shipped:
                    found.setdefault((entry.repository, slug(one.item.label, 200)), []).append(entry.key)
    return found


def _closed_later(thread: Thread, entry: Entry, closers: Closers) -> Thread:
    keys = closers.get((entry.repository, slug(thread.title, 200)), ())
    later = next((key for key in keys if _after(key, entry)), None)
    return _with_close(thread, later, "done there under the same title") if later else thread


def _after(key: str, entry: Entry) -> bool:
    """Tell whether a round or phase comes after another: a phase begins before its rounds, and ends after them."""
    if is_phase(key) and not entry.is_phase and key == f"{entry.round.phase}/":
        return True
    return natural_key(key) > natural_key(entry.key)


def _with_close(thread: Thread, key: str, reason: str) -> Thread:
    return Thread(thread.kind, thread.title, thread.round, thread.anchor, thread.detail, key, reason)
