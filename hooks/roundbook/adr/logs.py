"""Decision logs: files that hold several decisions.

An entry is a heading or bullet with a day or a number, a line with the time of writing, a heading below which the decision
is stated, or the row of a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from roundbook import markdown
from roundbook.adr.fields import NAME_LISTS, RECORD_HEADINGS, key_of, normalized
from roundbook.adr.labels import labels
from roundbook.adr.record import RecordReader
from roundbook.markdown import Bullet, Bullets, Document, Grid, Part
from roundbook.yamlfile.reader import Items, Text

_DAY = r"\d{4}-\d{2}-\d{2}"
_KEY = r"(?:[A-Za-z]{1,12}[- ]?)?#?\d{1,6}"
_GAP = r"\s*(?::|--+|—|–|\.\s|\)\s|-\s)?\s*"
_HEAD = re.compile(
    rf"(?:\*\*)?(?:\[?(?P<day>{_DAY})\]?|(?P<key>{_KEY})(?=\s*[:.)—–]|\s+-))(?:\*\*)?{_GAP}(?P<rest>\S.*)", re.DOTALL
)
_ONLY_DAY = re.compile(rf"\[?(?P<day>{_DAY})\]?")
_SAYS = re.compile(r"\w")
_AFTER_DAY = re.compile(rf"\(?(?P<key>{_KEY})\)?\s*(?::|--+|—|–|\s-\s)\s*(?P<rest>\S.*)", re.DOTALL)
_BOLD = re.compile(r"(?:\*\*|__)(?P<title>[^\n]+?)(?:\*\*|__)\s*[:.]?\s*(?:(?:--+|—|–|-|:)\s*)?(?P<rest>.*)", re.DOTALL)
_DASH = re.compile(r"(?P<title>[^\n]+?)\s+(?:--+|—|–|-)\s+(?P<rest>\S.*)", re.DOTALL)


class LogHeading(NamedTuple):
    """The start of a log entry: its date, its number (`D-12`) and the text that follows."""

    day: str
    key: str
    rest: str


def is_log(document: Document) -> bool:
    """Return whether a document holds several decisions, going by its headings and its lines with a time."""
    return len(_headed(_timed(document) or document)) > 1


def read_log(document: Document) -> tuple[RecordReader, ...]:
    """Return the decisions of a log in order.

    They are headings or bullets with a date or a number: `- 2026-02-03: **Use PostgreSQL** — it has transactions`,
    `## D-12: Use PostgreSQL`, `### 2026-02-03 Use PostgreSQL`; lines with a time: `[2026-02-03 20:09:55] - Use PostgreSQL`;
    where there are none of these, headings with a label or section `Decision`, and rows of tables with such a column.
    """
    document = _timed(document) or document
    if parts := _headed(document):
        return tuple(_from_part(part, head, document) for part, head in parts)
    return (
        tuple(_from_bullets(document)) or tuple(_stated(document, document.parts, "")) or tuple(_from_grids(document))
    )


def _headed(document: Document) -> list[tuple[Part, LogHeading]]:
    """Return the headings of entries, those of the highest level; a numbered section of a single record is none."""
    found = [(part, head) for part in document.walk() if (head := _head_of(part.title))]
    level = min((part.level for part, _ in found), default=0)
    own = [(part, head) for part, head in found if part.level == level]
    return [] if any(normalized(head.rest) in RECORD_HEADINGS for _, head in own) else own


_TIME = re.compile(rf"\s{{0,3}}(?:[-*]\s+)?\[?(?P<day>{_DAY})[ T]\d\d:\d\d(?::\d\d)?Z?\]?\s*[-–—:]+\s*(?P<rest>\S.*)")
_LAST_UPDATE = re.compile(r"log of|last updated?|updates? made", re.IGNORECASE)


def _timed(document: Document) -> Document | None:
    """Return a document whose lines with a time are headings, on the same lines; `None` for one without two such lines.

    Assistants keep logs in this form: below each such line follow sections of their own.
    """
    found = {n: match for n, line in enumerate(document.lines) if (match := _TIME.fullmatch(line))}
    found = {n: match for n, match in found.items() if not _LAST_UPDATE.search(match["rest"])}
    if len(found) < 2:
        return None
    lines = list(document.lines)
    for n, match in found.items():
        bold = _BOLD.fullmatch(match["rest"])
        lines[n] = f"# {match['day']} {bold['title'] if bold and not bold['rest'] else match['rest']}"
    made = markdown.document("\n".join(lines), document.path)
    return replace(made, front=document.front, body_line=document.body_line)


def _stated(document: Document, parts: Sequence[Part], day: str) -> Iterator[RecordReader]:
    """Yield the decisions of headings below which one is stated, each of the day of the heading above it."""
    for part in parts:
        only = _ONLY_DAY.fullmatch(part.title.strip())
        title = _DECIDED.sub("", part.title).strip()
        stating = (key_of(one.key) for block in part.blocks for one in labels(block, head=True))
        inner = (key_of(one.title) for one in part.parts)
        if (
            title
            and normalized(title) not in RECORD_HEADINGS
            and not only
            and (title != part.title.strip() or "decision" in stating or "decision" in inner)
        ):
            yield _from_part(part, LogHeading(day, "", title), document)
        else:
            yield from _stated(document, part.parts, only["day"] if only else day)


_DECIDED = re.compile(r"^\s*Decision\s*[:—–-]\s*(?=\S)", re.IGNORECASE)
_NUMBER = frozenset(("", "#", "id", "no", "nr", "number", "adr"))


def _from_grids(document: Document) -> Iterator[RecordReader]:
    """Yield the decisions of tables with a column for them, and one for their date, number, reasons or status."""
    below = (document.blocks, *(part.blocks for part in document.walk()))
    for grid in (block for blocks in below for block in blocks if isinstance(block, Grid)):
        keys = ["id" if normalized(cell) in _NUMBER else key_of(cell) for cell in grid.columns]
        named = next((key for key in ("title", "decision") if key in keys), "")
        if not named or not {"id", "date", "rationale", "status"}.intersection(keys):
            continue
        for row in grid.rows:
            cells = [
                (key, label, cell.strip()) for key, label, cell in zip(keys, grid.columns, row.cells, strict=False)
            ]
            if record := _from_cells(cells, named, row.line, document):
                yield record


def _from_cells(
    cells: Sequence[tuple[str, str, str]], named: str, line: int, document: Document
) -> RecordReader | None:
    """Return the decision in a row, given by key, column and text of its cells."""
    first = {key: cell for key, _, cell in reversed(cells)}
    title = first[named].strip(" *_") if named in first else ""
    if not _SAYS.search(title):
        return None
    record = _start(document, LogHeading("", first.get("id", ""), title), title, line, line)
    rest = [one for one in cells if one[0] not in (named, "id") and one[2]]
    shown = [f"**{label}**: {cell}" for key, label, cell in rest if not _is_held(record, key, label, cell)]
    return record.finish("\n\n".join(shown))


def _is_held(record: RecordReader, key: str, label: str, cell: str) -> bool:
    """Return whether the head of the page shows a cell, which is put into the record where it has a place for it."""
    return record.put(key, label, cell, record.tree.place) and key in ("status", "date", *NAME_LISTS)


def _head_of(text: str) -> LogHeading | None:
    """Return the start of a heading or bullet, or `None` if it has neither a date nor a number."""
    match = _HEAD.match(text.strip())
    if not match or not _SAYS.search(match["rest"]):
        return None
    after = None if match["key"] else _AFTER_DAY.match(match["rest"])
    return LogHeading(match["day"] or "", ((after or match)["key"] or "").strip(), (after or match)["rest"].strip())


def _start(document: Document, head: LogHeading, title: str, line: int, end: int) -> RecordReader:
    record = RecordReader(document, line, end, title)
    record.number = head.key
    if head.day:
        record.tree["date"] = Text(head.day, record.tree.place)
    return record


def _from_part(part: Part, head: LogHeading, document: Document) -> RecordReader:
    record = _start(document, head, head.rest, part.line, part.end)
    record.consumed.add(part.line)
    record.originals["Heading"] = part.title
    record.read_entry(part.blocks)
    for inner in part.parts:
        record.read_section(inner)
    return record.finish()


def _from_bullets(document: Document) -> Iterator[RecordReader]:
    days = (_ONLY_DAY.fullmatch(part.title.strip()) for part in document.walk())
    below = ((day["day"] if day else "", part.blocks) for day, part in zip(days, document.walk(), strict=True))
    for day_, blocks in (("", document.blocks), *below):
        for item in (item for block in blocks if isinstance(block, Bullets) for item in block.items):
            head = _head_of(item.text) or (LogHeading(day_, "", item.text) if day_ and item.text else None)
            if head and (record := _from_bullet(item, head, document)):
                yield record


def _from_bullet(item: Bullet, head: LogHeading, document: Document) -> RecordReader | None:
    """Return the decision in a bullet: its bold words, or the text before a dash, are the title, the rest is the reason."""
    found = _BOLD.fullmatch(head.rest) or _DASH.fullmatch(head.rest)
    title, why = (found["title"].strip(" :"), found["rest"]) if found else head.rest.partition("\n")[::2]
    if not _SAYS.search(title):
        return None
    record = _start(document, head, title.strip(), item.line, item.end)
    record.originals |= {"Entry": item.text} if head.key else {}
    if why.strip():
        record.tree["rationale"] = Items(record.tree.place, [Text(why.strip(), record.tree.place)])
    record.read_header(item.blocks, "Notes")
    below = document.text(item.line + item.text.count("\n") + 1, item.end)
    return record.finish("\n\n".join(filter(None, (why.strip(), below))))
