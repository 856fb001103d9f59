"""Builds of a site that make again only what changed.

MkDocs renders every page at every build. A page that the plugin generated in the last build, and for which nothing changed,
is kept instead: its file in the last site is linked into the new one, and MkDocs is told that it is no page.

    on_files        outputs whose reads did not change are not made again                    `begin`, `make`
    on_nav          MkDocs need not render the pages among them                              `defer`
    on_env          pages whose frame did not change are kept, the others rendered           `keep`
    on_post_page    the HTML of each page is noted                                           `note_html`
    on_post_build   the sitemap gets the kept pages; all is remembered                       `finish`

The frame of a page is all that its HTML depends on besides its own content: see `frame`.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from mkdocs.commands.build import _populate_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as SitePage
from mkdocs.utils import get_build_timestamp

from roundbook.book.model import Book
from roundbook.cache import Cache
from roundbook.engines.frame import code, facts, frame
from roundbook.engines.staging import link
from roundbook.frozen import frozen
from roundbook.site.links import Asset, Output, Page, T
from roundbook.site.memory import Between, ChangesByDigest, Made, Memory, make
from roundbook.site.reads import Digests, text_digest

FORM = "pages 5"
AT_ONCE = 100  # files that are read from the cache at a time
LOG = get_plugin_logger(__name__)


@frozen
class FileSource:
    """Where a generated file comes from: the name of its output, the page or asset, and the digest of that.

    The item has no text if it is as it was in the last build.
    """

    output: str
    item: Page | Asset
    digest: str


class GeneratedFile(File):
    """A page or file that the plugin generates; one that is `kept` MkDocs neither renders nor writes."""

    kept = False
    source: FileSource

    def is_documentation_page(self) -> bool:
        """Tell whether MkDocs is to render it."""
        return not self.kept and super().is_documentation_page()

    def copy_file(self, dirty: bool = False) -> None:
        """Write a file that is no page."""
        if not self.kept:
            super().copy_file(dirty)


@frozen
class Stored:
    """What is remembered of one file of the site.

    `key` is a digest of all that it depends on; `size` and `mtime` (in ns) tell whether the file is still as it was written.
    `anchors` are the anchors of a page.
    """

    key: str
    size: int = -1
    mtime: int = 0
    anchors: tuple[str, ...] = ()


class Incremental:
    """One build after another of one site. What is remembered is also in `cache`, for the next process."""

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.memory = Memory()
        self.book: Book | None = None
        self.last: Book | None = None  # that `memory` is of, if it was made in this process
        self.late: set[str] = set()  # outputs whose memory is older
        self.setup = self.frame = ""
        self.stored: dict[str, Stored] = {}
        self.outputs: dict[str, Output[Any]] = {}
        self.html: dict[str, str] = {}
        self._load()

    def _load(self) -> None:
        found = self.cache.get(["memory", "files"])
        try:
            whole = json.loads(found["files"])
            memory, setup = Memory.parse(found["memory"], self.cache.get), str(whole["setup"])
            stored = {
                str(dest): Stored(str(key), int(size), int(mtime), tuple(anchors))
                for dest, (key, size, mtime, anchors) in whole["files"].items()
            }
        except (LookupError, TypeError, ValueError):
            return
        self.memory, self.setup, self.stored = memory, setup, stored

    def begin(self, book: Book, *setup: object) -> None:
        """Find out what has changed; `setup` is what outputs depend on besides the book."""
        current = text_digest(repr((code(), *setup)))
        if current != self.setup:
            self.memory, self.setup, self.last = Memory(), current, None
        self.book, self.digests = book, Digests(book)
        if self.last is not None:
            self.changes: Between | ChangesByDigest = Between(self.last, book, self.memory.digests)
        else:
            self.changes = ChangesByDigest(self.memory, self.digests)
        self.readers = self.memory.readers(self.changes)
        if self.memory.damaged:
            self.memory = Memory()
        self.made: dict[str, Made[Any]] = {}
        self.outputs, self.html = {}, {}

    def make(self, name: str, output: Output[T]) -> Made[T]:
        """Return what an output gives; what it gave the last time, without the texts, where nothing it read has changed."""
        if not self.carry_over(name, output):
            made, last = make(output, self._the_book()), self.memory.made.get(name)
            same = last is not None and [digest for _, digest in last.items] == [digest for _, digest in made.items]
            self.made[name] = made.bare() if same else made
        return self.made[name]

    def carry_over(self, name: str, output: Output[Any]) -> bool:
        """Take over what an output gave the last time, and tell whether that is still so."""
        self.outputs[name] = output
        made = self.memory.made.get(name)
        if made is not None:
            self.made[name] = made
        return made is not None and name not in self.late and name not in self.readers

    def _the_book(self) -> Book:
        if self.book is None:
            raise RuntimeError("the build has not begun")
        return self.book

    def defer(self, files: Files) -> Iterator[SitePage]:
        """Have MkDocs pass over the pages that may be kept, and yield them; `keep` decides when the frame is known."""
        for file in generated(files):
            if self.made[file.source.output].kept and isinstance(file.source.item, Page) and file.page is not None:
                file.kept, page = True, file.page
                page.markdown, page.content, page.meta = "", "", file.source.item.meta
                yield page

    def keep(
        self, nav: Navigation, files: Files, config: MkDocsConfig, texts: frozenset[str], site: Path | None
    ) -> None:
        """Keep the files for which nothing changed, and have the others rendered; `site` is the folder of the last build."""
        self.frame = frame(nav, config)
        keys = {file.dest_uri: self.key(file, texts) for file in generated(files)}
        lasts = ((file, self.stored.get(file.dest_uri)) for file in generated(files))
        same = [(file, last) for file, last in lasts if last and last.key == keys[file.dest_uri]]
        kept = dict(self._kept(same, site))
        for file in generated(files):
            now = kept.get(file.dest_uri)
            self.stored[file.dest_uri], file.kept = now or Stored(keys[file.dest_uri]), now is not None
            if now is None:
                self._remake(file, config, files)
            elif file.page is not None:
                file.page.present_anchor_ids = set(now.anchors)
        pages = [file.kept for file in generated(files) if file.page is not None]
        LOG.debug("%d generated pages are made, %d kept from the last build", len(pages) - sum(pages), sum(pages))

    def key(self, file: GeneratedFile, texts: frozenset[str]) -> str:
        """Return a digest of all that a file depends on; `texts` are the pages with their text beside them."""
        if isinstance(file.source.item, Asset):
            return file.source.digest
        return text_digest(repr((file.source.digest, self.frame, facts(file.page), file.src_uri in texts)))

    def _kept(self, same: Iterable[tuple[GeneratedFile, Stored]], site: Path | None) -> Iterator[tuple[str, Stored]]:
        """Yield the files that the last site has as they were written, and those that were written from the cache."""
        missing: list[tuple[GeneratedFile, Stored]] = []
        folders: set[str] = set()
        for file, last in same:
            folder = file.dest_uri.rpartition("/")[0]
            if folder not in folders:
                os.makedirs(f"{file.dest_dir}/{folder}", exist_ok=True)  # noqa: PTH103 - quicker than a `Path`
                folders.add(folder)
            if site and signature(source := f"{site}/{file.dest_uri}") == (last.size, last.mtime):
                link(source, str(file.abs_dest_path))
                yield file.dest_uri, last
            else:
                missing.append((file, last))
        for at in range(0, len(missing), AT_ONCE):
            some = missing[at : at + AT_ONCE]
            found = self.cache.get(f"file {file.dest_uri}" for file, _ in some)
            for file, last in some:
                key, _, content = found.get(f"file {file.dest_uri}", b"").partition(b"\n")
                if key.decode("latin-1") == last.key:  # else another process has built another site since
                    Path(str(file.abs_dest_path)).write_bytes(zlib.decompress(content))
                    size, mtime = signature(str(file.abs_dest_path))
                    yield file.dest_uri, replace(last, size=size, mtime=mtime)

    def _remake(self, file: GeneratedFile, config: MkDocsConfig, files: Files) -> None:
        """Give a file its text if it has none, and have MkDocs render it if it was passed over."""
        if not self.made[file.source.output].kept:
            return
        self._give_text(file)
        if file.page is not None:
            _populate_page(file.page, config, files)

    def _give_text(self, file: GeneratedFile) -> None:
        item = file.source.item
        if not item.text:
            items = make(self.outputs[file.source.output], self._the_book()).items
            item = next(one for one, _ in items if one.uri == item.uri)
        file.source = replace(file.source, item=item)
        file.content_string = item.document() if isinstance(item, Page) else item.text

    def note_html(self, page: SitePage, output: str) -> None:
        """Note the HTML of a generated page as it is written."""
        if isinstance(page.file, GeneratedFile):
            self.html[page.file.dest_uri] = output

    def finish(self, files: Files, config: MkDocsConfig) -> None:
        """Complete the sitemap, and remember the build."""
        zip_sitemap(config, all_pages(files))
        self._save(files)

    def note(self, file: GeneratedFile) -> None:
        """Remember a file that was written."""
        dest = file.dest_uri
        anchors = (file.page and file.page.present_anchor_ids) or ()
        size, mtime = signature(str(file.abs_dest_path))
        self.stored[dest] = Stored(self.stored[dest].key, size, mtime, tuple(sorted(anchors)))

    # -------------------------------------------------------------------------------------- updates between two builds

    def remember(self, late: Iterable[str]) -> None:
        """Take what was made for the memory of the book; `late` are the outputs that are still to be made."""
        self.memory.follow(self.changes.parts, self.made.keys())
        self.memory.take(self.made)
        self.last, self.late = self.book, {*late}

    def renew(self, file: GeneratedFile, texts: frozenset[str]) -> bool:
        """Give a page its new text if anything that it depends on has changed, and tell whether that is so."""
        key = self.key(file, texts)
        if self.stored[file.dest_uri].key == key:
            return False
        self.stored[file.dest_uri] = Stored(key)
        file.kept = False
        self._give_text(file)
        return True

    def catch_up(self, name: str, output: Output[T]) -> tuple[tuple[tuple[T, str], ...], set[str]]:
        """Make an output that is late; return its pages or files with their digests, and the addresses of the last ones."""
        made, last = make(output, self._the_book()), self.memory.made.get(name)
        self.memory.take({name: made})
        self.late.discard(name)
        return made.items, {item.uri for item, _ in last.items} if last else set()

    def is_new(self, uri: str, digest: str) -> bool:
        """Tell whether a file that is no page differs from the last one at its address, and remember that it is written."""
        if uri in self.stored and self.stored[uri].key == digest:
            return False
        self.stored[uri] = Stored(digest)
        return True

    def _save(self, files: Files) -> None:
        contents: dict[str, bytes] = {}
        for file in generated(files):
            if not file.kept:
                self.note(file)
                item, dest = file.source.item, file.dest_uri
                text = self.html[dest] if isinstance(item, Page) else item.text
                packed = zlib.compress(text.encode("utf-8", "xmlcharrefreplace"), 1)
                contents[f"file {dest}"] = self.stored[dest].key.encode() + b"\n" + packed
        living = {file.dest_uri for file in generated(files)}
        gone = [f"file {dest}" for dest in self.stored if dest not in living]
        self.stored = {dest: one for dest, one in self.stored.items() if dest in living}
        self.remember(())
        contents |= self.memory.rows(self.digests)
        rows = {dest: (s.key, s.size, s.mtime, s.anchors) for dest, s in sorted(self.stored.items())}
        contents["files"] = json.dumps({"setup": self.setup, "files": rows}).encode()
        self.cache.put(contents, gone)


def delete(site: Path, paths: Iterable[str]) -> None:
    """Delete files of the last build, and the folders that have none left."""
    folders: set[Path] = set()
    for path in paths:
        (site / path).unlink(missing_ok=True)
        folders.update((site / path).parents)
    for folder in sorted(folders - {site, *site.parents}, key=lambda one: len(one.parts), reverse=True):
        with suppress(OSError):  # it has other files
            folder.rmdir()


def all_pages(files: Iterable[File]) -> list[File]:
    """Return the pages of a site, with those that are kept."""
    return [f for f in files if f.inclusion != InclusionLevel.EXCLUDED and File.is_documentation_page(f)]


def generated(files: Iterable[File]) -> Iterator[GeneratedFile]:
    """Yield the files that the plugin generates."""
    return (file for file in files if isinstance(file, GeneratedFile))


def signature(path: Path | str) -> tuple[int, int]:
    """Return the size of a file and the time of its last change; of none -1."""
    try:
        found = os.lstat(path)
    except OSError:
        return -1, -1
    return found.st_size, found.st_mtime_ns


def zip_sitemap(config: MkDocsConfig, pages: Iterable[File]) -> None:
    """Compress the sitemap anew."""
    # MkDocs takes the time from the pages that it rendered itself.
    path = Path(config.site_dir, "sitemap.xml")
    zipped = path.with_name("sitemap.xml.gz")
    if path.is_file() and zipped.is_file():
        time = get_build_timestamp(pages=[file.page for file in pages if file.page is not None])
        with zipped.open("wb") as file, gzip.GzipFile(str(zipped), "wb", fileobj=file, mtime=time) as stream:
            stream.write(path.read_bytes())
