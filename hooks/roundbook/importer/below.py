"""What a block says below a heading of a topic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from roundbook.importer import key_values, tables
from roundbook.importer.aside import is_none, is_thing, says_made
from roundbook.importer.lists import read_list, said_above, sign_before
from roundbook.importer.statements import Fact, NoteContext, outlined
from roundbook.importer.values import (
    about_path,
    changes_in,
    labelled,
    leading_paths,
    listed_paths,
    metric,
    one_line,
    only_paths,
    tally,
)
from roundbook.importer.vocabulary import key_names, name_of
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Code,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    plain,
    without_numbering,
)
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import result_of

_TEXTS = frozenset({"deferred", "focus", "objectives", "goals", "next", "questions", "notes", "findings"})
_FILES = frozenset({"created", "modified", "deleted", "files"})
_WORK = _FILES | {"completed", "deliverables", "solution", "change", "added", "fixed", "tasks", "changed"}
_STATES = {
    **dict.fromkeys(("created", "new", "added"), "created"),
    **dict.fromkeys(("modified", "updated", "changed", "edited"), "modified"),
    **dict.fromkeys(("deleted", "removed"), "deleted"),
}
_STATE = re.compile(rf"\W*({'|'.join(_STATES)})\b(?!-)", re.IGNORECASE)
_UPDATED = re.compile(r"\((?:modified|updated|changed|edited|existing)\)", re.IGNORECASE)
_LONG = 160  # characters of a title


def read_block(block: Block, topic: str, context: NoteContext, followed: bool = False) -> list[Fact]:
    """Return what a block says below a heading of a topic, or nothing; `followed` tells that a list or heading comes after."""
    match block:
        case Bullets():
            return list(_files(block, topic, context)) if topic in _FILES else read_list(block, topic, context)
        case Grid():
            return tables.read_table(block, topic, context)
        case Pairs() if topic == "metrics":
            return _measures(block, context)
        case Pairs() if topic in ("focus", "notes", "prs") or _names_goal(block, topic):
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


def _files(bullets: Bullets, topic: str, context: NoteContext) -> Iterator[Fact]:
    """Yield the paths of a list of files; nothing where most are no paths. A list that says more is kept as written, too."""
    items = [*_flat(bullets, "")]
    named = [one for one in items if one[1]]
    states = [_STATE.match(about_path(item.text)) for item, _, _ in named]
    if 2 * len(named) <= len(items) or "coverage" in said_above(context).casefold():
        return
    for (item, paths, bare), state in zip(named, states, strict=True):
        if topic != "files" or all(states):
            said = _STATES[state[1].casefold()] if state and topic == "files" else topic
            to = "modified" if topic == "created" and _UPDATED.search(item.text) else said
            yield from (context.fact(f"files.{to}", path, item.line) for path in paths)
        else:
            yield _touched(item, paths, bare, context)
    if topic == "files" and not all(states):
        yield from (context.fact("notes", item.text, item.line) for item, paths, _ in items if not paths)
        return
    if context.group not in ("", context.heading) or not all(bare for _, _, bare in items):
        yield context.section(said_above(context), context.source([bullets]), bullets.line)  # which says more
    elif context.group:
        yield context.fact("notes", context.group, bullets.line)


def _touched(item: Bullet, paths: list[str], bare: bool, context: NoteContext) -> Fact:
    """Return a file that was made or changed, which nobody says."""
    said = about_path(item.text)
    made: dict[str, Any] = {"paths": paths} if bare or said else {"title": one_line(item.text), "paths": paths}
    more = [one for one in (said, context.source(item.blocks) if item.blocks else "") if one]
    made |= {"note": "\n\n".join(more)} if more else {}
    made |= {} if item.checked is None else {"status": "done" if item.checked else "planned"}
    tables.grouped(made, "deliverables", context)
    return context.fact("deliverables", made, item.line)


def _flat(bullets: Bullets, folder: str) -> Iterator[tuple[Bullet, list[str], bool]]:
    """Yield bullets, their paths, and whether they say nothing else; bullets below a folder are files in it."""
    for item in bullets.items:
        found = only_paths(item.text)
        bare = bool(found) and not item.blocks and item.checked is None
        text = item.text.removeprefix(sign_before(item.text)).lstrip("\ufe0f ")
        found = found or leading_paths(text)
        inner = [block for block in item.blocks if isinstance(block, Bullets)]
        if len(found) == 1 and found[0].endswith("/") and len(inner) == len(item.blocks) == 1:
            yield from _flat(inner[0], folder + found[0])
        else:
            yield item, [one if one.startswith(folder) else folder + one for one in found], bare


def _names_goal(block: Pairs, topic: str) -> bool:
    """Tell whether lines below a heading such as `Objectives` begin with one for the goal: `**Goal**: light the pier`."""
    wanted = topic in ("goals", "objectives", "completed", "deliverables") and bool(block.pairs[0].value)
    return wanted and key_names().get(plain(block.pairs[0].key)) == "focus"


def is_code(part: Part) -> bool:
    """Tell whether nothing stands below a heading but code, and lines that name it: what is to be put elsewhere."""
    named = (isinstance(block, Pairs) and not any(pair.value for pair in block.pairs) for block in part.blocks)
    coded = [isinstance(block, Code) for block in part.blocks]
    return any(coded) and not part.parts and all(one or two for one, two in zip(coded, named, strict=True))


def lists_work(part: Part) -> bool:
    """Tell whether what is below a bold line was made, and does not only describe the thing that the heading above names."""
    items = [item for block in part.blocks if isinstance(block, Bullets) for item in block.items]
    made = sum(says_made(i.text) or i.checked is not None or bool(sign_before(i.text)) for i in items)
    topic = name_of(part.title).topic
    return topic in _WORK or (not topic and (is_thing(part.title) or 2 * made >= len(items) > 0))


def _coded(block: Code, topic: str, context: NoteContext) -> list[Fact]:
    """Return the files or commits that lines of code list, and the code itself, which says more; nothing in doubt."""
    made: list[Fact] = []
    if topic not in {*_FILES, "commits"}:
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
    apart = [one for block in blocks for one in (_keyed(block) if isinstance(block, Pairs) else (block,))]
    for signed, several in groupby(
        apart, lambda one: isinstance(one, Paragraph) and all(map(sign_before, one.text.split("\n")))
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


def spread(part: Part) -> Part:
    """Return a part with its bold lines as headings, and lines that begin with signs as lists."""
    return outlined(replace(part, blocks=tuple(joined(part.blocks))))


def _keyed(block: Pairs) -> Iterator[Block]:
    """Yield pairs, and the lines below a key that each begin with a sign as a paragraph below it: `**Pier**:`."""
    for pair in block.pairs:
        lines = pair.value.split("\n")
        if len(lines) < 2 or not all(map(sign_before, lines)):
            break
    else:
        for pair in block.pairs:
            end = pair.line + len(pair.value.split("\n"))
            yield Pairs((Pair(pair.key, "", pair.line),), pair.line, pair.line)
            yield Paragraph(pair.value, pair.line + 1, end)
        return
    yield block


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
