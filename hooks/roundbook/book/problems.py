"""Problems found in linking: references, trailers, pull requests and branches that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.adr import AdrRecord
from roundbook.book.ancestry import Reverts, numbers
from roundbook.book.attribution import Chosen, RuleContext, branch_name
from roundbook.book.facts import Decision, Link
from roundbook.book.kept import Kept
from roundbook.book.references import DecisionIndex, ambiguous, unknown
from roundbook.book.releases import NamedChanges
from roundbook.book.trailers import LONGEST, Reader, Unanswered, told_commits, unknown_trailer
from roundbook.book.version_order import bare
from roundbook.errors import Finding, Place
from roundbook.git.forge import Forge
from roundbook.git.history import SHORT, History, matches
from roundbook.git.message import people
from roundbook.git.only import from_top
from roundbook.schema.base import OPEN, Record, texts
from roundbook.schema.ids import id_fault
from roundbook.schema.items import LINKED, WEB, Adopted, RecordedVersion, WebLink, leads, unlinked
from roundbook.schema.round import Chapter, RoundOrPhase, twice
from roundbook.settings import Repository, Settings


def of_records(
    rounds: Sequence[RoundOrPhase],
    own: Iterable[RoundOrPhase],
    settings: Settings,
    history: History,
    forges: Mapping[str, Forge],
) -> Iterator[Finding]:
    """Yield problems in records and settings alone; `own` are the rounds of this repository."""
    for record in rounds:
        yield from twice(record)
    yield from _versions(own)
    yield from _repositories(rounds, settings)
    yield from _matching_nothing(settings, history)
    yield from _unlinked(rounds, settings)
    yield from _unnamed(settings, history, forges)


def of_prose(record: Record, path: str = "") -> tuple[Finding, ...]:
    """Return a finding for each address of a link in prose that pages show as text; `path` is the file, if it has no lines.

    In a round that was imported from a note they are notes.
    """
    place = Place(path) if path else None
    found = (
        _not_linked(url, inner.place_of(name, key) or place)
        for text, inner, name, key in texts(record)
        for url in unlinked(text)
    )
    imported = getattr(record, "source", None)  # what a note said is reported, and stops no build
    return tuple(replace(one, severity="info") if imported else one for one in found)


def of_texts(
    rounds: Iterable[RoundOrPhase], fragments: Iterable[Adopted], adrs: Iterable[AdrRecord], kept: Kept
) -> Iterator[Finding]:
    """Yield the same of all texts; of decision records as notes, as a relative address has a meaning of its own there."""
    for record in rounds:
        yield from kept.same(("prose", record.key), of_prose, record)
    for fragment in fragments:
        yield from of_prose(fragment.change, fragment.path)
    for adr in adrs:
        found = (_not_linked(url, adr.decision.place or Place(adr.path)) for url in unlinked(adr.body))
        yield from (replace(told, severity="info") for told in found if told.severity == "warning")


def of_references(rounds: Mapping[str, RoundOrPhase], reader: Reader, faults: Sequence[Finding]) -> Iterator[Finding]:
    """Yield references that lead nowhere, with the `faults` of decisions.

    Nothing is called missing that a file which cannot be read may hold.
    """
    yield from (fault for fault in faults if reader.whole or fault.slug != "reference-unknown")
    yield from _references(rounds.values(), reader.decisions) if reader.whole else ()


def of_commits(
    context: RuleContext,
    own: Mapping[str, RoundOrPhase],
    links: Mapping[str, tuple[Link, ...]],
    decided: Mapping[str, Decision],
    undone: Reverts,
    named: NamedChanges,
) -> Iterator[Finding]:
    """Yield what commits and rounds say of each other that has no effect; `own` are the rounds of this repository."""
    carried_out: dict[str, list[str]] = {}
    for name, decision in decided.items():
        for commit in decision.commits:
            carried_out.setdefault(commit, []).append(name)

    def known(key: str, commit: str) -> Iterable[str]:
        if key == "Round":
            return (*(link.round for link in links.get(commit, ())), *context.reader.rounds.far)
        return carried_out.get(commit, ())

    left = _unanswered(own.values(), context.chosen)
    yield from _unknown_changes(named, left)
    yield from context.misread.findings(known, left)
    yield from _unclear(context.history, left("revert-unclear", [one[:SHORT] for one in undone.unclear]))
    yield from _unclaimed(context, own, links)
    yield from _co_authors(context.history, left)


def _unnamed(settings: Settings, history: History, forges: Mapping[str, Forge]) -> Iterator[Finding]:
    """Yield a note if this repository has remotes or an address, but its forge is unknown."""
    here = settings.repositories.get(settings.here)
    said = here and (here.forge == "none" or (here.url and here.forge))
    if not said and settings.here not in forges and (history.remotes or (here and here.url)):
        message = "the kind of forge that hosts this repository is unknown, so pages have no links to it"
        fix = "name its url and forge below repositories: in the settings, or write forge: none"
        yield Finding("info", "forge-unknown", message, None, fix)


def _unlinked(rounds: Iterable[RoundOrPhase], settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each address that pages show as text, since a link to it could run a program or lead nowhere."""
    given: list[tuple[WebLink | RecordedVersion | Repository, tuple[str, ...]]] = [
        *((link, LINKED) for record in rounds for link in record.links),
        *((version, WEB) for record in rounds for version in record.versions),
        *((repository, WEB) for repository in settings.repositories.values()),
    ]
    for one, forms in given:
        if one.url and not leads(one.url, forms):
            message = f'the address "{one.url[:LONGEST]}" is not linked'
            fix = f"write one that begins with {', '.join(forms[:-1])} or {forms[-1]} and names a host and no user"
            yield Finding("warning", "address-not-linked", message, one.place_of("url"), fix)


