"""A drawing of which decisions replaced and amended which: boxes below one another, the newest at the top.

What one decision replaced stands below it; where that is more than one, to the right below it, as in a tree. All other
relations are lines at the right side. So a drawing is as narrow as a phone, whatever its number of boxes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from markupsafe import Markup

from roundbook.frozen import frozen
from roundbook.site.escape import encode
from roundbook.site.widgets import link

Kind = Literal["replaces", "amends", "mentions"]
WIDTH, PAD, GAP, INDENT, LANE = 264, 12, 20, 28, 10
TITLE, NOTE, LINE = 13, 11, 17  # sizes of letters, and the height of a line
TRUNKS: Mapping[str, int] = {"replaces": 10, "amends": 18}
CHAIN, MOST = 5, 16
# Widths of letters in a bold wide font, in hundredths of their size; in most fonts they are less.
_WIDTHS = {
    **dict.fromkeys("ijlI|'.,:;!", 40),
    **dict.fromkeys('ftrJ()[]{}-"/\\` ', 50),
    **dict.fromkeys("acesvxyzk", 68),
    **dict.fromkeys("0123456789?", 72),
    **dict.fromkeys("mwMW@%—…→", 112),
}


@frozen
class Node:
    """A decision: `note` is the line of grey below its title, `href` its page where that is another one."""

    name: str
    title: str
    note: str = ""
    status: str = ""
    href: str | None = None


class Edge(NamedTuple):
    """A relation of a newer decision to an older one."""

    new: str
    old: str
    kind: Kind


class Box(NamedTuple):
    """A box with the lines of the title that fit into it, and the note."""

    x: int
    y: int
    height: int
    lines: tuple[str, ...]
    note: str

    @property
    def right(self) -> int:
        """Return its right edge."""
        return self.x + WIDTH

    @property
    def middle(self) -> int:
        """Return the middle of its height."""
        return self.y + self.height // 2


@frozen
class Layout:
    """Where everything is: the boxes by name, and the lines as the relation with its path."""

    boxes: Mapping[str, Box]
    paths: Sequence[tuple[Edge, str]]
    width: int
    height: int


def measured(text: str, size: int) -> int:
    """Return at most how wide a text is in pixels."""
    return -(-sum(map(_width, text)) * size // 100)


def _width(letter: str) -> int:
    known = _WIDTHS.get(letter)
    if known is not None:
        return known
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    if letter.isascii():
        return 88 if letter.isupper() else 74
    if "\ufdf0" <= letter <= "\ufdff":  # whole sentences in one letter
        return 1100
    return 140 if ord(letter) > 0xFFFF or unicodedata.east_asian_width(letter) in "WF" else 115


def wrapped(text: str, width: int, size: int, lines: int = 1) -> tuple[str, ...]:
    """Return a text on at most so many lines, none wider than the width, the last one with an ellipsis where it is cut."""
    found: list[str] = []
    rest = " ".join(text.split())
    while rest:
        if measured(rest, size) <= width:
            return (*found, rest)
        last = len(found) == lines - 1
        end = _fitting(rest, width - (measured("…", size) if last else 0), size)
        if last:
            return (*found, rest[:end].rstrip() + "…")
        blank = rest.rfind(" ", 1, end + 1)
        end = blank if blank > 0 else end
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(found)


def _fitting(text: str, width: int, size: int) -> int:
    """Return how many letters of a text fit; marks and joiners stay with the letter before them."""
    end = 1
    while end < len(text) and measured(text[: end + 1], size) <= width:
        end += 1
    while end > 1 and end < len(text) and (_width(text[end]) == 0 or text[end - 1] == "\u200d"):
        end -= 1
    return end


# ------------------------------------------------------------------------------------------------ what is drawn


class Fold(NamedTuple):
    """What is drawn, and how many decisions that lead there are not: `earlier` and `later` ones, and `others`."""

    names: frozenset[str]
    earlier: int = 0
    later: int = 0
    others: int = 0


def folded(names: Sequence[str], edges: Collection[Edge], present: str) -> Fold:
    """Return all of a small family, and of one with a chain of more than five the nearest to the `present` decision."""
    news, olds = _sides(edges)
    order, parents = _order(names, edges)
    depth: dict[str, int] = {}
    for name in order:
        depth[name] = depth.get(parents.get(name, ""), 0) + 1
    if len(names) <= MOST and max(depth.values(), default=0) <= CHAIN:
        return Fold(frozenset(names))
    kept, layer = {present: None}, [present]
    while layer and len(kept) < CHAIN:
        layer = [o for name in layer for o in (*news.get(name, ()), *olds.get(name, ())) if o not in kept]
        kept |= dict.fromkeys(layer[: MOST - len(kept)])
    left = set(names) - kept.keys()
    earlier, later = _reached(present, olds) & left, _reached(present, news) & left
    return Fold(frozenset(kept), len(earlier), len(later - earlier), len(left - earlier - later))


def _sides(edges: Iterable[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Return the newer and the older decisions of each, without those that are only mentioned."""
    news: dict[str, list[str]] = {}
    olds: dict[str, list[str]] = {}
    for edge in edges:
        if edge.kind != "mentions":
            news.setdefault(edge.old, []).append(edge.new)
            olds.setdefault(edge.new, []).append(edge.old)
    return news, olds


