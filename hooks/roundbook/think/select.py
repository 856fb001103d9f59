"""In: what `commits:` says, and a history. Out: the ids it means, or a finding that says why it means none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roundbook.errors import Finding, Place
from roundbook.git.history import History
from roundbook.schema.decision import Selection
from roundbook.think.ancestry import between

UNKNOWN = "commit-unknown"


@dataclass(frozen=True, slots=True)
class Selected:
    """The ids that a selection means, with the finding when it means none or several."""

    ids: tuple[str, ...] = ()
    finding: Finding | None = None


def select(selection: Selection, history: History, shares: Mapping[str, tuple[str, ...]]) -> Selected:
    """Return the commits that an id, a range or a tag means; windows and paths are rules, and mean nothing here.

    `shares` holds, by tag, the commits that a version brought. Where the history is incomplete, a commit that is not
    found is not called missing.
    """
    place = selection.place
    if selection.id:
        one = _revision(selection.id, history, place)
        return one if one.finding else Selected(one.ids)
    if selection.tag:
        tagged = _revision(selection.tag, history, place)
        if tagged.finding:
            return tagged
        share = shares.get(selection.tag)
        return Selected(share if share is not None else _since_version(history, tagged.ids[0], shares))
    if selection.from_ or selection.to:
        return _range(selection, history, place)
    return Selected()


def _since_version(history: History, tip: str, shares: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return what a tag that is no version reaches and no version that it reaches has shipped."""
    reached = between(history, None, tip)
    inside = set(reached)
    shipped = {commit for share in shares.values() if share and share[0] in inside for commit in share}
    return tuple(commit for commit in reached if commit not in shipped)


def _range(selection: Selection, history: History, place: Place | None) -> Selected:
    old = _revision(selection.from_, history, place) if selection.from_ else Selected()
    new = _revision(selection.to or str(history.head), history, place)
    if old.finding or new.finding:
        return Selected((), old.finding or new.finding)
    return Selected(between(history, old.ids[0] if old.ids else None, new.ids[0]))


def meant(text: str, history: History) -> tuple[str, ...]:
    """Return the commit that a tag or id means: none, the one, or the candidates of an ambiguous id."""
    for tag in history.tags:
        if tag.name == text and tag.commit in history.by_id:
            return (str(tag.commit),)
    return history.find(text)


def revisions(selection: Selection) -> tuple[str, ...]:
    """Return the ids and tags that a selection names, as they are written."""
    return tuple(text for text in (selection.id, selection.tag, selection.from_, selection.to) if text)


def _revision(text: str, history: History, place: Place | None) -> Selected:
    candidates = meant(text, history)
    if len(candidates) == 1:
        return Selected(candidates)
    if candidates:
        names = ", ".join(c[:12] for c in candidates[:4])
        return Selected((), _finding("commit-ambiguous", f"{text} may be {names}", place, "write more digits"))
    if not history.complete:
        return Selected((), _not_checked(text, place))
    message = f"{text} is no commit or tag in the history of HEAD"
    return Selected((), _finding(UNKNOWN, message, place, "correct it, or remove it"))


def _finding(slug: str, message: str, place: Place | None, mend: str) -> Finding:
    return Finding("warning", slug, message, place, mend)


def _not_checked(text: str, place: Place | None) -> Finding:
    return Finding("info", "commit-not-checked", f"{text} was not looked up: the history here is incomplete", place)
