"""A changelog, read into releases and changes."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from pathlib import PurePosixPath

from roundbook.book.facts import UNRELEASED
from roundbook.book.version_order import order
from roundbook.errors import Finding, Place
from roundbook.importer import ImportResult
from roundbook.importer.headings import (
    VERBS,
    Definitions,
    VersionHeading,
    base_of,
    head_of,
    is_of_web,
    month_of,
    parted,
)
from roundbook.importer.identify import Hints
from roundbook.markdown import Block, Bullet, Bullets, Document, Pairs, Paragraph, Part, Verbatim
from roundbook.schema.ids import slug
from roundbook.schema.items import ChangeType, category_of
from roundbook.yamlfile.writer import Data


@dataclass
class ChangelogSection:
    """A heading below a release with its entries, while the document is read."""

    title: str = ""
    type: ChangeType | None = None
    breaking: bool = False
    group: str = ""
    entries: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class ChangelogRelease:
    """A release and everything below its heading, while the document is being read."""

    head: VersionHeading
    line: int
    level: int
    texts: list[str] = field(default_factory=list)
    sections: list[ChangelogSection] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Return the text about the release as a whole, with the headings that have nothing below them."""
        bare = (f"**{section.title}**" for section in self.sections if section.group and not section.entries)
        return "\n\n".join(filter(None, (*self.texts, *bare)))


def as_heading(block: Block) -> str:
    """Return the words of a paragraph that serves as a heading, `**Fixed**` or `Bug fixes:`, if they name a category."""
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


_OF_RELEASES = re.compile(r"(?:release[-_ ]?notes?|releases|changelogs?|changes|what-?s-?new|news)", re.IGNORECASE)


def release_of(path: str) -> VersionHeading | None:
    """Return the version whose notes a file has by its name, as exported from a forge: `docs/releases/v1.1.0.md`."""
    file = PurePosixPath(path)
    head = head_of(file.stem) if _OF_RELEASES.fullmatch(file.parent.name) else None
    return head if head and head.version and not head.title else None


def is_changelog(document: Document) -> bool:
    """Tell whether a document is a changelog: by its name or title, and by headings that are versions."""
    if release_of(document.path):
        return True
    parts = list(document.walk())
    if _is_called_one(document) and any(head_of(part.title) or month_of(part.title) for part in parts):
        return True
    plain = sum(not head.title for part in parts if (head := head_of(part.title)))
    lowest = max((part.level for part in parts if head_of(part.title)), default=0)
    other = sum(p.level <= lowest and not (head_of(p.title) or category_of(p.title)) for p in parts[1:])
    return plain >= 2 and plain > other


def _is_called_one(document: Document) -> bool:
    """Tell whether a document is a changelog by its name or title."""
    names = (PurePosixPath(document.path).stem, *(part.title for part in islice(document.walk(), 1)))
    return any(re.sub(r"[\W_]+", "", name).lower() in NAMES for name in names)


def changelog(documents: Sequence[Document], hints: Hints) -> tuple[ImportResult, ...]:
    """Return the records of changelogs: for each its releases, and, where there is any, what is unreleased.

    By default they go into the phase `releases`, each under the name of its file. Nothing is lost in them; their notes name the
    lines of entries below no category.
    """
    found: list[ImportResult] = []
    recorded: set[str] = set()
    for document in documents:
        package = hints.packages.get(PurePosixPath(document.path).parent.as_posix(), "")
        taken = {one.key for one in found}
        name = hints.round or (slug(package) if package else _name(document.path, taken, hints.phase or PHASE))
        reader = _ChangelogReader(document, hints.phase or PHASE, name, hints)
        reader.leave(frozenset(recorded))
        recorded.update(reader.recorded())
        found += reader.result()
    return tuple(found)


def _name(path: str, taken: set[str], phase: str) -> str:
    file = PurePosixPath(path)
    stem = slug(file.name if file.suffix[1:].isdigit() else file.stem) or "changelog"
    name = stem if f"{phase}/{stem}" not in taken else f"{slug(file.parent.name) or 'other'}-{stem}"
    return name if f"{phase}/{name}" not in taken else f"{name}-{len(taken) + 1}"