def _reached(start: str, leads: Mapping[str, Sequence[str]]) -> set[str]:
    found, work = {start}, [start]
    while work:
        near = [name for name in leads.get(work.pop(), ()) if name not in found]
        found.update(near)
        work += near
    return found


def _order(names: Sequence[str], edges: Iterable[Edge]) -> tuple[list[str], dict[str, str]]:
    """Return the names with each newer one before what it replaced, and below which one each of these hangs."""
    news, olds = _sides(edge for edge in edges if edge.new in names and edge.old in names)
    waits = {name: len(set(news.get(name, ()))) for name in names}
    work = [name for name in reversed(names) if not waits[name]]
    order: list[str] = []
    parents: dict[str, str] = {}
    placed: set[str] = set()
    left = iter(names)
    while len(order) < len(names):
        name = work.pop() if work else next(one for one in left if one not in placed)  # one of a ring
        if name in placed:
            continue
        placed.add(name)
        order.append(name)
        ready = []
        for old in dict.fromkeys(olds.get(name, ())):
            waits[old] -= 1
            if old not in placed:
                parents[old] = name
                ready += [old] if not waits[old] else []
        work += reversed(ready)
    place = {name: i for i, name in enumerate(order)}
    return order, {old: new for old, new in parents.items() if place[new] < place[old]}


# ------------------------------------------------------------------------------------------------ where it is drawn


def layout(nodes: Sequence[Node], edges: Collection[Edge]) -> Layout:
    """Return where the boxes and lines of decisions are."""
    by_name = {node.name: node for node in _together(nodes, edges)}
    known = (edge for edge in edges if edge.new in by_name and edge.old in by_name and edge.new != edge.old)
    own = tuple(dict.fromkeys(known))
    order, parents = _order(tuple(by_name), own)
    below: dict[str, list[str]] = {}
    for old in order:
        if old in parents:
            below.setdefault(parents[old], []).append(old)
    boxes: dict[str, Box] = {}
    y = 2
    for i, name in enumerate(order):
        parent = parents.get(name, "")
        x = boxes[parent].x + (INDENT if len(below[parent]) > 1 else 0) if parent else 2
        lines = wrapped(by_name[name].title, WIDTH - 2 * PAD, TITLE, 2) or ("…",)
        note = "".join(wrapped(by_name[name].note, WIDTH - 2 * PAD, NOTE))
        y += GAP // 2 if i and not parent else 0
        boxes[name] = Box(x, y, 12 + LINE * (len(lines) + bool(note)), lines, note)
        y += boxes[name].height + GAP
    hung: dict[tuple[str, str], Edge] = {}
    for edge in own:
        if parents.get(edge.old) == edge.new and edge.kind != "mentions" and _is_free(boxes, edge):
            hung.setdefault(edge[:2], edge)
    paths = [(edge, _hung(boxes[edge.new], boxes[edge.old], edge.kind)) for edge in hung.values()]
    beside, width = _beside(boxes, [edge for edge in own if hung.get(edge[:2]) != edge])
    return Layout(boxes, (*paths, *beside), width, y - GAP + 2)


def _together(nodes: Sequence[Node], edges: Iterable[Edge]) -> list[Node]:
    """Return decisions with those that a relation connects behind one another."""
    near: dict[str, list[str]] = {}
    for edge in edges:
        near.setdefault(edge.new, []).append(edge.old)
        near.setdefault(edge.old, []).append(edge.new)
    family: dict[str, int] = {}
    for i, node in enumerate(nodes):
        if node.name not in family:
            family |= dict.fromkeys(_reached(node.name, near), i)
    return sorted(nodes, key=lambda node: family[node.name])


