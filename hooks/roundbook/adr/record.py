"""One decision record, from its header or front matter, or one of many in a log."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from roundbook.adr.fields import (
    COMMENT,
    HEADINGS,
    LISTED,
    RELATED,
    RELATED_LABELS,
    TELLING,
    Named,
    columns,
    day,
    folded,
    is_markdown,
    key_of,
    labelled,
    listed,
    references,
    relations,
    standing,
    stated,
    words_of,
)
from roundbook.errors import Finding, Place
from roundbook.markdown import (
    Block,
    Bullet,
    Bullets,
    Document,
    Grid,
    Pair,
    Pairs,
    Paragraph,
    Part,
    Quote,
    bold_of,
    lead_of,
    pair_of,
)
from roundbook.schema.statuses import decision_status_of, decision_word
from roundbook.yamlfile.reader import Items, Map, Node, Text

LONGEST = 200  # letters of a status; the whole of it stands in the text
_STATUS_MEND = "write draft, proposed, accepted, rejected, deprecated or superseded; until then it counts as proposed"


@dataclass(slots=True)
class Told:
    """What is read of one record; it is filled while the document is read, and read only afterwards.

    `used` are the lines that `tree` holds whole; `named` are the other records with their places; `raw` the values whose
    words are not those of the record any more, by label. `status_day` is the day beside the status, for want of another.
    """

    tree: Map
    named: list[tuple[Named, Place]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    extra: list[tuple[str, str]] = field(default_factory=list)
    kept: dict[str, list[Text]] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    status_day: Text | None = None

    def keep(self, label: str, text: str, place: Place) -> None:
        """Keep a text that has no key of its own under its label; one that comes again is added below it."""
        if text.strip():
            self.kept.setdefault(label, []).append(Text(text, place))

    def finished(self) -> Map:
        """Return the tree with what was kept, and without what is empty."""
        said: list[tuple[str, Node]] = [(key, value) for key, value in self.tree.items() if value]
        tree = Map(self.tree.place, said)
        if self.kept:
            details = ((key, Text("\n\n".join(texts), texts[0].place)) for key, texts in self.kept.items())
            tree["details"] = Map(self.tree.place, details)
        return tree


def header(told: Told, document: Document) -> None:
    """Read the front matter."""
    places = getattr(document.front, "keys_at", {})
    for key, value in document.front.items():
        place = places.get(key, Place(document.path, 1, 1))
        name = key_of(key)
        if not words_of(value):
            told.raw["Left empty"] = ", ".join(filter(None, (told.raw.get("Left empty"), key)))
        elif name == "status" or name in LISTED | {"date"} | RELATED:
            whole = ", ".join(words_of(value))
            take(told, name, key, words_of(value) if isinstance(value, Items) else [whole], place)
        elif related := [one for words in words_of(value) for one in labelled(key, words)]:
            told.named += [(one, place) for one in related]
            told.keep(key, ", ".join(words_of(value)), place)
        elif name:
            told.tree[name] = value
        elif key != "title":
            shown = ", ".join(words_of(value))
            told.extra.append((key, shown))
            told.keep(key, shown, place)


def take(told: Told, name: str, label: str, values: Sequence[str], place: Place) -> bool:
    """Put values of the header under a key; return whether nothing of them is lost by it."""
    values = [value for value in values if value.strip()]
    if not values:
        return True
    if name == "status":
        return status(told, label, "\n".join(values), place)
    if name == "date":
        return _date(told, label, values[0], place)
    if name in RELATED:
        told.named += [(Named(name, False, *found), place) for text in values for found in _named(text)]
        return True
    parts = [part for value in values for part in listed(value)]
    there = told.tree.setdefault(name, Items(place))
    if isinstance(there, Items):
        there.extend(Text(part, place) for part in parts)
    if parts != values:
        told.raw[label] = ", ".join(values)
    return True


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a value of the front matter names: links, the path of a file, or an id as it is written."""
    if "](" in text:
        yield from references(text)
        return
    for one in listed(text):
        yield one, one if is_markdown(one) else ""


