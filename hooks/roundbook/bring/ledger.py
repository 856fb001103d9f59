"""In: the texts of a tree. Out: where a note's text is found among them; what is claimed once is not found again.

So a text that the note has eight times must be eight times in the tree. Longer texts are to be claimed first, since shorter
ones may be parts of them.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from roundbook.bring.index import Index, chosen, run
from roundbook.bring.leaves import CHOSEN, PATH_KEYS, Form, Leaf, Path, tokens

MOST_TRIED = 300
MOST_BESIDE = 40
NOBODY = -1
Place = tuple[int, int]  # a leaf, and where in it


class Part(NamedTuple):
    """A part of a leaf that was claimed for what it says, and by whom: it can be moved to another part that says the same."""

    text: str
    who: int


class Pile:
    """Leaves with one text, those below the same keys together, so that the best of thousands is found at once."""

    def __init__(self) -> None:
        self.below: dict[frozenset[str], deque[int]] = defaultdict(deque)

    def add(self, number: int, keys: frozenset[str]) -> None:
        """Put a leaf on the pile, behind those that are there."""
        self.below[keys].append(number)

    def best(self, wanted: frozenset[str], free: Callable[[int], bool]) -> int | None:
        """Return the first leaf below most of the wanted keys, without it and those that are not free from now on."""
        for same in self.below.values():
            while same and not free(same[0]):
                same.popleft()
        open_ = [(len(keys & wanted), -same[0], same) for keys, same in self.below.items() if same]
        return max(open_)[2].popleft() if open_ else None


class Taken(dict[int, bytearray]):
    """Which characters of a leaf are claimed, for those leaves that anybody asked for."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        super().__init__()
        self.leaves = leaves

    def __missing__(self, number: int) -> bytearray:
        """Return the marks of a leaf of which nothing is claimed yet."""
        made = self[number] = bytearray(len(self.leaves[number].text))
        return made


