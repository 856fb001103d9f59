"""The proof that an import lost nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Literal, NamedTuple

from roundbook.importer import vocabulary
from roundbook.importer.changelog import head_of
from roundbook.importer.identify import PHASES
from roundbook.importer.statements import LEVEL, Told, Where, gather, reach
from roundbook.importer.vocabulary import key_names, label_names, meanings, names_of, plain
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Code,
    Document,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Quote,
    Verbatim,
    bold_of,
    lead_of,
    pair_of,
    remark_of,
)
from roundbook.markdown import Part as MarkdownPart
from roundbook.schema import dates
from roundbook.schema.ids import slug
from roundbook.schema.items import category_of
from roundbook.yamlfile.writer import Data

AtomKind = Literal["heading", "key", "value", "cell", "bullet", "paragraph", "code"]
_CODE = re.compile(r"(`{1,2})(?!`)(?P<code>[^`\n]+?)(?<!`)\1")
_LABEL = re.compile(r"(?P<label>[^\W_][\w /&'-]{0,40}):\s+(?P<value>\S.*)", re.DOTALL)
_TARGET = re.compile(r"(?P<key>target|goal|budget|limit|threshold)\s*:?\s+(?P<value>\S.*)", re.IGNORECASE)
_NAMED = frozenset({"team", "decision-makers", "consulted", "informed"})
_SAYS = re.compile(r"[^\s\-–—_*|.\\>]")


@dataclass(frozen=True, slots=True)
class Atom:
    """The smallest thing that a document says; `line` is where it stands, or where its block begins."""

    kind: AtomKind
    text: str
    line: int


def atoms(document: Document) -> tuple[Atom, ...]:
    """Return all atoms of a document in its order; what has no letter, digit or sign, such as a cell `—`, says nothing."""
    found = [*_front(document.front), *_blocks(document.blocks)]
    for part in document.walk():
        found += [Atom("heading", part.title, part.line), *_blocks(part.blocks)]
    return tuple(_bare(atom) for atom in found if _SAYS.search(atom.text))


def _bare(atom: Atom) -> Atom:
    match = _CODE.fullmatch(atom.text) if atom.kind in ("bullet", "value") else None
    return Atom(atom.kind, match["code"].strip(), atom.line) if match and match["code"].strip() else atom


def _front(tree: Mapping[str, Any] | Sequence[Any] | str, line: int = 2) -> Iterator[Atom]:
    if isinstance(tree, Mapping):
        places = getattr(tree, "keys_at", {})
        for key, value in tree.items():
            at = places[key].line if key in places else line
            yield Atom("key", key, at)
            yield from _front(value, at)
    elif isinstance(tree, str):
        yield Atom("value", str(tree), getattr(getattr(tree, "place", None), "line", line) or line)
    else:
        for value in tree:
            yield from _front(value, line)


def _blocks(blocks: Sequence[Block]) -> Iterator[Atom]:
    for block in blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[Atom]:
    match block:
        case Paragraph() if bold := bold_of(block.text):
            yield from _split("key", bold, block.line)
        case Paragraph() | Verbatim():
            yield Atom("paragraph", block.text, block.line)
        case Pairs():
            yield from (atom for pair in block.pairs for atom in _pair(pair.key, pair.value, pair.line))
        case Bullets():
            yield from (atom for item in block.items for atom in _bullet(item))
        case Grid():
            for cells, line in ((block.columns, block.line), *((row.cells, row.line) for row in block.rows)):
                yield from (Atom("cell", cell, line) for cell in cells)
        case Code():
            yield Atom("code", block.text, block.line)
        case Quote():
            yield from _blocks(block.blocks)


def _bullet(item: Bullet) -> Iterator[Atom]:
    if pair := pair_of(item.text) or label_of(item.text):
        yield from _pair(*pair, item.line)
    elif lead := lead_of(item.text):
        yield from (Atom("bullet", text, item.line) for text in lead)
    else:
        yield Atom("bullet", item.text, item.line)
    yield from _blocks(item.blocks)


def _pair(key: str, value: str, line: int) -> Iterator[Atom]:
    """Yield the atoms of a key and its value; the names that a team is given by are one each."""
    yield from _split("key", key, line)
    names = names_of(value) if _NAMED & {key_names().get(plain(key)), label_names().get(plain(key))} else []
    if len(names) > 1:
        yield from (Atom("value", name, line) for name in names)
    else:
        yield from _split("value", value, line)


def label_of(text: str) -> tuple[str, str] | None:
    """Return label and value of a text such as `Status: done` or `Binary size: 4.6 MB`, or `None`.

    The label is a word that the model has a key for, or the value begins with a number.
    """
    match = _LABEL.fullmatch(text)
    if not match or not (match["value"][:1].isdigit() or meanings(match["label"])):
        return None
    return match["label"], match["value"]


def _split(kind: Literal["key", "value"], text: str, line: int) -> Iterator[Atom]:
    base, remark = remark_of(text)
    yield Atom(kind, base, line)
    if target := _TARGET.fullmatch(remark):
        yield from (Atom("key", target["key"], line), Atom("value", target["value"], line))
    else:
        yield Atom(kind, remark, line)


_WORD = re.compile(r"[^\s*_`\[\](){}<>,:;|\"'“”‘’–—-]+(?:-[^\s*_`\[\](){}<>,:;|\"'“”‘’–—-]+)*")
_LINKED = re.compile(
    r"\[`?(?P<label>[#!\w]+)`?\]\((?P<base>https?://[^\s()]+?)/(?:-/)?(?:commits?|pulls?|merge_requests|issues)/(?P<name>\w+)\)"
)
_ADDRESS = re.compile(r"https?://[^\s()]+?/(?:-/)?(?:commits?|pulls?|merge_requests|issues)/\w+")
_DEFINES = re.compile(r"^ {0,3}\[[^\[\]\n]+\]:\s*(?=\S)", re.MULTILINE)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_FIRST = re.compile(r"\b([A-Z][a-z]{2})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)? ([A-Z][a-z]{2})[a-z]*\.?,? (\d{4})\b")
_SLASHES = re.compile(r"\b(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b")


def missing(document: Document, trees: Sequence[Mapping[str, Data]]) -> tuple[Atom, ...]:
    """Return the atoms of a changelog of which a word is in none of the trees as often as it should be.

    The names of categories, `Version` before a number and the label of a definition are words that a key stands for.
    """
    told = Counter(word for tree in trees for text in _texts(tree) for word in _words(text))
    told += Counter(word for tree in trees for word in _marks(tree))
    lost: list[Atom] = []
    defined: set[str] = set()
    for atom in atoms(document):
        needed = Counter(_needed(_defined_once(atom, defined)))
        if any(count > told[word] for word, count in needed.items()):
            lost.append(atom)
        for word, count in needed.items():
            told[word] = max(0, told[word] - count)
    return tuple(lost)


def _defined_once(atom: Atom, defined: set[str]) -> Atom:
    """Return an atom without lines that define a link as it was defined before, which says nothing more."""
    lines = []
    for line in atom.text.split("\n"):
        if not (_DEFINES.match(line) and line in defined):
            lines.append(line)
        defined.add(line)
    return replace(atom, text="\n".join(lines))


def _needed(atom: Atom) -> list[str]:
    text = atom.text
    if (category_of(text) and len(text) < 60) or _ADDRESS.fullmatch(text):
        return []  # the address of a link whose label, an atom of its own, says as much
    head = head_of(text) if atom.kind == "heading" else None
    if head and not head.released:  # `Upcoming` and `Next` are what the key stands for
        return _words(" ".join(filter(None, (head.version, head.title, head.date))))
    if head:
        text = re.sub(r"(?i)\bversion\b|\brelease\b|(?<![\w/.])v(?=\d)", "", re.sub(r"<[^<>]*>", "", text))
        text = re.sub(r"\]\[[^\]]*\]", "]", text)
        day = re.fullmatch(r"\W*(\d{4}-\d{2}-\d{2})\W*", _as_days(text))
        return [day[1]] if day else _words(text)
    return _words(_DEFINES.sub("", re.sub(r"(?<=\])\[[^\[\]\n]*\]", "", text)))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(_one_form(text)) if any(map(str.isalnum, word)) or not word.isascii()]


def _one_form(text: str) -> str:
    text = _LINKED.sub(lambda m: m["name"] if m["name"].startswith(m["label"].lstrip("#!")) else m[0], text)
    text = re.sub(r"(?i)\bbreaking(?: changes?)?\b", "breaking", text)
    text = re.sub(r"(?i)\b(yanked|unreleased)\b", lambda m: m[0].lower(), text)
    return _as_days(re.sub(r", closes (?=[\d\[])", " ", text)).replace("#", "").replace("⚠", "")


def _as_days(text: str) -> str:
    text = _MONTH_FIRST.sub(lambda m: _day(m[0], m[3], m[1], m[2]), text)
    text = _DAY_FIRST.sub(lambda m: _day(m[0], m[3], m[2], m[1]), text)
    return _SLASHES.sub(lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", text)


def _day(whole: str, year: str, month: str, day: str) -> str:
    return f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}" if month.lower() in _MONTHS else whole


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for key, one in tree.items():
            # These say where an entry belongs, as often as there are entries; no word of the file stands behind them.
            if key not in ("release", "type", "kind", "status", "phase", "round", "waive"):
                yield from _texts(one)
    elif isinstance(tree, Sequence):
        for one in tree:
            yield from _texts(one)


def _marks(tree: Mapping[str, Data]) -> Iterator[str]:
    """Yield the words that a key says by being there."""
    for key in ("versions", "changes"):
        entries = tree.get(key, ())
        for one in entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ():
            yield from _flags(one)


def _flags(one: Data) -> Iterable[str]:
    return (flag for flag in ("yanked", "breaking") if isinstance(one, Mapping) and flag in one)


Path = tuple[str | int, ...]
APART = frozenset({"source", "closed", "waive"})  # what importing itself writes, or nobody imports
FREE = frozenset({"metrics", "details"})  # keys below these are words of the note
CHOSEN = frozenset({"status", "result", "type", "tier"})  # values of these are one of a few words
_MARKS = re.compile(r"\*\*|__")
_QUOTED = re.compile(r"^[\s>]+|[ \t\\]+$", re.MULTILINE)
_TOKEN = re.compile(r"\w+|[^\w\s]")
_LABELS = ("title", "name", "text", "task", "path")
_LEAVES_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ROUND_WORDS = ("round", "sprint", "iteration", "wave", "cycle", "week", "session")
PATH_KEYS = frozenset({"paths", "created", "modified", "deleted", "affects"})
ROUND_KEYS = frozenset({"from", "to", "since", "round", "phase", "resolved"})


def fold(text: str) -> str:
    """Return a text without marks of bold type and quotation, on one line, with single blanks; so are both sides compared."""
    return " ".join(_QUOTED.sub("", _MARKS.sub("", text)).replace("\\|", "|").split())


def tokens(text: str) -> list[tuple[int, str]]:
    """Return the words and signs of a text with their positions."""
    return [(match.start(), match[0]) for match in _TOKEN.finditer(text)]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text of the tree, folded, and the way to it.

    `is_key` is a key that is a word of the note itself; `derived` is what the importer makes of another text beside it.
    """

    path: Path
    text: str
    is_key: bool = False
    derived: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """Return the names on the way."""
        return frozenset(step for step in self.path if isinstance(step, str))

    @property
    def entry(self) -> Path:
        """Return the way to the entry that it is part of, which is empty for what the round says of itself."""
        if len(self.path) > 1 and self.path[0] in FREE:
            return self.path[:2]
        numbers = [i for i, step in enumerate(self.path) if isinstance(step, int)]
        inner = [i for i in numbers if i + 1 < len(self.path)]
        return self.path[: inner[0] + 1] if inner else ()

    @property
    def name(self) -> str:
        """Return the last name on the way: what the text is one of."""
        return next((step for step in reversed(self.path) if isinstance(step, str)), "")

    @property
    def unparted(self) -> bool:
        """Tell whether a word in it says nothing of it: in the id of a round, or in a path, unless `forms` gives it."""
        return self.name in PATH_KEYS or (self.name in ROUND_KEYS and "/" in self.text)

    @property
    def alone(self) -> bool:
        """Tell whether it is the one value of a key of the round itself, which a note may well say twice."""
        return len(self.path) == 1 or self.path == ("carried", "from")


