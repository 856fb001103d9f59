"""The entries of a book: each round and phase with its status, commits, metrics and what changed since the one before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

from roundbook.book.attribution import RuleContext
from roundbook.book.facts import (
    Anchored,
    Contributor,
    Coverage,
    Link,
    MetricRow,
    PastRow,
    PullRequest,
    Records,
    Since,
    Touched,
    anchored,
)
from roundbook.book.kept import Kept
from roundbook.book.model import Book, Entry
from roundbook.book.references import RoundNames
from roundbook.git import message
from roundbook.git.history import Commit, History, Mailmap, Person
from roundbook.schema.base import OPEN
from roundbook.schema.decision import number
from roundbook.schema.ids import is_phase, natural_key, number_of
from roundbook.schema.round import LISTS, RoundOrPhase
from roundbook.schema.statuses import Status

PAST = 12  # earlier rounds that a round's page lists; a page that listed all would grow with the phase


def metric_rows(record: RoundOrPhase, before: RoundOrPhase | None) -> tuple[MetricRow, ...]:
    """Return the metrics of a round; a missing value before is taken from the previous round."""
    rows: list[MetricRow] = []
    for name, metric in record.metrics.items():
        then, source = metric.before, ""
        if then is None and before is not None and name in before.metrics:
            then, source = before.metrics[name].now, before.key
        old, new = number(then), number(metric.now)
        difference = new - old if old is not None and new is not None else None
        rows.append(MetricRow(name, metric, then, source if then is not None else "", metric.now, difference))
    return tuple(rows)


def since(record: RoundOrPhase, before: RoundOrPhase | None, anchors: Anchors) -> Since | None:
    """Return what the previous round completed, revealed and left open.

    `anchors` are those of the previous round. Its deliverables without a status are completed only if the round is done.
    """
    carried = record.carried
    if before is None:
        return Since(carried.from_ or "", (), (), (), carried) if carried else None
    finished = before.status == "done"
    completed: list[Anchored] = []
    open_ones: list[Anchored] = []
    for listed in LISTS.values():
        if not listed.has_status or not (listed.counted or listed.closing):
            continue
        for entry in anchored(before, listed.key, anchors):
            status = entry.status or ("done" if finished and not listed.counted else None)
            if status == "done" and listed.closing:
                completed.append(entry)
            elif status in OPEN:
                open_ones.append(entry)
    revealed = list(anchored(before, "findings", anchors))
    open_ones += anchored(before, "deferred", anchors)
    open_ones += [e for e in anchored(before, "blockers", anchors) if e.status in (None, *OPEN)]
    if not (completed or revealed or open_ones or carried):
        return None
    return Since(before.key, tuple(completed), tuple(revealed), tuple(open_ones), carried)


def past(
    record: RoundOrPhase, earlier: Sequence[RoundOrPhase], known: Collection[str], names: RoundNames
) -> tuple[PastRow, ...]:
    """Return the earlier rounds of a phase, oldest first, beginning with those that only the record mentions.

    `known` holds the keys of all rounds of the book; `earlier` may be only the last of them.
    """
    rows = [_derived(other) for other in earlier]
    noted = [
        PastRow(None, row.round, row.agents, row.focus, row.tests_after, row)
        for row in record.history
        if names.key(row.round, record.phase) not in known
    ]
    return (*noted, *rows)


def _derived(record: RoundOrPhase) -> PastRow:
    tests = record.metrics.get("tests")
    size = record.team.size if record.team and record.team.size else str(len(record.agents) or "") or None
    return PastRow(record.key, record.name, size, record.focus or record.title, tests.now if tests else None)


def status_of(record: RoundOrPhase) -> tuple[Status | None, str]:
    """Return the status of a round, and why: as written, or derived from its agents, goals and tasks."""
    if record.status:
        return record.status, "as written"
    return derived([i.status for one in LISTS.values() if one.counted for i in getattr(record, one.key) if i.status])


def derived(statuses: Sequence[Status]) -> tuple[Status | None, str]:
    """Return the status that follows from those of agents, goals and tasks, and why."""
    if not statuses:
        return None, "no status is given"
    done = sum(s in ("done", "dropped") for s in statuses)
    return _overall(statuses, done), f"derived: {done} of {len(statuses)} agents, goals and tasks are done"


def _overall(statuses: Sequence[Status], done: int) -> Status:
    if done == len(statuses):
        return "done"
    words: tuple[Literal["blocked", "in-progress", "partial"], ...] = ("blocked", "in-progress", "partial")
    for word in words:
        if word in statuses:
            return word
    return "partial" if done else statuses[0]


MOST_ROUNDS = 8  # of a commit that more rounds share, each page would list all files again
Anchors = Mapping[tuple[str, int], str]


class RoundContext(NamedTuple):
    """What is known of all rounds and commits; `selected` holds the commits of items by round and anchor.

    If not `whole`, entries say nothing of metrics, of what came before, and of people and files.
    """

    anchors: Mapping[str, Anchors]
    links: Mapping[str, tuple[Link, ...]]
    coverage: Mapping[str, Coverage]
    pulls: Mapping[int, PullRequest]
    selected: Mapping[str, Mapping[str, tuple[str, ...]]]
    here: str
    context: RuleContext
    whole: bool = True


def entries(rounds: Mapping[str, RoundOrPhase], known: RoundContext, kept: Kept) -> dict[str, Entry]:
    """Return the entries by key, in the order of `rounds`.

    What comes before and after a round are the rounds of its phase. A phase has the commits of its rounds beside its own,
    and follows on those phases whose ids are numbers like its own: words (`build`, `review`) say nothing of an order.
    A commit that is hidden or excluded is not among a round's links; the hidden ones are named apart.
    """
    context, history = known.context, known.context.history
    asked, recorded = _by_commit(known.pulls), _recorded(context, known.links)
    crowded = {commit for commit, own in known.links.items() if len(own) > MOST_ROUNDS}
    claimed, hidden = _by_round(known.links, known.coverage, history)
    lines, position = _lines(rounds)
    keys, records = kept.last("keys", tuple(rounds)), kept.last("records", context.records)
    found: dict[str, Entry] = {}
    for key, record in rounds.items():
        siblings, at = lines[line_of(record)], position[key]
        before, after = siblings[at - 1] if at else None, next(iter(siblings[at + 1 : at + 2]), None)
        commits = tuple(history.by_id[link.commit] for link in claimed.get(key, ()))
        facts = _Facts(
            record,
            known.anchors[key],
            before,
            known.anchors[before.key] if before else {},
            after.key if after else None,
            tuple(siblings[max(0, at - PAST) : at]) if record.round else (),
            keys,
            context.reader.rounds,
            known.here,
            claimed.get(key, ()),
            hidden.get(key, ()),
            tuple(recorded.get(key, ())),
            known.selected.get(key, {}),
            commits,
            frozenset(c.id for c in commits if c.id in crowded),
            tuple({p.number: p for c in commits for p in asked.get(c.id, ())}.values()),
            history.mailmap,
            records,
            known.whole,
        )
        found[key] = kept.same(("entry", key), _entry, facts)
    return found


class _Facts(NamedTuple):
    """All that the entry of a round follows from; `earlier` are the last rounds before it, `keys` those of all rounds."""

    record: RoundOrPhase
    anchors: Anchors
    before: RoundOrPhase | None
    before_anchors: Anchors
    after: str | None
    earlier: tuple[RoundOrPhase, ...]
    keys: tuple[str, ...]
    names: RoundNames
    here: str
    links: tuple[Link, ...]
    hidden: tuple[str, ...]
    recorded: tuple[str, ...]
    selected: Mapping[str, tuple[str, ...]]
    commits: tuple[Commit, ...]
    crowded: frozenset[str]
    pulls: tuple[PullRequest, ...]
    mailmap: Mailmap
    records: Records
    whole: bool


def _entry(facts: _Facts) -> Entry:
    record, before = facts.record, facts.before
    status, reason = status_of(record)
    repository = record.repository if record.repository is not None else facts.here
    entry = Entry(
        round=record,
        status=status,
        status_reason=reason,
        previous=before.key if before else None,
        next=facts.after,
        repository=repository,
        verified=repository == facts.here,
        anchors=facts.anchors,
        links=facts.links,
        hidden=facts.hidden,
        pull_requests=facts.pulls,
        shared=len(facts.crowded),
        recorded=facts.recorded,
        selected=facts.selected,
    )
    if not facts.whole:
        return entry
    return replace(
        entry,
        metrics=metric_rows(record, before),
        since=since(record, before, facts.before_anchors),
        past=past(record, facts.earlier, facts.keys, facts.names),
        contributors=contributors(facts.commits, facts.mailmap),
        touched=touched((c for c in facts.commits if c.id not in facts.crowded), facts.records),
    )


def _by_commit(pulls: Mapping[int, PullRequest]) -> dict[str, list[PullRequest]]:
    found: dict[str, list[PullRequest]] = {}
    for pull in pulls.values():
        for commit in pull.commits:
            found.setdefault(commit, []).append(pull)
    return found


def _lines(rounds: Mapping[str, RoundOrPhase]) -> tuple[dict[str, list[RoundOrPhase]], dict[str, int]]:
    """Return the sequences of rounds and phases, and the position of each in its sequence."""
    lines: dict[str, list[RoundOrPhase]] = {}
    position: dict[str, int] = {}
    for key, record in rounds.items():
        siblings = lines.setdefault(line_of(record), [])
        position[key] = len(siblings)
        siblings.append(record)
    return lines, position


def line_of(record: RoundOrPhase) -> str:
    """Return the sequence of a round (its phase) or of a phase (those with ids of the same form)."""
    if record.round:
        return record.phase
    numbered = number_of(record.phase)
    return f"{numbered[0] if numbered else record.phase}/"


def _by_round(
    links: Mapping[str, tuple[Link, ...]], coverage: Mapping[str, Coverage], history: History
) -> tuple[dict[str, tuple[Link, ...]], dict[str, tuple[str, ...]]]:
    claimed: dict[str, list[Link]] = {}
    hidden: dict[str, list[str]] = {}
    for commit in history.commits:
        kind = coverage[commit.id].kind
        by_key = {link.round: link for link in links.get(commit.id, ())}
        for link in tuple(by_key.values()):
            if not is_phase(link.round):
                by_key.setdefault(f"{link.round.partition('/')[0]}/", link)
        for key, link in by_key.items():
            if kind == "assigned":
                claimed.setdefault(key, []).append(link)
            elif kind == "hidden":
                hidden.setdefault(key, []).append(commit.id)
    return {k: tuple(v) for k, v in claimed.items()}, {k: tuple(v) for k, v in hidden.items()}


def _recorded(context: RuleContext, links: Mapping[str, tuple[Link, ...]]) -> dict[str, list[str]]:
    """Return the commits that change the files of each round and are not assigned to it, newest first."""
    found: dict[str, list[str]] = {}
    for commit in context.history.commits:
        written = (context.files[change.path] for change in commit.changes or () if change.path in context.files)
        for key in dict.fromkeys(written):
            if all(link.round != key for link in links.get(commit.id, ())):
                found.setdefault(key, []).append(commit.id)
    return found


def touched(commits: Iterable[Commit], written: Records | None = None) -> tuple[Touched, ...]:
    """Return the files that commits, newest first, touched, and what became of each, without files of records."""
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


def contributors(commits: Iterable[Commit], mailmap: Mailmap) -> tuple[Contributor, ...]:
    """Return who wrote commits or is named as co-author, those with most commits first; `mailmap` names the co-authors.

    Names and addresses that differ only in case, or in blanks, are those of one person, who is called as the author is.
    """
    wrote: Counter[Person] = Counter()
    helped: Counter[Person] = Counter()
    known: dict[Person, Person] = {}
    commits = tuple(commits)
    for commit in commits:
        wrote[known.setdefault(_folded(commit.author), commit.author)] += 1
    for commit in commits:
        helped.update(known.setdefault(_folded(person), person) for person in helpers(commit, mailmap))
    people = sorted({*wrote, *helped}, key=lambda p: (-wrote[p], -helped[p], p))
    return tuple(Contributor(p, wrote[p], helped[p]) for p in people)


def helpers(commit: Commit, mailmap: Mailmap) -> tuple[Person, ...]:
    """Return the co-authors of a commit as the mailmap names them, each once and without its author."""
    named = message.co_authors(commit)
    if not named:
        return ()
    found = {_folded(person): person for person in map(mailmap.resolve, reversed(named))}
    author = _folded(commit.author)
    return tuple(
        found[one] for one in reversed(found) if one != author and (not one.email or one.email != author.email)
    )


@lru_cache(maxsize=4096)
def _folded(person: Person) -> Person:
    return Person(" ".join(person.name.casefold().split()), person.email.strip().casefold())


# ------------------------------------------------------------------------------------- keys of new rounds

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
NAMED = 3


def current(book: Book) -> Entry | None:
    """Return the current round: the newest that is not done, dropped or frozen, else the newest, else `None`."""
    still_open = (entry for entry in book.newest_first if entry.verified and entry.round.closed is None)
    return next((e for e in still_open if e.status not in ("done", "dropped")), next(iter(book.newest_first), None))


def following(book: Book, phase: str = "") -> str:
    """Return the key of the next round of a phase, by default the newest: its last number plus one.

    A phase without rounds begins with 1, and a book without phases with 1/1. Numbers that other branches use are skipped.
    """
    phase = phase or next(iter(book.phase_keys), "1")
    numbers = list(_numbers(book, phase))
    last = numbers[-1] if numbers else "0"
    made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1).zfill(len(m[0])), last)
    while made == last or taken_names(book, f"{phase}/{made}"):
        made = _LAST_NUMBER.sub(lambda m: str(int(m[0]) + 1), made) if _LAST_NUMBER.search(made) else f"{made}2"
    return f"{phase}/{made}"


def _numbers(book: Book, phase: str) -> Iterator[str]:
    yield from (e.round.round for e in book.rounds.values() if e.round.phase == phase)
    yield from (b.key.partition("/")[2] for b in book.broken if b.key.partition("/")[0] == phase)


def taken_names(book: Book, key: str) -> str:
    """Return what uses the key of a round, in any case, in words that follow "round KEY is"; empty if it is free."""
    wanted = key.casefold()
    for other, paths in book.files.items():
        if other.casefold() == wanted and "/" in other:
            return f"taken, in {', '.join(paths)}"
    for old, today in book.aliases.rounds.items():
        if old.casefold() == wanted:
            return f"a former id of round {today}"
    for other in sorted(book.git_facts.rounds, key=natural_key):
        if other.casefold() == wanted:
            refs = book.git_facts.rounds[other]
            more = f" and {len(refs) - NAMED} more" if len(refs) > NAMED else ""
            return f"taken on another branch, {', '.join(refs[:NAMED])}{more}"
    return ""
