"""The fields of a decision record: their words, titles, statuses and values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from roundbook.schema import dates
from roundbook.schema.base import kebab
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.statuses import DecisionStatus, decision_status_of
from roundbook.yamlfile.reader import Items, Map, Node

# Headings of sections that hold a key of a decision; every other section is kept under its own heading.
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(
        ("context and problem statement", "context", "problem statement", "problem", "background", "issue"), "context"
    ),
    **dict.fromkeys(("decision outcome", "decision", "outcome", "the decision"), "decision"),
    **dict.fromkeys(("rationale", "justification", "reasons", "reason", "reasoning", "why"), "rationale"),
    **dict.fromkeys(
        ("considered options", "options considered", "options", "alternatives", "alternatives considered"), "options"
    ),
    **dict.fromkeys(("consequences", "positive consequences", "negative consequences"), "consequences"),
    **dict.fromkeys(("considered alternatives",), "options"),
    **dict.fromkeys(("trade-offs", "tradeoffs", "trade-off", "tradeoff"), "tradeoff"),
    **dict.fromkeys(("impact",), "impact"),
    **dict.fromkeys(("evidence",), "evidence"),
}
# Labels at the head of a record, and keys of its front matter.
LABELS: Mapping[str, str] = {
    **dict.fromkeys(
        ("status", "decision status", "adr status", "current status", "state", "decision state", "record status"),
        "status",
    ),
    **dict.fromkeys(("date", "decided", "decided on", "decision date", "date of decision"), "date"),
    **dict.fromkeys(
        ("deciders", "decider", "decision makers", "decision maker", "decided by", "decision owners"),
        "decision-makers",
    ),
    **dict.fromkeys(("consulted", "consulted with"), "consulted"),
    "informed": "informed",
    **dict.fromkeys(("tags", "tag", "keywords"), "tags"),
}
LISTED = frozenset({"decision-makers", "consulted", "informed", "tags", "ratified-by"})
RELATED = frozenset({"supersedes", "amends", "depends-on", "relates-to"})
# Keys of a decision that front matter may have under their own name; what a record gets by its place is none of them.
OWN = frozenset(map(kebab, DecisionRecord.model_fields)) - {"id", "title", "details", "status-text"}
# Labels and sections that list other records without saying what these are to the record.
RELATED_LABELS = frozenset(
    (
        "related",
        "relates",
        "related adrs",
        "related adr",
        "related decisions",
        "related decision",
        "related records",
        "adrs",
        "adr",
        "see also",
        "links",
        "relations",
        "references",
        "cross references",
        "relationships",
        "decisions",
    )
)
# Sections of which one alone shows that a document is one record, and not a log of several.
TELLING = frozenset({"status", *HEADINGS}) - {"why", "reason", "issue"}
# What the minutes of a meeting have, and no record of a decision.
MEETING_WORDS = frozenset(
    ("agenda", "attendees", "attendance", "participants", "present", "action items", "minutes", "apologies", "absent")
)
MEETING = re.compile(r"\b(?:meeting|minutes|stand-?up|retro(?:spective)?|agenda)\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BLANKS = re.compile(r"[\s_]+")


_SHOWN = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\([^()]*\)|</?[a-zA-Z][^<>]{0,200}>")  # links, images and tags of HTML
_STATED = re.compile(r"(?P<label>[^:=()\[\]—–]{2,40}?)\s*(?:[:=—–(\[]|\s-\s)\s*(?P<value>.*\S)", re.DOTALL)


def stated(words: str) -> tuple[str, str]:
    """Return the label and the value of `Status: Accepted`, a heading or a line, where the label is one of a status."""
    bare = _SHOWN.sub(r"\g<text>", COMMENT.sub("", words)).replace("*", "").replace("_", " ").strip(" #")
    match = _STATED.fullmatch(bare)
    if match and key_of(match["label"]) == "status":
        return match["label"].strip(), match["value"].rstrip(")] ")
    return "", ""


def folded(words: str) -> str:
    """Return a heading or label as the tables have it: lower case, single blanks, without emphasis, comments and a colon."""
    return _BLANKS.sub(" ", COMMENT.sub("", words).replace("*", "").strip(" :#").lower())


def key_of(label: str) -> str:
    """Return the key that a label at the head of a record means, or nothing."""
    words = folded(label)
    own = words.replace(" ", "-")
    return LABELS.get(words) or LABELS.get(words.replace("-", " ")) or (own if own in OWN else "")


_SIGN = re.compile(r"[\[\](),;]")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?=$|[\sT])")
_ANYWHERE = re.compile(r"(?<![\d/.-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d/-])")
_IN_WORDS = re.compile(
    r"\b(?:\d{1,2}(?:st|nd|rd|th|\.)? [A-Z][a-z]{2,8}|[A-Z][a-z]{2,8} \d{1,2}(?:st|nd|rd|th)?),? \d{4}\b"
)
_NAMED = ("%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y", "%d. %B %Y")


def day(text: str) -> str:
    """Return the day, or the span of days, that a text states, as `YYYY-MM-DD`; nothing where it states none.

    A month in digits must stand between year and day: `01/02/2020` may be either of two days.
    """
    bare = text.strip().strip("*_`")
    try:
        return str(dates.parse(bare))
    except ValueError:
        pass
    if match := _ISO.match(bare):
        return _iso(*map(int, match.groups()))
    words = " ".join(re.sub(r"(?<=\d)(?:st|nd|rd|th)\b|,", "", bare).split())
    for form in _NAMED:
        try:
            return dt.datetime.strptime(words, form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return ""


def day_in(text: str) -> str:
    """Return the one day that stands anywhere in a text, as `YYYY-MM-DD`; nothing where there is none, or several."""
    found = {_iso(*map(int, match.groups())) for match in _ANYWHERE.finditer(text)}
    found |= {day(match[0]) for match in _IN_WORDS.finditer(text)}
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _iso(year: int, month: int, number: int) -> str:
    try:
        return dt.date(year, month, number).isoformat()
    except ValueError:
        return ""


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


def text_of(node: Node) -> str:
    """Return a value of a tree in words."""
    return "\n\n".join(words_of(node))


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
_NAMES = tuple(f"r{i}" for i in range(len(_RELATIONS)))
_RELATION = re.compile(
    r"\b(?:" + "|".join(f"(?P<{n}>{words})" for n, (words, _, _) in zip(_NAMES, _RELATIONS, strict=True)) + r")\b:?\s*",
    re.IGNORECASE,
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
_MARKS = re.compile(r"[*_`~]+")
_PARTLY = re.compile(r"\b(?:partial(?:ly)?|partly|in\s+part|parts?\s+of)\b", re.IGNORECASE)
# Where the subject of a verb begins anew, and the words between that and the verb which still mean the record itself.
_CLAUSE = re.compile(r"[.;,:(—–]|--|\s-\s|\b(?:and|but)\b", re.IGNORECASE)
_OWN_WORDS = frozenset(
    [
        "this",
        "the",
        "adr",
        "decision",
        "record",
        "document",
        "it",
        "is",
        "was",
        "has",
        "been",
        "now",
        "also",
        "then",
        "partially",
        "partly",
        "in",
        "part",
        "later",
        "since",
        "fully",
        "wholly",
        "entirely",
        "completely",
        "largely",
        "currently",
        "formally",
        "today",
        "subsequently",
        "status",
        "accepted",
        "proposed",
    ]
)
_ASIDE = re.compile(r"(?<!\])\([^()]{0,300}\)")
_BOX = re.compile(r"\s*(?:[-*+]|\d+[.)])?\s*\[(?P<tick>[ xX])\]\s")
_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_WEAK = re.compile(r"\W*(?:proposed|drafted|suggested)\s+by\b", re.IGNORECASE)


# What two lines without days may say one after the other, as it came to pass.
_COURSES = frozenset(
    (first, last)
    for first, after in (
        ("draft", ("proposed", "accepted")),
        ("proposed", ("accepted", "rejected")),
        ("accepted", ("deprecated", "superseded")),
    )
    for last in after
)
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


class _Line(NamedTuple):
    """A line of a status: the status that it states, its day, its words, and whether it is about another record only."""

    status: DecisionStatus | None
    day: str
    words: str
    said: str
    named: tuple[Named, ...]


def standing(text: str) -> Standing:
    """Return what the text of a status says: of several lines the one with the newest day counts, else the last."""
    read = [_line(line) for line in _lines(COMMENT.sub("", text))]
    stated = [one for one in read if one.status]
    strong = [one for one in stated if not _WEAK.match(one.words)] or stated
    named = tuple(found for one in read for found in one.named)
    if strong:
        dated = all(one.day for one in strong)
        at = max(range(len(strong)), key=lambda i: (strong[i].day if dated else "", i))
        best = strong[at]
        states = list(dict.fromkeys(one.status for one in stated))
        others = not dated and len(states) > 1 and tuple(states) not in _COURSES
        whole = len(read) == 1 or all(one is best or (one.named and _RELATION.match(one.words)) for one in read)
        return Standing(best.status, best.words, best.said, named, whole, best.day, others)
    first = next((one for one in read if not one.named), None)
    if first is None:
        return Standing(named=named)
    return Standing(None, first.words, first.said, named, len(read) == 1)


def _lines(text: str) -> Iterator[str]:
    """Yield the lines that a text states a status in: of boxes those that are ticked, of a table the cells of its column."""
    lines = [line.strip().lstrip("> \t") for line in text.split("\n")]
    boxed = any((box := _BOX.match(line)) and box["tick"] != " " for line in lines)
    table: Sequence[int] = ()
    for i, line in enumerate(lines):
        cells = cells_of(line) if line.count("|") > 1 or table else []
        if len(cells) < 2:
            table = ()
        if len(cells) > 1 and i + 1 < len(lines) and _RULE.fullmatch(lines[i + 1]) and "|" in lines[i + 1]:
            table = columns(cells)
            if table:
                continue
        if table:
            row = " ".join(cells[n] for n in table if n < len(cells))
            yield from (row,) if row and not _RULE.fullmatch(line) else ()
        elif (not boxed or ((box := _BOX.match(line)) and box["tick"] != " ")) and line.strip(" -+*|:"):
            yield _BOX.sub("", line)


def cells_of(line: str) -> list[str]:
    """Return the cells of a row of a table."""
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def columns(head: Sequence[str]) -> tuple[int, ...]:
    """Return which columns of a table hold a status and its day; nothing where none holds a status."""
    keys = [key_of(cell) for cell in head]
    if "status" not in keys:
        return ()
    return (keys.index("status"), *((keys.index("date"),) if "date" in keys else ()))


def _line(line: str) -> _Line:
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
    return _Line(status, day, words, said or words, named)


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
        _, relation, reverse = _RELATIONS[_NAMES.index(str(match.lastgroup))]
        found, stop = governed(plain, match.end())
        if end and reverse and not re.search(r"[.;(]|\band\b", lead):
            ours = False
        if not (ours and _is_own(lead)):
            continue
        around = plain[max(0, match.start() - 12) : min(stop + 14, len(plain))]
        partly = relation == "supersedes" and _PARTLY.search(around)
        for words, to in found:
            yield Named("amends" if partly else relation, reverse, words, to, to != "" or is_sure(words, relation))
        end = max(stop, match.end())


def labelled(label: str, value: str) -> Iterator[Named]:
    """Yield the records that the value of a label relates its own to: `Supersedes: ADR-3, ADR-4`, `ADRs: ADR-1 (goals)`."""
    words = folded(label).replace("-", " ")
    match = _RELATION.fullmatch(words.removeprefix("partially ").removeprefix("partly "))
    kind = _RELATIONS[_NAMES.index(str(match.lastgroup))] if match else None
    if kind is None and words not in RELATED_LABELS:
        return
    for piece in _pieces(_without_asides(_MARKS.sub("", value[:LONGEST]))):
        found, stop = governed(piece)
        if kind is None:
            yield from (Named("relates-to", False, *one, sure=False) for one in references(piece))
            continue
        partly = kind[1] == "supersedes" and (_PARTLY.search(words) or _PARTLY.search(piece[:20] + piece[stop:][:20]))
        for one in found:
            yield Named("amends" if partly else kind[1], kind[2], *one)


def _pieces(text: str) -> Iterator[str]:
    """Yield the parts of a list in one line; `none` is no part."""
    for piece in re.split(r"[,;\n]|\band\b|\s&\s", text):
        bare = piece.strip(" -*+.")
        bare = re.sub(r"^(?:partially|partly)\s+", "partly ", bare, flags=re.IGNORECASE)
        if bare and bare.lower() not in ("none", "n/a", "na", "no", "nothing", "null", "tbd", "—", "–"):
            yield bare.removeprefix("partly ")


def _is_own(lead: str) -> bool:
    """Tell whether what stands before a verb leaves the record itself as what it speaks of, as it is now."""
    words = re.findall(r"[a-z]+", _CLAUSE.split(lead)[-1].lower())
    return set(words) <= _OWN_WORDS


def _without_asides(text: str) -> str:
    """Return a text without the brackets that follow on a record and say something of that, or give its title."""
    kept, at = [], 0
    ends = {match.end() for match in _REFERENCE.finditer(text)} if "(" in text else frozenset()
    for match in _ASIDE.finditer(text):
        if len(text[: match.start()].rstrip()) in ends:
            kept.append(text[at : match.start()])
            at = match.end()
    return "".join((*kept, text[at:]))


def governed(text: str, start: int = 0) -> tuple[list[tuple[str, str]], int]:
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
    if not found and (name := _NAME.match(text, start)) and _alone(name, text):
        return [(name[0].rstrip("."), "")], name.end()
    return found, end


def _alone(name: re.Match[str], text: str) -> bool:
    """Tell whether a word is an id: nothing but the end of a clause stands behind it, or no plain word has its signs."""
    rest = text[name.end() :].lstrip()
    return not rest or rest[0] in ".,;)" or any(sign in name[0].rstrip(".") for sign in "-#/_")


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


def is_sure(words: str, relation: str) -> bool:
    """Tell whether words name a decision for certain: `ADR-4` does, `sha-256` may be something else that is needed."""
    return relation in ("supersedes", "amends") or _SURE.match(words) is not None


def is_markdown(to: str) -> bool:
    """Tell whether a link leads to a Markdown file, and to none of the web."""
    return ":" not in to and to.partition("#")[0].lower().endswith((".md", ".markdown"))
