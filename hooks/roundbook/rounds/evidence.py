"""Facts asked of git: of other branches, paths, text and commits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from roundbook.adr import prose_of
from roundbook.frozen import frozen
from roundbook.git import process
from roundbook.git.history import BranchDecision, GitFacts, GitQueries, PickaxeResult, Spot, Tips, TreeEntry
from roundbook.git.objects import decode_path, ignored, locate, look_up, read_contents, read_trees
from roundbook.git.process import Git
from roundbook.git.search import count, find_markers, read_pickaxe
from roundbook.rounds.load import key_of
from roundbook.schema.ids import home_of, id_fault, is_phase, slug
from roundbook.yamlfile import reader, source

MOST_FILES = 5_000
MOST_COMMITS = 50_000
NEAREST = 4  # commits that a branch is based on that are looked at
DEPTH = 3  # phase, round, fragment

Files = dict[str, str]  # blob ids by path
Names = dict[str, tuple[str, str]]  # kind and id by name in a tree
Counted = tuple[str, tuple[str, ...], str]  # a text, folders and a commit
Decided = tuple[str, str, str]  # id, title, and all its words


@frozen
class OtherBranches:
    """What branches contain: decisions in files that differ from HEAD, and branches by the key of a new round."""

    decisions: tuple[BranchDecision, ...] = ()
    rounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_elsewhere(git: Git, tips: Tips) -> OtherBranches | None:
    """Return what branches contain in files that differ from HEAD, or `None` if git could not tell.

    A bounded number of processes, whatever the number of branches: trees and files that are the same are read once, and
    those of HEAD not at all.
    """
    reader = _BranchReader(git, tips)
    if reader.forks is None:
        return None
    refs: dict[tuple[str, str], list[str]] = {}
    own = reader.files[tips.head]
    blobs = set(own.values())
    for name, commit in tips.at:
        for path, blob in reader.files[commit].items():
            if blob not in blobs and own.get(path) != blob:
                refs.setdefault((path, blob), []).append(name)
    chosen = dict(sorted(refs.items())[:MOST_FILES])
    contents = read_contents(git, (blob for _, blob in chosen), source.MAX_BYTES)
    told = [
        BranchDecision(id_, title, text, _round(path, tips.folder), path, tuple(names), False)
        for (path, blob), names in chosen.items()
        for id_, title, text in (_told(path, contents[blob], tips) if blob in contents else ())
    ]
    derived = reader.derived(told)
    decisions = tuple(replace(one, derived=True) if one in derived else one for one in told)
    return OtherBranches(decisions, _rounds(refs, own, tips.folder))


def _rounds(refs: Mapping[tuple[str, str], list[str]], own: Files, folder: str) -> dict[str, tuple[str, ...]]:
    """Return the branches, sorted by name, that have a file of each round that HEAD has none of."""
    here = {_round(path, folder) for path in own}
    found: dict[str, set[str]] = {}
    for (path, _), names in refs.items():
        key = _round(path, folder)
        if key and not is_phase(key) and key not in here and not any(map(id_fault, key.split("/"))):
            found.setdefault(key, set()).update(names)
    return {key: tuple(sorted(names)) for key, names in found.items()}


def _told(path: str, content: bytes, tips: Tips) -> Iterator[Decided]:
    """Yield the decisions of a round file or of a file of decision records."""
    space = home_of(path, tips.spaces)
    if space is None:
        yield from decisions_of(content)
        return
    from roundbook import markdown  # like `adr`, only for projects with decision records
    from roundbook.adr import folders

    document, _ = markdown.parse(content, path)
    for entry in folders.entries(document, space, path) if document else ():
        words = (entry.reader.title, *prose_of(entry.body).split())
        yield entry.id, entry.reader.title, " ".join(words)


class _BranchReader:
    """Reads the branches, each part when it is first needed."""

    def __init__(self, git: Git, tips: Tips) -> None:
        self.git, self.tips = git, tips
        self.at = dict(tips.at)
        self._told: dict[tuple[str, str], frozenset[str]] = {}

    @cached_property
    def forks(self) -> Mapping[str, tuple[str, ...]] | None:
        """Return, by tip, the nearest commits in the history of HEAD that it is based on."""
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
        """Return, by commit, the round files of all tips, of HEAD, and of the commits that the tips are based on."""
        forks = (fork for found in (self.forks or {}).values() for fork in found)
        commits = list(dict.fromkeys((self.tips.head, *self.at.values(), *forks)))
        places = (self.tips.folder, *(space.path for space in self.tips.spaces))
        spots = locate(self.git, [(commit, place) for commit in commits for place in places])
        trees = dict.fromkeys(entry[1] for entry in spots.values() if entry and entry[0] == "tree")
        entries = _descend(self.git, trees)
        found: dict[str, Files] = {commit: {} for commit in commits}
        for (commit, place), entry in spots.items():
            if entry and entry[0] == "tree":
                found[commit] |= self._below(entry[1], place, entries)
            elif entry and entry[0] == "blob" and place != self.tips.folder:
                found[commit][place] = entry[1]
        return found

    def _below(self, tree: str, place: str, entries: Mapping[str, Names]) -> Iterator[tuple[str, str]]:
        """Yield the files below a folder that may contain decisions."""
        for path, blob in _walk(tree, entries, f"{place}/", DEPTH):
            if _round(path, self.tips.folder) if place == self.tips.folder else home_of(path, self.tips.spaces):
                yield path, blob

    def derived(self, decisions: Sequence[BranchDecision]) -> set[BranchDecision]:
        """Return those that a commit has, by id, which their branch is based on, so that each is the same decision as there.

        It is looked for in the file of the same path first: few projects move their decisions.
        """
        left = {one: self._forks(one.refs) for one in decisions if one.id.casefold() in self.tips.known}
        same = {one: [(one.path, self.files[fork].get(one.path, "")) for fork in forks] for one, forks in left.items()}
        self._read(file for files in same.values() for file in files)
        found = {one for one, files in same.items() if any(one.id.casefold() in self._told[file] for file in files)}
        left = {one: forks for one, forks in left.items() if one not in found}
        bases = dict.fromkeys(fork for forks in left.values() for fork in forks)
        self._read(file for base in bases for file in self.files[base].items())
        ids = {base: frozenset[str]().union(*(self._told[file] for file in self.files[base].items())) for base in bases}
        return found | {one for one, forks in left.items() if any(one.id.casefold() in ids[fork] for fork in forks)}

    def _forks(self, names: Iterable[str]) -> list[str]:
        return sorted({fork for name in names for fork in (self.forks or {}).get(self.at[name], ())})

    def _read(self, files: Iterable[tuple[str, str]]) -> None:
        """Read which ids files have, given by path and blob, each once."""
        new = [file for file in dict.fromkeys(files) if file not in self._told]
        contents = read_contents(self.git, filter(None, (blob for _, blob in new)), source.MAX_BYTES)
        for path, blob in new:
            told = _told(path, contents[blob], self.tips) if blob in contents else ()
            self._told[path, blob] = frozenset(id_.casefold() for id_, _, _ in told)


def _nearest(tip: str, outside: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the nearest commits in the history of HEAD that a tip reaches, the nearest first."""
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


