"""In: the decisions of all rounds, and commits. Out: rulings: who replaced whom, what cites them, and how they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from roundbook.adr import Paper
from roundbook.errors import Finding, Place
from roundbook.git.history import History
from roundbook.model.former import Former
from roundbook.model.homes import Homes
from roundbook.model.ruling import Ruling
from roundbook.rounds.versions import Lives
from roundbook.schema.decision import Decision
from roundbook.schema.ids import called, natural_key
from roundbook.schema.round import RoundOrPhase
from roundbook.schema.statuses import DecisionStatus
from roundbook.think import relating
from roundbook.think.citations import citations
from roundbook.think.pulls import numbers
from roundbook.think.references import ambiguous, decision_of, unknown
from roundbook.think.slugs import free

S = TypeVar("S", bound=str)
NOTHING = Former()
NOT_STATED = "no status is written"
MOST_GUESSED = 20
RELATIONS = ("supersedes", "amends", "depends_on", "relates_to")


@dataclass(frozen=True, slots=True)
class Taken:
    """A decision where it was taken: in a round, or in a file of its own that is adopted."""

    id: str
    decision: Decision
    round: RoundOrPhase | None
    anchor: str
    adopted: Paper | None = None

    @property
    def key(self) -> str | None:
        """Return the key of the round that took it, or `None` for one that is adopted from a file of its own."""
        return self.round.key if self.round else None


def taken(rounds: Iterable[RoundOrPhase], anchors: Mapping[str, Mapping[tuple[str, int], str]]) -> tuple[Taken, ...]:
    """Return all decisions of the book in the order of their rounds."""
    return tuple(
        Taken(decision.slug, decision, record, anchors[record.key]["decisions", i])
        for record in rounds
        for i, decision in enumerate(record.decisions)
    )


def adopted(records: Iterable[Paper]) -> tuple[Taken, ...]:
    """Return the decisions that are adopted from files of their own."""
    return tuple(Taken(one.id, one.decision, None, one.id, one) for one in records)


def unique(all_taken: Sequence[Taken]) -> tuple[dict[str, Taken], tuple[Finding, ...]]:
    """Return the decisions by id, the first of each, and a finding for every id that is used twice."""
    found: dict[str, Taken] = {}
    alike: dict[str, Taken] = {}
    used = {one.id.casefold() for one in all_taken}
    findings: list[Finding] = []
    for one in all_taken:
        other = alike.setdefault(one.id.casefold(), one)
        if other is one:
            found[one.id] = one
            continue
        message = f'the decision id "{one.id}" is also used at {other.decision.place}'
        mend = _mend(one, used)
        findings.append(Finding("error", "decision-duplicate", message, one.decision.place_of("id"), mend))
    return found, tuple(findings)


def _mend(one: Taken, used: set[str]) -> str:
    if one.round is None:
        return "give the folder another name in adrs: of the settings, or rename the file"
    spare = free(f"{one.id}-{(one.round.round or one.round.phase).lower()}", used)
    used.add(spare.casefold())
    return f"write id: {spare}"


def homes(decisions: Mapping[str, Taken]) -> Homes:
    """Return where each decision was taken, with the files of those that are adopted."""
    records = {name: one.adopted.path for name, one in decisions.items() if one.adopted and one.adopted.whole}
    return Homes({name: one.key for name, one in decisions.items()}, records)


def rulings(
    decisions: Mapping[str, Taken],
    closed: Callable[[str], bool],
    history: History,
    commits: Mapping[str, tuple[str, ...]],
    pulls: Callable[[str], int | None],
    former: Former = NOTHING,
) -> tuple[dict[str, Ruling], tuple[Finding, ...]]:
    """Return the rulings by id, and findings for references that lead nowhere or in a ring.

    `closed` tells whether a round is closed; `commits` holds, by decision, the commits that its `commits:` means;
    `pulls` gives the pull request that a commit came with; `former` knows ids of before, which commits may cite.
    """
    edges, findings = _edges(decisions, rounds := homes(decisions))
    rings, ring_findings = relating.rings(decisions, "supersedes", edges["supersedes"])
    back = {relation: _reversed(edges[relation]) for relation in RELATIONS}
    stated = {name: _stated(one, closed) for name, one in decisions.items()}
    cited = citations(history, rounds, former, {name: one.decision.affects for name, one in decisions.items()})
    found: dict[str, Ruling] = {}
    for name, one in decisions.items():
        successors = [s for s in back["supersedes"].get(name, ()) if stated[s][0] == "accepted" and name not in rings]
        status, reason = superseded(stated[name], successors)
        own = commits.get(name, ())
        all_cited = tuple(c for c in cited.all.get(name, ()) if c not in own)
        requests = [*numbers(one.decision.prs), *(n for c in (*own, *all_cited) if (n := pulls(c)))]
        found[name] = Ruling(
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
            related=_both_ways(edges["relates_to"][name], back["relates_to"].get(name, ())),
            commits=own,
            cited_by=all_cited,
            trailers=tuple(cited.trailers.get(name, ())),
            by_paths=tuple(cited.by_paths.get(name, ())),
            pull_requests=tuple(dict.fromkeys(requests)),
            adopted=one.adopted,
        )
    return found, (*findings, *ring_findings, *relating.findings(decisions, edges, found), *cited.findings)


def dated(ruling: Ruling, timelines: Lives, history: History) -> Ruling:
    """Return a decision; an adopted one that says no day has that of the commit that added it, as its author's."""
    life = timelines.of("decision", ruling.id) if ruling.adopted and not ruling.date else None
    commit = history.by_id.get(life.steps[0].commit) if life and life.recorded else None
    return replace(ruling, date=commit.authored.day, dated_by=commit.id) if commit and commit.authored.known else ruling


