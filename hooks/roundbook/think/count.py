"""In: a history and globs. Out: how many files of the tree each of them means at a commit, without asking git."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from roundbook.git.history import History, matches

Globs = tuple[str, ...]


def count_files(history: History, wanted: Sequence[Globs], commits: Collection[str]) -> dict[tuple[Globs, str], int]:
    """Return the number of files, by globs and commit; globs mean files below the project, as everywhere.

    One walk from the oldest commit on: the tree of a commit is that of its first parent, with what it added and without
    what it removed. A commit of which that is not known, or that comes from one, is left out.
    """
    totals: dict[str, tuple[int, ...] | None] = {}
    meant: dict[str, tuple[int, ...]] = {}
    nothing = (0,) * len(wanted)
    for commit in reversed(history.commits):
        total = totals.get(commit.parents[0]) if commit.parents else nothing
        if total is not None and commit.changes is not None:
            made = list(total)
            for status, path in commit.changes:
                if status in ("A", "D"):
                    if path not in meant:
                        meant[path] = _meant(path, history.prefix, wanted)
                    for i in meant[path]:
                        made[i] += 1 if status == "A" else -1
            total = tuple(made) if made != list(total) else total
        else:
            total = None
        totals[commit.id] = total
    return {
        (globs, commit): total[i]
        for commit in commits
        if (total := totals.get(commit)) is not None
        for i, globs in enumerate(wanted)
    }


def _meant(path: str, prefix: str, wanted: Sequence[Globs]) -> tuple[int, ...]:
    if not path.startswith(prefix):
        return ()
    own = path.removeprefix(prefix)
    return tuple(i for i, globs in enumerate(wanted) if matches(globs, own))
