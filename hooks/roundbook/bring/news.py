"""In: fragments of towncrier, reno, scriv or changesets. Out: a record with the changes that they state, and the proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from roundbook.book.facts import UNRELEASED
from roundbook.bring.atoms import Atom
from roundbook.bring.brought import Brought
from roundbook.bring.changelog import PHASE, Where
from roundbook.bring.leaves import fold
from roundbook.bring.proof import Missing, Proof
from roundbook.errors import Finding
from roundbook.read.note_files import Note
from roundbook.rounds import fragments as rounds_fragments
from roundbook.yamlfile.writer import Data

# Where these tools look for fragments, unless told otherwise.
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


def without_fragments(notes: Iterable[Note], pieces: Collection[Note]) -> list[Note]:
    """Return the notes that are no fragments, and neither a README nor a template that lies beside some."""
    folders = {PurePosixPath(one.path).parent for one in pieces}
    return [
        note
        for note in notes
        if note not in pieces
        and not (PurePosixPath(note.path).parent in folders and rounds_fragments.kind_of(note.path) is None)
    ]


def fragments(files: Sequence[tuple[str, bytes]], hints: Where) -> tuple[Brought, ...]:
    """Return one record with the changes of all fragments, in the order of the files.

    In: files, by path and content, and where the record is to go: by default the round `releases/unreleased`. Out: the
    record, whose notes say what could not be read; none where no file states a change.
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
    return (Brought(f"{phase}/{name}", tree, (), tuple(notes)),) if changes else ()


def proof(path: str, data: bytes, trees: Sequence[Mapping[str, Any]]) -> Proof:
    """Return which changes of a fragment stand among the changes of the trees, each as often as the fragment has it."""
    there = Counter(fold(str(one.get("text"))) for tree in trees for one in tree.get("changes") or () if _is_entry(one))
    missing: list[Missing] = []
    found = rounds_fragments.parse(data, path)[0]
    for one in found:
        text = fold(str(one.keys["text"]))
        if there[text]:
            there[text] -= 1
        else:
            missing.append(Missing(path, Atom("bullet", text, one.place.line)))
    return Proof(len(found), tuple(missing))


def _is_entry(one: Any) -> bool:
    return isinstance(one, Mapping)
