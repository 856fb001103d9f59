"""The navigation: what the words of `nav` expand to, and, where there is no `nav`, the section of the generated pages."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure import StructureItem
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Section, _add_parent_links, _add_previous_and_next_links
from mkdocs.structure.pages import Page
from mkdocs.utils import dirname_to_title

from roundbook.book.facts import Backlink
from roundbook.errors import Finding, Place
from roundbook.site.indexes import Menu
from roundbook.site.links import Asset, Here, UrlStyle
from roundbook.site.redirects import REDIRECT_SCRIPT
from roundbook.site.redirects import SCRIPT as GO_SCRIPT

NEWEST = "rounds/"
LOG = "project-log/"
MORE = "More"


TIMES_OF_FILES = 50, -75, -150  # usually, after a blog, after translations


def time_of_files(config: MkDocsConfig) -> int:
    """Return the priority at which generated pages are added to a site.

    A blog gives its posts their addresses while files are collected. mkdocs-static-i18n asks every page for its file on disk,
    and generated ones have none, so they come after it.
    """
    if config.plugins.get("i18n"):
        return TIMES_OF_FILES[2]
    return TIMES_OF_FILES[bool(_blogs(config))]


def adding_at(priority: int) -> Any:
    """Return the event `on_files` of the plugin at a priority."""

    @event_priority(priority)
    def on_files(self: Any, files: Files, /, *, config: MkDocsConfig) -> Files:
        return self.add_pages(files, config) if self.config.enabled and time_of_files(config) == priority else files

    return on_files


ASKING_GIT = "git-authors", "git-revision-date-localized"


def spare(config: MkDocsConfig, files: Files, made: Collection[str]) -> None:
    """Have plugins that ask git or the disk about each page pass over the pages that are `made`, which no file has.

    Folders without hand-written pages are named as a whole.
    """
    others = {file.src_uri.partition("/")[0] for file in files.documentation_pages() if file.src_uri not in made}
    names = dict.fromkeys(uri if (top := uri.partition("/")[0]) in others else f"{top}/*" for uri in made)
    for plugin in filter(None, map(config.plugins.get, ASKING_GIT)):
        plugin.config["exclude"] = [*dict.fromkeys((*(plugin.config.get("exclude") or ()), *names))]
    feed: Any = config.plugins.get("rss")
    if pattern := getattr(feed, "match_path_pattern", None):
        not_ours = "|".join(re.escape(name).replace(r"\*", ".*") for name in names)
        feed.match_path_pattern = re.compile(f"(?!(?:{not_ours})$)(?:{pattern.pattern})")


def scripts(folder: str, assets: Path) -> Iterator[tuple[Asset, None]]:
    """Yield the scripts that pages name by themselves, for the folder of a language: the theme has them at the top only."""
    for name in (GO_SCRIPT, REDIRECT_SCRIPT) if folder else ():
        yield Asset(name, (assets / name).read_text("utf-8")), None


def _blogs(config: MkDocsConfig) -> list[Any]:
    """Return the blogs of Material, which may be several."""
    return [plugin for name, plugin in config.plugins.items() if name.partition(" ")[0] in ("blog", "material/blog")]


def own_pages(files: Files, config: MkDocsConfig) -> Iterable[File]:
    """Return the hand-written pages, with the posts that a blog holds back while files are collected."""
    posts = (post.file for plugin in _blogs(config) for post in getattr(getattr(plugin, "blog", None), "posts", ()))
    return dict.fromkeys(file for file in (*files.documentation_pages(), *posts) if file.generated_by is None)


def located(
    found: Mapping[str, tuple[Backlink, ...]], files: Files, style: UrlStyle, language: str
) -> dict[str, tuple[Backlink, ...]]:
    """Return backlinks with the addresses of their pages, if another plugin chose them, from the folder of the language."""

    def one(link: Backlink) -> Backlink:
        file = files.get_file_from_path(link.uri)
        address = file.url.removeprefix(language) if file else ""
        usual = Here("index.md", style).from_top(link.uri)
        return link if address.removeprefix("./") == usual else replace(link, address=address or "./")

    return {target: tuple(map(one, links)) for target, links in found.items()}


def expand(nav: Any, word: str, entries: list[Any]) -> Any:
    """Return the `nav` with `word` replaced by `entries`, as an entry or as the value of a title."""
    if isinstance(nav, list):
        return [y for x in nav for y in (entries if x == word else [expand(x, word, entries)])]
    if isinstance(nav, dict):
        return {title: [*entries] if value == word else expand(value, word, entries) for title, value in nav.items()}
    return nav


def names_page(nav: Any, uri: str) -> bool:
    """Tell whether a `nav` names a page."""
    if isinstance(nav, list):
        return any(names_page(x, uri) for x in nav)
    if isinstance(nav, dict):
        return any(names_page(x, uri) for x in nav.values())
    return bool(nav == uri)


def expand_log(nav: Any, menu: Menu, taken: Mapping[str, str], folder: str) -> tuple[Any, set[str]]:
    """Return the `nav` with `project-log/` replaced, and what by: the pages of the menu that it does not name elsewhere.

    `taken` maps the addresses of hand-written pages, which begin with `folder`, to these; one at the address of a generated
    page replaces it.
    """
    if not names_page(nav, LOG):
        return nav, set()
    own = {uri: taken.get(f"{folder}{uri.removesuffix('.md')}.html", uri) for uri in menu.all}
    first, more = ([own[uri] for uri in part if not names_page(nav, own[uri])] for part in (menu.first, menu.more))
    return expand(nav, LOG, [*first, *([{MORE: more}] if more else [])]), {*first, *more}


def site_page(files: Files, uri: str) -> Page | None:
    """Return the page of a file."""
    file = files.get_file_from_path(uri)
    return file.page if file is not None else None


def gather(nav: Navigation, files: Files, menu: Menu, made: Collection[str], title: str) -> None:
    """Move the generated pages from where MkDocs has put them by their folders into one section at the end.

    A page that another plugin has put elsewhere stays there. `made` are the pages that are generated.
    """
    first, more = ([*_taken(nav, files, part, made)] for part in (menu.first, menu.more))
    if not first:
        first, more = more, []
    if not first:
        return
    nav.items = [item for item in nav.items if not (isinstance(item, Section) and not item.children)]
    nav.items.append(Section(title, [*first, *([Section(MORE, [*more])] if more else [])]))
    flatten(page.file for page in (*first, *more))
    nav.pages = [*_pages(nav.items)]
    _add_previous_and_next_links(nav.pages)
    _add_parent_links(nav.items)


def flatten(files: Iterable[File]) -> None:
    """Name pages after their folders: of several `index` in a section, Material would make one the section's own page."""
    for file in files:
        file.name = file.src_uri.partition("/")[0]


