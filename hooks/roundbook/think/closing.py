"""In: the book and a round. Out: what is still open in it, and what closing it would freeze."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.errors import Finding, Place
from roundbook.model.book import Book, Entry
from roundbook.model.items import Closed
from roundbook.think.checks.status import brief, left_open, statuses

UNSETTLED = (
    "planned",
    "in-progress",
    "blocked",
)  # what is deferred, dropped or done in part has been said how it ended


def unsettled(book: Book, entry: Entry) -> tuple[Finding, ...]:
    """Return what a closed round must not have: open work, values that are not known yet, contradicted claims."""
    return (
        *_lacking(entry),
        *_open(entry),
        *_unknown(entry),
        *_undecided(book, entry),
        *_contradicted(book, entry),
    )


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


def _finding(message: str, place: Place | None, mend: str) -> Finding:
    return Finding("error", "round-unsettled", message, place, mend)


def _lacking(entry: Entry) -> Iterator[Finding]:
    record = entry.round
    if record.date is None:
        yield _finding("the round has no date", record.place, "write date: YYYY-MM-DD")
    if entry.status in (None, *UNSETTLED):
        mend = "write status: done, or how else it ended"
        yield _finding(f"the round is {entry.status or 'without a status'}", record.place_of("status"), mend)
    if not entry.links and entry.status != "dropped":
        yield _finding("no commit belongs to the round", record.place_of("commits"), "name its commits below commits:")
    if record.closed:
        at = record.closed.at[:7]
        yield _finding(f"the round was closed at {at}", record.closed.place, "--force freezes it anew")


def _open(entry: Entry) -> Iterator[Finding]:
    for one in statuses(entry):
        if one.status in UNSETTLED:
            yield _finding(f"{one.claim} is {one.status}", one.place, "write how it ended: done, deferred or dropped")
    for gate in entry.round.checks:
        if gate.result in ("pending", "missing"):
            claim = f'check "{brief(gate.label)}" is {gate.result}'
            yield _finding(claim, gate.place_of("result"), "write its result")


def _unknown(entry: Entry) -> Iterator[Finding]:
    for name, metric in entry.round.metrics.items():
        if left_open(metric.now):
            place = metric.place_of("after" if metric.after else "value")
            yield _finding(f"metric {name} is {brief(str(metric.now))}", place, "write the value, or take it out")


def _undecided(book: Book, entry: Entry) -> Iterator[Finding]:
    for ruling in book.rulings.values():
        if ruling.round == entry.key and ruling.status in ("draft", "proposed"):
            claim, mend = f"decision {ruling.id} is {ruling.status}", "write status: accepted, or rejected"
            yield _finding(claim, ruling.decision.place_of("status"), mend)


def _contradicted(book: Book, entry: Entry) -> Iterator[Finding]:
    for verdict in book.verdicts_of.get(entry.key, ()):
        if (finding := verdict.finding) and finding.severity != "info":
            yield finding
