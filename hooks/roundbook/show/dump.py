"""In: the book. Out: all of it as plain data for JSON, keyed by id and holding the id; no e-mail address is in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roundbook.book.facts import ACCOUNTS, Anchored, Contributor, Link, Release, Ruling, Tally, Verdict
from roundbook.book.model import Book, Entry
from roundbook.errors import Finding
from roundbook.git.history import Commit, Testimony
from roundbook.rounds.versions import Life, Step
from roundbook.schema.base import Record
from roundbook.show import addresses
from roundbook.show.publication import named

VERSION = 3
_RELATIONS = ("supersedes", "superseded_by", "amends", "amended_by", "depends_on", "needed_by", "related")


def dump(book: Book) -> dict[str, Any]:
    """Return the whole book; `schema-version` changes when a key changes its meaning."""
    return {
        "schema-version": VERSION,
        "generated-from": origin(book),
        "phases": {key: round_of(book.home(f"{key}/").entries[f"{key}/"]) for key in book.phases},
        "rounds": {key: round_of(book.home(key).entries[key]) for key in book.rounds},
        "decisions": {name: ruling_of(ruling) for name, ruling in book.rulings.items()},
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
            for t in book.threads
        ],
        "governed": [
            {"path": g.glob, "decisions": list(g.rulings), "files": g.files, "markers": [m.line for m in g.markers]}
            for g in book.governed
        ],
        "testimony": _testimony(book.testimony),
        "claims": Tally.of(book.verdicts).data,
        "verdicts": [verdict_of(v) for v in book.verdicts],
        "findings": [finding(f) for f in book.findings],
        "lives": {kind: {name: _life(book, one) for name, one in all_.items()} for kind, all_ in _lives(book)},
        "versions": {
            key: [{"commit": e.commit, "readable": e.readable} for e in edits]
            for key, edits in book.lives.edits.items()
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
        "mend": one.mend,
        "path": place.path if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
    }


def verdict_of(one: Verdict) -> dict[str, Any]:
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


def _lives(book: Book) -> list[tuple[str, Mapping[str, Life]]]:
    return [(kind, lives) for kind, lives in book.lives.by_kind.items() if lives and kind != "change"]


def _life(book: Book, life: Life) -> dict[str, Any]:
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
        "page": addresses.round_page(entry.key),
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


def ruling_of(ruling: Ruling) -> dict[str, Any]:
    """Return a decision as plain data."""
    relations: Mapping[str, list[str]] = {r.replace("_", "-"): list(getattr(ruling, r)) for r in _RELATIONS}
    return {
        "id": ruling.id,
        "page": addresses.decision(ruling.id),
        "round": ruling.round,
        "anchor": ruling.anchor,
        "status": ruling.status,
        "status-reason": ruling.status_reason,
        "date": ruling.date or None,
        **relations,
        "commits": list(ruling.commits),
        "cited-by": list(ruling.cited_by),
        "pull-requests": list(ruling.pull_requests),
        "markers": [{"path": m.path, "line": m.line} for m in ruling.markers],
        "record": record_of(ruling.decision),
    }


def _testimony(told: Testimony) -> dict[str, Any]:
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
