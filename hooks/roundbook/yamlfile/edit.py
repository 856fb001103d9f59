"""Entries added to a round file, every other line left as it is, and files written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from roundbook.yamlfile.writer import Block, Data, Entry, emit, lines_of_key

_ENTRY = re.compile(r"( *)- ")
_KEY_ALONE = re.compile(r"[^\s#][^:]*:\s*(?:#.*)?")


class NotPlainError(Exception):
    """A list that is not written as block entries, one below the other, so that none can be added to its lines."""


def set_key(text: str, key: str, value: Data, comment: str = "") -> str:
    """Return the text with `key: value` in the place of that key's old lines, or at the end where it had none."""
    lines, end = text.splitlines(keepends=True), _line_end(text)
    made = f"{key}:{comment and f'  # {comment}'}\n{emit(value, 2)}".replace("\n", end)
    span = _span(lines, key)
    above, below = (lines[: span[0]], lines[span[1] :]) if span else (_ended(lines, end), [])
    return "".join([*above, made, *below])


def add_entry(text: str, key: str, entry: Mapping[str, Data]) -> str:
    """Return the text with one more entry in the list of `key`, which is begun at the end of the text where there is none.

    Raises `NotPlainError` where the list is there, but not written as block entries.
    """
    lines, end = text.splitlines(keepends=True), _line_end(text)
    span = _span(lines, key)
    if span is None:
        return set_key(text, key, [entry])
    first = next((m for line in lines[span[0] + 1 : span[1]] if (m := _ENTRY.match(line))), None)
    if first is None or not _KEY_ALONE.fullmatch(lines[span[0]].rstrip("\r\n")):
        raise NotPlainError(key)
    made = emit([entry], len(first[1])).replace("\n", end)
    return "".join([*_ended(lines[: span[1]], end, blank=False), made, *lines[span[1] :]])


def splice(text: str, before: Block, after: Block) -> str:
    """Return the text with the top-level keys that differ between two readings of it written anew.

    In: the text, what it holds, and what it is to hold. Every other line stays as it was. Raises `NotPlainError` where a
    key cannot be found by its lines, or comments above one are to change.
    """
    lines = text.splitlines(keepends=True)
    spans = {_name(one): _span_of(lines, one) for one in before.entries}
    old = {_name(one): one for one in before.entries}
    edits: list[tuple[int, int, list[str]]] = []
    at = min((start for start, _ in spans.values()), default=0)
    for one in after.entries:
        name = _name(one)
        made = [f"{line}\n" for line in lines_of_key(one)]
        if name not in old:
            edits.append((at, at, ["\n", *made] if len(made) > 1 else made))
            continue
        start, at = spans[name]
        if one.above != old[name].above:
            raise NotPlainError(name)
        if one != old[name]:
            edits.append((start, at, made))
    gone = set(old) - set(map(_name, after.entries))
    edits += [(*spans[name], []) for name in gone]
    for start, stop, made in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[start:stop] = made
    return "".join(lines)


def _name(one: Entry) -> str:
    return one.key.text if one.key else ""


def _span_of(lines: list[str], one: Entry) -> tuple[int, int]:
    span = _span(lines, one.key.written[0]) if one.key and one.key.written else None
    if span is None:
        raise NotPlainError(_name(one))
    return span


def _span(lines: list[str], key: str) -> tuple[int, int] | None:
    """Return the first line of a top-level key and the line after its last one; blank lines behind it are not its own."""
    start = next((i for i, line in enumerate(lines) if re.match(rf"{re.escape(key)}\s*:(?:\s|$)", line)), None)
    if start is None:
        return None
    stop = start + 1
    for i in range(start + 1, len(lines)):
        line = lines[i]
        if line.startswith(("---", "...")) or (line.strip() and line[0] not in " -\t#"):
            break
        if line.strip() and line[0] != "#":  # a comment in the first column is the key's where more of it comes below
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


def replace(path: Path, data: bytes) -> None:
    """Write a file as a whole: beside it first, then into its place, with the permissions that it had.

    A link stays a link: what it leads to is written. Raises `OSError` where the folder cannot be written to.
    """
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, name)
        else:
            Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask
