"""In: the text of a configuration of MkDocs. Out: the lines that a person adds to it, and where, so that roundbook is in it.

Nothing of the file is rewritten: what is proposed has been put into a copy of the text, and read again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from roundbook.model.survey import INDEXES, Configuration, Pages
from roundbook.read import configuration
from roundbook.write.edit import NotPlainError, add_entry

NAME = "roundbook"
_FLOW = re.compile(r"(plugins\s*:\s*\[)(.*?)(,?\s*\](?:\s*#.*)?)")
_CHILD = re.compile(r"( +)[^\s#]")


@dataclass(frozen=True, slots=True)
class Addition:
    """Lines for a file of the user's: behind its line `after`, or, where `instead`, in place of that one.

    `after` is 0 where it could not be told: then `lines` belong into the list that is there.
    """

    path: str
    lines: tuple[str, ...]
    after: int = 0
    instead: bool = False
    why: str = ""

    def applied(self, text: str) -> str:
        """Return the text with the lines in it."""
        lines = text.splitlines()
        start = self.after - 1 if self.instead else self.after
        return "\n".join([*lines[:start], *self.lines, *lines[self.after :]]) + "\n"


def plugin(found: Configuration, options: str = "") -> Addition | None:
    """Return what adds the plugin, with its options as one line of YAML; `None` where it is there already."""
    if found.plugins is not None and NAME in found.plugins:
        return None
    made = _in_place(found, options)
    read_again, _ = configuration.parse(made.applied(found.text), found.path) if made else (None, "")
    wanted = {*(found.plugins if found.plugins is not None else ("search",)), NAME}
    if made and read_again and read_again.plugins and set(read_again.plugins) == wanted:
        return made
    entry = f"  - {NAME}: {options}" if options else f"  - {NAME}"
    return Addition(found.path, (entry,), why="as an entry of plugins")


def _in_place(found: Configuration, options: str) -> Addition | None:
    lines = found.text.splitlines()
    entry = f"{NAME}: {options}" if options else NAME
    at = next((i for i, line in enumerate(lines) if re.match(r"plugins\s*:", line)), None)
    if at is None:
        added = ("plugins:", "  - search", f"  - {entry}")
        return Addition(found.path, added, len(lines), why="at the end")
    if flow := _FLOW.fullmatch(lines[at]):
        words = f"{{{entry}}}" if options else entry
        line = f"{flow[1]}{flow[2]}{', ' if flow[2].strip() else ''}{words}{flow[3].lstrip(',')}"
        return Addition(found.path, (line,), at + 1, instead=True, why="the list of plugins")
    if found.listed:
        return _at_end(found, "plugins", [entry])
    child = next((m for line in lines[at + 1 :] if (m := _CHILD.match(line))), None)
    name = f"{child[1] if child else '  '}{NAME}: {options or '{}'}"
    return Addition(found.path, (name,), at + 1, why="below plugins")


def navigation(found: Configuration, hand_written: Pages) -> Addition | None:
    """Return what puts the indexes into a navigation that is written by hand; `None` where that has all, or there is none.

    An index whose address a page of the user's has is left to that page.
    """
    missing = [name for name in INDEXES if not re.search(rf"\b{name}/", found.text)]
    made = [name for name in missing if hand_written.index(name) not in hand_written.own]
    if not found.nav or not made:
        return None
    entries = [f"{name.capitalize()}: {name}/index.md" for name in made]
    placed = _at_end(found, "nav", entries)
    return placed or Addition(found.path, tuple(f"  - {entry}" for entry in entries), why="as entries of nav")


def _at_end(found: Configuration, key: str, entries: Sequence[str]) -> Addition | None:
    """Return lines for the end of a list that is written as block entries; where that is, adding one to a copy tells."""
    plain = "\n".join(found.text.splitlines()) + "\n"
    try:
        after = add_entry(plain, key, {"entry": ""}).splitlines()
    except NotPlainError:
        return None
    before = plain.splitlines()
    at = next((i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), len(before))
    indent = after[at][: len(after[at]) - len(after[at].lstrip())]
    lines = tuple(f"{indent}- {entry}" for entry in entries)
    return Addition(found.path, lines, at, why=f"at the end of {key}")
