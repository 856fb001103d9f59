"""In: a git, and the tips of branches. Out: their rounds and decisions, where those stand in other files than here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from roundbook.model.names import id_fault, slug
from roundbook.model.testimony import Elsewhere, Tips
from roundbook.read import yaml
from roundbook.read.git_process import Git
from roundbook.read.git_trees import locate, read_all, read_trees

MOST_FILES = 5_000
MOST_COMMITS = 50_000
NEAREST = 4  # commits of this history at which a branch left it, or took from it, that are looked at
DEPTH = 3  # phase, round, fragment

Files = dict[str, str]  # the blob by path
Told = tuple[str, str, str]  # id, title, and all its words


@dataclass(frozen=True, slots=True)
class Beside:
    """What branches hold: their decisions in files that HEAD does not hold as they are, and the branches by round."""

    decisions: tuple[Elsewhere, ...] = ()
    rounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_elsewhere(git: Git, tips: Tips) -> Beside | None:
    """Return what branches hold in files that HEAD does not hold as they are; `None` where git could not tell.

    A bounded number of processes, whatever the number of branches: trees and files that are the same are read once, and
    those of HEAD not at all.
    """
    desk = _Desk(git, tips)
    if desk.forks is None:
        return None
    refs: dict[tuple[str, str], list[str]] = {}
    own = desk.files[tips.head]
    blobs = set(own.values())
    for name, commit in tips.at:
        for path, blob in desk.files[commit].items():
            if blob not in blobs and own.get(path) != blob:
                refs.setdefault((path, blob), []).append(name)
    chosen = dict(sorted(refs.items())[:MOST_FILES])
    contents = read_small(git, dict.fromkeys(blob for _, blob in chosen))
    told = {blob: tuple(decisions_of(content)) for blob, content in contents.items()}
    decisions = tuple(
        Elsewhere(id_, title, text, _round(path, tips.folder), path, tuple(names), desk.is_derived(id_, names))
        for (path, blob), names in chosen.items()
        for id_, title, text in told.get(blob, ())
    )
    return Beside(decisions, _rounds(refs, own, tips.folder))


def _rounds(refs: Mapping[tuple[str, str], list[str]], own: Files, folder: str) -> dict[str, tuple[str, ...]]:
    """Return, by the key of each round that HEAD has no file of, the branches that have one, in the order of names."""
    here = {_round(path, folder) for path in own}
    found: dict[str, set[str]] = {}
    for (path, _), names in refs.items():
        if (key := _round(path, folder)) not in here and not any(map(id_fault, key.split("/"))):
            found.setdefault(key, set()).update(names)
    return {key: tuple(sorted(names)) for key, names in found.items()}


class _Desk:
    """What is read of the branches, each thing when it is first asked for."""

    def __init__(self, git: Git, tips: Tips) -> None:
        self.git, self.tips = git, tips
        self.at = dict(tips.at)
        self._told: dict[str, frozenset[str]] = {}

    @cached_property
    def forks(self) -> Mapping[str, tuple[str, ...]] | None:
        """Return, by tip, the nearest commits of HEAD's history that it comes from."""
        feed = "".join(f"{tip}\n" for tip in dict.fromkeys(self.at.values())) + f"^{self.tips.head}\n"
        answer = self.git.run(
            "rev-list", "--parents", f"--max-count={MOST_COMMITS}", "--stdin", feed=feed.encode("ascii")
        )
        if answer.code:
            return None
        lines = (line.split() for line in answer.out.decode("ascii").splitlines())
        outside = {commit: parents for commit, *parents in lines}
        return {tip: tuple(_nearest(tip, outside)) for tip in dict.fromkeys(self.at.values())}

    @cached_property
    def files(self) -> Mapping[str, Files]:
        """Return, by commit, the round files of all tips, of HEAD, and of the commits that the tips come from."""
        forks = (fork for found in (self.forks or {}).values() for fork in found)
        commits = list(dict.fromkeys((self.tips.head, *self.at.values(), *forks)))
        spots = locate(self.git, [(commit, self.tips.folder) for commit in commits])
        roots = {commit: entry[1] for (commit, _), entry in spots.items() if entry and entry[0] == "tree"}
        below = _flatten(self.git, roots.values(), f"{self.tips.folder}/")
        return {commit: below.get(roots.get(commit, ""), {}) for commit in commits}

    def is_derived(self, id_: str, names: Iterable[str]) -> bool:
        """Tell whether a branch that holds a decision began with one of this id, which is then the same or was moved."""
        if id_.casefold() not in self.tips.known:
            return False
        forks = {fork for name in names for fork in (self.forks or {}).get(self.at[name], ())}
        return any(id_.casefold() in self._ids(fork) for fork in sorted(forks))

    def _ids(self, commit: str) -> frozenset[str]:
        if commit not in self._told:
            contents = read_small(self.git, dict.fromkeys(self.files[commit].values()))
            told = (one for content in contents.values() for one in decisions_of(content))
            self._told[commit] = frozenset(id_.casefold() for id_, _, _ in told)
        return self._told[commit]


