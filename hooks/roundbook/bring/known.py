"""In: a title. Out: `Known`, the phase and the round that it is about, not such as it only mentions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from roundbook.bring.vocabulary import ID, TO_ID, Mention, mentions, unmarked
from roundbook.markdown import remark_of

PHASES = frozenset({"phase", "stage", "milestone", "epic", "quarter"})
SPRINTS = frozenset({"sprint", "iteration"})  # which may be a phase or a round
COMPACT = re.compile(r"\b[mp](?P<phase>\d{1,4})[.\s-]?[rs](?P<round>\d{1,4}[a-z]?)\b", re.IGNORECASE)
# A round of something else than the team's work, and words of titles that say what kind of note it is, not what it is about.
_OTHER = re.compile(
    r"\b(?:uat|qa|tests?|testing|review|audit|interview|funding|feedback|voting|survey|retest)\W{0,3}$", re.I
)
_JOINT = re.compile(r"[\W_]*(?:(?:of|in|the|and)[\W_]*)*", re.IGNORECASE)
_SPAN = re.compile(r"\s*(?:-|–|&|and|\+|/|\s)\s*(?P<last>\d{1,4})(?![\w.])", re.IGNORECASE)
LONGEST_SPAN = 3
_KINDS_OF_NOTES = """
a an the of and on for in to readme index overview summary notes note status report reports review log plan plans planning
details results completion complete completed final draft progress update updates document documents development working
difficult kickoff readiness retrospective retro recap wrap up wrapup outcome deferred doc docs
"""
GENERIC = frozenset(_KINDS_OF_NOTES.split())


@dataclass(frozen=True, slots=True)
class Known:
    """What a text tells of the round that it is about: `word` is how the team calls its rounds."""

    phase: str = ""
    round: str = ""
    word: str = ""

    def before(self, other: Known) -> Known:
        """Return this, with what it leaves open taken from another that does not contradict it."""
        apart = self.round and other.round and self.round.casefold() != other.round.casefold()
        other_phase = self.phase and other.phase and self.phase.casefold() != other.phase.casefold()
        return self if apart or other_phase else replace(self.or_else(other), word=self.word or other.word)

    def or_else(self, other: Known) -> Known:
        """Return this, with what it leaves open taken from another."""
        if not self.round:
            return Known(self.phase or other.phase, other.round, other.word)
        return replace(self, phase=self.phase or other.phase)


def known_of(title: str) -> Known:
    """Return what a title tells: `Phase 3 Round 4`, `Milestone 2 / Iteration 5`, `Sprint 13`, `M3.R2`.

    A remark in brackets at its end counts where the title itself tells nothing, or where it is a phase and nothing else.
    """
    base, remark = remark_of(title.replace("_", " "))
    known = _known(base)
    if not remark:
        return known
    beside = _known(remark)
    if not (known.phase or known.round):
        return beside
    alone = re.fullmatch(rf"(?:phase|stage|milestone){TO_ID}{ID}", remark.strip(), re.IGNORECASE)
    return known.or_else(Known(beside.phase)) if alone else known


def _known(text: str) -> Known:
    found: dict[str, Mention] = {}
    bare = unmarked(text)
    last: Mention | None = None
    for mention in mentions(text):
        rank = "phase" if mention.word in PHASES else "sprint" if mention.word in SPRINTS else "round"
        apart = last and not _JOINT.fullmatch(bare[last.end : mention.start])
        if mention.how in ("", "of", "for", "in") and not apart and not _OTHER.search(bare[: mention.start]):
            last = replace(mention, id=_with_span(mention, bare))
            first = found.setdefault(rank, last)
            if first is not last and first.id.isdecimal() and 0 < _number(last.id) - int(first.id) <= LONGEST_SPAN:
                found[rank] = replace(first, id=f"{first.id}-{last.id}")
    phase, sprint, turn = found.get("phase"), found.get("sprint"), found.get("round")
    if phase and (inner := turn or sprint):
        return Known(phase.id, inner.id, inner.word)
    if sprint and turn:
        return Known(sprint.id, turn.id, turn.word)
    if inner := turn or sprint:
        return Known("", inner.id, inner.word)
    compact = COMPACT.search(text)
    if compact:
        return Known(compact["phase"], compact["round"], "round")
    return Known(phase.id) if phase else Known()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _with_span(mention: Mention, text: str) -> str:
    """Return the id of a mention, or both ends of a short span: `Sprint 11 & 12`, `sprint-11-12`."""
    span = _SPAN.match(text, mention.end)
    near = span and mention.id.isdecimal() and 0 < int(span["last"]) - int(mention.id) <= LONGEST_SPAN
    return f"{mention.id}-{span['last']}" if span and near else mention.id
