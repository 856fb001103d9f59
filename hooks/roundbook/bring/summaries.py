"""In: Markdown files that sum up rounds. Out: a tree for each round and phase, with all that the files say.

What is understood becomes entries of the model; what is not, or not wholly, stays as it is written, in `sections` and `tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from roundbook.bring import opening, parts
from roundbook.bring.brought import Brought
from roundbook.bring.gathering import Told, gather
from roundbook.bring.identity import Hints, Share, shares
from roundbook.bring.where import Where
from roundbook.errors import Finding, Place
from roundbook.model.document import Document, Part
from roundbook.model.names import natural_key
from roundbook.write.emit import Data

__all__ = ["Hints", "summaries"]


def summaries(documents: Sequence[Document], hints: Hints | None = None) -> tuple[Brought, ...]:
    """Return what documents say of rounds and phases, in the order of their keys; those of one round are joined.

    `hints` are what the person says: they win over what a document does. Nothing is raised, whatever a document holds.
    """
    given = hints or Hints()
    by_key: dict[str, list[Share]] = {}
    for document in documents:
        for share in shares(document, given):
            by_key.setdefault(share.key, []).append(share)
    made: list[Brought] = []
    told: set[Finding] = set()
    for key in sorted(by_key, key=natural_key):
        one = _brought(by_key[key], given)
        made.append(replace(one, notes=tuple(note for note in one.notes if note not in told)))
        told.update(one.notes)
    return tuple(made)


def _brought(found: Sequence[Share], hints: Hints) -> Brought:
    places = [Where(share.document, share.phase, share.round, hints.words, hints.is_commit) for share in found]
    told_of = (parts.earlier_in(share.parts, where) for share, where in zip(found, places, strict=True))
    earlier = next(filter(None, told_of), "")
    told = [
        one for share, where in zip(found, places, strict=True) for one in _told(share, replace(where, earlier=earlier))
    ]
    tree, findings = gather(told)
    first = found[0]
    identity: dict[str, Data] = {"round": first.round} if first.round else {}
    identity["phase"] = first.phase
    tree = {**identity, **tree}
    if first.round and not (tree.get("title") or tree.get("focus")):
        tree["title"] = f"Phase {first.phase} Round {first.round}"
    guesses = dict.fromkeys((share.guessed, share.document.path) for share in found if share.guessed)
    notes = [
        Finding("info", "import-key", text, Place(path, 1, 1), "name it with --phase and --round")
        for text, path in guesses
    ]
    documents = tuple(dict.fromkeys(map(_Same, (share.document for share in found))))
    return Brought(first.key, _with_tests(tree), tuple(one.document for one in documents), (*notes, *findings))


class _Same:
    """A document, which is equal to itself alone."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.document is self.document

    def __hash__(self) -> int:
        return id(self.document)


def _told(share: Share, where: Where) -> Iterable[Told]:
    if share.front:
        yield from opening.front(share.document, where)
    yield from parts.top(Part("", 0, 1, 1, share.before), where)
    if share.heading:
        yield from opening.title(share.heading, where)
    yield from parts.top(Part("", 0, 1, 1, share.blocks, share.parts), where)


def _with_tests(tree: dict[str, Data]) -> dict[str, Data]:
    """Take the test count after this round from its own row among the earlier rounds, where nothing else states it."""
    metrics, history = tree.get("metrics"), tree.get("history")
    tests = metrics.get("tests") if isinstance(metrics, Mapping) else None
    if not isinstance(tests, dict) or {"after", "value"} & set(tests) or not isinstance(history, list):
        return tree
    own = [row for row in history if isinstance(row, dict) and row.get("round") == tree.get("round")]
    if len(own) == 1 and own[0].get("tests-after"):
        tests["after"] = own[0]["tests-after"]
    return tree
