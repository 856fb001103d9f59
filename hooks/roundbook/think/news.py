"""In: the findings of a base and of a head. Out: those that are new, those that are mended, and ids that collide."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from roundbook.errors import Finding
from roundbook.model.book import Book
from roundbook.model.proposal import Collision

COLLIDES = "decision-duplicate"  # what other branches hold is the same for both, and told by itself
_COUNTED = re.compile(r"(?<=ml):\d+(?::\d+)?| of (?:\d[\d,]* commits \(the newest is \w+\)|commit \w+)")
Known = tuple[str, str, str]


def news(old: Book, new: Book, moved: Mapping[str, str]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that only the new book has, and those that only the old one has.

    Two are the same by their kind, the round or file they stand in, and their words without the numbers of lines and the
    commits; that of a check by what it holds, since the evidence grows with every commit.
    """
    before, after = dict(_known(old, moved)), dict(_known(new, {}))
    return tuple(_beyond(after, before)), tuple(_beyond(before, after))


def _beyond(
    ours: Mapping[int, tuple[Known, Finding]], theirs: Mapping[int, tuple[Known, Finding]]
) -> Iterator[Finding]:
    left = Counter(known for known, _ in theirs.values())
    for known, finding in ours.values():
        left[known] -= 1
        if left[known] < 0:
            yield finding


def _known(book: Book, moved: Mapping[str, str]) -> Iterator[tuple[int, tuple[Known, Finding]]]:
    claims = {f: v.claim for v in book.verdicts if (f := v.finding)}
    home = {path: moved.get(key, key) for key, paths in book.files.items() for path in paths}
    for i, finding in enumerate(book.findings):
        if finding.slug != COLLIDES:
            where = finding.place.path if finding.place else ""
            words = claims.get(finding) or _COUNTED.sub("", finding.message)
            yield i, ((finding.slug, home.get(where, where), words), finding)


def collisions(book: Book, ids: Collection[str]) -> tuple[Collision, ...]:
    """Return the decisions, of those with these ids, whose id another branch uses for another decision."""
    at = {r.address: r.id for r in book.rulings.values()}
    found = (v for v in book.verdicts if v.check == COLLIDES and v.finding)
    named = ((at.get((v.round, v.anchor), ""), v) for v in found)
    return tuple(Collision(name, v.round, v.evidence, v.mend) for name, v in named if name in ids)
