"""Changes of a note merged into rounds that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from typing import Any, NamedTuple

from roundbook import markdown
from roundbook.errors import Finding, Place
from roundbook.importer import notes
from roundbook.importer.identify import Hints
from roundbook.importer.notes import Note
from roundbook.importer.run import Imported, Placed, Shelf, again, imported, model_of, not_writable, there, trees
from roundbook.markdown import Document
from roundbook.schema.base import Record, Shape
from roundbook.yamlfile.roundtrip import Value, alike, below, fields, listed, meaning, name, pairs
from roundbook.yamlfile.roundtrip import updated as rewritten
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


_REV = 12


def with_sources(tree: Mapping[str, Data], made_of: Iterable[Note]) -> Mapping[str, Data]:
    """Return the tree with the notes that lie in the project as its sources."""
    sources = [source_of(note) for note in made_of if note.source]
    return {**tree, "source": sources if len(sources) > 1 else sources[0]} if sources else tree


def source_of(note: Note) -> dict[str, Data]:
    """Return the entry of `source:` for a note: its path, the commit that holds it like this, and the id of its content."""
    said = {"path": note.source, "rev": note.rev[:_REV], "blob": note.blob}
    return {key: value for key, value in said.items() if value}


class Recorded(NamedTuple):
    """An entry of `source:` in a file that is there."""

    path: str
    rev: str
    blob: str


def recorded(tree: Mapping[str, Any]) -> tuple[Recorded, ...]:
    """Return the sources that a file names."""
    said = tree.get("source") or ()
    listed = said if isinstance(said, list | tuple) else [said]
    whole = (one if isinstance(one, Mapping) else {"path": one} for one in listed)
    texts = ([str(one.get(key) or "") for key in ("path", "rev", "blob")] for one in whole)
    return tuple(Recorded(normpath(path), rev, blob) for path, rev, blob in texts if path)


SOURCE = "source"
_SHOWN = 60


def updated(
    one: Imported,
    was: Mapping[str, Data] | None,
    now: Mapping[str, Data],
    contents: Mapping[str, bytes],
    shelf: Shelf,
) -> tuple[Placed, tuple[Finding, ...]]:
    """Return a record in its file with what the notes changed, and the conflicts; there ours is kept.

    In: the record, the tree of the notes as they were imported (`None` where that is not known) and as they are, the one
    file with its content. Every other line of the file, and what people added, stays.
    """
    ((path, data),) = contents.items()
    (ours,) = trees(contents)
    merged = merge(was and _said(was), _said(now), _said(ours), model_of(one.brought.key))
    conflicts = tuple(_findings(merged.conflicts, path))
    tree = {**merged.tree, **{key: now[key] for key in (SOURCE,) if key in now}}
    if not merged.changed and recorded(now) == recorded(ours):
        return Placed(one, path, "unchanged", None, (ours,)), conflicts
    try:
        made = rewritten(data, path, model_of(one.brought.key), tree)
    except ValueError as fault:
        return Placed(one, path, "there", None, (ours,), (not_writable(fault, path),)), conflicts
    if made.findings:
        return Placed(one, path, "there", None, (ours,), made.findings), conflicts
    return again(one, path, {path: made.data}, shelf, "updated"), conflicts


def _said(tree: Mapping[str, Data]) -> Mapping[str, Data]:
    """Return what a tree says of the round, without where that comes from: the importer alone writes that."""
    return {key: value for key, value in tree.items() if key != SOURCE}


def _findings(conflicts: tuple[Conflict, ...], path: str) -> Iterator[Finding]:
    for one in conflicts:
        place = getattr(one.ours, "place", None) or Place(path)
        message = f"{one.path}: the round says {_shown(one.ours)}, and the note says {_shown(one.theirs)} now"
        before = f", where it said {_shown(one.base)}" if one.base is not None else ""
        yield Finding("warning", "import-conflict", message + before, place, "the round was kept; settle it by hand")


def _shown(value: Data | None) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else _flat(value)
    folded = " ".join(text.split())
    return f'"{folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1] + "…"}"'


def _flat(value: Data) -> str:
    if isinstance(value, str | bool):
        return str(value).lower() if isinstance(value, bool) else value
    parts = [f"{k}: {_flat(v)}" for k, v in value.items()] if isinstance(value, Mapping) else map(_flat, value)
    return ", ".join(parts)


Name = Callable[[Imported], Mapping[str, Data]]  # gives the decisions of a record free ids


@dataclass(frozen=True)
class Updating:
    """What an update needs beside the record and its file."""

    root: Path
    shelf: Shelf
    hints: Hints
    named: Name

    def placed(
        self, one: Imported, given: Sequence[Note], contents: Mapping[str, bytes]
    ) -> tuple[Placed, tuple[Finding, ...]]:
        """Return the record in its file, and where the notes and people disagree.

        The notes that were not given again stay what they were; what they were is read from git. Where git does not have
        it, only what is new comes in.
        """
        before = there(one, contents)
        if len(contents) > 1 or not before.trees:
            fix = "bring the changes in by hand; roundbook import --verify names what is not in the round yet"
            message = "a round of several files, or one that cannot be read, cannot be updated"
            fault = Finding("error", "import-there", message, Place(next(iter(contents))), fix)
            return Placed(one, fault.place.path if fault.place else "", "there", findings=(fault,)), ()
        sources = recorded(before.trees[0])
        known = {source.path: source for source in sources}
        if given and all(note.source in known and known[note.source].blob == note.blob for note in given):
            return Placed(one, before.path, "unchanged", None, before.trees), ()
        old = self._old(sources)
        others = self._others(sources, given, old)
        now = self._imported(one, (*one.brought.documents, *_documents(others)))
        was = self._imported(one, _documents(old)) if sources and len(old) == len(sources) else None
        theirs = with_sources(self.named(now or one), (*given, *others))
        return updated(now or one, self.named(was) if was else None, theirs, contents, self.shelf)

    def _imported(self, one: Imported, documents: Sequence[Document]) -> Imported | None:
        made = imported(documents, self.hints)
        return next((other for other in made if other.brought.key == one.brought.key), None)

    def _old(self, sources: Sequence[Recorded]) -> list[Note]:
        """Return the notes as they were imported, those that git has."""
        texts = notes.contents(self.root, [source.blob for source in sources if source.blob])
        return [Note(s.path, texts[s.blob], s.path, s.rev, s.blob) for s in sources if s.blob in texts]

    def _others(self, sources: Sequence[Recorded], given: Sequence[Note], old: Sequence[Note]) -> list[Note]:
        """Return the notes that the record was made of and that were not given again, as they were.

        One that is gone, while another was given that is no source yet, was moved, and is not read.
        """
        again = {note.source for note in given}
        known = {source.path for source in sources}
        moved = any(note.source not in known for note in given)
        return [
            note for note in old if note.source not in again and not (moved and not (self.root / note.source).exists())
        ]


def _documents(some: Sequence[Note]) -> tuple[Document, ...]:
    read = (markdown.parse(note.data, note.path)[0] for note in some)
    return tuple(document for document in read if document)
