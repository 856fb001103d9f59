"""In: a docket. Out: verdicts on decisions: whether commits follow the record, and the record the commits."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile

from roundbook.model.book import Entry
from roundbook.model.glob import translate
from roundbook.model.history import History
from roundbook.model.life import Step
from roundbook.model.record import CLOSED
from roundbook.model.ruling import Ruling
from roundbook.model.testimony import Marker
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import INCOMPLETE, Docket, check
from roundbook.think.checks.status import brief, lines
from roundbook.think.recording import only_records, round_files

PATIENCE = 2  # rounds of the phase that may pass before an accepted decision is missed in the history
Touch = tuple[int, str]  # the position of a commit in the history, and a path of it
_SETTLED = CLOSED - {"dropped"}


@check("decision-shipped-not-accepted", "warning")
def decision_shipped_not_accepted(docket: Docket) -> Iterator[Verdict]:
    """A decision is still a draft or proposed only while no commit or marker cites it and its round is open.

    Mend: write `status: accepted` (or `rejected`), with who decided it.
    """
    files = round_files(docket.book)
    for ruling in docket.book.rulings.values():
        if ruling.status in ("draft", "proposed"):
            yield from _shipped(ruling, docket, files)


def _shipped(ruling: Ruling, docket: Docket, files: frozenset[str]) -> Iterator[Verdict]:
    entry, verified = docket.book.entry(ruling.round), docket.book.is_verified(ruling)
    commits = _newest_first((*ruling.commits, *ruling.cited_by), docket.book.history) if verified else ()
    shipped = [commit for commit in commits if not only_records(docket.book, commit, files)]
    if shipped:
        evidence = _cites(shipped, docket.book.history)
        yield verdict_on(
            "decision-shipped-not-accepted", "contradicted", ruling, evidence, shipped[0], "write status: accepted"
        )
    elif ruling.markers:
        evidence = f"{_marked(ruling.markers)}, as if it were accepted"
        yield verdict_on(
            "decision-shipped-not-accepted", "contradicted", ruling, evidence, None, "write status: accepted"
        )
    elif entry and entry.status in _SETTLED:
        evidence = f"{entry.words} is {entry.status}"
        mend = "write how it was decided, or put it off in `deferred:` and take it up in another round"
        yield verdict_on("decision-shipped-not-accepted", "contradicted", ruling, evidence, None, mend)
    elif verified and (cut := _cut(docket)):
        yield verdict_on("decision-shipped-not-accepted", "not-checked", ruling, cut)


@check("decision-accepted-not-built", "info", history=True)
def decision_accepted_not_built(docket: Docket) -> Iterator[Verdict]:
    """An accepted decision has a commit, a marker, a pull request, or work on what it `affects`, before two rounds have passed.

    A record that is adopted from a file of its own belongs to no round, so none pass; it may only be borne out.

    Mend: name its commits or pull requests, write what it `affects`, cite it in a `Decision:` trailer, mark the code that
    follows it with `@decision` and its id, or withdraw it.
    """
    asked = [r for r in docket.book.rulings.values() if r.status == "accepted" and not (r.commits or r.cited_by)]
    globs = [glob for ruling in asked for glob in _affected(ruling, docket)]
    touches = _last_touched(globs, docket.book.history) if globs else {}
    later = _rounds_after(docket)
    for ruling in docket.book.rulings.values():
        if ruling.status == "accepted" and docket.book.is_verified(ruling):
            yield from _built(ruling, touches, docket, later)


def _built(
    ruling: Ruling, touches: Mapping[str, Touch], docket: Docket, later: Mapping[str, Sequence[str]]
) -> Iterator[Verdict]:
    slug = "decision-accepted-not-built"
    kept = (commit for commit in (*ruling.commits, *ruling.cited_by) if commit not in docket.taken_back)
    cited = _newest_first(kept, docket.book.history)
    if cited:
        yield verdict_on(slug, "verified", ruling, _cites(cited, docket.book.history), cited[0])
        return
    if ruling.markers:
        yield verdict_on(slug, "verified", ruling, _marked(ruling.markers))
        return
    if ruling.pull_requests:
        yield verdict_on(slug, "verified", ruling, f"pull request {', '.join(f'#{n}' for n in ruling.pull_requests)}")
        return
    entry = docket.book.entry(ruling.round)
    if entry is None:
        return  # no round passes after what no round took
    touch = min((touches[glob] for glob in _affected(ruling, docket) if glob in touches), default=None)
    if touch and entry.links and touch[0] <= docket.book.history.order[entry.links[-1].commit]:
        commit = docket.book.history.commits[touch[0]]
        yield verdict_on(slug, "verified", ruling, f"{brief(touch[1])}, which it affects, was worked on", commit.id)
    elif len(later[entry.key]) >= PATIENCE:
        yield _unbuilt(ruling, entry, touch is not None, later[entry.key])


def _unbuilt(ruling: Ruling, entry: Entry, touched: bool, later: Sequence[str]) -> Verdict:
    slug = "decision-accepted-not-built"
    if ruling.decision.evidence:
        return verdict_on(slug, "not-checked", ruling, "its evidence is prose, and no commit is named")
    if touched and not entry.links:
        return verdict_on(slug, "not-checked", ruling, f"{entry.words} has no commit to count from")
    affected = ", nor was anything that it affects touched since" if ruling.decision.affects else ""
    evidence = (
        f"no commit or pull request carries it out or cites it{affected}; {len(later)} rounds passed, up to {later[-1]}"
    )
    return verdict_on(
        slug, "contradicted", ruling, evidence, None, "name its `commits:`, or say that it is not wanted now"
    )


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


def _last_touched(globs: Iterable[str], history: History) -> Mapping[str, Touch]:
    """Return, for each glob that ever meant a path, the newest commit's position and the path that it touched."""
    newest = _newest(history)
    paths = sorted(newest)
    found: dict[str, Touch] = {}
    for glob in set(globs):
        if touch := min(((newest[path], path) for path in _meant(glob.strip("/"), newest, paths)), default=None):
            found[glob] = touch
    return found


