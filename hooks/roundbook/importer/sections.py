"""The sections of a note, and what each becomes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from roundbook.adr.fields import date_of
from roundbook.errors import Finding, Place
from roundbook.importer import Brought, decisions, lists, tables, vocabulary
from roundbook.importer.decisions import Group, groups, rank
from roundbook.importer.identify import Hints, Share, shares
from roundbook.importer.proof import held, holds, numbered_in
from roundbook.importer.statements import Told, Where, gather, one_line, outlined
from roundbook.importer.tables import labelled, metric, remembered
from roundbook.importer.vocabulary import Name, backlinks, key_names, name_of, paths_in
from roundbook.markdown import (
    Block,
    Bullets,
    Document,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    pair_of,
    plain,
    remark_of,
    without_numbering,
)
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import status_of
from roundbook.yamlfile.writer import Data

_TEXTS = frozenset({"focus", "objectives", "goals", "next", "questions", "notes", "findings"})
_NOTHING = re.compile(r"\W*(?:none|n/?a|nothing|tbd)\b.{0,40}", re.IGNORECASE)
_PAIR_HEADS = vocabulary.PAIR_HEADS | {""}


def read_block(block: Block, topic: str, where: Where, followed: bool = False) -> list[Told]:
    """Return what a block says below a heading of a topic, or nothing; `followed` tells that a list or heading comes after."""
    match block:
        case Bullets():
            return lists.told(block, topic, where)
        case Grid():
            return tables.read_table(block, topic, where)
        case Pairs() if topic == "metrics":
            return _measures(block, where)
        case Pairs() if topic == "focus":
            return tables.read_fields(block.pairs, where)
        case Paragraph() if topic in _TEXTS and not where.carried:
            return _paragraph(block, topic, where, followed)
    return []


def pairs_of(block: Block) -> list[Pair]:
    """Return the pairs of a block that is nothing else: lines, bullets, or a table of keys and values."""
    match block:
        case Pairs():
            return list(block.pairs)
        case Bullets():
            found = [pair_of(i.text) if not i.blocks and i.checked is None else None for i in block.items]
            return (
                [Pair(*one, item.line) for one, item in zip(found, block.items, strict=True) if one]
                if all(found)
                else []
            )
        case Grid() if len(block.columns) == 2 and {plain(head) for head in block.columns} <= _PAIR_HEADS:
            if not all(len(row.cells) == 2 and all(row.cells) for row in block.rows):
                return []
            return [Pair(row.cells[0].strip("*_:"), row.cells[1], row.line) for row in block.rows]
    return []


def has_boxes(part: Part) -> bool:
    """Tell whether a part has a list with boxes to tick."""
    return any(isinstance(block, Bullets) and any(i.checked is not None for i in block.items) for block in part.blocks)


def item_entry(part: Part, kind: str, where: Where) -> dict[str, Any]:
    """Return the entry that a heading is: labelled values are its fields, anything else is what follows its first field."""
    made: dict[str, Any] = {LISTS[kind].label: one_line(part.title)}
    more = tables.MORE[kind]
    rest: list[str] = []
    for block in part.blocks:
        if not (said := _labels(block)):
            rest.append(where.source([block]))
        for label, value, written in said:
            if not tables.put_labelled(made, kind, label, value, where):
                rest.append(written)
    rest += [where.lines(inner.line, inner.end) for inner in part.parts]
    if rest:
        remembered(made, more, "\n\n".join(rest), by="\n\n")
    if where.status and LISTS[kind].has_status:
        made.setdefault("status", where.status)
    if kind == "deliverables" and (paths := paths_in(" ".join(rest))):
        made.setdefault("paths", paths)
    return made


def _labels(block: Block) -> list[tuple[str, str, str]]:
    """Return labels and values, and how they are written, of a block that is nothing else."""
    if isinstance(block, Pairs):
        return [(pair.key, pair.value, f"**{pair.key}**: {pair.value}") for pair in block.pairs]
    if isinstance(block, Bullets):
        said = [(labelled(i.text) if not i.blocks and i.checked is None else None, i.text) for i in block.items]
        return [(*one, text) for one, text in said if one] if all(one for one, _ in said) else []
    return []


def changes(part: Part, kind: str, where: Where) -> list[Told]:
    """Return the changes that lists below a heading such as `Fixed` are; nothing where there is anything else."""
    lists_ = [block for block in part.blocks if isinstance(block, Bullets)]
    if part.parts or len(lists_) < len(part.blocks):
        return []
    items = [item for block in lists_ for item in block.items]
    return [where.told("changes", {"type": kind, "text": lists.entry(i, "changes", where)}, i.line) for i in items]


def _measures(block: Pairs, where: Where) -> list[Told]:
    found = [(pair, metric(pair.key, pair.value, sure=True)) for pair in block.pairs]
    if any(one is None for _, one in found):
        return []
    return [where.told(f"metrics.{one[0]}", one[1], pair.line) for pair, one in found if one]


def _paragraph(block: Paragraph, topic: str, where: Where, followed: bool) -> list[Told]:
    if topic in ("objectives", "goals") and followed:
        return [where.told("summary", block.text, block.line)]
    if followed or _NOTHING.fullmatch(block.text):
        return []
    if topic == "focus":
        return [where.told("focus", one_line(block.text), block.line)]
    key = "text" if topic in ("next", "questions", "notes") else "title"
    entry: dict[str, Any] = {key: block.text if key == "text" else one_line(block.text)}
    tables.grouped(entry, topic, where)
    return [where.told(topic, entry if len(entry) > 1 else entry[key], block.line)]


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
            yield from tables.read_fields([Pair(key, str(value), line)], where)
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
        yield from tables.read_fields([Pair(key, value, line) for value in values], where)
    else:
        yield tables.note(Pair(key, ", ".join(values), line), where)


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


def read_opening(blocks: Sequence[Block], where: Where, heading: str = "") -> list[Told]:
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
            known = [one for one in tables.read_fields(pairs, where) if one.key not in ("notes", "metrics")]
            return [*known, tables.as_it_is(block, where, heading)]
        case Pairs() | Bullets():
            return held(tables.read_fields(pairs_of(block), where), (block,), where)
        case Grid():
            return held(tables.read_table(block, "", where), (block,), where) or [
                tables.as_it_is(block, where, heading)
            ]
        case Paragraph() if not after_loose and not block.text.rstrip().endswith(":"):
            return [where.told("summary", block.text, block.line)]
    return []


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


def read_part(part: Part, where: Where) -> list[Told]:
    """Return what a part says."""
    return held(_read(part, where), part, where) or kept(part, where)


def top(heading: Part, where: Where, topic: str = "") -> list[Told]:
    """Return what stands below the title of a round: its own blocks, and the parts, which may be entries of its topic."""
    part = outlined(heading)
    made = read_opening(part.blocks, where)
    for inner in part.parts:
        made += (_of_document(inner, topic, where) if topic else []) or read_part(inner, where)
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
    if name_of(part.title).topic or backlinks(part.title) or plain(part.title) in _ABOUT:
        return []
    if topic == "decisions" and (decisions.is_decision(part) or not part.parts):
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
    if (code := decisions.parted(part.title, where.words)).id and code.said and not where.carried:
        return [_task(part, "tasks", where)]
    if name.topic in (*_CARRIED, "changed") and not where.carried and (earlier := _earlier(name, where)):
        start = where.told("carried", {"from": earlier}, part.line)
        return [start, *_inside(part, name.topic, replace(where, carried=True))]
    if (where.carried and name.topic not in _CARRIED) or _of_another(name, where):
        return []
    if name.topic in _CHANGES:
        return changes(part, _CHANGES[name.topic], where)
    if name.topic == "summary" and not name.rest:
        return _summary(part, where)
    if name.topic:
        return _inside(part, name.topic, _at(name, part, where))
    return _by_content(part, where)


def _is_decision(part: Part, name: Name) -> bool:
    if name.topic == "decision" and name.rest:
        return True
    if name.topic or not decisions.is_decision(part):
        return False
    return decisions.title_of(part.title) is not None or decisions.is_plain_decision(part)


def _decision(part: Part, where: Where) -> list[Told]:
    """Return the decision that a heading is; of a record that the book has already only what the note says of it."""
    return kept(part, where) if where.is_adopted(part.title) else [decisions.told(part, where)]


def _task(part: Part, kind: str, where: Where) -> Told:
    """Return the task, or blocker, that a heading is: `B1: Title -- DONE`, with what stands below it."""
    said = decisions.parted(part.title, where.words)
    entry = item_entry(replace(part, title=said.title), kind, replace(where, status=""))
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
    start = next((i for i, b in enumerate(inner.blocks) if isinstance(b, Grid) or pairs_of(b)), len(inner.blocks))
    prose, rest = inner.blocks[:start], inner.blocks[start:]
    made = [where.told("summary", where.source(prose), part.line)] if prose else []
    made += read_opening(rest, where, part.title)
    return [*made, *(one for below in inner.parts for one in read_part(below, where))]


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
        found = held(read_block(block, topic, where, followed), (block,), where)
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
    coded = bool(where.numbered & {part.line}) or decisions.title_of(part.title) is not None
    said = decisions.parted(part.title, where.words)
    own = name.topic and name.topic != topic and not (kind in ("deliverables", "checks") and name.rest)
    if kind == "decisions" and (not name.topic or name.topic == "decision" or coded or decisions.is_decision(part)):
        made = _decision(part, where)
    elif (
        not name.topic and not where.carried and ((said.id and said.said) or (kind in _WORK and (said.id or said.said)))
    ):
        made = [_task(part, kind if kind in _WORK else "tasks", where)]
    elif own or topic in ("about", "changed"):
        return read_part(part, replace(where, group="", status="", to=""))
    else:
        made = _entries(part, topic, kind, where)
    return held(made, part, where) or kept(part, where)


def _entries(part: Part, topic: str, kind: str, where: Where) -> list[Told]:
    """Return the entry that a heading below one of a topic is, or the entries that it groups."""
    if topic == "agents" or (kind in _ENTRY_PER_PART and not has_boxes(part)):
        return [where.told(kind, item_entry(part, kind, where), part.line)]
    if kind == "deliverables" and part.blocks and not any(isinstance(b, Bullets | Grid) for b in part.blocks):
        return [where.told(kind, item_entry(part, kind, where), part.line)]
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
    made = tables.read_table(grids[0], kind, replace(where, group=one_line(part.title)))
    return made if holds(made, part, where) else []


def summaries(documents: Sequence[Document], hints: Hints | None = None) -> tuple[Brought, ...]:
    """Return what documents say of rounds and phases, in the order of their keys; those of one round are joined.

    `hints` are what the person says: they win over what a document does. Nothing is raised, whatever a document holds.
    """
    given = hints or Hints()
    made: list[Brought] = []
    told: set[Finding] = set()
    for group in groups([share for document in documents for share in shares(document, given)], given):
        one = _brought(group, given)
        made.append(replace(one, notes=tuple(note for note in one.notes if note not in told)))
        told.update(one.notes)
    return tuple(made)


def _brought(group: Group, hints: Hints) -> Brought:
    found = group.shares
    numbered = {id(one): numbered_in(one) for one in group.documents}
    places = [
        Where(
            one.document,
            one.phase,
            one.round,
            hints.words,
            hints.is_commit,
            numbered=numbered[id(one.document)],
            is_record=hints.is_record,
        )
        for one in found
    ]
    told_of = (earlier_in(share.parts, where) for share, where in zip(found, places, strict=True))
    earlier = next(filter(None, told_of), "")
    best = min(map(rank, found))
    told: list[Told] = []
    for share, where in zip(found, places, strict=True):
        said = list(_told(share, replace(where, earlier=earlier)))
        told += _before_the_work(said) if rank(share) == 2 and best == 0 else said
    tree, findings = gather(told)
    first = found[0]
    identity: dict[str, Data] = {"round": first.round} if first.round else {}
    identity["phase"] = first.phase
    tree = {**identity, **tree}
    if first.round and not (tree.get("title") or tree.get("focus")):
        tree["title"] = f"Phase {first.phase} Round {first.round}"
    guesses = dict.fromkeys((share.guessed, share.document.path) for share in found if share.guessed)
    notes = [
        Finding("info", "import-key", text, Place(path, 1, 1), "name it with --phase and --round")
        for text, path in guesses
    ]
    return Brought(group.key, _with_tests(tree), group.documents, (*group.notes, *notes, *findings))


def _before_the_work(told: Sequence[Told]) -> Iterator[Told]:
    """Yield what a note says that was written before a round began; its status is a note, since what sums up tells it."""
    words = {one.line for one in told if one.key == "status-text"}
    for one in told:
        if one.key not in ("status", "status-text"):
            yield one
        elif one.key == "status-text" or one.line not in words:
            yield Told("notes", f"**Status**: {one.value}", one.path, one.line)


def _told(share: Share, where: Where) -> Iterable[Told]:
    if share.front:
        yield from front(share.document, where)
    yield from top(Part("", 0, 1, 1, share.before), where)
    if share.heading:
        yield from title(share.heading, where)
    topic = topic_of(share.heading.title if share.heading else "", share.document.path)
    yield from top(Part("", 0, 1, 1, share.blocks, share.parts), where, topic)


def _with_tests(tree: dict[str, Data]) -> dict[str, Data]:
    """Take the test count after this round from its own row among the earlier rounds, where nothing else states it."""
    metrics, history = tree.get("metrics"), tree.get("history")
    tests = metrics.get("tests") if isinstance(metrics, Mapping) else None
    if not isinstance(tests, dict) or {"after", "value"} & set(tests) or not isinstance(history, list):
        return tree
    own = [row for row in history if isinstance(row, dict) and row.get("round") == tree.get("round")]
    if len(own) == 1 and own[0].get("tests-after"):
        tests["after"] = own[0]["tests-after"]
    return tree
