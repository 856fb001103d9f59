"""Tests of the three-way merge of a document and an edited round file: nobody's work is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roundbook.importer.update import Conflict, Merged, merge
from roundbook.schema.base import Shape
from roundbook.schema.round import Round
from roundbook.yamlfile.edit import fields, listed, meaning, name
from roundbook.yamlfile.writer import below

Tree = dict[str, Any]


def merged(base: Tree | None, theirs: Tree, ours: Tree) -> Tree:
    done = merge(base, theirs, ours, Round)
    assert done.conflicts == ()
    return done.tree


def conflicts(base: Tree | None, theirs: Tree, ours: Tree) -> list[tuple[str, Any, Any, Any]]:
    done = merge(base, theirs, ours, Round)
    return [(c.path, c.base, c.theirs, c.ours) for c in done.conflicts]


ADA, BOB, CY = ({"name": name, "task": task} for name, task in (("Ada", "parse"), ("Bob", "write"), ("Cy", "read")))


def test_what_the_document_changed_is_taken_and_what_a_person_added_stays() -> None:
    base: Tree = {"focus": "a", "agents": [ADA, BOB], "metrics": {"tests": {"after": "TBD"}, "size": {"value": "4"}}}
    theirs: Tree = {"focus": "b", "agents": [CY, ADA, BOB], "metrics": {"tests": {"after": "960"}}, "risks": ["late"]}
    ours: Tree = {
        "x-mine": "1",
        "focus": "a",
        "agents": [{**ADA, "id": "ada", "branch": "parser"}, {"name": "Eve"}, BOB],
        "metrics": {"tests": {"after": "TBD", "unit": "n"}, "size": "4"},
        "tags": "mine",
    }
    assert merged(base, theirs, ours) == {
        "x-mine": "1",
        "focus": "b",
        "agents": [CY, {**ADA, "id": "ada", "branch": "parser"}, {"name": "Eve"}, BOB],
        "metrics": {"tests": {"after": "960", "unit": "n"}},
        "tags": "mine",
        "risks": ["late"],
    }


def test_what_both_changed_is_ours_and_told() -> None:
    base: Tree = {"focus": "a", "agents": [{**ADA, "status": "planned"}], "metrics": {"tests": "1"}}
    theirs: Tree = {"focus": "b", "agents": [{**ADA, "status": "done"}], "metrics": {"tests": "2"}}
    ours: Tree = {"focus": "c", "agents": [{**ADA, "status": "partial"}], "metrics": {"tests": {"value": "3"}}}
    done = merge(base, theirs, ours, Round)
    assert (done.tree, done.changed) == (ours, False)
    assert done.conflicts == (
        Conflict("focus", "a", "b", "c"),
        Conflict("agents[Ada].status", "planned", "done", "partial"),
        Conflict("metrics.tests.value", "1", "2", "3"),
    )


def test_what_left_the_document_goes_unless_a_person_worked_on_it() -> None:
    base: Tree = {"focus": "a", "agents": [ADA, BOB, CY], "team": {"size": "3"}, "risks": ["late"]}
    theirs: Tree = {"focus": "a", "agents": [CY]}
    ours: Tree = {**base, "agents": [ADA, {**BOB, "note": "ill"}, CY], "team": {"size": "3", "mode": "by turns"}}
    done = merge(base, theirs, ours, Round)
    assert done.tree == {"focus": "a", "agents": [{**BOB, "note": "ill"}, CY], "team": ours["team"]}
    assert [c.path for c in done.conflicts] == ["agents[Bob]", "team"]


def test_what_a_person_took_out_stays_out_and_is_told_when_it_changed() -> None:
    base: Tree = {"focus": "a", "agents": [ADA, BOB], "kind": "polish"}
    assert merged(base, {**base, "kind": "polish"}, {"focus": "a"}) == {"focus": "a"}
    changed = {**base, "agents": [{**ADA, "task": "lex"}, BOB, CY]}
    done = merge(base, changed, {"focus": "a"}, Round)
    assert done.tree == {"focus": "a", "agents": [CY]}
    assert [(c.path, c.ours) for c in done.conflicts] == [("agents[Ada]", None)]


def test_an_entry_is_found_by_its_name_its_id_or_its_likeness() -> None:
    base: Tree = {
        "decisions": [{"title": "Go on with the parser"}, {"title": "Stop"}],
        "next": ["Write the docs", "Rest"],
    }
    theirs: Tree = {
        "decisions": [{"title": "Stop"}, {"title": "Go on with the old parser", "context": "It works"}],
        "next": ["Write all the docs", "Rest"],
    }
    ours: Tree = {
        "decisions": [{"id": "go-on", "title": "Go on with the parser", "status": "accepted"}, "Stop"],
        "next": [{"text": "Write the docs", "owner": "Ada"}, "Rest", "Sleep"],
    }
    kept = {"id": "go-on", "title": "Go on with the old parser", "status": "accepted", "context": "It works"}
    assert merged(base, theirs, ours) == {
        "decisions": ["Stop", kept],
        "next": [{"text": "Write all the docs", "owner": "Ada"}, "Rest", "Sleep"],
    }


def test_rows_are_merged_cell_by_cell() -> None:
    base: Tree = {"tables": [{"title": "T", "columns": ["a", "b"], "rows": [["x", "1"], ["row y", "2"]]}]}
    theirs: Tree = {"tables": [{"title": "T", "columns": ["a", "b"], "rows": [["w", "0"], ["x", "1"], ["row y", "3"]]}]}
    ours: Tree = {
        "tables": {"title": "T", "columns": ["a", "b"], "rows": [["x", "1"], ["row y, ours", "2"]], "note": "n"}
    }
    rows = [["w", "0"], ["x", "1"], ["row y, ours", "3"]]
    assert merged(base, theirs, ours) == {"tables": [{**ours["tables"], "rows": rows}]}
    longer = {"tables": [{"title": "T", "columns": ["a", "b"], "rows": [["x", "1"], ["row y", "2", "!"]]}]}
    assert [path for path, *_ in conflicts(base, longer, ours)] == ["tables[T].rows[row y, ours]"]


def test_an_order_of_ones_own_stays() -> None:
    base: Tree = {"goals": ["aaa", "bbb", "ccc"]}
    theirs: Tree = {"goals": ["bbb", "aaa", "ddd", "ccc"]}
    assert merged(base, theirs, {"goals": ["ccc", "bbb", "aaa"]}) == {"goals": ["ccc", "bbb", "aaa", "ddd"]}
    assert merged(base, theirs, {"goals": ["aaa", "eee", "bbb", "ccc"]}) == {
        "goals": ["bbb", "aaa", "eee", "ddd", "ccc"]
    }


def test_without_a_base_only_what_is_new_is_added() -> None:
    theirs: Tree = {"focus": "b", "agents": [{**ADA, "status": "done"}, CY]}
    ours: Tree = {"focus": "a", "agents": [ADA, BOB], "kind": "mine"}
    done = merge(None, theirs, ours, Round)
    assert done.tree == {
        "focus": "a",
        "agents": [{**ADA, "status": "done"}, CY, BOB],
        "kind": "mine",
    }
    assert [(c.path, c.base, c.theirs, c.ours) for c in done.conflicts] == [("focus", None, "b", "a")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"goals": "a"}, {"goals": [{"title": "a"}]}),
        ({"team": "m", "status_text": "x"}, {"status-text": "x", "team": {"mode": "m"}}),
        ({"commits": "abcdef0..abcdef1"}, {"commits": [{"from": "abcdef0", "to": "abcdef1"}]}),
        ({"metrics": {"a": "1"}, "tags": []}, {"metrics": {"a": {"value": "1"}}}),
    ],
)
def test_two_ways_of_writing_are_no_change(one: Tree, other: Tree) -> None:
    for base, theirs, ours in ((one, other, one), (other, one, other), (one, {**one, "focus": "b"}, other)):
        done = merge(base, theirs, ours, Round)
        assert (done.conflicts, done.tree) == ((), {**ours, **({"focus": "b"} if "focus" in theirs else {})})


WORDS = st.sampled_from(["a", "b", "parse it", "parse it all", "write", ""])
ENTRY = WORDS | st.fixed_dictionaries({}, optional={"name": WORDS, "task": WORDS, "id": WORDS, "status_text": WORDS})


def lists(of: st.SearchStrategy[Any], most: int = 4) -> st.SearchStrategy[Any]:
    return st.lists(of, max_size=most)


TREES = st.fixed_dictionaries(
    {},
    optional={
        "focus": WORDS,
        "agents": lists(ENTRY),
        "tags": WORDS | lists(WORDS),
        "goals": WORDS | lists(WORDS),
        "team": WORDS | st.fixed_dictionaries({}, optional={"size": WORDS, "mode": WORDS}),
        "metrics": st.dictionaries(WORDS, WORDS | st.fixed_dictionaries({}, optional={"after": WORDS, "unit": WORDS})),
        "tables": lists(st.fixed_dictionaries({"title": WORDS, "rows": lists(lists(WORDS, 2), 3)})),
        "x-a": st.recursive(WORDS, lambda inner: lists(inner, 3) | st.dictionaries(WORDS, inner, max_size=3)),
    },
)
SHAPE = Shape(Round)


@given(TREES, TREES)
def test_where_one_side_did_nothing_the_other_is_the_whole(base: Tree, other: Tree) -> None:
    assert merge(base, base, other, Round) == Merged(other)
    taken = merge(base, other, base, Round)
    assert (meaning(taken.tree, SHAPE), taken.conflicts) == (meaning(other, SHAPE), ())
    assert merge(base, other, other, Round) == Merged(other)


@given(st.none() | TREES, TREES, TREES)
def test_a_second_time_changes_nothing(base: Tree | None, theirs: Tree, ours: Tree) -> None:
    assume(not any(twice(tree, SHAPE) for tree in (base, theirs, ours)))  # of two that are one, any may be the one
    done = merge(base, theirs, ours, Round)
    again = merge(base, theirs, done.tree, Round)
    assert meaning(again.tree, SHAPE) == meaning(done.tree, SHAPE)
    assert merge(theirs, theirs, done.tree, Round) == Merged(done.tree)
    assert done.changed == (meaning(done.tree, SHAPE) != meaning(ours, SHAPE))


def twice(tree: Any, shape: Shape) -> bool:
    """Tell whether two entries of a list somewhere in a tree have one name."""
    if shape.many or isinstance(tree, list):
        inner = Shape(shape.record)
        names = [name(one, inner) for one in listed(tree)]
        return len(set(names)) < len(names) or any(twice(one, inner) for one in listed(tree))
    return isinstance(tree, dict) and any(twice(v, below(shape, k)) for k, v in fields(tree, shape).items())


@given(TREES, TREES)
def test_without_a_base_nothing_of_ours_is_changed_or_lost(theirs: Tree, ours: Tree) -> None:
    assert kept(ours, merge(None, theirs, ours, Round).tree, SHAPE)


def kept(one: Any, other: Any, shape: Shape) -> bool:
    """Tell whether a value is there in another one, which may hold more."""
    if shape.many or (isinstance(one, list) and isinstance(other, list)):
        inner = Shape(shape.record)
        return all(any(kept(o, n, inner) for n in listed(other)) for o in listed(one))
    if isinstance(one, dict) or shape.record:
        more = fields(other, shape)
        return all(kept(value, more.get(key), below(shape, key)) for key, value in fields(one, shape).items())
    return meaning(one, shape) == meaning(other, shape)