def status(told: Told, label: str, text: str, place: Place) -> bool:
    """Read how the record stands; return whether nothing of the text is lost by it."""
    found = standing(text)
    told.named += [(named, place) for named in found.named]
    if not found.word and not text.strip():
        return True
    if "status" in told.tree or not (found.word or found.named):
        return False
    if found.status is None and found.word:
        message = f'unknown decision status "{found.word[:80]}"'
        told.findings.append(Finding("warning", "decision-status-unknown", message, place, _STATUS_MEND))
    if found.others:
        message = f'the record states several statuses; the last of them counts, "{found.word[:80]}"'
        told.findings.append(
            Finding(
                "info", "decision-status-several", message, place, "write the one that counts, or a day beside each"
            )
        )
    if found.day and "date" not in told.tree:
        told.status_day = Text(found.day, place)
    told.tree["status"] = Text(found.status or ("proposed" if found.word else ""), place, plain=True)
    told.tree["status-text"] = Text((found.said or found.word)[:LONGEST], place, plain=True)
    if text.strip() != found.said:
        told.raw[label] = text.strip()
    return found.whole and len(found.said) <= LONGEST


def _date(told: Told, label: str, text: str, place: Place) -> bool:
    found = day(COMMENT.sub("", text))
    if not found:
        fix = "write a day YYYY-MM-DD"
        told.findings.append(Finding("warning", "date-not-readable", f'"{text[:80]}" is no day', place, fix))
        told.keep(label, text, place)
        return False
    if "date" in told.tree:
        return False
    told.tree["date"] = Text(found, place)
    bare = COMMENT.sub("", text).strip()
    if found != text.strip():
        told.raw[label] = text.strip()
    return len(bare) <= len(found) or not bare.startswith(found)


_LABEL = re.compile(r"(?P<key>[A-Za-z][A-Za-z -]{1,40}):[ \t]*(?P<value>\S.*)?")
_LEADING = re.compile(r"(?:adr)?[-_ ]?\d{1,8}[-_ .]+", re.IGNORECASE)
_BECAUSE = re.compile(r"\bbecause(?: of)?:?\s+(?P<why>\S.*)", re.IGNORECASE | re.DOTALL)
# `K [Accepted]`: the words of a status, as they are, at the end of a title.
_IN_TITLE = re.compile(r"(?P<title>.*\S)\s*[\[(](?P<status>[^()\[\]]{3,30})[\])]", re.DOTALL)
# Headings below which a status is that of something else than the decision.
_OF_OTHERS = re.compile(
    r"\b(?:task|implement|migrat|roll-?out|plan|progress|phase|option|alternative|test|step|example|issue|mileston|work)",
    re.IGNORECASE,
)


# ------------------------------------------------------------------------------------------------ below the title


def preamble(told: Told, blocks: Iterable[Block], document: Document, field_of_rest: str = "") -> None:
    """Read what stands between the title and the first section: labels, and prose that is kept."""
    rest: list[str] = []
    for block in _joined(blocks):
        rest += _preamble(told, block, document)
    text = "\n\n".join(filter(None, rest))
    if text and field_of_rest and field_of_rest not in told.tree:
        told.tree[field_of_rest] = Text(text, told.tree.place)
    elif text:
        told.keep("Introduction", text, told.tree.place)


