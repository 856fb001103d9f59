"""The changelog."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

from roundbook.book.facts import SKIPPED, ChangelogEntry, Release, rank
from roundbook.book.model import Book, Entry
from roundbook.errors import plural
from roundbook.git.history import Commit
from roundbook.git.message import breaks
from roundbook.schema.ids import slug
from roundbook.schema.items import CHANGE_TYPES
from roundbook.site import links
from roundbook.site.context import PageContext, render
from roundbook.site.escape import encode, path_code
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN, Listing
from roundbook.site.prose import inline
from roundbook.site.registry import view
from roundbook.site.resolve import unknown
from roundbook.site.widgets import bullets, link, others, paragraph

OF_SECTION = 25  # entries, and commits, of a version or round among others on one page
ROUNDS_SHOWN = 10
VERSIONS_SHOWN = 200
WHOLE = 10  # versions that the front page of the changelog shows


@view
def round_changelog(
    book: Book,
    here: Here,
    version: str = "",
    by: Literal["release", "round"] = "release",
    limit: int = WHOLE,
) -> Markup:
    """Show the changelog, newest first, with unreleased changes on top.

    `version` selects one version; `by="round"` groups by round; `limit` is the maximum number of headings, 0
    for all.
    """
    if by == "round":
        return _by_round(book, here, limit)
    if version:
        return release_body(book, here, a_release(book, version))
    shown = book.releases[:limit] if limit else book.releases
    parts = [release_section(book, here, r) for r in shown]
    older = replace(older_listing(book, len(shown)), paged=limit == WHOLE)
    heading = Markup("\n## Older versions { #older }\n\n")
    return Markup("\n").join([*parts, heading + older.head(here)] if older.items else parts)


def older_listing(book: Book, shown: int = WHOLE) -> Listing:
    """Return the versions below those that the changelog shows, as a list of links."""

    def show(here: Here, releases: Sequence[Release]) -> Markup:
        return bullets(link(here.to(links.release(r.version)), encode(r.version)) + f" {r.date}" for r in releases)

    return Listing(links.CHANGELOG, "versions", "Older versions", book.releases[shown:], show, VERSIONS_SHOWN)


def a_release(book: Book, version: str) -> Release:
    """Return a version by its number or its tag."""
    for release in book.releases:
        if version in (release.version, release.tag):
            return release
    known = [release.version for release in reversed(book.releases)]
    raise unknown("version", version, known, cut=not book.history.complete and book.history.head is not None)


def release_section(book: Book, here: Here, release: Release) -> Markup:
    """Return a version under its heading, which links to its own page; what is long is cut here and whole there."""
    page = here.to(links.release(release.version)) if release.released else None
    name = link(page, encode(release.version))
    date = f" - {release.date}" if release.released and release.date not in ("", release.version) else ""
    title = " " + inline(release.record.title) if release.record and release.record.title else ""
    heading = Markup(f"[{name}]{title}{date}{' [YANKED]' if release.yanked else ''}")  # noqa: S704 - all of it is encoded
    return _body(book, here, release, heading, OF_SECTION)


def anchor_of(release: Release) -> str:
    """Return the anchor of a version on the changelog's page."""
    return "v" + slug(release.version) if release.released else "unreleased"


def release_body(book: Book, here: Here, release: Release) -> Markup:
    """Return a version without a heading, for a page of its own."""
    return _body(book, here, release, Markup(""), SHOWN)


def candidates_of(book: Book, release: Release) -> list[Release]:
    """Return the releases that were candidates of a final one, oldest first."""
    return [one for one in reversed(book.releases) if one.version in release.candidates]


def days(release: Release) -> str:
    """Return the day that a round records of a release, and that of its tag."""
    return f"{release.date} in the changelog, tagged {release.tagged}"


def is_cut(book: Book, release: Release) -> bool:
    """Tell whether commits of a release may be missing, since the history here ends among them."""
    known = book.history.by_id
    return not book.history.complete and any(p not in known for c in release.commits for p in known[c].parents)


def _body(book: Book, here: Here, release: Release, heading: Markup, most: int) -> Markup:
    level = 3 if heading else 2
    return _rendered(
        book,
        here,
        heading,
        anchor_of(release),
        listings(book, release, level),
        most,
        facts=_facts(book, here, release),
        told=release.record.text if release.record else "",
        empty="All of it came with its candidates." if release.candidates else "Nothing yet.",
    )


def listings(book: Book, release: Release, level: int = 2) -> tuple[Listing, ...]:
    """Return the lists of a version's page; the headings of the first are of a level."""
    content = Content(release.entries, release.shown, release.reverted, release.hidden)
    of, anchor = f" of {release.version}", anchor_of(release)
    if release.released:
        return _listings(book, links.release(release.version), of, anchor, content, level)
    found = _listings(book, links.CHANGELOG, of, anchor, content, level)
    return tuple(replace(one, name=f"{anchor}/{one.name}") for one in found)


