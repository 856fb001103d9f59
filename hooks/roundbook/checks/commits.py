"""Checks of commits: those a round names, those of a closed round, unassigned ones, the dates of rounds, and reverts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

from roundbook.book.attribution import meant, revisions, selections
from roundbook.book.facts import CheckResult, Claim
from roundbook.book.model import Book, Entry
from roundbook.checks.registry import CheckContext, SharedContext, brief, check, kind
from roundbook.errors import Place, plural
from roundbook.git.history import SHORT, Commit
from roundbook.git.only import left_out
from roundbook.schema.base import CLOSED
from roundbook.schema.dates import When
from roundbook.schema.items import Closed
from roundbook.schema.round import LISTS

LATE = 7  # days that may pass until a round is recorded
AHEAD = 1  # days that a date may be ahead of the commit, because of time zones
NAMED = 3  # commits that are named
SURE = frozenset({"frozen", "named", "trailer", "pattern", "pull-request"})  # rules by which somebody named the round
_OF_WORK = ("agents", "objectives", "goals", "deliverables", "tasks", "checks", "files", "commits", "branch", "prs")
OUTSIDE = "it touches none of the paths in `only`"


@check("window-empty", "warning", history=True)
def window_empty(context: CheckContext) -> Iterator[CheckResult]:
    """Each closed round has commits; a changelog round has the commits of its versions.

    Fix: list its commits under `commits:`, or correct its status.
    """
    return context.each(context.own, _commits_of)


def _commits_of(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    if entry.status not in CLOSED or entry.round.kind == "changelog":
        return
    linked = entry.key in shared.linked
    place = entry.round.place_of("status")
    claim = Claim(f"the {entry.kind} is {entry.status}", place, entry.key)
    sure = [link.commit for link in entry.links if link.rule in SURE]
    if sure:
        # Commits cannot prove that it is done, but that work was done in it.
        claim = Claim(f"the {entry.kind}, which is {entry.status}, has commits", place, entry.key)
        count = plural(len(sure), "commit")
        yield claim.verified(f"{count}, the newest is {sure[0][:SHORT]}", sure[0])
    elif not linked and entry.recorded:
        yield claim.unchecked(f"no known commit did the work; {entry.recorded[-1][:SHORT]} only recorded it")
    elif not linked and works(entry):
        yield claim.contradicted("no commit belongs to it", "list its commits under commits:, or correct its status")


def works(entry: Entry) -> bool:
    """Return whether a record says that work was done in it; an imported changelog only lists versions and changes."""
    record = entry.round
    only_lists = (record.versions or record.changes) and not any(getattr(record, name) for name in _OF_WORK)
    return not (record.source and only_lists)


@check("commit-unaccounted", "info", history=True)
def commit_unaccounted(context: CheckContext) -> Iterator[CheckResult]:
    """Each commit is assigned to a round, hidden behind another commit, or excluded by the settings.

    Fix: list it under `commits:` of its round, or exclude such commits under `attribution:` in the settings.
    """
    commits = context.book.history.commits
    loose = [c.id for c in commits if context.book.coverage[c.id].kind == "unassigned"]
    if loose:
        share = f"{len(loose)} of {len(commits)} commits ({100 * len(loose) / len(commits):.1f} %)"
        newest = ", ".join(commit[:SHORT] for commit in loose[:NAMED])
        fix = "list them under commits: of a round, or exclude such commits in the settings"
        claim = Claim("every commit is assigned, hidden or excluded", stated=False)
        yield claim.contradicted(f"{share} are unassigned; the newest: {newest}", fix, loose[0])


# -------------------------------------------------------------------------------------------------- dates


@check("date-implausible", "warning", history=True)
def date_implausible(context: CheckContext) -> Iterator[CheckResult]:
    """The date of a round is not later than the day its file was committed, and its year is plausible.

    Days are taken in the time zone of each author. A planned round may have a date in the future, and an imported round
    may be as old as the history.

    Fix: correct the date; often it is the year that is wrong.
    """
    return context.each(context.own, _plausible)


def _plausible(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    date, added = entry.round.date, _added(entry, shared)
    if date is None:
        return
    claim = _date_of(entry)
    if added is None:
        yield claim.unchecked("which commit first added its file is unknown")
        return
    evidence = f"its file was added by {shared.dated(added.id)}"
    if fault := _fault(entry, date, added.authored.local.date(), shared):
        yield claim.contradicted(f"{evidence}, {fault}", "correct the date, or waive it with the reason", added.id)
    elif at := _on_the_day(shared, entry, date):
        yield claim.verified(f"a commit of the round is {shared.dated(at)}", at)
    elif _is_of(added, date):
        yield claim.verified(evidence, added.id)


@check("date-backfilled", "info", history=True)
def date_backfilled(context: CheckContext) -> Iterator[CheckResult]:
    """A round is recorded within 7 days of its date; one that was written later may rely on memory.

    A round that names commits of its date does not.

    Fix: nothing, if the round was recorded late; otherwise correct the date.
    """
    return context.each(context.own, _backfilled)


def _backfilled(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    date, added = entry.round.date, _added(entry, shared)
    late = (added.authored.local.date() - date.last).days if added and date else 0
    if date and added and late > LATE and not entry.round.source and not _on_the_day(shared, entry, date):
        evidence = f"its file was added by {shared.dated(added.id)}, {late} days after that date"
        claim = _date_of(entry)._replace(stated=False)  # a late record does not contradict the date
        yield claim.contradicted(evidence, "correct the date, or waive it with the reason", added.id)


def _date_of(entry: Entry) -> Claim:
    return Claim(f"the {entry.kind}'s date is {entry.round.date}", entry.round.place_of("date"), entry.key)


def _on_the_day(shared: SharedContext, entry: Entry, date: When) -> str:
    """Return the newest commit that names the round and has its date in the author's time zone, or an empty string."""
    by_id = shared.history.by_id
    named = (link.commit for link in entry.links if link.rule in SURE)
    return next((commit for commit in named if _is_of(by_id[commit], date)), "")


