"""Small pictures of numbers: a sparkline, a stacked bar, a row of squares, and a matrix of marks."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from markupsafe import Markup

from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site.escape import encode
from roundbook.site.widgets import MARKS, link

SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 80, 20, 3
SPARK_POINTS = 60  # a sparkline of more would have several points in one pixel
LEAST = Decimal("1.5")  # percent of a bar, so that a small count stays visible


@frozen
class Segment:
    """A part of a bar: `kind` is a status or the result of a check, whose colour it has."""

    count: int
    word: str
    kind: str
    href: str | None = None


@frozen
class Cell:
    """A square or mark: `status` gives its colour and sign, `title` says what it is."""

    status: str
    title: str
    href: str | None = None


@frozen
class Head:
    """The head of a row or column of a matrix."""

    name: str
    href: str | None = None
    title: str = ""


def sparkline(values: Sequence[Decimal | int | None], label: str) -> Markup:
    """Return values as a line of 80 × 20 pixels with a dot at the last one; a missing value is a gap.

    `label` says what it shows and is its title. Without a value nothing is drawn.
    """
    kept = _thinned([None if value is None else Decimal(value) for value in values])
    known = [value for value in kept if value is not None]
    if not known:
        return Markup("")
    low, span = min(known), max(known) - min(known)
    step = Decimal(SPARK_WIDTH - 2 * SPARK_EDGE) / max(len(kept) - 1, 1)
    left = SPARK_EDGE if len(kept) > 1 else SPARK_WIDTH - SPARK_EDGE
    points = [
        None if value is None else (left + i * step, _height((value - low) / span if span else Decimal("0.5")))
        for i, value in enumerate(kept)
    ]
    runs = [[point for point in run if point] for known, run in groupby(points, bool) if known]
    line = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) + ("h0" if len(run) == 1 else "") for run in runs)
    x, y = runs[-1][-1]
    made = (
        f'<svg class="rb-spark" role="img" width="{SPARK_WIDTH}" height="{SPARK_HEIGHT}" '
        f'viewBox="0 0 {SPARK_WIDTH} {SPARK_HEIGHT}"><title>{encode(label)}</title>'
        f'<path d="{line}"/><circle class="rb-dot" cx="{x:.1f}" cy="{y:.1f}" r="2.5"/></svg>'
    )
    return Markup(made)  # noqa: S704 - made of numbers and encoded text


def _height(share: Decimal) -> Decimal:
    return SPARK_HEIGHT - SPARK_EDGE - share * (SPARK_HEIGHT - 2 * SPARK_EDGE)


def _thinned(values: Sequence[Decimal | None]) -> list[Decimal | None]:
    """Return at most some of many values: of each few the lowest and the highest, and the last one of all."""
    if len(values) <= SPARK_POINTS:
        return list(values)
    size = -(-2 * len(values) // SPARK_POINTS)
    kept: list[Decimal | None] = []
    for start in range(0, len(values) - 1, size):
        part = [
            (value, i)
            for i, value in enumerate(values[start : min(start + size, len(values) - 1)])
            if value is not None
        ]
        ends = sorted({min(part)[::-1], max(part)[::-1]}) if part else []
        kept += [value for _, value in ends] or [None]
    return [*kept, values[-1]]


def bar(segments: Sequence[Segment], label: str, *, legend: bool = False) -> Markup:
    """Return counts as one stacked bar, with their numbers and words below it where a `legend` is wanted.

    `label` says what is counted. Segments without a count are left out; without any nothing is drawn.
    """
    shown = [segment for segment in segments if segment.count > 0]
    if not shown:
        return Markup("")
    said = f"{label}: " + ", ".join(f"{one.count:,} {one.word}" for one in shown)
    drawn, left = "", Decimal(0)
    for one, width in zip(shown, _widths([one.count for one in shown]), strict=True):
        rect = f'<rect class="rb-box rb-{one.kind}" x="{left:.2f}%" width="{width:.2f}%" height="8"/>'
        named = Markup(f"<title>{one.count:,} {encode(one.word)}</title>{rect}")  # noqa: S704 - encoded
        # The words beside it lead there too.
        drawn += str(link(one.href, named, tabbed=False)) if one.href else f"<g>{named}</g>"
        left += width
    made = f'<svg class="rb-bar" role="group" aria-label="{encode(said)}" width="100%" height="8">{drawn}</svg>'
    words = [
        f'<span class="rb-legend rb-{one.kind}">'
        f'<span aria-hidden="true">■</span> {link(one.href, Markup(f"{one.count:,} {encode(one.word)}"))}</span>'  # noqa: S704
        for one in shown
    ]
    return Markup(made + (f'<span class="rb-bar-words">{" ".join(words)}</span>' if legend else ""))  # noqa: S704


def _widths(counts: Sequence[int]) -> list[Decimal]:
    """Return the widths of counts in percent, the small ones a little wider than they are."""
    shares = [max(Decimal(count) * 100 / sum(counts), LEAST) for count in counts]
    return [share * 100 / sum(shares) for share in shares]


def squares(cells: Sequence[Cell], label: str = "Rounds") -> Markup:
    """Return things as a wrapping row of squares of 11 pixels, each in the colour of its status; `label` says what they are.

    A list beside them must lead to the same things: a keyboard does not stop at the squares.
    """
    if not cells:
        return Markup("")
    counts: dict[str, int] = {}
    for cell in cells:
        word = cell.status.replace("-", " ") or "without status"
        counts[word] = counts.get(word, 0) + 1
    said = f"{label}: " + ", ".join(f"{count:,} {word}" for word, count in counts.items())
    drawn = "".join(map(_square, cells))
    return Markup(f'<span class="rb-squares" role="group" aria-label="{encode(said)}">{drawn}</span>')  # noqa: S704


def _square(cell: Cell) -> str:
    kind = f'class="rb-square rb-{cell.status or "unknown"}" title="{encode(cell.title)}"'
    if not cell.href:
        return f"<span {kind}></span>"
    return f'<a {kind} href="{html.escape(cell.href)}" tabindex="-1" aria-label="{encode(cell.title)}"></a>'


def matrix(rows: Sequence[Head], columns: Sequence[Head], cells: Mapping[tuple[int, int], Cell], label: str) -> Markup:
    """Return a table with a mark in the colour of a status where a row and a column meet; others stay empty.

    `cells` are by the numbers of their row and column. `label` is the caption. Nothing where it has no rows.
    """
    if not rows or not columns:
        return Markup("")
    head = "".join(f'<th scope="col">{_head(one)}</th>' for one in columns)
    body = "\n".join(
        f'<tr><th scope="row">{_head(row)}</th>'
        + "".join(f"<td>{_mark(cells[i, j]) if (i, j) in cells else ''}</td>" for j in range(len(columns)))
        + "</tr>"
        for i, row in enumerate(rows)
    )
    name = encode(label)
    made = (
        f'<div class="rb-scroll" role="region" aria-label="{name}" tabindex="0"><table class="rb-matrix">\n'
        f'<caption class="rb-hidden">{name}: {plural(len(rows), "row")}, {plural(len(columns), "column")}</caption>\n'
        f"<thead><tr><td></td>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>\n"
    )
    return Markup(made)  # noqa: S704 - encoded piece by piece


def _head(head: Head) -> Markup:
    return link(head.href, encode(head.name), title=head.title)


def _mark(cell: Cell) -> Markup:
    word = cell.status.replace("-", " ") or "no status"
    sign = Markup(f'<span aria-hidden="true">{MARKS.get(cell.status, "·")}</span><span class="rb-hidden">{word}</span>')  # noqa: S704
    kind = f"rb-meet rb-{cell.status or 'unknown'}"
    if cell.href:
        return link(cell.href, sign, title=cell.title, kind=kind)
    return Markup(f'<span class="{kind}" title="{encode(cell.title)}">{sign}</span>')  # noqa: S704
