"""The changelogs that a repository has, and the folders of fragments of which other tools make one."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from roundbook.frozen import frozen
from roundbook.importer import changelog, notes, run
from roundbook.rounds import fragment_tools, fragments
from roundbook.yamlfile import source

_CHANGELOG = re.compile(
    r"(?:docs?/(?:[^/]+/)?)?(?:changelog|changes|history|news|releases|release[-_]?notes|whats[-_]?new)"
    r"(?:[-_]v?\d[\w.]*?)?(?:\.(?:md|rst|txt))?",
    re.IGNORECASE,
)


@frozen
class Folder:
    """A folder of decision records or of fragments, and how many there are; `name` begins the ids of its records."""

    path: str
    count: int
    name: str = ""


def found(root: Path, files: Sequence[str], own: Sequence[str], family: str, packages: Iterable[str]) -> Iterator[str]:
    """Yield the changelogs of the project and of its packages; where there is none, notes of releases, a file each.

    What lies among the pages counts only where there is none at the top, which often includes the other.
    """
    named = {path for tool in _tools(root, files) for path in tool.changelogs}
    there = [path for path in files if (path in named or _CHANGELOG.fullmatch(path)) and _is_changelog(root, path)]
    top = [path for path in there if path in named or "/" not in path] or there
    top += (path for folder in packages for path in _in_folder(own, folder) if _is_changelog(root, path))
    yield from dict.fromkeys(top or _of_package(root, own, family))
    if not top and not family:
        yield from (path for path in own if path.lower().endswith(".md") and changelog.release_of(path))


def _in_folder(files: Sequence[str], folder: str) -> Iterator[str]:
    return (
        path for path in files if posixpath.dirname(path) == folder and _CHANGELOG.fullmatch(path[len(folder) + 1 :])
    )


def _is_changelog(root: Path, path: str) -> bool:
    """Tell whether a file is one: it may have the name and say only where the changes are."""
    document, _ = notes.document_of(source.text_of(root, path).encode("utf-8", "replace"), path)
    return document is not None and changelog.is_changelog(document)


def _of_package(root: Path, files: Sequence[str], family: str) -> Iterator[str]:
    """Yield the changelog of the package whose versions are those of the project: by its title, or by its folder."""
    for path in files if family else ():
        folder, _, name = path.rpartition("/")
        if name.lower() == "changelog.md":
            title = source.text_of(root, path).lstrip().partition("\n")[0].strip("# \r")
            if title == family or (
                title.casefold() == "changelog" and posixpath.basename(folder) == family.rpartition("/")[2]
            ):
                yield path
                return


def _tools(root: Path, files: Sequence[str]) -> Iterator[fragment_tools.ToolSettings]:
    """Yield the settings of other changelog tools."""
    for name in fragment_tools.FILES:
        if name in files:
            yield fragment_tools.parse(name, source.text_of(root, name).encode("utf-8", "replace"))


def fragment_folders(root: Path, files: Sequence[str]) -> Iterator[Folder]:
    """Yield the folders of fragments of other changelog tools: those that their settings name, and those by default."""
    named = {folder for tool in _tools(root, files) for folder in tool.folders}
    # Between two releases, a folder that a tool is set up for has no fragments, but it is there.
    own_folders = named | {posixpath.dirname(path) for path in files if path.endswith(".changeset/config.json")}
    found = Counter({folder: 0 for folder in own_folders if any(path.startswith(f"{folder}/") for path in files)})
    for path in files:
        own = next((folder for folder in named if path.startswith(f"{folder}/") and fragments.kind_of(path)), "")
        if own or (
            run.may_be_fragment(path)
            and run.may_be_fragment(path, source.text_of(root, path).encode("utf-8", "replace"))
        ):
            found[own or posixpath.dirname(path)] += 1
    yield from (Folder(path, count) for path, count in sorted(found.items()))
