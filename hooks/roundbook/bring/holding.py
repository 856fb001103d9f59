"""In: what a reader made of a part of a document, and that part. Out: whether it holds all that the part says.

It is the proof that the whole import has to pass, asked of each part in turn: a reader that loses an atom is not believed.
"""

from __future__ import annotations

from collections.abc import Sequence

from roundbook.bring.gathering import Told, gather
from roundbook.bring.proof import prove
from roundbook.bring.where import Where
from roundbook.model.document import Block, Document, Part


def holds(made: Sequence[Told], of: Sequence[Block] | Part, where: Where) -> bool:
    """Tell whether each atom of a part, or of blocks, is found in what was made of it."""
    blocks, parts = ((), (of,)) if isinstance(of, Part) else (tuple(of), ())
    identity = {"round": where.round, "phase": where.phase} if where.round else {"phase": where.phase}
    document = Document(where.document.path, (), {}, blocks, parts)
    return not prove((document,), (identity | gather(made)[0],)).missing


def held(made: list[Told], of: Sequence[Block] | Part, where: Where) -> list[Told]:
    """Return what was made of a part if it holds all of it, and else nothing."""
    return made if made and holds(made, of, where) else []
