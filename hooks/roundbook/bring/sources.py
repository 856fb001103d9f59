"""In: a tree, and the notes it was made of. Out: the tree with `source:`, by which it is seen later that a note changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from posixpath import normpath
from typing import Any, NamedTuple

from roundbook.read.note_files import Note
from roundbook.yamlfile.writer import Data

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
