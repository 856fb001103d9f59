"""Decisions as a round file writes them, with their metrics and selections of commits."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import PydanticCustomError

from roundbook.schema.base import Date, Item, Many, Record, TextField
from roundbook.schema.ids import slug
from roundbook.schema.statuses import DECISION_STATUSES, DecisionStatus, decision_word

Sha = Annotated[TextField, StringConstraints(pattern=r"^[0-9a-f]{7,64}$")]
FullSha = Annotated[TextField, StringConstraints(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
_REVISION = r"[^\s~^:?*\[\\-][^\s~^:?*\[\\]{0,199}"
Revision = Annotated[TextField, StringConstraints(pattern=f"^{_REVISION}$")]


class Selection(Record):
    """Selects commits: an id of 7 to 64 digits, a range `a..b`, `{from, to}`, `{tag}`, `{since, until}` or `{paths}`."""

    SHORT = "id"
    SCHEMA: ClassVar[Mapping[str, Any]] = {
        "type": ["string", "number", "object", "null"],
        "minimum": 0,
        "anyOf": [
            *({"required": [key]} for key in ("id", "from", "to", "tag", "since", "until", "paths")),
        ],
        "pattern": rf"^(?:[0-9a-f]{{7,64}}|{_REVISION}[.][.]+{_REVISION})$",
        "patternErrorMessage": "write a commit id with 7 digits or more, or a range of two commits or tags",
    }

    id: Sha | None = Field(None, description="A commit id, at least 7 digits.")
    from_: Revision | None = Field(None, description="An id or tag; the range begins after it.")
    to: Revision | None = Field(None, description="An id or tag; the range ends with it.")
    tag: TextField | None = Field(None, description="A tag: the commits since the version before it.")
    since: Date | None = Field(None, description="The first day of a window.")
    until: Date | None = Field(None, description="The last day of a window.")
    paths: Many[TextField] = Field((), description="Commits that touch one of these paths or globs.")

    @model_validator(mode="wrap")
    @classmethod
    def _range(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(value, str) or ".." not in value:
            return handler(value)
        first, _, last = value.partition("..")
        if not first or not last.strip(".") or ".." in last.lstrip("."):
            raise PydanticCustomError("range-not-readable", 'a range is written "first..last"')
        selection = handler({"from": first, "to": last.lstrip(".")})
        selection._place = getattr(value, "place", None)
        return selection

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any((self.id, self.from_, self.to, self.tag, self.since, self.until, self.paths)):
            raise PydanticCustomError("selection-empty", "it names no commit")
        return self

    def __str__(self) -> str:
        """Return it as a round file would write it."""
        if self.id:
            return self.id
        if self.from_ or self.to:
            return f"{self.from_ or ''}..{self.to or ''}"
        if self.tag:
            return f"tag {self.tag}"
        return ", ".join(self.paths) or f"{self.since or ''}..{self.until or ''}"


DECISION_EXAMPLES = "one of " + ", ".join(DECISION_STATUSES)


def _status(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if found := decision_word(value):
        return found
    raise PydanticCustomError("decision-status-unknown", 'unknown decision status "{value}"', {"value": value})


DecisionStatusField = Annotated[DecisionStatus, BeforeValidator(_status)]


class DecisionRecord(Item):
    """A decision with its reasons."""

    SHORT = "title"

    title: TextField = Field(description="The decision in one line; the only required key.")
    status: DecisionStatusField | None = Field(
        None, description="Default: `accepted` inside a closed round, else `proposed`."
    )
    status_text: TextField | None = Field(None, description="The status as the note words it.")
    date: Date | None = Field(None, description="When it was decided; default: the round's date.")
    decision_makers: Many[TextField] = Field((), description="Who decided.")
    consulted: Many[TextField] = Field((), description="Who was asked.")
    informed: Many[TextField] = Field((), description="Who was informed.")
    authored_by: Literal["human", "agent", "agent-drafted"] | None = Field(None, description="Who wrote it down.")
    ratified_by: Many[TextField] = Field((), description="Who approved what an agent decided.")
    context: TextField | None = Field(None, description="The situation that required it.")
    decision: TextField | None = Field(None, description="What was decided.")
    rationale: Many[TextField] = Field((), description="The reasons, as written after “because”.")
    options: Many[TextField] = Field((), description="What else was considered.")
    consequences: Many[TextField] = Field((), description="What follows from it.")
    tradeoff: TextField | None = Field(None, description="What it costs.")
    impact: TextField | None = Field(None, description="What it changes.")
    confidence: TextField | None = Field(None, description="How sure the deciders are.")
    positions: Many[TextField] = Field((), description="Who held which opinion.")
    until: TextField | None = Field(None, description="The condition for reviewing it.")
    follow_up: TextField | None = Field(None, description="Follow-up work.")
    supersedes: Many[TextField] = Field(
        (), description="Decisions that it replaces; the reverse relation is generated."
    )
    amends: Many[TextField] = Field((), description="Decisions that it changes in part.")
    depends_on: Many[TextField] = Field((), description="Decisions that it depends on.")
    relates_to: Many[TextField] = Field((), description="Related decisions.")
    affects: Many[TextField] = Field((), description="Paths and globs that it affects.")
    literals: Many[TextField] = Field(
        (), description="Strings of at least 3 characters whose reappearance means that it was reversed."
    )
    commits: Many[Selection] = Field((), description="The commits that implement it.")
    prs: Many[TextField] = Field((), description="Its pull requests.")
    evidence: TextField | None = Field(None, description="Evidence that it is in effect.")
    details: dict[str, TextField] = Field(default_factory=dict, description="Anything else, by label, in order.")
    tags: Many[TextField] = Field((), description="Keywords.")

    @property
    def slug(self) -> str:
        """Return the id that names its page: the given one, or the title's slug."""
        return self.id or slug(self.title)


_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")


class Probe(Record):
    """How to count the value in the tree of the round's last commit."""

    glob: Many[TextField] = Field((), description="Count the files that match one of these globs.")
    grep: TextField | None = Field(None, description="Count the lines in text files that contain exactly this text.")
    in_: Many[TextField] = Field(
        (), description="Globs of files to search for `grep`; default: the whole project except the data folder."
    )


class Metric(Record):
    """A number of the round, or a text where there is no number yet (`TBD`, `~121`, `2,075+`)."""

    SHORT = "value"

    label: TextField | None = Field(None, description="Its name on the page; default: the key.")
    before: TextField | None = Field(None, description="The value before the round; default: from the previous round.")
    after: TextField | None = Field(None, description="The value after the round; the same as `value`.")
    value: TextField | None = Field(None, description="The value.")
    unit: TextField | None = Field(None, description="Its unit.")
    target: TextField | None = Field(None, description="The value to reach.")
    better: Literal["higher", "lower"] | None = Field(None, description="Which way is better.")
    result: TextField | None = Field(None, description="The result of the comparison with the target.")
    how: TextField | None = Field(None, description="How it was measured.")
    note: TextField | None = Field(None, description="A remark.")
    before_note: TextField | None = Field(None, description="A remark on the value before.")
    probe: Probe | None = Field(None, description="How to count the value in the tree.")

    @property
    def now(self) -> str | None:
        """Return the value after the round, as written."""
        return self.after or self.value


def number(text: str | None) -> Decimal | None:
    """Return the exact number that a text states (`1048`, `1,048`, `-0.10`), or `None` where it states none."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    return Decimal(text.strip().replace(",", ""))
