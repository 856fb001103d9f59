"""In: the Markdown of a decision record. Out: its sections as they stand, without anything active, for the record's page.

It is read as the prose of round files is, but headings stay headings, comments are left out, and relative links lead to
where the record would lead from its own place: to another record's page, else to the file on the forge.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.schema.ids import slug
from roundbook.show import addresses, prose
from roundbook.show.encode import spell
from roundbook.show.here import Here
from roundbook.show.scene import Scene

_OWN = frozenset(
    {"lineage", "cited-by", "cited-in-code", "mentioned-in", "timeline", "versions"}
)  # anchors of the page itself


def shown(book: Book, here: Here, text: str, path: str) -> Markup:
    """Return Markdown of the file `path` as headings and HTML between them."""
    sections = prose.sections(text)
    anchors = _anchors([title for title, _, _ in sections])
    scene = Scene(book, here)
    leads = _Links(
        book, here, path, {slug(title): anchor for (title, _, _), anchor in zip(sections, anchors, strict=True)}
    )
    parts: list[str] = []
    for (title, level, tokens), anchor in zip(sections, anchors, strict=True):
        if title:
            parts.append(f"{'#' * max(level, 2)} {spell(prose.inline(title))} {{ #{anchor} }}")
        html = prose.rendered(tokens, scene.refer, leads.to)
        if html:
            parts.append(f'<div class="rb-prose">{html}</div>')
    return Markup("\n\n".join(parts) + "\n\n" if parts else "")  # noqa: S704 - made of encoded parts


def _anchors(titles: Sequence[str]) -> list[str]:
    taken = set(_OWN)
    found: list[str] = []
    for title in titles:
        stem = slug(title) if title else ""
        names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(titles) + len(_OWN) + 2))
        anchor = next(name for name in names if name not in taken) if stem else ""
        taken.add(anchor)
        found.append(anchor)
    return found


class _Links:
    """Tells where the links of a file lead from the page that shows it."""

    def __init__(self, book: Book, here: Here, path: str, anchors: Mapping[str, str]) -> None:
        self.book, self.here, self.path, self.anchors = book, here, path, anchors

    def to(self, url: str) -> str | None:
        """Return the address of a link on the page; `None` where it leads nowhere from there."""
        if ":" in url.partition("/")[0]:
            return url
        where, _, anchor = url.partition("#")
        if not where:
            name = self.anchors.get(slug(unquote(anchor)))
            return f"#{name}" if name else None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), unquote(where.partition("?")[0])))
        for name in self.book.adopted_at.get(path, ())[:1]:
            return self.here.to(addresses.decision(name))
        history = self.book.history
        known = self.book.forge is not None and history.head is not None and not path.startswith("../")
        there = known and _is_there(history.prefix + path, history.tree)
        return self.book.forge.file(str(history.head), history.prefix + path) if self.book.forge and there else None


def _is_there(path: str, tree: frozenset[str]) -> bool:
    return path in tree
