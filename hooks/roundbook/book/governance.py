"""Which decisions affect which files, and why a file is as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from roundbook.book.facts import Governed, Homes, Ruling
from roundbook.book.ids import decision_of, settled
from roundbook.book.model import Book
from roundbook.book.paths import meant, moved
from roundbook.git.history import Commit, Marker, matches
from roundbook.schema.ids import natural_key
from roundbook.settings import Settings


def govern(book: Book, settings: Settings) -> Book:
    """Return the book with the markers at each decision, and with what each glob and each marked file is governed by."""
    homes = book.former.cited(book.homes)
    marked: dict[str, list[Marker]] = {}
    for marker in book.testimony.markers or ():
        if name := marked_for(marker, homes, book):
            marked.setdefault(book.former.decisions.get(name, name), []).append(marker)
    rulings = {
        name: replace(r, markers=tuple(marked[name])) if name in marked else r for name, r in book.rulings.items()
    }
    return replace(book, rulings=rulings, governed=(*_affected(book, settings), *_marked(rulings.values())))


def marked_for(marker: Marker, homes: Homes, book: Book) -> str | None:
    """Return the decision that a marker names; of several with that number the one that its file belongs to."""
    if several := homes.several(marker.word):
        affects = {name: book.rulings[name].decision.affects for name in several if name in book.rulings}
        return settled(several, [marker.path.removeprefix(book.history.prefix)], homes, affects)
    return decision_of(marker.word, homes)


def _affected(book: Book, settings: Settings) -> Iterator[Governed]:
    found: dict[str, list[str]] = {}
    for ruling in book.rulings.values():
        for glob in ruling.decision.affects if book.is_verified(ruling) else ():
            found.setdefault(glob, []).append(ruling.id)
    ordered = sorted(book.history.tree) if found else []
    for glob in sorted(found, key=natural_key):
        names = moved((glob,), settings.roots)
        files = {path for name in names for path in files_of(name, book.history.prefix, ordered)}
        yield Governed(glob, tuple(dict.fromkeys(found[glob])), len(files))


def files_of(glob: str, prefix: str, ordered: Sequence[str]) -> Iterator[str]:
    """Yield the files, of a sorted list, that a glob means: below the project, and from the top of the repository."""
    plain = glob.strip("/")
    yield from meant(prefix + plain, ordered)
    if prefix:
        yield from meant(plain, ordered)


def _marked(rulings: Iterable[Ruling]) -> Iterator[Governed]:
    by_file: dict[str, list[tuple[Marker, str]]] = {}
    for ruling in rulings:
        for marker in ruling.markers:
            by_file.setdefault(marker.path, []).append((marker, ruling.id))
    for path in sorted(by_file, key=natural_key):
        pairs = sorted(by_file[path], key=lambda pair: pair[0].line)
        yield Governed(path, tuple(dict.fromkeys(name for _, name in pairs)), 1, tuple(marker for marker, _ in pairs))


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