@dataclass(frozen=True, slots=True)
class Form:
    """A way in which a note may say a leaf, or a part of it: the part lies from `start` to `end`."""

    leaf: int
    text: str
    start: int
    end: int


def leaves(tree: Mapping[str, Any]) -> tuple[Leaf, ...]:
    """Return the texts of a tree in its order."""
    return tuple(leaf for key, value in tree.items() if key not in APART for leaf in _leaves(value, (key,), tree))


def _leaves(node: Any, path: Path, owner: Mapping[str, Any]) -> Iterator[Leaf]:
    if isinstance(node, Mapping):
        free = path[-1] in FREE
        for key, value in node.items():
            if free or key.startswith("x-"):
                yield Leaf((*path, key), fold(key.removeprefix("x-")), is_key=True)
            yield from _leaves(value, (*path, key), node)
    elif isinstance(node, str):
        derived = path[-1] == "id" and any(slug(str(owner.get(key, ""))) == node for key in _LABELS)
        derived = derived or (path[-1] == "status" and "status-text" in owner)
        yield Leaf(path, fold(node), derived=derived)
    else:
        for i, value in enumerate(node):
            yield from _leaves(value, (*path, i), owner)


def forms(number: int, leaf: Leaf) -> Iterator[Form]:
    """Yield the ways in which a leaf may be said, the whole of it first; only that one is said to the letter."""
    text, last, key = leaf.text, leaf.path[-1], leaf.name
    yield Form(number, text, 0, len(text))
    if key in PATH_KEYS:
        ends = [i + 1 for i, char in enumerate(text) if char == "/" and i + 1 < len(text)]
        yield from (Form(number, text[i:], 0, len(text)) for i in ends)
    elif key == "date":
        yield from (Form(number, spelled, 0, len(text)) for spelled in _spans(text))
        yield from _days(number, text)
    elif last in CHOSEN:
        yield Form(number, text.replace("-", " "), 0, len(text))
    elif key in ROUND_KEYS and "/" in text:
        at = text.rindex("/") + 1
        yield Form(number, text[at:], at, len(text))
        for word in ROUND_WORDS:
            yield from (Form(number, f"{said} {text[at:]}", at, len(text)) for said in (word, word.title()))


