"""In: a book with what git testified, and the settings. Out: the book with what governs which file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from roundbook.git.history import Marker
from roundbook.model.book import Book
from roundbook.model.facts import Governed
from roundbook.model.homes import Homes
from roundbook.model.ruling import Ruling
from roundbook.schema.ids import natural_key
from roundbook.settings import Settings
from roundbook.think.paths import meant, moved
from roundbook.think.references import decision_of, settled


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
