"""The words that stand for a status: each once, and what people write around them."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.schema.statuses import (
    RESULT_SIGNS_OF,
    RESULT_WORDS_OF,
    SIGNS_OF,
    STATUSES,
    WORDS_OF,
    lookup,
    result_of,
    status_of,
    word,
)


def test_every_word_and_sign_stands_for_one_status() -> None:
    for table, said in ((WORDS_OF, word), (SIGNS_OF, str), (RESULT_WORDS_OF, word), (RESULT_SIGNS_OF, str)):
        every = Counter(said(one) for words in table.values() for one in words)
        assert [one for one, times in every.items() if times > 1] == []
    assert tuple(WORDS_OF) == tuple(SIGNS_OF) == STATUSES
    assert len({word(one) for words in WORDS_OF.values() for one in words}) >= 250


def test_every_word_is_read_as_it_is_listed() -> None:
    for status, words in WORDS_OF.items():
        for one in words:
            assert (lookup(one), status_of(one)) == (status, status), one
            assert status_of(f"**{one.upper()}**") == status, one
            assert status_of(f"{one} (see the log)") == status, one
    for status, signs in SIGNS_OF.items():
        assert {(lookup(sign), status_of(sign), status_of(f"{sign}\ufe0f the parser")) for sign in signs} == {
            (status,) * 3
        }
    for result, words in RESULT_WORDS_OF.items():
        assert {result_of(one) for one in words} == {result}
    for result, signs in RESULT_SIGNS_OF.items():
        assert {result_of(sign) for sign in signs} <= {result}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Done - merged in #12", "done"),
        ("Merged (#12)", "done"),
        ("✅ Complete (12/12 tests)", "done"),
        ("DONE — verified", "done"),
        ("Complete (98% coverage)", "done"),
        ("Shipped in v0.3.0", "done"),
        ("3/3", "done"),
        ("~100%", "done"),
        ("Done (2/3)", "partial"),
        ("2 of 3 done", "partial"),
        ("Done, except the docs", "partial"),
        ("In Progress (2/3)", "in-progress"),
        ("80% complete", "in-progress"),
        ("🔴 in_progress", "in-progress"),
        ("0/3", "planned"),
        ("Not done in time", "planned"),
        ("Blocked by #3", "blocked"),
        ("waiting on CI", "blocked"),
        ("awaiting the vendor", "blocked"),
        ("awaiting review", "in-progress"),
        ("Deferred to Round 5", "deferred"),
        ("❌ Cancelled", "dropped"),
        ("Superseded by D-4", "dropped"),
        ("won’t do", "dropped"),
    ],
)
def test_remarks_signs_and_numbers_around_a_word(text: str, status: str) -> None:
    assert status_of(text) == status


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "❌",
        "⚠️",
        "Done?",
        "done / blocked",
        "✅🔴",
        "Phase 3 of 4",
        "4/3",
        "not blocked",
        "a note",
        "ready",
        "-",
    ],
)
def test_what_is_not_plain_is_no_status(text: str) -> None:
    assert status_of(text) is None


def test_words_of_the_settings_win_and_a_file_holds_a_word_alone() -> None:
    extra = {"in-the-oven": "in-progress", "done": "partial"}
    assert status_of("In the oven (since Monday)", extra) == "in-progress"  # type: ignore[arg-type]
    assert status_of("Done", extra) == "partial"  # type: ignore[arg-type]
    assert lookup("Done (2/3)") is None
    assert lookup("✔️") == "done"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("PASS", "pass"),
        ("❌ 3 failures", "fail"),
        ("12/12", "pass"),
        ("9/12", "partial"),
        ("0/4", "fail"),
        ("Met, but slow", "partial"),
    ],
)
def test_results_of_checks(text: str, result: str) -> None:
    assert result_of(text) == result


@given(st.text(max_size=40))
def test_any_text_is_read(text: str) -> None:
    assert status_of(text) in (None, *STATUSES)
    assert result_of(text) in (None, *RESULT_WORDS_OF)
