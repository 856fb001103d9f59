"""Tests that every metric is drawn where it is shown, and that a page reads only the metrics that it shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from roundbook.book.build import Inputs, build
from roundbook.book.metrics import TRAIL
from roundbook.book.model import Book
from roundbook.git.history import History
from roundbook.schema.round import Round
from roundbook.settings import defaults
from roundbook.site import links
from roundbook.site.indexes import menu
from roundbook.site.memory import changed_reads
from roundbook.site.pages import page_outputs, pages
from roundbook.site.reads import recorded


def book(*measured: Mapping[str, Any]) -> Book:
    """Return a book with a round for each group of metrics."""
    rounds = [
        Round.model_validate({"round": str(i), "phase": "a", "focus": "x", "metrics": dict(one)})
        for i, one in enumerate(measured, 1)
    ]
    return build(Inputs(History(), defaults(), rounds, {one.key: (f"{one.key}.yml",) for one in rounds}))


def shown(made: Book) -> dict[str, str]:
    """Return the text of each page by its address."""
    return {page.uri: page.text for page in pages(made)}


def test_every_metric_with_two_values_is_drawn_on_its_round_its_phase_and_the_page_of_all() -> None:
    found = shown(book(*({"tests": {"after": i}, "size": {"after": 9 - i}} for i in range(3))))
    for uri in (links.round_page("a/3"), links.phase_page("a"), links.METRICS):
        assert re.findall(r'aria-label="(\w+)&#58; from', found[uri]) == ["tests", "size"], uri
    assert "<svg" not in found[links.round_page("a/1")]


def test_a_value_that_is_no_number_is_in_the_table_and_a_missing_one_is_a_gap() -> None:
    found = shown(
        book({"tests": {"after": "7"}}, {"tests": {"after": "TBD"}, "x": {"after": "1"}}, {"tests": {"after": "9"}})
    )
    page = found[links.METRICS]
    assert "TBD" in page
    assert "rb-between" in page


def test_a_single_value_needs_no_drawing_and_comes_last() -> None:
    page = shown(book({"a": 1}, {"a": 2, "once": 7}, {"a": 3, "b": 4}, {"b": 5}))[links.METRICS]
    figures = re.findall(r"<figcaption>(\w+) <strong>(\d)</strong>.*?</figcaption>\s*(<svg)?", page)
    assert figures == [("b", "5", "<svg"), ("a", "3", "<svg"), ("once", "7", "")]


def test_the_newest_number_is_shown_and_what_has_none_yet_beside_it() -> None:
    found = shown(book({"tests": 7}, {"tests": 9}, {"tests": "TBD"}))
    words = re.sub(r"<[^>]*>", "", found[links.METRICS].partition("<svg")[0])
    assert "tests 9 +2a/2 · TBD in a/3 · from 7 in a/1" in " ".join(words.split())


def test_metrics_of_another_repository_have_a_heading() -> None:
    rounds = [
        Round.model_validate({"round": str(i), "phase": "a", "focus": "x", "repository": name, "metrics": {"tests": i}})
        for i, name in enumerate((None, "other"), 1)
    ]
    made = build(Inputs(History(), defaults(), rounds, {one.key: (f"{one.key}.yml",) for one in rounds}))
    page = shown(made)[links.METRICS]
    assert re.findall(r"(?m)^(#+) \S+ \{ #([\w-]+) \}$", page) == [("##", "metric-other-tests-all")]


def test_without_metrics_their_page_says_so_and_is_not_in_the_menu() -> None:
    empty, one = book({}), book({"tests": {"after": 1}})
    assert "No round has recorded a metric" in shown(empty)[links.METRICS]
    assert links.METRICS not in menu(empty).all
    assert links.METRICS in menu(one).all


def test_the_chart_of_a_round_shows_no_later_round_and_only_the_last_earlier_ones() -> None:
    page = shown(book(*({"tests": {"after": i + 1}} for i in range(40))))[links.round_page("a/30")]
    assert f"from {30 - TRAIL + 1} in a/{30 - TRAIL + 1} to 30 in a/30" in page


@pytest.mark.parametrize(("later", "changes"), [("a/3", False), ("a/1", True)])
def test_a_page_of_a_round_reads_the_metrics_that_it_shows(later: str, changes: bool) -> None:
    values = [{"tests": {"after": i}, "size": {"after": i}} for i in range(1, 4)]
    before = book(*values)
    values[int(later[-1]) - 1]["tests"] = {"after": 99}
    after = book(*values)
    reads: set[Any] = set()
    output = next(one for one in page_outputs(before, "directory") if one.name == links.round_page("a/2"))
    list(output.make(recorded(before, reads)))
    metrics = [read for read in changed_reads(before, after, reads) if read[0] == (".", "metric_trails")]
    assert bool(metrics) == changes


def test_many_metrics_over_many_rounds_make_no_long_page() -> None:
    made = book(*({f"metric-{n}": {"after": i * n, "better": "higher"} for n in range(30)} for i in range(300)))
    outputs = (one for one in page_outputs(made, "directory") if one.name.startswith(("metrics/", "rounds/a/index")))
    found = {page.uri: page.text for one in outputs for page in one.make(made)}
    assert max(map(len, found.values())) < 400_000
    whole = "".join(text for uri, text in found.items() if uri.startswith("metrics/"))
    assert all(f"metric-{n}&#58; from 0 in a/1" in whole for n in range(1, 30))
