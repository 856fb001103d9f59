"""In: commits and decisions. Out: which commits cite a decision, as far as that is certain, and what they leave open."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from roundbook.errors import Finding
from roundbook.git.history import Commit, History
from roundbook.model.former import Former
from roundbook.model.homes import Homes
from roundbook.think.references import ambiguous, decision_of, settled
from roundbook.think.trailers import decisions, read

# In running text only what cannot be a word is an id: `adr-0044`, and `3/4#wasm-target` with its round.
_WRITTEN = re.compile(r"(?<![\w/#.-])(?:adr[- ]?(?P<number>\d{1,6})|[\w.-]+/[\w.-]+#[\w.-]*\w)(?![\w-])", re.IGNORECASE)
NO_AFFECTS: Mapping[str, Sequence[str]] = {}


@dataclass(slots=True)
class Citations:
    """Which commits cite a decision, newest first: `all` of them, those that do so by a trailer, and those `by_paths`.

    The last name a number that several decisions have, and it is the paths that they touch which tell the one.
    """

    all: dict[str, list[str]] = field(default_factory=dict)
    trailers: dict[str, list[str]] = field(default_factory=dict)
    by_paths: dict[str, list[str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def citations(
    history: History, homes: Homes, former: Former, affects: Mapping[str, Sequence[str]] = NO_AFFECTS
) -> Citations:
    """Return the commits whose messages cite a decision.

    They cite it by a trailer `Decision:`, or name it anywhere in a form that nothing else has: `adr-0044`, in any case and
    also as `ADR 44`, or `3/4#wasm-target`. An id that is made of words is no citation in running text.
    A citation of an old id (`was:`) counts for the decision as it is called today. A number that several decisions have
    counts for none, unless the paths of the commit belong to one of them.
    """
    rounds = former.cited(homes)
    found = Citations()
    left: dict[tuple[str, ...], list[tuple[str, Commit]]] = {}
    for commit in history.commits:
        for word, trailer in _words(commit, rounds):
            several = rounds.several(word.rpartition("#")[2]) if "#" not in word else ()
            name = _by_paths(several, commit, history, rounds, affects) if several else decision_of(word, rounds)
            if name:
                known = former.decisions.get(name, name)
                _add(found.all, known, commit.id)
                _add(found.trailers, known, commit.id, wanted=trailer)
                _add(found.by_paths, known, commit.id, wanted=bool(several))
            elif several:
                left.setdefault(several, []).append((word, commit))
    found.findings = tuple(_left(several, named, rounds) for several, named in left.items())
    return found


def _words(commit: Commit, homes: Homes) -> Iterator[tuple[str, bool]]:
    """Yield the words that may name a decision, first those of trailers; `adr 44` as `adr-44`."""
    lowered = commit.message.lower()
    for value in commit.values("Decision"):
        yield from ((word, True) for word in _named(value, homes))
    if homes and ("#" in commit.message or "adr" in lowered):
        for match in _WRITTEN.finditer(commit.message):
            yield (f"adr-{match['number']}" if match["number"] else match[0]), False


def _named(value: str, homes: Homes) -> Iterator[str]:
    """Yield what a trailer names, also the numbers that several decisions have; nothing where it is not understood whole."""
    sure = decisions(homes)
    for text, name in read(value, lambda part: found if len(found := sure(part)) < 2 else (part,)).parts:
        yield text if decision_of(text, homes) or name == text else name


def _by_paths(
    several: Sequence[str], commit: Commit, history: History, homes: Homes, affects: Mapping[str, Sequence[str]]
) -> str | None:
    paths = (change.path.removeprefix(history.prefix) for change in commit.changes or ())
    return settled(several, paths, homes, affects)


def _add(found: dict[str, list[str]], name: str, commit: str, *, wanted: bool = True) -> None:
    if wanted and commit not in (there := found.setdefault(name, [])):
        there.append(commit)


def _left(several: Sequence[str], named: Sequence[tuple[str, Commit]], homes: Homes) -> Finding:
    """Return the one finding for a number that commits name and that several decisions have."""
    commits = dict.fromkeys(commit.short for _, commit in named)
    first = next(iter(commits))
    where = f"commit {first}" if len(commits) == 1 else f"{len(commits)} commits (the newest is {first})"
    one = ambiguous(named[0][0], several, homes, None)
    return Finding(
        "info",
        "reference-ambiguous",
        f"{where}: {one.message}",
        None,
        "name the file of the record in a `Decision:` trailer",
    )
