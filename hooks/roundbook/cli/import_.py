"""`roundbook import`: Markdown written by hand becomes round files."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import click

from roundbook.book.model import Book
from roundbook.book.references import DecisionIndex
from roundbook.book.rounds import current, following
from roundbook.cli.common import Project, UnreadableError, book_at, progress, refuse_as_of, schema_from
from roundbook.cli.common import refused as refused_ref
from roundbook.cli.common import replace as common_replace
from roundbook.cli.import_report import Done, ImportedFile, as_json, report
from roundbook.errors import Finding, Place, RoundbookError, Severity
from roundbook.frozen import frozen
from roundbook.git import files
from roundbook.importer import notes
from roundbook.importer.decision_entries import named, no_decision, referring
from roundbook.importer.identify import Hints
from roundbook.importer.notes import NoteFile, is_template
from roundbook.importer.run import (
    FRAGMENTS,
    Imported,
    Placed,
    RoundsFolder,
    State,
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
from roundbook.importer.shas import Revisions
from roundbook.importer.update import Updating, updated, with_sources
from roundbook.markdown import Document
from roundbook.rounds import load
from roundbook.scaffold import survey as scaffold_survey
from roundbook.schema.ids import home_of, id_fault, is_record
from roundbook.terminal import safe
from roundbook.yamlfile.writer import Data

S = TypeVar("S")
T = TypeVar("T")


@frozen
class Asked:
    """What is to be imported, and how."""

    names: tuple[str, ...]
    hints: Hints
    rev: str = ""
    verify: bool = False
    update: bool = False
    force: bool = False
    prints: bool = False


def carry_out(obj: tuple[Path, str], asked: Asked) -> Done:
    """Return what an import would write; what has an error is only among the findings, and stops nothing else."""
    root, data = obj
    read, faults = _read(root, asked)
    if asked.hints.decisions:
        read = tuple(note for note in read if is_record(note.path))
    pieces = () if asked.hints.decisions else tuple(note for note in read if is_fragment(note.path, note.data))
    options, _ = load.read_settings(files.in_folder(root, data))
    hints = replace(asked.hints, placed=options.notes)
    read = tuple(note for note in read if hints.place_of(note.path) != "skip")
    adopted = () if hints.decisions else tuple(note for note in read if home_of(note.path, options.spaces))
    read = tuple(note for note in read if note not in adopted)
    documents, more = _parsed(without_fragments(read, pieces))
    documents, forms = [one for one in documents if not is_template(one)], [*filter(is_template, documents)]
    findings = (*faults, *more, *map(_left_out, forms), *_adopted(adopted))
    rounds_folder = RoundsFolder(f"{data}/rounds", options.words())
    book = book_at(root, data, "")
    is_commit = Revisions(book.history)
    home = book.forge.url if book.forge else ""
    hints = replace(
        hints, words=rounds_folder.words, is_commit=is_commit, imported_from=_imported_from(book), home=home
    )
    hints = replace(
        hints,
        is_record=partial(_is_adopted, book.decision_index),
        tags=frozenset(tag.name for tag in book.history.tags),
        packages=options.changelog.by_folder(),
    )
    asked = replace(asked, hints=hints)
    work = _Import(root, book, rounds_folder, asked, {note.path: note for note in read})
    made = (*imported(documents, asked.hints), *_of_pieces(pieces, book, asked.hints))
    twice = clashes(made)
    tried = tuple(_watched([*made], lambda one: twice.get(id(one)) or work.placed(one), "placing"))
    notes_ = (*(note for one in made for note in one.result.notes), *is_commit.findings(documents))
    faulty = [one for one in tried if _has_errors(one.findings)]
    placed = tuple(one for one in tried if one not in faulty)
    told = (*notes_, *dict.fromkeys(work.findings), *(finding for one in tried for finding in one.findings))
    apart = {document.path for one in faulty for document in one.imported.result.documents}
    proven = _proven([one for one in documents if one.path not in apart], placed, asked.hints)
    if not any(one.imported.kind is FRAGMENTS for one in faulty):
        proven += [_proven_piece(note, placed) for note in pieces]
    keys = {one.key for one in placed}
    renamed = tuple(one for one in work.renamed if one[0] in keys)
    return Done(placed, tuple(proven), (*findings, *told), tuple(work.conflicts), renamed)


def _left_out(document: Document) -> Finding:
    """Return the note that a form to be filled in is no record."""
    fix = "name it under notes in the settings, or rename it"
    return Finding("info", "import-form", "a form that nobody filled in, so left out", Place(document.path, 1, 1), fix)


def _adopted(notes_: Sequence[NoteFile]) -> Iterator[Finding]:
    """Yield the note that files are decision records which the settings adopt, so that none is recorded twice."""
    if notes_:
        others = f", like {len(notes_) - 1:,} more files" if len(notes_) > 1 else ""
        message = f"it is adopted as a decision record by the settings, so left out{others}"
        yield Finding("info", "import-adopted", message, Place(notes_[0].path, 1, 1), "nothing is to be done")


def _said_once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield findings, but of those that may be about each note only the first few, and how many more there are."""
    count = Counter[str]()
    for one in found:
        count[one.slug] += 1
        if one.slug not in _OF_MANY or count[one.slug] <= _SHOWN_OF_MANY:
            yield one
    for slug, (severity, message, fix) in _OF_MANY.items():
        if count[slug] > _SHOWN_OF_MANY:
            yield Finding(severity, slug, f"{count[slug] - _SHOWN_OF_MANY:,} more {message}", None, fix)


