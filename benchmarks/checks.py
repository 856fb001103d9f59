"""B5: what all checks cost, as a ratio to reading the history beside them.

All that `load` does for checks ÷ reading that history with its paths. What it does is: to ask git what the rounds
need (`answers`), to read every version of the round files (`versions`), to tell from them how things came to stand as
they do (`timelines`), and to judge. The processor's time counts, git's included: the clock depends on who else is there.
"""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.harness import Measured, Scale, Target
from benchmarks.history import build

from roundbook.book.questions import ask
from roundbook.book.timeline import timelines
from roundbook.checks.registry import judge
from roundbook.git import no_pauses, repository
from roundbook.project import load
from roundbook.rounds import evidence
from roundbook.rounds import versions as rounds_versions
from roundbook.settings import defaults

ROUND = """\
round: {round}
phase: {phase}
date: {day}
status: {status}
focus: Focus of round {round} in phase {phase}
metrics: {{tests: {{before: {before}, after: {after}}}}}
agents:
  - {{name: Agent one, task: Do the first thing, status: {status}}}
  - {{name: Agent two, task: Do the second thing, status: {status}}}
deliverables: {{paths: [{paths}]}}
decisions:
  - {{title: Decision of {phase}-{round}, rationale: One reason, affects: "d{folder}/**"}}
"""
PATHS = 24
VERSIONS = 2  # of the file of each second round; of the others one less
B5 = Target("B5", "all checks ÷ reading history with paths, processor", 0.25)


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield what all checks cost, with its parts."""
    root = folder / "checks"
    project(root, scale.history, max(10, scale.history // 60), VERSIONS)
    yield measure(root, scale.runs)


def project(root: Path, commits: int, count: int, versions: int) -> None:
    """Make a project with so many rounds, the versions of their files spread evenly over the history."""
    written: dict[int, list[tuple[str, str]]] = {}
    for i in range(count):
        name, own = f"data/rounds/{i // 100}/{i % 100}.yml", max(1, versions - i % 2)
        for version in range(own):
            at = 1 + i * commits // count + version * (commits // count) // own
            written.setdefault(min(at, commits), []).append((name, text(i, version, own)))
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text(i, own - 1, own))
    build(root / ".git", commits, written)
    subprocess.run(["git", "-C", str(root / ".git"), "config", "core.bare", "false"], check=True)


def text(i: int, version: int, versions: int) -> str:
    """Return a version of a round; it names paths of which most are there, some by their ending only, and one is not."""
    numbers = [(i * 100 + step) % 3000 for step in range(PATHS)]
    paths = [f"d{n % 60}/s{n % 7}/f{n}.py" if n % 9 else f"f{n}.py" for n in numbers]
    paths[0] = f"scripts/never-{i}.sh"
    return ROUND.format(
        round=i % 100,
        phase=i // 100,
        status="done" if version == versions - 1 else "in progress" if version else "planned",
        day=f"2018-{i // 100 % 12 + 1:02}-{i % 28 + 1:02}",
        before=1000 + i,
        after=1001 + i + version,
        paths=", ".join(paths),
        folder=i % 60,
    )


def measure(root: Path, runs: int) -> Measured:
    """Return what the parts of checking cost together, against reading."""
    book, options = load(root), defaults()
    versions = rounds_versions.read(root, book.history)
    parts: dict[str, Callable[[], object]] = {
        "reading": lambda: repository.read(root),
        "answers": lambda: evidence.answer(root, ask(book, options, "data")),
        "versions": lambda: rounds_versions.read(root, book.history),
        "timelines": lambda: timelines(versions, book.history, book.pull_requests),
        "judge": lambda: judge(book, options),
    }
    with no_pauses():  # as `load` does
        runs_of_parts = [{name: seconds(work) for name, work in parts.items()} for _ in range(runs)]
    took = {name: statistics.median(one[name] for one in runs_of_parts) for name in parts}
    reading = took.pop("reading")
    each = [(sum(one.values()) - one["reading"]) / one["reading"] for one in runs_of_parts]
    sides = ", ".join(f"{name} {cost:.3g} s" for name, cost in {"reading": reading, **took}.items())
    return Measured(B5, sum(took.values()) / reading, min(each), max(each), sides)


def seconds(work: Callable[[], Any]) -> float:
    """Return the seconds of the processor that work took, those of the programs that it ran and ended included."""
    gc.collect()
    start = os.times()
    work()
    end = os.times()
    return sum(end[:4]) - sum(start[:4])
