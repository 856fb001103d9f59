"""Escaping of text for HTML, Markdown and JSON."""

from __future__ import annotations

import html
import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup

from roundbook.schema.items import leads

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

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


# In a word that may act: mentions and addresses of mail; formulas; addresses; references to issues, requests, epics,
# alerts, labels, milestones; keys of foreign trackers; emoji; what forges put between brackets; ids of commits.
_ACTS = re.compile(
    r"@\S|\$|://|(?i:www\.|mailto:|xmpp:)|[#!&^]\d|[~%][\w\"]|(?i:\bgh-\d)|\b[A-Z][A-Z0-9]+-\d|:[\w+-]+:"
    r"|\[(?:\[|\w+:|TOC\])|(?<![0-9A-Za-z])[0-9A-Fa-f]{7,64}(?![0-9A-Za-z])"
)
# Never inside a code span, where nothing can be escaped: what would part a cell of a table, begin a template (where the
# Markdown goes through a site generator), or be a command to a runner that prints it (`##[error]`).
_APART = re.compile(r"(\||\{(?=[{%#])|#(?=#\[))")
_WORDS = re.compile(rf"( |{_APART.pattern[1:-1]})")
# Where a line has nothing of all this, none of its words has.
_MAY_ACT = re.compile(rf"{_ACTS.pattern}|[\\`*\[\]<~{{|&_#]|\A/")
_LEAD, _TAIL = "(\"'", ")\"',.;:!?"  # what may surround a word without being part of it
_MARKS = re.compile(r"[\\`*\[\]<~{|]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])|\A#(?=#*\Z)")
# What makes a line a heading, an item, a rule, a quotation, a definition, or a command to a runner that prints it.
_BEGINS = re.compile(r"\d+(?=[.)](?: |\Z))|(?=#{1,6}(?: |\Z)|[-+](?: |\Z)|-[- ]*\Z|=+\Z|>|:[ :])")
# What prose of a round file would read as markup; there HTML is text anyway, and nothing looks for mentions or references.
_ACTIVE = re.compile(
    r"[`*\[]|\\(?=[!-/:-@\[-`{-~]|\Z)|<(?=[A-Za-z/!?])|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~"
    r"|(?<!\S):(?=:)"  # at the start of a line it would be a command to a runner that prints the file
)
_PROSE = re.compile(r"[\\`*_\[\]<>&~]")
# Addresses in running text; and those in which no Markdown is.
_BARE = re.compile(r"(?<![\w/@.:-])https?://(?=[\w-]+(?:\.[\w-]+)+(?![\w-]))[^\s<>\[\]`\"|{}\\^]+", re.IGNORECASE)
_AFTER = frozenset(' \t\n"<>]')  # what an address may end at; before anything else the word is no address
_PLAIN_URL = re.compile(r"[\w./~:?#!$'()+,;=%&-]+", re.ASCII)
_UNSAFE_URL = re.compile(r"[^!#%&'*+,\-./0-9:;=?@A-Z\[\]_a-z~]", re.ASCII)


def text(value: str) -> str:
    """Return text on one line as Markdown that shows the same: no markup, no mention, no reference acts in it.

    Line ends and runs of blanks become one blank, invisible characters are shown as `clean` does. The result may be used in
    a paragraph, a list, a heading, the cell of a table, or between the brackets of a link.
    """
    line = " ".join(clean(value).split())
    made = line
    if _MAY_ACT.search(line):
        parts = _WORDS.split(line)
        made = "".join(_sign(p) if i % 2 else _word(p, parts[i - 1] if i else "") for i, p in enumerate(parts) if p)
    begins = _BEGINS.match(made)
    return f"{begins[0]}\\{made[begins.end() :]}" if begins else made


def _sign(part: str) -> str:
    return part if part == " " else f"\\{part}"


def _word(word: str, before: str) -> str:
    """Return a word; `before` is the blank or sign before it, empty at the start, where GitLab obeys `/close`."""
    core = word.lstrip(_LEAD).rstrip(_TAIL)
    if core and (_ACTS.search(word) or (not before and word.startswith("/"))):
        lead, tail = word[: len(word) - len(word.lstrip(_LEAD))], word[len(word.rstrip(_TAIL)) :]
        made = f"{_escaped(lead)}{_span(core)}{_escaped(tail)}"
    else:
        made = _escaped(word)
    return f"\\{made}" if before == "{" and made[0] in "%#" else made


def _escaped(part: str) -> str:
    return _MARKS.sub(r"\\\g<0>", part)


