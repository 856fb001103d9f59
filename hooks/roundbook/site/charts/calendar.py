"""A calendar of commits: a column of seven squares for each week, darker where there were more.

Oct   Nov         Dec        the name of a month above its first week
□ □ ■ □ ■ ■ ■ □ □ ■ □ □ ■    Monday
□ ■ □│■ ■ ■ □ □ □ □ □ □ □    a line before the day on which a round begins
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from markupsafe import Markup

from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site.escape import encode
from roundbook.site.widgets import link

SIDE, PITCH = 11, 13  # pixels: a square, and from one to the next
LEFT, TOP = 26, 15
WEEKS = 53  # of a row; a longer time has a row for each year
LEAST_WEEKS = 4
YEARS = 4  # rows
OPACITIES = (' opacity=".3"', ' opacity=".5"', ' opacity=".75"', "")  # the shades of days with commits
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BORDERS = 40  # lines of a row; more of them would hide the days


@frozen
class Days:
    """What is drawn: commits by day, the rounds that begin on a day, and where a month leads."""

    commits: Mapping[dt.date, int]
    begins: Mapping[dt.date, Sequence[str]]
    months: Mapping[str, str | None]


def calendar(days: Days, label: str) -> Markup:
    """Return a calendar for each year, or one row for less than a year; of many years the newest ones.

    `label` says what is counted. Nothing where there is no day.
    """
    if not days.commits:
        return Markup("")
    shades = _shades(days.commits)
    drawn = "".join(_row(days, first, last, shades, label) for first, last in _spans(days.commits))
    return Markup(drawn)  # noqa: S704 - made of numbers and encoded text


def _spans(commits: Mapping[dt.date, int]) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the first and last day of each row, newest first."""
    first, last = min(commits), max(commits)
    if (last - _monday(first)).days < WEEKS * 7:
        yield min(first, _monday(last) - dt.timedelta(weeks=LEAST_WEEKS - 1)), last
        return
    years = sorted({day.year for day in commits}, reverse=True)
    for year in years[:YEARS]:
        yield dt.date(year, 1, 1), min(last, dt.date(year, 12, 31))


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _shades(commits: Mapping[dt.date, int]) -> tuple[int, ...]:
    """Return the most commits of each shade but the last one, from the quarters of the days that have any."""
    counts = sorted(commits.values())
    return tuple(counts[(len(counts) - 1) * i // len(OPACITIES)] for i in range(1, len(OPACITIES)))


def _row(days: Days, first: dt.date, last: dt.date, shades: Sequence[int], label: str) -> str:
    start = _monday(first)
    counted = {day: count for day, count in days.commits.items() if first <= day <= last}
    squares, empty = [], []
    for i in range((last - first).days + 1):
        day = first + dt.timedelta(days=i)
        x, y = _place(start, day)
        if count := counted.get(day, 0):
            opacity = OPACITIES[sum(count > most for most in shades)]
            title = f"<title>{day}: {plural(count, 'commit')}</title>"
            squares.append(f'<rect x="{x}" y="{y}" width="{SIDE}" height="{SIDE}" rx="2"{opacity}>{title}</rect>')
        else:
            empty.append(f"M{x} {y}h{SIDE}v{SIDE}h-{SIDE}z")
    busiest = max(counted, key=lambda day: (counted[day], day), default=last)
    said = f"{label} from {first} to {last}: {plural(sum(counted.values()), 'commit')} on {plural(len(counted), 'day')}"
    said += f", most on {busiest} ({counted[busiest]:,})" if counted else ""
    width, height = LEFT + WEEKS * PITCH, TOP + 7 * PITCH
    return (
        f'<svg class="rb-calendar" role="group" aria-label="{encode(said)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(_months(days, start, first, last))}'
        f'{_weekdays()}<path d="{"".join(empty)}"/>{"".join(squares)}'
        f"{''.join(_borders(days, start, first, last))}</svg>"
    )


def _place(start: dt.date, day: dt.date) -> tuple[int, int]:
    week, weekday = divmod((day - start).days, 7)
    return LEFT + week * PITCH, TOP + weekday * PITCH


def _weekdays() -> str:
    names = ((0, "Mon"), (2, "Wed"), (4, "Fri"))
    return "".join(f'<text x="0" y="{TOP + i * PITCH + 9}">{name}</text>' for i, name in names)


def _months(days: Days, start: dt.date, first: dt.date, last: dt.date) -> Iterator[str]:
    """Yield the names of months above the weeks that they begin in, with the year in the first one and in January."""
    at = [first, *(one for i in range((last - first).days) if (one := first + dt.timedelta(days=i + 1)).day == 1)]
    if len(at) > 1 and (at[1] - first).days < 35:
        del at[0]  # its name would touch the next one
    for i, day in enumerate(at):
        words = MONTHS[day.month - 1] + (f" {day.year}" if i == 0 or day.month == 1 else "")
        text = Markup(f'<text x="{_place(start, day)[0]}" y="9">{words}</text>')  # noqa: S704 - words of ours
        yield str(link(days.months.get(f"{day:%Y-%m}"), text, tabbed=False))  # the list of months leads there too


def _borders(days: Days, start: dt.date, first: dt.date, last: dt.date) -> Iterator[str]:
    """Yield a line before each day on which a round begins; those of many rounds are left out."""
    begins = {day: names for day, names in days.begins.items() if first < day <= last}
    if len(begins) > BORDERS or len(begins) * 2 > (last - min(days.commits)).days + 8:
        return
    for day, names in sorted(begins.items()):
        x, y = _place(start, day)
        left, top, bottom = x - 1, TOP - 1, TOP + 7 * PITCH - 1
        step = f"M{left + PITCH} {top}V{y - 1}H{left}V{bottom}" if y > TOP else f"M{left} {top}V{bottom}"
        words = (
            f"{', '.join(names[:6])}{' and more' if len(names) > 6 else ''} {'begin' if len(names) > 1 else 'begins'}"
        )
        yield f'<path class="rb-border" d="{step}"><title>{encode(f"{day}: {words}")}</title></path>'
