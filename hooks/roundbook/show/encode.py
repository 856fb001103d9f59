"""In: text that anybody may have written. Out: the same text in a form that no reader of the page takes for markup.

Every ASCII punctuation mark that means something becomes a decimal character reference. So the text cannot open or
close HTML, Markdown of any dialect or extension, a Jinja expression, a snippet include or an attribute, wherever it is
put; browsers, feeds and search show it as it was. The references survive Python-Markdown unchanged.
"""

from __future__ import annotations

import html
import re
import string
import unicodedata
from typing import Any

from markupsafe import Markup

_PLAIN = frozenset(" ,;()?%/-")  # marks that mean nothing inside a block of HTML; `spell` is for running text
_TABLE = {ord(mark): f"&#{ord(mark)};" for mark in string.punctuation if mark not in _PLAIN}
_TABLE |= {ord("\n"): "&#10;", ord("\t"): "&#9;"}
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_INVISIBLE = frozenset("\u200b\u2060\ufeff\u00ad\u2028\u2029\u180e")
_ODD = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u00ad\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_STACK = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_TAG_OR_TEXT = re.compile(r"(<[^>]*>)")
_NOT_BLANK = re.compile(r"[^ ]+")
_WORD = re.compile(r"[A-Za-z]{1,20}")  # a longer one may be taken for an object id
_NOT_TITLE = re.compile(r"[^\w ,.\-/:()]", re.ASCII)
SUBJECT_LIMIT = 200
BODY_LIMIT = 65_536


def clean(text: str) -> str:
    """Return `text` without characters that hide, reorder or break it: each is replaced by a visible mark.

    Bidirectional controls and invisible characters become `U+202E` and the like; control characters, lone surrogates and
    noncharacters become U+FFFD; of more than four combining marks in a row four are kept. Line ends become `\\n`.
    """
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _STACK.sub(r"\1", _ODD.sub(_visible, text))


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    if char in _BIDI or char in _INVISIBLE or unicodedata.category(char) == "Cf":
        return f"U+{ord(char):04X}"
    return "\ufffd"


def encode(text: str) -> Markup:
    """Return text that is not ours so that it is shown as it is, in HTML blocks, Markdown and attributes alike."""
    encoded = clean(text).translate(_TABLE).replace("--", "&#45;&#45;")
    if encoded.startswith("-"):
        encoded = "&#45;" + encoded[1:]  # a list item, where the text begins a line
    return Markup(encoded)  # noqa: S704 - this is the escape itself


def spell(made: Markup) -> Markup:
    """Return ready HTML for running text: headings and macros inside a paragraph.

    There the site's Markdown extensions act on plain words too (`1st`, `c/o`, forty hexadecimal digits), so between the tags
    every character of a word becomes a reference, but for words of nothing but a few ASCII letters.
    """
    parts = _TAG_OR_TEXT.split(str(made))
    spelled = (p if i % 2 else _NOT_BLANK.sub(_spelled, html.unescape(p)) for i, p in enumerate(parts))
    return Markup("".join(spelled))  # noqa: S704 - tags stay as they were


def _spelled(word: re.Match[str]) -> str:
    return word[0] if _WORD.fullmatch(word[0]) else "".join(f"&#{ord(c)};" for c in word[0])


def finalize(value: Any) -> Any:
    """Encode what a template prints, unless a view has marked it as ready; `None` prints nothing."""
    if value is None:
        return Markup("")
    return value if isinstance(value, Markup) else encode(str(value))


def title(text: str) -> str:
    """Return a title for front matter, a `<title>` or a search index: letters stay, all that could act is a reference."""
    return _NOT_TITLE.sub(lambda m: m[0] if ord(m[0]) > 0x7F else f"&#{ord(m[0])};", " ".join(clean(text).split()))


def cut(text: str, limit: int = SUBJECT_LIMIT) -> str:
    """Return at most `limit` characters of a text, with an ellipsis where something is left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def path_code(path: str) -> Markup:
    """Return a path as code that may be broken behind each slash, and not in the middle of a name."""
    return Markup("<code>") + Markup("/<wbr>").join(encode(part) for part in path.split("/")) + Markup("</code>")
