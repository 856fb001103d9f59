"""Trailers of commit messages: rounds, decisions and changes that they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import takewhile

from roundbook.book.facts import Records
from roundbook.book.references import FORMS, DecisionIndex, RoundNames
from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.git.history import Commit, History
from roundbook.schema.ids import slug

Resolve = Callable[[str], Sequence[str]]
LONGEST = 120  # characters of a value that are shown; longer ones are hardly lists of names

_COMMA = re.compile(r"\s*[,;]\s*(?:(?:and|&)\s+)?")
_AND = re.compile(r"\s+(?:and|&|\+)\s+", re.IGNORECASE)
_EDGES = " \t\r\n.,;:!`'\"“”‘’*_<>()[]{}"


@frozen
class Reading:
    """The meaning of a value: each part as written, with the name that it means; empty if it cannot be parsed.

    `several` tells that a part is ambiguous.
    """

    parts: tuple[tuple[str, str], ...] = ()
    several: bool = False


def read(value: str, resolve: Resolve) -> Reading:
    """Return what the value of a trailer means: one name, or names separated by commas, `and` or spaces.

    `resolve` returns the names that a part may mean: none if it is unknown, several if it is ambiguous.
    """
    text = _trimmed(value)
    if not text:
        return Reading()
    found = resolve(text)
    if len(found) == 1:
        return Reading(((text, found[0]),))
    several = len(found) > 1
    for separator in (_COMMA, _AND, None):
        words = separator.split(text) if separator else text.split()
        if len(words) < 2 or (separator is None and any(word.isdecimal() for word in words)):
            continue  # `1 2` may be two rounds, or round 2 of phase 1
        readings = [read(word, resolve) for word in words]
        if all(one.parts for one in readings):
            return Reading(tuple(dict.fromkeys(part for one in readings for part in one.parts)))
        several = several or any(one.several for one in readings)
    return Reading(several=several)


def spelled(value: str, phase: str) -> tuple[str, ...]:
    """Return the keys of the rounds that a value of `Round:` spells, even if they do not exist; `phase` is the default."""

    def resolve(text: str) -> tuple[str, ...]:
        groups = next((m.groupdict() for form in FORMS if (m := form.fullmatch(text))), None)
        return (f"{groups.get('phase') or phase}/{groups['round']}",) if groups else ()

    return tuple(name for _, name in read(value, resolve).parts)


def _trimmed(value: str) -> str:
    return re.sub(r"^#(?=\s)", "", value.strip(_EDGES)).strip(_EDGES)


@frozen
class Reader:
    """Reads the trailers of commits; `decisions` is `None` if not all decisions are known.

    `whole` tells whether every round file can be read, so that a missing decision can be reported as unknown.
    """

    rounds: RoundNames
    decisions: DecisionIndex
    whole: bool = True

    @cached_property
    def resolvers(self) -> Mapping[str, Resolve]:
        """Return, by the key of a trailer, a function that resolves a part of its value; each trailer has an entry here."""
        return {"Round": self.rounds.resolve, "Decision": decisions(self.decisions)}

    @cached_property
    def meaning(self) -> Callable[[str, str], Reading]:
        """Return a cached function that reads a value of the trailers of one key; many commits have the same."""
        return cache(lambda key, value: read(value, self.resolvers[key]))

    def read(self, commit: Commit, key: str) -> Iterator[tuple[str, Reading]]:
        """Yield the values of the trailers of one key, each with what it means."""
        for value in commit.values(key):
            yield value, self.meaning(key, value)

    def names(self, commit: Commit, key: str) -> tuple[tuple[str, str], ...]:
        """Return what the trailers of one key mean: each part as written, and its name."""
        values = commit.values(key)
        return tuple(part for value in values for part in self.meaning(key, value).parts) if values else ()


def decisions(decision_index: DecisionIndex) -> Resolve:
    """Return a function that resolves a part of a `Decision:` trailer: an id in any form of a reference, or its title."""

    def resolve(text: str) -> tuple[str, ...]:
        for form in (text, text.lstrip("#"), text.casefold(), slug(text)):
            if name := decision_index.find(form):
                return (name,)
        return decision_index.several(text.lstrip("#")) if "#" not in text.lstrip("#") else ()

    return resolve


# ------------------------------------------------------------------------------------------------- findings


@frozen
class Unanswered:
    """Leaves out the commits whose problem a round file answers, since a pushed commit cannot be changed.

    `waived` holds short ids by the slug of a finding, `named` those that round files list, by the key of the trailer that
    says the same.
    """

    waived: Mapping[str, Collection[str]]
    named: Mapping[str, Collection[str]]

    def __call__(self, slug: str, commits: Sequence[str], key: str = "") -> list[str]:
        """Return those of the commits, short ids, that nothing answers."""
        answered = {*self.waived.get(slug, ()), *self.named.get(key, ())}
        return [commit for commit in commits if commit not in answered]


@frozen
class TrailerProblems:
    """Trailers that name nothing in the book, and lines that look like trailers but are not.

    `unknown` has the commits by the key and value of a trailer and whether it is ambiguous; `astray` each commit
    with the key of a trailer, the line and the names in it. `older` are the commits from before the first file of the book:
    prose in such lines was not meant for it.
    """

    unknown: Mapping[tuple[str, str, bool], Sequence[str]]
    astray: Sequence[tuple[Commit, str, str, tuple[str, ...]]]
    older: Collection[str] = ()

    def findings(self, known: Callable[[str, str], Iterable[str]], unanswered: Unanswered) -> Iterator[Finding]:
        """Yield the findings. `known` returns the names that a commit counts for anyway, by the key and the commit's id."""
        for (key, value, several), commits in self.unknown.items():
            if left := unanswered("trailer-ambiguous" if several else "trailer-unknown", commits, key):
                found = unknown_trailer(key, value, left, several=several)
                prose = not several and len(_trimmed(value).split()) > 1
                yield replace(found, severity="info") if prose and set(left).issubset(self.older) else found
        lines: dict[tuple[str, str], list[str]] = {}
        for commit, key, line, names in self.astray:
            if not set(names).issubset(known(key, commit.id)) and unanswered("trailer-misplaced", [commit.short]):
                lines.setdefault((key, line), []).append(commit.short)
        for (key, line), commits in lines.items():
            message = f"the line “{_shown(line)}” of {told_commits(commits)} is not a trailer, so it is ignored"
            fix = f"write “{key}: …” in the last paragraph, with nothing but trailers, or list the commit in the round file"
            yield Finding("info", "trailer-misplaced", message, None, fix)


