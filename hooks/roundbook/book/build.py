"""The book built of rounds, history and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from roundbook.adr import AdrRecord
from roundbook.book import changes, reverts, trailers
from roundbook.book import decisions as book_decisions
from roundbook.book import releases as book_releases
from roundbook.book import rounds as book_rounds
from roundbook.book.accounting import account, fold, shares
from roundbook.book.aliases import former
from roundbook.book.ancestry import numbers, pull_requests
from roundbook.book.attribution import Chosen, Clues, attribute, branch_name, choose
from roundbook.book.changes import Named
from roundbook.book.facts import CheckResult, Decision, DecisionIndex, Former, Link, PullRequest
from roundbook.book.governance import govern
from roundbook.book.ids import ambiguous, ended, records, round_of, unknown
from roundbook.book.model import Book, Broken, Entry, OpenItem, OpenItemKind
from roundbook.book.questions import ask
from roundbook.book.releases import adopted
from roundbook.book.rounds import entries
from roundbook.book.timeline import timelines
from roundbook.book.trailers import LONGEST, Reader, RoundNames, unknown_trailer
from roundbook.errors import Finding
from roundbook.git.forge import Forge, from_remote, from_url
from roundbook.git.history import SHORT, GitFacts, GitQueries, History
from roundbook.git.message import people
from roundbook.rounds.versions import Timelines, Version
from roundbook.schema.base import CLOSED, OPEN
from roundbook.schema.ids import called, id_fault, is_phase, natural_key, slug
from roundbook.schema.items import Adopted, Blocker, Deferral
from roundbook.schema.round import LISTS, RoundOrPhase, anchors, twice
from roundbook.settings import Settings


def repositories(rounds: Iterable[RoundOrPhase], settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each round whose repository the settings do not name."""
    for record in rounds:
        name = record.repository
        if name is not None and name not in settings.repositories:
            message = f'the repository "{name}" is not in the settings'
            fix = f"add {name} below repositories: in the settings"
            yield Finding("error", "repository-unknown", message, record.place_of("repository"), fix)


def references(rounds: Iterable[RoundOrPhase], decisions: DecisionIndex) -> Iterator[Finding]:
    """Yield a finding for each change that names a decision, and each entry put off to a round, that cannot be."""
    for record in rounds:
        for change in record.changes:
            if change.decision and decisions.find(change.decision) is None:
                several = decisions.several(change.decision)
                place = change.place_of("decision")
                fault = unknown(change.decision, tuple(decisions), "decision", place)
                yield ambiguous(change.decision, several, decisions, place) if several else fault
        for put_off in record.deferred:
            # A round to come need not have a file yet, but what is named must have the form of a round.
            if put_off.to and (
                put_off.to.count("/") > 1 or any(id_fault(p) for p in put_off.to.removesuffix("/").split("/"))
            ):
                yield unknown(put_off.to, (), "round", put_off.place_of("to"))


def unknown_changes(named: Named, history: History) -> Iterator[Finding]:
    """Yield a finding for each value of a trailer `Change:` that means no entry of the changelog, or several."""
    for value, commits in named.unknown.items():
        fault = unknown_trailer("Change", value, [history.by_id[c].short for c in commits])
        yield replace(fault, severity="info")  # a pushed commit cannot be mended, and the entry may be gone by now
    for value, commits in named.ambiguous.items():
        newest = history.by_id[commits[0]].short
        message = f'the trailer "Change: {value[:60]}" of commit {newest} may mean entries of several rounds'
        fix = "write it as <phase>/<round>#<id>, or name the commit in `commits:` of the entry"
        yield Finding("info", "trailer-ambiguous", message, None, fix)


def unclaimed(clues: Clues, links: Mapping[str, tuple[Link, ...]]) -> Iterator[Finding]:
    """Yield the pull requests and branches of rounds that claim nothing, and what was not carried on behind a round's end."""
    for key, behind in clues.carrying[1].items():
        by_id = clues.history.by_id
        if loose := [one for one in behind if one not in links and not clues.records.only(by_id[one])]:
            count, verb = ("1 commit comes", "is") if len(loose) == 1 else (f"{len(loose):,} commits come", "are")
            message = f"{count} after the end of round {key}, up to {loose[0][:SHORT]}, and {verb} carried to none"
            record = clues.rounds[key]
            place = record.place_of("date" if record.date and record.date.is_span else "status")
            fix = "name their round in a trailer, or record a round for them"
            yield Finding("info", "carried-past-end", message, place, fix)
    if clues.history.complete and clues.history.commits:
        yield from _claiming_nothing(clues)


