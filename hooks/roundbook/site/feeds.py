"""Feeds and badges."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from urllib.parse import urljoin

from markupsafe import Markup, escape

from roundbook.book.facts import ChangelogEntry, Decision, Release, Tally
from roundbook.book.model import Book, Entry
from roundbook.book.rounds import contributors
from roundbook.frozen import frozen
from roundbook.git.history import Commit
from roundbook.rounds.versions import StatusChange, Timeline
from roundbook.schema.ids import called
from roundbook.site import links
from roundbook.site.context import PageContext
from roundbook.site.escape import clean, cut
from roundbook.site.links import Asset, Here, Publication, instant, json_text, midnight, named, xml
from roundbook.site.prose import plain, plain_name
from roundbook.site.views.changelog import grouped

NEWEST = 50
BEGINNING = "1970-01-01T00:00:00Z"  # when nothing in the book has a date; a clock would give other bytes each time


@frozen
class FeedEntry:
    """An entry of a feed: `id` never changes, `content` is ready HTML with whole addresses, the dates are RFC 3339."""

    id: str
    url: str
    title: str
    content: Markup
    updated: str
    published: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@frozen
class Feed:
    """A feed: `name` is that of its files, `home` the page that shows the same, `top` the address of the site."""

    name: str
    title: str
    home: str
    top: str
    publisher: str
    entries: tuple[FeedEntry, ...]

    def url(self, kind: str) -> str:
        """Return the address of the file of a kind, `xml` or `json`."""
        return f"{self.top}feeds/{self.name}.{kind}"

    @property
    def updated(self) -> str:
        """Return when its newest entry changed."""
        return max((entry.updated for entry in self.entries), default=BEGINNING)


def newest(dated: Iterable[tuple[str, Callable[[], FeedEntry]]]) -> tuple[FeedEntry, ...]:
    """Return the newest entries, given as the date of the last change and what makes it; without a date there is none."""
    found = sorted((one for one in dated if one[0]), key=lambda one: one[0], reverse=True)
    return tuple(make() for _, make in found[:NEWEST])


def atom(feed: Feed) -> str:
    """Return the feed as Atom 1.0."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{xml(feed.url('xml'))}</id>",
        f"<title>{xml(feed.title)}</title>",
        f"<updated>{feed.updated}</updated>",
        f"<author><name>{xml(feed.publisher)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href="{xml(feed.url("xml"))}"/>',
        f'<link rel="alternate" type="text/html" href="{xml(feed.home)}"/>',
        "<generator>roundbook</generator>",
        *(line for entry in feed.entries for line in _entry(entry)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _entry(entry: FeedEntry) -> Iterator[str]:
    yield "<entry>"
    yield f"<id>{xml(entry.id)}</id>"
    yield f"<title>{xml(entry.title)}</title>"
    yield f'<link rel="alternate" type="text/html" href="{xml(entry.url)}"/>'
    yield f"<updated>{entry.updated}</updated>"
    if entry.published:
        yield f"<published>{entry.published}</published>"
    yield from (f"<author><name>{xml(name)}</name></author>" for name in entry.authors)
    yield from (f'<category term="{xml(tag)}"/>' for tag in entry.tags)
    yield f'<content type="html">{xml(str(entry.content))}</content>'
    yield "</entry>"


def json_feed(feed: Feed) -> str:
    """Return the feed as JSON Feed 1.1."""
    return json_text(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.url("json"),
            "authors": [{"name": feed.publisher}],
            "items": [_item(entry) for entry in feed.entries],
        }
    )


def _item(entry: FeedEntry) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": str(entry.content),
        "date_published": entry.published,
        "date_modified": entry.updated,
        "authors": [{"name": name} for name in entry.authors],
        "tags": list(entry.tags),
    }
    return {key: value for key, value in made.items() if value}


