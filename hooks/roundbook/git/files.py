"""Files of the data folder, in the work tree or in a commit."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

from roundbook.errors import Finding, Place, RoundbookError
from roundbook.frozen import frozen
from roundbook.git import process
from roundbook.git.objects import decode_path, read_contents, read_sizes
from roundbook.git.process import Git
from roundbook.yamlfile import source

FOLDER, SETTINGS = "data", "roundbook.yml"
SUFFIXES = (".yml", ".yaml")
_HIDDEN = (".", "~", "#")
_LIST = ("ls-tree", "-r", "-t", "-z", "--full-tree")
_LINK, _LINK_LIMIT = "120000", 4096
_KINDS = {"tree": "a folder", "commit": "a submodule"}
Contents = tuple[dict[str, bytes], dict[str, tuple[Finding, ...]]]  # files by path, and why others cannot be read


@frozen
class Files:
    """The data files of a project by relative path; `faults` has, by path, the problems of files that were not read."""

    folder: str = FOLDER
    contents: Mapping[str, bytes] = field(default_factory=dict)
    faults: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def settings(self) -> str:
        """Return the path of the settings, which may not exist."""
        return f"{self.folder}/{SETTINGS}"

    @property
    def rounds(self) -> str:
        """Return the folder of the round files."""
        return f"{self.folder}/rounds"

    def without_rounds(self) -> Files:
        """Return the settings alone."""
        path = self.settings
        contents = {path: self.contents[path]} if path in self.contents else {}
        return Files(self.folder, contents, {path: self.faults[path]} if path in self.faults else {})


class TreeEntry(NamedTuple):
    """An entry of a tree: `mode` and `type` as git writes them, and the object `id`."""

    mode: str
    type: str
    id: str


def data_folder(root: Path, written: str) -> str:
    """Return the folder of the settings and rounds relative to the root, as an option names it: relative or absolute.

    Raises:
        RoundbookError: It is not a folder inside the project.
    """
    for base, path in ((root, root / written), (root.resolve(), (root / written).resolve())):
        inside = os.path.relpath(path, base).replace(os.sep, "/")
        if inside != "." and not inside.startswith("../") and inside != "..":
            return inside
    message = f'the data folder "{written}" is not a folder inside the project'
    raise RoundbookError(Finding("error", "outside-project", message, None, f"name one such as {FOLDER}"))


def only_settings(root: Path, folder: str = FOLDER) -> Files:
    """Return only the settings below `root`."""
    files = Files(Path(folder).as_posix())
    path = root / files.settings
    data = source.read(path, root)[0] if path.exists() else None
    return Files(files.folder, {files.settings: data} if data is not None else {})


def in_folder(root: Path, folder: str = FOLDER) -> Files:
    """Return the data files below `root`; problems with files are in `faults`, not raised."""
    files = Files(Path(folder).as_posix())
    settings = [files.settings] if os.path.lexists(root / files.settings) else []
    names, faults = listed(root, files.rounds, lambda name: _is_round_file(name.rstrip().lower()))
    good = [name for name in names if name.endswith(SUFFIXES)]
    contents, unread = read_files(root, (*settings, *good))
    misnamed = {name: (_misnamed(name),) for name in names if not name.endswith(SUFFIXES)}
    return Files(files.folder, contents, {**unread, **misnamed, **faults})


def listed(root: Path, folder: str, wanted: Callable[[str], bool]) -> tuple[list[str], dict[str, tuple[Finding, ...]]]:
    """Return the paths of the `wanted` files below a folder of the project, and the findings for folders that were not read.

    `wanted` is given a path relative to the folder. A hidden folder is left out without a finding; a link to a folder, which
    may lead anywhere, and a folder that cannot be opened are left out with one.
    """
    base = root / folder
    found: list[str] = []
    faults: dict[str, tuple[Finding, ...]] = {}

    def unreadable(error: OSError) -> None:
        name = source.locate(Path(error.filename), root)
        message = f"this folder cannot be read ({error.strerror or 'system error'}), so its files are left out"
        faults[name] = (Finding("error", "unreadable", message, Place(name), "check that you may read it"),)

    there = next((path for path in (base, *base.parents) if os.path.lexists(path)), root)
    if not there.is_dir():
        name = source.locate(there, root)
        fault = Finding(
            "error", "not-regular", "not a folder, so no file is read here", Place(name), "put a folder here"
        )
        faults[name] = (fault,)
    for at, folders, names in os.walk(base, onerror=unreadable) if base.is_dir() else ():
        folders[:] = sorted(name for name in folders if not name.startswith(_HIDDEN))
        links = [source.locate(Path(at, name), root) for name in folders if Path(at, name).is_symlink()]
        faults.update((name, (_linked(name),)) for name in links)
        below = "" if at == str(base) else Path(at).relative_to(base).as_posix() + "/"
        found += (f"{folder}/{below}{name}" for name in (*folders, *names) if wanted(below + name))
    return sorted(found), faults


def _misnamed(path: str) -> Finding:
    message = "this looks like a round file, but its name does not end in .yml or .yaml, so it is left out"
    return Finding("warning", "misnamed", message, Place(path), "end the name in .yml, in small letters")


def _linked(path: str) -> Finding:
    fix = "put the folder itself here, or begin the name of the link with a dot"
    message = "this folder is a link, which is not followed, so its files are left out"
    return Finding("warning", "linked-folder", message, Place(path), fix)


def read_files(root: Path, paths: Iterable[str]) -> Contents:
    """Return the contents of files by their paths below `root`, and why others cannot be read."""
    contents: dict[str, bytes] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    top = os.path.realpath(root)
    for path in paths:
        data, findings = source.read(root / path, root, top)
        if data is None:
            faults[path] = findings
        else:
            contents[path] = data
    return contents, faults


def in_commit(root: Path, commit: str, prefix: str, folder: str = FOLDER) -> Files:
    """Return the data files in the tree of `commit`; `prefix` is the path of the project in the repository.

    A link is followed if it leads to a file of the project in the same tree. This takes four processes for any number
    of files; files larger than `MAX_BYTES` are not read.
    """
    files = Files(Path(folder).as_posix())

    def is_data(path: str) -> bool:
        return path == files.settings or _is_round_file(_below(path, files.rounds))

    def is_link(path: str, entry: TreeEntry) -> bool:
        below = _below(path, files.rounds)
        return entry.mode == _LINK and bool(below) and not _is_hidden(below)

    contents, faults = read_commit(root, commit, prefix, lambda path, entry: is_data(path) or is_link(path, entry))
    folders = {
        path: (_linked(path),) for path, found in faults.items() if not is_data(path) and found[0].slug == "not-regular"
    }
    kept = {path: found for path, found in faults.items() if is_data(path)}
    return Files(files.folder, {path: data for path, data in contents.items() if is_data(path)}, {**kept, **folders})


def read_commit(root: Path, commit: str, prefix: str, wanted: Callable[[str, TreeEntry], bool]) -> Contents:
    """Return the contents of the `wanted` files of a commit by their paths below `prefix`, and why others cannot be read."""
    git = process.find(root)
    tree = (list_tree(git, commit, prefix) or {}) if git else {}
    return from_tree(git, tree, [path for path in sorted(tree) if wanted(path, tree[path])]) if git else ({}, {})


def from_tree(git: Git, tree: Mapping[str, TreeEntry], wanted: Sequence[str]) -> Contents:
    """Return the contents of files of a tree by path, and why others could not be read; links within the tree are followed."""
    targets = _follow(git, tree, wanted)
    blobs = {p: tree[t].id for p, t in targets.items() if t in tree and _is_file(tree[t])}
    sizes = read_sizes(git, blobs.values())
    bytes_of = read_contents(git, (i for i, size in sizes.items() if size <= source.MAX_BYTES))
    contents = {p: bytes_of[blobs[p]] for p in wanted if p in blobs and blobs[p] in bytes_of}
    return contents, {p: (_fault(p, tree.get(targets[p]), sizes),) for p in wanted if p not in contents}


def differing(root: Path, files: Files, commit: str, prefix: str) -> tuple[str, ...]:
    """Return the paths of data files that differ from `commit`: edited, new, removed or unreadable."""
    base = files.rounds
    return changed(
        root,
        files,
        commit,
        prefix,
        (f"{files.folder}/",),
        lambda p: p == files.settings or _is_round_file(_below(p, base)),
    )


def changed(
    root: Path, files: Files, commit: str, prefix: str, places: Sequence[str], wanted: Callable[[str], bool]
) -> tuple[str, ...]:
    """Return the paths of `wanted` files below `places` that differ from `commit`.

    Ids are computed from the bytes, as git does, so that no filter of the repository runs. Different line endings do
    not count.
    """
    git = process.find(root)
    if git is None:
        return ()
    stored = list_tree(git, commit, prefix, places)
    if stored is None:
        return ()
    known = {p for p in stored if wanted(p)}
    there = {p: stored[p] for p in known if _is_file(stored[p]) or stored[p].mode == _LINK}
    same = {p for p, data in files.contents.items() if p in there and _same(data, there[p])}
    return tuple(sorted({*there, *files.contents, *filter(wanted, files.faults)} - same))


def blob_id(data: bytes, like: str) -> str:
    """Return the git id of a file with these bytes, using the same hash as the id `like`."""
    whole = b"blob %d\0%b" % (len(data), data)
    return (hashlib.sha256(whole) if len(like) == 64 else hashlib.sha1(whole, usedforsecurity=False)).hexdigest()


def _same(data: bytes, one: TreeEntry) -> bool:
    if one.mode == _LINK:
        return True  # its target is compared separately
    return one.id in (blob_id(data, one.id), blob_id(data.replace(b"\r\n", b"\n"), one.id))


def _is_round_file(path: str) -> bool:
    return path.endswith(SUFFIXES) and not _is_hidden(path)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(_HIDDEN) for part in path.split("/"))


def _below(path: str, folder: str) -> str:
    """Return the path relative to `folder`, or an empty string if it is not inside."""
    return path.removeprefix(f"{folder}/") if path.startswith(f"{folder}/") else ""


def _is_file(one: TreeEntry) -> bool:
    return one.type == "blob" and one.mode != _LINK


def list_tree(git: Git, commit: str, prefix: str, places: Sequence[str] = ()) -> dict[str, TreeEntry] | None:
    """Return the entries of a tree below `prefix` (folders too) by path relative to it, or `None` if the tree is incomplete.

    If there are `places` (`folder/`, or a file), only they are read, unless a name on the way is not text.
    """
    asked = [prefix + place for place in places] if "\\" not in prefix else []
    answer = git.run(*_LIST, commit, "--", *asked)
    if answer.code:
        return None
    pairs = ((head, decode_path(path)) for head, _, path in (e.partition(b"\t") for e in answer.out.split(b"\0")[:-1]))
    below = ((path.removeprefix(prefix), head) for head, path in pairs if path.startswith(prefix))
    return {path: TreeEntry(*head.decode("ascii").split(" ")) for path, head in below}


def _follow(git: Git, tree: Mapping[str, TreeEntry], wanted: Iterable[str]) -> dict[str, str]:
    """Return the target of each path: itself, or where a link points, which may be outside the tree."""
    paths = list(wanted)
    texts = read_contents(git, (tree[p].id for p in paths if tree[p].mode == _LINK), _LINK_LIMIT)
    return {p: _target(p, texts.get(tree[p].id, b"")) if tree[p].mode == _LINK else p for p in paths}


def _target(path: str, text: bytes) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), decode_path(text)))


def _fault(path: str, one: TreeEntry | None, sizes: Mapping[str, int]) -> Finding:
    """Return the finding for a path of a tree that cannot be read, worded as for a file in a folder."""
    place = Place(source.visible(path))
    if one is None or one.mode == _LINK:
        fix = "copy the file into the project"
        return Finding("error", "outside-project", "a link that does not lead to a file of the project", place, fix)
    if one.type in _KINDS:
        message = f"not a regular file but {_KINDS[one.type]}"
        return Finding("error", "not-regular", message, place, "replace it with a file, or rename it")
    if one.id in sizes:
        return source.too_large(place.path)
    fix = "fetch it, or clone without a filter"
    return Finding("error", "unreadable", "cannot be read (it is not in this clone)", place, fix)
