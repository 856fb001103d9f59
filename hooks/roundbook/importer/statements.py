"""What a note states, collected with its place."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from roundbook.adr.labels import pieces, relation_of
from roundbook.book.references import free
from roundbook.errors import Finding, Place, Severity
from roundbook.frozen import frozen
from roundbook.importer.identify import PHASES, Hints
from roundbook.importer.values import drop_doubles
from roundbook.importer.vocabulary import RoundMention, behind_rounds, key_names, meanings, name_of
from roundbook.importer.words import HEADINGS, PAIR_HEADS
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
    Part,
    Quote,
    Verbatim,
    bold_of,
    pair_of,
    plain,
    remark_of,
)
from roundbook.schema.base import is_many, kebab
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.round import Round
from roundbook.schema.statuses import is_sign, status_of
from roundbook.yamlfile.writer import Data

LISTS = frozenset(kebab(name) for name, field in Round.model_fields.items() if is_many(field))
_ORDER = {kebab(name): i for i, name in enumerate(("round", "phase", *Round.model_fields))}


@frozen
class Fact:
    """One thing understood: the value of a key (`focus`), an entry of a list (`agents`), or of a map (`metrics.tests`).

    `label` is what the document calls it, and `said` how it says the value, if in another way: they make the note that it
    becomes when the key is taken.
    """

    key: str
    value: Data
    path: str = ""
    line: int = 0
    label: str = ""
    said: str = ""


def gather(facts: Iterable[Fact]) -> tuple[dict[str, Data], tuple[Finding, ...]]:
    """Return the tree of all facts, its keys in the order of the model, and the findings."""
    tree: dict[str, Any] = {}
    findings: list[Finding] = []
    for one in _stated([*_people(facts)]):
        if not _put(tree, one):
            text = f"**{one.label or one.key.capitalize()}**: {one.said or _words(one.value)}"
            notes = tree.setdefault("notes", [])
            notes += [text] if text not in notes else []
            findings.append(_differs(one, tree))
    _settle_ids(tree)
    _shorten(tree)
    return dict(sorted(tree.items(), key=lambda pair: _ORDER.get(pair[0], len(_ORDER)))), tuple(findings)


def _stated(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return facts with the status and day that a title states only where no line does: titles have the words."""
    for keys in (("status", "status-text"), ("date",)):
        titles = [one for one in facts if one.key in keys and one.label == "title"]
        first = titles[0] if titles and not any(one.key in keys and one.label != "title" for one in facts) else None
        where = (first.path, first.line) if first else None
        facts = [one for one in facts if one not in titles or (one.path, one.line) == where]
    return facts


