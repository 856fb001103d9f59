"""What is left: an item that rounds carry over is one item, counted once everywhere."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from repository import Repository
from roundbook.book.model import Book, Entry, OpenItem
from roundbook.book.open_items import _joined
from roundbook.compare import between_books
from roundbook.project import load
from roundbook.site.api import dump
from roundbook.site.links import Here
from roundbook.site.views.others import open_items_page, round_open_items


def book_of(folder: Path, *rounds: str) -> Book:
    repo = Repository(folder)
    heads = (
        f"round: {n}\nphase: 1\ndate: 2026-01-{n:02}\nfocus: F\nsummary: s\n{text}\n"
        for n, text in enumerate(rounds, 1)
    )
    repo.commit("feat: begin", {f"data/rounds/1/{n}.yml": text for n, text in enumerate(heads, 1)})
    return load(repo.path)


HERE = Here("open-items/index.md")
DEFERS = "deferred: [{title: A cache, reason: no time}]"


def test_an_item_that_later_rounds_name_again_is_one_with_its_trail(tmp_path: Path) -> None:
    book = book_of(tmp_path, DEFERS, "", "goals: [{title: a cache!, status: partial}]", DEFERS.replace("no time", ""))
    assert [[key for key, _ in one.trail] for one in book.left] == [["1/1", "1/3", "1/4"]]
    (one,) = book.left
    assert (one.kind, one.title, one.since, one.detail) == ("deferred", "A cache", "2026-01-01", "goal: partial")
    assert (book.newest_day, {key: len(some) for key, some in book.left_in.items()}) == (
        "2026-01-04",
        {"1/1": 1, "1/3": 1, "1/4": 1},
    )
    assert dump(book)["open-items"][0]["later"] == ["1/3#goal-a-cache", "1/4#deferred-a-cache"]


@pytest.mark.parametrize(
    ("rounds", "trails"),
    [
        ((DEFERS, "changes: [{type: added, text: A cache}]\nstatus: done"), [["1/1", "by 1/2"]]),
        ((DEFERS, "changes: [{type: added, text: A cache}]\nstatus: done", DEFERS), [["1/3"], ["1/1", "by 1/2"]]),
        (
            (DEFERS, DEFERS, "changes: [{type: added, text: A cache}]\nstatus: done"),
            [["1/1", "1/2", "by 1/3"]],
        ),
        (("deferred: [{title: A cache, to: 1/2}]", f"status: done\n{DEFERS}"), [["1/1", "1/2"]]),
        (("deferred: [{title: A cache, to: 1/3}]", DEFERS, "status: done"), [["1/1", "1/2", "by 1/3"]]),
        (("goals: [{title: A cache, status: partial}]\n" + DEFERS,), [["1/1", "1/1"]]),
        (("deferred: [{title: A cache}, {title: A cache}]",), [["1/1"], ["1/1"]]),
        (("agents: [{name: A, status: partial}]", "agents: [{name: A, status: partial}]"), [["1/1"], ["1/2"]]),
    ],
)
def test_what_is_one_item_and_what_is_another(tmp_path: Path, rounds: tuple[str, ...], trails: list[list[str]]) -> None:
    book = book_of(tmp_path, *rounds)
    closed = {one: [f"by {one.closed_by}"] if one.closed_by else [] for one in book.open_items}
    assert [[*(key for key, _ in one.trail), *closed[one]] for one in book.open_items] == trails


def test_comparing_says_nothing_of_an_item_that_is_carried_over(tmp_path: Path) -> None:
    old = book_of(tmp_path / "old", DEFERS)
    new = book_of(tmp_path / "new", DEFERS, DEFERS)
    made = between_books(old, new, "old", "new")
    assert (made.opened_items, made.closed_items) == ((), ())
    assert json.dumps(dump(new)["open-items"]) == json.dumps(dump(old)["open-items"]).replace(
        '"later": []', '"later": ["1/2#deferred-a-cache"]'
    )


_ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["deferred", "open", "question"]),
        st.sampled_from("ab"),
        st.integers(1, 4),
        st.sampled_from([None, "1/1", "1/2", "1/3", "1/4"]),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Entry]:
    return dict(book_of(tmp_path_factory.mktemp("four"), "", "", "", "").entries)


@given(_ITEMS)
def test_joining_loses_no_place_and_invents_none(
    entries: dict[str, Entry], made: list[tuple[str, str, int, str | None]]
) -> None:
    items = [
        OpenItem(kind, title, f"1/{n}", f"{kind}-{i}", "", closed)  # type: ignore[arg-type]
        for i, (kind, title, n, closed) in enumerate(sorted(made, key=lambda one: one[2]))
    ]
    joined = list(_joined(items, entries))
    assert sorted(at for one in joined for at in one.trail) == sorted((t.round, t.anchor) for t in items)
    titles = {(t.round, t.anchor): t.title for t in items}
    assert all({titles[at] for at in one.trail} == {one.title} for one in joined)
    assert all(list(one.trail) == sorted(one.trail, key=lambda at: at[0]) for one in joined)
    assert all(one.closed_by in {None, *(t.closed_by for t in items)} for one in joined)


def test_what_another_repository_left_comes_after_what_this_one_can_finish(tmp_path: Path) -> None:
    agents = "agents: [{name: A, status: in-progress}, {name: B, status: in-progress}]"
    book = book_of(tmp_path, f"repository: other\n{agents}", DEFERS, "goals: [{title: G, status: partial}]")
    few = str(round_open_items(book, Here("index.md"), limit=9))
    assert re.findall(r'rb-key-cell"><a href="rounds/1/(\d)/"', few) == ["2", "3", "1", "1"]
    assert re.findall(r'rb-gist">(.*?)</span>', few) == [
        "deferred&#58; no time",
        "goal, partial",
        *["agent, in progress"] * 2,
    ]

    whole = str(open_items_page(book, HERE))
    assert re.findall(r'rowgroup" colspan="3">(\w[\w ]*) <span class="rb-note">(.*?)</span>', whole) == [
        ("Not finished", "· 1"),
        ("Deferred", "· 1"),
        ("Not finished", "· 2 · in other · agent, in progress"),
    ]


def test_a_short_list_and_the_whole_one_say_the_same_of_the_oldest(tmp_path: Path) -> None:
    agents = "agents: [{name: A, status: in-progress}, {name: B, status: in-progress}]"
    book = book_of(tmp_path, f"repository: other\n{agents}", DEFERS, "goals: [{title: G, status: partial}]")
    said = "4 items are left: 2 in this repository, the oldest for 1 day, and 2 in others, the oldest for 2 days."
    for page in (open_items_page(book, HERE), round_open_items(book, HERE, limit=1)):
        assert said in html.unescape(str(page))
    assert "are left" not in round_open_items(book, HERE, limit=4)


def test_what_all_items_of_a_kind_say_is_said_once(tmp_path: Path) -> None:
    page = str(
        round_open_items(book_of(tmp_path, "agents: [{name: A, status: partial}, {name: B, status: partial}]"), HERE)
    )
    assert 'Not finished <span class="rb-note">· 2 · agent, partial</span>' in page
    assert page.count("agent, partial") == 1


def test_a_long_trail_is_as_narrow_as_its_keys(tmp_path: Path) -> None:
    page = str(round_open_items(book_of(tmp_path, DEFERS, DEFERS, DEFERS), HERE))
    cell = page.partition('rb-key-cell">')[2].partition("</td>")[0]
    keys = [re.sub(r"<[^>]*>", "", part).strip() for part in cell.split("<br>")]
    assert keys == ["1/1", "→ 1/2", "→ 1/3"]
