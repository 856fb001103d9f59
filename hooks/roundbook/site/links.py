"""Addresses of pages, and links from one page to another."""

from __future__ import annotations

import datetime as dt
import html
import json
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

from roundbook.book.model import Book
from roundbook.frozen import frozen
from roundbook.schema.dates import Moment
from roundbook.schema.ids import is_phase, person
from roundbook.site.escape import address, clean, cut, title

ROUNDS = "rounds/index.md"
DECISIONS = "decisions/index.md"
CHANGELOG = "changelog/index.md"
CHANGELOG_BY_ROUND = "changelog/rounds.md"
COMMITS = "commits/index.md"
OPEN_ITEMS = "open-items/index.md"
REPOSITORIES = "repositories/index.md"
LOG = "repositories/log.md"
EVIDENCE = "evidence/index.md"
FILES = "files/index.md"
ACTIVITY = "activity/index.md"
METRICS = "metrics/index.md"
GO = "go/index.md"
# Former addresses of pages, which redirect to those of today.
MOVED = {"threads/index.md": (OPEN_ITEMS, "Open items"), "governs/index.md": (FILES, "Decisions by file")}


def round_page(key: str) -> str:
    """Return the page of the round `3/4`, or of the phase `3/`."""
    return f"rounds/{key}index.md" if is_phase(key) else f"rounds/{key}.md"


def phase_page(phase: str) -> str:
    """Return the page of a phase."""
    return round_page(f"{phase}/")


def decision(name: str) -> str:
    """Return the page of a decision."""
    return f"decisions/{name}.md"


def release(version: str) -> str:
    """Return the page of a version; what a file name cannot hold becomes `-`."""
    return "changelog/" + "".join(c if c.isalnum() or c in "._+-" else "-" for c in version) + ".md"


def entry(round_key: str) -> str:
    """Return the page that shows an entry of the changelog: that of its round, or the changelog where it has none."""
    return round_page(round_key) if round_key else CHANGELOG


def month(name: str) -> str:
    """Return the page of the commits of a month, `2026-02`, or of a part of them, `2026-02-2`."""
    return f"commits/{name}.md"


def part(home: str, name: str, number: int) -> str:
    """Return a further page of a list: `rounds/3/4/commits/2.md` of the list `commits` of `rounds/3/4.md`."""
    return f"{home.removesuffix('/index.md').removesuffix('.md')}/{name}/{number}.md"


def pull_anchor(number: int) -> str:
    """Return the anchor of a pull request on the page of a round."""
    return f"pull-{number}"


def commit_anchor(commit_id: str) -> str:
    """Return the anchor of a commit on a page."""
    return f"c-{commit_id[:12]}"


UrlStyle = Literal["directory", "file", "markdown"]


@frozen
class Here:
    """The page at `uri` (`rounds/3/4.md`), from which links are made; they are relative, so the site may be published anywhere.

    `style` says how the site names its pages: `directory` (`rounds/3/4/`), `file` (`rounds/3/4.html`) or `markdown` (the
    source files themselves). `pages` holds the pages that exist, or `None` where all generated pages do.
    """

    uri: str
    style: UrlStyle = "directory"
    pages: Collection[str] | None = None

    def to(self, uri: str, anchor: str = "", address: str = "") -> str | None:
        """Return the address of another page from here, or `None` where that page does not exist.

        `address` is where the site has it, encoded, if that does not follow from `uri`.
        """
        if self.pages is not None and uri not in self.pages:
            return None
        mark = f"#{quote(anchor)}" if anchor else ""
        if uri == self.uri and anchor:
            return mark
        return (self._way(address) if address else quote(self._way(self._address(uri)))) + mark

    def beside(self, other: Here, url: str) -> str:
        """Return from here the relative address that `url` is on another page."""
        folder = posixpath.dirname(self._address(self.uri))
        target = posixpath.normpath(posixpath.join("/", posixpath.dirname(other._address(other.uri)), url))
        path = posixpath.relpath(target, f"/{folder}")
        return f"{path}/" if url.endswith("/") else path

    def from_top(self, uri: str, anchor: str = "") -> str:
        """Return the address of a page from the top of the site, `rounds/3/4/#goal-ada`."""
        return quote(self._address(uri)) + (f"#{quote(anchor)}" if anchor else "")

    def file(self) -> str:
        """Return the path of this page's HTML in the site."""
        address = self._address(self.uri)
        return f"{address}index.html" if address.endswith("/") or not address else address

    def _way(self, target: str) -> str:
        # `posixpath.relpath` took a tenth of the time in which all pages of a book are made.
        above, below = _folders(posixpath.dirname(self._address(self.uri))), _folders(target)
        common = next(
            (i for i, (a, b) in enumerate(zip(above, below, strict=False)) if a != b), min(len(above), len(below))
        )
        path = "/".join((*(("..",) * (len(above) - common)), *below[common:])) or "."
        return path if target and not target.endswith("/") else f"{path}/"

    def _address(self, uri: str) -> str:
        """Return the address of a page from the top of the site; that of a folder ends with `/`."""
        if self.style == "markdown" or not uri.endswith(".md"):
            return uri
        stem = uri.removesuffix(".md")
        folder, slash, name = stem.rpartition("/")
        if name.lower() in ("index", "readme"):
            return folder + slash if self.style == "directory" else f"{folder}{slash}index.html"
        return f"{stem}/" if self.style == "directory" else f"{stem}.html"


