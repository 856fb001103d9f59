"""The paths of the history, and the paths and counts that a round names."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import islice, takewhile
from posixpath import normpath
from typing import Literal, NamedTuple, cast

from roundbook.book.ancestry import newest_first
from roundbook.book.facts import Claim
from roundbook.book.model import Entry
from roundbook.errors import Place
from roundbook.frozen import frozen
from roundbook.git.history import Commit, History, matches, translate
from roundbook.schema.items import Deliverable

How = Literal["exact", "root", "suffix", "both", "rename", "several", "gone", "never", "behind", "outside"]
THERE = frozenset({"exact", "root", "suffix", "both", "rename"})
MOVED = frozenset({"root", "suffix", "both", "rename"})
WILDCARD = re.compile(r"[*?\[]")
_LINE = re.compile(r"(?<=.):\d+(?:[:-]\d+)?$")  # `src/lib.rs:12`
_ELSEWHERE = re.compile(r"~|[A-Za-z][A-Za-z0-9+.-]*:")  # a home, an address, a drive


class Trace(NamedTuple):
    """The ids of the commits that first added a path, last touched it and removed it, or `None`."""

    added: str | None = None
    touched: str | None = None
    deleted: str | None = None


@frozen
class Resolved:
    """The result of resolving a written path: `path` is its current path, or the last one if it was removed.

    `how` says how it was found: in the tree of HEAD (`exact`), by the settings (`root`), as the only path with this end
    (`suffix`), by both (`both`), or by a commit that moved it (`rename`, with `commit`); or why not: it may be one of
    `others` (`several`), it was removed (`gone`), no commit has it (`never`), it is below a link or submodule (`behind`),
    or outside this repository, or with `path` outside `History.only` (`outside`). For a glob, `others` are all files that
    match if there are several; for a path that never existed, the files of that name elsewhere.
    """

    how: How
    path: str = ""
    commit: str | None = None
    others: tuple[str, ...] = ()


@frozen
class PathIndex:
    """All paths in the history, each with the commits that first added, last touched and last removed it.

    `known` tells whether every change of the history is known, so that "never" is certain. It is built in one pass over
    the changes; parts that few queries need are built on first use.
    """

    history: History
    roots: Mapping[str, str]
    added: Mapping[str, str]
    touched: Mapping[str, str]
    deleted: Mapping[str, str]
    known: bool

    @classmethod
    def of(cls, history: History, roots: Mapping[str, str]) -> PathIndex:
        """Return the index of a history; `roots` maps old prefixes of paths to new ones."""
        added, touched, deleted = _walk(newest_first(history))
        known = history.complete and all(commit.changes is not None for commit in history.commits)
        longest_first = dict(sorted(roots.items(), key=lambda pair: -len(pair[0])))
        return cls(history, longest_first, added, touched, deleted, known)

    @cached_property
    def places(self) -> frozenset[str]:
        """Return all files and folders of HEAD."""
        return frozenset((".", *self.history.tree, *_per_folder((path, "") for path in self.history.tree)))

    @cached_property
    def names(self) -> Callable[[str], tuple[str, ...]]:
        """Return a cached function from a written path to its possible paths in the repository, below the project first."""
        return cache(self._named)

    def _named(self, written: str) -> tuple[str, ...]:
        text = _LINE.sub("", written.strip())
        if _ELSEWHERE.match(text):
            return ()
        plain = text.lstrip("/")
        found = dict.fromkeys((normpath(self.history.prefix + plain), normpath(plain)))
        return tuple(name for name in found if name != ".." and not name.startswith("../"))

    def rooted(self, written: str) -> tuple[str, ...]:
        """Return the possible paths of a written path after `roots` of the settings are applied."""
        plain = written.strip().removeprefix("./").strip("/")
        for old, new in self.roots.items():
            start = old.strip().removeprefix("./").strip("/")
            if not start or plain == start or plain.startswith(f"{start}/"):
                return self.names(f"{new}/{plain[len(start) :]}")
        return ()

    @cached_property
    def resolve(self) -> Callable[[str], Resolved]:
        """Return a cached function that resolves a written path."""
        return cache(self._looked_for)

    def _looked_for(self, written: str) -> Resolved:
        """Resolve a written path, trying the most certain way first.

        The order is: the tree of HEAD, the roots of the settings, the only path with this end, both together, a commit that
        moved it, a removed path. A path with wildcards is a glob, and resolves to the first file that it matches.
        """
        names, rooted = self.names(written), self.rooted(written)
        if not names and not rooted:
            return Resolved("outside")
        for how, some in (("exact", names), ("root", rooted)):
            if found := self._there(some):
                return Resolved(cast("How", how), found[0], others=found if len(found) > 1 else ())
        plain = (names or rooted)[-1]
        endings = {name: self._ending(name) for name in dict.fromkeys((plain, *rooted))}
        for name, ends in endings.items():
            if len(ends) == 1 or (ends and WILDCARD.search(name)):
                how = "suffix" if name == plain and names else "both"
                return Resolved(cast("How", how), ends[0], others=ends if len(ends) > 1 else ())
        once = self._once((*names, *rooted), plain, tuple(dict.fromkeys(e for ends in endings.values() for e in ends)))
        if once.how == "never" and (apart := self._first((*names, *rooted), self._left_out, self._sorted_left_out)):
            return Resolved("outside", apart[0])
        return Resolved("outside") if once.how == "never" and written.strip().startswith("/") else once

    def _once(self, names: Sequence[str], plain: str, endings: tuple[str, ...]) -> Resolved:
        if moved := next(filter(None, map(self._followed, names)), None):
            return Resolved("rename", *moved)
        if link := next((f for name in names for f in above(name) if f in self.history.tree), ""):
            return Resolved("behind", link)
        if gone := self._first(names, self._past, self._sorted_past):
            return Resolved("gone", gone[0])
        if endings:
            return Resolved("several", others=endings)
        if past := _ends(self._tails_of_past.get(_tail(plain), ()), plain):
            return Resolved("gone", past[0]) if len(past) == 1 else Resolved("several", others=past)
        alike = () if WILDCARD.search(plain) else tuple(p for p in self._tails.get(_base(plain), ()) if "." in _base(p))
        return Resolved("never", others=alike)

    def trace(self, path: str) -> Trace:
        """Return the commits of a file, or those of all files that were ever in a folder."""
        if path in self.touched:
            found = Trace(self.added.get(path), self.touched[path], self.deleted.get(path))
        else:
            found = self._folders.get(path, Trace())
        return found._replace(deleted=None) if found.deleted and path in self.places else found

    def first_added(self, path: str) -> str | None:
        """Return the commit that first added a file, under this or an earlier name, or `None` if that is not certain."""
        names = {path: None}
        while (path := self._origins.get(path, path)) not in names:
            names[path] = None
        order, by_id = self.history.order, self.history.by_id
        came = [(order[self.added[name]], name) for name in names if name in self.added]
        _, first = max(came, default=(0, ""))
        commit = by_id.get(self.added.get(first, ""))
        if commit is None or any(c.status == "D" and _base(c.path) == _base(first) for c in commit.changes or ()):
            return None
        return commit.id

    def _there(self, names: Iterable[str]) -> tuple[str, ...]:
        return self._first(names, self.places, self._sorted_tree)

    def _first(self, names: Iterable[str], known: frozenset[str], ordered: Sequence[str]) -> tuple[str, ...]:
        """Return the first known name, or the files that match the first glob."""
        for name in names:
            if name in known:
                return (name,)
            if WILDCARD.search(name) and (found := tuple(meant(name, ordered))):
                return found
        return ()

    def _ending(self, name: str) -> tuple[str, ...]:
        if WILDCARD.search(name):
            return tuple(meant(f"**/{name}", self._sorted_tree))
        return _ends(self._tails.get(_tail(name), ()), name)

    def _followed(self, path: str) -> tuple[str, str] | None:
        """Return where a file was moved to and the last commit that moved it, or `None` if it does not exist now."""
        seen: set[str] = set()
        commit = ""
        while path in self._renames and path not in seen:
            seen.add(path)
            path, commit = self._renames[path]
        return (path, commit) if commit and path in self.places else None

    @cached_property
    def _sorted_tree(self) -> tuple[str, ...]:
        return tuple(sorted(self.history.tree))

    @cached_property
    def _past(self) -> frozenset[str]:
        return frozenset(name for name in (*self.touched, *self._folders) if name not in self.places)

    @cached_property
    def _sorted_past(self) -> tuple[str, ...]:
        return tuple(sorted(path for path in self.touched if path not in self.places))

    @cached_property
    def _left_out(self) -> frozenset[str]:
        return frozenset((*self.history.left_out, *_per_folder((path, "") for path in self.history.left_out)))

    @cached_property
    def _sorted_left_out(self) -> tuple[str, ...]:
        return tuple(sorted(self.history.left_out))

    @cached_property
    def _tails(self) -> Mapping[str, tuple[str, ...]]:
        return _by_tail(self.places)

    @cached_property
    def _tails_of_past(self) -> Mapping[str, tuple[str, ...]]:
        return _by_tail(self._past)

    @cached_property
    def _folders(self) -> Mapping[str, Trace]:
        """Return all folders in the history; a folder is added with its first file and removed with its last."""
        order = {commit.id: i for i, commit in enumerate(newest_first(self.history))}
        first = _per_folder(self.added.items())  # oldest first
        last = _per_folder(sorted(self.touched.items(), key=lambda pair: order[pair[1]]))
        gone = _per_folder(sorted(self.deleted.items(), key=lambda pair: order[pair[1]]))
        return {folder: Trace(first.get(folder), commit, gone.get(folder)) for folder, commit in last.items()}

    @cached_property
    def _renames(self) -> Mapping[str, tuple[str, str]]:
        """Return where files were moved to, if it is certain: a commit removed one path with a base name and added one."""
        found: dict[str, tuple[str, str]] = {}
        for commit_id in dict.fromkeys(self.deleted.values()):
            for old, new in _moves(self.history.by_id[commit_id]):
                if self.deleted[old] == commit_id:
                    found[old] = new, commit_id
        return found

    @cached_property
    def _origins(self) -> Mapping[str, str]:
        return {new: old for old, (new, _) in self._renames.items()}


def above(path: str) -> Iterator[str]:
    """Yield the parent folders of a path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def dated(history: History, commit_id: str) -> str:
    """Return the short id of a commit and its day in the time zone of its author."""
    commit = history.every.by_id[commit_id]
    return f"{commit.short} on {commit.authored.day}" if commit.authored.known else commit.short


