"""In: nothing. Out: `Span`, what lies between a base and a head: the commits, and the paths that they changed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """What a branch brings: its `commits` by id, and the `paths`, from the top of the repository, that it changed."""

    commits: frozenset[str]
    paths: frozenset[str]
