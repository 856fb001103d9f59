"""In: a docket. Out: verdicts on what a round says is open, or leaves open, or does not say at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from roundbook.errors import Place
from roundbook.model.book import Entry
from roundbook.model.item import Item
from roundbook.model.items import Blocker
from roundbook.model.names import slug
from roundbook.model.record import OPEN
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check
from roundbook.think.entries import line_of

LONGEST = 80
_BEGUN = frozenset({"in-progress", "partial", "done"})
_STATED = ("agents", "objectives", "goals", "tasks", "deliverables", "blockers")
_OPEN_WORD = r"tb[dac]|to-?do|pending|unknown|n/?a|to be (?:done|determined|measured)|not yet(?: \w+)?|\?+"
_LEFT_OPEN = re.compile(
    rf"(?:(?!no |not |none |nothing |zero |all )[^\W\d]+ )?(?:{_OPEN_WORD})(?: yet)?", re.IGNORECASE
)
_CLAUSE = re.compile(r" ?[,;:()\[\]—–…] ?|\. | - ")
_MARKUP = "*_`\"'.!~ "
_ADDRESS = re.compile(r"[\w.-]+/[\w.-]*\w")  # a full stop after it is none of it


def lines(docket: Docket) -> Iterator[tuple[Entry, ...]]:
    """Yield what follows on each other, oldest first: the rounds of one phase and repository, and phases with numbers.

    A phase that is only planned ends nothing before it.
    """
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in docket.book.entries.values():
        if not entry.is_phase or entry.links or entry.status in _BEGUN:
            found.setdefault((entry.repository, line_of(entry.round)), []).append(entry)
    yield from map(tuple, found.values())


def brief(text: str) -> str:
    """Return a text on one line, cut where it is longer than a line should be."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def left_open(text: str | None) -> bool:
    """Tell whether a value says that there is none yet: `TBD`, `pending (CI)`; `unknown` inside a sentence does not."""
    return text is not None and _is_open_word(_clauses(text.lstrip(_MARKUP + "("))[0])


def _clauses(text: str) -> list[str]:
    return _CLAUSE.split(" ".join(text.split()))


def _is_open_word(clause: str) -> bool:
    return bool(_LEFT_OPEN.fullmatch(clause.strip(_MARKUP)))


def kind(field: str) -> str:
    """Return the word for one entry of a list: `goal` for `goals`."""
    return "check" if field == "checks" else field[:-1]


@check("stale-status", "warning")
def stale_status(docket: Docket) -> Iterator[Verdict]:
    """Nothing is open in a round when a later round of its phase is done, or `stale-after` days of commits later.

    Mend: write how it ended (`done`, `dropped`), or make it `deferred` and name in `deferred:` of the round, under the same
    title, the round that takes it up.
    """
    for line in lines(docket):
        done = _done_after(line)
        for entry in line:
            if entry.key in done:
                told = f"{done[entry.key].words}, later{'' if entry.is_phase else ' in its phase'}, is done"
                yield from _stale(entry, told, None, docket)
            elif over := _outlived(entry, docket):
                yield from _stale(entry, *over, docket)


def _done_after(line: Sequence[Entry]) -> Mapping[str, Entry]:
    """Return, for each round that a done one follows, the next one that is done."""
    found: dict[str, Entry] = {}
    done: Entry | None = None
    for entry in reversed(line):
        if done is not None:
            found[entry.key] = done
        done = entry if entry.status == "done" else done
    return found


def _outlived(entry: Entry, docket: Docket) -> tuple[str, str] | None:
    """Return how long commits went on after a round's own end, with the newest one, where that is too long."""
    history = docket.book.history
    newest = history.by_id.get(history.head or "")
    if not entry.verified or not history.complete or newest is None or not newest.committed.known:
        return None
    last = history.by_id.get(entry.last_commit or "")
    ends = [entry.round.date.last] if entry.round.date else []
    ends += [last.committed.local.date()] if last and last.committed.known else []
    days = (newest.committed.local.date() - max(ends)).days if ends else 0
    told = f"commits went on for {days} days after its end, up to {newest.short} on {newest.committed.day}"
    return (told, newest.id) if days > docket.settings.stale_after else None


def _stale(entry: Entry, later: str, commit: str | None, docket: Docket) -> Iterator[Verdict]:
    stated = [*_own_status(entry), *statuses(entry)]
    stale = [one for one in stated if one.status in OPEN and not _sent_on(one.item, one.status, entry, docket)]
    for one in stale:
        mend = f"write how {'it' if one.item else f'the {entry.kind}'} ended, or name in `deferred:` the round that takes it up"
        told = f"{one.claim} is {one.status}"
        yield Verdict("stale-status", "contradicted", told, later, one.place, entry.key, one.anchor, commit, mend)


