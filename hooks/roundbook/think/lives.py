"""In: the lines of all rounds. Out: `Lives`: the steps of every round, decision and agent, and the feed of them.

Names change and files move, so a thing is followed from version to version, and named as it is called in the end.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.model.facts import PullRequest
from roundbook.model.history import History
from roundbook.model.homes import Homes
from roundbook.model.life import ADOPTED, Edit, Life, Lives, Turn, Version
from roundbook.model.records import LISTS
from roundbook.think.ancestry import Landing, landings
from roundbook.think.held import Held, Name, held_by, metrics_of, written_ids
from roundbook.think.lines import Lines, Node, lines
from roundbook.think.steps import Being, Event, take_steps

WORDS = 200  # letters of a title that count when it changed
CUT = frozenset({"shallow", "partial", "damaged"})
# An entry of the changelog has no status of its own: it is only known when it was written down.
_KINDS = tuple(dict.fromkeys(("round", "decision", *(one.word for one in LISTS.values() if one.timeline))))
_WITH_STATUS = tuple(kind for kind in _KINDS if kind != "change")


@dataclass(slots=True)
class State:
    """What a round holds at a node; `doubt` says that its version there cannot be read, and that this is the one before."""

    being: Being
    names: dict[Name, Being]
    things: dict[Being, Held]
    values: dict[str, tuple[str, str]]
    doubt: bool = False


def lives(versions: Sequence[Version], history: History, pulls: Mapping[int, PullRequest]) -> Lives:
    """Return the lives of all things that the versions of the round files tell of."""
    if not versions:
        return Lives()
    whole = not any(gap.slug in CUT for gap in history.gaps)
    rounds = lines(versions, history)
    story = Story(written_ids(versions))
    for commit, nodes in rounds.commits.items():
        story.tell(commit, nodes)
    brought = {commit: pull.number for pull in pulls.values() for commit in (*pull.commits, pull.merge) if commit}
    story.events += _left_behind(story, rounds, history)
    take_steps(story.events, story.known, brought)
    by_kind = _named(story, rounds, whole)
    return Lives(
        by_kind,
        edits=dict(_edits(story, rounds)),
        values={(key, name): at for key, node in rounds.final.items() for name, at in story.values(node)},
        feed=_feed(by_kind, history),
        inside=_inside(by_kind),
        renamed=_called_before(story, by_kind),
        whole=whole,
    )


class Story:
    """What has been told so far, commit by commit, oldest first."""

    def __init__(self, ids: Homes) -> None:
        self.ids = ids
        self.events: list[Event] = []
        self.states: dict[Node, State] = {}
        self.known: dict[tuple[str, Being | None, str], Being] = {}

    def values(self, node: Node) -> Iterable[tuple[str, tuple[str, str]]]:
        """Return the metrics of a node of which it is known which commit set them."""
        state = self.states.get(node)
        return [(name, at) for name, at in state.values.items() if at[1]] if state else []

    def tell(self, commit: str, nodes: Sequence[Node]) -> None:
        """Add what a commit says of the rounds that it changed."""
        said = {node: held_by(node, self.ids) for node in nodes}
        before = [[self.states.get(b) if b else None for b in node.before] for node in nodes]
        pool = {n: b for states in before for s in states if s for n, b in s.names.items() if n[0] == "decision"}
        here = {name for held in said.values() if held for name in held if name[0] == "decision"}
        for node, earlier in zip(nodes, before, strict=True):
            self._settle(node, said[node], earlier, pool, here)
        self._note(commit, nodes, before)

    def _settle(
        self,
        node: Node,
        said: dict[Name, Held] | None,
        earlier: Sequence[State | None],
        pool: Mapping[Name, Being],
        here: set[Name],
    ) -> None:
        """Find out which things the names of a node mean."""
        first = next((s for s in earlier if s), None)
        being = first.being if first else self._find("round", None, node.key)
        if node.came_from:
            being.name = node.key
            self.known["round", None, node.key] = being
        if said is None:
            old = first or State(being, {}, {}, {})
            self.states[node] = State(being, old.names, old.things, old.values, doubt=True)
            return
        names = {name: known for s in reversed(earlier) if s for name, known in s.names.items()}
        found = {name: known for name in said if (known := names.get(name) or pool.get(name))}
        found |= self._renamed(said, found, first, being, here)
        for (kind, name), held in said.items():
            if (kind, name) not in found:
                one = being if kind == "round" else self._find(kind, _owner(kind, being), name)
                found[kind, name] = one
            one = found[kind, name]
            one.title, one.round = held.title or one.title, node.key
        things = {found[name]: held for name, held in said.items()}
        self.states[node] = State(being, found, things, _values(node, earlier))

    def _find(self, kind: str, owner: Being | None, name: str) -> Being:
        """Return the thing that is called so, or a new one; a thing that is called otherwise since is another."""
        being = self.known.get((kind, owner, name))
        if being is None or being.name != name:
            being = self.known[kind, owner, name] = Being(kind, name, owner)
        return being

    def _renamed(
        self,
        said: Mapping[Name, Held],
        found: Mapping[Name, Being],
        first: State | None,
        being: Being,
        here: set[Name],
    ) -> dict[Name, Being]:
        """Return the new names of things of which, in their list, the only one went and the only one came."""
        gone: dict[str, list[Name]] = {}
        came: dict[str, list[Name]] = {}
        for name in first.names if first else ():
            if name not in said and name not in here:
                gone.setdefault(name[0], []).append(name)
        for name in said:
            if name not in found and (name[0], _owner(name[0], being), name[1]) not in self.known:
                came.setdefault(name[0], []).append(name)
        renamed: dict[Name, Being] = {}
        for kind, old in gone.items():
            new = came.get(kind, ())
            if first and len(old) == len(new) == 1:
                one = first.names[old[0]]
                if _same(kind, first.things[one], said[new[0]]):
                    one.name = new[0][1]
                    self.known[kind, one.owner, one.name] = renamed[new[0]] = one
        return renamed

    def _note(self, commit: str, nodes: Sequence[Node], before: Sequence[Sequence[State | None]]) -> None:
        """Note the events of a commit: what differs from its parent, and in a merge what its parents do not agree on."""
        width = max((len(states) for states in before), default=0)
        was = [_union(states[i] for states in before if i < len(states)) for i in range(width)]
        now = _union(self.states[node] for node in nodes)
        for node, earlier in zip(nodes, before, strict=True):
            state = self.states[node]
            exact = node.known and not any(s.doubt for s in earlier if s)
            for being, held in () if state.doubt else state.things.items():
                old = [things[being] for things in was if being in things]
                if not old or any(o.says != held.says for o in old):
                    self.events.append(Event(commit, being, held, exact))
            for being in earlier[0].things if earlier and earlier[0] else ():
                alone = being.owner is None or being.owner in now
                if alone and being not in now:
                    self.events.append(Event(commit, being, None, exact))


def _owner(kind: str, being: Being) -> Being | None:
    """Return the round that a thing's name is good in; a decision's is good in the whole book."""
    return None if kind in ("round", "decision") else being


def _same(kind: str, old: Held, new: Held) -> bool:
    """Tell whether a thing went on under another name: a decision, or what is named by its words and kept half of them."""
    if old.written and new.written and old.title != new.title:
        return False
    if kind in ("agent", "decision"):
        return kind == "decision"
    return difflib.SequenceMatcher(None, old.title[:WORDS], new.title[:WORDS], autojunk=False).ratio() >= 0.5


def _union(states: Iterable[State | None]) -> dict[Being, Held]:
    return {being: held for state in states if state for being, held in state.things.items()}


def _values(node: Node, earlier: Sequence[State | None]) -> dict[str, tuple[str, str]]:
    """Return each metric with the commit that set it, or none where an earlier one that is not known may have."""
    sure = node.known and not any(s.doubt for s in earlier if s)
    found: dict[str, tuple[str, str]] = {}
    for name, value in metrics_of(node).items():
        kept = (s.values[name] for s in earlier if s and name in s.values and s.values[name][0] == value)
        found[name] = next(kept, (value, node.commit if sure else ""))
    return found


# ------------------------------------------------------------------------------------------------------ names


def _left_behind(story: Story, rounds: Lines, history: History) -> list[Event]:
    """Return what merges said by leaving a side as it was: no file of theirs differs, so no version of them tells."""
    final = _union(story.states[node] for node in rounds.final.values())
    last = {event.being: event for event in story.events}
    landed: Mapping[str, Landing] | None = None
    found: list[Event] = []
    for being, event in last.items():
        now = final.get(being)
        unsaid = now.says != event.held.says if now and event.held else now is not event.held
        if not unsaid or (now is None and being.owner is not None and being.owner not in final):
            continue
        landed = landings(history) if landed is None else landed
        merge = event.commit
        while (landing := landed.get(merge)) and landing.merge:
            merge = landing.merge
        if merge != event.commit:
            found.append(Event(merge, being, now, exact=True))
    return found


def _named(story: Story, rounds: Lines, whole: bool) -> dict[str, dict[str, Life]]:
    """Return the lives by kind and id: those of HEAD by their names there, the others by the names that they had last."""
    ids: dict[Being, tuple[str, str]] = {}
    for key, node in rounds.final.items():
        state = story.states[node]
        for (kind, name), being in state.names.items():
            ids.setdefault(being, (_id(kind, name, key), key))
    beings = dict.fromkeys(event.being for event in story.events)
    found: dict[str, dict[str, Life]] = {kind: {} for kind in _KINDS}
    for being in sorted(beings, key=lambda b: b not in ids):
        if not any(step.status for step in being.steps):
            continue
        own, key = ids.get(being, ("", being.round))
        own = own or _id(being.kind, being.name, being.owner.name if being.owner else being.name)
        recorded = whole and being.steps[0].exact
        home = "" if key.startswith(ADOPTED) else key
        life = Life(being.kind, own, being.title or own, home, tuple(being.steps), recorded)
        found[being.kind].setdefault(own, life)
    return found


def _id(kind: str, name: str, key: str) -> str:
    return key if kind == "round" else name if kind == "decision" else f"{key}#{name}"


def _edits(story: Story, rounds: Lines) -> Iterator[tuple[str, tuple[Edit, ...]]]:
    """Yield the versions of each round of HEAD; a merge made one only where it is not that of one of its parents."""
    keys = {story.states[node].being: key for key, node in rounds.final.items()}
    made: dict[str, list[Edit]] = {key: [] for key in rounds.final}
    for nodes in rounds.commits.values():
        for node in nodes:
            key = keys.get(story.states[node].being)
            known = any(version.known and version.commit == node.commit for version in node.files.values())
            merged = len(node.before) > 1 and any(b and _blobs(b) == _blobs(node) for b in node.before)
            if key and node.files and known and not merged:
                made[key].append(Edit(node.commit, all(version.snapshot for version in node.files.values())))
    yield from ((key.removeprefix(ADOPTED), tuple(edits)) for key, edits in made.items() if edits)


def _blobs(node: Node) -> tuple[str, ...]:
    return tuple(version.blob for version in node.files.values())


def _called_before(story: Story, by_kind: Mapping[str, Mapping[str, Life]]) -> dict[tuple[str, str], str]:
    """Return the names that living rounds and decisions had before, each with the name of today."""
    living = {(kind, name) for kind in ("round", "decision") for name, life in by_kind[kind].items() if life.living}
    old = {(kind, name): being.name for (kind, owner, name), being in story.known.items() if owner is None}
    return {at: now for at, now in old.items() if now != at[1] and (at[0], now) in living and at not in living}


def _inside(by_kind: Mapping[str, Mapping[str, Life]]) -> dict[str, tuple[Life, ...]]:
    found: dict[str, list[Life]] = {}
    for kind in _WITH_STATUS[1:]:
        for life in by_kind[kind].values():
            if len(life.steps) > 1:
                found.setdefault(life.round, []).append(life)
    return {key: tuple(group) for key, group in found.items()}


def _feed(by_kind: Mapping[str, Mapping[str, Life]], history: History) -> tuple[Turn, ...]:
    """Return the changes, newest first; what is new counts where it is a round or a decision, and known to be new."""
    turns = [
        Turn(life, step, life.steps[i - 1].status if i else "")
        for kind in _WITH_STATUS
        for life in by_kind[kind].values()
        for i, step in enumerate(life.steps)
        if i or (life.recorded and kind in ("round", "decision"))
    ]
    return tuple(sorted(turns, key=lambda turn: history.order[turn.step.commit]))
