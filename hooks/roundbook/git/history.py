"""The history of a repository as immutable values: commits, tags, branches, gaps, and facts asked of git."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cached_property, lru_cache
from typing import NamedTuple

from roundbook.frozen import frozen
from roundbook.schema.dates import Moment
from roundbook.schema.ids import Space

SHORT = 7


class Person(NamedTuple):
    """An author or committer as `.mailmap` names them; `email` is never published unless asked for."""

    name: str
    email: str


@frozen
class Mailmap:
    """The mapping of a `.mailmap`: by address, or by address and name if a line has both; case does not matter."""

    by_email: dict[str, tuple[str, str]] = field(default_factory=dict)
    by_both: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def resolve(self, person: Person) -> Person:
        """Return the person with the name and address that the mailmap gives, if any."""
        email = person.email.lower()
        found = self.by_both.get((email, person.name.lower())) or self.by_email.get(email)
        return Person(found[0] or person.name, found[1] or person.email) if found else person

    def tells_apart(self, person: Person) -> bool:
        """Return whether it lists several people of that name with different addresses."""
        named = (*self.by_email.values(), *self.by_both.values())
        addresses = {email.lower() for name, email in named if name.casefold() == person.name.casefold() and email}
        return len(addresses) > 1


class Trailer(NamedTuple):
    """One `Key: value` of a message's last paragraph; a value of several lines is joined with spaces."""

    key: str
    value: str


class PathChange(NamedTuple):
    """One path that a commit changed against its first parent: `status` is one of `A`, `M`, `D`, `T`."""

    status: str
    path: str


_GAP = re.compile(r"\n(?:[ \t\r\f\v]*\n)+")  # like git: lines of whitespace alone separate paragraphs
_TRAILER = re.compile(r"(?P<key>[A-Za-z0-9-]+|BREAKING CHANGE)[ \t]*(?::[ \t]*| (?=#))(?P<value>.*)")
_KEYS = re.compile(r"^([A-Za-z0-9-]+|BREAKING CHANGE)(?:[ \t]*:| #)", re.MULTILINE)
_GENERATED = ("Signed-off-by: ", "(cherry picked from commit ")


class _Stored(NamedTuple):
    """What a commit is made of. It is a tuple because there may be a million: that takes half the time to create."""

    id: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored: Moment
    committed: Moment
    message: str
    changes: tuple[PathChange, ...] | None = None


class Commit(_Stored):
    """One commit as it is stored: `id` and `parents` are full object ids, `message` is the decoded text.

    `changes` are the paths changed against the first parent (all paths for a root), or `None` if the repository lacks
    the trees to compare.
    """

    @property
    def short(self) -> str:
        """Return the first seven digits of the id, for readers; links always use the full id."""
        return self.id[:SHORT]

    @cached_property
    def subject(self) -> str:
        """Return the first paragraph on one line, as git does; empty for an empty message."""
        head, _, rest = self.message.lstrip().partition("\n")
        if rest and rest[0] != "\n":  # a subject over several lines
            head = " ".join(_GAP.split(f"{head}\n{rest}", maxsplit=1)[0].split("\n"))
        return head.strip()

    @property
    def body(self) -> str:
        """Return what follows the first paragraph, without the trailers."""
        _, *rest = _GAP.split(self.message.strip(), maxsplit=1)
        if not rest or not self.trailers:
            return "".join(rest)
        gaps = list(_GAP.finditer(rest[0]))
        return rest[0][: gaps[-1].start()].rstrip() if gaps else ""

    @property
    def trailers(self) -> tuple[Trailer, ...]:
        """Return the trailers of the last paragraph, by git's rules (`git interpret-trailers --parse`)."""
        return parse_trailers(self.message)

    def values(self, key: str) -> tuple[str, ...]:
        """Return the values of all trailers named `key`, in any case."""
        wanted = key.casefold()
        if wanted not in self._keys:
            return ()  # most messages have none, and this is much cheaper than parsing them
        return tuple([t.value for t in parse_trailers(self.message) if t.key.casefold() == wanted])

    @cached_property
    def _keys(self) -> tuple[str, ...]:
        """Return the keys of all lines that may be trailers; like git, it allows a space before the colon."""
        return tuple(map(str.casefold, _KEYS.findall(self.message)))


