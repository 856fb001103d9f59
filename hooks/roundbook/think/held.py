"""In: a round as a commit left it. Out: what it holds by name: each thing with its status, as the book would give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

from roundbook.model.decision import DecisionStatus
from roundbook.model.life import KINDS, Part
from roundbook.model.names import slug
from roundbook.model.record import STATUSES
from roundbook.think import compare, decide
from roundbook.think.anchors import named
from roundbook.think.lines import Node
from roundbook.think.link import CLOSED

Name = tuple[str, str]
_DERIVING = ("agents", "goals", "tasks")


class Held(NamedTuple):
    """A thing as one version has it; `written` tells that its id is written out, `replaces` are ids of decisions."""

    status: str
    reason: str = ""
    replaces: tuple[str, ...] = ()
    title: str = ""
    written: bool = False

    @property
    def says(self) -> tuple[str, tuple[str, ...]]:
        """Return what of it makes a step when it changes."""
        return self.status, self.replaces


def held_by(node: Node) -> dict[Name, Held] | None:
    """Return the round, by the name `("round", "")`, and all that stands in it, by kind and anchor or id.

    `None` where a file of the round cannot be read: what it says is then unknown, not nothing.
    """
    snapshots = [version.snapshot for version in node.files.values()]
    if any(snapshot is None for snapshot in snapshots):
        return None
    parts = [part for snapshot in snapshots if snapshot for part in snapshot.parts]
    written = next((snapshot.status for snapshot in snapshots if snapshot and snapshot.status), "")
    status, reason = (written, "") if written else _derived(parts)
    found: dict[Name, Held] = {("round", ""): Held(status, reason)} if snapshots else {}
    lists: dict[str, list[Part]] = {}
    for part in parts:
        lists.setdefault(part.field, []).append(part)
    anchors = named({field: [(p.id, p.label) for p in group] for field, group in lists.items()})
    for field, group in lists.items():
        for i, part in enumerate(group):
            if field == "decisions":
                one = _decision(part, node.key, status)
                found.setdefault(("decision", part.id or slug(part.label)), one)
            else:
                found[KINDS[field], anchors[field, i]] = Held(part.status, title=part.label, written=bool(part.id))
    return found


def metrics_of(node: Node) -> Mapping[str, str]:
    """Return the values of a round's metrics."""
    return {
        name: value
        for version in node.files.values()
        if version.snapshot
        for name, value in version.snapshot.metrics.items()
    }


def _derived(parts: list[Part]) -> tuple[str, str]:
    statuses = [p.status for p in parts if p.field in _DERIVING and p.status in STATUSES]
    status, reason = compare.derived(statuses)
    return status or "", reason if status else ""


def _decision(part: Part, key: str, round_status: str) -> Held:
    written = cast("DecisionStatus | None", part.status or None)
    status, reason = decide.stated_as(written, key, round_status in CLOSED)
    replaces = tuple(text.strip().rpartition("#")[2] for text in part.supersedes)
    return Held(status, "" if written else reason, replaces, part.label, bool(part.id))
