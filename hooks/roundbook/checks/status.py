"""Checks of statuses and values that are left open, tasks that shipped, closed metrics, and empty records."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from roundbook.book.facts import Anchored, CheckResult, Claim
from roundbook.book.model import Entry
from roundbook.checks.registry import CheckContext, SharedContext, brief, check, kind
from roundbook.errors import Place
from roundbook.git.history import Commit
from roundbook.git.message import conventional
from roundbook.schema.base import OPEN, Item, Record, kebab
from roundbook.schema.ids import slug
from roundbook.schema.items import Blocker
from roundbook.schema.round import LISTS

_OPEN_WORD = r"tb[dac]|to-?do|pending|unknown|n/?a|to be (?:done|determined|measured)|not yet(?: \w+)?|\?+"
_LEFT_OPEN = re.compile(
    rf"(?:(?!no |not |none |nothing |zero |all )[^\W\d]+ )?(?:{_OPEN_WORD})(?: yet)?", re.IGNORECASE
)
_CLAUSE = re.compile(r" ?[,;:()\[\]—–…] ?|\. | - ")
_MARKUP = "*_`\"'.!~ "
_ADDRESS = re.compile(r"[\w.-]+/[\w.-]*\w")  # a full stop after it is none of it


# What names a record, files it or says which commits are its. Every other key of the model says something.
_WHICH = frozenset(
    {"round", "phase", "was", "closed", "repository", "date", "status", "status_text", "source", "waive"}
)
_NAMING = frozenset({"title", "kind", "focus", "team", "tags", "branch", "commits", "prs", "releases"}) | _WHICH
# Numbers alone, and rows about other rounds, do not tell what was done.
_BESIDE = frozenset({"metrics", "history"})
_NAMING_OF = {
    "agents": frozenset({"id", "name", "status_text"}),
    "deliverables": frozenset({"id", "title", "group", "status_text"}),
    "decisions": frozenset({"id", "was", "title", "status", "status_text", "date", "decision_makers", "consulted"})
    | {"informed", "authored_by", "ratified_by", "supersedes", "amends", "depends_on", "relates_to", "affects"}
    | {"commits", "prs", "tags", "literals", "until", "follow_up"},
}


def left_open(text: str | None) -> bool:
    """Return whether a value is a placeholder such as `TBD` or `pending (CI)`; `unknown` inside a sentence is not one."""
    return text is not None and _is_open_word(_clauses(text.lstrip(_MARKUP + "("))[0])


def _clauses(text: str) -> list[str]:
    return _CLAUSE.split(" ".join(text.split()))


def _is_open_word(clause: str) -> bool:
    return bool(_LEFT_OPEN.fullmatch(clause.strip(_MARKUP)))


# ---------------------------------------------------------------------------------------- statuses left open


@check("stale-status", "warning")
def stale_status(context: CheckContext) -> Iterator[CheckResult]:
    """Nothing in a round is still open once a later round of its phase is done, or `stale-after` days after its end.

    Fix: set the final status (`done`, `dropped`), or set it to `deferred` and list it under the same title in
    `deferred:`, with the round that takes it up.
    """
    for line in context.lines:
        done = _done_after(line)
        for entry in line:
            if entry.key in done:
                reason = f"{done[entry.key].words}, later{'' if entry.is_phase else ' in its phase'}, is done"
                yield from _stale(entry, reason, None, context)
            elif over := _outlived(entry, context):
                yield from _stale(entry, *over, context)


def _done_after(line: Sequence[Entry]) -> Mapping[str, Entry]:
    """Return, for each round, the next later one that is done."""
    found: dict[str, Entry] = {}
    done: Entry | None = None
    for entry in reversed(line):
        if done is not None:
            found[entry.key] = done
        done = entry if entry.status == "done" else done
    return found


def _outlived(entry: Entry, context: CheckContext) -> tuple[str, str] | None:
    """Return evidence that commits went on too long after the end of a round, and the newest commit."""
    history = context.book.history
    newest = history.by_id.get(history.head or "")
    if not entry.verified or not history.complete or newest is None or not newest.committed.known:
        return None
    last = history.by_id.get(entry.last_commit or "")
    ends = [entry.round.date.last] if entry.round.date else []
    ends += [last.committed.local.date()] if last and last.committed.known else []
    days = (newest.committed.local.date() - max(ends)).days if ends else 0
    reason = f"commits went on for {days} days after its end, up to {newest.short} on {newest.committed.day}"
    return (reason, newest.id) if days > context.settings.stale_after else None


def _stale(entry: Entry, later: str, commit: str | None, context: CheckContext) -> Iterator[CheckResult]:
    for one in (*_own_status(entry), *statuses(entry)):
        if one.status in OPEN and not _sent_on(one, entry, context):
            it = "it" if one.item else f"the {entry.kind}"
            fix = f"write how {it} ended, or name in `deferred:` the round that takes it up"
            yield Claim(one.words, one.place, entry.key, one.anchor).contradicted(later, fix, commit)


class StatedStatus(NamedTuple):
    """A status as written in a file; `claim` names the item, and `item` is `None` for the round itself."""

    claim: str
    status: str
    place: Place | None
    item: Item | None
    anchor: str

    @property
    def words(self) -> str:
        """Return the item and its status in words."""
        return f"{self.claim} is {self.status}"


def _own_status(entry: Entry) -> Iterator[StatedStatus]:
    # A round may end partially done; its open agents and goals are reported on their own.
    if entry.round.status and entry.round.status != "partial":
        yield StatedStatus(entry.words, entry.round.status, entry.round.place_of("status"), None, "")


def statuses(entry: Entry) -> Iterator[StatedStatus]:
    """Yield the statuses in a file, without those of resolved blockers."""
    stated = [one for listed in LISTS.values() if listed.has_status for one in entry.anchored(listed.key)]
    for agent in entry.anchored("agents"):
        made = getattr(agent.item, "deliverables", ())
        stated += (Anchored(entry.key, agent.anchor, "deliverables", one, one.status) for one in made)
    for one in stated:
        if one.status and not (isinstance(one.item, Blocker) and one.item.resolved):
            claim = f'{kind(one.field)} "{brief(one.item.label)}"'
            yield StatedStatus(claim, one.status, one.item.place_of("status"), one.item, one.anchor)


def _sent_on(one: StatedStatus, entry: Entry, context: CheckContext) -> bool:
    """Return whether a deferred item says where it went: in an entry of `deferred:`, or by a round named in its text."""
    if one.status != "deferred":
        return False
    addressed = [later for later in entry.round.deferred if later.to or later.until]
    if one.item is None:
        return bool(addressed)
    words = " ".join(str(getattr(one.item, name, None) or "") for name in ("status_text", "note", "text"))
    if any(key in context.book.entries for key in _ADDRESS.findall(words)):
        return True
    name = slug(one.item.label, 200)
    return any(slug(a.title, 200) == name or (a.id and a.id == one.item.id) for a in addressed)


@check("value-left-open", "warning")
def value_left_open(context: CheckContext) -> Iterator[CheckResult]:
    """No metric, check or agent status is left at `TBD`, `pending` or `unknown` once a later round of its phase exists.

    Fix: write the value; if nobody ever found out, remove the metric or say so in its `note`.
    """
    for line in context.lines:
        done = _done_after(line)
        for entry, later in pairwise(line):
            evidence = f"{later.words} came after it"
            for name, metric in entry.round.metrics.items():
                if left_open(metric.now):
                    place = metric.place_of("after" if metric.after else "value")
                    claim = Claim(f"metric {name} is {brief(metric.now)}", place, entry.key, "metrics")
                    after = later.round.metrics.get(name)
                    if after and after.before and not left_open(after.before):
                        says = f"{evidence} and says {after.before} before it"
                        yield claim.contradicted(says, f"write after: {after.before}")
                    else:
                        yield claim.contradicted(evidence, "write the value, or why there is none in `note`")
            for claim, fix in _words_left(entry, judged=entry.key in done, as_one=entry.key in context.imported):
                yield claim.contradicted(evidence, fix)


def _words_left(entry: Entry, *, judged: bool, as_one: bool) -> Iterator[tuple[Claim, str]]:
    """Yield results and agent statuses that are placeholders; with `judged`, open statuses are already reported as stale.

    With `as_one`, the checks of an old note whose boxes nobody ticked are reported once.
    """
    left = [gate for gate in entry.round.checks if gate.result == "pending"]
    if as_one and len(left) > 1:
        words = f'{len(left)} checks are pending, such as "{brief(left[0].label)}"'
        yield Claim(words, left[0].place_of("result"), entry.key, "checks"), "write their results"
    for gate, one in zip(entry.round.checks, entry.anchored("checks"), strict=True):
        if gate.result == "pending" and not (as_one and len(left) > 1):
            words = f'check "{brief(gate.label)}" is pending'
            yield Claim(words, gate.place_of("result"), entry.key, one.anchor), "write its result"
    for agent, one in zip(entry.round.agents, entry.anchored("agents"), strict=True):
        said = agent.status_text or ""
        if any(map(_is_open_word, _clauses(said))) and not (judged and agent.status in OPEN):
            words = f'agent "{brief(agent.label)}" is "{brief(said)}"'
            yield Claim(words, agent.place_of("status_text"), entry.key, one.anchor), "write how its work ended"


@check("closed-changed", "warning")
def closed_changed(context: CheckContext) -> Iterator[CheckResult]:
    """The metrics of a closed round still have the values that `roundbook close` froze.

    Fix: restore the value; if it was wrong, freeze the new one with `roundbook close ROUND --force`.
    """
    return context.each(context.book.entries.values(), _still_closed)


def _still_closed(entry: Entry, _: SharedContext) -> Iterator[CheckResult]:
    closed, now = entry.round.closed, {row.name: row.now for row in entry.metrics}
    for name, value in closed.metrics.items() if closed else ():
        if closed and now.get(name) != value:
            metric = entry.round.metrics.get(name)
            place = metric.place if metric else entry.round.place_of("closed")
            claim = Claim(f"metric {name} is {brief(now.get(name) or 'not written')}", place, entry.key, "metrics")
            fix = f"write {value}, or close the round again with `roundbook close {entry.key} --force`"
            yield claim.contradicted(f"it was {brief(value)} when the round was closed", fix, closed.at)


# --------------------------------------------------------------------------------------- tasks that shipped


@check("task-shipped", "warning", history=True)
def task_shipped(context: CheckContext) -> Iterator[CheckResult]:
    """No task, goal or agent is open whose `id` (matching `ids:` in the settings) a later feat or fix commit names.

    Fix: set its status to `done`, or move what is left of it to a new task.
    """
    wanted = [(entry, one, one.item.id) for entry in context.own for one in _open_ids(entry, context.settings.ids)]
    named = _named(context, {id_.casefold() for _, _, id_ in wanted if id_})
    for entry, one, id_ in wanted:
        if commit := next((c for c in named.get((id_ or "").casefold(), ()) if _later(c, entry, context)), None):
            words = f"{kind(one.field)} {id_} is {one.status}"
            claim = Claim(words, one.item.place_of("status"), entry.key, one.anchor)
            yield claim.contradicted(f'"{brief(commit.subject)}" names it', "write its status: done", commit.id)


def _open_ids(entry: Entry, patterns: Sequence[str]) -> Iterator[Anchored]:
    for listed in LISTS.values():
        for one in entry.anchored(listed.key) if listed.counted else ():
            name = one.item.id
            if name and one.status in OPEN and any(re.fullmatch(pattern, name) for pattern in patterns):
                yield one


def _named(context: CheckContext, wanted: set[str]) -> Mapping[str, list[Commit]]:
    """Return, by id, the feat and fix commits that name it, newest first, without hidden and reverted commits."""
    patterns = [re.compile(pattern) for pattern in context.settings.ids]
    found: dict[str, list[Commit]] = {}
    for commit in context.book.history.commits if wanted else ():
        # Most messages name none, and need not be taken apart.
        head = conventional(commit) if wanted & _names(commit.message, patterns) else None
        if head and head.type in ("feat", "fix") and context.book.coverage[commit.id].kind != "hidden":
            for name in wanted & _names(f"{commit.subject}\n{commit.body}", patterns):
                found.setdefault(name, []).append(commit)
    return found


def _names(text: str, patterns: Sequence[re.Pattern[str]]) -> set[str]:
    return {m[0].casefold() for p in patterns for m in p.finditer(text) if _whole(text, m.start(), m.end())}


def _whole(text: str, start: int, end: int) -> bool:
    """Return whether a match is a whole word: `T-1` is not one in `XT-1` or `T-1-b`."""
    return not re.match(r"[\w-]", text[start - 1 : start]) and not re.match(r"-?\w", text[end : end + 2])


def _later(commit: Commit, entry: Entry, context: CheckContext) -> bool:
    """Return whether a commit is at least as new as the first commit of a round, or as its date if it has none."""
    if entry.first_commit:
        order = context.book.history.order
        return order[commit.id] <= order[entry.first_commit]
    date = entry.round.date
    return date is None or commit.authored.day >= date.first.isoformat()


# ------------------------------------------------------------------------------------ records that are empty


@check("record-empty", "info")
def record_empty(context: CheckContext) -> Iterator[CheckResult]:
    """A round, and each of its agents, deliverables and decisions, says something beyond its name.

    Entries of an imported note are as short as the note has them, so nothing is said of them.

    Fix: say what it was about (a task, a path, a note, the reasons for a decision), or remove the entry.
    """
    return context.each(context.book.entries.values(), _empty)


def _empty(entry: Entry, _: SharedContext) -> Iterator[CheckResult]:
    yield from _empty_round(entry)
    for field, names in _NAMING_OF.items() if not entry.round.source else ():
        decided = field == "decisions"
        evidence = "no decision, rationale or context is written" if decided else "nothing beyond its name is written"
        for one in entry.anchored(field):
            if not _beyond(one.item, names):
                words = f'{kind(field)} "{brief(one.item.label)}"'
                claim = Claim(words, one.item.place, entry.key, one.anchor, stated=False)
                yield claim.contradicted(evidence, "say more, or remove it")


def _empty_round(entry: Entry) -> Iterator[CheckResult]:
    record = entry.round
    if entry.is_phase:
        return  # its name, and its rounds, may be all that there is to say
    if entry.status in ("planned", "dropped", "deferred") or _beyond(record, _NAMING | _BESIDE):
        return
    written = ", ".join(map(kebab, _beyond(record, _WHICH)))
    evidence = f"no agents, goals, decisions, changes, deliverables, summary or sections; only {written}"
    claim = Claim(entry.words, record.place, entry.key, stated=False)
    yield claim.contradicted(evidence, "write a `summary:` or what was made")


def _beyond(record: Record, names: Collection[str]) -> list[str]:
    """Return the fields of a record that have a value, except for `names`."""
    return [name for name in type(record).model_fields if name not in names and getattr(record, name)]
