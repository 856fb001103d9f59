"""In: the folder of a project, or a commit of its repository, and the folders of decision records. Out: their files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from roundbook.errors import Finding
from roundbook.git import files, process
from roundbook.git.files import Files
from roundbook.model.paper import Paper
from roundbook.read import adrs
from roundbook.schema.ids import Space, home_of, inside, is_record
from roundbook.settings import Settings
from roundbook.yamlfile import errors


@dataclass(frozen=True)
class Papers:
    """The decision records of a project: where they lie, their `files`, what they record, and every finding."""

    spaces: tuple[Space, ...] = ()
    files: Files = field(default_factory=lambda: Files(""))
    records: tuple[Paper, ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def ids(self) -> dict[str, str]:
        """Return the id of each record that has a file for itself, by the path of that."""
        return {one.path: one.id for one in self.records if one.whole}


def read(root: Path, settings: Settings, commit: str = "", prefix: str = "") -> Papers:
    """Return the decision records of the folders that the settings name, as they lie there, or as a commit holds them."""
    if not settings.adrs:
        return Papers()
    spaces = settings.spaces
    found = in_commit(root, commit, prefix, spaces) if commit else in_folder(root, spaces)
    made = adrs.parse(found.contents, spaces)
    faults = (finding for one in found.faults.values() for finding in one)
    return Papers(spaces, found, made.records, (*missing(settings, found, made.records), *faults, *made.findings))


def in_folder(root: Path, spaces: Sequence[Space]) -> Files:
    """Return the Markdown files as they lie in the folders; what cannot be read is a warning, never an exception."""
    contents: dict[str, bytes] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    for path in sorted({path for space in spaces for path in _listed(root, space.path)}):
        if home_of(path, spaces) is None:
            continue
        data, findings = errors.read(root / path, root)
        if data is None:
            faults[path] = tuple(map(_lighter, findings))
        else:
            contents[path] = data
    return Files("", contents, faults)


def _listed(root: Path, path: str) -> Iterator[str]:
    """Yield the files of a folder, those of folders in it too; a link to a folder is not followed."""
    if (root / path).is_dir():
        for at, folders, names in os.walk(root / path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from ((Path(at) / name).relative_to(root).as_posix() for name in names if is_record(name))
    elif (root / path).exists():
        yield path


def in_commit(root: Path, commit: str, prefix: str, spaces: Sequence[Space]) -> Files:
    """Return the Markdown files as the tree of `commit` holds them; a fixed number of processes."""
    git = process.find(root) if spaces else None
    tree = (files.list_tree(git, commit, prefix) or {}) if git else {}
    wanted = [path for path, one in sorted(tree.items()) if one.type != "tree" and home_of(path, spaces)]
    contents, faults = files.from_tree(git, tree, wanted) if git else ({}, {})
    return Files("", contents, {path: tuple(map(_lighter, found)) for path, found in faults.items()})


def differing(root: Path, found: Files, commit: str, prefix: str, spaces: Sequence[Space]) -> tuple[str, ...]:
    """Return the Markdown files that are not what `commit` holds, by path."""
    if not spaces:
        return ()
    places = [place for space in spaces for place in (space.path, f"{space.path}/")]
    return files.changed(root, found, commit, prefix, places, lambda path: home_of(path, spaces) is not None)


def missing(settings: Settings, found: Files, records: Sequence[Paper]) -> Iterator[Finding]:
    """Yield a finding for each folder of the settings that gives no record, or that leads out of the project."""
    held = {*(record.path for record in records), *found.faults}
    for folder in settings.adrs:
        path, place = inside(folder.path), folder.place_of("path")
        if not path:
            message, mend = f'the folder "{folder.path}" is none of the project', "write a path inside the project"
            yield Finding("warning", "outside-project", message, place, mend)
        elif not any(one == path or one.startswith(f"{path}/") for one in held):
            message, mend = f'no decision record lies in "{path}"', "correct the path, or take it out of adrs:"
            yield Finding("warning", "records-missing", message, place, mend)


def _lighter(fault: Finding) -> Finding:
    return replace(fault, severity="warning")
