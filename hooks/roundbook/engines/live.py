"""`mkdocs serve` brought up to date after a save of data, without a build of the whole site.

Where nothing but the data or the work tree of git has changed since the last build, only the pages and files that differ
are made and written, among them the hand-written pages that show something of the book. They are made one after the other
in the background: the page that was saved first, and before that whatever a browser asks for, which waits for it. So the
browser reloads at once, and never gets a page that is out of date. In any other case MkDocs builds as always.
"""

from __future__ import annotations

import os
import posixpath
import re
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from mkdocs.commands.build import _build_page, _build_theme_template, _populate_page
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page as SitePage
from mkdocs.utils import write_file
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from roundbook.book.model import Book
from roundbook.engines.background import Background
from roundbook.engines.incremental import (
    FileSource,
    GeneratedFile,
    Incremental,
    all_pages,
    delete,
    generated,
    signature,
    zip_sitemap,
)
from roundbook.engines.search_index import search_plugin
from roundbook.git import no_pauses
from roundbook.site import links
from roundbook.site.api import rounds
from roundbook.site.indexes import menu
from roundbook.site.links import Asset, Output, Page
from roundbook.site.memory import changed_reads

if TYPE_CHECKING:
    from roundbook.engines.mkdocs import RoundbookPlugin

LOG = get_plugin_logger(__name__)
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_WORD = re.compile(r"\w+")
_PAUSE = 0.05  # seconds between two looks at the files
_ELSEWHERE = frozenset({"rounds", "include", "import", "from", "extends"})
_MACROS = frozenset({"context", "macros_info", "now", "fix_url"})  # of mkdocs-macros itself
Surroundings = tuple[tuple[str, int, int], ...]


