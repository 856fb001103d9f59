"""The changelog."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from markupsafe import Markup

from roundbook.book.facts import SKIPPED, ChangelogEntry, Release, rank
from roundbook.book.model import Book, Entry
from roundbook.book.releases import contributors_of
from roundbook.errors import plural
from roundbook.git.history import Commit
from roundbook.git.message import breaks
from roundbook.schema.ids import slug
from roundbook.schema.items import CHANGE_TYPES, WEB, leads
from roundbook.site import links, prose
from roundbook.site.context import PageContext, render
from roundbook.site.escape import encode, path_code
from roundbook.site.links import Here
from roundbook.site.listings import COMMITS_SHOWN, SHOWN, Listing, Show
from roundbook.site.registry import view
from roundbook.site.resolve import unknown
from roundbook.site.widgets import bullets, link, others, paragraph

OF_KIND = 5  # entries of one kind that the page of a round shows before a fold
OF_SECTION = 25  # entries, and commits, of a version or round among others on one page
UNRELEASED_SHOWN = 60
ROUNDS_SHOWN = 10
VERSIONS_SHOWN = 200
WHOLE = 10  # versions that the front page of the changelog shows
UNFOLDED = 3  # of these, how many show their entries without a click
JUMPS = 24
HIGHLIGHTS = "highlights"  # the section of what users must know first: breaking changes and security
DOT = Markup(" · ")
YANKED = Markup(' <span class="rb-status rb-rejected">yanked</span>')


@view
def round_changelog(
    book: Book,
    here: Here,
    version: str = "",
    by: Literal["release", "round"] = "release",
    limit: int = WHOLE,
    package: str = "",
) -> Markup:
    """Show the changelog, newest first, with unreleased changes on top.

    `version` selects one version; `by="round"` groups by round; `limit` is the maximum number of headings, 0
    for all; `package` selects the versions of a package that the settings name.
    """
    if package and package not in book.packages:
        raise unknown("package", package, list(book.packages))
    if by == "round":
        return _by_round(book, here, limit)
    if version:
        return release_body(book, here, a_release(book, version))
    releases = _releases(book, package)
    shown = releases[:limit] if limit else releases
    parts = [release_section(book, here, r, folded=i >= UNFOLDED, package=package) for i, r in enumerate(shown)]
    older = replace(older_listing(book, len(shown), package), paged=limit == WHOLE)
    heading = Markup("\n## Older versions { #older }\n\n")
    jumps = [(f"#{anchor_of(r)}", encode(r.version)) for r in shown]
    jumps += [("#older", Markup("older"))] if older.items else []
    return Markup("\n").join([_jumps("Versions", jumps), *parts, heading + older.head(here) if older.items else ""])


def _jumps(label: str, places: Sequence[tuple[str, Markup]]) -> Markup:
    """Return links to the sections of a page, where it has several."""
    if len(places) < 2:
        return Markup("")
    left, last = places[: JUMPS - 1], places[-1:]
    ways = Markup(" ").join(link(url, words) for url, words in (*left, *(last if len(places) >= JUMPS else ())))
    return Markup(f'<nav class="rb-links rb-jumps" aria-label="{label}">') + ways + Markup("</nav>\n")  # noqa: S704 - words of ours


def _releases(book: Book, package: str) -> tuple[Release, ...]:
    return book.packages[package] if package else book.releases


def home_of(package: str) -> str:
    """Return the page of the changelog, or of the versions of a package."""
    return links.release(package) if package else links.CHANGELOG


def older_listing(book: Book, shown: int = WHOLE, package: str = "") -> Listing:
    """Return the versions below those that the changelog shows, as a list of links."""

    def show(here: Here, releases: Sequence[Release]) -> Markup:
        return bullets(
            link(here.to(links.release(r.version)), encode(r.version))
            + Markup(' <span class="rb-note">')
            + DOT.join([Markup(r.date)] * bool(r.date) + [plural(len(r.entries), "change")])  # noqa: S704 - a day
            + Markup("</span>")
            for r in releases
        )

    older = _releases(book, package)[shown:]
    return Listing(home_of(package), "versions", "Older versions", older, show, VERSIONS_SHOWN)


def a_release(book: Book, version: str) -> Release:
    """Return a version by its number or its tag."""
    for release in book.all_releases:
        if version in (release.version, release.tag):
            return release
    known = [release.version for release in reversed(book.all_releases)]
    raise unknown("version", version, known, cut=not book.history.complete and book.history.head is not None)


def release_section(book: Book, here: Here, release: Release, *, folded: bool = False, package: str = "") -> Markup:
    """Return a version under its heading, which links to its own page; what is long is cut here and whole there."""
    page = here.to(links.release(release.version)) if release.released else None
    heading = _linked(page, encode(release.version)) + beside(release)
    return _body(book, here, release, heading, folded=folded, home=home_of(package))


def beside(release: Release) -> Markup:
    """Return what stands beside the name of a version in its heading: its day, and whether it was withdrawn."""
    date = release.date if release.released and release.date != release.version else ""
    return _small(date) + (YANKED if release.yanked else "")


def _linked(url: str | None, words: Markup) -> Markup:
    return Markup('<span class="rb-links">') + link(url, words) + Markup("</span>")


def _small(date: str) -> Markup:
    return Markup(f' <small class="rb-note">{date}</small>') if date else Markup("")  # noqa: S704 - a day


def anchor_of(release: Release) -> str:
    """Return the anchor of a version on the changelog's page."""
    return "v" + slug(release.version) if release.released else "unreleased"


