"""JSON Schemas of round files and settings for editors, which accept what `roundbook check` accepts.

An editor reads YAML 1.2: `0123456` is a number there, `true` a truth value, `12:30` a text. A round file means the text that
was written, so a schema takes each of them where a text is wanted. What depends on other files or settings is left to `check`:
extra status words, keys that another fragment has, references.

    properties:  one line for each key: title (the key, which heads the hover), description, type
    $defs:       records, each with the texts that are short for it, and the types that many keys share

Sources: JSON Schema 2020-12, https://json-schema.org/draft/2020-12; YAML 1.2.2, section 10.3 (core schema).
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import StringConstraints, WithJsonSchema

from roundbook.schema.base import Date, Id, Key, ListMark, Record, StatusField, kebab
from roundbook.schema.decision import DecisionStatusField, FullSha, Sha
from roundbook.schema.ids import RESERVED
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES

Node = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCALARS = ("string", "number", "boolean")


def _any_case(*words: str) -> str:
    return "|".join("".join(f"[{c.upper()}{c}]" if c.isalpha() else c for c in word) for word in words)


def _matching(pattern: str, error: str, *types: str) -> Node:
    return {"type": [*types, "null"], "minimum": 0, "pattern": f"^(?:{pattern})$", "patternErrorMessage": error}


def _suggesting(words: tuple[str, ...]) -> Node:
    return {"anyOf": [{"enum": [*words]}, {"type": [*_SCALARS, "null"], "minLength": 1}]}


_ID = rf"(?!(?:{_any_case(*sorted(RESERVED))})(?:[./]|$))(?![^/]*[.][.])[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,62}}[A-Za-z0-9_-])?"
_DAY = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME, _ZONE = "(?:[01][0-9]|2[0-3]):[0-5][0-9]", "(?:[01][0-9]|2[0-3]):?[0-5][0-9]"
_POINT = rf"\s*{_DAY}(?:[T ]{_TIME}(?::[0-5][0-9])?\s*(?:Z|[+-]{_ZONE})?)?\s*"
_FLAGS = ("true", "false", "yes", "no", "on", "off", "t", "f", "y", "n", "1", "0")
KEY = _matching(f"{_ID}(?:/{_ID})?", "write the id of a round: 3/4, or 4 in the same phase", *_SCALARS)
# The types that many keys share, each with its name in `$defs`.
_SHARED: tuple[tuple[Any, str, Node], ...] = (
    (Id, "id", _matching(_ID, "write ASCII letters, digits, '.', '_' and '-', and no reserved name", *_SCALARS)),
    (Key, "key", KEY),
    (Date, "date", _matching(f"{_POINT}(?:[.][.]{_POINT})?", "write YYYY-MM-DD or YYYY-MM-DD..YYYY-MM-DD", "string")),
    (StatusField, "status", _suggesting(STATUSES)),
    (DecisionStatusField, "decision-status", _suggesting(DECISION_STATUSES)),
    (Sha, "commit", _matching("[0-9a-f]{7,64}", "write 7 to 64 hexadecimal digits", "string", "number")),
    (FullSha, "full-commit", _matching("[0-9a-f]{40}(?:[0-9a-f]{24})?", "write all its digits", "string", "number")),
    (bool, "flag", _matching(_any_case(*_FLAGS), "write true or false", "boolean", "integer", "string") | {"maximum": 1}),
    (int, "count", _matching("[0-9]+", "write a whole number", "integer", "string")),
)  # fmt: skip
_TEXT: Node = {"type": [*_SCALARS, "null"]}
_TEXTS: Node = {"type": [*_SCALARS, "null", "array"], "items": _TEXT}


def schema(model: type[Record], title: str, *, fragment: bool = False) -> Node:
    """Return the JSON Schema of a file that holds a record, or a `fragment` of one, in which no key is required."""
    defs: dict[str, Node] = {}
    made = _record(model, defs)
    if fragment:
        made = {key: value for key, value in made.items() if key not in ("required", "anyOf")}
    return {"$schema": DIALECT, **made, "title": title, "$defs": dict(sorted(defs.items()))}


def text(made: Mapping[str, Any], indent: str = "") -> str:
    """Return a schema as text, with one key of a record on a line."""
    inner = f"{indent}  "
    rows = ",\n".join(f"{inner}{json.dumps(key)}: {_inside(key, value, inner)}" for key, value in made.items())
    return f"{{\n{rows}\n{indent}}}" + ("" if indent else "\n")


def _inside(key: str, value: Any, indent: str) -> str:
    opened = key in ("properties", "patternProperties", "$defs") or (isinstance(value, dict) and "properties" in value)
    return text(value, indent) if opened else json.dumps(value, ensure_ascii=False)


def _record(model: type[Record], defs: dict[str, Node]) -> Node:
    """Return the schema of a record, and add what it refers to to `defs`."""
    hints = get_type_hints(model, include_extras=True)
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    values: dict[str, Node] = {}
    for name in model.model_fields:
        made = _value(hints[name], defs)
        values[kebab(name)] = _not_null(made, defs) if name in required else made
    said = {kebab(name): field.description or "" for name, field in model.model_fields.items()}
    lowered = {f"^{key.replace('-', '_')}$": value for key, value in values.items() if "-" in key}
    node: Node = {
        "title": kebab(model.__name__.lower()),
        "description": " ".join((inspect.getdoc(model) or "").split()),
        "type": ["object", "null"],
        "properties": {key: {"title": key, "description": said[key], **value} for key, value in values.items()},
        "patternProperties": {"^x[-_]": {}, **lowered},
        "additionalProperties": False,
    }
    if required:
        node["required"] = [kebab(name) for name in required]
    if model.ANY_OF:
        node["anyOf"] = [{"required": [kebab(name)]} for name in model.ANY_OF]
    return node | _short(model, values, node["description"]) | dict(model.SCHEMA)


def _short(model: type[Record], values: Mapping[str, Node], description: str) -> Node:
    """Return what says that a text may be written instead of a record."""
    if not model.SHORT:
        return {}
    key = kebab(model.SHORT)
    said = {"description": f"{description} A text alone is short for `{{{key}: …}}`."}
    words = "|".join(filter(None, values[key].get("enum", ())))
    pattern = f"^(?:{words})$" if words else values[key].get("pattern", "")
    if pattern:
        return {**said, "type": ["string", "object", "null"], "pattern": pattern}
    return {**said, "type": [*_SCALARS, "object", "null"], **({"minLength": 1} if model.ANY_OF else {})}


def _not_null(node: Node, defs: Mapping[str, Node]) -> Node:
    if "enum" in node:
        return {**node, "enum": [one for one in node["enum"] if one is not None]}
    meant = defs[node["$ref"].rpartition("/")[2]] if "$ref" in node else node
    return {**node, "type": [one for one in meant["type"] if one != "null"]}


def _value(hint: Any, defs: dict[str, Node]) -> Node:
    """Return the schema of a value; it may be left empty, which means that the key is not there."""
    for known, name, node in _SHARED:
        if hint == known:
            defs[name] = node
            return {"$ref": f"#/$defs/{name}"}
    origin, parts = get_origin(hint), [part for part in get_args(hint) if part is not NoneType]
    if isinstance(hint, type) and issubclass(hint, Record):
        name = hint.__name__.lower()
        if name not in defs:
            defs[name] = {}  # so that a record may hold itself
            defs[name] = _record(hint, defs)
        return {"$ref": f"#/$defs/{name}"}
    if origin is Annotated:
        return _annotated(hint, defs)
    if origin in (Union, UnionType) and not all(get_origin(part) is Literal for part in parts):
        return _value(parts[0], defs)
    if origin in (Union, UnionType, Literal):
        words = parts if origin is Literal else [word for part in parts for word in get_args(part)]
        return {"enum": [*words, None]}
    if origin is dict:
        one = _value(parts[1], defs)  # an empty text is one, and no word of a list
        one = _not_null(one, defs) if {"enum", "pattern"} & set(one) else one
        return {"type": ["object", "null"], "additionalProperties": one}
    return {"type": ["array", "null"], "items": _value(parts[0], defs)} if origin is tuple else _TEXT


def _annotated(hint: Any, defs: dict[str, Node]) -> Node:
    base, marks = hint.__origin__, hint.__metadata__
    if any(isinstance(mark, ListMark) for mark in marks):
        one = _value(get_args(base)[0], defs)
        return _TEXTS if one == _TEXT else {"anyOf": [one, {"type": "array", "items": one}]}
    made = _value(base, defs)
    for mark in marks:
        if isinstance(mark, StringConstraints) and mark.pattern:
            made = {**made, "minimum": 0, "pattern": mark.pattern}
        elif isinstance(mark, WithJsonSchema):
            made = {**made, **(mark.json_schema or {})}
    return made
