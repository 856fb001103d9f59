"""In: nothing. Out: the values that a Markdown file is read into: parts below headings, blocks with their lines.

Every line of the file that is not blank belongs to a heading, to the front matter or to a block, so that whoever carries
all of them over loses nothing. Texts are Markdown as written, without the marks of the block they stand in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `line` and `end` are its first and last line, from 1."""

    text: str
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A line `**Key**: value`; lines that follow it are part of the value."""

    key: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """Lines `**Key**: value`, one below the other."""

    pairs: tuple[Pair, ...]
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class Bullet:
    """An entry of a list: `text` is its first paragraph, `checked` the state of its box if it has one."""

    text: str
    line: int
    end: int
    checked: bool | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list; `ordered` is a list with numbers, which begins with `first`."""

    items: tuple[Bullet, ...]
    line: int
    end: int
    ordered: bool = False
    first: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, with as many cells as the file has: it may be more, or fewer, than there are columns."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code, fenced or indented; `info` is what stands behind the fence."""

    text: str
    info: str
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation with the blocks in it."""

    blocks: tuple[Block, ...]
    line: int
    end: int


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines that are none of the above, as they stand: HTML, definitions of links, what is nested too deep."""

    text: str
    line: int
    end: int


Block: TypeAlias = Paragraph | Pairs | Bullets | Grid | Code | Quote | Verbatim


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands below it: blocks, then parts with headings of a lower rank. `end` is its last line."""

    title: str
    level: int
    line: int
    end: int
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()

    def walk(self) -> Iterator[Part]:
        """Yield this part and all below it, in the order of the file."""
        stack = [self]
        while stack:
            part = stack.pop()
            yield part
            stack.extend(reversed(part.parts))


@dataclass(frozen=True)
class Document:
    """A Markdown file: `front` is its front matter, `blocks` what stands before the first heading.

    `path` is the file as findings name it. `lines` are the lines as written, without line ends.
    """

    path: str
    lines: tuple[str, ...]
    front: Mapping[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()

    def source(self, line: int, end: int) -> str:
        """Return the lines from `line` to `end`, both from 1 and included, without blank lines around them."""
        return "\n".join(self.lines[line - 1 : end]).strip("\n")

    def walk(self) -> Iterator[Part]:
        """Yield all parts in the order of the file."""
        for part in self.parts:
            yield from part.walk()
