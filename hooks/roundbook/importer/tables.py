"""Tables of a note, and the fields of an entry from cells and labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from roundbook.adr.fields import date_of
from roundbook.importer import vocabulary
from roundbook.importer.decision_entries import with_status
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import (
    name_of_metric,
    one_line,
    only_paths,
    paths_in,
    remembered,
)
from roundbook.importer.vocabulary import field_of, mentions
from roundbook.importer.words import COLUMNS, THINGS
from roundbook.markdown import Grid, Row, bold_of, plain, remark_of
from roundbook.schema.ids import id_fault
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import MOST_WORDS, is_sign, result_of
from roundbook.yamlfile.writer import Data

# In which tables topics are looked for when no heading says it, and which fields make them plain.
_PLAIN: tuple[tuple[str, frozenset[str]], ...] = (
    ("agents", frozenset({"name", "task"})),
    ("metrics", frozenset({"label", "after"})),
    ("metrics", frozenset({"label", "value"})),
    ("numbers", frozenset({"label", "before", "after"})),
    ("numbers", frozenset({"label", "value"})),
    ("decisions", frozenset({"title", "rationale"})),
    ("risks", frozenset({"title", "mitigation"})),
    ("findings", frozenset({"title", "severity"})),
    ("tasks", frozenset({"id", "title", "status"})),
    ("stories", frozenset({"title", "status"})),
    ("works", frozenset({"title"})),
    ("requirements", frozenset({"title", "result"})),
    ("checks", frozenset({"title", "target", "result"})),
    ("checks", frozenset({"title", "command", "result"})),
    ("checks", frozenset({"title", "result", "evidence"})),
)
_SURE_HEADS: Mapping[str, frozenset[str]] = {
    "agents": frozenset(
        {"agent", "agents", "lane", "assignee", "worker", "stream", "workstream", "subagent", "agent name"}
    ),
    "metrics": frozenset({"metric", "metrics", "measure", "kpi", "benchmark"}),
    "numbers": frozenset({"before", "antes", "original", "original size", "count", "total", "number"}),
    "decisions": frozenset({"decision", "decisions"}),
    "risks": frozenset({"risk", "risks"}),
    "findings": frozenset({"finding", "bug", "vulnerability", "issue", "lesson"}),
    "tasks": frozenset({"task", "tasks", "story", "ticket", "issue", "work item", "item", "title"}),
    "checks": frozenset(
        {
            "criterion",
            "gate",
            "check",
            "exit criterion",
            "quality gate",
            "requirement",
            "criteria",
            "truth",
            "must have",
        }
        | {"test case", "acceptance criterion", "success criterion"}
    ),
    "stories": frozenset({"task", "story", "user story", "ticket"}),
    "works": frozenset({"task", "tasks", "user story"}),
    "requirements": frozenset({"requirement", "criterion", "exit criterion", "quality gate", "acceptance criterion"}),
}
# Which need less where their heads, or the numbers in their cells, say more.
_ALIKE = {"stories": "tasks", "works": "tasks", "requirements": "checks", "numbers": "metrics"}
TABLE_OF: Mapping[str, str] = {
    "completed": "deliverables", "reviewed": "findings", "decision": "decisions",
    "created": "files", "modified": "files", "deleted": "files",
}  # fmt: skip
MORE: Mapping[str, str] = {
    **{key: one.more for key, one in LISTS.items() if one.more},
    "agents": "note", "metrics": "note", "decisions": "details", "files": "note",
}  # fmt: skip
_INSTEAD = {"agents": "task", "deliverables": "paths"}  # of an agent without a name, of what is nothing but files
_ELSE = {"next": "tasks", "questions": "tasks", "files": "deliverables", "objectives": "goals"}
PRIORITIES = frozenset(
    {
        "must",
        "must have",
        "should",
        "should have",
        "could",
        "could have",
        "nice to have",
        "high priority",
        "low priority",
    }
    | {"medium priority", "high", "medium", "low", "critical", "p0", "p1", "p2", "p3"}
)
_TASK_ID = re.compile(r"[A-Z]{1,6}\d*(?:[-.]\d+)*[a-z]?")
_SAYS_WHAT = frozenset(
    {"description", "beskrivning", "beschreibung", "what", "details", "notes", "gap", "summary", "vad"}
)
_OF_TASKS = frozenset({"task", "task id", "story", "user story", "ticket"})
_BLOCK = re.compile(r"(?:[-*+>]|\d{1,3}[.)]|#{1,6})\s|```|\|")
_COUNTS = re.compile(r"#|№|(?:no|nr|num)\.?|", re.IGNORECASE)
_NUMBERS = frozenset({"before", "after", "value", "target", "result"})
_COUNTED = re.compile(r"[*_`~≈<>≤≥$€£+-]*\s?\d[\d.,]*(?!-\d)|[\s\-–—_*|.]*$|\W*(?:n/?a|tbd)\W*$", re.IGNORECASE)
_NOTHING = re.compile(r"[\s\-–—_*|.]*")


def read_table(grid: Grid, topic: str, context: NoteContext, title: str = "") -> list[Fact]:
    """Return what a table says under a heading of a topic, or under any heading where it is empty."""
    kind = TABLE_OF.get(topic, topic) if topic else kind_of(grid, context)
    by_heads = kind_of(grid, context)
    of_tasks = kind == "findings" and by_heads == "tasks" and plain(grid.columns[0]) in _OF_TASKS
    kind = by_heads if of_tasks or (kind == "tasks" and by_heads == "findings") else kind
    for one in (kind, _ELSE.get(kind, ""), by_heads):
        if one in COLUMNS and grid.rows and (made := list(_Rows(grid, one, topic, context).facts())):
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
    for name, needed in _PLAIN:
        kind, sure = _ALIKE.get(name, name), _SURE_HEADS[name]
        rows = _Rows(grid, kind, "", context) if heads & sure else None
        if rows and needed <= {*rows.fields} and (name != "numbers" or rows.counts_things()):
            return kind
    return ""


class _Rows:
    """Reads the rows of a table as entries of one kind."""

    def __init__(self, grid: Grid, kind: str, topic: str, context: NoteContext) -> None:
        self.grid, self.kind, self.topic, self.context = grid, kind, topic, context
        self.first = vocabulary.first_of(kind)
        self.fields = self._fields()

    def _with_ids(self, found: list[str]) -> None:
        """Take a first column that holds nothing but ids for these, where another one says what each is."""
        if self.kind not in ("tasks", "findings", "deferred", "risks") or "id" in found:
            return
        says = (i for i, head in enumerate(self.grid.columns) if found[i] in ("", "text") and plain(head) in _SAYS_WHAT)
        what, at = next(says, -1), found.index("title") if "title" in found else 0
        if what >= 0 and at != what and all(_TASK_ID.fullmatch(_cell(row, at).strip("*`# ")) for row in self.grid.rows):
            found[at], found[what] = "id" if self.kind == "tasks" else "", "title"

    def _fields(self) -> tuple[str, ...]:
        """Return the field of each column; `#` is one that only counts the rows, and of two with one field one is none."""
        found: list[str] = []
        for column, head in enumerate(self.grid.columns):
            name = "#" if self._counts(column) else field_of(self.kind, head) or self._of_a_round(head)
            found.append("" if name in found and name != "#" else name)
        self._with_ids(found)
        if self.first not in found:  # a head that means another field only beside one that means the first: `Area`
            heads = COLUMNS[self.kind][self.first]
            at = next((i for i, head in enumerate(self.grid.columns) if plain(head) in heads), -1)
            found[at:] = [self.first, *found[at + 1 :]] if at >= 0 else found[at:]
        if self.first not in found and (other := _INSTEAD.get(self.kind, self.first)) in found:
            self.first = other
        return tuple(found)

    def _counts(self, column: int) -> bool:
        cells = [_cell(row, column).strip("*. ") for row in self.grid.rows]
        numbers = [str(n) for n in range(1, len(cells) + 1)]
        return bool(_COUNTS.fullmatch(self.grid.columns[column].strip())) and cells == numbers

    def counts_things(self) -> bool:
        """Tell whether all columns behind the names of things have numbers or results."""
        at = [i for i, field in enumerate(self.fields) if field not in ("label", "result", "note", "target", "unit")]
        cells = [_cell(row, i) for i in at for row in self.grid.rows]
        return bool({"before", "after", "value"} & {*self.fields}) and all(map(_COUNTED.match, cells))

    def _says_numbers(self) -> bool:
        """Tell whether a table of numbers has any; one that is headed by a word for things must have nothing else."""
        heads = {plain(head) for head, one in zip(self.grid.columns, self.fields, strict=True) if one == "label"}
        return bool({*self.fields} & _NUMBERS) and (not heads & THINGS or self.counts_things())

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
        if self.kind == "metrics" and not self._says_numbers():
            return
        made = [self._entry(row) for row in self.grid.rows]
        if not any(made) or (self.kind != "commits" and not all(made)):
            return
        for row, entry in zip(self.grid.rows, made, strict=True):
            if entry is None:
                continue  # of commits, which the table itself is kept with
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
        if self.context.status and "status" in COLUMNS[self.kind]:
            entry.setdefault("status", self.context.status)
        if self.kind in ("findings", "blockers"):
            tagged(entry)
        if self.context.to and self.kind == "deferred":
            entry.setdefault("to", self.context.to)
        grouped(entry, self.kind, self.context)
        return entry if entry.get(self.first) else None

    def _put(self, entry: dict[str, Any], field: str, text: str, head: str) -> bool:
        """Put a cell into an entry; false where it has no place there."""
        said = bold_of(text) or text if field == self.first else text
        if field and put(entry, self.kind, field, said, self.context):
            if self.kind == "metrics" and field == "before" and (mentions(head) or remark_of(head)[1]):
                entry["before-note"] = head
            elif self.kind == "metrics" and field == "after" and remark_of(head)[1]:
                remembered(entry, "note", head)
            return True
        more = MORE.get(self.kind, "")
        if self.kind == "decisions":
            entry.setdefault("details", {})[_free_label(head or field or "more", entry)] = text
        elif self.kind == "commits":
            return field != "id"
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
    elif kind == "tasks" and plain(context.group) in PRIORITIES:
        entry.setdefault("priority", context.group)
    elif more := MORE.get(kind):
        said = entry.get(more, "")
        by = ":\n\n" if _BLOCK.match(said) else ": "  # what is a list there goes on being one
        entry[more] = f"{context.group.rstrip(':')}{by}{said}" if said else context.group
    elif context.group != context.heading and kind in LISTS and LISTS[kind].label in entry:
        entry[LISTS[kind].label] = f"{context.group.rstrip(':')}: {entry[LISTS[kind].label]}"


def _cell(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _free_label(label: str, entry: Mapping[str, Any]) -> str:
    taken = entry.get("details", {})
    number = 2
    while (name := label if number == 2 else f"{label} ({number - 1})") in taken:
        number += 1
    return name


Entry: TypeAlias = dict[str, Any]
_TIERS = {
    **dict.fromkeys(("must", "must have", "required", "mandatory", "p0", "critical", "m"), "must"),
    **dict.fromkeys(("should", "should have", "recommended", "p1", "s"), "should"),
    **dict.fromkeys(("nice", "nice to have", "could", "could have", "optional", "p2", "c"), "nice"),
}


def put(entry: Entry, kind: str, field: str, text: str, context: NoteContext) -> bool:
    """Put a text into the field of an entry of a kind; false where it is taken, or the text is not fit for it."""
    if reader := _READERS.get((kind, field)) or _READERS.get(("", field)):
        return reader(entry, text, context)
    value = _value(kind, field, text, context)
    if field in entry or not value:
        return False
    entry[field] = value
    return True


def _value(kind: str, field: str, text: str, context: NoteContext) -> Data:
    """Return the value of a field that a text states; nothing where it is not fit for the field."""
    match kind, field:
        case "tasks", "id":
            bare = text.strip("`* ")
            return "" if id_fault(bare) else bare
        case "commits", "id":
            found = context.shas(text)
            return found[0] if len(found) == 1 else ""
        case "decisions", "date":
            return date_of(text)
        case "blockers", "resolved":
            return _round(text, context) or text
        case _, "commits":
            return context.shas(text)
        case _, "branch":
            return text.strip("`")
    return text


def put_labelled(entry: Entry, kind: str, label: str, text: str, context: NoteContext) -> bool:
    """Put a text into the field that a label names; false where it names none."""
    field = field_of(kind, label)
    return bool(field and text) and put(entry, kind, field, text, context)


def _status(entry: Entry, text: str, context: NoteContext) -> bool:
    if "status-text" in entry or "status" in entry:
        return False
    said: Entry = {}
    context.with_status(said, one_line(text))
    if "status" not in said and len(text.split()) > MOST_WORDS:
        return False  # what came of it, in a sentence
    entry |= said
    return True


def _ended(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take how an earlier round ended, in whatever words."""
    return entry.setdefault("status", value := one_line(text)) is value


