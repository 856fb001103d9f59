"""Tests that pictures of numbers are true: everything inside its box, no label on another, the same input the same bytes."""

from __future__ import annotations

import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.site.charts.marks import Cell, Head, Segment, bar, matrix, sparkline, squares

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
