"""References in pages: resolved to addresses, and found in hand-written pages (backlinks)."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Literal
from urllib.parse import unquote

from markupsafe import Markup

from roundbook.book.facts import Backlink, Decision, Release
from roundbook.book.gathered import elsewhere
from roundbook.book.model import Book, Entry
from roundbook.errors import RoundbookError, did_you_mean
from roundbook.frozen import frozen
from roundbook.git.history import Commit
from roundbook.schema.ids import is_phase, number_of
from roundbook.site import links
from roundbook.site.escape import clean, cut
from roundbook.site.listings import pull_requests
from roundbook.site.prose import plain
from roundbook.site.registry import complaint

Kind = Literal["round", "phase", "decision", "entry", "version", "pull request", "commit"]
TITLE = 120


@frozen
class Target:
    """A place of the site: `name` is how it is written shortest, `title` and `about` are plain words, not encoded.

    `id` is the whole id of a commit.
    """

    kind: Kind
    name: str
    title: str
    uri: str
    anchor: str = ""
    about: str = ""
    id: str = ""

    @property
    def shown(self) -> str:
        """Return the words of a link to it: the id of a commit, the number of a pull request, else the title."""
        return self.name if self.kind in ("commit", "pull request") else self.title

    @property
    def tip(self) -> str:
        """Return what is worth knowing besides, for the title of a link."""
        return self.about if self.shown == self.title else ": ".join(filter(None, (self.about, self.title)))


def a_round(book: Book, key: str) -> Target:
    """Return a round, or the phase `3/`, of the book as a target."""
    if is_phase(key):
        return a_phase(book, key[:-1])
    entry = book.entries.get(key)
    if entry is None:
        return Target("round", key, f"Round {key}", links.round_page(key), about="cannot be read")
    status = (entry.status or "no status").replace("-", " ")
    about = f"{status}. {words(entry.round.focus)}".rstrip()
    return Target("round", key, words(entry.round.name), links.round_page(key), about=about)


def a_decision(book: Book, name: str) -> Target:
    """Return a decision of the book as a target."""
    decision = book.decisions[name]
    about = f"Decision, {decision.shown_words}, of {decision.origin_words}"
    return Target("decision", name, words(decision.record.title), links.decision(name), about=about)


def a_commit(book: Book, commit_id: str) -> Target:
    """Return a commit of the history as a target: its place in the commit index, which every commit has."""
    commit = book.history.by_id[commit_id]
    uri = links.month(book.index_page_of[commit_id])
    rounds = cut(", ".join(link.round for link in book.links.get(commit_id, ())), TITLE)
    about = f"commit {commit.short}" + (f" of round {rounds}" if rounds else "")
    subject = cut(clean(commit.subject), TITLE) or "(no message)"
    return Target("commit", commit.short, subject, uri, links.commit_anchor(commit_id), about, commit_id)


def a_phase(book: Book, key: str) -> Target:
    """Return a phase of the book as a target."""
    phase = book.phases.get(key)
    return Target("phase", f"{key}/", words(phase.name) if phase else f"Phase {key}", links.phase_page(key))


def a_version(release: Release) -> Target:
    """Return a version as a target."""
    about = f"released {release.date}" if release.date else ""
    return Target("version", clean(release.version), clean(release.version), links.release(release.version), "", about)


def words(text: str | None) -> str:
    """Return the words of a title, cut where they are too many."""
    return cut(plain(text or ""), TITLE)


HEX = re.compile(r"[0-9a-f]{7,64}")
_PULL = re.compile(r"[#!]?([1-9]\d{0,8})", re.ASCII)
LONGEST = 300


def resolve(book: Book, text: str) -> tuple[Target, ...]:
    """Return what a reference means: nothing, the one target, or the candidates of an ambiguous one."""
    wanted = text.strip()
    if not wanted or len(wanted) > LONGEST:
        return ()
    if several := book.decision_index.several(wanted):
        return tuple(a_decision(book, name) for name in several)
    known, low = names(book), _lowered(wanted)
    pull = _PULL.fullmatch(low)
    found = known.get(low) or (known.get(f"#{pull[1]}") if pull else None)
    if found := found or _numbered(book, wanted):
        return found
    return tuple(a_commit(book, one) for one in commit_ids(book, wanted)) or _entry(book, wanted)


def named_by_files(book: Book, text: str) -> tuple[Target, ...]:
    """Return what `resolve` returns, but for words about it, where files alone decide that; else nothing.

    The book may be one without commits.
    """
    wanted = text.strip()
    if book.decision_index.several(wanted):
        return ()
    given = (targets for kind in _OF_FILES for name, targets in kind(book) if name.lower() == _lowered(wanted))
    return next(given, ())


def _lowered(wanted: str) -> str:
    return wanted.lower().removeprefix("./")


def _numbered(book: Book, text: str) -> tuple[Target, ...]:
    name = book.decision_index.named(text)
    return (a_decision(book, name),) if name else ()


def exact(book: Book, text: str) -> tuple[Target, ...]:
    """Return what a reference of a round file means: a round, a decision, or commits by their digits."""
    if key := book.round_names.key(text):
        return (a_round(book, key),)
    if name := book.decision_index.find(text):
        return (a_decision(book, name),)
    return tuple(a_commit(book, found) for found in commit_ids(book, text))


def near(book: Book, text: str) -> tuple[str, ...]:
    """Return the names of the book that come nearest to one that means nothing."""
    known = [*book.entries, *book.decisions, *(r.version for r in book.all_releases if r.released)]
    return tuple(difflib.get_close_matches(text.strip()[:LONGEST].rpartition("#")[2], known, n=3, cutoff=0.6))


def missing(book: Book, text: str) -> str:
    """Return the words for a reference that means nothing; that of a commit may be in the part of the history not here."""
    cut_off = HEX.fullmatch(text.strip().lower()) and not book.history.complete
    others = elsewhere(text[:LONGEST], book.gathered)
    return f"is unknown in this book{others}{'; the history here is incomplete' if cut_off else ''}"


def names(book: Book) -> Mapping[str, tuple[Target, ...]]:
    """Return every name that is no commit's and no entry's, in lower case, with what it means."""
    return _names(_Same(book))


class _Same:
    """A book as a key of a cache: the very same one, since to compare two whole books takes longer than to ask."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def __hash__(self) -> int:
        return id(self.book)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.book is self.book


