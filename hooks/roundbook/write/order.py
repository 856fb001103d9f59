"""In: the keys of a mapping, and the record that it becomes. Out: the order in which a reader wants them."""

from __future__ import annotations

from collections.abc import Sequence

from roundbook.model.record import Record
from roundbook.model.records import Chapter
from roundbook.model.shape import shapes

# What a round is and whose comes before what happened in it; the fields of `Chapter` stand before those of `Round`.
TOP = ("round", "phase", "was", "repository", "title", "kind", "date", "status", "status-text", "focus", "summary")


def arranged(keys: Sequence[str], model: type[Record] | None) -> list[int]:
    """Return the positions of the keys in their new order: that of the record's fields.

    A key that is none of the record's, such as `x-…`, stays behind the key that it followed. Keys of a mapping that is no
    record (metrics, details) keep their order.
    """
    if model is None:
        return list(range(len(keys)))
    known = [*(TOP if issubclass(model, Chapter) else ()), *shapes(model)]
    rank = {key: place for place, key in reversed(list(enumerate(known)))}
    groups: list[list[int]] = [[]]
    for position, key in enumerate(keys):
        if key.replace("_", "-") in rank:
            groups.append([])
        groups[-1].append(position)
    first, *others = groups
    others.sort(key=lambda group: rank[keys[group[0]].replace("_", "-")])
    return [position for group in (first, *others) for position in group]
