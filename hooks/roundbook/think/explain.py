"""In: the book and a path. Out: why the file is as it is: the decisions that govern it, its rounds, its last commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from roundbook.git.history import Commit, Marker, matches
from roundbook.model.book import Book
from roundbook.model.ruling import Ruling
from roundbook.think.govern import files_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is known of a path: `path` counts from the top of the repository; `there` tells whether HEAD has it.

    `rulings` govern it, accepted ones first; `within` govern files in it, where it is a folder; `records` are those that the
    file itself records; `markers` stand in it, each with the decision; `rounds` pairs keys with their commits that touched
    it, those of most first; `commits` touched it, newest first.
    """

    path: str
    there: bool
    rulings: tuple[Ruling, ...]
    rounds: tuple[tuple[str, int], ...]
    commits: tuple[Commit, ...]
    within: tuple[Ruling, ...] = ()
    records: tuple[Ruling, ...] = ()
    markers: tuple[tuple[Marker, str], ...] = ()


def explain(book: Book, path: str) -> Explanation:
    """Return what is known of a file or folder, named from the project's folder or from the top of the repository."""
    history = book.history
    bare = "" if path in (".", "./") else path.removeprefix("./").strip("/")
    full = (bare if bare in history.tree or not history.prefix else history.prefix + bare).rstrip("/")
    inside = f"{full}/" if full else ""
    commits = tuple(
        c for c in history.commits if any(x.path == full or x.path.startswith(inside) for x in c.changes or ())
    )
    rounds = Counter(link.round for c in commits for link in book.links.get(c.id, ()))
    own = full.removeprefix(history.prefix)
    there = full in history.tree or any(p.startswith(inside) for p in history.tree)
    marked = [(m, r) for r in book.rulings.values() for m in r.markers if m.path == full or m.path.startswith(inside)]
    governing = {
        r.id for r in book.rulings.values() if matches(r.decision.affects, own) or matches(r.decision.affects, full)
    }
    governing |= {ruling.id for marker, ruling in marked if marker.path == full}
    below = sorted(p for p in history.tree if p.startswith(inside))
    within = {r.id for r in book.rulings.values() if _means(r.decision.affects, history.prefix, below)}
    within |= {r.id for r in book.rulings.values() if _begins(r.decision.affects, inside, history.prefix)}
    within |= {ruling.id for _, ruling in marked}
    held = {name for name in book.adopted_at.get(own, ()) if name in book.rulings}
    held |= {r.id for r in book.rulings.values() if r.round and own in book.files.get(r.round, ())}
    return Explanation(
        full,
        there,
        _rulings(book, governing),
        tuple(rounds.most_common()),
        commits,
        _rulings(book, within - governing),
        _rulings(book, held),
        tuple(sorted(((m, r.id) for m, r in marked), key=lambda pair: (pair[0].path, pair[0].line))),
    )


def _means(globs: Sequence[str], prefix: str, ordered: Sequence[str]) -> bool:
    return any(True for glob in globs for _ in files_of(glob, prefix, ordered))


def _begins(globs: Sequence[str], inside: str, prefix: str) -> bool:
    """Tell whether a glob begins in a folder, which need not be there yet."""
    return any((prefix + glob.strip("/")).startswith(inside) for glob in globs)


def _rulings(book: Book, names: Collection[str]) -> tuple[Ruling, ...]:
    """Return decisions of this repository, accepted ones first."""
    found = (book.rulings[name] for name in names)
    own = (ruling for ruling in found if book.is_verified(ruling))
    return tuple(sorted(own, key=lambda r: (r.status != "accepted", r.id)))
