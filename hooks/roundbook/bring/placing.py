"""In: an imported record, and what stands at its place. Out: the text of its file, and the tree that the text is read as."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from roundbook.bring.kinds import Imported
from roundbook.errors import Finding, Place
from roundbook.rounds import load
from roundbook.schema.base import Record
from roundbook.schema.round import Phase, Round
from roundbook.schema.statuses import Status
from roundbook.yamlfile import reader
from roundbook.yamlfile.writer import Data, canonical

State = Literal["written", "overwritten", "there", "updated", "unchanged"]


@dataclass(frozen=True)
class Shelf:
    """Where round files lie: their folder, the extra status words, the address of the schema by file."""

    folder: str
    words: Mapping[str, Status]


@dataclass(frozen=True)
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
        return self.imported.brought.key


def model_of(key: str) -> type[Record]:
    """Return the record that a key is one of."""
    return Round if "/" in key else Phase


def path_of(key: str, folder: str) -> str:
    """Return the file of a record that is new."""
    return f"{folder}/{key}.yml" if "/" in key else f"{folder}/{key}/phase.yml"


def anew(one: Imported, path: str, tree: Mapping[str, Data], schema: str, shelf: Shelf, state: State) -> Placed:
    """Return a record in a file that is written whole; findings say why it cannot be read again, if so."""
    try:
        data = canonical(tree, model_of(one.brought.key), schema).encode()
    except ValueError as fault:
        return Placed(one, path, state, findings=(not_writable(fault, path),))
    return again(one, path, {path: data}, shelf, state)


def not_writable(fault: ValueError, path: str) -> Finding:
    """Return the error for a text that no round file can hold."""
    return Finding("error", "not-writable", str(fault), Place(path), "take the character out of the note")


def again(one: Imported, path: str, contents: Mapping[str, bytes], shelf: Shelf, state: State) -> Placed:
    """Return a record as its files are read again: what is proven is what will stand there, and not what was meant."""
    read = load.parse(contents, shelf.folder, shelf.words)
    errors = tuple(f for f in read.findings if f.severity == "error")
    return Placed(one, path, state, contents.get(path), trees(contents), errors)


def there(one: Imported, contents: Mapping[str, bytes]) -> Placed:
    """Return a record that stands in files already, and is left as it is."""
    return Placed(one, next(iter(contents)), "there", None, trees(contents))


def trees(contents: Mapping[str, bytes]) -> tuple[reader.Map, ...]:
    """Return the trees of files, without those that cannot be read."""
    read = (reader.parse(data, path)[0] for path, data in contents.items())
    return tuple(tree for tree in read if isinstance(tree, reader.Map))


def refused(one: Imported, paths: Sequence[str]) -> Finding:
    """Return the error for a record that is there already."""
    what = "round" if "/" in one.brought.key else "phase"
    names = ", ".join(d.path for d in one.brought.documents)
    message = f"{what} {one.brought.key} is there already, and {names} would be written over it"
    mend = "bring its changes in with --update, hold the round against it with --verify, or write over it with --force"
    return Finding("error", "import-there", message, Place(paths[0]), mend)
