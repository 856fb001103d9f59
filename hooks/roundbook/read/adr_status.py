"""In: what a decision record says of how it stands. Out: the status by its word, and the other records that it names.

The words are those of MADR, of Nygard's template with adr-tools, of log4brains, and of logs written by hand; successors
are no part of a status but a relation of the successor's.

Source: https://adr.github.io/madr/, https://github.com/npryce/adr-tools
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from roundbook.model.decision import DecisionStatus
from roundbook.read.adr_words import COMMENT

STATUS_WORDS: Mapping[str, DecisionStatus] = {
    **dict.fromkeys(("draft", "wip", "work in progress", "in progress"), "draft"),
    **dict.fromkeys(("proposed", "proposal", "pending", "open", "in review", "under review", "rfc"), "proposed"),
    **dict.fromkeys(("in discussion", "under discussion", "suggested", "undecided", "tbd"), "proposed"),
    **dict.fromkeys(("accepted", "approved", "adopted", "decided", "agreed", "ratified", "final"), "accepted"),
    **dict.fromkeys(("active", "in effect", "in force", "implemented", "done", "current"), "accepted"),
    **dict.fromkeys(("rejected", "declined", "refused", "not accepted", "withdrawn", "abandoned"), "rejected"),
    **dict.fromkeys(("cancelled", "canceled", "dropped"), "rejected"),
    **dict.fromkeys(("deprecated", "retired", "obsolete", "obsoleted", "no longer valid"), "deprecated"),
    **dict.fromkeys(("superseded", "superceded", "replaced"), "superseded"),
}  # fmt: skip
# What one record says of another, with the key that holds it, and whether the other is the one that holds it.
_RELATIONS: tuple[tuple[str, str, bool], ...] = (
    (r"super[sc]eded\s+by|replaced\s+by|obsoleted\s+by", "supersedes", True),
    (r"super[sc]edes|replaces|obsoletes", "supersedes", False),
    (r"amended\s+by|updated\s+by|extended\s+by", "amends", True),
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
_NUMBERED = re.compile(r"(?<![\w-])(?:[A-Za-z][\w-]{0,30}?[- ]?|#)?\d{1,8}(?:-[\w-]{1,80})?(?![\w-])")
_WORD = re.compile(r"[\w][\w./#-]{0,100}")
_MARKS = re.compile(r"[*_`~]+")
_END = re.compile(r"\s*(?:[.,;:()|]|--|—|–|\d|\bon\b|\bas of\b|\bsince\b|\bby\b|\bin favou?r\b)", re.IGNORECASE)


class Named(NamedTuple):
    """Another record, as it is written, and the file that a link leads to, if it is a link to a Markdown file."""

    relation: str
    reverse: bool
    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a record stands: `word` is none of ours where `status` is `None` and it is not empty.

    `said` is the status in the words of the record, without the records it names; `whole` tells that there is no more.
    """

    status: DecisionStatus | None = None
    word: str = ""
    said: str = ""
    named: tuple[Named, ...] = ()
    whole: bool = True


def standing(text: str) -> Standing:
    """Return what the text of a status says: its first line that is no relation is the status."""
    status: DecisionStatus | None = None
    word, said, whole = "", "", True
    found: list[Named] = []
    lines = COMMENT.sub("", text).split("\n")
    for line in filter(None, (_MARKS.sub("", raw).strip(" -+") for raw in lines)):
        named = tuple(relations(line))
        found += named
        head = _head(line)
        if word or (named and not _leads(head)):
            whole = whole and bool(named) and _RELATION.match(line) is not None
            continue
        status, word = STATUS_WORDS.get(head), line
        if "|" in line:
            status = None
        match = _RELATION.search(line)
        said = line[: match.start()].rstrip(" ,;:(") if match and named else line
        said = said or head
    if not word and any(n.relation == "supersedes" and n.reverse for n in found):
        status, word, said = "superseded", "superseded", "superseded"
    return Standing(status, word, said, tuple(found), whole)


def _head(line: str) -> str:
    """Return the words that a line begins with, up to a sign, a number or a name."""
    end = _END.search(line)
    return " ".join((line[: end.start()] if end else line).lower().split())


def _leads(head: str) -> bool:
    return head in STATUS_WORDS


def relations(text: str) -> Iterator[Named]:
    """Yield the records that a line names, each with what it says of it."""
    matches = list(_RELATION.finditer(text))
    for i, match in enumerate(matches):
        _, relation, reverse = _RELATIONS[_NAMES.index(str(match.lastgroup))]
        rest = text[match.end() : matches[i + 1].start() if i + 1 < len(matches) else None]
        for words, to in references(rest):
            yield Named(relation, reverse, words, to)


def references(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a text names: the links in it, else what has a number, else its first word."""
    links = [(m["text"].strip(), m["to"] or "") for m in _LINK.finditer(text)]
    if links:
        yield from ((words, to if is_markdown(to) else "") for words, to in links)
        return
    numbered = [m[0] for m in _NUMBERED.finditer(text)]
    first = _WORD.match(text.strip())
    yield from ((words.strip(), "") for words in numbered or ([first[0].rstrip(".")] if first else []))


def is_markdown(to: str) -> bool:
    """Tell whether a link leads to a Markdown file, and to none of the web."""
    return ":" not in to and to.partition("#")[0].lower().endswith((".md", ".markdown"))
