"""A metric over rounds as a line chart of 320 × 120 pixels.

The numbers come as `Decimal` and leave as text: places have one decimal, and a value that is too long to be written at its
point is shortened there and whole in its title. A label is placed where its box touches no other and stays inside the drawing:

    ticks and names of the axes first, then the last, highest, lowest and first value, then the names of versions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from functools import cached_property
from itertools import pairwise
from typing import Literal

from markupsafe import Markup

from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site.escape import cut, encode
from roundbook.site.widgets import amount, link

WIDTH, HEIGHT = 320, 120
TOP, FLOOR, RIGHT = 22, 100, 308  # the lines that the plot lies between
LETTER, LINE = 6, 11  # pixels: a letter, and the height of a line of text
DOTS = 40  # more points than this are thinned, the line never
TABBED = 12  # more points than this are reached by keyboard in the table
RINGS, VERSIONS = 12, 8  # the most of each
SUFFIXES = ((12, "T"), (9, "G"), (6, "M"), (3, "k"))
EXACT = Context(prec=100)
Box = tuple[float, float, float, float]  # left, top, right, bottom


@frozen
class ChartPoint:
    """What a round measured; without a value it is a gap."""

    name: str
    value: Decimal | None
    href: str | None = None


@frozen
class Scale:
    """The vertical axis from `low` to `high`, with its ticks; `broken` where zero is not on it."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]

    @property
    def broken(self) -> bool:
        """Tell whether the axis leaves zero out."""
        return not self.low <= 0 <= self.high

    @classmethod
    def of(cls, values: Sequence[Decimal]) -> Scale:
        """Return the axis for some values: from zero, or from a round number where their change would not be seen."""
        low, high = min(values), max(values)
        if (low > 0 and (high - low) * 5 >= high) or low == high > 0:
            low = Decimal(0)
        elif (high < 0 and (high - low) * 5 >= -low) or low == high < 0:
            high = Decimal(0)
        elif low == high:
            high = Decimal(1)
        whole = all(value == value.to_integral_value() for value in values)
        step = _step((high - low) / 3, whole=whole)
        first = (low / step).to_integral_value(ROUND_FLOOR)
        last = (high / step).to_integral_value(ROUND_CEILING)
        ticks = tuple((first + i) * step for i in range(int(last - first) + 1))
        return cls(ticks[0], ticks[-1], ticks)

    def share(self, value: Decimal) -> float:
        """Return how far up a value is, from 0 to 1."""
        return min(max(float((value - self.low) / (self.high - self.low)), 0.0), 1.0)


def _step(least: Decimal, *, whole: bool) -> Decimal:
    """Return the next round number: 1, 2, 2.5 or 5 times a power of ten; a `whole` one where a fraction means nothing."""
    power = Decimal(1).scaleb(max(least.adjusted(), 0) if whole else least.adjusted())
    steps = (power * Decimal(n) for n in ("1", "2", "2.5", "5", "10"))
    return next(step for step in steps if step >= least and (not whole or step == step.to_integral_value()))


def short(value: Decimal) -> str:
    """Return a number in few letters: `1,048`, `1.23M`, `0.00012`, `1.2e40`; rounded to three digits where it is too long."""
    size = value.adjusted()
    whole = f"{value.normalize(EXACT):,f}".replace("-", "−") if abs(size) < 20 else ""
    if whole and len(whole.lstrip("−")) <= 7:
        return whole
    for power, letter in SUFFIXES:
        if power <= size < 15:
            return _digits(value.scaleb(-power)) + letter
    if -5 < size < 3:
        return _digits(value)
    return f"{_digits(value.scaleb(-size))}e{size}".replace("e-", "e−")


def _digits(value: Decimal) -> str:
    rounded = Context(prec=3).create_decimal(value)
    text = f"{rounded:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


@frozen
class Series:
    """What is drawn: `versions` are by the number of the point that each came out after; `target` is the value to reach."""

    label: str
    points: Sequence[ChartPoint]
    better: Literal["higher", "lower"] | None = None
    target: Decimal | None = None
    unit: str = ""
    versions: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def known(self) -> tuple[tuple[int, Decimal], ...]:
        """Return the values with the numbers of their points."""
        return tuple((i, point.value) for i, point in enumerate(self.points) if point.value is not None)

    @cached_property
    def worse(self) -> tuple[int, ...]:
        """Return the numbers of the points that are worse than the one before, the worst first."""
        sign = {"higher": 1, "lower": -1}.get(self.better or "", 0)
        steps = ((sign * (value - before), i) for (_, before), (i, value) in pairwise(self.known))
        return tuple(i for step, i in sorted(steps) if step < 0)

    @property
    def words(self) -> str:
        """Return the drawing in a sentence."""
        (first, start), (last, end) = self.known[0], self.known[-1]
        unit = f" {self.unit}" if self.unit else ""
        if len(self.known) == 1:
            said = f"{self.label}: {amount(end)}{unit} in {self.points[last].name}"
        else:
            since = f"from {amount(start)} in {self.points[first].name}"
            said = f"{self.label}: {since} to {amount(end)}{unit} in {self.points[last].name}"
        said += f"; {self.better} is better" if self.better else ""
        said += f"; worse than before in {plural(len(self.worse), 'round')}" if self.worse else ""
        return said + (f"; the target is {amount(self.target)}" if self.target is not None else "")


