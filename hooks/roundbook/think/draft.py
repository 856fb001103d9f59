"""In: the book, a stretch of its history and the key of a round to come. Out: `Draft`, all that git knows of that round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from roundbook.book.ancestry import between
from roundbook.book.ids import round_of
from roundbook.book.model import Book
from roundbook.book.trailers import decisions, read
from roundbook.checks.status import left_open
from roundbook.git import message
from roundbook.git.history import Commit
from roundbook.model.draft import Draft, Scope, Stretch
from roundbook.schema import dates
from roundbook.schema.decision import Metric
from roundbook.schema.items import Deferral
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Changelog
from roundbook.think.draft_agents import scope_of, workers
from roundbook.think.draft_changes import changes, foremost, text_of
from roundbook.think.draft_files import made
from roundbook.think.stretch import MOST_RUNS, selection, short

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
        for kind, ids in sorted(found[name].items(), key=lambda pair: (-len(pair[1]), pair[0])):
            kinds.append((kind, tuple(short(book, one) for one in ids[:room])))
            room -= len(ids[:room])
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
    resolve = decisions(book.former.cited(book.homes))
    for value in (value for commit in commits for value in commit.values("Decision")):
        if not read(value, resolve).parts:
            yield from (word for word in value.replace(",", " ").split() if not resolve(word))
