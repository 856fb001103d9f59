"""Tests that no output contains an email address, even if it is the name of a person."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from repository import Repository
from roundbook.cli import cli
from roundbook.project import load
from roundbook.schema.ids import person
from roundbook.site.links import Publication
from roundbook.site.pages import files, pages

HOST = "mail.example"
DATA = {
    "data/rounds/1/1.yml": "round: 1\nphase: 1\nfocus: F\nchanges: [{type: added, text: One}]\n"
    "decisions: [{id: d, title: D, status: accepted, rationale: R}]\n",
    ".mailmap": f"eve@{HOST} <eve@{HOST}>\nFay <fay@{HOST}> <fay-old@{HOST}>\n",
}
FIRST = f"""\
feat: one

Body.

Signed-off-by: gus@{HOST} <gus@{HOST}>

---------

Round: 1/1
Co-authored-by: bo@{HOST} <bo@{HOST}>
Decision: d
"""


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Return a repository whose authors, co-authors, mailmap and tagger go by addresses."""
    made = Repository(tmp_path_factory.mktemp("people") / "repo")
    made.commit(FIRST, DATA, author=f"ada@{HOST} <ada@{HOST}>")
    made.commit(
        f"fix: two\n\nRound: 1/1\nCo-authored-by: Cy <cy@{HOST}>, di@{HOST} <di@{HOST}>",
        {"a": "1"},
        author=f"Eve <eve@{HOST}>",
    )
    made.git("-c", f"user.name=tag@{HOST}", "-c", f"user.email=tag@{HOST}", "tag", "-am", "One", "v1.0.0")
    made.branch("topic")
    made.commit(
        f"fix: three\n\nRound: 1/1\nReviewed-by: hal@{HOST}", {"b": "1"}, author=f"Fay ({HOST}) <fay-old@{HOST}>"
    )
    made.commit(
        "docs: four", {"data/rounds/1/2.yml": "round: 2\nphase: 1\nfocus: G\n"}, author=f"ada@{HOST} <ada@{HOST}>"
    )
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("dump",),
        ("changelog",),
        ("changelog", "--format", "json"),
        ("release", "v1.0.0"),
        ("release", "v1.0.0", "--format", "json"),
        ("pr", "--base", "main"),
        ("pr", "--base", "main", "--format", "json"),
        ("diff", "1/1", "1/2"),
        ("check",),
        ("draft",),
        ("explain", "a"),
    ],
    ids=" ".join,
)
def test_no_command_prints_an_address(repo: Repository, words: tuple[str, ...]) -> None:
    """Fault H4: the name of an author that is an address stood in `dump`, twice, while `api/` left it out."""
    done = CliRunner().invoke(cli, ["-C", str(repo.path), *words])
    assert done.exit_code in (0, 1), done.output
    assert f"@{HOST}" not in done.output


def test_no_page_and_no_file_of_the_site_holds_an_address(repo: Repository) -> None:
    book = load(repo.path)
    site = Publication("https://site.example/")
    made = {page.uri: page.text for page in pages(book)} | {asset.uri: asset.text for asset in files(book, site)}
    assert [uri for uri, text in made.items() if HOST in text.replace("&#64;", "@").replace("&#46;", ".")] == []
    assert any("gus" in text for text in made.values())  # the name of the one who signed is there, without the rest


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        ("ada@mail.example", "ada"),
        ("Ada <ada@mail.example>", "Ada"),
        ("Ada (ada@mail.example)", "Ada (ada)"),
        ("@mail.example", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_name_is_shown_without_an_address(name: str, shown: str) -> None:
    assert person(name) == shown
