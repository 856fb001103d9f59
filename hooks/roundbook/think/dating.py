"""In: a book whose decisions are in part adopted from files of their own. Out: the book, their days told by git."""

from __future__ import annotations

from dataclasses import replace

from roundbook.model.book import Book
from roundbook.model.ruling import Ruling


def dated(book: Book) -> Book:
    """Return the book in which an adopted decision that says no day has that of the commit that added it, as its author's."""
    found = {name: _dated(ruling, book) for name, ruling in book.rulings.items() if ruling.adopted and not ruling.date}
    return (
        replace(book, rulings={name: found.get(name, ruling) for name, ruling in book.rulings.items()})
        if found
        else book
    )


def _dated(ruling: Ruling, book: Book) -> Ruling:
    life = book.lives.of("decision", ruling.id)
    commit = book.commit(life.steps[0].commit) if life and life.recorded else None
    return replace(ruling, date=commit.authored.day, dated_by=commit.id) if commit and commit.authored.known else ruling
