"""Tests of feeds: they conform to RFC 4287 and JSON Feed 1.1, whatever the texts contain.

The rules below are those of the two specifications, in our words: https://www.rfc-editor.org/rfc/rfc4287 and
https://www.jsonfeed.org/version/1.1/.
"""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax import parseString
from xml.sax.handler import ContentHandler

import pytest
from markupsafe import Markup

from eventful import SITE, eventful, put
from repository import Repository
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site.feeds import BEGINNING, FEEDS, NEWEST, Feed, FeedEntry, atom, feeds, json_feed
from roundbook.site.links import Publication, instant, named

ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = [name for name, _, _ in FEEDS]
_RFC3339 = re.compile(
    r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})"
)
_IRI = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return eventful(tmp_path_factory.mktemp("feeds"))


@pytest.fixture(scope="module")
def book(repo: Repository) -> Book:
    return load(repo.path)


def made(book: Book, site: Publication = SITE) -> dict[str, str]:
    return {asset.uri: asset.text for asset in feeds(book, site)}


def items(book: Book, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made(book)[f"feeds/{name}.json"])["items"]
    return found


# ------------------------------------------------------------------- the rules of RFC 4287


def atom_faults(source: str) -> Iterator[str]:
    """Yield what is against RFC 4287 in a document, by the section that says so."""
    tree = ET.fromstring(source)  # noqa: S314 - made by us
    if tree.tag != f"{ATOM}feed":
        yield "4.1.1: the document is no feed"
    yield from _one_of_each(tree, ("id", "title", "updated"), ("generator", "icon", "logo", "rights", "subtitle"))
    entries = tree.findall(f"{ATOM}entry")
    if tree.find(f"{ATOM}author") is None and any(e.find(f"{ATOM}author") is None for e in entries):
        yield "4.1.1: neither the feed nor each entry has an author"
    if not any(link.get("rel") == "self" for link in tree.findall(f"{ATOM}link")):
        yield "4.1.1: no link to itself"
    for entry in entries:
        yield from _one_of_each(
            entry, ("id", "title", "updated"), ("content", "published", "rights", "source", "summary")
        )
        links = [link for link in entry.findall(f"{ATOM}link") if link.get("rel", "alternate") == "alternate"]
        if entry.find(f"{ATOM}content") is None and not links:
            yield "4.1.2: an entry without content and without a link"
        if len({(link.get("type"), link.get("hreflang")) for link in links}) < len(links):
            yield "4.1.2: two alternate links of one type"
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    yield from (f"4.1.1: the id {name} stands twice" for name, count in ids.items() if count > 1)
    for element in tree.iter():
        yield from _element_faults(element)


def _one_of_each(element: ET.Element, needed: tuple[str, ...], allowed: tuple[str, ...]) -> Iterator[str]:
    counts = Counter(child.tag.removeprefix(ATOM) for child in element)
    yield from (f"4.1: {counts[name]} of {name}" for name in needed if counts[name] != 1)
    yield from (f"4.1: {counts[name]} of {name}" for name in allowed if counts[name] > 1)


def _element_faults(element: ET.Element) -> Iterator[str]:
    tag, text = element.tag.removeprefix(ATOM), element.text or ""
    if tag in ("updated", "published") and not _RFC3339.fullmatch(text):
        yield f"3.3: {text!r} is no date"
    if tag == "id" and not is_absolute(text):
        yield f"4.2.6: {text!r} is no absolute IRI"
    if tag == "link" and not is_absolute(element.get("href", "")):
        yield f"4.2.7: {element.get('href')!r} is no IRI"
    if tag in ("author", "contributor"):
        yield from _one_of_each(element, ("name",), ("uri", "email"))
    if tag == "category" and not element.get("term"):
        yield "4.2.2: a category without a term"
    if tag in ("title", "content", "summary") and element.get("type", "text") not in ("text", "html", "xhtml"):
        yield f"3.1.1: type {element.get('type')}"
    if element.get("type", "text") in ("text", "html") and tag in ("title", "content", "summary") and len(element):
        yield f"3.1.1: {tag} holds elements"


