"""Tests that the page of a round answers on its first screen, stays within a few screens, and prints on a few sheets."""

from __future__ import annotations

import re

import pytest

from browser.reader import Opener, Site

LARGE = "rounds/build/4/"  # 30 decisions, 85 commits
MANY_CHANGES = "rounds/build/5/"  # 57 changes


def test_a_large_round_is_four_screens_while_its_folds_are_closed(opened: Opener, own: Site) -> None:
    page = opened(own, width=1440).go(LARGE)
    assert page.locator("article details[open]").count() == 0
    box = page.locator("article").bounding_box()
    assert box
    assert box["height"] < 4200
    assert page.locator(".rb-decided > li").count() == 30


@pytest.mark.parametrize("width", [360, 1440])
def test_the_numbers_of_a_round_are_on_the_first_screen(opened: Opener, own: Site, width: int) -> None:
    page = opened(own, width=width).go(LARGE)
    for part in (".rb-chip", ".rb-lead .rb-status", ".rb-focus", ".rb-strip"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] + box["height"] < 800, part
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_shows_first_what_was_decided_and_then_how_the_numbers_moved(opened: Opener, own: Site) -> None:
    page = opened(own, width=360).go(MANY_CHANGES)
    tops = {
        name: page.locator(".rb-head").get_by_text(name, exact=True).locator("visible=true").last.bounding_box()
        for name in ("Claims", "Decided", "Left open", "Changed", "Modules")
    }
    found = [box["y"] for box in tops.values() if box]
    assert len(found) == len(tops)
    assert found == sorted(found)


def test_each_number_opens_what_it_counts(opened: Opener, own: Site) -> None:
    page = opened(own).go(LARGE)
    page.locator('.rb-strip a[href="#commits"]').click()
    assert page.locator("#commits[open]").count() == 1
    assert page.locator("#commits li").first.is_visible()


@pytest.mark.parametrize("address", [LARGE, MANY_CHANGES])
def test_a_round_prints_on_six_sheets(opened: Opener, own: Site, address: str) -> None:
    sheet = opened(own).go(address).pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) <= 6
