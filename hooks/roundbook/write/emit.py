"""In: plain data: texts, truth values, lists, mappings. Out: YAML as a person would write it, quotes only where needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from roundbook.model.characters import HIDDEN
from roundbook.model.record import is_empty
from roundbook.model.sheet import Block, Entry, Leaf, Node
from roundbook.write.layout import body_of

Data: TypeAlias = "str | bool | Sequence[Data] | Mapping[str, Data]"

_SHORT = 24  # a text of several words that may stand in brackets beside others


def emit(data: Data, indent: int = 0) -> str:
    """Return data as YAML lines that end with a line feed, each moved in by `indent` columns.

    Texts of several lines become block scalars; lists of words are written in brackets, on one line. Raises `ValueError`,
    with the place in the data, for what a round file cannot hold.
    """
    lines = body_of(node_of(data), indent)
    return "".join(f"{' ' * indent if line else ''}{line}\n" for line in lines)


def node_of(data: Data, place: str = "") -> Node:
    """Return data as the nodes that `layout` writes; raises `ValueError` for what a round file cannot hold."""
    if isinstance(data, str):
        return leaf(data, place)
    if isinstance(data, bool):
        return Leaf(word := "true" if data else "false", (word,))  # without the quotes that the text has
    if isinstance(data, Mapping):
        return Block(tuple(entry(key, node_of(value, f"{place}.{key}"), place) for key, value in data.items()), True)
    if isinstance(data, list | tuple):
        return listing([node_of(one, f"{place}[{index}]") for index, one in enumerate(data)])
    raise ValueError(f"{_at(place)}: expected a text, a truth value, a list or a mapping, found {type(data).__name__}")


def leaf(text: str, place: str = "") -> Leaf:
    """Return a text as a node; one that was read and left empty (`key:`) stays empty, and is not the empty text."""
    if hidden := HIDDEN.search(text):
        raise ValueError(f"{_at(place)}: the character U+{ord(hidden[0]):04X} is not allowed in a round file")
    return Leaf(str(text), (str(text),) if is_empty(text) else ())


def entry(key: str, value: Node, place: str) -> Entry:
    """Return a value under a key; `place` is where its mapping stands."""
    if not isinstance(key, str):
        raise ValueError(f"{_at(place)}: expected a text for a key, found {type(key).__name__}")
    return Entry(value, leaf(key, f"{place}.{key}"))


def listing(nodes: Sequence[Node]) -> Block:
    """Return a list: of words, and of texts that are hardly longer, in brackets; of lists, row below row in brackets."""
    rows = tuple(Entry(_row(node) if isinstance(node, Block) else node) for node in nodes)
    return Block(rows, inline=all(brief(node) for node in nodes))


def brief(node: Node) -> bool:
    """Tell whether a text is one word, or hardly longer, so that it may stand in brackets beside others."""
    return isinstance(node, Leaf) and "\n" not in node.text and (" " not in node.text or len(node.text) <= _SHORT)


def _row(block: Block) -> Block:
    cells = not block.keyed and all(isinstance(e.value, Leaf) and "\n" not in e.value.text for e in block.entries)
    return Block(block.entries, block.keyed, inline=cells)


def _at(place: str) -> str:
    return place.removeprefix(".") or "the data"
