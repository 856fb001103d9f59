"""In: a commit's message. Out: what it says in the forms that people agreed on; a guess is never made.

Sources: Conventional Commits 1.0.0 (https://www.conventionalcommits.org/en/v1.0.0/), `git help revert`, and the words
that forges write into merge and squash commits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roundbook.model.history import Commit, Person

_CONVENTIONAL = re.compile(r"(?P<type>[A-Za-z][\w-]*)(?:\((?P<scope>[^()\r\n]+)\))?(?P<bang>!)?:[ \t]+(?P<text>\S.*)")
_REVERTS = re.compile(r"^This reverts commit ([0-9a-f]{40}(?:[0-9a-f]{24})?)\b", re.MULTILINE)
_PICKED = re.compile(r"^\(cherry picked from commit ([0-9a-f]{40}(?:[0-9a-f]{24})?)\)$", re.MULTILINE)
_FIXUP = re.compile(r"(?:(?:fixup|squash|amend)! )+(?P<subject>.+)")
_MERGED = (
    re.compile(r"Merge pull request #(?P<number>\d+) from (?:[^/\s]+/)?(?P<branch>\S+)"),  # GitHub
    re.compile(r"Merge pull request '.+' \([#!](?P<number>\d+)\) from (?:[^:\s]+:)?(?P<branch>\S+) into "),  # Gitea
    re.compile(r"Merged in (?P<branch>\S+) \(pull request #(?P<number>\d+)\)"),  # Bitbucket
    re.compile(r"Merged PR (?P<number>\d+):(?P<branch>)"),  # Azure, which does not name the branch
)
_MERGE_REQUEST = re.compile(r"^See merge request (?:[\w./-]*)!(?P<number>\d+)$", re.MULTILINE)
_MERGED_BRANCH = re.compile(r"Merge (?:remote-tracking branch '[^/']+/|branch ')(?P<branch>[^']+)'")
_SQUASHED = re.compile(r"\(#(?P<number>\d+)\)$")
_CLOSES = re.compile(
    r"(?<![\w-])(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?[ \t]+"
    r"(?P<first>(?:[\w.-]+/[\w.-]+)?#\d+)(?![\w-])(?P<more>(?:,[ \t]*(?:and[ \t]+)?(?:[\w.-]+/[\w.-]+)?#\d+(?![\w-]))*)",
    re.IGNORECASE,
)
_ISSUE = re.compile(r"(?:[\w.-]+/[\w.-]+)?#\d+(?![\w-])")
_PERSON = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<email>[^<>]*)>")
_REFERENCE_TRAILERS = frozenset({"refs", "ref", "see", "see-also", "issue", "fixes", "closes", "resolves"})


@dataclass(frozen=True, slots=True)
class Conventional:
    """The head of a conventional commit: `type(scope)!: text`."""

    type: str
    scope: str | None
    breaking: bool
    text: str


def conventional(commit: Commit) -> Conventional | None:
    """Return the conventional head of a commit's subject, or `None` where it follows no convention."""
    match = _CONVENTIONAL.fullmatch(commit.subject)
    if not match:
        return None
    breaking = bool(match["bang"]) or _has_breaking_footer(commit)
    return Conventional(match["type"].lower(), match["scope"], breaking, match["text"])


def breaks(commit: Commit) -> bool:
    """Tell whether the commit says that it breaks something: by the mark in its head, or by a footer under any subject."""
    head = conventional(commit)
    return head.breaking if head else _has_breaking_footer(commit)


def _has_breaking_footer(commit: Commit) -> bool:
    return "BREAKING" in commit.message and any(t.key.replace("-", " ") == "BREAKING CHANGE" for t in commit.trailers)


def reverts(commit: Commit) -> tuple[str, ...]:
    """Return the full ids that the commit says it reverts."""
    return tuple(_REVERTS.findall(commit.message)) if "This reverts commit" in commit.message else ()


def picked_from(commit: Commit) -> str | None:
    """Return the full id that the commit says it was cherry-picked from."""
    match = _PICKED.search(commit.message) if "(cherry picked" in commit.message else None
    return match[1] if match else None


def fixes_up(commit: Commit) -> str | None:
    """Return the subject that a `fixup!`, `squash!` or `amend!` commit names."""
    match = _FIXUP.fullmatch(commit.subject) if "! " in commit.message[:10] else None
    return match["subject"] if match else None


def pull_request(commit: Commit) -> int | None:
    """Return the number of the pull or merge request that the commit says it is the merge or squash of."""
    subject = commit.subject
    patterns = _MERGED if subject.startswith("Merge") else ()
    match = next((m for pattern in patterns if (m := pattern.match(subject))), None) or _SQUASHED.search(subject)
    if match:
        return int(match["number"])
    match = _MERGE_REQUEST.search(commit.message) if "See merge request" in commit.message else None
    return int(match["number"]) if match else None


def merged_branch(commit: Commit) -> str | None:
    """Return the name of the branch that a merge commit says it merged, without the owner or remote in front of it."""
    subject = commit.subject
    patterns = (*_MERGED, _MERGED_BRANCH) if subject.startswith("Merge") else ()
    return next((m["branch"] or None for pattern in patterns if (m := pattern.match(subject))), None)


def issues(commit: Commit) -> tuple[str, ...]:
    """Return the issues that the message closes or refers to, as `#12` or `owner/name#12`.

    Only a number after a closing keyword, or in a trailer that is made for it, is an issue: `Finding #5` is none.
    """
    if "#" not in commit.message:
        return ()
    found = [n for m in _CLOSES.finditer(commit.message) for n in _ISSUE.findall(m["first"] + m["more"])]
    for trailer in commit.trailers:
        if trailer.key.lower() in _REFERENCE_TRAILERS:
            found += _ISSUE.findall(trailer.value)
    return tuple(dict.fromkeys(found))


def co_authors(commit: Commit) -> tuple[Person, ...]:
    """Return the people of the `Co-authored-by` trailers."""
    matches = (_PERSON.fullmatch(value.strip()) for value in commit.values("Co-authored-by"))
    return tuple(Person(m["name"] or "unknown", m["email"]) for m in matches if m)
