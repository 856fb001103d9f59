"""The heading of a round, and the blocks before its first section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from roundbook.adr.fields import date_of
from roundbook.importer import key_values, tables
from roundbook.importer.aside import says_made
from roundbook.importer.below import read_block
from roundbook.importer.lists import pairs_of, sign_before
from roundbook.importer.proof import if_complete
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import labelled, metric, one_line
from roundbook.importer.vocabulary import key_names, mentions, name_of
from roundbook.markdown import (
    Block,
    Bullets,
    Code,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    Quote,
    plain,
    remark_of,
    without_numbering,
)
from roundbook.schema.statuses import result_of, status_of

_STATUS = frozenset(
    {"status", "current status", "completion status", "overall status", "phase status", "project status"}
)
_MOST_WORDS = 4  # of no sentence
_VERSION = re.compile(r"v\d+(?:\.\d+)+(?:[-+.]?[a-z][\w.]*)?|\d+\.\d+\.\d+(?:[-+.][\w.]+)?", re.IGNORECASE)
_FEW = 3  # words of a status
_ENDS = re.compile(r"(?<!planning )\b(?:complete|completed|done|finished|accomplished)$", re.IGNORECASE)
_PIECES = re.compile(r"\s*[,;]\s+|\s+-\s+")
_SIGNS = re.compile(r"^[^\w]+|[^\w]+$")
_DASH = re.compile(r"\s(?:--+|[–—-])\s|:\s")


def title(heading: Part, context: NoteContext) -> Iterator[Fact]:
    """Yield the facts in the heading of a round: its words, and the status, date and version set apart in them."""
    yield context.fact("title", one_line(heading.title), heading.line)
    base, remark = remark_of(heading.title)
    whole = date_of(remark)
    for piece in [remark] if whole else re.split(r"\s*[,;]\s+", remark):
        if day := date_of(piece):
            yield context.fact("date", day, heading.line)
        elif _VERSION.fullmatch(piece):
            yield context.fact("releases", piece, heading.line)
    said = _DASH.split(base)[-1].strip()
    if day := date_of(re.sub(r"[\[\]()]", "", said if said != base else "")):
        yield context.fact("date", day, heading.line)
    short = [
        one
        for one in (said if said != base else "", *_PIECES.split(remark))
        if len(one.split()) <= _FEW and not date_of(one)
    ]
    stated = next((one for one in short if status_of(one, context.hints.words)), "")
    if status := status_of(stated or over(base), context.hints.words):
        yield context.fact("status", status, heading.line, label="title")
        if stated and stated.casefold() != status:
            yield context.fact("status-text", stated, heading.line, label="title")


def over(title: str) -> str:
    """Return the word or sign of a title that says that all of it is over: `Phase 2 COMPLETE: Soup`, `Soup ✅`."""
    for piece in _DASH.split(title):
        bare = _SIGNS.sub("", piece)
        match = _ENDS.search(bare)
        if match and (
            match[0].isupper() or mentions(bare) or bare.casefold().endswith(f"implementation {match[0]}".casefold())
        ):
            return match[0]
    return title.rstrip()[-1:] if status_of(title.rstrip("\ufe0f ")[-1:]) == "done" else ""


def read_opening(blocks: Sequence[Block], context: NoteContext, heading: str = "") -> list[Fact]:
    """Return what blocks say of the round: pairs, prose as its summary, tables that need no heading; the rest is a section."""
    made: list[Fact] = []
    loose: list[Block] = []
    for block in blocks:
        found = _one(block, context, bool(loose), heading)
        made += found
        loose += () if found else [block]
    if loose:
        made.append(context.section(heading, "\n\n".join(context.source([one]) for one in loose), loose[0].line))
    return made


def _one(block: Block, context: NoteContext, after_loose: bool, heading: str) -> list[Fact]:
    """Return what a block says, or nothing."""
    match block:
        case Grid() if pairs := pairs_of(block):
            made = key_values.read_fields(pairs, context)
            known = [one for one in made if one.key not in ("notes", "metrics")]
            return if_complete(made, (block,), context) or [*known, tables.as_it_is(block, context, heading)]
        case Pairs() | Bullets() | Paragraph() if pairs := pairs_of(block):
            return if_complete(key_values.read_fields(pairs, context), (block,), context)
        case Bullets() if kind := listed_kind(block):
            return if_complete(read_block(block, kind, context), (block,), context)
        case Quote() if (inner := [pairs_of(one) for one in block.blocks]) and all(inner):
            return if_complete(
                key_values.read_fields([one for some in inner for one in some], context), (block,), context
            )
        case Grid():
            return if_complete(tables.read_table(block, "", context), (block,), context) or [
                tables.as_it_is(block, context, heading)
            ]
        case Paragraph() if not after_loose and not block.text.rstrip().endswith(":"):
            return [context.fact("summary", block.text, block.line)]
    return []


# Headings of numbers that were counted or measured, and of such as are set: `Bundle size`, but not `Rate limits`.
_OF_NUMBERS = re.compile(
    r"\b(?:metrics|statistics|stats|numbers|performance|sizes?|lines|loc|code|composition|counts?|totals?|duration|time|"
    r"progress|results?|velocity|impact|benchmarks?|savings|breakdown|effort|invest\w+|output|build|tests?|coverage|"
    r"current state|points|scenarios|gap|complexity|quality|timing|usage|cost|score)\b"
)
_NOT_YET = r"estimat\w*|remaining|expect\w*|targets?|planned|budget|thresholds?|limits?|goals?|before$|after$"
_SET = re.compile(
    rf"\b(?:{_NOT_YET}|config\w*|settings?|defaults?|options?|require\w*|parameters?|environment|schema|constants?|pricing|"
    r"plan|next|future|examples?|status codes?|considerations)\b"
)
_AIMS = re.compile(rf"\b(?:{_NOT_YET})\b")
_SHORT = 60  # characters of a number, and what it counts
_UNIT = re.compile(r"[~≈+]?\d[\d,.]*\+? (?:lines|loc|tests?|files)\b", re.IGNORECASE)


def says_numbers(block: Block, title: str) -> bool:
    """Tell whether all lines of a block that no heading explains are numbers, and their words say that they were counted."""
    match block:
        case Pairs():
            said = [(pair.key, pair.value) for pair in block.pairs]
        case Bullets():
            plainly = all(i.checked is None and not i.blocks and not sign_before(i.text) for i in block.items)
            said = [labelled(item.text) or ("", "") for item in block.items] if plainly else []
        case Code() if _OF_NUMBERS.search(plain(title)):
            lines = [labelled(line.strip()) or ("", "") for line in block.text.split("\n") if line.strip()]
            said = [one for one in lines if not result_of(one[1])]
        case _:
            return False
    named = [(plain(key), value.strip("*")) for key, value in said]
    counted = not any(key.startswith("`") for key, _ in said) and all(
        key and metric(key, value, sure=True) and len(value) <= _SHORT for key, value in named
    )
    sure = (_OF_NUMBERS.search(plain(title)) and len(said) > 1) or all(_UNIT.match(value) for _, value in named)
    return (
        bool(said)
        and counted
        and bool(sure)
        and not (_SET.search(plain(title)) or any(_AIMS.search(key) for key, _ in named))
    )


# Headings of tests that were run: `Manual testing performed`, `Unit tests`, `Pier (7 tests)`; no plan and no guide of them.
_TESTED = re.compile(
    r"\b(?:tests?|testing) (?:\w+ )?(?:performed|completed|done|passed|passing|results|covered)\b|\b\d+ tests\b"
    r"|\b(?:unit|integration|e2e|manual|end to end|regression|functional|security|successful) (?:tests?|testing)\b"
)
_NOT_RUN = re.compile(
    r"\b(?:steps?|guides?|plans?|strategy|recommend\w*|components|infrastructure|files|created|implement\w*|fixes|next|future|"
    r"needed|required|missing|to do)\b"
)


def listed_kind(block: Block, title: str = "") -> str:
    """Return what a list is of that no heading explains: tasks, by their boxes, numbers, or what was made.

    Ticks alone say no more than that something is well, so that half of the lines must say that they were made.
    """
    if title and says_numbers(block, title):
        return "metrics"
    items = block.items if isinstance(block, Bullets) else ()
    if items and all(one.checked is not None for one in items):
        return "tasks"
    ticked = items and all(
        status_of(sign) == "done" and sign[0] != "[" for sign in (sign_before(i.text) for i in items)
    )
    made = sum(says_made(one.text) for one in items)
    own = plain(title.rpartition(": ")[2])
    if ticked and not made and _TESTED.search(own) and not _NOT_RUN.search(plain(title)):
        return "checks"
    return "completed" if ticked and 2 * made >= len(items) else ""


def has_boxes(part: Part) -> bool:
    """Tell whether a part has a list with boxes to tick."""
    return any(isinstance(block, Bullets) and any(i.checked is not None for i in block.items) for block in part.blocks)


def standing(part: Part, context: NoteContext) -> list[Fact]:
    """Return the status below a heading that says `Status`; nothing where anything else stands there."""
    match part.blocks if plain(part.title) in _STATUS and not part.parts else ():
        case (Paragraph() as one,) if status_of(one.text, context.hints.words) and not context.carried:
            return key_values.read_fields([Pair(part.title, one.text, one.line)], context)
    return []


def is_of_round(block: Block) -> bool:
    """Tell whether a block has a line for the day or the status of the round, as below `## Implementation complete`."""
    return isinstance(block, Pairs) and bool(
        {key_names().get(plain(pair.key)) for pair in block.pairs} & {"date", "status", "commits", "branch"}
    )


def is_first(part: Part, context: NoteContext) -> bool:
    """Tell whether a part is the first one of its note, and begins with a sentence."""
    head = context.document.parts[:1]
    first = [*(one for part in head for one in part.parts), *context.document.parts[1:], *head][:1]
    text = part.blocks[0].text if part.blocks and isinstance(part.blocks[0], Paragraph) else ""
    return part in (*first, *head) and len(text.split()) > _MOST_WORDS and text.rstrip()[-1:] in ".!*"


def is_name_alone(part: Part) -> bool:
    """Tell whether a heading is the name of a list and no more, apart from a remark: `Known issues (of the pier)`."""
    name = name_of(part.title)
    return bool(name.topic) and not (name.rest and without_numbering(part.title).startswith(name.rest))
