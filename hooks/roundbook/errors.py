"""Problems as values, with a place and a fix; the one exception that carries them; words that messages share."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from roundbook.frozen import frozen

Severity = Literal["error", "warning", "info"]


@frozen
class Place:
    """A position in a file of the project.

    `path` is relative to the project, with `/`; `line` and `column` count from 1, and 0 means "the file as a whole".
    """

    path: str
    line: int = 0
    column: int = 0

    def __lt__(self, other: Place) -> bool:
        """Tell whether it comes before another one."""
        return (self.path, self.line, self.column) < (other.path, other.line, other.column)

    def __str__(self) -> str:
        """Return `path:line:column`, the form that editors and CI systems turn into a link."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@frozen
class Finding:
    """One thing that is wrong, or worth knowing, with its place and the fix.

    `slug` names the kind (`unknown-key`); `message` says what is wrong; `fix` says what to do, or is empty.
    """

    severity: Severity
    slug: str
    message: str
    place: Place | None = None
    fix: str = ""

    @property
    def as_warning(self) -> Finding:
        """Return it as a warning where it is an error."""
        return replace(self, severity="warning") if self.severity == "error" else self

    def __post_init__(self) -> None:
        """Cut words that no message can show, whatever a file or a commit holds."""
        object.__setattr__(self, "message", short(self.message))
        object.__setattr__(self, "fix", short(self.fix))

    def __str__(self) -> str:
        """Return the line that the command and the build print: `place: severity slug: message; fix`."""
        where = f"{self.place}: " if self.place else ""
        fix = f"; {self.fix}" if self.fix else ""
        return f"{where}{self.severity} {self.slug}: {self.message}{fix}"


class RoundbookError(Exception):
    """What stops the work, as findings; only an adapter shows it."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


_LONG = 255  # as long as the name of a file may be
_LONG_WORD = re.compile(rf"\S{{{_LONG + 1},}}")


def short(message: str) -> str:
    """Return a message whose words are cut where they are longer than anything that can be meant."""
    if len(message) <= _LONG:
        return message
    return _LONG_WORD.sub(lambda m: f"{m[0][:100]}… ({len(m[0]):,} characters)", message)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "", cutoff: float = 0.6) -> str:
    """Return the fix for an unknown name: the most similar of those that are `known`, else what is said `otherwise`."""
    near = difflib.get_close_matches(name, [*known], n=1, cutoff=cutoff)
    return f'did you mean "{near[0]}"?' if near else otherwise


def plural(count: int, word: str, many: str = "") -> str:
    """Return a count with its noun: `1 commit`, `2,000 commits`; `many` is the plural if it is not the word with an `s`."""
    return f"{count:,} {word if count == 1 else many or word + 's'}"
