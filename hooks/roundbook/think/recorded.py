"""In: the version tags, and the versions that rounds record by hand. Out: both as one line of releases, oldest first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from packaging.version import InvalidVersion
from packaging.version import Version as Number

from roundbook.errors import Finding
from roundbook.model.book import UNRELEASED
from roundbook.model.history import Tag
from roundbook.model.items import Version
from roundbook.model.records import Chapter


@dataclass(frozen=True, slots=True)
class Shipped:
    """A version tag with the commits that it brought, newest first."""

    tag: Tag
    version: str
    commits: tuple[str, ...]


def bare(version: str) -> str:
    """Return a version without the `v` that some write before it."""
    return re.sub(r"^v(?=\d)", "", version.strip())


def number(text: str) -> tuple[int, Number, str]:
    """Return what orders versions by their numbers; a name without one stands below all that have one."""
    try:
        return (1, Number(text), text)
    except InvalidVersion:
        return (0, Number("0"), text)


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

    By their numbers where all have one and the tags are in that order; else each of these stands behind the one that was
    recorded as the version before it. Rounds record their versions newest first, as changelogs do.
    """
    tagged = {bare(name): one for one in shipped for name in (one.tag.name, one.version)}
    missing = [one for name, one in told.items() if name not in tagged]
    numbers = [number(one.version) for one in shipped]
    if all(n[0] for n in (*numbers, *(number(one.version) for one in missing))) and numbers == sorted(numbers):
        return sorted((*shipped, *reversed(missing)), key=lambda one: number(one.version))
    line: list[Shipped | Version] = list(shipped)
    at = 0
    for name, one in reversed(list(told.items())):
        if name in tagged:
            at = line.index(tagged[name]) + 1
        else:
            line.insert(at, one)
            at += 1
    return line
