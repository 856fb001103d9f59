"""In: a fragment that another tool makes its changelog of, as bytes. Out: the changes that it states, with their places.

Four tools are known by the look of their files: towncrier (`123.feature.md`), reno (YAML with `features`, `fixes`, …),
scriv (Markdown or reST with the categories as headings) and changesets (front matter `"package": minor`). reST is kept as
it is but for what means the same in Markdown: double backticks, links, roles.

Sources: https://towncrier.readthedocs.io/, https://docs.openstack.org/reno/, https://scriv.readthedocs.io/,
https://github.com/changesets/changesets
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from roundbook.errors import Finding, Place
from roundbook.model.category import category_of
from roundbook.model.document import Bullets, Document, Verbatim
from roundbook.model.items import ChangeType
from roundbook.read import markdown, source, yaml
from roundbook.read.rest import as_markdown

NewsKind = Literal["towncrier", "reno", "scriv", "changesets"]
SUFFIXES = (".md", ".rst", ".txt", ".yaml", ".yml")
Value = str | tuple[str, ...]

_NAME = re.compile(r"(?P<issue>\+[^/]*?|[^/.+][^/]*?)\.(?P<type>[A-Za-z][\w-]*)(?:\.\d+)?(?:\.(?:md|rst|txt))?")
_NOT_NEWS = re.compile(r"[._~#]|(?:readme|template|config)\b", re.IGNORECASE)
_BUMPS = frozenset({"major", "minor", "patch", "none"})
_MORE: Mapping[str, tuple[ChangeType, bool]] = {
    "bugfix": ("fixed", False),
    "bug": ("fixed", False),
    "enhancement": ("added", False),
    "deprecation": ("deprecated", False),
    "upgrade": ("changed", False),
    "critical": ("fixed", False),
    "issues": ("changed", False),
}
# What reno and towncrier call a section that none of the six says as much as.
_TITLES = {
    "doc": "Documentation",
    "misc": "Misc",
    "issues": "Known issues",
    "upgrade": "Upgrade",
    "critical": "Critical",
}
_RENO = ("prelude", "features", "issues", "upgrade", "deprecations", "critical", "security", "fixes", "other")


@dataclass(frozen=True, slots=True)
class News:
    """A change that a fragment states: `keys` are those of a change in a round file, `place` is where it stands."""

    keys: Mapping[str, Value]
    place: Place
    kind: NewsKind


def kind_of(path: str, data: bytes = b"") -> NewsKind | None:
    """Return which tool a file is of, by its name and its beginning; `None` where it is no fragment."""
    file = PurePosixPath(path)
    if _NOT_NEWS.match(file.name):
        return None
    if file.suffix in (".yaml", ".yml"):
        return "reno"
    match = _NAME.fullmatch(file.name)
    if match and f".{match['type']}" not in SUFFIXES and (file.suffix in SUFFIXES or _is_known(match["type"])):
        return "towncrier"
    if file.suffix not in SUFFIXES:
        return None
    return "changesets" if file.suffix == ".md" and data.lstrip(b"\xef\xbb\xbf").startswith(b"---") else "scriv"


def parse(data: bytes, path: str, kind: NewsKind | None = None) -> tuple[tuple[News, ...], tuple[Finding, ...]]:
    """Return the changes of a fragment, and what is wrong with it; a file that is none has neither. Never raises."""
    kind = kind or kind_of(path, data)
    if kind is None:
        return (), ()
    if kind == "reno":
        tree, findings = yaml.parse(data, path)
        found = tuple(_reno(tree)) if isinstance(tree, yaml.Map) else ()
    else:
        text, faults = source.decode(data, path)
        findings = tuple(faults)
        found = tuple(_READERS[kind](text, path)) if text is not None else ()
    if not found and not any(f.severity == "error" for f in findings):
        mend = "write the change into it, or remove it"
        findings = (*findings, Finding("warning", "fragment-empty", "the fragment states no change", Place(path), mend))
    return found, findings


def _is_known(word: str) -> bool:
    return word.lower() in _MORE or word.lower() in _TITLES or category_of(word) is not None


def _named(name: str) -> dict[str, Value]:
    """Return the type and group that a section's name means."""
    word = name.strip().lower()
    known = _MORE.get(word) or category_of(name) or _MORE.get(word.removesuffix("s"))
    made: dict[str, Value] = {"type": known[0]} if known else {}
    if known and known[1]:
        made["breaking"] = "true"
    if known is None or word in _TITLES:
        made["group"] = _TITLES.get(word, name.strip())
    return made


