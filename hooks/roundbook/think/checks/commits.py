"""In: a docket. Out: verdicts on what rounds and commits say of each other: commits of a round, accounts, dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from roundbook.model.book import Entry
from roundbook.model.history import SHORT, Commit
from roundbook.model.record import CLOSED
from roundbook.model.verdict import Outcome, Verdict
from roundbook.model.when import When
from roundbook.think.checks.check import Docket, check
from roundbook.think.paths import dated

LATE = 7  # days that may pass until a round is written down
AHEAD = 1  # days that a date may lie after the commit, since a day begins at another hour elsewhere
NEWEST = 3  # commits that are named
SURE = frozenset({"frozen", "named", "trailer", "pattern", "pull-request"})  # rules by which somebody named the round
_OF_WORK = ("agents", "objectives", "goals", "deliverables", "tasks", "checks", "files", "commits", "branch", "prs")


@check("window-empty", "warning", history=True)
def window_empty(docket: Docket) -> Iterator[Verdict]:
    """Each closed round has commits; those of a changelog are the commits of its versions.

    Mend: name its commits below `commits:`, or correct its status.
    """
    rounds = {link.round for links in docket.book.links.values() for link in links}
    linked = rounds | {f"{key.partition('/')[0]}/" for key in rounds}
    for entry in docket.own:
        if entry.status in CLOSED and entry.round.kind != "changelog":
            yield from _commits_of(entry, linked=entry.key in linked)


def _commits_of(entry: Entry, *, linked: bool) -> Iterator[Verdict]:
    claim, place = f"the {entry.kind} is {entry.status}", entry.round.place_of("status")
    sure = [link.commit for link in entry.links if link.rule in SURE]
    if sure:
        # That it is done no commit can tell; that work was done in it, they do.
        claim = f"the {entry.kind}, which is {entry.status}, has commits"
        count = "1 commit" if len(sure) == 1 else f"{len(sure)} commits"
        evidence = f"{count}, the newest is {sure[0][:SHORT]}"
        yield Verdict("window-empty", "verified", claim, evidence, place, entry.key, "", sure[0])
    elif not linked and entry.recorded:
        evidence = f"no commit is known that did its work; {entry.recorded[-1][:SHORT]} wrote it down"
        yield Verdict("window-empty", "not-checked", claim, evidence, place, entry.key)
    elif not linked and works(entry):
        mend = "name its commits below commits:, or correct its status"
        evidence = "no commit belongs to it"
        yield Verdict("window-empty", "contradicted", claim, evidence, place, entry.key, "", None, mend)


def works(entry: Entry) -> bool:
    """Tell whether a record says that work was done in it; an imported changelog only lists what versions brought."""
    record = entry.round
    only_lists = (record.versions or record.changes) and not any(getattr(record, name) for name in _OF_WORK)
    return not (record.source and only_lists)


@check("commit-unaccounted", "info", history=True)
def commit_unaccounted(docket: Docket) -> Iterator[Verdict]:
    """Each commit is claimed by a round, folded into another commit, or excluded by a rule of the settings.

    Mend: name it below `commits:` of its round, or exclude its kind below `attribution:` of the settings.
    """
    commits = docket.book.history.commits
    loose = [c.id for c in commits if docket.book.accounts[c.id].kind == "unaccounted"]
    claim = "every commit is claimed, folded or excluded"
    if loose:
        share = f"{len(loose)} of {len(commits)} commits ({100 * len(loose) / len(commits):.1f} %)"
        newest = ", ".join(commit[:SHORT] for commit in loose[:NEWEST])
        evidence = f"{share} are in no account; the newest: {newest}"
        mend = "name them below commits: of a round, or exclude their kind in the settings"
        yield Verdict("commit-unaccounted", "contradicted", claim, evidence, commit=loose[0], mend=mend, stated=False)


@check("date-implausible", "warning", history=True)
def date_implausible(docket: Docket) -> Iterator[Verdict]:
    """The date of a round is not after the day on which its file was committed, and its year is right.

    Days are the writers' own. A planned round may lie ahead, and an imported one may be as old as the history.

    Mend: correct the date; often it is the year.
    """
    moments = [c.authored for c in docket.book.history.commits if not c.parents and c.authored.known]
    begun = min(moments).local.year if moments else 0
    for entry, date, added in _dated(docket):
        if added is None:
            evidence = "it is not known which commit first added its file"
            yield _verdict("date-implausible", entry, "not-checked", evidence, None)
            continue
        fault = _fault(entry, date, added.authored.local.date(), begun)
        evidence = f"its file was added by {dated(docket.book.history, added.id)}"
        if fault:
            yield _verdict("date-implausible", entry, "contradicted", f"{evidence}, {fault}", added.id)
        elif at := _on_the_day(docket, entry, date):
            evidence = f"a commit of the round is {dated(docket.book.history, at)}"
            yield _verdict("date-implausible", entry, "verified", evidence, at)
        elif _is_of(added, date):
            yield _verdict("date-implausible", entry, "verified", evidence, added.id)


@check("date-backfilled", "info", history=True)
def date_backfilled(docket: Docket) -> Iterator[Verdict]:
    """A round is recorded within 7 days of its date; one that was written down later may rest on memory.

    Mend: none is needed where the round was recorded late; correct the date where it is wrong.
    """
    for entry, date, added in _dated(docket):
        late = (added.authored.local.date() - date.last).days if added else 0
        if added and late > LATE and not entry.round.source:
            evidence = f"its file was added by {dated(docket.book.history, added.id)}, {late} days after that date"
            found = _verdict("date-backfilled", entry, "contradicted", evidence, added.id)
            yield found._replace(stated=False)  # a late record contradicts no date


def _on_the_day(docket: Docket, entry: Entry, date: When) -> str:
    """Return the newest commit that names the round and is of its date, in its author's own zone; else the empty text."""
    by_id = docket.book.history.by_id
    named = (link.commit for link in entry.links if link.rule in SURE)
    return next((commit for commit in named if _is_of(by_id[commit], date)), "")