def _span(content: str) -> str:
    if content == " ":
        return content
    if "`" not in content and not content[0] == content[-1] == " ":
        return f"`{content}`"
    runs = re.findall("`+", content)
    fence = "`" * (1 + max(map(len, runs), default=0))
    pad = " " if "`" in (content[0], content[-1]) or (content[0] == content[-1] == " ") else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def literal(value: str) -> str:
    """Return text on one line as Markdown for prose of a round file, where it shows the same: no markup acts in it.

    Unlike `text` it is for people to go on with, so only what would be read as markup gets a backslash.
    """
    made = _ACTIVE.sub(r"\\\g<0>", " ".join(clean(value).split()))
    begins = _BEGINS.match(made)
    return f"{begins[0]}\\{made[begins.end() :]}" if begins else made


def code(value: str) -> str:
    """Return text on one line as code: a path, a branch, an id. What code cannot hold is put between two spans."""
    line = " ".join(clean(value).split())
    return "".join(f"\\{p}" if i % 2 else _span(p) for i, p in enumerate(_APART.split(line)) if p)


def link(shown: str, url: str | None) -> str:
    """Return a link around ready Markdown, or that alone where the address is none of the web or of mail.

    An address with a user name leads elsewhere than it reads, so it gives no link.
    """
    return f"[{shown}]({address(url)})" if url and leads(url) else shown


def address(url: str) -> str:
    """Return an address so that it ends where it ends: between the brackets of a link, or behind the name of one."""
    return _UNSAFE_URL.sub(lambda m: quote(m[0].encode("utf-8", "replace")), url).replace("&", "&amp;")


def prose(value: str) -> str:
    """Return one line of a round file's Markdown: emphasis, code and links to the web stay, all words are made inert.

    HTML is shown as text, an image becomes its description, a link that is no whole address its words. Where the marks do
    not survive beside what was made inert, the words alone are given.
    """
    line = " ".join(clean(value).split())
    if not (_PROSE.search(line) or "://" in line):
        return text(line)
    children = _read(line)
    made = _written(children)
    words = shown(children)
    return made if shown(_read(made)) == words else text(words)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # takes 40 ms

    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def _read(line: str) -> Sequence[Token]:
    return _parser().parseInline(line, {})[0].children or ()


def shown(tokens: Iterable[Token]) -> str:
    """Return the words that inline tokens show."""
    return "".join(
        t.content if t.type in ("text", "code_inline", "image") else " " * ("break" in t.type) for t in tokens
    )


_SIGNS = {"strong_open": "**", "strong_close": "**", "em_open": "*", "em_close": "*", "s_open": "~~", "s_close": "~~"}


def _written(tokens: Iterable[Token]) -> str:
    """Return inline tokens as Markdown; the stack holds the content of links that are not closed yet."""
    stack: list[tuple[str | None, list[str]]] = [(None, [])]
    for token in tokens:
        if token.type == "link_open":
            stack.append((str(token.attrs.get("href", "")), []))
            continue
        made = ""
        if token.type == "link_close":
            url, parts = stack.pop()
            made = link("".join(parts), url)
        elif token.type == "code_inline":
            made = code(token.content)
        elif token.type in ("text", "image"):
            made = _kept(token.content)
        stack[-1][1].append(made or _SIGNS.get(token.type, ""))
    return "".join(stack[0][1])


def parted_at_addresses(words: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text, and of each whether it is a bare address of the web, as GitHub's Markdown finds one.

    Source: https://github.github.com/gfm/, "Autolinks (extension)"
    """
    at = 0
    for match in _BARE.finditer(words):
        found = match[0].rstrip("?!.,:*_~'\"")
        while found.endswith(")") and found.count(")") > found.count("("):
            found = found[:-1].rstrip("?!.,:*_~'\"")
        if leads(found) and (words[match.end() : match.end() + 1] or " ") in _AFTER:
            yield from ((piece, False) for piece in [words[at : match.start()]] if piece)
            yield found, True
            at = match.start() + len(found)
    if at < len(words):
        yield words[at:], False


def _kept(words: str) -> str:
    """Return text of a round file with the blanks around it; its own bare addresses stay, and lead where they say."""
    return "".join(
        piece if leads and _PLAIN_URL.fullmatch(piece) else _inert(piece) for piece, leads in parted_at_addresses(words)
    )


def _inert(words: str) -> str:
    """Return text with the blanks around it, which part it from its neighbours."""
    made = text(words)
    return f"{' ' * words.startswith(' ')}{made}{' ' * words.endswith(' ')}" if made else " " * bool(words)
