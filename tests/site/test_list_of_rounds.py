"""Tests of the list of rounds: what a row says, and how rounds are grouped."""

from __future__ import annotations

import html
import re

import pytest

from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import History
from roundbook.schema.round import Phase, Round, RoundOrPhase
from roundbook.settings import defaults
from roundbook.site import links
from roundbook.site.links import Here
from roundbook.site.views.phases import all_rounds, round_table

TITLES = {
    "Building it, round 8: look before you read": "Look before you read",
    "Building it – Round 3c: more": "More",
    "Building it: the end": "The end",
    "Building itself": "Building itself",
    "Building it again": "Building it again",
    "Building it": "A focus",
    "Phase b Round 2": "A focus",
    "Roundabouts": "Roundabouts",
    "": "A focus",
}


def book_of(titles: list[str]) -> Book:
    rounds = [
        Round.model_validate(
            {"phase": "ab"[i % 2], "round": str(i), "title": title or None, "focus": "A focus", "status": status}
            | {"agents": [{"name": "Ada|Bob", "task": "x"}], "date": f"202{i}-01-01"}
        )
        for i, (title, status) in enumerate(zip(titles, ["done", "blocked", "done", None] * 9, strict=False))
    ]
    phase = Phase.model_validate({"phase": "a", "title": "Building it"})
    records: list[RoundOrPhase] = [*rounds, phase]
    names = {one.key: (f"data/rounds/{one.key}.yml",) for one in records}
    return build(Inputs(History(), defaults(), records, names))


@pytest.mark.parametrize("title", TITLES)
def test_a_row_does_not_repeat_the_phase_and_number(title: str) -> None:
    phase = "b" if title.startswith("Phase b") else "a"
    book = book_of([title, title])
    row = html.unescape(str(round_table(book, Here("rounds/a/index.md"), phase=phase)))
    assert re.search(rf'<th scope="row"><a href="[^"]*"[^>]*>{re.escape(TITLES[title])}</a>', row), row


def test_rounds_are_grouped_by_phase_with_how_they_stand() -> None:
    made = str(all_rounds(book_of(["One", "Two", "Three", "Four"]), Here(links.ROUNDS)))
    heads = re.findall(r'<tr class="rb-group">.*', made)
    assert len(heads) == 2
    said = html.unescape(" ".join(heads))
    assert "2 rounds: 1 no status, 1 blocked" in said
    assert "2 rounds: 2 done" in said
    assert said.count('class="rb-square rb-') == 4
    assert "## Phases" not in made, "each phase is a heading of the table"
    assert 'data-agent="Ada Bob" data-year="2020"' in made


def test_elsewhere_a_list_of_one_phase_has_no_headings() -> None:
    book = book_of(["One", "Two", "Three"])
    assert "rb-group" not in str(round_table(book, Here("index.md"), limit=1))
    assert "rb-group" in str(round_table(book, Here("index.md")))


def test_a_phase_of_another_repository_says_once_that_its_commits_are_not_here() -> None:
    rounds = [
        Round.model_validate({"phase": phase, "round": n, "focus": "x", "repository": home})
        for phase, homes in (("a", ("other", "other")), ("b", ("other", None)))
        for n, home in zip("12", homes, strict=True)
    ]
    book = build(Inputs(History(), defaults(), rounds, {one.key: (f"{one.key}.yml",) for one in rounds}))
    page = html.unescape(str(all_rounds(book, Here(links.ROUNDS))))
    assert page.count("of the repository other, whose commits are not here") == 1
    assert page.count('title="its commits are in other">–</td>') == 3


def test_phases_without_rounds_are_rows_among_the_rounds_by_date() -> None:
    records: list[RoundOrPhase] = [
        Round.model_validate({"phase": "s", "round": "1", "focus": "F", "date": "2026-01-02"}),
        *(
            Phase.model_validate({"phase": name, "title": f"Phase {name}", "date": date, "status": status})
            for name, date, status in (("1", "2026-01-01", "done"), ("2", "2026-01-03", "blocked"), ("3", None, None))
        ),
    ]
    book = build(Inputs(History(), defaults(), records, {one.key: (f"data/rounds/{one.key}.yml",) for one in records}))
    page = html.unescape(str(all_rounds(book, Here(links.ROUNDS))))
    rows = re.findall(r'<tr[^>]*data-status="([^"]*)" data-phase="([^"]*)"[^>]*data-year="([^"]*)"', page)
    assert rows == [("blocked", "2", "2026"), ("no-status", "s", "2026"), ("done", "1", "2026"), ("no-status", "3", "")]
    heads = re.findall(r'scope="rowgroup"[^>]*>(.*?)<span class="rb-note">([^<]*)', page)
    assert [(re.sub("<[^>]*>", "", head).strip(), note) for head, note in heads] == [
        ("Phases without rounds", "1 phase: 1 blocked"),
        ("Phase s", "1 round: 1 no status"),
        ("Phases without rounds", "2 phases: 1 done, 1 no status"),
    ]
    assert "No round is recorded" not in page
    assert "0 rounds" not in page
