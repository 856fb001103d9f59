"""The book as JSON, and its schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from roundbook import schema as file_schema
from roundbook.book.facts import (
    COVERAGE_KINDS,
    Anchored,
    ChangelogEntry,
    CheckResult,
    Contributor,
    CoverageCount,
    CoverageKind,
    Decision,
    Governed,
    Link,
    MetricRow,
    PullRequest,
    Release,
    Since,
    Tally,
    Touched,
)
from roundbook.book.gathered import JoinedRepository, LogItem
from roundbook.book.model import Book, Entry, OpenItem
from roundbook.errors import Severity
from roundbook.frozen import frozen
from roundbook.git.history import BranchDecision, Commit, Gap, GitFacts, Marker, Person, PickaxeChange, PickaxeResult
from roundbook.rounds.versions import Edit, Step, Timeline
from roundbook.schema.dates import Moment
from roundbook.schema.round import Phase, Round
from roundbook.settings import schema_text
from roundbook.site import links as site_links
from roundbook.site.links import Asset, Output, Publication, json_text, lines_of
from roundbook.site.shapes import CommitId, Day, Json, Maybe, Shapes, record_of, schema_of
from roundbook.site.views.changelog import as_written
from roundbook.site.views.rounds import tests_of

DUMP_VERSION = 4
VERSION = 4


shape = Shapes()


# ----------------------------------------------------------------------------------- the things, those inside others first

GAP = shape(Gap, "slug message")
_URL = Annotated[str | None, BeforeValidator(lambda forge: (forge.url or None) if forge else None)]
shape(
    Book,
    "name=linked_as head=history.head complete=history.complete missing=history.gaps repository=forge",
    called="Repository", head=CommitId | None, repository=_URL,
)  # fmt: skip
ORIGIN = shape(
    Book,
    "head=history.head at?=history.at branch=history.branch dirty commits complete=history.complete missing=history.gaps"
    " repository=forge linked-repositories=linked_books",
    called="Origin", head=CommitId | None, commits=int, repository=_URL,
)  # fmt: skip
LINK = shape(Link, "commit round rule reason")
METRIC = shape(MetricRow, "before before-from? after=now difference")
ANCHORED = shape(Anchored, "round anchor kind=field title=item.label status")
SINCE = shape(Since, "previous completed revealed carried-over")
CONTRIBUTOR = shape(Contributor, "name=person commits co-authored")
TOUCHED = shape(Touched, "path state=fate commits")
MARKER = shape(Marker, "path line")
PULL = shape(PullRequest, "number title merge commits")
RESULT = shape(
    CheckResult,
    "check outcome stated claim evidence round? anchor? place commit severity waived?",
    stated=bool | None, claim=Maybe, commit=CommitId | None,
)  # fmt: skip
TALLY = shape(Tally, "verified contradicted not-checked waived noted")
COUNT = shape(
    CoverageCount, f"scope key {' '.join(COVERAGE_KINDS)}", assigned=int, hidden=int, excluded=int, unassigned=int
)
OPEN_ITEM = shape(
    OpenItem, "kind title round? anchor detail since? later closed-by closed-reason",
    later=Annotated[tuple[str, ...], BeforeValidator(lambda later: [f"{key}#{anchor}" for key, anchor in later])],
)  # fmt: skip
API_OPEN_ITEM = shape(
    OpenItem, "kind title round? anchor detail? since? later closed-by closed-reason?", later=tuple[str, ...]
)
GOVERNED = shape(
    Governed,
    "path=glob decisions files markers",
    markers=list[Annotated[int, BeforeValidator(lambda marker: marker.line)]],
)
shape(PickaxeChange, "commit files=paths")
PICKAXE = shape(PickaxeResult, "searched whole changes")
shape(BranchDecision, "decision=id title round path branches=refs")
GIT_FACTS = shape(
    GitFacts,
    "code-patterns=pickaxes code-patterns-not-searched=unsought other-branches=elsewhere branches-not-read=unread",
    other_branches=Annotated[tuple[BranchDecision, ...], BeforeValidator(lambda found: found or ())],
)
STEP = shape(Step, "status? commit author date pull-request exact reason?", author=Person | None, date=Moment | None)
TIMELINE = shape(Timeline, "kind id title round? recorded changes", changes=list[Step])
EDIT = shape(Edit, "commit readable")
RELEASE = shape(
    Release,
    "version tag date? previous-tag entries unclaimed reverted hidden",
    entries=list[dict[str, Any]], unclaimed=dict[str, list[str]],
)  # fmt: skip
CHANGE = shape(
    ChangelogEntry, "round? path? anchor commits reasons recorded-in=recorded pull-requests decision", reasons=list[str]
)
MEMBER = shape(JoinedRepository, "name url? head? rounds decisions last? open-items claims", last=str | None)
LOGGED = shape(LogItem, "repository kind id title day? status? url? tags")
_ROUND = "status status-reason previous next repository verified record anchors commits hidden metrics"
_ROUND_TYPES: Mapping[str, Any] = {
    "status_reason": Maybe,
    "repository": Maybe,
    "record": Round | Phase,
    "anchors": dict[str, str],
    "commits": list[CommitId],
    "hidden": list[CommitId],
    "metrics": dict[str, MetricRow],
    "pull_requests": list[int],
    "page": str,
    "url": str,
}
DUMP_ROUND = shape(
    Entry,
    f"key page {_ROUND} since pull-requests contributors touched",
    **{**_ROUND_TYPES, "commits": list[Link]},
)
API_ROUND = shape(Entry, f"key {_ROUND} pull-requests contributors url", **{**_ROUND_TYPES, "record": Round})
API_PHASE = shape(
    Entry,
    f"key {_ROUND} pull-requests contributors url rounds",
    **{**_ROUND_TYPES, "record": Phase, "rounds": list[str]},
)
_DECISION = (
    "round anchor status status-reason date? supersedes superseded-by amends amended-by depends-on needed-by related"
    " commits cited-by pull-requests markers record"
)
_CITING: Mapping[str, Any] = {"commits": list[CommitId], "cited_by": list[CommitId], "date": Day}
DUMP_DECISION = shape(Decision, f"id page {_DECISION}", page=str, **_CITING)
API_DECISION = shape(Decision, f"id {_DECISION} url", url=str, **_CITING)
_COMMIT = "author date=authored subject coverage reason partner rounds decisions"
_COMMIT_TYPES: Mapping[str, Any] = {
    "id": CommitId,
    "subject": Maybe,
    "coverage": CoverageKind,
    "reason": str,
    "partner": CommitId | None,
    "decisions": list[str],
}
DUMP_COMMIT = shape(Commit, f"id parents {_COMMIT}", rounds=list[Link], **_COMMIT_TYPES)
API_COMMIT = shape(
    Commit,
    f"{_COMMIT} committed version",
    committed=Moment | None, version=str | None, rounds=list[shape(Link, "round rule")],  # type: ignore[misc]
    **{**_COMMIT_TYPES, "reason": Maybe},
)  # fmt: skip
MONTH = shape(object, "id file url commits first? last?", id=str, file=str, url=str, commits=int, first=Day, last=Day)
API_CHANGE = shape(
    ChangelogEntry,
    "id round? path? anchor url version? released? yanked? commits pull-requests decision record=change",
    id=str, url=str, version=str, released=Day, yanked=bool, commits=list[CommitId],
)  # fmt: skip
API_RESULT = shape(
    CheckResult,
    "id check outcome stated claim evidence round? anchor? place commit severity waived?",
    id=str, stated=bool | None, claim=Maybe, commit=CommitId | None, severity=Severity | None,
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- the dump

DUMP = shape(
    Book,
    "schema-version generated-from phases rounds decisions commits pull-requests releases coverage open-items"
    " affected-files=governed git-facts claims results findings timelines versions",
    schema_version=int, generated_from=ORIGIN, phases=dict[str, Entry], decisions=dict[str, Decision],
    commits=dict[str, Commit], coverage=list[CoverageCount], claims=Tally, results=list[CheckResult],
    timelines=dict[str, dict[str, Timeline]], versions=dict[str, list[Edit]],
)  # fmt: skip


def dump(book: Book) -> dict[str, Any]:
    """Return the whole book as plain data; no e-mail address of a commit is in it.

    `schema-version` changes when a key changes its meaning.
    """
    made = DUMP.of(
        book,
        schema_version=DUMP_VERSION,
        generated_from=origin(book),
        phases={key: _round(DUMP_ROUND, book, f"{key}/") for key in book.phases},
        rounds={key: _round(DUMP_ROUND, book, key) for key in book.rounds},
        decisions={name: DUMP_DECISION.of(one, page=site_links.decision(name)) for name, one in book.decisions.items()},
        commits={
            one.id: _commit(DUMP_COMMIT, book, one, rounds=book.links.get(one.id, ())) for one in book.history.commits
        },
        releases=[release(one) for one in book.all_releases],
        coverage=[
            COUNT.of(one, **dict(zip(COVERAGE_KINDS, one.counts, strict=True))) for one in book.coverage_counts.values()
        ],
        claims=Tally.of(book.results),
        results=[RESULT.of(one, stated=one.is_claim) for one in book.results],
        timelines={
            kind: {name: _timeline(book, timeline) for name, timeline in timelines.items()}
            for kind, timelines in book.timelines.by_kind.items()
            if timelines and kind != "change"
        },
        versions=book.timelines.edits,
    ).plain
    for result in made["results"]:
        if result["stated"]:
            del result["stated"]
    return made


def origin(book: Book) -> Json:
    """Return what the data was made from: the commit, and what is missing or not committed."""
    return ORIGIN.of(book, commits=len(book.history.commits))


def _round(made: type[Json], book: Book, key: str, **more: Any) -> Json:
    entry = book.home(key).entries[key]
    given = {
        "page": site_links.round_page(key),
        "record": entry.round,
        "anchors": {f"{field}.{i}": anchor for (field, i), anchor in entry.anchors.items()},
        "commits": entry.links,
        "metrics": {row.name: row for row in entry.metrics},
        "pull_requests": [pull.number for pull in entry.pull_requests],
    }
    return made.of(entry, **given | more)


def _commit(made: type[Json], book: Book, commit: Commit, **more: Any) -> Json:
    counted = book.coverage[commit.id]
    decisions = book.citing.get(commit.id, ())
    said = {"coverage": counted.kind, "reason": counted.reason, "partner": counted.partner, "decisions": decisions}
    return made.of(commit, **said | more)


def _timeline(book: Book, timeline: Timeline) -> Json:
    commits = [(step, book.commit(step.commit)) for step in timeline.steps]
    changes = [STEP.of(step, author=c and c.author, date=c and c.authored) for step, c in commits]
    return TIMELINE.of(timeline, changes=changes)


def release(one: Release) -> Json:
    """Return a version; its entries have the keys that their rounds write, and their evidence."""
    entries = [
        {**record_of(e.change), **CHANGE.of(e, reasons=[link.reason for link in e.links]).plain} for e in one.entries
    ]
    return RELEASE.of(one, entries=entries, unclaimed=dict(one.loose))


# --------------------------------------------------------------------------------------------------- the files of `api/`


@frozen
class ApiFile:
    """What a file below `api/` holds: the key that its things are under, and the shape of each."""

    key: str
    what: str
    thing: type[Json]


FILES: Mapping[str, ApiFile] = {
    "phases": ApiFile("phases", "Phases that have a record, by key.", API_PHASE),
    "rounds": ApiFile("rounds", "Rounds by key, oldest first within a phase.", API_ROUND),
    "decisions": ApiFile("decisions", "Decisions by id.", API_DECISION),
    "changes": ApiFile("changes", "Entries of the changelog by round and anchor.", API_CHANGE),
    "commits": ApiFile("months", "The files of commits by month, newest first.", MONTH),
    "month": ApiFile("commits", "The commits of one month by id, newest first.", API_COMMIT),
    "open-items": ApiFile("open-items", "Open items by round and anchor, and what closed each.", API_OPEN_ITEM),
    "repositories": ApiFile("repositories", "The joined repositories by name, this one first.", MEMBER),
    "log": ApiFile("log", "The rounds and decisions of all repositories, newest first.", LOGGED),
    "evidence": ApiFile("evidence", "Check results by round, anchor and check.", API_RESULT),
}
Things = Iterator[tuple[str, Json]]


def api(book: Book, site: Publication) -> Iterator[Asset]:
    """Yield the files below `api/` and their schemas."""
    for output in api_outputs(book, site):
        yield from output.make(book)


def api_outputs(book: Book, site: Publication) -> Iterator[Output[Asset]]:
    """Yield what makes the files below `api/` and their schemas.

    What is empty or not known is left out. `roundbook dump` gives more: the parents of commits, the files that rounds
    touched, and what is said twice here.
    """

    def one(path: str, name: str, things: Callable[[Book], Things]) -> Output[Asset]:
        return Output(f"api/{path}", lambda given: (_file(given, path, name, things(given)),))

    yield one("rounds.json", "rounds", lambda given: _rounds(API_ROUND, given, site, given.rounds))
    yield one("phases.json", "phases", lambda given: _rounds(API_PHASE, given, site, (f"{p}/" for p in given.phases)))
    yield one("decisions.json", "decisions", lambda given: _decisions(given, site))
    yield one("changes.json", "changes", lambda given: changes(given, site))
    yield one("commits.json", "commits", lambda given: _months(given, site))
    yield one("evidence.json", "evidence", _evidence)
    yield one("open-items.json", "open-items", _open_items)
    if book.gathered.members:
        yield one("repositories.json", "repositories", _repositories)
        yield one("log.json", "log", lambda given: _log(given, site))
    yield from (one(f"commits/{month}.json", "month", partial(_commits, month=month)) for month in book.commit_index)
    yield Output("api/schema", lambda _: (Asset(f"api/schema/{name}.json", json_text(schema(name))) for name in FILES))
    yield Output(
        "api/schema/file", lambda _: (Asset(file_schema.on_site(name), text()) for name, text in EDITED.items())
    )


# What editors check the files of a project with: their schemas by name.
EDITED: Mapping[str, Callable[[], str]] = {"round-file": file_schema.text, "settings-file": schema_text}


def _file(book: Book, path: str, name: str, things: Things) -> Asset:
    head = {"$schema": f"{'../' * path.count('/')}schema/{name}.json", "schema-version": VERSION}
    head["generated-from"] = origin(book).plain
    said = {key: {k: v for k, v in thing.plain.items() if v not in (None, "", [], {})} for key, thing in things}
    return Asset(f"api/{path}", lines_of(head, FILES[name].key, said))


def _rounds(made: type[Json], book: Book, site: Publication, keys: Iterable[str]) -> Things:
    """Yield rounds or phases: their decisions and changes have files, and `commits/` says why each commit is one of them."""
    of_phase: dict[str, list[str]] = {}
    for one in book.rounds.values():
        of_phase.setdefault(one.round.phase, []).append(one.key)
    for key in keys:
        entry = book.home(key).entries[key]
        yield (
            key,
            _round(
                made,
                book,
                key,
                record=entry.round.model_copy(update={"decisions": (), "changes": ()}),
                commits=[link.commit for link in entry.links],
                url=site.at(site_links.round_page(key)),
                rounds=[*of_phase.get(entry.round.phase, ())] if entry.is_phase else [],
            ),
        )


def _decisions(book: Book, site: Publication) -> Things:
    for name, decision in book.decisions.items():
        yield name, API_DECISION.of(decision, url=site.at(site_links.decision(name)))


def changes(book: Book, site: Publication) -> Things:
    """Yield the entries of the changelog, by the address that each has on its round's page."""
    for release in book.all_releases:
        for entered in release.entries:
            yield _change(site, entered, release if release.released else None)
    for entry in book.entries.values():
        if not entry.verified:
            for entered in as_written(entry):
                yield _change(site, entered, None)


