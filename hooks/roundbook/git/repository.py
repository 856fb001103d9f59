"""A repository: where it is, its refs and remotes, and its history in one pass."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from roundbook.cache import FOLDER
from roundbook.errors import Finding, RoundbookError
from roundbook.frozen import frozen
from roundbook.git import library, no_pauses, process, refs
from roundbook.git import refs as git_refs
from roundbook.git.history import Branch, Commit, Gap, History, Mailmap, Span, Tag
from roundbook.git.library import Own
from roundbook.git.objects import (
    COMPARE,
    Changes,
    CommitParser,
    decode_path,
    decode_text,
    describe,
    parse_tagged,
    read_all,
    read_changes,
    read_commits,
    read_contents,
)
from roundbook.git.process import Answer, Git
from roundbook.git.refs import Ref
from roundbook.git.store import KeptCommits, Store
from roundbook.schema.dates import Moment

_ENTRY = re.compile(r"(?P<name>[^<]*)<(?P<email>[^>]*)>(?:(?P<old_name>[^<]*)<(?P<old_email>[^>]*)>)?")


def parse(text: str) -> Mailmap:
    """Return the mailmap in `text`, which has four forms of lines and `#` comments; other lines are ignored.

    Source: https://git-scm.com/docs/gitmailmap
    """
    mailmap = Mailmap()
    for line in text.split("\n"):
        match = None if line.startswith("#") else _ENTRY.match(line)
        if match is None:
            continue
        name, email, old_name, old_email = ((part or "").strip() for part in match.groups())
        if match["old_email"] is None:
            old_email, email = email, ""
        if old_name:
            mailmap.by_both[old_email.lower(), old_name.lower()] = (name, email)
        else:
            known = mailmap.by_email.get(old_email.lower(), ("", ""))
            mailmap.by_email[old_email.lower()] = (name or known[0], email or known[1])
    return mailmap


TAGS, HEADS, REMOTES = "refs/tags/", "refs/heads/", "refs/remotes/"


class _Target(NamedTuple):
    """What a ref points to: the commit, if any, its date, and whether it is an annotated tag."""

    commit: str | None
    moment: Moment | None
    annotated: bool


def read_marks(
    git: Git, refs: tuple[Ref, ...], commits: Mapping[str, Commit]
) -> tuple[tuple[Tag, ...], tuple[Branch, ...]]:
    """Return tags and branches; `commits` are those already read.

    A tag of a tag marks what that one marks. A tag on a file or a folder marks no commit, and a branch that marks none
    is left out.
    """
    others = dict.fromkeys(ref.id for ref in refs if ref.id not in commits)
    targets = dict(_ask(git, tuple(others)))
    for ref in refs:
        if ref.id in commits:
            targets[ref.id] = _Target(ref.id, commits[ref.id].committed, annotated=False)
    return tuple(_tags(refs, targets)), tuple(_branches(refs, targets))


def _tags(refs: Iterable[Ref], targets: Mapping[str, _Target]) -> Iterator[Tag]:
    for ref in refs:
        if ref.name.startswith(TAGS):
            yield Tag(ref.name.removeprefix(TAGS), *targets[ref.id])


def _branches(refs: Iterable[Ref], targets: Mapping[str, _Target]) -> Iterator[Branch]:
    for ref in refs:
        commit = targets[ref.id].commit
        for folder in (HEADS, REMOTES):
            if commit and ref.name.startswith(folder):
                yield Branch(ref.name.removeprefix(folder), commit, remote=folder == REMOTES)


def _ask(git: Git, ids: Sequence[str]) -> Iterator[tuple[str, _Target]]:
    """Yield the target of each id; types are read first, so that a tag of a huge file does not load the file."""
    lines = describe(git, (name for id_ in ids for name in (id_, f"{id_}^{{commit}}")))
    types = dict(zip(ids, (words[1] if len(words) == 3 else "" for words in lines[::2]), strict=False))
    commits = dict(zip(ids, (words[0] if len(words) == 3 else None for words in lines[1::2]), strict=False))
    contents = read_contents(git, (id_ for id_, type_ in types.items() if type_ in ("tag", "commit")))
    parse = CommitParser().parse
    for id_ in ids:
        content, annotated, moment = contents.get(id_), types.get(id_) == "tag", None
        if content is not None:
            moment = parse_tagged(content) if annotated else parse(id_, content).committed
        yield id_, _Target(commits.get(id_), moment, annotated)


NO_GIT = Gap("no-git", "git is not installed, so there is no history", "install git 2.30 or newer")
NO_REPOSITORY = Gap(
    "no-repository", "the project is not part of a git repository", "run `git init`, then commit the project's files"
)
UNCOMMITTED = Gap(
    "no-repository",
    "no file of the project is committed in the repository above it",
    "commit the project's files; run `git init` if they are to have a repository of their own",
)
NO_COMMITS = Gap("no-commits", "the repository has no commits yet", "commit the project's files")
SHALLOW = Gap(
    "shallow",
    "the history is cut (shallow clone)",
    "in GitHub Actions set `fetch-depth: 0`; locally run `git fetch --unshallow`",
)
PARTIAL = Gap(
    "partial",
    "the clone left out objects that tell which paths each commit changed (partial clone)",
    "clone without a filter, or with `--filter=blob:none`",
)
REFUSED = Gap(
    "damaged",
    "at or above the project is a `.git` that git does not accept as a repository",
    "run `git status` to see why; restore the `.git`, or clone again",
)
DAMAGED = Gap("damaged", "the repository is damaged: objects of its history are missing", "run `git fsck`")

REF_FIX = "write a tag, a branch or a commit id; fetch what is not here, in GitHub Actions with `fetch-depth: 0`"

FULL_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_OWNER = re.compile(r"dubious ownership|^fatal: unsafe repository", re.MULTILINE)
_SAFE = re.compile(r"git config --global --add safe\.directory [^\n]+")
_NOWHERE = re.compile(r"^fatal: (not a git repository|invalid gitfile format)", re.MULTILINE)
_PLACE = re.compile(r"'[^'\n]*[/\\][^'\n]*'|\"[^\"\n]*[/\\][^\"\n]*\"|\S*[/\\]\S*")


@frozen
class Checkout:
    """The place of a project: its `prefix` in the repository, and the id of `head`, resolved once."""

    git: Git
    prefix: str
    head: str | None
    settings: tuple[tuple[str, str], ...] = ()
    own: Own | None = None

    @property
    def missing(self) -> Gap:
        """Return the gap that a missing tree or file means here."""
        return PARTIAL if refs.is_partial(self.settings) else DAMAGED


def find(root: Path, at: str = "", *, own: bool = False) -> Checkout | Gap:
    """Return the place of the project at `root`, or the gap that says why it has none.

    A bare repository is a place when it is `root` itself; one that merely surrounds the project is not. With `at` the
    commit that this ref means takes the place of HEAD; raises `RoundbookError` where it means none. With `own` GitPython is
    asked first, which gives the same answer.
    """
    git = process.find(root)
    if git is None:
        return NO_GIT
    settings = refs.parse_settings(git.run("config", "-z", "--get-regexp", refs.SETTINGS).out)
    # Git decides whether a repository can be read: 1 means that HEAD has no commit, anything higher that git refuses.
    readable = own and git.run("rev-parse", "--quiet", "--verify", "HEAD").code in (0, 1)
    described = library.find(root, git, dict(settings)) if readable else None
    prefix = described.prefix if described else _prefix(git, root)
    if isinstance(prefix, Gap):
        return prefix
    head = resolve(git, at) if at else git.run("rev-parse", "--quiet", "--verify", "HEAD").out.decode("ascii").strip()
    return Checkout(git, prefix, head or None, settings, described)


def _prefix(git: Git, root: Path) -> str | Gap:
    answer = git.run("rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-prefix")
    if answer.code:
        return explain(answer, root)
    bare, inside, prefix = answer.out.split(b"\n", 2)
    between = (root, *root.parents)[: prefix.count(b"/")]
    if any(os.path.lexists(folder / ".git") for folder in between):  # git passes one over that is damaged
        return REFUSED
    if inside != b"true" and not (bare == b"true" and git.run("rev-parse", "--git-dir").out == b".\n"):
        surrounding = decode_path(git.run("rev-parse", "--absolute-git-dir").out.removesuffix(b"\n"))
        return _no_repository(root, Path(surrounding)) if bare == b"true" else NO_REPOSITORY
    return decode_path(prefix.removesuffix(b"\n"))


def resolve(git: Git, ref: str) -> str:
    """Return the full id of the commit of a tag, branch or id; raises `RoundbookError` if there is none.

    Git takes `ref` as a name, even if it looks like an option.

    Source: https://git-scm.com/docs/gitcli, `--end-of-options`
    """
    answer = git.run("rev-parse", "--quiet", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    found = answer.out.decode("ascii", "replace").strip()
    if answer.code or not FULL_ID.fullmatch(found):
        message = f'"{_visible(ref)}" names no commit of this repository'
        raise RoundbookError(Finding("error", "ref-unknown", message, None, REF_FIX))
    return found


def explain(answer: Answer, root: Path) -> Gap:
    """Return why git refused to read `root`; only `fix` may contain paths, as `message` is published."""
    if not os.path.isdir(root):  # noqa: PTH112 - a name too long is no error here
        return NO_REPOSITORY
    if _NOWHERE.search(answer.error):
        return _no_repository(root)
    if _OWNER.search(answer.error):
        fix = _SAFE.search(answer.error)
        message = "git does not read this repository, because another user owns it (dubious ownership)"
        return Gap("not-owned", message, _visible(fix[0]) if fix else "")
    said = answer.error.replace(str(root), "…").strip().split("\n")[-1]
    return Gap("damaged", _visible("git cannot read this repository: " + _PLACE.sub("…", said)), "run `git fsck`")


def _no_repository(root: Path, surrounding: Path | None = None) -> Gap:
    """Return the gap where git finds no repository for the project: there is none, or one that git does not accept.

    A bare repository that surrounds the project is none; what lies above it is not looked at.
    """
    folders = takewhile(lambda folder: folder != surrounding, (root, *root.parents))
    there = any(os.path.lexists(folder / ".git") for folder in folders)
    return REFUSED if there else NO_REPOSITORY


def _visible(text: str) -> str:
    """Return the text with control characters escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


