"""The page of a round or phase."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from roundbook.book.difference import Difference, since_previous
from roundbook.book.facts import Anchored, CheckResult, MetricRow, Since, Tally, Touched
from roundbook.book.model import Book, Entry, OpenItem
from roundbook.errors import plural
from roundbook.schema.ids import called
from roundbook.schema.items import Gate
from roundbook.schema.round import LISTS, ListKey
from roundbook.site import links
from roundbook.site.context import PageContext, filled, render
from roundbook.site.escape import encode, spell
from roundbook.site.links import Here
from roundbook.site.listings import Listing, Show, pull_requests
from roundbook.site.outline import outline
from roundbook.site.prose import plain, sentence
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry
from roundbook.site.views.activity import version_listings
from roundbook.site.views.changelog import changes_of, version_link
from roundbook.site.views.commits import commits_listing, commits_of
from roundbook.site.views.decisions import decision_body
from roundbook.site.views.evidence import in_short
from roundbook.site.views.evidence import listed as result_list
from roundbook.site.views.evidence import listings as result_listings
from roundbook.site.views.evidence import outcomes as ends_of
from roundbook.site.views.metrics import metrics_of, trend
from roundbook.site.views.others import mentioned_in, round_notice
from roundbook.site.widgets import RESULTS, link, paragraph

HEADLINES = 4
FILES_SHOWN = 200
CONTRADICTIONS_SHOWN = 5
SECTIONS_SHOWN = 5000  # letters of all sections that are not folded, which may be 4,000 pixels
GLANCE = 3  # changes, decisions and open items that the head of a round names
ITEMS_SHOWN, ROWS_SHOWN, PROSE_SHOWN, SUMMARY_SHOWN, LEAD_SHOWN = 12, 15, 3000, 1200, 280  # what is longer is folded
DECISIONS_SHOWN = 20
LEFT_SHOWN = 8  # items of one kind
NOTHING = Markup("")
_PROSE = re.compile(r"(?:\*\*|`|\[)?[^\W\d_]")  # how a paragraph begins that is no list, code, heading or table
_BLOCK = re.compile(r"\\\n| {2}\n|\n\s*(?:[-*+>|#=<`~]|\d+[.)])")  # what the lines of a paragraph are needed for
_COUNTED = (("Changes", "changes"), ("Decisions", "decisions"))
# The kinds of what is left open, in their order; and the lists of a round whose entries are that, each with its kind.
_KINDS = {
    "blocked": "Blocked",
    "open": "Not done",
    "deferred": "Deferred",
    "question": "Open questions",
    "revisit": "To revisit",
}
_LEFT = {"blockers": "blocked", "deferred": "deferred", "questions": "question"}
_UNDER = ("task", "note", "target")
_UNMET = ("fail", "partial", "blocked", "deferred", "missing", "pending")
_SHOWN_APART = ("agents", "decisions", "changes", *_LEFT)
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

    def files(here: Here, some: Sequence[Touched]) -> Markup:
        pairs = [(t, *t.path.rpartition("/")[::2]) for t in some]
        folders = [
            (name, [(t, file) for t, _, file in of])
            for name, of in groupby(sorted(pairs, key=itemgetter(1)), itemgetter(1))
        ]
        return render("touched.md.j2", book, here, entry=entry, folders=folders)

    return (
        commits_listing(book, entry),
        pull_requests(entry, rows("pulls.md.j2")),
        Listing(uri, "contributors", f"Contributors of {words}", entry.contributors, rows("people.md.j2"),
                newest_first=False),
        Listing(uri, "touched", f"Files touched in {words}", entry.touched, files, FILES_SHOWN,
                newest_first=False),
        *result_listings(book, uri, book.results_of.get(key, ()), f" in {words}"),
        *version_listings(book, entry),
    )  # fmt: skip


def whole_page(whole: Book, here: Here, key: str, inside: Markup = NOTHING) -> Markup:
    """Return a round or phase whole, with `inside` below its head: of a phase its rounds."""
    book = whole.home(key)
    entry = book.entries[key]
    record = entry.round
    forge = book.forges.get(entry.repository)
    long = {one.name: one for one in listings(whole, key)}
    results = book.results_of.get(key, ())
    tests = record.metrics.get("tests")
    first = [] if record.changes else [name for name in ("deliverables", "goals") if getattr(record, name)][:1]
    apart = (*_SHOWN_APART, *first)
    return render(
        "round.md.j2", book, here,
        entry=entry, forge=forge,
        header=round_header(whole, here, entry),
        inside=inside,
        changes=changes_of(book, here, entry),
        decided=decided(book, here, entry),
        metrics=metrics_of(book, here, entry),
        left=left(whole, here, entry),
        first=[LISTS[name] for name in first], lists=[one for name, one in LISTS.items() if name not in apart],
        items=lambda listed, found: _items(book, here, entry, listed, found),
        stands=stands, items_shown=ITEMS_SHOWN, rows_shown=ROWS_SHOWN, prose_shown=PROSE_SHOWN,
        sections_shown=SECTIONS_SHOWN,
        agents_list=LISTS["agents"],
        since=since_of(whole, here, entry), since_key=entry.since.previous if entry.since else entry.previous,
        size=team_size(entry), team=_team(team_size(entry), record.team.mode) if record.team else "",
        tests=tests.now if tests else None,
        evidence=result_list(book, here, results, long) if results else "",
        verdict=in_short(results),
        grave=any(map(_is_grave, results)),
        long=lambda name: long[name].head(here),
        commits=commits_of(book, here, entry) if entry.verified and (entry.links or not entry.is_phase) else "",
        versions=_versions(here, long),
        versions_said=_versions_said(book, len(long["versions"].items)),
        commits_said=_commits_said(book, entry),
        version_link=lambda name: version_link(whole, here, name),
        beyond=PageContext(whole, here).md("\n\n".join(outline(record, SHOWN))),
        backlinked=mentioned_in(book, here),
        fates=_fates(entry),
        provenance=provenance(whole, here, entry),
    )  # fmt: skip


def _versions(here: Here, long: Mapping[str, Listing]) -> Markup:
    """Return the versions of a round's file, and the statuses that the round and its entries had."""
    edits, changed = long["versions"], long["statuses"]
    shown = edits.head(here) if edits.items else NOTHING
    return shown + (paragraph(Markup("Status history"), "label") + changed.head(here) if changed.items else NOTHING)


