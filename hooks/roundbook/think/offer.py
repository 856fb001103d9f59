"""In: the book, the paths that a commit changes, and the rounds as HEAD has them. Out: the trailers that it may want."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.book.model import Book
from roundbook.git.history import matches
from roundbook.schema.base import OPEN
from roundbook.schema.ids import is_phase
from roundbook.schema.round import RoundOrPhase

MOST_ROUNDS = 3
MOST_DECISIONS = 5
MOST_CHANGES = 5
MOST_PATHS = 500
_IN_FORCE = frozenset({"draft", "proposed", "accepted"})


@dataclass(frozen=True, slots=True)
class Offer:
    """The rounds, decisions and changelog entries that a commit may belong to, the likeliest first."""

    rounds: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()


def touched(book: Book, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the rounds of this repository whose own data files are among the paths, which count from the project."""
    changed = frozenset(paths)
    return tuple(e.key for e in book.all_newest_first if e.verified and changed.intersection(book.files.get(e.key, ())))


def offer(book: Book, paths: Sequence[str], before: Mapping[str, RoundOrPhase]) -> Offer:
    """Return what to offer to a commit that changes `paths`; `before` holds the touched rounds as HEAD has them.

    Rounds whose file changes come first, then the newest that are open. Decisions that are written or rewritten come
    first, then those that govern a changed path. Entries of the changelog are offered where they are written or rewritten.
    """
    keys = touched(book, paths)
    still_open = (e.key for e in book.newest_first if e.verified and (e.status is None or e.status in OPEN))
    rounds = dict.fromkeys((*(key for key in keys if not is_phase(key)), *still_open))
    decisions = dict.fromkeys((*_written(book, keys, before), *_governing(book, paths)))
    changes = tuple(_entered(book, keys, before))
    return Offer(tuple(rounds)[:MOST_ROUNDS], tuple(decisions)[:MOST_DECISIONS], changes[:MOST_CHANGES])


def _written(book: Book, keys: Sequence[str], before: Mapping[str, RoundOrPhase]) -> Iterator[str]:
    for key in keys:
        known = {d.slug: d.model_dump() for d in before[key].decisions} if key in before else {}
        for decision in book.entries[key].round.decisions:
            taken = decision.slug in book.rulings and book.rulings[decision.slug].round == key
            if taken and known.get(decision.slug) != decision.model_dump():
                yield decision.slug


def _entered(book: Book, keys: Sequence[str], before: Mapping[str, RoundOrPhase]) -> Iterator[str]:
    for key in keys:
        known = [c.model_dump() for c in before[key].changes] if key in before else []
        entry = book.entries[key]
        for i, change in enumerate(entry.round.changes):
            if change.model_dump() not in known:
                yield f"{key}#{change.id or entry.anchors['changes', i]}"


def _governing(book: Book, paths: Sequence[str]) -> Iterator[str]:
    looked_at = paths[:MOST_PATHS]  # a commit of ten thousand files is not about any one decision
    for ruling in book.rulings.values():
        ours = ruling.status in _IN_FORCE and book.is_verified(ruling)
        if ours and any(matches(ruling.decision.affects, path) for path in looked_at):
            yield ruling.id
