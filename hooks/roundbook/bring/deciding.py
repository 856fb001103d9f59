"""In: a heading with a decision below it. Out: an entry of `decisions:`: what was decided, why, and every label that it has.

Known labels are fields, whether they are bold words, bullets or headings of their own; any other is one of the `details`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roundbook.bring.dates import date_of
from roundbook.bring.gathering import REFERENCES, Told
from roundbook.bring.paths import only_paths
from roundbook.bring.standing import with_status
from roundbook.bring.vocabulary import label_names, name_of, plain, without_numbering
from roundbook.bring.where import Where, one_line
from roundbook.markdown import Block, Bullet, Bullets, Pairs, Paragraph, Part, lead_of, pair_of
from roundbook.schema.base import is_many, kebab
from roundbook.schema.decision import Decision
from roundbook.schema.ids import id_fault, slug

_LISTS = frozenset(kebab(name) for name, field in Decision.model_fields.items() if is_many(field))
# `D-1: T`, `ADR-003 — T`, `A4: T`, `Decision 12: T`, `Decision: T`, `[D2] T`
_CODE = re.compile(r"\[?(?P<code>[A-Z]{1,5}-?\d{1,4}[a-z]?)\]?\s*(?:[:.]|--?|–|—)?\s+(?P<title>\S.*)")
_COUNTED = re.compile(
    r"(?:key\s+)?(?:decision|adr)\s+#?(?P<code>\d{1,4}[a-z]?)\s*(?:[:.]|--?|–|—)\s+(?P<title>\S.*)", re.IGNORECASE
)
_BECAUSE = re.compile(r"\b(?:because|since|as|reasons?|rationale|why|due to|motivation)\s*:$", re.IGNORECASE)
_LATER = re.compile(
    r"(?:We\s+)?(?:will|to be|shall)\s+(?:re)?\w+\b.*?\b(?:when|once|as soon as|after)\s+(?P<until>\S.*?)\.?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?P<label>[A-Z][\w/&' -]{1,40}?):(?:\s+(?P<value>\S.*))?", re.DOTALL)


def title_of(title: str) -> tuple[str, str] | None:
    """Return id and title that the heading of one decision states, or `None` where it is no such heading."""
    bare = without_numbering(title)
    name = name_of(title)
    if name.topic == "decision" and name.rest:
        return "", name.rest
    if match := _COUNTED.fullmatch(bare):
        return f"decision-{match['code'].lower()}", bare
    if match := _CODE.fullmatch(bare):
        return match["code"].lower(), bare
    return None


def is_decision(part: Part) -> bool:
    """Tell whether what stands below a heading such as `A4: Drop the cache` is said as a decision is."""
    fields = {name for label in _labels(part) if (name := label_names().get(plain(label), ""))}
    return bool(fields & {"decision", "rationale", "options", "consequences"})


def is_plain_decision(part: Part) -> bool:
    """Tell whether a label below a heading says `Decision`, and another one why or what follows."""
    labels = {plain(label) for label in _labels(part)}
    fields = {label_names().get(label, "") for label in labels}
    return bool(labels & {"decision", "decided", "we decided"}) and bool(
        fields & {"rationale", "options", "consequences", "context", "tradeoff"}
    )


def _labels(part: Part) -> Iterator[str]:
    yield from (inner.title for inner in part.parts)
    for block in part.blocks:
        if isinstance(block, Pairs):
            yield from (pair.key for pair in block.pairs)
        elif isinstance(block, Bullets):
            yield from (label for item in block.items if (label := _label_of(item)[0]))


def told(part: Part, where: Where) -> Told:
    """Return the decision that stands below a heading."""
    code, title = title_of(part.title) or ("", without_numbering(part.title) or part.title)
    return where.told("decisions", entry(code, title, part, where), part.line)


def entry(code: str, title: str, part: Part, where: Where) -> dict[str, Any]:
    """Return the entry of a decision with a title, and the blocks and headings of a part."""
    made = _Making(where)
    made.entry["id"] = code if code and not id_fault(code) else slug(title)
    made.entry["title"] = one_line(title)
    made.blocks(part.blocks)
    for inner in part.parts:
        made.heading(inner)
    if where.group:
        made.detail("Group", where.group)
    return made.entry


class _Making:
    """Fills an entry; `open` is the field that goes on, since what follows a label belongs to it."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.entry: dict[str, Any] = {}
        self.open = ""
        self.detail_open = ""

    def blocks(self, blocks: Sequence[Block]) -> None:
        labelled = {label_names().get(plain(label), "") for label in _labels(_AS_PART(tuple(blocks)))}
        lead = "context" if "decision" in labelled else "decision"
        for block in blocks:
            match block:
                case Pairs():
                    for pair in block.pairs:
                        self.label(pair.key, pair.value)
                case Bullets():
                    self._bullets(block, lead)
                case Paragraph() if self._label_line(block.text):
                    pass
                case Paragraph() if not self.open:
                    self._lead(block.text, lead)
                case _:
                    self._more(self.where.source([block]), lead)

    def _label_line(self, text: str) -> bool:
        """Take a line such as `Rationale:`, which opens what follows."""
        match = _LABEL.fullmatch(text)
        if not match or match["value"] or plain(match["label"]) not in label_names():
            return False
        self.label(match["label"], "")
        return True

    def _lead(self, text: str, lead: str) -> None:
        self._add(lead, text)
        if _BECAUSE.search(text):
            self.open = "rationale"

    def _bullets(self, block: Bullets, lead: str) -> None:
        parted = [_label_of(item) for item in block.items]
        if any(label for label, _ in parted) and not self._open_list():
            for item, (label, value) in zip(block.items, parted, strict=True):
                if label:
                    self.label(label, value)
                    self._inside(item)
                elif self.detail_open or (self.open and not self.entry.get(self.open)):
                    self._more(self._item(item), lead)
                else:
                    self._add(lead, self._item(item))
        elif self.open in _LISTS:
            for item in block.items:
                self._reason(self._item(item))
        else:
            self._more(self.where.source([block]), lead)

    def _open_list(self) -> bool:
        """Tell whether a list belongs to a label that has no value yet, so that bold words in it are no labels."""
        return self.open in _LISTS and (self.open == "options" or not self.entry.get(self.open))

    def _reason(self, text: str) -> None:
        """Take an entry of a list; a last reason that is a plan for later is the follow-up, with its condition."""
        match = _LATER.fullmatch(text) if self.open == "rationale" else None
        if match and "follow-up" not in self.entry:
            self.entry.setdefault("until", match["until"])
            self.entry["follow-up"] = text
        else:
            self._add(self.open, text)

    def _inside(self, item: Bullet) -> None:
        if not item.blocks:
            return
        first = item.blocks[0]
        if len(item.blocks) == 1 and isinstance(first, Bullets) and self.open in _LISTS:
            for inner in first.items:
                self._add(self.open, self._item(inner))
        else:
            self._more(self.where.source(item.blocks), "decision")

    def _item(self, item: Bullet) -> str:
        return f"{item.text}\n\n{self.where.source(item.blocks)}".strip() if item.blocks else item.text

    def heading(self, part: Part) -> None:
        """Take a sub-heading as a label with what stands below it."""
        label = without_numbering(part.title)
        name = label_names().get(plain(label), "")
        body = self.where.body(part)
        only = part.blocks[0] if len(part.blocks) == 1 and not part.parts else None
        self.label(label, "")
        if not name:
            self.detail(part.title, body)
        elif name in _LISTS and isinstance(only, Bullets):
            for item in only.items:
                self._add(name, self._item(item))
        else:
            self.label(label, body)

    def label(self, label: str, value: str) -> None:
        """Take a label and its value, which may follow."""
        name = label_names().get(plain(label), "")
        self.open, self.detail_open = name, ""
        if not name or not self._known(name, value):
            self.open, self.detail_open = "", label
            if value:
                self.detail(label, value)

    def _known(self, name: str, value: str) -> bool:
        reader = _READERS.get(name)
        if name in REFERENCES:
            return False  # which decision it is shows when all are known
        if not value:
            return not reader and name != "commits"
        if name == "commits":
            found = self.where.shas(value)
            self.entry |= {"commits": found} if found else {}
            return bool(found)
        if reader:
            return bool(reader(self.entry, value))
        if name in _LISTS or name not in self.entry:
            self._add(name, value)
            return True
        return False

    def _add(self, name: str, text: str) -> None:
        if name in _LISTS:
            self.entry.setdefault(name, []).append(text)
        else:
            self.entry[name] = f"{self.entry[name]}\n\n{text}" if name in self.entry else text

    def _more(self, text: str, lead: str) -> None:
        if self.detail_open:
            self.detail(self.detail_open, text)
        else:
            self._add(self.open or lead, text)

    def detail(self, label: str, text: str) -> None:
        """Keep what has no field of its own, under its label."""
        details = self.entry.setdefault("details", {})
        label = one_line(label)
        details[label] = f"{details[label]}\n\n{text}" if details.get(label) else text