@lru_cache(maxsize=1 << 16)
def parse_trailers(message: str) -> tuple[Trailer, ...]:
    """Return the trailers of a commit message.

    The last paragraph counts if it is not the subject and all its lines are trailers or their continuation, or if it
    contains a line that git itself writes and at least a quarter of its lines are trailers.

    Source: https://git-scm.com/docs/git-interpret-trailers
    """
    text = message.strip()
    _, *paragraphs = _GAP.split(text[max(text.rfind("\n\n"), 0) :])  # the last one follows the last empty line
    if not paragraphs:
        return ()
    lines = paragraphs[-1].split("\n")
    found: list[Trailer] = []
    other = 0
    for line in lines:
        match = _TRAILER.fullmatch(line)
        if line[:1] in " \t" and found:
            found[-1] = Trailer(found[-1].key, f"{found[-1].value} {line.strip()}".strip())
        elif match:
            found.append(Trailer(match["key"], match["value"].strip()))
        else:
            other += 1
    generated = any(line.startswith(_GENERATED) for line in lines)
    counts = other == 0 or (generated and len(found) * 3 >= other)
    return tuple(found) if counts else ()


@frozen
class Tag:
    """A tag: `commit` is the full id of the commit that it marks, or `None` if it marks something else.

    `moment` is the tagger's date, or the commit's own for a lightweight tag.
    """

    name: str
    commit: str | None
    moment: Moment | None
    annotated: bool


@frozen
class Branch:
    """A branch: `name` without `refs/heads/` or `refs/remotes/`; `remote` tells which of the two it was."""

    name: str
    commit: str
    remote: bool


@frozen
class Remote:
    """The address of a remote: host and path only, so that no credential of its URL can reach a page.

    `path` is without a leading or trailing slash and without `.git`; `port` only if the URL was `http(s)` and had one.
    `scheme` is that of the web address: `http` if the URL used it, else `https`.
    """

    name: str
    host: str
    path: str
    port: int | None = None
    scheme: str = "https"


@frozen
class Gap:
    """A part of the history that is missing.

    `slug` is `no-git`, `no-repository`, `no-commits`, `shallow`, `partial`, `not-owned` or `damaged`; `message` tells
    the reader, `fix` says what to do.
    """

    slug: str
    message: str
    fix: str = ""


