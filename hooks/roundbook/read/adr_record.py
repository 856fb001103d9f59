"""In: a Markdown document. Out: `Told`, the decision record that it is: keys of a decision, relations, and what is left.

The header of a record stands in front matter (MADR 3 and 4), in a list or lines below the title (MADR 2, log4brains), or in
a section `## Status` (Nygard); what it is made of decides, not the name of a format, since records mix them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import PurePosixPath

from roundbook.errors import Place
from roundbook.markdown import (
    Block,
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
from roundbook.read.adr_header import Told, header, status, take
from roundbook.read.adr_status import Named, columns, labelled, references, relations, standing
from roundbook.read.adr_words import COMMENT, HEADINGS, LISTED, RELATED_LABELS, TELLING, folded, key_of, stated
from roundbook.schema.statuses import decision_status_of, decision_word
from roundbook.yamlfile.reader import Items, Map, Text

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
