"""The fields of a decision record: their words, titles, statuses and values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from roundbook.markdown import Block, Bullets, Code, Grid, Pairs, Paragraph, Part, Quote, Verbatim, plain
from roundbook.schema import dates
from roundbook.schema.base import kebab
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.statuses import DecisionStatus, decision_status_of
from roundbook.yamlfile.reader import Items, Map

# Labels and headings that hold a key of a decision; every other one is kept under its own words.
_FIELDS = """
id: id, decision id, adr
title: title
status: status, state, decision status, adr status, current status, decision state, record status
date: date, decided on, when, decision date, date of decision
decision-makers: decision makers, decision maker, deciders, decider, decided by, decision owners, owner, owners, made by,
    by, who
consulted: consulted, consulted with
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
tags: tags, tag, keywords, labels
"""
FIELDS: Mapping[str, str] = {
    phrase: key
    for key, _, phrases in (line.partition(": ") for line in re.sub(r"\n +", " ", _FIELDS).split("\n"))
    for phrase in phrases.split(", ")
}


def _set(phrases: str) -> frozenset[str]:
    return frozenset(phrases.split(", "))


LISTED = frozenset({"decision-makers", "consulted", "informed", "tags", "ratified-by"})
RELATED = frozenset({"supersedes", "amends", "depends-on", "relates-to"})
ENTRIES = frozenset({"rationale", "options", "consequences", "positions"})
# Keys of a decision that front matter may have under their own name; what a record gets by its place is none of them.
OWN = frozenset(map(kebab, DecisionRecord.model_fields)) - {"id", "title", "details", "status-text"}
# Labels and sections that list other records without saying what these are to the record.
RELATED_LABELS = _set(
    "related, relates, related adrs, related adr, related decisions, related decision, related records, adrs, adr, "
    "see also, links, relations, references, cross references, relationships, decisions"
)
# Sections of which one alone shows that a document is one record, and not a log of several.
TELLING = _set(
    "status, context and problem statement, context, problem statement, problem, background, decision outcome, decision, "
    "outcome, the decision, rationale, justification, reasons, reasoning, considered options, options considered, options, "
    "alternatives, alternatives considered, considered alternatives, consequences, positive consequences, "
    "negative consequences, trade offs, tradeoffs, trade off, tradeoff, impact, evidence"
)
# What the minutes of a meeting have, and no record of a decision.
MEETING_WORDS = _set("agenda, attendees, attendance, participants, present, action items, minutes, apologies, absent")
MEETING = re.compile(r"\b(?:meeting|minutes|stand-?up|retro(?:spective)?|agenda)\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SHOWN = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\([^()]*\)|</?[a-zA-Z][^<>]{0,200}>")  # links, images and tags of HTML
_STATED = re.compile(r"(?P<label>[^:=()\[\]—–]{2,40}?)\s*(?:[:=—–(\[]|\s-\s)\s*(?P<value>.*\S)", re.DOTALL)


def folded(label: str) -> str:
    """Return a heading or label as the tables have it."""
    return plain(COMMENT.sub("", label))


def key_of(label: str) -> str:
    """Return the key of a decision that a heading or label means, or nothing."""
    words = folded(label) if label.strip(" *_#`")[:1].isalnum() else ""
    own = words.replace(" ", "-")
    return FIELDS.get(words) or (own if own in OWN else "")


def stated(words: str) -> tuple[str, str]:
    """Return the label and the value of `Status: Accepted`, a heading or a line, where the label is one of a status."""
    bare = _SHOWN.sub(r"\g<text>", COMMENT.sub("", words)).replace("*", "").replace("_", " ").strip(" #")
    match = _STATED.fullmatch(bare)
    if match and key_of(match["label"]) == "status":
        return match["label"].strip(), match["value"].rstrip(")] ")
    return "", ""


_NUMBERED = re.compile(
    r"(?P<number>(?:ADR|Decision)[-_ #]*\d{1,6}|#?\d{1,6})(?:\s*[:.)]\s*|\s*(?:--+|—|–)\s*|\s+-\s+|\s+)(?P<title>\S.*)",
    re.IGNORECASE | re.DOTALL,
)


def split_title(text: str) -> tuple[str, str]:
    """Return `Use PostgreSQL` and `ADR-0044` of `ADR-0044: Use PostgreSQL`; the number is empty where there is none.

    A number that the words go on with is none: `3 replicas are enough` is a title.
    """
    match = _NUMBERED.fullmatch(text.strip())
    if not match:
        return text.strip(), ""
    between = text.strip()[len(match["number"]) : match.start("title")]
    sure = between.strip() or not match["number"].isdecimal() or len(match["number"]) >= 3
    return (match["title"].strip(), match["number"]) if sure else (text.strip(), "")


# ----------------------------------------------------------------------------------------------------------- days

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"


def _form(order: str) -> re.Pattern[str]:
    """Return the pattern of a day or span whose month is a word: `m1 d1-d2` is that of `March 3 - 5, 2026`."""
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
    """Return the day or span that a text states, in the form of `model.when`, or the empty text.

    `03/04/2026` is nothing, since it may be March or April; `31.03.2026` and `03/31/2026` are the last day of March.
    """
    said = " ".join(text.split())
    made = "..".join(_days(said)) if len(said) <= 80 else ""
    try:
        return dates.parse(made).text if made else ""
    except ValueError:
        return ""


def day(text: str) -> str:
    """Return the day or span that a text states or begins with, `2026-01-05 (by the board)`, or the empty text."""
    bare = text.strip().strip("*_`")
    first = re.match(r"\d{4}([-/.])\d{1,2}\1\d{1,2}(?=$|[\sT])", bare)
    return date_of(bare) or (date_of(first[0]) if first else "")


def day_of(match: re.Match[str]) -> str:
    """Return the day that a match of `DAY` states, as a round file has it, or the empty text where there is no such day."""
    return _day(match[0])


def day_in(text: str) -> str:
    """Return the one day that stands anywhere in a text, as `YYYY-MM-DD`; nothing where there is none, or several."""
    found = {day_of(match) for form in (_ANYWHERE, *_DAYS) for match in form.finditer(text)} - {""}
    return found.pop() if len(found) == 1 else ""


def _days(text: str) -> list[str]:
    for form in _SPANS:
        if match := form.fullmatch(text):
            return _named(match)
    for cut in _BETWEEN.finditer(text):
        first, last = _day(text[: cut.start()]), _day(text[cut.end() :])
        if first and last:
            return [first, last]
    return [one] if (one := _day(text)) else []


def _day(text: str) -> str:
    """Return the one day that a text states, or a `..` span of the model's own form, or the empty text."""
    for form in _DAYS:
        if match := form.fullmatch(text):
            return _named(match)[0]
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