def _walk(commits: Sequence[Commit]) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return the commits that first added, last touched and last removed each path; merges count only if no other did."""
    added: dict[str, str] = {}
    touched: dict[str, str] = {}
    deleted: dict[str, str] = {}
    for commit in reversed(commits):
        merge = len(commit.parents) > 1
        for status, path in commit.changes or ():
            if status == "A":
                added.setdefault(path, commit.id)
            elif status == "D" and not (merge and path in deleted):
                deleted[path] = commit.id
            if not (merge and path in touched):
                touched[path] = commit.id
    return added, touched, deleted


def _moves(commit: Commit) -> Iterator[tuple[str, str]]:
    by_name: dict[str, tuple[list[str], list[str]]] = {}
    for status, path in commit.changes or ():
        if status in ("A", "D"):
            by_name.setdefault(_base(path), ([], []))[status == "A"].append(path)
    return ((old[0], new[0]) for old, new in by_name.values() if len(old) == len(new) == 1)


def _per_folder(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return, for each folder, the commit of the first path in it."""
    found: dict[str, str] = {}
    for path, commit in pairs:
        for folder in takewhile(lambda name: name not in found, above(path)):  # its parents are already known
            found[folder] = commit
    return found


def _by_tail(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return paths by their last part, and by their last two parts."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        for tail in dict.fromkeys((_base(path), _tail(path))):
            found.setdefault(tail, []).append(path)
    return {tail: tuple(ends) for tail, ends in found.items()}


def _ends(paths: Iterable[str], name: str) -> tuple[str, ...]:
    return tuple(path for path in paths if path == name or path.endswith(f"/{name}"))


def meant(glob: str, ordered: Sequence[str]) -> Iterator[str]:
    """Yield the paths that match a glob; `ordered` is sorted, so that only those with its prefix are compared."""
    start = WILDCARD.split(glob, maxsplit=1)[0]
    pattern = re.compile(translate(glob), re.DOTALL)
    near = takewhile(lambda path: path.startswith(start), islice(ordered, bisect_left(ordered, start), None))
    return (path for path in near if pattern.fullmatch(path))


def moved(globs: Iterable[str], roots: Mapping[str, str]) -> tuple[str, ...]:
    """Return globs as written, and with `roots` applied, which maps old prefixes to new ones."""
    found = [glob.removeprefix("./") for glob in globs]
    found += [new + g.removeprefix(old) for old, new in roots.items() for g in found if g.startswith(old)]
    return tuple(dict.fromkeys(found))


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _tail(path: str) -> str:
    return "/".join(path.rsplit("/", 2)[-2:])


Globs = tuple[str, ...]


def count_files(history: History, wanted: Sequence[Globs], commits: Collection[str]) -> dict[tuple[Globs, str], int]:
    """Return the number of files by globs and commit; globs are relative to the project.

    In one pass from the oldest commit, the tree of a commit is that of its first parent with its changes applied. A commit
    whose changes are unknown, and its descendants, are left out.
    """
    totals: dict[str, tuple[int, ...] | None] = {}
    meant: dict[str, tuple[int, ...]] = {}
    nothing = (0,) * len(wanted)
    history = history.every
    for commit in reversed(history.commits):
        total = totals.get(commit.parents[0]) if commit.parents else nothing
        if total is not None and commit.changes is not None:
            made = list(total)
            for status, path in commit.changes:
                if status in ("A", "D"):
                    if path not in meant:
                        meant[path] = _meant(path, history.prefix, wanted)
                    for i in meant[path]:
                        made[i] += 1 if status == "A" else -1
            total = tuple(made) if made != list(total) else total
        else:
            total = None
        totals[commit.id] = total
    return {
        (globs, commit): total[i]
        for commit in commits
        if (total := totals.get(commit)) is not None
        for i, globs in enumerate(wanted)
    }


def _meant(path: str, prefix: str, wanted: Sequence[Globs]) -> tuple[int, ...]:
    if not path.startswith(prefix):
        return ()
    own = path.removeprefix(prefix)
    return tuple(i for i, globs in enumerate(wanted) if matches(globs, own))


MADE = frozenset({None, "done", "partial"})  # with another status a deliverable need not exist yet
_AHEAD = frozenset({"planned", "in-progress", "blocked", "deferred"})
# `src/lib.rs` in code: a folder and a name with a suffix; not a URL, a pattern or a call.
_SPAN = re.compile(r"(?<!`)`((?:\.{0,2}/)?(?:[\w.@+-]+/)+[\w.@+-]*\w\.[A-Za-z][A-Za-z0-9]{0,7})`(?!`)")


class NamedPath(NamedTuple):
    """A path that a round names: `kind` says where, `made` whether it should exist.

    The kind is a deliverable, a list of files, what a decision affects, or a code span in a title (`words`).
    """

    entry: Entry
    path: str
    kind: Literal["deliverable", "created", "modified", "deleted", "words", "affects"]
    place: Place | None
    anchor: str
    made: bool = True

    @property
    def is_structured(self) -> bool:
        """Return whether it comes from a key for paths; code in a sentence may turn out not to be a path."""
        return self.kind not in ("words", "affects")

    def claim(self, words: str) -> Claim:
        """Return a claim about the path, at its place."""
        return Claim(words, self.place, self.entry.key, self.anchor)


def named(entry: Entry) -> Iterator[NamedPath]:
    """Yield the paths in deliverables, titles, decisions and file lists of a round."""
    record = entry.round
    for i, deliverable in enumerate(record.deliverables):
        yield from _delivered(entry, deliverable, entry.anchors["deliverables", i])
    for i, agent in enumerate(record.agents):
        for deliverable in agent.deliverables:
            yield from _delivered(entry, deliverable, entry.anchors["agents", i])
    for completed in record.carried.completed if record.carried else ():
        yield from _delivered(entry, completed, "since", ended=True)
    yield from _spoken(entry)
    yield from _affected(entry)
    if record.files:
        kinds: tuple[Literal["created", "modified", "deleted"], ...] = ("created", "modified", "deleted")
        for kind in kinds:
            for i, path in enumerate(getattr(record.files, kind)):
                yield NamedPath(entry, path, kind, record.files.place_of(kind, i), "files")


def _spoken(entry: Entry) -> Iterator[NamedPath]:
    """Yield the paths in code spans in the titles of goals, objectives, tasks and deliverables.

    Only unmistakable paths count, and only if the entry is done or the round is over.
    """
    for field in ("objectives", "goals", "deliverables", "tasks"):
        for i, item in enumerate(getattr(entry.round, field)):
            own = set(getattr(item, "paths", ()))
            reached = item.status in MADE if item.status else field != "tasks" and entry.status not in _AHEAD
            for key in ("title", "evidence"):
                for path in _SPAN.findall(getattr(item, key, None) or ""):
                    if path not in own:
                        yield NamedPath(entry, path, "words", item.place_of(key), entry.anchors[field, i], reached)


def _affected(entry: Entry) -> Iterator[NamedPath]:
    """Yield what accepted decisions affect; it may not exist yet, so a missing path is only a note."""
    for i, decision in enumerate(entry.round.decisions):
        for j, glob in enumerate(decision.affects if decision.status == "accepted" else ()):
            yield NamedPath(entry, glob, "affects", decision.place_of("affects", j), entry.anchors["decisions", i])


def _delivered(entry: Entry, deliverable: Deliverable, anchor: str, *, ended: bool = False) -> Iterator[NamedPath]:
    made = deliverable.status in MADE and (ended or deliverable.status is not None or entry.status != "planned")
    for i, path in enumerate(deliverable.paths):
        yield NamedPath(entry, path, "deliverable", deliverable.place_of("paths", i), anchor, made)
