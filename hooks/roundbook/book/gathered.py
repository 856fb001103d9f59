"""What the sites of other repositories publish below `api/`, joined with this book in one log.

    rounds.json, decisions.json, open-items.json, evidence.json  of each ─→ read ─→ gather, with the book ─→ Gathered

Somebody else wrote these files, so nothing in them is trusted: what is not of the kind that is expected is left out, an address
counts only if it is one of the web, and texts are encoded where they are shown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urljoin

from roundbook.book.facts import Tally
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.schema.items import WEB, leads
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES
from roundbook.settings import Repository

if TYPE_CHECKING:
    from roundbook.book.model import Book

VERSIONS = (3, 4)  # of the files; their schema is the site's, and what is read of them is the same in both
FILES = ("rounds", "decisions", "open-items", "evidence")
NEEDED = FILES[:2]  # older versions of roundbook did not write all of them
LONGEST = 300  # characters of a name, a title or an address
MOST_BYTES = 64_000_000
MAX_TAGS = 20
NAMED = 3  # repositories that a message names
Kind = Literal["round", "decision"]


@frozen
class LogItem:
    """A round or a decision in the log of all repositories: `own` if this book has its page, else at `url`, if known."""

    repository: str
    kind: Kind
    id: str
    title: str
    day: str = ""
    status: str = ""
    url: str = ""
    tags: tuple[str, ...] = ()
    own: bool = False


@frozen
class JoinedRepository:
    """A repository of the log, and what it says of itself; `None` is what it does not say. `own` is that of this book."""

    name: str
    url: str = ""
    head: str = ""
    rounds: int = 0
    decisions: int = 0
    last: LogItem | None = None
    open_items: int | None = None
    claims: Tally | None = None
    own: bool = False


@frozen
class Gathered:
    """All repositories by name, this one first, and their rounds and decisions, newest first; empty where none is joined."""

    members: tuple[JoinedRepository, ...] = ()
    log: tuple[LogItem, ...] = ()

    @cached_property
    def holders(self) -> Mapping[str, tuple[str, ...]]:
        """Return the other repositories that have something of each id, in lower case."""
        own = {member.name for member in self.members if member.own}
        found: dict[str, dict[str, None]] = {}
        for item in self.log:
            if item.repository not in own:
                found.setdefault(item.id.lower(), {})[item.repository] = None
        return {name: tuple(sorted(many)) for name, many in found.items()}


@frozen
class Published:
    """What one repository publishes, with the problems in its files."""

    member: JoinedRepository
    items: tuple[LogItem, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def read(name: str, settings: Repository, contents: Mapping[str, bytes | None]) -> Published:
    """Return what a repository publishes.

    Args:
        name: The name of the repository in the settings.
        settings: What the settings say of it.
        contents: The content of each of `FILES`; `None` for one that could not be read.
    """
    place = settings.place_of("api") or settings.place_of("data")
    parts: dict[str, dict[str, Any]] = {}
    findings: list[Finding] = []
    for file in FILES:
        part, why = _part(contents.get(file), file)
        if why and (file in NEEDED or contents.get(file) is not None):
            findings.append(_unread(name, file, why, place))
        if part is not None:
            parts[file] = part
    base = settings.site or ""
    rounds = [*_items(name, "round", parts.get("rounds", {}).get("rounds"), base)]
    decisions = [*_items(name, "decision", parts.get("decisions", {}).get("decisions"), base)]
    origin = _table(next(iter(parts.values()), {}).get("generated-from"))
    url = base or settings.url or _text(origin.get("repository"))
    member = JoinedRepository(
        name,
        url if leads(url, WEB) else "",
        _text(origin.get("head")),
        len(rounds),
        len(decisions),
        max(rounds, key=lambda one: one.day, default=None),
        _open(parts.get("open-items", {}).get("open-items")) if "open-items" in parts else None,
        _claims(parts.get("evidence", {}).get("evidence")) if "evidence" in parts else None,
    )
    return Published(member, (*rounds, *decisions), tuple(findings))


def _unread(name: str, file: str, why: str, place: Place | None) -> Finding:
    fix = "build its site with this version of roundbook, and copy the folder api/ of it there"
    return Finding("warning", "repository-unread", f"the {file} of {name} are not listed: {why}", place, fix)


def _part(content: bytes | None, file: str) -> tuple[dict[str, Any] | None, str]:
    """Return a file as a table, or why it is none that can be read."""
    if content is None:
        return None, f"{file}.json is not there, or cannot be read"
    try:
        made = json.loads(content)
    except (ValueError, RecursionError):
        return None, f"{file}.json is not JSON"
    version = _table(made).get("schema-version")
    if version not in VERSIONS or isinstance(version, bool):
        age = ("a newer" if version > VERSIONS[-1] else "an older") if isinstance(version, int) else "no known"
        return (
            None,
            f"{file}.json is of {age} version of its format; this one reads versions {VERSIONS[0]} and {VERSIONS[-1]}",
        )
    things = made.get("rounds" if file == "rounds" else file)
    return (made, "") if isinstance(things, dict) else (None, f"{file}.json has no table {file}")


def _items(repository: str, kind: Kind, things: object, base: str) -> Iterator[LogItem]:
    for name, value in _table(things).items():
        thing, key = _table(value), _text(name)
        if not key:
            continue
        record = _table(thing.get("record"))
        title = _text(record.get("title")) or _text(record.get("focus")) or f"{kind.capitalize()} {key}"
        day = thing.get("date") if kind == "decision" else record.get("date")
        status = _text(thing.get("status"))
        yield LogItem(
            repository,
            kind,
            key,
            title,
            _day(day),
            status if status in (STATUSES if kind == "round" else DECISION_STATUSES) else "",
            _address(_text(thing.get("url")), base),
            tuple(_text(tag) for tag in _list(record.get("tags"))[:MAX_TAGS] if _text(tag)),
        )


def _address(url: str, base: str) -> str:
    """Return a whole address of the web; one from the top of a site counts where the settings say where the site is."""
    whole = url if "://" in url or not leads(base, WEB) else urljoin(f"{base.rstrip('/')}/", url.lstrip("/"))
    return whole if leads(whole, WEB) and not set(whole) & set(" \n\r\t\"'<>`\\") else ""


def _day(value: object) -> str:
    """Return the last day of a date, `2026-01-02` or `2026-01-02..2026-01-05`, or the empty text."""
    text = _text(value).rpartition("..")[2][:10]
    digits = text.replace("-", "")
    return text if len(text) == 10 and len(digits) == 8 and digits.isascii() and digits.isdigit() else ""


def _open(things: object) -> int:
    return sum(not _table(one).get("closed-by") for one in _table(things).values())


def _claims(things: object) -> Tally:
    claims = [one for one in map(_table, _table(things).values()) if one.get("stated") is not False]
    counts = Counter(_text(one.get("outcome")) for one in claims)
    against = [one for one in claims if one.get("outcome") == "contradicted"]
    waived = sum(bool(one.get("waived")) for one in against)
    noted = sum(one.get("severity") == "info" and not one.get("waived") for one in against)
    return Tally(counts["verified"], counts["contradicted"], counts["not-checked"], waived, noted)


def _table(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Return a text on one line, without half characters, which cannot be written."""
    text = value[: 4 * LONGEST].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return " ".join(text.split())[:LONGEST]


