"""Checks of decisions: their status, the commits that implement or cite them, markers in the code, and reversals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from roundbook.book.ancestry import Landing, carrier, landings, numbers
from roundbook.book.decisions import NOT_STATED
from roundbook.book.facts import CheckResult, Claim, Decision
from roundbook.book.model import Entry
from roundbook.book.paths import meant, moved
from roundbook.book.questions import Literal, Scope, literals
from roundbook.checks.registry import CheckContext, brief, check
from roundbook.errors import did_you_mean, plural
from roundbook.frozen import frozen
from roundbook.git.history import History, Marker, PickaxeResult
from roundbook.rounds.versions import Step
from roundbook.schema.base import CLOSED

PATIENCE = 2  # rounds of the phase that may pass before an accepted decision is reported as not built
Touch = tuple[int, str]  # the position of a commit in the history, and a path that it changed
_SETTLED = CLOSED - {"dropped"}


def _status(decision: Decision, key: str = "status") -> Claim:
    """Return the claim that a decision has its status; `key` is the field at whose place it is reported."""
    return Claim(f"decision {decision.id} is {decision.status}", decision.record.place_of(key), *decision.address)


@check("decision-unratified", "warning")
def decision_unratified(context: CheckContext) -> Iterator[CheckResult]:
    """An accepted decision that an agent made says who agreed to it.

    Fix: add `ratified-by:`, or set the status to `proposed` until somebody has agreed.
    """
    for decision in context.book.decisions.values():
        record = decision.record
        # A name in `ratified-by` is only what the file says, so nothing is verified.
        if record.authored_by == "agent" and decision.status == "accepted" and not record.ratified_by:
            claim = _status(decision, "authored_by")
            yield claim.contradicted(
                "an agent made it, and nobody has ratified it", "write ratified-by:, or status: proposed"
            )


@check("decision-shipped-not-accepted", "warning")
def decision_shipped_not_accepted(context: CheckContext) -> Iterator[CheckResult]:
    """A decision is a draft or proposed only as long as nothing implements it and its round is open.

    A commit implements a decision if the record lists it, or if its `Decision:` trailer names the record, and it
    changes more than records. A mention in a message is not enough, and a decision that nothing implements is not
    verified by that. A record that states no status claims none.

    Fix: set `status: accepted` (or `rejected`), and say who decided it.
    """
    for decision in context.book.decisions.values():
        claims = not (decision.adopted and decision.status_reason == NOT_STATED)
        if claims and decision.status in ("draft", "proposed"):
            yield from _shipped(decision, context)


def _shipped(decision: Decision, context: CheckContext) -> Iterator[CheckResult]:
    claim, accept = _status(decision), "write status: accepted"
    entry, verified = context.book.entry(decision.round), context.book.is_verified(decision)
    if shipped := _carried(decision, context) if verified else []:
        yield claim.contradicted(_cites(shipped, context.book.history), accept, shipped[0])
    elif decision.markers:
        yield claim.contradicted(f"{_marked(decision.markers)}, as if it were accepted", accept)
    elif entry and entry.status in _SETTLED:
        fix = "write how it was decided, or put it off in `deferred:` and take it up in another round"
        yield claim.contradicted(f"{entry.words} is {entry.status}", fix)
    elif verified and not context.book.history.complete:
        yield claim.unchecked(context.shared.gaps)


def _carried(decision: Decision, context: CheckContext) -> list[str]:
    """Return the commits that implement a decision, newest first: those it lists, and those with its trailer."""
    named = _newest_first((*decision.commits, *decision.trailers), context.book.history)
    return [commit for commit in named if context.shared.works(commit)]


# --------------------------------------------------------------------------- accepted decisions without work


@check("decision-accepted-not-built", "info", history=True)
def decision_accepted_not_built(context: CheckContext) -> Iterator[CheckResult]:
    """An accepted decision has a commit, marker, pull request, or work on what it `affects`, before two more rounds pass.

    A commit counts if the record lists it, or if its `Decision:` trailer names the record, provided that it changes
    more than records and was not reverted. A mention in a message is a citation, not work. A decision record in a file
    of its own belongs to no round, so no rounds pass; what it `affects` counts from the commit that added it.

    Fix: list its commits or pull requests, list what it `affects`, cite it in a `Decision:` trailer, mark the code that
    follows it with `@decision` and its id, or withdraw it.
    """
    asked = [r for r in context.book.decisions.values() if r.status == "accepted" and context.book.is_verified(r)]
    affected = {decision.id: tuple(_affected(decision, context)) for decision in asked}
    touches = _last_touched({glob for globs in affected.values() for glob in globs}, context)
    later = _rounds_after(context)
    for decision in asked:
        touch = min((touches[glob] for glob in affected[decision.id] if glob in touches), default=None)
        yield from _built(decision, touch, context, later)


def _built(
    decision: Decision, touch: Touch | None, context: CheckContext, later: Mapping[str, Sequence[str]]
) -> Iterator[CheckResult]:
    claim, history = _status(decision), context.book.history
    entry = context.book.entry(decision.round)
    since = _begun(decision, context)
    if carried := _carried(decision, context):
        yield claim.verified(_cites(carried, history, "implements it", "implement it"), carried[0])
    elif decision.markers:
        yield claim.verified(_marked(decision.markers))
    elif pull := _pulled(decision, context):
        yield claim.verified(f"pull request #{pull[0]} brought {plural(len(pull[1]), 'commit')}", pull[1][0])
    elif touch and since is not None and touch[0] <= since:
        evidence = f"{brief(touch[1])}, which it affects, was worked on"
        yield claim.verified(evidence, history.commits[touch[0]].id)
    elif lost := [c for c in (*decision.commits, *decision.trailers) if c in context.shared.taken_back]:
        evidence = f"its commit {history.by_id[lost[0]].short} was reverted, and no other commit implements it"
        yield claim.contradicted(evidence, "say what became of it", lost[0])
    elif decision.record.prs:
        pulls = ", ".join(decision.record.prs)
        yield claim.unchecked(f"pull request {pulls} has no commit here that changes more than records")
    elif decision.commits or decision.trailers:
        yield claim.unchecked("its commits only change records")
    elif decision.cited_by:
        yield claim.unchecked(f"{_cites(decision.cited_by, history)}, which is not evidence of work on it")
    elif entry and len(later.get(entry.key, ())) >= PATIENCE:
        yield _unbuilt(context, decision, entry, touch is not None, later[entry.key])


def _begun(decision: Decision, context: CheckContext) -> int | None:
    """Return the position of the commit from which work on a decision counts."""
    history, entry = context.book.history, context.book.entry(decision.round)
    if entry:
        return history.order[entry.first_commit] if entry.first_commit else None
    recorded = [step.commit for step in _steps(decision, context)][:1]
    return history.order[recorded[0]] - 1 if recorded and recorded[0] in history.order else None


def _pulled(decision: Decision, context: CheckContext) -> tuple[int, list[str]] | None:
    """Return the first pull request of a decision that has commits with work, and those commits."""
    for number in numbers(decision.record.prs):
        pull = context.book.pull_requests.get(number)
        commits = pull.commits if pull else ()
        if found := [c for c in commits if c in context.book.history.by_id and context.shared.works(c)]:
            return number, found
    return None


def _unbuilt(
    context: CheckContext, decision: Decision, entry: Entry, touched: bool, later: Sequence[str]
) -> CheckResult:
    claim = _status(decision)
    if decision.record.evidence:
        return claim.unchecked("its evidence is prose, and no commit is named")
    if touched and not entry.first_commit:
        return claim.unchecked(f"{entry.words} has no commit to count from")
    affected = ", and nothing that it affects has changed since" if decision.record.affects else ""
    passed = f"{len(later)} rounds have passed, up to {later[-1]}"
    # Nobody has to name a decision in a commit, so this is a hint and not a contradiction.
    fix = "" if decision.round in context.imported else "name its `commits:`, or say that it is not wanted now"
    return claim.unchecked(f"no commit or pull request implements or cites it{affected}; {passed}", fix)


def _rounds_after(context: CheckContext) -> Mapping[str, Sequence[str]]:
    """Return, for each round, the keys of the next rounds of its phase that have begun."""
    found: dict[str, Sequence[str]] = {}
    for line in context.lines:
        begun = [entry.key for entry in line if entry.status != "planned"]
        seen = 0
        for entry in line:
            seen += entry.status != "planned"
            found[entry.key] = begun[seen : seen + PATIENCE]
    return found


def _affected(decision: Decision, context: CheckContext) -> Iterator[str]:
    """Yield the globs a decision affects: relative to the project and to the repository, also after `roots` are applied."""
    for glob in moved(decision.record.affects, context.settings.roots):
        yield from dict.fromkeys(path.strip("/") for path in (context.book.history.prefix + glob, glob))


def _last_touched(globs: Iterable[str], context: CheckContext) -> Mapping[str, Touch]:
    """Return, for each glob that ever matched a path, the position of the newest such commit and the path.

    Folders count as paths; records do not count.
    """
    newest: dict[str, int] = {}
    for i, commit in enumerate(context.book.history.commits if globs else ()):
        for change in commit.changes or ():
            path = "" if context.book.records.hold(change.path) else change.path
            while path and path not in newest:
                newest[path] = i
                path = path.rpartition("/")[0]
    paths = sorted(newest)
    touches = ((glob, min(((newest[p], p) for p in meant(glob, paths)), default=None)) for glob in globs)
    return {glob: touch for glob, touch in touches if touch}


# -------------------------------------------------------------------------------- citations of dead decisions


@check("decision-dead-cited", "warning")
def decision_dead_cited(context: CheckContext) -> Iterator[CheckResult]:
    """No trailer cites a superseded or rejected decision after work on its successor began, and no marker in the code names it.

    A mention in a message does not count: it may well say that the decision no longer applies.

    Fix: cite the successor, remove the marker, or record a decision that brings the old one back.
    """
    for decision in context.book.decisions.values():
        if decision.status in ("superseded", "rejected") and context.book.is_verified(decision):
            yield from _cited_dead(decision, context)
            if markers := _dead_markers(decision, context):
                fix = f"name {decision.superseded_by[0]} there" if decision.superseded_by else "remove the marker"
                yield _status(decision).contradicted(_marked(markers), fix)


def _dead_markers(decision: Decision, context: CheckContext) -> tuple[Marker, ...]:
    """Return the markers of a decision on lines that do not also name a successor."""
    after = {(m.path, m.line) for name in decision.superseded_by for m in context.book.decisions[name].markers}
    return tuple(marker for marker in decision.markers if (marker.path, marker.line) not in after)


def _cited_dead(decision: Decision, context: CheckContext) -> Iterator[CheckResult]:
    claim, history = _status(decision), context.book.history
    cited = _newest_first(decision.trailers, history)
    only = context.book.records.only
    commits = [c for c in cited if not only(history.by_id[c]) and not _both(c, decision, context)]
    since = _succeeded(decision, context)
    newer = [commit for commit in commits if since and history.order[commit] < history.order[since]]
    if commits and since is None:
        yield claim.unchecked("no commit shows when its successor took effect")
    elif not newer and not history.complete:
        yield claim.unchecked(context.shared.gaps)
    elif newer and since:
        successor = next(iter(decision.superseded_by), "")
        fix = f"cite {successor} instead" if successor else "say in a new decision that it counts again"
        why = f"though the work on what replaced it began with {history.by_id[since].short}"
        if decision.status == "rejected":
            why = f"after {decision.origin_words} rejected it"
        yield claim.contradicted(f"{_cites(newer, history)}, {why}", fix, newer[0])


def _both(commit: str, decision: Decision, context: CheckContext) -> bool:
    """Return whether a commit also cites a successor, which makes it the commit that replaces the old decision."""
    return any(other in decision.superseded_by for other in context.book.citing.get(commit, ()))


def _succeeded(decision: Decision, context: CheckContext) -> str | None:
    """Return the first commit of a successor, or of its round, or of the round that rejected the decision."""
    history = context.book.history
    successors = [context.book.decisions[name] for name in decision.superseded_by]
    rejected = not successors and decision.status == "rejected"
    own = [
        c for one in successors for c in (*one.commits, *one.cited_by, *(s.commit for s in _steps(one, context)[:1]))
    ]
    if rejected:
        own = [step.commit for step in _steps(decision, context) if step.status == "rejected"][:1]
    if not own and rejected:  # the record of the round rejects it, whatever its work did later
        entry = context.book.entry(decision.round)
        own = [c for c in (*entry.recorded[-1:], entry.first_commit) if c] if entry else []
    elif not own:
        decision_index = (context.book.entry(one.round) for one in successors if one.round != decision.round)
        own = [entry.first_commit for entry in decision_index if entry and entry.first_commit]
    return next(reversed(_newest_first(own, history)), None)


def _steps(decision: Decision, context: CheckContext) -> tuple[Step, ...]:
    """Return the status changes of an adopted decision; a decision of a round counts by the commits of the round."""
    timeline = context.book.timelines.of("decision", decision.id) if decision.adopted else None
    return timeline.steps if timeline and timeline.recorded else ()


def _newest_first(commits: Iterable[str], history: History) -> list[str]:
    return sorted({c for c in commits if c in history.order}, key=history.order.__getitem__)


def _cites(commits: Sequence[str], history: History, one: str = "cites it", many: str = "cite it") -> str:
    """Return how many commits cite a decision, with the subject of the newest."""
    subject = f'"{brief(history.by_id[commits[0]].subject)}"'
    return f"{subject} {one}" if len(commits) == 1 else f"{len(commits)} commits {many}, the newest {subject}"


def _marked(markers: Sequence[Marker]) -> str:
    """Return where the code names a decision."""
    first = f"{brief(markers[0].path)}:{markers[0].line}"
    return f"{first} names it" if len(markers) == 1 else f"{len(markers)} markers name it, the first in {first}"


# ------------------------------------------------------------------------------------------------ markers


@check("marker-unknown", "info")
def marker_unknown(context: CheckContext) -> Iterator[CheckResult]:
    """Each marker in the code names a decision of the book.

    A marker is the word `@decision` and an id, in a comment of any file except Markdown and the data.

    Fix: correct the id, or record the decision; put the words in quotes where they are not meant as a marker.
    """
    decision_index = context.book.decision_index
    unknown: dict[str, list[Marker]] = {}
    for marker in context.book.git_facts.markers or ():
        if decision_index.find(marker.word) is None:
            unknown.setdefault(marker.word, []).append(marker)
    for word, markers in unknown.items():
        fix = did_you_mean(word.rpartition("#")[2], decision_index, "correct the id, or record the decision")
        more = f", and {len(markers) - 1} more" if len(markers) > 1 else ""
        claim = Claim(f'no decision is "{brief(word)}"', stated=False)
        yield claim.contradicted(f"{markers[0].path}:{markers[0].line} names it{more}", fix)


# --------------------------------------------------------------------------------- literals and reversals


@frozen
class LiteralChange:
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
    facts = context.book.git_facts
    if literal.fault:
        return literal.fault
    if literal.text in facts.unsought:
        searched = len(facts.pickaxes)
        return f"{searched} of {searched + len(facts.unsought)} literals were searched, and this is not one of them"
    if pickaxe is None:
        return "git could not tell when it was added and removed"
    if pickaxe.crowded and not pickaxe.changes:
        return "it occurs in too many files to follow"
    return "" if pickaxe.searched else "no commit changes a file in which it counts"


def flips(pickaxe: PickaxeResult, literal: Literal, scope: Scope) -> tuple[LiteralChange, ...]:
    """Return when a literal was added to and removed from the files in which it counts, newest first.

    If one commit removes it from them and adds it to another file, the file was moved, and the other file counts too.
    """
    globs = scope.globs(literal.decision)
    followed: set[str] = set()
    held = frozenset(pickaxe.before)
    there = any(scope.holds(globs, path) for path in held)
    found: list[LiteralChange] = []
    for change in reversed(pickaxe.changes):
        paths = frozenset(change.paths)
        now = any(scope.holds(globs, path) or path in followed for path in paths)
        if there and not now and (went := {path for path in paths - held if scope.holds((), path)}):
            followed |= went
            now = True
        if now != there:
            found.append(LiteralChange(change.commit, now))
        there, held = now, paths
    return tuple(reversed(found))


def _judged(
    claim: Claim,
    decision: Decision,
    pickaxe: PickaxeResult,
    found: Sequence[LiteralChange],
    context: CheckContext,
    landed: Mapping[str, Landing],
) -> CheckResult:
    commits = plural(pickaxe.searched, "commit")
    bound = f"; only the newest {commits} were searched" if pickaxe.cut or pickaxe.crowded else ""
    if not found:
        return claim.unchecked(f"it was neither added nor removed in {commits} that could have changed it{bound}")
    at = _settled(decision, found, pickaxe, context, landed)
    settled = found[at].there if at < len(found) else not found[-1].there
    before = (
        f"{found[at].words} {context.shared.dated(found[at].commit)}" if at < len(found) else "was settled before that"
    )
    if at == 0:
        kept = "has been there since" if settled else "has not come back since"
        return claim.verified(f"it {before}, and {kept}{bound}", found[0].commit)
    first = found[at - 1]
    turned = "came back with" if first.there else "went with"
    again = (
        f", and {'came' if settled else 'went'} again with {context.shared.dated(found[at - 2].commit)}"
        if at > 1
        else ""
    )
    evidence = f"it {before}, {'and' if at == 1 else 'then'} {turned} {context.shared.dated(first.commit)}{again}"
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
    found: Sequence[LiteralChange],
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
        older = brought and min(history.order[c] for c in brought) > history.order[pickaxe.changes[-1].commit]
        if older and (pickaxe.cut or pickaxe.crowded):
            return len(found)
    return _settled_by_record(found, _recorded(decision, context, landed), pickaxe, context)


def _settled_by_record(
    found: Sequence[LiteralChange], recorded: int, pickaxe: PickaxeResult, context: CheckContext
) -> int:
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
    added = context.shared.paths.first_added(path) if path in context.shared.paths.added else None
    return history.order[carrier(added, landed)] if added else 0
