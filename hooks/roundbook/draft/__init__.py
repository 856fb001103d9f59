"""A round drafted from a range of commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from roundbook.book.ancestry import between
from roundbook.book.model import Book, Entry
from roundbook.book.rounds import taken_names
from roundbook.book.trailers import spelled
from roundbook.frozen import frozen
from roundbook.git.history import Commit
from roundbook.schema.dates import When
from roundbook.schema.ids import id_fault, natural_key

NAMED = 3
LONGEST = 80  # letters of a name that somebody wrote into a trailer
MOST_RUNS = 200
FEW = 20  # commits of a month that are too few for a first round
MOST_FIRST = 500  # commits of a first round: of more, nobody remembers what they were about
_SURE = frozenset({"frozen", "named"})


@frozen
class CommitRange:
    """Commits, newest first, and `why` just these.

    `base` is the id or tag after which they begin (empty: at the root), `tip` the commit they end with, both empty where
    they are no range; `tag` is the version that they are. `after` is the round whose commits came before. `left` tells which
    commits were left out.
    """

    commits: tuple[Commit, ...]
    why: str
    base: str = ""
    tip: str = ""
    tag: str = ""
    after: str = ""
    left: tuple[str, ...] = ()


def since_last(book: Book, key: str = "") -> CommitRange:
    """Return the commits after the newest round, but for the round `key` itself; without rounds, after the newest version.

    A round without commits, such as an imported one, ends on its date. Where no commit follows the newest version, the
    commits of that version are returned; where there is no version, all commits, and so with packages. Of more than
    `MOST_FIRST` commits, a first round has those of the newest month or year.
    """
    entry = next((e for e in book.newest_first if e.key != key and _is_past(e)), None)
    if entry is None:
        first = _since_version(book)
        return first if len(first.commits) <= MOST_FIRST else _newest_part(first)
    if entry.last_commit:
        made = after(book, entry.last_commit, f"after the last commit of round {entry.key}")
        return replace(made, after=entry.key)
    last = entry.round.date.last.isoformat() if entry.round.date else ""
    found = (c for c in book.history.commits if c.authored.day > last)
    return CommitRange(tuple(found), f"after {last}, the day of round {entry.key}", after=entry.key)


def _is_past(entry: Entry) -> bool:
    planned = entry.round.date is None or entry.status == "planned"
    return entry.verified and bool(entry.last_commit or not planned)


def _since_version(book: Book) -> CommitRange:
    unreleased, *versions = book.releases
    tag = "" if book.packages else unreleased.previous_tag  # of packages, each has its own newest version
    if tag and unreleased.commits:
        why = f"after {tag}, the newest version"
        return CommitRange(_commits(book, unreleased.commits), why, base=tag, tip=str(book.history.head))
    if tag and versions:
        return replace(of_tag(book, tag), why=f"of {tag}, the newest version, which no commit came after")
    return after(book, "", "all, since there is neither a round nor a version tag")


def _newest_part(found: CommitRange) -> CommitRange:
    """Return those commits of a range that were written in its newest month, or year if these are few."""
    newest_day = max((commit.authored.day for commit in found.commits if commit.authored.known), default="")
    for span in (newest_day[:7], newest_day[:4]):
        inside = tuple(c for c in found.commits if c.authored.known and c.authored.day.startswith(span))
        if len(inside) >= FEW:
            break
    why = f"of {span}, the newest; all {len(found.commits):,} {found.why.removeprefix('all, ')} would be too many"
    return CommitRange(inside, why) if newest_day else found


def after(book: Book, base: str, why: str, tip: str = "") -> CommitRange:
    """Return the commits that a commit, by default HEAD, reaches and `base` does not; an empty `base` means the root."""
    tip = tip or str(book.history.head)
    ids = between(book.history, base or None, tip) if tip in book.history.by_id else ()
    return CommitRange(_commits(book, ids), why, base=base, tip=tip)


def of_tag(book: Book, tag: str) -> CommitRange:
    """Return the commits that a version tag brought; `ValueError` where the tag is no version."""
    ids = next((r.commits for r in book.all_releases if r.tag == tag), None)
    if ids is None:
        raise ValueError(f"the tag {tag} is not a version")
    return CommitRange(_commits(book, ids), f"of version {tag}", tag=tag)


def since(book: Book, when: When) -> CommitRange:
    """Return the commits that were written on a day or later, in the zones of their authors."""
    first = when.first.isoformat()
    return CommitRange(tuple(c for c in book.history.commits if c.authored.day >= first), f"since {first}")


def newest(book: Book, count: int) -> CommitRange:
    """Return the newest commits."""
    return CommitRange(book.history.commits[:count], f"the newest {count:,}")


def _commits(book: Book, ids: Iterable[str]) -> tuple[Commit, ...]:
    return tuple(book.history.by_id[one] for one in ids)


def round_to_be(book: Book, commit_range: CommitRange) -> str:
    """Return the one round that trailers of the commits name and no branch has, or nothing where there is none, or several."""
    free = [key for key in named_rounds(book, commit_range) if not taken_names(book, key)]
    return free[0] if len(free) == 1 else ""


def named_rounds(book: Book, commit_range: CommitRange) -> tuple[str, ...]:
    """Return the rounds that trailers of the commits name and the book does not have, those that can be made."""
    phase = next(iter(book.phase_keys), "1")
    keys = (key for commit in commit_range.commits for key in _round_words(commit, phase))
    unknown = (key for key in dict.fromkeys(keys) if key not in book.files and key not in book.aliases.rounds)
    usable = (key for key in unknown if key.count("/") == 1 and not any(map(id_fault, key.split("/"))))
    return tuple(sorted(usable, key=natural_key))


def _round_words(commit: Commit, phase: str) -> Iterator[str]:
    for value in commit.values("Round"):
        yield from spelled(value, phase)


def free_of_others(book: Book, commit_range: CommitRange, key: str) -> CommitRange:
    """Return the range without the commits that another round claims or names, or that the settings exclude.

    A commit that cites a decision of an earlier round belongs to that round as long as no other claims it, so it stays.
    """
    kept: list[Commit] = []
    left: Counter[str] = Counter()
    for commit in commit_range.commits:
        fate = _fate(book, commit, key, commit_range.after)
        if fate:
            left[fate] += 1
        else:
            kept.append(commit)
    return replace(commit_range, commits=tuple(kept), left=tuple(_in_words(left)))


def _fate(book: Book, commit: Commit, key: str, before: str) -> str:
    """Return why a commit is left out: the key of the round that has it, `name KEY`, or `excluded`; nothing where not."""
    links = [link for link in book.links.get(commit.id, ()) if link.round != key]
    if links and links[0].rule in _SURE:
        return links[0].round
    words = list(_round_words(commit, key.partition("/")[0]))
    if key in words:
        return ""
    if links:
        cites = links[0].rule == "trailer" and not words and all(link.round != before for link in links)
        return "" if cites else links[0].round
    if words:
        return f"name {words[0]}"
    return "excluded" if book.coverage[commit.id].kind == "excluded" else ""


def _in_words(left: Counter[str]) -> Iterator[str]:
    claimed = {fate: n for fate, n in left.items() if fate != "excluded" and not fate.startswith("name ")}
    naming = {fate.removeprefix("name "): n for fate, n in left.items() if fate.startswith("name ")}
    if claimed:
        yield f"{sum(claimed.values()):,} that already belong to rounds ({_some(sorted(claimed, key=natural_key))})"
    if naming:
        yield f"{sum(naming.values()):,} that name another round in a trailer ({_some(sorted(naming, key=natural_key))})"
    if left["excluded"]:
        yield f"{left['excluded']:,} that the settings exclude"


def _some(names: Sequence[str]) -> str:
    return ", ".join(name[:LONGEST] for name in names[:NAMED]) + (" and others" if len(names) > NAMED else "")


def selection(book: Book, commit_range: CommitRange) -> tuple[dict[str, str] | str, ...]:
    """Return what `commits:` says so that it means these commits and no other round loses one.

    A version is named by its tag, and commits without a gap by one range. Else each run of commits, one the parent of the
    next, is a range; where these are too many, the round's window of days must do, which claims what no other round does.
    """
    if commit_range.tag:
        return ({"tag": commit_range.tag},)
    inside = {commit.id for commit in commit_range.commits}
    if commit_range.tip:
        base = commit_range.base
        at = next((str(t.commit) for t in book.history.tags if t.name == base), base)
        if inside.issuperset(between(book.history, at or None, commit_range.tip)):
            return (_range(book, base, commit_range.tip),)
    runs = list(_runs(book, commit_range.commits, inside))
    return tuple(runs) if len(runs) <= MOST_RUNS else ()


def _runs(book: Book, commits: Iterable[Commit], inside: set[str]) -> Iterator[dict[str, str] | str]:
    seen: set[str] = set()
    for tip in commits:
        if tip.id in seen:
            continue
        at, length = tip, 1
        seen.add(at.id)
        while len(at.parents) == 1 and at.parents[0] in inside and at.parents[0] not in seen:
            at, length = book.history.by_id[at.parents[0]], length + 1
            seen.add(at.id)
        if length == 1 or len(at.parents) > 1:
            yield from _one_by_one(book, tip, at)
        else:
            yield _range(book, at.parents[0] if at.parents else "", tip.id)


def _one_by_one(book: Book, tip: Commit, end: Commit) -> Iterator[dict[str, str] | str]:
    """Yield a run that ends with a merge as a range without it, and the merge by its id."""
    if len(end.parents) > 1 and tip.id != end.id:
        yield _range(book, end.id, tip.id)
    yield short(book, end.id)


def _range(book: Book, base: str, tip: str) -> dict[str, str]:
    first = short(book, base) if base in book.history.by_id else base
    return {"from": first, "to": short(book, tip)} if first else {"to": short(book, tip)}


def short(book: Book, commit: str) -> str:
    """Return the first digits of an id, enough of them to mean this commit alone, and not only decimal ones."""
    for digits in (10, 16, len(commit)):
        text = commit[:digits]
        if not text.isdecimal() and len(book.history.find(text)) == 1:
            break
    return text
