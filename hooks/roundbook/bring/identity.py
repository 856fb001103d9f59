"""In: a document, and what the person says about it. Out: its shares: what it says of each round or phase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from roundbook.bring import revisions
from roundbook.bring.vocabulary import ID, TO_ID, Mention, key_names, mentions, plain
from roundbook.model.document import Block, Document, Pairs, Part
from roundbook.model.names import id_fault, slug
from roundbook.model.record import Status

PHASES = frozenset({"phase", "stage", "milestone", "epic", "quarter"})
SPRINTS = frozenset({"sprint", "iteration"})  # which may be a phase or a round
_COMPACT = re.compile(r"\b[mp](?P<phase>\d{1,4})[.\s-]?[rs](?P<round>\d{1,4}[a-z]?)\b", re.IGNORECASE)
_OPENS = re.compile(r"[^\w]*(?:(?:phase|stage|milestone|epic|quarter)\s+[\w.]+\W{1,5})?", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|[:(–—|/,]|--?\s|(?:summary|report|status|notes|review|recap|log|update)\b)", re.IGNORECASE)


@dataclass(frozen=True)
class Hints:
    """What the person says: the phase and the round of the documents, and status words of the settings; and what git knows.

    `decisions` says that the documents are decision records, whatever they look like.
    """

    phase: str = ""
    round: str = ""
    words: Mapping[str, Status] = field(default_factory=dict)
    is_commit: revisions.Known = revisions.any_id
    decisions: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a text tells of the round that it is about: `word` is how the team calls its rounds."""

    phase: str = ""
    round: str = ""
    word: str = ""

    def or_else(self, other: Known) -> Known:
        """Return this, with what it leaves open taken from another."""
        if not self.round:
            return Known(self.phase or other.phase, other.round, other.word)
        return replace(self, phase=self.phase or other.phase)


@dataclass(frozen=True)
class Share:
    """What a document says of one round, or of a phase where `round` is empty; `guessed` says how the key was chosen.

    `before` stands above the first heading; `heading` is the part that names it, `blocks` and `parts` stand below.
    """

    document: Document
    phase: str
    round: str = ""
    before: tuple[Block, ...] = ()
    heading: Part | None = None
    blocks: tuple[Block, ...] = ()
    parts: tuple[Part, ...] = ()
    front: bool = False
    guessed: str = ""

    @property
    def key(self) -> str:
        """Return the key of the record."""
        return f"{self.phase}/{self.round}" if self.round else self.phase


def shares(document: Document, hints: Hints) -> Iterator[Share]:
    """Yield the shares of a document in its order: one, or one for each round that has a heading of its own."""
    head = document.parts[0] if document.parts and document.parts[0].level == 1 else None
    own = known_of(head.title) if head else Known()
    above = own.or_else(_front(document)).or_else(_lines(document.blocks, head))
    beside = [part for part in document.parts if part is not head]
    inner = [*(head.parts if head and not own.round else ()), *beside]
    rounds = list(_rounds(inner))
    if own.round and head and rounds:
        rounds, inner = [head, *rounds], [head, *inner]
    if len({known_of(part.title).round for part in rounds}) < (2 if above.round else 1):
        parts = (*(head.parts if head else ()), *beside)
        yield _whole(document, head, parts, above.or_else(_file(document.path)), hints)
    else:
        yield from _several(document, head, inner, rounds, above.or_else(_file(document.path)), hints)


