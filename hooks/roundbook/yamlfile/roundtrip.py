"""Changed values written into a YAML text, with its comments and style kept."""

from __future__ import annotations

import contextlib
import difflib
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from roundbook.errors import Finding, Place
from roundbook.schema.base import Item, Record, Shape, is_empty, shapes
from roundbook.schema.decision import Selection
from roundbook.yamlfile import reader
from roundbook.yamlfile.edit import NotPlainError, splice
from roundbook.yamlfile.errors import decode
from roundbook.yamlfile.reader import LOADER
from roundbook.yamlfile.writer import Block, Data, Entry, Leaf, Node, Sheet, in_order, leaf, node_of, rank, text_of

_COMMENT = re.compile("#[^\n]*")
_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)+")
_FOLDED = re.compile(r">([+-]?)(?=[ \t#\n]|$)")
_SCHEMA = re.compile(r"#\s*yaml-language-server:")


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    at: int
    line: int
    column: int
    before: str  # what stands before it on its line


@dataclass(slots=True, eq=False)
class _Item:
    """A value that is being read, with its key; without a `leaf` it is a list or mapping, and ends at `end`.

    `start` is where its key starts, or the value itself where it has none; `value_at` and `column` are the value's.
    """

    parent: _Item | None = None
    start: int = 0
    line: int = 0
    key: Leaf | None = None
    leaf: Leaf | None = None
    value_at: int = 0
    column: int = 0
    end: int = 0
    keyed: bool = False
    flow: bool = False
    items: list[_Item] = field(default_factory=list)
    above: list[_Comment] = field(default_factory=list)
    beside: str = ""
    below: list[_Comment] = field(default_factory=list)

    def around(self) -> Iterator[_Item]:
        """Yield the lists and mappings that an item is in, itself where it is one, from the inside out."""
        item: _Item | None = self.parent if self.leaf else self
        while item:
            yield item
            item = item.parent


def parse(text: str) -> Sheet:
    r"""Return what a file holds, with the style of each value and every comment.

    In: a text with `\n` line ends in which `yaml.parse` found no error. A comment on a line of its own belongs to the
    entry below it, unless it stands further in than that: then it ends the block above. A comment behind a value is the
    value's. What is at the top, down to the schema line or to the last blank line above the first key, is the file's.
    """
    return _Reading(text).sheet()


