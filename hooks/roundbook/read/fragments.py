"""In: the trees of a round's fragments, in file-name order. Out: one tree, and the places where two of them disagree."""

from __future__ import annotations

from collections.abc import Sequence

from roundbook.errors import Finding
from roundbook.schema.base import Record, is_empty, is_many, kebab
from roundbook.yamlfile.reader import Items, Map, Node


def join(trees: Sequence[Map], model: type[Record]) -> tuple[Map, tuple[Finding, ...]]:
    """Join the trees: lists are appended, mappings merged; a value that stands in two fragments is an error.

    What the model takes as a list is appended even where a fragment writes one entry without a list.
    """
    lists = {kebab(name) for name, field in model.model_fields.items() if is_many(field)}
    whole = Map(place=trees[0].place)
    findings: list[Finding] = []
    for tree in trees:
        for key, value in tree.items():
            name = key.replace("_", "-")
            listed = (
                Items(place=value.place, values=[value]) if name in lists and not isinstance(value, Items) else value
            )
            _add(whole, name if not key.startswith("x-") else key, listed, tree, key, findings)
    return whole, tuple(findings)


def _add(whole: Map, name: str, value: Node, tree: Map, key: str, findings: list[Finding]) -> None:
    there = whole.get(name)
    if is_empty(value) and there is not None:
        return
    if there is None or is_empty(there):
        whole[name] = Items(place=value.place, values=value) if isinstance(value, Items) else value
        whole.keys_at[name] = tree.keys_at.get(key, value.place)
    elif isinstance(there, Items) and isinstance(value, Items):
        there.extend(value)
    elif isinstance(there, Map) and isinstance(value, Map):
        whole[name] = _merged(there, value, findings)
    elif there.place.path == value.place.path:
        message = f'duplicate key "{key}": the same as at {whole.keys_at[name]}, since _ and - are one'
        mend = "remove or rename one of them"
        findings.append(Finding("error", "duplicate-key", message, tree.keys_at.get(key, value.place), mend))
    else:
        message = f'"{name}" also stands at {there.place}'
        findings.append(Finding("error", "fragment-conflict", message, value.place, "keep one of the two"))


def _merged(one: Map, other: Map, findings: list[Finding]) -> Map:
    both = Map(place=one.place)
    for tree in (one, other):
        for key, value in tree.items():
            _add(both, key, value, tree, key, findings)
    return both
