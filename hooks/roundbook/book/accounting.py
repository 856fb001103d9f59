"""Each commit counted once: for a round, hidden, or unassigned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from roundbook.book.ancestry import reached
from roundbook.book.attribution import STRONG
from roundbook.book.facts import ACCOUNTS, Account, Link, Release, Share
from roundbook.book.ids import Records
from roundbook.book.model import Entry
from roundbook.book.reverts import MOST_ALIKE, Reverts
from roundbook.git import message
from roundbook.git.history import Commit, History, matches
from roundbook.settings import Exclusion


def account(
    history: History,
    links: Mapping[str, tuple[Link, ...]],
    exclusions: tuple[Exclusion, ...],
    folded: Mapping[str, Account],
    written: Records,
) -> dict[str, Account]:
    """Return the account of every commit; `folded` are those that are shown under another, `written` the records.

    A revert pair is folded, whoever names it. Else a round file or a trailer that names the commit wins; then a merge, a
    fixup and a patch that is there twice are folded; then the exclusions of the settings; then whatever rule claimed it; and
    what is left and only writes records down belongs to no round.
    """
    found: dict[str, Account] = {}
    for commit in history.commits:
        own = links.get(commit.id, ())
        if own and own[0].rule in STRONG and not _half_of_a_pair(folded.get(commit.id)):
            found[commit.id] = Account("claimed", own[0].reason)
        elif commit.id in folded:
            found[commit.id] = folded[commit.id]
        elif rule := _excluded(commit, exclusions):
            found[commit.id] = Account("excluded", rule)
        elif own:
            found[commit.id] = Account("claimed", own[0].reason)
        elif written.only(commit):
            found[commit.id] = Account("excluded", RECORDS)
        else:
            found[commit.id] = Account("unaccounted", "no rule answers")
    return found


def _half_of_a_pair(account: Account | None) -> bool:
    return account is not None and account.reason in (REVERT, REVERTED)


RECORDS = "only writes records down"
MERGE, REVERT, REVERTED, FIXUP, TWICE = "merge", "reverts", "reverted by", "fixup of", "same patch as"


def fold(history: History, undone: Reverts) -> dict[str, Account]:
    """Return the commits that are shown under another: merges, revert pairs, fixups, patches that are there twice."""
    found = _pairs(history, undone)
    patches = _Patches(history, found)
    subjects: dict[str, str] = {}
    for commit in reversed(history.commits):
        if len(commit.parents) > 1:
            found.setdefault(commit.id, Account("folded", MERGE))
            continue
        twin = patches.twin(commit)
        if commit.id not in found and twin:
            found[commit.id] = Account("folded", TWICE, twin)
        target = message.fixes_up(commit)
        if commit.id not in found and target and target in subjects:
            found[commit.id] = Account("folded", FIXUP, subjects[target])
        subjects[commit.subject] = commit.id
    return found


def _pairs(history: History, undone: Reverts) -> dict[str, Account]:
    """Return the reverts with what they revert, newest first: a revert that was itself reverted takes nothing back."""
    found: dict[str, Account] = {}
    for commit in history.commits:
        if commit.id not in found:
            for target in undone.targets.get(commit.id, ()):
                found.setdefault(commit.id, Account("folded", REVERT, target))
                found.setdefault(target, Account("folded", REVERTED, commit.id))
    return found


class _Patches:
    """The patches of a history, oldest first, by all that a cherry-pick keeps: author, author's date, subject and paths."""

    def __init__(self, history: History, found: Mapping[str, Account]) -> None:
        self.history = history
        self.found = found
        self.alike: dict[tuple[object, ...], list[str]] = {}
        self.twins: dict[str, list[str]] = {}

    def twin(self, commit: Commit) -> str | None:
        """Return the commit that has the same patch on another line of history; of several on that line, each has one.

        A pick is neither before nor behind what it was picked from: the same words twice in a line are two commits. Where
        the other one was taken back, this one stands for itself.
        """
        named = [one for one in message.picked_from(commit) if one in self.history.by_id]
        twin = self._apart(commit, named[:1]) if named else self._like(commit)
        if twin is None or _taken_back(self.found.get(twin)):
            return None
        self.twins.setdefault(twin, []).append(commit.id)
        return twin

    def _apart(self, commit: Commit, olds: Sequence[str]) -> str | None:
        before = reached(self.history, commit.id, olds)
        return next((one for one in olds if one not in before), None)

    def _like(self, commit: Commit) -> str | None:
        if not commit.subject or commit.changes is None:
            return None
        paths = tuple((c.status, c.path) for c in commit.changes)
        alike = self.alike.setdefault((commit.author, commit.authored, commit.subject, paths), [])
        older = alike[:]
        alike.append(commit.id)
        if not older or len(older) > MOST_ALIKE:
            return None
        others = [twin for one in older for twin in self.twins.get(one, ())]
        before = reached(self.history, commit.id, (*older, *others))
        free = (one for one in older if one not in before and before.isdisjoint(self.twins.get(one, ())))
        # What is itself a second copy stands under the first one already.
        return next((one for one in free if self.found.get(one, _NONE).reason != TWICE), None)


_NONE = Account("unaccounted", "")


def _taken_back(account: Account | None) -> bool:
    return account is not None and account.reason == REVERTED


def _excluded(commit: Commit, exclusions: tuple[Exclusion, ...]) -> str:
    for rule in exclusions:
        if rule.subject and not re.search(rule.subject, commit.subject):
            continue
        if rule.author and not re.search(rule.author, commit.author.name):
            continue
        if rule.paths and not (commit.changes and all(matches(rule.paths, c.path) for c in commit.changes)):
            continue
        return rule.name or rule.subject or rule.author or ", ".join(rule.paths)
    return ""


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
