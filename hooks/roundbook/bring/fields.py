"""In: a line `**Key**: value`, or an entry of the front matter. Out: what it says of the round: a date, a focus, a number.

What is none of these is a note with key and value, so that nothing is lost and nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from roundbook.bring.dates import date_of
from roundbook.bring.gathering import Told
from roundbook.bring.holding import holds
from roundbook.bring.measures import metric
from roundbook.bring.people import is_name, names_of
from roundbook.bring.vocabulary import key_names, plain
from roundbook.bring.where import Where, one_line
from roundbook.markdown import Pair, Pairs, remark_of

Made = Iterator[Told]
_TEAM = re.compile(r"(?P<size>\d{1,4})(?:\s+(?P<mode>\S.*))?")
_PULLS = re.compile(r"(?:(?:PRs?|MRs?|pulls?)\s*)?[#!]?\d{1,7}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+.]?[a-z][\w.]*)?|v\d+", re.IGNORECASE)
_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&)\s+")
_STARTS = frozenset({"started", "start", "start date", "from", "begin", "began"})
_ENDS = frozenset({"ended", "end", "end date", "finished", "completed", "completed on", "date completed", "until"})
_DAYS = frozenset({"date", "dates", "when"})


def told(pairs: Iterable[Pair], where: Where) -> list[Told]:
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
    if name and not remark and pair.value and (made := list(_READERS[name](pair, where) if name in _READERS else ())):
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


def _date(pair: Pair, where: Where) -> Made:
    base, _ = remark_of(pair.value)
    if day := date_of(pair.value) or date_of(base):
        yield where.told("date", day, pair.line, pair.key, one_line(pair.value))


def _text(key: str) -> Callable[[Pair, Where], Made]:
    def read(pair: Pair, where: Where) -> Made:
        yield where.told(key, pair.value if key == "summary" else one_line(pair.value), pair.line, pair.key)

    return read


def _status(pair: Pair, where: Where) -> Made:
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


def _commits(pair: Pair, where: Where) -> Made:
    yield from (where.told("commits", sha, pair.line) for sha in where.shas(pair.value))


def _tags(pair: Pair, where: Where) -> Made:
    yield from (where.told("tags", tag, pair.line) for tag in _APART.split(one_line(pair.value)) if tag)


def _branch(pair: Pair, where: Where) -> Made:
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


_READERS: Mapping[str, Callable[[Pair, Where], Made]] = {
    "round": _identity("round"),
    "phase": _identity("phase"),
    "title": _text("title"),
    "date": _date,
    "team": _team,
    "focus": _text("focus"),
    "kind": _text("kind"),
    "status": _status,
    "summary": _text("summary"),
    "branch": _branch,
    "prs": _pulls,
    "releases": _releases,
    "commits": _commits,
    "tags": _tags,
    "lead": _lead,
    "next": _listed("next"),
    "blockers": _listed("blockers"),
}