@lru_cache(maxsize=1)
def _names(same: _Same) -> Mapping[str, tuple[Target, ...]]:
    book = same.book
    found: dict[str, tuple[Target, ...]] = {}
    for kind in (*_OF_FILES, _versions, _pulls, _files):
        for name, targets in kind(book):
            found.setdefault(name.lower(), targets)
    return MappingProxyType(found)


# ------------------------------------------------------------------------------------------------ single things


def keys_of_number(book: Book, number: str) -> tuple[str, ...]:
    """Return the keys of all rounds that have a number in their phase."""
    return () if "/" in number else book.round_names.named(number)


def commit_ids(book: Book, text: str) -> tuple[str, ...]:
    """Return the ids of the commits that begin with at least seven digits."""
    wanted = text.lower()
    return book.history.find(wanted) if HEX.fullmatch(wanted) else ()


# -------------------------------------------------------------------------------------- everything of one kind

NamedChanges = Iterator[tuple[str, tuple[Target, ...]]]


def _keys(book: Book) -> NamedChanges:
    for key in (*book.rounds, *(b.key for b in book.broken if not is_phase(b.key))):
        yield key, (a_round(book, key),)
    for old, key in book.aliases.rounds.items():
        yield old, (a_round(book, key),)


def _decisions(book: Book) -> NamedChanges:
    olds: dict[str, list[str]] = {}
    for old, name in book.aliases.decisions.items():
        olds.setdefault(name, []).append(old)
    for name, decision in book.decisions.items():
        for written in (name, *olds.get(name, ())):
            yield written, (a_decision(book, name),)
            if decision.round:
                yield f"{decision.round}#{written}", (a_decision(book, name),)
            elif (number := number_of(written)) and number[0]:
                yield f"{number[0]}-{number[1]}", (a_decision(book, name),)


def _numbers(book: Book) -> NamedChanges:
    found: dict[str, list[str]] = {}
    for key in book.rounds:
        found.setdefault(key.partition("/")[2], []).append(key)
    yield from ((number, tuple(a_round(book, key) for key in keys)) for number, keys in found.items())


def _phases(book: Book) -> NamedChanges:
    yield from ((f"{key}/", (a_phase(book, key),)) for key in book.phase_keys)


_OF_FILES = (_keys, _decisions, _numbers, _phases)  # these come first, and need no history


def _versions(book: Book) -> NamedChanges:
    for release in book.all_releases:
        for name in filter(None, (release.version, release.tag)) if release.released else ():
            yield name, (a_version(release),)


