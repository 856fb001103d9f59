"""The changelog and release notes as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from roundbook.book.facts import ChangelogEntry, Decision, Release
from roundbook.book.model import Book
from roundbook.book.releases import contributors_of
from roundbook.book.version_order import bare
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.git.forge import HEAD as FORGE_HEAD
from roundbook.schema.ids import called
from roundbook.site import links as site_links
from roundbook.site.escape import address, code, cut, link, parted_at_addresses, prose, text
from roundbook.site.links import Here
from roundbook.site.outline import block
from roundbook.site.registry import complaint
from roundbook.site.views.changelog import (
    anchor_of,
    candidates_of,
    days,
    entries_of,
    grouped,
    is_breaking,
    is_cut,
    recorded_url,
)
from roundbook.site.widgets import others

EVIDENCE = 3  # commits named beside an entry
MOST = 200  # commits or people listed: what a forge takes, and what anybody reads
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_ITEM = re.compile(r"(?:[-+*]|\d{1,9}[.)])\s")
_TARGET = re.compile(r"\]\((https?://[^()\s]+)\)")
SHORTEST = 7  # the least digits of a commit id
_ISSUE = re.compile(r"#?(\d{1,9})")


@frozen
class Notes:
    """The parts of notes, made from a book; `site` is the address at which its pages are published, or empty.

    Without `found`, an entry names only the commits in its own file. Other commits are known only after the commit that
    contains the written notes, so such a file could never be up to date.
    """

    book: Book
    site: str = ""
    found: bool = True

    def page(self, uri: str, anchor: str = "") -> str | None:
        """Return the full address of a page of the site."""
        return f"{self.site.rstrip('/')}/{Here('index.md').to(uri, anchor)}" if self.site else None

    def page_of(self, release: Release) -> str | None:
        """Return the address of a release on the site."""
        if release.released:
            name = self.book.version_named.get(release.tag or "", release.version)  # of a package, with its name
            return self.page(site_links.release(name))
        return self.page(site_links.CHANGELOG, anchor_of(release))

    def compare(self, release: Release) -> str | None:
        """Return the address of a release's comparison: from a round, else on the forge; for the first release, its tag."""
        forge = self.book.forge
        if url := recorded_url(release):
            return url
        if forge is None or (release.released and not release.tag):
            return None
        if release.previous_tag:
            return forge.compare(release.previous_tag, release.tag or FORGE_HEAD)
        return forge.tag(release.tag) if release.tag else None

    def facts(self, release: Release) -> list[str]:
        """Return the facts shown before a release's entries: its two dates, its candidates, missing history."""
        lines = [f"{days(release)}."] if release.redated else []
        if parts := candidates_of(self.book, release):
            count = plural(sum(len(one.commits) for one in parts), "commit")
            lines.append(f"Includes {count} of {listed([text(one.version) for one in parts])}.")
        if is_cut(self.book, release):
            lines.append("The history here is incomplete, so there may be more in this version.")
        return [" ".join(lines)] if lines else []

    def with_candidates(self, release: Release) -> Release:
        """Return a final release that includes its candidates."""
        parts = (release, *reversed(candidates_of(self.book, release)))
        if len(parts) == 1:
            return release
        taken_back = {reverted for one in parts for _, reverted in one.reverted}
        groups: dict[str, tuple[str, ...]] = {}
        for name, commits in (group for one in parts for group in one.loose):
            groups[name] = (*groups.get(name, ()), *(c for c in commits if c not in taken_back))
        return replace(
            release,
            previous_tag=_before(parts),
            entries=tuple(entry for one in parts for entry in one.entries),
            loose=tuple(groups.items()),
            reverted=tuple(pair for one in parts for pair in one.reverted),
            hidden=tuple(commit for one in parts for commit in one.hidden),
            commits=tuple(commit for one in parts for commit in one.commits),
        )

    # ----------------------------------------------------------------- entries

    def entry(self, entered: ChangelogEntry) -> str:
        """Return an entry as a list item; a CVE comes first, then the mark of a breaking change."""
        change = entered.change
        number = change.cve.strip() if change.cve else ""
        lead = f"{number if _CVE.fullmatch(number) else text(number)}: " if number and number not in change.text else ""
        breaks = "**Breaking:** " if change.breaking else ""
        evidence = ", ".join(self._evidence(entered))
        group = f"**{text(change.group)}:** " if change.group else ""
        more = (
            "".join(f"\n{'  ' if line else ''}{line}" for line in block(change.rest).split("\n")) if change.rest else ""
        )
        first = f"- {lead}{breaks}{group}{prose(change.line)}{f' ({evidence})' if evidence else ''}"
        gap = "\n" if more and not _ITEM.match(change.rest) else ""
        return f"{first}{gap}{more}"

    def _evidence(self, entered: ChangelogEntry) -> Iterable[str]:
        forge = self.book.forge
        said = _addresses(entered.change.text)
        for number in entered.pull_requests:
            if forge and forge.pull(number) in said:
                continue  # the text leads there
            yield link(code(f"#{number}"), forge.pull(number) if forge else None)
        yield from map(code, others(entered.change.prs, entered.pull_requests))
        for issue in entered.change.issues:
            match = _ISSUE.fullmatch(issue.strip())
            if forge and match and forge.issue(int(match[1])) in said:
                continue
            yield link(code(issue), forge.issue(int(match[1])) if forge and match else None)
        taken = [link.commit for link in entered.links if self.found or link.rule == "named"]
        commits = [one for one in taken if not (forge and _leads_to(forge.commit(one), said))]
        yield from map(self.commit, commits[:EVIDENCE])
        if len(commits) > EVIDENCE:
            yield f"and {len(commits) - EVIDENCE} more"
        if self.found and entered.recorded and not taken:
            yield f"recorded in {self.commit(entered.recorded)}"
        if self.site and entered.round:
            page = self.page(site_links.round_page(entered.round), entered.anchor)
            yield link(text(called(entered.round)), page)

    def entries(self, entered: Sequence[ChangelogEntry], level: int = 3) -> list[str]:
        """Return entries below a heading for each category, in the order of Keep a Changelog."""
        return [
            f"{'#' * level} {category.capitalize()}\n\n" + "\n".join(map(self.entry, found))
            for category, found in grouped(entered)
        ]

    def commit(self, commit_id: str) -> str:
        """Return a commit as its short id, linked to the forge if that is known."""
        forge = self.book.forge
        return link(code(commit_id[:7]), forge.commit(commit_id) if forge else None)

    # ------------------------------------------------------------- raw material

    def unclaimed(self, release: Release) -> list[str]:
        """Return, collapsed, the commits that no entry claims; nothing if there are none."""
        lines = [self._commit(commit) for _, commits in release.shown for commit in commits]
        count, reverts = len(lines), len(release.reverted)
        lines += [f"{self._commit(reverted)}, reverted by {self.commit(by)}" for by, reverted in release.reverted]
        if not lines:
            return []
        more = [f"- and {len(lines) - MOST} more"] if len(lines) > MOST else []
        claims = (
            f"{plural(count, 'commit')} that no entry claims" if count else "",
            f"{plural(reverts, 'revert')}, each with the commit that it reverts" if reverts else "",
        )
        claim = "; ".join(filter(None, claims))
        cut_off = "" if self.book.history.complete else "; the history here is incomplete, there may be more"
        listed = "\n".join([*lines[:MOST], *more])
        return [f"<details>\n<summary>{claim}{cut_off}</summary>\n\n{listed}\n\n</details>"]

    def _commit(self, commit_id: str) -> str:
        commit = self.book.commit(commit_id)
        subject = text(cut(commit.subject)) if commit else ""
        breaks = "**Breaking:** " if is_breaking(self.book, commit_id) else ""
        return f"- {breaks}{subject or '*(no message)*'} ({self.commit(commit_id)})"

    # ------------------------------------------------- what only a release tells

    def decisions(self, release: Release) -> list[str]:
        """Return the decisions that were taken in a release."""
        lines = [self._decision(decision) for decision in self.taken_in(release)]
        return ["### Decisions\n\n" + "\n".join(lines)] if lines else []

    def taken_in(self, release: Release) -> list[Decision]:
        """Return the decisions of a release."""
        found = (self.book.shipped.get(one.span, ()) for one in (release, *candidates_of(self.book, release)))
        place = {name: i for i, name in enumerate(self.book.decisions)}
        return sorted({one.id: one for decisions in found for one in decisions}.values(), key=lambda one: place[one.id])

    def _decision(self, decision: Decision) -> str:
        shown = link(prose(decision.record.title), self.page(site_links.decision(decision.id)))
        return f"- {shown}{f' ({decision.shown_words})' if decision.status != 'accepted' else ''}"

    def contributors(self, release: Release) -> list[str]:
        """Return who wrote the commits of a release, as names that notify nobody."""
        people = contributors_of(release, self.book.history)
        lines = [
            f"- {text(site_links.named(one.person.name))} ({_counted(one.commits, one.co_authored)})"
            for one in people[:MOST]
        ]
        more = [f"- and {len(people) - MOST} more"] if len(people) > MOST else []
        return ["### Contributors\n\n" + "\n".join([*lines, *more])] if lines else []


