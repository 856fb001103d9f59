"""What a page reads of the book, so that a page is made again only where one of its values changed.

A page is made from a recorded book, which looks like the book and notes each value that is read of it. What was read is kept
as paths, `(".", "entries"), ("[", "3/4")`, and may be looked up later in another book:

    reads: set[Reading] = set()
    page = make(recorded(book, reads))
    before, after = Digests(book), Digests(other_book)
    same = all(before[path] == after[path] for path in reads)   # then make(other_book) == page
"""

from __future__ import annotations

import datetime as dt
import enum
import numbers
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import blake2b
from pathlib import PurePath
from types import FunctionType, MethodType
from typing import Any, cast

from pydantic import BaseModel

from roundbook.book.facts import Records
from roundbook.book.model import Book, Entry
from roundbook.book.references import Aliases, DecisionIndex, RoundNames
from roundbook.git.history import Commit, GitFacts, History
from roundbook.rounds.versions import Timelines

# One step from a value to a part of it, with a name, key or arguments: `.` an attribute, `[` the value of a key, `?` whether
# it holds a key, `#` its length, `*` its keys in their order, `(` what a method returns for some arguments.
Step = tuple[Any, ...]
Reading = tuple[Step, ...]
ABSENT = "absent"
_OF_KEY = frozenset(("key", "is_phase", "kind", "words"))  # what the key of an entry says
# Large values of which a page reads a part; of any other value the whole counts as read.
_PARTED = (Book, Entry, History, GitFacts, Timelines, Aliases, DecisionIndex, RoundNames, Records, Mapping, Set)


def recorded(book: Book, reads: set[Reading]) -> Book:
    """Return a book that adds the path of each value that is read of it to `reads`."""
    return cast("Book", _Recorded(book, (), reads))


class _Recorded:
    """An object that records what is read of it.

    The properties and methods of a book run on the recorded book, so that their own reads count; those of other values are
    functions of these alone, and their result counts.
    """

    def __init__(self, thing: Any, path: Reading, reads: set[Reading]) -> None:
        self._thing, self._path, self._reads = thing, path, reads

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # what `isinstance` asks
        return type(self._thing)

    def __getattr__(self, name: str) -> Any:
        # Reached only the first time: what is found becomes an attribute.
        own = getattr(type(self._thing), name, None)
        if isinstance(self._thing, Entry):
            return self._of_entry(name, own)
        if isinstance(self._thing, Book) and isinstance(own, property):
            return cast("Callable[..., Any]", own.fget)(self)
        if isinstance(own, FunctionType):
            found: Any = MethodType(own, self) if isinstance(self._thing, Book) else self._recorded_call(name)
        else:
            found = self._part((".", name), getattr(self._thing, name))
        self.__dict__[name] = found
        return found

    def _of_entry(self, name: str, own: object) -> Any:
        # Many pages name a round: they read its name, and not its commits.
        kind, key = self._path[-1]
        if name in _OF_KEY and kind == "[":
            self._reads.add((*self._path[:-1], ("?", key)))
        elif isinstance(own, property):
            return own.fget(self)  # type: ignore[misc]
        else:
            names = {"anchored": ("round", "anchors"), "day": ("round",)}.get(name, (name,))
            self._reads.update((*self._path, (".", one)) for one in names)
        found = self.__dict__[name] = getattr(self._thing, name)
        return found

    def _recorded_call(self, name: str) -> Callable[..., Any]:
        method = getattr(self._thing, name)

        def call(*args: Any) -> Any:
            return self._part(("(", (name, *args)), method(*args))

        return call

    def _part(self, step: Step, value: Any) -> Any:
        path = (*self._path, step)
        if isinstance(value, _PARTED):
            kind = _Container if isinstance(value, Mapping | Set) else _Recorded
            return kind(value, path, self._reads)
        self._reads.add(path)
        return value


class _Container(_Recorded, Mapping[Any, Any]):
    """A mapping or set that records which keys are read of it, or that all are."""

    def __getitem__(self, key: Any) -> Any:
        try:
            value = self._thing[key]
        except KeyError:
            self._reads.add((*self._path, ("[", key)))
            raise
        return self._part(("[", key), value)

    def __contains__(self, key: object) -> bool:
        self._reads.add((*self._path, ("?", key)))
        return key in self._thing

    def __iter__(self) -> Iterator[Any]:
        self._reads.add((*self._path, ("*", None)))
        return iter(self._thing)

    def __len__(self) -> int:
        self._reads.add((*self._path, ("#", None)))
        return len(self._thing)

    # Of a mapping that is read whole the parts need not be recorded one by one, but for entries, of which little is read.

    def items(self) -> Any:
        """Return the keys and values."""
        return super().items() if self._has_entries() else self._whole().items()

    def values(self) -> Any:
        """Return the values."""
        return super().values() if self._has_entries() else self._whole().values()

    def _has_entries(self) -> bool:
        return isinstance(next(iter(self._thing.values()), None), Entry)

    def _whole(self) -> Any:
        self._reads.add(self._path)
        return self._thing


