"""Ids of rounds, decisions and decision records: their characters, forms and order."""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

_WORD = re.compile(r"[a-z0-9]+")
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
_NUMBER = re.compile(r"(?P<stem>[a-z][a-z0-9._-]*?)?[-_ #]*(?P<number>\d{1,6})")
_MAIL_BESIDE = re.compile(r"\s*<[^<>]*@[^<>]*>")
# `@ada` alone is a name that a forge knows, and no address.
_MAIL = re.compile(r"([^\s@<>()]+)@[^\s@<>()]+|@[^\s@<>()]+\.[^\s@<>()]+")
_PART = re.compile(r"\d+|\D+")
# Names that a file system or the site itself takes: Windows devices (learn.microsoft.com, "Naming Files"), index pages.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})
RESERVED = _DEVICES | {"index", "readme", "404", "phase", "assets", "search", "sitemap"}


def person(name: str) -> str:
    """Return the name of a person without a mail address; of a mail address alone, the part before the `@`."""
    found = _MAIL.sub(r"\1", _MAIL_BESIDE.sub("", name)) if "@" in name else name
    return " ".join(found.split()) or "unknown"


@lru_cache(maxsize=1 << 14)
def slug(text: str, limit: int = 60) -> str:
    """Return `text` as a slug: lower-case ASCII letters and digits joined by `-`, cut at a word before `limit`.

    A text without any such letter gives `x` and eight hexadecimal digits of its SHA-256, so it is never empty.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    words = _WORD.findall(plain)
    if not words:
        return "x" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    made: str = words[0][:limit]
    for word in words[1:]:
        if len(made) + 1 + len(word) > limit:
            break
        made += "-" + word
    return made


def id_fault(text: str) -> str:
    """Return why `text` cannot be an id, in words that follow "the id"; the empty text when it can."""
    if not _ID.fullmatch(text) or ".." in text:
        return "may contain only ASCII letters, digits, '.', '_' and '-' (64 at most), and must begin with a letter or digit"
    if text.casefold().split(".")[0] in RESERVED:
        return "is reserved by file systems or the site"
    return ""


def is_phase(key: str) -> bool:
    """Tell whether a key is that of a phase, `3/`, and not that of a round, `3/4`."""
    return key.endswith("/")


def called(key: str) -> str:
    """Return the words for a key: `phase 3` for `3/`, and `round 3/4`."""
    return f"phase {key[:-1]}" if is_phase(key) else f"round {key}"


@lru_cache(maxsize=1 << 14)
def natural_key(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which `2` comes before `10` and `3c` after `3`."""
    return tuple((0, int(p), p) if p.isdecimal() and p.isascii() else (1, 0, p) for p in _PART.findall(text))


def number_of(text: str) -> tuple[str, int] | None:
    """Return the stem and the number of an id such as `adr-0044`, also as `ADR 44`; `None` where it has not this form."""
    match = _NUMBER.fullmatch(text.strip().lower())
    return (match["stem"] or "", int(match["number"])) if match else None


FIRST = "adr"
SUFFIXES = (".md", ".markdown")
# A file beside the README of a record that has its status, date and people: enhancement proposals of Kubernetes have one.
METADATA = "kep.yaml"
_ADR_NAMES_NUMBER = re.compile(r"(?:adr[-_ ]?)?(?P<number>\d{1,6})(?!\d)(?:[-_. ]|$)", re.IGNORECASE)
_DAY = re.compile(r"\d{8}(?!\d)|\d{4}-\d{2}-\d{2}")
_NONE = re.compile(r"(?:readme|index|.*[-_.]template|template(?:[-_.].*)?|_.*|contributing)", re.IGNORECASE)
GENERIC = frozenset(
    {"docs", "doc", "adr", "adrs", "decisions", "decision", "architecture", "records", "src", "packages"}
)


class Space(NamedTuple):
    """A folder of decision records, or a file that logs some: `name` is the namespace of their ids."""

    path: str
    name: str


