"""In: a docket. Out: verdicts on records that say nothing beyond their name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from roundbook.model.book import Entry
from roundbook.model.item import Item
from roundbook.model.record import kebab
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief, kind

_SPEAKING = (
    *("summary", "agents", "objectives", "goals", "decisions", "changes", "deliverables", "findings", "carried"),
    *("deferred", "blockers", "checks", "tasks", "files", "risks", "next", "questions", "notes", "tables", "sections"),
)


@check("record-empty", "info")
def record_empty(docket: Docket) -> Iterator[Verdict]:
    """A round, and each agent, deliverable and decision of it, says something beyond its name.

    Mend: write what it was about: a task, a path or a note, the reasons of a decision; or take the entry out.
    """
    for entry in docket.book.entries.values():
        empty = [*_empty_round(entry), *_empty_items(entry)]
        yield from empty
        if not empty and entry.status not in ("planned", "dropped", "deferred"):
            count = Counter(f for f in ("agents", "deliverables", "decisions") for _ in getattr(entry.round, f))
            evidence = ", ".join(f"{n} {field if n > 1 else field[:-1]}" for field, n in count.items())
            claim = f"round {entry.key} says something beyond its name"
            yield Verdict("record-empty", "verified", claim, evidence or "it has a text", entry.round.place, entry.key)


def _empty_round(entry: Entry) -> Iterator[Verdict]:
    record = entry.round
    if entry.status in ("planned", "dropped", "deferred") or any(getattr(record, name) for name in _SPEAKING):
        return
    written = [kebab(name) for name in ("title", "focus", "team", "metrics", "history") if getattr(record, name)]
    evidence = f"no agents, goals, decisions, changes, deliverables, summary or sections; only {', '.join(written)}"
    mend = "write a `summary:` or what was made"
    yield Verdict("record-empty", "contradicted", f"round {entry.key}", evidence, record.place, entry.key, mend=mend)


def _empty_items(entry: Entry) -> Iterator[Verdict]:
    beyond = {"agents": {"id", "name", "status_text"}, "deliverables": {"id", "title", "group", "status_text"}}
    for field, names in beyond.items():
        for one in entry.anchored(field):
            if not any(getattr(one.item, name) for name in type(one.item).model_fields if name not in names):
                yield _empty(entry, field, one.item, one.anchor, "nothing beyond its name is written")
    for i, decision in enumerate(entry.round.decisions):
        if not (decision.decision or decision.rationale or decision.context):
            evidence = "no decision, rationale or context is written"
            yield _empty(entry, "decisions", decision, entry.anchors["decisions", i], evidence)


def _empty(entry: Entry, field: str, item: Item, anchor: str, evidence: str) -> Verdict:
    claim, mend = f'{kind(field)} "{brief(item.label)}"', "say more, or take it out"
    return Verdict("record-empty", "contradicted", claim, evidence, item.place, entry.key, anchor, mend=mend)
