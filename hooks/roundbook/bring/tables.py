"""In: a table under a heading. Out: the entries that its rows are, or the table as it is where they are none.

A column that means no field of the entry goes into its note as `Head: value`, into `details` of a decision.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roundbook.bring import words
from roundbook.bring.dates import date_of
from roundbook.bring.gathering import Told
from roundbook.bring.measures import name_of_metric, remembered
from roundbook.bring.paths import only_paths, paths_in
from roundbook.bring.standing import with_status
from roundbook.bring.vocabulary import field_of, mentions, plain
from roundbook.bring.where import Where, one_line
from roundbook.model.document import Grid, Row
from roundbook.model.names import id_fault
from roundbook.model.status_words import result_of

# In which tables topics are looked for when no heading says it, and which fields make them plain.
_PLAIN: tuple[tuple[str, frozenset[str]], ...] = (
    ("agents", frozenset({"name", "task"})),
    ("metrics", frozenset({"label", "after"})),
    ("metrics", frozenset({"label", "value"})),
    ("decisions", frozenset({"title", "rationale"})),
    ("risks", frozenset({"title", "mitigation"})),
    ("findings", frozenset({"title", "severity"})),
    ("tasks", frozenset({"id", "title", "status"})),
    ("checks", frozenset({"title", "target", "result"})),
)
_SURE_HEADS: Mapping[str, frozenset[str]] = {
    "agents": frozenset(
        {"agent", "agents", "lane", "assignee", "worker", "stream", "workstream", "subagent", "agent name"}
    ),
    "metrics": frozenset({"metric", "metrics", "measure", "kpi", "benchmark"}),
    "decisions": frozenset({"decision", "decisions"}),
    "risks": frozenset({"risk", "risks"}),
    "findings": frozenset({"finding", "bug", "vulnerability", "issue", "lesson"}),
    "tasks": frozenset({"task", "tasks", "story", "ticket", "issue", "work item", "item", "title"}),
    "checks": frozenset({"criterion", "gate", "check", "exit criterion", "quality gate", "requirement", "criteria"}),
}
TABLE_OF: Mapping[str, str] = {
    "completed": "deliverables", "created": "files", "modified": "files", "deleted": "files", "decision": "decisions",
}  # fmt: skip
MORE: Mapping[str, str] = {
    "agents": "note", "deliverables": "note", "tasks": "note", "metrics": "note", "findings": "text", "blockers": "text",
    "goals": "text", "objectives": "text", "checks": "evidence", "deferred": "reason", "decisions": "details",
}  # fmt: skip
_TIERS = {
    **dict.fromkeys(("must", "must have", "required", "mandatory", "p0", "critical", "m"), "must"),
    **dict.fromkeys(("should", "should have", "recommended", "p1", "s"), "should"),
    **dict.fromkeys(("nice", "nice to have", "could", "could have", "optional", "p2", "c"), "nice"),
}
_INSTEAD = {"agents": "task", "deliverables": "paths"}  # of an agent without a name, of what is nothing but files
_ELSE = {"next": "tasks", "questions": "tasks", "files": "deliverables", "objectives": "goals"}
_COUNTS = re.compile(r"#|№|(?:no|nr|num)\.?|", re.IGNORECASE)
_NOTHING = re.compile(r"[\s\-–—_*|.]*")


def told(grid: Grid, topic: str, where: Where, title: str = "") -> list[Told]:
    """Return what a table says under a heading of a topic, or under any heading where it is empty."""
    kind = TABLE_OF.get(topic, topic) if topic else kind_of(grid, where)
    for one in (kind, _ELSE.get(kind, "")):
        if one in words.COLUMNS and grid.rows and (made := list(_Rows(grid, one, topic, where).told())):
            return made
    return [as_it_is(grid, where, title)]


def as_it_is(grid: Grid, where: Where, title: str = "", note: str = "") -> Told:
    """Return a table with all its cells."""
    value: dict[str, Any] = {"title": title} if title else {}
    value |= {"columns": list(grid.columns), "rows": [list(row.cells) for row in grid.rows]}
    return Told("tables", value | ({"note": note} if note else {}), where.document.path, grid.line)


def kind_of(grid: Grid, where: Where) -> str:
    """Return the topic that the heads of a table make plain, or the empty text."""
    heads = {plain(head) for head in grid.columns}
    for kind, needed in _PLAIN:
        if heads & _SURE_HEADS[kind] and needed <= set(_Rows(grid, kind, "", where).fields):
            return kind
    return ""


class _Rows:
    """Reads the rows of a table as entries of one kind."""

    def __init__(self, grid: Grid, kind: str, topic: str, where: Where) -> None:
        self.grid, self.kind, self.topic, self.where = grid, kind, topic, where
        self.first = words.FIRST[kind]
        self.fields = self._fields()

    def _fields(self) -> tuple[str, ...]:
        """Return the field of each column; `#` is one that only counts the rows, and of two with one field one is none."""
        found: list[str] = []
        for column, head in enumerate(self.grid.columns):
            name = "#" if self._counts(column) else field_of(self.kind, head) or self._of_a_round(head)
            found.append("" if name in found and name != "#" else name)
        if self.first not in found and (other := _INSTEAD.get(self.kind, "")) in found:
            self.first = other
        return tuple(found)

    def _counts(self, column: int) -> bool:
        cells = [_cell(row, column).strip("*. ") for row in self.grid.rows]
        numbers = [str(n) for n in range(1, len(cells) + 1)]
        return bool(_COUNTS.fullmatch(self.grid.columns[column].strip())) and cells == numbers

    def _of_a_round(self, head: str) -> str:
        """Return the field of a column of numbers that is headed by a round: this one is after, one before is before."""
        if self.kind != "metrics" or len(found := mentions(head)) != 1:
            return ""
        return "after" if self.where.is_own(found[0]) else "before"

    def told(self) -> Iterator[Told]:
        """Yield the entries; nothing where a row lacks what every entry must have, or where too little fits."""
        if self.first not in self.fields:
            return
        if self.kind == "history" and "" in self.fields:
            return  # an earlier round has no place for more
        made = [self._entry(row) for row in self.grid.rows]
        if any(entry is None for entry in made):
            return
        for row, entry in zip(self.grid.rows, made, strict=True):
            assert entry is not None  # noqa: S101 - see above
            yield from self._said(row, entry)
        if self.kind == "commits" or (self.kind == "files" and self.topic != "files" and len(self.fields) > 1):
            yield as_it_is(self.grid, self.where, self.where.heading)  # which says more than the list does

    def _said(self, row: Row, entry: dict[str, Any]) -> Iterator[Told]:
        match self.kind:
            case "metrics":
                yield self.where.told(f"metrics.{name_of_metric(entry['label'])}", entry, row.line)
            case "files" if self.topic == "files":
                yield self.where.told("deliverables", entry, row.line)
            case "files":
                yield from (self.where.told(f"files.{self.topic}", path, row.line) for path in entry["paths"])
            case "commits":
                yield self.where.told("commits", entry["id"], row.line)
            case _:
                yield self.where.told(self.kind, entry, row.line)

    def _entry(self, row: Row) -> dict[str, Any] | None:
        entry: dict[str, Any] = {}
        for column in range(max(len(row.cells), len(self.fields))):
            text = _cell(row, column)
            if _NOTHING.fullmatch(text):
                continue
            field = self.fields[column] if column < len(self.fields) else ""
            head = self.grid.columns[column] if column < len(self.grid.columns) else ""
            if field != "#" and not self._put(entry, field, text, head):
                return None
        if self.where.status and "status" in words.COLUMNS[self.kind]:
            entry.setdefault("status", self.where.status)
        if self.where.to and self.kind == "deferred":
            entry.setdefault("to", self.where.to)
        grouped(entry, self.kind, self.where)
        return entry if entry.get(self.first) else None

    def _put(self, entry: dict[str, Any], field: str, text: str, head: str) -> bool:
        """Put a cell into an entry; false where it has no place there."""
        reader = _READERS.get((self.kind, field)) or _READERS.get(("", field))
        if field and (reader(entry, text, self.where) if reader else self._text(entry, field, text)):
            if self.kind == "metrics" and field == "before" and mentions(head):
                entry["before-note"] = head
            return True
        more = MORE.get(self.kind, "")
        if self.kind == "decisions":
            entry.setdefault("details", {})[_free_label(head or field or "more", entry)] = text
        elif more:
            remembered(entry, more, f"{head}: {text}" if head and plain(head) not in (field, more) else text)
        else:
            return False
        return True

    def _text(self, entry: dict[str, Any], field: str, text: str) -> bool:
        if field in entry:
            return False
        entry[field] = text
        if field == "note" and self.kind == "deliverables":
            _paths_of_note(entry, text)
        return True


def put_field(entry: dict[str, Any], kind: str, label: str, text: str, where: Where) -> bool:
    """Put a labelled text into the field of an entry that the label names; false where it names none, or one that is taken."""
    field = field_of(kind, label)
    reader = _READERS.get((kind, field)) or _READERS.get(("", field))
    if not field or not text or (reader is None and field in entry):
        return False
    if reader:
        return bool(reader(entry, text, where))
    entry[field] = text
    return True


def grouped(entry: dict[str, Any], kind: str, where: Where) -> None:
    """Keep the heading that an entry stands under where there is more in it than the name of the list."""
    if not where.group:
        return
    if kind in ("deliverables", "checks"):
        entry.setdefault("group", where.group)
    elif kind == "decisions":
        entry.setdefault("details", {})["Group"] = where.group
    elif more := MORE.get(kind):
        remembered(entry, more, where.group)


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _free_label(label: str, entry: Mapping[str, Any]) -> str:
    taken = entry.get("details", {})
    number = 2
    while (name := label if number == 2 else f"{label} ({number - 1})") in taken:
        number += 1
    return name


def _status(entry: dict[str, Any], text: str, where: Where) -> bool:
    if "status-text" in entry or "status" in entry:
        return False
    where.with_status(entry, one_line(text))
    return True


def _result(entry: dict[str, Any], text: str, _where: Where) -> bool:
    """Take the result of a check; a word that is more than the result is kept as evidence."""
    result = result_of(text)
    if "result" in entry:
        return False
    if result:
        entry["result"] = result
    if text.casefold() != result:
        entry["evidence"] = "; ".join(one for one in (text, entry.get("evidence", "")) if one)
    return True


def _evidence(entry: dict[str, Any], text: str, _where: Where) -> bool:
    remembered(entry, "evidence", text)
    return True


def _tier(entry: dict[str, Any], text: str, _where: Where) -> bool:
    tier = _TIERS.get(plain(text))
    if not tier or "tier" in entry:
        return False
    entry["tier"] = tier
    if plain(text) != tier:
        remembered(entry, "evidence", text)
    return True


def _paths(entry: dict[str, Any], text: str, _where: Where) -> bool:
    """Take a cell of paths; words beside them stay in the note."""
    found = only_paths(text) or paths_in(text)
    if not found or "paths" in entry:
        return False
    entry["paths"] = found
    return not inherits(text, found)


def inherits(text: str, found: Sequence[str]) -> bool:
    """Tell whether a text says more than its paths do: words between them, or a name whose folder is another's."""
    return any(one not in text for one in found) or not only_paths(text)


