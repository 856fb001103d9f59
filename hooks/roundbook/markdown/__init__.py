"""Markdown as blocks with lines."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.yamlfile import reader as yamlfile_reader
from roundbook.yamlfile import source as yaml_source

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")


@frozen
class Paragraph:
    """Running text; `line` and `end` are its first and last line, counted from 1."""

    text: str
    line: int
    end: int


@frozen
class Pair:
    """A line `**Key**: value`; lines that follow it are part of the value."""

    key: str
    value: str
    line: int


@frozen
class Pairs:
    """Lines `**Key**: value`, one below the other."""

    pairs: tuple[Pair, ...]
    line: int
    end: int


@frozen
class Bullet:
    """An entry of a list: `text` is its first paragraph, `checked` the state of its box if it has one."""

    text: str
    line: int
    end: int
    checked: bool | None = None
    blocks: tuple[Block, ...] = ()


@frozen
class Bullets:
    """A list; an `ordered` one is numbered, starting with `first`."""

    items: tuple[Bullet, ...]
    line: int
    end: int
    ordered: bool = False
    first: int = 1


@frozen
class Row:
    """A row of a table, with as many cells as the file has: it may be more, or fewer, than there are columns."""

    cells: tuple[str, ...]
    line: int


@frozen
class Grid:
    """A table."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int
    end: int


@frozen
class Code:
    """A block of code, fenced or indented; `info` is the text after the opening fence."""

    text: str
    info: str
    line: int
    end: int


@frozen
class Quote:
    """A block quote."""

    blocks: tuple[Block, ...]
    line: int
    end: int


@frozen
class Verbatim:
    """Lines of any other kind, as written: HTML, link definitions, content that is nested too deeply."""

    text: str
    line: int
    end: int


Block: TypeAlias = Paragraph | Pairs | Bullets | Grid | Code | Quote | Verbatim


