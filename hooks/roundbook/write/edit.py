"""In: the text of a round file and a key or an entry. Out: the text with it; every other line stays as it was.

Only top-level keys are found, by their lines: a line of a YAML block mapping that begins in the first column is a key of it,
a comment, or an entry of the list above. Whoever writes the text to a file reads it again first and compares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from roundbook.write.emit import Data, emit

_ENTRY = re.compile(r"( *)- ")
_KEY_ALONE = re.compile(r"[^\s#][^:]*:\s*(?:#.*)?")


class NotPlainError(Exception):
    """A list that is not written as block entries, one below the other, so that none can be added to its lines."""


def set_key(text: str, key: str, value: Data, comment: str = "") -> str:
    """Return the text with `key: value` in the place of that key's old lines, or at the end where it had none."""
    lines = text.splitlines(keepends=True)
    end = _line_end(text)
    made = [f"{key}:{comment and f'  # {comment}'}{end}", *_lines(emit(value, 2), end)]
    span = _span(lines, key)
    if span:
        return "".join([*lines[: span[0]], *made, *lines[span[1] :]])
    return "".join([*_ended(lines, end), *made])


def add_entry(text: str, key: str, entry: Mapping[str, Data]) -> str:
    """Return the text with one more entry in the list of `key`, which is begun at the end of the text where there is none.

    Raises `NotPlainError` where the list is there, but not written as block entries.
    """
    lines = text.splitlines(keepends=True)
    end = _line_end(text)
    span = _span(lines, key)
    if span is None:
        return "".join([*_ended(lines, end), f"{key}:{end}", *_lines(emit([entry], 2), end)])
    first = next((m for line in lines[span[0] + 1 : span[1]] if (m := _ENTRY.match(line))), None)
    if first is None or not _KEY_ALONE.fullmatch(lines[span[0]].rstrip("\r\n")):
        raise NotPlainError(key)
    made = _lines(emit([entry], len(first[1])), end)
    return "".join([*_ended(lines[: span[1]], end, blank=False), *made, *lines[span[1] :]])


def _span(lines: list[str], key: str) -> tuple[int, int] | None:
    """Return the first line of a top-level key and the line after its last one; blank lines behind it are not its own."""
    start = next((i for i, line in enumerate(lines) if re.match(rf"{re.escape(key)}\s*:(?:\s|$)", line)), None)
    if start is None:
        return None
    stop = start + 1
    for i in range(start + 1, len(lines)):
        line = lines[i]
        if line.strip() and line[0] not in " -\t":
            break
        if line.startswith(("---", "...")):
            break
        if line.strip():
            stop = i + 1
    return start, stop


def _ended(lines: list[str], end: str, *, blank: bool = True) -> list[str]:
    """Return the lines, the last of them ended, with a blank line behind them where one is wanted and none is there."""
    if not lines:
        return []
    ended = [*lines[:-1], lines[-1] if lines[-1].endswith(("\n", "\r")) else lines[-1] + end]
    return [*ended, end] if blank and ended[-1].strip() else ended


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _lines(text: str, end: str) -> list[str]:
    return [line + end for line in text.split("\n")[:-1]]
