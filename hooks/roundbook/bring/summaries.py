"""In: Markdown files that sum up rounds. Out: a tree for each round and phase, with all that the files say.

What is understood becomes entries of the model; what is not, or not wholly, stays as it is written, in `sections` and `tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.bring import opening, parts
from roundbook.bring.brought import Brought
from roundbook.bring.gathering import Told, gather
from roundbook.bring.identity import Hints, Share, shares
from roundbook.bring.statements import numbered_in
from roundbook.bring.streams import Group, groups, rank
from roundbook.bring.where import Where
from roundbook.errors import Finding, Place
from roundbook.markdown import Document, Part
from roundbook.yamlfile.writer import Data

__all__ = ["Hints", "summaries"]


def summaries(documents: Sequence[Document], hints: Hints | None = None) -> tuple[Brought, ...]:
    """Return what documents say of rounds and phases, in the order of their keys; those of one round are joined.

    `hints` are what the person says: they win over what a document does. Nothing is raised, whatever a document holds.
    """
    given = hints or Hints()
    made: list[Brought] = []
    told: set[Finding] = set()
    for group in groups([share for document in documents for share in shares(document, given)], given):
        one = _brought(group, given)
        made.append(replace(one, notes=tuple(note for note in one.notes if note not in told)))
        told.update(one.notes)
    return tuple(made)


def _brought(group: Group, hints: Hints) -> Brought:
    found = group.shares
    numbered = {id(one): numbered_in(one) for one in group.documents}
    places = [
        Where(
            one.document,
            one.phase,
            one.round,
            hints.words,
            hints.is_commit,
            numbered=numbered[id(one.document)],
            is_record=hints.is_record,
        )
        for one in found
    ]
    told_of = (parts.earlier_in(share.parts, where) for share, where in zip(found, places, strict=True))
    earlier = next(filter(None, told_of), "")
    best = min(map(rank, found))
    told: list[Told] = []
    for share, where in zip(found, places, strict=True):
        said = list(_told(share, replace(where, earlier=earlier)))
        told += _before_the_work(said) if rank(share) == 2 and best == 0 else said
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
    return Brought(group.key, _with_tests(tree), group.documents, (*group.notes, *notes, *findings))


def _before_the_work(told: Sequence[Told]) -> Iterator[Told]:
    """Yield what a note says that was written before a round began; its status is a note, since what sums up tells it."""
    words = {one.line for one in told if one.key == "status-text"}
    for one in told:
        if one.key not in ("status", "status-text"):
            yield one
        elif one.key == "status-text" or one.line not in words:
            yield Told("notes", f"**Status**: {one.value}", one.path, one.line)


def _told(share: Share, where: Where) -> Iterable[Told]:
    if share.front:
        yield from opening.front(share.document, where)
    yield from parts.top(Part("", 0, 1, 1, share.before), where)
    if share.heading:
        yield from opening.title(share.heading, where)
    topic = parts.topic_of(share.heading.title if share.heading else "", share.document.path)
    yield from parts.top(Part("", 0, 1, 1, share.blocks, share.parts), where, topic)


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
