"""Which words of imported documents no page of the book shows."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from roundbook.book.model import Book
from roundbook.importer.statements import Statement, statements
from roundbook.markdown import Document
from roundbook.site.pages import pages

_NOT_SHOWN = re.compile(r"\{ [#.][^}]*\}|<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_COMMIT = re.compile(r"[0-9a-f]{7,40}")  # one that git does not have is told of as evidence, and not on the page
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def words(text: str) -> list[str]:
    """Return the words and numbers of a text in lower case, whatever marks stand around them."""
    return re.findall(r"[^\W_]+", text.casefold())


def shown(book: Book) -> list[str]:
    """Return the words that a reader of the pages of rounds, phases and decisions sees."""
    told = (page.text for page in pages(book) if page.uri.startswith(("rounds/", "decisions/", "changelog/")))
    return words(" ".join(html.unescape(_NOT_SHOWN.sub(" ", text)) for text in told))


def unseen(documents: Iterable[Document], book: Book) -> list[str]:
    """Return the contents of documents (all but names, and the numbers of rows) of which a word is on no page."""
    seen = frozenset(shown(book))
    days = frozenset(word for text in _DAY.findall(" ".join(_dates(book))) for word in words(text))
    return [
        f"{document.path}:{one.line}: {one.text}"
        for document in documents
        for one in contents(document)
        if not (seen.issuperset(said := _said(one.text)) or _is_date(said, days))
    ]


def not_in_one_piece(documents: Iterable[Document], book: Book) -> list[str]:
    """Return the contents of documents that no page shows word after word."""
    text = f" {' '.join(shown(book))} "
    return [
        one.text for document in documents for one in contents(document) if f" {' '.join(words(one.text))} " not in text
    ]


def contents(document: Document) -> Iterator[Statement]:
    """Yield what a document says, without the names of what it says and the numbers of rows."""
    return (one for one in statements(document) if not one.is_name and not one.counted and one.kind != "tick")


def _said(text: str) -> set[str]:
    return {word for word in words(text) if not _COMMIT.fullmatch(word)}


def _dates(book: Book) -> Iterator[str]:
    for entry in book.entries.values():
        yield str(entry.round.date or "")
    for decision in book.decisions.values():
        yield str(decision.record.date or "")


def _is_date(said: set[str], days: frozenset[str]) -> bool:
    """Tell whether words spell a day that the book has: each number but the month is in it."""
    numbers = {word for word in said if word.isdigit()}
    return len(numbers) >= 2 and {n.zfill(2) for n in numbers} <= {d.zfill(2) for d in days}
