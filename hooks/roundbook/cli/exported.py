"""A folder of exported files, and the list in it by which the next export knows them from files of others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from roundbook.cli.common import UnreadableError, unwritable
from roundbook.terminal import safe

LIST = ".roundbook-export"


class Export:
    """Writes files into a folder and never over what it did not write, as the list of the last export tells.

    `written` holds the names of the files, `kept` those that somebody else wrote or edited. Without `into`, the folder has to
    be empty or that of an earlier export.
    """

    def __init__(self, folder: Path, *, into: bool) -> None:
        self.folder, self.list = folder, folder / LIST
        if not into and folder.exists() and any(folder.iterdir()) and not self.list.is_file():
            said = f"{safe(str(folder))} holds files that no export wrote"
            raise UnreadableError(f"{said}; name an empty folder, or write beside them with --into")
        self.before: dict[str, set[str]] = {}
        for name, digest in self._listed() if self.list.is_file() else ():
            self.before.setdefault(name, set()).add(digest)
        self.written: dict[str, str] = {}
        self.kept: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.inside = folder.resolve()

    def _listed(self) -> Iterator[tuple[str, str]]:
        for line in self.list.read_text("utf-8", "replace").splitlines():
            digest, blank, name = line.partition("  ")
            if blank and len(digest) == 64 and _is_below(name):
                yield name, digest

    def write_all(self, contents: Iterable[tuple[str, str]]) -> None:
        """Write files, given by name and text, except where a file of somebody else has the name or the address."""
        for name, text in contents:
            data = text.encode()
            path = self.folder / name
            if self._is_taken(name):
                self.kept.append(name)
                continue
            self.written[name] = hashlib.sha256(data).hexdigest()
            try:
                self._put(path, data, f"{self.written[name]}  {name}\n")
            except OSError as error:
                raise unwritable(path, error) from None

    def _put(self, path: Path, data: bytes, line: str) -> None:
        """List a file, then write it whole or not at all: an export that is killed is completed by the next one."""
        with self.list.open("a", encoding="utf-8", newline="\n") as listed:
            listed.write(line)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{LIST}.part")
        beside.write_bytes(data)
        beside.replace(path)

    def _is_taken(self, name: str) -> bool:
        path = self.folder / name
        if not path.parent.resolve().is_relative_to(self.inside) or path.is_symlink():
            return True
        return not self._is_ours(name) or any(not self._is_ours(other) for other in _same_address(name))

    def _is_ours(self, name: str) -> bool:
        """Return whether a file is not there, or is as the last export left it."""
        path = self.folder / name
        if not path.exists():
            return True
        return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() in self.before.get(name, ())

    def finish(self) -> None:
        """Remove what only the last export wrote and nobody edited, with the folders that this empties; write the list."""
        for name in self.before.keys() - self.written.keys():
            path = self.folder / name
            if path.is_file() and not path.is_symlink():
                if not self._is_ours(name):
                    self.kept += [] if name in self.kept else [name]
                    continue
                path.unlink()
                for parent in PurePosixPath(name).parents:
                    if str(parent) == "." or any((self.folder / parent).iterdir()):
                        break
                    (self.folder / parent).rmdir()
        lines = (f"{digest}  {name}\n" for name, digest in sorted(self.written.items()))
        beside = self.folder / f"{LIST}.part"
        beside.write_text("".join(lines), encoding="utf-8", newline="\n")
        beside.replace(self.list)


def _is_below(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _same_address(name: str) -> Iterator[str]:
    """Yield the names that give a page the same address: `changelog.md` and `changelog/README.md` of `changelog/index.md`."""
    stem = name.removesuffix(".md")
    if stem == name:
        return
    if stem.endswith("/index"):
        yield f"{stem.removesuffix('/index')}.md"
        yield f"{stem.removesuffix('index')}README.md"
    else:
        yield f"{stem}/index.md"
