"""In: the project's folder. Out: its book, or the exit code 2 where there is nothing to read."""

from __future__ import annotations

from pathlib import Path

import click

from roundbook.doors.line import safe
from roundbook.model.book import Book
from roundbook.pipeline import load


class UnreadableError(click.ClickException):
    """Input that cannot be read at all."""

    exit_code = 2


def book_of(root: Path, data: str) -> Book:
    """Return the book of a project; raises `UnreadableError` where it has no folder for rounds."""
    if not (root / data / "rounds").is_dir():
        raise UnreadableError(
            f"there is no folder {safe(data)}/rounds here; make it and write {safe(data)}/rounds/1/1.yml"
        )
    return load(root, data)
