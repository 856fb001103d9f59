"""In: a docket. Out: verdicts on the Markdown that rounds were imported from: whether it changed since."""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.model.book import Entry
from roundbook.model.history import SHORT
from roundbook.model.items import Source
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.paths import dated
from roundbook.think.questions import source_spots


@check("source-changed", "warning", history=True)
def source_changed(docket: Docket) -> Iterator[Verdict]:
    """A Markdown file that a round was imported from has not changed since.

    Mend: run `roundbook import --update FILE`, or bring the change into the round and write the new `blob` below `source:`.
    """
    for entry in docket.own:
        for source in entry.round.source:
            yield _held(entry, source, docket)


def _held(entry: Entry, source: Source, docket: Docket) -> Verdict:
    ids = docket.book.testimony.ids
    now_at, then_at = source_spots(source, docket.book.history)
    now = next(((spot, found) for spot in now_at if (found := ids.get(spot))), None)
    then = source.blob or next((found for spot in then_at if (found := ids.get(spot))), None)
    if then is None:
        wanted = f"{source.rev} has no such file" if source.rev else "neither rev nor blob is written"
        return _verdict(entry, source, "not-checked", wanted)
    if now is None:
        return _verdict(entry, source, "not-checked", "HEAD does not have the file any more")
    (_, path), blob = now
    touched = docket.paths.trace(path).touched
    last = f"; last changed by {dated(docket.book.history, touched)}" if touched else ""
    if blob.startswith(then.lower()):
        return _verdict(entry, source, "verified", f"its content is still {blob[:SHORT]}{last}", touched)
    mend = f"run roundbook import --update {source.path}, or write blob: {blob}"
    evidence = f"it was {then[:SHORT]} then, and is {blob[:SHORT]} now{last}"
    return _verdict(entry, source, "contradicted", evidence, touched, mend)


def _verdict(
    entry: Entry, source: Source, outcome: Outcome, evidence: str, commit: str | None = None, mend: str = ""
) -> Verdict:
    place = source.place_of("blob" if source.blob else "path")
    claim = f"the {entry.kind} was imported from {source.path}"
    return Verdict("source-changed", outcome, claim, evidence, place, entry.key, "", commit, mend)
