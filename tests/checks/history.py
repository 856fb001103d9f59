"""The results of one check for rounds and a history that a test writes."""

from __future__ import annotations

import textwrap
from pathlib import Path

from repository import Repository
from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.project import load


def data(key: str, text: str, **settings: str) -> dict[str, str]:
    """Return the files of a round that has this text, and of the settings where there are any."""
    phase, _, number = key.partition("/")
    files = {f"data/rounds/{key}.yml": f"round: {number}\nphase: {phase}\nfocus: work\n{textwrap.dedent(text)}"}
    if settings:
        files["data/roundbook.yml"] = "".join(f"{name}: {value}\n" for name, value in settings.items())
    return files


def judged(root: Path | Repository, check: str) -> list[CheckResult]:
    """Return the verdicts of one check."""
    return [v for v in book_of(root).results if v.check == check]


def book_of(root: Path | Repository) -> Book:
    """Return the book of a repository."""
    return load(root.path if isinstance(root, Repository) else root)


def only(root: Path | Repository, check: str) -> CheckResult:
    """Return the one verdict of a check."""
    (result,) = judged(root, check)
    return result


def said(root: Path | Repository, check: str) -> dict[str, str]:
    """Return the outcome of each claim that a check held."""
    return {v.claim: v.outcome for v in judged(root, check)}


def findings(root: Path | Repository, check: str) -> list[str]:
    """Return the lines that a door prints for a check."""
    return [str(f) for f in book_of(root).findings if f.slug == check]
