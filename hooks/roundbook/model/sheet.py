"""In: nothing. Out: the values of a YAML file as they stand on its lines: with the style somebody chose, and the comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text; `written` holds its lines without their indentation as somebody wrote them, nothing where there is a choice.

    `literal` where it is to stand behind `|`, line by line.
    """

    text: str
    written: tuple[str, ...] = ()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with its key, where it stands in a mapping, and its comments.

    `above` holds the lines above it: comments, and empty texts for blank lines. `beside` is the comment at its line's end,
    with the blanks before it.
    """

    value: Node
    key: Leaf | None = None
    above: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A list, or a mapping where it is `keyed`; `inline` where it is to stand in brackets, if it fits on one line.

    `below` holds the comments behind the last entry.
    """

    entries: tuple[Entry, ...] = ()
    keyed: bool = False
    inline: bool = False
    below: tuple[str, ...] = ()


Node: TypeAlias = Leaf | Block


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file: the lines at its top, comments all, and what it says."""

    body: Node
    head: tuple[str, ...] = ()
