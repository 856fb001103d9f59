"""In: a text in reStructuredText. Out: the same with what means the same in Markdown written as Markdown; all else as it is."""

from __future__ import annotations

import re

_DOUBLE = re.compile(r"(?<!`)``(?!`)((?:[^`\n]|`(?!`))+)``(?!`)")
_LINK = re.compile(r"`([^`<>\n]+?)\s*<(https?://[^`<>\s]+)>`__?(?!\w)")
_ROLE = re.compile(r"(?<![\w`]):[A-Za-z][\w:.+-]*:`([^`<>\n]+?)(?:\s*<[^`<>\n]*>)?`")
# What begins with two dots and is no directive, target, substitution, footnote or citation.
_COMMENT = re.compile(r"(?m)^\.\.(?:[ \t]+(?![\w:+.-]+::|[_|\[]).*|[ \t]*)(?:\n|$)(?:[ \t]+.*(?:\n|$)|\n(?=[ \t]))*")
_HEADING = re.compile(r"(?m)^(\S.*)\n([~^\"'*+#.:_`])\2{2,}[ \t]*$")


def without_comments(text: str) -> str:
    """Return a text without comments, and with its headings in a form of Markdown; every line stays where it is."""
    text = _COMMENT.sub(lambda m: "\n" * m[0].count("\n"), text)
    return _HEADING.sub(lambda m: f"{m[1]}\n---", text)


def as_markdown(text: str) -> str:
    """Return a text with double backticks, links with their address, and roles in the form of Markdown.

    A role (`:func:`spam``) becomes code. Directives, substitutions and references to elsewhere stay as they are.
    """
    lines = text.split("\n")
    return "\n".join(line if line.startswith("   ") else _line(line) for line in lines)


def _line(line: str) -> str:
    line = _ROLE.sub(lambda m: f"`{m[1]}`", line)
    line = _LINK.sub(lambda m: f"[{m[1]}]({m[2]})", line)
    return _DOUBLE.sub(lambda m: f"`{m[1]}`" if "`" not in m[1] else m[0], line)
