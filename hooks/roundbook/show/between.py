"""In: the bytes of a Markdown file with two markers, and a text. Out: the file with the text between them, else as it was.

What stands outside is kept byte for byte: a byte order mark, the ends of lines, a last line without one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roundbook.book.releases import bare
from roundbook.show.view import complaint


@dataclass(frozen=True, slots=True)
class Marks:
    """Two lines between which a text stands, and what that is; a file without them gets it `last`, or before its sections."""

    begin: str
    end: str
    what: str
    last: bool = False


BEGIN = "<!-- roundbook: begin -->"
END = "<!-- roundbook: end -->"
CHANGELOG = Marks(BEGIN, END, "the changelog")
GUIDE = Marks("<!-- roundbook: guide begin -->", "<!-- roundbook: guide end -->", "the guide", last=True)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_SECTION = re.compile(rb"## ")
_VERSION = re.compile(r"#{1,6}\s+(?:(?:version|release)\s+)?\[?(?P<name>v?\d[^\s\]()]*|unreleased)(?![^\s\]()])", re.I)
_FENCE = re.compile(rb"```|~~~")
_BOM = b"\xef\xbb\xbf"


def splice(content: bytes, made: str, *, force: bool = False, marks: Marks = CHANGELOG) -> bytes:
    r"""Return the file with `made` between its markers, in the ends of lines that the first marker has.

    With `force` a file without markers gets them before its first heading of the second level, or at its end.
    Raises `RoundbookError` where the markers are missing, doubled or in the wrong order, or the file is not UTF-8.
    """
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        raise complaint("changelog-not-utf8", "the file is not UTF-8", "save it as UTF-8") from None
    lines = [line for line in _LINE.findall(content) if line]
    begins, ends = _at(lines, marks.begin), _at(lines, marks.end)
    if not begins and not ends and force:
        return _inserted(lines, made, marks)
    if not begins or not ends:
        missing = " and ".join(m for m, found in ((marks.begin, begins), (marks.end, ends)) if not found)
        force_it = "" if marks.last else ", or let --force do it"
        mend = f'write "{marks.begin}" and "{marks.end}" on lines of their own where {marks.what} is to stand{force_it}'
        raise complaint("marker-missing", f"there is no line {missing}", mend)
    if len(begins) > 1 or len(ends) > 1 or begins[0] > ends[0]:
        found = ", ".join(str(at + 1) for at in sorted((*begins, *ends)))
        raise complaint(
            "marker-misplaced", f"the markers in the lines {found} are not one pair", "keep one pair, in order"
        )
    first = lines[begins[0]]
    return b"".join([*lines[: begins[0] + 1], _ended(made, _end_of(first)), *lines[ends[0] :]])


def has_marks(content: bytes, marks: Marks = CHANGELOG) -> bool:
    """Tell whether a file has a marker."""
    lines = _LINE.findall(content)
    return bool(_at(lines, marks.begin) or _at(lines, marks.end))


def doubled(content: bytes) -> list[str]:
    """Return the versions that have a heading between the markers and another outside of them."""
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    within, fence = False, b""
    for line in _LINE.findall(content):
        words = line.removeprefix(_BOM).strip()
        if words in (BEGIN.encode(), END.encode()):
            within = words == BEGIN.encode()
        elif mark := _FENCE.match(words):
            fence = b"" if fence == mark[0] else fence or mark[0]
        elif not fence and (match := _VERSION.match(words.decode("utf-8", "replace").replace("\\", ""))):
            found[within][bare(match["name"]).casefold()] = None
    return [name.capitalize() for name in found[False] if name in found[True]]


def _at(lines: list[bytes], marker: str) -> list[int]:
    return [i for i, line in enumerate(lines) if line.removeprefix(_BOM if i == 0 else b"").strip() == marker.encode()]


def _end_of(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :] or b"\n"


def _ended(made: str, end: bytes) -> bytes:
    return f"\n{made}\n".replace("\n", end.decode()).encode() if made else end


def _inserted(lines: list[bytes], made: str, marks: Marks) -> bytes:
    sections = (i for i, line in enumerate(lines) if _SECTION.match(line))
    at = len(lines) if marks.last else next(sections, len(lines))
    end = _end_of(lines[0]) if lines else b"\n"
    before = b"".join(lines[:at])
    gap = b"" if not before or before.endswith(end * 2) else end if before.endswith(end) else end * 2
    after = b"".join(lines[at:])
    block = marks.begin.encode() + end + _ended(made, end) + marks.end.encode() + end
    return before + gap + block + (end if after else b"") + after