def released_listings(book: Book, version: str) -> tuple[Listing, ...]:
    """Return the lists of the page of a version that is out."""
    return listings(book, book.released[version])


class Content(NamedTuple):
    """What a section of the changelog lists: entries, commits that none claims by group, reverts, and what is hidden."""

    entries: Sequence[ChangelogEntry]
    loose: Sequence[tuple[str, Sequence[str]]]
    reverted: Sequence[tuple[str, str]]
    hidden: Sequence[str]


def _listings(book: Book, home: str, of: str, anchor: str, content: Content, level: int) -> tuple[Listing, ...]:
    def entries(here: Here, some: Sequence[ChangelogEntry]) -> Markup:
        return render(
            "release_entries.md.j2", book, here, groups=grouped(some), marks=Markup("#") * level, anchor=anchor,
            shown_fields=shown_fields, fragment=lambda path: _fragment(book, path),
        )  # fmt: skip

    def commits(here: Here, some: Sequence[tuple[str, str]]) -> Markup:
        groups = [(name, [commit for _, commit in rows]) for name, rows in groupby(some, itemgetter(0))]
        return render(
            "release_commits.md.j2", book, here, groups=groups, breaking=lambda commit: is_breaking(book, commit)
        )

    def reverts(here: Here, some: Sequence[tuple[str, str]]) -> Markup:
        return render("release_reverts.md.j2", book, here, reverted=some)

    def hidden(here: Here, some: Sequence[str]) -> Markup:
        return render("release_hidden.md.j2", book, here, hidden=some)

    curated = [entry for _, group in grouped(content.entries) for entry in group]
    loose = [(name, commit) for name, ids in content.loose for commit in ids]
    return (
        Listing(home, "entries", f"Changelog entries{of}", curated, entries, newest_first=False),
        Listing(home, "commits", f"Commits{of} that no entry claims", loose, commits, newest_first=False),
        Listing(home, "reverts", f"Reverts{of}", content.reverted, reverts, newest_first=False),
        Listing(home, "hidden", f"Merges, fixups and repeated patches{of}", content.hidden, hidden, newest_first=False),
    )


def _rendered(
    book: Book, here: Here, heading: Markup, anchor: str, lists: Sequence[Listing], most: int, **more: Any
) -> Markup:
    counts = {one.name.rpartition("/")[2]: len(one.items) for one in lists}
    shown = {one.name.rpartition("/")[2]: one.head(here, most) if one.items else Markup("") for one in lists}
    return render("release.md.j2", book, here, heading=heading, anchor=anchor, counts=counts, shown=shown, **more)


def _commit(book: Book, commit_id: str) -> Commit:
    commit = book.commit(commit_id)
    assert commit is not None, "a release holds commits of the history only"  # noqa: S101
    return commit


def _facts(book: Book, here: Here, release: Release) -> Markup:
    known = release.tag or not release.released
    parts = [plural(len(release.commits), "commit") if known else Markup(f"no tag of this version {_looked(book)}")]  # noqa: S704
    if known and is_cut(book, release):
        parts.append(Markup("not all of them: the history here is incomplete"))
    if release.redated:
        parts.append(Markup(days(release)))  # noqa: S704 - two days
    if candidates := candidates_of(book, release):
        count = plural(sum(len(one.commits) for one in candidates), "commit")
        names = Markup(" and ").join(version_link(book, here, one.version) for one in candidates)
        parts.append(Markup("includes ") + count + Markup(" of ") + names)
    forge, old, new = book.forge, release.previous_tag, release.tag or release.head
    if (url := recorded_url(release)) or (forge and old and new and (url := forge.compare(old, new))):
        parts.append(link(url, Markup("compare")))
    if forge and release.tag and (url := forge.tag(release.tag)):
        parts.append(link(url, Markup("tag")))
    if not release.released and book.history.head:
        parts.append(Markup("up to ") + PageContext(book, here).commit(book.history.head))
    return Markup(", ").join(parts)


def shown_fields(entered: ChangelogEntry) -> tuple[str, ...]:
    """Return the fields of a change that the templates show; the others follow by name."""
    requests = () if others(entered.change.prs, entered.pull_requests) else ("prs",)
    decision = ("decision",) if entered.decision else ()
    return ("type", "text", "breaking", "commits", "issues", "cve", "release", "group", *requests, *decision)


def _fragment(book: Book, path: str) -> Markup:
    """Return the fragment of another tool that states a change, linked to where it is edited."""
    url = book.forge.edit(book.history.prefix + path) if book.forge else None
    return link(url, path_code(path), title="edit the fragment")