def _claiming_nothing(clues: Clues) -> Iterator[Finding]:
    """Yield the pull requests and branches that no commit tells of; a round that is open may wait for the merge."""
    names = [branch.name for branch in clues.history.branches]
    there = {*names, *(name.partition("/")[2] for name in names), clues.history.branch}
    fix = "correct it, or name the commits below commits:"
    for record in clues.rounds.values():
        if record.status in OPEN:
            continue
        for i, written in enumerate(record.prs):
            number = next(iter(numbers([written], clues.home)), None)
            if f"#{number}" not in clues.merged:
                message = f"no commit says that it came with the pull request {written}, so that claims nothing"
                yield Finding("info", "claims-nothing", message, record.place_of("prs", i), fix)
        if record.branch and f"branch {branch_name(record.branch)}" not in clues.merged and record.branch not in there:
            message = f"no merge names the branch {record.branch}, so that claims nothing"
            yield Finding("info", "claims-nothing", message, record.place_of("branch"), fix)


def helpers(history: History) -> Iterator[Finding]:
    """Yield a finding for each value of `Co-authored-by` that is not, or not as a whole, people with addresses."""
    found: dict[str, list[str]] = {}
    for commit in history.commits:
        for value in commit.values("Co-authored-by"):
            if people(value)[1]:
                found.setdefault(value, []).append(commit.short)
    for value, commits in found.items():
        count = f"commit {commits[0]}" if len(commits) == 1 else f"{len(commits)} commits (the newest is {commits[0]})"
        message = f'"Co-authored-by: {value[:LONGEST]}" of {count} names someone without an address, who is not counted'
        yield Finding("info", "co-author-unclear", message, None, "write “Name <address>” for each")


def forges(settings: Settings, history: History) -> dict[str, Forge]:
    """Return the web sides of the repositories that the settings name; this one's is found from its remote."""
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


def unnamed(settings: Settings, history: History) -> Iterator[Finding]:
    """Yield a note where this repository has remotes, and none of them tells what kind of forge it lies on."""
    here = settings.repositories.get(settings.here)
    said = here and (here.forge == "none" or (here.url and here.forge))
    if not said and settings.here not in forges(settings, history) and (history.remotes or (here and here.url)):
        message = "it is not known on what kind of forge this repository lies, so nothing links to the web"
        fix = "name its url and forge below repositories: in the settings, or write forge: none"
        yield Finding("info", "forge-unknown", message, None, fix)


Closers = Mapping[tuple[str, str], Sequence[str]]


def open_items(entries: Mapping[str, Entry], decided: Mapping[str, Decision]) -> tuple[OpenItem, ...]:
    """Return all threads, those still open first, each with the round that raised it and the one that closed it."""
    closers = _closers(entries.values())
    found: list[OpenItem] = []
    for entry in entries.values():
        found += _blockers(entry, entries)
        found += _deferred(entry, entries, closers)
        found += _unfinished(entry, closers)
        for asked in entry.anchored("questions"):
            found.append(
                _closed_later(OpenItem("question", asked.item.label, entry.key, asked.anchor, ""), entry, closers)
            )
    found += _revisits(decided)
    return tuple(sorted(found, key=lambda t: t.closed_by is not None))


def _blockers(entry: Entry, entries: Mapping[str, Entry]) -> Iterable[OpenItem]:
    for one in entry.anchored("blockers"):
        blocker = one.item
        if not isinstance(blocker, Blocker):
            continue
        closed_by, reason = None, ""
        if blocker.resolved:
            closed_by = round_of(blocker.resolved, entries, entry.round.phase) or entry.key
            reason = blocker.resolution or f"resolved {blocker.resolved}"
        elif blocker.status in ("done", "dropped"):
            closed_by, reason = entry.key, blocker.resolution or blocker.status
        yield OpenItem("blocked", blocker.title, entry.key, one.anchor, blocker.text or "", closed_by, reason)


