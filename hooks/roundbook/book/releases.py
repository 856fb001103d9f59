"""Releases, from tags and the changelog, and what each contains."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from roundbook.book.accounting import REVERT, REVERTED, TWICE
from roundbook.book.ancestry import between, by_first_tag, numbers
from roundbook.book.facts import HIDDEN, OTHER, UNRELEASED, Account, Entered, Link, Release, rank
from roundbook.book.version_order import Order, bare, order
from roundbook.errors import Finding
from roundbook.git import message
from roundbook.git.history import Commit, History, Tag
from roundbook.schema.ids import slug
from roundbook.schema.items import Adopted, RecordedVersion
from roundbook.schema.round import Chapter
from roundbook.settings import Changelog


@dataclass(frozen=True, slots=True)
class Shipped:
    """A version tag with the commits that it brought, newest first."""

    tag: Tag
    version: str
    commits: tuple[str, ...]


def versions(history: History, settings: Changelog) -> tuple[Shipped, ...]:
    """Return the version tags of the history, oldest first, each with the commits that no version before it had.

    Versions stand in the order of their numbers, so that a fix of an old version that was merged later stands below the
    new one. A tag whose number contradicts the history (a slip, a project that counts anew), or that has no number,
    stands where the history has it; the others keep their order.
    """
    named = _named(history, settings)
    shares = by_first_tag(history, (str(tag.commit) for tag in named.values()))
    if not all(shares.values()) or not all(order(name).numbered for name in named):
        named = _settled(named, history)
        shares = by_first_tag(history, (str(tag.commit) for tag in named.values()))
    # Of two tags on one commit, the first has the commits.
    return tuple(Shipped(tag, name, tuple(shares.pop(str(tag.commit), ()))) for name, tag in named.items())


def _named(history: History, settings: Changelog) -> dict[str, Tag]:
    """Return the version tags by their versions in the order of these; of two tags of one, the second by its whole name."""
    pattern = re.compile(settings.version_tags)
    found: list[tuple[Tag, str]] = []
    for tag in history.tags:
        match = pattern.fullmatch(tag.name)
        if match and tag.commit in history.by_id:
            found.append((tag, match.groupdict().get("version") or tag.name))
    found.sort(key=lambda pair: (order(pair[1]), pair[0].name != pair[1], pair[0].name))
    named: dict[str, Tag] = {}
    for tag, version in found:
        named[next(n for n in (version, tag.name, f"{tag.name} at {tag.commit}") if n not in named)] = tag
    return named


def _settled(named: Mapping[str, Tag], history: History) -> dict[str, Tag]:
    """Return the tags in an order that does not contradict the history, which as few as possible have moved for."""
    items = list(named.items())
    ages = [history.order[str(tag.commit)] for _, tag in items]
    before = _reached(history, [str(tag.commit) for _, tag in items])
    numbers = [order(name) for name, _ in items]
    moved = _contradicting(before, numbers, ages)
    line = [i for i in range(len(items)) if i not in moved]
    for i in sorted(moved, key=lambda at: -ages[at]):
        first = 1 + max((p for p, other in enumerate(line) if before[i] >> other & 1), default=-1)
        last = next((p for p, other in enumerate(line) if before[other] >> i & 1), len(line))
        later = (p for p in range(first, last) if (line[p] > i if numbers[i].numbered else ages[line[p]] < ages[i]))
        line.insert(next(later, last), i)
    return dict(items[i] for i in line)


def _reached(history: History, tips: Sequence[str]) -> list[int]:
    """Return, for each tip, those of the others that it descends from, as bits."""
    own: dict[str, int] = {}
    for i, tip in enumerate(tips):
        own[tip] = own.get(tip, 0) | 1 << i
    reached: dict[str, int] = {}
    for commit in reversed(history.commits):
        bits = 0
        for parent in commit.parents:
            bits |= reached.get(parent, 0)
        reached[commit.id] = bits | own.get(commit.id, 0)
    return [reached[tip] & ~own[tip] for tip in tips]


def _contradicting(before: Sequence[int], numbers: Sequence[Order], ages: Sequence[int]) -> set[int]:
    """Return the versions that have to move: those without a number, and those that contradict most others."""
    moved = {i for i, number in enumerate(numbers) if not number.numbered}
    against: dict[int, set[int]] = {}
    for i in range(len(before)):
        newer = before[i] >> (i + 1)  # what is above it by number, and yet before it
        while i not in moved and newer:
            low = newer & -newer
            other = i + low.bit_length()
            newer ^= low
            if other not in moved:
                against.setdefault(i, set()).add(other)
                against.setdefault(other, set()).add(i)
    while against:
        worst = max(against, key=lambda at: (len(against[at]), not numbers[at].final, -ages[at]))
        moved.add(worst)
        for other in against.pop(worst):
            against[other].discard(worst)
            if not against[other]:
                del against[other]
    return moved


def previous_tags(history: History, shipped: Sequence[Shipped]) -> dict[str, str | None]:
    """Return, for each tag and for what is unreleased, the tag of the version before it in its own line of history.

    That is the newest of the versions which first had the parents of its own commits, so never a later one. A final
    version on the commit of its last candidate follows what the candidates followed.
    """
    home = {commit: i for i, one in enumerate(shipped) for commit in one.commits}
    numbers = [order(one.version) for one in shipped]
    on: dict[str | None, list[int]] = {}
    before: list[int | None] = []
    for i, one in enumerate(shipped):
        owner = home[str(one.tag.commit)]
        if owner == i:
            before.append(_newest(history, one.commits, home, on, shipped))
        elif numbers[i].final and _is_candidate_of(numbers[i], numbers[owner]):
            at: int | None = owner
            while at is not None and _is_candidate_of(numbers[i], numbers[at]):
                at = before[at]
            before.append(at)
        else:
            before.append(on[one.tag.commit][-1])
        on.setdefault(one.tag.commit, []).append(i)
    rest = [commit.id for commit in history.commits if commit.id not in home]
    if not rest and history.head in home:
        last: int | None = _last_on(home[str(history.head)], on, shipped)
    else:
        last = _newest(history, rest, home, on, shipped)
    places = {one.tag.name: at for one, at in zip(shipped, before, strict=True)} | {UNRELEASED: last}
    return {name: None if at is None else shipped[at].tag.name for name, at in places.items()}


def _newest(
    history: History,
    commits: Sequence[str],
    home: Mapping[str, int],
    on: Mapping[str | None, Sequence[int]],
    shipped: Sequence[Shipped],
) -> int | None:
    """Return the newest version that first had a parent of the commits."""
    inside = set(commits)
    near = {parent for one in commits for parent in history.by_id[one].parents if parent not in inside}
    at = max((home[one] for one in near if one in home), default=None)
    return None if at is None else _last_on(at, on, shipped)


def _last_on(at: int, on: Mapping[str | None, Sequence[int]], shipped: Sequence[Shipped]) -> int:
    """Return the last of the versions on the commit of one: the final one, where its candidate is on it too."""
    return on[shipped[at].tag.commit][-1]


def _is_candidate_of(final: Order, other: Order) -> bool:
    return other.candidate and (other.epoch, other.core) == (final.epoch, final.core)


def candidates(history: History, shipped: Sequence[Shipped]) -> dict[str, tuple[str, ...]]:
    """Return, by the tags of final versions, the versions that were candidates of each and are part of it, oldest first."""
    groups: dict[object, list[tuple[Shipped, Order]]] = {}
    for one in shipped:
        number = order(one.version)
        groups.setdefault((number.epoch, number.core), []).append((one, number))
    return {
        final.tag.name: tuple(
            one.version
            for one, other in group
            if other.candidate and not between(history, str(final.tag.commit), str(one.tag.commit))
        )
        for group in groups.values()
        for final, number in group
        if number.final and len(group) > 1
    }


def recorded(chapters: Iterable[Chapter]) -> dict[str, RecordedVersion]:
    """Return the versions that are recorded as released, by their bare names; of two records of one the first counts.

    What has neither a date nor `released` is still to come, and only its tag names it.
    """
    found: dict[str, RecordedVersion] = {}
    for one in (version for chapter in chapters for version in chapter.versions):
        if (one.date or one.released) and one.version != UNRELEASED:
            found.setdefault(bare(one.version), one)
    return found


def twice(chapters: Iterable[Chapter]) -> Iterator[Finding]:
    """Yield a finding for each version that is recorded more than once."""
    seen: dict[str, RecordedVersion] = {}
    for one in (version for chapter in chapters for version in chapter.versions):
        other = seen.setdefault(bare(one.version), one)
        if other is not one:
            message = f"the version {one.version} is also recorded at {other.place}, and that counts"
            yield Finding("warning", "version-twice", message, one.place, "keep one of the two")


def line_up(shipped: Sequence[Shipped], told: Mapping[str, RecordedVersion]) -> Sequence[Shipped | RecordedVersion]:
    """Return the tagged versions and, among them, those that are only recorded; the oldest first.

    Each of these stands where its number contradicts the fewest of the others; one without a number behind the one that
    was recorded as the version before it. Rounds record their versions newest first, as changelogs do.
    """
    tagged = {bare(name): one for one in shipped for name in (one.tag.name, one.version)}
    line: list[Shipped | RecordedVersion] = list(shipped)
    at = 0
    for name, one in reversed(list(told.items())):
        if name in tagged:
            at = line.index(tagged[name]) + 1
        else:
            at = _place(one.version, line, at)
            line.insert(at, one)
            at += 1
    return line


def _place(version: str, line: Sequence[Shipped | RecordedVersion], behind: int) -> int:
    """Return where a version goes in a line: where its number contradicts the fewest, else `behind` what was before it."""
    number = order(version)
    others = [order(one.version) for one in line]
    if not number.numbered or not any(other.numbered for other in others):
        return behind
    faults = best = sum(other.numbered and other < number for other in others)  # all of these would be above it
    place = 0
    for at, other in enumerate(others, 1):
        faults += (1 if other > number else -1) if other.numbered else 0
        if faults < best or (faults == best and not (other.numbered and other > number)):
            best, place = faults, at
    return place


# Which category a conventional type would have; the rest is listed by its own type. Source: Keep a Changelog 2.0.0.
TYPES: Mapping[str, str] = {"feat": "added", "fix": "fixed", "perf": "changed", "refactor": "changed"}


def releases(
    history: History,
    shipped: Sequence[Shipped],
    entries: Iterable[tuple[Entered, str | None]],
    accounts: Mapping[str, Account],
    settings: Changelog,
    recorded: Mapping[str, RecordedVersion],
    hidden: Mapping[str, Account],
) -> tuple[Release, ...]:
    """Return the releases, newest first, with what is unreleased on top.

    `entries` pairs each curated entry with the version it is to stand under where neither it nor its commits tell.
    `recorded` holds what rounds record of versions, also of those that have no tag.
    `hidden` are the commits that are shown under another, whoever claims them.
    """
    plain = list(_plain(history, shipped, recorded))
    home = {commit: i for i, release in enumerate(plain) for commit in release.commits}
    # A pick keeps the trailers of its original, so both may be claimed by one round: they are one patch all the same.
    twins = _twins(hidden)
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
        first.update(stated)  # the entry shows the patch: its other copies are hidden, wherever they are
    filled = (_filled(r, curated.get(i, []), told, accounts, first, history, settings) for i, r in enumerate(plain))
    return tuple(reversed(list(filled)))


def _twins(accounts: Mapping[str, Account]) -> Iterable[tuple[str, ...]]:
    """Return the commits that are one patch, each time the one first that the others are hidden under.

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


