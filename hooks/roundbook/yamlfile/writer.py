"""Values as YAML text in canonical order and style."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, TypeAlias

import yaml

from roundbook.schema.base import Record, Shape, is_empty, shapes
from roundbook.schema.decision import Selection
from roundbook.schema.ids import HIDDEN
from roundbook.schema.round import Chapter


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text; `written` holds its lines without their indentation as somebody wrote them, nothing where there is a choice.

    `literal` where it is to stand behind `|`, line by line.
    """

    text: str
    written: tuple[str, ...] = ()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with its key, where it stands in a mapping, and its comments.

    `above` holds the lines above it: comments, and empty texts for blank lines. `beside` is the comment at its line's end,
    with the blanks before it.
    """

    value: Node
    key: Leaf | None = None
    above: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A list, or a mapping where it is `keyed`; `inline` where it is to stand in brackets, if it fits on one line.

    `below` holds the comments behind the last entry.
    """

    entries: tuple[Entry, ...] = ()
    keyed: bool = False
    inline: bool = False
    below: tuple[str, ...] = ()


Node: TypeAlias = Leaf | Block


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole file: the lines at its top, comments all, and what it says; `comments` counts each comment in it."""

    body: Node
    head: tuple[str, ...] = ()
    comments: Mapping[str, int] = field(default_factory=dict)


WIDTH = 120
# Scalars are read as text, but editors and other readers would make these something else.
_OTHER = re.compile(r"(?:|~|null|true|false|y|n|yes|no|on|off|<<|=)", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[,\[\]{}#&*!|>'\"%@`?:]|-(?=[ \t]|$)|---|\.\.\.|[ \t]")  # at the beginning
_ENDS_PLAIN = re.compile(r"[\t\n]|:(?= |$)| #| $")
_NOT_IN_BRACKETS = re.compile(r"[,?:\[\]{}]")
_GAP = re.compile(r"(?<=[^ \t]) (?=[^ \t])")  # where a folded line may end
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def one_line(text: str, brackets: bool = False) -> str:
    """Return a text on one line, in quotes where it needs them; `brackets` tells whether it stands in brackets."""
    if not _must_be_quoted(text) and not (brackets and _NOT_IN_BRACKETS.search(text)):
        return text
    if ('"' in text or "\\" in text) and not re.search("['\n\t]", text):
        return f"'{text}'"
    return f'"{text.translate(_ESCAPES)}"'


def lines_of(text: str, column: int, lead: int) -> list[str]:
    """Return the lines of a text: what stands behind its key or dash, and the lines below it, not moved in yet.

    In: the column of the lines below, and the length of what stands before the first. A text of several lines stands
    behind `|`; a paragraph that is longer than a line is folded behind `>-`.
    """
    if "\n" in text and text.strip():
        return literal(text)
    whole = one_line(text)
    if lead + len(whole) <= WIDTH:
        return [whole]
    folded = _folded(text, WIDTH - column)
    return [">-", *folded] if len(folded) > 1 else [whole]


def _must_be_quoted(text: str) -> bool:
    return bool(_OTHER.fullmatch(text) or _NOT_PLAIN.match(text) or _ENDS_PLAIN.search(text))


def literal(text: str) -> list[str]:
    """Return the lines of a text that does not hold blanks alone, to stand behind `|`."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    indented = "2" if text[0] in " \t\n" else ""  # else the first line would tell the indentation
    return [f"|{indented}{('-', '')[ends] if ends < 2 else '+'}", *body.split("\n"), *[""] * (ends - 1)]


def _folded(text: str, width: int) -> list[str]:
    if text != text.strip(" \t") or "\n" in text:
        return []
    lines: list[str] = []
    start = end = 0
    for gap in (*(match.start() for match in _GAP.finditer(text)), len(text)):
        if gap - start > width and end > start:
            lines.append(text[start:end])
            start = end + 1
        end = gap
    return [*lines, text[start:]]


_LONGEST_KEY = 1000  # beyond 1,024 characters YAML finds no colon


def text_of(sheet: Sheet) -> str:
    """Return the text of a file, which ends with a line end."""
    lines = body_of(sheet.body, top=True)
    return "".join(f"{line}\n" for line in [*sheet.head, *lines])


def body_of(node: Node, column: int = 0, *, top: bool = False) -> list[str]:
    """Return the lines of a value that stands alone; `column` is where they are going to be moved to."""
    if isinstance(node, Leaf):
        first, *others = _leaf(node, column, column)
        return [first, *_moved(others)]
    if not node.entries:
        return ["{}" if node.keyed else "[]", *node.below]
    return _block(node, column, top=top)


def lines_of_key(entry: Entry) -> list[str]:
    """Return the lines of a key at the top of a file, without the comments above it."""
    return _entry(entry, 0)


def _block(block: Block, column: int, *, top: bool = False) -> list[str]:
    lines: list[str] = []
    tall = False
    for entry in map(_hoisted, block.entries):
        made = _entry(entry, column)
        was_tall, tall = tall, isinstance(entry.value, Block) and len(made) > 1
        _add(lines, ("", *entry.above) if top and (was_tall or tall) else entry.above)
        lines += made
    _add(lines, block.below)
    return lines


def _add(lines: list[str], comments: tuple[str, ...]) -> None:
    """Add comments, and a blank line for each empty text, but never two: a text behind `|` may end with one of its own."""
    for line in comments:
        if line or (lines and lines[-1].strip()):
            lines.append(line)


def _hoisted(entry: Entry) -> Entry:
    """Return the entry with the comments above its first key above its dash, the only place left for them."""
    block = entry.value
    if entry.key or not isinstance(block, Block) or not block.entries:
        return entry
    first = _hoisted(block.entries[0])
    kept = replace(block, entries=(replace(first, above=()), *block.entries[1:]))
    return replace(entry, value=kept, above=(*entry.above, *filter(None, first.above)))


