"""In: the key, the day or the tree of what is begun. Out: a key that is free, a day, a new file with its schema line."""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from roundbook.book.ids import following, taken_names
from roundbook.book.model import Book
from roundbook.doors.cli.project import UnreadableError
from roundbook.doors.cli.replace import replace
from roundbook.doors.line import safe
from roundbook.schema import dates
from roundbook.schema.ids import id_fault
from roundbook.schema.round import Round
from roundbook.yamlfile.writer import Data, canonical

SCHEMA = "round.schema.json"
_SCHEMA_LINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)")


def usable(key: str) -> str:
    """Return the key of a round; raises `UnreadableError` where no round may have it."""
    phase, _, number = key.partition("/")
    if fault := id_fault(phase) or id_fault(number):
        raise UnreadableError(f"the id {safe(key)} {fault}")
    return key


def free_key(book: Book, asked: str) -> str:
    """Return the key that is asked for, or the next one (of the phase that is asked for) that no branch has.

    Raises `UnreadableError` where the key cannot be one, or is taken, here or on another branch, with one that is free.
    """
    if "/" not in asked:
        return usable(following(book, usable(f"{asked}/1").partition("/")[0] if asked else ""))
    if said := taken_names(book, usable(asked)):
        spare = following(book, asked.partition("/")[0])
        raise UnreadableError(f"round {asked} is {safe(said)}; {spare} is free")
    return asked


def today() -> str:
    """Return the day it is here."""
    return dt.datetime.now().astimezone().date().isoformat()


def day(text: str) -> str:
    """Return the day or span that a text names, by default today; raises `UnreadableError` where it names none."""
    try:
        return str(dates.parse(text)) if text else today()
    except ValueError as fault:
        raise UnreadableError(safe(str(fault))) from None


def text_of(root: Path, path: str, book: Book, tree: Mapping[str, Data]) -> str:
    """Return what a new file at `path` holds: the schema line that its neighbours have, and the tree.

    Raises `UnreadableError` for what no round file can hold, such as a control character.
    """
    try:
        return canonical(tree, Round, schema_from(root, path, book))
    except ValueError as fault:
        raise UnreadableError(safe(str(fault).removeprefix("."))) from None


def open_file(root: Path, path: str, book: Book, tree: Mapping[str, Data], *, force: bool = False) -> None:
    """Write a new file; raises `UnreadableError` where there is one already, unless it may be written over."""
    file = root / path
    if file.exists() and not force:
        raise UnreadableError(f"{safe(path)} is there already")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UnreadableError(f"{safe(path)} cannot be written: {fault.strerror or 'system error'}") from None
    replace(file, text_of(root, path, book, tree).encode())


def schema_from(root: Path, path: str, book: Book) -> str:
    """Return where the schema lies, seen from `path`: where the newest round says, else beside the rounds, or at the top."""
    folder = posixpath.dirname(path)
    for entry in book.newest_first[:1]:
        for other in book.files[entry.key]:
            found = _SCHEMA_LINE.search((root / other).read_text("utf-8", "replace")[:1000])
            if found and "://" in found[1]:
                return found[1]
            if found:
                return posixpath.relpath(posixpath.join(posixpath.dirname(other), found[1]), folder)
    homes = (posixpath.join(path.partition("/rounds/")[0], SCHEMA), SCHEMA)  # `roundbook init` writes the first
    return next((posixpath.relpath(home, folder) for home in homes if (root / home).is_file()), "")
