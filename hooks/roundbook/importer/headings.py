"""Headings, entries and link definitions of a changelog."""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from roundbook.adr.fields import DAY, day_of
from roundbook.frozen import frozen
from roundbook.importer.shas import KnownCommits, any_id
from roundbook.markdown import Block, Bullets, Document, Quote, Verbatim
from roundbook.schema.items import ChangeType
from roundbook.yamlfile.writer import Data

_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\[\]\n]+)\]:\s*<?(?P<url>[^\s<>]+)>?(?:\s+[\"'(].*[\"')])?\s*")
# Not what is one already: `[text](…)`, a box, a footnote, an image's address.
_USE = re.compile(r"(?<![\\\]!])\[(?P<text>[^\[\]\n]{1,200})\](?:\[(?P<label>[^\[\]\n]{0,200})\])?(?![(:\[])")
_WEB = ("https://", "http://", "mailto:")


@frozen
class Definitions:
    """The definitions of links of one document, by their labels in lower case; `used` grows with the texts made inline."""

    by_label: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, document: Document) -> Definitions:
        """Return the definitions of a document; of two of one label the first counts, as in CommonMark."""
        found: dict[str, str] = {}
        blocks = (*document.blocks, *(block for part in document.walk() for block in part.blocks))
        for text in _verbatim(blocks):
            for line in text.split("\n"):
                if match := _DEFINITION.fullmatch(line):
                    found.setdefault(_folded(match["label"]), match["url"])
        return cls(found)

    def address(self, label: str) -> str | None:
        """Return the address that a label is defined as."""
        return self.by_label.get(_folded(label))

    def without(self, text: str) -> str:
        """Return lines without those that define a link of this document."""
        lines = text.split("\n")
        return "\n".join(line for line in lines if not self._defines(line)).strip("\n")

    def _defines(self, line: str) -> bool:
        match = _DEFINITION.fullmatch(line)
        return bool(match and self.by_label.get(_folded(match["label"])) == match["url"])

    def inlined(self, text: str) -> str:
        """Return a text in which each `[words][label]` or `[label]` has its address behind it; code is left alone."""
        if not self.by_label or "[" not in text:
            return text
        spans = _code(text)
        return _USE.sub(lambda match: self._link(match, spans), text)

    def _link(self, match: re.Match[str], code: Sequence[tuple[int, int]]) -> str:
        label = _folded(match["label"] or match["text"])
        at = bisect.bisect_right(code, (match.start(),)) - 1
        if at >= 0 and code[at][1] > match.start():
            return match[0]
        url = self.by_label.get(label)
        if url is None:
            return match[0]
        self.used.add(label)
        return f"[{match['text']}]({url})"

    def unused(self, taken: Collection[str]) -> Iterator[tuple[str, str]]:
        """Yield, with their labels, the addresses that no text and no heading (`taken`, its labels) makes use of."""
        heads = {_folded(label) for label in taken}
        yield from (one for one in self.by_label.items() if one[0] not in self.used and one[0] not in heads)


def is_of_web(url: str) -> bool:
    """Tell whether an address is one that a record may have as a link."""
    return url.lower().startswith(_WEB)


