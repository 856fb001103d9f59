"""Pages as plain Markdown, and the index for language models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from textwrap import indent

from roundbook.book.facts import Decision, MetricRow, Tally
from roundbook.book.model import Book, Entry
from roundbook.schema.ids import called, is_phase
from roundbook.schema.items import Change
from roundbook.site import changelog_text
from roundbook.site import links as site_links
from roundbook.site.escape import address, cut, prose, text
from roundbook.site.feeds import FEEDS
from roundbook.site.indexes import FRONT_PAGES
from roundbook.site.links import Asset, Here, Output, Publication, UrlStyle, named
from roundbook.site.outline import block, more, outline, table
from roundbook.site.prose import plain as words_of
from roundbook.site.views.others import age, left_words

COMMITS = 100
RELEASES = 20
# Keys that are shown at the top of a text, or in another form.
_TOLD = frozenset(
    (
        "title",
        "date",
        "status",
        "status_text",
        "focus",
        "summary",
        "decisions",
        "metrics",
        "changes",
        "commits",
        "closed",
    )
)
_RELATIONS = ("supersedes", "superseded_by", "amends", "amended_by", "depends_on", "needed_by", "related")
_TOLD_OF_DECISION = frozenset(
    ("title", "status", "status_text", "date", "commits", "supersedes", "amends", "depends_on", "relates_to")
)
_TOLD_OF_METRIC = ("label", "before", "after", "target")
_TOLD_OF_CHANGE = ("type", "text")


def beside(uri: str, style: UrlStyle) -> str:
    """Return the address of the Markdown of a page: beside its HTML, `index.md` next to `index.html`."""
    stem = uri.removesuffix(".md")
    name = stem.rpartition("/")[2]
    return uri if style == "file" or name == "index" else f"{stem}/index.md"


def texts(book: Book, site: Publication) -> Iterator[tuple[str, Asset]]:
    """Yield the main pages as Markdown, each with the source address of its HTML page."""
    for output in text_outputs(book, site):
        for asset in output.make(book):
            yield output.name, asset


def plain_texts(book: Book) -> Iterator[Asset]:
    """Yield the main pages as Markdown that lead to each other's files, as a forge shows them."""
    for _, asset in texts(book, Publication(style="file")):
        yield asset


def text_outputs(book: Book, site: Publication) -> Iterator[Output[Asset]]:
    """Yield what makes the text of each main page as Markdown, under the source address of the page that it lies beside."""

    def one(uri: str, parts: Callable[[Writer], Iterable[str]]) -> Output[Asset]:
        def make(given: Book) -> Iterator[Asset]:
            lies = f"Page: {site.at(uri)}" if site.top else ""
            whole = "\n\n".join(part.strip("\n") for part in (*parts(Writer(given, site)), lies) if part)
            yield Asset(beside(uri, site.style), f"{whole}\n")

        return Output(uri, make)

    yield from (one(uri, index) for uri, index in INDEXES.items())
    yield from (one(site_links.round_page(key), partial(Writer.round, key=key)) for key in book.entries)
    yield from (one(site_links.decision(name), partial(Writer.decision, name=name)) for name in book.decisions)
    yield from (one(site_links.release(name), partial(Writer.release, version=name)) for name in book.released)


