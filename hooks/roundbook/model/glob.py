"""In: paths and globs as people write them. Out: a function that tells whether a path is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)


def translate(glob: str) -> str:
    """Return a glob as a regular expression: `*` and `?` stay inside a folder, `**` crosses folders.

    A path without wildcards also means everything below it, so `docs` and `docs/` are the same as `docs/**`.
    """
    made = "".join(_piece(part) for part in _PART.findall(glob.strip("/")))
    return made + "(?:/.*)?"


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _piece(part: str) -> str:
    if part in _WILDCARDS:
        return _WILDCARDS[part]
    if part.startswith("[") and len(part) > 1:
        inner = re.escape(part[1:-1].removeprefix("!")).replace(r"\-", "-")
        return f"[{'^/' if part.startswith('[!') else ''}{inner}]"
    return re.escape(part)


@lru_cache(maxsize=4096)
def _compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{translate(g)})" for g in globs), re.DOTALL)


def matches(globs: Iterable[str], path: str) -> bool:
    """Tell whether a path (with `/`) is meant by one of the globs."""
    wanted = tuple(globs)
    return bool(wanted) and bool(_compiled(wanted).fullmatch(path))
