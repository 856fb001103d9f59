"""In: the values of a file with their styles and comments. Out: its text, laid out in one way.

Two columns a level, entries of a list behind their key, one blank line at most, and one around each block at the top.
What is in brackets stays so while it fits on its line; what somebody wrote in one of YAML's other ways stays as written.
"""

from __future__ import annotations

from dataclasses import replace

from roundbook.model.sheet import Block, Entry, Leaf, Node, Sheet
from roundbook.write.scalars import WIDTH, lines_of, literal, one_line

_LONGEST_KEY = 1000  # beyond 1,024 characters YAML finds no colon


def text_of(sheet: Sheet) -> str:
    """Return the text of a file, which ends with a line end."""
    lines = body_of(sheet.body, top=True)
    return "".join(f"{line}\n" for line in [*sheet.head, *lines])


def body_of(node: Node, column: int = 0, *, top: bool = False) -> list[str]:
    """Return the lines of a value that stands alone; `column` is where they are going to be moved to."""
    if isinstance(node, Leaf):
        first, *others = _leaf(node, column, column)
        return [first, *_moved(others)]
    if not node.entries:
        return ["{}" if node.keyed else "[]", *node.below]
    return _block(node, column, top=top)


def lines_of_key(entry: Entry) -> list[str]:
    """Return the lines of a key at the top of a file, without the comments above it."""
    return _entry(entry, 0)


def _block(block: Block, column: int, *, top: bool = False) -> list[str]:
    lines: list[str] = []
    tall = False
    for entry in map(_hoisted, block.entries):
        made = _entry(entry, column)
        was_tall, tall = tall, isinstance(entry.value, Block) and len(made) > 1
        _add(lines, ("", *entry.above) if top and (was_tall or tall) else entry.above)
        lines += made
    _add(lines, block.below)
    return lines


def _add(lines: list[str], comments: tuple[str, ...]) -> None:
    """Add comments, and a blank line for each empty text, but never two: a text behind `|` may end with one of its own."""
    for line in comments:
        if line or (lines and lines[-1].strip()):
            lines.append(line)


def _hoisted(entry: Entry) -> Entry:
    """Return the entry with the comments above its first key above its dash, the only place left for them."""
    block = entry.value
    if entry.key or not isinstance(block, Block) or not block.entries:
        return entry
    first = _hoisted(block.entries[0])
    kept = replace(block, entries=(replace(first, above=()), *block.entries[1:]))
    return replace(entry, value=kept, above=(*entry.above, *filter(None, first.above)))


def _entry(entry: Entry, column: int) -> list[str]:
    above, lead = _lead(entry.key)
    value, inner = entry.value, column + 2
    behind = column + len(lead) + 1
    if isinstance(value, Leaf):
        first, *others = _leaf(value, inner, behind)
        made = [f"{lead} {first}" if first else lead, *_moved(others)]
        made[0 if first.startswith(("|", ">")) else -1] += entry.beside
        return [*above, *made]
    line = _in_brackets(value) if not value.entries or value.inline else None
    if line is not None and (not value.entries or behind + len(line) <= WIDTH):
        return [*above, f"{lead} {line}{entry.beside}"]
    made = _moved(_block(_out_of_brackets(value), inner))
    if entry.key or entry.beside:
        return [*above, f"{lead}{entry.beside}", *made]
    return [f"{lead} {made[0].lstrip(' ')}", *made[1:]]


def _lead(key: Leaf | None) -> tuple[list[str], str]:
    """Return what stands before a value: a line above it, where the key is too long for YAML's short form, and its line."""
    if key is None:
        return [], "-"
    text = _written(key) or one_line(key.text)
    return ([], f"{text}:") if len(text) < _LONGEST_KEY else ([f"? {text}"], ":")


def _leaf(leaf: Leaf, column: int, lead: int) -> list[str]:
    if leaf.written:
        return list(leaf.written)
    return literal(leaf.text) if leaf.literal else lines_of(leaf.text, column, lead)


def _in_brackets(node: Node) -> str | None:
    """Return a value on one line, or `None` where a comment or an empty value leaves no room for brackets."""
    if isinstance(node, Leaf):
        if node.written == ("",) or ("\n" in node.text and not _written(node)):
            return None
        return _written(node) or one_line(node.text, brackets=True)
    if node.below or any(e.above or e.beside for e in node.entries):
        return None
    parts: list[str] = []
    for entry in node.entries:
        value = _in_brackets(entry.value)
        key = f"{_written(entry.key) or one_line(entry.key.text, brackets=True)}: " if entry.key else ""
        if value is None or len(key) >= _LONGEST_KEY + len(": "):
            return None
        parts.append(key + value)
    return f"{{{', '.join(parts)}}}" if node.keyed else f"[{', '.join(parts)}]"


def _out_of_brackets(block: Block) -> Block:
    """Return a block whose texts may be quoted in another way than in the brackets, or not at all, or be folded."""
    if not block.inline:
        return block
    return replace(block, entries=tuple(replace(e, value=_free(e.value)) for e in block.entries))


def _free(node: Node) -> Node:
    return Leaf(node.text) if isinstance(node, Leaf) and _written(node).startswith(("'", '"')) else node


def _written(leaf: Leaf) -> str:
    return leaf.written[0] if len(leaf.written) == 1 else ""


def _moved(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
