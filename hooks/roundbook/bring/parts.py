"""In: a heading of a summary with what stands below it. Out: what it says, each part read by the reader of its topic.

What a reader made of a part is held against the part, by the proof that the whole import has to pass: where an atom is missing,
the part is kept as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roundbook.bring import deciding, fields, lists, tables
from roundbook.bring.atoms import remark_of
from roundbook.bring.dates import date_of
from roundbook.bring.gathering import Told, gather
from roundbook.bring.measures import labelled, metric
from roundbook.bring.proof import prove
from roundbook.bring.vocabulary import Name, name_of, plain
from roundbook.bring.where import Where, one_line
from roundbook.model.document import Block, Bullets, Document, Grid, Pair, Pairs, Paragraph, Part
from roundbook.model.status_words import status_of
from roundbook.read.pairs import pair_of

_VERSION = re.compile(r"v\d+(?:\.\d+)+(?:[-+.]?[a-z][\w.]*)?|\d+\.\d+\.\d+(?:[-+.][\w.]+)?", re.IGNORECASE)
_DASH = re.compile(r"\s(?:--+|[–—-])\s|:\s")
_TEXTS = frozenset({"summary", "focus", "objectives", "goals", "next", "questions", "notes", "findings"})
_CHANGES = {"added": "added", "change": "changed", "deprecated": "deprecated", "removed": "removed", "fixed": "fixed"}
_CHANGES |= {"security": "security"}
_CARRIED = frozenset({"completed", "findings", "deferred"})
_ENTRY_PER_PART = frozenset({"goals", "objectives", "findings", "blockers"})


def title(heading: Part | None, where: Where) -> Iterator[Told]:
    """Yield what the heading of a round says: its words, and the status, date and version that stand apart in them."""
    if heading is None:
        return
    yield where.told("title", one_line(heading.title), heading.line)
    base, remark = remark_of(heading.title)
    for piece in re.split(r"\s*[,;]\s+", remark):
        if day := date_of(piece):
            yield where.told("date", day, heading.line)
        elif _VERSION.fullmatch(piece):
            yield where.told("releases", piece, heading.line)
    said = _DASH.split(base)[-1].strip()
    status = status_of(said, where.words) if said != base and len(said.split()) <= 3 else None
    if status:
        yield where.told("status", status, heading.line)
        if said.casefold() != status:
            yield where.told("status-text", said, heading.line)


def front(document: Document, where: Where) -> Iterator[Told]:
    """Yield what the front matter says; what is no plain value is kept as it is written."""
    kept: list[str] = []
    for key, value in document.front.items():
        place = getattr(document.front, "keys_at", {}).get(key)
        line = place.line if place else 1
        if isinstance(value, str):
            yield from fields.field(Pair(key, str(value), line), where) if value else ()
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            yield from _front_list(key, [str(one) for one in value], line, where)
        else:
            kept.append(_lines_of(document, key))
    if kept:
        yield where.section("", "```yaml\n" + "\n".join(kept) + "\n```", 1)


def _front_list(key: str, values: Sequence[str], line: int, where: Where) -> Iterator[Told]:
    pair = Pair(key, ", ".join(values), line)
    made = fields.field(pair, where)
    yield from made


def _lines_of(document: Document, key: str) -> str:
    """Return the lines of a key of the front matter."""
    at = sorted(place.line for place in getattr(document.front, "keys_at", {}).values())
    start = document.front.keys_at[key].line  # type: ignore[attr-defined]
    end = next((line for line in at if line > start), 0)
    if not end:
        end = next(
            i for i in range(start, len(document.lines) + 1) if re.match(r"(?:---|\.\.\.)\s*$", document.lines[i])
        )
        end += 1
    return "\n".join(document.lines[start - 1 : end - 1]).rstrip()


def opening(blocks: Sequence[Block], where: Where) -> list[Told]:
    """Return what stands below the title of a round: pairs, a summary, tables and lists that need no heading."""
    made: list[Told] = []
    loose: list[Block] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        follower = blocks[at + 1] if at + 1 < len(blocks) else None
        found, taken = _opening(block, follower, where, bool(loose))
        made += found
        loose += () if found else [block]
        at += taken
    return made + _loose(loose, where)


def _opening(block: Block, follower: Block | None, where: Where, after_loose: bool) -> tuple[list[Told], int]:
    """Return what a block says, or nothing, and how many blocks that takes."""
    match block:
        case Pairs():
            last = block.pairs[-1]
            topic = name_of(last.key).topic
            if not last.value and topic and isinstance(follower, Bullets | Grid):
                made = _held(
                    [*fields.told(block.pairs[:-1], where), *_block(follower, topic, where)], (block, follower), where
                )
                if made:
                    return made, 2
            return _held(fields.told(block.pairs, where), (block,), where), 1
        case Bullets() if all(pair_of(item.text) and not item.blocks and item.checked is None for item in block.items):
            pairs = [Pair(*pair, item.line) for item in block.items if (pair := pair_of(item.text))]
            return _held(fields.told(pairs, where), (block,), where), 1
        case Paragraph() if not after_loose and not block.text.rstrip().endswith(":"):
            return [where.told("summary", block.text, block.line)], 1
        case Grid():
            if _two_columns(block):
                pairs = [Pair(row.cells[0], row.cells[1], row.line) for row in block.rows]
                return _held([*fields.told(pairs, where)], (block,), where) or [tables.as_it_is(block, where)], 1
            return _held(tables.told(block, "", where), (block,), where) or [tables.as_it_is(block, where)], 1
    return [], 1


def _two_columns(grid: Grid) -> bool:
    """Tell whether a table is one of keys and values."""
    heads = [plain(head) for head in grid.columns]
    named = heads in (
        ["field", "value"],
        ["key", "value"],
        ["", ""],
        ["item", "value"],
        ["property", "value"],
        ["attribute", "value"],
    )
    return named and all(len(row.cells) == 2 and all(row.cells) for row in grid.rows)


def _loose(blocks: Sequence[Block], where: Where) -> list[Told]:
    if not blocks:
        return []
    return [where.section("", "\n\n".join(where.source([block]) for block in blocks), blocks[0].line)]


def told(part: Part, where: Where) -> list[Told]:
    """Return what a part says."""
    made = _read(part, where)
    return made if made and _holds(made, part, where) else _kept(part, where)


def _kept(part: Part, where: Where) -> list[Told]:
    """Return a part as it is written; one that is a table and a line about it is a table."""
    grids = [block for block in part.blocks if isinstance(block, Grid)]
    others = [block for block in part.blocks if not isinstance(block, Grid)]
    if grids and not part.parts and not others:
        return [tables.as_it_is(grid, where, part.title) for grid in grids]
    if len(grids) == 1 and not part.parts and len(others) == 1 and isinstance(others[0], Paragraph):
        return [tables.as_it_is(grids[0], where, part.title, others[0].text)]
    return where.verbatim(part)


def _read(part: Part, where: Where) -> list[Told]:
    """Return what the reader of a part's topic makes of it; nothing where there is none."""
    name = name_of(part.title)
    if _is_decision(part, name):
        return [deciding.told(part, where)]
    if name.topic == "changed" and not where.carried and (earlier := _earlier(name, where)):
        inner = replace(where, carried=True)
        return [where.told("carried", {"from": earlier}, part.line), *_inside(part, "changed", inner)]
    if name.topic in _CARRIED and not where.carried and (earlier := _earlier(name, where)):
        inner = replace(where, carried=True)
        return [where.told("carried", {"from": earlier}, part.line), *_inside(part, name.topic, inner)]
    if where.carried and name.topic not in _CARRIED:
        return []
    if name.topic in _CHANGES:
        return _changes(part, _CHANGES[name.topic], where)
    if name.topic:
        return _inside(part, name.topic, _at(name, part, where))
    return _by_content(part, where)