def _days(number: int, text: str) -> Iterator[Form]:
    at = 0
    for part in text.split(".."):
        try:
            day = dates.parse(part).first
        except ValueError:
            return
        end = at + len(part)
        for spelled in (part, *_spellings(day)):
            yield Form(number, spelled, at, end)
        at = end + 2


def _spans(text: str) -> Iterator[str]:
    """Yield a span of days in one month as people write it: `Feb 3-7, 2026`."""
    try:
        first, last = dates.parse(text).first, dates.parse(text).last
    except ValueError:
        return
    name = _LEAVES_MONTHS[first.month - 1]
    if first == last or (first.year, first.month) != (last.year, last.month):
        return
    for days in (f"{first.day}{sign}{last.day}" for sign in ("-", "–", " - ", " – ")):
        for month in (name, name[:3], f"{name[:3]}."):
            yield from (f"{month} {days}, {first.year}", f"{days} {month} {first.year}")


def _spellings(day: dt.date) -> Iterator[str]:
    name = _LEAVES_MONTHS[day.month - 1]
    for month in (name, name[:3], f"{name[:3]}."):
        yield from (f"{month} {day.day}, {day.year}", f"{month} {day.day} {day.year}", f"{day.day} {month} {day.year}")
    y, m, d = f"{day.year:04}", f"{day.month:02}", f"{day.day:02}"
    yield from (f"{y}/{m}/{d}", f"{y}.{m}.{d}", f"{d}.{m}.{y}", f"{d}/{m}/{y}", f"{m}/{d}/{y}")


class Index:
    """Where the texts of a tree stand, by their words, by the whole of them, and by the entry that they are part of."""

    def __init__(self, found: Sequence[Leaf]) -> None:
        self.leaves = found
        self.keys = [leaf.keys for leaf in found]
        self.whole: dict[str, list[int]] = defaultdict(list)
        self.alone: dict[str, list[int]] = defaultdict(list)
        self.first: dict[str, list[Form]] = defaultdict(list)
        self.chosen: dict[str, list[int]] = defaultdict(list)
        self.by_entry: dict[Path, list[int]] = defaultdict(list)
        self.words: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, leaf in enumerate(found):
            self._enter(number, leaf)

    def _enter(self, number: int, leaf: Leaf) -> None:
        self.by_entry[leaf.entry].append(number)
        for form in forms(number, leaf):
            if starts := tokens(form.text[:80]):
                self.first[starts[0][1].casefold()].append(form)
        if leaf.derived:
            return
        (self.alone if leaf.alone else self.whole)[leaf.text].append(number)
        if leaf.path[-1] in CHOSEN:
            self.chosen[chosen(leaf.text)].append(number)
        for start, word in tokens(leaf.text):
            self.words[word].append((number, start))

    @cached_property
    def runs(self) -> dict[int, list[tuple[int, int]]]:
        """Return where each three words stand behind each other; made when the first text asks."""
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, leaf in enumerate(self.leaves):
            words = () if leaf.derived else tokens(leaf.text)
            for i, (at, _) in enumerate(words[:-2]):
                found[run(words, i)].append((number, at))
        return found


def run(words: Sequence[tuple[int, str]], at: int) -> int:
    """Return what stands for three words behind each other."""
    return hash((words[at][1], words[at + 1][1], words[at + 2][1]))


def chosen(text: str) -> str:
    """Return a word of a few without its case, blanks and hyphens."""
    return "".join(char for char in text.casefold() if char not in " -_")


MOST_TRIED = 300
MOST_BESIDE = 40
NOBODY = -1
Place = tuple[int, int]  # a leaf, and where in it


class Part(NamedTuple):
    """A part of a leaf that was claimed for what it says, and by whom: it can be moved to another part that says the same."""

    text: str
    who: int


class Pile:
    """Leaves with one text, those below the same keys together, so that the best of thousands is found at once."""

    def __init__(self) -> None:
        self.below: dict[frozenset[str], deque[int]] = defaultdict(deque)

    def add(self, number: int, keys: frozenset[str]) -> None:
        """Put a leaf on the pile, behind those that are there."""
        self.below[keys].append(number)

    def best(self, wanted: frozenset[str], free: Callable[[int], bool]) -> int | None:
        """Return the first leaf below most of the wanted keys, without it and those that are not free from now on."""
        for same in self.below.values():
            while same and not free(same[0]):
                same.popleft()
        open_ = [(len(keys & wanted), -same[0], same) for keys, same in self.below.items() if same]
        return max(open_)[2].popleft() if open_ else None


