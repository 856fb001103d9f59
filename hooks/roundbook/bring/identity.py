"""In: a document, and what the person says about it. Out: its shares: what it says of each round or phase."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from roundbook.bring import revisions
from roundbook.bring.known import COMPACT, GENERIC, Known, known_of
from roundbook.bring.vocabulary import ID, TO_ID, key_names, name_of, plain
from roundbook.markdown import Block, Document, Pairs, Part
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.statuses import Status

_OPENS = re.compile(r"[^\w]*(?:(?:phase|stage|milestone|epic|quarter)\s+[\w.]+\W{1,5})?", re.IGNORECASE)
_ENDS = re.compile(
    r"\s*(?:$|[:(–—|/,✅☑✔]|--?\s|(?:summary|report|status|notes|review|recap|log|update|retrospective|retro|results|"
    r"complete|completed|completion|done|wrap)\b)",
    re.IGNORECASE,
)


def no_record(_name: str) -> bool:
    """Take no name for that of a decision record: for documents without a book."""
    return False


@dataclass(frozen=True)
class Hints:
    """What the person says: the phase and the round of the documents, and status words of the settings; and what git knows.

    `decisions` says that the documents are decision records, whatever they look like. `homes` are the records that are there,
    by their keys, with the paths of the notes that they were made of; `home` is the address of the repository on its forge.
    `is_record` tells which names are those of adopted decision records.
    """

    phase: str = ""
    round: str = ""
    words: Mapping[str, Status] = field(default_factory=dict)
    is_commit: revisions.Known = revisions.any_id
    decisions: bool = False
    homes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    home: str = ""
    is_record: Callable[[str], bool] = no_record


@dataclass(frozen=True)
class Share:
    """What a document says of one round, or of a phase where `round` is empty.

    `guessed` says how the key was chosen, `by_file` that it is called after its file. `before` stands above the first
    heading; `heading` is the part that names it, `blocks` and `parts` stand below. `word` is what the team calls the round;
    `several` says that the document tells of several.
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
    by_file: bool = False
    word: str = ""
    several: bool = False

    @property
    def key(self) -> str:
        """Return the key of the record."""
        return f"{self.phase}/{self.round}" if self.round else self.phase


def shares(document: Document, hints: Hints) -> Iterator[Share]:
    """Yield the shares of a document in its order: one, or one for each round that has a heading of its own."""
    head = document.parts[0] if document.parts and document.parts[0].level == 1 else None
    own = known_of(head.title) if head else Known()
    path, near = _of_path(document.path)
    stated = own.or_else(_front(document)).or_else(_lines(document.blocks, head))
    above = stated if own.phase and own.round else path.before(stated)
    explicit = bool(near.phase or near.round or above == stated or above.round == stated.round != "")
    beside = [part for part in document.parts if part is not head]
    inner = [*(head.parts if head and not own.round else ()), *beside]
    rounds = list(_rounds(inner, Known()))
    below = list(_rounds(head.parts, Known())) if head and own.round else []
    if head and own.round and _tells_itself(below, own):
        rounds, inner = ([] if "-" in own.round else [(head, own)]) + below + rounds, [head, *inner]
    elif own.round and head and rounds:
        rounds, inner = [(head, own), *rounds], [head, *inner]
    if len({(known.phase, known.round) for _, known in rounds}) < (2 if above.round else 1):
        parts = (*(head.parts if head else ()), *beside)
        yield _whole(document, head, parts, above, hints, explicit)
    else:
        yield from _several(document, head, inner, rounds, above, hints)


def _tells_itself(below: Sequence[tuple[Part, Known]], own: Known) -> bool:
    """Tell whether headings below one that names a round, or a span of them, name that round beside another one."""
    found = {known.round for _, known in below}
    return len(found) > 1 and own.round.partition("-")[0] in found


def _rounds(parts: Iterable[Part], above: Known) -> Iterator[tuple[Part, Known]]:
    """Yield the headings of rounds, however deep they stand, with the phase above; what stands below one belongs to it."""
    for part in parts:
        if _is_round(part.title):
            yield part, known_of(part.title).or_else(Known(above.phase))
        else:
            yield from _rounds(part.parts, Known(known_of(part.title).phase).or_else(above))