def _is_of(commit: Commit, date: When) -> bool:
    return commit.authored.known and date.first <= commit.authored.local.date() <= date.last


def _added(entry: Entry, shared: SharedContext) -> Commit | None:
    """Return the commit that first recorded a round if the date of that commit is known."""
    added = shared.recorded(entry.key) if entry.round.date else None
    return added if added and added.authored.known else None


def _fault(entry: Entry, date: When, day: dt.date, shared: SharedContext) -> str:
    """Return what is wrong with a date, given the day on which the round was recorded, or an empty string."""
    ahead, late = (date.first - day).days, (day - date.last).days
    if ahead > AHEAD and entry.status != "planned":
        return f"{ahead} days before that date"
    if entry.round.source:
        return f"and the history begins in {shared.begun}" if date.last.year < shared.begun else ""
    if late > LATE and date.last.year < day.year and _near(date.last, day):
        return f"{late} days after that date; the year looks wrong"
    return ""


def _near(date: dt.date, day: dt.date) -> bool:
    """Return whether only the year is wrong."""
    moved = dt.date.fromordinal(date.toordinal() + round((day - date).days / 365.2425) * 365)
    return abs((day - moved).days) <= LATE


# ------------------------------------------------------------------------------------- commits by their ids


@check("commit-unknown", "error", history=True)
def commit_unknown(context: CheckContext) -> Iterator[CheckResult]:
    """Each id and tag under `commits:` is a commit in the history of `HEAD`.

    Fix: correct or remove it. If the commit exists but `HEAD` does not reach it, merge it, or name the commit that
    replaced it.
    """
    return context.each(context.own, _known)


