"""In: the text of an entry of a changelog. Out: its parts: CVE, whether it breaks something, the words, what it links to.

Only what stands in a form of its own is taken out of the words: a lead such as `**Breaking:**` or `CVE-2026-12345:`, and
links at the end whose labels are the commit, request or issue that the address names. All else stays text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from roundbook.bring.revisions import Known, any_id
from roundbook.yamlfile.writer import Data

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
# An address in running text: not in the brackets of a link, nor in code.
_BARE = re.compile(
    r"(?<!\]\()(?<![\w`\[/])(?P<base>https?://[^\s()<>`\[\]]+?)/(?:-/)?(?P<kind>commits?|pull|pulls|merge_requests|issues)/"
    r"(?P<name>[0-9a-f]+)(?![\w/#-])|\]\([^()\s]*\)"
)
_SHA_LEAD = re.compile(r"`?(?P<sha>[0-9a-f]{7,40})`?:\s+(?=\S)")
SHORTEST = 7
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


def base_of(texts: Iterable[str], home: str = "") -> str:
    """Return the address of the repository: `home` where that is known, else the one that most links of this form lead to."""
    if home:
        return home
    found = Counter(one.base for text in texts for link in _ONE.finditer(text) if (one := linked(*link.groups())))
    found += Counter(match["base"] for text in texts for match in _BARE.finditer(text) if match["base"])
    return found.most_common(1)[0][0] if found else ""


def parted(text: str, base: str, is_commit: Known = any_id) -> dict[str, Data]:
    """Return the keys of a change that the text of an entry states, `text` among them; `base` as `base_of` found it.

    Links in front and behind are taken out of the words; bare addresses stay where they are, and count as well. A commit
    that git does not have is no commit of the change.
    """
    made: dict[str, Data] = {}
    for _ in range(2):  # a CVE before what breaks, or behind it
        if cve := None if "cve" in made else _CVE.match(text):
            made["cve"], text = cve["cve"], text[cve.end() :]
        elif breaks := None if "breaking" in made else _BREAKS.match(text):
            made["breaking"], text = "true", text[breaks.end() :]
    lists: dict[str, list[str]] = {}
    words, found = _first(text, base, is_commit)
    while (taken := _last(words, base, is_commit)) and words[: taken[0]].strip():
        words = words[: taken[0]].rstrip()
        for one in reversed(taken[1]):
            lists.setdefault(one.key, []).insert(0, one.value)
    for one in reversed((*found, *_bare(words, base, is_commit))):
        lists.setdefault(one.key, []).insert(0, one.value)
    return {**made, "text": words, **{key: tuple(dict.fromkeys(values)) for key, values in lists.items()}}


def _first(text: str, base: str, is_commit: Known) -> tuple[str, list[Linked]]:
    """Return a text without the links or the commit that it begins with, and those, as changesets has them."""
    found: list[Linked] = []
    words = text
    while base and (match := _ONE.match(words)):
        one = linked(match["label"], match["url"])
        if not one or one.base != base or (one.key == "commits" and not is_commit(one.value)):
            break
        found.append(one)
        words = words[match.end() :].lstrip(" ,")
    words = re.sub(r"^[-–—:]+\s+", "", words) if found else words
    if found and words:
        return words, found
    sha = _SHA_LEAD.match(text)
    if sha and any(map(str.isdigit, sha["sha"])) and is_commit(sha["sha"]):
        return text[sha.end() :], [Linked("commits", sha["sha"], base)]
    return text, []


def _bare(text: str, base: str, is_commit: Known) -> Iterator[Linked]:
    """Yield what the bare addresses of a text lead to, and links that are called so, where they are the repository's."""
    for match in _ONE.finditer(text) if _ONE.sub("", text).strip(" ()") else ():
        one = linked(match["label"], match["url"])
        if one and one.base == base and (one.key != "commits" or is_commit(one.value)):
            yield one
    for match in _BARE.finditer(text):
        key, name = _KINDS.get(match["kind"], "prs"), match["name"]
        if match["base"] != base or (key == "commits" and not (len(name) >= SHORTEST and is_commit(name))):
            continue
        if key == "commits" or name.isdecimal():
            yield Linked(key, name if key == "commits" else f"#{name}", base)


def _last(text: str, base: str, is_commit: Known) -> tuple[int, tuple[Linked, ...]] | None:
    """Return where the last group of links begins, and what they lead to; `None` where one of them leads elsewhere."""
    if not base or not text.endswith(")"):
        return None
    start = max(0, len(text) - _TAIL)
    for at in _openings(text, start):
        group = _BEHIND.match(text, at)
        if group:
            found = tuple(linked(*one.groups()) for one in _ONE.finditer(group["links"] or group["settled"]))
            known = (one for one in found if one and (one.key != "commits" or is_commit(one.value)))
            own = tuple(one for one in known if one.base == base)
            settles = group["closes"] is None or all(one.key == "issues" for one in own)
            return (at, own) if len(own) == len(found) and settles else None
    return None


def _openings(text: str, start: int) -> Iterator[int]:
    """Yield where a group of links may begin, the last one first; a group in brackets has none inside."""
    closes = text.rfind(", closes ", start)
    bracket = text.rfind("([", start)
    yield from sorted((at for at in (closes, bracket) if at >= start), reverse=True)
