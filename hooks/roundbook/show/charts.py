"""In: decisions and metrics. Out: drawings as inline SVG that follow the site's colours, each with the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from markupsafe import Markup

from roundbook.book.facts import Ruling
from roundbook.book.model import Book
from roundbook.show import addresses
from roundbook.show.encode import cut, encode
from roundbook.show.here import Here
from roundbook.show.marks import MARKS, link, status
from roundbook.show.prose import plain

BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 240, 48, 56, 16
LINE_WIDTH, LINE_HEIGHT, MARGIN = 640, 120, 12


def lineage(book: Book, here: Here, rulings: Sequence[Ruling]) -> Markup:
    """Draw which decisions replaced which, older ones to the left, and list the same below."""
    names = {r.id for r in rulings}
    columns = _columns({r.id: [n for n in (*r.supersedes, *r.amends) if n in names] for r in rulings})
    places = {name: (x, y) for x, column in enumerate(columns) for y, name in enumerate(column)}
    width = len(columns) * (BOX_WIDTH + GAP_X) - GAP_X + 4
    height = max(len(c) for c in columns) * (BOX_HEIGHT + GAP_Y) - GAP_Y + 4
    edges = [_edge(places[old], places[r.id], "") for r in rulings for old in r.supersedes if old in places]
    edges += [_edge(places[old], places[r.id], " rb-amends") for r in rulings for old in r.amends if old in places]
    boxes = [_box(here, r, places[r.id]) for r in rulings]
    words = [w for r in rulings for w in _words(book, here, r)]
    drawing = (
        f'<svg role="group" aria-label="Which decisions replaced which; the list below says the same" '
        f'viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(edges)}{"".join(boxes)}</svg>'
    )
    made = (
        f'<figure class="rb-figure"><div class="rb-scroll" role="region" aria-label="Drawing" tabindex="0">{drawing}</div>'
        f'<figcaption><ul class="rb-plain">{"".join(words)}</ul></figcaption></figure>\n'
    )
    return Markup(made)  # noqa: S704 - made of numbers and encoded text


def _columns(older: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the names in columns, each to the right of what it replaced; a ring ends where it would come back."""
    depth: dict[str, int] = {}
    for start in older:
        work: list[tuple[str, bool]] = [(start, False)]
        path: set[str] = set()
        while work:
            name, left = work.pop()
            if left:
                path.discard(name)
                depth[name] = 1 + max((depth[o] for o in older[name] if o in depth), default=-1)
            elif name not in depth and name not in path:
                path.add(name)
                work.append((name, True))
                work += [(o, False) for o in older[name]]
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name in older:
        columns[depth[name]].append(name)
    return columns


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return 2 + place[0] * (BOX_WIDTH + GAP_X), 2 + place[1] * (BOX_HEIGHT + GAP_Y)


def _edge(old: tuple[int, int], new: tuple[int, int], kind: str) -> str:
    x1, y1 = _corner(old)
    x2, y2 = _corner(new)
    x1, y1, y2 = x1 + BOX_WIDTH, y1 + BOX_HEIGHT // 2, y2 + BOX_HEIGHT // 2
    bend = (x1 + x2) // 2
    head = f"M{x2 - 7},{y2 - 4} L{x2},{y2} L{x2 - 7},{y2 + 4}"
    return f'<path class="rb-edge{kind}" d="M{x1},{y1} C{bend},{y1} {bend},{y2} {x2},{y2} {head}"/>'


def _box(here: Here, ruling: Ruling, place: tuple[int, int]) -> str:
    x, y = _corner(place)
    name = encode(cut(plain(ruling.decision.title), 32))
    shape = (
        f'<rect class="rb-box rb-{ruling.status}" x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>'
    )
    text = f'<text x="{x + 10}" y="{y + 20}">{name}</text>'
    where = encode(cut(ruling.round or ruling.id, 24))
    small = f'<text x="{x + 10}" y="{y + 38}">{MARKS.get(ruling.status, "·")} {ruling.shown_words} in {where}</text>'
    url = here.to(addresses.decision(ruling.id))
    inner = f"{shape}{text}{small}"
    return str(link(url, Markup(inner))) if url else inner  # noqa: S704


def _words(book: Book, here: Here, ruling: Ruling) -> list[str]:
    found: list[str] = []
    for word, targets in (("replaces", ruling.supersedes), ("amends", ruling.amends)):
        for target in targets:
            other = book.rulings[target]
            new = link(here.to(addresses.decision(ruling.id)), encode(plain(ruling.decision.title)))
            old = link(here.to(addresses.decision(target)), encode(plain(other.decision.title)))
            found.append(f"<li>{new} {status(ruling.shown)} {word} {old}</li>")
    return found


def line(values: Sequence[tuple[str, Decimal]], label: str) -> Markup:
    """Draw a metric over the rounds as a line; nothing for less than two values. The table beside it has the numbers.

    The drawing stretches to any width, so its words stand beside it: text in it would stretch, or shrink away on a phone.
    """
    if len(values) < 2:
        return Markup("")
    low, high = min(v for _, v in values), max(v for _, v in values)
    span = (high - low) or Decimal(1)
    step = Decimal(LINE_WIDTH - 2 * MARGIN) / (len(values) - 1)
    points = [
        f"{MARGIN + i * step:.1f},{LINE_HEIGHT - MARGIN - (v - low) / span * (LINE_HEIGHT - 2 * MARGIN):.1f}"
        for i, (_, v) in enumerate(values)
    ]
    dots = " ".join(
        f"M{point} h0" for point in points
    )  # a line of no length with round ends stays round when stretched
    (first, start), (last, end) = values[0], values[-1]
    said = f"{label}: from {start:,} in {first} to {end:,} in {last}"
    drawing = (
        f'<figure class="rb-figure"><svg class="rb-trend" role="img" aria-label="{encode(said)}" '
        f'viewBox="0 0 {LINE_WIDTH} {LINE_HEIGHT}" preserveAspectRatio="none">'
        f'<path d="M{" L".join(points)}"/><path class="rb-dots" d="{dots}"/></svg>'
        f'<div class="rb-ends" aria-hidden="true">{_end(first, start)}{_end(last, end)}</div></figure>\n'
    )
    return Markup(drawing)  # noqa: S704 - made of numbers and encoded text


def _end(name: str, value: Decimal) -> str:
    return f'<span><strong>{value:,}</strong> <span class="rb-note">{encode(name)}</span></span>'
