"""The sections of a note, and what each becomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from roundbook.importer import decision_entries, tables
from roundbook.importer.aside import is_aside, is_condition, is_group, is_hoped, is_no_work, is_none, is_work
from roundbook.importer.below import is_code, joined, lists_work, read_block, spread
from roundbook.importer.carried import CARRIED, earlier, is_apart, is_named, of_another
from roundbook.importer.entries import is_described, item_entry, lists_leads
from roundbook.importer.lists import changes, pairs_of, sign_before
from roundbook.importer.opening import (
    has_boxes,
    is_first,
    is_name_alone,
    is_of_round,
    listed_kind,
    over,
    read_opening,
    says_numbers,
    standing,
)
from roundbook.importer.proof import if_complete
from roundbook.importer.statements import IN_ORDER, LEVEL, Fact, NoteContext, outlined
from roundbook.importer.values import leading_paths, one_line, paths_in
from roundbook.importer.vocabulary import Name, mentions, name_of
from roundbook.markdown import (
    Block,
    Bullets,
    Code,
    Grid,
    Pairs,
    Paragraph,
    Part,
    plain,
    without_numbering,
)
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import status_of

_CHANGES = {"added": "added", "change": "changed", "deprecated": "deprecated", "removed": "removed", "fixed": "fixed"}
_CHANGES |= {"security": "security"}
_ENTRY_PER_PART = frozenset({"goals", "objectives", "findings", "blockers"})
_OF_WORK = frozenset({"created", "modified", "deleted", "files", "commits", "metrics"})
_CHANGED = frozenset({"created", "modified", "deleted", "files"})
_SHOWN = re.compile(
    r"\b(?:output|commands?|before|after|format|examples?|logs?|usage|architecture|code)\b", re.IGNORECASE
)
_SAYS = re.compile(r"[^\W\d](?!iles?$)")  # more than how many there are: `(4 files)`
_NOT_NEW = re.compile(r"\b(?:existing|referenced?|related|unchanged|living|updated|knowledge)\b", re.IGNORECASE)
_NEVER_MADE = frozenset({"findings", "blockers", "risks", "deferred", "next", "questions", "problem"})
_TICKED = frozenset({"checks", "tasks", "next"})
_OF_TASK = frozenset({"checks", "tasks", "created", "modified", "deleted", "findings", "deferred", "changed"})
_OF_THIS = frozenset({"checks", "metrics", "goals", "objectives", "deliverables"})  # and of no round to come
_ELSE = _NEVER_MADE | {"created", "modified", "deleted", "files", "commits", "decisions"}
_SAID = frozenset({"decisions", "decision", "goals", "objectives", "findings", "next", "tasks", "risks", "questions"})
_TO_COME = frozenset({"next", "deferred"})
_WORK_TO_COME = frozenset({"deliverables", "completed", "tasks", "goals", "objectives"})
_WANTED = frozenset({"goals", "objectives"})
_ONE_THING = {"problem": "findings", "solution": "deliverables"}
_APART = re.compile(r"\s*:\s+|\s+(?:--+|[–—|-])\s+")
# Headings that hold the entries of a note, and such as are about the note itself.
_CONTAINERS = frozenset(
    ["entries", "entry", "log", "items", "list", "records", "all", "index", "accepted", "open", "made"]
)
_ABOUT = frozenset(
    {"background", "purpose", "format", "template", "legend", "introduction", "conclusion", "scope", "glossary"}
)
_ABOUT |= {"appendix", "context", "how to use", "table of contents", "entry format", "how to add an entry"}
_SAYS_GROUP = frozenset({"deliverables", "checks", "tasks", "metrics", "goals", "objectives", "files"})
_STATED = re.compile(r"(?:(?:overall|current|final|project)\s+)?status\s*[:—–-]\s*", re.IGNORECASE)
_WORK = frozenset({"tasks", "blockers"})
_TASK = re.compile(
    r"(?:task|story|user story|ticket|recommendation)\s+(?:#?\d+[a-z]?(?:[.-]\d+)*|(?-i:[A-Z]\d{0,3}))\s*(?::|--?\s|[–—])\s*\S",
    re.IGNORECASE,
)
_GROUPED = _SAYS_GROUP | {"next", "risks", "questions", "deferred"}


def read_part(part: Part, context: NoteContext) -> list[Fact]:
    """Return what a part says."""
    made = _read(part, context)
    keys = {one.key for one in made} - {"notes", "sections", "tables"}
    name, inner = name_of(part.title), outlined(part).parts
    named = all(map(is_name_alone, inner)) and not name.rounds and not is_no_work(part.title)
    sure = name.topic or named or keys <= _TICKED  # below a heading that means nothing to us
    says = keys and sure and not context.carried and inner
    noted = [*made, context.fact("notes", part.title, part.line)] if says else []
    return if_complete(made, part, context) or if_complete(noted, part, context) or kept(part, context)


def top(heading: Part, context: NoteContext, topic: str = "") -> list[Fact]:
    """Return the facts below the title of a round: its own blocks, and its parts, which may be entries of its topic."""
    part = outlined(heading)
    made = read_opening(part.blocks, context)
    for inner in part.parts:
        made += (_of_document(inner, topic, context) if topic else []) or read_part(inner, context)
    return made


def topic_of(title: str, path: str) -> str:
    """Return what a whole note lists, by the first or last words of its title or by its file: decisions, or blockers."""
    pieces = [piece for piece in _APART.split(title) if piece.strip()]
    names = [*pieces[:1], *pieces[-1:], re.sub(r"[_.-]+", " ", PurePosixPath(path).stem)]
    return next((topic for name in names if (topic := name_of(name).topic) in ("decisions", "blockers")), "")


def _of_document(part: Part, topic: str, context: NoteContext) -> list[Fact]:
    """Return a heading of a note that lists one kind of thing as an entry, or the entries below it; nothing in doubt."""
    if plain(without_numbering(part.title)) in _CONTAINERS:
        return if_complete(_inside(part, topic, context), part, context)
    if name_of(part.title).topic or mentions(part.title) or plain(part.title) in _ABOUT:
        return []
    if topic == "decisions" and (decision_entries.is_decision(part) or not part.parts):
        return if_complete(_decision(part, context), part, context)
    return if_complete([_task(part, topic, context)], part, context) if topic == "blockers" and not part.parts else []


def kept(part: Part, context: NoteContext) -> list[Fact]:
    """Return a part as it is written; one that is a table and a line about it is a table."""
    grids = [block for block in part.blocks if isinstance(block, Grid)]
    others = [block for block in part.blocks if not isinstance(block, Grid)]
    if grids and not part.parts and not others:
        return [tables.as_it_is(grid, context, part.title) for grid in grids]
    if len(grids) == 1 and not part.parts and len(others) == 1 and isinstance(others[0], Paragraph):
        return [tables.as_it_is(grids[0], context, part.title, others[0].text)]
    return [context.section(part.title, context.document.below(part), part.line)]


def _name(part: Part, context: NoteContext) -> Name:
    """Return what a heading is a name of; the first one of a note may say that all of it is done: `Mission accomplished!`."""
    name = name_of(part.title)
    told = name.topic == "completed" and over(part.title) and is_first(part, context)
    return Name("", part.title, name.rounds) if told else name


def _read(part: Part, context: NoteContext) -> list[Fact]:
    """Return what the reader of a part's topic makes of it; nothing where there is none."""
    name = _name(part, context)
    if _is_decision(part, name):
        return _decision(part, context)
    code = decision_entries.parted(part.title, context.hints.words)
    if ((code.id and code.said) or _TASK.match(without_numbering(part.title))) and not context.carried:
        return _story(part, context) or [_task(part, "tasks", context)]
    if name.topic in (*CARRIED, "changed") and not context.carried and (before := earlier(name, context)):
        start = context.fact("carried", {"from": before}, part.line)
        return [start, *_inside(part, name.topic, replace(context, carried=True))]
    if (context.carried and name.topic not in CARRIED) or of_another(name, context) or _asks(part, name):
        return []
    if name.topic in _OF_THIS and any(is_apart(one, context) for one in name.rounds):
        return []
    if name.topic in _CHANGES:
        fixed = bool(part.parts) and name.topic == "fixed"
        return _inside(part, "findings", context) if fixed else changes(part, _CHANGES[name.topic], context)
    if name.topic == "summary" and not name.rest:
        return _summary(part, context)
    if not name.topic:
        readers = (standing, _stated, _worked, _by_content)
        return next((made for read in readers if (made := read(part, context))), [])
    if name.topic in _ONE_THING:
        return _one_thing(part, _ONE_THING[name.topic], _at(name, part, context))
    own = plain(without_numbering(part.title)) in ("changes", "what changed")
    return _inside(
        part, "completed" if own else name.topic, _at(replace(name, topic="completed") if own else name, part, context)
    )