def _joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks, a label that stands alone as one with the paragraph below it, which is its value."""
    waiting: tuple[Block, str] | None = None
    for block in blocks:
        if waiting and isinstance(block, Paragraph | Bullets):
            text = block.text if isinstance(block, Paragraph) else "\n".join(item.text for item in block.items)
            yield Pairs((Pair(waiting[1], text, waiting[0].line),), waiting[0].line, block.end)
            waiting = None
            continue
        if waiting:
            yield waiting[0]
            waiting = None
        label = _alone(block)
        if label and key_of(label) == "status":
            waiting = block, label
        else:
            yield block
    if waiting:
        yield waiting[0]


def _alone(block: Block) -> str:
    """Return the label that a block is, with nothing behind it."""
    if isinstance(block, Pairs):
        return block.pairs[0].key if len(block.pairs) == 1 and not block.pairs[0].value else ""
    if isinstance(block, Paragraph) and "\n" not in block.text:
        return bold_of(block.text) or (block.text.strip(" *_:") if block.text.strip(" *_").endswith(":") else "")
    return ""


def _preamble(told: Told, block: Block, document: Document) -> Iterator[str]:
    """Take the labels of a block, and yield its prose."""
    pairs = list(labels(block))
    for label, value, line, end in pairs:
        place = Place(document.path, line, 1)
        name = key_of(label)
        if name == "status" or name in LISTED | {"date"}:
            if take(told, name, label, [value], place):
                told.used.update(range(line, end + 1))
            if isinstance(block, Paragraph):
                told.raw[label] = document.lines[line - 1].strip()
        elif related := [*labelled(label, value)]:
            told.named += [(named, place) for named in related]
            told.keep(label, value, place)
        else:
            key = HEADINGS.get(folded(label), "")
            _put(told, key, label, value, place)
    lines = {n for _, _, line, end in pairs for n in range(line, end + 1)}
    left = [document.lines[n - 1] for n in range(block.line, block.end + 1) if n not in lines]
    yield "\n".join(left).strip()


def labels(block: Block) -> Iterator[tuple[str, str, int, int]]:
    """Yield the lines `Label: value` of a block, with the first and the last line of each."""
    if isinstance(block, Pairs):
        for i, pair in enumerate(block.pairs):
            after = block.pairs[i + 1].line - 1 if i + 1 < len(block.pairs) else block.end
            yield pair.key, pair.value, pair.line, max(after, pair.line)
    elif isinstance(block, Bullets):
        for item in block.items:
            text = " ".join(item.text.split("\n"))
            match = _LABEL.fullmatch(text)
            found = pair_of(item.text) or ((match["key"], match["value"] or "") if match else stated(text))
            if found[0] and not item.blocks and _is_label(found[0]):
                yield found[0], found[1], item.line, item.end
    elif isinstance(block, Paragraph):
        yield from _in_lines(block)
    elif isinstance(block, Quote):
        yield from (one for inner in block.blocks for one in labels(inner))
    elif isinstance(block, Grid):
        yield from _cells(block)


def _in_lines(block: Paragraph) -> Iterator[tuple[str, str, int, int]]:
    for number, line in enumerate(block.text.split("\n"), block.line):
        match = _LABEL.fullmatch(line.strip().rstrip("\\").strip())
        if match and (key_of(match["key"]) or folded(match["key"]) == "technical story"):
            yield match["key"], match["value"] or "", number, number
        elif (found := _bold_status(line))[0]:
            yield *found, number, number


def _bold_status(line: str) -> tuple[str, str]:
    """Return label and value of a status whose label is marked: `**Status** Accepted`, `*Status*: x`, `**Status: x**`."""
    bare = line.strip().rstrip("\\").strip()
    match = re.fullmatch(r"(?P<mark>[*_]{1,3})(?P<key>[^*_]{3,40})(?P=mark)\s*:?\s*(?P<value>\S.*)", bare)
    if match and key_of(match["key"]) == "status":
        return match["key"].strip(" :"), match["value"]
    return stated(bare) if bare[:1] in "*_<" or re.match(r"!?\[", bare) else ("", "")


def _cells(grid: Grid) -> Iterator[tuple[str, str, int, int]]:
    """Yield the labels of a table: the cells of a column of statuses, else the rows of two columns."""
    if found := columns(grid.columns):
        rows = ((row, " ".join(row.cells[n] for n in found if n < len(row.cells)).strip()) for row in grid.rows)
        text = "\n".join(words for _, words in rows if words)
        if text and not (len(grid.columns) == 2 and decision_status_of(grid.columns[1])):
            yield "Status", text, grid.line, grid.end
            return
    pairs = [(grid.columns, grid.line), *((row.cells, row.line) for row in grid.rows)]
    for cells, line in pairs:
        if len(cells) >= 2 and key_of(cells[0]) and cells[1].strip():
            yield cells[0].strip(" *_`:"), cells[1], line, line


def _is_label(words: str) -> bool:
    return len(words.split()) <= 4


# ------------------------------------------------------------------------------------------------------- sections


def section(told: Told, part: Part, document: Document) -> None:
    """Read one section below the title, with those inside it."""
    name = folded(part.title)
    place = Place(document.path, part.line, 1)
    text = document.source(part.line + 1, part.end)
    if (found := stated(part.title))[1] and "status" not in told.tree and decision_status_of(found[1]):
        take(told, "status", found[0], [found[1]], place)
        if text.strip():
            told.keep(part.title, text, place)
        return
    if key_of(part.title) in LISTED | {"status", "date"}:
        if _head_section(told, part, document):
            told.used.update(range(part.line, part.end + 1))
        else:
            told.keep(part.title, text, place)
        return
    if name in RELATED_LABELS:
        told.named += list(_linked(part, document))
    if name in ("decision outcome", "decision", "outcome", "the decision") and part.parts:
        end = part.parts[0].line - 1
        _put(told, "decision", part.title, document.source(part.line + 1, end), place)
        for inner in part.parts:
            section(told, inner, document)
        return
    _put(told, HEADINGS.get(name, ""), part.title, text, place, part)


def _head_section(told: Told, part: Part, document: Document) -> bool:
    """Read a section that holds one value of the header; tell whether nothing of it is lost."""
    text = COMMENT.sub("", document.source(part.line + 1, part.end))
    lines = [line.strip(" -*+\t") for line in text.split("\n") if line.strip()]
    place = Place(document.path, next((b.line for b in part.blocks), part.line), 1)
    return take(told, key_of(part.title), part.title, lines, place) and not part.parts


def _linked(part: Part, document: Document) -> Iterator[tuple[Named, Place]]:
    """Yield the records that a section of related ones names: with its verb where one governs them, else as related."""
    for text, line in (one for inner in part.walk() for block in inner.blocks for one in _lines_of(block)):
        pair = pair_of(text) or lead_of(text)
        match = None if pair else _LABEL.fullmatch(" ".join(text.split("\n")))
        label, value = pair or ((match["key"], match["value"] or "") if match else ("", text))
        found = [*labelled(label, value)] if label else []
        found = found or [*relations(text.replace("`", "").replace("*", ""))]
        known = {one.text for one in found}
        rest = (Named("relates-to", False, *one, sure=False) for one in references(text.replace("`", "")))
        yield from ((one, Place(document.path, line, 1)) for one in (*found, *(r for r in rest if r.text not in known)))


def _lines_of(block: Block) -> Iterator[tuple[str, int]]:
    if isinstance(block, Bullets):
        for item in block.items:
            yield item.text, item.line
            yield from (one for inner in item.blocks for one in _lines_of(inner))
    elif isinstance(block, Paragraph):
        yield from ((line, block.line + i) for i, line in enumerate(block.text.split("\n")))
    elif isinstance(block, Pairs):
        yield from ((f"**{pair.key}**: {pair.value}", pair.line) for pair in block.pairs)


def _put(told: Told, key: str, label: str, text: str, place: Place, part: Part | None = None) -> None:
    """Put a section under its key where it has one that is free, else under its label."""
    bare = text.strip()
    if not bare:
        return
    if key in ("rationale", "options", "consequences"):
        there = told.tree.setdefault(key, Items(place))
        if isinstance(there, Items):
            there.extend(Text(one, place) for one in _entries(bare, label, part))
    elif key and key not in told.tree:
        told.tree[key] = Text(bare, place)
        why = _BECAUSE.search(bare) if key == "decision" else None
        if why and "\n\n" not in bare:
            told.tree.setdefault("rationale", Items(place, [Text(why["why"].strip().rstrip("."), place)]))
    else:
        told.keep(label, bare, place)


def _entries(text: str, label: str, part: Part | None) -> list[str]:
    """Return the entries of a section that is one list, else all of it; a heading that says more stays with it."""
    if folded(label) in ("positive consequences", "negative consequences"):
        return [f"**{label}**\n\n{text}"]
    alone = part.blocks[0] if part and len(part.blocks) == 1 and not part.parts else None
    if isinstance(alone, Bullets) and not any(item.blocks for item in alone.items):
        return [item.text for item in alone.items if item.text]
    return [text]


def record(document: Document) -> tuple[Told, str]:
    """Return what a document says as one record, and the Markdown below its title that no key holds whole."""
    head = next(iter(document.parts), None)
    titled = head is not None and (head.level == 1 or folded(head.title) not in TELLING)
    told = Told(Map(Place(document.path, head.line if head else 1, 1)))
    header(told, document)
    title = (head.title if head and titled else "") or _title(document)
    told.tree["title"] = Text(title, told.tree.place)
    named = str(document.front.get("title", ""))
    if named and named != title:
        told.extra.append(("title", named))
        told.keep("title", named, told.tree.place)
    inner = (*head.parts, *document.parts[1:]) if head and titled else document.parts
    own = head.blocks if head and titled else ()
    preamble(told, (*document.blocks, *own), document, "" if inner else "decision")
    for part in inner:
        section(told, part, document)
    told.used.update(_title_lines(document, head) if head and titled else ())
    if "status" not in told.tree:
        _status_elsewhere(told, title, document)
    told.named = [(one, _written_at(one, place, document)) for one, place in told.named]
    if told.status_day and "date" not in told.tree:
        told.tree["date"] = told.status_day
    return told, body(document, told.used, document_start(document), len(document.lines))


def _written_at(one: Named, place: Place, document: Document) -> Place:
    """Return where a record names another one: a section is read as a whole, and the name may stand further down in it."""
    for number, line in enumerate(document.lines[max(place.line - 1, 0) :], max(place.line, 1)):
        if column := max(line.find(name) for name in (one.to, one.text) if name) + 1:
            return Place(place.path, number, column)
    return place


def _status_elsewhere(told: Told, title: str, document: Document) -> None:
    """Look for a status where none is looked for at first: in the title, and in a label, heading or table further down."""
    match = _IN_TITLE.fullmatch(title)
    if match and decision_word(stated(match["status"])[1] or match["status"]):
        if status(told, "Status", stated(match["status"])[1] or match["status"], told.tree.place):
            told.raw["Title"] = title
            told.tree["title"] = Text(match["title"].strip(" -–—:"), told.tree.place)
        return
    for part in document.walk():
        if _OF_OTHERS.search(part.title):
            continue
        found = [(label, text, line) for block in _joined(part.blocks) for label, text, line, _ in labels(block)]
        stating = [(text, line) for label, text, line in found if key_of(label) == "status"]
        if part.level > 1 and key_of(part.title) == "status":
            stating.append((document.source(part.line + 1, part.end), part.line))
        elif (one := stated(part.title))[1]:
            stating.append((one[1], part.line))
        for text, line in stating:
            if standing(text).status:
                status(told, "Status", text, Place(document.path, line, 1))
                return


def _title(document: Document) -> str:
    written = document.front.get("title")
    stem = PurePosixPath(document.path).stem
    return str(written) if written else _LEADING.sub("", stem).replace("-", " ").replace("_", " ").strip() or stem


def _title_lines(document: Document, head: Part) -> range:
    """Return the lines of a heading: one, or those with the line of `=` or `-` below."""
    below = document.lines[head.line] if head.line < len(document.lines) else ""
    under = not document.lines[head.line - 1].lstrip().startswith("#") and set(below.strip()) in ({"="}, {"-"})
    return range(head.line, head.line + (2 if under else 1))


def document_start(document: Document) -> int:
    """Return the first line behind the front matter."""
    if not document.front:
        return 1
    return next((n for n, line in enumerate(document.lines[1:], 2) if line.rstrip() in ("---", "...")), 1) + 1


def body(document: Document, used: Collection[int], first: int, last: int) -> str:
    """Return the lines of a document that are not used, with no more than one blank line where some are left out."""
    kept: list[str] = []
    gap = False
    for number in range(first, last + 1):
        line = document.lines[number - 1]
        if number in used:
            gap = True
        elif line.strip() or not gap or (kept and kept[-1].strip()):
            kept.append(line)
            gap = gap and not line.strip()
    return "\n".join(kept).strip("\n")


_DAY = r"\d{4}-\d{2}-\d{2}"
_KEY = r"(?:[A-Za-z]{1,12}[- ]?)?#?\d{1,6}"
_GAP = r"\s*(?::|--+|—|–|\.\s|\)\s|-\s)?\s*"
_HEAD = re.compile(
    rf"(?:\*\*)?(?:\[?(?P<day>{_DAY})\]?|(?P<key>{_KEY})(?=\s*[:.)—–]|\s+-))(?:\*\*)?{_GAP}(?P<rest>\S.*)", re.DOTALL
)
_ALONE = re.compile(rf"\[?(?P<day>{_DAY})\]?")
_SAYS = re.compile(r"\w")
_AFTER_DAY = re.compile(rf"\(?(?P<key>{_KEY})\)?\s*(?::|--+|—|–|\s-\s)\s*(?P<rest>\S.*)", re.DOTALL)
_BOLD = re.compile(r"(?:\*\*|__)(?P<title>[^\n]+?)(?:\*\*|__)\s*[:.]?\s*(?:(?:--+|—|–|-|:)\s*)?(?P<rest>.*)", re.DOTALL)
_DASH = re.compile(r"(?P<title>[^\n]+?)\s+(?:--+|—|–|-)\s+(?P<rest>\S.*)", re.DOTALL)
_COLON = re.compile(r":\s+")


@dataclass(frozen=True, slots=True)
class Head:
    """What an entry begins with: its day, its key (`D-12`), and the words of its title and of what follows."""

    day: str
    key: str
    title: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a log, with the lines that it takes and its Markdown without what keys hold whole."""

    head: Head
    told: Told
    line: int
    end: int
    text: str


