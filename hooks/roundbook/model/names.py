"""In: titles, ids, names of people. Out: slugs, the order of ids, what may be an id of a page, names without addresses."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache

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
    """Return the name of a person without an address of mail: of one that is nothing else what stands before the `@`."""
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
        return "may hold ASCII letters, digits, '.', '_' and '-', 64 at most, and begins with a letter or digit"
    if text.casefold().split(".")[0] in RESERVED:
        return "is a name that file systems or the site reserve"
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
