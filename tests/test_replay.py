"""In: histories. Out: what the trunk's changes tell of a path is what git says of it, and nothing where they cannot."""

from __future__ import annotations

from pathlib import Path

from repository import Repository
from roundbook.book.paths import settle
from roundbook.git import repository
from roundbook.git.history import Questions
from roundbook.rounds.evidence import answer

NAMES = (
    "a",
    "src",
    "src/b",
    "src/deep",
    "src/deep/c",
    "src/deep/c/",
    "gone",
    "gone/d",
    "side",
    "never",
    "./a",
    "src//b",
    "..",
)


def test_the_trunk_tells_what_git_tells(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "r")
    repo.commit("feat: begin", {"a": "1", "src/b": "1", "gone/d": "1"})
    repo.commit("feat: deeper", {"src/deep/c": "1", "a": "2"})
    repo.git("switch", "-q", "-c", "topic")
    side = repo.commit("feat: side", {"side": "1"})
    repo.git("rm", "-q", "-r", "gone")
    repo.commit("chore: remove")
    repo.git("switch", "-q", "main")
    repo.commit("feat: file becomes folder", {"other": "1"})
    repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic")
    repo.git("rm", "-q", "a", "src/deep/c")
    repo.commit("feat: a is a folder now", {"a/x": "1", "src/deep": "a file"})
    history = repository.read(repo.path)
    spots = [(commit.id, name) for commit in history.commits for name in NAMES]
    told = dict(settle(spots, history))
    assert told == {s: k for s, k in answer(repo.path, Questions(spots=tuple(spots))).kinds.items() if s in told}
    assert {commit for commit, _ in spots} - {commit for commit, _ in told} >= {side}
    assert len({commit for commit, _ in told}) == len(history.commits) - 2
    assert set(told.values()) == {"blob", "tree", None}


def test_a_cut_history_tells_nothing(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "r")
    repo.commit("feat: begin", {"a": "1"})
    head = repo.commit("feat: more", {"b": "1"})
    clone = tmp_path / "clone"
    repo.git("clone", "-q", "--depth", "1", repo.path.as_uri(), str(clone))
    assert dict(settle([(head, "b")], repository.read(clone))) == {}
    assert dict(settle([(head, "b")], repository.read(repo.path, paths=False))) == {}
    assert dict(settle([(head, "")], repository.read(repo.path))) == {}
