"""In: a path, or the bytes of a file. Out: bytes, text, findings about its characters, and excerpts for people."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from pathlib import Path
from typing import NamedTuple

from roundbook.errors import Finding, Place
from roundbook.schema.ids import HIDDEN

MAX_BYTES = 5 * 1024 * 1024
_MEND_UNREADABLE = "check that the file exists and that you may read it"
_NOT_SHOWN = re.compile(HIDDEN.pattern[:-1] + "\t\n]")
_UTF16_OR_32 = re.compile(rb"\xff\xfe|\xfe\xff|\x00[^\x00]\x00|[^\x00]\x00[^\x00]\x00")
_CODES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "r": "\r", "v": "\v"}
_CODES |= {"N": "\x85", "L": "\u2028", "P": "\u2029"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
# Never wait for a pipe, leave the handle to a child, or follow a link put there meanwhile.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


def locate(path: Path, root: Path) -> str:
    """Return the path as findings show it: relative to `root`, with `/`, printable whatever the file is called."""
    return visible(os.path.relpath(path, root).replace(os.sep, "/"))


def read(path: Path, root: Path) -> tuple[bytes | None, tuple[Finding, ...]]:
    """Return the bytes of a regular file of the project, or None and the findings that say why not.

    In: a file, and the root of the project. At most one byte more than `MAX_BYTES` is read, so that `parse` can tell
    that a file is too large. A FIFO, a device, a folder, a link that leads out of `root` and a file without permission
    are findings; nothing here waits or raises.
    """
    try:
        return _bytes(path, root), ()
    except _RefusedError as refused:
        slug, message, mend = refused.args
    except OSError as error:
        slug, message, mend = "unreadable", f"cannot be read ({error.strerror or 'system error'})", _MEND_UNREADABLE
    except ValueError:  # a NUL in the name
        slug, message, mend = "unreadable", "cannot be read (not a file name)", "rename the file"
    return None, (Finding("error", slug, message, Place(locate(path, root)), mend),)


class _RefusedError(Exception):
    """Slug, message and mend of a file that is not to be opened."""


def _bytes(path: Path, root: Path) -> bytes:
    """Return the bytes; raise `_RefusedError` or OSError. The second look closes the race with a swapped file."""
    real = Path(os.path.realpath(path, strict=True))
    if not real.is_relative_to(os.path.realpath(root)):
        mend = "put the file itself into the project"
        raise _RefusedError("outside-project", "the file, or a link on the way to it, leads out of the project", mend)
    _must_be_regular(os.lstat(real))
    handle = os.open(real, _OPEN_FLAGS)
    with os.fdopen(handle, "rb") as file:
        _must_be_regular(os.fstat(file.fileno()))
        return file.read(MAX_BYTES + 1)


def _must_be_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
        raise _RefusedError("not-regular", f"not a regular file but {kind}", "replace it by a file, or rename it")


def decode(data: bytes, path: str) -> tuple[str | None, list[Finding]]:
    r"""Return the text and what is wrong with its characters; None when there is no text to go on with.

    A byte order mark at the start is dropped and line ends become `\n`. A character that does not belong into text is
    reported once, with the number of its places, and replaced by U+FFFD so that all positions stay what they were.
    """
    if len(data) > MAX_BYTES:
        return None, [too_large(path)]
    try:
        text = _line_ends(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return None, [_not_utf8(data, error.start, path)]
    if _UTF16_OR_32.match(data):
        return None, [_not_utf8(data, data.index(0), path)]
    if not HIDDEN.search(text):
        return text, []
    found = [(text.find(char), char, text.count(char)) for char in set(text) if HIDDEN.match(char)]
    findings = [_hidden(char, place_of(text, index, Start(path)), count) for index, char, count in sorted(found)]
    return HIDDEN.sub("\ufffd", text), findings


def too_large(path: str) -> Finding:
    """Return the finding for a file that is larger than `MAX_BYTES`."""
    mend = "split it into several files"
    return Finding("error", "too-large", f"larger than {MAX_BYTES >> 20} MiB", Place(path), mend)


def escaped(text: str, end: int, start: Start) -> list[Finding]:
    r"""Return findings for characters that a text in double quotes brings in by escapes (`"\x1b"`).

    In: the text of the file, where the scalar ends, where it starts. The caller looks at the value first: this is rare.
    """
    first: dict[str, int] = {}
    count: dict[str, int] = {}
    for match in _ESCAPE.finditer(text, start.offset, end):
        char = _character(match)
        if HIDDEN.match(char):
            first.setdefault(char, match.start())
            count[char] = count.get(char, 0) + 1
    return [_hidden(char, place_of(text, at, start), count[char]) for char, at in first.items()]


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    return chr(int(code, 16)) if code else _CODES.get(match[4], " ")


def _not_utf8(data: bytes, start: int, path: str) -> Finding:
    before = _line_ends(data[:start].decode("utf-8-sig", "replace"))
    kind = "UTF-16 or UTF-32, not UTF-8" if _UTF16_OR_32.match(data) else "not UTF-8"
    place = place_of(before, len(before), Start(path))
    return Finding("error", "not-utf8", f"{kind} (byte 0x{data[start]:02x})", place, "save the file as UTF-8")


def _line_ends(text: str) -> str:
    r"""Return the text with `\n` line ends; a lone CR among them stays, and is then refused as a control character."""
    text = text.replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")


def _hidden(char: str, place: Place, count: int) -> Finding:
    slug, kind = _kind(char)
    name = unicodedata.name(char, "")
    more = f", {count} times" if count > 1 else ""
    message = f"{kind} U+{ord(char):04X}{f' ({name})' if name else ''} is not allowed{more}"
    return Finding("error", slug, message, place, "remove it")


def _kind(char: str) -> tuple[str, str]:
    if char in "\u2028\u2029":
        return "line-separator", "line separator"
    if "\ud800" <= char <= "\udfff":
        return "surrogate", "half of a surrogate pair"
    if char == "\ufeff":
        return "byte-order-mark", "a byte order mark inside the text"
    if "\u2000" <= char <= "\u20ff":
        return "bidi-control", "character that changes the direction of text"
    return "control-character", "control character"


class Start(NamedTuple):
    """A position from which to count on: nothing before it is looked at, which keeps long files linear."""

    path: str
    offset: int = 0
    line: int = 1
    column: int = 1


def place_of(text: str, index: int, start: Start) -> Place:
    """Return the place of a character; lines and columns count from 1, as editors do."""
    newline = text.rfind("\n", start.offset, index)
    column = index - newline if newline >= 0 else start.column + index - start.offset
    return Place(start.path, start.line + text.count("\n", start.offset, index), column)


def visible(text: str) -> str:
    r"""Return the text with every character that a terminal would obey written as an escape (`\x1b`, `\u202e`)."""
    return _NOT_SHOWN.sub(lambda match: ascii(match[0])[1:-1], text)


def excerpt(data: bytes, place: Place, width: int = 100) -> str:
    """Return the line at `place` and a line with carets under the word there, as compilers do.

    In: the bytes of the file and a place of a finding. Out: two lines without a final newline, control characters made
    visible, a long line cut to about `width` characters around the place; empty when the place is not in the file.
    """
    lines = _line_ends(data.decode("utf-8-sig", "backslashreplace")).split("\n")
    if not 0 < place.line <= len(lines):
        return ""
    line = lines[place.line - 1]
    at = min(max(place.column, 1) - 1, len(line))
    start = max(0, min(at - width // 2, len(line) - width))
    before = ("…" if start else "") + visible(line[start:at])
    after = visible(line[at : start + width])[:width] + ("…" if start + width < len(line) else "")
    word = re.match(r"[\w-]+", after)
    carets = "^" * (len(word[0].rstrip("…")) if word else 1)
    gutter = f"{place.line:>5} | "
    return f"{gutter}{before}{after}\n{'|':>{len(gutter) - 1}} {' ' * len(before)}{carets}"
