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

from roundbook.model.items import ChangeType

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>(?:{'|'.join(_MONTHS)})[a-z]*)\.?"
_DATES = (
    re.compile(r"(?<![\d.])(?P<year>\d{4})[-/](?P<number>\d{1,2})[-/](?P<day>\d{1,2})(?![\d.])"),
    re.compile(rf"\b{_MONTH}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b", re.IGNORECASE),
)
_LINK = re.compile(r"\[(?P<label>[^\[\]]+)\](?:\((?P<url>[^()\s]+)[^()]*\)|\[[^\[\]]*\])?")
_NUMBER = r"\d+(?:\.\d+)+(?:[-+._]?[0-9A-Za-z]+)*"
_SAID = r"(?:(?:version|release|changes\s+in|new\s+in|what.?s\s+new\s+in)\s+)"
_VERSION = re.compile(
    rf"(?:{_SAID}?[vV]?\.?\s?(?P<number>{_NUMBER})|{_SAID}?[vV](?P<short>\d+)|{_SAID}(?P<whole>\d+)"
    rf"|(?P<name>@?[\w./-]*\w)(?:@|\s+)[vV]?(?P<named>\d+\.\d+\.\d+(?:[-+._]?[0-9A-Za-z]+)*))(?![\w.])",
    re.IGNORECASE,
)
_YANKED = re.compile(r"[\[(]?\byanked\b[\])]?", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:un-?released|not(?: yet)? released|upcoming|next(?: release| version)?|(?:in|under) development|tbd|tba)"
    r"(?: changes)?",
    re.IGNORECASE,
)
_EDGES = " \t-–—:/|,()[]*_`"
_SEPARATOR = re.compile(r"\s*(?:$|[-–—:/|,(\[\"“'‘*_`]|\s[^\w\s])")

# Headings that mean one of the six and nothing more; the flag says that its entries break something.
CATEGORIES: Mapping[str, tuple[ChangeType, bool]] = {
    **dict.fromkeys(("added", "add", "additions", "new", "features", "feature", "new features"), ("added", False)),
    **dict.fromkeys(("changed", "changes", "change"), ("changed", False)),
    **dict.fromkeys(("deprecated", "deprecations", "deprecation"), ("deprecated", False)),
    **dict.fromkeys(("removed", "removals", "removal"), ("removed", False)),
    **dict.fromkeys(("fixed", "fixes", "fix", "bug fixes", "bugfixes", "bug fix", "bugs fixed"), ("fixed", False)),
    **dict.fromkeys(("security", "security fixes"), ("security", False)),
    **dict.fromkeys(("breaking changes", "breaking change", "breaking"), ("changed", True)),
}
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


def category_of(title: str) -> tuple[ChangeType, bool] | None:
    """Return the category that a heading such as `🐛 Bug Fixes:` means, and whether its entries break something."""
    return CATEGORIES.get(" ".join(re.findall(r"[^\W\d_]+", title)).lower())


def head_of(heading: str) -> Head | None:
    """Return what the heading of a version states, or `None` where it heads none."""
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
    if _OPEN.fullmatch(said):
        return Head("", day, yanked, released=False, url=url, label=label or said)
    return Head(day, day, yanked, url=url, label=label or text.strip()) if day and not said else None


def _made(name: str, day: str, yanked: bool, left: str, package: str, url: str, label: str) -> Head:
    said = left.strip(_EDGES)
    if _OPEN.fullmatch(said):
        return Head(name, day, yanked, released=False, title=package, url=url, label=label or name)
    return Head(name, day, yanked, title=" ".join(filter(None, (package, said))), url=url, label=label or name)


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