def _is_decision(part: Part, name: Name) -> bool:
    if name.topic == "decision" and name.rest:
        return True
    return not name.topic and deciding.title_of(part.title) is not None and deciding.is_decision(part)


def _earlier(name: Name, where: Where) -> str:
    """Return the key of the one earlier round that a heading is about."""
    others = [one for one in name.rounds if not where.is_own(one) and one.how != "to"]
    return where.key_of(others[0]) if len(others) == 1 and not name.rest and where.round else ""


def _at(name: Name, part: Part, where: Where) -> Where:
    """Return the place below a heading: what it says of all entries, and the heading itself where it says more."""
    to = next((where.key_of(one) for one in name.rounds if one.how == "to"), "") if name.topic == "deferred" else ""
    status = "done" if name.topic == "completed" and not where.carried else ""
    others = [one for one in name.rounds if not (where.is_own(one) or to or where.carried)]
    group = one_line(part.title) if name.rest or others else where.group
    return replace(where, to=to, status=status, group=group)


def _inside(part: Part, topic: str, where: Where) -> list[Told]:
    """Return what stands below a heading of a topic: its own blocks, then the headings in it."""
    made = _blocks(part, topic, where)
    for inner in part.parts:
        made += _inner(inner, topic, where)
    if where.group and topic not in (*tables.MORE, "completed"):
        made.append(where.told("notes", where.group, part.line))
    return made


