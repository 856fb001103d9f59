"""In: a date as people write it. Out: the date as a round file has it, or nothing where it could be another day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from roundbook.schema import dates

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<{0}>(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*)\.?"
_DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_TO = r"\s*(?:-|–|—|to|until|\.\.)\s*"
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_YEAR = r",?\s+(?P<year>\d{4})"


def _form(text: str) -> re.Pattern[str]:
    return re.compile(_WEEKDAY + text, re.IGNORECASE)


_NAMED = (
    _form(_MONTH.format("m1") + r"\s+" + _DAY.format("d1") + _YEAR),
    _form(_DAY.format("d1") + r"\s+(?:of\s+)?" + _MONTH.format("m1") + _YEAR),
    _form(_MONTH.format("m1") + r"\s+" + _DAY.format("d1") + _TO + _DAY.format("d2") + _YEAR),
    _form(_DAY.format("d1") + _TO + _DAY.format("d2") + r"\s+(?:of\s+)?" + _MONTH.format("m1") + _YEAR),
    _form(
        _MONTH.format("m1")
        + r"\s+"
        + _DAY.format("d1")
        + _TO
        + _MONTH.format("m2")
        + r"\s+"
        + _DAY.format("d2")
        + _YEAR
    ),
    _form(
        _DAY.format("d1")
        + r"\s+"
        + _MONTH.format("m1")
        + _TO
        + _DAY.format("d2")
        + r"\s+"
        + _MONTH.format("m2")
        + _YEAR
    ),
)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([/.])(\d{1,2})\2(\d{4})")
_BETWEEN = re.compile(r"\s*(?:\.\.|→|->)\s*|\s+(?:to|until|–|—|-|through)\s+|(?<=\d)[–—](?=\d)", re.IGNORECASE)


def date_of(text: str) -> str:
    """Return the day or span that a text states, in the form of `model.when`, or the empty text.

    `03/04/2026` is nothing, since it may be March or April; `31.03.2026` and `03/31/2026` are the last day of March.
    """
    said = " ".join(text.split())
    if len(said) > 80:
        return ""
    made = "..".join(days) if (days := _days(said)) else ""
    try:
        return dates.parse(made).text if made else ""
    except ValueError:
        return ""


def _days(text: str) -> list[str]:
    for form in _NAMED:
        if match := form.fullmatch(text):
            return list(_named(match))
    for cut in _BETWEEN.finditer(text):
        first, last = _one(text[: cut.start()]), _one(text[cut.end() :])
        if first and last:
            return [first, last]
    one = _one(text)
    return [one] if one else []


def _named(match: re.Match[str]) -> Iterator[str]:
    said = match.groupdict()
    year, month = int(said["year"]), _MONTHS.index(said["m1"][:3].lower()) + 1
    last_month = _MONTHS.index(said["m2"][:3].lower()) + 1 if said.get("m2") else month
    yield _iso(year - (last_month < month), month, int(said["d1"]))
    if said.get("d2"):
        yield _iso(year, last_month, int(said["d2"]))


def _one(text: str) -> str:
    text = re.sub(_WEEKDAY, "", text.strip(), count=1, flags=re.IGNORECASE)
    if match := _YEAR_FIRST.fullmatch(text):
        return _iso(int(match[1]), int(match[3]), int(match[4]))
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        if match[2] == "." or first > 12 or first == second:
            return _iso(year, second, first)
        return _iso(year, first, second) if second > 12 else ""
    try:
        return dates.parse(text).text if ".." not in text else ""
    except ValueError:
        form = next((f for f in _NAMED[:2] if f.fullmatch(text)), None)
        match = form.fullmatch(text) if form else None
        return next(_named(match)) if match else ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return "no day"
