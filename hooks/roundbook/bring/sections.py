"""In: nothing. Out: a release and its sections while a changelog is read, and the blocks that stand for headings or folds."""

from __future__ import annotations

from dataclasses import dataclass, field

from roundbook.bring.heads import Head
from roundbook.markdown import Block, Pairs, Paragraph, Verbatim
from roundbook.schema.items import ChangeType, category_of


@dataclass
class Section:
    """A heading below a release with its entries, while the document is read."""

    title: str = ""
    type: ChangeType | None = None
    breaking: bool = False
    group: str = ""
    entries: list[tuple[str, int]] = field(default_factory=list)


@dataclass
class Release:
    """A release with what stands below its heading, while the document is read."""

    head: Head
    line: int
    level: int
    texts: list[str] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Return what is said of it as a whole, with the headings below which nothing stands."""
        bare = (f"**{section.title}**" for section in self.sections if section.group and not section.entries)
        return "\n\n".join(filter(None, (*self.texts, *bare)))


def as_heading(block: Block) -> str:
    """Return the words of a paragraph that stands for a heading, `**Fixed**` or `Bug fixes:`, where they are a category."""
    if isinstance(block, Pairs):
        pairs = block.pairs
        return pairs[0].key if len(pairs) == 1 and not pairs[0].value and category_of(pairs[0].key) else ""
    alone = isinstance(block, Paragraph) and block.line == block.end and len(block.text) < 60
    if not alone or not isinstance(block, Paragraph) or not block.text.endswith((":", "**", "__")):
        return ""
    return block.text.strip("*_: ") if category_of(block.text) else ""


def opens_fold(block: Block) -> bool:
    """Tell whether a block begins what a reader may fold away, and does not end it."""
    return isinstance(block, Verbatim) and "<details" in block.text.lower() and not closes_fold(block)


def closes_fold(block: Block) -> bool:
    """Tell whether a block ends what a reader may fold away."""
    return isinstance(block, Verbatim) and "</details" in block.text.lower()
