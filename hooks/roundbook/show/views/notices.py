"""In: the book. Out: notices: what of the history is missing, and which files cannot be read."""

from __future__ import annotations

from markupsafe import Markup

from roundbook.book.model import Book, Broken
from roundbook.show.here import Here
from roundbook.show.render import render
from roundbook.show.view import view


@view
def round_notice(book: Book, here: Here, errors: bool = False) -> Markup:
    """Show what of the git history is missing here; with `errors=True` also the faults of round files. Often nothing."""
    faults = [f for f in book.findings if f.severity == "error"] if errors else []
    return render("notices.md.j2", book, here, gaps=book.history.gaps, errors=faults)


def as_of(book: Book, here: Here) -> Markup:
    """Return the notice on a book that is not of today: which ref it was made from; nothing on today's."""
    commit = book.commit(book.history.head) if book.history.at and book.history.head else None
    return render("as_of.md.j2", book, here, ref=book.history.at, commit=commit) if commit else Markup("")


def broken_page(book: Book, here: Here, broken: Broken) -> Markup:
    """Return the page of a round whose file cannot be read: the faults, and the file as it is."""
    return render("broken.md.j2", book, here, broken=broken)
