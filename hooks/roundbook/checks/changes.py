"""Checks of changelog entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roundbook.book.facts import Entered, Link
from roundbook.book.model import CheckResult, Claim
from roundbook.checks.registry import CheckContext, brief, check
from roundbook.git.history import SHORT

NEWEST = 3  # commits that are named


@check("change-without-commit", "info", history=True)
def change_without_commit(context: CheckContext) -> Iterator[CheckResult]:
    """Each changelog entry has a commit that does more than update records.

    A commit belongs to an entry through `commits:` or `prs:` of the entry, through its own trailer `Change:
    <round>#<id>`, or because it came with the pull request that added the entry. Reverted commits do not count.

    Fix: add the trailer to the commit message, or list the commit under `commits:` of the entry.
    """
    by_round: dict[str, list[Entered]] = {}
    for release in context.book.releases:
        for entered in release.entries:
            if entered.round:
                by_round.setdefault(entered.round, []).append(entered)
    for entries in by_round.values():
        work = [(one, [link for link in one.links if context.works(link.commit)]) for one in entries]
        yield from (_backed(one, links) for one, links in work if links)
        yield from _bare([one for one, links in work if not links], context)


def _backed(entered: Entered, work: Sequence[Link]) -> CheckResult:
    shown = ", ".join(f"{link.commit[:SHORT]} ({link.reason})" for link in work[:NEWEST])
    more = f" and {len(work) - NEWEST} more" if len(work) > NEWEST else ""
    return _claim(entered).verified(f"{shown}{more}", work[0].commit)


def _bare(entries: Sequence[Entered], context: CheckContext) -> Iterator[CheckResult]:
    """Yield the entries without work; the first of each round counts the others and has the fix, so it is one finding."""
    for i, one in enumerate(entries):
        if any(link.commit in context.taken_back for link in one.links):
            continue  # `evidence-reverted` reports it
        only = "the named commits only change records" if one.links else ""
        only = only or "no commit, trailer or pull request names it"
        recorded = f"; it was recorded in {one.recorded[:SHORT]}" if one.recorded else ""
        others = f"{len(entries) - 1} other {'entry' if len(entries) == 2 else 'entries'} of this round"
        more = f", like {others}" if not i and len(entries) > 1 else ""
        first = not i and one.round not in context.imported
        fix = f"end a commit's message with `Change: {one.round}#{one.change.id or one.anchor}`, or list it under commits:"
        yield _claim(one).unchecked(f"{only}{more}{recorded}", fix if first else "")


def _claim(entered: Entered) -> Claim:
    words = f'the change "{brief(entered.change.label)}" was made'
    return Claim(words, entered.change.place, entered.round, entered.anchor)
