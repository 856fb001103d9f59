"""The book built from rounds, history and settings, in one call, and joined with those of linked repositories.

Inputs ─→ attribution: the rounds of each commit ─→ entries, decisions, timelines, releases ─┐
└────→ questions about them ─→ git, asked once ─→ git facts ──────────────────────────────┴─→ Book
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial
from typing import NamedTuple

from roundbook.adr import AdrRecord
from roundbook.book import decisions as book_decisions
from roundbook.book import problems
from roundbook.book import rounds as book_rounds
from roundbook.book.ancestry import Reverts, pull_requests, reverts
from roundbook.book.attribution import Chosen, RuleContext, attribute, choose
from roundbook.book.coverage import coverage_counts, coverage_of, hidden_commits
from roundbook.book.facts import ChangelogEntry, CheckResult, Coverage, Decision, PullRequest, Records, Release
from roundbook.book.governance import govern
from roundbook.book.kept import Kept
from roundbook.book.model import Book, Broken
from roundbook.book.open_items import open_items
from roundbook.book.paths import PathIndex
from roundbook.book.questions import ask
from roundbook.book.references import DecisionIndex, RoundNames, aliases
from roundbook.book.releases import Evidence, NamedChanges, adopted, named_changes, releases, without_packages
from roundbook.book.rounds import RoundContext, entries
from roundbook.book.timeline import timelines
from roundbook.book.trailers import Reader
from roundbook.book.version_order import Shipped, recorded, versions
from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.git.forge import Forge, from_remote, from_url
from roundbook.git.history import GitFacts, GitQueries, History
from roundbook.git.only import from_top, only
from roundbook.rounds.versions import Timelines, Version
from roundbook.schema.base import CLOSED
from roundbook.schema.items import Adopted, RecordedVersion
from roundbook.schema.round import RoundOrPhase, anchors
from roundbook.settings import Changelog, Package, Settings


@frozen
class Inputs:
    """All that was read for a book, before any of it is linked.

    Attributes:
        history: The commits, tags and branches.
        settings: The settings of the project.
        rounds: The records of rounds and phases.
        files: The paths of their files in the project, by key; also of those that cannot be read.
        broken: The files that cannot be read, with their text.
        fragments: Changelog entries from fragments of other tools.
        adr_records: Decisions from ADR files.
        versions: Earlier versions of round files and ADR files, oldest first.
        dirty: Files of the data that differ from HEAD.
        data: The folder of the data; empty if the history is that of another repository.
        whole: Whether findings, open items, counts and what entries say of their commits are wanted as well.
    """

    history: History
    settings: Settings
    rounds: Sequence[RoundOrPhase] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    fragments: Sequence[Adopted] = ()
    adr_records: Sequence[AdrRecord] = ()
    versions: Sequence[Version] = ()
    dirty: tuple[str, ...] = ()
    data: str = ""
    whole: bool = True


def no_facts(_: GitQueries) -> GitFacts:
    """Return no answer to any question."""
    return GitFacts()


def build(inputs: Inputs, answer: Callable[[GitQueries], GitFacts] = no_facts, kept: Kept | None = None) -> Book:
    """Return the book. `answer` is called once, with what git is asked about the linked records beyond the history.

    `kept` holds the results of the last book, of which those are used again that follow from the same inputs.
    """
    kept = kept or Kept()
    linked = _linked(inputs, kept)
    paths = partial(kept.same, "paths", PathIndex.of, inputs.history, inputs.settings.roots)
    facts = answer(ask(linked, inputs.settings, inputs.data, paths, whole=inputs.whole))
    if facts.markers and inputs.history.only:
        facts = replace(facts, markers=tuple(one for one in facts.markers if inputs.history.holds(one.path)))
    return govern(replace(linked, git_facts=facts), inputs.settings)


def _linked(inputs: Inputs, kept: Kept) -> Book:
    """Return the book as far as it follows from the records and the history alone."""
    history, settings, files = inputs.history, inputs.settings, inputs.files
    by_key = {r.key: r for r in inputs.rounds}
    own = {key: r for key, r in by_key.items() if r.repository in (None, settings.here)}
    all_anchors = {key: kept.same(("anchors", key), anchors, r) for key, r in by_key.items()}
    shipped = kept.same("shipped", versions, history, settings.changelog)
    chosen = choose(own, all_anchors, history, _by_tag(shipped))
    pulls, undone, hidden, histories = _past(inputs, kept)
    decisions, duplicates = book_decisions.collect(inputs.rounds, all_anchors, inputs.adr_records)
    by_id = {name: one.decision for name, one in decisions.items()}
    found_aliases, taken_twice = aliases(by_key, all_anchors, by_id, (*by_key, *files))
    reader = _reader(by_key, own, files, book_decisions.names(decisions, found_aliases), kept)
    changed = named_changes(history, own, all_anchors, found_aliases.rounds)
    context = kept.last("rule context", _rule_context(inputs, own, chosen, reader, changed))
    links = kept.same("links", attribute, context)
    coverage = kept.same("coverage", coverage_of, history, links, context.settings.exclude, hidden, context.records)
    known = RoundContext(all_anchors, links, coverage, pulls, chosen.by_item, settings.here, context, inputs.whole)
    book_entries = entries(by_key, known, kept)
    taken = _closed(inputs.rounds), tuple(decisions.items()), chosen.by_item, reader.decisions
    decided, faults = kept.same("decisions", _decided, *taken, history, pulls, histories)
    evidence = Evidence(history, changed, pulls, histories, context.records)
    curated = evidence.entries(book_entries.values(), reader.decisions, shipped)
    released = _releases(inputs, own.values(), shipped, curated, coverage, hidden, kept)
    return Book(
        history,
        book_entries,
        files,
        inputs.broken,
        decided,
        coverage,
        links,
        pulls,
        *released,
        coverage_counts(history, coverage, book_entries, released[0]) if inputs.whole else {},
        open_items(book_entries, decided, context.reader.rounds) if inputs.whole else (),
        (web_sides := forges(settings, history)),
        settings.here,
        findings=(
            *_of_files(inputs, own, web_sides, kept),
            *(*duplicates, *chosen.findings, *problems.of_references(by_key, reader, (*faults, *taken_twice))),
            *problems.of_commits(context, own, links, decided, undone, changed),
        )
        if inputs.whole
        else (),
        timelines=histories,
        dirty=inputs.dirty,
        aliases=found_aliases,
        records=context.records,
    )


def _of_files(
    inputs: Inputs, own: Mapping[str, RoundOrPhase], forges: Mapping[str, Forge], kept: Kept
) -> Iterator[Finding]:
    yield from problems.of_records(inputs.rounds, own.values(), inputs.settings, inputs.history, forges)
    yield from problems.of_texts(inputs.rounds, inputs.fragments, inputs.adr_records, kept)


class _Past(NamedTuple):
    """What follows from the history and the versions of files alone."""

    pulls: Mapping[int, PullRequest]
    reverts: Reverts
    hidden: Mapping[str, Coverage]
    timelines: Timelines


def _past(inputs: Inputs, kept: Kept) -> _Past:
    history = inputs.history
    pulls = kept.same("pull requests", pull_requests, history)
    undone = kept.same("reverts", reverts, history)
    hidden = kept.same("hidden commits", hidden_commits, history, undone)
    return _Past(pulls, undone, hidden, kept.same("timelines", timelines, inputs.versions, history, pulls))


def _rule_context(
    inputs: Inputs, own: Mapping[str, RoundOrPhase], chosen: Chosen, reader: Reader, changed: NamedChanges
) -> RuleContext:
    history, files = inputs.history, inputs.files
    return RuleContext(
        rounds={key: record.claims for key, record in own.items()},
        history=history,
        settings=inputs.settings.attribution,
        chosen=chosen,
        reader=reader,
        files={history.prefix + path: key for key in own for path in files.get(key, ())},
        imported=frozenset(key for key, record in own.items() if record.source),
        records=Records.of(
            history.prefix, (p for many in files.values() for p in many), (p.path for p in inputs.adr_records)
        ),
        ended=_ended(inputs.versions, history),
        changed=changed.rounds(),
    )


def _ended(versions: Iterable[Version], history: History) -> dict[str, str]:
    """Return, by round, the commit that closed it (`done`, `partial`, `dropped`), if it has stayed closed since."""
    order = history.order
    found: dict[str, str] = {}
    for version in sorted((v for v in versions if v.commit in order and v.snapshot), key=lambda v: -order[v.commit]):
        status = version.snapshot.status if version.snapshot else ""
        if status in CLOSED:
            found.setdefault(version.key, version.commit)
        elif status:
            found.pop(version.key, None)
    return found


def _reader(
    keys: Collection[str], own: Collection[str], files: Collection[str], names: book_decisions.Names, kept: Kept
) -> Reader:
    """Return what reads trailers. Of a file that cannot be read, only the key of its round is known."""
    unread = tuple(key for key in files if key not in keys)
    far = tuple(key for key in keys if key not in own)
    return kept.same("reader", _reads, (*own, *unread), far, names, not unread)


def _reads(near: Sequence[str], far: Sequence[str], names: book_decisions.Names, whole: bool) -> Reader:
    return Reader(RoundNames(near, far, dict(names.moved)), book_decisions.index(names), whole)


def _closed(rounds: Iterable[RoundOrPhase]) -> frozenset[str]:
    return frozenset(record.key for record in rounds if book_rounds.status_of(record)[0] in CLOSED)


def _decided(
    closed: frozenset[str],
    taken: Iterable[tuple[str, book_decisions.Taken]],
    by_item: Mapping[str, Mapping[str, tuple[str, ...]]],
    decision_index: DecisionIndex,
    history: History,
    pulls: Mapping[int, PullRequest],
    histories: Timelines,
) -> tuple[dict[str, Decision], tuple[Finding, ...]]:
    decisions = dict(taken)
    found, faults = book_decisions.resolved(
        decisions,
        closed=closed,
        history=history,
        commits={n: by_item.get(one.key or "", {}).get(one.anchor, ()) for n, one in decisions.items()},
        pulls={one: n for n, pull in pulls.items() for one in (*pull.commits, pull.merge) if one}.get,
        rounds=decision_index,
    )
    return {name: book_decisions.dated(one, histories, history) for name, one in found.items()}, faults


def _by_tag(shipped: Sequence[Shipped]) -> dict[str, tuple[str, ...]]:
    """Return the commits of each version tag; two tags on one commit have the same."""
    commits = {s.tag.commit: s.commits for s in shipped if s.commits}
    return {s.tag.name: commits.get(s.tag.commit, ()) for s in shipped}


def _releases(
    inputs: Inputs,
    own: Collection[RoundOrPhase],
    shipped: Sequence[Shipped],
    curated: Iterable[tuple[ChangelogEntry, str | None]],
    coverage: Mapping[str, Coverage],
    hidden: Mapping[str, Coverage],
    kept: Kept,
) -> tuple[tuple[Release, ...], dict[str, tuple[Release, ...]]]:
    """Return the releases, and those of each package."""
    history, settings, records = inputs.history, inputs.settings.changelog, recorded(own)
    entries = (*curated, *adopted(inputs.fragments, history))
    apart, of_packages = _by_package(records, settings)
    packages = {
        name: kept.same(
            ("package", name),
            _of_package,
            name,
            package,
            history,
            settings,
            entries,
            of_packages[name],
            coverage,
            hidden,
        )
        for name, package in settings.packages.items()
    }
    every = kept.same("releases", releases, history, shipped, entries, coverage, settings, apart, hidden)
    return kept.same("unreleased", without_packages, every, packages), packages


def _by_package(
    records: Mapping[str, RecordedVersion], settings: Changelog
) -> tuple[dict[str, RecordedVersion], dict[str, dict[str, RecordedVersion]]]:
    """Return the recorded versions that are of no package, and those of each package by their numbers."""
    found: dict[str, dict[str, RecordedVersion]] = {name: {} for name in settings.packages}
    apart = dict(records)
    for name, package in settings.packages.items():
        pattern = re.compile(package.pattern(name))
        for key, one in records.items():
            if match := pattern.fullmatch(one.version):
                found[name][match["version"]] = one.model_copy(update={"version": match["version"]})
                apart.pop(key, None)
    return apart, found


def _of_package(
    name: str,
    package: Package,
    history: History,
    changelog: Changelog,
    entries: Sequence[tuple[ChangelogEntry, str | None]],
    records: Mapping[str, RecordedVersion],
    coverage: Mapping[str, Coverage],
    hidden: Mapping[str, Coverage],
) -> tuple[Release, ...]:
    """Return the releases of a package, newest first, each version behind the name of the package.

    Its entries are those with a commit of its paths, those whose `group` is its name, and those that name one of its tags.
    `records` are the versions of it that rounds record, by their numbers.
    """
    part = only(history, from_top(history.prefix, package.paths))
    pattern = package.pattern(name)
    settings = changelog.model_copy(update={"version_tags": pattern})
    chosen = [
        (_numbered(one, pattern), version)
        for one, version in entries
        if (re.fullmatch(pattern, one.change.release) if one.change.release else one.change.group == name)
        or not part.by_id.keys().isdisjoint(one.commits)
    ]
    found = releases(part, versions(part, settings), chosen, coverage, settings, records, hidden)
    return tuple(
        replace(
            one, version=f"{name} {one.version}", candidates=tuple(f"{name} {version}" for version in one.candidates)
        )
        if one.released
        else one
        for one in found
    )


def _numbered(entry: ChangelogEntry, pattern: str) -> ChangelogEntry:
    """Return an entry of a package with the number of the version that it names, which may have no tag."""
    match = re.fullmatch(pattern, entry.change.release or "")
    return replace(entry, change=entry.change.model_copy(update={"release": match["version"]})) if match else entry


def forges(settings: Settings, history: History) -> dict[str, Forge]:
    """Return the forges of the repositories in the settings; that of this repository is found from its remote."""
    found: dict[str, Forge] = {}
    for name, repository in settings.repositories.items():
        own = repository.links.given() if repository.links else {}
        if forge := from_url(repository.url or "", repository.forge, repository.branch or "main", own):
            found[name] = forge
    here = settings.repositories.get(settings.here)
    if not (here and here.url):
        branch = (here.branch if here else None) or history.default_branch
        own = here.links.given() if here and here.links else {}
        if forge := from_remote(history.remote, here.forge if here else None, branch, own):
            found[settings.here] = forge
    return found


# -------------------------------------------------------------------------------------------- linked repositories

# Rounds of another repository are checked against the history of a clone of it: that is a book of the same rounds over the
# other history, whose results replace those of the main book, which cannot know.

# Checks of this repository's own commits and tags, or of the data files themselves.
OWN = (
    "commit-unaccounted",
    "date-backfilled",
    "date-implausible",
    "decision-duplicate",
    "marker-unknown",
    "release-date",
    "release-without-tag",
    "source-changed",
    "tag-without-release",
    "version-tagged-twice",
    "version-tags",
)
_NOT_THERE = ("no-repository", "no-commits")


def linked_repositories(rounds: Sequence[RoundOrPhase], settings: Settings) -> tuple[str, ...]:
    """Return the names of the other repositories that rounds belong to and that have a path in the settings."""
    named = {record.repository for record in rounds} - {settings.here}
    return tuple(name for name, one in settings.repositories.items() if name in named and one.path)


def rounds_belonging(rounds: Sequence[RoundOrPhase], settings: Settings) -> tuple[RoundOrPhase, ...]:
    """Return the rounds, each with its repository set, so that none counts as one of the linked repository."""
    update = {"repository": settings.here}
    return tuple(r.model_copy(update=update) if r.repository is None else r for r in rounds)


def settings_seen_from(settings: Settings, name: str) -> Settings:
    """Return the settings for a linked repository: it comes first, and the checks of `OWN` are off."""
    others = {key: one for key, one in settings.repositories.items() if key != name}
    repositories = {name: settings.repositories[name], **others}
    checks = {**settings.checks, **dict.fromkeys(OWN, "off")}
    return settings.model_copy(update={"repositories": repositories, "checks": checks})


def is_clone(history: History) -> bool:
    """Tell whether a history is that of a repository in the folder itself, not of one around it."""
    return bool(history.head) and not history.prefix


def missing_clones(clones: Mapping[str, History], settings: Settings) -> Iterator[Finding]:
    """Yield what could not be verified, or only in part. Absolute paths are not published."""
    for name, history in clones.items():
        path = settings.repositories[name].path or ""
        place = settings.repositories[name].place_of("path")
        if not is_clone(history):
            where = "where the settings say" if _absolute(path) else f"at {path}"
            why = next((gap.message for gap in history.gaps if gap.slug not in _NOT_THERE), f"no clone {where}")
            fix = f"clone {name} there" if why.startswith("no clone") else ""
            yield Finding("info", "repository-not-here", f"rounds of {name} are not verified: {why}", place, fix)
        for gap in history.gaps if is_clone(history) else ():
            yield Finding("info", gap.slug, f"{name}: {gap.message}", place, gap.fix)


def _absolute(path: str) -> bool:
    return path.startswith(("/", "\\", "~")) or path[1:2] == ":"


def joined(book: Book, linked_books: Mapping[str, Book]) -> Book:
    """Return the book with its linked repositories, whose results replace its own on their rounds."""
    if not linked_books:
        return book
    homes = {key: entry.repository for key, entry in book.entries.items() if entry.repository in linked_books}
    results = [one for one in book.results if one.round not in homes or one.check in OWN]
    for name, linked in linked_books.items():
        results += _results(linked, name, homes)
    every = tuple(results)
    known = set(book.findings)
    found = (f for name, linked in linked_books.items() for f in _findings(book, linked, name) if f not in known)
    forges = {name: linked.forge for name, linked in linked_books.items() if linked.forge}
    return replace(
        book,
        forges={**forges, **book.forges},
        results=every,
        findings=(*book.findings, *dict.fromkeys(found)),
        linked_books={name: replace(linked, results=every, linked_as=name) for name, linked in linked_books.items()},
    )


def _results(linked: Book, name: str, homes: Mapping[str, str]) -> Iterator[CheckResult]:
    for result in linked.results:
        if result.round:
            if homes.get(result.round) == name:
                yield result
        elif result.outcome == "not-checked":
            yield result._replace(evidence=f"{name}: {result.evidence}")


def _findings(book: Book, linked: Book, name: str) -> Iterator[Finding]:
    """Yield the findings on commits that rounds of the linked repository name; the main book has all others."""
    files = {path for key, e in book.entries.items() if e.repository == name for path in book.files.get(key, ())}
    return (f for f in linked.findings if f.slug.startswith("commit-") and f.place and f.place.path in files)
