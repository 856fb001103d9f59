"""In: decision records in Markdown. Out: `Brought`, one round whose `decisions` they are, for who gives the Markdown up.

The same reading serves for records that are adopted where they lie, so that both become the same decisions under the same
ids. What a key holds in another form (`superseded by ADR-0004`, `Ada, Grace`) stands in `details` as it was written, too.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import replace

from roundbook.adr import load, record
from roundbook.adr.load import Entry
from roundbook.bring.brought import Brought
from roundbook.errors import Finding
from roundbook.markdown import Document
from roundbook.schema.ids import FIRST, Space, number_in
from roundbook.yamlfile.reader import Items, Map, Node
from roundbook.yamlfile.writer import Data

KEY = "decisions/adopted"
TITLE = "Adopted decision records"


def decisions(documents: Sequence[Document], key: str = KEY, space: str = FIRST) -> Brought:
    """Return the decisions of all documents as those of one round; `key` is the round, `space` what their ids begin with.

    What stands in a log beside its entries goes into `sections`. Its notes name what could not be understood.
    """
    read = [(document, _entries(document, space)) for document in documents]
    found = [entry for _, entries in read for entry in entries]
    notes = [*map(_mended, load.name(found)), *(fault for entry in found for fault in entry.told.findings)]
    load.relate(found)
    phase, _, number = key.partition("/")
    sections = [section for document, entries in read for section in _beside(document, entries)]
    tree: dict[str, Data] = {
        "round": number,
        "phase": phase,
        "title": TITLE,
        "decisions": [_plain(load.tree_of(entry)) for entry in found],
    }
    if sections:
        tree["sections"] = sections
    return Brought(key, tree, tuple(documents), (*notes, *_nowhere(found)))


def _mended(fault: Finding) -> Finding:
    """Return as a warning that two records have one number: here the second has another id by now."""
    return replace(fault, severity="warning", mend=f"it has an id of its own here; {fault.mend}")


def _entries(document: Document, space: str) -> list[Entry]:
    """Return the records of a document: the entries of a log, or itself."""
    logs = not number_in(document.path) and record.entries(document)
    at = document.path if logs else posixpath.dirname(document.path)
    return load.entries(document, Space(at, space), document.path)


def _beside(document: Document, entries: Sequence[Entry]) -> Iterator[Data]:
    """Yield what a document holds that is in none of its entries, as sections."""
    if any(entry.whole for entry in entries):
        return
    used = {n for entry in entries for n in range(entry.lines[0], entry.lines[1] + 1)}
    left = [line for n, line in enumerate(document.lines, 1) if n not in used]
    body = "\n".join(left).strip()
    if body:
        yield {"title": posixpath.basename(document.path), "body": body}


def _nowhere(found: Sequence[Entry]) -> Iterator[Finding]:
    for entry in found:
        for one in entry.reverses:
            message = f'"{one.text}", which the record names, is none of these records'
            yield Finding("warning", "reference-unknown", message, one.place, "name it in the record that replaces it")


def _plain(node: Node) -> Data:
    if isinstance(node, Map):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, Items) else str(node)
