"""In: nothing. Out: `Adopted`, a change that a fragment of another tool states and that stays in its file."""

from __future__ import annotations

from dataclasses import dataclass

from roundbook.model.items import Change


@dataclass(frozen=True, slots=True)
class Adopted:
    """A change with the fragment that states it, by its path in the project.

    `kept` tells that the tool leaves its fragments where they are after a release, so that only the commit that added one
    tells which version has it; else a fragment that is there is not released.
    """

    change: Change
    path: str
    kept: bool
