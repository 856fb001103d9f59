"""In: a slug, and those that are taken. Out: one that is free."""

from __future__ import annotations

from collections.abc import Collection

from roundbook.model.book import Book


def free(stem: str, taken: Collection[str]) -> str:
    """Return `stem`, or `stem-2` and so on, whichever is the first that is not among `taken`, which is in lower case."""
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name.casefold() not in taken)


def taken(book: Book) -> frozenset[str]:
    """Return, in lower case, the ids of all decisions of the book and of the branches beside it."""
    ids = (*book.rulings, *(one.id for one in book.testimony.elsewhere or ()))
    return frozenset(name.casefold() for name in ids)
