"""In: a reference as it is written. Out: the round or decision that it means, or nothing where it means none.

References are the same everywhere: `3/4` a round, `3/4#wasm-target` or `wasm-target` a decision.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection

from roundbook.errors import Finding, Place
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
    name = decisions.named(written)
    if name is None or (mark and where and decisions[name] != where):
        return None
    return name


def unknown(text: str, known: Collection[str], what: str, place: Place | None) -> Finding:
    """Return the finding for a reference that leads nowhere, with the nearest name there is."""
    near = difflib.get_close_matches(text.rpartition("#")[2], list(known), n=1, cutoff=0.6)
    mend = f'did you mean "{near[0]}"?' if near else f"write the id of a {what} of this book"
    return Finding("error", "reference-unknown", f'"{text}" is no {what} of this book', place, mend)