class _Reading:
    """What has been read so far."""

    def __init__(self, text: str) -> None:
        self.text = text if text.endswith("\n") else f"{text}\n"
        self.lines = text.split("\n")
        self.items: list[_Item] = []  # all but the root, in the order of the text
        self.spans: list[tuple[int, int]] = []  # of the scalars
        self.opening = -1  # the line of `---`
        self.root = _Item()
        self.head: list[_Comment] = []
        self.last: list[_Comment] = []
        self.found: Counter[str] = Counter()
        loader = LOADER(self.text)
        try:
            events: Iterator[Any] = iter(loader.get_event, None)
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent) and event.explicit:
                    mark: Any = event.start_mark
                    self.opening = mark.line
                elif isinstance(event, yaml.NodeEvent):
                    self._value(self.root, event, events)
        finally:
            loader.dispose()
        for comment in self._comments():
            self.found[comment.text] += 1
            self._attach(comment)

    def _value(self, item: _Item, event: Any, events: Iterator[Any]) -> None:
        item.value_at, item.column = event.start_mark.index, event.start_mark.column
        if isinstance(event, yaml.ScalarEvent):
            item.leaf = self._leaf(item, event, flow=bool(item.parent and item.parent.flow))
            return
        item.keyed, item.flow = isinstance(event, yaml.MappingStartEvent), bool(event.flow_style)
        while not isinstance(event := next(events), yaml.CollectionEndEvent):
            inner = _Item(item, event.start_mark.index, event.start_mark.line)
            item.items.append(inner)
            self.items.append(inner)
            if item.keyed:
                key = self._leaf(inner, event, flow=True)
                inner.key = key if len(key.written) == 1 else Leaf(key.text)
                event = next(events)
            self._value(inner, event, events)
        mark: Any = event.end_mark
        item.end = mark.index

    def _leaf(self, item: _Item, event: Any, flow: bool) -> Leaf:
        """Return a scalar with its lines, the first without what stands before it, where they can be kept.

        What stands behind `|` is given by its meaning alone; a folded text keeps the lines that its author made.
        """
        start, end, style, value = event.start_mark.index, event.end_mark.index, event.style, event.value
        self.spans.append((start, end))
        first, *rest = self.text[start:end].split("\n")
        if style in ("|", ">"):
            if match := _COMMENT.search(first):
                item.beside = _gap(first[: match.start()]) + match[0].rstrip()
                self.found[match[0].rstrip()] += 1
            return Leaf(value, _folded(first, rest, value), literal=bool(value.strip(" \t\n")))
        if rest and flow:
            return Leaf(value)
        if style:
            return Leaf(value, (first, *(line.lstrip(" \t") for line in rest)))
        return Leaf(value, (first.rstrip(" \t") if rest else first, *(line.strip(" \t") for line in rest)))

    def _comments(self) -> Iterator[_Comment]:
        """Yield all comments: what begins with # outside scalars. Those behind `|` are taken already."""
        end = line = counted = 0
        for start, stop in [*self.spans, (len(self.text), len(self.text))]:
            for match in _COMMENT.finditer(self.text, end, max(start, end)):
                at = match.start()
                line, counted = line + self.text.count("\n", counted, at), at
                first = self.text.rfind("\n", 0, at) + 1
                yield _Comment(match[0].rstrip(), at, line, at - first, self.text[first:at])
            end = max(end, stop)

    def _attach(self, comment: _Comment) -> None:
        position = bisect_left(self.items, comment.at, key=lambda item: item.start)
        before = self.items[position - 1] if position else self.root
        after = self.items[position] if position < len(self.items) else None
        if comment.line <= self.opening or not self.items:
            self.head.append(comment)
        elif comment.before.strip():
            self._beside(comment, before, after)
        elif comment.at < before.value_at and (before.leaf or before.flow):
            before.above.append(comment)
        elif inside := next((i for i in before.around() if i.flow and i.value_at < comment.at < i.end), None):
            if after and after.start < inside.end:
                after.above.append(comment)
            else:
                (inside.below if inside.items else inside.above).append(comment)
        else:
            self._between(comment, before, after)

    def _beside(self, comment: _Comment, before: _Item, after: _Item | None) -> None:
        item = after if after and _DASHES.fullmatch(comment.before) else before
        while item.parent and item.parent.flow and item.parent.end <= comment.at:
            item = item.parent
        if item.beside:  # a line has one end: the earlier comment goes above
            item.above.append(_Comment(item.beside.strip(), item.start, item.line, 0, ""))
        item.beside = _gap(comment.before) + comment.text

    def _between(self, comment: _Comment, before: _Item, after: _Item | None) -> None:
        if comment.column > (after.parent.column if after and after.parent else 0):
            going_on = list(after.around()) if after else []
            for block in before.around():
                if not block.flow and block.items and block.column <= comment.column and block not in going_on:
                    block.below.append(comment)
                    return
        (after.above if after else self.last).append(comment)

    def sheet(self) -> Sheet:
        body = self._node(self.root)
        if isinstance(body, Leaf) or not body.entries:
            return Sheet(body, self._head(()), self.found)
        first, *others = body.entries
        cut = _header_ends(first.above)
        head, above = first.above[:cut], first.above[cut:]
        below = (*body.below, *self._lines(self.last))
        entries = (Entry(first.value, first.key, above, first.beside), *others)
        return Sheet(Block(entries, body.keyed, False, below), self._head(head), self.found)

    def _head(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        lines = (*filter(None, (self.root.beside.strip(), *self._lines(self.root.above))), *lines)
        if self.opening < 0:
            return _without_blank_start((*self._lines(self.head), *lines))
        over = [c for c in self.head if c.line < self.opening]
        opening = "---" + "".join(f"  {c.text}" for c in self.head if c.line == self.opening)
        return (*_without_blank_start(self._lines(over)), opening, *lines)

    def _node(self, item: _Item) -> Node:
        if item.leaf:
            return item.leaf
        return Block(tuple(map(self._entry, item.items)), item.keyed, item.flow, self._lines(item.below))

    def _entry(self, item: _Item) -> Entry:
        above = self._lines(item.above)
        set_off = self._blank_above(item.line) and not (item.above and item.above[-1].line >= item.line)
        if set_off and item.parent and not item.parent.flow:
            above = (*above, "")
        return Entry(self._node(item), item.key, above, item.beside)

    def _lines(self, comments: list[_Comment]) -> tuple[str, ...]:
        made: list[str] = []
        for comment in comments:
            made += [""] * self._blank_above(comment.line) + [comment.text]
        return tuple(made)

    def _blank_above(self, line: int) -> bool:
        return line > 0 and not self.lines[line - 1].strip()


def _folded(header: str, lines: list[str], value: str) -> tuple[str, ...]:
    match = _FOLDED.match(header)
    first = next((line for line in lines if line.strip(" ")), "")
    if not match or not first or not value.strip(" \t\n"):
        return ()
    indentation = len(first) - len(first.lstrip(" "))
    body = [line[indentation:] for line in lines]
    while not body[-1]:
        body.pop()
    ends = len(value) - len(value.rstrip("\n"))
    if match[1] == "+" and ends > 1:
        return (">+", *body, *[""] * (ends - 1))
    return (f">{'' if ends else '-'}", *body)


def _gap(before: str) -> str:
    blanks = before[len(before.rstrip(" \t")) :]
    return blanks if len(blanks) > 1 and "\t" not in blanks else "  "


def _header_ends(lines: tuple[str, ...]) -> int:
    """Return how many of the lines above the first key are the file's own."""
    comments = [position for position, line in enumerate(lines) if line]
    blank = max((p + 1 for p, line in enumerate(lines) if not line and comments and p > comments[0]), default=0)
    schema = max((p + 1 for p in comments if _SCHEMA.match(lines[p])), default=0)
    return max(blank, schema + (schema < len(lines) and not lines[schema]) if schema else 0)


def _without_blank_start(lines: tuple[str, ...]) -> tuple[str, ...]:
    while lines and not lines[0]:
        lines = lines[1:]
    return lines


SIMILAR = 0.6
_MOST = 20_000  # pairs that are compared letter by letter

Value = Any  # a text, a list or a mapping, as `write.emit.Data`; `None` where there is nothing


def meaning(value: Value, shape: Shape) -> Hashable:
    """Return what a value means, equal for two that are read as the same; `None` for an empty one."""
    if is_empty(value):
        return None
    if shape.many:
        return tuple(meaning(one, Shape(shape.record)) for one in listed(value)) or None
    if isinstance(value, Mapping) or (shape.record and not shape.named and isinstance(value, str)):
        parts = ((key, meaning(one, below(shape, key))) for key, one in fields(value, shape).items())
        return frozenset((key, part) for key, part in parts if part is not None)
    if isinstance(value, list | tuple):
        return tuple("" if is_empty(one) else meaning(one, shape) for one in value)
    return str(value)


def listed(value: Value) -> list[Value]:
    """Return a value as a list of entries, without empty ones."""
    if is_empty(value):
        return []
    return [one for one in value if not is_empty(one)] if isinstance(value, list | tuple) else [value]


def fields(value: Value, shape: Shape) -> dict[str, Value]:
    """Return a record or mapping by the keys that its model has, also where a text stands for it."""
    if isinstance(value, Mapping):
        return {key if shape.record is None or shape.named else _kebab(key): one for key, one in value.items()}
    if is_empty(value) or shape.record is None:
        return {}
    if shape.record is Selection and ".." in value:
        first, _, last = value.partition("..")
        return {"from": first, "to": last.lstrip(".")}
    return {shape.record.SHORT: value}


def below(shape: Shape, key: str) -> Shape:
    """Return the shape of a key's value."""
    if shape.named or shape.record is None:
        return Shape(shape.record)
    return shapes(shape.record).get(key, Shape())


def _kebab(key: str) -> str:
    return key if key.startswith("x-") else key.replace("_", "-")


def name(value: Value, shape: Shape) -> str:
    """Return the words that stand for an entry of a list: those of its label, a text itself, the first cell of a row."""
    if isinstance(value, list | tuple):
        return name(value[0], Shape()) if value else ""
    if isinstance(value, str) and shape.record is None:
        return str(value)
    if shape.record is None and not isinstance(value, Mapping):
        return ""
    keys = fields(value, shape)
    found = (keys.get(label) for label in _labels(shape.record))
    return next((str(one if isinstance(one, str) else listed(one)[0]) for one in found if listed(one)), "")


def _labels(model: type[Record] | None) -> tuple[str, ...]:
    if model is None:
        return ("title", "name", "text")
    label = model.LABEL if issubclass(model, Item) else ()
    return (*label, model.SHORT, *list(shapes(model))[:1])


Pairs = dict[int, int]  # positions in one list, and in another


def pairs(one: Sequence[Value], other: Sequence[Value], shape: Shape) -> Pairs:
    """Return which entries of two lists are one, by their positions: first the same ones, then those that are alike."""
    left, right = set(range(len(one))), set(range(len(other)))
    found = _equal(one, other, shape, left, right)
    return found | _alike(one, other, shape, left - set(found), right - set(found.values()))


def _equal(
    one: Sequence[Value], other: Sequence[Value], shape: Shape, left: AbstractSet[int], right: AbstractSet[int]
) -> Pairs:
    """Return which entries of two lists are equal, or have the same id, or the same name; none is in two pairs.

    `left` and `right` hold the positions in them that may be taken. Of several with one name the first go together.
    """
    found: Pairs = {}
    keys: tuple[Callable[[Value], Hashable], ...] = (
        lambda value: meaning(value, shape),
        lambda value: fields(value, shape).get("id") if shape.record else None,
        lambda value: name(value, shape) or None,
    )
    for key in keys:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for place in sorted(right - set(found.values()), reverse=True):
            waiting[key(other[place])].append(place)
        for place in sorted(left - set(found)):
            word = key(one[place])
            if word is not None and waiting[word]:
                found[place] = waiting[word].pop()
    return found


def _alike(
    one: Sequence[Value], other: Sequence[Value], shape: Shape, left: AbstractSet[int], right: AbstractSet[int]
) -> Pairs:
    """Return which entries of two lists have names that are alike, the best pair first; in and out as for `_equal`."""
    if len(left) * len(right) > _MOST:
        return {}
    words, others = ({at: name(values[at], shape) for at in at_} for values, at_ in ((one, left), (other, right)))
    ratios = [(_ratio(a, b), i, j) for i, a in words.items() for j, b in others.items() if a and b]
    found: Pairs = {}
    for ratio, i, j in sorted(ratios, key=lambda r: (-r[0], r[1], r[2])):
        if ratio >= SIMILAR and i not in found and j not in found.values():
            found[i] = j
    return found


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:200], other[:200], autojunk=False).ratio()


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


BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Rewritten:
    """The new bytes of a file, the old ones where it could not be rewritten, and the errors that say why."""

    data: bytes
    findings: tuple[Finding, ...] = ()


def formatted(data: bytes, path: str, model: type[Record] | None) -> Rewritten:
    """Return a file in canonical form: the same texts under the same keys, and every comment.

    In: its bytes, the path for the places, the record whose fields give the order of the keys, or `None` to leave their
    order as it is. Line ends and a byte order mark stay. A file with errors stays as it is, and so does one that would not
    be read again as the same, or lose a comment; nothing is raised.
    """

    def change(_: str, old: Sheet) -> Iterator[str]:
        yield text_of(replace(old, body=in_order(old.body, Shape(model))))

    return _rewritten(data, path, change, same)


def updated(data: bytes, path: str, model: type[Record], tree: Mapping[str, Data]) -> Rewritten:
    """Return a file that says what the tree says, with every comment, and with the lines of keys that stay as they are.

    In: as for `formatted`, and the tree, as `bring.merge` makes it. A file in canonical form stays in it. A file with
    errors stays as it is, and so does one that would not be read as the tree, or lose a comment. Raises `ValueError` for
    a character that a round file cannot hold.
    """

    def change(text: str, old: Sheet) -> Iterator[str]:
        body = grafted(old.body, tree, Shape(model))
        if isinstance(old.body, Block) and isinstance(body, Block) and text_of(old) != text:
            with contextlib.suppress(NotPlainError):
                yield splice(text, old.body, body)
        yield text_of(replace(old, body=body))

    return _rewritten(data, path, change, lambda _, new: meaning(new, Shape(model)) == meaning(tree, Shape(model)))


