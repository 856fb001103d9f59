"""Headings about another round than the one that is read, and what is carried over from it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from roundbook.importer.identify import PHASES
from roundbook.importer.statements import NoteContext
from roundbook.importer.vocabulary import Name, RoundMention, name_of
from roundbook.markdown import Part

CARRIED = frozenset({"completed", "findings", "deferred"})


def is_named(mention: RoundMention, context: NoteContext) -> bool:
    """Tell whether the record is named by a round or phase that is spoken of, and not one within it is."""
    own = context.phase if mention.word in PHASES or not context.round else context.round
    return mention.id.replace(".", "-").casefold() == own.replace(".", "-").casefold()


def is_apart(mention: RoundMention, context: NoteContext) -> bool:
    """Tell whether another round or phase that a heading speaks of is none within the one that is read."""
    own = context.round or context.phase
    alike = (mention.word in PHASES) is not bool(context.round) and re.search(r"\d[a-z]?$", own)
    return not context.is_own(mention) and bool(alike or mention.how == "for")


def earlier(name: Name, context: NoteContext) -> str:
    """Return the key of the one earlier round that a heading is about."""
    others = [one for one in name.rounds if not context.is_own(one) and one.how != "to"]
    one = len(others) == 1 and others[0].word not in PHASES and not name.rest and context.round
    key = context.key_of(others[0]) if one else ""
    return key if context.earlier in ("", key) else ""


def of_another(name: Name, context: NoteContext) -> bool:
    """Tell whether a heading is about another round than the one that is read, and the one that it tells of as well."""
    others = [one for one in name.rounds if not context.is_own(one) and one.how != "to" and one.word not in PHASES]
    return name.topic in CARRIED and bool(others and context.round and not name.rest and not context.carried)


def earlier_in(parts: Sequence[Part], context: NoteContext) -> str:
    """Return the key of the first earlier round that parts are about: a record can tell of one alone."""
    names = (name_of(part.title) for one in parts for part in one.walk())
    return next((key for name in names if name.topic in (*CARRIED, "changed") and (key := earlier(name, context))), "")