def _paths_of_note(entry: dict[str, Any], text: str) -> None:
    found = paths_in(text)
    if found and "paths" not in entry:
        entry["paths"] = found
        if not inherits(text, found):
            del entry["note"]


def _made(entry: dict[str, Any], text: str, _where: Where) -> bool:
    """Take what an agent made: paths, or a line of words."""
    found = paths_in(text)
    if not found and (paths := only_paths(text)):
        found = paths
    made: dict[str, Any] = {"title": text} if not found or inherits(text, found) else {}
    entry["deliverables"] = [made | ({"paths": found} if found else {})]
    return True


def _id(entry: dict[str, Any], text: str, _where: Where) -> bool:
    """Take an id where it may be one."""
    bare = text.strip("`* ")
    if id_fault(bare) or "id" in entry:
        return False
    entry["id"] = bare
    return True


def _number(entry: dict[str, Any], text: str, _where: Where) -> bool:
    return _decision_id(entry, text) if "id" not in entry else False


def _decision_id(entry: dict[str, Any], text: str) -> bool:
    bare = text.strip("`* #.")
    name = f"decision-{bare}" if bare.isdecimal() else bare.lower()
    if id_fault(name):
        return False
    entry["id"] = name
    return name == text


def _date(entry: dict[str, Any], text: str, _where: Where) -> bool:
    if not (day := date_of(text)):
        return False
    entry["date"] = day
    return True


