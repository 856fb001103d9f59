"""In: a Markdown document that logs decisions. Out: its entries, each as `Told`: headings or bullets with a day or a number.

- 2026-02-03: **Use PostgreSQL** — it has transactions
## D-12: Use PostgreSQL
### 2026-02-03 Use PostgreSQL
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from roundbook.errors import Place
from roundbook.markdown import Bullet, Bullets, Document, Part, pair_of
from roundbook.read.adr_header import Told, take
from roundbook.read.adr_record import body, preamble, section
from roundbook.read.adr_words import HEADINGS, folded, key_of
from roundbook.yamlfile.reader import Items, Map, Text

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
    for day, blocks in (("", document.blocks), *((_day_of(part.title), part.blocks) for part in document.walk())):
        for item in (item for block in blocks if isinstance(block, Bullets) for item in block.items):
            head = head_of(item.text, bulleted=True) or (_split(day, "", item.text) if day and item.text else None)
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