def _change(site: Publication, entered: ChangelogEntry, release: Release | None) -> tuple[str, Json]:
    name = f"{entered.origin}#{entered.anchor}"
    url = site.at(site_links.entry(entered.round), entered.anchor)
    version, released, yanked = (release.version, release.date, release.yanked) if release else (None, None, None)
    return name, API_CHANGE.of(entered, id=name, url=url, version=version, released=released, yanked=yanked)


def _months(book: Book, site: Publication) -> Things:
    for month, commits in book.commit_index.items():
        days = sorted(commit.committed.day for commit in commits)
        url, file = site.at(site_links.month(month)), f"commits/{month}.json"
        yield month, MONTH.of(id=month, file=file, url=url, commits=len(commits), first=days[0], last=days[-1])


def _commits(book: Book, month: str) -> Things:
    for one in book.commit_index[month]:
        committed = one.committed if one.committed != one.authored else None
        links, version = book.links.get(one.id, ()), book.version_of.get(one.id)
        more = {"reason": ""} if book.coverage[one.id].kind == "unassigned" else {}  # there it is always the same
        yield one.id, _commit(API_COMMIT, book, one, rounds=links, committed=committed, version=version, **more)


def _evidence(book: Book) -> Things:
    """Yield what the checks say; where a check says more than one thing of a claim, `-2` and so on tells them apart."""
    seen: Counter[str] = Counter()
    for result in book.results:
        name = f"{result.round}#{result.anchor}:{result.check}"
        seen[name] += 1
        name = name if seen[name] == 1 else f"{name}-{seen[name]}"
        severity = result.severity if result.outcome == "contradicted" else None  # weighs a contradiction
        yield name, API_RESULT.of(result, id=name, stated=None if result.is_claim else False, severity=severity)