def _code(text: str) -> list[tuple[int, int]]:
    """Return where the code spans of a text stand: from a run of backticks to the next one that is as long."""
    runs = [match.span() for match in re.finditer("`+", text)]
    last: dict[int, list[int]] = {}
    for i in range(len(runs) - 1, -1, -1):
        last.setdefault(runs[i][1] - runs[i][0], []).append(i)
    spans: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(runs):
        alike = last[end - start]
        while alike and alike[-1] <= i:
            alike.pop()
        if alike and (not spans or start >= spans[-1][1]):
            spans.append((start, runs[alike[-1]][1]))
    return spans


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _verbatim(blocks: Collection[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Verbatim):
            yield block.text
        elif isinstance(block, Bullets):
            for item in block.items:
                yield from _verbatim(item.blocks)
        elif isinstance(block, Quote):
            yield from _verbatim(block.blocks)


_CVE = re.compile(r"(?P<mark>\*\*|__|)(?P<cve>CVE-\d{4}-\d{4,})(?:(?P=mark)\s*[:–—-]+|:(?P=mark))\s+(?=\S)")
_BREAKS = re.compile(
    r"(?:(?P<mark>\*\*|__)\W*breaking(?:\s+changes?)?(?:(?P=mark)\s*[:–—-]|:\s*(?P=mark)|(?P=mark))"
    r"|\[breaking(?:\s+changes?)?\]:?|breaking(?:\s+changes?)?:)\s+(?=\S)",
    re.IGNORECASE,
)
_ENTRY_LINK = r"\[`?[^\[\]`\n]{1,80}`?\]\([^()\s]+\)"
_LINKS = rf"{_ENTRY_LINK}(?:,?\s+(?:and\s+)?{_ENTRY_LINK})*"
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
# What changesets writes before the words of a change, which say more.
_THANKS = re.compile(
    r"^(?P<thanks>Thanks (?:,? ?(?:and )?\[@[^\[\]]{1,60}\]\([^()\s]+\)){1,20}!)\s+-\s+(?P<words>\S.*)", re.DOTALL
)
SHORTEST = 7
_KINDS = {"commit": "commits", "commits": "commits", "issues": "issues"}
_TAIL = 4_000  # characters at the end of an entry in which its links are looked for


@frozen
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


def parted(text: str, base: str, is_commit: KnownCommits = any_id) -> dict[str, Data]:
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


def _first(text: str, base: str, is_commit: KnownCommits) -> tuple[str, list[Linked]]:
    """Return a text without the links or the commit that it begins with, and those, as changesets has them."""
    found: list[Linked] = []
    words = text
    while base and (match := _ONE.match(words)):
        one = linked(match["label"], match["url"])
        if not one or one.base != base or (one.key == "commits" and not is_commit(one.value)):
            break
        found.append(one)
        words = words[match.end() :].lstrip(" ,")
    words = _THANKS.sub(r"\g<words> \g<thanks>", re.sub(r"^[-–—:]+\s+", "", words)) if found else words
    if found and words:
        return words, found
    sha = _SHA_LEAD.match(text)
    if sha and any(map(str.isdigit, sha["sha"])) and is_commit(sha["sha"]):
        return text[sha.end() :], [Linked("commits", sha["sha"], base)]
    return text, []


def _bare(text: str, base: str, is_commit: KnownCommits) -> Iterator[Linked]:
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


def _last(text: str, base: str, is_commit: KnownCommits) -> tuple[int, tuple[Linked, ...]] | None:
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


LONGEST = 500  # no heading of a version is longer, with the address that it links to
_LINK = re.compile(r"\[(?P<label>[^\[\]]+)\](?:\((?P<url>[^()\s]+)[^()]*\)|\[[^\[\]]*\])?")
_MORE = r"(?:[A-Za-z][0-9A-Za-z]*)?(?:[-+._][0-9A-Za-z]+)*"
_NUMBER = rf"\d+(?:\.\d+)+{_MORE}"
SAID = (
    r"(?:(?:version|release|(?:noteworthy\s+|major\s+)?changes\s+in(?:\s+(?:release|version))?|changes\s+from\s+\S+\s+to"
    r"|new\s+in|what.?s\s+new\s+in(?:\s+(?:release|version))?)\s+)"
)
_VERSION = re.compile(
    rf"(?:{SAID}?[vV]?\.?\s?(?P<number>{_NUMBER})|{SAID}?[vV](?P<short>\d+)|{SAID}(?P<whole>\d+)"
    rf"|(?P<name>@?[\w./-]*\w)(?:@|\s+)[vV]?(?P<named>\d+\.\d+\.\d+{_MORE}))(?![\w.])",
    re.IGNORECASE,
)
_YANKED = re.compile(r"[\[(]?\byanked\b[\])]?", re.IGNORECASE)
_OPEN = re.compile(
    r"(?:un-?released|not(?: yet)? released|to be released|upcoming|forthcoming|coming (?:soon|next)|next|work in progress|"
    r"(?:in|under) development|tbd|tba)(?: changes| release| version)?|development (?:version|release)",
    re.IGNORECASE,
)
_OPEN_VERSION = frozenset({"in progress", "future", "wip"})  # behind a version; a heading of its own may head anything
# `main (unreleased)`, `Next release (in development)`; and `Unreleased (2.0)`.
_TWICE_OPEN = re.compile(r"(?P<one>[^()\[\]]+?)\s*[(\[](?P<two>[^()\[\]]+)[)\]]?")
_MONTHLY = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?,?\s+\d{4}|(?:19|20)\d{2}[-/](?:0[1-9]|1[0-2])",
    re.IGNORECASE,
)
_LINES = frozenset({"main", "master", "trunk", "head", "develop", "devel"})
# A time that is not a day: it is kept as the title.
_ABOUT_THEN = re.compile(r"\b(?:\d{4}[- ]?Q[1-4]|Q[1-4][- /]?\d{4}|(?:expected|planned|due)\b.{0,40})", re.IGNORECASE)
# Placeholders for a day that is not known yet: `2026-xx-xx`, `YYYY-MM-DD`, `date TBD`, `??`.
_NO_DAY = re.compile(
    r"(?:release )?(?:date:? )?(?:\b(?:tbd|tba|to be (?:determined|announced|decided|defined))\b|\?{2,})"
    r"|(?<![\w.])(?:\d{4}|[xy?]{2,4})[-/.](?:\d{1,2}|[xm?]{1,2})[-/.](?:[xd?]{1,2})(?![\w.])"
    r"|(?<![\w.])(?:\d{4}|[xy?]{2,4})[-/.][xm?]{1,2}(?:[-/.]\d{1,2})?(?![\w.])|\bdate\b",
    re.IGNORECASE,
)
_DEVELOPED = re.compile(r"[-.+]?(?:dev|snapshot)\.?\d*$", re.IGNORECASE)
_EDGES = " \t-–—:/|,()[]*_`"
_SEPARATOR = re.compile(r"\s*(?:$|[-–—:/|,(\[\"“'‘*_`]|\s[^\w\s])")
# The first word of an entry below no heading, where it names a category.
VERBS: Mapping[str, ChangeType] = {
    **dict.fromkeys(("add", "added", "adds"), "added"),
    **dict.fromkeys(("fix", "fixed", "fixes"), "fixed"),
    **dict.fromkeys(("remove", "removed", "removes"), "removed"),
    **dict.fromkeys(("deprecate", "deprecated", "deprecates"), "deprecated"),
}


