"""In: the version tags, and the versions that rounds record by hand. Out: both as one line of releases, oldest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.errors import Finding
from roundbook.git.history import History, Tag
from roundbook.model.release import UNRELEASED
from roundbook.model.version import Order, bare, order
from roundbook.schema.items import Version
from roundbook.schema.round import Chapter
from roundbook.settings import Changelog
from roundbook.think.ancestry import between, by_first_tag


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


def recorded(chapters: Iterable[Chapter]) -> dict[str, Version]:
    """Return the versions that are recorded as released, by their bare names; of two records of one the first counts.

    What has neither a date nor `released` is still to come, and is told of by nothing but its tag.
    """
    found: dict[str, Version] = {}
    for one in (version for chapter in chapters for version in chapter.versions):
        if (one.date or one.released) and one.version != UNRELEASED:
            found.setdefault(bare(one.version), one)
    return found


def twice(chapters: Iterable[Chapter]) -> Iterator[Finding]:
    """Yield a finding for each version that is recorded more than once."""
    seen: dict[str, Version] = {}
    for one in (version for chapter in chapters for version in chapter.versions):
        other = seen.setdefault(bare(one.version), one)
        if other is not one:
            message = f"the version {one.version} is also recorded at {other.place}, and that counts"
            yield Finding("warning", "version-twice", message, one.place, "keep one of the two")


def line_up(shipped: Sequence[Shipped], told: Mapping[str, Version]) -> Sequence[Shipped | Version]:
    """Return the tagged versions and, among them, those that are only recorded; the oldest first.

    Each of these stands where its number contradicts the fewest of the others; one without a number behind the one that
    was recorded as the version before it. Rounds record their versions newest first, as changelogs do.
    """
    tagged = {bare(name): one for one in shipped for name in (one.tag.name, one.version)}
    line: list[Shipped | Version] = list(shipped)
    at = 0
    for name, one in reversed(list(told.items())):
        if name in tagged:
            at = line.index(tagged[name]) + 1
        else:
            at = _place(one.version, line, at)
            line.insert(at, one)
            at += 1
    return line


def _place(version: str, line: Sequence[Shipped | Version], behind: int) -> int:
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
