"""Records and prose of several lines as Markdown that has no effect but what is meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from roundbook.schema.base import Record
from roundbook.schema.decision import Selection
from roundbook.schema.items import Section, Table
from roundbook.schema.round import LISTS
from roundbook.site.escape import clean, prose, text

_LEAD = re.compile(r"(?P<lead>\s*(?:[-*+]|\d{1,9}[.)]|>)\s+)?(?P<rest>.*)")
_HEADING = re.compile(r"#{1,6}\s+(?P<words>.*)")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_NEVER = frozenset({"id", "was", "blob"})  # names of anchors, and of a content: no words
_WORDS = {"reason": "because", "parent": "part of"}


def beyond(record: Record, shown: Collection[str] = ()) -> Iterator[tuple[str, str, Any]]:
    """Yield each field that a record says something in, but for those `shown`: its name, its name in words, its value.

    What pages show of an entry goes through here in the end, so that no key that a record gains can be forgotten on them.
    """
    for name in type(record).model_fields:
        value = getattr(record, name)
        if value and name not in shown and name not in _NEVER:
            yield name, _WORDS.get(name, name.replace("_", " ").strip()), value


def more(record: Record, shown: Collection[str]) -> str:
    """Return the same in one line of Markdown: `unit s; how by hand`; commits are named where they are resolved."""
    said = ((words, _short(v)) for name, words, v in beyond(record, {*shown, "commits"}))
    return "; ".join(f"{words} {value}" for words, value in said if value)


def outline(record: Record, shown: Collection[str]) -> Iterator[str]:
    """Yield what a record says under a heading for each key, but for the keys that are `shown` elsewhere."""
    for name, words, value in beyond(record, shown):
        title = LISTS[name].heading if name in LISTS else words.capitalize()
        if isinstance(value, tuple) and isinstance(value[0], Table):
            yield from (_table(one, title) for one in value)
        elif isinstance(value, tuple) and isinstance(value[0], Section):
            yield from (_heading(one.title or title, block(one.body)) for one in value)
        else:
            yield _heading(title, _said(value))


def block(value: str | None) -> str:
    """Return prose of several lines: lists, quotations and code stay, headings become words, all words are made inert."""
    made: list[str] = []
    fence = ""
    for line in clean(value or "").split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            made.append(line)
            if mark and (not fence or _closes(line, mark[1], fence)):
                fence = "" if fence else mark[1]
        else:
            made.append(_line(line))
    return "\n".join([*made, fence] if fence else made).strip("\n")


def _closes(line: str, mark: str, fence: str) -> bool:
    return mark[0] == fence[0] and len(mark) >= len(fence) and not line.strip().strip(mark[0])


def _line(line: str) -> str:
    if line.lstrip().startswith("|"):
        cells = line.strip().strip("|").split("|")
        return "| " + " | ".join(c.strip() if set(c.strip()) <= set(":-") else prose(c) for c in cells) + " |"
    if heading := _HEADING.fullmatch(line.strip()):
        return f"**{text(heading['words'])}**" if heading["words"] else ""
    match = _LEAD.fullmatch(line)
    return f"{match['lead'] or ''}{prose(match['rest'])}" if match else prose(line)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], heading: str = "") -> str:
    """Return a table under a heading; nothing where it has no rows."""
    lines = [_row(row) for row in rows]
    if not lines:
        return ""
    whole = "\n".join([_row(columns), "|" + " --- |" * len(columns), *lines])
    return f"{heading}\n\n{whole}" if heading else whole


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(prose(cell) for cell in cells) + " |"


def _table(one: Table, title: str) -> str:
    wide = max([len(one.columns), *(len(row) for row in one.rows)], default=0)
    rows = [[*row, *[""] * (wide - len(row))] for row in one.rows]
    made = table([*one.columns, *[""] * (wide - len(one.columns))], rows)
    return _heading(one.title or title, "\n\n".join(filter(None, (made, prose(one.note or "")))))


def _heading(title: str, body: str) -> str:
    return f"## {prose(title)}\n\n{body}" if body else ""


def _said(value: Any) -> str:
    if isinstance(value, str):
        return block(value)
    return "\n".join(_lines(value, ""))


def _lines(value: Any, indent: str) -> Iterator[str]:
    """Yield the lines of a list for a value; what is inside is indented by two blanks more."""
    if isinstance(value, Record):
        yield from _record(value, indent)
    elif isinstance(value, tuple):
        for one in value:
            yield from _lines(one, indent)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield f"{indent}- {text(str(name))}: {_short(one)}"
    else:
        yield f"{indent}- {_short(value)}"


def _record(record: Record, indent: str) -> Iterator[str]:
    if isinstance(record, Selection):
        return
    values = {name: value for name, _, value in beyond(record)}
    names = [n for n in (getattr(record, "LABEL", ()) or (record.SHORT,)) if n in values]
    first = names[0] if names else next(iter(values), "")
    status = values.pop("status", None) if first != "status" else None
    label = values.pop(first, "")
    if status and str(values.get("status_text", "")).lower().replace(" ", "-") == status:
        del values["status_text"]
    state = f" ({status.replace('-', ' ')})" if status else ""
    yield f"{indent}- {_short(label)}{state}"
    for name, value in values.items():
        words = _WORDS.get(name, name.replace("_", " ").strip())
        if isinstance(value, tuple) and isinstance(value[0], Record):
            inner = [line for one in value for line in _lines(one, indent + "    ")]
            yield from ([f"{indent}  - {words}:", *inner] if inner else ())
        else:
            yield f"{indent}  - {words}: {_short(value)}"


def _short(value: Any) -> str:
    if isinstance(value, tuple):
        return "; ".join(filter(None, map(_short, value)))
    if isinstance(value, dict):
        return "; ".join(f"{text(str(name))}: {_short(one)}" for name, one in value.items())
    if isinstance(value, Record):
        return "" if isinstance(value, Selection) else more(value, ())
    return "yes" if value is True else prose(str(value))
