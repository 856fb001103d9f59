"""The status changes of rounds, decisions and agents over the history."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from roundbook.book import decisions, rounds
from roundbook.book.ancestry import Landing, landings
from roundbook.book.facts import PullRequest
from roundbook.book.references import DecisionIndex
from roundbook.git.history import Commit, History
from roundbook.rounds.versions import (
    ADOPTED,
    RECORDED,
    REMOVED,
    Edit,
    SnapshotEntry,
    StatusChange,
    Step,
    Timeline,
    Timelines,
    Version,
)
from roundbook.schema.base import CLOSED
from roundbook.schema.ids import natural_key, slug
from roundbook.schema.round import LISTS, named
from roundbook.schema.statuses import STATUSES, DecisionStatus

# How a timeline comes about, with a round whose decision two branches work on:
#     a      3/4: use-wasm is proposed           revisions of 3/4: (a)
#     |\
#     b \    3/4: use-wasm is accepted           (b), before it (a)
#     |  c   3/4 moved to 3/5, and is done       (c), before it (a), under the name that it had there
#     |/
#     m      3/5: both                           (m), before it (b) and (c)
# 1. `_revisions` gives each round at each commit that changed a file of it, with what it was at each parent of that commit.
# 2. `_TimelineBuilder.add` finds out, oldest first, what the names in a revision mean. A thing keeps its identity where its
#    round moved (3/4 is 3/5), where it moved to another round, and where it alone in its list was reworded.
# 3. An event is a change from a parent to its commit: a proposed; b accepted; c 3/5 done; m both once more.
# 4. `_take_steps` keeps the events that change what a book shows. A decision is superseded once its successor is accepted.

WORDS = 200  # letters of a title that count when it changed
Name = tuple[str, str]  # the kind of a thing, and the anchor or id that it has in its round
_KINDS = tuple(dict.fromkeys(("round", "decision", *(one.word for one in LISTS.values() if one.timeline))))
_SHOWN = tuple(kind for kind in _KINDS if kind != "change")


class Stated(NamedTuple):
    """A thing as a revision has it; `written` tells that its id is written out, `replaces` are ids of decisions."""

    status: str
    reason: str = ""
    replaces: tuple[str, ...] = ()
    title: str = ""
    written: bool = False

    @property
    def says(self) -> tuple[str, tuple[str, ...]]:
        """Return what makes an event when it changes."""
        return self.status, self.replaces


@dataclass(slots=True, eq=False)
class Subject:
    """A thing, whatever it is called at the time: `name` is what it is called last, `owner` the round that it is part of."""

    kind: str
    name: str
    owner: Subject | None = None
    title: str = ""
    round: str = ""
    steps: list[Step] = field(default_factory=list)
    stated: Stated | None = None


@dataclass(slots=True, eq=False)
class Revision:
    """A round as a commit left it: its `files` by path, and for each parent the revision there, `None` for no such round.

    `known` is false where not everything is known of what it was before. `things` are what it holds, `names` how it calls
    them, `values` its metrics with the commit that set each; where it is not `readable` those of the revision before.
    """

    commit: str
    key: str
    files: dict[str, Version]
    before: list[Revision | None]
    known: bool = True
    came_from: str = ""
    readable: bool = True
    names: dict[Name, Subject] = field(default_factory=dict)
    things: dict[Subject, Stated] = field(default_factory=dict)
    values: dict[str, tuple[str, str]] = field(default_factory=dict)
    subject: Subject = field(init=False)

    @property
    def blobs(self) -> tuple[str, ...]:
        """Return the contents of its files, by their ids."""
        return tuple(version.blob for version in self.files.values())

    @property
    def exact(self) -> bool:
        """Tell whether what it says differently from its parents was first said by its commit."""
        return self.known and all(one.readable for one in self.before if one)


class Event(NamedTuple):
    """What a commit says of a thing; `stated` is `None` where it took it out."""

    commit: str
    subject: Subject
    stated: Stated | None
    exact: bool


def timelines(versions: Sequence[Version], history: History, pulls: Mapping[int, PullRequest]) -> Timelines:
    """Return the timelines of all things in versions of round files and decision records, which are given oldest first."""
    if not versions:
        return Timelines()
    commits, final = _revisions(versions, history)
    builder = _TimelineBuilder(versions)
    for commit, revisions in commits.items():
        builder.add(commit, revisions)
    brought = {commit: pull.number for pull in pulls.values() for commit in (*pull.commits, pull.merge) if commit}
    builder.events += _left_behind(builder.events, final.values(), history)
    _take_steps(builder.events, builder.known, brought)
    by_kind = _by_kind(builder.events, final, not history.cut)
    return Timelines(
        by_kind,
        edits=dict(_edits(commits, final)),
        values={(key, name): at for key, one in final.items() for name, at in one.values.items() if at[1]},
        feed=_feed(by_kind, history),
        inside=_inside(by_kind),
        renamed=_renamed(builder.known, by_kind),
        whole=not history.cut,
    )


# -------------------------------------------------------------------------------------------------- revisions


def _revisions(versions: Sequence[Version], history: History) -> tuple[dict[str, list[Revision]], dict[str, Revision]]:
    """Return the revisions of each commit that has some, oldest first, and those of HEAD by key.

    The rounds as they are at a commit are handed on from parent to child, and copied only where several ask for them.
    """
    by_commit: dict[str, list[Version]] = {}
    formerly: dict[str, list[str]] = {}
    for version in versions:
        by_commit.setdefault(version.commit, []).append(version)
        if version.moved_from:
            formerly.setdefault(version.key, []).append(version.moved_from)
    near = _nearest(history, by_commit)
    ordered = [commit for commit in reversed(history.commits) if commit.id in by_commit]
    uses = Counter(near[parent] for commit in ordered for parent in commit.parents if parent in near)
    uses[near.get(str(history.head), "")] += 1
    states: dict[str, dict[str, Revision]] = {}

    def at(commit: str) -> dict[str, Revision]:
        commit = near.get(commit, "")
        uses[commit] -= 1
        return states[commit].copy() if uses[commit] > 0 else states.pop(commit, {})

    found: dict[str, list[Revision]] = {}
    for commit in ordered:
        state, *others = [at(parent) for parent in commit.parents] or [{}]
        found[commit.id] = _made(commit, by_commit[commit.id], state, history)
        for one in found[commit.id]:
            names = (one.key, *formerly.get(one.key, ()))
            one.before += [next((o for n in names if (o := other.get(n)) and o.files), None) for other in others]
        state.update((one.key, one) for one in found[commit.id])
        states[commit.id] = state
    return found, {key: one for key, one in at(str(history.head)).items() if one.files}


def _nearest(history: History, by_commit: Collection[str]) -> dict[str, str]:
    """Return, for each commit, the nearest one along the first parents, itself included, that has versions."""
    near: dict[str, str] = {}
    for commit in reversed(history.commits):
        if commit.id in by_commit:
            near[commit.id] = commit.id
        elif commit.parents and commit.parents[0] in near:
            near[commit.id] = near[commit.parents[0]]
    return near


def _made(commit: Commit, versions: Iterable[Version], was: Mapping[str, Revision], history: History) -> list[Revision]:
    """Return the revisions of a commit; `was` holds the rounds at its first parent. What moved goes on under its new key."""
    groups: dict[str, list[Version]] = {}
    for version in versions:
        groups.setdefault(version.key, []).append(version)
    whole = all(parent in history.by_id for parent in commit.parents)
    found: dict[str, Revision] = {}
    for key, group in groups.items():
        old = was.get(key)
        files = {**(old.files if old else {}), **{one.path: one for one in group}}
        files = {path: files[path] for path in sorted(files, key=natural_key) if not files[path].gone}
        before = [old if old and old.files else None] if commit.parents else []
        found[key] = Revision(commit.id, key, files, before, whole and all(one.known for one in group))
    for key, group in groups.items():
        origin = next((one.moved_from for one in group if one.moved_from), "")
        left = found.get(origin)
        if left and not left.files and left.before and not any(found[key].before):
            found[key].before[0], found[key].came_from = left.before[0], origin
    return list(found.values())


# ----------------------------------------------------------------------------------------- what revisions say


def _said(one: Revision, ids: DecisionIndex) -> dict[Name, Stated] | None:
    """Return the round, by the name `("round", "")`, and what is in it, as a book would give their statuses.

    `None` where a file of the round cannot be read: what it says is then unknown, not nothing.
    """
    snapshots = [version.snapshot for version in one.files.values() if version.snapshot]
    if len(snapshots) < len(one.files):
        return None
    lists: dict[str, list[SnapshotEntry]] = {}
    for part in (part for snapshot in snapshots for part in snapshot.parts):
        lists.setdefault(part.field, []).append(part)
    adopted = one.key.startswith(ADOPTED)
    status, reason = next((snapshot.status for snapshot in snapshots if snapshot.status), ""), ""
    if not status:
        statuses = [p.status for name in lists for p in lists[name] if LISTS[name].counted and p.status in STATUSES]
        derived, reason = rounds.derived(statuses)
        status, reason = derived or "", reason if derived else ""
    found: dict[Name, Stated] = {("round", ""): Stated(status, reason)} if snapshots and not adopted else {}
    imported = any(snapshot.imported for snapshot in snapshots)
    for part in lists.get("decisions", ()):
        written = cast("DecisionStatus | None", part.status or None)
        stated = (
            decisions.adopted_as(written)
            if adopted
            else decisions.stated_as(written, one.key, status in CLOSED, imported=imported)
        )
        replaces = tuple(ids.named(name) or name for name in (s.strip().rpartition("#")[2] for s in part.supersedes))
        decision = Stated(stated[0], "" if written else stated[1], replaces, part.label, bool(part.id))
        found.setdefault(("decision", part.id or slug(part.label)), decision)
    anchors = named({name: [(p.id, p.label) for p in group] for name, group in lists.items()})
    for name, i in anchors:
        if LISTS[name].timeline and name != "decisions":
            part = lists[name][i]
            word = RECORDED if name == "changes" else part.status
            found[LISTS[name].word, anchors[name, i]] = Stated(word, title=part.label, written=bool(part.id))
    return found


def _values(one: Revision) -> dict[str, tuple[str, str]]:
    """Return each metric with the commit that set it, or none where an earlier one that is not known may have."""
    found: dict[str, tuple[str, str]] = {}
    for version in one.files.values():
        for name, value in version.snapshot.metrics.items() if version.snapshot else ():
            kept = (b.values[name] for b in one.before if b and name in b.values and b.values[name][0] == value)
            found[name] = next(kept, (value, one.commit if one.exact else ""))
    return found


# ---------------------------------------------------------------------------------------- things and events


class _TimelineBuilder:
    """Finds the events of all things, commit by commit, oldest first: `known` are the things by kind, round and name.

    `ids` are those of decisions that any version writes out, so that `ADR-2` is known to be `adr-0002`.
    """

    def __init__(self, versions: Iterable[Version]) -> None:
        parts = (part for version in versions if version.snapshot for part in version.snapshot.parts)
        self.ids = DecisionIndex({part.id: None for part in parts if part.field == "decisions" and part.id})
        self.events: list[Event] = []
        self.known: dict[tuple[str, Subject | None, str], Subject] = {}

    def add(self, commit: str, revisions: Sequence[Revision]) -> None:
        """Add what a commit says of the rounds that it changed."""
        said = {one: _said(one, self.ids) for one in revisions}
        moving = {
            name: subject
            for one in revisions
            for old in one.before
            for name, subject in (old.names.items() if old else ())
            if name[0] == "decision"
        }
        here = {name for stated in said.values() for name in stated or () if name[0] == "decision"}
        for one in revisions:
            self._settle(one, said[one], moving, here)
        self._note(commit, revisions)

    def _settle(
        self, one: Revision, said: Mapping[Name, Stated] | None, moving: Mapping[Name, Subject], here: Collection[Name]
    ) -> None:
        """Find out which things the names of a revision mean; `here` are decisions of any round that the commit changed."""
        old = next((before for before in one.before if before), None)
        one.subject = old.subject if old else self._find("round", None, one.key)
        if one.came_from:
            one.subject.name = one.key
            self.known["round", None, one.key] = one.subject
        if said is None:
            one.readable = False
            if old:
                one.names, one.things, one.values = old.names, old.things, old.values
            return
        names = {name: known for before in reversed(one.before) if before for name, known in before.names.items()}
        found = {name: known for name in said if (known := names.get(name) or moving.get(name))}
        found.update(dict(self._reworded(one, old, said, found, here)) if old else {})
        for (kind, name), stated in said.items():
            if (kind, name) not in found:
                owner = None if kind == "decision" else one.subject
                found[kind, name] = one.subject if kind == "round" else self._find(kind, owner, name)
            subject = found[kind, name]
            subject.title, subject.round = stated.title or subject.title, one.key
        one.names, one.things = found, {found[name]: stated for name, stated in said.items()}
        one.values = _values(one)

    def _find(self, kind: str, owner: Subject | None, name: str) -> Subject:
        """Return the thing that is called so, or a new one; a thing that is called otherwise since is another."""
        found = self.known.get((kind, owner, name))
        if found is None or found.name != name:
            found = self.known[kind, owner, name] = Subject(kind, name, owner)
        return found

    def _reworded(
        self,
        one: Revision,
        old: Revision,
        said: Mapping[Name, Stated],
        found: Mapping[Name, Subject],
        here: Collection[Name],
    ) -> Iterator[tuple[Name, Subject]]:
        """Yield the new names of things of which, in their list, the only one went and the only one came."""
        gone = [name for name in old.names if name not in said and name not in here]
        came = [
            (kind, name)
            for kind, name in said
            if (kind, name) not in found and (kind, None if kind == "decision" else one.subject, name) not in self.known
        ]
        for kind in dict.fromkeys(kind for kind, _ in gone):
            went, new = [name for name in gone if name[0] == kind], [name for name in came if name[0] == kind]
            if len(went) == len(new) == 1 and _is_same(kind, old.things[old.names[went[0]]], said[new[0]]):
                subject = old.names[went[0]]
                subject.name = new[0][1]
                self.known[kind, subject.owner, subject.name] = subject
                yield new[0], subject

    def _note(self, commit: str, revisions: Sequence[Revision]) -> None:
        """Note the events of a commit: what differs from a parent of it, and what its first parent has and it has not."""
        width = max((len(one.before) for one in revisions), default=0)
        was = [_union(one.before[i] for one in revisions if i < len(one.before)) for i in range(width)]
        now = _union(revisions)
        for one in revisions:
            for subject, stated in one.things.items() if one.readable else ():
                old = [things[subject] for things in was if subject in things]
                if not old or any(other.says != stated.says for other in old):
                    self.events.append(Event(commit, subject, stated, one.exact))
            first = one.before[0] if one.before else None
            for subject in first.things if first else ():
                if subject not in now and (subject.owner is None or subject.owner in now):
                    self.events.append(Event(commit, subject, None, one.exact))


def _is_same(kind: str, old: Stated, new: Stated) -> bool:
    """Tell whether a thing went on under another name: a decision, or an entry that kept half of its words; never an agent."""
    if (old.written and new.written and old.title != new.title) or kind == "agent":
        return False
    if kind == "decision":
        return True
    return difflib.SequenceMatcher(None, old.title[:WORDS], new.title[:WORDS], autojunk=False).ratio() >= 0.5


def _union(revisions: Iterable[Revision | None]) -> dict[Subject, Stated]:
    return {subject: stated for one in revisions if one for subject, stated in one.things.items()}


def _left_behind(events: Sequence[Event], final: Iterable[Revision], history: History) -> list[Event]:
    """Return what merges said by leaving a side as it was: no file of theirs differs, so no version of them tells."""
    there = _union(final)
    landed: Mapping[str, Landing] | None = None
    found: list[Event] = []
    for subject, event in {event.subject: event for event in events}.items():
        now = there.get(subject)
        unchanged = now.says == event.stated.says if now and event.stated else now is event.stated
        if unchanged or (now is None and subject.owner is not None and subject.owner not in there):
            continue
        landed = landings(history) if landed is None else landed
        merge = event.commit
        while (landing := landed.get(merge)) and landing.merge:
            merge = landing.merge
        if merge != event.commit:
            found.append(Event(merge, subject, now, exact=True))
    return found


# ---------------------------------------------------------------------------------------------------- steps


def _take_steps(
    events: Iterable[Event], known: Mapping[tuple[str, Subject | None, str], Subject], brought: Mapping[str, int]
) -> None:
    """Give each thing its steps; `brought` holds the pull requests that commits came with."""
    replaced: dict[Subject, dict[Subject, None]] = {}
    for event in events:
        subject, old = event.subject, event.subject.stated
        subject.stated = event.stated
        touched = [subject]
        for name in (*(old.replaces if old else ()), *(event.stated.replaces if event.stated else ())):
            target = known.get(("decision", None, name))
            if target and target is not subject:
                touched.append(target)
                replaced.setdefault(target, {})[subject] = None
        for one in dict.fromkeys(touched):
            if one.stated or one is subject:
                status, reason = _effective(one, replaced.get(one, ()))
                if not one.steps or one.steps[-1].status != status:
                    one.steps.append(Step(status, event.commit, event.exact, reason, brought.get(event.commit)))


def _effective(subject: Subject, successors: Iterable[Subject]) -> tuple[str, str]:
    """Return the status that the book shows: what is stated, or `superseded` where an accepted decision says so."""
    if subject.stated is None:
        return REMOVED, ""
    status, reason, replaces = subject.stated[:3]
    names = [
        one.name
        for one in successors
        if one.stated and one.stated.status == "accepted" and subject.name in one.stated.replaces
    ]
    return decisions.superseded((status, reason), [name for name in names if name not in replaces])


# ------------------------------------------------------------------------------------------------ timelines


def _by_kind(events: Iterable[Event], final: Mapping[str, Revision], whole: bool) -> dict[str, dict[str, Timeline]]:
    """Return the timelines by kind and id: those of HEAD by their names there, the others by the names that they had last."""
    ids: dict[Subject, tuple[str, str]] = {}
    for key, one in final.items():
        for (kind, name), subject in one.names.items():
            ids.setdefault(subject, (_id(kind, name, key), key))
    found: dict[str, dict[str, Timeline]] = {kind: {} for kind in _KINDS}
    for subject in sorted(dict.fromkeys(event.subject for event in events), key=lambda one: one not in ids):
        if not any(step.status for step in subject.steps):
            continue
        last = subject.owner.name if subject.owner else subject.name
        own, key = ids.get(subject) or (_id(subject.kind, subject.name, last), subject.round)
        recorded = whole and subject.steps[0].exact
        home = "" if key.startswith(ADOPTED) else key
        timeline = Timeline(subject.kind, own, subject.title or own, home, tuple(subject.steps), recorded)
        found[subject.kind].setdefault(own, timeline)
    return found


def _id(kind: str, name: str, key: str) -> str:
    return key if kind == "round" else name if kind == "decision" else f"{key}#{name}"


def _edits(
    commits: Mapping[str, Sequence[Revision]], final: Mapping[str, Revision]
) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    """Yield the versions of each round of HEAD; a merge made one only where it is not that of one of its parents."""
    keys = {one.subject: key for key, one in final.items()}
    made: dict[str, list[Edit]] = {key: [] for key in final}
    for one in (one for revisions in commits.values() for one in revisions if one.subject in keys):
        known = any(version.known and version.commit == one.commit for version in one.files.values())
        merged = len(one.before) > 1 and any(old and old.blobs == one.blobs for old in one.before)
        if known and not merged:
            made[keys[one.subject]].append(Edit(one.commit, all(v.snapshot for v in one.files.values())))
    yield from ((key.removeprefix(ADOPTED), tuple(edits)) for key, edits in made.items() if edits)


def _renamed(
    known: Mapping[tuple[str, Subject | None, str], Subject], by_kind: Mapping[str, Mapping[str, Timeline]]
) -> dict[tuple[str, str], str]:
    """Return the names that living rounds and decisions had before, each with the name of today."""
    living = {(kind, name) for kind in ("round", "decision") for name, one in by_kind[kind].items() if one.living}
    old = {(kind, name): subject.name for (kind, owner, name), subject in known.items() if owner is None}
    return {at: now for at, now in old.items() if now != at[1] and (at[0], now) in living and at not in living}


def _inside(by_kind: Mapping[str, Mapping[str, Timeline]]) -> dict[str, tuple[Timeline, ...]]:
    found: dict[str, list[Timeline]] = {}
    for timeline in (timeline for kind in _SHOWN[1:] for timeline in by_kind[kind].values()):
        if len(timeline.steps) > 1:
            found.setdefault(timeline.round, []).append(timeline)
    return {key: tuple(group) for key, group in found.items()}


def _feed(by_kind: Mapping[str, Mapping[str, Timeline]], history: History) -> tuple[StatusChange, ...]:
    """Return the changes, newest first; what is new counts where it is a round or a decision, and known to be new."""
    changes = [
        StatusChange(timeline, step, timeline.steps[i - 1].status if i else "")
        for kind in _SHOWN
        for timeline in by_kind[kind].values()
        for i, step in enumerate(timeline.steps)
        if i or (timeline.recorded and kind != "agent")
    ]
    return tuple(sorted(changes, key=lambda change: history.order[change.step.commit]))