# The name of a feed, what its title adds to that of the site, and the page that shows the same.
FEEDS = (
    ("rounds", "rounds", links.ROUNDS),
    ("decisions", "decisions", links.DECISIONS),
    ("activity", "changes of status", links.ACTIVITY),
    ("releases", "releases", links.CHANGELOG),
)
AUTHORS = 5
CHANGES_SHOWN = 50  # of one commit
PROSE_LIMIT = 8_000
_TAG_OR_TEXT = re.compile(r"(<[^>]*>)")
_HREF = re.compile(r'(?<= href=")[^"]*')


def feeds(book: Book, site: Publication) -> Iterator[Asset]:
    """Yield the files of all feeds; none where the address of the site is not known, since a feed needs whole ones."""
    if not site.top:
        return
    writer = FeedWriter(book, site)
    dated = {
        "rounds": ((writer.round_date(one), partial(writer.round, one)) for one in book.entries.values()),
        "decisions": ((writer.decision_date(one), partial(writer.decision, one)) for one in book.decisions.values()),
        "activity": ((instant(one.committed), partial(writer.change, one, made)) for one, made in writer.changes()),
        "releases": ((writer.release_date(r), partial(writer.release, r)) for r in book.all_releases if r.released),
    }
    for name, words, home in FEEDS:
        title = f"{site.title}: {words}"
        feed = Feed(name, title, site.at(home), site.top, site.title, newest(dated[name]))
        yield Asset(f"feeds/{name}.xml", atom(feed))
        yield Asset(f"feeds/{name}.json", json_feed(feed))