def _one_thing(part: Part, kind: str, context: NoteContext) -> list[Fact]:
    """Return the one entry that a heading such as `Problem` or `Fix` is with all below it, or those that a list has."""
    if part.parts or (part.blocks and all(isinstance(block, Bullets | Grid) for block in part.blocks)):
        return _inside(part, kind, context)
    return [context.fact(kind, item_entry(part, kind, context), part.line)] if part.blocks else []


def _stated(part: Part, context: NoteContext) -> list[Fact]:
    """Return what stands below a heading that says how far the round is: `Implementation complete`, `Status: deployed`."""
    title = without_numbering(part.title)
    said = _STATED.sub("", title)
    first, told = is_first(part, context), any(map(is_of_round, part.blocks))
    found = (status_of(one, context.hints.words) for one in (said, part.title, over(title) if first else ""))
    status = next(filter(None, found), None)
    if not status or context.carried or not (told or first):
        return []
    stated = [context.fact("status", status, part.line, label="title")] if said != title or not told else []
    return [*stated, context.fact("notes", part.title, part.line), *top(part, context)]


def _worked(part: Part, context: NoteContext) -> list[Fact]:
    """Return the things that numbered or ticked headings below one of work are: `Main development stages`; nothing in doubt."""
    ticked = [decision_entries.parted(inner.title, context.hints.words).said for inner in part.parts]
    run = all(ticked) or all(inner.line in context.numbered for inner in part.parts)
    over = status_of(decision_entries.parted(part.title, {}).said) == "done" or is_work(part.title, over=True)
    work = (over or is_work(part.title)) and not is_no_work(part.title) and not is_hoped(part.title, "completed")
    if len(part.parts) < 2 or not run or not work or any(map(is_name_alone, part.parts)) or context.carried:
        return []
    status = "done" if over or all(ticked) else ""
    return _inside(part, "completed", replace(context, group=one_line(part.title), heading=part.title, status=status))


