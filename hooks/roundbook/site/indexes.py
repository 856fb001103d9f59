"""The pages that list rounds, decisions and commits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site import links
from roundbook.site.context import PageContext
from roundbook.site.escape import encode
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN, Listing
from roundbook.site.views.activity import activity_listing, round_activity
from roundbook.site.views.changelog import ROUNDS_SHOWN, by_round, older_listing, round_changelog
from roundbook.site.views.changelog import listings as listings_of
from roundbook.site.views.commits import accounted, round_accounting
from roundbook.site.views.decisions import all_decisions
from roundbook.site.views.evidence import in_short, round_results
from roundbook.site.views.evidence import listed as result_list
from roundbook.site.views.evidence import listings as result_listings
from roundbook.site.views.lineage import round_lineage
from roundbook.site.views.metrics import round_trends, trend_listings
from roundbook.site.views.others import (
    errors_listing,
    files_listings,
    items_listings,
    open_items_page,
    round_files,
    round_notice,
)
from roundbook.site.views.packages import packages_list
from roundbook.site.views.phases import all_phases, all_rounds, rounds_listing, unread_listing
from roundbook.site.views.repositories import log_listing, log_words, repositories_listing, repositories_page, round_log
from roundbook.site.widgets import bullets, link, paragraph, section

LINKS_SHOWN = 200
CLAIMED_AT_ONCE = 12


@frozen
class FrontPage:
    """A front page; `menu` is its place in the section *Project log*, and `filled` tells whether it has anything to show.

    Without `always` there is no page where it has not. `words` is what a search finds beside its title.
    """

    uri: str
    title: str
    show: Callable[[Book, Here], Markup]
    description: str
    crumbs: tuple[tuple[str, str], ...] = ()
    searched: bool = True
    menu: Literal["first", "more", ""] = "more"
    filled: Callable[[Book], object] = lambda book: True  # noqa: ARG005
    wide: bool = False
    always: bool = True
    words: Callable[[Book], str] = lambda book: ""  # noqa: ARG005


def _decisions(book: Book, here: Here) -> Markup:
    log = all_decisions(book).head(here)
    if not any(decision.supersedes or decision.amends for decision in book.decisions.values()):
        return log
    return log + Markup("\n## Replacements { #lineage }\n\n") + round_lineage(book, here)


def _changelog(book: Book, here: Here) -> Markup:
    other = _other(here, links.CHANGELOG_BY_ROUND, "Grouped by round")
    packages = packages_list(book, here) + "\n" if book.packages else ""
    return round_notice(book, here) + other + packages + round_changelog(book, here)


def _changelog_by_round(book: Book, here: Here) -> Markup:
    other = _other(here, links.CHANGELOG, "Grouped by version")
    return round_notice(book, here) + other + round_changelog(book, here, by="round", limit=ROUNDS_SHOWN)


def _other(here: Here, uri: str, words: str) -> Markup:
    return paragraph(link(here.to(uri), encode(words))) + "\n"


def _commits(book: Book, here: Here) -> Markup:
    pages = book.commit_index.items()
    months = [
        link(here.to(links.month(name)), encode(name[:7] + (f", page {name[8:]}" if name[7:] else "")))
        + Markup(' <span class="rb-note">')
        + plural(len(commits), "commit")
        + Markup("</span>")
        for name, commits in pages
    ]
    left = [c for c in book.history.commits if book.coverage[c.id].kind == "unassigned"]
    shown = accounted(book, here, left[:SHOWN])
    more = Markup("and ") + plural(len(left) - SHOWN, "more commit") + ", marked on the pages of the "
    shown += paragraph(more + link("#months", Markup("months"))) if len(left) > SHOWN else ""
    rest = Markup("\n## Unassigned { #unaccounted }\n\n") + _claim([c.id for c in left]) + shown if left else ""
    return round_notice(book, here) + round_accounting(book, here) + section("By month", "months", months) + rest


def _claim(ids: list[str]) -> Markup:
    """Return the line of YAML that would give the newest of these commits to a round."""
    line = encode(f"commits: [{', '.join(i[:10] for i in ids[:CLAIMED_AT_ONCE])}]")
    words = "To assign them to a round, add this line to its file:"
    return paragraph(Markup(f"{words} <code>{line}</code>"))  # noqa: S704 - encoded


def _evidence(book: Book, here: Here) -> Markup:
    heading = Markup("\n## By check { #checks }\n\n") + round_results(book, here)
    *tables, by_round = _evidence_listings(book)
    own = Markup("\n## By round { #rounds }\n\n") + by_round.head(here) if by_round.items else ""
    listed = result_list(book, here, book.results, {one.name: one for one in tables})
    return round_notice(book, here) + listed + heading + own


def _evidence_listings(book: Book) -> tuple[Listing, ...]:
    """Return the tables of what is not verified, and the rounds with what is said of each."""
    results = book.results_of
    counted = [key for key in book.all_keys if any(one.is_claim for one in results.get(key, ()))]

    def show(here: Here, some: Sequence[str]) -> Markup:
        context = PageContext(book, here)
        note = Markup(' <span class="rb-note">{}</span>')
        return bullets(
            link(context.entry_url(key, "evidence"), encode(key)) + note.format(in_short(results[key])) for key in some
        )

    tables = (one for one in result_listings(book, links.EVIDENCE, book.results) if one.name != "verified")
    return *tables, Listing(links.EVIDENCE, "rounds", "Evidence by round", counted, show, LINKS_SHOWN)


def _metrics(book: Book, here: Here) -> Markup:
    return round_notice(book, here) + round_trends(book, here)


def _activity(book: Book, here: Here) -> Markup:
    return round_notice(book, here) + round_activity(book, here, limit=SHOWN)


FRONT_PAGES = (
    FrontPage(
        links.ROUNDS,
        "Rounds",
        all_rounds,
        "All rounds, newest first, with status, focus, tests and commits.",
        menu="first",
        wide=True,
    ),
    FrontPage(
        links.DECISIONS,
        "Decisions",
        _decisions,
        "What was decided, why, when, and what replaced it.",
        menu="first",
        wide=True,
        filled=lambda book: book.decisions,
    ),
    FrontPage(
        links.CHANGELOG,
        "Changelog",
        _changelog,
        "What changed in each version, with the commits behind it.",
        menu="first",
    ),
    FrontPage(
        links.CHANGELOG_BY_ROUND,
        "Changelog by round",
        _changelog_by_round,
        "What changed in each round, with the commits behind it.",
        crumbs=((links.CHANGELOG, "Changelog"),),
        searched=False,
        menu="",
    ),
    FrontPage(
        links.COMMITS, "Commits", _commits, "Every commit, with its rounds and how it is counted.", searched=False
    ),
    FrontPage(
        links.EVIDENCE,
        "Evidence",
        _evidence,
        "Which claims are verified, which are contradicted by git or the data, and which were not checked.",
        filled=lambda book: book.results,
    ),
    FrontPage(
        links.FILES,
        "Decisions by file",
        round_files,
        "Which decisions affect which files, from the decisions and from markers in the code.",
        wide=True,
        filled=lambda book: book.governed,
    ),
    FrontPage(
        links.METRICS,
        "Metrics",
        _metrics,
        "Every metric over all rounds, with its newest value, its target, and where it got worse.",
        filled=lambda book: book.metric_points,
    ),
    FrontPage(
        links.ACTIVITY,
        "Activity",
        _activity,
        "Status changes, newest first.",
        searched=False,
        filled=lambda book: activity_listing(book).items,
    ),
    FrontPage(
        links.OPEN_ITEMS,
        "Open items",
        open_items_page,
        "What is deferred, open or blocked, and which round closed it.",
        menu="first",
        wide=True,
        filled=lambda book: book.open_items,
    ),
    FrontPage(
        links.REPOSITORIES,
        "Repositories",
        repositories_page,
        "Each repository with its last round, open items and results of checks.",
        menu="first",
        wide=True,
        filled=lambda book: book.gathered.members,
        always=False,
    ),
    FrontPage(
        links.LOG,
        "Log of all repositories",
        round_log,
        "The rounds and decisions of all repositories, newest first.",
        words=log_words,
        crumbs=((links.REPOSITORIES, "Repositories"),),
        menu="",
        wide=True,
        filled=lambda book: book.gathered.members,
        always=False,
    ),
)


@frozen
class Menu:
    """The front pages that a navigation shows, without those that have nothing to show; `more` are those below *More*."""

    first: tuple[str, ...]
    more: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Return both parts."""
        return self.first + self.more


