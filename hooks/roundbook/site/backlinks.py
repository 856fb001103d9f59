"""Backlinks: which pages mention a round or decision."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from roundbook.book.facts import Backlink
from roundbook.book.model import Book
from roundbook.site.prose import plain
from roundbook.site.resolve import Target, resolve

_IN = r"[^\[\]\n|\x02\x03]"
_BAR = (
    r"(?P<bar>\||\x02klzzwxh:\d+\x03)"  # an escaped one, as in a table, is put aside while Markdown is being rendered
)
REFERENCE = rf"\[\[(?P<to>(?!\s){_IN}{{1,200}}(?<!\s))(?:{_BAR}(?P<text>[^\[\]\n]{{1,300}}))?\]\]"
_WRITTEN = re.compile(rf"(?<!\\){REFERENCE}(?!\()".replace(_BAR, r"(?:\\?\|)").replace(_IN, r"[^\[\]\n|\\]"))
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})")
_FRONT = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(
    r"<!--.*?-->|\{#.*?#\}|(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL
)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_LINK = re.compile(r"\]\(\s*<?([^)\s>#?]+)|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*<?([^\s>#?]+)", re.MULTILINE)
_MACRO = re.compile(r"\{\{-?\s*round_\w+\(\s*(?:(?:round|id|to)\s*=\s*)?[\"']([^\"'\n]{1,200})[\"']")
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)(?:[ \t]+\{[^{}\n]*\})?[ \t]*#*$", re.MULTILINE)
_NOT_BREAK = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Written:
    """A reference as it stands in a file, with its line."""

    text: str
    line: int


def references(markdown: str) -> Iterator[Written]:
    """Yield every `[[…]]` of a page out of code, comments and front matter."""
    shown = visible(markdown)
    for match in _WRITTEN.finditer(shown):
        yield Written(match["to"], shown.count("\n", 0, match.start()) + 1)


def backlinks(
    book: Book, pages: Iterable[tuple[str, str]], *, brackets: bool = True
) -> dict[str, tuple[Backlink, ...]]:
    """Return, for each page of the book, the hand-written pages that refer to it, in the order of `pages`.

    `pages` pairs source addresses with their Markdown. References are `[[…]]` (where `brackets` are on), macros, and plain
    links to the page.
    """
    found: dict[str, dict[Backlink, None]] = {}
    for uri, markdown in pages:
        named = {target.uri for text in _named(markdown, brackets=brackets) for target in _one(book, text)}
        for target in sorted({*named, *_linked(uri, markdown)} - {uri}):
            found.setdefault(target, {})[Backlink(uri, title(uri, markdown))] = None
    return {target: tuple(pages) for target, pages in found.items()}


def title(uri: str, markdown: str) -> str:
    """Return the title of a hand-written page: of its front matter, its heading, or its file."""
    front = _FRONT.match(markdown)
    said = (_TITLE.search(front[0]) if front else None) or _HEADING.search(visible(markdown))
    stem = posixpath.splitext(uri)[0].removesuffix("/index").rpartition("/")[2]
    return plain(said[1]) if said else stem.replace("-", " ").capitalize()


def visible(markdown: str) -> str:
    """Return Markdown in which front matter, code and comments are blanks; every line keeps its number."""
    text = _FRONT.sub(_blank, markdown, count=1)
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        inside = bool(fence)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            fence = ""
        lines.append(" " * len(line) if inside or fence else line)
    return _SPAN.sub(_blank, "\n".join(lines))


def _blank(match: re.Match[str]) -> str:
    return _NOT_BREAK.sub(" ", match[0])


def _named(markdown: str, *, brackets: bool) -> Iterator[str]:
    shown = visible(markdown)
    if brackets:
        yield from (match["to"] for match in _WRITTEN.finditer(shown))
    yield from (match[1] for match in _MACRO.finditer(_RAW.sub(_blank, shown)))


def _one(book: Book, text: str) -> tuple[Target, ...]:
    found = resolve(book, text)
    return found if len(found) == 1 else ()


def _linked(uri: str, markdown: str) -> Iterator[str]:
    """Yield the pages that plain links lead to, be they written as source files or as addresses."""
    for match in _LINK.finditer(visible(markdown)):
        path = unquote(match[1] or match[2])
        if ":" in path:
            continue
        whole = posixpath.normpath(posixpath.join("/", posixpath.dirname(uri), path)).lstrip("/")
        yield whole if whole.endswith(".md") else f"{whole.removesuffix('.html')}.md"
