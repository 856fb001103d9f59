"""YAML as a person would write it: keys in order, quotes only where needed, comments kept, two columns a level.

What is in brackets stays in brackets as long as it fits on its line. A scalar that somebody wrote in one of YAML's other
styles keeps that style.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import cache
from typing import Any, TypeAlias

import yaml

from roundbook.frozen import frozen
from roundbook.schema import LINE
from roundbook.schema.base import Record, Shape, is_empty, shapes
from roundbook.schema.decision import Selection
from roundbook.schema.ids import HIDDEN
from roundbook.schema.round import Chapter

Data: TypeAlias = "str | bool | Sequence[Data] | Mapping[str, Data]"

WIDTH = 120
# The fields of `Chapter` come before those of `Round`, but what a round did comes after what it is.
TOP = ("round", "phase", "was", "repository", "title", "kind", "date", "status", "status-text", "focus", "summary")
_ANY = Shape()
_SHORT = 24  # a text of several words that may stand in brackets beside others
_LINE = 80  # a record that is shorter may stand in braces
_LONGEST_KEY = 1000  # beyond 1,024 characters YAML does not find the colon
# Scalars are read as text, but editors and other readers would take these for something else.
_OTHER = re.compile(r"(?:|~|null|true|false|y|n|yes|no|on|off|<<|=)", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[,\[\]{}#&*!|>'\"%@`?:]|-(?=[ \t]|$)|---|\.\.\.|[ \t]")  # at the beginning
_ENDS_PLAIN = re.compile(r"[\t\n]|:(?= |$)| #| $")
_NOT_IN_BRACKETS = re.compile(r"[,?:\[\]{}]")
_GAP = re.compile(r"(?<=[^ \t]) (?=[^ \t])")  # where a folded line may end
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


@frozen
class Scalar:
    """A text; `written` holds its lines as somebody wrote them, without indentation, or nothing if any style will do.

    With `literal` it is written as a `|` block, line by line.
    """

    text: str
    written: tuple[str, ...] = ()
    literal: bool = False

    @property
    def one_line(self) -> str:
        """The text as written if that was on one line, else nothing."""
        return self.written[0] if len(self.written) == 1 else ""


@frozen
class Member:
    """An entry of a list, or a key with its value, and its comments.

    `above` holds the lines above it: comments, and empty texts for blank lines. `beside` is the comment at the end of its
    line, with the blanks before it.
    """

    value: Styled
    key: Scalar | None = None
    above: tuple[str, ...] = ()
    beside: str = ""


@frozen
class Collection:
    """A list, or a mapping if it is `keyed`; `inline` if it is written in brackets as long as it fits on one line.

    `below` holds the comments after the last member.
    """

    members: tuple[Member, ...] = ()
    keyed: bool = False
    inline: bool = False
    below: tuple[str, ...] = ()


Styled: TypeAlias = Scalar | Collection


@frozen
class CommentedFile:
    """The content of a file: the comment lines at its top, its value, and how often each comment occurs in it."""

    body: Styled
    head: tuple[str, ...] = ()
    comments: Mapping[str, int] = field(default_factory=dict)


# ------------------------------------------------------------------------------------------------ data to values


def canonical(tree: Mapping[str, Data], model: type[Record], schema: str = "") -> str:
    """Return the text of a round file: keys in the order of the record's fields, an entry of one word as that word.

    It is read back as the same record, and written the same again. `schema` is the path of the JSON Schema from the file.
    Raises `ValueError`, with the place in the tree, for a character that a round file cannot hold, and for anything that is
    neither text, list nor mapping.
    """
    if HIDDEN.search(schema) or set(schema) & set("\n\t "):
        raise ValueError(f"the path of the schema {schema!r} contains a blank or an invisible character")
    head = (f"{LINE}{schema}",) if schema else ()
    return text_of(CommentedFile(_mapping(tree, Shape(model)), head))


def emit(data: Data, indent: int = 0) -> str:
    """Return data as lines of YAML that end with a line feed, each indented by `indent` columns.

    Raises `ValueError`, with the place in the data, for what a round file cannot hold.
    """
    lines = _alone(styled(data), indent)
    return "".join(f"{' ' * indent if line else ''}{line}\n" for line in lines)


def typed(data: Any) -> str:
    """Return data as lines of YAML for other programs, whose readers take a plain `1.0`, `no` or date for no text."""
    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=float("inf"), default_flow_style=False)
    return text.removesuffix("...\n")


def scalar(text: str) -> str:
    """Return a text as one scalar for other programs, on one line, in quotes where it needs them."""
    style = None if text.isprintable() else '"'
    made: str = yaml.safe_dump(text, allow_unicode=True, width=float("inf"), default_style=style)
    return made.removesuffix("...\n").strip()


def styled(data: Data, shape: Shape = _ANY, place: str = "") -> Styled:
    """Return data with the style that it is written in: records with their keys in order, and as short as they may be.

    `shape` is what the data are read as. Raises `ValueError` for what a round file cannot hold, with its `place`.
    """
    if isinstance(data, str):
        return leaf(data, place)
    if isinstance(data, bool):
        return Scalar(word := "true" if data else "false", (word,))  # without the quotes that the text has
    if isinstance(data, list | tuple):
        return _list([styled(one, Shape(shape.record), f"{place}[{at}]") for at, one in enumerate(data)], shape)
    if not isinstance(data, Mapping):
        raise ValueError(
            f"{_at(place)}: expected a text, a truth value, a list or a mapping, found {type(data).__name__}"
        )
    record = None if shape.named else shape.record
    if record and (short := _short(data, record)) is not None:
        return leaf(short, f"{place}.{record.SHORT}")
    made = _mapping(data, shape, place)
    return replace(made, inline=record is not None and _fits_in_braces(made))


def _mapping(data: Mapping[str, Data], shape: Shape, place: str = "") -> Collection:
    for key in data:
        if not isinstance(key, str):
            raise ValueError(f"{_at(place)}: expected a text for a key, found {type(key).__name__}")
    keys = list(data)
    members = [Member(styled(data[k], below(shape, k), f"{place}.{k}"), leaf(k, f"{place}.{k}")) for k in keys]
    order = _ordered(keys, None if shape.named else shape.record)
    return Collection(tuple(members[at] for at in order), keyed=True)


def leaf(text: str, place: str) -> Scalar:
    """Return a text; a value that was read and left empty (`key:`) stays empty, and does not become the empty text."""
    if hidden := HIDDEN.search(text):
        raise ValueError(f"{_at(place)}: the character U+{ord(hidden[0]):04X} is not allowed in a round file")
    return Scalar(str(text), (str(text),) if is_empty(text) else ())


def _list(values: Sequence[Styled], shape: Shape) -> Collection:
    """Return a list: in brackets if it consists of words or short texts, and with rows in brackets if it is a table."""
    rows = [replace(v, inline=not shape.record and _is_row(v)) if isinstance(v, Collection) else v for v in values]
    if shape.record:
        inline = all(isinstance(value, Scalar) and not re.search(r"\s", value.text) for value in values)
    else:
        inline = all(map(_is_brief, values))
    return Collection(tuple(map(Member, rows)), inline=inline)


def _is_row(value: Collection) -> bool:
    return not value.keyed and all(isinstance(m.value, Scalar) and "\n" not in m.value.text for m in value.members)


def _short(tree: Mapping[str, Data], model: type[Record]) -> str | None:
    """Return the text that may be written for a mapping with a single key, if the record allows that."""
    text = tree.get(model.SHORT) if len(tree) == 1 else None
    return text if isinstance(text, str) and not (model is Selection and ".." in text) else None


def _fits_in_braces(value: Collection) -> bool:
    """Tell whether a mapping is short and flat enough for braces."""
    flat = all(_is_brief(m.value) or (isinstance(m.value, Collection) and m.value.inline) for m in value.members)
    return flat and sum(_length(part) for m in value.members for part in (m.key, m.value) if part) < _LINE


def _is_brief(value: Styled) -> bool:
    return isinstance(value, Scalar) and "\n" not in value.text and (" " not in value.text or len(value.text) <= _SHORT)


def _length(value: Styled) -> int:
    return len(value.text) + 2 if isinstance(value, Scalar) else sum(_length(m.value) for m in value.members)


def _at(place: str) -> str:
    return place.removeprefix(".") or "the data"


# -------------------------------------------------------------------------------------------------- key order


@cache
def _ranks(model: type[Record] | None) -> Mapping[str, int]:
    if model is None:
        return {}
    known = dict.fromkeys((*(TOP if issubclass(model, Chapter) else ()), *shapes(model)))
    return {key: place for place, key in enumerate(known)}


def rank(key: str, model: type[Record] | None) -> int | None:
    """Return the position of a key among the fields of a record, or `None` if it is none of them, or there is no record."""
    return _ranks(model).get(key.replace("_", "-"))


def below(shape: Shape, key: str | None) -> Shape:
    """Return what the value of a key is read as, or what an entry of a list is, which has no key."""
    if key is None or shape.named or shape.record is None:
        return Shape(shape.record)
    return shapes(shape.record).get(key.replace("_", "-"), Shape())


def _ordered(keys: Sequence[str], model: type[Record] | None) -> list[int]:
    """Return the positions of the keys in the order of the record's fields.

    A key that is no field, such as `x-…`, stays behind the key that it followed; without a record all keys stay in place.
    """
    places: list[tuple[int, int]] = []
    for position, key in enumerate(keys):
        place = rank(key, model)
        places.append((places[-1][0] if places else -1, position) if place is None else (place, position))
    return [position for _, position in sorted(places)]


def in_order(value: Styled, shape: Shape) -> Styled:
    """Return a value with the keys of each record in order, each with its comments.

    A blank line above a key that moves is dropped, unless there is a comment with it.
    """
    if not isinstance(value, Collection):
        return value
    keys = [member.key.text if member.key else None for member in value.members]
    members = [replace(m, value=in_order(m.value, below(shape, k))) for m, k in zip(value.members, keys, strict=True)]
    if value.keyed:
        order = _ordered([key or "" for key in keys], None if shape.named else shape.record)
        pairs = zip([-1, *order], order, strict=False)
        moved = [m if any(m.above) else replace(m, above=()) for m in members]
        members = [(members if before + 1 == at else moved)[at] for before, at in pairs]
    return replace(value, members=tuple(members))


# ----------------------------------------------------------------------------------------------------- layout


def text_of(file: CommentedFile) -> str:
    """Return the text of a file, which ends with a line feed."""
    return "".join(f"{line}\n" for line in [*file.head, *_alone(file.body, top=True)])


def lines_of_key(member: Member) -> list[str]:
    """Return the lines of a key at the top of a file, without the comments above it."""
    return _member(member, 0)


def _alone(value: Styled, column: int = 0, *, top: bool = False) -> list[str]:
    """Return the lines of a value without a key; `column` is how far they will be indented."""
    if isinstance(value, Scalar):
        first, *others = _scalar(value, column, column)
        return [first, *_indented(others)]
    if not value.members:
        return ["{}" if value.keyed else "[]", *value.below]
    return _block(value, column, top=top)


def _block(value: Collection, column: int, *, top: bool = False) -> list[str]:
    lines: list[str] = []
    tall = False
    for member in map(_with_comments_above_dash, value.members):
        made = _member(member, column)
        was_tall, tall = tall, isinstance(member.value, Collection) and len(made) > 1
        _add(lines, ("", *member.above) if top and (was_tall or tall) else member.above)
        lines += made
    _add(lines, value.below)
    return lines


def _add(lines: list[str], comments: tuple[str, ...]) -> None:
    """Add comments, and a blank line for each empty text, but never two: a `|` block may end with one of its own."""
    for line in comments:
        if line or (lines and lines[-1].strip()):
            lines.append(line)


def _with_comments_above_dash(entry: Member) -> Member:
    """Return an entry of a list with the comments above its first key above its dash, the only place left for them."""
    value = entry.value
    if entry.key or not isinstance(value, Collection) or not value.members:
        return entry
    first = _with_comments_above_dash(value.members[0])
    kept = replace(value, members=(replace(first, above=()), *value.members[1:]))
    return replace(entry, value=kept, above=(*entry.above, *filter(None, first.above)))


def _member(member: Member, column: int) -> list[str]:
    above, lead = _lead(member.key)
    value, inner = member.value, column + 2
    behind = column + len(lead) + 1
    if isinstance(value, Scalar):
        first, *others = _scalar(value, inner, behind)
        made = [f"{lead} {first}" if first else lead, *_indented(others)]
        made[0 if first.startswith(("|", ">")) else -1] += member.beside
        return [*above, *made]
    line = _in_brackets(value) if not value.members or value.inline else None
    if line is not None and (not value.members or behind + len(line) <= WIDTH):
        return [*above, f"{lead} {line}{member.beside}"]
    made = _indented(_block(_out_of_brackets(value), inner))
    if member.key or member.beside:
        return [*above, f"{lead}{member.beside}", *made]
    return [f"{lead} {made[0].lstrip(' ')}", *made[1:]]


def _lead(key: Scalar | None) -> tuple[list[str], str]:
    """Return the line above a value, needed if the key is too long for YAML's short form, and the start of its own line."""
    if key is None:
        return [], "-"
    text = key.one_line or _one_line(key.text)
    return ([], f"{text}:") if len(text) < _LONGEST_KEY else ([f"? {text}"], ":")


