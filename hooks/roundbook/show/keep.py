"""In: the book. Out: texts made of its releases: CHANGELOG.md as Keep a Changelog has it, the body of a forge release, data.

Source: https://keepachangelog.com/en/2.0.0/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from roundbook.book.facts import Release
from roundbook.book.model import Book
from roundbook.show import addresses
from roundbook.show.dump import contributor
from roundbook.show.dump import release as release_data
from roundbook.show.markdown import address, link, prose, text
from roundbook.show.notes import Notes
from roundbook.show.outline import block
from roundbook.show.views.changelog import entries_of

VERSION = 1
BODY_LIMIT = 120_000  # GitHub takes 125,000 characters for a release
HEAD = """\
# Changelog

All notable changes to this project are listed here, in the form of [Keep a Changelog](https://keepachangelog.com/en/2.0.0/).
"""


def changelog(book: Book, releases: Sequence[Release], site: str = "", *, commits: bool = True) -> str:
    """Return releases in the form of Keep a Changelog, with the links of their headings at the bottom.

    `commits` adds to each, folded, what no entry claims, and to each entry the commits that were found for it.
    """
    notes = Notes(book, site, commits)
    parts: list[str] = []
    links: list[str] = []
    for one in releases:
        name = text(one.version)
        title = f" {prose(one.told.title)}" if one.told and one.told.title else ""
        date = f" - {one.date}" if one.released and one.date not in ("", one.version) else ""
        parts.append(f"## [{name}]{title}{date}{' [YANKED]' if one.yanked else ''}")
        parts += [block(one.told.text)] if one.told and one.told.text else []
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
            if url := notes.page(addresses.round_page(entry.key)):
                links.append(_definition(name, url))
    return _joined([*parts, "\n".join(links)])


def _definition(name: str, url: str) -> str:
    return f"[{name}]: {address(url)}"


def bodies(book: Book, releases: Sequence[Release], site: str = "", *, commits: bool = True) -> str:
    """Return the bodies of releases; where it is more than one, each has its version for a heading."""
    if len(releases) == 1:
        return body(book, releases[0], site, commits=commits)
    made = ((f"## {text(r.version)}", body(book, r, site, commits=commits).strip("\n")) for r in releases)
    return _joined(part for parts in made for part in parts)


def body(book: Book, release: Release, site: str = "", *, commits: bool = True) -> str:
    """Return the body of a forge release: what breaks, the other entries, decisions, people, links, raw commits folded.

    That of a final release has all that its candidates brought, since readers of it have not seen theirs.
    Where it would be longer than a forge takes, the raw commits are left out.
    """
    notes = Notes(book, site)
    facts = notes.facts(release)
    release = notes.with_candidates(release)
    breaking = [e for e in release.entries if e.change.breaking]
    rest = [e for e in release.entries if not e.change.breaking]
    parts = ["This version was withdrawn."] if release.yanked else []
    parts += [block(release.told.text)] if release.told and release.told.text else []
    parts += facts
    if breaking:
        parts.append("### Breaking\n\n" + "\n".join(map(notes.entry, breaking)))
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
    """Return releases as plain data; the texts in it are those of the round files and of git, as they are."""
    notes = Notes(book, site)
    history = book.history
    return {
        "schema-version": VERSION,
        "generated-from": {"head": history.head, "complete": history.complete},
        "releases": [
            {
                **release_data(one),
                "yanked": one.yanked,
                "tagged": one.tagged or None,
                "includes": list(one.candidates),
                "compare": notes.compare(one),
                "page": notes.page_of(one),
                "decisions": [ruling.id for ruling in notes.taken_in(one)],
                "contributors": [*map(contributor, notes.people(one))],
            }
            for one in releases
        ],
    }


def named(release: Release, version: str, date: str) -> Release:
    """Return what is not released yet as the version that it is about to become, with the tag that it will have."""
    mark = "" if version.startswith("v") or (release.previous_tag or "v")[0] != "v" else "v"
    return replace(release, version=version.removeprefix("v"), tag=f"{mark}{version}", date=date)