def _asks(part: Part, name: Name) -> bool:
    """Tell whether a heading is `Questions?`, and says below whom to ask, or says what is hoped for."""
    if is_hoped(part.title, name.topic) or is_hoped(name.rest, name.topic):
        return True
    if name.topic in _SAID and is_code(part):
        return True
    asked = any("?" in item.text for block in part.blocks if isinstance(block, Bullets) for item in block.items)
    return name.topic == "questions" and part.title.rstrip().endswith("?") and not asked


def _is_decision(part: Part, name: Name) -> bool:
    if name.topic == "decision" and name.rest:
        return True
    if name.topic or not decision_entries.is_decision(part):
        return False
    return decision_entries.title_of(part.title) is not None or decision_entries.is_plain_decision(part)


def _decision(part: Part, context: NoteContext) -> list[Fact]:
    """Return the decision that a heading is; of a record that the book has already only what the note says of it."""
    return kept(part, context) if context.is_adopted(part.title) else [decision_entries.fact_of(part, context)]


def _task(part: Part, kind: str, context: NoteContext) -> Fact:
    """Return the task, or blocker, that a heading such as `B1: Title -- DONE` states, with the text below it."""
    said = decision_entries.parted(part.title, context.hints.words)
    entry = item_entry(replace(part, title=said.title), kind, replace(context, status=""))
    if said.said and "status" not in entry and "status-text" not in entry:
        context.with_status(entry, said.said)
    elif context.status and not said.said:
        entry.setdefault("status", context.status)
    return context.fact(kind, ({"id": said.id} if said.id else {}) | entry, part.line)


def _at(name: Name, part: Part, context: NoteContext) -> NoteContext:
    """Return the place below a heading: what it says of all entries, and the heading itself where it says more."""
    to = next((context.key_of(one) for one in name.rounds if one.how == "to"), "") if name.topic == "deferred" else ""
    status = _status(name, part.title) if not context.carried else ""
    others = [one for one in name.rounds if not (is_named(one, context) or to or context.carried)]
    group = one_line(part.title) if name.rest or others else context.group
    if name.topic == "reviewed" or (name.topic == "tasks" and plain(part.title) in tables.PRIORITIES):
        group = without_numbering(one_line(part.title))
    return replace(context, to=to, status=status, group=group, heading=one_line(part.title))


def _status(name: Name, title: str) -> str:
    """Return the status that a heading gives to what is below it: `Shipped`, `In Progress`, `To do`."""
    if name.topic == "completed":
        return "done"
    status = status_of(title) if name.topic == "tasks" else None
    over = re.search(r"\b(?:completed|done|finished)\b", plain(title))
    return status if status in ("in-progress", "planned") else "done" if over and name.topic == "tasks" else ""