def _open_items(book: Book) -> Things:
    seen: Counter[str] = Counter()
    for item in book.open_items:
        name = f"{item.round}#{item.anchor}"
        seen[name] += 1
        yield (
            name if seen[name] == 1 else f"{name}-{seen[name]}",
            API_OPEN_ITEM.of(item, later=[f"{key}#{anchor}" for key, anchor in item.later]),
        )


def _repositories(book: Book) -> Things:
    for member in book.gathered.members:
        yield member.name, MEMBER.of(member, last=member.last.id if member.last else None)


def _log(book: Book, site: Publication) -> Things:
    """Yield the log by repository, kind and id: several repositories may have the same ids."""
    seen: Counter[str] = Counter()
    for item in book.gathered.log:
        name = f"{item.repository}:{item.kind}:{item.id}"
        seen[name] += 1
        page = site_links.round_page(item.id) if item.kind == "round" else site_links.decision(item.id)
        url = site.at(page) if item.own else item.url
        yield name if seen[name] == 1 else f"{name}-{seen[name]}", LOGGED.of(item, url=url)


@cache
def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a file below `api/`, or of each file of a month; no other key may be there."""
    said = FILES[name]
    fields: dict[str, Any] = {
        "top": (str, Field(serialization_alias="$schema")),
        "schema_version": (Literal[VERSION], Field(serialization_alias="schema-version")),
        "generated_from": (ORIGIN, Field(serialization_alias="generated-from")),
        "things": (dict[str, said.thing], Field(serialization_alias=said.key)),  # type: ignore[name-defined]
    }
    made = schema_of(create_model("File", __base__=Json, **fields))
    _leave_out(made["$defs"][said.thing.__name__])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"roundbook: {name}"}
    return {**made, **head, "description": said.what}


def _leave_out(thing: dict[str, Any]) -> None:
    """Say of the keys of a thing that those which may be empty are not there then, and never `null`."""
    for key, said in thing["properties"].items():
        kept = [one for one in said.get("anyOf", ()) if one != {"type": "null"}]
        if len(kept) == 1:
            thing["properties"][key] = kept[0]
        if kept or said.get("type") in ("array", "object") or "minLength" in said:
            thing["required"].remove(key)


# --------------------------------------------------------------------------------------------------- rounds for templates


@frozen
class RoundData:
    """One round: its `key` (`3/4`), how it stands, its figures, its page (`rounds/3/4.md`) and the whole `record`."""

    key: str
    phase: str
    round: str
    name: str
    status: str | None
    date: str
    focus: str
    tests: str | None
    commits: int
    page: str
    record: Round | Phase


def rounds(book: Book) -> tuple[RoundData, ...]:
    """Return all rounds, newest first, as values that a page's own template may loop over: nothing in them is from git."""
    return tuple(
        RoundData(
            key=e.key,
            phase=e.round.phase,
            round=e.round.round,
            name=e.round.name,
            status=e.status,
            date=e.round.date.last.isoformat() if e.round.date else "",
            focus=e.round.focus or "",
            tests=tests_of(e),
            commits=len(book.home(e.key).entries[e.key].links),
            page=site_links.round_page(e.key),
            record=e.round,
        )
        for e in book.newest_first
    )