def _versions_said(book: Book, count: int) -> str:
    return plural(count, "version") + ("" if book.timelines.whole else " known, because the history is cut")


def _commits_said(book: Book, entry: Entry) -> str:
    """Return how many commits a round has, and from which day to which."""
    ends = (book.commit(one.commit) for one in (*entry.links[-1:], *entry.links[:1]))
    days = dict.fromkeys(commit.authored.day for commit in ends if commit and commit.authored.known)
    parts = [f"{len(entry.links):,}", " to ".join(days), f"{len(entry.hidden):,} hidden" if entry.hidden else ""]
    return ", ".join(part for part in parts if part)


def bar(done: int, of: int, word: str) -> Markup:
    """Return how many of a list are done as a bar."""
    return Markup(f'<progress max="{of}" value="{done}" aria-label="{word} done"></progress>')  # noqa: S704 - words of ours


def _items(book: Book, here: Here, entry: Entry, listed: ListKey, found: Sequence[Anchored]) -> Markup:
    """Return entries of a list: in a table, prose stands below the title, where it has the width, and a badge comes last."""
    columns = filled(listed.columns, found)
    title, *others = columns or [""]
    beside = sorted((name for name in others if name not in _UNDER), key=lambda name: name in ("status", "result"))
    return render(
        "items.md.j2", book, here, entry=entry, forge=book.forges.get(entry.repository), list=listed, found=found,
        columns=columns, title=title, under=[name for name in others if name in _UNDER],
        beside={name: columns[name] for name in beside},
    )  # fmt: skip


def _fates(entry: Entry) -> str:
    fates = Counter(t.fate for t in entry.touched)
    return ", ".join(f"{count:,} {fate}" for fate, count in sorted(fates.items()))


def stands(found: Sequence[Anchored]) -> str:
    """Return how many entries of a list have each status or result: `7 done, 1 in progress`; nothing where none has one."""
    words = Counter(word for one in found if (word := one.status or getattr(one.item, "result", None)))
    return ", ".join(f"{count:,} {word.replace('-', ' ')}" for word, count in words.most_common())


