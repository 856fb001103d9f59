"""References in double brackets, `[[3/4]]`, as an extension of Python-Markdown."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, STX, AtomicString

from markdown import Markdown
from roundbook.site.escape import clean
from roundbook.site.resolve import REFERENCE

# Below code (190), escapes (180), links (160) and HTML (90); above what acts on `#27` or an id of a commit (85).
PRIORITY = 89
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
