"""Commits kept by their ids from one run to the next.

A commit never changes under its id, nor do the paths that it changed against its first parent; so what was read once is
true for good, and git is asked only for what HEAD reaches and the kept tips do not. What names such as branches and tags
mean, what `.mailmap` calls people, and what a clone lacks is not kept.

Only a whole history is kept: each commit with all its ancestors. They are stored oldest first, in blocks that are named
after their content. A block is a row of columns, since these are read several times as fast as single commits:

    ids | parents, by row | number of parents | people | author and committer, by row of the people | times | zones
    | changes | changes of commits, by row of these | number of changes | messages

The value `index` names the blocks, the tips, and the order of the commits that the last head reaches.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from hashlib import blake2b
from itertools import chain, islice, repeat
from pathlib import Path
from typing import TypeVar

from roundbook.cache import Cache
from roundbook.frozen import frozen
from roundbook.git.history import Commit, PathChange, Person
from roundbook.git.objects import sort_topologically
from roundbook.schema.dates import Moment

FILE = "history.sqlite"
FEWEST = 1000  # commits; fewer are read from git as quickly
BLOCK = 8192
MOST_TIPS = 16
# Holds for the block that a test knows: whoever changes what a block is made of counts on.
_FORM = f"commits 1, {sys.byteorder}, {array('I').itemsize}"
_INDEX = "index"
T = TypeVar("T")


@frozen
class KeptCommits:
    """Commits with all their ancestors, oldest first, people as they wrote themselves.

    `order` are the rows of those that `head` reaches, newest first; `tips` reach all others. `blocks` are the names of
    the blocks that hold them.
    """

    commits: tuple[Commit, ...] = ()
    tips: tuple[str, ...] = ()
    head: str = ""
    order: Sequence[int] = ()
    blocks: tuple[str, ...] = ()

    def ordered(self) -> tuple[Commit, ...]:
        """Return the commits that `head` reaches, in topological order."""
        return tuple(map(self.commits.__getitem__, self.order))

    @cached_property
    def rows(self) -> dict[str, int]:
        """Return the row of each commit by its id."""
        return {commit.id: row for row, commit in enumerate(self.commits)}

    def closes(self, new: Sequence[Commit], head: str) -> bool:
        """Tell whether new commits have all their ancestors among themselves and the kept ones, and `head` too is there."""
        if not new:
            return head in self.tips or head in self.rows
        ids = {commit.id for commit in new}
        parents = {parent for commit in new for parent in commit.parents} - ids
        return head in ids and self.rows.keys() >= parents

    def extended(self, new: Sequence[Commit], head: str) -> KeptCommits:
        """Return all of them and new ones, which are in topological order, for another head; both may have some in common."""
        if head == self.head:
            return self
        added = tuple(commit for commit in reversed(new) if commit.id not in self.rows)
        commits = self.commits + added
        first, last = len(self.commits), len(commits)
        if not self.commits or (added and len(added) == len(new) and _follows(added, self.head)):
            order = array("I", chain(range(last - 1, first - 1, -1), self.order))
        else:
            rows = {**self.rows, **{commit.id: first + number for number, commit in enumerate(added)}}
            order = array("I", (rows[commit.id] for commit in sort_topologically(_reached(head, rows, commits))))
        inside = {commits[row].id for row in order}
        tips = (head, *(tip for tip in self.tips if tip not in inside))
        return KeptCommits(commits, tips[:MOST_TIPS], head, order, self.blocks)

    def compacted(self) -> KeptCommits:
        """Return only the commits that `head` reaches, where they are less than half of all."""
        if 2 * len(self.order) >= len(self.commits):
            return self
        commits = self.ordered()[::-1]
        return KeptCommits(commits, (self.head,), self.head, array("I", range(len(commits) - 1, -1, -1)))


def _follows(added: Iterable[Commit], head: str) -> bool:
    """Tell whether commits descend from `head` alone, so that all of them come before it in topological order."""
    known = {head}
    for commit in added:
        known.add(commit.id)
        if not commit.parents or not known.issuperset(commit.parents):
            return False
    return True


def _reached(head: str, rows: dict[str, int], commits: Sequence[Commit]) -> list[Commit]:
    found, work = {head}, [head]
    for id_ in work:
        new = [parent for parent in commits[rows[id_]].parents if parent not in found]
        found.update(new)
        work.extend(new)
    return [commits[rows[id_]] for id_ in found]


class Store:
    """The commits that a cache holds; `folder` is that of the caches, or `None` where nothing is to be kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._cache = Cache(folder / FILE if folder else None, _FORM)

    def wants(self, commits: Sequence[Commit]) -> bool:
        """Tell whether it is worth while to keep these commits and no others."""
        return self.folder is not None and len(commits) >= FEWEST

    @property
    def exists(self) -> bool:
        """Tell whether something may be kept already."""
        return self.folder is not None and (self.folder / FILE).exists()

    def load(self) -> KeptCommits:
        """Return what is kept, or nothing where any part of it is missing or damaged."""
        index = self._cache.get([_INDEX]).get(_INDEX)
        if index is None:
            return KeptCommits()
        names, tips, head, order = _columns(index)
        blocks = names.decode("ascii").split()
        contents = (self._cache.get([name])[name] for name in blocks)  # one in memory at a time
        try:
            commits = tuple(_read(contents))
        except (KeyError, IndexError, ValueError, RuntimeError):  # a block is missing, or is no block of ours
            return KeptCommits()
        return KeptCommits(commits, tuple(tips.decode().split()), head.decode(), _numbers("I", order), tuple(blocks))

    def save(self, last: KeptCommits, now: KeptCommits) -> None:
        """Keep what is there `now`, of which `last` was loaded. A block that is not full is written again with the next."""
        now = now.compacted()
        whole = len(last.commits) // BLOCK if now.blocks else 0
        rows = {commit.id: row for row, commit in enumerate(now.commits)}
        contents = [
            _written(now.commits[first : first + BLOCK], rows)
            for first in range(whole * BLOCK, len(now.commits), BLOCK)
        ]
        new = {blake2b(content, digest_size=16).hexdigest(): content for content in contents}
        blocks = (*last.blocks[:whole], *new)
        index = _joined(
            " ".join(blocks).encode(), " ".join(now.tips).encode(), now.head.encode(), _bytes("I", now.order)
        )
        gone = [name for name in last.blocks if name not in blocks]
        self._cache.put({**{n: c for n, c in new.items() if n not in last.blocks}, _INDEX: index}, gone)