def _newest(history: History) -> Mapping[str, int]:
    """Return, for each path and each folder, the position of the newest commit that touched it, in one pass."""
    found: dict[str, int] = {}
    for i, commit in enumerate(history.commits):
        for change in commit.changes or ():
            path = change.path
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
    """No commit cites a superseded or rejected decision once the work on its successor has begun, and no marker names it.

    Mend: cite the successor, take the marker out, or say in a later decision that the old one counts again.
    """
    files = round_files(docket.book)
    for ruling in docket.book.rulings.values():
        if ruling.status in ("superseded", "rejected") and docket.book.is_verified(ruling):
            yield from _cited_dead(ruling, docket, files)
            if markers := _dead_markers(ruling, docket):
                mend = f"name {ruling.superseded_by[0]} there" if ruling.superseded_by else "take the marker out"
                yield verdict_on("decision-dead-cited", "contradicted", ruling, _marked(markers), None, mend)


def _dead_markers(ruling: Ruling, docket: Docket) -> tuple[Marker, ...]:
    """Return the markers of a decision in lines that do not name a successor as well."""
    after = {(m.path, m.line) for name in ruling.superseded_by for m in docket.book.rulings[name].markers}
    return tuple(marker for marker in ruling.markers if (marker.path, marker.line) not in after)


def _cited_dead(ruling: Ruling, docket: Docket, files: frozenset[str]) -> Iterator[Verdict]:
    slug, history = "decision-dead-cited", docket.book.history
    cited = _newest_first(ruling.cited_by, history)
    commits = [c for c in cited if not only_records(docket.book, c, files) and not _both(c, ruling, docket)]
    since = _succeeded(ruling, docket)
    if commits and since is None:
        yield verdict_on(slug, "not-checked", ruling, "no commit tells since when its successor counts")
        return
    newer = [commit for commit in commits if since and history.order[commit] < history.order[since]]
    if not newer or since is None:
        if cut := _cut(docket):
            yield verdict_on(slug, "not-checked", ruling, cut)
        return
    instead = (
        f"cite {ruling.superseded_by[0]} instead"
        if ruling.superseded_by
        else "say in a new decision that it counts again"
    )
    evidence = f"{_cites(newer, history)}, though the work on what replaced it began with {history.by_id[since].short}"
    if ruling.status == "rejected":
        evidence = f"{_cites(newer, history)}, after {ruling.origin_words} rejected it"
    yield verdict_on(slug, "contradicted", ruling, evidence, newer[0], instead)


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
    if not successors and ruling.status == "rejected":
        homes = [ruling.round]
    links = [entry.links for key in homes if (entry := docket.book.entry(key))]
    return _newest_first((link[-1].commit for link in links if link), history)[-1] if any(links) else None


def _recorded(ruling: Ruling, docket: Docket) -> list[str]:
    """Return the commit that added the record of a decision that no round took."""
    return [step.commit for step in _steps(ruling, docket)][:1]


def _steps(ruling: Ruling, docket: Docket) -> tuple[Step, ...]:
    """Return the statuses of a decision that no round took; one of a round counts by the round's commits."""
    life = docket.book.lives.of("decision", ruling.id) if ruling.adopted else None
    return life.steps if life and life.recorded else ()


def _newest_first(commits: Iterable[str], history: History) -> list[str]:
    return sorted({c for c in commits if c in history.order}, key=history.order.__getitem__)


def _cites(commits: Sequence[str], history: History) -> str:
    """Say how many commits cite a decision, with the subject of the newest."""
    subject = f'"{brief(history.by_id[commits[0]].subject)}"'
    return f"{subject} cites it" if len(commits) == 1 else f"{len(commits)} commits cite it, the newest {subject}"


def _marked(markers: Sequence[Marker]) -> str:
    """Say where the code names a decision."""
    first = f"{brief(markers[0].path)}:{markers[0].line}"
    return f"{first} names it" if len(markers) == 1 else f"{len(markers)} markers name it, the first in {first}"


def _cut(docket: Docket) -> str:
    """Return why it cannot be told that nothing is there; where the history is whole, the empty text."""
    history = docket.book.history
    return "" if history.complete else f"{INCOMPLETE} ({', '.join(gap.message for gap in history.gaps)})"


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
