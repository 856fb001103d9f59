"""Tables and fields of a note."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from roundbook.adr.fields import date_of
from roundbook.importer import vocabulary
from roundbook.importer.decisions import with_status
from roundbook.importer.proof import holds
from roundbook.importer.statements import Told, Where, joined, one_line
from roundbook.importer.vocabulary import backlinks, field_of, is_name, key_names, names_of, only_paths, paths_in
from roundbook.markdown import Grid, Pair, Pairs, Row, bold_of, lead_of, pair_of, plain, remark_of
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import result_of

ARROW = re.compile(r"\s*(?:-{1,2}>|→|=>|⟶|➜)\s*")
_NUMBER = r"[~≈<>≤≥]{0,2}\s?[-+±]?[$€£]?\d[\d,']*(?:\.\d+)?[+]?(?:\s?[kKMG](?![A-Za-z]))?"
_UNIT = r"\s?(?:%|[^\W\d]{1,12}(?:/[^\W\d]{1,12})?)"
_QUANTITY = re.compile(rf"{_NUMBER}(?:\s?(?:/|of)\s?{_NUMBER})?(?:{_UNIT}(?:\s[^\W\d]{{1,15}}){{0,2}})?")
_UNKNOWN = re.compile(r"(?:TBD|TBA|n/?a|none|nil|\?+|unknown|pending)", re.IGNORECASE)
_TARGET = re.compile(r"(?:target|goal|budget|limit|threshold)\s*:?\s*(?P<target>.+)", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?:tests?|coverage|count|size|time|duration|loc|lines|files|errors?|warnings?|bugs|velocity|points|score|total|"
    r"passed|passing|failed|failing|skipped|latency|throughput|memory|startup|builds?|number|rate|effort|hours|days|"
    r"commits|prs|issues|crates|modules|functions|budget|cost|tokens)\b"
)
_CODED = re.compile(r"`([^`]+)`")
_LABELLED = re.compile(r"(?P<label>[^:\n]{1,60}?)\s*:\s+(?P<value>\S.*)", re.DOTALL)
_DASHED = re.compile(r"(?P<label>[^:\n]{1,60}?)\s+(?:--|[–—-])\s+(?P<value>[~≈<>≤≥+-]?\d.*)", re.DOTALL)
# Names that teams give to one number, so that it goes on from round to round.
_SAME = {
    **dict.fromkeys(("tests", "test count", "total tests", "tests total", "number of tests", "test total"), "tests"),
    **dict.fromkeys(("coverage", "test coverage", "code coverage", "line coverage"), "coverage"),
}


def metric(label: str, value: str, *, sure: bool = False) -> tuple[str, dict[str, Any]] | None:
    """Return name and entry of the number that a label and a value state, or `None` where they state none.

    `sure` says that the place is one for numbers, so that any label will do, and `TBD` and `> 80%` for a value.
    """
    base, key_remark = remark_of(one_line(label))
    when = key_names().get(plain(key_remark), "") if key_remark else ""
    name = base if when in ("before", "after") else one_line(label)
    found = _values(one_line(value), when if when in ("before", "after") else "value", sure)
    if not found or not (sure or _measured(base, value)):
        return None
    return name_of_metric(name), {"label": name, **found}


def name_of_metric(label: str) -> str:
    """Return the name under which a number goes on from round to round."""
    return _SAME.get(plain(label)) or slug(label, 40)


def is_quantity(text: str) -> bool:
    """Tell whether a text is a number with or without a unit, and nothing else."""
    return bool(_QUANTITY.fullmatch(text.strip()))


def labelled(text: str) -> tuple[str, str] | None:
    """Return label and value of an entry of a list of numbers: `Tests: 1,048`, `**Tests** -- 1,048`."""
    if pair := pair_of(text) or lead_of(text):
        return pair
    match = _LABELLED.fullmatch(text) or _DASHED.fullmatch(text)
    return (match["label"], match["value"]) if match else None


def _measured(label: str, value: str) -> bool:
    """Tell whether a pair is about a number rather than a name that has digits (`Toolchain: 1.85`, `Build: 4711`)."""
    return bool(_COUNTED.search(plain(label)) or ARROW.search(value) or "%" in value)


def _values(text: str, key: str, sure: bool) -> dict[str, Any]:
    base, remark = remark_of(text)
    bare = base.strip("*_` ")
    steps = ARROW.split(bare)
    if len(steps) == 2 and all(_is_value(step, True) for step in steps):
        found: dict[str, Any] = {"before": steps[0], "after": steps[1]}
    elif _is_value(bare, sure):
        found = {key: _CODED.sub(r"\1", base) if base.startswith("`") else base}
    else:
        return {}
    if remark:
        target = _TARGET.fullmatch(remark)
        found |= {"target": target["target"]} if target else {"before-note" if key == "before" else "note": remark}
    return found


def _is_value(text: str, sure: bool) -> bool:
    return is_quantity(text) or (sure and bool(_UNKNOWN.fullmatch(text) or re.match(_NUMBER, text)) and len(text) <= 80)


def remembered(entry: dict[str, Any], key: str, text: str, by: str = "; ") -> None:
    """Add a text to a field that may have one already."""
    entry[key] = joined((str(entry.get(key, "")), text), by)


Entry: TypeAlias = dict[str, Any]
_TIERS = {
    **dict.fromkeys(("must", "must have", "required", "mandatory", "p0", "critical", "m"), "must"),
    **dict.fromkeys(("should", "should have", "recommended", "p1", "s"), "should"),
    **dict.fromkeys(("nice", "nice to have", "could", "could have", "optional", "p2", "c"), "nice"),
}


def put(entry: Entry, kind: str, field: str, text: str, where: Where) -> bool:
    """Put a text into the field of an entry of a kind; false where it is taken, or the text is not fit for it."""
    if reader := _READERS.get((kind, field)) or _READERS.get(("", field)):
        return reader(entry, text, where)
    if field in entry:
        return False
    entry[field] = text
    return True


def put_labelled(entry: Entry, kind: str, label: str, text: str, where: Where) -> bool:
    """Put a text into the field that a label names; false where it names none."""
    field = field_of(kind, label)
    return bool(field and text) and put(entry, kind, field, text, where)


def _status(entry: Entry, text: str, where: Where) -> bool:
    if "status-text" in entry or "status" in entry:
        return False
    where.with_status(entry, one_line(text))
    return True


def _result(entry: Entry, text: str, _where: Where) -> bool:
    """Take the result of a check; a word that is more than the result is kept as evidence."""
    result = result_of(text)
    if "result" in entry:
        return False
    if result:
        entry["result"] = result
    if text.casefold() != result:
        entry["evidence"] = "; ".join(one for one in (text, entry.get("evidence", "")) if one)
    return True


def _evidence(entry: Entry, text: str, _where: Where) -> bool:
    remembered(entry, "evidence", text)
    return True


def _tier(entry: Entry, text: str, _where: Where) -> bool:
    tier = _TIERS.get(plain(text))
    if not tier or "tier" in entry:
        return False
    entry["tier"] = tier
    if plain(text) != tier:
        remembered(entry, "evidence", text)
    return True


def _paths(entry: Entry, text: str, _where: Where) -> bool:
    """Take a cell of paths; words beside them stay in the note."""
    found = only_paths(text) or paths_in(text)
    if not found or "paths" in entry:
        return False
    entry["paths"] = found
    return not inherits(text, found)


def inherits(text: str, found: Sequence[str]) -> bool:
    """Tell whether a text says more than its paths do: words between them, or a name whose folder is another's."""
    return any(one not in text for one in found) or not only_paths(text)


