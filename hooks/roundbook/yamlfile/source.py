"""Files read as text, and errors in their characters and their YAML as findings with `file:line:column`."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from roundbook.errors import Finding, Place
from roundbook.schema.ids import HIDDEN

MAX_BYTES = 5 * 1024 * 1024
_NOT_SHOWN = re.compile(HIDDEN.pattern[:-1] + "\t\n]")
_UTF16_OR_32 = re.compile(rb"\xff\xfe|\xfe\xff|\x00[^\x00]\x00|[^\x00]\x00[^\x00]\x00")
_CODES = {"0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "r": "\r", "v": "\v"}
_CODES |= {"N": "\x85", "L": "\u2028", "P": "\u2029"}
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
# Never wait for a pipe, pass the handle to a child process, or follow a link created in the meantime.
_OPEN_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW", "O_BINARY"):
    _OPEN_FLAGS |= getattr(os, _flag, 0)


def locate(path: Path, root: Path) -> str:
    """Return a path for findings: relative to `root`, with `/`, and printable whatever the name of the file."""
    return visible(os.path.relpath(path, root).replace(os.sep, "/"))


def read(path: Path, root: Path, top: str = "") -> tuple[bytes | None, tuple[Finding, ...]]:
    """Return the bytes of a regular file of the project, or `None` and the findings that say why not.

    At most one byte more than `MAX_BYTES` is read, so that `decode` can see that a file is too large. A FIFO, a device, a
    folder, a link to the outside of `root` and a file without permission are findings; nothing waits or raises. `top` is
    `root` without links, for who reads many files.
    """
    try:
        return _bytes(path, top or os.path.realpath(root)), ()
    except _RefusedError as refused:
        slug, message, fix = refused.args
    except OSError as error:
        slug, message = "unreadable", f"cannot be read ({error.strerror or 'system error'})"
        fix = "check that the file exists and that you may read it"
    except ValueError:  # a NUL in the name
        slug, message, fix = "unreadable", "cannot be read (not a file name)", "rename the file"
    return None, (Finding("error", slug, message, Place(locate(path, root)), fix),)


class _RefusedError(Exception):
    """Slug, message and fix for a file that must not be opened."""


def _bytes(path: Path, top: str) -> bytes:
    """Return the bytes, or raise `_RefusedError` or `OSError`. It is checked twice, in case the file is swapped."""
    real = os.path.realpath(path, strict=True)
    if not real.startswith(top.rstrip(os.sep) + os.sep):
        fix = "copy the file into the project"
        raise _RefusedError("outside-project", "the file, or a link on the way to it, leads out of the project", fix)
    _must_be_regular(os.lstat(real))
    handle = os.open(real, _OPEN_FLAGS)
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        _must_be_regular(status)
        return file.read(MAX_BYTES + 1) if status.st_size > MAX_BYTES else file.read()  # a limit is memory to set aside


def _must_be_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        kind = kinds.get(stat.S_IFMT(status.st_mode), "a device")
        raise _RefusedError("not-regular", f"not a regular file but {kind}", "replace it with a file, or rename it")


def decode(data: bytes, path: str) -> tuple[str | None, list[Finding]]:
    r"""Return the text and what is wrong with its characters; `None` if it cannot be decoded.

    A byte order mark at the start is dropped, and line ends become `\n`. A character that is not allowed is reported once,
    with its number of occurrences, and replaced by U+FFFD, which keeps all positions.
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
    fix = "split it into several files"
    return Finding("error", "too-large", f"larger than {MAX_BYTES >> 20} MiB", Place(path), fix)


def escaped(text: str, end: int, start: Start) -> list[Finding]:
    r"""Return findings for characters that are not allowed and are written as escapes (`"\x1b"`) between `start` and `end`."""
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
    r"""Return the text with `\n` line ends; a lone CR among them is kept, and refused as a control character."""
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
    """A known position from which to count, so that long files take linear time."""

    path: str
    offset: int = 0
    line: int = 1
    column: int = 1


def place_of(text: str, index: int, start: Start) -> Place:
    """Return the place of the character at `index`; lines and columns count from 1, as in editors."""
    newline = text.rfind("\n", start.offset, index)
    column = index - newline if newline >= 0 else start.column + index - start.offset
    return Place(start.path, start.line + text.count("\n", start.offset, index), column)


def visible(text: str) -> str:
    r"""Return the text with every character that could control a terminal written as an escape (`\x1b`, `\u202e`)."""
    return _NOT_SHOWN.sub(lambda match: ascii(match[0])[1:-1], text)


