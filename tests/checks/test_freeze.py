"""Tests of the checks of commit ids: closed rounds, and histories that were rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import book_of, data, findings, judged, only, said
from repository import Repository

UNKNOWN, REWRITTEN = "commit-unknown", "commit-rewritten"


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repo")
    made.commit("begin", {"a": "1"})
    return made


def lay(repo: Repository, text: str) -> None:
    repo.write(data("3/4", text))


def closed(at: str, *commits: str, more: str = "") -> str:
    return f"closed: {{at: {at}, commits: [{', '.join(commits)}]}}\n{more}"


class TestCommitUnknown:
    def test_there_is_no_such_object(self, repo: Repository) -> None:
        lay(repo, 'commits: ["0123456"]')
        assert findings(repo, UNKNOWN) == [
            (
                "data/rounds/3/4.yml:4:11: error commit-unknown: 0123456 is named as a commit: "
                "no object has this id; correct it, or remove it"
            )
        ]

    def test_a_commit_of_another_branch(self, repo: Repository) -> None:
        repo.branch("topic")
        there = repo.commit("there", {"b": "1"})
        repo.checkout("main")
        lay(repo, f"goals: [{{title: x, commits: ['{there[:9]}']}}]")
        (line,) = findings(repo, UNKNOWN)
        assert f'{there[:9]} is named as a commit: "there" of 2026-01-01 is not reachable from HEAD; merge' in line
        assert only(repo, UNKNOWN).anchor == "goal-x"

    def test_a_commit_that_was_rewritten(self, repo: Repository) -> None:
        old = repo.commit("work", {"b": "1"})
        date = repo.git("log", "-1", "--format=%ad", "--date=raw")
        repo.git("reset", "--quiet", "--hard", "HEAD~1")
        new = repo.commit("work", {"b": "2"}, date=date)
        lay(repo, f"commits: ['{old}']")
        (line,) = findings(repo, UNKNOWN)
        assert line.endswith(f"it was rewritten as {new[:7]}; write {new[:7]}")

    def test_a_tree_is_no_commit(self, repo: Repository) -> None:
        tree = repo.git("rev-parse", "HEAD^{tree}")
        lay(repo, f"commits: ['{tree}', 'v9.9.9..HEAD9', {{tag: v8}}]")
        assert [v.evidence for v in judged(repo, UNKNOWN)] == [
            "it is a tree, not a commit",
            *["it is not a commit or tag in the history of HEAD"] * 3,
        ]

    def test_a_branch_that_is_named_like_an_id_is_not_meant(self, repo: Repository) -> None:
        repo.git("branch", "deadbeef")
        lay(repo, "commits: [deadbeef]")
        assert only(repo, UNKNOWN).evidence == "no object has this id"

    def test_what_is_there_is_borne_out(self, repo: Repository) -> None:
        repo.tag("v1")
        lay(repo, f"commits: ['{repo.head[:8]}', {{tag: v1}}]")
        assert said(repo, UNKNOWN) == {
            f"{repo.head[:8]} is named as a commit": "verified",
            "v1 is named as a commit": "verified",
        }
        assert book_of(repo).git_facts.objects == {}

    def test_weighed_and_waived(self, repo: Repository) -> None:
        lay(repo, "commits: ['0123456']\nwaive: [{check: commit-unknown, reason: Lost in the move}]")
        assert only(repo, UNKNOWN).waived == "Lost in the move"
        lay(repo, "commits: ['0123456']")
        repo.write({"data/roundbook.yml": "checks: {commit-unknown: warning}"})
        assert ": warning commit-unknown" in findings(repo, UNKNOWN)[0]

    def test_a_shallow_clone_and_another_repository(self, repo: Repository, tmp_path: Path) -> None:
        first = repo.head
        repo.commit("more", {"a": "2"})
        clone = repo.clone(tmp_path / "clone", depth=1)
        lay(clone, f"commits: ['{first}']")
        assert [v.outcome for v in judged(clone, UNKNOWN)] == ["not-checked"]
        assert findings(clone, UNKNOWN) == []
        assert book_of(clone).git_facts.objects == {}
        lay(repo, "repository: other\ncommits: ['0123456']")
        assert judged(repo, UNKNOWN) == []


class TestCommitRewritten:
    def test_all_are_there(self, repo: Repository) -> None:
        lay(repo, closed(repo.head, repo.head))
        result = only(repo, REWRITTEN)
        assert (result.outcome, result.evidence, result.commit) == (
            "verified",
            "the history of HEAD still has all of them",
            repo.head,
        )
        assert result.claim == f"round 3/4 was closed at {repo.head[:7]}, and 1 commit was frozen"

    def test_rewritten_lost_and_gone(self, repo: Repository) -> None:
        old = repo.commit("work", {"b": "1"})
        date = repo.git("log", "-1", "--format=%ad", "--date=raw")
        lost = repo.commit("lost", {"c": "1"})
        repo.git("reset", "--quiet", "--hard", "HEAD~2")
        new = repo.commit("work", {"b": "2"}, date=date)
        lay(repo, closed(repo.head, old, lost, "0" * 40))
        assert findings(repo, REWRITTEN) == [
            (
                f"data/rounds/3/4.yml:4:65: warning commit-rewritten: round 3/4 was closed at "
                f"{repo.head[:7]}, and 4 commits were frozen: the history of HEAD no longer has {old[:7]} (rewritten "
                f"as {new[:7]}), {lost[:7]} (the object is still here), 0000000 (its object is gone); "
                "close the round again with `roundbook close`, once the new commits are right"
            )
        ]

    def test_the_author_tells_twins_apart(self, repo: Repository) -> None:
        date = "1700000000 +0000"
        old = repo.commit("work", {"b": "1"}, date=date)
        repo.git("reset", "--quiet", "--hard", "HEAD~1")
        repo.commit("work", {"b": "2"}, date=date, author="Bo <bo@example.org>")
        new = repo.commit("work", {"b": "3"}, date=date)
        lay(repo, closed(new, old))
        assert f"(rewritten as {new[:7]})" in only(repo, REWRITTEN).evidence

    def test_many_are_counted(self, repo: Repository) -> None:
        lay(repo, closed(repo.head, *(f"{n:040x}" for n in range(1, 9))))
        assert only(repo, REWRITTEN).evidence.endswith(" and 5 more")

    def test_waived_and_shallow(self, repo: Repository, tmp_path: Path) -> None:
        first = repo.head
        repo.commit("more", {"a": "2"})
        lay(repo, closed("0" * 40, more="waive: [{check: commit-rewritten, reason: Squashed}]"))
        assert only(repo, REWRITTEN).waived == "Squashed"
        (repo.path / "data/rounds/3/4.yml").unlink()
        clone = repo.clone(tmp_path / "clone", depth=1)
        lay(clone, closed(clone.head, first))
        assert [v.outcome for v in judged(clone, REWRITTEN)] == ["not-checked"]


class TestAttribution:
    def test_a_frozen_commit_stays_with_its_round(self, repo: Repository) -> None:
        own = repo.commit("work\n\nRound: 3/5", {"b": "1"})
        repo.commit("record", {**data("3/4", closed(own, own)), **data("3/5", f"commits: ['{own}']")})
        (link,) = book_of(repo).links[own]
        assert (link.round, link.rule, link.reason) == ("3/4", "frozen", "frozen when the round was closed")
        assert book_of(repo).coverage[own].kind == "assigned"
