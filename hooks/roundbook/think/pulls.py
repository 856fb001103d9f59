"""In: a history. Out: pull requests, as far as merge and squash commits tell of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from roundbook.git import message
from roundbook.git.history import Commit, History
from roundbook.model.facts import PullRequest
from roundbook.think.ancestry import between

_WRITTEN = re.compile(
    r"(?:(?:PR|MR|(?:pull|merge)[ -]request)[ -]?)?[#!]?(?P<number>\d+)|(?P<home>(?:[\w.-]+/)+[\w.-]+)[#!](?P<there>\d+)"
    r"|https?://[^/\s]+/(?P<site>\S+?)/(?:-/)?(?:pull|pulls|pullrequest|pull-requests|merge_requests)/(?P<linked>\d+)/?\S*",
    re.IGNORECASE,
)


def numbers(written: Iterable[str], home: str | None = None) -> tuple[int, ...]:
    """Return the pull requests that a list names: `12`, `#12`, `!12`, `PR 12`, `owner/name#12`, or an address of one.

    `home` is the path of this repository on its forge, empty where it is not known; one of another repository is none of
    this. Where nothing is said of it, only bare numbers count.
    """
    found: list[int] = []
    for text in written:
        match = _WRITTEN.fullmatch(text.strip())
        where = (match["home"] or match["site"] or "").casefold() if match else ""
        if match and (not where or home == "" or (home and where.startswith(home.casefold()))):
            found.append(int(match["number"] or match["there"] or match["linked"]))
    return tuple(found)


def bringing(history: History) -> dict[str, int]:
    """Return, for each commit, the pull request that brought it: its own number, or that of the innermost merge.

    A merge brought what its first parent does not reach, wherever it lies; an inner merge is older than the outer ones.
    """
    found: dict[str, int] = {}
    for commit in reversed(history.commits):
        number = message.pull_request(commit)
        if number and len(commit.parents) > 1 and commit.parents[0] in history.by_id:
            for one in between(history, commit.parents[0], commit.id):
                found.setdefault(one, number)
        if number:
            found[commit.id] = number
    return found


def pull_requests(history: History) -> dict[int, PullRequest]:
    """Return all pull requests by number, each with the commits that it brought, newest first."""
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
    """Return the title: the first line of a merge commit's body, or its subject, or a squash commit's, without the number."""
    if number in merges:
        merge = merges[number]
        first = merge.body.strip().split("\n")[0]
        return first or merge.subject.removeprefix(f"Merged PR {number}:").strip()
    subject = history.by_id[commits[number][-1]].subject
    return subject.removesuffix(f"(#{number})").strip()
