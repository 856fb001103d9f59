"""The fields of a decision record: their words, titles, statuses and values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from roundbook.markdown import plain
from roundbook.schema import dates
from roundbook.schema.base import kebab
from roundbook.schema.decision import DecisionRecord
from roundbook.yamlfile.reader import Items, Map

# Labels and headings that hold a key of a decision; every other one is kept under its own words.
_FIELDS = """
id: id, decision id, adr
title: title
status: status, state, decision status, adr status, current status, decision state, record status
date: date, decided on, when, decision date, date of decision, creation date
decision-makers: decision makers, decision maker, deciders, decider, decided by, decision owners, owner, owners, made by,
    by, who, approvers
consulted: consulted, consulted with, reviewers
informed: informed
context: context, context and problem statement, problem statement, problem, background, issue, situation, question,
    the question
decision: decision, decision outcome, outcome, the decision, decided, we decided, resolution, choice, chosen,
    chosen option, answer, what we decided, what, decision made
rationale: rationale, justification, reasons, reason, reasoning, why, because, motivation
options: options, considered options, options considered, alternatives, alternatives considered, considered alternatives,
    rejected, rejected alternatives, alternative, other options, options on the table
consequences: consequences, positive consequences, negative consequences, consequence, implications, effects, follows
tradeoff: trade off, trade offs, tradeoff, tradeoffs, cost, downside, downsides
impact: impact, effect
confidence: confidence
positions: positions, opinions
evidence: evidence, proof
until: until, revisit when, revisit, revisit if, review when, reconsider when, reconsider if, review date, expires,
    revisit on
