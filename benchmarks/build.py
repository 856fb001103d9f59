"""In: numbers of rounds and commits. Out: how long our part of a build takes, as ratios measured side by side.

B1: a cold `mkdocs build` with the plugin ÷ a plain `mkdocs build` of the same pages, exported before.
B4: the same with twice the rounds and commits ÷ once, in time and in size.
C1: `roundbook --version` and `roundbook check` on a small repository ÷ an empty Python.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENVIRONMENT = os.environ | {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1767225600"}
SITE = "site_name: Bench\ntheme: {{name: material, font: false}}\nplugins: [{plugins}]\n{more}"
ROUND = """\
round: {round}
phase: {phase}
date: 2026-01-{day:02}
focus: Focus of round {round} in phase {phase}
metrics: {{tests: {tests}}}
agents:
  - {{name: Agent one, task: Do the first thing, status: done}}
  - {{name: Agent two, task: Do the second thing, status: done}}
goals: [First goal, Second goal, Third goal]
decisions:
  - {{title: Decision a of {phase}-{round}, rationale: [One reason, Another reason]}}
  - {{title: Decision b of {phase}-{round}, rationale: [One reason, Another reason]}}
  - {{title: Decision c of {phase}-{round}, rationale: [One reason, Another reason]}}
"""


def project(path: Path, rounds: int, commits: int) -> None:
    """Make a project of so many rounds, three decisions each, and commits of which every second names a round."""
    for i in range(rounds):
        phase, number = i // 50 + 1, i % 50
        file = path / f"data/rounds/{phase}/{number}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(ROUND.format(round=number, phase=phase, day=i % 28 + 1, tests=1000 + i))
    (path / "docs").mkdir()
    (path / "docs/index.md").write_text("# Bench\n")
    (path / "mkdocs.yml").write_text(SITE.format(plugins="search, macros, roundbook", more=""))
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    stream = "".join(_commit(i, rounds, commits) for i in range(commits))
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=stream.encode(), check=True)


def _commit(i: int, rounds: int, commits: int) -> str:
    at = i * rounds // commits
    trailer = f"\n\nRound: {at // 50 + 1}/{at % 50}\n" if i % 2 else "\n"
    message = f"{'fix' if i % 3 else 'feat'}(part{i % 20}): do the thing number {i}\n\nThe body of commit {i}.{trailer}"
    who = f"Author {i % 50} <a{i % 50}@example.org> {1600000000 + i * 3600} +0100"
    head = f"commit refs/heads/main\ncommitter {who}\ndata {len(message)}\n{message}"
    return (
        f"{head}M 100644 inline data/rounds/1/0.yml\ndata 0\n\n"
        if i == 0
        else f"{head}M 100644 inline src/f{i % 1000}\ndata 8\n{i:07}\n\n"
    )


def timed(cwd: Path, *words: str) -> float:
    """Return the seconds that a program took, the better of two runs."""
    best = float("inf")
    for _ in range(2):
        begin = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=cwd, env=ENVIRONMENT, check=True, capture_output=True)
        best = min(best, time.perf_counter() - begin)
    return best


def size(path: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def built(path: Path) -> tuple[float, int]:
    """Return the seconds and bytes of a build with the plugin."""
    return timed(path, "-m", "mkdocs", "build", "-q"), size(path / "site")


def plain(path: Path, folder: Path) -> float:
    """Return the seconds of a build of the same pages without the plugin."""
    subprocess.run(
        [sys.executable, "-m", "roundbook", "export", str(folder / "docs")], cwd=path, check=True, capture_output=True
    )
    more = "markdown_extensions: [attr_list]\nnot_in_nav: '*'\n"
    (folder / "mkdocs.yml").write_text(SITE.format(plugins="search", more=more))
    return timed(folder, "-m", "mkdocs", "build", "-q")


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--commits", type=int, default=4000)
    options, _ = parser.parse_known_args()
    folder = Path(tempfile.mkdtemp(prefix="roundbook-bench-"))
    try:
        for name, factor in (("once", 1), ("twice", 2)):
            (folder / name).mkdir()
            project(folder / name, options.rounds * factor, options.commits * factor)
        once, small = built(folder / "once")
        twice, large = built(folder / "twice")
        (folder / "plain").mkdir()
        bare = plain(folder / "once", folder / "plain")
        python = timed(folder, "-c", "pass")
        version = timed(folder, "-m", "roundbook", "--version")
        (folder / "tiny").mkdir()
        project(folder / "tiny", 5, 50)
        check = timed(folder / "tiny", "-m", "roundbook", "check")
    finally:
        shutil.rmtree(folder)
    ratio = f"{once:.2f} s / {bare:.2f} s = {once / bare:.2f}"
    print(f"B1 build with the plugin / plain build of the same pages: {ratio} (target 1.05)")
    print(f"B4 twice the rounds and commits, time: {twice:.2f} s / {once:.2f} s = {twice / once:.2f} (target 2.1)")
    print(
        f"B4 twice the rounds and commits, size: {large / 1e6:.1f} MB / {small / 1e6:.1f} MB = {large / small:.2f} (target 2.1)"
    )
    print(f"C1 roundbook --version / python -c pass: {version:.3f} s / {python:.3f} s = {version / python:.1f}")
    print(
        f"C1 roundbook check, small repository / python -c pass: {check:.3f} s / {python:.3f} s = {check / python:.1f}"
    )


if __name__ == "__main__":
    main()