@frozen
class History:
    """The history of HEAD: `commits` in topological order, children before parents, newest first.

    `head` is the id of HEAD or `None`; `branch` the branch it is on, or `None` if detached. `prefix` is the path of the
    project inside the repository (`""` or `sub/folder/`). `tree` has all paths of HEAD, relative to the top. `boundary`
    has the ids of commits whose parents a shallow clone lacks. `gaps` lists what is missing. If `at` is a ref, as given,
    its commit takes the place of HEAD. `mailmap` is already applied to authors, but not to people that messages mention.
    If this is the part of a history that touches certain paths, `only` are their globs from the top, and `whole` is all of it.
    """

    head: str | None = None
    branch: str | None = None
    prefix: str = ""
    commits: tuple[Commit, ...] = ()
    tags: tuple[Tag, ...] = ()
    branches: tuple[Branch, ...] = ()
    remotes: tuple[Remote, ...] = ()
    tree: frozenset[str] = frozenset()
    boundary: frozenset[str] = frozenset()
    gaps: tuple[Gap, ...] = ()
    at: str = ""
    mailmap: Mailmap = field(default_factory=Mailmap)
    only: tuple[str, ...] = ()
    whole: History | None = None

    @property
    def every(self) -> History:
        """Return the whole history, also where this is a part of it: what tags mark, and what was ever there."""
        return self.whole or self

    def holds(self, path: str) -> bool:
        """Tell whether a path from the top of the repository is one whose history this is."""
        return not self.only or matches(self.only, path)

    @cached_property
    def left_out(self) -> frozenset[str]:
        """Return the paths that commits touched and whose history this is not."""
        commits = self.every.commits if self.only else ()
        return frozenset(filter(lambda path: not self.holds(path), {x.path for c in commits for x in c.changes or ()}))

    @cached_property
    def by_id(self) -> dict[str, Commit]:
        """Return all commits by their full id."""
        return {c.id: c for c in self.commits}

    @cached_property
    def order(self) -> dict[str, int]:
        """Return the position of each commit, 0 for the newest."""
        return {c.id: i for i, c in enumerate(self.commits)}

    @cached_property
    def sorted_ids(self) -> tuple[str, ...]:
        """Return all ids in order of their digits, for looking up abbreviations."""
        return tuple(sorted(self.by_id))

    def find(self, prefix: str) -> tuple[str, ...]:
        """Return the ids of all commits that begin with `prefix`; several if it is ambiguous."""
        if prefix in self.by_id:
            return (prefix,)
        first = bisect.bisect_left(self.sorted_ids, prefix)
        last = bisect.bisect_left(self.sorted_ids, prefix + "g")  # "g" sorts after every hexadecimal digit
        return self.sorted_ids[first:last]

    @property
    def complete(self) -> bool:
        """Return whether nothing is missing, so that what is not found does not exist."""
        return not self.gaps

    @property
    def cut(self) -> bool:
        """Return whether commits or files are missing, so that the oldest version here may not be the first one."""
        return any(gap.slug in ("shallow", "partial", "damaged") for gap in self.gaps)

    @property
    def remote(self) -> Remote | None:
        """Return `origin`, or the only remote; of several others, it is unknown which is the project's."""
        named = [remote for remote in self.remotes if remote.name == "origin"]
        return next(iter(named or self.remotes), None) if named or len(self.remotes) == 1 else None

    @property
    def default_branch(self) -> str:
        """Return the branch that is assumed to be the main one: one with a usual name, else the one that HEAD is on."""
        names = {b.name.partition("/")[2] if b.remote else b.name for b in self.branches}
        return next((name for name in ("main", "master", "trunk") if name in names), self.branch or "main")


@frozen
class Span:
    """What a branch adds: the ids of its `commits`, and the `paths` that it changed, from the top of the repository.

    `fork` is the merge base; `landed` tells whether all these paths have the same content in the base.
    """

    commits: frozenset[str]
    paths: frozenset[str]
    fork: str = ""
    landed: bool = False


_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|.", re.DOTALL)


def translate(glob: str) -> str:
    """Return a glob as a regular expression: `*` and `?` stay inside a folder, `**` crosses folders.

    A path without wildcards also means everything below it, so `docs` and `docs/` are the same as `docs/**`.
    """
    made = "".join(_piece(part) for part in _PART.findall(glob.strip("/")))
    return made + "(?:/.*)?"


_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _piece(part: str) -> str:
    if part in _WILDCARDS:
        return _WILDCARDS[part]
    if part.startswith("[") and len(part) > 1:
        inner = re.escape(part[1:-1].removeprefix("!")).replace(r"\-", "-")
        return f"[{'^/' if part.startswith('[!') else ''}{inner}]"
    return re.escape(part)


@lru_cache(maxsize=4096)
def _compiled(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{translate(g)})" for g in globs), re.DOTALL)


def matches(globs: Iterable[str], path: str) -> bool:
    """Return whether a path (with `/`) matches one of the globs."""
    wanted = tuple(globs)
    return bool(wanted) and bool(_compiled(wanted).fullmatch(path))


Spot = tuple[str, str]  # the id of a commit, and a path from the top of the repository
TreeEntry = tuple[str, str]  # `blob`, `tree` or `commit` (a submodule), and the object id
PROSE = (".md", ".markdown", ".mdx")


def is_apart(path: str, data: str) -> bool:
    """Return whether a file only mentions code: one in the folder `data`, or prose."""
    return bool(data and path.startswith(data)) or path.lower().endswith(PROSE)


@frozen
class Count:
    """A query for the lines that contain `text` in files below `folders` at the commits `at`; without folders, in all files."""

    text: str
    folders: tuple[str, ...]
    at: tuple[str, ...]


