"""Changes of a note merged into rounds that exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from posixpath import normpath
from typing import Any, NamedTuple

from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.importer import notes as importer_notes
from roundbook.importer.identify import Hints
from roundbook.importer.notes import NoteFile, document_of
from roundbook.importer.run import Imported, Placed, RoundsFolder, again, imported, model_of, not_writable, there, trees
from roundbook.schema.base import Record, Shape
from roundbook.yamlfile.edit import Value, fields, kebab_key, listed, meaning, name, pairs
from roundbook.yamlfile.edit import updated as rewritten
from roundbook.yamlfile.writer import Data, below

_Places = tuple[int | None, int | None, int | None]  # of one entry in base, theirs and ours


@frozen
class Conflict:
    """A value that the document and a person changed, each in a different way: ours was kept; `None` means no value."""

    path: str
    base: Data | None
    theirs: Data | None
    ours: Data | None


@frozen
class Merged:
    """The merged tree, the conflicts in it, and whether it says anything else than ours did."""

    tree: dict[str, Data]
    conflicts: tuple[Conflict, ...] = ()
    changed: bool = False


def merge(
    base: Mapping[str, Data] | None, theirs: Mapping[str, Data], ours: Mapping[str, Data], model: type[Record]
) -> Merged:
    """Return our tree with what the document changed; `model` is the record that the trees are.

    Without a base only what is new is added. Entries of lists are found by id, name or likeness.
    """
    work = _Merge()
    shape = Shape(model)
    tree = work.record(base, theirs, ours, shape, "")
    return Merged(tree, tuple(work.conflicts), meaning(tree, shape) != meaning(ours, shape))


class _Merge:
    """The conflicts that were found so far."""

    def __init__(self) -> None:
        self.conflicts: list[Conflict] = []

    def value(self, base: Value, theirs: Value, ours: Value, shape: Shape, path: str) -> Value:
        """Return the merged value, or `None` for none."""
        was, now, here = (meaning(one, shape) for one in (base, theirs, ours))
        if now in (here, was):
            return ours
        if here == was:
            return theirs
        if shape.many or (isinstance(theirs, list | tuple) and isinstance(ours, list | tuple)):
            return self._list(listed(base), listed(theirs), listed(ours), shape, path)
        if shape.named or (_is_record(theirs, shape) and _is_record(ours, shape)):
            return self.record(base, theirs or {}, ours or {}, shape, path)
        return self._conflict(base, theirs, ours, path)

    def _conflict(self, base: Value, theirs: Value, ours: Value, path: str) -> Value:
        self.conflicts.append(Conflict(path, base, theirs, ours))
        return ours

    def record(self, base: Value, theirs: Value, ours: Value, shape: Shape, path: str) -> dict[str, Value]:
        """Return a record with the keys of ours, as they are written, and those that theirs added."""
        was, now, here = (fields(one, shape) for one in (base, theirs, ours))
        written = {kebab_key(key, shape): key for key in ours} if isinstance(ours, Mapping) else {}
        made: dict[str, Value] = {}
        for key in dict.fromkeys((*here, *now)):
            steps = f"{path}.{key}".removeprefix(".")
            value = self.value(was.get(key), now.get(key), here.get(key), below(shape, key), steps)
            if value is not None:
                made[written.get(key, key)] = value
        return made

    def _list(self, base: list[Value], theirs: list[Value], ours: list[Value], shape: Shape, path: str) -> Value:
        inner = Shape(shape.record)
        places = list(_aligned(base, theirs, ours, inner))
        kept: dict[int, Value] = {}
        for number, at in enumerate(places):
            rows = [None if i is None else side[i] for i, side in zip(at, (base, theirs, ours), strict=True)]
            label = name(next(row for row in reversed(rows) if row is not None), inner)
            value = self._entry(rows, inner, f"{path}[{label}]")
            if value is not None:
                kept[number] = value
        return [kept[number] for number in _order(places) if number in kept] or None

    def _entry(self, rows: list[Value], shape: Shape, path: str) -> Value:
        """Return an entry of a list; the cells of a row are merged each by itself, where all have as many."""
        base, theirs, ours = rows
        if shape.record is not None or not all(isinstance(row, list | tuple) for row in rows):
            return self.value(base, theirs, ours, shape, path)
        if len({len(row) for row in rows}) == 1:
            return [
                self.value(*cells, Shape(), f"{path}[{i}]")
                for i, cells in enumerate(zip(base, theirs, ours, strict=True))
            ]
        was, now, here = (meaning(row, shape) for row in rows)
        if now in (here, was):
            return ours
        return theirs if here == was else self._conflict(base, theirs, ours, path)


def _is_record(value: Value, shape: Shape) -> bool:
    return isinstance(value, Mapping) or bool(shape.record and isinstance(value, str))


def _aligned(base: list[Value], theirs: list[Value], ours: list[Value], shape: Shape) -> Iterator[_Places]:
    """Yield the places of the entries of three lists, each entry once."""
    now, here = pairs(base, theirs, shape), pairs(base, ours, shape)
    added = [at for at in range(len(theirs)) if at not in now.values()]
    own = [at for at in range(len(ours)) if at not in here.values()]
    both = pairs([theirs[at] for at in added], [ours[at] for at in own], shape)
    yield from ((at, now.get(at), here.get(at)) for at in range(len(base)))
    yield from ((None, at, own[both[n]] if n in both else None) for n, at in enumerate(added))
    yield from ((None, None, at) for n, at in enumerate(own) if n not in both.values())


def _order(places: list[_Places]) -> list[int]:
    """Return the entries in the order of ours, or of theirs where the document alone gave them another one.

    An entry of the other list alone follows the entry that it follows there.
    """
    was, now, here = (
        [n for _, n in sorted((at[side], n) for n, at in enumerate(places) if at[side] is not None)]
        for side in range(3)
    )
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


SOURCE = "source"
_REV = 12
_SHOWN = 60


class NoteSource(NamedTuple):
    """An entry of `source:`: a note, a commit that holds it as it was imported, and the id of its content."""

    path: str
    rev: str = ""
    blob: str = ""


def with_sources(tree: Mapping[str, Data], made_of: Iterable[NoteFile]) -> Mapping[str, Data]:
    """Return the tree with the notes that lie in the project as its sources."""
    found = (NoteSource(note.source, note.rev[:_REV], note.blob) for note in made_of if note.source)
    sources: list[Data] = [{key: text for key, text in one._asdict().items() if text} for one in found]
    return {**tree, SOURCE: sources if len(sources) > 1 else sources[0]} if sources else tree


def sources_of(tree: Mapping[str, Any]) -> tuple[NoteSource, ...]:
    """Return the sources that a file names."""
    said = tree.get(SOURCE) or ()
    listed = said if isinstance(said, list | tuple) else [said]
    whole = (one if isinstance(one, Mapping) else {"path": one} for one in listed)
    texts = ([str(one.get(key) or "") for key in NoteSource._fields] for one in whole)
    return tuple(NoteSource(normpath(path), rev, blob) for path, rev, blob in texts if path)


@frozen
class Updating:
    """Updates the files of a project; `named` gives the decisions of a record ids that are free."""

    root: Path
    rounds_folder: RoundsFolder
    hints: Hints
    named: Callable[[Imported], Mapping[str, Data]]

    def placed(
        self, one: Imported, given: Sequence[NoteFile], contents: Mapping[str, bytes]
    ) -> tuple[Placed, tuple[Finding, ...]]:
        """Return a record in its file with what changed in the given notes, and the conflicts.

        Notes that were not given again stay what they were. Where git does not have what they were, only what is new is added.
        """
        before = there(one, contents)
        if len(contents) > 1 or not before.trees:
            fix = "merge the changes by hand; roundbook import --verify names what is missing in the round"
            message = "a round of several files, or one that cannot be read, cannot be updated"
            fault = Finding("error", "import-there", message, Place(before.path), fix)
            return Placed(one, before.path, "there", findings=(fault,)), ()
        sources = sources_of(before.trees[0])
        known = {source.path: source.blob for source in sources}
        if given and all(known.get(note.source) == note.blob for note in given):
            return Placed(one, before.path, "unchanged", None, before.trees), ()
        texts = importer_notes.contents(self.root, [source.blob for source in sources if source.blob])
        old = [NoteFile(s.path, texts[s.blob], s.path, s.rev, s.blob) for s in sources if s.blob in texts]
        # One that is gone, while another one is given that is no source yet, was moved.
        moved = any(note.source not in known for note in given)
        again_ = {note.source for note in given}
        others = [n for n in old if n.source not in again_ and not (moved and not (self.root / n.source).exists())]
        now = self._imported(one, (*given, *others)) or one
        of_it = {document.path for document in now.result.documents}
        if of_it and (apart := [note.path for note in (*given, *others) if note.path not in of_it]):
            message = f"{', '.join(apart)} is about something else than the other notes of {one.result.key}"
            fix = "name its record under notes in the settings, or with --phase and --round"
            fault = Finding("error", "import-there", message, Place(before.path), fix)
            return Placed(one, before.path, "there", findings=(fault,)), ()
        was = self._imported(one, old) if sources and len(old) == len(sources) else None
        theirs = with_sources(self.named(now), (*given, *others))
        return updated(now, self.named(was) if was else None, theirs, contents, self.rounds_folder)

    def _imported(self, one: Imported, notes: Sequence[NoteFile]) -> Imported | None:
        documents = [document for note in notes if (document := document_of(note.data, note.path)[0])]
        return next((made for made in imported(documents, self.hints) if made.result.key == one.result.key), None)


def updated(
    one: Imported,
    was: Mapping[str, Data] | None,
    now: Mapping[str, Data],
    contents: Mapping[str, bytes],
    rounds_folder: RoundsFolder,
) -> tuple[Placed, tuple[Finding, ...]]:
    """Return a record in its one file with what changed from one tree to another, and the conflicts, where ours is kept.

    `was` is `None` where it is not known. Every other line of the file, and what people added, stays.
    """
    ((path, data),) = contents.items()
    (ours,) = trees(contents)
    model = model_of(one.result.key)
    merged = merge(was and _said(was), _said(now), _said(ours), model)
    conflicts = tuple(_findings(merged.conflicts, path))
    if not merged.changed and sources_of(now) == sources_of(ours):
        return Placed(one, path, "unchanged", None, (ours,)), conflicts
    tree = {**merged.tree, **{key: now[key] for key in (SOURCE,) if key in now}}
    try:
        made = rewritten(data, path, model, tree)
    except ValueError as fault:
        return Placed(one, path, "there", None, (ours,), (not_writable(fault, path),)), conflicts
    if made.findings:
        return Placed(one, path, "there", None, (ours,), made.findings), conflicts
    return again(one, path, {path: made.data}, rounds_folder, "updated"), conflicts


def _said(tree: Mapping[str, Data]) -> Mapping[str, Data]:
    """Return what a tree says of the round, without where that comes from, which the importer alone writes."""
    return {key: value for key, value in tree.items() if key != SOURCE}


def _findings(conflicts: Iterable[Conflict], path: str) -> Iterator[Finding]:
    for one in conflicts:
        place = getattr(one.ours, "place", None) or Place(path)
        message = f"{one.path}: the round says {_shown(one.ours)}, but the note now says {_shown(one.theirs)}"
        before = f" (before: {_shown(one.base)})" if one.base is not None else ""
        yield Finding("warning", "import-conflict", message + before, place, "the round was kept; resolve it by hand")


def _shown(value: Data | None) -> str:
    if value is None:
        return "nothing"
    folded = " ".join(_flat(value).split())
    return f'"{folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1] + "…"}"'


def _flat(value: Data) -> str:
    if isinstance(value, str | bool):
        return str(value).lower() if isinstance(value, bool) else value
    parts = [f"{k}: {_flat(v)}" for k, v in value.items()] if isinstance(value, Mapping) else map(_flat, value)
    return ", ".join(parts)
