"""E4: a problem of a pushed commit, which nobody can change, is answered in a round file, one commit at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import data
from repository import Repository
from roundbook.project import load

ROUND = "status: in-progress\nsummary: Something\ndecisions: [{title: Go by boat, id: boat, rationale: it floats%s}]\n"
TYPOS = {
    "trailer-unknown": "feat: x\n\nRound: 1/33",
    "trailer-ambiguous": "feat: x\n\nRound: 1",
    "trailer-misplaced": "feat: x\n\nRound: 1/1\n\nand more prose here",
    "revert-unclear": 'Revert "feat: something that never was"\n\nRound: 1/1',
    "co-author-unclear": "feat: x\n\nRound: 1/1\nCo-authored-by: Somebody",
}


def told(repo: Repository, slug: str) -> list[str]:
    return [finding.message for finding in load(repo.path).findings if finding.slug == slug]


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    repo = Repository(tmp_path)
    repo.commit("feat: begin\n\nRound: 1/2", {**data("1/2", ROUND % ""), **data("2/1", "summary: Other\n")})
    return repo


@pytest.mark.parametrize("slug", TYPOS)
def test_each_is_answered_by_a_waiver_that_names_the_commit(repo: Repository, slug: str) -> None:
    if "33" not in TYPOS[slug]:
        repo.commit("docs: one\n\nRound: 1/2", data("1/1", "summary: One\n"))
    first = repo.commit(TYPOS[slug], {"a.txt": "a\n"})
    waived = f"waive: [{{check: {slug}, target: {first[:9]}, reason: a slip}}]\n"
    assert len(told(repo, slug)) == 1
    for words in (waived.replace(first[:9], first.upper()), waived):
        repo.write(data("1/2", ROUND % "" + words))
        assert told(repo, slug) == []
    second = repo.commit(TYPOS[slug], {"a.txt": "b\n"})
    (left,) = told(repo, slug)  # the same slip again is another commit's
    assert second[:7] in left
    assert "2 commits" not in left


@pytest.mark.parametrize(
    ("trailer", "more", "of_decision"),
    [
        ("Round: 1/33", "commits: [%s]\n", ""),
        ("Round: 1/3 and so on", "commits: [%s]\n", ""),
        ("Decision: baot", "", ", commits: %s"),
        ("Change: 1/2#never", "changes: [{text: It floats, commits: %s}]\n", ""),
    ],
)
def test_a_commit_that_a_round_names_has_answered_for_its_trailer(
    repo: Repository, trailer: str, more: str, of_decision: str
) -> None:
    commit = repo.commit(f"feat: x\n\n{trailer}", {"a.txt": "a\n"})
    assert len(told(repo, "trailer-unknown")) == 1
    more, of_decision = (words.replace("%s", commit[:8]) for words in (more, of_decision))
    repo.write(data("1/2", ROUND % of_decision + more))
    assert told(repo, "trailer-unknown") == []


def test_a_waiver_of_words_answers_what_is_in_no_file_and_one_without_a_target_does_not(repo: Repository) -> None:
    repo.commit("feat: x\n\nRound: 1/33", {"a.txt": "a\n"})
    repo.commit("feat: y\n\nRound: 1/44", {"a.txt": "b\n"})
    for target, left in (('target: "1/33", ', 1), ("", 2), ("target: 1234567, ", 2)):
        repo.write(data("1/2", ROUND % "" + f"waive: [{{check: trailer-unknown, {target}reason: a slip}}]\n"))
        assert len(told(repo, "trailer-unknown")) == left


def test_prose_in_a_trailer_from_before_the_first_file_of_the_book_is_a_note(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: x\n\nDecision: to leave it (for now)\nRound: of talks", {"a.txt": "a\n"})
    for path in ("data/rounds/1/1.yml", "b.txt"):  # first the book is not committed yet
        found = [one for one in load(repo.path).findings if one.slug == "trailer-unknown"]
        assert [one.severity for one in found] == ["info"] * 2
        repo.write({"data/rounds/1/1.yml": "round: 1\nfocus: F\n"})
        repo.commit("docs: go on", {path: "round: 1\nfocus: F\n"})
    repo.commit("feat: y\n\nRound: of talks", {"a.txt": "b\n"})
    found = [one for one in load(repo.path).findings if one.slug == "trailer-unknown"]
    assert sorted(one.severity for one in found) == ["info", "warning"], "somebody goes on to write it"