def is_absolute(text: str) -> bool:
    parts = urlsplit(text)
    return bool(_IRI.fullmatch(text)) and bool(parts.scheme) and bool(parts.netloc)


# ---------------------------------------------------------------- the rules of JSON Feed 1.1


def json_faults(source: str) -> Iterator[str]:
    """Yield what is against JSON Feed 1.1 in a document."""
    feed = json.loads(source)
    if feed.get("version") != "https://jsonfeed.org/version/1.1":
        yield "version"
    yield from (f"{key} is no text" for key in ("title",) if not isinstance(feed.get(key), str) or not feed[key])
    yield from (f"{key} is no address" for key in ("home_page_url", "feed_url") if not is_absolute(feed.get(key, "")))
    if not isinstance(feed.get("items"), list):
        yield "items is no list"
    ids = Counter(item.get("id") for item in feed["items"])
    yield from (f"the id {name} stands twice" for name, count in ids.items() if count > 1)
    for item in feed["items"]:
        yield from _item_faults(item)
    for thing in (feed, *feed["items"]):
        for author in thing.get("authors", ()):
            if not ({"name", "url", "avatar"} & set(author)):
                yield "an author without anything"


def _item_faults(item: dict[str, Any]) -> Iterator[str]:
    if not isinstance(item.get("id"), str) or not item["id"]:
        yield "an item without an id that is text"
    if not ({"content_html", "content_text"} & set(item)):
        yield "an item without content"
    if not is_absolute(item.get("url", "")):
        yield f"{item.get('url')!r} is no address"
    yield from (
        f"{item[key]!r} is no date"
        for key in ("date_published", "date_modified")
        if key in item and not _RFC3339.fullmatch(item[key])
    )
    if not all(isinstance(tag, str) and tag for tag in item.get("tags", ())):
        yield "a tag that is no text"


@pytest.mark.parametrize("name", NAMES)
def test_atom_is_valid(book: Book, name: str) -> None:
    source = made(book)[f"feeds/{name}.xml"]
    assert list(atom_faults(source)) == []
    parseString(source.encode(), ContentHandler())  # noqa: S317 - a second parser, of what we made
    assert "<entry>" in source


@pytest.mark.parametrize("name", NAMES)
def test_json_feed_is_valid(book: Book, name: str) -> None:
    assert list(json_faults(made(book)[f"feeds/{name}.json"])) == []
    assert items(book, name)


def test_the_rules_find_faults(book: Book) -> None:
    good = made(book)["feeds/rounds.xml"]
    for old, new in (
        ("<updated>", "<published>2026-01-01T00:00:00Z</published><updated>"),
        ("Z</updated>", "</updated>"),
        ('rel="self"', 'rel="related"'),
        ("https://example.org/some/path/rounds/3/5/</id>", "https://example.org/some/path/rounds/3/4b/</id>"),
        ("https://example.org/some/path/rounds/3/5/</id>", "/rounds/3/5/</id>"),
        ("<name>", "<name>x</name><name>"),
        (' term="speed"', ""),
    ):
        assert old in good
        assert list(atom_faults(good.replace(old, new))), new
    for old, new in (("1.1", "1"), ('"id"', '"ids"'), ("Z", ""), ('"content_html"', '"content"'), ("https:", "")):
        assert list(json_faults(made(book)["feeds/rounds.json"].replace(old, new))), new


