"""Decision records as read from ADR files."""

from __future__ import annotations

from dataclasses import dataclass

from roundbook.errors import Place
from roundbook.schema.decision import DecisionRecord


@dataclass(frozen=True, slots=True)
class Reverse:
    """What a record says of another one: that it supersedes (`relation`) this one; `text` names the other."""

    relation: str
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class AdrRecord:
    """A decision record where it lies.

    `path` is its file, from the project's folder; `whole` tells that the file holds nothing else. `body` is the Markdown
    below the title, without what `decision` holds in its own keys; `extra` are keys of the front matter that mean nothing
    here. `logged` tells that it stands in a log, which holds what was decided.
    `resolved` are the ids of the records that it names, as its own folder and its links tell them.
    """

    id: str
    decision: DecisionRecord
    path: str
    body: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    reverses: tuple[Reverse, ...] = ()
    whole: bool = True
    logged: bool = False
    resolved: frozenset[str] = frozenset()

    @property
    def prose(self) -> str:
        """Return its text without headings, which all records have alike."""
        return prose_of(self.body)


def prose_of(body: str) -> str:
    """Return the lines of Markdown that are no headings."""
    return "\n".join(line for line in body.split("\n") if not line.lstrip().startswith("#"))
