"""The decision records in folders and logs: read, given ids and linked to each other.

Other people's documents must not break the site: whatever is wrong with one is a warning, and what cannot be understood
is kept as text.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import unquote

from pydantic import ValidationError

from roundbook import markdown
from roundbook.adr import AdrRecord, IncomingRelation
from roundbook.adr.fields import (
    FIELDS,
    MEETING_TITLE,
    MEETING_WORDS,
    RECORD_HEADINGS,
    key_of,
    normalized,
    split_title,
    status_label,
    texts_of,
)
from roundbook.adr.labels import Reference, labels
from roundbook.adr.logs import is_log, read_log
from roundbook.adr.record import RecordReader, read_record
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.markdown import Document, without_numbering
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import (
    METADATA,
    Space,
    fit,
    following,
    home_of,
    id_of,
    is_numbered,
    named,
    natural_key,
    number_in,
    number_of,
    stem_of,
)
from roundbook.yamlfile import source
from roundbook.yamlfile.reader import Items, Map, Outline, Text, schema_findings
from roundbook.yamlfile.reader import parse as parse_yaml

_LINKED = re.compile(r"\]\(([^()\s]{1,500})")


@frozen
class FoundRecords:
    """The decision records parsed from a set of files, with all findings."""

    records: tuple[AdrRecord, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class ParsedRecord:
    """A record that has been read but not yet linked to the others; `own_file` is false for an entry of a log."""

    space: Space
    path: str
    reader: RecordReader
    id: str
    own_file: bool = True
    incoming: list[IncomingRelation] = field(default_factory=list)
    resolved_ids: set[str] = field(default_factory=set)

    @property
    def body(self) -> str:
        """Return its Markdown without the lines that are held by keys."""
        return self.reader.body


def parse(contents: Mapping[str, bytes], spaces: Sequence[Space]) -> FoundRecords:
    """Return the decisions recorded in files, given by their paths relative to the project; never raises for bad content.

    Records are in the order of the settings, and within a folder in the natural order of their names.
    """
    findings: list[Finding] = []
    found: list[ParsedRecord] = []
    for space in spaces:
        for path in sorted((p for p in contents if home_of(p, spaces) == space), key=natural_key):
            read, faults = markdown.parse(contents[path], source.visible(path), skip_front=True)
            read = _with_metadata(read, path, contents) if read else None
            findings += (fault.as_warning for fault in faults)
            here = entries(read, space, path) if read and not is_minutes(read) else []
            findings += _passed_over(read) if read and not here else ()
            found += here
    findings += assign_ids(found)
    findings += _statusless(found)
    link_records(found)
    records: list[AdrRecord] = []
    for entry in found:
        decision, unfit = to_decision(entry)
        findings += (*entry.reader.findings, *unfit)
        reader = entry.reader
        records.append(
            AdrRecord(
                entry.id, decision, entry.path, reader.body, tuple(reader.unknown_keys), tuple(entry.incoming),
                entry.own_file, frozenset(entry.resolved_ids),
            )
        )  # fmt: skip
    return FoundRecords(tuple(records), tuple(findings))


def _with_metadata(document: Document, path: str, contents: Mapping[str, bytes]) -> Document:
    """Return a document with the metadata that lie beside it as its front matter, if it has none itself."""
    beside = posixpath.join(posixpath.dirname(path), METADATA)
    if document.front or beside not in contents:
        return document
    tree, _ = parse_yaml(contents[beside], source.visible(beside))
    return replace(document, front=tree) if isinstance(tree, Map) else document


def _statusless(found: Sequence[ParsedRecord]) -> Iterator[Finding]:
    """Yield a finding for each record without a status, or a single one for a folder in which no record has one."""
    fix = "add a line such as `Status: accepted` below its title"
    for space in dict.fromkeys(entry.space for entry in found):
        own = [entry for entry in found if entry.space == space and entry.own_file]
        without = [entry for entry in own if "status" not in entry.reader.tree]
        if len(without) == len(own) > 1:
            message = f"no status was found in any of its {len(own)} decision records; they count as proposed"
            yield Finding("info", "decision-status-missing", message, Place(source.visible(space.path)), fix)
            continue
        for entry in without:
            message = "no status was found; it counts as proposed"
            yield Finding("info", "decision-status-missing", message, entry.reader.tree.place, fix)


def _passed_over(document: Document) -> Iterator[Finding]:
    message = "not a decision record: it has no number or date, no status and none of the usual sections"
    if is_minutes(document):
        message = "not a decision record: it looks like the minutes of a meeting"
    fix = "start its file name with _ to hide it, or add a status"
    yield Finding("info", "record-passed-over", message, Place(document.path), fix)


# ---------------------------------------------------------------------------------------------------- one document


def entries(document: Document, space: Space, path: str) -> list[ParsedRecord]:
    """Return the records of a document: the entries of a decision log, or the document itself."""
    if path == space.path and (is_log(document) or not _is_single_record(document)):
        return [ParsedRecord(space, path, reader, _log_id(reader, space), False) for reader in read_log(document)]
    reader = read_record(document)
    if path != space.path and not is_numbered(path) and not _looks_like_record(reader, document):
        return []
    title, number = split_title(reader.title)
    if number:
        reader.originals["Title"] = reader.title
        reader.tree["title"] = Text(title, reader.tree.place)
    return [ParsedRecord(space, path, reader, id_of(space.name, path))]


def outline(content: bytes, path: str, folder: str, name: str) -> Outline:
    """Return what earlier versions of a file are compared by, for each of its records; `None` if it cannot be read.

    `folder` and `name` are those of its `Space`. `own` is empty for an entry of a log.
    """
    document, _ = markdown.parse(content, path)
    if document is None:
        return None
    return [
        {
            "id": entry.id,
            "own": "yes" if entry.own_file else "",
            "title": entry.reader.title,
            "status": str(entry.reader.tree.get("status", "" if entry.own_file else "accepted")),
            "supersedes": [
                [one.text, one.link]
                for one, _ in entry.reader.references
                if one.relation == "supersedes" and not one.incoming
            ],
        }
        for entry in entries(document, Space(folder, name), path)
    ]


def _looks_like_record(reader: RecordReader, document: Document) -> bool:
    """Return whether a document has a status or any of the sections of a decision record."""
    return "status" in reader.tree or any(_is_record_heading(part.title) for part in document.walk())


def _is_record_heading(title: str) -> bool:
    title = without_numbering(title)
    return normalized(title) in RECORD_HEADINGS or key_of(title) == "status" or bool(status_label(title)[1])


def is_minutes(document: Document) -> bool:
    """Return whether a document is the minutes of a meeting: an agenda or attendees, and no decision of its own."""
    parts = [*document.walk()]
    names = {normalized(part.title) for part in parts}
    names |= {normalized(one.key) for part in parts for block in part.blocks for one in labels(block, head=True)}
    title = document.parts[0].title if document.parts else ""
    titled = any(map(MEETING_TITLE.search, (title, re.sub("[-_]", " ", PurePosixPath(document.path).stem))))
    if not (names & MEETING_WORDS or titled) or {FIELDS[n] for n in names & RECORD_HEADINGS} & {
        "context",
        "decision",
        "options",
    }:
        return False
    return "status" not in read_record(document).tree


def _is_single_record(document: Document) -> bool:
    """Return whether a document is a single record: the sections of one follow its title."""
    inner = document.parts[0].parts if document.parts and document.parts[0].level == 1 else document.parts
    return "status" in map(key_of, document.front) or any(_is_record_heading(part.title) for part in inner)


def _log_id(reader: RecordReader, space: Space) -> str:
    number = number_of(reader.number) if reader.number else None
    if number is None:
        return named(space.name, reader.title)
    digits = "".join(filter(str.isdigit, reader.number))
    own = number[0] not in ("", "adr", "decision", space.name)
    return named(space.name, f"{number[0]}-{digits}") if own else fit(f"{space.name}-{digits}")


# ----------------------------------------------------------------------------------------------------------- ids


def assign_ids(found: Sequence[ParsedRecord]) -> list[Finding]:
    """Give every record a unique id, and return a finding for each number that is used twice in a folder."""
    findings: list[Finding] = []
    names = {entry.space.name for entry in found}
    free = {name: int(following((e.id for e in found if e.space.name == name), 1)) for name in names}
    taken: dict[str, ParsedRecord] = {}
    numbers: dict[tuple[str, int], ParsedRecord] = {}
    spares: Counter[str] = Counter()
    for entry in found:
        number = number_of(entry.id) if number_in(entry.path) and entry.own_file else None
        other = taken.get(entry.id.casefold()) or (numbers.get(number) if number else None)
        if other is not None:
            findings.append(_duplicate(entry, other, free[entry.space.name]))
            entry.id = _free_id(entry, taken, spares)
        taken[entry.id.casefold()] = entry
        if number:
            numbers.setdefault(number, entry)
    return findings


def _duplicate(entry: ParsedRecord, other: ParsedRecord, free: int) -> Finding:
    message = f'the decision id "{entry.id}" is also used at {other.reader.tree.place}'
    number = number_in(entry.path) if entry.own_file else ""
    fix = "give one of the two another number"
    if number:
        fix = f"rename {source.visible(PurePosixPath(entry.path).name)} to begin with {free:0{len(number)}}"
        if PurePosixPath(entry.path).parent != PurePosixPath(other.path).parent:
            fix += ", or list its folder separately under adrs: in the settings"
    return Finding("warning", "decision-duplicate", message, entry.reader.tree.place, fix)


def _free_id(entry: ParsedRecord, taken: Mapping[str, ParsedRecord], spares: Counter[str]) -> str:
    """Return an id for a record whose own is taken: its full name, with a number appended if necessary."""
    words = stem_of(entry.path) if entry.own_file else entry.reader.title
    stem = fit(f"{entry.space.name}-{words}".lower()) if entry.own_file else named(entry.space.name, words)
    name = stem
    while name.casefold() in taken:
        spares[stem] += 1
        name = fit(f"{stem[:50]}-{spares[stem] + 1}")
    return name


# ------------------------------------------------------------------------------------------------------ relations


class _RecordIndex:
    """An index of records, in which a reference from one of them is looked up."""

    def __init__(self, found: Sequence[ParsedRecord]) -> None:
        self.by_path = {entry.path: entry for entry in found if entry.own_file}
        self.by_id = {entry.id.casefold(): entry for entry in found}
        self.by_stem: dict[str, list[ParsedRecord]] = {}
        self.by_number: dict[int, list[ParsedRecord]] = {}
        for entry in found:
            number = number_of(entry.id)
            own = number_in(entry.path) if entry.own_file else ""
            if own or number:
                self.by_number.setdefault(int(own) if own else number[1] if number else 0, []).append(entry)
            if entry.own_file:
                self.by_stem.setdefault(stem_of(entry.path).casefold(), []).append(entry)

    def meant(self, one: Reference, entry: ParsedRecord) -> list[ParsedRecord]:
        """Return the records that a reference may mean: by its link, else by its number, in its own folder first."""
        if one.link:
            linked = self.by_path.get(_linked(one.link, entry))
            return [linked] if linked else []
        if "/" in one.text and "://" not in one.text:  # a path
            return self._of(self.by_stem.get(stem_of(one.text.rstrip("/")).casefold(), []), entry)
        number = number_of(split_title(one.text)[1] or one.text)
        if number is None or (number[0] not in ("", "adr", "decision") and one.text.casefold() in self.by_id):
            own = self.by_id.get(one.text.casefold())
            return [own] if own else self._of(self.by_stem.get(one.text.casefold(), []), entry)
        alike = self.by_number.get(number[1], [])
        if number[0] in ("", "adr", "decision"):
            return self._of(alike, entry, bare=not number[0])
        return [other for other in alike if other.space.name == number[0]]

    def _of(self, alike: list[ParsedRecord], entry: ParsedRecord, *, bare: bool = False) -> list[ParsedRecord]:
        own = [other for other in alike if other.space == entry.space]
        if own or bare:
            return own
        links = {_linked(match[1], entry) for match in _LINKED.finditer(entry.body)} if len(alike) > 1 else set()
        linked = [other for other in alike if other.path in links]
        return linked if len(linked) == 1 else alike


def _linked(link: str, entry: ParsedRecord) -> str:
    """Return the path that a link in a record points to."""
    bare = unquote(link.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), bare))


def link_records(found: Sequence[ParsedRecord]) -> None:
    """Store each relation with the record that has it: "superseded by" is stored with the successor.

    A number that several records have is left as it is written, so that it is reader, and counts for none.
    """
    records = _RecordIndex(found)
    for entry in found:
        known = {one.text for one, _ in entry.reader.references if one.relation != "relates-to"}
        for one, place in entry.reader.references:
            meant = records.meant(one, entry)
            other = meant[0] if len(meant) == 1 else None
            soft = not one.certain and (not meant or other is entry or one.text in known)
            if soft or (other is entry and one.incoming):
                continue
            if one.incoming and other is not None:
                _add_relation(other, one.relation, Text(entry.id, place), entry.id)
                other.resolved_ids.add(entry.id)
            elif one.incoming:
                entry.incoming.append(IncomingRelation(one.relation.replace("-", "_"), one.link or one.text, place))
            else:
                if other:
                    entry.resolved_ids.add(other.id)
                text = other.id if other else one.link or one.text
                _add_relation(entry, one.relation, Text(text, place), other.id if other else "")


def _add_relation(entry: ParsedRecord, relation: str, text: Text, id_: str) -> None:
    there = entry.reader.tree.setdefault(relation, Items(text.place))
    if isinstance(there, Items) and (id_ or str(text)) not in there:
        there.append(text)


# ------------------------------------------------------------------------------------------------------ decisions


def to_decision(entry: ParsedRecord) -> tuple[DecisionRecord, list[Finding]]:
    """Return the decision of a record, with a finding for each invalid front matter value, which is kept as text."""
    tree = _with_id(entry)
    try:
        return DecisionRecord.model_validate(tree), []
    except ValidationError as error:
        faults = [fault.as_warning for fault in schema_findings(error, tree, DecisionRecord)]
        for key in {str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["loc"]}:
            if key != "title" and key in tree:
                entry.reader.add_detail(key, "\n\n".join(texts_of(entry.reader.tree.pop(key))), tree.place)
        return DecisionRecord.model_validate(_with_id(entry)), faults


def _with_id(entry: ParsedRecord) -> Map:
    tree = entry.reader.to_tree()
    tree["id"] = Text(entry.id, tree.place)
    return tree


def to_tree(entry: ParsedRecord) -> Map:
    """Return a record as a decision of a round file, with the original text of values that were converted."""
    for label, text in entry.reader.originals.items():
        entry.reader.add_detail(label, text, entry.reader.tree.place)
    tree = _with_id(entry)
    if tree.get("status-text") == tree.get("status"):
        tree.pop("status-text", None)
    return tree