class Live:
    """What `mkdocs serve` calls after a change, in place of `builder`, which builds the whole site."""

    def __init__(
        self, plugin: RoundbookPlugin, builder: Callable[[], None], server: LiveReloadServer | None = None
    ) -> None:
        self.plugin, self.builder, self.server = plugin, builder, server
        self.background = Background(self._build_anew)
        self.changes = 0  # so many since the start
        self.whole = False  # whether it takes a whole build, whatever changes next
        self.own: dict[str, SitePage] = {}  # hand-written pages that are to be made
        self.dated = False  # whether a page has another date since the sitemap was written
        self.files: dict[str, File] = {}
        self.titled: frozenset[str] = frozenset()  # tasks of pages that have the titles that they had

    def __call__(self) -> None:
        """Bring the site up to date."""
        self.background.halt()
        begun = time.monotonic()
        with no_pauses():  # a second of it at 1,000 rounds
            tasks = None if self.whole else self._tasks()
        if tasks is None:
            self.whole = True  # also after an error
            self.builder()
            self.whole, self.own = False, {}
        else:
            self.files = {file.dest_uri: file for file in self.plugin.files}
            self.background.begin(tasks)
            LOG.info("Updating %d pages and files, after %.2f seconds", len(tasks) - 1, time.monotonic() - begun)
        self.changes += 1  # what was asked for before, and is answered from now on, is looked for again

    # ------------------------------------------------------------------------------------------------ what is asked for

    def answering(self, app: WSGIApplication) -> WSGIApplication:
        """Return an application that answers as `app` does, but first makes what is asked for."""

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "ignore")
            if path.startswith("/livereload/"):
                return app(environ, start_response)
            while True:
                changes, needed = self.changes, self._needed(path)
                self.background.wait(needed)
                said, found = _answered(app, environ)
                if changes == self.changes and needed == self._needed(path):
                    start_response(*said)
                    return found
                if close := getattr(found, "close", None):  # a change has come in between
                    close()

        return answer

    def _needed(self, path: str) -> set[str] | None:
        """Return the tasks on which the answer to a request depends; `None` for all."""
        top = self.server.mount_path if self.server else "/"
        uri = posixpath.normpath("/" + path.removeprefix(top) + ("index.html" if path.endswith("/") else ""))[1:]
        file = self.files.get(uri)
        if file is None:  # such as the search index
            return None
        if file.page is None:
            return {_task(file)}
        near = (one.file for one in (file.page.previous_page, file.page.next_page) if one)  # whose titles it shows
        return {_task(file), *({*map(_task, near)} - self.titled)}

    # ------------------------------------------------------------------------------------------------- what has changed

    def _tasks(self) -> dict[str, Callable[[], None]] | None:
        """Return what has to be made, by name, in that order; `None` where it takes a whole build."""
        plugin, site = self.plugin, self.plugin.incremental
        if site is None or plugin.surroundings != surroundings(plugin):
            return None
        book, before = plugin.load(), plugin.book
        outputs = plugin.page_outputs(book)
        if book.history.head != before.history.head or outputs.keys() != plugin.page_names:
            return None  # macros have `git` as a variable; hand-written pages link to pages that are there
        if plugin.newest(book) != plugin.newest(before) or menu(book) != plugin.menu:
            return None
        book, late = replace(book, backlinks=plugin.backlinks(book, plugin.files)), site.late
        site.begin(book, *plugin.setup())
        pages = {name: one for name, one in outputs.items() if not site.carry_over(name, one)}
        plugin.book = book
        if macros := self._macros_plugin():
            macros.variables["rounds"] = rounds(book)
        assets = {name: one for name, one in plugin.asset_outputs(book) if not site.carry_over(name, one)}
        site.remember((*pages, *assets))
        sure, unsure = self._own_pages(before)
        self.own |= sure
        old = before.entries
        saved = {
            f"page {links.round_page(key)}": key not in old or old[key].round is not e.round
            for key, e in book.entries.items()
        }
        self.titled = frozenset(name for name, changed in saved.items() if not changed and name not in late)
        first = [name for name, changed in saved.items() if changed and name in pages]
        return {
            **{name: partial(self._make_pages, site, name, pages[name]) for name in dict.fromkeys((*first, *pages))},
            **{uri: partial(self._make_own, uri, page) for uri, page in {**self.own, **unsure}.items()},
            **{name: partial(self._make_assets, site, name, one) for name, one in assets.items()},
            "": self._make_rest,
        }

    def _build_anew(self) -> None:
        """Have MkDocs build the whole site, as something has changed that all pages show, or went wrong."""
        self.whole = True
        if self.server is not None:
            rebuild(self.server)

    # --------------------------------------------------------------------------------------------------- what is made

    def _make_pages(self, site: Incremental, name: str, output: Output[Page]) -> None:
        """Make the pages of an output, and write those that differ, and those that show their titles."""
        plugin = self.plugin
        items, before = site.catch_up(name, output)
        if {item.uri for item, _ in items} != before:
            self._build_anew()
            return
        files = {file.src_uri: file for file in generated(plugin.files)}
        for item, digest in items:
            file = files.get(item.uri)
            if file is None or file.page is None:  # a hand-written page has its place
                continue
            title, page = file.page.title, file.page
            plugin.made[item.uri], file.source, page.meta = item, FileSource(name, item, digest), item.meta
            if page.title == title:
                self._write_page(site, file, page)
            elif page in plugin.nav.pages:
                self._build_anew()
            else:
                near = [
                    one for one in files.values() if one.page and page in (one.page.previous_page, one.page.next_page)
                ]
                for one in (file, *near):
                    self._write_page(site, one, one.page)

    def _write_page(self, site: Incremental, file: GeneratedFile, page: SitePage | None) -> None:
        """Write a generated page if anything that it depends on has changed."""
        plugin = self.plugin
        if page is None:
            return
        date = page.update_date
        plugin.on_pre_page(page, config=plugin.site_config, files=plugin.files)
        self.dated |= date != page.update_date
        plugin.link_neighbours(plugin.files, {file.src_uri: plugin.made[file.src_uri]})
        if site.renew(file, plugin.texts):
            self._render(page)
            site.note(file)

    def _render(self, page: SitePage) -> None:
        """Have MkDocs render and write a page."""
        plugin, config = self.plugin, self.plugin.site_config
        _populate_page(page, config, plugin.files)
        _build_page(page, config, all_pages(plugin.files), plugin.nav, plugin.env)

    def _make_own(self, uri: str, page: SitePage) -> None:
        self._render(page)
        self.own.pop(uri, None)

    def _make_assets(self, site: Incremental, name: str, output: Output[Asset]) -> None:
        """Write the files of an output that differ, and delete those that it no longer has."""
        folder = Path(self.plugin.site_config.site_dir)
        items, before = site.catch_up(name, output)
        for asset, digest in items:
            if site.is_new(asset.uri, digest):
                write_file(asset.text.encode("utf-8", "xmlcharrefreplace"), str(folder / asset.uri))
        delete(folder, before - {asset.uri for asset, _ in items})

    def _make_rest(self) -> None:
        """Write what lists all pages."""
        plugin, config = self.plugin, self.plugin.site_config
        if self.dated:
            _build_theme_template("sitemap.xml", plugin.env, plugin.files, config, plugin.nav)
            self.dated = False
        zip_sitemap(config, all_pages(plugin.files))
        plugin.search.fill(all_pages(plugin.files), plugin.made, config)
        if (search := search_plugin(config)) is not None:
            search.on_post_build(config=config)

    def _own_pages(self, before: Book) -> tuple[dict[str, SitePage], dict[str, SitePage]]:
        """Return the hand-written pages that show something of the book that has changed, and those that may."""
        plugin = self.plugin
        own = {file: file.page for file in plugin.files.documentation_pages() if not isinstance(file, GeneratedFile)}
        reads = {reading for file in own for reading in plugin.page_reads.get(file.src_uri, ())}
        changed = changed_reads(before, plugin.book, reads)
        sure: dict[str, SitePage] = {}
        unsure: dict[str, SitePage] = {}
        for file, page in own.items():
            path = os.path.relpath(file.abs_src_path or "", plugin.root).replace(os.sep, "/")
            adopted = path in plugin.book.adopted_at or path in before.adopted_at
            read = changed.intersection(plugin.page_reads.get(file.src_uri, ()))
            if page is not None and (adopted or read or file.src_uri in plugin.referring):
                sure[file.src_uri] = page
            elif page is not None and self._may_read(file.content_string):
                unsure[file.src_uri] = page
        return sure, unsure

    def _macros_plugin(self) -> Any:
        return self.plugin.site_config.plugins.get("macros")

    def _may_read(self, text: str) -> bool:
        """Tell whether a page may read data in a way that is not known: by the variable, a file, or a macro of the user's."""
        found = self._macros_plugin()
        if found is None:
            return False
        others = {*found.macros} - self.plugin.macros - _MACROS
        words = {word for tag in _TEMPLATE.findall(text) for word in _WORD.findall(tag)}
        return not words.isdisjoint(_ELSEWHERE | others)


