"""In: commits. Out: who worked: agents that trailers name, else authors and co-authors, each with the scopes of the work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from roundbook.book.facts import helpers
from roundbook.git import message
from roundbook.git.history import Commit, Mailmap, Person
from roundbook.model.draft import Worker
from roundbook.schema import ids

_NAME = re.compile(r"(?P<name>[^<>]*?)\s*(?:<[^<>]*>)?")
_BOT = "[bot]"


@dataclass
class _Tally:
    """What is counted of one worker."""

    commits: int = 0
    helped: int = 0
    scopes: Counter[str] = field(default_factory=Counter)
    people: dict[str, None] = field(default_factory=dict)
    bot: bool = False


def workers(commits: Iterable[Commit], mailmap: Mailmap) -> tuple[Worker, ...]:
    """Return who worked, those with most commits first; merges are nobody's work.

    Where a commit names agents in trailers `Agent:`, they worked, and its author and co-authors are the people behind them.
    """
    tallies: dict[str, _Tally] = {}
    for commit in commits:
        if len(commit.parents) < 2:
            _count(commit, mailmap, tallies)
    found = (
        Worker(name, t.commits, t.helped, tuple(_by_number(t.scopes)), tuple(t.people), t.bot)
        for name, t in tallies.items()
    )
    return tuple(sorted(found, key=lambda w: (-w.commits, -w.helped, w.name)))


def _count(commit: Commit, mailmap: Mailmap, tallies: dict[str, _Tally]) -> None:
    agents = tuple(_agents(commit))
    people = (commit.author, *helpers(commit, mailmap))
    for name in agents or (_named(commit.author),):
        tally = tallies.setdefault(name, _Tally())
        tally.commits += 1
        if scope := scope_of(commit):
            tally.scopes[scope] += 1
        if agents:
            tally.people.update(dict.fromkeys(_named(p) for p in people if _named(p) not in agents))
        else:
            tally.bot = tally.bot or _is_bot(commit.author)
    for person in () if agents else people[1:]:
        tally = tallies.setdefault(_named(person), _Tally())
        tally.helped += 1
        tally.bot = tally.bot or _is_bot(person)


def _agents(commit: Commit) -> Iterator[str]:
    for value in dict.fromkeys(commit.values("Agent")):
        match = _NAME.fullmatch(value)
        if name := " ".join((match["name"] if match else value).split()):
            yield name


def _named(person: Person) -> str:
    return ids.person(person.name)


def _is_bot(person: Person) -> bool:
    return person.name.endswith(_BOT) or f"{_BOT}@" in person.email


def scope_of(commit: Commit) -> str:
    """Return the scope of a conventional commit, or nothing."""
    head = message.conventional(commit)
    return (head.scope or "").strip() if head else ""


def _by_number(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
