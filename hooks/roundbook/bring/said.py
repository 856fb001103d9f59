"""In: the document of a changelog, and the trees that it was made into. Out: the atoms of which a word is in no tree.

It does not read a changelog as the importer does: it counts words. What is said in another way by a key, a day as
`YYYY-MM-DD`, or a link by the id at its end, is brought into one form on both sides; each word must then be in the trees
as often as it is in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from roundbook.bring.atoms import Atom, atoms
from roundbook.bring.heads import head_of
from roundbook.markdown import Document
from roundbook.schema.items import category_of
from roundbook.yamlfile.writer import Data

_WORD = re.compile(r"[^\s*_`\[\](){}<>,:;|\"'“”‘’–—-]+(?:-[^\s*_`\[\](){}<>,:;|\"'“”‘’–—-]+)*")
_LINKED = re.compile(
    r"\[`?(?P<label>[#!\w]+)`?\]\((?P<base>https?://[^\s()]+?)/(?:-/)?(?:commits?|pulls?|merge_requests|issues)/(?P<name>\w+)\)"
)
_ADDRESS = re.compile(r"https?://[^\s()]+?/(?:-/)?(?:commits?|pulls?|merge_requests|issues)/\w+")
_DEFINES = re.compile(r"^ {0,3}\[[^\[\]\n]+\]:\s*(?=\S)", re.MULTILINE)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH_FIRST = re.compile(r"\b([A-Z][a-z]{2})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b")
_DAY_FIRST = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)? ([A-Z][a-z]{2})[a-z]*\.?,? (\d{4})\b")
_SLASHES = re.compile(r"\b(\d{4})[-/](\d{1,2})[-/](\d{1,2})\b")


def missing(document: Document, trees: Sequence[Mapping[str, Data]]) -> tuple[Atom, ...]:
    """Return the atoms of a changelog of which a word is in none of the trees as often as it should be.

    The names of categories, `Version` before a number and the label of a definition are words that a key stands for.
    """
    told = Counter(word for tree in trees for text in _texts(tree) for word in _words(text))
    told += Counter(word for tree in trees for word in _marks(tree))
    lost: list[Atom] = []
    defined: set[str] = set()
    for atom in atoms(document):
        needed = Counter(_needed(_defined_once(atom, defined)))
        if any(count > told[word] for word, count in needed.items()):
            lost.append(atom)
        for word, count in needed.items():
            told[word] = max(0, told[word] - count)
    return tuple(lost)


def _defined_once(atom: Atom, defined: set[str]) -> Atom:
    """Return an atom without lines that define a link as it was defined before, which says nothing more."""
    lines = []
    for line in atom.text.split("\n"):
        if not (_DEFINES.match(line) and line in defined):
            lines.append(line)
        defined.add(line)
    return replace(atom, text="\n".join(lines))


def _needed(atom: Atom) -> list[str]:
    text = atom.text
    if (category_of(text) and len(text) < 60) or _ADDRESS.fullmatch(text):
        return []  # the address of a link whose label, an atom of its own, says as much
    head = head_of(text) if atom.kind == "heading" else None
    if head and not head.released:  # `Upcoming` and `Next` are what the key stands for
        return _words(" ".join(filter(None, (head.version, head.title, head.date))))
    if head:
        text = re.sub(r"(?i)\bversion\b|\brelease\b|(?<![\w/.])v(?=\d)", "", re.sub(r"<[^<>]*>", "", text))
        text = re.sub(r"\]\[[^\]]*\]", "]", text)
        day = re.fullmatch(r"\W*(\d{4}-\d{2}-\d{2})\W*", _as_days(text))
        return [day[1]] if day else _words(text)
    return _words(_DEFINES.sub("", re.sub(r"(?<=\])\[[^\[\]\n]*\]", "", text)))


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(_one_form(text)) if any(map(str.isalnum, word)) or not word.isascii()]


def _one_form(text: str) -> str:
    text = _LINKED.sub(lambda m: m["name"] if m["name"].startswith(m["label"].lstrip("#!")) else m[0], text)
    text = re.sub(r"(?i)\bbreaking(?: changes?)?\b", "breaking", text)
    text = re.sub(r"(?i)\b(yanked|unreleased)\b", lambda m: m[0].lower(), text)
    return _as_days(re.sub(r", closes (?=[\d\[])", " ", text)).replace("#", "").replace("⚠", "")


def _as_days(text: str) -> str:
    text = _MONTH_FIRST.sub(lambda m: _day(m[0], m[3], m[1], m[2]), text)
    text = _DAY_FIRST.sub(lambda m: _day(m[0], m[3], m[2], m[1]), text)
    return _SLASHES.sub(lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", text)


def _day(whole: str, year: str, month: str, day: str) -> str:
    return f"{year}-{_MONTHS.index(month.lower()) + 1:02}-{int(day):02}" if month.lower() in _MONTHS else whole


def _texts(tree: object) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, Mapping):
        for key, one in tree.items():
            # These say where an entry belongs, as often as there are entries; no word of the file stands behind them.
            if key not in ("release", "type", "kind", "status", "phase", "round", "waive"):
                yield from _texts(one)
    elif isinstance(tree, Sequence):
        for one in tree:
            yield from _texts(one)


def _marks(tree: Mapping[str, Data]) -> Iterator[str]:
    """Yield the words that a key says by being there."""
    for key in ("versions", "changes"):
        entries = tree.get(key, ())
        for one in entries if isinstance(entries, Sequence) and not isinstance(entries, str) else ():
            yield from _flags(one)


def _flags(one: Data) -> Iterable[str]:
    return (flag for flag in ("yanked", "breaking") if isinstance(one, Mapping) and flag in one)
