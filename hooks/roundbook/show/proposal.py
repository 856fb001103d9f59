"""What a branch brings: a comment for the reviewer as inert Markdown, a summary for a job, and data for JSON.

The first line says it all; what follows is short, long lists are folded, and the whole is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from roundbook.book.facts import DecisionChange, Entered, Point, RoundChange
from roundbook.errors import Finding
from roundbook.model.proposal import Collision, Proposal
from roundbook.show.difference import NAMED, SENTENCE, Lines, Pointers, Section, listed
from roundbook.site import links
from roundbook.site.api import finding as finding_data
from roundbook.site.escape import code, text
from roundbook.site.widgets import RESULTS, plural

VERSION = 2
LIMIT = 20_000  # bytes: a comment is read, not studied
SHOWN = 5  # of each list; the others are folded
_MOST = (50, 20, 10, 5, 2, 0)  # of each list: the most that keeps within the limit


def markdown(made: Proposal, at: Pointers, base: str) -> str:
    """Return the comment: one line where there is little to say. `base` is the ref as it was asked for."""
    return _bounded(made, at, base, folded=True)


def summary(made: Proposal, at: Pointers, base: str) -> str:
    """Return the same for the summary of a job: under a heading, with nothing folded."""
    return f"### What this branch brings\n\n{_bounded(made, at, base, folded=False)}"


def _bounded(made: Proposal, at: Pointers, base: str, *, folded: bool) -> str:
    whole = ""
    for most in _MOST:
        whole = "\n\n".join(_parts(made, at, base, most, folded=folded)) + "\n"
        if len(whole.encode()) <= LIMIT:
            break
    return whole


def _parts(made: Proposal, at: Pointers, base: str, most: int, *, folded: bool) -> Iterator[str]:
    yield headline(made, base)
    for title, lines in _sections(made, Lines(at, made)):
        if lines:
            yield f"**{title}**"
            yield from _listed(lines, most, SHOWN if folded else most)
    if results := _results(made):
        yield f"Claims of what is touched: {results}."
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
        yield f"- and {left:,} more" if top else f"- {left:,}, too many or too long to be listed here"


# ---------------------------------------------------------------------------------------------- the first line


def headline(made: Proposal, base: str = "") -> str:
    """Return what the branch brings in one line, as Markdown."""
    if made.head is None:
        return "There is nothing to compare: there are no commits here."
    if made.apart:
        return f"What lies beyond {code(base)} cannot be told: {_reason(made)}."
    parts = [*_touches(made), *_other(made)]
    if parts:
        line = "; ".join(parts)
        return f"{line[0].upper()}{line[1:]}."
    if made.landed:
        return f"Nothing beyond {code(base)}: what {plural(made.landed, 'commit')} changed is there already."
    if not made.commits and not made.dirty:
        return f"Nothing beyond {code(base)}."
    return "Touches no round, decision or entry of the changelog."


def _reason(made: Proposal) -> str:
    if made.gaps:
        return f"the history here is incomplete ({text('; '.join(made.gaps))}); fetch all of it"
    return "the two have no commit in common"


def _touches(made: Proposal) -> Iterator[str]:
    if keys := [text(r.key) for r in made.difference.rounds]:
        yield f"touches round{'s' if len(keys) > 1 else ''} {listed(keys[:NAMED], len(keys))}"
    states = [d.state for d in made.difference.decisions]
    cited = [d for d in made.difference.decisions if d.commits and d.state != "new"]
    governs = [d for d in made.difference.decisions if d.files and d.state == "same" and not d.commits]
    kinds = (
        ("records", states.count("new")), ("changes", states.count("changed")), ("removes", states.count("gone")),
        ("cites", len(cited)), ("is governed by", len(governs)),
    )  # fmt: skip
    if said := [(verb, count) for verb, count in kinds if count]:
        verb, count = said[0]
        yield ", ".join([f"{verb} {plural(count, 'decision')}", *(f"{v} {n:,}" for v, n in said[1:])])


def _other(made: Proposal) -> Iterator[str]:
    if made.changes:
        yield f"declares {plural(len(made.changes), 'change')}"
    elif made.loose:
        yield "declares no change"
    if made.difference.closed_threads:
        yield f"closes {plural(len(made.difference.closed_threads), 'thread')}"
    if made.collisions:
        verb = "collides" if len(made.collisions) == 1 else "collide"
        yield f"{plural(len(made.collisions), 'id')} {verb} with another branch"
    words = (("error", "error"), ("warning", "warning"), ("info", "note"))
    new = [plural(n, f"new {word}") for weight, word in words if (n := sum(f.severity == weight for f in made.added))]
    mended = [f"mends {plural(len(made.mended), 'finding')}"] if made.mended else []
    if new or mended:
        yield ", ".join(new + mended)


# ------------------------------------------------------------------------------------------------ what follows


def _sections(made: Proposal, lines: Lines) -> Iterator[Section]:
    yield "Rounds", [*map(lines.round, made.difference.rounds), *_stray(made, lines)]
    collisions = [_collision(one, lines) for one in made.collisions]
    yield "Decisions", [*collisions, *map(lines.decision, made.difference.decisions)]
    declared = sorted(made.changes, key=lambda one: not one.change.breaking)
    yield "Changes", [*(_change(one, lines) for one in declared), *_loose(made, lines)]
    yield "Threads", [*map(lines.thread, made.difference.closed_threads)]
    order = ("error", "warning", "info")
    ranked = sorted(made.added, key=lambda one: order.index(one.severity))
    mended = (f"mended {code(one.slug)}: {lines.words(one.message, SENTENCE)}" for one in made.mended)
    yield "Findings", [*(_added(one, lines) for one in ranked), *mended]


def _stray(made: Proposal, lines: Lines) -> Iterator[str]:
    if made.stray:
        verb = "belongs" if len(made.stray) == 1 else "belong"
        yield f"{plural(len(made.stray), 'commit')} {verb} to no round: {lines.commits(made.stray)}"


def _collision(one: Collision, lines: Lines) -> str:
    mend = f"; {lines.words(one.mend, SENTENCE)}" if one.mend else ""
    return f"**The id {code(one.id)} collides:** {lines.words(one.said, SENTENCE)}{mend}"


def _change(one: Entered, lines: Lines) -> str:
    breaks = "**Breaking:** " if one.change.breaking else ""
    words = lines.prose(one.change.text, SENTENCE)
    return f"{one.change.type.capitalize()}: {breaks}{words} ({text(one.origin)})"


def _loose(made: Proposal, lines: Lines) -> Iterator[str]:
    """Yield the line about commits that read like a change and are in no entry."""
    if found := made.loose:
        some = [f"{lines.words(one.subject, 80) or '(no message)'} {lines.commit(one.commit)}" for one in found[:NAMED]]
        lead, one = ("In no entry, though", "a change") if made.changes else ("Declares no change, though", "one")
        verb = "reads" if len(found) == 1 else "read"
        yield f"{lead} {plural(len(found), 'commit')} {verb} like {one}: {listed(some, len(found))}"


def _added(one: Finding, lines: Lines) -> str:
    """Return the line of a finding that the base has not."""
    weight = {"error": "**error**", "warning": "**warning**", "info": "note"}[one.severity]
    where = f" {lines.place(str(one.place), one.place.path, one.place.line)}" if one.place else ""
    mend = f"; {lines.words(one.mend, SENTENCE)}" if one.mend else ""
    return f"{weight} {code(one.slug)}{where}: {lines.words(one.message, SENTENCE)}{mend}"


def _foot(made: Proposal, base: str) -> str:
    said: list[str] = []
    if made.commits:
        counts = f"{plural(len(made.commits), 'commit')}, {plural(made.files, 'file')}"
        said.append(f"{counts} beyond {code(base)} at {code((made.base or '')[:7])}.")
    if made.dirty:
        names = listed([code(path) for path in made.dirty[:NAMED]], len(made.dirty))
        said.append(f"Not committed yet: {names}.")
    if made.gaps and not made.apart and made.head:
        said.append(
            f"The history here is incomplete ({text('; '.join(made.gaps))}): what is lacking was not looked for."
        )
    return " ".join(said)


def _results(made: Proposal) -> str:
    """Return how many claims came to each result, each with its mark; nothing where nothing is claimed."""
    counts = (made.claims.verified, made.claims.contradicted, made.claims.not_checked)
    if not any(counts):
        return ""
    return ", ".join(
        f"{sign} {n:,} {name.replace('-', ' ')}" for (name, sign), n in zip(RESULTS.items(), counts, strict=True)
    )


# -------------------------------------------------------------------------------------------------------- data


def data(made: Proposal, at: Pointers, base: str, head: str) -> dict[str, Any]:
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
        "strays": list(made.stray),
        "decisions": [_decision(one, made, at) for one in made.difference.decisions],
        "collisions": [{"id": c.id, "round": c.round or None, "message": c.said, "mend": c.mend} for c in made.collisions],
        "changes": [
            {"type": one.change.type, "text": one.change.text, "breaking": one.change.breaking, "round": one.origin,
             "commits": list(one.commits), **at.places(links.entry(one.round), one.anchor)}
            for one in made.changes
        ],
        "unclaimed": [asdict(one) for one in made.loose],
        "claims": made.claims.data,
        "threads": [_thread(one, at) for one in made.difference.closed_threads],
        "findings": {
            "new": [_finding(one, made, at) for one in made.added],
            "mended": [finding_data(one) for one in made.mended],
        },
    }  # fmt: skip


def _round(one: RoundChange, made: Proposal, at: Pointers) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "state": one.state,
        "was": one.was,
        "address-kept": one.kept,
        "status": {"before": one.before, "after": one.after},
        "commits": [{"id": link.commit, "rule": link.rule, "reason": link.reason} for link in one.links],
        "uncommitted": one.uncommitted,
        "path": one.path or None,
        **at.places(links.round_page(one.key)),
        "source": at.source(made, one.path) if one.state != "gone" else None,
    }


def _decision(one: DecisionChange, made: Proposal, at: Pointers) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.title,
        "round": one.round,
        "state": one.state,
        "status": {"before": one.before, "after": one.after},
        "superseded-by": list(one.superseded_by),
        "cited-by": list(one.commits),
        "governs": list(one.files),
        **at.places(links.decision(one.id)),
        "source": at.source(made, one.path, one.line),
    }


def _thread(one: Point, at: Pointers) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "title": one.title,
        "round": one.round,
        "closed-by": one.status,
        "reason": one.reason,
        **at.places(links.round_page(one.round), one.anchor),
    }


def _finding(one: Finding, made: Proposal, at: Pointers) -> dict[str, Any]:
    where = at.source(made, one.place.path, one.place.line) if one.place else None
    return {**finding_data(one), "source": where}
