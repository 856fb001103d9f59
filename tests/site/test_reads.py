"""Recorded reads: an output whose reads have equal values in two books is equal in both."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import case
from eventful import SITE, eventful
from roundbook.book.model import Book
from roundbook.project import load
from roundbook.site.links import Output
from roundbook.site.pages import file_outputs, page_outputs
from roundbook.site.reads import Digests, Reading, recorded
from roundbook.site.text import text_outputs

CASES = ("lives", "releases", "adopted", "pull-requests")


def outputs(book: Book) -> Iterator[tuple[str, Output[Any]]]:
    """Yield everything that is made of a book, by a name that tells a page and its text apart."""
    yield from (("page " + one.name, one) for one in page_outputs(book, "directory"))
    yield from (("file " + one.name, one) for one in file_outputs(book, SITE, data=True, plain=True))
    yield from (("text " + one.name, one) for one in text_outputs(book, SITE))


def history(root: Path) -> list[Book]:
    """Return the books of up to four commits of a repository, oldest first, then that of the work tree."""
    book = load(root)
    ids = [commit.id for commit in reversed(book.history.commits)]
    chosen = ids[:: max(1, len(ids) // 4)]
    return [*(load(root, at=one) for one in chosen), book]


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> list[list[Book]]:
    """The books of several repositories, each over its history."""
    folder = tmp_path_factory.mktemp("stories")
    roots = [eventful(folder / "eventful").path, *(case.build(name, folder / name) for name in CASES)]
    return [history(root) for root in roots]


def test_a_recorded_book_gives_the_same_outputs_as_the_book(stories: list[list[Book]]) -> None:
    for books in stories:
        for name, one in outputs(books[-1]):
            assert [*one.make(recorded(books[-1], set()))] == [*one.make(books[-1])], name


def test_an_output_with_equal_reads_is_equal(stories: list[list[Book]]) -> None:
    kept = changed = 0
    for books in stories:
        for before, after in pairwise(books):
            olds, news = Digests(before), Digests(after)
            known = dict(outputs(before))
            for name, one in outputs(after):
                if name not in known:
                    continue
                reads: set[Reading] = set()
                made = [*known[name].make(recorded(before, reads))]
                if all(olds[path] == news[path] for path in reads):
                    kept += 1
                    assert [*one.make(after)] == made, f"{name} reads what it does not record"
                else:
                    changed += 1
    assert kept > 100, "nothing was kept, so nothing was tested"
    assert changed > 100


def test_digests_of_two_processes_are_equal(stories: list[list[Book]], tmp_path: Path) -> None:
    book, again = stories[0][-1], load(eventful(tmp_path / "again").path)
    reads: set[Reading] = set()
    for _, one in outputs(book):
        [*one.make(recorded(book, reads))]
    first, second = Digests(book), Digests(again)
    assert [path for path in reads if first[path] != second[path]] == []


def test_the_reads_of_a_round_do_not_depend_on_all_rounds(stories: list[list[Book]]) -> None:
    """Else each save would make every page again."""
    for books in stories:
        whole = {((".", name),) for name in ("entries", "rounds", "newest_first", "results", "releases", "decisions")}
        for name, one in outputs(books[-1]):
            reads: set[Reading] = set()
            [*one.make(recorded(books[-1], reads))]
            part = name.split(" ")[1]
            if part.startswith(("rounds/", "decisions/")) and not part.endswith("index.md"):
                assert not whole & reads, name