def _plain(history: History, shipped: Sequence[Shipped], recorded: Mapping[str, RecordedVersion]) -> Iterable[Release]:
    """Yield the releases without their entries, oldest first."""
    before = previous_tags(history, shipped)
    parts = candidates(history, shipped)
    for one in line_up(shipped, recorded):
        if isinstance(one, RecordedVersion):
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


def _day(told: RecordedVersion | None) -> str:
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
    it `first`, or that an entry claims, is listed, and the others are hidden.
    """
    here = {c: accounts.get(c) or Account("unassigned", "") for c in release.commits if c not in told}
    reverted = tuple(dict.fromkeys(_pairs(here, release, told)))
    paired = {commit for pair in reverted for commit in pair}
    hidden: list[str] = []
    loose: dict[str, list[str]] = {}
    for commit_id in (c for c in here if c not in paired):
        if first.get(commit_id, commit_id) != commit_id or _is_hidden(here[commit_id], release):
            hidden.append(commit_id)
        else:  # also what a later version takes back, since this one has it
            loose.setdefault(_group(history.by_id[commit_id], settings), []).append(commit_id)
    order = sorted(entries, key=lambda e: (rank(e.change.type), not e.change.breaking))
    groups = sorted(loose.items(), key=lambda pair: rank(pair[0]))
    return replace(
        release,
        entries=tuple(order),
        loose=tuple((name, tuple(ids)) for name, ids in groups),
        reverted=reverted,
        hidden=tuple(hidden),
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


def _is_hidden(account: Account, release: Release) -> bool:
    if account.reason == REVERTED:
        return account.partner in release.commits
    return account.kind == "hidden" and account.reason != TWICE


def _group(commit: Commit, settings: Changelog) -> str:
    head = message.conventional(commit)
    if head is None:
        return OTHER
    # A message cannot hide itself: only the settings can.
    return category(head.type, settings) or (OTHER if head.type == HIDDEN else head.type)


def category(kind: str, settings: Changelog) -> str | None:
    """Return the category of a conventional type, or `hidden`: as the settings say, else as the built-in map does."""
    return settings.types.get(kind) or TYPES.get(kind)


def adopted(found: Sequence[Adopted], history: History) -> Iterator[tuple[Entered, str | None]]:
    """Yield the entries, each with the version that it stands under where its commits do not tell.

    The commit that added a fragment is its evidence. It also tells the version, where the tool keeps its fragments; a
    fragment that a release would have removed is unreleased as long as it is there.
    """
    added = _added({history.prefix + one.path for one in found}, history)
    for i, one in enumerate(found):
        commit = added.get(history.prefix + one.path)
        change = one.change if one.kept else one.change.model_copy(update={"release": UNRELEASED})
        anchor = f"fragment-{i + 1}-{slug(one.change.label, 40)}"
        links = (Link(commit, "", "added-with", "added with the fragment"),) if commit else ()
        yield Entered(change, "", anchor, links, numbers(change.prs), None, one.path, commit), UNRELEASED


def _added(paths: set[str], history: History) -> dict[str, str]:
    """Return, for each path, the newest commit that added it."""
    found: dict[str, str] = {}
    for commit in history.commits if paths else ():
        for change in commit.changes or ():
            if change.status == "A" and change.path in paths:
                found.setdefault(change.path, commit.id)
    return found