@frozen
class VersionHeading:
    """What the heading of a version states. `version` is empty where it is only called unreleased; `label` is as written."""

    version: str
    date: str = ""
    yanked: bool = False
    released: bool = True
    title: str = ""
    url: str = ""
    label: str = ""


def head_of(heading: str) -> VersionHeading | None:
    """Return what the heading of a version states, or `None` where it heads none."""
    if len(heading) > LONGEST:
        return None
    link = next((one for one in _LINK.finditer(heading) if not _is_remark(one)), None)
    label, url = (link["label"].strip(), link["url"] or "") if link else ("", "")
    text = heading.replace(link[0], label, 1) if link else heading
    yanked = bool(_YANKED.search(text))
    text = re.sub(r"<[^<>]*>", "", _YANKED.sub("", text)).strip().lstrip("[*_` ")
    version = _VERSION.match(text)
    dated = DAY.match(text)
    if version and not (dated and dated.span() == version.span()):
        rest = text[version.end() :]
        name = version["number"] or version["short"] or version["whole"] or version["named"]
        day, left = _without_date(rest)
        if not _SEPARATOR.match(rest.lstrip("]*_`")) and not (day and not left.strip(_EDGES)):
            return None
        return _made(name, day, yanked, left, version["name"] or "", url, label)
    day, left = _without_date(text)
    said = left.strip(_EDGES)
    if open_ := _open(said):
        return VersionHeading("", day, yanked, released=False, title=open_[1], url=url, label=label or open_[0])
    both = _TWICE_OPEN.fullmatch(said)
    version = _VERSION.fullmatch(both["two"].strip()) if both and _OPEN.fullmatch(both["one"]) else None
    if version and (name := version["number"] or version["short"]):
        return VersionHeading(name, day, yanked, released=False, url=url, label=label or name)
    return VersionHeading(day, day, yanked, url=url, label=label or text.strip()) if day and not said else None


