"""Checks of changelog entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roundbook.book.facts import CheckResult, Claim, Entered, Link
from roundbook.checks.registry import CheckContext, brief, check
from roundbook.git.history import SHORT

NEWEST = 3  # commits that are named


@check("change-without-commit", "info", history=True)
def change_without_commit(context: CheckContext) -> Iterator[CheckResult]:
    """Each entry of the changelog has a commit behind it that does more than write records down.

    A commit stands behind an entry by `commits:` or `prs:` of the entry, by its own trailer `Change: <round>#<id>`, or
    because it came with the pull request that added the entry. Commits that were reverted do not count.

    Mend: end the message of the commit with the trailer, or name it below `commits:` of the entry.
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
    """Yield what was not checked; the first entry of a round tells how many there are, so that there is one finding."""
    for i, one in enumerate(entries):
        if any(link.commit in context.taken_back for link in one.links):
            continue  # what was taken back is contradicted elsewhere
        only = "the commits that are named only write records down" if one.links else ""
        only = only or "no commit, trailer or pull request names it"
        recorded = f"; it was recorded in {one.recorded[:SHORT]}" if one.recorded else ""
        others = f"{len(entries) - 1} other {'entry' if len(entries) == 2 else 'entries'} of this round"
        more = f", like {others}" if not i and len(entries) > 1 else ""
        first = not i and one.round not in context.imported
        fix = f"end a commit's message with `Change: {one.round}#{one.change.id or one.anchor}`, or name it below commits:"
        yield _claim(one).unchecked(f"{only}{more}{recorded}", fix if first else "")


def _claim(entered: Entered) -> Claim:
    words = f'the change "{brief(entered.change.label)}" was made'
    return Claim(words, entered.change.place, entered.round, entered.anchor)
