"""Tests that pictures of numbers are true: everything inside its box, no label on another, the same input the same bytes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roundbook.site.charts.calendar import LEAST_WEEKS, YEARS, Days, calendar
from roundbook.site.charts.marks import Cell, Head, Segment, bar, matrix, sparkline, squares
from roundbook.site.charts.series import DOTS, HEIGHT, LETTER, WIDTH, ChartPoint, Scale, Series, series, short

EVIL = "<script>\"&' --> <b>"
NUMBERS = st.one_of(
    st.integers(-(10**30), 10**30).map(Decimal),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    st.sampled_from([Decimal(0), Decimal("1e-9"), Decimal("-1e-9"), Decimal("1e300")]),
)


def parsed(drawing: str) -> ET.Element:
    """Return a drawing as XML, which it must be."""
    return ET.fromstring(drawing)  # noqa: S314 - our own


def coordinates(path: str) -> list[tuple[float, float]]:
    """Return the points of a path that has absolute moves and lines only."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@given(st.lists(st.none() | NUMBERS, max_size=200))
def test_a_sparkline_stays_in_its_box_and_ends_at_its_last_value(values: list[Decimal | None]) -> None:
    made = sparkline(values, EVIL)
    assert made == sparkline(values, EVIL)
    if not [value for value in values if value is not None]:
        assert not made
        return
    root = parsed(made)
    assert root[0].text == EVIL
    points = coordinates(root[1].attrib["d"])
    assert all(0 <= x <= 80 and 0 <= y <= 20 for x, y in points)
    assert (float(root[2].attrib["cx"]), float(root[2].attrib["cy"])) == points[-1]


def test_a_missing_value_is_a_gap() -> None:
    d = parsed(sparkline([1, None, 2, 3], "x"))[1].attrib["d"]
    assert d.count("M") == 2
    assert len(coordinates(d)) == 3


@given(st.lists(st.integers(0, 10**6), max_size=12))
def test_a_bar_is_full_and_shows_each_count(counts: list[int]) -> None:
    made = bar([Segment(count, f"word{i}", "done", "x/?a&b") for i, count in enumerate(counts)], "Goals", legend=True)
    shown = [count for count in counts if count]
    if not shown:
        assert not made
        return
    root = parsed(f"<p>{made}</p>")
    widths = [float(rect.attrib["width"].rstrip("%")) for rect in root.iter("rect")]
    assert len(widths) == len(shown)
    assert min(widths) > 1
    assert sum(widths) == pytest.approx(100, abs=0.2)
    words = "".join(root[1].itertext())
    assert all(f"{count:,} word" in words for count in shown)


def test_squares_lead_to_their_rounds_and_say_how_many_there_are_of_each_status() -> None:
    root = parsed(squares([Cell("done", EVIL, "a/?b&c"), Cell("done", "two"), Cell("in-progress", "three")]))
    assert root.attrib["aria-label"] == "Rounds: 2 done, 1 in progress"
    assert [(one.tag, one.attrib["title"]) for one in root] == [("a", EVIL), ("span", "two"), ("span", "three")]


def test_a_matrix_has_heads_for_each_row_and_column_and_words_beside_its_marks() -> None:
    cells = {(0, 1): Cell("done", "Ada in 2", "2/"), (1, 0): Cell("blocked", EVIL)}
    root = parsed(matrix([Head("Ada"), Head(EVIL)], [Head("1", "1/"), Head("2", "2/")], cells, "Agents"))
    assert [th.attrib["scope"] for th in root.iter("th")] == ["col", "col", "row", "row"]
    words = ["".join(td.itertext()) for td in root.iter("td")][1:]
    assert words == ["", "✓done", "■blocked", ""]


def test_without_anything_nothing_is_drawn() -> None:
    assert not any((sparkline([], "x"), bar([], "x"), squares([]), matrix([], [], {}, "x")))


def of(values: Sequence[Decimal | int | None], **more: Any) -> Series:
    """Return a series of a metric over rounds."""
    points = [ChartPoint(f"build/{i}", None if v is None else Decimal(v), f"{i}/") for i, v in enumerate(values, 1)]
    return Series(EVIL, points, **more)