def _deferred(entry: Entry, entries: Mapping[str, Entry], closers: Closers) -> Iterable[OpenItem]:
    for one in entry.anchored("deferred"):
        put_off = one.item
        if not isinstance(put_off, Deferral):
            continue
        detail = "; ".join(text for text in (put_off.until and f"until {put_off.until}", put_off.reason) if text)
        open_item = OpenItem("deferred", put_off.title, entry.key, one.anchor, detail)
        target = round_of(put_off.to, entries, entry.round.phase) if put_off.to else None
        if target and entries[target].status == "done":
            yield _with_close(open_item, target, f"{called(target)}, which took it up, is done")
        else:
            yield _closed_later(open_item, entry, closers)


def _unfinished(entry: Entry, closers: Closers) -> Iterable[OpenItem]:
    for listed in LISTS.values():
        for one in entry.anchored(listed.key) if listed.counted else ():
            if one.status in OPEN:
                kind: OpenItemKind = "blocked" if one.status == "blocked" else "open"
                yield _closed_later(
                    OpenItem(kind, one.item.label, entry.key, one.anchor, f"{listed.word}: {one.status}"),
                    entry,
                    closers,
                )


def _revisits(decided: Mapping[str, Decision]) -> Iterable[OpenItem]:
    for decision in decided.values():
        condition = decision.record.until or decision.record.follow_up
        if not condition or decision.status in ("rejected", "deprecated"):
            continue
        open_item = OpenItem("revisit", decision.record.title, *decision.address, condition)
        successors = [
            decided[name] for name in decision.superseded_by if decided[name].status in ("accepted", "superseded")
        ]
        if decision.status == "superseded" and successors:
            yield _with_close(open_item, successors[0].round or successors[0].id, f"replaced by {successors[0].id}")
        else:
            yield open_item


def _closers(entries: Iterable[Entry]) -> dict[tuple[str, str], list[str]]:
    """Return, by repository and slug of a title, the rounds in which something of that title is done."""
    found: dict[tuple[str, str], list[str]] = {}
    for entry in entries:
        for listed in LISTS.values():
            for one in entry.anchored(listed.key) if listed.closing else ():
                shipped = (
                    not listed.has_status or one.status == "done" or (one.status is None and entry.status == "done")
                )
                if shipped:
                    found.setdefault((entry.repository, slug(one.item.label, 200)), []).append(entry.key)
    return found


def _closed_later(open_item: OpenItem, entry: Entry, closers: Closers) -> OpenItem:
    keys = closers.get((entry.repository, slug(open_item.title, 200)), ())
    later = next((key for key in keys if _after(key, entry)), None)
    return _with_close(open_item, later, "done there under the same title") if later else open_item


def _after(key: str, entry: Entry) -> bool:
    """Tell whether a round or phase comes after another: a phase begins before its rounds, and ends after them."""
    if is_phase(key) and not entry.is_phase and key == f"{entry.round.phase}/":
        return True
    return natural_key(key) > natural_key(entry.key)


def _with_close(open_item: OpenItem, key: str, reason: str) -> OpenItem:
    return OpenItem(open_item.kind, open_item.title, open_item.round, open_item.anchor, open_item.detail, key, reason)


