"""Which round a note is of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from itertools import pairwise
from pathlib import PurePosixPath

from roundbook.frozen import frozen
from roundbook.git.history import matches
from roundbook.importer.shas import KnownCommits, any_id, shas_of
from roundbook.importer.vocabulary import ID, TO_ID, RoundMention, bare, key_names, mentions, name_of
from roundbook.markdown import Block, Document, Pairs, Part, plain, remark_of, unmarked
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.statuses import Status

PHASES = frozenset({"phase", "stage", "milestone", "epic", "quarter"})
SPRINTS = frozenset({"sprint", "iteration"})  # which may be a phase or a round
COMPACT = re.compile(r"\b[mp](?P<phase>\d{1,4})[.\s-]?[rs](?P<round>\d{1,4}[a-z]?)\b", re.IGNORECASE)
# What is before a round of something else than the team's work, or before one that has not begun.
_OF_A_DAY, _DAY = (
    re.compile(r"\b(?:session|checkpoint)\b", re.I),
    re.compile(r"(?<!\d)(20\d\d)[- ]?(\d\d)[- ]?(\d\d)(?!\d)"),
)
_OTHER = re.compile(
    r"\b(?:uat|qa|tests?|testing|review|audit|interview|funding|feedback|voting|survey|retest|pre|post)\W{0,3}$", re.I
)
_JOINT = re.compile(r"[\W_]*(?:(?:of|in|the|and)[\W_]*)*", re.IGNORECASE)
_SPAN = re.compile(r"\s*(?:-|–|&|and|\+|/|\s)\s*(?P<last>(?:\d{1,4}\.)?\d{1,4})(?![\w.])", re.IGNORECASE)
_MANY = re.compile(r"[-–](?P<last>\d{1,4})(?![\w.-])")
_FINER = re.compile(r"\s(?P<part>\d{1,2}[a-z]?)(?!\w)", re.IGNORECASE)
LONGEST_SPAN = 3
# Words of titles that say what kind of note it is, not what it is about.
_KINDS_OF_NOTES = """
a an the of and on for in to readme index overview summary notes note status report reports review log plan plans planning
details results completion complete completed final draft progress update updates document documents development working
difficult kickoff readiness retrospective retro recap wrap up wrapup outcome deferred doc docs next steps
"""
GENERIC = frozenset(_KINDS_OF_NOTES.split())


@frozen
class Known:
    """What a text tells of the round that it is about: `word` is how the team calls its rounds, or else its phases."""

    phase: str = ""
    round: str = ""
    word: str = ""

    def before(self, other: Known) -> Known:
        """Return this, with what it leaves open taken from another that does not contradict it."""
        apart = self.round and other.round and self.round.casefold() != other.round.casefold()
        other_phase = self.phase and other.phase and self.phase.casefold() != other.phase.casefold()
        made = self if apart or other_phase else self.or_else(other)
        return replace(made, word=made.word or (other.word if other.round and made is not self else ""))

    def or_else(self, other: Known) -> Known:
        """Return this, with what it leaves open taken from another."""
        if not self.round:
            word = other.word if other.round or not self.phase else self.word
            return Known(self.phase or other.phase, other.round, word)
        return replace(self, phase=self.phase or other.phase)


def known_of(title: str) -> Known:
    """Return what a title tells: `Phase 3 Round 4`, `Milestone 2 / Iteration 5`, `Sprint 13`, `M3.R2`.

    A number may be finer, `2.3.1` or `3B`: that is a phase or round of its own, wherever else there is a 2 or a 3. A remark in
    brackets at its end counts where the title itself tells nothing, or where it is a phase and nothing else.
    """
    base, remark = remark_of(title.replace("_", " "))
    known = _known(base)
    if not remark:
        return known
    beside = _known(remark)
    if not (known.phase or known.round):
        return beside
    alone = re.fullmatch(rf"(?:phase|stage|milestone){TO_ID}{ID}", remark.strip(), re.IGNORECASE)
    return known.or_else(Known(beside.phase)) if alone else known


# One plan or task of a phase: `Phase 3 Plan 02`, `Phase 10, Task 10.5`, `phase 10e task 10e6`; not a span of them.
TASK = re.compile(
    rf"\b(?:phase|stage|milestone|epic)\s+(?P<phase>{ID})\W{{1,3}}(?P<word>plan|task|story)\s*#?"
    r"(?:(?P=phase)(?:[ .-]|(?<=[a-z])))?(?P<round>\d{1,3}(?:\.\d{1,3})?[a-z]?)(?![\w.]*\w)"
    r"(?!\s*[-–&,+]\s*\d{1,3}(?!\d))",
    re.IGNORECASE,
)


def _known(text: str, of_file: bool = False) -> Known:
    if part := TASK.search(unmarked(text)):
        return Known(bare(part["phase"]), bare(part["round"]), part["word"].lower())
    found: dict[str, RoundMention] = {}
    said = unmarked(text)
    last: RoundMention | None = None
    for mention in mentions(text):
        rank = "phase" if mention.word in PHASES else "sprint" if mention.word in SPRINTS else "round"
        apart = last and not _JOINT.fullmatch(said[last.end : mention.start])
        other = _OTHER.search(said[: mention.start]) or _is_of_many(mention, said)
        if mention.how in ("", "of", "for", "in") and not apart and not other:
            last = replace(mention, id=_with_rest(mention, said, of_file))
            first = found.setdefault(rank, last)
            if first.id.isdecimal() and last.id.isdecimal() and 0 < int(last.id) - int(first.id) <= LONGEST_SPAN:
                found[rank] = replace(first, id=f"{first.id}-{last.id}")
    phase, sprint, round_ = found.get("phase"), found.get("sprint"), found.get("round")
    if phase and (inner := round_ or sprint):
        return Known(phase.id, inner.id, inner.word)
    if sprint and round_:
        return Known(sprint.id, round_.id, round_.word)
    if inner := round_ or sprint:
        return Known("", inner.id, inner.word)
    compact = COMPACT.search(text)
    if compact:
        return Known(bare(compact["phase"]), bare(compact["round"]), "round")
    of_a_day = _OF_A_DAY.search(text)
    day = _DAY.search(text) if of_a_day else None
    known = Known(phase.id, "", phase.word) if phase else Known()
    return replace(known, round="-".join(day.groups()), word=of_a_day[0].lower()) if day and of_a_day else known


def _is_of_many(mention: RoundMention, text: str) -> bool:
    """Tell whether a text names more phases or rounds than are ever one: `Phase 1-6`."""
    span = _MANY.match(text, mention.end)
    return bool(span and mention.id.isdecimal() and int(span["last"]) - int(mention.id) > LONGEST_SPAN)


def _with_rest(mention: RoundMention, text: str, of_file: bool) -> str:
    """Return the id of a mention, or both ends of a short span: `Sprint 11 & 12`, `sprint-11-12`.

    The name of a file has no other sign for a point: there `phase_2_3` is phase 2.3, and `sprint_1_3` sprint 1.3.
    """
    span = _SPAN.match(text, mention.end)
    last = span["last"] if span else ""
    stem, point, first = mention.id.rpartition(".")
    near = last.startswith(f"{stem}{point}") and first.isdecimal() and last[len(stem + point) :].isdecimal()
    if (
        near
        and 0 < int(last[len(stem + point) :]) - int(first) <= LONGEST_SPAN
        and not (of_file and mention.word in PHASES)
    ):
        return f"{mention.id}-{bare(last)}"
    finer = _FINER.match(text, mention.end) if of_file and mention.id.isdecimal() else None
    return f"{mention.id}.{bare(finer['part'])}" if finer else mention.id


_OPENS = re.compile(r"[^\w]*(?:(?:phase|stage|milestone|epic|quarter)\s+[\w.]+\W{1,5})?", re.IGNORECASE)
_ENDS = re.compile(
    r"\s*(?:$|[:(–—|/,✅☑✔]|--?\s|(?:summary|report|status|notes|review|recap|log|update|retrospective|retro|results|"
    r"complete|completed|completion|done|wrap)\b)",
    re.IGNORECASE,
)


def no_record(_name: str) -> bool:
    """Take no name for that of a decision record: for documents without a book."""
    return False


@frozen
class Hints:
    """What the command line, the settings and the book say about documents: their phase and round, the extra status words.

    `decisions` says that the documents are decision records, whatever they look like. `imported_from` has, by the keys of the
    existing records, the paths of the notes that they were imported from; `home` is the address of the repository on its forge.
    `is_record` tells which names are those of adopted decision records. `placed` are the settings for notes, by their paths or
    patterns. `tags` are the names of all tags, and `packages` the names of packages by their folders.
    """

    phase: str = ""
    round: str = ""
    words: Mapping[str, Status] = field(default_factory=dict)
    is_commit: KnownCommits = any_id
    decisions: bool = False
    imported_from: Mapping[str, frozenset[str]] = field(default_factory=dict)
    home: str = ""
    is_record: Callable[[str], bool] = no_record
    placed: Mapping[str, str] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    packages: Mapping[str, str] = field(default_factory=dict)

    def shas_of(self, text: str) -> list[str]:
        """Return the commits of a text that is nothing but ids of commits that git has."""
        return shas_of(text, self.is_commit)

    def place_of(self, path: str) -> str:
        """Return the record that the settings give a note, `skip`, or nothing."""
        return next((key for pattern, key in self.placed.items() if pattern == path or matches((pattern,), path)), "")


@frozen
class Excerpt:
    """What a document says of one round, or of a phase where `round` is empty.

    `guessed` says how the key was chosen, `by_file` that it is called after its file. `before` is above the first
    heading; `heading` is the part that names it, `blocks` and `parts` are below it. `word` is what the team calls the round;
    `several` says that the document tells of several, `placed` that the settings name its record (what it would be
    without them is `beside`), and `apart` why it is another record than one of the same number.
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
    placed: bool = False
    beside: bool = False
    apart: str = ""

    @property
    def key(self) -> str:
        """Return the key of the record."""
        return f"{self.phase}/{self.round}" if self.round else self.phase


