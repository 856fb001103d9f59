"""In: commits and their accounts. Out: the changes that they propose for the changelog, in the categories of the settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from roundbook.book.accounting import FIXUP, MERGE, REVERT, REVERTED, TWICE
from roundbook.book.model import Book
from roundbook.book.releases import category
from roundbook.git import message
from roundbook.git.history import Commit
from roundbook.model.draft import Proposed
from roundbook.schema.items import CHANGE_TYPES, ChangeType
from roundbook.settings import Changelog
from roundbook.think.stretch import short

_CVE = re.compile(r"\bCVE-\d{4}-\d{4,19}\b", re.IGNORECASE)
_REQUEST = re.compile(r"\s*\([#!]\d+\)$")
# What GitLab calls `Changelog: performance` and `other`. Source: docs.gitlab.com, "Changelogs".
_WORDS: Mapping[str, ChangeType] = {"performance": "changed", "other": "changed", **{t: t for t in CHANGE_TYPES}}
_QUIET = frozenset({"docs", "test", "ci", "style"})  # that name a CVE, but mend nothing
_KNOWN: Mapping[str, ChangeType] = {t: t for t in CHANGE_TYPES}


@dataclass(frozen=True, slots=True)
class _Told:
    """What one commit says of itself: no type where a reader of the changelog would not notice it."""

    type: ChangeType | None
    breaking: bool
    cve: str


def changes(book: Book, commits: Sequence[Commit], settings: Changelog) -> tuple[Proposed, ...]:
    """Return a change for each commit that a user may notice, newest first.

    Merges and pairs of a commit and its revert propose nothing, and a fixup belongs to what it mends. A revert whose commit
    is older than this stretch is a change of its own. Changes with the same words are one.
    """
    inside = {commit.id for commit in commits}
    fixups = _fixups(book, commits, inside)
    found: dict[tuple[ChangeType, str], Proposed] = {}
    for commit in commits:
        if made := _proposed(book, commit, inside, fixups, settings):
            same = found.get((made.type, made.text))
            found[made.type, made.text] = _joined(same, made) if same else made
    return tuple(found.values())


def foremost(found: Sequence[Proposed], most: int) -> tuple[Proposed, ...]:
    """Return at most so many changes by category: first what breaks, then what mends a danger, then the newest."""
    chosen = sorted(found, key=lambda c: (not c.breaking, c.type != "security"))[:most]
    return tuple(sorted(chosen, key=lambda c: (CHANGE_TYPES.index(c.type), not c.breaking)))


def _fixups(book: Book, commits: Iterable[Commit], inside: set[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for commit in commits:
        account = book.accounts[commit.id]
        if account.reason == FIXUP and account.partner in inside:
            found[account.partner] = (*found.get(account.partner, ()), commit.id)
    return found


def _proposed(
    book: Book, commit: Commit, inside: set[str], fixups: Mapping[str, tuple[str, ...]], settings: Changelog
) -> Proposed | None:
    account = book.accounts[commit.id]
    if len(commit.parents) > 1 or account.reason in (MERGE, TWICE, FIXUP):
        return None
    if account.reason in (REVERT, REVERTED) and account.partner in inside:
        return None
    told = _told(commit, settings)
    if account.reason == REVERT and account.partner:
        undone = book.commit(account.partner)
        told = replace(told, type=told.type or (undone and _told(undone, settings).type and "changed") or None)
    if told.type is None:
        return None
    number = message.pull_request(commit)
    cited = book.citing.get(commit.id, ())
    return Proposed(
        type=told.type,
        text=text_of(commit),
        commits=tuple(short(book, one) for one in (commit.id, *fixups.get(commit.id, ()))),
        breaking=told.breaking,
        prs=(f"#{number}",) if number else (),
        issues=message.issues(commit),
        decision=cited[0] if len(cited) == 1 else "",
        cve=told.cve,
    )


def _joined(one: Proposed, other: Proposed) -> Proposed:
    return replace(
        one,
        commits=(*one.commits, *other.commits),
        breaking=one.breaking or other.breaking,
        prs=tuple(dict.fromkeys((*one.prs, *other.prs))),
        issues=tuple(dict.fromkeys((*one.issues, *other.issues))),
        decision=one.decision if one.decision == other.decision else "",
        cve=one.cve or other.cve,
    )


def text_of(commit: Commit) -> str:
    """Return the words of a subject, without its conventional head and the number of its pull request."""
    head = message.conventional(commit)
    words = head.text if head else commit.subject
    return _REQUEST.sub("", words) or words


def _told(commit: Commit, settings: Changelog) -> _Told:
    head = message.conventional(commit)
    breaking = message.breaks(commit)
    cve = _CVE.search(commit.message)
    named = cve[0].upper() if cve else ""
    stated = list(_stated(commit, settings))
    if stated:
        return _Told(stated[0], breaking and stated[0] is not None, named)
    kind = category(head.type, settings) if head else None
    known = _KNOWN.get(kind or "")
    secured = bool(known and head and (head.scope or "").lower() == "security")
    if kind != "hidden" and (secured or (cve and not (head and head.type in _QUIET))):
        return _Told("security", breaking, named)
    return _Told(known or ("changed" if breaking else None), breaking, named)


def _stated(commit: Commit, settings: Changelog) -> Iterator[ChangeType | None]:
    """Yield what a trailer `Changelog:` states; `skip`, and a type that the settings hide, is `None`."""
    for value in commit.values("Changelog") if "changelog:" in commit.message.lower() else ():
        word = value.strip().lower()
        if word == "skip" or category(word, settings) == "hidden":
            yield None
        elif kind := _WORDS.get(word) or _KNOWN.get(category(word, settings) or ""):
            yield kind
