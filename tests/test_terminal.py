"""Progress on a terminal: none for short work or where there is no terminal, and nothing is left of it."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roundbook.terminal import Bar, bar


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def screen(written: str) -> str:
    """Return the line that a terminal shows after a text: a carriage return leads back, and what follows overwrites."""
    line: list[str] = []
    at = 0
    for char in written:
        if char == "\r":
            at = 0
        else:
            line[at : at + 1] = [char]
            at += 1
    return "".join(line).rstrip()


def test_nothing_shows_where_there_is_no_terminal() -> None:
    stream, clock = io.StringIO(), Clock()
    with bar(stream, clock) as shown:
        for clock.now in (100, 105, 110):
            shown("reading", 1, 2)
    assert stream.getvalue() == ""


def test_nothing_shows_of_work_that_takes_less_than_a_second() -> None:
    stream, clock = Terminal(), Clock()
    shown = bar(stream, clock)
    for clock.now in (100, 100.5, 100.9):
        shown("reading", 1, 2)
    shown.end()
    assert stream.getvalue() == ""


def test_a_bar_shows_how_much_is_done_and_goes_away() -> None:
    written: list[str] = []
    clock = Clock()
    shown = Bar(written.append, clock)
    shown("reading git")
    clock.now += 2
    shown.tick()
    assert screen("".join(written)) == "reading git, 2 s"
    clock.now += 1
    shown("pages", 1_500, 3_000)
    assert screen("".join(written)) == "pages [############............] 1,500 of 3,000"
    shown.clear()
    assert screen("".join(written)) == ""
    clock.now += 1
    shown("pages", 3_000, 3_000)
    shown.end()
    assert screen("".join(written)) == ""
    assert written[-1].endswith("\r")


def test_a_line_is_drawn_ten_times_a_second_at_most() -> None:
    written: list[str] = []
    clock = Clock()
    shown = Bar(written.append, clock)
    clock.now += 5
    for i in range(100_000):
        clock.now += 0.00001
        shown("pages", i, 100_000)
    assert len(written) <= 11


def test_each_stage_is_told_with_its_time() -> None:
    clock, told = Clock(), []
    shown = Bar(None, clock, told=lambda *one: told.append(one))
    shown("reading")
    clock.now += 3
    shown("pages", 0, 2)
    clock.now += 1
    shown("pages", 1, 2)
    shown.end()
    assert told == [("reading", 3), ("pages", 1)]


def test_the_line_goes_away_when_the_work_fails() -> None:
    stream, clock = Terminal(), Clock()

    def work() -> None:
        with bar(stream, clock) as shown:
            clock.now += 2
            shown("reading", 1, 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    assert "reading" in stream.getvalue()
    assert screen(stream.getvalue()) == ""


@given(stage=st.text(max_size=300), done=st.integers(0, 10**9), total=st.integers(0, 10**6), width=st.integers(2, 200))
def test_whatever_a_stage_is_called_it_stays_on_one_line(stage: str, done: int, total: int, width: int) -> None:
    written: list[str] = []
    clock = Clock()
    shown = Bar(written.append, clock, width)
    clock.now += 2
    shown(stage, done, total)
    for text in written:
        assert re.fullmatch(r"\r?[^\x00-\x1f\x7f-\x9f\u202a-\u202e]*\r?", text)
        assert len(text.strip("\r")) < width
    shown.end()
    assert screen("".join(written)) == ""
