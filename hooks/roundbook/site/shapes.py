"""Things as JSON: a `shape` says which keys an object has, and from it come the values and their JSON Schema.

So nothing is printed that the schema does not name, and no type is written twice: it is the one that the class declares.

Sources: JSON Schema 2020-12, https://json-schema.org/draft/2020-12; https://docs.pydantic.dev/latest/concepts/models/
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, create_model
from pydantic.json_schema import GenerateJsonSchema

from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.git.history import Person
from roundbook.schema.base import Record, kebab
from roundbook.schema.dates import Moment
from roundbook.site.links import named

_OR_NULL = BeforeValidator(lambda value: value or None)
_ID, _DAY = "^([0-9a-f]{40}|[0-9a-f]{64})$", r"^\d{4}-\d{2}-\d{2}"
CommitId = Annotated[str, Field(json_schema_extra={"description": "commit id", "pattern": _ID})]
Day = Annotated[str, Field(json_schema_extra={"description": "date", "pattern": _DAY})]
Maybe = Annotated[str, Field(json_schema_extra={"minLength": 0})]  # it may be the empty text
# How values are shown: a person without an address of mail, a thing that has a shape in that.
_SHOWN: dict[Any, Any] = {
    Person: Annotated[str, BeforeValidator(lambda person: named(person.name))],
    Moment: Annotated[Day | None, BeforeValidator(lambda moment: moment and (moment.iso or None))],
    Place: Annotated[str, BeforeValidator(str)],
}


class Json(BaseModel):
    """An object of JSON, made by a `shape`."""

    model_config = ConfigDict(
        frozen=True, from_attributes=True, populate_by_name=True, protected_namespaces=(), defer_build=True
    )

    @classmethod
    def of(cls, thing: object = None, **more: Any) -> Self:
        """Return what a thing says, with `more` for keys that are no attributes of it."""
        return cls.model_validate(_With(thing, more))

    @property
    def plain(self) -> dict[str, Any]:
        """Return it as plain values, by the names of its keys."""
        return self.model_dump(mode="json", by_alias=True)


@frozen
class _With:
    _thing: object
    _more: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self._more[name] if name in self._more else getattr(self._thing, name)


class Shapes:
    """Makes shapes that belong together: a thing inside another has the first one that was made of its class."""

    def __init__(self) -> None:
        self.shown = dict(_SHOWN)

    def __call__(self, of: Any, keys: str = "", /, *, called: str = "", **types: Any) -> type[Json]:
        """Return what JSON has of a class of things: `shape(Ruling, "id status date? kind=decision.type page", page=str)`.

        `key` is the attribute of its name, `key=attribute.of_that` another one, and `key?` is `null` where the value is empty;
        by default they are all fields of a dataclass. The type of a key is the one that the class declares; `types` has those
        that it does not, or that are given otherwise. In the JSON Schema it is `called` like the class, if not otherwise.
        """
        fields: dict[str, Any] = {}
        for word in keys.split() or [field.name for field in dataclasses.fields(of)]:
            key, _, path = word.partition("=")
            name = key.rstrip("?").replace("-", "_")
            kind = self._of(types[name] if name in types else _declared(of, path or name))
            alias = AliasPath(*path.split(".")) if path else None
            kind = Annotated[kind | None, _OR_NULL] if key.endswith("?") else kind
            fields[name] = (kind, Field(validation_alias=alias, serialization_alias=kebab(name)))
        made = create_model(called or of.__name__, __base__=Json, **fields)
        self.shown.setdefault(of, made)
        return made

    def _of(self, kind: Any) -> Any:
        """Return a type with the shapes of the things in it."""
        origin = get_origin(kind)
        if isinstance(kind, type) and issubclass(kind, Record):
            return Annotated[kind, PlainSerializer(lambda record: record_of(record))]
        if origin is Annotated:
            return Annotated[(self._of(kind.__origin__), *kind.__metadata__)]
        if origin in (None, Literal):
            return self.shown.get(kind, kind)
        inside = tuple(one if one is ... else self._of(one) for one in get_args(kind))
        return Union[inside] if origin in (Union, UnionType) else {Mapping: dict}.get(origin, origin)[inside]  # noqa: UP007


def _declared(of: Any, path: str) -> Any:
    """Return the type that a class declares for an attribute, or for one of an attribute."""
    for name in path.split("."):
        own = getattr(of, name, None)
        getter = getattr(own, "fget", None) or getattr(own, "func", None)
        of = get_type_hints(getter)["return"] if getter else get_type_hints(of)[name]
    return of


def record_of(record: Record) -> dict[str, Any]:
    """Return a record of a round file as plain data, by the names of its keys, without those that are as by default."""
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)


class _Schema(GenerateJsonSchema):
    """JSON Schema without titles of keys and without defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the signature is pydantic's
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])


def schema_of(made: type[Json]) -> dict[str, Any]:
    """Return the JSON Schema of a shape; no other key may be there."""
    whole = made.model_json_schema(mode="serialization", schema_generator=_Schema)
    for node in (whole, *whole["$defs"].values()):
        if "properties" in node:
            node["additionalProperties"] = False
    return whole


def _of_place(name: str) -> Any:
    return BeforeValidator(lambda place: place and getattr(place, name))


FINDING = Shapes()(
    Finding,
    "severity slug message fix path=place line=place column=place",
    path=Annotated[str | None, _of_place("path")],
    line=Annotated[int | None, _of_place("line")],
    column=Annotated[int | None, _of_place("column")],
)
_SHOWN[Finding] = FINDING