class Taken(dict[int, bytearray]):
    """Which characters of a leaf are claimed, for those leaves that anybody asked for."""

    def __init__(self, leaves: Sequence[Leaf]) -> None:
        super().__init__()
        self.leaves = leaves

    def __missing__(self, number: int) -> bytearray:
        """Return the marks of a leaf of which nothing is claimed yet."""
        made = self[number] = bytearray(len(self.leaves[number].text))
        return made


class Ledger:
    """Who has claimed which part of which leaf of an index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.leaves = index.leaves
        self.taken = Taken(index.leaves)
        self.parts: dict[int, dict[int, Part]] = defaultdict(dict)
        self._piles: dict[tuple[str, bool], Pile] = {}
        self._searches: dict[tuple[str, bool], Iterator[Place]] = {}

    def entry(self, path: Path) -> Sequence[int]:
        """Return the leaves of an entry."""
        return self.index.by_entry.get(path, ())

    def _pile(self, text: str, *, word: bool = False) -> Pile | None:
        """Return the leaves with a text that are not claimed yet; with `word` those that are that word of a few."""
        numbers = (self.index.chosen if word else self.index.whole).get(text)
        if numbers and (text, word) not in self._piles:
            pile = self._piles[text, word] = Pile()
            for number in numbers:
                pile.add(number, self.index.keys[number])
        return self._piles.get((text, word))

    def free(self, number: int, start: int, end: int) -> bool:
        """Tell whether nobody claimed any of a part of a leaf."""
        return self.taken[number].find(1, start, end) < 0

    def take(self, number: int, start: int, end: int) -> None:
        """Claim a part of a leaf."""
        self.taken[number][start:end] = b"\1" * (end - start)

    def exact(self, text: str, wanted: frozenset[str], alone: frozenset[str] | None) -> Path | None:
        """Claim a leaf that is the text, best one below the wanted keys, and return the way to it.

        What the round says of itself is claimed for the keys `alone`, if these are given, and may be claimed again.
        """
        again = [n for n in self.index.alone.get(text, ()) if alone is None or self.index.keys[n] & alone]
        for n in again:
            if alone is not None or self.free(n, 0, len(text)):
                self.take(n, 0, len(text))
                return self.leaves[n].path
        return self._whole(self._pile(text), wanted)

    def beside(self, text: str, wanted: frozenset[str], entries: Iterable[Path]) -> Path | None:
        """Claim a leaf that is the text, below a wanted key and in one of some entries, and return the way to it."""
        for entry in entries:
            for n in self.entry(entry)[:MOST_BESIDE]:
                leaf = self.leaves[n]
                if (
                    leaf.text == text
                    and not leaf.derived
                    and wanted & self.index.keys[n]
                    and self.free(n, 0, len(text))
                ):
                    self.take(n, 0, len(text))
                    return leaf.path
        return None

    def _whole(self, pile: Pile | None, wanted: frozenset[str]) -> Path | None:
        best = pile.best(wanted, lambda n: self.free(n, 0, len(self.leaves[n].text))) if pile else None
        if best is None:
            return None
        self.take(best, 0, len(self.leaves[best].text))
        return self.leaves[best].path

    def within(self, text: str, who: int = NOBODY, *, ticked: bool = False) -> Path | None:
        """Claim a part of a leaf that is the text, in one with a tick if that is asked for, and return the way to it."""
        if (text, ticked) not in self._searches:
            found = self._search(text)
            self._searches[text, ticked] = (p for p in found if self.is_ticked(p[0])) if ticked else found
        for place in self._searches[text, ticked]:
            if self._free_at(place, text):
                return self._settle(place, text, who)
        return None

    def is_ticked(self, leaf: int) -> bool:
        """Tell whether a leaf has a tick: in its text, or as the status or result of its entry."""
        entry = self.entry(self.leaves[leaf].entry)
        return "[x]" in self.leaves[leaf].text.casefold() or any(self.leaves[n].path[-1] in CHOSEN for n in entry)

    def make_room(self, text: str, who: int) -> tuple[Path, dict[int, Path]] | None:
        """Claim a part of a leaf whose owners can all be moved to other parts that say the same.

        Return the way to the leaf, and those that were moved with the ways to where they are now.
        """
        full = {text}
        for place in islice(self._search(text), MOST_TRIED):
            if (moves := self._moves(place, text, full)) is not None:
                for old, part, _ in moves:
                    self._leave(old, part)
                path = self._settle(place, text, who)
                return path, {part.who: self._settle(new, part.text, part.who) for _, part, new in moves}
        return None

    def _moves(self, place: Place, text: str, full: set[str]) -> list[tuple[Place, Part, Place]] | None:
        """Return who has to move for a text, from where and to where; `None` where somebody cannot.

        `full` are the texts that have no free place, of which each is looked for once.
        """
        (leaf, start), end = place, place[1] + len(text)
        inside = sorted((at, part) for at, part in self.parts[leaf].items() if at < end and start < at + len(part.text))
        moves: list[tuple[Place, Part, Place]] = []
        open_ = self.taken[leaf][start:end]
        if any(part.text in full for _, part in inside):
            return None
        for at, part in inside:
            taken = {(new, len(other.text)) for _, other, new in moves} | {(place, len(text))}
            free = (new for new in self._search(part.text) if self._free_at(new, part.text))
            to = next((new for new in free if not any(_overlap(new, len(part.text), *one) for one in taken)), None)
            if to is None:
                full.add(part.text)
                return None
            moves.append(((leaf, at), part, to))
            first, last = max(at, start) - start, min(at + len(part.text), end) - start
            open_[first:last] = bytes(last - first)
        return None if any(open_) else moves

    def _free_at(self, place: Place, text: str) -> bool:
        return self.free(place[0], place[1], place[1] + len(text))

    def _settle(self, place: Place, text: str, who: int) -> Path:
        leaf, start = place
        self.take(leaf, start, start + len(text))
        if who != NOBODY:
            self.parts[leaf][start] = Part(text, who)
        return self.leaves[leaf].path

    def _leave(self, place: Place, part: Part) -> None:
        leaf, start = place
        self.taken[leaf][start : start + len(part.text)] = bytes(len(part.text))
        del self.parts[leaf][start]

    def _search(self, text: str) -> Iterator[Place]:
        words = tokens(text)
        if not words:
            return
        for number, start in self._candidates(words):
            leaf = self.leaves[number]
            # Of the round itself `exact` gives it, to those that may have it; of a path a word in it says nothing.
            apart = leaf.alone if leaf.text == text else leaf.unparted and not _is_step(text, leaf)
            if start >= 0 and not apart and leaf.text.startswith(text, start) and self._bounded(number, start, text):
                yield number, start

    def _candidates(self, words: Sequence[tuple[int, str]]) -> Iterator[Place]:
        """Yield where a text may begin, by its rarest word, or by its rarest three where each of its words is frequent."""
        offset, rarest = min(words, key=lambda one: len(self.index.words.get(one[1], ())))
        places = self.index.words.get(rarest, [])
        if len(places) > MOST_TRIED and len(words) > 2:
            runs = [(at, run(words, i)) for i, (at, _) in enumerate(words[:-2])]
            offset, rarest_run = min(runs, key=lambda one: len(self.index.runs.get(one[1], ())))
            places = self.index.runs.get(rarest_run, [])
        yield from ((number, at - offset) for number, at in places)

    def _bounded(self, number: int, start: int, text: str) -> bool:
        return bounded(self.leaves[number].text, start, start + len(text))

    def word(self, text: str, wanted: frozenset[str]) -> Path | None:
        """Claim a leaf that is a word of a few, such as a status, as people write it, and return the way to it."""
        return self._whole(self._pile(chosen(text), word=True), wanted)

    def pieces(self, text: str, at: int, word: str) -> Iterator[Form]:
        """Yield the forms that are said at a position of a text, which begins there with `word`; the longest ones first."""
        found = [
            form
            for form in islice(self.index.first.get(word.casefold(), ()), MOST_TRIED)
            if _said(form, self.leaves[form.leaf], text, at)
        ]
        yield from sorted(found, key=lambda form: -len(form.text))


def _is_step(text: str, leaf: Leaf) -> bool:
    """Tell whether a text is folders of a path, or the name at its end."""
    return "/" in text or (leaf.name in PATH_KEYS and leaf.text.endswith(f"/{text}"))


def _overlap(one: Place, length: int, other: Place, beside: int) -> bool:
    return one[0] == other[0] and one[1] < other[1] + beside and other[1] < one[1] + length


def bounded(text: str, start: int, end: int) -> bool:
    """Tell whether a part of a text is whole words and whole numbers: `8` is none of `1,048`, `1,04` neither."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if _joined(text[start], before[-1:]) or _joined(text[end - 1], after[:1]):
        return False
    return not (_in_number(text[start], before[::-1]) or _in_number(text[end - 1], after))


