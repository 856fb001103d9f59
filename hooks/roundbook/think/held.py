"""In: a round as a commit left it. Out: what it holds by name: each thing with its status, as the book would give it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, cast

from roundbook.model.homes import Homes
from roundbook.model.life import ADOPTED, RECORDED, Part, Version
from roundbook.model.names import slug
from roundbook.model.record import CLOSED, STATUSES
from roundbook.model.records import LISTS
from roundbook.model.status_words import DecisionStatus
from roundbook.think import compare, decide
from roundbook.think.anchors import named
from roundbook.think.lines import Node

Name = tuple[str, str]


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


def written_ids(versions: Iterable[Version]) -> Homes:
    """Return the ids of decisions that any version writes out, so that `ADR-2` is known to be `adr-0002`."""
    parts = (part for version in versions if version.snapshot for part in version.snapshot.parts)
    return Homes({part.id: None for part in parts if part.field == "decisions" and part.id})


def held_by(node: Node, ids: Homes) -> dict[Name, Held] | None:
    """Return the round, by the name `("round", "")`, and what has a timeline in it, by kind and anchor or id.

    `ids` are those of decisions that any version has.
    `None` where a file of the round cannot be read: what it says is then unknown, not nothing.
    """
    snapshots = [version.snapshot for version in node.files.values()]
    if any(snapshot is None for snapshot in snapshots):
        return None
    parts = [part for snapshot in snapshots if snapshot for part in snapshot.parts]
    imported = any(snapshot.imported for snapshot in snapshots if snapshot)
    written = next((snapshot.status for snapshot in snapshots if snapshot and snapshot.status), "")
    status, reason = (written, "") if written else _derived(parts)
    adopted = node.key.startswith(ADOPTED)
    found: dict[Name, Held] = {("round", ""): Held(status, reason)} if snapshots and not adopted else {}
    lists: dict[str, list[Part]] = {}
    for part in parts:
        lists.setdefault(part.field, []).append(part)
    anchors = named({field: [(p.id, p.label) for p in group] for field, group in lists.items()})
    for field, group in lists.items():
        for i, part in enumerate(group):
            if field == "decisions":
                one = _decision(part, node.key, status, ids, imported=imported)
                found.setdefault(("decision", part.id or slug(part.label)), one)
            elif LISTS[field].timeline:
                status_ = RECORDED if field == "changes" else part.status
                found[LISTS[field].word, anchors[field, i]] = Held(status_, title=part.label, written=bool(part.id))
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
    statuses = [p.status for p in parts if LISTS[p.field].counted and p.status in STATUSES]
    status, reason = compare.derived(statuses)
    return status or "", reason if status else ""


def _decision(part: Part, key: str, round_status: str, ids: Homes, *, imported: bool) -> Held:
    written = cast("DecisionStatus | None", part.status or None)
    adopted = key.startswith(ADOPTED)
    closed = round_status in CLOSED
    status, reason = (
        decide.adopted_as(written) if adopted else decide.stated_as(written, key, closed, imported=imported)
    )
    named = (text.strip().rpartition("#")[2] for text in part.supersedes)
    replaces = tuple(ids.named(name) or name for name in named)
    return Held(status, "" if written else reason, replaces, part.label, bool(part.id))
