"""History: R1 and R2 against `git log` of the same fields, R3 with a cache against without, R4 of many commits."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROOT, Measured, Scale, Side, Target, alternately, compare, ratio
from benchmarks.history import LOG, LOG_PATHS, build

R1 = Target("R1", "history without paths ÷ git log of the same fields", 0.90)
R1_MEMORY = Target("R1", "the same, memory", 1.5)
R2 = Target("R2", "history with paths ÷ git log with paths", 1.15)
READ = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from roundbook.git.repository import read
read(Path("."), paths=sys.argv[2] == "paths")
"""


def side(name: str, root: Path, *, paths: bool) -> Side:
    """Return a process that reads a history as the package does."""
    words = (sys.executable, "-c", READ, str(ROOT / "hooks"), "paths" if paths else "messages")
    return Side(name, words, root, lambda: forget(root))


def forget(root: Path) -> None:
    """Remove what was kept of a history."""
    for folder in (root / ".cache", root / ".git/roundbook", root / "roundbook"):
        shutil.rmtree(folder, ignore_errors=True)


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield what reading costs."""
    root = build(folder / "history", scale.history)
    ours, floor = side("ours", root, paths=False), Side("git log", LOG, root)
    costs = alternately(ours, floor, scale.runs)
    yield ratio(R1, "ours", "git log", costs)
    yield ratio(R1_MEMORY, "ours", "git log", costs, "memory")
    yield compare(R2, side("ours", root, paths=True), Side("git log", LOG_PATHS, root), scale.runs)