def entries(document: Document) -> tuple[Entry, ...]:
    """Return the decisions of a log in its order; where no heading or bullet looks like one, there are none."""
    parts = [(part, head) for part in document.walk() if (head := head_of(part.title))]
    if parts:
        level = min(part.level for part, _ in parts)
        return tuple(_from_part(part, head, document) for part, head in parts if part.level == level)
    return tuple(_from_bullets(document))


def head_of(text: str, *, bulleted: bool = False) -> Head | None:
    """Return what the words of a heading, or the first words of a bullet, say; `None` where they begin with neither."""
    match = _HEAD.match(text.strip())
    if not match or not _SAYS.search(match["rest"]):
        return None
    key, rest = match["key"] or "", match["rest"]
    if not key and (after := _AFTER_DAY.match(rest)):
        key, rest = after["key"], after["rest"]
    if not bulleted:
        return Head(match["day"] or "", key.strip(), rest.strip())
    return _split(match["day"] or "", key.strip(), rest)


def _split(day: str, key: str, text: str) -> Head:
    """Return what a bullet says: its bold words or what stands before a dash is the title, and the rest the reason."""
    found = _BOLD.fullmatch(text) or _DASH.fullmatch(text)
    title, why = (found["title"].strip(" :"), found["rest"]) if found else text.partition("\n")[::2]
    return Head(day, key, title.strip(), why.strip())