def version_link(book: Book, here: Here, name: str) -> Markup:
    """Return a link to a version by its name, or the name alone where no such version is out."""
    found = book.version_named.get(name)
    return link(here.to(links.release(found)) if found else None, encode(name))


def _looked(book: Book) -> str:
    return "was found" if book.history.complete else "is in the history here, which is incomplete"


def recorded_url(release: Release) -> str | None:
    """Return the address that a round records for the changes of a version, where it is one of the web."""
    url = release.record.url if release.record else None
    return url if url and url.startswith(("https://", "http://")) else None


def grouped(entries: Sequence[ChangelogEntry]) -> list[tuple[str, list[ChangelogEntry]]]:
    """Return entries by category in the order of Keep a Changelog, breaking ones first."""
    found = [(t, [e for e in entries if e.change.type == t]) for t in CHANGE_TYPES]
    return [(t, es) for t, es in found if es]


def _by_round(book: Book, here: Here, limit: int) -> Markup:
    listing = by_round(book)
    if not listing.items:
        return paragraph(Markup("No round has changes or commits yet."), "empty")
    return listing.head(here, limit or len(listing.items))


def by_round(book: Book) -> Listing:
    """Return the rounds that have changes or commits, each with these, as a list."""

    def show(here: Here, keys: Sequence[str]) -> Markup:
        context = PageContext(book, here)
        parts = []
        for entry in (book.entries[key] for key in keys):
            day = f" - {entry.round.date.last}" if entry.round.date else ""
            heading = context.round(entry.key) + Markup(day)  # noqa: S704 - a day
            own = dict.fromkeys((*(one.commit for one in entry.own_links), *entry.hidden))
            reverted = dict.fromkeys(pair for commit in own for pair in book.reverted_with.get(commit, ()))
            content = Content(
                entries_of(book, entry),
                _loose(book, entry),
                [*reverted],
                [one for one in own if one in book.repeated],
            )
            anchor, home = "round-" + slug(entry.key), links.round_page(entry.key)
            lists = [replace(one, paged=False) for one in _listings(book, home, "", anchor, content, 3)]
            parts.append(
                _rendered(book, here, heading, anchor, lists, OF_SECTION, facts="", told="", empty="Nothing yet.")
            )
        return Markup("\n").join(parts)

    return Listing(links.CHANGELOG_BY_ROUND, "all", "Changelog by round", book.changelog_keys, show, ROUNDS_SHOWN)


def _loose(book: Book, entry: Entry) -> list[tuple[str, list[str]]]:
    """Return the commits of a round that no entry of the changelog claims, by group."""
    loose: dict[str, list[str]] = {}
    for commit in (one.commit for one in entry.own_links):
        if (group := book.unclaimed.get(commit)) and group != SKIPPED:
            loose.setdefault(group, []).append(commit)
    return [(name, loose[name]) for name in sorted(loose, key=rank)]


def is_breaking(book: Book, commit_id: str) -> bool:
    """Tell whether a commit says that it breaks something."""
    return breaks(_commit(book, commit_id))


def entries_of(book: Book, entry: Entry) -> tuple[ChangelogEntry, ...]:
    """Return a round's own curated entries with their evidence, in whatever version they stand."""
    order = {anchor: i for (field, i), anchor in entry.anchors.items() if field == "changes"}
    return tuple(sorted(book.changes_of.get(entry.key, ()), key=lambda e: order[e.anchor]))


def changes_of(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the part of a round's page that lists its changes by category."""
    own = entries_of(book, entry) if entry.verified else as_written(entry)
    if not own:
        return Markup("")
    sections = [(None, grouped([e for e in own if not e.change.release]))]
    return render("changes.md.j2", book, here, entry=entry, sections=[*sections, *_by_version(book, own)],
        version_link=lambda name: version_link(book, here, name), shown_fields=shown_fields,
    )  # fmt: skip


def _by_version(
    book: Book, own: Sequence[ChangelogEntry]
) -> Iterator[tuple[str | None, list[tuple[str, list[ChangelogEntry]]]]]:
    """Yield the entries that name their version: each version with its entries by category, the newest first."""
    found: dict[str, list[ChangelogEntry]] = {}
    for one in own:
        if one.change.release:
            found.setdefault(one.change.release, []).append(one)
    place = {name: i for i, r in enumerate(book.releases if found else ()) for name in (r.version, r.tag)}
    for version in sorted(found, key=lambda v: place.get(v, len(place))):
        yield version, grouped(found[version])


def as_written(entry: Entry) -> tuple[ChangelogEntry, ...]:
    """Return the entries of a round whose history is not here, without evidence."""
    return tuple(
        ChangelogEntry(change, entry.key, entry.anchors["changes", i], (), (), None)
        for i, change in enumerate(entry.round.changes)
    )