_SHOWN_OF_MANY = 3
_OF_MANY: Mapping[str, tuple[Severity, str, str]] = {
    "import-key": (
        "info",
        "notes name no round or phase; the table below says what each became",
        "name their records under notes in the settings",
    ),
    "import-there": ("error", "rounds or phases exist already", "merge what their notes say with --update"),
}


def _is_adopted(decision_index: DecisionIndex, name: str) -> bool:
    """Tell whether a name is that of a decision record that was adopted, and that no round took."""
    found = decision_index.find(name.replace("#", ""))
    return found is not None and decision_index[found] is None


def _imported_from(book: Book) -> dict[str, frozenset[str]]:
    """Return the existing records with the paths of the notes that they were imported from."""
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


def _parsed(read: Sequence[NoteFile]) -> tuple[list[Document], list[Finding]]:
    findings: list[Finding] = []
    documents: list[Document] = []
    for document, faults in _watched(read, lambda note: notes.document_of(note.data, note.path), "reading"):
        findings += faults
        documents += [document] if document and not _has_errors(faults) else []
    return documents, findings


def _proven(documents: Sequence[Document], placed: Sequence[Placed], hints: Hints) -> list[ImportedFile]:
    """Hold each document against all the records that were made of it."""
    records: dict[str, list[Placed]] = {}
    for one in placed:
        for document in one.imported.result.documents:
            records.setdefault(document.path, []).append(one)

    def prove(document: Document) -> ImportedFile:
        kind, own = kind_of(document, hints), records.get(document.path, [])
        proof = kind.prove(document, [tree for one in own for tree in one.trees])
        return ImportedFile(document.path, kind.name, tuple(one.key for one in own), proof)

    return [*_watched(documents, prove, "proving")]


def _of_pieces(pieces: Sequence[NoteFile], book: Book, hints: Hints) -> Iterator[Imported]:
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


def _proven_piece(note: NoteFile, placed: Sequence[Placed]) -> ImportedFile:
    own = [one for one in placed if one.imported.kind is FRAGMENTS]
    trees = [tree for one in own for tree in one.trees]
    return ImportedFile(note.path, FRAGMENTS.name, tuple(one.key for one in own), proof(note.path, note.data, trees))