def excerpts(document: Document, hints: Hints) -> Iterator[Excerpt]:
    """Yield the excerpts of a document in its order: one, or one for each round that has a heading of its own."""
    head = document.parts[0] if document.parts and document.parts[0].level == 1 else None
    if place := hints.place_of(document.path):
        phase, _, number = place.partition("/")
        parts = tuple(one for part in document.parts for one in (part.parts if part is head else (part,)))
        opening = head.blocks if head else ()
        yield Excerpt(document, phase, number, document.blocks, head, opening, parts, front=True, placed=True)
        yield from (replace(one, beside=True) for one in excerpts(document, replace(hints, placed={})))
        return
    own = known_of(head.title) if head else Known()
    path, near = _of_path(document.path)
    stated = own.or_else(_front(document)).or_else(_lines(document.blocks, head))
    if stated.phase != f"{path.phase}.{path.round}":
        clearer = {one: _clearer(getattr(stated, one), getattr(path, one), document.path) for one in ("phase", "round")}
        path = replace(path, **clearer)
    exact = own.phase and own.round and not (path.round and _DAY.fullmatch(own.round))
    above = stated if exact else path.before(stated)
    explicit = bool(near.phase or near.round or above == stated or above.round == stated.round != "")
    beside = [part for part in document.parts if part is not head]
    inner = [*(head.parts if head and not own.round else ()), *beside]
    rounds = list(_rounds(inner, Known(), head.title if head else ""))
    inside = [part for part in head.parts if "-" in own.round or _is_round(part.title)] if head else []
    below = list(_rounds(inside, Known())) if own.round else []
    if head and own.round and _tells_itself(below, own):
        rounds, inner = ([] if "-" in own.round else [(head, own)]) + below + rounds, [head, *inner]
    elif own.round and head and rounds:
        rounds, inner = [(head, own), *rounds], [head, *inner]
    if len({(known.phase, known.round) for _, known in rounds}) < (2 if above.round else 1):
        parts = (*(head.parts if head else ()), *beside)
        made = _whole(document, head, parts, above, hints, explicit)
        yield replace(made, apart=_contradiction(own, near)) if made.round in ("", above.round) else made
    else:
        yield from _several(document, head, inner, rounds, above, hints)


