"""In: rounds, decisions, settings and commits. Out: findings for every reference that leads nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from roundbook.errors import Finding
from roundbook.git.history import SHORT, History
from roundbook.git.message import people
from roundbook.model.facts import Link
from roundbook.model.homes import Homes
from roundbook.schema.base import OPEN
from roundbook.schema.ids import id_fault
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Settings
from roundbook.think.attribute import Clues, branch_name
from roundbook.think.changes import Named
from roundbook.think.pulls import numbers
from roundbook.think.references import ambiguous, decision_of, unknown
from roundbook.think.trailers import LONGEST, unknown_trailer


def repositories(rounds: Iterable[RoundOrPhase], settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each round whose repository the settings do not name."""
    for record in rounds:
        name = record.repository
        if name is not None and name not in settings.repositories:
            message = f'the repository "{name}" is not in the settings'
            mend = f"add {name} below repositories: in the settings"
            yield Finding("error", "repository-unknown", message, record.place_of("repository"), mend)


def references(rounds: Iterable[RoundOrPhase], decisions: Homes) -> Iterator[Finding]:
    """Yield a finding for each change that names a decision, and each entry put off to a round, that cannot be."""
    for record in rounds:
        for change in record.changes:
            if change.decision and decision_of(change.decision, decisions) is None:
                several = decisions.several(change.decision)
                place = change.place_of("decision")
                fault = unknown(change.decision, tuple(decisions), "decision", place)
                yield ambiguous(change.decision, several, decisions, place) if several else fault
        for put_off in record.deferred:
            # A round to come need not have a file yet, but what is named must have the form of a round.
            if put_off.to and (
                put_off.to.count("/") > 1 or any(id_fault(p) for p in put_off.to.removesuffix("/").split("/"))
            ):
                yield unknown(put_off.to, (), "round", put_off.place_of("to"))


def changes(named: Named, history: History) -> Iterator[Finding]:
    """Yield a finding for each value of a trailer `Change:` that means no entry of the changelog, or several."""
    for value, commits in named.unknown.items():
        fault = unknown_trailer("Change", value, [history.by_id[c].short for c in commits])
        yield replace(fault, severity="info")  # a pushed commit cannot be mended, and the entry may be gone by now
    for value, commits in named.ambiguous.items():
        newest = history.by_id[commits[0]].short
        message = f'the trailer "Change: {value[:60]}" of commit {newest} may mean entries of several rounds'
        fix = "write it as <phase>/<round>#<id>, or name the commit in `commits:` of the entry"
        yield Finding("info", "trailer-ambiguous", message, None, fix)


def unclaimed(clues: Clues, links: Mapping[str, tuple[Link, ...]]) -> Iterator[Finding]:
    """Yield the pull requests and branches of rounds that claim nothing, and what was not carried on behind a round's end."""
    for key, behind in clues.carrying[1].items():
        by_id = clues.history.by_id
        if loose := [one for one in behind if one not in links and not clues.records.only(by_id[one])]:
            count, verb = ("1 commit comes", "is") if len(loose) == 1 else (f"{len(loose):,} commits come", "are")
            message = f"{count} after the end of round {key}, up to {loose[0][:SHORT]}, and {verb} carried to none"
            record = clues.rounds[key]
            place = record.place_of("date" if record.date and record.date.is_span else "status")
            mend = "name their round in a trailer, or record a round for them"
            yield Finding("info", "carried-past-end", message, place, mend)
    if clues.history.complete and clues.history.commits:
        yield from _claiming_nothing(clues)


def _claiming_nothing(clues: Clues) -> Iterator[Finding]:
    """Yield the pull requests and branches that no commit tells of; a round that is open may wait for the merge."""
    names = [branch.name for branch in clues.history.branches]
    there = {*names, *(name.partition("/")[2] for name in names), clues.history.branch}
    mend = "correct it, or name the commits below commits:"
    for record in clues.rounds.values():
        if record.status in OPEN:
            continue
        for i, written in enumerate(record.prs):
            number = next(iter(numbers([written], clues.home)), None)
            if f"#{number}" not in clues.merged:
                message = f"no commit says that it came with the pull request {written}, so that claims nothing"
                yield Finding("info", "claims-nothing", message, record.place_of("prs", i), mend)
        if record.branch and f"branch {branch_name(record.branch)}" not in clues.merged and record.branch not in there:
            message = f"no merge names the branch {record.branch}, so that claims nothing"
            yield Finding("info", "claims-nothing", message, record.place_of("branch"), mend)


def helpers(history: History) -> Iterator[Finding]:
    """Yield a finding for each value of `Co-authored-by` that is not, or not as a whole, people with addresses."""
    found: dict[str, list[str]] = {}
    for commit in history.commits:
        for value in commit.values("Co-authored-by"):
            if people(value)[1]:
                found.setdefault(value, []).append(commit.short)
    for value, commits in found.items():
        count = f"commit {commits[0]}" if len(commits) == 1 else f"{len(commits)} commits (the newest is {commits[0]})"
        message = f'"Co-authored-by: {value[:LONGEST]}" of {count} names someone without an address, who is not counted'
        yield Finding("info", "co-author-unclear", message, None, "write “Name <address>” for each")
