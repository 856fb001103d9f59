"""In: a git, and commits with paths, or ids of trees. Out: what lies there, by kind and object id."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from roundbook.model.testimony import Spot
from roundbook.read.git_commits import BATCH, read_objects
from roundbook.read.git_objects import parse_tree
from roundbook.read.git_process import Git

Entry = tuple[str, str]  # `blob`, `tree` or `commit` (a submodule), and the object id

_FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_UNASKABLE = re.compile("[\\n\\0\\ud800-\\udfff]")


def locate(git: Git, spots: Iterable[Spot]) -> dict[Spot, Entry | None]:
    """Return what lies at each `(commit id, path)`, or `None` for nothing.

    Paths count from the top of the repository. `None` is also the answer where the repository does not hold the trees
    that would tell, and where the question is none: an id that is not a full one, a path that leads outside. Types
    come from the trees, so that a partial clone, which lacks the files themselves, answers as well as a whole one.
    One process, whatever the number of questions.
    """
    answers: dict[Spot, Entry | None] = dict.fromkeys(spots)
    asked: defaultdict[str, list[Spot]] = defaultdict(list)
    for spot in answers:
        if folder := _folder(*spot):
            asked[folder].append(spot)
    if not asked:
        return answers
    feed = "".join(f"{folder}\n" for folder in asked).encode()
    with git.stream(*BATCH, feed=feed) as stream:
        for (name, type_, content), wanted in zip(read_objects(stream.out), asked.values(), strict=False):
            if type_ == b"tree" and content is not None:
                entries = {"": ("tree", name.decode("ascii")), **parse_tree(content, len(wanted[0][0]) // 2)}
                answers.update({spot: entries.get(_name(spot[1])) for spot in wanted})
    return answers


def read_trees(git: Git, ids: Iterable[str]) -> dict[str, dict[str, Entry]]:
    """Return the entries of trees by id; one that is missing is left out. One process."""
    return {id_: parse_tree(content, len(id_) // 2) for id_, content in read_all(git, ids).items()}


def read_all(git: Git, ids: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of objects by id; one that is missing is left out. One process, or none for no ids."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    with git.stream(*BATCH, feed="".join(f"{id_}\n" for id_ in wanted).encode("ascii")) as stream:
        return {name.decode("ascii"): content for name, _, content in read_objects(stream.out) if content is not None}


def _folder(commit: str, path: str) -> str:
    """Return `<commit>:<folder>` as `cat-file` reads it, or nothing where that would not be what was asked.

    `cat-file` takes one name a line, drops a carriage return before the end of it, and resolves `.` and `..`.
    """
    folder = path.rstrip("/").rpartition("/")[0]
    parts = path.rstrip("/").split("/") if path else []
    odd = {"", ".", ".."}.intersection(parts) or _UNASKABLE.search(path) or folder.endswith("\r")
    return f"{commit}:{folder}" if _FULL_ID.fullmatch(commit) and not odd else ""


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
