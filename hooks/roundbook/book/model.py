"""The book and its entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Literal, TypeVar, get_args

from roundbook.book.facts import (
    Anchored,
    Backlink,
    ChangelogEntry,
    CheckResult,
    Contributor,
    Coverage,
    CoverageCount,
    Decision,
    DecisionGroup,
    Governed,
    Link,
    MetricRow,
    PastRow,
    PullRequest,
    Records,
    Release,
    Since,
    Touched,
    anchored,
)
from roundbook.book.gathered import Gathered
from roundbook.book.metrics import Points, points, trails
from roundbook.book.references import Aliases, DecisionIndex, RoundNames
from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.git.forge import Forge
from roundbook.git.history import Commit, GitFacts, History
from roundbook.rounds.versions import Timelines
from roundbook.schema.ids import called, is_phase
from roundbook.schema.round import Phase, RoundOrPhase
from roundbook.schema.statuses import Status

K = TypeVar("K")
V = TypeVar("V")
COMMITS_PER_PAGE = 200  # about 160 KB of HTML, and 14,000 pixels on a wide screen
OpenItemKind = Literal["blocked", "open", "deferred", "question", "revisit"]


@frozen
class Entry:
    """One round or phase with everything that is known beyond its file.

    A phase is a record like a round, under the key `3/`. Code for all records iterates `Book.entries`; code that lists
    rounds, or goes from one round to the next, iterates `Book.rounds` or `Book.newest_first`.

    `status_reason` says where the status comes from. `links` are its commits, newest first, each with the reason; those of
    a phase include those of its rounds. `verified` is false for a round of a repository whose history is elsewhere.
    `anchors` maps `(field, index)` to an anchor. `recorded` are the commits that only record the round; `shared` is how
    many of its commits belong to so many rounds that their files are left out of `touched`.
    """

    round: RoundOrPhase
    status: Status | None
    status_reason: str
    previous: str | None
    next: str | None
    repository: str
    verified: bool
    anchors: Mapping[tuple[str, int], str]
    links: tuple[Link, ...] = ()
    hidden: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()
    shared: int = 0
    metrics: tuple[MetricRow, ...] = ()
    since: Since | None = None
    past: tuple[PastRow, ...] = ()
    pull_requests: tuple[PullRequest, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    touched: tuple[Touched, ...] = ()
    selected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """Return the key in the whole book: `3/4` for a round, `3/` for a phase."""
        return self.round.key

    @property
    def is_phase(self) -> bool:
        """Tell whether this is a phase instead of a round."""
        return isinstance(self.round, Phase)

    @property
    def kind(self) -> str:
        """Return `round` or `phase`."""
        return "phase" if self.is_phase else "round"

    @property
    def words(self) -> str:
        """Return it in words: `round 3/4`, or `phase 3`."""
        return called(self.key)

    @cached_property
    def day(self) -> str:
        """Return the day on which it ended, as its file says, or the empty text."""
        return self.round.date.last.isoformat() if self.round.date else ""

    @property
    def last_commit(self) -> str | None:
        """Return the id of the round's newest commit, or else of the newest commit that recorded it."""
        return self.links[0].commit if self.links else next(iter(self.recorded), None)

    @property
    def first_commit(self) -> str | None:
        """Return the id of the round's oldest commit, or else of the commit that first recorded it."""
        return self.links[-1].commit if self.links else next(iter(self.recorded[-1:]), None)

    @property
    def own_links(self) -> tuple[Link, ...]:
        """Return its own links: for a phase, without those of its rounds."""
        return tuple(link for link in self.links if link.round == self.key) if self.is_phase else self.links

    def anchored(self, name: str) -> tuple[Anchored, ...]:
        """Return the entries of one list of the round, each with its anchor."""
        if name not in self._anchored:
            self._anchored[name] = anchored(self.round, name, self.anchors)
        return self._anchored[name]

    @cached_property
    def _anchored(self) -> dict[str, tuple[Anchored, ...]]:
        return {}