def _towncrier(text: str, path: str) -> Iterator[News]:
    file = PurePosixPath(path)
    match = _NAME.fullmatch(file.name)
    words = text.strip()
    if not match or not words:
        return
    issue = match["issue"]
    issues: dict[str, Value] = {}
    if not issue.startswith("+"):
        issues = {"issues": (f"#{issue}" if issue.isdecimal() else issue,)}
    said = as_markdown(words) if file.suffix != ".md" else words
    yield News({**_named(match["type"]), "text": _entry(said), **issues}, Place(path, 1, 1), "towncrier")


def _reno(tree: yaml.Map) -> Iterator[News]:
    for key in (*(k for k in _RENO if k in tree), *(k for k in tree if k not in _RENO)):
        value = tree[key]
        for one in value if isinstance(value, yaml.Items) else [value]:
            text = str(one).strip() if isinstance(one, yaml.Text) else ""
            if text:
                named: dict[str, Value] = {"group": key.capitalize()} if key in ("prelude", "other") else _named(key)
                yield News({**named, "text": _entry(as_markdown(text))}, one.place, "reno")


def _scriv(text: str, path: str) -> Iterator[News]:
    rest = PurePosixPath(path).suffix in (".rst", ".txt")
    read = markdown.document(
        re.sub(r"(?m)^\.\.(?:[ \t].*)?\n(?:[ \t]+.*\n|\n(?=[ \t]))*", "", text) if rest else text, path
    )
    for title, blocks in (("", read.blocks), *((part.title, part.blocks) for part in read.walk())):
        named = _named(title) if title else {}
        for block in blocks:
            if isinstance(block, Verbatim):
                continue  # a comment, as the template of a fragment is full of
            spans = [(i.line, i.end) for i in block.items] if isinstance(block, Bullets) else [(block.line, block.end)]
            for line, end in spans:
                said = _unmarked(read.source(line, end)) if isinstance(block, Bullets) else read.source(line, end)
                yield News(
                    {**named, "text": _entry(as_markdown(said) if rest else said)}, Place(path, line, 1), "scriv"
                )


def _changesets(text: str, path: str) -> Iterator[News]:
    read = markdown.document(text, path)
    bumps = {str(name): str(bump) for name, bump in read.front.items()}
    body = _body(read)
    if not body or not bumps or not _BUMPS.issuperset(bumps.values()):
        return
    made: dict[str, Value] = {"group": ", ".join(f"{name}: {bump}" for name, bump in bumps.items())}
    if "major" in bumps.values():
        made["breaking"] = "true"
    yield News({**made, "text": _entry(body)}, Place(path, 1, 1), "changesets")


_READERS = {"towncrier": _towncrier, "scriv": _scriv, "changesets": _changesets}


def _body(read: Document) -> str:
    first = next(iter((*read.blocks, *read.parts)), None)
    return read.source(first.line, len(read.lines)).strip() if first else ""


def _unmarked(item: str) -> str:
    """Return an item of a list without its mark, and its lines moved back by as much."""
    match = re.match(r"\s*(?:[-+*]|\d{1,9}[.)])\s+", item)
    wide = len(match[0]) if match else 0
    first, *rest = item[wide:].split("\n")
    return "\n".join([first, *(line[min(wide, len(line) - len(line.lstrip())) :] for line in rest)])


def _entry(text: str) -> str:
    """Return a text as an entry: its first paragraph on one line, a blank line before the blocks that follow."""
    lines = text.strip().split("\n")
    end = next((i for i, line in enumerate(lines) if i and (not line.strip() or _BLOCK.match(line))), len(lines))
    rest = "\n".join(lines[end:]).strip("\n")
    first = " ".join(" ".join(lines[:end]).split())
    return f"{first}\n\n{rest}" if rest else first


_BLOCK = re.compile(r"\s*(?:[-+*]\s|\d{1,9}[.)]\s|`{3}|~{3}|>|\|)")
