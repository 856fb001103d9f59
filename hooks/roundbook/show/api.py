"""In: the book and where it is published. Out: files of JSON for programs, each thing keyed by its id and holding it.

What is empty or not known is left out. `api_schema` says of each file what may stand in it. `roundbook dump` gives more: the
parents of commits, the files that rounds touched, and what is said twice here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from roundbook.book.facts import Entered, Release, Verdict
from roundbook.book.model import Book
from roundbook.git.history import Commit
from roundbook.show import addresses, dump
from roundbook.show.api_schema import FILES, VERSION, schema
from roundbook.show.page import Asset
from roundbook.show.publication import Publication, json_text, lines_of
from roundbook.show.views.changelog import as_written

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
        self.origin = dump.origin(book)
        # Which version a commit is in, by its id.
        self.shipped = {
            commit: release.version for release in book.releases if release.released for commit in release.commits
        }

    def file(self, path: str, name: str, things: Things) -> Asset:
        """Return a file of things, which `schema(name)` describes."""
        top = "../" * path.count("/")
        head = {
            "$schema": f"{top}schema/{name}.json",
            "schema-version": VERSION,
            "generated-from": self.origin,
        }
        return Asset(f"api/{path}", lines_of(head, FILES[name].key, {key: _said(thing) for key, thing in things}))

    def entries(self, keys: Iterable[str]) -> Things:
        """Yield rounds or phases; their commits by id alone, since `commits/` says why each belongs to it."""
        for key in keys:
            entry = self.book.home(key).entries[key]
            made = dump.round_of(entry)
            made["url"] = self.site.at(addresses.round_page(key))
            made["commits"] = [link.commit for link in entry.links]
            made["record"] = {
                k: v for k, v in made["record"].items() if k not in ("decisions", "changes")
            }  # have files
            if entry.is_phase:
                made["rounds"] = [e.key for e in self.book.rounds.values() if e.round.phase == entry.round.phase]
            yield key, _without(made, "page", "touched", "since")

    def decisions(self) -> Things:
        """Yield the decisions."""
        for name, ruling in self.book.rulings.items():
            yield name, _without(dump.ruling_of(ruling), "page") | {"url": self.site.at(addresses.decision(name))}

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
            "url": self.site.at(addresses.entry(entered.round), entered.anchor),
            "version": release.version if release and release.released else None,
            "released": (release.date or None) if release and release.released else None,
            "yanked": (release.yanked if release else False) or None,
            "commits": list(entered.commits),
            "pull-requests": list(entered.pull_requests),
            "decision": entered.decision,
            "record": dump.record_of(entered.change),
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
                    "url": self.site.at(addresses.leaf(leaf)),
                    "commits": len(commits),
                    "first": days[0] or None,
                    "last": days[-1] or None,
                },
            )

    def commit(self, commit: Commit) -> tuple[str, dict[str, Any]]:
        """Return a commit; without its body, and of its author the name alone."""
        made = dump.commit_of(self.book, commit)
        made["committed"] = commit.committed.iso if commit.committed != commit.authored else None
        made["version"] = self.shipped.get(commit.id)
        made["rounds"] = [{"round": link.round, "rule": link.rule} for link in self.book.links.get(commit.id, ())]
        return commit.id, _without(made, "parents")

    def evidence(self) -> Things:
        """Yield what the checks say; where a check says more than one thing of a claim, `-2` and so on tells them apart."""
        seen: Counter[str] = Counter()
        for verdict in self.book.verdicts:
            name = f"{verdict.round}#{verdict.anchor}:{verdict.check}"
            seen[name] += 1
            yield self._verdict(name if seen[name] == 1 else f"{name}-{seen[name]}", verdict)

    def _verdict(self, name: str, verdict: Verdict) -> tuple[str, dict[str, Any]]:
        made = dump.verdict_of(verdict)
        if verdict.outcome != "contradicted":
            del made["severity"]  # weighs a contradiction
        return name, {"id": name, **made}


def _said(thing: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if value not in (None, "", [], {})}


def _without(thing: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in thing.items() if key not in keys}
