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
from playwright.sync_api import Page

from browser import test_access
from browser.reader import Opener, Scheme, Site
from site_trial import once, run
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
Rules = dict[str, Any]
Mode = tuple[Scheme, tuple[int, ...]]
# Each palette once. A narrow window is also loaded as one, since what moves then is seen only by loading it.
WIDE: Mode = ("light", (1440, 768))
NARROW: Mode = ("dark", (360,))
NARROWEST: Mode = ("dark", (320,))
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


def looked(
    opened: Opener, site: Site, addresses: dict[str, str], mode: Mode, name: str, rules: Rules | None = None
) -> list[str]:
    """Return what is wrong on some pages of a site, each loaded once for all widths and rules, and take pictures of them."""
    scheme, widths = mode
    watched = opened(site, scheme=scheme, width=widths[0])
    watched.page.add_init_script(SHIFTS)
    folder = ACTUAL / name
    folder.mkdir(parents=True, exist_ok=True)
    wrong = []
    for word, address in addresses.items():
        watched.page.set_viewport_size({"width": widths[0], "height": 900})
        page = watched.go(address)
        for width in widths:
            if width != widths[0]:
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate("window.rbShift = NaN")  # a page moves when its window is made narrower, and may
            wrong += [f"{address}, {width} px: {found}" for found in page.evaluate(LOOK)]
            page.screenshot(path=folder / f"{word}-{width}-{scheme}.jpg", type="jpeg", quality=70)
        wrong += [f"{address}: {found}" for found in barriers(page, rules)] if rules else []
    return wrong + [found for found in watched.wrongs if "404" not in found]


def barriers(page: Page, rules: Rules) -> list[str]:
    """Return what axe says of a page, or of its article for rules that a theme does not keep."""
    context = "article, [role=main]" if rules in (RULES, COLOURS) else None
    response: dict[str, Any] = Axe().run(page, context=context, options=rules).response
    return [f"{v['id']}: {n['html'][:200]}" for v in response["violations"] for n in v["nodes"]]


@pytest.mark.parametrize(("mode", "rules"), [(WIDE, RULES), (NARROW, COLOURS)], ids=["wide", "narrow"])
def test_every_type_of_page_is_sound(opened: Opener, own: Site, mode: Mode, rules: Rules) -> None:
    there = {word: address for word, address in TYPES.items() if (own.path / address.rstrip("/")).exists()}
    assert len(there) > 14
    assert looked(opened, own, there, mode, "own", rules) == []


def test_the_html_is_valid(own: Site, hostile: Site) -> None:
    files = [own.path / address / ("" if address.endswith(".html") else "index.html") for address in TYPES.values()]
    files += sorted(hostile.path.rglob("index.html"))
    found = {str(file): wrongs for file in files if file.is_file() and (wrongs := faults(file))}
    assert found == {}


@pytest.fixture(scope="session")
def large(browser: Any, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return the site of a made project of many rounds."""
    return served(once(tmp_path_factory, "large", lambda folder: built(project(folder / "repo", 120, 600))))


def built(path: Path) -> Path:
    """Build the site of a project, and return its folder."""
    done = run(path, "mkdocs", "build", "-q")
    assert done.code == 0, done.output
    return path / "site"


@pytest.mark.parametrize("mode", [("light", (360,)), ("dark", (1440,))], ids=["narrow", "wide"])
def test_pages_of_many_rounds_are_sound(opened: Opener, large: Site, mode: Mode) -> None:
    addresses = {address.strip("/").replace("/", "-"): address for address in LARGE}
    assert looked(opened, large, addresses, mode, "large") == []


HOSTILE = (
    "",
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


@pytest.mark.parametrize("mode", [WIDE, NARROWEST], ids=["wide", "narrow"])
def test_pages_of_hostile_texts_are_sound(opened: Opener, hostile: Site, mode: Mode) -> None:
    addresses = {address.strip("/").replace("/", "-") or "home": address for address in HOSTILE}
    assert looked(opened, hostile, addresses, mode, "hostile", test_access.RULES) == []


@pytest.fixture(scope="session", params=["readthedocs", "mkdocs"])
def themed(request: Any, browser: Any, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site in a theme other than Material."""

    def make(folder: Path) -> Path:
        path = project(folder / "repo", 6, 60)
        file = path / "mkdocs.yml"
        file.write_text(file.read_text("utf-8").replace("{name: material, font: false}", request.param), "utf-8")
        return built(path)

    return served(once(tmp_path_factory, request.param, make))


def test_pages_in_other_themes_are_sound(opened: Opener, themed: Site) -> None:
    watched = opened(themed, width=1440)
    wrong = []
    for address in ("rounds/", "rounds/1/r1/", "decisions/", "changelog/", "commits/", "metrics/", "evidence/"):
        watched.page.set_viewport_size({"width": 1440, "height": 900})
        page = watched.go(address)
        wrong += [f"{address}: {found}" for found in page.evaluate(LOOK)]
        wrong += [f"{address}: {found}" for found in barriers(page, RULES) if "rb-" in found]
        page.set_viewport_size({"width": 360, "height": 900})
        wrong += [f"{address}, narrow: {found}" for found in page.evaluate(LOOK)]
    assert wrong == []


def test_a_decision_that_fits_is_one_sheet(opened: Opener, own: Site) -> None:
    page = opened(own).go("decisions/wasm-target/")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
