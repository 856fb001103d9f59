"""A book for some paths of a repository: nothing is claimed of commits and files that are not its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.book.model import Book
from roundbook.cli import cli
from roundbook.project import load, meaning
from roundbook.site.pages import pages

SETTINGS = "only: [., ../../libs/shared]\n"
ROUND = """\
round: 1
phase: 1
title: The engine
status: done
date: 2026-01-01
prs: [7, 8]
commits: ["$first", "$other", {tag: v0.1}]
deliverables:
  - {title: the engine, paths: src/engine.rs, status: done}
  - {title: their script, paths: web/run.sh, status: done}
  - {title: nowhere, paths: src/none.rs, status: done}
files: {deleted: [web/gone.sh]}
decisions: [{title: Keep it, id: keep-it, status: accepted, rationale: x}]
changes: [{type: added, text: An engine.}]
"""


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A repository of two packages: the book is that of `engine`; `web` and the releases of the whole are not its own."""
    repo = Repository(tmp_path / "shop")
    other = repo.commit("feat: web\n\nRound: 9/9\nDecision: theirs", {"web/run.sh": "x\n", "web/gone.sh": "x\n"})
    repo.tag("v0.1")
    first = repo.commit("feat: an engine\n\nRound: 1/1", {"engine/code/src/engine.rs": "x\n", "web/run.sh": "y\n"})
    repo.tag("v0.2")
    repo.commit("chore: web (#8)", {"web/gone.sh": None, "web/a.py": "# @decision theirs\n"})
    repo.commit("fix: what both share (#7)\n\nRound: 1/1", {"libs/shared/x.rs": "x\n"})
    text = ROUND.replace("$first", first).replace("$other", other[:10])
    repo.commit("docs: the round", {
        "engine/code/data/roundbook.yml": SETTINGS, "engine/code/data/rounds/1/1.yml": text,
        "engine/code/mkdocs.yml": "site_name: E\n",
    })  # fmt: skip
    repo.commit("chore: release all", {"web/version": "2\n"})
    repo.tag("v0.3")
    return repo


def at(repo: Repository) -> Path:
    return repo.path / "engine/code"


def run(repo: Repository, *words: str) -> str:
    done = CliRunner().invoke(cli, ["-C", str(at(repo)), *words])
    assert done.exit_code in (0, 1), done.output
    return done.output


def named(book: Book) -> list[str]:
    return [c.subject for c in book.history.commits]


def test_only_commits_that_touch_the_paths_are_in_the_book(shop: Repository) -> None:
    book = load(at(shop))
    assert named(book) == ["docs: the round", "fix: what both share (#7)", "feat: an engine"]
    assert [(r.version, len(r.commits)) for r in book.releases] == [("Unreleased", 0), ("0.3", 2), ("0.2", 1)]
    assert book.releases[1].previous_tag == "v0.2"
    touched = {t.path for t in book.entries["1/1"].touched}
    assert touched == {"engine/code/src/engine.rs", "engine/code/mkdocs.yml", "libs/shared/x.rs"}
    assert {c.kind for c in book.coverage.values()} == {"assigned"}
    overview = next(p.document() for p in pages(book) if p.uri == "commits/index.md")
    assert "Only commits that touch these paths count: <code" in overview
    assert "web" not in "".join(p.document() for p in pages(book) if p.uri.startswith(("commits/", "changelog/")))


def test_nothing_is_claimed_of_what_is_outside(shop: Repository) -> None:
    book = load(at(shop))
    slugs = {finding.slug for finding in book.findings}
    assert not slugs.intersection(("trailer-unknown", "marker-unknown", "claims-nothing", "commit-unknown"))
    told = {(r.claim, r.outcome, r.evidence) for r in book.results if r.check == "path-missing"}
    assert ("web/gone.sh was deleted", "not-checked", "web/gone.sh is outside the paths in `only`") in told
    assert ("path src/none.rs", "contradicted", "no commit ever had it") in told
    assert ("web/run.sh exists", "verified") in {one[:2] for one in told}
    worked = {r.claim: r.evidence for r in book.results if r.check == "path-outside-round"}
    assert worked["the round worked on web/run.sh"] == "web/run.sh is outside the paths in `only`"