def _counted(wrote: int, helped: int) -> str:
    parts = (wrote and plural(wrote, "commit"), helped and f"{helped:,} as co-author")
    return ", ".join(part for part in parts if part)


def _addresses(said: str) -> frozenset[str]:
    """Return the addresses in a text, bare or in links."""
    return frozenset([*(piece for piece, leads in parted_at_addresses(said) if leads), *_TARGET.findall(said)])


def _leads_to(url: str | None, said: frozenset[str]) -> bool:
    """Tell whether one of some addresses is that of a commit, with its full or short id."""
    home, _, whole = (url or "").rpartition("/")
    found = (one.rpartition("/") for one in said)
    return any(base == home and len(name) >= SHORTEST and whole.startswith(name) for base, _, name in found)


def _before(parts: Sequence[Release]) -> str | None:
    """Return the tag before the first candidate of a final release; `parts` are newest first."""
    tags = {one.tag for one in parts}
    return next((one.previous_tag for one in parts if one.previous_tag not in tags), None)


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence, shortened if there are many."""
    few = [*names[:EVIDENCE], f"{len(names) - EVIDENCE} more"] if len(names) > EVIDENCE + 1 else names
    return f"{', '.join(few[:-1])} and {few[-1]}" if len(few) > 1 else "".join(few)


VERSION = 2
BODY_LIMIT = 120_000  # GitHub takes 125,000 characters for a release
HEAD = """\
# Changelog

