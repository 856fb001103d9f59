"""In: the files of rounds and of decision records. Out: which commits only write them down, and do no work."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from roundbook.git.history import Commit, History
from roundbook.model.book import Book
from roundbook.rounds.versions import Version
from roundbook.schema.base import CLOSED

_ROUNDS = "/rounds/"


@dataclass(frozen=True, slots=True)
class Records:
    """The files that records are written in, from the top of the repository: `files`, and all YAML below the `folders`."""

    files: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()

    def hold(self, path: str) -> bool:
        """Tell whether a path is a file of a record, also of one that is gone."""
        return path in self.files or (path.startswith(self.folders) and path.endswith((".yml", ".yaml")))

    def only(self, commit: Commit) -> bool:
        """Tell whether a commit does nothing but write records down; settings may come along with them."""
        paths = [change.path for change in commit.changes or ()]
        held = [path for path in paths if self.hold(path)]
        return bool(held) and (len(held) == len(paths) or all(self.hold(p) or _is_settings(p) for p in paths))

    def work(self, path: str) -> bool:
        """Tell whether a path is neither of a record nor of the settings."""
        return not (self.hold(path) or _is_settings(path))


def records(prefix: str, data: Iterable[str], papers: Iterable[str]) -> Records:
    """Return the records of a project in the folder `prefix` of its repository, by the paths of its files."""
    written = [prefix + path for path in data]
    folders = {path[: path.index(_ROUNDS) + len(_ROUNDS)] for path in written if _ROUNDS in path}
    return Records(frozenset((*written, *(prefix + path for path in papers))), tuple(sorted(folders)))


def round_files(book: Book) -> frozenset[str]:
    """Return the paths of all files of rounds, phases and decision records, from the top of the repository."""
    data = (path for paths in book.files.values() for path in paths)
    return frozenset(book.history.prefix + path for path in (*data, *book.adopted_at))


def only_records(book: Book, commit: str, files: Collection[str]) -> bool:
    """Tell whether a commit touches nothing but round files: it writes something down, and does not carry it out.

    The settings may come along with them; alone, they may well be what carries a decision out.
    """
    paths = {change.path for change in book.history.by_id[commit].changes or ()}
    return not paths.isdisjoint(files) and all(_is_settings(path) for path in paths.difference(files))


def _is_settings(path: str) -> bool:
    return path.rpartition("/")[2] == "roundbook.yml"


def ended(versions: Iterable[Version], history: History) -> dict[str, str]:
    """Return, by round, the commit that closed it (`done`, `partial`, `dropped`), where it has stayed closed since."""
    order = history.order
    found: dict[str, str] = {}
    for version in sorted((v for v in versions if v.commit in order and v.snapshot), key=lambda v: -order[v.commit]):
        status = version.snapshot.status if version.snapshot else ""
        if status in CLOSED:
            found.setdefault(version.key, version.commit)
        elif status:
            found.pop(version.key, None)
    return found
