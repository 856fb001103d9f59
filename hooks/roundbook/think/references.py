"""In: a reference as it is written. Out: the round or decision that it means, or nothing where it means none.

References are the same everywhere: `3/4` a round, `3/4#wasm-target` or `wasm-target` a decision.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence

from roundbook.errors import Finding, Place
from roundbook.git.history import matches
from roundbook.model.homes import Homes


def round_of(text: str, rounds: Collection[str], phase: str = "") -> str | None:
    """Return the key of the round that `3/4`, or `4` inside phase 3, means."""
    wanted = text.strip()
    if wanted in rounds:
        return wanted
    local = f"{phase}/{wanted}"
    return local if phase and local in rounds else None


def decision_of(text: str, decisions: Homes) -> str | None:
    """Return the id of the decision that `wasm-target`, `3/4#wasm-target`, or for `adr-0044` also `ADR-44`, means."""
    where, mark, written = text.strip().rpartition("#")
    name = written if where and decisions.get(written) == where else decisions.named(written)
    if name is None or (mark and where and decisions[name] != where):
        return None
    return name


def ambiguous(text: str, several: Sequence[str], decisions: Homes, place: Place | None) -> Finding:
    """Return the finding for a number that several decisions have."""
    told = " or ".join(f"{name} ({decisions.records.get(name) or decisions[name]})" for name in several[:4])
    path = next((decisions.records[name] for name in several if name in decisions.records), "")
    mend = f"write the file that is meant, such as {path}" if path else "write the whole id"
    return Finding("warning", "reference-ambiguous", f'"{text[:80]}" may be {told}; it counts for none', place, mend)


def settled(
    several: Sequence[str], paths: Iterable[str], decisions: Homes, affects: Mapping[str, Sequence[str]]
) -> str | None:
    """Return the one of several decisions whose folder, or what it affects, holds some of the paths; else nothing.

    The paths count from the project's folder.
    """
    touched = tuple(paths)
    found = [
        name
        for name in several
        if any(path.startswith(f"{decisions.area(name)}/") or matches(affects.get(name, ()), path) for path in touched)
        or decisions.records.get(name) in touched
    ]
    return found[0] if len(found) == 1 else None


def unknown(text: str, known: Collection[str], what: str, place: Place | None) -> Finding:
    """Return the finding for a reference that leads nowhere, with the nearest name there is."""
    near = difflib.get_close_matches(text.rpartition("#")[2], list(known), n=1, cutoff=0.6)
    mend = f'did you mean "{near[0]}"?' if near else f"write the id of a {what} of this book"
    return Finding("error", "reference-unknown", f'"{text}" is no {what} of this book', place, mend)
