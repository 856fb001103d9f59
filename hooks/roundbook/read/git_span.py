"""In: a base and a head. Out: the commits that the head has beyond the base, and the paths that they changed."""

from __future__ import annotations

from pathlib import Path

from roundbook.model.span import Span
from roundbook.read import git_place, git_process
from roundbook.read.git_objects import decode_path
from roundbook.read.git_process import Git

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


def read(root: Path, base: str, head: str, *, landing: bool = False) -> Span | None:
    """Return what the commit `head` has beyond the ref `base`, or `None` where that cannot be told.

    Paths are those that differ from the newest commit that both have, as in `git diff BASE...HEAD`, so that what was merged
    from the base is none of them. With `landing` it is asked, too, whether the base holds these paths just so by now, as after
    a squash merge. Raises `RoundbookError` where `base` means no commit. Four processes, or five.
    """
    git = git_process.find(root)
    if git is None:
        return None
    old = git_place.resolve(git, base)
    commits = git.run("rev-list", head, f"^{old}", "--")
    common = git.run("merge-base", old, head)
    if commits.code or common.code:
        return None
    fork = common.out.decode("ascii").strip()
    changed = _changed(git, fork, head)
    if changed is None:
        return None
    apart = _changed(git, old, head) if landing and changed else None
    landed = apart is not None and changed.isdisjoint(apart)
    return Span(frozenset(commits.out.decode("ascii").split()), changed, fork, landed)


def _changed(git: Git, old: str, new: str) -> frozenset[str] | None:
    answer = git.run(*_DIFF, old, new)
    return None if answer.code else frozenset(map(decode_path, answer.out.split(b"\0")[:-1]))
