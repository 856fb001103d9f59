"""The drawing of decisions: text stays in its box, boxes and lines apart, and long chains are folded."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.site.charts.graph import (
    CHAIN,
    MOST,
    NOTE,
    PAD,
    TITLE,
    WIDTH,
    Edge,
    Layout,
    Node,
    drawn,
    folded,
    layout,
    measured,
    wrapped,
)

INNER = WIDTH - 2 * PAD
TEXTS = [
    "W" * 80,
    "决定" * 40,
    "👩‍👩‍👧‍👦🎉" * 20,
    "قرار بشأن استخدام قاعدة البيانات الجديدة في النظام بأكمله بدلا من القديم",
    "החלטה על שימוש במסד נתונים חדש בכל המערכת במקום הישן הזה",
    "Ｆｕｌｌ ｗｉｄｔｈ ｌｅｔｔｅｒｓ ｏｆ ａ ｔｉｔｌｅ",
    "e\u0301" * 90,
    "\ufdfd" * 9,
    "a",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_of_any_script_fits_its_box(text: str) -> None:
    lines = wrapped(text, INNER, TITLE, 2)
    assert len(lines) <= 2
    assert all(measured(line, TITLE) <= INNER for line in lines)
    shown = "".join(lines).replace(" ", "")
    assert shown == text.replace(" ", "") or (shown.endswith("…") and text.replace(" ", "").startswith(shown[:-1]))


@given(st.text(max_size=90), st.integers(1, 3))
def test_lines_are_never_wider_than_the_box_and_say_the_beginning(text: str, lines: int) -> None:
    made = wrapped(text, INNER, NOTE, lines)
    assert len(made) <= lines
    assert all(measured(line, NOTE) <= INNER or len(line) <= 2 for line in made)  # one letter may be wider than any box
    words = "".join(text.split())
    shown = "".join("".join(made).split())
    assert shown == words or words.startswith(shown.removesuffix("…"))


def node(name: str) -> Node:
    return Node(name, f"Decision {name} of some length, which takes two lines", "accepted, 3/4", "accepted", f"{name}/")


def chain(length: int) -> tuple[list[str], list[Edge]]:
    names = [f"d{i}" for i in range(length)]
    return names, [Edge(new, old, "replaces") for old, new in pairwise(names)]


def fan(width: int) -> tuple[list[str], list[Edge]]:
    names = ["top", *(f"d{i}" for i in range(width))]
    return names, [Edge("top", name, "amends" if i % 3 else "replaces") for i, name in enumerate(names[1:])]


def _apart(made: Layout) -> None:
    """Assert that boxes are apart from one another, inside the drawing, and crossed by no line."""
    boxes = list(made.boxes.values())
    for one, other in combinations(boxes, 2):
        assert one.y + one.height < other.y or other.y + other.height < one.y
    assert all(box.x >= 0 and box.right <= made.width and box.y + box.height <= made.height for box in boxes)
    for edge, path in made.paths:
        ends = [made.boxes[edge.new], made.boxes[edge.old]]
        for x, top, foot in _uprights(path):
            assert 0 <= x <= made.width
            crossed = [box for box in boxes if box.x < x < box.right and box.y < foot and top < box.y + box.height]
            assert all(box in ends for box in crossed), (edge, path)


def _uprights(path: str) -> list[tuple[int, int, int]]:
    """Return the upright parts of a line."""
    found, x, y = [], 0, 0
    for command, rest in re.findall(r"([MLHV])([\d,]+)", path.partition(" M")[0]):
        if command == "V":
            found.append((x, min(y, int(rest)), max(y, int(rest))))
            y = int(rest)
        elif command == "H":
            x = int(rest)
        else:
            x, y = map(int, rest.split(","))
    return found


@pytest.mark.parametrize(
    ("names", "edges"), [*(chain(n) for n in (2, 3, 5, 20)), *(fan(n) for n in range(1, 13))], ids=str
)
def test_boxes_are_apart_and_as_narrow_as_a_phone(names: list[str], edges: list[Edge]) -> None:
    made = layout([node(name) for name in names], edges)
    _apart(made)
    assert made.width <= 328
    assert len(made.paths) == len(edges)
    for edge in edges:
        assert made.boxes[edge.new].y < made.boxes[edge.old].y


_EDGE = st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(["replaces", "amends", "mentions"]))


@given(st.integers(1, 10), st.lists(_EDGE, max_size=20))
def test_any_relations_even_rings_are_drawn_apart(count: int, pairs: list[tuple[int, int, str]]) -> None:
    edges = [Edge(f"d{new}", f"d{old}", kind) for new, old, kind in pairs]  # type: ignore[arg-type]
    made = layout([node(f"d{i}") for i in range(count)], edges)
    _apart(made)
    known = {edge for edge in edges if {edge.new, edge.old} <= made.boxes.keys() and edge.new != edge.old}
    assert {edge for edge, _ in made.paths} == known
    assert len(made.paths) == len(known)


@pytest.mark.parametrize(
    ("length", "present", "left"),
    [(5, 4, (0, 0)), (5, 0, (0, 0)), (6, 5, (1, 0)), (20, 19, (15, 0)), (20, 0, (0, 15)), (20, 9, (7, 8))],
)
def test_a_long_chain_is_folded_around_the_present(length: int, present: int, left: tuple[int, int]) -> None:
    names, edges = chain(length)
    fold = folded(names, edges, names[present])
    assert (fold.earlier, fold.later, fold.others) == (*left, 0)
    assert names[present] in fold.names
    assert len(fold.names) == CHAIN


def test_a_wide_family_is_folded_to_what_a_screen_holds() -> None:
    assert len(folded(*fan(12), "top").names) == 13
    wide = folded(*fan(30), "top")
    assert (len(wide.names), wide.earlier) == (MOST, 31 - MOST)
    sister = folded(*fan(30), "d7")
    assert {"d7", "top"} <= sister.names
    assert (len(sister.names), sister.others) == (MOST, 31 - MOST)


def test_the_present_is_outlined_and_all_others_are_links_in_the_order_that_is_seen() -> None:
    names, edges = chain(3)
    made = str(drawn([node(name) for name in names], edges, 'Which "replaced" which', "d1"))
    assert made.count("rb-here") == made.count("aria-current") == 1
    assert re.findall(r'href="(\w+)/"', made) == ["d2", "d0"]
    assert 'aria-label="Which &#34;replaced&#34; which"' in made
    assert made == str(drawn([node(name) for name in names], edges, 'Which "replaced" which', "d1"))


def test_text_of_git_is_escaped() -> None:
    made = str(drawn([Node("a", "<script>*x*{{ 7 }}", "]]>&", "accepted", 'x"y')], [], "<b>"))
    assert not re.search(r"<script|<b>|\{\{|\*", made)
