"""In: a docket. Out: verdicts on what closing a round froze in its file."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.model.book import Entry
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief


@check("closed-changed", "warning")
def closed_changed(docket: Docket) -> Iterator[Verdict]:
    """The metrics of a closed round are what they were when `roundbook close` froze them.

    Mend: write the value back; where it was wrong, freeze it anew with `roundbook close ROUND --force`.
    """
    for entry in docket.book.entries.values():
        if entry.round.closed and entry.round.closed.metrics:
            yield from _changed(entry)


def _changed(entry: Entry) -> Iterator[Verdict]:
    now = {row.name: row.now for row in entry.metrics}
    frozen = entry.round.closed.metrics if entry.round.closed else {}
    at = entry.round.closed.at if entry.round.closed else None
    for name, value in frozen.items():
        if now.get(name) != value:
            claim = f"metric {name} is {brief(now.get(name) or 'not written')}"
            evidence = f"it was {brief(value)} when the round was closed"
            metric = entry.round.metrics.get(name)
            place = metric.place if metric else entry.round.place_of("closed")
            mend = f"write {value}, or close the round anew with `roundbook close {entry.key} --force`"
            yield Verdict("closed-changed", "contradicted", claim, evidence, place, entry.key, "metrics", at, mend)
