"""References to rounds and decisions, resolved; their aliases; and ids for new ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from roundbook.book.facts import Aliases, DecisionIndex, Records
from roundbook.book.model import Book, Entry
from roundbook.errors import Finding, Place
from roundbook.git.history import History, matches
from roundbook.rounds.versions import Version
from roundbook.schema.base import CLOSED, Item
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import natural_key
from roundbook.schema.round import LISTS, SECTIONS, RoundOrPhase


def free(stem: str, taken: Collection[str]) -> str:
    """Return the first of `stem`, `stem-2`, … that is not in `taken`, whose ids are in lower case."""
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name.casefold() not in taken)


def taken(book: Book) -> frozenset[str]:
    """Return the ids, in lower case, of all decisions of the book and of other branches."""
    ids = (*book.decisions, *(one.id for one in book.git_facts.elsewhere or ()))
    return frozenset(name.casefold() for name in ids)


_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
NAMED = 3


def current(book: Book) -> Entry | None:
    """Return the current round: the newest that is not done, dropped or frozen, else the newest, else `None`."""
    still_open = (entry for entry in book.newest_first if entry.verified and entry.round.closed is None)
    return next((e for e in still_open if e.status not in ("done", "dropped")), next(iter(book.newest_first), None))


def following(book: Book, phase: str = "") -> str:
    """Return the key of the next round of a phase, by default the newest: its last number plus one.

    A phase without rounds begins with 1, and a book without phases with 1/1. Numbers that other branches use are skipped.
    """
    phase = phase or next(iter(book.phase_keys), "1")
    numbers = list(_numbers(book, phase))
    last = numbers[-1] if numbers else "0"
    made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1).zfill(len(m[0])), last)
    while made == last or taken_names(book, f"{phase}/{made}"):
        made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1), made) if _LAST_NUMBER.search(made) else f"{made}2"
    return f"{phase}/{made}"


def _numbers(book: Book, phase: str) -> Iterator[str]:
    yield from (e.round.round for e in book.rounds.values() if e.round.phase == phase)
    yield from (b.key.partition("/")[2] for b in book.broken if b.key.partition("/")[0] == phase)


def taken_names(book: Book, key: str) -> str:
    """Return what uses the key of a round, in any case, in words that follow "round KEY is"; empty if it is free."""
    wanted = key.casefold()
    for other, paths in book.files.items():
        if other.casefold() == wanted and "/" in other:
            return f"there already, in {', '.join(paths)}"
    for old, today in book.aliases.rounds.items():
        if old.casefold() == wanted:
            return f"what round {today} was called before"
    for other in sorted(book.git_facts.rounds, key=natural_key):
        if other.casefold() == wanted:
            refs = book.git_facts.rounds[other]
            more = f" and {len(refs) - NAMED} more" if len(refs) > NAMED else ""
            return f"on another branch already, {', '.join(refs[:NAMED])}{more}"
    return ""


_ROUNDS = "/rounds/"


def records(prefix: str, data: Iterable[str], adr_records: Iterable[str]) -> Records:
    """Return the files of rounds (`data`) and of decision records in a project; `prefix` is its folder in the repository."""
    written = [prefix + path for path in data]
    folders = {path[: path.index(_ROUNDS) + len(_ROUNDS)] for path in written if _ROUNDS in path}
    return Records(frozenset((*written, *(prefix + path for path in adr_records))), tuple(sorted(folders)))


def ended(versions: Iterable[Version], history: History) -> dict[str, str]:
    """Return, by round, the commit that closed it (`done`, `partial`, `dropped`), if it has stayed closed since."""
    order = history.order
    found: dict[str, str] = {}
    for version in sorted((v for v in versions if v.commit in order and v.snapshot), key=lambda v: -order[v.commit]):
        status = version.snapshot.status if version.snapshot else ""
        if status in CLOSED:
            found.setdefault(version.key, version.commit)
        elif status:
            found.pop(version.key, None)
    return found


def round_of(text: str, rounds: Collection[str], phase: str = "") -> str | None:
    """Return the key of the round that `3/4`, or `4` within phase 3, refers to; `None` if there is none."""
    wanted = text.strip()
    if wanted in rounds:
        return wanted
    local = f"{phase}/{wanted}"
    return local if phase and local in rounds else None


def ambiguous(text: str, several: Sequence[str], decisions: DecisionIndex, place: Place | None) -> Finding:
    """Return the finding for a number that several decisions have."""
    told = " or ".join(f"{name} ({decisions.records.get(name) or decisions[name]})" for name in several[:4])
    path = next((decisions.records[name] for name in several if name in decisions.records), "")
    fix = f"write the file that is meant, such as {path}" if path else "write the whole id"
    return Finding("warning", "reference-ambiguous", f'"{text[:80]}" may be {told}; it counts for none', place, fix)


def settled(
    several: Sequence[str], paths: Iterable[str], decisions: DecisionIndex, affects: Mapping[str, Sequence[str]]
) -> str | None:
    """Return the only one of several decisions whose folder or affected files include some of the paths, else `None`.

    The paths are relative to the project's folder.
    """
    touched = tuple(paths)
    found = [
        name
        for name in several
        if any(path.startswith(f"{decisions.area(name)}/") or matches(affects.get(name, ()), path) for path in touched)
        or decisions.records.get(name) in touched
    ]
    return found[0] if len(found) == 1 else None


def unknown(text: str, known: Collection[str], what: str, place: Place | None) -> Finding:
    """Return the finding for a reference that leads nowhere, with the most similar name."""
    near = difflib.get_close_matches(text.rpartition("#")[2], list(known), n=1, cutoff=0.6)
    fix = f'did you mean "{near[0]}"?' if near else f"write the id of a {what} of this book"
    return Finding("error", "reference-unknown", f'"{text}" is no {what} of this book', place, fix)


Anchors = Mapping[tuple[str, int], str]


def aliases(
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Anchors],
    decisions: Mapping[str, DecisionRecord],
    keys: Iterable[str],
) -> tuple[Aliases, tuple[Finding, ...]]:
    """Return the aliases, and a finding for each that is in use.

    `keys` are those of all round files, including those that cannot be read.
    """
    faults: list[Finding] = []
    keyed = _Addresses("round", keys, faults)
    for key, record in rounds.items():
        for i, old in enumerate(record.was):
            keyed.give(_old_key(old, record), key, record.place_of("was", i))
    names = _Addresses("decision", decisions, faults)
    for name, decision in decisions.items():
        for i, old in enumerate(decision.was):
            names.give(old, name, decision.place_of("was", i))
    moved: dict[tuple[str, str], tuple[str, ...]] = {}
    for key, record in rounds.items():
        moved |= {(key, anchor): olds for anchor, olds in _entries(record, anchors[key], names.given, faults)}
    return Aliases(keyed.given, names.given, moved), tuple(dict.fromkeys(faults))


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
