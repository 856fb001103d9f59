"""What is found among entries and is none: blank lines of forms, words that there is nothing, reasons, options."""

from __future__ import annotations

import re
from functools import cache

from roundbook.importer.values import leading_paths
from roundbook.importer.vocabulary import first_of, name_of
from roundbook.importer.words import COLUMNS, table
from roundbook.markdown import lead_of, pair_of, plain, remark_of, without_numbering

# What says that there is nothing to list: `None currently ✅`, `No known issues.`, `none: do this first`
_NONE = re.compile(
    r"\W*(?:(?:none|n/?a|nothing|tbd)\s*(?:[.—–:,;-].*)?|(?:none|n/?a|nothing|tbd)\b[^\n]{0,80}|no\s+(?:\w+\s+){0,3}"
    r"(?:issues?|blockers?|risks?|problems?|gaps?|questions?|items?|bugs?|deviations?|concerns?|limitations?|changes)\b[^\n]{0,80})",
    re.IGNORECASE | re.DOTALL,
)
_NOT_ANY = re.compile(
    r"\W*(?:none|n/a)\s*(?:$|[(.—–:,;-]|[*_]+\W*$)", re.IGNORECASE
)  # `None (a visual change)`: of any kind
_MAY_BE_NONE = frozenset({"findings", "blockers", "risks", "questions", "deferred", "tasks", "next"})
_MOST_WORDS = 5
_BLANK = re.compile(r"_{3,}")
# Names of lists that say why, how or what else, and have none of the entries that the heading above them promises.
_WHY = (
    r"rationale|why|reasons?|reasoning|because|justification|option [a-z\d]{1,2}|options|alternatives?|pros|cons|"
    r"current (?:state|situation|behaviou?r)|benefits?|background|context|examples?|"
    r"before(?: (?:sprint|phase|round|session|iteration|week)\b.*)?$|"
    r"approach|(?:minor |important |side )?notes? (?:on|about)"
)
_ASIDE = re.compile(rf"(?:{_WHY})\b")
_NO_FINDING = re.compile(r"^why (?:this|that|these|they|it)\b|\bissues 0$")
_LATER = re.compile(r"\b(?:for|in) (?:later|future|other|next)\b|\bnot (?:new|changed)\b")
_MISSING = re.compile(r"\b(?:missing|not (?:yet|done|there)|still open|what s left)\b")
# Headings whose ticks praise what was made: `Why this pattern?`, `Benefits`.
_NO_WORK = re.compile(
    r"\?|\b(?:why|benefits?|advantages|means|ready|status|access|now|order|schedule|roadmap|timeline|audit(?:ed)?|scope|reviewed|"
    r"tested|verified|passing|existing|congratulations|planned|expected|next|points|steps|guidelines|plan|strategy|analysis|security|"
    r"review|checks?|tests?|testing|validation|verification|criteria|assessment)\b",
    re.IGNORECASE,
)
_MADE = re.compile(
    r"\b(?:extracted|implemented|completed|developed|built|delivered|integrated|migrated|accomplished)\b", re.IGNORECASE
)
_WORK_OF = re.compile(rf"{_MADE.pattern}|\b(?:development stages|implementation|extractions?)\b", re.IGNORECASE)
# What is hoped for: `Expected improvements`, `Planned features`, `Usage predictions`
_HOPED = re.compile(
    r"^(?:expected|predicted|projected|planned|proposed|estimated|potential|anticipated|future|upcoming|possible|targets?|remaining"
    r"|missing|pending|outstanding|unfinished|next|still|needs?|needed|nice to have)\b"
    r"|\b(?:predictions?|projections?|forecasts?|estimates?|targets?)$"
)
_TO_COME = frozenset({"next", "tasks", "deferred", "goals", "objectives", "risks", "questions", "findings", "blockers"})
_NOW = frozenset({"deliverables", "completed", "metrics", "checks", "files", "created", "modified", "deleted"})
# What a sentence says that a list goes on with, the time that work took, and what a test needs: `Test data`.
_GOES_ON = re.compile(
    r"\b(?:being|is|are|was|were|be|by|because|that|which|can|should|must|from|has|have|it|they|with)$|^time\b|\b(?:time|hours|effort)"
    r" (?:invested|spent|taken)\b|\bdevelopment time\b|\btests?(?: \d+)?$"
    r"|\b(?:test|scenario) (?:coverage|scenarios)\b|\bquality$"
)
_SAME = re.compile(r"\b(?:reused?|unchanged|not changed|no changes|existing|referenced?)\b")
_NEEDED = re.compile(r"\b(?:data|environment|set ?up|accounts?|users?|fixtures?|infrastructure|commands?)$")
_SETTLED = re.compile(r"\b(?:fixed|resolved|validated|mitigat\w+)\b")


