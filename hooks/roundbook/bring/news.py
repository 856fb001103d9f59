"""In: fragments of towncrier, reno, scriv or changesets. Out: a record with the changes that they state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from roundbook.bring.brought import Brought
from roundbook.bring.changelog import PHASE, Where
from roundbook.errors import Finding
from roundbook.model.release import UNRELEASED
from roundbook.read import news
from roundbook.write.emit import Data

# Where these tools look for fragments, unless told otherwise.
FOLDERS = frozenset({"newsfragments", "news", "changes", "changelog.d", ".changeset", "notes", "newsfragment"})


def is_fragment(path: str, data: bytes) -> bool:
    """Tell whether a file is a fragment: by the folder that it lies in, and by its look."""
    kind = news.kind_of(path, data)
    lies_there = any(part in FOLDERS for part in PurePosixPath(path).parts[:-1])
    return bool(kind and lies_there and news.parse(data, path, kind)[0])


def fragments(files: Sequence[tuple[str, bytes]], hints: Where) -> tuple[Brought, ...]:
    """Return one record with the changes of all fragments, in the order of the files.

    In: files, by path and content, and where the record is to go: by default the round `releases/unreleased`. Out: the
    record, whose notes say what could not be read; none where no file states a change.
    """
    changes: list[Mapping[str, Data]] = []
    notes: list[Finding] = []
    for path, data in files:
        found, findings = news.parse(data, path)
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
