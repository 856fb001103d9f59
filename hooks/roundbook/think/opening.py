"""In: the book. Out: which round is written in now, and which id the next one has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from roundbook.model.book import Book, Entry
from roundbook.schema.ids import natural_key

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
NAMED = 3


def current(book: Book) -> Entry | None:
    """Return the round that is written in now: the newest that is not closed for good, else the newest; `None` of none."""
    still_open = (entry for entry in book.newest_first if entry.verified and entry.round.closed is None)
    return next((e for e in still_open if e.status not in ("done", "dropped")), next(iter(book.newest_first), None))


def following(book: Book, phase: str = "") -> str:
    """Return the key of the round after the last one of a phase, by default of the newest: its last number, and one.

    A phase without rounds begins with 1, and a book without phases with 1/1. A number that a branch beside this one has
    is passed over, so that two branches do not begin the same round.
    """
    phase = phase or next(iter(book.phase_keys), "1")
    numbers = list(_numbers(book, phase))
    last = numbers[-1] if numbers else "0"
    made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1).zfill(len(m[0])), last)
    while made == last or taken(book, f"{phase}/{made}"):
        made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1), made) if _LAST_NUMBER.search(made) else f"{made}2"
    return f"{phase}/{made}"


def _numbers(book: Book, phase: str) -> Iterator[str]:
    yield from (e.round.round for e in book.rounds.values() if e.round.phase == phase)
    yield from (b.key.partition("/")[2] for b in book.broken if b.key.partition("/")[0] == phase)


def taken(book: Book, key: str) -> str:
    """Return, in words that follow "round KEY is", who has a round of this key, in whatever case: this book or branches."""
    wanted = key.casefold()
    for other, paths in book.files.items():
        if other.casefold() == wanted and "/" in other:
            return f"there already, in {', '.join(paths)}"
    for old, today in book.former.rounds.items():
        if old.casefold() == wanted:
            return f"what round {today} was called before"
    for other in sorted(book.testimony.rounds, key=natural_key):
        if other.casefold() == wanted:
            refs = book.testimony.rounds[other]
            more = f" and {len(refs) - NAMED} more" if len(refs) > NAMED else ""
            return f"on another branch already, {', '.join(refs[:NAMED])}{more}"
    return ""