def _named(match: re.Match[str]) -> list[str]:
    said = match.groupdict()
    first = _MONTHS.index(said["m1"][:3].lower()) + 1
    last = _MONTHS.index(said["m2"][:3].lower()) + 1 if said.get("m2") else first
    made = [_iso(int(said["year"]) - (last < first), first, said["d1"])]
    return [*made, _iso(said["year"], last, said["d2"])] if said.get("d2") else made


def _iso(year: int | str, month: int | str, number: int | str) -> str:
    try:
        return dt.date(int(year), int(month), int(re.sub(r"\D", "", str(number)))).isoformat()
    except ValueError:
        return ""


# --------------------------------------------------------------------------------------------------------- values

_SIGN = re.compile(r"[\[\](),;]")


def listed(text: str) -> list[str]:
    """Return the entries of a list written in one line, `Ada, Grace`; commas inside brackets part nothing."""
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


def words_of(value: object) -> list[str]:
    """Return what a value of front matter says, each entry of a list for itself."""
    if isinstance(value, Map):
        return [f"{key}: {', '.join(words_of(inner))}" for key, inner in value.items()]
    if isinstance(value, Items):
        return [words for inner in value for words in words_of(inner)]
    return [] if getattr(value, "empty", False) else [str(value)]


# What one record says of another, with the key that holds it, and whether the other is the one that holds it.
_SOME = r"(?:\s+\(?(?:partially|partly|in\s+part|on\s+[\d-]+|in\s+\d{4})\)?)*\s+"
_RELATIONS: tuple[tuple[str, str, bool], ...] = (
    (rf"(?:super[sc]eded|replaced|obsoleted){_SOME}by", "supersedes", True),
    (r"super[sc]edes|replaces|obsoletes", "supersedes", False),
    (rf"(?:amended|updated|extended){_SOME}by", "amends", True),
    (r"amends|updates|extends", "amends", False),
    (r"required\s+by|needed\s+by", "depends-on", True),
    (r"depends\s+on|requires|needs", "depends-on", False),
    (r"relates\s+to|related\s+to|clarifies|clarified\s+by|refines|refined\s+by|linked\s+to|see\s+also", "relates-to", False),
)  # fmt: skip
_RELATION = re.compile(
    r"\b(?:" + "|".join(f"(?P<r{i}>{words})" for i, (words, _, _) in enumerate(_RELATIONS)) + r")\b:?\s*", re.IGNORECASE
)
_LINK = re.compile(r"\[(?P<text>[^\[\]]{0,300})\](?:\((?P<to>[^()\s]{1,500})[^()]{0,200}\))?")
_ID = (
    r"(?:(?:adr|decision|record|nr\.?|no\.?)s?[-_ #]{0,2}|#|[A-Za-z]\w{0,30}(?:-[A-Za-z]\w{0,30}){0,3}-)?"
    r"\d{1,8}(?:-\w[\w-]{0,80})?(?![\w-])"
)
_REFERENCE = re.compile(rf"{_LINK.pattern}|(?<![\w/.#-]){_ID}", re.IGNORECASE)
_SURE = re.compile(r"(?:adr|decision|record)s?[-_ #]{0,2}\d{1,8}\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9][\w./#-]{0,100}")
_ARTICLE = re.compile(r"(?:(?:the|of|by|both|parts?|adrs?|decisions?|records?)\b:?\s*)*", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:,|&|\+|/|\band\b)\s*(?:\band\b\s*)?", re.IGNORECASE)
_APART = re.compile(r"[,;\n]|\band\b|\s&\s")
_MARKS = re.compile(r"[*_`~]+")
_PARTLY = re.compile(r"\b(?:partial(?:ly)?|partly|in\s+part|parts?\s+of)\b", re.IGNORECASE)
# Where the subject of a verb begins anew, and the words between that and the verb which still mean the record itself.
_CLAUSE = re.compile(r"[.;,:(—–]|--|\s-\s|\b(?:and|but)\b", re.IGNORECASE)
_OWN_WORDS = re.compile(
    r"(?:(?:this|the|adr|decision|record|document|it|is|was|has|been|now|also|then|partially|partly|in|part|later|since|fully|"
    r"wholly|entirely|completely|largely|currently|formally|today|subsequently|status|accepted|proposed)\b[^a-z]*)*"
)
_ASIDE = re.compile(r"(?<!\])\([^()]{0,300}\)")
_WEAK = re.compile(r"\W*(?:proposed|drafted|suggested)\s+by\b", re.IGNORECASE)
# What two lines without days may say one after the other, as it came to pass.
_COURSES = frozenset(
    {("draft", "proposed"), ("draft", "accepted"), ("proposed", "accepted"), ("proposed", "rejected")}
    | {("accepted", "deprecated"), ("accepted", "superseded")}
)
_NONE = frozenset({"", "none", "n/a", "na", "no", "nothing", "null", "tbd", "—", "–"})
LONGEST = 4_000  # letters of a line that are looked through


