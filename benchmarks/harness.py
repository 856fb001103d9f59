"""Measurements: two commands run in turns, their ratio with its spread, and the target that it is held against.

A time alone says nothing, because machines differ and are shared. So both sides of a ratio are whole processes that run
alternately in one run, each once before it counts, and what is reported is the ratio of their medians.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ROUNDBOOK = (sys.executable, "-m", "roundbook")
MKDOCS = (sys.executable, "-m", "mkdocs")


class Cost(NamedTuple):
    """What a run took: seconds on the clock, seconds of processor, MiB of its largest process; children included."""

    wall: float
    processor: float
    memory: float = 0.0


class Scale(NamedTuple):
    """How large the inputs are, and how often each side runs.

    `rounds` and `commits` are those of the site that is built, `history` the commits of the repository that is read,
    `changelog` those of which a changelog is made, for which others need quadratic time. `peers` is the folder of the
    programs of others, where they are installed. `load` is the share of the sizes that a book must survive.
    """

    rounds: int
    commits: int
    history: int
    changelog: int
    runs: int
    peers: Path | None = None
    load: float = 0.05


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a command in a folder, with what is done before each run and is not measured."""

    name: str
    words: Sequence[str | Path]
    folder: Path
    before: Callable[[], object] = lambda: None
    more: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> Cost:
        """Run it once."""
        self.before()
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in self.words],
            cwd=self.folder,
            env=environment(**self.more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        with process.stderr:
            said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{self.name} ended with {process.returncode}:\n{said.decode(errors='replace')[-2000:]}")
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def environment(**more: str) -> dict[str, str]:
    """Return an environment without git's variables, in which dates are fixed and Python keeps what it compiles."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") and name != "PYTHONDONTWRITEBYTECODE"
    }
    return (
        kept | {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1767225600", "GIT_CONFIG_GLOBAL": os.devnull} | more
    )


@dataclass(frozen=True, slots=True)
class Target:
    """What is aimed at: at most `limit` of a unit; the unit of a ratio is `×`."""

    id: str
    what: str
    limit: float
    unit: str = "×"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured against a target: the value, its lowest and highest, and both sides in words."""

    target: Target
    value: float
    low: float
    high: float
    sides: str

    @property
    def met(self) -> bool:
        """Tell whether the target is met."""
        return self.value <= self.target.limit

    @property
    def verdict(self) -> str:
        """Return `met`, or by how much it is missed."""
        return "met" if self.met else f"missed by {self.value / self.target.limit:.1f} ×"

    def cells(self) -> tuple[str, ...]:
        """Return the cells of its row in a table."""
        unit = "" if self.target.unit == "×" else f" {self.target.unit}"
        spread = f" ({self.low:.3g}–{self.high:.3g})" if self.high > self.low else ""
        return (
            self.target.id,
            self.target.what,
            f"{self.value:.3g}{unit}{spread}",
            f"{self.target.limit:g}{unit}",
            self.verdict,
            self.sides,
        )

    def line(self) -> str:
        """Return it on one line of a terminal."""
        name, what, value, limit, verdict, sides = self.cells()
        return f"{name:3} {what}: {value}, target {limit}, {verdict}; {sides}"


def alternately(ours: Side, theirs: Side, runs: int) -> list[tuple[Cost, Cost]]:
    """Return the costs of both sides, run in turns after a run each that does not count."""
    return [(ours.run(), theirs.run()) for _ in range(runs + 1)][1:]


def compare(target: Target, ours: Side, theirs: Side, runs: int, of: str = "wall") -> Measured:
    """Return a ratio of two commands measured side by side, of `wall`, `processor` or `memory`."""
    return ratio(target, ours.name, theirs.name, alternately(ours, theirs, runs), of)


def ratio(target: Target, ours: str, theirs: str, costs: Sequence[tuple[Cost, Cost]], of: str = "wall") -> Measured:
    """Return the ratio of the medians of two sides that were measured in turns."""
    mine, others = ([getattr(cost, of) for cost in side] for side in zip(*costs, strict=True))
    each = [a / b for a, b in zip(mine, others, strict=True)]
    unit = "MiB" if of == "memory" else "s"
    a, b = statistics.median(mine), statistics.median(others)
    sides = f"{ours} {a:.3g} {unit}, {theirs} {b:.3g} {unit}"
    return Measured(target, a / b, min(each), max(each), sides)


def absolute(target: Target, values: Sequence[float], sides: str) -> Measured:
    """Return the median of values of one thing, such as seconds or kilobytes."""
    return Measured(target, statistics.median(values), min(values), max(values), sides)


def report(found: Sequence[Measured], versions: Mapping[str, str], sizes: str) -> Iterator[str]:
    """Yield the lines of a page of Markdown with what was measured."""
    met = sum(one.met for one in found)
    yield "# Results of the benchmarks"
    yield ""
    yield f"{met} of {len(found)} targets met. Written by `make bench`; {sizes}."
    yield "Both sides of a ratio ran in turns on the same machine; in brackets is the range over the runs."
    yield ""
    yield "| id | what | measured | target | | both sides |"
    yield "|---|---|--:|--:|---|---|"
    yield from ("| " + " | ".join(cell.replace("|", "\\|") for cell in one.cells()) + " |" for one in found)
    yield ""
    yield "Programs: " + ", ".join(f"{name} {version}" for name, version in versions.items()) + "."
