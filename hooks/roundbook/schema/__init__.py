"""What a round file may say: records, their keys and values, and the JSON Schema of it all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

LINE = (
    "# yaml-language-server: $schema="  # what editors look for at the top of a file, before the address of its schema
)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a round file, of a fragment of one, and of `phase.yml`.

    No key is required by it, since a fragment or a phase may leave out any; `roundbook check` says what is missing.
    """
    from roundbook.schema import json_schema  # with pydantic, which takes longer to import than git to answer
    from roundbook.schema.round import Round

    return json_schema.schema(Round, "round file", fragment=True)


@cache
def text() -> str:
    """Return the schema as the text of its file."""
    from roundbook.schema import json_schema

    return json_schema.text(schema())


def on_site(name: str) -> str:
    """Return where a site has the schema of a `round-file` or of the `settings-file`."""
    return f"api/schema/{name}.json"


def packaged(name: str) -> Path:
    """Return where the package holds the schema of a `round` or of the `settings`."""
    return Path(__file__).with_name(f"{name}.schema.json")
