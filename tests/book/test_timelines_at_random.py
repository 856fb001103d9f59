"""Tests that timelines equal what reading the book of each commit gives, with random histories."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import pairwise
from pathlib import Path

import pytest

from repository import Repository
from roundbook.book.build import Inputs, build
from roundbook.book.model import Book
from roundbook.git.history import History
from roundbook.project import load
from roundbook.rounds import load as rounds_load
from roundbook.settings import defaults

STATUSES = ("draft", "proposed", "accepted", "rejected", "deprecated", "")
WORK = ("planned", "in-progress", "done", "blocked", "")
ROUNDS = ("3/1", "3/2", "4/1")
Model = dict[str, dict[str, list[tuple[str, str, str]]]]


def text(key: str, lists: Mapping[str, list[tuple[str, str, str]]]) -> str:
    """Return the file of a round, of which each list holds (name, status, what it supersedes)."""
    phase, _, number = key.partition("/")
    lines = [f"round: {number}", f"phase: {phase}", "focus: work"]
    for field, word in (("agents", "name"), ("decisions", "title")):
        entries = lists[field]
        lines += [f"{field}:"] if entries else []
        for name, status, replaced in entries:
            lines += [f"  - {word}: {name}"]
            lines += [f"    status: {status}"] if status else []
            lines += [f"    supersedes: {replaced}"] if replaced else []
    return "\n".join(lines) + "\n"


def change(model: Model, dice: random.Random) -> None:
    """Change one thing: a status, a thing that comes or goes, or a decision that moves to another round."""
    key = dice.choice(ROUNDS)
    lists = model.setdefault(key, {"agents": [], "decisions": []})
    what = dice.random()
    if what < 0.1:
        del model[key]
        return
    if what < 0.5:
        name = dice.choice("abc")
        lists["agents"] = [a for a in lists["agents"] if a[0] != name] + [(name, dice.choice(WORK), "")]
        return
    number = dice.randrange(4)
    name = f"choice {number}"
    for other in model.values():
        other["decisions"] = [d for d in other["decisions"] if d[0] != name]
    if what < 0.9:
        known = [
            d[0] for other in model.values() for d in other["decisions"] if d[0] < name
        ]  # so that there is no ring
        replaced = dice.choice(known).replace(" ", "-") if known and dice.random() < 0.4 else ""
        lists["decisions"].append((name, dice.choice(STATUSES), replaced))


def as_shown(files: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return how all things stand in the book of one commit."""
    loaded = rounds_load.parse({path: content.encode() for path, content in files.items()})
    book = build(Inputs(History(), defaults(), (*loaded.rounds, *loaded.phases), loaded.files))
    found = {("decision", r.id): str(r.status) for r in book.decisions.values()}
    for entry in book.entries.values():
        found["round", entry.key] = entry.status or ""
        found |= {("agent", f"{entry.key}#{a.anchor}"): a.status or "" for a in entry.anchored("agents")}
    return found


def one_by_one(states: list[dict[tuple[str, str], str]]) -> dict[tuple[str, str], list[str]]:
    """Return the statuses that each thing took, by looking at the book of each commit."""
    steps: dict[tuple[str, str], list[str]] = {}
    for before, now in zip([{}, *states], states, strict=False):
        for name, status in now.items():
            if before.get(name) != status:
                steps.setdefault(name, []).append(status)
        for gone in before.keys() - now.keys():
            owner = gone[1].partition("#")[0]
            if gone[0] != "agent" or ("round", owner) in now:
                steps[gone].append("removed")
    return {name: _merged(found) for name, found in steps.items() if any(found)}


def _merged(found: list[str]) -> list[str]:
    return [status for i, status in enumerate(found) if not i or status != found[i - 1]]


def told(book: Book) -> Iterator[tuple[tuple[str, str], list[str]]]:
    for kind, timelines in book.timelines.by_kind.items():
        for name, timeline in timelines.items():
            yield (kind, name), [step.status for step in timeline.steps]


@pytest.mark.parametrize("seed", range(5))
def test_timelines_say_what_the_book_of_each_commit_says(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    repo = Repository(tmp_path / "project")
    model: Model = {}
    before: dict[str, str] = {}
    states = []
    for number in range(30):
        for _ in range(dice.randrange(1, 3)):
            change(model, dice)
        files = {f"data/rounds/{key}.yml": text(key, lists) for key, lists in model.items()}
        gone = dict.fromkeys(before.keys() - files.keys())
        repo.commit(f"c{number}", {**files, **gone, "n.txt": str(number)})
        states.append(as_shown(files))
        before = files
    book = load(repo.path)
    assert dict(told(book)) == one_by_one(states)


@pytest.mark.parametrize("seed", range(5))
def test_branches_end_as_the_book_stands(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    repo = Repository(tmp_path / "project")
    repo.commit("begin", {"n.txt": "0"})
    tips: list[tuple[str, Model]] = [(repo.head, {})]
    for number in range(30):
        tip, model = tips[dice.randrange(len(tips))]
        parents = [tip]
        mine = deepcopy(model)
        if dice.random() < 0.3:
            other, theirs = dice.choice(tips)
            parents = list(dict.fromkeys((tip, other)))
            sides = {key: dice.choice((model, theirs)) for key in sorted({*model, *theirs})}
            mine = deepcopy({key: side[key] for key, side in sides.items() if key in side})
            taken: set[str] = set()
            for lists in mine.values():
                lists["decisions"] = [d for d in lists["decisions"] if d[0] not in taken]
                taken |= {d[0] for d in lists["decisions"]}
        if len(parents) == 1 or dice.random() < 0.2:
            change(mine, dice)
        repo.git("reset", "--quiet", "--hard", tip)
        old = [f"data/rounds/{key}.yml" for key in model if key not in mine]
        files = {f"data/rounds/{key}.yml": text(key, lists) for key, lists in mine.items()}
        made = (repo.commit(f"c{number}", {**dict.fromkeys(old), **files, "n.txt": str(number)}, parents=parents), mine)
        tips = [*(t for t in tips if t[0] not in parents or dice.random() < 0.3), made][-4:]
    shown = as_shown({f"data/rounds/{key}.yml": text(key, lists) for key, lists in tips[-1][1].items()})
    book = load(repo.path)
    said = {name: steps[-1] for name, steps in told(book)}
    assert {name: status for name, status in said.items() if name in shown} == {
        n: s for n, s in shown.items() if n in said
    }
    assert all(said[name] == "removed" for name in said.keys() - shown.keys() if name[0] != "agent")
    assert {name for name, status in shown.items() if status} <= said.keys()
    for timelines in book.timelines.by_kind.values():
        for timeline in timelines.values():
            at = [book.history.order[step.commit] for step in timeline.steps]
            assert at == sorted(at, reverse=True)
            assert all(a.status != b.status for a, b in pairwise(timeline.steps))
