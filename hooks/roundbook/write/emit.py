"""In: plain data: texts, lists, mappings. Out: YAML as a person would write it, with quotes only where they are needed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import yaml
from yaml.emitter import Emitter
from yaml.resolver import BaseResolver
from yaml.serializer import Serializer

Data: TypeAlias = "str | Sequence[Data] | Mapping[str, Data]"

WIDTH = 110
_TEXT, _LIST, _MAP = "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"
# Scalars are read as text, but editors and other readers would make these something else.
_OTHER = re.compile(r"(?:|~|null|true|false|y|n|yes|no|on|off|<<|=)$", re.IGNORECASE)


class _Dumper(Emitter, Serializer, BaseResolver):
    def __init__(self, stream: Any, **options: Any) -> None:
        Emitter.__init__(
            self,
            stream,
            canonical=options["canonical"],
            indent=options["indent"],
            width=options["width"],
            allow_unicode=options["allow_unicode"],
            line_break=options["line_break"],
        )
        Serializer.__init__(self, encoding=None, explicit_start=None, explicit_end=None, version=None, tags=None)
        BaseResolver.__init__(self)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002
        return super().increase_indent(flow, False)  # the entries of a list stand behind their key


_Dumper.add_implicit_resolver("tag:yaml.org,2002:other", _OTHER, None)


def emit(data: Data, indent: int = 0) -> str:
    """Return data as YAML lines that end with a line feed, each moved in by `indent` columns.

    Texts of several lines become block scalars; lists of short texts are written in brackets, on one line.
    """
    text = str(yaml.serialize(_node(data), Dumper=_Dumper, allow_unicode=True, width=WIDTH - indent, indent=2))
    lines = text.removesuffix("...\n").splitlines()
    return "".join(f"{' ' * indent if line else ''}{line}\n" for line in lines)


def _node(data: Data) -> yaml.Node:
    if isinstance(data, str):
        return yaml.ScalarNode(_TEXT, data, style="|" if "\n" in data.strip("\n") else None)
    if isinstance(data, Mapping):
        pairs = [(_node(key), _node(value)) for key, value in data.items()]
        return yaml.MappingNode(_MAP, pairs, flow_style=not pairs)
    short = (
        all(isinstance(one, str) and "\n" not in one for one in data) and sum(len(str(one)) + 2 for one in data) < 80
    )
    return yaml.SequenceNode(_LIST, [_node(one) for one in data], flow_style=short)
