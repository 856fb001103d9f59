"""In: the page that is being made. Out: `Here`, which makes the relative addresses of other pages from it."""

from __future__ import annotations

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

    def from_top(self, uri: str, anchor: str = "") -> str:
        """Return the address of a page from the top of the site, `rounds/3/4/#goal-ada`."""
        return quote(self._address(uri)) + (f"#{quote(anchor)}" if anchor else "")

    def _relative(self, uri: str) -> str:
        target, own = self._address(uri).split("/"), self._address(self.uri).split("/")
        shared = 0
        for one, other in zip(target[:-1], own[:-1], strict=False):
            if one != other:
                break
            shared += 1
        path = "../" * (len(own) - 1 - shared) + "/".join(target[shared:])
        return path or "./"

    def _address(self, uri: str) -> str:
        """Return the address of a page from the top of the site; that of a folder ends with `/`."""
        if self.style == "markdown" or not uri.endswith(".md"):
            return uri
        stem = uri.removesuffix(".md")
        folder, slash, name = stem.rpartition("/")
        if name.lower() in ("index", "readme"):
            return folder + slash if self.style == "directory" else f"{folder}{slash}index.html"
        return f"{stem}/" if self.style == "directory" else f"{stem}.html"
