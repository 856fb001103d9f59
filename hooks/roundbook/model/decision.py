"""In: an entry of `decisions:`. Out: `Decision`, with the names that MADR 4 gives where it has one.

Source: https://adr.github.io/madr/
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from roundbook.model.item import Item
from roundbook.model.names import slug
from roundbook.model.record import Date, Many, TextField
from roundbook.model.selection import Selection
from roundbook.model.status_words import DECISION_STATUSES, DecisionStatus, decision_word

DECISION_EXAMPLES = "one of " + ", ".join(DECISION_STATUSES)


def _status(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if found := decision_word(value):
        return found
    raise PydanticCustomError("decision-status-unknown", 'unknown decision status "{value}"', {"value": value})


class Decision(Item):
    """A decision with its reasons."""

    SHORT = "title"

    title: TextField = Field(description="The decision in one line; the only required key.")
    status: Annotated[DecisionStatus, BeforeValidator(_status)] | None = Field(
        None, description="Default: `accepted` inside a closed round, else `proposed`."
    )
    status_text: TextField | None = Field(None, description="The status in the words of the note.")
    date: Date | None = Field(None, description="When it was decided; default: the round's date.")
    decision_makers: Many[TextField] = Field((), description="Who decided.")
    consulted: Many[TextField] = Field((), description="Who was asked.")
    informed: Many[TextField] = Field((), description="Who was told.")
    authored_by: Literal["human", "agent", "agent-drafted"] | None = Field(None, description="Who wrote it down.")
    ratified_by: Many[TextField] = Field((), description="Who agreed to what an agent decided.")
    context: TextField | None = Field(None, description="The situation that asked for it.")
    decision: TextField | None = Field(None, description="What was decided.")
    rationale: Many[TextField] = Field((), description="The reasons, as written after “because”.")
    options: Many[TextField] = Field((), description="What else was considered.")
    consequences: Many[TextField] = Field((), description="What follows from it.")
    tradeoff: TextField | None = Field(None, description="What it costs.")
    impact: TextField | None = Field(None, description="What it changes.")
    confidence: TextField | None = Field(None, description="How sure the deciders are.")
    positions: Many[TextField] = Field((), description="Who held which opinion.")
    until: TextField | None = Field(None, description="The condition on which it is to be looked at again.")
    follow_up: TextField | None = Field(None, description="What is to be done later because of it.")
    supersedes: Many[TextField] = Field((), description="Decisions that it replaces; the way back is generated.")
    amends: Many[TextField] = Field((), description="Decisions that it changes in part.")
    depends_on: Many[TextField] = Field((), description="Decisions that it needs.")
    relates_to: Many[TextField] = Field((), description="Decisions that it has to do with.")
    affects: Many[TextField] = Field((), description="Paths and globs that it governs.")
    literals: Many[TextField] = Field(
        (), description="Strings, of 3 characters at least, whose return would mean that it was reversed."
    )
    commits: Many[Selection] = Field((), description="The commits that carry it out.")
    prs: Many[TextField] = Field((), description="Its pull requests.")
    evidence: TextField | None = Field(None, description="What shows that it holds.")
    details: dict[str, TextField] = Field(default_factory=dict, description="Anything else, by label, in order.")
    tags: Many[TextField] = Field((), description="Words to find it by.")

    @property
    def slug(self) -> str:
        """Return the id that names its page: the given one, or the title's slug."""
        return self.id or slug(self.title)
