"""Affected files, open items, notices and references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Literal

from markupsafe import Markup

from roundbook.book.facts import Governed
from roundbook.book.model import Book, Broken, OpenItem
from roundbook.errors import Finding, RoundbookError, plural
from roundbook.schema.ids import natural_key
from roundbook.site import links
from roundbook.site.context import PageContext, render
from roundbook.site.escape import encode, spell
from roundbook.site.links import Here
from roundbook.site.listings import Listing, Show
from roundbook.site.registry import complaint, view
from roundbook.site.resolve import Target, an_entry, missing, near, resolve
from roundbook.site.widgets import link, paragraph, section

SHOWN = 200


@view
def round_files(book: Book, here: Here, limit: int = SHOWN) -> Markup:
    """Show which decisions affect which files: from the globs in `affects`, and from `@decision ID` markers in the code.

    A glob that matches no file of `HEAD` is marked. `limit` is the maximum number of each kind, 0 for all.
    """
    affected, marked = files_listings(book)
    most, facts = limit or len(book.governed), book.git_facts
    return render(
        "files.md.j2", book, here, affected=affected.head(here, most) if affected.items else "",
        marked=marked.head(here, most) if marked.items else "", searched=facts.markers is not None, cut=facts.markers_cut,
    )  # fmt: skip


def files_listings(book: Book) -> tuple[Listing, Listing]:
    """Return the globs that decisions affect and the files that name decisions, each as a table with the folders as heads."""

    def rows(template: str) -> Show:
        def show(here: Here, some: Sequence[tuple[str, str, Governed]]) -> Markup:
            folders = [(folder, list(inside)) for folder, inside in groupby(some, lambda row: row[0])]
            return render(template, book, here, folders=folders)

        return show

    placed = sorted(((*_place(one), one) for one in book.governed), key=lambda row: tuple(map(natural_key, row[:2])))
    affected = [row for row in placed if not row[2].markers]
    marked = [row for row in placed if row[2].markers]
    return (
        Listing(links.FILES, "affected", "What decisions affect", affected, rows("affected.md.j2"), SHOWN,
                newest_first=False),
        Listing(links.FILES, "marked", "Markers in the code", marked, rows("marked.md.j2"), SHOWN, newest_first=False),
    )  # fmt: skip


def _place(governed: Governed) -> tuple[str, str]:
    """Return the folder and the name in it of a glob or file; a glob for all of a folder has no name."""
    path = governed.glob.strip("/")
    folder = path.removesuffix("/**")
    if folder != path or (governed.files > 1 and not set("*?[{").intersection(path)):
        return f"{folder}/", ""
    folder, mark, name = path.rpartition("/")
    return folder + mark, name


# The kinds of open items in the order of the page, with the head of each group.
KINDS = {
    "blocked": "Blocked",
    "open": "Not finished",
    "deferred": "Deferred",
    "question": "Questions",
    "revisit": "Decisions to revisit",
}


@view
def round_open_items(
    book: Book,
    here: Here,
    status: Literal["open", "closed", "all"] = "open",
    round: str = "",  # noqa: A002 - the word users write
    limit: int = 0,
) -> Markup:
    """Show what is left: what rounds left open, by its kind, oldest first, with its age and the rounds that carried it over.

    `round` selects one round; `status` selects open items, closed items or all; `limit` shows only the oldest, without kinds.
    """
    key = an_entry(book, round).key if round else ""
    left = [t for t in book.left if not key or any(key == one for one, _ in t.trail)]
    closed = [t for t in book.open_items if t.closed_by and (not key or key in (t.closed_by, *(k for k, _ in t.trail)))]
    shown = Markup("")
    if status != "closed":
        listing = replace(left_listing(book, left, grouped=not limit), paged=not (key or limit))
        shown += listing.head(here, limit or len(left))
        shown += paragraph(encode(left_words(book))) if 0 < limit < len(left) and not key else ""
    if status != "open" and closed:
        shown += replace(closed_listing(book, closed), paged=not key).head(here, limit or len(closed))
    return shown


def left_listing(book: Book, items: Sequence[OpenItem], *, grouped: bool = True) -> Listing:
    """Return what is left as a table, oldest first; `grouped` by kind, what another repository left in groups of its own."""
    order, homes = list(KINDS), _elsewhere(book, items)

    def group(item: OpenItem) -> tuple[str, str]:
        return (homes.get(item.round, ""), item.kind)

    # What this repository can finish comes before what another one left.
    ordered = sorted(
        items, key=lambda t: (homes.get(t.round, ""), order.index(t.kind)) if grouped else (t.round in homes,)
    )
    counts = Counter(map(group, items))

    def show(here: Here, some: Sequence[OpenItem]) -> Markup:
        parts = groupby(some, group) if grouped else [(("", ""), some)]
        return render(
            "open_items.md.j2", book, here, parts=[(*of, list(rows)) for of, rows in parts], kinds=KINDS,
            counts=counts, age=lambda t: age(book, t), filtered=grouped, shared=_shared_detail, detail=_detail,
        )  # fmt: skip

    return Listing(links.OPEN_ITEMS, "all", "Open items", ordered, show, newest_first=False)


def _elsewhere(book: Book, items: Sequence[OpenItem]) -> dict[str, str]:
    """Return the rounds of items that are of another repository, with its name."""
    found = ((key, book.entry(key)) for key in dict.fromkeys(t.round for t in items))
    return {key: one.repository for key, one in found if one and one.repository != book.here}


def _shared_detail(rows: Sequence[OpenItem]) -> str:
    """Return what all of several items say beyond their titles, which is then said once; nothing where they differ."""
    details = {_detail(one) for one in rows}
    return details.pop() if len(rows) > 1 and len(details) == 1 else ""


def _detail(item: OpenItem) -> str:
    """Return what an item says beyond its title; of one that is not finished, what it is and its status in words."""
    return item.detail.replace(": ", ", ").replace("-", " ") if item.kind == "open" else item.detail


def closed_listing(book: Book, items: Sequence[OpenItem]) -> Listing:
    """Return the items that were closed as a table in a fold."""

    def show(here: Here, some: Sequence[OpenItem]) -> Markup:
        return render("closed_items.md.j2", book, here, rows=some, count=len(items))

    return Listing(links.OPEN_ITEMS, "closed", "Closed items", items, show, newest_first=False)


def age(book: Book, item: OpenItem) -> str:
    """Return how long an item has been open up to the newest round; nothing where its round has no date."""
    if not (item.since and book.newest_day):
        return ""
    return plural((date.fromisoformat(book.newest_day) - date.fromisoformat(item.since)).days, "day")


def items_listings(book: Book) -> tuple[Listing, Listing]:
    """Return what is left, and what was closed."""
    return left_listing(book, book.left), closed_listing(book, [t for t in book.open_items if t.closed_by])


def left_words(book: Book) -> str:
    """Return in a sentence how much is left, here and in other repositories, how old the oldest is, and how much was closed."""
    closed, homes = len(book.open_items) - len(book.left), _elsewhere(book, book.left)
    own = [t for t in book.left if t.round not in homes]
    theirs = [t for t in book.left if t.round in homes]
    words = f"{plural(len(book.left), 'item is', 'items are')} left"
    if own and theirs:
        words += f": {len(own):,} in this repository{_oldest(book, own)}, and {len(theirs):,} in others"
    gone = f"; {plural(closed, 'item was', 'items were')} closed" if closed else ""
    return f"{words}{_oldest(book, theirs or own)}{gone}."


def _oldest(book: Book, items: Sequence[OpenItem]) -> str:
    return next((f", the oldest for {days}" for t in items if (days := age(book, t))), "")


def open_items_page(book: Book, here: Here) -> Markup:
    """Return the page of open items: how many are left and how old the oldest is, what is left, and what was closed."""
    left, closed = items_listings(book)
    head = paragraph(encode(left_words(book)), "focus") if book.left else Markup("")
    return head + left.head(here) + (closed.head(here) if closed.items else "")


@view
def round_notice(book: Book, here: Here, errors: bool = False) -> Markup:
    """Show gaps in the git history, and with `errors=True` also errors in round files. The output is often empty."""
    faults = errors_listing(book) if errors else None
    shown, count = (faults.head(here), len(faults.items)) if faults else ("", 0)
    return render("notices.md.j2", book, here, gaps=book.history.gaps, errors=shown, faults=count)


def errors_listing(book: Book) -> Listing:
    """Return the errors in round files as notices."""

    def show(here: Here, some: Sequence[Finding]) -> Markup:
        return render("errors.md.j2", book, here, errors=some)

    faults = [f for f in book.findings if f.severity == "error"]
    return Listing(links.ROUNDS, "index/errors", "Errors in round files", faults, show, newest_first=False)


def as_of(book: Book, here: Here) -> Markup:
    """Return the notice on a book that is not of today: which ref it was made from; nothing on today's."""
    commit = book.commit(book.history.head) if book.history.at and book.history.head else None
    return render("as_of.md.j2", book, here, ref=book.history.at, commit=commit) if commit else Markup("")


