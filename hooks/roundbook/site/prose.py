"""Prose of round files as Markdown and as plain words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from roundbook.schema.items import leads_in_prose
from roundbook.site.escape import clean, cut, encode, parted_at_addresses

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_TAG_OR_TEXT = re.compile(r"(<[^>]*>)")
_ACTIVE = str.maketrans({"{": "&#123;", "}": "&#125;", "\n": "&#10;"})
_MARKED = re.compile(r"[\\`*_\[\]<>&~]")  # without one of these a line of Markdown is its own text
# Code, or the end of a sentence with the marks that close emphasis behind it.
_SENTENCE = re.compile(
    r"(?<!`)(?P<code>`+)(?!`).*?(?<!`)(?P=code)(?!`)"
    r"|(?:(?<=[\w)\]\"”`*]{2}[.!?])(?=[*_]*\s)|(?<=[。！？]))(?P<marks>[*_]*)(?!\s+[a-z])"
)
NAME = 300  # characters of what names a page wherever it is named; the page itself has all of it
LETTERS = 40  # of prose, that are as high as a line of code or a cell of a table
Refer = Callable[[str], str | None]


# @decision prose-by-markdown-it
@lru_cache(maxsize=2)
def _parser(*, html_apart: bool = False) -> MarkdownIt:
    """Return the parser; with `html_apart` HTML makes tokens of its own, which are never printed as they are."""
    from markdown_it import MarkdownIt  # takes 40 ms, and commands that print titles have little Markdown to read

    parser = MarkdownIt("commonmark", {"html": html_apart, "highlight": _highlight})
    parser.enable(["table", "strikethrough"])
    parser.validateLink = leads_in_prose  # type: ignore[method-assign]
    return parser


def _highlight(code: str, language: str, _attributes: str) -> str:
    if not language:
        return ""
    from pygments import highlight
    from pygments.formatters.html import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""
    return highlight(code, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")


def _token(kind: str, tag: str = "", nesting: Literal[-1, 0, 1] = 0, **more: Any) -> Token:
    from markdown_it.token import Token

    return Token(kind, tag, nesting, **more)


def block(text: str, refer: Refer | None = None) -> Markup:
    """Return Markdown as HTML blocks on one line; headings in it become bold paragraphs, since pages have their own.

    `refer` turns the text of a code span into an address where it names something of the book.
    """
    found: dict[str, Any] = {}
    tokens = _parser().parse(clean(text), found)
    tokens += _unused(tokens, found.get("references", {}))
    return _inert(_rendered(_linked(_without_headings(tokens), refer, bare=True)))


def _unused(tokens: Sequence[Token], references: Mapping[str, Mapping[str, str]]) -> Iterator[Token]:
    """Yield a paragraph for each definition of a link that nothing in the text uses, which Markdown would not show."""
    used = {child.attrs.get("href") for token in tokens for child in token.children or () if child.type == "link_open"}
    for label, one in references.items():
        if one["href"] not in used:
            title = f' "{one["title"]}"' if one["title"] else ""
            words = [_word(f"[{label.lower()}]: {one['href']}{title}")]
            yield from (
                _token("paragraph_open", "p", 1),
                _token("inline", "", 0, children=words),
                _token("paragraph_close", "p", -1),
            )


Section = tuple[str, int, "list[Token]"]


def sections(text: str) -> list[Section]:
    """Return the sections of a document: the heading, which is empty for what comes before the first, its level, the rest.

    Comments are left out, as wherever Markdown is shown; all other HTML becomes text.
    """
    found: list[Section] = [("", 0, [])]
    tokens = iter(_without_html(_parser(html_apart=True).parse(clean(text), {})))
    for token in tokens:
        if token.type == "heading_open" and token.level == 0:
            title = next(tokens).content
            next(tokens)
            found.append((_uncommented(title).strip(), int(token.tag[1]), []))
        else:
            found[-1][2].append(token)
    return found if found[0][2] else found[1:]


def rendered(tokens: list[Token], refer: Refer | None = None, lead: Refer | None = None) -> Markup:
    """Return the tokens of a section as HTML; `lead` gives the address of a link, or nothing where it leads nowhere."""
    return _inert(_rendered(_linked(_without_headings(tokens), refer, lead, bare=True)))


def extent(tokens: Iterable[Token]) -> tuple[int, int]:
    """Return how many words a section has, and about how many letters of prose would be as high as it."""
    texts = [token.content for token in tokens if token.content]
    return sum(len(text.split()) for text in texts), sum(
        max(len(text), LETTERS * len(text.splitlines())) for text in texts
    )


def _without_html(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "html_block":
            left = _uncommented(token.content).strip()
            inner = _token("inline", "", 0, content=left, children=[_word(left)])
            yield from (_token("paragraph_open", "p", 1), inner, _token("paragraph_close", "p", -1)) if left else ()
            continue
        if token.children:
            shown = (_word(_uncommented(c.content)) if c.type == "html_inline" else c for c in token.children)
            token.children = [c for c in shown if c.type != "text" or c.content]
        yield token


def _uncommented(text: str) -> str:
    """Return a text without comments; one that does not end is text."""
    kept, at = [], 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        kept.append(text[at:begin])
        at = end + 3
    return "".join((*kept, text[at:]))


def inline(text: str, refer: Refer | None = None, *, bare: bool = False) -> Markup:
    """Return one line of Markdown as HTML for running text: emphasis, code, links; with `bare` of bare addresses, too."""
    if not (_MARKED.search(text) or (bare and "://" in text)):
        return encode(" ".join(text.split()))
    tokens = _parser().parseInline(" ".join(clean(text).split()), {})
    return _inert(_rendered(_linked(tokens, refer, bare=bare)))


def name(text: str, refer: Refer | None = None) -> Markup:
    """Return a line of Markdown as the words of a link or a heading; one that is too long for that is cut, and bare words."""
    return inline(text, refer) if len(text) <= NAME else encode(plain_name(text))


def plain_name(text: str) -> str:
    """Return the words of a line of Markdown, cut to what names a page; still to be encoded."""
    return cut(plain(text[: 4 * NAME]), NAME)


_COMMENTS = re.compile(r"(?:\s*<!--(?:(?!-->).)*(?:-->|\Z))+", re.DOTALL)  # with which templates begin a section


def sentence(text: str) -> str:
    """Return the first sentence of the first paragraph of Markdown; a dot in code, in a word or in "e.g." ends none."""
    comments = _COMMENTS.match(text)
    first = " ".join(text[comments.end() if comments else 0 :].strip().partition("\n\n")[0].split())
    ends = (match for match in _SENTENCE.finditer(first) if not match["code"])
    return next((first[: match.end("marks")] for match in ends), first)


def plain(text: str) -> str:
    """Return the words of a line of Markdown without its marks, for titles and descriptions; still to be encoded."""
    if not _MARKED.search(text):
        return clean(" ".join(text.split()))
    tokens = _parser().parseInline(" ".join(clean(text).split()), {})
    return "".join(t.content for t in tokens[0].children or () if t.type in ("text", "code_inline", "image"))


def brief(text: str, limit: int = 140) -> tuple[str, bool]:
    """Return the first sentence of Markdown; one longer than `limit` letters as plain words cut behind a word, and `True`."""
    said = sentence(text)
    words = plain(said)
    if len(words) <= limit:
        return said, False
    kept = words[: limit - 1]
    return (kept.rpartition(" ")[0].rstrip(" ,;:–") or kept) + "…", True


_TABLES = re.compile(r"\A(?:\s*\|[^\n]*(?:\n|\Z))+")


def gist(text: str, limit: int = 180) -> str:
    """Return the first sentence of Markdown below tables as plain words, cut where it is long; still to be encoded."""
    running = _TABLES.sub("", text).strip()
    return cut(plain(sentence(running.removeprefix("* ").removeprefix("- "))), limit)


def _rendered(tokens: Sequence[Token]) -> str:
    parser = _parser()
    return str(parser.renderer.render(tokens, parser.options, {}))


def _without_headings(tokens: Sequence[Token]) -> list[Token]:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "p"
            if token.nesting == 1:
                token.attrSet("class", "rb-subheading")
    return list(tokens)


def _linked(tokens: list[Token], refer: Refer | None, lead: Refer | None = None, *, bare: bool = False) -> list[Token]:
    """Wrap code spans that name something of the book in links, outside of other links, and make links of images.

    With `bare`, web addresses in the text become links: it is the project's own. Images do too, since every reader of the
    page would fetch them from wherever they are.
    """
    for token in tokens:
        if token.children is None:
            continue
        children: list[Token] = []
        depth = 0
        for child in _leading(token.children, lead) if lead else token.children:
            depth += (child.type == "link_open") - (child.type == "link_close")
            url = refer(child.content) if refer and child.type == "code_inline" and not depth else None
            if child.type == "image":
                children += _link(str(child.attrs["src"]), _word(child.content or str(child.attrs["src"])), depth)
            elif url:
                children += _link(url, child, depth)
            elif bare and child.type == "text" and "://" in child.content:
                for words, leads in parted_at_addresses(child.content):
                    children += _link(words, _word(words), depth) if leads and leads_in_prose(words) else [_word(words)]
            else:
                children.append(child)
        token.children = children
    return tokens


def _leading(children: Sequence[Token], lead: Refer) -> Iterator[Token]:
    """Yield tokens whose links and images have the addresses that `lead` gives; of a link that has none, the words."""
    dead: list[bool] = []
    for child in children:
        if child.type == "link_open":
            url = lead(str(child.attrs["href"]))
            dead.append(url is None)
            child.attrs["href"] = url or ""
        if child.type == "image":
            url = lead(str(child.attrs["src"]))
            shown = child.content or str(child.attrs["src"])
            yield from _link(url, _word(shown), len(dead)) if url else (_word(shown),)
        elif not (child.type in ("link_open", "link_close") and dead[-1]):
            yield child
        if child.type == "link_close":
            dead.pop()


def _word(text: str) -> Token:
    return _token("text", "", 0, content=text)


def _link(url: str, shown: Token, depth: int) -> list[Token]:
    if depth:
        return [shown]  # a link inside a link is none
    return [_token("link_open", "a", 1, attrs={"href": url}), shown, _token("link_close", "a", -1)]


def _inert(rendered: str) -> Markup:
    """Encode the text between the tags; what is inside a tag was escaped by the renderer, but for braces."""
    parts = _TAG_OR_TEXT.split(rendered)
    made = [p.translate(_ACTIVE) if i % 2 else _text(p) for i, p in enumerate(parts)]
    return Markup("".join(made))  # noqa: S704 - made of tags of the renderer and of encoded text


def _text(part: str) -> str:
    return "" if part == "\n" else str(encode(html.unescape(part)))
