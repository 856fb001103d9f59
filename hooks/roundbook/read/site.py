"""In: `mkdocs.yml`. Out: the address and the name of the site and how it names its pages, as far as they stand there plainly.

The file may hold tags that only its engine understands (`!!python/name:…`, `!ENV`); a value with one is taken for not said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from roundbook.yamlfile import errors, reader

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
    data, _ = errors.read(root / FILE, root) if (root / FILE).exists() else (None, ())
    return parse(data) if data is not None else Site()


def parse(data: bytes) -> Site:
    """Return what the content of `mkdocs.yml` says, of a broken file what stands before the fault; never raises."""
    tree, findings = reader.parse(data, FILE, partial=True)
    not_plain = {finding.place for finding in findings if finding.slug in ("tag", "alias")}
    top = tree.items() if isinstance(tree, reader.Map) else ()
    said = {key: str(value) for key, value in top if isinstance(value, reader.Text) and value.place not in not_plain}
    url = said.get("site_url", "")
    return Site(
        url if url.startswith(("https://", "http://")) else "",
        said.get("use_directory_urls", "true") != "false",
        said.get("site_name", ""),
        said.get("site_description", ""),
    )