def _pulls(book: Book) -> NamedChanges:
    """Yield the pull requests: on the pages of rounds that they brought commits to, else where the commit index has them."""
    places: dict[int, list[tuple[Entry, str]]] = {}
    for entry in book.entries.values():  # phases come last, and have those of their rounds
        listed = pull_requests(entry, lambda *_: Markup(""))
        for i, pull in enumerate(entry.pull_requests):
            if not entry.is_phase or pull.number not in places:
                places.setdefault(pull.number, []).append((entry, listed.holding(i)))
    for number, pull in book.pull_requests.items():
        title = cut(clean(pull.title), TITLE) or f"Pull request {number}"
        found = [
            Target("pull request", f"#{number}", title, uri, links.pull_anchor(number), f"in {e.words}")
            for e, uri in places.get(number, ())
        ]  # fmt: skip
        commit = pull.merge or next(iter(pull.commits), None)
        if not found and commit and commit in book.index_page_of:
            place = a_commit(book, commit)
            found = [Target("pull request", f"#{number}", title, place.uri, place.anchor, place.about)]
        if found:
            yield f"#{number}", tuple(found)


def _files(book: Book) -> NamedChanges:
    for key, paths in book.files.items():
        for path in paths:
            target = a_round(book, key)
            yield path, (target,)
            if book.history.prefix:
                yield book.history.prefix + path, (target,)
    for path, ids in book.adopted_at.items():
        yield path, tuple(a_decision(book, name) for name in ids)


# ------------------------------------------------------------------------------------------- entries of rounds


def _entry(book: Book, text: str) -> tuple[Target, ...]:
    """Return the entry of a round that `3/4#goal-ada` means; an anchor that it had before leads to the one it has."""
    where, mark, anchor = text.partition("#")
    if not mark:
        return ()
    key = book.round_names.key(where)
    keys = (key,) if key else keys_of_number(book, where)
    return tuple(found for k in keys if k in book.entries and (found := _entry_of(book, book.entries[k], anchor)))


def _entry_of(book: Book, entry: Entry, anchor: str) -> Target | None:
    living: Mapping[str, str] = {
        old: new for (at, new), olds in book.aliases.anchors.items() if at == entry.key for old in olds
    }
    wanted = living.get(anchor, anchor)
    for (name, index), own in entry.anchors.items():
        if own == wanted:
            item = getattr(entry.round, name)[index]
            about = f"{own.partition('-')[0] if name != 'decisions' else 'decision'} of {entry.words}"
            title = words(item.label)
            return Target("entry", f"{entry.key}#{own}", title, links.round_page(entry.key), own, about)
    if anchor in {"commits", "metrics", *(name for name, _ in entry.anchors)}:
        page = a_round(book, entry.key)
        return Target("entry", f"{entry.key}#{anchor}", f"{page.title}, {anchor}", page.uri, anchor, page.about)
    return None


def latest(book: Book) -> Entry:
    """Return the newest round; a complaint where the book has none."""
    if not book.newest_first:
        raise complaint("round-unknown", "there is no round yet", "write data/rounds/1/1.yml")
    return book.newest_first[0]


def an_entry(book: Book, key: str) -> Entry:
    """Return the round of a key; the empty key means the newest."""
    if not key:
        return latest(book)
    living = book.round_names.key(key)
    if living and living in book.entries:
        return book.entries[living]
    alone = keys_of_number(book, key)
    if len(alone) == 1:
        return book.entries[alone[0]]
    if living:
        raise complaint(
            "round-broken", f"round {key} cannot be read", "fix its file; roundbook check lists the problems"
        )
    raise unknown("round", key, [*book.rounds])


def decision_named(book: Book, name: str) -> Decision:
    """Return the decision of an id, `wasm-target` or `3/4#wasm-target`."""
    found = (
        name if name in book.decisions else book.decision_index.find(name)
    )  # a page names its own decision, by its whole id
    if found is None:
        raise unknown("decision", name, [*book.decisions])
    return book.decisions[found]


def commit_of(book: Book, prefix: str) -> Commit:
    """Return the commit of an id of at least seven digits."""
    if not HEX.fullmatch(prefix):
        raise complaint(
            "commit-unknown", f"{prefix!r} is not a commit id", "write 7 to 64 hexadecimal digits, in quotes"
        )
    found = commit_ids(book, prefix)
    if len(found) > 1:
        raise complaint(
            "commit-ambiguous", f"{prefix} may be {', '.join(i[:12] for i in found[:4])}", "write more digits"
        )
    commit = book.commit(found[0]) if found else None
    if commit is None:
        raise complaint("commit-unknown", f"{prefix} is not in the history of HEAD", _why_missing(book))
    return commit


def _why_missing(book: Book) -> str:
    return "correct it" if book.history.complete else "the history here is incomplete; fetch all of it"


def unknown(what: str, name: str, known: list[str], *, cut: bool = False) -> RoundbookError:
    """Return the complaint for a name that the book does not have, with the nearest that it has.

    Where the history is `cut` nothing is said of what there is, as it may well be where nobody can look.
    """
    near = did_you_mean(name, known)
    fix = near or (f"the newest are {', '.join(known[-3:])}" if known else "none is recorded")
    if cut:
        return complaint(
            f"{what}-unknown",
            f"there is no {what} {name!r} in the history here, which is incomplete",
            f"the history is cut; fetch all of it{f'; {fix}' if near else ''}",
        )
    return complaint(f"{what}-unknown", f"there is no {what} {name!r}", fix)


