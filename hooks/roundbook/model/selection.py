"""In: what `commits:` holds. Out: `Selection`, one way of naming commits: an id, a range, a tag, a window, paths."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, ModelWrapValidatorHandler, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from roundbook.model.record import Date, Many, Record, TextField

Sha = Annotated[TextField, StringConstraints(pattern=r"^[0-9a-f]{7,64}$")]
FullSha = Annotated[TextField, StringConstraints(pattern=r"^[0-9a-f]{40}(?:[0-9a-f]{24})?$")]
Revision = Annotated[TextField, StringConstraints(pattern=r"^[^\s~^:?*\[\\-][^\s~^:?*\[\\]{0,199}$")]


class Selection(Record):
    """Names commits: an id of 7 to 64 digits, a range `a..b`, `{from, to}`, `{tag}`, `{since, until}` or `{paths}`."""

    SHORT = "id"

    id: Sha | None = Field(None, description="A commit's id, 7 digits at least.")
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