_MAILMAP = ".mailmap"
_WATCHED = ("logs/HEAD", "packed-refs")


def read(
    root: Path,
    *,
    paths: bool = True,
    at: str = "",
    own: bool = False,
    cache: Path | None = None,
    uncommitted: bool = False,
) -> History:
    """Return the history of HEAD, or of the ref `at`, in the repository that holds the project at `root`.

    With `paths` each commit holds what it changed; without, `changes` is `None` and reading is several times quicker.
    Nothing that is wrong with the repository is an exception: `gaps` says what could not be read, and why. The
    network, hooks, filters and other programs that a configuration can name are never used, and nothing is written but in
    `cache`, the folder in which commits are kept with their paths; it changes nothing but the time that reading takes.

    A repository that lies above the project counts only when its HEAD holds files of the project, or with `uncommitted`.
    A partial clone has a gap only when it lacks something that is part of a history, which the contents of files are not.

    With `own` the repository is that of its owner, whose place, settings and references GitPython tells where it can.

    With `at` the tags are those that its history reaches, and a `RoundbookError` says that there is no such commit.
    """
    checkout = find(root, at, own=own)
    if isinstance(checkout, Gap):
        return _nothing(checkout, at)
    tree = _read_tree(checkout)
    known = at or uncommitted or not checkout.prefix
    if tree and not known and not any(path.startswith(checkout.prefix) for path in tree):
        return History(gaps=(UNCOMMITTED,))
    with no_pauses():
        mailmap = _read_mailmap(checkout) if tree and _MAILMAP in tree else Mailmap()
        commits, boundary, gaps = _read_commits(checkout, tree, mailmap, Store(cache), paths, keep=not at)
        refs, broken = _read_refs(checkout)
        by_id = {commit.id: commit for commit in commits}
        tags, branches = read_marks(checkout.git, refs, by_id)
    return History(
        head=checkout.head if commits else None,  # one that is named and cannot be read is none
        at=at,
        branch=_find_branch(checkout, refs) if not at else None,
        prefix=checkout.prefix,
        commits=commits,
        tags=tuple(tag for tag in tags if tag.commit in by_id) if at else tags,
        branches=branches,
        remotes=git_refs.remotes(checkout.settings),
        tree=tree or frozenset(),
        boundary=boundary,
        gaps=tuple(dict.fromkeys([*gaps, *broken])),
        mailmap=mailmap or Mailmap(),
    )


