"""In: an imported record, and the file that it was imported into before. Out: that file with what changed in the notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from roundbook import markdown
from roundbook.bring.identity import Hints
from roundbook.bring.kinds import Imported, imported
from roundbook.bring.placing import Placed, Shelf, there
from roundbook.bring.sources import Recorded, recorded, with_sources
from roundbook.bring.updating import updated
from roundbook.errors import Finding, Place
from roundbook.markdown import Document
from roundbook.read import note_files
from roundbook.read.note_files import Note
from roundbook.yamlfile.writer import Data

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
            mend = "bring the changes in by hand; roundbook import --verify names what is not in the round yet"
            message = "a round of several files, or one that cannot be read, cannot be updated"
            fault = Finding("error", "import-there", message, Place(next(iter(contents))), mend)
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
        texts = note_files.contents(self.root, [source.blob for source in sources if source.blob])
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
