"""Round files as they were parsed, kept by their content from one run to the next.

To validate a file takes ten times as long as to read what was made of it. A file is kept as JSON: the fields that it sets,
by name, with their places; fields that it leaves out have their defaults. What is read is not validated again, but for ids,
which are parts of paths: a kept file is trusted no more than a round file in this.

    [class, [fields, [path, line, column], places, extra keys], findings]        of one round or phase
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

import pydantic
import yaml

from roundbook.cache import Cache
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.schema.base import Item, Record, kebab, shapes
from roundbook.schema.dates import When
from roundbook.schema.dates import parse as date
from roundbook.schema.ids import id_fault
from roundbook.schema.round import Phase, Round
from roundbook.schema.statuses import Status
from roundbook.yamlfile.reader import LOADER, Outline, outline

FILE = "rounds.sqlite"
VERSIONS = "versions.sqlite"
MOST_VERSIONS = 50_000
SPARE = 200  # what is kept besides twice the files of the book: of other branches, and of earlier commits
_PACKAGE = Path(__file__).parents[1]
_CODE = ("adr", "errors.py", "markdown", "rounds", "schema", "yamlfile")  # what decides how a file is parsed
_IDS = ("id", "was", "phase", "round")
_MODELS: Mapping[str, type[Round | Phase]] = {"round": Round, "phase": Phase}


@frozen
class RoundFiles:
    """The files of a round (`key` is `3/4`) or of a phase (`3/`), in the order in which they are joined."""

    key: str
    paths: tuple[str, ...]


Written = tuple[RoundFiles, tuple[bytes, ...]]
Parsed = tuple[Round | Phase | None, list[Finding]]


class ParsedFiles:
    """What files were parsed as; `folder` is that of the caches, or `None` where nothing is to be kept."""

    def __init__(self, folder: Path | None) -> None:
        self._cache = Cache(folder / FILE if folder else None, _form() if folder else "")

    def get(self, files: Iterable[Written], words: Mapping[str, Status]) -> dict[Written, Parsed]:
        """Return what those of some files were parsed as that are kept, with the same status words."""
        keys = {_digest(one, words): one for one in files} if self._cache.path else {}
        found: dict[Written, Parsed] = {}
        for key, text in (self._cache.get(keys) if keys else {}).items():
            with suppress(
                ArithmeticError, AttributeError, LookupError, TypeError, ValueError
            ):  # it is not what was put
                found[keys[key]] = read(text, keys[key][0])
        return found

    def put(self, parsed: Mapping[Written, Parsed], words: Mapping[str, Status], book: Collection[Written]) -> None:
        """Keep what was parsed; `book` are the files that are in use, beside which only some others are kept."""
        if not (self._cache.path and parsed):
            return
        items = {_digest(files, words): text for files, made in parsed.items() if (text := written(made, files[0]))}
        there = self._cache.keys()
        many = len(there) > 2 * len(book) + SPARE
        self._cache.put(items, there.difference(_digest(one, words) for one in book) if many else ())


class Outlines:
    """Plain data of versions of round files and decision records, kept by content; `folder` is as in `ParsedFiles`."""

    def __init__(self, folder: Path | None) -> None:
        self._cache = Cache(folder / VERSIONS if folder else None, _form() if folder else "")
        self._known: dict[str, bytes] | None = None
        self._new: dict[str, bytes] = {}

    def read(self, data: bytes, make: Callable[..., Outline] = outline, *of: str) -> Outline:
        """Return what `make` returns for the content of a file and the texts `of`."""
        if self._cache.path is None:
            return make(data, *of)
        if self._known is None:
            self._known = self._cache.get(self._cache.keys())
        key = blake2b(repr((make.__module__, of)).encode() + data, digest_size=20).hexdigest()
        if text := self._known.get(key) or self._new.get(key):
            with suppress(ValueError):  # it is not what was put
                found: Outline = json.loads(text)
                return found
        made = make(data, *of)
        self._new[key] = json.dumps(made, separators=(",", ":")).encode()
        return made

    def save(self) -> None:
        """Keep what is new; where there is too much, only that."""
        if self._new and self._known is not None:
            many = len(self._known) + len(self._new) > MOST_VERSIONS
            self._cache.put(self._new, self._known if many else ())
            self._known, self._new = {**({} if many else self._known), **self._new}, {}


def _form() -> str:
    """Return the form of what is kept, with all that decides how a file is parsed."""
    found = blake2b(digest_size=16)
    for name in _CODE:
        path = _PACKAGE / name
        for file in sorted(path.glob("*.py")) if path.is_dir() else (path,):
            found.update(file.read_bytes())
    markdown = find_spec("markdown_it")  # its first file has its version; to import it takes 40 ms
    found.update(Path(markdown.origin).read_bytes() if markdown and markdown.origin else b"")
    return f"rounds 1, {found.hexdigest()}, {pydantic.VERSION}, {yaml.__version__} {LOADER.__name__}"


def _digest(files: Written, words: Mapping[str, Status]) -> str:
    sources, contents = files
    head = repr((sources.key, sources.paths, [*map(len, contents)], sorted(words.items())))
    return blake2b(b"\0".join((head.encode(), *contents)), digest_size=20).hexdigest()


# ------------------------------------------------------------------------------------------------------------ writing


def written(parsed: Parsed, sources: RoundFiles) -> bytes:
    """Return what files were parsed as, as text; nothing where that cannot be written, such as a place in another file."""
    record, findings = parsed
    paths = {path: number for number, path in enumerate(("", *sources.paths))}
    try:
        node = None if record is None else _node(record, paths)
        faults = [
            [f.severity, f.slug, f.message, f.fix, None if f.place is None else _at(f.place, paths)] for f in findings
        ]
    except (KeyError, TypeError):
        return b""
    return json.dumps([_name(record), node, faults], separators=(",", ":")).encode()


def _name(record: Round | Phase | None) -> str:
    return next((name for name, model in _MODELS.items() if type(record) is model), "")


def _node(record: Record, paths: Mapping[str, int]) -> list[Any]:
    fields = {name: _plain(getattr(record, name), paths) for name in record.model_fields_set}
    places = {key: (paths[path], line, column) for key, (path, line, column) in record.places.items()}
    return [fields, record.place and _at(record.place, paths), places, dict(record.extra_keys)]


def _plain(value: Any, paths: Mapping[str, int]) -> Any:
    if isinstance(value, Record):
        return _node(value, paths)
    if isinstance(value, tuple):
        return [_plain(one, paths) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one, paths) for key, one in value.items()}
    if isinstance(value, When):
        return value.text
    if value is None or type(value) in (str, bool):
        return value
    raise TypeError(f"a record has no fields that are {type(value)}")


def _at(place: Place, paths: Mapping[str, int]) -> tuple[int, int, int]:
    return paths[place.path], place.line, place.column


# ------------------------------------------------------------------------------------------------------------ reading

Paths = tuple[str, ...]
Decode = Callable[[Any, Paths], Any]


class _Plan(NamedTuple):
    """How records of a class are read: all fields with their defaults, those that must be set, and what makes some."""

    defaults: Mapping[str, Any]
    required: frozenset[str]
    makers: Mapping[str, Decode]


def read(text: bytes, sources: RoundFiles) -> Parsed:
    """Return what files were parsed as; raises an error where it is not what `written` wrote."""
    name, node, faults = json.loads(text)
    paths = ("", *sources.paths)
    record = _record(_MODELS[name], node, paths) if name else None
    findings = [
        Finding(severity, slug, message, place and _place(place, paths), fix)
        for severity, slug, message, fix, place in faults
    ]
    return record, findings  # type: ignore[return-value]  # the name says which


def _record(model: type[Record], node: Any, paths: Paths) -> Record:
    fields, place, places, extra = node
    plan = _plan(model)
    values = {**plan.defaults, **fields}
    if len(values) > len(plan.defaults) or not plan.required <= fields.keys():
        raise ValueError("these are not its fields")
    for name in plan.makers.keys() & fields.keys():
        if values[name] is not None:
            values[name] = plan.makers[name](values[name], paths)
    at = {key: (paths[path], line, column) for key, (path, line, column) in places.items()}
    return model.restored(values, set(fields), place and _place(place, paths), at, extra)


def _place(place: Any, paths: Paths) -> Place:
    path, line, column = place
    return Place(paths[path], line, column)


@cache
def _plan(model: type[Record]) -> _Plan:
    fields = model.model_fields
    required = frozenset(name for name, one in fields.items() if one.is_required())
    defaults = {
        name: None if name in required else one.get_default(call_default_factory=True) for name, one in fields.items()
    }
    makers = {name: maker for name in fields if (maker := _maker(model, name))}
    return _Plan(defaults, required, makers)


def _maker(model: type[Record], name: str) -> Decode | None:
    """Return what makes the value of a field from what was kept; `None` where that is the same."""
    annotation, shape = model.model_fields[name].annotation, shapes(model)[kebab(name)]
    record = shape.record
    if record and shape.named:
        return lambda value, paths: {key: _record(record, one, paths) for key, one in value.items()}
    if record and shape.many:
        return lambda value, paths: tuple([_record(record, one, paths) for one in value])
    if record:
        return lambda value, paths: _record(record, value, paths)
    if name in _IDS and (issubclass(model, Item) or model in _MODELS.values()):
        return lambda value, _paths: _checked(value)
    if When in (annotation, *get_args(annotation), *(part for one in get_args(annotation) for part in get_args(one))):
        return lambda value, _paths: date(value)
    return (lambda value, _paths: _tuples(value)) if get_origin(annotation) is tuple else None


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _checked(value: Any) -> Any:
    """Return an id, or some; raises `ValueError` where it cannot be one."""
    for part in value.split("/") if isinstance(value, str) else ():
        if id_fault(part):
            raise ValueError("this is no id")
    return value if isinstance(value, str) else tuple(map(_checked, value))
