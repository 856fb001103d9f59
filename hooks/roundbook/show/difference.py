"""A comparison as lines: for a terminal, as Markdown in which no text of others acts, and as data for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from roundbook.book.facts import DecisionChange, Difference, MetricChange, Point, RoundChange, State
from roundbook.git.forge import Forge
from roundbook.model.proposal import Proposal
from roundbook.site import escape, links
from roundbook.site.escape import clean, cut
from roundbook.site.links import Here
from roundbook.site.prose import plain as without_markup
from roundbook.site.widgets import plural

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

    def source(self, made: Proposal | None, path: str, line: int = 0) -> str | None:
        """Return the address of a file of the project as the branch has it, where that is committed."""
        if not (self.forge and made and made.head and path) or path in made.dirty:
            return None
        return self.forge.file(made.head, made.prefix + path, line)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines about the parts of a comparison: plain for a `terminal`, else items of Markdown that lead to the pages.

    `made` is the branch that is compared, if any. `told` says that a heading tells what became of the things below it.
    """

    at: Pointers = Pointers()
    made: Proposal | None = None
    terminal: bool = False
    told: bool = False

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
        before, after = (self.words(value) if value is not None else "not said" for value in (one.before, one.after))
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
            said.append(f"links to the old address end: write {self.code(f'was: [{one.was}]')} into its file")
        if one.uncommitted:
            said.append("not committed yet")
        return f"{shown} ({self.words(one.key)}): {', '.join(said) or 'as it was'}"

    def decision(self, one: DecisionChange) -> str:
        """Return the line of a decision: recorded, changed, gone, cited by commits, governing files."""
        shown = self._titled(one.title, links.decision(one.id), "", one.path, one.line, one.state)
        after = "gone" if one.state == "gone" else one.after
        said = [*_turned(one.before, after)]
        if one.state in ("new", "changed") and not (self.told and said):
            said.insert(0, one.state)
        if one.superseded_by:
            said.append(f"replaced by {self.words(', '.join(one.superseded_by[:NAMED]))}")
        if one.commits:
            said.append(f"cited by {self.commits(one.commits)}")
        if one.files:
            said.append(f"governs {listed([self.code(path) for path in one.files[:NAMED]], len(one.files))}")
        return f"{shown} ({self.words(f'{one.round}#{one.id}' if one.round else one.id)}): {', '.join(said)}"

    def goal(self, one: Point) -> str:
        """Return the line of a goal."""
        return f"{self.prose(one.title)} ({self.words(one.round)}{f', {one.status}' if one.status else ''})"

    def thread(self, one: Point) -> str:
        """Return the line of a thread, of a closed one with what closed it, where that is another round."""
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
            yield one.state

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
    for title, items in _sections(made, Lines(terminal=True, told=True)):
        lines += ["", title, *(f"  {item}" for item in items)]
    return "\n".join((*lines, *_ending(made))) + "\n"


def markdown(made: Difference) -> str:
    """Return a difference as Markdown in which no text of others is markup."""
    lines = [f"# What changed from {escape.text(made.before)} to {escape.text(made.after)}"]
    for title, items in _sections(made, Lines(told=True)):
        lines += ["", f"## {title}", "", *(f"- {item}" for item in items)]
    return "\n".join((*lines, *_ending(made))) + "\n"


def _ending(made: Difference) -> Iterator[str]:
    if made.is_empty:
        yield ""
        yield "Nothing changed."
    if not made.complete:
        yield ""
        yield "The history here is incomplete: there may be more commits."


def _sections(made: Difference, lines: Lines) -> Iterator[Section]:
    """Yield the parts that say something, each with its lines."""
    gone = [one for one in made.decisions if one.state == "gone"]
    states = dict.fromkeys(one.state for one in made.rounds)
    rounds = [f"{state}: {lines.words(', '.join(made.keys(state)))}" for state in states]
    parts: tuple[Section, ...] = (
        ("Metrics", [*map(lines.metric, made.metrics)]),
        ("New decisions", [*map(lines.decision, made.new_decisions)]),
        ("Decisions that changed", [*map(lines.decision, made.changed_decisions)]),
        ("Decisions that are gone", [*map(lines.decision, gone)]),
        ("Goals completed", [*map(lines.goal, made.completed_goals)]),
        ("Goals still open", [*map(lines.goal, made.open_goals)]),
        ("New goals", [*map(lines.goal, made.new_goals)]),
        ("Threads opened", [*map(lines.thread, made.opened_threads)]),
        ("Threads closed", [*map(lines.thread, made.closed_threads)]),
        ("Rounds", rounds),
        ("Commits", [f"{made.commits:,} in between"] if made.commits else []),
    )
    return (part for part in parts if part[1])


def plain(made: Difference) -> dict[str, Any]:
    """Return a difference as plain data; its keys are described on the page on comparing."""
    states: tuple[State, ...] = ("new", "changed", "moved", "unreadable", "gone")
    return {
        "before": made.before,
        "after": made.after,
        "metrics": [{**asdict(m), "difference": None if m.difference is None else str(m.difference)}
                    for m in made.metrics],
        "decisions": {state: [_decision(d) for d in made.decisions if d.state == state]
                      for state in ("new", "changed", "gone")},
        "goals": {
            "completed": [_point(p) for p in made.completed_goals],
            "open": [_point(p) for p in made.open_goals],
            "new": [_point(p) for p in made.new_goals],
        },
        "threads": {
            "opened": [_thread(p) for p in made.opened_threads],
            "closed": [_thread(p) for p in made.closed_threads],
        },
        "rounds": {state: list(made.keys(state)) for state in states},
        "commits": made.commits,
        "complete": made.complete,
    }  # fmt: skip


def _decision(one: DecisionChange) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in ("id", "title", "round", "before", "after")}
    return {**values, "superseded-by": list(one.superseded_by)}


def _point(one: Point) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("kind", "title", "round", "anchor", "status")}


def _thread(one: Point) -> dict[str, Any]:
    values = _point(one)
    return {**values, "closed-by": values.pop("status"), "reason": one.reason}
