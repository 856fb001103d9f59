"""What the manifests of packages say: their names, and what they are for."""

from __future__ import annotations

import configparser
import json
import posixpath
import re
import tomllib
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from roundbook.book.version_order import package_folders
from roundbook.frozen import frozen
from roundbook.markdown import Document, Paragraph
from roundbook.site import escape, prose

# In the order in which a project with several is described.
NAMES = (
    *("pyproject.toml", "Cargo.toml", "package.json", "composer.json", "setup.cfg"),
    *("setup.py", "go.mod", "pom.xml", "Chart.yaml"),
)


LONGEST = 300  # characters of a description
_FEWEST = 4  # words of a paragraph that describes a project: with fewer it is a motto or a list of links
_BADGE = re.compile(r"!?\[!\[[^\]]*\][^\]]*\](?:\([^)]*\)|\[[^\]]*\])|!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<[^<>]*>")

_REFERENCE = re.compile(r"\[([^\[\]]+)\]\[[^\[\]]*\]")


@frozen
class Manifest:
    """A package by its manifest; what is not stated, or in a form that is not read, is empty."""

    name: str = ""
    description: str = ""


def parse(path: str, text: str) -> Manifest:
    """Return what a manifest states. Never raises."""
    try:
        tree = _tree(posixpath.basename(path), text)
    except (ValueError, configparser.Error, RecursionError):  # TOML and JSON that cannot be read are a ValueError
        return Manifest()
    name, description = (tree.get(key) for key in ("name", "description"))
    return Manifest(
        name if isinstance(name, str) else "", " ".join(description.split()) if isinstance(description, str) else ""
    )


def _tree(name: str, text: str) -> Mapping[str, Any]:
    if name.endswith(".json"):
        return _map(json.loads(text))
    if name.endswith(".toml"):
        tree = tomllib.loads(text)
        return _map(tree.get("project") or tree.get("package") or _map(tree.get("tool")).get("poetry"))
    if name == "setup.cfg":
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        return dict(parser["metadata"]) if "metadata" in parser else {}
    return {}


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def folders(families: Iterable[str], manifests: Mapping[str, Manifest], files: Iterable[str]) -> dict[str, str]:
    """Return the folders of the packages that families of tags are called after: by the names in manifests, else of folders.

    `manifests` are those of the project by their paths. A folder without one is no package.
    """
    known = [posixpath.dirname(path) for path in manifests]
    called = {one.name: posixpath.dirname(path) for path, one in manifests.items() if one.name}
    # A tag of a module of Go begins with its folder.
    found = {name: name if name in known else called[name] for name in families if name in known or called.get(name)}
    others = package_folders([name for name in families if name not in found and name not in called], files).items()
    return found | {name: folder for name, folder in others if folder in known}


def introduction(readme: Document) -> str:
    """Return what a README says first in running text, as plain words; nothing where that does not describe a project."""
    parts = (readme.blocks, *(part.blocks for part in islice(readme.walk(), 2)))
    for block in (block for blocks in parts for block in blocks):
        if isinstance(block, Paragraph):
            text = " ".join(prose.plain(_REFERENCE.sub(r"\1", _BADGE.sub("", block.text))).split())
            if len(text.split()) >= _FEWEST and not text.endswith(":"):
                return escape.cut(text, LONGEST)
    return ""
