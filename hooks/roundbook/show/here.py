"""In: the page that is being made. Out: `Here`, which makes the relative addresses of other pages from it."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

UrlStyle = Literal["directory", "file", "markdown"]


@dataclass(frozen=True, slots=True)
class Here:
    """The page at `uri` (`rounds/3/4.md`), from which links are made; they are relative, so the site may lie anywhere.

    `style` says how the site names its pages: `directory` (`rounds/3/4/`), `file` (`rounds/3/4.html`) or `markdown` (the
    source files themselves). `pages` holds the pages that exist, or `None` where all generated pages do.
    """

    uri: str
    style: UrlStyle = "directory"
    pages: Collection[str] | None = None

    def to(self, uri: str, anchor: str = "") -> str | None:
        """Return the address of another page from here, or `None` where that page does not exist."""
        if self.pages is not None and uri not in self.pages:
            return None
        mark = f"#{quote(anchor)}" if anchor else ""
        if uri == self.uri and anchor:
            return mark
        return quote(self._relative(uri)) + mark

    def _relative(self, uri: str) -> str:
        target, own = self._address(uri), self._address(self.uri)
        folder = own if self.style == "directory" else posixpath.dirname(own)
        relative = posixpath.relpath(target or ".", folder or ".")
        return relative + "/" if self.style == "directory" else relative

    def _address(self, uri: str) -> str:
        if self.style == "markdown":
            return uri
        stem, _ = posixpath.splitext(uri)
        folder, name = posixpath.split(stem)
        if name.lower() in ("index", "readme"):
            return folder if self.style == "directory" else posixpath.join(folder, "index.html")
        return stem if self.style == "directory" else f"{stem}.html"
