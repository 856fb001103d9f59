"""Checks of decisions: statuses, ratification, markers in code, reversals and reverts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.book.ancestry import Landing, carrier, landings, numbers
from roundbook.book.facts import CheckResult, Claim, Decision
from roundbook.book.ids import only_records
from roundbook.book.model import Book, Entry
from roundbook.book.paths import meant, moved
from roundbook.book.questions import Literal, Scope, literals
from roundbook.checks.registry import CheckContext, brief, check, kind, plural
from roundbook.checks.status import lines
from roundbook.errors import Place
from roundbook.git.history import History, Marker, Tide
from roundbook.rounds.versions import Step
from roundbook.schema.base import CLOSED
from roundbook.schema.round import LISTS

PATIENCE = 2  # rounds of the phase that may pass before an accepted decision is missed in the history
Touch = tuple[int, str]  # the position of a commit in the history, and a path of it
_SETTLED = CLOSED - {"dropped"}


def _status(decision: Decision, key: str = "status") -> Claim:
    """Return the claim that a decision has its status; `key` is where that is written."""
    return Claim(f"decision {decision.id} is {decision.status}", decision.record.place_of(key), *decision.address)


@check("decision-unratified", "warning")
def decision_unratified(context: CheckContext) -> Iterator[CheckResult]:
    """A decision that an agent took and that is accepted says who agreed to it.

    Mend: write `ratified-by:`, or make it `proposed` until somebody has agreed.
    """
    for decision in context.book.decisions.values():
        record = decision.record
        # That somebody is named as having agreed shows only what the file says.
        if record.authored_by == "agent" and decision.status == "accepted" and not record.ratified_by:
            claim = _status(decision, "authored_by")
            yield claim.contradicted(
                "an agent took it, and nobody ratified it", "write ratified-by:, or status: proposed"
            )


@check("decision-shipped-not-accepted", "warning")
def decision_shipped_not_accepted(context: CheckContext) -> Iterator[CheckResult]:
    """A decision is a draft or proposed only while nothing carries it out and its round is open.

    A commit carries it out that the record names, or that names the record in a `Decision:` trailer and touches more than
    the record. That a message mentions it says nothing, and that nothing carries it out yet verifies nothing.

    Mend: write `status: accepted` (or `rejected`), with who decided it.
    """
    for decision in context.book.decisions.values():
        if decision.status in ("draft", "proposed"):
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
        yield claim.unchecked(context.gaps)


def _carried(decision: Decision, context: CheckContext) -> list[str]:
    """Return the commits that carry a decision out, newest first: its own, and those with its trailer."""
    named = _newest_first((*decision.commits, *decision.trailers), context.book.history)
    return [commit for commit in named if context.works(commit)]


# ------------------------------------------------------------------------------------ accepted, and not built


@check("decision-accepted-not-built", "info", history=True)
def decision_accepted_not_built(context: CheckContext) -> Iterator[CheckResult]:
    """An accepted decision has a commit, a marker, a pull request, or work on what it `affects`, before two rounds have passed.

    A commit counts that the record names, or that has its `Decision:` trailer, if it touches more than records and was not
    taken back. A mention in a message is a citation and no work. A record that is adopted from a file of its own belongs to
    no round, so none pass; what it `affects` counts from the commit that added it.

    Mend: name its commits or pull requests, write what it `affects`, cite it in a `Decision:` trailer, mark the code that
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
        yield claim.verified(_cites(carried, history, "carries it out", "carry it out"), carried[0])
    elif decision.markers:
        yield claim.verified(_marked(decision.markers))
    elif pull := _pulled(decision, context):
        yield claim.verified(f"pull request #{pull[0]} brought {plural(len(pull[1]), 'commit')}", pull[1][0])
    elif touch and since is not None and touch[0] <= since:
        evidence = f"{brief(touch[1])}, which it affects, was worked on"
        yield claim.verified(evidence, history.commits[touch[0]].id)
    elif lost := [c for c in (*decision.commits, *decision.trailers) if c in context.taken_back]:
        evidence = f"its commit {history.by_id[lost[0]].short} was taken back, and no other carries it out"
        yield claim.contradicted(evidence, "say what became of it", lost[0])
    elif decision.record.prs:
        pulls = ", ".join(decision.record.prs)
        yield claim.unchecked(f"pull request {pulls} has no commit here that touches more than records")
    elif decision.commits or decision.trailers:
        yield claim.unchecked("its commits touch nothing but records")
    elif decision.cited_by:
        yield claim.unchecked(f"{_cites(decision.cited_by, history)}, which shows no work on it")
    elif entry and len(later.get(entry.key, ())) >= PATIENCE:
        yield _unbuilt(context, decision, entry, touch is not None, later[entry.key])


