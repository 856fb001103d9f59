"""In: nothing. Out: `Span`, what lies between a base and a head: the commits, and the paths that they changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """What a branch brings: its `commits` by id, and the `paths`, from the top of the repository, that it changed.

    `fork` is the newest commit that the base has as well, `landed` whether the base has all the paths as the branch does.
    """

    commits: frozenset[str]
    paths: frozenset[str]
    fork: str = ""
    landed: bool = False
