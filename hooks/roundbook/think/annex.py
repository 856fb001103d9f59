"""In: the book, and what the clones of other repositories hold. Out: the same book with their rounds held against them.

An annex is a book of the same rounds over the history of another repository. What it says of that repository's rounds
takes the place of what this book, which cannot know, says of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.errors import Finding
from roundbook.git.history import History
from roundbook.model.book import Book
from roundbook.model.verdict import Verdict
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Settings

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
            mend = f"clone {name} there" if why.startswith("no clone") else ""
            yield Finding("info", "repository-not-here", f"rounds of {name} are not verified: {why}", place, mend)
        for gap in history.gaps if is_clone(history) else ():
            yield Finding("info", gap.slug, f"{name}: {gap.message}", place, gap.mend)


def _absolute(path: str) -> bool:
    return path.startswith(("/", "\\", "~")) or path[1:2] == ":"


def join(book: Book, annexes: Mapping[str, Book]) -> Book:
    """Return the book with its annexes, and with their verdicts in the place of its own on the rounds they hold."""
    if not annexes:
        return book
    homes = {key: entry.repository for key, entry in book.entries.items() if entry.repository in annexes}
    verdicts = [v for v in book.verdicts if v.round not in homes or v.check in OWN]
    for name, annex in annexes.items():
        verdicts += _verdicts(annex, name, homes)
    joined = tuple(verdicts)
    known = set(book.findings)
    found = (f for name, annex in annexes.items() for f in _findings(book, annex, name) if f not in known)
    forges = {name: annex.forge for name, annex in annexes.items() if annex.forge}
    return replace(
        book,
        forges={**forges, **book.forges},
        verdicts=joined,
        findings=(*book.findings, *dict.fromkeys(found)),
        annexes={name: replace(annex, verdicts=joined, annex=name) for name, annex in annexes.items()},
    )


def _verdicts(annex: Book, name: str, homes: Mapping[str, str]) -> Iterator[Verdict]:
    for verdict in annex.verdicts:
        if verdict.round:
            if homes.get(verdict.round) == name:
                yield verdict
        elif verdict.outcome == "not-checked":
            yield verdict._replace(evidence=f"{name}: {verdict.evidence}")


def _findings(book: Book, annex: Book, name: str) -> Iterator[Finding]:
    """Yield what is wrong with the commits that an annex's rounds name; all else was found without it."""
    files = {path for key, e in book.entries.items() if e.repository == name for path in book.files.get(key, ())}
    return (f for f in annex.findings if f.slug.startswith("commit-") and f.place and f.place.path in files)
