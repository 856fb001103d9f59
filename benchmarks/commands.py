"""C1: commands that a person waits for, on a small repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROUNDBOOK, Measured, Scale, Side, Target, absolute
from benchmarks.inputs import project

VERSION = Target("C1", "roundbook --version", 80, "ms")
CHECK = Target("C1", "roundbook check on a small repository", 400, "ms")


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield how long each takes, with an empty Python beside it."""
    path = project(folder / "tiny", 5, 50)
    sides = [Side("ours", (*ROUNDBOOK, *words), path) for words in (("--version",), ("check",))]
    python = Side("python", (ROUNDBOOK[0], "-c", "pass"), path)
    runs = [[side.run().wall * 1000 for side in (*sides, python)] for _ in range(scale.runs + 1)][1:]
    for target, column in zip((VERSION, CHECK), range(2), strict=True):
        empty = sorted(run[2] for run in runs)[len(runs) // 2]
        yield absolute(target, [run[column] for run in runs], f"an empty Python takes {empty:.0f} ms")
