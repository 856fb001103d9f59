"""In: blocks of a decision record. Out: its labels with their values: `Label: value` in lines, lists, tables and bold words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from roundbook.adr.fields import Named, folded, key_of, labelled, references, relations, stated, status_cells
from roundbook.errors import Place
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Document,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    Quote,
    bold_of,
    lead_of,
    pair_of,
)
from roundbook.schema.statuses import decision_status_of

LABEL = re.compile(r"(?P<key>[A-Za-z][\w/&' -]{1,40}?):\s*(?P<value>\S.*)?", re.DOTALL)
_MARKED = re.compile(r"(?P<mark>[*_]{1,3})(?P<key>[^*_]{3,40})(?P=mark)\s*:?\s*(?P<value>\S.*)")


class Label(NamedTuple):
    """A label in a block with its value, its first and last line, and what is nested in it."""

    key: str
    value: str
    line: int
    end: int
    blocks: tuple[Block, ...] = ()


def joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks, a label `Status` that stands alone as one with the paragraph or list below it, which is its value."""
    waiting: tuple[Block, str] | None = None
    for block in blocks:
        if waiting and isinstance(block, Paragraph | Bullets):
            text = block.text if isinstance(block, Paragraph) else "\n".join(item.text for item in block.items)
            yield Pairs((Pair(waiting[1], text, waiting[0].line),), waiting[0].line, block.end)
            waiting = None
            continue
        if waiting:
            yield waiting[0]
        label = _alone(block)
        waiting = (block, label) if key_of(label) == "status" else None
        if not waiting:
            yield block
    if waiting:
        yield waiting[0]


def _alone(block: Block) -> str:
    """Return the label that a block is, with nothing behind it."""
    if isinstance(block, Pairs):
        return block.pairs[0].key if len(block.pairs) == 1 and not block.pairs[0].value else ""
    if isinstance(block, Paragraph) and "\n" not in block.text:
        return bold_of(block.text) or (block.text.strip(" *_:") if block.text.strip(" *_").endswith(":") else "")
    return ""


def labels(block: Block, *, head: bool = False) -> Iterator[Label]:
    """Yield the lines `Label: value` of a block; at the head of a record a label in a list need not be a known one."""
    match block:
        case Pairs():
            yield from _of_pairs(block)
        case Bullets():
            for item in block.items:
                if (found := _of_item(item, head=head))[0]:
                    yield Label(*found, item.line, item.end, item.blocks)
        case Paragraph():
            for number, line in enumerate(block.text.split("\n"), block.line):
                if (found := _of_line(line.strip().rstrip("\\").strip()))[0]:
                    yield Label(*found, number, number)
        case Quote():
            yield from (one for inner in block.blocks for one in labels(inner, head=head))
        case Grid():
            yield from _of_grid(block)


def _of_pairs(block: Pairs) -> Iterator[Label]:
    ends = (*(pair.line - 1 for pair in block.pairs[1:]), block.end)
    yield from (
        Label(one.key, one.value, one.line, max(end, one.line)) for one, end in zip(block.pairs, ends, strict=True)
    )


def _of_item(item: Bullet, *, head: bool) -> tuple[str, str]:
    """Return label and value of a bullet, `**Rationale**: text` or `Rationale: text`, or nothing."""
    text = " ".join(item.text.split("\n"))
    match = LABEL.fullmatch(item.text)
    plain = (match["key"], match["value"] or "") if match and (head or key_of(match["key"])) else None
    if head:
        found = pair_of(item.text) or plain or stated(text)
        return found if not item.blocks and len(found[0].split()) <= 4 else ("", "")
    return pair_of(item.text) or lead_of(item.text) or plain or stated(text)


def _of_line(line: str) -> tuple[str, str]:
    """Return label and value of a line `Date: x`, or of a status in marks: `**Status** x`, `*Status*: x`, `**Status: x**`."""
    match = LABEL.fullmatch(line)
    if match and (key_of(match["key"]) or folded(match["key"]) == "technical story"):
        return match["key"], match["value"] or ""
    match = _MARKED.fullmatch(line)
    if match and key_of(match["key"]) == "status":
        return match["key"].strip(" :"), match["value"]
    return stated(line) if line[:1] in "*_<" or re.match(r"!?\[", line) else ("", "")


def _of_grid(grid: Grid) -> Iterator[Label]:
    """Yield the labels of a table: the cells of a column of statuses, else the rows of two columns."""
    text = "\n".join(status_cells(grid))
    if text and not (len(grid.columns) == 2 and decision_status_of(grid.columns[1])):
        yield Label("Status", text, grid.line, grid.end)
        return
    for cells, line in ((grid.columns, grid.line), *((row.cells, row.line) for row in grid.rows)):
        if len(cells) >= 2 and key_of(cells[0]) and cells[1].strip():
            yield Label(cells[0].strip(" *_`:"), cells[1], line, line)


def linked(part: Part, document: Document) -> Iterator[tuple[Named, Place]]:
    """Yield the records that a section of related ones names: with its verb where one governs them, else as related."""
    for text, line in (one for inner in part.walk() for block in inner.blocks for one in _lines_of(block)):
        pair = pair_of(text) or lead_of(text)
        match = None if pair else LABEL.fullmatch(" ".join(text.split("\n")))
        label, value = pair or ((match["key"], match["value"] or "") if match else ("", text))
        found = [*labelled(label, value)] if label else []
        found = found or [*relations(text.replace("`", "").replace("*", ""))]
        known = {one.text for one in found}
        rest = (Named("relates-to", False, *one, sure=False) for one in references(text.replace("`", "")))
        yield from ((one, Place(document.path, line, 1)) for one in (*found, *(r for r in rest if r.text not in known)))


def _lines_of(block: Block) -> Iterator[tuple[str, int]]:
    if isinstance(block, Bullets):
        for item in block.items:
            yield item.text, item.line
            yield from (one for inner in item.blocks for one in _lines_of(inner))
    elif isinstance(block, Paragraph):
        yield from ((line, block.line + i) for i, line in enumerate(block.text.split("\n")))
    elif isinstance(block, Pairs):
        yield from ((f"**{pair.key}**: {pair.value}", pair.line) for pair in block.pairs)
