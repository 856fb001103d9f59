"""Search of the text and the history of a repository."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

from roundbook.git.history import Marker, PickaxeChange, PickaxeQuery, PickaxeResult, is_apart
from roundbook.git.objects import DIFF, decode_path
from roundbook.git.process import Git

MOST_MARKERS = 5_000
MOST_TURNS = 64
MOST_PATHS = 500

# Binary files are skipped; settings of the repository have no influence.
_GREP = (
    "grep",
    "--full-name",
    "--no-recurse-submodules",
    "--no-textconv",
    "--no-color",
    "--no-column",
    "--no-line-number",
)
_FIXED = (*_GREP, "-F", "-I", "-z")
# `@ADR(1)` is the annotation of e-adr in Java; `@MADR(value = 3, …)` records a decision in the code itself.
_MARKED = "(@decision[[:blank:]:]+[A-Za-z0-9][A-Za-z0-9._/#-]*|@ADR\\([[:blank:]]*[0-9]+[[:blank:]]*\\))"
_BEFORE = "(^|[[:blank:]#/*;%!(-])"  # what may precede a marker; no quotes, which would be a mention of it
_COUNTED = re.compile(rb"([0-9a-f]{40,64}):([^\0]*)\0([0-9]+)\n")
_MARKER = re.compile(rb"[0-9a-f]{40,64}:([^\0]*)\0([0-9]+)\0([^\n]*)\n")


def count(git: Git, text: str, commits: Sequence[str], paths: Iterable[str] = ()) -> dict[str, dict[bytes, int]] | None:
    """Return, by commit and path, the number of lines that contain a text, only below `paths` if any are given.

    `None` where git could not tell.
    """
    answer = git.run(*_FIXED, "-c", "-e", text, *commits, "--", *paths)
    if answer.code not in (0, 1):
        return None
    found: dict[str, dict[bytes, int]] = {commit: {} for commit in commits}
    for commit, path, lines in _COUNTED.findall(answer.out):
        found[commit.decode("ascii")][path] = int(lines)
    return found


def find_markers(git: Git, commit: str, apart: str) -> tuple[tuple[Marker, ...], bool] | None:
    """Return the markers in the files of a commit, and whether there are more than `MOST_MARKERS`.

    The folder `apart` and Markdown are skipped: they only mention markers. Only the match is printed, so a
    long line costs nothing.
    """
    words = (*_GREP, "-n", "-o", "-I", "-E", "-z", "-e", _BEFORE + _MARKED, commit, "--")
    answer = git.run(*words)
    if answer.code not in (0, 1):
        return None
    found = [
        Marker(decode_path(path), int(line), _word(text))
        for path, line, text in _MARKER.findall(answer.out)
        if not is_apart(decode_path(path), apart)
    ]
    return tuple(found[:MOST_MARKERS]), len(found) > MOST_MARKERS


def _word(text: bytes) -> str:
    """Return the id in a marker."""
    found = text.decode("ascii", "replace")
    _, annotation, number = found.rpartition("@ADR(")
    if annotation:
        return f"adr-{number.strip(' )')}"
    return found.rpartition("@decision")[2].strip(" \t:").rstrip("._/#-")


# ------------------------------------------------------------------- when a text was added and removed


def read_pickaxe(git: Git, sought: PickaxeQuery) -> PickaxeResult | None:
    """Return when a literal was added and removed, or `None` if git could not tell.

    Three processes at most. First the commits that change how often the literal occurs, with the files in which they do;
    then the files of the newest commit that hold it, so that one that always held it is known too; then which of all
    these files hold it at those commits. None at all where no commit is to be searched.
    """
    if not sought.steps:
        return PickaxeResult((), (), 0)
    feed = "".join(" ".join(step) + "\n" for step in sought.steps).encode("ascii")
    answer = git.run(*DIFF, f"-S{sought.text}", feed=feed)
    if answer.code:
        return None
    changed = _changed_files(answer.out)
    searched = len(sought.steps)
    if not changed:
        return PickaxeResult((), (), searched, sought.cut)
    newest = sought.steps[0][0]
    now = count(git, sought.text, (newest,))
    if now is None:
        return None
    paths = dict.fromkeys((*now[newest], *(path for names in changed.values() for path in names)))
    if len(paths) > MOST_PATHS:
        return PickaxeResult((), (), searched, sought.cut, crowded=True)
    steps = [step for step in sought.steps if step[0] in changed]
    return _held(git, sought, steps[:MOST_TURNS], paths, crowded=len(steps) > MOST_TURNS)


def _held(
    git: Git, sought: PickaxeQuery, steps: list[tuple[str, ...]], paths: Iterable[bytes], *, crowded: bool
) -> PickaxeResult | None:
    *_, oldest = steps
    commits = tuple(dict.fromkeys((*(step[0] for step in steps), *oldest[1:])))
    held = count(git, sought.text, commits, map(os.fsdecode, paths))
    if held is None:
        return None
    changes = tuple(PickaxeChange(step[0], tuple(map(decode_path, held[step[0]]))) for step in steps)
    before = tuple(map(decode_path, held[oldest[1]])) if oldest[1:] else ()
    return PickaxeResult(changes, before, len(sought.steps), sought.cut, crowded)


def _changed_files(out: bytes) -> dict[str, list[bytes]]:
    """Return the paths printed by `diff-tree -z`, by commit: a status is one letter, followed by its path."""
    found: dict[str, list[bytes]] = {}
    tokens = iter(out.split(b"\0")[:-1])
    paths: list[bytes] = []
    for token in tokens:
        if len(token) == 1:
            paths.append(next(tokens, b""))
        else:
            paths = found[token.decode("ascii")] = []
    return found
