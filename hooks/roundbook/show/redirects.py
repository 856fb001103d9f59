"""In: the book. Out: small HTML files that lead on: the short forms `/r/3/4` and `/d/wasm-target`, and renamed pages."""

from __future__ import annotations

import html
from collections.abc import Iterator

from roundbook.book.model import Book
from roundbook.schema.ids import is_phase
from roundbook.show import addresses
from roundbook.show.encode import cut
from roundbook.show.here import Here, UrlStyle
from roundbook.show.page import Asset
from roundbook.show.targets import Target, a_decision, a_round

SCRIPT = "assets/roundbook/moved.js"
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
<main><p>This address leads to <a href="{to}" data-rb-to>{title}</a>.</p></main>
<script src="{script}"></script>
</body>
</html>
"""


def redirects(book: Book, style: UrlStyle) -> Iterator[Asset]:
    """Yield every file that leads on, each less than a kilobyte; `style` says how the site names its pages."""
    for key in (*book.entries, *(b.key for b in book.broken if not is_phase(b.key))):
        yield _leading(addresses.short_round(key), a_round(book, key), style)
    for name in book.rulings:
        yield _leading(addresses.short_decision(name), a_decision(book, name), style)
    for old, key in book.former.rounds.items():
        for uri in (addresses.short_round(old), _file(addresses.round_page(old), style)):
            yield _leading(uri, a_round(book, key), style)
    for old, name in book.former.decisions.items():
        for uri in (addresses.short_decision(old), _file(addresses.decision(old), style)):
            yield _leading(uri, a_decision(book, name), style)


def _file(uri: str, style: UrlStyle) -> str:
    stem = uri.removesuffix(".md")
    return f"{stem}.html" if style == "file" else f"{stem}/index.html"


def _leading(uri: str, target: Target, style: UrlStyle) -> Asset:
    here = Here(uri, style)
    to, script = here.to(target.uri) or "", here.to(SCRIPT) or ""
    title = html.escape(cut(target.title, LONGEST), quote=False)
    return Asset(uri, _FORM.format(title=title, to=html.escape(to), script=html.escape(script)))