def test_a_commit_outside_that_a_round_names_is_told_of(shop: Repository) -> None:
    book = load(at(shop))
    found = [str(f) for f in book.findings if f.slug == "commit-outside"]
    other = shop.git("rev-list", "--max-parents=0", "HEAD")[:10]
    assert [one.split(": ", 1)[1].split(" ", 2)[2].split(",")[0] for one in found] == [
        f"{other} touches none of the paths in `only` of the settings",
        "v0.1 touches none of the paths in `only` of the settings",
    ]
    results = {r.claim: r for r in book.results if r.check == "commit-unknown"}
    assert results[f"{other} is named as a commit"].outcome == "not-checked"
    assert meaning(at(shop), other, book) == meaning(at(shop), "v0.1", book) == ""
    assert meaning(at(shop), "HEAD", book) == book.history.head == shop.git("rev-parse", "HEAD~1")


def test_the_commands_speak_of_the_paths_alone(shop: Repository) -> None:
    assert "web" not in run(shop, "changelog", "--commits")
    assert "web" not in run(shop, "draft", "v0.2..HEAD")
    assert "web" not in run(shop, "check").replace("web/gone.sh is outside", "").replace("web/run.sh", "")
    told = run(shop, "explain", "web/run.sh")
    assert "outside the paths in `only`" in told
    shop.branch("topic")
    shop.commit("feat: more web", {"web/b.py": "x\n"})
    assert "web" not in run(shop, "pr", "--base", "main")
    shop.commit("feat: more engine", {"engine/code/src/more.rs": "x\n", "web/b.py": "y\n"})
    comment = run(shop, "pr", "--base", "main")
    assert "more engine" in comment
    assert "web" not in comment


def test_a_glob_that_matches_nothing_is_reported(shop: Repository) -> None:
    shop.write({"engine/code/data/roundbook.yml": "only: [., srk, /libs/shared, /libz]\n"})
    found = [str(f) for f in load(at(shop)).findings if f.slug == "only-unmatched"]
    assert [one.split(": ")[0] for one in found] == ["data/roundbook.yml:1:11", "data/roundbook.yml:1:30"]


def test_the_first_merge_that_brought_the_paths_holds_its_commits(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "r")
    repo.commit("chore: begin", {"x.txt": "x\n", "data/roundbook.yml": "only: a\n"})
    repo.branch("topic")
    repo.commit("feat: a", {"a/a.txt": "x\n"})
    repo.checkout("main")
    repo.commit("feat: b", {"b/b.txt": "x\n"})
    repo.merge("topic", message="Merge pull request #3 from o/topic\n\nPackage a")
    repo.write({"data/roundbook.yml": "only: a\n", "data/rounds/1/1.yml": "round: 1\nphase: 1\nprs: [3]\nfocus: x\n"})
    book = load(repo.path)
    assert [book.commit(c).subject for c in book.pull_requests[3].commits] == ["feat: a"]  # type: ignore[union-attr]
    assert [link.rule for link in book.entries["1/1"].links] == ["pull-request"]


def test_the_data_of_the_book_are_its_own_wherever_they_are(tmp_path: Path) -> None:
    repo = Repository(tmp_path / "r")
    repo.commit("docs: a round", {"data/rounds/1/1.yml": "round: 1\n", "data/roundbook.yml": "only: src\n"})
    repo.commit("feat: other", {"other.txt": "x\n"})
    book = load(repo.path)
    assert named(book) == ["docs: a round"]
    assert not book.dirty
    assert json.loads(CliRunner().invoke(cli, ["-C", str(repo.path), "dump"]).output)["generated-from"]["dirty"] == []
