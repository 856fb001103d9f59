"""Benchmark of reading history: the cost as ratios to `git log` in the same run.

    python benchmarks/history.py                        20,000 synthetic commits
    python benchmarks/history.py --commits 1000000
    python benchmarks/history.py --repository ../nova   a real one

R1 and R2 of the speed targets. Both sides are whole processes, taken in turns, their medians compared: a time alone
says nothing, because machines differ and are shared. Memory is the largest process of each side, git's own included.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[1] / "hooks"
FIELDS = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ai%x00%cn%x00%ce%x00%ct%x00%ci%x00%B"
LOG = ["git", "log", "-z", FIELDS]
LOG_PATHS = [*LOG, "--name-status", "--no-renames"]
READ = "import sys; sys.path.insert(0, sys.argv[1])\nfrom pathlib import Path\nfrom roundbook.read.git import read\n"
OURS = [sys.executable, "-c", READ + "read(Path('.'), paths=False)", str(SOURCE)]
OURS_PATHS = [sys.executable, "-c", READ + "read(Path('.'))", str(SOURCE)]
TARGETS = (("R1 without paths", OURS, LOG, 0.90, 1.5), ("R2 with paths", OURS_PATHS, LOG_PATHS, 1.15, None))


class Cost(NamedTuple):
    """What one run took: seconds on the clock, seconds of processor, and MiB of the largest process."""

    wall: float
    processor: float
    memory: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commits", type=int, default=20_000)
    parser.add_argument("--repository", type=Path, help="measure this one instead of a synthetic one")
    parser.add_argument("--runs", type=int, default=5)
    choice = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = choice.repository or build(Path(folder), choice.commits)
        for title, ours, floor, target, memory_target in TARGETS:
            report(title, *compare(root, ours, floor, choice.runs), target, memory_target)


def compare(root: Path, ours: list[str], floor: list[str], runs: int) -> tuple[Cost, Cost]:
    """Return the median costs of both commands, run in turns after one run each that does not count."""
    measured = [(measure(ours, root), measure(floor, root)) for _ in range(runs + 1)][1:]
    mine, theirs = zip(*measured, strict=True)
    return median(mine), median(theirs)


def median(costs: tuple[Cost, ...]) -> Cost:
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def measure(command: list[str], root: Path) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def report(title: str, ours: Cost, floor: Cost, target: float, memory_target: float | None) -> None:
    def line(name: str, mine: float, theirs: float, unit: str, aim: float | None) -> str:
        goal = f"   target {aim:.2f}" if aim else ""
        return (
            f"  {name:10} ours {mine:8.2f} {unit:3}   git log {theirs:8.2f} {unit:3}   ratio {mine / theirs:5.2f}{goal}"
        )

    print(title)
    print(line("wall", ours.wall, floor.wall, "s", target))
    print(line("processor", ours.processor, floor.processor, "s", None))
    print(line("memory", ours.memory, floor.memory, "MiB", memory_target))


def build(folder: Path, commits: int, written: Mapping[int, Sequence[tuple[str, str]]] | None = None) -> Path:
    """Make a packed repository with `commits` commits: every tenth is a merge, each touches three of 3,000 files.

    `written` are paths and texts that commits write besides, by the number of the commit, the first of which is 1.
    """
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    with subprocess.Popen(["git", "fast-import", "--quiet", "--done"], cwd=folder, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for text in stream(commits, written or {}):
            process.stdin.write(text.encode())
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=folder, check=True)
    subprocess.run(["git", "-c", "gc.writeCommitGraph=false", "gc", "--quiet"], cwd=folder, check=True)
    return folder


def stream(commits: int, written: Mapping[int, Sequence[tuple[str, str]]]) -> Iterator[str]:
    """Yield the commands of `git fast-import` that make the synthetic history."""
    for mark in range(1, commits + 1):
        message = f"fix(part-{mark % 40}): change number {mark}\n\n" + "A line of the body that says why.\n" * (
            mark % 12
        )
        message += f"\nRound: 3/{mark // 100}\nSigned-off-by: Person {mark % 97} <p{mark % 97}@example.org>\n"
        person = f"Person {mark % 97} <p{mark % 97}@example.org> {1_500_000_000 + mark * 600}"
        yield f"commit refs/heads/main\nmark :{mark}\nauthor {person} +0100\ncommitter {person} +0200\n"
        yield f"data {len(message)}\n{message}"
        if mark > 1:
            yield f"from :{mark - 1}\n"
        if mark % 10 == 0:
            yield f"merge :{mark - 5}\n"
        for step in (1, 7, 31):
            number = mark * step % 3000
            yield f"M 100644 inline d{number % 60}/s{number % 7}/f{number}.py\ndata {len(str(mark))}\n{mark}\n"
        for path, content in written.get(mark, ()):
            yield f"M 100644 inline {path}\ndata {len(content)}\n{content}\n"
    yield "done\n"


if __name__ == "__main__":
    main()
