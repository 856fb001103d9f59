"""In: a docket. Out: verdicts on decisions: whether commits follow the record, and the record the commits."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile

from roundbook.model.book import Book, Entry
from roundbook.model.glob import translate
from roundbook.model.history import History
from roundbook.model.life import Step
from roundbook.model.record import CLOSED
from roundbook.model.ruling import Ruling
from roundbook.model.testimony import Marker
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import INCOMPLETE, Docket, check
from roundbook.think.checks.status import brief, lines
from roundbook.think.pulls import numbers
from roundbook.think.recording import only_records, round_files

PATIENCE = 2  # rounds of the phase that may pass before an accepted decision is missed in the history
Touch = tuple[int, str]  # the position of a commit in the history, and a path of it
_SETTLED = CLOSED - {"dropped"}


@check("decision-shipped-not-accepted", "warning")
def decision_shipped_not_accepted(docket: Docket) -> Iterator[Verdict]:
    """A decision is a draft or proposed only while nothing carries it out and its round is open.

    A commit carries it out that the record names, or that names the record in a `Decision:` trailer and touches more than
    the record. That a message mentions it says nothing, and that nothing carries it out yet verifies nothing.

    Mend: write `status: accepted` (or `rejected`), with who decided it.
    """
    files = round_files(docket.book)
    for ruling in docket.book.rulings.values():
        if ruling.status in ("draft", "proposed"):
            yield from _shipped(ruling, docket, files)


def _shipped(ruling: Ruling, docket: Docket, files: frozenset[str]) -> Iterator[Verdict]:
    slug = "decision-shipped-not-accepted"
    entry, verified = docket.book.entry(ruling.round), docket.book.is_verified(ruling)
    shipped = _carried(ruling, docket, files) if verified else []
    if shipped:
        evidence = _cites(shipped, docket.book.history)
        yield verdict_on(slug, "contradicted", ruling, evidence, shipped[0], "write status: accepted")
    elif ruling.markers:
        evidence = f"{_marked(ruling.markers)}, as if it were accepted"
        yield verdict_on(slug, "contradicted", ruling, evidence, None, "write status: accepted")
    elif entry and entry.status in _SETTLED:
        evidence = f"{entry.words} is {entry.status}"
        mend = "write how it was decided, or put it off in `deferred:` and take it up in another round"
        yield verdict_on(slug, "contradicted", ruling, evidence, None, mend)
    elif verified and not docket.book.history.complete:
        yield verdict_on(slug, "not-checked", ruling, _cut(docket))


def _carried(ruling: Ruling, docket: Docket, files: frozenset[str]) -> list[str]:
    """Return the commits that carry a decision out, newest first: its own, and those with its trailer.

    What only writes records down carries nothing out, nor does what was taken back.
    """
    history = docket.book.history
    named = _newest_first((*ruling.commits, *ruling.trailers), history)
    return [c for c in named if not only_records(docket.book, c, files) and c not in docket.taken_back]


@check("decision-accepted-not-built", "info", history=True)
def decision_accepted_not_built(docket: Docket) -> Iterator[Verdict]:
    """An accepted decision has a commit, a marker, a pull request, or work on what it `affects`, before two rounds have passed.

    A commit counts that the record names, or that has its `Decision:` trailer, if it touches more than records and was not
    taken back. A mention in a message is a citation and no work. A record that is adopted from a file of its own belongs to
    no round, so none pass; what it `affects` counts from the commit that added it.

    Mend: name its commits or pull requests, write what it `affects`, cite it in a `Decision:` trailer, mark the code that
    follows it with `@decision` and its id, or withdraw it.
    """
    files = round_files(docket.book)
    asked = [r for r in docket.book.rulings.values() if r.status == "accepted"]
    globs = [glob for ruling in asked for glob in _affected(ruling, docket)]
    touches = _last_touched(globs, docket.book, files) if globs else {}
    later = _rounds_after(docket)
    for ruling in asked:
        if docket.book.is_verified(ruling):
            yield from _built(ruling, touches, docket, later, files)


def _built(
    ruling: Ruling,
    touches: Mapping[str, Touch],
    docket: Docket,
    later: Mapping[str, Sequence[str]],
    files: frozenset[str],
) -> Iterator[Verdict]:
    slug, history = "decision-accepted-not-built", docket.book.history
    entry = docket.book.entry(ruling.round)
    touch = min((touches[glob] for glob in _affected(ruling, docket) if glob in touches), default=None)
    since = _begun(ruling, docket)
    if carried := _carried(ruling, docket, files):
        yield verdict_on(
            slug, "verified", ruling, _cites(carried, history, "carries it out", "carry it out"), carried[0]
        )
    elif ruling.markers:
        yield verdict_on(slug, "verified", ruling, _marked(ruling.markers))
    elif pull := _pulled(ruling, docket, files):
        yield verdict_on(slug, "verified", ruling, f"pull request #{pull[0]} brought {pull[1]}", pull[2])
    elif touch and since is not None and touch[0] <= since:
        commit = history.commits[touch[0]]
        yield verdict_on(slug, "verified", ruling, f"{brief(touch[1])}, which it affects, was worked on", commit.id)
    elif lost := [c for c in (*ruling.commits, *ruling.trailers) if c in docket.taken_back]:
        evidence = f"its commit {history.by_id[lost[0]].short} was taken back, and no other carries it out"
        yield verdict_on(slug, "contradicted", ruling, evidence, lost[0], "say what became of it")
    elif ruling.decision.prs:
        evidence = f"pull request {', '.join(ruling.decision.prs)} has no commit here that touches more than records"
        yield verdict_on(slug, "not-checked", ruling, evidence)
    elif ruling.commits or ruling.trailers:
        yield verdict_on(slug, "not-checked", ruling, "its commits touch nothing but records")
    elif ruling.cited_by:
        yield verdict_on(slug, "not-checked", ruling, f"{_cites(ruling.cited_by, history)}, which shows no work on it")
    elif entry and len(later.get(entry.key, ())) >= PATIENCE:
        yield _unbuilt(docket, ruling, entry, touch is not None, later[entry.key])


def _begun(ruling: Ruling, docket: Docket) -> int | None:
    """Return the position in the history of the commit that the work on a decision counts from."""
    history, entry = docket.book.history, docket.book.entry(ruling.round)
    if entry:
        return history.order[entry.first_commit] if entry.first_commit else None
    recorded = _recorded(ruling, docket)
    return history.order[recorded[0]] - 1 if recorded and recorded[0] in history.order else None


def _pulled(ruling: Ruling, docket: Docket, files: frozenset[str]) -> tuple[int, str, str] | None:
    """Return a pull request that a decision names, with how many commits of it do more than write records down, and one."""
    for number in numbers(ruling.decision.prs):
        pull = docket.book.pull_requests.get(number)
        found = [
            c
            for c in (pull.commits if pull else ())
            if c in docket.book.history.by_id and not only_records(docket.book, c, files) and c not in docket.taken_back
        ]
        if found:
            return number, f"{len(found)} commit{'' if len(found) == 1 else 's'}", found[0]
    return None


def _unbuilt(docket: Docket, ruling: Ruling, entry: Entry, touched: bool, later: Sequence[str]) -> Verdict:
    slug = "decision-accepted-not-built"
    if ruling.decision.evidence:
        return verdict_on(slug, "not-checked", ruling, "its evidence is prose, and no commit is named")
    if touched and not entry.first_commit:
        return verdict_on(slug, "not-checked", ruling, f"{entry.words} has no commit to count from")
    affected = ", nor was anything that it affects touched since" if ruling.decision.affects else ""
    evidence = (
        f"no commit or pull request carries it out or cites it{affected}; {len(later)} rounds passed, up to {later[-1]}"
    )
    # That no commit names it does not mean that nobody built it, so this is a hint and no contradiction.
    fix = "" if ruling.round in docket.imported else "name its `commits:`, or say that it is not wanted now"
    return verdict_on(slug, "not-checked", ruling, evidence, None, fix)


def _rounds_after(docket: Docket) -> Mapping[str, Sequence[str]]:
    """Return, for each round, the rounds of its phase after it that have begun."""
    found: dict[str, Sequence[str]] = {}
    for line in lines(docket):
        begun = [entry.key for entry in line if entry.status != "planned"]
        seen = 0
        for entry in line:
            seen += entry.status != "planned"
            found[entry.key] = begun[seen : seen + PATIENCE]
    return found


def _last_touched(globs: Iterable[str], book: Book, files: frozenset[str]) -> Mapping[str, Touch]:
    """Return, for each glob that ever meant a path, the newest commit's position and the path that it touched."""
    newest = _newest(book.history, files)
    paths = sorted(newest)
    found: dict[str, Touch] = {}
    for glob in set(globs):
        if touch := min(((newest[path], path) for path in _meant(glob.strip("/"), newest, paths)), default=None):
            found[glob] = touch
    return found


