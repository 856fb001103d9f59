"""In: the status of a decision as people write it, or a heading such as `B1: Title -- DONE`. Out: what they state."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from roundbook.bring.vocabulary import without_numbering
from roundbook.bring.where import one_line
from roundbook.schema.ids import id_fault
from roundbook.schema.statuses import STATUS_SIGNS, Status, decision_status_of, status_of

MOST_WORDS = 4
_CODE = re.compile(
    r"\[?(?P<id>(?!P\d\b)[A-Z]{1,6}-?\d{1,4}(?:\.\d{1,3})?[a-z]?)\]?(?:\s*(?:[:.)]|--+|–|—|\s-)\s*|\s+)(?P<title>\S.*)"
)
_SIGN = "|".join(map(re.escape, sorted(STATUS_SIGNS, key=len, reverse=True)))
# Where a status may stand in a heading; behind a colon or a sign it needs no more than that.
_FORMS = (
    re.compile(r"(?P<title>.*\S)\s+(?:--+|—|–|-|→|->|\|)\s+(?P<said>\S.*)"),
    re.compile(r"(?P<title>.*[^\s—–-])\s*[—–]\s*(?P<said>\S.*)"),
    re.compile(r"(?P<title>.*\S)\s*[\[(](?P<said>[^\[\]()]+)[\])]"),
    re.compile(r"(?P<title>.*\S):\s+(?P<said>\S.*)"),
    re.compile(rf"(?P<title>.*\S)\s*(?P<said>(?:{_SIGN})\ufe0f?(?:\s*\w+(?:\s\w+)?)?)"),
    re.compile(rf"(?P<said>(?:{_SIGN})\ufe0f?)\s*(?P<title>\S.*)"),
)
_SHORT = """
done complete completed finished shipped merged wip blocked deferred planned pending open closed dropped skipped cancelled
partial todo
"""
_PLAIN = frozenset({*_SHORT.split(), "in progress", "in-progress", "to do", "not started", "on hold"})


def with_status(entry: dict[str, Any], text: str) -> bool:
    """Give a decision the status that a text states, and the text where it says more; false where it has one."""
    if "status" in entry or "status-text" in entry:
        return False
    status = decision_status_of(text)
    if status:
        entry["status"] = status
    if text.casefold() != status:
        entry["status-text"] = one_line(text)
    return True


@dataclass(frozen=True, slots=True)
class Work:
    """What the heading says: `said` is the status in its words; what it does not state is empty."""

    title: str
    id: str = ""
    said: str = ""


def parted(heading: str, words: Mapping[str, Status]) -> Work:
    """Return what a heading says; a status in it is plain, or it is part of the title."""
    bare = without_numbering(heading)
    if lead := _FORMS[-1].fullmatch(heading.strip()):
        inner = parted(lead["title"], words)
        return Work(inner.title, inner.id, inner.said or lead["said"].strip())
    code = _CODE.fullmatch(bare)
    id_ = code["id"] if code and not id_fault(code["id"]) else ""
    title = code["title"] if code and id_ else bare
    for form in _FORMS:
        match = form.fullmatch(title)
        if match and _is_status(match["said"], words):
            return Work(match["title"].rstrip(" -–—:"), id_, match["said"].strip())
    return Work(title, id_)


def _is_status(said: str, words: Mapping[str, Status]) -> bool:
    """Tell whether words say how far a piece of work is, and nothing else; `Testing` may as well be its name."""
    bare = re.sub(r"\s*[(\[].*", "", said).strip("*_` ")
    if len(bare.split()) > MOST_WORDS or not status_of(said, words):
        return False
    return (
        bare.isupper()
        or bare.casefold() in _PLAIN
        or not bare
        or not any(char.isalpha() for char in bare)
        or bool(re.match(rf"(?:{_SIGN})", bare))
    )
