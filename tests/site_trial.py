"""A small project built by the real `mkdocs` in a separate process."""

from __future__ import annotations

import fcntl
import html
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import warm
from repository import Repository

ROUND = """\
round: 5
phase: 3
date: 2026-01-01
focus: Upgrade the Rust toolchain to 1.93
agents:
  - {name: Toolchain, task: Bump rust-toolchain.toml, status: done}
decisions:
  - {title: Go straight to 1.93.1, rationale: Same effort as 1.87 and unblocks wasip2}
"""
MKDOCS = """\
site_name: Trial
plugins: [search, macros, roundbook]
"""
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Outcome:
    """What a run of a program gave."""

    code: int
    output: str

    def lines(self, word: str) -> list[str]:
        """Return the lines of the output that hold a word."""
        return [line for line in self.output.splitlines() if word in line]


def project(path: Path, **files: str) -> Repository:
    """Make a repository with three lines of configuration, one page and one round of eight lines, not yet committed.

    `files` adds or replaces files; in their names `__` stands for `/` and `_dot_` for `.`.
    """
    repo = Repository(path)
    whole = {"mkdocs.yml": MKDOCS, "docs/index.md": "# Trial\n", "data/rounds/3/5.yml": ROUND}
    repo.write(whole | {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()})
    return repo


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], Path]) -> Path:
    """Return the folder of a site that `make` makes in an empty folder; it does so once for all workers."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / "made.txt"
        if not made.exists():
            made.write_text(str(make(folder)), "utf-8")
        return Path(made.read_text("utf-8"))


def environment(**more: str) -> dict[str, str]:
    """Return an environment for programs of a test: no git variables, no clock, no advertisement."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    fixed = {"NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1767225600", "GIT_CONFIG_GLOBAL": os.devnull}
    return kept | fixed | more


def run(cwd: Path, *words: str, **more: str) -> Outcome:
    """Run a module of this Python in a folder and return its exit code with all that it printed."""
    if not any(name.startswith(("PYTHON", "LC_", "TZ")) for name in more):
        return Outcome(*warm.run(words, cwd, environment(**more)))
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Outcome(done.returncode, done.stdout + done.stderr)


def build(repo: Repository, *flags: str, **more: str) -> Outcome:
    """Build the site of a project into `site/` with `--strict`."""
    return run(repo.path, "mkdocs", "build", "--strict", *flags, **more)


def page(repo: Repository, address: str, site: str = "site") -> str:
    """Return the HTML of a built page by its address, `rounds/3/5/`."""
    return (repo.path / site / address / "index.html").read_text("utf-8")


def text(source: str) -> str:
    """Return the words of the article of an HTML page, on one line."""
    article = source.partition("<article")[2].partition("</article>")[0] or source
    return " ".join(html.unescape(_TAG.sub(" ", article)).split())
