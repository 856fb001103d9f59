"""Agents, changes, files and decisions collected from commits."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from roundbook.book.accounting import FIXUP, MERGE, REVERT, REVERTED, TWICE
from roundbook.book.ancestry import between
from roundbook.book.facts import helpers
from roundbook.book.ids import round_of
from roundbook.book.model import Book
from roundbook.book.paths import WILDCARD
from roundbook.book.releases import category
from roundbook.book.rounds import touched
from roundbook.book.trailers import decisions, read
from roundbook.checks.status import left_open
from roundbook.draft import MOST_RUNS, Draft, Made, Proposed, Scope, Stretch, Worker, selection, short
from roundbook.git import message
from roundbook.git.history import Commit, Mailmap, Person
from roundbook.schema import dates, ids
from roundbook.schema.decision import Metric
from roundbook.schema.items import CHANGE_TYPES, ChangeType, Deferral
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Changelog

_NAME = re.compile(r"(?P<name>[^<>]*?)\s*(?:<[^<>]*>)?")
_BOT = "[bot]"


@dataclass
class _Tally:
    """What is counted of one worker."""

    commits: int = 0
    helped: int = 0
    scopes: Counter[str] = field(default_factory=Counter)
    people: dict[str, None] = field(default_factory=dict)
    bot: bool = False


def workers(commits: Iterable[Commit], mailmap: Mailmap) -> tuple[Worker, ...]:
    """Return who worked, those with most commits first; merges are nobody's work.

    Where a commit names agents in trailers `Agent:`, they worked, and its author and co-authors are the people behind them.
    """
    tallies: dict[str, _Tally] = {}
    for commit in commits:
        if len(commit.parents) < 2:
            _count(commit, mailmap, tallies)
    found = (
        Worker(name, t.commits, t.helped, tuple(_by_number(t.scopes)), tuple(t.people), t.bot)
        for name, t in tallies.items()
    )
    return tuple(sorted(found, key=lambda w: (-w.commits, -w.helped, w.name)))


def _count(commit: Commit, mailmap: Mailmap, tallies: dict[str, _Tally]) -> None:
    agents = tuple(_agents(commit))
    people = (commit.author, *helpers(commit, mailmap))
    for name in agents or (_named(commit.author),):
        tally = tallies.setdefault(name, _Tally())
        tally.commits += 1
        if scope := scope_of(commit):
            tally.scopes[scope] += 1
        if agents:
            tally.people.update(dict.fromkeys(_named(p) for p in people if _named(p) not in agents))
        else:
            tally.bot = tally.bot or _is_bot(commit.author)
    for person in () if agents else people[1:]:
        tally = tallies.setdefault(_named(person), _Tally())
        tally.helped += 1
        tally.bot = tally.bot or _is_bot(person)


def _agents(commit: Commit) -> Iterator[str]:
    for value in dict.fromkeys(commit.values("Agent")):
        match = _NAME.fullmatch(value)
        if name := " ".join((match["name"] if match else value).split()):
            yield name


def _named(person: Person) -> str:
    return ids.person(person.name)


def _is_bot(person: Person) -> bool:
    return person.name.endswith(_BOT) or f"{_BOT}@" in person.email


def scope_of(commit: Commit) -> str:
    """Return the scope of a conventional commit, or nothing."""
    head = message.conventional(commit)
    return (head.scope or "").strip() if head else ""


def _by_number(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


_CVE = re.compile(r"\bCVE-\d{4}-\d{4,19}\b", re.IGNORECASE)
_REQUEST = re.compile(r"\s*\([#!]\d+\)$")
# What GitLab calls `Changelog: performance` and `other`. Source: docs.gitlab.com, "Changelogs".
_WORDS: Mapping[str, ChangeType] = {"performance": "changed", "other": "changed", **{t: t for t in CHANGE_TYPES}}
_QUIET = frozenset({"docs", "test", "ci", "style"})  # that name a CVE, but mend nothing
_KNOWN: Mapping[str, ChangeType] = {t: t for t in CHANGE_TYPES}


@dataclass(frozen=True, slots=True)
class _Told:
    """What one commit says of itself: no type where a reader of the changelog would not notice it."""

    type: ChangeType | None
    breaking: bool
    cve: str


def changes(book: Book, commits: Sequence[Commit], settings: Changelog) -> tuple[Proposed, ...]:
    """Return a change for each commit that a user may notice, newest first.

    Merges and pairs of a commit and its revert propose nothing, and a fixup belongs to what it mends. A revert whose commit
    is older than this stretch is a change of its own. Changes with the same words are one.
    """
    inside = {commit.id for commit in commits}
    fixups = _fixups(book, commits, inside)
    found: dict[tuple[ChangeType, str], Proposed] = {}
    for commit in commits:
        if made := _proposed(book, commit, inside, fixups, settings):
            same = found.get((made.type, made.text))
            found[made.type, made.text] = _joined(same, made) if same else made
    return tuple(found.values())


def foremost(found: Sequence[Proposed], most: int) -> tuple[Proposed, ...]:
    """Return at most so many changes by category: first what breaks, then what mends a danger, then the newest."""
    chosen = sorted(found, key=lambda c: (not c.breaking, c.type != "security"))[:most]
    return tuple(sorted(chosen, key=lambda c: (CHANGE_TYPES.index(c.type), not c.breaking)))


def _fixups(book: Book, commits: Iterable[Commit], inside: set[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for commit in commits:
        account = book.accounts[commit.id]
        if account.reason == FIXUP and account.partner in inside:
            found[account.partner] = (*found.get(account.partner, ()), commit.id)
    return found


def _proposed(
    book: Book, commit: Commit, inside: set[str], fixups: Mapping[str, tuple[str, ...]], settings: Changelog
) -> Proposed | None:
    account = book.accounts[commit.id]
    if len(commit.parents) > 1 or account.reason in (MERGE, TWICE, FIXUP):
        return None
    if account.reason in (REVERT, REVERTED) and account.partner in inside:
        return None
    told = _told(commit, settings)
    if account.reason == REVERT and account.partner:
        undone = book.commit(account.partner)
        told = replace(told, type=told.type or (undone and _told(undone, settings).type and "changed") or None)
    if told.type is None:
        return None
    number = message.pull_request(commit)
    cited = book.citing.get(commit.id, ())
    return Proposed(
        type=told.type,
        text=text_of(commit),
        commits=tuple(short(book, one) for one in (commit.id, *fixups.get(commit.id, ()))),
        breaking=told.breaking,
        prs=(f"#{number}",) if number else (),
        issues=message.issues(commit),
        decision=cited[0] if len(cited) == 1 else "",
        cve=told.cve,
    )


def _joined(one: Proposed, other: Proposed) -> Proposed:
    return replace(
        one,
        commits=(*one.commits, *other.commits),
        breaking=one.breaking or other.breaking,
        prs=tuple(dict.fromkeys((*one.prs, *other.prs))),
        issues=tuple(dict.fromkeys((*one.issues, *other.issues))),
        decision=one.decision if one.decision == other.decision else "",
        cve=one.cve or other.cve,
    )


def text_of(commit: Commit) -> str:
    """Return the words of a subject, without its conventional head and the number of its pull request."""
    head = message.conventional(commit)
    words = head.text if head else commit.subject
    return _REQUEST.sub("", words) or words


def _told(commit: Commit, settings: Changelog) -> _Told:
    head = message.conventional(commit)
    breaking = message.breaks(commit)
    cve = _CVE.search(commit.message)
    named = cve[0].upper() if cve else ""
    stated = list(_stated(commit, settings))
    if stated:
        return _Told(stated[0], breaking and stated[0] is not None, named)
    kind = category(head.type, settings) if head else None
    known = _KNOWN.get(kind or "")
    secured = bool(known and head and (head.scope or "").lower() == "security")
    if kind != "hidden" and (secured or (cve and not (head and head.type in _QUIET))):
        return _Told("security", breaking, named)
    return _Told(known or ("changed" if breaking else None), breaking, named)


def _stated(commit: Commit, settings: Changelog) -> Iterator[ChangeType | None]:
    """Yield what a trailer `Changelog:` states; `skip`, and a type that the settings hide, is `None`."""
    for value in commit.values("Changelog") if "changelog:" in commit.message.lower() else ():
        word = value.strip().lower()
        if word == "skip" or category(word, settings) == "hidden":
            yield None
        elif kind := _WORDS.get(word) or _KNOWN.get(category(word, settings) or ""):
            yield kind


BY_NAME = 6  # files of one folder that are still named
_ODD = re.compile(
    r"[~\\]|[A-Za-z][A-Za-z0-9+.-]*:|\s|.*\s\Z"
)  # read as a home, an address, a drive; or not to the letter


def made(book: Book, commits: Sequence[Commit], most: int) -> tuple[tuple[Made, ...], tuple[str, ...]]:
    """Return the new files, and in words what was left out.

    New is what the commits added and did not remove again. Files of the data folder are the record and not the work; a file
    that came from another folder under its own name was moved; a name that a round file cannot hold to the letter, or would
    take for a glob, is left out. Where there are more than `most` folders, scopes no longer part them; where there still
    are, folders at the top stand for those below.
    """
    added = _added(book, commits)
    plain = {path: scope for path, scope in added.items() if _is_plain(path)}
    odd = len(added) - len(plain)
    left = (f"{odd:,} new file{'' if odd == 1 else 's'} of a name that cannot be written to the letter",) if odd else ()
    found = _grouped(plain, posixpath.dirname)
    for folder_of in (posixpath.dirname, _top):
        if len(found) > most:
            found = _grouped(dict.fromkeys(plain, ""), folder_of)
    kept = sorted(found, key=lambda one: (-one.files, one.paths))[:most]
    if rest := len(found) - len(kept):
        files = len(plain) - sum(one.files for one in kept)
        left = (*left, f"{files:,} new files in {rest:,} other folders")
    return tuple(sorted(kept, key=lambda one: (one.scope, one.paths))), left


def _top(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def _added(book: Book, commits: Sequence[Commit]) -> dict[str, str]:
    """Return the new paths, each with the scope of the commit that brought it first."""
    own, apart = book.history.prefix, book.git_facts.apart
    data = {own + path for paths in book.files.values() for path in paths}
    there = {t.path for t in touched(commits) if t.fate == "added"} - data
    scopes: dict[str, str] = {}
    for commit in reversed(commits):
        moved = {posixpath.basename(c.path) for c in commit.changes or () if c.status == "D"}
        for change in commit.changes or ():
            if change.status != "A" or change.path not in there or (apart and change.path.startswith(apart)):
                continue
            if posixpath.basename(change.path) not in moved and len(commit.parents) < 2:
                scopes.setdefault(change.path.removeprefix(own), scope_of(commit))
    return scopes


def _is_plain(path: str) -> bool:
    return path.isprintable() and not WILDCARD.search(path) and not _ODD.match(path)


def _grouped(scopes: Mapping[str, str], folder_of: Callable[[str], str]) -> list[Made]:
    groups: dict[tuple[str, str], list[str]] = {}
    for path, scope in scopes.items():
        groups.setdefault((scope, folder_of(path)), []).append(path)
    return [Made(scope, folder, _paths(folder, sorted(paths)), len(paths)) for (scope, folder), paths in groups.items()]


def _paths(folder: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the files, or their folder; the files at the top of the project have none that would tell anything."""
    return tuple(paths) if len(paths) <= BY_NAME or not folder else (folder,)


