"""The decision records of the folders that the settings name."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from pydantic import ValidationError

from roundbook import markdown
from roundbook.adr import AdrRecord, Reverse
from roundbook.adr.fields import (
    FIELDS,
    MEETING,
    MEETING_WORDS,
    TELLING,
    Named,
    folded,
    key_of,
    split_title,
    stated,
    words_of,
)
from roundbook.adr.labels import labels
from roundbook.adr.log import logged
from roundbook.adr.record import Told, record
from roundbook.errors import Finding, Place
from roundbook.git import files, process
from roundbook.git.files import Files
from roundbook.markdown import Document
from roundbook.schema.decision import DecisionRecord
from roundbook.schema.ids import (
    Space,
    fit,
    following,
    home_of,
    id_of,
    inside,
    is_numbered,
    is_record,
    named,
    natural_key,
    number_in,
    number_of,
)
from roundbook.settings import Settings
from roundbook.yamlfile import errors
from roundbook.yamlfile.reader import Items, Map, Text
from roundbook.yamlfile.schema_errors import explain

_LINKED = re.compile(r"\]\(([^()\s]{1,500})")


@dataclass(frozen=True)
class Adoption:
    """What the folders of decision records gave."""

    records: tuple[AdrRecord, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class Entry:
    """One record while it is read: where it lies, what it says, and the id that it gets; `whole` is the file of one."""

    space: Space
    path: str
    told: Told
    id: str
    whole: bool = True
    reverses: list[Reverse] = field(default_factory=list)
    resolved: set[str] = field(default_factory=set)

    @property
    def body(self) -> str:
        """Return its Markdown without what keys hold whole."""
        return self.told.body


def parse(contents: Mapping[str, bytes], spaces: Sequence[Space]) -> Adoption:
    """Return the decisions that files record, by their paths from the project's folder; never raises for what they hold.

    The order is that of the settings, and in a folder the natural one of the names.
    """
    findings: list[Finding] = []
    found: list[Entry] = []
    for space in spaces:
        for path in sorted((p for p in contents if home_of(p, spaces) == space), key=natural_key):
            read, faults = markdown.parse(contents[path], errors.visible(path), skip_front=True)
            findings += map(_lighter, faults)
            here = entries(read, space, path) if read and not is_meeting(read) else []
            findings += _passed_over(read) if read and not here else ()
            found += here
    findings += name(found)
    findings += _statusless(found)
    relate(found)
    records: list[AdrRecord] = []
    for entry in found:
        decision, unfit = decided(entry)
        findings += (*entry.told.findings, *unfit)
        told = entry.told
        records.append(
            AdrRecord(
                entry.id, decision, entry.path, told.body, tuple(told.extra), tuple(entry.reverses),
                entry.whole, not entry.whole, frozenset(entry.resolved),
            )
        )  # fmt: skip
    return Adoption(tuple(records), tuple(findings))


def _statusless(found: Sequence[Entry]) -> Iterator[Finding]:
    """Yield a note for each record without a status, and one for a folder of which no record has any."""
    fix = "add a line such as `Status: accepted` below its title"
    for space in dict.fromkeys(entry.space for entry in found):
        own = [entry for entry in found if entry.space == space and entry.whole]
        without = [entry for entry in own if "status" not in entry.told.tree]
        if len(without) == len(own) > 1:
            message = f"no status was found in any of its {len(own)} decision records; they count as proposed"
            yield Finding("info", "decision-status-missing", message, Place(errors.visible(space.path)), fix)
            continue
        for entry in without:
            message = "no status was found; it counts as proposed"
            yield Finding("info", "decision-status-missing", message, entry.told.tree.place, fix)


def _passed_over(document: Document) -> Iterator[Finding]:
    message = "no decision record: it has no number or day, and says neither how a decision stands nor what it is"
    if is_meeting(document):
        message = "no decision record: it has the headings of the minutes of a meeting"
    fix = "name it with _ at the beginning, or begin it as a record does"
    yield Finding("info", "record-passed-over", message, Place(document.path), fix)


def _lighter(fault: Finding) -> Finding:
    return replace(fault, severity="warning") if fault.severity == "error" else fault


# ---------------------------------------------------------------------------------------------------- one document


def entries(document: Document, space: Space, path: str) -> list[Entry]:
    """Return the records of a document: itself, or where it is a log those in it."""
    if path == space.path and not _is_one(document):
        return [Entry(space, path, told, _log_id(told, space), False) for told in logged(document)]
    told = record(document)
    if path != space.path and not is_numbered(path) and not _says(told, document):
        return []
    title, number = split_title(told.title)
    if number:
        told.raw["Title"] = told.title
        told.tree["title"] = Text(title, told.tree.place)
    return [Entry(space, path, told, id_of(space.name, path))]


def _says(told: Told, document: Document) -> bool:
    """Tell whether a document says anything that a decision record does."""
    return "status" in told.tree or any(_tells(part.title) for part in document.walk())


def _tells(title: str) -> bool:
    return folded(title) in TELLING or key_of(title) == "status" or bool(stated(title)[1])


def is_meeting(document: Document) -> bool:
    """Tell whether a document is the minutes of a meeting: who was there and what was on, and no decision of its own."""
    parts = [*document.walk()]
    names = {folded(part.title) for part in parts}
    names |= {folded(one.key) for part in parts for block in part.blocks for one in labels(block, head=True)}
    title = document.parts[0].title if document.parts else ""
    titled = any(map(MEETING.search, (title, re.sub("[-_]", " ", PurePosixPath(document.path).stem))))
    if not (names & MEETING_WORDS or titled) or {FIELDS[n] for n in names & TELLING} & {
        "context",
        "decision",
        "options",
    }:
        return False
    return "status" not in record(document).tree


def _is_one(document: Document) -> bool:
    """Tell whether a document is one record: below its title stand the sections of one."""
    inner = document.parts[0].parts if document.parts and document.parts[0].level == 1 else document.parts
    return "status" in map(key_of, document.front) or any(_tells(part.title) for part in inner)


def _log_id(told: Told, space: Space) -> str:
    number = number_of(told.number) if told.number else None
    if number is None:
        return named(space.name, told.title)
    digits = "".join(filter(str.isdigit, told.number))
    own = number[0] not in ("", "adr", "decision", space.name)
    return named(space.name, f"{number[0]}-{digits}") if own else fit(f"{space.name}-{digits}")


# ----------------------------------------------------------------------------------------------------------- ids


def name(found: Sequence[Entry]) -> list[Finding]:
    """Give every record an id of its own, and return a finding for each number that is taken twice in a folder."""
    findings: list[Finding] = []
    names = {entry.space.name for entry in found}
    free = {name: int(following((e.id for e in found if e.space.name == name), 1)) for name in names}
    taken: dict[str, Entry] = {}
    numbers: dict[tuple[str, int], Entry] = {}
    spares: Counter[str] = Counter()
    for entry in found:
        number = number_of(entry.id) if number_in(entry.path) and entry.whole else None
        other = taken.get(entry.id.casefold()) or (numbers.get(number) if number else None)
        if other is not None:
            findings.append(_twice(entry, other, free[entry.space.name]))
            entry.id = _spare(entry, taken, spares)
        taken[entry.id.casefold()] = entry
        if number:
            numbers.setdefault(number, entry)
    return findings


def _twice(entry: Entry, other: Entry, free: int) -> Finding:
    message = f'the decision id "{entry.id}" is also used at {other.told.tree.place}'
    number = number_in(entry.path) if entry.whole else ""
    fix = "give one of the two another key"
    if number:
        fix = f"rename {errors.visible(PurePosixPath(entry.path).name)} to begin with {free:0{len(number)}}"
        if PurePosixPath(entry.path).parent != PurePosixPath(other.path).parent:
            fix += ", or name its folder in adrs: of the settings for itself"
    return Finding("warning", "decision-duplicate", message, entry.told.tree.place, fix)


def _spare(entry: Entry, taken: Mapping[str, Entry], spares: Counter[str]) -> str:
    """Return an id for a record whose own is taken: its whole name, else with a number behind."""
    words = PurePosixPath(entry.path).stem if entry.whole else entry.told.title
    stem = fit(f"{entry.space.name}-{words}".lower()) if entry.whole else named(entry.space.name, words)
    name = stem
    while name.casefold() in taken:
        spares[stem] += 1
        name = fit(f"{stem[:50]}-{spares[stem] + 1}")
    return name


# ------------------------------------------------------------------------------------------------------ relations


class _Records:
    """The records in which a reference of one of them is looked up."""

    def __init__(self, found: Sequence[Entry]) -> None:
        self.by_path = {entry.path: entry for entry in found if entry.whole}
        self.by_id = {entry.id.casefold(): entry for entry in found}
        self.by_stem: dict[str, list[Entry]] = {}
        self.by_number: dict[int, list[Entry]] = {}
        for entry in found:
            number = number_of(entry.id)
            own = number_in(entry.path) if entry.whole else ""
            if own or number:
                self.by_number.setdefault(int(own) if own else number[1] if number else 0, []).append(entry)
            if entry.whole:
                self.by_stem.setdefault(PurePosixPath(entry.path).stem.casefold(), []).append(entry)

    def meant(self, one: Named, entry: Entry) -> list[Entry]:
        """Return the records that a reference may mean: by its link; by its number in the own folder, else in another."""
        if one.to:
            linked = self.by_path.get(_linked(one.to, entry))
            return [linked] if linked else []
        number = number_of(split_title(one.text)[1] or one.text)
        if number is None or (number[0] not in ("", "adr", "decision") and one.text.casefold() in self.by_id):
            own = self.by_id.get(one.text.casefold())
            return [own] if own else self._of(self.by_stem.get(one.text.casefold(), []), entry)
        alike = self.by_number.get(number[1], [])
        if number[0] in ("", "adr", "decision"):
            return self._of(alike, entry, bare=not number[0])
        return [other for other in alike if other.space.name == number[0]]

    def _of(self, alike: list[Entry], entry: Entry, *, bare: bool = False) -> list[Entry]:
        own = [other for other in alike if other.space == entry.space]
        if own or bare:
            return own
        links = {_linked(match[1], entry) for match in _LINKED.finditer(entry.body)} if len(alike) > 1 else set()
        linked = [other for other in alike if other.path in links]
        return linked if len(linked) == 1 else alike


def _linked(to: str, entry: Entry) -> str:
    """Return the path that a link of a record leads to."""
    bare = unquote(to.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), bare))


def relate(found: Sequence[Entry]) -> None:
    """Put what records say of each other where it belongs: that one is superseded is said by its successor.

    A number that several records have is left as it is written, so that it is told, and counts for none.
    """
    records = _Records(found)
    for entry in found:
        known = {one.text for one, _ in entry.told.named if one.relation != "relates-to"}
        for one, place in entry.told.named:
            meant = records.meant(one, entry)
            other = meant[0] if len(meant) == 1 else None
            soft = not one.sure and (not meant or other is entry or one.text in known)
            if soft or (other is entry and one.reverse):
                continue
            if one.reverse and other is not None:
                _add(other, one.relation, Text(entry.id, place), entry.id)
                other.resolved.add(entry.id)
            elif one.reverse:
                entry.reverses.append(Reverse(one.relation.replace("-", "_"), one.to or one.text, place))
            else:
                if other:
                    entry.resolved.add(other.id)
                text = other.id if other else one.to or one.text
                _add(entry, one.relation, Text(text, place), other.id if other else "")


def _add(entry: Entry, relation: str, text: Text, id_: str) -> None:
    there = entry.told.tree.setdefault(relation, Items(text.place))
    if isinstance(there, Items) and (id_ or str(text)) not in there:
        there.append(text)


# ------------------------------------------------------------------------------------------------------ decisions


def decided(entry: Entry) -> tuple[DecisionRecord, list[Finding]]:
    """Return the decision of a record; a value of its front matter that cannot be one is kept in words, and a finding."""
    tree = _with_id(entry)
    try:
        return DecisionRecord.model_validate(tree), []
    except ValidationError as error:
        faults = [_lighter(fault) for fault in explain(error, tree, DecisionRecord)]
        for key in {str(fault["loc"][0]) for fault in error.errors(include_url=False) if fault["loc"]}:
            if key != "title" and key in tree:
                entry.told.keep(key, "\n\n".join(words_of(entry.told.tree.pop(key))), tree.place)
        return DecisionRecord.model_validate(_with_id(entry)), faults


def _with_id(entry: Entry) -> Map:
    tree = entry.told.finished()
    tree["id"] = Text(entry.id, tree.place)
    return tree


def tree_of(entry: Entry) -> Map:
    """Return a record as the tree of a decision of a round file, with the words that its keys have in another form."""
    for label, text in entry.told.raw.items():
        entry.told.keep(label, text, entry.told.tree.place)
    tree = _with_id(entry)
    if tree.get("status-text") == tree.get("status"):
        tree.pop("status-text", None)
    return tree


@dataclass(frozen=True)
class AdrRecords:
    """The decision records of a project: where they lie, their `files`, what they record, and every finding."""

    spaces: tuple[Space, ...] = ()
    files: Files = field(default_factory=lambda: Files(""))
    records: tuple[AdrRecord, ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def ids(self) -> dict[str, str]:
        """Return the id of each record that has a file for itself, by the path of that."""
        return {one.path: one.id for one in self.records if one.whole}


def read(root: Path, settings: Settings, commit: str = "", prefix: str = "") -> AdrRecords:
    """Return the decision records of the folders that the settings name, as they lie there, or as a commit holds them."""
    if not settings.adrs:
        return AdrRecords()
    spaces = settings.spaces
    found = in_commit(root, commit, prefix, spaces) if commit else in_folder(root, spaces)
    made = parse(found.contents, spaces)
    faults = (finding for one in found.faults.values() for finding in one)
    return AdrRecords(spaces, found, made.records, (*missing(settings, found, made.records), *faults, *made.findings))


def in_folder(root: Path, spaces: Sequence[Space]) -> Files:
    """Return the Markdown files as they lie in the folders; what cannot be read is a warning, never an exception."""
    contents: dict[str, bytes] = {}
    faults: dict[str, tuple[Finding, ...]] = {}
    for path in sorted({path for space in spaces for path in _listed(root, space.path)}):
        if home_of(path, spaces) is None:
            continue
        data, findings = errors.read(root / path, root)
        if data is None:
            faults[path] = tuple(map(_adr_files_lighter, findings))
        else:
            contents[path] = data
    return Files("", contents, faults)


def _listed(root: Path, path: str) -> Iterator[str]:
    """Yield the files of a folder, those of folders in it too; a link to a folder is not followed."""
    if (root / path).is_dir():
        for at, folders, names in os.walk(root / path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            yield from ((Path(at) / name).relative_to(root).as_posix() for name in names if is_record(name))
    elif (root / path).exists():
        yield path


def in_commit(root: Path, commit: str, prefix: str, spaces: Sequence[Space]) -> Files:
    """Return the Markdown files as the tree of `commit` holds them; a fixed number of processes."""
    git = process.find(root) if spaces else None
    tree = (files.list_tree(git, commit, prefix) or {}) if git else {}
    wanted = [path for path, one in sorted(tree.items()) if one.type != "tree" and home_of(path, spaces)]
    contents, faults = files.from_tree(git, tree, wanted) if git else ({}, {})
    return Files("", contents, {path: tuple(map(_adr_files_lighter, found)) for path, found in faults.items()})


def differing(root: Path, found: Files, commit: str, prefix: str, spaces: Sequence[Space]) -> tuple[str, ...]:
    """Return the Markdown files that are not what `commit` holds, by path."""
    if not spaces:
        return ()
    places = [place for space in spaces for place in (space.path, f"{space.path}/")]
    return files.changed(root, found, commit, prefix, places, lambda path: home_of(path, spaces) is not None)


def missing(settings: Settings, found: Files, records: Sequence[AdrRecord]) -> Iterator[Finding]:
    """Yield a finding for each folder of the settings that gives no record, or that leads out of the project."""
    held = {*(record.path for record in records), *found.faults}
    for folder in settings.adrs:
        path, place = inside(folder.path), folder.place_of("path")
        if not path:
            message, fix = f'the folder "{folder.path}" is none of the project', "write a path inside the project"
            yield Finding("warning", "outside-project", message, place, fix)
        elif not any(one == path or one.startswith(f"{path}/") for one in held):
            message, fix = f'no decision record lies in "{path}"', "correct the path, or take it out of adrs:"
            yield Finding("warning", "records-missing", message, place, fix)


def _adr_files_lighter(fault: Finding) -> Finding:
    return replace(fault, severity="warning")
