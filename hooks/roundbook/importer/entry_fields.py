"""The fields of an entry, from cells, labels and lines `**Key**: value`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from roundbook.adr.fields import date_of
from roundbook.importer.decisions import with_status
from roundbook.importer.proof import is_complete
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import is_name, metric, names_of, one_line, only_paths, paths_in, remembered
from roundbook.importer.vocabulary import field_of, key_names, mentions
from roundbook.markdown import Pair, Pairs, plain, remark_of
from roundbook.schema.ids import id_fault
from roundbook.schema.statuses import result_of

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
    if field in entry:
        return False
    entry[field] = text
    return True


def put_labelled(entry: Entry, kind: str, label: str, text: str, context: NoteContext) -> bool:
    """Put a text into the field that a label names; false where it names none."""
    field = field_of(kind, label)
    return bool(field and text) and put(entry, kind, field, text, context)


def _status(entry: Entry, text: str, context: NoteContext) -> bool:
    if "status-text" in entry or "status" in entry:
        return False
    context.with_status(entry, one_line(text))
    return True


def _result(entry: Entry, text: str, _where: NoteContext) -> bool:
    """Take the result of a check; a word that is more than the result is kept as evidence."""
    result = result_of(text)
    if "result" in entry:
        return False
    if result:
        entry["result"] = result
    if text.casefold() != result:
        entry["evidence"] = "; ".join(one for one in (text, entry.get("evidence", "")) if one)
    return True


def _evidence(entry: Entry, text: str, _where: NoteContext) -> bool:
    remembered(entry, "evidence", text)
    return True


def _tier(entry: Entry, text: str, _where: NoteContext) -> bool:
    tier = _TIERS.get(plain(text))
    if not tier or "tier" in entry:
        return False
    entry["tier"] = tier
    if plain(text) != tier:
        remembered(entry, "evidence", text)
    return True


def _paths(entry: Entry, text: str, _where: NoteContext) -> bool:
    """Take a cell of paths; words beside them stay in the note."""
    found = only_paths(text) or paths_in(text)
    if not found or "paths" in entry:
        return False
    entry["paths"] = found
    return not inherits(text, found)


def inherits(text: str, found: Sequence[str]) -> bool:
    """Tell whether a text says more than its paths do: words between them, or a name whose folder is another's."""
    return any(one not in text for one in found) or not only_paths(text)


def _note(entry: Entry, text: str, _where: NoteContext) -> bool:
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


def _made(entry: Entry, text: str, _where: NoteContext) -> bool:
    """Take what an agent made: paths, or a line of words."""
    found = paths_in(text)
    if not found and (paths := only_paths(text)):
        found = paths
    made: dict[str, Any] = {"title": text} if not found or inherits(text, found) else {}
    entry["deliverables"] = [made | ({"paths": found} if found else {})]
    return True


def _id(entry: Entry, text: str, _where: NoteContext) -> bool:
    """Take an id where it may be one."""
    bare = text.strip("`* ")
    if id_fault(bare) or "id" in entry:
        return False
    entry["id"] = bare
    return True


def _number(entry: Entry, text: str, _where: NoteContext) -> bool:
    return _decision_id(entry, text) if "id" not in entry else False


def _decision_id(entry: Entry, text: str) -> bool:
    bare = text.strip("`* #.")
    name = f"decision-{bare}" if bare.isdecimal() else bare.lower()
    if id_fault(name):
        return False
    entry["id"] = name
    return name == text


def _date(entry: Entry, text: str, _where: NoteContext) -> bool:
    if not (day := date_of(text)):
        return False
    entry["date"] = day
    return True


def _branch(entry: Entry, text: str, _where: NoteContext) -> bool:
    if "branch" in entry:
        return False
    entry["branch"] = text.strip("`")
    return True


def _resolved(entry: Entry, text: str, context: NoteContext) -> bool:
    """Take the round in which a blocker went away, or the date."""
    if "resolved" in entry:
        return False
    entry["resolved"] = _round(text, context) or text
    return True


def _round(text: str, context: NoteContext) -> str:
    """Return the key of the round that a text is the name of, or the empty text."""
    found = mentions(text)
    return context.key_of(found[0]) if len(found) == 1 and re.fullmatch(r"\w+ #?[\w.]+", text.strip()) else ""


def _commits(entry: Entry, text: str, context: NoteContext) -> bool:
    found = context.shas(text)
    if not found:
        return False
    entry["commits"] = found
    return True


def _sha(entry: Entry, text: str, context: NoteContext) -> bool:
    if len(found := context.shas(text)) != 1:
        return False
    entry["id"] = found[0]
    return True


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
Made = Iterator[Fact]
_TEAM = re.compile(r"(?P<size>\d{1,4})(?:\s+(?P<mode>\S.*))?")
_PULLS = re.compile(r"(?:(?:PRs?|MRs?|pulls?)\s*)?[#!]?\d{1,7}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+.]?[a-z][\w.]*)?|v\d+", re.IGNORECASE)
_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&)\s+")
_STARTS = frozenset({"started", "start", "start date", "from", "begin", "began"})
_ENDS = frozenset({"ended", "end", "end date", "finished", "completed", "completed on", "date completed", "until"})
_DAYS = frozenset({"date", "dates", "when"})


