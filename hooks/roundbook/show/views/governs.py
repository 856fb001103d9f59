"""In: the book. Out: which decisions govern which files: by what they affect, and by markers in the code."""

from __future__ import annotations

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.show.here import Here
from roundbook.show.render import render
from roundbook.show.view import view

SHOWN = 300


@view
def round_governs(book: Book, here: Here, limit: int = SHOWN) -> Markup:
    """Show which decisions govern which files: by the globs of their `affects`, and by markers `@decision ID` in the code.

    A glob that means no file of `HEAD` is noted. `limit` shows so many of each, and 0 all.
    """
    affected = [one for one in book.governed if not one.markers]
    marked = [one for one in book.governed if one.markers]
    told = book.testimony
    return render(
        "governs.md.j2", book, here, affected=affected, marked=marked, limit=limit or len(book.governed),
        searched=told.markers is not None, cut=told.markers_cut,
    )  # fmt: skip