def excerpt(data: bytes, place: Place, width: int = 100) -> str:
    """Return the line at `place` and a line with carets under the word there, as compilers print it.

    Control characters are visible, and a long line is cut to about `width` characters. The result has no final line feed,
    and is empty if the place is not in the file.
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


_QUOTE = "put the text in quotes"
_CLOSING = {"[": "]", "{": "}"}
_REFUSED = {
    "alias": ("aliases (*name) are not allowed", f"write the value out; if a text starts with *, {_QUOTE}"),
    "anchor": ("anchors (&name) are not allowed", f"remove it; if a text starts with &, {_QUOTE}"),
    "tag": ("tags (!name) are not allowed", f"remove it; if a text starts with !, {_QUOTE}"),
    "merge-key": ("merge keys (<<) are not allowed", "write the keys out"),
    "directive": ("lines that start with % are not allowed", "remove it"),
    "second-document": ("a file contains one document, and a second one starts here", "remove ---, or make two files"),
    "key-not-text": ("a key must be text, not a list or a map", f"if the brackets belong to a text, {_QUOTE}"),
    "too-deep": ("nested too deeply", "use fewer levels; if the brackets belong to a text, put it in quotes"),
    "too-many": ("too many values", "split the file"),
}


def refused(slug: str, place: Place) -> Finding:
    """Return the finding for YAML that is well-formed, but not allowed in a round file."""
    message, fix = _REFUSED[slug]
    return Finding("error", slug, message, place, fix)


class _Failure(NamedTuple):
    """A syntax error: the text, and the indexes where the parser stopped and where the construct started."""

    text: str
    at: int
    started: int
    bracket: int  # the innermost open bracket, or -1

    @property
    def before(self) -> str:
        """The text before the index on its line."""
        return self.text[self.text.rfind("\n", 0, self.at) + 1 : self.at]

    def rest(self, index: int) -> str:
        """Return the rest of the line from `index`."""
        return self.text[index:].split("\n", 1)[0].rstrip() if index < len(self.text) else ""


_Explanation = tuple[str, str, str, int]  # slug, message, fix, index


def explain(error: Exception, text: str, path: str, bracket: int) -> Finding:
    """Return the finding for an error of the parser; `bracket` is the index of the innermost open bracket, or -1."""
    mark = getattr(error, "problem_mark", None)
    started = getattr(error, "context_mark", None) or mark
    if mark is None or started is None:
        return Finding("error", "syntax", "this cannot be read as YAML", Place(path))
    at = min(mark.index, max(len(text) - 1, 0))
    words = f"{getattr(error, 'context', '')}: {getattr(error, 'problem', '')}"
    if text[at : at + 1] == "\t" and not re.search("tag|anchor|alias", words):
        slug, message, fix, index = "tab-indentation", "a tab where YAML expects spaces", "use spaces", at
    else:
        explained = next(function for pattern, function in _EXPLANATIONS if re.search(pattern, words))
        slug, message, fix, index = explained(_Failure(text, at, started.index, bracket))
    return Finding("error", slug, message, place_of(text, index, Start(path)), fix)


def _directive(failure: _Failure) -> _Explanation:
    return "directive", *_REFUSED["directive"], failure.started


def _tag(failure: _Failure) -> _Explanation:
    return "tag", *_REFUSED["tag"], failure.started


def _quote(failure: _Failure) -> _Explanation:
    char = failure.text[failure.started]
    fix = "close it" if char == '"' else "close it; a text with an apostrophe goes in double quotes"
    return "unclosed-quote", f"the quote {char} is not closed", fix, failure.started


def _escape(failure: _Failure) -> _Explanation:
    slash = failure.text.rfind("\\", 0, failure.at)
    match = re.match(r".[xuU][0-9A-Fa-f]{0,8}|..?", failure.text[slash : slash + 10], re.DOTALL)
    message = f"{match[0] if match else ''} is not an escape of YAML"
    return "bad-escape", message, r"in double quotes write \\ for a backslash, or use single quotes", slash


def _unknown_escape(failure: _Failure) -> _Explanation:
    return _escape(failure._replace(at=failure.at + 1))  # the parser stops at the backslash


def _no_character(failure: _Failure) -> _Explanation:
    slash = failure.text.rfind("\\", 0, failure.at)
    written = failure.text[slash : slash + 10]  # `\uXXXX` or `\UXXXXXXXX`
    code = int(written[2:6] if written[1] == "u" else written[2:], 16)
    if 0xD800 <= code <= 0xDFFF:
        message = f"half of a surrogate pair U+{code:04X} is not allowed"
        return "surrogate", message, "write the character itself", slash
    return "bad-escape", f"{written} is not a character", "write the character itself", slash


def _block_header(failure: _Failure) -> _Explanation:
    char = failure.text[failure.started]
    fix = f"start the text on the next line, or {_example(failure.rest(failure.started))}"
    return "special-start", f'no text can follow "{char}" on its line', fix, failure.started


def _special_start(failure: _Failure) -> _Explanation:
    rest = failure.rest(failure.at)
    if not rest:
        return _unknown(failure)
    return "special-start", f'text cannot start with "{rest[0]}"', _example(rest), failure.at


def _special_at_start(failure: _Failure) -> _Explanation:
    return _special_start(failure._replace(at=failure.started))


def _example(value: str) -> str:
    """Return a fix that shows the text in quotes if it is short and safe to copy."""
    safe = len(value) <= 60 and not re.search(r'["\\\t\ufffd]|\s#', value)
    return f'{_QUOTE}: "{value}"' if safe else _QUOTE


def _bracket(failure: _Failure) -> _Explanation:
    if failure.bracket < 0:
        return _unknown(failure)
    char = failure.text[failure.bracket]
    fix = f'close it with "{_CLOSING.get(char, "")}"; if it belongs to a text, {_QUOTE}'
    return "unclosed-bracket", f'"{char}" is not closed, or a comma is missing in it', fix, failure.bracket


def _colon(failure: _Failure) -> _Explanation:
    value = re.search(r":[ \t]+(.*)", failure.before)
    if value:
        whole = failure.rest(failure.at - len(value[1]))
        fix = _example(whole) if failure.bracket < 0 else _QUOTE
        return "colon-in-text", "a colon and a space in text without quotes", fix, failure.at
    message = "this line continues the text above, so it cannot contain a key"
    fix = "indent it like its neighbours; put text with a colon in quotes"
    return "indentation", message, fix, failure.at - len(failure.before.lstrip())


def _unexpected_colon(failure: _Failure) -> _Explanation:
    return "missing-blank", "a space is missing after the colon", f'write ": ", or {_QUOTE}', failure.at


def _no_colon(failure: _Failure) -> _Explanation:
    colon = re.match(r"[^\s:]+(:)\S", failure.rest(failure.started))
    if colon:
        return _unexpected_colon(failure._replace(at=failure.started + colon.start(1)))
    return "missing-colon", "a key without a colon", 'write "key: value"', failure.started


def _block(failure: _Failure) -> _Explanation:
    if failure.before.strip(" -"):
        message = "text continues after a closing quote or bracket"
        return "text-after-value", message, "put the whole text in quotes", failure.at
    if re.match(r"-[^\s-]", failure.rest(failure.at)):
        return "missing-blank", "a space is missing after the dash", 'write "- "', failure.at
    message = "this line does not fit the lines above: wrong indentation, or a list among keys"
    return "indentation", message, "indent it like its neighbours", failure.at


def _no_key(failure: _Failure) -> _Explanation:
    return "syntax", "nothing can follow here: the file ended above", 'write every value as "key: value"', failure.at


def _unknown(failure: _Failure) -> _Explanation:
    fix = "put text with special characters in quotes"
    return "syntax", "this cannot be read as YAML", fix, failure.at


# The first pattern found in libyaml's "context: problem" decides.
_EXPLANATIONS: list[tuple[str, Callable[[_Failure], _Explanation]]] = [
    ("scanning an (alias|anchor)", _special_at_start),
    ("directive|%TAG", _directive),
    ("ing a tag|tag handle", _tag),
    (r"quoted.*(end of stream|document)", _quote),
    ("invalid Unicode character", _no_character),
    ("unknown escape", _unknown_escape),
    ("escape|hexdecimal", _escape),
    ("scanning a block scalar", _block_header),
    ("mapping values are not allowed", _colon),
    ("entries are not allowed|keys are not allowed|cannot start any token", _special_start),
    ("unexpected ':'", _unexpected_colon),
    ("parsing a flow", _bracket),
    ("could not find expected ':'", _no_colon),
    ("parsing a block (mapping|collection)", _block),
    ("node content", _special_start),
    ("document start", _no_key),
    ("", _unknown),
]


def text_of(root: Path, path: str) -> str:
    """Return the text of a file of a folder; nothing where there is none, or none that can be read."""
    data, _ = read(root / path, root) if os.path.lexists(root / path) else (None, ())
    text, _ = decode(data, path) if data is not None else (None, [])
    return text or ""
