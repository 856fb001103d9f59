"""In: what was found out about a version. Out: `Release` and its entries, with the commits that stand behind them."""

from __future__ import annotations

from dataclasses import dataclass

from roundbook.model.facts import Link
from roundbook.schema.items import CHANGE_TYPES, Change, Version

UNRELEASED = "Unreleased"  # what stands in the place of a version on top of the changelog


HIDDEN = "hidden"  # the group of the types that the settings hide
OTHER = "other"  # the group of the commits that follow no convention
_ORDER = ("breaking", *CHANGE_TYPES)


def rank(group: str) -> tuple[int, str]:
    """Return the place of a group of commits: the categories of Keep a Changelog, then other types, then the rest."""
    return _ORDER.index(group) if group in _ORDER else len(_ORDER) + (group == OTHER), group


@dataclass(frozen=True, slots=True)
class Entered:
    """A curated entry of the changelog with its evidence.

    `links` are the commits that made it, each with the reason; `recorded` is the id of the commit that first wrote it down,
    `None` where that is not known. `round` is empty where a fragment of another tool states it: `path` is its file.
    """

    change: Change
    round: str
    anchor: str
    links: tuple[Link, ...]
    pull_requests: tuple[int, ...]
    decision: str | None
    path: str = ""
    recorded: str | None = None

    @property
    def commits(self) -> tuple[str, ...]:
        """Return the ids of the commits that made it."""
        return tuple(link.commit for link in self.links)

    @property
    def origin(self) -> str:
        """Return where it is written: the key of the round, or the path of the fragment."""
        return self.round or self.path


@dataclass(frozen=True, slots=True)
class Release:
    """A version: its curated entries, then the commits that no entry claims, by category and conventional type.

    `tag` is `None` for what is unreleased, and for a version of which there is no tag, only what a round records of it: `told`.
    `reverted` holds pairs (the revert, what it reverts); `folded` the rest of the
    commits that are shown under another. Every commit since the version before is in exactly one of them or in an entry.
    `previous_tag` is the version before it in its own line of history. `date` is the day that a round records, else that
    of the tag, `tagged`. `candidates` are the versions before a final one, of the same number, that it includes.
    """

    version: str
    tag: str | None
    date: str
    previous_tag: str | None
    head: str | None
    entries: tuple[Entered, ...] = ()
    loose: tuple[tuple[str, tuple[str, ...]], ...] = ()
    reverted: tuple[tuple[str, str], ...] = ()
    folded: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    yanked: bool = False
    told: Version | None = None
    tagged: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the groups of commits that no entry claims and that the settings do not hide."""
        return tuple((name, ids) for name, ids in self.loose if name != HIDDEN)

    @property
    def redated(self) -> bool:
        """Tell whether a day is recorded, and its tag is of another."""
        date = self.told.date if self.told else None
        return bool(date and self.tagged and not date.first.isoformat() <= self.tagged <= date.last.isoformat())

    @property
    def released(self) -> bool:
        """Tell whether it is out: there is a tag of it, or a round records it."""
        return self.tag is not None or self.told is not None
