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
from roundbook.yamlfile.writer import Data

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
    context.with_status(entry, one_line(text))
    return True


def _result(entry: Entry, text: str, _context: NoteContext) -> bool:
    """Take the result of a check; a word that is more than the result is kept as evidence."""
    result = result_of(text)
    if "result" in entry:
        return False
    if result:
        entry["result"] = result
    if text.casefold() != result:
        entry["evidence"] = "; ".join(one for one in (text, entry.get("evidence", "")) if one)
    return True


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
    return any(one not in text for one in found) or not only_paths(text)


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
    ("checks", "result"): _result,
    ("checks", "evidence"): _evidence,
    ("checks", "tier"): _tier,
    ("", "paths"): _paths,
    ("deliverables", "note"): _note,
    ("agents", "deliverables"): _made,
    ("decisions", "id"): _number,
    ("decisions", "status"): lambda entry, text, _context: with_status(entry, text),
    ("deferred", "to"): _target_round,
}
_TEAM = re.compile(r"(?P<size>\d{1,4})(?:\s+(?P<mode>\S.*))?")
_PULLS = re.compile(r"(?:(?:PRs?|MRs?|pulls?)\s*)?[#!]?\d{1,7}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+.]?[a-z][\w.]*)?|v\d+", re.IGNORECASE)
_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&)\s+")
_NOBODY = re.compile(r"(?:none|n/?a|no|nothing|-|—)\W*", re.IGNORECASE)
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
    if name and not remark and pair.value and (made := list(_facts(name, pair, context))):
        return made
    if found := metric(pair.key, pair.value):
        return [context.fact(f"metrics.{found[0]}", found[1], pair.line)]
    return [note(pair, context)]


def note(pair: Pair, context: NoteContext) -> Fact:
    """Return a pair as a note."""
    return context.fact("notes", f"**{pair.key}**: {pair.value}".strip(), pair.line)


def _span(start: Pair, end: Pair, context: NoteContext) -> Iterator[Fact]:
    first, last = date_of(start.value), date_of(end.value)
    span = f"{first}..{last}"
    if not date_of(span):
        yield from (note(start, context), note(end, context))
    else:
        yield context.fact("date", span, start.line, start.key, f"{start.value}; **{end.key}**: {end.value}")


def _facts(name: str, pair: Pair, context: NoteContext) -> Iterator[Fact]:
    """Yield the facts that a pair states where its key means a key of the model; nothing where its value does not fit."""
    text = one_line(pair.value)
    match name:
        case "team":
            yield from _team(pair, context)
        case "lead":
            yield from _lead(pair, context)
        case "date":
            if day := date_of(text) or date_of(remark_of(text)[0]):
                yield context.fact("date", day, pair.line, pair.key, text)
        case "status":
            entry: Entry = {}
            context.with_status(entry, text)
            yield from (context.fact(key, value, pair.line, pair.key) for key, value in entry.items())
        case "round" | "phase":
            own = context.phase if name == "phase" else context.round
            if text.casefold() == own.casefold():
                yield context.fact(name, own, pair.line, pair.key)
        case "title" | "focus" | "kind" | "summary" | "branch":
            if name != "branch" or " " not in text.strip("`"):
                value = pair.value if name == "summary" else text.strip("`") if name == "branch" else text
                yield context.fact(name, value, pair.line, pair.key)
        case _:
            yield from (context.fact(name, one, pair.line) for one in _listed(name, pair, context))


def _listed(name: str, pair: Pair, context: NoteContext) -> Sequence[str]:
    """Return the entries of a list that a pair names; none where one of them does not fit."""
    text = one_line(pair.value)
    match name:
        case "prs":
            return _pulls(pair)
        case "releases":
            versions = _APART.split(text.replace("`", ""))
            return versions if all(map(_VERSION.fullmatch, versions)) else []
        case "commits":
            return context.shas(pair.value)
        case "tags":
            return [tag for tag in _APART.split(text) if tag]
        case "next" | "blockers":
            return [] if _NOBODY.fullmatch(text) else [text]
    return []


def _team(pair: Pair, context: NoteContext) -> Iterator[Fact]:
    text = one_line(pair.value)
    if plain(pair.key) == "agent" and text.isdecimal():
        return  # the number of an agent, and not of agents
    if match := _TEAM.fullmatch(text):
        mode = match["mode"] or ""
        if mode.startswith("(") and mode.endswith(")") and mode.count("(") == 1:
            mode = mode[1:-1].strip()
        yield context.fact("team", {"size": match["size"]} | ({"mode": mode} if mode else {}), pair.line, pair.key)
        return
    yield from (context.fact("agents", {"name": name.strip("`")}, pair.line, pair.key) for name in names_of(text))


def _lead(pair: Pair, context: NoteContext) -> Iterator[Fact]:
    if is_name(name := one_line(pair.value)):
        yield context.fact("agents", {"name": name.strip("`"), "role": pair.key}, pair.line, pair.key)


def _pulls(pair: Pair) -> list[str]:
    pieces = _APART.split(one_line(pair.value))
    sure = len(pieces) > 1 or not pair.key.lower().endswith("s") or "#" in pieces[0]
    if not sure or not all(map(_PULLS.fullmatch, pieces)):
        return []
    return [re.sub(r"^\D*?(?=[#!]?\d)", "", piece, count=1) for piece in pieces]
