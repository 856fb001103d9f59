"""What people write may be of any length: no page is, and nothing of it is lost on further pages."""

from __future__ import annotations

import html
import json
import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import ValidationError

from marks import Marks
from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import History
from roundbook.schema.round import Round
from roundbook.settings import defaults
from roundbook.site import paging
from roundbook.site.links import Here, Page, UrlStyle
from roundbook.site.pages import pages, portable
from roundbook.site.registry import show

SCALE = 10  # a tenth of every size takes a tenth of the time
SIZES = ("LONGEST", "_KEPT", "_ENDING", "_PART", "_LEAST", "_PLACES", "_HEAD", "_WORDS")
LIMIT = 500_000 // SCALE
PROSE = "Some prose with `code` about a/b/c.py, and [a link](../elsewhere.md) that says why. "
PARAGRAPHS = "\n\n".join(f"Word{i} {PROSE * 3}" for i in range(140))
VOID = {"br", "hr", "img", "input", "wbr"}
SHAPES: dict[str, dict[str, Any]] = {
    "a summary of many paragraphs": {"summary": PARAGRAPHS},
    "a summary of one paragraph": {"summary": " ".join(f"word{i}" for i in range(6_000))},
    "a summary of one word": {"summary": "x" * 60_000},
    "a summary of marks": {"summary": "_*#[](!&<> " * 2_000},
    "code": {"sections": [{"title": "S", "body": "```python\n" + "def f(): pass\n" * 400 + "```"}]},
    "one section": {"sections": [{"title": "S", "body": PARAGRAPHS}]},
    "many sections": {"sections": [{"title": f"S{i}", "body": f"Word{i} {PROSE * 10}"} for i in range(60)]},
    "tasks": {"tasks": [{"title": f"Task {i}", "status": "done"} for i in range(150)]},
    "open tasks": {"tasks": [{"title": f"Task {i}", "status": "planned"} for i in range(80)]},
    "steps": {"next": [{"text": f"Step {i}. {PROSE}"} for i in range(150)]},
    "a table": {"tables": [{"columns": ["A", "B"], "rows": [[f"cell {i}", "b"] for i in range(1_200)]}]},
    "a long row": {"tables": [{"columns": ["A", "B"], "rows": [["b", "word " * 7_000]]}]},
    "links": {"links": [{"url": f"https://example.org/{i}"} for i in range(500)]},
    "a decision": {"decisions": [{"id": "d", "title": "D", "rationale": PARAGRAPHS, "context": PARAGRAPHS}]},
    "a version": {"versions": [{"version": "1.0", "date": "2026-01-01", "text": PARAGRAPHS}]},
}


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SIZES:
        monkeypatch.setattr(paging, name, getattr(paging, name) // SCALE)


def book(keys: dict[str, Any]) -> Book:
    record = Round.model_validate({"round": "1", "phase": "1", "focus": "F", **keys})
    return build(Inputs(History(), defaults(), [record], {"1/1": ("data/rounds/1/1.yml",)}, ()))


class Balance(HTMLParser):
    """What is open at the end, and what was closed without being open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, _tag: str, _attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)


def anchors(text: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r' id="([^"]*)"|\{ #(\S+) \}$', text, re.M) for one in one if one]


def shown(text: str) -> str:
    """Return the letters of a page, without what divides it."""
    text = re.sub(r"<nav.*?</nav>|<(p|td|th)[^>]*>|^#+ |\{ #\S+ \}$", " ", text, flags=re.M)
    return re.sub(r"\s", "", html.unescape(re.sub(r"<[^>]*>", "", text)))


def words(text: str) -> list[str]:
    return html.unescape(re.sub(r"<[^>]*>", " ", text)).split()


def links(page: Page) -> Iterator[tuple[str, str]]:
    """Yield the pages of the site and the anchors to which a page leads, in the style of Markdown."""
    for url in re.findall(r'<a\b[^>]* href="([^"]*)"', page.text):
        path, _, anchor = html.unescape(url).partition("#")
        if not re.match(r"\w+:", path):
            yield posixpath.normpath(posixpath.join(posixpath.dirname(page.uri), path)) if path else page.uri, anchor


@pytest.mark.parametrize("shape", SHAPES)
def test_no_page_is_large_and_nothing_is_lost(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {page.uri: page for page in pages(book(SHAPES[shape]), "markdown")}
    assert {uri for uri, page in made.items() if len(page.document().encode()) > LIMIT} == set()
    monkeypatch.setattr(paging, "LONGEST", 1 << 40)
    whole = {page.uri: page for page in pages(book(SHAPES[shape]), "markdown")}
    cut = [uri for uri in whole if whole[uri].text != made[uri].text]
    assert cut
    for uri in cut:
        parts = [
            page for at, page in made.items() if at.startswith(f"{uri.removesuffix('.md').removesuffix('/index')}/more")
        ]
        assert {*anchors(whole[uri].text)} <= {a for page in (made[uri], *parts) for a in anchors(page.text)}
        for page in (made[uri], *parts):
            found = Balance()
            found.feed(page.text)
            assert (found.open, found.wrong) == ([], []), page.uri
            assert len(anchors(page.text)) == len({*anchors(page.text)}), page.uri
        letters = shown(whole[uri].text)
        pieces = "".join(shown(page.text) for page in (made[uri], *parts))
        assert len(letters) <= len(pieces) < len(letters) * 1.2 + 3_000
        numbered = {*re.findall(r"Word\d+|cell\d+|Task\d+|Step\d+|word\d+", letters)}
        assert numbered <= {*re.findall(r"Word\d+|cell\d+|Task\d+|Step\d+|word\d+", pieces)}


@pytest.mark.parametrize("shape", ["many sections", "open tasks", "a decision"])
def test_links_lead_where_they_led_before(shape: str) -> None:
    made = {page.uri: page for page in pages(book(SHAPES[shape]), "markdown")}
    parts = [page for uri, page in made.items() if "/more" in uri]
    assert len(parts) > 1
    there = {uri: {*anchors(page.text)} for uri, page in made.items()}
    for page in made.values():
        dead = [(uri, a) for uri, a in links(page) if uri in there and a and a not in there[uri]]
        gone = [uri for uri, _ in links(page) if uri not in there and not uri.endswith("elsewhere.md")]
        assert (dead[:3], gone[:3]) == ([], []), page.uri
    deep = {posixpath.relpath(uri, "rounds/1") for page in parts for uri, _ in links(page) if "elsewhere" in uri}
    assert len(deep) <= 1


@pytest.mark.parametrize("style", ["directory", "file"])
def test_an_engine_finds_the_further_pages_as_files(style: UrlStyle) -> None:
    made = [portable(page, style) for page in pages(book(SHAPES["a summary of many paragraphs"]), style)]
    further = [one for one in made if "/more-top/" in one.uri]
    (home,) = (one for one in made if one.uri.startswith("rounds/1/1") and "more" not in one.uri)
    found = re.findall(r'href="([^"#]*more-top[^"#]*)"', home.text)
    assert len(found) == len(further) > 1
    assert all(
        f"# Phase 1 Round 1, continued, {n} of {len(further)}" in html.unescape(one.text)
        for n, one in enumerate(further, 1)
    )


def records(text: str) -> Iterator[Round]:
    """Yield a round for each text that a round file may hold, with that one as long as `text`."""
    first = Marks("m")
    first.tree(Round)
    for number, path in enumerate(first.paths.values()):
        marks = Marks(f"k{number}n")
        said = json.dumps({**marks.tree(Round), "round": f"r{number}", "phase": "1"} | {"repository": None})
        own = next(mark for mark, at in marks.paths.items() if at == path)
        try:
            yield Round.model_validate(json.loads(said.replace(f'"{own}"', json.dumps(own + text))))
        except ValidationError:
            continue  # such as an id, which has to be short


def test_no_text_of_a_round_file_makes_a_page_large_nor_the_name_of_a_page() -> None:
    own = list(records(" word" * 5_000 + "x" * 35_000))
    assert len(own) > 100
    read = build(Inputs(History(), defaults(), own, {one.key: (f"data/rounds/{one.key}.yml",) for one in own}, ()))
    made = list(pages(read))
    assert {page.uri: len(page.document()) for page in made if len(page.document()) > LIMIT} == {}
    for page in made:
        for name in (page.title, *(title for _, title in page.crumbs)):
            assert len(name) <= 400, (page.uri, name)


@pytest.mark.parametrize("key", ["title", "focus"])
def test_the_page_of_a_long_name_has_all_of_it(key: str) -> None:
    name = " ".join(f"word{i}" for i in range(6_000))
    made = {page.uri: page for page in pages(book({key: name}))}
    assert len(made["rounds/1/1.md"].title) <= 300
    own = [word for uri, page in made.items() if uri.startswith("rounds/1/1") for word in words(page.text)]
    assert set(name.split()) <= set(own)


def test_a_macro_shows_what_a_page_has_room_for_and_where_the_rest_is() -> None:
    read = book({"summary": PARAGRAPHS, "sections": [{"title": "S", "body": PARAGRAPHS}]})
    made = show("round_page", read, Here("index.md"), "1/1")
    assert len(made) < paging.LONGEST
    assert "Word1" in words(made)
    assert "Word139" not in words(made)
    assert made.rstrip().endswith('The rest is on the pages of the <a href="rounds/">project log</a></p>')
    balance = Balance()
    balance.feed(made)
    assert balance.open == []
    assert balance.wrong == []