def _summary(part: Part, context: NoteContext) -> list[Fact]:
    """Return the facts below `Summary`: prose verbatim, or keys and values."""
    inner = outlined(part)
    start = next((i for i, b in enumerate(inner.blocks) if isinstance(b, Grid) or pairs_of(b)), len(inner.blocks))
    prose, rest = inner.blocks[:start], inner.blocks[start:]
    made = [context.fact("summary", context.source(prose), part.line)] if prose else []
    made += read_opening(rest, context, part.title)
    return [*made, *(one for below in inner.parts for one in read_part(below, context))]


def _inside(part: Part, topic: str, context: NoteContext) -> list[Fact]:
    """Return the facts below a heading of a topic: its own blocks, then the headings in it."""
    part = spread(part)
    if part.blocks and isinstance(part.blocks[0], Paragraph) and is_none(part.blocks[0].text, topic):
        return []
    made = _blocks(part, topic, context)
    for inner in part.parts:
        made += _inner(inner, topic, context)
    said = topic == "reviewed" and part.parts  # by each entry
    if context.group and not said and (topic not in (*tables.MORE, *tables.TABLE_OF) or not part.blocks):
        made.append(context.fact("notes", context.group, part.line))
    return made


def _blocks(part: Part, topic: str, context: NoteContext) -> list[Fact]:
    """Return what the blocks below a heading say; those that do not fit its topic are kept under its title."""
    made: list[Fact] = []
    loose: list[Block] = []
    above = ""
    for block in joined(part.blocks):
        followed = any(isinstance(b, Bullets | Grid) for b in part.blocks) or bool(part.parts)
        aside = bool(above) and is_aside(above, tables.TABLE_OF.get(topic, topic))
        found = [] if aside else if_complete(read_block(block, topic, context, followed), (block,), context)
        if not found and isinstance(block, Pairs) and topic not in _TO_COME and says_numbers(block, ""):
            found = if_complete(read_block(block, "metrics", context), (block,), context)  # `**Total**: 17 files`
        above = block.text if isinstance(block, Paragraph) and block.text.endswith(":") else ""
        above = block.pairs[-1].key if isinstance(block, Pairs) and not block.pairs[-1].value else above
        made += found
        loose += () if found else [block]
    return made + _loose(loose, part, context)


def _loose(loose: Sequence[Block], part: Part, context: NoteContext) -> list[Fact]:
    if not loose:
        return []
    if all(isinstance(block, Grid) for block in loose):
        return [tables.as_it_is(block, context, part.title) for block in loose if isinstance(block, Grid)]
    return [context.section(part.title, "\n\n".join(context.source([one]) for one in loose), part.line)]


def _inner(part: Part, topic: str, context: NoteContext) -> list[Fact]:
    """Return what a heading below one of a topic says."""
    name = name_of(part.title)
    kind = tables.TABLE_OF.get(topic, topic)
    if is_aside(part.title, kind) or (kind in _SAID and is_code(part)):
        return kept(part, context)
    coded = bool(context.numbered & {part.line}) or decision_entries.title_of(part.title) is not None
    said = decision_entries.parted(part.title, context.hints.words)
    graded = plain(part.title) in tables.PRIORITIES and kind in ("checks", "metrics", "goals", "objectives")
    boxed = (kind == "checks" or (kind == "tasks" and not is_condition(part.title))) and has_boxes(
        part
    )  # which are ticked off there, whatever they are called
    own = (
        name.topic
        and name.topic != topic
        and not (graded or boxed)
        and not (kind in ("deliverables", "checks") and _SAYS.search(name.rest) and name.topic not in _NEVER_MADE)
    )
    if kind == "decisions" and (
        not name.topic or name.topic == "decision" or coded or decision_entries.is_decision(part)
    ):
        made = _decision(part, context)
    elif (
        not name.topic
        and not context.carried
        and ((said.id and said.said) or (kind in _WORK and (said.id or said.said)))
    ):
        made = _story(part, context) if kind == "tasks" else []
        made = made or [_task(part, kind if kind in _WORK else "tasks", context)]
    elif own and topic in _TO_COME and tables.TABLE_OF.get(name.topic, name.topic) not in _NEVER_MADE:
        wanted = (name.topic in _WORK_TO_COME or has_boxes(part)) and not part.parts
        made = _blocks(part, topic, replace(context, group=one_line(part.title))) if wanted else []
    elif own or topic in ("about", "changed"):
        return read_part(part, replace(context, group="", status="", to=""))
    else:
        made = _entries(part, topic, kind, context)
    return _complete(made, part, context) or kept(part, context)


