"""Notes of one number that are about different things.

Notes of one work that name the same phase or round are one record, unless one of `RULES` holds between them. A note to which
none applies, where there are several records that it may be of, is none of them: doubt keeps notes apart, and says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import PurePosixPath

from roundbook.adr.fields import leading_date
from roundbook.frozen import frozen
from roundbook.importer.identify import GENERIC, Excerpt, Hints, known_of, numbered, pairs_in, words_in
from roundbook.importer.titles import NoteSubject, about, effort_of, precedence, stems, subject_of, title_of
from roundbook.importer.vocabulary import bare, key_names
from roundbook.markdown import Quote, plain, remark_of
from roundbook.schema.ids import natural_key, slug

_DAY = re.compile(r"20\d\d-\d\d-\d\d")
_WRITTEN = frozenset({"created", "generated", "report generated", "written", "prepared", "completed", "completed on"})
_NEAR, _FAR = 3, 14  # days
_LANGUAGES_WORDS = "en eng ru rus de fr es it pt pl uk ua zh cn ja jp ko tr nl sv cs"
_LANGUAGES = frozenset(_LANGUAGES_WORDS.split())
# Names of folders that say what kind of notes they hold: `docs/sprints` and `docs/retrospectives` are of one work.
_OF_KINDS_WORDS = """
sprints rounds phases iterations milestones weeks weekly retros retrospectives reviews summaries statuses sessions meetings
planning completed sprint round phase archive archives archived old history implementation fix fixes drafts raw done
artifacts logs records architecture specs audits guides checkpoints
"""
_OF_KINDS = GENERIC | frozenset(_OF_KINDS_WORDS.split())


@frozen
class NumberedNote:
    """What a document says of one phase or round, in the work that it belongs to."""

    path: str
    excerpts: tuple[Excerpt, ...]
    home: str
    subject: NoteSubject
    day: str
    precedence: tuple[int, bool]
    effort: str = ""
    word: str = ""
    in_series: bool = False

    @property
    def sums_up(self) -> bool:
        """Tell whether it was written when all was done."""
        return self.precedence[0] == 0

    def days_to(self, other: NumberedNote) -> int | None:
        """Return how many days are between two notes, if both say when they are of."""
        if not (self.day and other.day):
            return None
        days = abs((dt.date.fromisoformat(self.day) - dt.date.fromisoformat(other.day)).days)
        return min(days, abs(days - 365))  # a day of another year is mostly a slip


@frozen
class Rule:
    """What keeps two notes of one number apart: between notes of which `words`, when, and how the report says it."""

    words: frozenset[str]
    holds: Callable[[NumberedNote, NumberedNote], bool]
    why: str


def _has_another_word(one: NumberedNote, other: NumberedNote) -> bool:
    return bool(one.word and other.word) and one.word != other.word


def _is_of_another_effort(one: NumberedNote, other: NumberedNote) -> bool:
    return one.effort != other.effort and one.subject.own.isdisjoint(other.subject.own)


def _is_called_otherwise(one: NumberedNote, other: NumberedNote) -> bool:
    return one.subject.sure and other.subject.sure and not one.subject.is_like(other.subject)


def _has_nothing_in_common(one: NumberedNote, other: NumberedNote) -> bool:
    return _is_called_otherwise(one, other) and one.subject.stems.isdisjoint(other.subject.stems)


def _is_long_after_the_end(one: NumberedNote, other: NumberedNote) -> bool:
    late, early = (one, other) if one.day > other.day else (other, one)
    far = _FAR if late.sums_up else _FAR // 2
    return early.sums_up and one.subject.own.isdisjoint(other.subject.own) and (late.days_to(early) or 0) > far


def _is_called_otherwise_and_may_be_of_another_day(one: NumberedNote, other: NumberedNote) -> bool:
    return one.days_to(other) in (None, 1) and _is_called_otherwise(one, other)


def _is_another_of_the_day(one: NumberedNote, other: NumberedNote) -> bool:
    if not all(_DAY.fullmatch(note.excerpts[0].round) for note in (one, other)):
        return False
    (left, translated), (right, also) = (_beside_the_day(note.path) for note in (one, other))
    return left != right or (_is_called_otherwise(one, other) and not (translated or also))


def _beside_the_day(path: str) -> tuple[frozenset[str], bool]:
    """Return the words of the name of a file beside its day, and whether it ends with a language: `2026-01-26_GATE_EN`."""
    words = plain(words_in(PurePosixPath(path).stem)).split()
    translated = words[-1:] != [] and words[-1] in _LANGUAGES
    beside = about(" ".join(words[:-1] if translated else words))
    return frozenset(one for one in beside if not one.isdigit()) - _SESSIONS, translated


def _is_of_another_day(one: NumberedNote, other: NumberedNote) -> bool:
    days = one.days_to(other) or 0
    return days > _NEAR or (days > 1 and one.subject.own.isdisjoint(other.subject.own))


_PHASES, _SESSIONS = frozenset({"phase"}), frozenset({"session", "checkpoint"})
_ROUNDS = frozenset({"round", "sprint", "iteration", "wave", "cycle", "week", "plan", "task", "story", ""})
_NAME = 'it is about "{one.subject.name}", and another {word} of that number about "{other.subject.name}"'
_END = "it is of {one.day}, and another {word} of that number of {other.day}, and they have no word in common"
_WORD = "it names a {one.word} of that number, and another note a {other.word}"
_EFFORT = 'it is of "{one.effort}", and another {word} of that number of "{other.effort}"'
_SAME_DAY = "it is another session of that day than {other.path}, by its name"
_DATE = "it is of {one.day}, and another {word} of that number of {other.day}"
RULES = (
    Rule(_ROUNDS, _has_nothing_in_common, _NAME),
    Rule(_PHASES, _has_another_word, _WORD),
    Rule(_PHASES, _is_of_another_effort, _EFFORT),
    Rule(_PHASES, _is_called_otherwise, _NAME),
    Rule(_PHASES, _is_long_after_the_end, _END),
    Rule(_SESSIONS, _is_called_otherwise_and_may_be_of_another_day, _NAME),
    Rule(_SESSIONS, _is_of_another_day, _DATE),
    Rule(_SESSIONS, _is_another_of_the_day, _SAME_DAY),
)
_DOUBT = "nothing in it tells which {word} of that number it is about: {names}"


def told_apart(found: Sequence[Excerpt], level: str, hints: Hints) -> list[Excerpt]:
    """Return the excerpts with a name in the id of a phase, or of a round, that is another one than the one of that number."""
    alike: dict[str, dict[str, dict[str, list[Excerpt]]]] = {}  # by number, then home, then path
    for one in found:
        if not one.by_file and (one.round if level == "round" else not _is_series(one)):
            key = one.key if level == "round" else one.phase
            homes = alike.setdefault(key.casefold(), {})
            homes.setdefault(home_of(one), {}).setdefault(one.document.path, []).append(one)
    renamed: dict[int, Excerpt] = {}
    efforts, paths = _efforts(alike) if level == "phase" else {}, in_series(found)
    numbered_notes = {
        number: {
            home: [_note(p, some, home, level, efforts.get((home, p), ""), p in paths) for p, some in by_path.items()]
            for home, by_path in homes.items()
        }
        for number, homes in alike.items()
    }
    common = _common(numbered_notes, 2 if level == "phase" else 3)
    for homes_ in numbered_notes.values():
        made = [[_without(one, common[home]) for one in notes] for home, notes in homes_.items()]
        if sum(map(len, made)) > 1 or any(note.effort for notes in made for note in notes):
            renamed |= {id(one): new for one, new in _renamed([_clusters(n, level) for n in made], level, hints)}
    return [renamed.get(id(one), one) for one in found]


def in_series(found: Iterable[Excerpt]) -> frozenset[str]:
    """Return the paths of files that are named alike but for their numbers, three of one folder at least: `PHASE_1_DONE.md`."""
    paths: dict[str, dict[str, set[str]]] = {}
    for one in found:
        number = one.round or one.phase
        named_alike = re.sub(r"((?:^|/)(?:phases|milestones)/)[^/]+/", r"\1#/", one.document.path, flags=re.IGNORECASE)
        pattern = re.sub(r"\d[\d_.]*", "#", named_alike)
        paths.setdefault(pattern.casefold(), {}).setdefault(number, set()).add(one.document.path)
    return frozenset(
        path for numbers in paths.values() if len(numbers) > 2 for some in numbers.values() for path in some
    )


def _common(notes: Mapping[str, Mapping[str, Sequence[NumberedNote]]], many: int) -> dict[str, frozenset[str]]:
    """Return by home the stems in titles of many numbers, such as those of the project, which tell nothing apart.

    Many are half the phases, and a third of the rounds, of which each has notes of many kinds.
    """
    numbers = Counter(home for homes in notes.values() for home in homes)
    counts, efforts = {home: Counter[str]() for home in numbers}, dict[str, frozenset[str]]()
    for homes in notes.values():
        for home, some in homes.items():
            titles = (title_of(excerpt) for one in some for excerpt in one.excerpts)
            counts[home].update(frozenset[str]().union(*(stems(about(title)) for title in titles)))
            efforts[home] = efforts.get(home, frozenset()).union(*(stems(one.effort.split()) for one in some))
    most = {home: {one for one, n in counts[home].items() if n > max(2, numbers[home] / many)} for home in numbers}
    return {home: frozenset(most[home] - efforts[home]) for home in numbers}


def _without(note: NumberedNote, common: frozenset[str]) -> NumberedNote:
    left = note.subject.stems - common
    if note.effort or left == note.subject.stems:
        return note
    return replace(note, subject=replace(note.subject, stems=left) if left else NoteSubject())


def _efforts(alike: Mapping[str, Mapping[str, Mapping[str, Sequence[Excerpt]]]]) -> dict[tuple[str, str], str]:
    """Return, by home and path, the effort of each phase, in works with phases of several efforts, or of none."""
    named: dict[tuple[str, str], str] = {}
    numbers: dict[tuple[str, str], set[str]] = {}
    words: dict[tuple[str, str], set[str]] = {}  # by home and first word
    agreed: set[tuple[str, str]] = set()
    for number, homes in alike.items():
        for home, by_path in homes.items():
            for path, excerpts in by_path.items():
                first, said, agrees = next((one for one in map(effort_of, excerpts) if one[0]), ("", "", False))
                key = home, named.setdefault((home, path), first)
                numbers.setdefault(key, set()).add(number)
                words.setdefault(key, set()).add(said)
                agreed |= {key} if agrees else set()
    several = Counter(home for home, _ in numbers)
    return {
        (home, path): min(words[home, one], key=lambda said: (len(said), said))
        for (home, path), one in named.items()
        if one and (home, one) in agreed and several[home] > 1 < len(numbers[home, one])
    }


def _is_series(excerpt: Excerpt) -> bool:
    """Tell whether the phase of an excerpt is only a place for its rounds: `sprints`."""
    return excerpt.phase.removesuffix("s") in _ROUNDS | _SESSIONS


def _note(path: str, excerpts: Sequence[Excerpt], home: str, level: str, effort: str, in_series: bool) -> NumberedNote:
    of_level = [one for one in excerpts if bool(one.round) == (level == "round")]
    subjects = [subject_of(one, level) for one in excerpts]
    subject = max(subjects, key=lambda one: (one.sure, len(one.stems)))
    first = min(precedence(one) for one in excerpts)
    whole = first if of_level else (first[0] + 3, first[1])  # that of a task says less of the phase
    if effort:
        subject = NoteSubject(effort.title(), subject.stems | stems(effort.split()), True)
    day = next(filter(None, map(_day, excerpts)), "")
    word = next((one.word for one in of_level if level == "phase"), "")
    return NumberedNote(path, tuple(excerpts), home, subject, day, whole, effort, word, in_series)


def _day(excerpt: Excerpt) -> str:
    """Return the day that the lines at the top of a note, its title or the name of its file state."""
    blocks = (*excerpt.before, *excerpt.blocks)
    inner = chain(blocks, *(one.blocks for one in blocks if isinstance(one, Quote)))
    stated = [
        leading_date(value)
        for key, value in pairs_in(inner)
        if key_names().get(plain(key)) == "date" or plain(key) in _WRITTEN
    ]
    title = remark_of(title_of(excerpt))[1]
    found = (_DAY.search(one) for one in (*stated, title, PurePosixPath(excerpt.document.path).name))
    return next((match[0] for match in found if match), "")


@frozen
class _Cluster:
    """Notes that are one record, by the first of them; `doubt` says that they may be of several others instead."""

    head: NumberedNote
    notes: tuple[NumberedNote, ...]
    doubt: bool = False

    def with_(self, note: NumberedNote) -> _Cluster:
        """Return it with one more note, which says when it was if the first one does not."""
        head = self.head if self.head.day else replace(self.head, day=note.day)
        return replace(self, head=head, notes=(*self.notes, note))


def _clusters(notes: Sequence[NumberedNote], level: str) -> list[_Cluster]:
    """Return the notes of one number in one work by what they are about, whatever order they are in.

    Each note is compared only with the first note of each record, so that two notes with nothing in common are not joined
    because both resemble a third.
    """
    made: list[_Cluster] = []
    left: list[NumberedNote] = []
    for note in sorted(notes, key=lambda one: (not one.subject.sure, one.precedence, natural_key(one.path))):
        may_be = [n for n, one in enumerate(made) if not _rule(note, one.head, level)]
        place = _place(note, may_be, made)
        if place is not None:
            made[place] = made[place].with_(note)
        elif may_be:
            left.append(note)
        else:
            made.append(_Cluster(note, (note,)))
    return made + _in_doubt(left, level)


def _place(note: NumberedNote, may_be: Sequence[int], made: Sequence[_Cluster]) -> int | None:
    """Return the one record that a note is of: the only one that it may be, that has most of its words, or is of its days."""
    if len(may_be) < 2:
        return may_be[0] if may_be else None
    counts = {n: len(note.subject.own & made[n].head.subject.own) for n in may_be}
    best = [n for n in may_be if counts[n] == max(counts.values()) > 0]
    days = {n: note.days_to(made[n].head) for n in may_be}
    near = [n for n in may_be if None not in days.values() and (days[n] or 0) <= _NEAR]
    return next((some[0] for some in (best, near) if len(some) == 1), None)


def _in_doubt(notes: Sequence[NumberedNote], level: str) -> list[_Cluster]:
    """Return notes that may be of several records; those among them that have words, but none in common, are not one."""
    made: list[_Cluster] = []
    for note in notes:
        stems = note.subject.stems
        fits = (
            n
            for n, one in enumerate(made)
            if not (stems and one.head.subject.stems and stems.isdisjoint(one.head.subject.stems))
            and not _rule(note, one.head, level)
        )
        place = next(fits, None)
        if place is None:
            made.append(_Cluster(note, (note,), doubt=True))
        else:
            made[place] = made[place].with_(note)
    return made


def _rule(one: NumberedNote, other: NumberedNote, level: str) -> Rule | None:
    """Return the rule that keeps two notes apart, if any does."""
    words = {"phase"} if level == "phase" else {one.excerpts[0].word, other.excerpts[0].word}
    return next((rule for rule in RULES if words & rule.words and rule.holds(one, other)), None)


def _renamed(homes: Sequence[Sequence[_Cluster]], level: str, hints: Hints) -> Iterator[tuple[Excerpt, Excerpt]]:
    """Yield each excerpt that is not of the record that keeps the number, with the name of its own in its id."""
    taken: dict[str, NoteSubject] = {}
    for clusters in homes:
        keeper, *others = sorted(clusters, key=lambda one: _claim(one, level, hints))
        if keeper.head.effort and not _is_there(keeper, level, hints):
            others = [keeper, *others]
        elif keeper.doubt:
            why = _why(keeper, keeper, clusters, level)
            yield from ((one, replace(one, apart=why)) for note in keeper.notes for one in note.excerpts)
        for cluster in others:
            named = _with_name(cluster, level, hints, taken)
            taken.setdefault(named, cluster.head.subject)
            why = _why(cluster, keeper, clusters, level)
            yield from ((one, _as(one, level, named, why)) for note in cluster.notes for one in note.excerpts)
    for (cluster,) in (one for one in homes if len(one) == 1 and not one[0].head.effort):
        subject = cluster.head.subject
        for named, other in taken.items():
            if subject.sure and other.sure and 2 * len(subject.stems & other.stems) >= len(subject.stems | other.stems):
                why = f'it is about "{subject.name}", like a note in another folder'
                yield from ((one, _as(one, level, named, why)) for note in cluster.notes for one in note.excerpts)
                break


def _as(excerpt: Excerpt, level: str, named: str, why: str) -> Excerpt:
    return replace(excerpt, phase=named, apart=why) if level == "phase" else replace(excerpt, round=named, apart=why)


def _claim(cluster: _Cluster, level: str, hints: Hints) -> tuple[object, ...]:
    """Return a sort key: first is the record that keeps the number, which it was imported into, or else is in doubt."""
    first = cluster.head.excerpts[0]
    imported, other = (
        _is_there(cluster, level, hints),
        bool(cluster.head.effort) or cluster.head.word not in ("phase", ""),
    )
    best = min(note.precedence for note in cluster.notes)
    beside = all(f"{first.word or level}s" not in PurePosixPath(note.path).parts for note in cluster.notes)
    in_series = any(note.in_series for note in cluster.notes)
    size, path = len(cluster.notes), natural_key(cluster.head.path)
    return not imported, other, not in_series, not cluster.doubt, best, beside, -size, path


def _is_there(cluster: _Cluster, level: str, hints: Hints) -> bool:
    """Tell whether notes were imported into the record that has the number and nothing else."""
    first = cluster.head.excerpts[0]
    there = hints.imported_from.get(first.key if level == "round" else first.phase, frozenset())
    return any(note.path in there for note in cluster.notes)


def _why(cluster: _Cluster, keeper: _Cluster, clusters: Sequence[_Cluster], level: str) -> str:
    one, other = cluster.head, keeper.head
    word = level if level == "phase" else one.excerpts[0].word or "round"
    names = ", ".join(f'"{some.head.subject.name}"' for some in clusters if some.head.subject.name)
    if one.effort:
        return f'it is a phase of "{one.subject.name}", and there are phases of other things'
    rule = None if cluster is keeper else _rule(one, other, level)
    if rule is None and keeper.doubt and not cluster.doubt:
        return f'it is about "{one.subject.name}", and {other.path} has that number and does not say what it is about'
    return (rule.why if rule else _DOUBT).format(one=one, other=other, word=word, names=names)


def _with_name(cluster: _Cluster, level: str, hints: Hints, taken: Mapping[str, NoteSubject]) -> str:
    """Return an id that a record of this number has alone: the one it was imported into, or one with its name, or its day."""
    one = cluster.head
    first = one.excerpts[0]
    number = first.phase if level == "phase" else first.round
    there = [
        made
        for note in cluster.notes
        for made in imported_into(note.path, number, level, hints)
        if made.casefold() != number.casefold()
    ]
    stem = words_in(PurePosixPath(one.path).stem)
    rest = " ".join(word for word in about(stem) if word not in _OF_KINDS | _SESSIONS)
    by_day = first.word in _SESSIONS and not _DAY.match(number)
    others = [one.day, rest] if by_day else [rest, one.day]
    names = [one.word.removeprefix("phase"), one.subject.name, *others, plain(stem)]
    made = [
        with_name(name, number.lower()) if level == "phase" else f"{number}-{slug(name, 40)}" for name in names if name
    ]
    free = (name for name in (*there, *made) if name not in taken or taken[name] == one.subject)
    return next(free, f"{made[-1][:60]}-{len(taken)}")


def imported_into(path: str, number: str, level: str, hints: Hints) -> list[str]:
    """Return the phases, or rounds, of a number that a note was imported into; its id may have zeros, or a name beside it."""
    at = 0 if level == "phase" else 2
    ids = (key.partition("/")[at] for key, paths in hints.imported_from.items() if path in paths)
    return sorted({one for one in ids if one and _has_number(one.casefold(), number.casefold())})


def _has_number(made: str, number: str) -> bool:
    return number in (bare(made), made) or made.endswith(f"-{number}") or bare(made).startswith(f"{number}-")


def with_name(label: str, base: str) -> str:
    """Return the id of a phase that has the name of a folder, or of what it is about, before its own."""
    made = slug(label.replace("/", " "), 60 - min(len(base), 40)) if label else ""
    return f"{made}-{base}"[:64].strip("-.") if made else base


def root_of(excerpt: Excerpt) -> str:
    """Return the folder of the work that a note belongs to: above the one named after its phase or round."""
    parts = PurePosixPath(excerpt.document.path).parts[:-1]
    for at, name in enumerate(parts):
        known = (numbered(parts[at - 1], name) if at else None) or known_of(words_in(name))
        ids = {one.casefold() for one in (known.phase, known.round) if one}
        if ids & {excerpt.phase.casefold(), excerpt.round.casefold()} or (known.round and not known.phase):
            return "/".join(parts[:at])
    return "/".join(parts)


def home_of(excerpt: Excerpt) -> str:
    """Return the root of a note; of one in folders for kinds of notes, the folder above them."""
    root = root_of(excerpt)
    while root and all(
        word in _OF_KINDS and len(word) > 2 for word in plain(words_in(root.rpartition("/")[2])).split()
    ):
        root = root.rpartition("/")[0]
    return root
