"""In: the keys of a mapping, and the record that it becomes. Out: the order in which a reader wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from roundbook.model.record import Record
from roundbook.model.records import Chapter
from roundbook.model.shape import Shape, shapes
from roundbook.model.sheet import Block, Entry, Node

# What a round is and whose comes before what happened in it; the fields of `Chapter` stand before those of `Round`.
TOP = ("round", "phase", "was", "repository", "title", "kind", "date", "status", "status-text", "focus", "summary")


@cache
def ranks(model: type[Record]) -> Mapping[str, int]:
    """Return the place of each key of a record in the order of its keys."""
    known = dict.fromkeys((*(TOP if issubclass(model, Chapter) else ()), *shapes(model)))
    return {key: place for place, key in enumerate(known)}


def rank(key: str, model: type[Record] | None) -> int | None:
    """Return the place of a key as it is written, or `None` where the record does not know it, or there is no record."""
    return ranks(model).get(key.replace("_", "-")) if model else None


def arranged(keys: Sequence[str], model: type[Record] | None) -> list[int]:
    """Return the positions of the keys in their new order: that of the record's fields.

    A key that is none of the record's, such as `x-…`, stays behind the key that it followed. Keys of a mapping that is no
    record (metrics, details) keep their order.
    """
    groups: list[list[int]] = [[]]
    places = [rank(key, model) for key in keys]
    for position, place in enumerate(places):
        if place is not None:
            groups.append([])
        groups[-1].append(position)
    first, *others = groups
    others.sort(key=lambda group: places[group[0]] or 0)
    return [position for group in (first, *others) for position in group]


def in_order(node: Node, shape: Shape) -> Node:
    """Return a value with the keys of each record in it in their order, each with its comments.

    A blank line that set a key off from another one goes, unless there is a comment for it to set off.
    """
    if not isinstance(node, Block):
        return node
    if not node.keyed or shape.named:
        inner = Shape(shape.record)
        return replace(node, entries=tuple(replace(e, value=in_order(e.value, inner)) for e in node.entries))
    entries = [replace(entry, value=in_order(entry.value, _shape(entry, shape))) for entry in node.entries]
    order = arranged([entry.key.text for entry in entries if entry.key], shape.record)
    pairs = zip([-1, *order], order, strict=False)
    return replace(
        node, entries=tuple(entries[at] if before + 1 == at else _joined(entries[at]) for before, at in pairs)
    )


def _shape(entry: Entry, shape: Shape) -> Shape:
    key = entry.key.text.replace("_", "-") if entry.key else ""
    return shapes(shape.record).get(key, Shape()) if shape.record else Shape()


def _joined(entry: Entry) -> Entry:
    return entry if any(entry.above) else replace(entry, above=())
