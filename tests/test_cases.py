"""Tests of the cases in `tests/cases`; `--update` rewrites the expected output."""

from __future__ import annotations

from pathlib import Path

import pytest

import case


@pytest.mark.parametrize("name", case.names())
def test_the_book_says_what_the_case_expects(name: str, tmp_path: Path, update: bool) -> None:
    expected = case.CASES / name / "expected"
    files = sorted(p for p in expected.rglob("*") if p.is_file())
    assert files, f"{name} expects nothing: put an empty findings.txt into its expected/ and run pytest --update"
    book = case.book_of(name, tmp_path)
    for file in files:
        told = case.told(book, file.relative_to(expected))
        if update:
            file.write_text(told, "utf-8")
        assert told == file.read_text("utf-8"), f"{file.relative_to(case.CASES)} differs"


def test_there_are_cases() -> None:
    assert case.names()