def broken_page(book: Book, here: Here, broken: Broken) -> Markup:
    """Return the page of a round whose file cannot be read: the faults, and the file as it is."""
    return render("broken.md.j2", book, here, broken=broken)


@view
def round_ref(book: Book, here: Here, to: str, text: str = "") -> Markup:
    """Show a link to the target of a reference: `[[3/4]]` as a macro, for engines that do not support the brackets.

    `to` is what `[[…]]` accepts: a round, an entry in a round, a decision, version, pull request, commit or data file;
    `text` is shown instead of its name.
    """
    found = the_one(book, to)
    return spell(link(here.to(found.uri, found.anchor), encode(text or found.shown), title=found.tip))


def the_one(book: Book, text: str) -> Target:
    """Return the one target of a reference; a complaint where it means nothing, or more than one thing."""
    found = resolve(book, text)
    if len(found) != 1:
        raise unresolved(book, text, found)
    return found[0]


def unresolved(book: Book, text: str, found: tuple[Target, ...]) -> RoundbookError:
    """Return the complaint for a reference that means nothing, or more than one thing."""
    shown = text if len(text) <= 60 else text[:59] + "…"
    if found:
        names = ", ".join(f'"{t.name}"' for t in found[:4])
        return complaint("reference-unresolved", f'"{shown}" is ambiguous: {names}', "write more of it")
    close = near(book, text)
    fix = f'did you mean "{close[0]}"?' if close else "correct it, or write \\[[ if no reference is meant"
    return complaint("reference-unresolved", f'"{shown}" {missing(book, text)}', fix)


def mentioned_in(book: Book, here: Here) -> Markup:
    """Return the hand-written pages that refer to this page, as a section; nothing where there is none."""
    found = [link(url, encode(title)) for url, title in PageContext(book, here).backlinks()]
    return section("Mentioned in", "mentioned-in", found)
