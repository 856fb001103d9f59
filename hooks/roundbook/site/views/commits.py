"""Lists of commits."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from markupsafe import Markup

from roundbook.book.facts import CARRIED, COVERAGE_KINDS, CoverageCount, Link
from roundbook.book.model import Book, Entry
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.git.history import Commit
from roundbook.git.message import pull_request
from roundbook.site import links
from roundbook.site.charts.calendar import Days, calendar
from roundbook.site.charts.marks import Segment, bar
from roundbook.site.context import PageContext, render
from roundbook.site.escape import BODY_LIMIT, cut, encode, spell
from roundbook.site.links import Here, commit_anchor, named
from roundbook.site.listings import COMMITS_SHOWN, SHOWN, Listing
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry, commit_of
from roundbook.site.widgets import day, link, paragraph

# A person in a trailer above the last paragraph, as squashed messages have them.
_SIGNED = re.compile(r"(?m)^([ \t]*[\w-]+-by[ \t]*:[ \t]*)(\S.*)$", re.IGNORECASE)
MOST_ROUNDS = MOST_DECISIONS = 20  # of a commit that hundreds of rounds share, each list would name all of them
BODIES_LIMIT = 100_000  # characters of the messages on one page; where there are more, each is cut
EMPTY_MESSAGE = '<em class="rb-unknown">(no message)</em>'


@frozen
class CommitRow:
    """A commit in a list: `kind` and `reason` of its coverage, `partner` it is hidden with, and what it has to do with."""

    commit: Commit
    reason: str = ""
    kind: str = ""
    partner: str | None = None
    rounds: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


def commit_list(context: PageContext, rows: Sequence[CommitRow], *, empty: str = "None.", label: str = "") -> Markup:
    """Return the rows as an ordered list, newest first as they come."""
    if not rows:
        return paragraph(encode(empty), "empty")
    name = f' aria-label="{encode(label)}"' if label else ""
    limit = _limit([len(row.commit.message) for row in rows])
    items = "\n".join([_item(context, row, limit) for row in rows])
    return Markup(f'<ol class="rb-plain rb-commits"{name}>\n{items}\n</ol>\n')  # noqa: S704 - encoded piece by piece


def _limit(lengths: Sequence[int]) -> int:
    """Return how long a message may be, so that all on the page together are not too long: the longest are cut first."""
    left = BODIES_LIMIT
    for i, length in enumerate(sorted(lengths)):
        if length * (len(lengths) - i) > left:
            return left // (len(lengths) - i)
        left -= length
    return BODY_LIMIT


def commits_by_day(context: PageContext, rows: Sequence[CommitRow], whole: bool = True, *, empty: str) -> Markup:
    """Return the rows under their days; the author, and the reason that most of them share, are said once above.

    Not `whole`, the rows have no messages below their subjects.
    """
    if not rows:
        return paragraph(encode(empty), "empty")
    limit = _limit([len(row.commit.message) for row in rows]) if whole else 0
    authors = {named(row.commit.author.name) for row in rows}
    reason, often = Counter(row.reason for row in rows).most_common(1)[0]
    said = (
        [Markup('<span class="rb-label">by</span> ') + context.person(rows[0].commit.author)]
        if len(authors) == 1
        else []
    )
    if often > 1 and reason:
        said.append(
            Markup('<span class="rb-label">why here</span> ')
            + encode(reason + ("" if often == len(rows) else ", unless noted"))
        )
    shared = CommitRow(rows[0].commit, reason if often > 1 else "")
    if not whole:
        url = context.here.to(links.COMMITS)
        said.append(Markup("Whole messages are on the pages of the ") + link(url, Markup("months")))
    parts = [paragraph(Markup(" ").join(said))] if said else []
    for when, some in groupby(rows, lambda row: row.commit.committed.day):
        group = list(some)
        items = "\n".join(_short_item(context, row, limit, shared, signed=len(authors) > 1) for row in group)
        head = day(group[0].commit.committed) + f" · {plural(len(group), 'commit')}"
        label = f"Commits of {when}" if when else "Commits without a date"
        listed = f'<ol class="rb-plain rb-commits rb-short" aria-label="{label}">\n{items}\n</ol>\n'
        parts.append(paragraph(head, "label") + Markup(listed))  # noqa: S704 - encoded piece by piece
    return Markup("").join(parts)


def _short_item(context: PageContext, row: CommitRow, limit: int, shared: CommitRow, *, signed: bool) -> str:
    """Return a commit without its day, and without what it shares with the others."""
    own = replace(row, reason="" if row.reason == shared.reason else row.reason)
    sha, *more = _parts(context, own)
    meta: list[str] = [context.person(row.commit.author)] if signed else []
    if row.commit.authored.day != row.commit.committed.day:
        meta.append(Markup("written ") + day(row.commit.authored))
    meta += more
    said = f"<small>{' '.join(meta)}</small>" if meta else ""
    return f'<li id="{commit_anchor(row.commit.id)}">{sha}{_message(row.commit, limit)}{said}</li>'


def _item(context: PageContext, row: CommitRow, limit: int) -> str:
    return f'<li id="{commit_anchor(row.commit.id)}">{_message(row.commit, limit)}{_meta(context, row)}</li>'


def _message(commit: Commit, limit: int) -> str:
    subject = encode(cut(commit.subject)) if commit.subject else EMPTY_MESSAGE
    body = commit.body if limit else ""
    if not body:
        return f"<span>{subject}</span>"
    words = encode(cut(_SIGNED.sub(lambda m: m[1] + named(m[2]), body), limit))
    return f"<details><summary>{subject}</summary><pre>{words}</pre></details>"


def _meta(context: PageContext, row: CommitRow) -> str:
    sha, *more = _parts(context, row)
    who = context.person(row.commit.author), day(row.commit.authored)
    return f"<small>{' '.join([sha, *who, *more])}</small>"


def _parts(context: PageContext, row: CommitRow) -> list[str]:
    """Return the id of a commit as a link, then what else is said of it beside its author and day."""
    commit = row.commit
    url = context.commit_url(commit.id)
    code = f"<code>{commit.short}</code>"
    parts = [f'<a href="{html.escape(url)}">{code}</a>' if url else code]
    if row.reason:
        parts.append(encode(row.reason))
    if row.partner:
        parts.append(context.commit(row.partner))
    parts += [context.round_link(key) for key in row.rounds[:MOST_ROUNDS]]
    parts += _beyond(context, links.ROUNDS, len(row.rounds), "round")
    cites = row.decisions[:MOST_DECISIONS]
    parts += [f"<span>cites {context.decision(name, with_status=False)}</span>" for name in cites]
    parts += _beyond(context, links.DECISIONS, len(row.decisions), "decision")
    if number := pull_request(commit):
        parts.append(context.pull(number))
    return parts


def _beyond(context: PageContext, uri: str, count: int, word: str) -> Iterator[str]:
    """Yield how many more rounds or decisions a commit has than are named; it is on the page of each of them."""
    if count > MOST_ROUNDS:
        words = encode(plural(count - MOST_ROUNDS, f"more {word}"))
        yield f"and {link(context.here.to(uri), words)}"


RECORDED_SHOWN = 5
SHARES_SHOWN = 50
HUES = {"assigned": "verified", "hidden": "in-progress", "excluded": "unknown", "unassigned": "partial"}
MEANINGS = {
    "assigned": "it belongs to at least one round, for the reason shown",
    "hidden": "a merge, a revert and the commit it reverts, a fixup, or a duplicate patch",
    "excluded": "the settings exclude it, or it only changes records",
    "unassigned": "no rule matched; it stays listed",
}


@view
def round_commits(book: Book, here: Here, round: str = "", limit: int = 0) -> Markup:  # noqa: A002
    """Show the commits of a round, newest first, with the reason for each. The default is the newest round.

    `limit` is the maximum number of commits; 0 shows up to 100. A link leads to those that are not shown.
    """
    key = an_entry(book, round).key
    home = book.home(key)
    return commits_of(home, here, home.entries[key], limit)


def commits_of(book: Book, here: Here, entry: Entry, limit: int = 0) -> Markup:
    """Return the commits of a round as a list, each with the reason why it is the round's."""
    if not entry.verified:
        return paragraph(Markup("Its history is in another repository."), "empty")
    return commits_listing(book, entry).head(here, limit) + _recorded(PageContext(book, here), entry)


