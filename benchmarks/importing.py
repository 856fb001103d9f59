"""In: a number of notes. Out: how long `import`, its proof and `fmt` take, as ratios measured side by side.

I1: `roundbook import --verify` of so many notes ÷ an empty Python, and once more for twice as many ÷ once.
I2: one note with twice as many lines ÷ once.
F1: `roundbook fmt --check` over the rounds that came of it ÷ `roundbook check`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTE = """\
# Phase {phase} Round {round} Summary

**Date**: 2026-01-{day:02}
**Agents**: 3 concurrent
**Focus**: Focus of round {round} in phase {phase}
**Test Count (pre-round)**: {tests:,} (from Round {before})

## Round {round} Agents

| # | Agent | Task | Status |
|---|-------|------|--------|
{agents}
## Key Decision: Choice {phase}-{round}

We take the second way because:
- it is the shorter one of {phase} and {round}
- nobody needs the first one

## What Was Completed

{done}
## Mood

Words about round {round} that fit no key.
"""


def notes(path: Path, number: int, lines: int = 8) -> None:
    """Write so many notes, each with `lines` agents and as many things done."""
    path.mkdir(parents=True)
    for i in range(number):
        phase, round_ = i // 50 + 1, i % 50 + 1
        text = NOTE.format(
            phase=phase,
            round=round_,
            before=round_ - 1,
            day=i % 28 + 1,
            tests=1000 + i,
            agents="".join(f"| {n} | Agent {n} | Do thing {n} of {i} | ✅ Done |\n" for n in range(lines)),
            done="".join(f"- Thing {n} of {i} in `src/part{n}.py`\n" for n in range(lines)),
        )
        (path / f"phase{phase}-round{round_}-summary.md").write_text(text, "utf-8")


def seconds(*words: str | Path, folder: Path) -> float:
    """Return the time of a command, the better one of two runs."""
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        subprocess.run(
            [str(word) for word in words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=200)
    number = parser.parse_args().notes
    program = Path(sys.executable).parent / "roundbook"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notes(folder / "once", number)
        notes(folder / "twice", 2 * number)
        notes(folder / "long", 1, 1000)
        notes(folder / "longer", 1, 2000)
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        empty = seconds(sys.executable, "-c", "", folder=folder)
        took = {
            n: seconds(program, "import", n, "--verify", "--dry-run", folder=folder)
            for n in ("once", "twice", "long", "longer")
        }
        print(
            f"I1 import --verify of {number} notes: {took['once']:.2f} s, {took['once'] / empty:.0f} × an empty Python"
        )
        print(f"I1 of {2 * number} notes ÷ {number}: {took['twice'] / took['once']:.2f} (target 2.1)")
        print(
            f"I2 one note of 4,000 lines ÷ 2,000: {took['longer'] / took['long']:.2f} (target 2.1; {took['longer']:.2f} s)"
        )
        subprocess.run([program, "import", "once"], cwd=folder, check=True, capture_output=True)
        check, fmt = (seconds(program, *words, folder=folder) for words in (("check",), ("fmt", "--check")))
        print(f"F1 fmt --check ÷ check, {number} rounds: {fmt / check:.2f} ({fmt:.2f} s ÷ {check:.2f} s)")


if __name__ == "__main__":
    main()
