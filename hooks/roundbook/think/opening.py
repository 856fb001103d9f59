"""In: the book. Out: which round is written in now, and which id the next one has."""

from __future__ import annotations

import re

from roundbook.model.book import Book, Entry

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")


def current(book: Book) -> Entry | None:
    """Return the round that is written in now: the newest that is not closed for good, else the newest; `None` of none."""
    still_open = (entry for entry in book.newest_first if entry.verified and entry.round.closed is None)
    return next((e for e in still_open if e.status not in ("done", "dropped")), next(iter(book.newest_first), None))


def following(book: Book, phase: str = "") -> str:
    """Return the key of the round after the last one of a phase, by default of the newest: its last number, and one.

    A phase without rounds begins with 1, and a book without phases with 1/1.
    """
    phase = phase or next(iter(book.phase_keys), "1")
    numbers = [*(e.round.round for e in book.entries.values() if e.round.phase == phase)]
    numbers += [b.key.partition("/")[2] for b in book.broken if b.key.partition("/")[0] == phase]
    last = numbers[-1] if numbers else "0"
    made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1).zfill(len(m[0])), last)
    while made in numbers or made == last:
        made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1), made) if _LAST_NUMBER.search(made) else f"{made}2"
    return f"{phase}/{made}"
