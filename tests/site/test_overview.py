"""Tests of a project at a glance: the numbers are those of the pages they lead to, and a card is short."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import History
from roundbook.schema.round import Round
from roundbook.settings import defaults
from roundbook.site.links import Here
from roundbook.site.prose import sentence
from roundbook.site.views.overview import round_card, round_overview

KEYS: dict[str, Any] = {
    "status": "partial",
    "date": "2026-01-02",
    "goals": [{"title": "Done goal", "status": "done"}, {"title": "Open goal", "status": "in-progress"}],
    "deferred": ["Later", "Much later"],
    "changes": [{"type": "added", "text": f"Entry {i} of `a. b`. And more words."} for i in range(7)],
    "decisions": [{"id": f"d-{i}", "title": f"Decide {i}", "rationale": "so"} for i in range(6)],
    "metrics": {"tests": {"before": "10", "after": "12"}},
}


def book_of(*rounds: dict[str, Any]) -> Book:
    records = [
        Round.model_validate({"phase": "a", "round": str(i), "focus": f"F {i}"} | r) for i, r in enumerate(rounds)
    ]
    return build(Inputs(History(), defaults(), records, {one.key: (f"data/rounds/{one.key}.yml",) for one in records}))


def shown(made: object) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", str(made))).split())


def test_the_overview_counts_what_the_pages_list() -> None:
    book = book_of({"date": "2025-12-01"}, KEYS)
    made = round_overview(book, Here("index.md"))
    said = shown(made)
    assert f"What is left ({len(book.left)})" in said
    assert len(book.left) == 3
    assert "2 rounds · 6 decisions · 2025-12-01 to 2026-01-02" in said
    assert 'href="rounds/a/1/"' in str(made)


def test_nothing_of_an_empty_project_is_offered_but_what_is_there() -> None:
    said = shown(round_overview(book_of(), Here("index.md")))
    assert said == "What is left (0) 0 rounds"


def test_a_card_shows_five_of_each_and_leads_to_all() -> None:
    made = str(round_card(book_of(KEYS), Here("index.md")))
    said = shown(made)
    assert "All 7 changes" in said
    assert "All 6 decisions" in said
    assert "Entry 4 of a. b" in said
    assert "Entry 5" not in said
    assert "And more words" not in said
    assert "Decide 4" in said
    assert "Decide 5" not in said
    assert 'href="rounds/a/0/#changes"' in made.replace("&#47;", "/")
    assert '<progress max="2" value="1"' in made
    assert re.search(r"Left open 3\b", said)
    assert "10 → 12" in said


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("Uses `a. b` here. Then", "Uses `a. b` here."),
        ("Version 1.2 is out! Really", "Version 1.2 is out!"),
        ("No end", "No end"),
        ("Two\nlines. Next\n\nOther", "Two lines."),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, first: str) -> None:
    assert sentence(text) == first
