"""YAML files rewritten in canonical form without a loss: with every text and every comment, read again as proof."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.schema.base import Record, Shape
from roundbook.yamlfile.reader import LOADER, Map, Node, plain
from roundbook.yamlfile.reader import parse as read_tree
from roundbook.yamlfile.source import decode
from roundbook.yamlfile.writer import Collection, CommentedFile, Member, Scalar, Styled, in_order, text_of

BOM = b"\xef\xbb\xbf"
_COMMENT = re.compile("#[^\n]*")
_DASHES = re.compile(r"[ \t]*(?:-[ \t]+)+")
_FOLDED = re.compile(r">([+-]?)(?=[ \t#\n]|$)")
_SCHEMA = re.compile(r"#\s*yaml-language-server:")


@frozen
class _Comment:
    """A comment and its position."""

    text: str
    at: int
    line: int
    column: int
    before: str  # the text before it on its line


@dataclass(slots=True, eq=False)
class _Item:
    """A value with its key while the file is read; without a `scalar` it is a list or mapping, which ends at `end`.

    `start` and `line` are those of its key if it has one, `value_at` and `column` those of the value.
    """

    parent: _Item | None = None
    start: int = 0
    line: int = 0
    key: Scalar | None = None
    scalar: Scalar | None = None
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
        """Yield the lists and mappings around an item, starting with itself if it is one, from the inside out."""
        item: _Item | None = self.parent if self.scalar else self
        while item:
            yield item
            item = item.parent


# A comment on a line of its own belongs to what follows, unless it is indented further than that:
#
#     # licence                     the file's: above the schema line, or set off from the first key by a blank line
#
#     # about the agents            above the key `agents`
#     agents:   # everybody         beside `agents`
#       # Ada knows the parser      above the first entry
#       - name: Ada
#         # nobody else             below the mapping of Ada: further in than the next key
#     metrics: {}


def parse(text: str) -> CommentedFile:
    r"""Return the values of a YAML text with their styles and all comments; `text` has `\n` line ends and no errors."""
    return _CommentReader(text).file()


class _CommentReader:
    def __init__(self, text: str) -> None:
        self.text = text if text.endswith("\n") else f"{text}\n"
        self.lines = text.split("\n")
        self.items: list[_Item] = []  # all but the root, in text order
        self.spans: list[tuple[int, int]] = []  # where scalars start and end
        self.marker = -1  # the line of `---`
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
                    self.marker = mark.line
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
            item.scalar = self._scalar(item, event, flow=bool(item.parent and item.parent.flow))
            return
        item.keyed, item.flow = isinstance(event, yaml.MappingStartEvent), bool(event.flow_style)
        while not isinstance(event := next(events), yaml.CollectionEndEvent):
            inner = _Item(item, event.start_mark.index, event.start_mark.line)
            item.items.append(inner)
            self.items.append(inner)
            if item.keyed:
                key = self._scalar(inner, event, flow=True)
                inner.key = key if len(key.written) == 1 else Scalar(key.text)
                event = next(events)
            self._value(inner, event, events)
        mark: Any = event.end_mark
        item.end = mark.index

    def _scalar(self, item: _Item, event: Any, flow: bool) -> Scalar:
        """Return a scalar with the lines that its author wrote, if they can be kept; `flow` if it is in brackets."""
        start, end, style, value = event.start_mark.index, event.end_mark.index, event.style, event.value
        self.spans.append((start, end))
        first, *rest = self.text[start:end].split("\n")
        if style in ("|", ">"):
            if match := _COMMENT.search(first):
                item.beside = _gap(first[: match.start()]) + match[0].rstrip()
                self.found[match[0].rstrip()] += 1
            return Scalar(value, _folded(first, rest, value), literal=bool(value.strip(" \t\n")))
        if rest and flow:
            return Scalar(value)
        if style:
            return Scalar(value, (first, *(line.lstrip(" \t") for line in rest)))
        return Scalar(value, (first.rstrip(" \t") if rest else first, *(line.strip(" \t") for line in rest)))

    def _comments(self) -> Iterator[_Comment]:
        """Yield all comments: they begin with # outside scalars. Those beside `|` and `>` are found already."""
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
        if comment.line <= self.marker or not self.items:
            self.head.append(comment)
        elif comment.before.strip():
            self._beside(comment, before, after)
        elif comment.at < before.value_at and (before.scalar or before.flow):
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
        if item.beside:  # a line has one end, so the earlier comment moves above
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

    def file(self) -> CommentedFile:
        body = self._value_of(self.root)
        if isinstance(body, Scalar) or not body.members:
            return CommentedFile(body, self._head(()), self.found)
        first, *others = body.members
        cut = _header_ends(first.above)
        head, above = first.above[:cut], first.above[cut:]
        below = (*body.below, *self._lines(self.last))
        members = (Member(first.value, first.key, above, first.beside), *others)
        return CommentedFile(Collection(members, body.keyed, False, below), self._head(head), self.found)

    def _head(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        lines = (*filter(None, (self.root.beside.strip(), *self._lines(self.root.above))), *lines)
        if self.marker < 0:
            return _without_blank_start((*self._lines(self.head), *lines))
        over = [c for c in self.head if c.line < self.marker]
        opening = "---" + "".join(f"  {c.text}" for c in self.head if c.line == self.marker)
        return (*_without_blank_start(self._lines(over)), opening, *lines)

    def _value_of(self, item: _Item) -> Styled:
        if item.scalar:
            return item.scalar
        return Collection(tuple(map(self._member, item.items)), item.keyed, item.flow, self._lines(item.below))

    def _member(self, item: _Item) -> Member:
        above = self._lines(item.above)
        set_off = self._blank_above(item.line) and not (item.above and item.above[-1].line >= item.line)
        if set_off and item.parent and not item.parent.flow:
            above = (*above, "")
        return Member(self._value_of(item), item.key, above, item.beside)

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
    """Return how many of the lines above the first key belong to the file."""
    comments = [position for position, line in enumerate(lines) if line]
    blank = max((p + 1 for p, line in enumerate(lines) if not line and comments and p > comments[0]), default=0)
    schema = max((p + 1 for p in comments if _SCHEMA.match(lines[p])), default=0)
    return max(blank, schema + (schema < len(lines) and not lines[schema]) if schema else 0)


def _without_blank_start(lines: tuple[str, ...]) -> tuple[str, ...]:
    while lines and not lines[0]:
        lines = lines[1:]
    return lines


@frozen
class Rewritten:
    """The new bytes of a file, or the old ones and the errors because of which it could not be rewritten."""

    data: bytes
    findings: tuple[Finding, ...] = ()


def formatted(data: bytes, path: str, model: type[Record] | None) -> Rewritten:
    """Return a file in canonical form, with the same texts under the same keys, and every comment.

    `path` is for messages; `model` is the record whose fields give the order of the keys, `None` keeps it as it is. Line
    ends and a byte order mark are kept. A file with errors is left alone, and so is one that would be read differently
    afterwards, or lose a comment. Nothing is raised.
    """

    def change(_: str, old: CommentedFile) -> Iterator[str]:
        yield text_of(replace(old, body=in_order(old.body, Shape(model))))

    return rewritten(data, path, change, same)


def rewritten(
    data: bytes,
    path: str,
    change: Callable[[str, CommentedFile], Iterable[str]],
    holds: Callable[[Node | None, Node | None], bool],
) -> Rewritten:
    """Return the first text from `change` that has no errors, the same comments, and a tree that `holds` accepts.

    `change` is called with the text and its values; `holds` with the tree before and after.
    """
    before, findings = read_tree(data, path)
    errors = tuple(f for f in findings if f.severity == "error")
    text, _ = decode(data, path)
    if errors or text is None:
        return Rewritten(data, errors)
    if not isinstance(before, Map):
        return Rewritten(
            data, (_finding("not-a-mapping", "expected a mapping", path, "write lines such as key: value"),)
        )
    text = text if text.endswith("\n") else f"{text}\n"
    old = parse(text)
    for new in change(text, old):
        after, faults = read_tree(new.encode(), path)
        unharmed = not any(f.severity == "error" for f in faults) and holds(before, after)
        if unharmed and parse(new).comments == old.comments:
            return Rewritten(_like(new, data))
    fix = "write it in a plainer way, and please report it"
    return Rewritten(data, (_finding("not-formattable", "cannot be rewritten without a loss", path, fix),))


def same(one: Node | None, other: Node | None) -> bool:
    """Tell whether two trees have the same texts under the same keys; an empty value is not an empty text."""
    return one == other and plain(one) == plain(other)


def _like(text: str, data: bytes) -> bytes:
    """Return the text as bytes, with the line ends and byte order mark of the old file."""
    first = data.find(b"\n")
    end = "\r\n" if data[max(first - 1, 0) : first] == b"\r" else "\n" if first >= 0 or b"\r" not in data else "\r"
    return (BOM if data.startswith(BOM) else b"") + text.replace("\n", end).encode()


def _finding(slug: str, message: str, path: str, fix: str) -> Finding:
    return Finding("error", slug, message, Place(path, 1, 1), fix)
