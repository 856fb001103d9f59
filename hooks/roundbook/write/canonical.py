"""In: plain data of a round, and the record that it becomes. Out: the text of its file, as a person would write it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roundbook.model.characters import HIDDEN
from roundbook.model.record import Record
from roundbook.model.selection import Selection
from roundbook.model.shape import Shape, shapes
from roundbook.model.sheet import Block, Entry, Leaf, Node, Sheet
from roundbook.write.emit import Data, brief, entry, leaf, node_of
from roundbook.write.layout import text_of
from roundbook.write.order import arranged

_LINE = 80  # a mapping that is shorter may stand in braces


def canonical(tree: Mapping[str, Data], model: type[Record], schema: str = "") -> str:
    """Return the text of a round file.

    In: its keys and values, the record that it is read as, and where the schema lies, seen from the file. Out: keys in the
    order of the record's fields, an entry of one word as that word, block scalars for long texts, no anchors, quotes where
    they are needed. It reads back as the same record, and is written the same again. Raises `ValueError`, with the place
    in the tree, for a character that a round file cannot hold, and for what is neither text, list nor mapping.
    """
    if HIDDEN.search(schema) or set(schema) & set("\n\t "):
        raise ValueError(f"the address of the schema {schema!r} holds a blank or a character that nobody sees")
    head = (f"# yaml-language-server: $schema={schema}",) if schema else ()
    return text_of(Sheet(_record(tree, model, ""), head))


def planned(data: Data, shape: Shape, place: str = "") -> Node:
    """Return the node of a value in canonical order and style; raises `ValueError` as `canonical` does."""
    if isinstance(data, str) or shape.record is None:
        return node_of(data, place)
    if isinstance(data, Mapping) and shape.named:
        inner = Shape(shape.record)
        return Block(tuple(entry(k, planned(v, inner, f"{place}.{k}"), place) for k, v in data.items()), True)
    if isinstance(data, Mapping):
        if (short := _short(data, shape.record)) is not None:
            return leaf(short, f"{place}.{shape.record.SHORT}")
        return _in_braces(_record(data, shape.record, place))
    if not isinstance(data, list | tuple):
        return node_of(data, place)
    nodes = [planned(one, Shape(shape.record), f"{place}[{index}]") for index, one in enumerate(data)]
    entries = tuple(Entry(Block(n.entries, n.keyed) if isinstance(n, Block) else n) for n in nodes)
    return Block(entries, inline=all(isinstance(n, Leaf) and not re.search(r"\s", n.text) for n in nodes))


def _record(tree: Mapping[str, Data], model: type[Record], place: str) -> Block:
    keys = list(tree)
    order = [keys[position] for position in arranged(keys, model)]
    return Block(tuple(_field(key, tree[key], model, place) for key in order), True)


def _field(key: str, value: Data, model: type[Record], place: str) -> Entry:
    shape = shapes(model).get(key.replace("_", "-"), Shape())
    return entry(key, planned(value, shape, f"{place}.{key}"), place)


def _short(tree: Mapping[str, Data], model: type[Record]) -> str | None:
    """Return the text that stands for a mapping with one key alone, where the record allows that."""
    if list(tree) != [model.SHORT]:
        return None
    text = tree[model.SHORT]
    return text if isinstance(text, str) and not (model is Selection and ".." in text) else None


def _in_braces(block: Block) -> Block:
    """Return the mapping, to stand in braces where it is short and flat."""
    parts = [(e.key, e.value) for e in block.entries]
    flat = all(brief(v) or (isinstance(v, Block) and v.inline) for _, v in parts)
    length = sum(_length(node) for pair in parts for node in pair if node)
    return Block(block.entries, True, inline=flat and length < _LINE)


def _length(node: Node) -> int:
    return len(node.text) + 2 if isinstance(node, Leaf) else sum(_length(e.value) for e in node.entries)
