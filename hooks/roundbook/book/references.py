"""References to rounds and decisions, resolved; their aliases; and ids for new ones."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property
from pathlib import PurePosixPath

from roundbook.errors import Finding, Place, did_you_mean
from roundbook.frozen import frozen
from roundbook.git.history import matches
from roundbook.schema.base import Item
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import GENERIC, is_phase, number_in, number_of
from roundbook.schema.round import LISTS, SECTIONS, RoundOrPhase


def free(stem: str, taken: Collection[str]) -> str:
    """Return the first of `stem`, `stem-2`, … that is not in `taken`, whose ids are in lower case."""
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(taken) + 2))
    return next(name for name in names if name.casefold() not in taken)


# -------------------------------------------------------------------------------------------------- rounds

_IN_PHASE = r"(?:phase|ph\.?)[\s#:=_-]*(?P<phase>[a-z0-9][\w.-]*?)"
_IN_ROUND = r"(?:round|rnd\.?|rd\.?)[\s#:=_-]*(?P<round>[a-z0-9][\w.-]*)"
FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        rf"{_IN_PHASE}[\s,/:;_–-]*{_IN_ROUND}",  # Phase 1 Round 2, phase-1/round-2
        rf"{_IN_ROUND}[\s,/(]+(?:of|in|from)?\s*{_IN_PHASE}",  # round 2 of phase 1, Round 2 (Phase 1)
        r"p(?P<phase>\d+)[\s._/-]*r(?P<round>\d+)",  # P1R2, p1/r2
        r"(?:(?:round|rnd\.?)[\s#:=-]*)?#?(?P<phase>[\w.-]+)\s*/\s*#?(?P<round>[\w.-]+)/?",  # 1/2, 1 / 2, #1/2, round 1/2
        rf"(?P<phase>[\w.-]+)[\s,:]+{_IN_ROUND}",  # build round 5
        _IN_ROUND,  # round 2
        r"(?:(?:no|nr)\.?\s*)?#?(?P<round>[\w.-]+)",  # 2, #2
        r"r(?P<round>\d+)",  # R2
    )
)


def _plain(key: str) -> str:
    """Return a key without case and leading zeros."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", key.casefold())


