"""In: the book and a round. Out: what is still open in it, and what closing it would freeze."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.book.model import Book, Entry
from roundbook.checks.registry import brief
from roundbook.checks.status import left_open, statuses
from roundbook.errors import Finding, Place
from roundbook.schema.items import Closed

UNSETTLED = ("planned", "in-progress", "blocked")  # what is deferred, dropped or partial says how it ended
Fault = tuple[str, Place | None, str]  # the message, the place and the mend


def freeze(book: Book, entry: Entry) -> Closed:
    """Return what closing the round keeps: its commits, newest first, and its metrics, as they are at HEAD.

    Raises `ValueError` where there is no whole history of the round to freeze.
    """
    if not entry.verified:
        raise ValueError(f"round {entry.key} belongs to another repository; close it there")
    if not book.history.complete or book.history.head is None:
        missing = ", ".join(gap.message for gap in book.history.gaps)
        raise ValueError(f"the history here is incomplete ({missing}), so its commits cannot be frozen")
    tree = {
        "at": book.history.head,
        "commits": [link.commit for link in entry.links],
        "metrics": {row.name: row.now for row in entry.metrics if row.now is not None},
    }
    return Closed.model_validate(tree)


def unsettled(book: Book, entry: Entry) -> tuple[Finding, ...]:
    """Return what a closed round must not have: open work, values that are not known yet, contradicted claims."""
    found = (*_lacking(entry), *_open(entry), *_undecided(book, entry))
    against = [finding for verdict in book.verdicts_of.get(entry.key, ()) if (finding := verdict.finding)]
    return (
        *(Finding("error", "round-unsettled", message, place, mend) for message, place, mend in found),
        *(finding for finding in against if finding.severity != "info"),
    )


def _lacking(entry: Entry) -> Iterator[Fault]:
    record = entry.round
    if record.date is None:
        yield "the round has no date", record.place, "write date: YYYY-MM-DD"
    if entry.status in (None, *UNSETTLED):
        status = entry.status or "without a status"
        yield f"the round is {status}", record.place_of("status"), "write status: done, or how else it ended"
    if not entry.links and entry.status != "dropped":
        yield "no commit belongs to the round", record.place_of("commits"), "name its commits below commits:"
    if record.closed:
        yield f"the round was closed at {record.closed.at[:7]}", record.closed.place, "--force freezes it anew"


def _open(entry: Entry) -> Iterator[Fault]:
    for one in statuses(entry):
        if one.status in UNSETTLED:
            yield one.words, one.place, "write how it ended: done, deferred or dropped"
    for gate in entry.round.checks:
        if gate.result in ("pending", "missing"):
            yield f'check "{brief(gate.label)}" is {gate.result}', gate.place_of("result"), "write its result"
    for name, metric in entry.round.metrics.items():
        if left_open(metric.now):
            place = metric.place_of("after" if metric.after else "value")
            yield f"metric {name} is {brief(metric.now)}", place, "write the value, or take it out"


def _undecided(book: Book, entry: Entry) -> Iterator[Fault]:
    for ruling in book.rulings.values():
        if ruling.round == entry.key and ruling.status in ("draft", "proposed"):
            place = ruling.decision.place_of("status")
            yield f"decision {ruling.id} is {ruling.status}", place, "write status: accepted, or rejected"
