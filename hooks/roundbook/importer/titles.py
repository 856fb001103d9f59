"""How notes call the round or phase that they are about."""

from __future__ import annotations

import re

from roundbook.importer.identify import GENERIC, TASK, Excerpt, pairs_in
from roundbook.importer.vocabulary import ID, key_names, mentions
from roundbook.markdown import plain, unmarked

_CALLED = re.compile(rf"(?:[a-z]+\s+)?(?P<id>{ID})(?:\s*(?::|[-–—]+)\s+(?P<name>\S.*)|\s*\((?P<inner>[^()]+)\))", re.I)
_SUBTITLE = re.compile(r"(?P<kind>[\w\s'/-]*?)\s*(?::|\s(?:[-–—|]|--+))\s+(?P<name>\S.*)")


def called(excerpt: Excerpt, level: str) -> tuple[str, str]:
    """Return the line at the top of a note that names its round, or its phase, and the name: `**Sprint**: Sprint 10 - Soup`."""
    own = excerpt.round if level == "round" else excerpt.phase
    for key, value in pairs_in((*excerpt.before, *excerpt.blocks)):
        label, text = plain(key), unmarked(str(value)).strip()
        if level == "round" and label == excerpt.word == "task" and not _CALLED.fullmatch(text) and about(text):
            return f"**{key}**: {value}", text
        if key_names().get(label) == level or (level == "round" and label == excerpt.word):
            match = _CALLED.fullmatch(text)
            id_ = match["id"].casefold().removeprefix(f"{excerpt.phase.casefold()}.") if match else ""
            if match and own.casefold() in (id_, match["id"].casefold()):
                return f"**{key}**: {value}", (match["name"] or match["inner"]).strip()
    return "", ""


def subtitle(title: str) -> tuple[str, str]:
    """Return the kind of note and the name of the round in a title: `Sprint 13 Plan: Soup`."""
    bare = unmarked(title)
    part, found = TASK.search(bare), mentions(title)
    end = part.end() if part else found[0].end if found else 0
    match = _SUBTITLE.fullmatch(bare[end:]) if end else None
    if match and about(match["name"]) and all(word in GENERIC for word in plain(match["kind"]).split()):
        return match["kind"].strip(), match["name"].strip()
    return "", ""


def about(title: str) -> list[str]:
    """Return the words of a title that say what it is about, beyond its number and the kind of note."""
    bare = unmarked(title)
    for mention in reversed(mentions(title)):
        bare = f"{bare[: mention.start]} {bare[mention.end :]}"
    return [one for one in plain(bare).split() if one not in GENERIC and not one.isdecimal()]
