"""The check of the literals of decisions: whether what a decision settled was reversed without another decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.book.ancestry import Landing, carrier, landings
from roundbook.book.facts import Decision
from roundbook.book.model import CheckResult, Claim
from roundbook.book.questions import Literal, Scope, literals
from roundbook.checks.registry import CheckContext, brief, check, plural
from roundbook.git.history import PickaxeResult


@dataclass(frozen=True, slots=True)
class Flip:
    """A commit on the main line that added a literal (`there`) or removed it."""

    commit: str
    there: bool

    @property
    def words(self) -> str:
        """Return `came with` or `went with`."""
        return "came with" if self.there else "went with"


@check("decision-unlinked-reversal", "warning", history=True)
def decision_unlinked_reversal(context: CheckContext) -> Iterator[CheckResult]:
    """What a decision removed stays removed, and what it introduced stays, unless a later decision says otherwise.

    This is checked for the strings in its `literals`, in the files that it `affects`, or else in all files except
    Markdown and the data. A literal is settled by the last commit of the decision that added or removed it, or else by
    the last such commit of its round. If neither changed it, a literal that was absent when the decision was recorded
    must stay absent, and one that was present must go.

    Fix: record the decision that changed it, with `supersedes` or `amends`; or undo the reversal.
    """
    asked = list(literals(context.book))
    scope = Scope(context.book, context.settings, context.book.git_facts.apart)
    landed = landings(context.book.history) if asked else {}
    for literal in asked:
        decision = literal.decision
        place = decision.record.place_of("literals", literal.index)
        claim = Claim(f'decision {decision.id} settles "{brief(literal.text)}"', place, *decision.address)
        pickaxe = context.book.git_facts.pickaxes.get(literal.text)
        if fault := _fault(literal, pickaxe, context):
            yield claim.unchecked(fault)
        elif pickaxe:
            yield _judged(claim, decision, pickaxe, flips(pickaxe, literal, scope), context, landed)


def _fault(literal: Literal, pickaxe: PickaxeResult | None, context: CheckContext) -> str:
    """Return why a literal cannot be checked, or an empty string."""
    told = context.book.git_facts
    if literal.fault:
        return literal.fault
    if literal.text in told.unsought:
        searched = len(told.pickaxes)
        return f"{searched} of {searched + len(told.unsought)} literals were searched, and this is not one of them"
    if pickaxe is None:
        return "git could not tell when it was added and removed"
    if pickaxe.crowded and not pickaxe.turns:
        return "it occurs in too many files to follow"
    return "" if pickaxe.searched else "no commit changes a file in which it counts"


def flips(pickaxe: PickaxeResult, literal: Literal, scope: Scope) -> tuple[Flip, ...]:
    """Return when a literal was added to and removed from the files in which it counts, newest first.

    If one commit removes it from them and adds it to another file, the file was moved, and the other file counts too.
    """
    globs = scope.globs(literal.decision)
    followed: set[str] = set()
    held = frozenset(pickaxe.before)
    there = any(scope.holds(globs, path) for path in held)
    found: list[Flip] = []
    for turn in reversed(pickaxe.turns):
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
    decision: Decision,
    pickaxe: PickaxeResult,
    found: Sequence[Flip],
    context: CheckContext,
    landed: Mapping[str, Landing],
) -> CheckResult:
    commits = plural(pickaxe.searched, "commit")
    bound = f"; only the newest {commits} were searched" if pickaxe.cut or pickaxe.crowded else ""
    if not found:
        return claim.unchecked(f"it was neither added nor removed in {commits} that could have changed it{bound}")
    at = _settled(decision, found, pickaxe, context, landed)
    settled = found[at].there if at < len(found) else not found[-1].there
    before = f"{found[at].words} {context.dated(found[at].commit)}" if at < len(found) else "was settled before that"
    if at == 0:
        kept = "has been there since" if settled else "has not come back since"
        return claim.verified(f"it {before}, and {kept}{bound}", found[0].commit)
    first = found[at - 1]
    turned = "came back with" if first.there else "went with"
    again = f", and {'came' if settled else 'went'} again with {context.dated(found[at - 2].commit)}" if at > 1 else ""
    evidence = f"it {before}, {'and' if at == 1 else 'then'} {turned} {context.dated(first.commit)}{again}"
    if said := _said(decision):
        return claim.verified(f"{evidence}; {said}{bound}", first.commit)
    fix = f"record what was decided then, with supersedes: {decision.id}, or undo it"
    return claim.contradicted(f"{evidence}; no later decision says so{bound}", fix, first.commit)


def _said(decision: Decision) -> str:
    """Return what says that a decision no longer applies, or not entirely, or an empty string."""
    others = (*decision.superseded_by, *decision.amended_by)
    if others:
        return f"{', '.join(others)} says so"
    return f"the decision is {decision.status}" if decision.status in ("rejected", "deprecated", "superseded") else ""


def _settled(
    decision: Decision,
    found: Sequence[Flip],
    pickaxe: PickaxeResult,
    context: CheckContext,
    landed: Mapping[str, Landing],
) -> int:
    """Return the index of the change that settled a literal, or the number of changes if it is older than all known ones."""
    history = context.book.history
    entry = context.book.entry(decision.round)
    links = tuple(link.commit for link in entry.links) if entry else ()
    for commits in ((*decision.commits, *decision.cited_by), links):
        brought = {carrier(commit, landed) for commit in commits if commit in history.by_id}
        own = [i for i, flip in enumerate(found) if flip.commit in brought]
        if own:
            return own[0]
        older = brought and min(history.order[c] for c in brought) > history.order[pickaxe.turns[-1].commit]
        if older and (pickaxe.cut or pickaxe.crowded):
            return len(found)
    return _settled_by_record(found, _recorded(decision, context, landed), pickaxe, context)


def _settled_by_record(found: Sequence[Flip], recorded: int, pickaxe: PickaxeResult, context: CheckContext) -> int:
    """Return the index of the change that settled a literal which no known commit of the decision changed.

    If the literal was absent when the decision was recorded, it had been removed before; otherwise it was to be removed.
    """
    order = context.book.history.order
    earlier = [i for i, flip in enumerate(found) if order[flip.commit] >= recorded]
    if earlier and (not found[earlier[0]].there or earlier[0] == 0):
        return earlier[0]
    if earlier:
        return earlier[0] - 1
    return len(found) - (0 if (pickaxe.cut or pickaxe.crowded) and found[-1].there else 1)


def _recorded(decision: Decision, context: CheckContext, landed: Mapping[str, Landing]) -> int:
    """Return the position of the commit on the main line that added the file of a decision; 0 (HEAD) if none did."""
    history = context.book.history
    place = decision.record.place
    path = history.prefix + place.path if place else ""
    added = context.paths.first_added(path) if path in context.paths.added else None
    return history.order[carrier(added, landed)] if added else 0
