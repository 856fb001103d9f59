"""In: nothing. Out: `Former`, the addresses that were published before something was renamed, each with what it means now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roundbook.model.homes import Homes


@dataclass(frozen=True, slots=True)
class Former:
    """What `was:` says, over the whole book.

    `rounds` maps an old key (`3/4b`) and `decisions` an old id to the living one; `anchors` maps a round's key and an
    anchor to the anchors that the same entry had before.
    """

    rounds: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    anchors: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def cited(self, homes: Homes) -> Homes:
        """Return the rounds of decisions by id, those of old ids too: commits that cite one cannot be changed."""
        olds = {old: homes[new] for old, new in self.decisions.items()}
        return Homes({**homes, **olds}, homes.records, self.decisions)
