"""Open items: what rounds leave undone, who raised it, and which round closed it.

A round carries an item over by naming it again under the same title. That is one item, with the trail of its rounds: it is
as old as the first of them, and stands as the last one says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roundbook.book.facts import Decision
from roundbook.book.model import Entry, OpenItem, OpenItemKind
from roundbook.book.references import RoundNames
from roundbook.schema.base import OPEN
from roundbook.schema.ids import is_phase, natural_key, slug
from roundbook.schema.items import Blocker, Deferral
from roundbook.schema.round import LISTS

Closers = Mapping[tuple[str, str], Sequence[str]]
_BY_NAME = LISTS["agents"].prefix  # an agent is called by its name, whatever its task is


def open_items(
    entries: Mapping[str, Entry], decided: Mapping[str, Decision], names: RoundNames
) -> tuple[OpenItem, ...]:
    """Return all items, those that are open first, the oldest before others."""
    closers = _closers(entries.values())
    found: list[OpenItem] = []
    for entry in entries.values():
        found += _blockers(entry, names)
        found += _deferred(entry, entries, names, closers)
        found += _unfinished(entry, closers)
        for asked in entry.anchored("questions"):
            found.append(
                _closed_later(OpenItem("question", asked.item.label, entry.key, asked.anchor, ""), entry, closers)
            )
    found += _revisits(decided)
    ages = {key: entry.day for key, entry in entries.items()}
    dated = (replace(t, since=ages[t.round] if t.round else decided[t.anchor].date) for t in found)
    joined = _joined(sorted(dated, key=lambda t: _age(t.round, t.since)), entries)
    return tuple(sorted(joined, key=lambda t: (t.closed_by is not None, _age(t.round, t.since))))


def _age(key: str, day: str) -> Any:
    """Return what sorts rounds from old to new: those with a date first, a phase after its rounds."""
    return not day, day, natural_key(key), is_phase(key)


def _joined(items: Iterable[OpenItem], entries: Mapping[str, Entry]) -> Iterator[OpenItem]:
    """Yield the items, from old to new, with those joined that a later round names again."""
    chains: dict[tuple[str, str], list[list[OpenItem]]] = {}
    for item in items:
        alone = item.kind == "revisit" or item.anchor.startswith(_BY_NAME)
        name = (item.round, item.anchor) if alone else (entries[item.round].repository, slug(item.title, 200))
        same = chains.setdefault(name, [])
        chain = next((one for one in same if _carries(one[-1], item, entries)), None)
        if chain is None:
            same.append([item])
        else:
            chain.append(item)
    for same in chains.values():
        yield from (_one(chain, entries) for chain in same)


def _carries(before: OpenItem, after: OpenItem, entries: Mapping[str, Entry]) -> bool:
    """Tell whether an item is an earlier one that was not closed before; a round may name two things alike in one list."""
    if before.round == after.round:
        return before.kind != after.kind
    return not before.closed_by or not _is_before(before.closed_by, after.round, entries)


def _is_before(key: str, other: str, entries: Mapping[str, Entry]) -> bool:
    return bool(_age(key, entries[key].day) < _age(other, entries[other].day))


def _one(chain: Sequence[OpenItem], entries: Mapping[str, Entry]) -> OpenItem:
    """Return several items as one: what the last round says of it, under the address of the first."""
    first, last = chain[0], chain[-1]
    closed = (t for t in chain if t.closed_by and (t is last or _is_before(last.round, t.closed_by, entries)))
    by = next(closed, last)
    return replace(
        last,
        round=first.round,
        anchor=first.anchor,
        since=first.since,
        detail=next((t.detail for t in reversed(chain) if t.detail), ""),
        closed_by=by.closed_by,
        closed_reason=by.closed_reason,
        later=tuple((t.round, t.anchor) for t in chain[1:]),
    )


def _blockers(entry: Entry, names: RoundNames) -> Iterable[OpenItem]:
    for one in entry.anchored("blockers"):
        blocker = one.item
        if not isinstance(blocker, Blocker):
            continue
        closed_by, reason = None, ""
        if blocker.resolved:
            closed_by = names.key(blocker.resolved, entry.round.phase) or entry.key
            reason = blocker.resolution or f"resolved {blocker.resolved}"
        elif blocker.status in ("done", "dropped"):
            closed_by, reason = entry.key, blocker.resolution or blocker.status
        yield OpenItem("blocked", blocker.title, entry.key, one.anchor, blocker.text or "", closed_by, reason)


def _deferred(entry: Entry, entries: Mapping[str, Entry], names: RoundNames, closers: Closers) -> Iterable[OpenItem]:
    for one in entry.anchored("deferred"):
        put_off = one.item
        if not isinstance(put_off, Deferral):
            continue
        detail = "; ".join(text for text in (put_off.until and f"until {put_off.until}", put_off.reason) if text)
        open_item = OpenItem("deferred", put_off.title, entry.key, one.anchor, detail)
        target = entries.get(names.key(put_off.to or "", entry.round.phase) or "")
        if target and target.status == "done":
            yield replace(open_item, closed_by=target.key, closed_reason=f"{target.words}, which took it up, is done")
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
