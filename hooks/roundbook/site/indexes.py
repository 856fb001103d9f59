"""The pages that list rounds, decisions and commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.site import links
from roundbook.site.context import PageContext
from roundbook.site.escape import encode
from roundbook.site.links import Here
from roundbook.site.views.activity import SHOWN, round_activity
from roundbook.site.views.changelog import round_changelog
from roundbook.site.views.commits import listed, round_accounting
from roundbook.site.views.decisions import round_decisions, round_lineage
from roundbook.site.views.evidence import listed as result_list
from roundbook.site.views.evidence import round_results, tally
from roundbook.site.views.others import round_files, round_metrics, round_notice, round_open_items
from roundbook.site.views.rounds import round_table, whole_page
from roundbook.site.widgets import link, paragraph, section

ROUNDS_SHOWN = 200  # the pages of the phases have all of them
DECISIONS_SHOWN = 300  # likewise
ROUNDS_OF_CHANGELOG = 50
DECISIONS_OF_PHASE = 1000
UNACCOUNTED_SHOWN = 100
CLAIMED_AT_ONCE = 12


@dataclass(frozen=True, slots=True)
class FrontPage:
    """A front page."""

    uri: str
    title: str
    show: Callable[[Book, Here], Markup]
    description: str
    crumbs: tuple[tuple[str, str], ...] = ()
    searched: bool = True


def _rounds(book: Book, here: Here) -> Markup:
    context = PageContext(book, here)
    phases = [context.phase(p) for p in book.phase_keys]
    return (
        round_notice(book, here, errors=True)
        + round_table(book, here, limit=ROUNDS_SHOWN)
        + section("Phases", "phases", phases)
    )


def phase(book: Book, here: Here, key: str) -> Markup:
    """Return what the page of a phase shows: its rounds, their tests and decisions, and all that its own file says."""
    entry = book.entry(f"{key}/")
    tested = any("tests" in entry.round.metrics for entry in book.in_phase(key))
    tests = Markup("\n## Tests { #tests }\n\n") + round_metrics(book, here, name="tests", phase=key) if tested else ""
    decided = any(entry.round.decisions for entry in book.in_phase(key))
    own = entry is not None and entry.round.decisions  # they have the heading that this list has otherwise
    title = "\n## All decisions { #taken }\n\n" if own else "\n## Decisions { #decisions }\n\n"
    heading = Markup(title)  # noqa: S704 - words of this file
    decisions = heading + round_decisions(book, here, phase=key, limit=DECISIONS_OF_PHASE) if decided else ""
    inside = round_table(book, here, phase=key) + tests + decisions
    return whole_page(book, here, entry.key, inside) if entry else inside


def _decisions(book: Book, here: Here) -> Markup:
    log = round_decisions(book, here, limit=DECISIONS_SHOWN)
    if not any(decision.supersedes or decision.amends for decision in book.decisions.values()):
        return log
    return log + Markup("\n## Who replaced whom { #lineage }\n\n") + round_lineage(book, here)


def _changelog(book: Book, here: Here) -> Markup:
    other = _other(here, links.CHANGELOG_BY_ROUND, "The same by round")
    return round_notice(book, here) + other + round_changelog(book, here)


def _changelog_by_round(book: Book, here: Here) -> Markup:
    other = _other(here, links.CHANGELOG, "The same by version")
    return round_notice(book, here) + other + round_changelog(book, here, by="round", limit=ROUNDS_OF_CHANGELOG)


def _other(here: Here, uri: str, words: str) -> Markup:
    return paragraph(link(here.to(uri), encode(words))) + "\n"


def _commits(book: Book, here: Here) -> Markup:
    pages = book.commit_index.items()
    months = [link(here.to(links.month(name)), encode(name)) + f" {len(commits):,}" for name, commits in pages]
    left = [c.id for c in book.history.commits if book.coverage[c.id].kind == "unassigned"]
    shown = listed(book, here, left[:UNACCOUNTED_SHOWN], label="Unassigned commits")
    rest = Markup("\n## Unassigned { #unaccounted }\n\n") + _claim(left) + shown if left else ""
    return round_notice(book, here) + round_accounting(book, here) + section("By month", "months", months) + rest


def _open_items(book: Book, here: Here) -> Markup:
    return round_open_items(book, here, status="all")


def _claim(ids: list[str]) -> Markup:
    """Return the line of YAML that would give the newest of these commits to a round."""
    line = encode(f"commits: [{', '.join(i[:10] for i in ids[:CLAIMED_AT_ONCE])}]")
    words = "In the file of the round that they belong to, this line claims them:"
    return paragraph(Markup(f"{words} <code>{line}</code>"))  # noqa: S704 - encoded


def _evidence(book: Book, here: Here) -> Markup:
    heading = Markup("\n## By check { #checks }\n\n") + round_results(book, here)
    context = PageContext(book, here)
    rounds = [
        link(context.entry_url(e.key, "evidence"), encode(e.key)) + " " + said
        for e in book.all_newest_first[:ROUNDS_SHOWN]
        if (said := tally(book.results_of.get(e.key, ())))
    ]
    listed = result_list(book, here, book.results, verified=False)
    return round_notice(book, here) + listed + heading + section("By round", "rounds", rounds)


def _activity(book: Book, here: Here) -> Markup:
    return round_notice(book, here) + round_activity(book, here, limit=SHOWN)


FRONT_PAGES = (
    FrontPage(links.ROUNDS, "Rounds", _rounds, "All rounds, newest first, with status, focus, tests and commits."),
    FrontPage(links.DECISIONS, "Decisions", _decisions, "What was decided, why, when, and what replaced it."),
    FrontPage(links.CHANGELOG, "Changelog", _changelog, "What changed in each version, with the commits behind it."),
    FrontPage(
        links.CHANGELOG_BY_ROUND,
        "Changelog by round",
        _changelog_by_round,
        "What changed in each round, with the commits behind it.",
        crumbs=((links.CHANGELOG, "Changelog"),),
        searched=False,
    ),
    FrontPage(links.COMMITS, "Commits", _commits, "Every commit and the account that it ends in.", searched=False),
    FrontPage(
        links.EVIDENCE,
        "Evidence",
        _evidence,
        "Which claims are verified, which git or the data contradict, and which nobody could check.",
    ),
    FrontPage(
        links.FILES,
        "Decisions by file",
        round_files,
        "Which decisions affect which files, by what they say and by markers in the code.",
    ),
    FrontPage(links.ACTIVITY, "Activity", _activity, "What took another status, newest first.", searched=False),
    FrontPage(
        links.OPEN_ITEMS, "Open items", _open_items, "What is deferred, open or blocked, and which round closed it."
    ),
)
