"""In: the bytes of a round file at some commit. Out: its `Snapshot`, read so tolerantly that old files have one too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roundbook.model.life import Part, Snapshot
from roundbook.schema.base import kebab
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import Status, decision_word, lookup
from roundbook.yamlfile.reader import Outline, outline

_READ = {key: one for key, one in LISTS.items() if one.timeline or one.counted}
Words = Mapping[str, Status]


def parse(data: bytes, words: Words | None = None) -> Snapshot | None:
    """Return what a version of a round file says of statuses and metrics, or `None` where it cannot be read at all.

    The schema of today does not count: what is not of the expected form is passed over, and a word that is no status is
    kept as it stands. `words` are the extra status words of the settings.
    """
    tree = outline(data)
    if not isinstance(tree, dict):
        return None
    known = _keys(tree)
    every = words or {}
    parts = tuple(part for name in _READ for node in _many(known.get(name)) if (part := _part(name, node, every)))
    return Snapshot(
        _status(known.get("status"), every), parts, dict(_metrics(known.get("metrics"))), bool(known.get("source"))
    )


def _keys(node: Mapping[str, Outline]) -> dict[str, Outline]:
    return {key.replace("_", "-"): value for key, value in node.items()}


def _many(node: Outline) -> list[Outline]:
    values = node if isinstance(node, list) else [node]
    return [value for value in values if value is not None]


def _text(node: Outline) -> str:
    return node if isinstance(node, str) else ""


def _part(name: str, node: Outline, words: Words) -> Part | None:
    model = _READ[name].item
    if isinstance(node, list):
        return None
    keys = _keys(node) if isinstance(node, dict) else {model.SHORT: node}
    written = _text(keys.get("id")).strip()
    label = next((words_ for field in model.LABEL if (words_ := _label(keys.get(kebab(field))))), "") or written
    if not label:
        return None
    if name != "decisions":
        return Part(name, written, label, _status(keys.get("status"), words))
    replaced = tuple(text for one in _many(keys.get("supersedes")) if (text := _text(one)))
    stated = _text(keys.get("status"))
    return Part(name, written, label, decision_word(stated) or stated.strip().lower(), replaced)


def _label(node: Outline) -> str:
    return ", ".join(filter(None, map(_text, _many(node))))


def _status(node: Outline, words: Words) -> str:
    text = _text(node).strip()
    return lookup(text, words) or text


def _metrics(node: Outline) -> Iterator[tuple[str, str]]:
    for name, value in node.items() if isinstance(node, dict) else ():
        keys = _keys(value) if isinstance(value, dict) else {"value": value}
        if now := _text(keys.get("after")) or _text(keys.get("value")):
            yield name, now
