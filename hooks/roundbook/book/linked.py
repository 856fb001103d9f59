"""Linked repositories: rounds of another repository, checked against the history of a clone of it.

Each is a book of the same rounds over the other history. Its results replace those of the main book, which cannot know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.book.facts import CheckResult
from roundbook.book.model import Book
from roundbook.errors import Finding
from roundbook.git.history import History
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Settings

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


def wanted(rounds: Sequence[RoundOrPhase], settings: Settings) -> tuple[str, ...]:
    """Return the names of the other repositories that rounds belong to and that have a path in the settings."""
    named = {record.repository for record in rounds} - {settings.here}
    return tuple(name for name, one in settings.repositories.items() if name in named and one.path)


def belonging(rounds: Sequence[RoundOrPhase], settings: Settings) -> tuple[RoundOrPhase, ...]:
    """Return the rounds, each with its repository set, so that none counts as one of the linked repository."""
    update = {"repository": settings.here}
    return tuple(r.model_copy(update=update) if r.repository is None else r for r in rounds)


def seen_from(settings: Settings, name: str) -> Settings:
    """Return the settings for a linked repository: it comes first, and the checks of `OWN` are off."""
    others = {key: one for key, one in settings.repositories.items() if key != name}
    repositories = {name: settings.repositories[name], **others}
    checks = {**settings.checks, **dict.fromkeys(OWN, "off")}
    return settings.model_copy(update={"repositories": repositories, "checks": checks})


def is_clone(history: History) -> bool:
    """Tell whether a history is that of a repository in the folder itself, not of one around it."""
    return bool(history.head) and not history.prefix


def missing(clones: Mapping[str, History], settings: Settings) -> Iterator[Finding]:
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


def join(book: Book, annexes: Mapping[str, Book]) -> Book:
    """Return the book with its linked repositories, whose results replace its own on their rounds."""
    if not annexes:
        return book
    homes = {key: entry.repository for key, entry in book.entries.items() if entry.repository in annexes}
    results = [one for one in book.results if one.round not in homes or one.check in OWN]
    for name, annex in annexes.items():
        results += _results(annex, name, homes)
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


def _results(annex: Book, name: str, homes: Mapping[str, str]) -> Iterator[CheckResult]:
    for result in annex.results:
        if result.round:
            if homes.get(result.round) == name:
                yield result
        elif result.outcome == "not-checked":
            yield result._replace(evidence=f"{name}: {result.evidence}")


def _findings(book: Book, annex: Book, name: str) -> Iterator[Finding]:
    """Yield the findings on commits that rounds of the linked repository name; the main book has all others."""
    files = {path for key, e in book.entries.items() if e.repository == name for path in book.files.get(key, ())}
    return (f for f in annex.findings if f.slug.startswith("commit-") and f.place and f.place.path in files)
