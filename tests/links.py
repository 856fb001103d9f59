"""A checker of built sites: every internal address must have a file, and every fragment an id."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ADDRESSES = ("href", "src", "poster", "action")


@dataclass
class _Reader(HTMLParser):
    """Collects the ids of a page and the addresses that it leads to."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.update(value for value in (found.get("id"), found.get("name") if tag == "a" else None) if value)
        self.links += [value for name in ADDRESSES if (value := found.get(name))]


def read_pages(site: Path) -> dict[str, _Reader]:
    """Return the pages of a site by their paths, each with its ids and links."""
    return {file.relative_to(site).as_posix(): _read(file) for file in sorted(site.rglob("*.html"))}


def dead_links(site: Path) -> list[str]:
    """Return `page -> address` for every link, image, script and style inside the site that leads nowhere."""
    files = {file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()}
    pages = read_pages(site)
    return [
        f"{page} -> {link}"
        for page, reader in pages.items()
        for link in dict.fromkeys(reader.links)
        if not _lives(link, page, files, pages)
    ]


def _read(file: Path) -> _Reader:
    reader = _Reader()
    reader.feed(file.read_text("utf-8"))
    reader.close()
    return reader


def _lives(link: str, page: str, files: set[str], pages: dict[str, _Reader]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = next((name for name in _targets(unquote(parts.path), page) if name in files), None)
    if target is None:
        return False
    mark = unquote(parts.fragment)
    return not mark or mark.startswith("__") or target not in pages or mark in pages[target].ids


def _targets(path: str, page: str) -> Iterator[str]:
    """Yield the files that an address may mean; an absolute one counts from the top of the site, as on `404.html`."""
    if not path:
        yield page
        return
    name = posixpath.normpath(posixpath.join("/", posixpath.dirname(page), path)).lstrip("/")
    yield from (
        (posixpath.join(name, "index.html"),)
        if path.endswith(("/", "."))
        else (name, posixpath.join(name, "index.html"))
    )
