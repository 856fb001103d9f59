"""In: the folder of a project. Out: the history of the repository that holds it, and what of that is missing."""

from __future__ import annotations

import os
from pathlib import Path

from roundbook.errors import Finding, RoundbookError
from roundbook.model.history import Commit, Gap, History, Mailmap
from roundbook.read import git_mailmap, git_marks, git_place, git_process, git_refs
from roundbook.read.git_commits import BATCH, Changes, read_changes, read_commits, read_objects
from roundbook.read.git_objects import decode_path, decode_text
from roundbook.read.git_place import Checkout
from roundbook.read.git_refs import Ref
from roundbook.read.pauses import no_pauses

_MAILMAP = ".mailmap"
_WATCHED = ("logs/HEAD", "packed-refs")


def read(root: Path, *, paths: bool = True, at: str = "", own: bool = False) -> History:
    """Return the history of HEAD, or of the ref `at`, in the repository that holds the project at `root`.

    With `paths` each commit holds what it changed; without, `changes` is `None` and reading is several times quicker.
    Nothing that is wrong with the repository is an exception: `gaps` says what could not be read, and why. The
    network, hooks, filters and other programs that a configuration can name are never used, and nothing is written.

    A repository that lies above the project counts only when its HEAD holds files of the project. A partial clone has
    a gap only when it lacks something that is part of a history, which the contents of files are not.

    With `own` the repository is that of its owner, whose place, settings and references GitPython tells where it can.

    With `at` the tags are those that its history reaches, and a `RoundbookError` says that there is no such commit.
    """
    checkout = git_place.find(root, at, own=own)
    if isinstance(checkout, Gap):
        return _nothing(checkout, at)
    tree = _read_tree(checkout)
    if checkout.prefix and tree and not at and not any(path.startswith(checkout.prefix) for path in tree):
        return History(gaps=(git_place.NO_REPOSITORY,))
    with no_pauses():
        mailmap = _read_mailmap(checkout) if tree and _MAILMAP in tree else Mailmap()
        commits, boundary, gaps = _read_commits(checkout, tree, paths, mailmap)
        refs, broken = _read_refs(checkout)
        by_id = {commit.id: commit for commit in commits}
        tags, branches = git_marks.read_marks(checkout.git, refs, by_id)
    return History(
        head=checkout.head,
        at=at,
        branch=_find_branch(checkout, refs) if not at else None,
        prefix=checkout.prefix,
        commits=commits,
        tags=tuple(tag for tag in tags if tag.commit in by_id) if at else tags,
        branches=branches,
        remotes=git_refs.remotes(checkout.settings),
        tree=tree or frozenset(),
        boundary=boundary,
        gaps=tuple(dict.fromkeys([*gaps, *broken])),
        mailmap=mailmap or Mailmap(),
    )


def _nothing(gap: Gap, at: str) -> History:
    """Return the history of a place that has none; nothing can be read as it was where there is no history."""
    if at:
        raise RoundbookError(Finding("error", gap.slug, gap.message, None, gap.mend))
    return History(gaps=(gap,))


def watch_files(root: Path) -> tuple[Path, ...]:
    """Return the files that change when HEAD moves, as far as they exist: the log of HEAD and the packed refs.

    Right in linked worktrees and submodules too, where `.git` is a file. Watching the whole of `.git` would see the
    locks of every other git command.
    """
    git = git_process.find(root)
    answers = [git.run("rev-parse", "--git-path", name) for name in _WATCHED] if git else []
    files = [root / os.fsdecode(answer.out.removesuffix(b"\n")) for answer in answers if answer.code == 0]
    return tuple(file for file in files if file.is_file())


def _read_tree(checkout: Checkout) -> frozenset[str] | None:
    """Return all paths of HEAD, or `None` where not all of its trees are there."""
    if checkout.head is None:
        return frozenset()
    answer = checkout.git.run("ls-tree", "-r", "-z", "--full-tree", "--name-only", checkout.head)
    return frozenset(map(decode_path, answer.out.split(b"\0")[:-1])) if answer.code == 0 else None


def _read_commits(
    checkout: Checkout, tree: frozenset[str] | None, paths: bool, mailmap: Mailmap | None
) -> tuple[tuple[Commit, ...], frozenset[str], list[Gap]]:
    """Return the commits of HEAD, those among them whose parents were cut off, and what could not be read."""
    if checkout.head is None:
        return (), frozenset(), []
    commits, whole = read_commits(checkout.git, checkout.head, mailmap or Mailmap())
    ids = {commit.id for commit in commits}
    boundary = frozenset(c.id for c in commits if whole and not ids.issuperset(c.parents))
    if paths:
        commits = tuple(map(_with_changes, commits, tuple(read_changes(checkout.git, commits))))
    unknown = paths and any(c.changes is None and c.id not in boundary for c in commits)
    gaps = (
        (git_place.SHALLOW, bool(boundary)),
        (checkout.missing, unknown or tree is None or mailmap is None),
        (git_place.DAMAGED, not whole),
    )
    return commits, boundary, [gap for gap, there in gaps if there]


def _with_changes(commit: Commit, changes: Changes | None) -> Commit:
    return Commit._make((*commit[:-1], changes))  # half the time of `_replace`


def _read_mailmap(checkout: Checkout) -> Mailmap | None:
    """Return the mailmap that HEAD holds, or `None` where its text is missing."""
    with checkout.git.stream(*BATCH, feed=f"{checkout.head}:{_MAILMAP}\n".encode()) as stream:
        for _, type_, content in read_objects(stream.out):
            if content is not None:
                return git_mailmap.parse(decode_text(content)) if type_ == b"blob" else Mailmap()
    return None


def _read_refs(checkout: Checkout) -> tuple[tuple[Ref, ...], list[Gap]]:
    """Return all refs, and the gap that a damaged ref, or none under HEAD, makes."""
    if checkout.own and checkout.own.refs is not None:
        return checkout.own.refs, [] if checkout.head else [git_place.NO_COMMITS]
    answer = checkout.git.run("for-each-ref", f"--format={git_refs.FORMAT}")
    refs = git_refs.parse_refs(answer.out) if answer.code == 0 else ()
    if answer.code or "broken ref" in answer.error:
        return refs, [git_place.DAMAGED]
    return refs, [] if checkout.head else [git_place.NO_COMMITS]


def _find_branch(checkout: Checkout, refs: tuple[Ref, ...]) -> str | None:
    """Return the branch that HEAD is on; one without commits is not among the refs."""
    if checkout.head is None:
        name = decode_path(checkout.git.run("symbolic-ref", "--quiet", "HEAD").out.removesuffix(b"\n"))
    else:
        name = next((ref.name for ref in refs if ref.head), "")
    return name.removeprefix(git_marks.HEADS) if name.startswith(git_marks.HEADS) else None
