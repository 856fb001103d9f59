"""In: plain data of a round, and the record that it becomes. Out: the text of its file, as a person would write it."""

from __future__ import annotations

from collections.abc import Mapping

from roundbook.model.sheet import Sheet
from roundbook.schema.base import Record, Shape
from roundbook.schema.ids import HIDDEN
from roundbook.write.emit import Data, mapping
from roundbook.write.layout import text_of


def canonical(tree: Mapping[str, Data], model: type[Record], schema: str = "") -> str:
    """Return the text of a round file.

    In: its keys and values, the record that it is read as, and where the schema lies, seen from the file. Out: keys in the
    order of the record's fields, an entry of one word as that word, block scalars for long texts, no anchors, quotes where
    they are needed. It reads back as the same record, and is written the same again. Raises `ValueError`, with the place
    in the tree, for a character that a round file cannot hold, and for what is neither text, list nor mapping.
    """
    if HIDDEN.search(schema) or set(schema) & set("\n\t "):
        raise ValueError(f"the address of the schema {schema!r} holds a blank or a character that nobody sees")
    head = (f"# yaml-language-server: $schema={schema}",) if schema else ()
    return text_of(Sheet(mapping(tree, Shape(model)), head))