@dataclass(frozen=True)
class Inputs:
    """All that was read for a book, before any of it is linked.

    `rounds` are the records of rounds and phases; `files` holds, by their keys, the paths of their files in the project,
    also of those `broken` ones without a record. `fragments` are changes that files of other tools state, `adr_records` the
    decisions of records. `versions` are those of all round files and decision records in the history, oldest first. `data`
    is the folder of the data files, empty where the history is not that of these. `dirty` are files that differ from HEAD.
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


def nothing_told(_: GitQueries) -> GitFacts:
    """Answer no question."""
    return GitFacts()


def build(inputs: Inputs, answer: Callable[[GitQueries], GitFacts] = nothing_told) -> Book:
    """Return the book; `answer` is asked once, for what git is to tell of the linked records beyond the history."""
    linked = _linked(inputs)
    told = answer(ask(linked, inputs.settings, inputs.data))
    return govern(replace(linked, git_facts=told), inputs.settings)


def _linked(inputs: Inputs) -> Book:
    """Return all of the book that follows from the records and the history alone."""
    history, settings, files = inputs.history, inputs.settings, inputs.files
    by_key = {r.key: r for r in inputs.rounds}
    own = {key: r for key, r in by_key.items() if r.repository in (None, settings.here)}
    all_anchors = {key: anchors(r) for key, r in by_key.items()}
    shipped = book_releases.versions(history, settings.changelog)
    chosen = choose(own, all_anchors, history, _by_tag(shipped))
    pulls, undone = pull_requests(history), reverts.reverts(history)
    taken = book_decisions.taken(by_key.values(), all_anchors)
    decisions, duplicates = book_decisions.unique((*taken, *book_decisions.adopted(inputs.adr_records)))
    before, taken_twice = former(by_key, all_anchors, decisions, (*by_key, *files))
    decision_index = book_decisions.decision_index(decisions, before)
    changed = changes.named(history, changes.names(own, all_anchors), before.rounds)
    clues = _clues(inputs, own, chosen, _reader(by_key, own, files, decision_index, before), changed)
    links = attribute(clues)
    folded = fold(history, undone)
    accounts = account(history, links, settings.attribution.exclude, folded, clues.records)
    book_entries = entries(by_key, all_anchors, links, accounts, pulls, chosen.by_item, settings.here, clues)
    lives_of = timelines(inputs.versions, history, pulls)
    decided, faults = _decided(decisions, inputs, chosen, pulls, before, lives_of)
    evidence = changes.Evidence(history, changed, pulls, lives_of, clues.records.files)
    curated = (
        *changes.curated(book_entries.values(), evidence, decision_index, shipped),
        *adopted(inputs.fragments, history),
    )
    told = book_releases.recorded(own.values())
    releases = book_releases.releases(history, shipped, curated, accounts, settings.changelog, told, folded)
    open_ends = open_items(book_entries, decided)
    wrong = (*_written(inputs, own.values()), *duplicates, *chosen.findings)
    lost = _dangling(by_key, clues.reader, decision_index, (*faults, *taken_twice))
    return Book(
        history,
        book_entries,
        files,
        inputs.broken,
        decided,
        accounts,
        links,
        pulls,
        releases,
        shares(history, accounts, book_entries, releases),
        open_ends,
        forges(settings, history),
        settings.here,
        findings=(*wrong, *unknown_changes(changed, history), *lost, *_said(clues, links, decided, undone)),
        timelines=lives_of,
        dirty=inputs.dirty,
        former=before,
    )


def _written(inputs: Inputs, own: Iterable[RoundOrPhase]) -> Iterator[Finding]:
    """Yield what is wrong with records and settings by themselves."""
    for record in inputs.rounds:
        yield from twice(record)
    yield from book_releases.twice(own)
    yield from repositories(inputs.rounds, inputs.settings)
    yield from unnamed(inputs.settings, inputs.history)


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
        records=records(
            history.prefix, (p for many in files.values() for p in many), (p.path for p in inputs.adr_records)
        ),
        ended=ended(inputs.versions, history),
        changed=changed.rounds(),
    )


def _reader(
    rounds: Mapping[str, RoundOrPhase],
    own: Mapping[str, RoundOrPhase],
    files: Mapping[str, tuple[str, ...]],
    decision_index: DecisionIndex,
    before: Former,
) -> Reader:
    """Return what reads trailers: what an unreadable file may hold is known by its key alone."""
    unread = [key for key in files if key not in rounds]
    far = [key for key in rounds if key not in own]
    return Reader(RoundNames((*own, *unread), far, before.rounds), decision_index, not unread)


def _decided(
    decisions: Mapping[str, book_decisions.Taken],
    inputs: Inputs,
    chosen: Chosen,
    pulls: Mapping[int, PullRequest],
    before: Former,
    lives_of: Timelines,
) -> tuple[dict[str, Decision], tuple[Finding, ...]]:
    rounds = {one.round.key: one.round for one in decisions.values() if one.round}
    found, faults = book_decisions.resolved(
        decisions,
        closed=lambda key: book_rounds.status_of(rounds[key])[0] in CLOSED,
        history=inputs.history,
        commits={n: chosen.by_item.get(one.key or "", {}).get(one.anchor, ()) for n, one in decisions.items()},
        pulls={one: n for n, pull in pulls.items() for one in (*pull.commits, pull.merge) if one}.get,
        former=before,
    )
    return {name: book_decisions.dated(one, lives_of, inputs.history) for name, one in found.items()}, faults


def _by_tag(shipped: Sequence[book_releases.Shipped]) -> dict[str, tuple[str, ...]]:
    """Return what each version tag means; the second of two tags on one commit means the same commits as the first."""
    commits = {s.tag.commit: s.commits for s in shipped if s.commits}
    return {s.tag.name: commits.get(s.tag.commit, ()) for s in shipped}


def _dangling(
    rounds: Mapping[str, RoundOrPhase], reader: Reader, decision_index: DecisionIndex, faults: Sequence[Finding]
) -> Iterator[Finding]:
    """Yield what leads nowhere, `faults` of decisions included; what an unreadable file may hold is not called missing."""
    yield from (fault for fault in faults if reader.whole or fault.slug != "reference-unknown")
    yield from references(rounds.values(), decision_index) if reader.whole else ()


def _said(
    clues: Clues, links: Mapping[str, tuple[Link, ...]], decided: Mapping[str, Decision], undone: reverts.Reverts
) -> Iterator[Finding]:
    """Yield what commits and rounds say of each other that counts for nothing."""
    carried_out: dict[str, list[str]] = {}
    for name, decision in decided.items():
        for commit in decision.commits:
            carried_out.setdefault(commit, []).append(name)

    def known(key: str, commit: str) -> Iterable[str]:
        if key == "Round":
            return (*(link.round for link in links.get(commit, ())), *clues.reader.rounds.far)
        return carried_out.get(commit, ())

    yield from trailers.findings(clues.history, clues.reader, known)
    yield from reverts.findings(clues.history, undone)
    yield from unclaimed(clues, links)
    yield from helpers(clues.history)


# These hold this repository's own accounts, or the data files themselves, against a history.
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


def wanted(rounds: Sequence[RoundOrPhase], settings: Settings) -> tuple[str, ...]:
    """Return the names of the other repositories that rounds belong to and the settings give a path for."""
    named = {record.repository for record in rounds} - {settings.here}
    return tuple(name for name, one in settings.repositories.items() if name in named and one.path)


def belonging(rounds: Sequence[RoundOrPhase], settings: Settings) -> tuple[RoundOrPhase, ...]:
    """Return the rounds with the repository of each said, so that none is taken for one of the annex."""
    update = {"repository": settings.here}
    return tuple(r.model_copy(update=update) if r.repository is None else r for r in rounds)


def seen_from(settings: Settings, name: str) -> Settings:
    """Return the settings as they hold in an annex: that repository is the first, and `OWN` checks are off."""
    others = {key: one for key, one in settings.repositories.items() if key != name}
    repositories = {name: settings.repositories[name], **others}
    checks = {**settings.checks, **dict.fromkeys(OWN, "off")}
    return settings.model_copy(update={"repositories": repositories, "checks": checks})


def is_clone(history: History) -> bool:
    """Tell whether a history is one of a repository that lies where it was looked for, and not of one around it."""
    return bool(history.head) and not history.prefix


def missing(clones: Mapping[str, History], settings: Settings) -> Iterator[Finding]:
    """Yield what could not be verified, or not wholly. A path of this machine is never said, unless it is relative."""
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


def join(book: Book, annexes: Mapping[str, Book]) -> Book:
    """Return the book with its annexes, and with their verdicts in the place of its own on the rounds they hold."""
    if not annexes:
        return book
    decision_index = {key: entry.repository for key, entry in book.entries.items() if entry.repository in annexes}
    results = [v for v in book.results if v.round not in decision_index or v.check in OWN]
    for name, annex in annexes.items():
        results += _results(annex, name, decision_index)
    joined = tuple(results)
    known = set(book.findings)
    found = (f for name, annex in annexes.items() for f in _findings(book, annex, name) if f not in known)
    forges = {name: annex.forge for name, annex in annexes.items() if annex.forge}
    return replace(
        book,
        forges={**forges, **book.forges},
        results=joined,
        findings=(*book.findings, *dict.fromkeys(found)),
        annexes={name: replace(annex, results=joined, annex=name) for name, annex in annexes.items()},
    )


def _results(annex: Book, name: str, decision_index: Mapping[str, str]) -> Iterator[CheckResult]:
    for result in annex.results:
        if result.round:
            if decision_index.get(result.round) == name:
                yield result
        elif result.outcome == "not-checked":
            yield result._replace(evidence=f"{name}: {result.evidence}")


def _findings(book: Book, annex: Book, name: str) -> Iterator[Finding]:
    """Yield what is wrong with the commits that an annex's rounds name; all else was found without it."""
    files = {path for key, e in book.entries.items() if e.repository == name for path in book.files.get(key, ())}
    return (f for f in annex.findings if f.slug.startswith("commit-") and f.place and f.place.path in files)
