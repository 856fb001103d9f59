"""Tests of every type of page, at three widths and in both palettes: each page is loaded once for all that is asked of it.

What is looked at lies in `tests/actual/` afterwards.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from benchmarks.inputs import project

from browser.reader import Opener, Scheme, Site
from site_trial import run
from valid import faults

ACTUAL = Path(__file__).parents[1] / "actual"
# One page of each type of this site.
TYPES = {
    "home": "",
    "rounds": "rounds/",
    "round": "rounds/build/7/",
    "phase": "rounds/3/",
    "decisions": "decisions/",
    "decision": "decisions/wasm-target/",
    "changelog": "changelog/",
    "by-round": "changelog/rounds/",
    "metrics": "metrics/",
    "evidence": "evidence/",
    "open-items": "open-items/",
    "activity": "activity/",
    "commits": "commits/",
    "month": "commits/2026-11/",
    "files": "files/",
    "go": "go/",
    "missing": "404.html",
}
MODES: tuple[tuple[int, Scheme], ...] = ((1440, "light"), (360, "dark"), (768, "light"))
LARGE = ("rounds/", "rounds/1/", "decisions/", "changelog/", "commits/", "evidence/")
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}, "resultTypes": ["violations"]}
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {name: {"enabled": True} for name in ("heading-order", "landmark-unique", "landmark-one-main")},
    "resultTypes": ["violations"],
}
SHIFTS = """
window.rbShift = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.rbShift += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
# What no page may show: a word broken inside, text of a drawing outside of it, a page too wide, too high, too heavy.
LOOK = """() => {
  const found = new Set();
  const root = document.documentElement;
  const article = document.querySelector("article, [role=main]");
  if (root.scrollWidth > root.clientWidth) found.add(`${root.scrollWidth - root.clientWidth} px too wide`);
  const range = document.createRange();
  const lines = () => new Set([...range.getClientRects()].filter((r) => r.width).map((r) => Math.round(r.top / 4))).size;
  const texts = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    range.selectNodeContents(node);
    if (node.parentElement.closest("pre, code, svg, .rb-hidden") || lines() < 2) continue;
    for (const word of node.data.matchAll(/(?<![^\\s(])[A-Za-z0-9]{2,20}(?![^\\s).,:;])/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (lines() > 1) found.add(`the word ${word[0]} is broken`);
    }
  }
  for (const svg of article.querySelectorAll("svg:not(svg svg)")) {
    const box = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll("text")) {
      const r = text.getBoundingClientRect();
      const out = r.left < box.left - 2 || r.right > box.right + 2 || r.top < box.top - 2 || r.bottom > box.bottom + 2;
      if (r.width && out) found.add(`the text ${text.textContent} is outside of its drawing`);
    }
  }
  if (window.rbShift > 0.02) found.add(`what is there moved by ${window.rbShift}`);
  if (innerWidth > 1000 && article.scrollHeight > 15000) found.add(`${article.scrollHeight} px high`);
  if (root.outerHTML.length > 500000) found.add(`${root.outerHTML.length} characters of HTML`);
  return [...found];
}"""


def looked(opened: Opener, site: Site, addresses: dict[str, str], width: int, scheme: Scheme, name: str) -> list[str]:
    """Return what is wrong on some pages of a site, and take pictures of them."""
    watched = opened(site, scheme=scheme, width=width)
    watched.page.add_init_script(SHIFTS)
    folder = ACTUAL / name
    folder.mkdir(parents=True, exist_ok=True)
    wrong = []
    for word, address in addresses.items():
        page = watched.go(address)
        wrong += [f"{address}: {found}" for found in page.evaluate(LOOK)]
        page.screenshot(path=folder / f"{word}-{width}-{scheme}.jpg", type="jpeg", quality=70)
        if name == "own" and width != 768:  # each palette once, and what does not depend on colours or width once
            wrong += [f"{address}: {found}" for found in barriers(page, RULES if scheme == "light" else COLOURS)]
    return wrong + [found for found in watched.wrongs if "404" not in found]


def barriers(page: Any, rules: dict[str, Any]) -> list[str]:
    """Return what axe says of the article of a page."""
    response: dict[str, Any] = Axe().run(page, context="article, [role=main]", options=rules).response
    return [f"{v['id']}: {n['html'][:200]}" for v in response["violations"] for n in v["nodes"]]


@pytest.mark.parametrize(("width", "scheme"), MODES)
def test_every_type_of_page_is_sound(opened: Opener, own: Site, width: int, scheme: Scheme) -> None:
    there = {word: address for word, address in TYPES.items() if (own.path / address.rstrip("/")).exists()}
    assert len(there) > 14
    assert looked(opened, own, there, width, scheme, "own") == []


def test_the_html_is_valid(own: Site, hostile: Site) -> None:
    files = [own.path / address / ("" if address.endswith(".html") else "index.html") for address in TYPES.values()]
    files += sorted(hostile.path.rglob("index.html"))
    found = {str(file): wrongs for file in files if file.is_file() and (wrongs := faults(file))}
    assert found == {}


@pytest.fixture(scope="session")
def large(browser: Any, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of a made project of many rounds."""
    path = project(tmp_path_factory.mktemp("large") / "repo", 120, 600)
    done = run(path, "mkdocs", "build", "-q")
    assert done.code == 0, done.output
    return served(path / "site")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1440, "dark")])
def test_pages_of_many_rounds_are_sound(opened: Opener, large: Site, width: int, scheme: Scheme) -> None:
    addresses = {address.strip("/").replace("/", "-"): address for address in LARGE}
    assert looked(opened, large, addresses, width, scheme, "large") == []


HOSTILE = (
    "rounds/",
    "rounds/1/1/",
    "rounds/1/3/",
    "rounds/1/",
    "decisions/",
    "decisions/choice-2/",
    "changelog/",
    "commits/2026-01/",
    "open-items/",
    "evidence/",
)


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_pages_of_hostile_texts_are_sound(opened: Opener, hostile: Site, width: int) -> None:
    addresses = {address.strip("/").replace("/", "-"): address for address in HOSTILE}
    assert looked(opened, hostile, addresses, width, "light", "hostile") == []


@pytest.fixture(scope="session", params=["readthedocs", "mkdocs"])
def themed(request: Any, browser: Any, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site in a theme other than Material."""
    path = project(tmp_path_factory.mktemp(request.param) / "repo", 6, 60)
    file = path / "mkdocs.yml"
    file.write_text(file.read_text("utf-8").replace("{name: material, font: false}", request.param), "utf-8")
    done = run(path, "mkdocs", "build", "-q")
    assert done.code == 0, done.output
    return served(path / "site")


@pytest.mark.parametrize("width", [360, 1440])
def test_pages_in_other_themes_are_sound(opened: Opener, themed: Site, width: int) -> None:
    watched = opened(themed, width=width)
    wrong = []
    for address in ("rounds/", "rounds/1/r1/", "decisions/", "changelog/", "commits/", "metrics/", "evidence/"):
        page = watched.go(address)
        wrong += [f"{address}: {found}" for found in page.evaluate(LOOK)]
        if width > 1000:  # what axe asks hardly depends on the width
            wrong += [f"{address}: {found}" for found in barriers(page, RULES) if "rb-" in found]
    assert wrong == []


def test_a_decision_that_fits_is_one_sheet(opened: Opener, own: Site) -> None:
    page = opened(own).go("decisions/wasm-target/")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