@frozen
class FeedWriter:
    """Makes the entries of feeds from one book."""

    book: Book
    site: Publication

    def round(self, entry: Entry) -> FeedEntry:
        """Return a round: its focus, its summary, and what was decided in it."""
        record, uri = entry.round, links.round_page(entry.key)
        home = self.book.home(entry.key).entries[entry.key]
        content = [
            _paragraph("Status", _words(entry.status)),
            self._prose(uri, record.focus),
            self._prose(uri, record.summary),
            self._listed("Decisions", [self._decision_link(r) for r in self.book.taken_in.get(entry.key, ())]),
        ]
        return FeedEntry(
            self._id(uri, self._former_round(entry.key)),
            self.site.at(uri),
            plain_name(record.name),
            _joined(content),
            self.round_date(entry),
            self._recorded(self.book.timelines.of("round", entry.key)),
            tuple(self._writers(home)),
            record.tags,
        )

    def round_date(self, entry: Entry) -> str:
        """Return when a round changed last."""
        return self._edited(entry) or self._day(entry) or self._commit(entry.last_commit)

    def _writers(self, entry: Entry) -> Iterator[str]:
        """Yield the names of who did the work of a round or wrote it down, those with most commits first."""
        book = self.book.home(entry.key)
        ids = (*(link.commit for link in entry.links), *entry.recorded)
        for one in contributors(filter(None, map(book.commit, ids)), book.history.mailmap)[:AUTHORS]:
            yield named(one.person.name)

    def decision(self, decision: Decision) -> FeedEntry:
        """Return a decision: how it stands, what was decided and why."""
        record, uri = decision.record, links.decision(decision.id)
        timeline = self.book.timelines.of("decision", decision.id)
        replaced = [
            self._decision_link(self.book.decisions[n]) for n in decision.superseded_by if n in self.book.decisions
        ]
        content = [
            _paragraph("Status", _words(decision.shown)),
            self._prose(uri, record.context),
            self._prose(uri, record.decision),
            self._listed("Because", [self._line(uri, reason) for reason in record.rationale]),
            self._listed("Superseded by", replaced),
        ]
        return FeedEntry(
            self._id(uri, self._former_decision(decision.id)),
            self.site.at(uri),
            plain_name(record.title),
            _joined(content),
            self.decision_date(decision),
            self._recorded(timeline),
            tuple(map(named, record.decision_makers[:AUTHORS])),
            record.tags,
        )

    def decision_date(self, decision: Decision) -> str:
        """Return when a decision took its status."""
        timeline = self.book.timelines.of("decision", decision.id)
        return self._commit(timeline.steps[-1].commit if timeline else None) or midnight(decision.date)

    def changes(self) -> Iterator[tuple[Commit, list[StatusChange]]]:
        """Yield the commits by which something took another status, as the page of activity has them."""
        groups: dict[str, list[StatusChange]] = {}
        for change in self.book.timelines.feed:
            groups.setdefault(change.step.commit, []).append(change)
        for commit_id, changes in groups.items():
            commit = self.book.commit(commit_id)
            if commit is not None:
                yield commit, changes

    def change(self, commit: Commit, changes: Sequence[StatusChange]) -> FeedEntry:
        """Return what took another status by one commit."""
        several = f"{len(changes)} changes of status: {clean(cut(commit.subject))}"
        first = changes[0]
        alone = f"{_thing(first.timeline)}: {_change_in_words(first)}"
        lines = [self._change_line(change) for change in changes[:CHANGES_SHOWN]]
        if len(changes) > CHANGES_SHOWN:
            lines.append(Markup(f"and {len(changes) - CHANGES_SHOWN} more"))  # noqa: S704 - a number of ours
        month = self.book.index_page_of.get(commit.id)
        anchor = links.commit_anchor(commit.id)
        uri = links.month(month) if month else links.ACTIVITY
        return FeedEntry(
            self.site.permalink(links.ACTIVITY, f"c-{commit.id}"),
            self._timeline_url(first.timeline) if len(changes) == 1 else self.site.at(uri, anchor if month else ""),
            alone if len(changes) == 1 else several,
            _list(lines) + _paragraph("Commit", f"{commit.short} {cut(commit.subject)}"),
            instant(commit.committed),
            "",
            (named(commit.author.name),),
            tuple(dict.fromkeys(change.timeline.kind for change in changes)),
        )

    def _change_line(self, change: StatusChange) -> Markup:
        shown = _link(self._timeline_url(change.timeline), _thing(change.timeline))
        return shown + escape(f" {_change_in_words(change)}{f' ({change.step.reason})' if change.step.reason else ''}")

    def _timeline_url(self, timeline: Timeline) -> str:
        if timeline.kind == "decision" and timeline.id in self.book.decisions:
            return self.site.at(links.decision(timeline.id))
        key, _, anchor = timeline.id.partition("#") if timeline.kind != "decision" else (timeline.round, "", "")
        entry = self.book.entries.get(key)
        if entry is None:
            return self.site.at(links.ACTIVITY)
        return self.site.at(links.round_page(key), anchor if anchor in entry.anchors.values() else "")

    def release(self, release: Release) -> FeedEntry:
        """Return a version with its curated entries."""
        uri = links.release(release.version)
        content = [self._listed(name.capitalize(), self._entries(uri, es)) for name, es in grouped(release.entries)]
        if not release.entries:
            content.append(_paragraph("Commits", str(len(release.commits))))
        return FeedEntry(
            self.site.permalink(uri),
            self.site.at(uri),
            clean(f"{release.version}{' [YANKED]' if release.yanked else ''}"),
            _joined(content),
            self.release_date(release),
            self._tagged(release),
        )

    def release_date(self, release: Release) -> str:
        """Return when a version was released."""
        return self._tagged(release) or midnight(release.date)

    def _tagged(self, release: Release) -> str:
        tag = next((t for t in self.book.history.tags if t.name == release.tag), None)
        return instant(tag.moment) if tag else ""

    def _entries(self, uri: str, entries: Iterable[ChangelogEntry]) -> list[Markup]:
        return [
            (Markup("<strong>Breaking:</strong> ") if e.change.breaking else Markup(""))
            + self._line(uri, e.change.line)
            for e in entries
        ]

    # ------------------------------------------------------------------- parts

    def _prose(self, uri: str, text: str | None) -> Markup:
        context = PageContext(self.book, Here(uri, self.site.style))
        return _whole(context.md(cut(text, PROSE_LIMIT)), self.site.at(uri)) if text else Markup("")

    def _line(self, uri: str, text: str) -> Markup:
        return _whole(
            PageContext(self.book, Here(uri, self.site.style)).line(cut(text, PROSE_LIMIT)), self.site.at(uri)
        )

    def _listed(self, title: str, items: Sequence[Markup]) -> Markup:
        return Markup("<p>{}:</p>").format(title) + _list(items) if items else Markup("")

    def _decision_link(self, decision: Decision) -> Markup:
        url = self.site.at(links.decision(decision.id))
        return _link(url, plain_name(decision.record.title)) + f" ({decision.shown_words})"

    # --------------------------------------------------------------- ids, dates

    def _id(self, uri: str, former: str | None) -> str:
        """Return the id of a page: of a renamed one that of the page it was first, or readers would show it again."""
        return self.site.permalink(former or uri)

    def _former_round(self, key: str) -> str | None:
        return next((links.round_page(old) for old, new in self.book.aliases.rounds.items() if new == key), None)

    def _former_decision(self, name: str) -> str | None:
        return next((links.decision(old) for old, new in self.book.aliases.decisions.items() if new == name), None)

    def _commit(self, commit_id: str | None) -> str:
        commit = self.book.holding(commit_id).commit(commit_id) if commit_id else None
        return instant(commit.committed) if commit else ""

    def _edited(self, entry: Entry) -> str:
        edits = self.book.timelines.edits.get(entry.key, ())
        return max((self._commit(edit.commit) for edit in edits), default="")

    def _recorded(self, timeline: Timeline | None) -> str:
        return self._commit(timeline.steps[0].commit) if timeline and timeline.recorded else ""

    def _day(self, entry: Entry) -> str:
        return midnight(entry.round.date.last.isoformat()) if entry.round.date else ""


