"""In: what each commit says of each thing, oldest first. Out: the steps of each: the statuses that a book would have shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from roundbook.model.life import REMOVED, Step
from roundbook.think.held import Held


@dataclass(slots=True, eq=False)
class Being:
    """One thing, whatever it is called at the time: `name` is what it is called last, `owner` the round it stands in."""

    kind: str
    name: str
    owner: Being | None = None
    title: str = ""
    round: str = ""
    steps: list[Step] = field(default_factory=list)
    says: Held | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What a commit says of a thing; `held` is `None` where it took it out."""

    commit: str
    being: Being
    held: Held | None
    exact: bool


def take_steps(
    events: Iterable[Event], known: Mapping[tuple[str, Being | None, str], Being], brought: Mapping[str, int]
) -> None:
    """Give each thing its steps; a decision is superseded from the commit on that accepted what replaces it."""
    replaced: dict[Being, dict[Being, None]] = {}
    for event in events:
        being, old = event.being, event.being.says
        being.says = event.held
        touched = [being]
        for name in (*(old.replaces if old else ()), *(event.held.replaces if event.held else ())):
            target = known.get(("decision", None, name))
            if target and target is not being:
                touched.append(target)
                replaced.setdefault(target, {})[being] = None
        for one in dict.fromkeys(touched):
            if one.says or one is being:
                _step(one, _effective(one, replaced.get(one, ())), event, brought)


def _step(being: Being, status: tuple[str, str], event: Event, brought: Mapping[str, int]) -> None:
    if not being.steps or being.steps[-1].status != status[0]:
        being.steps.append(Step(status[0], event.commit, event.exact, status[1], brought.get(event.commit)))


def _effective(being: Being, successors: Iterable[Being]) -> tuple[str, str]:
    """Return the status that the book shows: what is stated, or `superseded` where an accepted decision says so."""
    if being.says is None:
        return REMOVED, ""
    now = [s.name for s in successors if s.says and s.says.status == "accepted" and being.name in s.says.replaces]
    mutual = {s for s in now if s in being.says.replaces}
    names = [name for name in now if name not in mutual]
    if names and being.says.status not in ("rejected", "superseded"):
        return "superseded", f"replaced by {', '.join(names)}"
    return being.says.status, being.says.reason
