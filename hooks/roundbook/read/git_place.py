"""In: the folder of a project. Out: where it lies in its repository, or why that cannot be read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from roundbook.errors import Finding, RoundbookError
from roundbook.model.history import Gap
from roundbook.read import git_library, git_process, git_refs
from roundbook.read.git_library import Own
from roundbook.read.git_objects import decode_path
from roundbook.read.git_process import Answer, Git

NO_GIT = Gap("no-git", "this machine has no git, so there is no history", "install git 2.30 or newer")
NO_REPOSITORY = Gap(
    "no-repository", "the project is not part of a git repository", "run `git init`, then commit the project's files"
)
NO_COMMITS = Gap("no-commits", "the repository has no commits yet", "commit the project's files")
SHALLOW = Gap(
    "shallow",
    "the history is cut (shallow clone)",
    "in GitHub Actions set `fetch-depth: 0`; locally run `git fetch --unshallow`",
)
PARTIAL = Gap(
    "partial",
    "the clone left out objects that tell which paths each commit changed (partial clone)",
    "clone without a filter, or with `--filter=blob:none`",
)
DAMAGED = Gap("damaged", "the repository is damaged: objects of its history are missing", "run `git fsck`")

REF_MEND = "write a tag, a branch or a commit id; fetch what is not here, in GitHub Actions with `fetch-depth: 0`"

FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OWNER = re.compile(r"dubious ownership|^fatal: unsafe repository", re.MULTILINE)
_SAFE = re.compile(r"git config --global --add safe\.directory [^\n]+")
_NOWHERE = re.compile(r"^fatal: (not a git repository|invalid gitfile format)", re.MULTILINE)
_PLACE = re.compile(r"'[^'\n]*[/\\][^'\n]*'|\"[^\"\n]*[/\\][^\"\n]*\"|\S*[/\\]\S*")


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where a project lies: `prefix` within the repository, and the id of `head`, taken once and used throughout."""

    git: Git
    prefix: str
    head: str | None
    settings: tuple[tuple[str, str], ...] = ()
    own: Own | None = None

    @property
    def missing(self) -> Gap:
        """Return what it means here that a tree or a file is missing."""
        return PARTIAL if git_refs.is_partial(self.settings) else DAMAGED


def find(root: Path, at: str = "", *, own: bool = False) -> Checkout | Gap:
    """Return the place of the project at `root`, or the gap that says why there is none.

    A bare repository is a place when it is `root` itself; one that merely surrounds the project is not. With `at` the
    commit that this ref means takes the place of HEAD; raises `RoundbookError` where it means none. With `own` GitPython is
    asked first, which gives the same answer.
    """
    git = git_process.find(root)
    if git is None:
        return NO_GIT
    # Git has the last word on whether a repository can be read: 1 says that HEAD has no commit, and more that it refuses.
    readable = own and git.run("rev-parse", "--quiet", "--verify", "HEAD").code in (0, 1)
    described = git_library.find(root) if readable else None
    prefix = described.prefix if described else _prefix(git, root)
    if isinstance(prefix, Gap):
        return prefix
    head = resolve(git, at) if at else git.run("rev-parse", "--quiet", "--verify", "HEAD").out.decode("ascii").strip()
    if described:
        settings = tuple((key, value) for _, key, value in described.settings if re.search(git_refs.SETTINGS, key))
    else:
        settings = git_refs.parse_settings(git.run("config", "-z", "--get-regexp", git_refs.SETTINGS).out)
    return Checkout(git, prefix, head or None, settings, described)


def _prefix(git: Git, root: Path) -> str | Gap:
    answer = git.run("rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-prefix")
    if answer.code:
        return explain(answer, root)
    bare, inside, prefix = answer.out.split(b"\n", 2)
    if inside != b"true" and not (bare == b"true" and git.run("rev-parse", "--git-dir").out == b".\n"):
        return NO_REPOSITORY
    return decode_path(prefix.removesuffix(b"\n"))


def resolve(git: Git, ref: str) -> str:
    """Return the full id of the commit that a tag, branch or id means; raises `RoundbookError` where it means none.

    Whatever `ref` looks like, git takes it for a name and never for an option.

    Source: https://git-scm.com/docs/gitcli, `--end-of-options`
    """
    answer = git.run("rev-parse", "--quiet", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    found = answer.out.decode("ascii", "replace").strip()
    if answer.code or not FULL_ID.fullmatch(found):
        message = f'"{_visible(ref)}" names no commit of this repository'
        raise RoundbookError(Finding("error", "ref-unknown", message, None, REF_MEND))
    return found


def explain(answer: Answer, root: Path) -> Gap:
    """Return why git refused to read the folder at `root`: for a page in `message`, for its owner in `mend`."""
    if not os.path.isdir(root) or _NOWHERE.search(answer.error):  # noqa: PTH112 - a name too long is no error here
        return NO_REPOSITORY
    if _OWNER.search(answer.error):
        mend = _SAFE.search(answer.error)
        message = "git does not read this repository, because another user owns it (dubious ownership)"
        return Gap("not-owned", message, _visible(mend[0]) if mend else "")
    said = answer.error.replace(str(root), "…").strip().split("\n")[-1]
    return Gap("damaged", _visible("git cannot read this repository: " + _PLACE.sub("…", said)), "run `git fsck`")


def _visible(text: str) -> str:
    """Return the text with what is not printable written out: paths can hold control characters."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
