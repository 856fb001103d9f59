"""A project loaded: from its root to its book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from roundbook.book import gathered
from roundbook.book.build import (
    Inputs,
    build,
    is_clone,
    joined,
    linked_repositories,
    missing_clones,
    rounds_belonging,
    settings_seen_from,
)
from roundbook.book.gathered import Published, gather
from roundbook.book.kept import Kept
from roundbook.book.model import Book, Broken
from roundbook.cache import FOLDER
from roundbook.errors import Finding, RoundbookError, Severity
from roundbook.git import files, no_pauses, process
from roundbook.git import repository as git_repository
from roundbook.git.history import GitFacts, GitQueries, History, Span
from roundbook.git.only import from_top, nearest, only
from roundbook.rounds import evidence, versions
from roundbook.rounds import load as rounds_load
from roundbook.rounds.parsed import Outlines, ParsedFiles
from roundbook.schema.ids import record_of
from roundbook.schema.items import Adopted, Waiver
from roundbook.schema.statuses import Status
from roundbook.settings import Settings

if TYPE_CHECKING:
    from roundbook.compare.branch import BranchComparison

REFUSED = ("damaged", "not-owned")  # git does not read the repository, so that no claim can be checked
Progress = Callable[[str, int, int], None]  # stage, done, total
_WATCHED = ("*.json", "*.y*ml", "*.md", "*.markdown", "*.rst", "*.txt")


def silent(_stage: str, _done: int, _total: int) -> None:
    """Report nothing."""


class Depth(IntEnum):
    """How much of a book is made.

    What files say, as if there were no commits, alone or with names on branches; with what commits name, alone, with markers,
    or with what a changelog says; or all of it. Without all of it there are no timelines (but for a changelog), dirty files,
    other answers of git, findings, open items, counts nor results of checks, nothing that follows from these, and entries
    say nothing of metrics, people and files.
    """

    FILES = 1
    BRANCHES = 2
    NAMES = 3
    MARKERS = 4
    CHANGES = 5
    ALL = 6


def load(
    root: Path,
    data: str = files.FOLDER,
    at: str = "",
    *,
    own: bool = False,
    cache: Path | None = None,
    progress: Progress = silent,
    depth: Depth = Depth.ALL,
) -> Book:
    """Return the book of a project.

    Problems in files are among the book's findings, and missing parts of the history among its gaps.

    Args:
        root: The folder of the project.
        data: The folder of the settings and rounds, relative to `root`.
        at: A tag, branch or commit id: the book of that commit, of its data files and the history it reaches.
        own: Whether the repository is trusted even if another user owns it.
        cache: The folder in which the history is kept for the next time, `root / cache.FOLDER` where it is.
        progress: Called when a stage begins, and as it goes on: `done` of `total` steps, which are 0 where it has none.
        depth: How much of the book is made.

    Raises:
        RoundbookError: `at` names no commit.
    """
    return Loader(root, data, at, own=own, cache=cache, depth=depth, once=True).load(progress)


class Loader:
    """Loads the book of one project again and again.

    Its arguments are those of `load`, and so is each book; what follows from inputs that have not changed is kept. With
    `once` the history of each ref is read once, as for a command.
    """

    def __init__(
        self,
        root: Path,
        data: str = files.FOLDER,
        at: str = "",
        *,
        own: bool = False,
        cache: Path | None = None,
        depth: Depth = Depth.ALL,
        once: bool = False,
    ) -> None:
        self.root, self.data, self.at, self.own, self.cache = root, data, at, own, cache
        self.depth, self._once = depth, once
        self._kept = Kept()
        self._histories: dict[tuple[Path, str], tuple[object, History]] = {}
        self._answered: dict[Path, tuple[History, evidence.Answered]] = {}
        self._linked: defaultdict[str, Kept] = defaultdict(Kept)
        self._revisions: tuple[Mapping[str, Status], tuple[versions.Version, ...]] = ({}, ())
        self._rounds: rounds_load.LoadedRounds | None = None
        self._members: dict[str, Loader] = {}

    def load(self, progress: Progress = silent, *, at: str | None = None, depth: Depth | None = None) -> Book:
        """Return the book as it is now, as the function `load` does; from now on of `at`, or as deep as `depth` says."""
        self.at, self.depth = self.at if at is None else at, depth or self.depth
        with no_pauses():
            return self._load(progress)

    def _load(self, progress: Progress) -> Book:
        inputs, faults = self._read(progress)
        options = inputs.settings
        progress("building", 0, 0)
        book = build(inputs, partial(self._answer, self.root, inputs.history, progress), self._kept)
        clones = {
            name: self._history(_folder(self.root, name, options))
            for name in linked_repositories(inputs.rounds, options)
        }
        linked_books = {name: self._linked_book(name, inputs, one) for name, one in clones.items() if is_clone(one)}
        book = joined(self._checked(book, options, self._kept, progress), linked_books)
        missing = missing_clones(clones, options)
        noticed = (*faults, *_gaps(book.history), *missing, *self._idle(book, options), *book.findings)
        contradictions = (finding for result in book.results if (finding := result.finding))
        published = self._published(options) if self.depth == Depth.ALL else ()
        unread = _weighed(tuple(finding for one in published for finding in one.findings), book, options)
        findings = (*_weighed(noticed, book, options), *unread, *contradictions)
        return replace(book, findings=findings, gathered=gather(book, published))

    def _published(self, options: Settings) -> tuple[Published, ...]:
        """Return what other repositories publish, or would publish, of themselves."""
        found: list[Published] = []
        for name, one in options.repositories.items():
            if name != options.here and one.api:
                contents = {file: _bytes(self.root / one.api / f"{file}.json") for file in gathered.FILES}
                found.append(self._kept.same(("published", name), gathered.read, name, one, contents))
            elif name != options.here and one.path and one.data:
                loader = self._members.setdefault(name, Loader(self.root / one.path, one.data, once=self._once))
                found.append(gathered.read(name, one, _made(loader.load(), one.site or "")))
        return tuple(found)

    def _read(self, progress: Progress) -> tuple[Inputs, tuple[Finding, ...]]:
        """Return what a book is made of, and the problems found in reading it."""
        root, data, at, kept = self.root, self.data, self.at, self._kept
        progress("reading git", 0, 0)
        whole = self._history(root, at)
        head = whole.head
        source = files.in_commit(root, head, whole.prefix, data) if at and head else None
        source = source or files.in_folder(root, data)
        options, option_faults = kept.same("settings", rounds_load.read_settings, source.without_rounds())
        words = options.words()
        history = kept.same("history", only, whole, from_top(whole.prefix, options.paths(data)))
        folder = kept.same("cache", self.usable_cache, whole)
        parsed, outlines = kept.same("parsed", ParsedFiles, folder), kept.same("outlines", Outlines, folder)
        step = partial(progress, "reading rounds")
        self._rounds = loaded = rounds_load.read(source, words, self._rounds, step, parsed)
        asked = (head or "") if at else ""
        problem_changes, news_faults = self._fragments(options, asked, history)
        adr_files = rounds_load.adr_files(root, options, asked, history.prefix)
        adr_records = kept.same("decision records", rounds_load.read_adr_records, adr_files, options)
        every = self.depth == Depth.ALL
        progress("reading versions", 0, 0)
        revisions: tuple[versions.Version, ...] = ()
        if self.depth < Depth.NAMES:
            history = _without_commits(history)
        elif self.depth >= Depth.CHANGES or options.attribution.carry_forward:  # which ends where a round was closed
            known, last = self._revisions
            read = partial(versions.read, root, last=last if known == words else (), outlined=outlines.read)
            revisions = kept.same("versions", read, history, data, words, adr_records)
            self._revisions = words, revisions
            outlines.save()
        inputs = Inputs(
            history,
            options,
            (*loaded.rounds, *loaded.phases),
            loaded.files,
            _broken(loaded),
            problem_changes,
            adr_records.records,
            revisions,
            _dirty(root, source, adr_records, whole) if every and not at else (),
            data,
            every,
        )
        nothing = _nothing(root, data, at) if not (source.contents or source.faults) else ()
        return inputs, (*nothing, *option_faults, *loaded.findings, *news_faults, *adr_records.findings)

    def usable_cache(self, history: History) -> Path | None:
        """Return the folder of caches; none where the repository itself brings it, as somebody else may have written it."""
        brought = f"{history.prefix}{FOLDER.as_posix()}/"
        return None if any(path.startswith(brought) for path in history.tree) else self.cache

    def _fragments(
        self, options: Settings, asked: str, history: History
    ) -> tuple[tuple[Adopted, ...], tuple[Finding, ...]]:
        """Return the entries of the changelog in fragments of other tools, and the problems in them."""
        if not options.changelog.fragments:
            return (), ()
        from roundbook.rounds import fragments  # takes 20 ms with the reader of Markdown

        return fragments.read(self.root, options.changelog.fragments, asked, history.prefix)

    def _linked_book(self, name: str, inputs: Inputs, history: History) -> Book:
        """Return the book of the same rounds over the history of a linked repository, with the results of its checks."""
        options = settings_seen_from(inputs.settings, name)
        records = rounds_belonging(inputs.rounds, inputs.settings)
        answer = partial(self._answer, _folder(self.root, name, inputs.settings), history, silent)
        book = build(Inputs(history, options, records, broken=inputs.broken), answer, self._linked[name])
        return self._checked(book, options, self._linked[name])

    def _checked(self, book: Book, options: Settings, kept: Kept, progress: Progress = silent) -> Book:
        """Return a book with the results of its checks, which are not even loaded where they are not wanted."""
        if self.depth < Depth.ALL:
            return book
        from roundbook.checks.registry import judge, requirements

        return replace(book, results=judge(book, options, progress, kept), requirements=requirements())

    def _idle(self, book: Book, options: Settings) -> Iterable[Finding]:
        if self.depth < Depth.ALL:
            return ()
        from roundbook.checks.registry import idle

        return idle(book, options)

    def _answer(self, root: Path, history: History, progress: Progress, questions: GitQueries) -> GitFacts:
        """Return what the git of a repository answers; while the history is whole and the same, what it answered before."""
        progress("asking git", 0, 0)
        if self.depth < Depth.ALL:
            marked = questions.marked if self.depth == Depth.MARKERS else None
            tips = questions.tips if self.depth == Depth.BRANCHES else None
            return evidence.answer(root, GitQueries(marked=marked, tips=tips, apart=questions.apart))
        known, last = self._answered.get(root, (None, evidence.NOTHING))
        facts = evidence.answer(root, questions, last if known is history and history.complete else evidence.NOTHING)
        self._answered[root] = history, (questions, facts)
        return facts

    def _history(self, root: Path, at: str = "") -> History:
        """Return the history of a repository: the last one while it is whole, and neither refs nor settings have changed."""
        state = None if self._once else git_repository.state(root, at, own=self.own)
        last, history = self._histories.get((root, at), (None, None))
        if history is None or state != last or not (history.complete or self._once):
            cache = self.cache if root == self.root else None  # of a linked repository it would hold the wrong commits
            history = git_repository.read(root, at=at, own=self.own, cache=cache)
            self._histories[root, at] = state, history
        return history


def _without_commits(history: History) -> History:
    """Return a history of no commits; its branches are those that HEAD does not contain."""
    branches = tuple(branch for branch in history.branches if branch.commit not in history.by_id)
    return replace(history, commits=(), tags=(), branches=branches, whole=None)


def _dirty(root: Path, source: files.Files, adr_records: rounds_load.AdrRecords, history: History) -> tuple[str, ...]:
    """Return the data files and decision records that differ from HEAD."""
    if not history.head:
        return ()
    data = files.differing(root, source, history.head, history.prefix)
    adopted = rounds_load.changed_adr_files(root, adr_records.files, history.head, history.prefix, adr_records.spaces)
    return tuple(sorted({*data, *adopted}))


def _bytes(path: Path) -> bytes | None:
    """Return the content of a file; `None` where it is too large or cannot be read."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= gathered.MOST_BYTES else None
    except (OSError, ValueError):
        return None


