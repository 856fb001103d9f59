"""A difference, and a branch for its reviewer, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from roundbook.book.difference import DecisionChange, Difference, MetricChange, Point, RoundChange, State
from roundbook.book.facts import ChangelogEntry, Link, Tally
from roundbook.compare.branch import BranchComparison, Collision
from roundbook.errors import Finding, plural
from roundbook.git.forge import Forge
from roundbook.site import escape, links
from roundbook.site.escape import clean, code, cut
from roundbook.site.escape import text as escape_text
from roundbook.site.links import Here
from roundbook.site.prose import plain as without_markup
from roundbook.site.shapes import FINDING, Shapes

NAMED = 3  # commits or files that are named
TITLE, SENTENCE, _URL = 120, 300, 600
_RULES = {"named": "by name", "path": "by path", "pull-request": "by pull request", "carried": "carried forward"}
Section = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class Pointers:
    """Where things can be read: the published `site`, a `preview` of the branch, the `forge`; each may be unknown.

    `folders` tells how the site names its pages.
    """

    site: str = ""
    preview: str = ""
    folders: bool = True
    forge: Forge | None = None

    def places(self, uri: str, anchor: str = "") -> dict[str, str | None]:
        """Return the address of a page of the site, and of the preview."""
        path = Here("index.md", "directory" if self.folders else "file").from_top(uri, anchor)
        both = (("page", self.site), ("preview", self.preview))
        return {name: f"{top.rstrip('/')}/{path}" if top else None for name, top in both}

    def source(self, made: BranchComparison | None, path: str, line: int = 0) -> str | None:
        """Return the address of a file of the project as the branch has it, where that is committed."""
        if not (self.forge and made and made.head and path) or path in made.dirty:
            return None
        return self.forge.file(made.head, made.prefix + path, line)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines about the parts of a comparison: plain for a `terminal`, else items of Markdown that lead to the pages.

    `made` is the branch that is compared, if any. `grouped` says that a heading gives the state of the things below it.
    """

    at: Pointers = Pointers()
    made: BranchComparison | None = None
    terminal: bool = False
    grouped: bool = False

    def words(self, text: str, limit: int = TITLE) -> str:
        """Return words of others on one line, with a bound, so that they are shown and do nothing."""
        shown = cut(" ".join(clean(text).split())) if self.terminal else cut(clean(text), limit)
        return shown if self.terminal else escape.text(shown)

    def prose(self, text: str, limit: int = TITLE) -> str:
        """Return prose of a round file in the same way, without its markup where the line is Markdown."""
        return self.words(text) if self.terminal else escape.text(cut(without_markup(text), limit))

    def code(self, text: str) -> str:
        """Return a path or an id."""
        return self.words(text) if self.terminal else escape.code(cut(text, TITLE))

    def metric(self, one: MetricChange) -> str:
        """Return the line of a metric."""
        before, after = (self.words(value) if value is not None else "none" for value in (one.before, one.after))
        moved = f" ({one.difference:+,})" if one.difference is not None else ""
        return f"{self.words(one.name)}: {before} → {after}{moved} ({self.words(one.round)})"

    def round(self, one: RoundChange) -> str:
        """Return the line of a round: what became of it, and which commits of the branch are its own."""
        shown = self._titled(one.title, links.round_page(one.key), "", one.path, 0, one.state)
        said = [*self._became(one), *_turned(one.before, one.after)]
        if one.links:
            rules = Counter(_RULES.get(link.rule, f"by {link.rule}") for link in one.links)
            counts = ", ".join(f"{n:,} {rule}" if len(rules) > 1 else rule for rule, n in rules.items())
            said.append(f"{plural(len(one.links), 'commit')} ({self.words(counts)})")
        if not one.kept:
            said.append(f"links to the old address break: add {self.code(f'was: [{one.was}]')} to its file")
        if one.uncommitted:
            said.append("not committed yet")
        return f"{shown} ({self.words(one.key)}): {', '.join(said) or 'unchanged'}"

    def decision(self, one: DecisionChange) -> str:
        """Return the line of a decision: recorded, changed, gone, cited by commits, governing files."""
        shown = self._titled(one.title, links.decision(one.id), "", one.path, one.line, one.state)
        after = "removed" if one.state == "gone" else one.after
        said = [*_turned(one.before, after)]
        if one.state in ("new", "changed") and not (self.grouped and said):
            said.insert(0, one.state)
        if one.superseded_by:
            said.append(f"replaced by {self.words(', '.join(one.superseded_by[:NAMED]))}")
        if one.commits:
            said.append(f"cited by {self.commits(one.commits)}")
        if one.files:
            said.append(f"affects {listed([self.code(path) for path in one.files[:NAMED]], len(one.files))}")
        return f"{shown} ({self.words(f'{one.round}#{one.id}' if one.round else one.id)}): {', '.join(said)}"

    def goal(self, one: Point) -> str:
        """Return the line of a goal."""
        return f"{self.prose(one.title)} ({self.words(one.round)}{f', {one.status}' if one.status else ''})"

    def open_item(self, one: Point) -> str:
        """Return the line of an open item, of a closed one with what closed it, where that is another round."""
        shown = self._titled(one.title, links.round_page(one.round), one.anchor, "", 0, "changed")
        by = f" by {self.words(one.status)}" if one.status and one.status != one.round else ""
        closed = f", closed{by}" if one.status else ""
        why = f": {self.words(one.reason)}" if one.reason else ""
        return f"{one.kind}: {shown} ({self.words(one.round or one.anchor)}{closed}{why})"

    def commits(self, commits: Sequence[str]) -> str:
        """Return commits by their short ids, the first of them linked to the forge where that is known."""
        return listed([self.commit(commit) for commit in commits[:NAMED]], len(commits))

    def commit(self, commit: str) -> str:
        """Return a commit by its short id."""
        return self._linked(self.code(commit[:7]), self.at.forge.commit(commit) if self.at.forge else None)

    def place(self, place: str, path: str, line: int) -> str:
        """Return the place of a problem."""
        short = place if len(place) <= TITLE else f"…{place[-TITLE + 1 :]}"
        return self._linked(self.code(short), self.at.source(self.made, path, line))

    def _became(self, one: RoundChange) -> Iterator[str]:
        if one.state == "unreadable":
            yield "its file cannot be read"
        elif one.state == "moved":
            yield f"moved from {self.words(one.was or '')}" if one.was != one.key else "its file moved"
        elif one.state != "same":
            yield "removed" if one.state == "gone" else one.state

    def _titled(self, title: str, uri: str, anchor: str, path: str, line: int, state: str) -> str:
        """Return a title that leads to where it can be read today, and to the preview where that says something else."""
        words = self.prose(title) or "(no title)"
        places = self.at.places(uri, anchor)
        page, preview = places["page"], places["preview"]
        if state in ("new", "moved", "unreadable"):
            return self._linked(words, preview or self.at.source(self.made, path, line) or page)
        beside = f" ({self._linked('preview', preview)})" if page and preview and state == "changed" else ""
        return f"{self._linked(words, page or preview)}{beside}"

    def _linked(self, words: str, url: str | None) -> str:
        return escape.link(words, url) if url and len(url) <= _URL and not self.terminal else words


