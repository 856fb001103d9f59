"""What the names of headings, columns and keys mean, and the rounds that a text speaks of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache, lru_cache

from roundbook.adr.fields import FIELDS
from roundbook.frozen import frozen
from roundbook.importer.words import COLUMNS, ENDS, HEADINGS, KEYS, STARTS
from roundbook.markdown import plain, remark_of, unmarked, without_numbering

# Keys whose values a note has under the name of another key: a raw word, a remark, the paths of a note.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "status": ("status-text",),
    "result": ("evidence",),
    "note": ("paths",),
    "before": ("before-note",),
    "id": ("details",),
    "round": ("from", "resolved", "since", "to"),
    "team": ("agents", "size", "mode"),
    "value": ("after",),
    "deliverables": ("paths",),
    "to": ("until",),
    "tier": ("evidence",),
    "lead": ("agents", "name"),
    "date": ("status-text",),
}

# The topics whose entries can keep a longer heading: as a group, or as a note.
QUALIFIED = frozenset(
    {
        "tasks",
        "deliverables",
        "checks",
        "metrics",
        "findings",
        "goals",
        "objectives",
        "completed",
        "agents",
        "decisions",
        "next",
        "created",
        "modified",
        "deleted",
    }
)
_OWN = ("summary", "date", "focus", "team", "status", "status-text", "kind", "branch")
# The keys of the model that a topic fills.
TOPIC_KEYS: Mapping[str, tuple[str, ...]] = {
    **{topic: (topic,) for topic in HEADINGS},
    "agents": ("agents", "team"),
    "decision": ("decisions",),
    "completed": ("completed", "deliverables", "focus"),
    "reviewed": ("findings",),
    "changed": ("carried", "changes", "deliverables"),
    "about": (*HEADINGS, "sections", "tables", "title", "body"),
    "summary": (*_OWN, "agents", "metrics", "notes", "releases"),
    "changelog": ("changes",),
    "metrics": ("metrics", "checks"),
    "checks": ("checks", "metrics"),
    "next": ("next", "tasks"),
    "files": ("files", "deliverables"),
    "questions": ("questions", "tasks"),
    "objectives": ("objectives", "summary", "focus"),
    "problem": ("findings",),
    "solution": ("deliverables",),
    "goals": ("goals", "summary", "focus"),
    **dict.fromkeys(("added", "change", "deprecated", "removed", "fixed", "security"), ("changes", "type")),
}


def first_of(kind: str) -> str:
    """Return the field that each entry of a kind must have."""
    return next(iter(COLUMNS.get(kind, ())), "text")


# `3`, `3c`, `k2b`, `2.1`; letters alone count as `II` and `A`, never as words.
ID = r"(?:\d{1,6}(?:\.\d{1,4}){0,2}[a-z]?(?:\.\d{1,4})?|[a-z]{1,2}\d{1,4}[a-z]?|(?-i:[IVX]{1,5}|[A-H]))"
TO_ID = r"(?:\s*[#-]?\s*(?=\d)|\s+#?|#|-)"
_ROUND = re.compile(
    rf"(?:\b(?P<how>in|from|of|for|during|since|after|before|to|until|into|at|on)\s+)?(?:\b(?:the|this|our)\s+)?"
    rf"\b(?P<word>phase|stage|milestone|epic|quarter|sprint|iteration|round|wave|cycle|week|session)"
    rf"{TO_ID}(?P<id>{ID})(?:'s)?(?![\w.]|[-\s]\d\d[-\s]\d\d(?!\d)|[-\s](?:prime|extension)\b)",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\b(?:(?:in|of|for|during)\s+)?(?:the|this|our)\s+(?:phase|milestone|sprint|iteration|round|week|session)\b"
)
_APART = re.compile(r"\s*(?::|\s[-–—|/·]|\s--+)\s+")


@frozen
class RoundMention:
    """A round or phase that a text speaks of: `Sprint 13` is the id `13` of a `sprint`; `how` is the word before it.

    `start` and `end` are its position in the text without marks.
    """

    word: str
    id: str
    how: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@frozen
class Name:
    """What a heading is a name of: `topic` is a word of `words.HEADINGS`, or empty; `rest` is what it says beyond."""

    topic: str = ""
    rest: str = ""
    rounds: tuple[RoundMention, ...] = ()


@lru_cache(maxsize=1 << 14)
def meanings(text: str) -> frozenset[str]:
    """Return the keys of the model that a text is a name of, as a heading, the head of a column, a key or a label."""
    found = set(TOPIC_KEYS.get(name_of(text).topic, ()))
    bare = without_numbering(text)
    for base in {plain(text), plain(bare), plain(undecorated(bare)), plain(remark_of(bare)[0]), without_rounds(bare)}:
        found |= _all_names().get(base, frozenset())
    return frozenset(found.union(*(BESIDE.get(key, ()) for key in found)))


@lru_cache(maxsize=1 << 14)
def name_of(text: str) -> Name:
    """Return what a heading is a name of."""
    bare = undecorated(without_numbering(text))
    for known, rest in _readings(bare):
        phrase, rounds = without_rounds(known), mentions(known)
        done = known != bare and bare.startswith(known) and _OVER.search(bare)
        if (phrase in _WHERE_TO and not rounds) or (phrase == "agent" and not rest and known != bare):
            continue  # `Agent report`
        if (topic := _topics().get(phrase)) and not (done and topic in ("next", "tasks", "goals")):
            if topic in ("next", "tasks", "goals") and plain(rest) in _NOT_NOW:
                topic = "deferred"
            backlinked = (*rounds, *mentions(rest))
            return Name(topic, rest.strip(), backlinked)
    base, remark = remark_of(bare)
    if plain(remark) in _NOT_NOW:
        return Name("deferred", base, mentions(bare))
    if _VERIFIES.fullmatch(plain(base)):
        return Name("checks", base, mentions(bare))
    return _to_come(base, remark, bare) or _with_an_adjective(bare) or Name("", bare, mentions(bare))


# `Commit 1 verification`, and not `Email verification`, which may be a feature
_VERIFIES = re.compile(
    r"(?:(?:final|full|local|manual|production|release|build|deploy(?:ment)?|merge|post|pre|commit|step|stage|task|part|\d+) )+"
    r"(?:verification|validation)"
)

# What says in many words what comes next, or what is not there yet: `Next steps for the pier`, `What's still missing`.
_WORK = r"(?:steps?|actions?|tasks?|goals?|priorities|priority|focus|work|plans?|features?|enhancements|improvements|items?)"
_NOT_YET = r"(?:missing|implemented|done|working|there|complete|supported)"
_TO_COME = {
    "next": re.compile(
        rf"(?:(?:the|our|my|immediate|suggested|recommended|proposed) )*next (?:\w+ ){{0,2}}{_WORK}(?P<more> (?:for|to|"
        rf"towards?|before|after|in|until|when) .*)?|immediate (?:next )?{_WORK}|plans? for (?:the )?next \w+|"
        rf"(?P<when>(?:immediate|short|near|mid|medium|long) term(?: {_WORK})?|tomorrow(?: .*)?|"
        r"(?:(?:sprint|phase|week|day|session|round) )?(?:\w+ )?preview)"
    ),
    "deferred": re.compile(
        rf"what(?:'s| is| are)? (?:still |currently )?(?:missing|left(?: to do)?|not (?:yet )?{_NOT_YET}(?: yet)?)|"
        rf"still missing|what (?:doesn't|does not|isn't|is not) (?:yet )?(?:work|{_NOT_YET})(?: yet)?|"
        rf"(?:still|not yet) {_NOT_YET}"
    ),
}


def _to_come(base: str, remark: str, text: str) -> Name | None:
    """Return what a heading is a name of that says in many words what comes next, or what is not there yet."""
    for topic, said in _TO_COME.items():
        if match := said.fullmatch(plain(base)):
            more = text if any(match.groupdict().values()) else remark
            return Name(topic, more, mentions(text))
    return None


_WHERE_TO = frozenset({"moved", "pushed"})  # to a round, or anywhere else
_NOT_NOW = frozenset({"deferred", "not in scope", "out of scope", "postponed", "not in this phase"})
# What only decorates a heading: a word in brackets, a sign, also one that was read in a wrong encoding.
_DECORATION = re.compile(
    r"^(?:\[[A-Z]{2,12}\]\s+)+(?=\S)|(?:\s+(?:\[[A-Z]{2,12}\]|[^\w\s()\[\]{}*`_\"'.,;:!?#%&/+~-]+|âœ…?\S?))+$"
)


def undecorated(text: str) -> str:
    """Return a heading without the marks around it: `What went well [OK]`, `Next steps 🎯`."""
    return _DECORATION.sub("", text) or text


# Names that say something else behind other words: `Architecture Highlights`, `Decision Gate`, `Integration Validation`.
_ALONE = frozenset(
    {
        "highlights",
        "wins",
        "done",
        "finished",
        "merged",
        "landed",
        "gate",
        "gates",
        "validation",
        "verification",
        "output",
    }
    | {
        "outputs",
        "results",
        "performance",
        "tests",
        "planned",
        "plan",
        "scope",
        "items",
        "issues",
        "team",
        "learned",
        "checks",
        "targets",
        "target",
        "assignments",
        "ready for",
        "agent",
    }
)
# Words at the end of a heading that say no more than that there is something: `Deliverables Summary`, `Risks Identified`.
_NO_MORE = re.compile(
    r"\s+(?:summary|overview|list|checklist|table|details|section|report|breakdown|so far|identified|created|completed"
    r"|delivered|achieved|implemented|made|met)[\s:*]*$",
    re.IGNORECASE,
)


_NEGATES = re.compile(r"\b(?:not|no|non|never|without|out|isn't|won't|un)\b", re.IGNORECASE)
_OVER = re.compile(r"\b(?:completed|delivered|achieved|implemented|created|made)\W*$", re.IGNORECASE)  # no next steps


_LEFT = frozenset({"remaining", "missing", "upcoming", "future", "nice to have"})  # `Remaining major features`


def _with_an_adjective(text: str) -> Name | None:
    """Return what the last words of a heading such as `Backend Tasks` are a name of, where entries can say the first."""
    said = text.split() if not remark_of(text)[1] else []
    for length in range(1, min(3, len(said))):
        phrase = plain(" ".join(said[length:]))
        topic = _topics().get(phrase)
        if topic in QUALIFIED and phrase not in _ALONE and not _NEGATES.search(" ".join(said[:length])):
            left = topic in ("deliverables", "completed") and plain(said[0]) in _LEFT
            return Name("next" if left else topic, " ".join(said[:length]), mentions(text))
    return None


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a heading into a name and the rest: as a whole, before a remark, before a sign."""
    yield text, ""
    if (short := _NO_MORE.sub("", text)) != text:
        yield short, ""
    base, remark = remark_of(text)
    if remark:
        yield base, remark
    for cut in _APART.finditer(text):
        yield text[: cut.start()], text[cut.end() :]


