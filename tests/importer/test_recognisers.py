"""Tests of how the importer recognises dates, paths, headings, titles and numbers."""

from __future__ import annotations

import pytest

from roundbook.adr.fields import date_of
from roundbook.importer.identify import Hints, excerpts, known_of
from roundbook.importer.values import is_path, metric, names_of, only_paths, paths_in
from roundbook.importer.vocabulary import Name, RoundMention, meanings, name_of
from test_summaries import read


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-03-31", "2026-03-31"),
        ("2026-03-31 14:00", "2026-03-31 14:00"),
        ("2026/03/31", "2026-03-31"),
        ("March 31, 2026", "2026-03-31"),
        ("Tuesday, Mar. 31st, 2026", "2026-03-31"),
        ("31 March 2026", "2026-03-31"),
        ("31.03.2026", "2026-03-31"),
        ("31/03/2026", "2026-03-31"),
        ("03/31/2026", "2026-03-31"),
        ("05/05/2026", "2026-05-05"),
        ("Feb 3-7, 2026", "2026-02-03..2026-02-07"),
        ("3–7 February 2026", "2026-02-03..2026-02-07"),
        ("Feb 27 – Mar 3, 2026", "2026-02-27..2026-03-03"),
        ("Dec 29 to Jan 2, 2026", "2025-12-29..2026-01-02"),
        ("2026-02-03 to 2026-02-07", "2026-02-03..2026-02-07"),
        ("2026-02-03 → 2026-02-07", "2026-02-03..2026-02-07"),
        ("2026-02-03 - 7 March 2026", "2026-02-03..2026-03-07"),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert date_of(text) == date


@pytest.mark.parametrize(
    "text",
    [
        "",
        "03/04/2026",
        "last Tuesday",
        "March 2026",
        "2026-02-30",
        "31 February 2026",
        "Feb 7-3, 2026",
        "v2026.1.2",
        "2026",
        "Q1",
        "March 31",
    ],
)
def test_what_is_no_date_is_not_guessed(text: str) -> None:
    assert date_of(text) == ""


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("`a/docker.md`, `wasm.md`, `release.md`", ["a/docker.md", "a/wasm.md", "a/release.md"]),
        ("`a/b.md` and `c.md` & `d/e.md`, `f.md`", ["a/b.md", "a/c.md", "d/e.md", "d/f.md"]),
        ("`a/b.md` says more than `c.md`", ["a/b.md", "c.md"]),
        ("`a/`, `b.md`", ["a/", "b.md"]),
        ("`src/a.rs:42` and ``src/b.rs``", ["src/a.rs", "src/b.rs"]),
        ("`./run.sh`, `Makefile`, `.github/workflows/ci.yml`", ["run.sh", "Makefile", ".github/workflows/ci.yml"]),
        ("`cargo test`, `--flag`, `v1.2`, `f()`, `a::b`, `https://x.example/y.md`, `/api/x`", []),
        ("`application/json`, `I/O`, `CI/CD`, `tokio`, `Vec<u8>`", []),
        ("a/b.md in prose is none", []),
    ],
)
def test_paths_are_told_from_other_code(text: str, paths: list[str]) -> None:
    assert paths_in(text) == paths


def test_a_text_may_be_paths_and_nothing_else() -> None:
    assert only_paths("src/a.rs") == ["src/a.rs"]
    assert only_paths("src/a.rs, `b/c.py`") == ["src/a.rs", "b/c.py"]
    assert only_paths("`src/` (new)") == []
    assert only_paths("and/or") == []
    assert is_path("and/or")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Round 4 Agents", Name("agents", "", (RoundMention("round", "4"),))),
        ("Key Decision: Drop it", Name("decision", "Drop it")),
        ("What Round 3 Revealed", Name("findings", "", (RoundMention("round", "3"),))),
        ("Changes from Round 3", Name("changed", "", (RoundMention("round", "3", "from"),))),
        ("Exit Criteria (Week 3)", Name("checks", "", (RoundMention("week", "3"),))),
        ("Exit Criteria (draft)", Name("checks", "draft")),
        ("✅ 3.1 Deferred to Sprint 14", Name("deferred", "", (RoundMention("sprint", "14", "to"),))),
        ("WHAT'S NEXT?", Name("next")),
        ("Risks & Mitigations", Name("risks")),
        ("Weather", Name("", "Weather")),
        ("Backend Tasks", Name("tasks", "Backend")),
        ("Decision 12: Use it", Name("", "Decision 12: Use it")),
    ],
)
def test_headings_are_names_and_may_say_more(title: str, name: Name) -> None:
    assert name_of(title) == name


