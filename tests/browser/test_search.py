"""Tests of the search in a browser: what is known by a name is found first by that name, in two themes."""

from __future__ import annotations

import json
from functools import partial

import pytest

from browser.reader import Opener, Site
from site_trial import MKDOCS, build, project

ROUND = """\
round: {n}
phase: {phase}
focus: Work on v0.4.0 and ADR-012, after 3/{n} and build/7
summary: Several words that stand on many pages, such as {words}.
decisions: [{{id: choice-{phase}-{n}, title: Choice {n} of {phase}, tags: [cache], rationale: [See ADR-012 and v0.4.0.]}}]
"""
RECORD = "# {title}\n\n## Status\n\nAccepted\n\n"
RECORD += "## Context\n\nIt is about {title}.\n\n## Decision\n\nWe use {word}, after ADR-012.\n"


@pytest.fixture(scope="module", params=["material", "mkdocs"])
def found(request: pytest.FixtureRequest, served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site in which every page mentions what the others are called."""
    repo = project(
        tmp_path_factory.mktemp("search") / "repo",
        mkdocs_dot_yml=f"{MKDOCS}theme: {{name: {request.param}, font: false}}\n",
        docs__index_dot_md="# Home\n\nRead build/7, 3/4, ADR-012, v0.4.0 and v0.4.0 again.\n",
    )
    for phase in ("build", "3"):
        words = {f"data/rounds/{phase}/{n}.yml": ROUND.format(n=n, phase=phase, words=f"word{n}") for n in range(1, 10)}
        repo.write(words)
    records = {11: "Use Postgres", 12: "Use SQLite", 13: "Replace SQLite"}
    repo.write({f"docs/adr/{n:04}-record.md": RECORD.format(title=t, word=t.split()[-1]) for n, t in records.items()})
    repo.write({"data/roundbook.yml": "adrs: [docs/adr]\n"})
    commits = [repo.commit(f"feat: step {n}\n\nRound: build/{n}", {"a.txt": str(n)}) for n in range(1, 4)]
    repo.tag("v0.4.0")
    (repo.path / "sha").write_text(commits[1][:7], "utf-8")
    done = build(repo, "-q")
    assert done.code == 0, done.output
    return served(repo.path / "site")


def results(opened: Opener, site: Site, query: str) -> list[str]:
    """Return the addresses that the search of a site finds, best first."""
    if "material" in (site.path / "index.html").read_text("utf-8"):
        page = opened(site).go(f"?q={query}")
        items = page.locator(".md-search-result__link:not(.rb-goto *)")
    else:
        page = opened(site).go(f"?q={query}")
        items = page.locator("#mkdocs-search-results a")
    items.first.wait_for(state="attached", timeout=10_000)
    hrefs = items.evaluate_all("found => found.map((a) => a.href)")
    return [href.removeprefix(site.url).partition("?")[0].partition("#")[0] for href in hrefs]


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("build/7", "rounds/build/7/"),
        ("3/4", "rounds/3/4/"),
        ("ADR-012", "adr/0012-record/"),
        ("v0.4.0", "changelog/0.4.0/"),
        ("SHA", "commits/2026-01/"),
        ("choice-3-2", "decisions/choice-3-2/"),
    ],
)
def test_a_name_finds_its_page_first(opened: Opener, found: Site, query: str, address: str) -> None:
    asked = (found.path.parent / "sha").read_text("utf-8") if query == "SHA" else query
    assert results(opened, found, asked)[:1] == [address]


def test_a_page_has_one_entry_and_a_record_is_found_once(found: Site) -> None:
    entries = json.loads((found.path / "search/search_index.json").read_text("utf-8"))["docs"]
    own = [
        e["location"] for e in entries if e["location"].startswith(("rounds/", "decisions/", "changelog/", "commits/"))
    ]
    assert len(own) == len(set(own))
    assert not any("#" in location for location in own)
    assert not any("decisions/" in location and "0012" in location for location in own)
    assert "feat: step" not in json.dumps(entries)
