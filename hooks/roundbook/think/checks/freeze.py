"""In: a docket. Out: verdicts on the commits that round files name by id: whether they are there, and still the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from roundbook.errors import Place
from roundbook.model.book import Book, Entry
from roundbook.model.history import SHORT, Commit, Moment
from roundbook.model.items import Closed
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief
from roundbook.think.choose import selections
from roundbook.think.select import meant, revisions

NAMED = 3  # commits that are named
Twins = Mapping[tuple[Moment, str], Sequence[Commit]]


@check("commit-unknown", "error", history=True)
def commit_unknown(docket: Docket) -> Iterator[Verdict]:
    """Each id and tag below `commits:` is a commit of the history of `HEAD`.

    Mend: correct it, or remove it; where it is a commit that `HEAD` does not reach, merge it, or name the one in its place.
    """
    twins = _twins(docket.book) if docket.book.testimony.objects else {}
    for entry in docket.own:
        for _, anchor, written in selections(entry.round, entry.anchors):
            for selection in written:
                told = partial(_named, entry, anchor, selection.place)
                for text in revisions(selection):
                    yield from told(text, docket, twins)


def _named(
    entry: Entry, anchor: str, place: Place | None, text: str, docket: Docket, twins: Twins
) -> Iterator[Verdict]:
    found = meant(text, docket.book.history)
    claim = f"{text} is named as a commit"
    if len(found) == 1:
        subject = docket.book.history.by_id[found[0]].subject
        told = f'"{brief(subject)}"' if subject else "it is one"
        yield Verdict("commit-unknown", "verified", claim, told, place, entry.key, anchor, found[0])
    elif not found:
        evidence, mend = _unknown(text, docket.book, twins)
        yield Verdict("commit-unknown", "contradicted", claim, evidence, place, entry.key, anchor, mend=mend)


def _unknown(text: str, book: Book, twins: Twins) -> tuple[str, str]:
    """Return what is known of an id that the history does not have, and the mend."""
    mend = "correct it, or remove it"
    if text not in book.testimony.objects:
        return "it is no commit or tag in the history of HEAD", mend
    object_ = book.testimony.objects[text]
    if object_ is None:
        return "no commit and no other object has this id", mend
    if object_.kind == "ambiguous":
        return (
            "several objects begin like this, and none of them is a commit of the history of HEAD",
            "write more digits",
        )
    if object_.kind != "commit" or object_.commit is None:
        return f"it is a {object_.kind}, no commit", mend
    twin = _twin(object_.commit, twins)
    subject = f'"{brief(object_.commit.subject)}" of {object_.commit.authored.day or "an unknown day"}'
    if twin:
        return f"{subject} is not reached from HEAD; it was rewritten as {twin.short}", f"write {twin.short}"
    return f"{subject} is not reached from HEAD", "merge its branch, or name the commit that took its place"


@check("commit-rewritten", "warning", history=True)
def commit_rewritten(docket: Docket) -> Iterator[Verdict]:
    """The commits that were frozen when a round was closed are still those of the history.

    Mend: close the round again with `roundbook close`, or find out who rewrote the history.
    """
    twins = _twins(docket.book) if any(entry.round.closed for entry in docket.own) else {}
    for entry in docket.own:
        if entry.round.closed:
            yield _frozen(entry, entry.round.closed, docket.book, twins)


def _frozen(entry: Entry, closed: Closed, book: Book, twins: Twins) -> Verdict:
    frozen = tuple(dict.fromkeys((*closed.commits, closed.at)))
    lost = [commit for commit in frozen if commit not in book.history.by_id]
    count = "1 commit was" if len(frozen) == 1 else f"{len(frozen)} commits were"
    claim = f"round {entry.key} was closed at {closed.at[:SHORT]}, and {count} frozen"
    told = [_fate(commit, book, twins) for commit in lost[:NAMED]]
    more = f" and {len(lost) - NAMED} more" if len(lost) > NAMED else ""
    outcome: Outcome = "contradicted" if lost else "verified"
    evidence = f"the history of HEAD does not have {', '.join(told)}{more}" if lost else "the history of HEAD has all"
    mend = "close the round again with `roundbook close`, once the new commits are right" if lost else ""
    place = closed.place_of("at" if not lost or lost[0] == closed.at else "commits")
    there = next((commit for commit in frozen if commit in book.history.by_id), None)
    return Verdict("commit-rewritten", outcome, claim, evidence, place, entry.key, "", None if lost else there, mend)


def _fate(id_: str, book: Book, twins: Twins) -> str:
    object_ = book.testimony.objects.get(id_)
    if object_ is None:
        return f"{id_[:SHORT]} (its object is gone)" if id_ in book.testimony.objects else id_[:SHORT]
    twin = _twin(object_.commit, twins) if object_.commit else None
    return f"{id_[:SHORT]} (rewritten as {twin.short})" if twin else f"{id_[:SHORT]} (the object is still here)"


def _twins(book: Book) -> Twins:
    found: dict[tuple[Moment, str], list[Commit]] = {}
    for commit in book.history.commits:
        found.setdefault((commit.authored, commit.subject), []).append(commit)
    return found


def _twin(old: Commit, twins: Twins) -> Commit | None:
    """Return the commit of today that has the author's date and the subject of an old one, and its author if several."""
    alike = twins.get((old.authored, old.subject), ())
    if len(alike) > 1:
        alike = [commit for commit in alike if commit.author == old.author]
    return alike[0] if len(alike) == 1 else None