MOST_AGENTS = 40
MOST_CHANGES = 100
MOST_MADE = 40
MOST_SCOPES = 40
MOST_IDS = 12  # commits of one scope that are named


def draft(book: Book, stretch: Stretch, key: str, settings: Changelog) -> Draft:
    """Return what git tells of the commits of `stretch` as the round `key`, each list cut where nobody would read it.

    The stretch holds at least one commit; each commit is visited a fixed number of times. Nothing is guessed: what no
    commit, trailer or earlier round says is left empty.
    """
    commits = stretch.commits
    chosen = selection(book, stretch)
    worked = workers(commits, book.history.mailmap)
    proposed = changes(book, commits, settings)
    scopes = tuple(_scopes(book, commits))
    files, files_left = made(book, commits, MOST_MADE)
    focus, prs = _subject(book, commits)
    left = (
        *_over(len(worked), MOST_AGENTS, "agents, those with fewer commits"),
        *_over(len(proposed), MOST_CHANGES, "proposed changes, the older ones that break nothing"),
        *files_left,
        *_over(len(scopes), MOST_SCOPES, "scopes, those with fewer commits"),
        *(() if chosen else (f"the ids of the commits, in more than {MOST_RUNS} runs: the days of `date` claim them",)),
    )
    return Draft(
        key=key,
        stretch=stretch,
        selection=chosen,
        date=_date(book, commits, window=not chosen),
        focus=focus,
        prs=prs,
        workers=worked[:MOST_AGENTS],
        goals=tuple(_goals(book, key)),
        changes=foremost(proposed, MOST_CHANGES),
        made=files,
        scopes=scopes[:MOST_SCOPES],
        metrics=_metrics(before(book, key)),
        decisions=tuple(dict.fromkeys(one for commit in commits for one in book.citing.get(commit.id, ()))),
        unknown=tuple(dict.fromkeys(_unknown(book, commits))),
        left=left,
    )


