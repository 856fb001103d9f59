"""How a branch differs from its base, with what its commits, its problems and its claims say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from difflib import get_close_matches

from roundbook.book.difference import NONE, DecisionChange, Difference, RoundChange, decision_change
from roundbook.book.facts import ChangelogEntry, Tally
from roundbook.book.governance import in_force
from roundbook.book.model import Book
from roundbook.compare import between_books, round_change
from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.git.history import SHORT, Span, matches
from roundbook.git.message import breaks, conventional, without_number
from roundbook.schema.base import OPEN
from roundbook.schema.ids import slug
from roundbook.schema.items import CHANGE_TYPES
from roundbook.site.escape import literal


@frozen
class UnrecordedCommit:
    """A commit that reads like a change of the `category` and that no entry of the changelog claims."""

    commit: str
    subject: str
    category: str


@frozen
class UnknownTrailer:
    """A trailer of the branch that names nothing: the `commits` with it, and what is `meant`, if anything is alike."""

    key: str
    value: str
    commits: tuple[str, ...]
    meant: str


@frozen
class ProposedEntry:
    """A changelog entry for a commit that reads like one."""

    type: str
    id: str
    text: str
    breaking: bool


@frozen
class Proposal:
    """What the branch lacks, ready to be pasted: the `round` to name, and entries for the file at `path`.

    `round` is empty if none is open. `begun` tells that the file has `changes:` already.
    """

    round: str = ""
    path: str = ""
    begun: bool = False
    entries: tuple[ProposedEntry, ...] = ()

    def trailers(self, *, names_round: bool) -> tuple[str, ...]:
        """Return the lines that the messages of commits should end with."""
        lines = [f"Round: {self.round}"] if names_round and self.round else []
        return (*lines, *(f"Change: {self.round}#{one.id}" for one in self.entries))


@frozen
class Collision:
    """A decision of the branch whose id another branch uses for another one; `said` and `fix` are the check's words.

    `round` is empty for one that no round took.
    """

    id: str
    round: str
    said: str
    fix: str


@frozen
class BranchComparison:
    """What `head` has beyond `base`, both full ids; the same commit twice where only the work tree has anything.

    `difference` holds what changed, and beside that the rounds that the commits belong to and the decisions that they cite or
    that govern a file. `landed` counts commits whose whole content the base has already, as after a squash merge; they are
    not among `commits`. `claims` counts those of the touched rounds and decisions. `loose` holds commits only where it is
    certain that the branch lacks an entry for them, `unassigned` those of no round; both, and `fixed`, are empty where a cut
    history or a file that cannot be read may hold the answer. The commits of `slips` are not among
    `unassigned`; `reasons` tell, by id, why the decisions were taken. `dirty` holds the data files that differ from the
    head. `gaps` tell what of the history is missing, and `apart` that base and head have no known commit in common: nothing
    else is set then.
    """

    base: str | None = None
    head: str | None = None
    prefix: str = ""
    commits: tuple[str, ...] = ()
    files: int = 0
    landed: int = 0
    difference: Difference = NONE
    changes: tuple[ChangelogEntry, ...] = ()
    loose: tuple[UnrecordedCommit, ...] = ()
    unassigned: tuple[str, ...] = ()
    slips: tuple[UnknownTrailer, ...] = ()
    proposal: Proposal = Proposal()
    added: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    collisions: tuple[Collision, ...] = ()
    claims: Tally = field(default_factory=Tally)
    reasons: Mapping[str, str] = field(default_factory=dict)
    dirty: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    apart: bool = False


MOST_PATHS = 5_000  # a branch of more files is not about any one decision
COLLIDES = "decision-duplicate"  # what other branches hold is the same for both, and reported by itself
_ORDER = ("new", "changed", "same", "gone")
_SHORT_ID = re.compile(rf"\b[0-9a-f]{{{SHORT}}}\b")
_COUNTED = re.compile(r"(?<=ml):\d+(?::\d+)?| of (?:\d[\d,]* commits \(the newest is \w+\)|commit \w+)")
Known = tuple[str, str, str]


def compare_branch(old: Book, new: Book, span: Span) -> BranchComparison:
    """Return how the book of a branch differs from that of its base, and what the commits of the branch say.

    Something is reported as missing only where the history of both is complete, and every file of the new one can be read.
    """
    whole = old.history.complete and new.history.complete and not new.broken
    prefix = new.history.prefix
    edited = frozenset((*(path.removeprefix(prefix) for path in span.paths), *new.dirty))
    difference = between_books(old, new, old.history.head or "", new.history.head or "", edited=edited)
    moved = {one.was: one.key for one in difference.rounds if one.was and one.state != "gone"}
    changed = {one.id for one in difference.decisions if one.state in ("new", "changed")}
    commits = tuple(c.id for c in new.history.commits if c.id in span.commits)
    touched = replace(
        difference,
        rounds=tuple(_rounds(new, span, difference)),
        decisions=tuple(_decisions(new, span, difference)),
    )
    changes = tuple(_changes(old, new, moved))
    added, fixed = problem_changes(old, new, moved)
    added = tuple(dict.fromkeys((*added, *_of_commits(new, span))))
    slips = tuple(_slips(new, span, added))
    slipped = {commit for slip in slips if slip.key == "Round" for commit in slip.commits}
    left = tuple(c for c in commits if new.coverage[c].kind == "unassigned") if whole and new.rounds else ()
    loose = tuple(_loose(new, span, changes)) if whole else ()
    return BranchComparison(
        base=old.history.head,
        head=new.history.head,
        prefix=prefix,
        commits=commits,
        files=len(span.paths),
        difference=touched,
        changes=changes,
        loose=loose,
        unassigned=tuple(c for c in left if c not in slipped),
        slips=slips,
        proposal=_proposal(new, touched, loose),
        added=added,
        fixed=fixed if whole else (),
        collisions=tuple(_collisions(new, changed)),
        claims=_claims(new, touched),
        reasons={one.id: reason for one in touched.decisions if (reason := _reason(new, one.id))},
        dirty=new.dirty,
        gaps=tuple(dict.fromkeys(gap.message for gap in (*new.history.gaps, *old.history.gaps))),
    )


def nothing(book: Book, base: str | None = None, *, landed: int = 0, apart: bool = False) -> BranchComparison:
    """Return the proposal of a head that has nothing beyond its base, or of which that is not known."""
    history = book.history
    gaps = tuple(gap.message for gap in history.gaps)
    return BranchComparison(base, history.head, history.prefix, landed=landed, gaps=gaps, apart=apart)


def _claims(new: Book, touched: Difference) -> Tally:
    """Count the results of the claims of the rounds that are touched, and of the decisions that are in no round."""
    keys = {one.key for one in touched.rounds}
    ids = {one.id for one in touched.decisions}
    return Tally.of(v for v in new.results if (v.round in keys if v.round else v.anchor in ids))


# --------------------------------------------------------------------------------------------- rounds and decisions


def _rounds(book: Book, span: Span, difference: Difference) -> Iterator[RoundChange]:
    """Yield the rounds that are touched, newest first, then those that cannot be read, and those that are gone."""
    changed = {one.key: one for one in difference.rounds}
    for entry in book.all_newest_first:
        one = changed.pop(entry.key, None) or round_change(book, entry, "same")
        links = tuple(link for link in entry.links if link.commit in span.commits)
        if links or one.uncommitted or one.state != "same":
            yield replace(one, links=links)
    yield from changed.values()


def _decisions(book: Book, span: Span, difference: Difference) -> list[DecisionChange]:
    """Return the decisions that are recorded, then those changed, cited, governing, gone."""
    changed = {one.id: one for one in difference.decisions}
    governed = _governing(book, span)
    found: list[DecisionChange] = []
    for decision in book.decisions.values():
        one = changed.pop(decision.id, None) or decision_change(decision, "same", decision)
        commits = (c for c in dict.fromkeys((*decision.commits, *decision.cited_by)) if c in span.commits)
        found.append(replace(one, commits=tuple(commits), files=tuple(governed.get(decision.id, ()))))
    touched = [*(one for one in found if one.state != "same" or one.commits or one.files), *changed.values()]
    return sorted(touched, key=lambda one: (_ORDER.index(one.state), not one.commits, -len(one.files)))


def _governing(book: Book, span: Span) -> dict[str, list[str]]:
    """Return, by decision in force, the changed files that it affects, or that bear its marker; the data is none of them."""
    prefix, apart = book.history.prefix, book.git_facts.apart
    changed = [p for p in sorted(span.paths) if not (apart and p.startswith(apart))]
    found: dict[str, list[str]] = {}
    for decision in in_force(book):
        globs = tuple(glob.removeprefix("./") for glob in decision.record.affects)
        marked = {marker.path for marker in decision.markers}
        for path in changed[:MOST_PATHS] if globs or marked else ():
            if path in marked or matches(globs, path) or matches(globs, path.removeprefix(prefix)):
                found.setdefault(decision.id, []).append(path)
    return found


# ----------------------------------------------------------------------------------------- changelog --------


def _changes(old: Book, new: Book, moved: Mapping[str, str]) -> Iterator[ChangelogEntry]:
    """Yield the changelog entries that the base does not have, compared by their text."""
    had = {(moved.get(one.round, one.round), one.change.text) for r in old.all_releases for one in r.entries}
    yield from (one for r in new.all_releases for one in r.entries if (one.round, one.change.text) not in had)


def _loose(book: Book, span: Span, changes: Collection[ChangelogEntry]) -> Iterator[UnrecordedCommit]:
    """Yield the commits of notable types that no entry claims.

    An entry of the branch that names no commit may be about any of them, so then there are none.
    """
    if any(not (one.commits or one.pull_requests) for one in changes):
        return
    for release in book.all_releases:
        for category, commits in release.loose:
            for commit in commits if category in CHANGE_TYPES else ():
                if commit in span.commits:
                    yield UnrecordedCommit(commit, book.history.by_id[commit].subject, category)


# ------------------------------------------------------------------------------------------------- what is lacking

_TRAILER = re.compile(r'the trailer "(?P<key>Round|Decision|Change): (?P<value>.*)" of (?:commit|[\d,]+ commits) ')
_MARKUP = re.compile(r"[\[\]<>&\\]")
MOST_ENTRIES = 5


def _slips(book: Book, span: Span, added: Iterable[Finding]) -> Iterator[UnknownTrailer]:
    """Yield the trailers of the branch that name nothing."""
    own = [commit for commit in book.history.commits if commit.id in span.commits]
    for finding in added:
        said = _TRAILER.match(finding.message) if finding.slug == "trailer-unknown" else None
        if said and (commits := tuple(c.id for c in own if said["value"] in c.values(said["key"]))):
            yield UnknownTrailer(said["key"], said["value"], commits, _nearest(book, said["key"], said["value"]))


def _nearest(book: Book, key: str, value: str) -> str:
    names = {"Round": [*book.rounds], "Decision": [*book.decisions]}.get(key) or [
        f"{entry.key}#{change.id or entry.anchors['changes', i]}"
        for entry in book.entries.values()
        for i, change in enumerate(entry.round.changes)
    ]
    return next(iter(get_close_matches(value, names, 1, 0.6)), "")


def _proposal(book: Book, touched: Difference, loose: Sequence[UnrecordedCommit]) -> Proposal:
    """Return what to paste: the round that the branch touches already, else the newest that is open, and the entries."""
    named = [one.key for one in touched.rounds if one.key in book.rounds and (one.links or one.state != "same")]
    still_open = (e.key for e in book.newest_first if e.verified and (e.status is None or e.status in OPEN))
    key = next((k for k in (*named, *still_open) if book.entries[k].status in (None, *OPEN)), "")
    if not key:
        return Proposal()
    entry = book.entries[key]
    place = entry.round.changes[-1].place if entry.round.changes else None
    path = place.path if place else next(iter(book.files.get(key, ())), "")
    taken = {change.id or entry.anchors["changes", i] for i, change in enumerate(entry.round.changes)}
    entries: list[ProposedEntry] = []
    for one in loose[:MOST_ENTRIES]:
        commit = book.history.by_id[one.commit]
        head = conventional(commit)
        words = without_number(head.text if head else one.subject).strip()
        words = words[:1].upper() + words[1:]
        text = literal(words) if _MARKUP.search(words) else words  # code and emphasis are meant, the rest may not be
        name = base = slug(words, 40)
        number = 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        entries.append(ProposedEntry(one.category, name, text, breaks(commit)))
    return Proposal(key, path, bool(entry.round.changes), tuple(entries))


def _reason(book: Book, name: str) -> str:
    """Return why a decision was taken, as its record says first."""
    record = book.decisions[name].record if name in book.decisions else None
    return next((one for one in (*record.rationale, record.context, record.decision) if one), "") if record else ""


# ------------------------------------------------------------------------------------------------------ problems


def new_findings(old: Book, new: Book, span: Span) -> tuple[Finding, ...]:
    """Return the problems that only the new book has, with the ids of its decisions that other branches use."""
    difference = between_books(old, new, "", "")
    moved = {one.was: one.key for one in difference.rounds if one.was and one.state != "gone"}
    changed = {one.id for one in difference.decisions if one.state in ("new", "changed")}
    added, _ = problem_changes(old, new, moved)
    taken = {(one.round, one.said) for one in _collisions(new, changed)}
    collide = (v.finding for v in new.results if v.check == COLLIDES and (v.round, v.evidence) in taken)
    return tuple(dict.fromkeys((*added, *_of_commits(new, span), *filter(None, collide))))


def problem_changes(old: Book, new: Book, moved: Mapping[str, str]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the problems that only the new book has, and those that only the old one has.

    Two are the same by their kind, their round or file, and their words without line numbers and commits; that of a check
    by its claim, since the evidence grows with every commit.
    """
    before, after = list(_known(old, moved)), list(_known(new, {}))
    return tuple(_beyond(after, before)), tuple(_beyond(before, after))


