"""In: rounds, settings and commits. Out: for each commit the links to its rounds, each with the reason.

The rules are asked in the order of `RULES`; the first that answers wins. A new rule is one function in that list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from roundbook.git import message
from roundbook.git.history import Commit, History, matches
from roundbook.model.facts import CARRIED, Link
from roundbook.schema.dates import When
from roundbook.schema.dates import parse as parse_date
from roundbook.schema.ids import is_phase, natural_key
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Attribution, RoundPattern
from roundbook.think.ancestry import between
from roundbook.think.carrying import Naming, carry
from roundbook.think.choose import Chosen
from roundbook.think.pulls import numbers
from roundbook.think.recording import Records
from roundbook.think.trailers import Reader


@dataclass(frozen=True)
class Clues:
    """What the rules look things up in; made once for a book.

    `rounds` are the rounds and phases of this repository by key. `chosen` is what their selections mean.
    `reader` reads trailers. `files` maps a path of the repository to the round whose data it holds; `records` knows these,
    and those of decisions. `ended` holds, by round, the commit that set it done; `changed`, by commit, the rounds whose
    entries of the changelog its trailers name, each with the reason.
    """

    rounds: Mapping[str, RoundOrPhase]
    history: History
    settings: Attribution
    chosen: Chosen
    reader: Reader
    files: Mapping[str, str]
    records: Records
    ended: Mapping[str, str]
    changed: Mapping[str, Mapping[str, str]]

    @cached_property
    def frozen(self) -> Mapping[str, tuple[str, ...]]:
        """Return the rounds that closing froze a commit for."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            for commit in record.closed.commits if record.closed else ():
                found.setdefault(commit, []).append(key)
        return {commit: tuple(keys) for commit, keys in found.items()}

    @cached_property
    def asked(self) -> Mapping[str, tuple[str, ...]]:
        """Return the rounds by the pull requests and branches that they name: `#12`, `branch topic`."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            branches = (record.branch, *(a.branch for a in record.agents))
            asked = numbers(record.prs, self.home)
            for name in (*(f"#{n}" for n in asked), *(f"branch {branch_name(b)}" for b in branches if b)):
                found.setdefault(name, []).append(key)
        return {name: tuple(dict.fromkeys(keys)) for name, keys in found.items()}

    @property
    def home(self) -> str:
        """Return the path of this repository on its forge, or nothing where it is not known."""
        return self.history.remote.path if self.history.remote else ""

    @cached_property
    def brought(self) -> Mapping[str, Mapping[str, str]]:
        """Return, for each commit, the rounds whose pull request or branch brought it, with what that was in words.

        A merge brought what its first parent does not reach, wherever in the history the merge lies.
        """
        found: dict[str, dict[str, str]] = {}
        for commit in self.history.commits if self.asked else ():
            for name, words in _requests(commit):
                for key in self.asked.get(name, ()):
                    base = commit.parents[0] if len(commit.parents) > 1 else ""
                    for one in between(self.history, base, commit.id) if base in self.history.by_id else (commit.id,):
                        found.setdefault(one, {}).setdefault(key, words)
        return found

    @cached_property
    def merged(self) -> frozenset[str]:
        """Return the pull requests and branches that any commit says it merged, named as in `asked`."""
        return frozenset(name for commit in self.history.commits for name, _ in _requests(commit))

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
    def carrying(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
        """Return, for each commit, the rounds that are carried on to it; and for each round the commits behind its end."""
        if not self.settings.carry_forward:
            return {}, {}
        rounds = {key: record for key, record in self.rounds.items() if not is_phase(key)}
        return carry(rounds, self.history, self.windows, self.ended, self._naming)

    def _naming(self, commit: Commit) -> Naming:
        for rule in (by_name, by_trailer, by_pattern):
            if keys := [link.round for link in rule(self, commit) if not is_phase(link.round)]:
                return keys, rule is not by_pattern
        return (), False


def branch_name(name: str) -> str:
    """Return a branch as merges name it."""
    return name.strip().removeprefix("refs/heads/").removeprefix("origin/")


def _requests(commit: Commit) -> Iterator[tuple[str, str]]:
    if number := message.pull_request(commit):
        yield f"#{number}", f"pull request #{number}"
    if branch := message.merged_branch(commit):
        yield f"branch {branch}", f"branch {branch}"


Rule = Callable[[Clues, Commit], tuple[Link, ...]]


def attribute(clues: Clues) -> dict[str, tuple[Link, ...]]:
    """Return the links of every commit that a rule answers for."""
    kinds = tuple(dict.fromkeys(is_phase(key) for key in clues.rounds))
    found = ((commit.id, _links_of(clues, commit, kinds)) for commit in clues.history.commits)
    return {commit_id: links for commit_id, links in found if links}


def _links_of(clues: Clues, commit: Commit, kinds: Collection[bool]) -> tuple[Link, ...]:
    """Return the links of one commit: those to rounds of the first rule that answers, and those to phases likewise.

    So a phase shares a commit with a round of it, and takes none away. To write records down is not the work of their rounds,
    so such a commit belongs to a round only where somebody says so.
    """
    found: dict[bool, tuple[Link, ...]] = {}
    for rule in RULES[: len(STRONG)] if clues.records.only(commit) else RULES:
        links = rule(clues, commit)
        for phases in kinds if links else ():
            if phases not in found and (own := tuple(link for link in links if is_phase(link.round) == phases)):
                found[phases] = own
        if len(found) == len(kinds):
            break
    return (*found.get(False, ()), *found.get(True, ()))


def _links(commit: Commit, rule: str, found: Mapping[str, str]) -> tuple[Link, ...]:
    if not found:
        return ()
    return tuple(Link(commit.id, key, rule, found[key]) for key in sorted(found, key=natural_key))


def by_freeze(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit was frozen when the round was closed."""
    return _links(commit, "frozen", dict.fromkeys(clues.frozen.get(commit.id, ()), "frozen when the round was closed"))


