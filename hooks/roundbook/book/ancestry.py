"""Which commits a merge, a tag or a range holds, the pull requests found in them, and what reverts undo."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import field
from operator import ge

from roundbook.book.facts import PullRequest
from roundbook.frozen import frozen
from roundbook.git import message
from roundbook.git.history import Commit, History
from roundbook.git.message import RevertedChange
from roundbook.git.only import left_out


def between(history: History, old: str | None, new: str) -> tuple[str, ...]:
    """Return the commits that `new` reaches and `old` does not, newest first, as `git rev-list old..new` would.

    Positions are topological, children before parents, so the walk may stop when nothing wanted is left to visit.
    """
    order = history.order
    heap = [order[new]]
    wanted = {order[new]}
    unwanted: set[int] = set()
    if old is not None:
        unwanted.add(order[old])
        heap.append(order[old])
    heapq.heapify(heap)
    seen: set[int] = set()
    found: list[str] = []
    left = 1
    while heap and left:
        position = heapq.heappop(heap)
        if position in seen:
            continue
        seen.add(position)
        commit = history.commits[position]
        inside = position in wanted and position not in unwanted
        left -= position in wanted
        if inside:
            found.append(commit.id)
        for parent in commit.parents:
            at = order.get(parent)
            if at is None or at in seen:
                continue
            if inside and at not in wanted:
                wanted.add(at)
                left += 1
            if position in unwanted:
                unwanted.add(at)
            heapq.heappush(heap, at)
    return tuple(found)


def reached(history: History, new: str, olds: Collection[str]) -> set[str]:
    """Return those of `olds` that are ancestors of `new`; the walk ends at the oldest of them."""
    order = history.order
    last = max((order[old] for old in olds), default=-1)
    seen: set[str] = set()
    work = [new]
    while work:
        for parent in history.by_id[work.pop()].parents:
            if parent not in seen and order.get(parent, last + 1) <= last:
                seen.add(parent)
                work.append(parent)
    return seen.intersection(olds)


def newest_first(history: History) -> tuple[Commit, ...]:
    """Return the commits with children before parents, and commits of parallel branches by the time of the commit.

    The order of a history keeps each branch together, so of two branches that changed one file it may put the older change
    first. This is the order of `git log --date-order`.
    """
    by_id = history.by_id
    seconds = [commit.committed.seconds for commit in history.commits]
    if all(map(ge, seconds, seconds[1:])) or all(len(commit.parents) < 2 for commit in history.commits):
        return history.commits
    children = Counter(parent for commit in history.commits for parent in commit.parents if parent in by_id)
    ready = [(-c.committed.seconds, i) for i, c in enumerate(history.commits) if not children[c.id]]
    heapq.heapify(ready)
    found: list[Commit] = []
    while ready:
        commit = history.commits[heapq.heappop(ready)[1]]
        found.append(commit)
        for parent in commit.parents:
            if parent in by_id:
                children[parent] -= 1
                if not children[parent]:
                    heapq.heappush(ready, (-by_id[parent].committed.seconds, history.order[parent]))
    return tuple(found)


@frozen
class Landing:
    """How a commit came into the history: `merge` is the innermost merge that brought it, `None` for the trunk."""

    merge: str | None
    trunk: bool


def landings(history: History) -> Mapping[str, Landing]:
    """Return the innermost merge that brought each commit in."""
    if not history.commits or history.head not in history.by_id:
        return {}
    found: dict[str, Landing] = {}
    work: list[tuple[str, str | None]] = [(str(history.head), None)]
    while work:
        tip, merge = work.pop()
        chain = _first_parents(history, tip, found)
        for commit_id in chain:
            found[commit_id] = Landing(merge, merge is None)
        # The newest merge is pushed first, so that the oldest side branch is walked first and keeps its commits.
        for commit_id in chain:
            work.extend((side, commit_id) for side in reversed(history.by_id[commit_id].parents[1:]))
    return found


def trunk(history: History) -> tuple[Commit, ...]:
    """Return the commits that HEAD reaches by first parents alone, newest first."""
    return tuple(history.by_id[name] for name in _first_parents(history, str(history.head), {}))


def carrier(commit: str, landed: Mapping[str, Landing]) -> str:
    """Return the commit of the trunk that brought a commit: the commit itself if it is on the trunk."""
    while (landing := landed.get(commit)) and landing.merge:
        commit = landing.merge
    return commit


def _first_parents(history: History, tip: str, visited: Mapping[str, Landing]) -> list[str]:
    chain: list[str] = []
    at: str | None = tip
    while at is not None and at not in visited and at in history.by_id:
        chain.append(at)
        parents = history.by_id[at].parents
        at = parents[0] if parents else None
    return chain


def by_first_tag(history: History, tips: Iterable[str]) -> dict[str, list[str]]:
    """Return the commits that each tip reaches and no earlier one does, newest first."""
    visited: set[str] = set()
    shares: dict[str, list[str]] = {}
    for tip in dict.fromkeys(tips):
        share: list[str] = []
        work = [tip]
        while work:
            at = work.pop()
            if at in visited or at not in history.by_id:
                continue
            visited.add(at)
            share.append(at)
            work.extend(history.by_id[at].parents)
        shares[tip] = sorted(share, key=history.order.__getitem__)
    return shares


_WRITTEN = re.compile(
    r"(?:(?:PR|MR|(?:pull|merge)[ -]request)[ -]?)?[#!]?(?P<number>\d+)|(?P<home>(?:[\w.-]+/)+[\w.-]+)[#!](?P<there>\d+)"
    r"|https?://[^/\s]+/(?P<site>\S+?)/(?:-/)?(?:pull|pulls|pullrequest|pull-requests|merge_requests)/(?P<linked>\d+)/?\S*",
    re.IGNORECASE,
)


def numbers(written: Iterable[str], home: str | None = None) -> tuple[int, ...]:
    """Return the pull requests in a list: `12`, `#12`, `!12`, `PR 12`, `owner/name#12`, or a URL.

    `home` is the path of this repository on its forge, empty if unknown; those of other repositories do not count. Without
    it, only bare numbers count.
    """
    found: list[int] = []
    for text in written:
        match = _WRITTEN.fullmatch(text.strip())
        where = (match["home"] or match["site"] or "").casefold() if match else ""
        if match and (not where or home == "" or (home and where.startswith(home.casefold()))):
            found.append(int(match["number"] or match["there"] or match["linked"]))
    return tuple(found)


def merged(history: History, merge: Commit, base: str = "") -> tuple[str, ...]:
    """Return the commits that a merge brings to the line of a parent, by default the first; none where that is missing.

    A parent that touches none of the paths in question, nor does any commit before it, reaches none of the others.
    """
    base = base or merge.parents[0]
    if base in history.by_id:
        return between(history, base, merge.id)
    return between(history, None, merge.id) if history.whole and base in history.whole.by_id else ()


def bringing(history: History) -> dict[str, int]:
    """Return the pull request that brought each commit: its own number, or that of the innermost merge."""
    found: dict[str, int] = {}
    for commit in reversed(history.commits):
        number = message.pull_request(commit)
        if number and len(commit.parents) > 1:
            for one in merged(history, commit):
                found.setdefault(one, number)
        if number:
            found[commit.id] = number
    return found


def pull_requests(history: History) -> dict[int, PullRequest]:
    """Return all pull requests by number, each with its commits, newest first."""
    brought = bringing(history)
    commits: dict[int, list[str]] = {}
    merges: dict[int, Commit] = {}
    for commit in history.commits:
        number = brought.get(commit.id)
        if number is None:
            continue
        if message.pull_request(commit) == number and len(commit.parents) > 1:
            merges.setdefault(number, commit)
        else:
            commits.setdefault(number, []).append(commit.id)
    return {
        n: PullRequest(n, _title(n, merges, commits, history), tuple(commits.get(n, ())), _id(merges.get(n)))
        for n in sorted({*commits, *merges})
    }


def _id(commit: Commit | None) -> str | None:
    return commit.id if commit else None


def _title(number: int, merges: Mapping[int, Commit], commits: Mapping[int, list[str]], history: History) -> str:
    """Return the title: the first line of a merge commit's body, or the subject of the merge or squash commit."""
    if number in merges:
        merge = merges[number]
        first = merge.body.strip().split("\n")[0]
        return first or merge.subject.removeprefix(f"Merged PR {number}:").strip()
    subject = history.by_id[commits[number][-1]].subject
    return subject.removesuffix(f"(#{number})").strip()


