"""In: commits. Out: the people who wrote them, or are named in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from roundbook.model import message
from roundbook.model.facts import Contributor
from roundbook.model.history import Commit, Person


def contributors(commits: Iterable[Commit]) -> tuple[Contributor, ...]:
    """Return who wrote commits or is named as co-author, those with most commits first."""
    wrote: Counter[Person] = Counter()
    helped: Counter[Person] = Counter()
    for commit in commits:
        wrote[commit.author] += 1
        helped.update(p for p in message.co_authors(commit) if p != commit.author)
    people = sorted({*wrote, *helped}, key=lambda p: (-wrote[p], -helped[p], p))
    return tuple(Contributor(p, wrote[p], helped[p]) for p in people)
