"""Entries that are headings, with what stands below them."""

from __future__ import annotations

from typing import Any

from roundbook.importer import tables
from roundbook.importer.aside import describes
from roundbook.importer.lists import PLAIN_LINE
from roundbook.importer.statements import IN_ORDER, NoteContext
from roundbook.importer.values import labelled, metric, one_line, paths_in, remembered
from roundbook.importer.vocabulary import field_of, first_of, undecorated
from roundbook.markdown import Block, Bullets, Pairs, Paragraph, Part, lead_of, pair_of
from roundbook.schema.round import LISTS
from roundbook.schema.statuses import status_of


def is_described(part: Part, kind: str) -> bool:
    """Tell whether all below a heading says what the thing is that the heading names: `**Mitigation**: test it early`."""
    labels = [one[0] for block in part.blocks for one in _labels(block) or [("", "", "")]]
    fields = {field_of(kind, one) for one in labels} - {"", first_of(kind)}
    said = [(one[0], one[1]) for block in part.blocks for one in _labels(block)]
    told = all(describes(kind, label) or metric(label, value, sure=True) for label, value in said)
    whole = len(fields) == len(labels) or (kind in tables.MORE and len(said) == len(labels) and told)
    return not part.parts and len(labels) > 1 and whole


def item_entry(part: Part, kind: str, context: NoteContext) -> dict[str, Any]:
    """Return the entry that a heading is: labelled values are its fields, anything else is what follows its first field."""
    title = IN_ORDER.sub("", part.title) if part.line in context.numbered else part.title
    bare = undecorated(title)
    said = status_of(title[len(bare) :]) if bare != title and LISTS[kind].has_status else None
    made: dict[str, Any] = {
        LISTS[kind].label: one_line((bare if said == "done" else title) or part.title).replace("**", "")
    }
    made |= {"status": said} if said == "done" else {}
    more = tables.MORE.get(kind, "")
    rest: list[str] = []
    for block in part.blocks:
        if not (labels := _labels(block) or lines_of(block, kind)):
            rest.append(context.source([block]))
        for label, value, written in labels:
            if not tables.put_labelled(made, kind, label, value, context):
                rest.append(written)
    rest += [context.document.text(inner.line, inner.end) for inner in part.parts]
    if rest:
        remembered(made, more, "\n\n".join(rest), by="\n\n")
    if context.status and LISTS[kind].has_status:
        made.setdefault("status", context.status)
    if kind in ("findings", "blockers"):
        tables.tagged(made)
    if kind == "deliverables" and (paths := paths_in(part.title) or paths_in(" ".join(rest))):
        made.setdefault("paths", paths)
    return made


def lines_of(block: Block, kind: str) -> list[tuple[str, str, str]]:
    """Return labels and values of a paragraph all of whose lines name fields of a kind: `expected: a page`, `result: pass`."""
    if not isinstance(block, Paragraph):
        return []
    found = [(PLAIN_LINE.fullmatch(line.strip()), line) for line in block.text.split("\n")]
    said = [(match["label"], match["value"], line) for match, line in found if match and field_of(kind, match["label"])]
    return said if len(said) == len(found) else []


def _labels(block: Block) -> list[tuple[str, str, str]]:
    """Return labels and values, and how they are written, of a block that is nothing else."""
    if isinstance(block, Pairs):
        return [(pair.key, pair.value, f"**{pair.key}**: {pair.value}") for pair in block.pairs]
    if isinstance(block, Bullets):
        said = [(labelled(i.text) if not i.blocks and i.checked is None else None, i.text) for i in block.items]
        return [(*one, text) for one, text in said if one] if all(one for one, _ in said) else []
    return []


def lists_leads(part: Part, kind: str) -> bool:
    """Tell whether only a list of several things is below a heading, each with its name before it: `1. **Rust**: …`."""
    items = part.blocks[0].items if len(part.blocks) == 1 and isinstance(part.blocks[0], Bullets) else ()
    leads = [(pair_of(one.text) or lead_of(one.text) or ("",))[0] for one in items]
    sure = kind in ("findings", "blockers") and len(leads) > 1 and not part.parts
    return sure and all(one and not describes(kind, one) for one in leads)