@frozen
class PickaxeQuery:
    """A literal, and the commits in which its additions and removals are searched, newest first, each with its first parent.

    `cut` tells whether older commits are not searched.
    """

    text: str
    steps: tuple[tuple[str, ...], ...]
    cut: bool = False


@frozen
class Tips:
    """The branches whose rounds and decisions are read: `head` is the commit of this book, `folder` its round files' folder.

    `spaces` are the folders of its decision records, from the top of the repository as `folder` is.

    `at` has (name, commit id) pairs that `head` does not reach; `left` is the number of branches that are not read.
    `known` are the ids, in lower case, of the decisions that this book has.
    """

    head: str
    folder: str
    at: tuple[tuple[str, str], ...]
    known: frozenset[str] = frozenset()
    left: int = 0
    spaces: tuple[Space, ...] = ()


@frozen
class GitQueries:
    """The queries for git. `spots` are paths of commits; `objects` are ids, complete or shortened.

    `counts` and `sought` are searches; `marked` is the commit whose files are searched for markers. `apart` is the data
    folder, in which no marker counts. `paths` are checked against git's ignore rules. `unsought` are the literals beyond
    the limit of searches.
    """

    spots: tuple[Spot, ...] = ()
    objects: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    sought: tuple[PickaxeQuery, ...] = ()
    unsought: tuple[str, ...] = ()
    marked: str | None = None
    tips: Tips | None = None
    apart: str = ""
    paths: tuple[str, ...] = ()


@frozen
class Found:
    """The object of an id: `kind` is `commit`, `tree`, `blob`, `tag`, or `ambiguous`; `commit` is the parsed commit."""

    id: str
    kind: str
    commit: Commit | None = None


@frozen
class PickaxeChange:
    """A commit that changed how often a literal occurs, and the files that contain the literal after it."""

    commit: str
    paths: tuple[str, ...]


@frozen
class PickaxeResult:
    """The history of a literal: `changes`, newest first, and in `before` the files that contained it before the oldest one.

    `searched` commits were searched. If `cut`, there are older ones; if `crowded`, there are so many changes or files that
    only the newest changes are listed. In both cases `before` is the state at the end of what was searched.
    """

    changes: tuple[PickaxeChange, ...]
    before: tuple[str, ...]
    searched: int
    cut: bool = False
    crowded: bool = False

    @property
    def whole(self) -> bool:
        """Tell whether all commits were searched and all changes are listed."""
        return not (self.cut or self.crowded)


@frozen
class Marker:
    """`@decision WORD` in a line of a file; `path` is from the top of the repository."""

    path: str
    line: int
    word: str


@frozen
class BranchDecision:
    """A decision in a file of other branches: `refs` are the branches with exactly this file.

    `path` is the path of the file, from the top of the repository; `round` is its round, or empty for a record.
    `text` is its whole text; `derived` tells whether the branch started with a decision of this id.
    """

    id: str
    title: str
    text: str
    round: str
    path: str
    refs: tuple[str, ...]
    derived: bool = False


@frozen
class GitFacts:
    """The answers of git.

    `spots` are the tree entries by commit and path, `objects` the objects by id, `counts` the number of lines by (text,
    folders, commit) and path, and `pickaxes` the results by literal; `unsought` are the literals that were not searched.
    `markers` is `None` if they were not searched. `elsewhere` has the decisions of other branches that are not in the same
    file here; `rounds` has, by key, the branches with a file for a round that has none here; `unread` counts the branches
    that were not read. `apart` is the data folder. `ignored` are the paths, from the top, that git ignores in the work tree.
    """

    spots: Mapping[Spot, TreeEntry | None] = field(default_factory=dict)
    objects: Mapping[str, Found | None] = field(default_factory=dict)
    counts: Mapping[tuple[str, tuple[str, ...], str], Mapping[str, int]] = field(default_factory=dict)
    pickaxes: Mapping[str, PickaxeResult] = field(default_factory=dict)
    unsought: tuple[str, ...] = ()
    markers: tuple[Marker, ...] | None = None
    markers_cut: bool = False
    elsewhere: tuple[BranchDecision, ...] | None = None
    rounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: int = 0
    apart: str = ""
    ignored: frozenset[str] = frozenset()
