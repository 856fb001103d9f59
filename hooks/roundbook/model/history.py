"""In: what `read/git` found. Out: immutable commits, tags, branches and remotes, and what of the history is missing."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from roundbook.schema.dates import Moment

SHORT = 7


class Person(NamedTuple):
    """An author or committer as `.mailmap` names them; `email` is never published unless asked for."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Mailmap:
    """The mapping of a `.mailmap`: by address, and where a line says so by address and name, whatever their case."""

    by_email: dict[str, tuple[str, str]] = field(default_factory=dict)
    by_both: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def resolve(self, person: Person) -> Person:
        """Return the person as the mailmap names it; what it does not change stays."""
        email = person.email.lower()
        found = self.by_both.get((email, person.name.lower())) or self.by_email.get(email)
        return Person(found[0] or person.name, found[1] or person.email) if found else person

    def tells_apart(self, person: Person) -> bool:
        """Tell whether it names several people who are called so, each with an address of their own."""
        named = (*self.by_email.values(), *self.by_both.values())
        addresses = {email.lower() for name, email in named if name.casefold() == person.name.casefold() and email}
        return len(addresses) > 1


class Trailer(NamedTuple):
    """One `Key: value` of a message's last paragraph; a folded value is joined with blanks."""

    key: str
    value: str


class Change(NamedTuple):
    """One path that a commit changed against its first parent: `status` is one of `A`, `M`, `D`, `T`."""

    status: str
    path: str


_GAP = re.compile(r"\n(?:[ \t\r\f\v]*\n)+")  # lines of blanks alone part paragraphs, for git too
_TRAILER = re.compile(r"(?P<key>[A-Za-z0-9-]+|BREAKING CHANGE)[ \t]*(?::[ \t]*| (?=#))(?P<value>.*)")
_GENERATED = ("Signed-off-by: ", "(cherry picked from commit ")


class Commit(NamedTuple):
    """One commit as it is stored: `id` and `parents` are full object ids, `message` is the decoded text.

    `changes` holds the paths changed against the first parent (all paths for a root), or `None` where the repository
    does not hold the trees that would tell. A tuple, since there may be a million: it is made in half the time.
    """

    id: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    authored: Moment
    committed: Moment
    message: str
    changes: tuple[Change, ...] | None = None

    @property
    def short(self) -> str:
        """Return the first seven digits of the id, for reading; links always use the whole id."""
        return self.id[:SHORT]

    @property
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
        """Return the values of all trailers named `key`, whatever its case."""
        if not _key_of(key).search(self.message):
            return ()  # most messages have none, and this is much cheaper than to parse them
        wanted = key.casefold()
        return tuple([t.value for t in parse_trailers(self.message) if t.key.casefold() == wanted])


@lru_cache(maxsize=64)
def _key_of(key: str) -> re.Pattern[str]:
    """Return what finds the lines that may be trailers of a key: a blank may stand before the colon, as for git."""
    return re.compile(rf"^{re.escape(key)}(?:[ \t]*:| #)", re.IGNORECASE | re.MULTILINE)


@lru_cache(maxsize=1 << 16)
def parse_trailers(message: str) -> tuple[Trailer, ...]:
    """Return the trailers of a commit message.

    The last paragraph counts when it is not the subject and all its lines are trailers or their continuation, or when
    it holds a line that git itself writes and at least a quarter of its lines are trailers.

    Source: https://git-scm.com/docs/git-interpret-trailers
    """
    text = message.strip()
    _, *paragraphs = _GAP.split(text[max(text.rfind("\n\n"), 0) :])  # the last one lies behind the last empty line
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


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: `commit` is the full id of what it marks, or `None` where it marks no commit.

    `moment` is the tagger's date, or the commit's own for a lightweight tag.
    """

    name: str
    commit: str | None
    moment: Moment | None
    annotated: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch: `name` without `refs/heads/` or `refs/remotes/`; `remote` tells which of the two it was."""

    name: str
    commit: str
    remote: bool


@dataclass(frozen=True, slots=True)
class Remote:
    """Where a remote lies: host and path only, so that no credential of its URL can reach a page.

    `path` is without a leading or trailing slash and without `.git`; `port` only where the URL was `http(s)` and named one.
    `scheme` is that of the web side: `http` where the URL was that, else `https`.
    """

    name: str
    host: str
    path: str
    port: int | None = None
    scheme: str = "https"


@dataclass(frozen=True, slots=True)
class Gap:
    """What of the history is missing.

    `slug` is `no-git`, `no-repository`, `no-commits`, `shallow`, `partial`, `not-owned` or `damaged`; `message` says it to
    a reader, `mend` says what to do.
    """

    slug: str
    message: str
    mend: str = ""


@dataclass(frozen=True)
class History:
    """The history of HEAD: `commits` in topological order, children before parents, newest first.

    `head` is the id of HEAD or `None`; `branch` the branch it is on, or `None` when detached. `prefix` is where the
    project lies inside the repository (`""` or `sub/folder/`). `tree` holds all paths of HEAD, relative to the top.
    `boundary` holds the ids of commits whose parents a shallow clone cut off. `gaps` says what is missing. Where `at` is
    a ref, as it was asked for, all that is said of HEAD holds for the commit that it means. By `mailmap` authors are named
    already; people in the words of a message are not.
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
        """Return the ids of all commits that begin with `prefix`: none, the one, or the candidates of an ambiguous one."""
        if prefix in self.by_id:
            return (prefix,)
        first = bisect.bisect_left(self.sorted_ids, prefix)
        last = bisect.bisect_left(self.sorted_ids, prefix + "g")  # "g" sorts after every hexadecimal digit
        return self.sorted_ids[first:last]

    @property
    def complete(self) -> bool:
        """Tell whether nothing is missing, so that "not there" may be said."""
        return not self.gaps

    @property
    def cut(self) -> bool:
        """Tell whether commits or files of it are missing, so that what comes first here need not have been the first."""
        return any(gap.slug in ("shallow", "partial", "damaged") for gap in self.gaps)

    @property
    def remote(self) -> Remote | None:
        """Return `origin`, or the only remote; of several others none is known to be the project's own."""
        named = [remote for remote in self.remotes if remote.name == "origin"]
        return next(iter(named or self.remotes), None) if named or len(self.remotes) == 1 else None

    @property
    def default_branch(self) -> str:
        """Return the branch that is taken for the main one: of a usual name, or else the one that HEAD is on."""
        names = {b.name.partition("/")[2] if b.remote else b.name for b in self.branches}
        return next((name for name in ("main", "master", "trunk") if name in names), self.branch or "main")