def release_body(book: Book, here: Here, release: Release) -> Markup:
    """Return a version without a heading, for a page of its own."""
    return _body(book, here, release, Markup(""))


def candidates_of(book: Book, release: Release) -> list[Release]:
    """Return the releases that were candidates of a final one, oldest first."""
    return [one for one in reversed(book.all_releases) if one.version in release.candidates]


def days(release: Release) -> str:
    """Return the day that a round records of a release, and that of its tag."""
    return f"{release.date} in the changelog, tagged {release.tagged}"


def is_cut(book: Book, release: Release) -> bool:
    """Tell whether commits of a release may be missing, since the history here ends among them."""
    known = book.history.by_id
    return not book.history.complete and any(p not in known for c in release.commits for p in known[c].parents)


def _body(
    book: Book,
    here: Here,
    release: Release,
    heading: Markup,
    *,
    folded: bool = False,
    home: str = links.CHANGELOG,
) -> Markup:
    record = release.record
    known = release.tag or not release.released
    numbers = [("change", len(release.entries))]
    if known:
        numbers += [("commit", len(release.commits)), ("contributor", len(contributors_of(release, book.history)))]
    return _rendered(
        book,
        here,
        heading,
        anchor_of(release),
        listings(book, release, (0 if release.released else 3) if heading else 2, home),
        OF_SECTION if heading and release.released else 0,
        numbers=numbers,
        facts=_facts(book, here, release),
        title=record.title if record else "",
        told=record.text if record else "",
        folded=folded and release.released,
        empty="All of it came with its candidates." if release.candidates else "Nothing yet.",
    )


def listings(book: Book, release: Release, level: int = 2, home: str = links.CHANGELOG) -> tuple[Listing, ...]:
    """Return the lists of a version's page; with a level, the headings of the first are in the table of contents."""
    entries = release.entries
    if not release.released:  # it grows, and the newest round is what is new
        age = {key: i for i, key in enumerate(book.round_keys)}
        entries = tuple(sorted(entries, key=lambda one: age.get(one.round, len(age))))
    content = Content(entries, release.shown, release.reverted, release.hidden)
    home = links.release(release.version) if release.released else home
    return _listings(book, home, anchor_of(release), content, level, release)


def released_listings(book: Book, version: str) -> tuple[Listing, ...]:
    """Return the lists of the page of a version that is out."""
    return listings(book, book.released[version])


