"""Tests that the timeline is a true picture: everything inside it, no label on another, and the same as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import Commit, History, PathChange, Person, Tag
from roundbook.schema.dates import Moment
from roundbook.schema.round import Round
from roundbook.settings import defaults
from roundbook.site.charts.time_axis import DAY, LETTER, Mark, RoundBar, TimelineChart, TimeScale, timeline
from roundbook.site.links import Here
from roundbook.site.views.overview import round_timeline

START = 1_767_225_600.0  # 2026-01-01


def bar(name: str, start: float, end: float, commits: int | None = 5, status: str = "done") -> RoundBar:
    return RoundBar(
        name, f"{name}: <done> & more", f"../{name}/", status, START + start * DAY, START + end * DAY, commits
    )


def mark(name: str, at: float, end: float | None = None, *, hollow: bool = False) -> Mark:
    return Mark(name, f"../{name}/", START + at * DAY, START + (at if end is None else end) * DAY, hollow)


def of(bars: Sequence[RoundBar], *, dated: bool = True) -> TimelineChart:
    """Return a timeline in which each bar has decisions, a version and a value."""
    decisions = [Mark(f"{one.name}-{i}", "../d/", one.start, one.end, i == 1) for one in bars for i in range(3)]
    versions = [Mark(f"v0.{i}", "../v/", one.end, one.end) for i, one in enumerate(bars)] if dated else []
    values = [(one.end, Decimal(i * 10), one.name) for i, one in enumerate(bars)]
    return TimelineChart(bars, decisions, versions, "tests", values, dated, "../decisions/", "../changelog/")


KINDS = {
    "one": of([bar("build/1", 0, 1)]),
    "one moment": of([bar("build/1", 0, 0)]),
    "three in two days": of([bar(f"build/{i}", i * 0.7, i * 0.7 + 0.5, i * 40) for i in range(3)]),
    "three hundred": of([bar(f"p{i // 50}/{i}", i * 6, i * 6 + 5, i % 17, "partial") for i in range(300)]),
    "same time": of([bar(f"wave/{i}", 0, 30 + i) for i in range(25)]),
    "overlapping": of([bar(f"build/{i}", i * 2, i * 2 + 5, i) for i in range(9)]),
    "commits unknown": of([bar("a/1", 0, 1, None), bar("a/2", 1, 2, 0)]),
    "a long gap": of([bar("old/1", -280, -279), *(bar(f"build/{i}", i, i + 0.5, 3**i) for i in range(7))]),
    "no dates": of([bar(f"{i}/{i}", i / DAY, (i + 0.9) / DAY, None, "") for i in range(12)], dated=False),
    "long names": of([bar(f"a-phase-with-a-long-name/{i}", i, i + 1) for i in range(5)]),
    "decades": of([bar(f"a/{i}", i * 365, i * 365 + 200) for i in range(30)]),
}


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(drawing)  # noqa: S314 - our own


def boxes(drawing: str, width: int) -> list[tuple[float, float, float, float]]:
    """Return the boxes of the labels in a drawing of a width: left, right, top, bottom."""
    found = []
    for one in parsed(drawing).iter("text"):
        if one.get("class") == "rb-wide" and width < 540:
            continue
        long = len("".join(one.itertext())) * LETTER
        at = float(one.get("x", "0").rstrip("%")) * width / 100 + float(one.get("dx", 0))
        left = at - {"start": 0, "middle": long / 2, "end": long}[one.get("text-anchor", "start")]
        y = float(one.get("y", 0))
        found.append((left, left + long, y - 9, y + 2))
    return found


@pytest.mark.parametrize("width", [280, 540, 700, 1100])
@pytest.mark.parametrize("kind", KINDS)
def test_no_label_touches_another_or_leaves_the_drawing(kind: str, width: int) -> None:
    drawing = str(timeline(KINDS[kind], "All"))
    height = float(parsed(drawing).get("height", 0))
    labels = boxes(drawing, width)
    for left, right, top, bottom in labels:
        assert left >= -0.5, (left, right)
        assert right <= width + 0.5, (left, right)
        assert top >= 0, top
        assert bottom <= height
    for one, other in combinations(labels, 2):
        apart = one[1] <= other[0] or other[1] <= one[0] or one[3] <= other[2] or other[3] <= one[2]
        assert apart, (one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_all_shapes_are_inside_and_each_says_what_it_is(kind: str) -> None:
    drawing = str(timeline(KINDS[kind], "All"))
    root = parsed(drawing)
    height = float(root.get("height", 0))
    bars = [*root.iter("rect")]
    assert len(bars) == len(KINDS[kind].bars)
    for one in bars:
        left, wide = (float(one.get(name, "").rstrip("%")) for name in ("x", "width"))
        assert 0 <= left <= left + wide <= 100.01, one.attrib
        assert 0 <= float(one.get("y", 0)) <= float(one.get("y", 0)) + float(one.get("height", 0)) <= height
    for one in root.iter("svg"):
        if one.get("class") in ("rb-flag", "rb-decided"):
            at, tip = float(one.get("x", "").rstrip("%")) * 2.8, int(re.findall(r"L(-?\d+)", one[0].get("d", ""))[0])
            both = (at + tip, at - tip if one.get("class") == "rb-decided" else at)
            assert 0 <= min(both) <= max(both) <= 280
    assert all(one.get("href") and one.findtext("title") for one in root.iter("a"))
    assert not re.search(r"\d\.\d{3,}|nan|inf|e-\d", drawing), "floats are written with fixed decimals"
    assert "\n" not in drawing


def test_the_height_is_the_number_of_commits() -> None:
    root = parsed(str(timeline(TimelineChart([bar("a", 0, 1, 100), bar("b", 1, 2, 50)]), "All")))
    one, other = (float(box.get("height", 0)) for box in root.iter("rect"))
    assert one == pytest.approx(2 * other, abs=1)
    unknown = str(timeline(TimelineChart([bar("a", 0, 1, None)]), "All"))
    assert "rb-guess" in unknown, "what is not known is drawn as not known"


def test_what_replaced_decisions_are_is_seen() -> None:
    drawing = str(timeline(TimelineChart([bar("a", 0, 9)], [mark("new", 1), mark("old", 8, hollow=True)]), "All"))
    assert drawing.count("rb-hollow") == 1
    assert "old &#40;superseded&#41;" in drawing or "old (superseded)" in drawing


def test_a_long_time_without_anything_is_cut_out_and_an_even_one_is_not() -> None:
    assert TimeScale.of([(0, 1), (50, 51), (100, 101)]).left_out == 0
    cut = TimeScale.of([(0, 1), (500, 501), (502, 503), (504, 505)])
    assert cut.left_out == 499
    places = [cut.at(moment) for moment in (0, 1, 500, 503, 505)]
    assert places == sorted(places)
    assert places[-1] <= 100


def commit(i: int) -> Commit:
    who, when = Person("Ada", "ada@example.com"), Moment(int(START) + i * DAY)
    key = f"a/{i % 3 + 1}"
    changes = (PathChange("A", f"src/{i}.py"),)
    return Commit(
        f"{i:040x}", (f"{i - 1:040x}",) if i else (), who, who, when, when, f"feat: {i}\n\nRound: {key}", changes
    )


@pytest.fixture(scope="module")
def book() -> Book:
    commits = [commit(i) for i in range(9)]
    rounds = [
        Round.model_validate(
            {
                "phase": "a", "round": str(i), "status": "done", "focus": f"*Focus* {i} <b>",
                "metrics": {"size": {"after": str(i)}}, "decisions": [{"id": f"d-{i}", "title": f"Do {i}", "rationale": "so"}],
            }
        )
        for i in range(1, 5)
    ]  # fmt: skip
    tags = (Tag("v0.1.0", commits[5].id, commits[5].committed, True),)
    history = History(head=commits[-1].id, branch="main", commits=tuple(reversed(commits)), tags=tags)
    return build(Inputs(history, defaults(), rounds, {one.key: (f"data/rounds/{one.key}.yml",) for one in rounds}))


def test_the_macro_draws_rounds_decisions_versions_and_the_first_metric(book: Book) -> None:
    made = str(round_timeline(book, Here("index.md")))
    assert made.count("<rect") == 3
    assert "0.1.0" in made
    assert "size 1 → 3" in made
    assert "1 round without a date" in made
    assert "\n\n" not in made
    assert re.search(r"<li>Versions: <a [^>]*>0", made)
    for key in ("a/1", "a/2", "a/3"):
        assert re.search(
            rf"{key}</a> done, 2026-01-0\d to 2026-01-0\d, 3 commits, 1 decision, size \d", made.replace("&#47;", "/")
        )


def test_without_any_date_the_rounds_stand_in_their_order(book: Book) -> None:
    rounds = [Round.model_validate({"phase": "a", "round": str(i), "focus": "x"}) for i in range(1, 4)]
    bare = build(Inputs(History(), defaults(), rounds, {one.key: (f"{one.key}.yml",) for one in rounds}))
    made = str(round_timeline(bare, Here("index.md")))
    assert made.count("<rect") == 3
    assert "3 rounds without a date" in made
    assert str(round_timeline(build(Inputs(History(), defaults(), [], {})), Here("index.md"))).count("<svg") == 0
    assert str(round_timeline(book, Here("index.md"), phase="a", limit=2)).count("<rect") == 1
