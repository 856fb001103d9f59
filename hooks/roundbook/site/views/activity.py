"""Timelines."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import partial

from markupsafe import Markup

from roundbook.book.facts import Decision
from roundbook.book.model import Book, Entry
from roundbook.errors import plural
from roundbook.git.history import Commit
from roundbook.rounds.versions import REMOVED, Edit, StatusChange, Step, Timeline
from roundbook.site import links
from roundbook.site.context import PageContext, render
from roundbook.site.escape import cut, encode
from roundbook.site.links import Here
from roundbook.site.listings import Listing
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.resolve import unknown
from roundbook.site.widgets import MARKS, link, status

SHOWN = 200
STATUSES_SHOWN = 20
STEPS_SHOWN = 12
WORD_LIMIT = 40
NAMED = 3  # rounds of one commit that a line names
_LINK = re.compile(r"<(/?)a\b[^>]*>")
_ORDER = {kind: i for i, kind in enumerate(("round", "decision", "agent", "change"))}
_VERBS = {
    **{(kind, state): verb for kind in ("round", "phase") for state, verb in (
        ("planned", "planned"), ("in-progress", "started"), ("done", "completed"), ("dropped", "dropped"),
        ("deferred", "deferred"),
    )},
    **{("decision", state): state for state in ("proposed", "accepted", "rejected", "deprecated", "superseded")},
    ("decision", "draft"): "drafted",
}  # fmt: skip


@view
def round_activity(book: Book, here: Here, limit: int = SHOWN, phase: str = "") -> Markup:
    """Show changes of status of rounds, decisions and agents, newest first, each with its commit.

    `limit` is the maximum number of changes, 0 for all; `phase` selects one phase.
    """
    if phase and phase not in book.phase_keys:
        raise unknown("phase", phase, list(book.phase_keys))
    listing = activity_listing(book, phase)
    return listing.head(here, limit or len(listing.items))


def activity_listing(book: Book, phase: str = "") -> Listing:
    """Return the changes of status as a list; those of one phase have no further pages."""

    def show(here: Here, shown: Sequence[StatusChange]) -> Markup:
        context = PageContext(book, here)
        return render(
            "activity.md.j2", book, here, days=_days(book, shown), badge=badge, in_words=partial(in_words, context),
            thing=partial(thing, context), is_new=_is_new, state=_state,
        )  # fmt: skip

    chosen = [t for t in book.timelines.feed if not phase or t.timeline.round.partition("/")[0] == phase]
    return Listing(links.ACTIVITY, "all", "Changes of status", chosen, show, SHOWN, paged=not phase)


def _days(book: Book, shown: Sequence[StatusChange]) -> dict[str, list[tuple[Commit, list[StatusChange]]]]:
    """Return changes by day and commit, in the order in which days and commits first appear."""
    commits: dict[str, list[StatusChange]] = {}
    for change in shown:
        commits.setdefault(change.step.commit, []).append(change)
    days: dict[str, list[tuple[Commit, list[StatusChange]]]] = {}
    for commit_id, changes in commits.items():
        commit = book.commit(commit_id)
        assert commit is not None, "a timeline is made of commits of the history"  # noqa: S101
        days.setdefault(commit.authored.day if commit.authored.known else "", []).append((commit, changes))
    return days


def in_words(context: PageContext, changes: Sequence[StatusChange]) -> Markup:
    """Return what a commit changed in a line of words: "Accepted 3 decisions, marked 2 agents done in build/7".

    What is changed is a link in the words of a single change; the summary of a fold, which those of several are, has no links.
    """
    groups: dict[tuple[str, str, bool], list[Timeline]] = {}
    for change in sorted(changes, key=lambda change: _ORDER.get(change.timeline.kind, len(_ORDER))):
        kind = change.timeline.word, change.step.status, _is_new(change)
        groups.setdefault(kind, []).append(change.timeline)
    line = Markup(", ").join(_phrase(context, *kind, timelines) for kind, timelines in groups.items())
    rounds = {change.timeline.round for change in changes if change.timeline.kind != "round"}
    named = {change.timeline.id for change in changes if change.timeline.kind == "round"}
    if len(rounds) == 1 and (key := rounds.pop()) and key not in named:
        line += Markup(" in ") + context.round_key(key)
    words = line if len(changes) == 1 else _LINK.sub(r"<\1em>", str(line))
    return Markup(words[:1].upper() + words[1:])  # noqa: S704 - it begins with a verb of ours, and has lost but links


def _is_new(change: StatusChange) -> bool:
    return not change.before and change.step is change.timeline.steps[0]


def _phrase(context: PageContext, word: str, state: str, new: bool, timelines: Sequence[Timeline]) -> Markup:
    """Return a change of status of several things of a kind in words; few of them by name."""
    if len(timelines) > (NAMED if word == "round" else 1):
        things = encode(plural(len(timelines), word))
    elif word in ("round", "phase"):
        # The key of a phase says that it is one.
        kind = plural(len(timelines), word).partition(" ")[2] + " " if word == "round" else ""
        things = encode(kind) + Markup(", ").join(context.round_key(timeline.id) for timeline in timelines)
    else:
        things = Markup("" if word == "decision" else f"{word} ") + thing(context, timelines[0])  # noqa: S704 - a word of ours
    verb = "removed" if state == REMOVED else "recorded" if new and not state else _VERBS.get((word, state))
    if verb:
        return encode(verb) + " " + things
    shown = _state(state)
    return Markup("marked ") + things + " " + (shown if state in MARKS else Markup("“") + shown + Markup("”"))


def _state(word: str) -> Markup:
    return encode(cut(word.replace("-", " "), WORD_LIMIT) or "not stated")


def badge(word: str) -> Markup:
    """Return the badge of a status of some version; a word that is none of ours is shown as it was written."""
    if not word or word in MARKS:
        return status(word or None)
    return Markup('<span class="rb-status">') + encode(cut(word, WORD_LIMIT)) + Markup("</span>")


def thing(context: PageContext, timeline: Timeline) -> Markup:
    """Return what a timeline is of, as a link to where that is shown, if it still exists."""
    book, here = context.book, context.here
    words = encode(cut(plain(timeline.title)))
    if timeline.kind == "round":
        return context.round(timeline.id)
    if timeline.kind == "decision":
        return link(here.to(links.decision(timeline.id)) if timeline.id in book.decisions else None, words)
    key, _, anchor = timeline.id.partition("#")
    entry = book.entries.get(key)
    known = entry is not None and anchor in entry.anchors.values()
    return link(context.entry_url(key, anchor) if known else None, words)


def timeline(book: Book, here: Here, decision: Decision) -> Markup:
    """Return the statuses of a decision with their commits, and how long it took; nothing where no commit tells."""
    timeline = book.timelines.of("decision", decision.id)
    if timeline is None:
        return Markup("")
    notes = [note for note in (_decided(book, decision, timeline), _duration(book, timeline)) if note]
    steps = steps_listing(book, decision).head(here)
    return render(
        "timeline.md.j2", book, here, timeline=timeline, decision=decision, notes=notes, badge=badge, steps=steps,
        missing=missing(book, timeline),
    )  # fmt: skip


def steps_listing(book: Book, decision: Decision) -> Listing:
    """Return the statuses of a decision as a list, oldest first."""
    timeline = book.timelines.of("decision", decision.id)

    def show(here: Here, steps: Sequence[Step]) -> Markup:
        return render("steps.md.j2", book, here, timeline=timeline, decision=decision, steps=steps, badge=badge)

    home, title = links.decision(decision.id), f"Timeline of {decision.id}"
    return Listing(home, "timeline", title, timeline.steps if timeline else (), show, newest_first=False)


def missing(book: Book, timeline: Timeline) -> str:
    """Return why it is not known when something was recorded; nothing where it is."""
    if timeline.recorded:
        return ""
    return "An earlier version of the file cannot be read." if book.timelines.whole else "History incomplete."


def _day(book: Book, step: Step) -> dt.date | None:
    commit = book.commit(step.commit)
    return commit.authored.local.date() if commit and commit.authored.known else None


def _decided(book: Book, decision: Decision, timeline: Timeline) -> Markup | None:
    recorded = _day(book, timeline.steps[0])
    decided = decision.record.date
    if not (timeline.recorded and decided and recorded):
        return None
    days = (recorded - decided.last).days
    apart = f"{plural(abs(days), 'day')} {'later' if days > 0 else 'before'}." if days else "the same day."
    return Markup(f"Decided {decided.last.isoformat()}, recorded {apart}")  # noqa: S704 - a date of ours


def _duration(book: Book, timeline: Timeline) -> Markup | None:
    """Return how long it took from the record to the acceptance; nothing where both came at once."""
    accepted = timeline.first("accepted")
    if accepted is None or accepted is timeline.steps[0] or not (timeline.recorded and accepted.exact):
        return None
    begin, end = _day(book, timeline.steps[0]), _day(book, accepted)
    if begin is None or end is None or end < begin:
        return None
    days = (end - begin).days
    after = f"{plural(days, 'day')} after it was recorded" if days else "the same day"
    return Markup(f"Accepted {after}.")  # noqa: S704 - words of ours


def file_versions(book: Book, here: Here, decision: Decision) -> Markup:
    """Return the versions of the file of an adopted decision, collapsed; nothing for a decision of a round."""
    return versions(book, here, {"versions": edits_listing(book, decision)}) if decision.adopted else Markup("")


def version_listings(book: Book, entry: Entry) -> tuple[Listing, ...]:
    """Return the versions of a round's file as a list, and the statuses of the round and of its entries."""
    own = book.timelines.of("round", entry.key)
    changed = [timeline for timeline in (own,) if timeline and len(timeline.steps) > 1]

    def show(here: Here, timelines: Sequence[Timeline]) -> Markup:
        context = PageContext(book, here)
        return render(
            "statuses.md.j2", book, here, changed=timelines, own=own, steps=STEPS_SHOWN, badge=badge,
            thing=lambda timeline: thing(context, timeline),
        )  # fmt: skip

    timelines = (*changed, *book.timelines.inside.get(entry.key, ()))
    title = f"Status history of {entry.words}"
    home = links.round_page(entry.key)
    return (
        edits_listing(book, entry),
        Listing(home, "statuses", title, timelines, show, STATUSES_SHOWN, newest_first=False),
    )


def edits_listing(book: Book, of: Entry | Decision) -> Listing:
    """Return the versions of the file of a round, or of an adopted decision, as a list."""

    def show(here: Here, edits: Sequence[Edit]) -> Markup:
        shown = [(book.commit(edit.commit), edit.readable) for edit in edits]
        return render("edits.md.j2", book, here, edits=shown)

    if isinstance(of, Entry):
        home, words, key = links.round_page(of.key), of.words, of.key
    else:
        home, words, key = links.decision(of.id), of.id, of.adopted.path if of.adopted else ""
    edits = tuple(reversed(book.timelines.edits.get(key, ())))
    return Listing(home, "versions", f"Versions of {words}", edits, show)


def versions(book: Book, here: Here, long: Mapping[str, Listing]) -> Markup:
    """Return the versions of a file, and the statuses in it, both collapsed; nothing where none is known."""
    edits, changed = long["versions"], long.get("statuses")
    if not (edits.items or (changed and changed.items)):
        return Markup("")
    last = book.commit(edits.items[0].commit) if edits.items else None
    return render("versions.md.j2", book, here, edits=edits, changed=changed, last=last)