class RoundNames:
    """The rounds of a book as files, pages, trailers and patterns name them.

    `near` are the keys of this repository's rounds, also of files that cannot be read; `far` those of others, which count
    where no near one is meant. `moved` leads from a former key to the one of today.
    """

    def __init__(self, near: Iterable[str], far: Iterable[str] = (), moved: Mapping[str, str] | None = None) -> None:
        self._moved = dict(moved or {})
        near, self.far = tuple(near), tuple(far)
        self._indexes = tuple(self._index(keys) for keys in (near, self.far))

    def _index(self, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for key in keys:
            number = key.partition("/")[2]
            numbered = () if is_phase(key) else ("#" + number, "#~" + _plain(number))
            for name in (key, "~" + _plain(key), *numbered):
                found.setdefault(name, {})[key] = None
        return {name: tuple(meant) for name, meant in found.items()}

    def resolve(self, text: str) -> tuple[str, ...]:
        """Return the keys that a text in one of the forms may mean."""
        if found := self.named(text):
            return found
        for form in FORMS:
            if match := form.fullmatch(text):
                groups = match.groupdict()
                if found := self.named(groups["round"].rstrip("."), groups.get("phase")):
                    return found
        return ()

    def named(self, text: str, phase: str | None = None) -> tuple[str, ...]:
        """Return the keys that `3/4` may mean, or `4`, within a phase where one is given."""
        key = text if phase is None else f"{phase}/{text}"
        key = self._moved.get(key, key)
        for index in self._indexes:
            names = (key, "~" + _plain(key)) if "/" in key else ("#" + key, "#~" + _plain(key))
            for name in names:
                if found := index.get(name):
                    return found
        return (key,) if key in self._moved.values() else ()

    def key(self, text: str, phase: str = "") -> str | None:
        """Return the key that `3/4`, an alias of it, or `4` within a phase, is exactly; `None` if there is none."""
        wanted = text.strip()
        written = (wanted, f"{phase}/{wanted}") if phase and wanted else (wanted,)
        keys = (self._moved.get(name, name) for name in written)
        return next((key for key in keys if any(key in index for index in self._indexes)), None)


# -------------------------------------------------------------------------------------------------- decisions

NOWHERE: Mapping[str, str] = {}
ANY = frozenset({"adr", "decision"})  # what people call a record by its number, whatever its folder is called


class DecisionIndex(Mapping[str, str | None]):
    """The decisions of a book by id, each with the round that took it, or `None` where no round did.

    `records` holds the files of those that are adopted, by id; `renamed` maps ids that decisions had before to those of today,
    and `moved` keys that rounds had before.
    """

    def __init__(
        self,
        rounds: Mapping[str, str | None],
        records: Mapping[str, str] = NOWHERE,
        renamed: Mapping[str, str] = NOWHERE,
        moved: Mapping[str, str] = NOWHERE,
    ) -> None:
        self._rounds = dict(rounds)
        self.records = records
        self.renamed = renamed
        self.moved = moved

    __eq__, __hash__ = object.__eq__, object.__hash__  # that of a mapping would compare the rounds alone

    def __getitem__(self, name: str) -> str | None:
        """Return the round that took a decision."""
        return self._rounds[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._rounds)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rounds)

    @cached_property
    def _numbered(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        found: dict[tuple[str, int], dict[str, None]] = {}
        for name in (*self, *self.renamed):
            number = number_of(name)
            own = number_in(self.records[name]) if name in self.records else ""
            keys = {_key(*number)} if number and number[0] else set()
            keys |= {("adr", int(own))} if own else set()
            for key in keys:
                found.setdefault(key, {})[self.renamed.get(name, name)] = None
        return {key: tuple(names) for key, names in found.items()}

    @cached_property
    def _files(self) -> Mapping[str, str]:
        stems: dict[str, list[str]] = {}
        for name, path in self.records.items():
            stems.setdefault(PurePosixPath(path).stem.casefold(), []).append(name)
        once = {stem: names[0] for stem, names in stems.items() if len(names) == 1 and stem not in self._rounds}
        whole = {path: name for name, path in self.records.items() if list(self.records.values()).count(path) == 1}
        return {**once, **whole}

    def several(self, text: str) -> tuple[str, ...]:
        """Return the ids that a number may mean, `ADR-1` where two folders have a record of that number; else nothing."""
        number = number_of(text)
        found = self._numbered.get(_key(*number), ()) if number and number[0] else ()
        return found if len(found) > 1 else ()

    def find(self, text: str) -> str | None:
        """Return the id of the decision that `wasm-target`, `3/4#wasm-target`, or for `adr-0044` also `ADR-44`, means.

        What has no one meaning, such as a number that several have, means none.
        """
        before, mark, written = text.strip().rpartition("#")
        where = self.moved.get(before, before)
        name = written if where and self.get(written) == where else self.named(written)
        return None if name is None or (mark and where and self[name] != where) else name

    def named(self, text: str) -> str | None:
        """Return the id that a text means: the very id, the file of a record, or its number, `adr-0044` also as `ADR-44`.

        A number that several have means none of them.
        """
        number = number_of(text)
        numbered = self._numbered.get(_key(*number), ()) if number and number[0] else ()
        if len(numbered) > 1:
            return None
        if text in self._rounds or text in self.renamed:
            return self.renamed.get(text, text)
        return numbered[0] if numbered else self._files.get(text) or self._files.get(text.casefold())

    def area(self, name: str) -> str:
        """Return the folder whose files the folder of a record speaks of: of `ui/docs/adr` it is `ui`.

        A folder that lies at the top, such as `docs/adr`, speaks of the whole project, so that it tells nothing of a path.
        """
        folder = posixpath.dirname(self.records.get(name, ""))
        parts = folder.split("/")
        while parts and parts[-1].lower() in GENERIC:
            parts.pop()
        return "/".join(parts) or folder


def _key(stem: str, number: int) -> tuple[str, int]:
    return ("adr" if stem in ANY else stem), number


def ambiguous(text: str, several: Sequence[str], decisions: DecisionIndex, place: Place | None) -> Finding:
    """Return the finding for a number that several decisions have."""
    meanings = " or ".join(f"{name} ({decisions.records.get(name) or decisions[name]})" for name in several[:4])
    path = next((decisions.records[name] for name in several if name in decisions.records), "")
    fix = f"write the file that is meant, such as {path}" if path else "write the whole id"
    return Finding("warning", "reference-ambiguous", f'"{text[:80]}" may be {meanings}; it is ignored', place, fix)


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
    fix = did_you_mean(text.rpartition("#")[2], known, f"write the id of a {what} of this book")
    return Finding("error", "reference-unknown", f'"{text}" is not a {what} of this book', place, fix)


# -------------------------------------------------------------------------------------------------- aliases

Anchors = Mapping[tuple[str, int], str]


@frozen
class Aliases:
    """What `was:` says, over the whole book.

    `rounds` maps an old key (`3/4b`) and `decisions` an old id to the living one; `anchors` maps a round's key and an
    anchor to the anchors that the same entry had before.
    """

    rounds: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    anchors: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)


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
    items: list[tuple[str, str, Item]] = [
        (key, anchor, getattr(record, key)[i]) for (key, i), anchor in anchors.items()
    ]
    if not any(item.was for _, _, item in items):
        return
    places = _Addresses("entry of this round", (*anchors.values(), *SECTIONS), faults, cased=True)
    for name, anchor, item in items:
        prefix = LISTS[name].prefix
        olds = [(i, f"{prefix}{old}") for i, old in enumerate(item.was) if name != "decisions" or old in names]
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
            whose = f"{other} is a current {self.what}" if other not in self.given else "two entries claim it"
            fix = "remove it from one of the two; an address can redirect to one place only"
            self.faults.append(Finding("error", "address-taken", f'the old id "{old}" is taken: {whose}', place, fix))
            return False
        self.taken[self._alike(old)] = old
        self.given[old] = to
        return True
