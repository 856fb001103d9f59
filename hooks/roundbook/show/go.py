"""In: the book. Out: `/go/`, the page that leads from any name to the page that speaks of it, and its index in small files.

Each file of the index is a script that hands a piece of data to `go.js`: a page that is opened as a file may load scripts,
and may not fetch anything. Which file has a name follows from the name alone, so a visitor loads one or two of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.show import addresses
from roundbook.show.encode import encode
from roundbook.show.here import Here, UrlStyle
from roundbook.show.page import Asset
from roundbook.show.render import render
from roundbook.show.resolve import names
from roundbook.show.targets import Target

SCRIPT = "assets/roundbook/go.js"
NAMES_IN_FILE = 64
COMMITS_IN_FILE = 512
_PRIME = 65_521
_DIGITS = len(addresses.commit_anchor("0" * 40)) - len(addresses.commit_anchor(""))


def show_go(book: Book, here: Here, count: int) -> Markup:
    """Return the page: a form, the place for the answer, and what there is without JavaScript."""
    script = here.to(SCRIPT) or ""
    return render("go.md.j2", book, here, script=script, files=count, digits=digits(book), addresses=addresses)


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
    here = Here(addresses.GO, style)
    known = names(book)
    shelves: list[dict[str, Any]] = [{} for _ in range(files_of(len(known)))]
    for name, targets in known.items():
        shelves[spread(name) % len(shelves)][name] = [_told(here, target) for target in targets]
    for number, shelf in enumerate(shelves):
        yield _asset(f"n{number}", shelf)
    yield from _commits(book, here)


def files_of(count: int) -> int:
    """Return into how many files so many names are put."""
    return max(1, -(-count // NAMES_IN_FILE))


def digits(book: Book) -> int:
    """Return by how many of its first digits a commit finds its file, so that no file holds many commits."""
    count = len(book.history.commits)
    return next(width for width in range(4) if count <= COMMITS_IN_FILE * 16**width or width == 3)


def spread(name: str) -> int:
    """Return a number that follows from a name; `go.js` reckons the same."""
    found = 0
    for char in name:
        found = (found * 31 + ord(char)) % _PRIME
    return found


def _told(here: Here, target: Target) -> Sequence[str]:
    return (target.kind, target.title, target.about, here.to(target.uri, target.anchor) or "")


def _commits(book: Book, here: Here) -> Iterator[Asset]:
    """Yield the commits as `{page: "digits digits"}`; the anchor follows from the digits."""
    width = digits(book)
    shelves: dict[str, dict[str, list[str]]] = {f"{i:0{width}x}" if width else "": {} for i in range(16**width)}
    for leaf, commits in book.ledger.items():
        page = here.to(addresses.leaf(leaf)) or ""
        for commit in commits:
            shelves[commit.id[:width]].setdefault(page, []).append(commit.id[:_DIGITS])
    for start, pages in shelves.items():
        yield _asset(f"c{start}", {page: " ".join(ids) for page, ids in pages.items()})


def _asset(name: str, content: Any) -> Asset:
    said = json.dumps(content, separators=(",", ":"))  # ASCII only, so nothing in it ends a line or a script
    return Asset(f"go/{name}.js", f'roundbookGo("{name}",{said});\n')