_OF_CHANGESETS = frozenset({"Major Changes", "Minor Changes", "Patch Changes"})
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+\d{4}|\b(?:19|20)\d\d\b", re.IGNORECASE
)


def _is_out(head: VersionHeading, tagged: Collection[str]) -> bool:
    """Tell whether a version is known to be released: it has a day, a month or a year, or a tag."""
    return bool(head.date or head.yanked or _MONTH.search(head.title) or _dotted(head.version) in tagged)


def _numbers(tags: Collection[str], package: str) -> frozenset[str]:
    """Return the numbers that tags bear, those of a package behind its name."""
    found = (re.search(r"\d.*", tag.removeprefix(package)) for tag in tags if tag.startswith(package))
    return frozenset(_dotted(match[0]) for match in found if match)


def _dotted(version: str) -> str:
    return re.sub(r"[-_]", ".", version)


# Headings of the notes of a release that a forge writes, at any level: the first says nothing.
_OF_FORGE = re.compile(r"(?P<changes>what['’]?s changed)|new contributors", re.IGNORECASE)


def says_changes(heading: str) -> bool:
    """Tell whether a heading only says that changes follow, as a forge writes it."""
    match = _OF_FORGE.fullmatch(heading.strip())
    return bool(match and match["changes"])


# The last line of the notes of a release that a forge writes: it compares two versions, and states no change.
_COMPARED = re.compile(r"\s*\**Full Changelog\**\s*:", re.IGNORECASE)


