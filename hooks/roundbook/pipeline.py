"""In: the root of a project. Out: its `Book`. The whole program on one screen: read, think, look up, done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from roundbook.errors import Finding, Severity
from roundbook.model.book import Book, Broken
from roundbook.model.items import Waiver
from roundbook.read import git, git_answers, git_versions, rounds, settings
from roundbook.read.pauses import no_pauses
from roundbook.settings import Settings
from roundbook.think.checks import judge
from roundbook.think.govern import govern
from roundbook.think.link import link
from roundbook.think.lives import lives
from roundbook.think.questions import ask

DATA = "data"


def load(root: Path, data: str = DATA) -> Book:
    """Read the round files and the history of a project and link them.

    `data` is the folder of the settings and rounds, relative to `root`. Nothing that a file or the repository holds is an
    exception: what is wrong is among the book's findings, and what is missing of the history among its gaps.
    """
    with no_pauses():
        return _load(root, data)


def _load(root: Path, data: str) -> Book:
    options, option_faults = settings.read(root, data)
    shelf = rounds.read(root, data, options.words())
    history = git.read(root)
    book = link(shelf.rounds, shelf.phases, shelf.files, history, options)
    told = git_answers.answer(root, ask(book, options, data))
    book = govern(replace(book, testimony=told, broken=_broken(shelf)), options)
    versions = git_versions.read(root, history, data, options.words())
    book = replace(book, lives=lives(versions, history, book.pull_requests))
    verdicts = judge(book, options)
    faults = _weighed((*option_faults, *shelf.findings, *_gaps(book), *book.findings), book, options)
    contradictions = (finding for verdict in verdicts if (finding := verdict.finding))
    return replace(book, verdicts=verdicts, findings=(*faults, *contradictions))


def watched(root: Path, data: str = DATA) -> tuple[Path, ...]:
    """Return what to watch for edits and new commits: the data folder and files of git, those that exist."""
    folder = root / data
    return (*((folder,) if folder.is_dir() else ()), *git.watch_files(root))


def fingerprint(root: Path, data: str = DATA) -> tuple[tuple[str, int, int], ...]:
    """Return a value that changes when a data file or the history does, by the times and sizes of files."""
    files = (f for path in watched(root, data) for f in (sorted(path.rglob("*.y*ml")) if path.is_dir() else (path,)))
    stats = ((str(f), f.stat()) for f in files if f.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _gaps(book: Book) -> Iterator[Finding]:
    for gap in book.history.gaps:
        severity: Severity = "info" if gap.slug in ("no-commits", "no-repository") else "warning"
        yield Finding(severity, gap.slug, gap.message, None, gap.mend)


def _broken(shelf: rounds.Shelf) -> tuple[Broken, ...]:
    return tuple(
        Broken(
            sources.key,
            sources.paths,
            text,
            tuple(f for f in shelf.findings if f.place and f.place.path in sources.paths),
        )
        for sources, text in shelf.broken
    )


def _weighed(findings: tuple[Finding, ...], book: Book, options: Settings) -> Iterator[Finding]:
    """Yield the findings that no round waives, with the weight that the settings give their kind.

    Errors in the data stay what they are: a page cannot be made of what cannot be read.
    """
    waived = [
        (book.files.get(entry.key, ()), waiver) for entry in book.entries.values() for waiver in entry.round.waive
    ]
    for finding in findings:
        weight = options.checks.get(finding.slug, finding.severity)
        if finding.severity == "error":
            yield finding
        elif weight != "off" and not any(_waives(paths, waiver, finding) for paths, waiver in waived):
            yield replace(finding, severity=weight)


def _waives(paths: tuple[str, ...], waiver: Waiver, finding: Finding) -> bool:
    """Tell whether a round's waiver means a finding: of its check, in its files, and about its target if it names one."""
    here = finding.place is not None and finding.place.path in paths
    return here and waiver.check == finding.slug and (waiver.target or "") in finding.message