@frozen
class OpenItem:
    """Something unfinished: which round raised it, and which round closed it and why, or `None`.

    `round` and `anchor` are its address: `""` and its id for a decision without a round. `later` are the addresses of the
    rounds that carried it over; `since` is the day of the round that raised it, where that has a date.
    """

    kind: OpenItemKind
    title: str
    round: str
    anchor: str
    detail: str
    closed_by: str | None = None
    closed_reason: str = ""
    since: str = ""
    later: tuple[tuple[str, str], ...] = ()

    @property
    def trail(self) -> tuple[tuple[str, str], ...]:
        """Return the addresses under which rounds name it, the first one first."""
        return ((self.round, self.anchor), *self.later)


@frozen
class Broken:
    """A round file that could not be read: its text is shown with its problems."""

    key: str
    paths: tuple[str, ...]
    text: str
    findings: tuple[Finding, ...]


@frozen
class Book:
    """Everything that can be shown. Ids are full commit ids, keys of rounds and phases, and decision slugs.

    `entries` has the rounds under `<phase>/<round>` and the phases with a file under `<phase>/`. `dirty` lists the data
    files that differ from HEAD. `requirements` says in a sentence what each check requires. `linked_books` are the books of
    linked repositories, by name: each has the same rounds, but the history and commits of that repository, whose name is
    the `linked_as` of that book.
    """

    history: History
    entries: Mapping[str, Entry] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    coverage: Mapping[str, Coverage] = field(default_factory=dict)
    links: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    pull_requests: Mapping[int, PullRequest] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    packages: Mapping[str, tuple[Release, ...]] = field(default_factory=dict)
    coverage_counts: Mapping[tuple[str, str], CoverageCount] = field(default_factory=dict)
    open_items: tuple[OpenItem, ...] = ()
    forges: Mapping[str, Forge] = field(default_factory=dict)
    here: str = ""
    git_facts: GitFacts = field(default_factory=GitFacts)
    governed: tuple[Governed, ...] = ()
    findings: tuple[Finding, ...] = ()
    results: tuple[CheckResult, ...] = ()
    requirements: Mapping[str, str] = field(default_factory=dict)
    timelines: Timelines = field(default_factory=Timelines)
    dirty: tuple[str, ...] = ()
    linked_books: Mapping[str, Book] = field(default_factory=dict)
    linked_as: str = ""
    aliases: Aliases = field(default_factory=Aliases)
    records: Records = field(default_factory=Records)
    backlinks: Mapping[str, tuple[Backlink, ...]] = field(default_factory=dict)
    gathered: Gathered = field(default_factory=Gathered)

    @property
    def forge(self) -> Forge | None:
        """Return the forge of this repository, if it is known."""
        return self.forges.get(self.here)

    @cached_property
    def rounds(self) -> Mapping[str, Entry]:
        """Return the rounds by key, oldest first within a phase."""
        return {key: entry for key, entry in self.entries.items() if not entry.is_phase}

    @cached_property
    def phases(self) -> Mapping[str, Phase]:
        """Return the records of phases by their ids."""
        return {e.round.phase: e.round for e in self.entries.values() if isinstance(e.round, Phase)}

    @cached_property
    def newest_first(self) -> tuple[Entry, ...]:
        """Return the rounds, newest first: by date if they have one, within a phase in natural order."""
        return _newest_first(self.rounds)

    @cached_property
    def all_newest_first(self) -> tuple[Entry, ...]:
        """Return the rounds and phases, newest first, each phase before its rounds."""
        return tuple(self.entries[key] for key in self.all_keys)

    @cached_property
    def all_keys(self) -> tuple[str, ...]:
        """Return the keys of `all_newest_first`: what a list reads that shows some of them only."""
        keys = ((f"{phase}/", *(entry.key for entry in self.in_phase(phase))) for phase in self.phase_keys)
        return tuple(key for some in keys for key in some if key in self.entries)

    @cached_property
    def phase_keys(self) -> tuple[str, ...]:
        """Return the ids of all phases, that of the newest round first."""
        keys = [*self.listed_keys, *(broken.key for broken in self.broken)]
        return tuple(dict.fromkeys(key.partition("/")[0] for key in keys))

    @cached_property
    def all_releases(self) -> tuple[Release, ...]:
        """Return the releases, and those of packages that are out."""
        return self.releases + tuple(one for some in self.packages.values() for one in some if one.released)

    @cached_property
    def released(self) -> Mapping[str, Release]:
        """Return the released versions by their names, newest first."""
        return {release.version: release for release in self.all_releases if release.released}

    @cached_property
    def version_of(self) -> Mapping[str, str]:
        """Return the version that each released commit is in."""
        return {commit: version for version, release in self.released.items() for commit in release.commits}

    @cached_property
    def changes_of(self) -> Mapping[str, tuple[ChangelogEntry, ...]]:
        """Return the changelog entries by round."""
        each = {(one.round, one.anchor): one for release in self.all_releases for one in release.entries}
        return _grouped((one.round, one) for one in each.values())

    @cached_property
    def version_named(self) -> Mapping[str, str]:
        """Return the released versions by their names and by their tags."""
        tagged = {release.tag: version for version, release in self.released.items() if release.tag}
        return tagged | {version: version for version in self.released}

    @cached_property
    def unclaimed(self) -> Mapping[str, str]:
        """Return the changelog group of each commit that no entry claims."""
        return {commit: name for release in self.all_releases for name, ids in release.loose for commit in ids}

    @cached_property
    def citing(self) -> Mapping[str, tuple[str, ...]]:
        """Return, for each commit, the decisions that it implements or cites."""
        decisions = self.decisions.values()
        return _grouped((commit, r.id) for r in decisions for commit in dict.fromkeys((*r.commits, *r.cited_by)))

    @cached_property
    def taken_in(self) -> Mapping[str, tuple[Decision, ...]]:
        """Return the decisions by round."""
        return _grouped((decision.address[0], decision) for decision in self.decisions.values())

    @cached_property
    def shipped(self) -> Mapping[tuple[str | None, str | None, str | None], tuple[Decision, ...]]:
        """Return the decisions by the `span` of the release that they belong to."""
        homes = ((self._home(decision), decision) for decision in self.decisions.values())
        return _grouped((release.span, decision) for release, decision in homes if release)

    def _home(self, decision: Decision) -> Release | None:
        """Return the release that a decision belongs to.

        Its own commits decide, then the versions that its round names, then the round's commits; otherwise it is not
        released. An adopted decision belongs to the release of the commit that added its record.
        """
        entry = self.entry(decision.round)
        if decision.adopted:
            timeline = self.timelines.of("decision", decision.id)
            first = [step.commit for step in timeline.steps[:1]] if timeline else []
            return self._first_release(decision.commits or first)
        if entry is None or not entry.verified:
            return None
        wanted = entry.round.releases
        named = [r for r in self.all_releases if {r.version, r.tag}.intersection(wanted)] if wanted else []
        newest = [r for r in self.releases if not r.released]
        links = [one.commit for one in entry.links[:1]]
        return self._first_release(decision.commits) or next(
            iter([*named[-1:], *filter(None, [self._first_release(links)]), *newest]), None
        )

    def _first_release(self, commits: Iterable[str]) -> Release | None:
        """Return the first release that has any of the commits; releases are newest first."""
        found = [at for commit in commits if (at := self._release_of.get(commit)) is not None]
        return self.all_releases[max(found)] if found else None

    @cached_property
    def _release_of(self) -> dict[str, int]:
        return {commit: i for i, release in enumerate(self.all_releases) for commit in release.commits}

    @cached_property
    def opened_in(self) -> Mapping[str, tuple[OpenItem, ...]]:
        """Return the open items by the round that raised them."""
        return _grouped((one.round, one) for one in self.open_items)

    @cached_property
    def left(self) -> tuple[OpenItem, ...]:
        """Return what is left: the items that are open, oldest first. This is what every count of open items counts."""
        return tuple(one for one in self.open_items if one.closed_by is None)

    @cached_property
    def left_in(self) -> Mapping[str, tuple[OpenItem, ...]]:
        """Return what is left, by each round that raised it or carried it over."""
        return _grouped((key, one) for one in self.left for key in dict.fromkeys(key for key, _ in one.trail))

    @cached_property
    def newest_day(self) -> str:
        """Return the newest date of a round or phase; the age of an open item is counted up to it."""
        return max((entry.day for entry in self.entries.values()), default="")

    @cached_property
    def closed_in(self) -> Mapping[str, tuple[OpenItem, ...]]:
        """Return the open items by the round that closed them."""
        return _grouped((one.closed_by, one) for one in self.open_items if one.closed_by)

    @cached_property
    def adopted_at(self) -> Mapping[str, tuple[str, ...]]:
        """Return the decisions by the decision record file that contains them."""
        return _grouped((r.adopted.path, name) for name, r in self.decisions.items() if r.adopted)

    @cached_property
    def decision_index(self) -> DecisionIndex:
        """Return the decisions with their rounds."""
        records = {name: r.adopted.path for name, r in self.decisions.items() if r.adopted and r.adopted.own_file}
        rounds = {name: decision.round for name, decision in self.decisions.items()}
        return DecisionIndex(rounds, records, self.aliases.decisions, self.aliases.rounds)

    @cached_property
    def round_names(self) -> RoundNames:
        """Return the rounds and phases by the names that references use; including rounds that cannot be read."""
        near = (key for key, entry in self.entries.items() if entry.verified)
        far = (key for key, entry in self.entries.items() if not entry.verified)
        return RoundNames((*near, *(b.key for b in self.broken if not is_phase(b.key))), far, self.aliases.rounds)

    @cached_property
    def decision_ids(self) -> frozenset[str]:
        """Return the ids, in lower case, of all decisions of the book and of other branches."""
        return frozenset(
            name.casefold() for name in (*self.decisions, *(one.id for one in self.git_facts.elsewhere or ()))
        )

    @cached_property
    def commit_index(self) -> Mapping[str, tuple[Commit, ...]]:
        """Return all commits by page, newest first: one or more pages a month, each with up to `COMMITS_PER_PAGE` commits.

        A month is filled from its oldest commit on (`2026-02`, then `2026-02-2`, …), so that commits never leave a full page
        and keep their addresses. Commits without a valid date are on the page `undated`.
        """
        commits = () if self.linked_as else self.history.commits  # a linked repository has no pages here
        months = _grouped((commit.committed.day[:7] or "undated", commit) for commit in commits)
        pages: dict[str, tuple[Commit, ...]] = {}
        for month in sorted(months, reverse=True):
            aged = sorted(months[month], key=lambda c: (c.committed.seconds, -self.history.order[c.id]))
            parts = [aged[i : i + COMMITS_PER_PAGE] for i in range(0, len(aged), COMMITS_PER_PAGE)]
            for number in range(len(parts), 0, -1):
                pages[month if number == 1 else f"{month}-{number}"] = tuple(reversed(parts[number - 1]))
        return pages

    @cached_property
    def index_page_of(self) -> Mapping[str, str]:
        """Return, for each commit, the page of the commit index that it is on."""
        return {commit.id: name for name, commits in self.commit_index.items() for commit in commits}

    @cached_property
    def results_at(self) -> Mapping[tuple[str, str], tuple[CheckResult, ...]]:
        """Return the results by round and anchor."""
        return _grouped(((result.round, result.anchor), result) for result in self.results)

    @cached_property
    def results_of(self) -> Mapping[str, tuple[CheckResult, ...]]:
        """Return the results by round."""
        return _grouped((result.round, result) for result in self.results)

    def in_phase(self, phase: str) -> tuple[Entry, ...]:
        """Return the rounds of a phase, newest first."""
        return self._in_phases.get(phase, ())

    @cached_property
    def _in_phases(self) -> Mapping[str, tuple[Entry, ...]]:
        return _grouped((entry.round.phase, entry) for entry in self.newest_first)

    @cached_property
    def decisions_newest_first(self) -> tuple[Decision, ...]:
        """Return all decisions, newest first by date, then by round, and within a round in the order of the file."""
        order = {entry.key: i for i, entry in enumerate(self.all_newest_first)}
        found = sorted(self.decisions.values(), key=lambda r: order.get(r.address[0], len(order)))
        return tuple(sorted(found, key=lambda r: r.date, reverse=True))

    @cached_property
    def metric_points(self) -> Points:
        """Return each metric over the rounds, oldest first, by repository and name."""
        return points(reversed(self.newest_first), self.version_of)

    @cached_property
    def metric_trails(self) -> Points:
        """Return, by round and metric, that metric up to the round: what the page of the round reads, and no later round."""
        return trails(self.metric_points)

    @cached_property
    def round_keys(self) -> tuple[str, ...]:
        """Return the keys of the rounds, newest first: what a list reads that shows some of them only."""
        return tuple(entry.key for entry in self.newest_first)

    @cached_property
    def listed_keys(self) -> tuple[str, ...]:
        """Return the keys of the rounds, and of the phases that have a file and no rounds, newest first."""
        alone = {f"{phase}/": self.entries[f"{phase}/"] for phase in self.phases if not self.in_phase(phase)}
        return tuple(entry.key for entry in _newest_first({**self.rounds, **alone}))

    @cached_property
    def decision_groups(self) -> tuple[tuple[DecisionGroup, tuple[str, ...]], ...]:
        """Return the ids of the decisions by how they stand, those in force first, each group newest first."""
        found = _grouped((one.group, one.id) for one in self.decisions_newest_first)
        return tuple((group, found[group]) for group in get_args(DecisionGroup) if group in found)

    @cached_property
    def changelog_keys(self) -> tuple[str, ...]:
        """Return the keys of the rounds and phases with changes or commits, newest first; phases without changes are last."""
        found = (e for e in self.all_newest_first if e.verified and (e.round.changes or e.own_links or e.hidden))
        return tuple(e.key for e in sorted(found, key=lambda e: e.is_phase and not e.round.changes))

    @cached_property
    def reverted_with(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Return, for each commit of a revert, the revert with what it takes back."""
        return _grouped((one, pair) for release in self.all_releases for pair in release.reverted for one in pair)

    @cached_property
    def repeated(self) -> frozenset[str]:
        """Return the commits that releases show as merges, fixups or repeated patches."""
        return frozenset(commit for release in self.all_releases for commit in release.hidden)

    @cached_property
    def decisions_in(self) -> Mapping[str, tuple[Decision, ...]]:
        """Return the decisions by phase, newest first."""
        return _grouped((one.address[0].partition("/")[0], one) for one in self.decisions_newest_first)

    def home(self, key: str | None) -> Book:
        """Return the book whose history has the commits of a round: this one, or that of a linked repository."""
        return self.linked_books.get(e.repository, self) if (e := self.entry(key)) and not e.verified else self

    def entry(self, key: str | None) -> Entry | None:
        """Return a round or phase, or `None` if there is none, as for a decision without a round."""
        return self.entries.get(key) if key else None

    def is_verified(self, decision: Decision) -> bool:
        """Tell whether a decision belongs to this repository, so that it can be checked against this history."""
        return (entry := self.entry(decision.round)) is None or entry.verified

    def holding(self, commit_id: str) -> Book:
        """Return the book whose history has a commit, or this one if none does."""
        return next((book for book in (self, *self.linked_books.values()) if commit_id in book.history.by_id), self)

    def commit(self, commit_id: str) -> Commit | None:
        """Return a commit of this history by its full id."""
        return self.history.by_id.get(commit_id)


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def _newest_first(entries: Mapping[str, Entry]) -> tuple[Entry, ...]:
    by_phase = _grouped((entry.round.phase, entry) for entry in entries.values())
    # A phase is placed by its newest dated round; phases without dates come last, in natural order.
    dated = {phase: [e.round.date.last for e in some if e.round.date] for phase, some in by_phase.items()}
    order = [by_phase[phase] for phase in sorted(by_phase, key=lambda phase: sorted(dated[phase])[-1:])]
    return tuple(entry for some in reversed(order) for entry in reversed(some))