def _is_of(commit: Commit, date: When) -> bool:
    if not commit.authored.known:
        return False
    return date.first <= commit.authored.local.date() <= date.last


def _dated(docket: Docket) -> Iterator[tuple[Entry, When, Commit | None]]:
    """Yield the rounds that have a date with the commit that first recorded each, where its own date is known."""
    for entry in docket.own:
        if entry.round.date:
            added = _recorded(docket, entry)
            yield entry, entry.round.date, added if added and added.authored.known else None


def _fault(entry: Entry, date: When, day: dt.date, begun: int) -> str:
    """Return what is wrong with a date, by the day on which the round was recorded; else the empty text."""
    ahead, late = (date.first - day).days, (day - date.last).days
    if ahead > AHEAD and entry.status != "planned":
        return f"{ahead} days before that date"
    if entry.round.source:
        return f"and the history begins in {begun}" if date.last.year < begun else ""
    if late > LATE and date.last.year < day.year and _near(date.last, day):
        return f"{late} days after that date; the year looks wrong"
    return ""


def _near(date: dt.date, day: dt.date) -> bool:
    """Tell whether only the year is wrong."""
    moved = dt.date.fromordinal(date.toordinal() + round((day - date).days / 365.2425) * 365)
    return abs((day - moved).days) <= LATE


def _recorded(docket: Docket, entry: Entry) -> Commit | None:
    """Return the commit that first added a file of the round, also where a folder took the place of a single file."""
    index, history = docket.paths, docket.book.history
    files = [history.prefix + path for path in docket.book.files.get(entry.key, ())]
    before = [path.rpartition("/")[0] + end for path in files for end in (".yml", ".yaml")]
    there = [path for path in dict.fromkeys((*files, *before)) if path in index.added]
    found = [commit for path in there if (commit := index.first_added(path))]
    if not found or len(found) < len(there):
        return None
    return history.by_id[max(found, key=history.order.__getitem__)]


def _verdict(slug: str, entry: Entry, outcome: Outcome, evidence: str, commit: str | None) -> Verdict:
    claim = f"the {entry.kind}'s date is {entry.round.date}"
    mend = "correct the date, or waive it with the reason" if outcome == "contradicted" else ""
    place = entry.round.place_of("date")
    return Verdict(slug, outcome, claim, evidence, place, entry.key, "", commit, mend)
