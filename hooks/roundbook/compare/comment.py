"""The comment on a branch for its reviewer: what governs its files, what is to be done, and what it changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from roundbook.book.difference import DecisionChange, Point, RoundChange
from roundbook.book.facts import ChangelogEntry, Link, Tally
from roundbook.compare.branch import BranchComparison, Collision, ProposedEntry, UnknownTrailer
from roundbook.compare.render import NAMED, SENTENCE, Lines, Pointers, Section, listed
from roundbook.errors import Finding, plural
from roundbook.git.message import without_number
from roundbook.site import links
from roundbook.site.escape import clean, code, cut
from roundbook.site.escape import text as escape_text
from roundbook.site.prose import sentence
from roundbook.site.shapes import FINDING, Shapes
from roundbook.yamlfile.writer import emit

VERSION = 3
LIMIT = 20_000  # bytes: a comment is read, not studied
SHOWN = 5  # of each list; the others are folded
_MOST = (50, 20, 10, 5, 2, 0)  # of each list: the most that keeps within the limit


def comment(made: BranchComparison, at: Pointers, base: str, *, summary: bool = False) -> str:
    """Return the comment on a branch, nothing where nobody need read it; `base` is the ref as it was asked for.

    A `summary` of a job has a heading, is never empty, and nothing is collapsed in it.
    """
    if not summary and is_silent(made):
        return ""
    whole = ""
    for most in _MOST:
        whole = "\n\n".join(_parts(made, at, base, most, folded=not summary)) + "\n"
        if len(whole.encode()) <= LIMIT:
            break
    return f"### What this branch changes\n\n{whole}" if summary else whole


def is_silent(made: BranchComparison) -> bool:
    """Return whether there is nothing to be done, and nothing that a reviewer does not see in the changed files."""
    unremarkable = all(
        one.state == "same" or (one.state == "changed" and one.before == one.after and not one.uncommitted)
        for one in made.difference.rounds
    )
    return unremarkable and not (
        made.head is None
        or made.apart
        or (made.gaps and made.commits)  # what is lacking is not known
        or made.unassigned
        or made.loose
        or made.slips
        or made.added
        or made.collisions
        or made.difference.decisions
        or made.difference.closed_items
    )


def _parts(made: BranchComparison, at: Pointers, base: str, most: int, *, folded: bool) -> Iterator[str]:
    yield headline(made, base)
    lines_of = Lines(at, made)
    if governing := [_governing(one, made, lines_of) for one in made.difference.decisions if _governs(one)]:
        yield "**What governs the changed files**"
        yield from _listed(governing, most, SHOWN if folded else most)
    if todo := [*_to_do(made, lines_of)]:
        yield "**To do**"
        yield from todo
    for title, lines in _branch_sections(made, lines_of):
        if lines:
            yield f"**{title}**"
            yield from _listed(lines, most, SHOWN if folded else most)
    if made.claims != Tally():
        yield f"Claims of these rounds and decisions: {made.claims.words}."
    if foot := _foot(made, base):
        yield foot


def _listed(lines: Sequence[str], most: int, shown: int) -> Iterator[str]:
    """Yield a list; beyond `shown` it is folded, and beyond `most` counted. A fold of one line would save none."""
    first = min(most, len(lines) if len(lines) == shown + 1 else shown)
    if top := lines[:first]:
        yield "\n".join(f"- {line}" for line in top)
    rest, left = lines[first:most], len(lines) - max(most, first)
    if rest:
        yield f"<details>\n<summary>{len(lines) - first:,} more</summary>"
        yield "\n".join(f"- {line}" for line in (*rest, *([f"and {left:,} more"] if left > 0 else [])))
        yield "</details>"
    elif left > 0:
        yield f"- and {left:,} more" if top else f"- {left:,}, too many or too long to list here"


# ---------------------------------------------------------------------------------------------- the first line


def headline(made: BranchComparison, base: str = "") -> str:
    """Return what the branch changes in one line, as Markdown."""
    if made.head is None:
        return "Nothing to compare: there are no commits."
    if made.apart:
        gaps = f"the history is incomplete ({escape_text('; '.join(made.gaps))}); fetch all of it"
        why = gaps if made.gaps else "they have no commit in common"
        return f"This branch cannot be compared with {code(base)}: {why}."
    parts = [*_touches(made), *_other(made)]
    if parts:
        line = "; ".join(parts)
        return f"{line[0].upper()}{line[1:]}."
    if made.landed:
        return (
            f"Nothing new compared with {code(base)}, which has the content of {plural(made.landed, 'commit')} already."
        )
    if not made.commits and not made.dirty:
        return f"Nothing new compared with {code(base)}."
    return "Touches no round, decision or changelog entry."


def _touches(made: BranchComparison) -> Iterator[str]:
    if keys := [escape_text(r.key) for r in made.difference.rounds]:
        yield f"touches round{'s' if len(keys) > 1 else ''} {listed(keys[:NAMED], len(keys))}"
    states = [d.state for d in made.difference.decisions]
    cited = [d for d in made.difference.decisions if d.commits and d.state != "new"]
    governs = [d for d in made.difference.decisions if d.files and d.state == "same" and not d.commits]
    kinds = (
        ("records", states.count("new")), ("changes", states.count("changed")), ("removes", states.count("gone")),
        ("cites", len(cited)), ("changes files of", len(governs)),
    )  # fmt: skip
    if said := [(verb, count) for verb, count in kinds if count]:
        verb, count = said[0]
        yield ", ".join([f"{verb} {plural(count, 'decision')}", *(f"{v} {n:,}" for v, n in said[1:])])


def _other(made: BranchComparison) -> Iterator[str]:
    if made.changes:
        yield f"adds {plural(len(made.changes), 'changelog entry', 'changelog entries')}"
    elif made.loose:
        yield "adds no changelog entry"
    if count := len({*made.unassigned, *(c for slip in made.slips if slip.key == "Round" for c in slip.commits)}):
        yield f"{plural(count, 'commit')} of no round"
    if made.difference.closed_items:
        yield f"closes {plural(len(made.difference.closed_items), 'open item')}"
    if made.collisions:
        verb = "is" if len(made.collisions) == 1 else "are"
        yield f"{plural(len(made.collisions), 'id')} {verb} taken by another branch"
    words = (("error", "error"), ("warning", "warning"), ("info", "note"))
    shown: list[str] = [one.severity for one in made.added if not _is_told(one, made)]
    new = [plural(n, f"new {word}") for weight, word in words if (n := shown.count(weight))]
    fixed = [f"{plural(len(made.fixed), 'problem')} fixed"] if made.fixed else []
    if new or fixed:
        yield ", ".join(new + fixed)


# ------------------------------------------------------------------------------------------------ what follows


def _branch_sections(made: BranchComparison, lines: Lines) -> Iterator[Section]:
    yield "Rounds", [*map(lines.round, made.difference.rounds)]
    collisions = [_collision(one, lines) for one in made.collisions]
    yield "Decisions", [*collisions, *(lines.decision(one) for one in made.difference.decisions if not _governs(one))]
    declared = sorted(made.changes, key=lambda one: not one.change.breaking)
    yield "Changelog", [*(_change(one, lines) for one in declared)]
    yield "Open items", [*map(lines.open_item, made.difference.closed_items)]
    order = ("error", "warning", "info")
    ranked = sorted((one for one in made.added if not _is_told(one, made)), key=lambda one: order.index(one.severity))
    fixed = (f"fixed {code(one.slug)}: {lines.words(one.message, SENTENCE)}" for one in made.fixed)
    yield "Problems", [*(_added(one, lines) for one in ranked), *fixed]


def _governs(one: DecisionChange) -> bool:
    return bool(one.files) and one.state == "same"


def _governing(one: DecisionChange, made: BranchComparison, lines: Lines) -> str:
    """Return the line of a decision that stands over changed files, with its reason."""
    words = sentence(made.reasons.get(one.id, ""))
    reason = f" Why: {lines.prose(words, SENTENCE)}{'' if words[-1:] in '.!?…' else '.'}" if words else ""
    cite = "" if one.commits else f" Commits that carry it out end with {code(f'Decision: {one.id}')}."
    return f"{lines.decision(one)}.{reason}{cite}"


PASTE = "End {the} with this, or the description of the pull request if it is going to be squashed:"
_CHANGE_LINE = re.compile(r"`(Change: [^`]+)`")


def _to_do(made: BranchComparison, lines: Lines) -> Iterator[str]:
    """Yield what the branch lacks, each fact once, with what to paste."""
    for slip in made.slips:
        yield from _slip(slip, lines)
    for one in made.difference.rounds:
        if not one.kept:
            was = code(one.was or "")
            at = lines.linked_file(one.path)
            yield f"Round {was} is {code(one.key)} now. Links and trailers that name {was} still lead to it if {at} has:"
            yield _block(f"was: [{one.was}]")
    loose, free = {one.commit: one.subject for one in made.loose}, set(made.unassigned)
    kinds = (
        ("names no round and is in no changelog entry", "name no round and are in no changelog entry",
         [c for c in made.unassigned if c in loose]),
        ("names no round", "name no round", [c for c in made.unassigned if c not in loose]),
        ("is in no changelog entry", "are in no changelog entry", [c for c in loose if c not in free]),
    )  # fmt: skip
    missing = [(one if len(commits) == 1 else many, commits) for one, many, commits in kinds if commits]
    for said, commits in missing:
        shown = [_commit(c, loose.get(c, ""), lines) for c in commits[:NAMED]]
        yield f"{plural(len(commits), 'commit')} {said}: {listed(shown, len(commits))}."
    unnamed = [found[1] for one in made.added if _is_unnamed_entry(one) and (found := _CHANGE_LINE.search(one.fix))]
    if unnamed:
        yield f"No commit names {'this changelog entry' if len(unnamed) == 1 else 'these changelog entries'} of the branch."
    if missing and not made.proposal.round:
        yield f"No round is open. Begin one with {code('roundbook new round')}."
    trailers = (*made.proposal.trailers(names_round=bool(made.unassigned)), *unnamed)
    if trailers and (missing or unnamed):
        lacking = {commit for _, commits in missing for commit in commits}
        several = "the messages of these commits" if lacking else "the message of the commit that made it"
        yield PASTE.format(the="its message" if len(lacking) == 1 else several)
        yield _block("\n".join(trailers))
    if made.proposal.entries:
        where = lines.linked_file(made.proposal.path)
        below = "to the `changes:` of" if made.proposal.begun else "to"
        yield f"Add this {below} {where}:"
        yield _block(("" if made.proposal.begun else "changes:\n") + "".join(map(_entry, made.proposal.entries)))


def _slip(slip: UnknownTrailer, lines: Lines) -> Iterator[str]:
    kept = {"Round": f"round {slip.meant}", "Decision": f"the decision {slip.meant}"}.get(slip.key, "that entry")
    said = f"The trailer {code(f'{slip.key}: {slip.value}')} of {lines.commits(slip.commits)} names nothing"
    if slip.meant:
        yield f"{said}. If this is meant, write it instead, or list the commit under `commits:` of {kept}:"
        yield _block(f"{slip.key}: {slip.meant}")
    else:
        yield f"{said}, so it is ignored."


def _commit(commit: str, subject: str, lines: Lines) -> str:
    return f"{lines.words(without_number(subject), 80)} {lines.commit(commit)}" if subject else lines.commit(commit)


# What would end the block, begin a template, or be a command to a runner that prints the text.
_ODD = re.compile(r"\{[{%#]|##\[|`{3}|~{3}|<|\A::")


def _entry(one: ProposedEntry) -> str:
    """Return a changelog entry as lines of YAML."""
    text = cut(clean(one.text), SENTENCE)
    made = emit([{"type": one.type, "id": one.id, "text": text, **({"breaking": True} if one.breaking else {})}], 2)
    if not _ODD.search(text):
        return made
    quoted = _ODD.sub(lambda m: f"\\u{ord(m[0][0]):04x}{m[0][1:]}", json.dumps(text, ensure_ascii=False))
    last = "    breaking: true\n" if one.breaking else ""
    return f"  - type: {one.type}\n    id: {one.id}\n    text: {quoted}\n{last}"


def _block(text: str) -> str:
    return f"```\n{text.rstrip()}\n```"


def _is_told(one: Finding, made: BranchComparison) -> bool:
    """Return whether the list of what is to be done says the same."""
    if one.slug in ("commit-unaccounted", "address-lost") or _is_unnamed_entry(one):
        return True
    left = [("Round", r.was) for r in made.difference.rounds if not r.kept] + [(s.key, s.value) for s in made.slips]
    return one.slug == "trailer-unknown" and any(
        one.message.startswith(f'the trailer "{key}: {value}"') for key, value in left
    )


def _is_unnamed_entry(one: Finding) -> bool:
    return one.slug == "change-without-commit" and bool(_CHANGE_LINE.search(one.fix))


def _collision(one: Collision, lines: Lines) -> str:
    fix = f"; fix: {lines.words(one.fix, SENTENCE)}" if one.fix else ""
    return f"**The id {code(one.id)} is taken:** {lines.words(one.said, SENTENCE)}{fix}"


def _change(one: ChangelogEntry, lines: Lines) -> str:
    breaks = "**Breaking:** " if one.change.breaking else ""
    words = lines.prose(one.change.text, SENTENCE)
    return f"{one.change.type.capitalize()}: {breaks}{words} ({escape_text(one.origin)})"


def _added(one: Finding, lines: Lines) -> str:
    """Return the line of a problem that the base does not have."""
    weight = {"error": "**error**", "warning": "**warning**", "info": "note"}[one.severity]
    where = f" {lines.place(str(one.place), one.place.path, one.place.line)}" if one.place else ""
    fix = f"; fix: {lines.words(one.fix, SENTENCE)}" if one.fix else ""
    return f"{weight} {code(one.slug)}{where}: {lines.words(one.message, SENTENCE)}{fix}"


def _foot(made: BranchComparison, base: str) -> str:
    said: list[str] = []
    if made.commits:
        counts = f"{plural(len(made.commits), 'commit')}, {plural(made.files, 'file')}"
        said.append(f"{counts}, compared with {code(base)} at {code((made.base or '')[:7])}.")
    if made.dirty:
        names = listed([code(path) for path in made.dirty[:NAMED]], len(made.dirty))
        said.append(f"Not committed yet: {names}.")
    if made.gaps and not made.apart and made.head:
        said.append(
            f"The history is incomplete ({escape_text('; '.join(made.gaps))}), so nothing is reported as missing or fixed."
        )
    return " ".join(said)


# -------------------------------------------------------------------------------------------------------- data


_shape = Shapes()
_URL_OR_NONE: Any = {"page": str | None, "preview": str | None, "source": str | None}
_STATUS: Any = _shape(RoundChange, "before after", called="Status")
_shape(Link, "id=commit rule reason")
_ROUND = _shape(
    RoundChange,
    "key title state was address-kept=kept status commits=links uncommitted path? page preview source",
    status=_STATUS,
    **_URL_OR_NONE,
)
_DECISION = _shape(
    DecisionChange,
    "id title round state status superseded-by cited-by=commits governs=files page preview source",
    called="BranchDecision",
    status=_STATUS,
    **_URL_OR_NONE,
)
_COLLISION = _shape(Collision, "id round? message=said fix")
_CHANGE = _shape(
    ChangelogEntry,
    "type=change.type text=change.text breaking=change.breaking round=origin commits page preview",
    **_URL_OR_NONE,
)
_PLACED_ITEM = _shape(
    Point, "kind title round anchor closed-by=status reason page preview", called="PlacedItem", **_URL_OR_NONE
)


def data(made: BranchComparison, at: Pointers, base: str, head: str) -> dict[str, Any]:
    """Return a proposal as plain data; the texts in it are those of the round files and of git, as they are."""
    return {
        "schema-version": VERSION,
        "summary": headline(made, base),
        "base": {"ref": base, "commit": made.base},
        "head": {"ref": head, "commit": made.head},
        "complete": not (made.gaps or made.apart),
        "gaps": list(made.gaps),
        "commits": list(made.commits),
        "landed": made.landed,
        "uncommitted": list(made.dirty),
        "rounds": [_round(one, made, at) for one in made.difference.rounds],
        "unassigned": list(made.unassigned),
        "slips": [asdict(one) for one in made.slips],
        "proposal": {
            **asdict(made.proposal),
            "trailers": list(made.proposal.trailers(names_round=bool(made.unassigned))),
            "edit": at.edit(made, made.proposal.path),
        },
        "decisions": [
            _DECISION.of(
                one, status=one, source=at.source(made, one.path, one.line), **at.places(links.decision(one.id))
            ).plain
            for one in made.difference.decisions
        ],
        "collisions": [_COLLISION.of(one).plain for one in made.collisions],
        "changes": [_CHANGE.of(one, **at.places(links.entry(one.round), one.anchor)).plain for one in made.changes],
        "unclaimed": [asdict(one) for one in made.loose],
        "claims": made.claims.data,
        "open-items": [
            _PLACED_ITEM.of(one, **at.places(links.round_page(one.round), one.anchor)).plain
            for one in made.difference.closed_items
        ],
        "findings": {
            "new": [_finding(one, made, at) for one in made.added],
            "fixed": [FINDING.of(one).plain for one in made.fixed],
        },
    }


def _round(one: RoundChange, made: BranchComparison, at: Pointers) -> dict[str, Any]:
    source = at.source(made, one.path) if one.state != "gone" else None
    return _ROUND.of(one, status=one, source=source, **at.places(links.round_page(one.key))).plain


def _finding(one: Finding, made: BranchComparison, at: Pointers) -> dict[str, Any]:
    where = at.source(made, one.place.path, one.place.line) if one.place else None
    return {**FINDING.of(one).plain, "source": where}
