"""Changes to the text of a round file that leave every other line and every comment as it was.

An entry can be added, a key set, or the whole file changed to contain another tree. The callers of `set_key` and `add_entry`
read the text again before they write it; `updated` does that itself.
"""

from __future__ import annotations

import contextlib
import difflib
import glob
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

from roundbook.schema.base import Item, Record, Shape, is_empty, shapes
from roundbook.schema.decision import Selection
from roundbook.yamlfile.roundtrip import Rewritten, rewritten
from roundbook.yamlfile.writer import (
    Collection,
    CommentedFile,
    Data,
    Member,
    Scalar,
    Styled,
    below,
    emit,
    leaf,
    lines_of_key,
    rank,
    styled,
    text_of,
)

Value = Any  # `Data`, or `None` for nothing
Pairs = dict[int, int]  # positions in one list, and in another

SIMILAR = 0.6
_MOST = 20_000  # pairs that are compared letter by letter
_ENTRY = re.compile(r"( *)- ")
_KEY_ALONE = re.compile(r"[^\s#][^:]*:\s*(?:#.*)?")


class NotPlainError(Exception):
    """A list or key that is not written on lines of its own, so that nothing can be added to them."""


def set_key(text: str, key: str, value: Data, comment: str = "") -> str:
    """Return the text with `key: value` in place of the old lines of that key, or at the end if it had none."""
    lines, end = text.splitlines(keepends=True), _line_end(text)
    made = f"{key}:{comment and f'  # {comment}'}\n{emit(value, 2)}".replace("\n", end)
    span = _span(lines, key)
    above, below = (lines[: span[0]], lines[span[1] :]) if span else (_ended(lines, end), [])
    return "".join([*above, made, *below])


def add_entry(text: str, key: str, entry: Mapping[str, Data]) -> str:
    """Return the text with one more entry in the list of `key`, which is started at the end of the text if there is none.

    Raises `NotPlainError` if the list is not written with one entry below the other.
    """
    lines, end = text.splitlines(keepends=True), _line_end(text)
    span = _span(lines, key)
    if span is None:
        return set_key(text, key, [entry])
    first = next((m for line in lines[span[0] + 1 : span[1]] if (m := _ENTRY.match(line))), None)
    if first is None or not _KEY_ALONE.fullmatch(lines[span[0]].rstrip("\r\n")):
        raise NotPlainError(key)
    made = emit([entry], len(first[1])).replace("\n", end)
    return "".join([*_ended(lines[: span[1]], end, blank=False), made, *lines[span[1] :]])


def _span(lines: list[str], key: str) -> tuple[int, int] | None:
    """Return the first line of a top-level key and the line after its last one, without the blank lines after it.

    A line of a YAML mapping that starts in the first column is a key of it, a comment, or an entry of the list above.
    """
    start = next((i for i, line in enumerate(lines) if re.match(rf"{re.escape(key)}\s*:(?:\s|$)", line)), None)
    if start is None:
        return None
    stop = start + 1
    for i in range(start + 1, len(lines)):
        line = lines[i]
        if line.startswith(("---", "...")) or (line.strip() and line[0] not in " -\t#"):
            break
        if line.strip() and line[0] != "#":  # a comment in the first column belongs to the key if more of it follows
            stop = i + 1
    return start, stop


def _ended(lines: list[str], end: str, *, blank: bool = True) -> list[str]:
    """Return the lines, the last one terminated, and followed by a blank line if one is wanted and missing."""
    if not lines:
        return []
    ended = [*lines[:-1], lines[-1] if lines[-1].endswith(("\n", "\r")) else lines[-1] + end]
    return [*ended, end] if blank and ended[-1].strip() else ended


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


# ---------------------------------------------------------------------------------------- another tree in the same file


def updated(data: bytes, path: str, model: type[Record], tree: Mapping[str, Data]) -> Rewritten:
    """Return a file changed to contain a tree, with every comment, and with the lines of unchanged keys as they were.

    `path` is for messages, and `model` is the record that the tree is read as. A file in canonical form stays in it. A file
    with errors is left alone, and so is one that would not be read as the tree, or lose a comment. Raises `ValueError` for
    a character that a round file cannot hold.
    """

    def change(text: str, old: CommentedFile) -> Iterator[str]:
        body = _changed(old.body, tree, Shape(model))
        if isinstance(old.body, Collection) and isinstance(body, Collection) and text_of(old) != text:
            with contextlib.suppress(NotPlainError):
                yield _splice(text, old.body, body)
        yield text_of(replace(old, body=body))

    return rewritten(data, path, change, lambda _, new: meaning(new, Shape(model)) == meaning(tree, Shape(model)))


