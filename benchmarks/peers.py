"""R5: a complete changelog of one history, beside `git log` of all fields and the programs of others.

They are installed with `install`, into an environment of their own, by name and version; one that cannot be installed on a
machine is left out, and named.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import ROUNDBOOK, Measured, Scale, Side, Target, compare, environment
from benchmarks.history import LOG
from benchmarks.inputs import project

PEERS = {
    "git-cliff": "2.14.2",
    "git-changelog": "2.10.0",
    "properdocs": "1.6.7",
    "zensical": "0.1.1",
}
R5_LOG = Target("R5", "complete changelog ÷ git log of all fields", 2)
R5_CHANGELOG = Target("R5", "complete changelog ÷ git-changelog", 0.35)
R5_CLIFF = Target("R5", "complete changelog ÷ git-cliff, all commits", 0.01)
CLIFF = """\
[changelog]
body = "{% for commit in commits %}- {{ commit.message }}\\n{% endfor %}"
[git]
conventional_commits = false
filter_unconventional = false
"""


def install(folder: Path) -> dict[str, str]:
    """Install the programs of others below a folder, and return the versions of those that are there."""
    if not (folder / "bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    there = {}
    for name, version in PEERS.items():
        if not (folder / "bin" / name).exists():
            pip = [str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            subprocess.run([*pip, f"{name}=={version}"], capture_output=True)
        if (folder / "bin" / name).exists():
            there[name] = version
    return there


def measured(scale: Scale, folder: Path) -> Iterator[Measured]:
    """Yield how long a complete changelog takes."""
    path = project(
        folder / "changelog", 10, scale.changelog, tags=scale.changelog // 100
    )  # a version lists 200 at most
    ours = Side("roundbook", (*ROUNDBOOK, "changelog", "--commits"), path)
    require_complete(ours, scale.changelog)
    yield compare(R5_LOG, ours, Side("git log", LOG, path), scale.runs)
    if scale.peers is None:
        return
    (path / "cliff.toml").write_text(CLIFF)
    programs = scale.peers / "bin"
    quiet = ("--config", "cliff.toml", "--output", "CLIFF.md")
    sides = (
        (R5_CHANGELOG, Side("git-changelog", (programs / "git-changelog", "-c", "basic", "-o", "GIT.md", "."), path)),
        (R5_CLIFF, Side("git-cliff", (programs / "git-cliff", *quiet), path)),
    )
    for target, theirs in sides:
        if (programs / theirs.name).exists():
            yield compare(target, ours, theirs, min(scale.runs, 3))


def require_complete(ours: Side, commits: int) -> None:
    """Require that our changelog lists every commit, as those of others do."""
    command = [str(word) for word in ours.words]
    done = subprocess.run(command, cwd=ours.folder, env=environment(), capture_output=True, text=True, check=True)
    found = done.stdout.count("do the thing number ") + done.stdout.count("Do the thing number ")
    if found < commits:
        raise SystemExit(f"our changelog lists {found:,} of {commits:,} commits, so its time says nothing")
