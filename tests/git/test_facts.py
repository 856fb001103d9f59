"""Tests of git facts: answers are right, and a question without an answer stays unanswered."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import book_of, data
from repository import Repository
from roundbook.book.questions import ask
from roundbook.git import history, process, search
from roundbook.git.history import Count, GitQueries, PickaxeQuery, Tips
from roundbook.rounds.evidence import answer
from roundbook.settings import defaults


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def everything(head: str) -> GitQueries:
    return GitQueries(
        spots=((head, "a"),),
        objects=(head[:9], "0" * 40),
        counts=(Count("one", (), (head,)),),
        sought=(PickaxeQuery("one", ((head,),)),),
        marked=head,
        tips=Tips(head, "data/rounds", (("topic", head),)),
    )


def test_nothing_asked_runs_nothing(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "find", lambda _: pytest.fail("a git was looked for"))
    assert answer(repo.path, GitQueries(unsought=("x",), apart="data/")) == history.GitFacts(
        unsought=("x",), apart="data/"
    )


def test_a_book_without_claims_asks_nothing(repo: Repository) -> None:
    repo.commit("begin", data("3/4", ""))
    asked = ask(book_of(repo), defaults())
    assert asked == GitQueries(apart="data/")


def test_everything_is_answered(repo: Repository) -> None:
    head = repo.commit("begin", {"a": "one\none two\n"})
    told = answer(repo.path, everything(head))
    assert told.spots == {(head, "a"): ("blob", repo.git("rev-parse", "HEAD:a"))}
    assert (told.objects["0" * 40], getattr(told.objects[head[:9]], "id", None)) == (None, head)
    assert told.counts["one", (), head] == {"a": 2}
    assert [change.paths for change in told.pickaxes["one"].changes] == [("a",)]
    assert (told.markers, told.elsewhere) == ((), ())


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_both_kinds_of_ids(tmp_path: Path, kind: str) -> None:
    repo = Repository(tmp_path / "repo", object_format=kind)
    first = repo.commit("begin", {"a": "one\n"})
    head = repo.commit("more", {"b": "one\n"})
    told = answer(
        repo.path,
        GitQueries(counts=(Count("one", (), (head, first)),), sought=(PickaxeQuery("one", ((head, first),)),)),
    )
    assert told.counts["one", (), head] == {"a": 1, "b": 1}
    assert told.pickaxes["one"].before == ("a",)


def test_where_git_fails_there_is_no_answer(repo: Repository) -> None:
    repo.commit("begin", {"a": "one\n"})
    lost = "1" * 40
    told = answer(repo.path, everything(lost))
    assert (dict(told.counts), told.markers, told.elsewhere, told.unread) == ({}, None, None, 1)
    assert told.spots == {(lost, "a"): None}


@pytest.mark.parametrize("place", ["none", "gone"])
def test_where_there_is_no_repository(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if place == "none":
        monkeypatch.setenv("PATH", str(tmp_path))
    told = answer(tmp_path / "gone", everything("1" * 40))
    assert (dict(told.objects), told.markers) == ({}, None)


def test_a_blobless_clone_says_nothing_of_contents(repo: Repository, tmp_path: Path) -> None:
    repo.commit("begin", {"a": "one\n"})
    repo.commit("more", {"b": "one\n"})
    clone = repo.clone(tmp_path / "clone", filter="blob:none", bare=True)
    head = repo.head
    told = answer(clone.path, everything(head))
    assert (dict(told.counts), dict(told.pickaxes), told.markers) == ({}, {}, None)
    assert told.spots == {(head, "a"): ("blob", repo.git("rev-parse", "HEAD:a"))}


def test_a_crowd_is_not_followed(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_PATHS", 3)
    monkeypatch.setattr(search, "MOST_TURNS", 2)
    ids = [repo.commit("more", {"a": "one\n" * n}) for n in range(1, 6)]
    steps = tuple((own, *ids[i - 1 : i]) for i, own in reversed(list(enumerate(ids))))
    pickaxe = answer(repo.path, GitQueries(sought=(PickaxeQuery("one", steps),))).pickaxes["one"]
    assert [change.commit for change in pickaxe.changes] == ids[:2:-1]
    assert (pickaxe.before, pickaxe.crowded) == (("a",), True)
    repo.commit("many", dict.fromkeys("bcd", "one\n"))
    pickaxe = answer(repo.path, GitQueries(sought=(PickaxeQuery("one", ((repo.head, ids[-1]), *steps)),))).pickaxes[
        "one"
    ]
    assert (pickaxe.changes, pickaxe.crowded) == ((), True)


def test_a_bare_repository_and_a_linked_tree(repo: Repository, tmp_path: Path) -> None:
    head = repo.commit("begin", {"sub/a": "one\n"})
    other = repo.worktree(tmp_path / "linked", "side")
    bare = repo.clone(tmp_path / "bare", bare=True)
    for root in (repo.path / "sub", other.path / "sub", bare.path):
        assert answer(root, everything(head)).counts["one", (), head] == {"sub/a": 1}
