"""In: the project's folder, and the ref of `--at`. Out: its book, or the exit code 2 where there is nothing to read."""

from __future__ import annotations

from pathlib import Path

import click

from roundbook.book.model import Book
from roundbook.doors.cli import AT, KNOWN
from roundbook.doors.line import safe
from roundbook.errors import RoundbookError
from roundbook.project import load


class UnreadableError(click.ClickException):
    """Input that cannot be read at all."""

    exit_code = 2


def at() -> str:
    """Return the ref that `--at` names, or nothing where the book is that of the work tree."""
    return str(click.get_current_context().meta.get(AT, ""))


def book_of(root: Path, data: str, *, own: bool = False) -> Book:
    """Return the book of a project, as of `--at`; raises `UnreadableError` where it has no folder for rounds, nor records."""
    ref = at()
    book = book_at(root, data, ref, own=own)
    if not ref and not (book.rulings or (root / data / "rounds").is_dir()):
        raise UnreadableError(
            f"there is no folder {safe(data)}/rounds here; begin with roundbook init, or write {safe(data)}/rounds/1/1.yml"
        )
    if ref and not (book.files or book.rulings or any(f.place for f in book.findings)):
        raise UnreadableError(f"{safe(ref)} holds no round file below {safe(data)}/rounds; name a later commit")
    return book


def book_at(root: Path, data: str, ref: str, *, own: bool = False) -> Book:
    """Return the book as of a ref, empty where no round was written yet; raises `UnreadableError` for no commit."""
    try:
        book = load(root, data, ref, own=own)
    except RoundbookError as error:
        raise refused(error) from None
    click.get_current_context().meta[KNOWN] = [safe(str(f)) for f in book.findings if f.severity == "error"]
    return book


def refused(error: RoundbookError) -> UnreadableError:
    """Return what stops the work as an error of the command line."""
    return UnreadableError("\n".join(safe(f"{f.message}; {f.mend}") for f in error.findings))
