"""In: what a YAML parser said, and the text. Out: the same as a finding in our own words, with the mend."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from roundbook.errors import Finding, Place
from roundbook.read.source import Start, place_of

_QUOTE = "put the text in quotes"
_CLOSING = {"[": "]", "{": "}"}
_REFUSED = {
    "alias": ("aliases (*name) are not allowed", f"write the value out; if * begins a text, {_QUOTE}"),
    "anchor": ("anchors (&name) are not allowed", f"remove it; if & begins a text, {_QUOTE}"),
    "tag": ("tags (!name) are not allowed", f"remove it; if ! begins a text, {_QUOTE}"),
    "merge-key": ("merge keys (<<) are not allowed", "write the keys out"),
    "directive": ("lines that begin with % are not allowed", "remove it"),
    "second-document": ("a file holds one document, and here begins a second", "remove ---, or make two files"),
    "key-not-text": ("a key must be text, not a list or a map", f"if the brackets belong to a text, {_QUOTE}"),
    "too-deep": ("nested too deeply", "use fewer levels; if the brackets belong to a text, put it in quotes"),
    "too-many": ("too many values", "split the file"),
}


def refused(slug: str, place: Place) -> Finding:
    """Return the finding for YAML that is well formed but has no place in a round file."""
    message, mend = _REFUSED[slug]
    return Finding("error", slug, message, place, mend)


class _Trouble(NamedTuple):
    text: str
    at: int  # where the parser stopped
    began: int  # where the thing began that it was reading
    opened: int  # the innermost open bracket

    @property
    def before(self) -> str:
        """Return what stands on the line before the place."""
        return self.text[self.text.rfind("\n", 0, self.at) + 1 : self.at]

    def rest(self, index: int) -> str:
        """Return what stands on the line from `index`."""
        return self.text[index:].split("\n", 1)[0].rstrip() if index < len(self.text) else ""


_Told = tuple[str, str, str, int]  # slug, message, mend, index


def explain(error: Exception, text: str, path: str, opened: int) -> Finding:
    """Return the finding for a syntax error of the parser; `opened` is the innermost open bracket or -1."""
    mark = getattr(error, "problem_mark", None)
    began = getattr(error, "context_mark", None) or mark
    if mark is None or began is None:
        return Finding("error", "syntax", "this cannot be read as YAML", Place(path))
    at = min(mark.index, max(len(text) - 1, 0))
    words = f"{getattr(error, 'context', '')}: {getattr(error, 'problem', '')}"
    if text[at : at + 1] == "\t" and not re.search("tag|anchor|alias", words):
        slug, message, mend, index = "tab-indentation", "a tab where YAML wants blanks", "use spaces", at
    else:
        tell = next(tell for pattern, tell in _TELLERS if re.search(pattern, words))
        slug, message, mend, index = tell(_Trouble(text, at, began.index, opened))
    return Finding("error", slug, message, place_of(text, index, Start(path)), mend)


def _directive(trouble: _Trouble) -> _Told:
    return "directive", *_REFUSED["directive"], trouble.began


def _tag(trouble: _Trouble) -> _Told:
    return "tag", *_REFUSED["tag"], trouble.began


def _quote(trouble: _Trouble) -> _Told:
    char = trouble.text[trouble.began]
    mend = "close it" if char == '"' else "close it; a text with an apostrophe goes in double quotes"
    return "unclosed-quote", f"the quote {char} is not closed", mend, trouble.began


def _escape(trouble: _Trouble) -> _Told:
    slash = trouble.text.rfind("\\", 0, trouble.at)
    match = re.match(r".[xuU][0-9A-Fa-f]{0,8}|..?", trouble.text[slash : slash + 10], re.DOTALL)
    message = f"{match[0] if match else ''} is not an escape of YAML"
    return "bad-escape", message, r"in double quotes write \\ for a backslash, or use single quotes", slash


def _unknown_escape(trouble: _Trouble) -> _Told:
    return _escape(trouble._replace(at=trouble.at + 1))  # the parser stops at the backslash


def _no_character(trouble: _Trouble) -> _Told:
    slash = trouble.text.rfind("\\", 0, trouble.at)
    written = trouble.text[slash : slash + 10]  # `\uXXXX` or `\UXXXXXXXX`
    code = int(written[2:6] if written[1] == "u" else written[2:], 16)
    if 0xD800 <= code <= 0xDFFF:
        message = f"half of a surrogate pair U+{code:04X} is not allowed"
        return "surrogate", message, "write the character itself", slash
    return "bad-escape", f"{written} is not a character", "write the character itself", slash


def _block_header(trouble: _Trouble) -> _Told:
    char = trouble.text[trouble.began]
    mend = f"begin the text on the next line, or {_example(trouble.rest(trouble.began))}"
    return "special-start", f'text cannot stand behind "{char}" on its line', mend, trouble.began


def _special_start(trouble: _Trouble) -> _Told:
    rest = trouble.rest(trouble.at)
    if not rest:
        return _unknown(trouble)
    return "special-start", f'text cannot begin with "{rest[0]}"', _example(rest), trouble.at


def _began(trouble: _Trouble) -> _Told:
    return _special_start(trouble._replace(at=trouble.began))


def _example(value: str) -> str:
    """Return the mend with the very text in quotes, where that is short and safe to copy."""
    safe = len(value) <= 60 and not re.search(r'["\\\t\ufffd]|\s#', value)
    return f'{_QUOTE}: "{value}"' if safe else _QUOTE


def _bracket(trouble: _Trouble) -> _Told:
    if trouble.opened < 0:
        return _unknown(trouble)
    char = trouble.text[trouble.opened]
    mend = f'close it with "{_CLOSING.get(char, "")}"; if it belongs to a text, {_QUOTE}'
    return "unclosed-bracket", f'"{char}" is not closed, or a comma is missing in it', mend, trouble.opened


def _colon(trouble: _Trouble) -> _Told:
    value = re.search(r":[ \t]+(.*)", trouble.before)
    if value:
        whole = trouble.rest(trouble.at - len(value[1]))
        mend = _example(whole) if trouble.opened < 0 else _QUOTE
        return "colon-in-text", "a colon and a blank in text without quotes", mend, trouble.at
    message = "this line goes on with the text of the line above, so it cannot hold a key"
    mend = "indent a key as its neighbours; put text that holds a colon in quotes"
    return "indentation", message, mend, trouble.at - len(trouble.before.lstrip())


def _unexpected_colon(trouble: _Trouble) -> _Told:
    return "missing-blank", "a blank is missing after the colon", f'write ": ", or {_QUOTE}', trouble.at


def _no_colon(trouble: _Trouble) -> _Told:
    colon = re.match(r"[^\s:]+(:)\S", trouble.rest(trouble.began))
    if colon:
        return _unexpected_colon(trouble._replace(at=trouble.began + colon.start(1)))
    return "missing-colon", "a key without a colon", 'write "key: value"', trouble.began


def _block(trouble: _Trouble) -> _Told:
    if trouble.before.strip(" -"):
        message = "text goes on after a closing quote or bracket"
        return "text-after-value", message, "put the whole text in quotes", trouble.at
    if re.match(r"-[^\s-]", trouble.rest(trouble.at)):
        return "missing-blank", "a blank is missing after the dash", 'write "- "', trouble.at
    message = "this line does not fit the lines above: wrong indentation, or a list among keys"
    return "indentation", message, "indent it as its neighbours", trouble.at


def _no_key(trouble: _Trouble) -> _Told:
    return "syntax", "nothing can follow here: the file ended above", 'write every value as "key: value"', trouble.at


def _unknown(trouble: _Trouble) -> _Told:
    mend = "put text that holds special characters in quotes"
    return "syntax", "this cannot be read as YAML", mend, trouble.at


# The first pattern that is found in "context: problem" answers.
_TELLERS: list[tuple[str, Callable[[_Trouble], _Told]]] = [
    ("scanning an (alias|anchor)", _began),
    ("directive|%TAG", _directive),
    ("ing a tag|tag handle", _tag),
    (r"quoted.*(end of stream|document)", _quote),
    ("invalid Unicode character", _no_character),
    ("unknown escape", _unknown_escape),
    ("escape|hexdecimal", _escape),
    ("scanning a block scalar", _block_header),
    ("mapping values are not allowed", _colon),
    ("entries are not allowed|keys are not allowed|cannot start any token", _special_start),
    ("unexpected ':'", _unexpected_colon),
    ("parsing a flow", _bracket),
    ("could not find expected ':'", _no_colon),
    ("parsing a block (mapping|collection)", _block),
    ("node content", _special_start),
    ("document start", _no_key),
    ("", _unknown),
]
