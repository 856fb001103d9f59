"""In: a round. Out: the paths that it names, each with its place and what the round says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from roundbook.errors import Place
from roundbook.model.book import Entry
from roundbook.model.verdict import Claim
from roundbook.schema.items import Deliverable

MADE = frozenset({None, "done", "partial"})  # a deliverable that stands otherwise is not said to be there
_AHEAD = frozenset({"planned", "in-progress", "blocked", "deferred"})
# `src/lib.rs` in code: a folder and a name that has an ending; no address, no pattern, no call.
_SPAN = re.compile(r"(?<!`)`((?:\.{0,2}/)?(?:[\w.@+-]+/)+[\w.@+-]*\w\.[A-Za-z][A-Za-z0-9]{0,7})`(?!`)")


class Named(NamedTuple):
    """A path that a round names: `kind` is where; `made` says that it must be there.

    That is a deliverable, a list of files, what a decision affects, or the words of a title (`words`).
    """

    entry: Entry
    path: str
    kind: Literal["deliverable", "created", "modified", "deleted", "words", "affects"]
    place: Place | None
    anchor: str
    made: bool = True

    @property
    def is_structured(self) -> bool:
        """Tell whether a key for paths holds it; what stands in code within a sentence may be no path after all."""
        return self.kind not in ("words", "affects")

    def claim(self, words: str) -> Claim:
        """Return what the file says of the path, to be judged at its place."""
        return Claim(words, self.place, self.entry.key, self.anchor)


def named(entry: Entry) -> Iterator[Named]:
    """Yield the paths that a round's deliverables, its agents' deliverables and its file lists name."""
    record = entry.round
    for i, deliverable in enumerate(record.deliverables):
        yield from _delivered(entry, deliverable, entry.anchors["deliverables", i])
    for i, agent in enumerate(record.agents):
        for deliverable in agent.deliverables:
            yield from _delivered(entry, deliverable, entry.anchors["agents", i])
    for completed in record.carried.completed if record.carried else ():
        yield from _delivered(entry, completed, "since", ended=True)
    yield from _spoken(entry)
    yield from _affected(entry)
    if record.files:
        kinds: tuple[Literal["created", "modified", "deleted"], ...] = ("created", "modified", "deleted")
        for kind in kinds:
            for i, path in enumerate(getattr(record.files, kind)):
                yield Named(entry, path, kind, record.files.place_of(kind, i), "files")


def _spoken(entry: Entry) -> Iterator[Named]:
    """Yield the paths that stand as code in what a goal, an objective, a task or a deliverable is called.

    Only what is plainly a path counts, and only where it is said to be reached, or the round is over.
    """
    for field in ("objectives", "goals", "deliverables", "tasks"):
        for i, item in enumerate(getattr(entry.round, field)):
            own = set(getattr(item, "paths", ()))
            reached = item.status in MADE if item.status else field != "tasks" and entry.status not in _AHEAD
            for key in ("title", "evidence"):
                for path in _SPAN.findall(getattr(item, key, None) or ""):
                    if path not in own:
                        yield Named(entry, path, "words", item.place_of(key), entry.anchors[field, i], reached)


def _affected(entry: Entry) -> Iterator[Named]:
    """Yield what decisions in force affect; a decision may be about what is still to come, so this weighs little."""
    for i, decision in enumerate(entry.round.decisions):
        for j, glob in enumerate(decision.affects if decision.status == "accepted" else ()):
            yield Named(entry, glob, "affects", decision.place_of("affects", j), entry.anchors["decisions", i])


def _delivered(entry: Entry, deliverable: Deliverable, anchor: str, *, ended: bool = False) -> Iterator[Named]:
    made = deliverable.status in MADE and (ended or deliverable.status is not None or entry.status != "planned")
    for i, path in enumerate(deliverable.paths):
        yield Named(entry, path, "deliverable", deliverable.place_of("paths", i), anchor, made)