@frozen
class Part:
    """A section: a heading with its blocks and its subsections. `end` is the last line."""

    title: str
    level: int
    line: int
    end: int
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()

    def walk(self) -> Iterator[Part]:
        """Yield this section and all its subsections, in document order."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.parts))


@frozen
class Document:
    """A Markdown file: `front` is its front matter, `blocks` what stands before the first heading.

    `path` is the file as findings name it. `lines` are the lines as written, without line ends; the first below the front
    matter is `body_line`.
    """

    path: str
    lines: tuple[str, ...]
    front: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()
    body_line: int = 1

    def source(self, line: int, end: int) -> str:
        """Return the lines from `line` to `end`, both from 1 and included, without blank lines around them."""
        return "\n".join(self.lines[line - 1 : end]).strip("\n")

    def text(self, line: int, end: int) -> str:
        """Return lines as written, dedented, without a thematic break at the end."""
        text = textwrap.dedent(self.source(line, end))
        above, _, last = text.rstrip().rpartition("\n")
        return (above.rstrip() if _RULE.fullmatch(last) else text).strip("\n")

    def heading_lines(self, part: Part) -> range:
        """Return the line numbers of a heading, including the underline of a setext heading."""
        end = part.line + part.title.count("\n")
        below = self.lines[end] if end < len(self.lines) else ""
        under = not self.lines[part.line - 1].lstrip(" >").startswith("#") and re.fullmatch(
            r"[\s>]*(?:-+|=+)\s*", below
        )
        return range(part.line, end + (2 if under else 1))

    def below(self, part: Part) -> str:
        """Return the text of a section as written, with its subsections."""
        return self.text(self.heading_lines(part).stop, part.end)

    def walk(self) -> Iterator[Part]:
        """Yield all sections in document order."""
        for part in self.parts:
            yield from part.walk()


_KEY = r"(?:\*\*|__)(?P<key>(?:(?!\*\*|__)[^\n]){1,120}?)"
_PAIR = re.compile(rf"{_KEY}(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:)(?:\s+|$)(?P<value>.*)", re.DOTALL)
_BREAK = re.compile(r"(?: {2,}|\\)$")
_REMARK = re.compile(r"(?P<text>.*\S)\s*\((?P<remark>[^()]+)\)", re.DOTALL)
_LEAD = re.compile(r"(?:\*\*|__)(?P<lead>[^\n]+?)(?:\*\*|__)\s*(?:--+|—|–|-|:)\s+(?P<rest>\S.*)", re.DOTALL)
_BOLD = re.compile(r"(\*\*|__)(?P<words>(?:(?!\1)[^\n]){1,120})\1")
# Several pairs on one line: `**Date**: 2026-02-17 | **Status**: done`.
_BESIDE = re.compile(r"\s+[|·•]\s+(?=(?:\*\*|__)[^*_\n]+(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:))")

_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_]|[*_](?!\w)|`|~~")
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[#%+]")
_NUMBERING = re.compile(r"(?:§\s*)?(?:\d{1,3}(?:\.\d{1,3})*[.):]|[a-z][.)]|\d{1,3}(?:\.\d{1,3})+)\s+", re.IGNORECASE)


def unmarked(text: str) -> str:
    """Return a text without the markup of emphasis and code."""
    return _MARKS.sub("", text)


def plain(text: str) -> str:
    """Return the words of a text in lower case, separated by spaces, without markup and punctuation."""
    return " ".join(_WORDS.findall(unmarked(text).replace("&", " and ").replace("’", "'").casefold()))


def without_numbering(text: str) -> str:
    """Return a heading without its number (`3.`, `2.1`) and without symbols before its first word."""
    start = next((i for i, char in enumerate(text) if unicodedata.category(char)[0] in "LN" or char in '#§`*_[(~<"'), 0)
    numbered = _NUMBERING.match(text, start)
    return text[numbered.end() if numbered else start :].strip()


def pair_of(text: str) -> tuple[str, str] | None:
    """Return key and value of a text such as `**Date**: 2026-02-17` or `**Date:** 2026-02-17`, or `None`."""
    match = _PAIR.fullmatch(text)
    return (match["key"].strip(), match["value"].strip()) if match else None


def lead_of(text: str) -> tuple[str, str] | None:
    """Return the bold words at the start of a text, and the rest: `**Lead** -- rest` or `**Lead**: rest`; else `None`."""
    match = _LEAD.fullmatch(text)
    return (match["lead"].strip().removesuffix(":"), match["rest"]) if match else None


def remark_of(text: str) -> tuple[str, str]:
    """Return a text and the remark in parentheses at its end, or the empty string."""
    match = _REMARK.fullmatch(text)
    return (match["text"], match["remark"]) if match else (text, "")


def bold_of(text: str) -> str:
    """Return the words of a text that is entirely bold, or the empty string."""
    match = _BOLD.fullmatch(text.strip())
    return match["words"].strip().removesuffix(":").rstrip() if match else ""


def split_pairs(text: str, line: int) -> Iterator[Paragraph | Pairs]:
    """Yield the blocks of a paragraph that starts at `line`: the text before its first pair, then its pairs."""
    lines = text.split("\n")
    first = next((i for i, one in enumerate(lines) if pair_of(_BREAK.sub("", one))), len(lines))
    if first:
        yield Paragraph("\n".join(lines[:first]), line, line + first - 1)
    if first < len(lines):
        yield Pairs(tuple(_pairs(lines[first:], line + first)), line + first, line + len(lines) - 1)


def _pairs(lines: Sequence[str], start: int) -> Iterator[Pair]:
    open_: Pair | None = None
    for number, written in enumerate(lines, start):
        for text in _BESIDE.split(_BREAK.sub("", written)):
            pair = pair_of(text)
            if pair is None and open_ is not None:
                open_ = Pair(open_.key, f"{open_.value}\n{text}".strip(), open_.line)
                continue
            if open_ is not None:
                yield open_
            open_ = Pair(*pair, number) if pair else None
    if open_ is not None:
        yield open_


MAX_NESTING = 40
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_BOX = re.compile(r"\[([ xX])\](?=\s|$)\s*")
_EMPTY_ITEM = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])[\s>]*)+")
_PIPE = re.compile(r"(?<!\\)\|")
_LIST_ENDS = {"bullet_list_open": "bullet_list_close", "ordered_list_open": "ordered_list_close"}


def parse(data: bytes, path: str, *, skip_front: bool = False) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return the document that a file's bytes hold, and what is wrong with its characters; never raises.

    There is no document where the bytes are no UTF-8 text or too many. Characters that do not belong into a text are
    findings, and U+FFFD in the document. Front matter that cannot be read stays text; with `skip_front` it is none of the
    document, and what is wrong with it a finding: of a decision record its keys would be taken for the title.
    """
    text, findings = yaml_source.decode(data, path)
    if text is None:
        return None, tuple(findings)
    front, length, faults = _front_matter(text, path)
    if faults and not skip_front:
        length, faults = 0, ()
    return _document(text, path, front, length), (*faults, *findings)


