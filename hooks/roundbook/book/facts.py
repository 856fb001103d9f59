"""The values in a book besides its entries: links, releases, decisions, results of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Literal, NamedTuple

from roundbook.adr import AdrRecord
from roundbook.errors import Finding, Place, Severity
from roundbook.frozen import frozen
from roundbook.git.history import Commit, Marker, Person
from roundbook.schema.base import Item
from roundbook.schema.decision import DecisionRecord, Metric
from roundbook.schema.ids import called
from roundbook.schema.items import CHANGE_TYPES, Carried, Change, PastRound, RecordedVersion
from roundbook.schema.round import RoundOrPhase
from roundbook.schema.statuses import DecisionStatus, Status

CoverageKind = Literal["assigned", "hidden", "excluded", "unassigned"]
DecisionGroup = Literal["In force", "Proposed", "Superseded, deprecated or rejected"]
CARRIED = "carried forward"
_ROUNDS = "/rounds/"
COVERAGE_KINDS: tuple[CoverageKind, ...] = ("assigned", "hidden", "excluded", "unassigned")


@frozen
class Link:
    """Why a commit belongs to a round: `rule` is the slug of the rule that matched, `reason` says it in words."""

    commit: str
    round: str
    rule: str
    reason: str


@frozen
class Coverage:
    """How a commit is counted, and why; `partner` is the commit that a hidden one is shown with."""

    kind: CoverageKind
    reason: str
    partner: str | None = None


@frozen
class CoverageCount:
    """How the commits of a range are counted; `scope` and `key` name it (`book` has none), `counts` is as `COVERAGE_KINDS`."""

    scope: Literal["book", "release", "phase", "round"]
    key: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Return how many commits the range has."""
        return sum(self.counts)

    @property
    def percent(self) -> float:
        """Return the percentage that is assigned, hidden or excluded; 100 for an empty range."""
        return 100 * (1 - self.counts[COVERAGE_KINDS.index("unassigned")] / self.total) if self.total else 100.0


@frozen
class PullRequest:
    """A pull request as the commit messages describe it; the forge is not asked."""

    number: int
    title: str
    commits: tuple[str, ...]
    merge: str | None = None


@frozen
class Contributor:
    """Someone who wrote commits of a round, or is named as co-author in them."""

    person: Person
    commits: int
    co_authored: int


@frozen
class Touched:
    """A file that commits of a round touched; `fate` is `added`, `changed` or `deleted` over the whole round."""

    path: str
    fate: Literal["added", "changed", "deleted"]
    commits: int


@frozen
class MetricRow:
    """A metric with the previous value, and the round that it comes from (`3/3`, or `""` if the note states it)."""

    name: str
    metric: Metric
    before: str | None
    before_from: str
    now: str | None
    difference: Decimal | None


@frozen
class Governed:
    """The decisions that affect a glob, or a file with markers: `files` is the number of files of HEAD that match.

    `markers` are those in the file that `glob` names; empty if the decisions state it in `affects`.
    """

    glob: str
    decisions: tuple[str, ...]
    files: int
    markers: tuple[Marker, ...] = ()


@frozen
class Anchored:
    """An entry of a round with its address: `field` is the list that contains it."""

    round: str
    anchor: str
    field: str
    item: Item
    status: Status | None = None


def anchored(record: RoundOrPhase, name: str, anchors: Mapping[tuple[str, int], str]) -> tuple[Anchored, ...]:
    """Return the entries of one list of a round, each with its anchor."""
    items: tuple[Item, ...] = getattr(record, name)
    key = record.key if items else ""
    return tuple(
        [Anchored(key, anchors[name, i], name, item, getattr(item, "status", None)) for i, item in enumerate(items)]
    )


@frozen
class Since:
    """What changed since the previous round: derived from that round's file, and as stated in this round's note."""

    previous: str
    completed: tuple[Anchored, ...]
    revealed: tuple[Anchored, ...]
    carried_over: tuple[Anchored, ...]
    note: Carried | None


@frozen
class Backlink:
    """A hand-written page that refers to a round or decision; another plugin may have chosen its `address` in the site."""

    uri: str
    title: str
    address: str = ""


