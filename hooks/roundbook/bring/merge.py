"""In: what a document said and says now, and what people made of it. Out: one tree, and where they disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from roundbook.schema.base import Record, Shape
from roundbook.yamlfile.roundtrip import Value, alike, below, fields, listed, meaning, name, pairs
from roundbook.yamlfile.writer import Data

_OURS = "source"  # the importer's own key: where the document was read


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that the document and a person changed, each in another way: ours was kept; `None` stands for none."""

    path: str
    base: Data | None
    theirs: Data | None
    ours: Data | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged tree, the conflicts in it, and whether it says anything else than ours did."""

    tree: dict[str, Data]
    conflicts: tuple[Conflict, ...] = ()
    changed: bool = False


def merge(
    base: Mapping[str, Data] | None, theirs: Mapping[str, Data], ours: Mapping[str, Data], model: type[Record]
) -> Merged:
    """Return our tree with what the document changed.

    In: what the importer made of the document as it was, or `None` where that is not known; what it makes of it now; what
    the round file says; the record that it becomes. What a person added or changed stays, what the document changed and
    nobody touched is taken. Where both changed the same value, or one changed what the other removed, ours is kept and
    the conflict told. Without a base only what is new is added. Entries of lists are found by id, name or likeness.
    """
    work = _Merge()
    shape = Shape(model)
    tree = work.record(base, theirs, ours, shape, "")
    return Merged(tree, tuple(work.conflicts), meaning(tree, shape) != meaning(ours, shape))


_Places = tuple[int | None, int | None, int | None]  # in base, theirs and ours


class _Triple(NamedTuple):
    """One entry in the three lists; `at` holds its positions in them."""

    base: Value
    theirs: Value
    ours: Value
    at: _Places


class _Merge:
    """The conflicts that were found so far."""

    def __init__(self) -> None:
        self.conflicts: list[Conflict] = []

    def value(self, base: Value, theirs: Value, ours: Value, shape: Shape, path: str) -> Value:
        """Return the merged value, or `None` for none."""
        if path == _OURS:
            return ours if theirs is None else theirs
        was, now, here = (meaning(one, shape) for one in (base, theirs, ours))
        if now in (here, was):
            return ours
        if here == was:
            return theirs
        if shape.many or (isinstance(theirs, list | tuple) and isinstance(ours, list | tuple)):
            return self._list(listed(base), listed(theirs), listed(ours), shape, path)
        if now is None or here is None:
            if not shape.named:
                return self._conflict(base, theirs, ours, path)
            theirs, ours = theirs or {}, ours or {}
        if _is_record(theirs, shape) and _is_record(ours, shape):
            return self.record(base, theirs, ours, shape, path)
        return self._conflict(base, theirs, ours, path)

    def _conflict(self, base: Value, theirs: Value, ours: Value, path: str) -> Value:
        self.conflicts.append(Conflict(path, base, theirs, ours))
        return ours

    def record(self, base: Value, theirs: Value, ours: Value, shape: Shape, path: str) -> dict[str, Value]:
        """Return a record with the keys of ours, as they are written, and those that theirs added."""
        was, now, here = (fields(one, shape) for one in (base, theirs, ours))
        written = {next(iter(fields({key: ""}, shape))): key for key in ours} if isinstance(ours, Mapping) else {}
        made: dict[str, Value] = {}
        for key in dict.fromkeys((*here, *now)):
            steps = f"{path}.{key}".removeprefix(".")
            value = self.value(was.get(key), now.get(key), here.get(key), below(shape, key), steps)
            if value is not None:
                made[written.get(key, key)] = value
        return made

    def _list(self, base: list[Value], theirs: list[Value], ours: list[Value], shape: Shape, path: str) -> Value:
        inner = Shape(shape.record)
        triples = _triples(base, theirs, ours, inner)
        kept: dict[int, Value] = {}
        for number, one in enumerate(triples):
            label = name(next(v for v in (one.ours, one.theirs, one.base) if v is not None), inner)
            value = self._entry(one, inner, f"{path}[{label}]")
            if value is not None:
                kept[number] = value
        return [kept[number] for number in _order(triples) if number in kept] or None

    def _entry(self, one: _Triple, shape: Shape, path: str) -> Value:
        rows = (one.base, one.theirs, one.ours)
        if shape.record is None and all(isinstance(row, list | tuple) for row in rows):
            if len({len(row) for row in rows}) == 1:
                return [self.value(*cells, Shape(), f"{path}[{i}]") for i, cells in enumerate(zip(*rows, strict=True))]
            return self._whole(one, shape, path)
        return self.value(one.base, one.theirs, one.ours, shape, path)

    def _whole(self, one: _Triple, shape: Shape, path: str) -> Value:
        was, now, here = (meaning(value, shape) for value in one[:3])
        if now in (here, was):
            return one.ours
        return one.theirs if here == was else self._conflict(one.base, one.theirs, one.ours, path)


def _is_record(value: Value, shape: Shape) -> bool:
    return isinstance(value, Mapping) or bool(shape.record and isinstance(value, str))


def _triples(base: list[Value], theirs: list[Value], ours: list[Value], shape: Shape) -> list[_Triple]:
    """Return the entries of the three lists, each once: those of theirs, then others of the base, then others of ours."""
    of_base = pairs(theirs, base, shape)
    document: list[tuple[int | None, int | None]] = [(of_base.get(t), t) for t in range(len(theirs))]
    document += [(b, None) for b in sorted(set(range(len(base))) - set(of_base.values()))]
    own: dict[int, int] = {}
    free = set(range(len(ours)))
    for side, find in ((1, alike), (0, alike), (0, alike), (1, alike)):
        places = {at: n for n, both in enumerate(document) if n not in own and (at := both[side]) is not None}
        found = find((base, theirs)[side], ours, shape, set(places), free)
        own |= {places[at]: o for at, o in found.items()}
        free -= set(found.values())
    places_: list[_Places] = [(b, t, own.get(n)) for n, (b, t) in enumerate(document)]
    places_ += [(None, None, o) for o in sorted(free)]
    return [_Triple(_at(base, b), _at(theirs, t), _at(ours, o), (b, t, o)) for b, t, o in places_]


def _at(values: list[Value], place: int | None) -> Value:
    return None if place is None else values[place]


def _order(triples: list[_Triple]) -> list[int]:
    """Return the triples in the order of ours, or of theirs where the document alone gave them another one.

    What is in the other list alone stands behind what it stood behind there.
    """
    was, now, here = (_by_position(triples, side) for side in range(3))
    known = set(was) & set(now) & set(here)
    old, new, own = ([number for number in side if number in known] for side in (was, now, here))
    made, other = (now, here) if old == own != new else (here, now)
    made, there = list(made), set(made)
    for place, number in enumerate(other):
        if number not in there:
            before = next((n for n in reversed(other[:place]) if n in there), None)
            made.insert(0 if before is None else made.index(before) + 1, number)
            there.add(number)
    return made


def _by_position(triples: list[_Triple], side: int) -> list[int]:
    placed = [(at, number) for number, one in enumerate(triples) if (at := one.at[side]) is not None]
    return [number for _, number in sorted(placed)]
