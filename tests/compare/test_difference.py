"""What changed between two rounds of a book, and between two books."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.history import data
from repository import Repository
from roundbook.book.difference import Difference, between_rounds
from roundbook.book.model import Book
from roundbook.compare import between_books
from roundbook.compare.render import markdown, plain, text
from roundbook.project import load
from roundbook.site.pages import pages
from site_trial import run
from test_markdown import TEMPLATE, acts, inlines

FIRST = """\
status: done
metrics: {tests: "1,000", size: 4 MB, left: 7}
goals:
  - {title: Reach the sea, status: in-progress}
  - {title: Build a boat, status: in-progress}
  - {title: Rest, status: done}
deferred: [Paint it]
decisions:
  - {title: Go by boat, id: boat, status: accepted, until: the ice is thick}
  - {title: Eat fish, id: fish, status: proposed}
"""
SECOND = """\
metrics: {tests: "1,058", size: 4 MB, crew: 3}
goals:
  - {title: Build a boat, status: done}
  - {title: Find a crew, status: planned}
  - {title: Buy rope, status: done}
changes: [Reach the sea]
questions: ["Who steers?"]
decisions:
  - {title: Go on foot, id: foot, status: accepted, supersedes: boat}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A round at `v1`; at `v2` a second one, in which the first was edited; then a commit of no round."""
    repo = Repository(tmp_path / "repo")
    repo.commit("feat: one\n\nRound: 1/1", {"a.txt": "a\n", **data("1/1", FIRST)})
    repo.tag("v1")
    eaten = data("1/1", FIRST.replace("fish, status: proposed", "fish, status: rejected"))
    repo.commit("feat: two\n\nRound: 1/2", {"a.txt": "b\n", **eaten, **data("1/2", SECOND)})
    repo.commit("fix: three\n\nRound: 1/2", {"a.txt": "c\n"})
    repo.tag("v2")
    repo.commit("docs: nobody's", {"b.txt": "c\n"})
    return repo


def named(points: Any) -> list[str]:
    return [point.title for point in points]


def rounds(made: Difference) -> dict[str, str]:
    return {one.key: one.state for one in made.rounds}


def of_rounds(book: Book, before: str, after: str) -> Difference:
    made = between_rounds(book, before, after)
    assert made is not None
    return made


def test_between_two_rounds(repo: Repository) -> None:
    made = of_rounds(load(repo.path), "1/1", "1/2")
    assert [(m.name, m.before, m.after, str(m.difference)) for m in made.metrics] == [
        ("tests", "1,000", "1,058", "58"),
        ("crew", None, "3", "None"),
    ]
    assert [(d.id, d.after) for d in made.new_decisions] == [("foot", "accepted")]
    assert [(d.id, d.after, d.superseded_by) for d in made.changed_decisions] == [("boat", "superseded", ("foot",))]
    assert named(made.completed_goals) == ["Build a boat", "Buy rope", "Reach the sea"]
    assert named(made.open_goals) == []
    assert named(made.new_goals) == ["Find a crew"]
    assert named(made.opened_items) == ["Find a crew", "Who steers?"]
    assert set(named(made.closed_items)) == {"Build a boat", "Reach the sea", "Go by boat"}
    assert (made.keys("new"), made.commits, made.complete) == (("1/2",), 2, True)


def test_a_goal_that_nobody_mentions_again_is_still_open(repo: Repository) -> None:
    repo.write(data("1/2", SECOND.replace("changes: [Reach the sea]\n", "")))
    assert named(of_rounds(load(repo.path), "1/1", "1/2").open_goals) == ["Reach the sea"]


def test_over_several_rounds_the_last_word_counts(repo: Repository) -> None:
    repo.write(data("1/3", "metrics: {tests: 990}\ngoals: [{title: Find a crew, status: done}]\n"))
    made = of_rounds(load(repo.path), "1/1", "1/3")
    assert [(m.name, m.after, str(m.difference)) for m in made.metrics] == [("tests", "990", "-10")]
    assert "Find a crew" in named(made.completed_goals)
    assert "Find a crew" not in named(made.new_goals)
    assert made.keys("new") == ("1/2", "1/3")


def test_a_round_and_itself_differ_in_nothing_and_time_runs_one_way(repo: Repository) -> None:
    book = load(repo.path)
    assert of_rounds(book, "1/1", "1/1").is_empty
    assert of_rounds(book, "1/2", "1/2") == Difference("1/2", "1/2")
    assert between_rounds(book, "1/2", "1/1") is None


def test_between_two_refs(repo: Repository) -> None:
    made = between_books(load(repo.path, at="v1"), load(repo.path, at="v2"), "v1", "v2")
    assert [(m.name, m.before, m.after, m.round) for m in made.metrics] == [
        ("tests", "1,000", "1,058", "1/2"),
        ("crew", None, "3", "1/2"),
    ]
    assert [d.id for d in made.new_decisions] == ["foot"]
    assert {(d.id, d.before, d.after) for d in made.changed_decisions} == {
        ("boat", "accepted", "superseded"),
        ("fish", "proposed", "rejected"),
    }
    assert named(made.completed_goals) == ["Build a boat", "Buy rope"]
    assert named(made.open_goals) == ["Reach the sea", "Build a boat"]
    assert named(made.new_goals) == ["Find a crew"]
    assert rounds(made) == {"1/2": "new", "1/1": "changed"}
    assert (made.commits, made.complete) == (2, True)


def test_backwards_what_came_is_gone(repo: Repository) -> None:
    made = between_books(load(repo.path, at="v2"), load(repo.path, at="v1"), "v2", "v1")
    assert [(d.id, d.before, d.after) for d in made.decisions if d.state == "gone"] == [("foot", "accepted", None)]
    assert rounds(made) == {"1/1": "changed", "1/2": "gone"}
    assert made.commits == 0
    assert "Go on foot (1/2#foot): accepted → removed" in text(made)


def test_a_ref_and_itself_differ_in_nothing(repo: Repository) -> None:
    made = between_books(load(repo.path, at="v1"), load(repo.path, at="v1"), "v1", "v1")
    assert made.is_empty
    assert text(made).endswith("  Build a boat (1/1, in-progress)\n\nNothing changed.\n")


def test_moved_lines_are_no_change_of_a_round(repo: Repository) -> None:
    repo.commit(
        "docs: a comment", {"data/rounds/1/2.yml": "# a comment\n" + data("1/2", SECOND)["data/rounds/1/2.yml"]}
    )
    made = between_books(load(repo.path, at="v2"), load(repo.path), "v2", "HEAD")
    assert (made.rounds, made.commits, made.is_empty) == ((), 2, False)


def test_a_cut_history_is_said(repo: Repository, tmp_path: Path) -> None:
    clone = repo.clone(tmp_path / "cut", depth=1)
    made = of_rounds(load(clone.path), "1/1", "1/2")
    assert not made.complete
    assert "The history is incomplete, so there may be more commits." in text(made)


def test_the_three_forms_say_the_same(repo: Repository) -> None:
    made = of_rounds(load(repo.path), "1/1", "1/2")
    assert text(made).startswith("1/1 → 1/2\n\nMetrics\n  tests: 1,000 → 1,058 (+58) (1/2)\n")
    assert "  Go by boat (1/1#boat): superseded, replaced by foot\n" in text(made)
    assert "- open: Reach the sea (1/1, closed by 1/2: done there under the same title)\n" in markdown(made)
    assert "\n## Commits\n\n- 2 between the two\n" in markdown(made)
    told = plain(made)
    assert set(told) == {
        "before", "after", "metrics", "decisions", "goals", "open-items", "rounds", "commits", "complete",
    }  # fmt: skip
    assert told["metrics"][0] == {
        "name": "tests", "before": "1,000", "after": "1,058", "difference": "58", "round": "1/2",
    }  # fmt: skip
    assert told["decisions"]["changed"][0]["superseded-by"] == ["foot"]
    assert {p["closed-by"] for p in told["open-items"]["closed"]} == {"1/2"}
    assert json.loads(json.dumps(told)) == told


def test_words_of_others_are_no_markup_and_no_command(repo: Repository) -> None:
    bad = '"<script>x</script> [a](javascript:1) ::error::x {{ 7*7 }} `"'
    repo.commit("docs: x", data("1/2", f"goals: [{bad}]\ndecisions: [{{title: {bad}, id: bad}}]\n"))
    shown = markdown(of_rounds(load(repo.path), "1/1", "1/2"))
    assert [one for tokens in inlines(shown) for one in acts(tokens)] == []
    kinds = {token.type for tokens in inlines(shown) for token in tokens}
    assert not kinds & {"html_inline", "link_open", "image"}
    assert not TEMPLATE.search(shown)
    round_page = {p.uri: p.document() for p in pages(load(repo.path))}["rounds/1/2.md"]
    in_short = round_page.partition('id="since-in-short">')[2].partition("</dl>")[0]
    assert "script" in in_short
    assert not any(mark in in_short for mark in ("<script", "](", "{{", "javascript:"))
    done = run(repo.path, "roundbook", "diff", "1/1", "1/2")
    assert not [line for line in done.output.splitlines() if line.lstrip().startswith("::")]


def test_the_page_of_a_round_says_in_short_what_it_changed(repo: Repository) -> None:
    shown = {p.uri: p.document() for p in pages(load(repo.path))}["rounds/1/2.md"]
    part = shown.partition('id="since-in-short">')[2].partition("</dl>")[0]
    for words in ("Metrics", "1,000", "1,058", "(+58)", "Decisions taken", "Go on foot", "Decisions replaced",
                  "Go by boat", "Goals completed", "New goals", "Find a crew",
                  "Open items added", "Open items closed"):  # fmt: skip
        assert words in part.replace("&#43;", "+"), words
    assert "since-in-short" not in {p.uri: p.document() for p in pages(load(repo.path))}["rounds/1/1.md"]


# ------------------------------------------------------------------------------------------------ the command


def test_the_command_takes_rounds_refs_and_one_of_either(repo: Repository) -> None:
    def told(*words: str) -> str:
        done = run(repo.path, "roundbook", *words)
        assert done.code == 0, done.output
        return done.output

    assert told("diff", "1/1").startswith("1/1 → 1/2\n")
    assert told("diff", "v1", "v2").startswith("v1 → v2\n")
    assert "3 between the two" in told("diff", "v1")
    assert told("diff", "v1").startswith("v1 → the work tree\n")
    assert "2 between the two" in told("--at", "v2", "diff", "v1")
    assert json.loads(told("diff", "v1", "v2", "--format", "json"))["rounds"]["new"] == ["1/2"]
    assert told("diff", "v1", "v2", "--format", "markdown").startswith("# What changed from v1 to v2\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("v7",), '"v7" names no commit'),
        (("v1", "v7"), '"v7" names no commit'),
        (("1/1", "v2"), "v2 is not; name two rounds, or two refs"),
        (("v1", "1/2"), "v1 is not; name two rounds, or two refs"),
        (("1/2", "1/1"), "round 1/1 is older than 1/2"),
        (("--", "--output=x"), '"--output=x" names no commit'),
    ],
)
def test_what_cannot_be_compared_is_refused(repo: Repository, words: tuple[str, ...], said: str) -> None:
    done = run(repo.path, "roundbook", "diff", *words)
    assert (done.code, said in done.output, "Traceback" in done.output) == (2, True, False), done.output
