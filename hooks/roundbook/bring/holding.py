"""In: what a reader made of a part of a document, and that part. Out: whether it holds all that the part says.

It is the proof that the whole import has to pass, asked of each part in turn: a reader that loses an atom is not believed.
"""

from __future__ import annotations

from collections.abc import Sequence

from roundbook.bring.gathering import Told, gather
from roundbook.bring.outline import LEVEL
from roundbook.bring.proof import prove
from roundbook.bring.where import Where
from roundbook.markdown import Block, Document, Pair, Pairs, Part


def holds(made: Sequence[Told], of: Sequence[Block] | Part, where: Where) -> bool:
    """Tell whether each atom of a part, or of blocks, is found in what was made of it."""
    blocks, parts = _as_written(of) if isinstance(of, Part) else (tuple(of), ())
    identity = {"round": where.round, "phase": where.phase} if where.round else {"phase": where.phase}
    if where.carried:
        made = [where.told("carried", {"from": where.earlier}, 0), *made]  # which the heading above says
    document = Document(where.document.path, (), {}, blocks, parts)
    return not prove((document,), (identity | gather(made)[0],), where.numbered).missing


def _as_written(part: Part) -> tuple[tuple[Block, ...], tuple[Part, ...]]:
    """Return the blocks and parts that a part is in its document, where a bold line is no heading."""
    if part.level < LEVEL:
        return (), (part,)
    return (Pairs((Pair(part.title, "", part.line),), part.line, part.line), *part.blocks), ()


def held(made: list[Told], of: Sequence[Block] | Part, where: Where) -> list[Told]:
    """Return what was made of a part if it holds all of it, and else nothing."""
    return made if made and holds(made, of, where) else []
