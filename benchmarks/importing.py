"""Imports of notes, their proof, and `fmt`.

I1: `roundbook import --verify` of twice as many notes ÷ once. I2: one note with twice as many lines ÷ once.
F1: `roundbook fmt --check` over the rounds that came of it ÷ `roundbook check`.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROUNDBOOK, Measured, Scale, Side, Target, compare, environment
from benchmarks.inputs import git

I1 = Target("I1", "import --verify of twice as many notes ÷ once", 2.1)
I2 = Target("I2", "import --verify of a note of twice the length ÷ once", 2.1)
F1 = Target("F1", "fmt --check ÷ check of the same rounds", 1)
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


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield what imports cost."""
    root, number = folder / "notes", scale.rounds
    for name, count, lines in (("once", number, 8), ("twice", 2 * number, 8), ("long", 1, 1000), ("longer", 1, 2000)):
        notes(root / name, count, lines)
    git(root, "init", "-q")

    def verify(name: str) -> Side:
        return Side(name, (*ROUNDBOOK, "import", name, "--verify", "--dry-run"), root)

    yield compare(I1, verify("twice"), verify("once"), scale.runs)
    yield compare(I2, verify("longer"), verify("long"), scale.runs)
    subprocess.run([*ROUNDBOOK, "import", "once"], cwd=root, env=environment(), check=True, capture_output=True)
    fmt, check = (Side(words[0], (*ROUNDBOOK, *words), root) for words in (("fmt", "--check"), ("check",)))
    yield compare(F1, fmt, check, scale.runs)
