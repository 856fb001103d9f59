"""Timelines."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

from markupsafe import Markup

from roundbook.book.facts import Decision
from roundbook.book.model import Book, Entry
from roundbook.errors import plural
from roundbook.rounds.versions import StatusChange, Step, Timeline
from roundbook.site import links
from roundbook.site.context import PageContext, render
from roundbook.site.escape import cut, encode
from roundbook.site.links import Here
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.resolve import unknown
from roundbook.site.widgets import MARKS, link, status

SHOWN = 200
VERSIONS_SHOWN = 100
STEPS_SHOWN = 12
WORD_LIMIT = 40


@view
def round_activity(book: Book, here: Here, limit: int = SHOWN, phase: str = "") -> Markup:
    """Show changes of status of rounds, decisions and agents, newest first, each with its commit.

    `limit` is the maximum number of changes, 0 for all; `phase` selects one phase.
    """
    if phase and phase not in book.phase_keys:
        raise unknown("phase", phase, list(book.phase_keys))
    chosen = [t for t in book.timelines.feed if not phase or t.life.round.partition("/")[0] == phase]
    shown = chosen[:limit] if limit else chosen
    groups = [(book.commit(commit), tuple(group)) for commit, group in itertools.groupby(shown, _commit_of)]
    context = PageContext(book, here)
    return render(
        "activity.md.j2", book, here, groups=groups, left=len(chosen) - len(shown), badge=badge,
        thing=lambda life: thing(context, life),
    )  # fmt: skip


def _commit_of(turn: StatusChange) -> str:
    return turn.step.commit


def badge(word: str) -> Markup:
    """Return the badge of a status of some version; a word that is none of ours is shown as it was written."""
    if not word or word in MARKS:
        return status(word or None)
    return Markup('<span class="rb-status">') + encode(cut(word, WORD_LIMIT)) + Markup("</span>")


def thing(context: PageContext, life: Timeline) -> Markup:
    """Return what a life is of, as a link to where it stands, if it still does."""
    book, here = context.book, context.here
    words = encode(cut(plain(life.title)))
    if life.kind == "round":
        return context.round(life.id)
    if life.kind == "decision":
        return link(here.to(links.decision(life.id)) if life.id in book.decisions else None, words)
    key, _, anchor = life.id.partition("#")
    entry = book.entries.get(key)
    known = entry is not None and anchor in entry.anchors.values()
    return link(context.entry_url(key, anchor) if known else None, words)


def timeline(book: Book, here: Here, decision: Decision) -> Markup:
    """Return the statuses of a decision with their commits, and how long it took; nothing where no commit tells."""
    life = book.timelines.of("decision", decision.id)
    if life is None:
        return Markup("")
    notes = [note for note in (_decided(book, decision, life), _duration(book, life)) if note]
    return render(
        "timeline.md.j2",
        book,
        here,
        life=life,
        decision=decision,
        notes=notes,
        badge=badge,
        missing=missing(book, life),
    )


def missing(book: Book, life: Timeline) -> str:
    """Return why it is not known when something was recorded; nothing where it is."""
    if life.recorded:
        return ""
    return "An earlier version of the file cannot be read." if book.timelines.whole else "History incomplete."


def _day(book: Book, step: Step) -> dt.date | None:
    commit = book.commit(step.commit)
    return commit.authored.local.date() if commit and commit.authored.known else None


def _decided(book: Book, decision: Decision, life: Timeline) -> Markup | None:
    recorded = _day(book, life.steps[0])
    decided = decision.record.date
    if not (life.recorded and decided and recorded):
        return None
    days = (recorded - decided.last).days
    apart = f"{plural(abs(days), 'day')} {'later' if days > 0 else 'before'}." if days else "the same day."
    return Markup(f"Decided {decided.last.isoformat()}, recorded {apart}")  # noqa: S704 - a date of ours


def _duration(book: Book, life: Timeline) -> Markup | None:
    """Return how long it took from the record to the acceptance; nothing where both came at once."""
    accepted = life.first("accepted")
    if accepted is None or accepted is life.steps[0] or not (life.recorded and accepted.exact):
        return None
    begin, end = _day(book, life.steps[0]), _day(book, accepted)
    if begin is None or end is None or end < begin:
        return None
    days = (end - begin).days
    after = f"{plural(days, 'day')} after it was recorded" if days else "the same day"
    return Markup(f"Accepted {after}.")  # noqa: S704 - words of ours


def file_versions(book: Book, here: Here, decision: Decision) -> Markup:
    """Return the versions of the file of an adopted decision, collapsed; nothing for a decision of a round."""
    return _versions(book, here, decision.adopted.path) if decision.adopted else Markup("")


def versions_of(book: Book, here: Here, entry: Entry) -> Markup:
    """Return the versions of a round's file, and the statuses of the round and of its entries, both collapsed."""
    own = book.timelines.of("round", entry.key)
    changed = [life for life in (own,) if life and len(life.steps) > 1]
    return _versions(book, here, entry.key, [*changed, *book.timelines.inside.get(entry.key, ())], own)


def _versions(
    book: Book, here: Here, key: str, changed: Sequence[Timeline] = (), own: Timeline | None = None
) -> Markup:
    edits = book.timelines.edits.get(key, ())
    if not (edits or changed):
        return Markup("")
    context = PageContext(book, here)
    newest = [(book.commit(edit.commit), edit.readable) for edit in reversed(edits[-VERSIONS_SHOWN:])]
    return render(
        "versions.md.j2", book, here, edits=newest, total=len(edits), changed=changed[:SHOWN], own=own,
        left=max(0, len(changed) - SHOWN), steps=STEPS_SHOWN, badge=badge, thing=lambda life: thing(context, life),
    )  # fmt: skip
