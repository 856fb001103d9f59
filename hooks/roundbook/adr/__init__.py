"""Decision records as read from Markdown files."""

from __future__ import annotations

from roundbook.errors import Place
from roundbook.frozen import frozen
from roundbook.schema.decision import DecisionRecord


@frozen
class IncomingRelation:
    """A relation that a record states about itself from the other side: `text` supersedes (`relation`) this record."""

    relation: str
    text: str
    place: Place


@frozen
class AdrRecord:
    """A decision record in a Markdown file.

    `path` is the file, relative to the project; `own_file` is false for an entry of a decision log. `body` is the Markdown
    below the title, without what `decision` already holds; `unknown_keys` are front matter keys that are not part of a
    decision. `resolved_ids` are the ids of the records it refers to, resolved within its own folder and through its links.
    """

    id: str
    decision: DecisionRecord
    path: str
    body: str = ""
    unknown_keys: tuple[tuple[str, str], ...] = ()
    incoming: tuple[IncomingRelation, ...] = ()
    own_file: bool = True
    resolved_ids: frozenset[str] = frozenset()

    @property
    def prose(self) -> str:
        """Return the text without its headings, which are the same in most records."""
        return prose_of(self.body)


def prose_of(body: str) -> str:
    """Return the lines of Markdown that are not headings."""
    return "\n".join(line for line in body.split("\n") if not line.lstrip().startswith("#"))
