"""What is remembered of a build: what each output gave, and what it read of the book.

Many outputs read the same values. So these are kept by the part of the book that their paths begin with, such as
`book.entries`: the rest of each path, a digest of the value there, and the outputs that read it. A part that is equal as a
whole is not even fetched from the cache; of another one each value is compared once, and its readers are made again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import fields, replace
from functools import reduce
from hashlib import blake2b
from operator import xor
from typing import Any, Generic

from roundbook.book.model import Book
from roundbook.book.references import DecisionIndex
from roundbook.frozen import frozen
from roundbook.site.links import Asset, Output, Page, T
from roundbook.site.reads import Digests, Reading, look_up, recorded, text_digest

Rests = Mapping[Reading, Collection[Reading]]  # the rests of paths, by the part of the book that they begin with


def by_part(reads: Iterable[Reading]) -> dict[Reading, list[Reading]]:
    """Return paths by the part of the book that they begin with: the attributes before the first key."""
    found: dict[Reading, list[Reading]] = {}
    for reading in reads:
        at = 0
        while at < len(reading) and reading[at][0] == ".":
            at += 1
        found.setdefault(reading[:at], []).append(reading[at:])
    return found


@frozen
class Made(Generic[T]):
    """What an output gave.

    `items` are its pages or files, each with the digest of its content. Those of an output that is `kept` have no text, as
    nothing that it read has changed since the last time. `reads` is what it read, until that is remembered.
    """

    items: tuple[tuple[T, str], ...]
    reads: Rests | None = None
    kept: bool = False

    def bare(self) -> Made[T]:
        """Return it without the texts, which would be held in memory for nothing."""
        if self.kept:
            return self
        items = tuple((replace(item, text=""), digest) for item, digest in self.items)
        return replace(self, items=items, kept=True)


class _Part:
    """What was read below a part of the book: by the rest of the path, the digest of the value, and the outputs."""

    __slots__ = ("readers", "values")

    def __init__(self) -> None:
        self.values: dict[Reading, str] = {}  # as far as it is known
        self.readers: dict[Reading, set[int]] = {}

    def row(self, living: Collection[int]) -> bytes:
        found = ((rest, readers.intersection(living)) for rest, readers in self.readers.items())
        rows = [(_flat(rest), self.values[rest], sorted(readers)) for rest, readers in found if readers]
        return json.dumps(rows, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, row: bytes) -> _Part:
        found = cls()
        for flat, digest, readers in json.loads(row):
            rest = _unflat(flat)
            found.values[rest], found.readers[rest] = digest, set(readers)
        return found


class Memory:
    """What is remembered of a build.

    What exactly was read is fetched only where it is asked for; `fetch` returns values of the cache by key. Where something
    is missing there, the memory is `damaged`, and nothing that it says holds.
    """

    def __init__(self, fetch: Callable[[Iterable[str]], Mapping[str, bytes]] = lambda _: {}) -> None:
        self.made: dict[str, Made[Any]] = {}
        self.damaged = False
        self.digests: dict[Reading, str] = {}  # of each part as a whole, or empty
        self._fetch = fetch
        self._rows: dict[Reading, str] = {}  # the digest of what the cache has of a part
        self._parts: dict[Reading, _Part] = {}
        self._changed: set[Reading] = set()  # parts in which values have changed since the digests were made
        self._unsaved: set[Reading] = set()  # parts of which the cache has something else
        self._numbers: dict[str, int] = {}  # of outputs
        self._next = 0
        self._reads: dict[str, dict[Reading, int]] = {}  # a digest of the paths that an output read, by part
        self._keys: dict[Reading, int] = {}

    def _part(self, key: Reading) -> _Part:
        if key not in self._parts:
            name = _row_name(key)
            row = self._fetch([name]).get(name, b"") if key in self._rows else b""
            try:
                self._parts[key] = _Part.parse(row) if key in self._rows else _Part()
                self.damaged |= key in self._rows and self._rows[key] != _digest(row)
            except (TypeError, ValueError):
                self._parts[key], self.damaged = _Part(), True
        return self._parts[key]

    def readers(self, changes: Between | ChangesByDigest) -> set[str]:
        """Return the outputs that have read a value that has changed since."""
        found: set[int] = set()
        for key in changes.parts:
            part = self._part(key)
            for rest, readers in part.readers.items():
                if not readers <= found and changes.differ(key, rest, part.values.get(rest, "")):
                    found |= readers
        return {name for name, number in self._numbers.items() if number in found}

    def take(self, made: Mapping[str, Made[Any]]) -> None:
        """Remember some outputs."""
        read: defaultdict[Reading, dict[int, Collection[Reading]]] = defaultdict(dict)
        for name, one in made.items():
            if one is self.made.get(name):
                continue
            self.made[name] = replace(one.bare(), reads=None)
            if one.reads is None:
                continue
            if name not in self._numbers:
                self._numbers[name], self._next = self._next, self._next + 1
            before = self._reads.get(name, {})
            after = {part: reduce(xor, map(self._key, rests)) for part, rests in one.reads.items()}
            for part in {*before, *after}:
                if before.get(part) != after.get(part):
                    read[part][self._numbers[name]] = one.reads.get(part, ())
            self._reads[name] = after
        for key, by_output in read.items():
            self._read(key, by_output)

    def _read(self, key: Reading, by_output: Mapping[int, Collection[Reading]]) -> None:
        """Remember what outputs read below a part, and nothing else."""
        readers = self._part(key).readers
        for one in readers.values():
            one.difference_update(by_output)
        for number, rests in by_output.items():
            for rest in rests:
                readers.setdefault(rest, set()).add(number)
        self.digests.setdefault(key, "")
        self._unsaved.add(key)

    def _key(self, rest: Reading) -> int:
        known = self._keys.get(rest)
        if known is None:
            found = blake2b(repr(rest).encode("utf-8", "surrogatepass"), digest_size=8).digest()
            known = self._keys[rest] = int.from_bytes(found)
        return known

    def follow(self, parts: Iterable[Reading], living: Collection[str]) -> None:
        """Remember that values in some parts have changed, and forget the outputs that live no more."""
        self._changed.update(parts)
        for name in self.made.keys() - living:
            del self.made[name], self._reads[name], self._numbers[name]

    def rows(self, book: Digests) -> dict[str, bytes]:
        """Return what the cache is to hold, besides the rows that it has; the book is the one that is remembered."""
        living = {*self._numbers.values()}
        found: dict[str, bytes] = {}
        for key in self._changed | self._unsaved:
            part = self._part(key)
            if key in self._changed:
                part.values.clear()
            for rest in part.readers.keys() - part.values.keys():
                part.values[rest] = book[(*key, *rest)]
            found[_row_name(key)] = row = part.row(living)
            self._rows[key] = _digest(row)
        self.digests = {part: book.whole(part) for part in self.digests}
        self._changed, self._unsaved = set(), set()
        return {} if self.damaged else {**found, "memory": self._text().encode()}

    def _text(self) -> str:
        numbers = {part: i for i, part in enumerate(self.digests)}
        parts = [(_flat(part), digest, self._rows[part]) for part, digest in self.digests.items()]
        made = [
            (
                name,
                self._numbers[name],
                [(numbers[part], key) for part, key in self._reads[name].items()],
                [(_plain(item), digest) for item, digest in one.items],
            )
            for name, one in self.made.items()
        ]
        return json.dumps({"next": self._next, "parts": parts, "made": made}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: bytes, fetch: Callable[[Iterable[str]], Mapping[str, bytes]]) -> Memory:
        """Return what was written as `memory`; raises `ValueError`, `TypeError` or `LookupError` for anything else."""
        given, found = json.loads(text), cls(fetch)
        found._next = int(given["next"])
        for flat, digest, row in given["parts"]:
            part = _unflat(flat)
            found.digests[part], found._rows[part] = str(digest), str(row)
        parts = list(found.digests)
        for name, number, reads, items in given["made"]:
            found._numbers[name], found._reads[name] = int(number), {parts[i]: int(key) for i, key in reads}
            found.made[name] = Made(tuple((_item(item), str(digest)) for item, digest in items), kept=True)
        return found


def _row_name(part: Reading) -> str:
    return f"reads {json.dumps(_flat(part))}"


def _digest(row: bytes) -> str:
    return blake2b(row, digest_size=16).hexdigest()


def _flat(path: Reading) -> list[Any]:
    return [one for step in path for one in step]


def _unflat(flat: list[Any]) -> Reading:
    return tuple((kind, _tupled(given)) for kind, given in zip(flat[::2], flat[1::2], strict=True))


class ChangesByDigest:
    """What has changed since a memory was made of another book, perhaps in another process."""

    def __init__(self, memory: Memory, book: Digests) -> None:
        self._book = book
        self.parts = frozenset(
            part for part, digest in memory.digests.items() if not digest or digest != book.whole(part)
        )

    def differ(self, part: Reading, rest: Reading, digest: str) -> bool:
        """Tell whether a value below a changed part has changed, which had a digest."""
        return self._book[(*part, *rest)] != digest


class Between:
    """What has changed between two books of one `Loader`, which is quicker than by digests.

    Values that are equal may still differ in the order of a mapping, which a page shows. That happens only where a file was
    read anew and gave an equal record.
    """

    def __init__(self, before: Book, after: Book, parts: Iterable[Reading]) -> None:
        self._first, self._second = Digests(before), Digests(after)
        olds, news = _records(before), _records(after)
        self._reordered = any(
            old is not record and old == record and self._first.of(old) != self._second.of(record)
            for key, record in news.items()
            if (old := olds.get(key)) is not record
        )
        self._values = {part: (look_up(before, part), look_up(after, part)) for part in parts}
        self.parts = frozenset(part for part, (old, new) in self._values.items() if self._differ(old, new))

    def differ(self, part: Reading, rest: Reading, _: str = "") -> bool:
        """Tell whether a value below a changed part has changed."""
        old, new = self._values[part]
        if rest and rest[0][0] == "[" and isinstance(old, dict) and isinstance(new, dict):
            key = rest[0][1]  # many paths begin with the same one
            if key in old and old[key] is new.get(key):
                return False
        return self._differ(look_up(old, rest), look_up(new, rest))

    def _differ(self, old: Any, new: Any) -> bool:
        if old is new:
            return False
        return self._first.of(old) != self._second.of(new) if self._reordered else not _equal(old, new)


def changed_reads(before: Book, after: Book, reads: Iterable[Reading]) -> frozenset[Reading]:
    """Return which reads have another value in a later book of one `Loader`."""
    parts = by_part(reads)
    between = Between(before, after, parts)
    return frozenset((*part, *rest) for part in between.parts for rest in parts[part] if between.differ(part, rest))


def _records(book: Book) -> dict[object, object]:
    """Return the records of files."""
    found: dict[object, object] = {("round", key): entry.round for key, entry in book.entries.items()}
    found |= {("decision", name): decision.record for name, decision in book.decisions.items()}
    entries = (entry for release in book.all_releases for entry in release.entries)
    return found | {("change", entry.origin, entry.anchor): entry.change for entry in entries}


def _equal(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, DecisionIndex):
        return all(map(_equal, vars(one).values(), vars(other).values()))
    if isinstance(one, Mapping):
        return [*one.items()] == [*other.items()]
    return bool(one == other)


def make(output: Output[T], book: Book) -> Made[T]:
    """Make an output of a book."""
    reads: set[Reading] = set()
    items = tuple((item, text_digest(repr(item))) for item in output.make(recorded(book, reads)))
    return Made(items, by_part(reads))


def _plain(item: Page | Asset) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(item) if field.name != "text"}


def _item(plain: Mapping[str, Any]) -> Page | Asset:
    kind = Page if "title" in plain else Asset
    return kind(text="", **{name: _tupled(value) for name, value in plain.items()})


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