def state(root: Path, at: str = "", *, own: bool = False) -> object:
    """Return a value that equals an earlier one only while `read` would find the same refs, settings and commits.

    What the repository lacks is not part of it: objects may arrive without a change of any ref.
    """
    checkout = find(root, at, own=own)
    if isinstance(checkout, Gap):
        return object()
    refs = checkout.git.run("for-each-ref", f"--format={git_refs.FORMAT}")
    shallow = checkout.git.run("rev-parse", "--git-path", "shallow")
    file = root / os.fsdecode(shallow.out.removesuffix(b"\n"))
    return checkout, refs, file.read_bytes() if file.is_file() else b"", at


def _nothing(gap: Gap, at: str) -> History:
    """Return an empty history with a gap; raises if a commit was asked for, as there is none."""
    if at:
        raise RoundbookError(Finding("error", gap.slug, gap.message, None, gap.fix))
    return History(gaps=(gap,))


def watch_files(root: Path) -> tuple[Path, ...]:
    """Return the files that change when HEAD moves, if they exist: the log of HEAD and the packed refs.

    Right in linked worktrees and submodules too, where `.git` is a file. Watching the whole of `.git` would see the
    locks of every other git command.
    """
    git = process.find(root)
    answers = [git.run("rev-parse", "--git-path", name) for name in _WATCHED] if git else []
    files = [root / os.fsdecode(answer.out.removesuffix(b"\n")) for answer in answers if answer.code == 0]
    return tuple(file for file in files if file.is_file())