def _entries(part: Part, topic: str, kind: str, context: NoteContext) -> list[Fact]:
    """Return the entry that a heading below one of a topic is, or the entries that it groups."""
    if _is_entry(part, topic, kind):
        return [_one_entry(part, topic, kind, context)]
    if kind == "files" and topic != "files" and (paths := leading_paths(without_numbering(part.title))):
        return [*(context.fact(f"files.{topic}", path, part.line) for path in paths), *kept(part, context)]
    if lists_leads(part, kind):
        return _blocks(part, topic, replace(context, group=one_line(part.title)))
    if kind in ("checks", "metrics") and (checked := _check(part, context)):
        return [checked]
    if kind == "tasks" and (story := _story(part, context)):
        return story
    listed = any(isinstance(block, Bullets | Grid) for block in part.blocks)
    if kind == "tasks" and (_TASK.match(without_numbering(part.title)) or (not listed and not part.parts)):
        return [_task(part, kind, context)]
    if topic == "created" and _NOT_NEW.search(part.title):
        return []
    named = name_of(part.title).topic == topic and is_name_alone(part)
    boxes = [i.checked for block in part.blocks if isinstance(block, Bullets) for i in block.items]
    open_ = topic in _TO_COME and len(part.blocks) == 1 and boxes and all(one is False for one in boxes)
    grouping = kind in _SAYS_GROUP or named or open_ or is_group(part.title)
    if kind in _GROUPED and not part.parts and grouping:
        at = replace(context, group=one_line(part.title))
        inside = spread(part) if kind != "metrics" else part
        below = [one for inner in inside.parts for one in _in_turn(inner, topic, at)]
        return [*_blocks(inside, topic, at), *below] if inside.blocks or below else []
    if kind in _GROUPED and part.parts and not part.blocks:
        found = [one for inner in part.parts for one in _inner(inner, topic, replace(context, group=""))]
        return [_in_group(one, one_line(part.title)) if one.key in ("deliverables", "checks") else one for one in found]
    return []


def _is_entry(part: Part, topic: str, kind: str) -> bool:
    """Tell whether a heading is one entry, and all below it says more of it."""
    if kind == "deliverables" and part.blocks:
        coded = all(isinstance(block, Code) for block in part.blocks)
        shown = coded and (part.level >= LEVEL or _SHOWN.search(part.title))
        prose = not _listing(part) and not shown and not is_none(getattr(part.blocks[0], "text", ""), "tasks")
        return _is_one_thing(part) or is_described(part, kind) or prose
    if kind == "tasks" and (outlined(part).parts or is_described(part, kind)):
        return _is_one_thing(part)
    tabled = kind in _WANTED and any(isinstance(block, Grid) for block in part.blocks)
    whole = not (has_boxes(part) or lists_leads(part, kind) or tabled)
    return topic == "agents" or (kind in _ENTRY_PER_PART and whole) or (kind == "risks" and is_described(part, kind))


def _one_entry(part: Part, topic: str, kind: str, context: NoteContext) -> Fact:
    """Return the entry that a heading is; one of a review says whether it went well or not."""
    entry = item_entry(part, kind, context)
    if topic == "reviewed":
        tables.grouped(entry, kind, context)
    return context.fact(kind, entry, part.line)


def _in_turn(part: Part, topic: str, context: NoteContext) -> list[Fact]:
    """Return what a bold line below a heading that groups entries has below it, with both of them as the group."""
    kind = tables.TABLE_OF.get(topic, topic)
    other = name_of(part.title).topic
    shown = kind == "deliverables" and (other in ("metrics", "checks") or not lists_work(part))
    apart = shown or (other in _ELSE and kind not in _ELSE - {"files"} and (other, kind) != ("files", "deliverables"))
    if is_aside(part.title, kind) or (other and apart):
        return _inner(part, topic, context)
    at = replace(context, group=one_line(f"{context.group}: {part.title}"))
    return ([] if apart else if_complete(_blocks(part, topic, at), part, context)) or kept(part, context)


def _in_group(one: Fact, group: str) -> Fact:
    """Return an entry below a heading that holds nothing but headings."""
    value = one.value if isinstance(one.value, Mapping) else {"title": one.value}
    return replace(one, value={**value, "group": ": ".join(filter(None, (group, str(value.get("group", "")))))})


