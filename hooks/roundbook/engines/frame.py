"""What all pages of a site have around them: the configuration, the theme, the navigation, the versions of programs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import Any

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from roundbook.site.reads import text_digest

# Plugins and extensions by which a page depends on nothing but its content and the configuration.
_PLUGINS = frozenset({"roundbook", "macros", "search", "material/search", "material/offline", "redirects"})
_SAFE = ("markdown.", "pymdownx.", "material.", "roundbook.")
_PROGRAMS = (
    "mkdocs",
    "properdocs",
    "mkdocs-material",
    "mkdocs-macros-plugin",
    "markdown",
    "pymdown-extensions",
    "jinja2",
    "pygments",
)
LOG = get_plugin_logger(__name__)
_PACKAGE = Path(__file__).parent.parent


def is_known(config: MkDocsConfig) -> bool:
    """Tell whether all that the pages of a site may depend on is known here, and log what is not."""
    if found := _obstacles(config):
        said = "every page is made anew, since it may depend on %s; cache: true says that it does not"
        LOG.info(said, ", ".join(found))
    return not found


def _obstacles(config: MkDocsConfig) -> list[str]:
    """Return the plugins, extensions and functions of a site by which a page may depend on more than is known here."""
    plugins = [name for name in config.plugins if name not in _PLUGINS]
    extensions = [str(one) for one in config.markdown_extensions if isinstance(one, str)]
    extensions = [name for name in extensions if not _module(name).startswith(_SAFE)]
    snippets: Any = config.mdx_configs.get("pymdownx.snippets") or {}
    included = ["pymdownx.snippets with auto_append"] if snippets.get("auto_append") else []
    return [*plugins, *extensions, *included, *_functions(config.mdx_configs)]


@cache
def _module(extension: str) -> str:
    """Return the module of an extension that is given by its short name, such as `toc`."""
    found = entry_points(group="markdown.extensions", name=extension)
    return next((one.value for one in found), extension)


def _functions(value: Any) -> Iterator[str]:
    """Yield the functions in the configuration of extensions that come with none of these."""
    if isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _functions(one)
    elif callable(value):
        name = f"{value.__module__}.{getattr(value, '__qualname__', type(value).__qualname__)}"
        yield from () if name.startswith(_SAFE) else (name,)


def translator(config: MkDocsConfig) -> Any:
    """Return the plugin mkdocs-static-i18n where the site has it."""
    return config.plugins.get("i18n")


def language_folder(config: MkDocsConfig) -> str:
    """Return the folder of the language that is being built, `de/`; nothing for the default one, or where there is one."""
    plugin = translator(config)
    language, default = (getattr(plugin, name, None) for name in ("current_language", "default_language"))
    return f"{language}/" if language and language != default else ""


def frame(nav: Navigation, config: MkDocsConfig) -> str:
    """Return a digest of what all pages of a site have around them."""
    given = {
        "versions": [sys.version, code(), *map(_version, _PROGRAMS)],
        "settings": {key: value for key, value in config.items() if key not in _NOT_SHOWN},
        "plugins": {name: dict(plugin.config) for name, plugin in config.plugins.items()},
        "theme": [config.theme.name, {key: config.theme[key] for key in config.theme}, _templates(config)],
        "nav": [_nav(item) for item in nav],
    }
    return text_digest(json.dumps(given, default=_named, sort_keys=True))


_NOT_SHOWN = frozenset((
    "config_file_path", "docs_dir", "site_dir", "plugins", "hooks", "nav", "watch", "dev_addr", "theme", "validation",
    "exclude_docs", "draft_docs", "not_in_nav", "strict", "remote_branch", "remote_name",
))  # fmt: skip


def _named(value: Any) -> Any:
    """Return a value of the configuration that JSON cannot express as one that it can."""
    if isinstance(value, Config):
        return dict(value)
    kind = value if isinstance(value, type) or callable(value) else type(value)
    return f"{kind.__module__}.{kind.__qualname__} {value if isinstance(value, str) else ''}"


def _nav(item: Any) -> Any:
    return [type(item).__name__, item.title, getattr(item, "url", None), [_nav(one) for one in item.children or ()]]


def facts(page: Page | None) -> tuple[object, ...]:
    """Return what a theme shows of a page besides its content."""
    if page is None:
        return ()
    near = [(one.title, one.url) if one else None for one in (page.previous_page, page.next_page)]
    above = [section.title for section in page.ancestors]
    return page.title, page.canonical_url, page.edit_url, page.update_date, near, above


@cache
def _version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name


@cache
def code() -> str:
    """Return a digest of this package: a checkout of it changes without its version."""
    paths = sorted(path for path in _PACKAGE.rglob("*") if path.suffix in (".py", ".j2", ".json"))
    return text_digest("".join(f"{path.relative_to(_PACKAGE)}\n{path.read_text('utf-8')}" for path in paths))


def _templates(config: MkDocsConfig) -> str:
    """Return a digest of the templates of a theme."""
    digests = []
    for folder in config.theme.dirs:
        own = folder == config.theme.custom_dir
        for where, folders, names in os.walk(folder):
            folders[:] = sorted(one for one in folders if own or not one.startswith("."))  # thousands of icons
            paths = [Path(where, name) for name in sorted(names) if own or name.endswith((".html", ".xml"))]
            digests += [
                f"{path.relative_to(folder)} {text_digest(path.read_bytes().decode('latin-1'))}" for path in paths
            ]
    return text_digest("\n".join(digests))
