"""The page of a round or phase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from roundbook.book.difference import Difference, since_previous
from roundbook.book.facts import MetricRow, Since
from roundbook.book.model import Book, Entry
from roundbook.schema.ids import called
from roundbook.schema.round import LISTS
from roundbook.site import links
from roundbook.site.context import PageContext, render
from roundbook.site.escape import spell
from roundbook.site.links import Here
from roundbook.site.listings import Listing, Show, pull_requests
from roundbook.site.outline import outline
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry
from roundbook.site.views.activity import version_listings, versions
from roundbook.site.views.changelog import changes_of, version_link
from roundbook.site.views.commits import commits_listing, commits_of
from roundbook.site.views.decisions import decision_body
from roundbook.site.views.evidence import listed as result_list
from roundbook.site.views.evidence import listings as result_listings
from roundbook.site.views.evidence import tally
from roundbook.site.views.others import mentioned_in, metrics_of, round_notice

HEADLINES = 4
FILES_SHOWN = 200
NOTHING = Markup("")
# What the templates of a round show; any other key follows as an outline.
SHOWN = frozenset(
    {"title", "round", "phase", "was", "closed", "kind", "date", "status", "status_text", "focus", "summary"}
)
SHOWN |= {
    "repository",
    "team",
    "versions",
    "carried",
    "metrics",
    "files",
    "history",
    "commits",
    "branch",
    "tags",
    "prs",
}
SHOWN |= {"releases", "links", "source", "waive", *LISTS}


def tests_of(entry: Entry) -> str | None:
    """Return the test count after a round, as written; `None` where it has none."""
    metric = entry.round.metrics.get("tests")
    return metric.now if metric else None


@view
def round_link(book: Book, here: Here, round: str = "", text: str = "") -> Markup:  # noqa: A002 - the word users write
    """Show a link to a round with its name or `text` as the link text. The default is the newest round."""
    return spell(PageContext(book, here).round(an_entry(book, round).key, text))


@view
def round_page(book: Book, here: Here, round: str = "") -> Markup:  # noqa: A002
    """Show a full round, as on its page. The default is the newest round."""
    return whole_page(book, here, an_entry(book, round).key)


def listings(whole: Book, key: str) -> tuple[Listing, ...]:
    """Return the lists of the page of a round or phase that come from git and from checks, and so may be of any length."""
    book = whole.home(key)
    entry, uri, words = book.entries[key], links.round_page(key), called(key)

    def rows(template: str) -> Show:
        return lambda here, some: render(template, book, here, entry=entry, rows=some)

    return (
        commits_listing(book, entry),
        pull_requests(entry, rows("pulls.md.j2")),
        Listing(uri, "contributors", f"Contributors of {words}", entry.contributors, rows("people.md.j2"),
                newest_first=False),
        Listing(uri, "touched", f"Files touched in {words}", entry.touched, rows("touched.md.j2"), FILES_SHOWN,
                newest_first=False),
        *result_listings(book, uri, book.results_of.get(key, ()), f" in {words}"),
        *version_listings(book, entry),
    )  # fmt: skip


def whole_page(whole: Book, here: Here, key: str, inside: Markup = NOTHING) -> Markup:
    """Return a round or phase whole, with `inside` below its summary: of a phase its rounds."""
    book = whole.home(key)
    entry = book.entries[key]
    record = entry.round
    long = {one.name: one for one in listings(whole, key)}
    fates = Counter(t.fate for t in entry.touched)
    tests = record.metrics.get("tests")
    return render(
        "round.md.j2", book, here,
        entry=entry,
        forge=book.forges.get(entry.repository),
        header=round_header(whole, here, entry),
        inside=inside,
        metrics=metrics_of(book, here, entry),
        lists=LISTS,
        body_of=lambda name, anchor: decision_body(book, here, name, anchor, entry.key),
        since=since_of(whole, here, entry),
        size=team_size(entry),
        tests=tests.now if tests else None,
        changes=changes_of(book, here, entry),
        evidence=result_list(book, here, book.results_of[key], long) if key in book.results_of else "",
        long=lambda name: long[name].head(here),
        commits=commits_of(book, here, entry),
        versions=versions(book, here, long),
        version_link=lambda name: version_link(whole, here, name),
        beyond=PageContext(whole, here).md("\n\n".join(outline(record, SHOWN))),
        backlinked=mentioned_in(book, here),
        fates=", ".join(f"{count} {fate}" for fate, count in sorted(fates.items())),
    )  # fmt: skip


def headline(entry: Entry) -> tuple[MetricRow, ...]:
    """Return the metrics that a glance shows: the test count first, then the others in their order."""
    rows = sorted(entry.metrics, key=lambda row: row.name != "tests")
    return tuple(rows[:HEADLINES])


def team_size(entry: Entry) -> str | None:
    """Return how many worked: as the team says, else the number of agents."""
    team = entry.round.team
    return (team.size if team else None) or (str(len(entry.round.agents)) if entry.round.agents else None)


def round_header(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the head of a round's page: status, date, team, headline metrics, where it comes from."""
    size, team = team_size(entry), entry.round.team
    forge, home = book.forge, book.home(entry.key)
    edits = book.timelines.edits.get(entry.key, ())
    prefix = book.history.prefix
    files = [
        {"path": p, "history": forge.history(prefix + p) if forge else None} for p in book.files.get(entry.key, ())
    ]
    return render(
        "round_header.md.j2", book, here, entry=entry, headline=headline(entry), files=files,
        forge=book.forges.get(entry.repository),
        evidence=tally(book.results_of.get(entry.key, ())), share=book.coverage_counts.get(("round", entry.key)),
        unassigned=here.to(links.COMMITS, "unassigned"),
        edited=book.commit(edits[-1].commit) if edits else None, versions=len(edits),
        team=_team(size, team.mode if team else None),
        notice=round_notice(home, here) if entry.verified else "",
        annex=home.annex,
        word=entry.kind,
        head=home.history.head if home.annex else None,
    )  # fmt: skip


