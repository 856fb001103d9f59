"""In: notes made of the shapes of real ones, at random, and notes that nobody should write. Out: every atom, in valid files."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bring.test_summaries import faults, missing, read, texts
from roundbook.bring.summaries import Hints, summaries
from roundbook.bring.vocabulary import meanings, name_of
from roundbook.bring.words import COLUMNS, HEADINGS, KEYS, LABELS

WORDS = st.sampled_from(
    [
        "cache",
        "the parser",
        "done",
        "Round 3",
        "`src/a.rs`",
        "`b.md`",
        "1,048",
        "87%",
        "because",
        "in progress",
        "Ada",
        "✅",
        "#12",
    ]
    + [
        "**bold**",
        "(from Round 2)",
        "→",
        "->",
        "a | b",
        "Überraschung",
        "検索",
        "2026-02-17",
        "4f2a91c",
        "None",
        "x",
        "will",
        "when",
    ]
    + [
        "status: open",
        "T-1",
        "v0.3.0",
        "TBD",
        "<b>",
        "[a](b.md)",
        "no",
        "**",
        "--",
        ":",
        "\\",
        "'",
        '"',
        "- x",
        "~",
        "&amp;",
    ]
)
TEXT = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
CELL = st.one_of(
    TEXT.map(lambda t: t.replace("|", "/")), st.just(""), st.sampled_from(["Done", "TBD", "8", "`x/y.py`"])
)
PHRASES = sorted({phrase for table in (HEADINGS, KEYS, LABELS) for phrases in table.values() for phrase in phrases})
HEADS = sorted({phrase for table in COLUMNS.values() for phrases in table.values() for phrase in phrases})
TITLE = st.one_of(
    st.sampled_from(PHRASES).map(str.capitalize),
    st.builds("{} {}".format, st.sampled_from(PHRASES).map(str.title), TEXT),
    st.builds("{}: {}".format, st.sampled_from(["Key Decision", "Decision 3", "D-4", "A2", "Sprint 4"]), TEXT),
    st.sampled_from(
        ["Changes from Round 2", "What Round 2 Revealed", "Completed in Round 2", "Deferred to Round 9", "Week 3"]
    ),
    TEXT,
)
KEY = st.one_of(st.sampled_from(PHRASES).map(str.capitalize), TEXT.map(lambda t: t.replace("*", "")))
ITEM = st.builds(
    "{}{}{}".format,
    st.sampled_from(["- ", "- ", "* ", "1. ", "- [x] ", "- [ ] ", "  - "]),
    st.one_of(
        st.just(""),
        st.builds("**{}**: ".format, KEY),
        st.builds("**{}** -- ".format, KEY),
        st.builds("{}: ".format, KEY),
    ),
    TEXT,
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 5))
    heads = draw(st.lists(st.sampled_from([*HEADS, "#", "ETA", ""]), min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(CELL, min_size=1, max_size=width + 1), max_size=4))
    lines = [heads, ["---"] * width, *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


BLOCK = st.one_of(
    TEXT,
    st.lists(st.builds("**{}**: {}".format, KEY, TEXT), min_size=1, max_size=3).map("\n".join),
    st.builds("**{}:**".format, KEY),
    st.lists(ITEM, min_size=1, max_size=4).map("\n".join),
    tables(),
    st.builds("```\n{}\n```".format, TEXT),
    st.builds("> {}".format, TEXT),
    st.builds("{} because:\n- {}\n- {}".format, TEXT, TEXT, TEXT),
)
PART = st.builds(
    lambda level, title, blocks: "\n\n".join([f"{'#' * level} {title}", *blocks]),
    st.integers(1, 4),
    TITLE,
    st.lists(BLOCK, max_size=3),
)
NOTES = st.builds(
    lambda title, blocks, parts: "\n\n".join([*title, *blocks, *parts]),
    st.sampled_from(
        [[], ["# Phase 3 Round 4"], ["# Sprint 7 — done (v1.0.0)"], ["# Phase 2 Status"], ["---\nround: 2\n---"]]
    ),
    st.lists(BLOCK, max_size=2),
    st.lists(PART, max_size=5),
)


@given(NOTES)
def test_every_atom_of_any_notes_is_found_in_valid_files(text: str) -> None:
    document = read(text.encode())
    made = texts(summaries([document]))
    assert faults(made) == []
    assert missing([document], made) == []
