"""In: a document. Out: its definitions of links, `[1.2.0]: https://…`, and texts in which what they define stands itself."""

from __future__ import annotations

import bisect
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from roundbook.markdown import Block, Bullets, Document, Quote, Verbatim
from roundbook.yamlfile.writer import Data

_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\[\]\n]+)\]:\s*<?(?P<url>[^\s<>]+)>?(?:\s+[\"'(].*[\"')])?\s*")
# Not what is one already: `[text](…)`, a box, a footnote, an image's address.
_USE = re.compile(r"(?<![\\\]!])\[(?P<text>[^\[\]\n]{1,200})\](?:\[(?P<label>[^\[\]\n]{0,200})\])?(?![(:\[])")
_WEB = ("https://", "http://", "mailto:")


@dataclass(frozen=True)
class Definitions:
    """The definitions of links of one document, by their labels in lower case; `used` grows with the texts made inline."""

    by_label: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, document: Document) -> Definitions:
        """Return the definitions of a document; of two of one label the first counts, as in CommonMark."""
        found: dict[str, str] = {}
        blocks = (*document.blocks, *(block for part in document.walk() for block in part.blocks))
        for text in _verbatim(blocks):
            for line in text.split("\n"):
                if match := _DEFINITION.fullmatch(line):
                    found.setdefault(_folded(match["label"]), match["url"])
        return cls(found)

    def address(self, label: str) -> str | None:
        """Return the address that a label is defined as."""
        return self.by_label.get(_folded(label))

    def without(self, text: str) -> str:
        """Return lines without those that define a link of this document."""
        lines = text.split("\n")
        return "\n".join(line for line in lines if not self._defines(line)).strip("\n")

    def _defines(self, line: str) -> bool:
        match = _DEFINITION.fullmatch(line)
        return bool(match and self.by_label.get(_folded(match["label"])) == match["url"])

    def inlined(self, text: str) -> str:
        """Return a text in which each `[words][label]` or `[label]` has its address behind it; code is left alone."""
        if not self.by_label or "[" not in text:
            return text
        spans = _code(text)
        return _USE.sub(lambda match: self._link(match, spans), text)

    def _link(self, match: re.Match[str], code: Sequence[tuple[int, int]]) -> str:
        label = _folded(match["label"] or match["text"])
        at = bisect.bisect_right(code, (match.start(),)) - 1
        if at >= 0 and code[at][1] > match.start():
            return match[0]
        url = self.by_label.get(label)
        if url is None:
            return match[0]
        self.used.add(label)
        return f"[{match['text']}]({url})"

    def unused(self, taken: Collection[str]) -> Iterator[Mapping[str, Data]]:
        """Yield, as links of a record, the definitions that no text and no heading (`taken`, its labels) makes use of."""
        heads = {_folded(label) for label in taken}
        for label, url in self.by_label.items():
            if label not in self.used and label not in heads:
                yield (
                    {"url": url, "title": label}
                    if url.lower().startswith(_WEB)
                    else {"url": url, "title": f"{label}: {url}"}
                )


def _code(text: str) -> list[tuple[int, int]]:
    """Return where the code spans of a text stand: from a run of backticks to the next one that is as long."""
    runs = [match.span() for match in re.finditer("`+", text)]
    last: dict[int, list[int]] = {}
    for i in range(len(runs) - 1, -1, -1):
        last.setdefault(runs[i][1] - runs[i][0], []).append(i)
    spans: list[tuple[int, int]] = []
    for i, (start, end) in enumerate(runs):
        alike = last[end - start]
        while alike and alike[-1] <= i:
            alike.pop()
        if alike and (not spans or start >= spans[-1][1]):
            spans.append((start, runs[alike[-1]][1]))
    return spans


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


def _verbatim(blocks: Collection[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Verbatim):
            yield block.text
        elif isinstance(block, Bullets):
            for item in block.items:
                yield from _verbatim(item.blocks)
        elif isinstance(block, Quote):
            yield from _verbatim(block.blocks)
