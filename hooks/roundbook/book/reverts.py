"""Reverts, and what was reverted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from roundbook.book.ancestry import between, reached
from roundbook.errors import Finding
from roundbook.git import message
from roundbook.git.history import Commit, History
from roundbook.git.message import Undoing

MOST_ALIKE = 50  # commits with one subject among which the one that is meant is looked for


@dataclass(frozen=True, slots=True)
class Reverts:
    """What reverts undo: `targets` holds the commits by revert; of a merge, the merge and then what it brought.

    `unclear` are the commits, newest first, that say they revert something that is not found or not certain.
    """

    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()


def reverts(history: History) -> Reverts:
    """Return what all reverts undo; each is resolved among the commits before it."""
    index = _Index(history)
    unclear: list[str] = []
    for commit in reversed(history.commits):
        undoing = message.undoes(commit) if len(commit.parents) < 2 else None
        if undoing:
            targets = index.meant(commit, undoing)
            if targets:
                index.note(commit.id, targets)
            elif undoing.explicit:
                unclear.append(commit.id)
        index.add(commit)
    return Reverts(index.targets, tuple(reversed(unclear)))


def findings(history: History, found: Reverts) -> Iterator[Finding]:
    """Yield one finding for the reverts of which it is not certain what they undo, if the history is complete."""
    if found.unclear and history.complete:
        newest = history.by_id[found.unclear[0]]
        count = len(found.unclear)
        many = f"{count} commits say that they revert something (the newest is {newest.short})"
        one = f"commit {newest.short} says that it reverts something"
        text = f"{one if count == 1 else many}, and it is not certain what: “{newest.subject[:80]}”"
        fix = "write “This reverts commit <id>.” into the message of the next one"
        yield Finding("info", "revert-unclear", text, None, fix)


class _Index:
    """The commits so far, by what a revert may call them, and which of them were reverted."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.targets: dict[str, tuple[str, ...]] = {}
        self.undone_by: dict[str, list[str]] = {}
        self.subjects: dict[str, list[str]] = {}
        self.bare: dict[str, list[str]] = {}
        self.requests: dict[int, list[str]] = {}

    def add(self, commit: Commit) -> None:
        self.subjects.setdefault(commit.subject, []).append(commit.id)
        self.bare.setdefault(message.without_number(commit.subject), []).append(commit.id)
        if number := message.pull_request(commit):
            self.requests.setdefault(number, []).append(commit.id)

    def note(self, revert: str, targets: Iterable[str]) -> None:
        self.targets[revert] = tuple(targets)
        for target in self.targets[revert]:
            self.undone_by.setdefault(target, []).append(revert)

    def meant(self, commit: Commit, undoing: Undoing) -> tuple[str, ...]:
        """Return what a revert undoes: by ids, else by pull request, else by the subject that it quotes."""
        named = [one for text in undoing.ids if (one := self._by_id(commit, text))]
        named = named or [one for repo, number in undoing.requests if (one := self._by_request(repo, number, undoing))]
        if not named and undoing.subject:
            named = [one for one in (self._by_subject(commit, undoing.subject),) if one]
        return tuple(dict.fromkeys(one for target in named for one in self._with_brought(target, undoing.mainline)))

    def _by_id(self, commit: Commit, text: str) -> str:
        found = [one for one in self.history.find(text) if self.history.order[one] > self.history.order[commit.id]]
        return found[0] if len(found) == 1 else ""

    def _by_request(self, repository: str, number: int, undoing: Undoing) -> str:
        """Return the merge, or the only squash commit, of a pull request; of another repository only if its title matches."""
        found = self.requests.get(number, [])
        merges = [one for one in found if len(self.history.by_id[one].parents) > 1]
        meant = merges or found
        if len(meant) != 1:
            return ""
        remote = self.history.remote
        ours = not repository or remote is None or remote.path.casefold().endswith(repository.casefold())
        target = self.history.by_id[meant[0]]
        title = message.without_number(undoing.subject)
        quoted = bool(title) and title in (message.without_number(target.subject), target.body.split("\n")[0].strip())
        return meant[0] if ours or quoted else ""

    def _by_subject(self, commit: Commit, subject: str) -> str:
        """Return the only ancestor of the revert with the subject that is not reverted."""
        found = self.subjects.get(subject) or self.bare.get(subject, [])
        found = [one for one in found if self._in_force(one)] if len(found) <= MOST_ALIKE else []
        found = [one for one in found if one in reached(self.history, commit.id, found)]
        return found[0] if len(found) == 1 else ""

    def _in_force(self, commit: str) -> bool:
        """Tell whether no revert that is itself in force undoes a commit."""
        chain = {commit}
        work = [commit]
        while work:
            fresh = [one for one in self.undone_by.get(work.pop(), ()) if one not in chain]
            chain.update(fresh)
            work += fresh
        force: dict[str, bool] = {}
        for one in sorted(chain, key=self.history.order.__getitem__):  # a revert is newer than what it takes back
            force[one] = not any(force[by] for by in self.undone_by.get(one, ()))
        return force[commit]

    def _with_brought(self, target: str, mainline: str) -> tuple[str, ...]:
        """Return a commit; of a merge also what it brought to the main line, by default its first parent."""
        parents = self.history.by_id[target].parents
        if len(parents) < 2:
            return (target,)
        base = next((one for one in parents if mainline and one.startswith(mainline)), parents[0])
        return between(self.history, base, target) if base in self.history.by_id else (target,)
