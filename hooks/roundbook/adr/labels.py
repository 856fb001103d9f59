"""Labels in decision records, and what their values state: a status, a date, references to other records.

A label is `Label: value` in a line, list, table or bold words. A verb such as "supersedes" relates the record only to what
directly follows it, and only where the record itself is the subject.

Source: https://adr.github.io/madr/, https://github.com/npryce/adr-tools
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from roundbook.adr.fields import COMMENT, RELATED_LABELS, date_in, key_of, normalized, status_label
from roundbook.errors import Place
from roundbook.frozen import frozen
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Code,
    Document,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    Quote,
    Verbatim,
    bold_of,
    lead_of,
    pair_of,
)
from roundbook.schema.statuses import DecisionStatus, decision_status_of

# What one record says of another, with the key that holds it, and whether the other is the one that holds it.
_ADVERB = r"(?:\s+\(?(?:partially|partly|in\s+part|on\s+[\d-]+|in\s+\d{4})\)?)*\s+"
_VERBS: tuple[tuple[str, str, bool], ...] = (
    (rf"(?:super[sc]eded|replaced|obsoleted){_ADVERB}by", "supersedes", True),
    (r"super[sc]edes|replaces|obsoletes", "supersedes", False),
    (rf"(?:amended|updated|extended){_ADVERB}by", "amends", True),
    (r"amends|updates|extends", "amends", False),
    (r"required\s+by|needed\s+by", "depends-on", True),
    (r"depends\s+on|requires|needs", "depends-on", False),
    (r"relates\s+to|related\s+to|clarifies|clarified\s+by|refines|refined\s+by|linked\s+to|see\s+also", "relates-to", False),
)  # fmt: skip
_VERB = re.compile(
    r"\b(?:" + "|".join(f"(?P<r{i}>{words})" for i, (words, _, _) in enumerate(_VERBS)) + r")\b:?\s*", re.IGNORECASE
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
LONGEST = 4_000  # characters of a line that are searched


class Reference(NamedTuple):
    """A reference to another record.

    `incoming` means that the other record has the relation (superseded *by*). `text` is the name as written, `link` the
    Markdown file it links to, if any. If it is not `certain`, the name may be something else than a decision.
    """

    relation: str
    incoming: bool
    text: str
    link: str
    certain: bool = True


@frozen
class ParsedStatus:
    """The status of a record: if `status` is `None` and `line` is not empty, the line states no known status.

    `wording` is the status as the record words it, without the records it refers to; `complete` means that the text says
    nothing else. `date` is the date next to the status; `conflicting` means several statuses without dates.
    """

    status: DecisionStatus | None = None
    line: str = ""
    wording: str = ""
    references: tuple[Reference, ...] = ()
    complete: bool = True
    date: str = ""
    conflicting: bool = False


def parse_status(text: str) -> ParsedStatus:
    """Return the status that lines of text state: the one with the newest date, else the last one."""
    lines = (line.strip("> \t") for line in COMMENT.sub("", text).split("\n"))
    read = [_line(line) for line in lines if line.strip(" -+*|:")]
    status_label = [one for one in read if one.status]
    strong = [one for one in status_label if not _WEAK.match(one.line)] or status_label
    named = tuple(found for one in read for found in one.references)
    if strong:
        dated = all(one.date for one in strong)
        best = strong[max(range(len(strong)), key=lambda i: (strong[i].date if dated else "", i))]
        states = list(dict.fromkeys(one.status for one in status_label))
        conflicting = not dated and len(states) > 1 and tuple(states) not in _COURSES
        complete = len(read) == 1 or all(one is best or (one.references and _VERB.match(one.line)) for one in read)
        return replace(best, references=named, complete=complete, conflicting=conflicting)
    first = next((one for one in read if not one.references), ParsedStatus())
    return ParsedStatus(None, first.line, first.wording, named, not first.line or len(read) == 1)


def _line(line: str) -> ParsedStatus:
    """Return the status that one line states."""
    words = _MARKS.sub("", line).strip(" -+")
    named = tuple(verb_references(words))
    status = decision_status_of(line[:LONGEST].strip(" -+"))
    if status == "superseded" and any(one.relation == "amends" and one.incoming for one in named):
        status = "accepted"
    match = _VERB.search(words[:LONGEST])
    wording = words[: match.start()].rstrip(" ,;:(") if match and named else words
    if match and named and status and len(wording.split()) < 2 and not decision_status_of(wording):
        wording = re.split(r"\s+by\b", words, maxsplit=1)[0]
    date = date_in(words[:LONGEST]) if status not in (None, "superseded", "deprecated") else ""
    return ParsedStatus(status, words, wording or words, named, date=date)


def status_lines(blocks: Iterable[Block]) -> Iterator[str]:
    """Yield the lines of blocks that may state a status: ticked boxes only, and of a table its status column."""
    for block in blocks:
        match block:
            case Bullets():
                ticked = any(item.checked for item in block.items)
                for item in block.items:
                    if item.checked or not ticked:
                        yield from item.text.split("\n")
                        yield from status_lines(item.blocks)
            case Grid():
                yield from status_column(block) or (" | ".join(cells) for cells in (block.columns, *_rows(block)))
            case Pairs():
                yield from (line for pair in block.pairs for line in f"{pair.key}: {pair.value}".split("\n"))
            case Quote():
                yield from status_lines(block.blocks)
            case Paragraph() | Code() | Verbatim():
                yield from block.text.split("\n")


def status_text(part: Part) -> str:
    """Return the text below a heading that may state a status."""
    inner = (line for one in part.parts for line in (one.title, status_text(one)))
    return "\n".join((*status_lines(part.blocks), *inner))


def status_column(grid: Grid) -> list[str]:
    """Return the status and date of each row, or nothing if the table has no status column."""
    keys = [key_of(cell) for cell in grid.columns]
    if "status" not in keys:
        return []
    wanted = [keys.index(key) for key in ("status", "date") if key in keys]
    rows = (" ".join(cells[n] for n in wanted if n < len(cells)).strip() for cells in _rows(grid))
    return [row for row in rows if row]


def _rows(grid: Grid) -> Iterator[tuple[str, ...]]:
    return (row.cells for row in grid.rows)


# ------------------------------------------------------------------------------------------------------- relations


def verb_references(text: str) -> Iterator[Reference]:
    """Yield the references in a text that are the object of a verb such as "supersedes".

    A verb that follows another record is about that one: `ADR-1, superseded by ADR-2` says nothing about the record itself.
    """
    plain = _without_asides(text[:LONGEST])
    end, ours = 0, True
    for match in _VERB.finditer(plain):
        if match.start() < end:
            continue
        lead = plain[end : match.start()]
        ours = (ours or ";" in lead) and not _REFERENCE.search(lead)
        relation, incoming = _meant(match)
        found, stop = _objects(plain, match.end())
        if end and incoming and not re.search(r"[.;(]|\band\b", lead):
            ours = False
        # The record itself is what the verb speaks of, as it is now.
        if not ours or not _OWN_WORDS.fullmatch(re.sub(r"^[^a-z]+", "", _CLAUSE.split(lead)[-1].lower())):
            continue
        around = plain[max(0, match.start() - 12) : min(stop + 14, len(plain))]
        partly = relation == "supersedes" and _PARTLY.search(around)
        for words, link in found:
            # `ADR-4` is a decision for certain, `sha-256` may be something else that is needed.
            certain = link != "" or relation in ("supersedes", "amends") or _SURE.match(words) is not None
            yield Reference("amends" if partly else relation, incoming, words, link, certain)
        end = max(stop, match.end())


def _meant(match: re.Match[str]) -> tuple[str, bool]:
    """Return the relation that a verb expresses, and whether it is incoming."""
    return _VERBS[int(str(match.lastgroup)[1:])][1:]


def relation_of(label: str) -> tuple[str, bool] | None:
    """Return the relation that a label such as `Superseded by` expresses and whether it is incoming, or `None`."""
    match = _VERB.fullmatch(re.sub(r"^(?:partially|partly) ", "", normalized(label)))
    return _meant(match) if match else ("relates-to", False) if normalized(label) in RELATED_LABELS else None


def label_references(label: str, value: str) -> Iterator[Reference]:
    """Yield the references in the value of a label: `Supersedes: ADR-3, ADR-4`, `ADRs: ADR-1 (goals)`."""
    kind = relation_of(label)
    for piece in pieces(_without_asides(_MARKS.sub("", value[:LONGEST]))) if kind else ():
        if kind is None or (kind[0] == "relates-to" and not _VERB.search(normalized(label))):
            yield from (Reference("relates-to", False, *one, certain=False) for one in all_references(piece))
            continue
        found, stop = _objects(piece)
        partly = kind[0] == "supersedes" and _PARTLY.search(f"{label}\n{piece[:20]}{piece[stop:][:20]}")
        yield from (Reference("amends" if partly else kind[0], kind[1], *one) for one in found)


def pieces(text: str) -> Iterator[str]:
    """Yield the items of a list written on one line; `none` is not an item."""
    for piece in _APART.split(text):
        bare = re.sub(r"^(?:partially|partly)\s+", "", piece.strip(" -*+."), flags=re.IGNORECASE)
        if bare.lower() not in _NONE:
            yield bare


def _without_asides(text: str) -> str:
    """Return a text without the parentheses that follow a reference and describe or name the other record."""
    kept, at = [], 0
    ends = {match.end() for match in _REFERENCE.finditer(text)} if "(" in text else frozenset()
    for match in _ASIDE.finditer(text):
        if len(text[: match.start()].rstrip()) in ends:
            kept.append(text[at : match.start()])
            at = match.end()
    return "".join((*kept, text[at:]))


def _objects(text: str, start: int = 0) -> tuple[list[tuple[str, str]], int]:
    """Return the references that follow one another in a text from `start` on, and the offset at which they end."""
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
    """Return the text and the link of a reference, or `None` for a link to something that is not a record."""
    if match["to"] is None and match["text"] is None:
        return match[0].strip(), ""
    words, link = match["text"].strip(), match["to"] or ""
    if is_markdown_link(link):
        return words, link
    return (words, "") if not link or _SURE.search(words) else None


def all_references(text: str) -> Iterator[tuple[str, str]]:
    """Yield all references in a text: links, and everything that looks like the number of a record."""
    for match in _REFERENCE.finditer(_without_asides(text[:LONGEST])):
        one = _target(match)
        if one and (one[1] or match["text"] is not None or _SURE.match(one[0])):
            yield one


def is_markdown_link(link: str) -> bool:
    """Return whether a link points to a Markdown file of the project."""
    return ":" not in link and link.partition("#")[0].lower().endswith((".md", ".markdown"))


# --------------------------------------------------------------------------------------------------------- labels

LABEL = re.compile(r"(?P<key>[A-Za-z][\w/&' -]{1,40}?):\s*(?P<value>\S.*)?", re.DOTALL)
_MARKED = re.compile(r"(?P<mark>[*_]{1,3})(?P<key>[^*_]{3,40})(?P=mark)\s*:?\s*(?P<value>\S.*)")


class Label(NamedTuple):
    """A label with its value, its first and last line, and the blocks nested in it."""

    key: str
    value: str
    line: int
    end: int
    blocks: tuple[Block, ...] = ()


def with_values(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks; a lone label `Status` is merged with the paragraph or list below it, which is its value."""
    waiting: tuple[Block, str] | None = None
    for block in blocks:
        if waiting and isinstance(block, Paragraph | Bullets):
            text = block.text if isinstance(block, Paragraph) else "\n".join(item.text for item in block.items)
            yield Pairs((Pair(waiting[1], text, waiting[0].line),), waiting[0].line, block.end)
            waiting = None
            continue
        if waiting:
            yield waiting[0]
        label = _alone(block)
        waiting = (block, label) if key_of(label) == "status" else None
        if not waiting:
            yield block
    if waiting:
        yield waiting[0]