follow-up: follow up, follow ups, next step, next steps, action, todo, future work
supersedes: supersedes, replaces
amends: amends
depends-on: depends on, requires
relates-to: relates to, related, related decisions, see also
affects: affects, files, files affected, affected files, applies to, scope
prs: pr, prs, pull request
commits: commit, commits
tags: tags, tag, keywords, labels, owning sig
"""
FIELDS: Mapping[str, str] = {
    phrase: key
    for key, _, phrases in (line.partition(": ") for line in re.sub(r"\n +", " ", _FIELDS).split("\n"))
    for phrase in phrases.split(", ")
}


def _set(phrases: str) -> frozenset[str]:
    return frozenset(phrases.split(", "))


NAME_LISTS = frozenset({"decision-makers", "consulted", "informed", "tags", "ratified-by"})
RELATIONS = frozenset({"supersedes", "amends", "depends-on", "relates-to"})
ENTRIES = frozenset({"rationale", "options", "consequences", "positions"})
# Keys of a decision that front matter may have under their own name; what a record gets by its place is none of them.
FRONT_MATTER_KEYS = frozenset(map(kebab, DecisionRecord.model_fields)) - {"id", "title", "details", "status-text"}
# Labels and sections that list other records without saying what these are to the record.
RELATED_LABELS = _set(
    "related, relates, related adrs, related adr, related decisions, related decision, related records, adrs, adr, "
    "see also, links, relations, references, cross references, relationships, decisions"
)
# Sections of which one alone shows that a document is one record, and not a log of several.
RECORD_HEADINGS = _set(
    "status, context and problem statement, context, problem statement, problem, background, decision outcome, decision, "
    "outcome, the decision, rationale, justification, reasons, reasoning, considered options, options considered, options, "
    "alternatives, alternatives considered, considered alternatives, consequences, positive consequences, "
    "negative consequences, trade offs, tradeoffs, trade off, tradeoff, impact, evidence"
)
# What the minutes of a meeting have, and no record of a decision.
MEETING_WORDS = _set("agenda, attendees, attendance, participants, present, action items, minutes, apologies, absent")
MEETING_TITLE = re.compile(r"\b(?:meeting|minutes|stand-?up|retro(?:spective)?|agenda)\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SHOWN = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\([^()]*\)|</?[a-zA-Z][^<>]{0,200}>")  # links, images and tags of HTML
_STATED = re.compile(r"(?P<label>[^:=()\[\]—–]{2,40}?)\s*(?:[:=—–(\[]|\s-\s)\s*(?P<value>.*\S)", re.DOTALL)


def normalized(label: str) -> str:
    """Return a heading or label in the form that the tables use: lower case, without marks, signs and comments."""
    return plain(COMMENT.sub("", label))


def key_of(label: str) -> str:
    """Return the decision key that a heading or label stands for, or the empty string."""
    words = normalized(label) if label.strip(" *_#`")[:1].isalnum() else ""
    own = words.replace(" ", "-")
    return FIELDS.get(words) or (own if own in FRONT_MATTER_KEYS else "")


def status_label(words: str) -> tuple[str, str]:
    """Return label and value of a heading or line such as `Status: Accepted`; empty strings if the label is not a status."""
    bare = _SHOWN.sub(r"\g<text>", COMMENT.sub("", words)).replace("*", "").replace("_", " ").strip(" #")
    match = _STATED.fullmatch(bare)
    if match and key_of(match["label"]) == "status":
        return match["label"].strip(), match["value"].rstrip(")] ")
    return "", ""


_NUMBERED = re.compile(
    r"(?P<number>(?:ADR|KEP|Decision)[-_ #]*\d{1,6}|#?\d{1,6})(?:\s*[:.)]\s*|\s*(?:--+|—|–)\s*|\s+-\s+|\s+)(?P<title>\S.*)",
    re.IGNORECASE | re.DOTALL,
)


def split_title(text: str) -> tuple[str, str]:
    """Return `Use PostgreSQL` and `ADR-0044` for `ADR-0044: Use PostgreSQL`; the number is empty if there is none.

    A number that the words go on with is none: `3 replicas are enough` is a title.
    """
    match = _NUMBERED.fullmatch(text.strip())
    if not match:
        return text.strip(), ""
    between = text.strip()[len(match["number"]) : match.start("title")]
    certain = between.strip() or not match["number"].isdecimal() or len(match["number"]) >= 3
    return (match["title"].strip(), match["number"]) if certain else (text.strip(), "")


# ----------------------------------------------------------------------------------------------------------- days

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"


def _form(order: str) -> re.Pattern[str]:
    """Return the pattern of a date or span whose month is a word: `m1 d1-d2` is that of `March 3 - 5, 2026`."""
    gaps = order.replace(" ", r"\s+(?:of\s+)?").replace("-", r"\s*(?:-|–|—|to|until|\.\.)\s*")
    parts = {"m": _MONTH, "d": r"\d{1,2}(?:st|nd|rd|th|\.)?"}
    named = re.sub(r"\b([md])([12])\b", lambda part: f"(?P<{part[0]}>{parts[part[1]]})", gaps)
    return re.compile(rf"{_WEEKDAY}{named},?\s+(?P<year>\d{{4}})", re.IGNORECASE)


_DAYS = tuple(map(_form, ("m1 d1", "d1 m1")))
_SPANS = tuple(map(_form, ("m1 d1-d2", "d1-d2 m1", "m1 d1-m2 d2", "d1 m1-d2 m2")))
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})")
# A day in running text: `2026-01-02`, `2026/1/2`, `Jan. 2, 2026`, `2nd January 2026`.
_UNNAMED = (re.sub(r"P<\w+>", ":", form.pattern.replace(_WEEKDAY, "")) for form in _DAYS)
DAY = re.compile(
    "|".join((r"(?<![\d.])\d{4}[-/]\d{1,2}[-/]\d{1,2}(?![\d.])", *map(r"\b{}\b".format, _UNNAMED))), re.IGNORECASE
)
_ANYWHERE = re.compile(r"(?<![\d/.-])\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\d/-])")
_BETWEEN = re.compile(r"\s*(?:\.\.|→|->)\s*|\s+(?:to|until|–|—|-|through)\s+|(?<=\d)[–—](?=\d)", re.IGNORECASE)


def date_of(text: str) -> str:
    """Return the date or span that a text states, as a round file has it, or the empty string.

    `03/04/2026` is nothing, since it may be March or April; `31.03.2026` and `03/31/2026` are the last day of March.
    """
    wording = " ".join(text.split())
    made = "..".join(_dates(wording)) if len(wording) <= 80 else ""
    try:
        return dates.parse(made).text if made else ""
    except ValueError:
        return ""


def leading_date(text: str) -> str:
    """Return the date or span that a text is or starts with, as in `2026-01-05 (by the board)`, or the empty string."""
    bare = text.strip().strip("*_`")
    first = re.match(r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?=$|[\s,;T])", bare)
    return date_of(bare) or (date_of(first[0]) if first else "")


def day_of(match: re.Match[str]) -> str:
    """Return the date of a match of `DAY`, as a round file has it, or the empty string if there is no such date."""
    return _single_date(match[0])


def date_in(text: str) -> str:
    """Return the only date in a text as `YYYY-MM-DD`, or the empty string if there is none, or more than one."""
    found = {day_of(match) for form in (_ANYWHERE, *_DAYS) for match in form.finditer(text)} - {""}
    return found.pop() if len(found) == 1 else ""


def _dates(text: str) -> list[str]:
    for form in _SPANS:
        if match := form.fullmatch(text):
            return _from_words(match)
    for cut in _BETWEEN.finditer(text):
        first, last = _single_date(text[: cut.start()]), _single_date(text[cut.end() :])
        if first and last:
            return [first, last]
    return [one] if (one := _single_date(text)) else []


def _single_date(text: str) -> str:
    """Return the single date that a text states, or the empty string."""
    for form in _DAYS:
        if match := form.fullmatch(text):
            return _from_words(match)[0]
    text = re.sub(_WEEKDAY, "", text.strip(), count=1, flags=re.IGNORECASE)
    if match := _YEAR_FIRST.fullmatch(text):
        return _iso(match[1], match[2], match[3])
    if match := _YEAR_LAST.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        if match[2] == "." or first > 12 or first == second:
            return _iso(match[4], second, first)
        return _iso(match[4], first, second) if second > 12 else ""
    try:
        return dates.parse(text).text if ".." not in text else ""
    except ValueError:
        return ""


def _from_words(match: re.Match[str]) -> list[str]:
    wording = match.groupdict()
    first = _MONTHS.index(wording["m1"][:3].lower()) + 1
    last = _MONTHS.index(wording["m2"][:3].lower()) + 1 if wording.get("m2") else first
    made = [_iso(int(wording["year"]) - (last < first), first, wording["d1"])]
    return [*made, _iso(wording["year"], last, wording["d2"])] if wording.get("d2") else made


def _iso(year: int | str, month: int | str, number: int | str) -> str:
    try:
        return dt.date(int(year), int(month), int(re.sub(r"\D", "", str(number)))).isoformat()
    except ValueError:
        return ""


# --------------------------------------------------------------------------------------------------------- values

_SIGN = re.compile(r"[\[\](),;]")


def split_list(text: str) -> list[str]:
    """Return the items of a list written on one line, `Ada, Grace`; commas inside brackets do not separate items."""
    bare = text.strip()
    if bare.startswith("[") and bare.endswith("]") and bare.count("[") == 1:
        bare = bare[1:-1]
    found, start, depth = [], 0, 0
    for match in _SIGN.finditer(bare):
        if match[0] in ",;" and depth == 0:
            found.append(bare[start : match.start()])
            start = match.end()
        elif match[0] not in ",;":
            depth = max(0, depth + (1 if match[0] in "[(" else -1))
    return [part for part in (p.strip() for p in (*found, bare[start:])) if part]


def texts_of(value: object) -> list[str]:
    """Return the texts of a front matter value, one for each item of a list."""
    if isinstance(value, Map):
        return [f"{key}: {', '.join(texts_of(inner))}" for key, inner in value.items()]
    if isinstance(value, Items):
        return [words for inner in value for words in texts_of(inner)]
    return [] if getattr(value, "empty", False) else [str(value)]
