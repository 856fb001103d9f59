"""In: the book. Out: threads: what is blocked, open, put off, asked or to be looked at again."""

from __future__ import annotations

from typing import Literal

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.show.here import Here
from roundbook.show.lookup import an_entry
from roundbook.show.render import render
from roundbook.show.view import view

WORDS = {
    "blocked": "blocked",
    "open": "open",
    "deferred": "put off",
    "question": "question",
    "revisit": "to look at again",
}


@view
def round_threads(
    book: Book,
    here: Here,
    status: Literal["open", "closed", "all"] = "open",
    round: str = "",  # noqa: A002 - the word users write
    limit: int = 0,
) -> Markup:
    """Show what is not finished, newest round first: who raised it, and which round closed it and why.

    `round` shows those of one round; `status` the open ones, the closed ones or all; `limit` shows so many, and 0 all.
    """
    key = an_entry(book, round).key if round else ""
    order = {entry.key: i for i, entry in enumerate(book.all_newest_first)}
    rows = [
        t
        for t in sorted(book.threads, key=lambda t: (t.closed_by is not None, order.get(t.round, len(order))))
        if (not key or t.round == key) and (status == "all" or (t.closed_by is None) == (status == "open"))
    ]

    return render("threads.md.j2", book, here, rows=rows[:limit] if limit else rows, words=WORDS)
