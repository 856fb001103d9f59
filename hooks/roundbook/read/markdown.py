"""In: the text of a Markdown file. Out: a `Document`: its parts and blocks with their lines, none of them lost.

The blocks are those of CommonMark with GitHub's tables; text inside them is left as it is written, and so is cheap to read.

Source: https://spec.commonmark.org/0.31.2/, https://github.github.com/gfm/#tables-extension-
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from roundbook.errors import Finding
from roundbook.model.document import Block, Bullet, Bullets, Code, Document, Grid, Paragraph, Part, Quote, Row, Verbatim
from roundbook.read.pairs import split_pairs
from roundbook.yamlfile import errors
from roundbook.yamlfile import reader as yamlfile_reader

MAX_NESTING = 40
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_BOX = re.compile(r"\[([ xX])\](?=\s|$)\s*")
_EMPTY_ITEM = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])[\s>]*)+")
_PIPE = re.compile(r"(?<!\\)\|")
_LIST_ENDS = {"bullet_list_open": "bullet_list_close", "ordered_list_open": "ordered_list_close"}


def parse(data: bytes, path: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """Return the document that a file's bytes hold, and what is wrong with its characters; never raises.

    There is no document where the bytes are no UTF-8 text or too many. Characters that do not belong into a text are
    findings, and U+FFFD in the document.
    """
    text, findings = errors.decode(data, path)
    return (None if text is None else document(text, path)), tuple(findings)


def document(text: str, path: str = "") -> Document:
    """Return the document of a text, whose line ends are line feeds."""
    lines = tuple(text.split("\n"))
    front, length = _front_matter(text, path)
    body = "\n" * length + "\n".join(lines[length:])
    reader = _Reader(lines, _parser().parse(body, {}))
    blocks = reader.blocks(length)
    flat = list(_with_leftovers(blocks, reader, length))
    first = next((i for i, one in enumerate(flat) if isinstance(one, Part)), len(flat))
    leading = tuple(one for one in flat[:first] if not isinstance(one, Part))
    return Document(path, lines, front, leading, _nested(flat[first:], len(lines)))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING})
    parser.enable(["table"])
    # What stands inside a block is not needed, and reading it can take quadratic time.
    parser.disable(["inline", "text_join"])
    return parser


def _front_matter(text: str, path: str) -> tuple[Mapping[str, Any], int]:
    """Return the front matter and how many lines it takes; what is no mapping is none, and stays in the text."""
    match = _FRONT.match(text)
    if not match:
        return {}, 0
    tree, findings = yamlfile_reader.parse(("\n" + (match[1] or "")).encode("utf-8", "surrogatepass"), path)
    if not isinstance(tree, yamlfile_reader.Map) or any(f.severity == "error" for f in findings):
        return {}, 0
    return tree, match[0].rstrip("\n").count("\n") + 1


def without_unread_front(data: bytes, path: str) -> tuple[bytes, tuple[Finding, ...]]:
    """Return a file with blank lines for front matter that cannot be read, and why; as it is where nothing is wrong.

    Of a decision record such lines are no text: its keys would be taken for the title.
    """
    match = _FRONT.match(data.decode("utf-8", "surrogateescape").replace("\r\n", "\n"))
    if not match:
        return data, ()
    _, findings = yamlfile_reader.parse(("\n" + (match[1] or "")).encode("utf-8", "surrogateescape"), path)
    faults = tuple(f for f in findings if f.severity == "error")
    blank = "\n" * match[0].count("\n")
    rest = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n")[match.end() :]
    return (f"{blank}{rest}".encode("utf-8", "surrogateescape") if faults else data), faults


class _Reader:
    """Turns tokens into blocks; `covered` holds the lines that blocks have taken."""

    def __init__(self, lines: Sequence[str], tokens: Sequence[Token]) -> None:
        self.lines, self.tokens = lines, tokens
        self.at = 0
        self.covered: set[int] = set()

    def blocks(self, skipped: int) -> list[Block | Part]:
        """Return all blocks and headings of the file, in its order."""
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
        """Return the last line that is not blank of those from `line` to `end`."""
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
    """Yield blocks that stand in a list or quotation; a heading there is a paragraph of its own."""
    for one in found:
        yield Paragraph(one.title, one.line, one.end) if isinstance(one, Part) else one


def _with_leftovers(found: Sequence[Block | Part], reader: _Reader, skipped: int) -> Iterator[Block | Part]:
    """Yield what was found and, where they stand, the lines that nothing has taken."""
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
    """Return the parts as a tree: each holds what follows it up to the next heading of its rank or a higher one."""
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
