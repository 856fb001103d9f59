"""In: the book's findings, and what a branch brings. Out: the findings that have to do with what it brings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from roundbook.errors import Finding
from roundbook.model.book import Book
from roundbook.model.history import SHORT
from roundbook.model.span import Span

_WORD = re.compile(r"[^\s\"'`“”,;:()]+")
_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{7,64}(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class _Traces:
    """What a finding about the span may name: ids of commits, shortened; paths and their folders; rounds."""

    commits: frozenset[str]
    paths: frozenset[str]
    spaced: tuple[str, ...]
    rounds: frozenset[str]


def touching(findings: Iterable[Finding], book: Book, span: Span) -> tuple[Finding, ...]:
    """Return the findings that a span may have brought.

    They stand in a file that it changed, or name a commit, a path or a round of it; the message of a contradiction always
    names the commit that is its evidence. The data files that the work tree changed count as changed.
    """
    prefix = book.history.prefix
    paths = {*span.paths, *(prefix + path for path in book.dirty)}
    traces = _traces(book, span, paths)
    return tuple(f for f in findings if (f.place and prefix + f.place.path in paths) or _names(f, traces))


def _traces(book: Book, span: Span, paths: Iterable[str]) -> _Traces:
    prefix = book.history.prefix
    names: set[str] = set()
    for path in paths:
        for name in {path, path.removeprefix(prefix)}:
            # A folder is named by a claim on what lies in it; a single word may be any word.
            parts = name.split("/")
            names.update("/".join(parts[:end]) for end in range(2, len(parts) + 1))
            names.add(name)
    changed = {*paths}
    rounds = {key for key, files in book.files.items() if changed & {prefix + f for f in files}}
    short = frozenset(commit[:SHORT] for commit in span.commits)
    return _Traces(short, frozenset(names), tuple(n for n in names if " " in n), frozenset(rounds))


def _names(finding: Finding, traces: _Traces) -> bool:
    text = finding.message
    if any(word[:SHORT] in traces.commits for word in _HEX.findall(text)):
        return True
    words = {word.rstrip("./") for word in _WORD.findall(text)}
    return bool(words & traces.paths or words & traces.rounds or any(path in text for path in traces.spaced))
