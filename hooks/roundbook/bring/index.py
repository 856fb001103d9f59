"""In: the texts of a tree. Out: an `Index` by which a text, a word or an entry is found among them without looking at all.

It is made once for all documents that a tree holds; what each of them claims stands in a ledger of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from roundbook.bring.leaves import CHOSEN, Form, Leaf, Path, forms, tokens


class Index:
    """Where the texts of a tree stand, by their words, by the whole of them, and by the entry that they are part of."""

    def __init__(self, found: Sequence[Leaf]) -> None:
        self.leaves = found
        self.keys = [leaf.keys for leaf in found]
        self.whole: dict[str, list[int]] = defaultdict(list)
        self.alone: dict[str, list[int]] = defaultdict(list)
        self.first: dict[str, list[Form]] = defaultdict(list)
        self.chosen: dict[str, list[int]] = defaultdict(list)
        self.by_entry: dict[Path, list[int]] = defaultdict(list)
        self.words: dict[str, list[tuple[int, int]]] = defaultdict(list)
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

    @cached_property
    def runs(self) -> dict[int, list[tuple[int, int]]]:
        """Return where each three words stand behind each other; made when the first text asks."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, leaf in enumerate(self.leaves):
            words = () if leaf.derived else tokens(leaf.text)
            for i, (at, _) in enumerate(words[:-2]):
                found[run(words, i)].append((number, at))
        return found


def run(words: Sequence[tuple[int, str]], at: int) -> int:
    """Return what stands for three words behind each other."""
    return hash((words[at][1], words[at + 1][1], words[at + 2][1]))


def chosen(text: str) -> str:
    """Return a word of a few without its case, blanks and hyphens."""
    return "".join(char for char in text.casefold() if char not in " -_")
