"""In: a git at the top of its repository, and texts. Out: where files of commits hold them; at most one process a text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence

from roundbook.model.testimony import Count, Marker, is_apart
from roundbook.read.git_objects import decode_path
from roundbook.read.git_process import Git

MOST_MARKERS = 5_000

# Files that git takes for binary are left out; what a repository sets for itself changes nothing of the rest.
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
_MARKED = "@decision[[:blank:]:]+[A-Za-z0-9][A-Za-z0-9._/#-]*"
_BEFORE = "(^|[[:blank:]#/*;%!(-])"  # what a comment may begin with; no quotes: a text that names the marker is none
_COUNTED = re.compile(rb"([0-9a-f]{40,64}):([^\0]*)\0([0-9]+)\n")
_HELD = re.compile(rb"([0-9a-f]{40,64}):([^\0]*)\0")
_MARKER = re.compile(rb"[0-9a-f]{40,64}:([^\0]*)\0([0-9]+)\0([^\n]*)\n")


def count(git: Git, asked: Count) -> dict[str, Mapping[str, int]] | None:
    """Return, by commit and path, how many lines hold a text; `None` where git could not tell."""
    answer = git.run(*_FIXED, "-c", "-e", asked.text, *asked.at, "--", *asked.folders)
    if answer.code not in (0, 1):
        return None
    found: dict[str, dict[str, int]] = {commit: {} for commit in asked.at}
    for commit, path, lines in _COUNTED.findall(answer.out):
        found[commit.decode("ascii")][decode_path(path)] = int(lines)
    return dict(found)


def hold(git: Git, text: str, commits: Sequence[str], paths: Iterable[bytes] = ()) -> dict[str, list[bytes]] | None:
    """Return, by commit, the paths of the files that hold a text, among `paths` where any are named."""
    named = [os.fsdecode(path) for path in paths]
    answer = git.run(*_FIXED, "-l", "-e", text, *commits, "--", *named)
    if answer.code not in (0, 1):
        return None
    found: dict[str, list[bytes]] = {commit: [] for commit in commits}
    for commit, path in _HELD.findall(answer.out):
        found[commit.decode("ascii")].append(path)
    return found


def find_markers(git: Git, commit: str, apart: str) -> tuple[tuple[Marker, ...], bool] | None:
    """Return the markers in the files of a commit, and whether there are more than are told.

    The folder `apart` and Markdown are left out: there a marker is spoken of. Only what fits the pattern is printed, so a
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
    return text.decode("ascii", "replace").rpartition("@decision")[2].strip(" \t:").rstrip("._/#-")