All notable changes to this project are listed here, in the format of [Keep a Changelog](https://keepachangelog.com/en/2.0.0/).
"""


def changelog(book: Book, releases: Sequence[Release], site: str = "", *, commits: bool = True) -> str:
    """Return releases in the format of Keep a Changelog, with the links of their headings at the bottom.

    `commits` adds to each release, collapsed, the commits without an entry, and to each entry the commits found for it.
    """
    notes = Notes(book, site, commits)
    parts: list[str] = []
    links: list[str] = []
    for one in releases:
        name = text(one.version)
        title = f" {prose(one.record.title)}" if one.record and one.record.title else ""
        date = f" - {one.date}" if one.released and one.date not in ("", one.version) else ""
        parts.append(f"## [{name}]{title}{date}{' [YANKED]' if one.yanked else ''}")
        parts += [block(one.record.text)] if one.record and one.record.text else []
        parts += notes.facts(one)
        parts += notes.entries(one.entries)
        parts += notes.unclaimed(one) if commits else []
        if url := notes.compare(one) or notes.page_of(one):
            links.append(_definition(name, url))
    return _joined([*parts, "\n".join(links)])


def by_round(book: Book, site: str = "") -> str:
    """Return the entries of all rounds, newest first, each round under a heading with its date."""
    notes = Notes(book, site)
    parts: list[str] = []
    links: list[str] = []
    for entry in book.all_newest_first:
        if entry.verified and entry.round.changes:
            name = text(entry.words.capitalize())
            date = f" - {entry.round.date.last}" if entry.round.date else ""
            parts.append(f"## [{name}]{date}")
            parts += notes.entries(entries_of(book, entry))
            if url := notes.page(site_links.round_page(entry.key)):
                links.append(_definition(name, url))
    return _joined([*parts, "\n".join(links)])


def _definition(name: str, url: str) -> str:
    return f"[{name}]: {address(url)}"


def bodies(book: Book, releases: Sequence[Release], site: str = "", *, commits: bool = True) -> str:
    """Return the bodies of releases; if there are several, each under its version as a heading."""
    if len(releases) == 1:
        return body(book, releases[0], site, commits=commits)
    made = ((f"## {text(r.version)}", body(book, r, site, commits=commits).strip("\n")) for r in releases)
    return _joined(part for parts in made for part in parts)


def body(book: Book, release: Release, site: str = "", *, commits: bool = True) -> str:
    """Return the body of a forge release: breaking changes, other entries, decisions, people, links, and collapsed commits.

    That of a final release includes its candidates, because its readers may not have seen theirs.
    If it would be too long for a forge, the commits are left out.
    """
    notes = Notes(book, site)
    facts = notes.facts(release)
    release = notes.with_candidates(release)
    breaking = [e for e in release.entries if e.change.breaking]
    rest = [e for e in release.entries if not e.change.breaking]
    parts = ["This version was withdrawn."] if release.yanked else []
    parts += [block(release.record.text)] if release.record and release.record.text else []
    parts += [*facts, *(["### Breaking\n\n" + "\n".join(map(notes.entry, breaking))] if breaking else [])]
    parts += [*notes.entries(rest), *notes.decisions(release), *notes.contributors(release)]
    raw = notes.unclaimed(release) if commits else []
    where = (("All changes", notes.compare(release)), ("On the site", notes.page_of(release)))
    links = [link(words, url) for words, url in where if url]
    whole = _joined([*parts, *raw, " · ".join(links)])
    return whole if len(whole) <= BODY_LIMIT or not raw else _joined([*parts, " · ".join(links)])


def _joined(parts: Iterable[str]) -> str:
    whole = "\n\n".join(part for part in parts if part)
    return f"{whole}\n" if whole else ""


def data(book: Book, releases: Sequence[Release], site: str = "") -> dict[str, Any]:
    """Return releases as plain data, with unescaped texts from round files and git."""
    from roundbook.site import api  # whose shapes take 50 ms

    notes = Notes(book, site)
    history = book.history
    return {
        "schema-version": VERSION,
        "generated-from": {"head": history.head, "complete": history.complete},
        "releases": [
            {
                **api.release(one).plain,
                "yanked": one.yanked,
                "tagged": one.tagged or None,
                "includes": list(one.candidates),
                "compare": notes.compare(one),
                "page": notes.page_of(one),
                "decisions": [decision.id for decision in notes.taken_in(one)],
                "contributors": [api.CONTRIBUTOR.of(person).plain for person in contributors_of(one, history)],
            }
            for one in releases
        ],
    }


def named(release: Release, version: str, date: str) -> Release:
    """Return unreleased changes as the next version, with its future tag."""
    mark = "" if version.startswith("v") or (release.previous_tag or "v")[0] != "v" else "v"
    return replace(release, version=version.removeprefix("v"), tag=f"{mark}{version}", date=date)


@frozen
class Marks:
    """The two lines around a generated text; in a file without them, it is added `last`, or before the sections."""

    begin: str
    end: str
    what: str
    last: bool = False


BEGIN = "<!-- roundbook: begin -->"
END = "<!-- roundbook: end -->"
CHANGELOG = Marks(BEGIN, END, "the changelog")
GUIDE = Marks("<!-- roundbook: guide begin -->", "<!-- roundbook: guide end -->", "the guide", last=True)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SECTION = re.compile(rb"## ")
_VERSION = re.compile(r"#{1,6}\s+(?:(?:version|release)\s+)?\[?(?P<name>v?\d[^\s\]()]*|unreleased)(?![^\s\]()])", re.I)
_FENCE = re.compile(rb"```|~~~")
_BOM = b"\xef\xbb\xbf"


def splice(content: bytes, made: str, *, force: bool = False, marks: Marks = CHANGELOG) -> bytes:
    r"""Return the file with `made` between its markers, with the line endings of the first marker.

    With `force`, a file without markers gets them before its first second-level heading, or at its end.
    Raises `RoundbookError` if the markers are missing, doubled or in the wrong order, or the file is not UTF-8.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise complaint("changelog-not-utf8", "the file is not UTF-8", "save it as UTF-8") from None
    lines = [line for line in _LINE.findall(content) if line]
    begins, ends = _at(lines, marks.begin), _at(lines, marks.end)
    if not begins and not ends and force:
        return _inserted(lines, made, marks)
    if not begins or not ends:
        missing = " and ".join(m for m, found in ((marks.begin, begins), (marks.end, ends)) if not found)
        force_it = "" if marks.last else ", or let --force do it"
        fix = f'write "{marks.begin}" and "{marks.end}" on separate lines where {marks.what} belongs{force_it}'
        raise complaint("marker-missing", f"the line {missing} is missing", fix)
    if len(begins) > 1 or len(ends) > 1 or begins[0] > ends[0]:
        found = ", ".join(str(at + 1) for at in sorted((*begins, *ends)))
        raise complaint(
            "marker-misplaced", f"the markers on lines {found} are not a single pair", "keep one pair, in order"
        )
    first = lines[begins[0]]
    return b"".join([*lines[: begins[0] + 1], _ended(made, _end_of(first)), *lines[ends[0] :]])


def has_marks(content: bytes, marks: Marks = CHANGELOG) -> bool:
    """Tell whether a file has a marker."""
    lines = _LINE.findall(content)
    return bool(_at(lines, marks.begin) or _at(lines, marks.end))


def doubled(content: bytes) -> list[str]:
    """Return the versions with a heading both between and outside the markers."""
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    within, fence = False, b""
    for line in _LINE.findall(content):
        words = line.removeprefix(_BOM).strip()
        if words in (BEGIN.encode(), END.encode()):
            within = words == BEGIN.encode()
        elif mark := _FENCE.match(words):
            fence = b"" if fence == mark[0] else fence or mark[0]
        elif not fence and (match := _VERSION.match(words.decode("utf-8", "replace").replace("\\", ""))):
            found[within][bare(match["name"]).casefold()] = None
    return [name.capitalize() for name in found[False] if name in found[True]]


def _at(lines: list[bytes], marker: str) -> list[int]:
    return [i for i, line in enumerate(lines) if line.removeprefix(_BOM if i == 0 else b"").strip() == marker.encode()]


def _end_of(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :] or b"\n"


def _ended(made: str, end: bytes) -> bytes:
    return f"\n{made}\n".replace("\n", end.decode()).encode() if made else end


def _inserted(lines: list[bytes], made: str, marks: Marks) -> bytes:
    sections = (i for i, line in enumerate(lines) if _SECTION.match(line))
    at = len(lines) if marks.last else next(sections, len(lines))
    end = _end_of(lines[0]) if lines else b"\n"
    before = b"".join(lines[:at])
    gap = b"" if not before or before.endswith(end * 2) else end if before.endswith(end) else end * 2
    after = b"".join(lines[at:])
    block = marks.begin.encode() + end + _ended(made, end) + marks.end.encode() + end
    return before + gap + block + (end if after else b"") + after