def _scalar(value: Scalar, column: int, lead: int) -> list[str]:
    if value.written:
        return list(value.written)
    return _literal(value.text) if value.literal else _lines_of(value.text, column, lead)


def _in_brackets(value: Styled) -> str | None:
    """Return a value on one line, or `None` if a comment or an empty value does not allow brackets."""
    if isinstance(value, Scalar):
        if value.written == ("",) or ("\n" in value.text and not value.one_line):
            return None
        return value.one_line or _one_line(value.text, brackets=True)
    if value.below or any(m.above or m.beside for m in value.members):
        return None
    parts: list[str] = []
    for member in value.members:
        part = _in_brackets(member.value)
        key = f"{member.key.one_line or _one_line(member.key.text, brackets=True)}: " if member.key else ""
        if part is None or len(key) >= _LONGEST_KEY + len(": "):
            return None
        parts.append(key + part)
    return f"{{{', '.join(parts)}}}" if value.keyed else f"[{', '.join(parts)}]"


def _out_of_brackets(value: Collection) -> Collection:
    """Return a collection whose quoted texts may be quoted in another way than in the brackets, or not at all."""
    if not value.inline:
        return value
    return replace(value, members=tuple(replace(member, value=_restyled(member.value)) for member in value.members))


def _restyled(value: Styled) -> Styled:
    return Scalar(value.text) if isinstance(value, Scalar) and value.one_line.startswith(("'", '"')) else value


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]


