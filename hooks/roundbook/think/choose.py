"""In: the `commits:` of rounds and of their entries. Out: the ids that they mean in this history, and what means none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.errors import Finding
from roundbook.git.history import History
from roundbook.schema.decision import Selection
from roundbook.schema.round import LISTS, RoundOrPhase
from roundbook.think.select import UNKNOWN, select

Reasons = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Chosen:
    """`named` and `tagged` hold (round, reason) pairs by commit; `by_item` holds ids by round and anchor."""

    named: Reasons
    tagged: Reasons
    by_item: Mapping[str, Mapping[str, tuple[str, ...]]]
    findings: tuple[Finding, ...]


def choose(
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Mapping[tuple[str, int], str]],
    history: History,
    shares: Mapping[str, tuple[str, ...]],
) -> Chosen:
    """Return what the selections of rounds and of their entries mean; `shares` holds the commits of each version tag."""
    named: dict[str, list[tuple[str, str]]] = {}
    tagged: dict[str, list[tuple[str, str]]] = {}
    by_item: dict[str, dict[str, tuple[str, ...]]] = {}
    findings: list[Finding] = []
    for key, record in rounds.items():
        for where, anchor, written in selections(record, anchors[key]):
            for selection in written:
                got = select(selection, history, shares)
                # What is unknown is told by the check `commit-unknown`, once git was asked what else it may be.
                findings += [got.finding] if got.finding and got.finding.slug != UNKNOWN else []
                target, reason = (tagged, f"tag {selection.tag}") if selection.tag else (named, f"named by {where}")
                for commit in got.ids:
                    target.setdefault(commit, []).append((key, reason))
                if anchor:
                    there = by_item.setdefault(key, {})
                    there[anchor] = tuple(dict.fromkeys((*there.get(anchor, ()), *got.ids)))
    return Chosen(_frozen(named), _frozen(tagged), by_item, tuple(findings))


def selections(
    record: RoundOrPhase, anchors: Mapping[tuple[str, int], str]
) -> Iterator[tuple[str, str, Sequence[Selection]]]:
    """Yield what names commits in a round: in words, the anchor of the entry (empty for the round), and the selections."""
    yield "the round", "", record.commits
    for field, listed in LISTS.items():
        for i, item in enumerate(getattr(record, field) if listed.has_commits else ()):
            if item.commits:
                yield f"the {listed.word} “{item.label}”", anchors[field, i], item.commits


def _frozen(found: Mapping[str, list[tuple[str, str]]]) -> Reasons:
    return {commit: tuple(pairs) for commit, pairs in found.items()}
