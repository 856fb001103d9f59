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
from roundbook.book.model import Book
from roundbook.book.references import Aliases, DecisionIndex, RoundNames
from roundbook.git.history import GitFacts, History
from roundbook.rounds.versions import Timelines

# One step from a value to a part of it: `.` an attribute, `[` the value of a key, `?` whether it holds a key, `#` its length,
# `*` its keys in their order, `(` what a method returns for some arguments.
Step = tuple[Any, ...]
Reading = tuple[Step, ...]
ABSENT = "absent"
# Large values of which a page reads a part; of any other value the whole counts as read.
_PARTED = (Book, History, GitFacts, Timelines, Aliases, DecisionIndex, RoundNames, Records, Mapping, Set)


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

    def __getattr__(self, name: str) -> Any:
        # Reached only the first time: what is found becomes an attribute.
        own = getattr(type(self._thing), name, None)
        if isinstance(self._thing, Book) and isinstance(own, property):
            return cast("Callable[..., Any]", own.fget)(self)
        if isinstance(own, FunctionType):
            found: Any = MethodType(own, self) if isinstance(self._thing, Book) else self._recorded_call(name)
        else:
            found = self._part((".", name), getattr(self._thing, name))
        self.__dict__[name] = found
        return found

    def _recorded_call(self, name: str) -> Callable[..., Any]:
        method = getattr(self._thing, name)

        def call(*args: Any) -> Any:
            return self._part(("(", name, *args), method(*args))

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
        self._reads.add((*self._path, ("*",)))
        return iter(self._thing)

    def __len__(self) -> int:
        self._reads.add((*self._path, ("#",)))
        return len(self._thing)

    # Of a mapping that is read whole the parts need not be recorded one by one.

    def items(self) -> Any:
        """Return the keys and values."""
        self._reads.add(self._path)
        return self._thing.items()

    def values(self) -> Any:
        """Return the values."""
        self._reads.add(self._path)
        return self._thing.values()


class Digests:
    """The digests of the values of a book by path; equal ones mean equal values, also in another process."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._of_path: dict[Reading, str] = {}
        self._of_object: dict[int, tuple[object, str]] = {}

    def __getitem__(self, path: Reading) -> str:
        known = self._of_path.get(path)
        if known is None:
            known = self._of_path[path] = self._digest(_look_up(self._book, path))
        return known

    def _digest(self, value: Any) -> str:
        parts: list[str] = []
        self._write(value, parts)
        return blake2b("".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()

    def _write(self, value: Any, parts: list[str]) -> None:
        """Append what tells a value apart from others: its kind, its length where it has one, and its parts."""
        if isinstance(value, str) and not isinstance(value, enum.Enum):
            parts.append(f"{len(value)}'{value}")
        elif value is None or isinstance(value, numbers.Number | dt.date | dt.time | enum.Enum | PurePath):
            parts.append(f"{value!r};")
        elif isinstance(value, tuple | list):
            parts.append(f"({len(value)}:")
            for one in value:
                self._write(one, parts)
        elif isinstance(value, DecisionIndex):  # a mapping, and more
            self._write(vars(value), parts)
        elif isinstance(value, Mapping):
            parts.append(f"{{{len(value)}:")
            for key, one in value.items():
                self._write(key, parts)
                self._write(one, parts)
        elif isinstance(value, Set):
            parts.append(f"<{len(value)}:{''.join(sorted(map(self._digest, value)))}")
        else:
            parts.append(self._object(value))

    def _object(self, value: object) -> str:
        # An entry or a commit is a part of many values. The object is kept, so that no other one gets its id.
        _, known = self._of_object.get(id(value), (None, ""))
        if not known:
            parts: list[str] = [type(value).__name__]
            for name in _attributes(type(value)):  # type: ignore[arg-type]
                self._write(getattr(value, name), parts)
            known = self._digest("".join(parts))
            self._of_object[id(value)] = value, known
        return known


@cache
def _attributes(kind: type) -> tuple[str, ...]:
    """Return the attributes that a value of a class consists of."""
    if issubclass(kind, BaseModel):
        return (*kind.model_fields, *kind.__private_attributes__, "model_extra")
    if is_dataclass(kind):
        return tuple(field.name for field in fields(kind))
    raise TypeError(f"a page reads a {kind.__name__}, of which there is no digest")


def _look_up(book: Book, path: Reading) -> Any:
    """Return the value at a path, or `ABSENT`."""
    value: Any = book
    for kind, *rest in path:
        try:
            if kind == ".":
                value = getattr(value, rest[0])
            elif kind == "[":
                value = value[rest[0]]
            elif kind == "?":
                value = rest[0] in value
            elif kind == "#":
                value = len(value)
            elif kind == "*":
                value = value if isinstance(value, Set) else tuple(value)
            else:
                value = getattr(value, rest[0])(*rest[1:])
        except (KeyError, AttributeError):
            return ABSENT
    return value
