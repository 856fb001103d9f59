"""In: a value of `metrics:`. Out: `Metric`, a number that stays exact or a text that stays what it was."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from pydantic import Field

from roundbook.model.record import Many, Record, TextField

_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")


class Probe(Record):
    """How the value can be counted in the tree of the round's last commit."""

    glob: Many[TextField] = Field((), description="Count the files that one of these globs means.")
    grep: TextField | None = Field(None, description="Count the lines that hold this very text, in text files.")
    in_: Many[TextField] = Field(
        (), description="Globs of files to look for it in; default: all below the project, but the data folder."
    )


class Metric(Record):
    """A number of the round, or a text where there is no number yet (`TBD`, `~121`, `2,075+`)."""

    SHORT = "value"

    label: TextField | None = Field(None, description="Its name on the page; default: the key.")
    before: TextField | None = Field(
        None, description="The value before the round; default: taken from the round before."
    )
    after: TextField | None = Field(None, description="The value after the round; the same as `value`.")
    value: TextField | None = Field(None, description="The value.")
    unit: TextField | None = Field(None, description="Its unit.")
    target: TextField | None = Field(None, description="The value to reach.")
    better: Literal["higher", "lower"] | None = Field(None, description="Which way is better.")
    result: TextField | None = Field(None, description="What the comparison with the target gave.")
    how: TextField | None = Field(None, description="How it was measured.")
    note: TextField | None = Field(None, description="A remark.")
    before_note: TextField | None = Field(None, description="A remark on the value before.")
    probe: Probe | None = Field(None, description="How the value can be counted in the tree.")

    @property
    def now(self) -> str | None:
        """Return the value after the round, as written."""
        return self.after or self.value


def number(text: str | None) -> Decimal | None:
    """Return the exact number that a text states (`1048`, `1,048`, `-0.10`), or `None` where it states none."""
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    return Decimal(text.strip().replace(",", ""))
