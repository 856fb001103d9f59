"""The proof of an import: it finds what is there, and names whatever is taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook import markdown
from roundbook.importer.identify import Hints
from roundbook.importer.proof import Proof, prove
from roundbook.importer.records import summaries
from roundbook.markdown import Document
from roundbook.schema.round import Round
from roundbook.yamlfile import reader
from roundbook.yamlfile.writer import canonical

SUMMARY = Path(__file__).parents[1] / "documents" / "round-summary.md"
NOTE = """\
# Phase 3 Round 4 Summary

**Date**: Feb 17, 2026
**Agents**: 3 concurrent
**Focus**: Upgrade the parser

## Round 4 Agents

| # | Agent | Task | Status |
|---|---|---|---|
| 1 | Ada | Parse | In Progress |
| 2 | Bo | Lex | In Progress |
| 3 | Cy | Test | Done (2/3) |

## Key Decision: Drop the cache

Changed from `a` to `b` because:
- it is slow
- it is big

## What Was Completed in Round 3

| Deliverable | Notes |
|---|---|
| Docs | `docs/a/docker.md`, `wasm.md` |

## Exit Criteria (Week 3)

- [x] Tests pass
- [ ] Docs are there

## Odds

Some prose **with bold** here, and 1,048 of them.

> quoted
> text

```py
def f():
    pass
```
"""
TREE = """\
round: 4
phase: 3
date: 2026-02-17
focus: Upgrade the parser
team: {size: 3, mode: concurrent}
agents:
  - {name: Ada, task: Parse, status: in-progress}
  - {name: Bo, task: Lex, status: in-progress}
  - {name: Cy, task: Test, status-text: Done (2/3)}
decisions:
  - {id: drop-the-cache, title: Drop the cache, decision: Changed from `a` to `b`, rationale: [it is slow, it is big]}
carried:
  from: 3/3
  completed: [{title: Docs, paths: [docs/a/docker.md, docs/a/wasm.md]}]
checks:
  - {title: Tests pass, result: pass, group: Week 3}
  - {title: Docs are there}
sections:
  - title: Odds
    body: |
      Some prose **with bold** here, and 1,048 of them.

      > quoted
      > text

      ```py
      def f():
          pass
      ```
