"""In: documents. Out: the records that they are made into, each by the importer that knows its kind, and proofs of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roundbook.bring import decisions, said
from roundbook.bring.atoms import Atom, atoms
from roundbook.bring.brought import Brought
from roundbook.bring.changelog import changelog, is_changelog
from roundbook.bring.identity import Hints
from roundbook.bring.proof import Missing, Proof, proofs
from roundbook.bring.summaries import summaries
from roundbook.errors import Finding, Place
from roundbook.markdown import Document
from roundbook.schema.ids import natural_key

Trees = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Kind:
    """A kind of notes: which documents are of it, what they are made into, and the proof of each."""

    name: str
    fits: Callable[[Document], bool]
    bring: Callable[[Sequence[Document], Hints], tuple[Brought, ...]]
    proofs: Callable[[Sequence[Document], Trees], Iterable[Proof]]


def _counted(
    missing: Callable[[Document, Trees], tuple[Atom, ...]],
) -> Callable[[Sequence[Document], Trees], Iterable[Proof]]:
    def made(documents: Sequence[Document], trees: Trees) -> Iterator[Proof]:
        for document in documents:
            lost = missing(document, trees)
            yield Proof(len(atoms(document)), tuple(Missing(document.path, atom) for atom in lost))

    return made


def _decisions(documents: Sequence[Document], hints: Hints) -> tuple[Brought, ...]:
    phase, _, number = decisions.KEY.partition("/")
    key = f"{hints.phase or phase}/{hints.round or number}"
    return (decisions.decisions(documents, key),) if documents else ()


# Nobody can tell a decision record from a note for sure: these are of this kind only if the person says so.
DECISIONS = Kind("decisions", lambda _: False, _decisions, proofs)
# Fragments are known by their folder, name and look, before anything is read as a document.
FRAGMENTS = Kind("fragment", lambda _: False, lambda _, __: (), lambda _, __: ())
# The first kind that fits is taken; the last one fits all.
KINDS = (
    DECISIONS,
    Kind("changelog", is_changelog, changelog, _counted(said.missing)),
    Kind("summary", lambda _: True, summaries, proofs),
)


@dataclass(frozen=True)
class Imported:
    """A record that documents were made into, and their kind."""

    kind: Kind
    brought: Brought


def kind_of(document: Document, hints: Hints) -> Kind:
    """Return the kind of a document."""
    return DECISIONS if hints.decisions else next(kind for kind in KINDS if kind.fits(document))


def imported(documents: Sequence[Document], hints: Hints) -> tuple[Imported, ...]:
    """Return the records that documents are made into, in the order of their keys."""
    sorted_: dict[str, list[Document]] = {kind.name: [] for kind in KINDS}
    for document in documents:
        sorted_[kind_of(document, hints).name].append(document)
    made = (Imported(kind, one) for kind in KINDS for one in kind.bring(sorted_[kind.name], hints))
    return tuple(sorted(made, key=lambda one: natural_key(one.brought.key)))


def clashes(made: Sequence[Imported]) -> Iterator[Finding]:
    """Yield an error for each record that documents of two kinds would be, or two whose keys differ in case only."""
    seen: dict[str, Imported] = {}
    for one in made:
        other = seen.setdefault(one.brought.key.casefold(), one)
        if other is not one:
            paths = ", ".join(d.path for d in other.brought.documents)
            message = f"it would be {one.brought.key}, as a {one.kind.name}, which {paths} is as a {other.kind.name}"
            place = Place(one.brought.documents[0].path) if one.brought.documents else None
            yield Finding("error", "import-twice", message, place, "import it alone, with --phase and --round")
