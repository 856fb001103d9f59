"""What the schema refuses, said of the place where it is written."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from roundbook.errors import Finding, Place
from roundbook.schema.base import STATUS_EXAMPLES, Record, kebab, shapes
from roundbook.schema.decision import DECISION_EXAMPLES
from roundbook.yamlfile.reader import Items, Map, Node

Location = Sequence[int | str]
_FIXES = {
    "status-unknown": f"write {STATUS_EXAMPLES}, or add the word to status-words in the settings",
    "decision-status-unknown": f"write {DECISION_EXAMPLES}",
    "date-not-readable": "write a day YYYY-MM-DD or a span YYYY-MM-DD..YYYY-MM-DD",
    "id-not-usable": "choose another id",
    "range-not-readable": "write a range of two commits or tags",
    "selection-empty": "write a commit id, a range, a tag, a window or paths",
}
_EXPECTED = {
    "string_type": "text",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
}


def explain(error: ValidationError, tree: Map, model: type[Record]) -> Iterator[Finding]:
    """Yield one finding for each fault of a validation, in the order of their places."""
    findings = [_finding(fault, tree, model) for fault in error.errors(include_url=False)]
    yield from sorted(findings, key=lambda f: f.place or tree.place)


def _finding(fault: ErrorDetails, tree: Map, model: type[Record]) -> Finding:
    kind, location = fault["type"], fault["loc"]
    key_place, place, node = _locate(tree, location)
    if kind == "extra_forbidden":
        return _unknown_key(str(location[-1]), key_place, record_at(model, location[:-1]))
    if kind == "missing":
        return Finding("error", "missing-key", f'the key "{location[-1]}" is missing', place, f"add {location[-1]}: …")
    if kind == "literal_error":
        expected = str((fault.get("ctx") or {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
        return Finding("error", "value-unknown", f'unknown value "{_shown(node)}"', place, f"write one of {expected}")
    if kind in _EXPECTED:
        message = f"expected {_EXPECTED[kind]}, found {_kind(node)}"
        return Finding("error", "wrong-type", message, place, _type_fix(node))
    if kind == "string_pattern_mismatch":
        message = f'"{_shown(node)}" names no commit'
        return Finding("error", "commit-not-readable", message, place, "write 7 to 64 lower-case hexadecimal digits")
    slug = kind if "-" in kind else "value-not-usable"
    return Finding("error", slug, fault["msg"], place, _FIXES.get(slug, str((fault.get("ctx") or {}).get("fix", ""))))


def _unknown_key(key: str, place: Place, owner: type[Record] | None) -> Finding:
    known = sorted(kebab(name) for name in owner.model_fields) if owner else []
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    fix = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}"
    return Finding("error", "unknown-key", f'unknown key "{key}"', place, fix)


def _locate(tree: Map, location: Location) -> tuple[Place, Place, Node]:
    """Return where the last key of a location stands, where its value does, and the value.

    A step that the file left out (a scalar for a list) is skipped; a key that is not there leaves its mapping.
    """
    node: Node = tree
    key_place = tree.place
    for step in location:
        if isinstance(node, Map) and isinstance(step, str):
            key = next((k for k in node if step in (k, k.replace("_", "-"))), None)
            if key is None:
                break
            key_place, node = node.keys_at.get(key, node.place), node[key]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
            key_place = node.place
    # The place of an empty value is past the line's end, so its key serves.
    return key_place, key_place if getattr(node, "empty", False) else node.place, node


def record_at(model: type[Record], location: Location) -> type[Record] | None:
    """Return the record class that a location leads to, or `None` where it leads out of the records."""
    current: type[Record] | None = model
    named = False
    for step in location:
        if isinstance(step, str) and current and not named:
            shape = shapes(current).get(step)
            if shape is None:
                return None
            current, named = shape.record, shape.named
        else:
            named = False
    return current


def _kind(node: Node) -> str:
    if isinstance(node, Map):
        return "a mapping"
    return "a list" if isinstance(node, Items) else f'"{_shown(node)}"'


def _shown(node: Node) -> str:
    text = str(node) if isinstance(node, str) else _kind(node)
    return text if len(text) <= 60 else text[:59] + "…"


def _type_fix(node: Node) -> str:
    if isinstance(node, Map):
        return "put the text in quotes if its colon belongs to it"
    return "write the value as it is described in the reference"
