"""`python -m benchmarks`: what is aimed at and what was measured, target by target.

    python -m benchmarks                    all, on 250 rounds (B3 also on 1,000), 5,000 commits and a history of 60,000
    python -m benchmarks B2 B3              some
    python -m benchmarks --quick            small inputs, one run each: whether it works, not what it takes
    python -m benchmarks --full             1,000 rounds, 60,000 commits
    python -m benchmarks --huge             what 10,000 rounds, 10,000 decisions and 100,000 commits take, in time and memory
    python -m benchmarks R4 --history 1000000
    python -m benchmarks L1 --load 1        growth with rounds, to all that a book must survive; else a twentieth
    python -m benchmarks --plot             the plot of growth, too

Where all targets are measured, `benchmarks/results.md` is written.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks import build, peers, plot
from benchmarks.harness import ROOT, ROUNDBOOK, Measured, Scale, Side, report
from benchmarks.inputs import project

WHERE = {
    "R1 R2 R3 R4": "reading.measured",
    "R5": "peers.measured",
    "B1": "build.against_plain",
    "B2": "build.after_an_edit",
    "S1": "build.sizes",
    "B4": "build.growing",
    "B3": "serving.measured",
    "C1": "commands.measured",
    "I1 I2 F1": "importing.measured",
    "L1": "load.rounds",
    "L2": "load.commits",
    "L3": "load.decisions",
    "L4": "load.commits_of_a_round",
    "L5": "load.entries",
    "L6": "load.size_of_a_file",
    "L7": "load.tags",
    "L8": "load.repositories",
    # The last, as it loads the package: what runs from here has at least the memory that this process has.
    "B5": "checks.measured",
    "U1 U2": "understanding.measured",
}
QUICK = Scale(20, 400, 1_000, 1_000, 1)
USUAL = Scale(250, 5_000, 60_000, 20_000, 5)
FULL = Scale(1_000, 60_000, 60_000, 60_000, 5)
RESULTS = ROOT / "benchmarks/results.md"
PLOT = ROOT / "docs/assets/growth.svg"


def main() -> None:
    """Measure, print each target as soon as it is known, and write the results."""
    choice = _choice()
    scale = QUICK if choice.quick else FULL if choice.full else USUAL
    scale = scale._replace(
        **{key: value for key in ("rounds", "history", "runs", "load") if (value := getattr(choice, key))}
    )
    there = {} if choice.no_peers or choice.quick else peers.install(ROOT / "build/peers")
    scale = scale._replace(peers=ROOT / "build/peers" if there else None)
    found: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="roundbook-bench-") as name:
        for one in _measured(choice.ids, scale, Path(name)):
            found.append(one)
            print(one.line(), flush=True)
        if choice.huge:
            print(_huge(Path(name)), flush=True)
        if choice.plot:
            PLOT.parent.mkdir(exist_ok=True)
            PLOT.write_text(plot.svg(list(build.growth(scale, Path(name)))), "utf-8")
    if not (choice.ids or choice.quick):
        RESULTS.write_text("\n".join(report(found, _versions() | there, _sizes(scale))) + "\n", "utf-8")


def _choice() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("ids", nargs="*", help="targets, such as B2")
    parser.add_argument("--rounds", type=int, help="of the site that is built")
    parser.add_argument("--history", type=int, help="commits of the repository that is read; 1,000,000 for R4")
    parser.add_argument("--runs", type=int, help="of each side")
    parser.add_argument("--load", type=float, help="share of the sizes of L1 to L7; 1 for all")
    for flag in ("quick", "full", "huge", "plot", "no-peers"):
        parser.add_argument(f"--{flag}", action="store_true")
    return parser.parse_args()


def _measured(ids: list[str], scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield what was measured; where targets are named, only these."""
    for targets, place in WHERE.items():
        if not ids or set(ids) & set(targets.split()):
            module, _, function = place.partition(".")
            found = getattr(import_module(f"benchmarks.{module}"), function)(scale, folder)
            yield from (one for one in found if not ids or one.target.id in ids)


def _huge(folder: Path) -> str:
    path = project(folder / "huge", 10_000, 100_000, decisions=1)
    costs = {
        word: Side(word, (*ROUNDBOOK, *words), path).run()
        for word, *words in (("dump", "dump"), ("export", "export", "out"))
    }
    told = (f"{word}: {cost.wall:.0f} s, {cost.memory:,.0f} MiB" for word, cost in costs.items())
    return "10,000 rounds, 10,000 decisions, 100,000 commits: " + "; ".join(told)


def _versions() -> dict[str, str]:
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.split()[2]
    own = {name: version(name) for name in ("mkdocs", "mkdocs-material", "mkdocs-macros-plugin")}
    return {"Python": platform.python_version(), "git": git, **own}


def _sizes(scale: Scale) -> str:
    return (
        f"{scale.rounds:,} rounds with {3 * scale.rounds:,} decisions and {scale.commits:,} commits, a history of "
        f"{scale.history:,} commits, a changelog of {scale.changelog:,}, {scale.runs} runs of each side"
    )


if __name__ == "__main__":
    main()
