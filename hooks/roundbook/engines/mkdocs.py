"""The MkDocs plugin."""

from __future__ import annotations

import gc
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from jinja2 import Environment
from mkdocs.config import base
from mkdocs.config import config_options as c
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as SitePage
from mkdocs.utils.templates import TemplateContext

from roundbook.book.facts import Backlink
from roundbook.book.model import Book
from roundbook.cache import FOLDER, SWITCH, Cache
from roundbook.engines import navigation
from roundbook.engines.frame import is_known, language_folder
from roundbook.engines.incremental import FORM, FileSource, GeneratedFile, Incremental, all_pages
from roundbook.engines.live import Alert, Live, Returning, surroundings
from roundbook.engines.macros import MacroContext, macros
from roundbook.engines.markdown_extensions import ReadyHtml, References, anchors
from roundbook.engines.navigation import NEWEST, expand, expand_log, flatten, gather, leading_out, names_page, site_page
from roundbook.engines.progress import BuildProgress, stopping
from roundbook.engines.search_index import SearchEntries, records
from roundbook.engines.staging import Staging
from roundbook.errors import Finding, Place, plural
from roundbook.git.files import data_folder
from roundbook.project import Loader, watched
from roundbook.site import links
from roundbook.site.api import rounds
from roundbook.site.context import keep_compiled
from roundbook.site.indexes import Menu, menu
from roundbook.site.links import Asset, Here, Output, Page, Publication, T
from roundbook.site.pages import COMMIT, alternates, card, file_outputs, framed, heavy, insert, page_outputs
from roundbook.site.reads import Reading, recorded
from roundbook.site.redirects import offer
from roundbook.site.resolve import backlinks as backlinked
from roundbook.site.resolve import references, resolve
from roundbook.site.text import text_outputs
from roundbook.site.views.decisions import headed
from roundbook.site.views.others import unresolved
from roundbook.terminal import safe

LOG = get_plugin_logger(__name__)
THEME = str(Path(__file__).parent.parent / "theme")
CSS, SCRIPT = "assets/roundbook/roundbook.css", "assets/roundbook/roundbook.js"
_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO}


class RoundbookConfig(base.Config):  # type: ignore[no-untyped-call]
    """The options of the plugin in `mkdocs.yml`; what concerns the data is set in `data/roundbook.yml`."""

    enabled = c.Type(bool, default=True)
    """Whether the plugin is enabled."""
    data_dir = c.Type(str, default="data")
    """The folder of the settings and the rounds, relative to `mkdocs.yml`."""
    at = c.Type(str, default="")
    """A tag, branch or commit: the book as it was there. The work tree's data files are then not read."""
    nav_latest = c.Type(int, default=10)
    """How many of the newest rounds `rounds/` in `nav` expands to."""
    project_log = c.Type(str, default="Project log")
    """Without a `nav`: the title of the section that gathers the generated pages; if empty, each is below its folder."""
    card = c.Type(str, default="")
    """A picture in `docs/` that link previews show for all pages, 1200 by 630 pixels; it needs `site_url`."""
    references = c.Type(bool, default=True)
    """Whether `[[3/4]]` in hand-written pages becomes a link; turn it off if another extension reads `[[…]]`."""
    api = c.Type(bool, default=True)
    """Whether to write the book as JSON files below `api/`, with their schemas."""
    markdown = c.Type(bool, default=True)
    """Whether to write the text of the main pages as Markdown beside their HTML."""
    cache = c.Optional(c.Type(bool))
    """Whether to reuse unchanged pages from the last build; default: if no other plugin could change them."""


