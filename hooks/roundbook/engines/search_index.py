"""The entries of the search index: one for each generated page, made of what the page knows.

The search plugin would parse the HTML of every page, and find the words of thousands of commits in it. Entries of
hand-written pages are the plugin's own.
"""

from __future__ import annotations

import html
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from roundbook.book.model import Book
from roundbook.site import links
from roundbook.site.links import Page

_KEY = re.compile(r"(?=.*\d)[^\s-]{1,11}[^\s/]|adr-\d+", re.IGNORECASE)  # what is short enough to stand before a title
BOOST = 2  # of pages that have a name, so that other pages that mention the name come after them


class SearchEntries:
    """What a search finds of each page.

    Of a decision record that is a page of the site, and the generated page of the decision, it finds one: the record, by all
    names of the decision. `records` are the generated pages by the page of the record.
    """

    def __init__(self) -> None:
        self.own: dict[str, list[Any]] = {}
        self.records: Mapping[str, str] = {}
        self.count = 0

    def begin(self, records: Mapping[str, str], config: MkDocsConfig) -> None:
        """Begin a build: nothing is noted, and what is in the index is of others."""
        self.own, self.records, self.count = {}, records, len(entries_of(config))

    def note(self, uri: str, made: Mapping[str, Page], url: str, config: MkDocsConfig) -> None:
        """Put the right entries of a page where the plugin has just put its own; `made` are the generated pages."""
        index = entries_of(config)
        if uri not in made:
            self.own[uri] = _named(index[self.count :], made.get(self.records.get(uri, "")), escape=_takes_html(config))
        index[self.count :] = self._entries(uri, made, url, config)
        self.count = len(index)

    def fill(self, pages: Iterable[File], made: Mapping[str, Page], config: MkDocsConfig) -> None:
        """Give the plugin the entries of all pages, in the order of the pages, also of those that MkDocs did not render."""
        index = entries_of(config)
        index[:] = [entry for file in pages for entry in self._entries(file.src_uri, made, file.url, config)]
        self.count = len(index)

    def _entries(self, uri: str, made: Mapping[str, Page], url: str, config: MkDocsConfig) -> list[Any]:
        page = made.get(uri)
        if page is None:
            return self.own.get(uri, [])
        found = (page.searched or page.words) and uri not in self.records.values()
        return [_entry(page, url, escape=_takes_html(config))] if found else []


def _entry(page: Page, url: str, *, escape: bool) -> dict[str, Any]:
    key = next((name for name in page.names[:1] if _KEY.fullmatch(name) and name not in page.title), "")
    title, text = f"{key}: {page.title}" if key else page.title, " ".join((*page.names, page.words or page.description))
    entry: dict[str, Any] = {"location": url, "title": title, "text": text}
    if escape:
        entry |= {key: html.escape(value, quote=False) for key, value in entry.items() if key != "location"}
    if page.names:
        entry |= {"tags": [html.escape(name) if escape else name for name in page.names], "boost": BOOST}
    return entry


def _named(entries: list[Any], decision: Page | None, *, escape: bool) -> list[Any]:
    """Return the entries of a page that is the record of a decision; the first one is found by what that is called."""
    if decision is None or not entries:
        return entries
    named = _entry(decision, entries[0]["location"], escape=escape)
    return [{**named, "tags": [*entries[0].get("tags", ()), *named["tags"]]}, *entries[1:]]


def records(files: Files, root: Path, book: Book) -> dict[str, str]:
    """Return the hand-written pages that are the record of one decision, with the generated page of that decision."""
    own = {f.src_uri: f.abs_src_path for f in files.documentation_pages() if f.abs_src_path}
    paths = {uri: os.path.relpath(path, root).replace(os.sep, "/") for uri, path in own.items()}
    found = {uri: book.adopted_at.get(path, ()) for uri, path in paths.items()}
    return {uri: links.decision(names[0]) for uri, names in found.items() if len(names) == 1}


def search_plugin(config: MkDocsConfig) -> Any:
    """Return the search plugin of a site."""
    return config.plugins.get("material/search") or config.plugins.get("search")


def entries_of(config: MkDocsConfig) -> list[Any]:
    """Return the list of entries that the search plugin fills."""
    index = getattr(search_plugin(config), "search_index", None)
    found = getattr(index, "entries", getattr(index, "_entries", None))
    return found if found is not None else []


def _takes_html(config: MkDocsConfig) -> bool:
    """Tell whether the theme shows entries as HTML, as Material does, whose plugin encodes them."""
    return hasattr(getattr(search_plugin(config), "search_index", None), "entries")
