"""The part of a history that touches certain paths, as `git log -- PATHS` shows it.

A commit that touches none of them is left out, and its children get its nearest ancestors that are left in as parents:

    A ─ b ─ C ─ d ─ m           A and C touch the paths, b and d do not, m merges them     A ─ C ─ m
     `─ e ─ F ─────'            with F, which touches them                                  `─ F ─'

So whatever follows from the shape of a history, such as the commits of a version or of a merge, holds for the part too. What
HEAD, branches and tags mark is the newest commit of the part that each of them reaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from posixpath import normpath

from roundbook.git.history import Commit, Gap, History, PathChange, matches

_WILDCARD = re.compile(r"[*?[]")
NOTHING = Gap(
    "no-commits", "no commit touches the paths in `only` of the settings", "correct them, or commit files there"
)


def from_top(prefix: str, globs: Iterable[str]) -> tuple[str, ...]:
    """Return globs from the top of the repository; they count from the project's folder, with a leading `/` from the top.

    A glob that leads out of the repository is left out. No character of `prefix` is a wildcard.
    """
    here = _WILDCARD.sub(r"[\g<0>]", prefix)
    made = (normpath(glob.lstrip("/") or "." if glob.startswith("/") else here + glob) for glob in globs)
    return tuple(dict.fromkeys(glob for glob in made if glob != ".." and not glob.startswith("../")))


def only(history: History, globs: tuple[str, ...]) -> History:
    """Return the part of a history that touches the paths which globs from the top match; all of it without globs.

    Of a commit that is left in, only what it changed there is left. A commit is left in, too, if its changes are not known,
    or if it merges lines of the part which would be apart without it.
    """
    if not globs or "." in globs:
        return history
    part = _Reduced(history, globs)
    for commit in reversed(history.commits):
        part.add(commit)
    commits = tuple(part.commits[one.id] for one in history.commits if one.id in part.commits)
    return replace(
        history,
        head=part.nearest(history.head),
        commits=commits,
        tags=tuple(replace(tag, commit=part.nearest(tag.commit) or tag.commit) for tag in history.tags),
        branches=tuple(replace(one, commit=part.nearest(one.commit) or one.commit) for one in history.branches),
        boundary=history.boundary.intersection(part.commits),
        gaps=history.gaps if commits or not history.commits else (*history.gaps, NOTHING),
        only=globs,
        whole=history,
    )


class _Reduced:
    """The commits that are left in so far, oldest first, and the nearest of them for each commit of the whole."""

    def __init__(self, history: History, globs: tuple[str, ...]) -> None:
        self.order, self.globs = history.order, globs
        self.commits: dict[str, Commit] = {}
        self._near: dict[str, tuple[str, ...]] = {}
        self._holds: dict[str, bool] = {}

    def add(self, commit: Commit) -> None:
        changes = None if commit.changes is None else self._inside(commit.changes)
        # A parent that a clone lacks stays, so that it is still seen to be missing.
        near = [self._near.get(parent, (parent,)) for parent in commit.parents]
        parents = tuple(dict.fromkeys(one for some in near for one in some))
        if len(parents) > 1 and not changes:
            parents = self._apart(parents)
        if changes or changes is None or len(parents) > 1:
            if len(commit.parents) > 1:
                parents = _of_merge(commit, near)
            self.commits[commit.id] = commit._replace(parents=parents, changes=changes)
            parents = (commit.id,)
        self._near[commit.id] = parents

    def nearest(self, commit: str | None) -> str | None:
        """Return the newest commit of the part that a commit reaches, if there is one."""
        found = next(iter(self._near.get(commit or "", ())), None)
        return found if found in self.commits else None

    def _inside(self, changes: tuple[PathChange, ...]) -> tuple[PathChange, ...]:
        return tuple(change for change in changes if self._held(change.path))

    def _held(self, path: str) -> bool:
        if path not in self._holds:
            self._holds[path] = matches(self.globs, path)
        return self._holds[path]

    def _apart(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return the commits of several that none of the others descends from."""
        oldest = max(self.order.get(one, 0) for one in ids)
        seen: set[str] = set()
        work = [parent for one in ids if one in self.commits for parent in self.commits[one].parents]
        while work:
            one = work.pop()
            if one not in seen and one in self.commits and self.order[one] <= oldest:
                seen.add(one)
                work.extend(self.commits[one].parents)
        return tuple(one for one in ids if one not in seen)


def _of_merge(commit: Commit, near: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the parents of a merge, which stays one: a line without a commit of the part keeps its own parent."""
    found: dict[str, None] = {}
    for parent, some in zip(commit.parents, near, strict=True):
        found.update(dict.fromkeys([one for one in some if one not in found] or [parent]))
    return tuple(found)


def nearest(history: History, commit: str) -> str:
    """Return the newest commit of the part that a commit of the whole history reaches, or the empty text."""
    order, commits = history.every.order, history.every.by_id
    seen, heap = {commit}, [(order[commit], commit)]
    while heap:
        _, one = heappop(heap)  # children before their parents
        if one in history.by_id:
            return one
        for parent in commits[one].parents:
            if parent in commits and parent not in seen:
                seen.add(parent)
                heappush(heap, (order[parent], parent))
    return ""


def left_out(history: History, text: str) -> Mapping[str, Commit]:
    """Return the commits with a tag or the beginning of an id that the whole history has and the part has not, by id."""
    whole = history.every
    tagged = [tag.commit for tag in whole.tags if tag.name == text and tag.commit]
    found = (*tagged, *(whole.find(text) if len(text) >= _SHORTEST else ()))
    return {one: whole.by_id[one] for one in found if one in whole.by_id and one not in history.by_id}


_SHORTEST = 4  # digits, as git allows
