"""In: the project's folder. Out: its book, a round of it, a round file with an edit; or the exit code 2."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection
from pathlib import Path

import click

from roundbook.doors.line import safe
from roundbook.model.book import Book, Entry
from roundbook.pipeline import load
from roundbook.read import rounds, settings
from roundbook.write.edit import NotPlainError
from roundbook.write.files import replace


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


def entry_of(book: Book, key: str) -> Entry:
    """Return a round by its key; raises `UnreadableError` with the nearest keys where there is none."""
    if key in book.entries:
        return book.entries[key]
    near = difflib.get_close_matches(key, list(book.entries), n=3, cutoff=0.5) or list(book.entries)[-3:]
    hint = f"; there are {', '.join(near)}" if near else ""
    raise UnreadableError(f"there is no round {safe(key)}{hint}")


def rewrite(
    project: tuple[Path, str], book: Book, key: str, edit: Callable[[str], str], keys: Collection[str], path: str = ""
) -> str:
    """Change the text of a round's file, and return its path; only `keys` of the record may change by it.

    `path` names the file of a round that has several. The new text is read again before anything is written; raises
    `UnreadableError` where it cannot be read, or changes anything else.
    """
    root, data = project
    paths = book.files[key]
    path = path or next((p for p in paths if p.rpartition("/")[2].partition(".")[0] == "round"), paths[0])
    contents = {one: (root / one).read_bytes() for one in paths}
    try:
        text = edit(contents[path].decode("utf-8-sig")).encode()
    except (NotPlainError, UnicodeDecodeError) as fault:
        raise UnreadableError(f"{safe(path)} is not written so that a line can be added to it ({fault})") from None
    bom = b"\xef\xbb\xbf" if contents[path].startswith(b"\xef\xbb\xbf") else b""
    contents[path] = bom + text
    before, after = (
        book.entries[key].round,
        rounds.parse(contents, f"{data}/rounds", settings.read(root, data)[0].words()).rounds,
    )
    kept = [one.model_dump(exclude=set(keys)) for one in (before, *after)]
    if len(after) != 1 or kept[0] != kept[1]:
        raise UnreadableError(f"{safe(path)} is written in a way that cannot be added to safely; nothing was changed")
    replace(root / path, contents[path])
    return path