def _alone(block: Block) -> str:
    """Return the label that a block consists of, or the empty string if there is more to it."""
    if isinstance(block, Pairs):
        return block.pairs[0].key if len(block.pairs) == 1 and not block.pairs[0].value else ""
    if isinstance(block, Paragraph) and "\n" not in block.text:
        return bold_of(block.text) or (block.text.strip(" *_:") if block.text.strip(" *_").endswith(":") else "")
    return ""


def labels(block: Block, *, head: bool = False) -> Iterator[Label]:
    """Yield the labels of a block; in the header (`head`) a label in a list need not be a known one."""
    match block:
        case Pairs():
            yield from _of_pairs(block)
        case Bullets():
            for item in block.items:
                if (found := _of_item(item, head=head))[0]:
                    yield Label(*found, item.line, item.end, item.blocks)
        case Paragraph():
            for number, line in enumerate(block.text.split("\n"), block.line):
                if (found := _of_line(line.strip().rstrip("\\").strip()))[0]:
                    yield Label(*found, number, number)
        case Quote():
            yield from (one for inner in block.blocks for one in labels(inner, head=head))
        case Grid():
            yield from _of_grid(block)


def _of_pairs(block: Pairs) -> Iterator[Label]:
    ends = (*(pair.line - 1 for pair in block.pairs[1:]), block.end)
    yield from (
        Label(one.key, one.value, one.line, max(end, one.line)) for one, end in zip(block.pairs, ends, strict=True)
    )


