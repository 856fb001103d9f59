"""Tables and fields of a note."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from roundbook.importer import vocabulary
from roundbook.importer.entry_fields import put
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import (
    name_of_metric,
    remembered,
)
from roundbook.importer.vocabulary import field_of, mentions
from roundbook.markdown import Grid, Row, bold_of, plain
from roundbook.schema.round import LISTS

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
    ("checks", frozenset({"title", "command", "result"})),
    ("checks", frozenset({"title", "result", "evidence"})),
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
    **{key: one.more for key, one in LISTS.items() if one.more},
    "agents": "note", "metrics": "note", "decisions": "details", "files": "note",
}  # fmt: skip
_INSTEAD = {"agents": "task", "deliverables": "paths"}  # of an agent without a name, of what is nothing but files
_ELSE = {"next": "tasks", "questions": "tasks", "files": "deliverables", "objectives": "goals"}
_COUNTS = re.compile(r"#|№|(?:no|nr|num)\.?|", re.IGNORECASE)
_NOTHING = re.compile(r"[\s\-–—_*|.]*")


def read_table(grid: Grid, topic: str, context: NoteContext, title: str = "") -> list[Fact]:
    """Return what a table says under a heading of a topic, or under any heading where it is empty."""
    kind = TABLE_OF.get(topic, topic) if topic else kind_of(grid, context)
    for one in (kind, _ELSE.get(kind, ""), kind_of(grid, context) if kind == "metrics" else ""):
        if one in vocabulary.COLUMNS and grid.rows and (made := list(_Rows(grid, one, topic, context).facts())):
            return made
    return [as_it_is(grid, context, title)]


def as_it_is(grid: Grid, context: NoteContext, title: str = "", note: str = "") -> Fact:
    """Return a table with all its cells."""
    value: dict[str, Any] = {"title": title} if title else {}
    value |= {"columns": list(grid.columns), "rows": [list(row.cells) for row in grid.rows]}
    return Fact("tables", value | ({"note": note} if note else {}), context.document.path, grid.line)


def kind_of(grid: Grid, context: NoteContext) -> str:
    """Return the topic that the heads of a table make plain, or the empty text."""
    heads = {plain(head) for head in grid.columns}
    for kind, needed in _PLAIN:
        if heads & _SURE_HEADS[kind] and needed <= set(_Rows(grid, kind, "", context).fields):
            return kind
    return ""


class _Rows:
    """Reads the rows of a table as entries of one kind."""

    def __init__(self, grid: Grid, kind: str, topic: str, context: NoteContext) -> None:
        self.grid, self.kind, self.topic, self.context = grid, kind, topic, context
        self.first = vocabulary.first_of(kind)
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
        return "after" if self.context.is_own(found[0]) else "before"

    def facts(self) -> Iterator[Fact]:
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
            if self.kind == "decisions" and any(self.context.is_adopted(cell) for cell in row.cells[:2]):
                yield self.context.fact("notes", "; ".join(filter(None, row.cells)), row.line)
            else:
                yield from self._said(row, entry)
        if self.kind == "commits" or (self.kind == "files" and self.topic != "files" and len(self.fields) > 1):
            yield as_it_is(self.grid, self.context, self.context.heading)  # which says more than the list does

    def _said(self, row: Row, entry: dict[str, Any]) -> Iterator[Fact]:
        match self.kind:
            case "metrics":
                yield self.context.fact(f"metrics.{name_of_metric(entry['label'])}", entry, row.line)
            case "files" if self.topic == "files":
                yield self.context.fact("deliverables", entry, row.line)
            case "files":
                yield from (self.context.fact(f"files.{self.topic}", path, row.line) for path in entry["paths"])
            case "commits":
                yield self.context.fact("commits", entry["id"], row.line)
            case _:
                yield self.context.fact(self.kind, entry, row.line)

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
        if self.context.status and "status" in vocabulary.COLUMNS[self.kind]:
            entry.setdefault("status", self.context.status)
        if self.context.to and self.kind == "deferred":
            entry.setdefault("to", self.context.to)
        grouped(entry, self.kind, self.context)
        return entry if entry.get(self.first) else None

    def _put(self, entry: dict[str, Any], field: str, text: str, head: str) -> bool:
        """Put a cell into an entry; false where it has no place there."""
        said = bold_of(text) or text if field == self.first else text
        if field and put(entry, self.kind, field, said, self.context):
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


def grouped(entry: dict[str, Any], kind: str, context: NoteContext) -> None:
    """Keep the heading above an entry where it says more than the name of the list."""
    if not context.group:
        return
    if kind in ("deliverables", "checks"):
        entry.setdefault("group", context.group)
    elif kind == "decisions":
        entry.setdefault("details", {})["Group"] = context.group
    elif more := MORE.get(kind):
        remembered(entry, more, context.group)


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _free_label(label: str, entry: Mapping[str, Any]) -> str:
    taken = entry.get("details", {})
    number = 2
    while (name := label if number == 2 else f"{label} ({number - 1})") in taken:
        number += 1
    return name
