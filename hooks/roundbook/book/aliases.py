"""Former names of rounds, decisions and anchors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from roundbook.book.decisions import Taken
from roundbook.book.facts import Former
from roundbook.errors import Finding, Place
from roundbook.schema.base import Item
from roundbook.schema.round import LISTS, SECTIONS, RoundOrPhase

Anchors = Mapping[tuple[str, int], str]


def former(
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Anchors],
    decisions: Mapping[str, Taken],
    keys: Iterable[str],
) -> tuple[Former, tuple[Finding, ...]]:
    """Return the former addresses, and a finding for each that is in use.

    `keys` are those of all round files, including those that cannot be read.
    """
    faults: list[Finding] = []
    decision_index = _Addresses("round", keys, faults)
    for key, record in rounds.items():
        for i, old in enumerate(record.was):
            decision_index.give(_old_key(old, record), key, record.place_of("was", i))
    names = _Addresses("decision", decisions, faults)
    for name, one in decisions.items():
        for i, old in enumerate(one.decision.was):
            names.give(old, name, one.decision.place_of("was", i))
    moved: dict[tuple[str, str], tuple[str, ...]] = {}
    for key, record in rounds.items():
        moved |= {(key, anchor): olds for anchor, olds in _entries(record, anchors[key], names.given, faults)}
    return Former(decision_index.given, names.given, moved), tuple(dict.fromkeys(faults))


def _old_key(old: str, record: RoundOrPhase) -> str:
    if not record.round:
        return f"{old.rstrip('/')}/"
    return old if "/" in old else f"{record.phase}/{old}"


def _entries(
    record: RoundOrPhase, anchors: Anchors, names: Collection[str], faults: list[Finding]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the anchors of a round whose items had others before; `names` are the former ids of decisions that are free."""
    places = _Addresses("entry of this round", (*anchors.values(), *SECTIONS), faults, cased=True)
    for (field, index), anchor in anchors.items():
        item: Item = getattr(record, field)[index]
        prefix = LISTS[field].prefix
        olds = [(i, f"{prefix}{old}") for i, old in enumerate(item.was) if field != "decisions" or old in names]
        free = tuple(old for i, old in olds if places.give(old, anchor, item.place_of("was", i)))
        if free:
            yield anchor, free


class _Addresses:
    """The addresses of one kind: those in use, and the former ones given to something so far."""

    def __init__(self, what: str, living: Iterable[str], faults: list[Finding], *, cased: bool = False) -> None:
        self.what, self.faults, self.cased = what, faults, cased
        self.taken = {self._alike(one): one for one in living}
        self.given: dict[str, str] = {}

    def _alike(self, name: str) -> str:
        # Two pages whose names differ only in case are one on some file systems; anchors never are.
        return name if self.cased else name.casefold()

    def give(self, old: str, to: str, place: Place | None) -> bool:
        """Let a former address lead to one in use, or add a finding that it is taken. Returns whether it was free."""
        if other := self.taken.get(self._alike(old)):
            whose = f"{other} is a living {self.what}" if other not in self.given else "it is given away twice"
            fix = "take it out of one of the two; an address can lead to one place only"
            self.faults.append(Finding("error", "address-taken", f'the old id "{old}" is taken: {whose}', place, fix))
            return False
        self.taken[self._alike(old)] = old
        self.given[old] = to
        return True