def _team(size: str | None, mode: str | None) -> str:
    """Return `8 concurrent`, but `7, a lead and six others`."""
    return (", " if mode and " " in mode else " ").join(filter(None, (size, mode)))


def since_of(book: Book, here: Here, entry: Entry) -> Markup:
    """Return what changed since the round before, with what the note says beside it."""
    since, step = entry.since or Since(entry.previous or "", (), (), (), None), since_previous(book, entry)
    note = since.note
    parts = (
        ("Completed", since.completed, note.completed if note else ()),
        ("Revealed", since.revealed, note.findings if note else ()),
        ("Carried over", since.carried_over, note.deferred if note else ()),
    )
    if not any(derived or noted for _, derived, noted in parts) and not (step and _moved(step)):
        return Markup("")

    source = book.entries.get(since.previous, entry)
    return render(
        "since.md.j2", book, here, since=since, parts=parts, entry=source, own=entry.key,
        points=_moved(step), forge=book.forges.get(entry.repository),
    )  # fmt: skip


def _moved(step: Difference | None) -> tuple[tuple[str, Sequence[Any]], ...]:
    """Return what a round changed beyond the files of the one before, by kind, without the kinds that are empty."""
    if step is None:
        return ()
    kinds: tuple[tuple[str, Sequence[Any]], ...] = (
        ("Metrics", step.metrics),
        ("Decisions taken", step.new_decisions),
        ("Decisions replaced", step.changed_decisions),
        ("Goals completed", step.completed_goals),
        ("Goals still open", step.open_goals),
        ("New goals", step.new_goals),
        ("Open items added", step.opened_items),
        ("Open items closed", step.closed_items),
    )
    return tuple((word, found) for word, found in kinds if found)


def description(entry: Entry) -> str:
    """Return a round in one sentence, for search results and previews of links."""
    status = (entry.status or "no status").replace("-", " ")
    return f"{plain(entry.round.name)}: {status}. {plain(entry.round.focus or '')}".strip()
