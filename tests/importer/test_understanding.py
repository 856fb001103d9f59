"""Notes in every style that occurs are understood: most facts stand in the right field, next to none in a wrong one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks import understanding

RIGHT, WRONG = 75, 2  # per cent


def test_most_groups_of_facts_are_in_the_right_field() -> None:
    found = list(understanding.groups())
    assert len({one.path for one in found}) >= 30
    for verdict, bad in (("text", 100 - RIGHT - WRONG), ("wrong", WRONG)):
        missed = [f"{one.path} {one.key}: {one.found}" for one in found if one.verdict == verdict]
        assert 100 * len(missed) <= bad * len(found), (understanding.score(found), missed)


@pytest.mark.parametrize(
    ("wanted", "found", "verdict"),
    [
        ("2026-01-02", "2026-01-02", "right"),
        ("2026-01-02", "2026-01-03", "wrong"),
        ("2026-01-02", None, "text"),
        ([{"title": "a", "status": "done"}], [{"title": "a", "status": "done", "note": "b"}], "right"),
        ([{"title": "a", "status": "done"}], [{"title": "a", "status": "planned"}], "wrong"),
        ([{"title": "a", "status": "done"}], [{"title": "a"}], "text"),
        (["a", "b"], ["a"], "text"),
        (["a"], ["a", "nobody said this"], "wrong"),
        ({"Tests": {"after": "2"}}, {"tests": {"label": "Tests", "after": "2"}}, "right"),
        ({"Tests": {"after": "2"}}, {"lint": {"label": "Lint", "after": "2"}}, "wrong"),
    ],
)
def test_what_counts_as_right_wrong_and_text(wanted: Any, found: Any, verdict: str) -> None:
    assert understanding.verdict_of(wanted, found) == verdict