class Returning(FileSystemEventHandler):
    """Watches folders again that were moved away and come back, as on another branch: MkDocs gives up one that is gone."""

    def __init__(self, server: LiveReloadServer, paths: Iterable[Path]) -> None:
        self.server, self.folders = server, {str(path) for path in paths if path.is_dir() or not path.exists()}
        for parent in {Path(path).parent for path in self.folders}:
            if parent.is_dir():
                server.observer.schedule(self, str(parent), recursive=False)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Build anew where a folder has come or gone."""
        for path in self.folders.intersection(map(os.fsdecode, (event.src_path, event.dest_path))):
            if event.event_type == "modified":
                continue
            if path in self.server._watched_paths:
                self.server._watched_paths[path] = 1
                self.server.unwatch(path)
            if Path(path).is_dir():
                self.server.watch(path)
            rebuild(self.server)


class Alert(FileSystemEventHandler):
    """Has the server look at the files as soon as the system reports a change in one of some folders.

    MkDocs looks twice a second. It goes on to do so, as a system reports nothing of folders that are on another machine.
    """

    def __init__(self, server: LiveReloadServer, folders: Iterable[Path]) -> None:
        self.server, self._reported = server, Event()
        observer = Observer()
        with suppress(OSError):  # there are limits to what it can watch
            for folder in folders if sys.platform in ("linux", "darwin", "win32") else ():
                observer.schedule(self, str(folder), recursive=True)
            observer.start()
        Thread(target=self._look, daemon=True).start()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Have the server look where a file has changed."""
        if event.event_type not in ("opened", "closed_no_write"):
            self._reported.set()

    def _look(self) -> None:
        while self._reported.wait():
            self._reported.clear()
            for emitter in [*self.server.observer.emitters]:
                if emitter.is_alive():
                    emitter.queue_events(0)
            time.sleep(_PAUSE)  # a checkout is thousands of changes


def rebuild(server: LiveReloadServer) -> None:
    """Have MkDocs build the whole site."""
    with server._rebuild_cond:
        server._want_rebuild = True
        server._rebuild_cond.notify_all()


def _answered(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[tuple[Any, ...], Iterable[bytes]]:
    """Return what an application answers: its words to `start_response`, and the content."""
    said: list[tuple[Any, ...]] = []
    found = app(environ, lambda *words: said.append(words))  # type: ignore[arg-type]
    return said[-1], found


def _task(file: File) -> str:
    """Return the task that makes a file."""
    return file.source.output if isinstance(file, GeneratedFile) else file.src_uri


def surroundings(plugin: RoundbookPlugin) -> Surroundings:
    """Return the times and sizes of all files besides the data that a site is made of."""
    config = plugin.site_config
    own, settings = {str(path) for path in plugin.watched}, plugin.root / plugin.data / "roundbook.yml"
    tops = (config.docs_dir, config.config_file_path, config.theme.custom_dir, settings, *config.watch)
    paths = [Path(top) for top in tops if top and str(top) not in own]
    found = (file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else (path,)))
    return tuple((str(file), *signature(file)) for file in found)
