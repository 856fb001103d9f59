"""What is found among entries and is none: blank lines of forms, words that there is nothing, reasons, options."""

from __future__ import annotations

import re

from roundbook.markdown import plain

# What says that there is nothing to list: `None currently ✅`, `No known issues.`
NONE = re.compile(
    r"\W*(?:(?:none|n/?a|nothing)\s*(?:[.—–:,;-].*)?|(?:none|n/?a|nothing)\b[^\n]{0,80}|no\s+(?:\w+\s+){0,3}"
    r"(?:issues?|blockers?|risks?|problems?|gaps?|questions?|items?|bugs?|deviations?|concerns?|limitations?)\b[^\n]{0,80})",
    re.IGNORECASE | re.DOTALL,
)
MAY_BE_NONE = frozenset({"findings", "blockers", "risks", "questions", "deferred", "tasks", "next"})
_BLANK = re.compile(r"_{3,}")
# Names of lists that say why, how or what else, and have none of the entries that the heading above them promises.
_WHY = (
    r"rationale|why|reasons?|reasoning|because|justification|option [a-z\d]{1,2}|options|alternatives?|pros|cons|"
    r"current (?:state|situation|behaviou?r)|before$|benefits?|background|context|examples?|expected (?:results?|outcomes?)|"
    r"approach|(?:minor |important |side )?notes? (?:on|about)"
)
_ASIDE = re.compile(rf"(?:{_WHY})\b")
_NO_FINDING = re.compile(r"^why (?:this|that|these|they|it)\b|\bissues 0$")
_LATER = re.compile(r"\b(?:for|in) (?:later|future|other|next)\b|\bnot (?:new|changed)\b")
_MISSING = re.compile(r"\b(?:missing|not (?:yet|done|there)|still open|what s left)\b")
_SETTLED = re.compile(r"\b(?:fixed|resolved|validated|mitigat\w+)\b")


def is_aside(title: str, kind: str) -> bool:
    """Tell whether a heading or line above a list says that it has no entries of a kind, whatever is above it."""
    words = plain(title)
    if kind == "findings":
        return bool(NONE.fullmatch(title) or _NO_FINDING.search(words))
    if kind in ("decisions", "carried"):
        return False
    if kind in MAY_BE_NONE and NONE.fullmatch(title):
        return True
    if kind in ("checks", "deliverables", "metrics", "goals") and _LATER.search(words):
        return True
    if kind == "deliverables" and _MISSING.search(words):
        return True
    return bool(_ASIDE.match(words) or (kind == "risks" and _SETTLED.search(words)))


def is_blank(text: str) -> bool:
    """Tell whether a text is a line of a form that nobody has filled in."""
    return bool(_BLANK.search(text)) and not re.sub(r"_{3,}|\W", "", text.rpartition(":")[2])
