"""In: a round. Out: the anchor of each of its entries, stable while its id or its words stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from roundbook.errors import Finding
from roundbook.model.item import Item
from roundbook.model.names import slug
from roundbook.model.records import LISTS, RoundOrPhase

# Sections of a page have anchors of their own, which no entry may take.
SECTIONS = frozenset(
    {"summary", "metrics", "since", "previous-rounds", "files", "commits", "pull-requests", "contributors", "touched"}
    | {"links", "waived", "tags", "evidence", "versions", "recorded-versions", "mentioned-in", *LISTS}
)


def anchors(record: RoundOrPhase) -> dict[tuple[str, int], str]:
    """Return the anchor of each entry, by the list it stands in and its position.

    Two entries that would have one anchor get `-2`, `-3` behind it, in their order.
    """
    return named({field: [(item.id, item.label) for item in getattr(record, field)] for field in LISTS})


def named(lists: Mapping[str, Iterable[tuple[str | None, str]]]) -> dict[tuple[str, int], str]:
    """Return the anchors of lists of entries, of each of which the id, if any, and the words that stand for it count."""
    found: dict[tuple[str, int], str] = {}
    taken = set(SECTIONS)
    for field, one in LISTS.items():
        for i, (id_, label) in enumerate(lists.get(field, ())):
            anchor = _free(f"{one.prefix}{id_ or slug(label, 48)}", taken)
            taken.add(anchor)
            found[field, i] = anchor
    return found


def _free(anchor: str, taken: set[str]) -> str:
    if anchor not in taken:
        return anchor
    return next(a for n in range(2, len(taken) + 3) if (a := f"{anchor}-{n}") not in taken)


def twice(record: RoundOrPhase) -> Iterator[Finding]:
    """Yield a finding for each id that two entries of one list of a round claim."""
    for field in LISTS:
        if field == "decisions":
            continue  # their ids are held against the whole book
        seen: dict[str, Item] = {}
        items: tuple[Item, ...] = getattr(record, field)
        for item in items:
            other = seen.setdefault(item.id.casefold(), item) if item.id else item
            if other is not item:
                message = f'the id "{item.id}" is also used at {other.place}'
                yield Finding("error", "id-twice", message, item.place_of("id"), "give one of the two another id")
