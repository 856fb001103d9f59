"""Which decisions replaced, amended or are related to which, as a drawing and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from roundbook.book.facts import Decision
from roundbook.book.model import Book
from roundbook.errors import plural
from roundbook.schema.ids import natural_key
from roundbook.site import links
from roundbook.site.charts import graph
from roundbook.site.context import PageContext
from roundbook.site.escape import encode
from roundbook.site.links import Here
from roundbook.site.prose import plain
from roundbook.site.registry import view
from roundbook.site.widgets import MARKS, bullets, link, paragraph

KIN = 40  # decisions in the words on a decision's page: a chain of hundreds would be on the page of each
WORDS = {"replaces": "replaces", "amends": "amends", "mentions": "is related to"}


def of_one(book: Book, here: Here, decision: Decision) -> Markup:
    """Return the drawing of the family of a decision, with the same in words; nothing where it is one alone."""
    family, present = kin(book, decision), decision.id
    if len(family) < 2:
        return Markup("")
    fold = graph.folded([one.id for one in family], _edges(family), present)
    said = ((fold.later, "later"), (fold.earlier, "earlier"), (fold.others, "related"))
    more = [f"{count:,} {word}" for count, word in said if count]
    note = paragraph(Markup("… ") + link("#replacements", encode(", ".join(more)))) if more else Markup("")
    drawn = _picture(here, [one for one in family if one.id in fold.names], present)
    rest = Markup("The nearest decisions are named; each has its own drawing on its page. All are among the ")
    all_of_them = paragraph(rest + link(here.to(links.DECISIONS), Markup("decisions")) + ".")
    apart = any(present not in edge for edge in _edges(family))  # the page itself says what concerns its own decision
    words = _in_words(book, here, family) if apart else Markup("")
    return drawn + note + words + (all_of_them if len(family) == KIN else "")


def kin(book: Book, decision: Decision) -> tuple[Decision, ...]:
    """Return the decisions that replacing or amending connects with one, the nearest `KIN` of them, in natural order."""
    found = [decision.id]
    for name in found:  # grows as it goes
        one = book.decisions[name]
        near = dict.fromkeys((*one.supersedes, *one.superseded_by, *one.amends, *one.amended_by))
        found += [other for other in near if other not in found][: KIN - len(found)]
    return tuple(book.decisions[name] for name in sorted(found, key=natural_key))


def _edges(decisions: Iterable[Decision]) -> list[graph.Edge]:
    """Return the relations of decisions; a mention only where it is the only one of the two."""
    found: dict[frozenset[str], list[graph.Edge]] = {}
    for one in decisions:
        own = [graph.Edge(one.id, old, "replaces") for old in one.supersedes]
        own += [graph.Edge(one.id, old, "amends") for old in one.amends]
        for edge in own:
            found.setdefault(frozenset((edge.new, edge.old)), []).append(edge)
    for one in decisions:
        for other in one.related:
            found.setdefault(frozenset((one.id, other)), [graph.Edge(one.id, other, "mentions")])
    return [edge for edges in found.values() for edge in edges]


def _picture(here: Here, decisions: Sequence[Decision], present: str = "") -> Markup:
    """Return the drawing in a figure that scrolls where it must, with a legend where lines differ."""
    names, edges = {one.id for one in decisions}, _edges(decisions)
    nodes = [
        graph.Node(one.id, plain(one.record.title), f"{MARKS.get(one.status, '·')} {one.shown_words}, {_place(one)}",
                   one.status, here.to(links.decision(one.id)))
        for one in decisions
    ]  # fmt: skip
    drawn = graph.drawn(nodes, edges, "Which decisions replaced which; the words below say the same", present)
    kinds = sorted({edge.kind for edge in edges if edge.new in names and edge.old in names}, reverse=True)
    legend = "".join(_key(kind) for kind in kinds) if kinds != ["replaces"] else ""
    made = f'<div class="rb-scroll" role="region" aria-label="Drawing" tabindex="0">{drawn}</div>'
    caption = f"<figcaption>{legend}</figcaption>" if legend else ""
    return Markup(f'<figure class="rb-figure">{made}{caption}</figure>\n')  # noqa: S704 - made of ready HTML


def _key(kind: graph.Kind) -> str:
    path = f'<path class="rb-edge rb-{kind}" d="M0,4 H24"/>'
    line = f'<svg width="24" height="8" viewBox="0 0 24 8" aria-hidden="true">{path}</svg>'
    return f'<span class="rb-legend">{line} {WORDS[kind]}</span>'


def _place(decision: Decision) -> str:
    return decision.round.rstrip("/") if decision.round else decision.id


def _in_words(book: Book, here: Here, decisions: Sequence[Decision]) -> Markup:
    """Return the relations of a drawing as sentences in a fold."""
    context, names = PageContext(book, here), {one.id for one in decisions}
    words = (
        context.decision(edge.new) + f" {WORDS[edge.kind]} " + context.decision(edge.old)
        for edge in _edges(decisions)
        if edge.kind != "mentions" or {edge.new, edge.old} <= names
    )
    fold = Markup('<details class="rb-fold" id="replacements"><summary>In words</summary>') + bullets(words)
    return fold + Markup("</details>\n")


@view
def round_lineage(book: Book, here: Here, limit: int = 60) -> Markup:
    """Draw which decisions replaced or amended which, with a list of the same for readers who cannot see the drawing.

    `limit` is the maximum number of decisions drawn, newest first; 0 draws all.
    """
    related = [r for r in book.decisions_newest_first if r.supersedes or r.superseded_by or r.amends or r.amended_by]
    if not related:
        return paragraph(Markup("No decision replaces another yet."), "empty")
    shown = related[:limit] if limit else related
    left = len(related) - len(shown)
    rest = link(here.to(links.DECISIONS), encode(plural(left, "more decision"))) + ", each drawn on its own page"
    more = paragraph("and " + rest) if left else Markup("")
    return _picture(here, shown) + _in_words(book, here, shown) + more
