"""In: what a note was made into, is made into now, and what people made of it. Out: the file with all of that, or conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roundbook.bring.kinds import Imported
from roundbook.bring.merge import Conflict, merge
from roundbook.bring.placing import Placed, Shelf, again, model_of, not_writable, trees
from roundbook.bring.sources import recorded
from roundbook.errors import Finding, Place
from roundbook.yamlfile.roundtrip import updated as rewritten
from roundbook.yamlfile.writer import Data

SOURCE = "source"
_SHOWN = 60


def updated(
    one: Imported,
    was: Mapping[str, Data] | None,
    now: Mapping[str, Data],
    contents: Mapping[str, bytes],
    shelf: Shelf,
) -> tuple[Placed, tuple[Finding, ...]]:
    """Return a record in its file with what the notes changed, and the conflicts; there ours is kept.

    In: the record, the tree of the notes as they were imported (`None` where that is not known) and as they are, the one
    file with its content. Every other line of the file, and what people added, stays.
    """
    ((path, data),) = contents.items()
    (ours,) = trees(contents)
    merged = merge(was and _said(was), _said(now), _said(ours), model_of(one.brought.key))
    conflicts = tuple(_findings(merged.conflicts, path))
    tree = {**merged.tree, **{key: now[key] for key in (SOURCE,) if key in now}}
    if not merged.changed and recorded(now) == recorded(ours):
        return Placed(one, path, "unchanged", None, (ours,)), conflicts
    try:
        made = rewritten(data, path, model_of(one.brought.key), tree)
    except ValueError as fault:
        return Placed(one, path, "there", None, (ours,), (not_writable(fault, path),)), conflicts
    if made.findings:
        return Placed(one, path, "there", None, (ours,), made.findings), conflicts
    return again(one, path, {path: made.data}, shelf, "updated"), conflicts


def _said(tree: Mapping[str, Data]) -> Mapping[str, Data]:
    """Return what a tree says of the round, without where that comes from: the importer alone writes that."""
    return {key: value for key, value in tree.items() if key != SOURCE}


def _findings(conflicts: tuple[Conflict, ...], path: str) -> Iterator[Finding]:
    for one in conflicts:
        place = getattr(one.ours, "place", None) or Place(path)
        message = f"{one.path}: the round says {_shown(one.ours)}, and the note says {_shown(one.theirs)} now"
        before = f", where it said {_shown(one.base)}" if one.base is not None else ""
        yield Finding("warning", "import-conflict", message + before, place, "the round was kept; settle it by hand")


def _shown(value: Data | None) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else _flat(value)
    folded = " ".join(text.split())
    return f'"{folded if len(folded) <= _SHOWN else folded[: _SHOWN - 1] + "…"}"'


def _flat(value: Data) -> str:
    if isinstance(value, str | bool):
        return str(value).lower() if isinstance(value, bool) else value
    parts = [f"{k}: {_flat(v)}" for k, v in value.items()] if isinstance(value, Mapping) else map(_flat, value)
    return ", ".join(parts)
