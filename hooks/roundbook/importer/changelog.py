"""A changelog, read into releases and changes."""

from __future__ import annotations

import bisect
import re
import textwrap
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from roundbook.adr.fields import DAY, day_of
from roundbook.book.facts import UNRELEASED
from roundbook.errors import Finding, Place
from roundbook.importer import Brought
from roundbook.importer.identify import KnownCommits, any_id
from roundbook.markdown import Block, Bullet, Bullets, Document, Pairs, Paragraph, Part, Quote, Verbatim
from roundbook.schema.ids import slug
from roundbook.schema.items import ChangeType, category_of
from roundbook.yamlfile.writer import Data

_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\[\]\n]+)\]:\s*<?(?P<url>[^\s<>]+)>?(?:\s+[\"'(].*[\"')])?\s*")
# Not what is one already: `[text](…)`, a box, a footnote, an image's address.
_USE = re.compile(r"(?<![\\\]!])\[(?P<text>[^\[\]\n]{1,200})\](?:\[(?P<label>[^\[\]\n]{0,200})\])?(?![(:\[])")
_WEB = ("https://", "http://", "mailto:")


@dataclass(frozen=True)
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

    def unused(self, taken: Collection[str]) -> Iterator[Mapping[str, Data]]:
        """Yield, as links of a record, the definitions that no text and no heading (`taken`, its labels) makes use of."""
        heads = {_folded(label) for label in taken}
        for label, url in self.by_label.items():
            if label not in self.used and label not in heads:
                yield (
                    {"url": url, "title": label}
                    if url.lower().startswith(_WEB)
                    else {"url": url, "title": f"{label}: {url}"}
                )


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
    words = re.sub(r"^[-–—:]+\s+", "", words) if found else words
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


def _without_date(text: str) -> tuple[str, str]:
    """Return the first day that a text states, as `YYYY-MM-DD`, and the text without it; no day where there is none."""
    for match in DAY.finditer(text):
        if day := day_of(match):
            return day, text[: match.start()] + text[match.end() :]
    return "", text


@dataclass
class Section:
    """A heading below a release with its entries, while the document is read."""

    title: str = ""
    type: ChangeType | None = None
    breaking: bool = False
    group: str = ""
    entries: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Release:
    """A release with what stands below its heading, while the document is read."""

    head: Head
    line: int
    level: int
    texts: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Return what is said of it as a whole, with the headings below which nothing stands."""
        bare = (f"**{section.title}**" for section in self.sections if section.group and not section.entries)
        return "\n\n".join(filter(None, (*self.texts, *bare)))


def as_heading(block: Block) -> str:
    """Return the words of a paragraph that stands for a heading, `**Fixed**` or `Bug fixes:`, where they are a category."""
    if isinstance(block, Pairs):
        pairs = block.pairs
        return pairs[0].key if len(pairs) == 1 and not pairs[0].value and category_of(pairs[0].key) else ""
    alone = isinstance(block, Paragraph) and block.line == block.end and len(block.text) < 60
    if not alone or not isinstance(block, Paragraph) or not block.text.endswith((":", "**", "__")):
        return ""
    return block.text.strip("*_: ") if category_of(block.text) else ""


def opens_fold(block: Block) -> bool:
    """Tell whether a block begins what a reader may fold away, and does not end it."""
    return isinstance(block, Verbatim) and "<details" in block.text.lower() and not closes_fold(block)


def closes_fold(block: Block) -> bool:
    """Tell whether a block ends what a reader may fold away."""
    return isinstance(block, Verbatim) and "</details" in block.text.lower()


PHASE = "releases"
NAMES = frozenset({"changelog", "changes", "history", "news", "releases", "releasenotes", "whatsnew"})
# What no reader sees: comments, and the anchors that some tools set before a heading.
_UNSEEN = re.compile(r"(?:<!--(?:(?!-->)[\s\S])*-->|<a\s[^<>]*>\s*</a>|\s)*")
_WORD = re.compile(r"\W*([a-z]+)", re.IGNORECASE)


class Where(Protocol):
    """Where the records are to go, as the one who imports says; empty where nothing is said."""

    @property
    def phase(self) -> str:
        """Return the phase."""

    @property
    def round(self) -> str:
        """Return the round."""


def is_changelog(document: Document) -> bool:
    """Tell whether a document is a changelog: by its name or title, and by headings that are versions."""
    parts = list(document.walk())
    heads = [head for part in parts if (head := head_of(part.title))]
    names = (PurePosixPath(document.path).stem, *(part.title for part in parts[:1]))
    if heads and any(re.sub(r"[\W_]+", "", name).lower() in NAMES for name in names):
        return True
    plain = sum(not head.title for head in heads)
    lowest = max((part.level for part in parts if head_of(part.title)), default=0)
    other = sum(p.level <= lowest and not (head_of(p.title) or category_of(p.title)) for p in parts[1:])
    return plain >= 2 and plain > other


def changelog(documents: Sequence[Document], hints: Where) -> tuple[Brought, ...]:
    """Return the records of changelogs: for each its releases, and, where there is any, what is unreleased.

    In: documents, and where the records are to go: by default into the phase `releases`, each under the name of its file.
    Out: records in which nothing is lost; their notes name the lines of entries that stand below no category.
    """
    found: list[Brought] = []
    for document in documents:
        name = hints.round or _name(document.path, {one.key for one in found}, hints.phase or PHASE)
        found += _Reader(document, hints.phase or PHASE, name, hints).brought()
    return tuple(found)


def _name(path: str, taken: set[str], phase: str) -> str:
    file = PurePosixPath(path)
    stem = slug(file.stem) or "changelog"
    name = stem if f"{phase}/{stem}" not in taken else f"{slug(file.parent.name) or 'other'}-{stem}"
    return name if f"{phase}/{name}" not in taken else f"{name}-{len(taken) + 1}"


class _Reader:
    """Reads one document, heading by heading."""

    def __init__(self, document: Document, phase: str, name: str, hints: Where) -> None:
        self.document, self.phase, self.name = document, phase, name
        self.home: str = getattr(hints, "home", "")
        self.is_commit: KnownCommits = getattr(hints, "is_commit", any_id)
        self.releases: list[Release] = []
        self.others: list[tuple[str, str]] = []
        self.title, self.preamble = "", ""
        self.unseen: dict[int, str] = {}
        self.definitions = Definitions.of(document)
        parts = list(document.walk())
        # Release tools give a patch the rank of its sections: what has their rank is one of them.
        self.ranks = {part.level for part in parts if category_of(part.title)}
        self._leading(document.blocks)
        for part in parts:
            self._part(part)

    # ------------------------------------------------------------------------------------------ what stands where

    def _leading(self, blocks: Sequence[Block]) -> None:
        self.preamble = self._source(blocks)

    def _part(self, part: Part) -> None:
        head, category = head_of(part.title), category_of(part.title)
        if head and not category:
            self.releases.append(Release(head, part.line, part.level))
            self._fill(self.releases[-1], part.blocks, None)
        elif self.releases and (category or part.level in self.ranks or part.level > self.releases[-1].level):
            self._section(self.releases[-1], part)
        elif not self.releases and not self.title and not self.others and part.level == 1:
            self.title = part.title
            self.preamble = "\n\n".join(filter(None, (self.preamble, self._source(part.blocks))))
        else:
            self.others.append((part.title, self._source(part.blocks)))

    def _section(self, release: Release, part: Part) -> None:
        release.sections.append(self._opened(release, part.title, part.level))
        self._fill(release, part.blocks, release.sections[-1])

    def _opened(self, release: Release, title: str, level: int) -> Section:
        """Return a section: one of a category, or one that bears its own name, inside the category above it or not."""
        if category := category_of(title):
            return Section(title, *category)
        above = next((one for one in reversed(release.sections) if one.type), None)
        if above and self.ranks and level > min(self.ranks):
            return Section(title, above.type, above.breaking, title)
        return Section(title, None, group=title)

    def _fill(self, release: Release, blocks: Sequence[Block], section: Section | None) -> None:
        """Put blocks where they belong: entries into the section, what is said of the release as a whole into its texts."""
        folded: list[Block] = []
        for block in self._saying(blocks):
            if folded or opens_fold(block):
                folded.append(block)
                if closes_fold(block):
                    release.texts.append(self._source(folded))
                    folded = []
            elif title := as_heading(block):
                section = Section(title, *(category_of(title) or (None,)))
                release.sections.append(section)
            elif isinstance(block, Bullets):
                if section is None:
                    section = Section()
                    release.sections.append(section)
                section.entries += [(self._entry(item), item.line) for item in block.items]
            elif section is None:
                release.texts.append(self._source([block]))
            elif isinstance(block, Paragraph | Pairs) or not section.entries:
                section.entries.append((self._source([block]), block.line))
            else:
                text, line = section.entries[-1]
                section.entries[-1] = (f"{text}\n\n{self._source([block])}", line)
        if folded:
            release.texts.append(self._source(folded))

    def _saying(self, blocks: Sequence[Block]) -> Iterator[Block]:
        """Yield the blocks without definitions of links, whose addresses go to where they are used."""
        for block in blocks:
            if isinstance(block, Verbatim):
                left = self.definitions.without(block.text)
                if _UNSEEN.fullmatch(left):
                    self.unseen.setdefault(block.line, left)
                elif left:
                    yield Verbatim(left, block.line, block.end)
            else:
                yield block

    def _source(self, blocks: Sequence[Block]) -> str:
        texts = (
            b.text if isinstance(b, Verbatim) else self.document.source(b.line, b.end) for b in self._saying(blocks)
        )
        return "\n\n".join(self.definitions.inlined(text) for text in texts)

    def _entry(self, item: Bullet) -> str:
        """Return an entry as text: its first paragraph on one line, what follows as blocks of their own."""
        box = {True: "[x] ", False: "[ ] ", None: ""}[item.checked]
        words = box + " ".join(item.text.split())
        more = ""
        if item.blocks:
            lines = self.document.lines[item.blocks[0].line - 1 : item.end]
            more = textwrap.dedent("\n".join(lines)).strip("\n")
        return self.definitions.inlined("\n\n".join(filter(None, (words, more))))

    # -------------------------------------------------------------------------------------------- what is made

    def brought(self) -> Iterator[Brought]:
        """Yield the record of the releases, and that of what is unreleased where anything is."""
        base = base_of([text for r in self.releases for s in r.sections for text, _ in s.entries], self.home)
        shipped: list[Data] = []
        upcoming: list[Data] = []
        for release in self.releases:
            entries = list(_changes(release, base, self.is_commit))
            (shipped if release.head.released else upcoming).extend(entries)
        notes = tuple(self._notes())
        yield Brought(f"{self.phase}/{self.name}", self._record(shipped, base), (self.document,), notes)
        if upcoming:
            yield Brought(f"{self.phase}/{self._beside()}", self._open_record(upcoming), (self.document,))

    def _beside(self) -> str:
        return "unreleased" if self.name == "changelog" else f"{self.name}-unreleased"

    def _record(self, changes: Sequence[Data], base: str) -> dict[str, Data]:
        made: dict[str, Data] = {
            "round": self.name,
            "phase": self.phase,
            "title": self.title or "Changelog",
            "kind": "changelog",
            "status": "done",
            "versions": [self._version(release) for release in self.releases if not self._told_beside(release)],
            "changes": changes,
            "sections": [
                {"title": title, "body": body} if body else {"title": title, "body": title}
                for title, body in self.others
            ],
            "notes": [text for text in self.unseen.values() if text],
            "links": [*([{"url": base}] if base else []), *self.definitions.unused(self._used())],
        }
        if self.preamble:
            made["summary"] = self.preamble
        return {key: value for key, value in made.items() if value}

    def _open_record(self, changes: Sequence[Data]) -> dict[str, Data]:
        heads = [release.head for release in self.releases if not release.head.released]
        named = [head.version for head in heads if head.version]
        made: dict[str, Data] = {
            "round": self._beside(),
            "phase": self.phase,
            "title": UNRELEASED,
            "kind": "changelog",
            "status": "in-progress",
            "changes": changes,
            "releases": named,
        }
        return {key: value for key, value in made.items() if value}

    def _used(self) -> set[str]:
        return {release.head.label.lower() for release in self.releases}

    def _told_beside(self, release: Release) -> bool:
        """Tell whether the record of what is unreleased says all of it."""
        head = release.head
        return not (head.released or head.title or head.date or release.said or self._url(head)) and any(
            section.entries for section in release.sections
        )

    def _url(self, head: Head) -> str:
        return head.url or self.definitions.address(head.label) or ""

    def _version(self, release: Release) -> dict[str, Data]:
        head = release.head
        made: dict[str, Data] = {"version": head.version if head.released else head.version or UNRELEASED}
        if head.released and not head.date:
            made["released"] = True
        if head.date and head.released:
            made["date"] = head.date
        if head.yanked:
            made["yanked"] = True
        said = head.title if head.released else " ".join(filter(None, (head.title, head.date)))
        parts = {"title": said, "text": release.said, "url": self._url(head)}
        return {**made, **{key: value for key, value in parts.items() if value}}

    def _notes(self) -> Iterator[Finding]:
        sections = [section for release in self.releases for section in release.sections]
        loose = [
            line for one in sections if not one.type and not one.group for text, line in one.entries if not _kind(text)
        ]
        if loose:
            count = f"{len(loose)} entries stand" if len(loose) > 1 else "1 entry stands"
            message = f"{count} below no category, the first one here, and will be listed as changed"
            place = Place(self.document.path, loose[0], 1)
            yield Finding("info", "entry-without-category", message, place, "write another type where it is one")


def _changes(release: Release, base: str, is_commit: KnownCommits) -> Iterator[Mapping[str, Data]]:
    for section in release.sections:
        for text, _ in section.entries:
            first, gap, rest = text.partition("\n\n")
            made = parted(first, base, is_commit)
            kind = section.type or ("security" if "cve" in made else _kind(str(made["text"])))
            lead: dict[str, Data] = {"release": release.head.version} if release.head.released else {}
            if kind:
                lead["type"] = kind
            if section.group:
                lead["group"] = section.group
            if section.breaking or "breaking" in made:
                made["breaking"] = True
            yield {**lead, **made, "text": f"{made['text']}{gap}{rest}"}


def _kind(text: str) -> ChangeType | None:
    word = _WORD.match(text)
    return VERBS.get(word[1].lower()) if word else None