def menu(book: Book) -> Menu:
    """Return the front pages that the navigation shows of a book."""
    shown = [front for front in FRONT_PAGES if front.menu and front.filled(book)]
    first, more = (tuple(front.uri for front in shown if front.menu == part) for part in ("first", "more"))
    return Menu(first, more)


def _of_rounds(book: Book) -> tuple[Listing, ...]:
    return (rounds_listing(book),)


def _of_problems(book: Book) -> tuple[Listing, ...]:
    return unread_listing(book), errors_listing(book), all_phases(book)


def _of_decisions(book: Book) -> tuple[Listing, ...]:
    return (all_decisions(book),)


def _of_changelog(book: Book) -> tuple[Listing, ...]:
    unreleased = (one for release in book.releases if not release.released for one in listings_of(book, release))
    return older_listing(book), *unreleased


def _of_changelog_by_round(book: Book) -> tuple[Listing, ...]:
    return (by_round(book),)


def _of_activity(book: Book) -> tuple[Listing, ...]:
    return (activity_listing(book),)


# The titles of front pages with what gives their lists.
FRONT_LISTS = (
    ("Rounds", _of_rounds),
    ("Rounds", _of_problems),
    ("Decisions", _of_decisions),
    ("Changelog", _of_changelog),
    ("Changelog by round", _of_changelog_by_round),
    ("Open items", items_listings),
    ("Activity", _of_activity),
    ("Metrics", trend_listings),
    ("Evidence", _evidence_listings),
    ("Decisions by file", files_listings),
    ("Repositories", lambda book: (repositories_listing(book),)),
    ("Log of all repositories", lambda book: (log_listing(book),)),
)
