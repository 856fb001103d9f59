"""In: the bytes of a round file. Out: the same in canonical order and style, with its comments, proved by reading it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roundbook.errors import Finding, Place
from roundbook.model.record import Record
from roundbook.model.shape import Shape
from roundbook.model.sheet import Sheet
from roundbook.read import sheet, yaml
from roundbook.read.source import decode
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
    return _rewritten(data, path, lambda one: Sheet(in_order(one.body, Shape(model)), one.head))


def _rewritten(data: bytes, path: str, change: Callable[[Sheet], Sheet]) -> Rewritten:
    before, findings = yaml.parse(data, path)
    errors = tuple(f for f in findings if f.severity == "error")
    text, _ = decode(data, path)
    if errors or text is None:
        return Rewritten(data, errors)
    if not isinstance(before, yaml.Map):
        return Rewritten(data, (_finding("not-a-mapping", "expected a mapping", path, "write key: value lines"),))
    new = text_of(change(sheet.parse(text)))
    after, faults = yaml.parse(new.encode(), path)
    if any(f.severity == "error" for f in faults) or not same(before, after) or _lost(text, new):
        mend = "write it in a plainer way; and please report it"
        return Rewritten(data, (_finding("not-formattable", "cannot be written anew without a loss", path, mend),))
    return Rewritten(_like(new, data))


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
