"""In: the title of a round, its front matter, the blocks before its first heading. Out: what they say of the round itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from roundbook.bring import fields, tables
from roundbook.bring.blocks import pairs_of
from roundbook.bring.dates import date_of
from roundbook.bring.gathering import Told
from roundbook.bring.holding import held
from roundbook.bring.vocabulary import key_names, plain
from roundbook.bring.where import Where, one_line
from roundbook.markdown import Block, Bullets, Document, Grid, Pair, Pairs, Paragraph, Part, remark_of
from roundbook.schema.statuses import status_of

_VERSION = re.compile(r"v\d+(?:\.\d+)+(?:[-+.]?[a-z][\w.]*)?|\d+\.\d+\.\d+(?:[-+.][\w.]+)?", re.IGNORECASE)
_DASH = re.compile(r"\s(?:--+|[–—-])\s|:\s")


def title(heading: Part, where: Where) -> Iterator[Told]:
    """Yield what the heading of a round says: its words, and the status, date and version that stand apart in them."""
    yield where.told("title", one_line(heading.title), heading.line)
    base, remark = remark_of(heading.title)
    whole = date_of(remark)
    for piece in [remark] if whole else re.split(r"\s*[,;]\s+", remark):
        if day := date_of(piece):
            yield where.told("date", day, heading.line)
        elif _VERSION.fullmatch(piece):
            yield where.told("releases", piece, heading.line)
    said = _DASH.split(base)[-1].strip()
    if day := date_of(re.sub(r"[\[\]()]", "", said if said != base else "")):
        yield where.told("date", day, heading.line)
    status = status_of(said, where.words) if said != base and len(said.split()) <= 3 else None
    if status:
        yield where.told("status", status, heading.line)
        if said.casefold() != status:
            yield where.told("status-text", said, heading.line)


def front(document: Document, where: Where) -> Iterator[Told]:
    """Yield what the front matter says; what is no plain value is kept as it is written."""
    kept: list[str] = []
    for key, value in document.front.items():
        line = _line(document, key)
        if isinstance(value, str):
            yield from fields.told([Pair(key, str(value), line)], where)
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            yield from _listed(key, [str(one) for one in value], line, where)
        else:
            kept.append(_lines_of(document, key))
    if kept:
        yield where.section("", "```yaml\n" + "\n".join(kept) + "\n```", 1)


def _listed(key: str, values: Sequence[str], line: int, where: Where) -> Iterator[Told]:
    name = key_names().get(plain(key))
    if name == "team":
        yield from (where.told("agents", {"name": value}, line, key) for value in values)
    elif name in ("tags", "prs", "commits", "releases", "next", "blockers"):
        yield from fields.told([Pair(key, value, line) for value in values], where)
    else:
        yield fields.note(Pair(key, ", ".join(values), line), where)


def _line(document: Document, key: str) -> int:
    place = getattr(document.front, "keys_at", {}).get(key)
    return place.line if place else 1


def _lines_of(document: Document, key: str) -> str:
    """Return the lines of a key of the front matter."""
    start = _line(document, key)
    after = [line for other in document.front if (line := _line(document, other)) > start]
    closing = (
        n for n in range(start + 1, len(document.lines) + 1) if re.match(r"(?:---|\.\.\.)\s*$", document.lines[n - 1])
    )
    end = min(after) if after else next(closing, start + 1)
    return "\n".join(document.lines[start - 1 : end - 1]).rstrip()


def told(blocks: Sequence[Block], where: Where, heading: str = "") -> list[Told]:
    """Return what blocks say of the round: pairs, prose as its summary, tables that need no heading; the rest is a section."""
    made: list[Told] = []
    loose: list[Block] = []
    for block in blocks:
        found = _one(block, where, bool(loose), heading)
        made += found
        loose += () if found else [block]
    if loose:
        made.append(where.section(heading, "\n\n".join(where.source([one]) for one in loose), loose[0].line))
    return made


def _one(block: Block, where: Where, after_loose: bool, heading: str) -> list[Told]:
    """Return what a block says, or nothing."""
    match block:
        case Grid() if pairs := pairs_of(block):
            known = [one for one in fields.told(pairs, where) if one.key not in ("notes", "metrics")]
            return [*known, tables.as_it_is(block, where, heading)]
        case Pairs() | Bullets():
            return held(fields.told(pairs_of(block), where), (block,), where)
        case Grid():
            return held(tables.told(block, "", where), (block,), where) or [tables.as_it_is(block, where, heading)]
        case Paragraph() if not after_loose and not block.text.rstrip().endswith(":"):
            return [where.told("summary", block.text, block.line)]
    return []
