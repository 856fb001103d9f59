"""Tests of the canonical form: data is written as a person would write it, and reads back the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roundbook.rounds import load
from roundbook.schema.ids import HIDDEN
from roundbook.schema.round import Round
from roundbook.yamlfile import reader
from roundbook.yamlfile.writer import Data, canonical
from test_properties import records

TREE: dict[str, Data] = {
    "metrics": {"zeta": {"value": "3.5", "unit": "ms"}, "alpha": {"value": "0123456"}},
    "x-ours": "kept",
    "agents": [
        {"status": "done", "name": "Ada", "deliverables": [{"paths": ["a.rs", "b/c.rs"], "title": "The parser"}]},
        {"name": "Bob"},
    ],
    "summary": "One.\n\nTwo.\n",
    "tables": [{"rows": [["`cargo test`, twice", "NO"], ["", "1.10"]], "columns": ["What", "So"], "title": "Sizes"}],
    "decisions": [
        {
            "rationale": ["It saves us a week of work, and nobody misses the rest", "It is so"],
            "title": "Go: `on`",
            "details": {"Who asked": "Eve", "At": "12:30"},
            "commits": [{"id": "abcdef0"}, {"from": "v1", "to": "v2"}],
        }
    ],
    "goals": ["Be fast, and stay so", {"title": "No longer than needed"}],
    "team": {"mode": "concurrent"},
    "focus": "A first try",
    "date": "2026-02-17",
    "phase": "3",
    "round": "4",
}
WRITTEN = """\
# yaml-language-server: $schema=../../round.schema.json
round: 4
phase: 3
date: 2026-02-17
focus: A first try
summary: |
  One.

  Two.
team: concurrent

agents:
  - name: Ada
    status: done
    deliverables:
      - title: The parser
        paths: [a.rs, b/c.rs]
  - Bob

goals:
  - Be fast, and stay so
  - No longer than needed

decisions:
  - title: "Go: `on`"
    rationale:
      - It saves us a week of work, and nobody misses the rest
      - It is so
    commits:
      - abcdef0
      - from: v1
        to: v2
    details:
      Who asked: Eve
      At: 12:30

metrics:
  zeta: {value: 3.5, unit: ms}
  alpha: 0123456

x-ours: kept

tables:
  - title: Sizes
    columns: [What, So]
    rows:
      - ["`cargo test`, twice", "NO"]
      - ["", 1.10]
"""
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40).filter(lambda text: not HIDDEN.search(text))
LINES = st.lists(
    st.sampled_from(["", " ", "  a", "\ta", "a ", "---", "...", "# b", "- c", "d: e", "%", "|"]), max_size=6
)
HARD = LINES.map("\n".join) | st.lists(st.sampled_from(["word", "w" * 130, "", "#", "-", ":"]), max_size=60).map(
    " ".join
)
ANY = st.recursive(
    TEXTS | HARD,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS | HARD, inner, max_size=4),
    max_leaves=12,
)


def texts_alone(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: texts_alone(value) for key, value in tree.items()}
    return (
        [texts_alone(one) for one in tree]
        if isinstance(tree, list)
        else str(tree).lower()
        if tree in (True, False)
        else tree
    )


def read(text: str) -> reader.Node | None:
    tree, findings = reader.parse(text.encode(), "a.yml")
    assert [str(f) for f in findings] == []
    return tree


def test_a_round_is_written_as_a_person_would() -> None:
    assert canonical(TREE, Round, "../../round.schema.json") == WRITTEN


def test_what_is_written_is_the_same_round() -> None:
    texts = (json.dumps(TREE), WRITTEN)
    one, other = (load.parse({"data/rounds/3/4.yml": text.encode()}).rounds[0] for text in texts)
    assert one.model_dump() == other.model_dump()


@given(st.dictionaries(TEXTS | HARD, ANY, max_size=4))
@example({"x-a": "a\n\n\n", "x-b": {"c": " \n\n"}, "x-d": ["|", "\n\n", " a\n"], "x-e": [["\ta\n\n"]]})
@example({"k" * 2000: "a", "k" * 999 + "#": {"b" * 1000: ["c"]}, "x-f": "a" * 119 + " " + "b" * 119})
def test_any_texts_come_back_and_are_written_the_same_again(tree: dict[str, Data]) -> None:
    tree = {f"x-{key}": value for key, value in tree.items()}
    text = canonical(tree, Round)
    assert read(text) == tree
    assert canonical(tree, Round) == text


@given(records(Round).map(texts_alone))
def test_a_round_stays_the_same_round(tree: dict[str, Data]) -> None:
    text = canonical(tree, Round)
    again = read(text)
    assert isinstance(again, reader.Map)
    assert canonical(again, Round) == text
    assert Round.model_validate(again).model_dump() == Round.model_validate(tree).model_dump()


def test_what_was_left_empty_stays_empty() -> None:
    tree = read("focus: x\nstatus:\ngoals: ~\nkind: ''\ntags: [a, ~]\nx-a: [[], {}]\n")
    assert isinstance(tree, reader.Map)
    assert canonical(tree, Round) == 'kind: ""\nstatus:\nfocus: x\ngoals: ~\ntags: [a, ~]\n\nx-a:\n  - []\n  - {}\n'


def test_a_long_paragraph_is_folded_and_a_long_word_is_not() -> None:
    tree = {"focus": "a " * 70 + "b", "summary": "w" * 130, "x-a": "a  b" * 40, "x-b": "a: b  " * 30}
    first, rest = ("a " * 59).strip(), "a " * 11 + "b"
    assert canonical(tree, Round) == (
        f'focus: >-\n  {first}\n  {rest}\nsummary: {"w" * 130}\nx-a: {"a  b" * 40}\nx-b: "{"a: b  " * 30}"\n'
    )


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"agents": [{"name": "a\x1bb"}]}, "agents[0].name: the character U+001B is not allowed in a round file"),
        ({"focus": "a\u202eb"}, "focus: the character U+202E is not allowed in a round file"),
        ({"x-a": {"b\r": "c"}}, "x-a.b\r: the character U+000D is not allowed in a round file"),
        (
            {"metrics": {"tests": {"after": 4}}},
            "metrics.tests.after: expected a text, a truth value, a list or a mapping, found int",
        ),
        ({"agents": None}, "agents: expected a text, a truth value, a list or a mapping, found NoneType"),
        (
            {"tables": [{"rows": [[b"a"]]}]},
            "tables[0].rows[0][0]: expected a text, a truth value, a list or a mapping, found bytes",
        ),
    ],
)
def test_what_a_round_file_cannot_hold_is_named_with_its_place(tree: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        canonical(tree, Round)


def test_the_address_of_the_schema_cannot_begin_a_line() -> None:
    with pytest.raises(ValueError, match="schema"):
        canonical({}, Round, "a\nb")
