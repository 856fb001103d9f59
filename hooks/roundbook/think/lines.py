"""In: versions of round files, and the history. Out: each round at each commit that changed it, and what it was before.

A commit is compared with its own parents, never with the commit that happens to stand beside it in a list: what two
branches did at the same time is no going to and fro.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from roundbook.model.history import Commit, History
from roundbook.model.life import Version
from roundbook.model.names import natural_key


@dataclass(slots=True, eq=False)
class Node:
    """A round as a commit left it: its `files` by path, and for each parent the node there, or `None` for no such round.

    `known` is false where not everything is known of what it was before.
    """

    commit: str
    key: str
    files: dict[str, Version]
    before: list[Node | None]
    known: bool = True
    came_from: str = ""


@dataclass(slots=True)
class Lines:
    """The rounds of a history: the nodes of each commit in topological order, oldest first, and those of HEAD by key."""

    commits: dict[str, list[Node]] = field(default_factory=dict)
    final: dict[str, Node] = field(default_factory=dict)


def lines(versions: Sequence[Version], history: History) -> Lines:
    """Return the lines of all rounds; every version and every commit is visited once.

    The first parents of all commits make a tree. It is walked from its roots with the rounds as they are at each commit in
    hand; a merge asks for those of its other parents, which are handed over when the walk comes by there.
    """
    by_commit: dict[str, list[Version]] = {}
    for version in versions:
        by_commit.setdefault(version.commit, []).append(version)
    walk = _Walk(history, by_commit, _nearest(history, by_commit))
    walk.ask()
    walk.run()
    ordered = {c.id: walk.made[c.id] for c in reversed(history.commits) if c.id in walk.made}
    for commit, nodes in ordered.items():
        for node in nodes:
            node.before += [walk.answer(commit, i, node) for i in range(1, len(history.by_id[commit].parents))]
    return Lines(ordered, walk.final)


def _nearest(history: History, by_commit: Mapping[str, object]) -> dict[str, str]:
    """Return, for each commit, the nearest one along the first parents, itself included, that has versions."""
    near: dict[str, str] = {}
    for commit in reversed(history.commits):
        if commit.id in by_commit:
            near[commit.id] = commit.id
        elif commit.parents and commit.parents[0] in near:
            near[commit.id] = near[commit.parents[0]]
    return near


class _Walk:
    """The walk over the commits that have versions."""

    def __init__(self, history: History, by_commit: Mapping[str, list[Version]], near: Mapping[str, str]) -> None:
        self.history, self.by_commit, self.near = history, by_commit, near
        self.made: dict[str, list[Node]] = {}
        self.final: dict[str, Node] = {}
        self.at: dict[str, Node] = {}
        self.formerly: dict[str, list[str]] = {}
        self.asked: dict[str, list[tuple[str, int, str]]] = {}
        self.answers: dict[tuple[str, int, str], Node | None] = {}
        for version in (v for group in by_commit.values() for v in group if v.moved_from):
            self.formerly.setdefault(version.key, []).append(version.moved_from)

    def ask(self) -> None:
        """Note what merges need to know of their other parents, also under names that a round had before it moved."""
        for commit, versions in self.by_commit.items():
            for i, parent in enumerate(self.history.by_id[commit].parents[1:], 1):
                if parent in self.near:
                    keys = {name for v in versions for name in (v.key, *self.formerly.get(v.key, ()))}
                    self.asked.setdefault(self.near[parent], []).extend((commit, i, key) for key in sorted(keys))

    def answer(self, commit: str, parent: int, node: Node) -> Node | None:
        """Return what a round was at one of the other parents of a merge."""
        names = (node.key, *self.formerly.get(node.key, ()))
        found = (self.answers.get((commit, parent, name)) for name in names)
        return next((one for one in found if one and one.files), None)

    def run(self) -> None:
        """Walk the tree, taking back on the way out of each commit what it changed."""
        children: dict[str, list[str]] = {}
        work: list[tuple[str, dict[str, Node | None] | None]] = []
        for commit in (c for c in self.history.commits if c.id in self.by_commit):
            above = self.near.get(commit.parents[0]) if commit.parents else None
            if above:
                children.setdefault(above, []).append(commit.id)
            else:
                work.append((commit.id, None))
        while work:
            commit_id, undo = work.pop()
            if undo is not None:
                self._leave(undo)
                continue
            work.append((commit_id, self._enter(self.history.by_id[commit_id])))
            work.extend((child, None) for child in children.get(commit_id, ()))

    def _enter(self, commit: Commit) -> dict[str, Node | None]:
        """Make the nodes of a commit, hand over what was asked, and return how it was before."""
        groups: dict[str, list[Version]] = {}
        for version in self.by_commit[commit.id]:
            groups.setdefault(version.key, []).append(version)
        was = {key: self.at.get(key) for key in groups}
        nodes = [self._node(commit, key, group, was[key]) for key, group in groups.items()]
        for node in nodes:
            self._follow(node, groups[node.key], nodes)
        self.made[commit.id] = nodes
        self.at.update((node.key, node) for node in nodes)
        for merge, i, key in self.asked.get(commit.id, ()):
            self.answers[merge, i, key] = self.at.get(key)
        if commit.id == self.near.get(str(self.history.head)):
            self.final = {key: node for key, node in self.at.items() if node.files}
        return was

    def _node(self, commit: Commit, key: str, group: Iterable[Version], was: Node | None) -> Node:
        files = dict(was.files) if was else {}
        known = all(parent in self.history.by_id for parent in commit.parents)
        for version in group:
            known = known and version.known
            if version.gone:
                files.pop(version.path, None)
            else:
                files[version.path] = version
        before = [was if was and was.files else None] if commit.parents else []
        return Node(commit.id, key, dict(sorted(files.items(), key=lambda item: natural_key(item[0]))), before, known)

    def _follow(self, node: Node, group: Iterable[Version], nodes: Iterable[Node]) -> None:
        """Let a round that is new here, and came from one that is gone here, be that one."""
        origin = next((v.moved_from for v in group if v.moved_from), "")
        left = next((n for n in nodes if n.key == origin and not n.files), None)
        if left and left.before and not any(node.before):
            node.before[0], node.came_from = left.before[0], origin

    def _leave(self, was: Mapping[str, Node | None]) -> None:
        for key, node in was.items():
            if node is None:
                del self.at[key]
            else:
                self.at[key] = node
