"""In: the folder of a project. Out: what its configuration of MkDocs says of plugins and pages; no tag of it is obeyed."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from roundbook.model.survey import Configuration
from roundbook.read import outline, source

NAMES = ("mkdocs.yml", "mkdocs.yaml")  # in the order in which MkDocs looks for them
_MOST = 5  # files that inherit from each other


def read(root: Path) -> Configuration | None:
    """Return the configuration, or `None` where there is no file of it.

    Where the file names no plugins and inherits from another one of the project, the plugins are those of that one, and
    `path` is where they stand; pages are where the first file that names their folder says.
    """
    path = next((name for name in NAMES if (root / name).is_file()), "")
    found: Configuration | None = None
    docs, nav = "", False
    for _ in range(_MOST):
        data, _ = source.read(root / path, root) if path else (None, ())
        text, _ = source.decode(data, path) if data is not None else (None, [])
        if text is None:
            break
        one, parent = parse(text, path)
        docs, nav = docs or one.docs, nav or one.nav
        found = one if found is None or one.plugins is not None else found
        if one.plugins is not None or not parent:
            break
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), parent))
    if found is None:
        return Configuration(path, "", listed=True) if path else None
    return Configuration(found.path, found.text, docs or "docs", found.plugins, found.listed, nav)


def parse(text: str, path: str) -> tuple[Configuration, str]:
    """Return what one file says, and the file that it inherits from; what cannot be read says nothing."""
    tree = outline.parse(text.encode("utf-8", "replace"))
    said = tree if isinstance(tree, dict) else {}
    listed = said.get("plugins")
    names: tuple[str, ...] | None = None
    if isinstance(listed, list):
        names = tuple(one if isinstance(one, str) else str(next(iter(one), "")) for one in listed if one)
    elif isinstance(listed, dict):
        names = tuple(listed)
    elif re.search(r"^plugins\s*:", text, re.MULTILINE):
        names = ()
    docs, parent = said.get("docs_dir"), said.get("INHERIT")
    made = Configuration(
        path, text, docs if isinstance(docs, str) else "", names, not isinstance(listed, dict), "nav" in said
    )
    return made, parent if isinstance(parent, str) else ""
