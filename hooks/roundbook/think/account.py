"""In: commits and their links. Out: for each commit the one account that it ends in: claimed, folded, excluded, unaccounted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roundbook.model import message
from roundbook.model.facts import Account, Link
from roundbook.model.glob import matches
from roundbook.model.history import Commit, History
from roundbook.settings import Exclusion
from roundbook.think.attribute import STRONG


def account(
    history: History, links: Mapping[str, tuple[Link, ...]], exclusions: tuple[Exclusion, ...]
) -> dict[str, Account]:
    """Return the account of every commit.

    A revert pair is folded, whoever names it. Else a round file or a trailer that names the commit wins; then a merge, a
    fixup and a patch that is there twice are folded; then the exclusions of the settings; then whatever rule claimed it.
    """
    folded = fold(history)
    found: dict[str, Account] = {}
    for commit in history.commits:
        own = links.get(commit.id, ())
        if own and own[0].rule in STRONG and not _half_of_a_pair(folded.get(commit.id)):
            found[commit.id] = Account("claimed", own[0].reason)
        elif commit.id in folded:
            found[commit.id] = folded[commit.id]
        elif rule := _excluded(commit, exclusions):
            found[commit.id] = Account("excluded", rule)
        elif own:
            found[commit.id] = Account("claimed", own[0].reason)
        else:
            found[commit.id] = Account("unaccounted", "no rule answers")
    return found


def _half_of_a_pair(account: Account | None) -> bool:
    return account is not None and account.reason in (REVERT, REVERTED)


MERGE, REVERT, REVERTED, FIXUP, TWICE = "merge", "reverts", "reverted by", "fixup of", "same patch as"


def fold(history: History) -> dict[str, Account]:
    """Return the commits that are shown under another: merges, revert pairs, fixups, patches that are there twice."""
    found = _pairs(history)
    patches: dict[tuple[object, ...], str] = {}
    subjects: dict[str, str] = {}
    for commit in reversed(history.commits):
        if len(commit.parents) > 1:
            found.setdefault(commit.id, Account("folded", MERGE))
            continue
        if commit.id not in found and (twin := _twin(commit, history, patches)):
            found[commit.id] = Account("folded", TWICE, twin)
        target = message.fixes_up(commit)
        if commit.id not in found and target and target in subjects:
            found[commit.id] = Account("folded", FIXUP, subjects[target])
        subjects[commit.subject] = commit.id
    return found


def _pairs(history: History) -> dict[str, Account]:
    """Return the reverts with what they revert, newest first: a revert that was itself reverted takes nothing back."""
    found: dict[str, Account] = {}
    for commit in history.commits:
        if commit.id in found or len(commit.parents) > 1:
            continue
        for target in message.reverts(commit):
            if history.order.get(target, -1) > history.order[commit.id]:
                found.setdefault(commit.id, Account("folded", REVERT, target))
                found.setdefault(target, Account("folded", REVERTED, commit.id))
    return found


def _twin(commit: Commit, history: History, patches: dict[tuple[object, ...], str]) -> str | None:
    # A cherry-pick keeps author, author's date, subject and paths, so the same four twice are one patch. Where it names
    # what it was picked from, that one stays, even where it comes later.
    named = message.picked_from(commit)
    paths = tuple(c.path for c in commit.changes) if commit.changes is not None else None
    patch = (commit.author, commit.authored, commit.subject, paths)
    first = patches.setdefault(patch, named if named in history.by_id else commit.id)
    twin = named if named in history.by_id else first
    return twin if commit.subject and twin != commit.id else None


def _excluded(commit: Commit, exclusions: tuple[Exclusion, ...]) -> str:
    for rule in exclusions:
        if rule.subject and not re.search(rule.subject, commit.subject):
            continue
        if rule.author and not re.search(rule.author, commit.author.name):
            continue
        if rule.paths and not (commit.changes and all(matches(rule.paths, c.path) for c in commit.changes)):
            continue
        return rule.name or rule.subject or rule.author or ", ".join(rule.paths)
    return ""
