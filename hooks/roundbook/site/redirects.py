"""Permalinks and redirects from former addresses."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.site import links
from roundbook.site.context import render
from roundbook.site.escape import cut, encode
from roundbook.site.links import Asset, Here, UrlStyle
from roundbook.site.resolve import Target, a_decision, a_round, names

SCRIPT = "assets/roundbook/go.js"
NAMES_IN_FILE = 64
COMMITS_IN_FILE = 512
_PRIME = 65_521
_DIGITS = len(links.commit_anchor("0" * 40)) - len(links.commit_anchor(""))


def show_go(book: Book, here: Here) -> Markup:
    """Return the page: a form, the place for the answer, and what there is without JavaScript."""
    return render("go.md.j2", book, here, script=here.to(SCRIPT) or "", addresses=links)


def offer(address: str) -> Markup:
    """Return a form that asks `/go/` at an address, for the page that says that there is none."""
    form = (
        f'<form class="rb-filters" method="get" action="{encode(address)}">'
        "<label>Looking for a round, decision, version, pull request or commit?"
        '<input name="q" type="text" maxlength="300" autocomplete="off" autocapitalize="off" spellcheck="false"></label>'
        '<button type="submit">Go</button></form>'
    )
    return Markup(form)  # noqa: S704 - the address is encoded


def index(book: Book, style: UrlStyle) -> Iterator[Asset]:
    """Yield the files of the index; `style` says how the site names its pages."""
    here = Here(links.GO, style)
    known = names(book)
    parts: list[dict[str, Any]] = [{} for _ in range(files_of(len(known)))]
    for name, targets in known.items():
        parts[spread(name) % len(parts)][name] = [_told(here, target) for target in targets]
    for number, part in enumerate(parts):
        yield _asset(f"n{number}", part)
    yield _asset("sizes", {"files": len(parts), "digits": digits(book)})
    yield from _commits(book, here)


def files_of(count: int) -> int:
    """Return into how many files so many names are put."""
    return max(1, -(-count // NAMES_IN_FILE))


def digits(book: Book) -> int:
    """Return by how many of its first digits a commit finds its file, so that no file holds many commits."""
    count = len(book.history.commits)
    return next(width for width in range(4) if count <= COMMITS_IN_FILE * 16**width or width == 3)


MONTH = "0000-00"


def spread(name: str) -> int:
    """Return a number that follows from a name; `go.js` reckons the same."""
    found = 0
    for char in name:
        found = (found * 31 + ord(char)) % _PRIME
    return found


def _told(here: Here, target: Target) -> Sequence[str]:
    return (target.kind, target.title, target.about, here.to(target.uri, target.anchor) or "")


def _commits(book: Book, here: Here) -> Iterator[Asset]:
    """Yield the commits as `{form: {month: "digits digits"}}`; the form is the address of a month, and has `MONTH` for it."""
    width = digits(book)
    parts: dict[str, dict[str, list[str]]] = {f"{i:0{width}x}" if width else "": {} for i in range(16**width)}
    for month, commits in book.commit_index.items():
        for commit in commits:
            parts[commit.id[:width]].setdefault(month, []).append(commit.id[:_DIGITS])
    form = here.to(links.month(MONTH)) or ""
    for start, months in parts.items():
        yield _asset(f"c{start}", {form: {month: " ".join(ids) for month, ids in months.items()}})


def _asset(name: str, content: Any) -> Asset:
    said = json.dumps(content, separators=(",", ":"))  # ASCII only, so nothing in it ends a line or a script
    return Asset(f"go/{name}.js", f'roundbookGo("{name}",{said});\n')


REDIRECT_SCRIPT = "assets/roundbook/moved.js"
LONGEST = 60
# Without JavaScript the refresh leads on; with it the script does, which takes the query and the hash along. The refresh
# is out of the script's way, since whichever comes first wins.
_FORM = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Moved</title>
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="canonical" href="{to}">
<noscript><meta http-equiv="refresh" content="0; url={to}"></noscript>
</head>
<body>
<main><p>This page has moved to <a href="{to}" data-rb-to>{title}</a>.</p></main>
<script src="{script}"></script>
</body>
</html>
"""


def redirects(book: Book, style: UrlStyle) -> Iterator[Asset]:
    """Yield every file that leads on, each less than a kilobyte; `style` says how the site names its pages."""
    for old, (uri, title) in links.MOVED.items():
        yield _leading(old, uri, title, style)
    for old, key in book.aliases.rounds.items():
        target = a_round(book, key)
        yield _leading(links.round_page(old), target.uri, target.title, style)
    for old, name in book.aliases.decisions.items():
        target = a_decision(book, name)
        yield _leading(links.decision(old), target.uri, target.title, style)


def _leading(old: str, uri: str, title: str, style: UrlStyle) -> Asset:
    here = Here(old, style)
    to, script = here.to(uri) or "", here.to(REDIRECT_SCRIPT) or ""
    shown = html.escape(cut(title, LONGEST), quote=False)
    return Asset(here.file(), _FORM.format(title=shown, to=html.escape(to), script=html.escape(script)))
