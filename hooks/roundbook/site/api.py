"""The book as JSON, and its schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from roundbook.book.facts import (
    ACCOUNTS,
    Anchored,
    CheckResult,
    Contributor,
    Decision,
    Entered,
    Link,
    Outcome,
    Release,
    Tally,
)
from roundbook.book.model import Book, Entry
from roundbook.errors import Finding
from roundbook.git.history import Commit, GitFacts
from roundbook.rounds.versions import Step, Timeline
from roundbook.schema.base import Record
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.items import Change
from roundbook.schema.round import Phase, Round, RoundOrPhase
from roundbook.schema.statuses import DECISION_STATUSES, STATUSES
from roundbook.site import links
from roundbook.site.links import Asset, Publication, json_text, lines_of, named
from roundbook.site.views.changelog import as_written
from roundbook.site.views.rounds import tests_of

VERSION = 3
_RELATIONS = ("supersedes", "superseded_by", "amends", "amended_by", "depends_on", "needed_by", "related")


def dump(book: Book) -> dict[str, Any]:
    """Return the whole book; `schema-version` changes when a key changes its meaning."""
    return {
        "schema-version": VERSION,
        "generated-from": origin(book),
        "phases": {key: round_of(book.home(f"{key}/").entries[f"{key}/"]) for key in book.phases},
        "rounds": {key: round_of(book.home(key).entries[key]) for key in book.rounds},
        "decisions": {name: ruling_of(decision) for name, decision in book.decisions.items()},
        "commits": {c.id: commit_of(book, c) for c in book.history.commits},
        "pull-requests": {
            str(n): {"number": n, "title": p.title, "merge": p.merge, "commits": list(p.commits)}
            for n, p in book.pull_requests.items()
        },
        "releases": [release(r) for r in book.releases],
        "shares": [
            {"scope": s.scope, "key": s.key, **dict(zip(ACCOUNTS, s.counts, strict=True))} for s in book.shares.values()
        ],
        "threads": [
            {
                "kind": t.kind,
                "title": t.title,
                "round": t.round or None,
                "anchor": t.anchor,
                "detail": t.detail,
                "closed-by": t.closed_by,
                "closed-reason": t.closed_reason,
            }
            for t in book.open_items
        ],
        "governed": [
            {"path": g.glob, "decisions": list(g.decisions), "files": g.files, "markers": [m.line for m in g.markers]}
            for g in book.governed
        ],
        "testimony": _testimony(book.git_facts),
        "claims": Tally.of(book.results).data,
        "verdicts": [result_of(v) for v in book.results],
        "findings": [finding(f) for f in book.findings],
        "lives": {kind: {name: _life(book, one) for name, one in all_.items()} for kind, all_ in _lives(book)},
        "versions": {
            key: [{"commit": e.commit, "readable": e.readable} for e in edits]
            for key, edits in book.timelines.edits.items()
        },
    }


def origin(book: Book) -> dict[str, Any]:
    """Return what the data was made from: the commit, and what is missing or not committed."""
    history = book.history
    return {
        "head": history.head,
        "at": history.at or None,
        "branch": history.branch,
        "dirty": list(book.dirty),
        "commits": len(history.commits),
        "complete": history.complete,
        "missing": [{"slug": g.slug, "message": g.message} for g in history.gaps],
        "repository": (book.forge.url or None) if book.forge else None,
        "annexes": {name: _annex(annex) for name, annex in book.annexes.items()},
    }


def _annex(annex: Book) -> dict[str, Any]:
    history = annex.history
    return {
        "name": annex.annex,
        "head": history.head,
        "complete": history.complete,
        "missing": [{"slug": g.slug, "message": g.message} for g in history.gaps],
        "repository": (annex.forge.url or None) if annex.forge else None,
    }


def finding(one: Finding) -> dict[str, Any]:
    """Return a finding as plain data."""
    place = one.place
    return {
        "severity": one.severity,
        "slug": one.slug,
        "message": one.message,
        "mend": one.fix,
        "path": place.path if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def result_of(one: CheckResult) -> dict[str, Any]:
    """Return a verdict as plain data."""
    return {
        "check": one.check,
        "outcome": one.outcome,
        **({} if one.is_claim else {"stated": False}),
        "claim": one.claim,
        "evidence": one.evidence,
        "round": one.round or None,
        "anchor": one.anchor or None,
        "place": str(one.place) if one.place else None,
        "commit": one.commit,
        "severity": one.severity,
        "waived": one.waived or None,
    }


def _lives(book: Book) -> list[tuple[str, Mapping[str, Timeline]]]:
    return [(kind, timelines) for kind, timelines in book.timelines.by_kind.items() if timelines and kind != "change"]


def _life(book: Book, life: Timeline) -> dict[str, Any]:
    return {
        "kind": life.kind,
        "id": life.id,
        "title": life.title,
        "round": life.round or None,
        "recorded": life.recorded,
        "steps": [_step(book, step) for step in life.steps],
    }


def _step(book: Book, step: Step) -> dict[str, Any]:
    commit = book.commit(step.commit)
    return {
        "status": step.status or None,
        "commit": step.commit,
        "author": named(commit.author.name) if commit else None,
        "date": (commit.authored.iso or None) if commit else None,
        "pull-request": step.pull_request,
        "exact": step.exact,
        "reason": step.reason or None,
    }


def record_of(record: Record) -> dict[str, Any]:
    """Return a record of a round file as plain data, by the names of its keys."""
    return record.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def round_of(entry: Entry) -> dict[str, Any]:
    """Return a round, or a phase, as plain data."""
    return {
        "key": entry.key,
        "page": links.round_page(entry.key),
        "status": entry.status,
        "status-reason": entry.status_reason,
        "previous": entry.previous,
        "next": entry.next,
        "repository": entry.repository,
        "verified": entry.verified,
        "record": record_of(entry.round),
        "anchors": {f"{field}.{i}": anchor for (field, i), anchor in entry.anchors.items()},
        "commits": [_link(link) for link in entry.links],
        "folded": list(entry.folded),
        "metrics": {
            row.name: {
                "before": row.before,
                "before-from": row.before_from or None,
                "after": row.now,
                "difference": str(row.difference) if row.difference is not None else None,
            }
            for row in entry.metrics
        },
        "since": _since(entry),
        "pull-requests": [p.number for p in entry.pull_requests],
        "contributors": [*map(contributor, entry.contributors)],
        "touched": [{"path": t.path, "fate": t.fate, "commits": t.commits} for t in entry.touched],
    }


def contributor(one: Contributor) -> dict[str, Any]:
    """Return a contributor as plain data, by name alone."""
    return {"name": named(one.person.name), "commits": one.commits, "co-authored": one.co_authored}


def _link(link: Link) -> dict[str, str]:
    return {"commit": link.commit, "round": link.round, "rule": link.rule, "reason": link.reason}


def _since(entry: Entry) -> dict[str, Any] | None:
    if entry.since is None:
        return None
    since = entry.since
    return {
        "previous": since.previous,
        "completed": [_anchored(a) for a in since.completed],
        "revealed": [_anchored(a) for a in since.revealed],
        "carried-over": [_anchored(a) for a in since.carried_over],
    }


def _anchored(one: Anchored) -> dict[str, Any]:
    return {"round": one.round, "anchor": one.anchor, "kind": one.field, "title": one.item.label, "status": one.status}


def ruling_of(decision: Decision) -> dict[str, Any]:
    """Return a decision as plain data."""
    relations: Mapping[str, list[str]] = {r.replace("_", "-"): list(getattr(decision, r)) for r in _RELATIONS}
    return {
        "id": decision.id,
        "page": links.decision(decision.id),
        "round": decision.round,
        "anchor": decision.anchor,
        "status": decision.status,
        "status-reason": decision.status_reason,
        "date": decision.date or None,
        **relations,
        "commits": list(decision.commits),
        "cited-by": list(decision.cited_by),
        "pull-requests": list(decision.pull_requests),
        "markers": [{"path": m.path, "line": m.line} for m in decision.markers],
        "record": record_of(decision.record),
    }


def _testimony(told: GitFacts) -> dict[str, Any]:
    """Return what git answered to what rounds ask: literals over the history, and decisions of other branches."""
    return {
        "literals": {
            text: {
                "searched": tide.searched,
                "whole": not (tide.cut or tide.crowded),
                "turns": [{"commit": turn.commit, "files": list(turn.paths)} for turn in tide.turns],
            }
            for text, tide in told.tides.items()
        },
        "literals-not-searched": list(told.unsought),
        "other-branches": [
            {"decision": one.id, "title": one.title, "round": one.round, "path": one.path, "branches": list(one.refs)}
            for one in told.elsewhere or ()
        ],
        "branches-not-read": told.unread,
    }


def commit_of(book: Book, commit: Commit) -> dict[str, Any]:
    """Return a commit as plain data."""
    account = book.accounts[commit.id]
    return {
        "id": commit.id,
        "parents": list(commit.parents),
        "author": named(commit.author.name),
        "date": commit.authored.iso or None,
        "subject": commit.subject,
        "account": account.kind,
        "reason": account.reason,
        "partner": account.partner,
        "rounds": [_link(link) for link in book.links.get(commit.id, ())],
        "decisions": list(book.citing.get(commit.id, ())),
    }


def release(one: Release) -> dict[str, Any]:
    """Return a release as plain data."""
    return {
        "version": one.version,
        "tag": one.tag,
        "date": one.date or None,
        "previous-tag": one.previous_tag,
        "entries": [
            {
                **record_of(e.change),
                "round": e.round or None,
                "path": e.path or None,
                "anchor": e.anchor,
                "commits": list(e.commits),
                "reasons": [link.reason for link in e.links],
                "recorded-in": e.recorded,
                "pull-requests": list(e.pull_requests),
                "decision": e.decision,
            }
            for e in one.entries
        ],
        "unclaimed": {name: list(ids) for name, ids in one.loose},
        "reverted": [list(pair) for pair in one.reverted],
        "folded": list(one.folded),
    }


SCHEMA_VERSION = 2
Shape = Mapping[str, Any]
TEXT: Shape = {"type": "string"}
SAID: Shape = {"type": ["string", "null"]}
COUNT: Shape = {"type": "integer", "minimum": 0}
TRUTH: Shape = {"type": "boolean"}
ID: Shape = {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"}
DAY: Shape = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}"}


def _list(of: Shape) -> Shape:
    return {"type": "array", "items": of}


def _map(of: Shape) -> Shape:
    return {"type": "object", "additionalProperties": of}


def _object(**keys: Shape) -> Shape:
    """Return an object with just these keys; `_` stands for `-` in their names."""
    named = {key.replace("_", "-"): shape for key, shape in keys.items()}
    return {"type": "object", "properties": named, "required": [*named], "additionalProperties": False}


def _thing(always: str, **keys: Shape) -> Shape:
    """Return an object in which the keys named by `always` stand always, and the others where they have a value."""
    return {**_object(**keys), "required": always.split()}


def _one_of(*words: str) -> Shape:
    return {"enum": [*words]}


def _or_none(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


MISSING = _list(_object(slug=TEXT, message=TEXT))
ORIGIN = _object(
    head=_or_none(ID),
    at=SAID,
    branch=SAID,
    dirty=_list(TEXT),
    commits=COUNT,
    complete=TRUTH,
    missing=MISSING,
    repository=SAID,
    annexes=_map(_object(name=TEXT, head=_or_none(ID), complete=TRUTH, missing=MISSING, repository=SAID)),
)
ROUND = _thing(
    "key url verified record",
    key=TEXT,
    url=TEXT,
    status=_one_of(*STATUSES),
    status_reason=TEXT,
    previous=TEXT,
    next=TEXT,
    repository=TEXT,
    verified=TRUTH,
    record={"$ref": "#/$defs/Round"},
    anchors=_map(TEXT),
    commits=_list(ID),
    folded=_list(ID),
    metrics=_map(_object(before=SAID, before_from=SAID, after=SAID, difference=SAID)),
    pull_requests=_list(COUNT),
    contributors=_list(_object(name=TEXT, commits=COUNT, co_authored=COUNT)),
)
PHASE = {
    **ROUND,
    "properties": {**ROUND["properties"], "rounds": _list(TEXT), "record": {"$ref": "#/$defs/Phase"}},
}
DECISION = _thing(
    "id url anchor status status-reason record",
    id=TEXT,
    url=TEXT,
    round=TEXT,
    anchor=TEXT,
    status=_one_of(*DECISION_STATUSES),
    status_reason=TEXT,
    date=DAY,
    supersedes=_list(TEXT),
    superseded_by=_list(TEXT),
    amends=_list(TEXT),
    amended_by=_list(TEXT),
    depends_on=_list(TEXT),
    needed_by=_list(TEXT),
    related=_list(TEXT),
    commits=_list(ID),
    cited_by=_list(ID),
    pull_requests=_list(COUNT),
    markers=_list(_object(path=TEXT, line=COUNT)),
    record={"$ref": "#/$defs/DecisionRecord"},
)
CHANGE = _thing(
    "id anchor url record",
    id=TEXT,
    round=TEXT,
    path=TEXT,
    anchor=TEXT,
    url=TEXT,
    version=TEXT,
    released=DAY,
    yanked=TRUTH,
    commits=_list(ID),
    pull_requests=_list(COUNT),
    decision=TEXT,
    record={"$ref": "#/$defs/Change"},
)
MONTH = _thing("id file url commits", id=TEXT, file=TEXT, url=TEXT, commits=COUNT, first=DAY, last=DAY)
COMMIT = _thing(
    "id author account reason",
    id=ID,
    author=TEXT,
    date=DAY,
    committed=DAY,
    subject=TEXT,
    account=_one_of(*ACCOUNTS),
    reason=TEXT,
    partner=ID,
    version=TEXT,
    rounds=_list(_object(round=TEXT, rule=TEXT)),
    decisions=_list(TEXT),
)
VERDICT = _thing(
    "id check outcome evidence",
    id=TEXT,
    check=TEXT,
    outcome=_one_of(*get_args(Outcome)),
    stated={"type": "boolean"},
    claim=TEXT,
    evidence=TEXT,
    round=TEXT,
    anchor=TEXT,
    place=TEXT,
    commit=ID,
    severity=_one_of("error", "warning", "info"),
    waived=TEXT,
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a file holds: the key that its things stand under, their shape, and the record that is inside each."""

    key: str
    what: str
    shape: Shape
    record: type[Record] | None = None


