"""In: a docket. Out: verdicts on what a round says is open, or leaves open, or does not say at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from roundbook.errors import Place
from roundbook.model.book import Entry
from roundbook.model.history import Commit
from roundbook.model.item import Item
from roundbook.model.items import Blocker
from roundbook.model.message import conventional
from roundbook.model.names import slug
from roundbook.model.record import OPEN, kebab
from roundbook.model.verdict import Outcome, Verdict
from roundbook.think.checks.check import Docket, check

LONGEST = 80
_STATED = ("agents", "objectives", "goals", "tasks", "deliverables", "blockers")
_SPEAKING = (
    *("summary", "agents", "objectives", "goals", "decisions", "changes", "deliverables", "findings", "carried"),
    *("deferred", "blockers", "checks", "tasks", "files", "risks", "next", "questions", "notes", "tables", "sections"),
)
_OPEN_WORD = r"tb[dac]|to-?do|pending|unknown|n/?a|to be (?:done|determined|measured)|not yet(?: \w+)?|\?+"
_LEFT_OPEN = re.compile(rf"(?:(?!no |not |none |zero |all )[^\W\d]+ )?(?:{_OPEN_WORD})(?: yet)?", re.IGNORECASE)
_CLAUSE = re.compile(r" ?[,;:()\[\]—–…] ?|\. | - ")
_MARKUP = "*_`\"'.!~ "
_ADDRESS = re.compile(r"[\w.-]+/[\w.-]+")


def lines(docket: Docket) -> Iterator[tuple[Entry, ...]]:
    """Yield the rounds that follow on each other: those of one phase and one repository, oldest first."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in docket.book.entries.values():
        found.setdefault((entry.repository, entry.round.phase), []).append(entry)
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


def _kind(field: str) -> str:
    return "check" if field == "checks" else field[:-1]


@check("stale-status", "warning")
def stale_status(docket: Docket) -> Iterator[Verdict]:
    """Nothing is open in a round when a later round of its phase is done.

    Mend: write how it ended (`done`, `dropped`), or make it `deferred` and name in `deferred:` of the round, under the same
    title, the round that takes it up.
    """
    for line in lines(docket):
        done = _done_after(line)
        for entry in line:
            if entry.key in done:
                yield from _stale(entry, done[entry.key], docket)


def _done_after(line: Sequence[Entry]) -> Mapping[str, Entry]:
    """Return, for each round that a done one follows, the next one that is done."""
    found: dict[str, Entry] = {}
    done: Entry | None = None
    for entry in reversed(line):
        if done is not None:
            found[entry.key] = done
        done = entry if entry.status == "done" else done
    return found


def _stale(entry: Entry, done: Entry, docket: Docket) -> Iterator[Verdict]:
    later = f"round {done.key}, later in its phase, is done"
    stated = [*_own_status(entry), *_statuses(entry)]
    stale = [one for one in stated if one[1] in OPEN and not _sent_on(one[3], one[1], entry, docket)]
    for claim, status, place, item, anchor in stale:
        mend = f"write how {'it' if item else 'the round'} ended, or name in `deferred:` the round that takes it up"
        told = f"{claim} is {status}"
        yield Verdict("stale-status", "contradicted", told, later, place, entry.key, anchor, mend=mend)
    if stated and not stale:
        evidence = f"{later}, and none of the statuses here is open ({len(stated)} written)"
        claim = f"nothing is open in round {entry.key}"
        yield Verdict("stale-status", "held", claim, evidence, entry.round.place, entry.key)


Stated = tuple[str, str, Place | None, Item | None, str]


def _own_status(entry: Entry) -> Iterator[Stated]:
    # A round may end with a part of it done; an agent or a goal of it that is open is told on its own.
    if entry.round.status and entry.round.status != "partial":
        yield f"round {entry.key}", entry.round.status, entry.round.place_of("status"), None, ""


def _statuses(entry: Entry) -> Iterator[Stated]:
    """Yield the statuses that the file states; a blocker that was resolved states none that could be open."""
    for field in _STATED:
        for one in entry.anchored(field):
            if one.status and not (isinstance(one.item, Blocker) and one.item.resolved):
                claim = f'{_kind(field)} "{brief(one.item.label)}"'
                yield claim, one.status, one.item.place_of("status"), one.item, one.anchor
    for i, agent in enumerate(entry.round.agents):
        for made in agent.deliverables:
            if made.status:
                claim = f'deliverable "{brief(made.label)}"'
                yield claim, made.status, made.place_of("status"), made, entry.anchors["agents", i]


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
            opened = [verdict for still_open, verdict in values if still_open]
            yield from opened
            if values and not opened:
                claim = f"no value is left open in round {entry.key}"
                evidence = f"values written before round {later.key} came: {len(values)}"
                yield Verdict("value-left-open", "held", claim, evidence, entry.round.place, entry.key)


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
                f"round {later.key} came after it{says}",
                metric.place_of("after" if metric.after else "value"),
                "metrics",
                f"write after: {known}" if known else "write the value, or why there is none in `note`",
            ),
        )


