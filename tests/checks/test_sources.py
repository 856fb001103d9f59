"""Tests of `source-changed`: imported Markdown that changed since."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import data, findings, judged, only
from repository import Repository

SLUG = "source-changed"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit("note", {"docs/note.md": "one\n", "other.md": "one\n"})
    return made


def blob(repo: Repository, at: str = "HEAD:docs/note.md") -> str:
    return repo.git("rev-parse", at)


def record(repo: Repository, source: str, more: str = "") -> str:
    return repo.commit("record", data("3/4", f"source: {source}\n{more}"))


def test_it_changed(repo: Repository) -> None:
    then = blob(repo)
    record(repo, f"{{path: docs/note.md, blob: {then}}}")
    edit = repo.commit("edit", {"docs/note.md": "two\n"})
    now = blob(repo)
    assert findings(repo, SLUG) == [
        (
            f"data/rounds/3/4.yml:4:36: warning source-changed: the round was imported from docs/note.md: it was {then[:7]} "
            f"then, and is {now[:7]} now; last changed by {edit[:7]} on 2026-01-01; "
            f"run roundbook import --update docs/note.md, or write blob: {now}"
        )
    ]


def test_it_did_not(repo: Repository) -> None:
    record(repo, f"{{path: docs/note.md, blob: {blob(repo)[:10]}}}")
    repo.commit("edit", {"other.md": "two\n"})
    assert only(repo, SLUG).outcome == "verified"


def test_a_round_of_several_files_is_held_against_each(repo: Repository) -> None:
    then = blob(repo)
    repo.commit(
        "record", data("3/4", f"source:\n- {{path: docs/note.md, blob: {then}}}\n- {{path: other.md, blob: {then}}}\n")
    )
    repo.commit("edit", {"other.md": "two\n"})
    told = findings(repo, SLUG)
    assert [line.partition(": warning")[0] for line in told] == ["data/rounds/3/4.yml:6:26"]
    assert "imported from other.md" in told[0]


def test_there_and_back(repo: Repository) -> None:
    record(repo, f"{{path: ./docs/note.md, rev: {repo.head[:9]}}}")
    repo.commit("edit", {"docs/note.md": "two\n"})
    assert only(repo, SLUG).outcome == "contradicted"
    repo.commit("back", {"docs/note.md": "one\n"})
    assert only(repo, SLUG).outcome == "verified"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("docs/note.md", "neither rev nor blob is given"),
        ("{path: docs/note.md, rev: v9}", "v9 has no such file"),
        ("{path: gone.md, blob: 0123456}", "HEAD does not have the file any more"),
        ("{path: ../x.md, blob: 0123456}", "HEAD does not have the file any more"),
        ('{path: "a\\nb", blob: "0123456"}', "HEAD does not have the file any more"),
        ("{path: -x, rev: --help}", "--help has no such file"),
    ],
)
def test_what_cannot_be_told(repo: Repository, source: str, why: str) -> None:
    record(repo, source)
    assert (only(repo, SLUG).outcome, only(repo, SLUG).evidence) == ("not-checked", why)


def test_in_a_subfolder(repo: Repository) -> None:
    files = {f"site/{name}": text for name, text in data("3/4", f"source: {{path: n.md, blob: {blob(repo)}}}").items()}
    repo.commit("record", {"site/n.md": "one\n", **files})
    assert [v.outcome for v in judged(repo.path / "site", SLUG)] == ["verified"]


def test_waived_and_shallow(repo: Repository, tmp_path: Path) -> None:
    record(repo, "{path: docs/note.md, blob: 0123456}", "waive: [{check: source-changed, reason: A typo}]")
    assert only(repo, SLUG).waived == "A typo"
    assert [v.outcome for v in judged(repo.clone(tmp_path / "clone", depth=1), SLUG)] == ["not-checked"]