def _taken(nav: Navigation, files: Files, uris: Iterable[str], made: Collection[str]) -> Iterator[Page]:
    """Take pages out of the sections that MkDocs has made of their folders, and yield them."""
    for uri in uris:
        file = files.get_file_from_path(uri)
        page = file.page if file is not None and uri in made else None
        section = page.parent if page is not None else None
        if page is None or section is None or section not in nav.items:
            continue
        if section.title == dirname_to_title(uri.partition("/")[0]):
            section.children.remove(page)
            yield page


def _pages(items: Iterable[StructureItem]) -> Iterator[Page]:
    for item in items:
        if isinstance(item, Page):
            yield item
        elif isinstance(item, Section):
            yield from _pages(item.children)


def leading_out(files: Files, docs_dir: str, root: Path, prefix: str) -> Iterator[Finding]:
    """Yield a warning for each link by which MkDocs publishes files that lie neither in its folder nor in the repository.

    `prefix` is where the project lies in the repository.
    """
    top = root.parents[prefix.count("/") - 1] if prefix else root
    homes = tuple(os.path.join(os.path.realpath(home), "") for home in (docs_dir, top))  # noqa: PTH118
    told: set[str] = set()
    for file in files:
        path = file.abs_src_path
        if path is None or file.src_dir != docs_dir or f"{os.path.realpath(path)}{os.sep}".startswith(homes):
            continue
        way = [*reversed(Path(file.src_uri).parents), Path(file.src_uri)][1:]
        link = next((str(part) for part in way if os.path.islink(os.path.join(docs_dir, part))), file.src_uri)  # noqa: PTH118, PTH114
        if link not in told:
            told.add(link)
            place = Place(os.path.relpath(os.path.join(docs_dir, link), root).replace(os.sep, "/"))  # noqa: PTH118
            message = "this link leads out of the repository, and MkDocs publishes what is there"
            yield Finding("warning", "outside-project", message, place, "copy the file into the project, or exclude it")
