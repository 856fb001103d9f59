"""In: a text, and the entry of a tree that may say it in pieces. Out: the pieces, claimed, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from roundbook.bring import vocabulary
from roundbook.bring.leaves import Form, Path
from roundbook.bring.ledger import Ledger

MOST_NAME = 6  # words of a name
# Words that join the pieces of a heading or a sentence, and say nothing once these are apart.
_JOINTS = frozenset(
    (
        *("a", "an", "and", "as", "at", "because", "by", "for", "from", "in", "into", "it", "its", "of", "on", "or"),
        *("since", "the", "through", "to", "until", "vs", "was", "were", "with"),
    )
)
_WORD = re.compile(r"\w")


class Cover:
    """A try to find a text in pieces that belong to one entry, or to the round itself.

    `alone` are the keys of the round itself that the text may be a value of; `None` says that the text is a name.
    """

    def __init__(
        self,
        ledger: Ledger,
        text: str,
        words: Sequence[tuple[int, str]],
        entry: Path,
        wanted: frozenset[str],
        alone: frozenset[str] | None,
    ) -> None:
        self.ledger = ledger
        self.text, self.words, self.entry, self.wanted, self.alone = text, words, entry, wanted, alone

    def claim(self) -> tuple[Path, ...] | None:
        """Claim the pieces and return the ways to them, or `None` where the text is not all pieces, names and joints."""
        used, left = self._split()
        if not used:
            return None
        keys = self.wanted.union(*(self.ledger.leaves[form.leaf].keys for form in used))
        if not all(self._says_nothing(run, keys) for run in left):
            return None
        for form in used:
            self.ledger.take(form.leaf, form.start, form.end)
        return tuple(self.ledger.leaves[form.leaf].path for form in used)

    def _split(self) -> tuple[list[Form], list[list[str]]]:
        """Return the pieces, and the runs of words that are left between them."""
        used: list[Form] = []
        left: list[list[str]] = [[]]
        end = 0
        for at, word in self.words:
            if at < end:
                continue
            form = next((f for f in self.ledger.pieces(self.text, at, word) if self._fits(f, used)), None)
            if form:
                used.append(form)
                left.append([])
                end = at + len(form.text)
            else:
                left[-1].append(word)
        return used, left

    def _fits(self, form: Form, used: Sequence[Form]) -> bool:
        leaf = self.ledger.leaves[form.leaf]
        if leaf.entry not in (self.entry, ()) or any(f.leaf == form.leaf and f.start == form.start for f in used):
            return False
        if leaf.path == ("carried", "from") and "carried" not in self.wanted:
            return False  # a round that another one is told of
        if leaf.alone:
            return self.alone is None or bool(leaf.keys & self.alone)
        free = not leaf.derived and self.ledger.free(form.leaf, form.start, form.end)
        return self.alone is None or free

    def _says_nothing(self, run: Sequence[str], keys: frozenset[str]) -> bool:
        at = 0
        while at < len(run):
            if not _WORD.match(run[at]) or run[at].casefold() in _JOINTS:
                at += 1
                continue
            if self.alone is not None:
                return False
            ends = range(min(len(run), at + MOST_NAME), at, -1)
            end = next((e for e in ends if vocabulary.meanings(" ".join(run[at:e])) & keys), None)
            if end is None:
                return False
            at = end
        return True
