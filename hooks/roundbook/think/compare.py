"""In: a round and the round before it. Out: metrics with their values before, what changed since, and the earlier rounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from roundbook.model.facts import Anchored, MetricRow, PastRow, Since
from roundbook.schema.base import OPEN, Item
from roundbook.schema.decision import number
from roundbook.schema.round import LISTS, RoundOrPhase
from roundbook.schema.statuses import Status
from roundbook.think.references import round_of

PAST = 12  # earlier rounds that a round's page lists; a page that listed all would grow with the phase
Anchors = Mapping[tuple[str, int], str]


def metric_rows(record: RoundOrPhase, before: RoundOrPhase | None) -> tuple[MetricRow, ...]:
    """Return the metrics of a round; a value before that the note leaves out is taken from the round before."""
    rows: list[MetricRow] = []
    for name, metric in record.metrics.items():
        then, source = metric.before, ""
        if then is None and before is not None and name in before.metrics:
            then, source = before.metrics[name].now, before.key
        old, new = number(then), number(metric.now)
        difference = new - old if old is not None and new is not None else None
        rows.append(MetricRow(name, metric, then, source if then is not None else "", metric.now, difference))
    return tuple(rows)


def since(record: RoundOrPhase, before: RoundOrPhase | None, anchors: Anchors) -> Since | None:
    """Return what the round before completed, revealed and left open, by its own file.

    `anchors` are those of the round before. A part of it without a status counts as completed only where that round as a
    whole is done.
    """
    carried = record.carried
    if before is None:
        return Since(carried.from_ or "", (), (), (), carried) if carried else None
    finished = before.status == "done"
    completed: list[Anchored] = []
    open_ones: list[Anchored] = []
    for listed in LISTS.values():
        if not listed.has_status or not (listed.counted or listed.closing):
            continue
        for entry in anchored(before, listed.key, anchors):
            status = entry.status or ("done" if finished and not listed.counted else None)
            if status == "done" and listed.closing:
                completed.append(entry)
            elif status in OPEN:
                open_ones.append(entry)
    revealed = list(anchored(before, "findings", anchors))
    open_ones += anchored(before, "deferred", anchors)
    open_ones += [e for e in anchored(before, "blockers", anchors) if e.status in (None, *OPEN)]
    if not (completed or revealed or open_ones or carried):
        return None
    return Since(before.key, tuple(completed), tuple(revealed), tuple(open_ones), carried)


def anchored(record: RoundOrPhase, field: str, anchors: Anchors) -> list[Anchored]:
    """Return the entries of one list of a round with their anchors."""
    items: tuple[Item, ...] = getattr(record, field)
    return [
        Anchored(record.key, anchors[field, i], field, item, getattr(item, "status", None))
        for i, item in enumerate(items)
    ]


def past(record: RoundOrPhase, earlier: Sequence[RoundOrPhase], known: Collection[str]) -> tuple[PastRow, ...]:
    """Return the rounds of the phase before this one, oldest first, those that only the note has at the front.

    `known` holds the keys of all rounds of the book, of which `earlier` may be the last ones only.
    """
    rows = [_derived(other) for other in earlier]
    noted = [
        PastRow(None, row.round, row.agents, row.focus, row.tests_after, row)
        for row in record.history
        if round_of(row.round, known, record.phase) is None
    ]
    return (*noted, *rows)


def _derived(record: RoundOrPhase) -> PastRow:
    tests = record.metrics.get("tests")
    size = record.team.size if record.team and record.team.size else str(len(record.agents) or "") or None
    return PastRow(record.key, record.name, size, record.focus or record.title, tests.now if tests else None)


def status_of(record: RoundOrPhase) -> tuple[Status | None, str]:
    """Return how a round stands and how that is known: as written, or derived from its agents and goals."""
    if record.status:
        return record.status, "as written"
    return derived([i.status for one in LISTS.values() if one.counted for i in getattr(record, one.key) if i.status])


def derived(statuses: Sequence[Status]) -> tuple[Status | None, str]:
    """Return how a round stands whose own status is not written, by those of its agents, goals and tasks."""
    if not statuses:
        return None, "no status is written"
    done = sum(s in ("done", "dropped") for s in statuses)
    return _overall(statuses, done), f"derived: {done} of {len(statuses)} agents, goals and tasks are done"


def _overall(statuses: Sequence[Status], done: int) -> Status:
    if done == len(statuses):
        return "done"
    words: tuple[Literal["blocked", "in-progress", "partial"], ...] = ("blocked", "in-progress", "partial")
    for word in words:
        if word in statuses:
            return word
    return "partial" if done else statuses[0]