def _joined(one: str, other: str) -> bool:
    return bool(other) and (one.isalnum() or one == "_") and (other.isalnum() or other == "_")


def _in_number(digit: str, beyond: str) -> bool:
    return digit.isdigit() and beyond[:1] in (".", ",") and beyond[1:2].isdigit()


def _said(form: Form, leaf: Leaf, text: str, at: int) -> bool:
    end = at + len(form.text)
    same = text.startswith(form.text, at)
    if leaf.path[-1] in CHOSEN:
        same = text[at:end].casefold() == form.text.casefold()
    return same and bounded(text, at, end)


MOST_NAME = 6  # words of a name
# Words that join the pieces of a heading or a sentence, and say nothing once these are apart.
_JOINTS = frozenset(
    (
        *("a", "an", "and", "as", "at", "because", "by", "for", "from", "in", "into", "it", "its", "of", "on", "or"),
        *("since", "the", "through", "to", "until", "vs", "was", "were", "with"),
    )
)
_COVER_WORD = re.compile(r"\w")


class Cover:
    """A try to find a text in pieces that belong to one entry, or to the round itself.

    `alone` are the keys of the round itself that the text may be a value of; `None` says that the text is a name.
    """

    def __init__(
        self,
        ledger: Ledger,
        text: str,
        words: Sequence[tuple[int, str]],
        entry: Path,
        wanted: frozenset[str],
        alone: frozenset[str] | None,
    ) -> None:
        self.ledger = ledger
        self.text, self.words, self.entry, self.wanted, self.alone = text, words, entry, wanted, alone

    def claim(self) -> tuple[Path, ...] | None:
        """Claim the pieces and return the ways to them, or `None` where the text is not all pieces, names and joints."""
        used, left = self._split()
        if not used:
            return None
        keys = self.wanted.union(*(self.ledger.leaves[form.leaf].keys for form in used))
        if not all(self._says_nothing(run, keys) for run in left):
            return None
        for form in used:
            self.ledger.take(form.leaf, form.start, form.end)
        return tuple(self.ledger.leaves[form.leaf].path for form in used)

    def _split(self) -> tuple[list[Form], list[list[str]]]:
        """Return the pieces, and the runs of words that are left between them."""
        used: list[Form] = []
        left: list[list[str]] = [[]]
        end = 0
        for at, word in self.words:
            if at < end:
                continue
            form = next((f for f in self.ledger.pieces(self.text, at, word) if self._fits(f, used)), None)
            if form:
                used.append(form)
                left.append([])
                end = at + len(form.text)
            else:
                left[-1].append(word)
        return used, left

    def _fits(self, form: Form, used: Sequence[Form]) -> bool:
        leaf = self.ledger.leaves[form.leaf]
        if leaf.entry not in (self.entry, ()) or any(f.leaf == form.leaf and f.start == form.start for f in used):
            return False
        if leaf.path == ("carried", "from") and "carried" not in self.wanted:
            return False  # a round that another one is told of
        if leaf.alone:
            return self.alone is None or bool(leaf.keys & self.alone)
        free = not leaf.derived and self.ledger.free(form.leaf, form.start, form.end)
        return self.alone is None or free

    def _says_nothing(self, run: Sequence[str], keys: frozenset[str]) -> bool:
        at = 0
        while at < len(run):
            if not _COVER_WORD.match(run[at]) or run[at].casefold() in _JOINTS:
                at += 1
                continue
            if self.alone is not None:
                return False
            ends = range(min(len(run), at + MOST_NAME), at, -1)
            end = next((e for e in ends if vocabulary.meanings(" ".join(run[at:e])) & keys), None)
            if end is None:
                return False
            at = end
        return True


