"""In: a file and its new content. Out: the file with it, at once and whole, or as it was."""

from __future__ import annotations

import stat
from pathlib import Path

from roundbook.doors.cli.project import UnreadableError
from roundbook.doors.line import safe
from roundbook.yamlfile import edit


def content_of(path: Path) -> bytes | None:
    """Return the bytes of a file, or `None` where it is not there; raises `UnreadableError` for what is no file."""
    try:
        if not path.exists():
            return None
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableError(f"{safe(str(path))} is not a regular file; name another one")
        return path.read_bytes()
    except OSError as error:
        raise _refused(path, "read", error) from None


def replace(path: Path, content: bytes) -> None:
    """Write a file as a whole; raises `UnreadableError` where that cannot be done."""
    try:
        edit.replace(path, content)
    except OSError as error:
        raise _refused(path, "written", error) from None


def _refused(path: Path, what: str, error: OSError) -> UnreadableError:
    return UnreadableError(f"{safe(str(path))} cannot be {what}: {error.strerror or 'system error'}")
