"""In: the name and text of a Markdown file. Out: what kind of note it is, and the paths that it names.

Kinds are told by what the forms prescribe, never by a guess at the meaning. Sources: MADR 2 to 4, Nygard's form as adr-tools
writes it, log4brains.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from roundbook.model.survey import Root
from roundbook.read.outline import parse

ENOUGH = 65_536  # characters; what a file is, its beginning tells
DEEPEST = 3  # leading folders that a path may have lost

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^#[ \t]+(.+?)[ \t#]*$|^(\S.*)\n=+[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*[ \t]*$", re.MULTILINE | re.DOTALL)

_UNIT = r"(?:round|sprint|phase|milestone|iteration)"
_NUMBERED = rf"\b{_UNIT}[ \t_.#-]*(?:\d+[a-z]?|[ivx]+)\b"
_UNITS = re.compile(rf"(?:{_NUMBERED}[\s_.,:–—-]*)+", re.IGNORECASE)
_CLOSING = re.compile(
    rf"\b(?:{_UNIT}s?[\W_]*)?(?:summary|report|recap|retrospective|review|results?|complete[d]?|done|wrap[ -]?up)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"\b(?:plan|planning|proposal|template|agenda|backlog)\b", re.IGNORECASE)

_NUMBERED_NAME = re.compile(r"(?:adr[-_ ]?)?\d{1,8}[-_ .].*\.md", re.IGNORECASE)
_FOLDERS = frozenset({"adr", "adrs", "decisions", "decision-records", "decision_records", "architecture-decisions"})
_STATUS = re.compile(r"^##[ \t]+Status[ \t]*$", re.MULTILINE | re.IGNORECASE)
_LISTED = re.compile(r"^(?:[*-][ \t]+)?(?:\*\*)?Status(?:\*\*)?[ \t]*:", re.MULTILINE | re.IGNORECASE)
_BODY = re.compile(
    r"^##[ \t]+(Context|Decision|Considered Options|Consequences)(?: and Problem Statement| Outcome)?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_NOT_ONE = frozenset({"readme", "index", "template", "adr-template", "summary"})

_SPAN = re.compile(r"(?<!`)`([^`\s]+)`(?!`)")
_PATH = re.compile(r"(?:\./)?[\w.@+-]+(?:/[\w.@+-]+)+/?")


def title_of(text: str) -> str:
    """Return the first heading of the first level outside code, or the `title` of the front matter, or nothing."""
    front = _FRONT.match(text)
    match = _TITLE.search(_FENCE.sub("", text[front.end() :] if front else text))
    if match:
        return (match[1] or match[2]).strip()
    said = _front(text).get("title")
    return said if isinstance(said, str) else ""


def is_summary(path: str, title: str) -> bool:
    """Tell whether a name or a title says that a file sums up a numbered round, sprint, phase, milestone or iteration.

    What says that it looks ahead, such as a plan, is none, unless it says that it sums up too.
    """
    stem = re.sub(r"[_-]+", " ", PurePosixPath(path).stem)
    return any(_sums_up(text) for text in (title, re.sub(r"(?<=[a-z])(?=\d)", " ", stem)))


def _sums_up(text: str) -> bool:
    units = _UNITS.search(text)
    if not units:
        return False
    if _CLOSING.search(text):
        return True
    alone = not text[: units.start()].strip() and not text[units.end() :].strip()
    return not _AHEAD.search(text) and (alone or len(re.findall(_UNIT, units[0], re.IGNORECASE)) > 1)


def is_about(path: str) -> bool:
    """Tell whether a file is about the records beside it: an index, or the form that they are written in."""
    return PurePosixPath(path).stem.lower() in _NOT_ONE


def may_be_decision(path: str, folders: Iterable[str]) -> bool:
    """Tell whether a file is where, or named as, records of decisions are; `folders` are those that settings name."""
    where = PurePosixPath(path)
    named = _NUMBERED_NAME.fullmatch(where.name) or where.parent.name.lower() in _FOLDERS
    return bool(named or where.parent.as_posix() in folders) and not is_about(path)


def is_decision(text: str, *, told: bool = False) -> bool:
    """Tell whether a text has the form of a decision record: a status and one of their headings, or two of them.

    MADR leaves the status to the writer; `told` says that the settings of a tool name the folder, so that one is enough.
    """
    status = "status" in _front(text) or _STATUS.search(text) or _LISTED.search(text)
    found = {match[1].lower() for match in _BODY.finditer(text)}
    return bool(found - {"considered options", "consequences"} if status or told else len(found) > 1)


def _front(text: str) -> dict[str, object]:
    match = _FRONT.match(text)
    tree = parse(match[1].encode("utf-8", "replace")) if match else None
    return dict(tree) if isinstance(tree, dict) else {}


def paths_in(text: str) -> Iterator[str]:
    """Yield the paths of two or more parts that stand alone in code spans."""
    for match in _SPAN.finditer(_FENCE.sub("", text)):
        plain = re.sub(r":\d+(?:-\d+)?$", "", match[1])
        if _PATH.fullmatch(plain) and "//" not in plain:
            yield plain.removeprefix("./").rstrip("/")


def lost_roots(written: Iterable[str], places: frozenset[str]) -> tuple[Root, ...]:
    """Return leading folders that paths have and that are not there, most frequent first.

    In: paths as notes write them, and all files and folders that there are. A folder counts where paths exist without it,
    and none with it.
    """
    asked: dict[str, set[str]] = {}
    found: dict[str, set[str]] = {}
    there: set[str] = set()
    for path in set(written):
        heads = path.split("/")
        for depth in range(1, min(DEEPEST, len(heads) - 1) + 1):
            old = "/".join(heads[:depth])
            asked.setdefault(old, set()).add(path)
            if path in places or old in places:
                there.add(old)
        rest = ("/".join(heads[depth:]) for depth in range(1, min(DEEPEST, len(heads) - 1) + 1))
        if path not in places:
            kept = next((r for r in rest if "/" in r and r in places), "")
            if kept:
                found.setdefault(path.removesuffix(f"/{kept}"), set()).add(path)
    roots = (Root(old, len(paths), len(asked[old])) for old, paths in found.items() if old not in there)
    return tuple(sorted(roots, key=lambda root: (-root.found, root.old)))


def places_of(paths: Iterable[str]) -> frozenset[str]:
    """Return files and all folders above them."""
    found: set[str] = set()
    for path in paths:
        while path and path not in found:
            found.add(path)
            path = path.rpartition("/")[0]
    return frozenset(found)