def _newest(history: History, files: frozenset[str]) -> Mapping[str, int]:
    """Return, for each path and each folder, the position of the newest commit that touched it; records count for nothing."""
    found: dict[str, int] = {}
    for i, commit in enumerate(history.commits):
        for change in commit.changes or ():
            path = "" if change.path in files else change.path
            while path and path not in found:
                found[path] = i
                path = path.rpartition("/")[0]
    return found


def _meant(glob: str, newest: Mapping[str, int], paths: Sequence[str]) -> Iterable[str]:
    stem = glob[: min((i for i in map(glob.find, "*?[") if i >= 0), default=len(glob))]
    if stem == glob:
        return (glob,) if glob in newest else ()
    pattern = re.compile(translate(glob), re.DOTALL)
    below = islice(paths, bisect_left(paths, stem), None)
    return filter(pattern.fullmatch, takewhile(lambda path: path.startswith(stem), below))


def _affected(ruling: Ruling, docket: Docket) -> Iterator[str]:
    """Yield what a decision affects: as written, below the project's folder, and where the settings say its folder went."""
    for glob in ruling.decision.affects:
        moved = (new + glob.removeprefix(old) for old, new in docket.settings.roots.items() if glob.startswith(old))
        for path in (glob.removeprefix("./"), *moved):
            yield docket.book.history.prefix + path
            if docket.book.history.prefix:
                yield path


