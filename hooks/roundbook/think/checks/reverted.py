"""In: a docket. Out: verdicts on entries whose commits were reverted: what was taken back is no evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roundbook.errors import Place
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief, kind

LISTS = ("agents", "objectives", "goals", "deliverables", "changes")
Claimed = tuple[str, str, str, Place | None, Sequence[str]]  # what it is, its round and anchor, its place, its commits


@check("evidence-reverted", "warning")
def evidence_reverted(docket: Docket) -> Iterator[Verdict]:
    """The commits of a change, decision, deliverable, goal or agent were not reverted since.

    Where only some of them were, that is a note.

    Mend: take the entry out, name the commits that brought it back, or say in `waive:` why it still holds.
    """
    back = docket.taken_back
    for what, key, anchor, place, commits in _claimed(docket) if back else ():
        reverted = [commit for commit in commits if commit in back]
        if reverted:
            yield _verdict(what, key, anchor, place, commits, reverted, docket)


def _verdict(
    what: str, key: str, anchor: str, place: Place | None, commits: Sequence[str], gone: Sequence[str], docket: Docket
) -> Verdict:
    by = list(dict.fromkeys(docket.taken_back[commit] for commit in gone))
    names = ", ".join(docket.book.history.by_id[commit].short for commit in by)
    noun = what.partition(" ")[0]
    claim = f"{what} has commits that count"
    if len(gone) == len(commits):
        evidence = f"all commits of this {noun} were taken back by {names}"
        mend = "take it out, or name the commits that brought it back"
        return Verdict("evidence-reverted", "contradicted", claim, evidence, place, key, anchor, by[0], mend)
    were = "was" if len(gone) == 1 else "were"
    evidence = f"{len(gone)} of {len(commits)} commits of this {noun} {were} taken back by {names}"
    mend = "say what is left of it"
    return Verdict("evidence-reverted", "contradicted", claim, evidence, place, key, anchor, by[0], mend, "info")


def _claimed(docket: Docket) -> Iterator[Claimed]:
    """Yield the entries that have commits of their own: those that they name, and those that name them."""
    book = docket.book
    entered = {(one.round, one.anchor): one.commits for release in book.releases for one in release.entries}
    for entry in docket.own:
        for field in LISTS:
            for i, item in enumerate(getattr(entry.round, field)):
                anchor = entry.anchors[field, i]
                named = (*entry.selected.get(anchor, ()), *entered.get((entry.key, anchor), ()))
                what = f'{kind(field)} "{brief(item.label)}"'
                yield what, entry.key, anchor, item.place, tuple(dict.fromkeys(named))
    for ruling in book.rulings.values():
        if book.is_verified(ruling):
            key, anchor = ruling.address
            yield f"decision {ruling.id}", key, anchor, ruling.decision.place_of("commits"), ruling.commits
