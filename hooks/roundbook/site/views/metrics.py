"""Metrics: those of a round with what they were before, and each over the rounds as a chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, zip_longest

from markupsafe import Markup

from roundbook.book.facts import MetricRow
from roundbook.book.metrics import MetricPoint
from roundbook.book.model import Book, Entry
from roundbook.frozen import frozen
from roundbook.schema.decision import Metric, number
from roundbook.schema.ids import slug
from roundbook.site import links
from roundbook.site.charts.marks import sparkline
from roundbook.site.charts.series import ChartPoint, Series, series
from roundbook.site.context import render
from roundbook.site.links import Here
from roundbook.site.listings import Listing
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry, unknown
from roundbook.site.widgets import fold, paragraph

CHARTS = 12  # on a page; more of them would make it long
CELLS = 2000  # numbers in a table on a page
Key = tuple[str, str]  # repository and name of a metric
Columns = Mapping[int, str]  # the rounds of an axis by their places


@frozen
class Chart:
    """A metric as it is drawn, with the newest row that has a number, and those after it, which have none yet."""

    row: MetricRow
    round: str
    label: str
    anchor: str
    what: Series
    later: Sequence[MetricPoint] = ()

    @property
    def drawing(self) -> Markup:
        """Return the drawing; nothing for a single value, which its number shows."""
        return series(self.what) if len(self.what.known) > 1 else Markup("")

    @property
    def reached(self) -> str:
        """Return whether the newest value reaches the target, in words; nothing where that cannot be said."""
        value, target = number(self.row.now), self.what.target
        if value is None or target is None or not self.what.better:
            return ""
        return "reached" if (value >= target if self.what.better == "higher" else value <= target) else "not reached"


@view
def round_metrics(
    book: Book,
    here: Here,
    round: str = "",  # noqa: A002 - the word users write
    name: str = "",
    phase: str = "",
    limit: int = 0,
) -> Markup:
    """Show the metrics of a round with previous values, differences and charts. The default is the newest round.

    `name` shows one metric over all rounds instead, or over one `phase`, with a line chart; `limit` is then the maximum
    number of rounds in the table, newest first, 0 for all.
    """
    if not name:
        return metrics_of(book, here, an_entry(book, round))
    found = {key: some for key, some in _over_rounds(book, phase).items() if key[1] == name}
    if not found:
        raise unknown("metric", name, sorted({name for _, name in book.metric_points}))
    values = _values(book, found, phase)
    drawn = _drawn(book, here, [one for _, one in _charts(book, here, found)])
    return drawn + replace(values, paged=False).head(here, limit or len(values.items))


@view
def round_trends(book: Book, here: Here, phase: str = "") -> Markup:
    """Show all metrics over all rounds as charts on one axis, or over the rounds of a `phase`, and their values as a table."""
    if phase and phase not in book.phase_keys:
        raise unknown("phase", phase, list(book.phase_keys))
    charts, values = trend_listings(book, phase)
    if not values.items:
        return paragraph(Markup("No round has recorded a metric."), "empty")
    table = fold("All values as a table", values.head(here), opened=not charts.items)
    return (charts.head(here) if charts.items else Markup("")) + table


def trend_listings(book: Book, phase: str = "") -> tuple[Listing, Listing]:
    """Return the charts of all metrics, or of those of a phase, and the table of their values."""
    found = _over_rounds(book, phase)
    several = len({repository for repository, _ in found}) > 1

    def show(here: Here, some: Sequence[Key]) -> Markup:
        groups = groupby(_charts(book, here, found, some), key=lambda pair: pair[0])
        parts = (
            _drawn(book, here, [one for _, one in pairs], home if several else "", 3 if phase else 2)
            for home, pairs in groups
        )
        return Markup("\n").join(parts)

    known = {key: sum(number(point.row.now) is not None for point in some) for key, some in found.items()}
    # In each repository, what has a single value, and so no line, comes last.
    numeric = sorted(
        (key for key in known if known[key]), key=lambda key: (key[0] != book.here, key[0], known[key] < 2)
    )
    title = f"Metrics of phase {phase}" if phase else "Metrics"
    charts = Listing(*_place(phase, "trends"), title, numeric, show, CHARTS, newest_first=False)
    return charts, _values(book, found, phase)


def _over_rounds(book: Book, phase: str) -> dict[Key, tuple[MetricPoint, ...]]:
    """Return each metric over the rounds: this repository first, then the tests, then what was measured last."""
    found = {
        key: own
        for key, some in book.metric_points.items()
        if (own := tuple(one for one in some if not phase or one.round.partition("/")[0] == phase))
    }
    order = sorted(found, key=lambda key: (key[0] != book.here, key[0], key[1] != "tests", -found[key][-1].place))
    return {key: found[key] for key in order}


def _charts(
    book: Book, here: Here, found: Mapping[Key, Sequence[MetricPoint]], some: Sequence[Key] = ()
) -> Iterator[tuple[str, Chart]]:
    """Yield `some` of the metrics, or all, each with its repository; those of one repository have one axis."""
    columns: dict[str, dict[int, str]] = {}
    for (repository, _), points in found.items():
        columns.setdefault(repository, {}).update({point.place: point.round for point in points})
    for key in some or found:
        yield key[0], _chart(book, here, key, found[key], columns[key[0]])


def _chart(book: Book, here: Here | None, key: Key, points: Sequence[MetricPoint], columns: Columns) -> Chart:
    places = sorted(columns)
    at = {place: i for i, place in enumerate(places)}
    drawn = [ChartPoint(columns[place], None) for place in places]
    for one in points:
        url = here.to(links.round_page(one.round), "metrics") if here else None
        drawn[at[one.place]] = ChartPoint(one.round, number(one.row.now), url)
    versions = {
        at[one.place]: one.version
        for one, later in zip_longest(points, points[1:])
        if one.version and (later is None or one.version != later.version)
    }
    newest = next((i for i in reversed(range(len(points))) if number(points[i].row.now) is not None), len(points) - 1)
    row, (repository, name) = points[newest].row, key
    label = next((point.row.metric.label for point in reversed(points) if point.row.metric.label), None) or name
    better = next((point.row.metric.better for point in reversed(points) if point.row.metric.better), None)
    what = Series(plain(label), drawn, better, number(row.metric.target), row.metric.unit or "", versions)
    anchor = f"metric-{slug(name if repository == book.here else f'{repository} {name}')}"
    return Chart(row, points[newest].round, label, anchor, what, points[newest + 1 :])


def _drawn(book: Book, here: Here, charts: Sequence[Chart], repository: str = "", level: int = 2) -> Markup:
    return render(
        "metric_charts.md.j2", book, here, charts=charts, repository=repository, level=level,
        own=here.uri == links.METRICS, url=lambda anchor: here.to(links.METRICS, anchor),
    )  # fmt: skip


def _values(book: Book, found: Mapping[Key, Sequence[MetricPoint]], phase: str) -> Listing:
    """Return metrics as a table with a row for each round, newest first."""
    rows: dict[str, dict[str, MetricRow]] = {}
    for (_, name), points in found.items():
        for point in points:
            rows.setdefault(point.round, {})[name] = point.row
    names = list(dict.fromkeys(name for _, name in found))
    labels = {name: row.metric.label or name for own in rows.values() for name, row in own.items()}

    def show(here: Here, some: Sequence[str]) -> Markup:
        shown = [(key, rows[key]) for key in some]
        return render("metric_values.md.j2", book, here, rows=shown, names=names, labels=labels)

    title = f"Values of metrics{f' of phase {phase}' if phase else ''}"
    order = [key for key in book.round_keys if key in rows]
    return Listing(*_place(phase, "metrics"), title, order, show, max(10, min(100, CELLS // (len(names) or 1))))


def _place(phase: str, name: str) -> tuple[str, str]:
    return (links.phase_page(phase), name) if phase else (links.METRICS, f"index/{name}")


def metrics_of(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the metrics of a round: a chart of each that has changed, and all as a table."""
    if not entry.metrics:
        return paragraph(Markup("No metric is recorded."), "empty")
    targets = any(row.metric.target or row.metric.result for row in entry.metrics)
    table = render(
        "metrics.md.j2", book, here, shown_fields=shown_fields, entry=entry, rows=entry.metrics, targets=targets,
        set_by=lambda key, row, value: set_by(book, key, row.name, value),
    )  # fmt: skip
    charts = [one for row in entry.metrics if (one := _up_to(book, here, entry, row.name)) and len(one.what.known) > 1]
    if not charts:
        return table
    drawn = _drawn(book, here, charts[: 2 * CHARTS])
    return drawn + fold("Values and sources", table, opened=len(charts) < len(entry.metrics))


