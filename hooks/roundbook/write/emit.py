"""In: plain data: texts, truth values, lists, mappings. Out: YAML as a person would write it, quotes only where needed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from roundbook.model.sheet import Block, Entry, Leaf, Node
from roundbook.schema.base import Record, Shape, is_empty
from roundbook.schema.decision import Selection
from roundbook.schema.ids import HIDDEN
from roundbook.write.layout import body_of
from roundbook.write.order import arranged, below

Data: TypeAlias = "str | bool | Sequence[Data] | Mapping[str, Data]"

_ANY = Shape()
_SHORT = 24  # a text of several words that may stand in brackets beside others
_LINE = 80  # a record that is shorter may stand in braces


def emit(data: Data, indent: int = 0) -> str:
    """Return data as YAML lines that end with a line feed, each moved in by `indent` columns.

    Texts of several lines become block scalars; lists of words are written in brackets, on one line. Raises `ValueError`,
    with the place in the data, for what a round file cannot hold.
    """
    lines = body_of(node_of(data), indent)
    return "".join(f"{' ' * indent if line else ''}{line}\n" for line in lines)


def node_of(data: Data, shape: Shape = _ANY, place: str = "") -> Node:
    """Return data as the nodes that `layout` writes, records with their keys in order, and as short as they may be.

    Raises `ValueError` for what a round file cannot hold.
    """
    if isinstance(data, str):
        return leaf(data, place)
    if isinstance(data, bool):
        return Leaf(word := "true" if data else "false", (word,))  # without the quotes that the text has
    if isinstance(data, list | tuple):
        return _listing([node_of(one, Shape(shape.record), f"{place}[{at}]") for at, one in enumerate(data)], shape)
    if not isinstance(data, Mapping):
        raise ValueError(f"{_at(place)}: expected a text, a truth value, a list or a mapping, found {_name(data)}")
    record = None if shape.named else shape.record
    if record and (short := _short(data, record)) is not None:
        return leaf(short, f"{place}.{record.SHORT}")
    block = mapping(data, shape, place)
    return Block(block.entries, True, inline=record is not None and _fits_in_braces(block))


def mapping(data: Mapping[str, Data], shape: Shape, place: str = "") -> Block:
    """Return a mapping with its keys in order, to stand below its own key; raises `ValueError` as `node_of` does."""
    keys = list(data)
    for key in keys:
        if not isinstance(key, str):
            raise ValueError(f"{_at(place)}: expected a text for a key, found {_name(key)}")
    order = (keys[at] for at in arranged(keys, None if shape.named else shape.record))
    nodes = ((key, node_of(data[key], below(shape, key), f"{place}.{key}")) for key in order)
    return Block(tuple(Entry(node, leaf(key, f"{place}.{key}")) for key, node in nodes), True)


def leaf(text: str, place: str) -> Leaf:
    """Return a text as a node; one that was read and left empty (`key:`) stays empty, and is not the empty text."""
    if hidden := HIDDEN.search(text):
        raise ValueError(f"{_at(place)}: the character U+{ord(hidden[0]):04X} is not allowed in a round file")
    return Leaf(str(text), (str(text),) if is_empty(text) else ())


def _listing(nodes: Sequence[Node], shape: Shape) -> Block:
    """Return a list: of words in brackets, and of texts that are hardly longer; of lists, row below row in brackets."""
    if shape.record:
        entries = (Block(node.entries, node.keyed) if isinstance(node, Block) else node for node in nodes)
        inline = all(isinstance(node, Leaf) and not re.search(r"\s", node.text) for node in nodes)
    else:
        entries = (_row(node) if isinstance(node, Block) else node for node in nodes)
        inline = all(map(_is_brief, nodes))
    return Block(tuple(map(Entry, entries)), inline=inline)


def _row(block: Block) -> Block:
    cells = not block.keyed and all(isinstance(e.value, Leaf) and "\n" not in e.value.text for e in block.entries)
    return Block(block.entries, block.keyed, inline=cells)


def _short(tree: Mapping[str, Data], model: type[Record]) -> str | None:
    """Return the text that stands for a mapping with one key alone, where the record allows that."""
    text = tree.get(model.SHORT) if len(tree) == 1 else None
    return text if isinstance(text, str) and not (model is Selection and ".." in text) else None


def _fits_in_braces(block: Block) -> bool:
    """Tell whether a mapping is so short and flat that it may stand in braces."""
    flat = all(_is_brief(e.value) or (isinstance(e.value, Block) and e.value.inline) for e in block.entries)
    return flat and sum(_length(node) for e in block.entries for node in (e.key, e.value) if node) < _LINE


def _is_brief(node: Node) -> bool:
    return isinstance(node, Leaf) and "\n" not in node.text and (" " not in node.text or len(node.text) <= _SHORT)


def _length(node: Node) -> int:
    return len(node.text) + 2 if isinstance(node, Leaf) else sum(_length(e.value) for e in node.entries)


def _name(data: object) -> str:
    return type(data).__name__


def _at(place: str) -> str:
    return place.removeprefix(".") or "the data"
