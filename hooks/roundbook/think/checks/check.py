"""In: functions that hold claims against evidence. Out: the registry of checks, and the judgement of a whole book.

A check is a pure function `Docket -> verdicts` with the decorator `@check`; its docstring is its documentation: the first
sentence says what it holds, `Mend:` how to mend it. Adding one touches no other file.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from roundbook.errors import Finding, Place, Severity
from roundbook.model.book import Book, Entry
from roundbook.model.history import SHORT
from roundbook.model.items import Waiver
from roundbook.model.verdict import Verdict
from roundbook.settings import Settings
from roundbook.think.account import REVERTED
from roundbook.think.named import Named, named
from roundbook.think.paths import PathIndex, Trace, dated

SURE = 0.88  # how alike a word and the name of a check are for the word to be a misspelling of it
OF_IMPORTING = "source-changed"
INCOMPLETE = "not checked: history incomplete"
_REGISTRY: dict[str, Check] = {}
CHECKS: Mapping[str, Check] = MappingProxyType(_REGISTRY)


@dataclass(frozen=True)
class Docket:
    """What a check may look at: the book, the settings, and where each path of the history lived."""

    book: Book
    settings: Settings

    @cached_property
    def paths(self) -> PathIndex:
        """Return the index of all paths that ever were; made when the first check asks."""
        return PathIndex.of(self.book.history, self.settings.roots)

    @cached_property
    def own(self) -> tuple[Entry, ...]:
        """Return the rounds of this repository, oldest first; those of another cannot be held against this history."""
        return tuple(entry for entry in self.book.entries.values() if entry.verified)

    @cached_property
    def imported(self) -> frozenset[str]:
        """Return the rounds that hold what a note says.

        What was wrong in the note is worth knowing, but nobody can mend the past: it is no warning unless the settings say so.
        """
        return frozenset(entry.key for entry in self.own if entry.round.source or entry.round.kind == "changelog")

    def is_adopted(self, verdict: Verdict) -> bool:
        """Tell whether a verdict is about a decision record of somebody else, which was there before the book was."""
        return verdict.place is not None and verdict.place.path in self.book.adopted_at

    @cached_property
    def named(self) -> Mapping[str, tuple[Named, ...]]:
        """Return, by round, the paths that it names."""
        return {entry.key: tuple(named(entry)) for entry in self.own}

    @cached_property
    def taken_back(self) -> Mapping[str, str]:
        """Return, for each commit that was reverted, the commit that did it."""
        accounts = self.book.accounts.items()
        return {commit: one.partner for commit, one in accounts if one.reason == REVERTED and one.partner}

    @cached_property
    def dated(self) -> Callable[[str], str]:
        """Return what tells a commit's id as its short id and its day, `abc1234 on 2026-02-17`; each is told once."""
        return cache(lambda commit: dated(self.book.history, commit))

    @cached_property
    def story(self) -> Callable[[Trace], str]:
        """Return what tells a trace of a path as `added by abc1234 on 2026-02-17, last touched by def5678`."""
        return cache(self._story)

    def _story(self, trace: Trace) -> str:
        parts = [f"added by {self.dated(trace.added)}"] if trace.added else []
        if trace.deleted:
            parts.append(f"removed by {self.dated(trace.deleted)}")
        elif trace.touched and trace.touched != trace.added:
            parts.append(f"last touched by {trace.touched[:SHORT]}")
        return ", ".join(parts) or "in the tree of HEAD"


Function = Callable[[Docket], Iterable[Verdict]]


@dataclass(frozen=True, slots=True)
class Check:
    """A function of the registry: `history` says that it needs the whole history to say that something is missing."""

    slug: str
    severity: Severity
    history: bool
    function: Function

    @property
    def documentation(self) -> str:
        """Return the docstring."""
        return inspect.getdoc(self.function) or ""


