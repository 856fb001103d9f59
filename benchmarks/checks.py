"""In: numbers of commits and rounds. Out: what all checks cost, as a ratio to reading the history in the same process.

B5: judging a book of 60,000 commits and 1,000 rounds with 24 paths each ÷ reading that history with its paths.

    python benchmarks/checks.py [--commits 60000] [--rounds 1000] [--runs 3] [--each]
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "hooks"), str(Path(__file__).parent)]

from history import build

from roundbook.model.book import Book
from roundbook.model.verdict import Verdict
from roundbook.pipeline import load
from roundbook.read import git
from roundbook.read.pauses import no_pauses
from roundbook.settings import Settings, defaults
from roundbook.think.checks import CHECKS, Docket, judge

ROUND = """\
round: {round}
phase: {phase}
date: {day}
status: done
focus: Focus of round {round} in phase {phase}
metrics: {{tests: {{before: {before}, after: {after}}}}}
agents:
  - {{name: Agent one, task: Do the first thing, status: done}}
  - {{name: Agent two, task: Do the second thing, status: done}}
deliverables: {{paths: [{paths}]}}
decisions:
  - {{title: Decision of {phase}-{round}, rationale: One reason, affects: "d{folder}/**"}}
"""
PATHS = 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--each", action="store_true", help="the cost of each check too")
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        build(root / ".git", choice.commits)
        subprocess.run(["git", "-C", str(root / ".git"), "config", "core.bare", "false"], check=True)
        rounds(root, choice.rounds)
        book, options = load(root), defaults()
        reading = statistics.median(seconds(lambda: git.read(root)) for _ in range(choice.runs))
        with no_pauses():  # as `load` does
            judging = statistics.median(seconds(lambda: judge(book, options)) for _ in range(choice.runs))
        counted = (
            f"{len(book.history.commits):,} commits, {len(book.entries):,} rounds, {len(book.verdicts):,} verdicts"
        )
        print(f"B5 all checks of {counted}")
        print(
            f"  wall       checks {judging:6.2f} s   reading {reading:6.2f} s   ratio {judging / reading:5.2f}   target 0.25"
        )
        if choice.each:
            each(book, options)


def each(book: Book, options: Settings) -> None:
    """Print the cost of each check alone; they share one docket, so the first that asks for an index pays for it."""
    docket = Docket(book, options)
    for slug in sorted(CHECKS):
        found: list[Verdict] = []
        took = seconds(lambda found=found, slug=slug: found.extend(CHECKS[slug].function(docket)))  # type: ignore[misc]
        print(f"    {slug:32} {took:6.3f} s   {len(found):7,} verdicts")


def rounds(root: Path, count: int) -> None:
    """Write so many rounds; each names paths of which most are there, some only by their ending, and one is not."""
    for i in range(count):
        phase, number = i // 100, i % 100
        file = root / f"data/rounds/{phase}/{number}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        numbers = [(i * 100 + step) % 3000 for step in range(PATHS)]
        paths = [f"d{n % 60}/s{n % 7}/f{n}.py" if n % 9 else f"f{n}.py" for n in numbers]
        paths[0] = f"scripts/never-{i}.sh"
        file.write_text(
            ROUND.format(
                round=number,
                phase=phase,
                day=f"2018-{i // 100 % 12 + 1:02}-{i % 28 + 1:02}",
                before=1000 + i,
                after=1001 + i,
                paths=", ".join(paths),
                folder=i % 60,
            )
        )


def seconds(work: object) -> float:
    gc.collect()
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
