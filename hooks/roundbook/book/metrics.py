"""Metrics over the rounds of a repository, from which charts are drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from roundbook.book.facts import MetricRow
from roundbook.frozen import frozen

if TYPE_CHECKING:
    from roundbook.book.model import Entry

TRAIL = 24  # rounds in the chart of a metric on the page of a round


@frozen
class MetricPoint:
    """A metric of a round among those of other rounds.

    `place` is the number of the round among those of its repository that have any metric, oldest first; `version` is the one
    that the round's newest commit is in, or that the round names.
    """

    round: str
    row: MetricRow
    place: int
    version: str


Points = Mapping[tuple[str, str], tuple[MetricPoint, ...]]


def points(entries: Iterable[Entry], version_of: Mapping[str, str]) -> Points:
    """Return each metric over rounds that come oldest first, by repository and name."""
    found: dict[tuple[str, str], list[MetricPoint]] = {}
    places: Counter[str] = Counter()
    for entry in entries:
        place = places[entry.repository]
        places[entry.repository] += bool(entry.metrics)
        version = version_of.get(entry.last_commit or "") or next(iter(entry.round.releases), "")
        for row in entry.metrics:
            point = MetricPoint(entry.key, row, place, version)
            found.setdefault((entry.repository, row.name), []).append(point)
    return {key: tuple(some) for key, some in found.items()}


def trails(found: Points) -> Points:
    """Return, by round and metric, the values of that metric up to the round, at most `TRAIL` of them, oldest first."""
    return {
        (point.round, name): some[max(0, i + 1 - TRAIL) : i + 1]
        for (_, name), some in found.items()
        for i, point in enumerate(some)
    }
