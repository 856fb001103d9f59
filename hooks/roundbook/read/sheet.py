"""In: the text of a YAML file without faults. Out: its values as they stand on its lines, with the comments of each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from roundbook.model.sheet import Block, Entry, Leaf, Node, Sheet
from roundbook.read.scalars import leaf
from roundbook.read.yaml import LOADER

_COMMENT = re.compile("#[^\n]*")
_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)+")
_SCHEMA = re.compile(r"#\s*yaml-language-server:")


@dataclass(slots=True, eq=False)
class _Item:
    """An entry that is being read: where it starts, where its value does, and the comments found for it so far."""

    group: _Group | None
    start: int = 0
    line: int = 0
    key: Leaf | None = None
    value: Leaf | _Group = field(default_factory=lambda: Leaf(""))
    value_at: int = 0
    above: list[_Comment] = field(default_factory=list)
    beside: str = ""


@dataclass(slots=True, eq=False)
class _Group:
    """A list or mapping that is being read; `end` is where it ends, brackets included."""

    owner: _Item
    keyed: bool
    flow: bool
    start: int
    column: int
    end: int = 0
    items: list[_Item] = field(default_factory=list)
    below: list[_Comment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Comment:
    text: str
    at: int
    line: int
    column: int
    before: str  # what stands before it on its line


def parse(text: str) -> Sheet:
    r"""Return what a file holds, with the style of each value and every comment.

    In: a text with `\n` line ends in which `yaml.parse` found no error. A comment on a line of its own belongs to the
    entry below it, unless it stands further in than that: then it ends the block above. A comment behind a value is the
    value's. What is at the top, down to the schema line or to the last blank line above the first key, is the file's.
    """
    return _Reading(text if text.endswith("\n") else f"{text}\n").sheet()


def comments(text: str) -> Counter[str]:
    """Return all comments of such a text, and how often each is there, whatever they are about."""
    return _Reading(text if text.endswith("\n") else f"{text}\n").found


class _Reading:
    """What has been read so far."""

    def __init__(self, text: str) -> None:
        self.text, self.lines = text, text.split("\n")
        self.items: list[_Item] = []
        self.spans: list[tuple[int, int]] = []
        self.opening = -1  # the line of `---`
        self.root = _Item(None)
        self.head: list[_Comment] = []
        self.last: list[_Comment] = []
        self.found: Counter[str] = Counter()
        self._grow()
        self.starts = [item.start for item in self.items]
        for comment in self._comments():
            self.found[comment.text] += 1
            self._attach(comment)

    def _grow(self) -> None:
        source = LOADER(self.text)
        try:
            events: Iterator[Any] = iter(source.get_event, None)
            for event in events:
                if isinstance(event, yaml.DocumentStartEvent) and event.explicit:
                    mark: Any = event.start_mark
                    self.opening = mark.line
                elif isinstance(event, yaml.NodeEvent):
                    self._value(self.root, event, events)
        finally:
            source.dispose()

    def _value(self, item: _Item, event: Any, events: Iterator[Any]) -> None:
        mark: Any = event.start_mark
        item.value_at = mark.index
        if isinstance(event, yaml.ScalarEvent):
            item.value = self._leaf(item, event, bool(item.group and item.group.flow))
            return
        keyed = isinstance(event, yaml.MappingStartEvent)
        item.value = group = _Group(item, keyed, bool(event.flow_style), mark.index, mark.column)
        for inner in events:
            if isinstance(inner, yaml.CollectionEndEvent):
                mark = inner.end_mark
                group.end = mark.index
                return
            self._item(group, inner, events)

    def _item(self, group: _Group, event: Any, events: Iterator[Any]) -> None:
        item = _Item(group, event.start_mark.index, event.start_mark.line)
        group.items.append(item)
        self.items.append(item)
        if group.keyed:
            key = self._leaf(item, event, flow=True)
            item.key = key if len(key.written) == 1 else Leaf(key.text)
            event = next(events)
        self._value(item, event, events)

    def _leaf(self, item: _Item, event: Any, flow: bool) -> Leaf:
        start, end = event.start_mark.index, event.end_mark.index
        self.spans.append((start, end))
        raw = self.text[start:end]
        if event.style in ("|", ">") and (match := _COMMENT.search(raw.partition("\n")[0])):
            item.beside = _gap(raw[: match.start()]) + match[0].rstrip()
            self.found[match[0].rstrip()] += 1
        return leaf(raw, event.value, event.style, flow)

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
        position = bisect_left(self.starts, comment.at)
        before = self.items[position - 1] if position else self.root
        after = self.items[position] if position < len(self.items) else None
        if comment.line <= self.opening or not self.items:
            self.head.append(comment)
        elif comment.before.strip():
            self._beside(comment, before, after)
        elif comment.at < before.value_at and (isinstance(before.value, Leaf) or before.value.flow):
            before.above.append(comment)
        elif inside := next((g for g in _groups(before) if g.flow and g.start < comment.at < g.end), None):
            self._in_brackets(comment, inside, after)
        else:
            self._between(comment, before, after)

    def _beside(self, comment: _Comment, before: _Item, after: _Item | None) -> None:
        item = before
        if _DASHES.fullmatch(comment.before) and after:
            item = after
        while item.group and item.group.flow and item.group.end <= comment.at:
            item = item.group.owner
        if item.beside:  # a line has one end: the earlier comment goes above
            item.above.append(_Comment(item.beside.strip(), item.start, item.line, 0, ""))
        item.beside = _gap(comment.before) + comment.text

    def _in_brackets(self, comment: _Comment, group: _Group, after: _Item | None) -> None:
        if after and after.start < group.end:
            after.above.append(comment)
        elif group.items:
            group.below.append(comment)
        else:
            group.owner.above.append(comment)

    def _between(self, comment: _Comment, before: _Item, after: _Item | None) -> None:
        column = after.group.column if after and after.group else 0
        if comment.column > column:
            going_on = list(_groups(after)) if after else []
            for group in _groups(before):
                if not group.flow and group.items and group.column <= comment.column and group not in going_on:
                    group.below.append(comment)
                    return
        (after.above if after else self.last).append(comment)

    def sheet(self) -> Sheet:
        body = self._node(self.root.value)
        if isinstance(body, Leaf) or not body.entries:
            return Sheet(body, self._head(()))
        first, *others = body.entries
        cut = _header_ends(first.above)
        head, above = first.above[:cut], first.above[cut:]
        below = (*body.below, *self._lines(self.last))
        entries = (Entry(first.value, first.key, above, first.beside), *others)
        return Sheet(Block(entries, body.keyed, False, below), self._head(head))

    def _head(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        lines = (*filter(None, (self.root.beside.strip(), *self._lines(self.root.above))), *lines)
        if self.opening < 0:
            return tuple(_without_blank_start([*self._lines(self.head), *lines]))
        over = [c for c in self.head if c.line < self.opening]
        opening = "---" + "".join(f"  {c.text}" for c in self.head if c.line == self.opening)
        return (*_without_blank_start(list(self._lines(over))), opening, *lines)

    def _node(self, value: Leaf | _Group) -> Node:
        if isinstance(value, Leaf):
            return value
        entries = tuple(self._entry(item, value.flow) for item in value.items)
        return Block(entries, value.keyed, value.flow, self._lines(value.below))

    def _entry(self, item: _Item, flow: bool) -> Entry:
        above = self._lines(item.above)
        if not flow and self._blank_above(item.line) and not (item.above and item.above[-1].line >= item.line):
            above = (*above, "")
        return Entry(self._node(item.value), item.key, above, item.beside)

    def _lines(self, comments: list[_Comment]) -> tuple[str, ...]:
        made: list[str] = []
        for comment in comments:
            made += [""] * self._blank_above(comment.line) + [comment.text]
        return tuple(made)

    def _blank_above(self, line: int) -> bool:
        return line > 0 and not self.lines[line - 1].strip()


def _groups(item: _Item) -> Iterator[_Group]:
    """Yield the groups that hold an item, its own value first, from the inside out."""
    if isinstance(item.value, _Group):
        yield item.value
    group = item.group
    while group:
        yield group
        group = group.owner.group


def _gap(before: str) -> str:
    blanks = before[len(before.rstrip(" \t")) :]
    return blanks if len(blanks) > 1 and "\t" not in blanks else "  "


def _header_ends(lines: tuple[str, ...]) -> int:
    """Return how many of the lines above the first key are the file's own."""
    comments = [position for position, line in enumerate(lines) if line]
    blank = max((p + 1 for p, line in enumerate(lines) if not line and comments and p > comments[0]), default=0)
    schema = max((p + 1 for p in comments if _SCHEMA.match(lines[p])), default=0)
    return max(blank, schema + (schema < len(lines) and not lines[schema]) if schema else 0)


def _without_blank_start(lines: list[str]) -> list[str]:
    while lines and not lines[0]:
        lines = lines[1:]
    return lines
