"""Releases: what each contains, and the commits behind its changelog entries."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.book.ancestry import numbers
from roundbook.book.coverage import REVERT, REVERTED, TWICE
from roundbook.book.facts import (
    OTHER,
    SKIPPED,
    UNRELEASED,
    ChangelogEntry,
    Contributor,
    Coverage,
    Link,
    PullRequest,
    Records,
    Release,
    rank,
)
from roundbook.book.model import Entry
from roundbook.book.references import DecisionIndex
from roundbook.book.rounds import contributors
from roundbook.book.trailers import read
from roundbook.book.version_order import Shipped, bare, candidates, line_up, previous_tags
from roundbook.frozen import frozen
from roundbook.git import message
from roundbook.git.history import Commit, History
from roundbook.rounds.versions import Step, Timelines
from roundbook.schema.ids import slug
from roundbook.schema.items import Adopted, RecordedVersion
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Changelog

# Which category a conventional type would have; the rest is listed by its own type. Source: Keep a Changelog 2.0.0.
TYPES: Mapping[str, str] = {"feat": "added", "fix": "fixed", "perf": "changed", "refactor": "changed"}


def releases(
    history: History,
    shipped: Sequence[Shipped],
    entries: Iterable[tuple[ChangelogEntry, str | None]],
    coverage: Mapping[str, Coverage],
    settings: Changelog,
    recorded: Mapping[str, RecordedVersion],
    hidden: Mapping[str, Coverage],
) -> tuple[Release, ...]:
    """Return the releases, newest first, with what is unreleased on top.

    `entries` pairs each curated entry with the version that lists it if neither the entry nor its commits decide.
    `recorded` are the versions that rounds record, with or without a tag. `hidden` are the commits that are shown with
    another one, whatever claims them.
    """
    plain = list(_plain(history, shipped, recorded))
    home = {commit: i for i, release in enumerate(plain) for commit in release.commits}
    # A pick keeps the trailers of its original, so one round may claim both: they are still one patch.
    twins = _twins(hidden)
    first = {c: min(same, key=lambda one: (home.get(one, len(plain)), one != same[0])) for same in twins for c in same}
    also = {commit: same for same in twins for commit in same}
    by_version = {name: i for i, r in enumerate(plain) for name in (r.version, r.tag or r.version)}
    by_name = {bare(name): i for name, i in by_version.items()}
    curated: dict[int, list[ChangelogEntry]] = {}
    claimed: set[str] = set()
    for entry, version in entries:
        stated = {twin: commit for commit in entry.commits for twin in also.get(commit, (commit,))}
        at = min((home[c] for c in stated if c in home), default=None)
        if entry.change.release:
            at = by_name.get(bare(entry.change.release), len(plain) - 1)
        elif at is None:
            at = by_version.get(version or UNRELEASED, len(plain) - 1)
        curated.setdefault(at, []).append(entry)
        claimed.update(entry.commits)
        first.update(stated)  # the entry shows the patch, so its other copies are hidden
    filled = (_filled(r, curated.get(i, []), claimed, coverage, first, history, settings) for i, r in enumerate(plain))
    return tuple(reversed(list(filled)))


def without_packages(found: tuple[Release, ...], packages: Mapping[str, tuple[Release, ...]]) -> tuple[Release, ...]:
    """Return releases, newest first; what packages have released is not unreleased."""
    if not packages:
        return found
    out = [one for some in packages.values() for one in some if one.released]
    commits = {commit for one in out for commit in one.commits}
    entries = {(one.origin, one.anchor) for release in out for one in release.entries}
    first, *others = found
    loose = ((name, tuple(one for one in ids if one not in commits)) for name, ids in first.loose)
    left = replace(
        first,
        entries=tuple(one for one in first.entries if (one.origin, one.anchor) not in entries),
        loose=tuple((name, ids) for name, ids in loose if ids),
        reverted=tuple(pair for pair in first.reverted if commits.isdisjoint(pair)),
        hidden=tuple(one for one in first.hidden if one not in commits),
        commits=tuple(one for one in first.commits if one not in commits),
    )
    return (left, *others)


def _twins(coverage: Mapping[str, Coverage]) -> Iterable[tuple[str, ...]]:
    """Return the groups of commits that are the same patch, each with the commit that is shown first.

    A pick may itself have been picked: groups share no commit, so that each commit is listed once.
    """
    of = {c: counted.partner for c, counted in coverage.items() if counted.reason == TWICE and counted.partner}
    found: dict[str, list[str]] = {}
    for commit in of:
        origin, passed = of[commit], {commit}
        while origin in of and origin not in passed:
            passed.add(origin)
            origin = of[origin]
        found.setdefault(origin, [origin]).append(commit)
    return tuple(tuple(dict.fromkeys(same)) for same in found.values())


def _plain(history: History, shipped: Sequence[Shipped], recorded: Mapping[str, RecordedVersion]) -> Iterable[Release]:
    """Yield the releases without their entries, oldest first."""
    before = previous_tags(history, shipped)
    parts = candidates(history, shipped)
    for one in line_up(shipped, recorded):
        if isinstance(one, RecordedVersion):
            yield Release(one.version, None, _day(one), None, None, record=one)
            continue
        record = recorded.get(bare(one.version)) or recorded.get(bare(one.tag.name))
        tagged = one.tag.moment.day if one.tag.moment else ""
        yield Release(
            *(one.version, one.tag.name, _day(record) or tagged, before[one.tag.name], str(one.tag.commit)),
            commits=one.commits,
            record=record,
            tagged=tagged,
            candidates=parts.get(one.tag.name, ()),
        )
    seen = {commit for one in shipped for commit in one.commits}
    rest = tuple(c.id for c in history.commits if c.id not in seen)
    yield Release(UNRELEASED, None, "", before[UNRELEASED], history.head, commits=rest)


def _day(record: RecordedVersion | None) -> str:
    return record.date.last.isoformat() if record and record.date else ""


def _filled(
    release: Release,
    entries: Sequence[ChangelogEntry],
    claimed: Container[str],
    coverage: Mapping[str, Coverage],
    first: Mapping[str, str],
    history: History,
    settings: Changelog,
) -> Release:
    """Return a release with each of its commits in one group; `claimed` are the commits that any entry claims.

    Reverts are paired first: a revert of several commits, of which an entry claims one, is paired with the others. Of
    several copies of a patch, the one in the version that shipped it `first`, or that an entry claims, is listed, and the
    others are hidden.
    """
    here = {c: coverage.get(c) or Coverage("unassigned", "") for c in release.commits if c not in claimed}
    reverted = tuple(dict.fromkeys(_pairs(here, release, claimed)))
    paired = {commit for pair in reverted for commit in pair}
    hidden: list[str] = []
    loose: dict[str, list[str]] = {}
    for commit_id in (c for c in here if c not in paired):
        merges = len(history.by_id[commit_id].parents) > 1  # hidden also where a round claims it with what it merges
        if first.get(commit_id, commit_id) != commit_id or merges or _is_hidden(here[commit_id], release):
            hidden.append(commit_id)
        else:  # also if a later version reverts it, since this one contains it
            loose.setdefault(_group(history.by_id[commit_id], settings), []).append(commit_id)
    order = sorted(entries, key=lambda e: (rank(e.change.type), not e.change.breaking))
    groups = sorted(loose.items(), key=lambda pair: rank(pair[0]))
    return replace(
        release,
        entries=tuple(order),
        loose=tuple((name, tuple(ids)) for name, ids in groups),
        reverted=reverted,
        hidden=tuple(hidden),
        yanked=bool(
            {release.version, release.tag}.intersection(settings.yanked) or (release.record and release.record.yanked)
        ),
    )


def _pairs(here: Mapping[str, Coverage], release: Release, claimed: Container[str]) -> Iterable[tuple[str, str]]:
    """Yield each revert with the commit it reverts, unless an entry claims that: `evidence-reverted` reports it."""
    for commit, counted in here.items():
        if counted.reason == REVERT and counted.partner:
            if counted.partner not in claimed or counted.partner not in release.commits:
                yield commit, counted.partner
        elif counted.reason == REVERTED and counted.partner and counted.partner in here:
            yield counted.partner, commit


def _is_hidden(counted: Coverage, release: Release) -> bool:
    if counted.reason == REVERTED:
        return counted.partner in release.commits
    return counted.kind == "hidden" and counted.reason != TWICE


def _group(commit: Commit, settings: Changelog) -> str:
    head = message.conventional(commit)
    if head is None:
        return OTHER
    # Only the settings can leave a type out, not a message with that word as its type.
    return category(head.type, settings) or (OTHER if head.type == SKIPPED else head.type)


def category(kind: str, settings: Changelog) -> str | None:
    """Return the category of a conventional type, or `skip`: from the settings, else from the built-in map."""
    return settings.types.get(kind) or TYPES.get(kind)


def adopted(found: Sequence[Adopted], history: History) -> Iterator[tuple[ChangelogEntry, str | None]]:
    """Yield the entries, each with the version that lists it if its commits do not decide.

    The commit that added a fragment is its evidence. If the tool keeps its fragments, it also decides the version; if
    releases remove them, a fragment that still exists is unreleased.
    """
    added = _added({history.prefix + one.path for one in found}, history)
    for i, one in enumerate(found):
        commit = added.get(history.prefix + one.path)
        change = one.change if one.kept else one.change.model_copy(update={"release": UNRELEASED})
        anchor = f"fragment-{i + 1}-{slug(one.change.label, 40)}"
        links = (Link(commit, "", "added-with", "added with the fragment"),) if commit else ()
        yield ChangelogEntry(change, "", anchor, links, numbers(change.prs), None, one.path, commit), UNRELEASED


def _added(paths: set[str], history: History) -> dict[str, str]:
    """Return, for each path, the newest commit that added it."""
    found: dict[str, str] = {}
    for commit in history.commits if paths else ():
        for change in commit.changes or ():
            if change.status == "A" and change.path in paths:
                found.setdefault(change.path, commit.id)
    return found


Address = tuple[str, str]  # the key of a round, and the anchor of one of its changes


@frozen
class NamedChanges:
    """What the `Change:` trailers of a history name: `commits` by entry, and by value those with no or several entries."""

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


def named_changes(
    history: History,
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Mapping[tuple[str, int], str]],
    moved: Mapping[str, str],
) -> NamedChanges:
    """Return what the `Change:` trailers name; `moved` maps former keys of rounds to current ones.

    An entry is named by its id or anchor, alone or after the key of its round, in any case.
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
            if not reading.parts:  # a value counts only if all of its parts are understood
                (made.ambiguous if reading.several else made.unknown).setdefault(value, []).append(commit.id)
    return made


