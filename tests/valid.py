"""A check of the HTML of pages: what a validator would say of the part that is ours.

Source: https://html.spec.whatwg.org/multipage/syntax.html
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"))
# What ends a paragraph, and so may not be in an element of words.
BLOCK = frozenset(
    (*("address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure", "footer", "form", "h1"),
     *("h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"))
)  # fmt: skip
WORDS = frozenset(
    (*("p", "span", "strong", "em", "small", "code", "b", "i", "time", "button", "label"),
     *("h1", "h2", "h3", "h4", "h5", "h6", "summary"))
)  # fmt: skip
INTERACTIVE = frozenset(("a", "button", "select", "input", "summary"))
GENERIC = frozenset(("span", "div", "p", "code", "strong", "em", "b", "i", "small", "time", "td", "li"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
PARENTS = {
    "li": {"ul", "ol", "menu"}, "dt": {"dl", "div"}, "dd": {"dl", "div"}, "tr": {"tbody", "thead", "tfoot"},
    "td": {"tr"}, "th": {"tr"}, "summary": {"details"}, "figcaption": {"figure"},
}  # fmt: skip


class _Reader(HTMLParser):
    """Reads a page and collects what is wrong between `<article>` and its end; ids count on the whole page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.level = 0
        self.wrongs: list[str] = []

    def wrong(self, words: str) -> None:
        if "article" in self.open or "duplicate" in words:
            self.wrongs.append(f"line {self.getpos()[0]}: {words}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for words in (*self._attributes(tag, attrs), *self._place(tag), *self._heading(tag)):
            self.wrong(words)
        if tag not in VOID:
            self.open.append(tag)

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> Iterator[str]:
        said = dict(attrs)
        if len(attrs) != len(said):
            yield f"<{tag}> has an attribute twice"
        if (name := said.get("id")) is not None:
            if not name or name in self.ids or any(c.isspace() for c in name):
                yield f"duplicate or unusable id {name!r}"
            self.ids.add(name)
        if said.get("aria-label") is not None and tag in GENERIC and not said.get("role"):
            yield f"aria-label on <{tag}>"

    def _place(self, tag: str) -> Iterator[str]:
        parent = self.open[-1] if self.open else ""
        heading = parent == "summary" and tag in HEADINGS
        if parent not in PARENTS.get(tag, {parent}) or (tag in BLOCK and parent in WORDS and not heading):
            yield f"<{tag}> in <{parent}>"
        if tag in INTERACTIVE and (around := INTERACTIVE.intersection(self.open)):
            yield f"<{tag}> in <{', '.join(sorted(around))}>"

    def _heading(self, tag: str) -> Iterator[str]:
        if tag in HEADINGS and "article" in self.open:
            if int(tag[1]) > self.level + 1:
                yield f"<{tag}> after a heading of level {self.level}"
            self.level = int(tag[1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:  # as of a drawing
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not self.open:
            return
        if self.open[-1] == tag:
            self.open.pop()
        elif tag in self.open:
            self.wrong(f"</{tag}> where <{self.open[-1]}> is open")
            while self.open.pop() != tag:
                pass
        else:
            self.wrong(f"</{tag}> without a start")


def faults(page: Path) -> list[str]:
    """Return what is wrong in the HTML of a page."""
    reader = _Reader()
    reader.feed(page.read_text("utf-8"))
    reader.close()
    return reader.wrongs
