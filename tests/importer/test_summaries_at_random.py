"""Tests that importing random notes gives valid files and loses no word."""

from __future__ import annotations

import itertools
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.adr.fields import FIELDS
from roundbook.importer.records import summaries
from roundbook.importer.vocabulary import meanings, name_of
from roundbook.importer.words import COLUMNS, HEADINGS, KEYS
from test_summaries import faults, missing, read, texts

# What may stand in a note. `§` becomes a word that is nowhere else, since what is said twice may be found in either place.
WORDS = st.sampled_from(
    """cache|the parser|done|Round 3|`src/a.rs`|`b.md`|1,048|87%|because|in progress|Ada|✅|#12|**bold**|(from Round 2)|→|->|x
    |Überraschung|検索|2026-02-17|4f2a91c|None|will|when|status: open|T-1|v0.3.0|TBD|<b>|[a](b.md)|no|**|--|:|\\|'|"|- x|~
    |&amp;""".replace("\n    ", "").split("|")
)
TEXT = st.lists(WORDS, min_size=1, max_size=5).map(lambda said: " ".join([*said, "§"]))
CELL = st.one_of(
    TEXT.map(lambda t: t.replace("|", "/")), st.just(""), st.sampled_from(["Done", "TBD", "8", "`x/y.py`"])
)
PHRASES = sorted({*FIELDS, *(phrase for table in (HEADINGS, KEYS) for phrases in table.values() for phrase in phrases)})
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


def numbered(text: str) -> str:
    """Return a text with a word of its own for each `§`."""
    count = itertools.count()
    return re.sub("§", lambda _: f"q{next(count)}", text)


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
    lambda title, blocks, parts: numbered("\n\n".join([*title, *blocks, *parts])),
    st.sampled_from(
        [[], ["# Phase 3 Round 4"], ["# Sprint 7 — done (v1.0.0)"], ["# Phase 2 Status"], ["---\nround: 2\n---"]]
    ),
    st.lists(BLOCK, max_size=2),
    st.lists(PART, max_size=5),
)


@given(NOTES)
def test_every_word_of_any_notes_is_found_in_valid_files(text: str) -> None:
    document = read(text.encode())
    made = texts(summaries([document]))
    assert faults(made) == []
    assert missing([document], made) == []


def test_importing_is_a_function_of_the_texts() -> None:
    text = b"# Phase 3 Round 4\n\n**Team**: Ada, Bo\n\n## Key Decision: A\n\nB because:\n- c\n"
    first, second = (summaries([read(text)]) for _ in range(2))
    assert [(one.key, one.tree, one.notes) for one in first] == [(one.key, one.tree, one.notes) for one in second]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "#",
        "# \n## \n### ",
        "```\nnever closed\n# no heading",
        "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n|",
        "# Round 1\n\n| # |\n|---|\n| x |",
        "<div>\n<script>alert(1)</script>\n\n{{ 1 + 1 }}\n<!-- open",
        "# Phase ../.. Round 4\n\ntext",
        "# Phase con Round 404",
        "**Round**: con\n**Phase**: ..\n\ntext",
        "---\nround: [1, 2]\nphase: {a: b}\n---\n# T",
        "---\nround: 1\nround: 2\n---\n",
        "# Round 1\r\n\r\n## Tasks\r\n- [x] a\r\n",
        "\ufeff# Round 1\n\n\u202eevil\u202c \x00 \x1b[31mred",
        "# Round 1\n\n## Decisions\n\n- \n- []\n-\n",
        "# Round 1\n\n## Key Decision: `con`\n\nx\n\n## Key Decision: `con`\n\ny",
        "# Sprint 1\n\n# Sprint 1\n\n# Sprint 2\n\n## Sprint 3\n",
        "> # Round 1\n> ## Agents\n> - Ada",
        "- " * 200 + "x",
        "# Round 1\n\n" + "".join("  " * n + "- x\n" for n in range(60)),
        "# Phase 3 Round 4\n\n## Agents\n\n| Agent | Status |\n|---|---|\n| \\| | `a \\| b` |\n",
        "# Round 0\n\n**Date**: 2026-02-30\n**Date**: 2026-13-01..2026-01-01\n**Commits**: HEAD, deadbeef, 1..2\n",
    ],
)
def test_whatever_a_file_holds_is_kept_in_valid_files(text: str) -> None:
    document = read(text.encode("utf-8", "surrogatepass"))
    made = texts(summaries([document]))
    assert faults(made) == []
    assert missing([document], made) == []


@pytest.mark.parametrize(
    "unit",
    [
        "## Heading {0}\n\ntext {0}\n\n",
        "## Decision {0}: t\n\n**Rationale**: r{0}\n\n",
        "# Sprint {0}\n\n**Goal**: g{0}\n\n",
        "- [x] task number {0}\n",
        "**Key {0}**: value\n",
        "| {0} | name{0} |\n",
        "word{0} ",
    ],
)
def test_the_work_grows_with_the_length_and_not_with_its_square(unit: str) -> None:
    def calls(count: int) -> int:
        head = "# Phase 3 Round 4\n\n## Tasks\n\n" + ("| ID | Task |\n|---|---|\n" if unit.startswith("|") else "")
        document = read((head + "".join(unit.format(n) for n in range(count))).encode())
        made = 0

        def seen(_frame: object, event: str, _argument: object) -> None:
            nonlocal made
            made += event in ("call", "c_call")

        sys.setprofile(seen)
        try:
            summaries([document])
        finally:
            sys.setprofile(None)
        return made

    calls(10)
    assert calls(800) < 8 * calls(200)


def test_five_megabytes_are_read() -> None:
    line = "a line of the log, which has some seventy letters and says nothing new\n"
    text = f"# Phase 3 Round 4\n\n## What the machine said\n\n```\n{line * 70_000}```\n"
    assert summaries([read(text.encode())])[0].tree["sections"] == [
        {"title": "What the machine said", "body": f"```\n{line * 70_000}```"}
    ]


@given(st.sampled_from(PHRASES), st.integers(1, 99))
def test_each_phrase_is_a_name_in_any_dress(phrase: str, number: int) -> None:
    topic = name_of(phrase).topic
    for dressed in (phrase.title(), phrase.upper(), f"{number}. {phrase}", f"**{phrase}**", f"🎯 {phrase}:"):
        assert name_of(dressed).topic == topic
        assert meanings(dressed) == meanings(phrase)
