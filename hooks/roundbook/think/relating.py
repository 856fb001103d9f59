"""In: decisions and their relations. Out: findings for those that cannot be: itself, twice, rings, against time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from roundbook.errors import Finding, Place, Severity
from roundbook.model.ruling import Ruling
from roundbook.schema.decision import Decision

Edges = Mapping[str, Mapping[str, Sequence[str]]]
WORDS = {"supersedes": "supersedes", "amends": "amends", "depends_on": "depends on", "relates_to": "relates to"}
RINGS = {"supersedes": "replace", "amends": "amend", "depends_on": "need"}


class Taken(Protocol):
    """What is asked of a decision here."""

    @property
    def decision(self) -> Decision:
        """Return the decision as it is written."""


def needless(name: str, relation: str, target: str, place: Place | None) -> Finding:
    """Return the finding for a relation of a decision to itself, or one that is written twice."""
    message = f"{name} {WORDS[relation]} itself" if name == target else f"{name} {WORDS[relation]} {target} twice"
    return Finding("warning", "decision-relation", message, place, "take it out")


def findings(decisions: Mapping[str, Taken], edges: Edges, rulings: Mapping[str, Ruling]) -> Iterator[Finding]:
    """Yield what cannot be so, or asks for a second look, over the whole book."""
    for relation in ("depends_on", "amends"):
        yield from rings(decisions, relation, edges[relation])[1]
    for name, ruling in rulings.items():
        others = [one for one in ruling.superseded_by if one in rulings]
        place = decisions[name].decision.place_of("status")
        if len(others) > 1:
            message = f"{' and '.join(others)} each supersede {name}"
            mend = "let one of them supersede it and the others amend or supersede that one, unless it was split"
            yield Finding("info", "decision-relation", message, place, mend)
        for target in ruling.supersedes:
            later = rulings[target].date if target in rulings else ""
            if ruling.date and later and ruling.date < later:
                own = decisions[name].decision.place_of("supersedes")
                message = f"{name} of {ruling.date} supersedes {target}, which is of {later}"
                yield Finding("info", "decision-relation", message, own, "correct a date, or which supersedes which")


def rings(
    decisions: Mapping[str, Taken], relation: str, edges: Mapping[str, Sequence[str]]
) -> tuple[set[str], list[Finding]]:
    """Return the decisions that a relation leads back to themselves in a ring, and one finding for each ring."""
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
                message = f"decisions {RINGS[relation]} each other in a ring: {' → '.join(ring)}"
                severity: Severity = "error" if relation == "supersedes" else "warning"
                findings.append(Finding(severity, "decision-ring", message, place, "take one of them out"))
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