def _begun(decision: Decision, context: CheckContext) -> int | None:
    """Return the position in the history of the commit that the work on a decision counts from."""
    history, entry = context.book.history, context.book.entry(decision.round)
    if entry:
        return history.order[entry.first_commit] if entry.first_commit else None
    recorded = [step.commit for step in _steps(decision, context)][:1]
    return history.order[recorded[0]] - 1 if recorded and recorded[0] in history.order else None


def _pulled(decision: Decision, context: CheckContext) -> tuple[int, list[str]] | None:
    """Return a pull request that a decision names, with those of its commits that do work."""
    for number in numbers(decision.record.prs):
        pull = context.book.pull_requests.get(number)
        commits = pull.commits if pull else ()
        if found := [c for c in commits if c in context.book.history.by_id and context.works(c)]:
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
    affected = ", nor was anything that it affects touched since" if decision.record.affects else ""
    passed = f"{len(later)} rounds passed, up to {later[-1]}"
    # That no commit names it does not mean that nobody built it, so this is a hint and no contradiction.
    fix = "" if decision.round in context.imported else "name its `commits:`, or say that it is not wanted now"
    return claim.unchecked(f"no commit or pull request carries it out or cites it{affected}; {passed}", fix)


def _rounds_after(context: CheckContext) -> Mapping[str, Sequence[str]]:
    """Return, for each round, the rounds of its phase after it that have begun."""
    found: dict[str, Sequence[str]] = {}
    for line in lines(context):
        begun = [entry.key for entry in line if entry.status != "planned"]
        seen = 0
        for entry in line:
            seen += entry.status != "planned"
            found[entry.key] = begun[seen : seen + PATIENCE]
    return found


def _affected(decision: Decision, context: CheckContext) -> Iterator[str]:
    """Yield what a decision affects: as written, below the project's folder, and where the settings say its folder went."""
    for glob in moved(decision.record.affects, context.settings.roots):
        yield from dict.fromkeys(path.strip("/") for path in (context.book.history.prefix + glob, glob))


def _last_touched(globs: Iterable[str], context: CheckContext) -> Mapping[str, Touch]:
    """Return, for each glob that ever meant a path, the newest commit's position and the path that it touched.

    Folders count as paths; records count for nothing.
    """
    newest: dict[str, int] = {}
    for i, commit in enumerate(context.book.history.commits if globs else ()):
        for change in commit.changes or ():
            path = "" if change.path in context.records else change.path
            while path and path not in newest:
                newest[path] = i
                path = path.rpartition("/")[0]
    paths = sorted(newest)
    touches = ((glob, min(((newest[p], p) for p in meant(glob, paths)), default=None)) for glob in globs)
    return {glob: touch for glob, touch in touches if touch}


# ------------------------------------------------------------------------------------------- dead, and cited


@check("decision-dead-cited", "warning")
def decision_dead_cited(context: CheckContext) -> Iterator[CheckResult]:
    """No trailer cites a superseded or rejected decision once the work on its successor has begun, and no marker names it.

    A mention in a message is no such citation: it may well say that the decision is left behind.

    Mend: cite the successor, take the marker out, or say in a later decision that the old one counts again.
    """
    for decision in context.book.decisions.values():
        if decision.status in ("superseded", "rejected") and context.book.is_verified(decision):
            yield from _cited_dead(decision, context)
            if markers := _dead_markers(decision, context):
                fix = f"name {decision.superseded_by[0]} there" if decision.superseded_by else "take the marker out"
                yield _status(decision).contradicted(_marked(markers), fix)


def _dead_markers(decision: Decision, context: CheckContext) -> tuple[Marker, ...]:
    """Return the markers of a decision in lines that do not name a successor as well."""
    after = {(m.path, m.line) for name in decision.superseded_by for m in context.book.decisions[name].markers}
    return tuple(marker for marker in decision.markers if (marker.path, marker.line) not in after)


def _cited_dead(decision: Decision, context: CheckContext) -> Iterator[CheckResult]:
    claim, history = _status(decision), context.book.history
    cited = _newest_first(decision.trailers, history)
    commits = [
        c for c in cited if not only_records(context.book, c, context.records) and not _both(c, decision, context)
    ]
    since = _succeeded(decision, context)
    newer = [commit for commit in commits if since and history.order[commit] < history.order[since]]
    if commits and since is None:
        yield claim.unchecked("no commit tells since when its successor counts")
    elif not newer and not history.complete:
        yield claim.unchecked(context.gaps)
    elif newer and since:
        successor = next(iter(decision.superseded_by), "")
        fix = f"cite {successor} instead" if successor else "say in a new decision that it counts again"
        why = f"though the work on what replaced it began with {history.by_id[since].short}"
        if decision.status == "rejected":
            why = f"after {decision.origin_words} rejected it"
        yield claim.contradicted(f"{_cites(newer, history)}, {why}", fix, newer[0])


