"""The round of each commit, by the first rule that answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from roundbook.book.ancestry import between, numbers
from roundbook.book.facts import CARRIED, Link
from roundbook.book.ids import Records
from roundbook.book.trailers import Reader
from roundbook.errors import Finding, Place
from roundbook.git import message
from roundbook.git.history import Commit, History, matches
from roundbook.schema.base import CLOSED
from roundbook.schema.dates import When
from roundbook.schema.dates import parse as parse_date
from roundbook.schema.decision import Selection
from roundbook.schema.ids import is_phase, natural_key
from roundbook.schema.round import LISTS, RoundOrPhase
from roundbook.settings import Attribution, RoundPattern

Naming = tuple[Sequence[str], bool]  # the rounds that a commit names, and whether it does so beyond a mention


def carry(
    rounds: Mapping[str, RoundOrPhase],
    history: History,
    windows: Sequence[tuple[str, When]],
    ended: Mapping[str, str],
    naming: Callable[[Commit], Naming],
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Return, for each commit, the rounds that are open there; and for each round the commits behind its end, newest first.

    A commit that names a round opens it until another is named, or until it is over. What is over is not opened again, and
    the mention of an earlier round of the same phase opens nothing.
    """
    last, spans = _ends(rounds, history, windows, ended)
    order = history.order

    def over(key: str, commit: Commit) -> bool:
        if order[commit.id] < last.get(key, -1):
            return True
        return key in spans and all(_after(commit, when) for when in spans[key])

    rank = {key: i for i, key in enumerate(rounds)}
    carried: dict[str, tuple[str, ...]] = {}
    behind: dict[str, list[str]] = {}
    current: tuple[str, ...] = ()
    for commit in reversed(history.commits):
        named, sure = naming(commit)
        opened = [key for key in named if not over(key, commit)]
        if not sure:
            opened = [key for key in opened if not any(_before(rank, key, one) for one in current)]
        current = tuple(opened) or current
        carried[commit.id] = tuple(key for key in current if not over(key, commit))
        for key in set(current).difference(carried[commit.id]):
            behind.setdefault(key, []).append(commit.id)
    return carried, {key: tuple(reversed(behind[key])) for key in rounds if key in behind}


def _before(rank: Mapping[str, int], one: str, other: str) -> bool:
    return one.partition("/")[0] == other.partition("/")[0] and rank[one] < rank[other]


def _ends(
    rounds: Mapping[str, RoundOrPhase], history: History, windows: Sequence[tuple[str, When]], ended: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, list[When]]]:
    """Return where rounds end: at the commit that set them done, or the one they were closed at; and with their last day."""
    spans: dict[str, list[When]] = {}
    last: dict[str, int] = {}
    for key, when in windows:
        spans.setdefault(key, []).append(when)
    for key, record in rounds.items():
        if record.date and not record.date.is_span and record.status in CLOSED:
            spans.setdefault(key, []).append(record.date)
        commits = (ended.get(key, ""), str(record.closed.at) if record.closed else "")
        if known := [history.order[commit] for commit in commits if commit in history.order]:
            last[key] = max(known)
    return last, spans


def _after(commit: Commit, when: When) -> bool:
    day, last = commit.authored.day, when.last.isoformat()
    return bool(day) and (day > last or (day == last and not when.holds(commit.authored)))


UNKNOWN = "commit-unknown"


@dataclass(frozen=True, slots=True)
class Selected:
    """The ids that a selection means, with the finding when it means none or several."""

    ids: tuple[str, ...] = ()
    finding: Finding | None = None


def select(selection: Selection, history: History, shares: Mapping[str, tuple[str, ...]]) -> Selected:
    """Return the commits that an id, a range or a tag means; windows and paths are rules, and mean nothing here.

    `shares` holds, by tag, the commits that a version brought. Where the history is incomplete, a commit that is not
    found is not called missing.
    """
    place = selection.place
    if selection.id:
        one = _revision(selection.id, history, place)
        return one if one.finding else Selected(one.ids)
    if selection.tag:
        tagged = _revision(selection.tag, history, place)
        if tagged.finding:
            return tagged
        share = shares.get(selection.tag)
        return Selected(share if share is not None else _since_version(history, tagged.ids[0], shares))
    if selection.from_ or selection.to:
        return _range(selection, history, place)
    return Selected()


