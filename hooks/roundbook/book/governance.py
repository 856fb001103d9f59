"""Which decisions affect which files, and why a file is as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from roundbook.book.facts import Decision, Governed
from roundbook.book.model import Book
from roundbook.book.paths import meant, moved
from roundbook.book.references import DecisionIndex, settled
from roundbook.frozen import frozen
from roundbook.git.history import Commit, Marker, matches
from roundbook.schema.ids import natural_key
from roundbook.settings import Settings


def govern(book: Book, settings: Settings) -> Book:
    """Return the book with the code markers of each decision, and the decisions that affect each glob and marked file."""
    decision_index = book.decision_index
    marked: dict[str, list[Marker]] = {}
    for marker in book.git_facts.markers or ():
        if name := marked_for(marker, decision_index, book):
            marked.setdefault(name, []).append(marker)
    decisions = {
        name: replace(r, markers=tuple(marked[name])) if name in marked else r for name, r in book.decisions.items()
    }
    return replace(book, decisions=decisions, governed=(*_affected(book, settings), *_marked(decisions.values())))


def marked_for(marker: Marker, decision_index: DecisionIndex, book: Book) -> str | None:
    """Return the decision that a marker names; of several with that number, the one that its file belongs to."""
    if several := decision_index.several(marker.word):
        affects = {name: book.decisions[name].record.affects for name in several if name in book.decisions}
        return settled(several, [marker.path.removeprefix(book.history.prefix)], decision_index, affects)
    return decision_index.find(marker.word)


def _affected(book: Book, settings: Settings) -> Iterator[Governed]:
    found: dict[str, list[str]] = {}
    for decision in book.decisions.values():
        for glob in decision.record.affects if book.is_verified(decision) else ():
            found.setdefault(glob, []).append(decision.id)
    ordered = sorted(book.history.tree) if found else []
    for glob in sorted(found, key=natural_key):
        names = moved((glob,), settings.roots)
        files = {path for name in names for path in files_of(name, book.history.prefix, ordered)}
        yield Governed(glob, tuple(dict.fromkeys(found[glob])), len(files))


def in_force(book: Book) -> Iterator[Decision]:
    """Yield the decisions of this repository that are in force, or may be soon."""
    return (r for r in book.decisions.values() if r.status in ("draft", "proposed", "accepted") and book.is_verified(r))


def files_of(glob: str, prefix: str, ordered: Sequence[str]) -> Iterator[str]:
    """Yield the files of a sorted list that match a glob, below the project or from the root of the repository."""
    plain = glob.strip("/")
    yield from meant(prefix + plain, ordered)
    if prefix:
        yield from meant(plain, ordered)


def _marked(decisions: Iterable[Decision]) -> Iterator[Governed]:
    by_file: dict[str, list[tuple[Marker, str]]] = {}
    for decision in decisions:
        for marker in decision.markers:
            by_file.setdefault(marker.path, []).append((marker, decision.id))
    for path in sorted(by_file, key=natural_key):
        pairs = sorted(by_file[path], key=lambda pair: pair[0].line)
        yield Governed(path, tuple(dict.fromkeys(name for _, name in pairs)), 1, tuple(marker for marker, _ in pairs))


@frozen
class Explanation:
    """Why a path is as it is. `path` counts from the root of the repository; `there` tells whether HEAD has it.

    `decisions` govern it, accepted ones first; `within` govern files in it, where it is a folder; `records` are those that the
    file itself records; `markers` stand in it, each with the decision; `rounds` pairs keys with their commits that touched
    it, those of most first; `commits` touched it, newest first. `outside` tells that its history is not that of the book.
    """

    path: str
    there: bool
    decisions: tuple[Decision, ...]
    rounds: tuple[tuple[str, int], ...]
    commits: tuple[Commit, ...]
    within: tuple[Decision, ...] = ()
    records: tuple[Decision, ...] = ()
    markers: tuple[tuple[Marker, str], ...] = ()
    outside: bool = False


def explain(book: Book, path: str) -> Explanation:
    """Return what is known of a file or folder, named from the project's folder or the root of the repository."""
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
    marked = [(m, r) for r in book.decisions.values() for m in r.markers if m.path == full or m.path.startswith(inside)]
    governing = {
        r.id for r in book.decisions.values() if matches(r.record.affects, own) or matches(r.record.affects, full)
    }
    governing |= {decision.id for marker, decision in marked if marker.path == full}
    below = sorted(p for p in history.tree if p.startswith(inside))
    within = {r.id for r in book.decisions.values() if _means(r.record.affects, history.prefix, below)}
    within |= {r.id for r in book.decisions.values() if _begins(r.record.affects, inside, history.prefix)}
    within |= {decision.id for _, decision in marked}
    held = {name for name in book.adopted_at.get(own, ()) if name in book.decisions}
    held |= {r.id for r in book.decisions.values() if r.round and own in book.files.get(r.round, ())}
    return Explanation(
        full,
        there,
        _decisions_of(book, governing),
        tuple(rounds.most_common()),
        commits,
        _decisions_of(book, within - governing),
        _decisions_of(book, held),
        tuple(sorted(((m, r.id) for m, r in marked), key=lambda pair: (pair[0].path, pair[0].line))),
        not any(map(history.holds, (full, *below))),
    )


def _means(globs: Sequence[str], prefix: str, ordered: Sequence[str]) -> bool:
    return any(True for glob in globs for _ in files_of(glob, prefix, ordered))


def _begins(globs: Sequence[str], inside: str, prefix: str) -> bool:
    """Tell whether a glob begins in a folder, which need not exist yet."""
    return any((prefix + glob.strip("/")).startswith(inside) for glob in globs)


def _decisions_of(book: Book, names: Collection[str]) -> tuple[Decision, ...]:
    """Return decisions of this repository, accepted ones first."""
    found = (book.decisions[name] for name in names)
    own = (decision for decision in found if book.is_verified(decision))
    return tuple(sorted(own, key=lambda r: (r.status != "accepted", r.id)))