_IN = r"[^\[\]\n|\x02\x03]"
_BAR = (
    r"(?P<bar>\||\x02klzzwxh:\d+\x03)"  # an escaped one, as in a table, is put aside while Markdown is being rendered
)
REFERENCE = rf"\[\[(?P<to>(?!\s){_IN}{{1,200}}(?<!\s))(?:{_BAR}(?P<text>[^\[\]\n]{{1,300}}))?\]\]"
_WRITTEN = re.compile(rf"(?<!\\){REFERENCE}(?!\()".replace(_BAR, r"(?:\\?\|)").replace(_IN, r"[^\[\]\n|\\]"))
_FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})")
_FRONT = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(
    r"<!--.*?-->|\{#.*?#\}|(?<![\\`])(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)", re.DOTALL
)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_LINK = re.compile(r"\]\(\s*<?([^)\s>#?]+)|^[ ]{0,3}\[[^\]\n]+\]:[ \t]*<?([^\s>#?]+)", re.MULTILINE)
_MACRO = re.compile(r"\{\{-?\s*round_\w+\(\s*(?:(?:round|id|to)\s*=\s*)?[\"']([^\"'\n]{1,200})[\"']")
_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)(?:[ \t]+\{[^{}\n]*\})?[ \t]*#*$", re.MULTILINE)
_NOT_BREAK = re.compile(r"[^\n]")


@frozen
class Written:
    """A reference as it stands in a file, with its line."""

    text: str
    line: int


def references(markdown: str) -> Iterator[Written]:
    """Yield every `[[…]]` of a page out of code, comments and front matter."""
    shown = visible(markdown)
    for match in _WRITTEN.finditer(shown):
        yield Written(match["to"], shown.count("\n", 0, match.start()) + 1)


def backlinks(
    book: Book, pages: Iterable[tuple[str, str]], *, brackets: bool = True
) -> dict[str, tuple[Backlink, ...]]:
    """Return, for each page of the book, the hand-written pages that refer to it, in the order of `pages`.

    `pages` pairs source addresses with their Markdown. References are `[[…]]` (where `brackets` are on), macros, and plain
    links to the page.
    """
    found: dict[str, dict[Backlink, None]] = {}
    for uri, markdown in pages:
        named = {target.uri for text in _named(markdown, brackets=brackets) for target in _one(book, text)}
        for target in sorted({*named, *_linked(uri, markdown)} - {uri}):
            found.setdefault(target, {})[Backlink(uri, title(uri, markdown))] = None
    return {target: tuple(pages) for target, pages in found.items()}


def title(uri: str, markdown: str) -> str:
    """Return the title of a hand-written page: of its front matter, its heading, or its file."""
    front = _FRONT.match(markdown)
    said = (_TITLE.search(front[0]) if front else None) or _HEADING.search(visible(markdown))
    stem = posixpath.splitext(uri)[0].removesuffix("/index").rpartition("/")[2]
    return plain(said[1]) if said else stem.replace("-", " ").capitalize()


def visible(markdown: str) -> str:
    """Return Markdown in which front matter, code and comments are blanks; every line keeps its number."""
    text = _FRONT.sub(_blank, markdown, count=1)
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        inside = bool(fence)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
            fence = ""
        lines.append(" " * len(line) if inside or fence else line)
    return _SPAN.sub(_blank, "\n".join(lines))


def _blank(match: re.Match[str]) -> str:
    return _NOT_BREAK.sub(" ", match[0])


def _named(markdown: str, *, brackets: bool) -> Iterator[str]:
    shown = visible(markdown)
    if brackets:
        yield from (match["to"] for match in _WRITTEN.finditer(shown))
    yield from (match[1] for match in _MACRO.finditer(_RAW.sub(_blank, shown)))


def _one(book: Book, text: str) -> tuple[Target, ...]:
    found = resolve(book, text)
    return found if len(found) == 1 else ()


def _linked(uri: str, markdown: str) -> Iterator[str]:
    """Yield the pages that plain links lead to, be they written as source files or as addresses."""
    for match in _LINK.finditer(visible(markdown)):
        path = unquote(match[1] or match[2])
        if ":" in path:
            continue
        whole = posixpath.normpath(posixpath.join("/", posixpath.dirname(uri), path)).lstrip("/")
        yield whole if whole.endswith(".md") else f"{whole.removesuffix('.html')}.md"
