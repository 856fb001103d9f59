"""In: `mkdocs.yml`. Out: the address and the name of the site and how it names its pages, as far as they stand there plainly.

The file may hold tags that only its engine understands (`!!python/name:…`, `!ENV`), so its events are read and nothing is
made of them; what is not plain is taken for not said.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from roundbook.read import source
from roundbook.read.yaml import LOADER

FILE = "mkdocs.yml"


@dataclass(frozen=True, slots=True)
class Site:
    """What `mkdocs.yml` says of the site: `url` is empty where it is not said, `folders` is `use_directory_urls`."""

    url: str = ""
    folders: bool = True
    name: str = ""
    description: str = ""


def read(root: Path) -> Site:
    """Read what `mkdocs.yml` says; a project without it, or with one that cannot be read, has the defaults."""
    data, _ = source.read(root / FILE, root) if (root / FILE).exists() else (None, ())
    return parse(data) if data is not None else Site()


def parse(data: bytes) -> Site:
    """Return what the content of `mkdocs.yml` says; never raises."""
    text, _ = source.decode(data, FILE)
    said: dict[str, str] = {}
    try:
        for key, value in _scalars(text or ""):
            said.setdefault(key, value)
    except yaml.YAMLError:
        pass  # what stood before the fault counts; the engine will speak of the rest
    url = said.get("site_url", "")
    return Site(
        url if url.startswith(("https://", "http://")) else "",
        said.get("use_directory_urls", "true") != "false",
        said.get("site_name", ""),
        said.get("site_description", ""),
    )


def _scalars(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys at the top whose values are plain scalars."""
    depth = 0
    key: str | None = None
    for event in yaml.parse(text, Loader=LOADER):
        if depth == 1 and isinstance(event, yaml.NodeEvent):
            value = event.value if isinstance(event, yaml.ScalarEvent) and not event.tag else ""
            if key is not None:
                yield key, value
            key = value if key is None else None
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