MOST_ALIKE = 50  # commits with one subject among which the one that is meant is looked for


@frozen
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
            elif undoing.explicit and not any(left_out(history, text) for text in undoing.ids):
                unclear.append(commit.id)
        index.add(commit)
    return Reverts(index.targets, tuple(reversed(unclear)))


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

    def meant(self, commit: Commit, undoing: RevertedChange) -> tuple[str, ...]:
        """Return what a revert undoes: by ids, else by pull request, else by the subject that it quotes."""
        named = [one for text in undoing.ids if (one := self._by_id(commit, text))]
        named = named or [one for repo, number in undoing.requests if (one := self._by_request(repo, number, undoing))]
        if not named and undoing.subject:
            named = [one for one in (self._by_subject(commit, undoing.subject),) if one]
        return tuple(dict.fromkeys(one for target in named for one in self._with_brought(target, undoing.mainline)))

    def _by_id(self, commit: Commit, text: str) -> str:
        found = [one for one in self.history.find(text) if self.history.order[one] > self.history.order[commit.id]]
        return found[0] if len(found) == 1 else ""

    def _by_request(self, repository: str, number: int, undoing: RevertedChange) -> str:
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
        merge = self.history.by_id[target]
        if len(merge.parents) < 2:
            return (target,)
        base = next((one for one in merge.parents if mainline and one.startswith(mainline)), "")
        return merged(self.history, merge, base) or (target,)
