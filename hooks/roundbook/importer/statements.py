"""What a note states, collected with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roundbook.adr.fields import pieces, relation_of
from roundbook.book.ids import free
from roundbook.errors import Finding, Place, Severity
from roundbook.importer.identify import PHASES, KnownCommits, any_id, no_record, shas_of
from roundbook.importer.vocabulary import Backlink
from roundbook.markdown import Block, Bullets, Code, Document, Grid, Pairs, Paragraph, Part, bold_of, plain
from roundbook.schema.base import is_many, kebab
from roundbook.schema.ids import id_fault, slug
from roundbook.schema.round import Round
from roundbook.schema.statuses import Status, status_of
from roundbook.yamlfile.writer import Data

LISTS = frozenset(kebab(name) for name, field in Round.model_fields.items() if is_many(field))
_ORDER = {kebab(name): i for i, name in enumerate(("round", "phase", *Round.model_fields))}


@dataclass(frozen=True, slots=True)
class Told:
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


def gather(told: Iterable[Told]) -> tuple[dict[str, Data], tuple[Finding, ...]]:
    """Return the tree of all that was told, its keys in the order of the model, and the findings."""
    tree: dict[str, Any] = {}
    findings: list[Finding] = []
    for one in _people(told):
        if not _put(tree, one):
            tree.setdefault("notes", []).append(
                f"**{one.label or one.key.capitalize()}**: {one.said or _words(one.value)}"
            )
            findings.append(_differs(one, tree))
    _settle_ids(tree)
    _shorten(tree)
    return dict(sorted(tree.items(), key=lambda pair: _ORDER.get(pair[0], len(_ORDER)))), tuple(findings)


def _people(told: Iterable[Told]) -> Iterator[Told]:
    """Yield what was told; names that a key lists are agents only where no list or table has them, else a note."""
    found = list(told)
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
        yield Told("notes", f"**{label}**: {', '.join(names)}", path, line)


def _put(tree: dict[str, Any], one: Told) -> bool:
    """Put a value where it belongs; false where another one is there."""
    head, _, last = one.key.rpartition(".")
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
            _drop_doubles([one for one in entries if isinstance(one, dict) and "id" in one])


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


def _drop_doubles(entries: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for one in entries:
        if one["id"] in seen:
            note = f"{one['id']}; {one['note']}" if one.get("note") else one["id"]
            one["note"] = note
            del one["id"]
        else:
            seen.add(one["id"])


def _words(value: Data) -> str:
    if isinstance(value, str | bool):
        return str(value)
    return ", ".join(_words(one) for one in (value.values() if isinstance(value, Mapping) else value))


def _differs(one: Told, tree: Mapping[str, Any]) -> Finding:
    kept = _words(tree.get(one.key.partition(".")[0], ""))
    message = f'{one.key} is "{kept[:60]}" already; "{_words(one.value)[:60]}" became a note'
    severity: Severity = (
        "info" if one.key == "title" else "warning"
    )  # files of one round are called what they are about
    return Finding(severity, "import-differs", message, Place(one.path, one.line, 1), "keep the one that is right")


CARRIED = {"deliverables": "carried.completed", "findings": "carried.findings", "deferred": "carried.deferred"}


# `ADR-003: Title`, `[ADR-3](adr/3.md) Title`, `**ADR 3** -- Title`
_NUMBERED = re.compile(r"[\W_]*(?P<name>[A-Za-z]{2,10}[ _-]?#?\d{1,6})(?![\w.]*\w)")


@dataclass(frozen=True)
class Where:
    """The place of a reader.

    `heading` is the one above, `group` one that entries are listed under; `carried` is set below a heading about an earlier
    round, of which there is one, `earlier`; `status` and `to` are what a heading says of all entries below it.
    `numbered` are the lines of headings whose number says no more than their place.
    """

    document: Document
    phase: str
    round: str
    words: Mapping[str, Status] = field(default_factory=dict)
    is_commit: KnownCommits = any_id
    carried: bool = False
    group: str = ""
    status: str = ""
    to: str = ""
    heading: str = ""
    earlier: str = ""
    numbered: frozenset[int] = frozenset()
    is_record: Callable[[str], bool] = no_record

    def is_adopted(self, title: str) -> bool:
        """Tell whether a title begins with the number of a decision record that the book has: `ADR-003: Use a queue`."""
        match = _NUMBERED.match(title)
        return bool(match and self.is_record(match["name"]))

    def told(self, key: str, value: Data, line: int, label: str = "", said: str = "") -> Told:
        """Return a statement of this document."""
        return Told(CARRIED.get(key, key) if self.carried else key, value, self.document.path, line, label, said)

    def shas(self, text: str) -> list[str]:
        """Return the commits of a text that is nothing but commits that git has."""
        return shas_of(text, self.is_commit)

    def source(self, blocks: Sequence[Block]) -> str:
        """Return blocks that follow each other as they are written."""
        return self.lines(blocks[0].line, blocks[-1].end) if blocks else ""

    def lines(self, line: int, end: int) -> str:
        """Return lines as they are written, moved to the margin, without a rule across the page at their end."""
        return self.document.text(line, end)

    def section(self, title: str, body: str, line: int) -> Told:
        """Return a section; one that is nothing but a heading is a note."""
        if not body.strip():
            return Told("notes", title, self.document.path, line)
        value = {"title": title, "body": body} if title else {"body": body}
        return Told("sections", value, self.document.path, line)

    def body(self, part: Part) -> str:
        """Return what stands below a heading as it is written."""
        return self.document.below(part)

    def with_status(self, entry: dict[str, Any], text: str) -> None:
        """Give an entry the status that a text states, and the text where it says more than the status."""
        if status := status_of(text, self.words):
            entry["status"] = status
        if not status or text.casefold() != status:
            entry["status-text"] = text

    def key_of(self, backlink: Backlink) -> str:
        """Return the key of a round that is spoken of, in the phase that is read."""
        return f"{self.phase}/{backlink.id}"

    def is_own(self, backlink: Backlink) -> bool:
        """Tell whether a round or phase that is spoken of is the one that is read."""
        own = self.phase if backlink.word in PHASES or not self.round else self.round
        return backlink.id.casefold() == own.casefold()


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def joined(texts: Iterable[str], by: str = "; ") -> str:
    """Return texts in one, without those that are empty."""
    return by.join(text for text in texts if text)


LEVEL = 7  # below that of every heading


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
        return bold_of(block.text), block.line
    if isinstance(block, Pairs) and not block.pairs[-1].value:
        return block.pairs[-1].key, block.pairs[-1].line
    return "", 0


def _rest(block: Block) -> Iterator[Pairs]:
    if isinstance(block, Pairs) and len(block.pairs) > 1:
        yield Pairs(block.pairs[:-1], block.line, block.pairs[-1].line - 1)


def _below(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield what a bold line stands over: up to the first list, table or code, or one paragraph."""
    found: list[Block] = []
    for block in blocks:
        if _heading(block)[0] or isinstance(block, Pairs):
            break
        found.append(block)
        if isinstance(block, Bullets | Grid | Code):
            yield from found
            return
    yield from found[:1]
