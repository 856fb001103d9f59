"""Many repositories: each with its last round and its figures, and the rounds and decisions of all in one log."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from roundbook.book.gathered import JoinedRepository, LogItem
from roundbook.book.model import Book
from roundbook.errors import plural
from roundbook.site import links, prose
from roundbook.site.context import render
from roundbook.site.escape import cut, encode
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN, Listing
from roundbook.site.registry import view
from roundbook.site.resolve import unknown
from roundbook.site.widgets import link, paragraph

NOTHING = paragraph(Markup("No other repository is joined with this book."), "empty")


@view
def round_repositories(book: Book, here: Here, limit: int = SHOWN) -> Markup:
    """Show the repositories that are joined in this book, each with its last round, open items and results of checks.

    `limit` is the maximum number of repositories, 0 for all.
    """
    listing = repositories_listing(book)
    return listing.head(here, limit or len(listing.items)) if listing.items else NOTHING


@view
def round_log(book: Book, here: Here, repository: str = "", limit: int = SHOWN) -> Markup:
    """Show the rounds and decisions of all joined repositories, newest first, with a filter for each repository.

    `repository` selects one of them; `limit` is the maximum number of entries, 0 for all.
    """
    known = [one.name for one in book.gathered.members]
    if repository and repository not in known:
        raise unknown("repository", repository, known)
    listing = log_listing(book, repository)
    return listing.head(here, limit or len(listing.items)) if listing.items else NOTHING


def repositories_listing(book: Book) -> Listing:
    """Return the repositories as a table."""

    def show(here: Here, members: Sequence[JoinedRepository]) -> Markup:
        return render(
            "repositories.md.j2", book, here, members=members, named=lambda one: _named(here, one),
            last=lambda one: _title(here, one.last) if one.last else Markup(""),
        )  # fmt: skip

    return Listing(links.REPOSITORIES, "all", "Repositories", book.gathered.members, show, newest_first=False)


def log_listing(book: Book, repository: str = "") -> Listing:
    """Return the rounds and decisions of all repositories as a table; those of one have no further pages."""

    def show(here: Here, items: Sequence[LogItem]) -> Markup:
        return render("log.md.j2", book, here, items=items, titled=lambda one: _title(here, one))

    chosen = [one for one in book.gathered.log if not repository or one.repository == repository]
    return Listing(links.LOG, "all", "Log of all repositories", chosen, show, paged=not repository, words=_words)


def log_words(book: Book) -> str:
    """Return what a search finds of a log that one page shows; further pages are found themselves."""
    listing = log_listing(book)
    return "" if listing.parts else " ".join(map(_words, listing.items))


def _words(item: LogItem) -> str:
    return f"{item.repository} {item.id} {item.title}"


def _named(here: Here, member: JoinedRepository) -> Markup:
    return link(here.to("index.md") if member.own else member.url or None, encode(member.name))


def _title(here: Here, item: LogItem) -> Markup:
    """Return the title of a round or decision, linked to its page in this site or in that of its repository."""
    own = links.round_page(item.id) if item.kind == "round" else links.decision(item.id)
    title = prose.name(item.title) if item.own else encode(cut(item.title, prose.NAME))
    return link(here.to(own) if item.own else item.url or None, title)


def repositories_page(book: Book, here: Here) -> Markup:
    """Return what the page of all repositories shows."""
    log = plural(len(book.gathered.log), "round or decision", "rounds and decisions")
    return paragraph(link(here.to(links.LOG), encode(f"All {log} in one log"))) + "\n" + round_repositories(book, here)
