"""In: the header of a decision record. Out: `Told`, what is read of the record so far: keys, relations, lines that are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from roundbook.errors import Finding, Place
from roundbook.markdown import Document
from roundbook.read.adr_status import Named, is_markdown, labelled, references, standing
from roundbook.read.adr_values import day, listed, words_of
from roundbook.read.adr_words import COMMENT, LISTED, RELATED, key_of
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
        mend = "write a day YYYY-MM-DD"
        told.findings.append(Finding("warning", "date-not-readable", f'"{text[:80]}" is no day', place, mend))
        told.keep(label, text, place)
        return False
    if "date" in told.tree:
        return False
    told.tree["date"] = Text(found, place)
    bare = COMMENT.sub("", text).strip()
    if found != text.strip():
        told.raw[label] = text.strip()
    return len(bare) <= len(found) or not bare.startswith(found)
