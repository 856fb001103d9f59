"""References to rounds: files, pages and trailers look them up in one index."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.history import book_of
from roundbook.book.references import RoundNames

NAMES = RoundNames(("3/4", "3/05", "4/4", "3/"), ("9/1",), {"3/old": "3/4"})


@pytest.mark.parametrize(
    ("text", "phase", "key"),
    [
        ("3/4", "", "3/4"),
        (" 3/4 ", "", "3/4"),
        ("3/", "", "3/"),
        ("4", "3", "3/4"),
        ("4", "", None),
        ("old", "3", "3/4"),  # an alias within a phase
        ("3/old", "", "3/4"),
        ("9/1", "", "9/1"),  # of another repository
        ("3/5", "", None),  # a file names a round exactly, a trailer may leave zeros out
        ("", "3", None),
        ("7", "3", None),
    ],
)
def test_a_key_is_exact(text: str, phase: str, key: str | None) -> None:
    assert NAMES.key(text, phase) == key


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("3/5", ("3/05",)),
        ("phase 3, round 4", ("3/4",)),
        ("4", ("3/4", "4/4")),
        ("3/old", ("3/4",)),
        ("1", ("9/1",)),
    ],
)
def test_a_trailer_may_write_a_round_in_its_own_form(text: str, keys: tuple[str, ...]) -> None:
    assert NAMES.resolve(text) == keys


def test_an_alias_counts_wherever_a_round_file_names_a_round(tmp_path: Path) -> None:
    rounds = tmp_path / "data/rounds/1"
    rounds.mkdir(parents=True)
    (rounds / "1.yml").write_text(
        "round: 1\nfocus: x\ndeferred: [{title: Docs, to: 1/b}]\nblockers: [{title: CI, resolved: b}]\n"
    )
    (rounds / "2.yml").write_text("round: 2\nwas: [b]\nfocus: y\nstatus: done\n")
    (rounds / "3.yml").write_text("round: 3\nfocus: z\nhistory: [{round: b, focus: As it was called}]\n")
    book = book_of(tmp_path)
    assert {(one.title, one.closed_by) for one in book.open_items} == {("Docs", "1/2"), ("CI", "1/2")}
    assert [row.key for row in book.rounds["1/3"].past] == ["1/1", "1/2"]