def _contradiction(own: Known, near: Known) -> str:
    """Return how a title and the name of its file contradict each other, if they do; then the name of the file counts."""
    for said, named in ((own.round, near.round), (own.phase, near.phase)):
        if said and named and own.word == near.word:
            (left, *_), (right, *_) = (re.findall(r"\d+", one) or [one.casefold()] for one in (said, named))
            same = left == right or re.sub(r"\D", "", said) == re.sub(r"\D", "", named) or _DAY.fullmatch(said)
            return (
                ""
                if same
                else f"its title names {own.word or 'phase'} {said}, and its file {near.word or 'phase'} {named}"
            )
    return ""


def _clearer(stated: str, by_path: str, where: str) -> str:
    """Return the number of a path, or that of the title where the path can only blur it: `1_5` and `15` are `1.5`."""
    same = re.match(r"\d*", stated)[0] == re.match(r"\d*", by_path)[0]  # type: ignore[index]  # which matches any text
    finer = len(stated) > len(by_path) or "-" in by_path or by_path.casefold() not in where.casefold()
    blurred = stated and by_path and ((same and finer) or stated.replace(".", "") == by_path)
    return stated if blurred else by_path


def _tells_itself(below: Sequence[tuple[Part, Known]], own: Known) -> bool:
    """Tell whether headings below one that names a round, or a span of them, name that round beside another one."""
    found = {known.round for _, known in below}
    return len(found) > 1 and own.round.partition("-")[0] in found


