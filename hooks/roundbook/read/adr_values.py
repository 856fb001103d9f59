"""In: a value of a decision record, as it is written. Out: a day, a list of names, or its words."""

from __future__ import annotations

import datetime as dt
import re

from roundbook.schema import dates
from roundbook.yamlfile.reader import Items, Map, Node

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
