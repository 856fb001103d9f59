"""Pages that are too long for one: their sections keep their beginnings, and further pages hold the rest.

Lists that come from git are divided where they are made (see `listings`). What people write may be long in any of its fields:
a summary, a cell, a list of files. So a finished page that is too long is divided between its elements, whatever they show. An
anchor that has moved stays at the end of its section as the way to where it is now.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest

from markupsafe import Markup

from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.site.escape import cut, encode, spell
from roundbook.site.links import ROUNDS, Here, Page, UrlStyle, part
from roundbook.site.widgets import fold, link, paragraph

LONGEST = 280_000  # characters of the text of a page; themes put their menus around it
_KEPT = 200_000  # of a page that is longer, so many stay,
_ENDING = 60_000  # of which so many are its end
_PART = 180_000  # characters of a further page
_LEAST = 20_000  # a shorter section is not cut
_PLACES = 80_000  # characters of the ways to anchors that have moved: more would be a long page again
_LINKED = 40
_HEAD = 5_000  # characters of the head of a table that stands in each piece
_WORDS = 2_000  # characters of text; a shorter one is not cut, but goes to the next piece
_NAME = 300  # characters to which a name is cut that is too long for any page,
_LONG_NAME = 4_000  # as it is with its markup, or a heading without
_NAMES = re.compile(r"(<(a|summary|caption|button|h[1-6])\b[^>]*>)(.*?)(</\2>)", re.DOTALL)
_VALUE = re.compile(rf' (?P<name>[\w-]+)="(?P<value>[^"]{{{_LONG_NAME},}})"')
_HEADING = re.compile(r"(?m)^#{2,6} .*? \{ #(?P<id>[^\s}]+) \}$")
_TOKEN = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][\w-]*)[^>]*>|[^<]+|<")
_ID = re.compile(r' id="([^"]*)"')
_HREF = re.compile(r'(?<= href=")([^"]*)(?=")')
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
_ROWS = frozenset({"li", "tr", "p", "div", "details", "h3"})  # a piece may end before one of these
_WHOLE = frozenset({"svg", "summary", "a", "caption", "button"})  # and never within one of these


@frozen
class _Section:
    """A heading of Markdown, which the beginning of a page has not, and the HTML below it."""

    heading: str
    id: str
    html: str

    @property
    def text(self) -> str:
        return f"{self.heading}\n\n{self.html}".lstrip("\n")

    @property
    def size(self) -> int:
        return len(self.heading) + len(self.html)


def divided(page: Page, style: UrlStyle) -> Iterator[Page]:
    """Yield a page and, where it is too long, the pages that hold the rest of it."""
    if len(page.text) > LONGEST:
        page = replace(page, text=_named_in_short(page.text))
    if len(page.text) <= LONGEST:
        yield page
        return
    sections = list(_sections(page.text))
    most = max(_LEAST, _share([one.size for one in sections]))
    pieces = [_pieces(one.html, most) if one.size > most else [one.html] for one in sections]
    short = [replace(one, html=first) for one, (first, *_) in zip(sections, pieces, strict=True)]
    begin, end = _middle([one.size for one in short])
    rests = {f"more-{one.id}": rest for one, (_, *rest) in zip(sections, pieces, strict=True) if rest}
    rests |= {"more": list(_gathered(short[begin:end]))} if begin < end else {}
    homes = {
        anchor: part(page.uri, name, n)
        for name, texts in rests.items()
        for n, text in enumerate(texts, 1)
        for anchor in _anchors(text)
    }
    shown = [one.text + _ways(page, f"more-{one.id}", rests, homes, style) for one in short]
    shown[begin:end] = [_ways(page, "more", rests, homes, style)] if begin < end else []
    yield replace(page, text=_led("\n\n".join(shown), Here(page.uri, style), Here(page.uri, style), homes))
    for name, texts in rests.items():
        title = next((_words(one.heading) for one in sections if f"more-{one.id}" == name), "")
        yield from _further(page, name, title, texts, homes, style)


def beginning(shown: Markup, here: Here) -> Markup:
    """Return as much of what a macro shows as a page has room for that shows more, and where the rest is."""
    if len(shown) <= LONGEST:
        return shown
    made: list[str] = []
    room = _KEPT
    for one in _sections(_named_in_short(shown)):
        first = one if one.size <= room else replace(one, html=_pieces(one.html, room)[0])
        made.append(first.text)
        room -= first.size
        if first is not one:
            break
    words = Markup("All of it would be too long here. The rest is on the pages of the ")
    made.append(paragraph(words + link(here.to(ROUNDS), Markup("project log"))))
    return Markup("\n\n".join(made))  # noqa: S704 - parts of what was encoded


def _named_in_short(text: str) -> str:
    """Return a page with names cut that no piece of a page could hold: headings, links, heads of folds, attributes."""

    def heading(match: re.Match[str]) -> str:
        if len(match[0]) <= _LONG_NAME:
            return match[0]
        marks = match[0].partition(" ")[0]
        return f"{marks} {spell(encode(cut(_words(match[0]), _NAME)))} {{ #{match['id']} }}"

    def name(match: re.Match[str]) -> str:
        if len(match[3]) <= _LONG_NAME:
            return match[0]
        return f"{match[1]}{encode(cut(_words(match[3]), _NAME))}{match[4]}"

    def value(match: re.Match[str]) -> str:
        said = encode(cut(html.unescape(match["value"]), _NAME))
        return "" if match["name"] in ("href", "id") else f' {match["name"]}="{said}"'

    return _VALUE.sub(value, _NAMES.sub(name, _HEADING.sub(heading, text)))


def _sections(text: str) -> Iterator[_Section]:
    heads = list(_HEADING.finditer(text))
    yield _Section("", "top", text[: heads[0].start() if heads else None].strip("\n"))
    for head, after in zip_longest(heads, heads[1:]):
        yield _Section(head[0], head["id"], text[head.end() : after.start() if after else None].strip("\n"))


def _words(heading: str) -> str:
    """Return the words of a heading."""
    return html.unescape(re.sub(r"<[^>]*>|^#+ | \{ #\S+ \}$", "", heading))


def _share(sizes: Sequence[int]) -> int:
    """Return how long a section may be at most, so that all of them come to what is kept; what short ones leave is shared."""
    room = _KEPT
    for done, size in enumerate(sorted(sizes)):
        if size * (len(sizes) - done) > room:
            return room // (len(sizes) - done)
        room -= size
    return max(sizes)


def _middle(sizes: Sequence[int]) -> tuple[int, int]:
    """Return from which section to which they go to further pages, where all their beginnings together are too long."""
    if sum(sizes) <= LONGEST:
        return 0, 0
    begin, end, room = 0, len(sizes), _KEPT - _ENDING
    while begin < end and sizes[begin] <= room:
        room -= sizes[begin]
        begin += 1
    room = _ENDING
    while end > begin and sizes[end - 1] <= room:
        end -= 1
        room -= sizes[end]
    return begin, end


def _gathered(sections: Sequence[_Section]) -> Iterator[str]:
    """Yield the texts of sections, in one as many as a further page shows."""
    some: list[str] = []
    size = 0
    for one in sections:
        if some and size + one.size > _PART:
            yield "\n\n".join(some)
            some, size = [], 0
        some.append(one.text)
        size += one.size
    yield "\n\n".join(some)


def _anchors(text: str) -> list[str]:
    """Return the anchors of a text, in its order."""
    found = [(match.start(), match[1]) for match in _ID.finditer(text)]
    found += [(match.start(), match["id"]) for match in _HEADING.finditer(text)]
    return [html.unescape(anchor) for _, anchor in sorted(found)]


def _ways(page: Page, name: str, rests: Mapping[str, Sequence[str]], homes: Mapping[str, str], style: UrlStyle) -> str:
    """Return what stands where something was left out: links to its pages, and the anchors that are there now."""
    count, here = len(rests.get(name, ())), Here(page.uri, style)
    if not count:
        return ""
    numbers = sorted({*range(1, count + 1, -(-count // _LINKED)), count})
    ways = Markup(" ").join(link(here.to(part(page.uri, name, n)), encode(f"{n:,}")) for n in numbers)
    said = paragraph(Markup(f"Continued on {plural(count, 'further page')}: ") + ways)  # noqa: S704 - a number
    there = {part(page.uri, name, n) for n in range(1, count + 1)}
    places = [_place(here, anchor, uri) for anchor, uri in homes.items() if uri in there]
    if not 0 < sum(map(len, places)) <= _PLACES // len(rests):
        return f"\n\n{said}"
    return f"\n\n{said}{fold('Where their entries are', paragraph(Markup(' ').join(places)))}"


def _place(here: Here, anchor: str, uri: str) -> Markup:
    return Markup('<a id="{}" href="{}">{}</a>').format(encode(anchor), here.to(uri, anchor), encode(cut(anchor, 40)))


def _further(
    page: Page, name: str, title: str, texts: Sequence[str], homes: Mapping[str, str], style: UrlStyle
) -> Iterator[Page]:
    """Yield the further pages of a part of a page; links in them lead from there to where they led before."""
    for n, text in enumerate(texts, 1):
        uri = part(page.uri, name, n)
        here = Here(uri, style)
        about = f": {cut(title, 80)}" if title else ""
        words = f"{cut(page.title, 80)}{about}, continued, {n:,} of {len(texts):,}"
        beside = [(part(page.uri, name, m), m) for m in (n - 1, n + 1) if 1 <= m <= len(texts)]
        crumbs = (*page.crumbs, (page.uri, cut(page.title, 80)))
        above = Markup(" › ").join(link(here.to(at), encode(word)) for at, word in crumbs)
        ways = Markup(", ").join(link(here.to(at), encode(f"page {m:,}")) for at, m in beside)
        parts = (
            Markup('<nav class="rb-crumbs" aria-label="Breadcrumbs">{}</nav>').format(above),
            f"# {spell(encode(words))}",
            _led(text, Here(page.uri, style), here, homes),
            paragraph(ways) if beside else "",
        )
        yield Page(
            uri,
            words,
            "\n\n".join(filter(None, map(str, parts))),
            source=page.source,
            crumbs=crumbs,
            previous=beside[0][0] if n > 1 else None,
            next=beside[-1][0] if n < len(texts) else None,
            searched=False,
        )


def _led(text: str, old: Here, new: Here, homes: Mapping[str, str]) -> str:
    """Return a part of a page with its links as they are from another page, and to where anchors of the page are now."""
    own = set(_anchors(text)) if new is not old else set()

    def led(match: re.Match[str]) -> str:
        url, mark, anchor = html.unescape(match[1]).partition("#")
        if re.match(r"[\w+.-]+:|/", url):
            return match[1]
        if url:
            return html.escape((new.beside(old, url) if new is not old else url) + mark + anchor)
        if anchor in own:
            return match[1]
        home = homes.get(anchor, old.uri)
        return html.escape(new.to(home, anchor) or "") if home != new.uri else match[1]

    return _HREF.sub(led, text)


class _Piece:
    """What is being cut: the tags that are open, and the pieces so far."""

    def __init__(self) -> None:
        self.open: list[tuple[str, str, str]] = []  # its name, how it is opened again, how it is closed
        self.done: list[str] = []
        self.parts: list[str] = []
        self.size = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.size += len(text)

    def start(self, said: str, name: str) -> None:
        self.add(said)
        if name not in _VOID and not said.endswith("/>"):
            self.open.append((name, "<div>" if name == "details" else _ID.sub("", said), f"</{name}>"))

    def close(self, said: str) -> None:
        self.add(self.open.pop()[2] if self.open else said)

    def head(self, said: str) -> None:
        """Have a table begin with its head in each piece."""
        at = next((i for i in range(len(self.open) - 1, -1, -1) if self.open[i][0] == "table"), -1)
        if at >= 0:
            self.open[at] = (*self.open[at][:1], self.open[at][1] + said, self.open[at][2])

    def cut(self) -> None:
        """End the piece, and begin another in which the same tags are open."""
        self.add("".join(close for _, _, close in reversed(self.open)))
        self.done.append("".join(self.parts).strip("\n"))
        self.open = [(name, again, "</div>" if name == "details" else close) for name, again, close in self.open]
        self.parts = [again for _, again, _ in self.open]
        self.size = sum(map(len, self.parts))


def _pieces(text: str, first: int) -> list[str]:
    """Return HTML in pieces: the first at most about as long as said, the others as a further page.

    A table begins again with its head, a fold as what is in it. Text that has no element to end at is cut between words.
    """
    made, whole, head = _Piece(), 0, 0
    for token in _TOKEN.finditer(text):
        said, name = token[0], (token["name"] or "").lower()
        most = _PART if made.done else first
        if not name:
            while len(said) > most - made.size and not whole:
                at = _between(said, most - made.size) if len(said) > _WORDS else 0
                made.add(said[:at])
                made.cut()
                said, most = said[at:], max(_PART, made.size + _WORDS)
            made.add(said)
        elif token["end"]:
            if name == "thead" and token.end() - head < _HEAD:
                made.head(text[head : token.end()])
            whole -= name in _WHOLE
            made.close(said)
        else:
            if not whole and name in _ROWS and most - made.size < most // 10:
                made.cut()
            head = token.start() if name == "thead" else head
            whole += name in _WHOLE and not said.endswith("/>")
            made.start(said, name)
    return [*made.done, "".join(made.parts).strip("\n")]


def _between(text: str, at: int) -> int:
    """Return a place in a text, about as far as `at`, between two words, or else not within a character reference."""
    if at <= 0:
        return 0
    space = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at))
    if space > at // 2:
        return space + 1
    mark = text.rfind("&", max(0, at - 10), at)
    return mark if mark > 0 and ";" not in text[mark:at] else at
