"""In: nothing. Out: `Item`, a record that has an anchor of its own on its round's page."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from roundbook.model.record import Id, Many, Record


class Item(Record):
    """A record that a page shows as an entry with an anchor; `LABEL` names the fields whose words stand for it."""

    LABEL: ClassVar[tuple[str, ...]] = ("title",)

    id: Id | None = Field(None, description="Names the anchor, so that it stays when the words change.")
    was: Many[Id] = Field((), description="Ids that it had before; what links to them still arrives.")

    @property
    def label(self) -> str:
        """Return the words that stand for the entry: those of the first field of `LABEL` that is written, else the id."""
        for name in self.LABEL:
            value: str | tuple[str, ...] | None = getattr(self, name)
            if value:
                return value if isinstance(value, str) else ", ".join(value)
        return self.id or type(self).__name__
