"""A project loaded: from its root to its book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from roundbook.adr import load as adr_load
from roundbook.book import build as book_build
from roundbook.book.build import Inputs, build
from roundbook.book.model import Book, Broken
from roundbook.checks.registry import idle, judge
from roundbook.compare import branch
from roundbook.compare.branch import BranchComparison
from roundbook.errors import Finding, RoundbookError, Severity
from roundbook.git import files, no_pauses, process
from roundbook.git import repository as git_repository
from roundbook.git.history import History, Span
from roundbook.rounds import evidence, versions
from roundbook.rounds import fragments as rounds_fragments
from roundbook.rounds import load as rounds_load
from roundbook.schema.items import Waiver
from roundbook.settings import Settings

DATA = "data"
_WATCHED = ("*.y*ml", "*.md", "*.markdown", "*.rst", "*.txt")


def load(root: Path, data: str = DATA, at: str = "", *, own: bool = False) -> Book:
    """Read the round files and the history of a project and link them.

    `data` is the folder of the settings and rounds, relative to `root`. Nothing that a file or the repository holds is an
    exception: what is wrong is among the book's findings, and what is missing of the history among its gaps.

    With `at`, a tag, branch or commit id, the book is the one of that commit: its data files and what it reaches. Raises
    `RoundbookError` where there is no such commit. With `own` the repository is that of the person who works in it.
    """
    with no_pauses():
        return _load(root, data, at, own)


def _load(root: Path, data: str, at: str, own: bool) -> Book:
    inputs, faults = _read(root, data, at, own)
    options = inputs.settings
    book = build(inputs, partial(evidence.answer, root))
    clones = {
        name: git_repository.read(_folder(root, name, options)) for name in book_build.wanted(inputs.rounds, options)
    }
    annexes = {
        name: _annex(root, name, inputs, history) for name, history in clones.items() if book_build.is_clone(history)
    }
    book = book_build.join(replace(book, results=judge(book, options)), annexes)
    noticed = (
        *faults,
        *_gaps(book.history),
        *book_build.missing(clones, options),
        *idle(book, options),
        *book.findings,
    )
    contradictions = (finding for result in book.results if (finding := result.finding))
    return replace(book, findings=(*_weighed(noticed, book, options), *contradictions))


def _read(root: Path, data: str, at: str, own: bool) -> tuple[Inputs, tuple[Finding, ...]]:
    """Return all that a book is made of, but for what git is asked once the records are linked, with what is wrong in it."""
    history = git_repository.read(root, at=at, own=own)
    source = files.in_commit(root, history.head, history.prefix, data) if at and history.head else None
    source = source or files.in_folder(root, data)
    options, option_faults = rounds_load.read_settings(source)
    shelf = rounds_load.read(source, options.words())
    asked = (history.head or "") if at else ""
    problem_changes, news_faults = rounds_fragments.read(root, options.changelog.fragments, asked, history.prefix)
    adr_records = adr_load.read(root, options, asked, history.prefix)
    inputs = Inputs(
        history,
        options,
        (*shelf.rounds, *shelf.phases),
        shelf.files,
        _broken(shelf),
        problem_changes,
        adr_records.records,
        versions.read(root, history, data, options.words(), adr_records),
        _dirty(root, source, adr_records, history) if not at else (),
        data,
    )
    return inputs, (*option_faults, *shelf.findings, *news_faults, *adr_records.findings)


def _dirty(root: Path, source: files.Files, adr_records: adr_load.AdrRecords, history: History) -> tuple[str, ...]:
    """Return the data files, and the decision records, that are not what HEAD holds."""
    if not history.head:
        return ()
    data = files.differing(root, source, history.head, history.prefix)
    adopted = adr_load.differing(root, adr_records.files, history.head, history.prefix, adr_records.spaces)
    return tuple(sorted({*data, *adopted}))


def _annex(root: Path, name: str, inputs: Inputs, history: History) -> Book:
    """Return the book of the same rounds over the history of a clone, with what the checks say of it."""
    options = book_build.seen_from(inputs.settings, name)
    records = book_build.belonging(inputs.rounds, inputs.settings)
    folder = _folder(root, name, inputs.settings)
    book = build(Inputs(history, options, records, broken=inputs.broken), partial(evidence.answer, folder))
    return replace(book, results=judge(book, options))


def _folder(root: Path, name: str, options: Settings) -> Path:
    return root / (options.repositories[name].path or "")


def beyond(root: Path, base: str, book: Book) -> tuple[Finding, ...] | None:
    """Return the findings of a book that have to do with what its head, or the work tree, has beyond the ref `base`.

    `None` says that it cannot be told which these are, since the history is incomplete or has no commit in common with
    the base. Raises `RoundbookError` where `base` means no commit.
    """
    span = git_repository.commit_range(root, base, book.history.head) if book.history.head else None
    return branch.touching(book.findings, book, span) if span and book.history.complete else None


def brought(root: Path, data: str, base: str, book: Book) -> BranchComparison:
    """Return what a book has beyond the ref `base`: its commits, and where it is that of the work tree, edits of the data.

    The base is read as it was where the two parted. What it holds by now, as after a squash merge, is nothing that is
    brought. Raises `RoundbookError` where `base` means no commit.
    """
    head = book.history.head
    if head is None:
        return branch.nothing(book)
    span = git_repository.commit_range(root, base, head, landing=True)
    if span is None:
        return branch.nothing(book, apart=True)
    landed = len(span.commits) if span.landed else 0
    span = Span(frozenset(), frozenset(), head) if landed or not span.commits else span
    if not span.commits and not book.dirty:
        return branch.nothing(book, span.fork, landed=landed)
    return replace(branch.compare_branch(load(root, data, span.fork), book, span), landed=landed)


def meaning(root: Path, ref: str, book: Book) -> str:
    """Return the id of the commit that a ref means, also `HEAD~3` and the like, in the history of a book.

    Raises `RoundbookError` where it means none, or one that HEAD does not reach.
    """
    repository = process.find(root)
    found = git_repository.resolve(repository, ref) if repository else ""
    if found in book.history.by_id:
        return found
    fix = "check out the branch that has it, or name a commit that HEAD reaches"
    raise RoundbookError(Finding("error", "ref-unknown", f"{ref} is not in the history of HEAD", None, fix))


def watched(root: Path, data: str = DATA) -> tuple[Path, ...]:
    """Return what to watch for edits and new commits: the folders of data, fragments and records, and files of git."""
    options, _ = rounds_load.read_settings(files.only_settings(root, data))
    fragments = (root / folder.path for folder in options.changelog.fragments)
    found = (root / data, *fragments, *(root / space.path for space in options.spaces))
    return (*dict.fromkeys(path for path in found if path.exists()), *git_repository.watch_files(root))


def fingerprint(root: Path, data: str = DATA) -> tuple[tuple[str, int, int], ...]:
    """Return a value that changes when a data file or the history does, by the times and sizes of files."""
    files = (
        f
        for path in watched(root, data)
        for f in (sorted(p for form in _WATCHED for p in path.rglob(form)) if path.is_dir() else (path,))
    )
    stats = ((str(f), f.stat()) for f in files if f.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _gaps(history: History) -> Iterator[Finding]:
    for gap in history.gaps:
        severity: Severity = "info" if gap.slug in ("no-commits", "no-repository") else "warning"
        yield Finding(severity, gap.slug, gap.message, None, gap.fix)


def _broken(shelf: rounds_load.LoadedRounds) -> tuple[Broken, ...]:
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
        weight = options.checks.get(finding.slug, _own_weight(finding, book))
        if finding.severity == "error":
            yield finding
        elif weight != "off" and not any(_waives(paths, waiver, finding) for paths, waiver in waived):
            yield replace(finding, severity=weight)


def _own_weight(finding: Finding, book: Book) -> Severity:
    """Return how much a finding weighs where the settings say nothing: of a record that was adopted, it is a note."""
    adopted = finding.place is not None and finding.place.path in book.adopted_at
    return "info" if adopted else finding.severity


def _waives(paths: tuple[str, ...], waiver: Waiver, finding: Finding) -> bool:
    """Tell whether a round's waiver means a finding: of its check, in its files, and about its target if it names one."""
    here = finding.place is not None and finding.place.path in paths
    return here and waiver.check == finding.slug and (waiver.target or "") in finding.message