def test_heads_of_columns_keys_and_labels_are_names() -> None:
    assert {"name", "agents"} <= meanings("Lane")
    assert "agents" in meanings("Assignee")
    assert "focus" in meanings("Theme")
    assert "rationale" in meanings("**Why**")
    assert "before" in meanings("pre-round")
    assert meanings("Weather") == frozenset()


@pytest.mark.parametrize(
    ("title", "phase", "round_"),
    [
        ("Phase 3 Round 4 Summary", "3", "4"),
        ("Phase 3 -- Round 3 Summary", "3", "3"),
        ("Milestone 2 / Iteration 5", "2", "5"),
        ("Sprint 13, Week 2", "13", "2"),
        ("Sprint 13 — Completed (v0.3.0, 2026-03-31)", "", "13"),
        ("Round 7: Hardening", "", "7"),
        ("Week 12 status", "", "12"),
        ("M3.R2", "3", "2"),
        ("Round 3c of Phase k2b", "k2b", "3c"),
        ("SPRINT-010 Review", "", "10"),
        ("Phase 008", "8", ""),
        ("A phased approach to rounding", "", ""),
        ("After Round 3", "", ""),
    ],
)
def test_titles_say_which_round_it_is(title: str, phase: str, round_: str) -> None:
    known = known_of(title)
    assert (known.phase, known.round) == (phase, round_)


@pytest.mark.parametrize(
    ("path", "text", "hints", "key"),
    [
        ("phase3-round4.md", "text", Hints(), "3/4"),
        ("phase-3/round4-summary.md", "# Summary", Hints(), "3/4"),
        ("sprint-13-summary.md", "# Notes", Hints(), "sprints/13"),
        ("sprint_13.md", "# Notes", Hints(phase="9"), "9/13"),
        ("a.md", "# Round 4\n\n**Phase**: 7", Hints(), "7/4"),
        ("a.md", "---\nphase: 7\nround: 4\n---\n", Hints(), "7/4"),
        ("phase-1/round-1.md", "# Phase 3 Round 4", Hints(), "3/4"),
        ("a.md", "# Phase 3 Round 4", Hints(phase="8", round="9"), "8/9"),
        ("notes/design.md", "# On caches", Hints(), "design"),
        ("notes/design.md", "# On caches", Hints(phase="3"), "3"),
        ("readme.md", "# On caches", Hints(), "readme-notes"),
        ("検索.md", "# 検索", Hints(), "x1b6b1a6f"),
    ],
)
def test_the_key_comes_from_the_person_the_text_or_the_file(path: str, text: str, hints: Hints, key: str) -> None:
    assert [excerpt.key for excerpt in excerpts(read(text.encode(), path), hints)] == [key]


@pytest.mark.parametrize(
    ("label", "value", "found"),
    [
        ("Test Count (pre-round)", "1,048 (from Round 3)", {"before": "1,048", "before-note": "from Round 3"}),
        ("Tests", "960 → 1,029 (+69)", {"before": "960", "after": "1,029", "note": "+69"}),
        ("Coverage", "87% (target 90%)", {"value": "87%", "target": "90%"}),
        ("Duration", "3 days", {"value": "3 days"}),
        ("Tests passing", "~121", {"value": "~121"}),
    ],
)
def test_numbers_are_metrics_with_their_words(label: str, value: str, found: dict[str, str]) -> None:
    made = metric(label, value)
    assert made is not None
    assert {key: text for key, text in made[1].items() if key != "label"} == found


@pytest.mark.parametrize(
    ("label", "value"), [("Toolchain", "1.85"), ("Duration", "a while"), ("Tests", "all pass"), ("Owner", "8")]
)
def test_what_is_no_number_is_no_metric(label: str, value: str) -> None:
    assert metric(label, value) is None


def test_names_of_people_and_programs() -> None:
    assert names_of("Ada, Bo and `bot-7`") == ["Ada", "Bo", "`bot-7`"]
    assert names_of("@ada & @bo") == ["@ada", "@bo"]
    assert names_of("eight agents, all at once") == []
    assert names_of("Ada (lead), Bo") == []
