"""In: nothing. Out: which headings and labels of decision records are names of which keys of a decision, as data tables.

Source: https://adr.github.io/madr/ (templates 2 to 4), https://github.com/npryce/adr-tools, https://github.com/thomvaill/log4brains
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from roundbook.schema.base import kebab
from roundbook.schema.decision import Decision

# Headings of sections that hold a key of a decision; every other section is kept under its own heading.
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(
        ("context and problem statement", "context", "problem statement", "problem", "background", "issue"), "context"
    ),
    **dict.fromkeys(("decision outcome", "decision", "outcome", "the decision"), "decision"),
    **dict.fromkeys(("rationale", "justification", "reasons", "reason", "reasoning", "why"), "rationale"),
    **dict.fromkeys(
        ("considered options", "options considered", "options", "alternatives", "alternatives considered"), "options"
    ),
    **dict.fromkeys(("consequences", "positive consequences", "negative consequences"), "consequences"),
    **dict.fromkeys(("considered alternatives",), "options"),
    **dict.fromkeys(("trade-offs", "tradeoffs", "trade-off", "tradeoff"), "tradeoff"),
    **dict.fromkeys(("impact",), "impact"),
    **dict.fromkeys(("evidence",), "evidence"),
}
# Labels at the head of a record, and keys of its front matter.
LABELS: Mapping[str, str] = {
    **dict.fromkeys(
        ("status", "decision status", "adr status", "current status", "state", "decision state", "record status"),
        "status",
    ),
    **dict.fromkeys(("date", "decided", "decided on", "decision date", "date of decision"), "date"),
    **dict.fromkeys(
        ("deciders", "decider", "decision makers", "decision maker", "decided by", "decision owners"),
        "decision-makers",
    ),
    **dict.fromkeys(("consulted", "consulted with"), "consulted"),
    "informed": "informed",
    **dict.fromkeys(("tags", "tag", "keywords"), "tags"),
}
LISTED = frozenset({"decision-makers", "consulted", "informed", "tags", "ratified-by"})
RELATED = frozenset({"supersedes", "amends", "depends-on", "relates-to"})
# Keys of a decision that front matter may have under their own name; what a record gets by its place is none of them.
OWN = frozenset(map(kebab, Decision.model_fields)) - {"id", "title", "details", "status-text"}
# Labels and sections that list other records without saying what these are to the record.
RELATED_LABELS = frozenset(
    (
        "related",
        "relates",
        "related adrs",
        "related adr",
        "related decisions",
        "related decision",
        "related records",
        "adrs",
        "adr",
        "see also",
        "links",
        "relations",
        "references",
        "cross references",
        "relationships",
        "decisions",
    )
)
# Sections of which one alone shows that a document is one record, and not a log of several.
TELLING = frozenset({"status", *HEADINGS}) - {"why", "reason", "issue"}
# What the minutes of a meeting have, and no record of a decision.
MEETING_WORDS = frozenset(
    ("agenda", "attendees", "attendance", "participants", "present", "action items", "minutes", "apologies", "absent")
)
MEETING = re.compile(r"\b(?:meeting|minutes|stand-?up|retro(?:spective)?|agenda)\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_BLANKS = re.compile(r"[\s_]+")


_SHOWN = re.compile(r"!?\[(?P<text>[^\[\]]*)\]\([^()]*\)|</?[a-zA-Z][^<>]{0,200}>")  # links, images and tags of HTML
_STATED = re.compile(r"(?P<label>[^:=()\[\]—–]{2,40}?)\s*(?:[:=—–(\[]|\s-\s)\s*(?P<value>.*\S)", re.DOTALL)


def stated(words: str) -> tuple[str, str]:
    """Return the label and the value of `Status: Accepted`, a heading or a line, where the label is one of a status."""
    bare = _SHOWN.sub(r"\g<text>", COMMENT.sub("", words)).replace("*", "").replace("_", " ").strip(" #")
    match = _STATED.fullmatch(bare)
    if match and key_of(match["label"]) == "status":
        return match["label"].strip(), match["value"].rstrip(")] ")
    return "", ""


def folded(words: str) -> str:
    """Return a heading or label as the tables have it: lower case, single blanks, without emphasis, comments and a colon."""
    return _BLANKS.sub(" ", COMMENT.sub("", words).replace("*", "").strip(" :#").lower())


def key_of(label: str) -> str:
    """Return the key that a label at the head of a record means, or nothing."""
    words = folded(label)
    own = words.replace(" ", "-")
    return LABELS.get(words) or LABELS.get(words.replace("-", " ")) or (own if own in OWN else "")
