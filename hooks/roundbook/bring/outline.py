"""In: the blocks below a heading. Out: a part in which lines such as `**Completed:**` above a list are headings, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from roundbook.markdown import Block, Bullets, Code, Grid, Pairs, Paragraph, Part, bold_of

LEVEL = 7  # below that of every heading


def outlined(part: Part) -> Part:
    """Return a part with its bold lines as headings; what belongs to none of them stays its own."""
    own: list[Block] = []
    made: list[Part] = []
    at = 0
    while at < len(part.blocks):
        block = part.blocks[at]
        title, line = _heading(block)
        below = tuple(_below(part.blocks[at + 1 :])) if title else ()
        if not below:
            own.append(block)
        else:
            own += _rest(block)
            made.append(Part(title, LEVEL, line, below[-1].end, below))
        at += 1 + len(below)
    return replace(part, blocks=tuple(own), parts=(*made, *part.parts)) if made else part


def reach(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """Yield the line of each bold line that stands over something, and the last line of that."""
    for inner in outlined(Part("", 0, 1, 1, tuple(blocks))).parts:
        yield inner.line, inner.end


def _heading(block: Block) -> tuple[str, int]:
    """Return the words that a block ends with to name what follows, and their line."""
    if isinstance(block, Paragraph):
        return bold_of(block.text), block.line
    if isinstance(block, Pairs) and not block.pairs[-1].value:
        return block.pairs[-1].key, block.pairs[-1].line
    return "", 0


def _rest(block: Block) -> Iterator[Pairs]:
    if isinstance(block, Pairs) and len(block.pairs) > 1:
        yield Pairs(block.pairs[:-1], block.line, block.pairs[-1].line - 1)


def _below(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield what a bold line stands over: up to the first list, table or code, or one paragraph."""
    found: list[Block] = []
    for block in blocks:
        if _heading(block)[0] or isinstance(block, Pairs):
            break
        found.append(block)
        if isinstance(block, Bullets | Grid | Code):
            yield from found
            return
    yield from found[:1]
