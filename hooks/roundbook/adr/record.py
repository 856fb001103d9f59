"""One decision record, from its header or front matter, or one of many in a log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from roundbook.adr.fields import (
    COMMENT,
    ENTRIES,
    FRONT_MATTER_KEYS,
    NAME_LISTS,
    RECORD_HEADINGS,
    RELATED_LABELS,
    RELATIONS,
    key_of,
    leading_date,
    normalized,
    split_list,
    status_label,
    texts_of,
)
from roundbook.adr.labels import (
    LABEL,
    Label,
    Reference,
    all_references,
    is_markdown_link,
    label_references,
    labels,
    parse_status,
    section_references,
    status_text,
    with_values,
)
from roundbook.errors import Finding, Place
from roundbook.markdown import Block, Bullet, Bullets, Document, Paragraph, Part, without_numbering
from roundbook.schema.base import is_many, kebab
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.statuses import decision_status_of, decision_word
from roundbook.yamlfile.reader import Items, Map, Node, Text

LONGEST = 200  # characters of a status; the text has all of it
LISTS = frozenset(kebab(name) for name, field in DecisionRecord.model_fields.items() if is_many(field))
_VALUES = NAME_LISTS | {"status", "date"}
_TEXTS = frozenset({"context", "decision", "tradeoff", "impact", "confidence", "evidence"})
_STATUS_MEND = "write draft, proposed, accepted, rejected, deprecated or superseded; until then it counts as proposed"
_SEVERAL_MEND = "write only the current one, or a date beside each"
_LEADING = re.compile(r"(?:adr)?[-_ ]?\d{1,8}[-_ .]+", re.IGNORECASE)
_BECAUSE = re.compile(r"\bbecause(?: of)?:?\s+(?P<why>\S.*)", re.IGNORECASE | re.DOTALL)
_LATER = re.compile(
    r"(?:We\s+)?(?:will|to be|shall)\s+(?:re)?\w+\b.*?\b(?:when|once|as soon as|after)\s+(?P<until>\S.*?)\.?",
    re.IGNORECASE,
)
_REASONS_FOLLOW = re.compile(r"\b(?:because|since|as|reasons?|rationale|why|due to|motivation)\s*:$", re.IGNORECASE)
# `K [Accepted]`: the words of a status, as they are, at the end of a title.
_IN_TITLE = re.compile(r"(?P<title>.*\S)\s*[\[(](?P<status>[^()\[\]]{3,30})[\])]", re.DOTALL)
# Headings under which a status belongs to something other than the decision.
_OF_OTHERS = re.compile(
    r"\b(?:task|implement|migrat|roll-?out|plan|progress|phase|option|alternative|test|step|example|issue|mileston|work)",
    re.IGNORECASE,
)

ValueReaders = Mapping[str, Callable[[Map, str], bool]]


class RecordReader:
    """Reads one record into `tree`, the keys and values of a decision; `line` and `end` are its first and last line.

    `details` are texts without a key of their own, by label; `consumed` the lines that `tree` holds completely; `originals`
    the text, by label, of values that were converted; `unknown_keys` front matter keys that are not part of a decision.
    `readers` are functions of an importer that store the values of certain keys in its own way.
    """

    def __init__(
        self, document: Document, line: int, end: int, title: str = "", readers: ValueReaders | None = None
    ) -> None:
        self.document, self.line, self.end, self.readers = document, line, end, readers or {}
        self.tree = Map(self.place(line))
        if title:
            self.tree["title"] = Text(title, self.tree.place)
        self.references: list[tuple[Reference, Place]] = []
        self.consumed: set[int] = set()
        self.unknown_keys: list[tuple[str, str]] = []
        self.details: dict[str, list[Text]] = {}
        self.originals: dict[str, str] = {}
        self.findings: list[Finding] = []
        self.status_date: Text | None = None
        self.number = self.body = ""
        self._open_key = self._open_detail = self._prose_label = ""

    @property
    def title(self) -> str:
        """Return the title as plain text."""
        return str(self.tree["title"])

    def rest(self) -> str:
        """Return the lines that are not consumed, with at most one blank line where some were left out."""
        kept: list[str] = []
        gap = False
        for number in range(self.line, self.end + 1):
            line = self.document.lines[number - 1]
            if number in self.consumed:
                gap = True
            elif line.strip() or not gap or (kept and kept[-1].strip()):
                kept.append(line)
                gap = gap and not line.strip()
        return "\n".join(kept).strip("\n")

    def place(self, line: int) -> Place:
        """Return the place of the start of a line."""
        return Place(self.document.path, line, 1)

    def add_detail(self, label: str, text: str, place: Place) -> None:
        """Add a text that has no key of its own to the details; a repeated label is appended to."""
        if text.strip():
            self.details.setdefault(label, []).append(Text(text, place))

    def to_tree(self) -> Map:
        """Return the tree with its details, without empty values."""
        wording: list[tuple[str, Node]] = [(key, value) for key, value in self.tree.items() if value]
        tree = Map(self.tree.place, wording)
        if self.details:
            details = ((key, Text("\n\n".join(texts), texts[0].place)) for key, texts in self.details.items())
            tree["details"] = Map(self.tree.place, details)
        return tree

    # -------------------------------------------------------------------------------------------------- values

    def put(self, key: str, label: str, value: str, place: Place) -> bool:
        """Store a value under a key; return whether it was stored completely."""
        if reader := self.readers.get(key):
            return reader(self.tree, value)
        if not value.strip():
            return key in _VALUES
        if key == "status":
            return self.status(label, value, place)
        if key == "date":
            return self._date(label, value, place)
        if key in NAME_LISTS:
            self._list(key, label, [value], place)
            return True
        if key in ENTRIES:
            self._add(key, [value], place)
            return True
        if key in _TEXTS and key not in self.tree:
            self.tree[key] = Text(value.strip(), place)
            return True
        return False

    def _list(self, key: str, label: str, values: Sequence[str], place: Place) -> None:
        """Store the items that values list under a key."""
        parts = [part for value in values for part in split_list(value)]
        self._add(key, parts, place)
        if parts != values:
            self.originals[label] = ", ".join(values)

    def _add(self, key: str, texts: Iterable[str], place: Place) -> None:
        there = self.tree.setdefault(key, Items(place))
        if isinstance(there, Items):
            there.extend(Text(text, place) for text in texts if text.strip())

    def status(self, label: str, text: str, place: Place, written: str = "") -> bool:
        """Read the status from a text, of which `written` is the original; return whether it was stored completely."""
        text = COMMENT.sub("", text)
        found = parse_status(text)
        self.references += [(named, place) for named in found.references]
        if "status" in self.tree or not (found.line or found.references):
            return not text.strip()
        if found.status is None and found.line:
            message = f'unknown decision status "{found.line[:80]}"'
            self.findings.append(Finding("warning", "decision-status-unknown", message, place, _STATUS_MEND))
        if found.conflicting:
            message = f'the record states several statuses; the last of them counts, "{found.line[:80]}"'
            self.findings.append(Finding("info", "decision-status-several", message, place, _SEVERAL_MEND))
        if found.date:
            self.status_date = Text(found.date, place)
        self.tree["status"] = Text(found.status or ("proposed" if found.line else ""), place, plain=True)
        self.tree["status-text"] = Text((found.wording or found.line)[:LONGEST], place, plain=True)
        if (written or text).strip() != found.wording:
            self.originals[label] = (written or text).strip()
        return found.complete and len(found.wording) <= LONGEST

    def _date(self, label: str, text: str, place: Place) -> bool:
        bare = COMMENT.sub("", text).strip()
        found = leading_date(bare)
        if not found:
            fix = "write a date as YYYY-MM-DD"
            self.findings.append(Finding("warning", "date-not-readable", f'"{text[:80]}" is not a date', place, fix))
            return False
        if "date" in self.tree:
            return False
        self.tree["date"] = Text(found, place)
        if found != text.strip():
            self.originals[label] = text.strip()
        return len(bare) <= len(found) or not bare.startswith(found)

    # -------------------------------------------------------------------------------------------- front matter

    def read_front_matter(self) -> None:
        """Read the front matter, in which any key of a decision may be used."""
        places = getattr(self.document.front, "keys_at", {})
        for label, value in self.document.front.items():
            place, words = places.get(label, self.place(1)), texts_of(value)
            key, own, whole = key_of(label), normalized(label).replace(" ", "-"), ", ".join(words)
            if not words:
                self.originals["Left empty"] = ", ".join(filter(None, (self.originals.get("Left empty"), label)))
            elif own in RELATIONS:
                self.references += [(Reference(own, False, *one), place) for text in words for one in _from_words(text)]
            elif key in NAME_LISTS:
                self._list(key, label, words if isinstance(value, Items) else [whole], place)
            elif key in _VALUES:
                if not self.put(key, label, "\n".join(words), place) and label not in self.originals:
                    self.add_detail(label, whole, place)
            elif related := list(_related(key, label, words)):
                self.references += [(one, place) for one in related]
                self.add_detail(label, whole, place)
            elif own in FRONT_MATTER_KEYS:
                self.tree[own] = value
            elif label != "title":
                self.unknown_keys.append((label, whole))
                self.add_detail(label, whole, place)

    # ------------------------------------------------------------------------------------------------- blocks

    def read_header(self, blocks: Iterable[Block], rest: str = "Introduction") -> None:
        """Read the labels between the title and the first section; prose becomes a detail labelled `rest`."""
        self._prose_label = rest
        self.read_entry(blocks)
        self._prose_label = ""

    def _put_label(self, label: Label) -> bool:
        """Store the value of a label under its key, else in the details; return whether there was a key for it."""
        key, place = key_of(label.key), self.place(label.line)
        if key in _VALUES and key not in self.readers:
            if self.put(key, label.key, label.value, place):
                self.consumed.update(range(label.line, label.end + 1))
            elif label.key not in self.originals:
                self.add_detail(label.key, label.value, place)
            return True
        related = [] if key in self.readers else [*label_references(label.key, label.value)]
        self.references += [(named, place) for named in related]
        if not related and self.put(key, label.key, label.value, place):
            return True
        self.add_detail(label.key, label.value, place)
        return False

    def read_entry(self, blocks: Iterable[Block], lead: str = "") -> None:
        """Read the blocks of an entry: prose that follows a label belongs to it, other prose to the key `lead`."""
        found = tuple(with_values(blocks))
        if not lead:
            names = {key_of(label.key) for block in found for label in labels(block)}
            lead = "context" if "decision" in names or "decision" in self.tree else "decision"
        for block in found:
            at = block.line
            # Bold words in a list that belongs to a label are no labels: they are the names of options.
            waits = self._open_key in ENTRIES and (self._open_key == "options" or not self.tree.get(self._open_key))
            for label in () if waits and isinstance(block, Bullets) else labels(block, head=bool(self._prose_label)):
                self._put_prose(block, at, label.line - 1, lead, apart=True)
                self._open_label(label)
                if isinstance(block, Paragraph) and key_of(label.key) in _VALUES:
                    self.originals[label.key] = self.document.lines[label.line - 1].strip()
                if label.blocks:
                    self.read_entry(label.blocks, lead)
                at = max(at, label.end + 1)
            self._put_prose(block, at, block.end, lead, apart=at > block.line)

    def _open_label(self, label: Label) -> None:
        """Store a label and make it the one that following prose belongs to."""
        key = key_of(label.key)
        holds = key in ENTRIES | _TEXTS and not self._prose_label
        taken = (holds and not label.value) or self._put_label(label)
        self._open_key = key if holds and taken else ""
        self._open_detail = "" if taken else label.key

    def _put_prose(self, block: Block, line: int, end: int, lead: str, *, apart: bool) -> None:
        """Store the lines of a block that are not labels; `apart` if they are in a list that has labels."""
        if line > end:
            return
        place = self.place(line)
        if self._prose_label:
            self.add_detail(self._prose_label, self.document.text(line, end).strip(), self.tree.place)
        elif isinstance(block, Bullets) and (apart or self._open_key in LISTS):
            for item in (one for one in block.items if line <= one.line <= end):
                text = item_text(item, self.document)
                later = _LATER.fullmatch(text) if not apart and self._open_key == "rationale" else None
                if later and "follow-up" not in self.tree:  # a reason that is a plan for later, with its condition
                    self.tree.setdefault("until", Text(later["until"], place))
                    self._append(text, "follow-up", place)
                else:
                    sibling = apart and not self._open_detail and self.tree.get(self._open_key)
                    self._append(text, lead if sibling else self._open_detail or self._open_key or lead, place)
        elif isinstance(block, Paragraph) and not self._open_key:
            text = self.document.text(line, end)
            self._append(text, lead, place)
            if _REASONS_FOLLOW.search(text):
                self._open_key, self._open_detail = "rationale", ""
        else:
            self._append(self.document.text(line, end), self._open_detail or self._open_key or lead, place)

    def _append(self, text: str, key: str, place: Place) -> None:
        """Append prose to a key, or to the detail that is open."""
        if key == self._open_detail:
            self.details.setdefault(key, []).append(Text(text, place))
        elif key in LISTS:
            self._add(key, [text.strip()], place)
        else:
            there = self.tree.get(key)
            self.tree[key] = Text(f"{there}\n\n{text.strip()}" if there else text.strip(), place)

    # ----------------------------------------------------------------------------------------------- sections

    def read_section(self, part: Part) -> None:
        """Read a section with its subsections."""
        place = self.place(part.line)
        text = self.document.below(part)
        key = key_of(without_numbering(part.title))
        if (found := status_label(part.title))[1] and "status" not in self.tree and decision_status_of(found[1]):
            self.status(found[0], found[1], place)
            self.add_detail(part.title, text, place)
        elif key in _VALUES and key not in self.readers:
            if self._put_header_section(part, key) and not part.parts:
                self.consumed.update(range(part.line, part.end + 1))
            else:
                self.originals.pop(part.title, None)
                self.add_detail(part.title, text, place)
        elif key == "decision" and part.parts and normalized(part.title) in RECORD_HEADINGS:
            own = range(self.document.heading_lines(part).stop, part.parts[0].line)
            self._put_section(key, part.title, self.document.text(own.start, own.stop - 1), place)
            for inner in part.parts:
                self.read_section(inner)
        else:
            if normalized(part.title) in RELATED_LABELS:
                self.references += section_references(part, self.document)
            self._put_section(key, part.title, text, place, part)

    def _put_header_section(self, part: Part, key: str) -> bool:
        """Read a section that holds a header value; return whether it was stored completely."""
        text = COMMENT.sub("", self.document.below(part))
        lines = [line.strip(" -*+\t") for line in text.split("\n") if line.strip()]
        place = self.place(next((block.line for block in part.blocks), part.line))
        if key == "status":
            return self.status(part.title, status_text(part), place, "\n".join(lines))
        if key == "date":
            return self.put(key, part.title, next(iter(lines), ""), place)
        self._list(key, part.title, lines, place)
        return True

    def _put_section(self, key: str, label: str, text: str, place: Place, part: Part | None = None) -> None:
        """Store a section under its key if that is free, else in the details."""
        bare, match = text.strip(), LABEL.fullmatch(label)
        if not bare and match and match["value"]:  # a heading `Confidence: high`
            self._put_label(Label(match["key"], match["value"], place.line, place.line))
        elif not bare:
            self.details |= {label: [Text("", place)]} if self.readers and not key else {}
        elif key in ENTRIES:
            alone = part.blocks[0] if part and len(part.blocks) == 1 and not part.parts else None
            if normalized(label) in ("positive consequences", "negative consequences"):
                self._add(key, [f"**{label}**\n\n{bare}"], place)
            elif isinstance(alone, Bullets):
                self._add(key, [item_text(item, self.document) for item in alone.items], place)
            else:
                self._add(key, [bare], place)
        elif not self.put(key, label, bare, place):
            self.add_detail(label, bare, place)

    def _extract_reason(self) -> None:
        """Extract the reason from a decision of one paragraph: `Chosen option: X, because of Y`."""
        decision = self.tree.get("decision")
        if not isinstance(decision, Text) or "\n\n" in decision or "rationale" in self.tree:
            return
        if why := _BECAUSE.search(decision):
            self._add("rationale", [why["why"].strip().rstrip(".")], decision.place)

    def find_status(self) -> None:
        """Search for a status in less usual places: the title, and labels, headings and tables further down."""
        match = _IN_TITLE.fullmatch(self.title)
        if match and decision_word(words := status_label(match["status"])[1] or match["status"]):
            if self.status("Status", words, self.tree.place):
                self.originals["Title"] = self.title
                self.tree["title"] = Text(match["title"].strip(" -–—:"), self.tree.place)
            return
        for part in self.document.walk():
            if _OF_OTHERS.search(part.title):
                continue
            stating = [
                (label.value, label.line)
                for block in with_values(part.blocks)
                for label in labels(block, head=True)
                if key_of(label.key) == "status"
            ]
            if part.level > 1 and key_of(part.title) == "status":
                stating.append((status_text(part), part.line))
            elif (one := status_label(part.title))[1]:
                stating.append((one[1], part.line))
            for text, line in stating:
                if parse_status(text).status:
                    self.status("Status", text, self.place(line))
                    return

    def finish(self, body: str | None = None) -> RecordReader:
        """Complete the record: its reason, its date, the exact places of its references, and its body."""
        self._extract_reason()
        self.references = [(one, _written_at(one, place, self.document)) for one, place in self.references]
        if self.status_date and "date" not in self.tree:
            self.tree["date"] = self.status_date
        self.body = self.rest() if body is None else body
        return self


def item_text(item: Bullet, document: Document) -> str:
    """Return a list item with its nested blocks, as written."""
    return f"{item.text}\n\n{document.text(item.blocks[0].line, item.blocks[-1].end)}" if item.blocks else item.text


def _related(key: str, label: str, words: Sequence[str]) -> Iterator[Reference]:
    """Yield what a front matter value refers to; under a relation as other tools call it, anything may stand."""
    for text in words:
        found = list(label_references(label, text))
        others = _from_words(text) if key in RELATIONS and not found else ()
        yield from (*found, *(Reference(key, False, *one, certain=False) for one in others))


def _from_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield the references in a front matter value: links, paths of files, or ids as written."""
    if "](" in text:
        yield from all_references(text)
        return
    for one in split_list(text):
        yield one, one if is_markdown_link(one) else ""


