"""In: a git and the refs it has. Out: tags and branches, each with the commit it marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from roundbook.model.history import Branch, Commit, Tag
from roundbook.read.git_commits import BATCH, read_objects
from roundbook.read.git_objects import CommitParser, parse_tagged
from roundbook.read.git_process import Git
from roundbook.read.git_refs import Ref
from roundbook.schema.dates import Moment

TAGS, HEADS, REMOTES = "refs/tags/", "refs/heads/", "refs/remotes/"


class _Target(NamedTuple):
    """What lies behind the id that a ref holds: the commit, if any, a date, and whether a tag object says so."""

    commit: str | None
    moment: Moment | None
    annotated: bool


def read_marks(
    git: Git, refs: tuple[Ref, ...], commits: Mapping[str, Commit]
) -> tuple[tuple[Tag, ...], tuple[Branch, ...]]:
    """Return tags and branches; `commits` are those already read, which nobody has to ask git for.

    A tag of a tag marks what that one marks. A tag on a file or a folder marks no commit, and a branch that marks none
    is left out.
    """
    others = dict.fromkeys(ref.id for ref in refs if ref.id not in commits)
    targets = dict(_ask(git, list(others))) if others else {}
    for ref in refs:
        if ref.id in commits:
            targets[ref.id] = _Target(ref.id, commits[ref.id].committed, annotated=False)
    return tuple(_tags(refs, targets)), tuple(_branches(refs, targets))


def _tags(refs: Iterable[Ref], targets: Mapping[str, _Target]) -> Iterator[Tag]:
    for ref in refs:
        if ref.name.startswith(TAGS):
            yield Tag(ref.name.removeprefix(TAGS), *targets[ref.id])


def _branches(refs: Iterable[Ref], targets: Mapping[str, _Target]) -> Iterator[Branch]:
    for ref in refs:
        commit = targets[ref.id].commit
        for folder in (HEADS, REMOTES):
            if commit and ref.name.startswith(folder):
                yield Branch(ref.name.removeprefix(folder), commit, remote=folder == REMOTES)


def _ask(git: Git, ids: list[str]) -> Iterator[tuple[str, _Target]]:
    """Yield what lies behind each id: types first, so that a tag on a huge file does not bring the file."""
    feed = "".join(f"{id_}\n{id_}^{{commit}}\n" for id_ in ids).encode("ascii")
    lines = git.run("cat-file", "--batch-check", feed=feed).out.split(b"\n")
    types = dict(zip(ids, map(_type, lines[::2]), strict=False))
    commits = dict(zip(ids, map(_id, lines[1::2]), strict=False))
    contents = _read_contents(git, [id_ for id_, type_ in types.items() if type_ in {b"tag", b"commit"}])
    parse = CommitParser().parse
    for id_ in ids:
        content, annotated, moment = contents.get(id_), types.get(id_) == b"tag", None
        if content is not None:
            moment = parse_tagged(content) if annotated else parse(id_, content).committed
        yield id_, _Target(commits.get(id_), moment, annotated)


def _read_contents(git: Git, ids: list[str]) -> dict[str, bytes | None]:
    if not ids:
        return {}
    with git.stream(*BATCH, feed="".join(f"{id_}\n" for id_ in ids).encode("ascii")) as stream:
        return {name.decode("ascii"): content for name, _, content in read_objects(stream.out)}


def _type(line: bytes) -> bytes:
    words = line.split(b" ")
    return words[1] if len(words) == 3 else b""


def _id(line: bytes) -> str | None:
    words = line.split(b" ")
    return words[0].decode("ascii") if len(words) == 3 else None