def _both(commit: str, decision: Decision, context: CheckContext) -> bool:
    """Tell whether a commit also cites a successor: then it is the one that goes from the old to the new."""
    return any(other in decision.superseded_by for other in context.book.citing.get(commit, ()))


def _succeeded(decision: Decision, context: CheckContext) -> str | None:
    """Return the first commit of a successor, else of the successor's round, else of the round that rejected it."""
    history = context.book.history
    successors = [context.book.decisions[name] for name in decision.superseded_by]
    rejected = not successors and decision.status == "rejected"
    own = [
        c for one in successors for c in (*one.commits, *one.cited_by, *(s.commit for s in _steps(one, context)[:1]))
    ]
    if rejected:
        own = [step.commit for step in _steps(decision, context) if step.status == "rejected"][:1]
    if not own and rejected:  # the round's record rejects it, whatever its work did later
        entry = context.book.entry(decision.round)
        own = [c for c in (*entry.recorded[-1:], entry.first_commit) if c] if entry else []
    elif not own:
        decision_index = (context.book.entry(one.round) for one in successors if one.round != decision.round)
        own = [entry.first_commit for entry in decision_index if entry and entry.first_commit]
    return next(reversed(_newest_first(own, history)), None)


def _steps(decision: Decision, context: CheckContext) -> tuple[Step, ...]:
    """Return the statuses of a decision that no round took; one of a round counts by the round's commits."""
    life = context.book.timelines.of("decision", decision.id) if decision.adopted else None
    return life.steps if life and life.recorded else ()


def _newest_first(commits: Iterable[str], history: History) -> list[str]:
    return sorted({c for c in commits if c in history.order}, key=history.order.__getitem__)


def _cites(commits: Sequence[str], history: History, one: str = "cites it", many: str = "cite it") -> str:
    """Say how many commits cite a decision, with the subject of the newest."""
    subject = f'"{brief(history.by_id[commits[0]].subject)}"'
    return f"{subject} {one}" if len(commits) == 1 else f"{len(commits)} commits {many}, the newest {subject}"


def _marked(markers: Sequence[Marker]) -> str:
    """Say where the code names a decision."""
    first = f"{brief(markers[0].path)}:{markers[0].line}"
    return f"{first} names it" if len(markers) == 1 else f"{len(markers)} markers name it, the first in {first}"


# ------------------------------------------------------------------------------------ markers, and reverts


@check("marker-unknown", "info")
def marker_unknown(context: CheckContext) -> Iterator[CheckResult]:
    """A marker in the code names a decision of the book.

    A marker is the word `@decision` and an id, in any comment of any file but Markdown and the data.

    Mend: correct the id, or record the decision; words that are no marker may stand in quotes.
    """
    decision_index = context.book.decision_index
    unknown: dict[str, list[Marker]] = {}
    for marker in context.book.git_facts.markers or ():
        if decision_index.find(marker.word) is None:
            unknown.setdefault(marker.word, []).append(marker)
    for word, markers in unknown.items():
        near = difflib.get_close_matches(word.rpartition("#")[2], list(decision_index), n=1, cutoff=0.6)
        fix = f'did you mean "{near[0]}"?' if near else "correct the id, or record the decision"
        more = f", and {len(markers) - 1} more" if len(markers) > 1 else ""
        claim = Claim(f'no decision is "{brief(word)}"', stated=False)
        yield claim.contradicted(f"{markers[0].path}:{markers[0].line} names it{more}", fix)


@check("evidence-reverted", "warning")
def evidence_reverted(context: CheckContext) -> Iterator[CheckResult]:
    """The commits of a change, decision, deliverable, goal or agent were not reverted since.

    Where only some of them were, that is a note.

    Mend: take the entry out, name the commits that brought it back, or say in `waive:` why it still holds.
    """
    back, by_id = context.taken_back, context.book.history.by_id
    for what, place, address, commits in _claimed(context.book, context.own) if back else ():
        gone = [commit for commit in commits if commit in back]
        if not gone:
            continue
        by = list(dict.fromkeys(back[commit] for commit in gone))
        names = ", ".join(by_id[commit].short for commit in by)
        noun = what.partition(" ")[0]
        claim = Claim(f"{what} has commits that count", place, *address)
        if len(gone) == len(commits):
            evidence = f"all commits of this {noun} were taken back by {names}"
            yield claim.contradicted(evidence, "take it out, or name the commits that brought it back", by[0])
        else:
            were = "was" if len(gone) == 1 else "were"
            evidence = f"{len(gone)} of {len(commits)} commits of this {noun} {were} taken back by {names}"
            yield claim.contradicted(evidence, "say what is left of it", by[0], "info")