def text_digest(text: str) -> str:
    """Return a digest of a text."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


class Digests:
    """The digests of the values of a book by path; equal ones mean equal values, also in another process."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._of_path: dict[Reading, str] = {}
        self._of_object: dict[int, tuple[object, str]] = {}

    def __getitem__(self, path: Reading) -> str:
        known = self._of_path.get(path)
        if known is None:
            known = self._of_path[path] = self.of(look_up(self._book, path))
        return known

    def whole(self, part: Reading) -> str:
        """Return the digest of a part of the book; the empty text where it has none as a whole."""
        try:
            return self[part]
        except TypeError:
            return ""

    def of(self, value: Any) -> str:
        """Return the digest of a value of the book."""
        parts: list[str] = []
        self._write(value, parts)
        return text_digest("".join(parts))

    def _write(self, value: Any, parts: list[str]) -> None:
        """Append what tells a value apart from others: its kind, its length where it has one, and its parts."""
        kind = _kind(type(value))  # type: ignore[arg-type]
        if kind == "text":
            parts.append(f"{len(value)}'{value}")
        elif kind == "plain":
            parts.append(f"{value!r};")
        elif kind == "commit":  # its id stands for what git has of it; the rest depends on the clone and its mailmap
            parts.append(f"{value.id}{value.parents}{value.author}{value.committer}{value.changes is None}")
        elif kind == "sequence":
            parts.append(f"({len(value)}:")
            for one in value:
                self._write(one, parts)
        elif kind == "object":
            parts.append(self._object(value))
        elif kind == "index":
            self._write(vars(value), parts)
        elif kind == "mapping":
            parts.append(f"{{{len(value)}:")
            for key, one in value.items():
                self._write(key, parts)
                self._write(one, parts)
        else:
            parts.append(f"<{len(value)}:{''.join(sorted(map(self.of, value)))}")

    def _object(self, value: object) -> str:
        # An entry or a commit is a part of many values. The object is kept, so that no other one gets its id.
        _, known = self._of_object.get(id(value), (None, ""))
        if not known:
            parts: list[str] = [type(value).__name__]
            for name, default in _attributes(type(value)):  # type: ignore[arg-type]
                one = getattr(value, name)
                if one is not default:  # most fields of a record are not given
                    parts.append(f".{name}")
                    self._write(one, parts)
            known = text_digest("".join(parts))
            self._of_object[id(value)] = value, known
        return known


@cache
def _kind(of: type) -> str:
    """Return how values of a class are written."""
    kinds: tuple[tuple[str, Any], ...] = (
        ("plain", (numbers.Number, dt.date, dt.time, enum.Enum, PurePath, type(None))),
        ("text", str),
        ("commit", Commit),
        ("sequence", tuple | list),
        ("index", DecisionIndex),  # a mapping, and more
        ("object", BaseModel),
        ("mapping", Mapping),
        ("set", Set),
    )
    if is_dataclass(of):
        return "object"
    for name, base in kinds:
        if issubclass(of, base):
            return name
    raise TypeError(f"a page reads a {of.__name__}, of which there is no digest")


@cache
def _attributes(kind: type) -> tuple[tuple[str, object], ...]:
    """Return the attributes that a value of a class consists of, with their defaults."""
    if issubclass(kind, BaseModel):
        given = [(name, one.default) for name, one in kind.model_fields.items()]
        return (*given, *((name, None) for name in kind.__private_attributes__), ("model_extra", None))
    return tuple((one.name, one.default) for one in fields(cast("Any", kind)))


def look_up(value: Any, path: Reading) -> Any:
    """Return the value at a path below a book or a part of one, or `ABSENT`."""
    for kind, given in path:
        try:
            if kind == ".":
                value = getattr(value, given)
            elif kind == "[":
                value = value[given]
            elif kind == "?":
                value = given in value
            elif kind == "#":
                value = len(value)
            elif kind == "*":
                value = value if isinstance(value, Set) else tuple(value)
            else:
                value = getattr(value, given[0])(*given[1:])
        except (KeyError, AttributeError):
            return ABSENT
    return value
