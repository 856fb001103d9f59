"""Tests of writing and editing round files: text reads back the same, and other lines stay as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.schema.ids import HIDDEN
from roundbook.yamlfile import reader
from roundbook.yamlfile.edit import NotPlainError, add_entry, replace_file, set_key
from roundbook.yamlfile.writer import Data, emit

ROUND = """\
# a note of mine
round: 4   # the fourth
focus: x
decisions:
  - title: First   # why
    rationale: >-
      folded

  # about the second
  - title: Second

# what is next
notes: one"""

TEXTS = st.text(max_size=60).filter(lambda text: not HIDDEN.search(text) and "\r" not in text and "\x85" not in text)
KEYS = st.from_regex(r"[a-z][a-z-]{0,8}", fullmatch=True)
DATA: st.SearchStrategy[Data] = st.recursive(
    TEXTS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=4))
def test_what_is_written_reads_back_the_same(data: dict[str, Data]) -> None:
    tree, findings = reader.parse(emit(data).encode(), "a.yml")
    assert [str(f) for f in findings if f.severity == "error"] == []
    assert tree == data


@pytest.mark.parametrize("word", ["NO", "yes", "~", "null", "", "true", "- a", "a: b", "a #b", "*x", "&x", "'", "%x"])
def test_what_yaml_would_read_otherwise_is_quoted(word: str) -> None:
    assert emit({"a": word}) != f"a: {word}\n"


@pytest.mark.parametrize("word", ["0.10", "2026-02-17", "12:28", "1,058", "plain words", "~121", "ü"])
def test_what_a_person_would_not_quote_is_plain(word: str) -> None:
    assert emit({"a": word}) == f"a: {word}\n"


def test_lists_and_long_texts_look_as_a_person_writes_them() -> None:
    assert emit({"a": ["p", "q"], "b": "one\ntwo\n", "c": [{"d": "1", "e": ["f"]}]}, 2) == (
        "  a: [p, q]\n  b: |\n    one\n    two\n  c:\n    - d: 1\n      e: [f]\n"
    )


def test_an_entry_is_added_below_the_others_and_nothing_else_changes() -> None:
    added = add_entry(ROUND, "decisions", {"title": "Third"})
    assert added == ROUND.replace("  - title: Second\n", "  - title: Second\n  - title: Third\n")


def test_a_list_is_begun_at_the_end() -> None:
    assert add_entry(ROUND, "agents", {"name": "Ada"}) == f"{ROUND}\n\nagents:\n  - name: Ada\n"
    assert add_entry("", "agents", {"name": "Ada"}) == "agents:\n  - name: Ada\n"


def test_a_list_without_columns_and_with_other_line_ends_stays_so() -> None:
    text = "round: 4\r\ndecisions:\r\n- title: First\r\n- title: Second"
    assert add_entry(text, "decisions", {"title": "Third"}) == f"{text}\r\n- title: Third\r\n"


@pytest.mark.parametrize(
    "lines", ["decisions: [{title: A}]", "decisions: Only one", "decisions:", "decisions: &a\n  - b"]
)
def test_a_list_that_is_written_otherwise_is_left_alone(lines: str) -> None:
    with pytest.raises(NotPlainError):
        add_entry(f"round: 4\n{lines}\n", "decisions", {"title": "Third"})


def test_a_key_is_set_at_the_end_and_in_its_old_place() -> None:
    once = set_key(ROUND, "closed", {"at": "a", "commits": ["b"]}, "by us")
    assert once == f"{ROUND}\n\nclosed:  # by us\n  at: a\n  commits: [b]\n"
    assert set_key(once, "closed", {"at": "a", "commits": ["b"]}, "by us") == once
    moved = set_key("closed:\n  at: a\n\n# below\nround: 4\n", "closed", {"at": "b"})
    assert moved == "closed:\n  at: b\n\n# below\nround: 4\n"


def test_a_file_is_replaced_whole_with_its_permissions_and_through_a_link(tmp_path: Path) -> None:
    file, link = tmp_path / "a.yml", tmp_path / "b.yml"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_file(link, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777, link.is_symlink()) == (b"new", 0o640, True)
    assert {path.name for path in tmp_path.iterdir()} == {"a.yml", "b.yml"}


def test_a_file_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"old")

    def refuse(_: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="full"):
        replace_file(file, b"new")
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"old", [file])
