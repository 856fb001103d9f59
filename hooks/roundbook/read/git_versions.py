"""In: the folder of a project and its history. Out: every version of every round file, with what it says, oldest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from roundbook.adr.load import Papers
from roundbook.git import process
from roundbook.git.history import Commit, History
from roundbook.git.objects import BATCH, read_objects
from roundbook.model.life import Snapshot, Version
from roundbook.read.git_trail import Trail, trail
from roundbook.schema.statuses import Status
from roundbook.yamlfile.errors import MAX_BYTES

PAIRS = 1_000  # files that went × files that came in one commit, of which each pair is compared line by line
COMPARED = 256 * 1024  # bytes; a larger file is followed only where it moved as it is

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
    papers: Papers | None = None,
) -> tuple[Version, ...]:
    """Return the versions of the round files below `folder` and of decision records, in topological order, each read once.

    A version whose blob is missing, as in a partial clone, or is no YAML, has no snapshot. One process, and none where
    no commit touched a round file. Where the history is cut, the oldest content that it holds of a file comes first,
    as a version that is not `known` to be the commit's own.
    """
    known = trail(history, folder, papers or Papers())
    versions = list(_versions(history, known))
    moving = _moving(versions)
    asked = dict.fromkeys((v.commit, v.path) for v in versions if not v.gone)
    lost = {(history.by_id[v.commit].parents[0], v.path): None for group in moving.values() for v in group if v.gone}
    git = process.find(root)
    if git is None or not asked:
        return ()
    # Newest first: git ends at the first content that a partial clone lacks, and has those of HEAD.
    wanted = (*reversed(asked), *lost)
    found = _Found()
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
    """Yield what each commit made of each file; of a cut history, what it holds of a file to begin with as well."""
    seen: dict[str, str] = {}
    for commit in reversed(history.commits):
        for change in commit.changes or ():
            path = change.path
            if not (key := known.key(path)):
                continue
            parent = commit.parents[0] if commit.parents else ""
            if history.cut and path not in seen and change.status != "A" and parent in history.by_id:
                yield Version(parent, key, path, known=False)
            seen[path] = key
            yield Version(commit.id, key, path, gone=change.status == "D")
    for path in sorted(history.tree) if history.cut and history.head in history.by_id else ():
        if path not in seen and (key := known.key(path)):
            yield Version(str(history.head), key, path, known=False)


# ------------------------------------------------------------------------------------------------------ moves


def _moving(versions: Iterable[Version]) -> dict[str, list[Version]]:
    """Return, by commit, the versions among which a round may have moved: files of it went, and those of another came."""
    groups: dict[str, list[Version]] = {}
    for version in versions:
        if version.known:
            groups.setdefault(version.commit, []).append(version)
    return {commit: group for commit, group in groups.items() if len({v.gone for v in group}) == 2}


def _moves(group: Sequence[Version], commit: Commit, found: _Found) -> Iterator[tuple[str, str]]:
    """Yield the path of each file that came from another round, with that round.

    The same content comes first, then what shares most lines, at least half of the larger file, as git measures it.
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
    """Return how much of the larger content are lines that both have."""
    return _size(one & other) / max(_size(one), _size(other), 1)


def _size(lines: Lines) -> int:
    return sum(len(line) * count for line, count in lines.items())
