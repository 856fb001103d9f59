"""In: the book. Out: metrics: those of a round, or one of them over the rounds."""

from __future__ import annotations

from markupsafe import Markup

from roundbook.book.model import Book, Entry
from roundbook.schema.decision import Metric, number
from roundbook.show.charts import line
from roundbook.show.here import Here
from roundbook.show.lookup import an_entry, unknown
from roundbook.show.prose import plain
from roundbook.show.render import render
from roundbook.show.view import view


@view
def round_metrics(book: Book, here: Here, round: str = "", name: str = "", phase: str = "") -> Markup:  # noqa: A002
    """Show the metrics of a round with the values before and the differences; the newest round by default.

    `name` shows that one metric over all rounds instead, of one `phase` where it is given, with a line drawn through it.
    """
    if not name:
        return metrics_of(book, here, an_entry(book, round))
    entries = [e for e in reversed(book.newest_first) if not phase or e.round.phase == phase]
    rows = [(entry, row) for entry in entries for row in entry.metrics if row.name == name]
    if not rows:
        raise unknown("metric", name, sorted({row.name for e in book.rounds.values() for row in e.metrics}))
    label = plain(next((r.metric.label for _, r in reversed(rows) if r.metric.label), None) or name)
    values = [(e.key, value) for e, row in rows if (value := number(row.now)) is not None]
    return render("metric.md.j2", book, here, rows=rows, label=label, chart=line(values, label))


def metrics_of(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the metrics of a round as a table."""
    if not entry.metrics:
        return Markup('<p class="rb-empty">No metric is recorded.</p>\n')
    targets = any(row.metric.target or row.metric.result for row in entry.metrics)
    return render(
        "metrics.md.j2", book, here, told_of=told_of, entry=entry, rows=entry.metrics, targets=targets,
        set_by=lambda key, row, value: set_by(book, key, row.name, value),
    )  # fmt: skip


def told_of(metric: Metric) -> tuple[str, ...]:
    """Return the fields of a metric that its row in a table shows; of two values, the one that counts."""
    value = ("value",) if metric.now in (metric.value, None) or not metric.value else ()
    return ("label", "before", "after", "unit", "target", "result", "how", "note", "before_note", "better", *value)


def set_by(book: Book, key: str, name: str, value: str | None) -> str | None:
    """Return the commit that set a metric of a round to this value, where it is the one of HEAD."""
    known = book.lives.values.get((key, name))
    return known[1] if known and known[0] == value else None