@lru_cache(10_000)
def _folders(path: str) -> tuple[str, ...]:
    """Return the parts of a path from the top of the site."""
    return tuple(filter(None, posixpath.normpath(f"/{path}").split("/")))


_WEB = re.compile(r"https?://[^\s/?#@\\]+(?:/[^\s?#]*)?")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A page may put the data into a script element: nothing in it may end one, begin one, or end a line of a script.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


@frozen
class Publication:
    """Where a site is published: `url` is empty where that is not known; `style` says how the site names its pages."""

    url: str = ""
    name: str = ""
    description: str = ""
    style: Literal["directory", "file"] = "directory"

    @property
    def top(self) -> str:
        """Return the address of the site, ending with `/`; empty where it is not known, or is none of the web."""
        return address(self.url).replace("&amp;", "&").rstrip("/") + "/" if _WEB.fullmatch(self.url) else ""

    @property
    def title(self) -> str:
        """Return the name of the site, or a default."""
        return " ".join(clean(self.name).split()) or "roundbook"

    def at(self, uri: str, anchor: str = "") -> str:
        """Return the address of a page or file: whole where the site's is known, else from the top of the site."""
        return self.top + Here("index.md", self.style).from_top(uri, anchor)

    def file(self, path: str) -> str:
        """Return the address of a file by the very path that it has in the site."""
        return self.top + quote(path)

    def permalink(self, uri: str, anchor: str = "") -> str:
        """Return what names a page for good, in whatever way the site names its pages today."""
        return self.top + Here("index.md").from_top(uri, anchor)


def instant(moment: Moment | None) -> str:
    """Return a moment as RFC 3339 has it, in UTC, so that texts sort as the times do; empty where it is not known.

    Source: https://www.rfc-editor.org/rfc/rfc3339
    """
    if moment is None or not moment.known:
        return ""
    return dt.datetime.fromtimestamp(moment.seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight(day: str) -> str:
    """Return the beginning of a day `YYYY-MM-DD` as RFC 3339 has it; empty for no day."""
    return f"{day[:10]}T00:00:00Z" if day else ""


def named(name: str) -> str:
    """Return the name of a person without a mail address; of a mail address alone, the part before the `@`."""
    return person(clean(name))


def xml(text: str) -> str:
    """Return text for XML 1.0, between tags or in an attribute; characters that XML cannot hold become U+FFFD."""
    return html.escape(clean(text))


def lines_of(head: Mapping[str, Any], name: str, things: Mapping[str, Any]) -> str:
    """Return an object of JSON with the keys of `head`, and under `name` the things, each on a line of its own."""
    before = "".join(f"{_json(key)}:{_json(value)},\n" for key, value in head.items())
    rows = ",\n".join(f"{_json(key)}:{_json(value)}" for key, value in things.items())
    return f"{{\n{before}{_json(name)}:{{\n{rows}\n}}}}\n" if things else f"{{\n{before}{_json(name)}:{{}}}}\n"


def json_text(value: Any) -> str:
    """Return a value as JSON that is safe in a script element of a page."""
    return _json(value, indent=1) + "\n"


def _json(value: Any, indent: int | None = None) -> str:
    separators = (",", ": ") if indent else (",", ":")
    made = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    return _SURROGATE.sub("\ufffd", made).translate(_ESCAPES)


@frozen
class Asset:
    """A generated file that is no page of Markdown: `uri` is its path in the site."""

    uri: str
    text: str


@frozen
class Page:
    """A generated page: `uri` is its source address, `text` its Markdown without front matter.

    `source` is the file of the project that it is edited in, `day` the day of its newest content (`YYYY-MM-DD` or empty),
    `crumbs` the pages above it as (uri, title), `previous` and `next` its neighbours. `searched` says whether a search
    should read its text. What it finds is the title, the `names` that somebody may know it by, and `words` or the
    description. A `wide` one is a table, and has no table of contents beside it in a theme that can hide it.
    """

    uri: str
    title: str
    text: str
    description: str = ""
    source: str = ""
    day: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    previous: str | None = None
    next: str | None = None
    searched: bool = True
    names: tuple[str, ...] = ()
    words: str = ""
    wide: bool = False

    @property
    def meta(self) -> dict[str, Any]:
        """Return the front matter. Templates are off, since the text is not ours alone.

        The title is in it, encoded: themes print it raw in more places than one, and take the heading for it where there is
        none.
        """
        meta: dict[str, Any] = {"title": title(self.title), "render_macros": False}
        if self.description:
            meta["description"] = title(cut(self.description, 300))
        if not self.searched:
            meta["search"] = {"exclude": True}
        if self.wide:
            meta["hide"] = ["toc"]
        return meta

    def document(self) -> str:
        """Return the Markdown file: front matter, then the text."""
        lines = "".join(f"{key}: {_scalar(value)}\n" for key, value in self.meta.items())
        return f"---\n{lines}---\n\n{self.text}"


def _scalar(value: object) -> str:
    r"""Return a value in the notation of YAML, in ASCII.

    JSON is YAML but for characters beyond U+FFFF: it has two escapes for one, which YAML has as `\U0001f38a`.
    """
    return json.dumps(value, ensure_ascii=False).encode("ascii", "backslashreplace").decode("ascii")


T = TypeVar("T", bound=Page | Asset)


@frozen
class Output(Generic[T]):
    """Pages or files of the site that are made together: a name that stays the same, and what makes them of a book."""

    name: str
    make: Callable[[Book], Iterable[T]]
