"""In: a history, and commits with paths. Out: what lay there, as the changes of the trunk tell when they are replayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from roundbook.git.history import History, Spot
from roundbook.think.ancestry import trunk


def settle(spots: Iterable[Spot], history: History) -> Iterator[tuple[Spot, str | None]]:
    """Yield `blob`, `tree` or `None`, for nothing, of each spot that lies at a commit of the trunk of a whole history.

    The changes against first parents, from the first commit on, are the tree of each commit in turn. That spares git the
    reading of as many trees as rounds name folders. A submodule is called `blob` too: changes do not tell them apart.
    """
    asked: dict[str, list[str]] = {}
    for commit_id, path in spots if history.complete else ():
        asked.setdefault(commit_id, []).append(path)
    if not asked or any(commit.changes is None for commit in history.commits):
        return
    files: set[str] = set()
    folders: Counter[str] = Counter()
    for commit in reversed(trunk(history)):
        for status, path in commit.changes or ():
            if status == "D" and path in files:
                files.remove(path)
                folders.subtract(_above(path))
            elif status != "D" and path not in files:
                files.add(path)
                folders.update(_above(path))
        for path in asked.get(commit.id, ()):
            if name := path.rstrip("/"):
                yield (commit.id, path), "blob" if name in files else "tree" if folders.get(name) else None


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]