def text_boxes(root: ET.Element) -> list[tuple[str, float, float, float, float]]:
    """Return the texts of a chart with the boxes that they need."""
    boxes = []
    for one in root.iter("text"):
        words = one.text or ""
        long, x, y = len(words) * LETTER, float(one.attrib["x"]), float(one.attrib["y"])
        left = x - {"start": 0, "middle": long / 2, "end": long}[one.attrib.get("text-anchor", "start")]
        boxes.append((words, left, y - 9, left + long, y + 2))
    return boxes


def check_chart(what: Series) -> ET.Element:
    """Assert what is true of every chart, and return it."""
    made = series(what)
    assert made == series(what)
    root = parsed(made)
    for kind in root.iter("circle"):
        assert 0 <= float(kind.attrib["cx"]) <= WIDTH
        assert 0 <= float(kind.attrib["cy"]) <= HEIGHT
    boxes = text_boxes(root)
    for _, left, top, right, bottom in boxes:
        assert left >= -0.1
        assert right <= WIDTH + 0.1
        assert top >= -0.1
        assert bottom <= HEIGHT + 0.1
    for one, two in combinations(boxes, 2):
        assert one[3] <= two[1] or two[3] <= one[1] or one[4] <= two[2] or two[4] <= one[2], (one, two)
    return root


@settings(max_examples=60)
@given(
    st.lists(st.none() | NUMBERS, min_size=1, max_size=60),
    st.none() | NUMBERS,
    st.sampled_from(["higher", "lower", None]),
    st.dictionaries(st.integers(0, 59), st.sampled_from(["v1", "2026.11.29-alpha.1"]), max_size=4),
)
def test_whatever_the_numbers_are_all_is_inside_and_no_label_is_on_another(
    values: list[Decimal | None], target: Decimal | None, better: Any, versions: dict[int, str]
) -> None:
    known = [value for value in values if value is not None]
    what = of(
        values, target=target, better=better, versions={i: name for i, name in versions.items() if i < len(values)}
    )
    if not known:
        assert not series(what)
        return
    root = check_chart(what)
    written = [text for text, *_ in text_boxes(root)]
    assert short(known[-1]) in written


@pytest.mark.parametrize("many", [1, 2, 3, 40, 300])
def test_a_chart_keeps_every_point_of_its_line_and_thins_the_dots(many: int) -> None:
    root = check_chart(of([i * i % 97 for i in range(many)], better="higher"))
    lines = [one for one in root.iter("path") if one.attrib["class"] == "rb-line"]
    assert sum(len(coordinates(one.attrib["d"])) for one in lines) == (many if many > 1 else 0)
    dots = [one for one in root.iter("circle") if one.attrib.get("class") == "rb-dot"]
    assert len(dots) == many if many <= DOTS else len(dots) < DOTS
    assert len(series(of(range(many)))) < 20_000


def test_points_say_their_round_and_exact_value_and_lead_there() -> None:
    root = check_chart(of([Decimal("1234567.25"), 2_000_000], unit="lines"))
    hits = list(root.iter("a"))
    assert [one[0].text for one in hits] == ["build/1: 1,234,567.25 lines", "build/2: 2,000,000 lines"]
    assert [one.attrib["href"] for one in hits] == ["1/", "2/"]
    assert "tabindex" not in hits[0].attrib


@pytest.mark.parametrize(("better", "rings"), [("higher", 1), ("lower", 2), (None, 0)])
def test_a_ring_marks_where_the_value_got_worse(better: Any, rings: int) -> None:
    root = check_chart(of([1, 2, 3, 2], better=better))
    assert sum(one.attrib.get("class") == "rb-ring" for one in root.iter("circle")) == rings
    assert ("worse than before" in root.attrib["aria-label"]) == bool(rings)


