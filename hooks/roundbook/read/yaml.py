"""In: the bytes of a YAML file. Out: a tree of text, lists and maps that know their places, and all findings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import yaml

from roundbook.errors import Finding, Place
from roundbook.model.characters import HIDDEN
from roundbook.read.pure import PureLoader
from roundbook.read.source import MAX_BYTES, Start, decode, escaped, excerpt, locate, read, visible
from roundbook.read.syntax import explain, refused

__all__ = ["LOADER", "MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Items", "Map", "Node", "Text"]
__all__ += ["excerpt", "locate", "parse", "read", "visible"]

MAX_DEPTH = 40
MAX_NODES = 200_000
LOADER: Any = getattr(yaml, "CBaseLoader", PureLoader)
DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?=%)")
_HASH = re.compile(r"[ \t]+(#[^\s#][^\n]*)")
_BLANKS = (" ", "\t")
_NOWHERE = Place("")


class Text(str):
    """A scalar, always text; `plain` when it stood without quotes, so that an empty one means "nothing"."""

    __slots__ = ("at", "plain")
    at: tuple[str, int, int]  # a tuple, since making a thousand places that nobody asks for takes a third of the time
    plain: bool

    def __new__(cls, value: str = "", place: Place = _NOWHERE, plain: bool = False) -> Text:
        """Return the text with its place."""
        text = str.__new__(cls, value)
        text.at = (place.path, place.line, place.column)
        text.plain = plain
        return text

    @property
    def place(self) -> Place:
        """Where the scalar starts, its opening quote included."""
        return Place(*self.at)

    @property
    def empty(self) -> bool:
        """Whether nothing was written: an empty value, `~` or `null`, without quotes."""
        return self.plain and self in ("", "~", "null")


class Items(list["Node"]):
    """A list with the place where it starts."""

    __slots__ = ("place",)

    def __init__(self, place: Place = _NOWHERE, values: Iterable[Node] = ()) -> None:
        super().__init__(values)
        self.place = place


class Map(dict[str, "Node"]):
    """A mapping with the place where it starts and, in `keys_at`, the place of each key."""

    __slots__ = ("keys_at", "place")

    def __init__(self, place: Place = _NOWHERE, values: Iterable[tuple[str, Node]] | Mapping[str, Node] = ()) -> None:
        super().__init__(values)
        self.place = place
        self.keys_at: dict[str, Place] = {}


Node: TypeAlias = Text | Items | Map


def parse(data: bytes, path: str, *, loader: Any = LOADER) -> tuple[Node | None, tuple[Finding, ...]]:
    """Return the tree of a YAML file and everything that is wrong with it.

    In: the bytes, the path for the places, the PyYAML loader whose events are read (the C one where there is one).
    Out: the tree whenever the file could be read to its end, so that a schema can add its own findings, but fit for use
    only when no finding is an error; None for an empty file. Nothing is raised, whatever the bytes are.
    Events are used, never the composer, which resolves aliases and overflows the C stack.
    """
    text, findings = decode(data, path)
    if text is None:
        return None, tuple(findings)
    if match := DIRECTIVE.match(text):
        return None, (*findings, refused("directive", Place(path, match[0].count("\n") + 1, 1)))
    if not text.endswith("\n"):  # or a block scalar at the end would lose its last line end
        text += "\n"
    tree = _Tree(text, path, findings)
    node = tree.grow(loader(text))
    return node, tuple(sorted(tree.findings, key=lambda finding: finding.place or _NOWHERE))


class _Stop(Exception):  # noqa: N818 - not an error: the finding is already noted
    """Nothing more is to be read."""


class _Open:
    """A list or map that is being filled; `key` is the key whose value comes next, `dropped` says to throw it away."""

    __slots__ = ("at", "dropped", "key", "node")

    def __init__(self, node: Items | Map, at: int) -> None:
        self.node, self.at = node, at  # `at` is the index of its bracket, or -1
        self.key: str | None = None
        self.dropped = False


class _Tree:
    """What has been read so far."""

    def __init__(self, text: str, path: str, findings: list[Finding]) -> None:
        self.text, self.path, self.findings = text, path, findings
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.nodes = self.documents = 0

    def grow(self, loader: Any) -> Node | None:
        """Return the whole tree from the events, or None when they end early."""
        take = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._collection,
            yaml.SequenceStartEvent: self._collection,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        try:
            while not isinstance(event := loader.get_event(), yaml.StreamEndEvent):
                if handle := take.get(type(event)):
                    handle(event)
        except yaml.YAMLError as error:
            opened = self.open[-1].at if self.open else -1
            self.findings.append(explain(error, self.text, self.path, opened))
            return None
        except _Stop:
            return self.root if not self.open else None
        finally:
            loader.dispose()
        return self.root

    def _close(self, _event: Any) -> None:
        self.open.pop()

    def _alias(self, event: Any) -> None:
        self._refuse("alias", event)
        self._put(Text(f"*{event.anchor}", self._place(event)))

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._refuse("second-document", event)
            raise _Stop

    def _scalar(self, event: Any) -> None:
        if event.anchor is not None or event.tag is not None:
            self._decorated(event)
        mark, style = event.start_mark, event.style
        text = str.__new__(Text, event.value)
        text.at = (self.path, mark.line + 1, mark.column + 1)
        text.plain = not style
        if not style:
            end = event.end_mark.index
            if self.text.startswith(_BLANKS, end) and (match := _HASH.match(self.text, end)):
                self._after_hash(match, event)
        elif style == '"' and HIDDEN.search(text):
            start = Start(self.path, mark.index, mark.line + 1, mark.column + 1)
            self.findings += escaped(self.text, event.end_mark.index, start)
        self._put(text)

    def _collection(self, event: Any) -> None:
        if len(self.open) == MAX_DEPTH:
            self._refuse("too-deep", event)
            raise _Stop
        if event.anchor is not None or event.tag is not None:
            self._decorated(event)
        kind = Map if isinstance(event, yaml.MappingStartEvent) else Items
        node = kind(self._place(event))
        self._put(node)
        self.open.append(_Open(node, self._bracket(event) if event.flow_style else -1))

    def _bracket(self, event: Any) -> int:
        # The event ends behind its bracket. The map in `[a: b]` has none of its own.
        index: int = event.end_mark.index - 1
        return index if self.text[index : index + 1] in ("[", "{") else self.open[-1].at

    def _decorated(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse("anchor", event)
        if event.tag is not None:
            self._refuse("tag", event)

    def _put(self, node: Node) -> None:
        """Hang the node where it belongs: at the root, into a list, or as a key or a value into a map."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.findings.append(refused("too-many", node.place))
            raise _Stop
        if not self.open:
            self.root = node
            return
        top = self.open[-1]
        into, key = top.node, top.key
        if isinstance(into, Items):
            into.append(node)
        elif key is None:
            self._key(node, top, into)
        else:
            if not top.dropped:
                into[key] = node
            top.key = None

    def _key(self, node: Node, top: _Open, mapping: Map) -> None:
        key = str(node) if isinstance(node, Text) else ""
        if not isinstance(node, Text):
            problem = refused("key-not-text", node.place)
        elif node.plain and key == "<<":
            problem = refused("merge-key", node.place)
        elif key in mapping.keys_at:
            problem = _duplicate(key, node.place, mapping.keys_at[key])
        else:
            top.key, top.dropped = key, False
            mapping.keys_at[key] = node.place
            return
        top.key, top.dropped = "", True
        self.findings.append(problem)

    def _after_hash(self, match: re.Match[str], event: Any) -> None:
        message = f'text after # was ignored: "{_short(match[1])}"'
        column = event.end_mark.column + match.start(1) - match.start() + 1
        place = Place(self.path, event.end_mark.line + 1, column)
        mend = "put the value in quotes, or write a blank after # if it is a comment"
        self.findings.append(Finding("warning", "text-after-hash", message, place, mend))

    def _refuse(self, slug: str, event: Any) -> None:
        self.findings.append(refused(slug, self._place(event)))

    def _place(self, event: Any) -> Place:
        return Place(self.path, event.start_mark.line + 1, event.start_mark.column + 1)


def _duplicate(key: str, place: Place, first: Place) -> Finding:
    message = f'duplicate key "{_short(key)}" (first at line {first.line})'
    return Finding("error", "duplicate-key", message, place, "remove or rename one of them")


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