class RoundbookPlugin(BasePlugin[RoundbookConfig]):  # type: ignore[no-untyped-call]
    """Makes the pages of the rounds, decisions, changelog, commits and open items."""

    book: Book
    root: Path
    data: str
    unprinted: int
    files: Files
    menu: Menu

    def __init__(self) -> None:
        self.made: dict[str, Page] = {}
        self.texts: frozenset[str] = frozenset()
        self.bodies: dict[str, int] = {}
        self.rendered = ""
        self.asked: Counter[str] = Counter()
        # What each hand-written page read of the book through macros, and those that refer to something of it.
        self.page_reads: dict[str, set[Reading]] = {}
        self.referring: set[str] = set()
        self.incremental: Incremental | None = None
        self.search = SearchEntries()
        self.command, self.dirty = "build", False
        self.loader: Loader | None = None
        self.progress = BuildProgress()
        self.staging = Staging()

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Stay alive over the rebuilds of `mkdocs serve`."""
        self.command, self.dirty = command, dirty
        # The usual thresholds have the collector walk the book and all pages again and again: a tenth of a build.
        gc.set_threshold(20_000, 20, 20)

    def on_shutdown(self) -> None:
        """Spare Python from walking the book and all pages when it ends, which took a sixth of a build after an edit."""
        gc.freeze()

    def _early(self, config: MkDocsConfig) -> MkDocsConfig:
        if not self.config.enabled:
            return config
        # The path is relative with `-f`, and there is none with `-f -`.
        self.root = Path(config.config_file_path).resolve().parent if config.config_file_path else Path.cwd()
        self.site_config = config
        with stopping("data_dir"):
            self.data = data_folder(self.root, self.config.data_dir)
        self.unprinted = 0  # warnings
        self.watched = () if self.config.at else watched(self.root, self.data)  # what was, stays
        self.surroundings = surroundings(self)  # before anything is read: what is saved from here on is a change
        self.book = self.load()
        self._add_assets(config)
        for path in self.watched:
            if str(path) not in config.watch:
                config.watch.append(str(path))  # a path that does not exist would end `mkdocs serve`
        if config.nav is not None:
            config.nav = expand(config.nav, NEWEST, self.newest(self.book))
        return config

    def newest(self, book: Book) -> list[str]:
        """Return the pages that replace `rounds/` in the `nav`."""
        return [links.ROUNDS, *(links.round_page(e.key) for e in book.newest_first[: self.config.nav_latest])]

    def load(self) -> Book:
        """Return the book as it is now, and log what is found in it."""
        book = self._load()
        for finding in book.findings:
            self._report(finding)
        return book

    def _load(self) -> Book:
        what = self.root, self.data, self.config.at
        if self.loader is None or (self.loader.root, self.loader.data, self.loader.at) != what:
            self.loader = Loader(*what, cache=self.root / FOLDER if self._may_keep() else None)
        with stopping("at"), self.progress.shown() as shown:
            return self.loader.load(shown)

    def _add_assets(self, config: MkDocsConfig) -> None:
        if THEME not in config.theme.dirs:
            config.theme.dirs.insert(1 if config.theme.custom_dir else 0, THEME)
        if CSS not in config.extra_css:
            config.extra_css[:0] = [CSS, COMMIT]  # first, so that the site's own styles win
        if not any(str(script) == SCRIPT for script in config.extra_javascript):
            script = ExtraScriptValue(SCRIPT)
            script.defer = True
            config.extra_javascript.append(script)
        if "attr_list" not in config.markdown_extensions:
            config.markdown_extensions.append("attr_list")  # for the anchors of headings
        config.markdown_extensions.append(ReadyHtml(lambda: self.rendered in self.made))  # type: ignore[arg-type]
        if self.config.references:
            config.markdown_extensions.append(References(self._refer))  # type: ignore[arg-type]  # autorefs does so too

    @event_priority(-50)  # after mkdocs-macros' own: registering earlier would leak into later builds of the process
    def _late(self, config: MkDocsConfig) -> MkDocsConfig:
        plugin: Any = config.plugins.get("macros")
        if not self.config.enabled:
            return config
        if plugin is None:
            LOG.info("mkdocs-macros is not in plugins:, so there are no macros in hand-written pages")
            return config
        style = self._folders(config)
        engine = MacroContext(self._book_of_page, lambda: style, self._report, lambda uri: self.bodies.get(uri, 0))
        made = macros(engine)
        taken = sorted({*plugin.variables, *plugin.macros} & {*made, "rounds"})
        if taken:
            raise PluginError(
                f"roundbook: {', '.join(taken)} already defined in mkdocs-macros (extra:, include_yaml, main.py)"
            )
        self.macros = frozenset(made)
        plugin.register_macros(made)
        plugin.register_variables({"rounds": rounds(self.book)})
        return config

    @event_priority(-1000)  # the last, so that others see the folder that MkDocs was given
    def _staged(self, config: MkDocsConfig) -> MkDocsConfig:
        return self.staging.begin(config) if self.config.enabled and not self.dirty else config

    on_config = CombinedEvent(_early, _late, _staged)

    def _folders(self, config: MkDocsConfig) -> Literal["directory", "file"]:
        return "directory" if config.use_directory_urls else "file"

    def on_pre_build(self, *, config: MkDocsConfig) -> None:
        """Find out whether files of the last build can be kept."""
        if not self._is_incremental(config):
            self.incremental = None
            return
        folder = self.loader.usable_cache(self.book.history) if self.loader else None
        path = folder / f"pages-{self.command}.sqlite" if folder else None
        if self.incremental is None or self.incremental.cache.path != path:  # there is one plugin for several projects
            self.incremental = Incremental(Cache(path, FORM))

    def _may_keep(self) -> bool:
        return self.config.cache is not False and os.environ.get(SWITCH) != "0"

    def _is_incremental(self, config: MkDocsConfig) -> bool:
        if self.dirty or not self.config.enabled or not self._may_keep():
            return False
        return bool(self.config.cache) or is_known(config)

    on_files = CombinedEvent(*map(navigation.adding_at, navigation.TIMES_OF_FILES))

    def add_pages(self, files: Files, config: MkDocsConfig) -> Files:
        """Add the generated pages and files; a hand-written page at the same address wins."""
        self.files, self.made = files, {}
        for finding in leading_out(files, config.docs_dir, self.root, self.book.history.prefix):
            self._report(finding)
        self.book = replace(self.book, backlinks=self.backlinks(self.book, files))
        if self.incremental:
            self.incremental.begin(self.book, *self.setup())
        outputs = self.page_outputs(self.book)
        self.page_names = outputs.keys()
        taken = {file.dest_uri: file.src_uri for file in files if file.inclusion != InclusionLevel.EXCLUDED}
        self.menu = menu(self.book)
        config.nav, log = expand_log(config.nav, self.menu, taken, language_folder(config))
        for page, made in self._items(outputs.items()):
            file = self._generated(config, page.uri, page.document(), made)
            # `changelog.md` has the address of `changelog/index.md`.
            if page.uri in files.src_uris or file.dest_uri in taken:
                LOG.info("%s is hand-written and replaces the generated page", taken.get(file.dest_uri, page.uri))
                continue
            file.inclusion = self._inclusion(page.uri, config)
            if page.source and not self.config.at:
                file.edit_uri = os.path.relpath(self.root / page.source, config.docs_dir).replace(os.sep, "/")
            files.append(file)
            self.made[page.uri] = page
        flatten(file for file in files if file.src_uri in self.made and file.src_uri in log)
        if not self._publication(config).top:
            LOG.info("mkdocs.yml has no site_url, so no feeds are written: a feed needs absolute addresses")
        assets = dict(self.asset_outputs(self.book))
        self.texts = frozenset(output.name for name, output in assets.items() if name.startswith("text "))
        self._add_files(self._items(assets.items()), config, files)
        self._add_files(navigation.scripts(language_folder(config), Path(THEME)), config, files)
        navigation.spare(config, files, self.made)
        return files

    def setup(self) -> tuple[Publication, bool, bool]:
        """Return what the generated pages and files depend on besides the book."""
        return self._publication(self.site_config), self.config.api, self.config.markdown

    def page_outputs(self, book: Book) -> dict[str, Output[Page]]:
        """Return what makes the pages of a book, by a name that no other file has."""
        return {"page " + one.name: one for one in page_outputs(book, self._folders(self.site_config))}

    def asset_outputs(self, book: Book) -> Iterator[tuple[str, Output[Asset]]]:
        """Yield what makes the generated files that are no pages, by a name that no other file has."""
        site, data, plain = self.setup()
        yield from (("file " + one.name, one) for one in file_outputs(book, site, data=data, plain=plain))
        for one in text_outputs(book, site) if plain else ():
            if one.name in self.made:
                yield "text " + one.name, one

    def _items(self, outputs: Iterable[tuple[str, Output[T]]]) -> Iterator[tuple[T, FileSource | None]]:
        """Yield the pages or files of some outputs, each with where an incremental build has it from."""
        for name, output in outputs:
            if self.incremental:
                made = self.incremental.make(name, output)
                yield from ((item, FileSource(name, item, digest)) for item, digest in made.items)
            else:
                yield from ((item, None) for item in output.make(self.book))

    def _generated(self, config: MkDocsConfig, uri: str, content: str, source: FileSource | None) -> File:
        kind = GeneratedFile if source else File
        file = kind.generated(config, uri, content=content, inclusion=InclusionLevel.NOT_IN_NAV)
        if isinstance(file, GeneratedFile) and source:
            file.source = source
        file.dest_uri = language_folder(config) + file.dest_uri
        return file

    def _add_files(self, assets: Iterable[tuple[Asset, FileSource | None]], config: MkDocsConfig, files: Files) -> None:
        taken = {file.dest_uri for file in files}
        for asset, source in assets:
            uri = language_folder(config) + asset.uri
            if uri in taken:
                LOG.info("%s is hand-written and replaces the generated file", asset.uri)
                continue
            name = f"{asset.uri}.txt" if asset.uri.endswith(".md") else asset.uri  # else MkDocs would make a page of it
            file = self._generated(config, name, asset.text, source)
            file.dest_uri = uri
            files.append(file)

    def _publication(self, config: MkDocsConfig) -> Publication:
        about = config.site_description or ""
        return Publication(config.site_url or "", config.site_name, about, self._folders(config))

    def backlinks(self, book: Book, files: Files) -> dict[str, tuple[Backlink, ...]]:
        """Return what the hand-written pages refer to in a book."""
        own = ((f.src_uri, f.content_string) for f in navigation.own_pages(files, self.site_config))
        found = backlinked(book, own, brackets=self.config.references)
        return navigation.located(found, files, self._folders(self.site_config), language_folder(self.site_config))

    def _inclusion(self, uri: str, config: MkDocsConfig) -> InclusionLevel:
        # A navigation with a thousand rounds is written into a thousand pages.
        shown = uri in self.menu.all if config.nav is None else names_page(config.nav, uri)
        return InclusionLevel.INCLUDED if shown else InclusionLevel.NOT_IN_NAV

    @event_priority(-50)
    def on_nav(self, nav: Navigation, /, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Gather the generated pages, and give those outside the navigation their neighbours and the section of their index."""
        self.progress.begin(len(files.documentation_pages()))
        if self.config.enabled and config.nav is None and self.config.project_log:
            gather(nav, files, self.menu, self.made, self.config.project_log)
        self.link_neighbours(files)
        self.nav = nav
        self.search.begin(records(files, self.root, self.book), config)
        if self.incremental:
            for page in self.incremental.defer(files):
                self.on_pre_page(page, config=config, files=files)
        return nav

    def link_neighbours(self, files: Files, made: Mapping[str, Page] | None = None) -> None:
        """Set the pages before, after and above each generated page, or some of them."""
        for uri, page in (made or self.made).items():
            own = site_page(files, uri)
            if own is None:
                continue
            if page.previous or page.next:  # the menu lists the newest first, so its order is another one
                own.previous_page = site_page(files, page.previous) if page.previous else None
                own.next_page = site_page(files, page.next) if page.next else None
            index = site_page(files, page.crumbs[0][0]) if page.crumbs else None
            if own.parent is None and index is not None:
                own.parent = index.parent

    def on_env(self, env: Environment, /, *, config: MkDocsConfig, files: Files) -> Environment:
        """Keep the pages for which nothing changed: now the titles of all pages are known."""
        self.env = env
        keep_compiled(env)
        if self.incremental:
            self.incremental.keep(self.nav, files, config, self.texts, self.staging.published)
        return env

    @event_priority(-100)  # after search
    def on_page_context(
        self, context: TemplateContext, /, *, page: SitePage, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """Give the search what it is to find of a page."""
        self.search.note(page.file.src_uri, self.made, page.url, config)
        return context

    def on_template_context(
        self, context: TemplateContext, /, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """Give templates such as the sitemap all pages, also those that MkDocs does not render."""
        if self.incremental:
            context["pages"] = all_pages(self.files)
        return context

    @event_priority(100)  # before search
    def _complete(self, *, config: MkDocsConfig) -> None:
        self.progress.end()
        if config.strict and self.unprinted:  # MkDocs counts what it prints, which with `--quiet` is errors only
            raise PluginError(f"roundbook: {plural(self.unprinted, 'warning')}; build without --quiet to read them")
        if self.incremental:
            self.search.fill(all_pages(self.files), self.made, config)
            self.incremental.finish(self.files, config)

    @event_priority(-1000)  # when all others have written
    def _publish(self, *, config: MkDocsConfig) -> None:
        self.staging.publish(self.files if self.config.enabled else ())

    on_post_build = CombinedEvent(_complete, _publish)

    def on_build_error(self, *, error: Exception) -> None:
        """End the line that shows progress, and leave the last site as it is."""
        self.progress.end()
        self.staging.discard()

    def on_serve(
        self, server: LiveReloadServer, /, *, config: MkDocsConfig, builder: Callable[[], None]
    ) -> LiveReloadServer:
        """Have a save of data update the site instead of building it, and data that has gone and come back be watched again."""
        if self.config.enabled and not self.config.at:
            Returning(server, (self.root / self.data, *self.watched))
            Alert(server, [path for path in (Path(config.docs_dir), *self.watched) if path.is_dir()])
        if self.incremental and self.command == "serve":
            live = server.builder = Live(self, builder, server)
            server.set_app(live.answering(cast("WSGIApplication", server.get_app())))
        return server

    @event_priority(100)
    def on_page_markdown(self, markdown: str, /, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
        """Remember how many lines of front matter a page has, for the line numbers of warnings."""
        whole = page.file.content_string if page.file.src_uri not in self.made else ""
        self.bodies[page.file.src_uri] = whole.count("\n") - markdown.count("\n") if whole.endswith(markdown) else 0
        self.rendered, self.asked = page.file.src_uri, Counter()
        if (made := self.made.get(page.file.src_uri)) and made.day and "git-revision-date-localized" in config.plugins:
            page.meta["git_revision_date_localized"] = made.day  # which the plugin would take from a file
        self.progress.step("reading pages")
        self.page_reads[self.rendered] = set()
        self.referring.discard(self.rendered)
        return markdown

    def _book_of_page(self) -> Book:
        """Return the book for a macro in the page that is being rendered."""
        return recorded(self.book, self.page_reads[self.rendered])

    @event_priority(-50)
    def on_page_content(self, html: str, /, *, page: SitePage, config: MkDocsConfig, files: Files) -> str:
        """Put the status of a decision record, and the way to its page, below the title of the page that is its file."""
        if page.file.src_uri in self.made:  # MkDocs has not seen the anchors of its HTML
            page.present_anchor_ids = {*(page.present_anchor_ids or ()), *anchors(html)}
            page.meta["search"] = {"exclude": True}  # the plugin would parse it, and `SearchEntries` does without
        if not self.config.enabled or page.file.src_uri in self.made or not page.file.abs_src_path:
            return html
        path = os.path.relpath(page.file.abs_src_path, self.root).replace(os.sep, "/")
        return headed(html, self.book, Here(page.file.src_uri, self._folders(config)), path)

    def _refer(self, text: str) -> tuple[str, str, str] | None:
        """Return the address, words and title of a reference in the page that is being rendered."""
        if self.rendered in self.made:
            return None
        self.referring.add(self.rendered)
        found = resolve(self.book, text)
        if len(found) == 1:
            here = Here(self.rendered, "markdown")
            return here.to(found[0].uri, found[0].anchor) or "", found[0].shown, found[0].tip
        self.asked[text] += 1
        for finding in unresolved(self.book, text, found).findings:
            self._report(replace(finding, place=self._place(text, self.asked[text])))
        return None

    def _place(self, text: str, nth: int) -> Place:
        """Return the place where a reference occurs for the `nth` time in the file of the page that is being rendered."""
        file = self.files.get_file_from_path(self.rendered)
        lines = [w.line for w in references(file.content_string) if w.text == text] if file else []
        return Place(self.rendered, lines[min(nth, len(lines)) - 1], 1) if lines else Place(self.rendered)

    def _post_page(self, output: str, /, *, page: SitePage, config: MkDocsConfig) -> str:
        """Put feeds, and what previews of links show, into the head of a generated page; of the home page the feeds."""
        made = self.made.get(page.file.src_uri)
        if made:
            output = framed(output, made, config.site_name, page.canonical_url or "")
        if self.config.enabled and self.config.card and config.site_url:
            output = insert(output, card(config.site_url, self.config.card), unless="og:image")
        if made or (page.is_homepage and self.config.enabled):
            output = insert(output, alternates(self._publication(config), page.file.src_uri, self.texts), unless="")
        return output

    @event_priority(-100)  # what is written
    def _noted_page(self, output: str, /, *, page: SitePage, config: MkDocsConfig) -> str:
        self.progress.step("writing pages")
        if page.file.src_uri in self.made and (finding := heavy(page.file.src_uri, output)):
            self._report(finding)
        if self.incremental:
            self.incremental.note_html(page, output)
        return output

    on_post_page = CombinedEvent(_post_page, _noted_page)

    def on_post_template(self, output_content: str, /, *, template_name: str, config: MkDocsConfig) -> str:
        """Offer `/go/` on the page that says that there is none; its links count from the top, as it has no address."""
        if template_name != "404.html" or not self.config.enabled:
            return output_content
        top = urlsplit(config.site_url or "/").path.rstrip("/")
        address = top + "/" + Here("index.md", self._folders(config)).from_top(links.GO)
        head, end, rest = output_content.partition("</h1>")
        return f"{head}{end}{offer(address)}{rest}" if end else output_content

    def on_pre_page(self, page: SitePage, /, *, config: MkDocsConfig, files: Files) -> SitePage:
        """Give a generated page the day of its content, and a pencil that opens its round file."""
        made = self.made.get(page.file.src_uri)
        if made is None:
            return page
        if made.day:
            page.update_date = made.day
        if made.source and page.edit_url is None and self.book.forge and not self.config.at:
            page.edit_url = self.book.forge.edit(self.book.history.prefix + made.source)
        return page

    def _report(self, finding: Finding) -> None:
        level = _LEVELS[finding.severity]
        self.unprinted += level == logging.WARNING and not LOG.logger.isEnabledFor(level)
        LOG.log(level, "%s", safe(str(finding)))
