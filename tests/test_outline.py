"""In: bytes, good and bad. Out: the outline of a file is what its tree says, and there is one where there is a tree."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roundbook.read import outline, yaml
from roundbook.read.pure import PureLoader
from roundbook.read.yaml import MAX_DEPTH, MAX_NODES, Items, Map, Node, Text

PIECES = (
    *(
        "a",
        "b: ",
        "b: ",
        "- ",
        "? ",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "[",
        "]",
        "{",
        "}",
        ",",
        ": ",
        " ",
        "'",
        '"',
        "~",
        "null",
    ),
    *(
        "&x ",
        "*x",
        "!t ",
        "<<: ",
        "--- ",
        "\n---\n",
        "...\n",
        "%YAML 1.1\n",
        "#",
        "|\n ",
        ">\n ",
        "\t",
        "\0",
        "\r",
        "é",
        "\ufeff",
    ),
)


def said(node: Node | None) -> outline.Outline:
    """Return what a tree says, as an outline puts it."""
    if isinstance(node, Map):
        return {str(key): said(value) for key, value in node.items()}
    if isinstance(node, Items):
        return [said(value) for value in node]
    return None if not isinstance(node, Text) or node.empty else str(node)


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("a: 1\na: 2\n[b]: 3\n<<: 4\n'<<': 5\n*x : 6\n~: 7\n")
@example("a: [1, ~, '', \"~\", null, 'null']\n---\nb: 1\n")
@example("a: 1\n---\n]\n")
@example("a: 1\n...\n]\n")
@example("")
def test_an_outline_says_what_the_tree_says(text: str) -> None:
    data = text.encode()
    tree, _ = yaml.parse(data, "")
    assert outline.parse(data) == said(tree)
    assert outline.parse(data, loader=PureLoader) == said(yaml.parse(data, "", loader=PureLoader)[0])


@pytest.mark.parametrize(
    "data",
    [
        *(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), b"[" * 100_000),
        *(b"{a: " * MAX_DEPTH + b"b" + b"}" * MAX_DEPTH, b"{a: " * (MAX_DEPTH + 1) + b"b" + b"}" * (MAX_DEPTH + 1)),
        *(b"- a\n" * (MAX_NODES - 1), b"- a\n" * MAX_NODES, b"\xff\xfea\x00", b"a: \xff\n"),
        b"a: " + b"x" * yaml.MAX_BYTES,
    ],
    ids=range(10),
)
def test_the_limits_are_the_same(data: bytes) -> None:
    tree, _ = yaml.parse(data, "")
    assert outline.parse(data) == said(tree)
