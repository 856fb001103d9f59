"""Packages of one repository, each with tags, versions and a changelog of its own."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.book.model import Book
from roundbook.cli import cli
from roundbook.project import load
from roundbook.site.api import api, dump
from roundbook.site.links import Publication
from roundbook.site.pages import files, pages

SETTINGS = """\
repositories: {here: {url: "https://github.com/o/r"}}
changelog:
  packages:
    engine: packages/engine
    "@scope/web": {paths: [packages/web, packages/shared], tags: "web-v*"}
"""
ROUND = """\
round: 1
title: The first
changes:
  - {id: fast, type: added, text: The engine is fast.}
  - {id: wide, type: added, text: The web is wide.}
  - {id: ready, type: fixed, text: The engine is ready for more.}
  - {type: changed, text: By its tag., release: engine/v1.0.0}
  - {type: changed, text: By its group., group: "@scope/web"}
  - {type: changed, text: Of neither.}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    repo = Repository(tmp_path / "shop")
    repo.commit("docs: a round", {"data/rounds/1/1.yml": ROUND, "data/roundbook.yml": SETTINGS})
    repo.commit("feat: fast\n\nChange: fast", {"packages/engine/a.txt": "x\n"})
    repo.tag("engine/v1.0.0-rc.1")
    repo.commit("feat: wide\n\nChange: wide", {"packages/web/a.txt": "x\n"})
    repo.tag("web-v2.0.0")
    repo.commit("fix: engine", {"packages/engine/b.txt": "x\n"})
    repo.commit("chore: release the engine", {"CHANGES": "x\n"})
    repo.tag("engine/v1.0.0")
    repo.commit("feat: shared", {"packages/shared/a.txt": "x\n"})
    repo.commit("fix: ready\n\nChange: ready", {"packages/engine/c.txt": "x\n"})
    repo.tag("engine@1.1.0")
    repo.commit("feat: of all", {"all.txt": "x\n"})
    return repo


def texts(book: Book, package: str = "") -> dict[str, list[str]]:
    return {
        one.version: [entry.change.text for entry in one.entries]
        for one in (book.packages[package] if package else book.releases)
    }


def subjects(book: Book, package: str, version: str) -> list[str]:
    (release,) = (one for one in book.packages[package] if one.version == version)
    return [commit.subject for one in release.commits if (commit := book.commit(one))]


def test_each_package_has_its_versions_with_the_commits_of_its_paths(shop: Repository) -> None:
    book = load(shop.path)
    names = [one.version for one in book.packages["engine"]]
    assert names == ["Unreleased", "engine 1.1.0", "engine 1.0.0", "engine 1.0.0-rc.1"]
    assert [one.version for one in book.packages["@scope/web"]] == ["Unreleased", "@scope/web 2.0.0"]
    assert subjects(book, "engine", "engine 1.0.0") == ["fix: engine"]
    assert subjects(book, "engine", "engine 1.1.0") == ["fix: ready"]
    assert subjects(book, "@scope/web", "Unreleased") == ["feat: shared"]
    new, newest, final, candidate = book.packages["engine"]
    assert (newest.previous_tag, final.previous_tag, candidate.previous_tag) == (
        "engine/v1.0.0",
        "engine/v1.0.0-rc.1",
        None,
    )
    assert final.candidates == ("engine 1.0.0-rc.1",)
    assert new.previous_tag == "engine@1.1.0"


def test_an_entry_is_in_the_packages_that_its_commits_its_tag_or_its_group_name(shop: Repository) -> None:
    book = load(shop.path)
    assert texts(book, "engine") == {
        "Unreleased": [],
        "engine 1.1.0": ["The engine is ready for more."],
        "engine 1.0.0": ["By its tag."],
        "engine 1.0.0-rc.1": ["The engine is fast."],
    }
    assert texts(book, "@scope/web") == {"Unreleased": ["By its group."], "@scope/web 2.0.0": ["The web is wide."]}
    assert texts(book) == {"Unreleased": ["By its group.", "Of neither."]}, "what is out is not unreleased"
    assert "fix: ready" not in [book.commit(one).subject for one in book.releases[0].commits]  # type: ignore[union-attr]