def series(what: Series) -> Markup:
    """Return the drawing of a series; nothing where it has no value."""
    if not what.known:
        return Markup("")
    with localcontext(EXACT):
        plot = Plot(what)
        parts = "".join((*plot.frame(), *plot.line(), *plot.marks(), *plot.labels(), *plot.hits()))
    made = (
        f'<svg class="rb-series" role="group" aria-label="{encode(what.words)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}">{parts}</svg>'
    )
    return Markup(made)  # noqa: S704 - made of numbers and encoded text


class Plot:
    """A series in its place, with the boxes of the labels that are written already."""

    def __init__(self, what: Series) -> None:
        self.what = what
        values = [value for _, value in what.known]
        self.scale = Scale.of([*values, *([] if what.target is None else [what.target])])
        self.left = 10 + LETTER * max(len(short(tick)) for tick in self.scale.ticks)
        self.taken: list[Box] = []

    def x(self, i: int) -> float:
        """Return the place of a point along the axis; that of the only one is the middle."""
        many = len(self.what.points)
        left = self.left + 12
        return left + (RIGHT - left) * i / (many - 1) if many > 1 else (left + RIGHT) / 2

    def y(self, value: Decimal) -> float:
        """Return the height of a value."""
        return FLOOR - self.scale.share(value) * (FLOOR - TOP)

    def frame(self) -> Iterator[str]:
        """Yield the axes with their numbers and names, and the versions as dotted lines."""
        ticks = self.scale.ticks
        for i, tick in enumerate(ticks):
            y = self.y(tick)
            kind = "rb-axis" if tick == 0 or (i == 0 and self.scale.broken) else "rb-grid"
            yield f'<path class="{kind}" d="M{self.left} {y:.1f}H{RIGHT + 6}"/>'
            yield from self._text(self.left - 4, y + 3.5, short(tick), "end", "rb-tick")
        if self.scale.broken:
            yield f'<path class="rb-axis" d="M{self.left + 1} {FLOOR + 4}l3-8M{self.left + 5} {FLOOR + 4}l3-8"/>'
        names = [point.name for point in self.what.points]
        room = (RIGHT - self.left) // LETTER // 2 - 2
        yield from self._text(RIGHT + 6, HEIGHT - 4, cut(names[-1], room), "end", "rb-tick")
        if len(names) > 1:
            yield from self._text(self.left, HEIGHT - 4, cut(names[0], room), "start", "rb-tick")
        if self.scale.broken:
            low, high = self.scale.low, self.scale.high
            words = f"axis from {short(low)}" if low > 0 else f"axis to {short(high)}"
            yield from self._text((self.left + RIGHT) / 2, HEIGHT - 4, words, "middle", "rb-tick")
        for i, name in self.versions:
            path = f'<path class="rb-version" stroke-dasharray="1 3" d="M{self.x(i):.1f} {TOP - 8}V{FLOOR}"/>'
            yield f"<g><title>{encode(name)}</title>{path}</g>"

    @cached_property
    def versions(self) -> tuple[tuple[int, str], ...]:
        """Return the versions that are drawn: all, or some of many evenly with the last one."""
        found = [*self.what.versions.items()]
        step = -(-len(found) // VERSIONS) or 1
        return tuple(reversed(found[::-1][::step]))

    def line(self) -> Iterator[str]:
        """Yield the area down to zero, the line, dashed over gaps, and the target."""
        known = self.what.known
        places = [(i, f"{self.x(i):.1f} {self.y(value):.1f}") for i, value in known]
        runs: list[list[tuple[int, str]]] = []
        for i, place in places:
            if runs and runs[-1][-1][0] == i - 1:
                runs[-1].append((i, place))
            else:
                runs.append([(i, place)])
        solid = "".join("M" + "L".join(place for _, place in run) for run in runs if len(run) > 1)
        gaps = "".join(f"M{one[-1][1]}L{two[0][1]}" for one, two in pairwise(runs))
        if not self.scale.broken and solid:
            zero = f"{self.y(Decimal(0)):.1f}"
            area = "".join(
                f"M{self.x(run[0][0]):.1f} {zero}L{'L'.join(place for _, place in run)}V{zero}z"
                for run in runs
                if len(run) > 1
            )
            yield f'<path class="rb-area" d="{area}"/>'
        if self.what.target is not None:
            y = self.y(self.what.target)
            yield f'<path class="rb-target" stroke-dasharray="5 3" d="M{self.left} {y:.1f}H{RIGHT + 6}"/>'
        yield f'<path class="rb-line rb-between" stroke-dasharray="2 3" d="{gaps}"/>' if gaps else ""
        yield f'<path class="rb-line" d="{solid}"/>' if solid else ""

    def marks(self) -> Iterator[str]:
        """Yield the dots, and rings where the value got worse."""
        values = dict(self.what.known)
        for i in self.what.worse[:RINGS]:
            yield f'<circle class="rb-ring" cx="{self.x(i):.1f}" cy="{self.y(values[i]):.1f}" r="5"/>'
        for i in self.dotted:
            yield f'<circle class="rb-dot" cx="{self.x(i):.1f}" cy="{self.y(values[i]):.1f}" r="2.5"/>'

    @cached_property
    def dotted(self) -> tuple[int, ...]:
        """Return the points that get a dot: all, or some of many with those that are labelled or ringed."""
        places = [i for i, _ in self.what.known]
        if len(places) <= DOTS:
            return tuple(places)
        return tuple(sorted({*self._named, *self.what.worse[:RINGS]}))

    @cached_property
    def _named(self) -> tuple[int, ...]:
        """Return the last, highest, lowest and first point."""
        known = self.what.known
        high, low = max(known, key=lambda one: one[1]), min(known, key=lambda one: one[1])
        return tuple(dict.fromkeys((known[-1][0], high[0], low[0], known[0][0])))

    def labels(self) -> Iterator[str]:
        """Yield the values at their points, the value of the target, and the names of versions, as far as there is room."""
        values = dict(self.what.known)
        lowest = min(values.values())
        for i in self._named:
            x, y, text = self.x(i), self.y(values[i]), short(values[i])
            above, below = y - 6, y + LINE + 4
            down = values[i] == lowest and len(set(values.values())) > 1 and below + 3 < FLOOR
            kind = "rb-value" if i == self._named[0] else "rb-least"
            yield from self._text(x, below if down else above, text, "middle", kind, other=above if down else below)
        if self.what.target is not None:
            y = self.y(self.what.target)
            words = f"target {short(self.what.target)}"
            yield from self._text(self.left + 4, y - 4, words, "start", "rb-tick", other=y + LINE)
        for i, name in reversed(self.versions):
            yield from self._text(self.x(i), LINE - 1, cut(name, 12), "middle", "rb-tick")

    def _text(
        self, x: float, y: float, words: str, anchor: str, kind: str, *, other: float | None = None
    ) -> Iterator[str]:
        """Yield a text where it touches no other; where an `other` height is given, it may lie there or beside its place."""
        long = len(words) * (LETTER + (kind == "rb-value"))
        heights, sides = ((y,), (anchor,)) if other is None else ((y, other), (anchor, "start", "end"))
        for base, side in ((base, side) for base in heights for side in sides):
            left = x - {"start": 0, "middle": long / 2, "end": long}[side]
            left = min(max(left, 1), WIDTH - 1 - long)
            box = (left, base - LINE + 2, left + long, base + 2)
            inside = box[0] >= 0 and box[1] >= 0 and box[3] <= HEIGHT
            if inside and not any(_touch(box, one) for one in self.taken):
                self.taken.append(box)
                at = {"start": left, "middle": left + long / 2, "end": left + long}[side]
                anchored = "" if side == "start" else f' text-anchor="{side}"'
                yield f'<text class="{kind}" x="{at:.1f}" y="{base:.1f}"{anchored}>{encode(words)}</text>'
                return

    def hits(self) -> Iterator[str]:
        """Yield an area for each dot that shows its round and value where the pointer or the keyboard is on it."""
        values, places = dict(self.what.known), self.dotted
        unit = f" {self.what.unit}" if self.what.unit else ""
        for before, i, after in zip((None, *places), places, (*places[1:], None), strict=False):
            x, y = self.x(i), self.y(values[i])
            left = self.left if before is None else (self.x(before) + x) / 2
            right = WIDTH if after is None else (x + self.x(after)) / 2
            said = f"{self.what.points[i].name}: {amount(values[i])}{unit}"
            rect = f'<rect x="{left:.1f}" y="{TOP - 8}" width="{right - left:.1f}" height="{FLOOR - TOP + 8}"/>'
            inner = Markup(f'<title>{encode(said)}</title>{rect}<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>')  # noqa: S704
            href = self.what.points[i].href
            tabbed = len(places) <= TABBED
            yield str(link(href, inner, kind="rb-hit", tabbed=tabbed)) if href else f'<g class="rb-hit">{inner}</g>'


def _touch(one: Box, two: Box) -> bool:
    return one[0] < two[2] + 2 and two[0] < one[2] + 2 and one[1] < two[3] and two[1] < one[3]