def _result_values(entry: Entry, later: Entry) -> Iterator[tuple[bool, Verdict]]:
    for i, gate in enumerate(entry.round.checks):
        if gate.result:
            claim, evidence = f'check "{brief(gate.label)}" is {gate.result}', f"round {later.key} came after it"
            place, anchor = gate.place_of("result"), entry.anchors["checks", i]
            yield gate.result == "pending", _left(entry, claim, evidence, place, anchor, "write its result")


def _status_values(entry: Entry, later: Entry, *, judged: bool) -> Iterator[tuple[bool, Verdict]]:
    """Yield the words that stand for a status; where an open status is `judged` as stale, its words are not judged again."""
    for i, agent in enumerate(entry.round.agents):
        if agent.status_text and not (judged and agent.status in OPEN):
            claim = f'agent "{brief(agent.label)}" is "{brief(agent.status_text)}"'
            place, anchor = agent.place_of("status_text"), entry.anchors["agents", i]
            evidence = f"round {later.key} came after it"
            verdict = _left(entry, claim, evidence, place, anchor, "write how its work ended")
            yield any(map(_is_open_word, _clauses(agent.status_text))), verdict


@check("task-shipped", "warning", history=True)
def task_shipped(docket: Docket) -> Iterator[Verdict]:
    """No task, goal or agent is open whose `id` (a pattern of `ids:` in the settings) a later feat or fix commit names.

    Mend: write its status as `done`, or take up in a new task what is left of it.
    """
    wanted = [(entry, *one) for entry in docket.own for one in _open_ids(entry, docket.settings.ids)]
    named = _named(docket, {item.id.casefold() for _, _, item, _ in wanted if item.id}) if wanted else {}
    for entry, field, item, anchor in wanted:
        commits = [c for c in named.get((item.id or "").casefold(), ()) if _later(c, entry, docket)]
        outcome: Outcome = "contradicted" if commits else "held"
        claim = f"{_kind(field)} {item.id} is {getattr(item, 'status', '')}"
        evidence = f'"{brief(commits[0].subject)}" names it' if commits else "no later feat or fix commit names it"
        commit, mend = (commits[0].id, "write its status: done") if commits else (None, "")
        place = item.place_of("status")
        yield Verdict("task-shipped", outcome, claim, evidence, place, entry.key, anchor, commit, mend)


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
    if entry.links:
        order = docket.book.history.order
        return order[commit.id] <= order[entry.links[-1].commit]
    date = entry.round.date
    return date is None or commit.authored.day >= date.first.isoformat()


@check("record-empty", "info")
def record_empty(docket: Docket) -> Iterator[Verdict]:
    """A round, and each agent, deliverable and decision of it, says something beyond its name.

    Mend: write what it was about: a task, a path or a note, the reasons of a decision; or take the entry out.
    """
    for entry in docket.book.entries.values():
        empty = [*_empty_round(entry), *_empty_items(entry)]
        yield from empty
        if not empty and entry.status not in ("planned", "dropped", "deferred"):
            count = Counter(f for f in ("agents", "deliverables", "decisions") for _ in getattr(entry.round, f))
            evidence = ", ".join(f"{n} {field if n > 1 else field[:-1]}" for field, n in count.items())
            claim = f"round {entry.key} says something beyond its name"
            yield Verdict("record-empty", "held", claim, evidence or "it has a text", entry.round.place, entry.key)


def _empty_round(entry: Entry) -> Iterator[Verdict]:
    record = entry.round
    if entry.status in ("planned", "dropped", "deferred") or any(getattr(record, name) for name in _SPEAKING):
        return
    written = [kebab(name) for name in ("title", "focus", "team", "metrics", "history") if getattr(record, name)]
    evidence = f"no agents, goals, decisions, changes, deliverables, summary or sections; only {', '.join(written)}"
    mend = "write a `summary:` or what was made"
    yield Verdict("record-empty", "contradicted", f"round {entry.key}", evidence, record.place, entry.key, mend=mend)


def _empty_items(entry: Entry) -> Iterator[Verdict]:
    beyond = {"agents": {"id", "name", "status_text"}, "deliverables": {"id", "title", "group", "status_text"}}
    for field, names in beyond.items():
        for one in entry.anchored(field):
            if not any(getattr(one.item, name) for name in type(one.item).model_fields if name not in names):
                yield _empty(entry, field, one.item, one.anchor, "nothing beyond its name is written")
    for i, decision in enumerate(entry.round.decisions):
        if not (decision.decision or decision.rationale or decision.context):
            evidence = "no decision, rationale or context is written"
            yield _empty(entry, "decisions", decision, entry.anchors["decisions", i], evidence)


def _empty(entry: Entry, field: str, item: Item, anchor: str, evidence: str) -> Verdict:
    claim, mend = f'{_kind(field)} "{brief(item.label)}"', "say more, or take it out"
    return Verdict("record-empty", "contradicted", claim, evidence, item.place, entry.key, anchor, mend=mend)