def _nearest(tip: str, outside: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the commits of HEAD's history that a tip reaches first, the nearest first."""
    seen = {tip}
    work = [tip]
    found = 0
    for at in work:
        if at not in outside:
            yield at
            found += 1
            if found == NEAREST:
                return
        for parent in outside.get(at, ()):
            if parent not in seen:
                seen.add(parent)
                work.append(parent)


def _flatten(git: Git, roots: Iterable[str], prefix: str) -> dict[str, Files]:
    """Return the files below each tree, by path; one process for each level, and each tree is read once."""
    entries: dict[str, dict[str, tuple[str, str]]] = {}
    level = list(dict.fromkeys(roots))
    tops = tuple(level)
    for _ in range(DEPTH):
        entries |= read_trees(git, (tree for tree in level if tree not in entries))
        level = [id_ for tree in level for kind, id_ in entries.get(tree, {}).values() if kind == "tree"]
    return {top: dict(_walk(top, entries, prefix, DEPTH)) for top in tops}


def _walk(
    tree: str, entries: Mapping[str, dict[str, tuple[str, str]]], prefix: str, depth: int
) -> Iterator[tuple[str, str]]:
    for name, (kind, id_) in entries.get(tree, {}).items():
        if name.startswith((".", "~", "#")):
            continue
        if kind == "tree" and depth > 1:
            yield from _walk(id_, entries, f"{prefix}{name}/", depth - 1)
        elif kind == "blob" and PurePosixPath(name).suffix in (".yml", ".yaml"):
            of_phase = depth == DEPTH or (depth == DEPTH - 1 and PurePosixPath(name).stem == "phase")
            if not of_phase:
                yield prefix + name, id_


def _round(path: str, folder: str) -> str:
    parts = PurePosixPath(path.removeprefix(f"{folder}/")).with_suffix("").parts
    return "/".join(parts[:2])


def read_small(git: Git, blobs: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of files by id, without those that are too large to be round files; two processes."""
    wanted = list(blobs)
    if not wanted:
        return {}
    answer = git.run("cat-file", "--batch-check", feed="".join(f"{blob}\n" for blob in wanted).encode("ascii"))
    sizes = (line.split(" ") for line in answer.out.decode("ascii", "replace").splitlines())
    return read_all(git, (words[0] for words in sizes if len(words) == 3 and int(words[2]) <= yaml.MAX_BYTES))


def decisions_of(content: bytes) -> Iterator[Told]:
    """Yield id, title and words of each decision in a round file, whatever else is wrong with the file."""
    tree, _ = yaml.parse(content, "")
    listed = tree.get("decisions") if isinstance(tree, yaml.Map) else None
    for node in listed if isinstance(listed, yaml.Items) else [listed]:
        title = str(node.get("title", "")) if isinstance(node, yaml.Map) else str(node or "")
        written = node.get("id") if isinstance(node, yaml.Map) else None
        id_ = str(written).strip() if isinstance(written, yaml.Text) and not written.empty else slug(title)
        if title and not id_fault(id_) and isinstance(node, yaml.Map | yaml.Text):
            yield id_, title, " ".join(_words(node))


def _words(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.Map):
        for key, value in node.items():
            if key not in ("id", "status", "date", "commits"):
                yield from _words(value)
    elif isinstance(node, yaml.Items):
        for value in node:
            yield from _words(value)
    else:
        yield from str(node).split()
