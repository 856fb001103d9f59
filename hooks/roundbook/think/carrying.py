"""In: rounds and the commits that name them. Out: which rounds are carried on to which commits, and where that ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from roundbook.git.history import Commit, History
from roundbook.schema.base import CLOSED
from roundbook.schema.dates import When
from roundbook.schema.round import RoundOrPhase

Naming = tuple[Sequence[str], bool]  # the rounds that a commit names, and whether it does so beyond a mention


def carry(
    rounds: Mapping[str, RoundOrPhase],
    history: History,
    windows: Sequence[tuple[str, When]],
    ended: Mapping[str, str],
    naming: Callable[[Commit], Naming],
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Return, for each commit, the rounds that are open there; and for each round the commits behind its end, newest first.

    A commit that names a round opens it until another is named, or until it is over. What is over is not opened again, and
    the mention of an earlier round of the same phase opens nothing.
    """
    last, spans = _ends(rounds, history, windows, ended)
    order = history.order

    def over(key: str, commit: Commit) -> bool:
        if order[commit.id] < last.get(key, -1):
            return True
        return key in spans and all(_after(commit, when) for when in spans[key])

    rank = {key: i for i, key in enumerate(rounds)}
    carried: dict[str, tuple[str, ...]] = {}
    behind: dict[str, list[str]] = {}
    current: tuple[str, ...] = ()
    for commit in reversed(history.commits):
        named, sure = naming(commit)
        opened = [key for key in named if not over(key, commit)]
        if not sure:
            opened = [key for key in opened if not any(_before(rank, key, one) for one in current)]
        current = tuple(opened) or current
        carried[commit.id] = tuple(key for key in current if not over(key, commit))
        for key in set(current).difference(carried[commit.id]):
            behind.setdefault(key, []).append(commit.id)
    return carried, {key: tuple(reversed(behind[key])) for key in rounds if key in behind}


def _before(rank: Mapping[str, int], one: str, other: str) -> bool:
    return one.partition("/")[0] == other.partition("/")[0] and rank[one] < rank[other]


def _ends(
    rounds: Mapping[str, RoundOrPhase], history: History, windows: Sequence[tuple[str, When]], ended: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, list[When]]]:
    """Return where rounds end: at the commit that set them done, or the one they were closed at; and with their last day."""
    spans: dict[str, list[When]] = {}
    last: dict[str, int] = {}
    for key, when in windows:
        spans.setdefault(key, []).append(when)
    for key, record in rounds.items():
        if record.date and not record.date.is_span and record.status in CLOSED:
            spans.setdefault(key, []).append(record.date)
        commits = (ended.get(key, ""), str(record.closed.at) if record.closed else "")
        if known := [history.order[commit] for commit in commits if commit in history.order]:
            last[key] = max(known)
    return last, spans


def _after(commit: Commit, when: When) -> bool:
    day, last = commit.authored.day, when.last.isoformat()
    return bool(day) and (day > last or (day == last and not when.holds(commit.authored)))