def mentions(text: str) -> tuple[RoundMention, ...]:
    """Return the rounds and phases that a text speaks of, in its order."""
    found = _ROUND.finditer(unmarked(text))
    return tuple(
        RoundMention(m["word"].lower(), bare(m["id"]), (m["how"] or "").lower(), m.start(), m.end()) for m in found
    )


def bare(number: str) -> str:
    """Return a number without the zeros before it, which only sort the names of files."""
    return re.sub(r"^0+(?=\d)", "", number)


def without_rounds(text: str) -> str:
    """Return the words of a text without the rounds and phases that it speaks of."""
    return plain(_THIS.sub(" ", _ROUND.sub(" ", unmarked(text)).lower()))


def behind_rounds(text: str) -> str:
    """Return what a text says behind the rounds that it begins with: `Phase 5 Complete ✅`; nothing where it has none there."""
    found, said = mentions(text), unmarked(text)
    return said[found[-1].end :] if found and not re.search(r"\w", said[: found[0].start]) else ""


def field_of(table: str, head: str) -> str:
    """Return the key that the head of a column means in a table of `words.COLUMNS`, or the empty text."""
    return _columns()[table].get(plain(head)) or _columns()[table].get(plain(remark_of(head)[0])) or ""


@cache
def key_names() -> Mapping[str, str]:
    """Return what the keys of `**Key**: value` lines mean: from their words to the key of the model."""
    return _turned(KEYS)


@cache
def _topics() -> Mapping[str, str]:
    return _turned(HEADINGS)


@cache
def _columns() -> Mapping[str, Mapping[str, str]]:
    return {table: _turned(fields) for table, fields in COLUMNS.items()}


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {plain(phrase): key for key, phrases in table.items() for phrase in phrases}


@cache
def _all_names() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {phrase: {"date"} for phrase in STARTS | ENDS}
    for names in (key_names(), FIELDS, *_columns().values()):
        for phrase, key in names.items():
            found.setdefault(phrase, set()).add(key)
    for kind, fields in COLUMNS.items():
        for phrase in fields[first_of(kind)]:
            found.setdefault(plain(phrase), set()).add(kind)
    return {phrase: frozenset(keys) for phrase, keys in found.items()}
