"""In: a docket. Out: verdicts on records that say nothing beyond their name."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from roundbook.model.book import Entry
from roundbook.model.item import Item
from roundbook.model.record import Record, kebab
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief, kind

# What names a record, files it or says which commits are its. Every other key of the model says something.
_WHICH = frozenset(
    {"round", "phase", "was", "closed", "repository", "date", "status", "status_text", "source", "waive"}
)
_NAMING = frozenset({"title", "kind", "focus", "team", "tags", "branch", "commits", "prs", "releases"}) | _WHICH
# Numbers alone, and rows about other rounds, do not tell what was done.
_BESIDE = frozenset({"metrics", "history"})
_NAMING_OF = {
    "agents": frozenset({"id", "name", "status_text"}),
    "deliverables": frozenset({"id", "title", "group", "status_text"}),
    "decisions": frozenset({"id", "was", "title", "status", "status_text", "date", "decision_makers", "consulted"})
    | {"informed", "authored_by", "ratified_by", "supersedes", "amends", "depends_on", "relates_to", "affects"}
    | {"commits", "prs", "tags", "literals", "until", "follow_up"},
}


@check("record-empty", "info")
def record_empty(docket: Docket) -> Iterator[Verdict]:
    """A round, and each agent, deliverable and decision of it, says something beyond its name.

    Mend: write what it was about: a task, a path or a note, the reasons of a decision; or take the entry out.
    """
    for entry in docket.book.entries.values():
        yield from (one._replace(stated=False) for one in (*_empty_round(entry), *_empty_items(entry)))


def _empty_round(entry: Entry) -> Iterator[Verdict]:
    record = entry.round
    if entry.is_phase:
        return  # its name, and its rounds, may be all that there is to say
    if entry.status in ("planned", "dropped", "deferred") or _beyond(record, _NAMING | _BESIDE):
        return
    written = map(kebab, _beyond(record, _WHICH))
    evidence = f"no agents, goals, decisions, changes, deliverables, summary or sections; only {', '.join(written)}"
    mend = "write a `summary:` or what was made"
    yield Verdict("record-empty", "contradicted", entry.words, evidence, record.place, entry.key, mend=mend)


def _empty_items(entry: Entry) -> Iterator[Verdict]:
    for field, names in _NAMING_OF.items():
        decided = field == "decisions"
        evidence = "no decision, rationale or context is written" if decided else "nothing beyond its name is written"
        for one in entry.anchored(field):
            if not _beyond(one.item, names):
                yield _empty(entry, field, one.item, one.anchor, evidence)


def _beyond(record: Record, names: Collection[str]) -> list[str]:
    """Return the fields that a record says something in, but for those `names`."""
    return [name for name in type(record).model_fields if name not in names and getattr(record, name)]


def _empty(entry: Entry, field: str, item: Item, anchor: str, evidence: str) -> Verdict:
    claim, mend = f'{kind(field)} "{brief(item.label)}"', "say more, or take it out"
    return Verdict("record-empty", "contradicted", claim, evidence, item.place, entry.key, anchor, mend=mend)