def test_no_entry_is_lost_on_the_page_of_its_round_and_in_the_data(shop: Repository) -> None:
    book = load(shop.path)
    assert len(book.changes_of["1/1"]) == 6
    made = {p.uri: p.document() for p in pages(book)}
    assert all(text in made["rounds/1/1.md"] for text in re.findall(r"text: (.*?)\.[,}]", ROUND))
    (asset,) = (one for one in api(book, Publication()) if one.uri == "api/changes.json")
    changes = json.loads(asset.text)["changes"]
    assert len(changes) == 6
    assert changes["1/1#change-fast"]["version"] == "engine 1.0.0-rc.1"
    assert {one["version"] for one in dump(book)["releases"]} >= {"engine 1.1.0", "@scope/web 2.0.0", "Unreleased"}


def test_the_site_has_a_changelog_and_version_pages_for_each_package(shop: Repository) -> None:
    book = load(shop.path)
    made = {p.uri: unescape(p.document()) for p in pages(book)}
    front = made["changelog/index.md"]
    assert '<a href="engine/">engine</a>' in front
    assert 'href="-scope-web/"' in front
    assert re.search(
        r'href="[^"]*engine-1\.1\.0[^"]*"[^>]*>1\.1\.0</a>', front.replace("&#45;", "-").replace("&#46;", ".")
    )
    engine = made["changelog/engine.md"]
    assert "compare/engine/v1.0.0...engine" in engine.replace("%2F", "/").replace("%40", "@")
    assert "The web is wide" not in engine
    assert "The engine is ready for more" in made["changelog/engine-1.1.0.md"]
    feeds = {one.uri: one.text for one in files(book, Publication("https://example.org/"))}
    assert "engine 1.1.0" in feeds["feeds/releases.xml"]
    assert len({p.uri for p in pages(book)}) == len([*pages(book)])


def run(repo: Repository, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["-C", str(repo.path), *words])
    assert done.exit_code == code, done.output
    return done.output


def test_the_changelog_of_a_package_is_written_with_plain_versions(shop: Repository) -> None:
    run(shop, "changelog", "--package", "engine", "--write", str(shop.path / "packages/engine/CHANGELOG.md"))
    text = (shop.path / "packages/engine/CHANGELOG.md").read_text()
    assert re.findall(r"^## \[(.*?)\]", text, re.M)[-3:] == ["1.1.0", "1.0.0", "1.0.0-rc.1"]
    assert "[1.1.0]: https://github.com/o/r/compare/" in text
    assert "wide" not in text
    notes = run(shop, "release", "1.1.0", "--package", "engine", "--site", "https://example.org/x")
    assert "The engine is ready for more." in notes
    assert "https://example.org/x/changelog/engine-1.1.0/" in notes
    told = run(shop, "changelog", "--package", "engin", code=2)
    assert "the settings name no package engin" in told
    assert "engine" in told
    assert "1 commit taken: of version engine/v1.0.0" in run(shop, "draft", "--stdout", "engine/v1.0.0")


def test_as_long_as_none_is_set_the_note_has_the_lines_to_paste(shop: Repository) -> None:
    shop.write({"data/roundbook.yml": "stale-after: 14\n"})
    (note,) = (str(f) for f in load(shop.path).findings if f.slug == "version-tags")
    lines = "changelog: {packages: {engine: /packages/engine, web: /packages/web}}"
    assert note.endswith(f"for a changelog of each set {lines}")
    shop.write({"data/roundbook.yml": f"{lines}\n"})
    book = load(shop.path)
    assert [f for f in book.findings if f.slug in ("version-tags", "pattern-not-readable")] == []
    assert [one.version for one in book.packages["web"]] == ["Unreleased", "web 2.0.0"]


def test_tags_without_a_place_for_the_version_are_refused(shop: Repository) -> None:
    shop.write({"data/roundbook.yml": "changelog: {packages: {a: {tags: a/v1}}}\n"})
    (fault,) = (f for f in load(shop.path).findings if f.slug == "pattern-not-readable")
    assert "it has no * in the place of the version" in fault.message
