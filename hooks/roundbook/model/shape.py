"""In: a record class and a key. Out: what the key's value is made of, by the annotations of the records."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

from roundbook.model.record import Record, is_many, kebab


class Shape(NamedTuple):
    """What a key holds: records or texts (`record` is `None`), a list of them (`many`), or some by name (`named`)."""

    record: type[Record] | None = None
    many: bool = False
    named: bool = False


@cache
def shapes(model: type[Record]) -> dict[str, Shape]:
    """Return the shape of each key of a record, as round files write it, in the order of the fields."""
    return {
        kebab(name): Shape(_record_in(field.annotation), is_many(field), get_origin(field.annotation) is dict)
        for name, field in model.model_fields.items()
    }


def _record_in(annotation: Any) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next((found for part in get_args(annotation) if (found := _record_in(part))), None)
