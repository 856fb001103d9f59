"""Changelog entries and the commits behind each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from roundbook.book.ancestry import numbers
from roundbook.book.facts import DecisionIndex, Entered, Link, PullRequest, Records
from roundbook.book.model import Entry
from roundbook.book.releases import Shipped
from roundbook.book.trailers import read
from roundbook.git.history import History
from roundbook.rounds.versions import Step, Timelines
from roundbook.schema.round import RoundOrPhase

Address = tuple[str, str]  # the key of a round, and the anchor of one of its changes


@dataclass(frozen=True)
class NamedChanges:
    """What the trailers `Change:` of a history name: `commits` by entry, and by value those that name none or several."""

    commits: dict[Address, dict[str, str]]
    unknown: dict[str, list[str]]
    ambiguous: dict[str, list[str]]

    def rounds(self) -> dict[str, dict[str, str]]:
        """Return the rounds that each commit names through their entries, with the reason."""
        found: dict[str, dict[str, str]] = {}
        for (key, _), commits in self.commits.items():
            for commit, reason in commits.items():
                found.setdefault(commit, {}).setdefault(key, reason)
        return found


def named(
    history: History,
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Mapping[tuple[str, int], str]],
    moved: Mapping[str, str],
) -> NamedChanges:
    """Return what the trailers `Change:` name; `moved` maps former keys of rounds to those of today.

    An entry is named by its id or anchor, alone or behind the key of its round, in any case.
    """
    known: dict[str, dict[Address, None]] = {}
    for key, record in rounds.items():
        for i, change in enumerate(record.changes):
            anchor = anchors[key]["changes", i]
            for name in (change.id or anchor, anchor):
                for text in (name, f"{key}#{name}"):
                    known.setdefault(text.casefold(), {})[key, anchor] = None

    def resolve(text: str) -> tuple[str, ...]:
        key, mark, name = text.rpartition("#")
        found = known.get(f"{moved.get(key, key)}{mark}{name}".casefold(), ())
        return tuple(f"{round_}#{anchor}" for round_, anchor in found)

    made = NamedChanges({}, {}, {})
    for commit in history.commits:
        for value in commit.values("Change"):
            reading = read(value, resolve)
            for part, name in reading.parts:
                key, _, anchor = name.rpartition("#")
                made.commits.setdefault((key, anchor), {}).setdefault(commit.id, f"trailer Change: {part}")
            if not reading.parts:  # of a value that is not understood as a whole, no part counts
                (made.ambiguous if reading.several else made.unknown).setdefault(value, []).append(commit.id)
    return made


@dataclass(frozen=True)
class Evidence:
    """Where the evidence of entries is looked up; made once for a book."""

    history: History
    named: NamedChanges
    pulls: Mapping[int, PullRequest]
    timelines: Timelines
    records: Records

    def entries(
        self, entries: Iterable[Entry], decision_index: DecisionIndex, shipped: Sequence[Shipped]
    ) -> Iterator[tuple[Entered, str | None]]:
        """Yield the changelog entries of this project's rounds, each with the version that its round is part of."""
        version_of = {commit: one.version for one in shipped for commit in one.commits}
        for entry in entries:
            if not entry.verified:
                continue  # what another repository ships is no change of this project
            for i, change in enumerate(entry.round.changes):
                anchor = entry.anchors["changes", i]
                decision = decision_index.find(change.decision) if change.decision else None
                requests = numbers(change.prs)
                step = self._first_step(entry.key, anchor)
                recorded = step.commit if step else None
                work = [one.commit for one in entry.links] or [recorded or entry.last_commit or ""]
                version = entry.round.releases[0] if entry.round.releases else version_of.get(work[0])
                links = self._behind(entry, anchor, requests, step)
                yield Entered(change, entry.key, anchor, links, requests, decision, recorded=recorded), version

    def _behind(self, entry: Entry, anchor: str, requests: Sequence[int], added: Step | None) -> tuple[Link, ...]:
        """Return the commits behind an entry, each once, with the first reason that names it."""
        key = entry.key
        found: dict[str, Link] = {}
        for commit in entry.selected.get(anchor, ()):
            found.setdefault(commit, Link(commit, key, "named", "named by the entry"))
        for commit, reason in self.named.commits.get((key, anchor), {}).items():
            found.setdefault(commit, Link(commit, key, "trailer", reason))
        for number in requests:
            for commit in self._brought(number):
                found.setdefault(commit, Link(commit, key, "pull-request", f"pull request #{number}"))
        return tuple(found.values()) or tuple(self._added_with(key, added))

    def _first_step(self, key: str, anchor: str) -> Step | None:
        timeline = self.timelines.of("change", f"{key}#{anchor}")
        return timeline.steps[0] if timeline and timeline.recorded else None

    def _brought(self, number: int) -> tuple[str, ...]:
        pull = self.pulls.get(number)
        return pull.commits if pull else ()

    def _added_with(self, key: str, added: Step | None) -> Iterator[Link]:
        """Yield the commits of the pull request that added an entry, except those that only change records."""
        number = added.pull_request if added else None
        for commit in self._brought(number) if number is not None else ():
            if not all(self.records.hold(change.path) for change in self.history.by_id[commit].changes or ()):
                yield Link(commit, key, "added-with", f"pull request #{number}, which added the entry")