class Named(NamedTuple):
    """Another record, as it is written, and the file that a link leads to, if it is a link to a Markdown file.

    `sure` tells that the record says that this is a decision; else it is one only where there is such a decision.
    """

    relation: str
    reverse: bool
    text: str
    to: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands: `word` is none of ours where `status` is `None` and it is not empty.

    `said` is the status in the words of the record, without the records it names; `whole` tells that there is no more.
    `day` is the day that stands beside it, and `others` tells that the lines state several statuses without days.
    """

    status: DecisionStatus | None = None
    word: str = ""
    said: str = ""
    named: tuple[Named, ...] = ()
    whole: bool = True
    day: str = ""
    others: bool = False


def standing(text: str) -> Standing:
    """Return what the lines of a status say: of several the one with the newest day counts, else the last."""
    lines = (line.strip("> \t") for line in COMMENT.sub("", text).split("\n"))
    read = [_line(line) for line in lines if line.strip(" -+*|:")]
    stated = [one for one in read if one.status]
    strong = [one for one in stated if not _WEAK.match(one.word)] or stated
    named = tuple(found for one in read for found in one.named)
    if strong:
        dated = all(one.day for one in strong)
        best = strong[max(range(len(strong)), key=lambda i: (strong[i].day if dated else "", i))]
        states = list(dict.fromkeys(one.status for one in stated))
        others = not dated and len(states) > 1 and tuple(states) not in _COURSES
        whole = len(read) == 1 or all(one is best or (one.named and _RELATION.match(one.word)) for one in read)
        return replace(best, named=named, whole=whole, others=others)
    first = next((one for one in read if not one.named), Standing())
    return Standing(None, first.word, first.said, named, not first.word or len(read) == 1)


def _line(line: str) -> Standing:
    """Return what one line of a status says."""
    words = _MARKS.sub("", line).strip(" -+")
    named = tuple(relations(words))
    status = decision_status_of(line[:LONGEST].strip(" -+"))
    if status == "superseded" and any(one.relation == "amends" and one.reverse for one in named):
        status = "accepted"
    match = _RELATION.search(words[:LONGEST])
    said = words[: match.start()].rstrip(" ,;:(") if match and named else words
    if match and named and status and len(said.split()) < 2 and not decision_status_of(said):
        said = re.split(r"\s+by\b", words, maxsplit=1)[0]
    day = day_in(words[:LONGEST]) if status not in (None, "superseded", "deprecated") else ""
    return Standing(status, words, said or words, named, day=day)


def status_lines(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the lines of blocks that may state a status: of boxes those that are ticked, of a table the column of statuses."""
    for block in blocks:
        match block:
            case Bullets():
                ticked = any(item.checked for item in block.items)
                for item in block.items:
                    if item.checked or not ticked:
                        yield from item.text.split("\n")
                        yield from status_lines(item.blocks)
            case Grid():
                yield from status_cells(block) or (" | ".join(cells) for cells in (block.columns, *_rows(block)))
            case Pairs():
                yield from (line for pair in block.pairs for line in f"{pair.key}: {pair.value}".split("\n"))
            case Quote():
                yield from status_lines(block.blocks)
            case Paragraph() | Code() | Verbatim():
                yield from block.text.split("\n")


