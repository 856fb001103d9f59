"""Dates and spans as a round file writes them, and moments as a commit states them."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from roundbook.frozen import frozen

FIRST_SECOND, LAST_SECOND = 0, 7_258_118_400  # 1970 to 2200: a date outside is a fault of the commit, not a date
_POINT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)\s*(Z|[+-]\d{2}:?\d{2})?)?")


class Moment(NamedTuple):
    """A point in time as a commit states it: Unix `seconds`, and `offset`, the writer's own zone in minutes east."""

    seconds: int
    offset: int = 0

    @property
    def known(self) -> bool:
        """Tell whether the date is one that a calendar page can show (1970 to 2200)."""
        return FIRST_SECOND <= self.seconds < LAST_SECOND

    @property
    def local(self) -> dt.datetime:
        """Return the date and time in the writer's own zone; `ValueError` when not `known`."""
        if not self.known:
            raise ValueError(f"not a calendar date: {self.seconds}")
        return dt.datetime.fromtimestamp(self.seconds, dt.timezone(dt.timedelta(minutes=self.offset)))

    @property
    def day(self) -> str:
        """Return `YYYY-MM-DD` in the writer's own zone, or the empty text when not `known`."""
        return self.local.date().isoformat() if self.known else ""

    @property
    def iso(self) -> str:
        """Return the ISO 8601 time with its zone, or the empty text when not `known`."""
        return self.local.isoformat() if self.known else ""


@frozen
class When:
    """A day, or a span of days, written `YYYY-MM-DD` or `YYYY-MM-DD..YYYY-MM-DD`, each with or without time and zone.

    `first` and `last` are the days; `start` and `end` the instants of a span where a time was written: without a zone it
    is a time in the zone of whoever wrote the commit. `text` is what was written.
    """

    text: str
    first: dt.date
    last: dt.date
    start: dt.datetime | None = None
    end: dt.datetime | None = None

    @property
    def is_span(self) -> bool:
        """Tell whether it is a window of time rather than one day."""
        return ".." in self.text

    def holds(self, moment: Moment) -> bool:
        """Tell whether a moment is in the span: by instants where they are given, else by the day in its author's zone."""
        if not moment.known:
            return False
        local = moment.local
        after = _in_zone_of(self.start, local) >= self.start if self.start else local.date() >= self.first
        before = _in_zone_of(self.end, local) <= self.end if self.end else local.date() <= self.last
        return after and before

    def __str__(self) -> str:
        """Return what was written."""
        return self.text


def _in_zone_of(instant: dt.datetime, local: dt.datetime) -> dt.datetime:
    return local if instant.tzinfo else local.replace(tzinfo=None)


def parse(text: str) -> When:
    """Return the `When` that a text states; `ValueError` with the fault in words when it states none."""
    first_text, dots, last_text = text.strip().partition("..")
    first, start = _point(first_text.strip())
    last, end = _point(last_text.strip()) if dots else (first, start)
    if last < first or (start and end and bool(start.tzinfo) == bool(end.tzinfo) and end < start):
        raise ValueError(f'the span "{text}" ends before it begins')
    return When(text.strip(), first, last, start if dots else None, end if dots else None)


def _point(text: str) -> tuple[dt.date, dt.datetime | None]:
    match = _POINT.fullmatch(text)
    if not match:
        raise ValueError(f'"{text}" is not a date (YYYY-MM-DD)')
    day, time, zone = match.groups()
    try:
        date = dt.date.fromisoformat(day)
        instant = dt.datetime.fromisoformat(f"{day}T{time}{zone or ''}") if time else None
    except ValueError:
        raise ValueError(f'"{text}" is not a calendar date') from None
    return date, instant
