"""In: the heading of a version or of a section, as changelogs have them. Out: the version, day and marks it states; a category.

Releases are headed in many ways: `[1.2.0] - 2026-01-02 [YANKED]`, `v1.2.0`, `Version 1.2 - March 3, 2026`,
`[1.2.0](https://…) (2026-01-02)`, `2026-01-02`. What a heading says beside that is kept as the version's title.

Source: https://keepachangelog.com/en/2.0.0/
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from roundbook.schema.items import ChangeType

LONGEST = 500  # no heading of a version is longer, with the address that it links to
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*)\.?"
_DATES = (
    re.compile(r"(?<![\d.])(?P<year>\d{4})[-/](?P<number>\d{1,2})[-/](?P<day>\d{1,2})(?![\d.])"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)
_LINK = re.compile(r"\[(?P<label>[^\[\]]+)\](?:\((?P<url>[^()\s]+)[^()]*\)|\[[^\[\]]*\])?")
_MORE = r"(?:[A-Za-z][0-9A-Za-z]*)?(?:[-+._][0-9A-Za-z]+)*"
_NUMBER = rf"\d+(?:\.\d+)+{_MORE}"
_SAID = r"(?:(?:version|release|changes\s+in|new\s+in|what.?s\s+new\s+in)\s+)"
_VERSION = re.compile(
    rf"(?:{_SAID}?[vV]?\.?\s?(?P<number>{_NUMBER})|{_SAID}?[vV](?P<short>\d+)|{_SAID}(?P<whole>\d+)"
    rf"|(?P<name>@?[\w./-]*\w)(?:@|\s+)[vV]?(?P<named>\d+\.\d+\.\d+{_MORE}))(?![\w.])",
    re.IGNORECASE,
)
_YANKED = re.compile(r"[\[(]?\byanked\b[\])]?", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:un-?released|not(?: yet)? released|to be released|upcoming|forthcoming|coming (?:soon|next)|next|work in progress|"
    r"(?:in|under) development|tbd|tba)(?: changes| release| version)?",
    re.IGNORECASE,
)
# A time that is not a day: it is kept as the title.
_ABOUT_THEN = re.compile(r"\b(?:\d{4}[- ]?Q[1-4]|Q[1-4][- /]?\d{4}|(?:expected|planned|due)\b.{0,40})", re.IGNORECASE)
# What stands in place of a day that is not known yet: `2026-xx-xx`, `YYYY-MM-DD`, `date TBD`, `??`.
_NO_DAY = re.compile(
    r"(?:release )?(?:date:? )?(?:\b(?:tbd|tba|to be (?:determined|announced|decided|defined))\b|\?{2,})"
    r"|(?<![\w.])(?:\d{4}|[xy?]{2,4})[-/.](?:\d{1,2}|[xm?]{1,2})[-/.](?:[xd?]{1,2})(?![\w.])"
    r"|(?<![\w.])(?:\d{4}|[xy?]{2,4})[-/.][xm?]{1,2}(?:[-/.]\d{1,2})?(?![\w.])|\bdate\b",
    re.IGNORECASE,
)
_EDGES = " \t-–—:/|,()[]*_`"
_SEPARATOR = re.compile(r"\s*(?:$|[-–—:/|,(\[\"“'‘*_`]|\s[^\w\s])")

# The first word of an entry that stands below no heading, where it is the name of a category.
VERBS: Mapping[str, ChangeType] = {
    **dict.fromkeys(("add", "added", "adds"), "added"),
    **dict.fromkeys(("fix", "fixed", "fixes"), "fixed"),
    **dict.fromkeys(("remove", "removed", "removes"), "removed"),
    **dict.fromkeys(("deprecate", "deprecated", "deprecates"), "deprecated"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """What the heading of a version states. `version` is empty where it is only called unreleased; `label` is as written."""

    version: str
    date: str = ""
    yanked: bool = False
    released: bool = True
    title: str = ""
    url: str = ""
    label: str = ""


def head_of(heading: str) -> Head | None:
    """Return what the heading of a version states, or `None` where it heads none."""
    if len(heading) > LONGEST:
        return None
    link = next((one for one in _LINK.finditer(heading) if one["label"].lower() != "yanked"), None)
    label, url = (link["label"].strip(), link["url"] or "") if link else ("", "")
    text = heading.replace(link[0], label, 1) if link else heading
    yanked = bool(_YANKED.search(text))
    text = re.sub(r"<[^<>]*>", "", _YANKED.sub("", text)).strip().lstrip("[*_` ")
    version = _VERSION.match(text)
    if version and _dated(text) != (version.start(), version.end()):
        rest = text[version.end() :]
        name = version["number"] or version["short"] or version["whole"] or version["named"]
        day, left = _without_date(rest)
        if not _SEPARATOR.match(rest.lstrip("]*_`")) and not (day and not left.strip(_EDGES)):
            return None
        return _made(name, day, yanked, left, version["name"] or "", url, label)
    day, left = _without_date(text)
    said = left.strip(_EDGES)
    if open_ := _open(said):
        return Head("", day, yanked, released=False, title=open_[1], url=url, label=label or open_[0])
    return Head(day, day, yanked, url=url, label=label or text.strip()) if day and not said else None


def _made(name: str, day: str, yanked: bool, left: str, package: str, url: str, label: str) -> Head:
    said = left.strip(_EDGES)
    if said and (_open(said) or _is_no_day(said)):
        title = " ".join(filter(None, (package, (_open(said) or ("", ""))[1])))
        return Head(name, day, yanked, released=False, title=title, url=url, label=label or name)
    return Head(name, day, yanked, title=" ".join(filter(None, (package, said))), url=url, label=label or name)


def _open(said: str) -> tuple[str, str] | None:
    """Return the words for what is to come, and about when that is, where a heading says nothing else."""
    then = _ABOUT_THEN.search(said)
    words = _NO_DAY.sub("", _ABOUT_THEN.sub("", said)).strip(_EDGES + ";?")
    if _OPEN.fullmatch(said) or _OPEN.fullmatch(words):
        return words or said, then[0].strip(_EDGES) if then and not _OPEN.fullmatch(said) else ""
    return None


def _is_no_day(said: str) -> bool:
    return not re.sub(r"[\s,;:?()\[\]-]+", "", _NO_DAY.sub("", said)) and said.casefold() != "date"


def _dated(text: str) -> tuple[int, int] | None:
    match = _DATES[0].match(text)
    return match.span() if match else None


def _without_date(text: str) -> tuple[str, str]:
    """Return the first day that a text states, as `YYYY-MM-DD`, and the text without it; no day where there is none."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if day := _day(match):
                return day, text[: match.start()] + text[match.end() :]
    return "", text


def _day(match: re.Match[str]) -> str:
    parts = match.groupdict()
    word = (parts.get("month") or "")[:3].lower()
    month = _MONTHS.index(word) + 1 if word else int(parts["number"])
    try:
        return dt.date(int(parts["year"]), month, int(parts["day"])).isoformat()
    except ValueError:
        return ""
