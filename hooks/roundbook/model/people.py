"""In: commits. Out: the people who wrote them, or are named in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from roundbook.git import message
from roundbook.git.history import Commit, Mailmap, Person
from roundbook.model.facts import Contributor


def contributors(commits: Iterable[Commit], mailmap: Mailmap) -> tuple[Contributor, ...]:
    """Return who wrote commits or is named as co-author, those with most commits first; `mailmap` names the co-authors.

    Names and addresses that differ only in case, or in blanks, are those of one person, who is called as the author is.
    """
    wrote: Counter[Person] = Counter()
    helped: Counter[Person] = Counter()
    known: dict[Person, Person] = {}
    commits = tuple(commits)
    for commit in commits:
        wrote[known.setdefault(_folded(commit.author), commit.author)] += 1
    for commit in commits:
        helped.update(known.setdefault(_folded(person), person) for person in helpers(commit, mailmap))
    people = sorted({*wrote, *helped}, key=lambda p: (-wrote[p], -helped[p], p))
    return tuple(Contributor(p, wrote[p], helped[p]) for p in people)


def helpers(commit: Commit, mailmap: Mailmap) -> tuple[Person, ...]:
    """Return the co-authors of a commit as the mailmap names them, each once and without its author."""
    named = (mailmap.resolve(person) for person in message.co_authors(commit))
    found = {_folded(person): person for person in reversed(tuple(named))}
    author = _folded(commit.author)
    return tuple(
        found[one] for one in reversed(found) if one != author and (not one.email or one.email != author.email)
    )


def _folded(person: Person) -> Person:
    return Person(" ".join(person.name.casefold().split()), person.email.strip().casefold())
