"""In: the book. Out: all generated pages, each with its address, title, text and the file that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from markupsafe import Markup

from roundbook.book.facts import Release, Ruling
from roundbook.book.model import Book, Broken, Entry
from roundbook.schema.ids import is_phase
from roundbook.show import addresses, go, indexes
from roundbook.show.encode import spell
from roundbook.show.here import Here, UrlStyle
from roundbook.show.marks import link
from roundbook.show.page import Page
from roundbook.show.prose import inline, plain
from roundbook.show.resolve import names
from roundbook.show.views import changelog, commits, decisions, notices, rounds

Show = Callable[[Book, Here], Markup]
Crumbs = tuple[tuple[str, str], ...]


def pages(book: Book, style: UrlStyle = "directory") -> Iterator[Page]:
    """Yield every page of the book, index pages first."""
    maker = Maker(book, style)
    yield from maker.indexes()
    for phase in book.phase_keys:
        yield maker.phase(phase)
    for entry in book.rounds.values():
        yield maker.round(entry)
    for broken in book.broken:
        if not is_phase(broken.key):
            yield maker.broken(broken)
    for ruling in book.rulings.values():
        yield maker.decision(ruling)
    for release in book.releases:
        if release.released:
            yield maker.release(release)
    yield from maker.ledger()
    yield maker.go()


class Maker:
    """Makes the pages of one book for one style of addresses."""

    def __init__(self, book: Book, style: UrlStyle) -> None:
        self.book, self.style = book, style

    def page(self, uri: str, name: str, show: Show, *, crumbs: Crumbs = (), **more: Any) -> Page:
        """Return one page: the way back, the heading, and what `show` gives."""
        here = Here(uri, self.style)
        trail = Markup("")
        if crumbs:
            links = Markup(" › ").join(link(here.to(above), inline(title)) for above, title in crumbs)
            trail = Markup('<nav class="rb-crumbs" aria-label="Breadcrumbs">') + links + Markup("</nav>\n\n")
        text = trail + Markup("# ") + spell(inline(name)) + Markup("\n\n") + show(self.book, here)
        return Page(uri, plain(name), str(text), crumbs=crumbs, **more)

    def indexes(self) -> Iterator[Page]:
        """Yield the front pages, one for each kind of thing."""
        for index in indexes.INDEXES:
            yield self.page(
                index.uri,
                index.title,
                lambda book, here, index=index: notices.as_of(book, here) + index.show(book, here),  # type: ignore[misc]
                crumbs=index.crumbs,
                description=index.description,
                searched=index.searched,
            )

    def phase(self, key: str) -> Page:
        """Return the page of a phase."""
        record, entry = self.book.phases.get(key), self.book.entry(f"{key}/")
        return self.page(
            addresses.phase_page(key),
            self._phase_name(key),
            lambda book, here: indexes.phase(book, here, key),
            crumbs=((addresses.ROUNDS, "Rounds"),),
            description=plain((record.focus or record.summary or "") if record else ""),
            source=self.book.files.get(f"{key}/", ("",))[0],
            day=self._day(entry) if entry else "",
        )

    def _phase_name(self, key: str) -> str:
        record = self.book.phases.get(key)
        return record.name if record else f"Phase {key}"

    def round(self, entry: Entry) -> Page:
        """Return the page of a round."""
        phase = entry.round.phase
        return self.page(
            addresses.round_page(entry.key),
            entry.round.name,
            lambda book, here: rounds.round_page(book, here, entry.key),
            crumbs=((addresses.ROUNDS, "Rounds"), (addresses.phase_page(phase), self._phase_name(phase))),
            description=rounds.description(entry),
            source=self.book.files.get(entry.key, ("",))[0],
            day=self._day(entry),
            previous=addresses.round_page(entry.previous) if entry.previous else None,
            next=addresses.round_page(entry.next) if entry.next else None,
        )

    def _day(self, entry: Entry) -> str:
        newest = self.book.commit(entry.last_commit) if entry.last_commit else None
        written = entry.round.date.last.isoformat() if entry.round.date else ""
        return max(written, newest.committed.day if newest else "")

    def broken(self, broken: Broken) -> Page:
        """Return the page of a round whose file cannot be read."""
        return self.page(
            addresses.round_page(broken.key),
            f"Round {broken.key} cannot be read",
            lambda book, here: notices.broken_page(book, here, broken),
            crumbs=((addresses.ROUNDS, "Rounds"),),
            source=broken.paths[0],
            searched=False,
        )

    def decision(self, ruling: Ruling) -> Page:
        """Return the page of a decision."""
        place = ruling.decision.place
        return self.page(
            addresses.decision(ruling.id),
            ruling.decision.title,
            lambda book, here: decisions.round_decision(book, here, ruling.id),
            crumbs=((addresses.DECISIONS, "Decisions"),),
            description=decisions.description(ruling),
            source=place.path if place else "",
            day=ruling.date,
        )

    def release(self, release: Release) -> Page:
        """Return the page of a version."""
        return self.page(
            addresses.release(release.version),
            f"{release.version} - {release.date}" if release.date else release.version,
            lambda book, here: changelog.release_body(book, here, release),
            crumbs=((addresses.CHANGELOG, "Changelog"),),
            description=f"What changed in version {release.version}.",
            day=release.date,
        )

    def go(self) -> Page:
        """Return the page that leads from any name to its page."""
        count = go.files_of(len(names(self.book)))
        return self.page(
            addresses.GO,
            "Go to",
            lambda book, here: go.show_go(book, here, count),
            description="Leads from a round, decision, version, pull request or commit to the page that speaks of it.",
            searched=False,
        )

    def ledger(self) -> Iterator[Page]:
        """Yield the accounting of all commits, one page for each leaf."""
        names = list(self.book.ledger)
        for i, name in enumerate(names):
            yield self.page(
                addresses.leaf(name),
                f"Commits of {name}",
                lambda book, here, leaf=name: commits.accounted(book, here, book.ledger[leaf]),  # type: ignore[misc]
                crumbs=((addresses.COMMITS, "Commits"),),
                searched=False,
                previous=addresses.leaf(names[i + 1]) if i + 1 < len(names) else None,
                next=addresses.leaf(names[i - 1]) if i else None,
            )
