"""In: a block below a heading of a topic. Out: what it says there: the entries of a list or table, numbers, a line of prose."""

from __future__ import annotations

import re
from typing import Any

from roundbook.bring import cells, fields, lists, tables, words
from roundbook.bring.gathering import Told
from roundbook.bring.measures import labelled, metric, remembered
from roundbook.bring.paths import paths_in
from roundbook.bring.vocabulary import plain
from roundbook.bring.where import Where, one_line
from roundbook.markdown import Block, Bullets, Grid, Pair, Pairs, Paragraph, Part, pair_of
from roundbook.schema.round import LISTS

_TEXTS = frozenset({"focus", "objectives", "goals", "next", "questions", "notes", "findings"})
_NOTHING = re.compile(r"\W*(?:none|n/?a|nothing|tbd)\b.{0,40}", re.IGNORECASE)
_PAIR_HEADS = words.PAIR_HEADS | {""}


def told(block: Block, topic: str, where: Where, followed: bool = False) -> list[Told]:
    """Return what a block says below a heading of a topic, or nothing; `followed` tells that a list or heading comes after."""
    match block:
        case Bullets():
            return lists.told(block, topic, where)
        case Grid():
            return tables.told(block, topic, where)
        case Pairs() if topic == "metrics":
            return _measures(block, where)
        case Pairs() if topic == "focus":
            return fields.told(block.pairs, where)
        case Paragraph() if topic in _TEXTS and not where.carried:
            return _paragraph(block, topic, where, followed)
    return []


def pairs_of(block: Block) -> list[Pair]:
    """Return the pairs of a block that is nothing else: lines, bullets, or a table of keys and values."""
    match block:
        case Pairs():
            return list(block.pairs)
        case Bullets():
            found = [pair_of(i.text) if not i.blocks and i.checked is None else None for i in block.items]
            return (
                [Pair(*one, item.line) for one, item in zip(found, block.items, strict=True) if one]
                if all(found)
                else []
            )
        case Grid() if len(block.columns) == 2 and {plain(head) for head in block.columns} <= _PAIR_HEADS:
            if not all(len(row.cells) == 2 and all(row.cells) for row in block.rows):
                return []
            return [Pair(row.cells[0].strip("*_:"), row.cells[1], row.line) for row in block.rows]
    return []


def has_boxes(part: Part) -> bool:
    """Tell whether a part has a list with boxes to tick."""
    return any(isinstance(block, Bullets) and any(i.checked is not None for i in block.items) for block in part.blocks)


def entry(part: Part, kind: str, where: Where) -> dict[str, Any]:
    """Return the entry that a heading is: labelled values are its fields, anything else is what follows its first field."""
    made: dict[str, Any] = {LISTS[kind].label: one_line(part.title)}
    more = tables.MORE[kind]
    rest: list[str] = []
    for block in part.blocks:
        if not (said := _labels(block)):
            rest.append(where.source([block]))
        for label, value, written in said:
            if not cells.put_labelled(made, kind, label, value, where):
                rest.append(written)
    rest += [where.lines(inner.line, inner.end) for inner in part.parts]
    if rest:
        remembered(made, more, "\n\n".join(rest), by="\n\n")
    if where.status and LISTS[kind].has_status:
        made.setdefault("status", where.status)
    if kind == "deliverables" and (paths := paths_in(" ".join(rest))):
        made.setdefault("paths", paths)
    return made


def _labels(block: Block) -> list[tuple[str, str, str]]:
    """Return labels and values, and how they are written, of a block that is nothing else."""
    if isinstance(block, Pairs):
        return [(pair.key, pair.value, f"**{pair.key}**: {pair.value}") for pair in block.pairs]
    if isinstance(block, Bullets):
        said = [(labelled(i.text) if not i.blocks and i.checked is None else None, i.text) for i in block.items]
        return [(*one, text) for one, text in said if one] if all(one for one, _ in said) else []
    return []


def changes(part: Part, kind: str, where: Where) -> list[Told]:
    """Return the changes that lists below a heading such as `Fixed` are; nothing where there is anything else."""
    lists_ = [block for block in part.blocks if isinstance(block, Bullets)]
    if part.parts or len(lists_) < len(part.blocks):
        return []
    items = [item for block in lists_ for item in block.items]
    return [where.told("changes", {"type": kind, "text": lists.entry(i, "changes", where)}, i.line) for i in items]


def _measures(block: Pairs, where: Where) -> list[Told]:
    found = [(pair, metric(pair.key, pair.value, sure=True)) for pair in block.pairs]
    if any(one is None for _, one in found):
        return []
    return [where.told(f"metrics.{one[0]}", one[1], pair.line) for pair, one in found if one]


def _paragraph(block: Paragraph, topic: str, where: Where, followed: bool) -> list[Told]:
    if topic in ("objectives", "goals") and followed:
        return [where.told("summary", block.text, block.line)]
    if followed or _NOTHING.fullmatch(block.text):
        return []
    if topic == "focus":
        return [where.told("focus", one_line(block.text), block.line)]
    key = "text" if topic in ("next", "questions", "notes") else "title"
    entry: dict[str, Any] = {key: block.text if key == "text" else one_line(block.text)}
    tables.grouped(entry, topic, where)
    return [where.told(topic, entry if len(entry) > 1 else entry[key], block.line)]
