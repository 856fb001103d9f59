"""In: a heading of a summary with what stands below it. Out: what it says, each part read by the reader of its topic.

What a reader made of a part is held against the part: where an atom is missing, the part is kept as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from roundbook.bring import blocks as reading
from roundbook.bring import deciding, opening, standing, tables
from roundbook.bring.gathering import Told
from roundbook.bring.holding import held, holds
from roundbook.bring.outline import outlined
from roundbook.bring.vocabulary import Name, mentions, name_of, plain, without_numbering
from roundbook.bring.where import Where, one_line
from roundbook.markdown import Block, Bullets, Grid, Paragraph, Part
from roundbook.schema.statuses import status_of

_CHANGES = {"added": "added", "change": "changed", "deprecated": "deprecated", "removed": "removed", "fixed": "fixed"}
_CHANGES |= {"security": "security"}
_CARRIED = frozenset({"completed", "findings", "deferred"})
_ENTRY_PER_PART = frozenset({"goals", "objectives", "findings", "blockers"})
_APART = re.compile(r"\s*:\s+|\s+(?:--+|[–—|-])\s+")
# Headings that hold the entries of a note, and such as are about the note itself.
_CONTAINERS = frozenset(
    {"entries", "entry", "log", "items", "list", "records", "all", "index", "accepted", "open", "made"}
)
_ABOUT = frozenset(
    {"background", "purpose", "format", "template", "legend", "introduction", "conclusion", "scope", "glossary"}
)
_ABOUT |= {"appendix", "context", "how to use", "table of contents", "entry format", "how to add an entry"}
_WORK = frozenset({"tasks", "blockers"})
_GROUPED = frozenset({"deliverables", "checks", "tasks", "metrics", "goals"})


def told(part: Part, where: Where) -> list[Told]:
    """Return what a part says."""
    return held(_read(part, where), part, where) or kept(part, where)


def top(heading: Part, where: Where, topic: str = "") -> list[Told]:
    """Return what stands below the title of a round: its own blocks, and the parts, which may be entries of its topic."""
    part = outlined(heading)
    made = opening.told(part.blocks, where)
    for inner in part.parts:
        made += (_of_document(inner, topic, where) if topic else []) or told(inner, where)
    return made


def topic_of(title: str, path: str) -> str:
    """Return what a whole note lists, by the first or last words of its title or by its file: decisions, or blockers."""
    pieces = [piece for piece in _APART.split(title) if piece.strip()]
    names = [*pieces[:1], *pieces[-1:], re.sub(r"[_.-]+", " ", PurePosixPath(path).stem)]
    return next((topic for name in names if (topic := name_of(name).topic) in ("decisions", "blockers")), "")


def _of_document(part: Part, topic: str, where: Where) -> list[Told]:
    """Return a heading of a note that lists one kind of thing as an entry, or the entries below it; nothing in doubt."""
    if plain(without_numbering(part.title)) in _CONTAINERS:
        return held(_inside(part, topic, where), part, where)
    if name_of(part.title).topic or mentions(part.title) or plain(part.title) in _ABOUT:
        return []
    if topic == "decisions" and (deciding.is_decision(part) or not part.parts):
        return held(_decision(part, where), part, where)
    return held([_task(part, topic, where)], part, where) if topic == "blockers" and not part.parts else []


def kept(part: Part, where: Where) -> list[Told]:
    """Return a part as it is written; one that is a table and a line about it is a table."""
    grids = [block for block in part.blocks if isinstance(block, Grid)]
    others = [block for block in part.blocks if not isinstance(block, Grid)]
    if grids and not part.parts and not others:
        return [tables.as_it_is(grid, where, part.title) for grid in grids]
    if len(grids) == 1 and not part.parts and len(others) == 1 and isinstance(others[0], Paragraph):
        return [tables.as_it_is(grids[0], where, part.title, others[0].text)]
    return [where.section(part.title, where.body(part), part.line)]


def _read(part: Part, where: Where) -> list[Told]:
    """Return what the reader of a part's topic makes of it; nothing where there is none."""
    name = name_of(part.title)
    if _is_decision(part, name):
        return _decision(part, where)
    if (code := standing.parted(part.title, where.words)).id and code.said and not where.carried:
        return [_task(part, "tasks", where)]
    if name.topic in (*_CARRIED, "changed") and not where.carried and (earlier := _earlier(name, where)):
        start = where.told("carried", {"from": earlier}, part.line)
        return [start, *_inside(part, name.topic, replace(where, carried=True))]
    if (where.carried and name.topic not in _CARRIED) or _of_another(name, where):
        return []
    if name.topic in _CHANGES:
        return reading.changes(part, _CHANGES[name.topic], where)
    if name.topic == "summary" and not name.rest:
        return _summary(part, where)
    if name.topic:
        return _inside(part, name.topic, _at(name, part, where))
    return _by_content(part, where)