def _since_version(history: History, tip: str, shares: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return what a tag that is no version reaches and no version that it reaches has shipped."""
    reached = between(history, None, tip)
    inside = set(reached)
    shipped = {commit for share in shares.values() if share and share[0] in inside for commit in share}
    return tuple(commit for commit in reached if commit not in shipped)


def _range(selection: Selection, history: History, place: Place | None) -> Selected:
    old = _revision(selection.from_, history, place) if selection.from_ else Selected()
    new = _revision(selection.to or str(history.head), history, place)
    if old.finding or new.finding:
        return Selected((), old.finding or new.finding)
    return Selected(between(history, old.ids[0] if old.ids else None, new.ids[0]))


def meant(text: str, history: History) -> tuple[str, ...]:
    """Return the commit that a tag or id means: none, the one, or the candidates of an ambiguous id."""
    for tag in history.tags:
        if tag.name == text and tag.commit in history.by_id:
            return (str(tag.commit),)
    return history.find(text)


def revisions(selection: Selection) -> tuple[str, ...]:
    """Return the ids and tags that a selection names, as they are written."""
    return tuple(text for text in (selection.id, selection.tag, selection.from_, selection.to) if text)


def _revision(text: str, history: History, place: Place | None) -> Selected:
    candidates = meant(text, history)
    if len(candidates) == 1:
        return Selected(candidates)
    if candidates:
        names = ", ".join(c[:12] for c in candidates[:4])
        return Selected((), _finding("commit-ambiguous", f"{text} may be {names}", place, "write more digits"))
    if not history.complete:
        return Selected((), _not_checked(text, place))
    message = f"{text} is no commit or tag in the history of HEAD"
    return Selected((), _finding(UNKNOWN, message, place, "correct it, or remove it"))


def _finding(slug: str, message: str, place: Place | None, fix: str) -> Finding:
    return Finding("warning", slug, message, place, fix)


def _not_checked(text: str, place: Place | None) -> Finding:
    return Finding("info", "commit-not-checked", f"{text} was not looked up: the history here is incomplete", place)


Reasons = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Chosen:
    """`named` and `tagged` hold (round, reason) pairs by commit; `by_item` holds ids by round and anchor."""

    named: Reasons
    tagged: Reasons
    by_item: Mapping[str, Mapping[str, tuple[str, ...]]]
    findings: tuple[Finding, ...]


def choose(
    rounds: Mapping[str, RoundOrPhase],
    anchors: Mapping[str, Mapping[tuple[str, int], str]],
    history: History,
    shares: Mapping[str, tuple[str, ...]],
) -> Chosen:
    """Return what the selections of rounds and of their entries mean; `shares` holds the commits of each version tag."""
    named: dict[str, list[tuple[str, str]]] = {}
    tagged: dict[str, list[tuple[str, str]]] = {}
    by_item: dict[str, dict[str, tuple[str, ...]]] = {}
    findings: list[Finding] = []
    for key, record in rounds.items():
        for where, anchor, written in selections(record, anchors[key]):
            for selection in written:
                got = select(selection, history, shares)
                # What is unknown is told by the check `commit-unknown`, once git was asked what else it may be.
                findings += [got.finding] if got.finding and got.finding.slug != UNKNOWN else []
                target, reason = (tagged, f"tag {selection.tag}") if selection.tag else (named, f"named by {where}")
                for commit in got.ids:
                    target.setdefault(commit, []).append((key, reason))
                if anchor:
                    there = by_item.setdefault(key, {})
                    there[anchor] = tuple(dict.fromkeys((*there.get(anchor, ()), *got.ids)))
    return Chosen(_frozen(named), _frozen(tagged), by_item, tuple(findings))


def selections(
    record: RoundOrPhase, anchors: Mapping[tuple[str, int], str]
) -> Iterator[tuple[str, str, Sequence[Selection]]]:
    """Yield what names commits in a round: in words, the anchor of the entry (empty for the round), and the selections."""
    yield "the round", "", record.commits
    for field, listed in LISTS.items():
        for i, item in enumerate(getattr(record, field) if listed.has_commits else ()):
            if item.commits:
                yield f"the {listed.word} “{item.label}”", anchors[field, i], item.commits


def _frozen(found: Mapping[str, list[tuple[str, str]]]) -> Reasons:
    return {commit: tuple(pairs) for commit, pairs in found.items()}


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
