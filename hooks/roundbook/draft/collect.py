"""Agents, changes, files and decisions collected from commits."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roundbook.book.coverage import FIXUP, MERGE, REVERT, REVERTED, TWICE
from roundbook.book.facts import SKIPPED, ChangelogEntry
from roundbook.book.model import Book
from roundbook.book.paths import WILDCARD
from roundbook.book.references import RoundNames
from roundbook.book.releases import category
from roundbook.book.rounds import helpers, touched
from roundbook.book.trailers import decisions, read
from roundbook.checks.status import left_open
from roundbook.draft import MOST_RUNS, CommitRange, areas, selection, short
from roundbook.draft.areas import is_bot, scope_of, text_of
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.git import message
from roundbook.git.history import Commit, Mailmap
from roundbook.schema import dates
from roundbook.schema import ids as schema_ids
from roundbook.schema.items import CHANGE_TYPES, ChangeType
from roundbook.schema.round import RoundOrPhase
from roundbook.settings import Changelog
from roundbook.site.escape import clean, code, cut, literal

TBD = "TBD"
MOST_AGENTS = 12
MOST_CHANGES = 100
MOST_FOLDERS = 20
MOST_AREAS = 20
AREAS_OF_AGENT = 6
BY_NAME = 6  # files of one folder that are still named
Tree = dict[str, Any]

_NAME = re.compile(r"(?P<name>[^<>]*?)\s*(?:<[^<>]*>)?")
_CVE = re.compile(r"\bCVE-\d{4}-\d{4,19}\b", re.IGNORECASE)
_KNOWN: Mapping[str, ChangeType] = {t: t for t in CHANGE_TYPES}
# What GitLab calls `Changelog: performance` and `other`. Source: docs.gitlab.com, "Changelogs".
_WORDS: Mapping[str, ChangeType] = {"performance": "changed", "other": "changed", **_KNOWN}
_QUIET = frozenset({"docs", "test", "ci", "style"})  # types that fix nothing, also where they name a CVE
# What `feat: remove x` is about is gone.
_TAKES_AWAY = re.compile(r"(?:remove[sd]?|drop(?:s|ped)?|delete[sd]?|(?P<deprecates>deprecate[sd]?))\b", re.IGNORECASE)
# Read as a home, an address, a drive; or not to the letter.
_ODD = re.compile(r"[~\\]|[A-Za-z][A-Za-z0-9+.-]*:|\s|.*\s\Z")


@frozen
class Draft:
    """The round `key` as drafted: the `tree` of its file.

    `unknown` are decisions that the commits cite and the book lacks. `left` tells what was too much for a round file.
    """

    key: str
    commit_range: CommitRange
    tree: Tree
    unknown: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def draft(book: Book, commit_range: CommitRange, key: str, settings: Changelog) -> Draft:
    """Return the commits of `commit_range`, one at least, as the round `key`, each list cut where nobody would read it.

    Each commit is visited a fixed number of times.
    """
    commits, left = commit_range.commits, list[str]()
    phase, _, number = key.partition("/")
    chosen = selection(book, commit_range)
    area_of = areas.areas(book, commits)
    grouped = areas.by_area(area_of, commits)
    title, focus, prs = areas.subject(book, commit_range, grouped)
    agents = _most(
        _agents(commits, book.history.mailmap, area_of), MOST_AGENTS, "agents, those with fewer commits", left
    )
    stated = _stated_in_fragments(book, commits)
    # Where people write fragments, these are the changelog: what other commits did is not in it on purpose.
    proposed = [] if stated else _changes(book, commits, settings)
    _most(proposed, MOST_CHANGES, "proposed changes, the older ones that break nothing", left)
    changes = _foremost(proposed)
    deliverables = _deliverables(book, commits, left)
    rows = _most(
        areas.rows(book, grouped) if len(grouped) > 1 else [], MOST_AREAS, "areas, those with fewer commits", left
    )
    if not chosen:
        left.append(f"the ids of the commits, in more than {MOST_RUNS} runs: the days of `date` claim them")
    tree = {
        "round": number,
        "phase": phase,
        "title": _shown(title),
        "date": _date(book, commits, window=not chosen),
        "focus": _shown(focus) or TBD,
        "agents": agents,
        "goals": list(_goals(book, key)),
        "changes": [one.tree for one in changes],
        "deliverables": deliverables,
        "metrics": dict(_metrics(_before(book, key))),
        "notes": list(_notes(book, commits, changes, left)),
        "tables": [
            *_table("What changelog fragments say", ("Type", "Change"), list(map(_stated_row, stated))),
            *_table("Commits by area", ("Area", "Commits", "Newest"), rows),
        ],
        "commits": list(chosen),
        "prs": prs,
        "releases": [commit_range.tag] if commit_range.tag else [],
    }
    return Draft(key, commit_range, _kept(tree), tuple(dict.fromkeys(_unknown(book, commits))), tuple(left))


def _table(title: str, columns: Sequence[str], rows: list[list[str]]) -> Iterator[Tree]:
    if rows:
        yield {"title": title, "columns": list(columns), "rows": rows}


def _kept(tree: Mapping[str, Any]) -> Tree:
    return {key: value for key, value in tree.items() if value}


def _shown(text: str) -> str:
    return literal(cut(text))


def _most(found: list[Any], most: int, what: str, left: list[str]) -> list[Any]:
    """Return the first of a list, and add to `left` how many are not among them."""
    if len(found) > most:
        left.append(f"{len(found) - most:,} of {len(found):,} {what}")
    return found[:most]


def _date(book: Book, commits: Sequence[Commit], *, window: bool) -> str:
    """Return the day of the commits, or their span in the zones of their authors, which ends with the newest to the second.

    A span is a window that claims what no round does: so it does not go to the end of the day, on which work may go on, and
    where it would claim a commit that is none of these, it is the newest day alone, unless it has to be a `window`.
    """
    dated = [commit.authored for commit in commits if commit.authored.known]
    if not dated:
        return ""
    first, last = min(moment.day for moment in dated), max(dated)
    if first == last.day:
        return first
    span = dates.parse(f"{first}..{last.iso}")
    inside = {commit.id for commit in commits}
    free = (c for c in book.history.commits if book.coverage[c.id].kind == "unassigned")
    others = (c for c in free if c.id not in inside)
    return str(span) if window or not any(span.holds(c.authored) for c in others) else last.day


# ------------------------------------------------------------------------------------------------------- agents


@dataclass
class _Tally:
    """What is counted of one worker."""

    commits: int = 0
    helped: int = 0
    areas: Counter[str] = field(default_factory=Counter)
    people: dict[str, None] = field(default_factory=dict)
    bot: bool = False

    @property
    def task(self) -> str:
        """Return what the worker did, as far as it can be counted."""
        done = []
        if self.commits:
            found = sorted(self.areas.items(), key=lambda pair: (-pair[1], pair[0]))
            listed = [f"{_shown(area)} {count:,}" for area, count in found[:AREAS_OF_AGENT]]
            if len(found) == 1 and found[0][1] == self.commits:
                listed = [_shown(found[0][0])]
            more = len(found) - AREAS_OF_AGENT
            listed += [f"{plural(more, 'more area')}"] if more > 0 else []
            done.append(": ".join(filter(None, (plural(self.commits, "commit"), ", ".join(listed)))))
        if self.helped:
            done.append(f"co-author of {plural(self.helped, 'commit')}")
        return "; ".join(done)


def _agents(commits: Iterable[Commit], mailmap: Mailmap, area_of: Mapping[str, str]) -> list[Tree]:
    """Return who worked, those with most commits first; merges are nobody's work.

    Where a commit names agents in trailers `Agent:`, they worked, and its author and co-authors are the people behind them.
    """
    tallies: dict[str, _Tally] = {}
    for commit in commits:
        if len(commit.parents) < 2:
            _count(commit, mailmap, tallies, area_of[commit.id])
    found = sorted(tallies.items(), key=lambda pair: (-pair[1].commits, -pair[1].helped, pair[0]))
    return [
        _kept(
            {
                "name": _shown(name),
                "role": "bot" if tally.bot else "",
                "task": tally.task,
                "people": [cut(clean(one)) for one in tally.people],
            }
        )
        for name, tally in found
    ]


def _count(commit: Commit, mailmap: Mailmap, tallies: dict[str, _Tally], area: str) -> None:
    agents = tuple(_named_agents(commit))
    people = (commit.author, *helpers(commit, mailmap))
    for name in agents or (schema_ids.person(commit.author.name),):
        tally = tallies.setdefault(name, _Tally())
        tally.commits += 1
        if area:
            tally.areas[area] += 1
        if agents:
            behind = (schema_ids.person(one.name) for one in people)
            tally.people.update(dict.fromkeys(one for one in behind if one not in agents))
        else:
            tally.bot = tally.bot or is_bot(commit.author)
    for person in () if agents else people[1:]:
        tally = tallies.setdefault(schema_ids.person(person.name), _Tally())
        tally.helped += 1
        tally.bot = tally.bot or is_bot(person)


def _named_agents(commit: Commit) -> Iterator[str]:
    for value in dict.fromkeys(commit.values("Agent")):
        match = _NAME.fullmatch(value)
        if name := " ".join((match["name"] if match else value).split()):
            yield name


# ------------------------------------------------------------------------------------------------------ changes


@frozen
class _Change:
    """A change that commits propose for the changelog."""

    type: ChangeType
    text: str
    commits: tuple[str, ...]
    breaking: bool
    prs: tuple[str, ...]
    issues: tuple[str, ...]
    decision: str
    cve: str

    @property
    def tree(self) -> Tree:
        """Return it as an entry of a round."""
        lists = {name: list(getattr(self, name)) for name in ("commits", "prs", "issues")}
        last = {"decision": self.decision, "cve": self.cve}
        return _kept({"type": self.type, "text": _shown(self.text) or TBD, "breaking": self.breaking, **lists, **last})

    def joined(self, other: _Change) -> _Change:
        """Return both of two changes with the same words as one."""
        return replace(
            self,
            commits=(*self.commits, *other.commits),
            breaking=self.breaking or other.breaking,
            prs=tuple(dict.fromkeys((*self.prs, *other.prs))),
            issues=tuple(dict.fromkeys((*self.issues, *other.issues))),
            decision=self.decision if self.decision == other.decision else "",
            cve=self.cve or other.cve,
        )


def _stated_in_fragments(book: Book, commits: Sequence[Commit]) -> list[ChangelogEntry]:
    """Return the changes in fragments of other tools that the commits added: what people wrote for their users."""
    inside = {commit.id for commit in commits}
    found = (entry for release in book.all_releases for entry in release.entries)
    return [entry for entry in found if not entry.round and entry.recorded in inside]


def _stated_row(entry: ChangelogEntry) -> list[str]:
    """Return the type of an entry and its first paragraph, which is Markdown already."""
    change = entry.change
    return [_shown(change.group or change.type), clean(change.text.split("\n\n")[0])]


def _changes(book: Book, commits: Sequence[Commit], settings: Changelog) -> list[_Change]:
    """Return a change for each commit that a user may notice, newest first.

    Merges and pairs of a commit and its revert propose nothing, and a fixup belongs to what it fixes. A revert whose commit
    is older than the range is a change of its own. Changes with the same words are one.
    """
    inside = {commit.id for commit in commits}
    fixups: dict[str, tuple[str, ...]] = {}
    for commit in commits:
        counted = book.coverage[commit.id]
        if counted.reason == FIXUP and counted.partner in inside:
            fixups[counted.partner] = (*fixups.get(counted.partner, ()), commit.id)
    found: dict[tuple[ChangeType, str], _Change] = {}
    for commit in commits:
        if made := _change(book, commit, inside, fixups.get(commit.id, ()), settings):
            same = found.get((made.type, made.text))
            found[made.type, made.text] = same.joined(made) if same else made
    return list(found.values())


def _foremost(found: Sequence[_Change]) -> list[_Change]:
    """Return the changes that fit, by category: first what breaks, then what removes a danger, then the newest."""
    chosen = sorted(found, key=lambda c: (not c.breaking, c.type != "security"))[:MOST_CHANGES]
    return sorted(chosen, key=lambda c: (CHANGE_TYPES.index(c.type), not c.breaking))


def _change(book: Book, commit: Commit, inside: set[str], fixups: Sequence[str], settings: Changelog) -> _Change | None:
    counted = book.coverage[commit.id]
    if len(commit.parents) > 1 or counted.reason in (MERGE, TWICE, FIXUP):
        return None
    if counted.reason in (REVERT, REVERTED) and counted.partner in inside:
        return None
    cve = next((match[0].upper() for match in _CVE.finditer(commit.message)), "")
    kind, breaking = _type_of(commit, settings, cve)
    if kind is None and counted.reason == REVERT and counted.partner:
        undone = book.commit(counted.partner)
        kind = "changed" if undone and _type_of(undone, settings, _CVE.search(undone.message))[0] else None
    if kind is None:
        return None
    number = message.pull_request(commit)
    cited = book.citing.get(commit.id, ())
    return _Change(
        type=kind,
        text=text_of(commit),
        commits=tuple(short(book, one) for one in (commit.id, *fixups)),
        breaking=breaking,
        prs=(f"#{number}",) if number else (),
        issues=message.issues(commit),
        decision=cited[0] if len(cited) == 1 else "",
        cve=cve,
    )


def _type_of(commit: Commit, settings: Changelog, cve: object) -> tuple[ChangeType | None, bool]:
    """Return the type of the change, `None` where a reader of the changelog would not notice it, and whether it breaks."""
    head = message.conventional(commit)
    breaking = message.breaks(commit)
    stated = list(_stated(commit, settings))
    if stated:
        return stated[0], breaking and stated[0] is not None
    kind = category(head.type, settings) if head else None
    known = _KNOWN.get(kind or "")
    if known == "added" and head and (verb := _TAKES_AWAY.match(head.text)):
        known = "deprecated" if verb["deprecates"] else "removed"
    secured = bool(known and head and (head.scope or "").lower() == "security")
    if kind != SKIPPED and (secured or (cve and not (head and head.type in _QUIET))):
        return "security", breaking
    return known or ("changed" if breaking else None), breaking


def _stated(commit: Commit, settings: Changelog) -> Iterator[ChangeType | None]:
    """Yield what a trailer `Changelog:` states; `skip`, or a type that the settings skip, is `None`."""
    for value in commit.values("Changelog") if "changelog:" in commit.message.lower() else ():
        word = value.strip().lower()
        if SKIPPED in (word, category(word, settings)):
            yield None
        elif kind := _WORDS.get(word) or _KNOWN.get(category(word, settings) or ""):
            yield kind


# ------------------------------------------------------------------------------------------------- deliverables


def _deliverables(book: Book, commits: Sequence[Commit], left: list[str]) -> list[Tree]:
    """Return the new files by scope and folder, few of them by name, many by their folder.

    New is what the commits added and HEAD still has. Files of the data folder are the record and not the work, and
    those whose names, or folders, begin with a dot are settings of tools; a file
    that came from another folder under its own name was moved; a name that a round file cannot hold to the letter, or would
    take for a glob, is left out. Where there are too many folders, scopes no longer part them; where there still are, the
    top folders are named instead of those below.
    """
    added = _added(book, commits)
    plain = {p: scope for p, scope in added.items() if p.isprintable() and not WILDCARD.search(p) and not _ODD.match(p)}
    if odd := len(added) - len(plain):
        left.append(f"{plural(odd, 'new file')} with names that cannot be written exactly")
    groups = _grouped(plain, posixpath.dirname)
    for folder_of in (posixpath.dirname, lambda path: path.partition("/")[0] if "/" in path else ""):
        if len(groups) > MOST_FOLDERS:
            groups = _grouped(dict.fromkeys(plain, ""), folder_of)
    ordered = sorted(groups.items(), key=lambda one: (-len(one[1]), _paths(one[0][1], one[1])))
    if rest := ordered[MOST_FOLDERS:]:
        left.append(f"{sum(len(paths) for _, paths in rest):,} new files in {len(rest):,} other folders")
    kept = sorted(ordered[:MOST_FOLDERS], key=lambda one: (one[0][0], _paths(one[0][1], one[1])))
    return [_deliverable(scope, folder, paths) for (scope, folder), paths in kept]


def _deliverable(scope: str, folder: str, files: Sequence[str]) -> Tree:
    paths = _paths(folder, files)
    name = paths[0] if len(paths) == 1 else folder or "top folder"
    note = "" if len(files) == len(paths) == 1 else f"{plural(len(files), 'new file')}"
    return _kept({"title": literal(name), "group": _shown(scope), "paths": paths, "note": note})


def _paths(folder: str, files: Sequence[str]) -> list[str]:
    """Return the files, or their folder; the files at the top of the project have none that would tell anything."""
    return sorted(files) if len(files) <= BY_NAME or not folder else [folder]


def _added(book: Book, commits: Sequence[Commit]) -> dict[str, str]:
    """Return the new paths, each with the scope of the commit that brought it first."""
    own, apart = book.history.prefix, book.git_facts.apart
    data = {own + path for paths in book.files.values() for path in paths}
    data |= {own + entry.path for release in book.all_releases for entry in release.entries if entry.path}
    there = {t.path for t in touched(commits) if t.fate == "added"} & book.history.tree - data
    scopes: dict[str, str] = {}
    for commit in reversed(commits):
        moved = {posixpath.basename(c.path) for c in commit.changes or () if c.status == "D"}
        for change in commit.changes or ():
            if change.status != "A" or change.path not in there or (apart and change.path.startswith(apart)):
                continue
            if change.path.removeprefix(own).startswith("."):
                continue
            if posixpath.basename(change.path) not in moved and len(commit.parents) < 2:
                scopes.setdefault(change.path.removeprefix(own), scope_of(commit))
    return scopes


def _grouped(scopes: Mapping[str, str], folder_of: Callable[[str], str]) -> dict[tuple[str, str], list[str]]:
    groups: dict[tuple[str, str], list[str]] = {}
    for path, scope in scopes.items():
        groups.setdefault((scope, folder_of(path)), []).append(path)
    return groups


# ------------------------------------------------------------------------------------------------ metrics, goals


def _before(book: Book, key: str) -> RoundOrPhase | None:
    """Return the round before one that is to come: the last of its phase, else the newest."""
    entries = (*book.in_phase(key.partition("/")[0]), *book.newest_first)
    return next((entry.round for entry in entries if entry.key != key), None)


def _metrics(earlier: RoundOrPhase | None) -> Iterator[tuple[str, Tree]]:
    """Yield the metrics of the round before, whose value is now the value before; what was not known is left out."""
    for name, metric in (earlier.metrics if earlier else {}).items():
        known = (value for value in (metric.now, metric.before) if value and not left_open(value))
        written = metric.model_dump(by_alias=True, exclude_none=True) | {"before": next(known, ""), "after": TBD}
        order = ("label", "unit", "before", "after", "target", "better", "how")
        texts = {key: clean(written.get(key, "")) for key in order}
        yield clean(name), _kept({**texts, "probe": _kept(written.get("probe", {}))})


def _goals(book: Book, key: str) -> Iterator[Tree]:
    """Yield what earlier rounds deferred to this one; its words are Markdown already."""
    names = RoundNames((key,))
    for entry in book.entries.values():
        for one in entry.round.deferred if entry.key != key else ():
            if one.to and names.key(one.to, entry.round.phase):
                text = f"{clean(one.reason)} (deferred by {entry.key})" if one.reason else f"Deferred by {entry.key}"
                yield {"title": clean(one.title), "status": "planned", "text": text}


def _notes(book: Book, commits: Iterable[Commit], changes: Iterable[_Change], left: Sequence[str]) -> Iterator[str]:
    named = {change.decision for change in changes}
    cited = dict.fromkeys(one for commit in commits for one in book.citing.get(commit.id, ()))
    if words := [code(name) for name in cited if name not in named]:
        listed = " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
        yield f"Commits cite {listed}."
    if left:
        yield f"This draft leaves out: {'; '.join(left)}."


def _unknown(book: Book, commits: Iterable[Commit]) -> Iterator[str]:
    """Yield the decisions that trailers cite and the book does not have."""
    resolve = decisions(book.decision_index)
    for value in (value for commit in commits for value in commit.values("Decision")):
        if not read(value, resolve).parts:
            yield from (word for word in value.replace(",", " ").split() if not resolve(word))
