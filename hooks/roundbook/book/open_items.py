"""Open items: what is blocked, open, deferred, asked or to be revisited, and what closed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from roundbook.book.facts import Decision
from roundbook.book.ids import round_of
from roundbook.book.model import Entry, OpenItem, OpenItemKind
from roundbook.schema.base import OPEN
from roundbook.schema.ids import called, is_phase, natural_key, slug
from roundbook.schema.items import Blocker, Deferral
from roundbook.schema.round import LISTS

Closers = Mapping[tuple[str, str], Sequence[str]]


def open_items(entries: Mapping[str, Entry], decided: Mapping[str, Decision]) -> tuple[OpenItem, ...]:
    """Return all open items and those that were closed, the open ones first."""
    closers = _closers(entries.values())
    found: list[OpenItem] = []
    for entry in entries.values():
        found += _blockers(entry, entries)
        found += _deferred(entry, entries, closers)
        found += _unfinished(entry, closers)
        for asked in entry.anchored("questions"):
            found.append(
                _closed_later(OpenItem("question", asked.item.label, entry.key, asked.anchor, ""), entry, closers)
            )
    found += _revisits(decided)
    return tuple(sorted(found, key=lambda t: t.closed_by is not None))


def _blockers(entry: Entry, entries: Mapping[str, Entry]) -> Iterable[OpenItem]:
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
        yield OpenItem("blocked", blocker.title, entry.key, one.anchor, blocker.text or "", closed_by, reason)


def _deferred(entry: Entry, entries: Mapping[str, Entry], closers: Closers) -> Iterable[OpenItem]:
    for one in entry.anchored("deferred"):
        put_off = one.item
        if not isinstance(put_off, Deferral):
            continue
        detail = "; ".join(text for text in (put_off.until and f"until {put_off.until}", put_off.reason) if text)
        open_item = OpenItem("deferred", put_off.title, entry.key, one.anchor, detail)
        target = round_of(put_off.to, entries, entry.round.phase) if put_off.to else None
        if target and entries[target].status == "done":
            yield replace(open_item, closed_by=target, closed_reason=f"{called(target)}, which took it up, is done")
        else:
            yield _closed_later(open_item, entry, closers)


def _unfinished(entry: Entry, closers: Closers) -> Iterable[OpenItem]:
    for listed in LISTS.values():
        for one in entry.anchored(listed.key) if listed.counted else ():
            if one.status in OPEN:
                kind: OpenItemKind = "blocked" if one.status == "blocked" else "open"
                yield _closed_later(
                    OpenItem(kind, one.item.label, entry.key, one.anchor, f"{listed.word}: {one.status}"),
                    entry,
                    closers,
                )


def _revisits(decided: Mapping[str, Decision]) -> Iterable[OpenItem]:
    for decision in decided.values():
        condition = decision.record.until or decision.record.follow_up
        if not condition or decision.status in ("rejected", "deprecated"):
            continue
        open_item = OpenItem("revisit", decision.record.title, *decision.address, condition)
        successors = [
            decided[name] for name in decision.superseded_by if decided[name].status in ("accepted", "superseded")
        ]
        if decision.status == "superseded" and successors:
            yield replace(
                open_item,
                closed_by=successors[0].round or successors[0].id,
                closed_reason=f"replaced by {successors[0].id}",
            )
        else:
            yield open_item


def _closers(entries: Iterable[Entry]) -> dict[tuple[str, str], list[str]]:
    """Return, by repository and slug of a title, the rounds in which an item of that title is done."""
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


def _closed_later(open_item: OpenItem, entry: Entry, closers: Closers) -> OpenItem:
    keys = closers.get((entry.repository, slug(open_item.title, 200)), ())
    later = next((key for key in keys if _after(key, entry)), None)
    return replace(open_item, closed_by=later, closed_reason="done there under the same title") if later else open_item


def _after(key: str, entry: Entry) -> bool:
    """Tell whether a round or phase comes after another: a phase begins before its rounds, and ends after them."""
    if is_phase(key) and not entry.is_phase and key == f"{entry.round.phase}/":
        return True
    return natural_key(key) > natural_key(entry.key)
