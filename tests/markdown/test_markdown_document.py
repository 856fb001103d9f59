"""Tests of the Markdown reader: blocks with their lines, and no line lost."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.importer.statements import Statement, statements
from roundbook.markdown import (
    Bullets,
    Code,
    Grid,
    Pairs,
    Paragraph,
    Quote,
    Verbatim,
    document,
    lead_of,
    pair_of,
    parse,
    remark_of,
)

SUMMARY = Path(__file__).parents[1] / "documents" / "round-summary.md"
LETTERS = "abcé✅"  # none of which stands in the marks of blocks below
WORDS = st.text(LETTERS + " 01`*_[]()<>&|\\#-+.:=\"'\tx", max_size=24).filter(lambda t: "```" not in t)
LINES = st.lists(
    st.one_of(
        WORDS,
        st.builds("{} {}".format, st.sampled_from(["#", "##", "-", "1.", ">", "- [x]", "  -", "    "]), WORDS),
        st.builds("**{}**: {}".format, WORDS, WORDS),
        st.builds("| {} | {} |".format, WORDS, WORDS),
        st.sampled_from(["", "---", "```", "|---|---|", "===", "<div>", "[x]: y", "~~~ py", "***"]),
    ),
    max_size=14,
)


def shape(text: str) -> list[str]:
    read = document(text)
    return [type(one).__name__ for one in (*read.blocks, *(b for part in read.walk() for b in part.blocks))]


def test_parts_stand_below_each_other_with_their_lines() -> None:
    read = document("# A\n\n## B\n\ntext\n\n## C\n# D ##\n")
    assert [(p.title, p.level, p.line, p.end) for p in read.walk()] == [
        ("A", 1, 1, 7),
        ("B", 2, 3, 6),
        ("C", 2, 7, 7),
        ("D", 1, 8, 9),
    ]
    assert read.parts[0].parts[0].blocks == (Paragraph("text", 5, 5),)


def test_pairs_stand_one_below_the_other_or_side_by_side() -> None:
    read = document("intro\n**Date**: 2026-02-17 | **Status:** done  \n__Focus__: a\nand more\n")
    assert isinstance(read.blocks[1], Pairs)
    assert [(p.key, p.value, p.line) for p in read.blocks[1].pairs] == [
        ("Date", "2026-02-17", 2),
        ("Status", "done", 2),
        ("Focus", "a\nand more", 3),
    ]


@pytest.mark.parametrize("text", ["**Bold** words", "**Decision 1: take it**", "Key: value", "**a** b: c", "**: x**"])
def test_what_is_no_pair(text: str) -> None:
    assert pair_of(text) is None


def test_a_row_keeps_cells_beyond_the_last_column_and_bars_of_the_text() -> None:
    (grid,) = document("| a | b |\n|---|:-:|\n| `x \\| y` | z | more |\n| one\n").blocks
    assert isinstance(grid, Grid)
    assert [row.cells for row in grid.rows] == [("`x | y`", "z", "more"), ("one",)]


def test_boxes_nested_lists_and_numbers() -> None:
    (bullets,) = document("3. [x] done\n   - inner\n\n     para\n4. [ ] open\n").blocks
    assert isinstance(bullets, Bullets)
    assert (bullets.ordered, bullets.first, [i.checked for i in bullets.items]) == (True, 3, [True, False])
    (inner,) = bullets.items[0].blocks
    assert isinstance(inner, Bullets)
    assert inner.items[0].blocks == (Paragraph("para", 4, 4),)


def test_blocks_of_other_kinds() -> None:
    text = "> q\n> - i\n\n```py\nx = 1\n```\n\n    y\n\n<p>\nhtml\n\n[ref]: https://example.org 'T'\n\n***\n"
    assert shape(text) == ["Quote", "Code", "Code", "Verbatim", "Verbatim"]
    read = document(text)
    assert isinstance(read.blocks[0], Quote)
    assert read.blocks[1] == Code("x = 1", "py", 4, 6)
    assert read.blocks[-1] == Verbatim("[ref]: https://example.org 'T'", 13, 13)


def test_front_matter_is_a_mapping_with_places_or_stays_text() -> None:
    read = document("---\nround: 008\nagents: [a, b]\n---\n# T\n")
    assert read.front == {"round": "008", "agents": ["a", "b"]}
    assert [(a.kind, a.text, a.line) for a in statements(read)][:3] == [
        ("key", "round", 2),
        ("value", "008", 2),
        ("key", "agents", 3),
    ]
    broken = document("---\na: 1\na: 2\n---\n# T\n")
    assert broken.front == {}
    assert {a.text for a in statements(broken)} >= {"a: 1\na: 2", "T"}


def test_bytes_that_are_no_text_are_findings() -> None:
    assert parse(b"\xff\xfe#\0", "a.md")[1][0].slug == "not-utf8"
    assert parse(b"# x" * 2_000_000, "a.md")[0] is None
    read, findings = parse(b"\xef\xbb\xbf# T\r\n\r\n**A**: b\r\n\x1b[2J", "a.md")
    assert read is not None
    assert (read.parts[0].title, [f.slug for f in findings]) == ("T", ["control-character"])


def test_leads_and_remarks() -> None:
    assert lead_of("**WASM fails** -- since the target") == ("WASM fails", "since the target")
    assert lead_of("**WASM fails**: since") == ("WASM fails", "since")
    assert lead_of("**bold** and more") is None
    assert remark_of("1,048 (from Round 3)") == ("1,048", "from Round 3")
    assert remark_of("f(x)") == ("f", "x")


def test_a_summary_is_cut_into_statements() -> None:
    found = statements(document(SUMMARY.read_text("utf-8")))
    kinds = {"heading": 10, "key": 4, "value": 4, "cell": 74, "bullet": 23, "paragraph": 3}
    assert Counter(a.kind for a in found) == kinds
    assert Statement("value", "1,312 (from Round 3)", 6, (7, 0)) in found


@given(LINES)
def test_no_letter_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    said = "".join(one.text for one in statements(document(text)))
    assert Counter(c for c in text if c in LETTERS) - Counter(said) == Counter()


@pytest.mark.parametrize(
    "text",
    ["- " * 5000 + "x", ">" * 5000 + " x", "".join("  " * n + "- x\n" for n in range(200)), "> - " * 900 + "x"],
)
def test_what_is_nested_too_deep_is_kept_as_it_stands(text: str) -> None:
    assert any("x" in one.text for one in statements(document(text)))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[" * 200_000, 1),
        ("a" + "**" * 100_000, 1),
        ("a | b\n-|-\n" + "x|" * 100_000, 100_002),
        ("x" + "`" * 100_000, 1),
        ("<a " * 50_000, 1),
    ],
)
def test_long_lines_are_read(text: str, count: int) -> None:
    assert len(statements(document(text))) == count


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("a\n\n\n---\n", "a"),
        ("a\n\n- - -  \n\n", "a"),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("a\nb ---", "a\nb ---"),
        ("***", ""),
        ("a" + "\n" * 100_000 + "b", "a" + "\n" * 100_000 + "b"),
    ],
)
def test_the_rule_that_ends_a_section_is_no_text(section: str, text: str) -> None:
    assert document(section).text(1, section.count("\n") + 1) == text
