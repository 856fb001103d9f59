"""In: what came of an import. Out: the lines that say so, and the same as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from roundbook.doors.cli.importing import Done, File
from roundbook.doors.line import safe

_HEADS = ("file", "kind", "to", "atoms", "found", "kept as written")
_SHOWN = 2
LOST = "what is not found is lost: put it into the round by hand, and please report it"
CHANGED = "what is not found was changed in the round by people, or is lost; --verify names it"
_DOES = {
    "written": ("written", "would be written"),
    "overwritten": ("written over", "would be written over"),
    "there": ("there already, left as it is",) * 2,
    "updated": ("updated", "would be updated"),
    "unchanged": ("there already, and nothing in it changed",) * 2,
}


def told(done: Done, written: bool, verify: bool) -> Iterator[str]:
    """Yield the account for a person: a table of the files, what came of each record, and what is not found."""
    paths = {one.key: one.path for one in done.placed}
    yield from _table([_HEADS, *(_row(file, paths) for file in done.files)])
    yield ""
    for one in done.placed:
        yield safe(f"{one.path}: {_DOES[one.state][0 if written else 1]}")
    for key, old, new in done.renamed:
        yield safe(f"{paths[key]}: the decision {old} is called {new} here, since that id is taken")
    yield from (safe(str(one)) for one in done.conflicts)
    made = all(one.state in ("written", "overwritten") for one in done.placed)
    yield from (safe(str(one)) for one in done.missing if verify or made)
    yield f"{sum(f.proof.atoms for f in done.files):,} atoms in, {sum(f.proof.found for f in done.files):,} found"
    if done.missing and not verify:
        yield LOST if made else CHANGED


def _row(file: File, paths: dict[str, str]) -> tuple[str, ...]:
    proof = file.proof
    to = ", ".join(paths[key] for key in file.keys[:_SHOWN])
    if len(file.keys) > _SHOWN:
        to += f" and {len(file.keys) - _SHOWN} more"
    return (safe(file.path), file.kind, safe(to), f"{proof.atoms:,}", f"{proof.found:,}", f"{proof.left:,}")


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS))]
    for row in rows:
        cells = (cell.rjust(w) if i > 2 else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        yield "  ".join(cells).rstrip()


def as_json(done: Done, written: bool) -> str:
    """Return the account for a program."""
    account = {
        "files": [
            {
                "path": file.path,
                "kind": file.kind,
                "rounds": list(file.keys),
                "atoms": file.proof.atoms,
                "found": file.proof.found,
                "kept-as-written": file.proof.left,
                "missing": [
                    {"line": one.atom.line, "kind": one.atom.kind, "text": one.atom.text} for one in file.proof.missing
                ],
            }
            for file in done.files
        ],
        "rounds": [
            {"key": one.key, "path": one.path, "state": one.state, "written": written and one.data is not None}
            for one in done.placed
        ],
        "renamed": [{"round": key, "from": old, "to": new} for key, old, new in done.renamed],
        "conflicts": [str(one) for one in done.conflicts],
        "findings": [str(one) for one in done.findings],
        "atoms": sum(file.proof.atoms for file in done.files),
        "found": sum(file.proof.found for file in done.files),
    }
    return json.dumps(account, indent=2, ensure_ascii=True) + "\n"
