"""Commits, trees and blobs, read in one stream."""

from __future__ import annotations

import codecs
import os
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import field
from functools import partial
from io import BufferedReader
from itertools import chain, repeat

from roundbook.frozen import frozen
from roundbook.git.history import Commit, Found, PathChange, Person, Spot, TreeEntry
from roundbook.git.process import PIPE, Git, Stream
from roundbook.schema.dates import Moment

BATCH = ("cat-file", "--batch", "--buffer")
UNKNOWN = Person("unknown", "")
NO_DATE = Moment(-1)  # before 1970, so `Moment.known` says no
WIDEST_ZONE = 14 * 60  # minutes; no clock on earth is further from UTC

_PARENT = re.compile(r"parent [0-9a-f]{40}(?:[0-9a-f]{24})?")
_DATE = re.compile(r" *(-?[0-9]{1,24})(?: ([+-][0-9]{4})(?![0-9]))?")
_PLAIN = re.compile(
    rb"tree [0-9a-f]+\n((?:parent [0-9a-f]{40}(?:[0-9a-f]{24})?\n)*)"
    rb"author ([^\n\0]*>) ([0-9]{1,12}) ([+-][0-9]{4})\n"
    rb"committer ([^\n\0]*>) ([0-9]{1,12}) ([+-][0-9]{4})"
    rb"(?:\ngpgsig [^\n]*(?:\n [^\n]*)*)?(?:\n\n|\Z)"
)
_CONTINUED = re.compile(rb"\n [^\n]*")
# Codecs of Python that do not encode text, or that take quadratic time (idna, punycode).
_NO_TEXT = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined"})


