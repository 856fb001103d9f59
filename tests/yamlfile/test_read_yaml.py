"""Tests of the YAML reader with valid files: the tree, its places, warnings and excerpts."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import pydantic
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from roundbook.errors import Place
from roundbook.yamlfile.reader import Items, Map, Node, Text, outline, parse
from roundbook.yamlfile.source import excerpt, locate, read, visible

ROUND = """\
# A round
round: 5
title: "Upgrade: the toolchain"
agents:
  - {name: Toolchain, status: done}  # checked
  - name: Docs
    note:
    plan: ~
    goal: ''
summary: |
  One line.

  Another one.
"""


def test_a_round_becomes_a_tree_of_text() -> None:
    tree, findings = parse(ROUND.encode(), "data/rounds/3/5.yml")
    assert findings == ()
    assert tree == {
        "round": "5",
        "title": "Upgrade: the toolchain",
        "agents": [{"name": "Toolchain", "status": "done"}, {"name": "Docs", "note": "", "plan": "~", "goal": ""}],
        "summary": "One line.\n\nAnother one.\n",
    }


def test_everything_knows_its_place() -> None:
    tree, _ = parse(ROUND.encode(), "r.yml")
    assert isinstance(tree, Map)
    assert tree.place == Place("r.yml", 2, 1)
    assert tree.keys_at == {
        "round": Place("r.yml", 2, 1),
        "title": Place("r.yml", 3, 1),
        "agents": Place("r.yml", 4, 1),
        "summary": Place("r.yml", 10, 1),
    }
    agents = tree["agents"]
    assert isinstance(agents, Items)
    assert [node.place for node in (tree["round"], tree["title"], agents, tree["summary"], *agents)] == [
        Place("r.yml", 2, 8),
        Place("r.yml", 3, 8),
        Place("r.yml", 5, 3),
        Place("r.yml", 10, 10),
        Place("r.yml", 5, 5),
        Place("r.yml", 6, 5),
    ]


def test_nothing_is_told_from_empty_text() -> None:
    tree, _ = parse(b"[a, '', ~, null, 'null', \"~\", { b: }]", "r.yml")
    assert isinstance(tree, Items)
    assert [node.empty for node in tree if isinstance(node, Text)] == [False, False, True, True, False, False]
    last = tree[-1]
    assert isinstance(last, Map)
    assert isinstance(last["b"], Text)
    assert last["b"].empty


@pytest.mark.parametrize(
    ("text", "value", "column"),
    [
        ("title: Fix #12 now", "Fix", 12),
        ("title: #todo", "", 8),
        ("title: Füße #1", "Füße", 13),
        ("title: Fix\n  it #12", "Fix it", 6),
    ],
)
def test_text_after_a_hash_is_a_warning(text: str, value: str, column: int) -> None:
    tree, findings = parse(text.encode(), "r.yml")
    after = text.splitlines()[-1][column - 1 :]
    fix = "put the value in quotes, or write a space after # if it is a comment"
    assert tree == {"title": value}
    where = f"r.yml:{1 + text.count(chr(10))}:{column}"
    message = f'text after # was ignored: "{after}"'
    assert [str(finding) for finding in findings] == [f"{where}: warning text-after-hash: {message}; {fix}"]


@pytest.mark.parametrize(
    "text", ["a: b  # checked", "a: b ## x", "a: b #", "a: b\n#c\n  #d", "a: b#1", "a: 'b' #c", "a: 'b #1'"]
)
def test_a_comment_is_no_warning(text: str) -> None:
    assert parse(text.encode(), "r.yml")[1] == ()


def test_the_tree_survives_errors_that_leave_it_whole() -> None:
    tree, findings = parse(b"a: 1\na: 2\nb: x\x1b\n[c]: d\n", "r.yml")
    assert tree == {"a": "1", "b": "x\ufffd"}
    assert [finding.slug for finding in findings] == ["duplicate-key", "control-character", "key-not-text"]


def test_json_and_pydantic_take_the_tree() -> None:
    class Agent(pydantic.BaseModel):
        name: str
        status: str = ""

    class Round(pydantic.BaseModel):
        round: int
        agents: list[Agent]
        more: dict[str, str] = {}

    tree, _ = parse(b"round: 5\nagents: [{name: x}]\nmore: {k: v}\n", "r.yml")
    assert json.dumps(tree) == '{"round": "5", "agents": [{"name": "x"}], "more": {"k": "v"}}'
    model = Round.model_validate(tree)
    assert model.model_dump() == {"round": 5, "agents": [{"name": "x", "status": ""}], "more": {"k": "v"}}
    assert type(model.agents[0].name) is str


@pytest.mark.parametrize("clone", [copy.copy, copy.deepcopy, lambda node: pickle.loads(pickle.dumps(node))])  # noqa: S301
def test_a_copy_keeps_its_places(clone: Any) -> None:
    tree, _ = parse(ROUND.encode(), "r.yml")
    again = clone(tree)
    assert isinstance(tree, Map)
    assert (again, again.place, again.keys_at) == (tree, tree.place, tree.keys_at)
    assert (again["round"].place, again["round"].plain) == (Place("r.yml", 2, 8), True)


def test_nodes_can_be_made_by_hand() -> None:
    place = Place("r.yml", 1, 2)
    assert (Text("a", place, True).place, Text("a").plain, Text("", plain=True).empty) == (place, False, True)
    assert (Items(place, [Text("a")]), Map(place, {"a": Text("b")})) == (["a"], {"a": "b"})


texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\u2028\u2029\ufeff")
    | st.sampled_from("\n\t")
)
texts = texts.filter(
    lambda text: not any("\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069" for char in text)
)
keys = texts.filter(lambda text: len(text) < 100)
trees = st.recursive(texts, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=20)


@settings(deadline=None)
@given(trees, st.booleans(), st.booleans())
def test_what_yaml_writes_is_read_back(tree: Any, unicode: bool, flow: bool) -> None:
    data = yaml.safe_dump(tree, default_style='"', allow_unicode=unicode, default_flow_style=flow).encode()
    assert parse(data, "r.yml") == (tree, ())


letters = st.text("abxyzé0/.-", min_size=1, max_size=8).map("x{}".format)
words = st.lists(letters, min_size=1, max_size=3).map(" ".join)


@settings(deadline=None)
@given(st.dictionaries(words, words | st.lists(words) | st.dictionaries(words, words), min_size=1))
def test_places_point_at_the_text(tree: Any) -> None:
    source = yaml.dump(tree, allow_unicode=True, width=10_000)
    parsed, findings = parse(source.encode(), "r.yml")
    assert findings == ()
    for text, place in scalars(parsed):
        line = source.split("\n")[place.line - 1]
        assert line[place.column - 1 :].lstrip("'\"").startswith(text)


def scalars(node: Node | None) -> list[tuple[str, Place]]:
    if isinstance(node, Map):
        keys_at = list(node.keys_at.items())
        return keys_at + [found for value in node.values() for found in scalars(value)]
    if isinstance(node, Items):
        return [found for value in node for found in scalars(value)]
    return [(node, node.place)] if isinstance(node, Text) else []


def test_an_outline_is_the_tree_as_plain_data() -> None:
    assert outline(b"a: [1, ~, '', \"~\", {}]\na: 2\n[b]: 3\n<<: 4\n'<<': 5\n*x : 6\n~: null\n") == {
        "a": ["1", None, "", "~", {}],
        "<<": "5",
        "*x": "6",
        "~": None,
    }
    assert [outline(data) for data in (b"", b"a: [", b"\xff", b"%TAG", b"a\n---\nb\n")] == [*[None] * 4, "a"]


def test_a_file_that_breaks_off_has_a_tree_for_those_who_ask() -> None:
    assert parse(b"a: 1\nb: [c\n", "r.yml")[0] is None
    assert parse(b"a: 1\nb: [c\n", "r.yml", partial=True)[0] == {"a": "1"}


def test_a_machine_without_the_parser_in_c_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = parse(ROUND.encode(), "r.yml")
    monkeypatch.setattr("roundbook.yamlfile.reader.LOADER", yaml.BaseLoader)
    assert parse(ROUND.encode(), "r.yml") == fast
    assert [f.slug for f in parse(rb'a: "\UFFFFFFFF"', "r.yml")[1]] == ["syntax"]


def test_read_names_the_file_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "r.yml").write_bytes(b"a: 1")
    assert read(tmp_path / "data" / "r.yml", tmp_path) == (b"a: 1", ())
    assert locate(tmp_path / "data" / "r.yml", tmp_path) == "data/r.yml"


def test_excerpt_is_the_line_and_a_caret() -> None:
    data = b"a: 1\r\n    title: Second try\r\n"
    assert excerpt(data, Place("r.yml", 2, 5)) == "    2 |     title: Second try\n      |     ^^^^^"
    assert excerpt(data, Place("r.yml", 1, 2)) == "    1 | a: 1\n      |  ^"
    assert excerpt(data, Place("r.yml", 3, 1)) == "    3 | \n      | ^"


def test_excerpt_of_no_place_is_empty() -> None:
    assert [excerpt(b"a", Place("r.yml", line)) for line in (0, 2, -1)] == ["", "", ""]


def test_excerpt_shows_what_would_harm() -> None:
    assert excerpt("a: \x1b[31m \u202ex\tb\n".encode(), Place("r.yml", 1, 13)) == (
        "    1 | a: \\x1b[31m \\u202ex\\tb\n      |                      ^"
    )
    assert excerpt(b"a: \xe9", Place("r.yml", 1, 4)) == "    1 | a: \\xe9\n      |    ^"


def test_excerpt_cuts_a_long_line() -> None:
    shown = excerpt(b"x" * 500 + b" here " + b"y" * 500, Place("r.yml", 1, 502), width=20)
    assert shown == "    1 | …xxxxxxxxx here yyyyy…\n      |            ^^^^"


@settings(deadline=None)
@given(st.binary(), st.integers(-1, 5), st.integers(-1, 200), st.integers(1, 50))
def test_excerpt_takes_anything(data: bytes, line: int, column: int, width: int) -> None:
    shown = excerpt(data, Place("r.yml", line, column), width)
    assert shown == "" or len(shown.split("\n")) == 2
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")