def _is_decision(part: Part, name: Name) -> bool:
    if name.topic == "decision" and name.rest:
        return True
    if name.topic or not deciding.is_decision(part):
        return False
    return deciding.title_of(part.title) is not None or deciding.is_plain_decision(part)


def _decision(part: Part, where: Where) -> list[Told]:
    """Return the decision that a heading is; of a record that the book has already only what the note says of it."""
    return kept(part, where) if where.is_adopted(part.title) else [deciding.told(part, where)]


def _task(part: Part, kind: str, where: Where) -> Told:
    """Return the task, or blocker, that a heading is: `B1: Title -- DONE`, with what stands below it."""
    said = standing.parted(part.title, where.words)
    entry = reading.entry(replace(part, title=said.title), kind, replace(where, status=""))
    if said.said and "status" not in entry and "status-text" not in entry:
        where.with_status(entry, said.said)
    elif where.status and not said.said:
        entry.setdefault("status", where.status)
    return where.told(kind, ({"id": said.id} if said.id else {}) | entry, part.line)


def _earlier(name: Name, where: Where) -> str:
    """Return the key of the one earlier round that a heading is about."""
    others = [one for one in name.rounds if not where.is_own(one) and one.how != "to"]
    earlier = where.key_of(others[0]) if len(others) == 1 and not name.rest and where.round else ""
    return earlier if where.earlier in ("", earlier) else ""


def _of_another(name: Name, where: Where) -> bool:
    """Tell whether a heading is about another round than the one that is read, and the one that it tells of as well."""
    others = [one for one in name.rounds if not where.is_own(one) and one.how != "to"]
    return name.topic in _CARRIED and bool(others and where.round and not name.rest and not where.carried)


def earlier_in(parts: Sequence[Part], where: Where) -> str:
    """Return the key of the first earlier round that parts are about: a record can tell of one alone."""
    names = (name_of(part.title) for one in parts for part in one.walk())
    return next((key for name in names if name.topic in (*_CARRIED, "changed") and (key := _earlier(name, where))), "")


def _at(name: Name, part: Part, where: Where) -> Where:
    """Return the place below a heading: what it says of all entries, and the heading itself where it says more."""
    to = next((where.key_of(one) for one in name.rounds if one.how == "to"), "") if name.topic == "deferred" else ""
    status = _status(name, part.title) if not where.carried else ""
    others = [one for one in name.rounds if not (where.is_own(one) or to or where.carried)]
    group = one_line(part.title) if name.rest or others else where.group
    return replace(where, to=to, status=status, group=group, heading=one_line(part.title))


def _status(name: Name, title: str) -> str:
    """Return the status that a heading gives to what it stands over: `Shipped`, `In Progress`, `To do`."""
    if name.topic == "completed":
        return "done"
    status = status_of(title) if name.topic == "tasks" else None
    return status if status in ("in-progress", "planned") else ""


