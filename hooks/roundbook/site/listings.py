"""Lists that may be too long for one page: the page shows their beginning, further pages show all of them.

A list of commits of a round has its beginning on `rounds/3/4.md` and all of it on `rounds/3/4/commits/1.md`, `…/2.md` and so
on. These pages exist only where the list is longer than what one page shows. A list that grows at its beginning is numbered
from its end, so that a new entry changes the last of its pages and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from markupsafe import Markup

from roundbook.book.model import Entry
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site.escape import encode
from roundbook.site.links import Here, part, round_page
from roundbook.site.widgets import link, paragraph

SHOWN = 100
Show = Callable[[Here, Sequence[Any]], Markup]
COMMITS_SHOWN = 400  # on a further page that shows nothing but a line for each
LEAST = 5  # entries of each kind that the beginning of a list shows, where it has as many
LINKED = 40  # a page that led to thousands of others would be as long as the list


@frozen
class Listing:
    """A list of one page.

    Attributes:
        home: The page that it belongs to.
        name: The folder of its further pages, beside or below that page.
        title: What the further pages are called.
        items: Its entries.
        show: Returns some of the entries as they stand on a page.
        size: How many entries a further page shows.
        newest_first: Whether it grows at its beginning.
        paged: Whether it has further pages: a selection that a macro shows has none.
        words: Returns what a search finds of an entry, where its further pages are to be found.
        kinds: How many entries there are of each kind, where they are in that order: its beginning shows some of each.
        begin: How many entries its beginning shows; 0 is as many as a further page.
    """

    home: str
    name: str
    title: str
    items: Sequence[Any]
    show: Show
    size: int = SHOWN
    newest_first: bool = True
    paged: bool = True
    kinds: Sequence[int] = ()
    words: Callable[[Any], str] | None = None
    begin: int = 0

    @property
    def parts(self) -> int:
        """Return the number of further pages; 0 where the first page shows all."""
        return -(-len(self.items) // self.size) if self.paged and len(self.items) > (self.begin or self.size) else 0

    def uri(self, number: int) -> str:
        """Return the address of a further page; the first is 1."""
        return part(self.home, self.name, number)

    def position(self, number: int) -> str:
        """Return where a further page stands; where the list grows at its beginning, a new page changes no other."""
        return f"page {number:,}" if self.newest_first else f"{number:,} of {self.parts:,}"

    def found(self, number: int) -> str:
        """Return what a search finds of a further page; nothing where it is not to be found."""
        return " ".join(map(self.words, self.part(number))) if self.words else ""

    def part(self, number: int) -> Sequence[Any]:
        """Return the entries of a further page."""
        if not self.newest_first:
            return self.items[(number - 1) * self.size : number * self.size]
        end = len(self.items) - (number - 1) * self.size
        return self.items[max(0, end - self.size) : end]

    def holding(self, index: int) -> str:
        """Return the address of the page with the entry at an index: that of the list's own page where that shows it."""
        return self.home if index in self.first() or not self.parts else self.uri(self.number(index))

    def number(self, index: int) -> int:
        """Return the number of the further page with the entry at an index."""
        return (len(self.items) - 1 - index if self.newest_first else index) // self.size + 1

    def first(self, limit: int = 0) -> Sequence[int]:
        """Return the places of the entries that its beginning shows: the first of each kind, as many as there is room for."""
        room = min(limit or self.begin or self.size, len(self.items))
        if not self.kinds or room == len(self.items):
            return range(room)
        taken = _shares(self.kinds, room)
        starts = accumulate(self.kinds, initial=0)
        return [i for start, some in zip(starts, taken, strict=False) for i in range(start, start + some)]

    def head(self, here: Here, limit: int = 0) -> Markup:
        """Return its beginning, of the usual length or as long as the `limit`, with links to the rest."""
        shown = [self.items[i] for i in self.first(limit)]
        return self.show(here, shown) + self.more(here, len(shown))

    def more(self, here: Here, shown: int) -> Markup:
        """Return the line below the beginning that leads to the rest; nothing where all is shown."""
        if shown == len(self.items):
            return Markup("")
        if not self.parts:
            rest = encode(plural(len(self.items) - shown, "more entry", "more entries"))
            return self._count(paragraph(Markup("and ") + link(here.to(self.home), rest)))
        numbers = list(self._linked())
        ways = Markup(" ").join(link(here.to(self.uri(number)), Markup(f"{number:,}")) for number in numbers)  # noqa: S704
        begin = "" if self.kinds else "The first "
        words = Markup(f"{begin}{shown:,} of {len(self.items):,}; all of them on ")  # noqa: S704
        return self._count(paragraph(words + plural(self.parts, "page") + Markup(": ") + ways))

    def _count(self, line: Markup) -> Markup:
        """Return the line below a part of the list with the number of all entries, for the filters."""
        return line.replace("<p", Markup(f'<p data-rb-total="{len(self.items)}"'), 1)  # noqa: S704 - a number

    def _linked(self) -> Iterator[int]:
        """Yield the numbers of the pages that are linked: all, or some of them evenly; each page leads to its neighbours."""
        order = range(self.parts, 0, -1) if self.newest_first else range(1, self.parts + 1)
        step = -(-self.parts // LINKED)
        yield from (number for i, number in enumerate(order) if i % step == 0 or i == self.parts - 1)

    def page(self, here: Here, number: int) -> Markup:
        """Return what a further page shows: its entries, and the ways to the pages before and after."""
        ways = [
            link(here.to(self.uri(other)), Markup(f"page {other:,}"))  # noqa: S704 - a number
            for other in (number - 1, number + 1)
            if 1 <= other <= self.parts
        ]
        return self.show(here, self.part(number)) + self._count(paragraph(Markup(", ").join(ways)))


def _shares(sizes: Sequence[int], room: int) -> list[int]:
    """Return how many entries of each kind are shown: as many of each; what the short ones leave goes to the others."""
    taken = [0] * len(sizes)
    for done, i in enumerate(sorted(range(len(sizes)), key=lambda i: sizes[i])):
        taken[i] = min(sizes[i], max(LEAST, room // (len(sizes) - done)))
        room = max(0, room - taken[i])
    return taken


def pull_requests(entry: Entry, show: Show) -> Listing:
    """Return the pull requests of a round, of which references must know on which page each is."""
    return Listing(round_page(entry.key), "pull-requests", f"Pull requests of {entry.words}", entry.pull_requests, show)
