"""In: numbers of commits, rounds and versions. Out: what all checks cost, as ratios to reading the history beside them.

B5: all that `load` does for checks ÷ reading that history with its paths. What it does is: to ask git what the rounds
need (`answers`), to read every version of the round files (`versions`), to tell from them how things came to stand as
they do (`timelines`), and to judge. The processor's time counts, git's included: the clock depends on who else is there.

    python benchmarks/checks.py [--commits 60000] [--rounds 1000] [--versions 2] [--runs 3] [--each]
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1] / "hooks"), str(Path(__file__).parent)]

from history import build

from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.book.questions import ask
from roundbook.book.timeline import timelines
from roundbook.checks.registry import CHECKS, CheckContext, judge
from roundbook.git import no_pauses, repository
from roundbook.project import load
from roundbook.rounds import evidence
from roundbook.rounds import versions as rounds_versions
from roundbook.settings import Settings, defaults

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
TARGET = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument(
        "--versions", type=int, default=2, help="versions of the file of each second round; others: one less"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="the cost of each check too")
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        project(root, choice.commits, choice.rounds, choice.versions)
        measure(root, choice.runs, choice.each)


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


def measure(root: Path, runs: int, every: bool) -> None:
    """Print what reading costs, and what each part of checking does."""
    book, options = load(root), defaults()
    versions = rounds_versions.read(root, book.history)
    parts: dict[str, Callable[[], object]] = {
        "reading": lambda: repository.read(root),
        "answers": lambda: evidence.answer(root, ask(book, options, "data")),
        "versions": lambda: rounds_versions.read(root, book.history),
        "lives": lambda: timelines(versions, book.history, book.pull_requests),
        "judge": lambda: judge(book, options),
    }
    with no_pauses():  # as `load` does
        measured = [{name: seconds(work) for name, work in parts.items()} for _ in range(runs)]
    took = {name: statistics.median(one[name] for one in measured) for name in parts}
    reading = took.pop("reading")
    print(
        f"B5 all checks of {len(book.history.commits):,} commits, {len(book.entries):,} rounds in {len(versions):,} "
        f"versions, {len(book.results):,} verdicts"
    )
    for name, cost in took.items():
        print(f"  processor  {name:8} {cost:6.2f} s   reading {reading:6.2f} s   ratio {cost / reading:5.2f}")
    whole = sum(took.values())
    print(
        f"  processor  checks   {whole:6.2f} s   reading {reading:6.2f} s   ratio {whole / reading:5.2f}   target {TARGET}"
    )
    if every:
        each(book, options)


def each(book: Book, options: Settings) -> None:
    """Print the cost of each check alone; they share one docket, so the first that asks for an index pays for it."""
    context = CheckContext(book, options)
    for slug in sorted(CHECKS):
        found: list[CheckResult] = []
        took = seconds(lambda found=found, slug=slug: found.extend(CHECKS[slug].function(context)))  # type: ignore[misc]
        print(f"    {slug:32} {took:6.3f} s   {len(found):7,} verdicts")


def seconds(work: Callable[[], Any]) -> float:
    """Return the seconds of the processor that work took, those of the programs that it ran and ended included."""
    gc.collect()
    start = os.times()
    work()
    end = os.times()
    return sum(end[:4]) - sum(start[:4])


if __name__ == "__main__":
    main()