def _rewritten(
    data: bytes,
    path: str,
    change: Callable[[str, Sheet], Iterable[str]],
    holds: Callable[[reader.Node | None, reader.Node | None], bool],
) -> Rewritten:
    """Return the first of the new texts that is read without errors, holds what it must, and has the same comments."""
    before, findings = reader.parse(data, path)
    errors = tuple(f for f in findings if f.severity == "error")
    text, _ = decode(data, path)
    if errors or text is None:
        return Rewritten(data, errors)
    if not isinstance(before, reader.Map):
        return Rewritten(data, (_finding("not-a-mapping", "expected a mapping", path, "write key: value lines"),))
    text = text if text.endswith("\n") else f"{text}\n"
    old = parse(text)
    for new in change(text, old):
        after, faults = reader.parse(new.encode(), path)
        unharmed = not any(f.severity == "error" for f in faults) and holds(before, after)
        if unharmed and parse(new).comments == old.comments:
            return Rewritten(_like(new, data))
    fix = "write it in a plainer way; and please report it"
    return Rewritten(data, (_finding("not-formattable", "cannot be written anew without a loss", path, fix),))


def same(one: reader.Node | None, other: reader.Node | None) -> bool:
    """Tell whether two trees hold the same texts under the same keys; an empty value is not an empty text."""
    return one == other and reader.plain(one) == reader.plain(other)


def _like(text: str, data: bytes) -> bytes:
    """Return the text as bytes, with the line ends and the byte order mark that the file has."""
    first = data.find(b"\n")
    end = "\r\n" if data[max(first - 1, 0) : first] == b"\r" else "\n" if first >= 0 or b"\r" not in data else "\r"
    return (BOM if data.startswith(BOM) else b"") + text.replace("\n", end).encode()


def _finding(slug: str, message: str, path: str, fix: str) -> Finding:
    return Finding("error", slug, message, Place(path, 1, 1), fix)
