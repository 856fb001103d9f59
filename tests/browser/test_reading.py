"""Tests of pages in a browser: filters, collapsed parts and permalinks work, and pages work without scripts and in print."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.reader import Opener, Site
from links import dead_links

DECISIONS = "decisions/"
ROWS = "[data-rb-filterable] tbody tr:not(.rb-group)"


def shown(page: Page) -> list[str]:
    """Return the first cells of the rows that are shown."""
    return [text.strip() for text in page.locator(f"{ROWS}:visible th").all_inner_texts()]


def said(page: Page) -> Locator:
    return page.locator(".rb-filters [role=status]")


def test_a_filter_narrows_the_log_and_says_so(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    expect(said(page)).to_have_text("6 decisions")
    page.get_by_label("Status").select_option("rejected")
    expect(said(page)).to_have_text("1 of 6 decisions")
    assert [text[:8] for text in shown(page)] == ["Choice 3"]
    assert page.url.endswith("?status=rejected")


def test_filters_work_by_keyboard_and_add_up(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.get_by_label("Status").focus()
    page.keyboard.type("acc")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("even")
    expect(said(page)).to_have_text("2 of 6 decisions")
    assert page.url.endswith("?status=accepted&tag=even")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("6 decisions")
    expect(page.get_by_label("Text")).to_be_focused()
    assert page.url.endswith(DECISIONS)


def test_the_address_restores_a_filter(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(f"{DECISIONS}?phase=2&status=nonsense&other=kept#lineage")
    expect(page.get_by_label("Phase")).to_have_value("2")
    expect(page.get_by_label("Status")).to_have_value("")
    expect(said(page)).to_have_text("1 of 6 decisions")
    page.get_by_role("button", name="Show all").click()
    assert page.url.endswith(f"{DECISIONS}?other=kept#lineage")


def test_a_tag_that_looks_like_markup_filters_like_any_other(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.get_by_label("Tag").select_option("<i>tag</i>")
    expect(said(page)).to_have_text("5 of 6 decisions")
    page.reload()
    expect(said(page)).to_have_text("5 of 6 decisions")


def test_words_narrow_a_list_and_stand_in_the_address(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.get_by_label("Text").fill("  CHOICE 3 ")
    expect(said(page)).to_have_text("1 of 6 decisions")
    assert page.url.endswith("?text=CHOICE+3")
    page.reload()
    expect(said(page)).to_have_text("1 of 6 decisions")
    page.get_by_label("Text").fill("nothing says this")
    expect(said(page)).to_have_text("0 of 6 decisions")
    assert page.locator(".rb-group:visible").count() == 0


def test_a_head_of_a_column_sorts_there_and_back(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    before = shown(page)
    head = page.locator("thead th", has_text="Decision")
    head.get_by_role("button").focus()
    words = []
    for way, query in (("ascending", "?sort=decision"), ("descending", "?sort=-decision")):
        page.keyboard.press("Enter")
        expect(head).to_have_attribute("aria-sort", way)
        assert page.url.endswith(query)
        words.append([text[:8] for text in shown(page)])
    assert words[0] == sorted(words[0]) != words[1] == sorted(words[1], reverse=True)
    page.reload()
    expect(head).to_have_attribute("aria-sort", "descending")
    page.keyboard.press("Tab")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") is None
    assert shown(page) == before
    assert page.url.endswith(DECISIONS)


def test_phones_sort_by_a_select_that_the_address_keeps(opened: Opener, hostile: Site) -> None:
    page = opened(hostile, width=360).go(DECISIONS)
    before = shown(page)
    pick = page.get_by_label("Sort by")
    pick.select_option("Decision ↓")
    assert page.url.endswith("?sort=-decision")
    names = [text.splitlines()[0] for text in page.locator(ROWS).locator("th").all_inner_texts()]
    assert names == sorted(names, reverse=True)
    page.reload()
    expect(pick).to_have_value("-decision")
    pick.select_option("as listed")
    assert shown(page) == before
    assert page.url.endswith(DECISIONS)
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(pick).to_be_hidden()  # there the heads do it


SORTED = """() => {
  const rows = ["9|2026-01-02|b/10", "1,200|2025-12-31|b/9", "–||b/1", "-3|2026-01-01|a", "10 %|2024-02-29|b/2",
    "1.5|2026-01-03|", "2|2026-01-04|c", "4|2026-01-05|d", "5|2026-01-06|e", "6|2026-01-07|f"];
  const cells = (row) => row.split("|").map((t, i) => `<td>${i === 1 && t ? `<time datetime="${t}">${t}</time>` : t}</td>`);
  const table = `<div class="rb-scroll"><table class="rb-table"><thead><tr><th>N</th><th>Day</th><th>Key</th></tr></thead>
    <tbody>${rows.map((row) => `<tr>${cells(row).join("")}</tr>`).join("")}</tbody></table></div>`;
  document.querySelector("article").insertAdjacentHTML("beforeend", table);
  window.document$.next(document);
  const made = [...document.querySelectorAll("article table")].at(-1);
  return [...made.querySelectorAll("thead button")].map((button, i) => {
    button.click();
    return [...made.tBodies[0].rows].map((row) => row.cells[i].textContent);
  });
}"""


def test_numbers_dates_and_keys_sort_as_such_and_what_is_empty_comes_last(opened: Opener, hostile: Site) -> None:
    numbers, dates, keys = opened(hostile).go("").evaluate(SORTED)
    assert numbers == ["1,200", "10 %", "9", "6", "5", "4", "2", "1.5", "-3", "–"]
    assert dates == [*sorted(filter(None, dates), reverse=True), ""]
    assert keys == ["a", "b/1", "b/2", "b/9", "b/10", "c", "d", "e", "f", ""]


def test_open_items_have_filters_too(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go("open-items/")
    before = len(shown(page))
    page.get_by_label("Kind").select_option("question")
    assert 0 < len(shown(page)) < before


def test_a_link_into_a_fold_opens_it(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go("commits/2026-01/")
    item = page.locator(".rb-commits > li:has(details)").last
    page.goto(f"{page.url}#{item.get_attribute('id')}")
    expect(item.locator("details")).to_have_attribute("open", "")
    expect(item).to_be_in_viewport()
    page.goto(f"{hostile.url}commits/2026-01/#%E0%A4%A")  # no encoded text, no error


@pytest.mark.parametrize("address", ["rounds/1/1/", DECISIONS, "changelog/", "commits/2026-01/", "open-items/"])
def test_all_is_there_without_a_script(opened: Opener, hostile: Site, address: str) -> None:
    words = "() => document.querySelector('article').textContent.replace(/\\s+/g, ' ')"
    without = opened(hostile, java_script_enabled=False).go(address)
    text = without.locator("article").text_content() or ""
    assert without.locator(".rb-filters:visible").count() == 0
    assert without.locator("article :is(tr, li, p):visible").count() > 3
    scripted = opened(hostile).go(address)
    scripted.evaluate("() => document.querySelectorAll('.rb-filters').forEach(e => e.remove())")
    assert " ".join(text.split()) == str(scripted.evaluate(words)).strip()


def test_every_permalink_has_its_target(hostile: Site, empty: Site) -> None:
    dead = [link for site in (hostile, empty) for link in dead_links(site.path)]
    assert [link for link in dead if not link.endswith("evil.example")] == []  # that one stands in a round file's prose


def test_a_permalink_shows_when_it_has_the_focus(opened: Opener, hostile: Site) -> None:
    mark = opened(hostile).go("rounds/1/1/").locator(".rb-permalink").first
    assert mark.evaluate("e => getComputedStyle(e).opacity") == "0"
    mark.focus()
    assert mark.evaluate("e => getComputedStyle(e).opacity") == "1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_paper_has_no_navigation(opened: Opener, hostile: Site, scheme: str) -> None:
    page = opened(hostile, scheme="dark" if scheme == "dark" else "light").go("rounds/1/1/")
    page.emulate_media(media="print")
    assert (
        page.locator(
            ":is(nav, .md-header, .md-footer, .md-tabs, .md-sidebar, .rb-permalink, .headerlink):visible"
        ).count()
        == 0
    )
    assert page.locator("article h1").is_visible()
    assert page.locator(".rb-fact, .rb-status").first.is_visible()
    assert page.pdf().startswith(b"%PDF-")
    commit = page.locator(".rb-foot").evaluate("e => getComputedStyle(e, '::after').content")
    assert re.fullmatch(r'" · commit [0-9a-f]{10}"', commit)


def test_instant_navigation_does_not_double_the_filters(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.evaluate("() => window.document$.next(document)")
    assert page.locator(".rb-filters select").count() == 4  # status, phase, tag, and the order on phones