def _beyond(ours: Sequence[tuple[Known, Finding]], theirs: Sequence[tuple[Known, Finding]]) -> Iterator[Finding]:
    left = Counter(known for known, _ in theirs)
    for known, finding in ours:
        left[known] -= 1
        if left[known] < 0:
            yield finding


def _known(book: Book, moved: Mapping[str, str]) -> Iterator[tuple[Known, Finding]]:
    claims = {f: v.claim for v in book.results if (f := v.finding)}
    home = {path: moved.get(key, key) for key, paths in book.files.items() for path in paths}
    for finding in book.findings:
        if finding.slug != COLLIDES:
            where = finding.place.path if finding.place else ""
            words = claims.get(finding) or _COUNTED.sub("", finding.message)
            yield (finding.slug, home.get(where, where), words), finding


def _collisions(book: Book, ids: Collection[str]) -> Iterator[Collision]:
    """Yield the decisions, of those with these ids, whose id another branch uses for another decision."""
    at = {r.address: r.id for r in book.decisions.values()}
    found = (v for v in book.results if v.check == COLLIDES and v.finding)
    named = ((at.get((v.round, v.anchor), ""), v) for v in found)
    yield from (Collision(name, v.round, v.evidence, v.fix) for name, v in named if name in ids)


_ABOUT_COMMITS = frozenset(
    ("trailer-unknown", "trailer-ambiguous", "trailer-misplaced", "revert-unclear", "co-author-unclear")
)


def _of_commits(book: Book, span: Span) -> Iterator[Finding]:
    """Yield the problems of messages of the branch, also where commits of the base have the same ones."""
    short = {commit[:SHORT] for commit in span.commits}
    for finding in book.findings:
        if finding.slug in _ABOUT_COMMITS and not short.isdisjoint(_SHORT_ID.findall(finding.message)):
            yield finding
