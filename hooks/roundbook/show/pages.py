"""In: the book. Out: all generated pages, each with its address, title, text and the file that it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from markupsafe import Markup

from roundbook.model.book import Book, Broken, Entry, Release, Ruling
from roundbook.model.history import Commit
from roundbook.show import addresses
from roundbook.show.encode import encode, title
from roundbook.show.here import Here, UrlStyle
from roundbook.show.prose import inline, plain
from roundbook.show.scene import Scene, link
from roundbook.show.views import changelog, commits, decisions, notices, rounds, threads

INDEX_LIMIT = 200  # rounds on the front page; the pages of the phases have all of them


@dataclass(frozen=True, slots=True)
class Page:
    """A generated page: `uri` is its source address, `text` its Markdown without front matter.

    `source` is the file of the project that it is edited in, `day` the day of its newest content (`YYYY-MM-DD` or empty),
    `crumbs` the pages above it as (uri, title), `previous` and `next` its neighbours. `searched` says whether a search
    should find it.
    """

    uri: str
    title: str
    text: str
    description: str = ""
    source: str = ""
    day: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    previous: str | None = None
    next: str | None = None
    searched: bool = True

    def document(self) -> str:
        """Return the Markdown file: front matter, then the text. Templates are off, since the text is not ours alone."""
        meta: dict[str, Any] = {"title": title(self.title), "render_macros": False}
        if self.description:
            meta["description"] = title(self.description)
        if not self.searched:
            meta["search"] = {"exclude": True}
        lines = "".join(f"{key}: {json.dumps(value)}\n" for key, value in meta.items())  # JSON is YAML
        return f"---\n{lines}---\n\n{self.text}"


def pages(book: Book, style: UrlStyle = "directory") -> Iterator[Page]:
    """Yield every page of the book, index pages first."""
    make = partial(_page, book, style)
    yield from _indexes(book, make)
    for phase in book.phase_keys:
        yield _phase(book, make, phase)
    for entry in book.entries.values():
        yield _round(book, make, entry)
    for broken in book.broken:
        if "/" in broken.key:
            yield _broken(make, broken)
    for ruling in book.rulings.values():
        yield _decision(book, make, ruling)
    for release in book.releases:
        if release.tag:
            yield _release(make, release)
    yield from _months(book, make)


def _page(book: Book, style: UrlStyle, uri: str, name: str, view: Any, **more: Any) -> Page:
    """Make one page: crumbs, the heading, and what `view(book, here)` shows."""
    here = Here(uri, style)
    crumbs: tuple[tuple[str, str], ...] = more.get("crumbs", ())
    trail = Markup("")
    if crumbs:
        links = Markup(" › ").join(link(here.to(u), inline(t)) for u, t in crumbs)
        trail = Markup('<nav class="rb-crumbs" aria-label="Breadcrumbs">') + links + Markup("</nav>\n\n")
    text = trail + Markup("# ") + inline(name) + Markup("\n\n") + view(book, here)
    return Page(uri, plain(name), str(text), **more)


def _indexes(book: Book, make: Any) -> Iterator[Page]:
    notice = notices.round_notice

    def front(b: Book, h: Here) -> Markup:
        phases = Markup("").join(Markup("<li>") + Scene(b, h).phase(p) + Markup("</li>") for p in b.phase_keys)
        listed = Markup('\n## Phases { #phases }\n\n<ul class="rb-plain">') + phases + Markup("</ul>\n") if b.phase_keys else ""
        return notice(b, h, errors=True) + rounds.round_table(b, h, limit=INDEX_LIMIT) + listed

    yield make(addresses.ROUNDS, "Rounds", front, description="All rounds, newest first, with status, focus, tests and commits.")
    yield make(
        addresses.DECISIONS, "Decisions",
        lambda b, h: decisions.round_decisions(b, h) + Markup("\n## Who replaced whom { #lineage }\n\n") + decisions.round_lineage(b, h),
        description="The decision log: what was decided, why, when, and what replaced it.",
    )  # fmt: skip
    yield make(
        addresses.CHANGELOG, "Changelog",
        lambda b, h: notice(b, h) + _other(h, addresses.CHANGELOG_BY_ROUND, "The same by round") + changelog.round_changelog(b, h),
        description="What changed in each version, with the commits behind every entry.",
    )  # fmt: skip
    yield make(
        addresses.CHANGELOG_BY_ROUND, "Changelog by round",
        lambda b, h: notice(b, h) + _other(h, addresses.CHANGELOG, "The same by version") + changelog.round_changelog(b, h, by="round", limit=50),
        crumbs=((addresses.CHANGELOG, "Changelog"),), searched=False,
    )  # fmt: skip
    yield make(
        addresses.THREADS, "Threads", lambda b, h: threads.round_threads(b, h, status="all"),
        description="What is deferred, open, blocked or to be looked at again, and which round closed it.",
    )  # fmt: skip


def _other(here: Here, uri: str, words: str) -> Markup:
    return Markup('<p class="rb-note">') + link(here.to(uri), encode(words)) + Markup("</p>\n\n")


def _phase(book: Book, make: Any, phase: str) -> Page:
    record = book.phases.get(phase)
    name = record.name if record else f"Phase {phase}"

    def body(b: Book, h: Here) -> Markup:
        scene = Scene(b, h)
        words = Markup('<div class="rb-prose">') + scene.md(record.summary or record.focus) + Markup("</div>\n") if record else Markup("")
        metrics = any("tests" in e.round.metrics for e in b.in_phase(phase))
        from roundbook.show.views.metrics import round_metrics

        line = Markup("\n## Tests { #tests }\n\n") + round_metrics(b, h, name="tests", phase=phase) if metrics else Markup("")
        return words + "\n" + rounds.round_table(b, h, phase=phase) + line

    source = book.files.get(phase, ("",))[0]
    return make(
        addresses.phase_page(phase), name, body, source=source, crumbs=((addresses.ROUNDS, "Rounds"),),
        description=plain((record.focus or record.summary or "") if record else ""),
    )  # fmt: skip


def _crumbs_of(book: Book, phase: str) -> tuple[tuple[str, str], ...]:
    record = book.phases.get(phase)
    name = record.name if record else f"Phase {phase}"
    return ((addresses.ROUNDS, "Rounds"), (addresses.phase_page(phase), name))


def _round(book: Book, make: Any, entry: Entry) -> Page:
    newest = book.commit(entry.last_commit) if entry.last_commit else None
    written = entry.round.date.last.isoformat() if entry.round.date else ""
    return make(
        addresses.round_page(entry.key), entry.round.name, lambda b, h: rounds.round_page(b, h, entry.key),
        description=rounds.description(entry),
        source=book.files.get(entry.key, ("",))[0],
        day=max(written, newest.committed.day if newest else ""),
        crumbs=_crumbs_of(book, entry.round.phase),
        previous=addresses.round_page(entry.previous) if entry.previous else None,
        next=addresses.round_page(entry.next) if entry.next else None,
    )  # fmt: skip


def _broken(make: Any, broken: Broken) -> Page:
    return make(
        addresses.round_page(broken.key), f"Round {broken.key} cannot be read",
        lambda b, h: notices.broken_page(b, h, broken),
        source=broken.paths[0], crumbs=((addresses.ROUNDS, "Rounds"),), searched=False,
    )  # fmt: skip


def _decision(book: Book, make: Any, ruling: Ruling) -> Page:
    place = ruling.decision.place
    return make(
        addresses.decision(ruling.id), ruling.decision.title, lambda b, h: decisions.round_decision(b, h, ruling.id),
        description=decisions.description(ruling), source=place.path if place else "", day=ruling.date,
        crumbs=((addresses.DECISIONS, "Decisions"),),
    )  # fmt: skip


def _release(make: Any, release: Release) -> Page:
    return make(
        addresses.release(release.version), f"{release.version} - {release.date}",
        lambda b, h: changelog.release_body(b, h, release),
        day=release.date, crumbs=((addresses.CHANGELOG, "Changelog"),),
        description=f"What changed in version {release.version}.",
    )  # fmt: skip


def _months(book: Book, make: Any) -> Iterator[Page]:
    """Yield the accounting: a front page with the sums, and one page for each month, whose address never changes."""
    by_month: dict[str, list[Commit]] = {}
    for commit in book.history.commits:
        by_month.setdefault(addresses.month(commit), []).append(commit)
    order = sorted(by_month, reverse=True)

    def front(b: Book, h: Here) -> Markup:
        items = Markup("").join(
            Markup("<li>") + link(h.to(u), encode(_month_name(u))) + f" {len(by_month[u]):,}" + Markup("</li>") for u in order
        )
        months = Markup('\n## By month { #months }\n\n<ul class="rb-plain rb-months">') + items + Markup("</ul>\n") if order else ""
        return notices.round_notice(b, h) + commits.round_accounting(b, h) + months + _unaccounted(b, h)

    yield make(addresses.COMMITS, "Commits", front, description="Every commit and the account that it ends in.", searched=False)
    for i, uri in enumerate(order):
        yield make(
            uri, f"Commits of {_month_name(uri)}", lambda b, h, u=uri: commits.accounted(b, h, by_month[u]),
            crumbs=((addresses.COMMITS, "Commits"),), searched=False,
            previous=order[i + 1] if i + 1 < len(order) else None, next=order[i - 1] if i else None,
        )  # fmt: skip


def _month_name(uri: str) -> str:
    return uri.removeprefix("commits/").removesuffix(".md")


def _unaccounted(book: Book, here: Here) -> Markup:
    left = [c for c in book.history.commits if book.accounts[c.id].kind == "unaccounted"]
    if not left:
        return Markup("")
    heading = Markup("\n## Unaccounted { #unaccounted }\n\n")
    return heading + commits.listed(book, here, (c.id for c in left[:100]), label="Unaccounted commits")
