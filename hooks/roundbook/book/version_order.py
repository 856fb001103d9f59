"""Versions as tags and changelogs name them: which tags are versions, and their order."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

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