def _of_item(item: Bullet, *, head: bool) -> tuple[str, str]:
    """Return label and value of a bullet, `**Rationale**: text` or `Rationale: text`, or empty strings."""
    text = " ".join(item.text.split("\n"))
    match = LABEL.fullmatch(item.text)
    plain = (match["key"], match["value"] or "") if match and (head or key_of(match["key"])) else None
    if head:
        found = pair_of(item.text) or plain or status_label(text)
        return found if not item.blocks and len(found[0].split()) <= 4 else ("", "")
    return pair_of(item.text) or lead_of(item.text) or plain or status_label(text)


def _of_line(line: str) -> tuple[str, str]:
    """Return label and value of a line `Date: x`, or an emphasised status: `**Status** x`, `*Status*: x`, `**Status: x**`."""
    match = LABEL.fullmatch(line)
    if match and (key_of(match["key"]) or normalized(match["key"]) == "technical story"):
        return match["key"], match["value"] or ""
    match = _MARKED.fullmatch(line)
    if match and key_of(match["key"]) == "status":
        return match["key"].strip(" :"), match["value"]
    return status_label(line) if line[:1] in "*_<" or re.match(r"!?\[", line) else ("", "")


def _of_grid(grid: Grid) -> Iterator[Label]:
    """Yield the labels of a table: its status column, else its rows of label and value."""
    text = "\n".join(status_column(grid))
    if text and not (len(grid.columns) == 2 and decision_status_of(grid.columns[1])):
        yield Label("Status", text, grid.line, grid.end)
        return
    for cells, line in ((grid.columns, grid.line), *((row.cells, row.line) for row in grid.rows)):
        if len(cells) >= 2 and key_of(cells[0]) and cells[1].strip():
            yield Label(cells[0].strip(" *_`:"), cells[1], line, line)