def by_name(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The round's file names the commit."""
    return _links(commit, "named", dict(clues.chosen.named.get(commit.id, ())))


def by_trailer(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit names the round, a decision of it, or an entry of its changelog, in a trailer."""
    found = dict(clues.changed.get(commit.id, {}))
    for written, name in clues.reader.names(commit, "Decision"):
        key = clues.reader.decisions[name]
        if key and key in clues.rounds:
            found[key] = f"trailer Decision: {written}"
    for written, key in clues.reader.names(commit, "Round"):
        if key in clues.rounds:
            found[key] = f"trailer Round: {written}"
    return _links(commit, "trailer", found)


def by_pattern(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """A pattern of the settings finds the round in the subject or the scope."""
    found: dict[str, str] = {}
    for pattern in clues.settings.patterns:
        for match in re.finditer(pattern.pattern, _searched(pattern, commit)):
            groups = match.groupdict()
            last = _LAST.match(match.string, match.end()) if match.end() == match.end("round") else None
            for number in _numbers(groups["round"], last[1] if last else ""):
                keys = clues.reader.rounds.named(number, groups.get("phase") or pattern.phase)
                if len(keys) == 1 and keys[0] in clues.rounds:
                    found[keys[0]] = f"{pattern.where} has “{match[0]}{last[0] if last else ''}”"
    return _links(commit, "pattern", found)


_LAST = re.compile(r"(?:-|–|\.\.\.?)(\d{1,4})\b")  # `Sprint 14-15`: what the pattern finds is the first of them
MOST_AT_ONCE = 20


def _numbers(first: str | None, last: str) -> Sequence[str]:
    """Return the numbers from the one that a pattern found to the one behind it, where there is one."""
    if not first or not last:
        return (first,) if first else ()
    if first.isdecimal() and 0 < int(last) - int(first) <= MOST_AT_ONCE:
        return [str(number) for number in range(int(first), int(last) + 1)]
    return (first,)


def _searched(pattern: RoundPattern, commit: Commit) -> str:
    if pattern.where == "subject":
        return commit.subject
    head = message.conventional(commit)
    return (head.scope or "") if head else ""


def by_pull_request(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The pull request or merge that brought the commit is one of the round's."""
    return _links(commit, "pull-request", clues.brought.get(commit.id, {}))


def by_path(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit touches a path that the round claims, or the data file of this round and of no other."""
    found: dict[str, str] = {}
    touched = {key for change in commit.changes or () if (key := clues.files.get(change.path))}
    for phases in (False, True):
        if len(own := [key for key in touched if is_phase(key) == phases]) == 1:
            found[own[0]] = "touches the round's own file"
    for change in commit.changes or () if clues.globs else ():
        for key, globs in clues.globs:
            if key not in found and matches(globs, change.path.removeprefix(clues.history.prefix)):
                found[key] = f"touches {change.path}"
    return _links(commit, "path", found)


def by_carrying(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """A commit before it named the round, which is not over, and none between them named another."""
    return _links(commit, "carried", dict.fromkeys(clues.carrying[0].get(commit.id, ()), CARRIED))


def by_window(clues: Clues, commit: Commit) -> tuple[Link, ...]:
    """The commit lies in the round's tag range or window of time."""
    found = {key: f"in {tag}" for key, tag in clues.chosen.tagged.get(commit.id, ())}
    for key, when in clues.windows_by_day.get(commit.authored.day[:7], ()):
        if when.holds(commit.authored):
            found.setdefault(key, f"in the window {when}")
    return _links(commit, "window", found)


RULES: tuple[Rule, ...] = (
    *(by_freeze, by_name, by_trailer, by_pattern),
    *(by_pull_request, by_path, by_carrying, by_window),
)
STRONG = frozenset({"frozen", "named", "trailer"})
