"""In: what is to be imported. Out: `Done`: the records in their files, nothing of them written yet, with the proof."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from roundbook import markdown
from roundbook.book.facts import Homes
from roundbook.book.ids import current, decision_of, following, taken
from roundbook.book.model import Book
from roundbook.doors.cli.opening import schema_from
from roundbook.doors.cli.project import book_at
from roundbook.doors.cli.project import refused as refused_ref
from roundbook.errors import Finding, Place, RoundbookError
from roundbook.git import files
from roundbook.importer import notes
from roundbook.importer.decisions import named, no_decision, referring
from roundbook.importer.identify import Hints, Revisions
from roundbook.importer.notes import Note
from roundbook.importer.proof import Missing, Proof
from roundbook.importer.run import (
    FRAGMENTS,
    Imported,
    Kind,
    Placed,
    Shelf,
    anew,
    clashes,
    fragments,
    imported,
    is_fragment,
    kind_of,
    may_be_fragment,
    path_of,
    proof,
    refused,
    there,
    without_fragments,
)
from roundbook.importer.update import Updating, updated, with_sources
from roundbook.markdown import Document
from roundbook.rounds import load
from roundbook.schema.ids import is_record
from roundbook.yamlfile.writer import Data

S = TypeVar("S")
T = TypeVar("T")
PATIENCE = 1.0  # seconds until whoever waits is shown how far it is


@dataclass(frozen=True)
class Asked:
    """What is to be imported, and how."""

    names: tuple[str, ...]
    hints: Hints
    rev: str = ""
    verify: bool = False
    update: bool = False
    force: bool = False
    prints: bool = False


@dataclass(frozen=True)
class File:
    """What came of a file: its kind, the records that hold what it says, and the proof."""

    path: str
    kind: str
    keys: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True)
class Done:
    """What an import would write, and what is to be told of it."""

    placed: tuple[Placed, ...] = ()
    files: tuple[File, ...] = ()
    findings: tuple[Finding, ...] = ()
    conflicts: tuple[Finding, ...] = ()
    renamed: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return what is not found, file by file."""
        return tuple(one for file in self.files for one in file.proof.missing)


def carry_out(obj: tuple[Path, str], asked: Asked) -> Done:
    """Return what an import would write; where any file has an error, nothing but the findings."""
    root, data = obj
    read, faults = _read(root, asked)
    if asked.hints.decisions:
        read = tuple(note for note in read if is_record(note.path))
    pieces = () if asked.hints.decisions else tuple(note for note in read if is_fragment(note.path, note.data))
    documents, more = _parsed(without_fragments(read, pieces))
    findings = (*faults, *more)
    if _has_errors(findings):
        return Done(findings=findings)
    options, _ = load.read_settings(files.in_folder(root, data))
    shelf = Shelf(f"{data}/rounds", options.words())
    book = book_at(root, data, "")
    is_commit = Revisions(book.history)
    home = book.forge.url if book.forge else ""
    hints = replace(asked.hints, words=shelf.words, is_commit=is_commit, homes=_homes(book), home=home)
    hints = replace(hints, is_record=partial(_is_adopted, book.homes))
    asked = replace(asked, hints=hints)
    work = _Work(root, book, shelf, asked, {note.path: note for note in read})
    made = (*imported(documents, asked.hints), *_of_pieces(pieces, book, asked.hints))
    clashing = tuple(clashes(made))
    placed = () if clashing else tuple(_watched([*made], work.placed, "placing"))
    notes_ = (*(note for one in made for note in one.brought.notes), *is_commit.findings(documents))
    findings = (
        *findings,
        *clashing,
        *notes_,
        *dict.fromkeys(work.findings),
        *(f for one in placed for f in one.findings),
    )
    if _has_errors(findings):
        return Done(findings=findings)
    proven = (*_proven(documents, placed, asked.hints), *(_proven_piece(note, placed) for note in pieces))
    return Done(placed, proven, findings, tuple(work.conflicts), tuple(work.renamed))


def _is_adopted(homes: Homes, name: str) -> bool:
    """Tell whether a name is that of a decision record that was adopted, and that no round took."""
    found = decision_of(name.replace("#", ""), homes)
    return found is not None and homes[found] is None


def _homes(book: Book) -> dict[str, frozenset[str]]:
    """Return the records that are there, with the paths of the notes that they were made of."""
    there = {**book.phases, **{key: entry.round for key, entry in book.entries.items()}}
    return {key: frozenset(source.path for source in record.source) for key, record in there.items()}


def _read(root: Path, asked: Asked) -> notes.Read:
    if "-" in asked.names:
        raise click.UsageError("standard input cannot be imported; name a file")
    try:
        if asked.rev:
            return notes.in_commit(root, asked.names, asked.rev)
        return notes.in_folder(root, asked.names, may_be_fragment)
    except RoundbookError as error:
        raise refused_ref(error) from None


def _parsed(read: Sequence[Note]) -> tuple[list[Document], list[Finding]]:
    findings: list[Finding] = []
    documents: list[Document] = []
    for document, faults in _watched(read, lambda note: markdown.parse(note.data, note.path), "reading"):
        findings += faults
        documents += [document] if document else []
    return documents, findings


def _proven(documents: Sequence[Document], placed: Sequence[Placed], hints: Hints) -> list[File]:
    """Hold each document against all the records that hold what it says; those of the same records are proven together."""
    homes: dict[int, list[int]] = {}
    for number, one in enumerate(placed):
        for document in one.imported.brought.documents:
            homes.setdefault(id(document), []).append(number)
    groups: dict[tuple[str, tuple[int, ...]], list[Document]] = {}
    for document in documents:
        groups.setdefault((kind_of(document, hints).name, tuple(homes.get(id(document), ()))), []).append(document)
    asked = [(group, [placed[number] for number in numbers]) for (_, numbers), group in groups.items()]
    found = _watched(asked, lambda one: _of_group(*one, kind_of(one[0][0], hints)), "proving")
    made = {name: file for files_ in found for name, file in files_.items()}
    return [made[id(document)] for document in documents]


