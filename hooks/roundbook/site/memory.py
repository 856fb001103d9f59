"""What is remembered of a build: what each output gave, and what it read of the book.

There are many reads, so they are kept by the part of the book that they begin with, such as `book.entries`. Where such a
part is equal as a whole, nothing below it has to be looked up, nor even fetched from the cache.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Generic

from roundbook.book.model import Book
from roundbook.book.references import DecisionIndex
from roundbook.site.links import Asset, Output, Page, T
from roundbook.site.reads import Digests, Reading, look_up, recorded, text_digest


class Reads:
    """What an output reads below one part of the book: the rests of the paths.

    `digest` is that of all these values, or empty where it has not been asked for; `text` are the rests as JSON.
    """

    __slots__ = ("_rests", "_text", "digest")

    def __init__(self, rests: Collection[Reading] | None = None, text: str = "", digest: str = "") -> None:
        self._rests, self._text, self.digest = rests, text, digest

    @property
    def rests(self) -> Collection[Reading]:
        """Return the rests of the paths, in no order."""
        if self._rests is None:
            flat = (_tupled(one) for one in json.loads(self._text))
            self._rests = [tuple(zip(one[::2], one[1::2], strict=True)) for one in flat]
        return self._rests

    @property
    def text(self) -> str:
        """Return the rests as JSON; `digest_in` has been asked before."""
        return self._text

    def digest_in(self, book: Digests, part: Reading) -> str:
        """Return one digest of all the values in a book; they are below the given part."""
        found = sorted(book.below(part, rest) for rest in self.rests)
        self._text = self._text or f"[{','.join(text for text, _ in found)}]"
        return text_digest("\n".join(f"{text} {digest}" for text, digest in found))

    def forgotten(self) -> bool:
        """Tell whether the rests have still to be read from the cache."""
        return self._rests is None and not self._text

    def learn(self, text: str) -> None:
        """Take over the rests from the cache."""
        self._text = text


def _text(rest: Reading) -> str:
    return json.dumps([one for step in rest for one in step], separators=(",", ":"))


def by_part(reads: Iterable[Reading]) -> dict[Reading, Reads]:
    """Return paths by the part of the book that they begin with: the attributes before the first key."""
    found: dict[Reading, list[Reading]] = {}
    for reading in reads:
        at = next((i for i, step in enumerate(reading) if step[0] != "."), len(reading))
        found.setdefault(reading[:at], []).append(reading[at:])
    return {part: Reads(rests) for part, rests in found.items()}


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """What an output gave, with the reads that it depends on, by the part of the book.

    `items` are its pages or files, each with the digest of its content. Those of an output that is `kept` have no text, as
    nothing that it read has changed since the last time.
    """

    reads: Mapping[Reading, Reads]
    items: tuple[tuple[T, str], ...]
    kept: bool = False

    def bare(self) -> Made[T]:
        """Return it without the texts, which would be held in memory for nothing."""
        if self.kept:
            return self
        items = tuple((replace(item, text=""), digest) for item, digest in self.items)
        return replace(self, items=items, kept=True)

    def row(self) -> str:
        """Return the reads, a part a line."""
        return "\n".join(f"{_text(part)}\t{reads.text}" for part, reads in self.reads.items())

    def learn(self, row: str) -> None:
        """Take over the reads that `row()` gave."""
        given = dict(line.split("\t", 1) for line in row.split("\n") if line)
        for part, reads in self.reads.items():
            reads.learn(given[_text(part)])

    def forgotten(self) -> bool:
        """Tell whether the reads have still to be taken over from the cache."""
        return any(reads.forgotten() for reads in self.reads.values())


@dataclass(frozen=True)
class Memory:
    """What is remembered of a build: what each output gave, and the digests of the parts of the book that were read."""

    made: dict[str, Made[Any]] = field(default_factory=dict)
    digests: dict[Reading, str] = field(default_factory=dict)

    @classmethod
    def of(cls, made: Mapping[str, Made[Any]]) -> Memory:
        """Return the memory of a build, without digests."""
        return cls({name: one.bare() for name, one in made.items()})

    def parts(self) -> frozenset[Reading]:
        """Return all parts of the book of which something was read."""
        return frozenset(part for one in self.made.values() for part in one.reads)

    def digest(self, book: Digests) -> None:
        """Give all that was read, and that has none, its digest in a book that has these values."""
        self.digests.update((part, book.whole(part)) for part in self.parts())
        for one in self.made.values():
            for part, reads in one.reads.items():
                reads.digest = reads.digest or reads.digest_in(book, part)

    def text(self) -> str:
        """Return it as JSON, without what exactly was read: that is the `row` of each output."""
        numbers_ = {part: i for i, part in enumerate(self.digests)}
        made = {
            name: [
                [[numbers_[part], reads.digest] for part, reads in made.reads.items()],
                [[_plain(item), digest] for item, digest in made.items],
            ]
            for name, made in self.made.items()
        }
        parts = [([one for step in part for one in step], digest) for part, digest in self.digests.items()]
        return json.dumps({"parts": parts, "made": made}, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str | bytes) -> Memory:
        """Return what `text()` gave; raises `ValueError`, `TypeError` or `KeyError` for anything else."""
        found = json.loads(text)
        digests = {
            tuple((kind, _tupled(given)) for kind, given in zip(flat[::2], flat[1::2], strict=True)): str(digest)
            for flat, digest in found["parts"]
        }
        parts = list(digests)
        made = {
            name: Made(
                {parts[i]: Reads(digest=str(digest)) for i, digest in reads},
                tuple((_item(item), digest) for item, digest in items),
                kept=True,
            )
            for name, (reads, items) in found["made"].items()
        }
        return cls(made, digests)


class Since:
    """What has changed since a memory was made of another book, perhaps in another process."""

    def __init__(self, memory: Memory, book: Digests) -> None:
        self._digests, self._book = memory.digests, book
        self.parts = frozenset(part for part in memory.parts() if not self._is_whole(part))

    def _is_whole(self, part: Reading) -> bool:
        return (digest := self._book.whole(part)) != "" and digest == self._digests.get(part)

    def changed(self, part: Reading, reads: Reads) -> bool:
        """Tell whether any value that was read of a changed part has changed."""
        return reads.digest_in(self._book, part) != reads.digest


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
        self._known: dict[tuple[Reading, Reading], bool] = {}

    def changed(self, part: Reading, reads: Reads) -> bool:
        """Tell whether any value that was read of a changed part has changed."""
        return any(self._changed(part, rest) for rest in reads.rests)

    def _changed(self, part: Reading, rest: Reading) -> bool:
        known = self._known.get((part, rest))
        if known is None:
            old, new = self._values[part]
            known = self._known[part, rest] = self._differ(look_up(old, rest), look_up(new, rest))
        return known

    def _differ(self, old: Any, new: Any) -> bool:
        if old is new:
            return False
        return self._first.of(old) != self._second.of(new) if self._reordered else not _equal(old, new)


def changed_reads(before: Book, after: Book, reads: Iterable[Reading]) -> frozenset[Reading]:
    """Return which reads have another value in a later book of one `Loader`."""
    parts = by_part(reads)
    between = Between(before, after, parts)
    found = ((part, rest) for part in between.parts for rest in parts[part].rests)
    return frozenset((*part, *rest) for part, rest in found if between.changed(part, Reads([rest])))


def _records(book: Book) -> dict[object, object]:
    """Return the records of files."""
    found: dict[object, object] = {("round", key): entry.round for key, entry in book.entries.items()}
    found |= {("decision", name): decision.record for name, decision in book.decisions.items()}
    entries = (entry for release in book.releases for entry in release.entries)
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
    return Made(by_part(reads), items)


def _plain(item: Page | Asset) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(item) if field.name != "text"}


def _item(plain: Mapping[str, Any]) -> Page | Asset:
    kind = Page if "title" in plain else Asset
    return kind(text="", **{name: _tupled(value) for name, value in plain.items()})


def _tupled(value: Any) -> Any:
    return tuple(map(_tupled, value)) if isinstance(value, list) else value
