"""In: commits. Out: the files that they brought, by scope and folder: few of them by name, many by their folder."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence

from roundbook.book.model import Book
from roundbook.book.paths import WILDCARD
from roundbook.book.rounds import touched
from roundbook.git.history import Commit
from roundbook.model.draft import Made
from roundbook.think.draft_agents import scope_of

BY_NAME = 6  # files of one folder that are still named
_ODD = re.compile(
    r"[~\\]|[A-Za-z][A-Za-z0-9+.-]*:|\s|.*\s\Z"
)  # read as a home, an address, a drive; or not to the letter


def made(book: Book, commits: Sequence[Commit], most: int) -> tuple[tuple[Made, ...], tuple[str, ...]]:
    """Return the new files, and in words what was left out.

    New is what the commits added and did not remove again. Files of the data folder are the record and not the work; a file
    that came from another folder under its own name was moved; a name that a round file cannot hold to the letter, or would
    take for a glob, is left out. Where there are more than `most` folders, scopes no longer part them; where there still
    are, folders at the top stand for those below.
    """
    added = _added(book, commits)
    plain = {path: scope for path, scope in added.items() if _is_plain(path)}
    odd = len(added) - len(plain)
    left = (f"{odd:,} new file{'' if odd == 1 else 's'} of a name that cannot be written to the letter",) if odd else ()
    found = _grouped(plain, posixpath.dirname)
    for folder_of in (posixpath.dirname, _top):
        if len(found) > most:
            found = _grouped(dict.fromkeys(plain, ""), folder_of)
    kept = sorted(found, key=lambda one: (-one.files, one.paths))[:most]
    if rest := len(found) - len(kept):
        files = len(plain) - sum(one.files for one in kept)
        left = (*left, f"{files:,} new files in {rest:,} other folders")
    return tuple(sorted(kept, key=lambda one: (one.scope, one.paths))), left


def _top(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def _added(book: Book, commits: Sequence[Commit]) -> dict[str, str]:
    """Return the new paths, each with the scope of the commit that brought it first."""
    own, apart = book.history.prefix, book.testimony.apart
    data = {own + path for paths in book.files.values() for path in paths}
    there = {t.path for t in touched(commits) if t.fate == "added"} - data
    scopes: dict[str, str] = {}
    for commit in reversed(commits):
        moved = {posixpath.basename(c.path) for c in commit.changes or () if c.status == "D"}
        for change in commit.changes or ():
            if change.status != "A" or change.path not in there or (apart and change.path.startswith(apart)):
                continue
            if posixpath.basename(change.path) not in moved and len(commit.parents) < 2:
                scopes.setdefault(change.path.removeprefix(own), scope_of(commit))
    return scopes


def _is_plain(path: str) -> bool:
    return path.isprintable() and not WILDCARD.search(path) and not _ODD.match(path)


def _grouped(scopes: Mapping[str, str], folder_of: Callable[[str], str]) -> list[Made]:
    groups: dict[tuple[str, str], list[str]] = {}
    for path, scope in scopes.items():
        groups.setdefault((scope, folder_of(path)), []).append(path)
    return [Made(scope, folder, _paths(folder, sorted(paths)), len(paths)) for (scope, folder), paths in groups.items()]


def _paths(folder: str, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the files, or their folder; the files at the top of the project have none that would tell anything."""
    return tuple(paths) if len(paths) <= BY_NAME or not folder else (folder,)
