"""The list of rounds, grouped by phase, and the page of a phase."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import groupby

from markupsafe import Markup

from roundbook.book.model import Book, Broken, Entry
from roundbook.errors import plural
from roundbook.schema.ids import is_phase
from roundbook.site import links
from roundbook.site.charts.marks import Cell, Head, matrix, squares
from roundbook.site.context import PageContext, render
from roundbook.site.escape import cut, encode
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN, Listing
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.resolve import unknown
from roundbook.site.views import rounds
from roundbook.site.views.decisions import decisions_listing, round_decisions
from roundbook.site.views.metrics import round_trends, trend_listings
from roundbook.site.views.others import round_notice
from roundbook.site.views.overview import round_timeline
from roundbook.site.widgets import bullets, paragraph

PHASES_SHOWN, SQUARES, DRAWN = 200, 150, 80
ROWS, COLUMNS = 40, 40  # of the matrix of agents
FILTERED = 10  # rows from which a list has filters
OPEN = 10  # a list of more is folded on the page of a phase
# What may follow the name of the phase in a title, so that the rest of it says enough: `, round 8: `.
_ROUND = re.compile(r"(?:\s*[,:–—-]+\s*(?:round\b[\s#]*[\w.]*)?|\s+round\b[\s#]*[\w.]*)[\s:–—-]*|\Z", re.IGNORECASE)


@view
def round_table(book: Book, here: Here, phase: str = "", limit: int = 0) -> Markup:
    """Show rounds by phase, newest first, with status, focus, date, tests and commits.

    `phase` selects one phase; `limit` is the maximum number of rounds, 0 for all.
    """
    if phase and phase not in book.phase_keys:
        raise unknown("phase", phase, list(book.phase_keys))
    rows, broken = rounds_listing(book, phase), unread_listing(book, phase)
    shown = rows.head(here, limit or len(rows.items)) if rows.items or not broken.items else Markup("")
    return shown + broken.head(here)


def rounds_listing(book: Book, phase: str = "") -> Listing:
    """Return all rounds, or those of a phase, as a table."""

    def show(here: Here, keys: Sequence[str]) -> Markup:
        entries = [book.home(key).entries[key] for key in keys]
        groups = [(key, list(some)) for key, some in groupby(entries, lambda e: "" if e.is_phase else e.round.phase)]
        return render(
            "rounds.md.j2",
            book,
            here,
            groups=groups,
            filtered=len(entries) >= FILTERED and here.uri.startswith("rounds/"),
            headed=not phase and (len(groups) > 1 or here.uri == links.ROUNDS),
            counted=(lambda key, some: _summed(here, book.in_phase(key) or some)) if here.uri == links.ROUNDS else None,
            tests=rounds.tests_of if sum(bool(rounds.tests_of(one)) for one in entries) * 2 > len(entries) else None,
            elsewhere=_elsewhere,
            heading=partial(_heading, book),
            day=partial(_day, book),
            agents=lambda entry: "|".join(a.name.replace("|", " ") for a in entry.round.agents if a.name),
            where=f" in phase {phase}" if phase else "",
        )

    rows = [entry.key for entry in book.in_phase(phase)] if phase else book.listed_keys
    return Listing(*_place(phase, "rounds"), f"Rounds{f' of phase {phase}' if phase else ''}", rows, show)


def _heading(book: Book, entry: Entry) -> tuple[str, str]:
    """Return the words for a row: its title without what the phase and the key say already, and the focus if it says more."""
    record = entry.round
    title, focus = record.title or "", record.focus or ""
    head = book.phases.get(record.phase)
    for name in (head.title if head else None, f"Phase {record.phase}"):
        if name and title.startswith(name) and (match := _ROUND.match(title, len(name))):
            title = title[match.end() :][:1].upper() + title[match.end() + 1 :]
    if not title:
        return focus or record.name, ""
    return title, "" if plain(focus).casefold() in plain(title).casefold() else focus


def _elsewhere(entries: Sequence[Entry]) -> Markup:
    """Return that the rounds of a phase are of another repository, where they all are of one whose history is not here."""
    homes = {entry.repository for entry in entries}
    if len(homes) > 1 or any(entry.verified for entry in entries):
        return Markup("")
    return Markup(" · of the repository {}, whose commits are not here").format(encode(homes.pop()))


def _day(book: Book, entry: Entry) -> tuple[str, str]:
    """Return the last day of a round and where it is from: its file, or its newest commit."""
    if entry.round.date:
        return entry.round.date.last.isoformat(), ""
    commit = book.home(entry.key).commit(entry.links[0].commit) if entry.links else None
    return (commit.committed.day, "the day of its newest commit") if commit else ("", "")


def _counted(entries: Sequence[Entry]) -> str:
    """Return how many rounds there are and how they stand: `50 rounds: 47 done, 3 blocked`."""
    counts: dict[str, int] = {}
    for entry in entries:
        word = (entry.status or "no status").replace("-", " ")
        counts[word] = counts.get(word, 0) + 1
    said = ", ".join(f"{count:,} {word}" for word, count in counts.items())
    return (
        f"{plural(len(entries), 'phase' if any(e.is_phase for e in entries) else 'round')}{': ' if said else ''}{said}"
    )


def _summed(here: Here, entries: Sequence[Entry]) -> tuple[str, Markup]:
    return _counted(entries), _squares(here, entries)


def _squares(here: Here, entries: Sequence[Entry]) -> Markup:
    """Return the newest rounds of a phase as squares, the oldest first."""
    cells = [
        Cell(
            e.status or "", f"{e.key}: {(e.status or 'no status').replace('-', ' ')}", here.to(links.round_page(e.key))
        )
        for e in reversed(entries[:SQUARES])
    ]
    return squares(cells) if len(cells) > 1 else Markup("")


def unread_listing(book: Book, phase: str = "") -> Listing:
    """Return the rounds that cannot be read, or those of a phase, as notices."""

    def show(here: Here, rows: Sequence[Broken]) -> Markup:
        return render("unread.md.j2", book, here, rows=rows)

    rows = [b for b in book.broken if not is_phase(b.key) and (not phase or b.key.partition("/")[0] == phase)]
    return Listing(*_place(phase, "unread"), "Rounds that cannot be read", rows, show, newest_first=False)


def _place(phase: str, name: str) -> tuple[str, str]:
    """Return the page and the folder of a list of rounds; no phase can be called `index`."""
    return (links.phase_page(phase), name) if phase else (links.ROUNDS, f"index/{name}")


def all_rounds(book: Book, here: Here) -> Markup:
    """Return what the page of all rounds shows."""
    shown = {key.partition("/")[0] for key in book.listed_keys[:SHOWN]}
    more = Markup("")
    if not shown.issuperset(book.phase_keys):  # else the table has each as a heading
        more = Markup("\n## Phases { #phases }\n\n") + all_phases(book).head(here)
    drawn = round_timeline(book, here) if book.listed_keys else ""
    return round_notice(book, here, errors=True) + drawn + round_table(book, here, limit=SHOWN) + more


def all_phases(book: Book) -> Listing:
    """Return all phases as links with how their rounds stand."""

    def show(here: Here, some: Sequence[str]) -> Markup:
        context = PageContext(book, here)
        return bullets(context.phase(key) + _note(_standing(book, key)) for key in some)

    return Listing(links.ROUNDS, "index/phases", "Phases", book.phase_keys, show, PHASES_SHOWN)


def _standing(book: Book, phase: str) -> str:
    """Return how the rounds of a phase stand, or the status and day of one that has none."""
    entry, some = book.entries.get(f"{phase}/"), book.in_phase(phase)
    if some or entry is None:
        return _counted(some)
    return ", ".join(filter(None, ((entry.status or "no status").replace("-", " "), _day(book, entry)[0])))


def _note(words: str) -> Markup:
    return Markup(' <span class="rb-note">') + words + Markup("</span>")


def page(book: Book, here: Here, key: str) -> Markup:
    """Return what the page of a phase shows: its rounds, their metrics and decisions, and all that its own file says."""
    entry = book.entry(f"{key}/")
    measured = any(entry.round.metrics for entry in book.in_phase(key))
    metrics = Markup("\n## Metrics by round { #tests }\n\n") + round_trends(book, here, phase=key) if measured else ""
    decided = any(entry.round.decisions for entry in book.in_phase(key))
    own = entry is not None and entry.round.decisions  # they have the heading that this list has otherwise
    title = "\n## All decisions { #taken }\n\n" if own else "\n## Decisions { #decisions }\n\n"
    count = len(book.decisions_in.get(key, ()))
    fold = f'<details class="rb-fold"{" open" * (count <= OPEN)}><summary>{plural(count, "decision")}</summary>\n'
    heading = Markup(title + fold)  # noqa: S704 - words of this file
    listed = round_decisions(book, here, phase=key, limit=SHOWN) if decided else Markup("")
    decisions = heading + listed + Markup("</details>\n") if decided else ""
    drawn = round_timeline(book, here, phase=key, limit=DRAWN) if len(book.in_phase(key)) > 1 else ""
    unread = len(unread_listing(book, key).items)
    more = f", {unread:,} that cannot be read" if unread else ""
    stand = paragraph(encode(_counted(book.in_phase(key)) + more) + _squares(here, book.in_phase(key)))
    table = round_table(book, here, phase=key, limit=SHOWN)
    if entry and not (book.in_phase(key) or unread):  # the phase is a note of its own
        stand = table = Markup("")
    inside = stand + drawn + table + _agents(book, here, key) + metrics + decisions
    return rounds.whole_page(book, here, entry.key, inside) if entry else inside


def _agents(book: Book, here: Here, key: str) -> Markup:
    """Return who worked in which of the newest rounds of a phase, with the status of their work, in a fold."""
    entries = [entry for entry in reversed(book.in_phase(key)[:COLUMNS]) if entry.round.agents]
    names = dict.fromkeys(agent.name for entry in entries for agent in entry.round.agents if agent.name)
    if len(entries) < 2 or not names:
        return Markup("")
    rows = {name: i for i, name in enumerate([*names][:ROWS])}
    cells = {
        (rows[agent.name], j): Cell(
            agent.status or "",
            f"{agent.name} in {entry.key}: {cut(plain(agent.task or ''), 90)}",
            here.to(links.round_page(entry.key), entry.anchors["agents", i]),
        )
        for j, entry in enumerate(entries)
        for i, agent in enumerate(entry.round.agents)
        if agent.name in rows
    }
    columns = [Head(entry.round.round, here.to(links.round_page(entry.key)), entry.key) for entry in entries]
    heads = [Head(name) for name in rows]
    newest = "the newest " if len(book.in_phase(key)) > COLUMNS else ""
    said = f"{plural(len(names), 'agent')} in {newest}{plural(len(entries), 'round')}"
    more = paragraph(encode(f"Not shown: {plural(len(names) - ROWS, 'more agent')}.")) if len(names) > ROWS else ""
    fold = Markup(f'<details class="rb-fold" id="agents-by-round"><summary>{said}</summary>\n')  # noqa: S704 - numbers
    return fold + matrix(heads, columns, cells, "Agents by round") + more + Markup("</details>\n")


def listings(book: Book, key: str) -> tuple[Listing, ...]:
    """Return the lists of the page of a phase."""
    return (
        rounds_listing(book, key),
        unread_listing(book, key),
        *trend_listings(book, key),
        decisions_listing(book, [one.id for one in book.decisions_in.get(key, ())], key),
        *(rounds.listings(book, f"{key}/") if f"{key}/" in book.entries else ()),
    )