def _one_line(text: str, brackets: bool = False) -> str:
    """Return a text on one line, in quotes if it needs them, alone or in `brackets`."""
    if not _must_be_quoted(text) and not (brackets and _NOT_IN_BRACKETS.search(text)):
        return text
    if ('"' in text or "\\" in text) and not re.search("['\n\t]", text):
        return f"'{text}'"
    return f'"{text.translate(_ESCAPES)}"'


def _lines_of(text: str, column: int, lead: int) -> list[str]:
    """Return the lines of a text, not indented yet: a `|` block if it has several, a `>-` block if it is too long for one.

    `column` is the indentation of the lines below the first, and `lead` the length of what precedes the first.
    """
    if "\n" in text and text.strip():
        return _literal(text)
    whole = _one_line(text)
    if lead + len(whole) <= WIDTH:
        return [whole]
    hidden = _folded(text, WIDTH - column)
    return [">-", *hidden] if len(hidden) > 1 else [whole]


def _must_be_quoted(text: str) -> bool:
    return bool(_OTHER.fullmatch(text) or _NOT_PLAIN.match(text) or _ENDS_PLAIN.search(text))


def _literal(text: str) -> list[str]:
    """Return a text that does not consist of blanks alone as the lines of a `|` block."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    indented = "2" if text[0] in " \t\n" else ""  # or the first line would define the indentation
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
