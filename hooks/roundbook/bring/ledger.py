"""In: the texts of a tree. Out: where a note's text is found among them; what is claimed once is not found again.

So a text that the note has eight times must be eight times in the tree. Longer texts are to be claimed first, since shorter
ones may be parts of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice

from roundbook.bring.leaves import CHOSEN, Form, Leaf, Path, forms, tokens

MOST_TRIED = 300


class Ledger:
    """Who has claimed which part of which leaf."""

    def __init__(self, found: Sequence[Leaf]) -> None:
        self.leaves = found
        self.taken = [bytearray(len(leaf.text)) for leaf in found]
        self.keys = [leaf.keys for leaf in found]
        self.whole: dict[str, list[int]] = defaultdict(list)
        self.alone: dict[str, list[int]] = defaultdict(list)
        self.first: dict[str, list[Form]] = defaultdict(list)
        self.chosen: dict[str, list[int]] = defaultdict(list)
        self.by_entry: dict[Path, list[int]] = defaultdict(list)
        self.words: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._searches: dict[str, Iterator[tuple[int, int]]] = {}
        for number, leaf in enumerate(found):
            self._enter(number, leaf)

    def _enter(self, number: int, leaf: Leaf) -> None:
        self.by_entry[leaf.entry].append(number)
        for form in forms(number, leaf):
            if starts := tokens(form.text[:80]):
                self.first[starts[0][1].casefold()].append(form)
        if leaf.derived:
            return
        (self.alone if leaf.alone else self.whole)[leaf.text].append(number)
        if leaf.path[-1] in CHOSEN:
            self.chosen[chosen(leaf.text)].append(number)
        for start, word in tokens(leaf.text):
            self.words[word].append((number, start))

    def free(self, number: int, start: int, end: int) -> bool:
        """Tell whether nobody claimed any of a part of a leaf."""
        return self.taken[number].find(1, start, end) < 0

    def take(self, number: int, start: int, end: int) -> None:
        """Claim a part of a leaf."""
        self.taken[number][start:end] = b"\1" * (end - start)

    def exact(self, text: str, wanted: frozenset[str], alone: frozenset[str] | None) -> Path | None:
        """Claim a leaf that is the text, best one below the wanted keys, and return the way to it.

        What the round says of itself is claimed for the keys `alone`, if these are given, and may be claimed again.
        """
        again = [n for n in self.alone.get(text, ()) if alone is None or self.keys[n] & alone]
        for n in again:
            if alone is not None or self.free(n, 0, len(text)):
                self.take(n, 0, len(text))
                return self.leaves[n].path
        best = self._best(self.whole.get(text, []), len(text), wanted)
        if best is not None:
            self.take(best, 0, len(text))
            return self.leaves[best].path
        return None

    def _best(self, open_: list[int], length: int, wanted: frozenset[str]) -> int | None:
        """Return the leaf of a list that is below most of the wanted keys, and drop it, and those that are claimed."""
        while open_:
            tried = [n for n in open_[:MOST_TRIED] if self.free(n, 0, length)]
            if tried:
                best = max(tried, key=lambda n: len(self.keys[n] & wanted))
                open_[:MOST_TRIED] = [n for n in tried if n != best]
                return best
            del open_[:MOST_TRIED]
        return None

    def within(self, text: str) -> Path | None:
        """Claim a part of a leaf that is the text, and return the way to that leaf."""
        if text not in self._searches:
            self._searches[text] = self._search(text)
        for number, start in self._searches[text]:
            if self.free(number, start, start + len(text)):
                self.take(number, start, start + len(text))
                return self.leaves[number].path
        return None

    def _search(self, text: str) -> Iterator[tuple[int, int]]:
        words = tokens(text)
        if not words:
            return
        for number, start in self._candidates(words):
            leaf = self.leaves[number]
            exact = leaf.alone and leaf.text == text  # which `exact` gives, to those that may have it
            if start >= 0 and not exact and leaf.text.startswith(text, start) and self._bounded(number, start, text):
                yield number, start

    def _candidates(self, words: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
        """Yield where a text may begin, by its rarest word, or by its rarest three where each of its words is frequent."""
        offset, rarest = min(words, key=lambda one: len(self.words.get(one[1], ())))
        places = self.words.get(rarest, [])
        if len(places) > MOST_TRIED and len(words) > 2:
            runs = [(at, _run(words, i)) for i, (at, _) in enumerate(words[:-2])]
            offset, run = min(runs, key=lambda one: len(self.runs.get(one[1], ())))
            places = self.runs.get(run, [])
        yield from ((number, at - offset) for number, at in places)

    @cached_property
    def runs(self) -> dict[int, list[tuple[int, int]]]:
        """Return where each three words stand behind each other; made when the first text asks."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, leaf in enumerate(self.leaves):
            words = () if leaf.derived else tokens(leaf.text)
            for i, (at, _) in enumerate(words[:-2]):
                found[_run(words, i)].append((number, at))
        return found

    def _bounded(self, number: int, start: int, text: str) -> bool:
        return bounded(self.leaves[number].text, start, start + len(text))

    def word(self, text: str, wanted: frozenset[str]) -> Path | None:
        """Claim a leaf that is a word of a few, such as a status, as people write it, and return the way to it."""
        best = self._best(self.chosen.get(chosen(text), []), 1, wanted)
        if best is None:
            return None
        self.take(best, 0, len(self.leaves[best].text))
        return self.leaves[best].path

    def pieces(self, text: str, at: int, word: str) -> Iterator[Form]:
        """Yield the forms that are said at a position of a text, which begins there with `word`; the longest ones first."""
        found = [
            form
            for form in islice(self.first.get(word.casefold(), ()), MOST_TRIED)
            if _said(form, self.leaves[form.leaf], text, at)
        ]
        yield from sorted(found, key=lambda form: -len(form.text))


def _run(words: Sequence[tuple[int, str]], at: int) -> int:
    return hash((words[at][1], words[at + 1][1], words[at + 2][1]))


def chosen(text: str) -> str:
    """Return a word of a few without its case, blanks and hyphens."""
    return "".join(char for char in text.casefold() if char not in " -_")


def bounded(text: str, start: int, end: int) -> bool:
    """Tell whether a part of a text is whole words and whole numbers: `8` is none of `1,048`, `1,04` neither."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _joined(text[start], before[-1:]) or _joined(text[end - 1], after[:1]):
        return False
    return not (_in_number(text[start], before[::-1]) or _in_number(text[end - 1], after))


def _joined(one: str, other: str) -> bool:
    return bool(other) and (one.isalnum() or one == "_") and (other.isalnum() or other == "_")


def _in_number(digit: str, beyond: str) -> bool:
    return digit.isdigit() and beyond[:1] in (".", ",") and beyond[1:2].isdigit()


def _said(form: Form, leaf: Leaf, text: str, at: int) -> bool:
    end = at + len(form.text)
    same = text.startswith(form.text, at)
    if leaf.path[-1] in CHOSEN:
        same = text[at:end].casefold() == form.text.casefold()
    return same and bounded(text, at, end)
