"""Files in which a project keeps what it would otherwise make again.

A cache is a database of SQLite below `.cache/roundbook`, with values by key. Nothing depends on it: a file that is damaged,
of another format, or another user's is ignored, and where it can be written, made anew. Each value carries a checksum, so
that a changed byte is noticed. Two processes may use one file; one that finds it locked goes on without.

Sources: https://www.sqlite.org/lang_transaction.html, https://bford.info/cachedir/ (CACHEDIR.TAG)
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

FOLDER = Path(".cache/roundbook")
SWITCH = "ROUNDBOOK_CACHE"  # a variable of the environment; 0 turns all caches off
_CHECK = 8  # bytes
_PATIENCE = 0.5  # seconds to wait for another process
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder can be deleted.\n"


class Cache:
    """Values by key. `path` is the file, or `None` for a cache that keeps nothing.

    `form` names the form of the values, with all versions that it depends on; values of another form are forgotten.
    """

    def __init__(self, path: Path | None, form: str) -> None:
        self.path, self.form = path, form

    def get(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the values of those of some keys that are there and undamaged."""
        found: dict[str, bytes] = {}
        with suppress(sqlite3.Error, OSError), self._open(write=False) as database:
            for key in keys:
                row = database.execute("SELECT value FROM entry WHERE key = ?", (key,)).fetchone()
                if row and isinstance(row[0], bytes):
                    value = row[0][_CHECK:]
                    if row[0].startswith(_checksum(key, value)):
                        found[key] = value
        return found

    def keys(self) -> set[str]:
        """Return the keys of all values."""
        with suppress(sqlite3.Error, OSError), self._open(write=False) as database:
            return {key for (key,) in database.execute("SELECT key FROM entry") if isinstance(key, str)}
        return set()

    def put(self, items: Mapping[str, bytes], gone: Iterable[str] = ()) -> None:
        """Keep some values and forget the keys that are `gone`: all of it, or nothing where the file cannot be written."""
        rows = [(key, _checksum(key, value) + value) for key, value in items.items()]
        for _ in range(2):  # a file that is no database of ours is made anew
            try:
                with self._open(write=True) as database:
                    database.execute("BEGIN IMMEDIATE")
                    database.executemany("DELETE FROM entry WHERE key = ?", ((key,) for key in gone))
                    database.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?)", rows)
                    database.execute("COMMIT")
                return
            except sqlite3.OperationalError:  # locked, full, or not writable
                return
            except (sqlite3.DatabaseError, _ForeignError):
                if not self._delete():
                    return
            except OSError:
                return

    @contextmanager
    def _open(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        if self.path is None:
            raise OSError("there is no file")
        if any(place.is_symlink() for place in (self.path, self.path.parent, self.path.parent.parent)):
            raise OSError("the file lies elsewhere")  # a repository could bring such a link
        if write:
            self._make_folder(self.path.parent)
        if self.path.exists() and not _is_own(self.path):
            raise PermissionError("the file is another user's")
        mode = "rwc" if write else "ro"
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        with closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)) as database:
            database.execute("PRAGMA synchronous = OFF")  # checksums find what a crash leaves half written
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if write and not tables:
                database.execute("PRAGMA page_size = 16384")  # a large value is read in fewer steps
                database.execute("PRAGMA auto_vacuum = FULL")
                database.execute("CREATE TABLE form (name TEXT NOT NULL)")
                database.execute("CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
                database.execute("INSERT INTO form VALUES (?)", (self.form,))
            elif tables != {"form", "entry"}:
                raise _ForeignError("the file has other tables")
            if database.execute("SELECT name FROM form").fetchall() != [(self.form,)]:
                raise _ForeignError("the file has another form")
            yield database

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("CACHEDIR.TAG", _TAG)):
            if not (folder / name).exists():
                (folder / name).write_text(text, "utf-8")

    def _delete(self) -> bool:
        try:
            if self.path and _is_own(self.path):
                self.path.unlink()
                return True
        except OSError:
            pass
        return False


class _ForeignError(sqlite3.Error):
    """The file is a database, and none of this cache."""


def _is_own(path: Path) -> bool:
    """Tell whether a file belongs to the user who runs this; nobody else's word is taken for what a page says."""
    return not hasattr(os, "getuid") or path.lstat().st_uid == os.getuid()


def _checksum(key: str, value: bytes) -> bytes:
    return blake2b(value, digest_size=_CHECK, key=blake2b(key.encode(), digest_size=32).digest()).digest()
