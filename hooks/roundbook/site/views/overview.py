"""A project at a glance: how much there is, its timeline, and a round as a card."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal

from markupsafe import Markup

from roundbook.book.facts import Decision, Release
from roundbook.book.model import Book, Entry
from roundbook.book.releases import contributors_of
from roundbook.book.version_order import marked, order
from roundbook.errors import plural
from roundbook.schema.dates import When
from roundbook.schema.decision import number
from roundbook.schema.ids import is_phase
from roundbook.site import links
from roundbook.site.charts.time_axis import DAY, Mark, RoundBar, TimelineChart, timeline
from roundbook.site.context import render
from roundbook.site.escape import cut
from roundbook.site.links import Here
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.resolve import an_entry, unknown
from roundbook.site.views.changelog import sections
from roundbook.site.views.metrics import trend
from roundbook.site.views.rounds import bar, headline, is_unfinished, outcomes, progress
from roundbook.site.widgets import MARKS, paragraph

Span = tuple[float, float]
MARGIN = 0.05  # of the whole time: what was released or decided so soon before or after the rounds belongs to them


SHOWN = 5  # changes and decisions on a card


@view
def round_overview(book: Book, here: Here) -> Markup:
    """Show how much there is, with buttons: to the newest round, the changelog, all decisions, what is left, and the source."""
    rounds = [entry for entry in book.rounds.values() if not _is_changelog(entry)]
    dated = rounds if len(rounds) > 1 else ()
    days = sorted(day for entry in dated if entry.round.date for day in _days(entry.round.date))
    listed = _listed(book)
    phases = sum(map(is_phase, listed))
    counts = (
        (links.ROUNDS, plural(len(rounds), "round") if rounds or not phases else ""),
        (links.ROUNDS, plural(phases, "phase") if phases else ""),
        (links.DECISIONS, plural(len(book.decisions), "decision") if book.decisions else ""),
        (links.CHANGELOG, plural(len(book.released), "version") if book.released else ""),
        (links.CHANGELOG, plural(len(book.packages), "package") if book.packages else ""),
        (links.COMMITS, plural(len(book.history.commits), "commit") if book.history.commits else ""),
    )
    return render(
        "overview.md.j2",
        book,
        here,
        counts=[(here.to(uri) or "", words) for uri, words in counts if words],
        days=(days[0], days[-1]) if days else (),
        newest=next(iter(listed), ""),
        source=book.forge.url if book.forge else "",
        left=len(book.left),
        address=lambda uri: here.to(uri) or "",
        links=links,
    )


@view
def round_release(book: Book, here: Here, package: str = "") -> Markup:
    """Show the newest version at a glance: its day, what users notice first, and how much has changed since.

    A version that is a candidate counts where there is no other. `package` selects a package that the settings name; without
    it, and without versions of the whole, that of the package with the newest one is shown. Nothing is shown without versions.
    """
    if package and package not in book.packages:
        raise unknown("package", package, list(book.packages))
    found = [newest_version(book.packages[package] if package else book.releases)]
    if not (package or found[0]):
        found = [one for some in book.packages.values() if (one := newest_version(some))]
    release = max(filter(None, found), key=lambda one: (one.date, len(one.entries)), default=None)
    entries = (
        [entry for _, groups in sections(release.entries) for _, some in groups for entry in some] if release else []
    )
    commits = [commit for _, some in release.shown for commit in some] if release and not entries else []
    return render(
        "newest_release.md.j2",
        book,
        here,
        release=release,
        entries=entries,
        commits=commits,
        people=len(contributors_of(release, book.history)) if release else 0,
        title=_own_title(book, release),
        elsewhere=_newest_elsewhere(book, release) if release else "",
        later_words=_not_released(book) if not package else "",
        most=SHOWN,
        links=links,
        to=lambda uri, anchor="": here.to(uri, anchor) or "",
    )


def _not_released(book: Book) -> str:
    """Return in words how much changed since the newest version; nothing where nothing did."""
    later = next((one for one in book.releases if not one.released), None)
    counts = ((len(later.entries), "change"), (len(later.commits), "commit")) if later else ()
    return ", ".join(plural(count, word) for count, word in counts if count)


def _newest_elsewhere(book: Book, release: Release) -> str:
    """Return the newest final version of the same form whose tag is in no history of this branch, if it is a newer one."""
    own = marked(release.tag or "")
    tags = [one for tag in book.history.tags if tag.commit not in book.history.by_id and (one := marked(tag.name))]
    found = {order(one.name[len(one.lead) :]): one.name for one in tags if own and one.lead == own.lead}
    known = order(own.name[len(own.lead) :]) if own else None
    return found[max(newer)] if (newer := [one for one in found if known and one.final and one > known]) else ""


def _own_title(book: Book, release: Release | None) -> str | None:
    """Return the title of a version; nothing where others have the same, as where each is called after the project."""
    record = release.record if release else None
    same = (
        record
        and record.title
        and sum(bool(one.record and one.record.title == record.title) for one in book.all_releases)
    )
    return record.title if record and same == 1 else None


def newest_version(releases: Sequence[Release]) -> Release | None:
    """Return the newest of some versions that is no candidate and was not withdrawn, or the newest candidate.

    What looks like a candidate and stands above the final version, as `3.7a` does above `3.7`, is a later version.
    """
    out = [one for one in releases if one.released and not one.yanked]
    numbers = [order(one.version.rpartition(" ")[2]) for one in out]
    for i, (one, version) in enumerate(zip(out, numbers, strict=True)):
        if not version.candidate or any(below.final and below.core == version.core for below in numbers[i + 1 :]):
            return one
    return out[0] if out else None


def _listed(book: Book) -> list[str]:
    """Return the keys of the rounds, and of the phases without rounds, newest first, that are work."""
    return [key for key in book.listed_keys if not _is_changelog(book.entries[key])]


def _is_changelog(entry: Entry) -> bool:
    """Return whether a record is an imported changelog, whose versions are no round of work."""
    return entry.round.kind == "changelog"


def _days(when: When) -> tuple[str, str]:
    return when.first.isoformat(), when.last.isoformat()


@view
def round_card(book: Book, here: Here, round: str = "") -> Markup:  # noqa: A002 - the word users write
    """Show a round at a glance: status, focus, progress, metrics, what changed, what was decided, and what is open.

    The default is the newest round, or phase without rounds.
    """
    if not (round or book.listed_keys):
        return paragraph(Markup("No round is recorded yet."), "empty")
    key = an_entry(book, round).key if round else (*_listed(book), *book.listed_keys)[0]
    entry = book.home(key).entries[key]
    return render(
        "card.md.j2",
        book,
        here,
        entry=entry,
        headline=headline(entry),
        progress=progress(entry),
        bar=bar,
        trend=lambda row: trend(book, entry, row.name),
        unfinished=is_unfinished(entry),
        most=SHOWN,
        decisions=book.taken_in.get(key, ()),
        left=len(book.left_in.get(key, ())),
        items_url=here.to(links.OPEN_ITEMS) or "",
        evidence=outcomes(book.results_of.get(key, ())),
        at=lambda anchor: here.to(links.round_page(key), anchor) or "",
    )


@view
def round_timeline(book: Book, here: Here, phase: str = "", limit: int = 300) -> Markup:
    """Draw the rounds on a time axis, with decisions above them, versions below, and the first metric beneath.

    A round goes from its first to its last commit, or over its date; its height is the number of its commits. `phase` selects
    one phase; `limit` is the maximum number of rounds, newest first, 0 for all.
    """
    if phase and phase not in book.phase_keys:
        raise unknown("phase", phase, list(book.phase_keys))
    keys = [entry.key for entry in book.in_phase(phase)] if phase else book.listed_keys
    shown = keys[: limit or len(keys)]
    read = (book.home(key).entries[key] for key in reversed(shown))
    entries = [entry for entry in read if not _is_changelog(entry)]
    known = {entry.key: span for entry in entries if (span := _span(book, entry))}
    found = known if len(known) * 2 >= len(entries) else {}  # a picture of a few of them would say little
    spans = found or {entry.key: (float(i), i + 0.9) for i, entry in enumerate(entries)}
    placed = [entry for entry in entries if entry.key in spans]
    # A number of another repository is another number, whatever it is called.
    measured = [entry for entry in placed if entry.repository == placed[-1].repository]
    metric = _metric(measured)
    what = TimelineChart(
        [_bar(book, here, entry, spans[entry.key], dated=bool(found)) for entry in placed],
        [*_decided(book, here, placed, spans), *(_apart(book, here, spans, phase) if found else ())],
        [*_versions(book, here, spans)] if found else [],
        metric,
        [*_values(measured, metric, spans)],
        bool(found),
        here.to(links.DECISIONS) or "",
        here.to(links.CHANGELOG) or "",
    ) if placed else None  # fmt: skip
    numbers = {key: [f"{metric} {value:,}"] for _, value, key in (what.values if what else ())}
    return render(
        "round_timeline.md.j2",
        book,
        here,
        drawing=timeline(what, _words(what)) if what else "",
        what=what,
        statuses=_statuses(placed),
        marks=MARKS,
        most=max((bar.commits or 0 for bar in what.bars), default=0) if what else 0,
        rows=reversed(placed),
        of=lambda entry: _facts(book, entry, spans[entry.key] if found else None) + numbers.get(entry.key, []),
        undated=len(entries) - len(known),
        earlier=len(keys) - len(shown),
        all_rounds=here.to(links.phase_page(phase) if phase else links.ROUNDS) or "",
    )


def _span(book: Book, entry: Entry) -> Span | None:
    """Return when a round began and ended in seconds: by its commits, else by its date."""
    home = book.home(entry.key)
    commits = (home.commit(one.commit) for one in (*entry.links[:1], *entry.links[-1:]))
    moments = [float(one.committed.seconds) for one in commits if one and one.committed.known]
    if moments:
        return min(moments), max(moments)
    when = entry.round.date
    return (_midnight(when.first), _midnight(when.last) + DAY) if when else None


def _midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()


def _day_span(text: str) -> Span | None:
    """Return the day at the beginning of a text as a span of seconds."""
    try:
        start = _midnight(dt.date.fromisoformat(text[:10]))
    except ValueError:
        return None
    return start, start + DAY


def _bar(book: Book, here: Here, entry: Entry, span: Span, *, dated: bool) -> RoundBar:
    facts = _facts(book, entry, span if dated else None)
    focus = plain(entry.round.focus or entry.round.title or "")
    commits = len(entry.links) if entry.verified else None
    title = f"{entry.key}: {', '.join(facts)}{'. ' if focus else ''}{cut(focus, 90)}"
    return RoundBar(entry.key, title, here.to(links.round_page(entry.key)), entry.status or "", *span, commits)


def _facts(book: Book, entry: Entry, span: Span | None) -> list[str]:
    """Return the facts of a bar in words: status, days, commits, decisions."""
    first, last = (_date(span[0]), _date(max(span[1] - 1, span[0]))) if span else ("", "")
    days = f"{first} to {last}" if first != last else first
    commits = plural(len(entry.links), "commit") if entry.verified else "commits not here"
    decided = len(book.taken_in.get(entry.key, ()))
    words = [(entry.status or "no status").replace("-", " "), days, commits]
    return [one for one in (*words, plural(decided, "decision") if decided else "") if one]


def _date(moment: float) -> str:
    return dt.datetime.fromtimestamp(moment, dt.UTC).date().isoformat()


def _decision(here: Here, decision: Decision, span: Span) -> Mark:
    old = decision.status in ("superseded", "rejected", "deprecated")
    return Mark(plain(decision.record.title), here.to(links.decision(decision.id)), *span, old)


def _decided(book: Book, here: Here, entries: Sequence[Entry], spans: dict[str, Span]) -> Iterator[Mark]:
    for entry in entries:
        yield from (_decision(here, one, spans[entry.key]) for one in book.taken_in.get(entry.key, ()))


def _apart(book: Book, here: Here, spans: dict[str, Span], phase: str) -> Iterator[Mark]:
    """Yield the decisions that no round took, at their dates, as far as these are in the time of the rounds."""
    origins = [f"{phase}/"] if phase else ["", *(f"{key}/" for key in book.phase_keys)]
    for decision in (one for origin in origins for one in book.taken_in.get(origin, ())):
        if (span := _day_span(decision.date)) and _within(span[0] + DAY / 2, spans):
            yield _decision(here, decision, (span[0] + DAY / 2,) * 2)


def _versions(book: Book, here: Here, spans: dict[str, Span]) -> Iterator[Mark]:
    for release in book.released.values():
        moment = _released(book, release)
        if moment is not None and _within(moment, spans):
            yield Mark(release.version, here.to(links.release(release.version)), moment, moment)


def _released(book: Book, release: Release) -> float | None:
    commit = book.commit(release.head) if release.head else None
    if commit and commit.committed.known:
        return float(commit.committed.seconds)
    day = _day_span(release.date)
    return day[0] + DAY / 2 if day else None


def _within(moment: float, spans: dict[str, Span]) -> bool:
    first, last = min(start for start, _ in spans.values()), max(end for _, end in spans.values())
    margin = max((last - first) * MARGIN, DAY)
    return first - margin <= moment <= last + margin


def _metric(entries: Sequence[Entry]) -> str:
    """Return the metric to draw: the test count, else the first one of the newest round, if two rounds have a number."""
    counts: dict[str, int] = {}
    for entry in reversed(entries):
        for row in entry.metrics:
            if number(row.now) is not None:
                counts[row.name] = counts.get(row.name, 0) + 1
    found = [name for name, count in counts.items() if count > 1]
    return "tests" if "tests" in found else next(iter(found), "")


def _values(entries: Sequence[Entry], name: str, spans: dict[str, Span]) -> Iterator[tuple[float, Decimal, str]]:
    for entry in entries:
        for row in entry.metrics:
            if row.name == name and (value := number(row.now)) is not None:
                yield spans[entry.key][1], value, entry.key


def _statuses(entries: Sequence[Entry]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry.status or ""] = counts.get(entry.status or "", 0) + 1
    return counts


def _words(what: TimelineChart) -> str:
    """Return in a sentence what the drawing shows."""
    parts = [plural(len(what.bars), "round")]
    if what.decisions:
        parts.append(plural(len(what.decisions), "decision"))
    if what.versions:
        parts.append(plural(len(what.versions), "version"))
    order = "" if what.dated else " in their order"
    return f"Timeline{order}: {', '.join(parts)}; the list below says the same"
