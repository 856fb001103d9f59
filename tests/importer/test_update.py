"""Tests of updating a round file that people edited: comments and lines are kept."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from roundbook.importer.update import merge
from roundbook.schema.base import Shape
from roundbook.schema.round import Round
from roundbook.yamlfile import reader
from roundbook.yamlfile.edit import meaning, updated
from roundbook.yamlfile.roundtrip import formatted
from roundbook.yamlfile.writer import canonical
from test_merge import TREES, Tree
from test_rewrite import NOTES, noted, tree_of

BASE: Tree = {
    "round": "4",
    "focus": "Ship it",
    "agents": [{"name": "Ada", "task": "Parse", "status": "planned"}, {"name": "Bob", "task": "Write"}],
    "metrics": {"tests": {"after": "TBD"}},
    "notes": ["All is well"],
}
OURS = """\
# yaml-language-server: $schema=../../round.schema.json
round:   4
focus: 'Ship it'   # and rest
metrics: {tests: {after: TBD, unit: "n"}}
agents:
# she knows the parser
- name: Ada
  task: Parse   # the hard part
  status: planned
  id: ada
# he left
- {name: Bob, task: Write}
- name:   Eve
# none so far
notes: [All is well]
x-mine:   a
# the end
"""
THEIRS: Tree = {
    "round": "4",
    "focus": "Ship it",
    "agents": [{"name": "Cy", "task": "Read"}, {"name": "Ada", "task": "Parse", "status": "done"}],
    "metrics": {"tests": {"after": "960"}},
    "notes": ["All is well"],
    "risks": [{"title": "None"}],
}
NEW = """\
# yaml-language-server: $schema=../../round.schema.json
round:   4
focus: 'Ship it'   # and rest
metrics: {tests: {after: 960, unit: "n"}}
agents:
  - name: Cy
    task: Read
  # she knows the parser
  - name: Ada
    task: Parse   # the hard part
    status: done
    id: ada
  # he left
  - name: Eve
risks: [None]
# none so far
notes: [All is well]
x-mine:   a
# the end
"""


def update(text: str, tree: Any) -> str:
    done = updated(text.encode(), "a.yml", Round, tree)
    assert [str(f) for f in done.findings] == []
    return done.data.decode()


def test_only_the_keys_that_changed_get_new_lines() -> None:
    ours = tree_of(OURS)
    assert isinstance(ours, reader.Map)
    done = merge(BASE, THEIRS, ours, Round)
    assert done.conflicts == ()
    assert update(OURS, done.tree) == NEW
    assert update(NEW, done.tree) == NEW
    assert update(OURS, ours) == OURS
    assert update(OURS.replace("\n", "\r\n"), done.tree) == NEW.replace("\n", "\r\n")


@given(TREES, TREES, NOTES)
def test_the_file_says_what_the_tree_says_and_has_its_comments(old: Tree, new: Tree, notes: Any) -> None:
    old, new = ({"round": "4", **tree} for tree in (old, new))
    text, count = noted(canonical(old, Round), notes)
    done = update(text, new)
    assert meaning(tree_of(done), Shape(Round)) == meaning(new, Shape(Round))
    assert done.count("# note ") == count
    assert update(done, new) == done
    assert update(text, old) == text or update(text, old) == text + "\n"


@given(TREES, TREES, NOTES)
def test_what_is_in_canonical_form_stays_in_it(old: Tree, new: Tree, notes: Any) -> None:
    text, _ = noted(canonical({"round": "4", **old}, Round), notes)
    tidy = formatted(text.encode(), "a.yml", Round).data
    done = updated(tidy, "a.yml", Round, {"round": "4", **new})
    assert done.findings == ()
    assert formatted(done.data, "a.yml", Round).data == done.data
