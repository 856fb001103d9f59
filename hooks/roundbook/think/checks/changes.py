"""Checks of the changelog: whether there is work behind each of its lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roundbook.model.history import SHORT
from roundbook.model.release import Entered
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.account import REVERTED
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief
from roundbook.think.recording import only_records, round_files

SLUG = "change-without-commit"
NEWEST = 3  # commits that are named


@check(SLUG, "info", history=True)
def change_without_commit(docket: Docket) -> Iterator[Verdict]:
    """Each entry of the changelog has a commit behind it that does more than write records down.

    A commit stands behind an entry by `commits:` or `prs:` of the entry, by its own trailer `Change: <round>#<id>`, or
    because it came with the pull request that added the entry. Commits that were reverted do not count.

    Mend: end the message of the commit with the trailer, or name it below `commits:` of the entry.
    """
    files = round_files(docket.book)
    by_round: dict[str, list[Entered]] = {}
    for release in docket.book.releases:
        for entered in release.entries:
            if entered.round:
                by_round.setdefault(entered.round, []).append(entered)
    for entered_here in by_round.values():
        bare = [one for one in entered_here if not _work(one, docket, files)]
        yield from (_backed(one, docket, files) for one in entered_here if one not in bare)
        yield from _bare(bare, docket)


def _work(entered: Entered, docket: Docket, files: frozenset[str]) -> list[tuple[str, str]]:
    accounts = docket.book.accounts
    return [
        (link.commit, link.reason)
        for link in entered.links
        if accounts[link.commit].reason != REVERTED and not only_records(docket.book, link.commit, files)
    ]


def _backed(entered: Entered, docket: Docket, files: frozenset[str]) -> Verdict:
    work = _work(entered, docket, files)
    shown = ", ".join(f"{commit[:SHORT]} ({reason})" for commit, reason in work[:NEWEST])
    evidence = shown if len(work) <= NEWEST else f"{shown} and {len(work) - NEWEST} more"
    return _verdict(entered, "verified", evidence, work[0][0])


def _bare(entries: Sequence[Entered], docket: Docket) -> Iterator[Verdict]:
    """Yield what was not checked; the first entry of a round tells how many there are, so that there is one finding."""
    for i, one in enumerate(entries):
        if any(docket.book.accounts[link.commit].reason == REVERTED for link in one.links):
            continue  # what was taken back is contradicted elsewhere
        only = "no commit, trailer or pull request names it"
        if one.links:
            only = "the commits that are named only write records down"
        recorded = f"; it was recorded in {one.recorded[:SHORT]}" if one.recorded else ""
        others = f"{len(entries) - 1} other {'entry' if len(entries) == 2 else 'entries'} of this round"
        more = f", like {others}" if not i and len(entries) > 1 else ""
        first = not i and one.round not in docket.imported
        fix = f"end a commit's message with `Change: {one.round}#{one.change.id or one.anchor}`, or name it below commits:"
        yield _verdict(one, "not-checked", f"{only}{more}{recorded}", None, fix if first else "")


def _verdict(entered: Entered, outcome: Outcome, evidence: str, commit: str | None, fix: str = "") -> Verdict:
    claim = f'the change "{brief(entered.change.label)}" was made'
    place = entered.change.place
    return Verdict(SLUG, outcome, claim, evidence, place, entered.round, entered.anchor, commit, fix)
