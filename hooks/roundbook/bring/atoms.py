"""In: a Markdown document. Out: its atoms: every heading, key, value, cell, bullet, paragraph and block of code, with its line.

They are what a document says, cut as small as it can be said again: whatever a document is made into, each atom must be
found in it. A remark in brackets at the end of a key or value (`1,048 (from Round 3)`) is an atom of its own, and so are the
bold words that lead a bullet. A line of nothing but bold words is a key; what is nothing but code is said without its marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from roundbook.bring.people import names_of
from roundbook.bring.vocabulary import key_names, label_names, meanings, plain
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Code,
    Document,
    Grid,
    Pairs,
    Paragraph,
    Quote,
    Verbatim,
    bold_of,
    lead_of,
    pair_of,
    remark_of,
)

__all__ = ["Atom", "AtomKind", "atoms", "lead_of", "remark_of"]

AtomKind = Literal["heading", "key", "value", "cell", "bullet", "paragraph", "code"]
_CODE = re.compile(r"(`{1,2})(?!`)(?P<code>[^`\n]+?)(?<!`)\1")
_LABEL = re.compile(r"(?P<label>[^\W_][\w /&'-]{0,40}):\s+(?P<value>\S.*)", re.DOTALL)
_TARGET = re.compile(r"(?P<key>target|goal|budget|limit|threshold)\s*:?\s+(?P<value>\S.*)", re.IGNORECASE)
_NAMED = frozenset({"team", "decision-makers", "consulted", "informed"})
_SAYS = re.compile(r"[^\s\-–—_*|.\\>]")


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
    return tuple(_bare(atom) for atom in found if _SAYS.search(atom.text))


def _bare(atom: Atom) -> Atom:
    match = _CODE.fullmatch(atom.text) if atom.kind in ("bullet", "value") else None
    return Atom(atom.kind, match["code"].strip(), atom.line) if match and match["code"].strip() else atom


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
        case Paragraph() if bold := bold_of(block.text):
            yield from _split("key", bold, block.line)
        case Paragraph() | Verbatim():
            yield Atom("paragraph", block.text, block.line)
        case Pairs():
            yield from (atom for pair in block.pairs for atom in _pair(pair.key, pair.value, pair.line))
        case Bullets():
            yield from (atom for item in block.items for atom in _bullet(item))
        case Grid():
            for cells, line in ((block.columns, block.line), *((row.cells, row.line) for row in block.rows)):
                yield from (Atom("cell", cell, line) for cell in cells)
        case Code():
            yield Atom("code", block.text, block.line)
        case Quote():
            yield from _blocks(block.blocks)


def _bullet(item: Bullet) -> Iterator[Atom]:
    if pair := pair_of(item.text) or label_of(item.text):
        yield from _pair(*pair, item.line)
    elif lead := lead_of(item.text):
        yield from (Atom("bullet", text, item.line) for text in lead)
    else:
        yield Atom("bullet", item.text, item.line)
    yield from _blocks(item.blocks)


def _pair(key: str, value: str, line: int) -> Iterator[Atom]:
    """Yield the atoms of a key and its value; the names that a team is given by are one each."""
    yield from _split("key", key, line)
    names = names_of(value) if _NAMED & {key_names().get(plain(key)), label_names().get(plain(key))} else []
    if len(names) > 1:
        yield from (Atom("value", name, line) for name in names)
    else:
        yield from _split("value", value, line)


def label_of(text: str) -> tuple[str, str] | None:
    """Return label and value of a text such as `Status: done` or `Binary size: 4.6 MB`, or `None`.

    The label is a word that the model has a key for, or the value begins with a number.
    """
    match = _LABEL.fullmatch(text)
    if not match or not (match["value"][:1].isdigit() or meanings(match["label"])):
        return None
    return match["label"], match["value"]


def _split(kind: Literal["key", "value"], text: str, line: int) -> Iterator[Atom]:
    base, remark = remark_of(text)
    yield Atom(kind, base, line)
    if target := _TARGET.fullmatch(remark):
        yield from (Atom("key", target["key"], line), Atom("value", target["value"], line))
    else:
        yield Atom(kind, remark, line)