def _up_to(book: Book, here: Here | None, entry: Entry, name: str) -> Chart | None:
    """Return a metric over the rounds up to one, from the value before the first of them where a file states that."""
    points = book.metric_trails.get((entry.key, name), ())
    if not points:
        return None
    columns = dict.fromkeys(range(points[0].place, points[-1].place + 1), "")
    chart = _chart(book, here, (entry.repository, name), points, columns)
    first = points[0]
    stated = number(first.row.before) if not first.row.before_from else None
    if stated is None:
        return chart
    earlier = ChartPoint(f"before {first.round}", stated)
    versions = {i + 1: version for i, version in chart.what.versions.items()}
    return replace(chart, what=replace(chart.what, points=[earlier, *chart.what.points], versions=versions))


def trend(book: Book, entry: Entry, name: str) -> Markup:
    """Return a metric over the rounds up to one as a sparkline; nothing where it has but one value."""
    chart = _up_to(book, None, entry, name)
    if not chart or len(chart.what.known) < 2:
        return Markup("")
    return sparkline([point.value for point in chart.what.points], chart.what.words)


def shown_fields(metric: Metric) -> tuple[str, ...]:
    """Return the fields of a metric that its row in a table shows; of two values, the one that counts."""
    value = ("value",) if metric.now in (metric.value, None) or not metric.value else ()
    return ("label", "before", "after", "unit", "target", "result", "how", "note", "before_note", "better", *value)


def set_by(book: Book, key: str, name: str, value: str | None) -> str | None:
    """Return the commit that set a metric of a round to this value, where it is the one of HEAD."""
    known = book.timelines.values.get((key, name))
    return known[1] if known and known[0] == value else None