def _note(entry: Entry, text: str, _where: Where) -> bool:
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


def _made(entry: Entry, text: str, _where: Where) -> bool:
    """Take what an agent made: paths, or a line of words."""
    found = paths_in(text)
    if not found and (paths := only_paths(text)):
        found = paths
    made: dict[str, Any] = {"title": text} if not found or inherits(text, found) else {}
    entry["deliverables"] = [made | ({"paths": found} if found else {})]
    return True


def _id(entry: Entry, text: str, _where: Where) -> bool:
    """Take an id where it may be one."""
    bare = text.strip("`* ")
    if id_fault(bare) or "id" in entry:
        return False
    entry["id"] = bare
    return True


def _number(entry: Entry, text: str, _where: Where) -> bool:
    return _decision_id(entry, text) if "id" not in entry else False


def _decision_id(entry: Entry, text: str) -> bool:
    bare = text.strip("`* #.")
    name = f"decision-{bare}" if bare.isdecimal() else bare.lower()
    if id_fault(name):
        return False
    entry["id"] = name
    return name == text


def _date(entry: Entry, text: str, _where: Where) -> bool:
    if not (day := date_of(text)):
        return False
    entry["date"] = day
    return True


def _branch(entry: Entry, text: str, _where: Where) -> bool:
    if "branch" in entry:
        return False
    entry["branch"] = text.strip("`")
    return True


def _resolved(entry: Entry, text: str, where: Where) -> bool:
    """Take the round in which a blocker went away, or the date."""
    if "resolved" in entry:
        return False
    entry["resolved"] = _round(text, where) or text
    return True


