"""In: a book. Out: which commits only write rounds down, and do no work."""

from __future__ import annotations

from collections.abc import Collection

from roundbook.model.book import Book


def round_files(book: Book) -> frozenset[str]:
    """Return the paths of all files of rounds, phases and decision records, from the top of the repository."""
    data = (path for paths in book.files.values() for path in paths)
    return frozenset(book.history.prefix + path for path in (*data, *book.adopted_at))


def only_records(book: Book, commit: str, files: Collection[str]) -> bool:
    """Tell whether a commit touches nothing but round files: it writes something down, and does not carry it out.

    The settings may come along with them; alone, they may well be what carries a decision out.
    """
    paths = {change.path for change in book.history.by_id[commit].changes or ()}
    return not paths.isdisjoint(files) and all(_is_settings(path) for path in paths.difference(files))


def _is_settings(path: str) -> bool:
    return path.rpartition("/")[2] == "roundbook.yml"
