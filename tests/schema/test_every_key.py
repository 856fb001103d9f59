"""Tests that every key of a round file is shown: each text is a marker that all pages and files must contain.

The model is walked, so that a key that it gains is looked for without a word here.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pytest
import yaml

from marks import Marks
from repository import Repository
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.schema.base import Record, StatusField, kebab
from roundbook.schema.round import Phase, Round
from roundbook.site import changelog_text
from roundbook.site.api import api, dump
from roundbook.site.links import Publication
from roundbook.site.pages import pages
from roundbook.site.text import texts

SITE = Publication("https://site.example/")
# The page of a record is no place for these, on purpose; each has a reason.
NOT_ON_PAGES: Mapping[str, str] = {
    "was": "leads old addresses here and is no text",
    "id": "names an anchor; tasks alone show it",
    "blob": "the content of a source, for `source-changed`; the path and the revision are shown",
    "repository": "shown as the notice that the round belongs elsewhere, which this book has none of",
}


def data_of(marks: Marks, model: type[Record], without: frozenset[str], **keys: str) -> str:
    tree = {key: value for key, value in marks.tree(model).items() if key not in without}
    kept = json.dumps(tree)
    for mark in [mark for mark in marks.paths if mark not in kept]:
        del marks.paths[mark]
    return yaml.safe_dump({**keys, **tree}, sort_keys=False)


# A round of this repository, one of a repository whose history is not here, and a phase.
ROUND, ELSEWHERE, PHASE = Marks("rmark"), Marks("emark"), Marks("pmark")
FILES = {
    "data/rounds/1/1.yml": data_of(ROUND, Round, frozenset({"repository"}), round="1", phase="1"),
    "data/rounds/1/2.yml": data_of(ELSEWHERE, Round, frozenset(), round="2", phase="1"),
    "data/rounds/1/phase.yml": data_of(PHASE, Phase, frozenset({"repository"}), phase="1"),
}
RECORDS = ((ROUND, "rounds/1/1"), (ELSEWHERE, "rounds/1/2"), (PHASE, "rounds/1"))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    repo = Repository(tmp_path_factory.mktemp("markers"))
    repo.commit("feat: begin\n\nRound: 1/1", FILES)
    read = load(repo.path)
    assert not read.broken, [str(finding) for finding in read.findings if finding.severity == "error"]
    return read


def on_pages(book: Book) -> dict[str, str]:
    """Return the words of each generated page by its address, as a reader sees them, with its anchors."""
    return {page.uri: html.unescape(page.text) for page in pages(book)}


def in_markdown(book: Book) -> dict[str, str]:
    return {uri: html.unescape(asset.text) for uri, asset in texts(book, SITE)}


def of_the_record(made: Mapping[str, str], where: str) -> str:
    """Return the texts of a record's page and of the pages of its decisions."""
    own = made.get(f"{where}.md") or made[f"{where}/index.md"]
    return own + "".join(text for uri, text in made.items() if uri.startswith("decisions/"))


def require(marks: Marks, text: str, exceptions: Collection[str] = ()) -> None:
    """Fail with the paths in the model of all markers that are not in a text."""
    gone = [path for mark, path in marks.paths.items() if mark not in text and _last(path) not in exceptions]
    assert not gone, "not shown: " + ", ".join(gone)