def status_of_part(part: Part) -> str:
    """Return the lines below a heading that may state a status."""
    inner = (line for one in part.parts for line in (one.title, status_of_part(one)))
    return "\n".join((*status_lines(part.blocks), *inner))


def status_cells(grid: Grid) -> list[str]:
    """Return, by row, the status and the day beside it; nothing where no column of a table holds a status."""
    keys = [key_of(cell) for cell in grid.columns]
    if "status" not in keys:
        return []
    wanted = [keys.index(key) for key in ("status", "date") if key in keys]
    rows = (" ".join(cells[n] for n in wanted if n < len(cells)).strip() for cells in _rows(grid))
    return [row for row in rows if row]


def _rows(grid: Grid) -> Iterator[tuple[str, ...]]:
    return (row.cells for row in grid.rows)


# ------------------------------------------------------------------------------------------------------- relations


def relations(text: str) -> Iterator[Named]:
    """Yield the records that a text relates its own to: a verb speaks of what it stands directly before.

    A verb behind another record speaks of that one: `ADR-1, superseded by ADR-2` says nothing of the record itself.
    """
    plain = _without_asides(text[:LONGEST])
    end, ours = 0, True
    for match in _RELATION.finditer(plain):
        if match.start() < end:
            continue
        lead = plain[end : match.start()]
        ours = (ours or ";" in lead) and not _REFERENCE.search(lead)
        relation, reverse = _meant(match)
        found, stop = _governed(plain, match.end())
        if end and reverse and not re.search(r"[.;(]|\band\b", lead):
            ours = False
        # The record itself is what the verb speaks of, as it is now.
        if not ours or not _OWN_WORDS.fullmatch(re.sub(r"^[^a-z]+", "", _CLAUSE.split(lead)[-1].lower())):
            continue
        around = plain[max(0, match.start() - 12) : min(stop + 14, len(plain))]
        partly = relation == "supersedes" and _PARTLY.search(around)
        for words, to in found:
            # `ADR-4` is a decision for certain, `sha-256` may be something else that is needed.
            sure = to != "" or relation in ("supersedes", "amends") or _SURE.match(words) is not None
            yield Named("amends" if partly else relation, reverse, words, to, sure)
        end = max(stop, match.end())


