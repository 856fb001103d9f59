"""In: the book of a base and that of a head. Out: which round of the one is which of the other, also where it was moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from roundbook.model.book import Book
from roundbook.model.names import is_phase
from roundbook.model.records import RoundOrPhase

ALIKE = 0.8  # from here on two texts are one that was edited
MOST = 20  # rounds without a counterpart that are held against each other
_NAMES = {"round", "phase", "was"}


def moves(old: Book, new: Book) -> Mapping[str, str]:
    """Return, by the key that a round had, the key that it has, for all rounds that are in both books.

    A round that has another key is known again by its `was:`, else by what it says: of two that are much alike, the one
    that went and the one that came are the same round.
    """
    same = {key: key for key in old.entries if key in new.entries}
    said = {before: key for before, key in new.former.rounds.items() if before in old.entries and before not in same}
    found = same | said
    unread = {broken.key for broken in new.broken}  # of what cannot be read nothing is known, not even that it went
    gone = [key for key in old.entries if key not in found and key not in unread][:MOST]
    come = [key for key in new.entries if key not in found.values() and key not in old.former.rounds][:MOST]
    for before, key in _pairs(old, new, gone, come):
        if before not in found and key not in found.values():
            found[before] = key
    return found


def _pairs(old: Book, new: Book, gone: list[str], come: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs that are much alike, the likest first."""
    words = {key: _words(new.entries[key].round) for key in come}
    likeness = {
        (before, key): SequenceMatcher(None, _words(old.entries[before].round), words[key], autojunk=False).ratio()
        for before in gone
        for key in come
        if is_phase(key) == is_phase(before)
    }
    ordered = sorted(likeness, key=lambda pair: -likeness[pair])
    yield from (pair for pair in ordered if likeness[pair] >= ALIKE)


def said(record: RoundOrPhase) -> dict[str, object]:
    """Return what a round says, without what it is called."""
    return record.model_dump(exclude=_NAMES)


def _words(record: RoundOrPhase) -> str:
    return str({name: value for name, value in said(record).items() if value})[:2_000]