# What is done to a thing that is made, and what a line says of a thing that is only good: `Production ready`, `Zero bugs`.
_THINGS = re.compile(
    r"\b(?:features?|capabilit\w+|components?|endpoints?|modules?|services?|changes?|fix(?:es)?|improvements?|enhancements?|additions?|"
    r"updates?|scripts?|commands?|tools?|tables?|pages?|screens?|functions?|methods?|deliverables?|implementation|files?|docs|"
    r"documentation|migrations?|models?|schemas?|tests?|work|tasks?|backend|frontend|api|database|ui)\b"
)
_MAKES, _GOOD = map(
    frozenset,
    table("""
makes: added, built, rebuilt, created, implemented, fixed, removed, deleted, updated, replaced, refactored, migrated, renamed,
    moved, wrote, written, rewrote, introduced, extracted, converted, installed, configured, integrated, extended, enabled,
    disabled, merged, committed, pushed, deployed, published, documented, redesigned, wired, split, dropped, upgraded,
    registered, exposed, restored, resolved, cleared, eliminated, reduced, improved, enhanced, established, developed,
    designed, shipped, delivered, released, corrected, patched, bumped, set, hardened, consolidated, generated
good: ready, compatible, safe, compliant, clean, stable, fast, scalable, maintainable, secure, reliable, robust, correct,
    perfect, intact, preserved, maintained, passing, passed, pass, green, easy, simple, flexible, accurate, consistent,
    elegant, professional, comprehensive, unchanged, exceeded
""").values(),
)
_ALL = re.compile(r"(?:zero|no|perfect)\b|\d+(?:\.\d+)? ?%")
_SIGNS = re.compile(r"^[^\w`*\[(.]+")


def says_made(text: str) -> bool:
    """Tell whether a line says that something was made: by its first or last word, or by a path that it begins with."""
    said = _SIGNS.sub("", text)
    words = plain((lead_of(said) or (said,))[0]).split()
    return bool(words and {words[0], words[-1]} & _MAKES) or bool(leading_paths(said))


def is_claim(text: str) -> bool:
    """Tell whether a line of what was made praises it, or says how things are: `Zero bugs`, `Production ready`."""
    bare = _SIGNS.sub("", text)
    said = plain((lead_of(bare) or pair_of(bare) or (bare,))[0])
    words = said.split()
    return (
        bool(words)
        and not {words[0], words[-1]} & _MAKES
        and (bool(_ALL.match(said)) or (len(words) <= _MOST_WORDS and words[-1] in _GOOD))
    )


_WORDS = table("""
describe: goal, purpose, location, why, when, where, usage, example, examples, features, key features, benefits, benefit,
    detection, trigger, contingency, cause, root cause, problem, solution, fix, files, files modified, estimated effort,
    estimated time, implementation, expected, expected result, expected outcome, actual, before, after, symptom, symptoms,
    total, totals, subtotal, overall, current state, risk level, hypothesis, assumption, approach, timeline, prerequisites,
    dependencies, depends on, duration, time, date, branch, commit, pr, acceptance criteria, success criteria
are things: completed, context, current, done, end, key, last, message, module, new, next, number, old, planned, post,
    previous, prior, progress, source, start, subject, title, tool, total, value, verification
""")


def describes(kind: str, label: str) -> bool:
    """Tell whether a label before a text says what the text is of a thing, so that it is none of a kind itself: `Status`."""
    words = plain(remark_of(label)[0])
    return kind != "notes" and words in _describing() and words not in COLUMNS.get(kind, {}).get(first_of(kind), ())


