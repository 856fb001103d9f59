"""C1: commands that a person waits for, on a small repository and on a project of 250 rounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROUNDBOOK, Measured, Scale, Side, Target, absolute
from benchmarks.inputs import project

SMALL = {
    ("--version",): Target("C1", "roundbook --version", 80, "ms"),
    ("--help",): Target("C1", "roundbook --help", 200, "ms"),
    ("check",): Target("C1", "roundbook check on a small repository", 400, "ms"),
}
LARGE = {
    ("link", "3/r4"): Target("C1", "roundbook link, 250 rounds", 500, "ms"),
    ("explain", "src/1/f1"): Target("C1", "roundbook explain, 250 rounds", 500, "ms"),
    ("show", "rounds/3/r4.md"): Target("C1", "roundbook show, 250 rounds", 500, "ms"),
    ("pr", "--base", "HEAD~5"): Target("C1", "roundbook pr, 250 rounds", 500, "ms"),
    ("new", "decision", "To be quick", "--round", "3/r4"): Target("C1", "roundbook new, 250 rounds", 500, "ms"),
}
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # as a package is that is installed


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield how long each takes, with an empty Python beside it."""
    yield from _measured(SMALL, project(folder / "tiny", 5, 50), scale.runs)
    yield from _measured(LARGE, project(folder / "middle", 250, 1500), scale.runs)


def _measured(targets: dict[tuple[str, ...], Target], path: Path, runs: int) -> Iterator[Measured]:
    sides = [Side(" ".join(words), (*ROUNDBOOK, *words), path, more=COMPILED) for words in targets]
    python = Side("python", (ROUNDBOOK[0], "-c", "pass"), path)
    found = [[side.run().wall * 1000 for side in (*sides, python)] for _ in range(runs + 1)][1:]
    empty = sorted(run[-1] for run in found)[len(found) // 2]
    for number, target in enumerate(targets.values()):
        yield absolute(target, [run[number] for run in found], f"an empty Python takes {empty:.0f} ms")