def _whole(
    document: Document, head: Part | None, parts: Sequence[Part], known: Known, hints: Hints, explicit: bool
) -> Share:
    if not (explicit or known.round or hints.phase or _is_of_folder(document.path, known)):
        known = Known()
    phase, round_, guessed = _key(known, hints, document.path)
    blocks = head.blocks if head else ()
    by_file = not (known.phase or known.round or hints.phase or hints.round)
    return Share(
        document, phase, round_, document.blocks, head, blocks, tuple(parts), True, guessed, by_file, known.word
    )


def _several(
    document: Document,
    head: Part | None,
    inner: Sequence[Part],
    rounds: Sequence[tuple[Part, Known]],
    above: Known,
    hints: Hints,
) -> Iterator[Share]:
    """Yield a share for each heading of a round; what is about none of them is about the phase."""
    above, hints = replace(above, round=""), replace(hints, round="")
    keys = {part.line: _key(known.or_else(above), hints, document.path) for part, known in rounds}
    named = head if head and head.line not in keys else None
    below = [one for part in inner for one in (part.parts if part is named else (part,))]
    rest = tuple(one for part in below for one in _without(part, frozenset(keys)))
    if named or rest or document.blocks or document.front:
        phase = next(iter(keys.values()))[0]
        yield Share(
            document, phase, "", document.blocks, named, named.blocks if named else (), rest, True, several=True
        )
    for part, known in rounds:
        phase, round_, guessed = keys[part.line]
        others = frozenset(keys) - {part.line}
        parts = tuple(one for inner_ in part.parts for one in _without(inner_, others))
        yield Share(document, phase, round_, (), part, part.blocks, parts, False, guessed, False, known.word, True)


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


def _is_round(title: str) -> bool:
    """Tell whether a heading names a round, rather than something of one: `Sprint 13 — done`, not `Round 4 Agents`."""
    if not known_of(title).round:
        return False
    start = _OPENS.match(title)
    said = title[start.end() if start else 0 :]
    first = re.match(rf"(?:round|sprint|iteration|wave|cycle|week|session){TO_ID}{ID}(?![\w.])", said, re.IGNORECASE)
    first = first or re.match(COMPACT.pattern, said, re.IGNORECASE)
    return bool(first and _ENDS.match(said, first.end()))


def _front(document: Document) -> Known:
    said = [(key, value) for key, value in document.front.items() if isinstance(value, str)]
    title = next((value for key, value in said if key_names().get(plain(key)) == "title"), "")
    return _stated(said).or_else(known_of(title))


def _lines(blocks: Sequence[Block], head: Part | None) -> Known:
    """Return what the lines `**Phase**: 3` at the top of a document tell."""
    near = (*blocks, *(head.blocks if head else ()))
    return _stated([(pair.key, pair.value) for block in near if isinstance(block, Pairs) for pair in block.pairs])


def _stated(said: Iterable[tuple[str, str]]) -> Known:
    """Return what keys and their values tell; the first value of a key counts."""
    first: dict[str, tuple[str, str]] = {}
    for key, value in said:
        first.setdefault(key_names().get(plain(key), ""), (plain(key).split(" ")[0], str(value)))
    (_, phase), (word, turn) = first.get("phase", ("", "")), first.get("round", ("", ""))
    inner = known_of(turn)
    return Known(
        known_of(phase).phase or _id(phase), inner.round or _id(turn), inner.word or (word if _id(turn) else "")
    )


def _id(text: str) -> str:
    return text.strip() if re.fullmatch(ID, text.strip(), re.IGNORECASE) else ""


def _of_path(path: str) -> tuple[Known, Known]:
    """Return what the name of a file and of its folders tells, and what its own name alone does."""
    names = PurePosixPath(path).with_suffix("").parts[-4:]
    found = [known_of(re.sub(r"[_.-]+", " ", name)) for name in names]
    known = Known()
    for one in reversed(found):
        if known.round and not known.phase and one.round and one.word != known.word:
            one = Known(one.round)  # `sprint-8/round-2.md`
        known = known.or_else(one)
    return known, found[-1] if found else Known()


def _is_of_folder(path: str, known: Known) -> bool:
    """Tell whether a note without a number is about the phase that its folder is called after: `phase-3/notes.md`."""
    file = PurePosixPath(path)
    folder = known_of(re.sub(r"[_.-]+", " ", file.parent.name))
    words = plain(re.sub(r"[_.-]+", " ", file.stem)).split()
    return folder.phase == known.phase and all(one in GENERIC or name_of(one).topic for one in words)


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