def document(text: str, path: str = "") -> Document:
    """Return the document of a text with `\n` line endings."""
    front, length, faults = _front_matter(text, path)
    return _document(text, path, front, 0 if faults else length)


def _document(text: str, path: str, front: Mapping[str, Any], length: int) -> Document:
    lines = tuple(text.split("\n"))
    reader = _Reader(lines, _parser().parse("\n" * length + "\n".join(lines[length:]), {}))
    flat = list(_with_leftovers(reader.blocks(length), reader, length))
    first = next((i for i, one in enumerate(flat) if isinstance(one, Part)), len(flat))
    leading = tuple(one for one in flat[:first] if not isinstance(one, Part))
    return Document(path, lines, front, leading, _nested(flat[first:], len(lines)), length + 1)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # takes 40 ms, and many projects have no Markdown to read

    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table"])
    # What stands inside a block is not needed, and reading it can take quadratic time.
    parser.disable(["inline", "text_join"])
    return parser


def _front_matter(text: str, path: str) -> tuple[Mapping[str, Any], int, tuple[Finding, ...]]:
    """Return the front matter, its number of lines and its errors; what is not a mapping is not front matter."""
    match = _FRONT.match(text)
    if not match:
        return {}, 0, ()
    tree, findings = yamlfile_reader.parse(("\n" + (match[1] or "")).encode("utf-8", "surrogatepass"), path)
    faults = tuple(finding for finding in findings if finding.severity == "error")
    length = match[0].rstrip("\n").count("\n") + 1
    return (
        (tree, length, ())
        if isinstance(tree, yamlfile_reader.Map) and not faults
        else ({}, length if faults else 0, faults)
    )


class _Reader:
    """Turns tokens into blocks; `covered` holds the lines that belong to a block."""

    def __init__(self, lines: Sequence[str], tokens: Sequence[Token]) -> None:
        self.lines, self.tokens = lines, tokens
        self.at = 0
        self.covered: set[int] = set()

    def blocks(self, skipped: int) -> list[Block | Part]:
        """Return all blocks and headings, in document order."""
        self.covered.update(range(1, skipped + 1))
        return self._until("")

    def _until(self, end: str) -> list[Block | Part]:
        found: list[Block | Part] = []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            if token.type == end:
                break
            found += self._block(token)
        return found

    def _block(self, token: Token) -> list[Block | Part]:
        if token.map is None:
            return []
        line, end = token.map[0] + 1, token.map[1]
        match token.type:
            case "heading_open":
                self._cover(line, end)
                return [Part(self._inline("heading_close"), int(token.tag[1]), line, end)]
            case "paragraph_open":
                self._cover(line, end)
                return [*split_pairs(self._inline("paragraph_close"), line)]
            case "bullet_list_open" | "ordered_list_open":
                return [self._list(token, line)]
            case "blockquote_open":
                inner = self._until("blockquote_close")
                return [Quote(tuple(_inside(inner)), line, self._last(line, end))]
            case "table_open":
                self._cover(line, end)
                return [self._table(line, end)]
            case "fence" | "code_block":
                self._cover(line, end)
                return [Code(token.content.removesuffix("\n"), token.info.strip(), line, self._last(line, end))]
            case "html_block":
                self._cover(line, end)
                return [Verbatim(token.content.strip("\n"), line, self._last(line, end))]
            case "hr":
                self._cover(line, end)
        return []

    def _cover(self, line: int, end: int) -> None:
        self.covered.update(range(line, end + 1))

    def _last(self, line: int, end: int) -> int:
        """Return the last non-blank line from `line` to `end`."""
        while end > line and not self.lines[end - 1].strip():
            end -= 1
        return end

    def _inline(self, end: str) -> str:
        text = self.tokens[self.at].content
        while self.tokens[self.at].type != end:
            self.at += 1
        self.at += 1
        return text.strip()

    def _list(self, token: Token, line: int) -> Bullets:
        close = _LIST_ENDS[token.type]
        items: list[Bullet] = []
        while self.tokens[self.at].type != close:
            item = self.tokens[self.at]
            self.at += 1
            assert item.map is not None  # noqa: S101 - the rule `list` gives every item its lines
            items.append(self._item(item.map[0] + 1, item.map[1]))
        self.at += 1
        ordered = token.type == "ordered_list_open"
        first = int(token.attrGet("start") or 1) if ordered else 1
        return Bullets(tuple(items), line, items[-1].end if items else line, ordered, first)

    def _item(self, line: int, end: int) -> Bullet:
        tight = self.tokens[self.at]
        if tight.type == "paragraph_open" and tight.map:
            self.at += 1
            self._cover(tight.map[0] + 1, tight.map[1])
            text = self._inline("paragraph_close")
        else:
            text = ""
            if _EMPTY_ITEM.fullmatch(self.lines[line - 1]):
                self._cover(line, line)
        box = _BOX.match(text)
        checked = box[1] in "xX" if box else None
        inner = tuple(_inside(self._until("list_item_close")))
        return Bullet(text[box.end() :] if box else text, line, self._last(line, end), checked, inner)

    def _table(self, line: int, end: int) -> Grid:
        while self.tokens[self.at].type != "table_close":
            self.at += 1
        self.at += 1
        rows = [Row(_cells(self.lines[n - 1]), n) for n in (line, *range(line + 2, end + 1))]
        return Grid(rows[0].cells, tuple(row for row in rows[1:] if any(row.cells)), line, end)


