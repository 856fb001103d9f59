"""The check of the literals of decisions: whether what was settled came back, or went, unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.book.ancestry import Landing, carrier, landings
from roundbook.book.facts import Claim, Ruling, Verdict
from roundbook.book.questions import Literal, Scope, literals
from roundbook.git.history import Tide
from roundbook.think.checks.check import Docket, brief, check, plural


@dataclass(frozen=True, slots=True)
class Flip:
    """A commit of the trunk with which a literal came (`there`), or went."""

    commit: str
    there: bool

    @property
    def words(self) -> str:
        """Return `came with` or `went with`."""
        return "came with" if self.there else "went with"


@check("decision-unlinked-reversal", "warning", history=True)
def decision_unlinked_reversal(docket: Docket) -> Iterator[Verdict]:
    """What a decision removed does not come back, and what it brought does not go, unless a later decision says so.

    Held for the strings of its `literals`, in the files that it `affects`, else in all but Markdown and the data. What was
    settled is the last change of a literal by the decision's own commits, else by its round's. Where neither touches it,
    a literal that was gone when the decision was written down is to stay away, and one that was there is to go.

    Mend: record the decision that brought it back, with `supersedes` or `amends`; or undo the reversal.
    """
    asked = list(literals(docket.book))
    scope = Scope(docket.book, docket.settings, docket.book.testimony.apart)
    landed = landings(docket.book.history) if asked else {}
    for literal in asked:
        ruling = literal.ruling
        place = ruling.decision.place_of("literals", literal.index)
        claim = Claim(f'decision {ruling.id} settles "{brief(literal.text)}"', place, *ruling.address)
        tide = docket.book.testimony.tides.get(literal.text)
        if fault := _fault(literal, tide, docket):
            yield claim.unchecked(fault)
        elif tide:
            yield _judged(claim, ruling, tide, flips(tide, literal, scope), docket, landed)


def _fault(literal: Literal, tide: Tide | None, docket: Docket) -> str:
    """Return why nothing can be said of a literal, else the empty text."""
    told = docket.book.testimony
    if literal.fault:
        return literal.fault
    if literal.text in told.unsought:
        searched = len(told.tides)
        return f"{searched} of {searched + len(told.unsought)} literals were searched, and this is none of them"
    if tide is None:
        return "git did not tell when it came and went"
    if tide.crowded and not tide.turns:
        return "it stands in too many files to be followed"
    return "" if tide.searched else "no commit touches a file in which it counts"


def flips(tide: Tide, literal: Literal, scope: Scope) -> tuple[Flip, ...]:
    """Return when a literal came and went in the files in which it counts, newest first.

    Where it goes from them and comes into another file with the same commit, the file was moved: then that one counts too.
    """
    globs = scope.globs(literal.ruling)
    followed: set[str] = set()
    held = frozenset(tide.before)
    there = any(scope.holds(globs, path) for path in held)
    found: list[Flip] = []
    for turn in reversed(tide.turns):
        paths = frozenset(turn.paths)
        now = any(scope.holds(globs, path) or path in followed for path in paths)
        if there and not now and (went := {path for path in paths - held if scope.holds((), path)}):
            followed |= went
            now = True
        if now != there:
            found.append(Flip(turn.commit, now))
        there, held = now, paths
    return tuple(reversed(found))


def _judged(
    claim: Claim,
    ruling: Ruling,
    tide: Tide,
    found: Sequence[Flip],
    docket: Docket,
    landed: Mapping[str, Landing],
) -> Verdict:
    commits = plural(tide.searched, "commit")
    bound = f"; only the newest {commits} were searched" if tide.cut or tide.crowded else ""
    if not found:
        return claim.unchecked(f"it neither came nor went in {commits} that could bring it{bound}")
    at = _settled(ruling, found, tide, docket, landed)
    settled = found[at].there if at < len(found) else not found[-1].there
    before = f"{found[at].words} {docket.dated(found[at].commit)}" if at < len(found) else "was settled before that"
    if at == 0:
        kept = "has been there since" if settled else "has not come back since"
        return claim.verified(f"it {before}, and {kept}{bound}", found[0].commit)
    first = found[at - 1]
    turned = "came back with" if first.there else "went with"
    again = f", and {'came' if settled else 'went'} again with {docket.dated(found[at - 2].commit)}" if at > 1 else ""
    evidence = f"it {before}, {'and' if at == 1 else 'then'} {turned} {docket.dated(first.commit)}{again}"
    if said := _said(ruling):
        return claim.verified(f"{evidence}; {said}{bound}", first.commit)
    mend = f"record what was decided then, with supersedes: {ruling.id}, or undo it"
    return claim.contradicted(f"{evidence}; no later decision says so{bound}", mend, first.commit)


def _said(ruling: Ruling) -> str:
    """Return what says that a decision does not count any more, or not whole; the empty text where nothing does."""
    others = (*ruling.superseded_by, *ruling.amended_by)
    if others:
        return f"{', '.join(others)} says so"
    return f"the decision is {ruling.status}" if ruling.status in ("rejected", "deprecated", "superseded") else ""


def _settled(ruling: Ruling, found: Sequence[Flip], tide: Tide, docket: Docket, landed: Mapping[str, Landing]) -> int:
    """Return which change settled a literal, or the number of changes where that one lies before all that are known."""
    history = docket.book.history
    entry = docket.book.entry(ruling.round)
    links = tuple(link.commit for link in entry.links) if entry else ()
    for commits in ((*ruling.commits, *ruling.cited_by), links):
        brought = {carrier(commit, landed) for commit in commits if commit in history.by_id}
        own = [i for i, flip in enumerate(found) if flip.commit in brought]
        if own:
            return own[0]
        older = brought and min(history.order[c] for c in brought) > history.order[tide.turns[-1].commit]
        if older and (tide.cut or tide.crowded):
            return len(found)
    return _settled_by_record(found, _recorded(ruling, docket, landed), tide, docket)


def _settled_by_record(found: Sequence[Flip], recorded: int, tide: Tide, docket: Docket) -> int:
    """Return which change settled a literal of a decision whose commits are not known, or do not touch it.

    What was gone when the decision was written down had been removed before. What was still there was to be removed.
    """
    order = docket.book.history.order
    earlier = [i for i, flip in enumerate(found) if order[flip.commit] >= recorded]
    if earlier and (not found[earlier[0]].there or earlier[0] == 0):
        return earlier[0]
    if earlier:
        return earlier[0] - 1
    return len(found) - (0 if (tide.cut or tide.crowded) and found[-1].there else 1)


def _recorded(ruling: Ruling, docket: Docket, landed: Mapping[str, Landing]) -> int:
    """Return the position of the commit of the trunk that recorded a decision's file, that of HEAD where none did yet."""
    history = docket.book.history
    place = ruling.decision.place
    path = history.prefix + place.path if place else ""
    added = docket.paths.first_added(path) if path in docket.paths.added else None
    return history.order[carrier(added, landed)] if added else 0