@frozen
class PastRow:
    """A row of "previous rounds": `key` is the round if the book has it, else `None`, and `name` is that of the note."""

    key: str | None
    name: str
    agents: str | None
    focus: str | None
    tests_after: str | None
    noted: PastRound | None = None


@frozen
class Records:
    """The files of rounds and decision records: `files`, and all YAML below `folders`; paths from the repository's root."""

    files: frozenset[str] = frozenset()
    folders: tuple[str, ...] = ()

    @classmethod
    def of(cls, prefix: str, data: Iterable[str], adr_records: Iterable[str]) -> Records:
        """Return the files of rounds (`data`) and of decision records; `prefix` is the project's folder in the repository."""
        written = [prefix + path for path in data]
        folders = {path[: path.index(_ROUNDS) + len(_ROUNDS)] for path in written if _ROUNDS in path}
        return cls(frozenset((*written, *(prefix + path for path in adr_records))), tuple(sorted(folders)))

    def hold(self, path: str) -> bool:
        """Tell whether a path is, or was, a record file."""
        return path in self.files or (path.startswith(self.folders) and path.endswith((".yml", ".yaml")))

    def only(self, commit: Commit) -> bool:
        """Tell whether a commit changes only record files, or record files and the settings.

        A change of the settings alone may implement a decision.
        """
        paths = [change.path for change in commit.changes or ()]
        return all(self.hold(p) or is_settings(p) for p in paths) and any(map(self.hold, paths))

    def work(self, path: str) -> bool:
        """Tell whether a path is neither a record file nor the settings."""
        return not (self.hold(path) or is_settings(path))


def is_settings(path: str) -> bool:
    """Tell whether a path is that of settings, in any folder."""
    return path.rpartition("/")[2] == "roundbook.yml"


UNRELEASED = "Unreleased"  # the heading for changes that no version has yet


SKIPPED = "skip"  # the group of the types that the settings leave out
OTHER = "other"  # the group of the commits that follow no convention
_ORDER = ("breaking", *CHANGE_TYPES)


def rank(group: str) -> tuple[int, str]:
    """Return the place of a group of commits: the categories of Keep a Changelog, then other types, then the rest."""
    return _ORDER.index(group) if group in _ORDER else len(_ORDER) + (group == OTHER), group


@frozen
class ChangelogEntry:
    """A curated entry of the changelog with its evidence.

    `links` are the commits that implement it, each with the reason; `recorded` is the id of the commit that first recorded
    it, or `None` if unknown. `round` is empty if it comes from a fragment of another tool, whose file is `path`.
    """

    change: Change
    round: str
    anchor: str
    links: tuple[Link, ...]
    pull_requests: tuple[int, ...]
    decision: str | None
    path: str = ""
    recorded: str | None = None

    @property
    def commits(self) -> tuple[str, ...]:
        """Return the ids of the commits that made it."""
        return tuple(link.commit for link in self.links)

    @property
    def origin(self) -> str:
        """Return where it is recorded: the key of the round, or the path of the fragment."""
        return self.round or self.path