def _not_linked(url: str, place: Place | None) -> Finding:
    """Return what to say of a link in prose: a warning where it leads out of the site, as one that runs a program does."""
    out = ":" in url or url.startswith(("//", "\\"))
    message = f'the address "{url[:LONGEST]}" is not linked'
    web = "write a whole address of the web or of mail without a user, or put it into code"
    fix = web if out else "write it relative to the page, with plain letters, or put it into code"
    return Finding("warning" if out else "info", "address-not-linked", message, place, fix)


def _versions(chapters: Iterable[Chapter]) -> Iterator[Finding]:
    """Yield a finding for each version that is recorded more than once."""
    seen: dict[str, RecordedVersion] = {}
    for one in (version for chapter in chapters for version in chapter.versions):
        other = seen.setdefault(bare(one.version), one)
        if other is not one:
            message = f"the version {one.version} is also recorded at {other.place}; that record counts"
            yield Finding("warning", "version-twice", message, one.place, "keep one of the two")


def _matching_nothing(settings: Settings, history: History) -> Iterator[Finding]:
    """Yield the globs of `only` that match no path of any commit."""
    for i, glob in enumerate(settings.only if history.every.complete and history.every.commits else ()):
        found = from_top(history.prefix, [glob])
        paths = (path for commit in history.every.commits for _, path in commit.changes or ())
        if not found or (found != (".",) and not any(matches(found, path) for path in paths)):
            fix = "correct it: it counts from the project's folder, or with a leading / from the top of the repository"
            message = f'"{glob}" matches no path that a commit has touched'
            yield Finding("warning", "only-unmatched", message, settings.place_of("only", i), fix)


def _repositories(rounds: Iterable[RoundOrPhase], settings: Settings) -> Iterator[Finding]:
    """Yield a finding for each round of a repository that is not in the settings."""
    for record in rounds:
        name = record.repository
        if name is not None and name not in settings.repositories:
            message = f'the repository "{name}" is not in the settings'
            fix = f"add {name} below repositories: in the settings"
            yield Finding("error", "repository-unknown", message, record.place_of("repository"), fix)


def _references(rounds: Iterable[RoundOrPhase], decisions: DecisionIndex) -> Iterator[Finding]:
    """Yield a finding for each decision of a change, and each round of a deferred item, that does not exist."""
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


def _unanswered(rounds: Iterable[RoundOrPhase], chosen: Chosen) -> Unanswered:
    """Return what leaves out the commits that these rounds list under `commits:`, or name as the target of a waiver."""
    waived: dict[str, set[str]] = {}
    for waiver in (waiver for record in rounds for waiver in record.waive if waiver.commit):
        waived.setdefault(waiver.check, set()).add(waiver.commit)
    of_items = {one[:SHORT] for items in chosen.by_item.values() for commits in items.values() for one in commits}
    named = {"Round": {one[:SHORT] for one in chosen.named}, "Decision": of_items, "Change": of_items}
    return Unanswered(waived, named)


