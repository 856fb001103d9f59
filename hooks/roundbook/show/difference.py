"""In: a difference. Out: the same as text for a terminal, as Markdown for a comment or a note, and as data for JSON.

Text and Markdown are made from the same lines; only what a line does with words that are not ours differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from roundbook.model.difference import Difference, Moved, Point, Turned
from roundbook.show.encode import clean, cut, encode

Words = Callable[[str], str]
Section = tuple[str, list[str]]


def plain(made: Difference) -> dict[str, Any]:
    """Return a difference as plain data; its keys are described on the page on comparing."""
    return {
        "before": made.before,
        "after": made.after,
        "metrics": [{**asdict(m), "difference": None if m.difference is None else str(m.difference)}
                    for m in made.metrics],
        "decisions": {
            "new": [_decision(d) for d in made.new_decisions],
            "changed": [_decision(d) for d in made.changed_decisions],
            "gone": [_decision(d) for d in made.gone_decisions],
        },
        "goals": {
            "completed": [asdict(p) for p in made.completed_goals],
            "open": [asdict(p) for p in made.open_goals],
            "new": [asdict(p) for p in made.new_goals],
        },
        "threads": {
            "opened": [_thread(p) for p in made.opened_threads],
            "closed": [_thread(p) for p in made.closed_threads],
        },
        "rounds": {name: list(keys) for name, keys in asdict(made.rounds).items()},
        "commits": made.commits,
        "complete": made.complete,
    }  # fmt: skip


def _decision(one: Turned) -> dict[str, Any]:
    values = asdict(one)
    values["superseded-by"] = list(values.pop("superseded_by"))
    return values


def _thread(one: Point) -> dict[str, Any]:
    values = asdict(one)
    values["closed-by"] = values.pop("status")
    return values


def text(made: Difference) -> str:
    """Return a difference for a terminal; the door makes its lines harmless."""
    lines = [f"{made.before} → {made.after}"]
    for title, items in _sections(made, lambda words: cut(" ".join(clean(words).split()))):
        lines += ["", title, *(f"  {item}" for item in items)]
    return "\n".join((*lines, *_ending(made))) + "\n"


def markdown(made: Difference) -> str:
    """Return a difference as Markdown in which no text of others is markup."""
    lines = [f"# What changed from {encode(made.before)} to {encode(made.after)}"]
    for title, items in _sections(made, lambda words: str(encode(cut(" ".join(words.split()))))):
        lines += ["", f"## {title}", "", *(f"- {item}" for item in items)]
    return "\n".join((*lines, *_ending(made))) + "\n"


def _ending(made: Difference) -> Iterator[str]:
    if made.is_empty:
        yield ""
        yield "Nothing changed."
    if not made.complete:
        yield ""
        yield "The history here is incomplete: there may be more commits."


def _sections(made: Difference, words: Words) -> Iterator[Section]:
    """Yield the parts that say something, each with its lines."""
    parts: tuple[Section, ...] = (
        ("Metrics", [_metric(m, words) for m in made.metrics]),
        ("New decisions", [_decided(d, words) for d in made.new_decisions]),
        ("Decisions that changed", [_decided(d, words) for d in made.changed_decisions]),
        ("Decisions that are gone", [_decided(d, words) for d in made.gone_decisions]),
        ("Goals completed", [_point(p, words) for p in made.completed_goals]),
        ("Goals still open", [_point(p, words) for p in made.open_goals]),
        ("New goals", [_point(p, words) for p in made.new_goals]),
        ("Threads opened", [_point(p, words) for p in made.opened_threads]),
        ("Threads closed", [_point(p, words) for p in made.closed_threads]),
        ("Rounds", list(_rounds(made, words))),
        ("Commits", [f"{made.commits:,} in between"] if made.commits else []),
    )
    return (part for part in parts if part[1])


def _metric(one: Moved, words: Words) -> str:
    shown = [words(value) if value is not None else "not said" for value in (one.before, one.after)]
    moved = f" ({one.difference:+,})" if one.difference is not None else ""
    return f"{words(one.name)}: {shown[0]} → {shown[1]}{moved} ({words(one.round)})"


def _decided(one: Turned, words: Words) -> str:
    turn = f"{one.before} → {one.after or 'gone'}" if one.before else one.after or ""
    by = f", replaced by {words(', '.join(one.superseded_by))}" if one.superseded_by else ""
    return f"{words(one.title)} ({words(f'{one.round}#{one.id}' if one.round else one.id)}): {turn}{by}"


def _point(one: Point, words: Words) -> str:
    goal = one.kind == "goal"
    after = "" if one.status is None else f", {one.status}" if goal else f", closed by {words(one.status)}"
    return f"{'' if goal else f'{one.kind}: '}{words(one.title)} ({words(one.round)}{after})"


def _rounds(made: Difference, words: Words) -> Iterator[str]:
    for name, keys in (("new", made.rounds.new), ("changed", made.rounds.changed), ("gone", made.rounds.gone)):
        if keys:
            yield f"{name}: {words(', '.join(keys))}"
