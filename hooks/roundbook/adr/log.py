"""Decision logs: Markdown documents that hold several decisions, as headings or bullets with a day or a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from roundbook.adr.record import RecordReader
from roundbook.markdown import Bullet, Bullets, Document, Part
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


def read_log(document: Document) -> tuple[RecordReader, ...]:
    """Return the decisions of a log in order.

    They are headings or bullets with a date or a number: `- 2026-02-03: **Use PostgreSQL** — it has transactions`,
    `## D-12: Use PostgreSQL`, `### 2026-02-03 Use PostgreSQL`.
    """
    parts = [(part, head) for part in document.walk() if (head := _head_of(part.title))]
    if parts:
        level = min(part.level for part, _ in parts)
        return tuple(_from_part(part, head, document) for part, head in parts if part.level == level)
    return tuple(_from_bullets(document))


def _head_of(text: str) -> LogHeading | None:
    """Return the start of a heading or bullet, or `None` if it has neither a date nor a number."""
    match = _HEAD.match(text.strip())
    if not match or not _SAYS.search(match["rest"]):
        return None
    after = None if match["key"] else _AFTER_DAY.match(match["rest"])
    return LogHeading(match["day"] or "", ((after or match)["key"] or "").strip(), (after or match)["rest"].strip())


def _start(document: Document, head: LogHeading, title: str, line: int, end: int) -> RecordReader:
    told = RecordReader(document, line, end, title)
    told.number = head.key
    if head.day:
        told.tree["date"] = Text(head.day, told.tree.place)
    return told


def _from_part(part: Part, head: LogHeading, document: Document) -> RecordReader:
    told = _start(document, head, head.rest, part.line, part.end)
    told.consumed.add(part.line)
    told.originals["Heading"] = part.title
    told.read_entry(part.blocks)
    for inner in part.parts:
        told.read_section(inner)
    return told.finish()


def _from_bullets(document: Document) -> Iterator[RecordReader]:
    days = (_ONLY_DAY.fullmatch(part.title.strip()) for part in document.walk())
    below = ((day["day"] if day else "", part.blocks) for day, part in zip(days, document.walk(), strict=True))
    for day_, blocks in (("", document.blocks), *below):
        for item in (item for block in blocks if isinstance(block, Bullets) for item in block.items):
            head = _head_of(item.text) or (LogHeading(day_, "", item.text) if day_ and item.text else None)
            if head and (told := _from_bullet(item, head, document)):
                yield told


def _from_bullet(item: Bullet, head: LogHeading, document: Document) -> RecordReader | None:
    """Return the decision in a bullet: its bold words, or the text before a dash, are the title, the rest is the reason."""
    found = _BOLD.fullmatch(head.rest) or _DASH.fullmatch(head.rest)
    title, why = (found["title"].strip(" :"), found["rest"]) if found else head.rest.partition("\n")[::2]
    if not _SAYS.search(title):
        return None
    told = _start(document, head, title.strip(), item.line, item.end)
    told.originals |= {"Entry": item.text} if head.key else {}
    if why.strip():
        told.tree["rationale"] = Items(told.tree.place, [Text(why.strip(), told.tree.place)])
    told.read_header(item.blocks, "Notes")
    below = document.text(item.line + item.text.count("\n") + 1, item.end)
    return told.finish("\n\n".join(filter(None, (why.strip(), below))))
