"""In: a docket. Out: verdicts on addresses that were published: whether they still lead somewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from roundbook.errors import Place
from roundbook.model.book import Book
from roundbook.model.verdict import Verdict
from roundbook.think.checks.check import Docket, check


@check("address-lost", "warning", history=True)
def address_lost(docket: Docket) -> Iterator[Verdict]:
    """A round or decision that was renamed names its old id in `was:`, so that links to its old page still lead there.

    A decision without an `id` is named by its title, so a new title is a new name.

    Mend: write `was:` with the old id, or give the decision the old one as its `id`.
    """
    book = docket.book
    for (kind, old), now in book.lives.renamed.items():
        kept: Mapping[str, str] = book.former.rounds if kind == "round" else book.former.decisions
        key, anchor, place = _where(kind, now, book)
        claim = f"links to the {kind} {old} lead to {now}, as it is called now"
        if kept.get(old) != now:
            evidence, mend = "it was renamed, and does not say so in was:", f"write was: [{old}]"
            lost = Verdict("address-lost", "contradicted", claim, evidence, place, key, anchor, mend=mend)
            yield lost._replace(stated=False)  # nothing in the file claims that old links arrive


def _where(kind: str, now: str, book: Book) -> tuple[str, str, Place | None]:
    if kind == "round":
        entry = book.entries.get(now)
        return now, "", entry.round.place if entry else None
    ruling = book.rulings.get(now)
    return (*ruling.address, ruling.decision.place_of("id")) if ruling else ("", "", None)