class Ledger:
    """Who has claimed which part of which leaf of an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.leaves = index.leaves
        self.taken = Taken(index.leaves)
        self.parts: dict[int, dict[int, Part]] = defaultdict(dict)
        self._piles: dict[tuple[str, bool], Pile] = {}
        self._searches: dict[tuple[str, bool], Iterator[Place]] = {}

    def entry(self, path: Path) -> Sequence[int]:
        """Return the leaves of an entry."""
        return self.index.by_entry.get(path, ())

    def _pile(self, text: str, *, word: bool = False) -> Pile | None:
        """Return the leaves with a text that are not claimed yet; with `word` those that are that word of a few."""
        numbers = (self.index.chosen if word else self.index.whole).get(text)
        if numbers and (text, word) not in self._piles:
            pile = self._piles[text, word] = Pile()
            for number in numbers:
                pile.add(number, self.index.keys[number])
        return self._piles.get((text, word))

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
        again = [n for n in self.index.alone.get(text, ()) if alone is None or self.index.keys[n] & alone]
        for n in again:
            if alone is not None or self.free(n, 0, len(text)):
                self.take(n, 0, len(text))
                return self.leaves[n].path
        return self._whole(self._pile(text), wanted)

    def beside(self, text: str, wanted: frozenset[str], entries: Iterable[Path]) -> Path | None:
        """Claim a leaf that is the text, below a wanted key and in one of some entries, and return the way to it."""
        for entry in entries:
            for n in self.entry(entry)[:MOST_BESIDE]:
                leaf = self.leaves[n]
                if (
                    leaf.text == text
                    and not leaf.derived
                    and wanted & self.index.keys[n]
                    and self.free(n, 0, len(text))
                ):
                    self.take(n, 0, len(text))
                    return leaf.path
        return None

    def _whole(self, pile: Pile | None, wanted: frozenset[str]) -> Path | None:
        best = pile.best(wanted, lambda n: self.free(n, 0, len(self.leaves[n].text))) if pile else None
        if best is None:
            return None
        self.take(best, 0, len(self.leaves[best].text))
        return self.leaves[best].path

    def within(self, text: str, who: int = NOBODY, *, ticked: bool = False) -> Path | None:
        """Claim a part of a leaf that is the text, in one with a tick if that is asked for, and return the way to it."""
        if (text, ticked) not in self._searches:
            found = self._search(text)
            self._searches[text, ticked] = (p for p in found if self.is_ticked(p[0])) if ticked else found
        for place in self._searches[text, ticked]:
            if self._free_at(place, text):
                return self._settle(place, text, who)
        return None

    def is_ticked(self, leaf: int) -> bool:
        """Tell whether a leaf has a tick: in its text, or as the status or result of its entry."""
        entry = self.entry(self.leaves[leaf].entry)
        return "[x]" in self.leaves[leaf].text.casefold() or any(self.leaves[n].path[-1] in CHOSEN for n in entry)

    def make_room(self, text: str, who: int) -> tuple[Path, dict[int, Path]] | None:
        """Claim a part of a leaf whose owners can all be moved to other parts that say the same.

        Return the way to the leaf, and those that were moved with the ways to where they are now.
        """
        full = {text}
        for place in islice(self._search(text), MOST_TRIED):
            if (moves := self._moves(place, text, full)) is not None:
                for old, part, _ in moves:
                    self._leave(old, part)
                path = self._settle(place, text, who)
                return path, {part.who: self._settle(new, part.text, part.who) for _, part, new in moves}
        return None

    def _moves(self, place: Place, text: str, full: set[str]) -> list[tuple[Place, Part, Place]] | None:
        """Return who has to move for a text, from where and to where; `None` where somebody cannot.

        `full` are the texts that have no free place, of which each is looked for once.
        """
        (leaf, start), end = place, place[1] + len(text)
        inside = sorted((at, part) for at, part in self.parts[leaf].items() if at < end and start < at + len(part.text))
        moves: list[tuple[Place, Part, Place]] = []
        open_ = self.taken[leaf][start:end]
        if any(part.text in full for _, part in inside):
            return None
        for at, part in inside:
            taken = {(new, len(other.text)) for _, other, new in moves} | {(place, len(text))}
            free = (new for new in self._search(part.text) if self._free_at(new, part.text))
            to = next((new for new in free if not any(_overlap(new, len(part.text), *one) for one in taken)), None)
            if to is None:
                full.add(part.text)
                return None
            moves.append(((leaf, at), part, to))
            first, last = max(at, start) - start, min(at + len(part.text), end) - start
            open_[first:last] = bytes(last - first)
        return None if any(open_) else moves

    def _free_at(self, place: Place, text: str) -> bool:
        return self.free(place[0], place[1], place[1] + len(text))

    def _settle(self, place: Place, text: str, who: int) -> Path:
        leaf, start = place
        self.take(leaf, start, start + len(text))
        if who != NOBODY:
            self.parts[leaf][start] = Part(text, who)
        return self.leaves[leaf].path

    def _leave(self, place: Place, part: Part) -> None:
        leaf, start = place
        self.taken[leaf][start : start + len(part.text)] = bytes(len(part.text))
        del self.parts[leaf][start]

    def _search(self, text: str) -> Iterator[Place]:
        words = tokens(text)
        if not words:
            return
        for number, start in self._candidates(words):
            leaf = self.leaves[number]
            # Of the round itself `exact` gives it, to those that may have it; of a path a word in it says nothing.
            apart = leaf.alone if leaf.text == text else leaf.unparted and not _is_step(text, leaf)
            if start >= 0 and not apart and leaf.text.startswith(text, start) and self._bounded(number, start, text):
                yield number, start

    def _candidates(self, words: Sequence[tuple[int, str]]) -> Iterator[Place]:
        """Yield where a text may begin, by its rarest word, or by its rarest three where each of its words is frequent."""
        offset, rarest = min(words, key=lambda one: len(self.index.words.get(one[1], ())))
        places = self.index.words.get(rarest, [])
        if len(places) > MOST_TRIED and len(words) > 2:
            runs = [(at, run(words, i)) for i, (at, _) in enumerate(words[:-2])]
            offset, rarest_run = min(runs, key=lambda one: len(self.index.runs.get(one[1], ())))
            places = self.index.runs.get(rarest_run, [])
        yield from ((number, at - offset) for number, at in places)

    def _bounded(self, number: int, start: int, text: str) -> bool:
        return bounded(self.leaves[number].text, start, start + len(text))

    def word(self, text: str, wanted: frozenset[str]) -> Path | None:
        """Claim a leaf that is a word of a few, such as a status, as people write it, and return the way to it."""
        return self._whole(self._pile(chosen(text), word=True), wanted)

    def pieces(self, text: str, at: int, word: str) -> Iterator[Form]:
        """Yield the forms that are said at a position of a text, which begins there with `word`; the longest ones first."""
        found = [
            form
            for form in islice(self.index.first.get(word.casefold(), ()), MOST_TRIED)
            if _said(form, self.leaves[form.leaf], text, at)
        ]
        yield from sorted(found, key=lambda form: -len(form.text))


def _is_step(text: str, leaf: Leaf) -> bool:
    """Tell whether a text is folders of a path, or the name at its end."""
    return "/" in text or (leaf.name in PATH_KEYS and leaf.text.endswith(f"/{text}"))


def _overlap(one: Place, length: int, other: Place, beside: int) -> bool:
    return one[0] == other[0] and one[1] < other[1] + beside and other[1] < one[1] + length


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