def _read_tree(checkout: Checkout) -> frozenset[str] | None:
    """Return all paths of HEAD, or `None` if trees are missing."""
    if checkout.head is None:
        return frozenset()
    answer = checkout.git.run("ls-tree", "-r", "-z", "--full-tree", "--name-only", checkout.head)
    return frozenset(map(decode_path, answer.out.split(b"\0")[:-1])) if answer.code == 0 else None


def _read_commits(
    checkout: Checkout, tree: frozenset[str] | None, mailmap: Mailmap | None, store: Store, paths: bool, keep: bool
) -> tuple[tuple[Commit, ...], frozenset[str], list[Gap]]:
    """Return the commits of HEAD, the ids of those whose parents are cut off, and the gaps."""
    if checkout.head is None:
        return (), frozenset(), []
    known = store.load() if paths and store.exists and _is_usable(store, checkout) else KeptCommits()
    commits: tuple[Commit, ...] = ()
    whole = checkout.head == known.head  # as it mostly is
    if not whole:
        commits, whole = read_commits(checkout.git, checkout.head, known.tips)
    if known.commits and not (whole and known.closes(commits, checkout.head)):
        known = KeptCommits()
        commits, whole = read_commits(checkout.git, checkout.head)
    ids = {commit.id for commit in commits}
    if known.commits:
        ids.update(parent for commit in commits for parent in commit.parents)
    boundary = frozenset(c.id for c in commits if whole and not ids.issuperset(c.parents))
    if paths:
        commits = tuple(map(_with_changes, commits, tuple(read_changes(checkout.git, commits, ids))))
    unknown = paths and any(c.changes is None and c.id not in boundary for c in commits)
    gaps = (
        (SHALLOW, bool(boundary)),
        (checkout.missing, unknown or tree is None or mailmap is None),
        (DAMAGED, not whole),
    )
    if paths and whole and not boundary and not unknown:
        commits = _kept(store, known, commits, checkout, keep=keep)
    return _named(commits, mailmap or Mailmap()), boundary, [gap for gap, there in gaps if there]