def _meant(match: re.Match[str]) -> tuple[str, bool]:
    """Return the key of a verb, and whether the other record is the one that has it."""
    return _RELATIONS[int(str(match.lastgroup)[1:])][1:]


def relation_of(label: str) -> tuple[str, bool] | None:
    """Return the key that a label such as `Superseded by` means, and whether the other record is the one that has it."""
    match = _RELATION.fullmatch(re.sub(r"^(?:partially|partly) ", "", folded(label)))
    return _meant(match) if match else ("relates-to", False) if folded(label) in RELATED_LABELS else None


def labelled(label: str, value: str) -> Iterator[Named]:
    """Yield the records that the value of a label relates its own to: `Supersedes: ADR-3, ADR-4`, `ADRs: ADR-1 (goals)`."""
    kind = relation_of(label)
    for piece in pieces(_without_asides(_MARKS.sub("", value[:LONGEST]))) if kind else ():
        if kind is None or (kind[0] == "relates-to" and not _RELATION.search(folded(label))):
            yield from (Named("relates-to", False, *one, sure=False) for one in references(piece))
            continue
        found, stop = _governed(piece)
        partly = kind[0] == "supersedes" and _PARTLY.search(f"{label}\n{piece[:20]}{piece[stop:][:20]}")
        yield from (Named("amends" if partly else kind[0], kind[1], *one) for one in found)


def pieces(text: str) -> Iterator[str]:
    """Yield the parts of a list in one line; `none` is no part."""
    for piece in _APART.split(text):
        bare = re.sub(r"^(?:partially|partly)\s+", "", piece.strip(" -*+."), flags=re.IGNORECASE)
        if bare.lower() not in _NONE:
            yield bare


def _without_asides(text: str) -> str:
    """Return a text without the brackets that follow on a record and say something of that, or give its title."""
    kept, at = [], 0
    ends = {match.end() for match in _REFERENCE.finditer(text)} if "(" in text else frozenset()
    for match in _ASIDE.finditer(text):
        if len(text[: match.start()].rstrip()) in ends:
            kept.append(text[at : match.start()])
            at = match.end()
    return "".join((*kept, text[at:]))


def _governed(text: str, start: int = 0) -> tuple[list[tuple[str, str]], int]:
    """Return the records that a text names from `start` on, one after the other, and where they end."""
    found: list[tuple[str, str]] = []
    at = end = start
    while True:
        article = _ARTICLE.match(text, at)
        begin = article.end() if article else at
        match = _REFERENCE.match(text, begin) or _REFERENCE.match(text, at)
        if match is None:
            break
        if (one := _target(match)) is not None:
            found.append(one)
        end = match.end()
        joint = _JOINED.match(text, end)
        if joint is None:
            break
        at = joint.end()
    if not found and (name := _NAME.match(text, start)):
        # A word is an id where a clause ends with it, or no plain word has its signs.
        rest, bare = text[name.end() :].lstrip(), name[0].rstrip(".")
        if not rest or rest[0] in ".,;)" or any(sign in bare for sign in "-#/_"):
            return [(bare, "")], name.end()
    return found, end


def _target(match: re.Match[str]) -> tuple[str, str] | None:
    """Return what a reference names, with the file of a link; `None` for a link to something else."""
    if match["to"] is None and match["text"] is None:
        return match[0].strip(), ""
    words, to = match["text"].strip(), match["to"] or ""
    if is_markdown(to):
        return words, to
    return (words, "") if not to or _SURE.search(words) else None


def references(text: str) -> Iterator[tuple[str, str]]:
    """Yield all that a text names: the links in it, and what has the form of a number of a record."""
    for match in _REFERENCE.finditer(_without_asides(text[:LONGEST])):
        one = _target(match)
        if one and (one[1] or match["text"] is not None or _SURE.match(one[0])):
            yield one


def is_markdown(to: str) -> bool:
    """Tell whether a link leads to a Markdown file, and to none of the web."""
    return ":" not in to and to.partition("#")[0].lower().endswith((".md", ".markdown"))
