"""In: the book. Out: badges of the newest round, the decisions and the evidence: SVG, and JSON as shields.io reads it.

Source: https://shields.io/badges/endpoint-badge
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from roundbook.book.facts import Tally
from roundbook.book.model import Book
from roundbook.show.encode import clean, cut
from roundbook.show.page import Asset
from roundbook.show.publication import json_text, xml

LONGEST = 60
# White on each of these has a contrast of 4.5 to 1 at least.
COLOURS = {"good": "#1a7f37", "plain": "#0a5fb4", "poor": "#9a5700", "bad": "#c0262d", "none": "#616161"}
_STATUS = {"done": "good", "in-progress": "plain", "planned": "plain", "partial": "poor", "blocked": "bad"}
# Widths of common sans-serif letters at 11 pixels; what is in none of these is a letter of middling width, or a wide sign.
_WIDTHS = ((3.6, "ijl.,:;'!| "), (4.6, 'ftrI()[]{}-/\\"*'), (7.0, "0123456789"), (9.8, "mwMW@%"))
_CAPITAL, _SMALL, _OTHER = 7.8, 6.6, 11.0
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<rect width="{width}" height="20" rx="3" fill="#444"/>
<path d="M{left} 0h{rest}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-{rest}z" fill="{colour}"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
<text x="{label_at}" y="14" textLength="{label_long}">{label}</text>
<text x="{message_at}" y="14" textLength="{message_long}">{message}</text>
</g>
</svg>
"""


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge: `name` is that of its files, `colour` one of `COLOURS`."""

    name: str
    label: str
    message: str
    colour: str


def badges(book: Book) -> Iterator[Asset]:
    """Yield the files of all badges."""
    for badge in (_round(book), _decisions(book), _evidence(book)):
        yield Asset(f"badge/{badge.name}.svg", svg(badge))
        yield Asset(f"badge/{badge.name}.json", endpoint(badge))


def svg(badge: Badge) -> str:
    """Return a badge as an image: its text is text, and its width is reckoned, so that no font has to be fetched."""
    label, message = _line(badge.label), _line(badge.message)
    label_long, message_long = width(label), width(message)
    left = label_long + 12
    whole = left + message_long + 12
    return _SVG.format(
        width=whole, left=left, rest=whole - left - 3, colour=COLOURS[badge.colour],
        label=xml(label), label_at=left / 2, label_long=label_long,
        message=xml(message), message_at=left + (whole - left) / 2, message_long=message_long,
    )  # fmt: skip


def endpoint(badge: Badge) -> str:
    """Return a badge as the JSON from which shields.io and its kin draw one."""
    return json_text(
        {
            "schemaVersion": 1,
            "label": _line(badge.label),
            "message": _line(badge.message),
            "color": COLOURS[badge.colour].removeprefix("#"),
        }
    )


def width(text: str) -> int:
    """Return about how many pixels a text takes."""
    return round(sum(map(_width, text)))


def _width(char: str) -> float:
    if not char.isascii():
        return _OTHER
    listed = next((wide for wide, chars in _WIDTHS if char in chars), None)
    return listed or (_CAPITAL if char.isupper() else _SMALL)


def _line(text: str) -> str:
    return cut(" ".join(clean(text).split()), LONGEST) or "–"


def _round(book: Book) -> Badge:
    if not book.newest_first:
        return Badge("round", "round", "none yet", "none")
    newest = book.newest_first[0]
    words = f" {newest.status.replace('-', ' ')}" if newest.status else ""
    return Badge("round", "round", f"{newest.key}{words}", _STATUS.get(newest.status or "", "none"))


def _decisions(book: Book) -> Badge:
    stands = [ruling.status for ruling in book.rulings.values()]
    accepted, asked = stands.count("accepted"), stands.count("proposed") + stands.count("draft")
    more = f", {asked} proposed" if asked else ""
    return Badge("decisions", "decisions", f"{accepted} accepted{more}" if stands else "none yet", "plain")


def _evidence(book: Book) -> Badge:
    counted = Tally.of(book.verdicts)
    lenient = counted.waived + counted.noted == counted.contradicted
    against = ("poor" if lenient else "bad") if counted.contradicted else ""
    words = counted._replace(waived=0, noted=0).brief
    return Badge(
        "evidence", "evidence", words or "nothing checked", against or ("good" if counted.verified else "none")
    )
