"""In: a paragraph or a text. Out: its lines `**Key**: value` as pairs, the bold words that lead it, the remark at its end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from roundbook.model.document import Pair, Pairs, Paragraph

_KEY = r"(?:\*\*|__)(?P<key>(?:(?!\*\*|__)[^\n]){1,120}?)"
_PAIR = re.compile(rf"{_KEY}(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:)(?:\s+|$)(?P<value>.*)", re.DOTALL)
_BREAK = re.compile(r"(?: {2,}|\\)$")
_REMARK = re.compile(r"(?P<text>.*\S)\s*\((?P<remark>[^()]+)\)", re.DOTALL)
_LEAD = re.compile(r"(?:\*\*|__)(?P<lead>[^\n]+?)(?:\*\*|__)\s*(?:--+|—|–|-|:)\s+(?P<rest>\S.*)", re.DOTALL)
_BOLD = re.compile(r"(\*\*|__)(?P<words>(?:(?!\1)[^\n]){1,120})\1")
# Several pairs on one line: `**Date**: 2026-02-17 | **Status**: done`.
_BESIDE = re.compile(r"\s+[|·•]\s+(?=(?:\*\*|__)[^*_\n]+(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:))")


def pair_of(text: str) -> tuple[str, str] | None:
    """Return key and value of a text such as `**Date**: 2026-02-17` or `**Date:** 2026-02-17`, or `None`."""
    match = _PAIR.fullmatch(text)
    return (match["key"].strip(), match["value"].strip()) if match else None


def lead_of(text: str) -> tuple[str, str] | None:
    """Return the bold words that lead a text and the rest, of `**Lead** -- rest` or `**Lead**: rest`, or `None`."""
    match = _LEAD.fullmatch(text)
    return (match["lead"].strip().removesuffix(":"), match["rest"]) if match else None


def remark_of(text: str) -> tuple[str, str]:
    """Return a text and the remark in brackets at its end, which is empty where there is none."""
    match = _REMARK.fullmatch(text)
    return (match["text"], match["remark"]) if match else (text, "")


def bold_of(text: str) -> str:
    """Return the words of a text that is bold from its first to its last, or the empty text."""
    match = _BOLD.fullmatch(text.strip())
    return match["words"].strip().removesuffix(":").rstrip() if match else ""


def split_pairs(text: str, line: int) -> Iterator[Paragraph | Pairs]:
    """Yield the blocks of a paragraph that begins at `line`: what stands before its first pair, then its pairs."""
    lines = text.split("\n")
    first = next((i for i, one in enumerate(lines) if pair_of(_BREAK.sub("", one))), len(lines))
    if first:
        yield Paragraph("\n".join(lines[:first]), line, line + first - 1)
    if first < len(lines):
        yield Pairs(tuple(_pairs(lines[first:], line + first)), line + first, line + len(lines) - 1)


def _pairs(lines: Sequence[str], start: int) -> Iterator[Pair]:
    open_: Pair | None = None
    for number, written in enumerate(lines, start):
        for text in _BESIDE.split(_BREAK.sub("", written)):
            pair = pair_of(text)
            if pair is None and open_ is not None:
                open_ = Pair(open_.key, f"{open_.value}\n{text}".strip(), open_.line)
                continue
            if open_ is not None:
                yield open_
            open_ = Pair(*pair, number) if pair else None
    if open_ is not None:
        yield open_