def _entry(entry: Entry, column: int) -> list[str]:
    above, lead = _lead(entry.key)
    value, inner = entry.value, column + 2
    behind = column + len(lead) + 1
    if isinstance(value, Leaf):
        first, *others = _leaf(value, inner, behind)
        made = [f"{lead} {first}" if first else lead, *_moved(others)]
        made[0 if first.startswith(("|", ">")) else -1] += entry.beside
        return [*above, *made]
    line = _in_brackets(value) if not value.entries or value.inline else None
    if line is not None and (not value.entries or behind + len(line) <= WIDTH):
        return [*above, f"{lead} {line}{entry.beside}"]
    made = _moved(_block(_out_of_brackets(value), inner))
    if entry.key or entry.beside:
        return [*above, f"{lead}{entry.beside}", *made]
    return [f"{lead} {made[0].lstrip(' ')}", *made[1:]]


def _lead(key: Leaf | None) -> tuple[list[str], str]:
    """Return what stands before a value: a line above it, where the key is too long for YAML's short form, and its line."""
    if key is None:
        return [], "-"
    text = _written(key) or one_line(key.text)
    return ([], f"{text}:") if len(text) < _LONGEST_KEY else ([f"? {text}"], ":")


def _leaf(leaf: Leaf, column: int, lead: int) -> list[str]:
    if leaf.written:
        return list(leaf.written)
    return literal(leaf.text) if leaf.literal else lines_of(leaf.text, column, lead)


def _in_brackets(node: Node) -> str | None:
    """Return a value on one line, or `None` where a comment or an empty value leaves no room for brackets."""
    if isinstance(node, Leaf):
        if node.written == ("",) or ("\n" in node.text and not _written(node)):
            return None
        return _written(node) or one_line(node.text, brackets=True)
    if node.below or any(e.above or e.beside for e in node.entries):
        return None
    parts: list[str] = []
    for entry in node.entries:
        value = _in_brackets(entry.value)
        key = f"{_written(entry.key) or one_line(entry.key.text, brackets=True)}: " if entry.key else ""
        if value is None or len(key) >= _LONGEST_KEY + len(": "):
            return None
        parts.append(key + value)
    return f"{{{', '.join(parts)}}}" if node.keyed else f"[{', '.join(parts)}]"


def _out_of_brackets(block: Block) -> Block:
    """Return a block whose texts may be quoted in another way than in the brackets, or not at all, or be folded."""
    if not block.inline:
        return block
    return replace(block, entries=tuple(replace(e, value=_free(e.value)) for e in block.entries))


def _free(node: Node) -> Node:
    return Leaf(node.text) if isinstance(node, Leaf) and _written(node).startswith(("'", '"')) else node


def _written(leaf: Leaf) -> str:
    return leaf.written[0] if len(leaf.written) == 1 else ""


def _moved(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


# What a round is and whose comes before what happened in it; the fields of `Chapter` stand before those of `Round`.
TOP = ("round", "phase", "was", "repository", "title", "kind", "date", "status", "status-text", "focus", "summary")


@cache
def _ranks(model: type[Record] | None) -> Mapping[str, int]:
    if model is None:
        return {}
    known = dict.fromkeys((*(TOP if issubclass(model, Chapter) else ()), *shapes(model)))
    return {key: place for place, key in enumerate(known)}


def rank(key: str, model: type[Record] | None) -> int | None:
    """Return the place of a key as it is written, or `None` where the record does not know it, or there is no record."""
    return _ranks(model).get(key.replace("_", "-"))


def below(shape: Shape, key: str | None) -> Shape:
    """Return the shape of a key's value, or of an entry of a list, which has no key."""
    if key is None or shape.named or shape.record is None:
        return Shape(shape.record)
    return shapes(shape.record).get(key.replace("_", "-"), Shape())


def arranged(keys: Sequence[str], model: type[Record] | None) -> list[int]:
    """Return the positions of the keys in their new order: that of the record's fields.

    A key that is none of the record's, such as `x-…`, stays behind the key that it followed. Keys of a mapping that is no
    record (metrics, details) keep their order.
    """
    places: list[tuple[int, int]] = []
    for position, key in enumerate(keys):
        place = rank(key, model)
        places.append((places[-1][0] if places else -1, position) if place is None else (place, position))
    return [position for _, position in sorted(places)]


def in_order(node: Node, shape: Shape) -> Node:
    """Return a value with the keys of each record in it in their order, each with its comments.

    A blank line that set a key off from another one goes, unless there is a comment for it to set off.
    """
    if not isinstance(node, Block):
        return node
    keys = [entry.key.text if entry.key else None for entry in node.entries]
    entries = [replace(e, value=in_order(e.value, below(shape, k))) for e, k in zip(node.entries, keys, strict=True)]
    if node.keyed:
        order = arranged([key or "" for key in keys], None if shape.named else shape.record)
        pairs = zip([-1, *order], order, strict=False)
        entries = [entries[at] if before + 1 == at else _joined(entries[at]) for before, at in pairs]
    return replace(node, entries=tuple(entries))


def _joined(entry: Entry) -> Entry:
    return entry if any(entry.above) else replace(entry, above=())


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
    return text_of(Sheet(mapping(tree, Shape(model)), head))


def typed(data: Any) -> str:
    """Return data as YAML lines that a reader of YAML 1.1 reads as what it is: a text stays a text, whatever it holds."""
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=False)
    return text.removesuffix("...\n")


def scalar(text: str) -> str:
    """Return a text as one scalar, on one line, with quotes where they are needed."""
    style = None if text.isprintable() else '"'
    made: str = yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style=style)
    return made.removesuffix("...\n").strip()