def _splice(text: str, before: Collection, after: Collection) -> str:
    """Return a text that contains `before`, with the lines of those top-level keys replaced that differ in `after`.

    Raises `NotPlainError` if the lines of a key cannot be found, or if the comments above one change.
    """
    lines = text.splitlines(keepends=True)
    old = {_key(one): one for one in before.members}
    spans: dict[str, tuple[int, int]] = {}
    for key, one in old.items():
        span = _span(lines, one.key.written[0]) if one.key and one.key.written else None
        if span is None:
            raise NotPlainError(key)
        spans[key] = span
    edits: list[tuple[int, int, list[str]]] = []
    at = min((start for start, _ in spans.values()), default=0)
    for one in after.members:
        key = _key(one)
        made = [f"{line}\n" for line in lines_of_key(one)]
        if key not in old:
            edits.append((at, at, ["\n", *made] if len(made) > 1 else made))
            continue
        start, at = spans.pop(key)
        if one.above != old[key].above:
            raise NotPlainError(key)
        if one != old[key]:
            edits.append((start, at, made))
    edits += [(*span, []) for span in spans.values()]  # of the keys that are gone
    for start, stop, made in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        lines[start:stop] = made
    return "".join(lines)


def _key(one: Member) -> str:
    return one.key.text if one.key else ""


def _changed(old: Styled, tree: Value, shape: Shape) -> Styled:
    """Return a value that contains the tree; every part that contains it already stays as it is written.

    A new key is placed by the order of the record, a new entry where it is in the tree. The comments of a removed part
    stay where it was. Raises `ValueError` for a character that a round file cannot hold.
    """
    if meaning(_data(old), shape) == meaning(tree, shape):
        return old
    if isinstance(old, Collection) and _same_kind(old, tree):
        return _mapping(old, tree, shape) if old.keyed else _list(old, tree, shape)
    return styled(tree, shape)


def _data(value: Styled) -> Value:
    if isinstance(value, Scalar):
        return None if value.written and value.written[0] in ("", "~", "null") else value.text
    if value.keyed:
        return {_key(one): _data(one.value) for one in value.members}
    return [_data(one.value) for one in value.members]


def _same_kind(old: Collection, tree: Value) -> bool:
    return isinstance(tree, Mapping if old.keyed else list | tuple)


def _mapping(old: Collection, tree: Mapping[str, Value], shape: Shape) -> Collection:
    wanted = {kebab_key(key, shape): key for key in tree}
    kept: list[Member | None] = []
    for one in old.members:
        name = kebab_key(_key(one), shape)
        key = wanted.pop(name, None)
        kept.append(None if key is None else _with_value(one, tree[key], below(shape, name)))
    made = _without(old, kept)
    for name, key in wanted.items():
        made = _with_key(made, Member(styled(tree[key], below(shape, name)), leaf(key, "")), shape)
    return made


def _list(old: Collection, tree: Sequence[Value], shape: Shape) -> Collection:
    inner = Shape(shape.record)
    found = pairs([_data(one.value) for one in old.members], tree, inner)
    kept = _without(old, [one if at in found else None for at, one in enumerate(old.members)])
    of_tree = {found[at]: one for at, one in zip(sorted(found), kept.members, strict=True)}
    members = (
        _with_value(of_tree[at], value, inner) if at in of_tree else _new_entry(value, inner)
        for at, value in enumerate(tree)
    )
    return replace(kept, members=tuple(members))


def _with_value(one: Member, tree: Value, shape: Shape) -> Member:
    """Return a member with another value; if that is rewritten, the comments in the old one are moved above it."""
    value = _changed(one.value, tree, shape)
    anew = value is not one.value and isinstance(one.value, Collection) and not _same_kind(one.value, tree)
    above = (*one.above, *_comments(one.value)) if anew else one.above
    if isinstance(value, Collection) and not value.members:
        value, above = replace(value, below=()), (*above, *filter(None, value.below))
    return replace(one, value=value, above=above)


def _new_entry(tree: Value, shape: Shape) -> Member:
    value = styled(tree, shape)
    return Member(replace(value, inline=False) if isinstance(value, Collection) and value.keyed else value)


def _with_key(old: Collection, new: Member, shape: Shape) -> Collection:
    """Return a mapping with one more key, after the last key that precedes it in the order of the record."""
    record = None if shape.named else shape.record
    ranks = [rank(_key(one), record) for one in old.members]
    own = rank(_key(new), record)
    at = len(ranks)
    if own is not None:
        at = max((at for at, place in enumerate(ranks, 1) if place is not None and place < own), default=0)
        at = next((after for after in range(at, len(ranks)) if ranks[after] is not None), len(ranks))
    return replace(old, members=(*old.members[:at], new, *old.members[at:]))


def _without(old: Collection, kept: list[Member | None]) -> Collection:
    """Return a collection without the members that are `None`; their comments move above the next one, or to the end."""
    members: list[Member] = []
    left: list[str] = []
    for one, new in zip(old.members, kept, strict=True):
        if new is None:
            left += (*filter(None, (*one.above, one.beside.strip())), *_comments(one.value))
        else:
            members.append(replace(new, above=(*left, *new.above)) if left else new)
            left = []
    return replace(old, members=tuple(members), below=(*left, *old.below))


def _comments(value: Styled) -> Iterator[str]:
    if isinstance(value, Collection):
        for one in value.members:
            yield from filter(None, (*one.above, one.beside.strip()))
            yield from _comments(one.value)
        yield from filter(None, value.below)


