"""Coverage: each commit counted once, for a round, hidden, excluded or unassigned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from roundbook.book.ancestry import MOST_ALIKE, Reverts, reached
from roundbook.book.attribution import STRONG
from roundbook.book.facts import COVERAGE_KINDS, Coverage, CoverageCount, Link, Records, Release
from roundbook.book.model import Entry
from roundbook.git import message
from roundbook.git.history import Commit, History, matches
from roundbook.settings import Exclusion


def coverage_of(
    history: History,
    links: Mapping[str, tuple[Link, ...]],
    exclusions: tuple[Exclusion, ...],
    hidden: Mapping[str, Coverage],
    written: Records,
) -> dict[str, Coverage]:
    """Return how each commit is counted.

    The first that applies decides: the commit is half of a revert pair (hidden, whoever names it); a round file or a trailer
    names it; it is a merge, a fixup or a duplicate (hidden); the settings exclude it; another rule assigned it to a round;
    it only changes records (excluded).

    Args:
        history: All commits.
        links: The rounds of each commit, from `attribute`.
        exclusions: The rules of the settings.
        hidden: The commits that are hidden or duplicate, from `hidden_commits`.
        written: Which files are records.
    """
    found: dict[str, Coverage] = {}
    for commit in history.commits:
        own = links.get(commit.id, ())
        known = hidden.get(commit.id)
        if own and own[0].rule in STRONG and (known is None or known.reason not in (REVERT, REVERTED)):
            found[commit.id] = Coverage("assigned", own[0].reason)
        elif known:
            found[commit.id] = known
        elif rule := _excluded(commit, exclusions):
            found[commit.id] = Coverage("excluded", rule)
        elif own:
            found[commit.id] = Coverage("assigned", own[0].reason)
        elif written.only(commit):
            found[commit.id] = Coverage("excluded", RECORDS)
        else:
            found[commit.id] = Coverage("unassigned", "no rule matches")
    return found


RECORDS = "only changes records"
MERGE, REVERT, REVERTED, FIXUP, TWICE = "merge", "reverts", "reverted by", "fixup of", "same patch as"


def hidden_commits(history: History, undone: Reverts) -> dict[str, Coverage]:
    """Return the commits that are hidden or duplicate: merges, revert pairs, fixups, and patches that exist twice."""
    found = _pairs(history, undone)
    patches = _Patches(history, found)
    subjects: dict[str, str] = {}
    for commit in reversed(history.commits):
        if len(commit.parents) > 1:
            found.setdefault(commit.id, Coverage("hidden", MERGE))
            continue
        twin = patches.twin(commit)
        if commit.id not in found and twin:
            found[commit.id] = Coverage("hidden", TWICE, twin)
        target = message.fixes_up(commit)
        if commit.id not in found and target and target in subjects:
            found[commit.id] = Coverage("hidden", FIXUP, subjects[target])
        subjects[commit.subject] = commit.id
    return found


def _pairs(history: History, undone: Reverts) -> dict[str, Coverage]:
    """Return reverts and what they revert. Newest first, since a revert that was itself reverted undoes nothing."""
    found: dict[str, Coverage] = {}
    for commit in history.commits:
        if commit.id not in found:
            for target in undone.targets.get(commit.id, ()):
                found.setdefault(commit.id, Coverage("hidden", REVERT, target))
                found.setdefault(target, Coverage("hidden", REVERTED, commit.id))
    return found


class _Patches:
    """Finds duplicate patches, oldest first, by what a cherry-pick keeps: author, author date, subject and paths."""

    def __init__(self, history: History, found: Mapping[str, Coverage]) -> None:
        self.history = history
        self.found = found
        self.alike: dict[tuple[object, ...], list[str]] = {}
        self.twins: dict[str, list[str]] = {}

    def twin(self, commit: Commit) -> str | None:
        """Return the commit that has the same patch on another line of history, or `None`.

        A pick is no descendant of what it was picked from: the same message twice on one line is two commits. If the original
        was reverted, the pick counts for itself. If several commits match, each has at most one pick on a line.
        """
        named = [one for one in message.picked_from(commit) if one in self.history.by_id]
        twin = self._apart(commit, named[:1]) if named else self._like(commit)
        if twin is None or (twin in self.found and self.found[twin].reason == REVERTED):
            return None
        self.twins.setdefault(twin, []).append(commit.id)
        return twin

    def _apart(self, commit: Commit, olds: Sequence[str]) -> str | None:
        before = reached(self.history, commit.id, olds)
        return next((one for one in olds if one not in before), None)

    def _like(self, commit: Commit) -> str | None:
        if not commit.subject or commit.changes is None:
            return None
        alike = self.alike.setdefault((commit.author, commit.authored, commit.subject, commit.changes), [])
        older = alike[:]
        alike.append(commit.id)
        if not older or len(older) > MOST_ALIKE:
            return None
        others = [twin for one in older for twin in self.twins.get(one, ())]
        before = reached(self.history, commit.id, (*older, *others))
        free = (one for one in older if one not in before and before.isdisjoint(self.twins.get(one, ())))
        # A commit that is a duplicate itself is already listed under its original.
        return next((one for one in free if one not in self.found or self.found[one].reason != TWICE), None)


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


def coverage_counts(
    history: History,
    coverage: Mapping[str, Coverage],
    entries: Mapping[str, Entry],
    releases: Iterable[Release],
) -> Mapping[tuple[str, str], CoverageCount]:
    """Return how the commits of the book, and of each release, phase and round, are counted, by scope and key.

    The range of a round or phase goes from its first to its last commit in the order of the history.
    """
    sums = _sums(history, coverage)
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
        CoverageCount("book", "", _between(sums, 0, len(history.commits) - 1)),
        *(_release(one, coverage) for one in releases),
        *(CoverageCount("phase", key, _between(sums, *span)) for key, span in phases.items()),
        *(CoverageCount("round", key, _between(sums, *span)) for key, span in spans.items()),
    )
    return {(share.scope, share.key): share for share in found if share.total}


def _sums(history: History, coverage: Mapping[str, Coverage]) -> Mapping[str, list[int]]:
    """Return running totals by kind, so that any range of the history is counted by one subtraction."""
    kinds = [coverage[commit.id].kind for commit in history.commits]
    return {kind: [0, *accumulate(one == kind for one in kinds)] for kind in COVERAGE_KINDS}


def _between(sums: Mapping[str, list[int]], newest: int, oldest: int) -> tuple[int, ...]:
    return tuple(sums[kind][oldest + 1] - sums[kind][newest] for kind in COVERAGE_KINDS)


def _release(one: Release, coverage: Mapping[str, Coverage]) -> CoverageCount:
    kinds = [coverage[commit].kind for commit in one.commits]
    return CoverageCount("release", one.version, tuple(map(kinds.count, COVERAGE_KINDS)))
