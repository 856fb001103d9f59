"""What git is asked for, once the rounds are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from posixpath import normpath

from roundbook.book.ancestry import Landing, carrier, landings, trunk
from roundbook.book.attribution import meant, revisions, selections
from roundbook.book.facts import Decision
from roundbook.book.model import Book, Entry
from roundbook.book.paths import PathIndex, above, moved, named
from roundbook.frozen import frozen
from roundbook.git.history import Commit, Count, GitQueries, History, PickaxeQuery, Spot, Tips, is_apart, matches
from roundbook.schema.decision import Metric, Probe
from roundbook.schema.ids import Space
from roundbook.schema.items import Source
from roundbook.settings import Settings

LONGEST_LINE = 1_000  # characters of a text that is searched for
_WILDCARD = re.compile(r"[*?\[]")


@frozen
class MetricProbe:
    """A metric with a probe; `commits` are those in whose trees it may have been counted, the most likely first."""

    entry: Entry
    name: str
    metric: Metric
    probe: Probe
    commits: tuple[str, ...]


def probes(book: Book) -> Iterator[MetricProbe]:
    """Yield the metrics with a probe of the rounds of this repository.

    The value of a round belongs to the tree of its newest commit that did work. If several people worked in parallel,
    nobody saw all of it before the last of them was merged, so the merge counts too. A round of
    which only the file is known was counted when the file was written.
    """
    found = [
        (e, n, m, m.probe) for e in book.entries.values() if e.verified for n, m in e.round.metrics.items() if m.probe
    ]
    landed = landings(book.history) if found else {}
    at: dict[str, tuple[str, ...]] = {}
    for entry, name, metric, probe in found:
        if entry.key not in at:
            at[entry.key] = _commits(entry, book, landed)
        yield MetricProbe(entry, name, metric, probe, at[entry.key])


def _commits(entry: Entry, book: Book, landed: Mapping[str, Landing]) -> tuple[str, ...]:
    links = [link.commit for link in entry.links]
    if entry.round.closed:
        frozen = set(entry.round.closed.commits)
        links = [commit for commit in links if commit in frozen] or links
    by_id = book.history.by_id
    work = [commit for commit in links if not book.records.only(by_id[commit])] or links[-1:] or [*entry.recorded[-1:]]
    brought = sorted({carrier(commit, landed) for commit in work}, key=book.history.order.__getitem__)
    return tuple(dict.fromkeys((*work[:1], *brought[:1])))


def sought(text: str) -> tuple[str, str]:
    """Return a text as git can search for it, and why it cannot be searched for, or an empty string."""
    line = text.strip("\r\n")
    if "\n" in line:
        return line, "a text of several lines is not searched for"
    if not line.strip() or len(line) > LONGEST_LINE:
        return line, "it is empty" if not line.strip() else f"it is longer than {LONGEST_LINE:,} characters"
    if re.search("[\\0\\ud800-\\udfff]", line):
        return line, "it contains a character that git cannot search for"
    return line, ""


def folders(globs: Sequence[str], prefix: str) -> tuple[str, ...]:
    """Return the folders and files that contain all matches of globs; empty if that is the whole repository."""
    found = sorted({_stem(glob, prefix) for glob in (globs or ("",))})
    return () if "" in found else tuple(found)


def _stem(glob: str, prefix: str) -> str:
    plain = glob.removeprefix("./").strip("/")
    wild = _WILDCARD.search(plain)
    return (prefix + (plain[: wild.start()].rpartition("/")[0] if wild else plain)).strip("/")


SHORTEST = 3  # characters; shorter strings are everywhere


@frozen
class Literal:
    """A string whose return would reverse a decision; `fault` says why it cannot be searched for."""

    decision: Decision
    index: int
    text: str
    fault: str


def literals(book: Book) -> Iterator[Literal]:
    """Yield the literals of decisions of this repository that are or were accepted."""
    for decision in book.decisions.values():
        if book.is_verified(decision) and decision.status not in ("draft", "proposed"):
            for i, written in enumerate(decision.record.literals):
                text, fault = sought(written)
                if not fault and len(text.strip()) < SHORTEST:
                    fault = f"it is shorter than {SHORTEST} characters"
                yield Literal(decision, i, text, fault)


class Scope:
    """The files in which the literals of a decision count.

    If it `affects` something, they count only there; otherwise in all files except the data and Markdown, which only
    mention things. Round files never count.
    """

    def __init__(self, book: Book, settings: Settings, apart: str) -> None:
        self.history, self.prefix = book.history, book.history.prefix
        self.apart, self.roots = apart, settings.roots
        self.holds = cache(self._holds)

    def globs(self, decision: Decision) -> tuple[str, ...]:
        """Return what a decision affects, also after `roots` of the settings are applied."""
        return moved(decision.record.affects, self.roots)

    def _holds(self, globs: tuple[str, ...], path: str) -> bool:
        if not self.history.holds(path):
            return False
        if not globs:
            return not is_apart(path, self.apart)
        if path.startswith(f"{self.apart}rounds/"):
            return False
        return matches(globs, path.removeprefix(self.prefix)) or matches(globs, path)


LONGEST = 4_000  # characters of a path
MOST_LITERALS = 40
MOST_STEPS = 2_000  # commits in which one literal is searched for
ALL_STEPS = 20_000  # commits in which all of them are, together
MOST_TEXTS = 32  # that probes count
MOST_TREES = 64  # in which one of them is counted
MOST_TIPS = 500
_HEX = frozenset("0123456789abcdef")


def ask(
    book: Book,
    settings: Settings,
    data: str = "data",
    paths: Callable[[], PathIndex] | None = None,
    *,
    whole: bool = True,
) -> GitQueries:
    """Return what git is asked for the rounds; `data` is the folder of the round files, relative to the project.

    `paths` returns the index of all paths, where there is one already. If not the `whole` book is wanted, only markers and
    names on branches are asked for.

    What would prove that something is missing is only asked if the history is complete.
    """
    history = book.history
    apart = normpath(history.prefix + data) + "/"
    few = GitQueries(
        marked=history.head if book.decisions else None,
        tips=_tips(book, f"{apart}rounds", settings) if history.complete else None,
        apart=apart,
    )
    if not whole:
        return few
    texts, unsought = _sought(book, settings, apart) if history.complete else ((), ())
    return replace(
        few,
        spots=tuple(dict.fromkeys((*_named(book), *_sources(book)))),
        objects=tuple(dict.fromkeys(_lost(book))) if history.complete else (),
        counts=tuple(_counts(book)) if history.complete else (),
        sought=texts,
        unsought=unsought,
        paths=tuple(dict.fromkeys(_absent(book, paths or partial(PathIndex.of, history, settings.roots)))),
    )


def _absent(book: Book, paths: Callable[[], PathIndex]) -> Iterator[str]:
    """Yield the paths that rounds name and HEAD does not have, if git can be asked whether it ignores them."""
    history = book.history
    if not history.head:
        return
    places: set[str] = set()
    index: PathIndex | None = None
    for entry in book.entries.values():
        for one in named(entry) if entry.verified else ():
            index = index or paths()
            if index.resolve(one.path).how in ("gone", "never"):
                places.update((*index.names(one.path), *index.rooted(one.path)))
    for name in sorted(places):
        beyond = any(folder in history.tree for folder in above(name))  # git refuses paths beyond a link or submodule
        odd = name == "." or name.startswith(":") or "\0" in name  # a colon begins a magic pathspec
        if not odd and len(name) < LONGEST and not beyond:
            yield name


def _named(book: Book) -> Iterator[Spot]:
    """Yield every path that a round names, at the commit that its page links to."""
    for entry in book.entries.values():
        at = entry.last_commit or book.history.head
        if entry.verified and at:
            for path in sorted(entry.round.named_paths()):
                yield at, path
                if book.history.prefix:
                    yield at, book.history.prefix + path


def source_spots(source: Source, history: History) -> tuple[tuple[Spot, ...], tuple[Spot, ...]]:
    """Return where an imported file may be today, and where it may have been at the commit it was read from."""
    if not history.head:
        return (), ()
    names = tuple(dict.fromkeys((normpath(history.prefix + source.path), normpath(source.path))))
    then = meant(source.rev, history.every) if source.rev else ()
    return tuple((history.head, name) for name in names), tuple((at, name) for at in then[:1] for name in names)


def _sources(book: Book) -> Iterator[Spot]:
    for entry in book.entries.values():
        for source in entry.round.source if entry.verified else ():
            now, then = source_spots(source, book.history)
            yield from (*now, *then)


def _lost(book: Book) -> Iterator[str]:
    """Yield the ids in round files that the history does not have."""
    for entry in book.entries.values():
        if entry.verified:
            closed = entry.round.closed
            named = [t for _, _, many in selections(entry.round, entry.anchors) for s in many for t in revisions(s)]
            for text in (*named, *((closed.at, *closed.commits) if closed else ())):
                if len(text) >= 7 and _HEX.issuperset(text) and not meant(text, book.history.every):
                    yield text


def _counts(book: Book) -> Iterator[Count]:
    asked: dict[tuple[str, tuple[str, ...]], dict[str, None]] = {}
    for one in probes(book):
        text, fault = sought(one.probe.grep or "")
        if one.probe.grep and not fault:
            where = folders(one.probe.in_ or one.probe.glob, book.history.prefix)
            asked.setdefault((text, where), {}).update(dict.fromkeys(one.commits))
    for (text, where), commits in list(asked.items())[:MOST_TEXTS]:
        if newest := sorted(commits, key=book.history.order.__getitem__)[:MOST_TREES]:
            yield Count(text, where, tuple(newest))


def _sought(book: Book, settings: Settings, apart: str) -> tuple[tuple[PickaxeQuery, ...], tuple[str, ...]]:
    scope = Scope(book, settings, apart)
    asked: dict[str, set[tuple[str, ...]]] = {}
    for literal in literals(book):
        if not literal.fault:
            asked.setdefault(literal.text, set()).add(scope.globs(literal.decision))
    texts = list(asked)
    commits = trunk(book.history) if texts else ()
    touching = {globs: _touching(commits, globs, scope) for many in asked.values() for globs in many}
    made = []
    most = min(MOST_STEPS, ALL_STEPS // max(1, min(len(texts), MOST_LITERALS)))
    for text in texts[:MOST_LITERALS]:
        steps = [c for c in commits if any(c.id in touching[globs] for globs in asked[text])]
        pairs = tuple((c.id, *c.parents[:1]) for c in steps[:most])
        made.append(PickaxeQuery(text, pairs, len(steps) > most))
    return tuple(made), tuple(texts[MOST_LITERALS:])


def _touching(commits: Sequence[Commit], globs: tuple[str, ...], scope: Scope) -> frozenset[str]:
    """Return the commits that touch a file in which a literal counts, or one that may have replaced it."""
    found: set[str] = set()
    moved: set[str] = set()
    for commit in reversed(commits):
        own = [c for c in commit.changes or () if c.path in moved or scope.holds(globs, c.path)]
        if own:
            found.add(commit.id)
        if globs and any(change.status == "D" for change in own):
            moved.update(change.path for change in commit.changes or () if change.status == "A")
    return frozenset(found)


def _tips(book: Book, folder: str, settings: Settings) -> Tips | None:
    history = book.history
    branches = sorted(history.branches, key=lambda b: (b.remote, b.name))
    outside = {b.name: b.commit for b in branches if b.commit not in history.by_id}
    at = tuple(outside.items())[:MOST_TIPS]
    spaces = tuple(Space(history.prefix + path, name) for path, name in settings.spaces)
    left = len(outside) - len(at)
    return Tips(str(history.head), folder, at, book.decision_ids, left, spaces) if at and history.head else None
