"""A difference, and a branch for its reviewer, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from roundbook.book.difference import DecisionChange, Difference, MetricChange, Point, RoundChange, State
from roundbook.compare.branch import BranchComparison
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.git.forge import Forge
from roundbook.site import escape, links
from roundbook.site.escape import clean, cut
from roundbook.site.links import Here
from roundbook.site.prose import plain as without_markup
from roundbook.site.shapes import Shapes

NAMED = 3  # commits or files that are named
TITLE, SENTENCE, _URL = 120, 300, 600
_RULES = {"named": "by name", "path": "by path", "pull-request": "by pull request", "carried": "carried forward"}
Section = tuple[str, list[str]]


@frozen
class Pointers:
    """Where things can be read: the published `site`, a `preview` of the branch, the `forge`; each may be unknown.

    `folders` tells how the site names its pages, `branch` is the name under which the forge has the branch.
    """

    site: str = ""
    preview: str = ""
    folders: bool = True
    forge: Forge | None = None
    branch: str = ""

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

    def edit(self, made: BranchComparison, path: str) -> str | None:
        """Return the address at which a file of the branch is edited, or can be read if the branch has no known name."""
        source = self.source(made, path)
        edited = (
            replace(self.forge, branch=self.branch).edit(made.prefix + path) if self.forge and self.branch else None
        )
        return (edited or source) if source else None


@frozen
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
            named = listed([self.code(path) for path in one.files[:NAMED]], len(one.files))
            said.append(f"{'governs' if one.state == 'same' else 'affects'} {named}")
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

    def linked_file(self, path: str) -> str:
        """Return a data file, linked to where it is edited."""
        return self._linked(self.code(path), self.at.edit(self.made, path) if self.made else None)

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
        if state in ("new", "moved", "unreadable"):  # the site has no such page yet
            return self._linked(words, preview or self.at.source(self.made, path, line))
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
