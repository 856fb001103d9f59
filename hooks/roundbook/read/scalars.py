"""In: a scalar as it stands in a file. Out: a leaf that keeps its lines, so that they can stand further in or out."""

from __future__ import annotations

import re

from roundbook.model.sheet import Leaf

_HEADER = re.compile(r">([+-]?)(?=[ \t#\n]|$)")


def leaf(raw: str, value: str, style: str | None, flow: bool = False) -> Leaf:
    """Return a scalar with its lines, the first without what stands before it, where they can be kept.

    In: its characters, what they mean, its style as PyYAML names it, and whether it stands in brackets. What stands behind
    `|` is given by its meaning alone; a folded text keeps the lines that its author made.
    """
    if style in ("|", ">"):
        return Leaf(value, _folded(raw, value) if style == ">" else (), literal=bool(value.strip(" \t\n")))
    first, *rest = raw.split("\n")
    if rest and flow:
        return Leaf(value)
    return Leaf(
        value, (first.rstrip(" \t") if rest and not style else first, *(_continued(line, style) for line in rest))
    )


def _folded(raw: str, value: str) -> tuple[str, ...]:
    header, *lines = raw.split("\n")
    match = _HEADER.match(header)
    first = next((line for line in lines if line.strip(" ")), "")
    if not match or not first or not value.strip(" \t\n"):
        return ()
    indentation = len(first) - len(first.lstrip(" "))
    body = [line[indentation:] for line in lines]
    while not body[-1]:
        body.pop()
    ends = len(value) - len(value.rstrip("\n"))
    if match[1] == "+" and ends > 1:
        return (">+", *body, *[""] * (ends - 1))
    return (f">{'' if ends else '-'}", *body)


def _continued(line: str, style: str | None) -> str:
    return line.lstrip(" \t") if style else line.strip(" \t")
