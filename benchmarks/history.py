"""A synthetic history, the same each time, and the commands of git that reading it is held against."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from benchmarks.inputs import imported

FIELDS = "--format=%H%x00%P%x00%an%x00%ae%x00%at%x00%ai%x00%cn%x00%ce%x00%ct%x00%ci%x00%B"
LOG = ["git", "log", "-z", FIELDS]
LOG_PATHS = [*LOG, "--name-status", "--no-renames"]


def build(folder: Path, commits: int, written: Mapping[int, Sequence[tuple[str, str]]] | None = None) -> Path:
    """Make a packed repository with `commits` commits: every tenth is a merge, each touches three of 3,000 files.

    `written` are paths and texts that commits write besides, by the number of the commit, the first of which is 1.
    """
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    imported(folder, stream(commits, written or {}))
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=folder, check=True)
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
