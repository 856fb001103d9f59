"""In: a git and the id of HEAD. Out: all its commits, and which paths each of them changed, streamed from plumbing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedReader
from itertools import chain, repeat

from roundbook.model.history import Change, Commit, Mailmap
from roundbook.read.git_objects import CommitParser, decode_path
from roundbook.read.git_process import PIPE, Git, Stream

BATCH = ("cat-file", "--batch", "--buffer")
DIFF = (
    "diff-tree",
    "--stdin",
    "-r",
    "-z",
    "--root",
    "--no-renames",
    "--name-status",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=none",
)
SHARDS = 2  # git compares trees on one core; two of them take turns of BLOCK commits
BLOCK = 256

Changes = tuple[Change, ...]
Shared = defaultdict[bytes, dict[bytes, Change]]  # each change is kept once, by its status and path as git writes them


def read_objects(stream: BufferedReader, largest: int | None = None) -> Iterator[tuple[bytes, bytes, bytes | None]]:
    """Yield `(name, type, content)` for each answer of `cat-file --batch`; content `None` where it has no such object.

    Content is taken by its length, so that nothing in it can look like the next answer. What is larger than `largest` is
    passed over piece by piece, and is `None` too.
    """
    while line := stream.readline():
        words = line.rsplit(b" ", 2)
        if len(words) == 3 and words[2][:-1].isdigit():
            size = int(words[2])
            if largest is not None and size > largest:
                _pass_over(stream, size + 1)
                yield words[0], words[1], None
            else:
                yield words[0], words[1], stream.read(size + 1)[:-1]
        else:
            yield line.rsplit(b" ", 1)[0], b"", None


def _pass_over(stream: BufferedReader, size: int) -> None:
    while size > 0 and (piece := stream.read(min(size, PIPE))):
        size -= len(piece)


def read_commits(git: Git, head: str, mailmap: Mailmap) -> tuple[tuple[Commit, ...], bool]:
    """Return the commits that `head` reaches, in topological order, and whether that is all of them.

    It is not all of them where an object is missing or damaged.
    """
    parse = CommitParser(mailmap).parse
    commits: list[Commit] = []
    whole = True
    with git.chain(("rev-list", head, "--"), BATCH) as stream:
        for name, _, content in read_objects(stream.out):
            if content is None:
                whole = False
            else:
                commits.append(parse(name.decode("ascii"), content))
        whole = stream.finished() and whole
    return tuple(sort_topologically(commits)), whole


def sort_topologically(commits: list[Commit]) -> list[Commit]:
    """Return the commits with children before parents and lines of history kept together, as `--topo-order` does.

    git could do this itself, but would then walk the whole history before it wrote the first line.

    Source: `sort_in_topological_order` in git's `commit.c`
    """
    by_id = {commit.id: commit for commit in commits}
    children = dict.fromkeys(by_id, 0)
    for commit in commits:
        for parent in commit.parents:
            if parent in children:
                children[parent] += 1
    ready = [commit for commit in reversed(commits) if not children[commit.id]]
    ordered: list[Commit] = []
    while ready:
        commit = ready.pop()
        ordered.append(commit)
        for parent in commit.parents:
            if parent in children:
                children[parent] -= 1
                if not children[parent]:
                    ready.append(by_id[parent])
    return ordered


def read_changes(git: Git, commits: tuple[Commit, ...]) -> Iterator[Changes | None]:
    """Yield for each commit what it changed against its first parent, or `None` where that cannot be known.

    It cannot where the parent is not part of the history, and from the first missing tree on.
    """
    known = {commit.id for commit in commits}
    feeds: list[list[tuple[str, ...]]] = [[] for _ in range(SHARDS)]
    for number, commit in enumerate(commits):
        if not commit.parents or commit.parents[0] in known:
            feeds[number // BLOCK % SHARDS].append((commit.id, *commit.parents[:1]))
    with ExitStack() as stack:
        shared: Shared = defaultdict(dict)
        streams = [stack.enter_context(git.stream(*DIFF, feed=_lines(feed))) for feed in feeds]
        shards = [_align(feed, _records(stream, shared)) for feed, stream in zip(feeds, streams, strict=True)]
        for number, commit in enumerate(commits):
            cut = commit.parents and commit.parents[0] not in known
            yield None if cut else next(shards[number // BLOCK % SHARDS])


def _lines(feed: list[tuple[str, ...]]) -> bytes:
    return "".join(" ".join(ids) + "\n" for ids in feed).encode("ascii")


def _align(feed: list[tuple[str, ...]], records: Iterator[tuple[str, Changes | None]]) -> Iterator[Changes | None]:
    """Yield the changes for each line that was fed; git says nothing at all of a commit that changed nothing."""
    name, changes = next(records)
    for ids in feed:
        if ids[0] == name:
            yield changes
            name, changes = next(records)
        else:
            yield () if name else changes


def _records(stream: Stream, shared: Shared) -> Iterator[tuple[str, Changes | None]]:
    """Yield `(id, changes)` as `diff-tree` prints them, then for ever what is true of all that it did not print.

    A status is one letter and is followed by its path, so a path cannot be taken for anything else. When git died, its
    last record may be half a record, and is left out.
    """
    name, found, status = "", list[Change](), b""
    for token in chain.from_iterable(_tokens(stream.out)):
        if status:
            change = shared[status].get(token)
            if change is None:
                change = shared[status][token] = Change(status.decode("ascii"), decode_path(token))
            found.append(change)
            status = b""
        elif len(token) == 1:
            status = token
        else:
            if name:
                yield name, tuple(found)
            name, found = token.decode("ascii"), []
    whole = stream.finished()
    if name and whole:
        yield name, tuple(found)
    yield from repeat(("", () if whole else None))


def _tokens(out: BufferedReader) -> Iterator[list[bytes]]:
    """Yield what stands before each NUL, many at a time; a last piece without one was cut off, and is left out."""
    rest = b""
    while chunk := out.read1(PIPE):
        pieces = (rest + chunk).split(b"\0")
        rest = pieces.pop()
        yield pieces