def _round(text: str, where: Where) -> str:
    """Return the key of the round that a text is the name of, or the empty text."""
    found = backlinks(text)
    return where.key_of(found[0]) if len(found) == 1 and re.fullmatch(r"\w+ #?[\w.]+", text.strip()) else ""


def _commits(entry: Entry, text: str, where: Where) -> bool:
    found = where.shas(text)
    if not found:
        return False
    entry["commits"] = found
    return True


def _sha(entry: Entry, text: str, where: Where) -> bool:
    if len(found := where.shas(text)) != 1:
        return False
    entry["id"] = found[0]
    return True


def _target_round(entry: Entry, text: str, where: Where) -> bool:
    if target := _round(text, where):
        entry["to"] = target
        return True
    if "until" in entry:
        return False
    entry["until"] = text  # a release or a day is no round, but a condition
    return True


_READERS: Mapping[tuple[str, str], Callable[[Entry, str, Where], bool]] = {
    ("", "status"): _status,
    ("checks", "result"): _result,
    ("checks", "evidence"): _evidence,
    ("checks", "tier"): _tier,
    ("", "paths"): _paths,
    ("deliverables", "note"): _note,
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


def read_table(grid: Grid, topic: str, where: Where, title: str = "") -> list[Told]:
    """Return what a table says under a heading of a topic, or under any heading where it is empty."""
    kind = TABLE_OF.get(topic, topic) if topic else kind_of(grid, where)
    for one in (kind, _ELSE.get(kind, ""), kind_of(grid, where) if kind == "metrics" else ""):
        if one in vocabulary.COLUMNS and grid.rows and (made := list(_Rows(grid, one, topic, where).told())):
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
        if self.kind != "metrics" or len(found := backlinks(head)) != 1:
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
            if self.kind == "decisions" and any(self.where.is_adopted(cell) for cell in row.cells[:2]):
                yield self.where.told("notes", "; ".join(filter(None, row.cells)), row.line)
            else:
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
        if self.where.status and "status" in vocabulary.COLUMNS[self.kind]:
            entry.setdefault("status", self.where.status)
        if self.where.to and self.kind == "deferred":
            entry.setdefault("to", self.where.to)
        grouped(entry, self.kind, self.where)
        return entry if entry.get(self.first) else None

    def _put(self, entry: dict[str, Any], field: str, text: str, head: str) -> bool:
        """Put a cell into an entry; false where it has no place there."""
        said = bold_of(text) or text if field == self.first else text
        if field and put(entry, self.kind, field, said, self.where):
            if self.kind == "metrics" and field == "before" and backlinks(head):
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


Made = Iterator[Told]
_TEAM = re.compile(r"(?P<size>\d{1,4})(?:\s+(?P<mode>\S.*))?")
_PULLS = re.compile(r"(?:(?:PRs?|MRs?|pulls?)\s*)?[#!]?\d{1,7}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+.]?[a-z][\w.]*)?|v\d+", re.IGNORECASE)
_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&)\s+")
_STARTS = frozenset({"started", "start", "start date", "from", "begin", "began"})
_ENDS = frozenset({"ended", "end", "end date", "finished", "completed", "completed on", "date completed", "until"})
_DAYS = frozenset({"date", "dates", "when"})


def read_fields(pairs: Iterable[Pair], where: Where) -> list[Told]:
    """Return what pairs say; a first and a last day among them are one date."""
    found = list(pairs)
    start = next((p for p in found if plain(p.key) in _STARTS and date_of(p.value)), None)
    end = next((p for p in found if plain(p.key) in _ENDS and date_of(p.value)), None)
    made: list[Told] = []
    for pair in found:
        if start and end and pair in (start, end):
            made += _span(start, end, where) if pair is start else ()
        elif plain(pair.key) in _ENDS and any(plain(one.key) in _DAYS and date_of(one.value) for one in found):
            made.append(note(pair, where))  # the day of the note is another one
        else:
            made += kept(field(pair, where), pair, where)
    return made


def kept(made: list[Told], pair: Pair, where: Where) -> list[Told]:
    """Return what a pair was made into, and the pair itself where that does not hold all of it."""
    return made if holds(made, (Pairs((pair,), pair.line, pair.line),), where) else [*made, note(pair, where)]


def field(pair: Pair, where: Where) -> list[Told]:
    """Return what one pair says."""
    base, remark = remark_of(one_line(pair.key))
    name = key_names().get(plain(pair.key), "") or key_names().get(plain(base), "")
    if (
        name
        and not remark
        and pair.value
        and (made := list(_FIELDS_READERS[name](pair, where) if name in _FIELDS_READERS else ()))
    ):
        return made
    if found := metric(pair.key, pair.value):
        return [where.told(f"metrics.{found[0]}", found[1], pair.line)]
    return [note(pair, where)]


