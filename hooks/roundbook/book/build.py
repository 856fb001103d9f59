"""The book built from rounds, history and settings, in one call.

Inputs ─→ attribution: the rounds of each commit ─→ entries, decisions, timelines, releases ─┐
└────→ questions about them ─→ git, asked once ─→ git facts ──────────────────────────────┴─→ Book
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from roundbook.adr import AdrRecord
from roundbook.book import decisions as book_decisions
from roundbook.book import problems
from roundbook.book import rounds as book_rounds
from roundbook.book.ancestry import Reverts, pull_requests, reverts
from roundbook.book.attribution import Chosen, RuleContext, attribute, choose
from roundbook.book.coverage import coverage_counts, coverage_of, hidden_commits
from roundbook.book.facts import ChangelogEntry, Coverage, Decision, PullRequest, Records, Release
from roundbook.book.governance import govern
from roundbook.book.kept import Kept
from roundbook.book.model import Book, Broken
from roundbook.book.paths import PathIndex
from roundbook.book.questions import ask
from roundbook.book.references import DecisionIndex, RoundNames, aliases
from roundbook.book.releases import Evidence, NamedChanges, adopted, named_changes, releases
from roundbook.book.rounds import Told, entries, open_items
from roundbook.book.timeline import timelines
from roundbook.book.trailers import Reader
from roundbook.book.version_order import Shipped, recorded, versions
from roundbook.errors import Finding
from roundbook.git.forge import Forge, from_remote, from_url
from roundbook.git.history import GitFacts, GitQueries, History
from roundbook.rounds.versions import Timelines, Version
from roundbook.schema.base import CLOSED
from roundbook.schema.items import Adopted
from roundbook.schema.round import RoundOrPhase, anchors
from roundbook.settings import Settings


@dataclass(frozen=True)
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
    facts = answer(ask(linked, inputs.settings, inputs.data, paths))
    return govern(replace(linked, git_facts=facts), inputs.settings)


def _linked(inputs: Inputs, kept: Kept) -> Book:
    """Return the book as far as it follows from the records and the history alone."""
    history, settings, files = inputs.history, inputs.settings, inputs.files
    by_key = {r.key: r for r in inputs.rounds}
    own = {key: r for key, r in by_key.items() if r.repository in (None, settings.here)}
    all_anchors = {key: kept.same(("anchors", key), anchors, r) for key, r in by_key.items()}
    shipped = versions(history, settings.changelog)
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
    told = Told(all_anchors, links, coverage, pulls, chosen.by_item, settings.here, context)
    book_entries = entries(by_key, told, kept)
    decided, faults = _decided(decisions, inputs, chosen, pulls, reader.decisions, histories)
    evidence = Evidence(history, changed, pulls, histories, context.records)
    curated = evidence.entries(book_entries.values(), reader.decisions, shipped)
    releases = _releases(inputs, own.values(), shipped, curated, coverage, hidden)
    web_sides = forges(settings, history)
    return Book(
        history,
        book_entries,
        files,
        inputs.broken,
        decided,
        coverage,
        links,
        pulls,
        releases,
        coverage_counts(history, coverage, book_entries, releases),
        open_items(book_entries, decided, context.reader.rounds),
        web_sides,
        settings.here,
        findings=(
            *problems.of_records(inputs.rounds, own.values(), settings, history, web_sides),
            *(*duplicates, *chosen.findings),
            *problems.unknown_changes(changed, history),
            *problems.of_references(by_key, reader, (*faults, *taken_twice)),
            *problems.of_commits(context, own, links, decided, undone),
        ),
        timelines=histories,
        dirty=inputs.dirty,
        aliases=found_aliases,
        records=context.records,
    )


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


def _decided(
    decisions: Mapping[str, book_decisions.Taken],
    inputs: Inputs,
    chosen: Chosen,
    pulls: Mapping[int, PullRequest],
    decision_index: DecisionIndex,
    histories: Timelines,
) -> tuple[dict[str, Decision], tuple[Finding, ...]]:
    rounds = {one.round.key: one.round for one in decisions.values() if one.round}
    found, faults = book_decisions.resolved(
        decisions,
        closed=lambda key: book_rounds.status_of(rounds[key])[0] in CLOSED,
        history=inputs.history,
        commits={n: chosen.by_item.get(one.key or "", {}).get(one.anchor, ()) for n, one in decisions.items()},
        pulls={one: n for n, pull in pulls.items() for one in (*pull.commits, pull.merge) if one}.get,
        rounds=decision_index,
    )
    return {name: book_decisions.dated(one, histories, inputs.history) for name, one in found.items()}, faults


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
) -> tuple[Release, ...]:
    entered = (*curated, *adopted(inputs.fragments, inputs.history))
    changelog = inputs.settings.changelog
    return releases(inputs.history, shipped, entered, coverage, changelog, recorded(own), hidden)


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
