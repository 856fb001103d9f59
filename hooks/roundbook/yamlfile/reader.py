"""YAML text as a tree of values, each with its place; and what the schema refuses, reported at these places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from roundbook.errors import Finding, Place, did_you_mean
from roundbook.schema.base import STATUS_EXAMPLES, Record, kebab, shapes
from roundbook.schema.decision import DECISION_EXAMPLES
from roundbook.schema.ids import HIDDEN
from roundbook.yamlfile.source import Start, decode, escaped, explain, refused, visible

MAX_DEPTH = 40
MAX_NODES = 200_000
LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every wheel of PyYAML has the C parser
_DIRECTIVE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?=%)")
_HASH = re.compile(r"[ \t]+(#[^\s#][^\n]*)")
_NOWHERE = Place("")


class Text(str):
    """A scalar, which is always text; `plain` if it was written without quotes, so that an empty one means "nothing"."""

    __slots__ = ("at", "plain")
    at: tuple[str, int, int]  # a tuple: creating thousands of places that are never used would take a third of the time
    plain: bool

    def __new__(cls, value: str = "", place: Place = _NOWHERE, plain: bool = False) -> Text:
        """Return the text with its place."""
        text = str.__new__(cls, value)
        text.at = (place.path, place.line, place.column)
        text.plain = plain
        return text

    @property
    def place(self) -> Place:
        """Where the scalar starts, including its opening quote."""
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
Outline: TypeAlias = str | list["Outline"] | dict[str, "Outline"] | None


def parse(data: bytes, path: str, *, partial: bool = False) -> tuple[Node | None, tuple[Finding, ...]]:
    """Return the tree of a YAML file and everything that is wrong with it.

    The tree is returned if the file could be read to its end, so that a schema can add its own findings, or, with `partial`,
    as far as it could be read; it is fit for use only if no finding is an error. It is `None` for an empty file. Nothing is
    raised. The parser's events are used, not its composer, which resolves aliases and overflows the C stack.
    """
    text, findings = decode(data, path)
    if text is None:
        return None, tuple(findings)
    if match := _DIRECTIVE.match(text):
        return None, (*findings, refused("directive", Place(path, match[0].count("\n") + 1, 1)))
    if not text.endswith("\n"):  # or a block scalar at the end would lose its last line end
        text += "\n"
    builder = _TreeBuilder(text, path, findings)
    whole = builder.document()
    return builder.root if whole or partial else None, tuple(sorted(findings, key=lambda f: f.place or _NOWHERE))


def outline(data: bytes) -> Outline:
    """Return the content of a YAML file as plain data; `None` for what is empty, and for a file that has syntax errors."""
    return plain(parse(data, "")[0])


def plain(node: Node | None) -> Outline:
    """Return a tree as plain data: texts, lists and dicts, with `None` for what was left empty."""
    if isinstance(node, Map):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, Items):
        return [plain(value) for value in node]
    return None if node is None or node.empty else str(node)


class _Stop(Exception):  # noqa: N818 - not an error: the finding is already noted
    """Ends the reading of a file."""


class _TreeBuilder:
    """Builds a tree from events; a method is given the first event of a value, and reads up to its last one."""

    def __init__(self, text: str, path: str, findings: list[Finding]) -> None:
        self.text, self.path, self.findings = text, path, findings
        self.loader = LOADER(text)
        self.root: Node | None = None
        self.open: list[int] = []  # the index of the bracket of each list and map around, or -1
        self.nodes = 0

    def document(self) -> bool:
        """Read the document into `root`, and return whether it could be read to its end."""
        documents = 0
        try:
            while not isinstance(event := self.loader.get_event(), yaml.StreamEndEvent):
                documents += isinstance(event, yaml.DocumentStartEvent)
                if documents > 1:
                    self._refuse("second-document", event)
                    break
                if isinstance(event, yaml.NodeEvent):
                    self.root = self._node(event)
        except (
            yaml.YAMLError,
            ValueError,
            OverflowError,
        ) as error:  # the parser in Python raises others for "\UFFFFFFFF"
            self.findings.append(explain(error, self.text, self.path, self.open[-1] if self.open else -1))
            return False
        except _Stop:
            return False
        finally:
            self.loader.dispose()
        return True

    def _node(self, event: Any) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self._refuse("too-many", event)
            raise _Stop
        kind = type(event)
        if kind is yaml.AliasEvent:
            self._refuse("alias", event)
            return Text(f"*{event.anchor}", self._place(event))
        if event.anchor is not None:
            self._refuse("anchor", event)
        if event.tag is not None:
            self._refuse("tag", event)
        return self._scalar(event) if kind is yaml.ScalarEvent else self._collection(event)

    def _scalar(self, event: Any) -> Text:
        mark, style = event.start_mark, event.style
        text = str.__new__(Text, event.value)
        text.at = (self.path, mark.line + 1, mark.column + 1)
        text.plain = not style
        if not style:
            if match := _HASH.match(self.text, event.end_mark.index):
                self._after_hash(match, event.end_mark)
        elif style == '"' and HIDDEN.search(text):
            start = Start(self.path, mark.index, mark.line + 1, mark.column + 1)
            self.findings += escaped(self.text, event.end_mark.index, start)
        return text

    def _collection(self, event: Any) -> Node:
        if len(self.open) == MAX_DEPTH:
            self._refuse("too-deep", event)
            raise _Stop
        node = (Map if isinstance(event, yaml.MappingStartEvent) else Items)(self._place(event))
        if self.root is None:
            self.root = node
        self.open.append(self._bracket(event) if event.flow_style else -1)
        following = self.loader.get_event
        if isinstance(node, Items):
            while type(inner := following()) is not yaml.SequenceEndEvent:
                node.append(self._node(inner))
        else:
            while type(inner := following()) is not yaml.MappingEndEvent:
                key = self._key(inner, node)
                value = self._node(following())
                if key is not None:
                    node[key] = value
        self.open.pop()
        return node

    def _bracket(self, event: Any) -> int:
        # The event ends after its bracket. The map in `[a: b]` has no bracket of its own.
        index: int = event.end_mark.index - 1
        return index if self.text[index : index + 1] in ("[", "{") else self.open[-1]

    def _key(self, event: Any, mapping: Map) -> str | None:
        """Return the text of a key, or `None` if its value is to be ignored."""
        if not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            self._refuse("key-not-text", event)
        node = self._node(event)
        if not isinstance(node, Text):
            return None
        if node.plain and node == "<<":
            self.findings.append(refused("merge-key", node.place))
        elif first := mapping.keys_at.get(node):
            message = f'duplicate key "{_short(node)}" (first at line {first.line})'
            self.findings.append(Finding("error", "duplicate-key", message, node.place, "remove or rename one of them"))
        else:
            key = str(node)
            mapping.keys_at[key] = node.place
            return key
        return None

    def _after_hash(self, match: re.Match[str], end: Any) -> None:
        message = f'text after # was ignored: "{_short(match[1])}"'
        place = Place(self.path, end.line + 1, end.column + match.start(1) - match.start() + 1)
        fix = "put the value in quotes, or write a space after # if it is a comment"
        self.findings.append(Finding("warning", "text-after-hash", message, place, fix))

    def _refuse(self, slug: str, event: Any) -> None:
        self.findings.append(refused(slug, self._place(event)))

    def _place(self, event: Any) -> Place:
        return Place(self.path, event.start_mark.line + 1, event.start_mark.column + 1)


def _short(text: str) -> str:
    shown = visible(text)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"


Location = Sequence[int | str]
_FIXES = {
    "status-unknown": f"write {STATUS_EXAMPLES}, or add the word to status-words in the settings",
    "decision-status-unknown": f"write {DECISION_EXAMPLES}",
    "date-not-readable": "write a date as YYYY-MM-DD or a span YYYY-MM-DD..YYYY-MM-DD",
    "id-not-usable": "choose another id",
    "range-not-readable": "write a range of two commits or tags",
    "selection-empty": "write a commit id, a range, a tag, a window or paths",
}
_EXPECTED = {
    "string_type": "text",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
}


def schema_findings(error: ValidationError, tree: Map, model: type[Record]) -> Iterator[Finding]:
    """Yield one finding for each fault of a validation, in the order of their places."""
    findings = [_finding(fault, tree, model) for fault in error.errors(include_url=False)]
    yield from sorted(findings, key=lambda f: f.place or tree.place)


def _finding(fault: ErrorDetails, tree: Map, model: type[Record]) -> Finding:
    kind, location = fault["type"], fault["loc"]
    key_place, place, node = _locate(tree, location)
    if kind == "extra_forbidden":
        return _unknown_key(str(location[-1]), key_place, record_at(model, location[:-1]))
    if kind == "missing":
        return Finding("error", "missing-key", f'the key "{location[-1]}" is missing', place, f"add {location[-1]}: …")
    if kind == "literal_error":
        expected = str((fault.get("ctx") or {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
        return Finding("error", "value-unknown", f'unknown value "{_shown(node)}"', place, f"write one of {expected}")
    if kind in _EXPECTED:
        message = f"expected {_EXPECTED[kind]}, found {_kind(node)}"
        return Finding("error", "wrong-type", message, place, _type_fix(node))
    if kind == "string_pattern_mismatch":
        message = f'"{_shown(node)}" names no commit'
        return Finding("error", "commit-not-readable", message, place, "write 7 to 64 lower-case hexadecimal digits")
    slug = kind if "-" in kind else "value-not-usable"
    return Finding("error", slug, fault["msg"], place, _FIXES.get(slug, str((fault.get("ctx") or {}).get("fix", ""))))


def _unknown_key(key: str, place: Place, owner: type[Record] | None) -> Finding:
    known = sorted(kebab(name) for name in owner.model_fields) if owner else []
    fix = did_you_mean(key.lower(), known, f"known here: {', '.join(known)}")
    return Finding("error", "unknown-key", f'unknown key "{key}"', place, fix)


def _locate(tree: Map, location: Location) -> tuple[Place, Place, Node]:
    """Return where the last key of a location stands, where its value does, and the value.

    A step that the file left out (a scalar for a list) is skipped; a key that is not there leaves its mapping.
    """
    node: Node = tree
    key_place = tree.place
    for step in location:
        if isinstance(node, Map) and isinstance(step, str):
            key = next((k for k in node if step in (k, k.replace("_", "-"))), None)
            if key is None:
                break
            key_place, node = node.keys_at.get(key, node.place), node[key]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node):
            node = node[step]
            key_place = node.place
    # The place of an empty value is past the line's end, so its key serves.
    return key_place, key_place if getattr(node, "empty", False) else node.place, node


def record_at(model: type[Record], location: Location) -> type[Record] | None:
    """Return the record class that a location leads to, or `None` where it leads out of the records."""
    current: type[Record] | None = model
    named = False
    for step in location:
        if isinstance(step, str) and current and not named:
            shape = shapes(current).get(step)
            if shape is None:
                return None
            current, named = shape.record, shape.named
        else:
            named = False
    return current


def _kind(node: Node) -> str:
    if isinstance(node, Map):
        return "a mapping"
    return "a list" if isinstance(node, Items) else f'"{_shown(node)}"'


def _shown(node: Node) -> str:
    text = str(node) if isinstance(node, str) else _kind(node)
    return text if len(text) <= 60 else text[:59] + "…"


def _type_fix(node: Node) -> str:
    if isinstance(node, Map):
        return "put the text in quotes if its colon belongs to it"
    return "write the value as it is described in the reference"