@frozen
class Evidence:
    """The evidence of entries; created once per book."""

    history: History
    named: NamedChanges
    pulls: Mapping[int, PullRequest]
    timelines: Timelines
    records: Records

    def entries(
        self, entries: Iterable[Entry], decision_index: DecisionIndex, shipped: Sequence[Shipped]
    ) -> Iterator[tuple[ChangelogEntry, str | None]]:
        """Yield the changelog entries of this project's rounds, each with the version that its round is part of."""
        version_of = {commit: one.version for one in shipped for commit in one.commits}
        for entry in entries:
            if not entry.verified:
                continue  # changes of another repository are not changes of this project
            for i, change in enumerate(entry.round.changes):
                anchor = entry.anchors["changes", i]
                decision = decision_index.find(change.decision) if change.decision else None
                requests = numbers(change.prs)
                step = self._first_step(entry.key, anchor)
                recorded = step.commit if step else None
                work = [one.commit for one in entry.links] or [recorded or entry.last_commit or ""]
                version = entry.round.releases[0] if entry.round.releases else version_of.get(work[0])
                links = self._behind(entry, anchor, requests, step)
                yield ChangelogEntry(change, entry.key, anchor, links, requests, decision, recorded=recorded), version

    def _behind(self, entry: Entry, anchor: str, requests: Sequence[int], added: Step | None) -> tuple[Link, ...]:
        """Return the commits of an entry, each once, with its first reason."""
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


def contributors_of(release: Release, history: History) -> tuple[Contributor, ...]:
    """Return the contributors of a release, most commits first; merges do not count.

    One name is listed once, unless the mailmap tells several people of that name apart.
    """
    mailmap = history.mailmap
    own = (history.by_id[one] for one in release.commits if len(history.by_id[one].parents) < 2)
    found: dict[tuple[str, str], Contributor] = {}
    for one in contributors(own, mailmap):
        name = " ".join(one.person.name.split()).casefold()
        key = (name, one.person.email.lower() if mailmap.tells_apart(one.person) else "")
        if was := found.get(key):
            one = replace(was, commits=was.commits + one.commits, co_authored=was.co_authored + one.co_authored)
        found[key] = one
    return tuple(sorted(found.values(), key=lambda one: (-one.commits, -one.co_authored, one.person)))