def _claimed(book: Book, own: Iterable[Entry]) -> Iterator[tuple[str, Place | None, tuple[str, str], Sequence[str]]]:
    """Yield the entries that have commits of their own: those that they name, and those that name them."""
    entered = {(one.round, one.anchor): one.commits for release in book.releases for one in release.entries}
    for entry in own:
        for field, listed in LISTS.items():
            for one in entry.anchored(field) if listed.has_commits and field != "decisions" else ():
                named = (*entry.selected.get(one.anchor, ()), *entered.get((entry.key, one.anchor), ()))
                what = f'{kind(field)} "{brief(one.item.label)}"'
                yield what, one.item.place, (entry.key, one.anchor), tuple(dict.fromkeys(named))
    for decision in book.decisions.values():
        if book.is_verified(decision):
            yield f"decision {decision.id}", decision.record.place_of("commits"), decision.address, decision.commits


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
def decision_unlinked_reversal(context: CheckContext) -> Iterator[CheckResult]:
    """What a decision removed does not come back, and what it brought does not go, unless a later decision says so.

    Held for the strings of its `literals`, in the files that it `affects`, else in all but Markdown and the data. What was
    settled is the last change of a literal by the decision's own commits, else by its round's. Where neither touches it,
    a literal that was gone when the decision was written down is to stay away, and one that was there is to go.

    Mend: record the decision that brought it back, with `supersedes` or `amends`; or undo the reversal.
    """
    asked = list(literals(context.book))
    scope = Scope(context.book, context.settings, context.book.git_facts.apart)
    landed = landings(context.book.history) if asked else {}
    for literal in asked:
        decision = literal.decision
        place = decision.record.place_of("literals", literal.index)
        claim = Claim(f'decision {decision.id} settles "{brief(literal.text)}"', place, *decision.address)
        tide = context.book.git_facts.tides.get(literal.text)
        if fault := _fault(literal, tide, context):
            yield claim.unchecked(fault)
        elif tide:
            yield _judged(claim, decision, tide, flips(tide, literal, scope), context, landed)


def _fault(literal: Literal, tide: Tide | None, context: CheckContext) -> str:
    """Return why nothing can be said of a literal, else the empty text."""
    told = context.book.git_facts
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
    globs = scope.globs(literal.decision)
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
    decision: Decision,
    tide: Tide,
    found: Sequence[Flip],
    context: CheckContext,
    landed: Mapping[str, Landing],
) -> CheckResult:
    commits = plural(tide.searched, "commit")
    bound = f"; only the newest {commits} were searched" if tide.cut or tide.crowded else ""
    if not found:
        return claim.unchecked(f"it neither came nor went in {commits} that could bring it{bound}")
    at = _settled(decision, found, tide, context, landed)
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
    """Return what says that a decision does not count any more, or not whole; the empty text where nothing does."""
    others = (*decision.superseded_by, *decision.amended_by)
    if others:
        return f"{', '.join(others)} says so"
    return f"the decision is {decision.status}" if decision.status in ("rejected", "deprecated", "superseded") else ""


def _settled(
    decision: Decision, found: Sequence[Flip], tide: Tide, context: CheckContext, landed: Mapping[str, Landing]
) -> int:
    """Return which change settled a literal, or the number of changes where that one lies before all that are known."""
    history = context.book.history
    entry = context.book.entry(decision.round)
    links = tuple(link.commit for link in entry.links) if entry else ()
    for commits in ((*decision.commits, *decision.cited_by), links):
        brought = {carrier(commit, landed) for commit in commits if commit in history.by_id}
        own = [i for i, flip in enumerate(found) if flip.commit in brought]
        if own:
            return own[0]
        older = brought and min(history.order[c] for c in brought) > history.order[tide.turns[-1].commit]
        if older and (tide.cut or tide.crowded):
            return len(found)
    return _settled_by_record(found, _recorded(decision, context, landed), tide, context)


def _settled_by_record(found: Sequence[Flip], recorded: int, tide: Tide, context: CheckContext) -> int:
    """Return which change settled a literal of a decision whose commits are not known, or do not touch it.

    What was gone when the decision was written down had been removed before. What was still there was to be removed.
    """
    order = context.book.history.order
    earlier = [i for i, flip in enumerate(found) if order[flip.commit] >= recorded]
    if earlier and (not found[earlier[0]].there or earlier[0] == 0):
        return earlier[0]
    if earlier:
        return earlier[0] - 1
    return len(found) - (0 if (tide.cut or tide.crowded) and found[-1].there else 1)


def _recorded(decision: Decision, context: CheckContext, landed: Mapping[str, Landing]) -> int:
    """Return the position of the commit of the trunk that recorded a decision's file, that of HEAD where none did yet."""
    history = context.book.history
    place = decision.record.place
    path = history.prefix + place.path if place else ""
    added = context.paths.first_added(path) if path in context.paths.added else None
    return history.order[carrier(added, landed)] if added else 0
