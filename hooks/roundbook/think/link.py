"""In: rounds, the history and the settings. Out: the `Book`, in which each is linked to the others.

This is the whole of thinking, in order; each step is a function of a module beside this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.errors import Finding
from roundbook.model.adopted import Adopted
from roundbook.model.book import Book
from roundbook.model.facts import PullRequest
from roundbook.model.former import Former
from roundbook.model.history import History
from roundbook.model.homes import Homes
from roundbook.model.life import Version
from roundbook.model.paper import Paper
from roundbook.model.record import CLOSED
from roundbook.model.records import Phase, RoundOrPhase
from roundbook.model.ruling import Ruling
from roundbook.settings import Settings
from roundbook.think import changes, compare, dangling, decide, recorded, release
from roundbook.think.account import account
from roundbook.think.adopting import adopted
from roundbook.think.ancestry import Landing, landings
from roundbook.think.anchors import anchors, twice
from roundbook.think.attribute import Clues, attribute
from roundbook.think.choose import Chosen, choose
from roundbook.think.entries import entries
from roundbook.think.forges import forges, unnamed
from roundbook.think.former import former
from roundbook.think.lives import lives
from roundbook.think.pulls import number_of, pull_requests
from roundbook.think.shares import shares
from roundbook.think.threads import threads


def link(
    rounds: Sequence[RoundOrPhase],
    phases: Sequence[Phase],
    files: Mapping[str, tuple[str, ...]],
    history: History,
    settings: Settings,
    news: Sequence[Adopted] = (),
    papers: Sequence[Paper] = (),
    versions: Sequence[Version] = (),
) -> Book:
    """Link rounds, phases, `news` (changes of other tools), decisions of `papers` and history to a book, with findings.

    `files` holds, by the key of a round or phase, the paths of its files in the project, also of those without a record.
    `versions` are those of all round files and decision records in the history, oldest first.
    """
    records = (*rounds, *phases)
    by_key = {r.key: r for r in records}
    own = {key: r for key, r in by_key.items() if r.repository in (None, settings.here)}
    all_anchors = {key: anchors(r) for key, r in by_key.items()}
    shipped = recorded.versions(history, settings.changelog)
    chosen = choose(own, all_anchors, history, _by_tag(shipped))
    landed, pulls = _landed(history)
    decisions, homes, duplicates = _decisions(by_key, all_anchors, papers)
    before, taken_twice = former(by_key, all_anchors, decisions, (*by_key, *files))
    changed = changes.named(history, changes.names(own, all_anchors), before.rounds)
    links = attribute(_clues(own, files, history, settings, chosen, homes, landed, before, changed))
    accounts = account(history, links, settings.attribution.exclude)
    by_pull, own_items = _by_commit(pulls), chosen.by_item
    book_entries = entries(by_key, all_anchors, links, accounts, by_pull, history, own_items, settings.here)
    rulings, faults = _rulings(decisions, history, chosen, landed, before)
    evidence = changes.Evidence(history, changed, pulls, lives(versions, history, pulls), _records(files, history))
    curated = (*changes.curated(book_entries.values(), evidence, homes, shipped), *adopted(news, history))
    told = recorded.recorded(own.values())
    releases = release.releases(history, shipped, curated, accounts, settings.changelog, told)
    read = (*_used_twice(records, own.values()), *duplicates, *chosen.findings, *dangling.changes(changed, history))
    lost = _dangling(by_key, files, history, homes, (*faults, *taken_twice), before)
    given = Book(history, book_entries, files=files, here=settings.here, former=before)
    return replace(
        given,
        rulings=rulings,
        accounts=accounts,
        links=links,
        pull_requests=pulls,
        releases=releases,
        shares=shares(history, accounts, book_entries, releases),
        threads=threads(book_entries, rulings),
        forges=forges(settings, history),
        lives=evidence.lives,
        findings=(*read, *dangling.repositories(records, settings), *unnamed(settings, history), *lost),
    )


def _used_twice(records: Iterable[RoundOrPhase], own: Iterable[RoundOrPhase]) -> Iterator[Finding]:
    for record in records:
        yield from twice(record)
    yield from recorded.twice(own)


def _records(files: Mapping[str, tuple[str, ...]], history: History) -> frozenset[str]:
    """Return the paths of the files of rounds and phases from the top of the repository."""
    return frozenset(history.prefix + path for paths in files.values() for path in paths)


def _landed(history: History) -> tuple[Mapping[str, Landing], dict[int, PullRequest]]:
    """Return what landed with which merge, and the pull requests that it was asked for in."""
    landed = landings(history)
    return landed, pull_requests(history, landed)


def _decisions(
    rounds: Mapping[str, RoundOrPhase],
    all_anchors: Mapping[str, Mapping[tuple[str, int], str]],
    papers: Sequence[Paper],
) -> tuple[dict[str, decide.Taken], Homes, tuple[Finding, ...]]:
    """Return the decisions of rounds and of records by id, the rounds that took them, and findings for ids used twice."""
    found, duplicates = decide.unique((*decide.taken(rounds.values(), all_anchors), *decide.adopted(papers)))
    return found, decide.homes(found), duplicates


def _clues(
    own: Mapping[str, RoundOrPhase],
    files: Mapping[str, tuple[str, ...]],
    history: History,
    settings: Settings,
    chosen: Chosen,
    homes: Homes,
    landed: Mapping[str, Landing],
    before: Former,
    changed: changes.Named,
) -> Clues:
    return Clues(
        rounds=own,
        history=history,
        settings=settings.attribution,
        named=chosen.named,
        tagged=chosen.tagged,
        decisions=Homes({name: key for name, key in before.cited(homes).items() if key in own}),
        files={history.prefix + path: key for key in own for path in files.get(key, ())},
        landings=landed,
        moved=before.rounds,
        changed=changed.rounds(),
    )


def _rulings(
    decisions: Mapping[str, decide.Taken],
    history: History,
    chosen: Chosen,
    landed: Mapping[str, Landing],
    before: Former,
) -> tuple[dict[str, Ruling], tuple[Finding, ...]]:
    rounds = {one.round.key: one.round for one in decisions.values() if one.round}
    return decide.rulings(
        decisions,
        closed=lambda key: compare.status_of(rounds[key])[0] in CLOSED,
        history=history,
        commits={n: chosen.by_item.get(one.key or "", {}).get(one.anchor, ()) for n, one in decisions.items()},
        pulls=lambda commit: number_of(commit, history, landed),
        former=before,
    )


def _by_tag(shipped: Sequence[recorded.Shipped]) -> dict[str, tuple[str, ...]]:
    """Return what each version tag means; the second of two tags on one commit means the same commits as the first."""
    commits = {s.tag.commit: s.commits for s in shipped if s.commits}
    return {s.tag.name: commits.get(s.tag.commit, ()) for s in shipped}


def _dangling(
    rounds: Mapping[str, RoundOrPhase],
    files: Mapping[str, tuple[str, ...]],
    history: History,
    homes: Homes,
    faults: Sequence[Finding],
    before: Former,
) -> Iterator[Finding]:
    """Yield what leads nowhere, `faults` of decisions included; what an unreadable file may hold is not called missing."""
    unread = [key for key in files if key not in rounds]
    yield from (fault for fault in faults if not (unread and fault.slug == "reference-unknown"))
    yield from () if unread else dangling.references(rounds.values(), homes)
    yield from dangling.trailers(history, {*rounds, *unread}, None if unread else before.cited(homes), before.rounds)


def _by_commit(pulls: Mapping[int, PullRequest]) -> dict[str, list[PullRequest]]:
    found: dict[str, list[PullRequest]] = {}
    for pull in pulls.values():
        for commit in pull.commits:
            found.setdefault(commit, []).append(pull)
    return found