def _is_free(boxes: Mapping[str, Box], edge: Edge) -> bool:
    """Tell whether a line down from the newer decision would cross no box, as in a ring it may."""
    new, old = boxes[edge.new], boxes[edge.old]
    return all(box.x > new.x + INDENT // 2 for box in boxes.values() if new.y < box.y < old.y)


def _hung(new: Box, old: Box, kind: Kind) -> str:
    # All lines below a box begin at its foot, so that the dashes of several lie on one another.
    x, foot = new.x + TRUNKS[kind], new.y + new.height
    end = f"V{old.middle} H{old.x}" if old.x > new.x else f"V{old.y}"
    return f"M{x},{foot} {end} M{x - 4},{foot + 7} L{x},{foot} L{x + 4},{foot + 7}"


def _beside(boxes: Mapping[str, Box], edges: Iterable[Edge]) -> tuple[list[tuple[Edge, str]], int]:
    """Return the lines at the right side, one for each older decision, and the width with them."""
    right = max((box.right for box in boxes.values()), default=0)
    groups: dict[tuple[str, Kind], list[Edge]] = {}
    for edge in edges:
        groups.setdefault((edge.old, edge.kind), []).append(edge)
    lanes: list[list[tuple[int, int]]] = []
    found: list[tuple[Edge, str]] = []
    for (old, kind), some in groups.items():
        middles = [boxes[name].middle for name in (old, *(edge.new for edge in some))]
        top, foot = min(middles), max(middles)
        n = next((n for n, lane in enumerate(lanes) if all(foot < a or top > b for a, b in lane)), len(lanes))
        if n == len(lanes):
            lanes.append([])
        lanes[n].append((top, foot))
        x, shift = right + LANE * (n + 1), n % 4 * 5
        for edge in some:
            new, y = boxes[edge.new], boxes[edge.new].middle + shift
            head = "" if kind == "mentions" else f" M{new.right + 7},{y - 4} L{new.right},{y} L{new.right + 7},{y + 4}"
            found.append((edge, f"M{boxes[old].right},{boxes[old].middle + shift} H{x} V{y} H{new.right}{head}"))
    return found, right + LANE * len(lanes) + 4


# ------------------------------------------------------------------------------------------------ the drawing


def drawn(nodes: Sequence[Node], edges: Collection[Edge], label: str, present: str = "") -> Markup:
    """Return the drawing, with the `present` decision outlined; `label` says what it shows."""
    made = layout(nodes, edges)
    by_name = {node.name: node for node in nodes}
    lines = ""
    for edge, path in made.paths:
        said = f"{by_name[edge.new].title} {edge.kind} {by_name[edge.old].title}"
        lines += f'<path class="rb-edge rb-{edge.kind}" d="{path}"><title>{encode(said)}</title></path>'
    boxes = "".join(_box(by_name[name], box, present=name == present) for name, box in made.boxes.items())
    return Markup(  # noqa: S704 - made of numbers and encoded text
        f'<svg class="rb-graph" role="group" aria-label="{encode(label)}" viewBox="0 0 {made.width} {made.height}" '
        f'width="{made.width}" height="{made.height}">'
        f'<g transform="translate(.5 .5)">{lines}</g>{boxes}</svg>'
    )


def _box(node: Node, box: Box, *, present: bool) -> str:
    kind = f"rb-box rb-{node.status}{' rb-here' if present else ''}"
    rect = f'<rect class="{kind}" width="{WIDTH - 2}" height="{box.height - 2}" x="1" y="1" rx="6"/>'
    lines = "".join(
        f'<text x="{PAD}" y="{LINE * (i + 1) + 2}">{encode(line)}</text>' for i, line in enumerate(box.lines)
    )
    note = f'<text class="rb-small" x="{PAD}" y="{box.height - 9}">{encode(box.note)}</text>' if box.note else ""
    inner = Markup(f"<title>{encode(node.title)}</title>{rect}{lines}{note}")  # noqa: S704 - encoded
    shown = Markup(f'<g aria-current="true">{inner}</g>') if present else link(node.href, inner)  # noqa: S704
    # A drawing inside the drawing cuts what a font that is wider than any known one would write past the box.
    return f'<svg x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}">{shown}</svg>'