"""


def document(text: str) -> Document:
    read, _ = markdown.parse(text.encode(), "n.md")
    assert read is not None
    return read


def tree(text: str) -> reader.Map:
    read, findings = reader.parse(text.encode(), "3/4.yml")
    assert isinstance(read, reader.Map)
    assert not findings
    return read


def proof(note: str, *trees: str) -> Proof:
    return prove(document(note), [tree(text) for text in trees])


def lost(note: str, *trees: str) -> list[str]:
    return [one.text for one in proof(note, *trees).missing]


def scalars(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = node.items() if isinstance(node, Mapping) else enumerate(node) if isinstance(node, list) else ()
    if isinstance(node, str):
        yield path
    for key, value in inner:
        yield from scalars(value, (*path, key))


def without(node: Any, path: tuple[str | int, ...]) -> Any:
    """Return a tree without the scalar at a path."""
    (key, *rest) = path
    if isinstance(node, Mapping):
        if not rest:
            return {k: v for k, v in node.items() if k != key}
        return {k: without(v, tuple(rest)) if k == key else v for k, v in node.items()}
    if not rest:
        return [v for i, v in enumerate(node) if i != key]
    return [without(v, tuple(rest)) if i == key else v for i, v in enumerate(node)]


def unnoticed(note: Document, whole: Mapping[str, Any]) -> list[str]:
    """Return the scalars that can be dropped, one at a time, without the proof naming an atom."""
    return ["/".join(map(str, path)) for path in scalars(whole) if not prove(note, [without(whole, path)]).missing]


def test_all_is_found_and_every_loss_is_noticed() -> None:
    assert str(proof(NOTE, TREE)) == "91 words in, 91 found"
    # Nothing but what the importer makes: the id is made of the title.
    assert unnoticed(document(NOTE), tree(TREE)) == ["decisions/0/id"]


def test_what_is_missing_is_named_with_its_line() -> None:
    missing = proof(NOTE, TREE.replace("Drop the cache", "Keep it")).missing
    assert [str(one) for one in missing] == ['n.md:15:4: heading "Key Decision: Drop the cache" is not found']


@pytest.mark.parametrize(
    ("note", "text", "missing"),
    [
        ("- a b\n- a b\n", "notes: [a b]", ["a b"]),
        ("- a b\n- a b\n", "notes: [a b, a b]", []),
        ("1,048 of\n", "notes: ['1048 of']", ["1,048 of"]),
        ("- 48\n", "notes: ['1,048']", ["48"]),
        ("- 3.5\n", "notes: ['13.5']", ["3.5"]),
        ("- cat\n", "notes: [concatenate]", ["cat"]),
        ("**Date**: 2026-02-17\n", "date: 2026-02-18", ["Date", "2026-02-17"]),
        ("**Owner**: Ada\n", "notes: [Ada]", ["Owner"]),
        ("**Status**: In Progress\n", "status: in-progress", []),
        ("**Status**: Done\n", "status: in-progress", ["Status", "Done"]),
        ("## Goals (Week 3)\n\n- a b\n", "goals: [a b]", ["Goals (Week 3)"]),
        ("## Goals (Week 3)\n\n- a b\n", "goals: [a b]\nnotes: [Week 3]", []),
        ("## Goals\n\n- a b\n", "risks: [a b]", ["Goals"]),
        ("## Goals\n\n- [x] a b\n", "goals: [a b]", ["[x]"]),
        ("## Goals\n\n- [x] a b\n", "goals: [{title: a b, status: done}]", []),
        ("## Odds\n\n- [x] a b\n", "sections: [{title: Odds, body: '- [x] a b'}]", []),
        ("## Added\n\n- a b\n", "changes: [{text: a b, type: added}]", []),
        ("## Frontend\n\n- a b\n- c d\n", "notes: [{text: a b, owner: Frontend}, {text: c d, owner: Frontend}]", []),
        ("| a | b |\n|---|---|\n| x | |\n| x | y |\n", "tables: [{columns: [a, b], rows: [[x, ''], [x, y]]}]", []),
        ("| a | b |\n|---|---|\n| x | |\n| x | y |\n", "tables: [{columns: [a, b], rows: [['', ''], [x, y]]}]", ["x"]),
        ("a\\|b ~~c~~\n> __q__\n", "notes: ['a|b ~~c~~', q]", []),
        ("    x  =  1\n", "sections: ['x = 1']", []),
    ],
)
def test_what_counts_as_found(note: str, text: str, missing: list[str]) -> None:
    assert lost(note, text) == missing


@pytest.mark.parametrize(
    ("note", "text", "missing"),
    [
        # The longer text is looked for first, as it is compared: without marks.
        ("| a |\n|---|\n| **10** |\n| 10-11 |\n", "sections: [{body: 'a 10-11, 10'}]", []),
        ("| a |\n|---|\n| **10** |\n| 10-11 |\n", "sections: [{body: 'a 10-11'}]", ["**10**"]),
        # Each word counts once, in whatever order the texts are looked for.
        ("- c d e\n- b c d\n", "notes: ['b c d e f c d']", []),
        ("- c d e\n- b c d\n", "notes: ['b c d e f c']", ["b c d"]),
        # A tick goes with its text.
        ("- [x] a b\n- a b\n", "notes: [a b]\nsections: [{body: '- [x] a b'}]", []),
        ("- [x] a b\n- a b\n", "notes: [a b]\nsections: [{body: '- [ ] a b'}]", ["[x]"]),
        ("- [x] **K1**: a b\n", "notes: [a b]\nsections: [{body: '- [x] K1: a b'}]", []),
        # A word in a path or in the id of a round says nothing; its folders and its name do.
        ("- CHANGELOG\n", "deliverables: [{paths: docs/CHANGELOG.md}]", ["CHANGELOG"]),
        ("- `docs/`\n- `CHANGELOG.md`\n", "deliverables: [{paths: docs/CHANGELOG.md}]", []),
        ("- 3\n", "carried: {from: 3/3}", ["3"]),
    ],
)
def test_where_texts_find_a_place(note: str, text: str, missing: list[str]) -> None:
    assert lost(note, text) == missing


def test_thousands_of_equal_lines_are_proven_at_once() -> None:
    note = document("**Key**: value\n\n" * 4000)  # half a second; what is not linear takes minutes
    assert str(prove(note, [{"notes": ["**Key**: value"] * 4000}])) == "8,000 words in, 8,000 found"
    assert len(prove(note, [{"notes": ["**Key**: value"] * 3999}]).missing) == 2


def test_a_file_is_proven_against_all_its_records_and_by_itself() -> None:
    note = "- a b\n"
    assert lost(note + "- c d\n", "notes: [a b]", "notes: [c d]") == []
    both = [prove(document(note), [tree("notes: [a b]")]) for _ in range(2)]
    assert [(one.words, one.found) for one in both] == [(2, 2), (2, 2)]


def test_what_is_only_kept_as_written_is_counted() -> None:
    assert proof(NOTE, TREE).left == 15


def test_nothing_can_be_dropped_from_a_summary_unnoticed() -> None:
    note, _ = markdown.parse(SUMMARY.read_bytes(), "round-summary.md")
    assert note is not None
    (result,) = summaries([note], Hints())
    whole = tree(canonical(result.tree, Round))
    assert str(prove(note, [whole])) == "573 words in, 573 found"
    pairs = [(f"agents/{n}/status", f"agents/{n}/status-text") for n in range(8)]
    derived = ["round", "phase", "title", "decisions/0/id", "decisions/1/id"]
    # What the importer says twice: a condition that is a part of what follows, and names that are those of keys too.
    twice = ["decisions/0/until", "decisions/1/until", "metrics/tests/label", "sections/0/title"]
    pairs.append(("metrics/tests/after", "history/3/tests-after"))
    # A path stands by itself beside the words that it is taken from; a cell of nothing but paths can do without either.
    carried = ["carried/completed/0", "carried/completed/1", "carried/completed/6"]
    pairs += [(f"{entry}/paths", f"{entry}/note") for entry in carried]
    twice += [f"carried/completed/3/{key}" for key in ("note", "paths/0", "paths/1", "paths/2")]
    said = {*derived, *twice, *(path for pair in pairs for path in pair if path[-5:] != "/note")}
    assert [path for path in unnoticed(note, whole) if path not in said] == []
    for one, other in pairs:
        assert prove(note, [without(without(whole, _steps(one)), _steps(other))]).missing, one
    lost = lost_with(note, whole, "carried/completed/3/note", "carried/completed/3/paths")
    assert "`firmware/handbook/build/solder.md`, `seal.md`, `mount.md`" in lost


def lost_with(note: Document, whole: Mapping[str, Any], *paths: str) -> list[str]:
    """Return what is lost with the values at some paths, lists or scalars."""
    for path in paths:
        whole = without(whole, _steps(path))
    return [one.text for one in prove(note, [whole]).missing]


def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in path.split("/"))


@given(st.text(max_size=200), st.text("abc 1.,|`*-#:\n", max_size=80))
def test_any_document_can_be_held_against_any_tree(text: str, more: str) -> None:
    read, _ = markdown.parse(text.encode("utf-8", "replace"), "n.md")
    assert read is not None
    made = prove(read, [{"notes": [more], "sections": [{"title": more, "body": text}]}])
    assert 0 <= made.found <= made.words
    assert prove(read, [{}]).found == 0 or made.words == 0


@given(st.lists(st.text("abc 1.,`*#-|", max_size=30), max_size=12))
def test_a_document_is_found_in_itself(lines: list[str]) -> None:
    text = "\n".join(lines)
    read, _ = markdown.parse(text.encode(), "n.md")
    assert read is not None
    assert prove(read, [{"sections": [{"body": text}]}]).missing == ()


@pytest.mark.parametrize(
    "note",
    [
        "# Phase 3: Ropes\n\n**Phase 3 Status: ✅ DONE**\n**Confidence Score: 0.88**\n**Completion Date: June 8, 2026**\n",
        "# Phase 3\n\n## Work on ropes\n\n### Splices\n\n| Commit | Item |\n|---|---|\n| 3c1f9ab2 | eye |\n",
        "---\nkey-files:\n  created: []\n  modified: []\n---\n\n# Phase 3 Plan 02: Ropes\n",
        "# Phase 3\n\n## Ropes\n\n| Action | Path |\n|---|---|\n| Create | `rope.py` |\n\n| Status |\n|---|\n| ⚠️ |\n",
    ],
)
def test_a_record_has_every_word_of_whatever_a_note_says(note: str) -> None:
    document = markdown.document(note, "phase-3.md")
    assert not prove(document, [one.tree for one in summaries([document])]).missing


def test_a_sign_in_a_cell_is_found_though_texts_have_the_same_one() -> None:
    note = "# Round 1\n\n- ✅ Soup\n- ✅ Bread\n\n| Dish | Hot |\n|---|---|\n| Soup | ✅ `?.` |\n| Bread | ❌ |\n"
    document, _ = markdown.parse(note.encode(), "n.md")
    assert document
    tree = {"round": "1", "title": "Round 1", "deliverables": [{"title": "Soup", "status": "done"}, "Bread"]}
    table = {"columns": ["Dish", "Hot"], "rows": [["Soup", "✅ `?.`"], ["Bread", "❌"]]}
    assert prove(document, [tree | {"tables": [table]}]).missing == ()