def _kept(
    store: Store, known: KeptCommits, new: tuple[Commit, ...], checkout: Checkout, *, keep: bool
) -> tuple[Commit, ...]:
    """Return all commits of HEAD, of which the new ones are not known, and keep them for the next time."""
    if not known.commits and not (keep and store.wants(new) and _is_usable(store, checkout)):
        return new
    now = known.extended(new, checkout.head or "")
    if keep and now is not known:
        store.save(known, now)
    return now.ordered()


def _is_usable(store: Store, checkout: Checkout) -> bool:
    """Tell whether what is kept holds for a repository: it lacks nothing, and does not itself bring the kept file."""
    if store.folder is None or refs.is_partial(checkout.settings):
        return False
    shallow = checkout.git.run("rev-parse", "--is-shallow-repository")
    brought = checkout.git.run("ls-files", "-z", "--", str(FOLDER))
    return shallow.out == b"false\n" and brought.code == 0 and not brought.out


def _with_changes(commit: Commit, changes: Changes | None) -> Commit:
    return Commit._make((*commit[:-1], changes))  # twice as fast as `_replace`


def _named(commits: tuple[Commit, ...], mailmap: Mailmap) -> tuple[Commit, ...]:
    """Return the commits with people as the mailmap names them."""
    if mailmap == Mailmap():
        return commits
    names = lru_cache(None)(mailmap.resolve)
    return tuple(Commit._make((*c[:2], names(c.author), names(c.committer), *c[4:])) for c in commits)


def _read_mailmap(checkout: Checkout) -> Mailmap | None:
    """Return the mailmap in HEAD, or `None` if its blob is missing."""
    for _, kind, content in read_all(checkout.git, [f"{checkout.head}:{_MAILMAP}"]):
        if content is not None:
            return parse(decode_text(content)) if kind == b"blob" else Mailmap()
    return None


def _read_refs(checkout: Checkout) -> tuple[tuple[Ref, ...], list[Gap]]:
    """Return all refs, and a gap if a ref is damaged or HEAD has no commit."""
    if checkout.own and checkout.own.refs is not None:
        return checkout.own.refs, [] if checkout.head else [NO_COMMITS]
    answer = checkout.git.run("for-each-ref", f"--format={git_refs.FORMAT}")
    refs = git_refs.parse_refs(answer.out) if answer.code == 0 else ()
    if answer.code or "broken ref" in answer.error:
        return refs, [DAMAGED]
    return refs, [] if checkout.head else [NO_COMMITS]


def _find_branch(checkout: Checkout, refs: tuple[Ref, ...]) -> str | None:
    """Return the branch of HEAD; one without commits is not among the refs."""
    if checkout.head is None:
        name = decode_path(checkout.git.run("symbolic-ref", "--quiet", "HEAD").out.removesuffix(b"\n"))
    else:
        name = next((ref.name for ref in refs if ref.head), "")
    return name.removeprefix(HEADS) if name.startswith(HEADS) else None


def commit_range(root: Path, base: str, head: str, *, landing: bool = False) -> Span | None:
    """Return what the commit `head` has beyond the ref `base`, or `None` if that is unknown.

    Paths are those that differ from the newest commit that both have, as in `git diff BASE...HEAD`, so that what was merged
    from the base is none of them. With `landing` it is asked, too, whether the base holds these paths just so by now, as after
    a squash merge. Raises `RoundbookError` where `base` means no commit. Four processes, or five.
    """
    git = process.find(root)
    if git is None:
        return None
    old = resolve(git, base)
    commits = git.run("rev-list", head, f"^{old}", "--")
    common = git.run("merge-base", old, head)
    if commits.code or common.code:
        return None
    fork = common.out.decode("ascii").strip()
    changed = _changed(git, fork, head)
    if changed is None:
        return None
    apart = _changed(git, old, head) if landing and changed else None
    landed = apart is not None and changed.isdisjoint(apart)
    return Span(frozenset(commits.out.decode("ascii").split()), changed, fork, landed)


def _changed(git: Git, old: str, new: str) -> frozenset[str] | None:
    answer = git.run(*COMPARE, "--name-only", old, new)
    return None if answer.code else frozenset(map(decode_path, answer.out.split(b"\0")[:-1]))