def _date(book: Book, commits: Sequence[Commit], *, window: bool) -> str:
    """Return the day of the commits, or their span in the zones of their authors, which ends with the newest to the second.

    A span is a window that claims what no round does: so it does not go to the end of the day, on which work may go on, and
    where it would claim a commit that is none of these, it is the newest day alone, unless it has to be a `window`.
    """
    dated = [commit.authored for commit in commits if commit.authored.known]
    if not dated:
        return ""
    first, last = min(moment.day for moment in dated), max(dated)
    if first == last.day:
        return first
    span = dates.parse(f"{first}..{last.iso}")
    inside = {commit.id for commit in commits}
    free = (c for c in book.history.commits if book.accounts[c.id].kind == "unaccounted")
    others = (c for c in free if c.id not in inside)
    return str(span) if window or not any(span.holds(c.authored) for c in others) else last.day


def _over(count: int, most: int, what: str) -> tuple[str, ...]:
    return (f"{count - most:,} of {count:,} {what}",) if count > most else ()


def _subject(book: Book, commits: Sequence[Commit]) -> tuple[str, tuple[str, ...]]:
    """Return what the commits are about where git knows one name for them all, and their pull request.

    A pull request of which there are other commits is not theirs: to name it would claim those too, and so would a branch.
    """
    work = {commit.id for commit in commits if len(commit.parents) < 2}
    pulls = [pull for pull in book.pull_requests.values() if work and work == set(pull.commits)]
    numbers = tuple(f"#{pull.number}" for pull in pulls)
    if len(work) == 1:
        return text_of(next(c for c in commits if c.id in work)), numbers
    if len(pulls) == 1:
        return pulls[0].title, numbers
    merges = [commit for commit in commits if len(commit.parents) > 1]
    name = message.merged_branch(merges[0]) if len(merges) == 1 else None
    if name and work and work.issubset(between(book.history, merges[0].parents[0], merges[0].id)):
        return name, ()
    return "", ()


