"""The rounds of each commit, by the first rule that answers.

`RULES` holds the rules in their order; a new rule is one function in that list. Each link keeps its rule and reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from roundbook.book.ancestry import between, merged, numbers
from roundbook.book.facts import CARRIED, Link, Records
from roundbook.book.trailers import Reader, TrailerProblems, misread
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.git import message
from roundbook.git.history import Commit, History, matches
from roundbook.git.only import left_out
from roundbook.schema.base import CLOSED
from roundbook.schema.dates import When
from roundbook.schema.dates import parse as parse_date
from roundbook.schema.decision import Selection
from roundbook.schema.ids import is_phase, natural_key
from roundbook.schema.round import LISTS, Claims, RoundOrPhase
from roundbook.settings import Attribution, RoundPattern

Naming = tuple[Sequence[str], bool]  # the rounds that a commit names, and whether it does more than mention them

# Carrying forward: commits that name no round belong to the round named last, until it is over.
#
#     commit   names   open     carried to
#     a        3/4     3/4      3/4
#     b                3/4      3/4
#     c        3/5     3/5      3/5
#     d                3/5      3/5          and c set 3/5 done:
#     e                3/5                   e comes after its end, and is carried to none


def carry(
    rounds: Mapping[str, Claims],
    history: History,
    windows: Sequence[tuple[str, When]],
    ended: Mapping[str, str],
    naming: Callable[[Commit], Naming],
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Return the rounds that are open at each commit, and the commits after the end of each round, newest first.

    A commit that names a round opens it until another is named or it is over. A round that is over is not opened again, and
    a mere mention of an earlier round of the same phase opens nothing.
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
    rounds: Mapping[str, Claims], history: History, windows: Sequence[tuple[str, When]], ended: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, list[When]]]:
    """Return where rounds end: the position of the commit that set them done or that they were closed at, and their days."""
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


# ------------------------------------------------------------------------------------------------ selections

UNKNOWN = "commit-unknown"


@frozen
class Selected:
    """The commits of a selection, or the finding if it names none, or not exactly one."""

    ids: tuple[str, ...] = ()
    finding: Finding | None = None


def select(selection: Selection, history: History, shares: Mapping[str, tuple[str, ...]]) -> Selected:
    """Return the commits of an id, a range or a tag. Windows and paths are rules and select nothing here.

    `shares` holds the commits of each version by its tag. In an incomplete history no commit is called missing.
    """
    place = selection.place
    if selection.id:
        return _revision(selection.id, history, place)
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
    """Return the commits of a tag that is no version: those it reaches, without those of the versions it reaches."""
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
    """Return the commit of a tag or abbreviated id: none, one, or all candidates of an ambiguous id."""
    for tag in history.tags:
        if tag.name == text and tag.commit in history.by_id:
            return (str(tag.commit),)
    return history.find(text)


def revisions(selection: Selection) -> tuple[str, ...]:
    """Return the ids and tags in a selection, as written."""
    return tuple(text for text in (selection.id, selection.tag, selection.from_, selection.to) if text)


def _revision(text: str, history: History, place: Place | None) -> Selected:
    candidates = meant(text, history)
    if len(candidates) == 1:
        return Selected(candidates)
    if candidates:
        names = ", ".join(c[:12] for c in candidates[:4])
        found = Finding("warning", "commit-ambiguous", f"{text} may be {names}", place, "write more digits")
    elif left_out(history, text):
        message = f"{text} touches none of the paths in `only` of the settings, so it is not counted"
        found = Finding("info", "commit-outside", message, place, "remove it, or add its paths to `only`")
    elif history.complete:
        message = f"{text} is not a commit or tag in the history of HEAD"
        found = Finding("warning", UNKNOWN, message, place, "correct it, or remove it")
    else:
        message = f"{text} was not looked up: the history here is incomplete"
        found = Finding("info", "commit-not-checked", message, place)
    return Selected((), found)


Reasons = Mapping[str, Sequence[tuple[str, str]]]


@frozen
class Chosen:
    """All selections of the rounds: (round, reason) pairs by commit, and the commits of items by round and anchor."""

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
    """Return the commits selected by rounds and their items; `shares` holds the commits of each version by its tag."""
    named: dict[str, list[tuple[str, str]]] = {}
    tagged: dict[str, list[tuple[str, str]]] = {}
    by_item: dict[str, dict[str, tuple[str, ...]]] = {}
    findings: list[Finding] = []
    for key, record in rounds.items():
        for where, anchor, written in selections(record, anchors[key]):
            for selection in written:
                got = select(selection, history, shares)
                # The check `commit-unknown` reports what is unknown, once git was asked what else it may be.
                findings += [got.finding] if got.finding and got.finding.slug != UNKNOWN else []
                target, reason = (tagged, f"tag {selection.tag}") if selection.tag else (named, f"named by {where}")
                for commit in got.ids:
                    target.setdefault(commit, []).append((key, reason))
                if anchor:
                    there = by_item.setdefault(key, {})
                    there[anchor] = tuple(dict.fromkeys((*there.get(anchor, ()), *got.ids)))
    return Chosen(named, tagged, by_item, tuple(findings))


def selections(
    record: RoundOrPhase, anchors: Mapping[tuple[str, int], str]
) -> Iterator[tuple[str, str, Sequence[Selection]]]:
    """Yield the selections of a round and its items: what has them, in words, its anchor (empty for the round), and them."""
    yield "the round", "", record.commits
    for field, listed in LISTS.items():
        for i, item in enumerate(getattr(record, field) if listed.has_commits else ()):
            if item.commits:
                yield f"the {listed.word} “{item.label}”", anchors[field, i], item.commits


# ------------------------------------------------------------------------------------------------ rules


@frozen
class RuleContext:
    """What the rules look things up in, made once for a book.

    Attributes:
        rounds: What the rounds and phases of this repository claim, by key.
        history: All commits.
        settings: The section `attribution` of the settings.
        chosen: The selections of the rounds.
        reader: Reads trailers.
        files: The round of each data file, by path in the repository.
        imported: The rounds whose files were imported: who brings one did not do its work.
        records: Which files are records.
        ended: The commit that closed each round.
        changed: The rounds whose changelog entries each commit names in a trailer, with the reason.
    """

    rounds: Mapping[str, Claims]
    history: History
    settings: Attribution
    chosen: Chosen
    reader: Reader
    files: Mapping[str, str]
    imported: frozenset[str]
    records: Records
    ended: Mapping[str, str]
    changed: Mapping[str, Mapping[str, str]]

    @cached_property
    def frozen(self) -> Mapping[str, tuple[str, ...]]:
        """Return the rounds by the commits that were frozen when they were closed."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            for commit in record.closed.commits if record.closed else ():
                found.setdefault(commit, []).append(key)
        return {commit: tuple(keys) for commit, keys in found.items()}

    @cached_property
    def asked(self) -> Mapping[str, tuple[str, ...]]:
        """Return the rounds by the pull requests and branches that they name (`#12`, `branch topic`)."""
        found: dict[str, list[str]] = {}
        for key, record in self.rounds.items():
            asked = (f"#{number}" for number in numbers(record.prs, self.home))
            for name in (*asked, *(f"branch {branch_name(branch)}" for branch in record.branches)):
                found.setdefault(name, []).append(key)
        return {name: tuple(dict.fromkeys(keys)) for name, keys in found.items()}

    @property
    def home(self) -> str:
        """Return the path of this repository on its forge, or the empty string."""
        return self.history.remote.path if self.history.remote else ""

    @cached_property
    def brought(self) -> Mapping[str, Mapping[str, str]]:
        """Return the rounds whose pull request or branch brought each commit, with that request or branch in words.

        A merge brings what its first parent does not reach.
        """
        found: dict[str, dict[str, str]] = {}
        for commit in self.history.commits if self.asked else ():
            for name, words in _requests(commit):
                for key in self.asked.get(name, ()):
                    merge = len(commit.parents) > 1
                    for one in (merged(self.history, commit) if merge else ()) or (commit.id,):
                        found.setdefault(one, {}).setdefault(key, words)
        return found

    @cached_property
    def merged(self) -> frozenset[str]:
        """Return the pull requests and branches that commits say they merged, in the form of `asked`."""
        commits = self.history.every.commits
        return frozenset(name for commit in commits for name, _ in _requests(commit))

    @cached_property
    def globs(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the rounds that select by paths, with their globs."""
        found = ((k, tuple(p for s in r.commits for p in s.paths)) for k, r in self.rounds.items())
        return tuple((key, paths) for key, paths in found if paths)

    @cached_property
    def windows(self) -> tuple[tuple[str, When], ...]:
        """Return the rounds that have a window of time: a date span, or `since` and `until`."""
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
        """Return the windows by the months they touch, so that a commit is compared with few of them."""
        found: dict[str, list[tuple[str, When]]] = {}
        for key, when in self.windows:
            month = when.first.year * 12 + when.first.month - 1
            for m in range(month - 1, when.last.year * 12 + when.last.month + 1):
                found.setdefault(f"{m // 12:04}-{m % 12 + 1:02}", []).append((key, when))
        return {month: tuple(windows) for month, windows in found.items()}

    @cached_property
    def carrying(self) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
        """Return the rounds carried forward to each commit, and the commits after the end of each round."""
        if not self.settings.carry_forward:
            return {}, {}
        rounds = {key: record for key, record in self.rounds.items() if not is_phase(key)}
        return carry(rounds, self.history, self.windows, self.ended, self._naming)

    @cached_property
    def misread(self) -> TrailerProblems:
        """Return what is wrong with the trailers of all commits."""
        return misread(self.history, self.reader, self.records)

    def _naming(self, commit: Commit) -> Naming:
        for rule in (by_name, by_trailer, by_pattern):
            if keys := [link.round for link in rule(self, commit) if not is_phase(link.round)]:
                return keys, rule is not by_pattern
        return (), False


def branch_name(name: str) -> str:
    """Return the name of a branch as merge commits have it."""
    return name.strip().removeprefix("refs/heads/").removeprefix("origin/")


def _requests(commit: Commit) -> Iterator[tuple[str, str]]:
    if number := message.pull_request(commit):
        yield f"#{number}", f"pull request #{number}"
    if branch := message.merged_branch(commit):
        yield f"branch {branch}", f"branch {branch}"


Rule = Callable[[RuleContext, Commit], tuple[Link, ...]]


def attribute(context: RuleContext) -> dict[str, tuple[Link, ...]]:
    """Return the links of every commit that a rule answers for."""
    kinds = tuple(dict.fromkeys(is_phase(key) for key in context.rounds))
    found = ((commit.id, _links_of(context, commit, kinds)) for commit in context.history.commits)
    return {commit_id: links for commit_id, links in found if links}


def _links_of(context: RuleContext, commit: Commit, kinds: Collection[bool]) -> tuple[Link, ...]:
    """Return the links of a commit: those to rounds of the first rule that answers, and likewise those to phases.

    So a phase shares commits with its rounds and takes none away. A commit that only changes records belongs to a round only
    if it is frozen or someone names it.
    """
    found: dict[bool, tuple[Link, ...]] = {}
    for rule in RULES[: len(STRONG)] if context.records.only(commit) else RULES:
        links = rule(context, commit)
        for phases in kinds if links else ():
            if phases not in found and (own := tuple(link for link in links if is_phase(link.round) == phases)):
                found[phases] = own
        if len(found) == len(kinds):
            break
    return (*found.get(False, ()), *found.get(True, ()))


def _links(commit: Commit, rule: str, found: Mapping[str, str]) -> tuple[Link, ...]:
    return tuple(Link(commit.id, key, rule, found[key]) for key in sorted(found, key=natural_key)) if found else ()


def by_freeze(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """The commit was recorded as part of the round when the round was closed."""
    rounds = context.frozen.get(commit.id, ())
    return _links(commit, "frozen", dict.fromkeys(rounds, "frozen when the round was closed"))


def by_name(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """The round's file names the commit."""
    return _links(commit, "named", dict(context.chosen.named.get(commit.id, ())))


def by_trailer(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """The commit has a trailer that names the round, one of its decisions or one of its changelog entries."""
    found = dict(context.changed.get(commit.id, {}))
    for written, name in context.reader.names(commit, "Decision"):
        key = context.reader.decisions[name]
        if key and key in context.rounds:
            found[key] = f"trailer Decision: {written}"
    for written, key in context.reader.names(commit, "Round"):
        if key in context.rounds:
            found[key] = f"trailer Round: {written}"
    return _links(commit, "trailer", found)


def by_pattern(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """A pattern in the settings finds the round in the commit's subject or scope."""
    found: dict[str, str] = {}
    for pattern in context.settings.patterns:
        for match in re.finditer(pattern.pattern, _searched(pattern, commit)):
            groups = match.groupdict()
            last = _LAST.match(match.string, match.end()) if match.end() == match.end("round") else None
            for number in _numbers(groups["round"], last[1] if last else ""):
                keys = context.reader.rounds.named(number, groups.get("phase") or pattern.phase)
                if len(keys) == 1 and keys[0] in context.rounds:
                    found[keys[0]] = f"{pattern.where} has “{match[0]}{last[0] if last else ''}”"
    return _links(commit, "pattern", found)


_LAST = re.compile(r"(?:-|–|\.\.\.?)(\d{1,4})\b")  # `Sprint 14-15`: the pattern matches the first
MOST_AT_ONCE = 20


def _numbers(first: str | None, last: str) -> Sequence[str]:
    """Return the numbers from the one that a pattern matched to the one after it, if there is one."""
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


def by_pull_request(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """A pull request or branch of the round brought the commit."""
    return _links(commit, "pull-request", context.brought.get(commit.id, {}))


def by_path(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """The commit touches a path that the round selects, or the data file of this round and no other."""
    found: dict[str, str] = {}
    touched = {key for change in commit.changes or () if (key := context.files.get(change.path))} - context.imported
    for phases in (False, True):
        if len(own := [key for key in touched if is_phase(key) == phases]) == 1:
            found[own[0]] = "touches the round's own file"
    for change in commit.changes or () if context.globs else ():
        for key, globs in context.globs:
            if key not in found and matches(globs, change.path.removeprefix(context.history.prefix)):
                found[key] = f"touches {change.path}"
    return _links(commit, "path", found)


def by_carrying(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """An earlier commit named the round, the round has not ended, and no commit in between named another round."""
    return _links(commit, "carried", dict.fromkeys(context.carrying[0].get(commit.id, ()), CARRIED))


def by_window(context: RuleContext, commit: Commit) -> tuple[Link, ...]:
    """The commit is in the round's tag range or time window."""
    found = {key: f"in {tag}" for key, tag in context.chosen.tagged.get(commit.id, ())}
    for key, when in context.windows_by_day.get(commit.authored.day[:7], ()):
        if when.holds(commit.authored):
            found.setdefault(key, f"in the window {when}")
    return _links(commit, "window", found)


RULES: tuple[Rule, ...] = (
    *(by_freeze, by_name, by_trailer, by_pattern),
    *(by_pull_request, by_path, by_carrying, by_window),
)
STRONG = frozenset({"frozen", "named", "trailer"})