def _written_at(one: Reference, place: Place, document: Document) -> Place:
    """Return the exact place of a reference, which may be further down than the start of its section."""
    if place.path != document.path:  # in the metadata beside it
        return place
    for number, line in enumerate(document.lines[max(place.line - 1, 0) :], max(place.line, 1)):
        if column := max(line.find(name) for name in (one.link, one.text) if name) + 1:
            return Place(place.path, number, column)
    return place


# ---------------------------------------------------------------------------------------------------- one record


def read_record(document: Document) -> RecordReader:
    """Return the single record that a document is."""
    first = next(iter(document.parts), None)
    head = first if first and (first.level == 1 or normalized(first.title) not in RECORD_HEADINGS) else None
    written = str(document.front.get("title", ""))
    stem = PurePosixPath(document.path).stem
    bare = _LEADING.sub("", stem).replace("-", " ").replace("_", " ").strip()
    record = RecordReader(
        document,
        first.line if first else 1,
        len(document.lines),
        (head.title if head else "") or written or bare or stem,
    )
    record.read_front_matter()
    record.line = document.body_line
    if written and written not in record.title:
        record.unknown_keys.append(("title", written))
        record.add_detail("title", written, record.tree.place)
    inner = (*head.parts, *document.parts[1:]) if head else document.parts
    blocks = (*document.blocks, *(head.blocks if head else ()))
    (record.read_header if inner else record.read_entry)(blocks)
    for part in inner:
        record.read_section(part)
    record.consumed.update(document.heading_lines(head) if head else ())
    if "status" not in record.tree:
        record.find_status()
    return record.finish()