def _made(book: Book, site: str) -> dict[str, bytes | None]:
    """Return the files that the site of a book would publish."""
    from roundbook.site.api import api_outputs
    from roundbook.site.links import Publication

    wanted = {f"api/{file}.json": file for file in gathered.FILES}
    outputs = (output for output in api_outputs(book, Publication(site)) if output.name in wanted)
    return {wanted[asset.uri]: asset.text.encode() for output in outputs for asset in output.make(book)}


def _folder(root: Path, name: str, options: Settings) -> Path:
    return root / (options.repositories[name].path or "")


def beyond(loader: Loader, base: str, book: Book) -> tuple[Finding, ...] | None:
    """Return the findings that a book, the last of a loader, has and the ref `base`, where the two parted, has not.

    `None` if that cannot be known: the history is incomplete, or has no commit in common with the base.

    Raises:
        RoundbookError: `base` names no commit.
    """
    from roundbook.compare import branch

    span = git_repository.commit_range(loader.root, base, book.history.head) if book.history.head else None
    if span is None or not book.history.complete:
        return None
    return branch.new_findings(loader.load(at=span.fork), book, span)


def brought(loader: Loader, base: str, book: Book) -> BranchComparison:
    """Return what a book, the last of a loader, adds to the ref `base`: commits and, for the work tree, edits of the data.

    It is compared with the merge base. Commits that the base contains by now, as after a squash merge, do not count.

    Raises:
        RoundbookError: `base` names no commit.
    """
    from roundbook.compare import branch

    head = book.history.head
    if head is None:
        return branch.nothing(book)
    span = git_repository.commit_range(loader.root, base, head, landing=True)
    if span is None:
        return branch.nothing(book, apart=True)
    held = frozenset(filter(book.history.holds, span.paths))
    span = replace(span, commits=span.commits.intersection(book.history.by_id), paths=held)
    landed = len(span.commits) if span.landed else 0
    span = Span(frozenset(), frozenset(), head) if landed or not span.commits else span
    if not span.commits and not book.dirty:
        return branch.nothing(book, span.fork, landed=landed)
    return replace(branch.compare_branch(loader.load(at=span.fork), book, span), landed=landed)


