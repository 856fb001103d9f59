"""`roundbook import`: commits that git lacks, decision records, fragments; nothing that is brought is an error."""

from __future__ import annotations

from pathlib import Path

from repository import Repository
from roundbook.project import load
from test_import import bring, rounds, run

ADR = """\
# 1. Use a queue

Date: 2026-01-02

## Status

Accepted

## Context

Calls get lost, which requires UDP.

## Decision

We use a queue.
"""
ROUND = "# by hand\nround: 1\nphase: 1\nfocus: Begin   # for now\nchanges:\n  - {type: added, text: First}\n"


def errors(path: Path) -> list[str]:
    book = load(path)
    return [f.slug for f in book.findings if f.severity == "error"]


def test_a_commit_that_git_lacks_stays_a_text_and_is_told(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    known = repo.commit("feat: one", {"a.txt": "a"})[:10]
    table = f"| Agent | SHA |\n|---|---|\n| Ada | {known} |\n| Bo | 12345ab |\n"
    decision = "## Decision: Go\n\n- **Commit**: 99aa123\n"
    note = f"# Phase 1 Round 1\n\n**Commits**: {known}..7654321\n\n## Agents\n\n{table}\n{decision}"
    repo.commit("docs: note", {"n.md": note})
    done = bring(tmp_path, "n.md", "--verify")
    assert done.code == 0
    (told,) = done.lines("import-commit")
    assert told == (
        "n.md:3:1: info import-commit: 7654321, 12345ab, 99aa123 are not commits in the history of HEAD, "
        "so kept as text; list the commits that replaced them, if any, under commits"
    )
    record = load(tmp_path).entries["1/1"].round
    assert [[str(c) for c in agent.commits] for agent in record.agents] == [[known], []]
    assert record.agents[1].note == "SHA: 12345ab"
    assert [str(note.text) for note in record.notes] == [f"**Commits**: {known}..7654321"]
    assert (record.decisions[0].commits, record.decisions[0].details) == ((), {"Commit": "99aa123"})
    assert errors(tmp_path) == []


def test_without_a_history_every_id_is_taken_for_known(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text("# Phase 1 Round 1\n\n**Commit**: 7654321\n")
    assert bring(tmp_path, "n.md", "--verify").lines("import-commit") == []
    assert "commits: 7654321" in rounds(tmp_path)["1/1.yml"] or "commits: [7654321]" in rounds(tmp_path)["1/1.yml"]


def test_decision_records_become_decisions(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    files = {"docs/adr/0001-use-a-queue.md": ADR, "docs/adr/0002-drop-it.md": ADR.replace("1. Use a", "2. Drop the")}
    repo.commit("docs: decide", {**files, "docs/adr/README.md": "# Records\n", "docs/adr/template.md": "# Title\n"})
    done = bring(tmp_path, "docs/adr", "--decisions", "--verify")
    assert (done.code, list(rounds(tmp_path))) == (0, ["decisions/adopted.yml"])
    assert done.lines("template") == done.lines("README") == []
    record = load(tmp_path).entries["decisions/adopted"].round
    assert [(d.id, d.title, d.status) for d in record.decisions] == [
        ("adr-0001", "Use a queue", "accepted"),
        ("adr-0002", "Drop the queue", "accepted"),
    ]
    assert errors(tmp_path) == []


def test_two_records_of_one_number_and_references_to_nothing_are_no_errors(tmp_path: Path) -> None:
    odd = ADR.replace("Accepted", "Accepted\n\nSupersedes [9. Gone](0009-gone.md)\n\nDepends on: ADR-77")
    Repository(tmp_path).commit("docs: decide", {"adr/0001-a.md": ADR, "adr/0001-b.md": odd})
    done = bring(tmp_path, "adr", "--decisions", "--verify")
    assert done.code == 0, done.errors
    assert done.lines("warning decision-duplicate")
    assert errors(tmp_path) == []
    assert "Gone" in rounds(tmp_path)["decisions/adopted.yml"]


def test_fragments_go_into_the_round_that_is_open(tmp_path: Path) -> None:
    pieces = {"12.feature.md": "Parse faster.\n", "13.bugfix.rst": "Do not fail on ``x``.\n", "README.md": "# How\n"}
    repo = Repository(tmp_path)
    repo.commit("feat: news", {f"newsfragments/{name}": text for name, text in pieces.items()})
    repo.commit("docs: round", {"data/rounds/1/1.yml": ROUND})
    done = bring(tmp_path, "newsfragments")
    assert (done.code, done.lines("README")) == (0, [])
    text = rounds(tmp_path)["1/1.yml"]
    assert text.startswith("# by hand\nround: 1\nphase: 1\nfocus: Begin   # for now\n")
    assert "source" not in text
    changes = load(tmp_path).entries["1/1"].round.changes
    assert {(c.type, c.text) for c in changes} == {
        ("added", "First"),
        ("added", "Parse faster."),
        ("fixed", "Do not fail on `x`."),
    }
    assert bring(tmp_path, "newsfragments").lines("no changes")
    (tmp_path / "data/rounds/1/1.yml").write_text(text.replace("Parse faster.", "Parse slower."))
    lost = bring(tmp_path, "newsfragments", "--verify")
    assert (lost.code, lost.lines("is not found")) == (
        1,
        ['newsfragments/12.feature.md:1:1: "faster" of the bullet "Parse faster." is not found'],
    )


def test_fragments_go_into_the_round_that_is_said_or_a_new_one(tmp_path: Path) -> None:
    Repository(tmp_path).commit(
        "feat: news", {"changelog.d/1.added.md": "A thing.\n", "notes/added.md": "# Added\n\n- x\n"}
    )
    assert bring(tmp_path, "changelog.d", "--phase", "2", "--round", "7").code == 0
    assert list(rounds(tmp_path)) == ["2/7.yml"]
    assert bring(tmp_path, "notes/added.md").lines("summary")  # a folder of notes is not one of fragments


def test_the_past_owes_no_round_to_each_tag(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: one", {"CHANGELOG.md": "# Changelog\n\n## [1.0.0] - 2026-01-01\n\n- Begin\n"})
    repo.git("tag", "v1.0.0")
    repo.commit("feat: two", {"a.txt": "a"})
    repo.git("tag", "v1.1.0")
    assert bring(tmp_path, "CHANGELOG.md").code == 0
    assert run(tmp_path, "check").lines("tag-without-release") == []
