"""Checks of the paths that rounds name: whether they exist, where they went, and which commits changed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from roundbook.book.facts import CheckResult, Claim
from roundbook.book.model import Entry
from roundbook.book.paths import MOVED, THERE, WILDCARD, NamedPath, Resolved, Trace, above, named
from roundbook.checks.registry import INCOMPLETE, CheckContext, SharedContext, check, is_imported, some
from roundbook.frozen import frozen
from roundbook.git.history import SHORT, matches
from roundbook.schema.base import CLOSED

ELSEWHERE = "its history is in another repository"
_HOW = {
    "root": "by the roots of the settings",
    "suffix": "the only path that ends so",
    "both": "by the roots of the settings, and the only path that ends so",
    "rename": "moved there",
}
NAMED = 3  # files that are named


@check("path-missing", "warning")
def path_missing(context: CheckContext) -> Iterator[CheckResult]:
    """Each path of a deliverable or of `files` exists, or existed when its round was closed; deleted paths are gone.

    Fix: correct the path, or map its folder under `roots` in the settings; if it is right, waive the finding with the
    reason.
    """
    return context.each(context.book.entries.values(), _all_there)


def _all_there(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    if entry.verified:
        yield from (_judged(shared, one) for one in named(entry))
    elif paths := entry.round.named_paths():
        claim = f"{len(paths)} paths exist" if len(paths) > 1 else f"{next(iter(paths))} exists"
        yield Claim(claim, entry.round.place_of("repository"), entry.key).unchecked(ELSEWHERE)


def _judged(shared: SharedContext, one: NamedPath) -> CheckResult:
    found = shared.paths.resolve(one.path)
    if found.how in ("outside", "behind", "several"):
        return _exists(one).unchecked(_unsure(found))
    return _deleted(shared, one, found) if one.kind == "deleted" else _existing(shared, one, found)


def _exists(one: NamedPath) -> Claim:
    return one.claim(f"{one.path} was deleted" if one.kind == "deleted" else f"{one.path} exists")


def _unsure(found: Resolved) -> str:
    if found.how == "several":
        return f"it may be any of {len(found.others)}: {', '.join(found.others[:NAMED])}"
    if found.how == "behind":
        return f"{found.path} is not a folder of this repository"
    return f"{found.path} is outside the paths in `only`" if found.path else "it is outside this repository"


def _existing(shared: SharedContext, one: NamedPath, found: Resolved) -> CheckResult:
    claim, trace = _exists(one), shared.paths.trace(found.path)
    if found.how in THERE:
        return claim.verified(_seen(shared, one, found, trace), trace.added or trace.touched)
    if found.how == "gone" and (at := _was_there(shared, one, found, trace)):
        return claim.verified(f"{at}; {shared.story(trace)} since", trace.added or trace.touched)
    if unsure := _unproven(shared, one, found, trace):
        return claim.unchecked(unsure)
    fix = "correct the path, or waive it with the reason"
    if found.how == "gone":
        evidence, commit = f"it no longer exists: {shared.story(trace)}", trace.deleted or trace.touched
        return _missing(one, evidence, f"{fix} why it was removed", commit)
    # As far as is known, files of that name elsewhere are other files.
    others = f"; files of that name: {some(found.others, NAMED)}" if found.others else ""
    return _missing(one, f"no commit ever had it{others}", fix)


def _missing(one: NamedPath, evidence: str, fix: str, commit: str | None = None) -> CheckResult:
    claim = one.claim(f"path {one.path}")
    if one.is_structured:
        return claim.contradicted(evidence, fix, commit)
    return claim.contradicted(f"perhaps missing: {evidence}", fix, commit, "info")


def _unproven(shared: SharedContext, one: NamedPath, found: Resolved, trace: Trace) -> str:
    """Return why a path that does not exist cannot be called missing, or an empty string."""
    index, ignored = shared.paths, shared.git_facts.ignored
    if any(name in ignored for name in (*index.names(one.path), *index.rooted(one.path))):
        return "git ignores it, so no commit can contain it"
    if not one.made:
        return "it does not exist, and is not reported as done"
    if found.how == "gone":
        entry = one.entry  # an open round is about today
        timeless = entry.status in (None, *CLOSED) and entry.round.date is None and entry.last_commit is None
        return f"it is gone, and the {entry.kind} has no date to compare: {shared.story(trace)}" if timeless else ""
    if not index.known:
        return INCOMPLETE
    if place := _without_its_top(shared, one):
        # Often the name of the project folder; the settings can say so, but a guess verifies nothing.
        top = one.path.strip().removeprefix("./").partition("/")[0]
        return f"no commit ever had the folder {top}, and without it the path is {place}"
    return ""


def _without_its_top(shared: SharedContext, one: NamedPath) -> str:
    """Return the path without its first folder if it exists in HEAD and no commit ever had that folder."""
    top, _, rest = one.path.strip().removeprefix("./").partition("/")
    if not rest or any(shared.paths.trace(name).touched for name in shared.paths.names(top)):
        return ""
    found = shared.paths.resolve(rest)
    return found.path if found.how == "exact" and "/" in rest else ""


def _seen(shared: SharedContext, one: NamedPath, found: Resolved, trace: Trace) -> str:
    story = shared.story(trace)
    if found.others:
        where = f" ({_HOW['root']})" if found.how in ("root", "both") else ""
        return f"{len(found.others)} files match{where}; the first is {found.path}, {story}"
    if found.how in MOVED:
        return f"{found.path} ({_HOW[found.how]}), {story}"
    return story if found.path in shared.paths.names(one.path) else f"{found.path}, {story}"


def _deleted(shared: SharedContext, one: NamedPath, found: Resolved) -> CheckResult:
    index, claim = shared.paths, _exists(one)
    name = next((n for n in (*index.names(one.path), *index.rooted(one.path)) if n in index.deleted), "")
    if found.how in ("exact", "root") or (found.how in ("suffix", "both") and not name):
        return _back(shared, one, found)
    trace = index.trace(name or found.path)
    if trace.deleted:
        return claim.verified(shared.story(trace), trace.deleted)
    return claim.unchecked(INCOMPLETE if not index.known else "it does not exist, and no commit ever had it")


def _back(shared: SharedContext, one: NamedPath, found: Resolved) -> CheckResult:
    """Check a path that exists although the round deleted it: it may have been added again later."""
    removed = shared.paths.deleted.get(found.path)
    trace = shared.paths.trace(found.path)
    if removed and one.entry.last_commit and not _located(shared, one):
        return _exists(one).verified(f"removed by {shared.dated(removed)}; it came back later", removed)
    fix = "remove it from deleted:, or waive it with the reason why it came back"
    return _exists(one).contradicted(f"{found.path} is there: {shared.story(trace)}", fix, trace.touched)


def _located(shared: SharedContext, one: NamedPath) -> bool:
    """Return whether the path existed at the last commit of the round."""
    at = one.entry.last_commit
    names = (one.path, shared.history.prefix + one.path)
    return bool(at) and any(shared.git_facts.spots.get((str(at), name)) for name in names)


def _was_there(shared: SharedContext, one: NamedPath, found: Resolved, trace: Trace) -> str:
    """Return the evidence that a path which is gone existed when its round was closed, or an empty string."""
    entry, order = one.entry, shared.history.order
    if entry.status == "planned":
        return ""
    over = entry.status is None or entry.status in CLOSED  # an open round is about today
    if over and _located(shared, one):
        return f"it was there at {str(entry.last_commit)[:SHORT]}, the round's last commit"
    if not trace.deleted:
        return ""
    if entry.round.date and _lived(shared, trace, entry.round.date.last.isoformat()):
        return f"it was there on {entry.round.date.last}, the round's day"
    if entry.last_commit is None or entry.status not in CLOSED:
        return ""
    # A renamed path cannot be looked up at that commit; it existed if it was added before and removed after.
    later = order[trace.deleted] < order[entry.last_commit] <= order.get(trace.added or "", -1)
    renamed = found.path not in shared.paths.names(one.path)
    return f"{found.path} was there at the round's last commit" if later and renamed else ""


def _lived(shared: SharedContext, trace: Trace, day: str) -> bool:
    """Return whether a path that is gone existed on a day."""
    by_id = shared.history.by_id
    added, removed = by_id.get(trace.added or ""), by_id.get(trace.deleted or "")
    return bool(added and removed and added.authored.known and added.authored.day <= day < removed.authored.day)


@check("path-moved", "info")
def path_moved(context: CheckContext) -> Iterator[CheckResult]:
    """Each path is exactly where the round says, without the help of `roots`, a unique suffix, or a rename.

    Fix: write the new path.
    """
    return context.each(context.own, _unmoved)


def _unmoved(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    for one in named(entry):
        found = shared.paths.resolve(one.path)
        if one.kind != "deleted" and one.is_structured and found.how in MOVED and not found.others:
            trace = shared.paths.trace(found.path)
            evidence = f"today it is {_seen(shared, one, found, trace)}"
            commit = found.commit or trace.added or trace.touched
            yield one.claim(f"the path is {one.path}").contradicted(evidence, f"write {found.path}", commit)


@check("path-outside-round", "info", history=True)
def path_outside_round(context: CheckContext) -> Iterator[CheckResult]:
    """Each deliverable in git is changed by a commit of its round.

    This is contradicted only if closing the round froze its commits; until then, more commits may still be assigned to
    it.

    Fix: list the commit that made it under `commits:` of the deliverable or of the round.
    """
    return context.each(context.own, _worked_on)


def _worked_on(entry: Entry, shared: SharedContext) -> Iterator[CheckResult]:
    delivered = [one for one in named(entry) if one.kind == "deliverable"]
    work = Work(shared, entry) if delivered else None
    for one in delivered:
        found = shared.paths.resolve(one.path)
        if work and (found.how in THERE or found.how == "gone"):
            yield _inside(shared, one, found, work)


def _inside(shared: SharedContext, one: NamedPath, found: Resolved, work: Work) -> CheckResult:
    claim = one.claim(f"the round worked on {one.path}")
    if not shared.history.holds(found.path):
        return claim.unchecked(_unsure(Resolved("outside", found.path)))
    if work.touched is None:
        return claim.unchecked(INCOMPLETE)
    if not one.entry.links and not one.entry.hidden:
        return claim.unchecked("the round has no commits")
    names = dict.fromkeys((found.path, *shared.paths.names(one.path), *shared.paths.rooted(one.path)))
    if commit := next(filter(None, map(work.find, names)), None):
        count = work.counts.get(found.path, 0)
        among = f"the newest of {count} commits of the round that did" if count > 1 else "a commit of the round"
        return claim.verified(f"touched by {shared.dated(commit)}, {among}", commit)
    trace = shared.paths.trace(found.path)
    fix = "list the commit that made it under commits:, or waive it with the reason"
    evidence = f"no commit of the {one.entry.kind} changes it; {shared.story(trace)}"
    if one.entry.round.closed:
        return claim.contradicted(evidence, fix, trace.added or trace.touched)
    said_fix = "" if is_imported(one.entry) else fix
    return claim.unchecked(evidence, said_fix, trace.added or trace.touched)


@frozen
class Work:
    """The files that the commits of a round touched."""

    shared: SharedContext
    entry: Entry

    @cached_property
    def touched(self) -> Mapping[str, str] | None:
        """Return the newest commit of the round that touched each file, or `None` if not all changes are known."""
        found: dict[str, str] = {}
        for commit_id in (*(link.commit for link in self.entry.links), *self.entry.hidden):
            if commit_id in self.shared.taken_back:
                continue
            changes = self.shared.history.by_id[commit_id].changes
            if changes is None:
                return None
            for _, path in changes:
                found.setdefault(path, commit_id)
        return found

    @cached_property
    def counts(self) -> Counter[str]:
        """Return how many commits of the round touched each file."""
        by_id = self.shared.history.by_id
        ids = (*(link.commit for link in self.entry.links), *self.entry.hidden)
        return Counter(path for one in ids for _, path in by_id[one].changes or ())

    @cached_property
    def _folders(self) -> Mapping[str, str]:
        return {folder: commit for path, commit in self._files for folder in (*above(path), ".")}

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for path, commit in self._files:
            name = path.rpartition("/")[2]
            found[name] = (*found.get(name, ()), (path, commit))
        return found

    @property
    def _files(self) -> tuple[tuple[str, str], ...]:
        return tuple((self.touched or {}).items())

    def find(self, name: str) -> str | None:
        """Return a commit of the round that touched a file, a folder, a path with this suffix, or a match of a glob."""
        if self.touched and name in self.touched:
            return self.touched[name]
        if WILDCARD.search(name):
            return next((commit for path, commit in self._files if matches((name,), path)), None)
        if name in self._folders:
            return self._folders[name]
        ends = self._by_name.get(name.rpartition("/")[2], ())
        return next((commit for path, commit in ends if path.endswith(f"/{name}")), None)