@cache
def _describing() -> frozenset[str]:
    fields = (
        phrases
        for kind, table_ in COLUMNS.items()
        if kind not in ("history", "agents")
        for field_, phrases in table_.items()
        if field_ not in (first_of(kind), "group", "note")
    )
    heads = map(plain, (*_WORDS["describe"], *(one for phrases in fields for one in phrases)))
    return frozenset(heads) - {
        *_WORDS["are things"]
    }  # which heads of columns are called as well: `**Context**: a provider`


# Headings below `Next Steps` and the like that say when, for whom or how urgent; others may be about anything.
_GROUP = re.compile(
    r"\b(?:immediate|short|mid|near|medium|long|tomorrow|now|today|before|after|pre|post|future|next|this|later|week|sprint|phase|round|month|"
    r"quarter|day|priority|critical|high|low|medium|recommended|optional|required|^for|actions?|steps|recommendations|tasks|"
    r"improvements|technical|process|development|testing|documentation|security|performance|must|should|p[0-3])\b"
)
# Headings whose boxes are conditions: `Dependencies: required before starting`.
_CONDITION = re.compile(
    r"^(?!.*\bwaiting\b).*\b(?:required|requirements?|prerequisites?|dependencies|criteria|conditions?|done)\b",
    re.IGNORECASE,
)


def is_group(title: str) -> bool:
    """Tell whether a heading below one of steps to come says when they come, for whom or how urgent they are."""
    return bool(_GROUP.search(plain(title)))


def is_condition(title: str) -> bool:
    """Tell whether a heading says that the boxes below it are conditions: `Required before starting`."""
    return bool(_CONDITION.search(title))


def is_no_work(title: str) -> bool:
    """Tell whether a heading says of what is ticked below it that it is praise, a condition or a check: `Why it is fast`."""
    return bool(_NO_WORK.search(title))


def is_work(title: str, *, over: bool = False) -> bool:
    """Tell whether a heading says that what is below it is work; `over` asks for one that is done: `Features extracted`."""
    return bool((_MADE if over else _WORK_OF).search(title))


def is_thing(title: str) -> bool:
    """Tell whether a line above a list says that things are listed below it: `Components:`, `Created the API:`."""
    return bool(_THINGS.search(plain(title)) or {*plain(title).split()} & _MAKES)


def is_none(text: str, kind: str) -> bool:
    """Tell whether a text says that there is nothing of a kind; `No issues` may as well be a check."""
    return bool(_NOT_ANY.match(text) or (kind in _MAY_BE_NONE and _NONE.fullmatch(text)))


def is_hoped(title: str, kind: str) -> bool:
    """Tell whether a heading says of what was made or measured that it is hoped for: `Expected improvements`."""
    return kind in _NOW and bool(_HOPED.search(plain(remark_of(without_numbering(title))[0])))


def is_aside(title: str, kind: str) -> bool:
    """Tell whether a heading or line above a list says that it has no entries of a kind, whatever is above it."""
    words = plain(title)
    if kind == "findings":
        return is_none(title, kind) or bool(
            _NO_FINDING.search(words) or (_HOPED.match(words) and not name_of(title).topic)
        )
    if kind in ("decisions", "carried"):
        return False
    hoped = is_hoped(title, kind) and name_of(title).topic not in _TO_COME
    if is_none(title, kind) or hoped or words.startswith("expected "):
        return True
    if kind in ("checks", "deliverables", "metrics", "goals") and _LATER.search(words):
        return True
    if (kind == "deliverables" and (_MISSING.search(words) or _GOES_ON.search(words))) or (
        kind in ("checks", "metrics") and _NEEDED.search(words)
    ):
        return True
    if kind == "files" and _SAME.search(words):
        return True
    if describes(kind, title) and not name_of(title).topic and words != "implementation":
        return True
    return bool(_ASIDE.match(words) or (kind == "risks" and _SETTLED.search(words)))


def is_blank(text: str) -> bool:
    """Tell whether a text is a line of a form that nobody has filled in."""
    return bool(_BLANK.search(text)) and not re.sub(r"_{3,}|\W", "", text.rpartition(":")[2])
