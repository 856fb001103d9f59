"""Lines `**Key**: value` and the front matter of a note, and what each says of the round."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from roundbook.adr.fields import date_of, leading_date
from roundbook.importer.aside import describes, is_none
from roundbook.importer.proof import is_complete
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import is_name, leading_paths, metric, names_of, one_line, only_paths
from roundbook.importer.vocabulary import field_of, key_names, mentions, name_of, without_rounds
from roundbook.importer.words import ENDS, STARTS
from roundbook.markdown import Document, Pair, Pairs, plain, remark_of
from roundbook.schema.statuses import is_sign, result_of, status_of

_TEAM = re.compile(r"(?P<size>\d{1,4})(?:\s+(?P<mode>\S.*))?")
_PULLS = re.compile(r"(?:(?:PRs?|MRs?|pulls?)\s*)?[#!]?\d{1,7}", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+){1,3}(?:[-+.]?[a-z][\w.]*)?|v\d+", re.IGNORECASE)
_NAMED = re.compile(r"(?:[A-Za-z]+\s+)?#?(?P<id>\d[\w.]*)(?:\s+(?:--?|[–—])|:)\s+(?P<name>\S.*)")
_ADDRESS = re.compile(r"<?(https?://[^\s<>()]+)>?")
_LINK = re.compile(r"\[([^\[\]]+)\]\([^()\s]*\)")
_OF_DOCUMENTS = re.compile(r"\d+\.\d+|\d+\.0\.0")  # `Version: 1.0` of a note
_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&)\s+")
_DAYS = frozenset({"date", "dates", "when"})
_FILES = frozenset({"created", "modified", "deleted"})


def read_fields(pairs: Iterable[Pair], context: NoteContext) -> list[Fact]:
    """Return what pairs say; a first and a last day among them are one date."""
    found = list(pairs)
    start = next((p for p in found if plain(p.key) in STARTS and leading_date(p.value)), None)
    end = next((p for p in found if plain(p.key) in ENDS and leading_date(p.value)), None)
    made = [*_decided(found, context)]
    for pair in found[2 * len(made) :]:
        if start and end and pair in (start, end):
            made += _span(start, end, context) if pair is start else ()
        elif plain(pair.key) in ENDS and any(plain(one.key) in _DAYS and date_of(one.value) for one in found):
            made.append(note(pair, context))  # the day of the note is another one
        else:
            made += kept(field(pair, context), pair, context)
    return made


def _decided(pairs: Sequence[Pair], context: NoteContext) -> Iterator[Fact]:
    """Yield the decisions that pairs begin with: each a line for what was decided, and one for why."""
    for said, why in zip(pairs[::2], pairs[1::2], strict=False):
        if (
            plain(said.key) not in ("decision", "decided")
            or field_of("decisions", why.key) != "rationale"
            or not why.value
        ):
            return
        yield context.fact("decisions", {"title": one_line(said.value), "rationale": why.value}, said.line)


def kept(made: list[Fact], pair: Pair, context: NoteContext) -> list[Fact]:
    """Return what a pair was made into, and the pair itself where that does not hold all of it."""
    return made if is_complete(made, (Pairs((pair,), pair.line, pair.line),), context) else [*made, note(pair, context)]


def field(pair: Pair, context: NoteContext) -> list[Fact]:
    """Return what one pair says."""
    base, remark = remark_of(one_line(pair.key))
    known = (plain(pair.key), plain(base), key_of_own(pair.key, context))
    name = next((name for one in known if (name := key_names().get(one, ""))), "")
    if name and not remark and pair.value and (made := list(_facts(name, pair, context))):
        return made
    if (name != "date" or plain(base) == "duration") and (found := metric(pair.key, pair.value, sure=name == "date")):
        return [context.fact(f"metrics.{found[0]}", found[1], pair.line)]
    return [note(pair, context)]


def key_of_own(key: str, context: NoteContext) -> str:
    """Return a key such as `Phase 4 Status` without the round or phase that is read, or the empty text."""
    rounds = mentions(key)
    return without_rounds(key) if rounds and all(map(context.is_own, rounds)) else ""


def note(pair: Pair, context: NoteContext) -> Fact:
    """Return a pair as a note."""
    return context.fact("notes", f"**{pair.key}**: {pair.value}".strip(), pair.line)


def _span(start: Pair, end: Pair, context: NoteContext) -> Iterator[Fact]:
    first, last = leading_date(start.value), leading_date(end.value)
    span = first if first == last else f"{first}..{last}"
    if not date_of(span):
        yield from (note(start, context), note(end, context))
    else:
        yield context.fact("date", span, start.line, start.key, f"{start.value}; **{end.key}**: {end.value}")
        yield from (note(pair, context) for pair in (start, end) if not date_of(pair.value))


def _facts(name: str, pair: Pair, context: NoteContext) -> Iterator[Fact]:
    """Yield the facts that a pair states where its key means a key of the model; nothing where its value does not fit."""
    text = one_line(pair.value)
    match name:
        case "team" | "lead" | "links" | "checks":
            yield from {"team": _team, "lead": _lead, "links": _link, "checks": check}[name](pair, context)
        case "date":
            if day := leading_date(text) or next(filter(None, map(date_of, remark_of(text))), ""):
                yield context.fact("date", day, pair.line, pair.key, text)
        case "status":
            yield from _status(pair, text, context)
        case "round" | "phase" if text.casefold() == (context.phase if name == "phase" else context.round).casefold():
            yield context.fact(name, context.phase if name == "phase" else context.round, pair.line, pair.key)
        case "round" | "phase":
            yield from _named(pair, text, context)
        case "title" | "focus" | "kind" | "summary" | "branch":
            value = pair.value if name == "summary" else _branch(text) if name == "branch" else text
            yield from [context.fact(name, value, pair.line, pair.key)] if value else ()
        case _:
            yield from (context.fact(name, one, pair.line) for one in _listed(name, pair, context))


_STATES = frozenset({"status", "state", "verdict", "health"})
_MOST_WORDS = 12


def _named(pair: Pair, text: str, context: NoteContext) -> Iterator[Fact]:
    """Yield what the round is about, which stands behind its number: `**Sprint**: Sprint 10 - Faster search`."""
    match = _NAMED.fullmatch(text)
    own = context.phase if plain(pair.key) == "phase" or not context.round else context.round
    if match and match["id"].casefold() in (own.casefold(), own.rpartition("-")[2].casefold()):
        yield context.fact("focus", match["name"], pair.line, pair.key)


def _status(pair: Pair, text: str, context: NoteContext) -> Iterator[Fact]:
    """Yield how far the round is; nothing where a sentence says what came of something."""
    sure = bool(_STATES & set(plain(pair.key).split())) and len(text.split()) <= _MOST_WORDS
    if sure or status_of(text, context.hints.words) or result_of(text):
        entry: dict[str, Any] = {}
        context.with_status(entry, text)
        yield from (context.fact(key, value, pair.line, pair.key, text) for key, value in entry.items())
        if day := date_of(remark_of(text)[1]):
            yield context.fact("date", day, pair.line, "title")  # where no line says another one


def check(pair: Pair, context: NoteContext) -> Iterator[Fact]:
    """Yield the check that a line such as `**Build**: ✅ Successful` is; nothing where it says a number, or no result."""
    text = one_line(pair.value)
    result = result_of(text)
    detail = describes("checks", pair.key) and plain(pair.key) not in ("status", "result", "outcome")
    if (
        result
        and not detail
        and plain(pair.key) != "decision"
        and not metric(pair.key, pair.value)
        and "[ ]" not in text
    ):  # a form where nothing is ticked
        evidence = {} if is_sign(text) else {"evidence": text}
        yield context.fact("checks", {"title": pair.key, "result": result, **evidence}, pair.line)


def _branch(text: str) -> str:
    """Return the branch that a text names first: `main`, `work` (off `main`); nothing where it says anything else."""
    match = re.match(r"`(\S+)`\s*[(,;]", text)
    return match[1] if match else "" if " " in text.strip("`") else text.strip("`")


def _listed(name: str, pair: Pair, context: NoteContext) -> Sequence[str]:
    """Return the entries of a list that a pair names; none where one of them does not fit."""
    text = one_line(pair.value)
    match name:
        case "prs":
            return _pulls(pair)
        case "releases":
            versions = _APART.split(text.replace("`", ""))
            own = plain(pair.key) == "version" and _OF_DOCUMENTS.fullmatch(text)
            return versions if all(map(_VERSION.fullmatch, versions)) and not own else []
        case "commits":
            lead = re.match(r"`([0-9a-f]{7,40})`(?=\W)", pair.value)
            return context.shas(pair.value) or (context.shas(lead[1]) if lead else [])
        case "tags":
            return [tag for tag in _APART.split(text) if tag]
        case "next" | "blockers":
            return [] if is_none(text, name) or not re.search(r"\w{3}", text) else [text]
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


def _link(pair: Pair, context: NoteContext) -> Iterator[Fact]:
    if address := _ADDRESS.fullmatch(one_line(pair.value)):
        yield context.fact("links", {"url": address[1], "title": pair.key}, pair.line)


def _pulls(pair: Pair) -> list[str]:
    pieces = _APART.split(remark_of(_LINK.sub(r"\1", one_line(pair.value)))[0])
    sure = len(pieces) > 1 or not pair.key.lower().endswith("s") or "#" in pieces[0]
    if not sure or not all(map(_PULLS.fullmatch, pieces)):
        return []
    return [re.sub(r"^\D*?(?=[#!]?\d)", "", piece, count=1) for piece in pieces]


def front(document: Document, context: NoteContext) -> Iterator[Fact]:
    """Yield what the front matter says; what is no plain value is kept as it is written."""
    kept: list[str] = []
    for key, value in document.front.items():
        line = _line_of(document, key)
        if (isinstance(value, str) and plain(key) == "status" and _is_of_file(document, value)) or (
            isinstance(value, str) and plain(key) == "name" and any(one.level == 1 for one in document.parts)
        ):
            yield note(Pair(key, str(value), line), context)
        elif isinstance(value, str):
            yield from read_fields([Pair(key, str(value), line)], context)
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            yield from _front_list(key, [str(one) for one in value], line, context)
        elif made := _front_files(key, value, line, context):
            yield from made
        elif isinstance(value, Mapping) and (made := _front_map(key, value, line, context)):
            yield from made
            kept.append(_lines_of(document, key))
        else:
            kept.append(_lines_of(document, key))
    if kept:
        yield context.section("", "```yaml\n" + "\n".join(kept) + "\n```", 1)


# The state of a page, not of the work: `status: active` beside what only a page has.
_PAGE_STATES = frozenset(
    {"active", "current", "draft", "published", "archived", "stable", "living", "final", "deprecated"}
)
_OF_PAGES = frozenset(
    {"category", "description", "layout", "sections", "sidebar position", "last updated", "permalink", "slug"}
)


def _is_of_file(document: Document, status: str) -> bool:
    return status.strip().casefold() in _PAGE_STATES and any(
        plain(key.replace("_", " ")) in _OF_PAGES for key in document.front
    )


def _front_list(key: str, values: Sequence[str], line: int, context: NoteContext) -> Iterator[Fact]:
    name = key_names().get(plain(key))
    listed = any(name_of(part.title).topic == "decisions" for part in context.document.walk())
    if name_of(re.sub(r"[-_]", " ", key)).topic == "decisions" and not listed:
        yield from (context.fact("decisions", {"title": one_line(value)}, line) for value in values)
    elif name == "team":
        yield from (context.fact("agents", {"name": value}, line, key) for value in values)
    elif (topic := name_of(re.sub(r"[-_]", " ", key)).topic) in _FILES and all(map(only_paths, values)):
        yield from (context.fact(f"files.{topic}", path, line) for one in values for path in only_paths(one))
    elif name in ("tags", "prs", "commits", "releases", "next", "blockers"):
        yield from read_fields([Pair(key, value, line) for value in values], context)
    else:
        yield note(Pair(key, ", ".join(values), line), context)


def _front_map(key: str, value: Mapping[str, object], line: int, context: NoteContext) -> list[Fact]:
    """Return what must be true, and the files that a plan makes (`must_haves:`), or numbers (`metrics:`); else nothing."""
    if plain(key.replace("_", " ")) == "metrics":
        numbers = [metric(one, str(said), sure=True) for one, said in value.items() if isinstance(said, str)]
        return [context.fact(f"metrics.{one[0]}", one[1], line) for one in numbers if one]
    truths, artifacts = (
        [*found] if isinstance(found := value.get(one), list) else [] for one in ("truths", "artifacts")
    )
    made = [context.fact("checks", {"title": one_line(one)}, line) for one in truths if isinstance(one, str)]
    for one in artifacts:
        if isinstance(one, Mapping) and (paths := only_paths(str(one.get("path", "")))):
            said = {"note": str(one["provides"])} if one.get("provides") else {}
            made.append(context.fact("deliverables", {"paths": paths, **said}, line))
    return made


def _front_files(key: str, value: object, line: int, context: NoteContext) -> list[Fact]:
    """Return the paths below a key such as `key-files:`, by whether they were created or changed; else nothing."""
    if not isinstance(value, Mapping) or name_of(re.sub(r"[-_]", " ", key)).topic != "files":
        return []
    topics = {name: name_of(name).topic for name in value}
    lists = {name: [str(one) for one in found] if isinstance(found, list) else [] for name, found in value.items()}
    paths = {name: [leading_paths(one) for one in found] for name, found in lists.items()}
    sure = all(topics[name] in _FILES and all(paths[name]) for name in value)
    if not sure or any(isinstance(found, str) for found in value.values()):
        return []
    every = [(topics[name], path) for name, found in paths.items() for several in found for path in several]
    none = [context.fact("notes", f"{name}: []", line) for name, found in lists.items() if not found]
    more = [context.fact("notes", one, line) for found in lists.values() for one in found if not only_paths(one)]
    return [*(context.fact(f"files.{topic}", path, line) for topic, path in every), *none, *more] if every else []


def _line_of(document: Document, key: str) -> int:
    place = getattr(document.front, "keys_at", {}).get(key)
    return place.line if place else 1


def _lines_of(document: Document, key: str) -> str:
    """Return the lines of a key of the front matter."""
    start = _line_of(document, key)
    after = [line for other in document.front if (line := _line_of(document, other)) > start]
    closing = (
        n for n in range(start + 1, len(document.lines) + 1) if re.match(r"(?:---|\.\.\.)\s*$", document.lines[n - 1])
    )
    end = min(after) if after else next(closing, start + 1)
    return "\n".join(document.lines[start - 1 : end - 1]).rstrip()
