"""In: Markdown documents, and the trees that were read again from the files made of them. Out: what is not found in them.

Every atom of a document must be found in a tree: as a text, or a part of one; as a word of a few, such as a status; in pieces
that are the texts of one entry, such as the paths of a list; or, if it names what stands below it, as the key under which that
was found. What is found once counts once. Each document is proven by itself, since two files may say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roundbook.bring import vocabulary, words
from roundbook.bring.atoms import Atom
from roundbook.bring.cover import Cover
from roundbook.bring.index import Index
from roundbook.bring.known import PHASES
from roundbook.bring.leaves import CHOSEN, ROUND_KEYS, Leaf, Path, fold, leaves, tokens
from roundbook.bring.ledger import Ledger
from roundbook.bring.statements import Statement, statements
from roundbook.markdown import Document, remark_of

VERBATIM = frozenset({"sections", "tables"})  # for what fits no key
MOST_WORDS = 60  # of an atom that is found in pieces
MOST_SAME = 60  # texts among which one under a key of its own is looked for
Ids = frozenset[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Missing:
    """An atom of a file that no tree has."""

    path: str
    atom: Atom

    def __str__(self) -> str:
        """Return the line that says so, with its place."""
        text = " ".join(self.atom.text.split())
        shown = text if len(text) <= 100 else f"{text[:99]}…"
        return f'{self.path}:{self.atom.line}: {self.atom.kind} "{shown}" is not found'


@dataclass(frozen=True, slots=True)
class Proof:
    """How many atoms went in, which of them are not found, and how many are only kept as they were written."""

    atoms: int
    missing: tuple[Missing, ...] = ()
    left: int = 0

    @property
    def found(self) -> int:
        """Return how many are found."""
        return self.atoms - len(self.missing)

    def __str__(self) -> str:
        """Return the count as a person reads it."""
        return f"{self.atoms:,} atoms in, {self.found:,} found"


def prove(
    documents: Iterable[Document], records: Sequence[Mapping[str, Any]], numbered: frozenset[int] | None = None
) -> Proof:
    """Return what the trees hold of the documents; the trees are those that were read again, or the plain ones.

    `numbered` are as for `statements`, where the documents are parts of one.
    """
    found = list(proofs(documents, records, numbered))
    missing = tuple(m for p in found for m in p.missing)
    return Proof(sum(p.atoms for p in found), missing, sum(p.left for p in found))


def proofs(
    documents: Iterable[Document], records: Sequence[Mapping[str, Any]], numbered: frozenset[int] | None = None
) -> Iterator[Proof]:
    """Yield the proof of each document, as `prove` gives that of all; the trees are looked through once."""
    index = Index([leaf for tree in records for leaf in leaves(tree)])
    rounds = frozenset(_ids(leaf for leaf in index.leaves if leaf.path[0] != "carried"))
    carried = frozenset(_ids(leaf for leaf in index.leaves if leaf.path[0] == "carried"))
    for document in documents:
        yield _Proving(document, statements(document, numbered), Ledger(index), rounds, carried).proof()


class _Proving:
    """One document held against the trees; `claims` are the ways to what was found of each statement."""

    def __init__(
        self, document: Document, said: tuple[Statement, ...], ledger: Ledger, rounds: Ids, carried: Ids
    ) -> None:
        self.document = document
        self.statements = said
        self.ledger, self.rounds, self.carried = ledger, rounds, carried
        self.texts = tuple(fold(one.atom.text) for one in self.statements)
        self.claims: dict[int, tuple[Path, ...]] = {}

    def proof(self) -> Proof:
        texts = [i for i, one in enumerate(self.statements) if not one.counted]
        for i in sorted(texts, key=self._rank):
            one = self.statements[i]
            self._enter(i, self._as_text(i) if one.is_name else self._content(i))
            if i not in self.claims and not (one.is_name and vocabulary.meanings(one.atom.text)):
                self._squeeze_in(i)  # at once, while what is shorter does not stand in the way yet
        unticked = {i for i in self.claims if self.statements[i].checked and not self._box(self.claims[i])}
        for i in (i for i, one in enumerate(self.statements) if one.counted and not one.is_name):
            self._enter(i, self._position(i))
        names = [i for i, one in enumerate(self.statements) if one.is_name]
        spare: Counter[str] = Counter()
        for i in names:
            if self._is_key(self.statements[i]):
                spare[self.statements[i].atom.text] += i in self.claims
                self.claims[i] = ()
        for i in sorted(names, key=self._rank):
            if i not in self.claims:
                self._enter(i, self._name(i, spare))
            if i not in self.claims:
                self._squeeze_in(i)
        missing = (one.atom for i, one in enumerate(self.statements) if i in unticked or i not in self.claims)
        left = sum(any(path[0] in VERBATIM for path in claim) for claim in self.claims.values())
        return Proof(len(self.statements), tuple(Missing(self.document.path, atom) for atom in missing), left)

    def _rank(self, i: int) -> tuple[int, bool, bool, bool]:
        """Return the order in which texts are looked for: the longest first, since a shorter one may be part of it.

        What counts are the texts that are compared, without marks. Of equal ones first what has a tick, then what is no name,
        then what stands under a key of its own: a day under `Date` goes before the same day under `Created`.
        """
        one = self.statements[i]
        wanted = _meant(one.under[:1])
        same = self.ledger.index.whole.get(self.texts[i], ())[:MOST_SAME]
        own = bool(wanted) and any(self.ledger.index.keys[n] & wanted for n in same)
        return -len(self.texts[i]), not one.checked, one.is_name, not own

    def _as_text(self, i: int) -> tuple[Path, ...] | None:
        wanted = _meant(self.statements[i].under)
        whole = self.ledger.exact(self.texts[i], wanted, None) or self.ledger.within(self.texts[i], i)
        return (whole,) if whole else None

    def _enter(self, i: int, claim: tuple[Path, ...] | None) -> None:
        if claim is not None:
            self.claims[i] = claim

    def _squeeze_in(self, i: int) -> None:
        """Find a text where others can go elsewhere: what stands first in a tree is not always where they belong."""
        if found := self.ledger.make_room(self.texts[i], i):
            self.claims[i] = (found[0],)
            self.claims |= {who: (path,) for who, path in found[1].items()}

    def _content(self, i: int) -> tuple[Path, ...] | None:
        one, text = self.statements[i], self.texts[i]
        wanted = _meant(one.under)
        # A cell `3` below `Round` is a row about that round, and not what says which round it is that is read.
        alone = _meant((one.beside,)) if one.atom.kind == "cell" else wanted | _prose(one.atom)
        boxed = self._ticked(text, i) if one.checked else None
        exact = boxed or self.ledger.beside(text, wanted, self._row(one)) or self.ledger.exact(text, wanted, alone)
        whole = exact or self.ledger.within(text, i) or self.ledger.word(text, wanted)
        return (whole,) if whole else self._pieces(text, wanted, alone)

    def _ticked(self, text: str, i: int) -> Path | None:
        ticks = (self.ledger.within(f"{tick} {text}") for tick in ("[x]", "[X]"))
        return next(filter(None, ticks), None) or self.ledger.within(text, i, ticked=True)

    def _row(self, one: Statement) -> set[Path]:
        """Return the entries in which cells of the same row were found, which are longer."""
        return {entry for n in one.row for path in self.claims.get(n, ()) if (entry := Leaf(path, "").entry)}

    def _box(self, claim: Sequence[Path]) -> bool:
        """Tell whether the tick in a box is found: as a status or result of the entry, or in the text itself."""
        beside = (self.ledger.leaves[n] for path in claim for n in self.ledger.entry(Leaf(path, "").entry))
        return any(leaf.path[-1] in CHOSEN or (leaf.path in claim and "[x]" in leaf.text.casefold()) for leaf in beside)

    def _position(self, i: int) -> tuple[Path, ...] | None:
        """Return the entry that the rest of a row was found in: its place in the list is the number of the row."""
        row = self.statements[i].row
        ways = [path for n in row for path in self.claims.get(n, ()) if any(isinstance(s, int) for s in path)]
        return tuple(ways[:1]) or self._content(i)

    def _is_key(self, one: Statement) -> bool:
        """Tell whether a name is the key of what stands below it, and what it says beyond that is found too."""
        if one.counted:
            return True
        below = self._below(one)
        keys = _keys(below)
        return bool(vocabulary.meanings(one.atom.text) & keys) and self._rest(one.atom.text, keys, below)

    def _name(self, i: int, spare: Counter[str]) -> tuple[Path, ...] | None:
        """Find a name as a text that no other name needs, in the entries of what stands below it, or in pieces."""
        one = self.statements[i]
        if spare[one.atom.text] > 0:
            spare[one.atom.text] -= 1
            return ()
        below = self._below(one)
        return self._said(self.texts[i], _keys(below), below)

    def _said(self, text: str, keys: frozenset[str], below: Sequence[Path]) -> tuple[Path, ...] | None:
        whole = self.ledger.exact(text, keys, None) or self.ledger.within(text)
        if whole:
            return (whole,)
        return () if self._beside(text, below) else self._pieces(text, keys, None, below)

    def _rest(self, text: str, keys: frozenset[str], below: Sequence[Path]) -> bool:
        """Tell whether what a name says beyond the key is found: rounds as ids of rounds, all else as a text."""
        name = vocabulary.name_of(text)
        if frozenset(words.TOPIC_KEYS.get(name.topic, ())) & keys:
            rest, rounds = name.rest, name.rounds
        else:
            rest, rounds = remark_of(text)[1], ()
        known = self.carried if "carried" in keys else self.rounds
        if any((mention.word in PHASES, mention.id.casefold()) not in known for mention in rounds):
            return False
        return not _beyond(rest, rounds) or self._said(fold(rest), keys, below) is not None

    def _below(self, one: Statement) -> list[Path]:
        cell = one.atom.kind == "cell"
        over = (i for i in one.over if not cell or self.statements[i].under[:1] == (one.atom.text,))
        return [path for i in over for path in self.claims.get(i, ())]

    def _beside(self, text: str, below: Sequence[Path]) -> bool:
        """Tell whether all entries that hold what stands below a name say the name themselves, as a group or a type."""
        entries = {entry for path in below if (entry := Leaf(path, "").entry)}
        return bool(entries) and all(
            any(_same(self.ledger.leaves[n], text) for n in self.ledger.entry(entry)) for entry in entries
        )

    def _pieces(
        self, text: str, wanted: frozenset[str], alone: frozenset[str] | None, below: Sequence[Path] = ()
    ) -> tuple[Path, ...] | None:
        """Find a text in pieces, which are texts of one entry; what is left must be joints, or names within a name."""
        said = tokens(text)
        if len(said) > MOST_WORDS:
            return None
        entries = dict.fromkeys(Leaf(path, "").entry for path in below)
        for at, word in said:
            entries |= dict.fromkeys(self.ledger.leaves[f.leaf].entry for f in self.ledger.pieces(text, at, word))
        for entry in sorted(entries, key=lambda e: -len(wanted.intersection(map(str, e)))):
            if (claimed := Cover(self.ledger, text, said, entry, wanted, alone).claim()) is not None:
                return claimed
        return None


def _prose(atom: Atom) -> frozenset[str]:
    """Return the keys that a text may be a value of wherever it stands: prose may always sum up the round."""
    return frozenset({"summary"} if atom.kind == "paragraph" else ())


def _meant(names: Iterable[str]) -> frozenset[str]:
    return frozenset(key for name in names for key in vocabulary.meanings(name))


def _keys(paths: Iterable[Path]) -> frozenset[str]:
    return frozenset(step for path in paths for step in path if isinstance(step, str))


def _same(leaf: Leaf, text: str) -> bool:
    return leaf.text.casefold() == text.casefold() and not leaf.derived


def _ids(found: Iterable[Leaf]) -> Iterator[tuple[bool, str]]:
    """Yield the ids of the phases, with `True`, and of the rounds that a tree speaks of, in lower case."""
    for leaf in found:
        if leaf.path[-1] in ROUND_KEYS:
            phase, _, number = leaf.text.casefold().rpartition("/")
            yield (leaf.path[-1] == "phase", number)
            if phase:
                yield (True, phase)


def _beyond(text: str, rounds: Iterable[vocabulary.Mention]) -> str:
    """Return what a text says beyond the rounds that it speaks of."""
    said = vocabulary.plain(text)
    for mention in rounds:
        said = said.replace(" ".join(filter(None, (mention.how, mention.word, mention.id.casefold()))), " ")
    return said.strip()