def _people(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield the facts; names listed behind a key are agents only where no list or table has agents, else a note."""
    found = list(facts)
    agents = [one for one in found if one.key == "agents"]
    listed = any(not one.label for one in agents)
    named = any(not isinstance(one.value, Mapping) or "role" not in one.value for one in agents)
    notes: dict[tuple[str, int, str], list[str]] = {}
    for one in found:
        if one.key != "agents" or not one.label or not isinstance(one.value, Mapping):
            yield one
        elif listed or (named and "role" in one.value):
            notes.setdefault((one.path, one.line, one.label), []).append(str(one.value["name"]))
        else:
            yield one
    for (path, line, label), names in notes.items():
        yield Fact("notes", f"**{label}**: {', '.join(names)}", path, line)


def _put(tree: dict[str, Any], one: Fact) -> bool:
    """Put a value where it belongs; return false where another one is there."""
    head, _, last = one.key.rpartition(".")
    if one.key in ("commits", "prs", "releases", "tags") and one.value in tree.get(one.key, ()):
        return True
    if one.key in LISTS or head in ("carried", "files"):
        owner = tree.setdefault(head, {}) if head else tree
        owner.setdefault(last, []).append(one.value)
        return True
    if head == "metrics":
        metrics = tree.setdefault("metrics", {})
        metrics[free(last, metrics)] = one.value
        return True
    if one.key == "summary" and "summary" in tree:
        tree["summary"] = f"{tree['summary']}\n\n{one.value}"
        return True
    owner = tree.setdefault(head, {}) if head else tree
    if isinstance(one.value, Mapping):
        known = owner.setdefault(last, {})
        if any(known.get(key, value) != value for key, value in one.value.items()):
            return False
        known.update(one.value)
        return True
    return bool(owner.setdefault(last, one.value) == one.value)


def _settle_ids(tree: dict[str, Any]) -> None:
    """Give every decision an id of its own; one that another has, or that cannot be one, is made of the title."""
    taken: set[str] = set()
    tree["decisions"] = [{"title": one} if isinstance(one, str) else one for one in tree.pop("decisions", ())]
    if not tree["decisions"]:
        del tree["decisions"]
    for decision in tree.get("decisions", ()):
        wanted = decision.get("id") or slug(decision["title"])
        if id_fault(wanted):
            wanted = slug(f"decision {wanted}")
        decision["id"] = free(wanted, taken)
        taken.add(decision["id"].casefold())
    _refer(tree.get("decisions", ()))
    for key, entries in tree.items():
        if key != "decisions" and isinstance(entries, list):
            drop_doubles([one for one in entries if isinstance(one, dict) and "id" in one])


def _refer(decisions: Collection[dict[str, Any]]) -> None:
    """Add references to decisions that are here, by id or title; the words of the note stay in the details."""
    ids = {plain(name): one["id"] for one in decisions for name in (one["title"], one["id"])}
    by_id = {one["id"]: one for one in decisions}
    for one in decisions:
        for label, text in one.get("details", {}).items():
            relation = relation_of(label)
            named = [ids.get(plain(piece), "") for piece in pieces(text)] if relation else []
            if relation and named and all(named) and one["id"] not in named:
                for owner, other in ((by_id[name], one["id"]) if relation[1] else (one, name) for name in named):
                    known = owner.setdefault(relation[0], [])
                    known += [other] if other not in known else []


def _shorten(node: Any) -> None:
    """Write one path as a text rather than as a list of one, all the way down."""
    if isinstance(node, dict):
        if isinstance(paths := node.get("paths"), list) and len(paths) == 1:
            node["paths"] = paths[0]
        for value in node.values():
            _shorten(value)
    elif isinstance(node, list):
        for value in node:
            _shorten(value)


def _words(value: Data) -> str:
    if isinstance(value, str | bool):
        return str(value)
    return ", ".join(_words(one) for one in (value.values() if isinstance(value, Mapping) else value))


def _differs(one: Fact, tree: Mapping[str, Any]) -> Finding:
    kept = _words(tree.get(one.key.partition(".")[0], ""))
    message = f'{one.key} is "{kept[:60]}" already; "{_words(one.value)[:60]}" became a note'
    severity: Severity = "info" if one.key == "title" else "warning"  # files of a round are called what they are about
    return Finding(severity, "import-differs", message, Place(one.path, one.line, 1), "keep the one that is right")


_CLAUSE = re.compile(r"\s+(?:--?|[–—])\s+|\s*[,;]\s+")  # `Done - ready for tests`
CARRIED = {"deliverables": "carried.completed", "findings": "carried.findings", "deferred": "carried.deferred"}
_NUMBERED = re.compile(r"[\W_]*(?P<name>[A-Za-z]{2,10}[ _-]?#?\d{1,6})(?![\w.]*\w)")


@frozen
class NoteContext:
    """Where in a note a reader is.

    `heading` is the one above, `group` one that entries are listed under; `carried` is set below a heading about an earlier
    round, of which there is one, `earlier`; `status` and `to` are what a heading says of all entries below it.
    `numbered` are the lines of headings whose number says no more than their place.
    """

    document: Document
    phase: str
    round: str
    hints: Hints
    numbered: frozenset[int] = frozenset()
    carried: bool = False
    group: str = ""
    status: str = ""
    to: str = ""
    heading: str = ""
    earlier: str = ""

    def is_adopted(self, title: str) -> bool:
        """Tell whether a title begins with the number of a decision record that the book has: `ADR-003: Use a queue`."""
        match = _NUMBERED.match(title)
        return bool(match and self.hints.is_record(match["name"]))

    def fact(self, key: str, value: Data, line: int, label: str = "", said: str = "") -> Fact:
        """Return a statement of this document."""
        return Fact(CARRIED.get(key, key) if self.carried else key, value, self.document.path, line, label, said)

    def shas(self, text: str) -> list[str]:
        """Return the commits of a text that is nothing but commits that git has."""
        return self.hints.shas_of(text)

    def source(self, blocks: Sequence[Block]) -> str:
        """Return blocks that follow each other as they are written."""
        return self.document.text(blocks[0].line, blocks[-1].end) if blocks else ""

    def section(self, title: str, body: str, line: int) -> Fact:
        """Return a section; one that is nothing but a heading is a note."""
        if not body.strip():
            return Fact("notes", title, self.document.path, line)
        value = {"title": title, "body": body} if title else {"body": body}
        return Fact("sections", value, self.document.path, line)

    def with_status(self, entry: dict[str, Any], text: str) -> None:
        """Give an entry the status that a text states, and the text where it says more than the status."""
        found = (status_of(one, self.hints.words) for one in (text, _CLAUSE.split(text)[0], behind_rounds(text)))
        if status := next(filter(None, found), None):
            entry["status"] = status
        if not status or not (text.casefold() == status or is_sign(text)):
            entry["status-text"] = text

    def key_of(self, mention: RoundMention) -> str:
        """Return the key of a round that is spoken of, in the phase that is read."""
        return f"{self.phase}/{mention.id}"

    def is_own(self, mention: RoundMention) -> bool:
        """Tell whether a round or phase that is spoken of is the one that is read."""
        own = self.phase if mention.word in PHASES or not self.round else self.round
        own, said = (one.replace(".", "-").casefold() for one in (own, mention.id))
        return said == own or said.startswith(f"{own}-") or own.endswith(f"-{said}")


LEVEL = 7  # below that of every heading
_ANNOUNCED = frozenset({*HEADINGS} - {"summary", "about", "reviewed", "problem", "solution"})


def outlined(part: Part) -> Part:
    """Return a part with its bold lines as headings; what belongs to none of them stays its own."""
    own: list[Block] = []
    made: list[Part] = []
    at = 0
    while at < len(part.blocks):
        block = part.blocks[at]
        title, line = _heading(block)
        below = tuple(_below(part.blocks[at + 1 :])) if title else ()
        if not below:
            own.append(block)
        else:
            own += _rest(block)
            made.append(Part(title, LEVEL, line, below[-1].end, below))
        at += 1 + len(below)
    return replace(part, blocks=tuple(own), parts=(*made, *part.parts)) if made else part


def _heading(block: Block) -> tuple[str, int]:
    """Return the words that a block ends with to name what follows, and their line."""
    if isinstance(block, Paragraph):
        return "" if label_lines(block) else bold_of(block.text) or _announced(block), block.line
    if isinstance(block, Pairs):
        last = block.pairs[-1]
        if not last.value:
            return last.key, last.line
        if name_of(last.key).topic in ("created", "modified", "deleted") and "\n" not in last.value:
            return f"{last.key}: {last.value}", last.line  # `**Created**: 9 files`, and the list of them
    return "", 0


def _announced(block: Paragraph) -> str:
    """Return what a line such as `What we did:` announces, where that is the name of a list; else nothing."""
    words, colon, rest = block.text.partition(":")
    return words if colon and not rest and name_of(words).topic in _ANNOUNCED and not name_of(words).rest else ""


def _rest(block: Block) -> Iterator[Pairs]:
    if isinstance(block, Pairs) and len(block.pairs) > 1:
        yield Pairs(block.pairs[:-1], block.line, block.pairs[-1].line - 1)


def _below(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks that belong to a bold line: up to the first list, table or code, or one paragraph."""
    found: list[Block] = []
    for block in blocks:
        if _heading(block)[0] or isinstance(block, Pairs):
            break
        found.append(block)
        if isinstance(block, Bullets | Grid | Code):
            yield from found
            return
    yield from found[:1]


Kind = Literal["heading", "key", "value", "cell", "bullet", "paragraph", "code", "tick"]
_LABEL = re.compile(r"(?P<label>[^\W_][\w /&'-]{0,40}):\s+(?P<value>\S.*)", re.DOTALL)
_TARGET = re.compile(r"(?P<key>target|goal|budget|limit|threshold)\s*:?\s+(?P<value>\S.*)", re.IGNORECASE)
_SAYS = re.compile(r"[^\s\-–—_*|.\\>]")
IN_ORDER = re.compile(r"\A(\d{1,3})[.)]\s+(?=\S)")
_NUMBER_HEAD = re.compile(r"#|№|(?:no|nr|num)\.?", re.IGNORECASE)


@frozen
class Statement:
    """The smallest thing that a document says.

    `line` is where it begins. `names` are the positions, among the statements, of the names that it is below, the nearest
    first. A `counted` cell is in a column that does nothing but number the rows.
    """

    kind: Kind
    text: str
    line: int
    names: tuple[int, ...] = ()
    is_name: bool = False
    counted: bool = False


def statements(document: Document, numbered: frozenset[int] | None = None) -> tuple[Statement, ...]:
    """Return what a document says, in its order.

    `numbered` are the lines of headings whose number says no more than their place, as `numbered_in` gives them; it is given
    where the document is a part of another one.
    """
    walk = _Walk(numbered_in(document) if numbered is None else numbered)
    walk.front(document.front, (), 2)
    walk.blocks(document.blocks, ())
    for part in document.parts:
        walk.part(part, ())
    return tuple(walk.found)


def numbered_in(document: Document) -> frozenset[int]:
    """Return the lines of headings that are numbered 1, 2, 3 … below the same one, so that their order says the number."""
    found: set[int] = set()
    for parts in (document.parts, *(part.parts for part in document.walk())):
        own = [(int(match[1]), part.line) for part in parts if (match := IN_ORDER.match(part.title))]
        if [number for number, _ in own] == list(range(1, len(own) + 1)):
            found |= {line for _, line in own}
    return frozenset(found)


class _Walk:
    """Goes through a document; `names` are those above what is walked through."""

    def __init__(self, numbered: frozenset[int]) -> None:
        self.numbered = numbered
        self.found: list[Statement] = []

    def _say(self, kind: Kind, text: str, line: int, names: tuple[int, ...], *, counted: bool = False) -> None:
        if _SAYS.search(text):
            self.found.append(Statement(kind, text, line, names, counted=counted))

    def _name(
        self, kind: Kind, text: str, line: int, names: tuple[int, ...], *, counted: bool = False
    ) -> tuple[int, ...]:
        """Add a name, and return the names that apply below it."""
        if not _SAYS.search(text):
            return names
        self.found.append(Statement(kind, text, line, names, is_name=True, counted=counted))
        return (len(self.found) - 1, *names)

    def front(self, tree: Mapping[str, Any] | Sequence[Any] | str, names: tuple[int, ...], line: int) -> None:
        """Walk through the front matter."""
        if isinstance(tree, Mapping):
            places = getattr(tree, "keys_at", {})
            for key, value in tree.items():
                at = places[key].line if key in places else line
                self.front(value, self._name("key", key, at, names), at)
        elif isinstance(tree, str):
            place = getattr(tree, "place", None)
            self._say("value", str(tree), getattr(place, "line", line) or line, names)
        else:
            for value in tree:
                self.front(value, names, line)

    def part(self, part: Part, names: tuple[int, ...]) -> None:
        """Walk through a heading and the blocks and parts below it."""
        title = part.title
        if part.line in self.numbered:
            title = IN_ORDER.sub("", title) or title
        names = self._name("heading", title, part.line, names)
        self.blocks(part.blocks, names)
        for inner in part.parts:
            self.part(inner, names)

    def blocks(self, blocks: Sequence[Block], names: tuple[int, ...]) -> None:
        """Walk through blocks; a line that is a key alone is a name of those that follow it, up to the next key."""
        below = names
        for block in blocks:
            match block:
                case Paragraph() if (bold := bold_of(block.text) or _announced(block)) and not label_lines(block):
                    below = self._name("key", bold, block.line, names)
                case Pairs() | Paragraph() if pairs := label_lines(block):
                    for pair in pairs:
                        below = self._pair(pair.key, pair.value, pair.line, names)
                case Bullets():
                    for item in block.items:
                        self._bullet(item, below)
                case Grid():
                    self._grid(block, below)
                case Quote():
                    self.blocks(block.blocks, below)
                case Paragraph() | Code() | Verbatim():
                    self._say("code" if isinstance(block, Code) else "paragraph", block.text, block.line, below)

    def _bullet(self, item: Bullet, names: tuple[int, ...]) -> None:
        if item.checked:
            self._say("tick", "[x]", item.line, names)
        if pair := pair_of(item.text) or _label_of(item.text):
            names = self._pair(*pair, item.line, names)
        else:
            self._say("bullet", item.text, item.line, names)
        self.blocks(item.blocks, names)

    def _pair(self, key: str, value: str, line: int, names: tuple[int, ...]) -> tuple[int, ...]:
        """Walk through a key and its value; a target in brackets behind a number is a key with a value of its own."""
        below = self._name("key", key, line, names)
        base, remark = remark_of(value)
        if target := _TARGET.fullmatch(remark):
            self._say("value", base, line, below)
            self._say("value", target["value"], line, self._name("key", target["key"], line, below))
        else:
            self._say("value", value, line, below)
        return below

    def _grid(self, grid: Grid, names: tuple[int, ...]) -> None:
        if pairs := table_pairs(grid):
            for pair in pairs:
                self._pair(pair.key, pair.value, pair.line, names)
            return
        counting = _counting(grid)
        heads = [
            self._name("cell", head, grid.line, names, counted=column in counting)
            for column, head in enumerate(grid.columns)
        ]
        for row in grid.rows:
            for column, cell in enumerate(row.cells):
                below = heads[column] if column < len(heads) else names
                self._say("cell", cell, row.line, below, counted=column in counting)


def _label_of(text: str) -> tuple[str, str] | None:
    """Return label and value of a text such as `Status: done` or `Binary size: 4.6 MB`, or `None`.

    The label is a word that the model has a key for, or the value begins with a number.
    """
    match = _LABEL.fullmatch(text)
    if not match or not (match["value"][:1].isdigit() or meanings(match["label"])):
        return None
    return match["label"], match["value"]


def table_pairs(grid: Grid) -> list[Pair]:
    """Return the pairs of a table that is nothing but keys and their values: `| Field | Value |`."""
    if len(grid.columns) != 2 or not {plain(head) for head in grid.columns} <= PAIR_HEADS | {""}:
        return []
    if not all(len(row.cells) == 2 and all(row.cells) for row in grid.rows):
        return []
    return [Pair(row.cells[0].strip("*_:"), row.cells[1], row.line) for row in grid.rows]


def label_lines(block: Pairs | Paragraph) -> list[Pair]:
    """Return the pairs of a block, also of a paragraph whose lines all begin with a key of the model: `Date: 2026-03-11`."""
    if isinstance(block, Pairs):
        return list(block.pairs)
    lines = (line.strip().rstrip("\\ ") for line in block.text.split("\n"))
    found = [_LABEL.fullmatch(bold_of(line) or line) for line in lines]
    pairs = [Pair(one["label"].strip(), one["value"], n) for n, one in enumerate(found, block.line) if one]
    known = len(pairs) == len(found) and all(plain(one.key) in key_names() for one in pairs)
    named = len(pairs) == len(found) > 1 and all(meanings(one.key) for one in pairs)
    return pairs if known or named else []


def _counting(grid: Grid) -> frozenset[int]:
    """Return the columns that do nothing but number the rows."""
    numbers = [str(n) for n in range(1, len(grid.rows) + 1)]
    heads = (i for i, head in enumerate(grid.columns) if _NUMBER_HEAD.fullmatch(head))
    return frozenset(i for i in heads if [row.cells[i] if i < len(row.cells) else "" for row in grid.rows] == numbers)
