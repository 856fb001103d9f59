"""In: decisions with the rounds that took them. Out: `Homes`, in which a reference to a decision is looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from roundbook.model.names import number_of


class Homes(Mapping[str, str | None]):
    """The decisions of a book by id, each with the round that took it, or `None` where no round did."""

    def __init__(self, rounds: Mapping[str, str | None]) -> None:
        self._rounds = dict(rounds)

    def __getitem__(self, name: str) -> str | None:
        """Return the round that took a decision."""
        return self._rounds[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the ids."""
        return iter(self._rounds)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._rounds)

    @cached_property
    def _numbered(self) -> Mapping[tuple[str, int], str]:
        found: dict[tuple[str, int], str] = {}
        for name in self:
            if (number := number_of(name)) and number[0]:
                found.setdefault(number, name)
        return found

    def named(self, text: str) -> str | None:
        """Return the id that a text means: the very id, or the one with that number, `adr-0044` also as `ADR-44`."""
        if text in self._rounds:
            return text
        number = number_of(text)
        return self._numbered.get(number) if number else None
