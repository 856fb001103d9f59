"""Tests that built sites have no dead links, with both kinds of addresses."""

from __future__ import annotations

import posixpath
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from mkdocs.utils.meta import get_data

from browser import evil
from links import dead_links
from roundbook.site.links import Here, Page
from site_trial import run


def test_the_own_site_has_no_dead_link(own_site: Path) -> None:
    assert (own_site / "rounds/3/4/index.html").is_file()
    assert dead_links(own_site) == []


def test_a_site_of_files_has_no_dead_link(tmp_path: Path) -> None:
    repo = evil.make(tmp_path / "repo")
    done = run(repo.path, "mkdocs", "build", "-q", "--no-directory-urls")
    assert done.code == 0, done.output
    assert (repo.path / "site/rounds/1/1.html").is_file()
    dead = dead_links(repo.path / "site")
    assert [link for link in dead if not link.endswith("evil.example")] == []  # that one is prose of a round file


def test_dead_links_are_found(tmp_path: Path) -> None:
    pages = {
        "index.html": '<p id="here"><a href="#here">a</a><a href="#gone">b</a><a href="sub/">c</a><a href="sub/#x">d</a>'
        '<img src="p.png">',
        "sub/index.html": '<p id="x"><a href="../">a</a><a href="..">b</a><a href="../index.html#here">c</a>'
        '<a href="/sub/">d</a><a href="https://example.org/gone">e</a><a href="mailto:a@b">f</a><a href="gone/">g</a>',
    }
    for name, text in pages.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert dead_links(tmp_path) == ["index.html -> #gone", "index.html -> p.png", "sub/index.html -> gone/"]


_PATHS = st.text("ab./", max_size=12)


@given(_PATHS, _PATHS.filter(bool))
@example("rounds/3/4.md", "/")
@example("index.md", "a//b/../c/")
def test_a_way_is_the_relative_path(page: str, target: str) -> None:
    slash = "/" if target.endswith("/") else ""
    way = posixpath.relpath(f"/{target}", f"/{posixpath.dirname(page)}")
    assert Here(page, "markdown").to("x", address=target) == way + slash


@given(st.text())
@example("🎊 Sprint 2: “done” — 100 %\x7f\x85\u2028\ufeff\U0001f680")
def test_front_matter_is_read_as_it_was_meant(text: str) -> None:
    page = Page("rounds/1.md", text, "The text\n", description=text)
    assert get_data(page.document()) == (page.text, page.meta)
