"""In: the book and a path. Out: why the file is as it is: the decisions that govern it, its rounds, its last commits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from roundbook.model.book import Book, Ruling
from roundbook.model.glob import matches
from roundbook.model.history import Commit


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a path: `path` counts from the top of the repository; `there` tells whether HEAD has it.

    `rulings` govern it, accepted ones first; `rounds` pairs keys with their commits that touched it, those of most first;
    `commits` touched it, newest first.
    """

    path: str
    there: bool
    rulings: tuple[Ruling, ...]
    rounds: tuple[tuple[str, int], ...]
    commits: tuple[Commit, ...]


def explain(book: Book, path: str) -> Explanation:
    """Return what is known of a file or folder, named from the project's folder or from the top of the repository."""
    history = book.history
    bare = path.removeprefix("./").strip("/")
    full = bare if bare in history.tree or not history.prefix else history.prefix + bare
    inside = full + "/"
    commits = tuple(
        c for c in history.commits if any(x.path == full or x.path.startswith(inside) for x in c.changes or ())
    )
    rounds = Counter(link.round for c in commits for link in book.links.get(c.id, ()))
    own = full.removeprefix(history.prefix)
    rulings = sorted(
        (r for r in book.rulings.values() if book.entries[r.round].verified and matches(r.decision.affects, own)),
        key=lambda r: (r.status != "accepted", r.id),
    )
    there = full in history.tree or any(p.startswith(inside) for p in history.tree)
    return Explanation(full, there, tuple(rulings), tuple(rounds.most_common()), commits)
