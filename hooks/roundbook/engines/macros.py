"""The macros for MkDocs and for mkdocs-macros."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from types import FrameType
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.cache import FOLDER, SWITCH
from roundbook.errors import Finding, Place, RoundbookError
from roundbook.frozen import frozen
from roundbook.project import fingerprint, load
from roundbook.site import views as _views
from roundbook.site.api import rounds
from roundbook.site.escape import encode, spell
from roundbook.site.indexes import FRONT_PAGES
from roundbook.site.links import Here, UrlStyle
from roundbook.site.registry import VIEWS, show
from roundbook.terminal import safe

assert _views  # noqa: S101 - importing the package fills the registry
FORMER = {
    "round_threads": "round_open_items",
    "round_governs": "round_files",
    "round_verdicts": "round_results",
}
Report = Callable[[Finding], None]


@frozen
class MacroContext:
    """What macros need from their engine: the book, how pages are named, and where warnings go.

    `offset` gives the number of lines of front matter of a page, which the template engine never sees.
    """

    book: Callable[[], Book]
    style: Callable[[], UrlStyle]
    report: Report
    offset: Callable[[str], int] = lambda _uri: 0
    pages: Callable[[], Collection[str] | None] = lambda: None


def macros(engine: MacroContext) -> dict[str, Callable[..., str]]:
    """Return every view as a macro, by the name that it has and those that it had."""
    return {old: _macro(name, engine) for old, name in [*FORMER.items(), *zip(VIEWS, VIEWS, strict=True)]}


def _macro(name: str, engine: MacroContext) -> Callable[..., str]:
    @pass_context
    def macro(context: Context, *args: Any, **kwargs: Any) -> str:
        uri = _uri(context.get("page"))
        try:
            made = show(name, engine.book(), Here(uri, engine.style(), engine.pages()), *args, **kwargs)
        except RoundbookError as error:
            return str(_refused(error, uri, engine))
        return str(made)

    macro.__name__ = name
    macro.__doc__ = VIEWS[name].documentation
    return macro


def _refused(error: RoundbookError, uri: str, engine: MacroContext) -> Markup:
    line, included = _template_line()
    for finding in error.findings:
        place = Place(included or uri, line + (0 if included else engine.offset(uri)), 1) if line else Place(uri)
        engine.report(Finding("warning", finding.slug, finding.message, place, finding.fix))
    words = "; ".join(f.message for f in error.findings)
    return Markup('<span class="rb-error" role="note">') + spell(encode(words)) + Markup("</span>")


def _uri(page: Any) -> str:
    """Return the source address of the page: MkDocs has it in `page.file`, Zensical in `page.path`."""
    file = getattr(page, "file", None)
    return str(file.src_uri if file is not None else getattr(page, "path", "index.md"))


def _template_line() -> tuple[int, str | None]:
    """Return the line of the template that is being rendered, and the file it includes where it is in one.

    Jinja keeps the template in the globals of its compiled code, so the frames above lead to the line.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            included = template.filename if template.filename not in (None, "<template>") else None
            return int(template.get_corresponding_lineno(frame.f_lineno)), included
        frame = frame.f_back
    return 0, None


LOG = logging.getLogger("mkdocs.plugins.roundbook")
_FOLDERS = dict.fromkeys(index.uri.partition("/")[0] for index in FRONT_PAGES)
_LEVELS = {"error": logging.ERROR, "warning": logging.WARNING, "info": logging.INFO}
_BOOKS: dict[Path, tuple[object, Book]] = {}


def define_env(env: Any) -> None:
    """Register every view as a macro, and the rounds as the variable `rounds`.

    Where the plugin is not used, its pages are not made, so links are made only to pages that the site itself has (for
    example written by `roundbook export`); all else stays text.
    """
    conf = getattr(env, "conf", None) or {}
    plugins = conf.get("plugins") or {}
    if "roundbook" in plugins:
        return  # the plugin registers them itself
    root = Path(getattr(env, "project_dir", None) or ".").resolve()
    book = _book(root)
    extensions = conf.get("markdown_extensions")
    if isinstance(extensions, list) and "attr_list" not in extensions:
        extensions.append("attr_list")  # or the anchors of headings would be shown as text
    pages = _pages(Path(conf.get("docs_dir") or root / "docs"))
    style: UrlStyle = "directory" if conf.get("use_directory_urls", True) else "file"
    engine = MacroContext(lambda: book, lambda: style, _report, pages=lambda: pages)
    for name, macro in macros(engine).items():
        env.macro(macro, name)
    env.variables["rounds"] = rounds(book)


def _book(root: Path) -> Book:
    """Return the book, made anew when a data file or the history changed; Zensical asks once a page."""
    mark = fingerprint(root)
    known = _BOOKS.get(root)
    if known is None or known[0] != mark:
        book = load(root, cache=None if os.environ.get(SWITCH) == "0" else root / FOLDER)
        for finding in book.findings:
            _report(finding)
        _BOOKS[root] = known = (mark, book)
    return known[1]


def _pages(docs: Path) -> Collection[str]:
    """Return the pages that an export left, under the names that they have in the book, also where each has a folder."""
    names = {p.relative_to(docs).as_posix() for name in _FOLDERS for p in (docs / name).rglob("*.md")}
    return frozenset(
        {*names, *(f"{name.removesuffix('/index.md')}.md" for name in names if name.endswith("/index.md"))}
    )


def _report(finding: Finding) -> None:
    LOG.log(_LEVELS[finding.severity], "roundbook: %s", safe(str(finding)))
