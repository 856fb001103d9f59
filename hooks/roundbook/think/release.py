"""In: tags, commits and curated changes. Out: releases, newest first, in which every commit has exactly one place."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from roundbook.model import message
from roundbook.model.facts import Account
from roundbook.model.history import Commit, History, Tag
from roundbook.model.items import Version
from roundbook.model.release import HIDDEN, OTHER, UNRELEASED, Entered, Release, rank
from roundbook.settings import Changelog
from roundbook.think.account import REVERT, REVERTED
from roundbook.think.ancestry import by_first_tag
from roundbook.think.recorded import Shipped, bare, line_up, number

# Which category a conventional type would have; the rest is listed by its own type. Source: Keep a Changelog 2.0.0.
TYPES: Mapping[str, str] = {"feat": "added", "fix": "fixed", "perf": "changed", "refactor": "changed"}
NOTHING_TOLD: Mapping[str, Version] = MappingProxyType({})


def versions(history: History, settings: Changelog) -> tuple[Shipped, ...]:
    """Return the version tags of the history, oldest first, each with the commits that no version before it had.

    Versions stand in the order of their numbers, so that a mended old version that was merged later stands below the new
    one; where the numbers contradict the history (a project that counts anew), in the order of the history.
    """
    pattern = re.compile(settings.version_tags)
    found: list[tuple[Tag, str]] = []
    for tag in history.tags:
        match = pattern.fullmatch(tag.name)
        if match and tag.commit in history.by_id:
            found.append((tag, match.groupdict().get("version") or tag.name))
    found.sort(key=lambda pair: (number(pair[1]), pair[0].name != pair[1], pair[0].name))
    named: dict[str, Tag] = {}
    for tag, version in found:
        # Of two tags of one version, the second goes by its whole name.
        named[next(n for n in (version, tag.name, f"{tag.name} at {tag.commit}") if n not in named)] = tag
    shares = by_first_tag(history, (str(tag.commit) for tag in named.values()))
    if not all(shares.values()):
        named = dict(sorted(named.items(), key=lambda pair: -history.order[str(pair[1].commit)]))
        shares = by_first_tag(history, (str(tag.commit) for tag in named.values()))
    # Of two tags on one commit, the first has the commits.
    return tuple(Shipped(tag, name, tuple(shares.pop(str(tag.commit), ()))) for name, tag in named.items())


def releases(
    history: History,
    shipped: Sequence[Shipped],
    entries: Iterable[tuple[Entered, str | None]],
    accounts: Mapping[str, Account],
    settings: Changelog,
    recorded: Mapping[str, Version] = NOTHING_TOLD,
) -> tuple[Release, ...]:
    """Return the releases, newest first, with what is unreleased on top.

    `entries` pairs each curated entry with the version it is to stand under where neither it nor its commits tell.
    `recorded` holds what rounds record of versions, also of those that have no tag.
    """
    plain = list(_plain(history, shipped, recorded))
    home = {commit: i for i, release in enumerate(plain) for commit in release.commits}
    by_version = {name: i for i, r in enumerate(plain) for name in (r.version, r.tag or r.version)}
    by_name = {bare(name): i for name, i in by_version.items()}
    curated: dict[int, list[Entered]] = {}
    told: set[str] = set()
    for entry, version in entries:
        at = min((home[c] for c in entry.commits if c in home), default=None)
        if entry.change.release:
            at = by_name.get(bare(entry.change.release), len(plain) - 1)
        elif at is None:
            at = by_version.get(version or UNRELEASED, len(plain) - 1)
        curated.setdefault(at, []).append(entry)
        told.update(entry.commits)
    filled = [_filled(r, curated.get(i, []), told, accounts, history, settings) for i, r in enumerate(plain)]
    return tuple(reversed(filled))


def _plain(history: History, shipped: Sequence[Shipped], recorded: Mapping[str, Version]) -> Iterable[Release]:
    previous: str | None = None
    seen: set[str] = set()
    for one in line_up(shipped, recorded):
        if isinstance(one, Version):
            yield Release(one.version, None, _day(one), previous, None, told=one)
            continue
        told = recorded.get(bare(one.version)) or recorded.get(bare(one.tag.name))
        day = _day(told) or (one.tag.moment.day if one.tag.moment else "")
        yield Release(one.version, one.tag.name, day, previous, str(one.tag.commit), commits=one.commits, told=told)
        previous = one.tag.name
        seen.update(one.commits)
    rest = tuple(c.id for c in history.commits if c.id not in seen)
    yield Release(UNRELEASED, None, "", previous, history.head, commits=rest)


def _day(told: Version | None) -> str:
    return told.date.last.isoformat() if told and told.date else ""


def _filled(
    release: Release,
    entries: Sequence[Entered],
    told: Container[str],
    accounts: Mapping[str, Account],
    history: History,
    settings: Changelog,
) -> Release:
    """Return a release with each of its commits in one place; `told` holds the commits that any entry claims."""
    reverted: dict[tuple[str, str], None] = {}
    folded: list[str] = []
    loose: dict[str, list[str]] = {}
    here = {commit for commit in release.commits if commit not in told}
    for commit_id in filter(here.__contains__, release.commits):
        account = accounts.get(commit_id) or Account("unaccounted", "")
        if account.reason == REVERT and account.partner:
            if account.partner in told and account.partner in release.commits:
                folded.append(commit_id)  # an entry has it: the check `evidence-reverted` speaks of that
            else:
                reverted[commit_id, account.partner] = None
        elif account.reason == REVERTED and account.partner in here:
            reverted[account.partner, commit_id] = None
        elif account.kind == "folded" and (account.reason != REVERTED or account.partner in release.commits):
            folded.append(commit_id)
        else:  # also what a later version takes back, since this one has it
            loose.setdefault(_group(history.by_id[commit_id], settings), []).append(commit_id)
    order = sorted(entries, key=lambda e: (rank(e.change.type), not e.change.breaking))
    groups = sorted(loose.items(), key=lambda pair: rank(pair[0]))
    return replace(
        release,
        entries=tuple(order),
        loose=tuple((name, tuple(ids)) for name, ids in groups),
        reverted=tuple(reverted),
        folded=tuple(folded),
        yanked=bool(
            {release.version, release.tag}.intersection(settings.yanked) or (release.told and release.told.yanked)
        ),
    )


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