def _written(commits: Sequence[Commit], rows: dict[str, int]) -> bytes:
    """Return a block of commits; `rows` are those of all commits by id."""
    people = _Table[Person]()
    changes = _Table[PathChange]()
    made = [commit.changes or () for commit in commits]
    return _joined(
        " ".join(commit.id for commit in commits).encode("ascii"),
        _bytes("I", (rows[parent] for commit in commits for parent in commit.parents)),
        _bytes("I", (len(commit.parents) for commit in commits)),
        _bytes("I", (people[commit.author] for commit in commits)),
        _bytes("I", (people[commit.committer] for commit in commits)),
        _texts(text for person in people for text in person),
        " ".join(str(commit.authored.seconds) for commit in commits).encode("ascii"),
        _bytes("h", (commit.authored.offset for commit in commits)),
        " ".join(str(commit.committed.seconds) for commit in commits).encode("ascii"),
        _bytes("h", (commit.committed.offset for commit in commits)),
        _bytes("I", (changes[change] for one in made for change in one)),
        _bytes("I", map(len, made)),
        _texts(change.status for change in changes),
        _texts(change.path for change in changes),
        _texts(commit.message for commit in commits),
    )


class _Table(dict[T, int]):
    """Numbers values in the order in which they are first asked for."""

    def __missing__(self, value: T) -> int:
        self[value] = number = len(self)
        return number


def _read(blocks: Iterable[bytes]) -> Iterator[Commit]:
    """Yield the commits of all blocks in turn. What is equal is shared."""
    ids: list[str] = []
    people: dict[tuple[str, str], Person] = {}
    changes: dict[tuple[str, str], PathChange] = {}
    for block in blocks:
        columns = iter(_columns(block))
        own = next(columns).decode("ascii").split(" ")
        ids += own
        parents = _grouped(ids, next(columns), next(columns))
        author, committer = (_numbers("I", next(columns)) for _ in range(2))
        texts = iter(_split(next(columns)))
        known = [people.setdefault(pair, Person(*pair)) for pair in zip(texts, texts, strict=True)]
        authored, committed = (
            map(_maker(Moment), zip(map(int, next(columns).split()), _numbers("h", next(columns)), strict=True))
            for _ in range(2)
        )
        places, counts = next(columns), next(columns)
        pairs = zip(_split(next(columns)), _split(next(columns)), strict=True)
        made = [changes.get(pair) or changes.setdefault(pair, PathChange(*pair)) for pair in pairs]
        yield from map(
            _maker(Commit),
            zip(
                own,
                parents,
                map(known.__getitem__, author),
                map(known.__getitem__, committer),
                authored,
                committed,
                _split(next(columns)),
                _grouped(made, places, counts),
                strict=True,
            ),
        )


def _maker(kind: type[T]) -> Callable[[Iterable[object]], T]:
    """Return what makes a named tuple of a tuple, in half the time that its `_make` takes."""
    return partial(tuple.__new__, kind)  # type: ignore[type-var]


def _grouped(values: Sequence[T], places: bytes, counts: bytes) -> Iterator[tuple[T, ...]]:
    """Yield a tuple for each count: the values at the next so many places."""
    chosen = map(values.__getitem__, _numbers("I", places))
    return map(tuple, map(islice, repeat(chosen), _numbers("I", counts)))


def _numbers(kind: str, raw: bytes) -> array[int]:
    numbers: array[int] = array(kind)
    numbers.frombytes(raw)
    return numbers


def _bytes(kind: str, numbers: Iterable[int]) -> bytes:
    return array(kind, numbers).tobytes()


def _texts(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\0" for text in texts).encode()


def _split(raw: bytes) -> list[str]:
    return raw.decode().split("\0")[:-1]


def _joined(*columns: bytes) -> bytes:
    return b"".join(part for column in columns for part in (len(column).to_bytes(8, "big"), column))


def _columns(value: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(value):
        end = at + 8 + int.from_bytes(value[at : at + 8], "big")
        found.append(value[at + 8 : end])
        at = end
    return found
