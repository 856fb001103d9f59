"""In: tags, commits and curated changes. Out: releases, newest first, in which every commit has exactly one place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from packaging.version import InvalidVersion, Version

from roundbook.model import message
from roundbook.model.book import Entered, Release
from roundbook.model.facts import Account
from roundbook.model.history import Commit, History, Tag
from roundbook.model.items import CHANGE_TYPES
from roundbook.settings import Changelog
from roundbook.think.account import REVERT
from roundbook.think.ancestry import by_first_tag

UNRELEASED = "Unreleased"
OTHER = "other"
# Which category a conventional type would have; the rest is listed by its own type. Source: Keep a Changelog 2.0.0.
TYPES: Mapping[str, str] = {"feat": "added", "fix": "fixed", "perf": "changed", "refactor": "changed"}
_ORDER = ("breaking", *CHANGE_TYPES)


@dataclass(frozen=True, slots=True)
class Shipped:
    """A version tag with the commits that it brought, newest first."""

    tag: Tag
    version: str
    commits: tuple[str, ...]


def versions(history: History, settings: Changelog) -> tuple[Shipped, ...]:
    """Return the version tags of the history, oldest first, each with the commits that no version before it had."""
    pattern = re.compile(settings.version_tags)
    found: list[tuple[Tag, str]] = []
    for tag in history.tags:
        match = pattern.fullmatch(tag.name)
        if match and tag.commit in history.by_id:
            found.append((tag, match.groupdict().get("version") or tag.name))
    found.sort(key=lambda pair: (-history.order[str(pair[0].commit)], _version_key(pair[1])))
    shares = by_first_tag(history, (str(tag.commit) for tag, _ in found))
    shipped: list[Shipped] = []
    for tag, version in found:
        # Two tags on one commit: the first has the commits.
        shipped.append(Shipped(tag, version, tuple(shares.pop(str(tag.commit), ()))))
    return tuple(shipped)


def _version_key(text: str) -> tuple[int, Version, str]:
    try:
        return (1, Version(text), text)
    except InvalidVersion:
        return (0, Version("0"), text)


def releases(
    history: History,
    shipped: Sequence[Shipped],
    entries: Iterable[tuple[Entered, str | None]],
    accounts: Mapping[str, Account],
    settings: Changelog,
) -> tuple[Release, ...]:
    """Return the releases, newest first, with what is unreleased on top.

    `entries` pairs each curated entry with the version it is to stand under where its commits do not tell.
    """
    plain = list(_plain(history, shipped))
    home = {commit: i for i, release in enumerate(plain) for commit in release.commits}
    by_version = {name: i for i, r in enumerate(plain) for name in (r.version, r.tag or r.version)}
    curated: dict[int, list[Entered]] = {}
    for entry, version in entries:
        at = min((home[c] for c in entry.commits if c in home), default=None)
        if at is None:
            at = by_version.get(version or UNRELEASED, len(plain) - 1)
        curated.setdefault(at, []).append(entry)
    filled = [_filled(r, curated.get(i, []), accounts, history, settings) for i, r in enumerate(plain)]
    return tuple(reversed(filled))


def _plain(history: History, shipped: Sequence[Shipped]) -> Iterable[Release]:
    previous: str | None = None
    seen: set[str] = set()
    for one in shipped:
        day = one.tag.moment.day if one.tag.moment else ""
        yield Release(one.version, one.tag.name, day, previous, str(one.tag.commit), commits=one.commits)
        previous = one.tag.name
        seen.update(one.commits)
    rest = tuple(c.id for c in history.commits if c.id not in seen)
    yield Release(UNRELEASED, None, "", previous, history.head, commits=rest)


def _filled(
    release: Release,
    entries: Sequence[Entered],
    accounts: Mapping[str, Account],
    history: History,
    settings: Changelog,
) -> Release:
    told = {commit for entry in entries for commit in entry.commits}
    reverted: list[tuple[str, str]] = []
    folded: list[str] = []
    loose: dict[str, list[str]] = {}
    here = set(release.commits)
    for commit_id in release.commits:
        account = accounts.get(commit_id)
        if commit_id in told:
            continue
        if account and account.kind == "folded":
            if account.reason == REVERT and account.partner:
                reverted.append((commit_id, account.partner))
            elif account.partner not in here or account.reason != "reverted by":
                folded.append(commit_id)
            continue
        loose.setdefault(_group(history.by_id[commit_id], settings), []).append(commit_id)
    order = sorted(entries, key=lambda e: (_ORDER.index(e.change.type), not e.change.breaking))
    groups = sorted(loose.items(), key=lambda pair: (_rank(pair[0]), pair[0]))
    return replace(
        release,
        entries=tuple(order),
        loose=tuple((name, tuple(ids)) for name, ids in groups),
        reverted=tuple(reverted),
        folded=tuple(folded),
    )


def _group(commit: Commit, settings: Changelog) -> str:
    head = message.conventional(commit)
    if head is None:
        return OTHER
    return settings.types.get(head.type) or TYPES.get(head.type) or head.type


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER) + (name == OTHER)


def version_for(named: Sequence[str], commits: Iterable[str], version_of: Mapping[str, str]) -> str | None:
    """Return the version that a round's entries stand under: the one it names, else that of its newest commit."""
    return named[0] if named else next((version_of[c] for c in commits if c in version_of), None)