def _inner(part: Part, topic: str, where: Where) -> list[Told]:
    """Return what a heading below one of a topic says."""
    name = name_of(part.title)
    kind = tables.TABLE_OF.get(topic, topic)
    if kind == "decisions" and (not name.topic or name.topic == "decision" or deciding.is_decision(part)):
        made = [deciding.told(part, where)]
    elif name.topic and name.topic != topic and not (kind in ("deliverables", "checks") and name.rest):
        return told(part, replace(where, group="", status="", to=""))
    elif topic == "agents":
        made = [where.told("agents", _agent(part, where), part.line)]
    elif topic == "changelog":
        made = []
    elif kind in _ENTRY_PER_PART and not _boxes(part):
        entry = {"title": one_line(part.title)} | ({"text": body} if (body := _body(part, where)) else {})
        made = [where.told(kind, entry, part.line)]
    elif kind in ("deliverables", "checks", "tasks", "metrics", "goals") and not part.parts:
        made = _blocks(part, topic, replace(where, group=one_line(part.title)))
    else:
        made = []
    return made if made and _holds(made, part, where) else _kept(part, where)


def _body(part: Part, where: Where) -> str:
    return where.body(part) if part.blocks or part.parts else ""


def _boxes(part: Part) -> bool:
    return any(isinstance(block, Bullets) and any(i.checked is not None for i in block.items) for block in part.blocks)


def _blocks(part: Part, topic: str, where: Where) -> list[Told]:
    """Return what the blocks below a heading say; those that do not fit its topic are a section under its title."""
    made: list[Told] = []
    loose: list[Block] = []
    for i, block in enumerate(part.blocks):
        followed = any(isinstance(b, Bullets | Grid) for b in part.blocks[i + 1 :]) or bool(part.parts)
        found = _held(_block(block, topic, where, followed, part.title), (block,), where)
        made += found
        loose += () if found else [block]
    if loose:
        made.append(where.section(part.title, "\n\n".join(where.source([one]) for one in loose), part.line))
    return made


def _block(block: Block, topic: str, where: Where, followed: bool = False, title: str = "") -> list[Told]:
    """Return what one block says below a heading of a topic, or nothing."""
    match block:
        case Bullets():
            return lists.told(block, topic, where)
        case Grid():
            return tables.told(block, topic, where, title)
        case Pairs() if topic in ("metrics", "summary"):
            return _measures(block, where) if topic == "metrics" else fields.told(block.pairs, where)
        case Paragraph():
            return _paragraph(block, topic, where, followed)
    return []


