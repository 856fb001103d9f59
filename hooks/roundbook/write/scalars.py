"""In: a text. Out: the lines that make YAML read it again: plain, in quotes, folded, or as it stands behind `|`.

Scalars are text to our reader, so a number or a date stays plain; words that others take for a truth value, or for
nothing, are put in quotes. Source: YAML 1.2.2, chapters 7.3 and 8.1.
"""

from __future__ import annotations

import re

WIDTH = 120
# Scalars are read as text, but editors and other readers would make these something else.
_OTHER = re.compile(r"(?:|~|null|true|false|y|n|yes|no|on|off|<<|=)", re.IGNORECASE)
_NOT_PLAIN = re.compile(r"[,\[\]{}#&*!|>'\"%@`?:]|-(?=[ \t]|$)|---|\.\.\.|[ \t]")  # at the beginning
_ENDS_PLAIN = re.compile(r"[\t\n]|:(?= |$)| #| $")
_NOT_IN_BRACKETS = re.compile(r"[,?:\[\]{}]")
_GAP = re.compile(r"(?<=[^ \t]) (?=[^ \t])")  # where a folded line may end
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})


def one_line(text: str, brackets: bool = False) -> str:
    """Return a text on one line, in quotes where it needs them; `brackets` tells whether it stands in brackets."""
    if not _must_be_quoted(text) and not (brackets and _NOT_IN_BRACKETS.search(text)):
        return text
    if ('"' in text or "\\" in text) and not re.search("['\n\t]", text):
        return f"'{text}'"
    return f'"{text.translate(_ESCAPES)}"'


def lines_of(text: str, column: int, lead: int) -> list[str]:
    """Return the lines of a text: what stands behind its key or dash, and the lines below it, not moved in yet.

    In: the column of the lines below, and the length of what stands before the first. A text of several lines stands
    behind `|`; a paragraph that is longer than a line is folded behind `>-`.
    """
    if "\n" in text and text.strip():
        return literal(text)
    whole = one_line(text)
    if lead + len(whole) <= WIDTH:
        return [whole]
    folded = _folded(text, WIDTH - column)
    return [">-", *folded] if len(folded) > 1 else [whole]


def _must_be_quoted(text: str) -> bool:
    return bool(_OTHER.fullmatch(text) or _NOT_PLAIN.match(text) or _ENDS_PLAIN.search(text))


def literal(text: str) -> list[str]:
    """Return the lines of a text that does not hold blanks alone, to stand behind `|`."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    indented = "2" if text[0] in " \t\n" else ""  # else the first line would tell the indentation
    return [f"|{indented}{('-', '')[ends] if ends < 2 else '+'}", *body.split("\n"), *[""] * (ends - 1)]


def _folded(text: str, width: int) -> list[str]:
    if text != text.strip(" \t") or "\n" in text:
        return []
    lines: list[str] = []
    start = end = 0
    for gap in (*(match.start() for match in _GAP.finditer(text)), len(text)):
        if gap - start > width and end > start:
            lines.append(text[start:end])
            start = end + 1
        end = gap
    return [*lines, text[start:]]