class _Import:
    """A running import; `conflicts` and `renamed` are about the records placed so far."""

    def __init__(
        self, root: Path, book: Book, rounds_folder: RoundsFolder, asked: Asked, read: dict[str, NoteFile]
    ) -> None:
        self.root, self.book, self.rounds_folder, self.asked, self.read = root, book, rounds_folder, asked, read
        self.taken = set(book.decision_ids)
        self.conflicts: list[Finding] = []
        self.renamed: list[tuple[str, str, str]] = []
        self.findings: list[Finding] = []

    def placed(self, one: Imported) -> Placed:
        """Return a record in its file, new or existing, as the options ask."""
        key = one.result.key
        paths = next((p for k, p in self.book.files.items() if k.rstrip("/").casefold() == key.casefold()), ())
        adds = one.kind is FRAGMENTS and not self.asked.verify
        if paths and not self.asked.prints and (adds or not self.asked.force):
            contents = {path: (self.root / path).read_bytes() for path in paths}
            if self.asked.verify and not self.asked.update:
                return there(one, contents)
            if adds and len(paths) == 1:
                return self._added(one, contents)
            if not self.asked.update:
                new = self._anew(one, paths[0], "written")
                if contents == {paths[0]: new.data}:  # as an import that was interrupted left it
                    return replace(new, state="unchanged", data=None)
                return Placed(one, paths[0], "there", findings=(refused(one, paths),))
            return self._updated(one, contents)
        if len(paths) > 1:
            fix = "print it with --stdout, and copy what you need"
            fault = Finding("error", "import-there", f"{key} is a folder of several files", Place(paths[0]), fix)
            return Placed(one, paths[0], "there", findings=(fault,))
        path = paths[0] if paths else path_of(key, self.rounds_folder.folder)
        return self._anew(one, path, "overwritten" if paths else "written")

    def _anew(self, one: Imported, path: str, state: State) -> Placed:
        tree = with_sources(self._named(one), self._notes(one))
        return anew(one, path, tree, schema_from(self.root, path, self.book), self.rounds_folder, state)

    def _added(self, one: Imported, contents: Mapping[str, bytes]) -> Placed:
        """Return the existing round with the changes of fragments, behind its own."""
        placed, conflicts = updated(one, None, {"changes": one.result.tree["changes"]}, contents, self.rounds_folder)
        self.conflicts += conflicts
        return placed

    def _updated(self, one: Imported, contents: Mapping[str, bytes]) -> Placed:
        placed, conflicts = Updating(self.root, self.rounds_folder, self.asked.hints, self._named).placed(
            one, self._notes(one), contents
        )
        self.conflicts += conflicts
        return placed

    def _named(self, one: Imported) -> Mapping[str, Data]:
        """Return the tree with ids for its decisions that nobody else has, and remember those that were changed."""
        key = one.result.key
        entry = self.book.entries.get(key if "/" in key else f"{key}/")
        own = {decision.slug.casefold() for decision in entry.round.decisions} if entry else set()
        made = named(one.result.tree, self.taken - own)
        self.taken |= {name.casefold() for name in made.ids}
        self.renamed += [(one.result.key, old, new) for old, new in made.renamed.items()]
        known = DecisionIndex({**self.book.decision_index, **dict.fromkeys(made.ids, one.result.key)})
        tree, nowhere = referring(made.tree, lambda text: known.find(text) is not None)
        self.findings += [no_decision(text, one.result.documents[0].path) for text in nowhere]
        return tree

    def _notes(self, one: Imported) -> list[NoteFile]:
        return [self.read[d.path] for d in one.result.documents if d.path in self.read]


