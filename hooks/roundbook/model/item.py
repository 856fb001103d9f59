"""In: nothing. Out: `Item`, a record that has an anchor of its own on its round's page."""

from __future__ import annotations

from pydantic import Field

from roundbook.model.record import Id, Record


class Item(Record):
    """A record that a page shows as an entry with an anchor."""

    id: Id | None = Field(None, description="Names the anchor, so that it stays when the words change.")

    @property
    def label(self) -> str:
        """Return the words that stand for the entry; each kind of entry says which."""
        return self.id or ""
