"""In: paths and globs as people write them. Out: a function that tells whether a path is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)


def translate(glob: str) -> str:
    """Return a glob as a regular expression: `*` and `?` stay inside a folder, `**` crosses folders.

    A path without wildcards also means everything below it, so `docs` and `docs/` are the same as `docs/**`.
    """
    made = "".join(_piece(token) for token in _TOKEN.findall(glob.strip("/")))
    return made + "(?:/.*)?"


def _piece(token: str) -> str:
    if token == "**/":  # noqa: S105 - a wildcard
        return "(?:.*/)?"
    if token == "**":  # noqa: S105
        return ".*"
    if token in "*?":
        return "[^/]*" if token == "*" else "[^/]"
    if token.startswith("[") and len(token) > 1:
        inner = re.escape(token[1:-1].removeprefix("!")).replace(r"\-", "-")
        return f"[{'^' if token.startswith('[!') else ''}{inner}]"
    return re.escape(token)


@lru_cache(maxsize=4096)
def _compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{translate(g)})" for g in globs), re.DOTALL)


def matches(globs: Iterable[str], path: str) -> bool:
    """Tell whether a path (with `/`) is meant by one of the globs."""
    wanted = tuple(globs)
    return bool(wanted) and bool(_compiled(wanted).fullmatch(path))