def _last(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("[]")


@pytest.mark.parametrize(("marks", "where"), RECORDS, ids=[where for _, where in RECORDS])
def test_every_text_of_a_record_is_on_its_page(book: Book, marks: Marks, where: str) -> None:
    """Fault H1: what an older note says of findings stood in the file and on no page."""
    require(marks, of_the_record(on_pages(book), where), NOT_ON_PAGES)


@pytest.mark.parametrize(("marks", "where"), RECORDS, ids=[where for _, where in RECORDS])
def test_every_text_of_a_record_is_on_its_markdown_page(book: Book, marks: Marks, where: str) -> None:
    require(marks, of_the_record(in_markdown(book), where), NOT_ON_PAGES)


@pytest.mark.parametrize("marks", [ROUND, ELSEWHERE, PHASE], ids=["round", "elsewhere", "phase"])
def test_every_text_of_a_record_is_in_dump_and_api(book: Book, marks: Marks) -> None:
    require(marks, json.dumps(dump(book)))
    require(marks, "".join(asset.text for asset in api(book, SITE) if "schema/" not in asset.uri))


NAMES = {
    "round",
    "phase",
    "title",
    "kind",
    "date",
    "status",
    "status_text",
    "focus",
    "repository",
    "team",
    "was",
    "closed",
}
NAMES |= {"metrics", "history", "commits", "branch", "tags", "prs", "releases", "source", "waive"}


@pytest.mark.parametrize("key", [kebab(name) for name in Round.model_fields if name not in NAMES])
def test_a_round_with_a_title_and_any_other_key_is_not_empty(tmp_path: Path, key: str) -> None:
    """Fault H3: a round with `title`, `versions` and `links` was told that it has only a title."""
    repo = Repository(tmp_path)
    tree = {"round": "1", "title": "T", key: Marks("m").tree(Round)[key]}
    repo.commit("feat: begin", {"data/rounds/1/1.yml": yaml.safe_dump(tree)})
    book = load(repo.path)
    assert not book.broken
    claims = [v.claim for v in book.results if v.check == "record-empty" and v.outcome == "contradicted"]
    assert "round 1/1" not in claims


def test_a_round_with_a_title_alone_is_empty(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    repo.commit("feat: begin", {"data/rounds/1/1.yml": "round: 1\ntitle: T\n"})
    assert [v.round for v in load(repo.path).results if v.check == "record-empty" and v.outcome == "contradicted"]


def test_a_status_without_a_place_for_its_words_is_refused() -> None:
    with pytest.raises(TypeError, match="status_text"):

        class Wrong(Record):
            status: StatusField | None = None


# ------------------------------------------------------------------------- what other files hold: records, fragments

FRAGMENTS = {
    "news/1.feature.md": "fmark000x\n",
    "rel/notes/a-0123456789abcdef.yaml": "---\nprelude: fmark001x\nfixes:\n  - fmark002x\nupgrade:\n  - fmark003x\n",
    ".changeset/b.md": '---\n"a": minor\n---\n\nfmark004x\n\nfmark005x\n',
    "changelog.d/c.md": "### Added\n\n- fmark006x\n\n  fmark007x\n\n### Performance\n\n- fmark008x\n",
}
RECORD = """\
---
status: Accepted amark000x
date: 2026-01-02
decision-makers: [amark001x]
consulted: amark002x
informed: amark003x
tags: [amark004x]
epic: amark005x
---
# amark006x

## Context and Problem Statement

amark007x

## Considered Options

* amark008x

## Decision Outcome

amark009x

### Consequences

* Good, because amark010x

## amark011x

amark012x
"""
SETTINGS = "adrs: docs/adr\nchangelog:\n  fragments: [news, rel/notes, .changeset, changelog.d]\n"


@pytest.fixture(scope="module")
def adopting(tmp_path_factory: pytest.TempPathFactory) -> Book:
    repo = Repository(tmp_path_factory.mktemp("adopting"))
    repo.commit("feat: begin", {"data/roundbook.yml": SETTINGS, "docs/adr/0001-a.md": RECORD, **FRAGMENTS})
    return load(repo.path)


def written(text: str) -> Marks:
    marks = Marks("")
    marks.paths = {mark: mark for mark in re.findall(r"[af]mark\d+x", text)}
    return marks


def test_every_text_of_an_adopted_record_is_shown(adopting: Book) -> None:
    marks = written(RECORD)
    require(marks, "".join(text for uri, text in on_pages(adopting).items() if uri.startswith("decisions/adr-0001")))
    require(marks, "".join(text for uri, text in in_markdown(adopting).items() if uri.startswith("decisions/adr-0001")))
    # Its prose stays in its own file; what is read of it is data.
    require(written(RECORD.partition("## Considered")[0].replace("amark007x", "")), json.dumps(dump(adopting)))


@pytest.mark.parametrize(
    "made",
    [
        lambda book: on_pages(book)["changelog/index.md"],
        lambda book: in_markdown(book)["changelog/index.md"],
        lambda book: changelog_text.changelog(book, book.releases),
        lambda book: changelog_text.body(book, book.releases[0]),
        lambda book: json.dumps(changelog_text.data(book, book.releases)),
        lambda book: json.dumps(dump(book)),
        lambda book: next(asset.text for asset in api(book, SITE) if asset.uri == "api/changes.json"),
    ],
    ids=["page", "markdown", "CHANGELOG.md", "release", "changelog data", "dump", "api"],
)
def test_every_text_of_a_fragment_is_in_the_changelog(adopting: Book, made: Callable[[Book], str]) -> None:
    require(written("".join(FRAGMENTS.values())), html.unescape(made(adopting)))


@pytest.mark.parametrize(
    "made",
    [
        lambda book: changelog_text.changelog(book, book.releases),
        lambda book: changelog_text.bodies(book, book.releases),
    ],
)
def test_every_text_of_a_change_and_of_a_version_is_in_the_changelog(book: Book, made: Callable[[Book], str]) -> None:
    versions = Marks("")
    wanted = (
        "changes[].text",
        "changes[].cve",
        "changes[].group",
        "changes[].issues[]",
        "changes[].prs[]",
        "versions[].text",
    )
    versions.paths = {mark: path for mark, path in ROUND.paths.items() if path in wanted}
    require(versions, html.unescape(made(book)))
