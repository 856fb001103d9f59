"""Tests that built sites have no dead links, with both kinds of addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from links import dead_links
from site_trial import run


@pytest.mark.parametrize("style", ["directories", "files"])
def test_the_own_site_has_no_dead_link(root: Path, tmp_path: Path, style: str) -> None:
    flags = ["--no-directory-urls"] if style == "files" else ["--use-directory-urls"]
    done = run(root, "mkdocs", "build", "-q", *flags, "-d", str(tmp_path / "site"))
    assert done.code == 0, done.output
    assert (tmp_path / "site/rounds/3" / ("4.html" if style == "files" else "4/index.html")).is_file()
    assert dead_links(tmp_path / "site") == []


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
