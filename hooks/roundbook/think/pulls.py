"""In: a history and how its commits landed. Out: pull requests, as far as merge and squash commits tell of them."""

from __future__ import annotations

from collections.abc import Mapping

from roundbook.model import message
from roundbook.model.facts import PullRequest
from roundbook.model.history import Commit, History
from roundbook.think.ancestry import Landing


def number_of(commit_id: str, history: History, landings: Mapping[str, Landing]) -> int | None:
    """Return the pull request that brought a commit: its own number, or that of the nearest merge around it."""
    at: Commit | None = history.by_id.get(commit_id)
    while at is not None:
        if number := message.pull_request(at):
            return number
        landing = landings.get(at.id)
        at = history.by_id.get(landing.merge) if landing and landing.merge else None
    return None


def pull_requests(history: History, landings: Mapping[str, Landing]) -> dict[int, PullRequest]:
    """Return all pull requests by number, each with the commits that it brought, newest first."""
    commits: dict[int, list[str]] = {}
    merges: dict[int, Commit] = {}
    for commit in history.commits:
        number = number_of(commit.id, history, landings)
        if number is None:
            continue
        if message.pull_request(commit) == number and len(commit.parents) > 1:
            merges.setdefault(number, commit)
        else:
            commits.setdefault(number, []).append(commit.id)
    numbers = sorted({*commits, *merges})
    return {
        n: PullRequest(n, _title(n, merges, commits, history), tuple(commits.get(n, ())), _id(merges.get(n)))
        for n in numbers
    }


def _id(commit: Commit | None) -> str | None:
    return commit.id if commit else None


def _title(number: int, merges: Mapping[int, Commit], commits: Mapping[int, list[str]], history: History) -> str:
    """Return the title: the first line of a merge commit's body, or its subject, or a squash commit's, without the number."""
    if number in merges:
        merge = merges[number]
        first = merge.body.strip().split("\n")[0]
        return first or merge.subject.removeprefix(f"Merged PR {number}:").strip()
    subject = history.by_id[commits[number][-1]].subject
    return subject.removesuffix(f"(#{number})").strip()