def _scopes(book: Book, commits: Iterable[Commit]) -> Iterator[Scope]:
    """Yield the scopes, those with most commits first and what has none last; nothing where no commit has one."""
    found: dict[str, dict[str, list[str]]] = {}
    for commit in commits:
        if len(commit.parents) < 2:
            head = message.conventional(commit)
            found.setdefault(scope_of(commit), {}).setdefault(head.type if head else "", []).append(commit.id)
    order = sorted(found, key=lambda name: (not name, -sum(map(len, found[name].values())), name))
    for name in order if any(order) else ():
        room = MOST_IDS
        kinds = []
        for kind, found_ids in sorted(found[name].items(), key=lambda pair: (-len(pair[1]), pair[0])):
            kinds.append((kind, tuple(short(book, one) for one in found_ids[:room])))
            room -= len(found_ids[:room])
        total = sum(map(len, found[name].values()))
        yield Scope(name, total, tuple(k for k in kinds if k[1]), max(0, total - MOST_IDS))


def before(book: Book, key: str) -> RoundOrPhase | None:
    """Return the round before one that is to come: the last of its phase, else the newest."""
    phase = [e.round for e in book.in_phase(key.partition("/")[0]) if e.key != key]
    return next(iter(phase), None) or next((e.round for e in book.newest_first if e.key != key), None)


def _metrics(earlier: RoundOrPhase | None) -> dict[str, Metric]:
    """Return the metrics of the round before, whose value is now the value before; what was not known is left out."""
    found: dict[str, Metric] = {}
    for name, metric in (earlier.metrics if earlier else {}).items():
        known = [value for value in (metric.now, metric.before) if value and not left_open(value)]
        kept = {"label": metric.label, "unit": metric.unit, "target": metric.target, "better": metric.better}
        tree = {**kept, "before": next(iter(known), None), "after": "TBD", "how": metric.how}
        found[name] = Metric.model_validate(tree).model_copy(update={"probe": metric.probe})
    return found


def _goals(book: Book, key: str) -> Iterator[tuple[str, Deferral]]:
    """Yield what earlier rounds put off to this one, each with the round that did."""
    for entry in book.entries.values():
        for put_off in entry.round.deferred if entry.key != key else ():
            if put_off.to and round_of(put_off.to, (key,), entry.round.phase) == key:
                yield entry.key, put_off


def _unknown(book: Book, commits: Iterable[Commit]) -> Iterator[str]:
    """Yield the decisions that trailers cite and the book does not have."""
    resolve = decisions(book.former.cited(book.decision_index))
    for value in (value for commit in commits for value in commit.values("Decision")):
        if not read(value, resolve).parts:
            yield from (word for word in value.replace(",", " ").split() if not resolve(word))
