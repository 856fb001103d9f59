"""In: a git at the top of its repository, and a literal. Out: its `Tide`: which commits brought and removed it, and where."""

from __future__ import annotations

from collections.abc import Iterable

from roundbook.model.testimony import Sought, Tide, Turn
from roundbook.read.git_commits import DIFF
from roundbook.read.git_grep import hold
from roundbook.read.git_objects import decode_path
from roundbook.read.git_process import Git

MOST_TURNS = 64
MOST_PATHS = 500


def read_tide(git: Git, sought: Sought) -> Tide | None:
    """Return when a literal came and went, or `None` where git could not tell.

    Three processes at most. First the commits that change how often the literal occurs, with the files in which they do;
    then the files of the newest commit that hold it, so that one that always held it is known too; then which of all
    these files hold it at those commits. None at all where no commit is to be searched.
    """
    if not sought.steps:
        return Tide((), (), 0)
    feed = "".join(" ".join(step) + "\n" for step in sought.steps).encode("ascii")
    answer = git.run(*DIFF, f"-S{sought.text}", feed=feed)
    if answer.code:
        return None
    turned = _turned(answer.out)
    searched = len(sought.steps)
    if not turned:
        return Tide((), (), searched, sought.cut)
    newest = sought.steps[0][0]
    now = hold(git, sought.text, (newest,))
    if now is None:
        return None
    paths = dict.fromkeys((*now[newest], *(path for changed in turned.values() for path in changed)))
    if len(paths) > MOST_PATHS:
        return Tide((), (), searched, sought.cut, crowded=True)
    steps = [step for step in sought.steps if step[0] in turned]
    return _held(git, sought, steps[:MOST_TURNS], paths, crowded=len(steps) > MOST_TURNS)


def _held(
    git: Git, sought: Sought, steps: list[tuple[str, ...]], paths: Iterable[bytes], *, crowded: bool
) -> Tide | None:
    *_, oldest = steps
    commits = tuple(dict.fromkeys((*(step[0] for step in steps), *oldest[1:])))
    held = hold(git, sought.text, commits, paths)
    if held is None:
        return None
    turns = tuple(Turn(step[0], tuple(map(decode_path, held[step[0]]))) for step in steps)
    before = tuple(map(decode_path, held[oldest[1]])) if oldest[1:] else ()
    return Tide(turns, before, len(sought.steps), sought.cut, crowded)


def _turned(out: bytes) -> dict[str, list[bytes]]:
    """Return the paths that `diff-tree -z` prints, by commit: a status is one letter, and its path follows."""
    found: dict[str, list[bytes]] = {}
    tokens = iter(out.split(b"\0")[:-1])
    paths: list[bytes] = []
    for token in tokens:
        if len(token) == 1:
            paths.append(next(tokens, b""))
        else:
            paths = found[token.decode("ascii")] = []
    return found