PAIR = 2
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_NUMBER_HEAD = re.compile(r"#|№|(?:no|nr|num)\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """An atom in its place.

    `under` are the names above it, the nearest first: its column or key, then the headings. `beside` is, in
    a row of two cells, the first one, which may be the name of the second. `over` are, for a name, the
    numbers of the statements that it stands over, and `row` are, for a cell, those of its row. A `counted` cell is in a
    column that does nothing but number the rows; `checked` is an entry of a list with a tick in its box.
    """

    atom: Atom
    under: tuple[str, ...] = ()
    over: range = range(0)
    row: range = range(0)
    is_name: bool = False
    counted: bool = False
    checked: bool = False
    beside: str = ""


def statements(document: Document, numbered: frozenset[int] | None = None) -> tuple[Statement, ...]:
    """Return what a document says, one statement for each of its atoms and in their order.

    `numbered` are the lines of headings whose number says no more than their place, as `numbered_in` gives them.
    """
    return tuple(_Walk(document, numbered_in(document) if numbered is None else numbered).statements())


def numbered_in(document: Document) -> frozenset[int]:
    """Return the lines of headings that are numbered 1, 2, 3 … below the same one, so that their order says the number."""
    found: set[int] = set()
    for parts in (document.parts, *(part.parts for part in document.walk())):
        own = [(int(match[1]), part.line) for part in parts if (match := _NUMBERED.match(part.title))]
        if [number for number, _ in own] == list(range(1, len(own) + 1)):
            found |= {line for _, line in own}
    return frozenset(found)


class _Walk:
    """Goes through the atoms once, and knows the headings, the table and the key that it is below."""

    def __init__(self, document: Document, numbered: frozenset[int]) -> None:
        self.numbered = numbered
        self.atoms = atoms(document)
        self.parts = {part.line: part for part in document.walk()}
        self.grids = {grid.line: grid for grid in _statements_blocks(document) if isinstance(grid, Grid)}
        self.rows = {row.line: (grid, row.cells) for grid in self.grids.values() for row in grid.rows}
        self.counting = {line: _counting(grid) for line, grid in self.grids.items()}
        self.ticked = {
            line for block in _statements_blocks(document) if isinstance(block, Bullets) for line in _ticked(block)
        }
        own = (document.blocks, *(part.blocks for part in document.walk()))
        self.reach = {line: end for blocks in own for line, end in reach(blocks)}
        self.headings: list[tuple[int, str]] = []
        self.key = ""

    def statements(self) -> Iterator[Statement]:
        at = 0
        while at < len(self.atoms):
            atom = self.atoms[at]
            end = self._end_of_row(at)
            if atom.kind == "cell" and atom.line in self.grids:
                yield from self._heads(self.grids[atom.line], range(at, end))
            elif atom.kind == "cell":
                yield from self._cells(range(at, end))
            else:
                yield self._other(atom, at)
                end = at + 1
            at = end

    def _other(self, atom: Atom, at: int) -> Statement:
        if atom.kind == "heading":
            part = self.parts[atom.line]
            self.headings = [one for one in self.headings if one[0] < part.level]
            under = self._titles()
            self.headings.append((part.level, atom.text))
            self.key = ""
            end = next((i for i in range(at + 1, len(self.atoms)) if self.atoms[i].line > part.end), len(self.atoms))
            if atom.line in self.numbered:
                atom = replace(atom, text=_NUMBERED.sub("", atom.text) or atom.text)
            return Statement(atom, under, range(at + 1, end), is_name=True)
        if atom.kind == "key":
            self.key = atom.text
            return Statement(atom, self._titles(), self._below_key(at), is_name=True)
        ticked = atom.line in self.ticked
        self.ticked.discard(atom.line)
        return Statement(atom, ((self.key,) if self.key else ()) + self._titles(), checked=ticked)

    def _titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in reversed(self.headings))

    def _below_key(self, at: int) -> range:
        """Return what follows a key and the remark that may be part of it, up to the next key or heading."""
        start = at + 1
        here = ("key", self.atoms[at].line)
        while start < len(self.atoms) and (self.atoms[start].kind, self.atoms[start].line) == here:
            start += 1
        end = start
        last = self.reach.get(self.atoms[at].line, 0)
        while end < len(self.atoms) and (
            self.atoms[end].line <= last or self.atoms[end].kind not in ("key", "heading")
        ):
            end += 1
        return range(start, end)

    def _end_of_row(self, at: int) -> int:
        end = at
        while end < len(self.atoms) and (self.atoms[end].kind, self.atoms[end].line) == ("cell", self.atoms[at].line):
            end += 1
        return end

    def _heads(self, grid: Grid, row: range) -> Iterator[Statement]:
        last = max((one.line for one in grid.rows), default=grid.line)
        end = row.stop
        while end < len(self.atoms) and self.atoms[end].kind == "cell" and self.atoms[end].line <= last:
            end += 1
        columns = _columns(grid.columns, [self.atoms[i].text for i in row])
        for i, column in zip(row, columns, strict=True):
            counted = column in self.counting[grid.line]
            yield Statement(self.atoms[i], self._titles(), range(row.stop, end), row, is_name=True, counted=counted)

    def _cells(self, row: range) -> Iterator[Statement]:
        grid, cells = self.rows[self.atoms[row.start].line]
        columns = _columns(cells, [self.atoms[i].text for i in row])
        for i, column in zip(row, columns, strict=True):
            head = grid.columns[column] if column < len(grid.columns) else ""
            counted = column in self.counting[grid.line]
            beside = cells[0] if len(cells) == PAIR and column else ""
            yield Statement(self.atoms[i], (head, *self._titles()), row=row, counted=counted, beside=beside)


def _columns(cells: Sequence[str], said: Sequence[str]) -> Iterator[int]:
    """Yield the column of each text that a row says; empty cells say nothing."""
    column = 0
    for text in said:
        column = cells.index(text, column)
        yield column
        column += 1


def _counting(grid: Grid) -> frozenset[int]:
    """Return the columns that do nothing but number the rows."""
    numbers = [str(n) for n in range(1, len(grid.rows) + 1)]
    heads = (i for i, head in enumerate(grid.columns) if _NUMBER_HEAD.fullmatch(head))
    return frozenset(i for i in heads if [row.cells[i] if i < len(row.cells) else "" for row in grid.rows] == numbers)


def _statements_blocks(document: Document) -> Iterator[Block]:
    yield from _inner(document.blocks)
    for part in document.walk():
        yield from _inner(part.blocks)


def _inner(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from _inner(block.blocks)
        elif isinstance(block, Bullets):
            for item in block.items:
                yield from _inner(item.blocks)


def _ticked(block: Bullets) -> Iterator[int]:
    return (item.line for item in block.items if item.checked)


VERBATIM = frozenset({"sections", "tables"})  # for what fits no key
MOST_WORDS = 60  # of an atom that is found in pieces
MOST_SAME = 60  # texts among which one under a key of its own is looked for
Ids = frozenset[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Missing:
    """An atom of a file that no tree has."""

    path: str
    atom: Atom

    def __str__(self) -> str:
        """Return the line that says so, with its place."""
        text = " ".join(self.atom.text.split())
        shown = text if len(text) <= 100 else f"{text[:99]}…"
        return f'{self.path}:{self.atom.line}: {self.atom.kind} "{shown}" is not found'


@dataclass(frozen=True, slots=True)
class Proof:
    """How many atoms went in, which of them are not found, and how many are only kept as they were written."""

    atoms: int
    missing: tuple[Missing, ...] = ()
    left: int = 0

    @property
    def found(self) -> int:
        """Return how many are found."""
        return self.atoms - len(self.missing)

    def __str__(self) -> str:
        """Return the count as a person reads it."""
        return f"{self.atoms:,} atoms in, {self.found:,} found"


def prove(
    documents: Iterable[Document], records: Sequence[Mapping[str, Any]], numbered: frozenset[int] | None = None
) -> Proof:
    """Return what the trees hold of the documents; the trees are those that were read again, or the plain ones.

    `numbered` are as for `statements`, where the documents are parts of one.
    """
    found = list(proofs(documents, records, numbered))
    missing = tuple(m for p in found for m in p.missing)
    return Proof(sum(p.atoms for p in found), missing, sum(p.left for p in found))


def proofs(
    documents: Iterable[Document], records: Sequence[Mapping[str, Any]], numbered: frozenset[int] | None = None
) -> Iterator[Proof]:
    """Yield the proof of each document, as `prove` gives that of all; the trees are looked through once."""
    index = Index([leaf for tree in records for leaf in leaves(tree)])
    rounds = frozenset(_ids(leaf for leaf in index.leaves if leaf.path[0] != "carried"))
    carried = frozenset(_ids(leaf for leaf in index.leaves if leaf.path[0] == "carried"))
    for document in documents:
        yield _Proving(document, statements(document, numbered), Ledger(index), rounds, carried).proof()


class _Proving:
    """One document held against the trees; `claims` are the ways to what was found of each statement."""

    def __init__(
        self, document: Document, said: tuple[Statement, ...], ledger: Ledger, rounds: Ids, carried: Ids
    ) -> None:
        self.document = document
        self.statements = said
        self.ledger, self.rounds, self.carried = ledger, rounds, carried
        self.texts = tuple(fold(one.atom.text) for one in self.statements)
        self.claims: dict[int, tuple[Path, ...]] = {}

    def proof(self) -> Proof:
        texts = [i for i, one in enumerate(self.statements) if not one.counted]
        for i in sorted(texts, key=self._rank):
            one = self.statements[i]
            self._enter(i, self._as_text(i) if one.is_name else self._content(i))
            if i not in self.claims and not (one.is_name and vocabulary.meanings(one.atom.text)):
                self._squeeze_in(i)  # at once, while what is shorter does not stand in the way yet
        unticked = {i for i in self.claims if self.statements[i].checked and not self._box(self.claims[i])}
        for i in (i for i, one in enumerate(self.statements) if one.counted and not one.is_name):
            self._enter(i, self._position(i))
        names = [i for i, one in enumerate(self.statements) if one.is_name]
        spare: Counter[str] = Counter()
        for i in names:
            if self._is_key(self.statements[i]):
                spare[self.statements[i].atom.text] += i in self.claims
                self.claims[i] = ()
        for i in sorted(names, key=self._rank):
            if i not in self.claims:
                self._enter(i, self._name(i, spare))
            if i not in self.claims:
                self._squeeze_in(i)
        missing = (one.atom for i, one in enumerate(self.statements) if i in unticked or i not in self.claims)
        left = sum(any(path[0] in VERBATIM for path in claim) for claim in self.claims.values())
        return Proof(len(self.statements), tuple(Missing(self.document.path, atom) for atom in missing), left)

    def _rank(self, i: int) -> tuple[int, bool, bool, bool]:
        """Return the order in which texts are looked for: the longest first, since a shorter one may be part of it.

        What counts are the texts that are compared, without marks. Of equal ones first what has a tick, then what is no name,
        then what stands under a key of its own: a day under `Date` goes before the same day under `Created`.
        """
        one = self.statements[i]
        wanted = _meant(one.under[:1])
        same = self.ledger.index.whole.get(self.texts[i], ())[:MOST_SAME]
        own = bool(wanted) and any(self.ledger.index.keys[n] & wanted for n in same)
        return -len(self.texts[i]), not one.checked, one.is_name, not own

    def _as_text(self, i: int) -> tuple[Path, ...] | None:
        wanted = _meant(self.statements[i].under)
        whole = self.ledger.exact(self.texts[i], wanted, None) or self.ledger.within(self.texts[i], i)
        return (whole,) if whole else None

    def _enter(self, i: int, claim: tuple[Path, ...] | None) -> None:
        if claim is not None:
            self.claims[i] = claim

    def _squeeze_in(self, i: int) -> None:
        """Find a text where others can go elsewhere: what stands first in a tree is not always where they belong."""
        if found := self.ledger.make_room(self.texts[i], i):
            self.claims[i] = (found[0],)
            self.claims |= {who: (path,) for who, path in found[1].items()}

    def _content(self, i: int) -> tuple[Path, ...] | None:
        one, text = self.statements[i], self.texts[i]
        wanted = _meant(one.under)
        # A cell `3` below `Round` is a row about that round, and not what says which round it is that is read.
        alone = _meant((one.beside,)) if one.atom.kind == "cell" else wanted | _prose(one.atom)
        boxed = self._ticked(text, i) if one.checked else None
        exact = boxed or self.ledger.beside(text, wanted, self._row(one)) or self.ledger.exact(text, wanted, alone)
        whole = exact or self.ledger.within(text, i) or self.ledger.word(text, wanted)
        return (whole,) if whole else self._pieces(text, wanted, alone)

    def _ticked(self, text: str, i: int) -> Path | None:
        ticks = (self.ledger.within(f"{tick} {text}") for tick in ("[x]", "[X]"))
        return next(filter(None, ticks), None) or self.ledger.within(text, i, ticked=True)

    def _row(self, one: Statement) -> set[Path]:
        """Return the entries in which cells of the same row were found, which are longer."""
        return {entry for n in one.row for path in self.claims.get(n, ()) if (entry := Leaf(path, "").entry)}

    def _box(self, claim: Sequence[Path]) -> bool:
        """Tell whether the tick in a box is found: as a status or result of the entry, or in the text itself."""
        beside = (self.ledger.leaves[n] for path in claim for n in self.ledger.entry(Leaf(path, "").entry))
        return any(leaf.path[-1] in CHOSEN or (leaf.path in claim and "[x]" in leaf.text.casefold()) for leaf in beside)

    def _position(self, i: int) -> tuple[Path, ...] | None:
        """Return the entry that the rest of a row was found in: its place in the list is the number of the row."""
        row = self.statements[i].row
        ways = [path for n in row for path in self.claims.get(n, ()) if any(isinstance(s, int) for s in path)]
        return tuple(ways[:1]) or self._content(i)

    def _is_key(self, one: Statement) -> bool:
        """Tell whether a name is the key of what stands below it, and what it says beyond that is found too."""
        if one.counted:
            return True
        below = self._below(one)
        keys = _keys(below)
        return bool(vocabulary.meanings(one.atom.text) & keys) and self._rest(one.atom.text, keys, below)

    def _name(self, i: int, spare: Counter[str]) -> tuple[Path, ...] | None:
        """Find a name as a text that no other name needs, in the entries of what stands below it, or in pieces."""
        one = self.statements[i]
        if spare[one.atom.text] > 0:
            spare[one.atom.text] -= 1
            return ()
        below = self._below(one)
        return self._said(self.texts[i], _keys(below), below)

    def _said(self, text: str, keys: frozenset[str], below: Sequence[Path]) -> tuple[Path, ...] | None:
        whole = self.ledger.exact(text, keys, None) or self.ledger.within(text)
        if whole:
            return (whole,)
        return () if self._beside(text, below) else self._pieces(text, keys, None, below)

    def _rest(self, text: str, keys: frozenset[str], below: Sequence[Path]) -> bool:
        """Tell whether what a name says beyond the key is found: rounds as ids of rounds, all else as a text."""
        name = vocabulary.name_of(text)
        if frozenset(vocabulary.TOPIC_KEYS.get(name.topic, ())) & keys:
            rest, rounds = name.rest, name.rounds
        else:
            rest, rounds = remark_of(text)[1], ()
        known = self.carried if "carried" in keys else self.rounds
        if any((backlink.word in PHASES, backlink.id.casefold()) not in known for backlink in rounds):
            return False
        return not _beyond(rest, rounds) or self._said(fold(rest), keys, below) is not None

    def _below(self, one: Statement) -> list[Path]:
        cell = one.atom.kind == "cell"
        over = (i for i in one.over if not cell or self.statements[i].under[:1] == (one.atom.text,))
        return [path for i in over for path in self.claims.get(i, ())]

    def _beside(self, text: str, below: Sequence[Path]) -> bool:
        """Tell whether all entries that hold what stands below a name say the name themselves, as a group or a type."""
        entries = {entry for path in below if (entry := Leaf(path, "").entry)}
        return bool(entries) and all(
            any(_same(self.ledger.leaves[n], text) for n in self.ledger.entry(entry)) for entry in entries
        )

    def _pieces(
        self, text: str, wanted: frozenset[str], alone: frozenset[str] | None, below: Sequence[Path] = ()
    ) -> tuple[Path, ...] | None:
        """Find a text in pieces, which are texts of one entry; what is left must be joints, or names within a name."""
        said = tokens(text)
        if len(said) > MOST_WORDS:
            return None
        entries = dict.fromkeys(Leaf(path, "").entry for path in below)
        for at, word in said:
            entries |= dict.fromkeys(self.ledger.leaves[f.leaf].entry for f in self.ledger.pieces(text, at, word))
        for entry in sorted(entries, key=lambda e: -len(wanted.intersection(map(str, e)))):
            if (claimed := Cover(self.ledger, text, said, entry, wanted, alone).claim()) is not None:
                return claimed
        return None


def _prose(atom: Atom) -> frozenset[str]:
    """Return the keys that a text may be a value of wherever it stands: prose may always sum up the round."""
    return frozenset({"summary"} if atom.kind == "paragraph" else ())


def _meant(names: Iterable[str]) -> frozenset[str]:
    return frozenset(key for name in names for key in vocabulary.meanings(name))


def _keys(paths: Iterable[Path]) -> frozenset[str]:
    return frozenset(step for path in paths for step in path if isinstance(step, str))


def _same(leaf: Leaf, text: str) -> bool:
    return leaf.text.casefold() == text.casefold() and not leaf.derived


def _ids(found: Iterable[Leaf]) -> Iterator[tuple[bool, str]]:
    """Yield the ids of the phases, with `True`, and of the rounds that a tree speaks of, in lower case."""
    for leaf in found:
        if leaf.path[-1] in ROUND_KEYS:
            phase, _, number = leaf.text.casefold().rpartition("/")
            yield (leaf.path[-1] == "phase", number)
            if phase:
                yield (True, phase)


def _beyond(text: str, rounds: Iterable[vocabulary.Backlink]) -> str:
    """Return what a text says beyond the rounds that it speaks of."""
    said = vocabulary.plain(text)
    for backlink in rounds:
        said = said.replace(" ".join(filter(None, (backlink.how, backlink.word, backlink.id.casefold()))), " ")
    return said.strip()


def holds(made: Sequence[Told], of: Sequence[Block] | MarkdownPart, where: Where) -> bool:
    """Tell whether each atom of a part, or of blocks, is found in what was made of it."""
    blocks, parts = _as_written(of) if isinstance(of, MarkdownPart) else (tuple(of), ())
    identity = {"round": where.round, "phase": where.phase} if where.round else {"phase": where.phase}
    if where.carried:
        made = [where.told("carried", {"from": where.earlier}, 0), *made]  # which the heading above says
    document = Document(where.document.path, (), {}, blocks, parts)
    return not prove((document,), (identity | gather(made)[0],), where.numbered).missing


def _as_written(part: MarkdownPart) -> tuple[tuple[Block, ...], tuple[MarkdownPart, ...]]:
    """Return the blocks and parts that a part is in its document, where a bold line is no heading."""
    if part.level < LEVEL:
        return (), (part,)
    return (Pairs((Pair(part.title, "", part.line),), part.line, part.line), *part.blocks), ()


def held(made: list[Told], of: Sequence[Block] | MarkdownPart, where: Where) -> list[Told]:
    """Return what was made of a part if it holds all of it, and else nothing."""
    return made if made and holds(made, of, where) else []
