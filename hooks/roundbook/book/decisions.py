"""Decisions of rounds and of records, what supersedes what, and who cites them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, TypeVar

from roundbook.adr import AdrRecord
from roundbook.book.ancestry import numbers
from roundbook.book.facts import Decision
from roundbook.book.references import Aliases, DecisionIndex, ambiguous, free, settled, unknown
from roundbook.book.trailers import decisions, read, told_commits
from roundbook.errors import Finding, Place, Severity
from roundbook.frozen import frozen
from roundbook.git.history import Commit, History
from roundbook.rounds.versions import Timelines
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import called, natural_key
from roundbook.schema.round import RoundOrPhase
from roundbook.schema.statuses import DecisionStatus

Edges = Mapping[str, Mapping[str, Sequence[str]]]
WORDS = {"supersedes": "supersedes", "amends": "amends", "depends_on": "depends on", "relates_to": "relates to"}
RINGS = {"supersedes": "replace", "amends": "amend", "depends_on": "need"}
S = TypeVar("S", bound=str)
NOT_STATED = "no status is given"
MOST_GUESSED = 20
RELATIONS = ("supersedes", "amends", "depends_on", "relates_to")


class TakenIn(NamedTuple):
    """What a decision has from the round that took it, so that it stays the same where that has other words."""

    key: str
    day: str
    imported: bool


@frozen
class Taken:
    """A decision as recorded, in a round or in an ADR file (`adopted`)."""

    id: str
    decision: DecisionRecord
    round: TakenIn | None
    anchor: str
    adopted: AdrRecord | None = None

    @property
    def key(self) -> str | None:
        """Return the key of the round that took it, or `None` for one from an ADR file."""
        return self.round.key if self.round else None


def collect(
    rounds: Iterable[RoundOrPhase],
    anchors: Mapping[str, Mapping[tuple[str, int], str]],
    adr_records: Iterable[AdrRecord],
) -> tuple[dict[str, Taken], tuple[Finding, ...]]:
    """Return the decisions of rounds and ADR records by id, the first of each id, and a finding for every further one."""
    places = ((r, TakenIn(r.key, r.date.last.isoformat() if r.date else "", bool(r.source))) for r in rounds)
    every = [
        *(Taken(d.slug, d, at, anchors[r.key]["decisions", i]) for r, at in places for i, d in enumerate(r.decisions)),
        *(Taken(one.id, one.decision, None, one.id, one) for one in adr_records),
    ]
    found: dict[str, Taken] = {}
    alike: dict[str, Taken] = {}
    used = {one.id.casefold() for one in every}
    findings: list[Finding] = []
    for one in every:
        other = alike.setdefault(one.id.casefold(), one)
        if other is one:
            found[one.id] = one
            continue
        message = f'the decision id "{one.id}" is also used at {other.decision.place}'
        fix = _other_id(one, used)
        findings.append(Finding("error", "decision-duplicate", message, one.decision.place_of("id"), fix))
    return found, tuple(findings)


def _other_id(one: Taken, used: set[str]) -> str:
    if one.round is None:
        return "give the folder another name in adrs: of the settings, or rename the file"
    spare = free(f"{one.id}-{(one.round.key.rstrip('/').rpartition('/')[2]).lower()}", used)
    used.add(spare.casefold())
    return f"write id: {spare}"


@frozen
class Names:
    """What an index of decisions is made of, as pairs: their rounds, the files of ADR records, former ids, former rounds."""

    rounds: tuple[tuple[str, str | None], ...]
    files: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str], ...]
    moved: tuple[tuple[str, str], ...]


def names(decisions: Mapping[str, Taken], aliases: Aliases) -> Names:
    """Return the names of all decisions, as those of today and as they were."""
    files = ((name, one.adopted.path) for name, one in decisions.items() if one.adopted and one.adopted.own_file)
    rounds = tuple((name, one.key) for name, one in decisions.items())
    return Names(rounds, tuple(files), tuple(aliases.decisions.items()), tuple(aliases.rounds.items()))


def index(names: Names) -> DecisionIndex:
    """Return the index of decisions."""
    return DecisionIndex(dict(names.rounds), dict(names.files), dict(names.renamed), dict(names.moved))


def resolved(
    decisions: Mapping[str, Taken],
    closed: Collection[str],
    history: History,
    commits: Mapping[str, tuple[str, ...]],
    pulls: Callable[[str], int | None],
    rounds: DecisionIndex,
) -> tuple[dict[str, Decision], tuple[Finding, ...]]:
    """Return the decisions by id, and findings for references that lead nowhere or in a cycle.

    `decisions` are as recorded, from `collect`; `closed` are the rounds that are closed; `commits` holds what decisions name
    in `commits:`; `pulls` returns the pull request of a commit; `rounds` is the index of the decisions.
    """
    edges, findings = _edges(decisions, rounds)
    rings, ring_findings = cycles(decisions, "supersedes", edges["supersedes"])
    back = {relation: _reversed(edges[relation]) for relation in RELATIONS}
    stated = {name: _stated(one, closed) for name, one in decisions.items()}
    cited = citations(history, rounds, {name: one.decision.affects for name, one in decisions.items()})
    found: dict[str, Decision] = {}
    for name, one in decisions.items():
        successors = [s for s in back["supersedes"].get(name, ()) if stated[s][0] == "accepted" and name not in rings]
        status, reason = superseded(stated[name], successors)
        own = commits.get(name, ())
        all_cited = tuple(c for c in cited.all.get(name, ()) if c not in own)
        requests = [*numbers(one.decision.prs), *(n for c in (*own, *all_cited) if (n := pulls(c)))]
        found[name] = Decision(
            name,
            one.decision,
            one.key,
            one.anchor,
            status,
            reason,
            _date(one),
            supersedes=edges["supersedes"][name],
            superseded_by=back["supersedes"].get(name, ()),
            amends=edges["amends"][name],
            amended_by=back["amends"].get(name, ()),
            depends_on=edges["depends_on"][name],
            needed_by=back["depends_on"].get(name, ()),
            related=tuple(sorted({*edges["relates_to"][name], *back["relates_to"].get(name, ())}, key=natural_key)),
            commits=own,
            cited_by=all_cited,
            trailers=tuple(cited.trailers.get(name, ())),
            by_paths=tuple(cited.by_paths.get(name, ())),
            pull_requests=tuple(dict.fromkeys(requests)),
            adopted=one.adopted,
        )
    return found, (*findings, *ring_findings, *relation_findings(decisions, edges, found), *cited.findings)


def dated(decision: Decision, timelines: Timelines, history: History) -> Decision:
    """Return a decision with a date: one from an ADR file without a date has that of the commit that added it."""
    timeline = timelines.of("decision", decision.id) if decision.adopted and not decision.date else None
    commit = history.by_id.get(timeline.steps[0].commit) if timeline and timeline.recorded else None
    if commit is None or not commit.authored.known:
        return decision
    return replace(decision, date=commit.authored.day, dated_by=commit.id)


def _date(one: Taken) -> str:
    return one.decision.date.last.isoformat() if one.decision.date else one.round.day if one.round else ""


def _stated(one: Taken, closed: Collection[str]) -> tuple[DecisionStatus, str]:
    if one.round:
        return stated_as(one.decision.status, one.round.key, one.round.key in closed, imported=one.round.imported)
    return adopted_as(one.decision.status, logged=bool(one.adopted and not one.adopted.own_file))


def adopted_as(written: DecisionStatus | None, *, logged: bool = False) -> tuple[DecisionStatus, str]:
    """Return the status of a decision from an ADR file, and why: as written; in a log, accepted by default."""
    if written:
        return written, "as written"
    return ("accepted", "it is in a decision log") if logged else ("proposed", NOT_STATED)


def stated_as(
    written: DecisionStatus | None, key: str, closed: bool, *, imported: bool = False
) -> tuple[DecisionStatus, str]:
    """Return the status of a decision of a round, and why: as written, else accepted if the round is closed."""
    if written:
        return written, "as written"
    if imported and not closed:
        return "accepted", "the imported note reports it as decided"
    return ("accepted", f"{called(key)} is closed") if closed else ("proposed", NOT_STATED)


def superseded(stated: tuple[S, str], successors: Sequence[str]) -> tuple[S | Literal["superseded"], str]:
    """Return the status of a decision, and why, given the accepted decisions that supersede it; a rejected one stays so."""
    if successors and stated[0] not in ("rejected", "superseded"):
        return "superseded", f"replaced by {', '.join(successors)}"
    return stated


def _edges(
    decisions: Mapping[str, Taken], rounds: DecisionIndex
) -> tuple[dict[str, dict[str, tuple[str, ...]]], list[Finding]]:
    edges: dict[str, dict[str, tuple[str, ...]]] = {relation: {} for relation in RELATIONS}
    findings: list[Finding] = []
    for name, one in decisions.items():
        for relation in RELATIONS:
            written: tuple[str, ...] = getattr(one.decision, relation)
            resolved = [_target(text, one, rounds) for text in written]
            for i, target in enumerate(resolved):
                place = one.decision.place_of(relation, i)
                if target is None:
                    fault = _fault(written[i], rounds, _near(decisions, findings), place)
                    findings.append(fault if one.round else replace(fault, severity="warning"))
                elif target == name or target in resolved[:i]:
                    findings.append(needless(name, relation, target, place))
            edges[relation][name] = tuple(dict.fromkeys(t for t in resolved if t and t != name))
    findings.extend(_turn_round(decisions, rounds, edges, findings))
    return edges, findings


def _target(text: str, one: Taken, rounds: DecisionIndex) -> str | None:
    """Return the decision that a relation names; what an ADR file names was looked up in its own folder first."""
    if one.adopted and text in one.adopted.resolved_ids and text in rounds:
        return text
    return rounds.find(text)


def _fault(text: str, rounds: DecisionIndex, near: Sequence[str], place: Place | None) -> Finding:
    several = rounds.several(text.rpartition("#")[2])
    return ambiguous(text, several, rounds, place) if several else unknown(text, near, "decision", place)


def _near(decisions: Mapping[str, Taken], faults: Sequence[Finding]) -> tuple[str, ...]:
    """Return the names to suggest for a wrong one. The search is slow, so not for many wrong ones."""
    return tuple(decisions) if len(faults) < MOST_GUESSED else ()


def _turn_round(
    decisions: Mapping[str, Taken],
    rounds: DecisionIndex,
    edges: Mapping[str, dict[str, tuple[str, ...]]],
    faults: Sequence[Finding],
) -> Iterator[Finding]:
    """Add the relations that ADR files state from the other side (superseded by), and yield those that name nothing."""
    for name, one in decisions.items():
        for reverse in one.adopted.incoming if one.adopted else ():
            other = rounds.find(reverse.text)
            if other is None:
                fault = _fault(reverse.text, rounds, _near(decisions, faults), reverse.place)
                yield replace(fault, severity="warning")
            elif other != name:
                there = edges[reverse.relation][other]
                edges[reverse.relation][other] = tuple(dict.fromkeys((*there, name)))


def _reversed(edges: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    back: dict[str, list[str]] = {}
    for name, targets in edges.items():
        for target in targets:
            back.setdefault(target, []).append(name)
    return {target: tuple(names) for target, names in back.items()}


# ------------------------------------------------------------------------------------------- relations


def needless(name: str, relation: str, target: str, place: Place | None) -> Finding:
    """Return the finding for a relation of a decision to itself, or one that is given twice."""
    message = f"{name} {WORDS[relation]} itself" if name == target else f"{name} {WORDS[relation]} {target} twice"
    return Finding("warning", "decision-relation", message, place, "remove it")


def relation_findings(
    decisions: Mapping[str, Taken], edges: Edges, resolved: Mapping[str, Decision]
) -> Iterator[Finding]:
    """Yield findings on cycles, on decisions superseded by several, and on dates that contradict what supersedes what."""
    for relation in ("depends_on", "amends"):
        yield from cycles(decisions, relation, edges[relation])[1]
    for name, decision in resolved.items():
        others = [one for one in decision.superseded_by if one in resolved]
        place = decisions[name].decision.place_of("status")
        if len(others) > 1:
            message = f"{' and '.join(others)} each supersede {name}"
            fix = "let one of them supersede it and the others amend or supersede that one, unless it was split"
            yield Finding("info", "decision-relation", message, place, fix)
        for target in decision.supersedes:
            later = resolved[target].date if target in resolved else ""
            if decision.date and later and decision.date < later:
                own = decisions[name].decision.place_of("supersedes")
                message = f"{name}, dated {decision.date}, supersedes {target}, dated {later}"
                yield Finding("info", "decision-relation", message, own, "correct a date, or which supersedes which")


def cycles(
    decisions: Mapping[str, Taken], relation: str, edges: Mapping[str, Sequence[str]]
) -> tuple[set[str], list[Finding]]:
    """Return the decisions that are part of a cycle of a relation, and one finding for each cycle."""
    done: set[str] = set()
    inside: set[str] = set()
    findings: list[Finding] = []
    for start in edges:
        path: dict[str, Iterator[str]] = {}
        at: str | None = start if start not in done else None
        while at is not None or path:
            if at is not None and at in path:
                ring = [*list(path)[list(path).index(at) :], at]
                inside.update(ring)
                place = decisions[at].decision.place_of(relation)
                message = f"decisions {RINGS[relation]} each other in a cycle: {' → '.join(ring)}"
                severity: Severity = "error" if relation == "supersedes" else "warning"
                findings.append(Finding(severity, "decision-ring", message, place, "remove one of them"))
            elif at is not None and at not in done:
                path[at] = iter(edges[at])
            name = next(reversed(path), None)
            if name is None:
                break
            at = next(path[name], None)
            if at is None:
                path.pop(name)
                done.add(name)
    return inside, findings


# ------------------------------------------------------------------------------------------- citations


# In running text only what cannot be a word is an id: `adr-0044`, and `3/4#wasm-target` with its round.
_WRITTEN = re.compile(r"(?<![\w/#.-])(?:adr[- ]?(?P<number>\d{1,6})|[\w.-]+/[\w.-]+#[\w.-]*\w)(?![\w-])", re.IGNORECASE)


@dataclass(slots=True)
class Citations:
    """The commits that cite each decision, newest first: `all`, those by a trailer, and those `by_paths`.

    The latter name a number that several decisions have, and the paths they touch tell which one is meant.
    """

    all: dict[str, list[str]] = field(default_factory=dict)
    trailers: dict[str, list[str]] = field(default_factory=dict)
    by_paths: dict[str, list[str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def citations(history: History, decision_index: DecisionIndex, affects: Mapping[str, Sequence[str]]) -> Citations:
    """Return the commits whose messages cite a decision.

    They cite it in a `Decision:` trailer, or anywhere in a form that nothing else has: `adr-0044`, also as `ADR 44`, or
    `3/4#wasm-target`. An id of mere words is no citation in running text. A former id (`was:`) counts for the decision of
    today. A number that several decisions have counts for none, unless the paths of the commit belong to one of them.
    """
    found = Citations()
    left: dict[tuple[str, ...], list[tuple[str, Commit]]] = {}
    for commit in history.commits:
        for word, trailer in _words(commit, decision_index):
            several = decision_index.several(word) if "#" not in word else ()
            paths = (change.path.removeprefix(history.prefix) for change in commit.changes or ())
            name = settled(several, paths, decision_index, affects) if several else decision_index.find(word)
            if name:
                _add(found.all, name, commit.id)
                _add(found.trailers, name, commit.id, wanted=trailer)
                _add(found.by_paths, name, commit.id, wanted=bool(several))
            elif several:
                left.setdefault(several, []).append((word, commit))
    found.findings = tuple(_left(several, named, decision_index) for several, named in left.items())
    return found


def _words(commit: Commit, decision_index: DecisionIndex) -> Iterator[tuple[str, bool]]:
    """Yield the words that may name a decision, each with whether it is in a trailer; `adr 44` as `adr-44`."""
    lowered = commit.message.lower()
    for value in commit.values("Decision"):
        yield from ((word, True) for word in _named(value, decision_index))
    if decision_index and ("#" in commit.message or "adr" in lowered):
        for match in _WRITTEN.finditer(commit.message):
            yield (f"adr-{match['number']}" if match["number"] else match[0]), False


def _named(value: str, decision_index: DecisionIndex) -> Iterator[str]:
    """Yield what a trailer names, also numbers that several decisions have; nothing if any part is not understood."""
    sure = decisions(decision_index)
    for text, name in read(value, lambda part: found if len(found := sure(part)) < 2 else (part,)).parts:
        yield text if decision_index.find(text) or name == text else name


def _add(found: dict[str, list[str]], name: str, commit: str, *, wanted: bool = True) -> None:
    if wanted and commit not in (there := found.setdefault(name, [])):
        there.append(commit)


def _left(several: Sequence[str], named: Sequence[tuple[str, Commit]], decision_index: DecisionIndex) -> Finding:
    """Return the finding for a number that commits name and several decisions have."""
    where = told_commits(list(dict.fromkeys(commit.short for _, commit in named)))
    one = ambiguous(named[0][0], several, decision_index, None)
    return Finding(
        "info",
        "reference-ambiguous",
        f"{where}: {one.message}",
        None,
        "name the file of the record in a `Decision:` trailer",
    )
