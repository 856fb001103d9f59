"""In: a history, and where the files of rounds and of decision records lie. Out: `Trail`: what each path of it is a file of.

Decision records may have moved in from elsewhere with their folder, so their names are followed back as long as a commit
took a file away under the name that it brought one under.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote

from roundbook import markdown
from roundbook.adr import load
from roundbook.adr.fields import Named, split_title
from roundbook.adr.load import Papers
from roundbook.git.history import Change, History
from roundbook.model.life import ADOPTED, Part, Snapshot
from roundbook.read import snapshot
from roundbook.schema.ids import SUFFIXES, Space, home_of, id_of, number_of
from roundbook.schema.statuses import Status

_UNASKABLE = re.compile("[\\n\\r\\0\\ud800-\\udfff]")  # in what is asked of git line by line
_ROUND = re.compile(r"(?P<phase>[^/.~#\n][^/\n]*)/(?P<round>[^/.~#\n][^/\n]*?)(?:/[^/.~#\n][^/\n]*)?\.ya?ml")


@dataclass(frozen=True)
class Trail:
    """Tells of paths of the repository what they are files of: `base` is the folder of the round files.

    `former` are paths that decision records had before they lay where the settings say, each with their folder of today.
    """

    base: str
    prefix: str = ""
    papers: Papers = field(default_factory=Papers)
    former: Mapping[str, Space] = field(default_factory=dict)

    def key(self, path: str) -> str:
        """Return the round that a path is a file of, or what stands for a file of decision records; nothing for neither."""
        if path.startswith(self.base):
            return _round_key(path[len(self.base) :])
        return f"{ADOPTED}{path.removeprefix(self.prefix)}" if self.space(path) else ""

    def space(self, path: str) -> Space | None:
        """Return the folder of decision records that a path belongs to."""
        if not path.startswith(self.prefix) or _UNASKABLE.search(path):
            return None
        return home_of(path.removeprefix(self.prefix), self.papers.spaces) or self.former.get(path)

    def said(self, path: str, content: bytes, words: Mapping[str, Status] | None) -> Snapshot | None:
        """Return what a version of a file says, or `None` where it cannot be read."""
        space = self.space(path)
        if space is None:
            return snapshot.parse(content, words)
        local = path.removeprefix(self.prefix)
        document, _ = markdown.parse(content, local)
        if document is None:
            return None
        found = load.entries(document, space, local)
        return Snapshot("", tuple(self._part(entry) for entry in found))

    def _part(self, entry: load.Entry) -> Part:
        name = self.papers.ids.get(entry.path, entry.id) if entry.whole else entry.id
        stated = str(entry.told.tree.get("status", "accepted" if entry.logged else ""))
        named = (one for one, _ in entry.told.named if one.relation == "supersedes" and not one.reverse)
        return Part("decisions", name, str(entry.told.tree["title"]), stated, tuple(self._id(o, entry) for o in named))

    def _id(self, one: Named, entry: load.Entry) -> str:
        """Return the id of the record that another names, as it is called today."""
        if one.to:
            bare = unquote(one.to.partition("#")[0])
            path = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), bare))
            return self.papers.ids.get(path) or self._numbered(id_of(entry.space.name, bare))
        number = number_of(split_title(one.text)[1] or one.text)
        return self._numbered(f"{entry.space.name}-{number[1]}") if number else one.text

    def _numbered(self, name: str) -> str:
        number = number_of(name)
        return self._by_number.get(number, name) if number else name

    @cached_property
    def _by_number(self) -> Mapping[tuple[str, int], str]:
        return {number: one.id for one in self.papers.records if (number := number_of(one.id))}


def _round_key(name: str) -> str:
    """Return the round or phase that a path below the folder of rounds belongs to, or nothing where that is none."""
    match = _ROUND.fullmatch(name)
    if not match:
        return ""
    parts = PurePosixPath(name).with_suffix("").parts
    return f"{parts[0]}/" if parts[1:] == ("phase",) else "/".join(parts[:2])


def trail(history: History, folder: str, papers: Papers) -> Trail:
    """Return the trail of a history; `folder` is that of the data, from the project's."""
    made = Trail(f"{history.prefix}{folder}/rounds/", history.prefix, papers)
    former: dict[str, Space] = {}
    for commit in history.commits if papers.spaces else ():
        changes = commit.changes or ()
        if not any(change.status == "D" and _is_markdown(change.path) for change in changes):
            continue
        known = Trail(made.base, made.prefix, papers, former)
        came = {c.path: space for c in changes if c.status == "A" and (space := known.space(c.path))}
        if came:
            former |= _before(came, changes, known)
    return Trail(made.base, made.prefix, papers, former)


def _before(came: Mapping[str, Space], changes: Iterable[Change], known: Trail) -> dict[str, Space]:
    """Return the files that went, each with the folder in which a file of that name came."""
    by_name = {PurePosixPath(path).name: (path, space) for path, space in came.items()}
    found: dict[str, Space] = {}
    for path in (c.path for c in changes if c.status == "D" and _is_markdown(c.path) and not known.space(c.path)):
        there = by_name.get(PurePosixPath(path).name)
        if there and path.startswith(known.prefix):
            local, space = path.removeprefix(known.prefix), there[1]
            is_log = there[0] == known.prefix + space.path
            found[path] = Space(local, space.name) if is_log else space
    return found


def _is_markdown(path: str) -> bool:
    return path.lower().endswith(SUFFIXES)
