"""In: a heading, the head of a column or a key as teams write them. Out: the keys of the model that it is a name of.

The words stand in `bring/words.py`. A name may say more than the name: `Exit Criteria (Week 3)`, `Deferred to Round 5`,
`Key Decision: Drop the cache`; what is left over is `rest`, and the rounds that it speaks of are `rounds`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from roundbook.bring import columns, words
from roundbook.markdown import remark_of

# `3`, `3c`, `k2b`, `2.1`; letters alone count as `II` and `A`, never as words.
ID = r"(?:\d{1,6}(?:\.\d{1,4})?[a-z]?|[a-z]{1,2}\d{1,4}[a-z]?|(?-i:[IVX]{1,5}|[A-H]))"
TO_ID = r"(?:\s*[#-]?\s*(?=\d)|\s*[\s#-]\s*)"
_ROUND = re.compile(
    rf"(?:\b(?P<how>in|from|of|for|during|since|after|before|to|until|into|at|on)\s+)?(?:\b(?:the|this|our)\s+)?"
    rf"\b(?P<word>phase|stage|milestone|epic|quarter|sprint|iteration|round|wave|cycle|week|session)"
    rf"{TO_ID}(?P<id>{ID})(?:'s)?(?![\w.])",
    re.IGNORECASE,
)
_THIS = re.compile(
    r"\b(?:(?:in|of|for|during)\s+)?(?:the|this|our)\s+(?:phase|milestone|sprint|iteration|round|week)\b"
)
_NUMBERING = re.compile(r"(?:§\s*)?(?:\d{1,3}(?:\.\d{1,3})*[.):]|[a-z][.)]|\d{1,3}(?:\.\d{1,3})+)\s+", re.IGNORECASE)
_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_]|[*_](?!\w)|`|~~")
_APART = re.compile(r"\s*(?::|\s[-–—|/·]|\s--+)\s+")
_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[#%+]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A round or phase that a text speaks of: `Sprint 13` is the id `13` of a `sprint`; `how` is the word before it.

    `start` and `end` are where it stands in the text without its marks.
    """

    word: str
    id: str
    how: str = ""
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """What a heading is a name of: `topic` is a word of `words.HEADINGS`, or empty; `rest` is what it says beyond."""

    topic: str = ""
    rest: str = ""
    rounds: tuple[Mention, ...] = ()


@lru_cache(maxsize=1 << 14)
def meanings(text: str) -> frozenset[str]:
    """Return the keys of the model that a text is a name of, as a heading, the head of a column, a key or a label."""
    found = set(words.TOPIC_KEYS.get(name_of(text).topic, ()))
    bare = without_numbering(text)
    for base in {plain(text), plain(bare), plain(remark_of(bare)[0])}:
        found |= _all_names().get(base, frozenset())
    return frozenset(found.union(*(words.BESIDE.get(key, ()) for key in found)))


@lru_cache(maxsize=1 << 14)
def name_of(text: str) -> Name:
    """Return what a heading is a name of."""
    bare = without_numbering(text)
    for known, rest in _readings(bare):
        phrase, rounds = _without_rounds(known)
        if topic := _topics().get(phrase):
            mentioned = (*rounds, *mentions(rest))
            return Name(topic, rest.strip(), mentioned)
    return _with_an_adjective(bare) or Name("", bare, mentions(bare))


def _with_an_adjective(text: str) -> Name | None:
    """Return what the last words of a heading such as `Backend Tasks` are a name of, where entries can say the first."""
    said = text.split()
    for length in range(1, min(3, len(said))):
        topic = _topics().get(plain(" ".join(said[length:])))
        if topic in words.QUALIFIED:
            return Name(topic, " ".join(said[:length]), mentions(text))
    return None


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to cut a heading into a name and the rest: as a whole, before a remark, before a sign."""
    yield text, ""
    base, remark = remark_of(text)
    if remark:
        yield base, remark
    for cut in _APART.finditer(text):
        yield text[: cut.start()], text[cut.end() :]


def mentions(text: str) -> tuple[Mention, ...]:
    """Return the rounds and phases that a text speaks of, in its order."""
    found = _ROUND.finditer(unmarked(text))
    return tuple(Mention(m["word"].lower(), m["id"], (m["how"] or "").lower(), m.start(), m.end()) for m in found)


def unmarked(text: str) -> str:
    """Return a text without the marks of emphasis and code."""
    return _MARKS.sub("", text)


def _without_rounds(text: str) -> tuple[str, tuple[Mention, ...]]:
    return plain(_THIS.sub(" ", _ROUND.sub(" ", _MARKS.sub("", text)).lower())), mentions(text)


def without_numbering(text: str) -> str:
    """Return a heading without its number (`3.`, `2.1`) and the signs before its first word."""
    start = next((i for i, char in enumerate(text) if unicodedata.category(char)[0] in "LN" or char in '#§`*_[(~<"'), 0)
    numbered = _NUMBERING.match(text, start)
    return text[numbered.end() if numbered else start :].strip()


def plain(text: str) -> str:
    """Return the words of a text in lower case, joined by blanks, without marks and signs."""
    lower = _MARKS.sub("", text).replace("&", " and ").replace("’", "'").casefold()
    return " ".join(_WORDS.findall(lower))


def field_of(table: str, head: str) -> str:
    """Return the key that the head of a column means in a table of `columns.COLUMNS`, or the empty text."""
    return _columns()[table].get(plain(head)) or _columns()[table].get(plain(remark_of(head)[0])) or ""


@cache
def key_names() -> Mapping[str, str]:
    """Return what the keys of `**Key**: value` lines mean: from their words to the key of the model."""
    return _turned(words.KEYS)


@cache
def label_names() -> Mapping[str, str]:
    """Return what the labels in a decision mean."""
    return _turned(words.LABELS)


@cache
def _topics() -> Mapping[str, str]:
    return _turned(words.HEADINGS)


@cache
def _columns() -> Mapping[str, Mapping[str, str]]:
    return {table: _turned(fields) for table, fields in columns.COLUMNS.items()}


def _turned(table: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {plain(phrase): key for key, phrases in table.items() for phrase in phrases}


@cache
def _all_names() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for names in (key_names(), label_names(), *_columns().values()):
        for phrase, key in names.items():
            found.setdefault(phrase, set()).add(key)
    for table, fields in columns.COLUMNS.items():
        for phrase in fields.get(columns.FIRST.get(table, ""), ()):
            found.setdefault(plain(phrase), set()).add(table)
    return {phrase: frozenset(keys) for phrase, keys in found.items()}