def _begun(head: Head, place: Place) -> Told:
    told = Told(Map(place))
    told.tree["title"] = Text(head.title, place)
    if head.day:
        told.tree["date"] = Text(head.day, place)
    return told


def _from_part(part: Part, head: Head, document: Document) -> Entry:
    told = _begun(head, Place(document.path, part.line, 1))
    told.used.add(part.line)
    told.raw["Heading"] = part.title
    preamble(told, part.blocks, document, "decision")
    for inner in part.parts:
        section(told, inner, document)
    return Entry(head, told, part.line, part.end, body(document, told.used, part.line, part.end))


def _from_bullets(document: Document) -> Iterator[Entry]:
    for date, blocks in (("", document.blocks), *((_day_of(part.title), part.blocks) for part in document.walk())):
        for item in (item for block in blocks if isinstance(block, Bullets) for item in block.items):
            head = head_of(item.text, bulleted=True) or (_split(date, "", item.text) if date and item.text else None)
            if head and _SAYS.search(head.title):
                yield _from_bullet(item, head, document)


def _day_of(title: str) -> str:
    """Return the day that a heading is, for the bullets below it."""
    match = _ALONE.fullmatch(title.strip())
    return match["day"] if match else ""


def _from_bullet(item: Bullet, head: Head, document: Document) -> Entry:
    place = Place(document.path, item.line, 1)
    told = _begun(head, place)
    if head.key:
        told.raw["Entry"] = item.text
    if head.rest:
        told.tree["rationale"] = Items(place, [Text(head.rest, place)])
    inner = [one for block in item.blocks if isinstance(block, Bullets) for one in block.items]
    taken = {one.line for one in inner if _labelled(told, one, document)}
    left = _left(item, inner, taken, document)
    if left:
        told.keep("Notes", left, place)
    text = "\n\n".join(
        filter(None, (head.rest, _dedented(document.lines[item.line + item.text.count("\n") : item.end])))
    )
    return Entry(head, told, item.line, item.end, text)


