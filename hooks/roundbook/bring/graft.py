"""In: a round file with its comments, and a tree. Out: the file with what the tree says; what stays keeps its style."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from roundbook.bring.likeness import Value, below, fields, meaning, pairs
from roundbook.model.sheet import Block, Entry, Leaf, Node
from roundbook.schema.base import Shape
from roundbook.write.emit import leaf, node_of
from roundbook.write.order import rank


def grafted(node: Node, tree: Value, shape: Shape) -> Node:
    """Return a value that says what the tree says; every part that says it already stays as it is written.

    A new key gets its place by the order of the record, a new entry the place that it has in the tree. The comments of
    what goes stay where it was. Raises `ValueError` for a character that a round file cannot hold.
    """
    if meaning(value_of(node), shape) == meaning(tree, shape):
        return node
    if isinstance(node, Block) and _is_alike(node, tree):
        return _mapping(node, tree, shape) if node.keyed else _listing(node, tree, shape)
    return node_of(tree, shape)


def _is_alike(node: Block, tree: Value) -> bool:
    return isinstance(tree, Mapping if node.keyed else list | tuple)


def _regrafted(one: Entry, tree: Value, shape: Shape) -> Entry:
    """Return an entry with another value; the comments in one that is written anew stand above it then."""
    node = grafted(one.value, tree, shape)
    anew = node is not one.value and isinstance(one.value, Block) and not _is_alike(one.value, tree)
    above = (*one.above, *_comments(one.value)) if anew else one.above
    if isinstance(node, Block) and not node.entries:
        node, above = replace(node, below=()), (*above, *filter(None, node.below))
    return replace(one, value=node, above=above)


def value_of(node: Node) -> Value:
    """Return what a node says, as plain data; an empty value is `None`."""
    if isinstance(node, Leaf):
        return None if node.written and node.written[0] in ("", "~", "null") else node.text
    if node.keyed:
        return {e.key.text: value_of(e.value) for e in node.entries if e.key}
    return [value_of(e.value) for e in node.entries]


def _mapping(block: Block, tree: Mapping[str, Value], shape: Shape) -> Block:
    known = {next(iter(fields({key: ""}, shape))): key for key in tree}
    kept: list[Entry | None] = []
    for one in block.entries:
        name = next(iter(fields({one.key.text if one.key else "": ""}, shape)))
        key = known.pop(name, None)
        kept.append(None if key is None else _regrafted(one, tree[key], below(shape, name)))
    made = _without(block, kept)
    for key, written in known.items():
        made = _with_key(made, Entry(node_of(tree[written], below(shape, key)), leaf(written, "")), shape)
    return made


def _with_key(block: Block, new: Entry, shape: Shape) -> Block:
    """Return a mapping with one key more, behind the last key that comes before it in the order of the record."""
    places = [rank(e.key.text if e.key else "", None if shape.named else shape.record) for e in block.entries]
    own = rank(new.key.text if new.key else "", None if shape.named else shape.record)
    at = len(places)
    if own is not None:
        at = max((at for at, place in enumerate(places, 1) if place is not None and place < own), default=0)
        at = next((after for after in range(at, len(places)) if places[after] is not None), len(places))
    return replace(block, entries=(*block.entries[:at], new, *block.entries[at:]))


def _listing(block: Block, tree: list[Value] | tuple[Value, ...], shape: Shape) -> Block:
    inner = Shape(shape.record)
    values = [value_of(e.value) for e in block.entries]
    found = pairs(values, tree, inner)
    made = _without(block, [e if at in found else None for at, e in enumerate(block.entries)])
    old = dict(zip(sorted(found), made.entries, strict=True))
    of_tree = {new: old[at] for at, new in found.items()}
    entries = [_regrafted(of_tree[at], v, inner) if at in of_tree else _entry(v, inner) for at, v in enumerate(tree)]
    return replace(made, entries=tuple(entries))


def _entry(value: Value, shape: Shape) -> Entry:
    node = node_of(value, shape)
    return Entry(replace(node, inline=False) if isinstance(node, Block) and node.keyed else node)


def _without(block: Block, kept: list[Entry | None]) -> Block:
    """Return a block without the entries that go; their comments stand above the next one, or below the last."""
    entries: list[Entry] = []
    left: list[str] = []
    for old, new in zip(block.entries, kept, strict=True):
        if new is None:
            left += (*filter(None, (*old.above, old.beside.strip())), *_comments(old.value))
        else:
            entries.append(replace(new, above=(*left, *new.above)) if left else new)
            left = []
    return replace(block, entries=tuple(entries), below=(*left, *block.below))


def _comments(node: Node) -> Iterator[str]:
    if isinstance(node, Block):
        for one in node.entries:
            yield from filter(None, (*one.above, one.beside.strip()))
            yield from _comments(one.value)
        yield from filter(None, node.below)
