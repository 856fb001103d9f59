"""In: rounds, settings and commits. Out: for each commit the links to its rounds, each with the reason.

The rules are asked in the order of `RULES`; the first that answers wins. A new rule is one function in that list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from roundbook.model import message
from roundbook.model.facts import Link
from roundbook.model.glob import matches
from roundbook.model.history import Commit, History
from roundbook.model.homes import Homes
from roundbook.model.names import is_phase, natural_key
from roundbook.model.records import RoundOrPhase
from roundbook.model.when import When
from roundbook.model.when import parse as parse_date
from roundbook.settings import Attribution, RoundPattern
from roundbook.think.ancestry import Landing
from roundbook.think.references import decision_of

_SEPARATOR = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class Clues:
    """What the rules look things up in; made once for a book.

    `rounds` are the rounds and phases of this repository by key. `named` maps a commit to (round, what named it).
    `decisions` are those of these rounds. `files` maps a path of the repository to the round whose data it holds. `moved`
    maps a key that a round had before to the one it has. `changed` holds, by commit, the rounds whose entries of
    the changelog its trailers name, each with the reason.
    """

    rounds: Mapping[str, RoundOrPhase]
    history: History
    settings: Attribution
    named: Mapping[str, tuple[tuple[str, str], ...]]
    tagged: Mapping[str, tuple[tuple[str, str], ...]]
    decisions: Homes
    files: Mapping[str, str]
    landings: Mapping[str, Landing]
    moved: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def only(self, *, phases: bool) -> Clues:
        """Return the clues to rounds alone, or to phases alone; nothing is carried forward to a phase."""
        named, tagged = (
            {
                commit: own
                for commit, pairs in found.items()
                if (own := tuple(p for p in pairs if is_phase(p[0]) == phases))
            }
            for found in (self.named, self.tagged)
        )
        return replace(
            self,
            rounds={key: record for key, record in self.rounds.items() if is_phase(key) == phases},
            settings=self.settings.model_copy(update={"carry_forward": False}) if phases else self.settings,
            named=named,
            tagged=tagged,
            decisions=Homes({n: key for n, key in self.decisions.items() if key and is_phase(key) == phases}),
            files={path: key for path, key in self.files.items() if is_phase(key) == phases},
            changed={c: {k: why for k, why in by.items() if is_phase(k) == phases} for c, by in self.changed.items()},
        )

    @cached_property
    def frozen(self) -> Mapping[str, tuple[str, ...]]:
        """Return the rounds that closing froze a commit for."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            for commit in record.closed.commits if record.closed else ():
                found.setdefault(commit, []).append(key)
        return {commit: tuple(keys) for commit, keys in found.items()}

    @cached_property
    def by_number(self) -> Mapping[str, tuple[str, ...]]:
        """Return the keys of the rounds that have a number, so that `Round: 4` works while there is one round 4."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            found.setdefault(record.round, []).append(key)
        return {number: tuple(keys) for number, keys in found.items() if number}

    @cached_property
    def by_pull(self) -> Mapping[str, tuple[str, ...]]:
        """Return the rounds by the pull requests and branches that they name."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            branches = (record.branch, *(a.branch for a in record.agents))
            for name in (*(p.lstrip("#!") for p in record.prs), *(f"branch {b}" for b in branches if b)):
                found.setdefault(name, []).append(key)
        return {name: tuple(dict.fromkeys(keys)) for name, keys in found.items()}

    @cached_property
    def globs(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the rounds that claim paths, with the globs."""
        found = ((k, tuple(p for s in r.commits for p in s.paths)) for k, r in self.rounds.items())
        return tuple((key, paths) for key, paths in found if paths)

    @cached_property
    def windows(self) -> tuple[tuple[str, When], ...]:
        """Return the rounds that have a window of time: a date that is a span, or `since` and `until`."""
        found: list[tuple[str, When]] = []
        for key, record in self.rounds.items():
            if record.date and record.date.is_span:
                found.append((key, record.date))
            for s in record.commits:
                if s.since or s.until:
                    first = str(s.since).partition("..")[0] if s.since else "1970-01-01"
                    last = str(s.until).partition("..")[2] or str(s.until) if s.until else "2199-12-31"
                    found.append(
                        (key, replace(parse_date(f"{first}..{last}"), text=f"{s.since or ''}..{s.until or ''}"))
                    )
        return tuple(found)

    @cached_property
    def windows_by_day(self) -> Mapping[str, tuple[tuple[str, When], ...]]:
        """Return the windows by the month that they touch, so that a commit is held against few of them."""
        found: dict[str, list[tuple[str, When]]] = {}
        for key, when in self.windows:
            month = when.first.year * 12 + when.first.month - 1
            for m in range(month - 1, when.last.year * 12 + when.last.month + 1):
                found.setdefault(f"{m // 12:04}-{m % 12 + 1:02}", []).append((key, when))
        return {month: tuple(windows) for month, windows in found.items()}

    @cached_property
    def carried(self) -> Mapping[str, tuple[str, ...]]:
        """Return, for each commit, the rounds that the nearest commit before it named."""
        if not self.settings.carry_forward:
            return {}
        carried: dict[str, tuple[str, ...]] = {}
        current: tuple[str, ...] = ()
        for commit in reversed(self.history.commits):
            links = by_name(self, commit) or by_trailer(self, commit) or by_pattern(self, commit)
            current = tuple(link.round for link in links) or current
            carried[commit.id] = current
        return carried


Rule = Callable[[Clues, Commit], tuple[Link, ...]]


def attribute(clues: Clues) -> dict[str, tuple[Link, ...]]:
    """Return the links of every commit that a rule answers for.

    Rounds and phases are asked apart, so that a phase shares a commit with a round of it, and takes none away.
    """
    rounds, phases = clues.only(phases=False), clues.only(phases=True)
    asked = (rounds, phases) if phases.rounds else (rounds,)
    found = ((commit.id, tuple(x for one in asked for x in links_of(one, commit))) for commit in clues.history.commits)
    return {commit_id: links for commit_id, links in found if links}


def links_of(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """Return the links of one commit: those of the first rule that answers."""
    for rule in RULES:
        if links := rule(clues, commit):
            return links
    return ()


def _links(commit: Commit, rule: str, found: Mapping[str, str]) -> tuple[Link, ...]:
    if not found:
        return ()
    return tuple(Link(commit.id, key, rule, found[key]) for key in sorted(found, key=natural_key))


def by_freeze(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit was frozen when the round was closed."""
    return _links(commit, "frozen", dict.fromkeys(clues.frozen.get(commit.id, ()), "frozen when the round was closed"))


def by_name(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The round's file names the commit."""
    return _links(commit, "named", dict(clues.named.get(commit.id, ())))


def by_trailer(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit names the round, a decision of it, or an entry of its changelog, in a trailer."""
    lowered = commit.message.lower()
    found = dict(clues.changed.get(commit.id, {}))
    if "round:" not in lowered and "decision:" not in lowered:
        return _links(commit, "trailer", found)
    for value in commit.values("Decision") if "decision" in lowered else ():
        for word in _SEPARATOR.split(value):
            if (name := decision_of(word, clues.decisions)) and (key := clues.decisions[name]):
                found[key] = f"trailer Decision: {word}"
    for value in commit.values("Round"):
        for word in _SEPARATOR.split(value):
            for key in round_keys(clues, word):
                found[key] = f"trailer Round: {word}"
    return _links(commit, "trailer", found)


def round_keys(clues: Clues, word: str, phase: str | None = None) -> tuple[str, ...]:
    """Return the round that `3/4`, or `4` where only one round has that number, means."""
    word = clues.moved.get(word, word)
    if word in clues.rounds:
        return (word,)
    if phase is not None:
        return (f"{phase}/{word}",) if f"{phase}/{word}" in clues.rounds else ()
    keys = clues.by_number.get(word, ())
    return keys if len(keys) == 1 else ()


def by_pattern(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """A pattern of the settings finds the round in the subject or the scope."""
    found: dict[str, str] = {}
    for pattern in clues.settings.patterns:
        text = _searched(pattern, commit)
        match = re.search(pattern.pattern, text) if text else None
        if match and "round" in match.groupdict():
            groups = match.groupdict()
            for key in round_keys(clues, groups["round"] or "", groups.get("phase") or pattern.phase):
                found[key] = f"{pattern.where} has “{match[0]}”"
    return _links(commit, "pattern", found)


def _searched(pattern: RoundPattern, commit: Commit) -> str:
    if pattern.where == "subject":
        return commit.subject
    head = message.conventional(commit)
    return (head.scope or "") if head else ""


def by_pull_request(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The pull request or merge that brought the commit is one of the round's."""
    if not clues.by_pull:
        return ()
    found: dict[str, str] = {}
    at: Commit | None = commit
    while at is not None:
        number, branch = message.pull_request(at), message.merged_branch(at)
        for key in clues.by_pull.get(str(number), ()) if number else ():
            found.setdefault(key, f"pull request #{number}")
        for key in clues.by_pull.get(f"branch {branch}", ()) if branch else ():
            found.setdefault(key, f"branch {branch}")
        landing = clues.landings.get(at.id)
        at = clues.history.by_id.get(landing.merge) if landing and landing.merge else None
    return _links(commit, "pull-request", found)


def by_path(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit touches a path that the round claims, or the round's own data file."""
    found: dict[str, str] = {}
    for change in commit.changes or ():
        if key := clues.files.get(change.path):
            found.setdefault(key, "touches the round's own file")
        for key, globs in clues.globs:
            if key not in found and matches(globs, change.path.removeprefix(clues.history.prefix)):
                found[key] = f"touches {change.path}"
    return _links(commit, "path", found)


def by_carrying(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """A commit before it named the round, and none between them named another."""
    return _links(commit, "carried", dict.fromkeys(clues.carried.get(commit.id, ()), "carried forward"))


def by_window(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit lies in the round's tag range or window of time."""
    found = {key: f"in {tag}" for key, tag in clues.tagged.get(commit.id, ())}
    for key, when in clues.windows_by_day.get(commit.authored.day[:7], ()) if clues.windows else ():
        if when.holds(commit.authored):
            found.setdefault(key, f"in the window {when}")
    return _links(commit, "window", found)


RULES: tuple[Rule, ...] = (
    *(by_freeze, by_name, by_trailer, by_pattern),
    *(by_pull_request, by_path, by_carrying, by_window),
)
STRONG = frozenset({"frozen", "named", "trailer"})
