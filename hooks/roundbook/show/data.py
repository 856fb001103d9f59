"""In: the book. Out: the rounds as plain values that a page's own template may loop over.

Only what round files say, which is reviewed, and counts are in it: no text from git reaches a template by this way.
"""

from __future__ import annotations

from dataclasses import dataclass

from roundbook.book.model import Book
from roundbook.schema.round import RoundOrPhase
from roundbook.show import addresses
from roundbook.show.views.rounds import tests_of


@dataclass(frozen=True, slots=True)
class RoundData:
    """One round: its `key` (`3/4`), how it stands, its figures, its page (`rounds/3/4.md`) and the whole `record`."""

    key: str
    phase: str
    round: str
    name: str
    status: str | None
    date: str
    focus: str
    tests: str | None
    commits: int
    page: str
    record: RoundOrPhase


def rounds(book: Book) -> tuple[RoundData, ...]:
    """Return all rounds, newest first."""
    return tuple(
        RoundData(
            key=e.key,
            phase=e.round.phase,
            round=e.round.round,
            name=e.round.name,
            status=e.status,
            date=e.round.date.last.isoformat() if e.round.date else "",
            focus=e.round.focus or "",
            tests=tests_of(e),
            commits=len(book.home(e.key).entries[e.key].links),
            page=addresses.round_page(e.key),
            record=e.round,
        )
        for e in book.newest_first
    )
