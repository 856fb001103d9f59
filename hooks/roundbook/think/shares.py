"""In: accounts, entries and releases. Out: in which accounts the commits of the book, a release, a phase or a round end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate

from roundbook.git.history import History
from roundbook.model.book import Entry
from roundbook.model.facts import ACCOUNTS, Account, Share
from roundbook.model.release import Release


def shares(
    history: History,
    accounts: Mapping[str, Account],
    entries: Mapping[str, Entry],
    releases: Iterable[Release],
) -> Mapping[tuple[str, str], Share]:
    """Return the shares of the book, and of all releases, phases and rounds, by scope and key.

    The range of a round, or of a phase, is what lies between its first and its last commit in the order of the history;
    one without commits has none.
    """
    sums = _sums(history, accounts)
    spans: dict[str, tuple[int, int]] = {}
    phases: dict[str, tuple[int, int]] = {}
    for key, entry in entries.items():
        if entry.links:
            first, last = history.order[entry.links[0].commit], history.order[entry.links[-1].commit]
            if not entry.is_phase:
                spans[key] = first, last
            newest, oldest = phases.get(entry.round.phase, (first, last))
            phases[entry.round.phase] = min(newest, first), max(oldest, last)
    found = (
        Share("book", "", _between(sums, 0, len(history.commits) - 1)),
        *(_release(one, accounts) for one in releases),
        *(Share("phase", key, _between(sums, *span)) for key, span in phases.items()),
        *(Share("round", key, _between(sums, *span)) for key, span in spans.items()),
    )
    return {(share.scope, share.key): share for share in found if share.total}


def _sums(history: History, accounts: Mapping[str, Account]) -> Mapping[str, list[int]]:
    """Return, for each kind, how many of the commits before each position end so; made once, however many ranges ask."""
    kinds = [accounts[commit.id].kind for commit in history.commits]
    return {kind: [0, *accumulate(one == kind for one in kinds)] for kind in ACCOUNTS}


def _between(sums: Mapping[str, list[int]], newest: int, oldest: int) -> tuple[int, ...]:
    return tuple(sums[kind][oldest + 1] - sums[kind][newest] for kind in ACCOUNTS)


def _release(one: Release, accounts: Mapping[str, Account]) -> Share:
    kinds = [accounts[commit].kind for commit in one.commits]
    return Share("release", one.version, tuple(map(kinds.count, ACCOUNTS)))
