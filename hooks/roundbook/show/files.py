"""In: the book and where it is published. Out: every generated file that is no page: what leads on, feeds, data, badges."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import quote

from roundbook.book.model import Book
from roundbook.show import go
from roundbook.show.api import api
from roundbook.show.badges import badges
from roundbook.show.feeds import FEEDS, feeds
from roundbook.show.here import Here
from roundbook.show.llms import llms
from roundbook.show.page import Asset
from roundbook.show.plain import beside
from roundbook.show.publication import Publication, xml
from roundbook.show.redirects import redirects

_KINDS = (("xml", "application/atom+xml"), ("json", "application/feed+json"))
# The feed of the pages of each folder; the pages above name all of them.
_OF_FOLDER = {"rounds": "rounds", "decisions": "decisions", "changelog": "releases", "activity": "activity"}


def files(book: Book, site: Publication, *, data: bool = True, plain: bool = True) -> Iterator[Asset]:
    """Yield the files that lead on, the index of `/go/`, feeds, badges and `llms.txt`; with `data` those below `api/`.

    `plain` says whether the pages have Markdown beside them, to which `llms.txt` leads then.
    """
    yield from redirects(book, site.style)
    yield from go.index(book, site.style)
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
