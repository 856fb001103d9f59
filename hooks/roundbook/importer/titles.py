"""How notes call the round or phase that they are about."""

from __future__ import annotations

import re

from roundbook.importer.identify import GENERIC, TASK, Excerpt, pairs_in
from roundbook.importer.vocabulary import ID, key_names, mentions
from roundbook.markdown import plain, remark_of, unmarked

_CALLED = re.compile(rf"(?:[a-z]+\s+)?(?P<id>{ID})(?:\s*(?::|[-–—]+)\s+(?P<name>\S.*)|\s*\((?P<inner>[^()]+)\))", re.I)
_SUBTITLE = re.compile(r"(?P<kind>[\w\s'/-]*?)\s*(?::|\s(?:[-–—|]|--+))\s+(?P<name>\S.*)")

# Words beside those of `GENERIC` that make no name of a round on their own, nor end one.
_KINDS = frozenset({"execution", "executive", "implementation", "feedback", "analysis", "findings", "ok"})
_NO_NAME = re.compile(r"\S+/\S|.*#\d")  # a branch and a request in brackets


def called(excerpt: Excerpt, level: str) -> str:
    """Return the name that a line at the top of a note gives its round, or its phase: `**Sprint**: Sprint 10 - Soup`."""
    own = excerpt.round if level == "round" else excerpt.phase
    for key, value in pairs_in((*excerpt.before, *excerpt.blocks)):
        label, text = plain(key), unmarked(str(value)).strip()
        if level == "round" and label == excerpt.word == "task" and not _CALLED.fullmatch(text) and about(text):
            return text
        if key_names().get(label) == level or (level == "round" and label == excerpt.word):
            match = _CALLED.fullmatch(text)
            named = match["name"] or match["inner"] if match else ""
            if match and _is_own(match["id"], own, excerpt) and not (match["inner"] and _NO_NAME.match(named)):
                return named.strip()
    return ""


def _is_own(id_: str, own: str, excerpt: Excerpt) -> bool:
    """Tell whether a number is that of a phase or round, which may have its name in its id."""
    number, id_ = id_.casefold(), own.casefold()
    apart = excerpt.apart and (id_.startswith(f"{number}-") or id_.endswith(f"-{number}"))
    return bool(apart) or id_ in (number, number.removeprefix(f"{excerpt.phase.casefold()}."))


def subtitle(title: str) -> str:
    """Return the name of the round in a title such as `Sprint 13 Plan: Soup`; not what ends as a kind of note does."""
    bare = unmarked(title)
    part, found = TASK.search(bare), mentions(title)
    end = part.end() if part else found[0].end if found else 0
    match = _SUBTITLE.fullmatch(bare[end:]) if end else None
    words = plain(remark_of(match["name"])[0]).split() if match else []
    if (
        match
        and about(match["name"])
        and words[-1] not in GENERIC | _KINDS
        and GENERIC.issuperset(plain(match["kind"]).split())
    ):
        return match["name"].strip()
    return ""


def about(title: str) -> list[str]:
    """Return the words of a title that say what it is about, beyond its number and the kind of note."""
    bare = TASK.sub(" ", unmarked(title))
    for mention in reversed(mentions(bare)):
        bare = f"{bare[: mention.start]} {bare[mention.end :]}"
    return [one for one in plain(bare).split() if one not in GENERIC and not one.isdecimal()]


def is_kind(title: str) -> bool:
    """Tell whether a title says no more than the number of a round and the kind of note: `Sprint 13 Execution Summary`."""
    return _KINDS.issuperset(about(title))