def _cells(line: str) -> tuple[str, ...]:
    r"""Return the cells of a row, all of them: GitHub drops those beyond the last column. `\|` is a bar of the text."""
    inner = re.sub(r"^[\s>]*\|?", "", line).rstrip()
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return tuple(cell.strip().replace("\\|", "|") for cell in _PIPE.split(inner))


def _inside(found: Sequence[Block | Part]) -> Iterator[Block]:
    """Yield the blocks in a list item or block quote, where a heading is a paragraph."""
    for one in found:
        yield Paragraph(one.title, one.line, one.end) if isinstance(one, Part) else one


def _with_leftovers(found: Sequence[Block | Part], reader: _Reader, skipped: int) -> Iterator[Block | Part]:
    """Yield blocks and, in between, the lines that belong to none of them."""
    runs = list(_leftover_runs(reader, skipped))
    for one in found:
        while runs and runs[0].line < one.line:
            yield runs.pop(0)
        yield one
    yield from runs


def _leftover_runs(reader: _Reader, skipped: int) -> Iterator[Verbatim]:
    run: list[int] = []
    for number in range(skipped + 1, len(reader.lines) + 2):
        here = number <= len(reader.lines) and reader.lines[number - 1].strip() and number not in reader.covered
        if here:
            run.append(number)
        elif run:
            text = "\n".join(reader.lines[n - 1] for n in run)
            if not re.fullmatch(r"[\s>]*", text):  # the empty lines of a quotation say nothing
                yield Verbatim(text, run[0], run[-1])
            run = []


def _nested(flat: Sequence[Block | Part], last: int) -> tuple[Part, ...]:
    """Return the sections as a tree: each ends before the next heading of the same or a higher level."""
    found: list[Part] = []
    at = 0
    while at < len(flat):
        head = flat[at]
        assert isinstance(head, Part)  # noqa: S101 - the first is a heading, and each step goes to the next
        end = next(
            (i for i in range(at + 1, len(flat)) if isinstance(o := flat[i], Part) and o.level <= head.level), len(flat)
        )
        stop = flat[end].line - 1 if end < len(flat) else last
        inner = flat[at + 1 : end]
        first = next((i for i, one in enumerate(inner) if isinstance(one, Part)), len(inner))
        own = tuple(one for one in inner[:first] if not isinstance(one, Part))
        found.append(Part(head.title, head.level, head.line, stop, own, _nested(inner[first:], stop)))
        at = end
    return tuple(found)
