"""In: commits. Out: the people who wrote them, or are named in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from roundbook.model import message
from roundbook.model.facts import Contributor
from roundbook.model.history import Commit, Mailmap, Person


def contributors(commits: Iterable[Commit], mailmap: Mailmap) -> tuple[Contributor, ...]:
    """Return who wrote commits or is named as co-author, those with most commits first; `mailmap` names the co-authors."""
    wrote: Counter[Person] = Counter()
    helped: Counter[Person] = Counter()
    for commit in commits:
        wrote[commit.author] += 1
        helped.update(helpers(commit, mailmap))
    people = sorted({*wrote, *helped}, key=lambda p: (-wrote[p], -helped[p], p))
    return tuple(Contributor(p, wrote[p], helped[p]) for p in people)


def helpers(commit: Commit, mailmap: Mailmap) -> tuple[Person, ...]:
    """Return the co-authors of a commit as the mailmap names them, each once and without its author."""
    named = map(mailmap.resolve, message.co_authors(commit))
    return tuple(person for person in dict.fromkeys(named) if person != commit.author)