class Writer:
    """Writes the texts of one book."""

    def __init__(self, book: Book, site: Publication) -> None:
        self.book, self.site = book, site

    # ------------------------------------------------------------------ indexes

    def rounds(self) -> Iterator[str]:
        """Yield the parts of the list of rounds."""
        yield "# Rounds"
        yield self._gaps()
        yield "\n".join(self._rounds(site_links.ROUNDS, self.book.newest_first))

    def decisions(self) -> Iterator[str]:
        """Yield the parts of the list of decisions."""
        yield "# Decisions"
        yield "\n".join(self._decisions(site_links.DECISIONS))

    def changelog(self) -> Iterator[str]:
        """Yield the parts of the changelog."""
        yield "# Changelog"
        yield changelog_text.changelog(self.book, self.book.releases[:RELEASES], self.site.top, commits=False)

    def open_items(self) -> Iterator[str]:
        """Yield the parts of the list of open items."""
        yield "# Open items"
        yield left_words(self.book) if self.book.open_items else "Nothing is left open."
        yield "\n".join(self._open_items())

    def _rounds(self, here: str, entries: Sequence[Entry]) -> Iterator[str]:
        for entry in entries:
            day = f", {entry.round.date}" if entry.round.date else ""
            focus = f": {prose(entry.round.focus)}" if entry.round.focus else ""
            yield f"- {self._to_round(here, entry.key)} ({_word(entry.status)}{day}){focus}"

    def _decisions(self, here: str) -> Iterator[str]:
        for decision in self.book.decisions_newest_first:
            day = f", {decision.date}" if decision.date else ""
            yield f"- {self._to_decision(here, decision.id)} ({decision.shown_words}{day}, {text(decision.origin_words)})"

    def _open_items(self) -> Iterator[str]:
        for item in self.book.open_items:
            days = age(self.book, item)
            since = f"open for {days}" if days else "open"
            state = f"closed by {text(item.closed_by.rstrip('/'))}" if item.closed_by else since
            trail = " → ".join(self._raised(key, anchor) for key, anchor in item.trail)
            yield f"- {prose(item.title)} ({item.kind}, {state}; {trail})"

    def _raised(self, key: str, anchor: str) -> str:
        if not key:
            return self._to_decision(site_links.OPEN_ITEMS, anchor)
        if is_phase(key):
            return self._to_round(site_links.OPEN_ITEMS, key, called(key))
        return f"round {self._to_round(site_links.OPEN_ITEMS, key, key)}"

    def release(self, version: str) -> Iterator[str]:
        """Yield the parts of the page of a version."""
        release = self.book.released[version]
        yield f"# {text(release.version)}{f' - {release.date}' if release.date else ''}"
        yield changelog_text.body(self.book, release, self.site.top, commits=False)

    def _gaps(self) -> str:
        said = "; ".join(gap.message for gap in self.book.history.gaps)
        return f"History incomplete: {text(said)}." if said else ""

    # ------------------------------------------------------------------- a round

    def round(self, key: str) -> Iterator[str]:
        """Yield the parts of the page of a round or phase."""
        entry = self.book.entries[key]
        record, uri = entry.round, site_links.round_page(entry.key)
        yield f"# {prose(record.name)}"
        yield f"> {prose(record.focus)}" if record.focus else ""
        yield "\n".join(self._facts(uri, entry))
        yield _section("Rounds", self._rounds(uri, self.book.in_phase(record.phase))) if entry.is_phase else ""
        yield block(record.summary)
        yield _section("Changed", map(_change, record.changes))
        yield _section(
            "Decided",
            (f"- {self._to_decision(uri, r.id)} ({r.status})" for r in self.book.taken_in.get(entry.key, ())),
        )
        yield table(("Metric", "Before", "After", "Target"), map(_metric, entry.metrics), "## Numbers")
        yield "\n".join(filter(None, map(_metric_more, entry.metrics)))
        yield from outline(record, _TOLD)
        yield from self._commits(entry)

    def _facts(self, uri: str, entry: Entry) -> Iterator[str]:
        yield f"- Status: {_word(entry.status)} ({_reason(entry.round.status_text, entry.status_reason)})"
        if entry.round.date:
            yield f"- Date: {entry.round.date}"
        if results := self.book.results_of.get(entry.key):
            yield f"- Evidence: {Tally.of(results).brief}"
        if left := self.book.left_in.get(entry.key):
            yield f"- Left open: {len(left):,}"
        if entry.previous:
            yield f"- Previous {entry.kind}: {self._to_round(uri, entry.previous)}"
        if entry.next:
            yield f"- Next {entry.kind}: {self._to_round(uri, entry.next)}"

    def _commits(self, entry: Entry) -> Iterator[str]:
        home = self.book.home(entry.key)
        links = home.entries[entry.key].links
        known = [commit for link in links[:COMMITS] if (commit := home.commit(link.commit))]
        lines = [
            f"- {text(c.short)} {text(cut(c.subject)) or '(no message)'} ({text(named(c.author.name))}, "
            f"{c.authored.day or 'date unknown'})"
            for c in known
        ]
        more = [f"- and {len(links) - COMMITS} more"] if len(links) > COMMITS else []
        yield _section("Commits", [*lines, *more])

    # --------------------------------------------------------------- a decision

    def decision(self, name: str) -> Iterator[str]:
        """Yield the parts of the page of a decision."""
        decision = self.book.decisions[name]
        uri = site_links.decision(decision.id)
        yield f"# {prose(decision.record.title)}"
        yield "\n".join(self._stands(uri, decision))
        yield from outline(decision.record, _TOLD_OF_DECISION)

    def _stands(self, uri: str, decision: Decision) -> Iterator[str]:
        yield f"- Status: {decision.shown_words} ({_reason(decision.record.status_text, decision.status_reason)})"
        if decision.date:
            yield f"- Date: {text(decision.date)}"
        if decision.round:
            yield f"- {called(decision.round).partition(' ')[0].capitalize()}: {self._to_round(uri, decision.round)}"
        else:
            yield f"- File: {text(decision.origin)}"
        for relation in _RELATIONS:
            written = getattr(decision.record, "relates_to" if relation == "related" else relation, ())
            others = [self._to_decision(uri, name) for name in getattr(decision, relation)]
            known = getattr(decision, relation)
            others += [prose(name) for name in written if name not in known and not self.book.decision_index.find(name)]
            if others:
                yield f"- {relation.replace('_', ' ').capitalize()}: {', '.join(others)}"
        if ids := dict.fromkeys((*decision.commits, *decision.cited_by)):
            yield f"- Commits: {', '.join(text(i[:7]) for i in [*ids][:COMMITS])}"

    # -------------------------------------------------------------------- links

    def _to_round(self, uri: str, key: str, words: str = "") -> str:
        entry = self.book.entries.get(key)
        return self._link(uri, site_links.round_page(key), text(words or (entry.round.name if entry else key)))

    def _to_decision(self, uri: str, name: str) -> str:
        decision = self.book.decisions.get(name)
        return self._link(uri, site_links.decision(name), _words(decision.record.title)) if decision else text(name)

    def _link(self, uri: str, to: str, words: str) -> str:
        style = self.site.style
        return f"[{words}]({address(Here(beside(uri, style), 'markdown').to(beside(to, style)) or '')})"


