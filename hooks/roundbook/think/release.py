"""In: tags, commits and curated changes. Out: releases, newest first, in which every commit has exactly one place."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

from roundbook.git import message
from roundbook.git.history import Commit, History
from roundbook.model.facts import Account
from roundbook.model.release import HIDDEN, OTHER, UNRELEASED, Entered, Release, rank
from roundbook.model.version import bare
from roundbook.schema.items import Version
from roundbook.settings import Changelog
from roundbook.think.account import REVERT, REVERTED, TWICE
from roundbook.think.recorded import Shipped, candidates, line_up, previous_tags

# Which category a conventional type would have; the rest is listed by its own type. Source: Keep a Changelog 2.0.0.
TYPES: Mapping[str, str] = {"feat": "added", "fix": "fixed", "perf": "changed", "refactor": "changed"}


def releases(
    history: History,
    shipped: Sequence[Shipped],
    entries: Iterable[tuple[Entered, str | None]],
    accounts: Mapping[str, Account],
    settings: Changelog,
    recorded: Mapping[str, Version],
    folded: Mapping[str, Account],
) -> tuple[Release, ...]:
    """Return the releases, newest first, with what is unreleased on top.

    `entries` pairs each curated entry with the version it is to stand under where neither it nor its commits tell.
    `recorded` holds what rounds record of versions, also of those that have no tag.
    `folded` are the commits that are shown under another, whoever claims them.
    """
    plain = list(_plain(history, shipped, recorded))
    home = {commit: i for i, release in enumerate(plain) for commit in release.commits}
    # A pick keeps the trailers of its original, so both may be claimed by one round: they are one patch all the same.
    twins = _twins(folded)
    first = {c: min(same, key=lambda one: (home.get(one, len(plain)), one != same[0])) for same in twins for c in same}
    also = {commit: same for same in twins for commit in same}
    by_version = {name: i for i, r in enumerate(plain) for name in (r.version, r.tag or r.version)}
    by_name = {bare(name): i for name, i in by_version.items()}
    curated: dict[int, list[Entered]] = {}
    told: set[str] = set()
    for entry, version in entries:
        stated = {twin: commit for commit in entry.commits for twin in also.get(commit, (commit,))}
        at = min((home[c] for c in stated if c in home), default=None)
        if entry.change.release:
            at = by_name.get(bare(entry.change.release), len(plain) - 1)
        elif at is None:
            at = by_version.get(version or UNRELEASED, len(plain) - 1)
        curated.setdefault(at, []).append(entry)
        told.update(entry.commits)
        first.update(stated)  # the entry shows the patch: its other copies are folded, wherever they are
    filled = (_filled(r, curated.get(i, []), told, accounts, first, history, settings) for i, r in enumerate(plain))
    return tuple(reversed(list(filled)))


def _twins(accounts: Mapping[str, Account]) -> Iterable[tuple[str, ...]]:
    """Return the commits that are one patch, each time the one first that the others are folded under.

    A pick may itself have been picked: the groups share no commit, so that each one has a single place.
    """
    of = {c: account.partner for c, account in accounts.items() if account.reason == TWICE and account.partner}
    found: dict[str, list[str]] = {}
    for commit in of:
        origin, passed = of[commit], {commit}
        while origin in of and origin not in passed:
            passed.add(origin)
            origin = of[origin]
        found.setdefault(origin, [origin]).append(commit)
    return tuple(tuple(dict.fromkeys(same)) for same in found.values())


def _plain(history: History, shipped: Sequence[Shipped], recorded: Mapping[str, Version]) -> Iterable[Release]:
    """Yield the releases without their entries, oldest first."""
    before = previous_tags(history, shipped)
    parts = candidates(history, shipped)
    for one in line_up(shipped, recorded):
        if isinstance(one, Version):
            yield Release(one.version, None, _day(one), None, None, told=one)
            continue
        told = recorded.get(bare(one.version)) or recorded.get(bare(one.tag.name))
        tagged = one.tag.moment.day if one.tag.moment else ""
        yield Release(
            *(one.version, one.tag.name, _day(told) or tagged, before[one.tag.name], str(one.tag.commit)),
            commits=one.commits,
            told=told,
            tagged=tagged,
            candidates=parts.get(one.tag.name, ()),
        )
    seen = {commit for one in shipped for commit in one.commits}
    rest = tuple(c.id for c in history.commits if c.id not in seen)
    yield Release(UNRELEASED, None, "", before[UNRELEASED], history.head, commits=rest)


def _day(told: Version | None) -> str:
    return told.date.last.isoformat() if told and told.date else ""


def _filled(
    release: Release,
    entries: Sequence[Entered],
    told: Container[str],
    accounts: Mapping[str, Account],
    first: Mapping[str, str],
    history: History,
    settings: Changelog,
) -> Release:
    """Return a release with each of its commits in one place; `told` holds the commits that any entry claims.

    A revert and what it takes back are a pair before they are anything else: one that takes back several commits, of which
    an entry claims one, is paired with the others. Of the commits that are one patch, the one in the version that shipped
    it `first`, or that an entry claims, is listed, and the others are folded.
    """
    here = {c: accounts.get(c) or Account("unaccounted", "") for c in release.commits if c not in told}
    reverted = tuple(dict.fromkeys(_pairs(here, release, told)))
    paired = {commit for pair in reverted for commit in pair}
    folded: list[str] = []
    loose: dict[str, list[str]] = {}
    for commit_id in (c for c in here if c not in paired):
        if first.get(commit_id, commit_id) != commit_id or _is_folded(here[commit_id], release):
            folded.append(commit_id)
        else:  # also what a later version takes back, since this one has it
            loose.setdefault(_group(history.by_id[commit_id], settings), []).append(commit_id)
    order = sorted(entries, key=lambda e: (rank(e.change.type), not e.change.breaking))
    groups = sorted(loose.items(), key=lambda pair: rank(pair[0]))
    return replace(
        release,
        entries=tuple(order),
        loose=tuple((name, tuple(ids)) for name, ids in groups),
        reverted=reverted,
        folded=tuple(folded),
        yanked=bool(
            {release.version, release.tag}.intersection(settings.yanked) or (release.told and release.told.yanked)
        ),
    )


def _pairs(here: Mapping[str, Account], release: Release, told: Container[str]) -> Iterable[tuple[str, str]]:
    """Yield each revert with what it takes back, but not what an entry has: `evidence-reverted` speaks of that."""
    for commit, account in here.items():
        if account.reason == REVERT and account.partner:
            if account.partner not in told or account.partner not in release.commits:
                yield commit, account.partner
        elif account.reason == REVERTED and account.partner and account.partner in here:
            yield account.partner, commit


def _is_folded(account: Account, release: Release) -> bool:
    if account.reason == REVERTED:
        return account.partner in release.commits
    return account.kind == "folded" and account.reason != TWICE


def _group(commit: Commit, settings: Changelog) -> str:
    head = message.conventional(commit)
    if head is None:
        return OTHER
    # A message cannot hide itself: only the settings can.
    return category(head.type, settings) or (OTHER if head.type == HIDDEN else head.type)


def category(kind: str, settings: Changelog) -> str | None:
    """Return the category of a conventional type, or `hidden`: as the settings say, else as the built-in map does."""
    return settings.types.get(kind) or TYPES.get(kind)


def version_for(named: Sequence[str], commits: Iterable[str], version_of: Mapping[str, str]) -> str | None:
    """Return the version that a round's entries stand under: the one it names, else that of its newest commit."""
    return named[0] if named else version_of.get(next(iter(commits), ""))
