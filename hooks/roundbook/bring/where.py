"""In: a document and a round. Out: `Where`, what readers of a part must know: how far they are down, and for whom they read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roundbook.bring.gathering import Told
from roundbook.bring.identity import no_record
from roundbook.bring.known import PHASES
from roundbook.bring.revisions import Known, any_id, shas_of
from roundbook.bring.vocabulary import Mention
from roundbook.markdown import Block, Document, Part
from roundbook.schema.statuses import Status, status_of
from roundbook.yamlfile.writer import Data

CARRIED = {"deliverables": "carried.completed", "findings": "carried.findings", "deferred": "carried.deferred"}
_RULE = re.compile(r"(?:\s*\n)*[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})\s*$")


# `ADR-003: Title`, `[ADR-3](adr/3.md) Title`, `**ADR 3** -- Title`
_NUMBERED = re.compile(r"[\W_]*(?P<name>[A-Za-z]{2,10}[ _-]?#?\d{1,6})(?![\w.]*\w)")


@dataclass(frozen=True)
class Where:
    """The place of a reader.

    `heading` is the one above, `group` one that entries are listed under; `carried` is set below a heading about an earlier
    round, of which there is one, `earlier`; `status` and `to` are what a heading says of all entries below it.
    `numbered` are the lines of headings whose number says no more than their place.
    """

    document: Document
    phase: str
    round: str
    words: Mapping[str, Status] = field(default_factory=dict)
    is_commit: Known = any_id
    carried: bool = False
    group: str = ""
    status: str = ""
    to: str = ""
    heading: str = ""
    earlier: str = ""
    numbered: frozenset[int] = frozenset()
    is_record: Callable[[str], bool] = no_record

    def is_adopted(self, title: str) -> bool:
        """Tell whether a title begins with the number of a decision record that the book has: `ADR-003: Use a queue`."""
        match = _NUMBERED.match(title)
        return bool(match and self.is_record(match["name"]))

    def told(self, key: str, value: Data, line: int, label: str = "", said: str = "") -> Told:
        """Return a statement of this document."""
        return Told(CARRIED.get(key, key) if self.carried else key, value, self.document.path, line, label, said)

    def shas(self, text: str) -> list[str]:
        """Return the commits of a text that is nothing but commits that git has."""
        return shas_of(text, self.is_commit)

    def source(self, blocks: Sequence[Block]) -> str:
        """Return blocks that follow each other as they are written."""
        return self.lines(blocks[0].line, blocks[-1].end) if blocks else ""

    def lines(self, line: int, end: int) -> str:
        """Return lines as they are written, moved to the margin, without a rule across the page at their end."""
        return _RULE.sub("", textwrap.dedent(self.document.source(line, end))).strip("\n")

    def section(self, title: str, body: str, line: int) -> Told:
        """Return a section; one that is nothing but a heading is a note."""
        if not body.strip():
            return Told("notes", title, self.document.path, line)
        value = {"title": title, "body": body} if title else {"body": body}
        return Told("sections", value, self.document.path, line)

    def body(self, part: Part) -> str:
        """Return what stands below a heading as it is written."""
        return self.lines(part.line + self._height(part), part.end)

    def _height(self, part: Part) -> int:
        """Return how many lines a heading takes: an underlined one has several."""
        end = part.line + part.title.count("\n")
        below = self.document.lines[end] if end < len(self.document.lines) else ""
        return end - part.line + (2 if part.level < 3 and re.fullmatch(r"[\s>]*(?:-+|=+)\s*", below) else 1)

    def with_status(self, entry: dict[str, Any], text: str) -> None:
        """Give an entry the status that a text states, and the text where it says more than the status."""
        if status := status_of(text, self.words):
            entry["status"] = status
        if not status or text.casefold() != status:
            entry["status-text"] = text

    def key_of(self, mention: Mention) -> str:
        """Return the key of a round that is spoken of, in the phase that is read."""
        return f"{self.phase}/{mention.id}"

    def is_own(self, mention: Mention) -> bool:
        """Tell whether a round or phase that is spoken of is the one that is read."""
        own = self.phase if mention.word in PHASES or not self.round else self.round
        return mention.id.casefold() == own.casefold()


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def joined(texts: Iterable[str], by: str = "; ") -> str:
    """Return texts in one, without those that are empty."""
    return by.join(text for text in texts if text)