# ----------------------------------------------------------------------------------------------------- what values mean


def meaning(value: Value, shape: Shape) -> Hashable:
    """Return something that is equal for two values that are read as the same, and `None` for an empty one.

    A round file may write a list of one as its entry, a record with one key as the text of that key, and `_` for `-`.
    """
    if is_empty(value):
        return None
    if shape.many:
        return tuple(meaning(one, Shape(shape.record)) for one in listed(value)) or None
    if isinstance(value, Mapping) or (shape.record and not shape.named and isinstance(value, str)):
        parts = ((key, meaning(one, below(shape, key))) for key, one in fields(value, shape).items())
        return frozenset((key, part) for key, part in parts if part is not None)
    if isinstance(value, list | tuple):
        return tuple("" if is_empty(one) else meaning(one, shape) for one in value)
    return str(value)


def listed(value: Value) -> list[Value]:
    """Return a value as a list of entries, without empty ones."""
    if is_empty(value):
        return []
    return [one for one in value if not is_empty(one)] if isinstance(value, list | tuple) else [value]


def fields(value: Value, shape: Shape) -> dict[str, Value]:
    """Return a record or mapping by the keys of its model, even if it is written as a text."""
    if isinstance(value, Mapping):
        return {kebab_key(key, shape): one for key, one in value.items()}
    if is_empty(value) or shape.record is None:
        return {}
    if shape.record is Selection and ".." in value:
        first, _, last = value.partition("..")
        return {"from": first, "to": last.lstrip(".")}
    return {shape.record.SHORT: value}


def kebab_key(key: str, shape: Shape) -> str:
    """Return a key of a record as its model writes it; other keys are returned unchanged."""
    return key if shape.record is None or shape.named or key.startswith("x-") else key.replace("_", "-")


def name(value: Value, shape: Shape) -> str:
    """Return the words that name an entry of a list: those of its label, the text itself, or the first cell of a row."""
    if isinstance(value, list | tuple):
        return name(value[0], Shape()) if value else ""
    if isinstance(value, str) and shape.record is None:
        return str(value)
    if shape.record is None and not isinstance(value, Mapping):
        return ""
    keys = fields(value, shape)
    found = (keys.get(label) for label in _labels(shape.record))
    return next((str(one if isinstance(one, str) else listed(one)[0]) for one in found if listed(one)), "")


def _labels(model: type[Record] | None) -> tuple[str, ...]:
    if model is None:
        return ("title", "name", "text")
    label = model.LABEL if issubclass(model, Item) else ()
    return (*label, model.SHORT, *list(shapes(model))[:1])


def pairs(one: Sequence[Value], other: Sequence[Value], shape: Shape) -> Pairs:
    """Return which entries of two lists are the same, by their positions.

    Entries are matched if they are equal, else by id, else by name, else by the most similar name.
    """
    found: Pairs = {}
    keys: tuple[Callable[[Value], Hashable], ...] = (
        lambda value: meaning(value, shape),
        lambda value: fields(value, shape).get("id") if shape.record else None,
        lambda value: name(value, shape) or None,
    )
    for key in keys:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        for place in sorted(set(range(len(other))) - set(found.values()), reverse=True):
            waiting[key(other[place])].append(place)
        for place in sorted(set(range(len(one))) - set(found)):
            word = key(one[place])
            if word is not None and waiting[word]:
                found[place] = waiting[word].pop()
    left, right = (set(range(len(one))) - set(found), set(range(len(other))) - set(found.values()))
    if len(left) * len(right) <= _MOST:
        names, others = {i: name(one[i], shape) for i in left}, {j: name(other[j], shape) for j in right}
        ratios = [(-_ratio(a, b), i, j) for i, a in names.items() for j, b in others.items() if a and b]
        for ratio, i, j in sorted(ratios):
            if -ratio >= SIMILAR and i not in found and j not in found.values():
                found[i] = j
    return found


def _ratio(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one[:200], other[:200], autojunk=False).ratio()


# ---------------------------------------------------------------------------------------------------------------- files


def replace_file(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all: next to it first, then into its place, with the permissions that it had.

    A link stays a link, and its target is written. What a run that was killed left beside the file is removed. Raises
    `OSError` if the folder cannot be written to.
    """
    real = path.resolve()
    handle, name = _beside(real)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if real.exists():
            shutil.copymode(real, name)
        else:
            Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _beside(real: Path) -> tuple[int, str]:
    """Open a new file next to another one, and remove those there that no process writes any more, as the locks tell."""
    for other in real.parent.glob(f".{glob.escape(real.name)}.????????.part"):
        with contextlib.suppress(OSError), other.open("rb") as left:
            if _lock(left.fileno()):
                other.unlink()
    while True:
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.", suffix=".part")
        _lock(handle)
        if os.fstat(handle).st_nlink:  # or another run took it for left over before it was locked
            return handle, name
        os.close(handle)


def _lock(handle: int) -> bool:
    """Lock a file until it is closed; `False` where another process has it, or where there are no locks."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _umask() -> int:
    mask = os.umask(0o22)
    os.umask(mask)
    return mask