def read_fields(pairs: Iterable[Pair], context: NoteContext) -> list[Fact]:
    """Return what pairs say; a first and a last day among them are one date."""
    found = list(pairs)
    start = next((p for p in found if plain(p.key) in _STARTS and date_of(p.value)), None)
    end = next((p for p in found if plain(p.key) in _ENDS and date_of(p.value)), None)
    made: list[Fact] = []
    for pair in found:
        if start and end and pair in (start, end):
            made += _span(start, end, context) if pair is start else ()
        elif plain(pair.key) in _ENDS and any(plain(one.key) in _DAYS and date_of(one.value) for one in found):
            made.append(note(pair, context))  # the day of the note is another one
        else:
            made += kept(field(pair, context), pair, context)
    return made


def kept(made: list[Fact], pair: Pair, context: NoteContext) -> list[Fact]:
    """Return what a pair was made into, and the pair itself where that does not hold all of it."""
    return made if is_complete(made, (Pairs((pair,), pair.line, pair.line),), context) else [*made, note(pair, context)]


def field(pair: Pair, context: NoteContext) -> list[Fact]:
    """Return what one pair says."""
    base, remark = remark_of(one_line(pair.key))
    name = key_names().get(plain(pair.key), "") or key_names().get(plain(base), "")
    if (
        name
        and not remark
        and pair.value
        and (made := list(_FIELDS_READERS[name](pair, context) if name in _FIELDS_READERS else ()))
    ):
        return made
    if found := metric(pair.key, pair.value):
        return [context.told(f"metrics.{found[0]}", found[1], pair.line)]
    return [note(pair, context)]


def note(pair: Pair, context: NoteContext) -> Fact:
    """Return a pair as a note."""
    return context.told("notes", f"**{pair.key}**: {pair.value}".strip(), pair.line)


def _span(start: Pair, end: Pair, context: NoteContext) -> Made:
    first, last = date_of(start.value), date_of(end.value)
    span = f"{first}..{last}"
    if not date_of(span):
        yield from (note(start, context), note(end, context))
    else:
        yield context.told("date", span, start.line, start.key, f"{start.value}; **{end.key}**: {end.value}")


def _fields_date(pair: Pair, context: NoteContext) -> Made:
    base, _ = remark_of(pair.value)
    if day := date_of(pair.value) or date_of(base):
        yield context.told("date", day, pair.line, pair.key, one_line(pair.value))


def _text(key: str) -> Callable[[Pair, NoteContext], Made]:
    def read(pair: Pair, context: NoteContext) -> Made:
        yield context.told(key, pair.value if key == "summary" else one_line(pair.value), pair.line, pair.key)

    return read


def _fields_status(pair: Pair, context: NoteContext) -> Made:
    entry: dict[str, Any] = {}
    context.with_status(entry, one_line(pair.value))
    if "status" in entry:
        yield context.told("status", entry["status"], pair.line, pair.key)
    if "status-text" in entry:
        yield context.told("status-text", entry["status-text"], pair.line, pair.key)


def _team(pair: Pair, context: NoteContext) -> Made:
    text = one_line(pair.value)
    if plain(pair.key) == "agent" and text.isdecimal():
        return  # the number of an agent, and not of agents
    if match := _TEAM.fullmatch(text):
        mode = match["mode"] or ""
        if mode.startswith("(") and mode.endswith(")") and mode.count("(") == 1:
            mode = mode[1:-1].strip()
        yield context.told("team", {"size": match["size"]} | ({"mode": mode} if mode else {}), pair.line, pair.key)
        return
    yield from (context.told("agents", {"name": name.strip("`")}, pair.line, pair.key) for name in names_of(text))


def _lead(pair: Pair, context: NoteContext) -> Made:
    if is_name(name := one_line(pair.value)):
        yield context.told("agents", {"name": name.strip("`"), "role": pair.key}, pair.line, pair.key)


def _pulls(pair: Pair, context: NoteContext) -> Made:
    pieces = _APART.split(one_line(pair.value))
    if all(_PULLS.fullmatch(piece) for piece in pieces) and (
        len(pieces) > 1 or not pair.key.lower().endswith("s") or "#" in pieces[0]
    ):
        yield from (context.told("prs", re.sub(r"^\D*?(?=[#!]?\d)", "", piece, count=1), pair.line) for piece in pieces)


def _releases(pair: Pair, context: NoteContext) -> Made:
    pieces = _APART.split(one_line(pair.value).replace("`", ""))
    if all(_VERSION.fullmatch(piece) for piece in pieces):
        yield from (context.told("releases", piece, pair.line) for piece in pieces)


def _fields_commits(pair: Pair, context: NoteContext) -> Made:
    yield from (context.told("commits", sha, pair.line) for sha in context.shas(pair.value))


def _tags(pair: Pair, context: NoteContext) -> Made:
    yield from (context.told("tags", tag, pair.line) for tag in _APART.split(one_line(pair.value)) if tag)


def _fields_branch(pair: Pair, context: NoteContext) -> Made:
    name = one_line(pair.value).strip("`")
    if " " not in name:
        yield context.told("branch", name, pair.line, pair.key)


def _listed(key: str) -> Callable[[Pair, NoteContext], Made]:
    def read(pair: Pair, context: NoteContext) -> Made:
        if re.fullmatch(r"(?:none|n/?a|no|nothing|-|—)\W*", pair.value.strip(), re.IGNORECASE):
            return
        yield context.told(key, one_line(pair.value), pair.line)

    return read


def _identity(key: str) -> Callable[[Pair, NoteContext], Made]:
    def read(pair: Pair, context: NoteContext) -> Made:
        own = context.phase if key == "phase" else context.round
        if pair.value.strip().casefold() == own.casefold():
            yield context.told(key, own, pair.line, pair.key)

    return read


_FIELDS_READERS: Mapping[str, Callable[[Pair, NoteContext], Made]] = {
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
