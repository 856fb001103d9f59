"""The base of all records: keys, fields, places, and what validation reports."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, NamedTuple, Self, TypeVar, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from roundbook.errors import Place
from roundbook.schema import dates
from roundbook.schema.ids import id_fault
from roundbook.schema.statuses import STATUSES, Status, lookup

T = TypeVar("T")
_put = object.__setattr__
At = tuple[str, int, int]  # path, line and column: making thousands of places that nobody asks for takes long


@cache
def kebab(name: str) -> str:
    """Return a field's name as round files write it: `until_`, `status_text` become `until`, `status-text`."""
    return name.rstrip("_").replace("_", "-")


def is_empty(value: object) -> bool:
    """Tell whether a value was left empty: an unquoted `key:`, `~` or `null`."""
    return value is None or bool(getattr(value, "empty", False))


class ListMark:
    """Accept a scalar or a mapping as a list of one, and an empty value for an empty list."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.listed, handler(source))

    @staticmethod
    def listed(value: Any) -> Any:
        """Return a value as a list without what was left empty."""
        if isinstance(value, list | tuple):
            return [v for v in value if not is_empty(v)]
        return [] if is_empty(value) else [value]


Many = Annotated[tuple[T, ...], ListMark()]


class _Cells(ListMark):
    """The same for a row of a table, in which an empty value is an empty cell."""

    @staticmethod
    def listed(value: Any) -> Any:
        """Return a value as cells, of which some may be empty."""
        if isinstance(value, list | tuple):
            return ["" if is_empty(v) else v for v in value]
        return ListMark.listed(value)


def is_many(field: FieldInfo) -> bool:
    """Tell whether a field takes a list, and so a scalar or mapping for a list of one."""
    return any(isinstance(mark, ListMark) for mark in field.metadata)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else value


# A person writes `4`, `0.10` or `NO` without quotes and means the text.
TextField = Annotated[str, BeforeValidator(_text)]
Cells = Annotated[tuple[TextField, ...], _Cells()]


def _id(value: Any) -> Any:
    if isinstance(value, str) and (fault := id_fault(value)):
        raise PydanticCustomError("id-not-usable", 'the id "{value}" {fault}', {"value": value, "fault": fault})
    return value


Id = Annotated[TextField, StringConstraints(strip_whitespace=True), BeforeValidator(lambda v: _id(_text(v)))]


def _key(value: Any) -> Any:
    parts = value.split("/") if isinstance(value, str) else ()
    for part in parts:
        _id(part)
    if len(parts) > 2:
        raise PydanticCustomError(
            "id-not-usable", '"{value}" is not the id of a round', {"value": value, "fix": "write 3/4"}
        )
    return value


Key = Annotated[TextField, StringConstraints(strip_whitespace=True), BeforeValidator(lambda v: _key(_text(v)))]


def _date(value: Any) -> dates.When:
    if isinstance(value, dates.When):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError("date-not-readable", "expected a date (YYYY-MM-DD)")
    try:
        return dates.parse(value)
    except ValueError as fault:
        raise PydanticCustomError("date-not-readable", "{fault}", {"fault": str(fault)}) from None


Date = Annotated[
    dates.When,
    BeforeValidator(_date),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}),
]

CLOSED: frozenset[str] = frozenset({"done", "partial", "dropped"})
OPEN: frozenset[str] = frozenset({"planned", "in-progress", "partial", "blocked", "deferred"})
STATUS_EXAMPLES = "one of " + ", ".join(STATUSES)


def _status(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    found = lookup(value, (info.context or {}).get("status_words"))
    if not found:
        raise PydanticCustomError("status-unknown", 'unknown status "{value}"', {"value": str(value)})
    return found


def _raw_status(value: Any) -> Any:
    """Return a status as it was written where that is more than the normalised word, so that nothing is lost."""
    return value if isinstance(value, str) and value.strip() not in STATUSES else None


StatusField = Annotated[Status, BeforeValidator(_status)]


class Record(BaseModel):
    """The base of every record: frozen, with `kebab-case` keys, and with the place of each key in its file.

    A scalar may be written instead of an object if `SHORT` names the field that it sets. At least one of the fields in
    `ANY_OF` is required. `SCHEMA` is what its JSON Schema says besides, for validators that are code. Keys that begin with `x-`
    are kept in `extra_keys` and otherwise ignored.

    Modules of records do not import `annotations`: pydantic would compile each from its text.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=kebab,
        populate_by_name=False,
        protected_namespaces=(),
        defer_build=True,
    )
    SHORT: ClassVar[str] = ""
    ANY_OF: ClassVar[tuple[str, ...]] = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {}

    _place: Place | None = PrivateAttr(default=None)
    _places: dict[str, At] = PrivateAttr(default_factory=dict)
    _extra_keys: dict[str, Any] = PrivateAttr(default_factory=dict)
    _extra_text: str = PrivateAttr(default="")  # so that records with these keys in another order are not equal

    @model_validator(mode="wrap")
    @classmethod
    def _from_tree(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(value, cls):
            return value
        node = {cls.SHORT: value} if cls.SHORT and isinstance(value, str | int | float) else value
        if not isinstance(node, dict):
            return handler(node)
        known = {str(k) if str(k).startswith("x-") else str(k).replace("_", "-"): v for k, v in node.items()}
        if len(known) < len(node):
            key = next(k for k in known if sum(str(other).replace("_", "-") == k for other in node) > 1)
            raise PydanticCustomError(
                "duplicate-key",
                'duplicate key "{key}": _ and - are the same',
                {"key": key, "fix": "remove or rename one of them"},
            )
        extra = {k: _bare(known.pop(k)) for k in list(known) if k.startswith("x-")}
        if "status_text" in cls.model_fields:
            known.setdefault("status-text", _raw_status(known.get("status")))
        # An empty value is none; under a key that is none of ours it still is an unknown key.
        record = handler({k: v for k, v in known.items() if not is_empty(v) or k not in cls._keys()})
        record._place = getattr(value, "place", None)
        record._places = dict(_places(known))
        record._extra_keys, record._extra_text = extra, repr(extra) if extra else ""
        return record

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Refuse a class with a `status` that has no field for the words in which it was written."""
        field = cls.model_fields.get("status")
        if field and StatusField in get_args(field.annotation) and "status_text" not in cls.model_fields:
            raise TypeError(f"{cls.__name__} has a status: give it a field status_text too, as Blocker has")

    @classmethod
    @cache
    def _keys(cls) -> frozenset[str]:
        return frozenset(map(kebab, cls.model_fields))

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.ANY_OF and not any(getattr(self, name) for name in self.ANY_OF):
            keys = " or ".join(kebab(name) for name in self.ANY_OF)
            raise PydanticCustomError("missing-key", "{keys} is missing", {"keys": keys, "fix": f"add {keys}"})
        return self

    @property
    def place(self) -> Place | None:
        """Return where the record begins in its file, or `None` when it was not read from one."""
        place: Place | None = (self.__pydantic_private__ or {})["_place"]
        return place

    @property
    def places(self) -> Mapping[str, At]:
        """Return where its values are, by key, and the entries of these, by `key.index`."""
        return self._places

    @classmethod
    def restored(
        cls, values: dict[str, Any], given: set[str], place: Place | None, places: dict[str, At], extra: dict[str, Any]
    ) -> Self:
        """Return a record as it was validated once, without doing so again; `values` are those of all fields, in order.

        `given` are the fields that its file sets.
        """
        record = cls.__new__(cls)
        text = repr(extra) if extra else ""
        private = {"_place": place, "_places": places, "_extra_keys": extra, "_extra_text": text}
        _put(record, "__dict__", values)  # as `model_construct` does
        _put(record, "__pydantic_fields_set__", given)
        _put(record, "__pydantic_private__", private)
        _put(record, "__pydantic_extra__", None)
        return record

    @property
    def extra_keys(self) -> Mapping[str, Any]:
        """Return the keys that began with `x-`, as written."""
        return self._extra_keys

    def place_of(self, field: str, index: int | str | None = None) -> Place | None:
        """Return the place of a field's value, or of one entry of its list or mapping; else the place of the record."""
        key, private = kebab(field), self.__pydantic_private__ or {}  # `self._places` takes five times as long
        places: dict[str, At] = private["_places"]
        at = places.get(key) if index is None else places.get(f"{key}.{index}") or places.get(key)
        return Place(*at) if at else self.place


Text = tuple[str, "Record", str, int | str | None]


def texts(record: Record) -> Iterator[Text]:
    """Yield each text of a record and of those within: what `place_of` of which record takes to tell where it is."""
    for name, value in record.__dict__.items():
        if isinstance(value, str):
            yield value, record, name, None
        elif isinstance(value, Record):
            yield from texts(value)
        elif value and isinstance(value, dict | tuple):
            for key, one in value.items() if isinstance(value, dict) else enumerate(value):
                yield from _inside(one, record, name, key)


def _inside(value: object, record: Record, name: str, key: int | str) -> Iterator[Text]:
    if isinstance(value, str):
        yield value, record, name, key
    elif isinstance(value, Record):
        yield from texts(value)
    elif isinstance(value, tuple):  # a row of a table
        for one in value:
            yield from _inside(one, record, name, key)


def _places(node: Mapping[str, Any]) -> list[tuple[str, At]]:
    found = [(key, at) for key, value in node.items() if (at := _at(value))]
    for key, value in node.items():
        items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
        found += [(f"{key}.{i}", at) for i, v in items if (at := _at(v))]
    return found


def _at(node: Any) -> At | None:
    """Return where a part of a tree is: texts hold it as a tuple, lists and mappings as a place."""
    at: At | None = getattr(node, "at", None)
    if at is None and (place := getattr(node, "place", None)):
        return place.path, place.line, place.column
    return at


def _bare(node: Any) -> Any:
    """Return a part of a tree without its places."""
    if isinstance(node, dict):
        return {str(key): _bare(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_bare(value) for value in node]
    return str(node) if isinstance(node, str) else node


class Item(Record):
    """A record that a page shows as an entry with an anchor; its name is the first of the fields in `LABEL` that is set."""

    LABEL: ClassVar[tuple[str, ...]] = ("title",)

    id: Id | None = Field(None, description="Its anchor, so that links still work when the words change.")
    was: Many[Id] = Field((), description="Former ids; links to them still work.")

    @property
    def label(self) -> str:
        """Return what the entry is called: the first field of `LABEL` that is given, else the id."""
        for name in self.LABEL:
            value: str | tuple[str, ...] | None = getattr(self, name)
            if value:
                return value if isinstance(value, str) else ", ".join(value)
        return self.id or type(self).__name__


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
