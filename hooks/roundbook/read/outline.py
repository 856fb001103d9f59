"""In: the bytes of a YAML file. Out: what it says, as plain text, lists and maps without places or findings, read lightly.

It is the tree of `yaml.parse`, within the same limits. Places take most of the time that reading a file does, and nobody
asks for them in an old version of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import yaml

from roundbook.read.source import decode
from roundbook.read.yaml import DIRECTIVE, LOADER, MAX_DEPTH, MAX_NODES

Outline: TypeAlias = str | list["Outline"] | dict[str, "Outline"] | None

_NOTHING = frozenset({"", "~", "null"})
_SCALAR, _LIST, _MAP = yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent
_LIST_END, _MAP_END = yaml.SequenceEndEvent, yaml.MappingEndEvent


def parse(data: bytes, *, loader: Any = LOADER) -> Outline:
    """Return what a YAML file says; `None` stands for what was left empty, and for a file that cannot be read to its end.

    Of a key that stands twice the first counts; a key that is no text, or merges, is passed over. Nothing is raised.
    """
    text, _ = decode(data, "")
    if text is None or DIRECTIVE.match(text):
        return None
    events = loader(text if text.endswith("\n") else f"{text}\n")
    try:
        return _Reader(events.get_event).document()
    except (yaml.YAMLError, _TooMuchError):
        return None
    finally:
        events.dispose()


class _TooMuchError(Exception):
    """The file goes deeper, or holds more, than a file may."""


class _Reader:
    """Reads events; each method takes the first event of what it returns, and leaves the last one behind it."""

    def __init__(self, next_event: Callable[[], Any]) -> None:
        self.next_event = next_event
        self.nodes = 0

    def document(self) -> Outline:
        """Return the first document; what follows it is read too, since a fault there is one of the file."""
        root: Outline = None
        documents = 0
        while (kind := type(event := self.next_event())) is not yaml.StreamEndEvent:
            documents += kind is yaml.DocumentStartEvent
            if documents > 1:
                break
            if kind in (_SCALAR, _LIST, _MAP, yaml.AliasEvent):
                root = self._value(event, 0)
        return root

    def _value(self, event: Any, depth: int) -> Outline:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _TooMuchError
        kind = type(event)
        if kind is _SCALAR:
            text: str = event.value
            return None if text in _NOTHING and not event.style else text
        if kind is yaml.AliasEvent:
            return f"*{event.anchor}"
        if depth == MAX_DEPTH:
            raise _TooMuchError
        return self._list(depth + 1) if kind is _LIST else self._map(depth + 1)

    def _list(self, depth: int) -> Outline:
        found: list[Outline] = []
        while type(event := self.next_event()) is not _LIST_END:
            found.append(self._value(event, depth))
        return found

    def _map(self, depth: int) -> Outline:
        found: dict[str, Outline] = {}
        while type(event := self.next_event()) is not _MAP_END:
            key = self._value(event, depth)
            if type(event) is _SCALAR:
                key = event.value
            value = self._value(self.next_event(), depth)
            merges = key == "<<" and type(event) is _SCALAR and not event.style
            if isinstance(key, str) and not merges:
                found.setdefault(key, value)
        return found
