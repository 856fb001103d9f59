"""Tests of accessibility: no axe violations at two widths, light and dark, and no page wider than a phone.

Source: https://www.w3.org/TR/WCAG22/
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser.reader import Opener, Scheme, Site, Watched

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
OWN = ("", "rounds/3/4/")
EMPTY = ("rounds/", "decisions/", "commits/")
# Each palette and each width once: colours do not depend on the width, nor the layout on the colours.
MODES: tuple[tuple[Scheme, int], ...] = (("light", 1280), ("dark", 320))
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def barriers(watched: Watched, address: str) -> list[str]:
    """Return what axe finds on a page, and whether it is too wide."""
    page = watched.go(address)
    response: dict[str, Any] = Axe().run(page, options=RULES).response
    found = [f"{address}: {v['id']}: {n['html'][:200]}" for v in response["violations"] for n in v["nodes"]]
    wider = page.evaluate(WIDER)
    return found + ([f"{address}: {wider} px too wide"] if wider else [])


@pytest.mark.parametrize(("scheme", "width"), MODES)
@pytest.mark.parametrize(
    ("name", "addresses"),
    [("own", OWN), ("empty", EMPTY)],  # the pages of hostile texts are asked where they are looked at
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_pages_have_no_barrier(
    opened: Opener, request: pytest.FixtureRequest, name: str, addresses: tuple[str, ...], scheme: Scheme, width: int
) -> None:
    site: Site = request.getfixturevalue(name)
    watched = opened(site, scheme=scheme, width=width)
    assert [found for address in addresses for found in barriers(watched, address)] == []
    assert watched.wrongs == []


@pytest.mark.parametrize("address", ["rounds/1/1/", "decisions/"])
def test_forced_colours_have_no_barrier(opened: Opener, hostile: Site, address: str) -> None:
    assert barriers(opened(hostile, forced_colors="active"), address) == []


def test_the_search_dialog_has_a_name(opened: Opener, own: Site) -> None:
    page = opened(own).go("rounds/")
    assert page.locator(".md-search[role=dialog]").get_attribute("aria-label") == "Search"


def test_targets_are_large_enough(opened: Opener, hostile: Site) -> None:
    page = opened(hostile, width=360).go("decisions/")  # where there is a select for the order, too
    sizes = page.eval_on_selector_all(
        ".rb-filters select, .rb-filters button:not([hidden]), .rb-permalink, .rb-fold > summary",
        "found => found.map(e => e.getBoundingClientRect()).map(r => Math.min(r.width, r.height))",
    )
    assert sizes
    assert min(sizes) >= 24


def test_what_we_add_is_small_and_calls_nobody(root: Path) -> None:
    assets = root / "hooks/roundbook/theme/assets/roundbook"
    files = {file.name: file.read_bytes() for file in assets.iterdir() if file.suffix in (".css", ".js")}
    always = files["roundbook.css"] + files["roundbook.js"]  # the others are loaded where a name is looked up
    assert len(always) <= 30 * 1024
    assert sum(len(text) for name, text in files.items() if name.endswith(".js")) <= 16 * 1024
    assert [word for word in (b"://", b"url(", b"@import", b"fetch(", b"innerHTML") if word in always] == []
