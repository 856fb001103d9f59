"""All pages and files of a site."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from roundbook.book.facts import Decision
from roundbook.book.model import Book, Entry
from roundbook.errors import Finding, Place
from roundbook.schema.ids import is_phase, number_of
from roundbook.site import links, prose, redirects
from roundbook.site.escape import clean, cut, spell
from roundbook.site.feeds import FEEDS, badges, feeds
from roundbook.site.indexes import FRONT_LISTS, FRONT_PAGES, FrontPage
from roundbook.site.links import Asset, Here, Output, Page, Publication, UrlStyle, xml
from roundbook.site.listings import Listing
from roundbook.site.paging import divided
from roundbook.site.prose import inline, plain
from roundbook.site.text import beside, llms
from roundbook.site.views import changelog, commits, decisions, others, packages, phases, rounds
from roundbook.site.widgets import link, paragraph

Crumbs = tuple[tuple[str, str], ...]
Lists = Callable[..., Sequence[Listing]]
_HEADING = re.compile(r"^(?P<marks>#{1,6}) (?P<words>.*?) \{ #(?P<id>[^\s}]+) \}$", re.MULTILINE)
ALL_ROUNDS = (links.ROUNDS, "Rounds")
NOTHING = Markup("")
OUTPUTS_OF_A_LIST = 16  # at most, that make the further pages of a front page


def pages(book: Book, style: UrlStyle = "directory") -> Iterator[Page]:
    """Yield every page of the book, front pages first."""
    for output in page_outputs(book, style):
        yield from output.make(book)


def page_at(book: Book, addresses: Collection[str]) -> Page | None:
    """Return the page with one of some addresses, such as `rounds/3/4.md`; pages that lie elsewhere are not made."""

    def leads(output: Output[Page]) -> bool:
        stem = output.name.removesuffix(".md").removesuffix("/index")  # below it are the further pages of its lists
        return any(address.startswith(stem) for address in addresses)

    outputs = sorted(filter(leads, page_outputs(book, "markdown")), key=lambda output: output.name not in addresses)
    return next((page for output in outputs for page in output.make(book) if page.uri in addresses), None)


def portable(page: Page, style: UrlStyle) -> Asset:
    """Return a page as a file for any engine.

    The anchors of its headings are HTML, since `{ #id }` is text to most. A page with an address of its own folder lies
    there as `index.md`: then its relative links are the same from the file and from the address, whichever an engine counts
    from. Sphinx is told that the page need not be in a table of contents.
    """
    uri = page.uri
    if style == "directory" and not uri.endswith("index.md"):
        uri = f"{uri.removesuffix('.md')}/index.md"
    document = _HEADING.sub(r'\g<marks> <a id="\g<id>"></a>\g<words>', page.document())
    return Asset(uri, document.replace("---\n", "---\norphan: true\n", 1))


def page_outputs(book: Book, style: UrlStyle) -> Iterator[Output[Page]]:
    """Yield what makes each page of the book, under the source address of the page, front pages first."""

    def one(make: Callable[..., Page], uri: str, *about: Any, lists: Lists | None = None) -> Output[Page]:
        def made(given: Book) -> Iterator[Page]:
            page = make(given, Here(uri, style), *about)
            yield from divided(page, style)
            for further in _further(lists(given, *about), (*page.crumbs, (uri, page.title)), style) if lists else ():
                yield from divided(further, style)

        return Output(uri, made)

    def parts(title: str, lists: Lists) -> Iterator[Output[Page]]:
        """Yield the further pages of a front page one by one, or some at a time, since an edit changes few of them.

        Each output makes the whole list, so that there are never more than some outputs of one.
        """
        for i, listing in enumerate(lists(book)):
            numbers = range(1, listing.parts + 1)
            step = max(1, -(-listing.parts // OUTPUTS_OF_A_LIST))
            for at in range(0, listing.parts, step):
                some = numbers[at : at + step]
                yield Output(listing.uri(some[0]), partial(part, title, lists, i, some))

    def part(title: str, lists: Lists, i: int, numbers: Sequence[int], given: Book) -> Iterator[Page]:
        listing = lists(given)[i]
        for number in numbers:
            yield from divided(_part(listing, number, ((listing.home, title),), style), style)

    yield from (one(_front, front.uri, front) for front in FRONT_PAGES if front.always or front.filled(book))
    yield from (output for title, lists in FRONT_LISTS for output in parts(title, lists))
    yield from (one(_phase, links.phase_page(key), key, lists=phases.listings) for key in book.phase_keys)
    yield from (one(_round, links.round_page(key), key, lists=rounds.listings) for key in book.rounds)
    yield from (one(_broken, links.round_page(b.key), i) for i, b in enumerate(book.broken) if not is_phase(b.key))
    yield from (one(_decision, links.decision(name), name, lists=decisions.listings) for name in book.decisions)
    yield from (one(_release, links.release(name), name, lists=changelog.released_listings) for name in book.released)
    yield from (one(_package, links.release(name), name, lists=packages.package_listings) for name in book.packages)
    yield from (one(_month, links.month(name), name) for name in book.commit_index)
    yield one(_go, links.GO)


def _front(book: Book, here: Here, front: FrontPage) -> Page:
    body = others.as_of(book, here) + front.show(book, here)
    return _page(
        here,
        front.title,
        body,
        front.crumbs,
        description=front.description,
        searched=front.searched,
        wide=front.wide,
        words=front.words(book),
    )


def _go(book: Book, here: Here) -> Page:
    about = "Find the page of a round, decision, version, pull request or commit."
    body = redirects.show_go(book, here)
    return _page(here, "Go to", body, description=about, searched=False)


def _further(listings: Sequence[Listing], crumbs: Crumbs, style: UrlStyle) -> Iterator[Page]:
    """Yield the further pages of lists that are too long for one; `crumbs` end with the page that they belong to."""
    for listing in listings:
        yield from (_part(listing, number, crumbs, style) for number in range(1, listing.parts + 1))


def _part(listing: Listing, number: int, crumbs: Crumbs, style: UrlStyle) -> Page:
    here = Here(listing.uri(number), style)
    return _page(
        here,
        f"{listing.title}, {listing.position(number)}",
        listing.page(here, number),
        crumbs,
        searched=False,
        words=listing.found(number),
        previous=listing.uri(number - 1) if number > 1 else None,
        next=listing.uri(number + 1) if number < listing.parts else None,
    )


def _page(here: Here, name: str, body: Markup, crumbs: Crumbs = (), beside: Markup = NOTHING, **more: Any) -> Page:
    """Return a page: the way back, the heading with what stands `beside` it in small, and the body."""
    trail = Markup("")
    if crumbs:
        above = Markup(" › ").join(link(here.to(uri), prose.name(title)) for uri, title in crumbs)
        trail = Markup('<nav class="rb-crumbs" aria-label="Breadcrumbs">') + above + Markup("</nav>\n\n")
    whole = paragraph(inline(name)) if len(name) > prose.NAME else ""
    text = trail + Markup("# ") + spell(prose.name(name) + beside) + Markup("\n\n") + whole + body
    crumbs = tuple((uri, title if len(title) <= prose.NAME else prose.plain_name(title)) for uri, title in crumbs)
    return Page(here.uri, prose.plain_name(name), str(text), crumbs=crumbs, **more)


WORDS = 600  # characters of a page that a search has besides its title and names


def _words(*parts: str | None) -> str:
    return cut(" ".join(plain(part[:WORDS]) for part in parts if part), WORDS)


def _phase(book: Book, here: Here, key: str) -> Page:
    record, entry = book.phases.get(key), book.entry(f"{key}/")
    return _page(
        here,
        _phase_name(book, key),
        phases.page(book, here, key),
        (ALL_ROUNDS,),
        description=plain((record.focus or record.summary or "") if record else ""),
        source=book.files.get(f"{key}/", ("",))[0],
        names=(f"{key}/",),
        day=_day(book, entry) if entry else "",
    )


def _phase_name(book: Book, key: str) -> str:
    record = book.phases.get(key)
    return record.name if record else f"Phase {key}"


def _round(book: Book, here: Here, name: str) -> Page:
    entry = book.entries[name]
    key, record = entry.round.phase, entry.round
    texts = (*(one.title for one in record.decisions), *(one.text for one in record.changes))
    return _page(
        here,
        entry.round.name,
        rounds.round_page(book, here, entry.key),
        (ALL_ROUNDS, (links.phase_page(key), _phase_name(book, key))),
        description=rounds.description(entry),
        source=book.files.get(entry.key, ("",))[0],
        day=_day(book, entry),
        previous=links.round_page(entry.previous) if entry.previous else None,
        next=links.round_page(entry.next) if entry.next else None,
        names=(entry.key,),
        words=_words(rounds.description(entry), record.summary, *texts),
    )


def _day(book: Book, entry: Entry) -> str:
    newest = book.commit(entry.last_commit) if entry.last_commit else None
    written = entry.round.date.last.isoformat() if entry.round.date else ""
    return max(written, newest.committed.day if newest else "")


def _broken(book: Book, here: Here, index: int) -> Page:
    broken = book.broken[index]
    body = others.broken_page(book, here, broken)
    name = f"Round {broken.key} cannot be read"
    return _page(here, name, body, (ALL_ROUNDS,), source=broken.paths[0], searched=False)


def _decision(book: Book, here: Here, name: str) -> Page:
    decision = book.decisions[name]
    place = decision.record.place
    return _page(
        here,
        decision.record.title,
        decisions.round_decision(book, here, decision.id),
        ((links.DECISIONS, "Decisions"),),
        description=decisions.description(decision),
        source=place.path if place else "",
        day=decision.date,
        names=(decision.id, *_numbered(decision), *map(plain, decision.record.tags)),
        words=_words(decisions.description(decision), *decision.record.rationale),
    )


def _numbered(decision: Decision) -> tuple[str, ...]:
    """Return how people write the number of an adopted record."""
    found = number_of(decision.id) if decision.adopted else None
    return (f"ADR-{found[1]:03}", f"ADR-{found[1]:04}") if found else ()


def _release(book: Book, here: Here, version: str) -> Page:
    release = book.released[version]
    return _page(
        here,
        release.version,
        changelog.release_body(book, here, release),
        ((links.CHANGELOG, "Changelog"),),
        changelog.beside(release),
        description=f"What changed in version {release.version}.",
        day=release.date,
        names=tuple(dict.fromkeys(clean(name) for name in (release.tag, release.version) if name)),
        words=_words(f"Version {release.version}.", *(one.change.text for one in release.entries)),
    )


def _package(book: Book, here: Here, name: str) -> Page:
    return _page(
        here,
        name,
        changelog.round_changelog(book, here, package=name),
        ((links.CHANGELOG, "Changelog"),),
        description=f"What changed in each version of {clean(name)}.",
        names=(clean(name),),
    )


def _month(book: Book, here: Here, month: str) -> Page:
    """Return the page of the commits of a month."""
    months = list(book.commit_index)
    i = months.index(month)
    return _page(
        here,
        f"Commits of {month}",
        commits.accounted(book, here, book.commit_index[month]),
        ((links.COMMITS, "Commits"),),
        searched=False,
        words=" ".join(commit.short for commit in book.commit_index[month]),
        previous=links.month(months[i + 1]) if i + 1 < len(months) else None,
        next=links.month(months[i - 1]) if i else None,
    )


_KINDS = (("xml", "application/atom+xml"), ("json", "application/feed+json"))
# The feed of the pages of each folder; the pages above name all of them.
_OF_FOLDER = {"rounds": "rounds", "decisions": "decisions", "changelog": "releases", "activity": "activity"}


def files(book: Book, site: Publication, *, data: bool = True, plain: bool = True) -> Iterator[Asset]:
    """Yield the files of `file_outputs`."""
    for output in file_outputs(book, site, data=data, plain=plain):
        yield from output.make(book)


def file_outputs(book: Book, site: Publication, *, data: bool, plain: bool) -> Iterator[Output[Asset]]:
    """Yield what makes the redirects, the index of `/go/`, feeds, badges and `llms.txt`; with `data` the files below `api/`.

    `plain` says whether the pages have Markdown beside them, to which `llms.txt` leads then.
    """
    yield Output("redirects", lambda given: redirects.redirects(given, site.style))
    yield Output("go", lambda given: redirects.index(given, site.style))
    yield Output("feeds", lambda given: feeds(given, site))
    yield Output("badges", badges)
    yield Output("commit", _commit)
    yield Output("llms.txt", lambda given: (Asset("llms.txt", llms(given, site, data=data, plain=plain)),))
    if data:
        from roundbook.site.api import api_outputs  # whose shapes take 50 ms

        yield from api_outputs(book, site)


COMMIT = "assets/roundbook/commit.css"


def _commit(book: Book) -> tuple[Asset]:
    """Return the style that names the commit of the site on paper: in a page, it would make every page new with each commit."""
    at = f' " · commit {book.history.head[:10]}"' if book.history.head else '""'
    return (Asset(COMMIT, f"@media print {{ .rb-foot::after {{ content:{at} }} }}\n"),)


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


def card(site: str, picture: str) -> str:
    """Return the tags by which a link to any page of a site is shown with a picture of the site."""
    address = html.escape(f"{site.rstrip('/')}/{picture}")
    return f'<meta property="og:image" content="{address}">\n<meta name="twitter:card" content="summary_large_image">\n'


def insert(made: str, tags: str, unless: str = "og:title") -> str:
    """Return a page of HTML with tags at the end of its head; as it was where that holds `unless`, or there is none."""
    head, end, rest = made.partition("</head>")
    return made if not end or (unless and unless in head) else f"{head}{tags}{end}{rest}"


def framed(made: str, page: Page, site_name: str, url: str) -> str:
    """Return the HTML of a generated page with its preview, and with the foot of its last sheet on paper."""
    words = (site_name, url, page.source, page.day)
    foot = " · ".join(html.escape(clean(word), quote=False) for word in words if word)
    body, end, rest = made.rpartition("</article>")
    made = f'{body}<p class="rb-foot">{foot}</p>\n{end}{rest}' if end else made
    return insert(made, preview(page, site_name, url))


def _attribute(text: str) -> str:
    return html.escape(cut(" ".join(clean(text).split()), LONGEST))


HEAVIEST = 500_000  # characters of the HTML of a page, of which a phone can show more only slowly


def heavy(uri: str, made: str) -> Finding | None:
    """Return what to say of the HTML of a generated page that is too large for a phone; nothing of any other."""
    if len(made) <= HEAVIEST:
        return None
    size, folder = f"the page is {len(made) // 1000:,} KB of HTML", uri.partition("/")[0]
    fix = {
        "rounds": "move long notes of the round or phase into files of their own and link to them",
        "changelog": "divide the version, or shorten its entries",
    }.get(folder, "shorten the longest texts that it shows")
    own = made.partition("<article")[2].partition("</article>")[0]
    if own and len(own) * 2 < len(made):
        fix = "most of it is the menu; in Material, add navigation.prune to theme.features"
    return Finding("info", "page-heavy", size, Place(uri), f"phones show it slowly: {fix}")
