"""The registry of checks, and the results of all of them for a book.

A check is a pure function from a `CheckContext` to results, registered with `@check`. Its docstring is its reference: a
sentence that says what must hold, and after `Fix:` what to do otherwise. A check judges `Claim`s; the registry adds its slug,
its severity and the waivers of the round. To add one, write the function and its cases in `tests/checks/cases/<slug>.yml`.

A check that judges each round by itself returns `context.each(rounds, function)`: the function gets a round and the
`SharedContext`, and is not called again while both are the same. So `mkdocs serve` checks only what was saved.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from types import MappingProxyType

from roundbook.book.coverage import REVERTED
from roundbook.book.facts import CheckResult, Claim, Coverage, Link, Records
from roundbook.book.kept import Kept
from roundbook.book.model import Book, Entry
from roundbook.book.paths import PathIndex, Trace, dated
from roundbook.book.rounds import line_of
from roundbook.errors import Finding, Place, Severity, did_you_mean
from roundbook.frozen import frozen
from roundbook.git.history import SHORT, Commit, GitFacts, History
from roundbook.schema.dates import Moment
from roundbook.schema.ids import record_of
from roundbook.schema.round import LISTS
from roundbook.settings import Settings

SURE = 0.88  # similarity from which a word is a misspelling of the name of a check
OF_IMPORTING = "source-changed"
INCOMPLETE = "not checked: history incomplete"
LONGEST = 80
_SENTENCE = re.compile(r"(?<=\.) ")
_BEGUN = frozenset({"in-progress", "partial", "done"})
_REGISTRY: dict[str, Check] = {}
CHECKS: Mapping[str, Check] = MappingProxyType(_REGISTRY)


@frozen
class SharedContext:
    """What is known besides the rounds, and what several checks derive from it, each computed once.

    It is all that the checks of a round may use besides that round. `kept` holds what followed from the last book.
    """

    history: History
    settings: Settings
    links: Mapping[str, tuple[Link, ...]]
    coverage: Mapping[str, Coverage]
    records: Records
    files: Mapping[str, tuple[str, ...]]
    git_facts: GitFacts
    kept: Kept

    @cached_property
    def paths(self) -> PathIndex:
        """Return the index of all paths in the history."""
        return self.kept.same("paths", PathIndex.of, self.history, self.settings.roots)

    @cached_property
    def taken_back(self) -> Mapping[str, str]:
        """Return, for each reverted commit, the commit that reverted it."""
        coverage = self.coverage.items()
        return {commit: one.partner for commit, one in coverage if one.reason == REVERTED and one.partner}

    @cached_property
    def works(self) -> Callable[[str], bool]:
        """Return a cached function that tells whether a commit changes more than records, and was not reverted."""
        only = self.kept.same("commits of records only", _only_records, self.history, self.records)
        return lambda commit: commit not in self.taken_back and not only(commit)

    @cached_property
    def recorded(self) -> Callable[[str], Commit | None]:
        """Return a cached function that finds the commit that first added a file of a round, by the key of the round.

        A single file that a folder replaced counts as one.
        """
        return cache(self._recorded)

    def _recorded(self, key: str) -> Commit | None:
        index, history = self.paths, self.history
        files = [history.prefix + path for path in self.files.get(key, ())]
        before = [path.rpartition("/")[0] + end for path in files for end in (".yml", ".yaml")]
        there = [path for path in dict.fromkeys((*files, *before)) if path in index.added]
        found = [commit for path in there if (commit := index.first_added(path))]
        if not found or len(found) < len(there):
            return None
        return history.by_id[max(found, key=history.order.__getitem__)]

    @cached_property
    def dated(self) -> Callable[[str], str]:
        """Return a cached function that formats a commit id as `abc1234 on 2026-02-17`."""
        return cache(lambda commit: dated(self.history, commit))

    @cached_property
    def story(self) -> Callable[[Trace], str]:
        """Return a cached function that formats a trace as `added by abc1234 on 2026-02-17, last touched by def5678`."""
        return cache(self._story)

    def _story(self, trace: Trace) -> str:
        parts = [f"added by {self.dated(trace.added)}"] if trace.added else []
        if trace.deleted:
            parts.append(f"removed by {self.dated(trace.deleted)}")
        elif trace.touched and trace.touched != trace.added:
            parts.append(f"last touched by {trace.touched[:SHORT]}")
        return ", ".join(parts) or "in the tree of HEAD"

    @cached_property
    def linked(self) -> frozenset[str]:
        """Return the rounds that have commits, hidden ones too, and their phases."""
        rounds = {link.round for links in self.links.values() for link in links}
        return frozenset(rounds | {f"{key.partition('/')[0]}/" for key in rounds})

    @cached_property
    def begun(self) -> int:
        """Return the year in which the history begins, or 0."""
        moments = [c.authored for c in self.history.commits if not c.parents and c.authored.known]
        return min(moments).local.year if moments else 0

    @cached_property
    def twins(self) -> Mapping[tuple[Moment, str], Sequence[Commit]]:
        """Return the commits by author date and subject, which one that was rewritten has as well."""
        found: dict[tuple[Moment, str], list[Commit]] = {}
        for commit in self.history.commits:
            found.setdefault((commit.authored, commit.subject), []).append(commit)
        return found

    @property
    def gaps(self) -> str:
        """Return why nothing can be called missing in an incomplete history."""
        return f"{INCOMPLETE} ({', '.join(gap.message for gap in self.history.gaps)})"


@frozen
class CheckContext:
    """What a check can use: the book, the settings, and what several checks derive from them, each computed once."""

    book: Book
    shared: SharedContext

    @classmethod
    def of(cls, book: Book, settings: Settings, kept: Kept) -> CheckContext:
        """Return what checks of a book use; `kept` holds what followed from the last book."""
        known = SharedContext(
            book.history, settings, book.links, book.coverage, book.records, book.files, book.git_facts, kept
        )
        return cls(book, kept.last("shared", known))

    @property
    def settings(self) -> Settings:
        """Return the settings of the project."""
        return self.shared.settings

    def each(self, entries: Iterable[Entry], judged: ByRound) -> Iterator[CheckResult]:
        """Yield what a function finds in each of some rounds, or found where neither it nor the shared context has changed."""

        def found(entry: Entry, shared: SharedContext) -> tuple[CheckResult, ...]:
            return tuple(judged(entry, shared))

        for entry in entries:
            yield from self.shared.kept.same((judged, entry.key), found, entry, self.shared)

    @cached_property
    def own(self) -> tuple[Entry, ...]:
        """Return the rounds of this repository, oldest first; those of another cannot be checked against this history."""
        return tuple(entry for entry in self.book.entries.values() if entry.verified)

    @cached_property
    def imported(self) -> frozenset[str]:
        """Return the rounds that were imported from a note or a changelog.

        Mistakes in an old note are worth knowing, but nobody can fix the past: by default they are notes.
        """
        return frozenset(entry.key for entry in self.own if is_imported(entry))

    @cached_property
    def lines(self) -> tuple[tuple[Entry, ...], ...]:
        """Return what follows on each other, oldest first: the rounds of one phase and repository, and phases with numbers.

        A phase that is only planned ends nothing before it.
        """
        found: dict[tuple[str, str], list[Entry]] = {}
        for entry in self.book.entries.values():
            if not entry.is_phase or entry.links or entry.status in _BEGUN:
                found.setdefault((entry.repository, line_of(entry.round)), []).append(entry)
        return tuple(map(tuple, found.values()))


def is_imported(entry: Entry) -> bool:
    """Tell whether a round was imported from a note or a changelog."""
    return bool(entry.round.source) or entry.round.kind == "changelog"


def _only_records(history: History, records: Records) -> Callable[[str], bool]:
    return cache(lambda commit: records.only(history.by_id[commit]))


Function = Callable[[CheckContext], Iterable[CheckResult]]
ByRound = Callable[[Entry, SharedContext], Iterable[CheckResult]]


@frozen
class Check:
    """A registered check; `history` means that it needs the complete history."""

    slug: str
    severity: Severity
    history: bool
    function: Function

    @property
    def family(self) -> str:
        """Return the name of the file that it stands in."""
        return self.function.__module__.rpartition(".")[2]

    @property
    def documentation(self) -> str:
        """Return the docstring."""
        return inspect.getdoc(self.function) or ""


def check(slug: str, severity: Severity, *, history: bool = False) -> Callable[[Function], Function]:
    """Register a check under its slug, with the default severity of its contradictions."""

    def register(function: Function) -> Function:
        _REGISTRY[slug] = Check(slug, severity, history, function)
        return function

    return register


def judge(
    book: Book,
    settings: Settings,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    kept: Kept | None = None,
) -> tuple[CheckResult, ...]:
    """Return the results of all checks that the settings leave on, with severities and waivers applied.

    `progress` is called before each check, with its family, how many checks are done, and how many there are.
    `kept` holds what followed from the last book.
    """
    context = CheckContext.of(book, settings, kept or Kept())
    results: list[CheckResult] = []
    for done, slug in enumerate(sorted(CHECKS)):
        progress(f"checking {CHECKS[slug].family}", done, len(CHECKS))
        results += _results(CHECKS[slug], context)
    return tuple(results)


def _results(one: Check, context: CheckContext) -> Iterator[CheckResult]:
    book, settings = context.book, context.settings
    weight = settings.checks.get(one.slug, one.severity)
    if weight == "off":
        return
    if one.history and not book.history.complete:
        yield Claim("").unchecked(context.shared.gaps)._replace(check=one.slug, severity=weight)
        return
    silent = one.slug not in settings.checks
    lenient = silent and one.severity == "warning" and one.slug != OF_IMPORTING
    for found in one.function(context):
        # A decision record that was adopted is older than the book.
        adopted = silent and found.place is not None and record_of(found.place.path) in book.adopted_at
        noted = found.severity == "info" or adopted or (lenient and found.round in context.imported)
        waived = _waived(found, one.slug, book) if found.speaks else ""
        yield found._replace(check=one.slug, severity="info" if noted else weight, waived=waived)


def _waived(result: CheckResult, slug: str, book: Book) -> str:
    """Return the reason for which a round waives a result, or an empty string; any round, by target, where it is of none."""
    entry = book.entries.get(result.round)
    if entry and not entry.round.waive:
        return ""
    said = f"{result.claim}: {result.evidence}"
    every = (waiver for one in book.entries.values() for waiver in one.round.waive)
    waivers = entry.round.waive if entry else (one for one in every if one.target and not one.commit)
    return next((w.reason for w in waivers if w.check == slug and (w.target or "") in said), "")


def requirements() -> Mapping[str, str]:
    """Return what each check requires, in a sentence, by its slug."""
    return {slug: _SENTENCE.split(" ".join(one.documentation.split()))[0] for slug, one in CHECKS.items()}


# ------------------------------------------------------------------------------------- settings without effect


def idle(book: Book, settings: Settings) -> Iterator[Finding]:
    """Yield findings for checks, metrics and versions that do not exist, and for waivers that answer nothing."""
    for slug in settings.checks:
        yield from _misspelled(slug, settings.place_of("checks", slug))
    for entry in book.entries.values():
        for waiver in entry.round.waive:
            yield from _misspelled(waiver.check, waiver.place_of("check"))
    if book.history.complete:
        yield from _idle_waivers(book, settings)
    known = sorted({name for entry in book.entries.values() for name in entry.round.metrics})
    for name in settings.metrics if known else ():
        if name not in known:
            fix = did_you_mean(_dashed(name), known, "write the name of a metric, or remove it")
            message = f'the settings have a threshold for "{name}", but no round has such a metric'
            yield Finding("info", "metric-unknown", message, settings.place_of("metrics", name), fix)
    versions = [name for release in book.all_releases for name in (release.version, release.tag) if name]
    for i, version in enumerate(settings.changelog.yanked):
        if version not in versions and book.history.complete:
            fix = did_you_mean(version.lower(), versions, "write it as the changelog names it", 0.8)
            message = f'"{version}" is withdrawn in the settings, but there is no such version'
            yield Finding("info", "version-unknown", message, settings.changelog.place_of("yanked", i), fix)


def _idle_waivers(book: Book, settings: Settings) -> Iterator[Finding]:
    """Yield a note for each waiver of a check that has no finding which it could answer, where that is certain."""
    answered = {(one.check, one.waived) for one in book.results if one.waived}
    unsure = {(one.round, one.check) for one in book.results if one.outcome == "not-checked"}
    for entry in (one for one in book.entries.values() if one.verified):
        for waiver in entry.round.waive:
            slug = waiver.check
            judged = slug in CHECKS and settings.checks.get(slug) != "off" and not waiver.commit
            if judged and (slug, waiver.reason) not in answered and not {(entry.key, slug), ("", slug)} & unsure:
                named = f' whose message has "{brief(waiver.target)}"' if waiver.target else ""
                message = f"the waiver of {slug} answers nothing: the {entry.kind} has no such finding{named}"
                yield Finding("info", "waiver-unused", message, waiver.place_of("check"), "correct it, or remove it")


def _dashed(name: str) -> str:
    return name.replace("_", "-").lower()


def _misspelled(slug: str, place: Place | None) -> Iterator[Finding]:
    """Yield a finding if a slug is nearly that of a check; it may also be the slug of another finding."""
    if slug not in CHECKS and (fix := did_you_mean(_dashed(slug), CHECKS, cutoff=SURE)):
        yield Finding("warning", "check-unknown", f'there is no check "{slug}"', place, fix)


# -------------------------------------------------------------------------------------------------- words


def brief(text: str | None) -> str:
    """Return a text on one line, shortened to `LONGEST` characters."""
    line = " ".join((text or "").split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1].rstrip() + "…"


def kind(field: str) -> str:
    """Return the singular of a list key: `goal` for `goals`."""
    return LISTS[field].word


def some(names: Sequence[str], most: int = 5) -> str:
    """Return the first `most` names as text, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
