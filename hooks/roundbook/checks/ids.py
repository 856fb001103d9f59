"""Checks of ids and addresses: renamed pages, decision ids on other branches, and imported notes that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import PurePosixPath

from roundbook.book.facts import CheckResult, Claim, Decision
from roundbook.book.model import Book, Entry
from roundbook.book.questions import source_spots
from roundbook.book.references import free
from roundbook.checks.registry import CheckContext, SharedContext, brief, check, some
from roundbook.git.history import SHORT, BranchDecision
from roundbook.schema.ids import called, following, number_in
from roundbook.schema.items import Source

ALIKE = 0.8  # similarity from which two texts are versions of one
SPOKEN = 3  # words beyond its title that a decision needs to be recognised by its text
NAMED = 3


@check("address-lost", "warning", history=True)
def address_lost(context: CheckContext) -> Iterator[CheckResult]:
    """A renamed round or decision lists its old id in `was:`, so that links to its old page still work.

    A decision without an `id` takes it from its title, so a new title is a new id.

    Fix: list the old id in `was:`, or give the decision its old id as `id`.
    """
    book = context.book
    for (kind, old), now in book.timelines.renamed.items():
        kept: Mapping[str, str] = book.aliases.rounds if kind == "round" else book.aliases.decisions
        if kept.get(old) != now:
            words = f"links to the {kind} {old} lead to its new name {now}"
            yield _named(kind, now, words, book).contradicted(
                "it was renamed, but has no was: with the old id", f"write was: [{old}]"
            )


def _named(kind: str, name: str, words: str, book: Book) -> Claim:
    """Return a claim at the place of a round or decision; it is not stated, as no file promises that old links work."""
    if kind == "round":
        entry = book.entries.get(name)
        return Claim(words, entry.round.place if entry else None, name, stated=False)
    decision = book.decisions.get(name)
    return _id(decision, words) if decision else Claim(words, stated=False)


def _id(decision: Decision, words: str) -> Claim:
    return Claim(words, decision.record.place_of("id"), *decision.address, stated=False)


@check("source-changed", "warning", history=True)
def source_changed(context: CheckContext) -> Iterator[CheckResult]:
    """The Markdown file that a round was imported from has not changed since.

    Fix: run `roundbook import --update FILE`, or copy the change into the round and update `blob` under `source:`.
    """
    return context.each(context.own, _sources)


def _sources(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    return (_unchanged(entry, source, shared) for source in entry.round.source)


def _unchanged(entry: Entry, source: Source, shared: SharedContext) -> CheckResult:
    place = source.place_of("blob" if source.blob else "path")
    claim = Claim(f"the {entry.kind} was imported from {source.path}", place, entry.key)
    spots = shared.git_facts.spots
    now_at, then_at = source_spots(source, shared.history)
    now = next(((path, found[1]) for commit, path in now_at if (found := spots.get((commit, path)))), None)
    then = source.blob or next((found[1] for spot in then_at if (found := spots.get(spot))), None)
    if then is None:
        return claim.unchecked(f"{source.rev} has no such file" if source.rev else "neither rev nor blob is given")
    if now is None:
        return claim.unchecked("HEAD does not have the file any more")
    path, blob = now
    touched = shared.paths.trace(path).touched
    last = f"; last changed by {shared.dated(touched)}" if touched else ""
    if blob.startswith(then.lower()):
        return claim.verified(f"its content is still {blob[:SHORT]}{last}", touched)
    fix = f"run roundbook import --update {source.path}, or write blob: {blob}"
    return claim.contradicted(f"it was {then[:SHORT]} then, and is {blob[:SHORT]} now{last}", fix, touched)


# --------------------------------------------------------------------------------- decisions of other branches


@check("decision-duplicate", "error", history=True)
def decision_duplicate(context: CheckContext) -> Iterator[CheckResult]:
    """The id of a decision is used only once, across all local and remote branches that are not merged.

    A branch that holds the same decision does not count, even where the decision was moved to another round. An id that
    is used twice within the work tree is a finding of its own.

    Fix: give one of the two another `id` before the branch is merged; the finding suggests one that is free.
    """
    facts = context.book.git_facts
    if facts.unread:
        counted = "1 branch was" if facts.unread == 1 else f"{facts.unread} branches were"
        yield Claim("no other branch uses an id of this one", stated=False).unchecked(f"{counted} not read")
    by_id: dict[str, list[BranchDecision]] = {}
    for one in facts.elsewhere or ():
        by_id.setdefault(one.id.casefold(), []).append(one)
    used = context.book.decision_ids
    for decision in context.book.decisions.values():
        claim = _id(decision, f"decision {decision.id} is the only one of that id")
        for one in by_id.get(decision.id.casefold(), ()):
            if _collides(one, decision, context):
                yield claim.contradicted(_where(one), _other_id(decision, used))


def _other_id(decision: Decision, used: frozenset[str]) -> str:
    if decision.round:
        spare = free(f"{decision.id}-{decision.round.rpartition('/')[2].lower()}", used)
        return f"write id: {spare} here, or another id there"
    path = PurePosixPath(decision.origin)
    if not number_in(path.name):
        return "rename one of the two files"
    stem = decision.id.rpartition("-")[0]
    number = following((name for name in used if name.startswith(f"{stem}-".casefold())), len(number_in(path.name)))
    return f"rename {path.name} to begin with {number}, which is free on all branches"


def _collides(one: BranchDecision, decision: Decision, context: CheckContext) -> bool:
    """Return whether a decision on a branch certainly is another one than the one here."""
    if one.derived:
        return False  # the branch got it from here
    if one.path in context.shared.paths.touched and one.path not in context.book.history.tree:
        return False  # its file was moved here after the branch was merged by squashing
    place = decision.record.place
    here = context.book.history.prefix + (place.path if place else "")
    if one.round == decision.address[0] and (one.path == here or _like(one.title, decision.record.title)):
        return False  # it is the same decision, or merging will conflict in this file
    return not _known_again(one, decision)


def _known_again(one: BranchDecision, decision: Decision) -> bool:
    own = " ".join(_words(decision))
    longer = len(own.split()) >= len(decision.record.title.split()) + SPOKEN
    return longer and _like(one.text, own)


def _words(decision: Decision) -> Iterator[str]:
    if decision.adopted:
        yield from (decision.record.title, decision.adopted.prose)
        return
    record = decision.record.model_dump(by_alias=True, exclude_none=True, exclude={"id", "status", "date", "commits"})
    for value in record.values():
        yield from (str(v) for v in (value if isinstance(value, list | tuple) else [value]) if not isinstance(v, dict))


def _like(one: str, other: str) -> bool:
    first, second = (" ".join(text.casefold().split()) for text in (one, other))
    return first == second or SequenceMatcher(None, first[:2_000], second[:2_000], autojunk=False).ratio() >= ALIKE


def _where(one: BranchDecision) -> str:
    names = some(one.refs, NAMED)
    where = f"branch {names}" if len(one.refs) == 1 else f"branches {names}"
    holder = called(one.round) if one.round else "a record"
    return f'{holder} has it for "{brief(one.title)}" on {where} ({one.path})'
