"""In: the keys of a mapping, and the record that it becomes. Out: the order in which a reader wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from roundbook.model.sheet import Block, Entry, Node
from roundbook.schema.base import Record, Shape, shapes
from roundbook.schema.round import Chapter

# What a round is and whose comes before what happened in it; the fields of `Chapter` stand before those of `Round`.
TOP = ("round", "phase", "was", "repository", "title", "kind", "date", "status", "status-text", "focus", "summary")


@cache
def _ranks(model: type[Record] | None) -> Mapping[str, int]:
    if model is None:
        return {}
    known = dict.fromkeys((*(TOP if issubclass(model, Chapter) else ()), *shapes(model)))
    return {key: place for place, key in enumerate(known)}


def rank(key: str, model: type[Record] | None) -> int | None:
    """Return the place of a key as it is written, or `None` where the record does not know it, or there is no record."""
    return _ranks(model).get(key.replace("_", "-"))


def below(shape: Shape, key: str | None) -> Shape:
    """Return the shape of a key's value, or of an entry of a list, which has no key."""
    if key is None or shape.named or shape.record is None:
        return Shape(shape.record)
    return shapes(shape.record).get(key.replace("_", "-"), Shape())


def arranged(keys: Sequence[str], model: type[Record] | None) -> list[int]:
    """Return the positions of the keys in their new order: that of the record's fields.

    A key that is none of the record's, such as `x-…`, stays behind the key that it followed. Keys of a mapping that is no
    record (metrics, details) keep their order.
    """
    places: list[tuple[int, int]] = []
    for position, key in enumerate(keys):
        place = rank(key, model)
        places.append((places[-1][0] if places else -1, position) if place is None else (place, position))
    return [position for _, position in sorted(places)]


def in_order(node: Node, shape: Shape) -> Node:
    """Return a value with the keys of each record in it in their order, each with its comments.

    A blank line that set a key off from another one goes, unless there is a comment for it to set off.
    """
    if not isinstance(node, Block):
        return node
    keys = [entry.key.text if entry.key else None for entry in node.entries]
    entries = [replace(e, value=in_order(e.value, below(shape, k))) for e, k in zip(node.entries, keys, strict=True)]
    if node.keyed:
        order = arranged([key or "" for key in keys], None if shape.named else shape.record)
        pairs = zip([-1, *order], order, strict=False)
        entries = [entries[at] if before + 1 == at else _joined(entries[at]) for before, at in pairs]
    return replace(node, entries=tuple(entries))


def _joined(entry: Entry) -> Entry:
    return entry if any(entry.above) else replace(entry, above=())
