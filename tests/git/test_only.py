"""The part of a history that touches certain paths, compared with what git says of the same paths."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.ancestry import between
from roundbook.git.history import History, matches
from roundbook.git.only import from_top, left_out, only
from roundbook.git.repository import read


def tangled(path: Path, seed: int) -> Repository:
    """Return a repository of two packages with branches, merges of both kinds, and tags, made by chance."""
    chance, repo = random.Random(seed), Repository(path)
    repo.commit("chore: begin", {"README.md": "x\n"})
    for number in range(9):
        repo.git("checkout", "-q", "-B", f"topic-{number}", f"HEAD~{chance.choice((0, 0, 1)) if number else 0}")
        for step in range(chance.randint(1, 3)):
            package = chance.choice(("a", "b", "b", "c"))
            repo.commit(f"feat: {number}.{step}", {f"packages/{package}/{number}-{step}.txt": "x\n"})
        if chance.random() < 0.3:
            repo.git("revert", "--no-edit", "HEAD")
        repo.git("checkout", "-q", "main")
        repo.merge(f"topic-{number}", message=f"Merge pull request #{number} from o/topic-{number}")
        if chance.random() < 0.4:
            repo.git("tag", f"v0.{number}")
    return repo


@pytest.fixture(scope="module", params=range(3))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return tangled(tmp_path_factory.mktemp("tangled") / "r", request.param)


def test_it_has_the_commits_that_git_finds_and_their_order_of_descent(made: Repository) -> None:
    repo = made
    whole = read(repo.path)
    part = only(whole, ("packages/a",))
    wanted = repo.git("rev-list", "--full-history", "--no-merges", "HEAD", "--", "packages/a").split()
    assert {c.id for c in part.commits if len(whole.by_id[c.id].parents) < 2} == set(wanted)
    reached = {one: {c for c in between(whole, None, one) if c in part.by_id} for one in part.by_id}
    assert {one: set(between(part, None, one)) for one in part.by_id} == reached
    for tag, own in zip(whole.tags, part.tags, strict=True):
        inside = {one for one in between(whole, None, str(tag.commit)) if one in part.by_id}
        assert (set(between(part, None, str(own.commit))) if own.commit in part.by_id else set()) == inside
    assert all(path.startswith("packages/a/") for c in part.commits for _, path in c.changes or ())


def test_a_merge_stays_a_merge_and_needless_ones_go(made: Repository) -> None:
    whole = read(made.path)
    part = only(whole, ("packages/a",))
    for commit in part.commits:
        assert (len(commit.parents) > 1) == (len(whole.by_id[commit.id].parents) > 1)
        lines = [parent for parent in commit.parents if parent in part.by_id]
        if not commit.changes:
            pairs = ((a, b) for a, b in product(lines, lines) if a != b)
            assert not any(a in between(part, None, b) for a, b in pairs), "it only joins what is one line already"


def test_without_globs_and_with_the_whole_repository_it_is_the_history(made: Repository) -> None:
    whole = read(made.path)
    assert only(whole, ()) is whole
    assert only(whole, from_top("", ["."])) is whole


def test_globs_count_from_the_project_or_from_the_top() -> None:
    assert from_top("web/", [".", "src", "/libs/x", "../shared", "../../etc"]) == ("web", "web/src", "libs/x", "shared")


@pytest.mark.parametrize("name", ["a [b] c", "[!a]", "a*b", "w?b", "[", "[a-z]/[]"])
def test_no_character_of_the_name_of_a_folder_is_a_wildcard(name: str) -> None:
    globs = from_top(f"{name}/", [".", "src/*.py"])
    assert matches(globs[:1], f"{name}/x.txt")
    assert matches(globs[1:], f"{name}/src/x.py")
    assert not matches(globs, "axb/src/x.py")


def test_nothing_that_it_leaves_out_counts_as_unknown(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "r")
    first = repo.commit("feat: b", {"b.txt": "x\n"})
    repo.tag("v1")
    second = repo.commit("feat: a", {"a.txt": "x\n"})
    last = repo.commit("feat: b again", {"b.txt": "y\n"})
    part = only(read(repo.path), ("a.txt",))
    assert (part.head, [c.id for c in part.commits], part.commits[0].parents) == (second, [second], ())
    assert set(left_out(part, first[:7])) == set(left_out(part, "v1")) == {first}
    assert left_out(part, second[:7]) == left_out(part, "0000000") == {}
    assert [branch.commit for branch in part.branches] == [second]
    assert part.left_out == {"b.txt"}
    assert last in part.every.by_id


def test_where_no_commit_touches_the_paths_it_says_so(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "r")
    repo.commit("feat: b", {"b.txt": "x\n"})
    part = only(read(repo.path), ("a.txt",))
    assert (part.head, part.commits, [gap.slug for gap in part.gaps]) == (None, (), ["no-commits"])
    assert only(History(), ("a.txt",)).gaps == ()
