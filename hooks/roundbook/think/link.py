"""In: rounds, the history and the settings. Out: the `Book`, in which each is linked to the others.

`build` is the whole of thinking, in order; each step is a function of a module beside this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from roundbook.adr import Paper
from roundbook.errors import Finding
from roundbook.git.history import History, Questions, Testimony
from roundbook.model.book import Book, Broken
from roundbook.model.facts import Link, PullRequest
from roundbook.model.former import Former
from roundbook.model.homes import Homes
from roundbook.model.ruling import Ruling
from roundbook.rounds.versions import Lives, Version
from roundbook.schema.base import CLOSED
from roundbook.schema.items import Adopted
from roundbook.schema.round import RoundOrPhase, anchors, twice
from roundbook.settings import Settings
from roundbook.think import changes, compare, dangling, decide, recorded, release, reverts, trailers
from roundbook.think.account import account, fold
from roundbook.think.adopting import adopted
from roundbook.think.attribute import Clues, attribute
from roundbook.think.choose import Chosen, choose
from roundbook.think.difference import steps
from roundbook.think.entries import entries
from roundbook.think.forges import forges, unnamed
from roundbook.think.former import former
from roundbook.think.govern import govern
from roundbook.think.lives import lives
from roundbook.think.pulls import pull_requests
from roundbook.think.questions import ask
from roundbook.think.recording import ended, records
from roundbook.think.shares import shares
from roundbook.think.threads import threads
from roundbook.think.trailers import Reader, RoundNames


@dataclass(frozen=True)
class Inputs:
    """All that was read for a book, before any of it is linked.

    `rounds` are the records of rounds and phases; `files` holds, by their keys, the paths of their files in the project,
    also of those `broken` ones without a record. `fragments` are changes that files of other tools state, `papers` the
    decisions of records. `versions` are those of all round files and decision records in the history, oldest first. `data`
    is the folder of the data files, empty where the history is not that of these. `dirty` are files that differ from HEAD.
    """

    history: History
    settings: Settings
    rounds: Sequence[RoundOrPhase] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    fragments: Sequence[Adopted] = ()
    papers: Sequence[Paper] = ()
    versions: Sequence[Version] = ()
    dirty: tuple[str, ...] = ()
    data: str = ""


def nothing_told(_: Questions) -> Testimony:
    """Answer no question."""
    return Testimony()


def build(inputs: Inputs, answer: Callable[[Questions], Testimony] = nothing_told) -> Book:
    """Return the book; `answer` is asked once, for what git is to tell of the linked records beyond the history."""
    linked = _linked(inputs)
    told = answer(ask(linked, inputs.settings, inputs.data))
    return govern(replace(linked, testimony=told), inputs.settings)


def _linked(inputs: Inputs) -> Book:
    """Return all of the book that follows from the records and the history alone."""
    history, settings, files = inputs.history, inputs.settings, inputs.files
    by_key = {r.key: r for r in inputs.rounds}
    own = {key: r for key, r in by_key.items() if r.repository in (None, settings.here)}
    all_anchors = {key: anchors(r) for key, r in by_key.items()}
    shipped = recorded.versions(history, settings.changelog)
    chosen = choose(own, all_anchors, history, _by_tag(shipped))
    pulls, undone = pull_requests(history), reverts.reverts(history)
    decisions, homes, duplicates = _decisions(by_key, all_anchors, inputs.papers)
    before, taken_twice = former(by_key, all_anchors, decisions, (*by_key, *files))
    changed = changes.named(history, changes.names(own, all_anchors), before.rounds)
    clues = _clues(inputs, own, chosen, _reader(by_key, own, files, homes, before), changed)
    links = attribute(clues)
    folded = fold(history, undone)
    accounts = account(history, links, settings.attribution.exclude, folded, clues.records)
    book_entries = entries(by_key, all_anchors, links, accounts, pulls, chosen.by_item, settings.here, clues)
    timelines = lives(inputs.versions, history, pulls)
    rulings, faults = _rulings(decisions, inputs, chosen, pulls, before, timelines)
    evidence = changes.Evidence(history, changed, pulls, timelines, clues.records.files)
    curated = (*changes.curated(book_entries.values(), evidence, homes, shipped), *adopted(inputs.fragments, history))
    told = recorded.recorded(own.values())
    releases = release.releases(history, shipped, curated, accounts, settings.changelog, told, folded)
    open_ends = threads(book_entries, rulings)
    wrong = (*_written(inputs, own.values()), *duplicates, *chosen.findings)
    lost = _dangling(by_key, clues.reader, homes, (*faults, *taken_twice))
    return Book(
        history,
        book_entries,
        files,
        inputs.broken,
        rulings,
        accounts,
        links,
        pulls,
        releases,
        shares(history, accounts, book_entries, releases),
        open_ends,
        forges(settings, history),
        settings.here,
        findings=(*wrong, *dangling.changes(changed, history), *lost, *_said(clues, links, rulings, undone)),
        lives=timelines,
        steps=steps(book_entries, rulings, open_ends),
        dirty=inputs.dirty,
        former=before,
    )


def _written(inputs: Inputs, own: Iterable[RoundOrPhase]) -> Iterator[Finding]:
    """Yield what is wrong with records and settings by themselves."""
    for record in inputs.rounds:
        yield from twice(record)
    yield from recorded.twice(own)
    yield from dangling.repositories(inputs.rounds, inputs.settings)
    yield from unnamed(inputs.settings, inputs.history)


def _decisions(
    rounds: Mapping[str, RoundOrPhase],
    all_anchors: Mapping[str, Mapping[tuple[str, int], str]],
    papers: Sequence[Paper],
) -> tuple[dict[str, decide.Taken], Homes, tuple[Finding, ...]]:
    """Return the decisions of rounds and of records by id, the rounds that took them, and findings for ids used twice."""
    found, duplicates = decide.unique((*decide.taken(rounds.values(), all_anchors), *decide.adopted(papers)))
    return found, decide.homes(found), duplicates


def _clues(
    inputs: Inputs, own: Mapping[str, RoundOrPhase], chosen: Chosen, reader: Reader, changed: changes.Named
) -> Clues:
    history, files = inputs.history, inputs.files
    return Clues(
        rounds=own,
        history=history,
        settings=inputs.settings.attribution,
        chosen=chosen,
        reader=reader,
        files={history.prefix + path: key for key in own for path in files.get(key, ())},
        records=records(history.prefix, (p for many in files.values() for p in many), (p.path for p in inputs.papers)),
        ended=ended(inputs.versions, history),
        changed=changed.rounds(),
    )


def _reader(
    rounds: Mapping[str, RoundOrPhase],
    own: Mapping[str, RoundOrPhase],
    files: Mapping[str, tuple[str, ...]],
    homes: Homes,
    before: Former,
) -> Reader:
    """Return what reads trailers: what an unreadable file may hold is known by its key alone."""
    unread = [key for key in files if key not in rounds]
    far = [key for key in rounds if key not in own]
    return Reader(RoundNames((*own, *unread), far, before.rounds), before.cited(homes), not unread)


def _rulings(
    decisions: Mapping[str, decide.Taken],
    inputs: Inputs,
    chosen: Chosen,
    pulls: Mapping[int, PullRequest],
    before: Former,
    timelines: Lives,
) -> tuple[dict[str, Ruling], tuple[Finding, ...]]:
    rounds = {one.round.key: one.round for one in decisions.values() if one.round}
    found, faults = decide.rulings(
        decisions,
        closed=lambda key: compare.status_of(rounds[key])[0] in CLOSED,
        history=inputs.history,
        commits={n: chosen.by_item.get(one.key or "", {}).get(one.anchor, ()) for n, one in decisions.items()},
        pulls={one: n for n, pull in pulls.items() for one in (*pull.commits, pull.merge) if one}.get,
        former=before,
    )
    return {name: decide.dated(one, timelines, inputs.history) for name, one in found.items()}, faults


def _by_tag(shipped: Sequence[recorded.Shipped]) -> dict[str, tuple[str, ...]]:
    """Return what each version tag means; the second of two tags on one commit means the same commits as the first."""
    commits = {s.tag.commit: s.commits for s in shipped if s.commits}
    return {s.tag.name: commits.get(s.tag.commit, ()) for s in shipped}


def _dangling(
    rounds: Mapping[str, RoundOrPhase], reader: Reader, homes: Homes, faults: Sequence[Finding]
) -> Iterator[Finding]:
    """Yield what leads nowhere, `faults` of decisions included; what an unreadable file may hold is not called missing."""
    yield from (fault for fault in faults if reader.whole or fault.slug != "reference-unknown")
    yield from dangling.references(rounds.values(), homes) if reader.whole else ()


def _said(
    clues: Clues, links: Mapping[str, tuple[Link, ...]], rulings: Mapping[str, Ruling], undone: reverts.Reverts
) -> Iterator[Finding]:
    """Yield what commits and rounds say of each other that counts for nothing."""
    carried_out: dict[str, list[str]] = {}
    for name, ruling in rulings.items():
        for commit in ruling.commits:
            carried_out.setdefault(commit, []).append(name)

    def known(key: str, commit: str) -> Iterable[str]:
        if key == "Round":
            return (*(link.round for link in links.get(commit, ())), *clues.reader.rounds.far)
        return carried_out.get(commit, ())

    yield from trailers.findings(clues.history, clues.reader, known)
    yield from reverts.findings(clues.history, undone)
    yield from dangling.unclaimed(clues, links)
    yield from dangling.helpers(clues.history)