def commits_listing(book: Book, entry: Entry) -> Listing:
    """Return the commits of a round or phase as a list, of which further pages have no messages: their months have them."""

    def show(here: Here, own: Sequence[Link]) -> Markup:
        rows = [
            CommitRow(commit, _reason(one), decisions=book.citing.get(commit.id, ()))
            for one in own
            if (commit := book.commit(one.commit))
        ]
        whole = not here.uri.startswith(links.part(home, "commits", 0).removesuffix("0.md"))
        return commits_by_day(PageContext(book, here), rows, whole, empty="No commit was found for this round.")

    home = links.round_page(entry.key)
    return Listing(
        home, "commits", f"Commits of {entry.words}", entry.links, show, COMMITS_SHOWN, begin=SHOWN
    )  # fmt: skip


def _recorded(context: PageContext, entry: Entry) -> Markup:
    """Return the line about the commits that wrote the round down, which is not its work."""
    if not entry.recorded:
        return Markup("")
    shown = Markup(", ").join(context.commit(one) for one in entry.recorded[:RECORDED_SHOWN])
    left = len(entry.recorded) - RECORDED_SHOWN
    versions = context.here.to(links.round_page(entry.key), "versions")
    more = Markup(" and ") + link(versions, encode(plural(left, "more commit"))) if left > 0 else Markup("")
    return Markup('<p class="rb-note rb-recorded">Recorded in ') + shown + more + Markup("</p>\n")


