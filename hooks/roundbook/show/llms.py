"""In: the book and where it is published. Out: `llms.txt`, which tells a language model what there is and where.

Source: https://llmstxt.org/
"""

from __future__ import annotations

from collections.abc import Iterator

from roundbook.book.model import Book, Entry
from roundbook.show import addresses
from roundbook.show.api_schema import FILES
from roundbook.show.feeds import FEEDS
from roundbook.show.indexes import INDEXES
from roundbook.show.markdown import address, text
from roundbook.show.plain import INDEXES as TEXTS
from roundbook.show.plain import beside
from roundbook.show.prose import plain as words_of
from roundbook.show.publication import Publication
from roundbook.show.views.decisions import newest_first

ROUNDS, DECISIONS = 20, 50
ABOUT = (
    "The record of a project: rounds of work, the decisions taken in them, and a changelog, made from files of data and the "
    "history of git. What the pages say of commits is checked against that history."
)


def llms(book: Book, site: Publication, *, data: bool, plain: bool) -> str:
    """Return the file: what this is, the main pages, the newest rounds and decisions, and where the data lies."""
    writer = Writer(book, site, data=data, plain=plain)
    parts = [
        f"# {text(site.title)}",
        f"> {text(site.description or ABOUT)}",
        *(("\n".join([f"## {title}", "", *lines]) for title, lines in writer.sections() if lines)),
    ]
    return "\n\n".join(parts) + "\n"


class Writer:
    """Writes the lists of links."""

    def __init__(self, book: Book, site: Publication, *, data: bool, plain: bool) -> None:
        self.book, self.site, self.data, self.plain = book, site, data, plain

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the title of each section with its lines."""
        rounds, decisions = self.book.newest_first, newest_first(self.book)
        yield "Pages", [self._line(i.uri, i.title, i.description, has_text=i.uri in TEXTS) for i in INDEXES]
        yield (
            "Newest rounds",
            [self._line(addresses.round_page(e.key), words_of(e.round.name), _about(e)) for e in rounds[:ROUNDS]],
        )
        yield (
            "Newest decisions",
            [
                self._line(addresses.decision(r.id), words_of(r.decision.title), f"{r.shown_words}, {r.origin_words}")
                for r in decisions[:DECISIONS]
            ],
        )
        if self.data:
            yield (
                "Data",
                [
                    self._line(f"api/{name}.json", f"{name}.json", said.what, has_text=False)
                    for name, said in FILES.items()
                    if name != "month"
                ],
            )
        if self.site.top:
            yield (
                "Optional",
                [self._line(f"feeds/{name}.xml", f"Feed of {words}", "", has_text=False) for name, words, _ in FEEDS],
            )

    def _line(self, uri: str, title: str, about: str, *, has_text: bool = True) -> str:
        lies = self.site.file(beside(uri, self.site.style)) if has_text and self.plain else self.site.at(uri)
        return f"- [{text(title)}]({address(lies)}){f': {text(about)}' if about else ''}"


def _about(entry: Entry) -> str:
    status = (entry.status or "status not said").replace("-", " ")
    return f"{status}. {words_of(entry.round.focus)}" if entry.round.focus else status