class Content(NamedTuple):
    """What a section of the changelog lists: entries, commits that none claims by group, reverts, and what is hidden."""

    entries: Sequence[ChangelogEntry]
    loose: Sequence[tuple[str, Sequence[str]]]
    reverted: Sequence[tuple[str, str]]
    hidden: Sequence[str]


def _listings(
    book: Book, home: str, anchor: str, content: Content, level: int, release: Release | None = None, within: str = ""
) -> tuple[Listing, ...]:
    shared = {name: _one(name, content.entries) for name in ("round", "recorded")}
    kinds = sections(content.entries)

    def entries(here: Here, some: Sequence[ChangelogEntry]) -> Markup:
        parts = sections(some)
        formerly = {e.change.type for e in some} - {kind for kind, _ in parts}  # headings that links may still name
        return render(
            "release_entries.md.j2", book, here, sections=parts, marks=Markup("#") * level, anchor=anchor,
            formerly=sorted(formerly), whole=lambda kind: _whole(here, lists[0], totals[kind], f"{anchor}-{kind}"),
            totals=totals, shown_fields=shown_fields, fragment=lambda path: _fragment(book, path),
            shared=shared,
        )  # fmt: skip

    def commits(here: Here, some: Sequence[tuple[str, str]]) -> Markup:
        groups = [(name, [commit for _, commit in rows]) for name, rows in groupby(some, itemgetter(0))]
        return render(
            "release_commits.md.j2", book, here, groups=groups, breaking=lambda commit: is_breaking(book, commit),
            within=within,
        )  # fmt: skip

    def reverts(here: Here, some: Sequence[tuple[str, str]]) -> Markup:
        return render("release_reverts.md.j2", book, here, reverted=some)

    def hidden(here: Here, some: Sequence[str]) -> Markup:
        return render("release_hidden.md.j2", book, here, hidden=some)

    counts = [(kind, sum(len(some) for _, some in groups)) for kind, groups in kinds]
    starts = accumulate((count for _, count in counts), initial=0)
    totals = {kind: (start, count) for (kind, count), start in zip(counts, starts, strict=False)}
    curated = [entry for _, groups in kinds for _, group in groups for entry in group]
    loose = [(name, commit) for name, ids in content.loose for commit in ids]
    unreleased = release is not None and not release.released
    of = f" of {release.version}" if release and release.released else ""

    def listing(name: str, words: str, items: Sequence[Any], show: Show, kinds: Sequence[int] = ()) -> Listing:
        title = f"Unreleased {words}" if unreleased else f"{words.capitalize()}{of}"
        folder, begin = (f"{anchor}/{name}", UNRELEASED_SHOWN) if unreleased else (name, SHOWN)
        size = begin if show is entries else COMMITS_SHOWN
        return Listing(home, folder, title, items, show, size, False, release is not None, kinds, begin=begin)

    lists = (
        listing("entries", "changes", curated, entries, [count for _, count in counts]),
        listing("commits", "commits that no entry claims", loose, commits),
        listing("reverts", "reverts", content.reverted, reverts),
        listing("hidden", "merges, fixups and repeated patches", content.hidden, hidden),
    )
    return lists


def _whole(here: Here, listing: Listing, of: tuple[int, int], anchor: str) -> Markup:
    """Return a link to the page on which the entries of one kind begin; nothing on that page, or where there is none."""
    start, count = of
    first, last = listing.number(start), listing.number(start + count - 1)
    url = here.to(listing.uri(first))
    where = f"page {first:,}" if first == last else f"pages {first:,} to {last:,}"
    words = Markup(f"All {count:,} on {where}")  # noqa: S704 - numbers
    return link(f"{url}#{anchor}", words) if url and listing.parts and listing.uri(first) != here.uri else Markup("")