def section_references(part: Part, document: Document) -> Iterator[tuple[Reference, Place]]:
    """Yield the references in a section such as "Related": with the relation of their verb, else as related."""
    for text, line in (one for inner in part.walk() for block in inner.blocks for one in _lines_of(block)):
        pair = pair_of(text) or lead_of(text)
        match = None if pair else LABEL.fullmatch(" ".join(text.split("\n")))
        label, value = pair or ((match["key"], match["value"] or "") if match else ("", text))
        found = [*label_references(label, value)] if label else []
        found = found or [*verb_references(text.replace("`", "").replace("*", ""))]
        known = {one.text for one in found}
        rest = (Reference("relates-to", False, *one, certain=False) for one in all_references(text.replace("`", "")))
        yield from ((one, Place(document.path, line, 1)) for one in (*found, *(r for r in rest if r.text not in known)))


def _lines_of(block: Block) -> Iterator[tuple[str, int]]:
    if isinstance(block, Bullets):
        for item in block.items:
            yield item.text, item.line
            yield from (one for inner in item.blocks for one in _lines_of(inner))
    elif isinstance(block, Paragraph):
        yield from ((line, block.line + i) for i, line in enumerate(block.text.split("\n")))
    elif isinstance(block, Pairs):
        yield from ((f"**{pair.key}**: {pair.value}", pair.line) for pair in block.pairs)
