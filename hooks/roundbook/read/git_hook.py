"""In: the folder of a project. Out: what a commit hook has to know of git: where hooks lie, what is staged, what HEAD holds."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from roundbook.git import refs, repository
from roundbook.git.history import Gap
from roundbook.git.objects import BATCH, decode_path, read_objects
from roundbook.git.repository import Checkout

_SETTINGS = r"^(core\.comment(char|string)|commit\.cleanup)$"


@dataclass(frozen=True, slots=True)
class HookPlace:
    """Where git looks for hooks: `prefix` leads from the top of the repository to the project.

    `shared` is a folder that serves all repositories of a user or machine; `tracked` one that may be committed.
    """

    folder: Path
    prefix: str
    shared: bool
    tracked: bool


@dataclass(frozen=True, slots=True)
class Staged:
    """What the next commit changes: `paths` count from the top, and `comment` begins the lines that git leaves out."""

    paths: tuple[str, ...]
    prefix: str
    comment: str
    cleanup: str


def find(root: Path) -> HookPlace | Gap:
    """Return where the hooks of the repository that holds `root` lie, or the gap that says why nowhere.

    Right in linked worktrees, which share the hooks of their repository. `core.hooksPath` is asked for as a setting, for
    every git that we run has it switched off.

    Source: https://git-scm.com/docs/githooks
    """
    checkout = repository.find(root, own=True)
    if isinstance(checkout, Gap):
        return checkout
    top = checkout.own.top if checkout.own else _path(checkout, root, "--show-toplevel")
    common = checkout.own.common if checkout.own else _path(checkout, root, "--git-common-dir")
    if top is None or common is None:
        return repository.NO_REPOSITORY
    scope, value = _hooks_path(checkout)
    if not value:
        return HookPlace(common / "hooks", checkout.prefix, shared=False, tracked=False)
    folder = Path(os.path.normpath(top / value))
    tracked = folder.is_relative_to(top) and not folder.is_relative_to(common)
    return HookPlace(folder, checkout.prefix, scope in ("global", "system"), tracked)


def _path(checkout: Checkout, root: Path, flag: str) -> Path | None:
    answer = checkout.git.run("rev-parse", flag)
    return (root / os.fsdecode(answer.out.removesuffix(b"\n"))).resolve() if answer.code == 0 else None


def _hooks_path(checkout: Checkout) -> tuple[str, str]:
    """Return the scope and the value of `core.hooksPath` that holds when a person commits."""
    if checkout.own:
        told = [(scope, value) for scope, key, value in checkout.own.settings if key == "core.hookspath"]
        if not told or told[-1][1][:1] not in ("~", "%"):  # which git alone replaces
            return told[-1] if told else ("", "")
    answer = checkout.git.run("config", "-z", "--show-scope", "--type=path", "--get-all", "core.hooksPath")
    words = [os.fsdecode(word) for word in answer.out.split(b"\0")[:-1]]
    pairs = zip(words[::2], words[1::2], strict=False)
    return next((pair for pair in reversed([*pairs]) if pair[0] != "command"), ("", ""))


def read(root: Path, index: Path | None) -> Staged | Gap:
    """Return what is staged in the index, or in the one that a commit of parts has made for itself.

    No file of the work tree is looked at, so that no filter runs and a large tree costs nothing.
    """
    checkout = repository.find(root)
    if isinstance(checkout, Gap):
        return checkout
    git = checkout.git
    if index is not None:
        git = replace(git, environment={**git.environment, "GIT_INDEX_FILE": str(index)})
    compare = (
        "diff-index",
        "--cached",
        "--name-only",
        "--no-renames",
        "--no-relative",
        "-z",
        checkout.head or "",
        "--",
    )
    # Before the first commit all that the index holds is new.
    answer = git.run(*compare) if checkout.head else git.run("ls-files", "--cached", "--full-name", "-z")
    paths = tuple(map(decode_path, answer.out.split(b"\0")[:-1])) if answer.code == 0 else ()
    comment, cleanup = "#", ""
    for key, value in refs.parse_settings(git.run("config", "-z", "--get-regexp", _SETTINGS).out):
        comment, cleanup = (comment, value) if key == "commit.cleanup" else (value, cleanup)
    return Staged(paths, checkout.prefix, comment, cleanup)


def contents(root: Path, paths: Iterable[str]) -> dict[str, bytes]:
    """Return the content that HEAD holds of files of the project, those that it has and this clone holds."""
    checkout = repository.find(root)
    asked = [p for p in paths if "\n" not in p and not p.endswith("\r")]
    if isinstance(checkout, Gap) or checkout.head is None or not asked:
        return {}
    feed = "".join(f"{checkout.head}:{checkout.prefix}{path}\n" for path in asked)
    with checkout.git.stream(*BATCH, feed=os.fsencode(feed)) as stream:
        answers = zip(asked, read_objects(stream.out), strict=False)
        return {path: content for path, (_, kind, content) in answers if kind == b"blob" and content is not None}
