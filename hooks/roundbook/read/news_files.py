"""In: the folders of fragments that the settings name. Out: the changes in them, as they lie there or as a commit has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from roundbook.errors import Finding, Place
from roundbook.git import files, process
from roundbook.read import news
from roundbook.schema.ids import natural_key
from roundbook.schema.items import Adopted, Change
from roundbook.settings import FragmentFolder
from roundbook.yamlfile import errors, reader

_LEVELS = 6  # folders inside a folder of fragments: towncrier and reno have one for each part of a project


def read(
    root: Path, folders: Sequence[FragmentFolder], commit: str = "", prefix: str = ""
) -> tuple[tuple[Adopted, ...], tuple[Finding, ...]]:
    """Return the changes of all fragments, and what is wrong with them; nothing is asked of git without a commit.

    In: the project's folder, the folders of fragments, and, to read them as they were, a commit and where the project
    lies in its repository. Never raises for what the files hold.
    """
    if not folders:
        return (), ()
    contents, faults = _at(root, folders, commit, prefix) if commit else _here(root, folders)
    found: list[Adopted] = []
    findings = [finding for path in faults for finding in faults[path]]
    for folder in folders:
        inside = [path for path in contents if _inside(path, folder)]
        if not inside and not commit:
            findings += _missing(root, folder)
        for path in sorted(inside, key=natural_key):
            kind = folder.kind or news.kind_of(path, contents[path])
            items, wrong = news.parse(contents[path], path, kind)
            findings += wrong if kind else [news.unread(path)]
            for one in items:
                change = _change(one)
                found += [Adopted(change, path, one.kind == "reno")] if isinstance(change, Change) else []
                findings += [change] if isinstance(change, Finding) else []
    return tuple(found), tuple(findings)


def _inside(path: str, folder: FragmentFolder) -> bool:
    base = PurePosixPath(folder.path).as_posix()
    rest = path.removeprefix(f"{base}/") if path.startswith(f"{base}/") else ""
    parts = PurePosixPath(rest).parts
    return bool(parts) and len(parts) <= _LEVELS and not news.is_apart(path)


def _here(root: Path, folders: Sequence[FragmentFolder]) -> tuple[dict[str, bytes], dict[str, tuple[Finding, ...]]]:
    contents: dict[str, bytes] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    for folder in folders:
        base = root / folder.path
        levels = ("/".join("*" * deep) for deep in range(1, _LEVELS + 1)) if _is_there(root, folder) else ()
        for path in sorted(p for level in levels for p in base.glob(level)):
            name = path.relative_to(root).as_posix()
            if path.is_dir() or not _inside(name, folder):
                continue
            data, findings = errors.read(path, root) if _is_read(name, folder) else (b"", ())
            if data is None:
                faults[name] = findings
            else:
                contents[name] = data
    return contents, faults


def _at(
    root: Path, folders: Sequence[FragmentFolder], commit: str, prefix: str
) -> tuple[dict[str, bytes], dict[str, tuple[Finding, ...]]]:
    git = process.find(root)
    tree = (files.list_tree(git, commit, prefix) or {}) if git else {}
    inside = [p for p in sorted(tree) if tree[p].type == "blob" and any(_inside(p, folder) for folder in folders)]
    wanted = [p for p in inside if any(_inside(p, folder) and _is_read(p, folder) for folder in folders)]
    contents, faults = files.from_tree(git, tree, wanted) if git else ({}, {})
    return {**contents, **{p: b"" for p in inside if p not in wanted}}, faults


def _is_read(path: str, folder: FragmentFolder) -> bool:
    """Tell whether a file among fragments is read; of one that no tool would write, only its name is known."""
    return bool(folder.kind or news.kind_of(path))


def _missing(root: Path, folder: FragmentFolder) -> Iterator[Finding]:
    if not _is_there(root, folder):
        mend = "correct changelog.fragments in the settings, or make the folder"
        message = f"there is no folder {folder.path} in the project"
        yield Finding("warning", "fragments-missing", message, folder.place_of("path"), mend)


def _is_there(root: Path, folder: FragmentFolder) -> bool:
    base = root / folder.path
    return ".." not in base.relative_to(root).parts and base.is_dir() if base.is_relative_to(root) else False


def _change(one: news.News) -> Change | Finding:
    """Return the change, with its place; its text may hold anything, but is never empty."""
    values: Mapping[str, news.Value] = one.keys
    tree = reader.Map(one.place, {key: _node(value, one.place) for key, value in values.items()})
    try:
        return Change.model_validate(tree)
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        return Finding("warning", "fragment-unread", f"the change cannot be taken: {said}", one.place, "write it anew")


def _node(value: news.Value, place: Place) -> reader.Node:
    if isinstance(value, str):
        return reader.Text(value, place)
    return reader.Items(place=place, values=[reader.Text(one, place) for one in value])
