"""History: R1 and R2 against `git log` of the same fields, R3 with a cache against without, R4 of many commits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.harness import ROOT, Measured, Scale, Side, Target, absolute, alternately, compare, ratio
from benchmarks.history import LOG, LOG_PATHS, build

R1 = Target("R1", "history without paths ÷ git log of the same fields", 0.90)
R1_PROCESSOR = Target("R1", "the same, processor", 0.90)
R1_MEMORY = Target("R1", "the same, memory", 1.5)
R2 = Target("R2", "history with paths ÷ git log with paths", 1.15)
R2_PROCESSOR = Target("R2", "the same, processor", 1.15)
R3 = Target("R3", "history with paths that is kept ÷ read from git", 0.15)
R3_NEXT = Target("R3", "the same after one new commit", 0.15)
R4 = Target("R4", "1,000,000 commits ÷ git log of the same fields", 1.15)
R4_KEPT = Target("R4", "1,000,000 commits that are kept", 1, "s")
R4_MEMORY = Target("R4", "the same, memory", 1_200, "MiB")
MANY = 1_000_000
CACHE = ".cache/roundbook"
READ = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from roundbook.git.repository import read
read(Path("."), paths=sys.argv[2] != "messages", cache=Path(sys.argv[3]) if sys.argv[2] == "kept" else None)
"""


def side(name: str, root: Path, what: str, before: Callable[[], object] = lambda: None) -> Side:
    """Return a process that reads a history as the package does: `messages`, also `paths`, or also what is `kept`."""
    return Side(name, (sys.executable, "-c", READ, str(ROOT / "hooks"), what, CACHE), root, before)


def repository(folder: Path, commits: int) -> Path:
    """Return a work tree without files, of a history of so many commits."""
    build(folder / ".git", commits)
    subprocess.run(["git", "-C", str(folder / ".git"), "config", "core.bare", "false"], check=True)
    return folder


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield what reading costs."""
    root = repository(folder / "history", scale.history)
    costs = alternately(side("ours", root, "messages"), Side("git log", LOG, root), scale.runs)
    yield ratio(R1, "ours", "git log", costs)
    yield ratio(R1_PROCESSOR, "ours", "git log", costs, "processor")
    yield ratio(R1_MEMORY, "ours", "git log", costs, "memory")
    costs = alternately(side("ours", root, "paths"), Side("git log", LOG_PATHS, root), scale.runs)
    yield ratio(R2, "ours", "git log", costs)
    yield ratio(R2_PROCESSOR, "ours", "git log", costs, "processor")
    yield from again(root, scale.runs)
    if scale.history >= MANY:
        yield from many(root, scale.runs)


def again(root: Path, runs: int) -> Iterator[Measured]:
    """Yield what reading costs the second time: with nothing new, and with a new commit that is not kept yet."""
    cold = side("read", root, "paths")
    side("first", root, "kept").run()
    yield compare(R3, side("kept", root, "kept"), cold, runs)
    shutil.copytree(root / CACHE, root / "before")
    text = "feat: new"
    tree = _git(root, "rev-parse", "HEAD^{tree}")
    _git(root, "update-ref", "HEAD", _git(root, "commit-tree", tree, "-p", "HEAD", "-m", text))
    yield compare(R3_NEXT, side("kept", root, "kept", lambda: _restore(root)), cold, runs)


def many(root: Path, runs: int) -> Iterator[Measured]:
    """Yield what very many commits cost, and what they take in memory."""
    yield compare(R4, side("ours", root, "messages"), Side("git log", LOG, root), runs)
    costs = [side("kept", root, "kept").run() for _ in range(runs + 1)][1:]
    yield absolute(R4_KEPT, [cost.wall for cost in costs], "")
    yield absolute(R4_MEMORY, [cost.memory for cost in costs], "")


def _restore(root: Path) -> None:
    shutil.copytree(root / "before", root / CACHE, dirs_exist_ok=True)


def _git(root: Path, *words: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(["git", *who, *words], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()
