"""In: the book of a base, that of a head, and what lies between. Out: `Proposal`, what the branch brings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from roundbook.errors import Finding
from roundbook.model.book import Book, Thread
from roundbook.model.glob import matches
from roundbook.model.history import SHORT
from roundbook.model.items import CHANGE_TYPES
from roundbook.model.names import is_phase
from roundbook.model.proposal import DecisionTouched, Loose, Proposal, RoundTouched, State
from roundbook.model.record import OPEN
from roundbook.model.release import Entered
from roundbook.model.ruling import Ruling
from roundbook.model.span import Span
from roundbook.model.verdict import Tally
from roundbook.think.moves import moves, said
from roundbook.think.news import collisions, news

MOST_PATHS = 5_000  # a branch of more files is not about any one decision
_HEX = re.compile(rf"\b[0-9a-f]{{{SHORT}}}\b")
_ORDER: tuple[State, ...] = ("new", "changed", "same")
_IN_FORCE = frozenset({"draft", "proposed", "accepted"})


def proposal(old: Book, new: Book, span: Span) -> Proposal:
    """Return what a branch brings: what the new book has beyond the old one, and what the commits of the span say.

    What is not there is called so only where the history of both is complete, and every file of the new one can be read.
    """
    whole = old.history.complete and new.history.complete and not new.broken
    moved = moves(old, new)
    prefix = new.history.prefix
    edited = frozenset((*(path.removeprefix(prefix) for path in span.paths), *new.dirty))
    decisions = tuple(_decisions(old, new, span, moved, edited))
    changes = tuple(_changes(old, new, moved))
    added, mended = news(old, new, moved)
    rounds = tuple(_rounds(old, new, span, moved, edited))
    return Proposal(
        base=old.history.head,
        head=new.history.head,
        prefix=prefix,
        commits=_newest_first(new, span.commits),
        files=len(span.paths),
        rounds=rounds,
        decisions=decisions,
        changes=changes,
        loose=tuple(_loose(new, span, changes)) if whole else (),
        stray=tuple(c for c in _newest_first(new, span.commits) if _is_stray(new, c)) if whole and new.rounds else (),
        closed=tuple(_closed(old, new, moved)),
        added=(*added, *(f for f in _misplaced(new, span) if f not in added)),
        mended=mended if whole else (),
        collisions=collisions(new, {d.id for d in decisions if d.state in ("new", "changed")}),
        claims=_claims(new, rounds, decisions),
        dirty=new.dirty,
        gaps=tuple(dict.fromkeys(gap.message for gap in (*new.history.gaps, *old.history.gaps))),
    )


def _claims(new: Book, rounds: tuple[RoundTouched, ...], decisions: tuple[DecisionTouched, ...]) -> Tally:
    """Count what came of the claims of the rounds that are touched, and of the decisions that stand in no round."""
    keys = {one.key for one in rounds}
    ids = {one.id for one in decisions}
    return Tally.of(v for v in new.verdicts if (v.round in keys if v.round else v.anchor in ids))


def nothing(book: Book, base: str | None = None, *, landed: int = 0, apart: bool = False) -> Proposal:
    """Return the proposal of a head that has nothing beyond its base, or of which that cannot be told."""
    history = book.history
    gaps = tuple(gap.message for gap in history.gaps)
    return Proposal(base, history.head, history.prefix, landed=landed, gaps=gaps, apart=apart)


def _newest_first(book: Book, commits: Collection[str]) -> tuple[str, ...]:
    return tuple(c.id for c in book.history.commits if c.id in commits)


def _misplaced(book: Book, span: Span) -> Iterator[Finding]:
    """Yield the lines of the branch that ought to be trailers, while they can be corrected: also where older ones are alike."""
    short = {commit[:SHORT] for commit in span.commits}
    for finding in book.findings:
        if finding.slug == "trailer-misplaced" and not short.isdisjoint(_HEX.findall(finding.message)):
            yield finding


def _is_stray(book: Book, commit: str) -> bool:
    return book.accounts[commit].kind == "unaccounted"


# ------------------------------------------------------------------------------------------------------ rounds


def _rounds(
    old: Book, new: Book, span: Span, moved: Mapping[str, str], edited: Collection[str]
) -> Iterator[RoundTouched]:
    """Yield the rounds that are touched, newest first, then those that went."""
    before = {key: was for was, key in moved.items()}
    for entry in new.all_newest_first:
        key, was = entry.key, before.get(entry.key)
        links = tuple(link for link in entry.links if link.commit in span.commits)
        state = _state(old, new, was, key, edited)
        files = new.files.get(key, ())
        uncommitted = not set(files).isdisjoint(new.dirty)
        if links or uncommitted or state != "same":
            status = old.entries[was].status if was else None
            path = next(iter(files), "")
            kept = was in (None, key) or new.former.rounds.get(str(was)) == key
            yield RoundTouched(key, entry.round.name, state, was, entry.status, status, links, path, uncommitted, kept)
    unread, had = {b.key for b in new.broken}, {b.key: b.text for b in old.broken}
    for broken in new.broken:
        if not is_phase(broken.key) and had.get(broken.key) != broken.text:
            path = next(iter(broken.paths), "")
            yield RoundTouched(broken.key, f"Round {broken.key}", "unreadable", path=path)
    for key, entry in old.entries.items():
        if key not in moved and key not in unread:
            yield RoundTouched(key, entry.round.name, "gone", key, before=entry.status)


def _state(old: Book, new: Book, was: str | None, key: str, edited: Collection[str]) -> State:
    if was is None:
        return "new"
    files = new.files.get(key, ())
    if was != key or not set(old.files.get(was, ())).intersection(files):
        return "moved"
    if old.entries[was].status != new.entries[key].status:
        return "changed"
    if not any(path in edited for path in (*files, *old.files.get(was, ()))):
        return "same"  # to compare all records of a large book takes long
    return "same" if said(old.entries[was].round) == said(new.entries[key].round) else "changed"


# --------------------------------------------------------------------------------------------------- decisions


def _decisions(
    old: Book, new: Book, span: Span, moved: Mapping[str, str], edited: Collection[str]
) -> Iterator[DecisionTouched]:
    """Yield the decisions that are recorded, then changed, cited, governing, gone."""
    before = {new.former.decisions.get(name, name): name for name in old.rulings}
    governed = _governing(new, span)
    found: list[DecisionTouched] = []
    for ruling in new.rulings.values():
        was = old.rulings.get(before.get(ruling.id, ""))
        state: State = "new" if was is None else "changed" if _turned(was, ruling, edited) else "same"
        found.append(_decision(was, ruling, state, span, governed.get(ruling.id, ())))
    touched = (d for d in found if d.state != "same" or d.commits or d.files)
    yield from sorted(touched, key=lambda d: (_ORDER.index(d.state), not d.commits, -len(d.files)))
    unread = {broken.key for broken in new.broken}
    for name, ruling in old.rulings.items():
        here = new.former.decisions.get(name, name) in new.rulings
        key = ruling.address[0]
        if not here and moved.get(key, key) not in unread:
            yield DecisionTouched(name, ruling.decision.title, ruling.round, "gone", before=ruling.status)


def _turned(was: Ruling, ruling: Ruling, edited: Collection[str]) -> bool:
    if (was.status, was.superseded_by) != (ruling.status, ruling.superseded_by):
        return True
    place = ruling.decision.place
    apart = {"was", "id"}
    edits = place is None or place.path in edited
    return edits and was.decision.model_dump(exclude=apart) != ruling.decision.model_dump(exclude=apart)


def _decision(was: Ruling | None, ruling: Ruling, state: State, span: Span, files: Collection[str]) -> DecisionTouched:
    cited = tuple(c for c in dict.fromkeys((*ruling.commits, *ruling.cited_by)) if c in span.commits)
    place = ruling.decision.place
    return DecisionTouched(
        ruling.id,
        ruling.decision.title,
        ruling.round,
        state,
        ruling.status,
        was.status if was else None,
        cited,
        tuple(files),
        ruling.superseded_by if was and was.superseded_by != ruling.superseded_by else (),
        place.path if place else "",
        place.line if place else 0,
    )


def _governing(book: Book, span: Span) -> dict[str, list[str]]:
    """Return, by decision in force, the changed files that it affects, or that bear its marker; the data is none of them."""
    prefix, apart = book.history.prefix, book.testimony.apart
    changed = [p for p in sorted(span.paths) if not (apart and p.startswith(apart))]
    found: dict[str, list[str]] = {}
    for ruling in book.rulings.values():
        if ruling.status not in _IN_FORCE or not book.is_verified(ruling):
            continue
        globs = tuple(glob.removeprefix("./") for glob in ruling.decision.affects)
        marked = {marker.path for marker in ruling.markers}
        for path in changed[:MOST_PATHS] if globs or marked else ():
            if path in marked or matches(globs, path) or matches(globs, path.removeprefix(prefix)):
                found.setdefault(ruling.id, []).append(path)
    return found


# ----------------------------------------------------------------------------------------- changes and threads


def _changes(old: Book, new: Book, moved: Mapping[str, str]) -> Iterator[Entered]:
    """Yield the entries of the changelog that the base has not: as they are written, wherever they stand in the round."""
    had = {(moved.get(one.round, one.round), one.change.text) for r in old.releases for one in r.entries}
    yield from (one for r in new.releases for one in r.entries if (one.round, one.change.text) not in had)


def _loose(book: Book, span: Span, changes: Collection[Entered]) -> Iterator[Loose]:
    """Yield the commits of notable types that no entry claims.

    An entry of the branch that names no commit may be about any of them, so then there are none.
    """
    if any(not (one.commits or one.pull_requests) for one in changes):
        return
    for release in book.releases:
        for category, commits in release.loose:
            for commit in commits if category in CHANGE_TYPES else ():
                if commit in span.commits:
                    yield Loose(commit, book.history.by_id[commit].subject, category)


def _closed(old: Book, new: Book, moved: Mapping[str, str]) -> Iterator[Thread]:
    """Yield the threads that were open at the base and are closed now, also those that are no threads any more."""
    now = {(t.round, t.anchor): t for t in new.threads}
    for thread in old.threads:
        key = moved.get(thread.round, "")
        if thread.closed_by or key not in new.entries:
            continue
        anchor = next(
            (a for (k, a), olds in new.former.anchors.items() if k == key and thread.anchor in olds), thread.anchor
        )
        found = now.get((key, anchor))
        if found and found.closed_by:
            yield found
        elif found is None and (status := _settled(new, key, anchor)):
            yield Thread(thread.kind, thread.title, key, anchor, "", key, f"{status} there")


def _settled(book: Book, key: str, anchor: str) -> str:
    """Return the status of an entry that was a thread and is settled, or nothing."""
    entry = book.entries[key]
    for (field, index), own in entry.anchors.items():
        if own == anchor:
            status = getattr(getattr(entry.round, field)[index], "status", None)
            return str(status) if status and status not in OPEN and field != "decisions" else ""
    return ""