def listed(shown: Sequence[str], count: int) -> str:
    """Return the first of so many things, and how many more there are."""
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return ", ".join(shown) + more


def _turned(before: str | None, after: str | None) -> Iterator[str]:
    if before and after and before != after:
        yield f"{before} → {after}".replace("-", " ")
    elif after and not before:
        yield after.replace("-", " ")


# ------------------------------------------------------------------------------------------- rounds, refs and books


def text(made: Difference) -> str:
    """Return a difference for a terminal; the adapter makes its lines harmless."""
    lines = [f"{made.before} → {made.after}"]
    for title, items in _sections(made, Lines(terminal=True, grouped=True)):
        lines += ["", title, *(f"  {item}" for item in items)]
    return "\n".join((*lines, *_ending(made))) + "\n"


def markdown(made: Difference) -> str:
    """Return a difference as Markdown in which no text of others is markup."""
    lines = [f"# What changed from {escape.text(made.before)} to {escape.text(made.after)}"]
    for title, items in _sections(made, Lines(grouped=True)):
        lines += ["", f"## {title}", "", *(f"- {item}" for item in items)]
    return "\n".join((*lines, *_ending(made))) + "\n"


def _ending(made: Difference) -> Iterator[str]:
    if made.is_empty:
        yield ""
        yield "Nothing changed."
    if not made.complete:
        yield ""
        yield "The history is incomplete, so there may be more commits."


def _sections(made: Difference, lines: Lines) -> Iterator[Section]:
    """Yield the parts that say something, each with its lines."""
    gone = [one for one in made.decisions if one.state == "gone"]
    states = dict.fromkeys(one.state for one in made.rounds)
    rounds = [
        f"{'removed' if state == 'gone' else state}: {lines.words(', '.join(made.keys(state)))}" for state in states
    ]
    parts: tuple[Section, ...] = (
        ("Metrics", [*map(lines.metric, made.metrics)]),
        ("New decisions", [*map(lines.decision, made.new_decisions)]),
        ("Changed decisions", [*map(lines.decision, made.changed_decisions)]),
        ("Removed decisions", [*map(lines.decision, gone)]),
        ("Completed goals", [*map(lines.goal, made.completed_goals)]),
        ("Goals still open", [*map(lines.goal, made.open_goals)]),
        ("New goals", [*map(lines.goal, made.new_goals)]),
        ("New open items", [*map(lines.open_item, made.opened_items)]),
        ("Closed items", [*map(lines.open_item, made.closed_items)]),
        ("Rounds", rounds),
        ("Commits", [f"{made.commits:,} between the two"] if made.commits else []),
    )
    return (part for part in parts if part[1])