def read_objects(stream: BufferedReader, largest: int | None = None) -> Iterator[tuple[bytes, bytes, bytes | None]]:
    """Yield `(name, type, content)` for each answer of `cat-file --batch`; the content of a missing object is `None`.

    Content is taken by its length, so that nothing in it can look like the next answer. What is larger than `largest` is
    skipped piece by piece, and is `None` too.
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


def read_all(git: Git, names: Iterable[str]) -> list[tuple[bytes, bytes, bytes | None]]:
    """Return `(id or name, type, content)` of each named object, in order; one process, or none without names.

    A name is an id, or `<commit>:<path>`, which must not hold a newline or end with a carriage return.
    """
    feed = os.fsencode("".join(f"{name}\n" for name in names))
    if not feed:
        return []
    with git.stream(*BATCH, feed=feed) as stream:
        return list(read_objects(stream.out))


def read_contents(git: Git, ids: Iterable[str], largest: int | None = None) -> dict[str, bytes]:
    """Return the contents of objects by id, without those that are missing or larger than `largest`."""
    wanted = list(dict.fromkeys(ids))
    if largest is not None:
        wanted = [id_ for id_, size in read_sizes(git, wanted).items() if size <= largest]
    return {name.decode("ascii"): content for name, _, content in read_all(git, wanted) if content is not None}


def read_sizes(git: Git, ids: Iterable[str]) -> dict[str, int]:
    """Return the sizes of the objects that are there, by id."""
    found = (words for words in describe(git, dict.fromkeys(ids)) if len(words) == 3)
    return {id_: int(size) for id_, _, size in found}


def describe(git: Git, names: Iterable[str]) -> list[list[str]]:
    """Return for each name the id, type and size of its object, or the name and an error. One process, or none.

    If git fails, the last ones are missing. Names are ASCII, without blanks.
    """
    feed = "".join(f"{name}\n" for name in names).encode("ascii")
    answer = git.run("cat-file", "--batch-check", feed=feed) if feed else None
    lines = answer.out.decode("ascii", "replace").split("\n")[:-1] if answer else []
    return [line.split(" ") for line in lines]


def decode_path(raw: bytes) -> str:
    r"""Return a path, or a ref name, as text; bytes that are not UTF-8 are shown as `\xe9`, never as surrogates."""
    return raw.decode("utf-8", "backslashreplace")


def decode_text(raw: bytes, encoding: bytes = b"") -> str:
    """Return the text of a commit by its `encoding` header, or as UTF-8, or as Latin-1; it ends at a NUL, as in git.

    Source: https://git-scm.com/docs/git-commit#_discussion
    """
    if encoding and not _plain(raw) and (text := _decode_declared(raw, encoding)) is not None:
        return text.partition("\0")[0]
    if b"\0" in raw:
        raw = raw.partition(b"\0")[0]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _plain(raw: bytes) -> bool:
    """Return whether these bytes mean the same in every encoding in use: ASCII without the escapes of ISO-2022."""
    return raw.isascii() and b"\x1b" not in raw and b"\0" not in raw


def _decode_declared(raw: bytes, encoding: bytes) -> str | None:
    try:
        codec = codecs.lookup(encoding.decode("ascii"))
        if codec.name in _NO_TEXT:
            return None
        text = raw.decode(codec.name)
        text.encode()  # UTF-7 and others can spell lone surrogates
    except (LookupError, ValueError):
        return None
    return text


def parse_moment(text: str) -> Moment:
    """Return the time `1700000000 +0100`; a zone beyond ±14:00 counts as UTC.

    No date at all is a moment that is not `known`.
    """
    match = _DATE.match(text)
    return Moment(int(match[1]), parse_zone(match[2] or "")) if match else NO_DATE


def parse_zone(text: str) -> int:
    """Return the minutes east of UTC of a zone such as `+0130`, or 0 if it is invalid."""
    if len(text) != 5 or not (text.isascii() and text[1:].isdigit()) or text[3:] > "59":
        return 0
    offset = int(text[1:3]) * 60 + int(text[3:])
    if offset > WIDEST_ZONE:
        return 0
    return {"+": offset, "-": -offset}.get(text[0], 0)


def parse_person(text: str) -> Person:
    """Return the person of `Name <email>`; a missing name is `unknown`."""
    name, _, rest = text.partition("<")
    return Person(name.strip() or UNKNOWN.name, rest.partition(">")[0].strip())


def parse_tagged(raw: bytes) -> Moment | None:
    """Return the date of a raw tag object, or `None` for an old one without a tagger."""
    tagger = _fields(raw.partition(b"\n\n")[0]).get(b"tagger")
    return parse_moment(tagger.decode("latin-1").rpartition(">")[2]) if tagger else None


def parse_tree(raw: bytes, id_size: int) -> dict[str, tuple[str, str]]:
    """Return the type (`blob`, `tree` or `commit`, a submodule) and the object id of each name in a raw tree.

    `id_size` is the length of an object id in bytes, 20 or 32.
    """
    kind = {b"40000": "tree", b"160000": "commit"}.get
    return {decode_path(name): (kind(mode, "blob"), id_.hex()) for mode, name, id_ in _ENTRIES[id_size].findall(raw)}


_ENTRIES = {size: re.compile(rb"([^ \0]*) ?([^\0]*)\0(.{0,%d})" % size, re.DOTALL) for size in (20, 32)}


def _fields(head: bytes) -> dict[bytes, bytes]:
    """Return the header fields of an object; if a field is repeated the last one counts, as in git."""
    lines = _CONTINUED.sub(b"", head).split(b"\n")
    return {key: value for key, _, value in (line.partition(b" ") for line in lines)}


_moment = partial(tuple.__new__, Moment)  # in half the time that the name of the class takes
_commit = partial(tuple.__new__, Commit)
ONE_PARENT = len("parent \n") + 40


class _People(dict[bytes, Person]):
    """People by their raw identity."""

    def __missing__(self, identity: bytes) -> Person:
        person = self[identity] = parse_person(identity.decode())
        return person


class _Zones(dict[bytes, int]):
    """Minutes east of UTC by the raw zone."""

    def __missing__(self, raw: bytes) -> int:
        zone = self[raw] = parse_zone(raw.decode("ascii"))
        return zone


@frozen
class CommitParser:
    """Parses raw commit objects; equal people, zones and most ids are shared."""

    _people: _People = field(default_factory=_People)
    _odd_people: dict[str, Person] = field(default_factory=dict)
    _zones: _Zones = field(default_factory=_Zones)
    _awaited: dict[str, str] = field(default_factory=dict)

    def parse(self, id: str, raw: bytes) -> Commit:  # noqa: A002  the field's own noun
        """Return the commit that the object `id` holds, whatever bytes it is made of. People are as they wrote themselves.

        Nearly all commits have the plain header; the way of the others is the definition, and gives the same for both.

        Source: `parse_commit_buffer` and `split_ident_line` in git, which has no page on the format
        """
        plain = _PLAIN.match(raw)
        if plain is None:
            return self._parse_odd(id, raw)
        links, author, authored, zone, committer, committed, other_zone = plain.groups()
        await_, people, zones = self._awaited.setdefault, self._people, self._zones
        if len(links) == ONE_PARENT:
            parent = links[7:-1].decode()
            parents: tuple[str, ...] = (await_(parent, parent),)
        else:
            parents = tuple([await_(parent, parent) for parent in links.decode().split()[1::2]])
        try:
            return _commit(
                (
                    self._awaited.pop(id, id),
                    parents,
                    people[author],
                    people[committer],
                    _moment((int(authored), zones[zone])),
                    _moment((int(committed), zones[other_zone])),
                    decode_text(raw[plain.end() :]),
                    None,
                )
            )
        except UnicodeDecodeError:  # of a person; a message is always text
            return self._parse_odd(id, raw)

    def _parse_odd(self, id_: str, raw: bytes) -> Commit:
        head, _, message = (b"\n" + raw).partition(b"\n\n")
        fields = _fields(head[1:])
        encoding = fields.get(b"encoding", b"")
        author, authored = self._read_odd(fields.get(b"author", b""), encoding)
        committer, committed = self._read_odd(fields.get(b"committer", b""), encoding)
        lines = head.decode("latin-1").split("\n")
        parents = tuple(line[7:] for line in lines if _PARENT.fullmatch(line))
        own = self._awaited.pop(id_, id_)
        return Commit(own, parents, author, committer, authored, committed, decode_text(message, encoding))

    def _read_odd(self, raw: bytes, encoding: bytes) -> tuple[Person, Moment]:
        identity, end, date = raw.rpartition(b">")
        return self._person(decode_text(identity + end, encoding)), parse_moment(date.decode("latin-1"))

    def _person(self, identity: str) -> Person:
        person = self._odd_people.get(identity)
        if person is None:
            person = self._odd_people[identity] = parse_person(identity)
        return person


# Compares stored paths, whatever the settings of the repository.
_COMPARED = ("-r", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none")
COMPARE = ("diff-tree", *_COMPARED)
DIFF = (*COMPARE, "--stdin", "--root", "--name-status")
SHARDS = 2  # processes that compare trees, BLOCK commits each in turn
BLOCK = 256

Changes = tuple[PathChange, ...]
Shared = defaultdict[bytes, dict[bytes, PathChange]]  # equal changes are shared, by raw status and path


def read_commits(git: Git, head: str, but: Sequence[str] = ()) -> tuple[tuple[Commit, ...], bool]:
    """Return the commits reachable from `head` in topological order, and whether none is missing or damaged.

    It is not all of them where an object is missing or damaged. Those that commits of `but` reach are left out; an id of
    `but` that is no commit here is passed over. People are as they wrote themselves.
    """
    parse = CommitParser().parse
    commits: list[Commit] = []
    whole = True
    without = ("--ignore-missing", *(f"^{id_}" for id_ in but)) if but else ()
    with git.chain(("rev-list", *without, head, "--"), BATCH) as stream:
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
    children = dict(Counter(chain.from_iterable([commit.parents for commit in commits])))
    ready = [commit for commit in reversed(commits) if commit.id not in children]
    ordered: list[Commit] = []
    while ready:
        commit = ready.pop()
        ordered.append(commit)
        for parent in commit.parents:
            if children[parent] > 1:
                children[parent] -= 1
            elif parent in by_id:
                ready.append(by_id[parent])
    return ordered


def read_changes(git: Git, commits: Sequence[Commit], known: Collection[str]) -> Iterator[Changes | None]:
    """Yield the changes of each commit against its first parent, or `None` if they cannot be known.

    It cannot where the parent is not part of the history, whose ids are `known`, and from the first missing tree on.
    """
    count = min(SHARDS, -(-len(commits) // BLOCK))  # what is read in one block needs one process, nothing needs none
    feeds: list[list[tuple[str, ...]]] = [[] for _ in range(count)]
    for number, commit in enumerate(commits):
        if not commit.parents or commit.parents[0] in known:
            feeds[number // BLOCK % count].append((commit.id, *commit.parents[:1]))
    with ExitStack() as stack:
        shared: Shared = defaultdict(dict)
        streams = [stack.enter_context(git.stream(*DIFF, feed=_lines(feed))) for feed in feeds]
        shards = [_align(feed, _records(stream, shared)) for feed, stream in zip(feeds, streams, strict=True)]
        for number, commit in enumerate(commits):
            cut = commit.parents and commit.parents[0] not in known
            yield None if cut else next(shards[number // BLOCK % count])


def _lines(feed: list[tuple[str, ...]]) -> bytes:
    return "".join(" ".join(ids) + "\n" for ids in feed).encode("ascii")


def _align(feed: list[tuple[str, ...]], records: Iterator[tuple[str, Changes | None]]) -> Iterator[Changes | None]:
    """Yield the changes for each input line; git prints nothing for a commit without changes."""
    name, changes = next(records)
    for ids in feed:
        if ids[0] == name:
            yield changes
            name, changes = next(records)
        else:
            yield () if name else changes


def _records(stream: Stream, shared: Shared) -> Iterator[tuple[str, Changes | None]]:
    """Yield `(id, changes)` as printed by `diff-tree`, then endlessly `("", changes)` for all that it did not print.

    A status is one letter and is followed by its path, so a path cannot be taken for anything else. When git died, its
    last record may be half a record, and is left out.
    """
    name, found, status = "", list[PathChange](), b""
    for token in chain.from_iterable(_tokens(stream.out)):
        if status:
            change = shared[status].get(token)
            if change is None:
                change = shared[status][token] = PathChange(status.decode("ascii"), decode_path(token))
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
    """Yield the tokens that end with NUL, many at a time; a last one without NUL was cut off and is dropped."""
    rest = b""
    while chunk := out.read1(PIPE):
        pieces = (rest + chunk).split(b"\0")
        rest = pieces.pop()
        yield pieces


_FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_UNASKABLE = re.compile("[\\n\\0\\ud800-\\udfff]")


def locate(git: Git, spots: Iterable[Spot]) -> dict[Spot, TreeEntry | None]:
    """Return the entry at each `(commit id, path)`, or `None`.

    Paths count from the top of the repository. `None` is also the answer where the repository does not hold the trees
    that would tell, and where the question is none: an id that is not a full one, a path that leads outside. Types
    come from the trees, so that a partial clone, which lacks the files themselves, answers as well as a whole one.
    One process, whatever the number of questions.
    """
    answers: dict[Spot, TreeEntry | None] = dict.fromkeys(spots)
    asked: defaultdict[str, list[Spot]] = defaultdict(list)
    for spot in answers:
        if folder := _folder(*spot):
            asked[folder].append(spot)
    if not asked:
        return answers
    for (name, type_, content), wanted in zip(read_all(git, asked), asked.values(), strict=False):
        if type_ == b"tree" and content is not None:
            entries = {"": ("tree", name.decode("ascii")), **parse_tree(content, len(wanted[0][0]) // 2)}
            answers.update({spot: entries.get(_name(spot[1])) for spot in wanted})
    return answers


def read_trees(git: Git, ids: Iterable[str]) -> dict[str, dict[str, TreeEntry]]:
    """Return the entries of trees by id, without missing trees. One process."""
    return {id_: parse_tree(content, len(id_) // 2) for id_, content in read_contents(git, ids).items()}


def look_up(git: Git, ids: Iterable[str]) -> dict[str, Found | None]:
    """Return the object of each id, or `None` if there is none; at most two processes.

    `ids` are hexadecimal, and may be shortened. A name of a ref that looks like one is not meant.
    """
    asked = list(dict.fromkeys(ids))
    described = describe(git, asked)
    if len(described) != len(asked):
        return {}
    contents = read_contents(git, (words[0] for words in described if words[1] == "commit"))
    parse = CommitParser().parse
    found: dict[str, Found | None] = {}
    for id_, words in zip(asked, described, strict=True):
        if words[1:] == ["ambiguous"]:
            found[id_] = Found(id_, "ambiguous")
        elif len(words) != 3 or not words[0].startswith(id_):
            found[id_] = None
        else:
            content = contents.get(words[0])
            found[id_] = Found(words[0], words[1], parse(words[0], content) if content is not None else None)
    return found


def _folder(commit: str, path: str) -> str:
    """Return `<commit>:<folder>` for `cat-file`, or an empty string if `cat-file` would read it differently.

    `cat-file` takes one name a line, drops a carriage return before the end of it, and resolves `.` and `..`.
    """
    folder = path.rstrip("/").rpartition("/")[0]
    parts = path.rstrip("/").split("/") if path else []
    odd = {"", ".", ".."}.intersection(parts) or _UNASKABLE.search(path) or folder.endswith("\r")
    return f"{commit}:{folder}" if _FULL_ID.fullmatch(commit) and not odd else ""


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def ignored(git: Git, paths: Sequence[str]) -> frozenset[str]:
    """Return the paths, relative to the top of the repository, that its own rules ignore; one process.

    Each is asked for as a file and as a folder. A personal list of what to ignore is left out: it is no part of the project.
    """
    if not paths:
        return frozenset()
    feed = b"".join(os.fsencode(name) + b"\0" for path in paths for name in (path, f"{path}/"))
    answer = git.run("--no-literal-pathspecs", "-c", "core.excludesFile=", "check-ignore", "-z", "--stdin", feed=feed)
    if answer.code != 0:  # 1 where none is ignored
        return frozenset()
    return frozenset(os.fsdecode(raw).rstrip("/") for raw in answer.out.split(b"\0") if raw)
