"""In: the bytes of a round file at some commit. Out: its `Snapshot`, read so tolerantly that old files have one too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from roundbook.model.decision import Decision
from roundbook.model.item import Item
from roundbook.model.items import Agent, Blocker, Deliverable, Goal, Task
from roundbook.model.life import Part, Snapshot
from roundbook.model.record import STATUS_WORDS, Status, kebab
from roundbook.read import yaml
from roundbook.read.yaml import Items, Map, Node, Text

_LISTS: Mapping[str, type[Item]] = {
    "agents": Agent,
    "objectives": Goal,
    "goals": Goal,
    "decisions": Decision,
    "deliverables": Deliverable,
    "blockers": Blocker,
    "tasks": Task,
}
_BLANKS = re.compile(r"[\s_-]+")
Words = Mapping[str, Status]


def parse(data: bytes, words: Words | None = None) -> Snapshot | None:
    """Return what a version of a round file says of statuses and metrics, or `None` where it cannot be read at all.

    The schema of today does not count: what is not of the expected form is passed over, and a word that is no status is
    kept as it stands. `words` are the extra status words of the settings.
    """
    tree, _ = yaml.parse(data, "")
    if not isinstance(tree, Map):
        return None
    known = _keys(tree)
    every = {**STATUS_WORDS, **(words or {})}
    parts = tuple(part for name in _LISTS for node in _many(known.get(name)) if (part := _part(name, node, every)))
    return Snapshot(_status(known.get("status"), every), parts, dict(_metrics(known.get("metrics"))))


def _keys(node: Map) -> dict[str, Node]:
    return {key.replace("_", "-"): value for key, value in node.items()}


def _many(node: Node | None) -> list[Node]:
    values = node if isinstance(node, Items) else [] if node is None else [node]
    return [value for value in values if not (isinstance(value, Text) and value.empty)]


def _text(node: Node | None) -> str:
    return "" if not isinstance(node, Text) or node.empty else str(node)


def _part(name: str, node: Node, words: Words) -> Part | None:
    model = _LISTS[name]
    if isinstance(node, Items):
        return None
    keys = _keys(node) if isinstance(node, Map) else {model.SHORT: node}
    written = _text(keys.get("id")).strip()
    label = next((words_ for field in model.LABEL if (words_ := _label(keys.get(kebab(field))))), "") or written
    if not label:
        return None
    if name != "decisions":
        return Part(name, written, label, _status(keys.get("status"), words))
    replaced = tuple(text for one in _many(keys.get("supersedes")) if (text := _text(one)))
    return Part(name, written, label, _text(keys.get("status")).strip().lower(), replaced)


def _label(node: Node | None) -> str:
    return ", ".join(filter(None, map(_text, _many(node))))


def _status(node: Node | None, words: Words) -> str:
    text = _text(node).strip()
    return words.get(_BLANKS.sub("-", text.lower()), text)


def _metrics(node: Node | None) -> Iterator[tuple[str, str]]:
    for name, value in node.items() if isinstance(node, Map) else ():
        keys = _keys(value) if isinstance(value, Map) else {"value": value}
        if now := _text(keys.get("after")) or _text(keys.get("value")):
            yield name, now