@frozen
class Release:
    """A version: its curated entries, then the commits that no entry claims, by category and conventional type.

    `tag` is `None` for unreleased changes, and for a version that only a round records. `reverted` are pairs (the revert,
    the reverted commit); `hidden` are the other commits that are shown with another one. Every commit since the previous
    version is in exactly one of these groups or in an entry. `previous_tag` is the previous version in the same line of
    history. `date` is the day that a round records, else `tagged`, the day of the tag. `candidates` are the release
    candidates of a final version, which includes them.
    """

    version: str
    tag: str | None
    date: str
    previous_tag: str | None
    head: str | None
    entries: tuple[ChangelogEntry, ...] = ()
    loose: tuple[tuple[str, tuple[str, ...]], ...] = ()
    reverted: tuple[tuple[str, str], ...] = ()
    hidden: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    yanked: bool = False
    record: RecordedVersion | None = None
    tagged: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the groups of commits that no entry claims, without those that the settings skip."""
        return tuple((name, ids) for name, ids in self.loose if name != SKIPPED)

    @property
    def redated(self) -> bool:
        """Tell whether the recorded day differs from that of the tag."""
        date = self.record.date if self.record else None
        return bool(date and self.tagged and not date.first.isoformat() <= self.tagged <= date.last.isoformat())

    @property
    def span(self) -> tuple[str | None, str | None, str | None]:
        """Return what tells a release apart, also where the next one already has the name that it will have."""
        return self.head, self.tag, self.record.version if self.record else None

    @property
    def released(self) -> bool:
        """Tell whether it is released: there is a tag, or a round records it."""
        return self.tag is not None or self.record is not None


@frozen
class Decision:
    """A decision in the book: its id, its origin, and what refers to it.

    `round` is its round, or `None` if it is `adopted` from a separate file; `anchor` is its anchor on the round's page.
    `dated_by` is the commit that gives `date` if the file has none. `cited_by` are the commits that name it, `trailers`
    those that name it in a trailer, and `by_paths` those that name a number of several decisions and were assigned to this
    one by the paths that they touch.
    """

    id: str
    record: DecisionRecord
    round: str | None
    anchor: str
    status: DecisionStatus
    status_reason: str
    date: str
    supersedes: tuple[str, ...] = ()
    superseded_by: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()
    amended_by: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    needed_by: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    cited_by: tuple[str, ...] = ()
    trailers: tuple[str, ...] = ()
    by_paths: tuple[str, ...] = ()
    pull_requests: tuple[int, ...] = ()
    markers: tuple[Marker, ...] = ()
    adopted: AdrRecord | None = None
    dated_by: str | None = None

    @property
    def address(self) -> tuple[str, str]:
        """Return the round and anchor by which results and open items refer to it; without a round, `""` and its id."""
        return (self.round, self.anchor) if self.round else ("", self.id)

    @property
    def group(self) -> DecisionGroup:
        """Return how it stands."""
        if self.status in ("draft", "proposed"):
            return "Proposed"
        return "In force" if self.status == "accepted" else "Superseded, deprecated or rejected"

    @property
    def shown(self) -> str:
        """Return the status as pages show it: "not stated" if the record states none, although it counts as proposed."""
        unsaid = self.adopted and self.adopted.own_file and self.record.status is None
        return "not-stated" if unsaid and self.status == "proposed" else self.status

    @property
    def wording(self) -> str | None:
        """Return how its file words the status, where that is more than the status itself."""
        said = self.record.status_text
        plain = said.strip().lower().replace(" ", "-").replace("_", "-") if said else None
        return None if plain in (self.status, self.record.status) else said

    @property
    def shown_words(self) -> str:
        """Return the same in words."""
        return self.shown.replace("-", " ")

    @property
    def origin(self) -> str:
        """Return where it was made: the key of the round, or the path of its file."""
        place = self.record.place
        return self.round or (place.path if place else "")

    @property
    def origin_words(self) -> str:
        """Return the same in words: `round 3/4`, `phase 3`, or the path."""
        return called(self.round) if self.round else self.origin


Outcome = Literal["verified", "contradicted", "not-checked"]


class CheckResult(NamedTuple):
    """The result of one check for one claim.

    `claim` is what the file says and `evidence` what supports or contradicts it, each in one line; `commit` is the full id
    of the commit that shows it, if any. `round` and `anchor` are the address of the claim (`""` and its id for a decision
    without a round), `place` its position in the file. `severity` is that of a contradiction; `waived` is the reason for
    accepting it. If not `stated`, no file claims it (for example, that all commits are assigned): the result is then a
    remark, which may be a finding but does not count as a claim.
    """

    check: str
    outcome: Outcome
    claim: str
    evidence: str
    place: Place | None = None
    round: str = ""
    anchor: str = ""
    commit: str | None = None
    fix: str = ""
    severity: Severity = "warning"
    waived: str = ""
    stated: bool = True

    @property
    def is_claim(self) -> bool:
        """Tell whether it is about something that a file states."""
        return self.stated and bool(self.claim)

    @property
    def speaks(self) -> bool:
        """Tell whether it reports something: a contradiction, or how the claim could be checked."""
        return self.outcome == "contradicted" or (self.outcome == "not-checked" and bool(self.fix))

    @property
    def finding(self) -> Finding | None:
        """Return the finding for a contradiction that is not waived, or for an unchecked claim that can be fixed."""
        if not self.speaks or self.waived:
            return None
        if self.outcome == "not-checked":
            return Finding("info", self.check, f"{self.claim}: not checked, {self.evidence}", self.place, self.fix)
        seen = f" (commit {self.commit[:7]})" if self.commit and self.commit[:7] not in self.evidence else ""
        return Finding(self.severity, self.check, f"{self.claim}: {self.evidence}{seen}", self.place, self.fix)


class Claim(NamedTuple):
    """What a file says, with its place and address, before a check has judged it.

    If not `stated`, no file says it, and the result is a remark.
    """

    words: str
    place: Place | None = None
    round: str = ""
    anchor: str = ""
    stated: bool = True

    def verified(self, evidence: str, commit: str | None = None) -> CheckResult:
        """Return that the evidence supports the claim."""
        return self.judged("verified", evidence, commit=commit)

    def contradicted(
        self, evidence: str, fix: str = "", commit: str | None = None, severity: Severity = "warning"
    ) -> CheckResult:
        """Return that the evidence contradicts the claim; `severity` `info` makes it a note."""
        return self.judged("contradicted", evidence, fix, commit)._replace(severity=severity)

    def unchecked(self, evidence: str, fix: str = "", commit: str | None = None) -> CheckResult:
        """Return that the claim cannot be checked, and why; a `fix` says how it could be."""
        return self.judged("not-checked", evidence, commit=commit)._replace(fix=fix)

    def judged(self, outcome: Outcome, evidence: str, fix: str = "", commit: str | None = None) -> CheckResult:
        """Return a result with this outcome; the fix is kept only for a contradiction."""
        where = self.place, self.round, self.anchor
        fix = fix if outcome == "contradicted" else ""
        return CheckResult("", outcome, self.words, evidence, *where, commit, fix, stated=self.stated)


class Tally(NamedTuple):
    """How many claims have each result; of the contradicted ones, `waived` have a reason and `noted` are only notes."""

    verified: int = 0
    contradicted: int = 0
    not_checked: int = 0
    waived: int = 0
    noted: int = 0

    @classmethod
    def of(cls, results: Iterable[CheckResult]) -> Tally:
        """Count the claims among results; a waived contradiction also counts as contradicted."""
        claims = [one for one in results if one.is_claim]
        against = [one for one in claims if one.outcome == "contradicted"]
        return cls(
            sum(one.outcome == "verified" for one in claims),
            len(against),
            sum(one.outcome == "not-checked" for one in claims),
            sum(bool(one.waived) for one in against),
            sum(one.severity == "info" and not one.waived for one in against),
        )

    @property
    def grave(self) -> int:
        """Return how many contradictions are neither waived nor mere notes."""
        return self.contradicted - self.waived - self.noted

    @property
    def data(self) -> dict[str, int]:
        """Return the counts by their names in data files."""
        return {name.replace("_", "-"): count for name, count in self._asdict().items()}

    @property
    def words(self) -> str:
        """Return the counts in words, as `/evidence/` has them: `3 verified, 0 contradicted, 2 noted, 1 not checked`."""
        always = ("verified", "contradicted", "not checked")
        return ", ".join(f"{count:,} {word}" for word, count in self._parts if count or word in always)

    @property
    def brief(self) -> str:
        """Return the counts above zero, contradictions first; an empty text if there are no claims."""
        parts = sorted(self._parts, key=lambda part: part[0] != "contradicted")
        return ", ".join(f"{count:,} {word}" for word, count in parts if count)

    @property
    def _parts(self) -> tuple[tuple[str, int], ...]:
        counts = self.verified, self.grave, self.noted, self.waived, self.not_checked
        return tuple(zip(("verified", "contradicted", "noted", "waived", "not checked"), counts, strict=True))
