"""In: the text of an entry of a changelog. Out: its parts: CVE, whether it breaks something, the words, what it links to.

Only what stands in a form of its own is taken out of the words: a lead such as `**Breaking:**` or `CVE-2026-12345:`, and
links at the end whose labels are the commit, request or issue that the address names. All else stays text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roundbook.write.emit import Data

_CVE = re.compile(r"(?P<mark>\*\*|__|)(?P<cve>CVE-\d{4}-\d{4,})(?:(?P=mark)\s*[:–—-]+|:(?P=mark))\s+(?=\S)")
_BREAKS = re.compile(
    r"(?:(?P<mark>\*\*|__)\W*breaking(?:\s+changes?)?(?:(?P=mark)\s*[:–—-]|:\s*(?P=mark)|(?P=mark))"
    r"|\[breaking(?:\s+changes?)?\]:?|breaking(?:\s+changes?)?:)\s+(?=\S)",
    re.IGNORECASE,
)
_LINK = r"\[`?[^\[\]`\n]{1,80}`?\]\([^()\s]+\)"
_LINKS = rf"{_LINK}(?:,?\s+(?:and\s+)?{_LINK})*"
_BEHIND = re.compile(rf"(?P<lead>\s*\()(?P<links>{_LINKS})\)$|(?P<closes>,\s+closes\s+)(?P<settled>{_LINKS})$")
_ONE = re.compile(r"\[`?(?P<label>[^\[\]`\n]{1,80})`?\]\((?P<url>[^()\s]+)\)")
_TARGET = re.compile(
    r"(?P<base>https?://[^\s()]+?)/(?:-/)?(?P<kind>commits?|pull|pulls|merge_requests|issues)/(?P<name>[0-9a-f]+)$"
)
_KINDS = {"commit": "commits", "commits": "commits", "issues": "issues"}
_TAIL = 4_000  # characters at the end of an entry in which its links are looked for


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link at the end of an entry leads to: `key` is that of a change, `base` the address of the repository."""

    key: str
    value: str
    base: str


def linked(label: str, url: str) -> Linked | None:
    """Return what a link leads to, where its label says the same as its address, or `None`."""
    target = _TARGET.fullmatch(url)
    if not target:
        return None
    key, name = _KINDS.get(target["kind"], "prs"), target["name"]
    if key == "commits":
        return Linked(key, name, target["base"]) if len(label) >= 7 and name.startswith(label) else None
    return Linked(key, f"#{name}", target["base"]) if name.isdecimal() and label in (f"#{name}", f"!{name}") else None


def base_of(texts: Iterable[str]) -> str:
    """Return the address of the repository that most links of this form lead to; empty where there are none."""
    found = Counter(one.base for text in texts for link in _ONE.finditer(text) if (one := linked(*link.groups())))
    return found.most_common(1)[0][0] if found else ""


def parted(text: str, base: str) -> dict[str, Data]:
    """Return the keys of a change that the text of an entry states, `text` among them; `base` as `base_of` found it."""
    made: dict[str, Data] = {}
    for _ in range(2):  # a CVE before what breaks, or behind it
        if cve := None if "cve" in made else _CVE.match(text):
            made["cve"], text = cve["cve"], text[cve.end() :]
        elif breaks := None if "breaking" in made else _BREAKS.match(text):
            made["breaking"], text = "true", text[breaks.end() :]
    lists: dict[str, list[str]] = {}
    words = text
    while (taken := _last(words, base)) and words[: taken[0]].strip():
        words = words[: taken[0]].rstrip()
        for one in reversed(taken[1]):
            lists.setdefault(one.key, []).insert(0, one.value)
    return {**made, "text": words, **{key: tuple(dict.fromkeys(values)) for key, values in lists.items()}}


def _last(text: str, base: str) -> tuple[int, tuple[Linked, ...]] | None:
    """Return where the last group of links begins, and what they lead to; `None` where one of them leads elsewhere."""
    if not base or not text.endswith(")"):
        return None
    start = max(0, len(text) - _TAIL)
    for at in _openings(text, start):
        group = _BEHIND.match(text, at)
        if group:
            found = tuple(linked(*one.groups()) for one in _ONE.finditer(group["links"] or group["settled"]))
            own = tuple(one for one in found if one and one.base == base)
            settles = group["closes"] is None or all(one.key == "issues" for one in own)
            return (at, own) if len(own) == len(found) and settles else None
    return None


def _openings(text: str, start: int) -> Iterator[int]:
    """Yield where a group of links may begin, the last one first; a group in brackets has none inside."""
    closes = text.rfind(", closes ", start)
    bracket = text.rfind("([", start)
    yield from sorted((at for at in (closes, bracket) if at >= start), reverse=True)
