"""Tasks in the background: what is waited for comes first, and nobody waits for what is not done any more."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event, Thread

from roundbook.engines.background import Background


def test_what_is_waited_for_is_done_first() -> None:
    done: list[str] = []
    begun, gate = Event(), Event()

    def first() -> None:
        begun.set()
        gate.wait()
        done.append("first")

    tasks: dict[str, Callable[[], None]] = {
        "first": first,
        **{name: partial(done.append, name) for name in ("second", "third", "last")},
    }
    queue = Background(lambda: None)
    queue.begin(tasks)
    begun.wait()
    asked = Thread(target=queue.wait, args=({"last"},))
    asked.start()
    while "last" not in queue._urgent:
        pass
    gate.set()
    asked.join()
    assert done[:2] == ["first", "last"]
    queue.wait()
    assert sorted(done) == ["first", "last", "second", "third"]


def test_who_waits_goes_on_when_it_is_halted() -> None:
    begun, gate, done = Event(), Event(), []

    def first() -> None:
        begun.set()
        gate.wait()

    queue = Background(lambda: None)
    queue.begin({"first": first, "second": lambda: done.append(2)})
    begun.wait()
    asked, halting = Thread(target=queue.wait), Thread(target=queue.halt)
    asked.start()
    halting.start()
    asked.join()
    gate.set()
    halting.join()
    assert not done


def test_a_task_that_fails_is_told_and_the_others_are_done() -> None:
    told: list[str] = []

    def fail() -> None:
        raise ValueError

    queue = Background(lambda: told.append("failed"))
    queue.begin({"first": fail, "second": lambda: told.append("done")})
    queue.wait()
    assert told == ["failed", "done"]
