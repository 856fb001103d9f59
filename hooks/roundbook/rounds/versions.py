"""Earlier versions of round files and decision records, from git."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from roundbook.frozen import frozen
from roundbook.git import process
from roundbook.git.history import Commit, History, PathChange
from roundbook.git.objects import BATCH, read_objects
from roundbook.rounds.load import AdrRecords, key_of
from roundbook.schema.base import kebab
from roundbook.schema.ids import METADATA, SUFFIXES, Space, home_of, id_of, is_phase, number_of, record_of
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import Status, decision_word, lookup
from roundbook.yamlfile.reader import Outline, outline
from roundbook.yamlfile.source import MAX_BYTES

REMOVED = "removed"
ADOPTED = ":"  # before the path of a file of decision records, where otherwise the key of a round stands
RECORDED = "recorded"  # the one status that an entry of the changelog has
NO_METRICS: Mapping[str, str] = {}


@frozen
class SnapshotEntry:
    """An entry of a list in one version of a file.

    `id` is empty if none is written; `status` is the normalised word, the original text if it is not a known status, or
    empty. `supersedes` are a decision's references as written.
    """

    field: str
    id: str
    label: str
    status: str
    supersedes: tuple[str, ...] = ()


@frozen
class Snapshot:
    """One version of a round file, as far as statuses and metrics go."""

    status: str
    parts: tuple[SnapshotEntry, ...]
    metrics: Mapping[str, str] = field(default_factory=lambda: NO_METRICS)
    imported: bool = False


@frozen
class Version:
    """One file as a commit left it.

    `key` is the round, or `ADOPTED` and the path for decision records, `path` is from the top of the repository.

    `snapshot` is `None` if the version cannot be read or the file is `gone`. `moved_from` is the round that the file
    belonged to before. `known` is false if the commit did not create the version, but is only the first one in an
    incomplete history.
    """

    commit: str
    key: str
    path: str
    blob: str = ""
    snapshot: Snapshot | None = None
    gone: bool = False
    moved_from: str = ""
    known: bool = True


@frozen
class Step:
    """A status of an entry, with the id of the commit that set it; `removed` if the commit removed the entry.

    `exact` is false if an earlier commit may have set it: one that is missing here, or whose version cannot be read.
    `reason` says how the status was derived if the file does not state it. `pull_request` contained the commit.
    """

    status: str
    commit: str
    exact: bool = True
    reason: str = ""
    pull_request: int | None = None


@frozen
class Timeline:
    """All statuses of one entry, oldest first.

    `kind` is `round`, `decision`, `agent` or `change`; `id` is the key of a round, the id of a decision, and else the round
    and the anchor (`3/4#agent-ada`). `round` is where it stands, or stood last, and empty for a decision that no round
    took. `recorded` tells that the first step is the commit that brought it; it is false where the history is cut or an
    earlier version cannot be read.
    """

    kind: str
    id: str
    title: str
    round: str
    steps: tuple[Step, ...]
    recorded: bool

    @property
    def word(self) -> str:
        """Return the word for its kind; a phase is of kind `round`."""
        return "phase" if self.kind == "round" and is_phase(self.id) else self.kind

    @property
    def status(self) -> str:
        """Return the last status."""
        return self.steps[-1].status

    @property
    def living(self) -> bool:
        """Tell whether it still exists."""
        return self.status != REMOVED

    def first(self, status: str) -> Step | None:
        """Return the step at which it first took a status."""
        return next((step for step in self.steps if step.status == status), None)


@frozen
class Edit:
    """A version of a round: its commit, and whether it can be read."""

    commit: str
    readable: bool = True


@frozen
class StatusChange:
    """One status change: an entry took a status after another one, which is empty if the entry is new."""

    timeline: Timeline
    step: Step
    before: str


@frozen
class Timelines:
    """All timelines by kind and id, and other facts from the versions of files.

    `edits` holds the versions of each round, and of each file of decision records by its path, oldest first; `values`
    the value of each metric of each round at HEAD with the commit that set it; `inside` the timelines of what stands in
    each round, of those that changed; `feed` the changes, newest first; `renamed` the names that rounds and decisions
    had before (`("decision", "old-id")`), each with that of today. `whole` is false where the history is cut, so that
    nothing is known to have begun.
    """

    by_kind: Mapping[str, Mapping[str, Timeline]] = field(default_factory=dict)
    edits: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    values: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    inside: Mapping[str, tuple[Timeline, ...]] = field(default_factory=dict)
    feed: tuple[StatusChange, ...] = ()
    renamed: Mapping[tuple[str, str], str] = field(default_factory=dict)
    whole: bool = True

    def of(self, kind: str, id: str) -> Timeline | None:  # noqa: A002  the field's own noun
        """Return the timeline of one entry, or `None` if no commit mentions it."""
        return self.by_kind.get(kind, {}).get(id)


_READ = {key: one for key, one in LISTS.items() if one.timeline or one.counted}
Words = Mapping[str, Status]
Read = Callable[..., Outline]  # calls a function with the content of a file and other texts, unless it knows the answer


def _made(content: bytes, make: Callable[..., Outline] = outline, *of: str) -> Outline:
    return make(content, *of)


def parse(data: bytes, words: Words | None = None, read: Read = _made) -> Snapshot | None:
    """Return the statuses and metrics in a version of a round file, or `None` if it cannot be read at all.

    The current schema does not apply: values of another form are ignored, and an unknown status is kept as written.
    `words` are the extra status words of the settings.
    """
    tree = read(data)
    if not isinstance(tree, dict):
        return None
    known = _keys(tree)
    every = words or {}
    parts = tuple(part for name in _READ for node in _many(known.get(name)) if (part := _part(name, node, every)))
    return Snapshot(
        _status(known.get("status"), every), parts, dict(_metrics(known.get("metrics"))), bool(known.get("source"))
    )


def _keys(node: Mapping[str, Outline]) -> dict[str, Outline]:
    return {key.replace("_", "-"): value for key, value in node.items()}


def _many(node: Outline) -> list[Outline]:
    values = node if isinstance(node, list) else [node]
    return [value for value in values if value is not None]


def _text(node: Outline) -> str:
    return node if isinstance(node, str) else ""


def _part(name: str, node: Outline, words: Words) -> SnapshotEntry | None:
    model = _READ[name].item
    if isinstance(node, list):
        return None
    keys = _keys(node) if isinstance(node, dict) else {model.SHORT: node}
    written = _text(keys.get("id")).strip()
    label = next((words_ for field in model.LABEL if (words_ := _label(keys.get(kebab(field))))), "") or written
    if not label:
        return None
    if name != "decisions":
        return SnapshotEntry(name, written, label, _status(keys.get("status"), words))
    replaced = tuple(text for one in _many(keys.get("supersedes")) if (text := _text(one)))
    stated = _text(keys.get("status"))
    return SnapshotEntry(name, written, label, decision_word(stated) or stated.strip().lower(), replaced)


def _label(node: Outline) -> str:
    return ", ".join(filter(None, map(_text, _many(node))))


def _status(node: Outline, words: Words) -> str:
    text = _text(node).strip()
    return lookup(text, words) or text


def _metrics(node: Outline) -> Iterator[tuple[str, str]]:
    for name, value in node.items() if isinstance(node, dict) else ():
        keys = _keys(value) if isinstance(value, dict) else {"value": value}
        if now := _text(keys.get("after")) or _text(keys.get("value")):
            yield name, now


_UNASKABLE = re.compile("[\\n\\r\\0\\ud800-\\udfff]")  # in what is asked of git line by line


@frozen
class Trail:
    """Finds the round or record that a path of the repository belongs to; `base` is the folder of the round files.

    `former` are earlier paths of decision records, from before they were in the folders of the settings, with that folder.
    """

    base: str
    prefix: str = ""
    adr_records: AdrRecords = field(default_factory=AdrRecords)
    former: Mapping[str, Space] = field(default_factory=dict)
    read: Read = _made

    def key(self, path: str) -> str:
        """Return the round of a path, or the key for a decision record file, or an empty text."""
        if path.startswith(self.base):
            return "" if _UNASKABLE.search(path) else key_of(path[len(self.base) :])
        return f"{ADOPTED}{record_of(path.removeprefix(self.prefix))}" if self.space(path) else ""

    def space(self, path: str) -> Space | None:
        """Return the folder of decision records that a path belongs to."""
        if not path.startswith(self.prefix) or _UNASKABLE.search(path):
            return None
        local = path.removeprefix(self.prefix)
        beside = posixpath.join(posixpath.dirname(local), METADATA)
        if local != beside and beside in self.adr_records.files.contents:
            return None  # the status is in the metadata beside it
        return home_of(record_of(local), self.adr_records.spaces) or self.former.get(path)

    def said(self, path: str, content: bytes, words: Mapping[str, Status] | None) -> Snapshot | None:
        """Return the snapshot of a version of a file, or `None` if it cannot be read."""
        space = self.space(path)
        if space is None:
            return parse(content, words, self.read)
        from roundbook.adr import folders  # only for projects with decision records

        local = record_of(path.removeprefix(self.prefix))
        if posixpath.basename(path) == METADATA:
            content = b"---\n%s\n---\n" % content
        found = self.read(content, folders.outline, local, space.path, space.name)
        return None if found is None else Snapshot("", tuple(self._part(one, space, local) for one in found))

    def _part(self, one: Any, space: Space, path: str) -> SnapshotEntry:
        name = self.adr_records.ids.get(path, one["id"]) if one["own"] else one["id"]
        replaced = tuple(self._id(text, link, space, path) for text, link in one["supersedes"])
        return SnapshotEntry("decisions", name, one["title"], one["status"], replaced)

    def _id(self, text: str, link: str, space: Space, path: str) -> str:
        """Return the current id of the record that another one names."""
        if link:
            bare = unquote(link.partition("#")[0])
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), bare))
            return self.adr_records.ids.get(path) or self._numbered(id_of(space.name, bare))
        from roundbook.adr.fields import split_title

        number = number_of(split_title(text)[1] or text)
        return self._numbered(f"{space.name}-{number[1]}") if number else text

    def _numbered(self, name: str) -> str:
        number = number_of(name)
        return self._by_number.get(number, name) if number else name

    @cached_property
    def _by_number(self) -> Mapping[tuple[str, int], str]:
        return {number: one.id for one in self.adr_records.records if (number := number_of(one.id))}


def trail(history: History, folder: str, adr_records: AdrRecords) -> Trail:
    """Return the trail of a history; `folder` is the data folder, relative to the project."""
    made = Trail(f"{history.prefix}{folder}/rounds/", history.prefix, adr_records)
    former: dict[str, Space] = {}
    for commit in history.commits if adr_records.spaces else ():
        changes = commit.changes or ()
        if not any(change.status == "D" and _is_markdown(change.path) for change in changes):
            continue
        known = Trail(made.base, made.prefix, adr_records, former)
        came = {c.path: space for c in changes if c.status == "A" and (space := known.space(c.path))}
        if came:
            former |= _before(came, changes, known)
    return Trail(made.base, made.prefix, adr_records, former)


def _before(came: Mapping[str, Space], changes: Iterable[PathChange], known: Trail) -> dict[str, Space]:
    """Return the removed files, each with the folder in which a file of that name was added."""
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


PAIRS = 1_000  # removed × added files in one commit, of which each pair is compared line by line
COMPARED = 256 * 1024  # bytes; larger files are followed only if they moved unchanged

Name = tuple[str, str]
Lines = Counter[bytes]


@dataclass(slots=True)
class _Found:
    """What git answered: blob ids by `(commit, path)`, what each `(blob, path)` says, and the lines of what may have moved."""

    blobs: dict[Name, str] = field(default_factory=dict)
    said: dict[Name, Snapshot | None] = field(default_factory=dict)
    kept: dict[str, Lines] = field(default_factory=dict)


def read(
    root: Path,
    history: History,
    folder: str = "data",
    status_words: Mapping[str, Status] | None = None,
    adr_records: AdrRecords | None = None,
    last: Sequence[Version] = (),
    outlined: Read = _made,
) -> tuple[Version, ...]:
    """Return the versions of the round files below `folder` and of decision records, in topological order, each read once.

    A version whose blob is missing (in a partial clone) or is not YAML has no snapshot. This takes one process, or none if
    no commit touched a round file. In an incomplete history, the oldest content of a file comes first, as a version that
    is not `known` to be from that commit. `last` are versions that were read with the same status words:
    a content that one of them has is not parsed again. `outlined` makes plain data of the content of a file.
    """
    known = replace(trail(history, folder, adr_records or AdrRecords()), read=outlined)
    versions = list(_versions(history, known))
    moving = _moving(versions)
    asked = dict.fromkeys((v.commit, v.path) for v in versions if not v.gone)
    lost = {(history.by_id[v.commit].parents[0], v.path): None for group in moving.values() for v in group if v.gone}
    git = process.find(root)
    if git is None or not asked:
        return ()
    # Newest first: git ends at the first content that a partial clone lacks, and has those of HEAD.
    wanted = (*reversed(asked), *lost)
    found = _Found(said={(v.blob, v.path): v.snapshot for v in last if v.blob and not v.key.startswith(ADOPTED)})
    keep = {*lost, *((v.commit, v.path) for group in moving.values() for v in group)}
    feed = "".join(f"{commit}:{path}\n" for commit, path in wanted).encode()
    with git.stream(*BATCH, feed=feed) as stream:
        answers = read_objects(stream.out, MAX_BYTES)
        for name, (blob, type_, content) in zip(wanted, answers, strict=False):
            if type_ == b"blob" and content is not None:
                _take(found, name, blob.decode("ascii"), content, known, status_words, name in keep)
    moved = {commit: dict(_moves(group, history.by_id[commit], found)) for commit, group in moving.items()}
    return tuple(_filled(version, found, moved.get(version.commit, {})) for version in versions)


def _take(
    found: _Found,
    name: Name,
    blob: str,
    content: bytes,
    known: Trail,
    words: Mapping[str, Status] | None,
    keep: bool,
) -> None:
    found.blobs[name] = blob
    if (blob, name[1]) not in found.said:
        found.said[blob, name[1]] = known.said(name[1], content, words)
    if keep and len(content) <= COMPARED:
        found.kept[blob] = Counter(content.splitlines(keepends=True))


def _filled(version: Version, found: _Found, moved: Mapping[str, str]) -> Version:
    blob = found.blobs.get((version.commit, version.path), "")
    return replace(
        version, blob=blob, snapshot=found.said.get((blob, version.path)), moved_from=moved.get(version.path, "")
    )


def _versions(history: History, known: Trail) -> Iterator[Version]:
    """Yield each version of each file; in an incomplete history, also the first known content."""
    seen: dict[str, str] = {}
    keys = cache(known.key)  # a path is changed again and again
    for commit in reversed(history.commits):
        for change in commit.changes or ():
            path = change.path
            if not (key := keys(path)):
                continue
            parent = commit.parents[0] if commit.parents else ""
            if history.cut and path not in seen and change.status != "A" and parent in history.by_id:
                yield Version(parent, key, path, known=False)
            seen[path] = key
            yield Version(commit.id, key, path, gone=change.status == "D")
    for path in sorted(history.tree) if history.cut and history.head in history.by_id else ():
        if path not in seen and (key := keys(path)):
            yield Version(str(history.head), key, path, known=False)


# ------------------------------------------------------------------------------------------------------ moves


def _moving(versions: Iterable[Version]) -> dict[str, list[Version]]:
    """Return, by commit, the versions in which a round may have moved: its files were removed and others added."""
    groups: dict[str, list[Version]] = {}
    for version in versions:
        if version.known:
            groups.setdefault(version.commit, []).append(version)
    return {commit: group for commit, group in groups.items() if len({v.gone for v in group}) == 2}


def _moves(group: Sequence[Version], commit: Commit, found: _Found) -> Iterator[tuple[str, str]]:
    """Yield the path of each file that came from another round, with that round.

    Files with equal content match first, then those that share most lines, at least half of the larger file, like git.
    """
    was = {v.path: found.blobs.get((commit.parents[0], v.path), "") for v in group if v.gone}
    added = {change.path for change in commit.changes or () if change.status == "A"}
    came = {v.path: found.blobs.get((v.commit, v.path), "") for v in group if v.path in added}
    keys = {v.path: v.key for v in group}
    for old, new in _alike(was, came, found.kept):
        if keys[old] != keys[new]:
            yield new, keys[old]


def _alike(was: Mapping[str, str], came: Mapping[str, str], kept: Mapping[str, Lines]) -> Iterator[tuple[str, str]]:
    left: dict[str, list[str]] = {}
    for path, blob in was.items():
        left.setdefault(blob, []).append(path)
    rest: list[str] = []
    for path, blob in came.items():
        if blob and left.get(blob):
            yield left[blob].pop(0), path
        else:
            rest.append(path)
    old = [path for paths in left.values() for path in paths]
    if len(old) * len(rest) > PAIRS:
        return
    scores = [(_shared(kept.get(was[o], Counter()), kept.get(came[n], Counter())), o, n) for o in old for n in rest]
    taken: set[str] = set()
    for score, o, n in sorted(scores, key=lambda s: (-s[0], s[1], s[2])):
        if score >= 0.5 and o not in taken and n not in taken:
            taken.update((o, n))
            yield o, n


def _shared(one: Lines, other: Lines) -> float:
    """Return the share of the larger content that consists of common lines."""
    return _size(one & other) / max(_size(one), _size(other), 1)


def _size(lines: Lines) -> int:
    return sum(len(line) * count for line, count in lines.items())