def _thing(timeline: Timeline) -> str:
    words = cut(plain(timeline.title))
    if timeline.kind == "round":
        return called(timeline.id)
    return f"{timeline.kind} {words or timeline.id}"


def _change_in_words(change: StatusChange) -> str:
    after = _words(change.step.status)
    is_new = not change.before and change.step is change.timeline.steps[0]
    words = f"new, {after}" if is_new else f"{_words(change.before)} → {after}"
    return words if change.step.exact else f"{words} (here or before)"


def _words(status: str | None) -> str:
    return cut(clean(status).replace("-", " ")) if status else "not said"


def _paragraph(label: str, words: str) -> Markup:
    return Markup("<p>{}: {}</p>").format(label, clean(words))


def _list(items: Iterable[Markup]) -> Markup:
    return Markup("<ul>") + Markup("").join(Markup("<li>") + item + Markup("</li>") for item in items) + Markup("</ul>")


def _link(url: str, words: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(url, words)


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("\n").join(part for part in parts if part)


def _whole(made: Markup, base: str) -> Markup:
    """Return ready HTML for a reader that knows no page: whole addresses, and no more references than HTML needs."""
    parts = _TAG_OR_TEXT.split(str(made))
    shown = (_tag(p, base) if i % 2 else html.escape(html.unescape(p), quote=False) for i, p in enumerate(parts))
    return Markup("".join(shown))  # noqa: S704 - the tags are those of ready HTML, and the text is escaped


def _tag(tag: str, base: str) -> str:
    return _HREF.sub(lambda m: html.escape(urljoin(base, html.unescape(m[0]))), tag)


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


@frozen
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
    stands = [decision.status for decision in book.decisions.values()]
    accepted, asked = stands.count("accepted"), stands.count("proposed") + stands.count("draft")
    more = f", {asked} proposed" if asked else ""
    return Badge("decisions", "decisions", f"{accepted} accepted{more}" if stands else "none yet", "plain")


def _evidence(book: Book) -> Badge:
    counted = Tally.of(book.results)
    lenient = counted.waived + counted.noted == counted.contradicted
    against = ("poor" if lenient else "bad") if counted.contradicted else ""
    words = counted._replace(waived=0, noted=0).brief
    return Badge(
        "evidence", "evidence", words or "nothing checked", against or ("good" if counted.verified else "none")
    )