# The keys are described on the page on comparing.
_shape = Shapes()
_shape(MetricChange)
_shape(DecisionChange, "id title round before after superseded-by")
_shape(Point, "kind title round anchor status")
_ITEM = _shape(Point, "kind title round anchor closed-by=status reason", called="OpenItem")
_GOALS = _shape(Difference, "completed=completed_goals open=open_goals new=new_goals", called="Goals")
_ITEMS: Any = dict.fromkeys(("opened", "closed"), list[_ITEM])  # type: ignore[valid-type]
_DIFFERENCE = _shape(
    Difference,
    "before after metrics decisions goals open-items rounds commits complete",
    decisions=dict[State, list[DecisionChange]],
    goals=_GOALS,
    open_items=_shape(Difference, "opened=opened_items closed=closed_items", called="OpenItems", **_ITEMS),
    rounds=dict[State, list[str]],
)


def plain(made: Difference) -> dict[str, Any]:
    """Return a difference as plain data."""
    states: tuple[State, ...] = ("new", "changed", "moved", "unreadable", "gone")
    decided = {s: [one for one in made.decisions if one.state == s] for s in states if s in ("new", "changed", "gone")}
    rounds = {state: made.keys(state) for state in states}
    return _DIFFERENCE.of(made, decisions=decided, goals=made, open_items=made, rounds=rounds).plain


VERSION = 3
LIMIT = 20_000  # bytes: a comment is read, not studied
SHOWN = 5  # of each list; the others are folded
_MOST = (50, 20, 10, 5, 2, 0)  # of each list: the most that keeps within the limit


def comment(made: BranchComparison, at: Pointers, base: str, *, summary: bool = False) -> str:
    """Return the comment on a branch, one line where there is little to report; `base` is the ref as it was asked for.

    A `summary` of a job has a heading, and nothing is collapsed in it.
    """
    whole = ""
    for most in _MOST:
        whole = "\n\n".join(_parts(made, at, base, most, folded=not summary)) + "\n"
        if len(whole.encode()) <= LIMIT:
            break
    return f"### What this branch changes\n\n{whole}" if summary else whole


def _parts(made: BranchComparison, at: Pointers, base: str, most: int, *, folded: bool) -> Iterator[str]:
    yield headline(made, base)
    for title, lines in _branch_sections(made, Lines(at, made)):
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
    if made.difference.closed_items:
        yield f"closes {plural(len(made.difference.closed_items), 'open item')}"
    if made.collisions:
        verb = "is" if len(made.collisions) == 1 else "are"
        yield f"{plural(len(made.collisions), 'id')} {verb} taken by another branch"
    words = (("error", "error"), ("warning", "warning"), ("info", "note"))
    new = [plural(n, f"new {word}") for weight, word in words if (n := sum(f.severity == weight for f in made.added))]
    fixed = [f"{plural(len(made.fixed), 'problem')} fixed"] if made.fixed else []
    if new or fixed:
        yield ", ".join(new + fixed)


# ------------------------------------------------------------------------------------------------ what follows


def _branch_sections(made: BranchComparison, lines: Lines) -> Iterator[Section]:
    yield "Rounds", [*map(lines.round, made.difference.rounds), *_unassigned(made, lines)]
    collisions = [_collision(one, lines) for one in made.collisions]
    yield "Decisions", [*collisions, *map(lines.decision, made.difference.decisions)]
    declared = sorted(made.changes, key=lambda one: not one.change.breaking)
    yield "Changelog", [*(_change(one, lines) for one in declared), *_loose(made, lines)]
    yield "Open items", [*map(lines.open_item, made.difference.closed_items)]
    order = ("error", "warning", "info")
    ranked = sorted(made.added, key=lambda one: order.index(one.severity))
    fixed = (f"fixed {code(one.slug)}: {lines.words(one.message, SENTENCE)}" for one in made.fixed)
    yield "Problems", [*(_added(one, lines) for one in ranked), *fixed]


def _unassigned(made: BranchComparison, lines: Lines) -> Iterator[str]:
    if made.unassigned:
        verb = "belongs" if len(made.unassigned) == 1 else "belong"
        yield f"{plural(len(made.unassigned), 'commit')} {verb} to no round: {lines.commits(made.unassigned)}"


def _collision(one: Collision, lines: Lines) -> str:
    fix = f"; fix: {lines.words(one.fix, SENTENCE)}" if one.fix else ""
    return f"**The id {code(one.id)} is taken:** {lines.words(one.said, SENTENCE)}{fix}"


def _change(one: ChangelogEntry, lines: Lines) -> str:
    breaks = "**Breaking:** " if one.change.breaking else ""
    words = lines.prose(one.change.text, SENTENCE)
    return f"{one.change.type.capitalize()}: {breaks}{words} ({escape_text(one.origin)})"


def _loose(made: BranchComparison, lines: Lines) -> Iterator[str]:
    """Yield the line about commits that read like a change and are in no entry."""
    if found := made.loose:
        some = [f"{lines.words(one.subject, 80) or '(no message)'} {lines.commit(one.commit)}" for one in found[:NAMED]]
        looks, why = ("looks like a change", "it is") if len(found) == 1 else ("look like changes", "they are")
        yield f"{plural(len(found), 'commit')} {looks}, but {why} in no changelog entry: {listed(some, len(found))}"


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
