"""What a round file may say: records, their keys and values, and the JSON Schema of it all."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

_SCALARS = ["string", "number", "boolean"]


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a round file, of a fragment of one, and of `phase.yml`.

    No key is required by it, since a fragment or a phase may leave out any; `roundbook check` says what is missing. A text
    may be written without quotes where YAML reads a number, a date or a truth value: it stays the text that was written.
    """
    from roundbook.schema.round import Round  # with pydantic, which takes longer to import than git to answer

    made = Round.model_json_schema(by_alias=True)
    made.pop("required", None)
    made = _lenient(made)
    title = {"title": "A round of roundbook", "description": "One round, a fragment of one, or a phase."}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, **title}


@cache
def text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _lenient(node: Any) -> Any:
    """Return the schema with what editors need: texts may look like numbers, no defaults, no empty alternatives."""
    if isinstance(node, list):
        return [_lenient(part) for part in node]
    if not isinstance(node, dict):
        return node
    made = {
        key: _lenient(value)
        for key, value in node.items()
        if key not in ("default", "title") or isinstance(value, dict)
    }
    if made.get("type") == "string" and not {"enum", "const", "pattern"} & set(made):
        made["type"] = _SCALARS
    if isinstance(made.get("anyOf"), list):
        made["anyOf"] = list({json.dumps(part, sort_keys=True): part for part in made["anyOf"]}.values())
    return made