def _rounds(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield the headings of rounds, however deep they stand; what stands below one belongs to it."""
    for part in parts:
        if _is_round(part.title):
            yield part
        else:
            yield from _rounds(part.parts)


def _whole(document: Document, head: Part | None, parts: Sequence[Part], known: Known, hints: Hints) -> Share:
    phase, round_, guessed = _key(known, hints, document.path)
    blocks = head.blocks if head else ()
    return Share(document, phase, round_, document.blocks, head, blocks, tuple(parts), True, guessed)


def _several(
    document: Document, head: Part | None, inner: Sequence[Part], rounds: Sequence[Part], above: Known, hints: Hints
) -> Iterator[Share]:
    """Yield a share for each heading of a round; what is about none of them is about the phase."""
    above, hints = replace(above, round=""), replace(hints, round="")
    keys = {part.line: _key(known_of(part.title).or_else(above), hints, document.path) for part in rounds}
    rest = tuple(one for part in inner for one in _without(part, frozenset(keys)))
    named = head if head and head.line not in keys else None
    if named or rest or document.blocks or document.front:
        phase = next(iter(keys.values()))[0]
        yield Share(document, phase, "", document.blocks, named, named.blocks if named else (), rest, True)
    for part in rounds:
        phase, round_, guessed = keys[part.line]
        yield Share(document, phase, round_, (), part, part.blocks, part.parts, False, guessed)


def _without(part: Part, rounds: frozenset[int]) -> Iterator[Part]:
    """Yield a part without the rounds below it, in pieces where one stood between them."""
    if part.line in rounds:
        return
    if not any(inner.line in rounds for inner in part.walk()):
        yield part
        return
    end = part.blocks[-1].end if part.blocks else part.line
    yield replace(part, end=end, parts=())
    for inner in part.parts:
        yield from _without(inner, rounds)


def known_of(title: str) -> Known:
    """Return what a title tells: `Phase 3 Round 4`, `Milestone 2 / Iteration 5`, `Sprint 13`, `M3.R2`."""
    found: dict[str, Mention] = {}
    for mention in mentions(title.replace("_", " ")):
        rank = "phase" if mention.word in PHASES else "sprint" if mention.word in SPRINTS else "round"
        if mention.how in ("", "of", "for", "in"):
            found.setdefault(rank, mention)
    phase, sprint, turn = found.get("phase"), found.get("sprint"), found.get("round")
    if phase and (inner := turn or sprint):
        return Known(phase.id, inner.id, inner.word)
    if sprint and turn:
        return Known(sprint.id, turn.id, turn.word)
    if inner := turn or sprint:
        return Known("", inner.id, inner.word)
    compact = _COMPACT.search(title.replace("_", " "))
    if compact:
        return Known(compact["phase"], compact["round"], "round")
    return Known(phase.id) if phase else Known()


def _is_round(title: str) -> bool:
    """Tell whether a heading names a round, rather than something of one: `Sprint 13 — done`, not `Round 4 Agents`."""
    if not known_of(title).round:
        return False
    start = _OPENS.match(title)
    said = title[start.end() if start else 0 :]
    first = re.match(rf"(?:round|sprint|iteration|wave|cycle|week|session){TO_ID}{ID}(?![\w.])", said, re.IGNORECASE)
    first = first or re.match(_COMPACT.pattern, said, re.IGNORECASE)
    return bool(first and _ENDS.match(said, first.end()))


def _front(document: Document) -> Known:
    said = {
        key_names().get(plain(key), ""): str(value) for key, value in document.front.items() if isinstance(value, str)
    }
    return _stated(said).or_else(known_of(said.get("title", "")))


def _lines(blocks: Sequence[Block], head: Part | None) -> Known:
    """Return what the lines `**Phase**: 3` at the top of a document tell."""
    near = (*blocks, *(head.blocks if head else ()))
    pairs = [pair for block in near if isinstance(block, Pairs) for pair in block.pairs]
    return _stated({key_names().get(plain(pair.key), ""): pair.value for pair in reversed(pairs)})


def _stated(said: Mapping[str, str]) -> Known:
    phase, turn = said.get("phase", ""), said.get("round", "")
    inner = known_of(turn)
    return Known(
        known_of(phase).phase or _id(phase), inner.round or _id(turn), inner.word or ("round" if _id(turn) else "")
    )


def _id(text: str) -> str:
    return text.strip() if re.fullmatch(ID, text.strip(), re.IGNORECASE) else ""


def _file(path: str) -> Known:
    """Return what the name of a file and of its folders tells."""
    known = Known()
    parts = PurePosixPath(path).with_suffix("").parts
    for name in reversed(parts[-4:]):
        known = known.or_else(known_of(re.sub(r"[_.-]+", " ", name)))
    return known


def _key(known: Known, hints: Hints, path: str) -> tuple[str, str, str]:
    """Return phase and round, and how they were chosen where nothing tells them."""
    phase, turn = hints.phase or known.phase, hints.round or known.round
    if turn and not phase:
        phase = f"{known.word or 'round'}s"
        return phase, _usable(turn), f'no phase is named, so it is called "{phase}"'
    if not phase:
        stem = PurePosixPath(path).stem or "notes"
        phase = slug(stem)
        return _usable(phase), "", f'no round is named, so the record is called "{_usable(phase)}" after its file'
    return _usable(phase), _usable(turn), ""


def _usable(text: str) -> str:
    """Return an id that a page may have."""
    if not text or not id_fault(text):
        return text
    made = slug(text)
    return f"{made}-notes" if id_fault(made) else made