def spaces(folders: Sequence[tuple[str, str]]) -> tuple[Space, ...]:
    """Return folders, each with its name or none, as namespaces; what leads out of the project is left out."""
    found: list[Space] = []
    taken = {name for _, name in folders if name}
    for written, given in folders:
        path = inside(written)
        if not path:
            continue
        name = given or (FIRST if FIRST not in taken else _from_path(path, taken))
        taken.add(name)
        found.append(Space(path, name))
    return tuple(found)


def inside(path: str) -> str:
    """Return a path of the settings from the project's folder, or nothing where it leads out of it."""
    bare = posixpath.normpath(path.strip().replace("\\", "/")) if path.strip() else ""
    return "" if bare in ("", ".", "..") or bare.startswith(("/", "../")) or re.match(r"[A-Za-z]:", bare) else bare


def _from_path(path: str, taken: set[str]) -> str:
    parts = [part for part in PurePosixPath(path).with_suffix("").parts if part.lower() not in GENERIC]
    short = slug("-".join(parts)) if parts else ""
    return short if short and short not in taken else slug(path.removesuffix(".md").replace("/", "-"))


def is_record(name: str) -> bool:
    """Tell whether a file of a folder may be a decision record, by its name: an index, a README and a template are none.

    The README of a numbered folder is one: `1287-resize/README.md`.
    """
    path = PurePosixPath(name)
    return path.suffix.lower() in SUFFIXES and not _NONE.fullmatch(stem_of(name)) and not path.name.startswith(".")


def stem_of(name: str) -> str:
    """Return what a record is called by its path: the name of its file without the ending, or its numbered folder."""
    path = PurePosixPath(name)
    own = path.stem.lower() == "readme" and _ADR_NAMES_NUMBER.match(path.parent.name)
    return path.parent.name if own else path.stem


def number_in(name: str) -> str:
    """Return the number that the name of a file begins with, as it is written; nothing where it has none, or a day."""
    stem = stem_of(name)
    match = None if _DAY.match(stem) else _ADR_NAMES_NUMBER.match(stem)
    return match["number"] if match else ""


def is_numbered(name: str) -> bool:
    """Tell whether the name of a file itself begins with a number or a day."""
    stem = PurePosixPath(name).stem
    return bool(number_in(stem) or _DAY.match(stem))


def id_of(space: str, name: str) -> str:
    """Return the id of the record that a file holds."""
    number = number_in(name)
    return fit(f"{space}-{number}") if number else named(space, stem_of(name))


def named(space: str, words: str) -> str:
    """Return the id of what has no number: its words, below the namespace unless that is the first."""
    bare = words.lower() if not id_fault(words.lower()) else slug(words)
    return fit(bare if space == FIRST else f"{space}-{bare}")


def fit(name: str) -> str:
    """Return an id as it is, or one that may be an id."""
    return name if not id_fault(name) else slug(name)


def home_of(path: str, among: Iterable[Space]) -> Space | None:
    """Return the folder that a file is a record of, the deepest that holds it; or that very file; `None` for none."""
    holding = [s for s in among if path == s.path or (path.startswith(f"{s.path}/") and is_record(path))]
    return max(holding, key=lambda s: len(s.path), default=None)


def record_of(path: str) -> str:
    """Return the file of a record by its own path, or by that of the metadata beside it."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, "README.md" if name == METADATA else name)


def is_of_records(path: str, among: Iterable[Space]) -> bool:
    """Tell whether a file belongs to decision records: one of them, or the metadata of one."""
    return PurePosixPath(path).name == METADATA or home_of(path, among) is not None


def following(ids: Iterable[str], width: int) -> str:
    """Return the number after the highest of some ids, with as many digits."""
    highest = max((number[1] for one in ids if (number := number_of(one))), default=0)
    return f"{highest + 1:0{width}}"


HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