def _unknown_changes(named: NamedChanges, left: Unanswered) -> Iterator[Finding]:
    """Yield a finding for each value of a `Change:` trailer that names no changelog entry, or several."""
    for value, commits in named.unknown.items():
        if short := left("trailer-unknown", [c[:SHORT] for c in commits], "Change"):
            # A pushed commit cannot be changed, and the entry may be gone by now.
            yield replace(unknown_trailer("Change", value, short), severity="info")
    for value, commits in named.ambiguous.items():
        newest = next(iter(left("trailer-ambiguous", [c[:SHORT] for c in commits], "Change")), "")
        if not newest:
            continue
        message = f'the trailer "Change: {value[:60]}" of commit {newest} matches entries of several rounds'
        fix = "write it as <phase>/<round>#<id>, or list the commit under `commits:` of the entry"
        yield Finding("info", "trailer-ambiguous", message, None, fix)


def _unclaimed(
    context: RuleContext, own: Mapping[str, RoundOrPhase], links: Mapping[str, tuple[Link, ...]]
) -> Iterator[Finding]:
    """Yield pull requests and branches of rounds without effect, and commits after the end of the round they continue."""
    for key, behind in context.carrying[1].items():
        by_id = context.history.by_id
        if loose := [one for one in behind if one not in links and not context.records.only(by_id[one])]:
            count, verb = ("1 commit", "belongs") if len(loose) == 1 else (f"{len(loose):,} commits", "belong")
            message = f"{count} after the end of round {key}, up to {loose[0][:SHORT]}, {verb} to no round"
            record = own[key]
            place = record.place_of("date" if record.date and record.date.is_span else "status")
            fix = "name their round in a trailer, or record a round for them"
            yield Finding("info", "carried-past-end", message, place, fix)
    if context.history.complete and context.history.commits:
        yield from _claiming_nothing(context, own.values())


def _claiming_nothing(context: RuleContext, own: Iterable[RoundOrPhase]) -> Iterator[Finding]:
    """Yield pull requests and branches that no commit mentions; a round that is open may wait for the merge."""
    names = [branch.name for branch in context.history.branches]
    there = {*names, *(name.partition("/")[2] for name in names), context.history.branch}
    fix = "correct it, or name the commits below commits:"
    for record in own:
        if record.status in OPEN:
            continue
        for i, written in enumerate(record.prs):
            number = next(iter(numbers([written], context.home)), None)
            if f"#{number}" not in context.merged:
                message = f"no commit names the pull request {written}, so it assigns no commits"
                yield Finding("info", "claims-nothing", message, record.place_of("prs", i), fix)
        if (
            record.branch
            and f"branch {branch_name(record.branch)}" not in context.merged
            and record.branch not in there
        ):
            message = f"no merge commit names the branch {record.branch}, so it assigns no commits"
            yield Finding("info", "claims-nothing", message, record.place_of("branch"), fix)


def _unclear(history: History, unclear: Sequence[str]) -> Iterator[Finding]:
    """Yield one finding for the reverts of which it is not certain what they undo, if the history is complete."""
    if unclear and history.complete:
        newest = next(commit for commit in history.commits if commit.short == unclear[0])
        count = len(unclear)
        many = f"{count} commits say that they revert something (the newest is {newest.short})"
        one = f"commit {newest.short} says that it reverts something"
        text = f"{one if count == 1 else many}, but it is unclear what: “{newest.subject[:80]}”"
        fix = "write “This reverts commit <id>.” into the message of the next one"
        yield Finding("info", "revert-unclear", text, None, fix)


def _co_authors(history: History, left: Unanswered) -> Iterator[Finding]:
    """Yield a finding for each value of `Co-authored-by` that is not entirely people with addresses."""
    found: dict[str, list[str]] = {}
    for commit in history.commits:
        for value in commit.values("Co-authored-by"):
            if people(value)[1] and left("co-author-unclear", [commit.short]):
                found.setdefault(value, []).append(commit.short)
    for value, commits in found.items():
        where = told_commits(commits)
        message = (
            f'"Co-authored-by: {value[:LONGEST]}" of {where} names someone without an email address, so not counted'
        )
        yield Finding("info", "co-author-unclear", message, None, "write “Name <email>” for each")