def test_an_empty_book_has_valid_feeds(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    for uri, text in made(load(repo.path)).items():
        faults = atom_faults(text) if uri.endswith("xml") else json_faults(text)
        assert list(faults) == [], uri
        assert uri.endswith("json") or BEGINNING in text


# ----------------------------------------------------------------------------- what they say


def test_a_round_says_what_it_is_about_and_by_whom(book: Book) -> None:
    found = {item["url"].removeprefix(SITE.url): item for item in items(book, "rounds")}
    assert [*found] == ["rounds/3/6/", "rounds/3/5/", "rounds/3/4/"], "the newest first; one without any date is none"
    one = found["rounds/3/4/"]
    assert one["title"] == "Phase 3 Round 4"
    content = one["content_html"]
    assert "Status: done" in content
    assert "Make it <em>fast</em> &amp; &lt;b&gt;small&lt;/b&gt;" in content
    assert "(superseded)" in content
    assert one["date_published"] == "2026-01-01T09:00:00Z"
    assert one["date_modified"] == "2026-01-01T11:00:00Z", "the last commit of its file, in UTC"
    assert one["tags"] == ["speed", "<b>"]
    assert [author["name"] for author in one["authors"]] == ["Ada Lovelace", "]]", "grace", "Bo"]
    assert found["rounds/3/6/"]["date_modified"] == "2026-02-05T00:00:00Z", "what is not committed has its own date"


def test_links_of_the_prose_are_whole(book: Book) -> None:
    content = {i["url"]: i for i in items(book, "rounds")}[SITE.at("rounds/3/4.md")]["content_html"]
    hrefs = [html.unescape(h) for h in re.findall(r'href="([^"]*)"', content)]
    assert all(map(is_absolute, hrefs)), hrefs
    assert "https://example.org/some/path/rounds/3/5/#goals" in hrefs
    assert "https://web.example/?a=1&b=2" in hrefs
    assert "https://example.org/some/path/decisions/wasm-target/" in hrefs


def test_an_id_stays_when_the_thing_is_renamed_or_the_site_names_its_pages_otherwise(book: Book) -> None:
    ids = {item["id"] for item in items(book, "rounds")}
    assert SITE.url + "rounds/3/4b/" in ids, "the page that it was first"
    assert {item["id"] for item in items(book, "decisions")} == {
        SITE.url + "decisions/wasm32/",
        SITE.url + "decisions/next/",
    }
    other = json.loads(made(book, replace(SITE, style="file"))["feeds/rounds.json"])["items"]
    assert {item["id"] for item in other} == ids
    assert SITE.url + "rounds/3/4.html" in {item["url"] for item in other}


def test_a_decision_says_how_it_stands_and_why(book: Book) -> None:
    one = next(item for item in items(book, "decisions") if "wasm" in item["url"])
    assert one["title"] == "Target wasip1 & ]]> <b>"
    assert "Status: superseded" in one["content_html"]
    assert "<li>It is &lt;small&gt;</li>" in one["content_html"]
    assert f'<a href="{SITE.url}decisions/next/">Next</a>' in one["content_html"]
    assert [author["name"] for author in one["authors"]] == ["Ada Lovelace", "bo"]
    assert one["date_published"] == "2026-01-01T09:00:00Z"


def test_changes_of_status_stand_by_commit(book: Book, repo: Repository) -> None:
    found = items(book, "activity")
    assert len(found) == len({change.step.commit for change in book.timelines.feed}) == 4
    newest = found[0]
    done = next(i for i in found if "docs: done" in i["content_html"])
    assert newest["id"] == f"{SITE.url}activity/#c-{repo.git('rev-parse', 'HEAD')}"
    assert done["title"] == "3 changes of status: docs: done"
    assert f'<a href="{SITE.url}decisions/wasm-target/">' in done["content_html"]
    assert "proposed → accepted" in done["content_html"]
    assert set(done["tags"]) == {"round", "decision", "agent"}


def test_one_change_alone_is_the_title_and_leads_to_the_thing(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    one = "round: 1\nphase: 1\nfocus: x\nstatus: planned\n"
    repo.commit("docs: record", {"data/rounds/1/1.yml": one})
    repo.commit("docs: go on", {"data/rounds/1/1.yml": one.replace("planned", "in-progress")})
    first = items(load(repo.path), "activity")[0]
    assert first["title"] == "round 1/1: planned → in progress"
    assert first["url"] == SITE.url + "rounds/1/1/"


def test_a_release_has_its_entries(book: Book) -> None:
    (one,) = items(book, "releases")
    assert one["title"] == "0.3.0"
    assert "<p>Added:</p><ul><li><strong>Breaking:</strong> It is <strong>faster</strong>" in one["content_html"]
    assert one["date_published"] == one["date_modified"]


# ----------------------------------------------------------------------------------- hostile


class Active(HTMLParser):
    """Notes tags that a reader of feeds must never be given."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("p", "ul", "ol", "li", "a", "em", "strong", "code", "pre", "span", "br", "hr") or any(
            name not in ("href", "class", "title") for name, _ in attrs
        ):
            self.found.append(f"{tag} {attrs}")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_anybody_wrote_acts(book: Book, name: str) -> None:
    for item in items(book, name):
        parser = Active()
        parser.feed(item["content_html"])
        assert parser.found == []
    source = made(book)[f"feeds/{name}.xml"]
    assert "]]>" not in source
    assert re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\u202e\ud800-\udfff]", source) is None
    shown = made(book)[f"feeds/{name}.json"]
    assert re.search("[<>&\u2028\u2029]", shown) is None, "it may stand in a script element"


def test_atom_and_json_say_the_same(book: Book) -> None:
    for name in NAMES:
        tree = ET.fromstring(made(book)[f"feeds/{name}.xml"])  # noqa: S314
        told = [
            (e.findtext(f"{ATOM}id"), e.findtext(f"{ATOM}title"), e.findtext(f"{ATOM}content"))
            for e in tree.findall(f"{ATOM}entry")
        ]
        assert told == [(i["id"], i["title"], i["content_html"]) for i in items(book, name)]


def test_no_address_of_mail_is_published(book: Book) -> None:
    for uri, text in made(book).items():
        assert "@example.org" not in text, uri


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Ada <ada@example.org>", "Ada"),
        ("ada@example.org", "ada"),
        ("a b@c d", "a b d"),
        ("@example.org", "unknown"),
        ("<x@y>", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_name_is_a_name(name: str, shown: str) -> None:
    assert named(name) == shown


# ----------------------------------------------------------------------- bounds, same bytes


def test_a_feed_holds_the_newest_fifty(tmp_path: Path) -> None:
    repo = Repository(tmp_path)
    rounds = {
        f"data/rounds/1/{i}.yml": f"round: {i}\nphase: 1\nfocus: x\ndate: 2025-01-{i % 28 + 1:02}\n" for i in range(80)
    }
    repo.write(rounds)
    found = items(load(repo.path), "rounds")
    assert len(found) == NEWEST
    dates = [item["date_modified"] for item in found]
    assert dates == sorted(dates, reverse=True)
    assert dates[0] == "2025-01-28T00:00:00Z"


def test_without_an_address_of_the_site_there_are_no_feeds(book: Book) -> None:
    for url in ("", "javascript:alert(1)", "/docs/", "https://a b/", "https://user@host/", "ftp://example.org/"):
        assert made(book, Publication(url)) == {}, url


def test_an_odd_address_of_the_site_gives_valid_feeds(book: Book) -> None:
    for uri, text in made(book, Publication('https://example.org/a"<é>&/', "x")).items():
        assert list(atom_faults(text) if uri.endswith("xml") else json_faults(text)) == [], uri


def test_the_same_book_gives_the_same_bytes(repo: Repository, book: Book) -> None:
    assert made(load(repo.path)) == made(book)


def test_a_cut_history_has_no_first_day(tmp_path: Path) -> None:
    whole = eventful(tmp_path / "whole")
    put(whole, "docs: again", "partial", "accepted")
    cut = whole.clone(tmp_path / "cut", depth=1)
    book = load(cut.path)
    assert not book.history.complete
    one = next(i for i in items(book, "rounds") if i["url"].endswith("/3/4/"))
    assert "date_published" not in one, "the commit that it begins with here may not be the first"


def test_a_moment_is_told_in_utc(book: Book) -> None:
    moments = sorted(c.committed for c in book.history.commits)
    assert all(_RFC3339.fullmatch(instant(m)) for m in moments)
    assert instant(None) == ""


def test_a_story_of_nothing_but_what_is_needed_is_valid() -> None:
    entry = FeedEntry("https://a.example/1", "https://a.example/1", "", Markup(""), "2026-01-01T00:00:00Z")
    feed = Feed("x", "X", "https://a.example/", "https://a.example/", "Y", (entry,))
    assert list(atom_faults(atom(feed))) == []
    assert "content_html" not in json_feed(feed), "what is empty is left out"
