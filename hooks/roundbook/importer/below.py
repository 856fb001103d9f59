"""What a block says below a heading of a topic."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from roundbook.importer import key_values, tables
from roundbook.importer.aside import is_none
from roundbook.importer.lists import read_list, said_above, sign_before
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import changes_in, labelled, listed_paths, metric, one_line, tally
from roundbook.markdown import Block, Bullet, Bullets, Code, Grid, Pairs, Paragraph, plain, without_numbering
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import result_of

_TEXTS = frozenset({"deferred", "focus", "objectives", "goals", "next", "questions", "notes", "findings"})
_LONG = 160  # characters of a title


def read_block(block: Block, topic: str, context: NoteContext, followed: bool = False) -> list[Fact]:
    """Return what a block says below a heading of a topic, or nothing; `followed` tells that a list or heading comes after."""
    match block:
        case Bullets():
            return read_list(block, topic, context)
        case Grid():
            return tables.read_table(block, topic, context)
        case Pairs() if topic == "metrics":
            return _measures(block, context)
        case Pairs() if topic in ("focus", "notes", "prs"):
            return key_values.read_fields(block.pairs, context)
        case Pairs() if topic == "checks":
            return _stated(block, context)
        case Code():
            return _printed(block, context) if topic in ("checks", "metrics") else _coded(block, topic, context)
        case Paragraph() if topic in ("checks", "metrics"):
            return _told(block, context)
        case Paragraph() if topic in _TEXTS and not context.carried:
            return _paragraph(block, topic, context, followed)
    return []


def _coded(block: Code, topic: str, context: NoteContext) -> list[Fact]:
    """Return the files or commits that lines of code list, and the code itself, which says more; nothing in doubt."""
    made: list[Fact] = []
    if topic not in ("files", "created", "modified", "deleted", "commits"):
        return made
    for line, path, said in listed_paths(block.text) if topic != "commits" else ():
        entry = {"paths": [path]} | ({"note": said} if said else {})
        key, value = ("deliverables", entry) if topic == "files" else (f"files.{topic}", path)
        made.append(context.fact(key, value, block.line + 1 + line))
    lines = block.text.split("\n") if topic == "commits" else []
    found = [context.shas(one.split(" ")[0]) if " " in one else [] for one in lines if one.strip()]
    made += [context.fact("commits", one[0], block.line) for one in found if all(found)]
    return [*made, context.section(said_above(context), context.source([block]), block.line)] if made else []


_LABELLED = re.compile(r"\s*[A-Z][\w /-]{1,40}:\s+\d")
_DRAWN = re.compile(r"[─│┌└├═║]|\+--|--\+")


def _printed(block: Code, context: NoteContext) -> list[Fact]:
    """Return the numbers that a run of tests printed, and the code itself; nothing where it has none."""
    made: list[Fact] = []
    if _DRAWN.search(block.text):
        return made
    lines = [*enumerate(block.text.split("\n"), block.line + 1)]
    said_of = [labelled(line.strip()) or ("", "") for _, line in lines if line.strip()]
    results = [*map(bool, map(result_of, (value for _, value in said_of)))]  # `Status: ✅ no errors`
    sure = all(_LABELLED.match(f"{key}: {value}") or ok for (key, value), ok in zip(said_of, results, strict=True))
    for n, line in lines:
        said = labelled(line.strip()) if _LABELLED.match(line) else None
        if counted := tally(line):
            entry = {key: value for key, value in counted[1].items() if key != "note"}  # which the code below says
            made.append(context.fact(f"metrics.{counted[0]}", entry, n))
        elif said and (found := metric(*said, sure=sure)):
            made.append(context.fact(f"metrics.{found[0]}", found[1], n))
    return [*made, context.section(said_above(context), context.source([block]), block.line)] if made else []


def _stated(block: Pairs, context: NoteContext) -> list[Fact]:
    """Return the checks that lines with results are: `**Build**: ✅ Successful`; one for `Status` is what the heading names."""
    made = [fact for pair in block.pairs for fact in key_values.check(pair, context)]
    if len(made) < len(block.pairs):
        return []
    title = without_numbering(context.group or context.heading)
    for pair, fact in zip(block.pairs, made, strict=True):
        if plain(pair.key) in ("status", "result") and isinstance(fact.value, dict):
            fact.value["title"] = title or pair.key
    return made


def _told(block: Paragraph, context: NoteContext) -> list[Fact]:
    """Return the check that a heading is, or the numbers that sentences tell, and these, which say more than they do."""
    if sign_before(block.text) and block.text[-1:] not in ":*":
        return _checked(block, context)
    counted = tally(block.text)
    found = [counted] if counted else changes_in(block.text)
    made = [context.fact(f"metrics.{name}", entry, block.line) for name, entry in found]
    return [*made, context.section(said_above(context), block.text, block.line)] if made and not counted else made


def _checked(block: Paragraph, context: NoteContext) -> list[Fact]:
    """Return the check that a heading is whose text begins with a sign for its result: `✅ **PASSED** - 12 tests`."""
    made = {
        "title": without_numbering(context.group or context.heading),
        "result": result_of(block.text[:1]) or "",
        "evidence": block.text,
    }
    return [context.fact("checks", made, block.line)] if made["title"] and made["result"] else []


def joined(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks with lines that each begin with a sign for a status as the list that they are: `[OK] It starts`."""
    made: list[Block] = []
    for signed, several in groupby(
        blocks, lambda one: isinstance(one, Paragraph) and all(map(sign_before, one.text.split("\n")))
    ):
        run = [*several]
        lines = [
            (line, n)
            for one in run
            if isinstance(one, Paragraph)
            for n, line in enumerate(one.text.split("\n"), one.line)
        ]
        if signed and len(lines) > 1:
            made.append(Bullets(tuple(Bullet(line.rstrip("\\ "), n, n) for line, n in lines), run[0].line, run[-1].end))
        else:
            made += run
    return made


def _measures(block: Pairs, context: NoteContext) -> list[Fact]:
    found = [(pair, metric(pair.key, pair.value, sure=True)) for pair in block.pairs]
    if any(one is None for _, one in found):
        return []
    for _, one in found:
        tables.grouped(one[1] if one else {}, "metrics", context)
    return [context.fact(f"metrics.{one[0]}", one[1], pair.line) for pair, one in found if one]


def _paragraph(block: Paragraph, topic: str, context: NoteContext, followed: bool) -> list[Fact]:
    if topic in ("objectives", "goals") and followed:
        return [context.fact("summary", block.text, block.line)]
    if followed or is_none(block.text, "next"):
        return []
    if topic == "focus":
        return [context.fact("focus", one_line(block.text), block.line)]
    key = "text" if topic in ("next", "questions", "notes") else "title"
    entry: dict[str, Any] = {key: block.text if key == "text" else one_line(block.text)}
    if key == "title" and LISTS[topic].more == "text" and len(block.text) > _LONG and context.heading:
        entry = {"title": context.heading, "text": block.text}
    tables.grouped(entry, topic, context)
    return [context.fact(topic, entry if len(entry) > 1 else entry[key], block.line)]
