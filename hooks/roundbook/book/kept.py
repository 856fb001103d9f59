"""Results of the last book, used again for the next one where they follow from the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Kept:
    """The last result of each step, with the inputs that it was made of."""

    def __init__(self) -> None:
        self._made: dict[Hashable, tuple[object, Any]] = {}

    def same(self, step: Hashable, make: Callable[[*Ts], T], *of: *Ts) -> T:
        """Return what `make` makes of the inputs: the last result where the inputs equal those that it was made of."""
        known = self._made.get(step)
        if known is None or known[0] != of:
            self._made[step] = known = (of, make(*of))
        result: T = known[1]
        return result

    def last(self, step: Hashable, value: T) -> T:
        """Return a value, as the last object that equals it: what is derived from that is kept, and quick to compare."""
        return self.same(step, lambda one: one, value)
