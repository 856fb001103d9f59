"""The message of a commit: its type, scope, trailers and references."""

from __future__ import annotations

import re

from roundbook.frozen import frozen
from roundbook.git.history import Commit, Person

_CONVENTIONAL = re.compile(r"(?P<type>[A-Za-z][\w-]*)(?:\((?P<scope>[^()\r\n]+)\))?(?P<bang>!)?:[ \t]+(?P<text>\S.*)")
_ID = r"`?\b[0-9a-f]{7,64}\b`?"
_REQUEST = r"(?:(?P<repository>[\w.-]+(?:/[\w.-]+)+)?[#!](?P<number>\d+)|https?://\S+?/(?P<linked>\d+))"
# `git revert`, also of several commits and with short ids; Azure DevOps; `hg backout`.
_REVERTS = re.compile(
    rf"^(?:This reverts|Reverts?|Reverted|Back(?:s|ed)? out)(?: the)?(?: following)? (?:commits?|changesets?):?\s+"
    rf"(?P<ids>{_ID}(?:(?:,\s*(?:and\s+)?|\s+and\s+|\s+){_ID})*)",
    re.MULTILINE,
)
_MAINLINE = re.compile(r"reversing\s+changes\s+made\s+to\s+([0-9a-f]{7,64})\b")
# GitHub and Azure DevOps (`Reverts owner/name#12`, `Reverts !12`), GitLab and Bitbucket (`This reverts merge request !12`).
_REVERTS_REQUEST = re.compile(
    rf"^(?:This reverts|Reverts?|Reverted)(?: (?:merge|pull) request| PR| MR)?:?[ \t]+{_REQUEST}[.\s]*$", re.MULTILINE
)
_QUOTED = re.compile(
    r"(?P<verb>revert(?:s|ed)?|reapply):?[ \t]+(?:\"(?P<a>.+)\"|'(?P<b>.+)'|“(?P<c>.+)”)"
    r"(?:[ \t]+\((?:pull request )?[#!]\d+\))?",
    re.IGNORECASE,
)
_UNDOES = re.compile(
    r"^(?:this revert|revert|reapply|merged pr \d+:[ \t]*revert|back(?:s|ed)? out)", re.IGNORECASE | re.MULTILINE
)
_PLAIN_REVERT = re.compile(r"Reverts?:?[ \t]+(?P<a>\S.*)")
_NUMBERED = re.compile(r"[ \t]+\((?:pull request )?[#!]\d+\)$")
_AZURE = re.compile(r"^Merged PR \d+:[ \t]*")
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
_PERSON = re.compile(r"(?:[\s,;&+]|\band\s)*(?P<name>[^<>]*?)\s*<(?P<email>[^<>]*)>", re.IGNORECASE)
_REFERENCE_TRAILERS = frozenset({"refs", "ref", "see", "see-also", "issue", "fixes", "closes", "resolves"})


@frozen
class Conventional:
    """The head of a conventional commit: `type(scope)!: text`."""

    type: str
    scope: str | None
    breaking: bool
    text: str


def conventional(commit: Commit) -> Conventional | None:
    """Return the conventional head of a commit's subject, or `None` if there is none."""
    match = _CONVENTIONAL.fullmatch(commit.subject)
    if not match:
        return None
    breaking = bool(match["bang"]) or _has_breaking_footer(commit)
    return Conventional(match["type"].lower(), match["scope"], breaking, match["text"])


def breaks(commit: Commit) -> bool:
    """Return whether the commit is marked as breaking: by `!` in its head, or by a footer."""
    if "!:" not in commit.subject and "BREAKING" not in commit.message:
        return False  # as nearly all are not
    head = conventional(commit)
    return head.breaking if head else _has_breaking_footer(commit)


def _has_breaking_footer(commit: Commit) -> bool:
    return "BREAKING" in commit.message and any(t.key.replace("-", " ") == "BREAKING CHANGE" for t in commit.trailers)


@frozen
class RevertedChange:
    """What a revert says that it reverts: `ids`, also short ones; `requests` with their repositories; or a `subject`.

    `mainline` is the parent that the revert of a merge goes back to. `explicit` tells whether it names something certain:
    `revert: words` may be just words.
    """

    ids: tuple[str, ...] = ()
    mainline: str = ""
    requests: tuple[tuple[str, int], ...] = ()
    subject: str = ""
    explicit: bool = True


