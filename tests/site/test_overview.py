"""Tests of a project at a glance: the numbers are those of the pages they lead to, and a card is short."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from repository import Repository
from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import History
from roundbook.project import load
from roundbook.schema.round import Phase, Round
from roundbook.settings import defaults
from roundbook.site.links import Here
from roundbook.site.prose import sentence
from roundbook.site.views.overview import round_card, round_overview, round_release

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
    assert said == "0 rounds"
    assert shown(round_card(book_of(), Here("index.md"))) == "No round is recorded yet."


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


def version(name: str, day: str = "", **more: Any) -> dict[str, Any]:
    return {"version": name, **({"date": day} if day else {"released": True}), **more}


def test_the_newest_version_is_the_newest_that_is_out_and_final() -> None:
    versions = [
        version("2.0.0rc1", "2026-03-01"),
        version("1.9.0", "2026-02-02", yanked=True),
        version("1.8.0", "2026-01-03"),
    ]
    changes: list[dict[str, Any]] = [{"text": f"Entry {i}. More.", "release": "1.8.0"} for i in range(6)]
    changes += [
        {"text": "Ends.", "release": "1.8.0", "breaking": True},
        {"text": "Of the candidate", "release": "2.0.0rc1"},
    ]
    book = book_of({"kind": "changelog", "versions": versions, "changes": [*changes, {"text": "Later"}]})
    said = shown(round_release(book, Here("index.md")))
    assert said.startswith(
        "Version 1.8.0 Released 2026-01-03 Changes 7 Not released yet 1 change What changed breaking Ends."
    )
    assert said.endswith("Entry 3. More. All 7 changes")
    only = book_of({"kind": "changelog", "versions": versions[:2]})
    assert shown(round_release(only, Here("index.md"))).startswith("Version 2.0.0rc1")
    assert "Newest round" not in shown(round_overview(only, Here("index.md"))), "a changelog is no round"
    amended = book_of({"versions": [version("3.7a", "2026-02-01"), version("3.7", "2026-01-01")]})
    amended = replace(amended, releases=tuple(sorted(amended.releases, key=lambda one: one.date, reverse=True)))
    assert shown(round_release(amended, Here("index.md"))).startswith("Version 3.7a"), "it came after the final version"


def test_a_title_that_all_versions_have_says_nothing_about_one() -> None:
    versions = [version("1.1", "2026-01-02", title="spam"), version("1.0", "2026-01-01", title="spam")]
    assert "spam" not in shown(round_release(book_of({"versions": versions}), Here("index.md")))
    day = shown(round_release(book_of({"versions": [version("2026-01-02", "2026-01-02")]}), Here("index.md")))
    assert day.startswith("2026-01-02 Released"), "a day is no version"
    versions[0]["title"] = "Spring"
    assert "Version 1.1 Spring" in shown(round_release(book_of({"versions": versions}), Here("index.md")))


def test_without_versions_nothing_is_shown_of_them() -> None:
    assert shown(round_release(book_of(KEYS), Here("index.md"))) == ""


def test_a_project_with_phases_alone_shows_the_newest_of_them() -> None:
    record = Phase.model_validate({"phase": "2", "title": "Harden", "status": "done", "date": "2026-01-02"})
    book = build(Inputs(History(), defaults(), [record], {record.key: ("data/rounds/2/phase.yml",)}))
    said = str(round_overview(book, Here("index.md")))
    assert shown(said) == "Newest phase 1 phase"
    assert 'href="rounds/2/"' in said
    assert "Harden" in shown(round_card(book, Here("index.md")))


def test_a_newer_tag_of_another_branch_is_named(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: a", {"a": "1", "data/roundbook.yml": ""})
    repo.tag("v1.0.0")
    repo.git("checkout", "-qb", "maint")
    repo.commit("fix: b", {"a": "2"})
    for tag in ("v1.0.1", "v1.0.2-rc1", "other-2.0.0"):
        repo.tag(tag)
    repo.git("checkout", "-q", "main")
    repo.commit("feat: c", {"c": "1"})
    said = shown(round_release(load(tmp_path), Here("index.md")))
    assert "Version 1.0.0" in said
    assert "The tag v1.0.1 is newer, and of another branch." in said
