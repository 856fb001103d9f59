"""In: a docket. Out: verdicts on what other branches hold: ids of decisions that will collide when they are merged."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from roundbook.model.adr_names import following, number_in
from roundbook.model.names import called
from roundbook.model.ruling import Ruling
from roundbook.model.testimony import Elsewhere
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief
from roundbook.think.slugs import free, taken

ALIKE = 0.8  # from here on two texts are one that was edited
SPOKEN = 3  # words that a decision must have beyond its title to be known again by them
NAMED = 3


@check("decision-duplicate", "error", history=True)
def decision_duplicate(docket: Docket) -> Iterator[Verdict]:
    """The id of a decision is used once, also over all local and remote branches that are not merged.

    A branch that holds the same decision, even in another round since it was moved there or here, is none. Within the
    tree an id that is used twice is a finding of the data.

    Mend: give one of the two another `id` before the branch is merged; the finding names one that is free.
    """
    told = docket.book.testimony
    if told.unread:
        claim = "no other branch uses an id of this one"
        counted = "1 branch was" if told.unread == 1 else f"{told.unread} branches were"
        yield Verdict("decision-duplicate", "not-checked", claim, f"{counted} not read", stated=False)
    by_id: dict[str, list[Elsewhere]] = {}
    for one in told.elsewhere or ():
        by_id.setdefault(one.id.casefold(), []).append(one)
    used = taken(docket.book)
    for ruling in docket.book.rulings.values():
        others = [one for one in by_id.get(ruling.id.casefold(), ()) if _collides(one, ruling, docket)]
        for one in others:
            yield _verdict(ruling, _evidence(one), _mend(ruling, used))


def _mend(ruling: Ruling, used: frozenset[str]) -> str:
    if ruling.round:
        spare = free(f"{ruling.id}-{ruling.round.rpartition('/')[2].lower()}", used)
        return f"write id: {spare} here, or another id there"
    path = PurePosixPath(ruling.origin)
    if not number_in(path.name):
        return "rename one of the two files"
    stem = ruling.id.rpartition("-")[0]
    number = following((name for name in used if name.startswith(f"{stem}-".casefold())), len(number_in(path.name)))
    return f"rename {path.name} to begin with {number}, which is free on all branches"


def _collides(one: Elsewhere, ruling: Ruling, docket: Docket) -> bool:
    """Tell whether a decision on a branch is another one than the one here, as far as that is certain."""
    if one.derived or (one.path in docket.paths.touched and one.path not in docket.book.history.tree):
        return (
            False  # the branch had it from here, or its file was moved here after the branch was merged in one commit
        )
    if one.round == ruling.address[0] and _like(one.title, ruling.decision.title):
        return False
    here = docket.book.history.prefix + (ruling.decision.place.path if ruling.decision.place else "")
    if one.path == here and one.round == ruling.address[0]:
        return False  # git itself will stop at this file
    return not _known_again(one, ruling)


def _known_again(one: Elsewhere, ruling: Ruling) -> bool:
    own = " ".join(_words(ruling))
    longer = len(own.split()) >= len(ruling.decision.title.split()) + SPOKEN
    return longer and _like(one.text, own)


def _words(ruling: Ruling) -> Iterator[str]:
    if ruling.adopted:
        yield from (ruling.decision.title, ruling.adopted.prose)
        return
    record = ruling.decision.model_dump(by_alias=True, exclude_none=True, exclude={"id", "status", "date", "commits"})
    for value in record.values():
        yield from (str(v) for v in (value if isinstance(value, list | tuple) else [value]) if not isinstance(v, dict))


def _like(one: str, other: str) -> bool:
    first, second = (" ".join(text.casefold().split()) for text in (one, other))
    return first == second or SequenceMatcher(None, first[:2_000], second[:2_000], autojunk=False).ratio() >= ALIKE


def _evidence(one: Elsewhere) -> str:
    more = len(one.refs) - NAMED
    names = ", ".join(one.refs[:NAMED]) + (f" and {more} more" if more > 0 else "")
    where = f"branch {names}" if len(one.refs) == 1 else f"branches {names}"
    holder = called(one.round) if one.round else "a record"
    return f'{holder} has it for "{brief(one.title)}" on {where} ({one.path})'


def _verdict(ruling: Ruling, evidence: str, mend: str) -> Verdict:
    claim = f"decision {ruling.id} is the only one of that id"
    place = ruling.decision.place_of("id")
    found = Verdict("decision-duplicate", "contradicted", claim, evidence, place, *ruling.address, mend=mend)
    return found._replace(stated=False)  # a record does not claim to be the only one of its id
