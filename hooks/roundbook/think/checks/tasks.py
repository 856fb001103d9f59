"""In: a docket. Out: verdicts on open tasks, goals and agents whose ids later commits name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from roundbook.model.book import Entry
from roundbook.model.history import Commit
from roundbook.model.item import Item
from roundbook.model.message import conventional
from roundbook.model.record import OPEN
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.checks.status import brief, kind


@check("task-shipped", "warning", history=True)
def task_shipped(docket: Docket) -> Iterator[Verdict]:
    """No task, goal or agent is open whose `id` (a pattern of `ids:` in the settings) a later feat or fix commit names.

    Mend: write its status as `done`, or take up in a new task what is left of it.
    """
    wanted = [(entry, *one) for entry in docket.own for one in _open_ids(entry, docket.settings.ids)]
    named = _named(docket, {item.id.casefold() for _, _, item, _ in wanted if item.id}) if wanted else {}
    for entry, field, item, anchor in wanted:
        if commit := next((c for c in named.get((item.id or "").casefold(), ()) if _later(c, entry, docket)), None):
            claim, evidence = (
                f"{kind(field)} {item.id} is {getattr(item, 'status', '')}",
                f'"{brief(commit.subject)}" names it',
            )
            place, mend = item.place_of("status"), "write its status: done"
            yield Verdict("task-shipped", "contradicted", claim, evidence, place, entry.key, anchor, commit.id, mend)


def _open_ids(entry: Entry, patterns: Sequence[str]) -> Iterator[tuple[str, Item, str]]:
    for field in ("tasks", "goals", "agents"):
        for one in entry.anchored(field):
            name = one.item.id
            if name and one.status in OPEN and any(re.fullmatch(pattern, name) for pattern in patterns):
                yield field, one.item, one.anchor


def _named(docket: Docket, wanted: set[str]) -> Mapping[str, list[Commit]]:
    """Return, by id, the feat and fix commits (newest first) that name it; what was taken back is not among them."""
    patterns = [re.compile(pattern) for pattern in docket.settings.ids]
    found: dict[str, list[Commit]] = {}
    for commit in docket.book.history.commits:
        # Most messages name none, and need not be taken apart.
        head = conventional(commit) if wanted & _names(commit.message, patterns) else None
        if head and head.type in ("feat", "fix") and docket.book.accounts[commit.id].kind != "folded":
            for name in wanted & _names(f"{commit.subject}\n{commit.body}", patterns):
                found.setdefault(name, []).append(commit)
    return found


def _names(text: str, patterns: Sequence[re.Pattern[str]]) -> set[str]:
    return {m[0].casefold() for p in patterns for m in p.finditer(text) if _whole(text, m.start(), m.end())}


def _whole(text: str, start: int, end: int) -> bool:
    """Tell whether a match is a word of its own: `T-1` is none in `XT-1` or `T-1-b`."""
    return not re.match(r"[\w-]", text[start - 1 : start]) and not re.match(r"-?\w", text[end : end + 2])


def _later(commit: Commit, entry: Entry, docket: Docket) -> bool:
    """Tell whether a commit is not older than its round: than its first commit, else than its day."""
    if entry.first_commit:
        order = docket.book.history.order
        return order[commit.id] <= order[entry.first_commit]
    date = entry.round.date
    return date is None or commit.authored.day >= date.first.isoformat()