def gather(book: Book, published: Iterable[Published]) -> Gathered:
    """Return a book joined with what other repositories publish."""
    others = tuple(published)
    if not others:
        return Gathered()
    name = book.here or "here"
    own = tuple(_own(book, name))
    rounds = [item for item in own if item.kind == "round"]
    last = next(iter(rounds), None)
    counts = len(rounds), len(own) - len(rounds)
    member = JoinedRepository(
        name, "", book.history.head or "", *counts, last, len(book.left), Tally.of(book.results), own=True
    )
    log = sorted((*own, *(item for one in others for item in one.items)), key=lambda one: one.day, reverse=True)
    return Gathered((member, *(one.member for one in others)), tuple(log))


def _own(book: Book, name: str) -> Iterator[LogItem]:
    """Yield the rounds and decisions of a book, newest first; one that belongs to another repository is listed as its."""
    for entry in book.newest_first:
        where = entry.repository if not entry.verified else name
        yield LogItem(where, "round", entry.key, entry.round.name, entry.day, entry.status or "", own=True)
    for one in book.decisions_newest_first:
        tags = tuple(one.record.tags)
        yield LogItem(name, "decision", one.id, one.record.title, one.date, one.status, "", tags, own=True)


def elsewhere(name: str, gathered: Gathered) -> str:
    """Return in words which other repositories have something of a name, so that nobody takes it for one of this book."""
    many = gathered.holders.get(name.strip().lower(), ())
    more = f" and {len(many) - NAMED} more" if len(many) > NAMED else ""
    verb = "have" if len(many) > 1 else "has"
    return f"; of the other repositories, {', '.join(many[:NAMED])}{more} {verb} it" if many else ""