def meaning(root: Path, ref: str, book: Book) -> str:
    """Return the id of the commit that a ref or expression such as `HEAD~3` names in the history of a book.

    Of one that touches none of the paths of the book, it is the newest before it that does, or empty if there is none.

    Raises:
        RoundbookError: There is no such commit, or HEAD does not reach it.
    """
    repository = process.find(root)
    found = git_repository.resolve(repository, ref) if repository else ""
    if found in book.history.every.by_id:
        return nearest(book.history, found)
    fix = "check out the branch that has it, or name a commit that HEAD reaches"
    raise RoundbookError(Finding("error", "ref-unknown", f"{ref} is not in the history of HEAD", None, fix))


def watched(root: Path, data: str = files.FOLDER) -> tuple[Path, ...]:
    """Return what to watch for changes: the folders of data, fragments and decision records, and files of git."""
    options, _ = rounds_load.read_settings(files.only_settings(root, data))
    fragments = (root / folder.path for folder in options.changelog.fragments)
    joined = [root / one.api for one in options.repositories.values() if one.api]
    clones = [root / one.path / one.data for one in options.repositories.values() if one.path and one.data]
    found = (root / data, *fragments, *(root / space.path for space in options.spaces), *joined, *clones)
    return (*dict.fromkeys(path for path in found if path.exists()), *git_repository.watch_files(root))