def misread(history: History, reader: Reader, records: Records) -> TrailerProblems:
    """Return what is wrong with the trailers of all commits; `records` are the files of the book."""
    unknown: dict[tuple[str, str, bool], list[str]] = {}
    for commit in history.commits:
        for key in reader.resolvers:
            for value, reading in reader.read(commit, key) if commit.values(key) else ():
                # A number of several decisions is reported where citations are counted.
                wrong = not reading.parts and (key == "Round" or (reader.whole and not reading.several))
                if wrong and _trimmed(value):
                    unknown.setdefault((key, value, reading.several), []).append(commit.short)
    oldest_first = reversed(history.commits if unknown and history.complete else ())
    older = takewhile(lambda commit: all(records.work(change.path) for change in commit.changes or ()), oldest_first)
    astray = [(commit, *line) for commit in history.commits for line in _astray(commit, reader)]
    return TrailerProblems(unknown, astray, frozenset(commit.short for commit in older))


_LINE = re.compile(
    r"^(?P<line>[ \t]{0,3}(?:[-*+>][ \t]+)?[*_`]{0,3}(?P<key>round|decision|change)s?[*_`]{0,3}[ \t]*[:：][*_`]{0,3}[ \t]*"
    r"(?P<value>\S.*?))[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)


def _astray(commit: Commit, reader: Reader) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield lines such as `Round: 3/4` that are not trailers but name only known things, unlike prose."""
    if not _LINE.search(commit.message):
        return
    counted = {key: {name for _, name in reader.names(commit, key)} for key in reader.resolvers}
    fenced = False
    for line in commit.message.split("\n"):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        match = _LINE.match(line)
        key = match["key"].capitalize() if match else ""
        if match is None or fenced or key not in reader.resolvers:
            continue
        names = tuple(name for _, name in read(match["value"], reader.resolvers[key]).parts)
        if names and not counted[key].issuperset(names):
            yield key, match["line"].strip(), names


_MISSING = {
    "Round": "write the round's file, or list the commit under commits: of its round",
    "Decision": "record the decision in its round, or list the commit under commits: of the one that is meant",
    "Change": "give an entry of `changes:` this id, or list the commit under its commits:",
}


def unknown_trailer(key: str, value: str, commits: Sequence[str], *, several: bool = False) -> Finding:
    """Return the finding for a value that cannot be parsed; `commits` are short ids, the newest first."""
    trailer = f'the trailer "{key}: {_shown(value)}" of {told_commits(commits)}'
    if several:
        fix = f'"Round: <phase>/{_shown(_trimmed(value))}" is unambiguous; for pushed commits, list them in the round file'
        return Finding("warning", "trailer-ambiguous", f"{trailer} matches rounds in several phases", None, fix)
    single = len(_trimmed(value).split()) < 2
    message = f"{trailer} names nothing in this book" if single else f"{trailer} cannot be parsed, so it is ignored"
    return Finding(
        "warning", "trailer-unknown", message, None, _MISSING[key] if single else "write ids, with commas between them"
    )


def _shown(value: str) -> str:
    return value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"


def told_commits(commits: Sequence[str]) -> str:
    """Return commits in words, from short ids with the newest first."""
    return f"commit {commits[0]}" if len(commits) == 1 else f"{len(commits)} commits (the newest is {commits[0]})"
