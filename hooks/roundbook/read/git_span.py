"""In: a base and a head. Out: the commits that the head has beyond the base, and the paths that they changed."""

from __future__ import annotations

from pathlib import Path

from roundbook.model.span import Span
from roundbook.read import git_place, git_process
from roundbook.read.git_objects import decode_path

_DIFF = (
    "diff-tree",
    "-r",
    "-z",
    "--no-renames",
    "--name-only",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=none",
)


def read(root: Path, base: str, head: str) -> Span | None:
    """Return what the commit `head` has beyond the ref `base`, or `None` where that cannot be told.

    Paths are those that differ from the newest commit that both have, as in `git diff BASE...HEAD`, so that what was merged
    from the base is none of them. Raises `RoundbookError` where `base` means no commit. Four processes.
    """
    git = git_process.find(root)
    if git is None:
        return None
    old = git_place.resolve(git, base)
    commits = git.run("rev-list", head, f"^{old}", "--")
    common = git.run("merge-base", old, head)
    if commits.code or common.code:
        return None
    changed = git.run(*_DIFF, common.out.decode("ascii").strip(), head)
    if changed.code:
        return None
    paths = map(decode_path, changed.out.split(b"\0")[:-1])
    return Span(frozenset(commits.out.decode("ascii").split()), frozenset(paths))
