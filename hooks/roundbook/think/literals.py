"""In: a book. Out: the literals of its decisions, and in which files each of them counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from roundbook.git.history import is_apart, matches
from roundbook.model.book import Book
from roundbook.model.ruling import Ruling
from roundbook.settings import Settings
from roundbook.think.paths import moved
from roundbook.think.probing import sought

SHORTEST = 3  # characters; anything shorter is everywhere


@dataclass(frozen=True, slots=True)
class Literal:
    """A text whose return would mean that a decision was reversed; `fault` says why it cannot be searched for."""

    ruling: Ruling
    index: int
    text: str
    fault: str


def literals(book: Book) -> Iterator[Literal]:
    """Yield the literals of the decisions of this repository that are, or once were, accepted."""
    for ruling in book.rulings.values():
        if book.is_verified(ruling) and ruling.status not in ("draft", "proposed"):
            for i, written in enumerate(ruling.decision.literals):
                text, fault = sought(written)
                if not fault and len(text.strip()) < SHORTEST:
                    fault = f"it is shorter than {SHORTEST} characters"
                yield Literal(ruling, i, text, fault)


class Scope:
    """Tells in which files the literals of a decision count.

    They count where it `affects` something, there alone; else in all files but those of the data and Markdown, which speak
    of things. The round files themselves never count.
    """

    def __init__(self, book: Book, settings: Settings, apart: str) -> None:
        self.prefix, self.apart, self.roots = book.history.prefix, apart, settings.roots
        self.holds = cache(self._holds)

    def globs(self, ruling: Ruling) -> tuple[str, ...]:
        """Return what a decision affects, with where the settings say that a folder of it went."""
        return moved(ruling.decision.affects, self.roots)

    def _holds(self, globs: tuple[str, ...], path: str) -> bool:
        if not globs:
            return not is_apart(path, self.apart)
        if path.startswith(f"{self.apart}rounds/"):
            return False
        return matches(globs, path.removeprefix(self.prefix)) or matches(globs, path)
