"""In: the book and where it is published. Out: the feeds of rounds, decisions, changes of status and releases."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin

from markupsafe import Markup, escape

from roundbook.book.facts import Entered, Release, Ruling, contributors
from roundbook.book.model import Book, Entry
from roundbook.git.history import Commit
from roundbook.rounds.versions import Life, Turn
from roundbook.schema.ids import called
from roundbook.show import addresses
from roundbook.show.encode import clean, cut
from roundbook.show.feed import Feed, Story, atom, json_feed, newest
from roundbook.show.here import Here
from roundbook.show.page import Asset
from roundbook.show.prose import plain
from roundbook.show.publication import Publication, instant, midnight, named
from roundbook.show.scene import Scene
from roundbook.show.views.changelog import grouped

# The name of a feed, what its title adds to that of the site, and the page that shows the same.
FEEDS = (
    ("rounds", "rounds", addresses.ROUNDS),
    ("decisions", "decisions", addresses.DECISIONS),
    ("activity", "changes of status", addresses.ACTIVITY),
    ("releases", "releases", addresses.CHANGELOG),
)
AUTHORS = 5
TURNS = 50  # of one commit
PROSE_LIMIT = 8_000
_TAG_OR_TEXT = re.compile(r"(<[^>]*>)")
_HREF = re.compile(r'(?<= href=")[^"]*')


def feeds(book: Book, site: Publication) -> Iterator[Asset]:
    """Yield the files of all feeds; none where the address of the site is not known, since a feed needs whole ones."""
    if not site.top:
        return
    teller = Teller(book, site)
    told = {
        "rounds": map(teller.round, book.entries.values()),
        "decisions": map(teller.decision, book.rulings.values()),
        "activity": teller.changes(),
        "releases": (teller.release(one) for one in book.releases if one.released),
    }
    for name, words, home in FEEDS:
        title = f"{site.title}: {words}"
        feed = Feed(name, title, site.at(home), site.top, site.title, newest(iter(told[name])))
        yield Asset(f"feeds/{name}.xml", atom(feed))
        yield Asset(f"feeds/{name}.json", json_feed(feed))


@dataclass(frozen=True)
class Teller:
    """Makes the entries of feeds from one book."""

    book: Book
    site: Publication

    def round(self, entry: Entry) -> Story:
        """Return a round: its focus, its summary, and what was decided in it."""
        record, uri = entry.round, addresses.round_page(entry.key)
        home = self.book.home(entry.key).entries[entry.key]
        content = [
            _paragraph("Status", _words(entry.status)),
            self._prose(uri, record.focus),
            self._prose(uri, record.summary),
            self._listed("Decisions", [self._decision_link(r) for r in self._rulings.get(entry.key, ())]),
        ]
        return Story(
            self._id(uri, self._former_round(entry.key)),
            self.site.at(uri),
            plain(record.name),
            _joined(content),
            self._edited(entry) or self._day(entry) or self._commit(entry.last_commit),
            self._recorded(self.book.lives.of("round", entry.key)),
            tuple(self._writers(home)),
            record.tags,
        )

    def _writers(self, entry: Entry) -> Iterator[str]:
        """Yield the names of who did the work of a round or wrote it down, those with most commits first."""
        book = self.book.home(entry.key)
        ids = (*(link.commit for link in entry.links), *entry.recorded)
        for one in contributors(filter(None, map(book.commit, ids)), book.history.mailmap)[:AUTHORS]:
            yield named(one.person.name)

    def decision(self, ruling: Ruling) -> Story:
        """Return a decision: how it stands, what was decided and why."""
        record, uri = ruling.decision, addresses.decision(ruling.id)
        life = self.book.lives.of("decision", ruling.id)
        replaced = [self._decision_link(self.book.rulings[n]) for n in ruling.superseded_by if n in self.book.rulings]
        content = [
            _paragraph("Status", _words(ruling.shown)),
            self._prose(uri, record.context),
            self._prose(uri, record.decision),
            self._listed("Because", [self._line(uri, reason) for reason in record.rationale]),
            self._listed("Superseded by", replaced),
        ]
        return Story(
            self._id(uri, self._former_decision(ruling.id)),
            self.site.at(uri),
            plain(record.title),
            _joined(content),
            self._commit(life.steps[-1].commit if life else None) or midnight(ruling.date),
            self._recorded(life),
            tuple(map(named, record.decision_makers[:AUTHORS])),
            record.tags,
        )

    def changes(self) -> Iterator[Story]:
        """Yield what took another status, by commit, as the page of activity has it."""
        groups: dict[str, list[Turn]] = {}
        for turn in self.book.lives.feed:
            groups.setdefault(turn.step.commit, []).append(turn)
        for commit_id, turns in groups.items():
            commit = self.book.commit(commit_id)
            if commit is not None:
                yield self._change(commit, turns)

    def _change(self, commit: Commit, turns: Sequence[Turn]) -> Story:
        several = f"{len(turns)} changes of status: {clean(cut(commit.subject))}"
        first = turns[0]
        alone = f"{_thing(first.life)}: {_turned(first)}"
        lines = [self._turn(turn) for turn in turns[:TURNS]]
        if len(turns) > TURNS:
            lines.append(Markup(f"and {len(turns) - TURNS} more"))  # noqa: S704 - a number of ours
        leaf = self.book.leaf_of.get(commit.id)
        anchor = addresses.commit_anchor(commit.id)
        uri = addresses.leaf(leaf) if leaf else addresses.ACTIVITY
        return Story(
            self.site.permalink(addresses.ACTIVITY, f"c-{commit.id}"),
            self._life_url(first.life) if len(turns) == 1 else self.site.at(uri, anchor if leaf else ""),
            alone if len(turns) == 1 else several,
            _list(lines) + _paragraph("Commit", f"{commit.short} {cut(commit.subject)}"),
            instant(commit.committed),
            "",
            (named(commit.author.name),),
            tuple(dict.fromkeys(turn.life.kind for turn in turns)),
        )

    def _turn(self, turn: Turn) -> Markup:
        shown = _link(self._life_url(turn.life), _thing(turn.life))
        return shown + escape(f" {_turned(turn)}{f' ({turn.step.reason})' if turn.step.reason else ''}")

    def _life_url(self, life: Life) -> str:
        if life.kind == "decision" and life.id in self.book.rulings:
            return self.site.at(addresses.decision(life.id))
        key, _, anchor = life.id.partition("#") if life.kind != "decision" else (life.round, "", "")
        entry = self.book.entries.get(key)
        if entry is None:
            return self.site.at(addresses.ACTIVITY)
        return self.site.at(addresses.round_page(key), anchor if anchor in entry.anchors.values() else "")

    def release(self, release: Release) -> Story:
        """Return a version with its curated entries."""
        uri = addresses.release(release.version)
        tag = next((t for t in self.book.history.tags if t.name == release.tag), None)
        content = [self._listed(name.capitalize(), self._entries(uri, es)) for name, es in grouped(release.entries)]
        if not release.entries:
            content.append(_paragraph("Commits", str(len(release.commits))))
        moment = instant(tag.moment) if tag else ""
        return Story(
            self.site.permalink(uri),
            self.site.at(uri),
            clean(f"{release.version}{' [YANKED]' if release.yanked else ''}"),
            _joined(content),
            moment or midnight(release.date),
            moment,
        )

    def _entries(self, uri: str, entries: Iterable[Entered]) -> list[Markup]:
        return [
            (Markup("<strong>Breaking:</strong> ") if e.change.breaking else Markup(""))
            + self._line(uri, e.change.line)
            for e in entries
        ]

    # ------------------------------------------------------------------- parts

    def _prose(self, uri: str, text: str | None) -> Markup:
        scene = Scene(self.book, Here(uri, self.site.style))
        return _whole(scene.md(cut(text, PROSE_LIMIT)), self.site.at(uri)) if text else Markup("")

    def _line(self, uri: str, text: str) -> Markup:
        return _whole(Scene(self.book, Here(uri, self.site.style)).line(cut(text, PROSE_LIMIT)), self.site.at(uri))

    def _listed(self, title: str, items: Sequence[Markup]) -> Markup:
        return Markup("<p>{}:</p>").format(title) + _list(items) if items else Markup("")

    def _decision_link(self, ruling: Ruling) -> Markup:
        url = self.site.at(addresses.decision(ruling.id))
        return _link(url, plain(ruling.decision.title)) + f" ({ruling.shown_words})"

    @cached_property
    def _rulings(self) -> dict[str, list[Ruling]]:
        found: dict[str, list[Ruling]] = {}
        for ruling in self.book.rulings.values():
            found.setdefault(ruling.address[0], []).append(ruling)
        return found

    # --------------------------------------------------------------- ids, dates

    def _id(self, uri: str, former: str | None) -> str:
        """Return the id of a page: of a renamed one that of the page it was first, or readers would show it again."""
        return self.site.permalink(former or uri)

    def _former_round(self, key: str) -> str | None:
        return next((addresses.round_page(old) for old, new in self.book.former.rounds.items() if new == key), None)

    def _former_decision(self, name: str) -> str | None:
        return next((addresses.decision(old) for old, new in self.book.former.decisions.items() if new == name), None)

    def _commit(self, commit_id: str | None) -> str:
        commit = self.book.holding(commit_id).commit(commit_id) if commit_id else None
        return instant(commit.committed) if commit else ""

    def _edited(self, entry: Entry) -> str:
        edits = self.book.lives.edits.get(entry.key, ())
        return max((self._commit(edit.commit) for edit in edits), default="")

    def _recorded(self, life: Life | None) -> str:
        return self._commit(life.steps[0].commit) if life and life.recorded else ""

    def _day(self, entry: Entry) -> str:
        return midnight(entry.round.date.last.isoformat()) if entry.round.date else ""


def _thing(life: Life) -> str:
    words = cut(plain(life.title))
    if life.kind == "round":
        return called(life.id)
    return f"{life.kind} {words or life.id}"


def _turned(turn: Turn) -> str:
    after = _words(turn.step.status)
    is_new = not turn.before and turn.step is turn.life.steps[0]
    told = f"new, {after}" if is_new else f"{_words(turn.before)} → {after}"
    return told if turn.step.exact else f"{told} (here or before)"


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