def _branch(entry: dict[str, Any], text: str, _where: Where) -> bool:
    if "branch" in entry:
        return False
    entry["branch"] = text.strip("`")
    return True


def _resolved(entry: dict[str, Any], text: str, where: Where) -> bool:
    """Take the round in which a blocker went away, or the date."""
    if "resolved" in entry:
        return False
    entry["resolved"] = _round(text, where) or text
    return True


def _round(text: str, where: Where) -> str:
    """Return the key of the round that a text is the name of, or the empty text."""
    found = mentions(text)
    return where.key_of(found[0]) if len(found) == 1 and re.fullmatch(r"\w+ #?[\w.]+", text.strip()) else ""


def _commits(entry: dict[str, Any], text: str, _where: Where) -> bool:
    found = shas_of(text)
    if not found:
        return False
    entry["commits"] = found
    return True


def shas_of(text: str) -> list[str]:
    """Return the commits of a text that is nothing but ids and ranges of commits."""
    pieces = [piece.strip("`* ") for piece in re.split(r"[,;\s]+(?:and\s+)?", text.strip()) if piece.strip("`* ")]
    sha = r"[0-9a-f]{7,40}"
    good = all(re.fullmatch(rf"{sha}(?:\.\.\.?{sha})?", piece) for piece in pieces)
    return pieces if pieces and good and any(any(c.isdigit() for c in piece) for piece in pieces) else []


def _sha(entry: dict[str, Any], text: str, _where: Where) -> bool:
    if len(found := shas_of(text)) != 1:
        return False
    entry["id"] = found[0]
    return True


def _target_round(entry: dict[str, Any], text: str, where: Where) -> bool:
    if target := _round(text, where):
        entry["to"] = target
        return True
    if "until" in entry:
        return False
    entry["until"] = text  # a release or a day is no round, but a condition
    return True


_READERS: Mapping[tuple[str, str], Any] = {
    ("", "status"): _status,
    ("checks", "result"): _result,
    ("checks", "evidence"): _evidence,
    ("checks", "tier"): _tier,
    ("", "paths"): _paths,
    ("agents", "deliverables"): _made,
    ("tasks", "id"): _id,
    ("decisions", "id"): _number,
    ("decisions", "date"): _date,
    ("decisions", "status"): lambda entry, text, _where: with_status(entry, text),
    ("", "commits"): _commits,
    ("", "branch"): _branch,
    ("blockers", "resolved"): _resolved,
    ("commits", "id"): _sha,
    ("deferred", "to"): _target_round,
}
