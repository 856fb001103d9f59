"""The timeline of a project as SVG: rounds as bars, their decisions above, versions below the axis, a metric beneath.

Places along the axis are percentages, so that the drawing fills any width while its words keep their size. A label that has
room only on a wide screen has the class `rb-wide`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace
from decimal import Decimal
from itertools import pairwise, repeat

from markupsafe import Markup

from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site.escape import cut, encode
from roundbook.site.widgets import amount, link

DAY = 86_400
EDGE, BREAK, LEAST, CLOSE = 0.8, 4.0, 0.5, 3.2  # percent: margin, cut of the axis, narrowest bar, marks that are one
BAND, FLAT, LANE, LANES = 84, 30, 12, 12  # pixels: all bars, those without commits, the lowest lane; the most lanes
NARROW, WIDE, LETTER = 280, 540, 7  # pixels: the drawing on a phone and on a screen, and a letter
TICKS = 10
TURNED = 97  # percent: from there on a flag waves to the left
KEYBOARD = 40  # more links than this are reached by keyboard in the list that says the same


Label = tuple[float, str, str, int]  # position in percent, text, text anchor, offset in pixels


@frozen
class RoundBar:
    """A round from `start` to `end` in seconds, or in the order of rounds; `commits` is `None` where they are not known."""

    name: str
    title: str
    url: str | None
    status: str
    start: float
    end: float
    commits: int | None


@frozen
class Mark:
    """A decision or version at a moment, or anywhere within a span; `hollow` where another one has replaced it."""

    name: str
    url: str | None
    start: float
    end: float
    hollow: bool = False


@frozen
class MarkGroup:
    """Marks that are too close to each other to be drawn apart, at their place in percent."""

    at: float
    marks: tuple[Mark, ...]


@frozen
class TimeScale:
    """The axis: pieces of time with a cut between each two, in which nothing happened for most of the time."""

    pieces: tuple[tuple[float, float], ...]

    @classmethod
    def of(cls, spans: Iterable[tuple[float, float]]) -> TimeScale:
        """Return the axis for some spans of time."""
        busy: list[list[float]] = []
        for start, end in sorted(spans):
            if busy and start <= busy[-1][1]:
                busy[-1][1] = max(busy[-1][1], end)
            else:
                busy.append([start, end])
        gaps = sorted((two[0] - one[1], one[1], two[0]) for one, two in pairwise(busy))
        whole, cuts = busy[-1][1] - busy[0][0], list[tuple[float, float]]()
        while gaps and len(busy) > 2 and len(cuts) < 3 and gaps[-1][0] > whole - gaps[-1][0]:
            cuts.append(gaps.pop()[1:])
            whole -= cuts[-1][1] - cuts[-1][0]
        edges = [busy[0][0], *(edge for cut in sorted(cuts) for edge in cut), busy[-1][1]]
        return cls(tuple(zip(edges[::2], edges[1::2], strict=True)))

    @property
    def left_out(self) -> float:
        """Return how much time the cuts leave out."""
        return sum(two[0] - one[1] for one, two in pairwise(self.pieces))

    @property
    def lengths(self) -> list[float]:
        """Return the length of each piece in percent."""
        whole = sum(end - start for start, end in self.pieces)
        if not whole:
            return [0.0]
        shares = [max((end - start) / whole, 0.02) for start, end in self.pieces]
        room = 100 - 2 * EDGE - BREAK * (len(self.pieces) - 1)
        return [room * share / sum(shares) for share in shares]

    def at(self, moment: float) -> float:
        """Return the place of a moment in percent; in the middle where the axis has but one moment."""
        lengths = self.lengths
        if not any(lengths):
            return 50.0
        left = EDGE
        for (start, end), length in zip(self.pieces, lengths, strict=True):
            if moment <= end or end == self.pieces[-1][1]:
                share = (moment - start) / (end - start) if end > start else 0.5
                return left + length * min(max(share, 0.0), 1.0)
            left += length + BREAK
        return left

    def breaks(self) -> Iterator[float]:
        """Yield the middle of each cut in percent."""
        left = EDGE - BREAK / 2
        for length in self.lengths[:-1]:
            left += length + BREAK
            yield left


@frozen
class TimelineChart:
    """What is drawn: `values` are those of the `metric` by the end of their rounds; not `dated`, moments are an order."""

    bars: Sequence[RoundBar]
    decisions: Sequence[Mark] = ()
    versions: Sequence[Mark] = ()
    metric: str = ""
    values: Sequence[tuple[float, Decimal, str]] = ()
    dated: bool = True
    more: str = ""  # where a group of decisions leads
    changelog: str = ""
    scale: TimeScale = field(init=False)

    def __post_init__(self) -> None:
        """Make the axis, of the bars alone."""
        object.__setattr__(self, "scale", TimeScale.of((bar.start, bar.end) for bar in self.bars))


def timeline(what: TimelineChart, label: str) -> Markup:
    """Return the drawing; `label` says in a sentence what it shows."""
    parts: list[str] = []
    top = 20 if what.decisions else 4
    lanes, height = _lanes(what, top)
    base = top + height
    labels = [*_dates(what)] if what.dated else [*_ends(what)]
    grid = (f'<line class="rb-grid" x1="{x:.2f}%" x2="{x:.2f}%" y1="{top}" y2="{base}"/>' for x, *_ in labels[2:])
    parts += [*grid, *lanes, f'<line class="rb-axis" x1="0" x2="100%" y1="{base}" y2="{base}"/>']
    parts += [_slashes(x, base) for x in what.scale.breaks()]
    decided = [replace(one, at=min(max(one.at, 2.2), 97.8)) for one in _groups(what.scale, what.decisions)]
    parts += [_diamond(what, group) for group in decided]
    counts = [(g.at, str(len(g.marks)) if len(g.marks) > 1 else "", "start", 9) for g in decided]
    parts += _texts(counts, 14, [*(group.at - CLOSE for group in decided[1:]), 100])
    bottom = base
    if what.versions:
        groups = _groups(what.scale, what.versions)
        parts += [_flag(what, group, bottom) for group in groups]
        named = ((group.at, group.marks[-1].name) for group in reversed(groups))
        parts += _texts([(at, name, "end" if at > TURNED else "middle", 0) for at, name in named], bottom + 22)
        bottom += 24
    parts += _texts(labels, bottom + 14)
    bottom += 18
    if len(what.values) > 1:
        parts += _metric(what, bottom)
        bottom += 58
    many = " rb-many" * (len(what.bars) > KEYBOARD)
    head = f'<svg class="rb-timeline{many}" role="group" aria-label="{encode(label)}" width="100%" height="{bottom}">'
    made = f"{head}{''.join(parts)}</svg>"
    return Markup(made)  # noqa: S704 - made of numbers and encoded text


@frozen
class PlacedBar:
    """A bar in its place: `left` and `right` in percent, `top` and `floor` in pixels."""

    bar: RoundBar
    left: float
    right: float
    top: int
    floor: int


def _lanes(what: TimelineChart, top: int) -> tuple[list[str], int]:
    """Return the bars with their names, and how high they stand together; bars of one time lie in lanes."""
    lanes: list[list[tuple[float, float, RoundBar]]] = []
    for bar in sorted(what.bars, key=lambda bar: (bar.start, bar.end)):
        left, right = what.scale.at(bar.start), what.scale.at(bar.end)
        if right - left < LEAST:
            left = min(max((left + right - LEAST) / 2, 0), 100 - LEAST)
            right = left + LEAST
        lane = next((one for one in lanes if one[-1][1] <= left + LEAST), None)
        if lane is None and len(lanes) < LANES:
            lanes.append([(left, right, bar)])
        else:
            (lane or min(lanes, key=lambda one: one[-1][1])).append((left, right, bar))
    most = max((bar.commits or 0 for bar in what.bars), default=0)
    high = max((BAND if most else FLAT) // max(len(lanes), 1), LANE)
    named = high >= 28 and len(what.bars) <= KEYBOARD
    drawn: list[str] = []
    for i, lane in enumerate(lanes):
        floor, room = top + (i + 1) * high, high - (16 if named else 2)
        boxes = [PlacedBar(bar, left, right, floor - _height(bar, room, most), floor) for left, right, bar in lane]
        drawn += [_bar(box, len(what.bars) > KEYBOARD) for box in boxes]
        drawn += _names(boxes, [*what.scale.breaks()] if lane is lanes[-1] else ()) if named else ()
    return drawn, high * len(lanes)


def _height(bar: RoundBar, room: int, most: int) -> int:
    if not most:
        return min(10, room)
    return 4 if bar.commits is None else max(round(room * bar.commits / most), 3)


def _bar(box: PlacedBar, many: bool) -> str:
    kind = f"rb-{box.bar.status or 'unknown'}{' rb-guess' if box.bar.commits is None else ''}"
    shape = (
        f'<rect class="rb-box {kind}" x="{box.left:.2f}%" width="{box.right - box.left:.2f}%" '
        f'y="{box.top}" height="{box.floor - box.top}" rx="2"/>'
    )
    return _linked(box.bar.url, box.bar.title, shape, many)


def _names(boxes: Sequence[PlacedBar], breaks: Sequence[float]) -> Iterator[str]:
    """Yield the names above the bars of a lane, the newest first, as far as they touch no bar and no other name."""
    known: dict[int, tuple[Label, int]] = {}
    for width in (NARROW, WIDE):
        taken = [(*_extent(label, width), y) for label, y in known.values()]
        bars = [(box.left * width / 100, box.right * width / 100, box.top) for box in boxes]
        bars += [(x * width / 100 - 6, x * width / 100 + 6, boxes[0].floor - 6) for x in breaks]
        for i, box in reversed([*enumerate(boxes)]):
            y = box.top - 4
            middle = (box.left + box.right) / 2
            for at, anchor in ((middle, "middle"), (box.left, "start"), (box.right, "end")):
                label = (at, box.bar.name, anchor, 0)
                left, right = _extent(label, width)
                free = all(right < a or b < left or top >= y + 3 for a, b, top in bars)
                apart = all(right + 4 < a or b + 4 < left or abs(y - other) > 12 for a, b, other in taken)
                if i not in known and left >= 0 and right <= width and free and apart:
                    known[i] = label, y
                    taken.append((left, right, y))
                    yield _text(label, y, wide=width == WIDE)


def _linked(url: str | None, title: str, shape: str, many: bool = False) -> str:
    named = Markup(f"<title>{encode(title)}</title>{shape}")  # noqa: S704 - encoded
    return str(link(url, named, tabbed=not many)) if url else f"<g>{named}</g>"


def _groups(scale: TimeScale, marks: Sequence[Mark]) -> list[MarkGroup]:
    """Return marks at their places, those of one span evenly over it, and what is too close to be drawn apart as one."""
    spans: dict[tuple[float, float], list[Mark]] = {}
    for mark in marks:
        spans.setdefault((mark.start, mark.end), []).append(mark)
    placed: list[tuple[float, Mark]] = []
    for (start, end), some in spans.items():
        left, right = scale.at(start), scale.at(end)
        placed += [(left + (right - left) * (2 * i + 1) / (2 * len(some)), mark) for i, mark in enumerate(some)]
    groups: list[MarkGroup] = []
    for at, mark in sorted(placed, key=lambda pair: pair[0]):
        if groups and at - groups[-1].at < CLOSE:
            groups[-1] = replace(groups[-1], marks=(*groups[-1].marks, mark))
        else:
            groups.append(MarkGroup(at, (mark,)))
    return groups


def _diamond(what: TimelineChart, group: MarkGroup) -> str:
    hollow = ' class="rb-hollow"' if all(mark.hollow for mark in group.marks) else ""
    half = 5 if len(group.marks) == 1 else 6
    path = f'<path{hollow} d="M0 {-half}L{half} 0 0 {half} {-half} 0z"/>'
    shape = f'<svg class="rb-decided" x="{group.at:.2f}%" y="10" overflow="visible">{path}</svg>'
    url = group.marks[0].url if len(group.marks) == 1 else what.more
    return _linked(url, _said(group, "decision"), shape, len(what.decisions) > KEYBOARD)


def _flag(what: TimelineChart, group: MarkGroup, top: int) -> str:
    tip = 7 if group.at < TURNED else -7
    path = f'<path d="M0 0V11M0 3L{tip} 6 0 9"/>'
    shape = f'<svg class="rb-flag" x="{group.at:.2f}%" y="{top}" overflow="visible">{path}</svg>'
    url = group.marks[0].url if len(group.marks) == 1 else what.changelog
    return _linked(url, _said(group, "version"), shape)


def _said(group: MarkGroup, word: str) -> str:
    """Return what a group of marks is: the name of one, of several their number and the first names."""
    names = [f"{cut(mark.name, 70)}{' (superseded)' if mark.hollow else ''}" for mark in group.marks]
    if len(names) == 1:
        return f"{word.capitalize()}: {names[0]}"
    return f"{plural(len(names), word)}: {'; '.join(names[:4])}{'; …' if len(names) > 4 else ''}"


def _dates(what: TimelineChart) -> Iterator[Label]:
    """Yield the days to be written below the axis, the first and the last one first."""
    scale = what.scale
    first, last = _day(scale.pieces[0][0]), _day(max(scale.pieces[-1][1] - 1, scale.pieces[-1][0]))
    if not any(scale.lengths):
        yield 50.0, first, "middle", 0
        yield 50.0, "", "middle", 0
        return
    yield 0.0, first, "start", 0
    yield (100.0, last, "end", 0) if last != first else (100.0, "", "end", 0)
    for start, _ in scale.pieces[1:]:
        yield scale.at(start), _day(start), "start", 2
    for moment, words in _ticks(scale):
        yield scale.at(moment), words, "middle", 0


def _ticks(scale: TimeScale) -> list[tuple[float, str]]:
    """Return the beginnings of years, months or days, whichever are few enough; the least common ones first."""
    for form, some in (("%m-%d", _days), ("%Y-%m", _months), ("%Y", _years)):
        if sum(end - start for start, end in scale.pieces) > 1000 * DAY and some is _days:
            continue
        found = [one for piece in scale.pieces for one in some(piece)]
        if len(found) <= TICKS or some is _years:
            step = -(-len(found) // TICKS)
            return [(one.timestamp(), one.strftime(form)) for one in found[:: step or 1]]
    return []


def _days(piece: tuple[float, float]) -> list[dt.datetime]:
    start = int(piece[0] // DAY + 1)
    return [_utc(day * DAY) for day in range(start, int(-(-piece[1] // DAY)))]


def _months(piece: tuple[float, float]) -> list[dt.datetime]:
    start, end = _utc(piece[0]), _utc(piece[1])
    numbers = range(start.year * 12 + start.month, end.year * 12 + end.month)
    return [dt.datetime(number // 12, number % 12 + 1, 1, tzinfo=dt.UTC) for number in numbers]


def _years(piece: tuple[float, float]) -> list[dt.datetime]:
    return [one for one in _months(piece) if one.month == 1]


def _utc(moment: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(moment, dt.UTC)


def _day(moment: float) -> str:
    return _utc(moment).date().isoformat()


def _ends(what: TimelineChart) -> Iterator[Label]:
    """Yield the names of the first and the last round, for an axis without dates."""
    order = sorted(what.bars, key=lambda bar: bar.start)
    yield 0.0, order[0].name, "start", 0
    yield 100.0, order[-1].name if len(order) > 1 else "", "end", 0


def _texts(labels: Sequence[Label], y: int, ends: Sequence[float] = ()) -> Iterator[str]:
    """Yield the labels that fit in their row, each before its end in percent where `ends` are given."""
    known: list[Label] = []
    for width in (NARROW, WIDE):
        taken = [_extent(one, width) for one in known]
        for one, end in zip(labels, ends or repeat(100.0), strict=False):
            left, right = _extent(one, width)
            apart = all(right + 6 < other[0] or other[1] + 6 < left for other in taken)
            if one[1] and one not in known and left >= 0 and right <= width * end / 100 and apart:
                taken.append((left, right))
                known.append(one)
                yield _text(one, y, wide=width == WIDE)


def _text(label: Label, y: int, *, wide: bool) -> str:
    at, words, anchor, beside = label
    kind = ' class="rb-wide"' if wide else ""
    shift = f' dx="{beside}"' if beside else ""
    anchored = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text{kind} x="{at:.2f}%"{shift} y="{y}"{anchored}>{encode(words)}</text>'


def _extent(label: Label, width: int) -> tuple[float, float]:
    at, words, anchor, beside = label
    long = len(words) * LETTER
    left = width * at / 100 + beside - {"start": 0, "middle": long / 2, "end": long}[anchor]
    return left, left + long


def _slashes(x: float, y: int) -> str:
    """Return the mark of a cut of the axis."""
    path = '<path d="M-5 6L-1-6M1 6L5-6"/>'
    return f'<svg class="rb-break" x="{x:.2f}%" y="{y}" overflow="visible">{path}</svg>'


def _metric(what: TimelineChart, top: int) -> Iterator[str]:
    """Yield the line of the metric with its first and last value in a row of text above."""
    values = sorted(what.values, key=lambda one: one[0])
    low, high = min(v for _, v, _ in values), max(v for _, v, _ in values)
    span = (high - low) or Decimal(1)
    points = [(what.scale.at(at), float(4 + (high - value) / span * 28), value, name) for at, value, name in values]
    first, last = amount(values[0][1]), amount(values[-1][1])
    yield f'<text y="{top + 14}">{encode(cut(what.metric, 20))} {first} → {last}</text>'
    yield (
        f'<svg y="{top + 20}" width="100%" height="36" viewBox="0 0 100 36" preserveAspectRatio="none">'
        f'<path class="rb-line" d="M{"L".join(f"{x:.2f} {y:.1f}" for x, y, *_ in points)}"/></svg>'
    )
    for x, y, value, name in points if len(points) <= KEYBOARD else (points[0], points[-1]):
        words = f"<title>{encode(f'{name}: ')}{amount(value)}</title>"
        yield f'<circle class="rb-dot" cx="{x:.2f}%" cy="{top + 20 + y:.1f}" r="3">{words}</circle>'