INDEXES = {
    site_links.ROUNDS: Writer.rounds,
    site_links.DECISIONS: Writer.decisions,
    site_links.CHANGELOG: Writer.changelog,
    site_links.OPEN_ITEMS: Writer.open_items,
}


def _words(title: str) -> str:
    return text(words_of(title))  # a link inside a link is none


def _reason(written: str | None, reason: str) -> str:
    return "; ".join((*([f"“{text(written)}”"] if written else []), text(reason)))


def _metric(row: MetricRow) -> tuple[str, ...]:
    name = row.metric.label or row.name
    shown = f"{name} ({row.name})" if name != row.name else name
    return shown, row.before or "", row.now or "", row.metric.target or ""


def _metric_more(row: MetricRow) -> str:
    said = more(row.metric, (*_TOLD_OF_METRIC, *(("value",) if row.now == row.metric.value else ())))
    return f"- {prose(row.metric.label or row.name)}: {said}" if said else ""


def _change(change: Change) -> str:
    rest = [f"\n{indent(block(change.rest), '  ')}\n"] if change.rest else []
    beyond = [f"  - {said}"] if (said := more(change, _TOLD_OF_CHANGE)) else []
    return "\n".join([f"- {change.type}: {prose(change.line)}", *rest, *beyond])


def _word(status: str | None) -> str:
    return status.replace("-", " ") if status else "no status"


def _section(title: str, lines: Iterable[str]) -> str:
    shown = [*lines]
    return f"## {title}\n\n" + "\n".join(shown) if shown else ""


ROUNDS, DECISIONS = 20, 50
ABOUT = (
    "The record of a project: rounds of work, decisions and a changelog, generated from data files and git history. "
    "What the pages say about commits is checked against that history."
)


def llms(book: Book, site: Publication, *, data: bool, plain: bool) -> str:
    """Return `llms.txt`: what the site is, the main pages, the newest rounds and decisions, and the data files."""
    writer = LlmsWriter(book, site, data=data, plain=plain)
    parts = [
        f"# {text(site.title)}",
        f"> {text(site.description or ABOUT)}",
        *(("\n".join([f"## {title}", "", *lines]) for title, lines in writer.sections() if lines)),
    ]
    return "\n\n".join(parts) + "\n"


class LlmsWriter:
    """Writes the lists of links."""

    def __init__(self, book: Book, site: Publication, *, data: bool, plain: bool) -> None:
        self.book, self.site, self.data, self.plain = book, site, data, plain

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the title of each section with its lines."""
        rounds, decisions = self.book.newest_first, self.book.decisions_newest_first
        left = {site_links.OPEN_ITEMS: f" {left_words(self.book)}"}
        yield (
            "Pages",
            [
                self._line(i.uri, i.title, i.description + left.get(i.uri, ""), has_text=i.uri in INDEXES)
                for i in FRONT_PAGES
                if i.always or i.filled(self.book)
            ],
        )
        yield (
            "Newest rounds",
            [self._line(site_links.round_page(e.key), words_of(e.round.name), _about(e)) for e in rounds[:ROUNDS]],
        )
        yield (
            "Newest decisions",
            [
                self._line(site_links.decision(r.id), words_of(r.record.title), f"{r.shown_words}, {r.origin_words}")
                for r in decisions[:DECISIONS]
            ],
        )
        if self.data:
            from roundbook.site.api import FILES  # whose shapes take 50 ms

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
    status = (entry.status or "no status").replace("-", " ")
    return f"{status}. {words_of(entry.round.focus)}" if entry.round.focus else status