def _descend(git: Git, roots: Iterable[str]) -> dict[str, Names]:
    """Return the entries of trees and their subtrees; one process for each level, and each tree is read once."""
    entries: dict[str, Names] = {}
    level = list(roots)
    for _ in range(DEPTH):
        entries |= read_trees(git, (tree for tree in level if tree not in entries))
        level = [id_ for tree in level for kind, id_ in entries.get(tree, {}).values() if kind == "tree"]
    return entries


def _walk(tree: str, entries: Mapping[str, Names], prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, (kind, id_) in entries.get(tree, {}).items():
        if name.startswith((".", "~", "#")):
            continue
        if kind == "tree" and depth > 1:
            yield from _walk(id_, entries, f"{prefix}{name}/", depth - 1)
        elif kind == "blob":
            yield prefix + name, id_


def _round(path: str, folder: str) -> str:
    """Return the round or phase that a file belongs to, or an empty string outside the folder of rounds."""
    return key_of(path.removeprefix(f"{folder}/")) if path.startswith(f"{folder}/") else ""


def decisions_of(content: bytes) -> Iterator[Decided]:
    """Yield id, title and words of each decision in a round file, even if the file has other problems."""
    tree, _ = reader.parse(content, "")
    listed = tree.get("decisions") if isinstance(tree, reader.Map) else None
    for node in listed if isinstance(listed, reader.Items) else [listed]:
        title = str(node.get("title", "")) if isinstance(node, reader.Map) else str(node or "")
        written = node.get("id") if isinstance(node, reader.Map) else None
        id_ = str(written).strip() if isinstance(written, reader.Text) and not written.empty else slug(title)
        if title and not id_fault(id_) and isinstance(node, reader.Map | reader.Text):
            yield id_, title, " ".join(_words(node))


def _words(node: reader.Node) -> Iterator[str]:
    if isinstance(node, reader.Map):
        for key, value in node.items():
            if key not in ("id", "status", "date", "commits"):
                yield from _words(value)
    elif isinstance(node, reader.Items):
        for value in node:
            yield from _words(value)
    else:
        yield from str(node).split()


Answered = tuple[GitQueries, GitFacts]
NOTHING: Answered = GitQueries(), GitFacts()


def answer(root: Path, questions: GitQueries, last: Answered = NOTHING) -> GitFacts:
    """Return what the repository of `root` answers; without questions no program runs.

    `last` is what was asked and answered while the repository had the same commits and refs; it is not asked again, but for
    objects, which may come and go without a ref, and paths, since files of the work tree say what is ignored.

    Each kind of question takes a number of processes that is fixed, or bounded by the number of different texts. Nothing
    that is wrong with the repository is an exception: what could not be answered is missing from the testimony, but for
    spots, where `None` also says so.
    """
    facts = GitFacts(unsought=questions.unsought, apart=questions.apart)
    if replace(questions, apart="", unsought=()) == GitQueries():
        return facts
    git = _at_top(root)
    if git is None:
        return replace(facts, spots=dict.fromkeys(questions.spots))
    asked, known = last
    facts = replace(
        facts,
        spots=_spots(git, questions, known),
        objects=look_up(git, questions.objects),
        counts=_counts(git, questions, last),
        pickaxes=_pickaxes(git, questions, last),
        ignored=ignored(git, questions.paths),
    )
    if (questions.marked, questions.apart) == (asked.marked, asked.apart) and known.markers is not None:
        facts = replace(facts, markers=known.markers, markers_cut=known.markers_cut)
    elif questions.marked:
        facts = _marked(git, questions, facts)
    if questions.tips == asked.tips and known.elsewhere is not None:
        return replace(facts, elsewhere=known.elsewhere, rounds=known.rounds, unread=known.unread)
    return _beside(git, questions.tips, facts)


def _spots(git: Git, questions: GitQueries, known: GitFacts) -> dict[Spot, TreeEntry | None]:
    found = {spot: entry for spot in questions.spots if (entry := known.spots.get(spot))}
    return {**locate(git, (spot for spot in questions.spots if spot not in found)), **found}


def _marked(git: Git, questions: GitQueries, facts: GitFacts) -> GitFacts:
    found = find_markers(git, questions.marked or "", questions.apart)
    return replace(facts, markers=found[0], markers_cut=found[1]) if found else facts


def _beside(git: Git, tips: Tips | None, facts: GitFacts) -> GitFacts:
    """Return the facts with what other branches contain."""
    if tips is None:
        return replace(facts, elsewhere=())
    beside = read_elsewhere(git, tips)
    if beside is None:
        return replace(facts, unread=tips.left + len(tips.at))
    return replace(facts, elsewhere=beside.decisions, rounds=beside.rounds, unread=tips.left)


def _at_top(root: Path) -> Git | None:
    """Return a git at the top of the repository, since searches only cover the folder they run in."""
    git = process.find(root)
    answer_ = git.run("rev-parse", "--show-cdup") if git else None
    if git is None or answer_ is None or answer_.code:
        return None
    return replace(git, root=root / os.fsdecode(answer_.out.removesuffix(b"\n")))


def _pickaxes(git: Git, questions: GitQueries, last: Answered) -> dict[str, PickaxeResult]:
    """Return the results up to the first that fails: git ran out of time, or lacks the files for all of them."""
    known = {one: last[1].pickaxes.get(one.text) for one in last[0].sought}
    read = ((one.text, known.get(one) or read_pickaxe(git, one)) for one in questions.sought)
    return {text: pickaxe for text, pickaxe in takewhile(lambda pair: pair[1] is not None, read) if pickaxe}


def _counts(git: Git, questions: GitQueries, last: Answered) -> dict[Counted, Mapping[str, int]]:
    facts: dict[Counted, Mapping[str, int]] = {}
    for asked in questions.counts:
        known = {(asked.text, asked.folders, commit): None for commit in asked.at}
        if last[1].counts.keys() >= known.keys():
            facts |= {one: last[1].counts[one] for one in known}
            continue
        for commit, found in (count(git, asked.text, asked.at, asked.folders) or {}).items():
            facts[asked.text, asked.folders, commit] = {decode_path(path): lines for path, lines in found.items()}
    return facts
