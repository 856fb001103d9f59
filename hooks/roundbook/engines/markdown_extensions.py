"""Extensions of Python-Markdown: references in double brackets, `[[3/4]]`, and pages that are HTML already."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.util import ETX, STX, AtomicString

from markdown import Markdown
from roundbook.site.escape import clean
from roundbook.site.resolve import REFERENCE

# Below code (190), escapes (180), links (160) and HTML (90); above what acts on `#27` or an id of a commit (85).
PRIORITY = 89
_TAG = re.compile(r"\s*<([a-z][a-z0-9]*)[\s>]")
_ANCHOR = re.compile(r'<[a-z][^<>]* id="([^"]+)"')
_BAR = f"{STX}{ord('|')}{ETX}"
Ask = Callable[[str], tuple[str, str, str] | None]


class References(Extension):
    """Makes links of references; `ask` gives the address, words and title of a reference, or `None` where it is none."""

    def __init__(self, ask: Ask) -> None:
        super().__init__()
        self.ask = ask

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is given
        """Register the pattern."""
        md.inlinePatterns.register(_Reference(REFERENCE, md, self.ask), "roundbook-references", PRIORITY)


class _Reference(InlineProcessor):
    ANCESTOR_EXCLUDES = ("a",)

    def __init__(self, pattern: str, md: Markdown, ask: Ask) -> None:
        super().__init__(pattern, md)
        self.ask = ask

    def handleMatch(self, m: re.Match[str], data: str) -> Any:  # type: ignore[override]  # noqa: N802
        found = self.ask(m["to"]) if m["bar"] in (None, "|") or self.unescape(m["bar"]) == _BAR else None
        if found is None:
            return None, None, None
        url, words, tip = found
        link = ET.Element("a", {"href": url, "class": "rb-ref"})
        if tip:
            link.set("title", clean(tip))
        link.text = m["text"] or AtomicString(clean(words))
        return link, m.start(0), m.end(0)


def anchors(html: str) -> list[str]:
    """Return the anchors of a page, of which MkDocs sees none in HTML that it passes over."""
    return _ANCHOR.findall(html)


class ReadyHtml(Extension):
    """Passes over HTML blocks of pages for which `ready()` is true: Python-Markdown would parse them tag by tag."""

    def __init__(self, ready: Callable[[], bool]) -> None:
        super().__init__()
        self.ready = ready

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name is given
        """Register the preprocessor before those that parse HTML (21 of MkDocs, 20 of Python-Markdown)."""
        md.preprocessors.register(_Stash(md, self.ready), "roundbook-ready-html", 22)


class _Stash(Preprocessor):
    """Puts each run of lines that begins with a block of HTML into the stash as it is.

    Generated pages have blank lines around their headings and nowhere within HTML:

        <div>             becomes     \x02wzxhzdk:0\x03
        <p>Text</p>
        </div>
                                      # Heading
        # Heading
    """

    def __init__(self, md: Markdown, ready: Callable[[], bool]) -> None:
        super().__init__(md)
        self.ready = ready

    def run(self, lines: list[str]) -> list[str]:
        if not self.ready():
            return lines
        return [line for part in "\n".join(lines).split("\n\n") for line in (self._stashed(part), "")]

    def _stashed(self, part: str) -> str:
        found = _TAG.match(part)
        return self.md.htmlStash.store(part.strip()) if found and self.md.is_block_level(found[1]) else part