def _result(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take the result of a check; a word that is more than the result is kept as evidence."""
    result = result_of(text)
    if "result" in entry:
        return False
    if result:
        entry["result"] = result
    if text.casefold() != result and not (result and is_sign(text)):
        entry["evidence"] = "; ".join(one for one in (text, entry.get("evidence", "")) if one)
    return True


_SEVERITY = re.compile(
    r"(?:very )?(?:critical|blocker|severe|high|major|serious|moderate|medium|minor|low|trivial|info|cosmetic|[ps]\d|sev-?\d)"
    r"(?: (?:priority|severity|risk))?",
    re.IGNORECASE,
)
_TAGGED = re.compile(
    r"(?:\[(?P<before>[A-Za-z\d ]+)\]\s+(?=\S))?(?P<title>.*?)(?:\s+\[(?P<after>[A-Za-z\d ]+)\])?", re.DOTALL
)


def _severity(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take a word for a severity; what an issue does to whom is none."""
    if "severity" in entry or not _SEVERITY.fullmatch(plain(text)):
        return False
    entry["severity"] = text
    return True


def tagged(entry: Entry) -> None:
    """Take the severity that a title has in brackets before or behind its words: `[HIGH] It leaks`."""
    match = _TAGGED.fullmatch(entry.get("title", ""))
    said = (match["before"] or match["after"] or "") if match else ""
    if match and "severity" not in entry and _SEVERITY.fullmatch(said) and not (match["before"] and match["after"]):
        entry |= {"title": match["title"], "severity": said}


def _evidence(entry: Entry, text: str, _context: NoteContext) -> bool:
    remembered(entry, "evidence", text)
    return True


def _tier(entry: Entry, text: str, _context: NoteContext) -> bool:
    tier = _TIERS.get(plain(text))
    if not tier or "tier" in entry:
        return False
    entry["tier"] = tier
    if plain(text) != tier:
        remembered(entry, "evidence", text)
    return True


def _paths(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take a cell of paths; words beside them stay in the note."""
    found = only_paths(text) or paths_in(text)
    if not found or "paths" in entry:
        return False
    entry["paths"] = found
    return not inherits(text, found)


def inherits(text: str, found: Sequence[str]) -> bool:
    """Tell whether a text says more than its paths do: words between them, or a name whose folder is another's."""
    return any(one not in text.replace("\\", "/") for one in found) or not only_paths(text)


def _note(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take the note of a deliverable, and the paths in it; a note that is nothing but paths says no more."""
    if "note" in entry:
        return False
    entry["note"] = text
    found = paths_in(text)
    if found and "paths" not in entry:
        entry["paths"] = found
        if not inherits(text, found):
            del entry["note"]
    return True


def _made(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take what an agent made: paths, or a line of words."""
    found = paths_in(text)
    if not found and (paths := only_paths(text)):
        found = paths
    made: dict[str, Any] = {"title": text} if not found or inherits(text, found) else {}
    entry["deliverables"] = [made | ({"paths": found} if found else {})]
    return True


def _number(entry: Entry, text: str, _context: NoteContext) -> bool:
    return _decision_id(entry, text) if "id" not in entry else False


def _decision_id(entry: Entry, text: str) -> bool:
    bare = text.strip("`* #.")
    name = f"decision-{bare}" if bare.isdecimal() else bare.lower()
    if id_fault(name):
        return False
    entry["id"] = name
    return name == text


def _round(text: str, context: NoteContext) -> str:
    """Return the key of the round that a text is the name of, or the empty text."""
    found = mentions(text)
    return context.key_of(found[0]) if len(found) == 1 and re.fullmatch(r"\w+ #?[\w.]+", text.strip()) else ""


def _target_round(entry: Entry, text: str, context: NoteContext) -> bool:
    if target := _round(text, context):
        entry["to"] = target
        return True
    if "until" in entry:
        return False
    entry["until"] = text  # a release or a day is no round, but a condition
    return True


_READERS: Mapping[tuple[str, str], Callable[[Entry, str, NoteContext], bool]] = {
    ("", "status"): _status,
    ("history", "status"): _ended,
    ("checks", "result"): _result,
    ("checks", "evidence"): _evidence,
    ("checks", "tier"): _tier,
    ("", "severity"): _severity,
    ("", "paths"): _paths,
    ("deliverables", "note"): _note,
    ("agents", "deliverables"): _made,
    ("decisions", "id"): _number,
    ("decisions", "status"): lambda entry, text, _context: with_status(entry, text),
    ("deferred", "to"): _target_round,
}