def _measures(block: Pairs, where: Where) -> list[Told]:
    found = [(pair, metric(pair.key, pair.value, sure=True)) for pair in block.pairs]
    if any(one is None for _, one in found):
        return []
    return [where.told(f"metrics.{one[0]}", one[1], pair.line) for pair, one in found if one]


def _paragraph(block: Paragraph, topic: str, where: Where, followed: bool) -> list[Told]:
    if topic not in _TEXTS or where.carried:
        return []
    if topic == "summary" or (topic in ("objectives", "goals") and followed):
        return [where.told("summary", block.text, block.line)]
    if followed or re.fullmatch(r"\W*(?:none|n/?a|nothing|tbd)\b.{0,40}", block.text, re.IGNORECASE):
        return []
    if topic == "focus":
        return [where.told("focus", one_line(block.text), block.line)]
    key = "text" if topic in ("next", "questions", "notes") else "title"
    entry: dict[str, Any] = {key: block.text if key == "text" else one_line(block.text)}
    tables.grouped(entry, topic, where)
    return [where.told(topic, entry if len(entry) > 1 else entry[key], block.line)]


def _agent(part: Part, where: Where) -> dict[str, Any]:
    """Return the agent that a heading names: labelled values are its fields, anything else its note."""
    entry: dict[str, Any] = {"name": one_line(part.title)}
    rest: list[str] = []
    for block in part.blocks:
        said = _said(block)
        if not said or not all(tables.put_field(entry, "agents", label, value, where) for label, value in said):
            rest.append(where.source([block]))
    rest += [where.lines(inner.line, inner.end) for inner in part.parts]
    if rest:
        entry["note"] = "\n\n".join([*([entry["note"]] if "note" in entry else []), *rest])
    return entry


def _said(block: Block) -> list[tuple[str, str]]:
    """Return labels and values of a block that is nothing else."""
    if isinstance(block, Pairs):
        return [(pair.key, pair.value) for pair in block.pairs]
    if isinstance(block, Bullets):
        said = [labelled(item.text) if not item.blocks and item.checked is None else None for item in block.items]
        return [one for one in said if one] if all(said) else []
    return []


def _changes(part: Part, kind: str, where: Where) -> list[Told]:
    if part.parts or not part.blocks or not all(isinstance(block, Bullets) for block in part.blocks):
        return []
    made: list[Told] = []
    for block in part.blocks:
        assert isinstance(block, Bullets)  # noqa: S101 - see above
        for item in block.items:
            entry = lists.entry(item, "changes", where)
            made.append(where.told("changes", {"type": kind, "text": entry}, item.line))
    return made


def _by_content(part: Part, where: Where) -> list[Told]:
    """Return what a part says whose heading means nothing to us: a table may be plain by its heads alone."""
    grids = [block for block in part.blocks if isinstance(block, Grid)]
    if len(grids) != 1 or len(part.blocks) > 1 or part.parts or not (kind := tables.kind_of(grids[0])):
        return []
    return tables.told(grids[0], kind, replace(where, group=one_line(part.title)))


def _held(made: list[Told], blocks: Sequence[Block], where: Where) -> list[Told]:
    """Return what was made of blocks if it holds all that they say."""
    return made if made and _all(made, Document(where.document.path, (), {}, tuple(blocks)), where) else []


def _holds(made: list[Told], part: Part, where: Where) -> bool:
    return _all(made, Document(where.document.path, (), {}, (), (part,)), where)


def _all(made: list[Told], document: Document, where: Where) -> bool:
    tree: Mapping[str, Any] = gather(made)[0]
    identity = {"round": where.round, "phase": where.phase} if where.round else {"phase": where.phase}
    return not prove((document,), (identity | dict(tree),)).missing
