"""Decisions, read from notes and decision records."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roundbook.adr import folders
from roundbook.adr.fields import RELATIONS, date_of, key_of, normalized
from roundbook.adr.folders import ParsedRecord
from roundbook.adr.labels import labels
from roundbook.adr.logs import read_log
from roundbook.adr.record import RecordReader, ValueReaders
from roundbook.book.references import free
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.importer import ImportResult
from roundbook.importer.statements import Fact, NoteContext
from roundbook.importer.values import is_whole, one_line, only_paths
from roundbook.importer.vocabulary import name_of
from roundbook.markdown import Document, Part, without_numbering
from roundbook.schema.ids import FIRST, Space, id_fault, number_in, slug
from roundbook.schema.statuses import STATUS_SIGNS, Status, decision_status_of, status_of
from roundbook.yamlfile.reader import Items, Map, Text
from roundbook.yamlfile.writer import Data

MOST_WORDS = 4
_STANDING_CODE = re.compile(
    r"\[?(?P<id>(?!P\d\b)[A-Z]{1,6}-?\d{1,4}(?:[.-]\d{1,3})?[a-z]?)\]?(?:\s*(?:[:.)]|--+|–|—|\s-)\s*|\s+)(?P<title>\S.*)"
)
_SIGN = "|".join(map(re.escape, sorted(STATUS_SIGNS, key=len, reverse=True)))
# Where a status may stand in a heading; behind a colon or a sign it needs no more than that.
_FORMS = (
    re.compile(r"(?P<title>.*\S)\s+(?:--+|—|–|-|→|->|\|)\s+(?P<said>\S.*)"),
    re.compile(r"(?P<title>.*[^\s—–-])\s*[—–]\s*(?P<said>\S.*)"),
    re.compile(r"(?P<title>.*\S)\s*[\[(](?P<said>[^\[\]()]+)[\])]"),
    re.compile(r"(?P<title>.*\S):\s+(?P<said>\S.*)"),
    re.compile(rf"(?P<title>.*\S)\s*(?P<said>(?:{_SIGN})\ufe0f?(?:\s*\w+(?:\s\w+)?)?)"),
    re.compile(rf"(?P<said>(?:{_SIGN})\ufe0f?)\s*(?P<title>\S.*)"),
)
_SHORT = """
done complete completed finished shipped merged wip blocked deferred planned pending open closed dropped skipped cancelled
partial todo
"""
_PLAIN = frozenset({*_SHORT.split(), "in progress", "in-progress", "to do", "not started", "on hold"})


def with_status(entry: dict[str, Any], text: str) -> bool:
    """Give a decision the status that a text states, and the text where it says more; false where it has one."""
    if "status" in entry or "status-text" in entry:
        return False
    status = decision_status_of(text)
    if status:
        entry["status"] = status
    if text.casefold() != status:
        entry["status-text"] = one_line(text)
    return True


@frozen
class TaskHeading:
    """What the heading says: `said` is the status in its words; what it does not state is empty."""

    title: str
    id: str = ""
    said: str = ""


def parted(heading: str, words: Mapping[str, Status]) -> TaskHeading:
    """Return what a heading says; a status in it is plain, or it is part of the title."""
    bare = without_numbering(heading)
    if lead := _FORMS[-1].fullmatch(heading.strip()):
        inner = parted(lead["title"], words)
        return TaskHeading(inner.title, inner.id, inner.said or lead["said"].strip())
    code = _STANDING_CODE.fullmatch(bare)
    id_ = code["id"] if code and not id_fault(code["id"]) else ""
    title = code["title"] if code and id_ else bare
    for form in _FORMS:
        match = form.fullmatch(title)
        if match and is_whole(match["title"]) and _is_status(match["said"], words):
            return TaskHeading(match["title"].rstrip(" -–—:"), id_, match["said"].strip())
    return TaskHeading(title, id_)


def _is_status(said: str, words: Mapping[str, Status]) -> bool:
    """Tell whether words say how far a piece of work is, and nothing else; `Testing` may as well be its name."""
    bare = re.sub(r"\s*[(\[].*", "", said).strip("*_` ")
    if len(bare.split()) > MOST_WORDS or not status_of(said, words):
        return False
    return (
        bare.isupper()
        or bare.casefold() in _PLAIN
        or not bare
        or not any(char.isalpha() for char in bare)
        or bool(re.match(rf"(?:{_SIGN})", bare))
    )


# `D-1: T`, `ADR-003 — T`, `A4: T`, `Decision 12: T`, `Decision: T`, `[D2] T`
_CODE = re.compile(r"\[?(?P<code>[A-Z]{1,5}-?\d{1,4}[a-z]?)\]?\s*(?:[:.]|--?|–|—)?\s+(?P<title>\S.*)")
_COUNTED = re.compile(
    r"(?:key\s+)?(?:decision|adr)\s+#?(?P<code>\d{1,4}[a-z]?)\s*(?:[:.]|--?|–|—)\s+(?P<title>\S.*)", re.IGNORECASE
)


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
    """Tell whether the text below a heading such as `A4: Drop the cache` reads like a decision."""
    return bool({"decision", "rationale", "options", "consequences"} & set(map(key_of, _labels(part))))


def is_plain_decision(part: Part) -> bool:
    """Tell whether a label below a heading says `DecisionRecord`, and another one why or what follows."""
    names = [*_labels(part)]
    why = {"rationale", "options", "consequences", "context", "tradeoff"} & set(map(key_of, names))
    return bool(why and {"decision", "decided", "we decided"} & set(map(normalized, names)))


def _labels(part: Part) -> Iterator[str]:
    yield from (inner.title for inner in part.parts)
    yield from (label.key for block in part.blocks for label in labels(block))


def fact_of(part: Part, context: NoteContext) -> Fact:
    """Return the decision below a heading."""
    code, title = title_of(part.title) or ("", without_numbering(part.title) or part.title)
    return context.fact("decisions", entry(code, title, part, context), part.line)


def entry(code: str, title: str, part: Part, context: NoteContext) -> dict[str, Any]:
    """Return the entry of a decision with a title, and the blocks and headings of a part."""
    record = RecordReader(context.document, part.line, part.end, one_line(title), _readers(context))
    record.tree["id"] = Text(code if code and not id_fault(code) else slug(title))
    record.read_entry(part.blocks)
    for inner in part.parts:
        record.read_section(inner)
    record.add_detail("Group", context.group, record.tree.place)
    return {key: data(value) for key, value in record.to_tree().items()}


def data(node: object) -> Data:
    """Return a tree as plain data."""
    if isinstance(node, Map):
        return {one_line(key): data(value) for key, value in node.items()}
    return [data(value) for value in node] if isinstance(node, Items) else str(node)


def _readers(context: NoteContext) -> ValueReaders:
    """Return what takes the values of which a note tells more, or less, than a record."""

    def as_list(key: str, read: Callable[[str], list[str]]) -> Callable[[Any, str], bool]:
        def take(tree: dict[str, Any], value: str) -> bool:
            found = read(value)
            if found:
                tree[key] = Items(values=map(Text, found))
            return bool(found)

        return take

    def as_text(key: str) -> Callable[[Any, str], bool]:
        return lambda tree, value: bool(value) and tree.setdefault(key, Text(value)) == value

    return {
        "id": _id,
        "title": lambda tree, value: one_line(value) == tree["title"],
        "status": lambda tree, value: bool(value) and with_status(tree, value),
        "date": _date,
        "affects": as_list("affects", only_paths),
        "commits": as_list("commits", context.shas),
        "until": as_text("until"),
        "follow-up": as_text("follow-up"),
        "prs": as_list("prs", lambda value: [value] if value else []),
    }


def _date(tree: dict[str, Any], value: str) -> bool:
    if found := date_of(value):
        tree["date"] = found
    return bool(found)


def _id(tree: dict[str, Any], value: str) -> bool:
    bare = value.strip("`* ")
    if id_fault(bare.lower()):
        return False
    tree["id"] = bare.lower()
    return bare == bare.lower()


KEY = "decisions/adopted"
TITLE = "Adopted decision records"


def decisions(documents: Sequence[Document], key: str = KEY, space: str = FIRST) -> ImportResult:
    """Return the decisions of all documents as those of one round; `key` is the round, `space` what their ids begin with.

    What stands in a log beside its entries goes into `sections`. Its notes name what could not be understood.
    """
    read = [(document, _entries(document, space)) for document in documents]
    found = [entry for _, entries in read for entry in entries]
    notes = [*map(_mended, folders.assign_ids(found)), *(fault for entry in found for fault in entry.reader.findings)]
    folders.link_records(found)
    phase, _, number = key.partition("/")
    sections = [section for document, entries in read for section in _beside(document, entries)]
    tree: dict[str, Data] = {
        "round": number,
        "phase": phase,
        "title": TITLE,
        "decisions": [data(folders.to_tree(entry)) for entry in found],
    }
    if sections:
        tree["sections"] = sections
    return ImportResult(key, tree, tuple(documents), (*notes, *_nowhere(found)))


def _mended(fault: Finding) -> Finding:
    """Return as a warning that two records have one number: here the second has another id by now."""
    return replace(fault, severity="warning", fix=f"it has an id of its own here; {fault.fix}")


def _entries(document: Document, space: str) -> list[ParsedRecord]:
    """Return the records of a document: the entries of a log, or itself."""
    logs = not number_in(document.path) and read_log(document)
    at = document.path if logs else posixpath.dirname(document.path)
    return folders.entries(document, Space(at, space), document.path)


def _beside(document: Document, entries: Sequence[ParsedRecord]) -> Iterator[Data]:
    """Yield what a document holds that is in none of its entries, as sections."""
    if any(entry.own_file for entry in entries):
        return
    used = {n for entry in entries for n in range(entry.reader.line, entry.reader.end + 1)}
    left = [line for n, line in enumerate(document.lines, 1) if n not in used]
    body = "\n".join(left).strip()
    if body:
        yield {"title": posixpath.basename(document.path), "body": body}


def _nowhere(found: Sequence[ParsedRecord]) -> Iterator[Finding]:
    for entry in found:
        for one in entry.incoming:
            message = f'"{one.text}", which the record names, is none of these records'
            yield Finding("warning", "reference-unknown", message, one.place, "name it in the record that replaces it")


_REFERENCES = RELATIONS | {"decision", "refs"}


@frozen
class NamedDecisions:
    """A tree, the ids of its decisions, and those that were changed in it, from the old to the new one."""

    tree: Mapping[str, Data]
    ids: tuple[str, ...]
    renamed: Mapping[str, str]


def named(tree: Mapping[str, Data], taken: Collection[str]) -> NamedDecisions:
    """Return the tree with free ids for its decisions, and with references to them that follow.

    `taken` are in lower case. A text is a reference where a key for references holds it and nothing else.
    """
    decisions = tree.get("decisions")
    listed = decisions if isinstance(decisions, list | tuple) else [decisions] if decisions else []
    used = set(taken)
    ids: list[str] = []
    for one in listed:
        ids.append(free(_naming_id(one), used))
        used.add(ids[-1].casefold())
    renamed = {_naming_id(one): new for one, new in zip(listed, ids, strict=True) if new != _naming_id(one)}
    if not renamed:
        return NamedDecisions(tree, tuple(ids), {})
    made = [_with_id(one, new) if new != _naming_id(one) else one for one, new in zip(listed, ids, strict=True)]
    return NamedDecisions(
        {k: _followed(v, k, renamed) for k, v in {**tree, "decisions": made}.items()}, tuple(ids), renamed
    )


def referring(tree: Mapping[str, Data], known: Callable[[str], bool]) -> tuple[Mapping[str, Data], tuple[str, ...]]:
    """Return the tree without references of its decisions to decisions that nobody knows, and those references.

    What a record names may be no decision at all (`requires UDP`). The words stay in the details of the decision.
    """
    dropped: list[str] = []
    made: list[Data] = []
    listed = tree.get("decisions")
    for one in listed if isinstance(listed, list | tuple) else ():
        if isinstance(one, Mapping):
            bad = {key: _texts(value) for key, value in one.items() if key in RELATIONS}
            bad = {key: lost for key, texts in bad.items() if (lost := [text for text in texts if not known(text)])}
            dropped += [text for texts in bad.values() for text in texts]
            made.append(_without(one, bad) if bad else one)
        else:
            made.append(one)
    return ({**tree, "decisions": made}, tuple(dropped)) if dropped else (tree, ())


def no_decision(text: str, path: str) -> Finding:
    """Return the note that a record refers to what is no decision."""
    message = f'"{text}" is not a decision of this book, so it was kept as text'
    return Finding("info", "import-reference", message, Place(path), "name the decision in the round, if there is one")


def _without(decision: Mapping[str, Data], lost: Mapping[str, list[str]]) -> Data:
    kept = {key: [text for text in _texts(decision[key]) if text not in lost[key]] for key in lost}
    made = {key: kept.get(key, value) for key, value in decision.items() if kept.get(key, value)}
    details = made.get("details")
    said = dict(details) if isinstance(details, Mapping) else {}
    words = " ".join(text for value in (*made.values(), *said.values()) for text in _texts(value))
    for key, texts in lost.items():
        if unsaid := [text for text in texts if text not in words]:
            said[key.capitalize().replace("-", " ")] = ", ".join(unsaid)
    return {**made, "details": said} if said else made


def _texts(value: Data) -> list[str]:
    return (
        [str(value)]
        if isinstance(value, str)
        else [str(one) for one in value]
        if isinstance(value, list | tuple)
        else []
    )


def _with_id(decision: Data, new: str) -> Data:
    whole = decision if isinstance(decision, Mapping) else {"title": decision}
    return {"id": new, **{key: value for key, value in whole.items() if key != "id"}}


def _naming_id(decision: Data) -> str:
    if isinstance(decision, Mapping):
        return str(decision.get("id") or slug(str(decision.get("title", ""))))
    return slug(str(decision))


def _followed(value: Data, key: str, renamed: Mapping[str, str]) -> Data:
    if isinstance(value, str | bool):
        return renamed.get(str(value), value) if key in _REFERENCES else value
    if isinstance(value, Mapping):
        return {inner: _followed(one, inner, renamed) for inner, one in value.items()}
    return [_followed(one, key, renamed) for one in value]
