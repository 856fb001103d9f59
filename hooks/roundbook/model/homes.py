"""In: decisions with the rounds that took them. Out: `Homes`, in which a reference to a decision is looked up."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath

from roundbook.schema.ids import GENERIC, number_in, number_of

NOWHERE: Mapping[str, str] = {}
ANY = frozenset({"adr", "decision"})  # what people call a record by its number, whatever its folder is called


class Homes(Mapping[str, str | None]):
    """The decisions of a book by id, each with the round that took it, or `None` where no round did.

    `records` holds the files of those that are adopted, by id; `renamed` maps old ids to those of today.
    """

    def __init__(
        self,
        rounds: Mapping[str, str | None],
        records: Mapping[str, str] = NOWHERE,
        renamed: Mapping[str, str] = NOWHERE,
    ) -> None:
        self._rounds = dict(rounds)
        self.records = records
        self.renamed = renamed

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
    def _numbered(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        found: dict[tuple[str, int], dict[str, str]] = {}
        for name in self:
            number = number_of(name)
            own = number_in(self.records[name]) if name in self.records else ""
            keys = {_key(*number)} if number and number[0] else set()
            keys |= {("adr", int(own))} if own else set()
            for key in keys:
                found.setdefault(key, {}).setdefault(self.renamed.get(name, name), name)
        return {key: tuple(names.values()) for key, names in found.items()}

    @cached_property
    def _files(self) -> Mapping[str, str]:
        stems: dict[str, list[str]] = {}
        for name, path in self.records.items():
            stems.setdefault(PurePosixPath(path).stem.casefold(), []).append(name)
        once = {stem: names[0] for stem, names in stems.items() if len(names) == 1 and stem not in self._rounds}
        whole = {path: name for name, path in self.records.items() if list(self.records.values()).count(path) == 1}
        return {**once, **whole}

    def several(self, text: str) -> tuple[str, ...]:
        """Return the ids that a number may mean, `ADR-1` where two folders have a record of that number; else nothing."""
        number = number_of(text)
        found = self._numbered.get(_key(*number), ()) if number and number[0] else ()
        return found if len(found) > 1 else ()

    def named(self, text: str) -> str | None:
        """Return the id that a text means: the very id, the file of a record, or its number, `adr-0044` also as `ADR-44`.

        A number that several have means none of them.
        """
        number = number_of(text)
        numbered = self._numbered.get(_key(*number), ()) if number and number[0] else ()
        if len(numbered) > 1:
            return None
        if text in self._rounds:
            return text
        return numbered[0] if numbered else self._files.get(text) or self._files.get(text.casefold())

    def area(self, name: str) -> str:
        """Return the folder whose files the folder of a record speaks of: of `ui/docs/adr` it is `ui`.

        A folder that lies at the top, such as `docs/adr`, speaks of the whole project, so that it tells nothing of a path.
        """
        folder = posixpath.dirname(self.records.get(name, ""))
        parts = folder.split("/")
        while parts and parts[-1].lower() in GENERIC:
            parts.pop()
        return "/".join(parts) or folder


def _key(stem: str, number: int) -> tuple[str, int]:
    return ("adr" if stem in ANY else stem), number