class Stated(NamedTuple):
    """A status as the file states it: of what, which, where; `item` is `None` for the round itself."""

    claim: str
    status: str
    place: Place | None
    item: Item | None
    anchor: str


def _own_status(entry: Entry) -> Iterator[Stated]:
    # A round may end with a part of it done; an agent or a goal of it that is open is told on its own.
    if entry.round.status and entry.round.status != "partial":
        yield Stated(entry.words, entry.round.status, entry.round.place_of("status"), None, "")


def statuses(entry: Entry) -> Iterator[Stated]:
    """Yield the statuses that the file states; a blocker that was resolved states none that could be open."""
    for field in _STATED:
        for one in entry.anchored(field):
            if one.status and not (isinstance(one.item, Blocker) and one.item.resolved):
                claim = f'{kind(field)} "{brief(one.item.label)}"'
                yield Stated(claim, one.status, one.item.place_of("status"), one.item, one.anchor)
    for i, agent in enumerate(entry.round.agents):
        for made in agent.deliverables:
            if made.status:
                claim = f'deliverable "{brief(made.label)}"'
                yield Stated(claim, made.status, made.place_of("status"), made, entry.anchors["agents", i])


def _sent_on(item: Item | None, status: str, entry: Entry, docket: Docket) -> bool:
    """Tell whether something put off has an address: an entry of `deferred:` that says where to, or a round in its words."""
    if status != "deferred":
        return False
    addressed = [one for one in entry.round.deferred if one.to or one.until]
    if item is None:
        return bool(addressed)
    words = " ".join(str(getattr(item, name, None) or "") for name in ("status_text", "note", "text"))
    if any(key in docket.book.entries for key in _ADDRESS.findall(words)):
        return True
    name = slug(item.label, 200)
    return any(slug(one.title, 200) == name or (one.id and one.id == item.id) for one in addressed)


@check("value-left-open", "warning")
def value_left_open(docket: Docket) -> Iterator[Verdict]:
    """No metric, check or status of an agent is left at `TBD`, `pending` or `unknown` once a later round of its phase exists.

    Mend: write the value; where it was never found out, take the metric out or say so in its `note`.
    """
    for line in lines(docket):
        done = _done_after(line)
        for entry, later in pairwise(line):
            words = _status_values(entry, later, judged=entry.key in done)
            values = [*_metric_values(entry, later), *_result_values(entry, later), *words]
            yield from (verdict for still_open, verdict in values if still_open)


def _left(entry: Entry, claim: str, evidence: str, place: Place | None, anchor: str, mend: str) -> Verdict:
    return Verdict("value-left-open", "contradicted", claim, evidence, place, entry.key, anchor, mend=mend)


def _metric_values(entry: Entry, later: Entry) -> Iterator[tuple[bool, Verdict]]:
    for name, metric in entry.round.metrics.items():
        if metric.now is None:
            continue
        after = later.round.metrics.get(name)
        known = after.before if after and not left_open(after.before) else None
        says = f" and says {known} before it" if known else ""
        yield (
            left_open(metric.now),
            _left(
                entry,
                f"metric {name} is {brief(metric.now)}",
                f"{later.words} came after it{says}",
                metric.place_of("after" if metric.after else "value"),
                "metrics",
                f"write after: {known}" if known else "write the value, or why there is none in `note`",
            ),
        )


def _result_values(entry: Entry, later: Entry) -> Iterator[tuple[bool, Verdict]]:
    for i, gate in enumerate(entry.round.checks):
        if gate.result:
            claim, evidence = f'check "{brief(gate.label)}" is {gate.result}', f"{later.words} came after it"
            place, anchor = gate.place_of("result"), entry.anchors["checks", i]
            yield gate.result == "pending", _left(entry, claim, evidence, place, anchor, "write its result")


def _status_values(entry: Entry, later: Entry, *, judged: bool) -> Iterator[tuple[bool, Verdict]]:
    """Yield the words that stand for a status; where an open status is `judged` as stale, its words are not judged again."""
    for i, agent in enumerate(entry.round.agents):
        if agent.status_text and not (judged and agent.status in OPEN):
            claim = f'agent "{brief(agent.label)}" is "{brief(agent.status_text)}"'
            place, anchor = agent.place_of("status_text"), entry.anchors["agents", i]
            evidence = f"{later.words} came after it"
            verdict = _left(entry, claim, evidence, place, anchor, "write how its work ended")
            yield any(map(_is_open_word, _clauses(agent.status_text))), verdict
