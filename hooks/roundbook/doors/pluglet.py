"""In: the environment of mkdocs-macros. Out: the views as its macros, without the plugin (`modules: [roundbook]`)."""

from __future__ import annotations

import logging
from collections.abc import Collection
from pathlib import Path
from typing import Any

from roundbook.book.model import Book
from roundbook.doors.line import safe
from roundbook.doors.macros import Desk, macros
from roundbook.errors import Finding
from roundbook.project import DATA, fingerprint, load
from roundbook.site.api import rounds
from roundbook.site.links import UrlStyle

LOG = logging.getLogger("mkdocs.plugins.roundbook")
_SECTIONS = ("rounds", "decisions", "changelog", "commits", "threads", "evidence", "activity")
_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO}
_BOOKS: dict[Path, tuple[object, Book]] = {}


def define_env(env: Any) -> None:
    """Register every view as a macro, and the rounds as the variable `rounds`.

    Where the plugin is not used, its pages are not made, so links are made only to pages that the site itself has (for
    example written by `roundbook export`); all else stays text.
    """
    conf = getattr(env, "conf", None) or {}
    plugins = conf.get("plugins") or {}
    if "roundbook" in plugins:
        return  # the plugin registers them itself
    root = Path(getattr(env, "project_dir", None) or ".").resolve()
    book = _book(root)
    extensions = conf.get("markdown_extensions")
    if isinstance(extensions, list) and "attr_list" not in extensions:
        extensions.append("attr_list")  # or the anchors of headings would be shown as text
    pages = _pages(Path(conf.get("docs_dir") or root / "docs"))
    style: UrlStyle = "directory" if conf.get("use_directory_urls", True) else "file"
    desk = Desk(lambda: book, lambda: style, _report, pages=lambda: pages)
    for name, macro in macros(desk).items():
        env.macro(macro, name)
    env.variables["rounds"] = rounds(book)


def _book(root: Path) -> Book:
    """Return the book, made anew when a data file or the history changed; Zensical asks once a page."""
    mark = fingerprint(root, DATA)
    known = _BOOKS.get(root)
    if known is None or known[0] != mark:
        book = load(root)
        for finding in book.findings:
            _report(finding)
        _BOOKS[root] = known = (mark, book)
    return known[1]


def _pages(docs: Path) -> Collection[str]:
    return frozenset(p.relative_to(docs).as_posix() for name in _SECTIONS for p in (docs / name).rglob("*.md"))


def _report(finding: Finding) -> None:
    LOG.log(_LEVELS[finding.severity], "roundbook: %s", safe(str(finding)))
