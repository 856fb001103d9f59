"""Markers: a text of its own for each key of a record, by walking the model."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from roundbook.schema.base import Record, kebab
from roundbook.schema.dates import When
from roundbook.schema.decision import Selection
from roundbook.schema.items import Closed

# What is no text of its own: ids of commits and their selections, which the book resolves, and what names the record.
NO_PROSE = (Selection, Closed)
KEYS_OF_THE_FILE = {"round", "phase"}


class Marks:
    """Gives out markers, and remembers by what path in the model each was given."""

    def __init__(self, prefix: str) -> None:
        self.prefix, self.paths = prefix, dict[str, str]()

    def tree(self, model: type[Record], path: str = "") -> dict[str, Any]:
        """Return a record of a model with a marker for each text, as a round file would write it."""
        found = {}
        for name, field in model.model_fields.items():
            key = kebab(name)
            if path or key not in KEYS_OF_THE_FILE:
                found[key] = self.value(field.annotation, f"{path}.{key}" if path else key)
        return {key: value for key, value in found.items() if value is not None}

    def value(self, kind: Any, path: str) -> Any:
        """Return a value of a kind, `None` where a text of its own has no place in it."""
        origin, words = get_origin(kind), get_args(kind)
        if origin is Literal:
            return words[-1]
        if origin is dict:
            return {self.mark(f"{path}.key"): self.value(words[1], f"{path}.*")}
        if origin is tuple:
            one = self.value(words[0], f"{path}[]")
            return None if one is None else [one]
        if origin is not None:  # Annotated, a union with None
            kinds = [word for word in words if word is not type(None)]
            return self.value(kinds[0], path)
        if kind is When:
            return "2026-01-02"
        if kind is str:
            return self.mark(path)
        if kind is bool:
            return "true"
        if isinstance(kind, type) and issubclass(kind, Record):
            return None if issubclass(kind, NO_PROSE) else self.tree(kind, path)
        raise AssertionError(f"{path}: a kind that this test does not know: {kind}")

    def mark(self, path: str) -> str:
        """Return a new marker; letters and digits alone, so that it is an id and a name of a file too."""
        made = f"{self.prefix}{len(self.paths):03}x"
        self.paths[made] = path
        return made