def check(slug: str, severity: Severity, *, history: bool = False) -> Callable[[Function], Function]:
    """Register a check under its slug, with the weight that its contradictions have where the settings say nothing."""

    def register(function: Function) -> Function:
        _REGISTRY[slug] = Check(slug, severity, history, function)
        return function

    return register


def judge(book: Book, settings: Settings) -> tuple[Verdict, ...]:
    """Return the verdicts of all checks that the settings leave on, each weighed and waived where a round says so."""
    docket = Docket(book, settings)
    return tuple(verdict for slug in sorted(CHECKS) for verdict in _verdicts(CHECKS[slug], docket))


def _verdicts(one: Check, docket: Docket) -> Iterator[Verdict]:
    weight = docket.settings.checks.get(one.slug, one.severity)
    if weight == "off":
        return
    if one.history and not docket.book.history.complete:
        missing = ", ".join(gap.message for gap in docket.book.history.gaps)
        yield Verdict(one.slug, "not-checked", "", f"{INCOMPLETE} ({missing})", severity=weight)
        return
    silent = one.slug not in docket.settings.checks
    lenient = silent and one.severity == "warning" and one.slug != OF_IMPORTING
    for verdict in one.function(docket):
        waived = _waived(verdict, docket) if verdict.speaks else ""
        of_others = (lenient and verdict.round in docket.imported) or (silent and docket.is_adopted(verdict))
        weighs: Severity = "info" if of_others or verdict.severity == "info" else weight
        as_it_is = verdict.severity == weighs and not waived
        yield verdict if as_it_is else verdict._replace(severity=weighs, waived=waived)


def _waived(verdict: Verdict, docket: Docket) -> str:
    entry = docket.book.entries.get(verdict.round)
    waivers = entry.round.waive if entry else ()
    return next((w.reason for w in waivers if _means(w, verdict)), "") if waivers else ""


def _means(waiver: Waiver, verdict: Verdict) -> bool:
    return waiver.check == verdict.check and (waiver.target or "") in f"{verdict.claim}: {verdict.evidence}"


def idle(book: Book, settings: Settings) -> Iterator[Finding]:
    """Yield what names nothing in the settings and in waivers, and so does nothing: checks, metrics and versions."""
    for slug in settings.checks:
        yield from _misspelled(slug, settings.place_of("checks", slug))
    for entry in book.entries.values():
        for waiver in entry.round.waive:
            yield from _misspelled(waiver.check, waiver.place_of("check"))
    known = sorted(
        {
            name
            for record in (*book.phases.values(), *(e.round for e in book.entries.values()))
            for name in record.metrics
        }
    )
    for name in settings.metrics if known else ():
        if name not in known:
            mend = _suggested(name, known, 0.6) or "write the name of a metric, or take it out"
            message = f'the settings have a threshold for "{name}", and no round has such a metric'
            yield Finding("info", "metric-unknown", message, settings.place_of("metrics", name), mend)
    versions = [name for release in book.releases for name in (release.version, release.tag) if name]
    for i, version in enumerate(settings.changelog.yanked):
        if version not in versions and book.history.complete:
            mend = _suggested(version, versions, 0.8) or "write it as the changelog names it"
            message = f'"{version}" was withdrawn, say the settings, and there is no such version'
            yield Finding("info", "version-unknown", message, settings.changelog.place_of("yanked", i), mend)


def _misspelled(slug: str, place: Place | None) -> Iterator[Finding]:
    """Yield a finding for what is nearly the name of a check; other findings can be meant too, and have names of their own."""
    if slug not in CHECKS and (mend := _suggested(slug, CHECKS, SURE)):
        yield Finding("warning", "check-unknown", f'there is no check "{slug}"', place, mend)


def _suggested(word: str, known: Iterable[str], cutoff: float) -> str:
    near = difflib.get_close_matches(word.replace("_", "-").lower(), [*known], n=1, cutoff=cutoff)
    return f'did you mean "{near[0]}"?' if near else ""
