"""In: a git, and ids of objects, whole or not. Out: what each of them names, also where no history reaches it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from roundbook.model.testimony import Found
from roundbook.read.git_objects import CommitParser
from roundbook.read.git_process import Git
from roundbook.read.git_trees import read_all


def look_up(git: Git, ids: Iterable[str]) -> dict[str, Found | None]:
    """Return what each id names, `None` where there is no such object; two processes at most, none for no ids.

    `ids` are hexadecimal. A name of a ref that looks like one is not meant.
    """
    asked = list(dict.fromkeys(ids))
    if not asked:
        return {}
    answer = git.run("cat-file", "--batch-check", feed="".join(f"{id_}\n" for id_ in asked).encode("ascii"))
    lines = answer.out.decode("ascii", "replace").split("\n")[:-1]
    if answer.code or len(lines) != len(asked):
        return {}
    found = {id_: _found(id_, line) for id_, line in zip(asked, lines, strict=True)}
    contents = read_all(git, (one.id for one in found.values() if one and one.kind == "commit"))
    parse = CommitParser().parse
    return {
        id_: Found(one.id, one.kind, parse(one.id, contents[one.id])) if one and one.id in contents else one
        for id_, one in found.items()
    }


def _found(asked: str, line: str) -> Found | None:
    words = line.split(" ")
    if words[1:] == ["ambiguous"]:
        return Found(asked, "ambiguous")
    return Found(words[0], words[1]) if len(words) == 3 and words[0].startswith(asked) else None


def ignored(git: Git, paths: Sequence[str]) -> frozenset[str]:
    """Return the paths, from the top of the repository, that its own rules ignore; one process for all of them.

    Each is asked for as a file and as a folder. A personal list of what to ignore is left out: it is no part of the project.
    """
    if not paths:
        return frozenset()
    feed = b"".join(os.fsencode(name) + b"\0" for path in paths for name in (path, f"{path}/"))
    answer = git.run("--no-literal-pathspecs", "-c", "core.excludesFile=", "check-ignore", "-z", "--stdin", feed=feed)
    if answer.code != 0:  # 1 where none is ignored
        return frozenset()
    return frozenset(os.fsdecode(raw).rstrip("/") for raw in answer.out.split(b"\0") if raw)
