"""In: the bytes of a round file. Out: it in canonical form, or with another tree, and all comments; read again as proof."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from roundbook.bring.graft import grafted
from roundbook.bring.likeness import meaning
from roundbook.errors import Finding, Place
from roundbook.model.sheet import Block, Sheet
from roundbook.read import sheet, yaml
from roundbook.read.source import decode
from roundbook.schema.base import Record, Shape
from roundbook.write.edit import NotPlainError, splice
from roundbook.write.emit import Data
from roundbook.write.layout import text_of
from roundbook.write.order import in_order

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Rewritten:
    """The new bytes of a file, the old ones where it could not be rewritten, and the errors that say why."""

    data: bytes
    findings: tuple[Finding, ...] = ()


def formatted(data: bytes, path: str, model: type[Record] | None) -> Rewritten:
    """Return a file in canonical form: the same texts under the same keys, and every comment.

    In: its bytes, the path for the places, the record whose fields give the order of the keys, or `None` to leave their
    order as it is. Line ends and a byte order mark stay. A file with errors stays as it is, and so does one that would not
    be read again as the same, or lose a comment; nothing is raised.
    """

    def change(text: str) -> Iterator[str]:
        old = sheet.parse(text)
        yield text_of(Sheet(in_order(old.body, Shape(model)), old.head))

    return _rewritten(data, path, change, same)


def updated(data: bytes, path: str, model: type[Record], tree: Mapping[str, Data]) -> Rewritten:
    """Return a file that says what the tree says, with every comment, and with the lines of keys that stay as they are.

    In: as for `formatted`, and the tree, as `bring.merge` makes it. A file in canonical form stays in it. A file with
    errors stays as it is, and so does one that would not be read as the tree, or lose a comment. Raises `ValueError` for
    a character that a round file cannot hold.
    """

    def change(text: str) -> Iterator[str]:
        old = sheet.parse(text)
        body = grafted(old.body, tree, Shape(model))
        if isinstance(old.body, Block) and isinstance(body, Block) and text_of(old) != text:
            with contextlib.suppress(NotPlainError):
                yield splice(text, old.body, body)
        yield text_of(Sheet(body, old.head))

    return _rewritten(data, path, change, lambda _, new: meaning(new, Shape(model)) == meaning(tree, Shape(model)))


def _rewritten(
    data: bytes,
    path: str,
    change: Callable[[str], Iterable[str]],
    holds: Callable[[yaml.Node | None, yaml.Node | None], bool],
) -> Rewritten:
    """Return the first of the new texts that is read without errors, holds what it must, and has the same comments."""
    before, findings = yaml.parse(data, path)
    errors = tuple(f for f in findings if f.severity == "error")
    text, _ = decode(data, path)
    if errors or text is None:
        return Rewritten(data, errors)
    if not isinstance(before, yaml.Map):
        return Rewritten(data, (_finding("not-a-mapping", "expected a mapping", path, "write key: value lines"),))
    text = text if text.endswith("\n") else f"{text}\n"
    for new in change(text):
        after, faults = yaml.parse(new.encode(), path)
        if not any(f.severity == "error" for f in faults) and holds(before, after) and not _lost(text, new):
            return Rewritten(_like(new, data))
    mend = "write it in a plainer way; and please report it"
    return Rewritten(data, (_finding("not-formattable", "cannot be written anew without a loss", path, mend),))


def same(one: yaml.Node | None, other: yaml.Node | None) -> bool:
    """Tell whether two trees hold the same texts under the same keys; an empty value is not an empty text."""
    if isinstance(one, yaml.Map) and isinstance(other, yaml.Map):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, yaml.Items) and isinstance(other, yaml.Items):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, yaml.Text) and isinstance(other, yaml.Text):
        return one == other and one.empty == other.empty
    return False


def _lost(before: str, after: str) -> bool:
    return sheet.comments(before) != sheet.comments(after)


def _like(text: str, data: bytes) -> bytes:
    """Return the text as bytes, with the line ends and the byte order mark that the file has."""
    first = data.find(b"\n")
    end = "\r\n" if data[max(first - 1, 0) : first] == b"\r" else "\n" if first >= 0 or b"\r" not in data else "\r"
    return (BOM if data.startswith(BOM) else b"") + text.replace("\n", end).encode()


def _finding(slug: str, message: str, path: str, mend: str) -> Finding:
    return Finding("error", slug, message, Place(path, 1, 1), mend)