_OF_A_PLAN = re.compile(
    r"\b(?:plan|plans|planning|timeline|schedule|roadmap|implementation|strategy|sequence|proposal|estimate|milestones|"
    r"breakdown|approach|phases?|sprint|next steps|rollout|migration|analysis|guide)\b",
    re.IGNORECASE,
)


def _rounds(parts: Iterable[Part], above: Known, title: str = "") -> Iterator[tuple[Part, Known]]:
    """Yield the headings of rounds at any depth, with the phase above; everything below one belongs to it."""
    for part in parts:
        if _is_round(part.title, title):
            yield part, known_of(part.title).or_else(Known(above.phase))
        else:
            yield from _rounds(part.parts, Known(known_of(part.title).phase).or_else(above), f"{title} {part.title}")


def _whole(
    document: Document, head: Part | None, parts: Sequence[Part], known: Known, hints: Hints, explicit: bool
) -> Excerpt:
    if not (explicit or known.round or hints.phase or _is_of_folder(document.path, known)):
        known = Known()
    phase, round_, guessed = _key(known, hints, document.path)
    blocks = head.blocks if head else ()
    by_file = not (known.phase or known.round or hints.phase or hints.round)
    return Excerpt(
        document, phase, round_, document.blocks, head, blocks, tuple(parts), True, guessed, by_file, known.word
    )


def _several(
    document: Document,
    head: Part | None,
    inner: Sequence[Part],
    rounds: Sequence[tuple[Part, Known]],
    above: Known,
    hints: Hints,
) -> Iterator[Excerpt]:
    """Yield an excerpt for each heading of a round; what is about none of them is about the phase."""
    above, hints = replace(above, round=""), replace(hints, round="")
    keys = {part.line: _key(known.or_else(above), hints, document.path) for part, known in rounds}
    named = head if head and head.line not in keys else None
    below = [one for part in inner for one in (part.parts if part is named else (part,))]
    rest = tuple(one for part in below for one in _without(part, frozenset(keys)))
    if named or rest or document.blocks or document.front:
        phase = _usable(hints.phase or above.phase) or next(iter(keys.values()))[0]
        yield Excerpt(
            document, phase, "", document.blocks, named, named.blocks if named else (), rest, True, several=True
        )
    for part, known in rounds:
        phase, round_, guessed = keys[part.line]
        others = frozenset(keys) - {part.line}
        parts = tuple(one for inner_ in part.parts for one in _without(inner_, others))
        yield Excerpt(document, phase, round_, (), part, part.blocks, parts, False, guessed, False, known.word, True)


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


def _is_round(title: str, above: str = "") -> bool:
    """Tell whether a heading names a round, rather than something of one: `Sprint 13 — done`, not `Round 4 Agents`.

    The weeks below a plan or a timeline, which `above` names, are steps of it.
    """
    known = known_of(title)
    if not known.round or (known.word in ("week", "session") and _OF_A_PLAN.search(above)):
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
    return _stated(pairs_in((*blocks, *(head.blocks if head else ()))))


def pairs_in(blocks: Iterable[Block]) -> list[tuple[str, str]]:
    """Return the keys and values of labelled lines."""
    return [(pair.key, pair.value) for block in blocks if isinstance(block, Pairs) for pair in block.pairs]


