"""Tests of pages in a browser: filters, collapsed parts and permalinks work, and pages work without scripts and in print."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.reader import Opener, Site
from links import dead_links

DECISIONS = "decisions/"
ROWS = "[data-rb-filterable] tbody tr"


def shown(page: Page) -> list[str]:
    """Return the first cells of the rows that are shown."""
    return [text.strip() for text in page.locator(f"{ROWS}:visible th").all_inner_texts()]


def said(page: Page) -> Locator:
    return page.locator(".rb-filters [role=status]")


def test_a_filter_narrows_the_log_and_says_so(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    expect(said(page)).to_have_text("6 shown")
    page.get_by_label("Status").select_option("rejected")
    expect(said(page)).to_have_text("1 of 6 shown")
    assert [text[:8] for text in shown(page)] == ["Choice 3"]
    assert page.url.endswith("?status=rejected")


def test_filters_work_by_keyboard_and_add_up(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.get_by_label("Status").focus()
    page.keyboard.type("acc")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("even")
    expect(said(page)).to_have_text("2 of 6 shown")
    assert page.url.endswith("?status=accepted&tag=even")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(said(page)).to_have_text("6 shown")
    expect(page.get_by_label("Status")).to_be_focused()
    assert page.url.endswith(DECISIONS)


def test_the_address_restores_a_filter(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(f"{DECISIONS}?phase=2&status=nonsense&other=kept#lineage")
    expect(page.get_by_label("Phase")).to_have_value("2")
    expect(page.get_by_label("Status")).to_have_value("")
    expect(said(page)).to_have_text("1 of 6 shown")
    page.get_by_role("button", name="Show all").click()
    assert page.url.endswith(f"{DECISIONS}?other=kept#lineage")


def test_a_tag_that_looks_like_markup_filters_like_any_other(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.get_by_label("Tag").select_option("<i>tag</i>")
    expect(said(page)).to_have_text("5 of 6 shown")
    page.reload()
    expect(said(page)).to_have_text("5 of 6 shown")


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
    assert without.locator(".rb-filters").count() == without.locator(".rb-filters[hidden]").count()
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


def test_instant_navigation_does_not_double_the_filters(opened: Opener, hostile: Site) -> None:
    page = opened(hostile).go(DECISIONS)
    page.evaluate("() => window.document$.next(document)")
    assert page.locator(".rb-filters select").count() == 3