def undoes(commit: Commit) -> RevertedChange | None:
    """Return what a commit says that it reverts, or `None` if it is not a revert."""
    text = commit.message
    if not _UNDOES.search(text):
        return None
    head = conventional(commit)
    found = [one for match in _REVERTS.finditer(text) for one in _ids(match["ids"])]
    requests = [_request(match) for match in _REVERTS_REQUEST.finditer(text)]
    for trailer in commit.trailers:
        key = trailer.key.casefold()
        if key in ("reverts", "reverted") or (key in ("refs", "ref") and head and head.type == "revert"):
            found += _ids(trailer.value)
    subject, quoted = _quoted(commit.subject, head)
    if not (found or requests or subject):
        return None
    mainline = _MAINLINE.search(text)
    ids, asked = tuple(dict.fromkeys(found)), tuple(dict.fromkeys(requests))
    return RevertedChange(ids, mainline[1] if mainline else "", asked, subject, bool(ids or asked or quoted))


def _ids(text: str) -> list[str]:
    return [one for one in re.findall(r"\b[0-9a-f]{7,64}\b", text) if len(one) <= 40 or len(one) == 64]


def _request(match: re.Match[str]) -> tuple[str, int]:
    return match["repository"] or "", int(match["number"] or match["linked"])


def _quoted(subject: str, head: Conventional | None) -> tuple[str, bool]:
    """Return the reverted subject, and whether it is in quotes; `Reapply "x"` reverts `Revert "x"`."""
    subject = _AZURE.sub("", subject)
    match = _QUOTED.fullmatch(subject)
    if match is None and head and head.type == "revert":
        match = _QUOTED.fullmatch(f"revert {head.text}")
        if match is None:
            return without_number(head.text), False
    if match:
        words = match["a"] or match["b"] or match["c"]
        return (f'Revert "{words}"' if match["verb"].lower() == "reapply" else words), True
    plain = _PLAIN_REVERT.fullmatch(subject)
    return (without_number(plain["a"]), False) if plain else ("", False)


def without_number(subject: str) -> str:
    """Return a subject without the pull request number that a squash merge appends."""
    return _NUMBERED.sub("", subject)


def picked_from(commit: Commit) -> tuple[str, ...]:
    """Return the full ids that the commit says it was cherry-picked from, the original first."""
    return tuple(_PICKED.findall(commit.message)) if "(cherry picked" in commit.message else ()


def fixes_up(commit: Commit) -> str | None:
    """Return the subject that a `fixup!`, `squash!` or `amend!` commit names."""
    match = _FIXUP.fullmatch(commit.subject) if "! " in commit.message[:10] else None
    return match["subject"] if match else None


def pull_request(commit: Commit) -> int | None:
    """Return the number of the pull or merge request that the commit says it is the merge or squash of."""
    subject = commit.subject
    patterns = _MERGED if subject.startswith("Merge") else ()
    match = next((m for pattern in patterns if (m := pattern.match(subject))), None)
    match = match or (_SQUASHED.search(subject) if subject.endswith(")") else None)
    if match:
        return int(match["number"])
    match = _MERGE_REQUEST.search(commit.message) if "See merge request" in commit.message else None
    return int(match["number"]) if match else None


def merged_branch(commit: Commit) -> str | None:
    """Return the name of the branch that a merge commit names, without its owner or remote."""
    subject = commit.subject
    patterns = (*_MERGED, _MERGED_BRANCH) if subject.startswith("Merge") else ()
    return next((m["branch"] or None for pattern in patterns if (m := pattern.match(subject))), None)


def issues(commit: Commit) -> tuple[str, ...]:
    """Return the issues that the message closes or refers to, as `#12` or `owner/name#12`.

    Only a number after a closing keyword, or in a trailer for issues, counts: `Finding #5` does not.
    """
    if "#" not in commit.message:
        return ()
    found = [n for m in _CLOSES.finditer(commit.message) for n in _ISSUE.findall(m["first"] + m["more"])]
    for trailer in commit.trailers:
        if trailer.key.lower() in _REFERENCE_TRAILERS:
            found += _ISSUE.findall(trailer.value)
    return tuple(dict.fromkeys(found))


def co_authors(commit: Commit) -> tuple[Person, ...]:
    """Return the people in the `Co-authored-by` trailers, which may name several each."""
    return tuple(person for value in commit.values("Co-authored-by") for person in people(value)[0])


def people(value: str) -> tuple[tuple[Person, ...], str]:
    """Return the people in a value, `Name <address>` with commas, `and` or similar between, and the remaining text."""
    found: list[Person] = []
    at = 0
    while match := _PERSON.match(value, at):
        name = match["name"].strip().strip('"')
        found.append(Person(name or "unknown", match["email"].strip()))
        at = match.end()
    return tuple(found), value[at:].strip(" \t,;&.")