class _ChangelogReader:
    """Reads one document, heading by heading."""

    def __init__(self, document: Document, phase: str, name: str, hints: Hints) -> None:
        self.document, self.phase, self.name = document, phase, name
        self.home, self.is_commit = hints.home, hints.is_commit
        self.package = hints.packages.get(PurePosixPath(document.path).parent.as_posix(), "")
        self.releases: list[ChangelogRelease] = []
        self.others: list[tuple[str, str]] = []
        self.left: Collection[str] = ()
        self.title, self.preamble = "", ""
        self.unseen: dict[int, str] = {}
        self.definitions = Definitions.of(document)
        parts = list(document.walk())
        self.monthly = _is_called_one(document) and not any(head_of(part.title) for part in parts)
        named = None if any(map(self._head, parts)) else release_of(document.path)
        if named:
            self.releases.append(ChangelogRelease(named, 1, 0))
            self.title = f"Version {named.version}"
        # Release tools give a patch the rank of its sections: what has their rank is one of them.
        self.ranks = {part.level for part in parts if category_of(part.title)}
        self._leading(document.blocks)
        for part in parts:
            self._part(part)
        self._open_newest(hints.tags)

    def _open_newest(self, tags: Collection[str]) -> None:
        """Take the newest version for unreleased if it has neither day nor tag, the next one has, and older ones have tags.

        Of several such versions nobody knows which are out: a project may have given up its tags. And changesets writes a
        version when it is released.
        """
        if any(section.title in _OF_CHANGESETS for one in self.releases for section in one.sections):
            return
        named = [one for one in self.releases if one.head.released and one.head.version]
        tagged = _numbers(tags, self.package)
        open_ = list(takewhile(lambda one: not _is_out(one.head, tagged), named))
        older = [one.head.version for one in named[1:] if one.head.version != one.head.date]
        newest = len(open_) == 1 and any(_dotted(one) in tagged for one in older)
        if newest and order(open_[0].head.version) > max(map(order, older)):
            open_[0].head = replace(open_[0].head, released=False)

    # -------------------------------------------------------------------------------------------------- reading

    def _leading(self, blocks: Sequence[Block]) -> None:
        front = self.document.lines[: self.document.body_line - 1]
        written = "\n".join(front).strip().strip("-").strip()
        self.preamble = "\n\n".join(filter(None, (f"```yaml\n{written}\n```" if written else "", self._source(blocks))))

    def _part(self, part: Part) -> None:
        head, category = self._head(part), category_of(part.title)
        if head and not category:
            self.releases.append(ChangelogRelease(head, part.line, part.level))
            self._fill(self.releases[-1], part.blocks, None)
        elif self.releases and says_changes(part.title):
            self.releases[-1].sections.append(ChangelogSection())
            self._fill(self.releases[-1], part.blocks, self.releases[-1].sections[-1])
        elif self.releases and _OF_FORGE.fullmatch(part.title.strip()):
            self.releases[-1].texts += [f"**{part.title}**", self._source(part.blocks)]
        elif self.releases and (category or part.level in self.ranks or part.level > self.releases[-1].level):
            self._section(self.releases[-1], part)
        elif not self.releases and not self.title and not self.others and part.level == 1:
            self.title = part.title
            self.preamble = "\n\n".join(filter(None, (self.preamble, self._source(part.blocks))))
        else:
            self.others.append((part.title, self._source(part.blocks)))

    def _head(self, part: Part) -> VersionHeading | None:
        """Return what a heading states of a version; where no heading names one, months do."""
        return head_of(part.title) or (month_of(part.title) if self.monthly else None)

    def _section(self, release: ChangelogRelease, part: Part) -> None:
        release.sections.append(self._opened(release, part.title, part.level))
        self._fill(release, part.blocks, release.sections[-1])

    def _opened(self, release: ChangelogRelease, title: str, level: int) -> ChangelogSection:
        """Return a section: one of a category, or one that bears its own name, inside the category above it or not."""
        if category := category_of(title):
            return ChangelogSection(title, *category)
        above = next((one for one in reversed(release.sections) if one.type), None)
        if above and self.ranks and level > min(self.ranks):
            return ChangelogSection(title, above.type, above.breaking, title)
        return ChangelogSection(title, None, group=title)

    def _fill(self, release: ChangelogRelease, blocks: Sequence[Block], section: ChangelogSection | None) -> None:
        """Put blocks where they belong: entries into the section, what is said of the release as a whole into its texts."""
        folded: list[Block] = []
        for block in self._saying(blocks):
            if folded or opens_fold(block):
                folded.append(block)
                if closes_fold(block):
                    release.texts.append(self._source(folded))
                    folded = []
            elif title := as_heading(block):
                section = ChangelogSection(title, *(category_of(title) or (None,)))
                release.sections.append(section)
            elif isinstance(block, Bullets):
                if section is None:
                    section = ChangelogSection()
                    release.sections.append(section)
                section.entries += [(self._entry(item), item.line) for item in block.items]
            elif section is None or _COMPARED.match(self._source([block])):
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

    # ------------------------------------------------------------------------------------------------ writing

    def result(self) -> Iterator[ImportResult]:
        """Yield the record of the releases, and that of what is unreleased where anything is."""
        base = base_of([text for r in self.releases for s in r.sections for text, _ in s.entries], self.home)
        shipped: list[Data] = []
        upcoming: list[Data] = []
        for release in self.releases:
            entries = list(self._changes(release, base))
            (shipped if release.head.released else upcoming).extend(entries)
        notes = tuple(self._notes())
        yield ImportResult(f"{self.phase}/{self.name}", self._record(shipped, base), (self.document,), notes)
        if upcoming:
            yield ImportResult(f"{self.phase}/{self._beside()}", self._open_record(upcoming), (self.document,))

    def _beside(self) -> str:
        return "unreleased" if self.name == "changelog" else f"{self.name}-unreleased"

    def _record(self, changes: Sequence[Data], base: str) -> dict[str, Data]:
        unused = list(self.definitions.unused(self._used()))
        made: dict[str, Data] = {
            "round": self.name,
            "phase": self.phase,
            "title": self.title or "Changelog",
            "kind": "changelog",
            "status": "done",
            "versions": self._versions(),
            "changes": changes,
            "sections": [
                {"title": title, "body": body} if body else {"title": title, "body": title}
                for title, body in self.others
            ],
            "notes": [
                *filter(None, self.unseen.values()),
                *(f"{label}: {url}" for label, url in unused if not is_of_web(url)),
            ],
            "links": [
                *([{"url": base}] if base else []),
                *({"url": url, "title": label} for label, url in unused if is_of_web(url)),
            ],
        }
        if self.preamble:
            made["summary"] = self.preamble
        return {key: value for key, value in made.items() if value}

    def _open_record(self, changes: Sequence[Data]) -> dict[str, Data]:
        heads = [release.head for release in self.releases if not release.head.released]
        named = [self._named(head) for head in heads if head.version]
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

    def _is_recorded_beside(self, release: ChangelogRelease) -> bool:
        """Tell whether the record of what is unreleased says all of it."""
        head = release.head
        return not (head.released or head.title or head.date or release.said or self._url(head)) and any(
            section.entries for section in release.sections
        )

    def _url(self, head: VersionHeading) -> str:
        return head.url or self.definitions.address(head.label) or ""

    def recorded(self) -> frozenset[str]:
        """Return the versions that the record of the releases records."""
        return frozenset(str(one["version"]) for one in self._versions())

    def leave(self, recorded: Collection[str]) -> None:
        """Leave versions to the record that has them; what is said of them here is said in a section."""
        self.left = recorded
        for release in self.releases:
            if self._named(release.head) in recorded:
                head = release.head
                title = " ".join(filter(None, (head.version, head.date, head.title)))
                self.others.append((title, release.said.strip()))

    def _versions(self) -> list[Mapping[str, Data]]:
        """Return the records of the versions, one for those under several headings unless these contradict each other."""
        found: dict[str, dict[str, Data]] = {}
        others: list[Mapping[str, Data]] = []
        own = (release for release in self.releases if self._named(release.head) not in self.left)
        for one in (self._version(release) for release in own if not self._is_recorded_beside(release)):
            first = found.setdefault(str(one["version"]), one)
            if any(first.get(key, value) != value for key, value in one.items() if key != "text"):
                others.append(one)
            elif first is not one:
                texts = [str(text) for text in (first.get("text"), one.get("text")) if text]
                first.update(one, **({"text": "\n\n".join(texts)} if texts else {}))
        return [*found.values(), *others]

    def _version(self, release: ChangelogRelease) -> dict[str, Data]:
        head = release.head
        made: dict[str, Data] = {"version": self._named(head) if head.version else UNRELEASED}
        if head.released and not head.date:
            made["released"] = True
        if head.date and head.released:
            made["date"] = head.date
        if head.yanked:
            made["yanked"] = True
        said = head.title if head.released else " ".join(filter(None, (head.title, head.date)))
        parts = {"title": said, "text": release.said, "url": self._url(head)}
        return {**made, **{key: value for key, value in parts.items() if value}}

    def _named(self, head: VersionHeading) -> str:
        """Return a version as the book calls it: that of a package bears its name."""
        return f"{self.package}@{head.version}" if self.package else head.version

    def _changes(self, release: ChangelogRelease, base: str) -> Iterator[Mapping[str, Data]]:
        for section in release.sections:
            for text, _ in section.entries:
                first, gap, rest = text.partition("\n\n")
                made = parted(first, base, self.is_commit)
                kind = section.type or ("security" if "cve" in made else _kind(str(made["text"])))
                lead: dict[str, Data] = {"release": self._named(release.head)} if release.head.released else {}
                if kind:
                    lead["type"] = kind
                if section.group:
                    lead["group"] = section.group
                if section.breaking or "breaking" in made:
                    made["breaking"] = True
                yield {**lead, **made, "text": f"{made['text']}{gap}{rest}"}

    def _notes(self) -> Iterator[Finding]:
        sections = [section for release in self.releases for section in release.sections]
        loose = [
            line for one in sections if not one.type and not one.group for text, line in one.entries if not _kind(text)
        ]
        if loose:
            count = f"{len(loose)} entries are" if len(loose) > 1 else "1 entry is"
            message = f"{count} in no category, the first one here; listed as changed"
            place = Place(self.document.path, loose[0], 1)
            yield Finding("info", "entry-without-category", message, place, "give it another type if it has one")


def _kind(text: str) -> ChangeType | None:
    word = _WORD.match(text)
    return VERBS.get(word[1].lower()) if word else None
