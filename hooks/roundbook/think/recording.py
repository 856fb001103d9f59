"""In: a book. Out: which commits only write rounds down, and do no work."""

from __future__ import annotations

from collections.abc import Collection

from roundbook.model.book import Book


def round_files(book: Book) -> frozenset[str]:
    """Return the paths of all round files, from the top of the repository."""
    return frozenset(book.history.prefix + path for paths in book.files.values() for path in paths)


def only_records(book: Book, commit: str, files: Collection[str]) -> bool:
    """Tell whether a commit touches nothing but round files: it writes something down, and does not carry it out."""
    changes = book.history.by_id[commit].changes
    return bool(changes) and all(change.path in files for change in changes or ())
