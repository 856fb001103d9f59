"""Areas of a project: what commits worked on, by the scopes that they name and the folders that they changed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from roundbook.book.ancestry import between
from roundbook.book.coverage import MERGE, REVERT, REVERTED, TWICE
from roundbook.book.model import Book
from roundbook.draft import CommitRange, short
from roundbook.errors import plural
from roundbook.git import message
from roundbook.git.history import Commit, Person
from roundbook.site.escape import code, cut, literal

TOP = "top folder"
NAMED = 3  # areas in a focus, and subjects in a row
_BOT = "[bot]"
_REQUEST = re.compile(r"\s*\([#!]\d+\)$")
_TYPES = frozenset(("build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"))
# Folders whose subfolders are the parts of a project.
_PARENTS = frozenset(
    (
        "apps",
        "cmd",
        "components",
        "crates",
        "internal",
        "lib",
        "libs",
        "modules",
        "packages",
        "pkg",
        "plugins",
        "services",
    )
) | {"src"}
_QUIET = frozenset({MERGE, TWICE, REVERT, REVERTED})


def is_bot(person: Person) -> bool:
    """Return whether an author is a program of a forge."""
    return person.name.endswith(_BOT) or f"{_BOT}@" in person.email


def scope_of(commit: Commit) -> str:
    """Return the scope in the head of a conventional subject."""
    head = message.conventional(commit)
    return (head.scope or "").strip() if head else ""


def text_of(commit: Commit) -> str:
    """Return the words of a subject, without its conventional head and the number of its pull request."""
    head = message.conventional(commit)
    words = head.text if head else commit.subject
    return _REQUEST.sub("", words) or words


def areas(book: Book, commits: Iterable[Commit]) -> dict[str, str]:
    """Return the area of each commit by its id; merges have none, and what changed no file is in the empty one.

    The area is the scope, else the folder in which most of the files lie: of several, the one that most commits changed.
    A folder that bears the name of a scope is that scope.
    """
    work = [commit for commit in commits if len(commit.parents) < 2]
    scopes = {scope.casefold(): scope for commit in reversed(work) if (scope := _named(commit))}
    prefix = book.history.prefix
    touched = {
        commit.id: Counter(
            _folder(change.path.removeprefix(prefix), scopes)
            for change in commit.changes or ()
            if change.path.startswith(prefix)
        )
        for commit in work
    }
    common = Counter(folder for folders in touched.values() for folder in folders)
    return {
        commit.id: _named(commit)
        or max(touched[commit.id].items(), key=lambda one: (one[1], common[one[0]], one[0]), default=("", 0))[0]
        for commit in work
    }


def _named(commit: Commit) -> str:
    """Return the scope, but for one that is the number of a round or a plan."""
    scope = scope_of(commit)
    return scope if any(map(str.isalpha, scope)) else ""


def _folder(path: str, scopes: Mapping[str, str]) -> str:
    parts = path.split("/")
    if len(parts) == 1:
        return TOP
    folder = parts[:2] if parts[0] in _PARENTS and len(parts) > 2 else parts[:1]
    return scopes.get(folder[-1].casefold(), "/".join(folder))


def by_area(areas: Mapping[str, str], commits: Iterable[Commit]) -> dict[str, list[Commit]]:
    """Return the commits of each area, those with most first, and last what has none."""
    found: dict[str, list[Commit]] = {}
    for commit in commits:
        if commit.id in areas:
            found.setdefault(areas[commit.id], []).append(commit)
    return dict(sorted(found.items(), key=lambda one: (not one[0], -len(one[1]), one[0])))


def rows(book: Book, grouped: Mapping[str, Sequence[Commit]]) -> list[list[str]]:
    """Return a row for each area: its name, how many commits of which types, and the newest of them in their own words."""
    return [[_shown(name) or "none", _counted(found), _told(book, found)] for name, found in grouped.items()]


def _counted(commits: Sequence[Commit]) -> str:
    heads = (message.conventional(commit) for commit in commits)
    kinds = Counter(head.type if head and head.type in _TYPES else "other" for head in heads)
    listed = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items(), key=lambda one: (-one[1], one[0])))
    return f"{len(commits):,}" if set(kinds) == {"other"} else f"{len(commits):,}: {listed}"


def _told(book: Book, commits: Sequence[Commit]) -> str:
    """Return the newest subjects, those of people before those of programs, each with the id that leads to its commit."""
    kept = [commit for commit in commits if book.coverage[commit.id].reason not in _QUIET]
    ordered = sorted(kept or commits, key=lambda commit: is_bot(commit.author))
    told = [f"{_shown(text_of(commit))} {code(short(book, commit.id))}".strip() for commit in ordered[:NAMED]]
    more = len(commits) - len(told)
    return "; ".join((*told, *([f"{more:,} more"] if more else ())))


def _shown(text: str) -> str:
    return literal(cut(text))


def subject(
    book: Book, commit_range: CommitRange, grouped: Mapping[str, Sequence[Commit]]
) -> tuple[str, str, list[str]]:
    """Return what the commits are about as title and focus, and their pull request.

    That is the one name that git knows for them as the focus, else which commits they are as the title, and what is counted.
    A pull request of which there are other commits is not theirs: to name it would claim those too, and so would a branch.
    """
    commits = commit_range.commits
    work = {commit.id for commit in commits if len(commit.parents) < 2}
    pulls = [pull for pull in book.pull_requests.values() if work and work == set(pull.commits)]
    numbers = [f"#{pull.number}" for pull in pulls]
    if len(work) == 1:
        return "", text_of(next(c for c in commits if c.id in work)), numbers
    if len(pulls) == 1:
        return "", pulls[0].title, numbers
    merges = [commit for commit in commits if len(commit.parents) > 1]
    name = message.merged_branch(merges[0]) if len(merges) == 1 else None
    if name and work and work.issubset(between(book.history, merges[0].parents[0], merges[0].id)):
        return "", name, []
    return _span(book, commit_range), _counts(grouped, len(merges)), numbers


def _span(book: Book, commit_range: CommitRange) -> str:
    if commit_range.after:
        return f"Work after round {commit_range.after}"
    if commit_range.tag:
        return f"Version {commit_range.tag}"
    if any(tag.name == commit_range.base for tag in book.history.tags):
        return f"Work after {commit_range.base}"
    days = sorted({commit.authored.day for commit in commit_range.commits if commit.authored.known})
    return " to ".join(("Work from " + days[0], days[-1])) if len(days) > 1 else "Work of one day"


def _counts(grouped: Mapping[str, Sequence[Commit]], merges: int) -> str:
    """Return how many commits and merges there are, and how many commits in the areas with most.

    Areas of tools and of programs come last.
    """
    ordered = sorted(
        filter(None, grouped),
        key=lambda name: name.startswith(".") or all(is_bot(one.author) for one in grouped[name]),
    )
    parts = [f"{len(grouped[name]):,} in {name}" for name in ordered[:NAMED]]
    total = plural(sum(map(len, grouped.values())), "commit") + (f" and {plural(merges, 'merge')}" if merges else "")
    return f"{total} in {ordered[0]}" if len(grouped) == len(ordered) == 1 else ", ".join((total, *parts))
