"""In: nothing. Out: the JSON Schema of each file below `api/`, so that a program can rely on what stands there.

No other key may stand there, so a change of what `api` makes fails the tests until it is said here.

Source: JSON Schema 2020-12, https://json-schema.org/draft/2020-12
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from roundbook.book.facts import ACCOUNTS, Outcome
from roundbook.schema.base import Record
from roundbook.schema.decision import Decision
from roundbook.schema.items import Change
from roundbook.schema.round import Phase, Round
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES

VERSION = 2
Shape = Mapping[str, Any]
TEXT: Shape = {"type": "string"}
SAID: Shape = {"type": ["string", "null"]}
COUNT: Shape = {"type": "integer", "minimum": 0}
TRUTH: Shape = {"type": "boolean"}
ID: Shape = {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"}
DAY: Shape = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}


def _list(of: Shape) -> Shape:
    return {"type": "array", "items": of}


def _map(of: Shape) -> Shape:
    return {"type": "object", "additionalProperties": of}


def _object(**keys: Shape) -> Shape:
    """Return an object with just these keys; `_` stands for `-` in their names."""
    named = {key.replace("_", "-"): shape for key, shape in keys.items()}
    return {"type": "object", "properties": named, "required": [*named], "additionalProperties": False}


def _thing(always: str, **keys: Shape) -> Shape:
    """Return an object in which the keys named by `always` stand always, and the others where they have a value."""
    return {**_object(**keys), "required": always.split()}


def _one_of(*words: str) -> Shape:
    return {"enum": [*words]}


def _or_none(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


MISSING = _list(_object(slug=TEXT, message=TEXT))
ORIGIN = _object(
    head=_or_none(ID),
    at=SAID,
    branch=SAID,
    dirty=_list(TEXT),
    commits=COUNT,
    complete=TRUTH,
    missing=MISSING,
    repository=SAID,
    annexes=_map(_object(name=TEXT, head=_or_none(ID), complete=TRUTH, missing=MISSING, repository=SAID)),
)
ROUND = _thing(
    "key url verified record",
    key=TEXT,
    url=TEXT,
    status=_one_of(*STATUSES),
    status_reason=TEXT,
    previous=TEXT,
    next=TEXT,
    repository=TEXT,
    verified=TRUTH,
    record={"$ref": "#/$defs/Round"},
    anchors=_map(TEXT),
    commits=_list(ID),
    folded=_list(ID),
    metrics=_map(_object(before=SAID, before_from=SAID, after=SAID, difference=SAID)),
    pull_requests=_list(COUNT),
    contributors=_list(_object(name=TEXT, commits=COUNT, co_authored=COUNT)),
)
PHASE = {
    **ROUND,
    "properties": {**ROUND["properties"], "rounds": _list(TEXT), "record": {"$ref": "#/$defs/Phase"}},
}
DECISION = _thing(
    "id url anchor status status-reason record",
    id=TEXT,
    url=TEXT,
    round=TEXT,
    anchor=TEXT,
    status=_one_of(*DECISION_STATUSES),
    status_reason=TEXT,
    date=DAY,
    supersedes=_list(TEXT),
    superseded_by=_list(TEXT),
    amends=_list(TEXT),
    amended_by=_list(TEXT),
    depends_on=_list(TEXT),
    needed_by=_list(TEXT),
    related=_list(TEXT),
    commits=_list(ID),
    cited_by=_list(ID),
    pull_requests=_list(COUNT),
    markers=_list(_object(path=TEXT, line=COUNT)),
    record={"$ref": "#/$defs/Decision"},
)
CHANGE = _thing(
    "id anchor url record",
    id=TEXT,
    round=TEXT,
    path=TEXT,
    anchor=TEXT,
    url=TEXT,
    version=TEXT,
    released=DAY,
    yanked=TRUTH,
    commits=_list(ID),
    pull_requests=_list(COUNT),
    decision=TEXT,
    record={"$ref": "#/$defs/Change"},
)
MONTH = _thing("id file url commits", id=TEXT, file=TEXT, url=TEXT, commits=COUNT, first=DAY, last=DAY)
COMMIT = _thing(
    "id author account reason",
    id=ID,
    author=TEXT,
    date=DAY,
    committed=DAY,
    subject=TEXT,
    account=_one_of(*ACCOUNTS),
    reason=TEXT,
    partner=ID,
    version=TEXT,
    rounds=_list(_object(round=TEXT, rule=TEXT)),
    decisions=_list(TEXT),
)
VERDICT = _thing(
    "id check outcome evidence",
    id=TEXT,
    check=TEXT,
    outcome=_one_of(*get_args(Outcome)),
    stated={"type": "boolean"},
    claim=TEXT,
    evidence=TEXT,
    round=TEXT,
    anchor=TEXT,
    place=TEXT,
    commit=ID,
    severity=_one_of("error", "warning", "info"),
    waived=TEXT,
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a file holds: the key that its things stand under, their shape, and the record that is inside each."""

    key: str
    what: str
    shape: Shape
    record: type[Record] | None = None


FILES: Mapping[str, Described] = {
    "phases": Described("phases", "Phases that have a record, by key.", PHASE, Phase),
    "rounds": Described("rounds", "Rounds by key, oldest first within a phase.", ROUND, Round),
    "decisions": Described("decisions", "Decisions by id.", DECISION, Decision),
    "changes": Described("changes", "Entries of the changelog by round and anchor.", CHANGE, Change),
    "commits": Described("months", "The files of commits by month, newest first.", MONTH),
    "month": Described("commits", "The commits of one month by id, newest first.", COMMIT),
    "evidence": Described("evidence", "What the checks say, by round, anchor and check.", VERDICT),
}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a file, or of each file of a month."""
    said = FILES[name]
    keys = _object(
        **{
            "$schema": TEXT,
            "schema_version": {"const": VERSION},
            "generated_from": ORIGIN,
            said.key: _map(said.shape),
        }
    )
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"roundbook: {name}",
        "description": said.what,
        **keys,
    }
    return {**made, "$defs": _records(said.record)} if said.record else made


def _records(model: type[Record]) -> dict[str, Any]:
    """Return the schemas of a record and of those inside it; what is as by default is left out, so no key is required."""
    whole = model.model_json_schema(by_alias=True, mode="serialization")
    inner = whole.pop("$defs", {})
    return {name: _told(shape) for name, shape in {**inner, model.__name__: whole}.items()}


def _told(node: Any) -> Any:
    if isinstance(node, list):
        return [_told(part) for part in node]
    if not isinstance(node, dict):
        return node
    idle = ("default", "title", "required", "patternProperties")
    return {key: _told(value) for key, value in node.items() if key not in idle or _is_key(key, value)}


def _is_key(key: str, value: Any) -> bool:
    """Tell whether a word of JSON Schema is here the name of a key, as `title` is in many records."""
    return key in ("title", "required", "default") and isinstance(value, dict)
