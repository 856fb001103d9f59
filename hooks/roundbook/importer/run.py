"""An import, from files to round files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal

from roundbook.book.facts import UNRELEASED
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.importer import ImportResult, decision_entries
from roundbook.importer.changelog import PHASE, changelog, is_changelog
from roundbook.importer.identify import Hints
from roundbook.importer.notes import NoteFile
from roundbook.importer.proof import Proof, Trees, prove, prove_changelog, prove_texts
from roundbook.importer.records import summaries
from roundbook.markdown import Document
from roundbook.rounds import fragments as rounds_fragments
from roundbook.rounds import load
from roundbook.schema.base import Record
from roundbook.schema.ids import natural_key
from roundbook.schema.round import Phase, Round
from roundbook.schema.statuses import Status
from roundbook.yamlfile import reader
from roundbook.yamlfile.writer import Data, canonical


@frozen
class Kind:
    """A kind of notes: which documents are of it, what they are made into, and the proof of each."""

    name: str
    fits: Callable[[Document], bool]
    bring: Callable[[Sequence[Document], Hints], tuple[ImportResult, ...]]
    prove: Callable[[Document, Trees], Proof]


def _decisions(documents: Sequence[Document], hints: Hints) -> tuple[ImportResult, ...]:
    phase, _, number = decision_entries.KEY.partition("/")
    key = f"{hints.phase or phase}/{hints.round or number}"
    return (decision_entries.decisions(documents, key),) if documents else ()


# Nobody can tell a decision record from a note for sure: these are of this kind only if the person says so.
DECISIONS = Kind("decisions", lambda _: False, _decisions, prove)
# Fragments are known by their folder, name and look, before anything is read as a document.
FRAGMENTS = Kind("fragment", lambda _: False, lambda _, __: (), prove)
# The first kind that fits is taken; the last one fits all.
KINDS = (
    DECISIONS,
    Kind("changelog", is_changelog, changelog, prove_changelog),
    Kind("summary", lambda _: True, summaries, prove),
)


@frozen
class Imported:
    """A record that documents were made into, and their kind."""

    kind: Kind
    result: ImportResult


def kind_of(document: Document, hints: Hints) -> Kind:
    """Return the kind of a document."""
    return DECISIONS if hints.decisions else next(kind for kind in KINDS if kind.fits(document))


def imported(documents: Sequence[Document], hints: Hints) -> tuple[Imported, ...]:
    """Return the records that documents are made into, in the order of their keys."""
    sorted_: dict[str, list[Document]] = {kind.name: [] for kind in KINDS}
    for document in documents:
        sorted_[kind_of(document, hints).name].append(document)
    made = (Imported(kind, one) for kind in KINDS for one in kind.bring(sorted_[kind.name], hints))
    return tuple(sorted(made, key=lambda one: natural_key(one.result.key)))


State = Literal["written", "overwritten", "there", "updated", "unchanged"]


@frozen
class RoundsFolder:
    """Where round files lie: their folder, the extra status words, the address of the schema by file."""

    folder: str
    words: Mapping[str, Status]


@frozen
class Placed:
    """A record in its file: `data` is what is to be written, if anything, and `trees` what the file is read as then."""

    imported: Imported
    path: str
    state: State
    data: bytes | None = None
    trees: tuple[reader.Map, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def key(self) -> str:
        """Return the key of the record."""
        return self.imported.result.key


def clashes(made: Sequence[Imported]) -> dict[int, Placed]:
    """Return, by its identity, each record that documents of another kind would be, too, and has no file of its own."""
    seen: dict[str, Imported] = {}
    found: dict[int, Placed] = {}
    for one in made:
        other = seen.setdefault(one.result.key.casefold(), one)
        if other is not one:
            paths = ", ".join(d.path for d in other.result.documents)
            message = f"it would be {one.result.key}, as a {one.kind.name}, which {paths} is as a {other.kind.name}"
            place = Place(one.result.documents[0].path) if one.result.documents else None
            fault = Finding("error", "import-twice", message, place, "import it alone, with --phase and --round")
            found[id(one)] = Placed(one, "", "there", findings=(fault,))
    return found


def model_of(key: str) -> type[Record]:
    """Return the record that a key is one of."""
    return Round if "/" in key else Phase


def path_of(key: str, folder: str) -> str:
    """Return the file of a record that is new."""
    return f"{folder}/{key}.yml" if "/" in key else f"{folder}/{key}/phase.yml"


def anew(
    one: Imported, path: str, tree: Mapping[str, Data], schema: str, rounds_folder: RoundsFolder, state: State
) -> Placed:
    """Return a record in a file that is written whole; findings say why it cannot be read again, if so."""
    try:
        data = canonical(tree, model_of(one.result.key), schema).encode()
    except ValueError as fault:
        return Placed(one, path, state, findings=(not_writable(fault, path),))
    return again(one, path, {path: data}, rounds_folder, state)


def not_writable(fault: ValueError, path: str) -> Finding:
    """Return the error for a text that no round file can hold."""
    return Finding("error", "not-writable", str(fault), Place(path), "remove the character from the note")


def again(one: Imported, path: str, contents: Mapping[str, bytes], rounds_folder: RoundsFolder, state: State) -> Placed:
    """Return a record as its files are read back: the proof is about what will be there, not what was intended."""
    read = load.parse(contents, rounds_folder.folder, rounds_folder.words)
    errors = tuple(f for f in read.findings if f.severity == "error")
    return Placed(one, path, state, contents.get(path), trees(contents), errors)


def there(one: Imported, contents: Mapping[str, bytes]) -> Placed:
    """Return a record that exists already and is left unchanged."""
    return Placed(one, next(iter(contents)), "there", None, trees(contents))


def trees(contents: Mapping[str, bytes]) -> tuple[reader.Map, ...]:
    """Return the trees of files, without those that cannot be read."""
    read = (reader.parse(data, path)[0] for path, data in contents.items())
    return tuple(tree for tree in read if isinstance(tree, reader.Map))


def refused(one: Imported, paths: Sequence[str]) -> Finding:
    """Return the error for a record that exists already."""
    what = "round" if "/" in one.result.key else "phase"
    names = ", ".join(d.path for d in one.result.documents)
    message = f"{what} {one.result.key} exists already, and importing {names} would overwrite it"
    fix = "merge its changes with --update, check the round against it with --verify, or overwrite it with --force"
    return Finding("error", "import-there", message, Place(paths[0]), fix)


# Where these tools look for fragments by default.
FOLDERS = frozenset({"newsfragments", "news", "changes", "changelog.d", ".changeset", "notes", "newsfragment"})


# A summary may lie in a folder of these names, too: there the file must be one that no summary is.
_SHARED: Mapping[str, str] = {"notes": "reno", "news": "towncrier", "changes": "towncrier"}


def may_be_fragment(path: str, data: bytes = b"") -> bool:
    """Tell whether a file may be a fragment by its name and the folder that it lies in."""
    kind = rounds_fragments.kind_of(path, data)
    parts = PurePosixPath(path).parts[:-1]
    return bool(kind) and any(part in FOLDERS and _SHARED.get(part, kind) == kind for part in parts)


def is_fragment(path: str, data: bytes) -> bool:
    """Tell whether a file is a fragment: by the folder that it lies in, and by its look; an empty one is no record."""
    if not may_be_fragment(path, data):
        return False
    found, findings = rounds_fragments.parse(data, path)
    return bool(found) or not findings or not data.strip()


def without_fragments(notes: Iterable[NoteFile], pieces: Collection[NoteFile]) -> list[NoteFile]:
    """Return the notes that are no fragments, and neither a README nor a template that lies beside some."""
    folders = {PurePosixPath(one.path).parent for one in pieces}
    return [
        note
        for note in notes
        if note not in pieces
        and not (PurePosixPath(note.path).parent in folders and rounds_fragments.kind_of(note.path) is None)
    ]


def fragments(files: Sequence[tuple[str, bytes]], hints: Hints) -> tuple[ImportResult, ...]:
    """Return one record with the changes of all fragments, in the order of the files.

    By default it is the round `releases/unreleased`. Its notes say what could not be read; there is none where no file states a
    change.
    """
    changes: list[Mapping[str, Data]] = []
    notes: list[Finding] = []
    for path, data in files:
        found, findings = rounds_fragments.parse(data, path)
        notes += findings
        changes += [one.keys for one in found]
    phase, name = hints.phase or PHASE, hints.round or "unreleased"
    tree: dict[str, Data] = {
        "round": name,
        "phase": phase,
        "title": UNRELEASED,
        "kind": "changelog",
        "changes": changes,
    }
    return (ImportResult(f"{phase}/{name}", tree, (), tuple(notes)),) if changes else ()


def proof(path: str, data: bytes, trees: Trees) -> Proof:
    """Return what the changes of the trees hold of those of a fragment."""
    texts = [(str(one.keys["text"]), one.place.line) for one in rounds_fragments.parse(data, path)[0]]
    return prove_texts(path, texts, [{"changes": tree.get("changes", ())} for tree in trees])
