"""What `roundbook import` says of an import: a table of the files, and what becomes of each record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.importer.proof import Missing, Proof
from roundbook.importer.run import FRAGMENTS, Placed
from roundbook.site.shapes import Shapes
from roundbook.terminal import printable, safe


@frozen
class ImportedFile:
    """What came of a file: its kind, the records that hold what it says, and the proof."""

    path: str
    kind: str
    keys: tuple[str, ...]
    proof: Proof


@frozen
class Done:
    """The files that an import would write, and its report."""

    placed: tuple[Placed, ...] = ()
    files: tuple[ImportedFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    conflicts: tuple[Finding, ...] = ()
    renamed: tuple[tuple[str, str, str], ...] = field(default=())

    @property
    def missing(self) -> tuple[Missing, ...]:
        """Return what is not found, file by file."""
        return tuple(one for file in self.files for one in file.proof.missing)


_HEADS = ("file", "kind", "to", "words", "found", "kept as written")
_SHOWN = 2
LOST = "words that are not found are lost; add them to the round by hand, and please report this"
CHANGED = "words that are not found were changed in the round by people, or are lost; --verify names them"
_DOES = {
    "written": ("written", "would be written"),
    "overwritten": ("overwritten", "would be overwritten"),
    "there": ("exists already, left unchanged",) * 2,
    "updated": ("updated", "would be updated"),
    "unchanged": ("exists already, no changes",) * 2,
}


def report(done: Done, written: bool, verify: bool) -> Iterator[str]:
    """Yield the report: a table of the files, the state of each record, and what is missing."""
    paths = {one.key: one.path for one in done.placed}
    yield from _table([_HEADS, *(_row(file, paths) for file in done.files)])
    yield ""
    for one in done.placed:
        yield safe(f"{one.path}: {_DOES[one.state][0 if written else 1]}")
        if not written and (left := _as_written(one)):
            yield safe(f"  as written: {left}")
    for key, old, new in done.renamed:
        yield safe(f"{paths[key]}: the decision {old} is called {new} here, since that id is taken")
    yield from (safe(str(one)) for one in done.conflicts)
    made = all(one.state in ("written", "overwritten") for one in done.placed)
    later = {file.path: len(file.proof.missing) for file in done.files if file.proof.missing and _is_new(file, done)}
    yield from (safe(str(one)) for one in done.missing if (verify or made) and one.path not in later)
    if later:
        names = ", ".join([*later][:_SHOWN]) + (f" and {len(later) - _SHOWN:,} more" if len(later) > _SHOWN else "")
        yield safe(
            f"{names}: not imported yet, and of rounds that exist already; --update merges what is new into them"
        )
    yield f"{sum(f.proof.words for f in done.files):,} words in, {sum(f.proof.found for f in done.files):,} found"
    if done.missing and not verify:
        yield LOST if made else CHANGED


def _is_new(file: ImportedFile, done: Done) -> bool:
    """Tell whether a file is about existing records that were made without it."""
    own = [one for one in done.placed if one.key in file.keys]
    sources = (source for one in own for tree in one.trees for source in _listed(tree.get("source")))
    stay = file.kind != FRAGMENTS.name and all(one.state == "there" for one in own)
    return stay and all(source.get("path") != file.path for source in sources)


def _listed(source: Any) -> Sequence[Mapping[str, Any]]:
    return (source,) if isinstance(source, Mapping) else tuple(source or ())


def _as_written(one: Placed) -> str:
    """Return the headings of what a record keeps as it is written, since no key means it."""
    kept = (part for key in ("sections", "tables") for tree in one.trees for part in tree.get(key, ()))
    names = (part.get("title", "") if isinstance(part, Mapping) else "" for part in kept)
    return ", ".join(dict.fromkeys(str(name or "(no heading)") for name in names))


def _row(file: ImportedFile, paths: dict[str, str]) -> tuple[str, ...]:
    proof = file.proof
    to = ", ".join(paths[key] for key in file.keys[:_SHOWN])
    if len(file.keys) > _SHOWN:
        to += f" and {len(file.keys) - _SHOWN} more"
    return (safe(file.path), file.kind, safe(to), f"{proof.words:,}", f"{proof.found:,}", f"{proof.left:,}")


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS))]
    for row in rows:
        cells = (cell.rjust(w) if i > 2 else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
        yield "  ".join(cells).rstrip()


_shape = Shapes()
_shape(Missing, "line column kind text words")
_shape(
    ImportedFile,
    "path kind rounds=keys words=proof.words found=proof.found kept-as-written=proof.left missing=proof.missing",
)
_PLACED = _shape(Placed, "key path state written", written=bool)
_DONE = _shape(
    Done,
    "files rounds renamed conflicts findings words found",
    rounds=list[Placed], renamed=list[dict[str, str]], conflicts=list[str], findings=list[str], words=int, found=int,
)  # fmt: skip


def as_json(done: Done, written: bool) -> str:
    """Return the report as JSON."""
    account = _DONE.of(
        done,
        rounds=[_PLACED.of(one, written=written and one.data is not None) for one in done.placed],
        renamed=[{"round": key, "from": old, "to": new} for key, old, new in done.renamed],
        conflicts=[*map(str, done.conflicts)],
        findings=[*map(str, done.findings)],
        words=sum(file.proof.words for file in done.files),
        found=sum(file.proof.found for file in done.files),
    )
    return printable(account.plain)
