"""In: values of round files. Out: whether two mean the same however they are written, and which entries of two lists are one.

A round file may write a list of one as its entry, a record of one key as that key's text, and `_` for `-`.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from roundbook.schema.base import Item, Record, Shape, is_empty, shapes
from roundbook.schema.decision import Selection

SIMILAR = 0.6
_MOST = 20_000  # pairs that are compared letter by letter

Value = Any  # a text, a list or a mapping, as `write.emit.Data`; `None` where there is nothing


def meaning(value: Value, shape: Shape) -> Hashable:
    """Return what a value means, equal for two that are read as the same; `None` for an empty one."""
    if is_empty(value):
        return None
    if shape.many:
        return tuple(meaning(one, Shape(shape.record)) for one in listed(value)) or None
    if isinstance(value, Mapping) or (shape.record and not shape.named and isinstance(value, str)):
        parts = ((key, meaning(one, below(shape, key))) for key, one in fields(value, shape).items())
        return frozenset((key, part) for key, part in parts if part is not None)
    if isinstance(value, list | tuple):
        return tuple("" if is_empty(one) else meaning(one, shape) for one in value)
    return str(value)


def listed(value: Value) -> list[Value]:
    """Return a value as a list of entries, without empty ones."""
    if is_empty(value):
        return []
    return [one for one in value if not is_empty(one)] if isinstance(value, list | tuple) else [value]


def fields(value: Value, shape: Shape) -> dict[str, Value]:
    """Return a record or mapping by the keys that its model has, also where a text stands for it."""
    if isinstance(value, Mapping):
        return {key if shape.record is None or shape.named else _kebab(key): one for key, one in value.items()}
    if is_empty(value) or shape.record is None:
        return {}
    if shape.record is Selection and ".." in value:
        first, _, last = value.partition("..")
        return {"from": first, "to": last.lstrip(".")}
    return {shape.record.SHORT: value}


def below(shape: Shape, key: str) -> Shape:
    """Return the shape of a key's value."""
    if shape.named or shape.record is None:
        return Shape(shape.record)
    return shapes(shape.record).get(key, Shape())


def _kebab(key: str) -> str:
    return key if key.startswith("x-") else key.replace("_", "-")


def name(value: Value, shape: Shape) -> str:
    """Return the words that stand for an entry of a list: those of its label, a text itself, the first cell of a row."""
    if isinstance(value, list | tuple):
        return name(value[0], Shape()) if value else ""
    if isinstance(value, str) and shape.record is None:
        return str(value)
    if shape.record is None and not isinstance(value, Mapping):
        return ""
    keys = fields(value, shape)
    found = (keys.get(label) for label in _labels(shape.record))
    return next((str(one if isinstance(one, str) else listed(one)[0]) for one in found if listed(one)), "")


def _labels(model: type[Record] | None) -> tuple[str, ...]:
    if model is None:
        return ("title", "name", "text")
    label = model.LABEL if issubclass(model, Item) else ()
    return (*label, model.SHORT, *list(shapes(model))[:1])


Pairs = dict[int, int]  # positions in one list, and in another


def pairs(one: Sequence[Value], other: Sequence[Value], shape: Shape) -> Pairs:
    """Return which entries of two lists are one, by their positions: first the same ones, then those that are alike."""
    left, right = set(range(len(one))), set(range(len(other)))
    found = same(one, other, shape, left, right)
    return found | alike(one, other, shape, left - set(found), right - set(found.values()))


def same(
    one: Sequence[Value], other: Sequence[Value], shape: Shape, left: AbstractSet[int], right: AbstractSet[int]
) -> Pairs:
    """Return which entries of two lists are equal, or have the same id, or the same name; none is in two pairs.

    `left` and `right` hold the positions in them that may be taken. Of several with one name the first go together.
    """
    found: Pairs = {}
    keys: tuple[Callable[[Value], Hashable], ...] = (
        lambda value: meaning(value, shape),
        lambda value: fields(value, shape).get("id") if shape.record else None,
        lambda value: name(value, shape) or None,
    )
    for key in keys:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for place in sorted(right - set(found.values()), reverse=True):
            waiting[key(other[place])].append(place)
        for place in sorted(left - set(found)):
            word = key(one[place])
            if word is not None and waiting[word]:
                found[place] = waiting[word].pop()
    return found


def alike(
    one: Sequence[Value], other: Sequence[Value], shape: Shape, left: AbstractSet[int], right: AbstractSet[int]
) -> Pairs:
    """Return which entries of two lists have names that are alike, the best pair first; in and out as for `same`."""
    if len(left) * len(right) > _MOST:
        return {}
    words, others = ({at: name(values[at], shape) for at in at_} for values, at_ in ((one, left), (other, right)))
    ratios = [(_ratio(a, b), i, j) for i, a in words.items() for j, b in others.items() if a and b]
    found: Pairs = {}
    for ratio, i, j in sorted(ratios, key=lambda r: (-r[0], r[1], r[2])):
        if ratio >= SIMILAR and i not in found and j not in found.values():
            found[i] = j
    return found


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:200], other[:200], autojunk=False).ratio()
