"""Tests of `fmt`: it loses nothing, and a second run changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml as other
from hypothesis import assume, given
from hypothesis import strategies as st

from roundbook.schema.round import Round
from roundbook.yamlfile import reader
from roundbook.yamlfile.roundtrip import Rewritten, formatted, parse, same
from roundbook.yamlfile.writer import canonical
from test_canonical import HARD, TEXTS


def fmt(text: str) -> str:
    done = formatted(text.encode(), "a.yml", Round)
    assert [str(f) for f in done.findings] == []
    again = formatted(done.data, "a.yml", Round)
    assert again == Rewritten(done.data)
    return done.data.decode()


def tree_of(text: str) -> reader.Node | None:
    tree, findings = reader.parse(text.encode(), "a.yml")
    return None if any(f.severity == "error" for f in findings) else tree


MESSY = """\

# licence: MIT

# yaml-language-server: $schema=../../round.schema.json


# what it is about
focus:   "A 'first' try"
x-focus: [a,
          b]   # of ours
agents:    # everybody
- task: >+
    Do it
    and do it

  # the name comes last
  name: Ada   # not her real one
  status: |
      done
# Bob was here before
- {status: planned, name: Bob, "note": 'it''s
   fine'}
   # and others
phase: 3 # the third
# number
round:
  # not the first
  4

summary: this is long
  and goes on
tags: [  # none
]
metrics: {b: {unit: ms, value: 1_000}, a: 0o17}
closed:

  # nothing yet
# the end
"""
TIDY = """\
# licence: MIT

# yaml-language-server: $schema=../../round.schema.json

# number
# not the first
round: 4
phase: 3  # the third
# what it is about
focus: "A 'first' try"
x-focus: [a, b]   # of ours
summary: this is long
  and goes on

agents:    # everybody
  # the name comes last
  - name: Ada   # not her real one
    task: >+
      Do it
      and do it

    status: |
      done
  # Bob was here before
  - {name: Bob, status: planned, "note": it's fine}
  # and others

metrics: {b: {value: 1_000, unit: ms}, a: 0o17}
tags: []  # none
closed:

# nothing yet
# the end
"""


def test_a_messy_file_becomes_tidy() -> None:
    assert fmt(MESSY) == TIDY

    assert fmt(TIDY) == TIDY


DUMPS = st.sampled_from(
    [
        lambda data: canonical(data, Round),
        lambda data: json.dumps(data, indent=1, ensure_ascii=False),
        lambda data: other.safe_dump(data, allow_unicode=True, width=20, sort_keys=False),
        lambda data: other.safe_dump(data, allow_unicode=True, width=30, default_flow_style=True),
        lambda data: other.safe_dump(data, allow_unicode=True, width=20, default_style='"'),
        lambda data: other.safe_dump(data, allow_unicode=True, width=20, default_style=">", indent=4),
        lambda data: other.safe_dump(
            data, allow_unicode=True, default_style="'", explicit_start=True, explicit_end=True
        ),
    ]
)
NAMES = st.sampled_from(
    ["round", "phase", "agents", "name", "task", "status", "metrics", "x-a", "goals", "title", "from"]
)
RECORDS = st.recursive(
    TEXTS | HARD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=5),
    max_leaves=15,
)
NOTES = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 8), st.sampled_from(["beside", "alone", "blank", "apart"])),
    max_size=8,
)


def noted(text: str, notes: list[tuple[int, int, str]]) -> tuple[str, int]:
    """Return the text with comments and blank lines put into it, each where YAML does not take it for text."""
    tree, count = tree_of(text), 0
    for at, column, kind in notes:
        lines = text.split("\n")
        at %= len(lines)
        if kind == "beside":
            lines[at] += f"{' ' * (column + 1)}# note {count}"
        else:
            added = [""] if kind == "blank" else ["", f"{' ' * column}# note {count}", ""]
            lines[at:at] = added if kind != "alone" else added[1:2]
        new = "\n".join(lines)
        if same(tree_of(new), tree):
            text, count = new, count + (kind != "blank")
    return text, count


@given(
    st.dictionaries(NAMES | TEXTS, RECORDS, min_size=1, max_size=5),
    DUMPS,
    NOTES,
)
def test_whatever_it_looks_like_no_text_and_no_comment_is_lost(data: Any, dump: Any, notes: Any) -> None:
    text, count = noted(dump(data), notes)
    before = tree_of(text)
    assume(before is not None)
    done = fmt(text)
    assert same(tree_of(done), before)
    assert done.count("# note ") == text.count("# note ") >= count


HOSTILE = {
    "nested brackets": "x-a: " + "[" * 38 + "a" + "]" * 38,
    "nested blocks": "x-a:\n" + "".join(f"{'  ' * i}a:\n" for i in range(1, 38)) + "  " * 38 + "b",
    "comments alone in their lines": "round: 1\n" + "# c\n" * 5_000 + "focus: x",
    "comments further and further in": "agents:\n  - a\n" + "".join(f"{' ' * (i % 90)}# {i}\n" for i in range(2_000)),
    "comments in brackets": "x-a: [\n" + "a, # c\n" * 2_000 + "b]",
    "a long line": f"x-a: [{'a, ' * 10_000}b]",
    "a long key": f"? {'k' * 5_000}\n: v",
    "blank lines": "round: 1" + "\n" * 50_000 + "focus: x",
    "signs of Markdown and Jinja": "focus: '{{ 7*7 }} <script> [a](javascript:1)'  # {% raw %} <!--",
    "an empty entry and an empty key": "agents:\n  -\n  - ~\n'': a\n~: b",
    "a text of blanks": 'x-a: "  "\nx-b: |+\n\n\nx-c: |2\n     a\n\nx-d: >2\n   b\n   c\n',
    "other scripts": "focus: 日本語 🎉 עברית\nx-é: 'ﷺ'\n'ключ': {'ف': 'ε'}",
    "tabs": 'focus:\t"a\tb"\t# c\nx-a: [a,\tb]',
    "a start, an end, and what is around them": "# a\n--- # b\n# c\nfocus: x\n... # d\n# e",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_written_whole(text: str) -> None:
    done = fmt(text)
    assert same(tree_of(done), tree_of(text))
    assert parse(done).comments == parse(text).comments


def test_what_would_be_lost_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = b"focus: x  # why\nround: 4\n"
    for wrong in ("focus: x\nround: 4\n", "focus: y  # why\nround: 4\n", "focus: x  # why\n", "focus: [  # why\n"):
        monkeypatch.setattr("roundbook.yamlfile.roundtrip.text_of", lambda _, wrong=wrong: wrong)
        done = formatted(before, "a.yml", Round)
        assert (done.data, [f.slug for f in done.findings]) == (before, ["not-formattable"])