def fingerprint(root: Path, data: str = files.FOLDER) -> tuple[tuple[str, int, int], ...]:
    """Return a value that changes with the data files and the history: times and sizes of files."""
    files = (
        f
        for path in watched(root, data)
        for f in (sorted(p for form in _WATCHED for p in path.rglob(form)) if path.is_dir() else (path,))
    )
    stats = ((str(f), f.stat()) for f in files if f.is_file())
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


def _nothing(root: Path, data: str, at: str) -> tuple[Finding, ...]:
    """Return the finding for a folder that holds neither settings nor rounds; a note where it is the default one."""
    if at:
        message, fix = f"{at} has no files below {data}/", "name a later commit, or correct the folder"
    elif not (root / data).is_dir():
        message, fix = f"there is no folder {data}/", "correct its name, or begin with roundbook init"
    elif not (root / data / "rounds").is_dir():
        message = f"the folder {data}/ holds neither {files.SETTINGS} nor a folder rounds/"
        fix = f"correct its name, or write {data}/rounds/1/1.yml"
    else:
        return ()
    return (Finding("info" if data == files.FOLDER else "error", "data-missing", message, None, fix),)


def _gaps(history: History) -> Iterator[Finding]:
    for gap in history.gaps:
        severity: Severity = "info" if gap.slug in ("no-commits", "no-repository") else "warning"
        if history.head is None and gap.slug in REFUSED:
            severity = "error"
        yield Finding(severity, gap.slug, gap.message, None, gap.fix)


def _broken(loaded: rounds_load.LoadedRounds) -> tuple[Broken, ...]:
    return tuple(
        Broken(
            sources.key,
            sources.paths,
            text,
            tuple(f for f in loaded.findings if f.place and f.place.path in sources.paths),
        )
        for sources, text in loaded.broken
    )


def _weighed(findings: tuple[Finding, ...], book: Book, options: Settings) -> Iterator[Finding]:
    """Yield the findings that are not waived, with the severity from the settings. Errors stay errors."""
    waived = [
        (book.files.get(entry.key, ()), waiver) for entry in book.entries.values() for waiver in entry.round.waive
    ]
    for finding in findings:
        adopted = finding.place is not None and record_of(finding.place.path) in book.adopted_at
        severity = options.checks.get(finding.slug, "info" if adopted else finding.severity)
        if finding.severity == "error":
            yield finding
        elif severity != "off" and not any(_waives(paths, waiver, finding) for paths, waiver in waived):
            yield replace(finding, severity=severity)


def _waives(paths: tuple[str, ...], waiver: Waiver, finding: Finding) -> bool:
    """Tell whether a round's waiver applies to a finding: the check, a file of the round and, if given, the target match.

    A finding of no file is about commits or the whole book: any round may answer it, by a part of its message. A commit as
    the target was left out before the finding was made, which may be about others too.
    """
    here = finding.place.path in paths if finding.place else bool(waiver.target and not waiver.commit)
    return here and waiver.check == finding.slug and (waiver.target or "") in finding.message
