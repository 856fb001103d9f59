"""Decisions, and the text of their records."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import MappingProxyType
from typing import get_args
from urllib.parse import unquote

from markupsafe import Markup

from roundbook.book.facts import Decision, DecisionGroup
from roundbook.book.model import Book
from roundbook.errors import plural
from roundbook.schema.ids import slug
from roundbook.schema.statuses import DECISION_STATUSES
from roundbook.site import links, prose
from roundbook.site.context import PageContext, number_of, render
from roundbook.site.escape import spell
from roundbook.site.links import Here
from roundbook.site.listings import SHOWN as ROWS_SHOWN
from roundbook.site.listings import Listing, Show
from roundbook.site.prose import plain
from roundbook.site.registry import complaint, view
from roundbook.site.resolve import decision_named, unknown
from roundbook.site.views.activity import edits_listing, file_versions, steps_listing, timeline
from roundbook.site.views.commits import listed
from roundbook.site.views.lineage import of_one
from roundbook.site.views.others import mentioned_in
from roundbook.site.widgets import fold, others, status

_OWN = frozenset(
    {"lineage", "affects", "cited-by", "cited-in-code", "mentioned-in", "timeline", "versions"}
)  # anchors of the page itself


def document_body(book: Book, here: Here, text: str, path: str) -> Markup:
    """Return Markdown of the file `path` as headings and HTML between them; what makes the page long is folded."""
    sections = prose.sections(text)
    anchors = _anchors([title for title, _, _ in sections])
    context = PageContext(book, here)
    leads = _Links(
        book, here, path, {slug(title): anchor for (title, _, _), anchor in zip(sections, anchors, strict=True)}
    )
    parts: list[str] = []
    room = BODY_SHOWN
    for (title, level, tokens), anchor in zip(sections, anchors, strict=True):
        if title:
            parts.append(f"{'#' * max(level, 2)} {spell(prose.inline(title))} {{ #{anchor} }}")
        words, size = prose.extent(tokens)
        html = prose.rendered(tokens, context.refer, leads.to)
        if html and size > room:
            parts.append(fold(plural(words, "word"), Markup(f'<div class="rb-prose">{html}</div>')))  # noqa: S704 - rendered
        elif html:
            parts.append(f'<div class="rb-prose">{html}</div>')
            room -= size
    return Markup("\n\n".join(parts) + "\n\n" if parts else "")  # noqa: S704 - made of encoded parts


def _anchors(titles: Sequence[str]) -> list[str]:
    taken = set(_OWN)
    found: list[str] = []
    for title in titles:
        stem = slug(title) if title else ""
        names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, len(titles) + len(_OWN) + 2))
        anchor = next(name for name in names if name not in taken) if stem else ""
        taken.add(anchor)
        found.append(anchor)
    return found


class _Links:
    """Tells where the links of a file lead from the page that shows it."""

    def __init__(self, book: Book, here: Here, path: str, anchors: Mapping[str, str]) -> None:
        self.book, self.here, self.path, self.anchors = book, here, path, anchors

    def to(self, url: str) -> str | None:
        """Return the address of a link on the page; `None` where it leads nowhere from there."""
        if ":" in url.partition("/")[0]:
            return url
        where, _, anchor = url.partition("#")
        if not where:
            name = self.anchors.get(slug(unquote(anchor)))
            return f"#{name}" if name else None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.path), unquote(where.partition("?")[0])))
        for name in self.book.adopted_at.get(path, ())[:1]:
            return self.here.to(links.decision(name))
        history = self.book.history
        known = self.book.forge is not None and history.head is not None and not path.startswith("../")
        there = known and history.prefix + path in history.tree
        return self.book.forge.file(str(history.head), history.prefix + path) if self.book.forge and there else None


# What the templates of a decision show; any other field follows behind its name.
SHOWN = frozenset({"title", "status", "status_text", "date", "decision_makers", "consulted", "informed"})
SHOWN |= {"authored_by", "ratified_by", "context", "decision", "rationale", "options", "consequences"}
SHOWN |= {"tradeoff", "impact", "confidence", "positions", "until", "follow_up", "supersedes", "amends"}
SHOWN |= {"depends_on", "relates_to", "affects", "literals", "commits", "prs", "evidence", "details", "tags"}
RELATIONS_SHOWN = 50
BODY_SHOWN = 9000  # letters of an adopted record that are not folded, which may be 9,000 pixels
RELATIONS = {
    "Supersedes": "supersedes",
    "Superseded by": "superseded_by",
    "Amends": "amends",
    "Amended by": "amended_by",
    "Depends on": "depends_on",
    "Needed by": "needed_by",
    "Relates to": "related",
}
RECORDS_SHOWN = 200


@view
def round_decisions(
    book: Book,
    here: Here,
    round: str = "",  # noqa: A002 - the word users write
    phase: str = "",
    status: str = "",
    tag: str = "",
    limit: int = 0,
) -> Markup:
    """Show a table of decisions, those in force first; the arguments select by round, phase, status or tag.

    `limit` is the maximum number of decisions, 0 for all; with a limit or a status, they are listed newest first.
    """
    if status and status not in DECISION_STATUSES:
        raise complaint(
            "argument-wrong", f"round_decisions: status={status!r}", f"one of {', '.join(DECISION_STATUSES)}"
        )
    if round and round not in book.entries:
        raise unknown("round", round, list(book.rounds))
    chosen = [
        r
        for r in (book.decisions_in.get(phase, ()) if phase else book.decisions_newest_first)
        if (not round or r.round == round) and (not status or r.status == status) and (not tag or tag in r.record.tags)
    ]
    if not (limit or status):
        order = get_args(DecisionGroup)
        chosen.sort(key=lambda r: order.index(r.group))
        groups = Counter(r.group for r in chosen)
    listing = decisions_listing(book, [r.id for r in chosen], phase, round, {} if limit or status else groups)
    return replace(listing, paged=not (round or status or tag)).head(here, limit or len(chosen))


def decisions_listing(
    book: Book,
    chosen: Sequence[str],
    phase: str = "",
    round: str = "",  # noqa: A002
    groups: Mapping[DecisionGroup, int] = MappingProxyType({}),
) -> Listing:
    """Return decisions as a table; with `groups`, the sizes of those that they are in, under a head for each."""
    where = f" in round {round}" if round else f" in phase {phase}" if phase else ""

    def show(here: Here, names: Sequence[str]) -> Markup:
        shown = [book.decisions[name] for name in names]
        parts = groupby(shown, lambda one: one.group) if groups else [("", shown)]
        whole = (
            len(names) == len(chosen) or len(names) >= ROWS_SHOWN
        )  # a filter of five newest would hide what there is
        return render(
            "decisions.md.j2", book, here, parts=[(head, list(some)) for head, some in parts], groups=groups,
            where=where, filtered=whole, badge=_badge, key=_key(shown),
        )  # fmt: skip

    home = links.phase_page(phase) if phase else links.DECISIONS
    return Listing(home, "taken" if phase else "all", f"Decisions{where}", chosen, show)


def _key(decisions: Iterable[Decision]) -> str:
    """Return the head of the column with the number of each decision, or else its round."""
    numbered = {bool(number_of(one)) for one in decisions}
    return "Key" if len(numbered) > 1 else "No." if True in numbered else "Round"


def _badge(decision: Decision, head: str) -> Markup:
    """Return the status of a decision, where neither the head above it nor a list without heads tells it."""
    shown = status(decision.shown, decision.wording)
    told = status("proposed" if head == "Proposed" else "accepted")
    return Markup("") if shown == told else Markup(" ") + shown


def all_decisions(book: Book) -> Listing:
    """Return all decisions as a table, those in force first."""
    groups = book.decision_groups
    names = [name for _, some in groups for name in some]
    return decisions_listing(book, names, groups={group: len(some) for group, some in groups})


@view
def round_decision(book: Book, here: Here, id: str) -> Markup:  # noqa: A002 - the word users write
    """Show a full decision, as on its page: status, people, reasons, relations and citations."""
    decision = decision_named(book, id)
    long = {one.name: one for one in listings(book, decision.id)}
    return render(
        "decision.md.j2", book, here, decision=decision, entry=book.entry(decision.round),
        body=_body(book, here, decision), versions=file_versions(book, here, decision),
        graph=of_one(book, here, decision), long=long, named=RELATIONS_SHOWN,
        by_paths=decision.by_paths[:RELATIONS_SHOWN],
        timeline=timeline(book, here, decision), in_force=in_force(book, decision),
        number=number_of(decision), reason=_reason(decision),
        requests=others(decision.record.prs, decision.pull_requests),
        backlinked=mentioned_in(book, here),
    )  # fmt: skip


def _reason(decision: Decision) -> str:
    """Return why a decision has its status, where that is not told by its file or by what superseded it."""
    plain_to_see = decision.status_reason == "as written" or decision.superseded_by
    return "" if plain_to_see else decision.status_reason


def _body(book: Book, here: Here, decision: Decision) -> Markup:
    """Return the words of a decision: of an adopted one those of its file, as they are."""
    if decision.adopted:
        return document_body(book, here, decision.adopted.body, decision.adopted.path)
    return decision_body(book, here, decision.id)


def headed(html: str, book: Book, here: Here, path: str) -> str:
    """Return the HTML of a hand-written page; where it is a file of decision records, with their status below its title."""
    names = book.adopted_at.get(path, ())
    if not names:
        return html
    decisions = [book.decisions[name] for name in names]
    made = render("record.md.j2", book, here, decisions=decisions, several=len(decisions) > 1, most=RECORDS_SHOWN)
    head, end, rest = html.partition("</h1>")
    return f"{head}{end}\n{made}{rest}" if end else f"{made}{html}"


def listings(book: Book, name: str) -> tuple[Listing, ...]:
    """Return the lists of the page of a decision that may be of any length."""
    uri, decision = links.decision(name), book.decisions[name]
    related = [(word, other) for word, key in RELATIONS.items() for other in getattr(decision, key)]

    def rows(template: str) -> Show:
        return lambda here, some: render(template, book, here, rows=some)

    return (
        _cited(book, decision),
        Listing(uri, "requests", f"Pull requests of {name}", decision.pull_requests, rows("requests.md.j2")),
        Listing(uri, "markers", f"Code that cites {name}", decision.markers, rows("markers.md.j2"), newest_first=False),
        Listing(
            uri,
            "relations",
            f"Decisions related to {name}",
            related,
            rows("relations.md.j2"),
            RELATIONS_SHOWN,
            newest_first=False,
        ),
        steps_listing(book, decision),
        *((edits_listing(book, decision),) if decision.adopted else ()),
    )


def _cited(book: Book, decision: Decision) -> Listing:
    """Return the commits that cite a decision: those of this repository, and of the one that its round belongs to."""
    home = book.home(decision.round)
    there = home.decisions.get(decision.id, decision)
    pairs = ((book, decision),) if home is book else ((book, decision), (home, there))
    found = [(one, commit) for one, r in pairs for commit in dict.fromkeys((*r.commits, *r.cited_by))]

    def show(here: Here, rows: Sequence[tuple[Book, str]]) -> Markup:
        of = ((one, [commit for place, commit in rows if place is one]) for one, _ in pairs)
        label = "Commits that cite the decision"
        return Markup("").join(listed(one, here, ids, label, decision.id) for one, ids in of if ids)

    return Listing(links.decision(decision.id), "commits", f"Commits that cite {decision.id}", found, show)


def decision_body(book: Book, here: Here, name: str) -> Markup:
    """Return the words of a decision of a round."""
    decision = book.decisions[name]
    more = PageContext(book, here).rest(decision.record, None, *SHOWN)
    return render("decision_body.md.j2", book, here, decision=decision, more=more)


def in_force(book: Book, decision: Decision) -> tuple[str, ...]:
    """Return what is in force in place of a decision, where that is something else than what superseded it."""
    seen, work = {decision.id}, list(decision.superseded_by)
    found: dict[str, None] = {}
    while work:
        one = book.decisions[work.pop(0)]
        if one.id not in seen:
            seen.add(one.id)
            found |= {one.id: None} if one.status == "accepted" else {}
            work += one.superseded_by
    return tuple(name for name in found if name not in decision.superseded_by)


def description(decision: Decision) -> str:
    """Return a decision in one sentence, for search results and previews of links."""
    words = plain(decision.record.decision or (decision.record.rationale[0] if decision.record.rationale else ""))
    return f"Decision, {decision.shown_words}: {plain(decision.record.title)}. {words}".strip()
