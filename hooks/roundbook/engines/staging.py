"""The folder that a build writes into: beside the site, whose place it takes in one step when it is whole.

MkDocs empties the site folder and then fills it, so a build that is killed, fails or finds the disk full would leave a part of
a site. So MkDocs is given another folder, and the site stays as it was until the last plugin is done:

    site/                      what is published; at the end exchanged with the folder below
    .site.roundbook-1f2e/new   what is being built

Where the site is a mount point, or its parent cannot be written, the new folder is inside the site, and the entries at its top
are exchanged one after the other. What a killed build leaves is deleted by the next; a lock tells a build that still runs.

Sources: https://man7.org/linux/man-pages/man2/rename.2.html (RENAME_EXCHANGE)
"""

from __future__ import annotations

import atexit
import ctypes
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File

if sys.platform != "win32":
    import fcntl

LOG = get_plugin_logger(__name__)
_OLD = 86_400  # seconds, after which a folder is taken for left over where there are no locks
_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


class Staging:
    """The site folders of builds, one after the other. A build may run others in it, as those of other languages."""

    def __init__(self) -> None:
        self._stage: _Stage | None = None
        self._config: MkDocsConfig | None = None
        self._inner = 0

    @property
    def published(self) -> Path | None:
        """Return the folder of the last site while another one is being built."""
        return self._stage.site if self._stage else None

    def begin(self, config: MkDocsConfig) -> MkDocsConfig:
        """Return the configuration, in which MkDocs is to write into a folder of its own."""
        if self._stage and config.site_dir == str(self._stage.folder):
            self._inner += 1
            return config
        self.discard()
        self._stage, self._config, self._inner = _stage(config.site_dir), config, 0
        if self._stage:
            LOG.debug("the site stays as it is until the new one is complete: %s", config.site_dir)
            config.site_dir = str(self._stage.folder)
        return config

    def publish(self, files: Iterable[File]) -> None:
        """Put what was built in the place of the site."""
        if self._inner:
            self._inner -= 1
        elif self._stage:
            self._stage.publish()
            for file in files:
                file.dest_dir = self._stage.given
                vars(file).pop("abs_dest_path", None)
            self.discard()

    def discard(self) -> None:
        """Leave the site as it is."""
        if self._stage and self._config:
            self._config.site_dir = self._stage.given
            self._stage.discard()
        self._stage = None


class _Stage:
    """A folder for one site: `given` is the site folder as MkDocs names it, `site` where that really is."""

    def __init__(self, given: str, site: Path, home: Path, lock: int) -> None:
        self.given, self.site, self.home, self._lock = given, site, home, lock
        self.folder = home / "new"
        self.folder.mkdir()
        if site.is_dir():
            shutil.copymode(site, self.folder)
        (home / ".gitignore").write_text("*\n")
        atexit.register(self.discard)

    def publish(self) -> None:
        """Put the folder in the place of the site; raises `OSError` where that cannot be done."""
        if self.home.parent == self.site or not self._exchange_whole():
            self._exchange_entries()

    def discard(self) -> None:
        """Delete what the site is not."""
        atexit.unregister(self.discard)
        _remove(self.home)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _exchange_whole(self) -> bool:
        """Put the folder in the place of the site in one step, and tell whether that was possible."""
        for entry in _hidden(self.site):  # which MkDocs leaves alone, such as `.git`
            if not (self.folder / entry.name).exists():
                _copy(entry, self.folder / entry.name)
        while not self.site.exists():
            with suppress(FileExistsError):  # another build was quicker
                self.folder.rename(self.site)
                return True
        if _exchange(self.folder, self.site):
            return True
        try:
            self.site.rename(self.home / "old")
        except OSError:  # a mount point that nobody can tell from a folder
            return False
        self.folder.rename(self.site)
        return True

    def _exchange_entries(self) -> None:
        """Put each entry of the folder in the place of that of the site, and delete those that are no more."""
        folder = self.folder
        if self.home.parent != self.site:  # on the file system of the site, so that each takes one step
            folder = self.site / self.home.name / "new"
            shutil.copytree(self.folder, folder, symlinks=True)
        new = [*folder.iterdir()]
        for entry in new:
            target = self.site / entry.name
            if target.exists() and not _exchange(entry, target):
                target.rename(folder.parent / f"{entry.name}.old")
            if entry.exists() and not target.exists():
                entry.rename(target)
        for target in self.site.iterdir():
            if not target.name.startswith(".") and target not in {self.site / entry.name for entry in new}:
                _delete(target)
        _delete(folder.parent)


def _stage(given: str) -> _Stage | None:
    """Return a new folder for a site; `None` where no folder can be made, of which MkDocs tells."""
    site = Path(os.path.realpath(given))
    if site.exists() and not site.is_dir():
        return None
    with suppress(OSError):
        site.parent.mkdir(parents=True, exist_ok=True)
    _clear(site)
    for parent in (site,) if _is_mount(site) else (site.parent, site):
        with suppress(OSError):
            while True:
                home = parent / f".{site.name}.roundbook-{secrets.token_hex(4)}"
                home.mkdir()
                lock = _locked(home, wait=True)
                if home.exists():
                    return _Stage(given, site, home, lock)
                os.close(lock)  # another build took it for left over before there was a lock
    return None


def _clear(site: Path) -> None:
    """Delete what killed builds left; a site that one of them had just put away comes back."""
    for parent in (site.parent, site):
        for home in parent.glob(f".{site.name}.roundbook-*"):
            if home.is_symlink():  # no build made it, and it may lead anywhere
                continue
            with suppress(OSError):
                lock = _locked(home, wait=False)
                if (home / "old").is_dir() and not site.exists():
                    (home / "old").rename(site)
                _remove(home)
                if lock >= 0:
                    os.close(lock)


def _locked(home: Path, *, wait: bool) -> int:
    """Return a lock on a folder, which ends with this process; raises `OSError` where another one has it."""
    if sys.platform == "win32":
        if not wait and time.time() - home.stat().st_mtime < _OLD:
            raise BlockingIOError("it may be in use")
        return -1
    lock = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(lock)
        raise
    return lock


def _is_mount(site: Path) -> bool:
    """Tell whether something is mounted on a folder, which can then not be exchanged."""
    if os.path.ismount(site):
        return True
    with suppress(OSError):  # which knows folders of the same file system, too
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
        return str(site).replace(" ", r"\040") in {line.split()[4] for line in mounts.splitlines()}
    return False


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two entries of a file system in one step, and tell whether the system can do that."""
    paths = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*paths, _EXCHANGE) == 0)
        return bool(library.renameat2(_HERE, paths[0], _HERE, paths[1], _EXCHANGE) == 0)
    except (AttributeError, OSError, TypeError):  # Windows, and older C libraries
        return False


def _hidden(site: Path) -> Iterator[Path]:
    own = f".{site.name}.roundbook-"
    entries = site.iterdir() if site.is_dir() else ()
    return (entry for entry in entries if entry.name.startswith(".") and not entry.name.startswith(own))


def _copy(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=link)
    else:
        link(source, target)


def link(source: Path | str, target: Path | str) -> None:
    """Make a file appear at another place too, with its time; where the file system has no such links, copy it."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def _remove(home: Path) -> None:
    """Delete the folder of a build with the sites in it: thousands of files, for which `shutil.rmtree` takes twice as long."""
    folders = [str(home)]
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - half the time of a `Path`
    for folder in reversed(folders):
        with suppress(OSError):
            Path(folder).rmdir()


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
