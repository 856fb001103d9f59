"""In: rounds, their links and accounts. Out: entries: all that is known of each round beyond its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

from roundbook.git.history import Commit, History
from roundbook.model.book import Entry
from roundbook.model.facts import Account, Link, PullRequest, Touched
from roundbook.model.people import contributors
from roundbook.schema.ids import is_phase, number_of
from roundbook.schema.round import RoundOrPhase
from roundbook.think import compare
from roundbook.think.attribute import Clues
from roundbook.think.recording import Records

MOST_ROUNDS = 8  # of a commit that more rounds share, each page would list all files again
Anchors = Mapping[tuple[str, int], str]


def entries(
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Anchors],
    links: Mapping[str, tuple[Link, ...]],
    accounts: Mapping[str, Account],
    pulls: Mapping[int, PullRequest],
    selected: Mapping[str, Mapping[str, tuple[str, ...]]],
    here: str,
    clues: Clues,
) -> dict[str, Entry]:
    """Return the entries by key, in the order of `rounds`.

    What comes before and after a round are the rounds of its phase. A phase has the commits of its rounds beside its own,
    and follows on those phases whose ids are numbers like its own: words (`build`, `review`) say nothing of an order.
    `pulls` holds the pull requests by number. A commit that is folded or excluded is not among a
    round's links; the folded ones are named apart.
    """
    asked, history, recorded = _by_commit(pulls), clues.history, _recorded(clues, links)
    crowded = {commit for commit, own in links.items() if len(own) > MOST_ROUNDS}
    claimed, folded = _by_round(links, accounts, history)
    lines, position = _lines(rounds)
    found: dict[str, Entry] = {}
    for key, record in rounds.items():
        siblings, at = lines[line_of(record)], position[key]
        before, after = siblings[at - 1] if at else None, next(iter(siblings[at + 1 : at + 2]), None)
        status, reason = compare.status_of(record)
        commits = [history.by_id[link.commit] for link in claimed.get(key, ())]
        repository = record.repository if record.repository is not None else here
        found[key] = Entry(
            round=record,
            status=status,
            status_reason=reason,
            previous=before.key if before else None,
            next=after.key if after else None,
            repository=repository,
            verified=repository == here,
            anchors=anchors[key],
            links=claimed.get(key, ()),
            folded=folded.get(key, ()),
            metrics=compare.metric_rows(record, before),
            since=compare.since(record, before, anchors[before.key] if before else {}),
            past=compare.past(record, siblings[max(0, at - compare.PAST) : at] if record.round else (), rounds),
            pull_requests=tuple({p.number: p for c in commits for p in asked.get(c.id, ())}.values()),
            contributors=contributors(commits, history.mailmap),
            touched=touched((c for c in commits if c.id not in crowded), clues.records),
            shared=sum(c.id in crowded for c in commits),
            recorded=tuple(recorded.get(key, ())),
            selected=selected.get(key, {}),
        )
    return found


def _by_commit(pulls: Mapping[int, PullRequest]) -> dict[str, list[PullRequest]]:
    found: dict[str, list[PullRequest]] = {}
    for pull in pulls.values():
        for commit in pull.commits:
            found.setdefault(commit, []).append(pull)
    return found


def _lines(rounds: Mapping[str, RoundOrPhase]) -> tuple[dict[str, list[RoundOrPhase]], dict[str, int]]:
    """Return what follows on each other, and the position of each round and phase in its line."""
    lines: dict[str, list[RoundOrPhase]] = {}
    position: dict[str, int] = {}
    for key, record in rounds.items():
        siblings = lines.setdefault(line_of(record), [])
        position[key] = len(siblings)
        siblings.append(record)
    return lines, position


def line_of(record: RoundOrPhase) -> str:
    """Return the name of the line that a round or phase stands in: its phase, or what phases call themselves."""
    if record.round:
        return record.phase
    numbered = number_of(record.phase)
    return f"{numbered[0] if numbered else record.phase}/"


def _by_round(
    links: Mapping[str, tuple[Link, ...]], accounts: Mapping[str, Account], history: History
) -> tuple[dict[str, tuple[Link, ...]], dict[str, tuple[str, ...]]]:
    claimed: dict[str, list[Link]] = {}
    folded: dict[str, list[str]] = {}
    for commit in history.commits:
        kind = accounts[commit.id].kind
        by_key = {link.round: link for link in links.get(commit.id, ())}
        for link in tuple(by_key.values()):
            if not is_phase(link.round):
                by_key.setdefault(f"{link.round.partition('/')[0]}/", link)
        for key, link in by_key.items():
            if kind == "claimed":
                claimed.setdefault(key, []).append(link)
            elif kind == "folded":
                folded.setdefault(key, []).append(commit.id)
    return {k: tuple(v) for k, v in claimed.items()}, {k: tuple(v) for k, v in folded.items()}


def _recorded(clues: Clues, links: Mapping[str, tuple[Link, ...]]) -> dict[str, list[str]]:
    """Return, by round, the commits that touch its own files and are no work of it, newest first."""
    found: dict[str, list[str]] = {}
    for commit in clues.history.commits:
        written = (clues.files[change.path] for change in commit.changes or () if change.path in clues.files)
        for key in dict.fromkeys(written):
            if all(link.round != key for link in links.get(commit.id, ())):
                found.setdefault(key, []).append(commit.id)
    return found


def touched(commits: Iterable[Commit], written: Records | None = None) -> tuple[Touched, ...]:
    """Return the files that commits (newest first) touched, with what became of each; records are not what they worked on."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    count: Counter[str] = Counter()
    for commit in commits:
        for change in commit.changes or ():
            if written and not written.work(change.path):
                continue
            count[change.path] += 1
            last.setdefault(change.path, change.status)
            first[change.path] = change.status
    found = (Touched(path, _fate(first[path], last[path]), count[path]) for path in sorted(count))
    return tuple(t for t in found if not (first[t.path] == "A" and last[t.path] == "D"))


def _fate(first: str, last: str) -> Literal["added", "changed", "deleted"]:
    if last == "D":
        return "deleted"
    return "added" if first == "A" else "changed"
