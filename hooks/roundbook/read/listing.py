"""In: a folder. Out: the paths of the files in it that people keep: what git would commit, or what lies there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from roundbook.read import git_process
from roundbook.read.git_objects import decode_path

MOST = 200_000
_ASKED = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
# What programs make, in a folder that no git watches over.
_MADE = frozenset({"node_modules", "__pycache__", "venv", "site", "build", "dist", "target"})
_OURS = frozenset({".changeset", ".adr-dir", ".log4brains.yml"})


def read(root: Path, *, repository: bool) -> tuple[str, ...]:
    """Return the paths below `root`, with `/`, in order; not those that git ignores, and at most `MOST`.

    A file that is not committed yet counts. Without a repository hidden folders are left out, and those that programs make.
    """
    git = git_process.find(root) if repository else None
    answer = git.run(*_ASKED) if git else None
    if answer and answer.code == 0:
        return tuple(sorted(map(decode_path, answer.out.split(b"\0")[:-1])))[:MOST]
    return tuple(sorted(_walk(root)))


def _walk(root: Path) -> Iterator[str]:
    count = 0
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(name for name in inner if name in _OURS or not (name.startswith(".") or name in _MADE))
        for name in names:
            if count == MOST:
                return
            if not name.startswith(".") or name in _OURS:
                count += 1
                yield Path(folder, name).relative_to(root).as_posix()
