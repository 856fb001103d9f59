"""Tests that reverted commits are not evidence (F6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import data, judged
from repository import Repository
from site_trial import run


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def taken_back(repo: Repository, text: str) -> tuple[str, str]:
    """Commit a feature, a round that names it, and its revert; return the ids of the feature and the revert."""
    shiny = repo.commit("feat: shiny", {"a.txt": "1"})
    repo.commit("docs: write down", data("3/4", text.replace("$shiny", shiny)))
    return shiny, repo.commit(f'Revert "feat: shiny"\n\nThis reverts commit {shiny}.', {"a.txt": None})


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("changes: [{text: Shiny, commits: $shiny}]", "change"),
        ("deliverables: [{title: Shiny, paths: b.txt, commits: $shiny}]", "deliverable"),
        ("goals: [{title: Shiny, commits: $shiny}]", "goal"),
        ("objectives: [{title: Shiny, commits: $shiny}]", "objective"),
        ("agents: [{name: Ada, task: x, commits: $shiny}]", "agent"),
        ("decisions: [{id: d, title: D, status: accepted, commits: $shiny}]", "decision"),
    ],
)
def test_f6_all_commits_of_an_entry_were_taken_back(repo: Repository, text: str, noun: str) -> None:
    _, back = taken_back(repo, text)
    (result,) = judged(repo, "evidence-reverted")
    assert (result.outcome, result.severity, result.commit) == ("contradicted", "warning", back)
    assert result.evidence == f"all commits of this {noun} were reverted by {back[:7]}"
    assert not [v for v in judged(repo, "decision-accepted-not-built") if v.outcome == "verified"]


def test_f6_some_were_taken_back_and_that_is_a_note(repo: Repository) -> None:
    dull = repo.commit("feat: dull", {"b.txt": "1"})
    _, back = taken_back(repo, f"changes: [{{text: Both, commits: [$shiny, {dull}]}}]")
    (result,) = judged(repo, "evidence-reverted")
    assert (result.severity, result.evidence) == (
        "info",
        f"1 of 2 commits of this change was reverted by {back[:7]}",
    )


def test_f6_a_revert_that_was_reverted_takes_nothing_back(repo: Repository) -> None:
    _, back = taken_back(repo, "changes: [{text: Shiny, commits: $shiny}]")
    repo.commit(f'Revert "Revert"\n\nThis reverts commit {back}.', {"a.txt": "1"})
    assert judged(repo, "evidence-reverted") == []


def test_f6_a_file_that_only_a_reverted_commit_touched_is_no_work_of_the_round(repo: Repository) -> None:
    repo.commit("feat: begin", {"a.txt": "1"})
    own = repo.commit("feat: more\n\nRound: 3/4", {"a.txt": "2"})
    repo.commit("docs: write down\n\nRound: 3/4", data("3/4", "deliverables: {paths: a.txt}"))
    repo.commit(f'Revert "feat: more"\n\nThis reverts commit {own}.', {"a.txt": "1"})
    assert [v.outcome for v in judged(repo, "path-outside-round")] == ["not-checked"]


def test_f6_an_entry_that_claims_it_keeps_it_out_of_the_unclaimed(repo: Repository) -> None:
    shiny, _ = taken_back(repo, "changes: [{text: Shiny, commits: $shiny}]")
    told = run(repo.path, "roundbook", "changelog").output
    assert "taken back" not in told
    assert told.count(shiny[:7]) == 1