def _rendered(
    book: Book, here: Here, heading: Markup, anchor: str, lists: Sequence[Listing], most: int, **more: Any
) -> Markup:
    items = {one.name.rpartition("/")[2]: one.items for one in lists}
    shown = {one.name.rpartition("/")[2]: one.head(here, most) if one.items else Markup("") for one in lists}
    counts = [(kind, sum(len(es) for _, es in groups)) for kind, groups in sections(items["entries"])]
    if len(items["entries"]) > (most or lists[0].size):
        jumps = [(f"#{anchor}-{kind}", Markup(f"{kind.capitalize()} {count:,}")) for kind, count in counts]  # noqa: S704
        shown["entries"] = _jumps("Kinds of change", jumps) + "\n" + shown["entries"]
    return render(
        "release.md.j2", book, here, heading=heading, anchor=anchor, shown=shown, loose=_loose_counts(items),
        entries=[_counted(*one) for one in counts],
        **more,
    )  # fmt: skip


def _counted(kind: str, count: int) -> str:
    return plural(count, kind.removesuffix("s")) if kind == HIGHLIGHTS else f"{count:,} {kind}"


def _loose_counts(items: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return in words how many commits are in no entry, by list."""
    words = (
        ("commits", "commit that no entry claims", "commits that no entry claims"),
        ("reverts", "revert", "reverts"),
        ("hidden", "merge, fixup or repeated patch", "merges, fixups and repeated patches"),
    )
    return [plural(len(items[name]), one, many) for name, one, many in words if items[name]]


def _commit(book: Book, commit_id: str) -> Commit:
    commit = book.commit(commit_id)
    assert commit is not None, "a release holds commits of the history only"  # noqa: S101
    return commit


def _facts(book: Book, here: Here, release: Release) -> Markup:
    known = release.tag or not release.released
    parts = [] if known else [Markup(f"no tag of this version {_looked(book)}")]  # noqa: S704 - words of ours
    if known and is_cut(book, release):
        parts.append(Markup("not all of them: the history here is incomplete"))
    if release.redated:
        parts.append(Markup(days(release)))  # noqa: S704 - two days
    if candidates := candidates_of(book, release):
        count = plural(sum(len(one.commits) for one in candidates), "commit")
        names = Markup(" and ").join(version_link(book, here, one.version) for one in candidates)
        parts.append(Markup("includes ") + count + Markup(" of ") + names)
    if recorded := _recorded(book, here, release.entries):
        parts.append(recorded)
    forge, old, new = book.forge, release.previous_tag, release.tag or release.head
    if (url := recorded_url(release)) or (forge and old and new and (url := forge.compare(old, new))):
        parts.append(link(url, Markup("compare")))
    if forge and release.tag and (url := forge.tag(release.tag)):
        parts.append(link(url, Markup("tag")))
    if not release.released and book.history.head:
        parts.append(Markup("up to ") + PageContext(book, here).commit(book.history.head))
    return DOT.join(parts)


def _recorded(book: Book, here: Here, entries: Sequence[ChangelogEntry]) -> Markup | None:
    """Return where several entries all come from, which is then not said of each; `None` where they differ."""
    context, key, commit = PageContext(book, here), _one("round", entries), _one("recorded", entries)
    if not (key or commit):
        return None
    where = context.round_key(key) + " " if key else Markup("")
    return Markup("recorded in ") + where + (context.commit(commit) if commit else "")


def _one(name: str, entries: Sequence[ChangelogEntry]) -> str | None:
    """Return the value of an attribute that several entries share, or `None`."""
    values = {getattr(one, name) for one in entries}
    return values.pop() if len(entries) > 1 and len(values) == 1 else None


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
    return url if url and leads(url, WEB) else None


def grouped(entries: Sequence[ChangelogEntry]) -> list[tuple[str, list[ChangelogEntry]]]:
    """Return entries by category in the order of Keep a Changelog, breaking ones first."""
    found = [(t, [e for e in entries if e.change.type == t]) for t in CHANGE_TYPES]
    return [(t, es) for t, es in found if es]


Labelled = list[tuple[str, list[ChangelogEntry]]]


def sections(entries: Sequence[ChangelogEntry]) -> list[tuple[str, Labelled]]:
    """Return entries as a page shows them: the highlights, then the others by category; each by the label of its group."""
    first = [e for e in entries if is_highlight(e)]
    rest = [e for e in entries if not is_highlight(e)]
    return [(name, labelled(es)) for name, es in ((HIGHLIGHTS, first), *grouped(rest)) if es]


def is_highlight(entered: ChangelogEntry) -> bool:
    """Tell whether users must know an entry first."""
    return entered.change.breaking or entered.change.type == "security" or bool(entered.change.cve)


def labelled(entries: Sequence[ChangelogEntry]) -> Labelled:
    """Return entries by the label of their group, those without one first."""
    found: dict[str, list[ChangelogEntry]] = {"": []}
    for one in entries:
        found.setdefault(one.change.group or "", []).append(one)
    return [(label, es) for label, es in found.items() if es]


def _by_round(book: Book, here: Here, limit: int) -> Markup:
    listing = by_round(book)
    if not listing.items:
        return paragraph(Markup("No round has changes or commits yet."), "empty")
    return listing.head(here, limit or len(listing.items))


def by_round(book: Book) -> Listing:
    """Return the rounds that have changes or commits, each with these, as a list."""

    def show(here: Here, keys: Sequence[str]) -> Markup:
        parts = (_round_section(book, here, book.entries[key], i >= UNFOLDED) for i, key in enumerate(keys))
        return Markup("\n").join(parts)

    return Listing(links.CHANGELOG_BY_ROUND, "all", "Changelog by round", book.changelog_keys, show, ROUNDS_SHOWN)


def _round_section(book: Book, here: Here, entry: Entry, folded: bool) -> Markup:
    heading = _linked(here.to(links.round_page(entry.key)), prose.name(entry.round.name))
    own = dict.fromkeys((*(one.commit for one in entry.own_links), *entry.hidden))
    reverted = dict.fromkeys(pair for commit in own for pair in book.reverted_with.get(commit, ()))
    content = Content(
        entries_of(book, entry),
        _loose(book, entry),
        [*reverted],
        [one for one in own if one in book.repeated],
    )
    anchor, home = f"round-{slug(entry.key)}", links.round_page(entry.key)
    numbers = [(word, count) for word, count in (("change", len(content.entries)), ("commit", len(own))) if count]
    numbers += [("contributor", len(entry.contributors))] if entry.contributors else []
    lists = _listings(book, home, anchor, content, 0, within=entry.key)
    date = str(entry.round.date.last) if entry.round.date else ""
    return _rendered(
        book, here, heading, anchor, lists, OF_SECTION, numbers=numbers, facts=date, title="", told="",
        folded=folded, empty="Nothing yet.",
    )  # fmt: skip


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
    unversioned = [(None, sections([e for e in own if not e.change.release]))]
    return render("changes.md.j2", book, here, entry=entry, versions=[*unversioned, *_by_version(book, own)],
        version_link=lambda name: version_link(book, here, name), shown_fields=shown_fields, most=OF_KIND,
    )  # fmt: skip


def _by_version(book: Book, own: Sequence[ChangelogEntry]) -> Iterator[tuple[str | None, list[tuple[str, Labelled]]]]:
    """Yield the entries that name their version: each version with its entries by category, the newest first."""
    found: dict[str, list[ChangelogEntry]] = {}
    for one in own:
        if one.change.release:
            found.setdefault(one.change.release, []).append(one)
    place = {name: i for i, r in enumerate(book.all_releases if found else ()) for name in (r.version, r.tag)}
    for version in sorted(found, key=lambda v: place.get(v, len(place))):
        yield version, sections(found[version])


def as_written(entry: Entry) -> tuple[ChangelogEntry, ...]:
    """Return the entries of a round whose history is not here, without evidence."""
    return tuple(
        ChangelogEntry(change, entry.key, entry.anchors["changes", i], (), (), None)
        for i, change in enumerate(entry.round.changes)
    )