def _check(part: Part, context: NoteContext) -> Fact | None:
    """Return the check that a heading is with lines for what is expected and what came of it below it."""
    entry = item_entry(part, "checks", context)
    wanted = "target" in entry or ("result" in entry and name_of(context.heading).topic == "checks")
    return context.fact("checks", entry, part.line) if wanted else None


def _story(part: Part, context: NoteContext) -> list[Fact]:
    """Return the task that a heading is that has criteria, steps, changes or files below it, and these; else nothing."""
    whole = outlined(part)
    topics = [name_of(inner.title).topic for inner in whole.parts]
    if not _OF_TASK & set(topics):
        return []
    rest = tuple(inner for inner, topic in zip(whole.parts, topics, strict=True) if topic not in _OF_TASK)
    plain_ = replace(whole, title=without_numbering(part.title), parts=rest)
    task = _task(plain_, "tasks", replace(context, group=""))
    done = "done" if isinstance(task.value, Mapping) and task.value.get("status") == "done" else ""
    made = [task]
    for inner, topic in zip(whole.parts, topics, strict=True):
        own = one_line(f"{part.title}: {inner.title}" if name_of(inner.title).rest else part.title)  # `Technical tasks`
        at = replace(context, group="" if topic in _OF_WORK else own, status="", heading=inner.title)
        if topic == "changed" and done:
            made += _inside(inner, "completed", replace(at, status=done))
        elif topic in _OF_TASK:
            made += _inside(inner, topic, at) if topic != "changed" else kept(inner, context)
    return if_complete(made, part, context)


def _listing(part: Part) -> bool:
    return any(isinstance(block, Bullets | Grid) for block in part.blocks)


def _is_one_thing(part: Part) -> bool:
    """Tell whether a numbered heading is what was made, and the list below it says how: it names neither files nor states."""
    items = [item for block in part.blocks if isinstance(block, Bullets) for item in block.items]
    states = (item.checked is not None or sign_before(item.text) for item in items)
    numbered = IN_ORDER.match(part.title) or any(
        isinstance(block, Pairs) and plain(block.pairs[0].key) in ("file", "files") for block in part.blocks[:1]
    )
    return bool(numbered) and not any(states) and not (items and all(paths_in(item.text) for item in items))


def _by_content(part: Part, context: NoteContext) -> list[Fact]:
    """Return what a part says whose heading means nothing to us: tables that are plain by their heads, and lists below it."""
    bold = outlined(part)
    part = bold if bold.parts and all(name_of(one.title).topic in _CHANGED - {"files"} for one in bold.parts) else part
    title = without_numbering(one_line(part.title))
    inside = replace(context, group=f"{context.group}: {title}" if context.group else title, heading="")
    made: list[Fact] = []
    loose: list[Block] = []
    for block in part.blocks:
        kind = tables.kind_of(block, context) if isinstance(block, Grid) else listed_kind(block, inside.group)
        kind = "" if (kind == "completed" and is_no_work(inside.group)) or is_hoped(title, kind) else kind
        kind = "checks" if kind == "tasks" and isinstance(block, Bullets) and is_condition(inside.group) else kind
        found = if_complete(read_block(block, kind, inside), (block,), inside) if kind else []
        made += found
        loose += () if found else [block]
    below = [(inner, _nested(inner, inside)) for inner in part.parts]
    if not made and not any(found for _, found in below):
        return []
    if loose:
        made.append(context.section(part.title, "\n\n".join(context.source([one]) for one in loose), loose[0].line))
    for inner, found in below:
        made += found or kept(replace(inner, title=f"{part.title}: {inner.title}"), context)
    return made


def _nested(part: Part, context: NoteContext) -> list[Fact]:
    """Return what a list or table says below a heading that means nothing to us; nothing where it is none, or says more."""
    topic = name_of(part.title).topic
    reads = not topic or topic in LISTS or topic in _OF_WORK
    return _complete(_read(part, context), part, context) if reads else []


def _complete(made: list[Fact], part: Part, context: NoteContext) -> list[Fact]:
    """Return what a part was made into if that is complete; one of tasks, with its heading as a note: `Epic: light`."""
    lines = {one.line for one in made if one.key == "tasks"}
    named = [*made, context.fact("notes", part.title, part.line)] if lines and part.line not in lines else []
    return if_complete(made, part, context) or if_complete(named, part, context)