def _stated(said: Iterable[tuple[str, str]]) -> Known:
    """Return what keys and their values tell; the first value of a key counts.

    Of `phase: 7`, `plan: 2`, `wave: 1` the plan is the round: several of them are of one wave.
    """
    first: dict[str, tuple[str, str]] = {}
    pairs = [*said]
    plan = next((str(value) for key, value in pairs if plain(key) == "plan" and _id(str(value))), "")
    if plan and any(key_names().get(plain(key)) == "phase" for key, _ in pairs):
        first["round"] = "plan", plan
    for key, value in pairs:
        first.setdefault(key_names().get(plain(key), ""), (plain(key).split(" ")[0], str(value)))
    (_, phase), (word, round_) = first.get("phase", ("", "")), first.get("round", ("", ""))
    inner = known_of(round_)
    return Known(
        known_of(phase).phase or _id(phase), inner.round or _id(round_), inner.word or (word if _id(round_) else "")
    )


def _id(text: str) -> str:
    return bare(text.strip()) if re.fullmatch(ID, text.strip(), re.IGNORECASE) else ""


def _of_path(path: str) -> tuple[Known, Known]:
    """Return what the name of a file and of its folders tells, and what its own name alone does."""
    names = PurePosixPath(path).with_suffix("").parts[-4:]
    found = [_known(words_in(name), of_file=True) for name in names]
    for at, (above, name) in enumerate(pairwise(names), 1):
        found[at] = numbered(above, name) or found[at]
    known = Known()
    for one in reversed(found):
        if known.round and not known.phase and one.round and one.word != known.word:
            one = Known(one.round)  # `sprint-8/round-2.md`
        known = known.or_else(one)
    return known, found[-1] if found else Known()


def words_in(name: str) -> str:
    """Return the words in the name of a file or folder; only points between digits are left, and a rare hyphen there."""
    parts = r"_+|(?<!\d)-+|-+(?!\d)" if "_" in name else r"[_-]+"
    return re.sub(rf"{parts}|(?<!\d)\.|\.(?!\d)", " ", name)


_COUNTED = re.compile(r"(?P<phase>\d{1,3}(?:\.\d{1,2})?)(?:-(?P<round>\d{1,3}))?(?:[-_].*)?")


def numbered(above: str, name: str) -> Known | None:
    """Return what a number at the start of a name is of: `phases/03-forum` a phase, `03-forum/03-02-x` its second plan."""
    own, over = _COUNTED.fullmatch(name), _COUNTED.fullmatch(above)
    if own and above.casefold() in ("phases", "milestones") and not own["round"]:
        return Known(bare(own["phase"]))
    if own and over and own["phase"] == over["phase"] and not over["round"]:
        return Known(bare(own["phase"]), bare(own["round"] or ""), "plan" if own["round"] else "")
    day = (
        _DAY.match(name.replace("_", "-")) if above.casefold() == "sessions" and not mentions(words_in(name)) else None
    )
    if day:
        return Known("", "-".join(day.groups()), "session")
    both = words_in(f"{above} {name}")
    return _known(both) if TASK.match(both) else None  # `phase-3/task-2.md`


def _is_of_folder(path: str, known: Known) -> bool:
    """Tell whether a note without a number is about the phase that its folder is called after: `phase-3/notes.md`."""
    file = PurePosixPath(path)
    folder = _known(words_in(file.parent.name), of_file=True)
    words = plain(words_in(file.stem)).split()
    return folder.phase == known.phase and all(one in GENERIC or name_of(one).topic for one in words)


def _key(known: Known, hints: Hints, path: str) -> tuple[str, str, str]:
    """Return phase and round, and how they were chosen where nothing tells them."""
    phase, number = hints.phase or known.phase, hints.round or known.round
    if number and not phase:
        phase = f"{known.word or 'round'}s"
        return phase, _usable(number), f'no phase is named, so it is called "{phase}"'
    if not phase:
        stem = PurePosixPath(path).stem or "notes"
        phase = slug(stem)
        return _usable(phase), "", f'no round is named, so the record is called "{_usable(phase)}" after its file'
    return _usable(phase), _usable(number), ""


def _usable(text: str) -> str:
    """Return an id that a page may have."""
    if not text or not id_fault(text):
        return text
    made = slug(text)
    return f"{made}-notes" if id_fault(made) else made
