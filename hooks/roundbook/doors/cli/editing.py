"""In: a round, and an edit of the text of its file. Out: the file with the edit, or the exit code 2 and the file as it was."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from roundbook.book.model import Book, Entry
from roundbook.doors.cli import AT
from roundbook.doors.cli.project import UnreadableError
from roundbook.doors.cli.replace import replace
from roundbook.doors.line import safe
from roundbook.git import files
from roundbook.rounds import load
from roundbook.yamlfile.edit import NotPlainError

Project = tuple[Path, str]


def entry_of(book: Book, key: str) -> Entry:
    """Return a round by its key; raises `UnreadableError` with the nearest keys where there is none."""
    if key in book.rounds:
        return book.rounds[key]
    near = difflib.get_close_matches(key, list(book.rounds), n=3, cutoff=0.5) or list(book.rounds)[-3:]
    hint = f"; there are {', '.join(near)}" if near else ""
    raise UnreadableError(f"there is no round {safe(key)}{hint}")


def refuse_as_of() -> None:
    """Raise `UnreadableError` where `--at` is given: what was cannot be written to."""
    if click.get_current_context().meta.get(AT):
        raise UnreadableError("the book as it was cannot be written to; leave --at out")


def rewrite(project: Project, book: Book, key: str, edit: Callable[[str], str], field: str) -> str:
    """Change the text of a round's file, and return its path; only `field` of the record may change by it.

    Of a round that has several files it is `round.yml`, or the first. The new text is read again before anything is
    written; raises `UnreadableError` where it cannot be read, or changes anything else.
    """
    root, data = project
    paths = book.files[key]
    path = next((p for p in paths if p.rpartition("/")[2].partition(".")[0] == "round"), paths[0])
    contents = {one: (root / one).read_bytes() for one in paths}
    try:
        text = edit(contents[path].decode("utf-8-sig")).encode()
    except (NotPlainError, UnicodeDecodeError) as fault:
        raise UnreadableError(f"{safe(path)} is not written so that a line can be added to it ({fault})") from None
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None
    bom = b"\xef\xbb\xbf" if contents[path].startswith(b"\xef\xbb\xbf") else b""
    contents[path] = bom + text
    options, _ = load.read_settings(files.in_folder(root, data))
    after = load.parse(contents, f"{data}/rounds", options.words()).rounds
    if len(after) != 1 or not _only_added(book.rounds[key].round.model_dump(), after[0].model_dump(), field):
        raise UnreadableError(f"{safe(path)} is written in a way that cannot be added to safely; nothing was changed")
    replace(root / path, contents[path])
    return path


def _only_added(before: dict[str, Any], after: dict[str, Any], field: str) -> bool:
    """Tell whether two dumps of a record differ in one field alone, which, where it is a list, got one entry more."""
    old, new = before.pop(field), after.pop(field)
    return before == after and (not isinstance(old, tuple) or (new[:-1] == old and len(new) == len(old) + 1))