FILES: Mapping[str, Described] = {
    "phases": Described("phases", "Phases that have a record, by key.", PHASE, Phase),
    "rounds": Described("rounds", "Rounds by key, oldest first within a phase.", ROUND, Round),
    "decisions": Described("decisions", "Decisions by id.", DECISION, DecisionRecord),
    "changes": Described("changes", "Entries of the changelog by round and anchor.", CHANGE, Change),
    "commits": Described("months", "The files of commits by month, newest first.", MONTH),
    "month": Described("commits", "The commits of one month by id, newest first.", COMMIT),
    "evidence": Described("evidence", "What the checks say, by round, anchor and check.", VERDICT),
}


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a file, or of each file of a month."""
    said = FILES[name]
    keys = _object(
        **{
            "$schema": TEXT,
            "schema_version": {"const": SCHEMA_VERSION},
            "generated_from": ORIGIN,
            said.key: _map(said.shape),
        }
    )
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"roundbook: {name}",
        "description": said.what,
        **keys,
    }
    return {**made, "$defs": _records(said.record)} if said.record else made


def _records(model: type[Record]) -> dict[str, Any]:
    """Return the schemas of a record and of those inside it; what is as by default is left out, so no key is required."""
    whole = model.model_json_schema(by_alias=True, mode="serialization")
    inner = whole.pop("$defs", {})
    return {name: _told(shape) for name, shape in {**inner, model.__name__: whole}.items()}


def _told(node: Any) -> Any:
    if isinstance(node, list):
        return [_told(part) for part in node]
    if not isinstance(node, dict):
        return node
    idle = ("default", "title", "required", "patternProperties")
    return {key: _told(value) for key, value in node.items() if key not in idle or _is_key(key, value)}


def _is_key(key: str, value: Any) -> bool:
    """Tell whether a word of JSON Schema is here the name of a key, as `title` is in many records."""
    return key in ("title", "required", "default") and isinstance(value, dict)


Things = Iterator[tuple[str, dict[str, Any]]]


def api(book: Book, site: Publication) -> Iterator[Asset]:
    """Yield the files below `api/` and their schemas; all of it is far less than the pages."""
    maker = Maker(book, site)
    for name, things in (
        ("rounds", maker.entries(book.rounds)),
        ("phases", maker.entries(f"{key}/" for key in book.phases)),
        ("decisions", maker.decisions()),
        ("changes", maker.changes()),
        ("commits", maker.months()),
        ("evidence", maker.evidence()),
    ):
        yield maker.file(f"{name}.json", name, things)
    for leaf, commits in book.ledger.items():
        yield maker.file(f"commits/{leaf}.json", "month", map(maker.commit, commits))
    for name in FILES:
        yield Asset(f"api/schema/{name}.json", json_text(schema(name)))


class Maker:
    """Makes the data of one book."""

    def __init__(self, book: Book, site: Publication) -> None:
        self.book, self.site = book, site
        self.origin = origin(book)
        # Which version a commit is in, by its id.
        self.shipped = {
            commit: release.version for release in book.releases if release.released for commit in release.commits
        }

    def file(self, path: str, name: str, things: Things) -> Asset:
        """Return a file of things, which `schema(name)` describes."""
        top = "../" * path.count("/")
        head = {
            "$schema": f"{top}schema/{name}.json",
            "schema-version": SCHEMA_VERSION,
            "generated-from": self.origin,
        }
        return Asset(f"api/{path}", lines_of(head, FILES[name].key, {key: _said(thing) for key, thing in things}))

    def entries(self, keys: Iterable[str]) -> Things:
        """Yield rounds or phases; their commits by id alone, since `commits/` says why each belongs to it."""
        for key in keys:
            entry = self.book.home(key).entries[key]
            made = round_of(entry)
            made["url"] = self.site.at(links.round_page(key))
            made["commits"] = [link.commit for link in entry.links]
            made["record"] = {
                k: v for k, v in made["record"].items() if k not in ("decisions", "changes")
            }  # have files
            if entry.is_phase:
                made["rounds"] = [e.key for e in self.book.rounds.values() if e.round.phase == entry.round.phase]
            yield key, _without(made, "page", "touched", "since")

    def decisions(self) -> Things:
        """Yield the decisions."""
        for name, decision in self.book.decisions.items():
            yield name, _without(ruling_of(decision), "page") | {"url": self.site.at(links.decision(name))}

    def changes(self) -> Things:
        """Yield the entries of the changelog, by the address that each has on its round's page."""
        for release in self.book.releases:
            for entered in release.entries:
                yield self._change(entered, release)
        for entry in self.book.entries.values():
            if not entry.verified:
                for entered in as_written(entry):
                    yield self._change(entered, None)

    def _change(self, entered: Entered, release: Release | None) -> tuple[str, dict[str, Any]]:
        name = f"{entered.origin}#{entered.anchor}"
        return name, {
            "id": name,
            "round": entered.round,
            "path": entered.path,
            "anchor": entered.anchor,
            "url": self.site.at(links.entry(entered.round), entered.anchor),
            "version": release.version if release and release.released else None,
            "released": (release.date or None) if release and release.released else None,
            "yanked": (release.yanked if release else False) or None,
            "commits": list(entered.commits),
            "pull-requests": list(entered.pull_requests),
            "decision": entered.decision,
            "record": record_of(entered.change),
        }

    def months(self) -> Things:
        """Yield the files of commits, newest month first."""
        for leaf, commits in self.book.ledger.items():
            days = sorted(commit.committed.day for commit in commits)
            yield (
                leaf,
                {
                    "id": leaf,
                    "file": f"commits/{leaf}.json",
                    "url": self.site.at(links.leaf(leaf)),
                    "commits": len(commits),
                    "first": days[0] or None,
                    "last": days[-1] or None,
                },
            )

    def commit(self, commit: Commit) -> tuple[str, dict[str, Any]]:
        """Return a commit; without its body, and of its author the name alone."""
        made = commit_of(self.book, commit)
        made["committed"] = commit.committed.iso if commit.committed != commit.authored else None
        made["version"] = self.shipped.get(commit.id)
        made["rounds"] = [{"round": link.round, "rule": link.rule} for link in self.book.links.get(commit.id, ())]
        return commit.id, _without(made, "parents")

    def evidence(self) -> Things:
        """Yield what the checks say; where a check says more than one thing of a claim, `-2` and so on tells them apart."""
        seen: Counter[str] = Counter()
        for result in self.book.results:
            name = f"{result.round}#{result.anchor}:{result.check}"
            seen[name] += 1
            yield self._result(name if seen[name] == 1 else f"{name}-{seen[name]}", result)

    def _result(self, name: str, result: CheckResult) -> tuple[str, dict[str, Any]]:
        made = result_of(result)
        if result.outcome != "contradicted":
            del made["severity"]  # weighs a contradiction
        return name, {"id": name, **made}


def _said(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if value not in (None, "", [], {})}


def _without(thing: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if key not in keys}


@dataclass(frozen=True, slots=True)
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
    record: RoundOrPhase


def rounds(book: Book) -> tuple[RoundData, ...]:
    """Return all rounds, newest first."""
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
            page=links.round_page(e.key),
            record=e.round,
        )
        for e in book.newest_first
    )