def _AS_PART(blocks: tuple[Block, ...]) -> Part:  # noqa: N802
    return Part("", 1, 1, 1, blocks)


def _label_of(item: Bullet) -> tuple[str, str]:
    """Return label and value of a bullet `**Rationale**: text`, `Rationale: text` or `**Rationale**:`."""
    if pair := pair_of(item.text) or lead_of(item.text):
        return pair
    match = _LABEL.fullmatch(item.text)
    if match and plain(match["label"]) in label_names():
        return match["label"], match["value"] or ""
    return "", ""


def _date(entry: dict[str, Any], value: str) -> bool:
    if day := date_of(value):
        entry["date"] = day
    return bool(day)


def _affects(entry: dict[str, Any], value: str) -> bool:
    if found := only_paths(value):
        entry["affects"] = found
    return bool(found)


def _id(entry: dict[str, Any], value: str) -> bool:
    bare = value.strip("`* ")
    if id_fault(bare.lower()) or bare != bare.lower():
        if not id_fault(bare.lower()):
            entry["id"] = bare.lower()
        return False
    entry["id"] = bare
    return True


def _title(entry: dict[str, Any], value: str) -> bool:
    return bool(one_line(value) == entry["title"])


_READERS: Mapping[str, Any] = {
    "status": with_status, "date": _date, "affects": _affects, "id": _id, "title": _title,
}  # fmt: skip
