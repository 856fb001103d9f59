"""In: nothing. Out: `Questions`, what the rounds ask git beyond the history, and `Testimony`, what git answered.

A key that is not in an answer was not asked, or could not be answered; a value of `None` or of nothing means "none".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roundbook.model.history import Commit
from roundbook.schema.ids import Space

Spot = tuple[str, str]  # the id of a commit, and a path from the top of the repository
PROSE = (".md", ".markdown", ".mdx")


def is_apart(path: str, data: str) -> bool:
    """Tell whether a file speaks of things rather than being them: one of the folder `data`, or prose."""
    return bool(data and path.startswith(data)) or path.lower().endswith(PROSE)


@dataclass(frozen=True, slots=True)
class Count:
    """In how many lines the files below `folders` hold `text` at the commits `at`; no folders mean all files."""

    text: str
    folders: tuple[str, ...]
    at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sought:
    """A literal, and the commits in which its coming and going is looked for, newest first, each with its first parent.

    `cut` tells whether there are older commits that are not searched.
    """

    text: str
    steps: tuple[tuple[str, ...], ...]
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Tips:
    """The branches whose rounds and decisions are read: `head` is the commit of this book, `folder` its round files' folder.

    `spaces` are the folders of its decision records, from the top of the repository as `folder` is.

    `at` holds (name, commit id) pairs, none of them reached by `head`; `left` is the number of branches that are not read.
    `known` are the ids, in lower case, of the decisions that this book has.
    """

    head: str
    folder: str
    at: tuple[tuple[str, str], ...]
    known: frozenset[str] = frozenset()
    left: int = 0
    spaces: tuple[Space, ...] = ()


@dataclass(frozen=True, slots=True)
class Questions:
    """What the rounds ask. `spots` ask what lies at a path of a commit; `objects` what an id, whole or not, names.

    `settled` is what lies at other spots, of which the history told, so that git is not asked.
    `counts` and `sought` are searches; `marked` is the commit whose files are searched for markers. `apart` is the folder
    of the data, in which no marker counts. `paths` are those of which git is asked
    whether it ignores them. `unsought` holds the literals that are too many to be searched.
    """

    spots: tuple[Spot, ...] = ()
    settled: Mapping[Spot, str | None] = field(default_factory=dict)
    objects: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    sought: tuple[Sought, ...] = ()
    unsought: tuple[str, ...] = ()
    marked: str | None = None
    tips: Tips | None = None
    apart: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What an id names: `kind` is `commit`, `tree`, `blob`, `tag`, or `ambiguous`; `commit` the commit it is."""

    id: str
    kind: str
    commit: Commit | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A commit that changed how often a literal occurs, and the files that hold the literal after it."""

    commit: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tide:
    """The coming and going of a literal: `turns` newest first, and `before` the files that held it before the oldest.

    `searched` commits were looked at. Where `cut`, there are older ones; where `crowded`, so many turns or files that
    only the newest turns are told. In both cases `before` is what the files held at the end of what was looked at.
    """

    turns: tuple[Turn, ...]
    before: tuple[str, ...]
    searched: int
    cut: bool = False
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class Marker:
    """`@decision WORD` in a line of a file; `path` counts from the top of the repository."""

    path: str
    line: int
    word: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A decision in a file of branches: `refs` are those that hold this very file, the first of them named first.

    `path` is the file's, from the top of the repository, `round` the round that it is a file of, or empty for a record.
    `text` is all that it says, in words; `derived` tells whether the branch began with a decision of this id.
    """

    id: str
    title: str
    text: str
    round: str
    path: str
    refs: tuple[str, ...]
    derived: bool = False


@dataclass(frozen=True)
class Testimony:
    """What git answered.

    `kinds` and `ids` say what lies at a spot: `blob`, `tree`, `commit` (a submodule) or `None`, and its object id.
    Where the history told of the spot there is no id, and a submodule counts as a `blob`.
    `objects` say what ids name. `counts` hold the number of lines by (text, folders, commit) and path. `tides` are by
    literal, and `unsought` the literals that were too many. `markers` is `None` where nobody looked. `elsewhere` holds the
    decisions that other branches hold and this one has not in the same file, and `rounds`, by key, the branches that have a
    file of a round which this one has no file of; `unread` counts branches that were not read.
    `apart` is the folder of the data. `ignored` are the paths, from the top, that git ignores in this work tree.
    """

    kinds: Mapping[Spot, str | None] = field(default_factory=dict)
    ids: Mapping[Spot, str | None] = field(default_factory=dict)
    objects: Mapping[str, Found | None] = field(default_factory=dict)
    counts: Mapping[tuple[str, tuple[str, ...], str], Mapping[str, int]] = field(default_factory=dict)
    tides: Mapping[str, Tide] = field(default_factory=dict)
    unsought: tuple[str, ...] = ()
    markers: tuple[Marker, ...] | None = None
    markers_cut: bool = False
    elsewhere: tuple[Elsewhere, ...] | None = None
    rounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: int = 0
    apart: str = ""
    ignored: frozenset[str] = frozenset()