def _known(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    for _, anchor, written in selections(entry.round, entry.anchors):
        for selection in written:
            for text in revisions(selection):
                claim = Claim(f"{text} is named as a commit", selection.place, entry.key, anchor)
                yield from _named(claim, text, shared)


def _named(claim: Claim, text: str, shared: SharedContext) -> Iterator[CheckResult]:
    found = meant(text, shared.history)
    if len(found) == 1:
        subject = shared.history.by_id[found[0]].subject
        yield claim.verified(f'"{brief(subject)}"' if subject else "it is one", found[0])
    elif not found and left_out(shared.history, text):
        yield claim.unchecked(OUTSIDE)
    elif not found:
        yield claim.contradicted(*_unknown(text, shared))


def _unknown(text: str, shared: SharedContext) -> tuple[str, str]:
    """Return what is known of an id that is not in the history, and the fix."""
    fix = "correct it, or remove it"
    if text not in shared.git_facts.objects:
        return "it is not a commit or tag in the history of HEAD", fix
    object_ = shared.git_facts.objects[text]
    if object_ is None:
        return "no object has this id", fix
    if object_.kind == "ambiguous":
        several = "several objects have this prefix, and none is a commit in the history of HEAD"
        return several, "write more digits"
    if object_.kind != "commit" or object_.commit is None:
        return f"it is a {object_.kind}, not a commit", fix
    twin = _twin(object_.commit, shared)
    subject = f'"{brief(object_.commit.subject)}" of {object_.commit.authored.day or "an unknown day"}'
    if twin:
        return f"{subject} is not reachable from HEAD; it was rewritten as {twin.short}", f"write {twin.short}"
    return f"{subject} is not reachable from HEAD", "merge its branch, or name the commit that replaced it"


@check("commit-rewritten", "warning", history=True)
def commit_rewritten(context: CheckContext) -> Iterator[CheckResult]:
    """The commits that were frozen when a round was closed are still in the history.

    Fix: close the round again with `roundbook close`, or find out who rewrote the history.
    """
    return context.each(context.own, _rewritten)


def _rewritten(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    if entry.round.closed:
        yield _frozen(entry, entry.round.closed, shared)


def _frozen(entry: Entry, closed: Closed, shared: SharedContext) -> CheckResult:
    frozen = tuple(dict.fromkeys((*closed.commits, closed.at)))
    lost = [commit for commit in frozen if commit not in shared.history.every.by_id]
    count = "1 commit was" if len(frozen) == 1 else f"{len(frozen)} commits were"
    place = closed.place_of("at" if not lost or lost[0] == closed.at else "commits")
    claim = Claim(f"round {entry.key} was closed at {closed.at[:SHORT]}, and {count} frozen", place, entry.key)
    if not lost:
        return claim.verified("the history of HEAD still has all of them", frozen[0])
    fates = ", ".join(_fate(commit, shared) for commit in lost[:NAMED])
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    fix = "close the round again with `roundbook close`, once the new commits are right"
    return claim.contradicted(f"the history of HEAD no longer has {fates}{more}", fix)


def _fate(id_: str, shared: SharedContext) -> str:
    object_ = shared.git_facts.objects.get(id_)
    if object_ is None:
        return f"{id_[:SHORT]} (its object is gone)" if id_ in shared.git_facts.objects else id_[:SHORT]
    twin = _twin(object_.commit, shared) if object_.commit else None
    return f"{id_[:SHORT]} (rewritten as {twin.short})" if twin else f"{id_[:SHORT]} (the object is still here)"


def _twin(old: Commit, shared: SharedContext) -> Commit | None:
    """Return the rewritten commit: same author date and subject as the old one, and same author if there are several."""
    alike = shared.twins.get((old.authored, old.subject), ())
    if len(alike) > 1:
        alike = [commit for commit in alike if commit.author == old.author]
    return alike[0] if len(alike) == 1 else None


@check("evidence-reverted", "warning")
def evidence_reverted(context: CheckContext) -> Iterator[CheckResult]:
    """The commits of a change, decision, deliverable, goal or agent have not been reverted.

    If only some of them were reverted, the finding is a note.

    Fix: remove the entry, list the commits that restored it, or say in `waive:` why it still holds.
    """
    back, by_id = context.shared.taken_back, context.book.history.by_id
    for what, place, address, commits in _claimed(context.book, context.own) if back else ():
        gone = [commit for commit in commits if commit in back]
        if not gone:
            continue
        by = list(dict.fromkeys(back[commit] for commit in gone))
        names = ", ".join(by_id[commit].short for commit in by)
        noun = what.partition(" ")[0]
        claim = Claim(f"{what} has commits that count", place, *address)
        if len(gone) == len(commits):
            evidence = f"all commits of this {noun} were reverted by {names}"
            yield claim.contradicted(evidence, "remove it, or name the commits that restored it", by[0])
        else:
            were = "was" if len(gone) == 1 else "were"
            evidence = f"{len(gone)} of {len(commits)} commits of this {noun} {were} reverted by {names}"
            yield claim.contradicted(evidence, "say what is left of it", by[0], "info")


def _claimed(book: Book, own: Iterable[Entry]) -> Iterator[tuple[str, Place | None, tuple[str, str], Sequence[str]]]:
    """Yield entries with their place, address and commits: those that they list, and those that name them."""
    entered = {(one.round, one.anchor): one.commits for release in book.all_releases for one in release.entries}
    for entry in own:
        for field, listed in LISTS.items():
            for one in entry.anchored(field) if listed.has_commits and field != "decisions" else ():
                named = (*entry.selected.get(one.anchor, ()), *entered.get((entry.key, one.anchor), ()))
                what = f'{kind(field)} "{brief(one.item.label)}"'
                yield what, one.item.place, (entry.key, one.anchor), tuple(dict.fromkeys(named))
    for decision in book.decisions.values():
        if book.is_verified(decision):
            yield f"decision {decision.id}", decision.record.place_of("commits"), decision.address, decision.commits
