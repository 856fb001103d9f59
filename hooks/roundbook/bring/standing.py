"""In: the status of a decision as people write it. Out: one of the model's six, with the words where they say more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from roundbook.bring.vocabulary import plain
from roundbook.bring.where import one_line
from roundbook.model.decision import DECISION_STATUSES
from roundbook.model.status_words import word

_WORDS: Mapping[str, str] = {
    **{one: one for one in DECISION_STATUSES},
    **dict.fromkeys(
        ("approved", "agreed", "decided", "final", "adopted", "ratified", "implemented", "done"), "accepted"
    ),
    **dict.fromkeys(
        ("active", "in-force", "confirmed", "locked", "made", "complete", "completed", "resolved"), "accepted"
    ),
    **dict.fromkeys(("pending", "open", "under-discussion", "tbd", "in-review", "proposal"), "proposed"),
    **dict.fromkeys(("under-review", "suggested"), "proposed"),
    **dict.fromkeys(("wip", "in-progress", "drafted"), "draft"),
    **dict.fromkeys(("declined", "refused", "dropped"), "rejected"),
    **dict.fromkeys(("obsolete", "retired"), "deprecated"),
    **dict.fromkeys(("replaced", "superceded"), "superseded"),
}
_END = re.compile(r"[(,;:—–]|\s-\s|\bby\b|\bon\b|\bin\b")


def with_status(entry: dict[str, Any], text: str) -> bool:
    """Give a decision the status that a text states, and the text where it says more; false where it has one."""
    if "status" in entry or "status-text" in entry:
        return False
    status = _WORDS.get(word(plain(text))) or _WORDS.get(word(plain(_END.split(text)[0])))
    if status:
        entry["status"] = status
    if text.casefold() != status:
        entry["status-text"] = one_line(text)
    return True