def _of_group(group: Sequence[Document], own: Sequence[Placed], kind: Kind) -> dict[int, File]:
    """Return what came of documents of one kind that the same records hold."""
    found = kind.proofs(group, [tree for one in own for tree in one.trees])
    keys = tuple(one.key for one in own)
    return {id(d): File(d.path, kind.name, keys, proof) for d, proof in zip(group, found, strict=True)}


def _of_pieces(pieces: Sequence[Note], book: Book, hints: Hints) -> Iterator[Imported]:
    """Yield the record that fragments are made into: the round that is asked for, or the one that is written in now."""
    now = current(book)
    is_open = now is not None and now.round.closed is None and now.status not in ("done", "dropped")
    key = now.key if now and is_open and not hints.phase else following(book, hints.phase)
    phase, _, number = (
        f"{hints.phase}/{hints.round}".partition("/") if hints.phase and hints.round else key.partition("/")
    )
    files_ = [(note.path, note.data) for note in pieces]
    for one in fragments(files_, Hints(phase, number)):
        tree = {key: value for key, value in one.tree.items() if key != "kind"}
        yield Imported(FRAGMENTS, replace(one, tree=tree))


def _proven_piece(note: Note, placed: Sequence[Placed]) -> File:
    own = [one for one in placed if one.imported.kind is FRAGMENTS]
    trees = [tree for one in own for tree in one.trees]
    return File(note.path, FRAGMENTS.name, tuple(one.key for one in own), proof(note.path, note.data, trees))


class _Work:
    """An import that is going on; `conflicts` and `renamed` are what is to be told of the records placed so far."""

    def __init__(self, root: Path, book: Book, shelf: Shelf, asked: Asked, read: dict[str, Note]) -> None:
        self.root, self.book, self.shelf, self.asked, self.read = root, book, shelf, asked, read
        self.taken = set(taken(book))
        self.conflicts: list[Finding] = []
        self.renamed: list[tuple[str, str, str]] = []
        self.findings: list[Finding] = []

    def placed(self, one: Imported) -> Placed:
        """Return a record in its file: a new one, or the one that is there, by what was asked for."""
        key = one.brought.key
        paths = next((p for k, p in self.book.files.items() if k.rstrip("/").casefold() == key.casefold()), ())
        adds = one.kind is FRAGMENTS and not self.asked.verify
        if paths and not self.asked.prints and (adds or not self.asked.force):
            contents = {path: (self.root / path).read_bytes() for path in paths}
            if self.asked.verify and not self.asked.update:
                return there(one, contents)
            if adds and len(paths) == 1:
                return self._added(one, contents)
            if not self.asked.update:
                return Placed(one, paths[0], "there", findings=(refused(one, paths),))
            return self._updated(one, contents)
        if len(paths) > 1:
            mend = "print it with --stdout, and take from it what you need"
            fault = Finding("error", "import-there", f"{key} is a folder of several files", Place(paths[0]), mend)
            return Placed(one, paths[0], "there", findings=(fault,))
        path = paths[0] if paths else path_of(key, self.shelf.folder)
        tree = with_sources(self._named(one), self._notes(one))
        schema = schema_from(self.root, path, self.book)
        return anew(one, path, tree, schema, self.shelf, "overwritten" if paths else "written")

    def _added(self, one: Imported, contents: Mapping[str, bytes]) -> Placed:
        """Return the round that is there with the changes of fragments, which stand behind those that it has."""
        placed, conflicts = updated(one, None, {"changes": one.brought.tree["changes"]}, contents, self.shelf)
        self.conflicts += conflicts
        return placed

    def _updated(self, one: Imported, contents: Mapping[str, bytes]) -> Placed:
        placed, conflicts = Updating(self.root, self.shelf, self.asked.hints, self._named).placed(
            one, self._notes(one), contents
        )
        self.conflicts += conflicts
        return placed

    def _named(self, one: Imported) -> Mapping[str, Data]:
        """Return the tree with ids for its decisions that nobody else has, and remember those that were changed."""
        key = one.brought.key
        entry = self.book.entries.get(key if "/" in key else f"{key}/")
        own = {decision.slug.casefold() for decision in entry.round.decisions} if entry else set()
        made = named(one.brought.tree, self.taken - own)
        self.taken |= {name.casefold() for name in made.ids}
        self.renamed += [(one.brought.key, old, new) for old, new in made.renamed.items()]
        known = Homes({**self.book.homes, **dict.fromkeys(made.ids, one.brought.key)})
        tree, nowhere = referring(made.tree, lambda text: decision_of(text, known) is not None)
        self.findings += [no_decision(text, one.brought.documents[0].path) for text in nowhere]
        return tree

    def _notes(self, one: Imported) -> list[Note]:
        return [self.read[d.path] for d in one.brought.documents if d.path in self.read]


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _watched(items: Sequence[S], work: Callable[[S], T], label: str) -> Iterator[T]:
    """Yield what the work on each item gives; a bar shows how far it is once that takes longer than a second."""
    began = time.monotonic()
    done = 0
    while done < len(items) and not (sys.stderr.isatty() and time.monotonic() - began > PATIENCE):
        yield work(items[done])
        done += 1
    if done < len(items):
        with click.progressbar(items[done:], label=label, file=sys.stderr) as bar:
            for item in bar:
                yield work(item)
