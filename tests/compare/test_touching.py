"""Which findings have to do with what a branch brings."""

from __future__ import annotations

import pytest

from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.compare.branch import touching
from roundbook.errors import Finding, Place
from roundbook.git.history import History, Span

COMMIT = "abcdef0123456789abcdef0123456789abcdef01"
SPAN = Span(
    frozenset({COMMIT}),
    frozenset({"sub/src/old/a.py", "sub/data/rounds/3/6.yml", "sub/with blank.txt", "sub/single", "top.txt"}),
)
FILES = {"3/6": ("data/rounds/3/6.yml",), "3/1": ("data/rounds/3/1.yml",)}


def told(message: str, path: str = "data/rounds/3/1.yml", book: Book | None = None) -> bool:
    """Tell whether a finding with this message has to do with the span."""
    book = book or Book(History(prefix="sub/"), files=FILES)
    finding = Finding("warning", "x", message, Place(path, 1, 1) if path else None)
    return touching([finding], book, SPAN) == (finding,)


@pytest.mark.parametrize(
    "message",
    [
        "src/old/a.py exists: it is no longer there",
        "sub/src/old/a.py is there",
        "`src/old` exists: no commit ever had it",
        "src/old/ exists",
        "with blank.txt exists: it is gone",
        "single exists",
        "top.txt, src/x.py",
        "the trailer of commit abcdef0 names nothing",
        f"by {COMMIT}",
        "round 3/6 is done",
        'the id "x" is also used at data/rounds/3/6.yml:4:3',
    ],
)
def test_a_finding_elsewhere_that_names_something_of_the_branch_is_told(message: str) -> None:
    assert told(message)


@pytest.mark.parametrize(
    "message",
    [
        "src/new/a.py exists: no commit ever had it",
        "src exists",
        "old work is open",
        "xsrc/old/a.py exists",
        "commit abcdef1 names nothing",
        "xabcdef0 is a word",
        "round 3/1 is done, 13/6 and 3/66 too",
        "blank.txt exists",
    ],
)
def test_others_are_not(message: str) -> None:
    assert not told(message)


def test_what_stands_in_a_changed_file_is_told_also_when_only_the_work_tree_changed_it() -> None:
    assert told("anything", "data/rounds/3/6.yml")
    assert not told("anything", "data/rounds/3/1.yml")
    assert told("anything", "data/rounds/3/1.yml", Book(History(prefix="sub/"), dirty=("data/rounds/3/1.yml",)))


def test_evidence_in_a_commit_of_the_branch_counts_whatever_its_words() -> None:
    for commit, expected in ((COMMIT, 1), ("0" * 40, 0)):
        result = CheckResult("x", "contradicted", "claim", "evidence", commit=commit)
        assert result.finding
        book = Book(History(), results=(result,))
        assert len(touching([result.finding], book, SPAN)) == expected