def _date(one: Taken) -> str:
    when = one.decision.date or (one.round.date if one.round else None)
    return when.last.isoformat() if when else ""


def _stated(one: Taken, closed: Callable[[str], bool]) -> tuple[DecisionStatus, str]:
    if one.round:
        return stated_as(one.decision.status, one.round.key, closed(one.round.key), imported=bool(one.round.source))
    return adopted_as(one.decision.status, logged=bool(one.adopted and one.adopted.logged))


def adopted_as(written: DecisionStatus | None, *, logged: bool = False) -> tuple[DecisionStatus, str]:
    """Return how an adopted decision stands by itself: as written; of a log that says nothing, as decided."""
    if written:
        return written, "as written"
    return ("accepted", "it stands in a log of decisions") if logged else ("proposed", NOT_STATED)


def stated_as(
    written: DecisionStatus | None, key: str, closed: bool, *, imported: bool = False
) -> tuple[DecisionStatus, str]:
    """Return how a decision of a round stands by itself, and how that is known: as written, or as the round does."""
    if written:
        return written, "as written"
    if imported and not closed:
        return "accepted", "the imported note reports it as decided"
    return ("accepted", f"{called(key)} is closed") if closed else ("proposed", NOT_STATED)


def superseded(stated: tuple[S, str], successors: Sequence[str]) -> tuple[S | Literal["superseded"], str]:
    """Return how a decision stands, and why, beside accepted decisions that supersede it; one that was rejected stays so."""
    if successors and stated[0] not in ("rejected", "superseded"):
        return "superseded", f"replaced by {', '.join(successors)}"
    return stated


def _edges(
    decisions: Mapping[str, Taken], rounds: Homes
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
                    findings.append(relating.needless(name, relation, target, place))
            edges[relation][name] = tuple(dict.fromkeys(t for t in resolved if t and t != name))
    findings.extend(_turn_round(decisions, rounds, edges, findings))
    return edges, findings


def _target(text: str, one: Taken, rounds: Homes) -> str | None:
    """Return the decision that a relation names; what a record names was looked up in its own folder first."""
    if one.adopted and text in one.adopted.resolved and text in rounds:
        return text
    return decision_of(text, rounds)


def _fault(text: str, rounds: Homes, near: Sequence[str], place: Place | None) -> Finding:
    several = rounds.several(text.rpartition("#")[2])
    return ambiguous(text, several, rounds, place) if several else unknown(text, near, "decision", place)


def _near(decisions: Mapping[str, Taken], faults: Sequence[Finding]) -> tuple[str, ...]:
    """Return the names among which a wrong one is looked up, which takes long; where all are wrong, that helps nobody."""
    return tuple(decisions) if len(faults) < MOST_GUESSED else ()


def _turn_round(
    decisions: Mapping[str, Taken],
    rounds: Homes,
    edges: Mapping[str, dict[str, tuple[str, ...]]],
    faults: Sequence[Finding],
) -> Iterator[Finding]:
    """Let what replaces an adopted record say so where the record names it, and yield what names nothing."""
    for name, one in decisions.items():
        for reverse in one.adopted.reverses if one.adopted else ():
            other = decision_of(reverse.text, rounds)
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


def _both_ways(there: tuple[str, ...], back: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*there, *back}, key=natural_key))