def _labelled(told: Told, item: Bullet, document: Document) -> bool:
    """Take a bullet `**Rationale**: …` inside an entry; tell whether it was one whose key is known."""
    label, mark, value = item.text.partition(":")
    found = pair_of(item.text) or ((label, _COLON.sub("", value, count=1).strip()) if mark else None)
    if not found or item.blocks:
        return False
    place = Place(document.path, item.line, 1)
    key, name = key_of(found[0]), HEADINGS.get(folded(found[0]), "")
    if key in ("status", "date", "decision-makers", "consulted", "informed", "tags"):
        return take(told, key, found[0], [found[1]], place)
    if name in ("rationale", "options", "consequences"):
        there = told.tree.setdefault(name, Items(place))
        if isinstance(there, Items):
            there.append(Text(found[1], place))
        return True
    if name and name not in told.tree:
        told.tree[name] = Text(found[1], place)
        return True
    return False


def _left(item: Bullet, inner: Sequence[Bullet], taken: set[int], document: Document) -> str:
    """Return the lines of an entry that no key has taken, as they stand."""
    used = {n for one in inner if one.line in taken for n in range(one.line, one.end + 1)}
    first = item.line + item.text.count("\n") + 1
    return _dedented([document.lines[n - 1] for n in range(first, item.end + 1) if n not in used])


def _dedented(lines: Sequence[str]) -> str:
    widths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    cut = min(widths, default=0)
    return "\n".join(line[cut:] for line in lines).strip("\n")