def _has_errors(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _watched(items: Sequence[S], work: Callable[[S], T], label: str) -> Iterator[T]:
    """Yield what the work on each item gives; a bar shows how far it is once that takes longer than a second."""
    with progress() as shown:
        for done, item in enumerate(items):
            shown(label, done, len(items))
            yield work(item)


_NOTHING = (
    "nothing to import: no changelog, and no note named after a round, sprint, session, phase, milestone or iteration"
)


@click.command("import")
@click.argument("names", metavar="FILE...", nargs=-1)
@click.option("--found", is_flag=True, help="Import the notes and changelogs that roundbook init finds.")
@click.option("--phase", default="", metavar="ID", help="The phase of the rounds, whatever the files say.")
@click.option("--round", "number", default="", metavar="ID", help="The round, whatever the files say.")
@click.option("--decisions", is_flag=True, help="The files are decision records, and become decisions of one round.")
@click.option("--rev", default="", metavar="REV", help="Read the files as they were at a tag, branch or commit.")
@click.option(
    "--verify",
    is_flag=True,
    help="Check that every word of the files is in the rounds; existing rounds stay as they are.",
)
@click.option("--update", is_flag=True, help="Merge what changed in the files into existing rounds.")
@click.option("--force", is_flag=True, help="Overwrite existing rounds.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, but write nothing.")
@click.option("--stdout", is_flag=True, help="Print the round files, and write nothing.")
@click.option("--json", "wants_json", is_flag=True, help="Print the report as JSON.")
@click.pass_obj
def command(
    obj: Project,
    names: tuple[str, ...],
    found: bool,
    phase: str,
    number: str,
    decisions: bool,
    rev: str,
    verify: bool,
    update: bool,
    force: bool,
    dry_run: bool,
    stdout: bool,
    wants_json: bool,
) -> None:
    """Turn hand-written Markdown into round files.

    FILE is a file, a folder, or a pattern in quotes. Summaries of rounds or sprints become one round each, with the agents,
    decisions, metrics and so on that they contain; several files about one round are joined. A changelog becomes releases,
    fragments of other tools become changes of a round, and with --decisions, decision records become decisions. All other
    text is kept as written, so nothing is lost.

    \b
        roundbook import --found --verify
        roundbook import notes/*.md --verify
        roundbook import docs/status.md --rev v1.0 --phase 2 --round 7
        roundbook import notes/round4.md --update

    A file with an error is left out, and stops no other. Existing files only change with --update or --force.
    The exit code is 2 if any file cannot be read or written, 1 if text is missing or in conflict, and 0 otherwise.
    """
    _refuse_mixtures(update=update, force=force, rev=rev, stdout=stdout, wants_json=wants_json)
    _refuse_ids(phase, number)
    refuse_as_of()
    if not (wanted := _wanted(obj, names, found=found)):
        return
    done = carry_out(
        obj, Asked(wanted, Hints(phase, number, decisions=decisions), rev, verify, update, force, prints=stdout)
    )
    errors = _told(done)
    writes = not (dry_run or stdout)
    if writes:
        _write(obj[0], {one.path: one.data for one in done.placed if one.data is not None})
    if wants_json:
        click.echo(as_json(done, writes), nl=False)
    elif stdout:
        click.echo(_texts(done), nl=False)
    for line in () if wants_json else report(done, writes, verify):
        click.echo(line, err=stdout)
    _end(errors, lost=bool(done.conflicts or (verify and done.missing)))


def _wanted(obj: Project, names: tuple[str, ...], *, found: bool) -> tuple[str, ...]:
    """Return the files that are named and, if asked, the notes and changelogs that the project has; say where there is none."""
    if not (names or found):
        raise click.UsageError("name the files to import, or take those that roundbook init finds with --found")
    names = tuple(_seen(obj[0], name) for name in names)
    if not found:
        return names
    survey = scaffold_survey.read(*obj)
    wanted = (*names, *survey.notes, *survey.living, *survey.changelogs)
    if not wanted:
        click.echo(_NOTHING, err=True)
    return wanted


def _seen(root: Path, name: str) -> str:
    """Return a name as the project counts it: what is not there may be, with -C, in the folder that one stands in."""
    if notes.is_there(root, name, may_be_fragment) or not notes.is_there(Path.cwd(), name, may_be_fragment):
        return name
    return os.path.relpath(name, root)


def _refuse_mixtures(*, update: bool, force: bool, rev: str, stdout: bool, wants_json: bool) -> None:
    if update and force:
        raise click.UsageError("--update keeps what people wrote, and --force does not; choose one")
    if update and rev:
        raise click.UsageError("--update merges what a file says now; leave --rev out")
    if update and stdout:
        raise click.UsageError("--update changes an existing file; see what it would do with --dry-run")
    if stdout and wants_json:
        raise click.UsageError("--stdout and --json both print to standard output; choose one")


def _write(root: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files one by one; where one cannot be written, the error says how far it came and how to go on."""
    for written, (path, data) in enumerate(contents.items()):
        try:
            _replace(root, path, data)
        except UnreadableError as error:
            if written:
                how = f"{written} of {len(contents)} files were written: run the same command again for the rest"
                raise UnreadableError(f"{error.message}; {how}") from None
            raise


def _refuse_ids(phase: str, number: str) -> None:
    for option, value in (("--phase", phase), ("--round", number)):
        if value and (fault := id_fault(value)):
            raise click.BadParameter(f"the id {safe(value)} {fault}", param_hint=option)


def _replace(root: Path, path: str, data: bytes) -> None:
    """Write a file of the project, with the folders on the way; raises `UnreadableError` where it would lie outside."""
    file = root / path
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        inside = file.resolve().is_relative_to(root.resolve())
    except OSError as fault:
        raise UnreadableError(f"{safe(path)} cannot be written: {fault.strerror or 'system error'}") from None
    if not inside:
        raise UnreadableError(f"{safe(path)} is outside the project; nothing was written")
    common_replace(file, data)


def _told(done: Done) -> int:
    """Print the findings, and return how many are errors; raises `UnreadableError` where nothing else is left."""
    for finding in _said_once(done.findings):
        click.echo(safe(str(finding)), err=True)
    errors = sum(finding.severity == "error" for finding in done.findings)
    if errors and not done.placed:
        raise UnreadableError(f"nothing was written: {errors} {'error' if errors == 1 else 'errors'}")
    return errors


def _end(errors: int, *, lost: bool) -> None:
    """End the command with the exit code of what went wrong."""
    if errors:
        raise UnreadableError(f"{errors} {'error' if errors == 1 else 'errors'}; what they are about was left out")
    if lost:
        sys.exit(1)


def _texts(done: Done) -> str:
    """Return the texts of the files, each below its path where there are several, without commands for a runner."""
    made = [(one.path, one.data.decode()) for one in done.placed if one.data is not None]
    headed = (f"# {path}\n{text}" if len(made) > 1 else text for path, text in made)
    return "\n".join(headed).replace("##[", "##\u200b[")
