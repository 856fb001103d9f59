"""All pages and files of a site."""

from __future__ import annotations

import html
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from roundbook.book.facts import Decision, Release
from roundbook.book.model import Book, Broken, Entry
from roundbook.schema.ids import is_phase
from roundbook.site import indexes, redirects
from roundbook.site import links as site_links
from roundbook.site.api import api
from roundbook.site.escape import clean, cut, spell
from roundbook.site.feeds import FEEDS, badges, feeds
from roundbook.site.links import Asset, Here, Page, Publication, UrlStyle, xml
from roundbook.site.prose import inline, plain
from roundbook.site.redirects import redirects as redirects_redirects
from roundbook.site.resolve import names
from roundbook.site.text import beside, llms
from roundbook.site.views import changelog, commits, decisions, others, rounds
from roundbook.site.widgets import link

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
    for decision in book.decisions.values():
        yield maker.decision(decision)
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
                lambda book, here, index=index: others.as_of(book, here) + index.show(book, here),  # type: ignore[misc]
                crumbs=index.crumbs,
                description=index.description,
                searched=index.searched,
            )

    def phase(self, key: str) -> Page:
        """Return the page of a phase."""
        record, entry = self.book.phases.get(key), self.book.entry(f"{key}/")
        return self.page(
            site_links.phase_page(key),
            self._phase_name(key),
            lambda book, here: indexes.phase(book, here, key),
            crumbs=((site_links.ROUNDS, "Rounds"),),
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
            site_links.round_page(entry.key),
            entry.round.name,
            lambda book, here: rounds.round_page(book, here, entry.key),
            crumbs=((site_links.ROUNDS, "Rounds"), (site_links.phase_page(phase), self._phase_name(phase))),
            description=rounds.description(entry),
            source=self.book.files.get(entry.key, ("",))[0],
            day=self._day(entry),
            previous=site_links.round_page(entry.previous) if entry.previous else None,
            next=site_links.round_page(entry.next) if entry.next else None,
        )

    def _day(self, entry: Entry) -> str:
        newest = self.book.commit(entry.last_commit) if entry.last_commit else None
        written = entry.round.date.last.isoformat() if entry.round.date else ""
        return max(written, newest.committed.day if newest else "")

    def broken(self, broken: Broken) -> Page:
        """Return the page of a round whose file cannot be read."""
        return self.page(
            site_links.round_page(broken.key),
            f"Round {broken.key} cannot be read",
            lambda book, here: others.broken_page(book, here, broken),
            crumbs=((site_links.ROUNDS, "Rounds"),),
            source=broken.paths[0],
            searched=False,
        )

    def decision(self, decision: Decision) -> Page:
        """Return the page of a decision."""
        place = decision.record.place
        return self.page(
            site_links.decision(decision.id),
            decision.record.title,
            lambda book, here: decisions.round_decision(book, here, decision.id),
            crumbs=((site_links.DECISIONS, "Decisions"),),
            description=decisions.description(decision),
            source=place.path if place else "",
            day=decision.date,
        )

    def release(self, release: Release) -> Page:
        """Return the page of a version."""
        return self.page(
            site_links.release(release.version),
            f"{release.version} - {release.date}" if release.date else release.version,
            lambda book, here: changelog.release_body(book, here, release),
            crumbs=((site_links.CHANGELOG, "Changelog"),),
            description=f"What changed in version {release.version}.",
            day=release.date,
        )

    def go(self) -> Page:
        """Return the page that leads from any name to its page."""
        count = redirects.files_of(len(names(self.book)))
        return self.page(
            site_links.GO,
            "Go to",
            lambda book, here: redirects.show_go(book, here, count),
            description="Leads from a round, decision, version, pull request or commit to the page that speaks of it.",
            searched=False,
        )

    def ledger(self) -> Iterator[Page]:
        """Yield the accounting of all commits, one page for each leaf."""
        names = list(self.book.ledger)
        for i, name in enumerate(names):
            yield self.page(
                site_links.leaf(name),
                f"Commits of {name}",
                lambda book, here, leaf=name: commits.accounted(book, here, book.ledger[leaf]),  # type: ignore[misc]
                crumbs=((site_links.COMMITS, "Commits"),),
                searched=False,
                previous=site_links.leaf(names[i + 1]) if i + 1 < len(names) else None,
                next=site_links.leaf(names[i - 1]) if i else None,
            )


_KINDS = (("xml", "application/atom+xml"), ("json", "application/feed+json"))
# The feed of the pages of each folder; the pages above name all of them.
_OF_FOLDER = {"rounds": "rounds", "decisions": "decisions", "changelog": "releases", "activity": "activity"}


def files(book: Book, site: Publication, *, data: bool = True, plain: bool = True) -> Iterator[Asset]:
    """Yield the files that lead on, the index of `/go/`, feeds, badges and `llms.txt`; with `data` those below `api/`.

    `plain` says whether the pages have Markdown beside them, to which `llms.txt` leads then.
    """
    yield from redirects_redirects(book, site.style)
    yield from redirects.index(book, site.style)
    yield from feeds(book, site)
    yield from badges(book)
    yield Asset("llms.txt", llms(book, site, data=data, plain=plain))
    if data:
        yield from api(book, site)


def alternates(site: Publication, uri: str, texts: Collection[str] = ()) -> str:
    """Return the tags by which programs find the feeds of a page, and its text as Markdown; one a line.

    `texts` holds the pages that have Markdown beside them.
    """
    here = Here(uri, site.style)
    folder, _, rest = uri.partition("/")
    top = not rest or rest == "index.md"
    own = [feed for feed in FEEDS if top or feed[0] == _OF_FOLDER.get(folder)]
    tags = [
        _alternate(kind, here.to(f"feeds/{name}.{ending}") or "", f"{site.title}: {words}")
        for name, words, _ in (own if site.top else ())
        for ending, kind in (_KINDS if top else _KINDS[:1])  # there are thousands of other pages
    ]
    if uri in texts:
        tags.append(_alternate("text/markdown", quote(beside(uri, site.style).rpartition("/")[2]), "Markdown"))
    return "".join(tags)


def _alternate(kind: str, url: str, title: str) -> str:
    # Material takes every link whose `rel` is "alternate" and nothing else for the page in another language, and asks
    # for the sitemap beside it. Programs that look for a feed read `rel` as the list of words that it is.
    rel = "alternate source" if kind == "text/markdown" else "alternate feed"
    return f'<link rel="{rel}" type="{kind}" title="{xml(title)}" href="{xml(url)}">\n'


LONGEST = 200


def preview(page: Page, site_name: str, url: str) -> str:
    """Return Open Graph tags, one a line; `url` is the whole address of the page, or empty where it is not known.

    Source: https://ogp.me/
    """
    said = {
        "og:type": "article",
        "og:title": page.title,
        "og:description": page.description,
        "og:site_name": site_name,
        "og:url": url,
        "article:modified_time": page.day,
    }
    tags = (f'<meta property="{name}" content="{_attribute(value)}">\n' for name, value in said.items() if value)
    return "".join(tags)


def insert(made: str, tags: str, unless: str = "og:title") -> str:
    """Return a page of HTML with tags at the end of its head; as it was where that holds `unless`, or there is none."""
    head, end, rest = made.partition("</head>")
    return made if not end or (unless and unless in head) else f"{head}{tags}{end}{rest}"


def _attribute(text: str) -> str:
    return html.escape(cut(" ".join(clean(text).split()), LONGEST))