def _summary(part: Part, where: Where) -> list[Told]:
    """Return what stands below `Summary`: prose as it is written, or keys and values."""
    inner = outlined(part)
    start = next(
        (i for i, b in enumerate(inner.blocks) if isinstance(b, Grid) or reading.pairs_of(b)), len(inner.blocks)
    )
    prose, rest = inner.blocks[:start], inner.blocks[start:]
    made = [where.told("summary", where.source(prose), part.line)] if prose else []
    made += opening.told(rest, where, part.title)
    return [*made, *(one for below in inner.parts for one in told(below, where))]


def _inside(part: Part, topic: str, where: Where) -> list[Told]:
    """Return what stands below a heading of a topic: its own blocks, then the headings in it."""
    part = outlined(part)
    made = _blocks(part, topic, where)
    for inner in part.parts:
        made += _inner(inner, topic, where)
    if where.group and topic not in (*tables.MORE, *tables.TABLE_OF):
        made.append(where.told("notes", where.group, part.line))
    return made


def _blocks(part: Part, topic: str, where: Where) -> list[Told]:
    """Return what the blocks below a heading say; those that do not fit its topic are kept under its title."""
    made: list[Told] = []
    loose: list[Block] = []
    for i, block in enumerate(part.blocks):
        followed = any(isinstance(b, Bullets | Grid) for b in part.blocks[i + 1 :]) or bool(part.parts)
        found = held(reading.told(block, topic, where, followed), (block,), where)
        made += found
        loose += () if found else [block]
    return made + _loose(loose, part, where)


def _loose(loose: Sequence[Block], part: Part, where: Where) -> list[Told]:
    if not loose:
        return []
    if all(isinstance(block, Grid) for block in loose):
        return [tables.as_it_is(block, where, part.title) for block in loose if isinstance(block, Grid)]
    return [where.section(part.title, "\n\n".join(where.source([one]) for one in loose), part.line)]


def _inner(part: Part, topic: str, where: Where) -> list[Told]:
    """Return what a heading below one of a topic says."""
    name = name_of(part.title)
    kind = tables.TABLE_OF.get(topic, topic)
    coded = bool(where.numbered & {part.line}) or deciding.title_of(part.title) is not None
    said = standing.parted(part.title, where.words)
    own = name.topic and name.topic != topic and not (kind in ("deliverables", "checks") and name.rest)
    if kind == "decisions" and (not name.topic or name.topic == "decision" or coded or deciding.is_decision(part)):
        made = _decision(part, where)
    elif (
        not name.topic and not where.carried and ((said.id and said.said) or (kind in _WORK and (said.id or said.said)))
    ):
        made = [_task(part, kind if kind in _WORK else "tasks", where)]
    elif own or topic in ("about", "changed"):
        return told(part, replace(where, group="", status="", to=""))
    else:
        made = _entries(part, topic, kind, where)
    return held(made, part, where) or kept(part, where)


def _entries(part: Part, topic: str, kind: str, where: Where) -> list[Told]:
    """Return the entry that a heading below one of a topic is, or the entries that it groups."""
    if topic == "agents" or (kind in _ENTRY_PER_PART and not reading.has_boxes(part)):
        return [where.told(kind, reading.entry(part, kind, where), part.line)]
    if kind == "deliverables" and part.blocks and not any(isinstance(b, Bullets | Grid) for b in part.blocks):
        return [where.told(kind, reading.entry(part, kind, where), part.line)]
    listed = any(isinstance(block, Bullets | Grid) for block in part.blocks)
    if kind == "tasks" and not listed and not part.parts:
        return [_task(part, kind, where)]
    if kind in _GROUPED and not part.parts:
        return _blocks(part, topic, replace(where, group=one_line(part.title)))
    return []


def _by_content(part: Part, where: Where) -> list[Told]:
    """Return what a part says whose heading means nothing to us: a table may be plain by its heads alone."""
    grids = [block for block in part.blocks if isinstance(block, Grid)]
    if len(grids) != 1 or len(part.blocks) > 1 or part.parts or not (kind := tables.kind_of(grids[0], where)):
        return []
    made = tables.told(grids[0], kind, replace(where, group=one_line(part.title)))
    return made if holds(made, part, where) else []
