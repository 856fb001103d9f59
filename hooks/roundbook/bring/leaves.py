"""In: the tree of a round file. Out: its texts with their keys, and a ledger of which part of them is spoken for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from roundbook.schema import dates
from roundbook.schema.ids import slug

Path = tuple[str | int, ...]
APART = frozenset({"source", "closed", "waive"})  # what importing itself writes, or nobody imports
FREE = frozenset({"metrics", "details"})  # keys below these are words of the note
CHOSEN = frozenset({"status", "result", "type", "tier"})  # values of these are one of a few words
_MARKS = re.compile(r"\*\*|__")
_QUOTED = re.compile(r"^[\s>]+|[ \t\\]+$", re.MULTILINE)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LABELS = ("title", "name", "text", "task", "path")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ROUND_WORDS = ("round", "sprint", "iteration", "wave", "cycle", "week", "session")
PATH_KEYS = frozenset({"paths", "created", "modified", "deleted", "affects"})
ROUND_KEYS = frozenset({"from", "to", "since", "round", "phase", "resolved"})


def fold(text: str) -> str:
    """Return a text without marks of bold type and quotation, on one line, with single blanks; so are both sides compared."""
    return " ".join(_QUOTED.sub("", _MARKS.sub("", text)).replace("\\|", "|").split())


def tokens(text: str) -> list[tuple[int, str]]:
    """Return the words and signs of a text with their positions."""
    return [(match.start(), match[0]) for match in _TOKEN.finditer(text)]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text of the tree, folded, and the way to it.

    `is_key` is a key that is a word of the note itself; `derived` is what the importer makes of another text beside it.
    """

    path: Path
    text: str
    is_key: bool = False
    derived: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """Return the names on the way."""
        return frozenset(step for step in self.path if isinstance(step, str))

    @property
    def entry(self) -> Path:
        """Return the way to the entry that it is part of, which is empty for what the round says of itself."""
        if len(self.path) > 1 and self.path[0] in FREE:
            return self.path[:2]
        numbers = [i for i, step in enumerate(self.path) if isinstance(step, int)]
        inner = [i for i in numbers if i + 1 < len(self.path)]
        return self.path[: inner[0] + 1] if inner else ()

    @property
    def name(self) -> str:
        """Return the last name on the way: what the text is one of."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def unparted(self) -> bool:
        """Tell whether a word in it says nothing of it: in the id of a round, or in a path, unless `forms` gives it."""
        return self.name in PATH_KEYS or (self.name in ROUND_KEYS and "/" in self.text)

    @property
    def alone(self) -> bool:
        """Tell whether it is the one value of a key of the round itself, which a note may well say twice."""
        return len(self.path) == 1 or self.path == ("carried", "from")


@dataclass(frozen=True, slots=True)
class Form:
    """A way in which a note may say a leaf, or a part of it: the part lies from `start` to `end`."""

    leaf: int
    text: str
    start: int
    end: int


def leaves(tree: Mapping[str, Any]) -> tuple[Leaf, ...]:
    """Return the texts of a tree in its order."""
    return tuple(leaf for key, value in tree.items() if key not in APART for leaf in _leaves(value, (key,), tree))


def _leaves(node: Any, path: Path, owner: Mapping[str, Any]) -> Iterator[Leaf]:
    if isinstance(node, Mapping):
        free = path[-1] in FREE
        for key, value in node.items():
            if free or key.startswith("x-"):
                yield Leaf((*path, key), fold(key.removeprefix("x-")), is_key=True)
            yield from _leaves(value, (*path, key), node)
    elif isinstance(node, str):
        derived = path[-1] == "id" and any(slug(str(owner.get(key, ""))) == node for key in _LABELS)
        derived = derived or (path[-1] == "status" and "status-text" in owner)
        yield Leaf(path, fold(node), derived=derived)
    else:
        for i, value in enumerate(node):
            yield from _leaves(value, (*path, i), owner)


def forms(number: int, leaf: Leaf) -> Iterator[Form]:
    """Yield the ways in which a leaf may be said, the whole of it first; only that one is said to the letter."""
    text, last, key = leaf.text, leaf.path[-1], leaf.name
    yield Form(number, text, 0, len(text))
    if key in PATH_KEYS:
        ends = [i + 1 for i, char in enumerate(text) if char == "/" and i + 1 < len(text)]
        yield from (Form(number, text[i:], 0, len(text)) for i in ends)
    elif key == "date":
        yield from (Form(number, spelled, 0, len(text)) for spelled in _spans(text))
        yield from _days(number, text)
    elif last in CHOSEN:
        yield Form(number, text.replace("-", " "), 0, len(text))
    elif key in ROUND_KEYS and "/" in text:
        at = text.rindex("/") + 1
        yield Form(number, text[at:], at, len(text))
        for word in ROUND_WORDS:
            yield from (Form(number, f"{said} {text[at:]}", at, len(text)) for said in (word, word.title()))


def _days(number: int, text: str) -> Iterator[Form]:
    at = 0
    for part in text.split(".."):
        try:
            day = dates.parse(part).first
        except ValueError:
            return
        end = at + len(part)
        for spelled in (part, *_spellings(day)):
            yield Form(number, spelled, at, end)
        at = end + 2


def _spans(text: str) -> Iterator[str]:
    """Yield a span of days in one month as people write it: `Feb 3-7, 2026`."""
    try:
        first, last = dates.parse(text).first, dates.parse(text).last
    except ValueError:
        return
    name = _MONTHS[first.month - 1]
    if first == last or (first.year, first.month) != (last.year, last.month):
        return
    for days in (f"{first.day}{sign}{last.day}" for sign in ("-", "–", " - ", " – ")):
        for month in (name, name[:3], f"{name[:3]}."):
            yield from (f"{month} {days}, {first.year}", f"{days} {month} {first.year}")


def _spellings(day: dt.date) -> Iterator[str]:
    name = _MONTHS[day.month - 1]
    for month in (name, name[:3], f"{name[:3]}."):
        yield from (f"{month} {day.day}, {day.year}", f"{month} {day.day} {day.year}", f"{day.day} {month} {day.year}")
    y, m, d = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
    yield from (f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{d}.{m}.{y}", f"{d}/{m}/{y}", f"{m}/{d}/{y}")
