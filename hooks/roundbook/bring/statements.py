"""In: a Markdown document. Out: its atoms, each with what names it there, and each name with what it stands over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from roundbook.bring.atoms import Atom, atoms
from roundbook.bring.outline import reach
from roundbook.markdown import Block, Bullets, Document, Grid, Quote

PAIR = 2
_NUMBERED = re.compile(r"(\d{1,3})[.)]\s+(?=\S)")
_NUMBER_HEAD = re.compile(r"#|№|(?:no|nr|num)\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """An atom in its place.

    `under` are the names above it, the nearest first: its column or key, then the headings. `beside` is, in
    a row of two cells, the first one, which may be the name of the second. `over` are, for a name, the
    numbers of the statements that it stands over, and `row` are, for a cell, those of its row. A `counted` cell is in a
    column that does nothing but number the rows; `checked` is an entry of a list with a tick in its box.
    """

    atom: Atom
    under: tuple[str, ...] = ()
    over: range = range(0)
    row: range = range(0)
    is_name: bool = False
    counted: bool = False
    checked: bool = False
    beside: str = ""


def statements(document: Document, numbered: frozenset[int] | None = None) -> tuple[Statement, ...]:
    """Return what a document says, one statement for each of its atoms and in their order.

    `numbered` are the lines of headings whose number says no more than their place, as `numbered_in` gives them.
    """
    return tuple(_Walk(document, numbered_in(document) if numbered is None else numbered).statements())


def numbered_in(document: Document) -> frozenset[int]:
    """Return the lines of headings that are numbered 1, 2, 3 … below the same one, so that their order says the number."""
    found: set[int] = set()
    for parts in (document.parts, *(part.parts for part in document.walk())):
        own = [(int(match[1]), part.line) for part in parts if (match := _NUMBERED.match(part.title))]
        if [number for number, _ in own] == list(range(1, len(own) + 1)):
            found |= {line for _, line in own}
    return frozenset(found)


class _Walk:
    """Goes through the atoms once, and knows the headings, the table and the key that it is below."""

    def __init__(self, document: Document, numbered: frozenset[int]) -> None:
        self.numbered = numbered
        self.atoms = atoms(document)
        self.parts = {part.line: part for part in document.walk()}
        self.grids = {grid.line: grid for grid in _blocks(document) if isinstance(grid, Grid)}
        self.rows = {row.line: (grid, row.cells) for grid in self.grids.values() for row in grid.rows}
        self.counting = {line: _counting(grid) for line, grid in self.grids.items()}
        self.ticked = {line for block in _blocks(document) if isinstance(block, Bullets) for line in _ticked(block)}
        own = (document.blocks, *(part.blocks for part in document.walk()))
        self.reach = {line: end for blocks in own for line, end in reach(blocks)}
        self.headings: list[tuple[int, str]] = []
        self.key = ""

    def statements(self) -> Iterator[Statement]:
        at = 0
        while at < len(self.atoms):
            atom = self.atoms[at]
            end = self._end_of_row(at)
            if atom.kind == "cell" and atom.line in self.grids:
                yield from self._heads(self.grids[atom.line], range(at, end))
            elif atom.kind == "cell":
                yield from self._cells(range(at, end))
            else:
                yield self._other(atom, at)
                end = at + 1
            at = end

    def _other(self, atom: Atom, at: int) -> Statement:
        if atom.kind == "heading":
            part = self.parts[atom.line]
            self.headings = [one for one in self.headings if one[0] < part.level]
            under = self._titles()
            self.headings.append((part.level, atom.text))
            self.key = ""
            end = next((i for i in range(at + 1, len(self.atoms)) if self.atoms[i].line > part.end), len(self.atoms))
            if atom.line in self.numbered:
                atom = replace(atom, text=_NUMBERED.sub("", atom.text) or atom.text)
            return Statement(atom, under, range(at + 1, end), is_name=True)
        if atom.kind == "key":
            self.key = atom.text
            return Statement(atom, self._titles(), self._below_key(at), is_name=True)
        ticked = atom.line in self.ticked
        self.ticked.discard(atom.line)
        return Statement(atom, ((self.key,) if self.key else ()) + self._titles(), checked=ticked)

    def _titles(self) -> tuple[str, ...]:
        return tuple(title for _, title in reversed(self.headings))

    def _below_key(self, at: int) -> range:
        """Return what follows a key and the remark that may be part of it, up to the next key or heading."""
        start = at + 1
        here = ("key", self.atoms[at].line)
        while start < len(self.atoms) and (self.atoms[start].kind, self.atoms[start].line) == here:
            start += 1
        end = start
        last = self.reach.get(self.atoms[at].line, 0)
        while end < len(self.atoms) and (
            self.atoms[end].line <= last or self.atoms[end].kind not in ("key", "heading")
        ):
            end += 1
        return range(start, end)

    def _end_of_row(self, at: int) -> int:
        end = at
        while end < len(self.atoms) and (self.atoms[end].kind, self.atoms[end].line) == ("cell", self.atoms[at].line):
            end += 1
        return end

    def _heads(self, grid: Grid, row: range) -> Iterator[Statement]:
        last = max((one.line for one in grid.rows), default=grid.line)
        end = row.stop
        while end < len(self.atoms) and self.atoms[end].kind == "cell" and self.atoms[end].line <= last:
            end += 1
        columns = _columns(grid.columns, [self.atoms[i].text for i in row])
        for i, column in zip(row, columns, strict=True):
            counted = column in self.counting[grid.line]
            yield Statement(self.atoms[i], self._titles(), range(row.stop, end), row, is_name=True, counted=counted)

    def _cells(self, row: range) -> Iterator[Statement]:
        grid, cells = self.rows[self.atoms[row.start].line]
        columns = _columns(cells, [self.atoms[i].text for i in row])
        for i, column in zip(row, columns, strict=True):
            head = grid.columns[column] if column < len(grid.columns) else ""
            counted = column in self.counting[grid.line]
            beside = cells[0] if len(cells) == PAIR and column else ""
            yield Statement(self.atoms[i], (head, *self._titles()), row=row, counted=counted, beside=beside)


def _columns(cells: Sequence[str], said: Sequence[str]) -> Iterator[int]:
    """Yield the column of each text that a row says; empty cells say nothing."""
    column = 0
    for text in said:
        column = cells.index(text, column)
        yield column
        column += 1


def _counting(grid: Grid) -> frozenset[int]:
    """Return the columns that do nothing but number the rows."""
    numbers = [str(n) for n in range(1, len(grid.rows) + 1)]
    heads = (i for i, head in enumerate(grid.columns) if _NUMBER_HEAD.fullmatch(head))
    return frozenset(i for i in heads if [row.cells[i] if i < len(row.cells) else "" for row in grid.rows] == numbers)


def _blocks(document: Document) -> Iterator[Block]:
    yield from _inner(document.blocks)
    for part in document.walk():
        yield from _inner(part.blocks)


def _inner(blocks: Sequence[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Quote):
            yield from _inner(block.blocks)
        elif isinstance(block, Bullets):
            for item in block.items:
                yield from _inner(item.blocks)


def _ticked(block: Bullets) -> Iterator[int]:
    return (item.line for item in block.items if item.checked)
