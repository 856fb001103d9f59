"""In: the text of a cell, or what follows a label, and the field that it is for. Out: the field filled, where it may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from roundbook.bring.dates import date_of
from roundbook.bring.measures import remembered
from roundbook.bring.paths import only_paths, paths_in
from roundbook.bring.standing import with_status
from roundbook.bring.vocabulary import field_of, mentions, plain
from roundbook.bring.where import Where, one_line
from roundbook.schema.ids import id_fault
from roundbook.schema.statuses import result_of

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
    found = mentions(text)
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
