"""In: a round. Out: the paths that it names, each with its place and what the round says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from roundbook.errors import Place
from roundbook.model.book import Entry
from roundbook.model.items import Deliverable
from roundbook.model.verdict import Outcome, Verdict

MADE = frozenset({None, "done", "partial"})  # a deliverable that stands otherwise is not said to be there


class Named(NamedTuple):
    """A path that a round names: `kind` is `deliverable`, or the list of files it stands in; `made` says it must be there."""

    entry: Entry
    path: str
    kind: Literal["deliverable", "created", "modified", "deleted"]
    place: Place | None
    anchor: str
    made: bool = True

    @property
    def claim(self) -> str:
        """Return what the file says."""
        return f"{self.path} was deleted" if self.kind == "deleted" else f"{self.path} exists"

    def verdict(self, slug: str, outcome: Outcome, evidence: str, commit: str | None = None, mend: str = "") -> Verdict:
        """Return what a check says of the path."""
        return Verdict(slug, outcome, self.claim, evidence, self.place, self.entry.key, self.anchor, commit, mend)


def named(entry: Entry) -> Iterator[Named]:
    """Yield the paths that a round's deliverables, its agents' deliverables and its file lists name."""
    record = entry.round
    for i, deliverable in enumerate(record.deliverables):
        yield from _delivered(entry, deliverable, entry.anchors["deliverables", i])
    for i, agent in enumerate(record.agents):
        for deliverable in agent.deliverables:
            yield from _delivered(entry, deliverable, entry.anchors["agents", i])
    if record.files:
        kinds: tuple[Literal["created", "modified", "deleted"], ...] = ("created", "modified", "deleted")
        for kind in kinds:
            for i, path in enumerate(getattr(record.files, kind)):
                yield Named(entry, path, kind, record.files.place_of(kind, i), "files")


def _delivered(entry: Entry, deliverable: Deliverable, anchor: str) -> Iterator[Named]:
    made = deliverable.status in MADE and (deliverable.status is not None or entry.status != "planned")
    for i, path in enumerate(deliverable.paths):
        yield Named(entry, path, "deliverable", deliverable.place_of("paths", i), anchor, made)
