"""What the manifests of packages say: their names, and what they are for."""

from __future__ import annotations

import configparser
import html
import json
import posixpath
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from roundbook.book.version_order import package_folders
from roundbook.frozen import frozen
from roundbook.markdown import Block, Document, Paragraph, Verbatim
from roundbook.site import escape, prose

# In the order in which a project with several is described.
NAMES = (
    *("pyproject.toml", "Cargo.toml", "package.json", "composer.json", "setup.cfg"),
    *("setup.py", "go.mod", "pom.xml", "Chart.yaml", "build.gradle", "build.gradle.kts"),
)


LONGEST = 300  # characters of a description
_FEWEST = 4  # words of a paragraph that describes a project: with fewer it is a motto or a list of links
_BADGE = re.compile(r"!?\[!\[[^\]]*\][^\]]*\](?:\([^)]*\)|\[[^\]]*\])|!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<[^<>]*>")

_HEADINGS = 4  # of a README in which its introduction is looked for
_ABOUT = re.compile(r"(?:\W|\d)*(?:about|description|introduction|overview|what is|what's)\b", re.IGNORECASE)
_HTML_PARAGRAPH = re.compile(r"<p(?:\s[^<>]*)?>((?:[^<]|<(?!/?p[\s>]))*)</p>", re.IGNORECASE)
_ELEMENT = re.compile(r"<[^<>]*>")
_MOST = 20_000  # characters of HTML that are read
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
    """Return what a README says first in running text, as plain words; nothing where that does not describe a project.

    That stands before all headings, below the title, or below a heading such as `About` or `What is it?`.
    """
    top = [part for part in islice(readme.walk(), _HEADINGS) if part.level == 1 or _ABOUT.match(part.title)]
    for blocks in (readme.blocks, *(part.blocks for part in top)):
        said = (text for block in blocks for text in _paragraphs(block) if len(text.split()) >= _FEWEST)
        first = next(said, "")  # what follows another paragraph may depend on it
        if first and not first.endswith(":") and "](" not in first:
            return shortened(first)
    return ""


def _paragraphs(block: Block) -> Iterator[str]:
    """Yield the running text of a block as plain words; of HTML, the paragraphs that are sentences."""
    if isinstance(block, Paragraph):
        yield " ".join(prose.plain(_REFERENCE.sub(r"\1", _BADGE.sub("", block.text))).split())
    elif isinstance(block, Verbatim):
        found = (html.unescape(_ELEMENT.sub("", one)) for one in _HTML_PARAGRAPH.findall(block.text[:_MOST]))
        yield from (text for one in found if (text := " ".join(one.split())).endswith((".", "!")))


def shortened(text: str) -> str:
    """Return as many sentences of a text as a description has, or the beginning of a long one."""
    whole = text if len(text) <= LONGEST else text[: LONGEST + 1].rpartition(". ")[0]
    return whole + "." * (0 < len(whole) < len(text)) if whole else escape.cut(text, LONGEST)