@check("decision-dead-cited", "warning")
def decision_dead_cited(docket: Docket) -> Iterator[Verdict]:
    """No trailer cites a superseded or rejected decision once the work on its successor has begun, and no marker names it.

    A mention in a message is no such citation: it may well say that the decision is left behind.

    Mend: cite the successor, take the marker out, or say in a later decision that the old one counts again.
    """
    files = round_files(docket.book)
    for ruling in docket.book.rulings.values():
        if ruling.status in ("superseded", "rejected") and docket.book.is_verified(ruling):
            if verdict := _cited_dead(ruling, docket, files):
                yield verdict
            if markers := _dead_markers(ruling, docket):
                mend = f"name {ruling.superseded_by[0]} there" if ruling.superseded_by else "take the marker out"
                yield verdict_on("decision-dead-cited", "contradicted", ruling, _marked(markers), None, mend)


def _dead_markers(ruling: Ruling, docket: Docket) -> tuple[Marker, ...]:
    """Return the markers of a decision in lines that do not name a successor as well."""
    after = {(m.path, m.line) for name in ruling.superseded_by for m in docket.book.rulings[name].markers}
    return tuple(marker for marker in ruling.markers if (marker.path, marker.line) not in after)


def _cited_dead(ruling: Ruling, docket: Docket, files: frozenset[str]) -> Verdict | None:
    slug, history = "decision-dead-cited", docket.book.history
    cited = _newest_first(ruling.trailers, history)
    commits = [c for c in cited if not only_records(docket.book, c, files) and not _both(c, ruling, docket)]
    since = _succeeded(ruling, docket)
    if not history.complete and not commits:
        return verdict_on(slug, "not-checked", ruling, _cut(docket))
    if not commits:
        return None
    if since is None:
        return verdict_on(slug, "not-checked", ruling, "no commit tells since when its successor counts")
    newer = [commit for commit in commits if history.order[commit] < history.order[since]]
    if not newer:
        return None if history.complete else verdict_on(slug, "not-checked", ruling, _cut(docket))
    instead = (
        f"cite {ruling.superseded_by[0]} instead"
        if ruling.superseded_by
        else "say in a new decision that it counts again"
    )
    evidence = f"{_cites(newer, history)}, though the work on what replaced it began with {history.by_id[since].short}"
    if ruling.status == "rejected":
        evidence = f"{_cites(newer, history)}, after {ruling.origin_words} rejected it"
    return verdict_on(slug, "contradicted", ruling, evidence, newer[0], instead)


def _both(commit: str, ruling: Ruling, docket: Docket) -> bool:
    """Tell whether a commit also cites a successor: then it is the one that goes from the old to the new."""
    return any(other in ruling.superseded_by for other in docket.book.citing.get(commit, ()))


def _succeeded(ruling: Ruling, docket: Docket) -> str | None:
    """Return the first commit of a successor, else of the successor's round, else of the round that rejected it."""
    history = docket.book.history
    successors = [docket.book.rulings[name] for name in ruling.superseded_by]
    own = [commit for one in successors for commit in (*one.commits, *one.cited_by, *_recorded(one, docket))]
    if not successors and ruling.status == "rejected":
        own = [step.commit for step in _steps(ruling, docket) if step.status == "rejected"][:1]
    if own:
        return _newest_first(own, history)[-1]
    homes = [one.round for one in successors if one.round != ruling.round]
    if not successors and ruling.status == "rejected":  # the round's record rejects it, whatever its work did later
        entry = docket.book.entry(ruling.round)
        written = [*entry.recorded[-1:], entry.first_commit] if entry else []
        return next(iter(_newest_first([c for c in written if c], history)[-1:]), None)
    begun = [one for key in homes if (entry := docket.book.entry(key)) and (one := entry.first_commit)]
    return _newest_first(begun, history)[-1] if begun else None


def _recorded(ruling: Ruling, docket: Docket) -> list[str]:
    """Return the commit that added the record of a decision that no round took."""
    return [step.commit for step in _steps(ruling, docket)][:1]


def _steps(ruling: Ruling, docket: Docket) -> tuple[Step, ...]:
    """Return the statuses of a decision that no round took; one of a round counts by the round's commits."""
    life = docket.book.lives.of("decision", ruling.id) if ruling.adopted else None
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


def _cut(docket: Docket) -> str:
    """Say that the history has gaps, so that nothing can be said of what is not there."""
    return f"{INCOMPLETE} ({', '.join(gap.message for gap in docket.book.history.gaps)})"


def verdict_on(
    slug: str,
    outcome: Outcome,
    ruling: Ruling,
    evidence: str,
    commit: str | None = None,
    mend: str = "",
    key: str = "status",
) -> Verdict:
    """Return a verdict of the check `slug` on how a decision stands; `key` is where that is written."""
    place = ruling.decision.place_of(key)
    claim = f"decision {ruling.id} is {ruling.status}"
    return Verdict(slug, outcome, claim, evidence, place, *ruling.address, commit, mend)
