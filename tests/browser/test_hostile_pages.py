"""Tests that a browser shows hostile text as text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser import evil
from browser.reader import Opener, Site

MONTH = "commits/2026-01/"
SUBJECTS = ".rb-commits > li > span, .rb-commits > li summary"

LEADING = "html head meta title meta meta meta link noscript meta body main p a script"

# What a page must not hold: a link to another scheme, an active element or handler, an id twice, an end before its end.
ODD = """() => {
  const all = (css) => [...document.querySelectorAll(css)];
  const safe = (a) => /^(https?|mailto):$/.test(new URL(a.href, location).protocol);
  const handled = (e) => [...e.attributes].some((a) => a.name.startsWith("on"));
  const ids = all("[id]").map((e) => e.id);
  return [
    ...all("a[href]").filter((a) => !safe(a)).map((a) => a.outerHTML),
    ...all("article :is(script, img, iframe, object, embed, form, style, link, base, meta)")
      .filter((e) => !e.matches("form.rb-filters[method=get], script[src$='/assets/roundbook/go.js']"))
      .map((e) => e.outerHTML),
    ...all("article *").filter(handled).map((e) => e.outerHTML),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => "twice: " + id),
    ...(all("article").length === 1 && all("footer").length ? [] : ["the page is cut"]),
  ];
}"""


def test_no_page_does_anything(opened: Opener, hostile: Site) -> None:
    watched = opened(hostile)
    odd: list[str] = []
    for address in hostile.pages():
        page = watched.go(address)
        odd += [f"{address}: {found}" for found in page.evaluate(ODD)]
    assert odd == []
    assert watched.wrongs == []


def test_what_leads_on_holds_a_link_and_no_more(hostile: Site) -> None:
    pages = (file.read_text("utf-8") for file in hostile.path.rglob("*.html"))
    found = [text for text in pages if "/assets/roundbook/moved.js" in text]
    assert len(found) >= 2
    for text in found:
        assert " ".join(re.findall(r"<(\w+)", text)) == LEADING
        assert len(re.findall(r'<script src="[./]+/assets/roundbook/moved\.js"></script>', text)) == 1


def test_subjects_are_shown_as_they_are(opened: Opener, hostile: Site) -> None:
    shown = opened(hostile).go(MONTH).locator(SUBJECTS).all_text_contents()
    for text in (*evil.LITERAL, *list(evil.CLEANED.values())[:2]):
        assert text in shown
    assert any(text.startswith("stacked e\u0301\u0301\u0301\u0301") for text in shown)
    assert max(map(len, shown)) == 200


def test_bodies_are_shown_as_they_are(opened: Opener, hostile: Site) -> None:
    bodies = opened(hostile).go(MONTH).locator(".rb-commits pre").all_text_contents()
    for text in evil.LITERAL:
        assert any(f"{text}\n```\n{text}" in body for body in bodies), text


def test_titles_are_shown_as_they_are(opened: Opener, hostile: Site) -> None:
    watched = opened(hostile)
    page = watched.go("rounds/1/2/")
    name = f"Second {evil.WORST}"
    assert page.locator("h1").text_content() == f"{name}¶"
    assert page.title() == f"{name} - evil"
    assert name in watched.go("rounds/").locator(".rb-rounds").inner_text()


@pytest.mark.parametrize("query", ["onerror", "Choice", "calm"])
def test_search_finds_texts_and_runs_none(opened: Opener, hostile: Site, query: str) -> None:
    watched = opened(hostile)
    page = watched.go("")
    box = page.get_by_role("textbox", name="Search")
    box.click()  # only now is the index asked for, and what is typed before it is there may be lost
    expect(page.locator(".md-search-result__meta")).not_to_have_text("Initializing search", timeout=30_000)
    box.press_sequentially(query)  # the theme listens for keys
    page.locator(".md-search-result__item").first.wait_for()
    found = page.locator(".md-search-result__list")
    assert query.lower() in found.inner_text().lower()
    assert found.locator("img, script, iframe, [onerror], [onload]").count() == 0
    assert watched.wrongs == []


def test_nothing_secret_is_in_the_site(hostile: Site) -> None:
    texts = {file: file.read_bytes() for file in hostile.path.rglob("*") if file.is_file()}
    assert [file for file, text in texts.items() if evil.SECRET.encode() in text or evil.TOKEN.encode() in text] == []


def test_headings_are_shown_as_they_are(opened: Opener, hostile: Site) -> None:
    assert opened(hostile).go("rounds/1/3/").locator("h1").text_content() == "Round 1/3 cannot be read¶"