def _is_remark(link: re.Match[str]) -> bool:
    """Tell whether brackets hold no name of a version but a word on it, behind it: `[YANKED]`, `[unreleased]`."""
    label = link["label"].strip()
    return label.lower() == "yanked" or bool(link.start() and not link["url"] and not re.search(r"\d", label))


def month_of(heading: str) -> VersionHeading | None:
    """Return the version of a changelog that is named after its month, whose day is unknown: `December 2024`, `2024-12`."""
    title = heading.strip(_EDGES)
    return VersionHeading(title, label=title) if _MONTHLY.fullmatch(title) else None


def _without_edges(text: str) -> str:
    """Return a text without the signs around it, but with the bracket that ends it where it begins in it: `Soup (v1.2)`."""
    said = text.strip(_EDGES)
    ends = [end for begin, end in ("()", "[]") if said.count(begin) > said.count(end)]
    return said + next((end for end in ends if end in text[text.find(said) + len(said) :]), "")


def _made(name: str, day: str, yanked: bool, left: str, package: str, url: str, label: str) -> VersionHeading:
    said = _without_edges(left)
    if _OPEN.fullmatch(package):
        package, said = "", " ".join(filter(None, (package, said)))
    if said.lower() in _OPEN_VERSION:
        return VersionHeading(name, day, yanked, released=False, title=package, url=url, label=label or name)
    if _DEVELOPED.search(name) and not (day or said):
        return VersionHeading(name, yanked=yanked, released=False, title=package, url=url, label=label or name)
    if said and (_open(said) or _is_no_day(said)):
        title = " ".join(filter(None, (package, (_open(said) or ("", ""))[1])))
        return VersionHeading(name, day, yanked, released=False, title=title, url=url, label=label or name)
    return VersionHeading(
        name, day, yanked, title=" ".join(filter(None, (package, said))), url=url, label=label or name
    )


def _open(said: str) -> tuple[str, str] | None:
    """Return the words for what is to come, and about when that is, where a heading says nothing else."""
    then = _ABOUT_THEN.search(said)
    words = _NO_DAY.sub("", _ABOUT_THEN.sub("", said)).strip(_EDGES + ";?")
    both = _TWICE_OPEN.fullmatch(said)
    if both and _OPEN.fullmatch(both["two"]) and (both["one"].lower() in _LINES or _OPEN.fullmatch(both["one"])):
        return said, ""
    if _OPEN.fullmatch(said) or _OPEN.fullmatch(words):
        return words or said, then[0].strip(_EDGES) if then and not _OPEN.fullmatch(said) else ""
    return None


def _is_no_day(said: str) -> bool:
    return not re.sub(r"[\s,;:?()\[\]-]+", "", _NO_DAY.sub("", said)) and said.casefold() != "date"


def _without_date(text: str) -> tuple[str, str]:
    """Return the first day that a text states, as `YYYY-MM-DD`, and the text without it; no day where there is none."""
    for match in DAY.finditer(text):
        if day := day_of(match):
            return day, text[: match.start()] + text[match.end() :]
    return "", text