def _reason(one: Link) -> str:
    return f"by {one.reason}" if one.rule == "trailer" else one.reason


def listed(book: Book, here: Here, ids: Iterable[str], label: str = "", of: str = "") -> Markup:
    """Return any commits as a list with their rounds, and the decisions that they cite beside the one whose page it is."""
    commits = [commit for i in ids if (commit := book.commit(i))]
    cited = {c.id: tuple(name for name in book.citing.get(c.id, ()) if name != of) for c in commits}
    rows = [CommitRow(c, rounds=_rounds(book, c), decisions=cited[c.id]) for c in commits]
    return commit_list(PageContext(book, here), rows, label=label)


def _rounds(book: Book, commit: Commit) -> tuple[str, ...]:
    return tuple(one.round for one in book.links.get(commit.id, ()))


def accounted(book: Book, here: Here, commits: Iterable[Commit]) -> Markup:
    """Return commits as a list in which each shows its account."""
    rows = []
    for commit in commits:
        counted = book.coverage[commit.id]
        claimed = counted.kind == "assigned"
        reason = counted.reason if claimed else counted.kind + f": {counted.reason}" * (counted.kind != "unassigned")
        rounds = _rounds(book, commit) if claimed else ()
        reason = reason.removesuffix(f": {rounds[0]}") if len(rounds) == 1 else reason  # the round is named beside it
        cites = book.citing.get(commit.id, ())
        rows.append(CommitRow(commit, reason, counted.kind, counted.partner, rounds, cites))
    return commits_by_day(PageContext(book, here), rows, empty="There are no commits.")


@view
def round_accounting(book: Book, here: Here, limit: int = SHARES_SHOWN) -> Markup:
    """Show how many commits are assigned, hidden, excluded and unassigned, on which days they were made, and by range.

    `limit` is the maximum number of phases and releases, newest first; 0 shows none.
    """
    counts = Counter(counted.kind for counted in book.coverage.values())
    carried = sum(one.kind == "assigned" and one.reason == CARRIED for one in book.coverage.values())
    whole = CoverageCount("book", "", tuple(counts[kind] for kind in COVERAGE_KINDS))
    parts = (
        *(book.coverage_counts.get(("phase", key)) for key in book.phase_keys[:limit]),
        *(book.coverage_counts.get(("release", one.version)) for one in book.releases[:limit]),
    )
    shares = [(share, _bar(share)) for share in parts if share]
    return render(
        "accounting.md.j2", book, here, total=whole.total, covered=whole.total - whole.counts[-1], percent=whole.percent,
        bar=_bar(whole, here, legend=True), carried=carried, head=book.history.head or "", meanings=MEANINGS,
        calendar=_calendar(book, here), shares=shares, kinds=COVERAGE_KINDS, only=book.history.only,
    )  # fmt: skip


def _bar(share: CoverageCount, here: Here | None = None, *, legend: bool = False) -> Markup:
    left = here.to(links.COMMITS, "unaccounted") if here else None
    parts = [
        Segment(count, kind, HUES[kind], left if kind == "unassigned" else None)
        for kind, count in zip(COVERAGE_KINDS, share.counts, strict=True)
    ]
    return bar(parts, "Commits", legend=legend)


def _calendar(book: Book, here: Here) -> Markup:
    """Return the days of the commits, and the rounds that began on them."""
    days = Counter(one.committed.local.date() for one in book.history.commits if one.committed.known)
    begins: dict[date, list[str]] = {}
    for key in reversed(book.round_keys):
        entry = book.entries[key]
        first = book.commit(entry.first_commit or "") if entry.links else None
        if first and first.committed.known:
            begins.setdefault(first.committed.local.date(), []).append(key)
    months = {name[:7]: here.to(links.month(name)) for name in reversed(list(book.commit_index))}
    return calendar(Days(days, begins, months), "Commits")


@view
def round_commit(book: Book, here: Here, id: str) -> Markup:  # noqa: A002 - the word users write
    """Show one commit in a line of text: its short id, subject, date and rounds."""
    commit = commit_of(book, id)
    context = PageContext(book, here)
    rounds = Markup(", ").join(context.round_key(one.round) for one in book.links.get(commit.id, ()))
    shown = context.commit(commit.id) + " " + context.subject(commit) + " (" + day(commit.authored)
    return spell(shown + (", round " + rounds if rounds else Markup("")) + ")")
