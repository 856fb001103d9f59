"""`mkdocs serve` brought up to date after a save of data, without a build of the whole site.

Where nothing but the data or the work tree of git has changed since the last build, only the pages and files that differ
are made and written, among them the hand-written pages that show something of the book. The pages come first, so that the
browser reloads; the feeds, the JSON and the texts follow in the background. In any other case MkDocs builds as always.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from mkdocs.commands.build import _build_page, _build_theme_template, _populate_page
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.pages import Page as SitePage
from mkdocs.utils import write_file

from roundbook.book.model import Book
from roundbook.engines.incremental import (
    FileSource,
    GeneratedFile,
    Incremental,
    all_pages,
    delete,
    generated,
    signature,
    undefer,
    zip_sitemap,
)
from roundbook.engines.search_index import search_plugin
from roundbook.site.indexes import menu
from roundbook.site.links import Asset, Output
from roundbook.site.reads import changed_reads

if TYPE_CHECKING:
    from roundbook.engines.mkdocs import RoundbookPlugin

LOG = get_plugin_logger(__name__)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"\w+")
_ELSEWHERE = frozenset({"rounds", "include", "import", "from", "extends"})
_MACROS = frozenset({"context", "macros_info", "now", "fix_url"})  # of mkdocs-macros itself
Surroundings = tuple[tuple[str, int, int], ...]


class Live:
    """What `mkdocs serve` calls after a change, in place of `builder`, which builds the whole site."""

    def __init__(self, plugin: RoundbookPlugin, builder: Callable[[], None]) -> None:
        self.plugin, self.builder = plugin, builder
        self.halt = Event()
        self.background = Thread()
        self.dated = False  # whether a page has another date since the sitemap was written

    def __call__(self) -> None:
        """Bring the site up to date."""
        self.halt.set()
        if self.background.ident is not None:
            self.background.join()
        self.halt.clear()
        begun = time.monotonic()
        count = self._updated()
        if count is None:
            self.builder()
        else:
            LOG.info("Updated %d pages in %.2f seconds", count, time.monotonic() - begun)

    def _updated(self) -> int | None:
        """Update the site and return how many pages were written; `None` where it takes a whole build."""
        plugin, site = self.plugin, self.plugin.incremental
        if site is None or plugin.surroundings != surroundings(plugin):
            return None
        book = plugin.load()
        outputs = plugin.page_outputs(book)
        if book.history.head != plugin.book.history.head or outputs.keys() != plugin.page_names:
            return None  # macros have `git` as a variable; hand-written pages link to pages that are there
        if plugin.newest(book) != plugin.newest(plugin.book) or menu(book) != plugin.menu:
            return None
        book = replace(book, backlinks=plugin.backlinks(book, plugin.files))
        site.begin(book, *plugin.setup())
        made = {name: site.make(name, output) for name, output in outputs.items()}
        sources = {item.uri: FileSource(name, item, digest) for name, one in made.items() for item, digest in one.items}
        items = {item.uri: item for one in made.values() for item, _ in one.items}
        files = {file: file.page for file in generated(plugin.files) if file.page and file.src_uri in sources}
        shown = {file: page for file, page in files.items() if page in plugin.nav.pages}
        if any(page.meta["title"] != items[file.src_uri].meta["title"] for file, page in shown.items()):
            return None
        before = plugin.book
        plugin.renew(book, items.values())
        late = {name: one for name, one in plugin.asset_outputs(book) if not site.carry_over(name, one)}
        site.remember(late)
        changed = self._changed(site, files, sources)
        own, unsure = self._own_pages(before)
        self._write_pages([*(files[file] for file in changed), *own])
        for file in changed:
            site.note(file)
        self.background = Thread(target=self._catch_up, args=(site, late, unsure), daemon=True)
        self.background.start()
        return len(changed) + len(own)

    def _changed(
        self, site: Incremental, files: dict[GeneratedFile, SitePage], sources: dict[str, FileSource]
    ) -> list[GeneratedFile]:
        """Give the generated pages their new sources and neighbours, and return those that differ."""
        plugin, config = self.plugin, self.plugin.site_config
        for file, page in files.items():
            file.source = sources[file.src_uri]
            page.meta = plugin.made[file.src_uri].meta
            date = page.update_date
            plugin.on_pre_page(page, config=config, files=plugin.files)
            self.dated |= date != page.update_date
        plugin.link_neighbours(plugin.files)
        return [file for file in files if site.renew(file, plugin.texts)]

    def _write_pages(self, pages: Iterable[SitePage]) -> None:
        """Have MkDocs render and write some pages."""
        plugin, config = self.plugin, self.plugin.site_config
        every = all_pages(plugin.files)
        for page in pages:
            undefer(page)
            _populate_page(page, config, plugin.files)
            _build_page(page, config, every, plugin.nav, plugin.env)

    def _own_pages(self, before: Book) -> tuple[list[SitePage], list[SitePage]]:
        """Return the hand-written pages that show something of the book that has changed, and those that may."""
        plugin = self.plugin
        own = {file: file.page for file in plugin.files.documentation_pages() if not isinstance(file, GeneratedFile)}
        reads = {reading for file in own for reading in plugin.page_reads.get(file.src_uri, ())}
        changed = changed_reads(before, plugin.book, reads)
        sure, unsure = [], []
        for file, page in own.items():
            path = os.path.relpath(file.abs_src_path or "", plugin.root).replace(os.sep, "/")
            adopted = path in plugin.book.adopted_at or path in before.adopted_at
            read = changed.intersection(plugin.page_reads.get(file.src_uri, ()))
            if page is not None and (adopted or read or file.src_uri in plugin.referring):
                sure.append(page)
            elif page is not None and self._may_read(file.content_string):
                unsure.append(page)
        return sure, unsure

    def _may_read(self, text: str) -> bool:
        """Tell whether a page may read data in a way that is not known: by the variable, a file, or a macro of the user's."""
        found: Any = self.plugin.site_config.plugins.get("macros")
        if found is None:
            return False
        others = {*found.macros} - self.plugin.macros - _MACROS
        words = {word for tag in _TEMPLATE.findall(text) for word in _WORD.findall(tag)}
        return not words.isdisjoint(_ELSEWHERE | others)

    def _catch_up(self, site: Incremental, late: dict[str, Output[Asset]], unsure: list[SitePage]) -> None:
        """Write what is not the page that was saved, one thing after the other, until the next change."""
        plugin, config = self.plugin, self.plugin.site_config
        try:
            for page in unsure:
                if not self.halt.is_set():
                    self._write_pages([page])
            for name, output in late.items():
                assets, gone = ((), ()) if self.halt.is_set() else site.catch_up(name, output)
                for asset in assets:
                    path = Path(config.site_dir, asset.uri)
                    write_file(asset.text.encode("utf-8", "xmlcharrefreplace"), str(path))
                delete(Path(config.site_dir), gone)
            if self.halt.is_set():
                return
            if self.dated:
                _build_theme_template("sitemap.xml", plugin.env, plugin.files, config, plugin.nav)
                self.dated = False
            zip_sitemap(config, all_pages(plugin.files))
            plugin.search.fill(all_pages(plugin.files), plugin.made, config)
            if (search := search_plugin(config)) is not None:
                search.on_post_build(config=config)
        except Exception:
            LOG.exception("Some files could not be updated; the next build makes them anew.")


def surroundings(plugin: RoundbookPlugin) -> Surroundings:
    """Return the times and sizes of all files besides the data that a site is made of."""
    config = plugin.site_config
    own, settings = {str(path) for path in plugin.watched}, plugin.root / plugin.data / "roundbook.yml"
    tops = (config.docs_dir, config.config_file_path, config.theme.custom_dir, settings, *config.watch)
    paths = [Path(top) for top in tops if top and str(top) not in own]
    found = (file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else (path,)))
    return tuple((str(file), *signature(file)) for file in found)