def decided(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the decisions of a round, a line each; where they have no pages, with all their words in folds."""
    known = {one.address: one for one in (book.decisions.get(d.slug) for d in entry.round.decisions) if one}
    rows = [(one, known.get((entry.key, one.anchor))) for one in entry.anchored("decisions")]
    if not rows:
        return NOTHING
    return render(
        "round_decided.md.j2", book, here, entry=entry, rows=rows, most=DECISIONS_SHOWN,
        page=lambda decision: here.to(links.decision(decision.id)),
        body=lambda decision: decision_body(book, here, decision.id),
    )  # fmt: skip


def left(book: Book, here: Here, entry: Entry) -> Markup:
    """Return what a round leaves open: the entries of its own lists of that, and links to what else is not done."""
    listed = {one.anchor: one for name in _LEFT for one in entry.anchored(name)}
    still = book.left_in.get(entry.key, ())
    own = {item: [at for key, at in item.trail if key == entry.key] for item in still}
    groups = [
        (word, kind, [(t, at[0], [listed[a] for a in at if a in listed]) for t, at in own.items() if t.kind == kind])
        for kind, word in _KINDS.items()
    ]
    groups = [group for group in groups if group[2]]
    open_here = {at for ats in own.values() for at in ats}
    raised = {item.anchor: item for item in book.opened_in.get(entry.key, ())}
    closed = [(one, raised.get(at)) for at, one in listed.items() if at not in open_here]
    unmet = [one for one in entry.anchored("checks") if getattr(one.item, "result", None) in _UNMET]
    if not (groups or closed or unmet):
        return NOTHING
    forge = book.forges.get(entry.repository)
    anchors = {kind: name for name, kind in _LEFT.items() if entry.anchored(name)}
    return render(
        "round_left.md.j2", book, here, entry=entry, groups=groups, closed=closed, unmet=unmet, forge=forge,
        anchors=anchors, shown=LEFT_SHOWN,
        worked={one.anchor: one for name, of in LISTS.items() if of.counted for one in entry.anchored(name)},
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
    """Return the head of a round's page: status, what it was about, and the numbers that lead to its sections."""
    team, record = entry.round.team, entry.round
    home = book.home(entry.key)
    results = book.results_of.get(entry.key, ())
    lead, rest = _lead(record.summary or "")
    first, more = _parted(rest)
    left_open, left_at = _left_open(book, here, entry)
    return render(
        "round_header.md.j2", book, here, entry=entry, headline=headline(entry), lead=lead, first=first, more=more,
        forge=book.forges.get(entry.repository),
        strip=[
            *((word, len(some), f"#{key}") for word, key in _COUNTED if (some := getattr(record, key))),
            *([("Left open", left_open, left_at)] if left_open or not is_unfinished(entry) else ()),
        ],
        glance=_glance(book, here, entry), progress=progress(entry),
        evidence=outcomes(results), counted=Tally.of(results),
        grave=[one for one in results if _is_grave(one)], most=CONTRADICTIONS_SHOWN, bar=bar,
        trend=lambda row: trend(book, entry, row.name),
        share=book.coverage_counts.get(("round", entry.key)), unassigned=here.to(links.COMMITS, "unassigned"),
        team="" if record.agents else _team(team_size(entry), team.mode if team else None),
        notice=round_notice(home, here) if entry.verified else "",
        linked_as=home.linked_as,
        word=entry.kind,
        head=home.history.head if home.linked_as else None,
    )  # fmt: skip


def _glance(book: Book, here: Here, entry: Entry) -> list[tuple[str, str, int, list[Markup]]]:
    """Return the first changes, decisions and open items of a round with much of these: word, anchor, how many, and some."""
    context = PageContext(book, here)
    changes, decided, still = entry.round.changes, book.taken_in.get(entry.key, ()), book.left_in.get(entry.key, ())
    if entry.is_phase or len(changes) + len(decided) + len(still) <= 2 * GLANCE:
        return []
    columns = (
        ("Changed", "changes", len(changes), [context.brief(one.line) for one in changes[:GLANCE]]),
        ("Decided", "decisions", len(decided), [context.decision(one.id) for one in decided[:GLANCE]]),
        ("Left open", "left-open", len(still), [_open_item(one, entry.key) for one in still[:GLANCE]]),
    )
    return [column for column in columns if column[2]]


def _open_item(item: OpenItem, key: str) -> Markup:
    anchor = next(at for home, at in item.trail if home == key)
    return link(f"#{anchor}", encode(plain(item.title)))


def _left_open(book: Book, here: Here, entry: Entry) -> tuple[int, str]:
    """Return how many items are left open, and where they are listed; those of a phase include those of its rounds."""
    own = book.left_in.get(entry.key, ())
    if entry.is_phase:
        keys = [one.key for one in book.in_phase(entry.round.phase)]
        items = dict.fromkeys(item for key in keys for item in book.left_in.get(key, ()))
        if items := items | dict.fromkeys(own):
            there = here.to(links.OPEN_ITEMS)
            return len(items), f"{there}?phase={quote(entry.round.phase)}" if there else ""
    return len(own), "#left-open" if own else ""


def is_unfinished(entry: Entry) -> bool:
    """Tell whether a round is not at its end, so that it has left nothing yet."""
    return entry.status in ("planned", "in-progress")


def _lead(summary: str) -> tuple[str, str]:
    """Return the beginning of a summary, which tells in one or two sentences what a round did, and the rest.

    It has none where it is no prose, has definitions of links, or where its first sentence is long or in marks that end later.
    """
    first, _, rest = summary.strip().partition("\n\n")
    if not _PROSE.match(first) or "]:" in summary:
        return "", summary
    if len(first) <= LEAD_SHOWN:
        return first, rest
    said, words = sentence(first), " ".join(first.split())
    whole = said.count("[") == said.count("]") and not any(said.count(mark) % 2 for mark in "*_`")
    if len(said) > LEAD_SHOWN or not whole or _BLOCK.search(first):
        return "", summary
    return said, f"{words[len(said) :].strip()}\n\n{rest}".strip()


def _parted(summary: str) -> tuple[str, str]:
    """Return a summary as what the head shows of it, and the rest of one that is long."""
    blocks = summary.split("\n\n")
    if len(summary) <= SUMMARY_SHOWN or blocks[0].lstrip().startswith(("```", "~~~")):
        return summary, ""
    return blocks[0], "\n\n".join(blocks[1:])


def progress(entry: Entry) -> list[tuple[str, int, int, str]]:
    """Return how far the lists of a round with a status are: word, how many are done, how many there are, and the anchor."""
    found = []
    for key, listed in LISTS.items():
        words = [one.status for one in entry.anchored(key) if one.status] if listed.counted else []
        if words:
            found.append((listed.heading, words.count("done"), len(words), key))
    results = [one.item.result for one in entry.anchored("checks") if isinstance(one.item, Gate) and one.item.result]
    counted = [result for result in results if result != "na"]
    return [*found, ("Criteria", counted.count("pass"), len(counted), "checks")] if counted else found


def _is_grave(result: CheckResult) -> bool:
    """Tell whether it contradicts a claim and is neither waived nor a mere note."""
    return result.is_claim and result.outcome == "contradicted" and not result.waived and result.severity != "info"


def outcomes(results: Sequence[CheckResult]) -> list[tuple[str, str, int, str]]:
    """Return the outcomes that claims came to: class, mark, how many, word; contradictions that need a fix first."""
    ends = [one for one in ends_of(Tally.of(results)) if one.count]
    grave_first = sorted(ends, key=lambda one: one.kind != "contradicted")
    return [(one.kind, RESULTS[one.kind.rpartition("rb-")[2]], one.count, one.word) for one in grave_first]


def provenance(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the line that says who last edited a round, in which files it is, and what it was imported from."""
    forge, prefix = book.forge, book.history.prefix
    paths = book.files.get(entry.key, ())
    folder = posixpath.dirname(paths[0]) + "/" if len(paths) > 1 else ""
    folder = folder if all(path.startswith(folder) for path in paths) else ""
    files = [(path.removeprefix(folder), forge.history(prefix + path) if forge else None) for path in paths]
    edits = book.timelines.edits.get(entry.key, ())
    edited = book.commit(edits[-1].commit) if edits else None
    if not (files or edited or entry.round.source):
        return NOTHING
    return render(
        "provenance.md.j2", book, here, entry=entry, edited=edited, versions=len(edits), folder=folder, files=files
    )


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