def note(pair: Pair, where: Where) -> Told:
    """Return a pair as a note."""
    return where.told("notes", f"**{pair.key}**: {pair.value}".strip(), pair.line)


def _span(start: Pair, end: Pair, where: Where) -> Made:
    first, last = date_of(start.value), date_of(end.value)
    span = f"{first}..{last}"
    if not date_of(span):
        yield from (note(start, where), note(end, where))
    else:
        yield where.told("date", span, start.line, start.key, f"{start.value}; **{end.key}**: {end.value}")


def _fields_date(pair: Pair, where: Where) -> Made:
    base, _ = remark_of(pair.value)
    if day := date_of(pair.value) or date_of(base):
        yield where.told("date", day, pair.line, pair.key, one_line(pair.value))


def _text(key: str) -> Callable[[Pair, Where], Made]:
    def read(pair: Pair, where: Where) -> Made:
        yield where.told(key, pair.value if key == "summary" else one_line(pair.value), pair.line, pair.key)

    return read


def _fields_status(pair: Pair, where: Where) -> Made:
    entry: dict[str, Any] = {}
    where.with_status(entry, one_line(pair.value))
    if "status" in entry:
        yield where.told("status", entry["status"], pair.line, pair.key)
    if "status-text" in entry:
        yield where.told("status-text", entry["status-text"], pair.line, pair.key)


def _team(pair: Pair, where: Where) -> Made:
    text = one_line(pair.value)
    if plain(pair.key) == "agent" and text.isdecimal():
        return  # the number of an agent, and not of agents
    if match := _TEAM.fullmatch(text):
        mode = match["mode"] or ""
        if mode.startswith("(") and mode.endswith(")") and mode.count("(") == 1:
            mode = mode[1:-1].strip()
        yield where.told("team", {"size": match["size"]} | ({"mode": mode} if mode else {}), pair.line, pair.key)
        return
    yield from (where.told("agents", {"name": name.strip("`")}, pair.line, pair.key) for name in names_of(text))


def _lead(pair: Pair, where: Where) -> Made:
    if is_name(name := one_line(pair.value)):
        yield where.told("agents", {"name": name.strip("`"), "role": pair.key}, pair.line, pair.key)


def _pulls(pair: Pair, where: Where) -> Made:
    pieces = _APART.split(one_line(pair.value))
    if all(_PULLS.fullmatch(piece) for piece in pieces) and (
        len(pieces) > 1 or not pair.key.lower().endswith("s") or "#" in pieces[0]
    ):
        yield from (where.told("prs", re.sub(r"^\D*?(?=[#!]?\d)", "", piece, count=1), pair.line) for piece in pieces)


def _releases(pair: Pair, where: Where) -> Made:
    pieces = _APART.split(one_line(pair.value).replace("`", ""))
    if all(_VERSION.fullmatch(piece) for piece in pieces):
        yield from (where.told("releases", piece, pair.line) for piece in pieces)


def _fields_commits(pair: Pair, where: Where) -> Made:
    yield from (where.told("commits", sha, pair.line) for sha in where.shas(pair.value))


def _tags(pair: Pair, where: Where) -> Made:
    yield from (where.told("tags", tag, pair.line) for tag in _APART.split(one_line(pair.value)) if tag)


def _fields_branch(pair: Pair, where: Where) -> Made:
    name = one_line(pair.value).strip("`")
    if " " not in name:
        yield where.told("branch", name, pair.line, pair.key)


def _listed(key: str) -> Callable[[Pair, Where], Made]:
    def read(pair: Pair, where: Where) -> Made:
        if re.fullmatch(r"(?:none|n/?a|no|nothing|-|—)\W*", pair.value.strip(), re.IGNORECASE):
            return
        yield where.told(key, one_line(pair.value), pair.line)

    return read


def _identity(key: str) -> Callable[[Pair, Where], Made]:
    def read(pair: Pair, where: Where) -> Made:
        own = where.phase if key == "phase" else where.round
        if pair.value.strip().casefold() == own.casefold():
            yield where.told(key, own, pair.line, pair.key)

    return read


_FIELDS_READERS: Mapping[str, Callable[[Pair, Where], Made]] = {
    "round": _identity("round"),
    "phase": _identity("phase"),
    "title": _text("title"),
    "date": _fields_date,
    "team": _team,
    "focus": _text("focus"),
    "kind": _text("kind"),
    "status": _fields_status,
    "summary": _text("summary"),
    "branch": _fields_branch,
    "prs": _pulls,
    "releases": _releases,
    "commits": _fields_commits,
    "tags": _tags,
    "lead": _lead,
    "next": _listed("next"),
    "blockers": _listed("blockers"),
}
