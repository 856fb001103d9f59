"""Versions as tags and changelogs name them: which tags are versions, their order, and the commits that each brought."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from roundbook.book.ancestry import between, by_first_tag
from roundbook.book.facts import UNRELEASED
from roundbook.frozen import frozen
from roundbook.git.history import History, Tag
from roundbook.schema.items import RecordedVersion
from roundbook.schema.round import Chapter
from roundbook.settings import Changelog

Digits = tuple[int, str]  # a number by its length first: no name is too long to be compared
Token = tuple[int, Digits, str]
_V = re.compile(r"^[vV](?=[0-9])")
_LEAD = re.compile(r"^(?:(?:version|release|rel|ver|v|r)[-_/. ]?)?v?(?=[0-9])", re.I)
_CORE = re.compile(
    r"(?:(?P<epoch>[0-9]+)[!:])?(?P<core>[0-9]+(?:\.(?:[0-9]+|[xX*](?![A-Za-z0-9])))*)(?P<rest>.*)", re.S
)
_DAY = re.compile(r"(?P<core>[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?)(?![0-9A-Za-z])(?P<rest>.*)", re.S)
_DESCRIBED = re.compile(r"-([0-9]+)-g[0-9a-f]{4,40}(?:-dirty)?")
_PIECE = re.compile(r"[0-9A-Za-z-]+")
_WORD = re.compile(r"(?P<word>[A-Za-z]+)[-_]?(?P<number>[0-9]*)(?:(?<=[0-9])|-|$)(?P<more>.*)", re.S)
_LETTER = re.compile(r"[a-z]", re.I)
_SEMVER_CORE = 3  # numbers before the hyphen of a pre-release; with fewer or more, `-1` is a revision, as in PEP 440
_LONGEST = 200  # letters of a tag's name that is looked at
_FORMS = 4
_REST = r"[-+.\w~]*"
_TAG = re.compile(
    rf"(?P<lead>|@?[A-Za-z][\w.@/+-]*?[-_/@])(?:[vV][0-9]+(?:\.[0-9]+)*|[0-9]+(?:\.[0-9]+)+){_REST}", re.ASCII
)
_JOINED = re.compile(rf"(?P<lead>[A-Za-z]+)[0-9]+(?:\.[0-9]+)+{_REST}", re.ASCII)
_STAMP = re.compile(r"[vV]?[0-9]{4}[-.][0-9]{2}[-.][0-9]{2}(?![0-9])")
_WHOLE = frozenset({"", "release", "releases", "rel", "version", "versions", "ver", "v", "tag", "tags"})
_OTHERS = frozenset(
    {
        "after",
        "archive",
        "backup",
        "before",
        "build",
        "checkpoint",
        "demo",
        "deploy",
        "deployed",
        "experiment",
        "nightly",
    }
    | {"old", "pre", "save", "test", "tmp", "wip"}
)


# What a pre-release is called, by the word that it is sorted as; the words are in the order of the alphabet, as SemVer has it.
_CANDIDATES = {
    "a": "alpha",
    "alpha": "alpha",
    "b": "beta",
    "beta": "beta",
    "m": "milestone",
    "milestone": "milestone",
    "c": "rc",
    "cr": "rc",
    "rc": "rc",
    "snapshot": "snapshot",
    "nightly": "nightly",
    "pre": "pre",
    "preview": "pre",
}
_FINALS = frozenset({"final", "ga", "release"})
_LATER = frozenset({"post", "rev", "r", "hotfix", "hf", "patch", "pl", "p", "sp", "fix", "bugfix", "update", "u"})


# Where a token stands. At the first place: in development, a candidate (a number, then a name), the final version, what came
# after it. At the others: in development, the end, what came after that, and the next candidates.
_DEVELOPED, _ENDED, _AMENDED, _NUMBER, _NAME, _FINAL, _AFTER = range(7)
_NONE: Digits = (0, "")
_LAST: Digits = (sys.maxsize, "")


class Order(NamedTuple):
    """What orders a version; names without a number stand below all that have one, in their natural order."""

    numbered: bool
    epoch: Digits
    core: tuple[Digits, ...]
    tokens: tuple[Token, ...]
    text: str

    @property
    def candidate(self) -> bool:
        """Tell whether it is a version before the final one of its number."""
        return self.numbered and self.tokens[0][0] < _FINAL

    @property
    def final(self) -> bool:
        """Tell whether it is the final version of its number."""
        return self.numbered and self.tokens[0][0] == _FINAL


class Marked(NamedTuple):
    """A tag that looks like a version: what stands before its number, and the family of tags that this makes it one of."""

    name: str
    lead: str

    @property
    def family(self) -> str:
        """Return the name of the family, empty for the versions of the whole."""
        word = self.lead.rstrip("-_/@.")
        return "" if word.lower() in _WHOLE else word


def marked(name: str) -> Marked | None:
    """Return what a tag says by its looks; `None` where it does not look like a version: `round-4`, `backup-2026.01.01`."""
    match = (_TAG.fullmatch(name) or _JOINED.fullmatch(name)) if len(name) <= _LONGEST else None
    if match is None:
        return None
    lead = match["lead"]
    other = re.split(r"[-_/@.]", lead.lower())[0] in _OTHERS or (lead and _STAMP.match(name[len(lead) :]))
    return None if other else Marked(name, lead)


def of_one_line(tags: Sequence[Marked]) -> list[Marked]:
    """Return the tags that can be one line of versions: all of them, or those of the largest family where they have several."""
    families = Counter(tag.family for tag in tags)
    largest = families.most_common(1)[0][0] if families else ""
    several = sum(bool(name) for name in families) > 1
    return [tag for tag in tags if not several or tag.family == largest]


def package_folders(names: Iterable[str], paths: Iterable[str]) -> dict[str, str]:
    """Return the folder of each package that has one: the only one that is called as the last part of its name."""
    last = {name.rpartition("/")[2]: name for name in names}
    found: dict[str, set[str]] = {}
    for path in paths:
        parts = path.split("/")[:-1]
        for i, part in enumerate(parts):
            if part in last:
                found.setdefault(last[part], set()).add("/".join(parts[: i + 1]))
    return {name: min(folders) for name, folders in found.items() if len(folders) == 1}


def pattern_for(tags: Sequence[Marked]) -> str:
    """Return a pattern for `version-tags` that takes these tags, with the group `version`; empty for too many forms."""
    leads = [lead for lead, _ in Counter(tag.lead for tag in tags).most_common()]
    if not leads or len(leads) > _FORMS:
        return ""
    rests = [tag.name[len(tag.lead) :] for tag in tags]
    named = "|".join(re.escape(lead).replace(r"\-", "-") for lead in sorted(filter(None, leads)))
    optional = "?" if "" in leads else ""
    before = f"(?:{named}){optional}" if named and (optional or len(leads) > 1) else named
    v = "[vV]?" if any(rest.startswith("V") for rest in rests) else "v?"
    more = "+" if all(re.match(r"[vV]?[0-9]+\.[0-9]", rest) for rest in rests) else "*"
    return rf"{before}{v}(?P<version>\d+(?:\.\d+){more}.*)"


def bare(version: str) -> str:
    """Return a version without the `v` that some write before it."""
    return _V.sub("", version.strip())


def order(text: str) -> Order:
    """Return the key of a version: no two names have the same, so that any two have one order.

    By SemVer 2, numeric identifiers are compared as numbers and stand below words, and build metadata counts for nothing;
    PEP 440 gives `dev`, `post` and the epoch. Words in common use have their meaning: `RC10` is above `RC9`,
    `SNAPSHOT` below the final one, `Final` and `GA` are the final one, `hotfix` is above it, and `1.7.x` above all of 1.7.
    """
    name = _LEAD.sub("", text.strip(), count=1)
    found = _DAY.match(name) or _CORE.match(name)
    if found is None:
        return Order(False, _NONE, (), tuple(_natural(text)), text)
    core = [_LAST if part in "xX*" else _digits(part) for part in re.split(r"[.-]", found["core"])]
    places = len(core)
    while core and core[-1] == _NONE:
        core.pop()
    epoch = _digits(found.groupdict().get("epoch") or "0")
    rest = found["rest"].partition("+")[0]
    return Order(True, epoch, tuple(core), tuple(_tokens(rest, semver=places == _SEMVER_CORE)), text)


def _tokens(rest: str, *, semver: bool) -> Iterator[Token]:
    """Yield what stands after the numbers, and at last its end."""
    if described := _DESCRIBED.fullmatch(rest):
        yield from (_token(_AFTER), _token(_NUMBER, described[1]), _token(_ENDED))
        return
    first = True
    over = False  # the final version was named: what follows comes after it
    joined = not rest.startswith("-")
    for piece in _PIECE.findall(rest.removeprefix("-")):
        for token in _read(piece, joined=joined):
            if first and token[0] == _FINAL:
                over = True
                continue
            if first and (over or (token[0] == _NUMBER and not joined and not semver)):
                yield _token(_AFTER)
                first = False
            yield token if first else _inside(token)
            first = False
    yield _token(_FINAL if first else _ENDED)


def _inside(token: Token) -> Token:
    """Return a token as it counts behind another."""
    return _token(_AMENDED) if token[0] == _AFTER else _token(_NAME, "", "final") if token[0] == _FINAL else token


def _read(piece: str, *, joined: bool) -> Iterator[Token]:
    """Yield an identifier; a known word that has a number is two, so that `rc1` and `rc.1` mean the same."""
    while piece:
        match = _WORD.fullmatch(piece)
        word = match["word"].lower() if match else ""
        sure = match is not None and (joined or len(word) > 1 or bool(match["number"]))
        kind = _kind(word, joined=joined) if sure else None
        if piece.isdigit():
            yield _token(_NUMBER, piece)
        elif match is None or kind is None:
            yield _token(_AFTER if joined and _LETTER.fullmatch(piece) else _NAME, "", piece)
        else:
            yield kind
            if match["number"]:
                yield _token(_NUMBER, match["number"])
            piece = match["more"].lstrip("-")
            continue
        return


def _kind(word: str, *, joined: bool) -> Token | None:
    if word == "dev":
        return _token(_DEVELOPED)
    if word in _CANDIDATES:
        name = _CANDIDATES[word]
        return _token(_NAME, "", "rc" if joined and name == "pre" else name)
    if word in _FINALS:
        return _token(_FINAL)
    return _token(_AFTER) if word in _LATER else None


def _natural(text: str) -> Iterator[Token]:
    for part in re.findall(r"[0-9]+|[^0-9]+", text):
        yield _token(_NUMBER, part) if part[0] in "0123456789" else _token(_NAME, "", part.lower())


def _token(place: int, number: str = "", word: str = "") -> Token:
    return (place, _digits(number), word)


def _digits(text: str) -> Digits:
    bare_number = text.lstrip("0")
    return (len(bare_number), bare_number)


# ---------------------------------------------------------------------------------- version tags in the history


@frozen
class Shipped:
    """A version tag with the commits that it brought, newest first."""

    tag: Tag
    version: str
    commits: tuple[str, ...]


def versions(history: History, settings: Changelog) -> tuple[Shipped, ...]:
    """Return the version tags of the history, oldest first, each with the commits that no version before it had.

    Versions stand in the order of their numbers, so that a fix of an old version that was merged later stands below the
    new one. A tag whose number contradicts the history (a slip, a project that counts anew), or that has no number,
    stands where the history has it; the others keep their order.
    """
    named = _named(history, settings)
    shares = by_first_tag(history, (str(tag.commit) for tag in named.values()))
    if not all(shares.values()) or not all(order(name).numbered for name in named):
        named = _settled(named, history)
        shares = by_first_tag(history, (str(tag.commit) for tag in named.values()))
    # Of two tags on one commit, the first has the commits.
    return tuple(Shipped(tag, name, tuple(shares.pop(str(tag.commit), ()))) for name, tag in named.items())


def _named(history: History, settings: Changelog) -> dict[str, Tag]:
    """Return the version tags by their versions in the order of these; of two tags of one, the second by its whole name."""
    pattern = re.compile(settings.version_tags)
    found: list[tuple[Tag, str]] = []
    for tag in history.tags:
        match = pattern.fullmatch(tag.name)
        if match and tag.commit in history.by_id:
            found.append((tag, match.groupdict().get("version") or tag.name))
    found.sort(key=lambda pair: (order(pair[1]), pair[0].name != pair[1], pair[0].name))
    named: dict[str, Tag] = {}
    for tag, version in found:
        named[next(n for n in (version, tag.name, f"{tag.name} at {tag.commit}") if n not in named)] = tag
    return named


def _settled(named: Mapping[str, Tag], history: History) -> dict[str, Tag]:
    """Return the tags in an order that does not contradict the history, which as few as possible have moved for."""
    items = list(named.items())
    ages = [history.order[str(tag.commit)] for _, tag in items]
    before = _reached(history, [str(tag.commit) for _, tag in items])
    numbers = [order(name) for name, _ in items]
    moved = _contradicting(before, numbers, ages)
    line = [i for i in range(len(items)) if i not in moved]
    for i in sorted(moved, key=lambda at: -ages[at]):
        first = 1 + max((p for p, other in enumerate(line) if before[i] >> other & 1), default=-1)
        last = next((p for p, other in enumerate(line) if before[other] >> i & 1), len(line))
        later = (p for p in range(first, last) if (line[p] > i if numbers[i].numbered else ages[line[p]] < ages[i]))
        line.insert(next(later, last), i)
    return dict(items[i] for i in line)


def _reached(history: History, tips: Sequence[str]) -> list[int]:
    """Return, for each tip, those of the others that it descends from, as bits."""
    own: dict[str, int] = {}
    for i, tip in enumerate(tips):
        own[tip] = own.get(tip, 0) | 1 << i
    reached: dict[str, int] = {}
    for commit in reversed(history.commits):
        bits = 0
        for parent in commit.parents:
            bits |= reached.get(parent, 0)
        reached[commit.id] = bits | own.get(commit.id, 0)
    return [reached[tip] & ~own[tip] for tip in tips]


def _contradicting(before: Sequence[int], numbers: Sequence[Order], ages: Sequence[int]) -> set[int]:
    """Return the versions that have to move: those without a number, and those that contradict most others."""
    moved = {i for i, number in enumerate(numbers) if not number.numbered}
    against: dict[int, set[int]] = {}
    for i in range(len(before)):
        newer = before[i] >> (i + 1)  # what is above it by number, and yet before it
        while i not in moved and newer:
            low = newer & -newer
            other = i + low.bit_length()
            newer ^= low
            if other not in moved:
                against.setdefault(i, set()).add(other)
                against.setdefault(other, set()).add(i)
    while against:
        worst = max(against, key=lambda at: (len(against[at]), not numbers[at].final, -ages[at]))
        moved.add(worst)
        for other in against.pop(worst):
            against[other].discard(worst)
            if not against[other]:
                del against[other]
    return moved


def previous_tags(history: History, shipped: Sequence[Shipped]) -> dict[str, str | None]:
    """Return, for each tag and for what is unreleased, the tag of the version before it in its own line of history.

    That is the newest of the versions which first had the parents of its own commits, so never a later one. A final
    version on the commit of its last candidate follows what the candidates followed.
    """
    home = {commit: i for i, one in enumerate(shipped) for commit in one.commits}
    numbers = [order(one.version) for one in shipped]
    on: dict[str | None, list[int]] = {}
    before: list[int | None] = []
    for i, one in enumerate(shipped):
        owner = home[str(one.tag.commit)]
        if owner == i:
            before.append(_newest(history, one.commits, home, on, shipped))
        elif numbers[i].final and _is_candidate_of(numbers[i], numbers[owner]):
            at: int | None = owner
            while at is not None and _is_candidate_of(numbers[i], numbers[at]):
                at = before[at]
            before.append(at)
        else:
            before.append(on[one.tag.commit][-1])
        on.setdefault(one.tag.commit, []).append(i)
    rest = [commit.id for commit in history.commits if commit.id not in home]
    if not rest and history.head in home:
        last: int | None = _last_on(home[str(history.head)], on, shipped)
    else:
        last = _newest(history, rest, home, on, shipped)
    places = {one.tag.name: at for one, at in zip(shipped, before, strict=True)} | {UNRELEASED: last}
    return {name: None if at is None else shipped[at].tag.name for name, at in places.items()}


def _newest(
    history: History,
    commits: Sequence[str],
    home: Mapping[str, int],
    on: Mapping[str | None, Sequence[int]],
    shipped: Sequence[Shipped],
) -> int | None:
    """Return the newest version that first had a parent of the commits."""
    inside = set(commits)
    near = {parent for one in commits for parent in history.by_id[one].parents if parent not in inside}
    at = max((home[one] for one in near if one in home), default=None)
    return None if at is None else _last_on(at, on, shipped)


def _last_on(at: int, on: Mapping[str | None, Sequence[int]], shipped: Sequence[Shipped]) -> int:
    """Return the last of the versions on the commit of one: the final one, where its candidate is on it too."""
    return on[shipped[at].tag.commit][-1]


def _is_candidate_of(final: Order, other: Order) -> bool:
    return other.candidate and (other.epoch, other.core) == (final.epoch, final.core)


def candidates(history: History, shipped: Sequence[Shipped]) -> dict[str, tuple[str, ...]]:
    """Return, by the tags of final versions, the versions that were candidates of each and are part of it, oldest first."""
    groups: dict[object, list[tuple[Shipped, Order]]] = {}
    for one in shipped:
        number = order(one.version)
        groups.setdefault((number.epoch, number.core), []).append((one, number))
    return {
        final.tag.name: tuple(
            one.version
            for one, other in group
            if other.candidate and not between(history, str(final.tag.commit), str(one.tag.commit))
        )
        for group in groups.values()
        for final, number in group
        if number.final and len(group) > 1
    }


def recorded(chapters: Iterable[Chapter]) -> dict[str, RecordedVersion]:
    """Return the versions that are recorded as released, by their bare names; of two records of one the first counts.

    What has neither a date nor `released` is still to come, and only its tag names it.
    """
    found: dict[str, RecordedVersion] = {}
    for one in (version for chapter in chapters for version in chapter.versions):
        if (one.date or one.released) and one.version != UNRELEASED:
            found.setdefault(bare(one.version), one)
    return found


def line_up(shipped: Sequence[Shipped], records: Mapping[str, RecordedVersion]) -> Sequence[Shipped | RecordedVersion]:
    """Return the tagged versions and, among them, those that are only recorded; the oldest first.

    Each of these stands where its number contradicts the fewest of the others; one without a number behind the one that
    was recorded as the version before it. Rounds record their versions newest first, as changelogs do.
    """
    tagged = {bare(name): one for one in shipped for name in (one.tag.name, one.version)}
    line: list[Shipped | RecordedVersion] = list(shipped)
    at = 0
    for name, one in reversed(list(records.items())):
        if name in tagged:
            at = line.index(tagged[name]) + 1
        else:
            at = _place(one.version, line, at)
            line.insert(at, one)
            at += 1
    return line


def _place(version: str, line: Sequence[Shipped | RecordedVersion], behind: int) -> int:
    """Return where a version goes in a line: where its number contradicts the fewest, else `behind` what was before it."""
    number = order(version)
    # A day says nothing beside a number: changelogs have both, of before and after the first version.
    days = bool(_DAY.fullmatch(version))
    if days and not all(_DAY.fullmatch(one.version) for one in line):
        return behind
    others = [order("" if not days and _DAY.fullmatch(one.version) else one.version) for one in line]
    if not number.numbered or not any(other.numbered for other in others):
        return behind
    faults = best = sum(other.numbered and other < number for other in others)  # all of these would be above it
    place = 0
    for at, other in enumerate(others, 1):
        faults += (1 if other > number else -1) if other.numbered else 0
        if faults < best or (faults == best and not (other.numbered and other > number)):
            best, place = faults, at
    return place