@pytest.mark.parametrize(
    ("values", "low", "high", "broken"),
    [
        ([842, 1048], 800, 1100, True),
        ([500, 1000], 0, 1000, False),
        ([7, 7], 0, 10, False),
        ([0, 0], 0, 1, False),
        ([-5, 8], -5, 10, False),
        ([-100, -99], -100, -99, True),
        ([1, 2], 0, 2, False),
    ],
)
def test_the_axis_begins_at_zero_or_says_where(values: list[int], low: int, high: int, broken: bool) -> None:
    scale = Scale.of([Decimal(value) for value in values])
    assert [scale.low, scale.high] == [Decimal(low), Decimal(high)]
    assert scale.broken == broken
    words = [text for text, *_ in text_boxes(parsed(series(of(values))))]
    assert any(text.startswith("axis ") for text in words) == broken


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1048", "1,048"),
        ("156127", "156,127"),
        ("1561270", "1.56M"),
        ("-1234567890", "−1.23G"),
        ("0.10", "0.1"),
        ("0.000123456", "0.000123"),
        ("1234.5678", "1.23k"),
        ("1e40", "1e40"),
        ("-2.5e-30", "−2.5e−30"),
    ],
)
def test_a_number_is_short(value: str, text: str) -> None:
    assert short(Decimal(value)) == text


DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2026, 12, 31))


@settings(max_examples=40)
@given(
    st.dictionaries(DAYS, st.integers(1, 500), min_size=1, max_size=40),
    st.dictionaries(DAYS, st.just([EVIL]), max_size=4),
)
def test_a_calendar_has_a_square_for_each_day_with_commits_inside_its_box(
    commits: dict[dt.date, int], begins: dict[dt.date, list[str]]
) -> None:
    days = Days(commits, begins, {"2026-01": "2026-01/"})
    made = calendar(days, EVIL)
    assert made == calendar(days, EVIL)
    rows = list(parsed(f"<p>{made}</p>"))
    shown = [day for day in commits if len(rows) == 1 or day.year in sorted({d.year for d in commits})[-YEARS:]]
    titles = [title.text or "" for row in rows for title in row.iterfind("rect/title")]
    assert sorted(titles) == sorted(f"{day}: {commits[day]} commit{'s' * (commits[day] > 1)}" for day in shown)
    for row in rows:
        for one in row.iter("rect"):
            assert 0 <= float(one.attrib["x"]) <= float(row.attrib["width"]) - 11
            assert 0 <= float(one.attrib["y"]) <= float(row.attrib["height"]) - 11
        names = [one for one in row.iter("text") if one.attrib["y"] == "9"]
        ends = [float(one.attrib["x"]) + LETTER * len(one.text or "") for one in names]
        assert all(end <= float(one.attrib["x"]) for end, one in zip(ends, names[1:], strict=False))


@pytest.mark.parametrize(
    ("first", "rows"), [("2026-12-31", 1), ("2026-01-01", 1), ("2025-12-20", 2), ("2001-01-01", YEARS)]
)
def test_a_calendar_has_a_row_a_year_where_a_year_is_not_enough(first: str, rows: int) -> None:
    start, end = dt.date.fromisoformat(first), dt.date(2026, 12, 31)
    commits = {start + dt.timedelta(days=i): 1 for i in range(0, (end - start).days + 1, 7)}
    made = parsed(f"<p>{calendar(Days(commits, {}, {}), 'Commits')}</p>")
    assert len(made) == rows
    assert len(calendar(Days({end: 3}, {}, {}), "x")) < 400 + LEAST_WEEKS * 7 * 30


def test_a_calendar_marks_where_rounds_begin_and_leads_to_months() -> None:
    days = [dt.date(2026, 11, day) for day in (2, 3, 9)]
    made = parsed(calendar(Days(dict.fromkeys(days, 2), {days[1]: [EVIL, "b/2"]}, {"2026-11": "2026-11/"}), "Commits"))
    assert [one.attrib["href"] for one in made.iter("a")] == ["2026-11/"]
    borders = [one for one in made.iter("path") if one.attrib.get("class") == "rb-border"]
    assert [one[0].text for one in borders] == [f"2026-11-03: {EVIL}, b/2 begin"]
