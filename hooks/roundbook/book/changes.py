"""Changelog entries and the commits behind each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from roundbook.book.ancestry import numbers
from roundbook.book.facts import DecisionIndex, Entered, Link, PullRequest
from roundbook.book.model import Entry
from roundbook.book.releases import Shipped, version_for
from roundbook.book.trailers import read
from roundbook.git.history import History
from roundbook.rounds.versions import Timelines
from roundbook.schema.round import RoundOrPhase

Address = tuple[str, str]  # the key of a round, and the anchor of one of its changes


@dataclass(frozen=True)
class Named:
    """What the trailers `Change:` of a history name: `commits` by entry, and by value those that name none or several."""

    commits: Mapping[Address, Mapping[str, str]] = field(default_factory=dict)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def rounds(self) -> dict[str, dict[str, str]]:
        """Return the rounds that each commit names through their entries, with the reason."""
        found: dict[str, dict[str, str]] = {}
        for (key, _), commits in self.commits.items():
            for commit, reason in commits.items():
                found.setdefault(commit, {}).setdefault(key, reason)
        return found


def names(
    rounds: Mapping[str, RoundOrPhase], anchors: Mapping[str, Mapping[tuple[str, int], str]]
) -> dict[str, tuple[Address, ...]]:
    """Return what an entry may be called in a trailer: its id or anchor, alone or behind the key of its round."""
    found: dict[str, dict[Address, None]] = {}
    for key, record in rounds.items():
        for i, change in enumerate(record.changes):
            anchor = anchors[key]["changes", i]
            for name in dict.fromkeys((change.id or anchor, anchor)):
                for text in (name, f"{key}#{name}"):
                    found.setdefault(text.casefold(), {})[key, anchor] = None
    return {text: tuple(addresses) for text, addresses in found.items()}


def named(history: History, known: Mapping[str, tuple[Address, ...]], moved: Mapping[str, str]) -> Named:
    """Return what the trailers `Change:` name; `known` is what `names` gives, `moved` maps former keys of rounds."""

    def resolve(text: str) -> tuple[str, ...]:
        key, mark, name = text.rpartition("#")
        found = known.get(f"{moved.get(key, key)}{mark}{name}".casefold(), ())
        return tuple(f"{round_}#{anchor}" for round_, anchor in found)

    commits: dict[Address, dict[str, str]] = {}
    unknown: dict[str, list[str]] = {}
    ambiguous: dict[str, list[str]] = {}
    for commit in history.commits:
        if "change" not in commit.message.lower():
            continue
        for value in commit.values("Change"):
            reading = read(value, resolve)
            for part, name in reading.parts:
                key, _, anchor = name.rpartition("#")
                commits.setdefault((key, anchor), {}).setdefault(commit.id, f"trailer Change: {part}")
            if not reading.parts:  # of a value that is not understood as a whole, no part counts
                (ambiguous if reading.several else unknown).setdefault(value, []).append(commit.id)
    return Named(
        commits,
        {value: tuple(ids) for value, ids in unknown.items()},
        {value: tuple(ids) for value, ids in ambiguous.items()},
    )


@dataclass(frozen=True)
class Evidence:
    """Where the evidence of entries is looked up; made once for a book."""

    history: History
    named: Named
    pulls: Mapping[int, PullRequest]
    timelines: Timelines
    records: frozenset[str]  # the paths of all round files and decision records

    def of(self, entry: Entry, anchor: str, requests: Sequence[int]) -> tuple[Link, ...]:
        """Return the commits that made an entry, each once, with the first reason that names it."""
        key = entry.key
        found: dict[str, Link] = {}
        for commit in entry.selected.get(anchor, ()):
            found.setdefault(commit, Link(commit, key, "named", "named by the entry"))
        for commit, reason in self.named.commits.get((key, anchor), {}).items():
            found.setdefault(commit, Link(commit, key, "trailer", reason))
        for number in requests:
            for commit in self._brought(number):
                found.setdefault(commit, Link(commit, key, "pull-request", f"pull request #{number}"))
        return tuple(found.values()) or tuple(self._added_with(key, anchor))

    def recorded_in(self, key: str, anchor: str) -> str | None:
        """Return the commit that first wrote an entry down, or `None` where the history does not tell."""
        life = self.timelines.of("change", f"{key}#{anchor}")
        return life.steps[0].commit if life and life.recorded else None

    def _brought(self, number: int) -> tuple[str, ...]:
        pull = self.pulls.get(number)
        return pull.commits if pull else ()

    def _added_with(self, key: str, anchor: str) -> Iterator[Link]:
        """Yield what came with the pull request that added an entry, but for commits that only write records down."""
        life = self.timelines.of("change", f"{key}#{anchor}")
        step = life.steps[0] if life and life.recorded else None
        if step is None or step.pull_request is None:
            return
        for commit in self._brought(step.pull_request):
            paths = {change.path for change in self.history.by_id[commit].changes or ()}
            if paths - self.records:
                reason = f"pull request #{step.pull_request}, which added the entry"
                yield Link(commit, key, "added-with", reason)


def curated(
    entries: Iterable[Entry], evidence: Evidence, decision_index: DecisionIndex, shipped: Sequence[Shipped]
) -> Iterator[tuple[Entered, str | None]]:
    """Yield the curated changes of this project's rounds, each with the version its round is part of."""
    version_of = {commit: one.version for one in shipped for commit in one.commits}
    for entry in entries:
        if not entry.verified:
            continue  # what another repository ships is no change of this project
        for i, change in enumerate(entry.round.changes):
            anchor = entry.anchors["changes", i]
            decision = decision_index.find(change.decision) if change.decision else None
            requests = numbers(change.prs)
            links = evidence.of(entry, anchor, requests)
            recorded = evidence.recorded_in(entry.key, anchor)
            work = [one.commit for one in entry.links] or [recorded or entry.last_commit or ""]
            version = version_for(entry.round.releases, work, version_of)
            yield Entered(change, entry.key, anchor, links, requests, decision, recorded=recorded), version
