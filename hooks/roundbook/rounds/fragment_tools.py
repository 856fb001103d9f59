"""The settings of other changelog tools: where fragments and changelog lie, and what the types of fragments are called.

towncrier: `towncrier.toml`, `pyproject.toml`. scriv: the same, `setup.cfg`, `tox.ini`. reno: `reno.yaml`,
`releasenotes/config.yaml`. changie: `.changie.yaml`.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from roundbook.frozen import frozen
from roundbook.schema.ids import inside
from roundbook.yamlfile import reader

FILES = (
    *("towncrier.toml", "pyproject.toml", "setup.cfg", "tox.ini", ".changie.yaml", ".changie.yml"),
    *("reno.yaml", "releasenotes/config.yaml"),
)


@frozen
class ToolSettings:
    """The folders of fragments and the changelogs, relative to the project, and titles of types by lower-case names."""

    folders: tuple[str, ...] = ()
    titles: tuple[tuple[str, str], ...] = ()
    changelogs: tuple[str, ...] = ()


def parse(path: str, data: bytes) -> ToolSettings:
    """Return the settings in one of `FILES`; empty where it has none, or cannot be read. Never raises."""
    text = data.decode("utf-8-sig", "replace")
    try:
        found = _tree(path, text)
    except (ValueError, configparser.Error, RecursionError):  # TOML that cannot be read is a ValueError
        return ToolSettings()
    folders = tuple(folder for one in _folders(path, found) if (folder := inside(one)))
    titles = ((name.strip().lower(), title.strip()) for name, title in _titles(path, found))
    changelogs = tuple(file for one in _changelogs(found) if (file := inside(one)))
    return ToolSettings(folders, tuple((name, title) for name, title in titles if name and title), changelogs)


def _tree(path: str, text: str) -> dict[str, Any]:
    if path.endswith((".yaml", ".yml")):
        tree = reader.outline(text.encode("utf-8", "replace"))
        return tree if isinstance(tree, dict) else {}
    if path.endswith(".toml"):
        return _map(tomllib.loads(text).get("tool"))
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    own = next((name for name in ("tool.scriv", "scriv") if name in parser), "")
    return {"scriv": dict(parser[own])} if own else {}


def _map(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _folders(path: str, found: Mapping[str, Any]) -> Iterator[str]:
    if path.startswith(".changie"):
        yield "/".join((str(found.get("changesDir", ".changes")), str(found.get("unreleasedDir", "unreleased"))))
    if "scriv" in found:
        yield str(_map(found["scriv"]).get("fragment_directory", "changelog.d"))
    if crier := _map(found.get("towncrier")):
        package = str(crier.get("package", "")).replace(".", "/")
        within = "/".join(filter(None, (str(crier.get("package_dir", ".")), package)))
        yield str(crier.get("directory") or f"{within}/newsfragments")


def _changelogs(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the files that the tools write, as far as the settings name them."""
    yield str(_map(found.get("towncrier")).get("filename", ""))
    yield str(_map(found.get("scriv")).get("changelog", ""))
    yield str(found.get("changelogPath", ""))


def _titles(path: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    crier = _map(found.get("towncrier"))
    for one in map(_map, _list(crier.get("type"))):
        yield str(one.get("directory") or one.get("name", "")), str(one.get("name", ""))
    for name, one in _map(crier.get("fragment")).items():
        yield name, str(_map(one).get("name") or name.capitalize())
    if path.startswith(".changie"):
        for one in map(_map, _list(found.get("kinds"))):
            yield str(one.get("key") or one.get("label", "")), str(one.get("label", ""))
    for row in map(_list, _list(found.get("sections"))):
        if len(row) > 1 and path in FILES[-2:]:
            yield str(row[0]), str(row[1])
