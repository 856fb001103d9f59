"""In: a Markdown document. Out: its atoms: every heading, key, value, cell, bullet, paragraph and block of code, with its line.

They are what a document says, cut as small as it can be said again: whatever a document is made into, each atom must be
found in it. A remark in brackets at the end of a key or value (`1,048 (from Round 3)`) is an atom of its own, and so are the
bold words that lead a bullet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from roundbook.model.document import Block, Bullet, Bullets, Code, Document, Grid, Pairs, Paragraph, Quote, Verbatim
from roundbook.read.pairs import pair_of

AtomKind = Literal["heading", "key", "value", "cell", "bullet", "paragraph", "code"]
_REMARK = re.compile(r"(?P<text>.*\S)\s*\((?P<remark>[^()]+)\)", re.DOTALL)
_LEAD = re.compile(r"(?:\*\*|__)(?P<lead>[^\n]+?)(?:\*\*|__)\s*(?:--+|—|–|-|:)\s+(?P<rest>\S.*)", re.DOTALL)
_SAYS = re.compile(r"[^\s\-–—_*|.]")


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing that a document says; `line` is where it stands, or where its block begins."""

    kind: AtomKind
    text: str
    line: int


def atoms(document: Document) -> tuple[Atom, ...]:
    """Return all atoms of a document in its order; what has no letter, digit or sign, such as a cell `—`, says nothing."""
    found = [*_front(document.front), *_blocks(document.blocks)]
    for part in document.walk():
        found += [Atom("heading", part.title, part.line), *_blocks(part.blocks)]
    return tuple(atom for atom in found if _SAYS.search(atom.text))


def lead_of(text: str) -> tuple[str, str] | None:
    """Return the bold words that lead a text and the rest, of `**Lead** -- rest` or `**Lead**: rest`, or `None`."""
    match = _LEAD.fullmatch(text)
    return (match["lead"].strip().removesuffix(":"), match["rest"]) if match else None


def remark_of(text: str) -> tuple[str, str]:
    """Return a text and the remark in brackets at its end, which is empty where there is none."""
    match = _REMARK.fullmatch(text)
    return (match["text"], match["remark"]) if match else (text, "")


def _front(tree: Mapping[str, Any] | Sequence[Any] | str, line: int = 2) -> Iterator[Atom]:
    if isinstance(tree, Mapping):
        places = getattr(tree, "keys_at", {})
        for key, value in tree.items():
            at = places[key].line if key in places else line
            yield Atom("key", key, at)
            yield from _front(value, at)
    elif isinstance(tree, str):
        yield Atom("value", str(tree), getattr(getattr(tree, "place", None), "line", line) or line)
    else:
        for value in tree:
            yield from _front(value, line)


def _blocks(blocks: Sequence[Block]) -> Iterator[Atom]:
    for block in blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[Atom]:
    match block:
        case Paragraph() | Verbatim():
            yield Atom("paragraph", block.text, block.line)
        case Pairs():
            for pair in block.pairs:
                yield from _split("key", pair.key, pair.line)
                yield from _split("value", pair.value, pair.line)
        case Bullets():
            for item in block.items:
                yield from _bullet(item)
        case Grid():
            for cells, line in ((block.columns, block.line), *((row.cells, row.line) for row in block.rows)):
                yield from (Atom("cell", cell, line) for cell in cells)
        case Code():
            yield Atom("code", block.text, block.line)
        case Quote():
            yield from _blocks(block.blocks)


def _bullet(item: Bullet) -> Iterator[Atom]:
    if pair := pair_of(item.text):
        yield from _split("key", pair[0], item.line)
        yield from _split("value", pair[1], item.line)
    elif lead := lead_of(item.text):
        yield from (Atom("bullet", text, item.line) for text in lead)
    else:
        yield Atom("bullet", item.text, item.line)
    yield from _blocks(item.blocks)


def _split(kind: Literal["key", "value"], text: str, line: int) -> Iterator[Atom]:
    for part in remark_of(text):
        yield Atom(kind, part, line)
