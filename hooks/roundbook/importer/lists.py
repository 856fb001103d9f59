"""Lists of a note."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from roundbook.importer import key_values, tables
from roundbook.importer.aside import describes, is_blank, is_claim, is_none
from roundbook.importer.statements import Fact, NoteContext, label_lines, table_pairs
from roundbook.importer.tables import MORE, TABLE_OF, grouped
from roundbook.importer.values import (
    bare_path,
    changes_in,
    is_name,
    is_whole,
    labelled,
    metric,
    one_line,
    only_paths,
    paths_in,
    remembered,
    tally,
)
from roundbook.importer.vocabulary import field_of, first_of, key_names, mentions
from roundbook.importer.words import COLUMNS
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    bold_of,
    lead_of,
    pair_of,
    plain,
    remark_of,
    unmarked,
)
from roundbook.schema.round import LISTS, ListKey
from roundbook.schema.statuses import STATUS_SIGNS, result_of, status_of

_PUT_OFF = re.compile(
    r"(?:\bto\b|→|->|\buntil\b|\bin\b|:)\s+(?=(?:round|sprint|iteration|wave|week|cycle)\b)", re.IGNORECASE
)
_PLAIN_LABEL = re.compile(r"(?P<label>[A-Z][\w /-]{1,30}?):\s+(?P<value>\S.*)", re.DOTALL)
PLAIN_LINE = re.compile(r"(?P<label>[\w][\w /-]{1,30}?):\s+(?P<value>\S.*)")
_ADDRESS = re.compile(
    r"(?:<(?P<bare>https?://[^\s<>]+)>|\[(?P<title>[^\]]+)\]\((?P<url>(?:https?://|mailto:)[^\s()]+)\)|(?P<open>https?://\S+))"
)
_REASON = re.compile(r"(?:because|since|as|so that|due to)\b", re.IGNORECASE)
_SHARE = re.compile(r"\W*\d+(?:\.\d+)?\s?%\W*")  # says how much, and not whether that is enough
_MARKED = re.compile(r"(?P<title>.*\S)\s+(?P<mark>[✓✔✅❌✗✘])\ufe0f?")
_MARK = re.compile(r"\[[A-Za-z][A-Za-z ]{1,11}\](?=\s)|âœ[…”]|[^\w\s`*\[(\"'<_#~]")
_CRITERIA = re.compile(
    r"\b(?:dod|criteria|criterion|checklists?|gates?|definition of done|done when|go no go|results|performed|passed|met"
    r"|evidence|validated|satisfied|verified|run|must haves|truths)\b"
)
_NAMED = re.compile(r"(?P<name>[^:–—\n]{1,120}?)(?:\s+(?:--+|[–—-])|:)\s+(?P<rest>\S.*)", re.DOTALL)
_RESULT = re.compile(r"(?P<name>\S.*?)(?::\s+|\s+(?:--|[–—-]|→)\s+)(?P<rest>\S.*)")
_COUNTED = re.compile(
    r"[*~≈<>]{0,3}\d[\d,./KkMB]*\+?\s?(?:%|→|\(|$|(?:ms|s|tests?|lines?|files?|hours?|minutes|seconds|categories|demos?|cases?)\b)",
    re.IGNORECASE,
)
_LATER = re.compile(r"\b(?:tasks?\s\d+|phase|sprint|future|later|optional|term|post)\b", re.IGNORECASE)
_ANOTHER = re.compile(
    r"\bnext (?:[\d-]+ )?(?:week|session|day|month|sprint|phase|round)s?\b|\btomorrow\b", re.IGNORECASE
)
_WITH_FIELDS = frozenset({"agents", "risks", "blockers", "tasks", "deliverables", "decisions"})
_STEPS = re.compile(r"\b(?:next|what s next|future|later|upcoming|tomorrow|remaining|enhancements|improvements)\b")
_WANTED = re.compile(r"\b(?:criteria|must|should|nice to have|definition of done)\b(?!.*\bmet\b)")
_TESTS = re.compile(r"test|quality|check|verif|valid|result|build|success|criteria|coverage|metric", re.IGNORECASE)
_PASSES = re.compile(r"\bpass(?:es|ed|ing)?\b\W*$", re.IGNORECASE)
_MADE_IT = re.compile(r"\W*(?:pass|clean|green|ok|no |zero |fail|success)", re.IGNORECASE)
_AIM = re.compile(r"\W*(?:target|goal|threshold)\W*:", re.IGNORECASE)  # one number, said in several lines
_SPAN = re.compile(r"[`*]([0-9a-f]{7,40})[`*]")
_PR = re.compile(r"(?:PR\s*)?([#!]\d+)\b")
_NAMES_PR = re.compile(r"\W*(?:PR|MR|pull request|merge request)\W{0,5}?([#!]\d+)\b", re.IGNORECASE)


def read_list(bullets: Bullets, topic: str, context: NoteContext) -> list[Fact]:
    """Return what a list says under a heading of a topic; nothing where it does not fit there."""
    signed = all(map(_is_signed, bullets.items))
    if topic in ("checks", "metrics") and (nested := _nested(bullets)):
        inside = [replace(context, group=": ".join(filter(None, (context.group, item.text)))) for item, _ in nested]
        made = [read_list(below, "checks", at) for (_, below), at in zip(nested, inside, strict=True)]
        return [one for several in made for one in several] if all(made) else []
    if topic in ("metrics", "commits", "prs", "links"):
        found = list(_whole(bullets, topic, context))
        if (
            topic != "metrics"
            or not (signed and _TESTS.search(context.heading))
            or (found and all(one.key != "notes" for one in found))
        ):
            return found
        topic = "checks"  # `- [x] No error` among numbers
    kind = TABLE_OF.get(topic, topic)
    if kind == "checks" and (other := _no_results(bullets, context)) is not None:
        return other
    if kind == "deliverables" and len(bullets.items) > 1 and (numbers := _numbers(bullets, context)):
        return numbers
    kind = _settled(bullets, kind, topic, context)
    if kind not in LISTS or any(
        is_blank(i.text) or (kind == "agents" and i.checked is not None) for i in bullets.items
    ):
        return []
    own = [item for item in bullets.items if item.text or item.blocks]
    beside = [i for i in own if _is_beside(i, kind, context)]
    if 2 * len(beside) > len(own) and not any(context.is_adopted(i.text) for i in beside):
        return []
    return [_beside(i, context) if i in beside else context.fact(kind, entry(i, kind, context), i.line) for i in own]


def _settled(bullets: Bullets, kind: str, topic: str, context: NoteContext) -> str:
    """Return what a list is of by its boxes, signs and last words: tasks not made yet, steps one has taken, or checks."""
    if topic == "completed" and not any(item.checked is not False for item in bullets.items):
        return "tasks"  # of which none is done
    signs = () if _ANOTHER.search(context.group) else [status_of(sign_before(item.text)) for item in bullets.items]
    boxes = [item.checked for item in bullets.items if item.checked is not None]
    steps = _LATER.search(context.group) or _STEPS.search(plain(context.heading))
    can_be_done = any(boxes) or (boxes and not steps) or {*signs} - {None, "in-progress", "deferred"}
    settled = "tasks" if kind in ("next", "questions") and can_be_done else kind
    return "checks" if settled == "tasks" and all(_PASSES.search(item.text) for item in bullets.items) else settled


def _is_signed(item: Bullet) -> bool:
    return item.checked is not None or bool(sign_before(item.text) or result_of(mark_before(item.text)))


def _nested(bullets: Bullets) -> list[tuple[Bullet, Bullets]]:
    """Return bullets that group others, all of which are ticked or crossed: `Pier (2 tests)`; nothing where one is none."""
    found = [(i, b) for i in bullets.items for b in i.blocks if isinstance(b, Bullets) and len(i.blocks) == 1]
    grouping = not any(map(_is_signed, bullets.items)) and all(_is_signed(one) for _, b in found for one in b.items)
    return found if grouping and len(found) == len(bullets.items) else []


def _is_beside(item: Bullet, kind: str, context: NoteContext) -> bool:
    """Tell whether a bullet is no entry of its list: a field of the thing above it, praise, or what the book has already."""
    none = not item.blocks and is_none(item.text, kind)
    done = kind == "deferred" and status_of(sign_before(item.text)) == "done"
    if none or done or (kind == "decisions" and context.is_adopted(item.text)):
        return True
    label = (_said_of(item) or ("",))[0]
    rated = kind == "risks" and re.search(r"\w risks?$|^no\b", plain(label))  # `Low Risk: it adds, and changes nothing`
    return describes(kind, label) or bool(rated) or (kind == "deliverables" and is_claim(item.text))


def _said_of(item: Bullet) -> tuple[str, str] | None:
    """Return the label that a bullet begins with, and what follows it."""
    match = _PLAIN_LABEL.fullmatch(item.text)
    return pair_of(item.text) or lead_of(item.text) or ((match["label"], match["value"]) if match else None)


def _no_results(bullets: Bullets, context: NoteContext) -> list[Fact] | None:
    """Return what a list below a heading of checks is: numbers, what a plan wants, or nothing; `None` where it has results."""
    if not any(mark_before(i.text) for i in bullets.items) and (numbers := _numbers(bullets, context)):
        return numbers
    if _is_planned(bullets, context):
        return [context.fact("checks", {"title": one_line(i.text)}, i.line) for i in bullets.items if not i.blocks]
    return None if _has_results(bullets, context) else []


def _is_planned(bullets: Bullets, context: NoteContext) -> bool:
    """Tell whether a list is one of a plan, whose ticks are its bullets, and no results."""
    planned = re.search(r"plan(?:ning)?\.\w+$", context.document.path, re.IGNORECASE)
    wanted = _WANTED.search(plain(f"{context.heading} {context.group}"))
    return bool(planned and wanted) and all(
        result_of(sign_before(item.text)) == "pass" and item.checked is None for item in bullets.items
    )


def _has_results(bullets: Bullets, context: NoteContext) -> bool:
    """Tell whether a list below a heading such as `Verification` is one of checks: criteria are, and what has results."""
    if _CRITERIA.search(plain(context.heading)):
        return True
    stated = [
        i.checked is not None or result_of(mark_before(i.text)) or result_of(_last_words(i.text)) for i in bullets.items
    ]
    return all(stated) or (len(stated) > 2 and 2 * sum(map(bool, stated)) > len(stated))


def _last_words(text: str) -> str:
    return re.split(r":\s+|\s+(?:--+|[–—-])\s+", text)[-1].strip("*_ ")


def _beside(item: Bullet, context: NoteContext) -> Fact:
    """Return a bullet that is no entry as a note."""
    body = context.source(item.blocks) if item.blocks else ""
    return context.fact("notes", f"{item.text}\n\n{body}".strip(), item.line)


def entry(item: Bullet, kind: str, context: NoteContext) -> Any:
    """Return the entry that a bullet is: a text, or a mapping where there is more to say."""
    shape = LISTS[kind]
    made: dict[str, Any] = {}
    first, rest = _cut(item, shape, context)
    made[shape.label] = one_line(first) if shape.label != "text" else first
    if rest:
        made["rationale" if kind == "decisions" and _REASON.match(rest) else shape.more] = rest
    _below(made, item, kind, context)
    _status(made, item, kind, context)
    if kind == "deliverables":
        _paths(made, context, item)
    if kind == "deferred":
        _put_off(made, context)
    if kind in ("findings", "blockers"):
        tables.tagged(made)
    grouped(made, kind, context)
    return made[shape.label] if set(made) == {shape.label} else made


def changes(part: Part, kind: str, context: NoteContext) -> list[Fact]:
    """Return the changes that lists below a heading such as `Fixed` are; nothing where there is anything else."""
    lists_ = [block for block in part.blocks if isinstance(block, Bullets)]
    if part.parts or len(lists_) < len(part.blocks):
        return []
    items = [item for block in lists_ for item in block.items]
    return [context.fact("changes", {"type": kind, "text": entry(i, "changes", context)}, i.line) for i in items]


def _cut(item: Bullet, shape: ListKey, context: NoteContext) -> tuple[str, str]:
    """Return the first words of a bullet and what follows them."""
    if not item.text:
        return context.source(item.blocks), ""
    sign = mark_before(item.text) if shape.key == "deferred" else ""  # which a status would say elsewhere
    bare = item.text[len(sign) :].lstrip("\ufe0f ")
    split = lead_of(bare) or pair_of(bare) or _named(item.text, shape)
    split = (f"{sign} {split[0]}", split[1]) if split and sign else split
    if shape.key == "checks" and not split and (found := _RESULT.fullmatch(item.text)) and _has_result(found):
        split = found["name"], found["rest"]
    if split and all(split) and plain(split[0]) in COLUMNS.get(shape.key, {}).get(first_of(shape.key), ()):
        return split[1], ""  # `**Decision**: use a queue`
    if shape.more and split and all(split):
        return split[0], split[1]
    return bold_of(item.text) or item.text, ""


def _has_result(found: re.Match[str]) -> bool:
    """Tell whether a line states a result at its end, not within brackets or as what a status becomes: `draft → pending`."""
    result = result_of(found["rest"])
    return bool(result) and is_whole(found["name"]) and not (result == "pending" and "→" in found[0])


def _named(text: str, shape: ListKey) -> tuple[str, str] | None:
    """Return what stands before a dash, and behind it: `Kai — labels` of an agent, `a.py - the start` of a deliverable."""
    fits = {"agents": is_name, "deliverables": bare_path}.get(shape.key)
    match = _NAMED.fullmatch(text.removeprefix(sign_before(text)).lstrip("\ufe0f ")) if fits else None
    return (match["name"], match["rest"]) if match and fits and fits(match["name"]) else None


def _below(made: dict[str, Any], item: Bullet, kind: str, context: NoteContext) -> None:
    """Add what is below a bullet: labelled bullets to the fields that they name, anything else verbatim."""
    shape = LISTS[kind]
    if not item.text or not item.blocks:
        return
    named = _labelled_fields(item.blocks, kind)
    if named and not set(named) & set(made):
        for name, text in named.items():
            if kind == "decisions" and not field_of(kind, name):
                made.setdefault("details", {})[name] = text
            elif not tables.put(made, kind, field_of(kind, name) or name, text, context):
                remembered(made, "note", text)
        return
    body = context.source(item.blocks)
    more = shape.more if shape.more not in ("task", "decision") or shape.more in made else MORE[kind]
    if kind == "decisions":
        more = "decision"
    if not more:
        made[shape.label] = f"{item.text}\n\n{body}"
    else:
        made[more] = f"{made[more]}\n\n{body}" if more in made else body


def _labelled_fields(blocks: tuple[Block, ...], kind: str) -> dict[str, str]:
    """Return the fields that all bullets below a bullet name (`- Status: done`), or nothing; a decision has others as well."""
    found: dict[str, str] = {}
    for block in blocks:
        if not isinstance(block, Bullets):
            return {}
        for inner in block.items:
            match = _PLAIN_LABEL.fullmatch(inner.text)
            pair = pair_of(inner.text) or (match.groups() if match else None)
            field = field_of(kind, pair[0]) if pair and kind in _WITH_FIELDS else ""
            field = one_line(pair[0]) if pair and kind == "decisions" else field
            if not pair or not field or field in found or inner.blocks or inner.checked is not None or not pair[1]:
                return {}
            found[field] = one_line(pair[1])
    return found


def _status(made: dict[str, Any], item: Bullet, kind: str, context: NoteContext) -> None:
    """Give an entry the status of its box, of the sign that it begins with, or of the heading that it is under."""
    if kind == "checks":
        _result(made, item)
    if not LISTS[kind].has_status or "status" in made or "status-text" in made:
        return
    if item.checked is not None:
        made["status"] = "done" if item.checked else "blocked" if kind == "blockers" else "planned"
    elif status := status_of(sign_before(item.text), context.hints.words):
        made["status"] = status
        _without_sign(made, kind)
    elif context.status:
        made["status"] = context.status


def sign_before(text: str) -> str:
    """Return the sign for a status that a text begins with, or the empty text."""
    start = text[:14].casefold()
    found = next((s for s in STATUS_SIGNS if (s[0] not in "[○●" or len(s) > 3) and start.startswith(s)), "")
    return text[: len(found)]


def mark_before(text: str) -> str:
    """Return the word in brackets, or the sign, that a text begins with: `[FAIL] It leaks`."""
    match = _MARK.match(text)
    return match[0] if match else ""


def _without_sign(made: dict[str, Any], kind: str) -> None:
    """Take the sign from the words of an entry, which says as much by its status."""
    label = LISTS[kind].label
    if (sign := sign_before(made.get(label, ""))) and (bare := made[label][len(sign) :].lstrip("\ufe0f ")):
        made[label] = bold_of(bare) or bare


def _result(made: dict[str, Any], item: Bullet) -> None:
    if item.checked is not None:
        made["result"] = "pass" if item.checked else "pending"
    elif (result := result_of(said := made.get("evidence", ""))) and not _SHARE.fullmatch(said):
        made["result"] = result
    elif shown := result_of(mark := mark_before(item.text)):
        made["result"] = shown
        if (bare := made["title"].removeprefix(mark).lstrip("\ufe0f ")) != made["title"] and bare:
            made["title"] = bold_of(bare) or bare
    elif (match := _MARKED.fullmatch(made.get("title", ""))) and (shown := result_of(match["mark"])):
        made |= {"title": match["title"], "result": shown}


def _paths(made: dict[str, Any], context: NoteContext, item: Bullet) -> None:
    """Add the paths that a deliverable names; one that is nothing but a path needs no title."""
    found = paths_in(item.text) or only_paths(item.text)
    if not found:
        found = paths_in(context.source(item.blocks)) if item.blocks else []
    if not found:
        return
    made["paths"] = found
    base, remark = remark_of(made.get("title", ""))
    if remark and only_paths(remark):
        made["title"] = bold_of(base) or base
    if set(made) <= {"title", "paths", "status", "note"} and bare_path(made.get("title", "")):
        del made["title"]


def _put_off(made: dict[str, Any], context: NoteContext) -> None:
    """Add the round that a deferral is put off to, where its words or its heading name one."""
    text = f"{made['title']} {made.get('reason', '')}"
    if "to" in made:
        return
    if (match := _PUT_OFF.search(text)) and (found := mentions(text[match.end() :])):
        made["to"] = context.key_of(found[0])
    elif context.to:
        made["to"] = context.to


def said_above(context: NoteContext) -> str:
    """Return the heading of a list, with the one that groups it."""
    inner = context.group if context.group != context.heading else ""
    return ": ".join(one for one in (context.heading, inner) if one)


def _whole(bullets: Bullets, topic: str, context: NoteContext) -> Iterator[Fact]:
    """Yield numbers, commits, pull requests or links; nothing unless all bullets are some, or most of numbers."""
    items = [*_counts(bullets)] if topic == "metrics" else bullets.items
    made = [(i, _ENTRIES[topic](i, context) if not i.blocks or topic == "metrics" else None) for i in items]
    found = (
        [] if topic == "metrics" and any(_AIM.match(item.text) for item in items) else [one for _, one in made if one]
    )
    said = [item for item, one in made if not one]
    if not found:
        return
    rest = topic != "metrics" or len(found) < len(said)
    if said and topic not in ("commits", "prs") and (rest or any(item.blocks for item in said)):
        return
    yield from found
    bare = all(_PR.fullmatch(i.text) if topic == "prs" else context.shas(i.text) for i in bullets.items)
    if topic in ("commits", "prs") and not bare:
        yield context.section(said_above(context), context.source([bullets]), bullets.line)  # which says more
    if topic not in ("commits", "prs"):
        for item in said:  # `Linting: clean` among numbers, or `Bottleneck: the disk`
            pair = labelled(item.text)
            checked = [*key_values.check(Pair(*pair, item.line), context)] if pair and _MADE_IT.match(pair[1]) else []
            yield from checked or [context.fact("notes", item.text, item.line)]


def _numbers(bullets: Bullets, context: NoteContext) -> list[Fact]:
    """Return the numbers of a list where each bullet counts something: `Category 3: 13 tests`; else nothing."""
    made = [_metric(item, context) if not item.blocks else None for item in bullets.items]
    counted = all(_COUNTED.match(said[1]) for i in bullets.items if (said := labelled(i.text)))
    return [one for one in made if one] if all(made) and counted else []


def _counts(bullets: Bullets) -> Iterator[Bullet]:
    """Yield bullets, and those below one that counts something: `Total: 955`, and `Passing: 932` below it."""
    for item in bullets.items:
        inner = [block for block in item.blocks if isinstance(block, Bullets)]
        if len(inner) == len(item.blocks) == 1 and all(labelled(one.text) for one in inner[0].items):
            yield replace(item, blocks=())
            yield from _counts(inner[0])
        else:
            yield item


def _metric(item: Bullet, context: NoteContext) -> Fact | None:
    said = labelled(item.text)
    found = metric(*said, sure=True) if said and item.checked is None else None
    found = found or tally(item.text) or next(iter(changes_in(item.text)), None)
    if not found or item.checked is not None:
        return None
    if item.blocks:
        remembered(found[1], "note", context.source(item.blocks), by="\n\n")
    grouped(found[1], "metrics", context)
    return context.fact(f"metrics.{found[0]}", found[1], item.line)


def _commit(item: Bullet, context: NoteContext) -> Fact | None:
    found = context.shas(item.text) or [sha for span in _SPAN.findall(item.text) for sha in context.shas(span)]
    first = next(iter(mentions(item.text)), None)  # `8f3a1c2 Phase 2: Soup`
    of_another = (
        first and not context.is_own(first) and not re.search(r"[^\W\d_]{3}", unmarked(item.text)[8 : first.start])
    )
    return context.fact("commits", found[0], item.line) if len(found) == 1 and not of_another else None


def _pr(item: Bullet, context: NoteContext) -> Fact | None:
    match = _PR.fullmatch(item.text) or _NAMES_PR.match(item.text)
    return context.fact("prs", match[1], item.line) if match else None


def _link(item: Bullet, context: NoteContext) -> Fact | None:
    match = _ADDRESS.fullmatch(item.text)
    if not match:
        return None
    url = match["bare"] or match["url"] or match["open"]
    return context.fact("links", {"url": url} | ({"title": match["title"]} if match["title"] else {}), item.line)


_ENTRIES = {"metrics": _metric, "commits": _commit, "prs": _pr, "links": _link}


def pairs_of(block: Block) -> list[Pair]:
    """Return the pairs of a block that is nothing else: lines, bullets, or a table of keys and values."""
    match block:
        case Pairs() | Paragraph():
            return label_lines(block)
        case Bullets():
            plainly = sum(
                bool((one := PLAIN_LINE.fullmatch(i.text)) and plain(one[1]) in key_names()) for i in block.items
            )
            cut = pair_of if 2 * plainly < len(block.items) or plainly < 2 else labelled  # `- status: done`
            found = [cut(i.text) if not i.blocks and i.checked is None else None for i in block.items]
            pairs = [Pair(*one, item.line) for one, item in zip(found, block.items, strict=True) if one]
            return pairs if all(found) else []
        case Grid():
            return table_pairs(block)
    return []
